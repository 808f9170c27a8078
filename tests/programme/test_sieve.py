"""What is said of many changes at once is what the whole programme says of each."""

import numpy as np
import pytest

from analyzer.programme.brackets import Brackets, looked_at, looked_at_prices
from analyzer.programme.certificate import limits, residual, safe_bound
from analyzer.programme.change import NOTHING
from analyzer.programme.lean import Lean, Wish
from analyzer.programme.persistent import Persistent
from analyzer.programme.sieve import sieve
from benchmarks.networks import network
from supply_data.schema import Tables
from tests.networks_by_hand import dataset, diamond, need, supply, system
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


def twins() -> Tables:
    """Return one part from two supplies, each of which carries all of the need."""
    return dataset(
        system("unit", 100), need("unit", "part"),
        supply("east", "part", "END", 100), supply("west", "part", "END", 100),
    )  # fmt: skip


@pytest.mark.parametrize("spared", ["supply:east", "supply:west"])
def test_a_lean_plan_spares_what_it_is_asked_to_and_is_as_good(spared: str) -> None:
    ready = built(twins())
    programme = ready.baseline
    asked = sieve(programme, [ready.change(cut(spared))])
    wishes = np.zeros_like(limits(programme))
    wishes[asked.numbers] = 1.0
    values, ended = Lean(programme).plan(Wish(wishes), value=0.0, change=NOTHING)
    plan = looked_at(programme, values)
    assert plan.value == pytest.approx(0, abs=1e-7)
    assert plan.residual <= 1e-9
    assert asked.excess(plan.uses)[0] <= 1e-9
    assert ended.basis is not None


def test_a_wish_is_met_again_under_other_limits_and_leaves_no_trace() -> None:
    ready = built(twins())
    programme = ready.baseline
    east = sieve(programme, [ready.change(cut("supply:east"))])
    wishes = np.zeros_like(limits(programme))
    wishes[east.numbers] = 1.0
    lean = Lean(programme)
    first, ended = lean.plan(Wish(wishes), value=0.0, change=NOTHING)
    half = ready.change(cut({"supply:west": 0.5}))
    under, _ = lean.plan(ended, value=0.0, change=half)
    assert looked_at(half.on(programme), under).residual <= 1e-9
    again, _ = lean.plan(ended, value=0.0, change=NOTHING)
    np.testing.assert_allclose(again, first, atol=1e-9)


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
