"""Where uncertain figures and cuts act on a programme, so that a draw of them is a few arrays.

Convention: a figure is told as the ratio of what is drawn to what the programme was built with; the
last ratio is 1, for what is not uncertain. In the steady state.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analyzer.network.effect import Effect, Target
from analyzer.network.goods import Good
from analyzer.programme.arrays import LinearProgramme, Model, Vector
from analyzer.programme.scale import PERCENT
from supply_data.schema import Weighting

Numbers = NDArray[np.int32]


class Dial(NamedTuple):
    """What a figure is of: ``limit`` of an element, ``target`` of a system, or a requirement's."""

    kind: str
    name: str


@dataclass(frozen=True)
class Dials:
    """A programme with the places where figures act.

    Attributes
    ----------
    programme : LinearProgramme
        As it was built.
    worth : float
        Σ w · target as it was built.
    by_target : bool
        Whether a unit of a system is worth less the higher its target is.
    columns, ratios : array of int
        Columns of supplies and plants, and the ratio of each one's capacity.
    capacity, most : array of float
        Their capacities and the most that any plan uses of them.
    rows, row_ratios : array of int
        Rows of lanes, and their ratios.
    sent, sent_rows : array of int
        Columns of what is sent on these lanes, and the place of each one's lane among these rows.
    positions, position_ratios : array of int
        Numbers of the matrix that a requirement's figures scale, and their ratios.
    fielded, fielded_ratios : array of int
        Columns that a target bounds, and their ratios.
    objective, objective_ratios : array of int
        Those of them that the objective counts, and their ratios.
    """

    programme: LinearProgramme
    worth: float
    by_target: bool
    columns: Numbers
    ratios: Numbers
    capacity: Vector
    most: Vector
    rows: Numbers
    row_ratios: Numbers
    sent: Numbers
    sent_rows: Numbers
    positions: Numbers
    position_ratios: Numbers
    fielded: Numbers
    fielded_ratios: Numbers
    objective: Numbers
    objective_ratios: Numbers

    def drawn(
        self, ratios: Vector, *, stops: "Stops | None" = None, left: Vector | None = None
    ) -> LinearProgramme:
        """Return the programme with these figures, under a scenario if one is given.

        Parameters
        ----------
        ratios : array of float
            By figure; the last is 1.
        stops : Stops, optional
            The scenario.
        left : array of float, optional
            What it leaves, by set of measures.
        """
        limits = ratios[self.ratios]
        lanes = ratios[self.row_ratios]
        if stops is not None and left is not None:
            limits[stops.limits] *= left[stops.limit_sets]
            lanes[stops.lanes] *= left[stops.lane_sets]
        high = self.programme.high.copy()
        known = np.multiply(
            limits, self.capacity, out=np.zeros_like(limits), where=limits > 0
        )  # an unknown capacity is infinite, and 0 times that is 0
        high[self.columns] = np.minimum(known, self.most)
        high[self.sent[lanes[self.sent_rows] == 0]] = 0.0
        up = self.programme.row_high.copy()
        up[self.rows] *= lanes
        high[self.fielded] *= ratios[self.fielded_ratios]
        data = self.programme.matrix.data.copy()
        data[self.positions] *= ratios[self.position_ratios]
        if stops is not None and left is not None:
            high[stops.closing[left[stops.closing_sets] == 0]] = 0.0
            data[stops.arrivals] *= left[stops.arrival_sets]
            data[stops.fixed] = stops.values
        return self._weighed(ratios, high=high, row_high=up, data=data)

    def _weighed(
        self, ratios: Vector, *, high: Vector, row_high: Vector, data: Vector
    ) -> LinearProgramme:
        own = self.programme
        cost = own.cost.copy()
        if self.by_target:
            cost[self.objective] /= ratios[self.objective_ratios]
        matrix = copy(own.matrix)  # of which only the data are others; built anew, all is checked
        matrix.data = data
        constant = float(-(cost[self.objective] @ high[self.objective]))
        return replace(
            own, cost=cost, constant=constant, matrix=matrix, row_high=row_high, high=high
        )

    def capacity_at(self, programme: LinearProgramme, shortfall: float) -> float:
        """Return the scaling capacity that a shortfall in percent leaves, to twelve digits."""
        left = self.worth * (programme.constant - shortfall) / PERCENT
        return max(float(f"{left:.12g}"), 0.0)

    def share(self, programme: LinearProgramme, capacity: float) -> float:
        """Return a capacity as a share of Σ w · target of a programme, at most 1; 1 for none."""
        whole = self.worth * programme.constant / PERCENT
        return min(capacity / whole, 1.0) if capacity > 0 else 1.0


