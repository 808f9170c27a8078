"""Which flows are shown of a course: in each month the most even ones that do the same.

What is fielded stays as it was carried out, and so does what is held in stock, but for what nobody
needs: of plans that field the same the one is carried out that leaves most in stock, and flows that
only swell a stock beyond what was there are no answer to a cut. Within that, each month's flows are
chosen as those of the steady state are (`analyzer.programme.even`). They are chosen together with
those of the next month, in which most of what departs arrives, so that what is sent and what is
made there are weighed against each other; beyond it, as much arrives as is needed. If what is
chosen breaks a limit by more than a certificate allows, the course as carried out is kept.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from analyzer.programme.arrays import LinearProgramme, Vector
from analyzer.programme.certificate import RESIDUAL, residual
from analyzer.programme.even import NoPlanError, loads_of, most_even, optimum
from analyzer.programme.flow import in_stock
from analyzer.programme.rolling import Course

if TYPE_CHECKING:
    from analyzer.programme.highs import Basis

SLACK = 1e-8
"""By how much limits give way, in normalised units, so that what was carried out fits: ten times
what the solver lets pass, which adds up from month to month."""


AHEAD = 1
"""How many months after it a month is chosen together with."""


class _Span(NamedTuple):
    """Where the columns and the rows of months that follow each other stand."""

    columns: slice
    rows: slice


def evened(course: Course) -> Vector:
    """Return the values of all columns as they are shown, normalised.

    Where no more even ones can be chosen they are the course's own array.

    Parameters
    ----------
    course : Course
        What is carried out; one that is not certified is returned as it is.
    """
    if not course.certified:
        return course.plan
    programme = course.model.under(course.effect)
    try:
        chosen = _chosen(course, programme)
    except NoPlanError:
        return course.plan
    fits = residual(programme, chosen) <= RESIDUAL * course.share
    return chosen if fits else course.plan


def _chosen(course: Course, programme: LinearProgramme) -> Vector:
    instance = replace(course.model.formulation.instance, effect=course.effect)
    layout = course.model.layout
    held = np.array([column.variable in {"x", "held"} for column in instance.columns])
    carried_out = _without_needless_stock(course, programme)
    chosen = np.where(held, carried_out, 0.0)
    shape: tuple[int, ...] = ()
    near: Basis | None = None
    spans = _spans(course)
    for place, now in enumerate(spans):
        last = spans[min(place + AHEAD, len(spans) - 1)]
        span = _Span(
            slice(now.columns.start, last.columns.stop), slice(now.rows.start, last.rows.stop)
        )
        mixed = np.append(chosen[: now.columns.start], carried_out[now.columns.start :])
        own = _months(programme, span, chosen=chosen, carried_out=mixed, held=held)
        usd, lots = layout.usd[span.columns], layout.lots[span.columns]
        loads = tuple(loads_of(instance, usd.tolist(), first=span.columns.start))
        even = most_even(own, loads, usd=usd, lots=lots)
        best = optimum(even, start=near if even.matrix.shape == shape else None)
        shape, near = even.matrix.shape, best.basis
        free = ~held[now.columns]
        chosen[now.columns][free] = best.plan[: len(free)][free]
    return chosen


def _spans(course: Course) -> list[_Span]:
    months = course.model.sets.periods
    ends = np.arange(1, len(months) + 2)
    formulation = course.model.formulation
    columns = np.searchsorted([column.period for column in formulation.instance.columns], ends)
    rows = np.searchsorted([row.period for row in formulation.rows], ends)
    return [
        _Span(slice(*columns[n : n + 2].tolist()), slice(*rows[n : n + 2].tolist()))
        for n in range(len(months))
    ]


def _months(
    programme: LinearProgramme, span: _Span, *, chosen: Vector, carried_out: Vector, held: Vector
) -> LinearProgramme:
    """Return what limits the flows of months, with all that is chosen already left out."""
    free = ~held[span.columns].astype(bool)
    own = programme.matrix[span.rows]
    done = own @ chosen
    after = programme.matrix[span.rows.stop :]
    later = sparse.csr_array(after[:, span.columns] @ sparse.diags_array(free * 1.0))
    later.eliminate_zeros()
    fed = np.flatnonzero(np.diff(later.indptr))
    spare = (after @ carried_out - programme.row_low[span.rows.stop :])[fed]
    later = later[fed]
    arriving = later @ carried_out[span.columns] - spare
    here = sparse.csr_array(own[:, span.columns] @ sparse.diags_array(free * 1.0))
    return LinearProgramme(
        cost=np.zeros(len(free)),
        constant=0.0,
        matrix=sparse.csr_array(sparse.vstack([here, later])),
        row_low=np.append(programme.row_low[span.rows] - done, arriving) - SLACK,
        row_high=np.append(
            programme.row_high[span.rows] - done + SLACK, np.full(len(arriving), np.inf)
        ),
        high=np.where(free, programme.high[span.columns], 0.0),
    )


def _without_needless_stock(course: Course, programme: LinearProgramme) -> Vector:
    """Return the plan with stocks no larger than they were, or than is drawn on later."""
    model, months = course.model, range(1, len(course.model.sets.periods) + 1)
    instance = replace(model.formulation.instance, effect=course.effect)
    rows = {(*row.what, row.period): n for n, row in model.rows_of("balance")}
    reserves = {(*row.what, row.period): n for n, row in model.rows_of("reserve")}
    begins, held, plan = in_stock(instance, 1), instance.v.held, course.plan.copy()
    left_over = programme.matrix @ plan - programme.row_low
    for what in dict.fromkeys(key[:2] for key in held):
        columns = [held[(*what, t)] for t in months]
        balances = [rows[(*what, t)] for t in months]
        reserved = [reserves[(*what, t)] for t in months if (*what, t) in reserves]
        own = programme.matrix[balances][:, columns].toarray()
        stock = _Stock(
            level=plan[columns],
            least=np.append(programme.row_low[reserved], np.zeros(len(columns) - len(reserved))),
            comes=np.append(0.0, own.diagonal(-1)),
            takes=-own.diagonal(),
            net=left_over[balances] - own @ plan[columns],
        )
        plan[columns] = stock.needed(begins.get(what, 0.0))
    return plan


class _Stock(NamedTuple):
    """One stock, month by month.

    Attributes
    ----------
    level : array of float
        What is held at the end of the month.
    least : array of float
        The least that must be.
    comes : array of float
        What a unit at the end of the month before brings to the month's balance.
    takes : array of float
        What a unit at the end of the month takes from it.
    net : array of float
        What all else leaves there.
    """

    level: Vector
    least: Vector
    comes: Vector
    takes: Vector
    net: Vector

    def needed(self, most: float) -> Vector:
        """Return the levels if no more is held than this, or than later months draw on."""
        need = self.least.copy()
        for t in range(len(need) - 1, 0, -1):
            short = self.takes[t] * need[t] - self.net[t]
            if short > 0 and self.comes[t] > 0:
                need[t - 1] = max(need[t - 1], short / self.comes[t])
        levels = np.minimum(self.level, most)
        before = 0.0
        for t, level in enumerate(levels):
            room = (self.net[t] + self.comes[t] * before) / self.takes[t]
            before = levels[t] = min(max(min(level, room), need[t]), self.level[t])
        return levels
