"""Relations between solves of one programme: by whom, from where, and in which order of numbers.

The numbers in the names of tests are those of the list of relations. GLOP, which relation 11 names
too, is not among the solvers: HiGHS by two methods and CBC are three that share no code for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import highspy
import numpy as np
import pytest
from hypothesis import example, given, settings
from scipy import sparse

from analyzer.programme import highs
from analyzer.programme.arrays import LinearProgramme
from analyzer.programme.canon import published
from analyzer.programme.cbc import cbc_answer
from analyzer.programme.certificate import certificate
from analyzer.programme.flow import Options
from analyzer.programme.highs import Answer, Method, Simplex, Solver, answer
from analyzer.programme.solution import solution
from benchmarks.networks import network
from supply_data.schema import Weighting
from tests.changes import recounted, unshared
from tests.effort import SEEDS, tries
from tests.random_effects import some_effect, some_limits
from tests.solved import built, optimum, proved, solved

pytestmark = pytest.mark.soak
FEW = settings(max_examples=tries(30, 300))
SAME = 1e-6
"""How far two optima may differ, in percent; certificates allow 1e-4."""


def some_programme(seed: int) -> LinearProgramme:
    """Return the programme of a random network under a random effect."""
    tables = network(seed)
    effect = some_effect(tables, seed)
    return built(tables, (effect,)).under(effect)


@contextmanager
def options(**chosen: str | int) -> Iterator[None]:
    """Let HiGHS have other options for a while."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in chosen.items():
            patch.setitem(highs.OPTIONS, name, value)
        yield


def by_interior_point(programme: LinearProgramme) -> Answer:
    """Solve by interior point with crossover, and check that it was used."""
    with options(solver="ipm", run_crossover="on"):
        solver = Solver(programme, method=Method.PLAIN)
        found = solver.answer()
    told = solver._highs.getInfo()
    assert told.ipm_iteration_count > 0
    return found


@settings(max_examples=tries(100, 1_000))
@example(seed=7822)
@given(seed=SEEDS)
def test_relation_11_simplex_interior_point_and_cbc_agree(seed: int) -> None:
    programme = some_programme(seed)
    simplex, cbc = answer(programme), cbc_answer(programme)
    if not certificate(programme, cbc.plan, cbc.prices, optimal=True).certified:
        # it tells prices to eight digits only: its plan is then bounded by those of HiGHS
        cbc = replace(cbc, prices=simplex.prices)
    found = [
        simplex,
        Solver(programme, method=Method.PLAIN, simplex=Simplex.PRIMAL).answer(),
        by_interior_point(programme),
        cbc,
    ]
    first, *others = [proved(programme, each).value for each in found]
    assert others == pytest.approx([first] * len(others), abs=SAME)


@FEW
@given(seed=SEEDS)
def test_relations_10_and_12_presolve_and_seeds_decide_between_equals_only(seed: int) -> None:
    programme = some_programme(seed)
    presolved, plain = (proved(programme, answer(programme, method=m)).value for m in Method)
    with options(random_seed=1 + seed % 1000):
        sown = proved(programme, answer(programme, method=Method.PLAIN)).value
    assert [presolved, sown] == pytest.approx([plain, plain], abs=SAME)


@FEW
@given(seed=SEEDS)
def test_relation_3_the_order_of_constraints_and_columns_is_irrelevant(seed: int) -> None:
    programme = some_programme(seed)
    draw = np.random.default_rng([9, seed])
    rows, columns = (draw.permutation(n).tolist() for n in programme.matrix.shape)
    other = replace(
        programme,
        cost=programme.cost[columns],
        matrix=sparse.csr_array(programme.matrix[rows][:, columns]),
        row_low=programme.row_low[rows],
        row_high=programme.row_high[rows],
        high=programme.high[columns],
    )
    assert optimum(other) == pytest.approx(optimum(programme), abs=SAME)


@FEW
@given(seed=SEEDS)
def test_relation_14_a_file_of_the_programme_has_the_same_optimum(seed: int) -> None:
    tables = network(seed)
    ready = built(tables)
    known = solution(ready).certificate.value
    with TemporaryDirectory() as folder:
        for name in ("programme.mps", "programme.lp"):
            path = Path(folder) / name
            problem = ready.formulation.problem
            (problem.writeMPS if name.endswith("mps") else problem.writeLP)(str(path))
            reader = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy types all but this
            reader.setOptionValue("output_flag", False)  # noqa: FBT003 - as HiGHS has it
            assert reader.readModel(str(path)) == highspy.HighsStatus.kOk
            reader.run()
            assert reader.getModelStatus() == highspy.HighsModelStatus.kOptimal
            # both formats lose the constant
            value = reader.getInfo().objective_function_value + ready.baseline.constant
            assert value == pytest.approx(known, abs=1e-5)  # written with twelve digits


@FEW
@given(seed=SEEDS)
def test_relation_15_the_same_twice_is_the_same_to_the_last_bit(seed: int) -> None:
    tables = network(seed)
    effect = some_effect(tables, seed)
    one, other = (published(solved(tables, effect)) for _ in range(2))
    assert one.plan.tobytes() == other.plan.tobytes()
    assert one.prices.tobytes() == other.prices.tobytes()
    assert one.certificate == other.certificate
    assert one.flows().equals(other.flows())


@FEW
@given(seed=SEEDS)
def test_relation_21_a_unit_of_a_power_of_two_is_the_same_to_the_last_bit(seed: int) -> None:
    tables = unshared(network(seed))
    items = [*tables.components, *tables.systems]
    counted = recounted(tables, items[seed % len(items)], (2.0**-12, 2.0**7)[seed % 2])
    effect = some_limits(tables, seed)
    target = Options(weighting=Weighting.TARGET)  # units weigh what they count
    one, other = (solved(t, effect, options=target) for t in (tables, counted))
    np.testing.assert_array_equal(one.programme.matrix.data, other.programme.matrix.data)
    np.testing.assert_array_equal(one.programme.high, other.programme.high)
    assert one.plan.tobytes() == other.plan.tobytes()
    assert one.prices.tobytes() == other.prices.tobytes()
