"""Capacity as a function of a cut, a leak or a dose: by hand, and against samples."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import analyzer as ac
from analyzer.network.case import Case
from analyzer.network.effect import Timing, effect
from analyzer.programme.arrays import LinearProgramme
from analyzer.programme.flow import Options
from analyzer.programme.highs import Basis
from analyzer.programme.persistent import Persistent, Proof
from analyzer.study.horizon import Asked, renewal
from analyzer.study.response import NoSuchMeasureError, Response, adoption, response
from analyzer.study.strengths import Of, turns
from benchmarks.networks import network
from scenarios.schema import BadScenarioError, Measure, Scenario, Uncertain
from supply_data.schema import Tables
from tests.networks_by_hand import END, dataset, lane, need, supply, system, wyndor
from tests.random_scenarios import some_scenario
from tests.solved import built


def measure(name: str, **more: object) -> Measure:
    return Measure.model_validate({"id": name, "cut": 1, **more})


def on_supply(name: str, **more: object) -> Measure:
    return measure(f"m-{name}", where={"table": "supplies", "supply": name}, **more)


def of(tables: Tables, of: Of, *measures: Measure, options: Options | None = None) -> Response:
    scenario = Scenario(id="set", measures=measures)
    return response(Case(tables), [scenario], of=of, options=options)


def row(found: Response, measure: str = "") -> dict[str, Any]:
    (one,) = found.table[found.table["measure"] == measure].to_dict("records")
    return {str(name): value for name, value in one.items()}


def spots(found: Response, measure: str = "") -> list[tuple[float, float, str]]:
    points = found.points[found.points["measure"] == measure]
    rows = points[["value", "capacity", "kind"]].round(9).to_numpy().tolist()
    return [(at, capacity, kind) for at, capacity, kind in rows]


def chain() -> Tables:
    """Return a chain: 100 wanted, 160 can be supplied here and 30 there, 80 pass the lane."""
    return dataset(
        system("unit", 100), need("unit", "p"),
        supply("here", "p", "A", 160), supply("there", "p", END, 30), lane("A", END, 80),
    )  # fmt: skip


def test_the_corners_of_a_chain_are_where_they_are_by_hand() -> None:
    # 70 are needed of here, so the measure matters where it leaves less than 70 of 160
    found = of(chain(), Of.LEAK, on_supply("here"))
    assert spots(found, "m-here") == [
        (0.0, 30.0, "own"), (0.4375, 100.0, "break-even"), (1.0, 100.0, "end"),
    ]  # fmt: skip
    one = row(found, "m-here")
    assert (one["exact"], one["matters"], one["certified"]) == (True, "in part", True)
    assert one["break_even"] == pytest.approx(0.4375, abs=1e-12)
    assert (one["own"], one["capacity"], one["surviving"]) == (0.0, 30.0, pytest.approx(0.3))
    by_cut = of(chain(), Of.CUT, on_supply("here", leak=0.25))
    assert row(by_cut, "m-here")["break_even"] == pytest.approx(0.75)  # 0.5625 = 0.75 * 0.75
    by_dose = of(chain(), Of.DOSE, on_supply("here", cut=0.75))
    assert row(by_dose)["break_even"] == pytest.approx(0.75)


def test_prices_hold_between_the_corners_that_are_known() -> None:
    # of 18 hours, the price of plant 3 is 1 from 12 on, and 2.5 below, where windows are made alone
    tables = wyndor()
    (third,) = (key for key, each in tables.supplies.items() if each.capacity_per_month == 18)
    hours = measure("m", where={"table": "supplies", "supply": third})
    found = of(tables, Of.CUT, hours)
    told = spots(found, "m")
    assert told[0] == (0.0, 36.0, "end")
    assert [at for at, _, kind in told if kind == "corner"] == pytest.approx([1 / 3])
    assert [capacity for _, capacity, _ in told] == pytest.approx([36.0, 30.0, 0.0])


def test_what_never_matters_and_what_always_does_have_no_break_even() -> None:
    tables = chain()
    never = row(of(tables, Of.LEAK, on_supply("here", cut=0.5)), "m-here")
    assert (never["matters"], np.isnan(never["break_even"])) == ("never", True)
    part = row(of(tables, Of.LEAK, on_supply("there")), "m-there")
    assert (part["matters"], part["break_even"]) == ("in part", pytest.approx(2 / 3))
    tight = dataset(system("unit", 100), need("unit", "p"), supply("one", "p", END, 100))
    for varied in Of:
        one = row(of(tight, varied, on_supply("one")), "" if varied is Of.DOSE else "m-one")
        assert (one["matters"], np.isnan(one["break_even"])) == ("always", True)


def test_what_the_figures_contain_already_does_nothing() -> None:
    # half of the ban is in the figures: what leaks more than that changes nothing
    tight = dataset(system("unit", 100), need("unit", "p"), supply("one", "p", END, 100))
    ban = on_supply("one", cut=0.8, baseline_leak=0.5, leak=0.2)
    one = row(of(tight, Of.LEAK, ban), "m-one")
    assert one["break_even"] == pytest.approx(0.5)
    assert one["capacity"] == pytest.approx(100 * (1 - 0.64) / (1 - 0.4))
    # with another cut the figures still contain 0.4, not half of that cut
    cut = of(tight, Of.CUT, ban)
    assert row(cut, "m-one")["break_even"] == pytest.approx(0.5)  # 0.5 * 0.8 = 0.4
    assert spots(cut, "m-one")[-1][1] == pytest.approx(100 * (1 - 0.8) / (1 - 0.4))
    assert turns(ban, Of.DOSE, least=1e-3) == pytest.approx((0.625,))


def test_arrival_rates_are_sampled_and_their_break_even_is_found() -> None:
    # 80 of here can be sent, and 70 are needed: it matters where less than 7/8 arrives
    lanes = measure("m", where={"table": "lanes", "component": "p"})
    found = of(chain(), Of.LEAK, lanes)
    one = row(found, "m")
    assert (one["exact"], one["certified"]) == (False, True)
    assert one["break_even"] == pytest.approx(0.875, abs=2e-6)
    points = found.points
    at = np.linspace(0, 1, 1001)
    by_hand = np.minimum(100, 30 + 80 * at)
    assert np.interp(at, points["value"], points["capacity"]) == pytest.approx(by_hand, abs=1e-4)


def test_two_doses_on_one_limit_multiply() -> None:
    tight = dataset(system("unit", 100), need("unit", "p"), supply("one", "p", END, 100))
    twice = on_supply("one", cut=0.5).model_copy(update={"id": "again"})
    found = of(tight, Of.DOSE, on_supply("one", cut=0.5), twice)
    assert not row(found)["exact"]
    at = np.linspace(0, 1, 1001)
    told = np.interp(at, found.points["value"], found.points["capacity"])
    assert told == pytest.approx(100 * (1 - at / 2) ** 2, abs=1e-4)
    assert row(of(tight, Of.CUT, on_supply("one", cut=0.5), twice), "again")["exact"]


def test_a_mark_up_is_given_in_doses_too_where_there_is_a_budget() -> None:
    tables = dataset(
        system("unit", 100), need("unit", "p"), supply("one", "p", END, 100, cost_usd=1)
    )
    dear = on_supply("one", cut=0, markup=1)
    found = of(tables, Of.DOSE, dear, options=Options(budget_usd_per_month=80))
    assert not row(found)["exact"]
    at = found.points["value"].to_numpy()
    assert found.points["capacity"].to_numpy() == pytest.approx(80 / (1 + at), abs=1e-4)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("varied", Of)
def test_a_curve_is_what_a_thousand_samples_are(seed: int, varied: Of) -> None:
    tables = network(seed)
    scenario = some_scenario(tables, seed, count=2)
    found = response(Case(tables), [scenario], of=varied)
    assert found.certified
    for one in found.table.to_dict("records"):
        points = found.points[found.points["measure"] == one["measure"]]
        count = 1000 if one["exact"] else 250
        at = np.linspace(0, 1, count)
        told = np.interp(at, points["value"], points["capacity"])
        solved = sampled(tables, scenario, varied, str(one["measure"]), at)
        base = found.baseline.capacity or 1.0
        close = 1e-9 if one["exact"] else 1e-6
        assert np.abs(told - solved).max() <= close * base
        even = one["break_even"]
        if one["matters"] == "in part":
            idle = at >= even if varied is Of.LEAK else at <= even
            assert np.abs(solved[idle] - solved[-1 if varied is Of.LEAK else 0]).max() < 1e-6 * base


def sampled(
    tables: Tables, scenario: Scenario, varied: Of, name: str, at: np.ndarray[Any, Any]
) -> np.ndarray[Any, Any]:
    """Return capacities at places, each solved by itself from the rule."""
    effects = [effect(tables, _with(scenario, varied, name, float(each))) for each in at]
    ready = built(tables, effects)
    persistent, worth = Persistent(ready.baseline), ready.sets.scale.worth
    proofs = (persistent.proof(ready.under(each)).certificate for each in effects)
    return np.array([worth * (1 - proof.value / 100) for proof in proofs])


def _with(scenario: Scenario, varied: Of, name: str, at: float) -> Scenario:
    def changed(one: Measure) -> Measure:
        if name and one.id != name:
            return one
        value = 1 - at * (1 - one.leak.central) if varied is Of.DOSE else at
        key = "cut" if varied is Of.CUT else "leak"
        return one.model_copy(update={key: Uncertain(low=value, central=value, high=value)})

    return scenario.model_copy(update={"measures": tuple(map(changed, scenario.measures))})


def test_a_curve_meets_what_a_run_finds() -> None:
    case = ac.load("tutorial")
    run = ac.compare(case)
    for varied in ("dose", "cut", "leak"):
        curves = ac.response(case, of=varied).table
        for one in curves.to_dict("records"):
            expected = run[str(one["scenario"])].surviving
            assert one["surviving"] == pytest.approx(expected, abs=1e-9)


def test_what_is_refused() -> None:
    tables = chain()
    with pytest.raises(NoSuchMeasureError, match="no measure 'n' acts"):
        response(Case(tables), [Scenario(id="set", measures=(on_supply("here"),))], measures=["n"])
    with pytest.raises(ValueError, match="steady state"):
        of(tables, Of.CUT, on_supply("here"), options=Options(timing=Timing(months=3)))
    unknown = dataset(system("unit", 100), need("unit", "p"), supply("one", "p", END))
    with pytest.raises(BadScenarioError):  # a part of what nobody knows
        of(unknown, Of.LEAK, on_supply("one"))


def test_only_the_measures_asked_about_are_varied() -> None:
    scenario = Scenario(id="set", measures=(on_supply("here"), on_supply("there")))
    one = response(Case(chain()), [scenario], of=Of.LEAK, measures=["m-here"])
    assert one.table["measure"].tolist() == ["m-here"]
    dose = response(Case(chain()), [scenario], measures=["m-here"])
    assert dose.points["capacity"].tolist()[0] == 80  # the other stands in full
    away = scenario.model_copy(
        update={"measures": (*scenario.measures, on_supply("here", id="n", supersedes="m-here"))}
    )
    assert response(Case(chain()), [away], of=Of.CUT).table["measure"].tolist() == ["m-there", "n"]


def test_a_value_that_is_not_certified_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    lanes = measure("m", where={"table": "lanes", "component": "p"})
    whole = of(chain(), Of.LEAK, lanes)
    proofs = iter(range(1000))
    honest = Persistent.proof

    def doubtful(
        self: Persistent, programme: LinearProgramme, *, start: Basis | None = None
    ) -> Proof:
        proof = honest(self, programme, start=start)
        if next(proofs) != 5:
            return proof
        return replace(proof, certificate=replace(proof.certificate, optimal=False))

    monkeypatch.setattr(Persistent, "proof", doubtful)
    found = of(chain(), Of.LEAK, lanes)
    assert not found.certified
    assert not row(found, "m")["certified"]
    kept = set(found.points["value"])
    assert kept
    assert found.points["capacity"].notna().all()
    assert row(whole, "m")["certified"]


def test_without_a_baseline_nothing_survives_nor_matters() -> None:
    nothing = dataset(system("unit", 100), need("unit", "p"), supply("one", "p", "A", 100))
    one = row(of(nothing, Of.CUT, on_supply("one")), "m-one")
    assert (one["matters"], one["capacity"]) == ("never", 0.0)
    assert np.isnan(one["surviving"])


def test_months_of_adoption_come_from_the_horizon() -> None:
    case = ac.load("tutorial")
    one = Case(case.tables, (case.scenario("hub-closed"),))
    renewed = renewal(one, one.scenarios, adopt_months=(1, 6), asked=Asked(months=6))
    found = adoption(one, renewed)
    assert found.certified
    assert found.points["value"].tolist() == [1, 6]
    assert found.points["surviving"].tolist() == renewed["surviving"].tolist()
    assert found.table["of"].tolist() == ["adopt_months"]
