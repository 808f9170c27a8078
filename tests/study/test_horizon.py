"""Month by month, on chains that can be followed by hand, and on random networks."""

from dataclasses import replace
from math import isnan
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.network import case as network
from analyzer.network.case import Case
from analyzer.network.effect import Timing, effect
from analyzer.network.groups import Over
from analyzer.programme.flow import DISCOUNT, Options
from analyzer.programme.rolling import Course, Planner
from analyzer.study.courses import Courses, Foresight, courses, start
from analyzer.study.curves import surviving
from analyzer.study.horizon import Asked, Horizon, horizon, renewal, staggered
from benchmarks.networks import network as random_network
from scenarios.schema import BadScenarioError, Measure, Scenario
from supply_data.schema import Tables
from tests.networks_by_hand import (
    END,
    START,
    dataset,
    lane,
    need,
    plant,
    stock,
    supply,
    system,
)
from tests.solved import capacity

PERFECT, ROLLING = Foresight.PERFECT, Foresight.ROLLING


def measure(name: str = "m", **keys: Any) -> Measure:  # noqa: ANN401 - as in a file
    return Measure.model_validate({"id": name, "cut": 1, **keys})


def scenario(*measures: Measure, name: str = "cut") -> Scenario:
    return Scenario(id=name, measures=measures)


def of_supply(name: str, **keys: Any) -> Measure:  # noqa: ANN401 - as in a file
    return measure(keys.pop("id", name), where={"table": "supplies", "supply": name}, **keys)


def of_lane(name: str, **keys: Any) -> Measure:  # noqa: ANN401 - as in a file
    return measure(keys.pop("id", name), where={"table": "lanes", "lane": name}, **keys)


def followed(
    tables: Tables, *measures: Measure, months: int = 12, foresight: Foresight = ROLLING
) -> Horizon:
    asked = Asked(months, foresight)
    found = horizon(Case(tables), [scenario(*measures)], asked=asked)
    assert found.certified
    return found


def curve(found: Horizon, column: str = "capacity") -> list[float]:
    return [float(value) for value in found.curve[column]]


def row(found: Horizon) -> dict[str, Any]:
    (only,) = found.table.to_dict("records")
    return {str(key): value for key, value in only.items()}


def chain(*more: Any, quantity: float | None = None, **source: object) -> Tables:  # noqa: ANN401 - rows
    """Return one chain for 100 units a month, with a stock at its end if asked for."""
    kept = [] if quantity is None else [stock(END, "part", quantity)]
    return dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", START, 100, **source),
        lane(START, END),
        *kept,
        *more,
    )


# --- time to survive


def test_a_chain_survives_its_stock_over_its_demand() -> None:
    found = followed(chain(quantity=600), of_supply("source"))
    assert row(found)["time_to_survive"] == pytest.approx(6, abs=1e-3)
    assert not row(found)["at_least"]
    assert curve(found) == pytest.approx([100] * 6 + [0] * 6)
    assert row(found)["first_bad_month"] == 7
    assert isnan(row(found)["time_to_recover"])
    assert row(found)["lost"] == pytest.approx(600)


def test_half_a_cut_draws_half_as_fast() -> None:
    found = followed(chain(quantity=600), of_supply("source", cut=0.5), months=20)
    assert row(found)["time_to_survive"] == pytest.approx(12, abs=1e-3)
    assert curve(found) == pytest.approx([100] * 12 + [50] * 8)


def test_what_outlasts_the_horizon_survives_at_least_that() -> None:
    found = followed(chain(quantity=5000), of_supply("source"))
    assert (row(found)["time_to_survive"], row(found)["at_least"]) == (12, True)
    assert row(found)["time_to_recover"] == 1


def test_a_stock_of_unknown_size_outlasts_everything() -> None:
    found = followed(chain(stock(END, "part", None)), of_supply("source"))
    assert (row(found)["time_to_survive"], row(found)["at_least"]) == (12, True)
    assert curve(found) == pytest.approx([100] * 12)


