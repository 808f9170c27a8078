"""Small linear programmes solved in whole numbers, with a proof of each optimum in fractions.

Programmes say: maximise ``worth · x`` where ``Σ coefficient · x ≤ right`` for each row, x ≥ 0, and
no right side is below 0, so that doing nothing is a plan. The proof is a pair: a plan and prices
that obey every row of the programme and of its dual, to the last digit, and are worth the same
(strong duality). Whoever found them, nothing can be better.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd, lcm
from typing import Any, NamedTuple

Key = Any
"""Whatever names a column or a row."""
Terms = Mapping[Key, Fraction]
Row = dict[Key, int]
"""An equation in whole numbers: Σ coefficient · column = right side."""
RIGHT = "right side"
PATIENCE = 200
"""Steps after which the rule is followed that is sure to end (Bland 1977)."""


@dataclass(frozen=True)
class Programme:
    """What is maximised, and under which rows.

    Attributes
    ----------
    worth : dict of column to Fraction
        What one unit of a column is worth.
    rows : dict of name to (terms, Fraction)
        Terms and the right side that they must not pass.
    """

    worth: dict[Key, Fraction] = field(default_factory=dict)
    rows: dict[Key, tuple[Terms, Fraction]] = field(default_factory=dict)

    def limit(self, name: Key, terms: Terms, right: Fraction = Fraction()) -> None:
        """Add a row, unless there is nothing in it."""
        assert name not in self.rows
        assert right >= 0
        kept = {column: value for column, value in terms.items() if value}
        if kept:
            self.rows[name] = kept, right


class Pair(NamedTuple):
    """A plan by column and prices by row."""

    plan: Terms
    prices: Terms


def optimum(programme: Programme) -> Fraction:
    """Return the largest worth of any plan, after it was proved."""
    return proved(programme, pair(programme))


def proved(programme: Programme, found: Pair) -> Fraction:
    """Return what a plan is worth if prices prove that none is worth more; fail if they do not."""
    plan, prices = found
    assert min([Fraction(), *plan.values(), *prices.values()]) == 0
    priced: dict[Key, Fraction] = defaultdict(Fraction, dict.fromkeys(programme.worth, Fraction()))
    bound = Fraction()
    for name, (terms, right) in programme.rows.items():
        assert sum(value * plan.get(column, 0) for column, value in terms.items()) <= right
        price = prices.get(name, Fraction())
        bound += price * right
        for column, value in terms.items():
            priced[column] += price * value
    assert all(value >= programme.worth.get(column, 0) for column, value in priced.items())
    worth = sum((w * plan.get(column, 0) for column, w in programme.worth.items()), Fraction())
    assert worth == bound
    return worth


def pair(programme: Programme) -> Pair:
    """Return an optimal plan and its prices, by the simplex method on rows of whole numbers.

    What a row lacks to its right side is a column ``("spare", name)``. Each row is kept under a
    column of its own, which stands in no other; the goal says what more of each other is worth.
    """
    rows: dict[Key, Row] = {
        ("spare", name): _whole({**terms, ("spare", name): Fraction(1), RIGHT: right})
        for name, (terms, right) in programme.rows.items()
    }
    order = {column: n for n, column in enumerate(dict.fromkeys(_columns(programme, rows)))}
    # the goal itself is a column too, so that its row is one like any other
    goal = _whole({**{c: w for c, w in programme.worth.items() if w}, "goal": Fraction(-1)})
    steps = 0
    while rising := [c for c, value in goal.items() if value > 0 and c not in {RIGHT, "goal"}]:
        steps += 1
        enters = (
            max(rising, key=goal.__getitem__)
            if steps < PATIENCE
            else min(rising, key=order.__getitem__)
        )
        row = rows.pop(_leaving(rows, enters, order))
        rows = {own: _without(enters, one, row) for own, one in rows.items()} | {enters: row}
        goal = _without(enters, goal, row)
    plan = {c: Fraction(row.get(RIGHT, 0), row[c]) for c, row in rows.items()}
    return Pair(
        plan={column: value for column, value in plan.items() if not _is_spare(column)},
        prices={
            name: Fraction(-goal.get(("spare", name), 0), -goal["goal"]) for name in programme.rows
        },
    )


def _is_spare(column: Key) -> bool:
    return isinstance(column, tuple) and column[0] == "spare"


def _columns(programme: Programme, rows: Mapping[Key, Row]) -> list[Key]:
    return [*programme.worth, *(column for row in rows.values() for column in row)]


def _leaving(rows: Mapping[Key, Row], enters: Key, order: Mapping[Key, int]) -> Key:
    """Return whose own column falls to nothing first as another rises."""
    steps = [
        (Fraction(row.get(RIGHT, 0), row[enters]), order[own], own)
        for own, row in rows.items()
        if row.get(enters, 0) > 0
    ]
    return min(steps)[2]  # there is one: everything in a programme of ours is limited


def _without(column: Key, row: Row, other: Row) -> Row:
    """Return a row freed of a column by another row, in which that stands above 0."""
    here = row.get(column, 0)
    if not here:
        return row
    found = {key: value * other[column] for key, value in row.items()}
    for key, value in other.items():
        found[key] = found.get(key, 0) - here * value
    return _least(found)


def _whole(terms: Terms) -> Row:
    whole = lcm(*(value.denominator for value in terms.values()))
    return _least({column: int(value * whole) for column, value in terms.items()})


def _least(row: Row) -> Row:
    kept = {key: value for key, value in row.items() if value}
    common = gcd(*kept.values())
    return {key: value // common for key, value in kept.items()} if common > 1 else kept
