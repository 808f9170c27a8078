"""What must hold between the rows of a dataset: every refusal that one row cannot decide alone.

Convention: a check takes the tables with defaults filled in and yields its faults; a name that
leads nowhere is the reference check's business, so every other check passes it over.
"""

import functools
import graphlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

import pycountry

from supply_data.names import advice, folded, listed
from supply_data.schema import (
    TABLES,
    Component,
    Fault,
    Figured,
    Plant,
    Requirement,
    Row,
    Stock,
    Supply,
    System,
    Tables,
    shown,
)

SYSTEM_CATEGORY = "system"
_ROUNDING = 1e-9
"""Shares that sum to 1 in decimal may miss it by this much in binary."""

_MOST_ADVICE = 100
"""Unknown names of one column for which the nearest known one is looked up."""


def file_of(table: str) -> str:
    """Return the name of the file that holds a table."""
    return f"{table}.csv"


def at(row: Row, column: str | None, rule: str, remedy: str) -> Fault:
    """Return a fault of one row, with what stands in its column."""
    value = None if column is None else as_cell(getattr(row, column))
    return Fault(file_of(row.table), row.line or None, column, value, rule, remedy)


def as_cell(value: object) -> str:
    """Return a value as it would stand in a cell."""
    if value is None:
        return ""
    return ";".join(value) if isinstance(value, tuple) else str(value)


def rows_of(tables: Tables, table: str) -> Sequence[Row]:
    """Return the rows of one table in the order of its file."""
    held: Mapping[str, Row] | tuple[Row, ...] = getattr(tables, table)
    return tuple(held.values()) if isinstance(held, Mapping) else held


def slots(tables: Tables) -> dict[tuple[str, str], list[Requirement]]:
    """Return the alternatives of each slot by product and slot, first choice first."""
    found: dict[tuple[str, str], list[Requirement]] = defaultdict(list)
    for row in tables.requirements:
        found[row.product, row.slot].append(row)
    return dict(found)


# --- keys and references


def repeated_keys(rows: Mapping[str, Sequence[Row]]) -> Iterator[Fault]:
    """Yield the rows whose key stands in the same table already, in whatever spelling."""
    for model in TABLES:
        first: dict[tuple[str, ...], Row] = {}
        for row in rows.get(model.table, ()):
            earlier = first.setdefault(_identity(row), row)
            if earlier is not row:
                yield at(row, model.key[0], _repetition(row, earlier), "Keep one of the two rows")


def _identity(row: Row) -> tuple[str, ...]:
    return tuple(folded(as_cell(getattr(row, column))) for column in row.key)


def _repetition(row: Row, earlier: Row) -> str:
    names = " and ".join(row.key)
    same = all(getattr(row, column) == getattr(earlier, column) for column in row.key)
    how = "the same" if same else "the same but for case, blanks or encoding"
    where = f"row {earlier.line}" if earlier.line else "an earlier row"
    return f"{names}: {how} as in {where}"


class Reference(NamedTuple):
    """A column whose values are keys of other tables."""

    table: str
    column: str
    targets: tuple[str, ...]


_GOODS = ("components", "systems")
REFERENCES = (
    Reference("targets", "system", ("systems",)),
    Reference("requirements", "product", _GOODS),
    Reference("requirements", "component", ("components",)),
    Reference("supplies", "component", _GOODS),
    Reference("supplies", "origin", ("places",)),
    Reference("supplies", "programme", ("programmes",)),
    Reference("lanes", "from_place", ("places",)),
    Reference("lanes", "to_place", ("places",)),
    Reference("plants", "place", ("places",)),
    Reference("plants", "product", _GOODS),
    Reference("plants", "programme", ("programmes",)),
    Reference("stocks", "place", ("places",)),
    Reference("stocks", "component", _GOODS),
    *(
        Reference(model.table, "source_ids", ("sources",))
        for model in TABLES
        if issubclass(model, Figured)
    ),
)


