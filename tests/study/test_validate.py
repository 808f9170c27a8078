from dataclasses import replace
from math import isnan, nan
from typing import Any

import pandas as pd
import pytest

from analyzer.network.case import Case
from analyzer.programme.solution import Solution
from analyzer.study.validate import COLUMNS, Verdict, validate, verdict
from scenarios.schema import Scenario
from supply_data.observed import Observation
from supply_data.schema import Range, Tables
from tests.networks_by_hand import (
    END,
    START,
    chokepoint,
    dataset,
    lane,
    need,
    supply,
    system,
    two_brands,
)


def seen(figure: str, reported: float | None = 0, **more: Any) -> Observation:  # noqa: ANN401 - cells
    ranges = {"reported": Range(more.pop("low", None), more.pop("high", None))}
    columns = {"observation": "one", "what": "One thing", "figure": figure, "reported": reported}
    return Observation.model_validate({**columns, "ranges": ranges, **more})


def half(**where: object) -> Scenario:
    measure = {"id": "half", "where": where, "cut": 0.5}
    return Scenario.model_validate({"id": "half", "measures": [measure]})


def model(tables: Tables, observation: Observation, **scenarios: Scenario) -> float:
    """Return what the model gives for one observation."""
    frame = validate(Case(tables), [observation], scenarios=scenarios)
    return float(frame["model"].iloc[0])


# --- what the model gives, by hand


def test_a_share_of_brands_is_that_of_the_published_flow() -> None:
    red = seen("share", flow="supplies", brand=("RED",), share_of="brand")
    assert model(two_brands(), red) == pytest.approx(60)


def test_a_share_of_lanes_is_that_of_what_arrives() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("west", "part", "WEST", 75),
        supply("east", "part", "EAST", 25),
        lane("WEST", END, 1000),
        lane("EAST", END, 1000),
    )
    west = seen("share", from_place=("WEST",), to_place=(END,), share_of="from_place")
    assert model(tables, west) == pytest.approx(75)
    halved = half(table="lanes", from_place=["WEST"], component=["part"])
    under = west.model_copy(update={"scenario": "half"})
    # 37.5 of the 75 parts sent arrive from the west, and 25 from the east
    assert model(tables, under, half=halved) == pytest.approx(60)


def test_a_change_is_relative_and_counts_what_arrives() -> None:
    tables = two_brands()
    into = seen("change", to_place=(END,), scenario="half")
    red = half(table="lanes", brand=["RED"])
    # 30 of 60 red parts arrive, and all 40 blue ones
    assert model(tables, into, half=red) == pytest.approx(-30)
    supplies = seen("change", flow="supplies", brand=("BLUE",), scenario="half")
    assert model(tables, supplies, half=half(table="supplies", brand=["BLUE"])) == pytest.approx(
        -50
    )


def test_at_once_the_goods_are_sent_as_before() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("west", "part", "WEST", 120),
        supply("east", "part", "EAST", 120),
        lane("WEST", END, 60),
        lane("EAST", END, 60),
    )
    west = seen("change", from_place=("WEST",), to_place=(END,), scenario="half")
    scenario = half(table="lanes", from_place=["WEST"], component=["part"])
    frame = validate(Case(tables), [west], scenarios={"half": scenario})
    # about 50 are sent each way before; then 60, of which 30 arrive
    assert frame["at_once"].iloc[0] == pytest.approx(-50)
    assert frame["model"].iloc[0] == pytest.approx(-40, abs=2)
    elsewhere = seen("change", from_place=("EAST",), to_place=(END,), scenario="half")
    frame = validate(Case(tables), [elsewhere], scenarios={"half": scenario})
    assert frame["at_once"].iloc[0] == pytest.approx(0)
    assert frame["model"].iloc[0] == pytest.approx(20, abs=4)


def test_at_once_is_told_of_measures_on_goods_on_lanes_alone() -> None:
    into = seen("change", to_place=(END,), scenario="half")
    for where in ({"table": "supplies", "brand": ["RED"]}, {"table": "lanes"}):
        frame = validate(Case(two_brands()), [into], scenarios={"half": half(**where)})
        assert isnan(frame["at_once"].iloc[0])
    share = seen("share", from_place=(START,), share_of="from_place")
    assert isnan(validate(Case(two_brands()), [share], scenarios={})["at_once"].iloc[0])