@dataclass(frozen=True)
class Stops:
    """Where a scenario acts.

    Attributes
    ----------
    sets : tuple of tuple of int
        Sets of its measures, by number: what is left of a place is the product of its set's.
    limits, limit_sets : array of int
        Places among the columns of the dials, and the set of each.
    lanes, lane_sets : array of int
        Places among the rows of the dials.
    closing, closing_sets : array of int
        Columns that nothing is sent in if nothing is left.
    arrivals, arrival_sets : array of int
        Numbers of the matrix that tell what arrives.
    fixed : array of int
        Numbers of the matrix that the scenario changes whatever is drawn: its mark-ups.
    values : array of float
        These numbers.
    """

    sets: tuple[tuple[int, ...], ...]
    limits: Numbers
    limit_sets: Numbers
    lanes: Numbers
    lane_sets: Numbers
    closing: Numbers
    closing_sets: Numbers
    arrivals: Numbers
    arrival_sets: Numbers
    fixed: Numbers
    values: Vector

    def left(self, kept: Vector) -> Vector:
        """Return what is left by set, from what each measure leaves by itself; a row a draw."""
        return np.stack([kept[:, list(each)].prod(axis=1) for each in self.sets], axis=1)


def dials(model: Model, figures: Sequence[Dial]) -> Dials:
    """Return where figures act.

    Parameters
    ----------
    model : Model
        Built with each figure at some value above 0.
    figures : sequence of Dial
        The figures; those that act nowhere may be among them.
    """
    number = {figure: n for n, figure in enumerate(figures)}
    none = len(figures)
    columns = model.formulation.instance.columns
    made = [n for n, column in enumerate(columns) if column.variable in {"out", "make"}]
    rows = [(n, row) for n, row in model.rows_of("lane")]
    place = {str(row.what[0]): at for at, (_, row) in enumerate(rows)}
    sent = [
        (n, place[str(column.what[0])])
        for n, column in enumerate(columns)
        if column.variable == "sent" and str(column.what[0]) in place
    ]
    fielded = [n for n, column in enumerate(columns) if column.variable in {"x", "fielded"}]
    counted = [n for n in fielded if columns[n].variable == "x"]
    scaled = dict(_scaled(model, number))
    weighting = model.sets.options.weighting or model.sets.tables.settings.weighting

    def at(kind: str, name: object) -> int:
        return number.get(Dial(kind, str(name)), none)

    return Dials(
        programme=model.baseline,
        worth=model.sets.scale.worth,
        by_target=weighting is Weighting.TARGET,
        columns=_numbers(made),
        ratios=_numbers(at("limit", columns[n].what[0]) for n in made),
        capacity=np.array([columns[n].capacity for n in made], dtype=np.float64),
        most=np.array([columns[n].most for n in made], dtype=np.float64),
        rows=_numbers(n for n, _ in rows),
        row_ratios=_numbers(at("limit", row.what[0]) for _, row in rows),
        sent=_numbers(n for n, _ in sent),
        sent_rows=_numbers(lane for _, lane in sent),
        positions=_numbers(scaled),
        position_ratios=_numbers(scaled.values()),
        fielded=_numbers(fielded),
        fielded_ratios=_numbers(at("target", columns[n].item) for n in fielded),
        objective=_numbers(counted),
        objective_ratios=_numbers(at("target", columns[n].item) for n in counted),
    )


