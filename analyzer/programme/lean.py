"""Plans that use little: as good as the best, and sparing with the limits that are asked about.

A plan that spares an element proves that its loss costs nothing. One plan cannot spare all
that can be spared alone, so several are asked for, each for what those before it did not spare.
Lean plans serve for pruning only and are never shown as what would be done.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from analyzer.programme.arrays import LinearProgramme, Vector, with_row
from analyzer.programme.change import Change
from analyzer.programme.highs import Basis, Method, Solver
from analyzer.programme.scale import PERCENT

GIVES = 1e-10
"""By how much a lean plan may fall short of the capacity that it is to reach, as a share."""


@dataclass(frozen=True)
class Wish:
    """What is to be spared.

    Attributes
    ----------
    wishes : array of float
        By limit (`analyzer.programme.certificate.limits`), how much it matters to spare it.
    basis : Basis or None
        Where a search for it ended. From there another, with other limits, takes few steps.
    """

    wishes: Vector
    basis: Basis | None = None


class Lean:
    """A programme in which capacity is held and use is kept low.

    Parameters
    ----------
    programme : LinearProgramme
        The programme; one object serves one thread.
    """

    def __init__(self, programme: LinearProgramme) -> None:
        """Load the programme with one row more, for the capacity."""
        self._programme = programme
        self._held = len(programme.row_low)
        held = with_row(programme, programme.cost / PERCENT, high=np.inf)
        self._solver = Solver(held, method=Method.PLAIN, again=True)

    @cached_property
    def _basis(self) -> Basis | None:
        return self._solver.answer().basis

    def plan(self, wish: Wish, *, value: float, change: Change) -> tuple[Vector, Wish]:
        """Return a plan of about this shortfall that uses little of what is to be spared.

        Parameters
        ----------
        wish : Wish
            What is to be spared.
        value : float
            Shortfall that the plan may have, in percent.
        change : Change
            What is changed of the programme beside.

        Returns
        -------
        tuple of array of float and Wish
            The plan, of which nothing is proved: whoever uses it looks at what it uses and reaches.
            And the wish, with where the search ended.
        """
        programme, solver = self._programme, self._solver
        basis = self._basis if wish.basis is None else wish.basis
        columns, rows = len(programme.high), len(programme.row_low)
        own, upper, lower = np.split(wish.wishes, [columns, columns + rows])
        cost = own + programme.matrix.T @ (upper - lower)
        solver.set_costs(cost / (np.abs(cost).max() or 1.0))
        solver.set_numbers(change)
        solver.hold(self._held, (value - programme.constant) / PERCENT + GIVES)
        if basis is not None:
            solver.start_from(basis)
        found = solver.answer()
        solver.set_numbers(change.back(programme))
        return found.plan, replace(wish, basis=found.basis)
