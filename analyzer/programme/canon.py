"""Which of the optimal plans is shown: the fairest, cheapest, most even one, and always the same.

Capacity is unique, optimal flows are not: a solver returns whichever corner it happens to reach,
and with another order of rows another one. Four choices in turn, each holding the ones before,
leave one plan, whatever the order of the rows:

1. fairest: the smallest share of target as large as can be, then the second smallest, and so on;
2. cheapest: least cost of supplies, marked up by lanes;
3. most even: least ``Σ size · φ(usage)``, with φ(u) = u² in 20 straight pieces and size in USD, so
   that what could come from several sides comes from each in proportion to its size, and what may
   fill several products' slots fills each of them alike;
4. a tie-break of weight 1e-4 by a hash of what flows where.

Each starts where the one before ended, which still keeps to all limits, and the last, where it can,
where the reference's ended; that takes a fraction of the time. The plan is as optimal as the one it
starts from: the same certificate is computed for it again. If a step fails, all are solved cold,
then with ten times the slack; failing again, the plan as solved is kept, and ``canonical`` says so
wherever certificates are told.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from analyzer.programme.arrays import (
    LinearProgramme,
    Vector,
    unit,
    with_columns,
    with_row,
    with_rows,
)
from analyzer.programme.certificate import certificate
from analyzer.programme.flow import Instance, spending
from analyzer.programme.footing import Footing, Shape
from analyzer.programme.highs import (
    Answer,
    Basis,
    Method,
    Simplex,
    Status,
    answer,
    answer_from,
    shortened,
    widened,
)
from analyzer.programme.layout import Layout
from analyzer.programme.scale import PERCENT
from analyzer.programme.solution import Solution
from supply_data.schema import Lane

SLACK = 1e-9
"""How far each choice may give way to the next, in normalised units."""
DECIMALS = 8
"""To how many decimals, in normalised units, the plan is rounded; the slack does not show then."""
DIGITS = 11
"""To how many decimals a choice is held; what solvers leave beyond depends on where they start."""
PIECES = 20
TIE_BREAK = 1e-4
LEAST_WORTH = 1e-4
"""Share of the largest element's size below which a tie would not be felt by the solver."""


class NoPlanError(RuntimeError):
    """A step of the choice found no optimum; the plan as solved is kept."""


def published(found: Solution, *, near: "Solution | None" = None) -> Solution:
    """Return the same optimum with the plan that is shown.

    Parameters
    ----------
    found : Solution
        A solve of the steady state.
    near : Solution, optional
        The reference's, published: most of its plan may stay as it is.

    Returns
    -------
    Solution
        With ``canonical`` true if the four choices could be made; uncertified solutions and
        solutions over time are returned as they are.
    """
    if not found.certified or not found.model.sets.steady:
        return found
    instance = replace(found.model.formulation.instance, effect=found.effect)
    cold = replace(found, basis=None)
    for slack, first in ((SLACK, found), (SLACK, cold), (10 * SLACK, cold)):
        try:
            plan, footing = _chosen(instance, first, slack=slack, near=near)
        except NoPlanError:
            continue
        chosen = _with_plan(found, plan)
        if chosen.canonical:
            return replace(chosen, footing=footing)
    return found


def _with_plan(found: Solution, plan: Vector) -> Solution:
    plan = np.clip(np.round(plan, DECIMALS), 0.0, found.programme.high)
    if not certificate(found.programme, plan, found.prices, optimal=True).certified:
        return found
    return replace(found, plan=plan, other_plan=found.plan, canonical=True)


def _chosen(
    i: Instance, found: Solution, *, slack: float, near: Solution | None
) -> tuple[Vector, Footing | None]:
    programme = found.programme
    shortfall = programme.constant + float(programme.cost @ found.plan)
    reached = round((programme.constant - shortfall) / PERCENT, DIGITS)
    optimal = with_row(programme, -programme.cost / PERCENT, low=reached - slack)
    fair, start = _fairest(i, optimal, found, slack=slack)
    cheap = _cheapest(i, fair, slack=slack, start=start)
    layout = found.model.layout
    loads = tuple(_loads(i, layout.usd.tolist()))
    even = _most_even(layout, cheap, loads)
    rows = found.model.formulation.rows
    shape = Shape(i, rows, len(cheap.row_low) - len(rows), [load.name for load in loads], PIECES)
    start = near.footing.start(shape) if near is not None and near.footing is not None else None
    best = optimum(even, start=start)
    footing = None if best.basis is None else Footing(shape, best.basis)
    return best.plan[: len(i.columns)], footing


