"""What each loss and each pair of losses costs: by hand, and against solving for every one."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from analyzer.network.case import Case, case
from analyzer.network.groups import Over
from analyzer.programme.flow import Options
from analyzer.programme.persistent import Proof
from analyzer.programme.sieve import Sieve
from analyzer.study import trial
from analyzer.study.contingency import Contingency, contingency, verified
from analyzer.study.cuts import NothingToCutError, Scan, cuts
from analyzer.study.sweep import Backend, How, sweep
from benchmarks.networks import network
from benchmarks.realistic import realistic
from scenarios.schema import Measure, Scenario
from supply_data.schema import Tables, Weighting
from tests.networks_by_hand import dataset, flow_network, need, supply, system
from tests.random_scenarios import some_scenario

TUTORIAL = case("tutorial")


def scanned(tables: Tables, over: Over, *, order: int = 1, share: float = 1.0) -> Contingency:
    return contingency(Case(tables), Scan(over, order=order, share=share, top=0))


def surviving(found: Contingency) -> dict[tuple[str, ...], float]:
    return dict(zip(found.table["cut"], found.table["surviving"], strict=True))


def row(found: Contingency, *cut: str) -> "pd.Series[float]":
    rows = found.table[[set(each) == set(cut) for each in found.table["cut"]]]
    assert len(rows) == 1
    return rows.iloc[0]


# --- by hand


def test_every_single_loss_of_the_tutorial_is_what_the_pencil_says() -> None:
    found = contingency(TUTORIAL, Scan(Over.ELEMENT))
    expected = {
        "supply:crew-school": 0.0,
        "supply:chip-alpha": 0.5,
        "lane:alpha-hub": 0.5,
        "lane:hub-isle": 0.5,
        "plant:pump-works": 5 / 9,
        "supply:body-gamma": 5 / 9,
        "lane:gamma-isle": 5 / 9,
        "lane:beta-isle": 8 / 9,
        "supply:chip-beta": 1.0,
        "supply:basic-beta": 1.0,
        "stock:ISLE/chip/ALPHA": 1.0,
    }
    assert surviving(found) == pytest.approx({(k,): v for k, v in expected.items()}, abs=1e-9)
    assert found.table["surviving"].is_monotonic_increasing
    assert found.table["cut"][0] == ("supply:crew-school",)
    assert found.certified
    assert found.counts.pruned == 2  # nothing asks for the stock, nor for simple chips


def test_hub_and_school_of_the_tutorial_waste_what_the_smaller_does() -> None:
    found = contingency(TUTORIAL, Scan(Over.MEASURE, order=2))
    both = row(found, "measure:hub-closed", "measure:school-halved")
    assert both["capacity"] == pytest.approx(13 / 30)
    assert both["synergy"] == pytest.approx(-7 / 30)
    assert both["wasted"] == pytest.approx(14 / 15)
    assert both["output_per_month.pump"] == pytest.approx(220 / 3)
    assert both["output_per_month.lamp"] == pytest.approx(160 / 3)
    assert ("measure:hub-closed", "measure:school-halved") in set(found.wasted_cuts["cut"])


def test_a_hub_lane_is_harmless_up_to_what_it_does_not_carry() -> None:
    spare = 1 - 2800 / 4500
    for share, lost in ((spare - 1e-3, 0.0), (spare + 1e-2, 1.0)):
        found = contingency(TUTORIAL, Scan(Over.LANE, share=share, top=0))
        assert (row(found, "lane:hub-isle")["loss"] > 1e-6) == lost


SIX_ARCS = flow_network(
    ("START", "B", 10), ("START", "C", 70), ("C", "B", 30), ("B", "END", 100), ("C", "D", 40),
    ("D", "END", 50),
)  # fmt: skip


def test_six_arcs_have_the_known_worst_lane_and_the_known_worst_pairs() -> None:
    one = scanned(SIX_ARCS, Over.LANE)
    assert one.baseline.capacity == pytest.approx(80)
    assert one.table["cut"][0] == ("lane:start-c",)
    assert one.table["capacity"][0] == pytest.approx(10)
    assert one.table["capacity"][1] > 10 + 1e-6
    two = scanned(SIX_ARCS, Over.LANE, order=2)
    stopped = two.table[two.table["capacity"] < 1e-6]["cut"]
    assert len(stopped) > 1
    assert ("lane:start-b", "lane:start-c") in set(stopped)


def test_a_symmetric_pair_hides_a_fifth() -> None:
    tables = dataset(
        system("unit", 100), need("unit", "part"),
        supply("east", "part", "END", 60), supply("west", "part", "END", 60),
        weighting=Weighting.TARGET,
    )  # fmt: skip
    found = scanned(tables, Over.SUPPLY, order=2)
    both = row(found, "supply:east", "supply:west")
    assert both["capacity"] == 0
    assert both["synergy"] == pytest.approx(0.2)
    assert both["larger"] == pytest.approx(0.4)


def test_what_hides_behind_each_other_is_a_hidden_pair() -> None:
    tables = dataset(
        system("unit", 100), need("unit", "part"), need("unit", "bolt"),
        supply("east", "part", "END", 100), supply("west", "part", "END", 100),
        supply("bolts", "bolt", "END", 100),
    )  # fmt: skip
    found = scanned(tables, Over.SUPPLY, order=2)
    assert found.hidden_pairs["cut"].tolist() == [("supply:east", "supply:west")]
    assert found.hidden_pairs["synergy"].tolist() == pytest.approx([100])
    assert found.wasted_cuts.empty


def test_a_second_cut_where_another_element_binds_is_wasted() -> None:
    tables = dataset(
        system("unit", 100), need("unit", "part"), need("unit", "bolt"),
        supply("parts", "part", "END", 100), supply("bolts", "bolt", "END", 100),
    )  # fmt: skip
    found = scanned(tables, Over.SUPPLY, order=2, share=0.5)
    assert found.wasted_cuts["wasted"].tolist() == pytest.approx([1])
    assert found.wasted_cuts["synergy"].tolist() == pytest.approx([-50])
    assert found.hidden_pairs.empty


def test_single_cuts_are_neither_hidden_nor_wasted() -> None:
    found = scanned(SIX_ARCS, Over.LANE)
    assert found.hidden_pairs.empty
    assert found.wasted_cuts.empty


def test_what_binds_after_the_first_cuts_is_told() -> None:
    found = contingency(TUTORIAL, Scan(Over.LANE, top=2))
    assert set(found.binding) == {("lane:alpha-hub",), ("lane:hub-isle",)}
    priced = found.binding["lane:hub-isle",].set_index("element")
    assert priced.loc["supply:chip-beta", "price_up"] == pytest.approx(0.0025)


def test_pairs_that_say_no_more_than_one_of_the_two_are_not_told_first() -> None:
    found = contingency(TUTORIAL, Scan(Over.LANE, order=2, top=1))
    told = set(found.telling["cut"])
    # the way through the hub is one chain: both of its lanes cost what either does
    assert ("lane:alpha-hub", "lane:hub-isle") in set(found.table["cut"]) - told
    assert ("lane:hub-isle", "lane:beta-isle") in told
    silent = found.table[~found.table["cut"].isin(told)]
    assert silent["loss"].to_numpy() == pytest.approx(silent["larger"].to_numpy(), abs=5e-6)
    assert set(found.binding) == {found.telling["cut"].iloc[0]}


# --- parts


def test_a_partial_cut_skips_what_has_no_figure_and_lists_it() -> None:
    found = contingency(TUTORIAL, Scan(Over.ELEMENT, share=0.5, top=0))
    assert found.skipped == ("lane:beta-isle",)
    assert ("lane:beta-isle",) not in set(found.table["cut"])
    assert len(found.table) == len(TUTORIAL.tables.elements) - 1


def test_a_partial_cut_of_a_group_cuts_what_has_a_figure() -> None:
    tables = dataset(
        system("unit", 100), need("unit", "part"),
        supply("known", "part", "END", 100), supply("unknown", "part", "END"),
    )  # fmt: skip
    found = scanned(tables, Over.ORIGIN, share=0.5)
    assert found.skipped == ("supply:unknown",)
    assert surviving(found) == {("origin:END",): 1.0}
    assert surviving(scanned(tables, Over.ORIGIN)) == {("origin:END",): 0.0}


def test_measures_that_are_not_modelled_are_listed() -> None:
    idle = Measure.model_validate({"id": "idle", "not_modelled": "no such thing"})
    real = Measure.model_validate(
        {"id": "real", "where": {"table": "lanes", "lane": "hub-isle"}, "cut": 1}
    )
    tried = Case(TUTORIAL.tables, (Scenario(id="both", measures=(idle, real)),))
    found = contingency(tried, Scan(Over.MEASURE, top=0))
    assert found.skipped == ("measure:idle",)
    assert surviving(found) == pytest.approx({("measure:real",): 0.5})


def test_of_two_measures_one_may_give_way() -> None:
    where = {"table": "lanes", "lane": "hub-isle"}
    mild = Measure.model_validate({"id": "mild", "where": where, "cut": 0.8})
    heir = Measure.model_validate({"id": "heir", "where": where, "cut": 0.1, "supersedes": "mild"})
    tried = Case(TUTORIAL.tables, (Scenario(id="a", measures=(mild,)),), measures={"heir": heir})
    found = contingency(tried, Scan(Over.MEASURE, order=2, top=0))
    assert row(found, "measure:heir", "measure:mild")["surviving"] == 1.0
    assert row(found, "measure:heir", "measure:mild")["synergy"] < -0.1


def test_two_measures_may_bite_together_what_neither_bites_alone() -> None:
    tables = dataset(
        system("unit", 100), need("unit", "part"), supply("ample", "part", "END", 300)
    )  # fmt: skip
    where = {"table": "supplies", "supply": "ample"}
    measures = tuple(
        Measure.model_validate({"id": name, "where": where, "cut": 0.6}) for name in ("one", "two")
    )
    tried = Case(tables, (Scenario(id="both", measures=measures),))
    found = contingency(tried, Scan(Over.MEASURE, order=2, top=0))
    assert row(found, "measure:one", "measure:two")["surviving"] == pytest.approx(0.48)
    assert len(found.hidden_pairs) == 1


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_hubs_with_a_lane_in_common_cut_it_twice(share: float) -> None:
    tables = flow_network(("START", "A", 90), ("A", "B", 80), ("B", "END", 100))
    found = scanned(tables, Over.HUB, order=2, share=share)
    between = 80 * (1 - share) ** 2
    assert row(found, "hub:A", "hub:B")["capacity"] == pytest.approx(between, abs=1e-6)


def test_nothing_to_cut_is_refused() -> None:
    with pytest.raises(NothingToCutError, match="no plant"):
        scanned(SIX_ARCS, Over.PLANT)
    with pytest.raises(NothingToCutError, match="one supply"):
        scanned(SIX_ARCS, Over.SUPPLY, order=2)


@pytest.mark.parametrize(("order", "share"), [(3, 1.0), (1, 0.0), (1, 1.1), (1, float("nan"))])
def test_what_no_scan_can_be_is_refused(order: int, share: float) -> None:
    with pytest.raises(ValueError, match="cut"):
        Scan(Over.LANE, order=order, share=share)


# --- nothing pruned differs from what is solved


def agrees(found: Contingency) -> None:
    """Hold every row against the solve of its effect on a programme of its own."""
    assert found.certified, found.table[~found.table["certified"]]
    checked = verified(found, len(found.table))
    assert checked.rows == len(found.table)
    assert checked.agrees, checked
    targets = {name: row.target_per_month for name, row in found.case.tables.systems.items()}
    base = found.baseline.capacity or 0.0
    weights = found.ready.model.sets.scale.weight
    worth = found.ready.model.sets.scale.worth
    fielded = sum(
        found.table[f"output_per_month.{name}"] / target * weights[name] * worth
        for name, target in targets.items()
    )
    np.testing.assert_allclose(fielded, found.table["capacity"], atol=1e-6 * base + 1e-12)


def counted(tables: Tables, over: Over, *, share: float) -> int:
    return len(cuts(Case(tables), over, share=share, options=Options()).cuts)


WHOLE = [over for over in Over if over is not Over.MEASURE]


@pytest.mark.parametrize("seed", range(32))
def test_every_single_loss_equals_its_solve(seed: int) -> None:
    tables = network(seed)
    for over in WHOLE:
        for share in (1.0, 0.4):
            if counted(tables, over, share=share):
                agrees(scanned(tables, over, share=share))


@pytest.mark.parametrize("seed", range(32))
def test_every_pair_equals_its_solve(seed: int) -> None:
    tables = network(seed)
    share = 1.0 if seed % 2 else 0.5
    for over in WHOLE:
        if counted(tables, over, share=share) > 1 and over not in {Over.SUPPLY, Over.LANE}:
            agrees(scanned(tables, over, order=2, share=share))


@pytest.mark.parametrize("seed", range(32))
def test_every_measure_and_pair_of_measures_equals_its_solve(seed: int) -> None:
    tables = network(seed)
    tried = Case(tables, (some_scenario(tables, seed, count=5),))
    for order in (1, 2):
        agrees(contingency(tried, Scan(Over.MEASURE, order=order, top=0)))


def test_a_scan_of_the_shipped_case_needs_few_solves_and_equals_a_sample_of_them() -> None:
    shipped = case("russia-uas")
    for over, order, solved in ((Over.ELEMENT, 1, 0.25), (Over.LANE, 2, 0.1)):
        found = contingency(shipped, Scan(over, order=order, top=0))
        assert found.counts.solved <= solved * len(found.table)
        assert verified(found, 25).agrees
        assert found.lp_solves < (solved + 0.1) * len(found.table)


def test_a_scan_of_a_realistic_network_solves_for_few_and_equals_all_of_them() -> None:
    found = contingency(Case(realistic(1)), Scan(Over.ELEMENT, top=0))
    assert found.counts.solved <= 0.55 * len(found.table)
    assert found.counts.pruned > found.counts.certified > 0
    agrees(found)


def test_pairs_of_a_realistic_network_are_solved_for_seldom_and_equal_a_sample() -> None:
    found = contingency(Case(realistic(1)), Scan(Over.LANE, order=2, top=0))
    assert found.counts.solved <= 0.25 * len(found.table)
    assert min(found.counts.pruned, found.counts.certified) > 0
    assert verified(found, 100).agrees


def test_a_wrong_reason_to_prune_would_be_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sieve, "excess", lambda self, _: np.full(len(self), -np.inf))
    monkeypatch.setattr(Sieve, "raised", lambda self, _: np.zeros(len(self)))
    found = contingency(TUTORIAL, Scan(Over.ELEMENT, top=0))
    assert found.counts.pruned == len(found.table)
    assert not verified(found, len(found.table)).agrees


# --- who works on it cannot be seen


@pytest.mark.parametrize("backend", [Backend.THREADS, Backend.PROCESSES])
@pytest.mark.parametrize("order", [1, 2])
def test_several_workers_find_what_one_finds(backend: Backend, order: int) -> None:
    tables, scan = network(7), Scan(Over.ELEMENT, order=order, top=0)
    one = contingency(Case(tables), scan, done=partial(sweep, how=How(chunk=6)))
    two = contingency(
        Case(tables), scan, done=partial(sweep, how=How(jobs=2, chunk=6, backend=backend))
    )
    pd.testing.assert_frame_equal(one.table, two.table)
    assert one.counts == two.counts


@pytest.mark.parametrize("order", [1, 2])
def test_what_keeps_failing_is_named_and_has_no_number(
    monkeypatch: pytest.MonkeyPatch, order: int
) -> None:
    settle = trial.Trial.settle

    def failing(self: trial.Trial, n: int, proof: Proof, *, teach: bool) -> None:
        if teach and proof.certificate.value == pytest.approx(100):
            msg = "all is lost"
            raise RuntimeError(msg)
        settle(self, n, proof, teach=teach)

    monkeypatch.setattr(trial.Trial, "settle", failing)
    found = contingency(TUTORIAL, Scan(Over.SUPPLY, order=order, top=0))
    failed = found.table[found.table["failure"] != ""]
    assert len(failed)
    assert failed["failure"].unique().tolist() == ["RuntimeError: all is lost"]
    assert failed["capacity"].isna().all()
    assert not failed["certified"].any()
    assert not found.certified
    assert found.counts.uncertified == len(failed)
