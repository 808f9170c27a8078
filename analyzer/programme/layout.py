"""Where elements stand among the columns, rows and numbers of a programme.

It is found once for a programme and all that differ from it in their numbers alone.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analyzer.programme.flow import Column, Instance, RowKey, Sets

if TYPE_CHECKING:
    from analyzer.programme.arrays import Vector


class Entry(NamedTuple):
    """A number of the matrix: where it stands, the period and the size of its row."""

    position: int
    period: int
    size: float


class Way(NamedTuple):
    """Where one class on one lane, or from one supply or maker, stands in a programme.

    Attributes
    ----------
    columns : array of int
        What is sent, period by period.
    departs : array of int
        Its periods, from 0.
    positions : array of int
        The numbers of the matrix by which it arrives.
    sent : array of int
        The period in which what arrives there departs, from 0.
    lags : array of int
        After how many periods it arrives there.
    sizes : array of float
        The sizes of the rows in which it arrives.
    """

    columns: NDArray[np.int64]
    departs: NDArray[np.int64]
    positions: NDArray[np.int64]
    sent: NDArray[np.int64]
    lags: NDArray[np.int64]
    sizes: "Vector"


@dataclass(frozen=True)
class Layout:
    """Where elements stand in a programme.

    Attributes
    ----------
    instance : Instance
        What the columns mean.
    rows : tuple of RowKey
        What the rows mean.
    matrix : sparse array
        The numbers, rows by columns.
    """

    instance: Instance
    rows: tuple[RowKey, ...]
    matrix: sparse.csr_array

    @cached_property
    def families(self) -> Mapping[str, tuple[tuple[int, RowKey], ...]]:
        """Rows with their numbers, by family."""
        found: dict[str, list[tuple[int, RowKey]]] = defaultdict(list)
        for n, row in enumerate(self.rows):
            found[row.family].append((n, row))
        return {family: tuple(rows) for family, rows in found.items()}

    @cached_property
    def lane_rows(self) -> Mapping[str, list[tuple[int, int]]]:
        """Rows of lanes with their periods, by element."""
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for n, row in self.families.get("lane", ()):
            found[str(row.what[0])].append((n, row.period))
        return dict(found)

    @cached_property
    def columns_of(self) -> Mapping[object, list[int]]:
        """Columns by element, and also by element and class."""
        columns, v, sets = self.instance.columns, self.instance.v, self.instance.sets
        found: dict[object, list[int]] = defaultdict(list)
        for (element, k, _), n in v.sent.items():
            found[element].append(n)
            found[element, k].append(n)
        for (element, _), n in (*v.out.items(), *v.make.items()):
            found[element].append(n)
            found[element, sets.departing(columns[n])].append(n)
        return dict(found)

    @cached_property
    def arrivals(self) -> Mapping[int, list[Entry]]:
        """Where the arrival of what departs or is held stands among the numbers of the matrix."""
        found: dict[int, list[Entry]] = defaultdict(list)
        moves = [c.variable in {"out", "make", "sent", "held"} for c in self.instance.columns]
        starts, numbers = self.matrix.indptr.tolist(), self.matrix.indices.tolist()
        values = self.matrix.data.tolist()
        for n, row in self.families.get("balance", ()):
            for position in range(starts[n], starts[n + 1]):
                if moves[numbers[position]] and values[position] >= 0:
                    entry = Entry(position, row.period, row.size)
                    found[numbers[position]].append(entry)
        return dict(found)

    def way(self, what: object) -> Way:
        """Return where an element and a class stand."""
        if what not in self._ways:
            columns, numbers = self.instance.columns, self.columns_of.get(what, ())
            period = {n: columns[n].period for n in numbers}
            entries = [(period[n], e) for n in numbers for e in self.arrivals.get(n, ())]
            self._ways[what] = Way(
                columns=np.array(numbers, dtype=np.int64),
                departs=np.array([period[n] - 1 for n in numbers], dtype=np.int64),
                positions=np.array([e.position for _, e in entries], dtype=np.int64),
                sent=np.array([t - 1 for t, _ in entries], dtype=np.int64),
                lags=np.array([e.period - t for t, e in entries], dtype=np.int64),
                sizes=np.array([e.size for _, e in entries]),
            )
        return self._ways[what]

    @cached_property
    def _ways(self) -> dict[object, Way]:
        return {}

    @cached_property
    def usd(self) -> "Vector":
        """What one unit of each column is worth, in USD."""
        return np.array([_usd(self.instance.sets, column) for column in self.instance.columns])

    @cached_property
    def lots(self) -> "Vector":
        """A number from 0 to 1 for each column, by which ties are broken."""
        return np.array([_hash(self.instance.sets, column) for column in self.instance.columns])


def _usd(found: Sets, column: Column) -> float:
    """Return the worth of one unit of a column; of a fill that of what it uses up."""
    item, quantity = column.item, 1.0
    if column.variable == "fill":
        row = found.requirement[str(column.what[1])]
        item, quantity = row.component, row.quantity
    return column.unit * quantity * (found.tables.value_usd(item) or 1.0)


def _hash(found: Sets, column: Column) -> float:
    """Return a number from 0 to 1 that depends on what flows where and on nothing else."""
    parts = [column.variable, *(str(part) for part in column.what if isinstance(part, str))]
    for part in column.what:
        if not isinstance(part, str):
            parts += [str(good) for good in found.classes.members[part]]
    return _hash_of("\n".join(parts))


@lru_cache(maxsize=100_000)
def _hash_of(text: str) -> float:
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
