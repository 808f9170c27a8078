"""What binds and what would help: the price of every limit, by solving again.

Convention: a step is one percent of the element's table figure, counted on what remains of it
under the scenario. ``loss_1pct`` and ``gain_1pct`` are what the step costs and earns, in percent of
the baseline's scaling capacity; ``price_down`` and ``price_up`` are scaling capacity per unit of
the figure (units per month, or USD per month on lanes), the slopes on the two sides, with
``holds_from`` and ``holds_to`` the figures between which they hold (sought for the six elements
that matter most, else NaN). An element whose figure is zero has only ``price_up``.

Scaling capacity is a concave function of every limit. So what is slack by more than the step in one
optimal plan costs nothing, and what has no dual value in one optimal dual solution earns nothing:
only the others are looked at. An optimal plan that leaves the step of as many limits as can be is
sought first, and a step that turns out to cost nothing leaves one more. Where the plan can follow a
step along its edge, prices unchanged, that plan is the proof; the rest is solved again. The slope
on a side is read off where the function is straight, which is proved by the dual line at the far
end passing through the near one; the end of the straight piece is found by intersecting such lines
(Eisner and Severance, 1976).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan

import numpy as np
import pandas as pd
from scipy import sparse

from analyzer.programme.arrays import Limit, LinearProgramme, Vector
from analyzer.programme.certificate import certificate
from analyzer.programme.flow import Column
from analyzer.programme.highs import Basis
from analyzer.programme.persistent import Persistent, Proof, limited
from analyzer.programme.roomy import roomy_plan
from analyzer.programme.scale import PERCENT
from analyzer.programme.solution import Solution

STEP = 0.01
NOTHING = 1e-6
"""Losses and gains below this, in percent of the reference, are below what is certified."""
STRAIGHT = 1e-7
"""How far off a straight line two certified values may lie, in percent of the reference."""
ROUNDING = 1e-10
"""What arithmetic itself leaves between equal values, in percent of the reference."""
MOST_LINES = 20
FITS = 1e-9
"""Largest violation of limits by a plan that follows a step, in normalised units."""
RANGED = 6
"""For how many elements, the most costly first, the range of the price is sought."""

COLUMNS = (
    "element",
    "pillar",
    "usage",
    "loss_1pct",
    "gain_1pct",
    "price_down",
    "price_up",
    "holds_from",
    "holds_to",
)


@dataclass(frozen=True)
class _Point:
    """Scaling capacity at one figure, in percent, with the slope of its dual line."""

    figure: float
    capacity: float
    slope: float


class _Room:
    """How much optimal plans use of each limit, in the order of the model's limits."""

    def __init__(self, found: Solution) -> None:
        """Begin with the plans of the solve itself."""
        places = found.model.places
        self.number = {element: n for n, element in enumerate(places)}
        self.by_plan = _used(found.programme, tuple(places.values()))
        self.published: Vector = self.by_plan @ found.plan
        self.least = self.published
        if found.other_plan is not None:
            self.add(found.other_plan)

    def add(self, plan: Vector) -> None:
        """Take another optimal plan into account."""
        self.least = np.minimum(self.least, self.by_plan @ plan)


def _used(programme: LinearProgramme, places: Sequence[Limit]) -> sparse.csr_array:
    """Return how much of each limit a unit of each column uses: limits by columns."""
    rows, columns = programme.matrix.shape
    both = sparse.csr_array(sparse.vstack([programme.matrix, sparse.eye_array(columns)]))
    return both[[rows + limit.columns[0] if limit.row is None else limit.row for limit in places]]


@dataclass(frozen=True)
class _Base:
    """The programme of a scenario, loaded and solved once."""

    persistent: Persistent
    columns: Sequence[Column]
    proof: Proof
    reduced: Vector
    share: float
    room: _Room
    basis: Basis | None
    edges: dict[str, Vector] = field(default_factory=dict)

    def seek_edges(self, asked: Mapping[str, Limit]) -> None:
        """Find how the plan moves with each of these limits; no other solve may come before."""
        places = [(limit.row, limit.columns[0]) for limit in asked.values()]
        found = zip(asked, self.persistent.edges(self.proof, places), strict=False)
        self.edges.update({element: edge for element, edge in found if edge is not None})


def _base(found: Solution) -> _Base:
    persistent = Persistent(found.programme, basis=found.basis)
    proof = persistent.proof(persistent.programme)
    reduced = _reduced(persistent.programme, proof.prices)
    columns = found.model.formulation.instance.columns
    return _Base(persistent, columns, proof, reduced, found.share, _Room(found), found.basis)


def _reduced(programme: LinearProgramme, prices: Vector) -> Vector:
    reduced: Vector = programme.cost - programme.priced(prices)
    return reduced


