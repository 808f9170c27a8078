"""Sums of plans and prices prove pairs where they are sound, and nothing where they are not."""

from dataclasses import dataclass

import numpy as np
import pytest

from analyzer.network.effect import Effect
from analyzer.programme.certificate import certificate, limits
from analyzer.programme.change import together
from analyzer.programme.persistent import Persistent
from analyzer.programme.sieve import sieve
from analyzer.programme.sums import Limits, Sums, differences, signed
from benchmarks.networks import network
from supply_data.schema import Tables
from tests.networks_by_hand import dataset, need, supply, system
from tests.random_effects import some_elements
from tests.solved import built, cut

BASELINE = Effect()


@dataclass(frozen=True)
class Pair:
    """What sums say of two cuts, and what is true.

    Attributes
    ----------
    reached, bound, residual : float
        Value of the sum of plans, bound by the sum of prices, largest violation.
    value : float
        The optimum under both.
    full : tuple of float
        The same three by a certificate of the whole programme under both.
    """

    reached: float
    bound: float
    residual: float
    value: float
    full: tuple[float, float, float]


def pair(tables: Tables, one: Effect, other: Effect) -> Pair:
    ready = built(tables, [one, other])
    programme = ready.baseline
    first, second = ready.change(one), ready.change(other)
    kept = Persistent(programme)
    base, a, b = kept.under(ready.change(BASELINE)), kept.under(first), kept.under(second)
    prices = signed(programme, base.prices)
    sums = Sums(
        programme=programme,
        plan=base.plan,
        prices=prices,
        plans=differences([a.plan, b.plan], base.plan),
        prices_apart=differences([signed(programme, p.prices) for p in (a, b)], prices),
    )
    both = sieve(programme, [first, second])
    known = Limits(limits(programme), both.part(0, 1), both.part(1, 2))
    rows = np.array([1])
    under = together(first, second).on(programme)
    plan = a.plan + b.plan - base.plan
    whole = certificate(
        under, plan, signed(programme, a.prices + b.prices - base.prices), optimal=True
    )
    return Pair(
        reached=a.certificate.value + b.certificate.value - base.certificate.value,
        bound=float(b.certificate.bound + sums.bounds(0, rows, limits=known)[0]),
        residual=float(max(sums.residuals(0, rows, limits=known)[0], b.certificate.residual)),
        value=kept.under(together(first, second)).certificate.value,
        full=(whole.value, whole.bound, whole.residual),
    )


def apart() -> Tables:
    """Return two systems that have nothing in common."""
    return dataset(
        system("one", 100), system("two", 100), need("one", "bolt"), need("two", "nut"),
        supply("bolts", "bolt", "END", 100), supply("nuts", "nut", "END", 100),
    )  # fmt: skip


def spare() -> Tables:
    """Return one part from two supplies, each of which could carry all of the need."""
    return dataset(
        system("unit", 100), need("unit", "part"),
        supply("east", "part", "END", 100), supply("west", "part", "END", 100),
    )  # fmt: skip


def chain() -> Tables:
    """Return one system of two parts, each of which limits it."""
    return dataset(
        system("unit", 100), need("unit", "bolt"), need("unit", "nut"),
        supply("bolts", "bolt", "END", 100), supply("nuts", "nut", "END", 100),
    )  # fmt: skip


def test_what_has_nothing_in_common_adds_up() -> None:
    found = pair(apart(), cut({"supply:bolts": 0.5}), cut({"supply:nuts": 0.2}))
    assert found.residual <= 1e-9
    assert found.reached == pytest.approx(found.value)
    assert found.bound == pytest.approx(found.value)


def test_the_sum_of_plans_that_hide_behind_each_other_is_no_plan() -> None:
    found = pair(spare(), cut("supply:east"), cut("supply:west"))
    assert found.value == pytest.approx(100)  # nothing is left
    assert found.reached == pytest.approx(0)
    assert found.residual > 0.1


def test_the_sum_of_prices_of_the_same_loss_bounds_little() -> None:
    found = pair(chain(), cut({"supply:bolts": 0.5}), cut({"supply:nuts": 0.4}))
    assert found.value == pytest.approx(50)
    assert found.reached == pytest.approx(90)  # the sum of plans counts the loss twice,
    assert found.bound <= found.value + 1e-9  # that of prices must not


@pytest.mark.parametrize("seed", range(40))
def test_sums_are_what_the_whole_programme_says_of_them_or_less(seed: int) -> None:
    tables = network(seed)
    one, other = some_elements(tables, seed), some_elements(tables, seed + 100)
    share = 1.0 if seed % 2 else 0.4
    rest = [element for element in other if element not in one]
    if not rest:
        pytest.skip("the two cuts are the same")
    found = pair(tables, cut(dict.fromkeys(one, share)), cut(dict.fromkeys(rest, share)))
    value, bound, residual = found.full
    assert found.reached == pytest.approx(value, abs=1e-8)
    assert found.residual == pytest.approx(residual, abs=1e-8)
    assert found.bound <= found.value + 1e-6  # never above the optimum
    assert found.bound <= bound + 1e-6