def test_the_shorter_of_two_stages_decides() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "kit"),
        need("kit", "part", 2),
        plant("kits", "kit", END, 100),
        supply("source", "part", START, 200),
        lane(START, END),
        stock(END, "part", 500),
        stock(END, "kit", 50),
    )
    found = followed(tables, of_supply("source"))
    # 500 parts are 250 kits; with 50 kits in stock, 300 units
    assert row(found)["time_to_survive"] == pytest.approx(3, abs=1e-3)
    cut_plant = measure(where={"table": "plants", "plant": "kits"})
    assert row(followed(tables, cut_plant))["time_to_survive"] == pytest.approx(0.5, abs=1e-3)


def test_a_shared_component_is_shared_by_the_rates_of_both() -> None:
    tables = dataset(
        system("van", 100),
        system("cart", 50),
        need("van", "wheel", 4),
        need("cart", "wheel", 2),
        supply("wheels", "wheel", END, 500),
        stock(END, "wheel", 1000),
    )
    # the rates use up 500 wheels a month, as many as there are: 100 vans and 50 carts
    found = followed(tables, of_supply("wheels", cut=0.6))
    assert row(found)["time_to_survive"] == pytest.approx(1000 / 300, abs=1e-3)
    (kept,) = found.stocks.to_dict("records")
    assert kept["component"] == "wheel"
    assert kept["months_of_use"] == pytest.approx(2)
    assert kept["gains_months"] == pytest.approx(500 / 300, abs=1e-3)


def test_the_tutorial_survives_two_months_with_its_hub_closed() -> None:
    island = network.case("tutorial", ("hub-closed",))
    found = horizon(island, island.scenarios)
    assert row(found)["time_to_survive"] == pytest.approx(2.0, abs=1e-3)
    assert row(found)["first_bad_month"] == 1  # who plans well spreads the stock: no contradiction
    assert [round(share, 4) for share in curve(found, "surviving")[6:9]] == [0.7222, 0.5, 0.5]
    ((component, gains),) = zip(
        found.stocks["component"], found.stocks["gains_months"], strict=True
    )
    assert component == "chip"
    # a month of use is 380 chips, and 280 a month are missing
    assert gains == pytest.approx(380 / 280, abs=1e-3)


# --- growth, adoption, delay


def test_growth_closes_the_gap_in_a_known_month() -> None:
    other = supply("other", "part", END, 20, ramp_per_month=20, ceiling_per_month=100)
    found = followed(chain(other), of_supply("source"))
    assert curve(found) == pytest.approx([20, 40, 60, 80] + [100] * 8)
    assert row(found)["time_to_recover"] == 5
    assert (row(found)["lowest"], row(found)["lowest_month"]) == (pytest.approx(0.2), 1)
    (grows,) = found.adapting.to_dict("records")
    assert (grows["what"], grows["first_month"], grows["at_most"]) == ("supply:other", 2, 100)


def test_growth_counts_from_the_first_measure_after_its_lead() -> None:
    other = supply("other", "part", END, 20, ramp_per_month=40, lead_months=2)
    found = followed(chain(other), of_supply("source", from_month=3))
    assert curve(found) == pytest.approx([100, 100, 20, 20, 20, 60] + [100] * 6)


def test_an_alternative_opens_after_its_months_and_grows() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part", slot="a"),
        need("unit", "other", slot="a", adopt_months=2, adopt_share_per_month=0.5),
        supply("parts", "part", END, 100),
        supply("others", "other", END, 100, cost_usd=9),
    )
    found = followed(tables, of_supply("parts", cut=1), months=6)
    used_before = curve(found)[0]
    assert curve(found)[:2] == [used_before] * 2
    assert used_before == pytest.approx(0, abs=1e-6)
    assert curve(found)[3:] == pytest.approx([100] * 3)


