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
from analyzer.programme.highs import (
    Answer,
    Basis,
    Method,
    Simplex,
    Solver,
    answer,
    widened,
)
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
        self._programme = with_row(programme, programme.cost / PERCENT, high=np.inf)

    def plan(
        self, wish: Wish, *, value: float, change: Change, start: Basis | None = None
    ) -> tuple[Vector, Wish]:
        """Return a plan of about this shortfall that uses little of what is to be spared.

        Parameters
        ----------
        wish : Wish
            What is to be spared.
        value : float
            Shortfall that the plan may have, in percent.
        change : Change
            What is changed of the programme beside.
        start : Basis, optional
            Where a solve of the programme so changed, or a search for another wish, ended: of
            plans as good as that, from one to another. A wish that was met starts where it ended.

        Returns
        -------
        tuple of array of float and Wish
            The plan, of which nothing is proved: whoever uses it looks at what it uses and reaches.
            And the wish, with where the search ended.
        """
        capacity = (value - self._programme.constant) / PERCENT + GIVES
        asked = self._asked(wish.wishes, capacity)
        if wish.basis is not None:
            found = _from(self._other_limits, asked, wish.basis, change)
        elif start is not None:
            found = _from(self._other_costs, asked, widened(start, asked), change)
        else:
            found = answer(change.on(asked))
        return found.plan, replace(wish, basis=found.basis)

    def _asked(self, wishes: Vector, capacity: float) -> LinearProgramme:
        programme = self._programme
        columns, rows = len(programme.high), len(programme.row_low) - 1
        own, upper, lower = np.split(wishes, [columns, columns + rows])
        sides = np.append(upper - lower, 0.0)
        cost = own + programme.matrix.T @ sides
        row_high = np.append(programme.row_high[:-1], capacity)
        return replace(programme, cost=cost / (np.abs(cost).max() or 1.0), row_high=row_high)

    @cached_property
    def _other_limits(self) -> Solver:
        return Solver(self._programme, method=Method.PLAIN, again=True)

    @cached_property
    def _other_costs(self) -> Solver:
        return Solver(self._programme, method=Method.PLAIN, again=True, simplex=Simplex.PRIMAL)


def _from(solver: Solver, asked: LinearProgramme, basis: Basis, change: Change) -> Answer:
    solver.set_costs(asked.cost)
    solver.set_numbers(change)
    solver.hold(len(asked.row_high) - 1, float(asked.row_high[-1]))
    solver.start_from(basis)
    found = solver.answer()
    solver.set_numbers(change.back(asked))
    return found
