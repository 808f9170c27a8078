"""What measures are aimed at: elements to limit, and goods on lanes to stop."""

from collections.abc import Callable

import pytest

from analyzer.network.aim import Aim, aim, consecutive
from analyzer.network.goods import Good
from scenarios.schema import BadScenarioError, Measure, ScenarioFault
from supply_data import load
from supply_data.schema import Tables

MakeMeasure = Callable[..., Measure]

CHIP_EAST = Good("chip", "EAST", ("WEST",))
CHIP_WEST = Good("chip", "EAST", ())
CHIP_HELD = Good("chip", "WEST", ())
CAMERA = Good("camera", "EAST", ())
CAMERA_HELD = Good("camera", None, ())
BODY = Good("body", "WEST", ())


def elements(tables: Tables, measure: MakeMeasure, **where: object) -> tuple[str, ...]:
    found = aim(tables, measure(where=where))
    assert found.goods == ()
    return found.elements


def refused(tables: Tables, measure: Measure) -> tuple[ScenarioFault, ...]:
    with pytest.raises(BadScenarioError) as caught:
        aim(tables, measure, file="s.yaml")
    assert all(fault.file == "s.yaml" for fault in caught.value.faults)
    return caught.value.faults


@pytest.mark.parametrize(
    ("where", "matched"),
    [
        ({"supply": "chip-east"}, ["chip-east"]),
        ({"component": ["chip", "crew"]}, ["chip-east", "chip-west", "school"]),
        ({"category": "machinery"}, ["body-west"]),
        ({"pillar": "training"}, ["school"]),
        ({"tier": "3"}, ["chip-east", "chip-west"]),
        ({"tier": "3.A"}, ["chip-east", "chip-west"]),
        ({"hs6": "8542*"}, ["chip-east", "chip-west"]),
        ({"hs6": "85*"}, ["camera-east", "chip-east", "chip-west"]),
        ({"hs6": "841191"}, ["body-west"]),
        ({"origin": "EAST"}, ["camera-east", "chip-east"]),
        ({"origin_bloc": "UNION"}, ["body-west", "chip-west"]),
        ({"brand": "EAST"}, ["camera-east", "chip-east", "chip-west"]),
        ({"brand_bloc": "UNION"}, ["body-west"]),
        ({"reach": "WEST"}, ["chip-east"]),
        ({"channel": "state"}, ["chip-west", "school"]),
        ({"programme": "boost"}, ["body-west", "chip-west"]),
        ({"origin": "WEST", "brand": "EAST"}, ["chip-west"]),
        ({"origin": "EAST", "except": {"tier": "1"}}, ["chip-east"]),
        ({"any": [{"tier": "1"}, {"reach": "WEST"}]}, ["camera-east", "chip-east"]),
    ],
)
def test_supplies_are_matched_by_each_key(
    fork: Tables, measure: MakeMeasure, where: dict[str, object], matched: list[str]
) -> None:
    found = elements(fork, measure, table="supplies", **where)
    assert found == tuple(f"supply:{name}" for name in matched)


@pytest.mark.parametrize(
    ("where", "matched"),
    [
        ({"plant": "pump-works"}, ["pump-works"]),
        ({"place": "END"}, ["lamp-works", "pump-works"]),
        ({"product": "lamp"}, ["lamp-works"]),
        ({"channel": "civil"}, ["lamp-works"]),
        ({"programme": "boost"}, ["pump-works"]),
    ],
)
def test_plants_are_matched_by_each_key(
    fork: Tables, measure: MakeMeasure, where: dict[str, object], matched: list[str]
) -> None:
    found = elements(fork, measure, table="plants", **where)
    assert found == tuple(f"plant:{name}" for name in matched)


