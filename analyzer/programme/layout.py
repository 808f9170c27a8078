"""Where elements stand among the columns, rows and numbers of a programme.

It is found once for a programme and all that differ from it in their numbers alone.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from scipy import sparse

from analyzer.programme.flow import Instance, RowKey


class Entry(NamedTuple):
    """A number of the matrix: where it stands, the period and the size of its row."""

    position: int
    period: int
    size: float


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
