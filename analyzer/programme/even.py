"""The most even of plans: what could come from several sides comes from each by its size.

Least ``Σ size · φ(usage)``, with φ(u) = u² in 20 straight pieces and size in USD, and a tie-break
of weight 1e-4 by a hash of what flows where, so that the plan is always the same.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from analyzer.programme.arrays import LinearProgramme, Vector, with_columns, with_rows
from analyzer.programme.flow import Column, Instance
from analyzer.programme.highs import (
    Answer,
    Basis,
    Method,
    Simplex,
    Status,
    answer,
    answer_from,
)
from analyzer.programme.scale import PERCENT
from supply_data.schema import Lane

PIECES = 20
TIE_BREAK = 1e-4
LEAST_WORTH = 1e-4
"""Share of the largest element's size below which a tie would not be felt by the solver."""


class NoPlanError(RuntimeError):
    """A step of the choice found no optimum; the plan as solved is kept."""


@dataclass(frozen=True)
class Load:
    """What uses an element: normalised usage per unit of each column, and the element's size."""

    name: tuple[str, ...]
    size_usd: float
    usage: Mapping[int, float]


def most_even(
    programme: LinearProgramme, loads: Sequence[Load], *, usd: Vector, lots: Vector
) -> LinearProgramme:
    """Return the programme whose optimum has least ``Σ size · φ(usage)`` and a tie-break.

    Parameters
    ----------
    programme : LinearProgramme
        What limits the choice; what it costs does not count.
    loads : sequence of Load
        What is to be used evenly.
    usd, lots : array of float
        Worth of one unit of each of the first columns, and the number by which ties are broken.
    """
    width = len(programme.cost)
    largest = max((load.size_usd for load in loads), default=1.0)
    wider = with_columns(programme, PIECES * len(loads))
    steepness = (2 * np.arange(PIECES) + 1) / PIECES
    sizes = np.array([load.size_usd / largest for load in loads])
    tie_break = TIE_BREAK * np.maximum(usd / largest, LEAST_WORTH) * lots
    cost = np.concatenate([tie_break, np.outer(sizes, steepness).ravel()])
    rows = sparse.csr_array(sparse.hstack([-_usages(loads, width), _pieces(len(loads))]))
    high = wider.high.copy()
    high[width:] = 1 / PIECES
    # usage may pass 1 where no limit is known: the last piece of each load is left open
    high[width + PIECES - 1 :: PIECES] = max(float(np.max(programme.high, initial=1.0)), 1.0)
    even = with_rows(replace(wider, high=high), rows, low=0.0, high=np.inf)
    return replace(even, cost=cost * PERCENT)


def _usages(loads: Sequence[Load], width: int) -> sparse.csr_array:
    ends = np.cumsum([0, *(len(load.usage) for load in loads)])
    numbers = np.array([n for load in loads for n in load.usage], dtype=np.int64)
    values = np.array([used for load in loads for used in load.usage.values()], dtype=np.float64)
    return sparse.csr_array((values, numbers, ends), shape=(len(loads), width))


def _pieces(count: int) -> sparse.csr_array:
    """Return the rows that add up the pieces of each load."""
    return sparse.csr_array(sparse.kron(sparse.eye_array(count), np.ones((1, PIECES))))


def loads_of(i: Instance, worths: Sequence[float], *, first: int = 0) -> Iterator[Load]:
    """Yield elements with their sizes, and slots with the alternatives that may fill them.

    Parameters
    ----------
    i : Instance
        What columns mean.
    worths : sequence of float
        Worth of one unit of each of the columns in question, in USD.
    first : int
        The first of these columns, from which they are counted. Each period has its own loads.
    """
    own = i.columns[first : first + len(worths)]
    columns: dict[tuple[str, int], dict[int, float]] = defaultdict(dict)
    for n, column in enumerate(own):
        if column.variable in {"out", "make", "sent"}:
            columns[str(column.what[0]), column.period][n] = worths[n]
    for (element, period), usd in columns.items():
        whole = isinstance(i.sets.tables.elements.get(element), Lane)
        size = _lane_limit(i, element, period) if whole else _limit(i, own, element, usd)
        size = size if size is not None else sum(usd.values())
        if size > 0:
            yield Load((element,), size, {n: value / size for n, value in usd.items()})
    for (*name, _), alternative in _alternatives(i, own, worths).items():
        size = max(alternative.values())
        yield Load((*map(str, name),), size, {n: usd / size for n, usd in alternative.items()})


def _alternatives(
    i: Instance, own: Sequence[Column], worths: Sequence[float]
) -> dict[tuple[str, str, int], dict[int, float]]:
    """Return the worth of each fill column of slots with several requirements.

    By maker, requirement and period.
    """
    choices = Counter((row.product, row.slot) for row in i.sets.tables.requirements)
    found: dict[tuple[str, str, int], dict[int, float]] = defaultdict(dict)
    for n, column in enumerate(own):
        if column.variable == "fill":
            row = i.sets.requirement[str(column.what[1])]
            if choices[row.product, row.slot] > 1:
                found[str(column.what[0]), str(column.what[1]), column.period][n] = worths[n]
    return found


def _limit(
    i: Instance, own: Sequence[Column], element: str, usd: Mapping[int, float]
) -> float | None:
    """Return what remains of a supply or plant, in USD; None where no limit is known."""
    ((n, value),) = usd.items()
    share = i.availability(element, own[n].period)
    capacity = own[n].capacity * share if share else 0.0
    return capacity * value if np.isfinite(capacity) else None


def _lane_limit(i: Instance, element: str, period: int) -> float | None:
    capacity = i.sets.grown(i.sets.tables.lanes[element.partition(":")[2]], period)
    return None if capacity is None else capacity * i.availability(element, period)


def optimum(
    programme: LinearProgramme, *, start: Basis | None = None, simplex: Simplex = Simplex.DUAL
) -> Answer:
    """Return the optimum of a step, solved cold unless there is somewhere to start from.

    Raises
    ------
    NoPlanError
        If the solver finds none.
    """
    if start is not None:
        found = answer_from(programme, start, simplex=simplex)
        if found.status is Status.OPTIMAL:
            return found
    for method in Method:
        found = answer(programme, method=method)
        if found.status is Status.OPTIMAL:
            return found
    raise NoPlanError(found.status.value)