@pytest.mark.parametrize(
    ("where", "matched"),
    [
        ({"place": "END"}, ["END/camera/", "END/chip/EAST"]),
        ({"component": "chip"}, ["END/chip/EAST", "HUB/chip/WEST"]),
        ({"brand": "EAST"}, ["END/chip/EAST"]),
    ],
)
def test_stocks_are_matched_by_each_key(
    fork: Tables, measure: MakeMeasure, where: dict[str, object], matched: list[str]
) -> None:
    found = elements(fork, measure, table="stocks", **where)
    assert found == tuple(f"stock:{name}" for name in matched)


@pytest.mark.parametrize(
    ("where", "matched"),
    [
        ({"lane": "hub-end"}, ["hub-end"]),
        ({"from_place": "EAST"}, ["east-hub"]),
        ({"to_place": "HUB"}, ["east-hub"]),
        ({"from_bloc": "CLUB", "to_place": "HUB"}, ["east-hub"]),
        ({"from_place": ["EAST", "HUB"], "except": {"to_place": "END"}}, ["east-hub"]),
    ],
)
def test_lanes_of_known_capacity_are_matched_whole_without_goods_keys(
    fork: Tables, measure: MakeMeasure, where: dict[str, object], matched: list[str]
) -> None:
    found = elements(fork, measure, table="lanes", **where)
    assert found == tuple(f"lane:{name}" for name in matched)


@pytest.mark.parametrize(
    ("where", "matched"),
    [
        ({"component": "chip"}, {CHIP_EAST, CHIP_WEST, CHIP_HELD}),
        ({"brand": "EAST"}, {CHIP_EAST, CHIP_WEST, CAMERA}),
        ({"brand_bloc": "UNION"}, {CHIP_HELD, BODY}),
        ({"reach": "WEST"}, {CHIP_EAST}),
        ({"tier": "1"}, {CAMERA, CAMERA_HELD}),
        ({"hs6": "8411*"}, {BODY}),
        ({"pillar": "partnership"}, {BODY}),
        ({"category": "system"}, {Good("lamp", "END", ()), Good("pump", "END", ())}),
        ({"category": "electronics", "except": {"brand": "EAST"}}, {CHIP_HELD, CAMERA_HELD}),
    ],
)
def test_goods_keys_on_lanes_stop_goods(
    fork: Tables, measure: MakeMeasure, where: dict[str, object], matched: set[Good]
) -> None:
    found = aim(fork, measure(where={"table": "lanes", "lane": "hub-end", **where}))
    assert found.elements == ()
    assert set(found.goods) == {("lane:hub-end", good) for good in matched}


def test_an_exception_by_goods_is_a_goods_key_on_lanes_of_known_capacity(
    fork: Tables, measure: MakeMeasure
) -> None:
    where = {"table": "lanes", "lane": "east-hub", "except": {"category": "electronics"}}
    found = aim(fork, measure(where=where))
    assert found.elements == ()
    assert {good.item for _, good in found.goods} == {"body", "crew", "lamp", "pump"}


def test_a_lane_of_unknown_capacity_is_matched_good_by_good(
    fork: Tables, measure: MakeMeasure
) -> None:
    found = aim(fork, measure(where={"table": "lanes", "from_place": "WEST"}))
    assert found.elements == ()
    assert {lane for lane, _ in found.goods} == {"lane:west-end"}
    assert {good.item for _, good in found.goods} == {
        "body", "camera", "chip", "crew", "lamp", "pump"
    }  # fmt: skip


def test_one_selector_may_aim_at_known_and_unknown_lanes(
    fork: Tables, measure: MakeMeasure
) -> None:
    found = aim(fork, measure(where={"table": "lanes", "to_place": "END"}))
    assert found.elements == ("lane:hub-end",)
    assert {lane for lane, _ in found.goods} == {"lane:west-end"}


def test_goods_are_stopped_only_on_lanes_that_carry_them(measure: MakeMeasure) -> None:
    found = aim(load("tutorial"), measure(where={"table": "lanes", "to_place": "ISLE"}))
    assert found.elements == ("lane:gamma-isle", "lane:hub-isle")
    assert {good.item for _, good in found.goods} == {"chip", "chip_basic"}


