"""Which figures are uncertain, between what, and which of them are drawn together.

Convention: values, costs and mark-ups stay at their central values: lanes are limited in USD, and
their figures are mostly made from values, so that drawing both apart would count one doubt twice.
What counts over time only is no figure here.

Figures are drawn together, each at the same place of its own distribution, if

* their rows name the same thing in ``moves_with``, or, where they name nothing,
* they stand in the same column of a table, neither is reported, they have the same basis and the
  same sources, and their ranges are the same shares of their central values: one assumption made
  many figures, and is right or wrong for all of them;
* they are the same key of the same measure, also where scenarios change its range.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain
from typing import NamedTuple, TypeVar

import numpy as np

from analyzer.network.effect import counted
from analyzer.programme.arrays import Vector
from analyzer.programme.dials import Dial
from analyzer.programme.flow import Options, named
from scenarios.schema import Measure, Scenario
from supply_data.schema import Basis, Figured, Lane, Plant, Requirement, Supply, Tables

R = TypeVar("R", Supply, Lane, Plant)

DIGITS = 3
"""Digits to which two ranges are the same shares of their central values."""
SHARES = ("cut", "coverage", "leak")
"""Keys of a measure that have ranges."""


class Kind(StrEnum):
    """What a figure is of."""

    SUPPLIES = "supplies"
    LANES = "lanes"
    PLANTS = "plants"
    TARGETS = "targets"
    QUANTITIES = "quantities"
    FILLS = "fills"
    MEASURES = "measures"


class Ranged(NamedTuple):
    """A figure with its range.

    Attributes
    ----------
    kind : Kind
        What it is of.
    name : str
        What people can find it by, such as ``supply:chip-beta`` or ``measure:hub-closed/leak``.
    low, central, high : float
        Its range.
    together : tuple
        What tells the figures that are drawn with it from all others.
    dial : Dial or None
        Where it acts; None for those of measures.
    row : Figured or Measure
        What it stands in.
    """

    kind: Kind
    name: str
    low: float
    central: float
    high: float
    together: Hashable
    row: Figured | Measure
    dial: Dial | None = None

    @property
    def of(self) -> tuple[str, float, float, float]:
        """What tells it from all others: measures of one name may have several ranges."""
        return self.name, self.low, self.central, self.high

    @property
    def built(self) -> float:
        """Value that a programme is built with, so that all others are multiples of it.

        A requirement that may fill all has no row of its own, and a limit of 0 no multiples.
        """
        if self.kind is Kind.FILLS and self.central >= 1:
            return self.low
        return self.central or self.high


@dataclass(frozen=True)
class Figures:
    """The uncertain figures of a run.

    Attributes
    ----------
    ranged : tuple of Ranged
        All of them.
    group : array of int
        By figure, the number that it is drawn by; those that move together share one.
    groups : int
        How many numbers a draw has.
    """

    ranged: tuple[Ranged, ...]
    group: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    groups: int

    @property
    def ranges(self) -> Vector:
        """A row a figure: low, central, high."""
        return np.array([each[2:5] for each in self.ranged], dtype=np.float64).reshape(-1, 3)

    @property
    def built(self) -> Vector:
        """What the programme is built with, by figure; 1 for those of measures."""
        known = [1.0 if each.dial is None else each.built for each in self.ranged]
        return np.array(known, dtype=np.float64)


def figures(
    tables: Tables,
    scenarios: Sequence[Scenario],
    *,
    hold: frozenset[Kind] = frozenset(),
    options: Options,
    apart: bool = False,
) -> Figures:
    """Return the figures of a run that have a range.

    Parameters
    ----------
    tables : Tables
        The dataset.
    scenarios : sequence of Scenario
        What is tried.
    hold : frozenset of Kind
        Kinds that stay at their central values.
    options : Options
        Targets of the run.
    apart : bool
        Whether each figure is drawn by itself, but for those of one ``moves_with`` and those of a
        measure.
    """
    found = [
        figure
        for figure in chain(_of_tables(tables, options), _of_measures(scenarios))
        if figure.kind not in hold and figure.low < figure.high
    ]
    if apart:
        found = [_apart(figure, n) for n, figure in enumerate(found)]
    numbers: dict[Hashable, int] = {}
    group = [numbers.setdefault(figure.together, len(numbers)) for figure in found]
    return Figures(tuple(found), np.array(group, dtype=np.int64), len(numbers))


def _apart(figure: Ranged, number: int) -> Ranged:
    stated = isinstance(figure.row, Measure) or figure.row.moves_with is not None
    return figure if stated else figure._replace(together=number)


def _of_tables(tables: Tables, options: Options) -> Iterator[Ranged]:
    own = {row.system: row for row in tables.targets if row.set == options.target_set}
    for supply in tables.supplies.values():
        yield from _limit(Kind.SUPPLIES, supply, "capacity_per_month")
    for lane in tables.lanes.values():
        yield from _limit(Kind.LANES, lane, "capacity_usd_per_month")
    for plant in tables.plants.values():
        yield from _limit(Kind.PLANTS, plant, "capacity_per_month")
    for system in tables.systems.values():
        holder = own.get(system.system, system)
        chosen = (options.targets or {}).get(system.system, holder.target_per_month)
        # a target of the caller's own has no range
        if chosen == holder.target_per_month:
            name, dial = f"system:{system.system}", Dial("target", system.system)
            yield from _ranged(Kind.TARGETS, name, holder, "target_per_month", dial)
    for row in tables.requirements:
        for kind, column in ((Kind.QUANTITIES, "quantity"), (Kind.FILLS, "max_fill")):
            name = f"requirement:{named(row)}"
            yield from _ranged(kind, name, row, column, Dial(column, named(row)))


def _limit(kind: Kind, row: Supply | Lane | Plant, column: str) -> Iterator[Ranged]:
    return _ranged(kind, row.element, row, column, Dial("limit", row.element))


def _ranged(kind: Kind, name: str, row: Figured, column: str, dial: Dial) -> Iterator[Ranged]:
    central = getattr(row, column)
    known = row.ranges.get(column)
    if known is None or central is None:
        return
    low, high = (central if end is None else end for end in known)
    together = _together(row, column, name, (low, central, high))
    yield Ranged(kind, name, low, central, high, together, row, dial)


def _together(row: Figured, column: str, name: str, ends: tuple[float, ...]) -> Hashable:
    if row.moves_with is not None:
        return "moves_with", row.moves_with
    low, central, high = ends
    if row.basis is Basis.REPORTED or not row.source_ids or not central:
        return name, column
    shares = round(low / central, DIGITS), round(high / central, DIGITS)
    return row.table, column, row.basis, row.source_ids, shares


def _of_measures(scenarios: Sequence[Scenario]) -> Iterator[Ranged]:
    seen: set[Hashable] = set()
    for measure in chain.from_iterable(map(counted, scenarios)):
        for key in SHARES:
            figure = _of_measure(measure, key)
            if figure is not None and figure.of not in seen:
                seen.add(figure.of)
                yield figure


def _of_measure(measure: Measure, key: str) -> Ranged | None:
    known = getattr(measure, key)
    if measure.cut is None or known is None:
        return None
    name = f"measure:{measure.id}/{key}"
    return Ranged(Kind.MEASURES, name, known.low, known.central, known.high, (name,), measure)


class Keeps(NamedTuple):
    """What measures are made of, as arrays: a row a measure, a column each of `SHARES`.

    Attributes
    ----------
    number : array of int
        Where a figure stands among those that are drawn; -1 if it is none.
    central : array of float
        What it is then.
    baseline_leak : array of float
        By measure.
    """

    number: "np.ndarray[tuple[int, int], np.dtype[np.int64]]"
    central: Vector
    baseline_leak: Vector

    def kept(self, drawn: Vector, *, lift: bool) -> Vector:
        """Return what each measure by itself leaves of what it is aimed at; a row a draw.

        Parameters
        ----------
        drawn : array of float
            A row a draw, a column a figure.
        lift : bool
            Whether a measure may leave more than the baseline has.
        """
        padded = np.column_stack([drawn, np.zeros(len(drawn))])
        found = np.where(self.number >= 0, padded[:, self.number], self.central)
        cut, coverage, leak = (found[:, :, n] for n in range(len(SHARES)))
        aimed = cut * coverage
        left = (1 - aimed * (1 - leak)) / (1 - aimed * (1 - self.baseline_leak))
        return np.asarray(left if lift else np.minimum(left, 1.0))


def keeps(measures: Sequence[Measure], known: Figures) -> Keeps:
    """Return what measures are made of."""
    found = {figure.of: n for n, figure in enumerate(known.ranged)}
    numbers, central = [], []
    for measure in measures:
        made = [_of_measure(measure, key) for key in SHARES]
        numbers.append([-1 if each is None else found.get(each.of, -1) for each in made])
        central.append([0.0 if each is None else each.central for each in made])
    return Keeps(
        np.array(numbers, dtype=np.int64).reshape(-1, len(SHARES)),
        np.array(central, dtype=np.float64).reshape(-1, len(SHARES)),
        np.array([measure.baseline_leak for measure in measures], dtype=np.float64),
    )


def set_to(tables: Tables, chosen: Mapping[Dial, float]) -> Tables:
    """Return a dataset in which limits and requirements stand at other values."""
    return replace(
        tables,
        supplies=_limited(tables.supplies, "capacity_per_month", chosen),
        lanes=_limited(tables.lanes, "capacity_usd_per_month", chosen),
        plants=_limited(tables.plants, "capacity_per_month", chosen),
        requirements=tuple(_required(row, chosen) for row in tables.requirements),
    )


def _limited(rows: Mapping[str, R], column: str, chosen: Mapping[Dial, float]) -> dict[str, R]:
    values = {key: chosen.get(Dial("limit", row.element)) for key, row in rows.items()}
    return {
        key: row if values[key] is None else row.model_copy(update={column: values[key]})
        for key, row in rows.items()
    }


def _required(row: Requirement, chosen: Mapping[Dial, float]) -> Requirement:
    update = {
        column: chosen[dial]
        for column in ("quantity", "max_fill")
        if (dial := Dial(column, named(row))) in chosen
    }
    return row.model_copy(update=update) if update else row
