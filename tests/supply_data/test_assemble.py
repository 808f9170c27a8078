"""Rows without files: what the checks between rows say of the smallest networks."""

import dataclasses
import pickle
from collections.abc import Sequence
from typing import Any

import pytest

from supply_data import BadTablesError, Fault, Tables, assemble
from supply_data.schema import (
    Basis,
    Component,
    Lane,
    Pillar,
    Place,
    Plant,
    Programme,
    Range,
    Requirement,
    Row,
    Settings,
    Source,
    Stock,
    Supply,
    System,
    Target,
)

SETTINGS = Settings(id="tiny", title="Two places, one lamp", destination="ISLE")
A: dict[str, Any] = {"basis": Basis.ASSUMED}


def rows(**changed: Sequence[Row]) -> dict[str, Sequence[Row]]:
    """Return a lamp of two chips that come over one limited lane, with some tables replaced."""
    return {
        "places": [Place(place="ALPHA"), Place(place="ISLE")],
        "components": [Component(component="chip", value_usd=4, **A)],
        "systems": [System(system="lamp", target_per_month=5, **A)],
        "requirements": [Requirement(product="lamp", slot="a", component="chip", quantity=2, **A)],
        "supplies": [Supply(supply="s", component="chip", origin="ALPHA", brand="ALPHA", **A)],
        "lanes": [
            Lane(lane="l", from_place="ALPHA", to_place="ISLE", capacity_usd_per_month=9, **A)
        ],
        **changed,
    }


def faults(**changed: Sequence[Row]) -> list[Fault]:
    with pytest.raises(BadTablesError) as caught:
        assemble(SETTINGS, rows(**changed))
    assert all(fault.remedy and fault.row is None for fault in caught.value.faults)
    return list(caught.value.faults)


def only(**changed: Sequence[Row]) -> tuple[str, str | None, str | None, str]:
    (fault,) = faults(**changed)
    return fault.file, fault.column, fault.value, fault.rule


def need(product: str, component: str, slot: str = "a", *, max_fill: float = 1.0) -> Requirement:
    """Return a requirement of one component a unit."""
    return Requirement(
        product=product, slot=slot, component=component, quantity=1, max_fill=max_fill, **A
    )


def test_a_clean_network_has_no_warnings_and_keeps_the_hash() -> None:
    tables = assemble(SETTINGS, rows(), sha256="abc")
    assert tables.warnings == ()
    assert tables.sha256 == "abc"


def test_tables_are_frozen() -> None:
    tables = assemble(SETTINGS, rows())
    with pytest.raises(dataclasses.FrozenInstanceError):
        tables.sha256 = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        tables.places["X"] = Place(place="X")  # type: ignore[index]


def test_the_rows_passed_in_are_not_changed() -> None:
    given = rows()
    before = pickle.dumps(given)
    assemble(SETTINGS, given)
    assert pickle.dumps(given) == before


def test_a_system_is_worth_its_first_choices() -> None:
    tables = assemble(
        SETTINGS,
        rows(
            components=[
                Component(component="chip", value_usd=4, **A),
                Component(component="gold chip", value_usd=4000, **A),
            ],
            requirements=[
                Requirement(product="lamp", slot="a", component="chip", quantity=2, **A),
                Requirement(product="lamp", slot="a", component="gold chip", quantity=2, **A),
                Requirement(product="lamp", slot="b", component="chip", quantity=0.5, **A),
            ],
        ),
    )
    assert tables.systems["lamp"].value_usd == 2 * 4 + 0.5 * 4


def test_a_stated_value_or_pillar_or_brand_stays() -> None:
    tables = assemble(
        SETTINGS,
        rows(
            systems=[System(system="lamp", target_per_month=5, value_usd=77, **A)],
            supplies=[
                Supply(supply="s", component="chip", origin="ALPHA", pillar="training", **A),
                Supply(supply="t", component="lamp", origin="ALPHA", **A),
            ],
            plants=[Plant(plant="p", place="ISLE", product="lamp", brand="ALPHA", **A)],
            stocks=[Stock(place="ISLE", component="lamp", **A)],
        ),
    )
    assert tables.systems["lamp"].value_usd == 77
    assert tables.supplies["s"].pillar is Pillar.TRAINING
    assert tables.supplies["t"].pillar is Pillar.HARDWARE
    assert tables.plants["p"].brand == "ALPHA"
    assert (tables.stocks[0].pillar, tables.stocks[0].brand) == (Pillar.HARDWARE, None)


