"""What a comparison says of the tutorial, frame by frame, and of scenarios that do nothing."""

import pandas as pd
import pytest

from analyzer.network.case import Case, case
from analyzer.programme.flow import Options
from analyzer.study.compare import BASELINE, Comparison, compare
from scenarios.schema import BadScenarioError, Measure, Scenario
from supply_data import load
from supply_data.schema import Weighting
from tests.networks_by_hand import END, START, dataset, lane, need, supply, system

SURVIVING = {
    BASELINE: 1.0,
    "brand-control": 0.5 / 0.9,
    "hub-and-school": 0.65 / 1.5 / 0.9,
    "hub-closed": 0.5,
    "origin-control": 0.67 / 0.9,
    "school-halved": 0.65 / 0.9,
}


@pytest.fixture(scope="module")
def island() -> Comparison:
    return compare(case("tutorial"))


def scenario(name: str, *measures: dict[str, object]) -> Scenario:
    made = tuple(Measure.model_validate({"id": f"m{n}", **m}) for n, m in enumerate(measures))
    return Scenario(id=name, measures=made)


def of(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    return frame[frame["scenario"] == name]


# --- the tutorial


def test_table_holds_what_survives_the_baseline_first(island: Comparison) -> None:
    table = island.table.set_index("scenario")
    assert list(table.index) == list(SURVIVING)
    assert table["surviving"].to_dict() == pytest.approx(SURVIVING)
    capacity = {name: 0.9 * share for name, share in SURVIVING.items()}
    assert table["capacity"].to_dict() == pytest.approx(capacity)
    assert table["certified"].all()
    assert island.certified
    assert (island.weighting, island.targets) == ("target", "reference")


def test_titles_are_those_of_the_files(island: Comparison) -> None:
    titles = island.table.set_index("scenario")["title"]
    assert titles[BASELINE] == "Baseline"
    assert titles["hub-closed"] == "Hub closed"


def test_systems_are_counted_in_units_with_their_shares(island: Comparison) -> None:
    halved = of(island.systems, "school-halved").set_index("system")
    assert halved["output_per_month"].to_dict() == pytest.approx({"pump": 30, "lamp": 400})
    assert halved["share"].to_dict() == pytest.approx({"pump": 0.3, "lamp": 1.0})
    assert halved["name"].to_dict() == {"pump": "Solar pump", "lamp": "Street lamp"}


def test_elements_say_what_is_left_and_how_much_of_it_is_used(island: Comparison) -> None:
    halved = of(island.elements, "school-halved").set_index("element")
    school = halved.loc["supply:crew-school"]
    assert (school["capacity"], school["availability"]) == (320, 0.5)
    assert school["used"] == pytest.approx(160)
    assert school["usage"] == pytest.approx(1)
    works = of(island.elements, BASELINE).set_index("element").loc["plant:pump-works"]
    assert works["usage"] == pytest.approx(1)
    open_lane = halved.loc["lane:beta-isle"]
    assert pd.isna(open_lane["capacity"])
    assert pd.isna(open_lane["usage"])


def test_closed_lane_carries_nothing_and_is_listed_as_cut(island: Comparison) -> None:
    closed = of(island.elements, "hub-closed").set_index("element").loc["lane:hub-isle"]
    assert (closed["availability"], closed["used"]) == (0, 0)
    cuts = of(island.cuts, "hub-closed")
    assert cuts[["element", "good", "brand", "remaining"]].to_numpy().tolist() == [
        ["lane:hub-isle", "", "", 0.0]
    ]
    assert of(island.cuts, BASELINE).empty


def test_flows_of_a_scenario_meet_its_systems(island: Comparison) -> None:
    for name in SURVIVING:
        flows = of(island.flows, name)
        fielded = flows[flows["kind"] == "field"].groupby("good")["quantity_per_month"].sum()
        output = of(island.systems, name).set_index("system")["output_per_month"]
        assert fielded.to_dict() == pytest.approx(output.to_dict())


def test_measures_bite_and_say_what_returns_if_they_are_lifted(island: Comparison) -> None:
    both = of(island.measures, "hub-and-school").set_index("measure")
    assert both["effect"].to_dict() == {"hub-closed": "bites", "school-halved": "bites"}
    returns = {
        "hub-closed": SURVIVING["school-halved"] - SURVIVING["hub-and-school"],
        "school-halved": SURVIVING["hub-closed"] - SURVIVING["hub-and-school"],
    }
    assert both["returns"].to_dict() == pytest.approx(returns)


def test_what_is_unknown_is_counted_and_nothing_is_pruned(island: Comparison) -> None:
    assert island.unknown == ("lane:beta-isle",)
    assert island.pruned == ()


def test_certificates_are_narrow(island: Comparison) -> None:
    assert list(island.certificates["scenario"]) == list(SURVIVING)
    assert (island.certificates["status"] == "optimal").all()
    assert (island.certificates["width"].abs() < 1e-7).all()
    assert (island.certificates["residual"] <= 1e-7).all()


def test_weighting_by_units_leaves_0_896_of_a_halved_school() -> None:
    found = compare(case("tutorial"), options=Options(weighting=Weighting.UNITS))
    table = found.table.set_index("scenario")
    assert found.weighting == "units"
    assert table.loc[BASELINE, "capacity"] == pytest.approx(480)
    assert table.loc["school-halved", "surviving"] == pytest.approx(430 / 480)


# --- scenarios


def test_relation_8_the_order_of_scenarios_of_a_run_is_irrelevant(island: Comparison) -> None:
    whole = case("tutorial")
    backwards = compare(whole, tuple(reversed(whole.scenarios)))
    names = list(reversed(island.table["scenario"]))[:-1]
    assert list(backwards.table["scenario"]) == [BASELINE, *names]
    pd.testing.assert_frame_equal(
        backwards.table.set_index("scenario").sort_index(),
        island.table.set_index("scenario").sort_index(),
        rtol=1e-9,
    )


def test_without_scenarios_there_is_the_baseline_alone() -> None:
    found = compare(Case(load("tutorial")))
    assert list(found.table["scenario"]) == [BASELINE]
    assert found.table["surviving"].tolist() == [1.0]
    assert found.measures.empty


def test_scenario_without_measures_is_the_baseline() -> None:
    found = compare(Case(load("tutorial"), scenarios=(Scenario(id="calm"),)))
    assert found.table["surviving"].tolist() == pytest.approx([1, 1])


def test_a_measure_that_does_nothing_says_why() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("near", "part", END, 100),
        supply("far", "part", START, 50),
        lane(START, END, 1000),
    )
    where = {"table": "supplies", "supply": "far"}
    tried = (
        scenario("slack", {"where": where, "cut": 1}),
        scenario("dear", {"where": where, "cut": 0, "markup": 0.5}),
        scenario("slow", {"where": where, "cut": 0, "delay_months": 2}),
        scenario("words", {"not_modelled": "no such row"}),
    )
    found = compare(Case(tables, scenarios=tried)).measures.set_index("scenario")
    assert found["effect"].to_dict() == {
        "slack": "slack",
        "dear": "needs_budget",
        "slow": "needs_horizon",
        "words": "not_modelled",
    }
    assert (found["returns"] == 0).all()
    assert found["note"].all()
    assert found.loc["words", "note"] == "no such row"


