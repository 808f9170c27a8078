"""What is drawn: origins, hubs, components, products and systems, and what flows between them.

Convention: an edge gathers all elements between its two ends; its amounts are arrays in the order
of the scenarios. A place may stand twice, as an origin and as a hub. What is supplied where it is
used needs no hub. Goods made from components abroad are drawn at their product; the lanes that
bring them stand among the product's records.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from analyzer.report.layout import Columns, Link, ordered_columns
from analyzer.report.ledger import Drawable, Ledger
from analyzer.report.records import Array, good_name, place_name

if TYPE_CHECKING:
    from supply_data.schema import Lane, Requirement

KINDS = ("origin", "hub", "component", "product", "system")
USD = "USD a month"
UNITS = "units a month"
_PLACES = ("origin:", "hub:")
_LIGHT = 0.05


@dataclass(frozen=True)
class Node:
    """A box of the drawing."""

    kind: str
    key: str
    name: str
    records: tuple[str, ...]
    amount: Array
    """What passes in a month, in `unit`."""
    unit: str

    @property
    def id(self) -> str:
        """Identity on the page: kind and key."""
        return f"{self.kind}:{self.key}"


@dataclass(frozen=True)
class Edge:
    """A curve of the drawing, with the elements that it stands for."""

    start: str
    end: str
    goods: tuple[str, ...]
    records: tuple[str, ...]
    amount: Array
    """What gets through in a month, in `unit`."""
    unit: str
    usd: Array
    """Value of what is sent in a month, USD."""
    open: Array
    """Largest share that the measures leave on any of its ways; 0 is cut."""
    scale: float
    """The amount that is drawn at full width."""


@dataclass(frozen=True)
class Drawing:
    """Nodes by column, top to bottom, and the edges between them."""

    columns: Columns
    nodes: Mapping[str, Node]
    edges: tuple[Edge, ...]


class _Way(NamedTuple):
    """One good between two nodes, over elements that stand beside each other."""

    start: str
    end: str
    good: str
    records: tuple[str, ...]
    amount: Array
    usd: Array
    open: Array


def drawing(comparison: Drawable) -> Drawing:
    """Return the picture of a comparison.

    Parameters
    ----------
    comparison : Drawable
        The result of one run, or the months of a scenario.

    Returns
    -------
    Drawing
        Columns without nodes are left out; elements that can never contribute are not drawn.
    """
    ledger = Ledger(comparison)
    edges = _edges(ledger)
    nodes = {node.id: node for node in _nodes(ledger, edges)}
    columns = [[name for name, node in nodes.items() if node.kind == kind] for kind in KINDS]
    links = [Link(edge.start, edge.end, _pull(edge)) for edge in edges]
    order = ordered_columns([column for column in columns if column], links)
    return Drawing(_home_beside_hubs(order, ledger, edges), nodes, edges)


def _home_beside_hubs(order: Columns, ledger: Ledger, edges: Sequence[Edge]) -> Columns:
    """Return the columns with the destination's own supplies below the hubs.

    From the column of origins their curves would run behind the hubs, which they do not pass.
    """
    home = f"origin:{ledger.tables.settings.destination}"
    sends = any(edge.start == home and edge.end.startswith("hub:") for edge in edges)
    hubs = any(column[0].startswith("hub:") for column in order)
    if sends or not hubs or home not in order[0] or len(order[0]) == 1:
        return order
    first, second, *others = order
    return (tuple(name for name in first if name != home), (*second, home), *others)


def _named(name: str, *, domestic: bool) -> str:
    return f"{name} (domestic)" if domestic else name


def _edges(ledger: Ledger) -> tuple[Edge, ...]:
    between = _gathered(_dispatched(ledger))
    brought = _gathered((*_arriving(ledger), *_used_abroad(ledger), *_local(ledger)))
    used = _gathered(_used(ledger))
    entering, leaving = _passing(brought, end=1), _passing(used, end=0)
    valued = any(way.usd.any() for ways in between.values() for way in ways)
    largest = max((float(_sum(ways, usd=valued).max()) for ways in between.values()), default=0.0)
    return (
        *(_edge(ends, ways, scale=largest, usd=valued) for ends, ways in between.items()),
        *(_edge(ends, ways, scale=entering[ends[1]]) for ends, ways in brought.items()),
        *(_edge(ends, ways, scale=leaving[ends[0]]) for ends, ways in used.items()),
    )


def _gathered(ways: Iterable[_Way]) -> dict[tuple[str, str], list[_Way]]:
    found: dict[tuple[str, str], list[_Way]] = defaultdict(list)
    for way in ways:
        found[way.start, way.end].append(way)
    return found


def _edge(ends: tuple[str, str], ways: Sequence[_Way], *, scale: float, usd: bool = False) -> Edge:
    return Edge(
        *ends,
        goods=tuple(dict.fromkeys(way.good for way in ways)),
        records=tuple(dict.fromkeys(record for way in ways for record in way.records)),
        amount=_sum(ways, usd=usd),
        unit=USD if usd else UNITS,
        usd=_sum(ways, usd=True),
        open=np.max([way.open for way in ways], axis=0),
        scale=scale,
    )


def _sum(ways: Sequence[_Way], *, usd: bool) -> Array:
    total: Array = np.sum([way.usd if usd else way.amount for way in ways], axis=0)
    return total


def _passing(edges: Mapping[tuple[str, str], list[_Way]], *, end: int) -> Mapping[str, float]:
    """Return what passes each start (0) or end (1) in the baseline, or at most if that is 0."""
    ways: dict[str, list[_Way]] = defaultdict(list)
    for ends, found in edges.items():
        ways[ends[end]] += found
    totals = {name: _sum(found, usd=False) for name, found in ways.items()}
    return {name: float(total[0] or total.max()) for name, total in totals.items()}


def _dispatched(ledger: Ledger) -> Iterator[_Way]:
    """Yield what leaves origins and hubs; straight to the destination is through its own hub."""
    home = ledger.tables.settings.destination
    for lane in ledger.lanes:
        hub = f"hub:{lane.from_place if lane.to_place == home else lane.to_place}"
        for good in ledger.supplied_at(lane.from_place):
            if ledger.takes(lane, good):
                yield _first_leg(ledger, lane, good, hub)
        if lane.to_place != home:
            yield from _transit(ledger, lane, hub)


def _first_leg(ledger: Ledger, lane: "Lane", good: str, hub: str) -> _Way:
    supplies = tuple(ledger.supplies[lane.from_place, good])
    own, _ = ledger.shares(lane.from_place, good)
    passed = (lane.element, good)
    return _Way(
        f"origin:{lane.from_place}",
        hub,
        good,
        (lane.element, *supplies),
        ledger.sent.get(passed, ledger.zero) * own,
        ledger.usd.get(passed, ledger.zero) * own,
        ledger.opening_of((lane.element,), good) * ledger.opening_of(supplies),
    )


def _transit(ledger: Ledger, lane: "Lane", hub: str) -> Iterator[_Way]:
    for good in sorted(ledger.brought.get(lane.from_place, ())):
        if ledger.takes(lane, good):
            _, passing = ledger.shares(lane.from_place, good)
            passed = (lane.element, good)
            yield _Way(
                f"hub:{lane.from_place}",
                hub,
                good,
                (lane.element,),
                ledger.sent.get(passed, ledger.zero) * passing,
                ledger.usd.get(passed, ledger.zero) * passing,
                ledger.opening_of((lane.element,), good),
            )


def _arriving(ledger: Ledger) -> Iterator[_Way]:
    """Yield what reaches the destination from hubs, good by good."""
    home = ledger.tables.settings.destination
    for lane in ledger.lanes:
        if lane.to_place != home:
            continue
        for good in ledger.offered_at(lane.from_place):
            if ledger.takes(lane, good) and good in ledger.needs[home]:
                own, passing = ledger.shares(lane.from_place, good)
                passed = (lane.element, good)
                yield _Way(
                    f"hub:{lane.from_place}",
                    ledger.good_node(good),
                    good,
                    (lane.element,),
                    ledger.arrived.get(passed, ledger.zero) * (own + passing),
                    ledger.usd.get(passed, ledger.zero) * (own + passing),
                    ledger.opening_of((lane.element,), good),
                )


def _used_abroad(ledger: Ledger) -> Iterator[_Way]:
    """Yield what plants outside the destination use of goods brought to them."""
    home = ledger.tables.settings.destination
    for place, goods in ledger.needs.items():
        if place == home:
            continue
        for good in sorted(goods & ledger.brought.get(place, set())):
            lanes = ledger.lanes_into(place, good)
            amount = ledger.used_at(place, good) * ledger.shares(place, good)[1]
            yield _Way(
                f"hub:{place}",
                ledger.good_node(good),
                good,
                lanes,
                amount,
                ledger.valued(good, amount),
                ledger.opening_of(lanes, good),
            )


def _local(ledger: Ledger) -> Iterator[_Way]:
    """Yield what is supplied at the very place where it is used."""
    for (place, good), supplies in ledger.supplies.items():
        if good in ledger.needs.get(place, ()):
            amount = ledger.used_at(place, good) * ledger.shares(place, good)[0]
            yield _Way(
                f"origin:{place}",
                ledger.good_node(good),
                good,
                tuple(supplies),
                amount,
                ledger.valued(good, amount),
                ledger.opening_of(supplies),
            )


def _used(ledger: Ledger) -> Iterator[_Way]:
    """Yield what products use of components, slot by slot together."""
    pairs: dict[tuple[str, str], list[Requirement]] = defaultdict(list)
    for row in ledger.tables.requirements:
        pairs[row.component, row.product].append(row)
    for (component, product), rows in pairs.items():
        amount = ledger.used_by(product, component)
        plants = tuple(ledger.plants.get(product, ()))
        yield _Way(
            ledger.good_node(component),
            ledger.good_node(product),
            component,
            tuple(f"requirement:{row.product}/{row.slot}/{row.component}" for row in rows) + plants,
            amount,
            ledger.valued(component, amount),
            ledger.opening_of(plants),
        )


def _nodes(ledger: Ledger, edges: Sequence[Edge]) -> Iterator[Node]:
    """Yield every end of an edge, and every system."""
    beside: dict[str, list[Edge]] = {}
    for edge in edges:
        beside.setdefault(edge.start, []).append(edge)
        beside.setdefault(edge.end, []).append(edge)
    for key in ledger.tables.systems:
        beside.setdefault(f"system:{key}", [])
    for identity, found in beside.items():
        kind, _, key = identity.partition(":")
        make = _place_node if identity.startswith(_PLACES) else _good_node
        yield make(ledger, kind, key, found)


def _place_node(ledger: Ledger, kind: str, key: str, edges: Sequence[Edge]) -> Node:
    leaving = [edge for edge in edges if edge.start == f"{kind}:{key}"]
    valued = any(edge.usd.any() for edge in leaving)
    passing = [edge.usd if valued else edge.amount for edge in leaving]
    amount = np.sum(passing, axis=0) if passing else ledger.zero
    own = (
        [
            element
            for (place, _), found in ledger.supplies.items()
            if place == key
            for element in found
        ]
        if kind == "origin"
        else [lane.element for lane in ledger.lanes if key in {lane.from_place, lane.to_place}]
    )
    home = kind == "origin" and key == ledger.tables.settings.destination
    name = _named(place_name(ledger.tables, key), domestic=home)
    return Node(kind, key, name, tuple(own), amount, USD if valued else UNITS)


def _good_node(ledger: Ledger, kind: str, key: str, edges: Sequence[Edge]) -> Node:
    arriving = [edge.amount for edge in edges if edge.end == f"{kind}:{key}" and key in edge.goods]
    brought = np.sum(arriving, axis=0) if arriving else ledger.zero
    made = ledger.sum(ledger.made, ((plant,) for plant in ledger.plants.get(key, ())))
    amount = ledger.fielded.get((key,), ledger.zero) if kind == "system" else brought + made
    name = good_name(ledger.tables, key)
    return Node(kind, key, name, tuple(_good_records(ledger, key)), amount, UNITS)


def _good_records(ledger: Ledger, key: str) -> Iterator[str]:
    """Yield what stands behind a good: its own row, supplies, plants, stocks, lanes if made."""
    yield f"{'system' if key in ledger.tables.systems else 'component'}:{key}"
    for (_, good), found in ledger.supplies.items():
        if good == key:
            yield from found
    yield from ledger.plants.get(key, ())
    yield from (stock.element for stock in ledger.tables.stocks if stock.component == key)
    if key in ledger.plants:
        yield from (lane.element for lane in ledger.lanes if (lane.element, key) in ledger.sent)


def _pull(edge: Edge) -> float:
    """Return how strongly an edge draws its ends to one height: idle ones hardly."""
    return _LIGHT + (float(edge.amount[0]) / edge.scale if edge.scale else 0.0)
