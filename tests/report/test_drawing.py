"""A network with all that the tutorial lacks: hubs in a row, a plant abroad, goods cut on lanes."""

from dataclasses import replace

import numpy as np
import pytest

from analyzer.network.case import Case
from analyzer.report.drawing import Drawing, Edge, drawing
from analyzer.report.records import Array
from analyzer.study.compare import Comparison, compare
from scenarios.schema import Measure, Scenario, Selector, Uncertain
from supply_data.schema import (
    Basis,
    Component,
    Lane,
    Place,
    Plant,
    Requirement,
    Settings,
    Stock,
    Supply,
    System,
    Tables,
)

ASSUMED = Basis.ASSUMED


def lane(start: str, end: str, *carries: str) -> Lane:
    return Lane(
        lane=f"{start}-{end}",
        from_place=start,
        to_place=end,
        carries=carries,
        basis=ASSUMED,
        ranges={},
    )


def requirement(product: str, component: str, quantity: float) -> Requirement:
    return Requirement(
        product=product,
        slot=component,
        component=component,
        quantity=quantity,
        basis=ASSUMED,
        ranges={},
    )


def supply(component: str, origin: str) -> Supply:
    return Supply(
        supply=f"{component}-{origin}",
        component=component,
        origin=origin,
        brand=origin,
        capacity_per_month=1000,
        basis=ASSUMED,
        pillar="hardware",
        ranges={},
    )


def chain() -> Tables:
    """Ore is mined and made into parts abroad; screws pass two hubs; toys come complete."""
    categories = {"ore": "raw", "part": "raw", "oil": "raw", "screw": "metal"}
    supplies = (
        supply("ore", "MINE"),
        supply("screw", "MINE"),
        supply("oil", "WORKS"),
        supply("toy", "MINE"),
    )
    lanes = (
        lane("MINE", "WORKS", "raw"),
        lane("WORKS", "HOME", "raw"),
        lane("MINE", "PORT", "metal", "system"),
        lane("PORT", "GATE", "metal", "system"),
        lane("GATE", "HOME", "metal", "system"),
    )
    return Tables(
        settings=Settings(id="chain", title="Chain", destination="HOME"),
        places={key: Place(place=key) for key in ("MINE", "WORKS", "PORT", "GATE", "HOME")},
        components={
            key: Component(component=key, category=category, value_usd=2, basis=ASSUMED, ranges={})
            for key, category in categories.items()
        },
        systems={
            key: System(system=key, target_per_month=100, value_usd=10, basis=ASSUMED, ranges={})
            for key in ("kit", "toy")
        },
        requirements=(
            requirement("part", "ore", 3),
            requirement("part", "oil", 1),
            requirement("kit", "part", 1),
            requirement("kit", "screw", 2),
        ),
        supplies={row.supply: row for row in supplies},
        lanes={row.lane: row for row in lanes},
        plants={
            "works": Plant(
                plant="works",
                place="WORKS",
                product="part",
                brand="WORKS",
                basis=ASSUMED,
                ranges={},
            )
        },
        stocks=(Stock(place="HOME", component="screw", quantity=5, basis=ASSUMED, ranges={}),),
    )


SCREWS_STOPPED = Scenario(
    id="screws-stopped",
    measures=(
        Measure(
            id="screws",
            where=Selector(table="lanes", lane=("GATE-HOME",), component=("screw",)),
            cut=Uncertain(low=1, central=1, high=1),
        ),
    ),
)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compare(Case(chain(), (SCREWS_STOPPED,)))


@pytest.fixture(scope="module")
def picture(comparison: Comparison) -> Drawing:
    return drawing(comparison)


def edge(picture: Drawing, start: str, end: str) -> Edge:
    return next(row for row in picture.edges if (row.start, row.end) == (start, end))


def near(values: Array, *expected: float) -> bool:
    return bool(np.allclose(values, expected, rtol=1e-5, atol=1e-4))


def test_columns_stand_in_the_order_of_the_flow(picture: Drawing) -> None:
    kinds = [column[0].partition(":")[0] for column in picture.columns]
    assert kinds == ["origin", "hub", "component", "product", "system"]


def test_screws_pass_both_hubs(picture: Drawing) -> None:
    assert near(edge(picture, "hub:PORT", "hub:GATE").usd[:1], 200 * 2 + 100 * 10)
    assert near(edge(picture, "hub:GATE", "component:screw").amount, 200, 0)
    assert "origin:MINE" in picture.columns[0]


def test_what_is_cut_on_a_lane_is_cut_for_that_good_alone(picture: Drawing) -> None:
    assert near(edge(picture, "hub:GATE", "component:screw").open, 1, 0)
    assert near(edge(picture, "hub:GATE", "system:toy").open, 1, 1)


def test_goods_for_a_plant_abroad_are_drawn_from_the_place_where_it_stands(
    picture: Drawing,
) -> None:
    assert near(edge(picture, "hub:WORKS", "component:ore").amount, 300, 0)
    assert near(edge(picture, "origin:MINE", "hub:WORKS").usd, 600, 0)


def test_what_is_supplied_beside_a_plant_abroad_needs_no_hub(picture: Drawing) -> None:
    assert near(edge(picture, "origin:WORKS", "component:oil").amount, 100, 0)


def test_what_is_made_abroad_comes_from_its_components(picture: Drawing) -> None:
    assert near(edge(picture, "component:ore", "product:part").amount, 300, 0)
    assert near(edge(picture, "product:part", "system:kit").amount, 100, 0)
    assert near(picture.nodes["product:part"].amount, 100, 0)
    assert {"plant:works", "lane:WORKS-HOME"} <= set(picture.nodes["product:part"].records)


def test_a_system_may_come_complete(picture: Drawing) -> None:
    assert near(edge(picture, "hub:GATE", "system:toy").amount, 100, 100)
    assert near(picture.nodes["system:toy"].amount, 100, 100)


def test_stocks_stand_among_the_records_of_what_they_hold(picture: Drawing) -> None:
    assert "stock:HOME/screw/" in picture.nodes["component:screw"].records


def test_width_is_told_against_what_passes_in_the_baseline(picture: Drawing) -> None:
    assert edge(picture, "hub:GATE", "component:screw").scale == pytest.approx(200)
    largest = max(row.usd[0] for row in picture.edges if row.end.startswith("hub:"))
    assert edge(picture, "origin:MINE", "hub:PORT").scale == pytest.approx(largest)


def test_elements_that_cannot_contribute_are_not_drawn() -> None:
    tables = chain()
    astray = lane("GATE", "NOWHERE")
    wider = replace(
        tables,
        lanes={**tables.lanes, astray.lane: astray},
        places={**tables.places, "NOWHERE": Place(place="NOWHERE")},
    )
    found = compare(Case(wider, ()))
    assert astray.element in found.pruned
    assert "hub:NOWHERE" not in drawing(found).nodes