class _Curve:
    """Scaling capacity in percent as a function of what remains of one element."""

    def __init__(self, base: _Base, element: str, limit: Limit) -> None:
        self._base = base
        self._programme = base.persistent.programme
        self._limit = limit
        self._element = element
        self._number = base.room.number[element]
        self._most = {n: base.columns[n].most for n in limit.columns}
        self._ended = base.basis
        self.certified = base.proof.certificate.certifies(base.share)

    @property
    def nothing(self) -> float:
        """Changes of capacity up to this, in percent of Σ w · target, are none."""
        return NOTHING * self._base.share

    @property
    def straight(self) -> float:
        """How far off a straight line two certified values may lie."""
        return max(STRAIGHT * self._base.share, ROUNDING)

    def slack(self, figure: float) -> bool:
        """Tell whether some optimal plan uses no more of the element than this."""
        return bool(self._base.room.least[self._number] <= figure)

    @property
    def most(self) -> float:
        """A figure beyond which nothing changes any more."""
        if self._limit.row is None:
            return sum(self._most.values())
        return float(sum(v * self._most[n] for n, v in self._row()))

    @property
    def used(self) -> float:
        """How much of the element the published plan uses."""
        return float(self._base.room.published[self._number])

    def _row(self) -> Iterator[tuple[int, float]]:
        matrix, row = self._programme.matrix, self._limit.row
        span = slice(*matrix.indptr[[row, row + 1]]) if row is not None else slice(0)
        return zip(matrix.indices[span].tolist(), matrix.data[span].tolist(), strict=True)

    def here(self, figure: float) -> _Point:
        """Return the point where the scenario stands, without a further solve."""
        slope = self._slope(figure, self._base.proof.prices, self._base.reduced)
        return _Point(figure, PERCENT - self._base.proof.certificate.bound, slope)

    def at(self, figure: float) -> _Point:
        """Return the point of the curve at a figure."""
        programme = self._with(figure)
        if (point := self._on_edge(programme, figure)) is not None:
            return point
        proof = self._base.persistent.proof(programme, start=self._ended)
        self._ended = proof.basis
        self.certified &= proof.certificate.certifies(self._base.share)
        self._spare(figure, proof.plan, value=proof.certificate.value)
        slope = self._slope(figure, proof.prices, _reduced(self._programme, proof.prices))
        return _Point(figure, PERCENT - proof.certificate.bound, slope)

    def _spare(self, figure: float, plan: Vector, *, value: float) -> None:
        """Take a plan into account if it is as good with no more of the limit."""
        equal = value <= self._base.proof.certificate.value + self.straight
        if equal and figure <= self._standing:
            self._base.room.add(plan)

    def _on_edge(self, programme: LinearProgramme, figure: float) -> _Point | None:
        """Return the point if the plan can follow the limit there; None if it meets another."""
        base = self._base
        if self._element not in base.edges:
            return None
        moved = self._limited_to(programme) - self._standing
        plan = base.proof.plan + moved * base.edges[self._element]
        proved = certificate(programme, plan, base.proof.prices, optimal=True)
        if proved.residual > FITS or not proved.certifies(base.share):
            return None
        self._spare(figure, plan, value=proved.value)
        slope = self._slope(figure, base.proof.prices, base.reduced)
        return _Point(figure, PERCENT - proved.bound, slope)

    @property
    def _standing(self) -> float:
        """The limit as the scenario has it."""
        return self._limited_to(self._programme)

    def _limited_to(self, programme: LinearProgramme) -> float:
        row, column = self._limit.row, self._limit.columns[0]
        return float(programme.high[column] if row is None else programme.row_high[row])

    def _with(self, figure: float) -> LinearProgramme:
        row, columns, programme = self._limit.row, self._limit.columns, self._programme
        if row is None:
            return limited(programme, high={n: min(figure, self._most[n]) for n in columns})
        closed = programme.row_high[row] == 0
        reopened = {n: self._most[n] for n in columns if closed and figure > 0}
        return limited(programme, high=reopened, row_high={row: figure})

    def _slope(self, figure: float, prices: Vector, reduced: Vector) -> float:
        row = self._limit.row
        if row is None and figure > self.most:
            return 0.0  # the dual value is that of the bound at most, not at the figure
        return max(-float(reduced[self._limit.columns[0]] if row is None else prices[row]), 0.0)