def test_a_delay_of_two_months_is_seen_as_two_empty_months() -> None:
    found = followed(chain(), of_lane("start-end", cut=0, delay_months=2, from_month=4))
    assert curve(found) == pytest.approx([100] * 3 + [0] * 2 + [100] * 7)


def test_one_gap_is_made_up_for_where_there_is_a_stock_to_fill() -> None:
    once = of_lane("start-end", cut=0, delay_months=2, once=True)
    tables = chain(quantity=0)
    assert curve(followed(tables, once))[:3] == pytest.approx([0, 0, 100])
    assert curve(followed(chain(quantity=200), once)) == pytest.approx([100] * 12)


def test_goods_under_way_arrive_and_those_that_left_do_not() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", START, 100),
        lane(START, END, delay_months=2),
    )
    found = followed(tables, of_supply("source"), months=5)
    assert curve(found, "reference") == pytest.approx([100] * 5)
    assert curve(found) == pytest.approx([100, 100, 0, 0, 0])
    assert row(found)["time_to_survive"] == 0  # what is under way is no stock


def test_a_listing_fades() -> None:
    found = followed(chain(), of_supply("source", fade_months=1), months=4)
    assert curve(found) == pytest.approx([0, 50, 75, 87.5])


def test_a_measure_that_ends_leaves_nothing_behind() -> None:
    found = followed(chain(), of_supply("source", until_month=3), months=5)
    assert curve(found) == pytest.approx([0, 0, 0, 100, 100])
    assert row(found)["time_to_recover"] == 4


# --- what is known beforehand


def test_stocks_wait_for_the_first_measure_and_fill_only_for_who_knows() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", END, 150),
        stock(END, "part", 100),
    )
    lost = of_supply("source", from_month=3)
    surprised = followed(tables, lost, months=6)
    assert curve(surprised) == pytest.approx([100, 100, 100, 0, 0, 0])
    knowing = followed(tables, lost, months=6, foresight=PERFECT)
    assert curve(knowing) == pytest.approx([100] * 4 + [0] * 2)


def planned(found: Courses) -> float:
    months = np.arange(len(found.central.model.sets.periods))
    assert found.central.by_period is not None
    return float(found.central.by_period @ DISCOUNT**months)


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_who_knows_never_does_worse_by_the_planners_own_sum(seed: int) -> None:
    tables = random_network(seed)
    lost = random_scenario(tables, seed)
    knowing, surprised = (
        courses(start(Case(tables), options=Options(), months=6, foresight=how), lost)
        for how in (PERFECT, ROLLING)
    )
    assert knowing.certified
    assert surprised.certified
    assert planned(knowing) >= planned(surprised) * (1 - 1e-5) - 1e-9


def random_scenario(tables: Tables, seed: int) -> Scenario:
    """Return measures that come and go, fade and delay."""
    draw = np.random.default_rng([4, seed])
    known = [row for row in tables.supplies.values() if row.capacity_per_month is not None]
    parts = [
        of_supply(
            row.supply,
            cut=float(draw.choice([0.3, 0.7, 1.0])),
            from_month=int(draw.integers(1, 5)),
            phase_in_months=int(draw.integers(3)),
            fade_months=[None, 2.0][int(draw.integers(2))] or 50.0,
        )
        for row in known
        if draw.random() < 0.4
    ]
    parts += [
        of_lane(
            row.lane,
            cut=float(draw.choice([0.0, 0.5])),
            delay_months=float(draw.choice([0, 1, 1.5])),
            from_month=int(draw.integers(1, 5)),
        )
        for row in tables.lanes.values()
        if draw.random() < 0.3
    ]
    return scenario(*parts or [of_supply(next(iter(tables.supplies)))])


