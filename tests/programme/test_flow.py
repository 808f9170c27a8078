"""What the constraints say in the corners: nothing to buy, no limit known, nothing that arrives."""

import pytest

from tests.networks_by_hand import END, START, dataset, lane, need, supply, system
from tests.solved import capacity, cut


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
