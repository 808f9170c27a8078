"""What an answer rests on, and what binds though nobody lists it: cases worked out by hand."""

from collections.abc import Mapping

import pandas as pd
import pytest

from analyzer.network.case import Case
from analyzer.network.effect import Effect, effect
from analyzer.study.compare import compare
from analyzer.study.evidence import Evidence, evidence, unlisted
from analyzer.study.prices import COLUMNS
from scenarios.schema import Measure, Scenario
from supply_data.schema import Basis, Level, Tables
from tests.networks_by_hand import END, START, dataset, lane, need, part, supply, system

NAMES = ["element", "pillar", "largest_loss_1pct", "scenario", "scenarios"]


def priced(losses: Mapping[str, float]) -> pd.DataFrame:
    """Return prices with these losses of one percent, all else nothing."""
    rows = [
        {**dict.fromkeys(COLUMNS, 0.0), "element": e, "loss_1pct": v} for e, v in losses.items()
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def four_sources() -> Tables:
    """Return supplies that differ in basis, confidence and date, and an undated lane."""
    return dataset(
        part("listed", chpl_tiers="1"),
        system("unit", 100),
        need("unit", "part"),
        need("unit", "listed"),
        supply("read", "part", START, 50, basis=Basis.REPORTED, as_of="2024-05"),
        supply("found", "part", START, 50, basis=Basis.DERIVED, as_of="2022"),
        supply("guess", "part", START, 50, as_of="2025", confidence=Level.MEDIUM),
        supply("hunch", "part", START, 50, as_of="2026"),
        supply("listed", "listed", START, 50),
        lane(START, END, 1000),
    )


def resting(losses: Mapping[str, float]) -> Evidence:
    return evidence(four_sources(), priced(losses))


# --- evidence


def test_shares_are_weighed_by_what_one_percent_costs() -> None:
    found = resting({"supply:read": 0.6, "supply:found": 0.3, "supply:guess": 0.1})
    assert found.shares == pytest.approx({"reported": 0.6, "derived": 0.3, "assumed": 0.1})
    assert (found.oldest, found.undated) == ("2022", 0)


def test_weakest_is_the_worst_basis_then_the_least_confidence_then_the_most_loss() -> None:
    assert resting({"supply:read": 0.9, "supply:found": 0.1}).weakest == "supply:found"
    assert resting({"supply:guess": 0.9, "supply:hunch": 0.1}).weakest == "supply:hunch"
    assert resting({"lane:start-end": 0.9, "supply:hunch": 0.1}).weakest == "lane:start-end"


def test_undated_figures_are_counted_and_never_the_oldest() -> None:
    found = resting({"lane:start-end": 0.5, "supply:hunch": 0.5})
    assert (found.oldest, found.undated) == ("2026", 1)


@pytest.mark.parametrize("losses", [{}, {"supply:read": 0.0}, {"supply:read": float("nan")}])
def test_answer_that_nothing_binds_rests_on_nothing(losses: dict[str, float]) -> None:
    assert resting(losses) == Evidence(shares={}, weakest=None, oldest=None, undated=0)


def test_comparison_hands_out_the_evidence_of_each_scenario() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("read", "part", START, 80, basis=Basis.REPORTED, as_of="2024"),
        lane(START, END, 80),
    )
    found = compare(Case(tables)).evidence("baseline")
    assert found.shares == pytest.approx({"reported": 0.5, "derived": 0, "assumed": 0.5})
    assert (found.weakest, found.oldest, found.undated) == ("lane:start-end", "2024", 1)


# --- what nobody lists


def aimed(where: dict[str, object]) -> Effect:
    measure = Measure.model_validate({"id": "m", "where": where, "cut": 0.5})
    return effect(four_sources(), Scenario(id="s", measures=(measure,)))


def test_unlisted_binds_and_no_measure_and_no_tier_touches_it() -> None:
    prices = {
        "baseline": priced({"supply:read": 0.1, "supply:listed": 5.0, "supply:found": 0.2}),
        "one": priced({"supply:read": 0.4, "lane:start-end": 0.3}),
        "other": priced({"supply:read": 0.3, "supply:hunch": 0.0}),
    }
    found = unlisted(
        four_sources(), prices, [aimed({"table": "supplies", "supply": "found"}), Effect()]
    )
    assert found[["element", "largest_loss_1pct", "scenario", "scenarios"]].to_numpy().tolist() == [
        ["supply:read", 0.4, "one", 3],
        ["lane:start-end", 0.3, "one", 1],
    ]
    assert list(found.columns) == NAMES


def test_lane_is_listed_if_a_measure_stops_any_good_on_it() -> None:
    prices = {"baseline": priced({"lane:start-end": 0.3, "supply:read": 0.1})}
    found = unlisted(four_sources(), prices, [aimed({"table": "lanes", "component": "part"})])
    assert found["element"].tolist() == ["supply:read"]


@pytest.mark.parametrize(
    "prices", [{}, {"baseline": priced({})}, {"baseline": priced({"supply:read": 0})}]
)
def test_where_nothing_binds_nothing_is_unlisted(prices: dict[str, pd.DataFrame]) -> None:
    found = unlisted(four_sources(), prices, [])
    assert found.empty
    assert list(found.columns) == NAMES


def test_where_all_that_binds_is_listed_nothing_is_unlisted() -> None:
    found = unlisted(
        four_sources(),
        {"baseline": priced({"supply:read": 1.0})},
        [aimed({"table": "supplies", "supply": "read"})],
    )
    assert found.empty
    assert list(found.columns) == NAMES
