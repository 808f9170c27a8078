"""A change names what an effect changes, and nothing else; put back, nothing is left of it."""

import numpy as np
import pytest
from hypothesis import given, settings

from analyzer.network.effect import Effect
from analyzer.programme.arrays import LinearProgramme, arrays
from analyzer.programme.change import NOTHING, together
from analyzer.programme.flow import formulation
from analyzer.programme.highs import packed, unpacked
from analyzer.programme.persistent import Persistent
from benchmarks.networks import network
from tests.effort import SEEDS, tries
from tests.networks_by_hand import diamond
from tests.random_effects import some_effect, some_limits
from tests.solved import built, cut


def same(one: LinearProgramme, other: LinearProgramme) -> None:
    np.testing.assert_array_equal(one.matrix.toarray(), other.matrix.toarray())
    for name in ("cost", "row_low", "row_high", "high"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.soak
@settings(max_examples=tries(30, 300))
@given(seed=SEEDS)
def test_a_change_of_limits_gives_the_programme_that_is_built_for_it(seed: int) -> None:
    tables = network(seed)
    effect = some_limits(tables, seed)
    ready = built(tables, [effect])
    anew = arrays(formulation(ready.sets, effect).problem)
    changed = ready.change(effect).on(ready.baseline)
    np.testing.assert_allclose(changed.high, anew.high, rtol=1e-12)
    np.testing.assert_allclose(changed.row_high, anew.row_high, rtol=1e-12)
    same(changed, ready.under(effect))


@pytest.mark.soak
@settings(max_examples=tries(30, 300))
@given(seed=SEEDS)
def test_a_change_put_back_leaves_nothing(seed: int) -> None:
    tables = network(seed)
    effect = some_effect(tables, seed)
    ready = built(tables, [effect])
    change = ready.change(effect)
    same(change.back(ready.baseline).on(change.on(ready.baseline)), ready.baseline)


def test_what_stays_as_it_is_is_not_named() -> None:
    ready = built(diamond())
    assert not ready.change(Effect())
    assert not ready.change(Effect(availability={"lane:start-north": np.ones(1)}))
    assert not NOTHING
    half = ready.change(cut({"lane:start-north": 0.5}))
    assert half
    assert half.of_limits_alone
    assert (len(half.columns), len(half.rows)) == (0, 1)


def test_two_changes_of_different_things_add_up() -> None:
    ready = built(diamond())
    one, other = cut("lane:start-north"), cut({"supply:source": 0.5})
    both = cut({"lane:start-north": 1.0, "supply:source": 0.5})
    same(together(ready.change(one), ready.change(other)).on(ready.baseline), ready.under(both))


@pytest.mark.soak
@settings(max_examples=tries(20, 200))
@given(seed=SEEDS)
def test_solving_under_changes_is_solving_the_changed_programme_and_leaves_no_trace(
    seed: int,
) -> None:
    tables = network(seed)
    effects = [some_effect(tables, seed + n) for n in range(4)]
    ready = built(tables, effects)
    kept, other = Persistent(ready.baseline), Persistent(ready.baseline)
    first = kept.under(NOTHING)
    for effect in effects:
        found, expected = kept.under(ready.change(effect)), other.proof(ready.under(effect))
        assert found.certificate.certified
        assert abs(found.certificate.value - expected.certificate.value) <= 1e-7
    last = kept.under(NOTHING)
    np.testing.assert_allclose(last.plan, first.plan, atol=1e-9)


def test_a_basis_that_is_handed_over_serves_as_one_that_was_found() -> None:
    ready = built(network(3), [some_limits(network(3), 3)])
    found = Persistent(ready.baseline)
    assert found.basis is not None
    handed = Persistent(ready.baseline, basis=unpacked(packed(found.basis)))
    change = ready.change(some_limits(network(3), 3))
    np.testing.assert_array_equal(handed.under(change).plan, found.under(change).plan)