def prices(found: Solution, *, base: float) -> pd.DataFrame:
    """Return every element whose limit has a price under a scenario.

    Parameters
    ----------
    found : Solution
        A certified solve of the scenario in the steady state.
    base : float
        Scaling capacity of the baseline; losses and gains are in percent of it.

    Returns
    -------
    pandas.DataFrame
        A row an element with a loss or a gain, the largest loss first; see the module for the
        columns. A number that could not be certified is NaN.
    """
    start = _base(found)
    steps = [_step(found, start, element) for element in found.model.places]
    _seek_room(start, steps)
    start.seek_edges({step.element: step.limit for step in steps if step.asks})
    priced = [one for step in steps if (one := _priced(step)) is not None]
    priced.sort(key=lambda one: (-max(one.down.change, one.up.change), one.element))
    rows = [_row(found, one, base=base, ranged=n < RANGED) for n, one in enumerate(priced)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    order = ["loss_1pct", "gain_1pct", "element"]
    return frame.sort_values(order, ascending=[False, False, True], ignore_index=True)


@dataclass(frozen=True)
class _Side:
    """What a step to one side does: change of scaling capacity in percent, and the slope here."""

    change: float
    slope: float


_FLAT = _Side(0.0, 0.0)


@dataclass(frozen=True)
class _Priced:
    """An element whose limit has a price, in normalised units."""

    element: str
    figure: float
    unit: float
    used: float
    curve: _Curve
    here: _Point
    down: _Side
    up: _Side


@dataclass(frozen=True)
class _Step:
    """An element with what remains of it, and one percent of its figure."""

    element: str
    limit: Limit
    curve: _Curve
    remains: float
    size: float

    @property
    def may_lose(self) -> bool:
        """Whether no optimal plan is known that leaves the step."""
        return self.remains > 0 and not self.curve.slack(self.remains - self.size)

    @property
    def may_earn(self) -> bool:
        """Whether the limit has a price, or there is none of it."""
        return self.remains == 0 or self.curve.here(self.remains).slope > self.curve.nothing

    @property
    def asks(self) -> bool:
        """Whether a step to either side may change anything."""
        return self.may_lose or self.may_earn


def _step(found: Solution, start: _Base, element: str) -> _Step:
    limit = found.model.places[element]
    curve = _Curve(start, element, limit)
    remains = limit.figure * found.availability(element)
    # of nothing there is no percent: the step is one of what would meet the need alone
    return _Step(element, limit, curve, remains, STEP * (limit.figure or curve.most))


def _seek_room(start: _Base, steps: Sequence[_Step]) -> None:
    """Find an optimal plan that leaves the steps of as many limits as can be."""
    tight = [n for n, step in enumerate(steps) if step.may_lose and step.remains > step.size]
    plan = roomy_plan(
        start.persistent.programme,
        shortfall=start.proof.certificate.value + STRAIGHT * start.share / 2,
        used=start.room.by_plan[tight],
        limit=np.array([steps[n].remains for n in tight]),
        step=np.array([steps[n].size for n in tight]),
        start=start.basis,
    )
    if plan is not None:
        start.room.add(plan)


def _priced(step: _Step) -> _Priced | None:
    """Return what a step to each side does, or None if it does nothing."""
    curve, remains, limit = step.curve, step.remains, step.limit
    here = curve.here(remains)
    down = _side(curve, here, max(remains - step.size, 0.0)) if step.may_lose else _FLAT
    up = _side(curve, here, remains + step.size) if step.may_earn else _FLAT
    if curve.certified and max(down.change, up.change) <= curve.nothing:
        return None
    return _Priced(step.element, limit.figure, limit.unit, curve.used, curve, here, down, up)


def _row(found: Solution, one: _Priced, *, base: float, ranged: bool) -> tuple[object, ...]:
    """Return the row of an element in natural units."""
    sets = found.model.sets
    row = sets.tables.elements[one.element]
    natural = one.unit
    worth = sets.scale.worth
    remains = one.here.figure
    ends = (
        _end(one, one.down, 0.0) if ranged else nan,
        _end(one, one.up, one.curve.most) if ranged else nan,
    )
    exists = one.figure > 0
    numbers = (
        one.used / remains if remains else 1.0,
        one.down.change * worth / base if exists else nan,
        one.up.change * worth / base if exists else nan,
        one.down.slope * worth / PERCENT / natural if exists else nan,
        one.up.slope * worth / PERCENT / natural,
        *(natural * max(end, 0.0) for end in ends),
    )
    known = numbers if one.curve.certified else (nan,) * len(numbers)
    return one.element, row.pillar, *known


def _side(curve: _Curve, here: _Point, figure: float) -> _Side:
    """Return what a step to a figure does, and the slope of the piece that begins here."""
    end = curve.at(figure)
    change = abs(end.capacity - here.capacity)
    for _ in range(MOST_LINES):
        away = end.figure - here.figure
        if end.capacity - end.slope * away <= here.capacity + curve.straight:
            return _Side(change, max((end.capacity - here.capacity) / away, 0.0))
        # the lines at both ends meet above the kink between them
        end = curve.at(_crossing(here, end, slope=here.slope))
    return _Side(change, nan)


def _end(one: _Priced, side: _Side, far: float) -> float:
    """Return the figure up to which, towards ``far``, the slope of a side holds."""
    here, curve = one.here, one.curve
    if side.change <= curve.nothing:
        return here.figure
    end = curve.at(far)
    for _ in range(MOST_LINES):
        straight = here.capacity + side.slope * (end.figure - here.figure)
        if end.capacity >= straight - curve.straight:
            break
        end = curve.at(_crossing(here, end, slope=side.slope))
    return end.figure


def _crossing(here: _Point, end: _Point, *, slope: float) -> float:
    """Return where a line from here with this slope meets the dual line at the end."""
    middle = (here.figure + end.figure) / 2
    if abs(slope - end.slope) <= NOTHING:
        return middle
    rise = end.capacity - here.capacity + slope * here.figure - end.slope * end.figure
    meet = rise / (slope - end.slope)
    low, high = sorted((here.figure, end.figure))
    return meet if low < meet < high else middle
