"""What earlier plans and prices prove is what a solve would find."""

import pytest
from hypothesis import given, settings

from analyzer.network.case import Case, case
from analyzer.network.effect import Effect
from analyzer.programme.flow import Options
from analyzer.study import solve
from analyzer.study.compare import compare
from analyzer.study.solve import bench
from benchmarks.networks import network
from supply_data.schema import Weighting
from tests.effort import SEEDS, tries
from tests.random_effects import some_effect, some_limits

FEW = settings(max_examples=tries(30, 300))


@pytest.mark.soak
@FEW
@given(seed=SEEDS)
def test_a_capacity_that_is_not_solved_for_equals_the_one_that_is(seed: int) -> None:
    tables = network(seed)
    effects = [some_effect(tables, seed + n) for n in range(4)]
    effects += [some_limits(tables, seed + n, share=0.2) for n in range(6)]
    together = bench(Case(tables), effects, options=Options())
    worth = together.model.sets.scale.worth
    for effect in effects:
        alone = bench(Case(tables), effects, options=Options())
        assert together.capacity(effect) == pytest.approx(alone.capacity(effect), abs=2e-6 * worth)


def test_much_of_a_run_needs_no_solve_and_none_of_it_differs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tutorial = case("tutorial")
    pooled = compare(tutorial)
    assert pooled.tally.without_solve > pooled.tally.solves / 4
    monkeypatch.setattr(solve.Pool, "best", lambda *_: None)
    solved = compare(tutorial)
    assert solved.tally.without_solve == 0
    numbers = pooled.table.select_dtypes("number").columns
    assert pooled.table[numbers].to_numpy() == pytest.approx(
        solved.table[numbers].to_numpy(), abs=1e-9, nan_ok=True
    )
    assert pooled.measures["effect"].tolist() == solved.measures["effect"].tolist()


@pytest.mark.parametrize("weighting", Weighting)
def test_capacity_by_another_weighting_is_that_of_a_run_so_weighed(weighting: Weighting) -> None:
    tutorial = case("tutorial")
    alone = bench(tutorial, (), options=Options(weighting=weighting)).solved().capacity
    beside = bench(tutorial, (), options=Options()).capacity(Effect(), weighting=weighting)
    assert beside == pytest.approx(alone)