# --- relations


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_months_without_stock_delay_and_change_are_the_steady_state(seed: int) -> None:
    tables = random_network(seed)
    still = {key: row.model_copy(update={"delay_months": 0.0}) for key, row in tables.lanes.items()}
    tables = replace(tables, lanes=still, stocks=())
    lost = scenario(of_supply(next(iter(tables.supplies))))
    begun = start(Case(tables), options=Options(), months=4, foresight=ROLLING)
    found = courses(begun, lost)
    expected = capacity(tables, effect(tables, lost))
    assert found.central.by_period == pytest.approx([expected] * 4, rel=1e-6, abs=1e-6)
    assert found.reference.by_period == pytest.approx([capacity(tables)] * 4, rel=1e-6, abs=1e-6)


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), how=st.sampled_from(Foresight))
def test_no_good_comes_from_nowhere_in_any_month(seed: int, how: Foresight) -> None:
    tables = random_network(seed)
    begun = start(Case(tables), options=Options(), months=6, foresight=how)
    found = courses(begun, random_scenario(tables, seed)).central
    assert found.certified
    before = dict.fromkeys(tables.components, 0.0) | dict.fromkeys(tables.systems, 0.0)
    for each in tables.stocks:
        before[each.component] += np.inf if each.quantity is None else each.quantity
    for (_, good), sent in begun.opening.sent.items():
        before[good.item] += 2 * sent  # under way for two months at most
    for item, more in before.items():
        came, went = _by_month(found, item)
        # up to each month no more was used than had come
        assert (
            went.cumsum() <= (more + came.cumsum()) * (1 + 1e-6) + 1e-6 * (1 + came.sum())
        ).all()


