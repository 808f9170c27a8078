"""What can be lost at once: an element, or a group of elements with something in common.

Convention: a group's id is its kind and a key: ``origin:CHN`` and ``brand:CHN`` are the supplies of
that origin or brand, ``hub:HKG`` the lanes into and out of a place that lanes pass through,
``component:chip`` everything that provides the component: supplies, plants and stocks.
"""

from collections import defaultdict
from collections.abc import Iterator
from enum import StrEnum

from supply_data.schema import Lane, Plant, Stock, Supply, Tables


class Over(StrEnum):
    """Kinds of what is cut."""

    ELEMENT = "element"
    SUPPLY = "supply"
    LANE = "lane"
    PLANT = "plant"
    STOCK = "stock"
    ORIGIN = "origin"
    BRAND = "brand"
    HUB = "hub"
    COMPONENT = "component"
    MEASURE = "measure"


_KINDS = frozenset({Over.ELEMENT, Over.SUPPLY, Over.LANE, Over.PLANT, Over.STOCK})


def groups(tables: Tables, over: Over) -> dict[str, tuple[str, ...]]:
    """Return the groups of a kind with their elements, in the order of the tables.

    Parameters
    ----------
    tables : Tables
        The dataset.
    over : Over
        The kind; there are no groups of elements for a measure.

    Examples
    --------
    >>> import supply_data
    >>> groups(supply_data.load("tutorial"), Over.HUB)
    {'hub:HUB': ('lane:alpha-hub', 'lane:hub-isle')}
    """
    if over in _KINDS:
        kind = "" if over is Over.ELEMENT else f"{over}:"
        return {e: (e,) for e in tables.elements if e.startswith(kind)}
    passed = hubs(tables)
    found: dict[str, list[str]] = defaultdict(list)
    for element, row in tables.elements.items():
        for key in _keys(tables, row, over, passed=passed):
            found[f"{over}:{key}"].append(element)
    return {group: tuple(elements) for group, elements in found.items()}


def hubs(tables: Tables) -> frozenset[str]:
    """Return the places that lanes pass through, other than the destination."""
    starts = {lane.from_place for lane in tables.lanes.values()}
    ends = {lane.to_place for lane in tables.lanes.values()}
    return frozenset((starts & ends) - {tables.settings.destination})


def _keys(
    tables: Tables, row: Supply | Lane | Plant | Stock, over: Over, *, passed: frozenset[str]
) -> Iterator[str]:
    """Yield the keys of the groups of a kind that an element is in."""
    if isinstance(row, Lane):
        ends = dict.fromkeys((row.from_place, row.to_place))
        yield from (place for place in ends if over is Over.HUB and place in passed)
    elif over is Over.COMPONENT:
        item = row.product if isinstance(row, Plant) else row.component
        yield from (item,) if item in tables.components else ()
    elif isinstance(row, Supply):
        key = {Over.ORIGIN: row.origin, Over.BRAND: row.brand}.get(over)
        yield from (key,) if key is not None else ()
