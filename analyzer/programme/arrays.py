"""A programme as arrays: taken from PuLP once, then changed by scenarios without rebuilding.

Convention: minimise ``cost · x + constant`` with ``row_low ≤ A x ≤ row_high`` and ``0 ≤ x ≤ high``,
all in normalised units; every ``high`` is finite.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import pulp
from numpy.typing import NDArray
from scipy import sparse

from analyzer.network.effect import Effect
from analyzer.programme.change import Change, change
from analyzer.programme.flow import (
    AT_LEAST,
    AT_MOST,
    Formulation,
    Instance,
    RowKey,
    Sets,
    entering,
    spending,
    worth,
)
from analyzer.programme.layout import Layout
from analyzer.programme.merge import GoodClass
from analyzer.programme.scale import weighed
from supply_data.schema import Weighting

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class LinearProgramme:
    """The numbers of a programme; see the module for the convention."""

    cost: Vector
    constant: float
    matrix: sparse.csr_array
    row_low: Vector
    row_high: Vector
    high: Vector

    def priced(self, prices: Vector) -> Vector:
        """Return what each column is worth at these prices of the rows, ``Aᵀ · prices``."""
        with np.errstate(invalid="ignore"):  # nothing is proved by what is not a number
            each = np.repeat(prices, np.diff(self.matrix.indptr)) * self.matrix.data
        found = np.bincount(self.matrix.indices, weights=each, minlength=len(self.cost))
        return found.astype(np.float64, copy=False)


@dataclass(frozen=True)
class Limit:
    """Where an element's limit stands in the steady state.

    Attributes
    ----------
    columns : tuple of int
        The column of a supply or plant; the columns of what is sent on a lane.
    row : int or None
        The row of a lane; None where the limit is the column's upper bound.
    figure : float
        The element's table figure in the units of that bound or row.
    unit : float
        What one of these units is, in units per month, or USD per month on lanes.
    """

    columns: tuple[int, ...]
    row: int | None
    figure: float
    unit: float


@dataclass(frozen=True)
class Model:
    """A programme on which scenarios can be tried.

    Attributes
    ----------
    formulation : Formulation
        The baseline as PuLP has it, with the meaning of rows and columns.
    baseline : LinearProgramme
        The same as arrays.
    layout : Layout
        Where elements stand in it.
    """

    formulation: Formulation
    baseline: LinearProgramme
    layout: Layout

    @property
    def sets(self) -> Sets:
        """What the programme is built over."""
        return self.formulation.instance.sets

    def under(self, effect: Effect, *, since: int = 1) -> LinearProgramme:
        """Return the programme under a scenario: new bounds, right-hand sides and rates.

        Parameters
        ----------
        effect : Effect
            One of the effects that the sets were found for.
        since : int
            Columns of earlier periods may keep the numbers that they have without a scenario.

        Raises
        ------
        ValueError
            If the effect tells goods apart that the sets merged, or has other periods.
        """
        return self.change(effect, since=since).on(self.baseline)

    def change(self, effect: Effect, *, since: int = 1) -> Change:
        """Return the numbers that a scenario changes from a period on; see `under`."""
        if effect.timing != self.sets.options.timing:
            msg = "the effect counts other periods than the programme"
            raise ValueError(msg)
        now = replace(self.formulation.instance, effect=effect)
        high = {
            n: now.upper(now.columns[n])
            for element in effect.availability
            for n in self.layout.columns_of.get(element, ())
            if now.columns[n].period >= since
        }
        high |= dict.fromkeys(self._closed(now, since), 0.0)
        data = {**self._arriving(now, since), **self._kept(now), **self._spent(now)}
        sides = {**self._carried(now), **self._held(now)}
        return change(self.baseline, high=high, sides=sides, data=data)

    def _closed(self, now: Instance, since: int) -> Iterator[int]:
        """Yield the columns of ways on which nothing arrives."""
        for what, shares in now.rates.items():
            if not shares[since - 1 :].all():
                way = self.layout.way(what)
                shut = (shares[way.departs] == 0) & (way.departs >= since - 1)
                yield from way.columns[shut].tolist()

    def _arriving(self, now: Instance, since: int) -> dict[int, float]:
        """Return which share of what is sent arrives when."""
        matrix, parts = self.baseline.matrix.data, []
        late = now.later.keys() if now.effect.delay else ()
        for what, shares in now.rates.items():
            if what not in late:
                way = self.layout.way(what)
                parts.append((way, matrix[way.positions] * shares[way.sent]))
        for what in late:
            way, arrives = self.layout.way(what), _arrives(now, what, since)
            shares = now.rates.get(what, np.ones(len(arrives)))
            parts.append((way, shares[way.sent] * arrives[way.sent, way.lags] / way.sizes))
        if not parts:
            return {}
        wanted = np.concatenate([way.sent for way, _ in parts]) >= since - 1
        positions = np.concatenate([way.positions for way, _ in parts])[wanted]
        numbers = np.concatenate([values for _, values in parts])[wanted]
        return dict(zip(positions.tolist(), numbers.tolist(), strict=True))

    def _carried(self, now: Instance) -> dict[int, tuple[float, float]]:
        """Return the sides of the rows of lanes."""
        low, up = self.baseline.row_low, self.baseline.row_high
        return {
            n: (float(low[n]), float(up[n]) * now.availability(element, period))
            for element in now.effect.availability
            for n, period in self.layout.lane_rows.get(element, ())
        }

    def _held(self, now: Instance) -> dict[int, tuple[float, float]]:
        """Return the sides of the rows that what is held at the start enters."""
        if not _cuts_stocks(now):
            return {}
        held = entering(now, 1)
        return {
            n: (-held.get((str(row.what[0]), GoodClass(*row.what[1])), 0.0) / row.size, np.inf)
            for n, row in self.rows_of("balance")
            if row.period == 1
        }

    def _kept(self, now: Instance) -> dict[int, float]:
        """Return what stays of what is held from one period to the next."""
        if not _cuts_stocks(now):
            return {}
        found: dict[int, float] = {}
        for n, entries in self.layout.arrivals.items():
            if now.columns[n].variable == "held":
                place, k = now.columns[n].what
                for entry in entries:
                    share = now.kept(str(place), GoodClass(*k), entry.period)
                    found[entry.position] = share / entry.size
        return found

    def _spent(self, now: Instance) -> dict[int, float]:
        """Return the numbers of the rows of the budget."""
        found: dict[int, float] = {}
        for n, row in self.rows_of("budget") if now.effect.markup else ():
            usd = spending(now, row.period)
            span = range(*self.baseline.matrix.indptr[[n, n + 1]].tolist())
            found |= {at: usd[int(self.baseline.matrix.indices[at])] / row.size for at in span}
        return found

    def rows_of(self, family: str) -> tuple[tuple[int, RowKey], ...]:
        """Return the rows of a family of constraints, with their numbers."""
        return self.layout.families.get(family, ())

    @cached_property
    def places(self) -> Mapping[str, "Limit"]:
        """Where the limit of each element stands; only elements with a known figure."""
        found: dict[str, Limit] = {}
        for number, column in enumerate(self.formulation.instance.columns):
            if column.variable in {"out", "make"} and np.isfinite(column.capacity):
                capacity, unit = column.capacity, column.unit
                found[str(column.what[0])] = Limit((number,), None, capacity, unit)
        sent: dict[str, list[int]] = defaultdict(list)
        for number, column in enumerate(self.formulation.instance.columns):
            if column.variable == "sent":
                sent[str(column.what[0])].append(number)
        for number, row in self.rows_of("lane"):
            element = str(row.what[0])
            known = self.sets.tables.elements[element].figure or 1.0
            figure = float(self.baseline.row_high[number])
            found[element] = Limit(tuple(sent[element]), number, figure, known * row.size)
        return found


def _arrives(now: Instance, what: tuple[str, GoodClass], since: int) -> Vector:
    """Return which share of what departs in a period, from 0, arrives after how many."""
    found = np.zeros((len(now.sets.periods), max(now.sets.lags[what]) + 1))
    months = now.later[what][since - 1 :]
    for t, (before, added) in enumerate(pairwise([None, *months]), start=since):
        if before == added:
            continue
        shares = now.arriving(*what, t)
        found[t - 1 :] = 0.0
        found[t - 1 :, [*shares]] = [*shares.values()]
    return found


def _cuts_stocks(now: Instance) -> bool:
    cut = any(element.startswith("stock:") for element in now.effect.availability)
    return cut and not now.sets.steady


def model(formulation: Formulation) -> Model:
    """Return a programme as arrays, its numbers read from PuLP."""
    baseline = arrays(formulation.problem)
    layout = Layout(formulation.instance, formulation.rows, baseline.matrix)
    return Model(formulation=formulation, baseline=baseline, layout=layout)


def arrays(problem: pulp.LpProblem) -> LinearProgramme:
    """Return the numbers of a PuLP problem, columns in the order of the numbers in their names.

    PuLP lists variables in the order in which they are first used. The constant of the objective
    is kept, since file formats and solvers lose it.
    """
    variables = sorted(problem.variables(), key=lambda v: int(v.name.rpartition("_")[2]))
    number = {variable.name: n for n, variable in enumerate(variables)}
    cost = np.zeros(len(variables))
    for variable, value in problem.objective.items():
        cost[number[variable.name]] = value
    data: list[float] = []
    indices: list[int] = []
    ends = [0]
    sides = []
    for row in problem.constraints():
        for variable, value in row.items():
            indices.append(number[variable.name])
            data.append(value)
        ends.append(len(data))
        sides.append(_sides(row.sense, -row.constant))
    low, up = (np.array(side, dtype=np.float64) for side in zip(*sides, strict=True))
    return LinearProgramme(
        cost=cost,
        constant=problem.objective.constant,
        matrix=sparse.csr_array(
            (np.array(data), np.array(indices), np.array(ends)), shape=(len(low), len(variables))
        ),
        row_low=low,
        row_high=up,
        high=np.array([variable.upBound for variable in variables], dtype=np.float64),
    )


def _sides(sense: int, right: float) -> tuple[float, float]:
    return (
        -np.inf if sense == AT_MOST else right,
        np.inf if sense == AT_LEAST else right,
    )


def unit(width: int, values: Mapping[int, float]) -> Vector:
    """Return a row of zeros but for these values."""
    row = np.zeros(width)
    for n, value in values.items():
        row[n] = value
    return row


def with_columns(programme: LinearProgramme, count: int) -> LinearProgramme:
    """Return the programme with so many more columns from 0 to 1 that stand in no row yet."""
    blank = sparse.csr_array((len(programme.row_low), count))
    return replace(
        programme,
        cost=np.append(programme.cost, np.zeros(count)),
        matrix=sparse.csr_array(sparse.hstack([programme.matrix, blank])),
        high=np.append(programme.high, np.ones(count)),
    )


def with_row(
    programme: LinearProgramme, row: Vector, *, low: float = -np.inf, high: float = np.inf
) -> LinearProgramme:
    """Return the programme with one more row."""
    return with_rows(programme, sparse.csr_array(row[np.newaxis, :]), low=low, high=high)


def with_rows(
    programme: LinearProgramme,
    rows: sparse.csr_array,
    *,
    low: float | Vector,
    high: float | Vector,
) -> LinearProgramme:
    """Return the programme with more rows; a side is one for all of them, or one for each."""
    count = rows.shape[0]
    return replace(
        programme,
        matrix=sparse.csr_array(sparse.vstack([programme.matrix, rows])),
        row_low=np.append(programme.row_low, np.full(count, low)),
        row_high=np.append(programme.row_high, np.full(count, high)),
    )


def rebounded(model: Model, found: Sets) -> Model:
    """Return the same programme built over sets that differ in what a column can use at most.

    Only upper bounds change; PuLP's copy keeps those that it was built with.
    """
    before = model.formulation.instance
    most = found.scale.most
    columns = tuple(
        column if column.variable in {"x", "fielded"} else column._replace(most=most[column.item])
        for column in before.columns
    )
    instance = replace(before, sets=found, columns=columns)
    return Model(
        formulation=replace(model.formulation, instance=instance),
        baseline=replace(
            model.baseline, high=np.array([instance.upper(column) for column in columns])
        ),
        layout=model.layout,
    )


def reweighted(model: Model, weighting: Weighting) -> Model:
    """Return the same programme with systems weighed otherwise.

    Only the objective changes; PuLP's copy keeps the one that it was built with.
    """
    before = model.formulation.instance
    found = before.sets
    worths = weighed(found.tables, weighting, targets=found.scale.target)
    scale = replace(found.scale, **worths._asdict())
    instance = replace(before, sets=replace(found, scale=scale))
    cost = unit(len(instance.columns), {n: -value for n, value in worth(instance).items()})
    return Model(
        formulation=replace(model.formulation, instance=instance),
        baseline=replace(model.baseline, cost=cost),
        layout=model.layout,
    )
