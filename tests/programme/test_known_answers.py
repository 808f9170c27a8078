"""Small cases whose answers are known from books, or worked out by hand."""

from itertools import combinations

import numpy as np
import pytest

from analyzer.network.effect import Timing
from analyzer.programme.flow import Options
from supply_data.schema import Tables
from tests.networks_by_hand import (
    END,
    START,
    chain_with_stock,
    chokepoint,
    clrs,
    dataset,
    diamond,
    need,
    plant,
    six_arcs,
    supply,
    symmetric_pair,
    system,
    tight_pair,
    triangle,
    two_brands,
    wyndor,
)
from tests.solved import capacity, cut, elements, solved


def after_losing(tables: Tables, *lost: str) -> float:
    return capacity(tables, cut(dict.fromkeys(lost, 1.0)))


def lanes_of(tables: Tables) -> list[str]:
    return [element for element in elements(tables) if element.startswith("lane:")]


def month_by_month(tables: Tables, *cuts: tuple[str, float], months: int) -> list[float]:
    options = Options(timing=Timing(months=months))
    effect = cut(dict(cuts), months=months)
    by_period = solved(tables, effect, options=options).by_period
    assert by_period is not None
    return [float(value) for value in by_period]


# --- flow networks


def test_chokepoint_passes_its_sixty() -> None:
    assert capacity(chokepoint()) == pytest.approx(60)
    assert after_losing(chokepoint(), "supply:east") == pytest.approx(50)


def test_diamond_passes_what_either_way_carries() -> None:
    assert capacity(diamond()) == pytest.approx(100)
    assert after_losing(diamond(), "lane:start-north") == pytest.approx(70)
    assert after_losing(diamond(), "lane:start-south") == pytest.approx(40)


def test_losing_a_brand_leaves_the_other() -> None:
    assert after_losing(two_brands(), "supply:red") == pytest.approx(40)
    assert after_losing(two_brands(), "supply:blue") == pytest.approx(60)


def test_six_arcs_carry_80_and_10_and_nothing_after_the_best_cuts() -> None:
    network = six_arcs()
    lanes = lanes_of(network)
    single = {name: after_losing(network, name) for name in lanes}
    pairs = {pair: after_losing(network, *pair) for pair in combinations(lanes, 2)}
    assert capacity(network) == pytest.approx(80)
    assert min(single, key=single.__getitem__) == "lane:start-c"
    assert min(single.values()) == pytest.approx(10)
    best = [pair for pair, value in pairs.items() if value == pytest.approx(0, abs=1e-7)]
    assert ("lane:start-b", "lane:start-c") in best
    assert len(best) > 1


def test_clrs_network_carries_23_the_cut_of_three_lanes() -> None:
    assert capacity(clrs()) == pytest.approx(23)
    assert after_losing(clrs(), "lane:v1-v3", "lane:v4-v3", "lane:v4-end") == pytest.approx(0)


def test_three_goods_share_a_triangle_and_flow_is_less_than_the_least_cut() -> None:
    network = triangle()
    sides = ["lane:a-b", "lane:b-c", "lane:c-a"]
    assert capacity(network) == pytest.approx(1.5)
    for side in sides:
        assert after_losing(network, side) == pytest.approx(1)
    for pair in combinations(sides, 2):
        assert after_losing(network, *pair) == pytest.approx(0, abs=1e-9)


# --- products


def test_wyndor_makes_two_doors_and_six_windows() -> None:
    found = solved(wyndor())
    output = found.systems().set_index("system")["output_per_month"]
    assert found.capacity == pytest.approx(36)
    assert output.to_dict() == pytest.approx({"doors": 2, "windows": 6})


def test_wyndor_prices_its_hours_at_0_and_1_5_and_1() -> None:
    found = solved(wyndor())
    scale = found.model.sets.scale
    rows = found.model.formulation.rows
    # percent of the worth a normalised unit of a scaled row, back to worth an hour
    price = {
        row.what[1].item: found.prices[n] / row.size / scale.need[row.what[1].item]
        for n, row in enumerate(rows)
        if row.family == "balance" and not isinstance(row.what[1], str)
    }
    hours = [price[f"hours{n}"] * scale.worth / 100 for n in (1, 2, 3)]
    assert hours == pytest.approx([0, 1.5, 1], abs=1e-9)


@pytest.mark.parametrize(
    ("hours", "made"),
    [
        ((4, 6, 18), 27), ((4, 18, 18), 45), ((4, 5, 18), 24.5), ((4, 19, 18), 45),
        ((4, 12, 12), 30), ((4, 12, 24), 42), ((4, 12, 11), 27.5), ((4, 12, 25), 42),
        ((2, 12, 18), 36), ((1, 12, 18), 33),
    ],
)  # fmt: skip
def test_wyndor_keeps_its_prices_as_far_as_the_book_says(
    hours: tuple[float, float, float], made: float
) -> None:
    assert capacity(wyndor(hours=hours)) == pytest.approx(made)


def test_a_tree_of_requirements_gives_the_smallest_ratio_of_limit_to_need() -> None:
    network = dataset(
        system("craft", 100),
        need("craft", "frame", 2),
        need("craft", "motor", 4),
        need("motor", "coil", 3),
        plant("works", "motor", END, 500),
        supply("frames", "frame", END, 150),
        supply("coils", "coil", END, 720),
    )
    assert capacity(network) == pytest.approx(min(150 / 2, 500 / 4, 720 / 12))


def test_symmetric_pair_loses_more_together_than_apart() -> None:
    pair = symmetric_pair()
    one = 1 - after_losing(pair, "supply:one") / 100
    other = 1 - after_losing(pair, "supply:other") / 100
    both = 1 - after_losing(pair, "supply:one", "supply:other") / 100
    assert (one, other, both) == pytest.approx((0.4, 0.4, 1.0))
    assert both - (one + other) == pytest.approx(0.2)


def test_two_limits_of_exactly_100_bind_and_neither_is_a_bottleneck() -> None:
    network = tight_pair()
    assert capacity(network) == pytest.approx(100)
    for element in ("supply:source", "lane:start-end"):
        assert capacity(network, cut({element: 0.01})) == pytest.approx(99)
        assert capacity(network, cut({element: -0.01})) == pytest.approx(100)


# --- time


def test_stock_lasts_as_long_as_it_meets_the_demand() -> None:
    network = chain_with_stock()
    curve = month_by_month(network, ("lane:start-end", 1.0), months=6)
    assert curve == pytest.approx([100, 100, 50, 0, 0, 0], abs=1e-6)


def test_a_stock_of_which_half_is_lost_lasts_half_as_long() -> None:
    lost = (("lane:start-end", 1.0), ("stock:END/part/", 0.5))
    assert month_by_month(chain_with_stock(), *lost, months=3) == pytest.approx([100, 25, 0])


def test_a_partial_cut_stretches_the_stock() -> None:
    curve = month_by_month(chain_with_stock(), ("supply:source", 0.5), months=7)
    assert curve == pytest.approx([100] * 5 + [50] * 2, abs=1e-6)


def test_without_a_cut_the_stock_is_not_touched() -> None:
    network = chain_with_stock()
    assert month_by_month(network, months=4) == pytest.approx([100] * 4)
    steady = solved(network)
    assert steady.capacity == pytest.approx(100)
    assert np.isclose(after_losing(network, f"lane:{START.lower()}-{END.lower()}"), 0)
