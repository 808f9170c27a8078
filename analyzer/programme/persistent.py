"""One programme kept loaded in HiGHS and solved again with other numbers.

Each solve starts from one and the same basis, so no answer depends on the answers before it. Hot
starts can go wrong in silence, so every answer is certified by our own arithmetic; one that is not
is solved again cold.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from analyzer.programme.arrays import LinearProgramme, Vector
from analyzer.programme.certificate import Certificate, certificate
from analyzer.programme.highs import Answer, Basis, Method, Solver, Status, answer


@dataclass(frozen=True)
class Proof:
    """A solve with what was proved of it; ``cold`` if the warm one could not be certified."""

    certificate: Certificate
    plan: Vector
    prices: Vector
    cold: bool


class Persistent:
    """A programme that is solved again and again with other numbers.

    Parameters
    ----------
    programme : LinearProgramme
        All others must have its shape and sparsity. One object serves one thread.
    basis : Basis, optional
        Where solves start; without it the programme is solved first, and its basis kept.
    """

    def __init__(self, programme: LinearProgramme, *, basis: Basis | None = None) -> None:
        """Load the programme."""
        self.programme = programme
        self._loaded = programme
        self._solver = Solver(programme, method=Method.PLAIN)
        self._basis = basis or self._solver.answer().basis

    def proof(self, programme: LinearProgramme) -> Proof:
        """Return the optimum of a programme, certified if that can be done."""
        self._load(programme)
        if self._basis is not None:
            self._solver.start_from(self._basis)
        found = _proof(programme, self._solver.answer(), cold=False)
        for method in Method:
            if found.certificate.certified:
                break
            found = _proof(programme, answer(programme, method=method), cold=True)
        return found

    def _load(self, programme: LinearProgramme) -> None:
        before, solver = self._loaded, self._solver
        for n in np.flatnonzero(programme.cost != before.cost).tolist():
            solver.set_cost(n, float(programme.cost[n]))
        for n in np.flatnonzero(programme.high != before.high).tolist():
            solver.bound(n, float(programme.high[n]))
        sides = (programme.row_low != before.row_low) | (programme.row_high != before.row_high)
        for n in np.flatnonzero(sides).tolist():
            solver.bound_row(n, float(programme.row_low[n]), float(programme.row_high[n]))
        matrix = programme.matrix
        for position in np.flatnonzero(matrix.data != before.matrix.data).tolist():
            row = int(np.searchsorted(matrix.indptr, position, side="right")) - 1
            column = int(matrix.indices[position])
            solver.set_coefficient(row, column, float(matrix.data[position]))
        self._loaded = programme


def limited(
    programme: LinearProgramme,
    *,
    high: Mapping[int, float] | None = None,
    row_high: Mapping[int, float] | None = None,
) -> LinearProgramme:
    """Return a programme with other upper bounds of columns and upper sides of rows."""
    return replace(
        programme,
        high=_changed(programme.high, high or {}),
        row_high=_changed(programme.row_high, row_high or {}),
    )


def _proof(programme: LinearProgramme, found: Answer, *, cold: bool) -> Proof:
    proved = certificate(
        programme, found.plan, found.prices, optimal=found.status is Status.OPTIMAL
    )
    return Proof(proved, found.plan, found.prices, cold=cold)


def _changed(values: Vector, new: Mapping[int, float]) -> Vector:
    changed = values.copy()
    for number, value in new.items():
        changed[number] = value
    return changed
