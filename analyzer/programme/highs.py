"""HiGHS, wrapped: arrays in, plan and prices out, and a status of our own."""

from dataclasses import dataclass
from enum import StrEnum

import highspy
import numpy as np

from analyzer.programme.arrays import LinearProgramme, Vector


class Status(StrEnum):
    """How a solve ended. Only ``optimal`` can lead to a number, and only with a certificate."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    TIME_LIMIT = "time limit"
    ITERATION_LIMIT = "iteration limit"
    INTERRUPTED = "interrupted"
    MEMORY = "out of memory"
    ERROR = "error"
    UNKNOWN = "unknown"


class Method(StrEnum):
    """How to solve: the second is the other way, for what the first could not prove."""

    PRESOLVED = "presolved"
    PLAIN = "plain"


@dataclass(frozen=True)
class Limits:
    """When to give up; None is never."""

    seconds: float | None = None
    iterations: int | None = None


Basis = highspy.HighsBasis
"""Where a solve ended, and where another may start."""

Place = highspy.HighsBasisStatus
"""Where a column or row stands in a basis: basic, or at one of its sides."""


@dataclass(frozen=True)
class Answer:
    """What the solver says, proved by nobody yet.

    Attributes
    ----------
    status : Status
        How it ended.
    plan : array of float
        Values of the columns in normalised units.
    prices : array of float
        Dual values of the rows.
    basis : Basis or None
        Where the solve ended; None if the solver did not say.
    """

    status: Status
    plan: Vector
    prices: Vector
    basis: Basis | None = None


_STATUS = {
    highspy.HighsModelStatus.kOptimal: Status.OPTIMAL,
    highspy.HighsModelStatus.kInfeasible: Status.INFEASIBLE,
    highspy.HighsModelStatus.kUnbounded: Status.UNBOUNDED,
    highspy.HighsModelStatus.kUnboundedOrInfeasible: Status.INFEASIBLE,
    highspy.HighsModelStatus.kTimeLimit: Status.TIME_LIMIT,
    highspy.HighsModelStatus.kIterationLimit: Status.ITERATION_LIMIT,
    highspy.HighsModelStatus.kInterrupt: Status.INTERRUPTED,
    highspy.HighsModelStatus.kMemoryLimit: Status.MEMORY,
    highspy.HighsModelStatus.kModelError: Status.ERROR,
    highspy.HighsModelStatus.kSolveError: Status.ERROR,
    highspy.HighsModelStatus.kPresolveError: Status.ERROR,
    highspy.HighsModelStatus.kPostsolveError: Status.ERROR,
}

OPTIONS: dict[str, str | float | int | bool] = {
    "output_flag": False,
    "solver": "simplex",
    "threads": 1,
    "random_seed": 0,
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
}


LARGE = 20_000
"""Columns from which on dual simplex picks its rows by Devex weights: on programmes over months it
takes as many steps as with steepest edge, and half the time."""
DEVEX = 1


class SolverOptionError(RuntimeError):
    """HiGHS did not take an option; a misspelt one would else be ignored in silence."""


class Solver:
    """One HiGHS object with one programme in it; it belongs to one thread.

    Parameters
    ----------
    programme : LinearProgramme
        Arrays in normalised units.
    method : Method
        How to solve.
    limits : Limits, optional
        When to give up.

    Raises
    ------
    SolverOptionError
        If HiGHS does not know one of our options.
    """

    def __init__(
        self, programme: LinearProgramme, *, method: Method, limits: Limits | None = None
    ) -> None:
        """Load the programme."""
        self._shape = len(programme.cost), len(programme.row_low)
        self._high = programme.high.copy()
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy types all but this
        for name, value in _options(method, limits or Limits(), columns=self._shape[0]).items():
            if self._highs.setOptionValue(name, value) != highspy.HighsStatus.kOk:
                msg = f"HiGHS refused {name} = {value}"
                raise SolverOptionError(msg)
        self._loaded = self._highs.passModel(_lp(programme)) != highspy.HighsStatus.kError

    def answer(self) -> Answer:
        """Solve and return what the solver says."""
        columns, rows = self._shape
        if not self._loaded:
            return Answer(Status.ERROR, np.zeros(columns), np.zeros(rows))
        self._highs.run()
        status = _STATUS.get(self._highs.getModelStatus(), Status.UNKNOWN)
        solution = self._highs.getSolution()
        plan = np.array(solution.col_value, dtype=np.float64)
        prices = np.array(solution.row_dual, dtype=np.float64)
        if len(plan) != columns or len(prices) != rows:
            return Answer(status, np.zeros(columns), np.zeros(rows))
        basis = self._highs.getBasis()
        return Answer(
            status, np.clip(plan, 0.0, self._high), prices, basis if basis.valid else None
        )

    def start_from(self, basis: Basis) -> None:
        """Forget all solves before and let the next one start from a basis."""
        self._highs.clearSolver()  # else what remains of them decides between equal plans
        self._highs.setBasis(basis)

    def bound(self, column: int, high: float) -> None:
        """Change the upper bound of a column."""
        self._high[column] = high
        self._highs.changeColBounds(column, 0.0, high)

    def bound_row(self, row: int, low: float, high: float) -> None:
        """Change the sides of a row."""
        self._highs.changeRowBounds(row, low, high)

    def set_cost(self, column: int, value: float) -> None:
        """Change the cost of a column."""
        self._highs.changeColCost(column, value)

    def set_coefficient(self, row: int, column: int, value: float) -> None:
        """Change a coefficient of the matrix."""
        self._highs.changeCoeff(row, column, value)


def answer(
    programme: LinearProgramme,
    *,
    method: Method = Method.PRESOLVED,
    limits: Limits | None = None,
) -> Answer:
    """Solve a programme cold and return what the solver says; see `Solver`."""
    return Solver(programme, method=method, limits=limits).answer()


def answer_from(programme: LinearProgramme, columns: list[Place], rows: list[Place]) -> Answer:
    """Solve a programme from where columns and rows stood in the basis of one much like it.

    The basis need not be one of this programme: the solver makes one of it.
    """
    solver = Solver(programme, method=Method.PLAIN)
    basis = Basis()
    basis.col_status, basis.row_status = columns, rows
    basis.valid = basis.alien = True
    solver.start_from(basis)
    return solver.answer()


def options_read_back() -> dict[str, str | float | int | bool]:
    """Return our options with the values that HiGHS says they have."""
    highs = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy types all but this
    for name, value in OPTIONS.items():
        highs.setOptionValue(name, value)
    return {name: highs.getOptionValue(name)[1] for name in OPTIONS}


def _options(
    method: Method, limits: Limits, *, columns: int
) -> dict[str, str | float | int | bool]:
    chosen = {**OPTIONS, "presolve": "on" if method is Method.PRESOLVED else "off"}
    if columns >= LARGE:
        chosen["simplex_dual_edge_weight_strategy"] = DEVEX
    if limits.seconds is not None:
        chosen["time_limit"] = limits.seconds
    if limits.iterations is not None:
        chosen["simplex_iteration_limit"] = limits.iterations
    return chosen


def _lp(programme: LinearProgramme) -> highspy.HighsLp:
    matrix = programme.matrix.copy()
    matrix.eliminate_zeros()
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(programme.cost), len(programme.row_low)
    lp.col_cost_ = programme.cost
    lp.offset_ = programme.constant
    lp.col_lower_ = np.zeros(lp.num_col_)
    lp.col_upper_ = programme.high
    lp.row_lower_ = programme.row_low
    lp.row_upper_ = programme.row_high
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = matrix.indptr
    lp.a_matrix_.index_ = matrix.indices
    lp.a_matrix_.value_ = matrix.data
    return lp
