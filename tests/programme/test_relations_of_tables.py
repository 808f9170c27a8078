"""Relations between a dataset and the same said otherwise: the optimum must not notice, or scale.

The numbers in the names of tests are those of the list of relations.
"""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.network.effect import Timing
from analyzer.programme.flow import Options
from benchmarks.networks import END, network
from supply_data.schema import (
    Lane,
    Plant,
    Requirement,
    Row,
    Supply,
    System,
    Tables,
    Weighting,
)
from tests.changes import (
    QUANTITIES,
    all_multiplied,
    each,
    halfway,
    in_cents,
    joined,
    multiplied,
    recounted,
    renamed,
    reordered,
    scattered,
    split,
    timeless,
    times,
    told,
    unmixed,
    unshared,
    with_one_sink,
    with_one_source,
    with_rows,
    with_waypoints,
    without_lanes,
)
from tests.effort import SEEDS, tries
from tests.networks_by_hand import START, flow_network, lane, part, plant, supply
from tests.random_effects import some_effect, some_limits
from tests.solved import capacity, shortfall, shortfalls, solved

pytestmark = pytest.mark.soak
FEW = settings(max_examples=tries(30, 300))
SAME = 1e-8
"""How far two optima may differ, as a share of all targets; certificates allow 1e-6."""


def same(value: float) -> object:
    return pytest.approx(value, abs=SAME)


@FEW
@given(seed=SEEDS)
def test_relations_1_to_3_the_order_of_rows_is_irrelevant(seed: int) -> None:
    tables = network(seed)
    assert shortfall(reordered(tables, seed)) == same(shortfall(tables))


@FEW
@given(seed=SEEDS, alphabet=st.text(min_size=4, max_size=12))
def test_relation_4_names_are_irrelevant(seed: int, alphabet: str) -> None:
    tables = network(seed)
    letters = "".join(c for c in alphabet if c.isalpha()) or "ж"
    foreign = renamed(tables, lambda key: f"{letters[len(key) % len(letters)]} {key[::-1]}")
    assert shortfall(foreign) == same(shortfall(tables))


@FEW
@given(seed=SEEDS)
def test_relation_6_columns_that_only_say_something_change_nothing(seed: int) -> None:
    tables = network(seed)
    one, other = solved(tables), solved(told(tables, "=1+1 \u202e заметка"))
    assert one.plan.tobytes() == other.plan.tobytes()
    assert one.certificate == other.certificate


@FEW
@given(seed=SEEDS)
def test_relation_7_a_part_that_serves_no_system_changes_nothing(seed: int) -> None:
    tables = network(seed)
    idle = with_rows(tables, part("idle"), supply("idle-0", "idle", "O0", 1e6))
    assert shortfall(idle) == same(shortfall(tables))


@FEW
@given(seed=SEEDS, factor=st.sampled_from([1e-3, 0.5, 12.0, 1e4]))
def test_relations_16_and_19_all_quantities_times_k_give_k_times_the_capacity(
    seed: int, factor: float
) -> None:
    """As when all is counted by the year: the steady state knows no length of its period."""
    tables, more = network(seed), all_multiplied(network(seed), factor)
    assert shortfall(more) == same(shortfall(tables))
    units = Options(weighting=Weighting.UNITS)
    expected = factor * capacity(tables, options=units)
    assert capacity(more, options=units) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@FEW
@given(seed=SEEDS, factor=st.sampled_from([1e-3, 7.0, 1e4]))
def test_relations_17_and_41_all_weights_times_k_give_k_times_the_capacity(
    seed: int, factor: float
) -> None:
    """And leave as little unmet: worth is all that is weighed, so one weight for all is none."""
    tables = network(seed)
    more = multiplied(tables, factor, {System: ("weight",)})
    weighed = Options(weighting=Weighting.WEIGHT)
    (one,), (other,) = (shortfalls(t, options=weighed) for t in (tables, more))
    assert other == same(one)
    expected = factor * capacity(tables, options=weighed)
    assert capacity(more, options=weighed) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@FEW
