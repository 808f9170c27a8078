"""What is said of many changes at once is what the whole programme says of each."""

import numpy as np
import pytest

from analyzer.programme.brackets import Brackets, looked_at, looked_at_prices
from analyzer.programme.certificate import limits, residual, safe_bound
from analyzer.programme.change import NOTHING
from analyzer.programme.persistent import Persistent
from analyzer.programme.sieve import sieve
from benchmarks.networks import network
from tests.networks_by_hand import diamond
from tests.random_effects import some_limits
from tests.solved import built, cut


@pytest.mark.parametrize("seed", range(20))
def test_plans_and_prices_are_tried_as_on_the_whole_programme(seed: int) -> None:
    tables = network(seed)
    effects = [some_limits(tables, seed + n, share=0.2) for n in range(6)]
    ready = built(tables, effects)
    programme = ready.baseline
    changes = [*(ready.change(effect) for effect in effects), NOTHING]
    found = sieve(programme, changes)
    proof = Persistent(programme).under(NOTHING)
    excess, raised = found.excess(proof.uses), found.raised(proof.worths)
    for n, change in enumerate(changes):
        under = change.on(programme)
        whole = max(excess[n], proof.certificate.residual)
        assert whole == pytest.approx(residual(under, proof.plan), abs=1e-12)
        bound = proof.certificate.bound + raised[n]
        assert bound == pytest.approx(safe_bound(under, proof.prices), abs=1e-9)


def test_a_change_of_nothing_is_passed_by_nobody_and_raises_nothing() -> None:
    ready = built(diamond())
    found = sieve(ready.baseline, [NOTHING, ready.change(cut("lane:start-north")), NOTHING])
    uses = np.ones_like(limits(ready.baseline))
    assert found.excess(uses)[[0, 2]].tolist() == [-np.inf, -np.inf]
    assert found.raised(-uses)[[0, 2]].tolist() == [0, 0]
    assert found.raised(-uses)[1] > 0


def test_parts_of_a_sieve_are_what_they_are_in_the_whole() -> None:
    ready = built(diamond())
    names = ("lane:start-north", "supply:source", "lane:start-south")
    found = sieve(ready.baseline, [ready.change(cut(name)) for name in names])
    uses = np.linspace(0, 1, len(limits(ready.baseline)))
    whole = found.excess(uses)
    np.testing.assert_array_equal(found.part(1, 3).excess(uses), whole[1:])
    which = np.array([True, False, True])
    np.testing.assert_array_equal(found.chosen(which).excess(uses), whole[which])
    np.testing.assert_array_equal(np.unique(found.owners), [0, 1, 2])


# --- brackets


def bracketed() -> tuple[Brackets, Persistent, list[str]]:
    """Return brackets of two losses of which each takes 60 or 30 of 100."""
    names = ["lane:start-south", "lane:start-north"]
    ready = built(diamond())
    changes = [ready.change(cut(name)) for name in names]
    kept = Persistent(ready.baseline)
    return Brackets(sieve(ready.baseline, changes), {}, share=1.0), kept, names


def test_a_bracket_closes_where_plan_and_prices_meet_and_only_there() -> None:
    found, kept, names = bracketed()
    proof = kept.under(NOTHING)
    assert not found.closed.any()
    fits = found.take_plan(looked_at(kept.programme, proof.plan))
    assert not fits.any()  # the plan needs both ways
    found.take_prices(looked_at_prices(kept.programme, proof.prices))
    ready = built(diamond())
    losses = [kept.under(ready.change(cut(name))) for name in names]
    values = [each.certificate.value for each in losses]
    assert (found.low <= np.array(values) + 1e-9).all()
    assert not found.closed.any()
    best = found.learn(0, losses[0])
    assert best.tolist() == [True, False]
    assert found.closed.tolist() == [True, False]
    assert found.shown[0] == pytest.approx(values[0])


def test_a_plan_that_passes_a_limit_closes_nothing() -> None:
    found, kept, _ = bracketed()
    proof = kept.under(NOTHING)
    found.bound(np.full(2, proof.certificate.value))
    found.take_plan(looked_at(kept.programme, proof.plan))
    assert not found.closed.any()
    found.reach(np.full(2, 1e-7), value=proof.certificate.value)
    assert not found.closed.any()  # ten times what is allowed
    found.reach(np.full(2, 1e-9), value=proof.certificate.value)
    assert found.closed.all()
