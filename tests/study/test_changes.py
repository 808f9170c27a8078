"""Where flows move: totals that add up, before and after, and who takes over."""

import pandas as pd
import pytest

from analyzer.network.aim import Aim
from analyzer.network.case import Case, case
from analyzer.study.changes import COLUMNS, GROUPS, absorbers
from analyzer.study.compare import BASELINE, Comparison, compare
from benchmarks.networks import network
from scenarios.schema import Measure, Scenario
from supply_data.schema import Tables
from tests.networks_by_hand import END, START, dataset, diamond, lane, need, part, supply, system
from tests.random_scenarios import some_scenario


def compared(tables: Tables, where: dict[str, object], *, cut: float = 1) -> Comparison:
    measure = Measure.model_validate({"id": "m", "where": where, "cut": cut})
    return compare(Case(tables, scenarios=(Scenario(id="tried", measures=(measure,)),)))


def totals(found: Comparison, group: str, column: str) -> dict[str, float]:
    """Return a column of the totals over all classes of goods, by key."""
    rows = found.changes[(found.changes["group"] == group) & (found.changes["category"] == "")]
    return dict(zip(rows["key"], rows[column], strict=True))


def worth(flows: pd.DataFrame, kind: str, scenario: str) -> float:
    rows = flows[(flows["scenario"] == scenario) & (flows["kind"] == kind)]
    return float(rows["value_usd_per_month"].sum())


# --- by hand


def test_goods_move_from_one_way_to_the_other() -> None:
    found = compared(diamond(), {"table": "lanes", "lane": "start-north"})
    before, after = (totals(found, "lane", f"usd_{when}") for when in ("before", "after"))
    assert before == pytest.approx(
        {"start-north": 40, "north-end": 40, "start-south": 60, "south-end": 60}, abs=1e-6
    )
    assert after == pytest.approx(
        {"start-north": 0, "north-end": 0, "start-south": 70, "south-end": 70}, abs=1e-6
    )


def two_makers() -> Tables:
    """Return two parts from two origins: chips of ACME at 10 a piece, and frames of nobody at 2."""
    return dataset(
        part("chip", value_usd=10, category="electronics"),
        part("frame", value_usd=2, category="metal"),
        system("unit", 100),
        need("unit", "chip", 3),
        need("unit", "frame"),
        supply("chips", "chip", START, 300, brand="ACME"),
        supply("frames", "frame", "WORKS", 100),
        lane(START, END),
        lane("WORKS", END),
    )


def test_totals_are_by_lane_origin_brand_and_component() -> None:
    found = compared(two_makers(), {"table": "supplies", "supply": "chips"}, cut=0.5)
    usd = {group: totals(found, group, "usd_after") for group in GROUPS}
    assert usd["origin"] == pytest.approx({START: 1500, "WORKS": 100})
    assert usd["brand"] == pytest.approx({"ACME": 1500, "unknown": 100})
    assert usd["component"] == pytest.approx({"chip": 1500, "frame": 100})
    assert usd["lane"] == pytest.approx({"start-end": 1500, "works-end": 100})
    assert totals(found, "component", "units_before") == pytest.approx({"chip": 300, "frame": 100})
    assert totals(found, "component", "units_after") == pytest.approx({"chip": 150, "frame": 50})
    units = found.changes[found.changes["group"] != "component"][["units_before", "units_after"]]
    assert units.isna().all(axis=None)  # pieces of different goods do not add up


def test_scenario_that_stops_everything_leaves_nothing_of_what_flowed() -> None:
    found = compared(diamond(), {"table": "supplies", "supply": "source"})
    assert totals(found, "origin", "usd_before") == pytest.approx({START: 100})
    assert totals(found, "origin", "usd_after") == {START: 0}
    assert set(totals(found, "lane", "usd_after").values()) == {0}


def test_flows_that_begin_only_under_a_scenario_were_nothing_before() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("near", "part", END, 100, cost_usd=1),
        supply("far", "part", START, 100, cost_usd=2),
        lane(START, END),
    )
    found = compared(tables, {"table": "supplies", "supply": "near"})
    assert totals(found, "origin", "usd_before") == pytest.approx({END: 100, START: 0})
    assert totals(found, "origin", "usd_after") == pytest.approx({END: 0, START: 100})


def test_without_scenarios_nothing_moves() -> None:
    found = compare(Case(diamond()))
    assert found.changes.empty
    assert tuple(found.changes.columns) == COLUMNS


# --- totals add up


def assert_added_up(found: Comparison, name: str) -> None:
    rows = found.changes[found.changes["scenario"] == name]
    assert not rows.duplicated(["group", "key", "category"]).any()
    whole = rows[rows["category"] == ""]
    parts = rows[rows["category"] != ""]
    for column in ("usd_before", "usd_after"):
        sums = parts.groupby(["group", "key"])[column].sum()
        pd.testing.assert_series_equal(
            sums, whole.set_index(["group", "key"])[column].sort_index(), rtol=1e-9
        )
    for group in GROUPS:
        kind = "lane" if group == "lane" else "supply"
        for column, scenario in (("usd_before", BASELINE), ("usd_after", name)):
            total = whole.loc[whole["group"] == group, column].sum()
            assert total == pytest.approx(worth(found.flows, kind, scenario), rel=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_changes_keep_the_totals_of_random_networks(seed: int) -> None:
    tables = network(seed)
    scenarios = tuple(some_scenario(tables, 100 * seed + n) for n in range(2))
    found = compare(Case(tables, scenarios=scenarios))
    for scenario in scenarios:
        assert_added_up(found, scenario.id)


def test_changes_keep_the_totals_of_the_tutorial() -> None:
    found = compare(case("tutorial"))
    for name in found.table["scenario"].drop(0):
        assert_added_up(found, name)


# --- who takes over


def flows_of(found: Comparison, name: str) -> pd.DataFrame:
    return found.flows[found.flows["scenario"] == name]


def test_what_takes_over_is_told_as_origins_and_hubs_without_a_ranking() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("lost", "part", END, 100, cost_usd=1),
        supply("small", "part", "AWAY", 30, cost_usd=2),
        supply("large", "part", "YONDER", 70, cost_usd=2),
        supply("idle", "part", END, 100, cost_usd=9),
        lane("AWAY", END),
        lane("YONDER", END),
    )
    found = compared(tables, {"table": "supplies", "supply": "lost"})
    before, after = flows_of(found, BASELINE), flows_of(found, "tried")
    aimed = Aim(elements=("supply:lost",), goods=())
    taking = ("hub:AWAY", "hub:YONDER", "origin:AWAY", "origin:YONDER")
    assert absorbers(tables, aimed, before, after, most=9) == taking
    assert absorbers(tables, aimed, before, after, most=2) == ("hub:YONDER", "origin:YONDER")
    assert absorbers(tables, aimed, before, before) == ()
