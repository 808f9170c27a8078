"""Changes of a dataset whose effect on the answer is known: renamed, rescaled, split, joined."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from supply_data.assemble import assemble
from supply_data.schema import (
    TABLES,
    Component,
    Lane,
    Place,
    Plant,
    Requirement,
    Row,
    Stock,
    Supply,
    System,
    Tables,
)
from tests.networks_by_hand import lane

KEYS = (
    "place", "origin", "brand", "from_place", "to_place", "component", "product", "system",
    "supply", "lane", "plant",
)  # fmt: skip
"""Columns that hold names of rows."""
QUANTITIES: dict[type[Row], tuple[str, ...]] = {
    System: ("target_per_month",),
    Supply: ("capacity_per_month",),
    Lane: ("capacity_usd_per_month",),
    Plant: ("capacity_per_month",),
    Stock: ("quantity",),
}
DOLLARS: dict[type[Row], tuple[str, ...]] = {
    Component: ("value_usd",),
    System: ("value_usd",),
    Supply: ("cost_usd",),
    Lane: ("capacity_usd_per_month",),
}


def rows_of(tables: Tables) -> dict[str, list[Row]]:
    """Return all rows by table."""
    held = {model.table: getattr(tables, model.table) for model in TABLES}
    return {
        name: list(rows.values()) if isinstance(rows, Mapping) else list(rows)
        for name, rows in held.items()
    }


def remade(tables: Tables, rows: Mapping[str, Sequence[Row]], **settings: object) -> Tables:
    """Return a dataset of other rows under the same settings, or some of them changed."""
    return assemble(tables.settings.model_copy(update=settings), rows)


def each(tables: Tables, change: Callable[[Row], Iterator[Row]], **settings: object) -> Tables:
    """Return a dataset in which every row is replaced by those that the change yields."""
    rows = rows_of(tables).items()
    return remade(
        tables, {t: [new for row in old for new in change(row)] for t, old in rows}, **settings
    )


def with_rows(tables: Tables, *new: Row) -> Tables:
    """Return a dataset with rows added at the end of their tables."""
    rows = rows_of(tables)
    for row in new:
        rows[row.table].append(row)
    return remade(tables, rows)


def without_lanes(tables: Tables, lanes: frozenset[str]) -> Tables:
    """Return a dataset without these lanes."""
    rows = rows_of(tables)
    kept = [row for row in tables.lanes.values() if row.element not in lanes]
    return remade(tables, {**rows, "lanes": kept})


def reordered(tables: Tables, seed: int) -> Tables:
    """Return the rows in another order; the first choice of each slot stays first."""
    draw = np.random.default_rng(seed)
    slots: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in tables.requirements:
        slots[row.product, row.slot].append(row)
    groups = list(slots.values())
    mixed = {
        name: [rows[n] for n in draw.permutation(len(rows))]
        for name, rows in rows_of(tables).items()
    }
    by_slot = [row for n in draw.permutation(len(groups)) for row in groups[n]]
    return remade(tables, {**mixed, "requirements": by_slot})


def renamed(tables: Tables, name: Callable[[str], str]) -> Tables:
    """Return the dataset with all its names changed, the destination's as well."""

    def change(row: Row) -> Iterator[Row]:
        known = {key: getattr(row, key, None) for key in KEYS}
        update: dict[str, object] = {key: name(old) for key, old in known.items() if old}
        if isinstance(row, Supply):
            update["reach"] = tuple(name(place) for place in row.reach)
        yield row.model_copy(update=update)

    return each(tables, change, destination=name(tables.settings.destination))


def multiplied(
    tables: Tables, factor: float, columns: Mapping[type[Row], tuple[str, ...]], **settings: object
) -> Tables:
    """Return the dataset with some columns multiplied, blanks left blank."""

    def change(row: Row) -> Iterator[Row]:
        yield times(row, factor, *columns.get(type(row), ()))

    return each(tables, change, **settings)


def times(row: Row, factor: float, *columns: str) -> Row:
    """Return a row with some of its figures multiplied, blanks left blank."""
    known = {column: getattr(row, column) for column in columns}
    return row.model_copy(update={c: v * factor for c, v in known.items() if v is not None})


def scattered(tables: Tables, seed: int, columns: Mapping[type[Row], tuple[str, ...]]) -> Tables:
    """Return the dataset with each figure of some columns multiplied by a factor of its own."""
    draw = np.random.default_rng([10, seed])

    def change(row: Row) -> Iterator[Row]:
        yield times(row, draw.uniform(0.2, 2.0), *columns.get(type(row), ()))

    return each(tables, change)


def halfway(one: Tables, other: Tables, columns: Mapping[type[Row], tuple[str, ...]]) -> Tables:
    """Return the mean of two datasets that differ in these columns alone."""
    rows, others = rows_of(one), rows_of(other)
    return remade(
        one,
        {
            name: [
                _mean(a, b, columns.get(type(a), ()))
                for a, b in zip(rows[name], others[name], strict=True)
            ]
            for name in rows
        },
    )


def _mean(one: Row, other: Row, columns: tuple[str, ...]) -> Row:
    known = {c: getattr(one, c) for c in columns if getattr(one, c) is not None}
    return one.model_copy(update={c: (v + getattr(other, c)) / 2 for c, v in known.items()})


def all_multiplied(tables: Tables, factor: float) -> Tables:
    """Return the dataset with everything that is wanted or limited multiplied."""
    budget = tables.settings.budget_usd_per_month
    limit = None if budget is None else budget * factor
    return multiplied(tables, factor, QUANTITIES, budget_usd_per_month=limit)