def test_an_amount_is_in_the_unit_reported() -> None:
    tables = two_brands()
    parts = seen("amount", flow="supplies", counted_in="units", brand=("RED",), factor=20)
    assert model(tables, parts) == pytest.approx(60 * 20)
    dollars = seen("amount", to_place=(END,), factor=0.001)
    assert model(tables, dollars) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("where", "remains"),
    [
        ({"table": "supplies", "brand": ["RED"]}, 50),
        ({"table": "lanes", "brand": ["RED"]}, 50),
        ({"table": "lanes", "lane": ["start-end"]}, 50),
    ],
)
def test_what_remains_is_the_least_that_cuts_leave(where: dict[str, object], remains: int) -> None:
    left = seen("remaining", component=("part",), scenario="half")
    assert model(two_brands(), left, half=half(**where)) == pytest.approx(remains)


def test_what_is_not_cut_remains_in_whole() -> None:
    tables = dataset(
        system("unit", 10),
        need("unit", "part"),
        need("unit", "other"),
        supply("p", "part", START, 10),
        supply("o", "other", START, 10),
        lane(START, END, 1000),
    )
    scenario = half(table="supplies", component=["other"])
    for component, remains in (("part", 100), ("other", 50)):
        left = seen("remaining", component=(component,), scenario="half")
        assert model(tables, left, half=scenario) == pytest.approx(remains)


def test_fielded_is_the_least_share_and_output_the_sum() -> None:
    tables = dataset(
        system("full", 10),
        system("short", 40),
        need("full", "part"),
        need("short", "other"),
        supply("p", "part", END, 10),
        supply("o", "other", END, 30),
    )
    assert model(tables, seen("fielded")) == pytest.approx(75)
    assert model(tables, seen("fielded", system=("full",))) == pytest.approx(100)
    assert model(tables, seen("output")) == pytest.approx(40)


def test_a_flow_that_is_nothing_has_no_share_and_no_change() -> None:
    tables = chokepoint()
    none = half(table="supplies", supply=["east"])
    nowhere: dict[str, Any] = {"from_place": ("GATE",), "to_place": ("EAST",)}
    assert isnan(model(tables, seen("change", scenario="half", **nowhere), half=none))
    assert isnan(model(tables, seen("share", share_of="from_place", **nowhere)))


# --- how it stands to the report


@pytest.mark.parametrize(
    ("observation", "figure", "expected"),
    [
        (seen("share", 60, tolerance=10), 69.9, Verdict.AGREES),
        (seen("share", 60, tolerance=10), 70.1, Verdict.MISSES),
        (seen("share", 60, low=50, high=80), 79, Verdict.AGREES),
        (seen("share", 60, low=50, high=80), 49, Verdict.MISSES),
        (seen("amount", None, high=54), 0, Verdict.AGREES),
        (seen("amount", None, high=54), 55, Verdict.MISSES),
        (seen("amount", None, low=54), 55, Verdict.AGREES),
        (seen("change", -28, tolerance=5), -24, Verdict.AGREES),
        (seen("change", -28, tolerance=5), -3, Verdict.DIRECTION),
        (seen("change", -28, tolerance=5), -90, Verdict.DIRECTION),
        (seen("change", -28, tolerance=5), -0.4, Verdict.MISSES),
        (seen("change", -28, tolerance=5), 12, Verdict.MISSES),
        (seen("change", 0), 12, Verdict.MISSES),
        (seen("change", -28), nan, Verdict.NOT_COMPARED),
        (seen("change", -28, not_compared="no such thing"), -28, Verdict.NOT_COMPARED),
    ],
)
def test_a_verdict_is_that_of_the_bounds(
    observation: Observation, figure: float, expected: Verdict
) -> None:
    assert verdict(observation, figure) is expected


def test_a_row_says_all_that_the_observation_says() -> None:
    one = seen("share", 50, flow="supplies", brand=("RED",), share_of="brand", tolerance=5)
    other = seen("change", 150, not_compared="no prices", note="P07", own_input=True)
    frame = validate(Case(two_brands()), [one, other], scenarios={})
    assert tuple(frame.columns) == COLUMNS
    assert frame["outcome"].tolist() == ["misses", "not compared"]
    assert frame["note"].tolist() == ["", "no prices; P07"]
    assert frame["own_input"].tolist() == [False, True]


def test_no_observation_is_an_empty_frame() -> None:
    frame = validate(Case(two_brands()), [], scenarios={})
    assert isinstance(frame, pd.DataFrame)
    assert frame.empty
    assert tuple(frame.columns) == COLUMNS


def test_nothing_is_held_against_what_is_not_certified(monkeypatch: pytest.MonkeyPatch) -> None:
    def spoilt(found: Solution) -> Solution:
        return replace(found, certificate=replace(found.certificate, residual=1.0))

    monkeypatch.setattr("analyzer.study.validate.published", spoilt)
    frame = validate(Case(two_brands()), [seen("output", 100)], scenarios={})
    assert frame["outcome"].tolist() == ["not compared"]
    assert frame["certified"].tolist() == [False]
    assert frame["model"].isna().all()
