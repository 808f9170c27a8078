"""CBC, as PuLP brings it: the second solver, for whoever does not trust the first."""

from tempfile import TemporaryDirectory

import numpy as np
import pulp
from scipy import sparse

from analyzer.programme.arrays import LinearProgramme
from analyzer.programme.highs import Answer, Status

_STATUS = {
    pulp.LpStatusOptimal: Status.OPTIMAL,
    pulp.LpStatusInfeasible: Status.INFEASIBLE,
    pulp.LpStatusUnbounded: Status.UNBOUNDED,
}


def cbc_answer(programme: LinearProgramme) -> Answer:
    """Solve a programme cold with CBC and return what it says.

    Parameters
    ----------
    programme : LinearProgramme
        Arrays in normalised units.

    Returns
    -------
    Answer
        As from HiGHS; to be certified like it.
    """
    problem = problem_of(programme)
    with TemporaryDirectory(prefix="aftercut-") as folder:
        solver = pulp.COIN_CMD(
            path=pulp.PULP_CBC_CMD.pulp_cbc_path,
            msg=False,
            options=["primalTolerance 1e-9", "dualTolerance 1e-9"],
        )
        solver.tmpDir = folder
        status = problem.solve(solver)
    plan = [variable.varValue or 0.0 for variable in _in_order(problem)]
    prices = [constraint.pi or 0.0 for constraint in problem.constraints()]
    return Answer(
        status=_STATUS.get(status, Status.UNKNOWN),
        plan=np.clip(np.array(plan), 0.0, programme.high),
        prices=np.array(prices),
    )


def problem_of(programme: LinearProgramme) -> pulp.LpProblem:
    """Return a programme as a PuLP problem; every row must have one finite side, or two equal."""
    problem = pulp.LpProblem("aftercut", pulp.LpMinimize)
    variables = [
        problem.add_variable(f"z_{n}", 0, float(high)) for n, high in enumerate(programme.high)
    ]
    cost = [(variables[n], float(programme.cost[n])) for n in np.flatnonzero(programme.cost)]
    problem.setObjective(pulp.LpAffineExpression(cost, constant=programme.constant))
    rows = sparse.csr_array(programme.matrix)
    for n, (low, high) in enumerate(zip(programme.row_low, programme.row_high, strict=True)):
        span = slice(rows.indptr[n], rows.indptr[n + 1])
        terms = [
            (variables[number], float(value))
            for number, value in zip(rows.indices[span], rows.data[span], strict=True)
            if value
        ]
        sense = 0 if low == high else (1 if np.isfinite(low) else -1)
        right = float(high if sense < 0 else low)
        row = pulp.LpConstraint(pulp.LpAffineExpression(terms), sense, rhs=right)
        problem.addConstraint(row, f"r_{n}")
    return problem


def _in_order(problem: pulp.LpProblem) -> list[pulp.LpVariable]:
    return sorted(problem.variables(), key=lambda v: int(v.name.rpartition("_")[2]))
