"""How a solve may end, and that only one way of ending leads to a number."""

from dataclasses import replace

import highspy
import numpy as np
import pytest
from scipy import sparse

from analyzer.programme import highs
from analyzer.programme.arrays import LinearProgramme, model
from analyzer.programme.certificate import certificate
from analyzer.programme.flow import Options, formulation, sets
from analyzer.programme.highs import (
    Limits,
    Method,
    Place,
    Solver,
    SolverOptionError,
    Status,
    answer,
    standing,
)
from analyzer.programme.solution import Solution, solution
from benchmarks.networks import SMALL, network
from tests.networks_by_hand import diamond
from tests.solved import built


def rows(matrix: list[list[float]], low: list[float], high: list[float]) -> LinearProgramme:
    """Return a programme that maximises the sum of its columns, each from 0 to infinity."""
    columns = len(matrix[0])
    return LinearProgramme(
        cost=-np.ones(columns),
        constant=1.0,
        matrix=sparse.csr_array(np.array(matrix)),
        row_low=np.array(low),
        row_high=np.array(high),
        high=np.full(columns, np.inf),
    )


INFEASIBLE = rows([[1.0, 1.0], [1.0, 1.0]], [-np.inf, 2.0], [1.0, np.inf])
UNBOUNDED = rows([[1.0, -1.0]], [0.0], [np.inf])


def nothing_shown(found: Solution) -> bool:
    """Tell whether a solution gives away no number at all."""
    return (
        not found.certified
        and found.capacity is None
        and found.by_period is None
        and found.systems().empty
        and found.flows().empty
    )


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize(
    ("programme", "status"),
    [(INFEASIBLE, {Status.INFEASIBLE}), (UNBOUNDED, {Status.UNBOUNDED, Status.INFEASIBLE})],
)
def test_what_has_no_optimum_is_said_to_have_none(
    programme: LinearProgramme, status: set[Status], method: Method
) -> None:
    found = answer(programme, method=method)
    assert found.status in status
    tried = certificate(programme, found.plan, found.prices, optimal=found.status is Status.OPTIMAL)
    assert not tried.certified


@pytest.mark.parametrize(
    ("limits", "status"),
    [
        (Limits(iterations=1), Status.ITERATION_LIMIT),
        (Limits(seconds=0.0), Status.TIME_LIMIT),
    ],
)
def test_a_solve_that_gave_up_never_becomes_a_number(limits: Limits, status: Status) -> None:
    found = solution(built(network(3, SMALL)), limits=limits)
    assert found.status is status
    assert found.tries == len(Method)
    assert nothing_shown(found)


def test_a_plan_that_came_by_luck_before_the_limit_is_not_shown() -> None:
    # the certificate asks for the solver's own word as well
    ready = built(diamond())
    best = answer(ready.baseline)
    assert certificate(ready.baseline, best.plan, best.prices, optimal=True).certified
    assert not certificate(ready.baseline, best.plan, best.prices, optimal=False).certified


@pytest.mark.parametrize("method", Method)
def test_both_methods_find_the_same_optimum(method: Method) -> None:
    ready = built(network(3, SMALL))
    found = answer(ready.baseline, method=method)
    assert found.status is Status.OPTIMAL
    value = ready.baseline.constant + float(ready.baseline.cost @ found.plan)
    assert value == pytest.approx(solution(ready).certificate.value, abs=1e-6)


def test_all_statuses_of_the_solver_but_optimal_are_something_else() -> None:
    mapped = {name: highs._STATUS.get(name, Status.UNKNOWN) for name in each_model_status()}
    optimal = [name for name, status in mapped.items() if status is Status.OPTIMAL]
    assert optimal == [highspy.HighsModelStatus.kOptimal]


def each_model_status() -> list[highspy.HighsModelStatus]:
    return list(highspy.HighsModelStatus.__members__.values())


def test_a_misspelt_option_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(highs.OPTIONS, "primal_feasability_tolerance", 1e-9)
    with pytest.raises(SolverOptionError, match="primal_feasability_tolerance"):
        answer(built(diamond()).baseline)


def test_tolerances_and_one_thread_are_what_the_solver_has() -> None:
    assert highs.OPTIONS["primal_feasibility_tolerance"] == 1e-9
    assert highs.OPTIONS["dual_feasibility_tolerance"] == 1e-9
    assert highs.OPTIONS["threads"] == 1


@pytest.mark.parametrize("coefficient", [np.inf, 1e20])
def test_a_model_that_the_solver_refuses_is_an_error(coefficient: float) -> None:
    broken = rows([[coefficient, 1.0]], [0.0], [np.inf])
    found = answer(broken)
    assert found.status is Status.ERROR
    assert not certificate(broken, found.plan, found.prices, optimal=True).certified


def test_a_cost_that_is_no_number_is_optimal_to_the_solver_and_not_to_us() -> None:
    programme = built(diamond()).baseline
    broken = replace(programme, cost=np.full_like(programme.cost, np.nan))
    found = answer(broken)
    assert found.status is Status.OPTIMAL  # if this fails the solver has learnt
    assert not certificate(broken, found.plan, found.prices, optimal=True).certified


def test_what_takes_more_than_a_few_steps_goes_on_to_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    programme = model(formulation(sets(network(4, SMALL), [], Options()))).baseline
    whole = answer(programme)
    monkeypatch.setitem(highs.AS_THEY_ARE, "simplex_iteration_limit", 1)
    solver = Solver(programme, method=Method.PLAIN, again=True)
    for _ in range(2):
        found = solver.answer()
        assert found.status is Status.OPTIMAL
        assert found.basis is not None
        proved = certificate(programme, found.plan, found.prices, optimal=True)
        assert proved.certified
        assert proved.value == pytest.approx(programme.constant + programme.cost @ whole.plan)
        solver.start_from(standing([Place.kLower] * len(programme.cost), logical(programme)))


def logical(programme: LinearProgramme) -> list[Place]:
    return [Place.kBasic] * len(programme.row_low)
