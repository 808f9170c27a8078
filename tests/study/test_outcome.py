"""One scenario, examined: at once, interval, other weightings, and what each measure does."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.network.case import Case
from analyzer.network.effect import Effect, Timing, effect
from analyzer.programme.arrays import Model
from analyzer.programme.flow import Options, sets
from analyzer.programme.solution import Solution, solution
from analyzer.study import solve
from analyzer.study.compare import BASELINE, Comparison, compare
from analyzer.study.outcome import Outcome
from benchmarks.networks import network
from scenarios.schema import Measure, Scenario
from supply_data import load
from supply_data.schema import Tables, Weighting
from tests.networks_by_hand import (
    END,
    START,
    chokepoint,
    dataset,
    diamond,
    lane,
    need,
    supply,
    system,
    two_brands,
)
from tests.random_scenarios import point_within, some_scenario
from tests.solved import capacity

SEEDS = st.integers(0, 10_000)
FEW = settings(max_examples=15)
NETWORKS, DRAWS = 20, 10


def measure(name: str, where: dict[str, object], **more: object) -> Measure:
    return Measure.model_validate({"id": name, "where": where, "cut": 1, **more})


def supplied(*names: str) -> dict[str, object]:
    return {"table": "supplies", "supply": list(names)}


def on_lane(name: str, **more: object) -> dict[str, object]:
    return {"table": "lanes", "lane": name, **more}


def compared(tables: Tables, *measures: Measure, options: Options | None = None) -> Comparison:
    tried = Scenario(id="tried", measures=measures)
    return compare(Case(tables, scenarios=(tried,)), options=options)


def row_of(found: Comparison, name: str = "tried") -> dict[str, Any]:
    (row,) = found.table[found.table["scenario"] == name].to_dict(orient="records")
    return {str(column): value for column, value in row.items()}


# --- at once


def test_at_once_a_closed_way_is_not_replaced_by_room_on_the_other() -> None:
    found = compared(diamond(), measure("ban", on_lane("start-north")))
    flows = found.flows[found.flows["scenario"] == BASELINE].set_index("element")
    assert flows["quantity_per_month"].to_dict()["lane:start-south"] == pytest.approx(60)
    row = row_of(found)
    assert row["surviving"] == pytest.approx(0.7)
    assert row["at_once"] == pytest.approx(0.6)


def test_at_once_equals_adapted_where_there_is_nothing_to_plan_anew() -> None:
    chain = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", START, 100),
        lane(START, END, 100),
    )
    row = row_of(compared(chain, measure("third", supplied("source"), cut=0.3)))
    assert (row["surviving"], row["at_once"]) == pytest.approx((0.7, 0.7))


def test_at_once_each_brand_keeps_to_its_own_flow() -> None:
    # 80 of 100 parts are wanted: 48 of RED and 32 of BLUE; BLUE has 8 more that nobody calls for
    tables = dataset(
        system("unit", 80),
        need("unit", "part"),
        supply("red", "part", START, 60, brand="RED"),
        supply("blue", "part", START, 40, brand="BLUE"),
        lane(START, END, 1000),
    )
    found = compared(tables, measure("ban", on_lane("start-end", brand="RED")))
    assert row_of(found)["surviving"] == pytest.approx(0.5)
    assert row_of(found)["at_once"] == pytest.approx(0.4, abs=0.01)


def test_at_once_what_arrives_less_is_not_made_up_for() -> None:
    row = row_of(
        compared(two_brands(), measure("half", on_lane("start-end", brand="RED"), cut=0.5))
    )
    assert row["at_once"] == pytest.approx(0.7)


def test_scenario_without_measures_changes_nothing_at_once() -> None:
    row = row_of(compared(load("tutorial")))
    assert (row["at_once"], row["surviving"]) == pytest.approx((1, 1))


@FEW
@given(seed=SEEDS)
def test_at_once_is_no_more_than_adapted_and_that_no_more_than_any_ceiling(seed: int) -> None:
    tables = network(seed)
    found = compare(Case(tables, scenarios=(some_scenario(tables, seed),)))
    slack = 1e-6 * capacity_of_all(found)
    one = found.outcomes[f"random-{seed}"]
    assert one.at_once is not None
    assert one.capacity is not None
    assert one.at_once <= one.capacity + slack
    if one.standings is not None and one.standings:
        assert one.capacity <= min(each.ceiling for each in one.standings.values()) + slack
    calm = compared(tables)
    if row_of(calm)["capacity"] > 0:
        assert row_of(calm)["at_once"] == pytest.approx(1, abs=1e-6)


def capacity_of_all(found: Comparison) -> float:
    """Return the capacity if all targets were met."""
    return sets(found.case.tables, [], found.options).scale.worth


# --- interval


def test_interval_holds_200_draws_from_the_ranges() -> None:
    drawn = 0
    for seed in range(NETWORKS):
        tables = network(seed)
        scenario = some_scenario(tables, seed)
        found = compare(Case(tables, scenarios=(scenario,))).outcomes[scenario.id]
        assert found.weakest is not None
        assert found.strongest is not None
        slack = 1e-7 * sets(tables, [], Options()).scale.worth
        draw = np.random.default_rng(seed)
        for _ in range(DRAWS):
            left = capacity(tables, effect(tables, point_within(scenario, draw)))
            assert found.strongest - slack <= left <= found.weakest + slack
            drawn += 1
    assert drawn == 200


def test_ends_of_the_interval_are_the_ends_of_the_ranges() -> None:
    wide = measure(
        "wide",
        supplied("red"),
        cut={"low": 0.2, "central": 0.5, "high": 0.9},
        leak={"low": 0.0, "central": 0.1, "high": 0.5},
        coverage={"low": 0.5, "central": 0.8, "high": 1.0},
    )
    row = row_of(compared(two_brands(), wide))
    assert row["interval_low"] == pytest.approx(1 - 0.6 * 0.9)
    assert row["surviving"] == pytest.approx(1 - 0.6 * 0.5 * 0.8 * 0.9)
    assert row["interval_high"] == pytest.approx(1 - 0.6 * 0.2 * 0.5 * 0.5)


# --- weightings


@settings(max_examples=6)
@given(seed=SEEDS)
def test_other_weightings_survive_as_in_runs_of_their_own(seed: int) -> None:
    tables = network(seed)
    scenario = some_scenario(tables, seed)
    case = Case(tables, scenarios=(scenario,))
    found = compare(case)
    for weighting in Weighting:
        own = row_of(compare(case, options=Options(weighting=weighting)), scenario.id)
        column = f"surviving_{weighting.value}"
        told = row_of(found, scenario.id)[column]
        assert told == pytest.approx(own["surviving"], abs=1e-5, nan_ok=True)
        assert own[column] == pytest.approx(own["surviving"], nan_ok=True)
    assert row_of(found, scenario.id)[f"surviving_{found.weighting}"] == pytest.approx(
        row_of(found, scenario.id)["surviving"], nan_ok=True
    )


# --- measures


def effects_of(found: Comparison) -> dict[str, str]:
    rows = found.measures[found.measures["scenario"] == "tried"]
    assert rows["measure"].is_unique
    return dict(zip(rows["measure"], rows["effect"], strict=True))


def column_of(found: Comparison, column: str) -> dict[str, Any]:
    return dict(zip(found.measures["measure"], found.measures[column], strict=True))


def returns_of(found: Comparison) -> dict[str, float]:
    return column_of(found, "returns")


def test_each_measure_says_by_itself_what_it_does() -> None:
    found = compared(
        chokepoint(),
        measure("east", supplied("east"), cut=0.1),
        measure("gate", on_lane("gate-end"), cut=0.5),
        measure("dear", on_lane("gate-end"), cut=0, markup=0.2),
        measure("slow", on_lane("gate-end"), cut=0, delay_months=2),
        Measure(id="words", not_modelled="no such row"),
    )
    assert effects_of(found) == {
        "east": "slack",
        "gate": "bites",
        "dear": "needs_budget",
        "slow": "needs_horizon",
        "words": "not_modelled",
    }
    assert returns_of(found) == pytest.approx(
        {"east": 0, "gate": 0.5, "dear": 0, "slow": 0, "words": 0}
    )


def test_two_cuts_of_which_either_would_do_bite_and_neither_returns_anything() -> None:
    found = compared(
        chokepoint(), measure("one", on_lane("gate-end")), measure("other", on_lane("gate-end"))
    )
    assert effects_of(found) == {"one": "bites", "other": "bites"}
    assert returns_of(found) == pytest.approx({"one": 0, "other": 0}, abs=1e-9)


def test_two_substitutes_bite_only_together_and_both_return() -> None:
    tables = dataset(
        system("unit", 50),
        need("unit", "part"),
        supply("one", "part", END, 50),
        supply("other", "part", END, 50),
    )
    found = compared(tables, measure("a", supplied("one")), measure("b", supplied("other")))
    assert effects_of(found) == {"a": "bites", "b": "bites"}
    assert returns_of(found) == pytest.approx({"a": 1, "b": 1})


def test_measure_that_gives_way_to_another_says_to_which() -> None:
    found = compared(
        two_brands(),
        measure("first", supplied("red"), cut=0.5),
        measure("second", supplied("red"), cut=0.25, amends="first"),
    )
    assert effects_of(found) == {"first": "not_modelled", "second": "bites"}
    assert "second" in column_of(found, "note")["first"]
    assert row_of(found)["surviving"] == pytest.approx(0.85)
    # without the amendment the first stands again, and that leaves less: nothing returns
    assert returns_of(found) == pytest.approx({"first": 0, "second": 0}, abs=1e-9)


def test_markup_bites_under_a_budget() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", END, cost_usd=2),
        budget_usd_per_month=200,
    )
    found = compared(tables, measure("dear", supplied("source"), cut=0, markup=0.25))
    assert row_of(found)["surviving"] == pytest.approx(1 / 1.25)
    assert effects_of(found) == {"dear": "bites"}
    assert returns_of(found) == pytest.approx({"dear": 0.2})


def test_measure_that_does_nothing_names_what_takes_over() -> None:
    found = compared(diamond(), measure("ban", on_lane("start-north"), cut=0.2))
    note = column_of(found, "note")["ban"]
    assert effects_of(found) == {"ban": "slack"}
    assert note == "room elsewhere absorbs it: hub:SOUTH, hub:START"


@FEW
@given(seed=SEEDS)
def test_what_returns_is_what_a_scenario_without_the_measure_leaves_more(seed: int) -> None:
    tables = network(seed)
    whole = some_scenario(tables, seed)
    found = compare(Case(tables, scenarios=(whole,)))
    base = found.outcomes[BASELINE].capacity
    under = found.outcomes[whole.id].capacity
    assert base is not None
    assert under is not None
    for one in found.outcomes[whole.id].measures if base else ():
        kept = tuple(m for m in whole.measures if m.id != one.measure.id)
        lifted = capacity(tables, effect(tables, whole.model_copy(update={"measures": kept})))
        if one.effect == "bites":
            assert one.returns == pytest.approx(max(lifted - under, 0) / base, abs=1e-6)
        else:
            assert lifted == pytest.approx(under, abs=1e-5 * capacity_of_all(found))


# --- what is not certified


def test_scenario_that_is_not_certified_says_nothing_of_its_measures(
    uncertified: Outcome,
) -> None:
    assert uncertified.capacity is None
    assert uncertified.measures == ()


@pytest.fixture
def uncertified(monkeypatch: pytest.MonkeyPatch) -> Outcome:
    def failing(model: Model, under: Effect | None) -> Solution:
        found = solution(model, under)
        certificate = replace(found.certificate, optimal=not found.effect.availability)
        return replace(found, certificate=certificate)

    monkeypatch.setattr(solve, "solution", failing)
    return compared(two_brands(), measure("ban", supplied("red"))).outcomes["tried"]


def test_months_are_refused_where_only_the_steady_state_is_right() -> None:
    with pytest.raises(ValueError, match="steady state"):
        compare(Case(diamond()), options=Options(timing=Timing(months=3)))


def test_where_nothing_is_fielded_no_measure_bites() -> None:
    nothing = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", START, 100),
        lane(END, START, 40),
    )
    found = compared(nothing, measure("ban", on_lane("end-start"), cut=0.2))
    assert effects_of(found) == {"ban": "slack"}
    assert column_of(found, "note")["ban"] == "nothing is fielded without it either"