@given(seed=SEEDS, factor=st.sampled_from([1e-5, 1e5]), which=st.integers(0, 99))
def test_relation_18_the_unit_of_any_item_is_irrelevant(
    seed: int, factor: float, which: int
) -> None:
    tables = unshared(network(seed))
    items = [*tables.components, *tables.systems]
    recounted_tables = recounted(tables, items[which % len(items)], factor)
    for weighting in (Weighting.TARGET, Weighting.WEIGHT):  # units weigh what they count
        options = Options(weighting=weighting)
        (one,), (other,) = (
            shortfalls(tables, options=options),
            shortfalls(recounted_tables, options=options),
        )
        assert other == same(one)


@FEW
@given(seed=SEEDS, factor=st.sampled_from([1e-5, 1e5]))
def test_relation_20_the_currency_is_irrelevant(seed: int, factor: float) -> None:
    tables = network(seed)
    assert shortfall(in_cents(tables, factor)) == same(shortfall(tables))


@FEW
@given(seed=SEEDS, share=st.floats(0.1, 0.9))
def test_relations_22_to_24_splitting_and_merging_twins_change_nothing(
    seed: int, share: float
) -> None:
    tables = network(seed)
    assert shortfall(split(tables, share)) == same(shortfall(tables))


@FEW
@given(seed=SEEDS)
def test_relation_25_a_place_to_pass_through_changes_nothing(seed: int) -> None:
    tables = network(seed)
    assert shortfall(with_waypoints(tables)) == same(shortfall(tables))


@FEW
@given(seed=SEEDS)
def test_relation_26_a_lane_and_a_supply_of_nothing_change_nothing(seed: int) -> None:
    tables = network(seed)
    more = with_rows(tables, lane("O0", END, 0), supply("none", "c0", END, 0))
    assert shortfall(more) == same(shortfall(tables))


@FEW
@given(seed=SEEDS)
def test_relation_27_lanes_that_a_plan_leaves_idle_are_not_needed(seed: int) -> None:
    tables = network(seed)
    used = frozenset(solved(tables).flows()["element"])
    idle = frozenset(row.element for row in tables.lanes.values()) - used
    assert shortfall(without_lanes(tables, idle)) == same(shortfall(tables))


@FEW
@given(seed=SEEDS)
def test_relation_31_two_copies_field_twice_as_much(seed: int) -> None:
    tables = unmixed(network(seed))
    copy = renamed(tables, lambda key: key if key == END else f"{key}'")
    assert shortfall(joined(tables, copy)) == same(shortfall(tables))
    units = Options(weighting=Weighting.UNITS)
    twice = 2 * capacity(tables, options=units)
    assert capacity(joined(tables, copy), options=units) == pytest.approx(twice, rel=1e-6)


@FEW
@given(seed=SEEDS)
def test_relation_32_a_cut_in_one_part_leaves_the_other_alone(seed: int) -> None:
    one = unmixed(network(seed))
    other = renamed(unmixed(network(seed + 1)), lambda key: key if key == END else f"{key}'")
    units = Options(weighting=Weighting.UNITS)
    effect = some_limits(one, seed)
    apart = capacity(one, effect, options=units) + capacity(other, options=units)
    assert capacity(joined(one, other), effect, options=units) == pytest.approx(apart, rel=1e-6)


@FEW
@given(seed=SEEDS)
def test_relation_33_one_source_before_all_supplies_and_one_sink_change_nothing(seed: int) -> None:
    tables = each(network(seed), lambda row: iter([row]), budget_usd_per_month=None)
    assert shortfall(with_one_source(tables)) == same(shortfall(tables))
    planted = with_rows(tables, *at_home(tables))
    assert shortfall(with_one_sink(planted)) == same(shortfall(tables))


def at_home(tables: Tables) -> Iterator[Plant]:
    """Yield plants without limit at the destination for all systems that have none."""
    planted = {row.product for row in tables.plants.values()}
    for name in tables.systems:
        if name not in planted:
            yield plant(f"home-{name}", name, END)