@pytest.mark.parametrize("value", [None, 0])
def test_a_good_on_a_limited_lane_needs_a_value(value: float | None) -> None:
    file, column, _, rule = only(components=[Component(component="chip", value_usd=value, **A)])
    assert (file, column) == ("components.csv", "value_usd")
    assert "limited in USD ('l')" in rule


@pytest.mark.parametrize(
    "lane",
    [
        pytest.param({"carries": ("people",), "capacity_usd_per_month": 9}, id="carries-others"),
        pytest.param({"capacity_usd_per_month": None}, id="no-limit"),
        pytest.param(
            {"from_place": "ISLE", "to_place": "ALPHA", "carries": ("system",)}, id="not-there"
        ),
    ],
)
def test_a_good_that_travels_no_limited_lane_needs_none(lane: dict[str, Any]) -> None:
    straight = {"lane": "l", "from_place": "ALPHA", "to_place": "ISLE"}
    changed = rows(
        components=[Component(component="chip", **A)],
        lanes=[Lane(**{**A, **straight, **lane})],
    )
    assert assemble(SETTINGS, changed).components["chip"].value_usd is None


def test_a_good_is_followed_over_lanes_without_limit() -> None:
    changed = rows(
        places=[Place(place=name) for name in ("ALPHA", "HUB", "ISLE")],
        components=[Component(component="chip", **A)],
        lanes=[
            Lane(lane="first", from_place="ALPHA", to_place="HUB", **A),
            Lane(lane="last", from_place="HUB", to_place="ISLE", capacity_usd_per_month=1, **A),
        ],
    )
    assert "('last')" in only(**changed)[3]


def test_a_finished_system_without_value_is_refused_on_a_limited_lane() -> None:
    plants = [Plant(plant="p", place="ALPHA", product="lamp", **A)]
    told = faults(components=[Component(component="chip", **A)], plants=plants)
    assert [(fault.file, fault.column) for fault in told] == [
        ("components.csv", "value_usd"),
        ("systems.csv", "value_usd"),
    ]


@pytest.mark.parametrize(
    ("changed", "wanted"),
    [
        pytest.param(
            {"targets": [Target(set="plan", system="lmap", target_per_month=1, **A)]},
            ("targets.csv", "system", "lmap"),
            id="target",
        ),
        pytest.param(
            {"stocks": [Stock(place="ISLE", component="chop", **A)]},
            ("stocks.csv", "component", "chop"),
            id="stock-component",
        ),
        pytest.param(
            {"stocks": [Stock(place="ISEL", component="chip", **A)]},
            ("stocks.csv", "place", "ISEL"),
            id="stock-place",
        ),
        pytest.param(
            {"stocks": [Stock(place="ISLE", component="chip", brand="ALPAH", **A)]},
            ("stocks.csv", "brand", "ALPAH"),
            id="stock-brand",
        ),
        pytest.param(
            {"plants": [Plant(plant="p", place="Isle", product="lamp", **A)]},
            ("plants.csv", "place", "Isle"),
            id="plant-place",
        ),
        pytest.param(
            {"plants": [Plant(plant="p", place="ISLE", product="lamp", programme="n", **A)]},
            ("plants.csv", "programme", "n"),
            id="programme",
        ),
        pytest.param(
            {"programmes": [Programme(programme="n", source_ids=("S1", "S2"), **A)]}
            | {"sources": [Source(source="S1")]},
            ("programmes.csv", "source_ids", "S1;S2"),
            id="source",
        ),
        pytest.param(
            {
                "supplies": [
                    Supply(supply="s", component="chip", origin="ALPHA", reach=("XX",), **A)
                ]
            },
            ("supplies.csv", "reach", "XX"),
            id="reach",
        ),
        pytest.param(
            {"requirements": [need("lamp", "chip"), need("lamp", "lamp2", "b")]},
            ("requirements.csv", "component", "lamp2"),
            id="requirement",
        ),
    ],
)
def test_a_name_that_leads_nowhere_is_refused(
    changed: dict[str, Sequence[Row]], wanted: tuple[str, str, str]
) -> None:
    assert only(**changed)[:3] == wanted


