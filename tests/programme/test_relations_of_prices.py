"""Relations between plans and prices, and what prices say of other limits.

The numbers in the names of tests are those of the list of relations. Prices are of the programme:
what one more of a limit, in its normalised unit, adds to the shortfall in percent.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.network.effect import Timing
from analyzer.programme.arrays import LinearProgramme
from analyzer.programme.certificate import certificate, limits, uses, worths
from analyzer.programme.flow import Options
from analyzer.programme.highs import Method, Solver
from analyzer.programme.persistent import limited
from analyzer.study.prices import prices
from benchmarks.networks import network
from supply_data.schema import Tables, Weighting
from tests.changes import recounted, unshared
from tests.effort import SEEDS, tries
from tests.random_effects import some_effect, some_limits
from tests.solved import built, optimum, solved

pytestmark = pytest.mark.soak
FEW = settings(max_examples=tries(30, 300))
SAME = 1e-6
"""How far two optima may differ, in percent; certificates allow 1e-4."""
TIGHT = 1e-7
"""What counts as nothing of a price in percent, or of a limit in normalised units."""


def moved(programme: LinearProgramme, limit: int, to: float) -> LinearProgramme:
    """Return the programme with one limit elsewhere: a column's bound or a row's upper side."""
    width = len(programme.high)
    if limit < width:
        return limited(programme, high={limit: to})
    return limited(programme, row_high={limit - width: to})


def priced_limits(programme: LinearProgramme, worth: np.ndarray) -> list[int]:
    """Return which columns' bounds and rows' upper sides have a price, the dearest first."""
    width, rows = len(programme.high), len(programme.row_high)
    one_sided = np.append(np.ones(width), np.isinf(programme.row_low)).astype(bool)
    own = worth[: width + rows]
    return [n for n in np.argsort(own).tolist() if own[n] < -1e-3 and one_sided[n]]


# --- at the optimum


@FEW
@given(seed=SEEDS)
def test_relations_55_and_57_prices_have_their_signs_and_no_column_could_pay_more(
    seed: int,
) -> None:
    tables = network(seed)
    effect = some_effect(tables, seed)
    programme = built(tables, (effect,)).under(effect)
    solver = Solver(programme, method=Method.PLAIN)
    found = solver.answer()
    assert (found.prices[np.isinf(programme.row_low)] <= TIGHT).all()
    assert (found.prices[np.isinf(programme.row_high)] >= -TIGHT).all()
    reduced = programme.cost - programme.priced(found.prices)
    told = np.array(solver._highs.getSolution().col_dual)
    np.testing.assert_allclose(told, reduced, rtol=0, atol=TIGHT)
    open_up, open_down = found.plan < programme.high - TIGHT, found.plan > TIGHT
    assert (reduced[open_up] >= -TIGHT).all()
    assert (reduced[open_down] <= TIGHT).all()


@FEW
@given(seed=SEEDS)
def test_relation_56_what_is_left_of_a_limit_times_its_price_is_nothing(seed: int) -> None:
    tables = network(seed)
    found = solved(tables, some_effect(tables, seed))
    programme = found.programme
    left = limits(programme) - uses(programme, found.plan)
    priced = worths(programme, found.prices)
    known = np.isfinite(left)
    assert (priced[~known] == 0).all()
    np.testing.assert_allclose(left[known] * priced[known], 0, atol=SAME)


@FEW
@given(seed=SEEDS, months=st.sampled_from([None, 3]))
def test_relations_62_and_63_doing_nothing_is_a_plan_and_no_plan_is_without_bound(
    seed: int, months: int | None
) -> None:
    """So no network is infeasible or unbounded, and there is no ray to verify."""
    tables = network(seed)
    options = Options(timing=Timing(months=months))
    programme = built(tables, options=options).baseline
    if months is None:
        effect = some_effect(tables, seed)
        programme = built(tables, (effect,)).under(effect)
    nothing = np.zeros(len(programme.cost))
    held = certificate(programme, nothing, np.zeros(len(programme.row_low)), optimal=True)
    assert held.residual == 0
    assert held.value == programme.constant
    assert np.isfinite(programme.high).all()
    assert held.bound == pytest.approx(0, abs=SAME)


@FEW
@given(seed=SEEDS)
def test_relation_68_no_system_lacks_more_than_its_target(seed: int) -> None:
    tables = network(seed)
    found = solved(tables, some_effect(tables, seed))
    systems = found.systems().set_index("system")
    lacking = systems["target_per_month"] - systems["output_per_month"]
    assert (lacking >= -1e-9 * systems["target_per_month"]).all()
    assert (lacking <= systems["target_per_month"]).all()
    weight = found.model.sets.scale.weight
    summed = sum(100 * weight[str(name)] * (1 - row["share"]) for name, row in systems.iterrows())
    assert summed == pytest.approx(found.certificate.value, abs=SAME)


# --- away from it


@FEW
@given(seed=SEEDS)
def test_relation_53_within_its_range_a_price_is_exact(seed: int) -> None:
    tables = network(seed)
    programme = solved(tables, some_limits(tables, seed)).programme
    solver = Solver(programme, method=Method.PLAIN)
    found = solver.answer()
    _, ranging = solver._highs.getRanging()
    here, width = optimum(programme), len(programme.high)
    worth = worths(programme, found.prices)
    for limit in priced_limits(programme, worth)[:3]:
        if limit < width:
            up, down, at = ranging.col_bound_up, ranging.col_bound_dn, limit
            stands = programme.high[limit]
        else:
            up, down, at = ranging.row_bound_up, ranging.row_bound_dn, limit - width
            stands = programme.row_high[at]
        for end in (up.value_[at], down.value_[at]):
            to = float(np.clip(end, 0, stands + 1))
            for there in (to, (to + stands) / 2):
                straight = here + worth[limit] * (there - stands)
                assert optimum(moved(programme, limit, there)) == pytest.approx(straight, abs=SAME)


@FEW
@given(seed=SEEDS, step=st.floats(0.01, 0.3))
def test_relation_59_a_price_lies_between_what_less_costs_and_what_more_brings(
    seed: int, step: float
) -> None:
    tables = network(seed)
    found = solved(tables, some_limits(tables, seed))
    programme = found.programme
    worth, stand = worths(programme, found.prices), limits(programme)
    here = found.certificate.value
    for limit in priced_limits(programme, worth)[:3]:
        size = min(step, stand[limit])
        more = optimum(moved(programme, limit, stand[limit] + size)) - here
        less = here - optimum(moved(programme, limit, stand[limit] - size))
        # falling: less of the limit costs more than one more brings
        assert less <= worth[limit] * size + SAME
        assert worth[limit] * size <= more + SAME


@FEW
@given(seed=SEEDS, factor=st.sampled_from([1e-3, 12.0]))
def test_relation_61_prices_go_against_the_unit(seed: int, factor: float) -> None:
    tables = unshared(network(seed))
    item = [*tables.components][seed % len(tables.components)]
    one, other = (priced(each) for each in (tables, recounted(tables, item, factor)))
    assert set(one) == set(other)
    for element, price in one.items():
        row = tables.elements[element]
        counts = getattr(row, "component", getattr(row, "product", None)) == item
        expected = tuple(each / (factor if counts else 1.0) for each in price)
        assert other[element] == pytest.approx(expected, rel=1e-5, abs=1e-12, nan_ok=True)


def priced(tables: Tables) -> dict[str, tuple[float, float]]:
    """Return by element what one unit less costs and one more brings, in shares of targets."""
    found = solved(tables, options=Options(weighting=Weighting.TARGET))
    capacity = found.capacity
    assert capacity is not None
    if capacity < SAME:
        return {}
    frame = prices(found, base=capacity).set_index("element")
    return {str(e): (row["price_down"], row["price_up"]) for e, row in frame.iterrows()}
