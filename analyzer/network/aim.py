"""What a measure is aimed at in one dataset: elements to limit, and goods on lanes to stop.

Convention: facets are what selectors see of a row: key → the values that the row has there.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from analyzer.network.goods import Good, goods
from scenarios.schema import (
    GOODS_KEYS,
    TABLE_KEYS,
    BadScenarioError,
    Measure,
    ScenarioFault,
    Selector,
    Table,
)
from scenarios.select import Branch, SelectorError, branches
from supply_data.schema import Channel, Lane, Pillar, Plant, Stock, Supply, Tables

Facets = Mapping[str, frozenset[str]]

CHPL_TIERS = frozenset({"1", "2", "3", "3.A", "3.B", "4", "4.A", "4.B"})
"""Tiers of the Common High Priority List as of its last update of February 2024."""

PLACE_KEYS = frozenset({"origin", "brand", "reach", "from_place", "to_place", "place"})
LANE_KEYS = TABLE_KEYS[Table.LANES] - GOODS_KEYS
BLOC_KEYS = frozenset({"origin_bloc", "brand_bloc", "from_bloc", "to_bloc"})


@dataclass(frozen=True)
class Aim:
    """What one measure matches in one dataset.

    Attributes
    ----------
    elements : tuple of str
        Elements whose availability it lowers: supplies, plants, stocks, and lanes of known
        capacity that are matched without goods keys.
    goods : tuple of (element id of a lane, Good)
        Goods of which a smaller share arrives on that lane.
    absent : tuple of str
        Codes and places that it names and that exist, but not in this dataset.
    """

    elements: tuple[str, ...] = ()
    goods: tuple[tuple[str, Good], ...] = ()
    absent: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether anything is matched."""
        return bool(self.elements or self.goods)


def aim(tables: Tables, measure: Measure, *, file: str = "") -> Aim:
    """Return what a measure is aimed at.

    Parameters
    ----------
    tables : Tables
        The dataset.
    measure : Measure
        A measure; one that is ``not_modelled`` is aimed at nothing.
    file : str
        Where the measure was read, for messages.

    Raises
    ------
    BadScenarioError
        If its selector is malformed, names something that exists nowhere, or matches nothing in
        a dataset at its standard choices (`supply_data.variants`).
    """
    if measure.where is None or measure.not_modelled is not None:
        return Aim()
    alternatives = _branches(measure.where, file=file)
    absent = _absent(tables, measure, file=file)
    elements: set[str] = set()
    on_lanes: set[tuple[str, Good]] = set()
    for branch in alternatives:
        if branch.table is Table.LANES:
            whole, some = _on_lanes(tables, branch)
            elements |= whole
            on_lanes |= some
        else:
            elements |= {e for e, seen in _rows(tables, branch.table) if branch.matches(seen)}
    found = Aim(
        elements=tuple(sorted(elements)),
        goods=tuple(sorted((p for p in on_lanes if p[0] not in elements), key=_order)),
        absent=absent,
    )
    # a variant may be just that nothing is what a measure aims at; the standard tells if it is awry
    if not found and not tables.variants:
        raise BadScenarioError((_matches_nothing(measure, absent, file=file),))
    return found


def _order(pair: tuple[str, Good]) -> tuple[str, str, str, tuple[str, ...]]:
    lane, good = pair
    return lane, good.item, good.brand or "", good.reach


def _branches(where: Selector, *, file: str) -> tuple[Branch, ...]:
    # files were checked line by line when they were read; this is for measures made in code
    try:
        return branches(where)
    except SelectorError as error:
        faults = (
            ScenarioFault(
                file, None, ".".join(map(str, m.path)) or "where", m.value, m.rule, m.remedy
            )
            for m in error.misfits
        )
        raise BadScenarioError(tuple(faults)) from None


def _on_lanes(tables: Tables, branch: Branch) -> tuple[set[str], set[tuple[str, Good]]]:
    whole: set[str] = set()
    some: set[tuple[str, Good]] = set()
    own_keys = tuple((key, set(values)) for key, values in branch.conditions if key in LANE_KEYS)
    moving = {good: _of_good(tables, good) for good in goods(tables)}
    for lane in tables.lanes.values():
        own = _of_lane(tables, lane)
        if any(own.get(key, frozenset()).isdisjoint(values) for key, values in own_keys):
            continue
        if lane.capacity_usd_per_month is not None and not branch.names_goods:
            if branch.matches(own):
                whole.add(lane.element)
            continue
        some |= {
            (lane.element, good)
            for good, facets in moving.items()
            if lane.takes(tables.category(good.item)) and branch.matches({**own, **facets})
        }
    return whole, some


def _rows(tables: Tables, table: Table) -> Iterator[tuple[str, Facets]]:
    if table is Table.SUPPLIES:
        yield from ((row.element, _of_supply(tables, row)) for row in tables.supplies.values())
    elif table is Table.PLANTS:
        yield from ((row.element, _of_plant(row)) for row in tables.plants.values())
    else:
        yield from ((row.element, _of_stock(row)) for row in tables.stocks)


def _facets(**values: str | Iterable[str] | None) -> Facets:
    listed = {
        key: frozenset((value,) if isinstance(value, str) else value)
        for key, value in values.items()
        if value is not None
    }
    return {key: found for key, found in listed.items() if found}


def _of_item(tables: Tables, item: str) -> dict[str, Iterable[str]]:
    row = tables.components.get(item)
    if row is None:
        return {"component": (item,), "category": ("system",), "pillar": (Pillar.HARDWARE,)}
    return {
        "component": (item,),
        "category": (row.category,),
        "pillar": (row.pillar,),
        "tier": row.chpl_tiers,
        "hs6": row.hs6,
    }


