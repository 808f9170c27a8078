"""Another solver on the same problem, written by PuLP: CBC must find the same optimum."""

import pulp
import pytest

from analyzer.network.effect import Effect
from analyzer.programme.flow import Options, formulation, sets
from benchmarks.networks import SMALL, TINY, Size, network
from supply_data import load
from supply_data.schema import Tables
from tests.random_effects import some_effect
from tests.solved import shortfall


def cbc() -> pulp.LpSolver:
    # PULP_CBC_CMD itself warns when it is made; its path is what counts
    path = pulp.PULP_CBC_CMD.pulp_cbc_path
    return pulp.COIN_CMD(path=path, msg=False, mip=False, threads=1)


def shortfall_by_cbc(tables: Tables, effect: Effect) -> float:
    problem = formulation(sets(tables, (effect,), Options()), effect).problem
    problem.solve(cbc())
    assert problem.sol_status == pulp.LpSolutionOptimal
    return float(pulp.value(problem.objective)) / 100


@pytest.mark.parametrize(
    ("size", "seed"), [*((TINY, seed) for seed in range(26)), *((SMALL, seed) for seed in range(4))]
)
def test_cbc_finds_the_same_optimum(size: Size, seed: int) -> None:
    tables = network(seed, size)
    effect = some_effect(tables, seed)
    assert shortfall_by_cbc(tables, effect) == pytest.approx(shortfall(tables, effect), abs=1e-6)


def test_cbc_finds_the_same_optimum_of_the_tutorial() -> None:
    assert shortfall_by_cbc(load("tutorial"), Effect()) == pytest.approx(0.1, abs=1e-9)
