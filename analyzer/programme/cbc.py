"""CBC, as PuLP brings it: the second solver, for whoever does not trust the first."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pulp
from scipy import sparse

from analyzer.programme.arrays import LinearProgramme
from analyzer.programme.highs import Answer, Limits, Status

_WORDS = {
    "Optimal": Status.OPTIMAL,
    "Infeasible": Status.INFEASIBLE,
    "Integer infeasible": Status.INFEASIBLE,
    "Linear relaxation infeasible": Status.INFEASIBLE,
    "Unbounded": Status.UNBOUNDED,
    "Linear relaxation unbounded": Status.UNBOUNDED,
    "Stopped on time": Status.TIME_LIMIT,
    "Stopped on iterations": Status.ITERATION_LIMIT,
    "Stopped on ctrl-c": Status.INTERRUPTED,
    "Stopped on difficulties": Status.ERROR,
}
"""What CBC writes before the objective in the first line of its solution; of a linear programme
that took too long it says iterations, too."""


def cbc_answer(programme: LinearProgramme, *, limits: Limits | None = None) -> Answer:
    """Solve a programme cold with CBC and return what it says.

    CBC is another process: one that cannot be started, ends badly or leaves no solution, or half
    of one, or one that cannot be read, gives an answer of status ``error`` and no numbers.

    Parameters
    ----------
    programme : LinearProgramme
        Arrays in normalised units.
    limits : Limits, optional
        When to give up.

    Returns
    -------
    Answer
        As from HiGHS; to be certified like it.
    """
    nothing = Answer(Status.ERROR, np.zeros_like(programme.cost), np.zeros_like(programme.row_low))
    solver = _Cbc(limits or Limits())
    try:
        problem = problem_of(programme)
        with TemporaryDirectory(prefix="aftercut-") as folder:
            solver.tmpDir = folder
            problem.solve(solver)
    except (pulp.PulpError, OSError, ValueError, LookupError):
        return nothing
    variables, rows = _in_order(problem), problem.constraints()
    if any(each.varValue is None for each in variables) or any(row.pi is None for row in rows):
        status = Status.ERROR if solver.ended is Status.OPTIMAL else solver.ended
        return replace(nothing, status=status)
    plan = np.array([each.varValue for each in variables], dtype=np.float64)
    return Answer(
        status=solver.ended,
        plan=np.clip(plan, 0.0, programme.high),
        prices=np.array([row.pi for row in rows], dtype=np.float64),
    )


class _Cbc(pulp.COIN_CMD):  # type: ignore[misc]  # pulp is not typed
    """CBC, of which we read ourselves how it ended.

    PuLP calls optimal what stopped at a limit with some plan in hand, and takes as zero whatever
    the solution leaves out.
    """

    def __init__(self, limits: Limits) -> None:
        options = ["primalTolerance 1e-9", "dualTolerance 1e-9"]
        if limits.iterations is not None:
            options.append(f"maxIterations {limits.iterations}")
        super().__init__(
            path=pulp.PULP_CBC_CMD.pulp_cbc_path,
            msg=False,
            timeLimit=limits.seconds,
            options=options,
        )
        self.ended = Status.ERROR

    def readsol_MPS(self, filename: str, *arguments: object) -> tuple[object, ...]:  # noqa: N802 - PuLP's name
        """Return what PuLP reads, with nothing in the place of what the solution does not tell."""
        with Path(filename).open(encoding="utf-8") as told:
            words, _, _ = told.readline().partition(" - objective value ")
        status, values, *others = super().readsol_MPS(filename, *arguments)
        self.ended = _WORDS.get(words.strip(), Status.UNKNOWN)
        reduced = others[0]
        return status, {name: values[name] for name in reduced}, *others


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
