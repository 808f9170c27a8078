"""The certificate catches what is wrong, whoever claims it, and passes what is right."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from analyzer.programme.arrays import LinearProgramme, Vector
from analyzer.programme.certificate import Certificate, certificate, residual, safe_bound
from analyzer.programme.scale import PERCENT
from analyzer.programme.solution import Solution
from benchmarks.networks import network
from tests.random_effects import some_effect
from tests.solved import solved

SEEDS = st.integers(0, 10_000)
CORRUPTED = 300


def honest(seed: int) -> tuple[Solution, LinearProgramme]:
    tables = network(seed)
    found = solved(tables, some_effect(tables, seed))
    return found, found.model.under(found.effect)


def corrupted(found: Solution, seed: int) -> Iterator[tuple[str, Vector, Vector]]:
    """Yield plans and prices that are wrong by more than a certificate allows."""
    draw = np.random.default_rng(seed)
    fielded = [n for n, c in enumerate(found.model.formulation.instance.columns) if c[0] == "x"]
    n = int(draw.choice(fielded))
    less, more = found.plan.copy(), found.plan.copy()
    less[n] = 0.98 * less[n] - 1e-3
    yield "less than was found", less, found.prices
    more[n] = more[n] + 1e-5
    yield "more than its parts", more, found.prices
    wrong = found.plan + draw.normal(0, 1e-3, size=len(found.plan))
    yield "noise", wrong, found.prices
    yield "prices of nothing", found.plan, np.zeros_like(found.prices)
    yield "half the prices", found.plan, 0.5 * found.prices
    lost = found.plan.copy()
    lost[n] = np.nan
    yield "no number", lost, found.prices


def test_300_corrupted_plans_and_prices_are_caught_and_honest_ones_pass() -> None:
    caught = 0
    seed = 0
    while caught < CORRUPTED:
        seed += 1
        found, programme = honest(seed)
        if found.certificate.value > PERCENT * 0.999 or found.certificate.value < 0.1:
            continue  # nothing can be claimed too high, or too low
        assert certificate(programme, found.plan, found.prices, optimal=True).certified
        for what, plan, prices in corrupted(found, seed):
            tried = certificate(programme, plan, prices, optimal=True)
            assert not tried.certified, (seed, what, tried)
            caught += 1


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
