"""Which of the optimal plans is shown: the fairest, cheapest, most even one, and always the same.

Capacity is unique, optimal flows are not: a solver returns whichever corner it happens to reach,
and with another order of rows another one. Four choices in turn, each holding the ones before,
leave one plan, whatever the order of the rows:

1. fairest: the smallest share of target as large as can be, then the second smallest, and so on;
2. cheapest: least cost of supplies, marked up by lanes;
3. most even: least ``Σ size · φ(usage)``, with φ(u) = u² in 20 straight pieces and size in USD, so
   that what could come from several sides comes from each in proportion to its size, and what may
   fill several products' slots fills each of them alike;
4. a tie-break of weight 1e-4 by a hash of what flows where.

Each starts where the one before ended, which still keeps to all limits, and the last, where it can,
where the reference's ended; that takes a fraction of the time. The plan is as optimal as the one it
starts from: the same certificate is computed for it again. If a step fails, all are solved cold,
then with ten times the slack; failing again, the plan as solved is kept, and ``canonical`` says so
wherever certificates are told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy import sparse

from analyzer.programme.arrays import (
    LinearProgramme,
    Vector,
    unit,
    with_columns,
    with_row,
    with_rows,
)
from analyzer.programme.certificate import certificate
from analyzer.programme.even import PIECES, NoPlanError, loads_of, most_even, optimum
from analyzer.programme.flow import Instance, spending
from analyzer.programme.footing import Footing, Shape
from analyzer.programme.highs import Basis, Simplex, shortened, widened
from analyzer.programme.scale import PERCENT
from analyzer.programme.solution import Solution

SLACK = 1e-9
"""How far each choice may give way to the next, in normalised units."""
DECIMALS = 8
"""To how many decimals, in normalised units, the plan is rounded; the slack does not show then."""
DIGITS = 11
"""To how many decimals a choice is held; what solvers leave beyond depends on where they start."""


def published(found: Solution, *, near: "Solution | None" = None) -> Solution:
    """Return the same optimum with the plan that is shown.

    Parameters
    ----------
    found : Solution
        A solve of the steady state.
    near : Solution, optional
        The reference's, published: most of its plan may stay as it is.

    Returns
    -------
    Solution
        With ``canonical`` true if the four choices could be made; uncertified solutions and
        solutions over time are returned as they are.
    """
    if not found.certified or not found.model.sets.steady:
        return found
    instance = replace(found.model.formulation.instance, effect=found.effect)
    cold = replace(found, basis=None)
    for slack, first in ((SLACK, found), (SLACK, cold), (10 * SLACK, cold)):
        try:
            plan, footing = _chosen(instance, first, slack=slack, near=near)
        except NoPlanError:
            continue
        chosen = _with_plan(found, plan)
        if chosen.canonical:
            return replace(chosen, footing=footing)
    return found


def _with_plan(found: Solution, plan: Vector) -> Solution:
    plan = np.clip(np.round(plan, DECIMALS), 0.0, found.programme.high)
    if not certificate(found.programme, plan, found.prices, optimal=True).certified:
        return found
    return replace(found, plan=plan, other_plan=found.plan, canonical=True)


def _chosen(
    i: Instance, found: Solution, *, slack: float, near: Solution | None
) -> tuple[Vector, Footing | None]:
    programme = found.programme
    shortfall = programme.constant + float(programme.cost @ found.plan)
    reached = round((programme.constant - shortfall) / PERCENT, DIGITS)
    optimal = with_row(programme, -programme.cost / PERCENT, low=reached - slack)
    fair, start = _fairest(i, optimal, found, slack=slack)
    cheap = _cheapest(i, fair, slack=slack, start=start)
    layout = found.model.layout
    loads = tuple(loads_of(i, layout.usd.tolist()))
    even = most_even(cheap, loads, usd=layout.usd, lots=layout.lots)
    rows = found.model.formulation.rows
    shape = Shape(i, rows, len(cheap.row_low) - len(rows), [load.name for load in loads], PIECES)
    start = near.footing.start(shape) if near is not None and near.footing is not None else None
    best = optimum(even, start=start)
    footing = None if best.basis is None else Footing(shape, best.basis)
    return best.plan[: len(i.columns)], footing


def _fairest(
    i: Instance, programme: LinearProgramme, found: Solution, *, slack: float
) -> tuple[LinearProgramme, Basis | None]:
    """Fix the systems at the shares of target that are largest from the smallest upwards.

    The next choice may start where this one ended.
    """
    systems = [n for n, column in enumerate(i.columns) if column.variable == "x"]
    if all(found.plan[n] >= 1 - SLACK for n in systems):
        fair = _at_least(programme, dict.fromkeys(systems, 1 - slack))
        return fair, None if found.basis is None else widened(found.basis, fair)
    fixed: dict[int, float] = {}
    ended = found.basis
    while len(fixed) < len(systems):
        levelled = _levelled(programme, systems, fixed)
        least = optimum(
            levelled,
            start=None if ended is None else widened(ended, levelled),
            simplex=Simplex.PRIMAL,
        )
        ended = least.basis if ended is not None else None
        share = round(least.plan[len(programme.cost)], DIGITS)
        prices = dict(zip(systems, least.prices[-len(systems) :], strict=True))
        free = [n for n in systems if n not in fixed]
        tight = [n for n in free if prices[n] > SLACK] or [max(free, key=prices.__getitem__)]
        fixed |= dict.fromkeys(free if share >= 1 - SLACK else tight, share - slack)
    fair = _at_least(programme, dict(sorted(fixed.items())))
    return fair, None if ended is None else shortened(ended, fair)


def _levelled(
    programme: LinearProgramme, systems: Sequence[int], fixed: Mapping[int, float]
) -> LinearProgramme:
    """Return the programme with a last column, as large as may be, that no free system is below."""
    width = len(programme.cost)
    above = _ones(width, systems)
    level = [[0.0 if n in fixed else -1.0] for n in systems]
    rows = sparse.csr_array(sparse.hstack([above, sparse.csr_array(level)]))
    lows = np.array([fixed.get(n, 0.0) for n in systems])
    wider = with_rows(with_columns(programme, 1), rows, low=lows, high=np.inf)
    return replace(wider, cost=unit(width + 1, {width: -1.0}))


def _at_least(programme: LinearProgramme, lows: Mapping[int, float]) -> LinearProgramme:
    """Return the programme with columns held at or above these values."""
    rows = _ones(len(programme.cost), tuple(lows))
    return with_rows(programme, rows, low=np.array(tuple(lows.values())), high=np.inf)


def _ones(width: int, columns: Sequence[int]) -> sparse.csr_array:
    """Return a row for each of these columns, with a one there."""
    count = len(columns)
    numbers = np.ones(count), np.array(columns, dtype=np.int64), np.arange(count + 1)
    return sparse.csr_array(numbers, shape=(count, width))


def _cheapest(
    i: Instance, programme: LinearProgramme, *, slack: float, start: Basis | None
) -> LinearProgramme:
    usd = spending(i, 1)
    whole = sum(usd.values())
    if not whole:
        return programme
    cost = unit(len(programme.cost), {n: value / whole for n, value in usd.items()})
    least = optimum(replace(programme, cost=cost * PERCENT), start=start, simplex=Simplex.PRIMAL)
    return with_row(programme, cost, high=round(float(cost @ least.plan), DIGITS) + slack)