def _fairest(
    i: Instance, programme: LinearProgramme, found: Solution, *, slack: float
) -> tuple[LinearProgramme, Basis | None]:
    """Fix the systems at the shares of target that are largest from the smallest upwards.

    The next choice may start where this one ended.
    """
    systems = [n for n, column in enumerate(i.columns) if column.variable == "x"]
    if all(found.plan[n] >= 1 - SLACK for n in systems):
        fair = _at_least(programme, dict.fromkeys(systems, 1 - slack))
        return fair, None if found.basis is None else widened(found.basis, fair)
    fixed: dict[int, float] = {}
    ended = found.basis
    while len(fixed) < len(systems):
        levelled = _levelled(programme, systems, fixed)
        least = optimum(
            levelled,
            start=None if ended is None else widened(ended, levelled),
            simplex=Simplex.PRIMAL,
        )
        ended = least.basis if ended is not None else None
        share = round(least.plan[len(programme.cost)], DIGITS)
        prices = dict(zip(systems, least.prices[-len(systems) :], strict=True))
        free = [n for n in systems if n not in fixed]
        tight = [n for n in free if prices[n] > SLACK] or [max(free, key=prices.__getitem__)]
        fixed |= dict.fromkeys(free if share >= 1 - SLACK else tight, share - slack)
    fair = _at_least(programme, dict(sorted(fixed.items())))
    return fair, None if ended is None else shortened(ended, fair)


def _levelled(
    programme: LinearProgramme, systems: Sequence[int], fixed: Mapping[int, float]
) -> LinearProgramme:
    """Return the programme with a last column, as large as may be, that no free system is below."""
    width = len(programme.cost)
    above = _ones(width, systems)
    level = [[0.0 if n in fixed else -1.0] for n in systems]
    rows = sparse.csr_array(sparse.hstack([above, sparse.csr_array(level)]))
    lows = np.array([fixed.get(n, 0.0) for n in systems])
    wider = with_rows(with_columns(programme, 1), rows, low=lows, high=np.inf)
    return replace(wider, cost=unit(width + 1, {width: -1.0}))


def _at_least(programme: LinearProgramme, lows: Mapping[int, float]) -> LinearProgramme:
    """Return the programme with columns held at or above these values."""
    rows = _ones(len(programme.cost), tuple(lows))
    return with_rows(programme, rows, low=np.array(tuple(lows.values())), high=np.inf)


def _ones(width: int, columns: Sequence[int]) -> sparse.csr_array:
    """Return a row for each of these columns, with a one there."""
    count = len(columns)
    numbers = np.ones(count), np.array(columns, dtype=np.int64), np.arange(count + 1)
    return sparse.csr_array(numbers, shape=(count, width))


def _cheapest(
    i: Instance, programme: LinearProgramme, *, slack: float, start: Basis | None
) -> LinearProgramme:
    usd = spending(i, 1)
    whole = sum(usd.values())
    if not whole:
        return programme
    cost = unit(len(programme.cost), {n: value / whole for n, value in usd.items()})
    least = optimum(replace(programme, cost=cost * PERCENT), start=start, simplex=Simplex.PRIMAL)
    return with_row(programme, cost, high=round(float(cost @ least.plan), DIGITS) + slack)


@dataclass(frozen=True)
class _Load:
    """What uses an element: normalised usage per unit of each column, and the element's size."""

    name: tuple[str, ...]
    size_usd: float
    usage: Mapping[int, float]


