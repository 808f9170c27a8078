"""One programme kept loaded in HiGHS and solved again with other numbers.

Each solve starts from one and the same basis unless another is named, so no answer depends on the
answers before it. Hot starts can go wrong in silence, so every answer is certified by our own
arithmetic; one that is not is solved again cold.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analyzer.programme.arrays import LinearProgramme, Vector, unit
from analyzer.programme.certificate import Certificate, proved_by, uses, worths
from analyzer.programme.change import Change, change
from analyzer.programme.highs import (
    Answer,
    Basis,
    Method,
    Place,
    Simplex,
    Solver,
    Status,
    answer,
)


@dataclass(frozen=True)
class Proof:
    """A solve with what was proved of it.

    Attributes
    ----------
    certificate : Certificate
        What our own arithmetic proves.
    plan, prices : array of float
        Values of the columns, dual values of the rows.
    cold : bool
        Whether the warm solve could not be certified.
    programme : LinearProgramme
        What was solved.
    uses : array of float
        What the plan uses of each limit (`analyzer.programme.certificate.limits`).
    worths : array of float
        What each limit is worth at these prices.
    basis : Basis or None
        Where the solve ended.
    """

    certificate: Certificate
    plan: Vector
    prices: Vector
    cold: bool
    programme: LinearProgramme
    uses: Vector
    worths: Vector
    basis: Basis | None = None


class Persistent:
    """A programme that is solved again and again with other numbers.

    Parameters
    ----------
    programme : LinearProgramme
        All others must have its shape and sparsity. One object serves one thread.
    basis : Basis, optional
        Where solves start; without it the programme is solved first, and its basis kept.
    simplex : Simplex
        Which way to go from there.

    Attributes
    ----------
    basis : Basis or None
        Where solves start; None if the solver did not say where the first one ended.
    """

    def __init__(
        self,
        programme: LinearProgramme,
        *,
        basis: Basis | None = None,
        simplex: Simplex = Simplex.DUAL,
    ) -> None:
        """Load the programme."""
        self.programme = programme
        self._loaded = programme
        self._solver = Solver(programme, method=Method.PLAIN, again=True, simplex=simplex)
        self.basis = basis or self._solver.answer().basis

    def proof(self, programme: LinearProgramme, *, start: Basis | None = None) -> Proof:
        """Return the optimum of a programme, certified if that can be done."""
        self._load(programme)
        return self._proof(programme, start=start or self.basis)

    def under(self, change: Change) -> Proof:
        """Return the optimum of the first programme with these numbers changed, certified if so.

        What is not changed is not looked at, so a small change costs little beside its solve.
        """
        self._load(self.programme)
        self._solver.set_numbers(change)
        try:
            return self._proof(change.on(self.programme), start=self.basis)
        finally:
            self._solver.set_numbers(change.back(self.programme))

    def edges(
        self, proof: Proof, limits: Sequence[tuple[int | None, int]]
    ) -> Iterator[Vector | None]:
        """Yield how the plan of the latest solve moves for one more of each limit.

        It moves along an edge as long as no limit of another is met; all prices stay as they are.

        Parameters
        ----------
        proof : Proof
            The latest solve.
        limits : sequence of (row or None, column)
            The row whose upper side moves; without one, the column whose upper bound does.

        Yields
        ------
        array of float, or None
            By column; None where the limit does not hold the plan.
        """
        if proof.basis is None or proof.cold:
            return
        columns, rows = proof.basis.col_status, proof.basis.row_status
        matrix = proof.programme.matrix
        for row, column in limits:
            if (columns[column] if row is None else rows[row]) is Place.kBasic:
                yield None
            elif row is None:
                alone = unit(len(columns), {column: 1.0})
                yield alone + self._solver.moves(-(matrix @ alone))
            else:
                yield self._solver.moves(unit(len(rows), {row: 1.0}))

    def _proof(self, programme: LinearProgramme, *, start: Basis | None) -> Proof:
        if start is not None:
            self._solver.start_from(start)
        proof = _proof(programme, self._solver.answer(), cold=False)
        for method in Method:
            if proof.certificate.certified:
                break
            proof = _proof(programme, answer(programme, method=method), cold=True)
        return proof

    def _load(self, programme: LinearProgramme) -> None:
        if programme is not self._loaded:
            self._solver.set_costs(programme.cost)
            self._solver.set_numbers(_difference(self._loaded, programme))
            self._loaded = programme


def limited(
    programme: LinearProgramme,
    *,
    high: Mapping[int, float] | None = None,
    row_high: Mapping[int, float] | None = None,
) -> LinearProgramme:
    """Return a programme with other upper bounds of columns and upper sides of rows."""
    low = programme.row_low
    sides = {n: (float(low[n]), up) for n, up in (row_high or {}).items()}
    return change(programme, high=high or {}, sides=sides, data={}).on(programme)


def _proof(programme: LinearProgramme, found: Answer, *, cold: bool) -> Proof:
    used, priced = uses(programme, found.plan), worths(programme, found.prices)
    optimal = found.status is Status.OPTIMAL
    proved = proved_by(programme, found.plan, used=used, priced=priced, optimal=optimal)
    return Proof(proved, found.plan, found.prices, cold, programme, used, priced, found.basis)


def _difference(before: LinearProgramme, after: LinearProgramme) -> Change:
    columns = np.flatnonzero(after.high != before.high).astype(np.int32)
    sides = (after.row_low != before.row_low) | (after.row_high != before.row_high)
    rows = np.flatnonzero(sides).astype(np.int32)
    positions = np.flatnonzero(after.matrix.data != before.matrix.data).astype(np.int32)
    return Change(
        columns=columns,
        high=after.high[columns],
        rows=rows,
        row_low=after.row_low[rows],
        row_high=after.row_high[rows],
        positions=positions,
        data=after.matrix.data[positions],
    )