def test_the_remedy_names_the_nearest() -> None:
    (fault,) = faults(plants=[Plant(plant="p", place="Isle", product="lamp", **A)])
    assert "Write 'ISLE': it differs only in case" in fault.remedy


def test_many_unknown_names_are_all_told() -> None:
    supplies = [
        Supply(supply=f"s{n}", component=f"x{n}", origin="ALPHA", brand=f"B{n}", **A)
        for n in range(300)
    ]
    told = faults(supplies=supplies)
    assert len(told) == 600
    assert sum("Check the spelling" in fault.remedy for fault in told) == 400


def test_the_destination_is_a_place() -> None:
    with pytest.raises(BadTablesError, match=r"destination, value 'ISEL'.*Did you mean 'ISLE'\?"):
        assemble(Settings(id="x", title="x", destination="ISEL"), rows())


def test_nothing_at_all_is_refused() -> None:
    with pytest.raises(BadTablesError) as caught:
        assemble(SETTINGS, {})
    assert {fault.file for fault in caught.value.faults} == {"dataset.yaml", "systems.csv"}


@pytest.mark.parametrize("name", ["lamp", "Lamp"])
def test_a_name_has_one_meaning(name: str) -> None:
    components = [Component(component=n, value_usd=4, **A) for n in ("chip", name)]
    assert only(components=components)[:3] == ("systems.csv", "system", "lamp")


def test_the_category_of_systems_is_theirs() -> None:
    components = [Component(component="chip", value_usd=4, category="system", **A)]
    assert only(components=components)[:3] == ("components.csv", "category", "system")


def test_a_stock_has_one_row_for_each_place_component_and_brand() -> None:
    stocks = [Stock(place="ISLE", component="chip", quantity=n, **A) for n in (1, 2)]
    assert only(stocks=stocks)[0] == "stocks.csv"
    other = Stock(place="ISLE", component="chip", brand="ALPHA", **A)
    assert len(assemble(SETTINGS, rows(stocks=[stocks[0], other])).stocks) == 2


def test_a_product_is_no_part_of_itself() -> None:
    parts = [need("lamp", "chip"), need("chip", "chip")]
    told = faults(requirements=parts, plants=[Plant(plant="p", place="ISLE", product="chip", **A)])
    assert [(fault.column, fault.value) for fault in told] == [("component", "chip")]


def test_every_cycle_is_told_alternatives_included() -> None:
    names = ("chip", "b", "c", "d")
    told = faults(
        components=[Component(component=name, value_usd=1, **A) for name in names],
        requirements=[
            need("lamp", "chip"),
            need("chip", "d"),
            need("chip", "b"),
            need("b", "chip"),
            need("c", "d"),
            need("d", "c"),
        ],
        plants=[Plant(plant=name, place="ISLE", product=name, **A) for name in names],
    )
    assert len(told) == 2
    assert all("form a cycle" in fault.rule for fault in told)


def test_a_slot_that_stays_open_is_refused() -> None:
    parts = [need("lamp", "chip", max_fill=0.6)]
    assert "filled to 0.6 at most" in only(requirements=parts)[3]


def test_alternatives_fill_a_slot_together() -> None:
    components = [Component(component=n, value_usd=4, **A) for n in ("chip", "b", "c")]
    parts = [need("lamp", n, max_fill=f) for n, f in (("chip", 0.1), ("b", 0.2), ("c", 0.7))]
    assert assemble(SETTINGS, rows(components=components, requirements=parts)).requirements


