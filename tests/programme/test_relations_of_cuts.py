"""Relations between the losses of different cuts of one network.

The numbers in the names of tests are those of the list of relations. Losses are shares of all
targets, by worth.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analyzer.network.effect import Effect, Timing
from analyzer.network.goods import Good
from analyzer.programme.canon import published
from analyzer.programme.certificate import certificate, safe_bound
from analyzer.programme.flow import Options
from analyzer.programme.highs import answer
from analyzer.programme.persistent import limited
from analyzer.programme.solution import solution
from benchmarks.networks import network
from supply_data.schema import Stock, System, Tables, Weighting
from tests.changes import each, multiplied
from tests.effort import SEEDS, tries
from tests.networks_by_hand import (
    END,
    START,
    dataset,
    diamond,
    flow_network,
    lane,
    need,
    supply,
    symmetric_pair,
    system,
    tight_pair,
)
from tests.random_effects import both, some_effect, some_elements, some_limits
from tests.solved import built, capacity, cut, elements, shortfalls, solved, stopped

pytestmark = pytest.mark.soak
FEW = settings(max_examples=tries(30, 300))
SAME = 1e-8
"""How far two optima may differ, as a share of all targets; certificates allow 1e-6."""


def losses(tables: Tables, *effects: Effect) -> list[float]:
    """Return what each effect takes from the baseline."""
    base, *under = shortfalls(tables, *effects)
    return [value - base for value in under]


def lost(names: tuple[str, ...] | frozenset[str], share: float = 1.0) -> Effect:
    return cut(dict.fromkeys(names, share))


def used(tables: Tables) -> dict[str, float]:
    """Return what one optimal plan takes of each element, in its own unit."""
    flows = solved(tables).flows()
    flows = flows[flows["kind"].isin(["supply", "lane", "plant"])]
    dollars = flows["value_usd_per_month"].where(
        flows["kind"] == "lane", flows["quantity_per_month"]
    )
    return dict(dollars.groupby(flows["element"]).sum())


def limits(tables: Tables) -> dict[str, float | None]:
    """Return what is known of the capacity of each element, in its own unit."""
    return {
        **{row.element: row.capacity_per_month for row in tables.supplies.values()},
        **{row.element: row.capacity_usd_per_month for row in tables.lanes.values()},
        **{row.element: row.capacity_per_month for row in tables.plants.values()},
    }


# --- slack


@FEW
@given(seed=SEEDS)
def test_relation_28_limits_cut_down_to_their_use_change_nothing(seed: int) -> None:
    tables = network(seed)
    taken = used(tables)
    spare = {
        element: 1 - min(taken.get(element, 0.0) / limit * (1 + 1e-9), 1.0)
        for element, limit in limits(tables).items()
        if limit
    }
    assert losses(tables, cut(spare)) == [pytest.approx(0, abs=SAME)]


@FEW
@given(seed=SEEDS, factor=st.floats(1.1, 100))
def test_relation_29_raising_what_is_slack_changes_nothing(seed: int, factor: float) -> None:
    tables = network(seed)
    taken = used(tables)
    slack = [e for e, most in limits(tables).items() if most and taken.get(e, 0.0) < 0.999 * most]
    assert losses(tables, cut(dict.fromkeys(slack, 1 - factor))) == [pytest.approx(0, abs=SAME)]


@FEW
@given(seed=SEEDS)
def test_relation_60_what_is_slack_has_no_price(seed: int) -> None:
    tables = network(seed)
    found = solved(tables, some_limits(tables, seed))
    programme = found.model.under(found.effect)
    activity = programme.matrix @ found.plan
    room = np.minimum(activity - programme.row_low, programme.row_high - activity)
    assert np.abs(found.prices[room > 1e-6]).max(initial=0) <= 1e-6


@FEW
@given(seed=SEEDS)
def test_relation_8_the_order_of_scenarios_is_irrelevant(seed: int) -> None:
    tables = network(seed)
    effects = [some_effect(tables, seed + n) for n in range(3)]
    base, *under = shortfalls(tables, *effects)
    assert shortfalls(tables, *reversed(effects)) == pytest.approx(
        [base, *reversed(under)], abs=SAME
    )


# --- more and less


@FEW
@given(seed=SEEDS)
def test_relations_36_and_44_deeper_cuts_never_cost_less(seed: int) -> None:
    tables = network(seed)
    one, two, three = (some_effect(tables, seed + n) for n in range(3))
    found = losses(tables, one, both(one, two), both(both(one, two), three))
    for less, more in pairwise(found):
        assert less <= more + SAME


@FEW
@given(seed=SEEDS)
def test_relation_38_more_demand_never_costs_less(seed: int) -> None:
    tables = network(seed)
    more = multiplied(tables, 1.5, {System: ("target_per_month",)})
    units = Options(weighting=Weighting.UNITS)  # a weight that does not change with the target
    found = solved(tables, options=units), solved(more, options=units)
    unmet = [each.model.sets.scale.worth * each.certificate.value for each in found]
    assert unmet[0] <= unmet[1] * (1 + SAME)


@FEW
@given(seed=SEEDS, share=st.floats(0.1, 0.9))
def test_relation_42_a_budget_never_helps_and_a_larger_one_never_hurts(
    seed: int, share: float
) -> None:
    tables = network(seed)
    worth = sum(
        need * (tables.value_usd(item) or 0.0)
        for item, need in solved(tables).model.sets.scale.need.items()
    )
    free = shortfalls(each(tables, lambda row: iter([row]), budget_usd_per_month=None))[0]
    small, large = (
        shortfalls(tables, options=Options(budget_usd_per_month=budget))[0]
        for budget in (share * worth, worth)
    )
    assert free <= large + SAME
    assert large <= small + SAME


@FEW
@given(seed=SEEDS)
def test_relation_43_more_stock_never_hurts(seed: int) -> None:
    tables = network(seed)
    months = Options(timing=Timing(months=3))
    found = [
        solved(multiplied(tables, factor, {Stock: ("quantity",)}), options=months)
        for factor in (1e-3, 1, 10)
    ]
    for less, more in pairwise(found):
        assert more.certificate.value <= less.certificate.value + 100 * SAME


@FEW
@given(seed=SEEDS)
def test_relation_45_joint_loss_lies_between_the_largest_and_all(seed: int) -> None:
    tables = network(seed)
    a, b = some_elements(tables, seed), some_elements(tables, seed + 1)
    one, other, joint, whole = losses(tables, lost(a), lost(b), lost(a + b), lost(elements(tables)))
    assert max(one, other) <= joint + SAME
    assert joint <= whole + SAME


@FEW
@given(seed=SEEDS)
def test_relation_46_what_two_cuts_share_costs_no_more_than_either(seed: int) -> None:
    tables = network(seed)
    a, b = (frozenset(some_elements(tables, seed + n, share=0.6)) for n in range(2))
    assume(a & b)
    one, other, shared = losses(tables, lost(a), lost(b), lost(a & b))
    assert shared <= min(one, other) + SAME


@FEW
@given(seed=SEEDS)
def test_relation_47_one_good_loses_no_more_than_flowed_there(seed: int) -> None:
    draw = np.random.default_rng(seed)
    places = ("A", "B", "C", "D")
    ends = [(START, p) for p in places] + [(p, "END") for p in places]
    ends += [(p, q) for p in places for q in places if p != q and draw.random() < 0.5]
    tables = flow_network(*((a, b, float(draw.integers(1, 50))) for a, b in ends))
    flow, most = used(tables), limits(tables)
    base = capacity(tables)
    names = tuple(row.element for row in tables.lanes.values() if draw.random() < 0.3)
    assume(names)
    loss = base - capacity(tables, lost(names))
    through = sum(flow.get(name, 0.0) for name in names)
    assert loss <= through + 1e-6
    assert through <= sum(most[name] or 0.0 for name in names) + 1e-6


# --- curvature, for cuts of limits only


@FEW
@given(seed=SEEDS)
def test_relations_48_to_50_losses_are_convex_in_the_cut(seed: int) -> None:
    tables = network(seed)
    known = limits(tables)
    names = tuple(e for e in some_elements(tables, seed, share=0.4) if known[e] is not None)
    assume(names)
    shares = np.linspace(0, 1, 6)
    values = np.array(losses(tables, *(lost(names, share) for share in shares)))
    assert (np.diff(values, 2) >= -SAME).all()
    assert (values <= shares * values[-1] + SAME).all()
    assert (np.diff(values[1:] / shares[1:]) >= -SAME).all()


# --- duality


@FEW
@given(seed=SEEDS)
def test_relation_54_plan_and_prices_meet(seed: int) -> None:
    tables = network(seed)
    for effect in (None, some_effect(tables, seed)):
        assert abs(solved(tables, effect).certificate.width) < 1e-9


@FEW
@given(seed=SEEDS)
def test_relation_58_prices_of_one_scenario_bound_all_others(seed: int) -> None:
    tables = network(seed)
    effects = [some_limits(tables, seed + n) for n in range(4)]
    programme = built(tables, effects)
    found = [solution(programme, effect) for effect in effects]
    for one in found:
        for other in found:
            bound = safe_bound(programme.under(other.effect), one.prices)
            assert bound <= other.certificate.value + 100 * SAME


@FEW
@given(seed=SEEDS)
def test_a_plan_that_fits_tighter_limits_needs_no_solve(seed: int) -> None:
    tables = network(seed)
    effect = some_limits(tables, seed)
    programme = built(tables, (effect,))
    base, under = solution(programme), solution(programme, effect)
    tried = certificate(programme.under(effect), base.plan, under.prices, optimal=True)
    assert tried.certified == (
        tried.residual <= 1e-7 and abs(base.certificate.value - under.certificate.value) <= 1e-4
    )


# --- extremes


@FEW
@given(seed=SEEDS)
def test_relation_64_no_cut_loses_nothing(seed: int) -> None:
    tables = network(seed)
    assert losses(tables, Effect(), cut({})) == [0.0, 0.0]


@FEW
@given(seed=SEEDS)
def test_relations_65_and_66_all_cut_leaves_nothing_and_no_loss_is_larger(seed: int) -> None:
    tables = network(seed)
    base, some, whole = shortfalls(tables, some_effect(tables, seed), lost(elements(tables)))
    assert whole == pytest.approx(1, abs=SAME)
    assert -SAME <= base <= some + SAME
    assert some <= whole + SAME


# --- false claims, each with the network that shows it


def test_losses_of_substitutes_are_not_sub_additive() -> None:
    one, other, joint = losses(
        symmetric_pair(),
        cut("supply:one"),
        cut("supply:other"),
        lost(("supply:one", "supply:other")),
    )
    assert joint > one + other + 0.1


def test_losses_in_series_are_not_super_additive() -> None:
    first, second = "lane:start-mid", "lane:mid-end"
    chain = flow_network((START, "MID", 10), ("MID", "END", 10), target=10)
    one, other, joint = losses(chain, cut(first), cut(second), lost((first, second)))
    assert joint < one + other - 0.1


def test_flow_of_one_lane_may_grow_under_a_cut_of_another() -> None:
    before, after = (
        published(solved(diamond(), effect)).flows().set_index("element")["quantity_per_month"]
        for effect in (None, cut("lane:start-north"))
    )
    assert after["lane:start-south"] == pytest.approx(70)
    assert after["lane:start-south"] > before["lane:start-south"] + 1


def test_optimal_flows_are_not_unique() -> None:
    found = solved(diamond())
    columns = found.model.formulation.instance.columns
    number = {c.what[0]: n for n, c in enumerate(columns) if c.variable == "sent"}
    north = [number["lane:start-north"], number["lane:north-end"]]
    south = [number["lane:start-south"], number["lane:south-end"]]
    plans = []
    for through_north in (0.30, 0.40):
        plan = found.plan.copy()
        plan[north], plan[south] = through_north, 1 - through_north
        plans.append(certificate(found.model.baseline, plan, found.prices, optimal=True))
    assert all(plan.certified for plan in plans)
    assert replace(plans[0], residual=0) == replace(plans[1], residual=0)


def test_optimal_prices_are_not_unique() -> None:
    """Of two limits of exactly 100 in a row either may be the one with the price."""
    found = solved(tight_pair())
    programme, places = found.programme, found.model.places
    source, way = places["supply:source"], places["lane:start-end"]
    assert way.row is not None
    looser = (
        limited(programme, high={source.columns[0]: 2 * source.figure}, row_high={}),
        limited(programme, high={}, row_high={way.row: 2 * way.figure}),
    )
    one, other = (answer(programme).prices for programme in looser)
    for prices in (one, other):
        assert certificate(programme, found.plan, prices, optimal=True).certified
    assert one[way.row] < -1
    assert abs(other[way.row]) < SAME


def test_losses_are_not_convex_in_what_stops_goods_on_two_legs_of_a_way() -> None:
    """What arrives multiplies: 48 to 50 are of limits alone."""
    chain = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", START, 100),
        lane(START, "MID"),
        lane("MID", END),
    )
    good = Good("part", None, ())
    legs = [("lane:start-mid", good), ("lane:mid-end", good)]
    half, whole = losses(chain, *(stopped(dict.fromkeys(legs, share)) for share in (0.5, 1.0)))
    assert half == pytest.approx(0.75, abs=SAME)
    assert half > 0.5 * whole + 0.2