def _most_even(
    layout: Layout, programme: LinearProgramme, loads: Sequence[_Load]
) -> LinearProgramme:
    """Return the programme whose optimum has least ``Σ size · φ(usage)`` and a tie-break."""
    width = len(programme.cost)
    largest = max((load.size_usd for load in loads), default=1.0)
    wider = with_columns(programme, PIECES * len(loads))
    steepness = (2 * np.arange(PIECES) + 1) / PIECES
    sizes = np.array([load.size_usd / largest for load in loads])
    tie_break = TIE_BREAK * np.maximum(layout.usd / largest, LEAST_WORTH) * layout.lots
    cost = np.concatenate([tie_break, np.outer(sizes, steepness).ravel()])
    rows = sparse.csr_array(sparse.hstack([-_usages(loads, width), _pieces(len(loads))]))
    high = wider.high.copy()
    high[width:] = 1 / PIECES
    # usage may pass 1 where no limit is known: the last piece of each load is left open
    high[width + PIECES - 1 :: PIECES] = max(float(np.max(programme.high, initial=1.0)), 1.0)
    even = with_rows(replace(wider, high=high), rows, low=0.0, high=np.inf)
    return replace(even, cost=cost * PERCENT)


def _usages(loads: Sequence[_Load], width: int) -> sparse.csr_array:
    ends = np.cumsum([0, *(len(load.usage) for load in loads)])
    numbers = np.array([n for load in loads for n in load.usage], dtype=np.int64)
    values = np.array([used for load in loads for used in load.usage.values()], dtype=np.float64)
    return sparse.csr_array((values, numbers, ends), shape=(len(loads), width))


def _pieces(count: int) -> sparse.csr_array:
    """Return the rows that add up the pieces of each load."""
    return sparse.csr_array(sparse.kron(sparse.eye_array(count), np.ones((1, PIECES))))


def _loads(i: Instance, worths: Sequence[float]) -> Iterator[_Load]:
    """Yield elements with their sizes, and slots with the alternatives that may fill them."""
    columns: dict[str, dict[int, float]] = defaultdict(dict)
    for n, column in enumerate(i.columns):
        if column.variable in {"out", "make", "sent"}:
            columns[str(column.what[0])][n] = worths[n]
    for element, usd in columns.items():
        whole = isinstance(i.sets.tables.elements.get(element), Lane)
        size = _lane_limit(i, element) if whole else _limit(i, element, usd)
        size = size if size is not None else sum(usd.values())
        if size > 0:
            yield _Load((element,), size, {n: value / size for n, value in usd.items()})
    for name, alternative in _alternatives(i, worths).items():
        size = max(alternative.values())
        yield _Load(name, size, {n: usd / size for n, usd in alternative.items()})


def _alternatives(i: Instance, worths: Sequence[float]) -> dict[tuple[str, str], dict[int, float]]:
    """Return, by maker and requirement of a slot with several, the worth of each fill column."""
    choices = Counter((row.product, row.slot) for row in i.sets.tables.requirements)
    found: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for n, column in enumerate(i.columns):
        if column.variable == "fill":
            row = i.sets.requirement[str(column.what[1])]
            if choices[row.product, row.slot] > 1:
                found[str(column.what[0]), str(column.what[1])][n] = worths[n]
    return found


def _limit(i: Instance, element: str, usd: Mapping[int, float]) -> float | None:
    """Return what remains of a supply or plant, in USD; None where no limit is known."""
    ((n, value),) = usd.items()
    share = i.availability(element, 1)
    capacity = i.columns[n].capacity * share if share else 0.0
    return capacity * value if np.isfinite(capacity) else None


def _lane_limit(i: Instance, element: str) -> float | None:
    capacity = i.sets.tables.lanes[element.partition(":")[2]].capacity_usd_per_month
    return None if capacity is None else capacity * i.availability(element, 1)


def optimum(
    programme: LinearProgramme, *, start: Basis | None = None, simplex: Simplex = Simplex.DUAL
) -> Answer:
    """Return the optimum of a step, solved cold unless there is somewhere to start from.

    Raises
    ------
    NoPlanError
        If the solver finds none.
    """
    if start is not None:
        found = answer_from(programme, start, simplex=simplex)
        if found.status is Status.OPTIMAL:
            return found
    for method in Method:
        found = answer(programme, method=method)
        if found.status is Status.OPTIMAL:
            return found
    raise NoPlanError(found.status.value)
