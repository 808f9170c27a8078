"""Which flows are shown of a course: in each month the most even ones that do the same.

What is fielded and what is held in stock stay as they were carried out; within that, each month's
flows are chosen as those of the steady state are (`analyzer.programme.even`). They are chosen
together with those of the next month, in which most of what departs arrives, so that what is sent
and what is made there are weighed against each other; beyond it, at least as much arrives as was
to. If what is chosen breaks a limit by more than a certificate allows, the course as carried out is
kept.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from analyzer.programme.arrays import LinearProgramme, Vector
from analyzer.programme.certificate import RESIDUAL, residual
from analyzer.programme.even import NoPlanError, loads_of, most_even, optimum
from analyzer.programme.rolling import Course

if TYPE_CHECKING:
    from analyzer.programme.highs import Basis

SLACK = 1e-9
"""By how much limits give way, in normalised units, so that what was carried out fits."""


AHEAD = 1
"""How many months after it a month is chosen together with."""


class _Span(NamedTuple):
    """Where the columns and the rows of months that follow each other stand."""

    columns: slice
    rows: slice


def evened(course: Course) -> Vector:
    """Return the values of all columns as they are shown, normalised.

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
    chosen = np.where(held, course.plan, 0.0)
    shape: tuple[int, ...] = ()
    near: Basis | None = None
    spans = _spans(course)
    for place, now in enumerate(spans):
        last = spans[min(place + AHEAD, len(spans) - 1)]
        span = _Span(
            slice(now.columns.start, last.columns.stop), slice(now.rows.start, last.rows.stop)
        )
        own = _months(programme, span, chosen=chosen, carried_out=course.plan, held=held)
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
    later = programme.matrix[span.rows.stop :, span.columns] @ sparse.diags_array(free * 1.0)
    later = sparse.csr_array(later)
    later.eliminate_zeros()
    later = later[np.flatnonzero(np.diff(later.indptr))]
    arriving = later @ carried_out[span.columns]
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