def unknown_names(tables: Tables, *, unread: frozenset[str]) -> Iterator[Fault]:
    """Yield the references that lead nowhere, save into tables that were not read in whole."""
    for reference in REFERENCES:
        if not unread & set(reference.targets):
            yield from _unknown_in(tables, reference)


def _unknown_in(tables: Tables, reference: Reference) -> Iterator[Fault]:
    known = {key for target in reference.targets for key in getattr(tables, target)}
    files = " or ".join(file_of(target) for target in reference.targets)
    told: dict[str, str] = {}
    for row in rows_of(tables, reference.table):
        for name in _names(getattr(row, reference.column)):
            if name not in known:
                remedy = f"{_advised(name, known, told)} Or add a row for it"
                yield at(row, reference.column, f"{shown(name)} is not in {files}", remedy)


def _advised(name: str, known: AbstractSet[str], told: dict[str, str]) -> str:
    """Return the advice on an unknown name, which is looked for only so many times."""
    if name not in told:
        looked = advice(name, sorted(known)) if len(told) < _MOST_ADVICE else "Check the spelling."
        told[name] = looked
    return told[name]


def _names(value: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def _brand_names(tables: Tables) -> Iterator[tuple[Supply | Plant | Stock, str, str]]:
    for supply in tables.supplies.values():
        yield from ((supply, "brand", name) for name in _names(supply.brand))
        yield from ((supply, "reach", name) for name in supply.reach)
    held: tuple[Plant | Stock, ...] = (*tables.plants.values(), *tables.stocks)
    for row in held:
        # a plant's blank brand was filled with its place, which has a check of its own
        if row.brand is not None and row.brand != row.place:
            yield row, "brand", row.brand


@functools.cache
def _is_country(code: str) -> bool:
    return pycountry.countries.get(alpha_3=code) is not None


def unknown_brands(tables: Tables) -> Iterator[Fault]:
    """Yield the brands and reaches that are neither a place nor a country's code."""
    told: dict[str, str] = {}
    for row, column, name in _brand_names(tables):
        if name not in tables.places and not _is_country(name):
            rule = f"{shown(name)} is neither in places.csv nor an ISO 3166-1 alpha-3 code"
            remedy = f"{_advised(name, tables.places.keys(), told)} Or add a row for it"
            yield at(row, column, rule, remedy)


def brands_without_row(tables: Tables) -> Iterator[Fault]:
    """Yield, once a country, the brands and reaches that are countries but have no row."""
    told: set[str] = set()
    for row, column, name in _brand_names(tables):
        if name not in tables.places and name not in told and _is_country(name):
            told.add(name)
            rule = f"{shown(name)} is a country's code without a row in places.csv"
            remedy = "Add a row if selectors should find its blocs; else nothing is needed"
            yield at(row, column, rule, remedy)


# --- what the tables must be to each other


def _destination(tables: Tables) -> Iterator[Fault]:
    name = tables.settings.destination
    if name not in tables.places:
        rule = "the destination is not in places.csv"
        yield Fault("dataset.yaml", None, "destination", name, rule, advice(name, tables.places))


def _systems_present(tables: Tables) -> Iterator[Fault]:
    if not tables.systems:
        rule, remedy = "there is no system", "Add a row for each family that is fielded"
        yield Fault(file_of("systems"), None, None, None, rule, remedy)


def _two_meanings(tables: Tables) -> Iterator[Fault]:
    components = {folded(key): key for key in tables.components}
    for row in tables.systems.values():
        if folded(row.system) in components:
            rule = f"{shown(components[folded(row.system)])} is a component as well"
            yield at(row, "system", rule, "Give the system or the component another name")


def _reserved_category(tables: Tables) -> Iterator[Fault]:
    for row in tables.components.values():
        if folded(row.category) == SYSTEM_CATEGORY:
            rule = "the category `system` is kept for systems"
            yield at(row, "category", rule, "Give the component a category of its own")


def _lanes_that_stay(tables: Tables) -> Iterator[Fault]:
    for row in tables.lanes.values():
        if row.from_place == row.to_place:
            rule = "the lane ends where it starts"
            yield at(row, "to_place", rule, "Name two different places, or take the row out")


def _ranges(tables: Tables) -> Iterator[Fault]:
    for model in TABLES:
        for row in rows_of(tables, model.table):
            if isinstance(row, Figured):
                yield from _disordered(row)


def _disordered(row: Figured) -> Iterator[Fault]:
    for column, (low, high) in row.ranges.items():
        steps = [x for x in (low, getattr(row, column), high) if x is not None]
        if steps != sorted(steps):
            rule = f"{column}: low, the figure and high must not fall; they are {steps}"
            yield at(row, column, rule, f"Put {column}_low, {column} and {column}_high in order")


# --- products


def _own_parts(tables: Tables) -> Iterator[Fault]:
    for row in tables.requirements:
        if row.product == row.component:
            rule = f"{shown(row.product)} would be made from itself"
            yield at(row, "component", rule, "Name what it is made from")


def _cycles(tables: Tables) -> Iterator[Fault]:
    """Yield one fault a cycle: each is told, one of its rows is set aside, and the rest sorted."""
    rows = [row for row in tables.requirements if row.product != row.component]
    while cycle := _cycle(rows):
        last = next(r for r in rows if (r.product, r.component) == (cycle[-2], cycle[-1]))
        chain = " needs ".join(shown(name) for name in cycle)
        remedy = "Take one of these requirements out; nothing can be a part of its own part"
        yield at(last, "component", f"the products form a cycle: {chain}", remedy)
        rows = [r for r in rows if (r.product, r.component) != (last.product, last.component)]


def _cycle(rows: Iterable[Requirement]) -> list[str]:
    # lists, not sets: which row is told must not depend on the order of hashes
    graph: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        graph[row.product].append(row.component)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(reversed(error.args[1]))
    return []


def _slots_that_stay_open(tables: Tables) -> Iterator[Fault]:
    for (product, slot), rows in slots(tables).items():
        filled = sum(row.max_fill for row in rows)
        if filled < 1 - _ROUNDING:
            rule = (
                f"slot {shown(slot)} of {shown(product)} can be filled to {filled:g} at most, "
                "so the product can never be made"
            )
            yield at(rows[-1], "max_fill", rule, "Raise a max_fill or add an alternative")


def _plants_without_recipe(tables: Tables) -> Iterator[Fault]:
    made = {row.product for row in tables.requirements}
    for row in tables.plants.values():
        known = row.product in tables.systems or row.product in tables.components
        if known and row.product not in made:
            rule = f"{shown(row.product)} has no requirements, so a plant cannot make it"
            yield at(row, "product", rule, "Add its requirements, or make the plant a supply")


def _recipes_without_plant(tables: Tables) -> Iterator[Fault]:
    made = {row.product for row in tables.plants.values()}
    first = {row.product: row for row in reversed(tables.requirements)}
    for product, row in first.items():
        if product in tables.components.keys() - tables.systems.keys() - made:
            rule = f"component {shown(product)} has requirements but no plant makes it"
            yield at(row, "product", rule, "Add a row to plants.csv: only systems may do without")


# --- shares of the mix


def _shares_crossed(tables: Tables) -> Iterator[Fault]:
    for row in tables.systems.values():
        least, most = row.min_share or 0.0, 1.0 if row.max_share is None else row.max_share
        if least > most:
            rule = f"min_share is above max_share ({most:g})"
            yield at(row, "min_share", rule, "Lower min_share or raise max_share")


def _shares_sum(tables: Tables) -> Iterator[Fault]:
    rows = list(tables.systems.values())
    least = sum(row.min_share or 0.0 for row in rows)
    if least > 1 + _ROUNDING:
        yield _mix_fault("min_share", f"all min_share sum to {least:g}, above 1", "Lower some")
    most = sum(1.0 if row.max_share is None else row.max_share for row in rows)
    if rows and most < 1 - _ROUNDING:
        rule = f"all max_share sum to {most:g}, below 1, so nothing could be fielded"
        yield _mix_fault("max_share", rule, "Raise some, or leave one blank")


def _mix_fault(column: str, rule: str, remedy: str) -> Fault:
    return Fault(file_of("systems"), None, column, None, rule, remedy)


def stopping_systems(tables: Tables) -> Iterator[Fault]:
    """Yield the systems whose loss would stop all others through the shares of the mix."""
    rows = list(tables.systems.values())
    for row in rows if len(rows) > 1 else ():
        if row.min_share:
            rule = f"with min_share {row.min_share:g} a cut of this system stops all others"
            yield at(row, "min_share", rule, "Leave it blank unless that is meant")
        elif _others_full(rows, row):
            rule = "the others' max_share sum below 1, so a cut of this system stops them"
            yield at(row, "max_share", rule, "Raise the others' max_share unless that is meant")


def _others_full(rows: Sequence[System], row: System) -> bool:
    others = (1.0 if o.max_share is None else o.max_share for o in rows if o is not row)
    return sum(others) < 1 - _ROUNDING


# --- value on lanes limited in USD


def _sources_of(tables: Tables) -> dict[str, set[str]]:
    """Return the places at which each good first exists."""
    found: dict[str, set[str]] = defaultdict(set)
    for supply in tables.supplies.values():
        found[supply.component].add(supply.origin)
    for plant in tables.plants.values():
        found[plant.product].add(plant.place)
    for stock in tables.stocks:
        found[stock.component].add(stock.place)
    made = {plant.product for plant in tables.plants.values()}
    for row in tables.requirements:
        if row.product in tables.systems and row.product not in made:
            found[row.product].add(tables.settings.destination)
    return found


def _limited_lanes(tables: Tables, good: str, starts: Iterable[str]) -> list[str]:
    """Return the lanes limited in USD that a good can reach from where it first exists."""
    category = tables.category(good)
    lanes = [lane for lane in tables.lanes.values() if lane.takes(category)]
    reached = set(starts)
    fresh = reached
    while fresh:
        fresh = {lane.to_place for lane in lanes if lane.from_place in fresh} - reached
        reached |= fresh
    return [
        lane.lane
        for lane in lanes
        if lane.from_place in reached and lane.capacity_usd_per_month is not None
    ]


def _worthless_goods(tables: Tables) -> Iterator[Fault]:
    starts = _sources_of(tables)
    rows: dict[str, Component | System] = {**tables.systems, **tables.components}
    for good, row in rows.items():
        if not row.value_usd and (lanes := _limited_lanes(tables, good, starts[good])):
            rule = f"it can travel lanes that are limited in USD ({listed(lanes, most=3)})"
            remedy = "State a value above 0, or say in `carries` what these lanes carry"
            yield at(row, "value_usd", rule, remedy)


class Check(NamedTuple):
    """A check and the tables that it can judge only when they were read in whole."""

    faults: Callable[[Tables], Iterator[Fault]]
    needs: frozenset[str]


def _check(faults: Callable[[Tables], Iterator[Fault]], *needs: str) -> Check:
    return Check(faults, frozenset(needs))


CHECKS = (
    _check(_destination, "dataset.yaml", "places"),
    _check(_systems_present, "systems"),
    _check(unknown_brands, "places"),
    _check(_two_meanings),
    _check(_reserved_category),
    _check(_lanes_that_stay),
    _check(_ranges),
    _check(_own_parts),
    _check(_cycles),
    _check(_slots_that_stay_open, "requirements"),
    _check(_plants_without_recipe, "requirements"),
    _check(_recipes_without_plant, "plants"),
    _check(_shares_crossed),
    _check(_shares_sum, "systems"),
    _check(_worthless_goods),
)


def refusals(tables: Tables, *, unread: frozenset[str]) -> Iterator[Fault]:
    """Yield everything between the rows that is wrong.

    Parameters
    ----------
    tables : Tables
        Rows with defaults filled in; the first of rows with one key.
    unread : frozenset of str
        Tables of which some rows could not be read: what only a whole table can tell is left
        out, so that one bad row does not bring up faults that are not there.
    """
    yield from unknown_names(tables, unread=unread)
    for check in CHECKS:
        if not unread & check.needs:
            yield from check.faults(tables)