def test_a_plant_needs_a_recipe() -> None:
    plants = [Plant(plant="p", place="ALPHA", product="chip", **A)]
    assert only(plants=plants)[:3] == ("plants.csv", "product", "chip")


def test_a_made_component_needs_a_plant_and_a_system_does_not() -> None:
    components = [Component(component=n, value_usd=4, **A) for n in ("chip", "wafer")]
    parts = [need("lamp", "chip"), need("chip", "wafer")]
    told = only(components=components, requirements=parts)
    assert told[:3] == ("requirements.csv", "product", "chip")


def shares(*limits: tuple[float | None, float | None]) -> dict[str, Sequence[Row]]:
    names = ("lamp", "pump", "tent")[: len(limits)]
    return {
        "systems": [
            System(system=n, target_per_month=1, min_share=low, max_share=high, **A)
            for n, (low, high) in zip(names, limits, strict=True)
        ],
        "requirements": [need(name, "chip") for name in names],
    }


def test_shares_of_the_mix_that_cannot_hold_are_refused() -> None:
    assert "above max_share (0.2)" in only(**shares((0.3, 0.2), (None, None)))[3]
    assert "sum to 1.1, above 1" in only(**shares((0.5, None), (0.6, None)))[3]
    assert "sum to 0.9, below 1" in only(**shares((None, 0.5), (None, 0.4)))[3]


def test_shares_of_the_mix_may_sum_to_one() -> None:
    tables = assemble(SETTINGS, rows(**shares((0.1, 0.1), (0.2, 0.2), (0.7, 0.7))))
    assert len(tables.warnings) == 3


def test_one_system_alone_stops_no_other() -> None:
    assert assemble(SETTINGS, rows(**shares((0.5, None)))).warnings == ()


def test_a_range_holds_its_figure() -> None:
    chip = Component(component="chip", value_usd=4, ranges={"value_usd": Range(5, 6)}, **A)
    assert only(components=[chip])[:2] == ("components.csv", "value_usd")


def test_a_figure_from_code_is_finite() -> None:
    for figure in (float("inf"), float("nan"), 1e18):
        with pytest.raises(ValueError, match="too large to be meant"):
            Supply(supply="s", component="chip", origin="ALPHA", capacity_per_month=figure, **A)


def test_a_country_without_a_row_is_told_once() -> None:
    supplies = [
        Supply(supply=name, component="chip", origin="ALPHA", brand="USA", reach=("NLD",), **A)
        for name in ("s", "t")
    ]
    told = [fault.rule for fault in assemble(SETTINGS, rows(supplies=supplies)).warnings]
    assert [rule[:5] for rule in told] == ["'USA'", "'NLD'"]


def test_what_reading_found_is_told_with_the_rest_in_the_order_of_the_files() -> None:
    late = Fault("sources.csv", 2, "kind", "x", "rule", "Remedy")
    early = Fault("places.csv", 7, "name", "x", "rule", "Remedy")
    lanes = [Lane(lane="l", from_place="ALPHA", to_place="ALPHA", **A)]
    with pytest.raises(BadTablesError) as caught:
        assemble(SETTINGS, rows(lanes=lanes), faults=[late, early])
    assert [f.file for f in caught.value.faults] == ["places.csv", "lanes.csv", "sources.csv"]


def test_names_in_an_unread_table_are_not_judged() -> None:
    fault = Fault("places.csv", 2, "place", "a/b", "rule", "Remedy")
    with pytest.raises(BadTablesError) as caught:
        assemble(SETTINGS, rows(places=[]), faults=[fault], unread=frozenset({"places"}))
    assert caught.value.faults == (fault,)


def test_tables_answer_what_other_rooms_ask() -> None:
    tables: Tables = assemble(
        SETTINGS, rows(places=[Place(place="ALPHA", blocs=("CLUB",)), Place(place="ISLE")])
    )
    assert tables.category("lamp") == "system"
    assert tables.category("chip") == "component"
    assert tables.value_usd("chip") == 4
    assert tables.blocs("ALPHA") == ("CLUB",)
    assert tables.blocs(None) == tables.blocs("nowhere") == ()
