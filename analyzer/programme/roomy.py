"""An optimal plan that leaves a step of room under as many limits as can be.

Whatever limit it leaves the step of can give way by that step at no cost, so one such plan spares
a solve for each of them.
"""

from dataclasses import replace

import numpy as np
from scipy import sparse

from analyzer.programme.arrays import LinearProgramme, Vector, with_columns, with_row, with_rows
from analyzer.programme.certificate import residual
from analyzer.programme.highs import Basis, Simplex, Status, answer, answer_from, widened

BEYOND = 1e-6
"""By how much, as a share of the step, the room is to exceed it, so that rounding takes none."""
FITS = 1e-9
"""Largest violation of limits by the plan, in normalised units."""


def roomy_plan(
    programme: LinearProgramme,
    *,
    shortfall: float,
    used: sparse.csr_array,
    limit: Vector,
    step: Vector,
    start: Basis | None = None,
) -> Vector | None:
    """Return a plan that falls no shorter and leaves room; None where none is needed or found.

    ``max Σ_e z_e`` over the plans x of the programme with ``cost · x + constant ≤ shortfall``,
    ``used_e · x + step_e z_e ≤ limit_e`` and ``0 ≤ z_e ≤ 1``.

    Parameters
    ----------
    programme : LinearProgramme
        The limits that a plan has to keep.
    shortfall : float
        In percent; the optimum, and what may be lost to rounding.
    used : sparse array, limits by columns
        How much of each limit a unit of each column uses.
    limit, step : array of float
        By limit, in the same units; steps are positive.
    start : Basis, optional
        Where a solve of the programme ended.
    """
    width, count = len(programme.cost), len(limit)
    if not count:
        return None
    optimal = with_row(programme, programme.cost, high=shortfall - programme.constant)
    wider = with_columns(optimal, count)
    share = 1 / (step * (1 + BEYOND))
    rows = sparse.hstack([sparse.diags_array(share) @ used, sparse.eye_array(count)])
    roomy = with_rows(wider, sparse.csr_array(rows), low=-np.inf, high=limit * share)
    cost = np.concatenate([np.zeros(width), np.full(count, -1 / count)])
    roomy = replace(roomy, cost=cost)
    if start is None:
        found = answer(roomy)
    else:
        found = answer_from(roomy, widened(start, roomy), simplex=Simplex.PRIMAL)
    plan = found.plan[:width]
    if found.status is not Status.OPTIMAL or residual(optimal, plan) > FITS:
        return None
    return plan
