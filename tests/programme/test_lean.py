"""A lean plan is as good as the best and sparing, and depends on what is asked alone."""

import numpy as np
import pytest

from analyzer.programme.arrays import LinearProgramme, model
from analyzer.programme.brackets import looked_at
from analyzer.programme.certificate import limits, residual, value
from analyzer.programme.change import NOTHING
from analyzer.programme.flow import Options, formulation, sets
from analyzer.programme.highs import answer
from analyzer.programme.lean import Lean, Wish
from analyzer.programme.sieve import sieve
from benchmarks.networks import SMALL, network
from supply_data.schema import Tables
from tests.networks_by_hand import dataset, need, supply, system
from tests.solved import built, cut


@pytest.fixture(scope="module")
def programme() -> LinearProgramme:
    return model(formulation(sets(network(4, SMALL), [], Options()))).baseline


def wish(programme: LinearProgramme, seed: int) -> Wish:
    draw = np.random.default_rng(seed)
    asked = draw.random(len(limits(programme))) < 0.3
    return Wish(asked * draw.random(len(asked)))


def test_a_lean_plan_is_as_good_and_spares_what_is_asked(programme: LinearProgramme) -> None:
    best = answer(programme).plan
    asked = wish(programme, 1)
    plan, _ = Lean(programme).plan(asked, value=value(programme, best), change=NOTHING)
    assert residual(programme, plan) < 1e-8
    assert value(programme, plan) == pytest.approx(value(programme, best), abs=1e-6)
    wishes = asked.wishes[: len(plan)]
    assert wishes @ plan < wishes @ best


def test_a_new_wish_is_met_from_where_others_ended_as_it_is_cold(
    programme: LinearProgramme,
) -> None:
    whole = answer(programme)
    best = value(programme, whole.plan)
    lean, new = Lean(programme), wish(programme, 1)
    cold, ended = lean.plan(new, value=best, change=NOTHING)
    _, other = lean.plan(wish(programme, 2), value=best, change=NOTHING, start=whole.basis)
    for start in (whole.basis, other.basis, ended.basis):
        assert start is not None
        plan, _ = lean.plan(new, value=best, change=NOTHING, start=start)
        assert residual(programme, plan) < 1e-8
        assert value(programme, plan) == pytest.approx(best, abs=1e-6)
        wishes = new.wishes[: len(plan)]
        assert wishes @ plan == pytest.approx(wishes @ cold, rel=1e-6)


def test_no_plan_depends_on_those_before_it(programme: LinearProgramme) -> None:
    best = value(programme, answer(programme).plan)
    new = wish(programme, 1)
    first, standing = Lean(programme).plan(new, value=best, change=NOTHING)
    again, _ = Lean(programme).plan(standing, value=best, change=NOTHING)
    other, _ = Lean(programme).plan(wish(programme, 2), value=best, change=NOTHING)
    lean = Lean(programme)
    for asked, plan in ((standing, again), (new, first), (wish(programme, 2), other)) * 2:
        found, _ = lean.plan(asked, value=best, change=NOTHING)
        assert found.tolist() == plan.tolist()


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
