"""HiGHS, wrapped: arrays in, plan and prices out, and a status of our own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

import highspy
import numpy as np
from numpy.typing import NDArray

from analyzer.programme.arrays import LinearProgramme, Vector
from analyzer.programme.change import Change


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


class Simplex(IntEnum):
    """Which way to go from a start, by what changed since: costs for primal, limits for dual."""

    DUAL = 1
    PRIMAL = 4


@dataclass(frozen=True)
class Limits:
    """When to give up; None is never."""

    seconds: float | None = None
    iterations: int | None = None


Basis = highspy.HighsBasis
"""Where a solve ended, and where another may start."""

Packed = tuple[NDArray[np.int8], NDArray[np.int8]]
"""A basis as plain arrays, which can be sent elsewhere: places of columns, and of rows."""

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


LARGE = 10_000
"""Rows from which on dual simplex picks among them by Dantzig's rule. Programmes over months take
about as many steps by it as by steepest edge, each a fraction of the work: the hardest of the
shipped case takes a third of the time, the easy ones up to twice as long. The most even flows of a
month, of as many columns as these but few rows, are chosen in a third of the time by steepest edge.
"""
DANTZIG, DEVEX = 0, 1

AGAIN: dict[str, str | float | int | bool] = {
    "simplex_dual_edge_weight_strategy": DEVEX,
    "simplex_scale_strategy": 0,
}
"""For a few steps from an optimal basis: weights that need no solve of their own to begin with, and
no scaling, since our numbers are normalised already."""
FEW = 500
"""Steps of dual simplex from a basis that are tried without perturbing costs, which would have to
be put right at the end: a solve of few steps takes three quarters to nine tenths of the time. Where
a cut closed a lane of thousands of goods, it took ten times as long; so what takes more steps goes
on perturbed."""
AS_THEY_ARE: dict[str, float | int] = {
    "dual_simplex_cost_perturbation_multiplier": 0.0,
    "simplex_iteration_limit": FEW,
}
PERTURBED: dict[str, float | int] = {
    "dual_simplex_cost_perturbation_multiplier": 1.0,
    "simplex_iteration_limit": highspy.kHighsIInf,
}
AS_GIVEN: dict[str, float | int] = {
    "primal_simplex_bound_perturbation_multiplier": 0.0,
    "dual_simplex_cost_perturbation_multiplier": 0.0,
    "simplex_dual_edge_weight_strategy": DEVEX,
}
"""For a start from nearby in a large programme. Where measures had left something else in a month,
dual simplex took 0.6 to 3.6 s like this and 3 to 9 s otherwise."""


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
    again : bool
        Whether it will be solved again and again, from close by.
    simplex : Simplex
        Which way to go.
    perturbed : bool
        Whether simplex may move all bounds, or all costs, a little to begin with, so as not to
        stand still.

    Raises
    ------
    SolverOptionError
        If HiGHS does not know one of our options.
    """

    def __init__(
        self,
        programme: LinearProgramme,
        *,
        method: Method,
        limits: Limits | None = None,
        again: bool = False,
        simplex: Simplex = Simplex.DUAL,
        perturbed: bool = True,
    ) -> None:
        """Load the programme."""
        self._shape = len(programme.cost), len(programme.row_low)
        self._high = programme.high.copy()
        self._cost = programme.cost.copy()
        self._starts, self._indices = programme.matrix.indptr, programme.matrix.indices
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy types all but this
        options = _options(method, limits or Limits(), rows=self._shape[1])
        self._set({**options, "simplex_strategy": simplex.value, **(AGAIN if again else {})})
        if not perturbed:
            self._set(AS_GIVEN)
        self._brief = again and simplex is Simplex.DUAL
        self._loaded = passed(self._highs, programme)

    def answer(self) -> Answer:
        """Solve and return what the solver says."""
        columns, rows = self._shape
        if not self._loaded:
            return Answer(Status.ERROR, np.zeros(columns), np.zeros(rows))
        status = self._run()
        solution = self._highs.getSolution()
        plan = np.array(solution.col_value, dtype=np.float64)
        prices = np.array(solution.row_dual, dtype=np.float64)
        if len(plan) != columns or len(prices) != rows:
            return Answer(status, np.zeros(columns), np.zeros(rows))
        basis = self._highs.getBasis()
        return Answer(
            status, np.clip(plan, 0.0, self._high), prices, basis if basis.valid else None
        )

    def _run(self) -> Status:
        if self._brief:
            self._set(AS_THEY_ARE)
            self._highs.run()
            if self._status is not Status.ITERATION_LIMIT:
                return self._status
            self._set(PERTURBED)
        self._highs.run()
        return self._status

    @property
    def _status(self) -> Status:
        return _STATUS.get(self._highs.getModelStatus(), Status.UNKNOWN)

    def _set(self, options: Mapping[str, str | float | int | bool]) -> None:
        for name, value in options.items():
            if self._highs.setOptionValue(name, value) != highspy.HighsStatus.kOk:
                msg = f"HiGHS refused {name} = {value}"
                raise SolverOptionError(msg)

    def moves(self, sides: Vector) -> Vector:
        """Return by how much columns move with the rows if none joins or leaves the basis.

        Parameters
        ----------
        sides : array of float
            By how much each row is to move from where the last solve ended.
        """
        # the stubs of highspy leave out what it inherits
        _, solved = self._highs.getBasisSolve(sides)  # type: ignore[attr-defined]  # see above
        _, basic = self._highs.getBasicVariables()  # type: ignore[attr-defined]  # see above
        found = np.zeros(self._shape[0])
        own = basic >= 0  # rows are told by negative numbers
        found[basic[own]] = solved[own]
        return found

    def start_from(self, basis: Basis) -> None:
        """Forget all solves before and let the next one start from a basis."""
        self._highs.clearSolver()  # else what remains of them decides between equal plans
        self._highs.setBasis(basis)

    def set_numbers(self, change: Change) -> None:
        """Change upper bounds of columns, sides of rows, and numbers of the matrix.

        Numbers of the matrix are found by the places that they have in the programme loaded.
        """
        if count := len(change.columns):
            self._high[change.columns] = change.high
            self._highs.changeColsBounds(count, change.columns, np.zeros(count), change.high)
        if count := len(change.rows):
            lows, highs = change.row_low, change.row_high
            self._highs.changeRowsBounds(  # type: ignore[attr-defined]  # left out of the stubs
                count, change.rows, lows, highs
            )
        rows = np.searchsorted(self._starts, change.positions, side="right") - 1
        columns = self._indices[change.positions]
        for where in zip(rows.tolist(), columns.tolist(), change.data.tolist(), strict=True):
            self._highs.changeCoeff(*where)

    def hold(self, row: int, high: float) -> None:
        """Change the upper side of a row that has no lower one."""
        self._highs.changeRowBounds(row, -np.inf, high)

    def set_costs(self, cost: Vector) -> None:
        """Change the costs of the columns."""
        columns = np.flatnonzero(cost != self._cost).astype(np.int32)
        if len(columns):
            self._highs.changeColsCost(len(columns), columns, cost[columns])
            self._cost = cost.copy()


