"""A run as a whole: the same in parallel and alone, in any order of rows, and where proof fails."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import pytest

from analyzer.network.case import Case, case
from analyzer.network.effect import Effect
from analyzer.programme import persistent
from analyzer.programme.arrays import LinearProgramme, Model, Vector
from analyzer.programme.certificate import Certificate, proved_by
from analyzer.programme.flow import sets
from analyzer.programme.solution import Solution, solution
from analyzer.study import solve
from analyzer.study.compare import BASELINE, Comparison, compare
from benchmarks.networks import network
from tests.changes import reordered
from tests.random_scenarios import some_scenario

FRAMES = ("table", "systems", "flows", "elements", "cuts", "measures", "binding", "changes")
NUMBERS = ("capacity", "surviving", "interval_low", "interval_high", "at_once")


def of(found: Comparison, frame: str, scenario: str) -> pd.DataFrame:
    rows = getattr(found, frame)
    kept: pd.DataFrame = rows[rows["scenario"] == scenario]
    ranks = [name for name in kept.columns if name.startswith("rank_")]  # among all of a run
    return kept.drop(columns=ranks).reset_index(drop=True)


def random_case(seed: int, *, scenarios: int = 3) -> Case:
    tables = network(seed)
    return Case(
        tables, scenarios=tuple(some_scenario(tables, 10 * seed + n) for n in range(scenarios))
    )


# --- the same run


@pytest.mark.parametrize("tried", [case("tutorial"), random_case(2), random_case(3)])
def test_relation_9_scenarios_of_one_run_are_those_of_runs_of_their_own(tried: Case) -> None:
    together = compare(tried)
    for scenario in tried.scenarios:
        alone = compare(tried, (scenario,))
        for frame in FRAMES:
            pd.testing.assert_frame_equal(
                of(together, frame, scenario.id),
                of(alone, frame, scenario.id),
                check_exact=True,
                check_dtype=False,  # that of empty columns depends on the others
            )


def test_relation_15_the_same_run_twice_says_the_same() -> None:
    one, other = compare(random_case(5)), compare(random_case(5))
    for frame in (*FRAMES, "unlisted", "certificates"):
        pd.testing.assert_frame_equal(getattr(one, frame), getattr(other, frame), check_exact=True)
    assert one.tally == other.tally


@pytest.mark.parametrize("seed", range(6))
def test_run_is_the_same_under_any_order_of_rows(seed: int) -> None:
    first = random_case(seed, scenarios=2)
    shuffled = compare(replace(first, tables=reordered(first.tables, seed)))
    found = compare(first)
    scale = sets(found.case.tables, [], found.options).scale.worth
    columns = [name for name in found.table.columns if not name.startswith(("rank_", "surviving_"))]
    pd.testing.assert_frame_equal(
        shuffled.table[columns], found.table[columns], rtol=1e-5, atol=1e-6 * scale
    )
    for ordered in (ordered_flows, ordered_prices):
        pd.testing.assert_frame_equal(ordered(shuffled), ordered(found), rtol=1e-4, atol=1e-5)


def ordered_prices(found: Comparison) -> pd.DataFrame:
    """Return the prices in one order."""
    return found.binding.set_index(["scenario", "element"]).sort_index()


def ordered_flows(found: Comparison) -> pd.DataFrame:
    """Return the flows that are more than dust, in one order."""
    keys = ["scenario", "kind", "element", "slot", "good"]
    need = sets(found.case.tables, [], found.options).scale.need
    flows = found.flows[found.flows["quantity_per_month"] > 1e-6 * found.flows["good"].map(need)]
    sums = flows.groupby(keys)[["quantity_per_month", "value_usd_per_month"]].sum()
    return sums.sort_index()


# --- when proof fails


def no_proof_of(
    monkeypatch: pytest.MonkeyPatch, lost: Callable[[Effect], bool], *, warm: bool = False
) -> None:
    """Let no solve of these effects be certified, nor any warm one if so asked."""

    def solved(model: Model, effect: Effect | None) -> Solution:
        found = solution(model, effect)
        if not lost(found.effect):
            return found
        return replace(found, certificate=replace(found.certificate, optimal=False))

    def proved(
        programme: LinearProgramme, plan: Vector, *, used: Vector, priced: Vector, optimal: bool
    ) -> Certificate:
        sure = optimal and not warm
        return proved_by(programme, plan, used=used, priced=priced, optimal=sure)

    monkeypatch.setattr(solve, "solution", solved)
    monkeypatch.setattr(persistent, "proved_by", proved)


def is_baseline(effect: Effect) -> bool:
    return not effect.aims


def test_uncertified_baseline_leaves_nothing_to_compare_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    no_proof_of(monkeypatch, is_baseline)
    found = compare(case("tutorial"))
    table = found.table.set_index("scenario")
    assert not found.certified
    assert table["certified"].to_dict() == {name: name != BASELINE for name in table.index}
    assert table["capacity"].isna().to_dict() == {name: name == BASELINE for name in table.index}
    shares = [name for name in table.columns if name.startswith("surviving")]
    assert table[[*shares, "interval_low", "interval_high", "at_once"]].isna().all(axis=None)
    assert (table["binds"] == "").all()
    for frame in (found.binding, found.changes, found.unlisted, found.measures):
        assert frame.empty


def test_run_of_which_nothing_is_certified_holds_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    no_proof_of(monkeypatch, lambda _: True, warm=True)
    found = compare(case("tutorial"))
    assert not found.certified
    assert not found.table["certified"].any()
    assert found.table[list(NUMBERS)].isna().all(axis=None)
    shares = [name for name in found.table.columns if name.startswith("surviving")]
    assert found.table[shares].isna().all(axis=None)
    for frame in (found.systems, found.flows, found.binding, found.changes, found.unlisted):
        assert frame.empty
    assert found.elements[["used", "usage"]].isna().all(axis=None)
    assert found.tally.uncertified > 0


def test_one_scenario_that_is_not_certified_leaves_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = compare(case("tutorial"))
    no_proof_of(monkeypatch, lambda effect: set(effect.aims) == {"hub-closed"})
    found = compare(case("tutorial"))
    lost = found.table["scenario"] == "hub-closed"
    assert found.table.loc[lost, list(NUMBERS)].isna().all(axis=None)
    assert found.table.loc[~lost, "certified"].all()
    pd.testing.assert_frame_equal(
        found.table.loc[~lost, list(NUMBERS)], right.table.loc[~lost, list(NUMBERS)]
    )
    assert "hub-closed" not in set(found.changes["scenario"])
    assert "hub-closed" not in set(found.binding["scenario"])


def test_bounds_that_are_not_certified_are_left_out_and_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    no_proof_of(monkeypatch, lambda _: False, warm=True)
    monkeypatch.setattr(solve.Pool, "best", lambda *_: None)
    found = compare(case("tutorial"))
    table = found.table.set_index("scenario").drop(index=BASELINE)
    assert table["certified"].all()
    assert table["surviving"].notna().all()
    assert table[["interval_low", "interval_high", "at_once"]].isna().all(axis=None)
    assert (table["binds"] == "").all()
    # one measure is lifted by going back to the baseline; of two each wants a solve of its own
    both = found.measures[found.measures["scenario"] == "hub-and-school"]
    assert set(both["effect"]) == {"uncertified"}
    assert both["returns"].isna().all()
    assert not found.certified
