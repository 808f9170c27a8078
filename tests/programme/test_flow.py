"""What the constraints say in the corners: nothing to buy, no limit known, nothing that arrives."""

import numpy as np
import pytest

from analyzer.network.effect import Effect, Timing, effect
from analyzer.network.goods import goods
from analyzer.programme.flow import Options
from scenarios.schema import Measure, Scenario
from supply_data import load
from supply_data.schema import Tables, Weighting
from tests.networks_by_hand import END, START, dataset, lane, need, plant, stock, supply, system
from tests.solved import built, capacity, cut, solved, stopped


def test_a_budget_over_nothing_that_can_contribute_leaves_nothing() -> None:
    network = dataset(
        system("unit", 10),
        need("unit", "part"),
        supply("source", "part", START, 10),
        lane(END, START),
        budget_usd_per_month=5,
    )
    assert capacity(network) == pytest.approx(0, abs=1e-12)


def test_a_budget_buys_as_much_as_it_pays_for() -> None:
    network = dataset(
        system("unit", 10),
        need("unit", "part"),
        supply("source", "part", START, 10, cost_usd=3),
        lane(START, END, markup=0.5),  # on the part's value of one dollar
        budget_usd_per_month=14,
    )
    assert capacity(network) == pytest.approx(14 / 3.5)


def test_what_has_no_limit_known_is_not_limited_until_it_is_closed() -> None:
    network = dataset(
        system("unit", 10),
        need("unit", "part"),
        supply("source", "part", START),
        lane(START, END),
    )
    assert capacity(network) == pytest.approx(10)
    assert capacity(network, cut("lane:start-end")) == pytest.approx(0, abs=1e-12)
    assert capacity(network, cut("supply:source")) == pytest.approx(0, abs=1e-12)


def many_hubs(count: int) -> Tables:
    """Return 4,000 parts that come by any of several hubs, on two legs each."""
    hubs = [f"HUB{n}" for n in range(count)]
    return dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", START, 4000),
        *(lane(START, hub) for hub in hubs),
        *(lane(hub, END) for hub in hubs),
    )


def all_lanes_lose(tables: Tables, share: float) -> Effect:
    (good,) = (good for good in goods(tables) if good.item == "part")
    return stopped({(row.element, good): share for row in tables.lanes.values()})


@pytest.mark.parametrize("count", [1, 3, 12])
def test_strong_cuts_on_both_legs_multiply_along_a_way_and_not_across_hubs(count: int) -> None:
    tables = many_hubs(count)
    found = solved(tables, all_lanes_lose(tables, 0.95))
    assert found.capacity == pytest.approx(4000 * 0.05**2)
    assert found.model.sets.scale.most["part"] == pytest.approx(1 / 0.05**2)


def test_strong_cuts_between_hubs_that_trade_both_ways_multiply_along_the_longest_way() -> None:
    legs = [(START, "A"), ("A", "B"), ("B", "A"), ("B", "C"), ("C", "A"), ("C", END)]
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", START, 1e5),
        *(lane(*ends) for ends in legs),
    )
    found = solved(tables, all_lanes_lose(tables, 0.9))
    assert found.capacity == pytest.approx(1e5 * 0.1**4)
    assert found.model.sets.scale.most["part"] == pytest.approx(1 / 0.1**4)


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_strong_cuts_on_all_lanes_of_the_shipped_dataset_are_certified(share: float) -> None:
    tables = load("russia-uas")
    measure = {"id": "m", "where": {"table": "lanes", "tier": ["1", "2"]}, "cut": share}
    listed = Scenario(id="listed", measures=(Measure.model_validate(measure),))
    assert 0 < capacity(tables, effect(tables, listed)) < capacity(tables)


def test_shares_that_sum_to_one_but_for_their_decimals_leave_something() -> None:
    third = 0.333333333
    tables = dataset(
        *(system(name, 100, max_share=third) for name in ("red", "green", "blue")),
        *(need(name, "part") for name in ("red", "green", "blue")),
        supply("source", "part", END, 300),
    )
    assert capacity(tables, options=Options(weighting=Weighting.UNITS)) == pytest.approx(300)


def test_a_lossy_way_of_what_never_travels_does_not_widen_bounds() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "kit"),
        need("kit", "part"),
        plant("kits", "kit", END),
        supply("source", "part", START, 200),
        lane(START, END),
    )
    effect = stopped({("lane:start-end", good): 0.99 for good in goods(tables)})
    most = built(tables, (effect,)).sets.scale.most
    assert most["unit"] == most["kit"] == 1
    assert most["part"] == pytest.approx(100)


def test_a_budget_buys_less_of_what_a_scenario_makes_dearer() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", START, cost_usd=2),
        lane(START, END, markup=0.5),
        budget_usd_per_month=150,
    )
    assert capacity(tables) == pytest.approx(60)  # 2 for the part, half its worth of 1 for the way
    dearer = Effect(markup={"supply:source": 0.25})
    assert capacity(tables, dearer) == pytest.approx(50)
    assert capacity(tables, Effect(markup={"lane:start-end": 0.5})) == pytest.approx(50)


def test_over_months_as_much_is_sent_from_stock_as_losses_ask_for() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", START, 0),
        lane(START, END),
        stock(START, "part", 1500),
    )
    timing = Timing(months=3)
    fifth = {
        ("lane:start-end", good): np.full(3, 0.2) for good in goods(tables) if good.item == "part"
    }
    months = Options(timing=timing)
    assert capacity(tables, Effect(timing, arrival=fifth), options=months) == pytest.approx(100)
