"""Plans that leave alone what may be cut: good enough, and within what cuts leave where they can.

A plan that keeps within what is left of every limit that a set of cuts names proves that the set
costs no more than what the plan falls short of. The fewer limits a plan needs in excess of what
cuts leave, the more sets it speaks for. Such plans serve for proofs only and are never shown as
what would be done.
"""

import numpy as np
from scipy import sparse

from analyzer.programme.arrays import LinearProgramme, Vector, with_columns, with_row, with_rows
from analyzer.programme.change import Change
from analyzer.programme.highs import Basis, Method, Solver
from analyzer.programme.scale import PERCENT
from analyzer.programme.sieve import Numbers


class Spare:
    r"""A programme in which use beyond what is left is kept low.

    With ``u_l(x)`` what a plan uses of limit l, ``f_l`` what is left of it at the least, and a
    weight ``w_l``, it is: minimise ``Σ_l w_l · max(0, u_l(x) - f_l)`` over all plans whose
    shortfall is at most a given one. Where ``f_l = 0`` the use itself is the excess; elsewhere a
    column ``e_l`` and a row ``u_l(x) - e_l ≤ f_l`` are added.

    Parameters
    ----------
    programme : LinearProgramme
        The programme; one object serves one thread.
    numbers : array of int
        The limits that cuts name, each once (`analyzer.programme.certificate.limits`).
    floors : array of float
        What is left of each at the least.
    """

    def __init__(self, programme: LinearProgramme, numbers: Numbers, floors: Vector) -> None:
        """Load the programme with what is added to it."""
        self._programme = programme
        self._width, self._numbers = len(programme.cost), numbers
        partly = floors > 0
        self._partly = partly
        self._uses = sparse.csr_array(_uses(programme)[numbers])
        held = with_row(programme, programme.cost / PERCENT, high=np.inf)
        self._held = len(programme.row_low)
        self._solver = Solver(
            _with_excess(held, self._uses[partly], floors[partly]),
            method=Method.PLAIN,
            again=True,
        )
        self._basis: Basis | None = None

    def plan(self, weights: Vector, *, value: float, change: Change) -> Vector:
        """Return a plan of at most this shortfall that keeps within what is left where it can.

        Parameters
        ----------
        weights : array of float
            How much it matters for each of the limits.
        value : float
            Shortfall that the plan may have, in percent.
        change : Change
            What is changed of the programme beside.

        Returns
        -------
        array of float
            Nothing is proved of it: whoever uses it looks at what it uses and reaches.
        """
        programme, solver, partly = self._programme, self._solver, self._partly
        cost = np.append(self._uses[~partly].T @ weights[~partly], weights[partly])
        solver.set_costs(cost / (np.abs(cost).max(initial=0.0) or 1.0))
        solver.set_numbers(change)
        solver.hold(self._held, (value - programme.constant) / PERCENT)
        if self._basis is not None:
            solver.start_from(self._basis)
        found = solver.answer()
        self._basis = found.basis or self._basis
        solver.set_numbers(change.back(programme))
        return found.plan[: self._width]


def _uses(programme: LinearProgramme) -> sparse.csr_array:
    """Return how much of each limit a unit of each column uses."""
    columns = sparse.eye_array(len(programme.cost))
    return sparse.csr_array(sparse.vstack([columns, programme.matrix, -programme.matrix]))


def _with_excess(
    programme: LinearProgramme, uses: sparse.csr_array, floors: Vector
) -> LinearProgramme:
    """Return the programme with a column and a row for the excess of each use over its floor."""
    count = len(floors)
    if not count:
        return programme
    most = uses @ programme.high
    wider = with_columns(programme, count)
    wider.high[-count:] = np.maximum(most, 1.0)
    rows = sparse.csr_array(sparse.hstack([uses, -sparse.eye_array(count)]))
    return with_rows(wider, rows, low=-np.inf, high=floors)