@FEW
@given(seed=SEEDS)
def test_relation_34_of_one_good_as_much_flows_backwards(seed: int) -> None:
    draw = np.random.default_rng([11, seed])
    places = (START, "A", "B", "C", END)
    lanes = [
        (one, other, float(draw.integers(0, 40)))
        for one in places
        for other in places
        if one != other and draw.random() < 0.5
    ]
    turned = {START: END, END: START}
    back = [(turned.get(b, b), turned.get(a, a), most) for a, b, most in lanes]
    assert capacity(flow_network(*back)) == pytest.approx(capacity(flow_network(*lanes)), abs=1e-6)


@FEW
@given(seed=SEEDS)
def test_relation_35_equal_months_without_stocks_and_delays_are_the_steady_state(seed: int) -> None:
    tables = timeless(network(seed))
    months = solved(tables, options=Options(timing=Timing(months=3))).by_period
    assert months == pytest.approx([capacity(tables)] * 3, rel=1e-6, abs=1e-6)


@FEW
@given(seed=SEEDS)
def test_merged_goods_have_the_same_optimum_as_goods_kept_apart(seed: int) -> None:
    tables = network(seed)
    effects = some_limits(tables, seed), some_effect(tables, seed)
    merged = shortfalls(tables, *effects)
    apart = shortfalls(tables, *effects, options=Options(merge=False))
    np.testing.assert_allclose(apart, merged, atol=SAME)


@FEW
@given(seed=SEEDS)
def test_relation_37_a_lane_or_a_supply_more_never_hurts(seed: int) -> None:
    tables = network(seed)
    way = with_rows(tables, lane("O0", END))
    more = with_rows(tables, supply("new", "c0", END))
    assert shortfall(way) <= shortfall(tables) + SAME
    assert shortfall(more) <= shortfall(tables) + SAME


@FEW
@given(seed=SEEDS, share=st.floats(0.1, 1.0))
def test_relation_39_who_needs_less_of_a_component_fields_no_less(seed: int, share: float) -> None:
    tables = network(seed)
    draw = np.random.default_rng([12, seed])

    def change(row: Row) -> Iterator[Row]:
        less = isinstance(row, Requirement) and draw.random() < 0.5
        yield times(row, share, "quantity") if less else row

    assert shortfall(each(tables, change)) <= shortfall(tables) + SAME


@FEW
@given(seed=SEEDS, factor=st.floats(1.0, 10.0))
def test_relation_40_higher_costs_never_help_and_higher_weights_leave_no_less_unmet(
    seed: int, factor: float
) -> None:
    tables = network(seed)
    draw = np.random.default_rng([13, seed])
    dear = multiplied(tables, factor, {Supply: ("cost_usd",), Lane: ("markup",)})
    assert shortfall(dear) >= shortfall(tables) - SAME

    def change(row: Row) -> Iterator[Row]:
        more = isinstance(row, System) and draw.random() < 0.5
        yield times(row, factor, "weight") if more else row

    one, other = unmet(tables), unmet(each(tables, change))
    assert other >= one * (1 - SAME)


def unmet(tables: Tables, weighting: Weighting = Weighting.WEIGHT) -> float:
    """Return the sum of weight times units that is not met."""
    found = solved(tables, options=Options(weighting=weighting))
    return found.model.sets.scale.worth * found.certificate.value / 100


@FEW
@given(seed=SEEDS)
def test_relation_51_what_is_unmet_is_convex_in_capacities_and_targets(seed: int) -> None:
    tables = network(seed)
    other = scattered(tables, seed, QUANTITIES)
    ends = unmet(tables, Weighting.UNITS), unmet(other, Weighting.UNITS)
    middle = unmet(halfway(tables, other, QUANTITIES), Weighting.UNITS)
    assert middle <= sum(ends) / 2 + SAME * max(ends)


@FEW
@given(seed=SEEDS)
def test_relation_52_what_is_unmet_is_concave_in_weights(seed: int) -> None:
    tables = network(seed)
    weights: dict[type[Row], tuple[str, ...]] = {System: ("weight",)}
    other = scattered(tables, seed, weights)
    ends = unmet(tables), unmet(other)
    assert unmet(halfway(tables, other, weights)) >= sum(ends) / 2 - SAME * max(ends)