def answer(
    programme: LinearProgramme,
    *,
    method: Method = Method.PRESOLVED,
    limits: Limits | None = None,
) -> Answer:
    """Solve a programme cold and return what the solver says; see `Solver`."""
    return Solver(programme, method=method, limits=limits).answer()


def answer_from(
    programme: LinearProgramme,
    basis: Basis,
    *,
    limits: Limits | None = None,
    simplex: Simplex = Simplex.DUAL,
    perturbed: bool = True,
) -> Answer:
    """Solve a programme from a basis and return what the solver says; see `Solver`."""
    solver = Solver(
        programme, method=Method.PLAIN, limits=limits, simplex=simplex, perturbed=perturbed
    )
    solver.start_from(basis)
    return solver.answer()


def packed(basis: Basis) -> Packed:
    """Return a basis as plain arrays."""
    columns, rows = (
        np.array([int(place) for place in places], dtype=np.int8)
        for places in (basis.col_status, basis.row_status)
    )
    return columns, rows


def unpacked(places: Packed) -> Basis:
    """Return the basis that plain arrays tell."""
    basis = Basis()
    basis.col_status, basis.row_status = ([Place(n) for n in each.tolist()] for each in places)
    basis.valid = True
    basis.alien = False  # else the solver doubts it, at the price of a solve
    return basis


def standing(columns: Sequence[Place], rows: Sequence[Place]) -> Basis:
    """Return a basis in which columns and rows stand like this.

    It need not be one of the programme: the solver makes one of it.
    """
    basis = Basis()
    basis.col_status, basis.row_status = list(columns), list(rows)
    basis.valid = basis.alien = True
    return basis


def widened(basis: Basis, programme: LinearProgramme) -> Basis:
    """Return a basis for a programme to which columns and rows were added at the end."""
    columns, rows = list(basis.col_status), list(basis.row_status)
    return standing(
        columns + [Place.kLower] * (len(programme.cost) - len(columns)),
        rows + [Place.kBasic] * (len(programme.row_low) - len(rows)),
    )


def narrowed(basis: Basis, columns: int, rows: int) -> Basis:
    """Return a basis for a programme without so many of the first columns and rows."""
    return standing(basis.col_status[columns:], basis.row_status[rows:])


def shortened(basis: Basis, programme: LinearProgramme) -> Basis:
    """Return a basis for a programme from which the last columns were taken."""
    return standing(list(basis.col_status)[: len(programme.cost)], list(basis.row_status))


def options_read_back() -> dict[str, str | float | int | bool]:
    """Return our options with the values that HiGHS says they have."""
    highs = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy types all but this
    for name, value in OPTIONS.items():
        highs.setOptionValue(name, value)
    return {name: highs.getOptionValue(name)[1] for name in OPTIONS}


def _options(method: Method, limits: Limits, *, rows: int) -> dict[str, str | float | int | bool]:
    chosen = {**OPTIONS, "presolve": "on" if method is Method.PRESOLVED else "off"}
    if rows >= LARGE:
        chosen["simplex_dual_edge_weight_strategy"] = DANTZIG
    if limits.seconds is not None:
        chosen["time_limit"] = limits.seconds
    if limits.iterations is not None:
        chosen["simplex_iteration_limit"] = limits.iterations
    return chosen


def passed(highs: highspy.Highs, programme: LinearProgramme) -> bool:
    """Load a programme, as arrays, which takes a fifth of the time that a model of HiGHS' does."""
    matrix = programme.matrix.copy()
    matrix.eliminate_zeros()
    rows, columns = matrix.shape
    status = highs.passModel(
        columns,
        rows,
        matrix.nnz,
        int(highspy.MatrixFormat.kRowwise),
        int(highspy.ObjSense.kMinimize),
        programme.constant,
        programme.cost,
        np.zeros(columns),
        programme.high,
        programme.row_low,
        programme.row_high,
        matrix.indptr.astype(np.int32),
        matrix.indices.astype(np.int32),
        matrix.data,
        np.zeros(columns, dtype=np.int32),  # no column is whole-numbered
    )
    return status != highspy.HighsStatus.kError
