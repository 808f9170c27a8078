"""A scenario changes numbers of the arrays; building it anew with PuLP must give the same."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.network.effect import Effect, Target, Timing
from analyzer.programme.arrays import LinearProgramme, arrays, model
from analyzer.programme.flow import Formulation, Options, formulation, sets
from benchmarks.networks import network
from supply_data.schema import Tables
from tests.effort import SEEDS, tries
from tests.networks_by_hand import two_brands
from tests.random_effects import over, some_effect
from tests.solved import built, stopped


def unscaled(programme: LinearProgramme, rows: Formulation) -> tuple[np.ndarray, ...]:
    """Return matrix and sides of the rows as they were before each was divided by its size."""
    size = np.array([row.size for row in rows.rows])
    matrix = programme.matrix.toarray() * size[:, np.newaxis]
    return matrix, programme.row_low * size, programme.row_high * size, programme.high


def with_prices(tables: Tables, effect: Effect) -> Effect:
    """Return the effect with mark-ups on all that it touches, and with losses of every stock."""
    lost = {row.element: np.linspace(0.8, 0.4, effect.timing.periods) for row in tables.stocks}
    return replace(
        effect,
        availability={**effect.availability, **lost},
        markup={**dict.fromkeys(effect.availability, 0.3), **dict.fromkeys(effect.arrival, 0.2)},
    )


def with_delays(effect: Effect, seed: int) -> Effect:
    """Return the effect with delays, whole and in part, on some of what it touches."""
    draw = np.random.default_rng(seed)
    touched: tuple[Target, ...] = (*effect.availability, *effect.arrival)
    targets = [t for t in touched if draw.random() < 0.5 and not str(t).startswith("stock:")]
    months = effect.timing.periods
    return replace(effect, delay={t: draw.choice([0.0, 0.5, 1.0], size=months) for t in targets})


@pytest.mark.soak
@settings(max_examples=tries(60, 600))
@given(seed=SEEDS, months=st.sampled_from([None, 1, 3]))
def test_changed_arrays_are_those_built_anew(seed: int, months: int | None) -> None:
    tables = network(seed)
    effect = with_prices(tables, some_effect(tables, seed))
    if months is not None:
        effect = with_delays(with_prices(tables, over(effect, months, seed)), seed)
    found = sets(tables, (effect,), Options(timing=effect.timing))
    ready = model(formulation(found))
    anew = formulation(found, effect)
    changed = unscaled(ready.under(effect), ready.formulation)
    for one, other in zip(changed, unscaled(arrays(anew.problem), anew), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-15)


@settings(max_examples=30)
@given(seed=SEEDS, since=st.integers(1, 4))
def test_from_a_month_on_what_is_changed_is_what_all_changes_are(seed: int, since: int) -> None:
    tables = network(seed)
    effect = with_delays(with_prices(tables, over(some_effect(tables, seed), 4, seed)), seed)
    ready = built(tables, (effect,), options=Options(timing=effect.timing))
    later = [c.period >= since for c in ready.formulation.instance.columns]
    whole, part = ready.under(effect), ready.under(effect, since=since)
    np.testing.assert_array_equal(part.high[later], whole.high[later])
    np.testing.assert_array_equal(part.matrix[:, later].toarray(), whole.matrix[:, later].toarray())
    np.testing.assert_array_equal(part.row_low, whole.row_low)
    np.testing.assert_array_equal(part.row_high, whole.row_high)


def test_baseline_is_not_changed_by_trying_scenarios() -> None:
    tables = network(5)
    effect = some_effect(tables, 5)
    ready = built(tables, (effect,))
    before = ready.baseline.matrix.toarray(), ready.baseline.row_high.copy()
    ready.under(effect)
    np.testing.assert_array_equal(ready.baseline.matrix.toarray(), before[0])
    np.testing.assert_array_equal(ready.baseline.row_high, before[1])
    np.testing.assert_array_equal(ready.under(Effect()).high, ready.baseline.high)


def test_effect_of_other_periods_is_refused() -> None:
    with pytest.raises(ValueError, match="other periods"):
        built(two_brands()).under(Effect(timing=Timing(months=2)))


def test_delay_that_the_run_was_not_built_for_is_refused() -> None:
    timing = Timing(months=3)
    ready = built(two_brands(), options=Options(timing=timing))
    late = Effect(timing, delay={"lane:start-end": np.array([1.0, 1.0, 1.0])})
    with pytest.raises(ValueError, match=r"a delay of 1 months on lane:start-end"):
        ready.under(late)


def test_scenario_that_tells_merged_brands_apart_is_refused() -> None:
    tables = two_brands()
    ready = built(tables)
    red = next(g for g in ready.sets.classes.of if g.brand == "RED")
    with pytest.raises(ValueError, match="tells part apart by brand"):
        ready.under(stopped({("lane:start-end", red): 0.5}))