def _by_month(found: Course, item: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the units of an item that are supplied or made in each month, and used or fielded."""
    sets = found.model.sets
    came, went = np.zeros(len(sets.periods)), np.zeros(len(sets.periods))
    for column, value in zip(found.model.formulation.instance.columns, found.plan, strict=True):
        units, month = value * column.unit, column.period - 1
        if column.variable in {"out", "make"} and column.item == item:
            came[month] += units
        elif column.variable == "fielded" and column.item == item:
            went[month] += units
        elif column.variable == "fill":
            row = sets.requirement[str(column.what[1])]
            went[month] += units * row.quantity * (row.component == item)
    return came, went


# --- how fast


@pytest.mark.parametrize(
    ("start_at", "ramp", "needed"), [(50, 45, 1.0), (50, 9, 5.0), (0, 0, np.inf)]
)
def test_the_pace_that_would_be_needed(start_at: float, ramp: float, needed: float) -> None:
    # what is lost in month 2 must be grown by then, to 95 of 100
    grows = supply("grows", "part", END, start_at, ramp_per_month=ramp, ceiling_per_month=100)
    lost = scenario(of_supply("source", cut=0.5), of_supply("source", id="rest", from_month=2))
    found = horizon(Case(chain(grows)), [lost], asked=Asked(6, pace=True))
    assert found.certified
    assert row(found)["needed_pace"] == pytest.approx(needed, rel=0.05)
    assert row(found)["held"] == pytest.approx(min(start_at + ramp, 100) / 100, abs=1e-6)


# --- together or one after the other


def test_staggered_measures_leave_time_to_adapt() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("one", "part", END, 50),
        supply("two", "part", END, 50),
        supply("new", "part", END, 0, ramp_per_month=10, ceiling_per_month=100),
    )
    both = scenario(of_supply("one"), of_supply("two"))
    asked = Asked(months=12, stagger=5)
    found = horizon(Case(tables), [both], asked=asked)
    assert found.table["scenario"].tolist() == ["cut", "cut-staggered-5"]
    together, apart = (
        found.curve[found.curve["scenario"] == name]["capacity"].tolist()
        for name in found.table["scenario"]
    )
    assert together == pytest.approx([0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 100])
    assert apart == pytest.approx([50, 60, 70, 80, 90, 50, 60, 70, 80, 90, 100, 100])


def test_staggering_moves_what_acts_and_keeps_its_length() -> None:
    parts = (
        measure("a", where={"table": "lanes"}, from_month=2),
        measure("b", where={"table": "lanes"}, until_month=4),
        Measure(id="c", not_modelled="why"),
        measure("d", where={"table": "lanes"}, amends="a"),
    )
    moved = staggered(scenario(*parts), 3).measures
    assert [m.from_month for m in moved] == [2, 1, 1, 4]
    assert moved[1].until_month == 4


def test_measures_must_be_renewed_faster_than_alternatives_open() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part", slot="a"),
        need("unit", "other", slot="a", adopt_months=9),
        supply("parts", "part", END, 100),
        supply("others", "other", END, 100),
    )
    # so that nothing is adopted before the measure, the other is not to be had then
    tables = replace(
        tables,
        supplies={
            **tables.supplies,
            "others": supply("others", "other", END, 0, ramp_per_month=1000),
        },
    )
    lost = [scenario(of_supply("parts"))]
    found = renewal(Case(tables), lost, adopt_months=(1, 3, 6), asked=Asked(months=12))
    assert found["adopt_months"].tolist() == [1, 3, 6]
    assert found["half_back_month"].tolist() == [2, 4, 7]
    assert found["surviving"].tolist() == pytest.approx([11 / 12, 9 / 12, 6 / 12])


# --- each loss


def test_what_recovers_later_than_it_survives_is_exposed() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        need("unit", "case"),
        supply("parts", "part", END, 100),
        supply("new", "part", END, 0, ramp_per_month=100, lead_months=3),
        supply("cases", "case", END, 100),
        supply("spare", "case", END, 0, ramp_per_month=100),
        stock(END, "part", 200),
        stock(END, "case", 200),
    )
    asked = Asked(months=12, over=Over.SUPPLY)
    found = horizon(Case(tables), [scenario(of_supply("parts"))], asked=asked).exposure
    told = {cut: rest for cut, *rest in zip(
        found["cut"], found["time_to_survive"].round(2), found["time_to_recover"],
        found["exposed"], strict=True,
    )}  # fmt: skip
    assert told["supply:parts"] == [2.0, 5, True]  # new ones come in month 5, in 3 and 4 none
    assert told["supply:cases"] == [2.0, 1, False]
    assert told["supply:spare"] == [12.0, 1, False]


def test_measures_are_tried_each_by_its_own_cut() -> None:
    tables = chain(quantity=100)
    lost = scenario(of_supply("source", id="half", cut=0.5), of_lane("start-end", id="whole"))
    found = horizon(
        replace(Case(tables), scenarios=(lost,)), [lost], asked=Asked(6, over=Over.MEASURE)
    ).exposure
    assert dict(zip(found["cut"], found["time_to_survive"].round(3), strict=True)) == {
        "measure:half": 2.0,
        "measure:whole": 1.0,
    }


# --- what is refused, and what is not certified


@pytest.mark.parametrize(("months", "stagger"), [(0, 0), (121, 0), (12, -1)])
def test_what_is_out_of_range_is_refused(months: int, stagger: int) -> None:
    with pytest.raises(ValueError, match="months"):
        Asked(months, stagger=stagger)


def test_two_scenarios_of_one_id_and_none_at_all_are_refused() -> None:
    one = scenario(of_supply("source"))
    with pytest.raises(ValueError, match="have the id 'cut'"):
        horizon(Case(chain()), [one, one])
    with pytest.raises(ValueError, match="no scenario"):
        horizon(Case(chain()), [])


def test_the_faults_of_all_scenarios_are_told_at_once() -> None:
    wrong = [scenario(of_supply(name), name=name) for name in ("none", "neither")]
    with pytest.raises(BadScenarioError) as refused:
        horizon(Case(chain()), wrong)
    assert [fault.value for fault in refused.value.faults] == ["none", "neither"]


def test_what_is_not_certified_shows_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.programme.rolling.RESIDUAL", -1.0)
    found = horizon(Case(chain()), [scenario(of_supply("source"))], asked=Asked(months=3))
    assert not found.certified
    assert found.curve[["capacity", "surviving", "weakest"]].isna().all(axis=None)
    assert found.systems["output"].isna().all()
    assert isnan(row(found)["lost"])


def test_certificates_are_as_sharp_as_what_they_stand_beside() -> None:
    tables = dataset(system("unit", 1e6), need("unit", "part"), supply("source", "part", END, 100))
    begun = start(Case(tables), options=Options(), months=3, foresight=ROLLING)
    assert begun.share == pytest.approx(1e-4)
    found = courses(begun, scenario(of_supply("source", cut=0.5)))
    assert found.central.share == found.reference.share == begun.share
    assert found.central.by_period == pytest.approx([50] * 3, rel=1e-6)
    one = found.central.certificates[0]
    blunt = replace(one, bound=one.value - 1e-4)  # a millionth of all targets, not of what there is
    assert blunt.certified
    assert not replace(found.central, certificates=(blunt,)).certified


def test_surviving_is_all_where_the_reference_has_nothing() -> None:
    tables = dataset(system("unit", 1), need("unit", "part"), supply("source", "part", END, 0))
    begun = start(Case(tables), options=Options(), months=2, foresight=ROLLING)
    found = courses(begun, scenario(of_supply("source")))
    assert surviving(found.central, found.reference).tolist() == [1, 1]
    assert begun.reference(1) is begun.reference(1)
    assert found.central.model.sets.options.timing == Timing(2)


# --- on top of what is in force


def test_what_is_tried_comes_on_top_of_what_is_long_in_force() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("one", "part", END, 60),
        supply("other", "part", END, 40),
    )
    below = scenario(of_supply("other", cut=0.5, from_month=9, fade_months=1), name="in-force")
    asked = Asked(4, reference=below)
    found = horizon(Case(tables), [scenario(of_supply("one", from_month=2))], asked=asked)
    assert curve(found, "reference") == pytest.approx([80] * 4)
    assert curve(found) == pytest.approx([80, 20, 20, 20])
    assert curve(found, "surviving") == pytest.approx([1, 0.25, 0.25, 0.25])
    assert row(found)["time_to_survive"] == 0
    lost = horizon(
        Case(tables),
        [scenario(of_supply("one"))],
        asked=replace(asked, over=Over.SUPPLY),
    ).exposure.set_index("cut")["lowest"]
    assert lost["supply:one"] == pytest.approx(0.25)
    assert lost["supply:other"] == pytest.approx(0.75)


def test_measures_lift_beyond_the_baseline_only_where_asked() -> None:
    tables = dataset(system("unit", 100), need("unit", "part"), supply("source", "part", END, 40))
    eased = of_supply("source", cut=0.5, leak=1.0, baseline_leak=0.0)
    for lift, reached in ((False, 40), (True, 80)):
        found = horizon(Case(tables), [scenario(eased)], asked=Asked(3, lift=lift))
        assert curve(found) == pytest.approx([reached] * 3)


# --- one programme for many


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6))
def test_where_a_plan_starts_decides_nothing(seed: int) -> None:
    tables = random_network(seed)
    tried = random_scenario(tables, seed)
    begun = start(Case(tables), options=Options(), months=8, foresight=ROLLING)
    first = courses(begun, tried)
    other = courses(begun, scenario(*tried.measures, name="again"), alone=False)
    timing = first.central.effect.timing
    own = begun.programme((first.central.effect,), timing)
    anew = Planner(own, first.central.effect, knows=False, share=begun.share).course()
    for each in (other.central, anew):
        assert each.certified == first.central.certified
        if each.by_period is not None and first.central.by_period is not None:
            assert planned_sum(each) == pytest.approx(planned_sum(first.central), rel=1e-5)


def planned_sum(course: Course) -> float:
    assert course.by_period is not None
    return float(course.by_period @ DISCOUNT ** np.arange(len(course.by_period)))
