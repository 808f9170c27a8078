"""What adapts in a course: what carries more than its table figure, and what stands in for what."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from analyzer.network.goods import Maker
from analyzer.programme.flow import Column, Instance, Sets
from analyzer.programme.rolling import Course
from supply_data.schema import Lane, Supply

COLUMNS = ("kind", "what", "first_month", "at_first", "at_most", "pace_per_month", "unit")
FELT = 1e-4
"""Share of a figure, or of a product's output, below which growth is not told."""


def adapting(found: Course) -> pd.DataFrame:
    """Return what adapts in a course, the earliest first; nothing unless it is certified.

    Returns
    -------
    pandas.DataFrame
        ``kind`` is supply, plant or lanes (these grow) or alternative (it is adopted); ``what`` the
        element, ``from:`` and a place for all lanes that start there, or
        ``product/slot/component``. ``first_month`` is when it first carries more than what remains
        of the table's figure, or stands in for more of the product than before month 1;
        ``at_first`` that figure, ``at_most`` the most that it comes to beside it,
        ``pace_per_month`` what the tables let it grow by: in units or USD, or shares of the output.
    """
    if not found.certified:
        return pd.DataFrame(columns=[*COLUMNS])
    instance = replace(found.model.formulation.instance, effect=found.effect)
    rows = [*_grown(instance, found), *_adopted(instance, found)]
    frame = pd.DataFrame(rows, columns=[*COLUMNS])
    return frame.sort_values(["first_month", "kind", "what"], ignore_index=True)


def _grown(i: Instance, found: Course) -> Iterator[tuple[object, ...]]:
    """Yield what carries more than its figure; lanes by the place they start from, in total."""
    used = _used(i, found)
    groups: dict[str, list[Supply | Lane | Maker]] = defaultdict(list)
    for row in _growing(i.sets):
        groups[f"from:{row.from_place}" if isinstance(row, Lane) else row.element].append(row)
    for what, rows in groups.items():
        carried = {
            t: value
            for t in i.sets.periods
            if (value := sum(_beyond(i, row, used[row.element][t], t) for row in rows)) > 0
        }
        if carried:
            figure = sum(_figure(row) for row in rows)
            kind, unit = ("lanes", "USD") if isinstance(rows[0], Lane) else (_kind(what), "units")
            pace = sum(row.ramp_per_month or 0.0 for row in rows)
            yield kind, what, min(carried), figure, figure + max(carried.values()), pace, unit


def _kind(element: str) -> str:
    return element.partition(":")[0]


def _beyond(i: Instance, row: Supply | Lane | Maker, used: float, t: int) -> float:
    """Return by how much an element carries more than what remains of its figure."""
    over = used - _figure(row) * i.availability(row.element, t)
    return over if over > FELT * max(_figure(row), used) else 0.0


def _figure(row: Supply | Lane | Maker) -> float:
    known = row.capacity_usd_per_month if isinstance(row, Lane) else row.capacity_per_month
    return known or 0.0


def _growing(found: Sets) -> Iterator[Supply | Lane | Maker]:
    lanes = {row.element: row for row, _ in found.sendings}
    rows: tuple[Supply | Lane | Maker, ...] = (
        *found.supplies,
        *lanes.values(),
        *found.reach.makers,
    )
    yield from (row for row in rows if row.ramp_per_month)


def _used(i: Instance, found: Course) -> dict[str, dict[int, float]]:
    """Return what each element carries by month, in the units of its figure."""
    used: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for column, value in zip(i.columns, found.plan.tolist(), strict=True):
        if column.variable in {"out", "make", "sent"}:
            used[str(column.what[0])][column.period] += value * column.unit * _worth(i, column)
    return used


def _worth(i: Instance, column: Column) -> float:
    return (i.sets.tables.value_usd(column.item) or 0.0) if column.variable == "sent" else 1.0


def _adopted(i: Instance, found: Course) -> Iterator[tuple[object, ...]]:
    """Yield the alternatives that come to fill more of their product's output than before."""
    made: dict[tuple[str, int], float] = defaultdict(float)
    filled: dict[tuple[str, int], float] = defaultdict(float)
    before: dict[str, float] = defaultdict(float)
    for column, value in zip(i.columns, found.plan.tolist(), strict=True):
        if column.variable == "make":
            made[column.item, column.period] += value
        elif column.variable == "fill":
            filled[str(column.what[1]), column.period] += value
    for (_, name), share in i.sets.opening.fill.items():
        before[name] = max(before[name], share)
    for name, row in i.sets.requirement.items():
        if row.adopt_months is None and row.adopt_share_per_month is None:
            continue
        shares = {
            t: filled[name, t] / made[row.product, t]
            for t in i.sets.periods
            if made[row.product, t] > FELT
        }
        over = {t: share for t, share in shares.items() if share > before[name] + FELT}
        if over:
            pace = row.adopt_share_per_month
            most = max(over.values())
            yield "alternative", name, min(over), before[name], most, pace, "share"
