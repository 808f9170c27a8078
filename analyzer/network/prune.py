"""What can take part in supplying the destination at all; the rest is listed, never silent.

Convention: a *class* groups goods of one item; here every item is one class unless the caller
groups them otherwise (`analyzer.programme.merge` does, by what a run tells apart).
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from graphlib import TopologicalSorter
from math import fsum
from typing import Generic, TypeVar

from analyzer.network.goods import Good, Maker, goods, makers, stocked, supplied
from supply_data.schema import Requirement, Tables

K = TypeVar("K", bound=Hashable)
Gives = Callable[[float | None, float | None], bool]
"""Whether something of this capacity and ramp counts."""

ROUNDING = 1e-9
"""By how much shares that should sum to 1 may fall short, since tables hold decimals."""


@dataclass(frozen=True)
class Reach(Generic[K]):
    """Where each class of good can be, where it is of use, and who makes something useful.

    Attributes
    ----------
    present : mapping of class to places
        Places where the class is supplied, made or stocked, or that lanes bring it to.
    wanted : mapping of class to places
        Places where the class is used or fielded, or from which lanes bring it there.
    makers : tuple of Maker
        Makers whose slots can all be filled and whose product is wanted where they stand.
    """

    present: Mapping[K, frozenset[str]]
    wanted: Mapping[K, frozenset[str]]
    makers: tuple[Maker, ...]

    def useful(self, good: K, place: str) -> bool:
        """Tell whether this class at this place comes from somewhere and leads somewhere."""
        return place in self.present.get(good, ()) and place in self.wanted.get(good, ())


def reach(
    tables: Tables, *, class_of: Callable[[Good], K], steady: bool = True, opened: bool = False
) -> Reach[K]:
    """Return where goods can come from and go to.

    Parameters
    ----------
    tables : Tables
        A checked dataset.
    class_of : callable
        Class of a good; all goods of a class are of one item.
    steady : bool
        Whether stocks count for nothing, nor what has no capacity yet but grows, as in the steady
        state.
    opened : bool
        Whether what has no capacity counts all the same, to ask what some would be worth.

    Returns
    -------
    Reach
        By forward search from the supplies and backward search from the destination.
    """
    classes: dict[str, set[K]] = defaultdict(set)
    for good in goods(tables):
        classes[good.item].add(class_of(good))
    gives = partial(_gives, steady=steady, opened=opened)
    present, able = _forward(tables, classes=classes, class_of=class_of, gives=gives, steady=steady)
    wanted, useful = _backward(tables, classes=classes, class_of=class_of, able=able, gives=gives)
    return Reach(present=present, wanted=wanted, makers=useful)


def pruned(tables: Tables) -> tuple[str, ...]:
    """Return the elements that can never contribute, sorted: dead supplies, lanes, plants, stocks.

    Stocks count as sources here, and so does what has no capacity yet but grows, since both may
    matter over time.
    """
    found = reach(tables, class_of=lambda good: good, steady=False)
    kept = {maker.element for maker in found.makers}
    dead = {
        *(s.element for s in tables.supplies.values() if not found.useful(supplied(s), s.origin)),
        *(p.element for p in tables.plants.values() if p.element not in kept),
        *(s.element for s in tables.stocks if not found.useful(stocked(s), s.place)),
        *_idle_lanes(tables, found),
        *_empty(tables),
    }
    return tuple(sorted(dead))


def _empty(tables: Tables) -> Iterator[str]:
    figures = (
        *((s.element, s.capacity_per_month, s.ramp_per_month) for s in tables.supplies.values()),
        *((x.element, x.capacity_usd_per_month, x.ramp_per_month) for x in tables.lanes.values()),
        *((p.element, p.capacity_per_month, p.ramp_per_month) for p in tables.plants.values()),
        *((s.element, s.quantity, None) for s in tables.stocks),
    )
    for element, figure, ramp in figures:
        if not _gives(figure, ramp, steady=False):
            yield element


def _gives(
    capacity: float | None, ramp: float | None, *, steady: bool, opened: bool = False
) -> bool:
    return opened or capacity != 0 or bool(ramp and not steady)


def _idle_lanes(tables: Tables, found: Reach[Good]) -> Iterator[str]:
    by_category: dict[str, list[Good]] = defaultdict(list)
    for good in goods(tables):
        by_category[tables.category(good.item)].append(good)
    for lane in tables.lanes.values():
        carried = (g for c, members in by_category.items() if lane.takes(c) for g in members)
        if not any(
            lane.from_place in found.present.get(good, ())
            and lane.to_place in found.wanted.get(good, ())
            for good in carried
        ):
            yield lane.element


def slots(tables: Tables) -> dict[str, dict[str, tuple[Requirement, ...]]]:
    """Return the requirements by product and slot, alternatives in the order of the table."""
    found: dict[str, dict[str, list[Requirement]]] = defaultdict(lambda: defaultdict(list))
    for row in tables.requirements:
        found[row.product][row.slot].append(row)
    return {p: {s: tuple(rows) for s, rows in by_slot.items()} for p, by_slot in found.items()}


def fillable(alternatives: Iterable[Requirement]) -> bool:
    """Tell whether these alternatives of a slot can fill it: their largest fills sum to 1.

    Examples
    --------
    >>> from supply_data.schema import Requirement
    >>> half = Requirement(
    ...     product="lamp", slot="a", component="chip", quantity=2, max_fill=0.5, basis="assumed"
    ... )
    >>> fillable([half]), fillable([half, half])
    (False, True)
    """
    return fsum(row.max_fill for row in alternatives) >= 1 - ROUNDING


def build_order(tables: Tables) -> tuple[str, ...]:
    """Return all items, inputs before the products made from them."""
    order: TopologicalSorter[str] = TopologicalSorter()
    for item in (*tables.components, *tables.systems):
        order.add(item)
    for row in tables.requirements:
        order.add(row.product, row.component)
    return tuple(order.static_order())


def _legs(tables: Tables, *, back: bool, gives: Gives) -> dict[str, dict[str, set[str]]]:
    """Return where lanes lead from each place, by the category of what is sent."""
    legs: dict[str, dict[str, set[str]]] = {}
    for category in {tables.category(item) for item in (*tables.components, *tables.systems)}:
        onward: dict[str, set[str]] = defaultdict(set)
        for lane in tables.lanes.values():
            opens = gives(lane.capacity_usd_per_month, lane.ramp_per_month)
            if opens and lane.takes(category):
                ends = (lane.from_place, lane.to_place)
                start, end = reversed(ends) if back else ends
                onward[start].add(end)
        legs[category] = onward
    return legs


def _closure(starts: Iterable[str], legs: Mapping[str, set[str]]) -> frozenset[str]:
    seen = set(starts)
    ahead = list(seen)
    while ahead:
        for place in legs.get(ahead.pop(), set()) - seen:
            seen.add(place)
            ahead.append(place)
    return frozenset(seen)


def _forward(
    tables: Tables,
    *,
    classes: Mapping[str, set[K]],
    class_of: Callable[[Good], K],
    gives: Gives,
    steady: bool,
) -> tuple[dict[K, frozenset[str]], tuple[Maker, ...]]:
    starts: dict[K, set[str]] = defaultdict(set)
    for supply in tables.supplies.values():
        if gives(supply.capacity_per_month, supply.ramp_per_month):
            starts[class_of(supplied(supply))].add(supply.origin)
    for stock in () if steady else tables.stocks:
        if stock.quantity != 0:
            starts[class_of(stocked(stock))].add(stock.place)
    present: dict[K, frozenset[str]] = {}
    able: list[Maker] = []
    by_product = _by_product(makers(tables))
    needs = slots(tables)
    legs = _legs(tables, back=False, gives=gives)
    for item in build_order(tables):
        for maker in by_product.get(item, ()):
            opens = gives(maker.capacity_per_month, maker.ramp_per_month)
            if opens and all(
                fillable(
                    row
                    for row in rows
                    if any(maker.place in present.get(c, ()) for c in classes[row.component])
                )
                for rows in needs[item].values()
            ):
                starts[class_of(maker.good)].add(maker.place)
                able.append(maker)
        onward = legs[tables.category(item)]
        present.update({c: _closure(starts[c], onward) for c in classes[item]})
    return present, tuple(able)


def _backward(
    tables: Tables,
    *,
    classes: Mapping[str, set[K]],
    class_of: Callable[[Good], K],
    able: tuple[Maker, ...],
    gives: Gives,
) -> tuple[dict[K, frozenset[str]], tuple[Maker, ...]]:
    uses: dict[str, set[str]] = defaultdict(set)
    for system in tables.systems:
        uses[system].add(tables.settings.destination)
    wanted: dict[K, frozenset[str]] = {}
    useful: set[Maker] = set()
    by_product = _by_product(able)
    needs = slots(tables)
    legs = _legs(tables, back=True, gives=gives)
    for item in reversed(build_order(tables)):
        places = _closure(uses[item], legs[tables.category(item)])
        wanted.update(dict.fromkeys(classes[item], places))
        for maker in by_product.get(item, ()):
            if maker.place in wanted[class_of(maker.good)]:
                useful.add(maker)
                for rows in needs[item].values():
                    for row in rows:
                        uses[row.component].add(maker.place)
    return wanted, tuple(maker for maker in able if maker in useful)


def _by_product(all_makers: Iterable[Maker]) -> dict[str, list[Maker]]:
    found: dict[str, list[Maker]] = defaultdict(list)
    for maker in all_makers:
        found[maker.product].append(maker)
    return found