def test_faults_of_all_scenarios_come_at_once() -> None:
    wrong = tuple(
        scenario(name, {"where": {"table": "lanes", "lane": name}, "cut": 1})
        for name in ("no-such", "nor-this")
    )
    with pytest.raises(BadScenarioError) as refused:
        compare(Case(load("tutorial"), scenarios=wrong))
    assert [fault.value for fault in refused.value.faults] == ["no-such", "nor-this"]


def test_lifting_what_is_in_force_leaves_more_only_when_asked() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", END, 40),
    )
    measure = {
        "where": {"table": "supplies", "supply": "source"},
        "cut": 0.5,
        "leak": 1.0,
        "baseline_leak": 0.0,
    }
    lifted = Case(tables, scenarios=(scenario("lift", measure),))
    assert compare(lifted).table["surviving"].tolist() == pytest.approx([1, 1])
    assert compare(lifted, lift=True).table["surviving"].tolist() == pytest.approx([1, 2])


def test_capacity_of_nothing_has_no_surviving_share() -> None:
    tables = dataset(system("unit", 100), need("unit", "part"), supply("none", "part", END, 0))
    found = compare(Case(tables, scenarios=(Scenario(id="calm"),)))
    assert found.table["capacity"].tolist() == pytest.approx([0, 0])
    assert found.table["surviving"].isna().all()


def test_other_targets_are_another_reference() -> None:
    options = Options(targets={"pump": 80.0, "lamp": 400.0})
    found = compare(Case(load("tutorial")), options=options)
    assert found.table["capacity"].tolist() == pytest.approx([1.0])