def _of_good(tables: Tables, good: Good) -> Facets:
    bloc = tables.blocs(good.brand)
    return _facets(
        **_of_item(tables, good.item), brand=good.brand, brand_bloc=bloc, reach=good.reach
    )


def _of_supply(tables: Tables, row: Supply) -> Facets:
    return _facets(
        **{**_of_item(tables, row.component), "pillar": row.pillar or ()},
        supply=row.supply,
        origin=row.origin,
        origin_bloc=tables.blocs(row.origin),
        brand=row.brand,
        brand_bloc=tables.blocs(row.brand),
        reach=row.reach,
        channel=row.channel,
        programme=row.programme,
    )


def _of_lane(tables: Tables, row: Lane) -> Facets:
    return _facets(
        lane=row.lane,
        from_place=row.from_place,
        to_place=row.to_place,
        from_bloc=tables.blocs(row.from_place),
        to_bloc=tables.blocs(row.to_place),
    )


def _of_plant(row: Plant) -> Facets:
    return _facets(
        plant=row.plant,
        place=row.place,
        product=row.product,
        channel=row.channel,
        programme=row.programme,
    )


def _of_stock(row: Stock) -> Facets:
    return _facets(place=row.place, component=row.component, brand=row.brand)


def _matches_nothing(measure: Measure, absent: tuple[str, ...], *, file: str) -> ScenarioFault:
    beside = f" ({', '.join(absent)} not in this dataset)" if absent else ""
    return ScenarioFault(
        file=file,
        line=None,
        column="where",
        value=measure.id,
        rule=f"the measure matches nothing in this dataset{beside}",
        remedy="widen the selector, or keep the measure with `not_modelled: <reason>`",
    )


def _absent(tables: Tables, measure: Measure, *, file: str) -> tuple[str, ...]:
    known = _vocabulary(tables)
    faults: list[ScenarioFault] = []
    absent: set[str] = set()
    for key, value in _named(measure.where) if measure.where else ():
        if value in known[key] or (key == "hs6" and any(_heads(value, c) for c in known[key])):
            continue
        if _exists(key, value):
            absent.add(value)
        else:
            faults.append(_unknown(key, value, known[key], file=file))
    if faults:
        raise BadScenarioError(tuple(faults))
    return tuple(sorted(absent))


def _heads(pattern: str, code: str) -> bool:
    return pattern.endswith("*") and code.startswith(pattern[:-1])


def _named(selector: Selector) -> Iterator[tuple[str, str]]:
    for key, values in selector.conditions().items():
        yield from ((key, value) for value in values)
    nested = (*(selector.any_of or ()), *((selector.but_not,) if selector.but_not else ()))
    for inner in nested:
        yield from _named(inner)


def _exists(key: str, value: str) -> bool:
    if key == "hs6":
        return value.rstrip("*").isdigit()
    if key == "tier":
        return value in CHPL_TIERS
    return key in PLACE_KEYS and value in _countries()


@cache
def _countries() -> frozenset[str]:
    import pycountry  # noqa: PLC0415 - 0.1 s and needed only where a place is not in the dataset

    return frozenset(country.alpha_3 for country in pycountry.countries)


def _vocabulary(tables: Tables) -> dict[str, frozenset[str]]:
    places = frozenset(tables.places)
    brands = places | {g.brand for g in goods(tables) if g.brand}
    blocs = frozenset(b for row in tables.places.values() for b in row.blocs)
    tiers = {t for row in tables.components.values() for t in row.chpl_tiers}
    words: dict[str, Iterable[str]] = {
        "supply": tables.supplies,
        "component": (*tables.components, *tables.systems),
        "category": {tables.category(item) for item in (*tables.components, *tables.systems)},
        "pillar": (pillar.value for pillar in Pillar),
        "tier": tiers | {t.partition(".")[0] for t in tiers},
        "hs6": {code for row in tables.components.values() for code in row.hs6},
        "channel": (channel.value for channel in Channel),
        "programme": tables.programmes,
        "lane": tables.lanes,
        "plant": tables.plants,
        "product": {row.product for row in tables.requirements},
        **dict.fromkeys(PLACE_KEYS, places),
        **dict.fromkeys(BLOC_KEYS, blocs),
        "brand": brands,
        "reach": brands | {p for row in tables.supplies.values() for p in row.reach},
    }
    return {key: frozenset(values) for key, values in words.items()}


def _unknown(key: str, value: str, known: frozenset[str], *, file: str) -> ScenarioFault:
    near = get_close_matches(value, sorted(known), n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {_first(known)}"
    return ScenarioFault(
        file=file,
        line=None,
        column=key,
        value=value,
        rule=f"no {key.replace('_', ' ')} of this name exists",
        remedy=hint,
    )


def _first(known: frozenset[str], *, most: int = 8) -> str:
    listed = sorted(known)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more if listed else "none"


def consecutive(tables: Tables, found: Aim) -> tuple[tuple[str, str], ...]:
    """Return the pairs of lanes that follow each other and are both cut for the same good.

    An arrival rate acts on each leg, so goods that take both are cut twice.
    """
    goods_of: dict[str, set[Good]] = {}
    for lane, good in found.goods:
        goods_of.setdefault(lane, set()).add(good)
    rows = {row.element: row for row in tables.lanes.values() if row.element in goods_of}
    return tuple(
        (first, second)
        for first, one in rows.items()
        for second, other in rows.items()
        if one.to_place == other.from_place and goods_of[first] & goods_of[second]
    )
