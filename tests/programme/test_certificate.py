"""The certificate catches what is wrong, whoever claims it, and passes what is right."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog

from analyzer.programme.arrays import LinearProgramme, Vector
from analyzer.programme.certificate import (
    RESIDUAL,
    WIDTH,
    Certificate,
    certificate,
    residual,
    safe_bound,
)
from analyzer.programme.scale import PERCENT
from analyzer.programme.solution import Solution
from benchmarks.networks import network
from tests.effort import tries
from tests.random_effects import some_effect, some_limits
from tests.solved import solved

SEEDS = st.integers(0, 10_000)
COUNT = tries(1_000, 10_000)
NO_NUMBERS = (np.nan, np.inf, -np.inf)
Claim = tuple[str, LinearProgramme, Vector, Vector, bool]
"""What is wrong, the programme, a plan and prices for it, and whether the solver calls it optimal.
"""


def honest(seed: int) -> tuple[Solution, LinearProgramme]:
    tables = network(seed)
    found = solved(tables, some_effect(tables, seed))
    return found, found.model.under(found.effect)


def fit_for_lies(found: Solution) -> bool:
    """Tell whether something can be claimed too high, and something too low."""
    return 0.1 <= found.certificate.value <= PERCENT * 0.999


def false_plans(found: Solution, programme: LinearProgramme, seed: int) -> Iterator[Claim]:
    """Yield plans that keep to no limits, or are not the best, by more than is allowed."""
    draw = np.random.default_rng([5, seed])
    plan, prices = found.plan, found.prices
    fielded = [n for n, c in enumerate(found.model.formulation.instance.columns) if c[0] == "x"]
    n, any_column = int(draw.choice(fielded)), int(draw.integers(len(plan)))

    def moved(column: int, value: float) -> Vector:
        other = plan.copy()
        other[column] = value
        return other

    yield "less than was found", programme, moved(n, 0.98 * plan[n] - 1e-3), prices, True
    yield "more than its parts", programme, moved(n, plan[n] + 1e-5), prices, True
    yield "a hair more than its parts", programme, moved(n, plan[n] + 2e-6), prices, True
    yield "below nothing", programme, moved(any_column, -1.1e-7), prices, True
    above = programme.high[any_column] + 1.1e-7
    yield "a hair above its bound", programme, moved(any_column, above), prices, True
    yield "above its bound", programme, moved(any_column, above + 1), prices, True
    yield "noise", programme, plan + draw.normal(0, 1e-3, size=len(plan)), prices, True
    yield "nothing fielded, which fits", programme, np.zeros_like(plan), prices, True
    yield "all a little less, which fits", programme, (1 - 1e-3) * plan, prices, True
    yield "upside down", programme, -plan, prices, True
    yield "columns exchanged", programme, plan[::-1].copy(), prices, True
    for wrong in NO_NUMBERS:
        yield f"{wrong} in the plan", programme, moved(any_column, wrong), prices, True


def false_prices(found: Solution, programme: LinearProgramme, seed: int) -> Iterator[Claim]:
    """Yield prices that bound the optimum too low, or not at all."""
    draw = np.random.default_rng([6, seed])
    plan, prices = found.plan, found.prices
    yield "prices of nothing", programme, plan, np.zeros_like(prices), True
    for factor in (-1.0, 0.5, 0.99, 1.01, 2.0, PERCENT, 1 / PERCENT):
        yield f"prices times {factor}", programme, plan, factor * prices, True
    yield "noise", programme, plan, prices + draw.normal(0, 1, size=len(prices)), True
    for wrong in NO_NUMBERS:
        other = prices.copy()
        other[int(draw.integers(len(prices)))] = wrong
        yield f"prices with {wrong}", programme, plan, other, True


def false_claims(found: Solution, programme: LinearProgramme, seed: int) -> Iterator[Claim]:
    """Yield right numbers of other programmes, or under another word than optimal."""
    plan, prices = found.plan, found.prices
    yield "not called optimal", programme, plan, prices, False
    tenth = replace(programme, high=0.1 * programme.high, row_high=0.1 * programme.row_high)
    yield "plan of a looser scenario", tenth, plan, prices, True
    costlier = replace(programme, cost=1.01 * programme.cost)
    yield "prices of another weighting", costlier, plan, prices, True
    for wrong in NO_NUMBERS:
        spoilt = programme.cost.copy()
        spoilt[0] = wrong
        yield f"{wrong} in the costs", replace(programme, cost=spoilt), plan, prices, True


def corruptions(found: Solution, programme: LinearProgramme, seed: int) -> Iterator[Claim]:
    yield from false_plans(found, programme, seed)
    yield from false_prices(found, programme, seed)
    yield from false_claims(found, programme, seed)


def truth(programme: LinearProgramme) -> float:
    """Return the optimum in percent by a solver that had no part in any claim."""
    upper, lower = np.isfinite(programme.row_high), np.isfinite(programme.row_low)
    found = linprog(  # type: ignore[call-overload]  # the stubs know no sparse rows
        programme.cost,
        A_ub=sparse.vstack([programme.matrix[upper], -programme.matrix[lower]]),
        b_ub=np.concatenate((programme.row_high[upper], -programme.row_low[lower])),
        bounds=[(0.0, high) for high in programme.high.tolist()],
        method="highs-ds",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    assert found.status == 0
    return programme.constant + float(found.fun)


def is_false(claim: Claim, optimum: float) -> bool:
    """Tell whether a claim is one that must not be certified, from the optimum and the limits.

    A change may do no harm, as of a price that is not used: that is no corruption. What a claim
    is worth is worked out here anew, column by column and row by row.
    """
    _, programme, plan, prices, optimal = claim
    if not optimal or np.isnan(prices).any() or not np.isfinite(plan).all():
        return True
    rows = programme.matrix @ plan
    violations = (
        -plan, plan - programme.high, rows - programme.row_high, programme.row_low - rows
    )  # fmt: skip
    if max(each.max() for each in violations) > RESIDUAL:
        return True
    shortfall = programme.constant + float(programme.cost @ plan)
    return abs(shortfall - optimum) > WIDTH * PERCENT


@pytest.mark.soak
def test_1000_corrupted_solutions_are_all_caught() -> None:
    caught: Counter[str] = Counter()
    seed = 0
    while caught.total() < COUNT:
        seed += 1
        found, programme = honest(seed)
        if not fit_for_lies(found):
            continue
        optimum = found.certificate.value
        for claim in corruptions(found, programme, seed):
            what, wrong, plan, prices, optimal = claim
            tried = certificate(wrong, plan, prices, optimal=optimal)
            if wrong is not programme or is_false(claim, optimum):
                assert not tried.certified, (seed, what, tried)
                caught[what] += 1
            elif what.startswith("prices"):
                # the plan is right, so only a bound that proves it may pass; an infinite price of
                # the wrong sign counts as none
                assert tried.certified == (tried.width <= WIDTH), (seed, what, tried)
                assert not tried.bound > optimum + 1e-7, (seed, what, tried)
                caught[what] += not tried.certified
    assert len(caught) >= 30, caught


@pytest.mark.soak
def test_1000_honest_solutions_all_pass_and_hold_the_truth() -> None:
    passed, seed = 0, 0
    while passed < COUNT:
        seed += 1
        found, programme = honest(seed)
        optimum = truth(programme)
        draw = np.random.default_rng([7, seed])
        for _ in range(20):
            # plans and prices that are off by less than is allowed
            plan = found.plan + draw.uniform(-1, 1, size=len(found.plan)) * 1e-9
            prices = found.prices + draw.uniform(-1, 1, size=len(found.prices)) * 1e-9
            tried = certificate(programme, plan, prices, optimal=True)
            assert tried.certified, (seed, tried)
            assert tried.bound <= optimum + 1e-7, (seed, tried, optimum)
            assert tried.value >= optimum - 2e-5, (seed, tried, optimum)
            passed += 1


@pytest.mark.parametrize(("share", "passes"), [(0.95, True), (1.05, False)])
def test_a_violation_just_below_the_tolerance_passes_and_just_above_does_not(
    share: float, *, passes: bool
) -> None:
    found, programme = honest(1)
    for n in range(len(found.plan)):
        for low in (-share * RESIDUAL, None):
            plan = found.plan.copy()
            plan[n] = programme.high[n] + share * RESIDUAL if low is None else low
            bounds_only = replace(
                programme,
                row_low=np.full_like(programme.row_low, -np.inf),
                row_high=np.full_like(programme.row_high, np.inf),
            )
            assert (residual(bounds_only, plan) <= RESIDUAL) is passes
            if not passes:
                assert not certificate(programme, plan, found.prices, optimal=True).certified


@pytest.mark.parametrize(("share", "passes"), [(0.95, True), (1.05, False)])
def test_a_gap_just_below_the_width_passes_with_the_truth_inside_and_just_above_does_not(
    share: float, *, passes: bool
) -> None:
    for seed in range(1, 30):
        found, programme = honest(seed)
        if not fit_for_lies(found):
            continue
        fielded = PERCENT - found.certificate.value
        kept = found.plan * (1 - share * WIDTH * PERCENT / fielded)
        tried = certificate(programme, kept, found.prices, optimal=True)
        if tried.residual > RESIDUAL:  # what must be mixed cannot be made less alike
            continue
        assert tried.certified is passes, (seed, tried)
        assert tried.bound - 1e-7 <= found.certificate.value <= tried.value


@pytest.mark.parametrize("more", [-1, 1])
def test_numbers_of_another_shape_are_refused(more: int) -> None:
    found, programme = honest(1)
    plan, prices = (np.resize(v, len(v) + more) for v in (found.plan, found.prices))
    with pytest.raises(ValueError, match=r"."):
        certificate(programme, plan, found.prices, optimal=True)
    with pytest.raises(ValueError, match=r"."):
        certificate(programme, found.plan, prices, optimal=True)


def test_numbers_of_another_scenario_are_caught_or_right() -> None:
    tables = network(3)
    one, other = (solved(tables, some_limits(tables, seed)) for seed in (3, 4))
    assert abs(one.certificate.value - other.certificate.value) > WIDTH * PERCENT
    for mine, theirs in ((one, other), (other, one)):
        optimum = mine.certificate.value
        for plan, prices in ((theirs.plan, mine.prices), (mine.plan, theirs.prices)):
            tried = certificate(mine.programme, plan, prices, optimal=True)
            assert not tried.certified or abs(tried.value - optimum) <= WIDTH * PERCENT
        tried = certificate(mine.programme, theirs.plan, theirs.prices, optimal=True)
        assert not tried.certified
        assert tried.bound <= optimum + 1e-7


@settings(max_examples=60)
@given(seed=SEEDS, spread=st.sampled_from([0.01, 1.0, 100.0]))
def test_bound_of_any_prices_lies_below_the_optimum(seed: int, spread: float) -> None:
    found, programme = honest(seed)
    draw = np.random.default_rng(seed)
    for _ in range(20):
        prices = found.prices + draw.normal(0, spread, size=len(found.prices))
        assert safe_bound(programme, prices) <= found.certificate.value + 1e-7


@settings(max_examples=30)
@given(seed=SEEDS)
def test_value_of_any_plan_that_fits_lies_above_the_optimum(seed: int) -> None:
    found, programme = honest(seed)
    draw = np.random.default_rng(seed)
    kept = found.plan * draw.uniform(0, 1)  # all rows but those of stocks hold for a smaller plan
    tried = certificate(programme, kept, found.prices, optimal=True)
    if tried.residual <= 1e-7:
        assert tried.value >= found.certificate.bound - 1e-7


def test_claim_of_another_status_is_never_certified() -> None:
    found, programme = honest(1)
    assert certificate(programme, found.plan, found.prices, optimal=True).certified
    assert not certificate(programme, found.plan, found.prices, optimal=False).certified


GOOD = Certificate(value=40.0, bound=40.0, residual=0.0, optimal=True)


@pytest.mark.parametrize(
    "other",
    [
        GOOD,
        replace(GOOD, bound=40 - 0.9e-4),
        replace(GOOD, residual=0.9e-7),
        replace(GOOD, bound=40 - 2e-4, periods=3.0),
    ],
)
def test_narrow_feasible_and_optimal_is_certified(other: Certificate) -> None:
    assert other.certified


@pytest.mark.parametrize(
    "other",
    [
        replace(GOOD, optimal=False),
        replace(GOOD, residual=2e-7),
        replace(GOOD, residual=float("nan")),
        replace(GOOD, bound=40 - 2e-4),
        replace(GOOD, bound=40 + 2e-4),
        replace(GOOD, bound=float("-inf")),
        replace(GOOD, value=float("nan")),
    ],
)
def test_anything_less_is_not(other: Certificate) -> None:
    assert not other.certified


@pytest.mark.parametrize(
    "other", [replace(GOOD, bound=40 - 0.9e-4), replace(GOOD, residual=0.9e-7)]
)
def test_beside_a_small_capacity_less_width_and_violation_are_allowed(other: Certificate) -> None:
    assert other.certifies(1.0)
    assert not other.certifies(0.5)
    assert GOOD.certifies(1e-3)


def by_hand() -> LinearProgramme:
    """Minimise 10 - 3x - 2y with x + y ≤ 4, x - y = 1 and 0 ≤ x, y ≤ 10: at (2.5, 1.5), -0.5."""
    return LinearProgramme(
        cost=np.array([-3.0, -2.0]),
        constant=10.0,
        matrix=sparse.csr_array(np.array([[1.0, 1.0], [1.0, -1.0]])),
        row_low=np.array([-np.inf, 1.0]),
        row_high=np.array([4.0, 1.0]),
        high=np.array([10.0, 10.0]),
    )


def test_bound_is_the_one_worked_out_by_hand() -> None:
    assert safe_bound(by_hand(), np.array([-2.5, -0.5])) == pytest.approx(-0.5)
    # a price of 1 for the first row has the wrong sign and counts as none: 10 - 3·10 - 2·10
    assert safe_bound(by_hand(), np.array([1.0, 0.0])) == pytest.approx(-40)
    # the reduced costs are -0.5 and 0.5: 10 - 2.5·4 - 0.5·10
    assert safe_bound(by_hand(), np.array([-2.5, 0.0])) == pytest.approx(-5)


@pytest.mark.parametrize(
    ("plan", "violation"),
    [((2.5, 1.5), 0), ((3, 1.5), 0.5), ((2, 1.5), 0.5), ((-1, -2), 2), ((11, 10), 17)],
)
def test_residual_is_the_largest_violation(plan: tuple[float, float], violation: float) -> None:
    assert residual(by_hand(), np.array(plan, dtype=np.float64)) == pytest.approx(violation)


def test_a_plan_above_a_bound_of_its_columns_is_a_violation() -> None:
    narrow = replace(by_hand(), high=np.array([2.0, 10.0]))
    assert residual(narrow, np.array([2.5, 1.5])) == pytest.approx(0.5)
