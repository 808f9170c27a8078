"""A lean plan is as good as the best and sparing, and depends on what is asked alone."""

import numpy as np
import pytest

from analyzer.programme.arrays import LinearProgramme, model
from analyzer.programme.certificate import limits, residual, value
from analyzer.programme.change import NOTHING
from analyzer.programme.flow import Options, formulation, sets
from analyzer.programme.highs import answer
from analyzer.programme.lean import Lean, Wish
from benchmarks.networks import SMALL, network


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
