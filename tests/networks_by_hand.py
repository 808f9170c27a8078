"""Networks small enough to be solved by hand, one sentence each, and a short way to write them."""

from collections import defaultdict
from collections.abc import Sequence

from supply_data.assemble import assemble
from supply_data.schema import (
    Basis,
    Component,
    Lane,
    Place,
    Plant,
    Requirement,
    Row,
    Settings,
    Stock,
    Supply,
    System,
    Tables,
    Weighting,
)

START, END = "START", "END"
GUESS: dict[str, object] = {"basis": Basis.ASSUMED}


def system(name: str, target: float, **more: object) -> System:
    columns = {"system": name, "target_per_month": target, "value_usd": 1, **GUESS, **more}
    return System.model_validate(columns)


def need(product: str, component: str, quantity: float = 1, **more: object) -> Requirement:
    columns = {"product": product, "component": component, "quantity": quantity}
    return Requirement.model_validate({**columns, "slot": component, **GUESS, **more})


def supply(
    name: str, component: str, origin: str, capacity: float | None = None, **more: object
) -> Supply:
    columns = {"supply": name, "component": component, "origin": origin, **GUESS, **more}
    return Supply.model_validate({**columns, "capacity_per_month": capacity})


def lane(start: str, end: str, capacity: float | None = None, **more: object) -> Lane:
    columns = {"from_place": start, "to_place": end, "capacity_usd_per_month": capacity}
    return Lane.model_validate({**columns, "lane": f"{start}-{end}".lower(), **GUESS, **more})


def plant(
    name: str, product: str, place: str, capacity: float | None = None, **more: object
) -> Plant:
    columns = {"plant": name, "place": place, "product": product, **GUESS, **more}
    return Plant.model_validate({**columns, "capacity_per_month": capacity})


def stock(place: str, component: str, quantity: float | None) -> Stock:
    columns = {"place": place, "component": component, "quantity": quantity, **GUESS}
    return Stock.model_validate(columns)


def part(name: str, **more: object) -> Component:
    return Component.model_validate({"component": name, "value_usd": 1, **GUESS, **more})


def dataset(*rows: Row, weighting: Weighting = Weighting.UNITS, **settings: object) -> Tables:
    """Return rows as tables; places are found, and components not given are worth one dollar."""
    by_table: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_table[row.table].append(row)
    made = {row.component for row in rows if isinstance(row, Component)}
    used = {row.component for row in rows if isinstance(row, Requirement)}
    by_table["components"] += [part(name) for name in sorted(used - made)]
    by_table["places"] = [Place(place=name) for name in _places(rows)]
    chosen = {"id": "by-hand", "title": "By hand", "destination": END, **settings}
    return assemble(Settings.model_validate({"weighting": weighting, **chosen}), by_table)


def _places(rows: Sequence[Row]) -> list[str]:
    columns = ("origin", "place", "brand", "from_place", "to_place")
    found = {getattr(row, column, None) for row in rows for column in columns}
    return sorted({name for name in found if name is not None} | {END})


def flow_network(*lanes: tuple[str, str, float], target: float = 1000) -> Tables:
    """Return one system made of one part that is without limit at START."""
    return dataset(
        system("unit", target),
        need("unit", "part"),
        supply("source", "part", START),
        *(lane(*ends) for ends in lanes),
    )


def chokepoint() -> Tables:
    """Return two origins whose parts share the one lane, of 60, that leads to the end."""
    return dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("east", "part", "EAST", 50),
        supply("west", "part", "WEST", 50),
        lane("EAST", "GATE"),
        lane("WEST", "GATE"),
        lane("GATE", END, 60),
    )


def diamond() -> Tables:
    """Return two ways round, of 40 and 70, for the 100 parts that the start can make."""
    return dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", START, 100),
        lane(START, "NORTH", 40),
        lane(START, "SOUTH", 70),
        lane("NORTH", END),
        lane("SOUTH", END),
    )


def two_brands() -> Tables:
    """Return 60 parts of one maker and 40 of another, dispatched from one place on one lane."""
    return dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("red", "part", START, 60, brand="RED"),
        supply("blue", "part", START, 40, brand="BLUE"),
        lane(START, END, 1000),
    )


def six_arcs() -> Tables:
    """Return the network of the gallery of Pyomo on interdiction of a maximum flow: 80."""
    return flow_network(
        (START, "B", 10), (START, "C", 70), ("C", "B", 30), ("B", END, 100), ("C", "D", 40),
        ("D", END, 50),
    )  # fmt: skip


def clrs() -> Tables:
    """Return the flow network of Introduction to Algorithms: 23."""
    return flow_network(
        (START, "V1", 16), (START, "V2", 13), ("V2", "V1", 4), ("V1", "V3", 12), ("V3", "V2", 9),
        ("V2", "V4", 14), ("V4", "V3", 7), ("V3", END, 20), ("V4", END, 4),
    )  # fmt: skip


def wyndor(*, hours: tuple[float, float, float] = (4, 12, 18)) -> Tables:
    """Return the glass works of Hillier and Lieberman: doors earn 3, windows 5."""
    return dataset(
        system("doors", 100, weight=3),
        system("windows", 100, weight=5),
        need("doors", "hours1", 1),
        need("doors", "hours3", 3),
        need("windows", "hours2", 2),
        need("windows", "hours3", 2),
        *(supply(f"plant{n}", f"hours{n}", END, known) for n, known in enumerate(hours, start=1)),
        weighting=Weighting.WEIGHT,
    )


def triangle() -> Tables:
    """Return three products whose parts go round a one-way triangle, two of its lanes each."""
    corners = ("A", "B", "C")
    made_at = {"A": "C", "B": "A", "C": "B"}
    return dataset(
        *(system(f"unit{start}", 10) for start in corners),
        *(need(f"unit{start}", f"part{start}") for start in corners),
        *(supply(f"source{start}", f"part{start}", start) for start in corners),
        *(plant(f"works{start}", f"unit{start}", made_at[start]) for start in corners),
        *(lane(*ends, 1, carries="component") for ends in (("A", "B"), ("B", "C"), ("C", "A"))),
        *(lane(corner, END, carries="system") for corner in corners),
    )


def chain_with_stock() -> Tables:
    """Return one chain for 100 units a month, with 250 parts in stock at its end."""
    return dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", START, 100),
        lane(START, END, 100),
        stock(END, "part", 250),
    )


def symmetric_pair() -> Tables:
    """Return two equal supplies of one part, each of 60 for the 100 that are needed."""
    return dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("one", "part", END, 60),
        supply("other", "part", END, 60),
    )


def tight_pair() -> Tables:
    """Return a supply and a lane of exactly 100 each: either binds, neither is a bottleneck."""
    return dataset(
        system("unit", 200),
        need("unit", "part"),
        supply("source", "part", START, 100),
        lane(START, END, 100),
    )