def in_cents(tables: Tables, factor: float) -> Tables:
    """Return the dataset in a currency of which this many make a dollar."""
    budget = tables.settings.budget_usd_per_month
    limit = None if budget is None else budget * factor
    return multiplied(tables, factor, DOLLARS, budget_usd_per_month=limit)


def recounted(tables: Tables, item: str, factor: float) -> Tables:
    """Return the dataset with one item counted in pieces of which this many make one."""

    def change(row: Row) -> Iterator[Row]:
        if isinstance(row, Requirement):
            share = factor ** ((row.component == item) - (row.product == item))
            yield times(row, share, "quantity")
        elif item in {getattr(row, key, None) for key in ("component", "system", "product")}:
            counted = times(row, factor, *QUANTITIES.get(type(row), ()))
            yield times(counted, 1 / factor, *_per_piece(row))
        else:
            yield row

    return each(tables, change)


def _per_piece(row: Row) -> tuple[str, ...]:
    if isinstance(row, System):
        return ("value_usd", "weight")
    return {Component: ("value_usd",), Supply: ("cost_usd",)}.get(type(row), ())


def split(tables: Tables, share: float) -> Tables:
    """Return the dataset with every supply, lane and plant as two, of this share and the rest."""
    key = {Supply: "supply", Lane: "lane", Plant: "plant"}

    def change(row: Row) -> Iterator[Row]:
        if type(row) not in key:
            yield row
            return
        name = key[type(row)]
        for part, suffix in ((share, "-one"), (1 - share, "-two")):
            named = row.model_copy(update={name: getattr(row, name) + suffix})
            yield times(named, part, *QUANTITIES[type(row)])

    return each(tables, change)


def with_waypoints(tables: Tables) -> Tables:
    """Return the dataset with each lane led through a place of its own, free and without limit."""

    def change(row: Row) -> Iterator[Row]:
        if isinstance(row, Lane):
            stop = f"on {row.lane}"
            yield row.model_copy(update={"to_place": stop})
            free = {"capacity_usd_per_month": None, "markup": 0.0, "delay_months": 0.0}
            yield row.model_copy(update={"lane": stop, "from_place": stop, **free})
        else:
            yield row

    return each(with_rows(tables, *(Place(place=f"on {n}") for n in tables.lanes)), change)


def unmixed(tables: Tables) -> Tables:
    """Return the dataset without what ties its systems to each other: shares, groups, a budget."""

    def change(row: Row) -> Iterator[Row]:
        yield row.model_copy(update={"group": ""}) if isinstance(row, System) else row

    return each(unshared(tables), change, budget_usd_per_month=None)


def unshared(tables: Tables) -> Tables:
    """Return the dataset without least and largest shares, which count units, whatever they are."""

    def change(row: Row) -> Iterator[Row]:
        free = {"min_share": None, "max_share": None}
        yield row.model_copy(update=free) if isinstance(row, System) else row

    return each(tables, change)


def told(tables: Tables, note: str) -> Tables:
    """Return the dataset with every text that only says something saying this."""
    columns = {"name", "title", "summary", "note", "notes", "licence", "hs_basis"}

    def change(row: Row) -> Iterator[Row]:
        yield row.model_copy(update=dict.fromkeys(columns & set(type(row).model_fields), note))

    return each(tables, change, title=note, summary=note, notes=note, licence=note)


def with_one_source(tables: Tables) -> Tables:
    """Return the dataset with all that travels coming from one place, where nothing is limited.

    A lane for each supply leads from there to where the supply was, and takes as much. Each
    component is a category of its own then, so that lanes still carry what they did.
    """
    kinds = {row.component: row.category for row in tables.components.values()}

    def moved(row: Row) -> Row:
        if isinstance(row, Component):
            return row.model_copy(update={"category": row.component})
        if isinstance(row, Supply) and tables.value_usd(row.component):
            return row.model_copy(update={"origin": "SOURCE", "capacity_per_month": None})
        if isinstance(row, Lane) and row.carries:
            carried = [name for name, kind in kinds.items() if kind in row.carries]
            whole = [kind for kind in row.carries if kind == "system"]
            # a lane that carries nothing there must not come to carry all
            return row.model_copy(update={"carries": (*carried, *whole) or ("nothing",)})
        return row

    rows = {name: [moved(row) for row in old] for name, old in rows_of(tables).items()}
    rows["places"].append(Place(place="SOURCE"))
    for row in tables.supplies.values():
        if value := tables.value_usd(row.component):
            most = None if row.capacity_per_month is None else row.capacity_per_month * value
            name = f"source {row.supply}"
            way = lane("SOURCE", row.origin, most, lane=name, carries=(row.component,))
            rows["lanes"].append(way)
    return remade(tables, rows, budget_usd_per_month=None)


def with_one_sink(tables: Tables) -> Tables:
    """Return the dataset with its destination one free lane behind what was the destination."""
    more = with_rows(tables, Place(place="SINK"), lane(tables.settings.destination, "SINK"))
    return remade(more, rows_of(more), destination="SINK")


def timeless(tables: Tables) -> Tables:
    """Return the dataset without stocks and delays, so that all months are the same."""

    def change(row: Row) -> Iterator[Row]:
        if not isinstance(row, Stock):
            yield row.model_copy(update={"delay_months": 0.0}) if isinstance(row, Lane) else row

    return each(tables, change)


def joined(one: Tables, other: Tables) -> Tables:
    """Return two datasets with the same destination as one; their names must differ."""
    rows, more = rows_of(one), rows_of(other)
    end = one.settings.destination
    both = {name: [*rows[name], *more[name]] for name in rows}
    both["places"] = [*rows["places"], *(p for n, p in other.places.items() if n != end)]
    return remade(one, both)
