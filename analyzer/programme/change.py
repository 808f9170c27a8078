"""What an effect changes of a programme: a few numbers, named by where they stand.

Convention: whatever is not named stays as it is; each place is named at most once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

if TYPE_CHECKING:
    from analyzer.programme.arrays import LinearProgramme, Vector

Numbers = NDArray[np.int32]


@dataclass(frozen=True)
class Change:
    """New numbers of a programme.

    Attributes
    ----------
    columns : array of int
        Columns with another upper bound.
    high : array of float
        These bounds.
    rows : array of int
        Rows with other sides.
    row_low, row_high : array of float
        These sides.
    positions : array of int
        Where other numbers stand among those of the matrix (``matrix.data``).
    data : array of float
        These numbers.
    """

    columns: Numbers
    high: "Vector"
    rows: Numbers
    row_low: "Vector"
    row_high: "Vector"
    positions: Numbers
    data: "Vector"

    def __bool__(self) -> bool:
        """Tell whether anything is changed."""
        return bool(len(self.columns) or len(self.rows) or len(self.positions))

    @property
    def of_limits_alone(self) -> bool:
        """Whether the matrix stays as it is."""
        return not len(self.positions)

    def on(self, programme: "LinearProgramme") -> "LinearProgramme":
        """Return the programme with these numbers."""
        return replace(
            programme,
            matrix=self._matrix(programme.matrix),
            row_low=_with(programme.row_low, self.rows, self.row_low),
            row_high=_with(programme.row_high, self.rows, self.row_high),
            high=_with(programme.high, self.columns, self.high),
        )

    def back(self, programme: "LinearProgramme") -> "Change":
        """Return what undoes this change of a programme."""
        return replace(
            self,
            high=programme.high[self.columns],
            row_low=programme.row_low[self.rows],
            row_high=programme.row_high[self.rows],
            data=programme.matrix.data[self.positions],
        )

    def _matrix(self, matrix: sparse.csr_array) -> sparse.csr_array:
        if self.of_limits_alone:
            return matrix
        data = _with(matrix.data, self.positions, self.data)
        return sparse.csr_array((data, matrix.indices, matrix.indptr), matrix.shape)


def change(
    programme: "LinearProgramme",
    *,
    high: Mapping[int, float],
    sides: Mapping[int, tuple[float, float]],
    data: Mapping[int, float],
) -> Change:
    """Return what these numbers change of a programme; those that it has already are left out.

    Parameters
    ----------
    programme : LinearProgramme
        What is changed.
    high : mapping of int to float
        Upper bounds by column.
    sides : mapping of int to (float, float)
        Sides by row.
    data : mapping of int to float
        Numbers of the matrix by position.
    """
    columns, bounds = _differing(high, programme.high)
    positions, numbers = _differing(data, programme.matrix.data)
    rows = np.fromiter(sorted(sides), dtype=np.int32, count=len(sides))
    low, up = np.array([sides[n] for n in rows.tolist()], dtype=np.float64).reshape(-1, 2).T
    differs = (low != programme.row_low[rows]) | (up != programme.row_high[rows])
    return Change(
        columns=columns,
        high=bounds,
        rows=rows[differs],
        row_low=low[differs],
        row_high=up[differs],
        positions=positions,
        data=numbers,
    )


NOTHING = Change(
    columns=np.empty(0, dtype=np.int32),
    high=np.empty(0),
    rows=np.empty(0, dtype=np.int32),
    row_low=np.empty(0),
    row_high=np.empty(0),
    positions=np.empty(0, dtype=np.int32),
    data=np.empty(0),
)
"""No change."""


def together(one: Change, other: Change) -> Change:
    """Return two changes that name no place in common as one."""
    names = ("columns", "high", "rows", "row_low", "row_high", "positions", "data")
    return Change(**{k: np.concatenate((getattr(one, k), getattr(other, k))) for k in names})


def _with(values: "Vector", places: Numbers, new: "Vector") -> "Vector":
    changed = values.copy()
    changed[places] = new
    return changed


def _differing(new: Mapping[int, float], values: "Vector") -> tuple[Numbers, "Vector"]:
    places = np.fromiter(new.keys(), dtype=np.int32, count=len(new))
    numbers = np.fromiter(new.values(), dtype=np.float64, count=len(new))
    differs = numbers != values[places]
    return places[differs], numbers[differs]
