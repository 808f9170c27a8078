"""What cannot be missed and how deep the chains go: the graph of requirements and lanes, no solve.

Convention: a *cut* here takes away one element, or one group: ``origin:<place>`` and
``brand:<place>`` (all supplies of that origin or brand), ``hub:<place>`` (all lanes into and out
of a place that lanes pass through, other than the destination). Lists within a cell are joined by
``;``, which no key contains.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import fsum

import pandas as pd

from analyzer.network.goods import Maker, makers
from analyzer.network.prune import ROUNDING, build_order, fillable, slots
from supply_data.schema import Lane, Pillar, Requirement, Supply, Tables

Cuts = frozenset[str]


def single_points(tables: Tables) -> pd.DataFrame:
    """Return the elements, origins, brands and hubs without which some system cannot be made.

    Parameters
    ----------
    tables : Tables
        A checked dataset; stocks count for nothing, as in the steady state.

    Returns
    -------
    pandas.DataFrame
        ``element`` (element or group id), ``kind`` (``supply``, ``lane``, ``plant``, ``origin``,
        ``brand`` or ``hub``), ``pillar`` (of a group: all pillars of its elements), ``stopped``
        (number of systems) and ``systems`` (their keys); those that stop most come first. Systems
        that nothing can make even before a cut are not counted.

    Notes
    -----
    Reachability in a directed hypergraph: an item is at a place if a supply or lane brings it, or
    a maker there has every slot filled; a slot is filled if the largest fills of the alternatives
    present sum to 1. The cuts that stop an item are those that stop each of its ways, so one pass
    from raw supplies to systems, with a fixed point over the lanes of each item, finds all of
    them: no cut is tried one by one. A system that a share of the mix hangs on
    (``min_share``, or ``max_share`` of the others) stops the others with it.
    """
    found = stopping(tables)
    makeable = _left(tables, found)
    rows = []
    for cut in sorted(frozenset[str]().union(*found.values())):
        stopped = makeable - _left(tables, (s for s, cuts in found.items() if cut not in cuts))
        if stopped:
            listed = [system for system in tables.systems if system in stopped]
            rows.append((cut, cut.partition(":")[0], len(listed), ";".join(listed)))
    frame = pd.DataFrame(rows, columns=["element", "kind", "stopped", "systems"])
    pillars = _pillars(tables)
    frame.insert(2, "pillar", frame["element"].map(pillars).astype(object))
    return frame.sort_values("stopped", ascending=False, kind="stable", ignore_index=True)


def depth(tables: Tables) -> pd.DataFrame:
    """Return how many stages of making lie between raw supplies and each product.

    Parameters
    ----------
    tables : Tables
        A checked dataset.

    Returns
    -------
    pandas.DataFrame
        For each system, then each component that is made: ``item``, ``kind``, ``stages`` (of the
        longest chain of requirements, alternatives included), ``least_stages`` (with the
        shallowest alternative in each slot; 0 if it can be had complete) and ``chain`` (items of
        the longest chain, raw supply first).
    """
    needs = slots(tables)
    supplied = {s.component for s in tables.supplies.values() if s.capacity_per_month != 0}
    chains: dict[str, tuple[str, ...]] = {}
    least: dict[str, int] = {}
    for item in build_order(tables):
        ways = [[row.component for row in rows] for rows in needs.get(item, {}).values()]
        longest = max((chains[c] for way in ways for c in way), key=len, default=())
        chains[item] = (*longest, item)
        deepest = max((1 + min(least[c] for c in way) for way in ways), default=0)
        least[item] = 0 if item in supplied else deepest
    rows = [
        (item, kind, len(chains[item]) - 1, least[item], ";".join(chains[item]))
        for kind, items in (("system", tables.systems), ("component", tables.components))
        for item in items
        if kind == "system" or item in needs
    ]
    return pd.DataFrame(rows, columns=["item", "kind", "stages", "least_stages", "chain"])


def stopping(tables: Tables) -> dict[str, Cuts]:
    """Return, by system that can be fielded at all, the single cuts that stop it.

    The mix of systems counts for nothing here; `single_points` says how the cuts are found.
    """
    at = _cuts_by_place(tables)
    end = tables.settings.destination
    return {system: at[system][end] for system in tables.systems if end in at[system]}


def _cuts_by_place(tables: Tables) -> dict[str, dict[str, Cuts]]:
    """Return by item, for each place that it reaches, the cuts that keep it from there."""
    needs = slots(tables)
    legs = _legs_by_category(tables)
    offers = _offers(tables)
    makes: dict[str, list[Maker]] = defaultdict(list)
    for maker in makers(tables):
        if maker.capacity_per_month != 0:
            makes[maker.product].append(maker)
    at: dict[str, dict[str, Cuts]] = {}
    for item in build_order(tables):
        ways = list(offers[item])
        for maker in makes[item]:
            cuts = _cuts_of_maker(maker, needs[item].values(), at)
            if cuts is not None:
                ways.append((maker.place, cuts))
        at[item] = _spread(ways, legs[tables.category(item)])
    return at


def _offers(tables: Tables) -> dict[str, list[tuple[str, Cuts]]]:
    offers: dict[str, list[tuple[str, Cuts]]] = defaultdict(list)
    for row in tables.supplies.values():
        if row.capacity_per_month != 0:
            offers[row.component].append((row.origin, _cuts_of_supply(row)))
    return offers


def _cuts_of_supply(row: Supply) -> Cuts:
    brand = () if row.brand is None else (f"brand:{row.brand}",)
    return frozenset((row.element, f"origin:{row.origin}", *brand))


def _cuts_of_lane(row: Lane, hubs: frozenset[str]) -> Cuts:
    passed = hubs.intersection((row.from_place, row.to_place))
    return frozenset((row.element, *(f"hub:{place}" for place in passed)))


def _cuts_of_maker(
    maker: Maker, needed: Iterable[Sequence[Requirement]], at: Mapping[str, Mapping[str, Cuts]]
) -> Cuts | None:
    """Return the cuts that stop a maker; None if some slot cannot be filled before any."""
    found = {maker.element} if maker.element.startswith("plant:") else set()
    for rows in needed:
        fills = [
            (row, at[row.component][maker.place])
            for row in rows
            if maker.place in at[row.component]
        ]
        if not fillable(row for row, _ in fills):
            return None
        suspects = frozenset[str]().union(*(cuts for _, cuts in fills))
        found |= {s for s in suspects if not fillable(r for r, cuts in fills if s not in cuts)}
    return frozenset(found)


def _legs_by_category(tables: Tables) -> dict[str, dict[str, list[tuple[str, Cuts]]]]:
    hubs = _hubs(tables)
    categories = {tables.category(item) for item in (*tables.components, *tables.systems)}
    legs: dict[str, dict[str, list[tuple[str, Cuts]]]] = {c: defaultdict(list) for c in categories}
    for lane in tables.lanes.values():
        cuts = _cuts_of_lane(lane, hubs)
        for category in categories:
            if lane.capacity_usd_per_month != 0 and lane.takes(category):
                legs[category][lane.from_place].append((lane.to_place, cuts))
    return legs


def _hubs(tables: Tables) -> frozenset[str]:
    starts = {lane.from_place for lane in tables.lanes.values()}
    ends = {lane.to_place for lane in tables.lanes.values()}
    return frozenset((starts & ends) - {tables.settings.destination})


def _spread(
    ways: Iterable[tuple[str, Cuts]], legs: Mapping[str, Sequence[tuple[str, Cuts]]]
) -> dict[str, Cuts]:
    """Return by place the cuts common to all ways of getting there, from all starts."""
    at: dict[str, Cuts] = {}
    ahead: list[str] = []

    def arrive(place: str, cuts: Cuts) -> None:
        common = cuts & at.get(place, cuts)
        if place not in at or common != at[place]:
            at[place] = common
            ahead.append(place)

    for place, cuts in ways:
        arrive(place, cuts)
    while ahead:
        here = ahead.pop()
        for end, own in legs.get(here, ()):
            arrive(end, at[here] | own)
    return at


def _left(tables: Tables, able: Iterable[str]) -> frozenset[str]:
    """Return what the mix leaves of the systems that could be made: all of them, or none."""
    left = frozenset(able)
    missed = any(tables.systems[system].min_share for system in tables.systems.keys() - left)
    most = fsum(1.0 if s is None else s for s in (tables.systems[x].max_share for x in left))
    return frozenset() if missed or most < 1 - ROUNDING else left


def _pillars(tables: Tables) -> dict[str, str]:
    hubs = _hubs(tables)
    found: dict[str, set[Pillar]] = defaultdict(set)
    for supply in tables.supplies.values():
        for cut in _cuts_of_supply(supply):
            found[cut] |= {supply.pillar} if supply.pillar else set()
    for lane in tables.lanes.values():
        for cut in _cuts_of_lane(lane, hubs):
            found[cut].add(lane.pillar)
    for plant in tables.plants.values():
        found[plant.element].add(plant.pillar)
    return {cut: ";".join(sorted(pillars)) for cut, pillars in found.items()}