def test_any_may_reach_across_tables(fork: Tables, measure: MakeMeasure) -> None:
    where = {
        "any": [
            {"table": "supplies", "origin": "EAST"},
            {"table": "lanes", "from_place": "HUB", "tier": "3"},
            {"table": "plants", "product": "pump"},
            {"table": "stocks", "place": "HUB"},
        ]
    }
    found = aim(fork, measure(where=where))
    assert found.elements == (
        "plant:pump-works",
        "stock:HUB/chip/WEST",
        "supply:camera-east",
        "supply:chip-east",
    )
    assert {lane for lane, _ in found.goods} == {"lane:hub-end"}
    assert {good.item for _, good in found.goods} == {"chip"}


def test_keys_and_exceptions_around_any_hold_in_each_table(
    fork: Tables, measure: MakeMeasure
) -> None:
    where = {
        "component": ["chip", "body"],
        "any": [{"table": "supplies"}, {"table": "lanes", "lane": "hub-end"}],
        "except": {"brand": "EAST"},
    }
    found = aim(fork, measure(where=where))
    assert found.elements == ("supply:body-west",)
    assert set(found.goods) == {("lane:hub-end", BODY), ("lane:hub-end", CHIP_HELD)}


def test_a_lane_matched_whole_and_by_goods_in_one_measure_is_cut_once(
    fork: Tables, measure: MakeMeasure
) -> None:
    where = {"table": "lanes", "any": [{"from_place": "HUB"}, {"tier": "1"}]}
    found = aim(fork, measure(where=where))
    assert found.elements == ("lane:hub-end",)
    assert {lane for lane, _ in found.goods} == {"lane:east-hub", "lane:west-end"}


def test_what_is_not_modelled_is_aimed_at_nothing(fork: Tables, measure: MakeMeasure) -> None:
    why = "no airships here"
    assert aim(fork, measure(where={"table": "lanes"}, not_modelled=why)) == Aim()
    assert aim(fork, Measure.model_validate({"id": "m", "not_modelled": why})) == Aim()
    assert not Aim()


@pytest.mark.parametrize(
    ("where", "key", "hint"),
    [
        ({"table": "supplies", "supply": "chip-eats"}, "supply", "'chip-east'"),
        ({"table": "supplies", "component": "cihp"}, "component", "'chip'"),
        ({"table": "supplies", "category": "electronic"}, "category", "'electronics'"),
        ({"table": "supplies", "pillar": "trainings"}, "pillar", "did you mean 'training'?"),
        ({"table": "supplies", "channel": "civilian"}, "channel", "did you mean 'civil'?"),
        ({"table": "supplies", "programme": "bost"}, "programme", "'boost'"),
        ({"table": "supplies", "origin": "EATS"}, "origin", "'EAST'"),
        ({"table": "supplies", "brand_bloc": "CLUBS"}, "brand_bloc", "'CLUB'"),
        ({"table": "lanes", "lane": "hub-ends"}, "lane", "'hub-end'"),
        ({"table": "lanes", "to_place": "HBU"}, "to_place", "'HUB'"),
        ({"table": "plants", "product": "pumps"}, "product", "'pump'"),
        ({"table": "plants", "plant": "pump-work"}, "plant", "'pump-works'"),
        ({"table": "stocks", "place": "ENDE"}, "place", "'END'"),
        ({"table": "supplies", "tier": "5"}, "tier", "known: 1, 3, 3.A"),
    ],
)
def test_a_name_that_exists_nowhere_is_refused_with_the_nearest(
    fork: Tables, measure: MakeMeasure, where: dict[str, object], key: str, hint: str
) -> None:
    (fault,) = refused(fork, measure(where=where))
    assert fault.column == key
    assert "of this name exists" in fault.rule
    assert hint in fault.remedy