def _scaled(model: Model, number: Mapping[Dial, int]) -> Iterable[tuple[int, int]]:
    """Yield the numbers of the matrix that a requirement's figures scale, and of which figure."""
    columns, matrix = model.formulation.instance.columns, model.baseline.matrix
    for n, row in (*model.rows_of("balance"), *model.rows_of("max_fill")):
        for position in range(matrix.indptr[n], matrix.indptr[n + 1]):
            column = columns[int(matrix.indices[position])]
            if row.family == "balance" and column.variable == "fill":
                dial = Dial("quantity", str(column.what[1]))
            elif row.family == "max_fill" and column.variable == "make":
                dial = Dial("max_fill", str(row.what[1]))
            else:
                continue
            if dial in number:
                yield position, number[dial]


def stops(
    model: Model, known: Dials, hits: Mapping[Target, tuple[int, ...]], effect: Effect
) -> Stops:
    """Return where a scenario acts.

    Parameters
    ----------
    model : Model
        Built for it.
    known : Dials
        Where figures act on it.
    hits : mapping of element id, or of (element id of a lane, Good), to tuple of int
        Numbers of the measures that are aimed at it.
    effect : Effect
        What the scenario does in the middle of its ranges; its mark-ups count here.
    """
    found = _Places(model, known)
    for target, measures in hits.items():
        found.add(target, measures)
    marked = model.change(replace(effect, availability={}, arrival={}, delay={}))
    return Stops(
        sets=tuple(found.sets) or ((),),
        fixed=marked.positions,
        values=marked.data,
        **{name: _numbers(places) for name, places in found.places.items()},
    )


class _Places:
    """What a scenario touches, gathered target by target."""

    def __init__(self, model: Model, known: Dials) -> None:
        self._model = model
        columns = model.formulation.instance.columns
        self._limit = {str(columns[n].what[0]): at for at, n in enumerate(known.columns.tolist())}
        rows = [str(row.what[0]) for _, row in model.rows_of("lane")]
        self._lane = {element: at for at, element in enumerate(rows)}
        self._seen: set[Hashable] = set()
        self.sets: dict[tuple[int, ...], int] = {}
        self.places: dict[str, list[int]] = {
            name: []
            for kind in ("limit", "lane", "closing", "arrival")
            for name in ((kind if kind == "closing" else f"{kind}s"), f"{kind}_sets")
        }

    def add(self, target: Target, measures: tuple[int, ...]) -> None:
        """Note that measures are aimed at an element, or at a good on a lane."""
        number = self.sets.setdefault(measures, len(self.sets))
        if not isinstance(target, str):
            self._arrival(*target, number)
        elif target in self._limit:
            self._note("limit", "limits", [self._limit[target]], number)
        elif target.startswith("lane:"):
            if target in self._lane:
                self._note("lane", "lanes", [self._lane[target]], number)
            self._note("closing", "closing", self._model.layout.columns_of.get(target, ()), number)

    def _arrival(self, lane: str, good: Good, number: int) -> None:
        way = (lane, self._model.sets.classes.of[good])
        if way in self._seen:
            return
        self._seen.add(way)
        for column in self._model.layout.columns_of.get(way, ()):
            self._note("closing", "closing", [column], number)
            entries = self._model.layout.arrivals.get(column, ())
            self._note("arrival", "arrivals", [entry.position for entry in entries], number)

    def _note(self, kind: str, name: str, places: Iterable[int], number: int) -> None:
        for place in places:
            self.places[name].append(place)
            self.places[f"{kind}_sets"].append(number)


def _numbers(values: Iterable[int]) -> Numbers:
    return np.array(list(values), dtype=np.int32)