def test_names_inside_any_and_except_are_checked_and_all_are_told(
    fork: Tables, measure: MakeMeasure
) -> None:
    where = {
        "table": "supplies",
        "any": [{"origin": "EATS"}, {"brand": "WETS"}],
        "except": {"component": "cihp"},
    }
    faults = refused(fork, measure(where=where))
    assert {fault.value for fault in faults} == {"EATS", "WETS", "cihp"}


def test_a_long_list_of_known_names_is_cut_short(measure: MakeMeasure) -> None:
    where = {"table": "supplies", "component": "zzzzzz"}
    (fault,) = refused(load("russia-uas"), measure(where=where))
    assert "and" in fault.remedy
    assert fault.remedy.endswith("more")


def test_nothing_is_known_of_a_table_that_is_empty(measure: MakeMeasure) -> None:
    (fault,) = refused(load("tutorial"), measure(where={"table": "supplies", "programme": "boost"}))
    assert fault.remedy == "known: none"


def test_codes_and_places_that_exist_elsewhere_are_counted(
    fork: Tables, measure: MakeMeasure
) -> None:
    where = {
        "table": "supplies",
        "any": [{"hs6": ["854231", "880211", "99*"]}, {"origin": "DEU"}, {"tier": ["2", "4.B"]}],
    }
    found = aim(fork, measure(where=where))
    assert found.absent == ("2", "4.B", "880211", "99*", "DEU")
    assert found.elements == ("supply:chip-east", "supply:chip-west")


def test_a_prefix_of_a_code_in_the_dataset_is_not_absent(
    fork: Tables, measure: MakeMeasure
) -> None:
    assert aim(fork, measure(where={"table": "supplies", "hs6": "84*"})).absent == ()


@pytest.mark.parametrize(
    "where",
    [
        {"table": "supplies", "origin": "HUB"},
        {"table": "supplies", "origin": "EAST", "except": {"brand": "EAST"}},
        {"table": "lanes", "lane": "east-hub", "brand": "HUB"},
        {"table": "stocks", "brand": "END"},
    ],
)
def test_a_measure_that_matches_nothing_is_refused(
    fork: Tables, measure: MakeMeasure, where: dict[str, object]
) -> None:
    (fault,) = refused(fork, measure(where=where))
    assert "matches nothing" in fault.rule
    assert "not_modelled" in fault.remedy


def test_the_refusal_names_what_is_not_in_the_dataset(fork: Tables, measure: MakeMeasure) -> None:
    (fault,) = refused(fork, measure(where={"table": "supplies", "origin": ["DEU", "FRA"]}))
    assert "DEU, FRA not in this dataset" in fault.rule


def test_a_malformed_selector_made_in_code_is_refused_like_one_in_a_file(
    fork: Tables, measure: MakeMeasure
) -> None:
    where = {"table": "supplies", "any": [{"hs6": "8542"}, {"lane": "hub-end"}]}
    faults = refused(fork, measure(where=where))
    assert [fault.column for fault in faults] == ["any.0.hs6.0", "any.1.lane"]


def test_an_unknown_brand_is_matched_by_no_brand_key(fork: Tables, measure: MakeMeasure) -> None:
    brands = ["EAST", "WEST", "HUB", "END"]
    assert "supply:school" in elements(
        fork, measure, table="supplies", **{"except": {"brand": brands}}
    )
    assert "supply:school" not in elements(fork, measure, table="supplies", brand=brands)


def test_lanes_that_follow_each_other_are_told_where_both_lose_the_same_good(
    fork: Tables, measure: MakeMeasure
) -> None:
    both = aim(fork, measure(where={"table": "lanes", "brand": "EAST"}))
    assert consecutive(fork, both) == (("lane:east-hub", "lane:hub-end"),)
    apart = aim(
        fork,
        measure(
            where={
                "table": "lanes",
                "any": [
                    {"lane": "east-hub", "component": "chip"},
                    {"lane": "hub-end", "component": "camera"},
                ],
            }
        ),
    )
    assert consecutive(fork, apart) == ()
