"""What known plans and prices say of many changes at once, without a solve.

Convention: limits are those of `analyzer.programme.certificate.limits`, all in one array. A plan
fits a change if it uses no more than the new limits; its value is then reached under it. Prices
bound what any plan reaches: the safe bound is the sum of limits times what they are worth, so a
change moves it by what it takes of the limits it names. Both hold whoever found plan and prices,
and for what.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyzer.programme.arrays import LinearProgramme, Vector
from analyzer.programme.certificate import limits
from analyzer.programme.change import Change

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Sieve:
    """Changes of limits of one programme, side by side.

    Attributes
    ----------
    numbers : array of int
        The limits that the changes name, those of the first change first.
    left : array of float
        What is left of each.
    lost : array of float
        How much less that is than before.
    ends : array of int
        Where the limits of each change end; one more than changes, the first is 0.
    """

    numbers: Numbers
    left: Vector
    lost: Vector
    ends: Numbers

    def __len__(self) -> int:
        """Return the number of changes."""
        return len(self.ends) - 1

    def part(self, start: int, stop: int) -> "Sieve":
        """Return the changes from one number up to another."""
        first, last = self.ends[start], self.ends[stop]
        return Sieve(
            numbers=self.numbers[first:last],
            left=self.left[first:last],
            lost=self.lost[first:last],
            ends=self.ends[start : stop + 1] - first,
        )

    def chosen(self, which: NDArray[np.bool_]) -> "Sieve":
        """Return some of the changes."""
        kept = which[self.owners]
        return Sieve(
            numbers=self.numbers[kept],
            left=self.left[kept],
            lost=self.lost[kept],
            ends=np.cumsum([0, *np.diff(self.ends)[which].tolist()]),
        )

    @property
    def owners(self) -> Numbers:
        """The change to which each limit belongs."""
        return np.repeat(np.arange(len(self)), np.diff(self.ends))

    def excess(self, uses: Vector) -> Vector:
        """Return the most by which a plan that uses so much of each limit passes those of a change.

        Minus infinity where a change names no limit.
        """
        return self._gathered(np.maximum, uses[self.numbers] - self.left, empty=-np.inf)

    def raised(self, worths: Vector) -> Vector:
        """Return by how much each change raises the safe bound at these worths of limits."""
        return self._gathered(np.add, -worths[self.numbers] * self.lost, empty=0.0)

    def _gathered(self, gather: np.ufunc, values: Vector, *, empty: float) -> Vector:
        found = np.full(len(self), empty)
        filled = np.flatnonzero(np.diff(self.ends))
        if len(filled):
            found[filled] = gather.reduceat(values, self.ends[filled])
        return found


def sieve(programme: LinearProgramme, changes: Sequence[Change]) -> Sieve:
    """Return changes side by side.

    Parameters
    ----------
    programme : LinearProgramme
        What they change.
    changes : sequence of Change
        Of those that change numbers of the matrix too, the sieve tells the limits, and the upper
        bounds of the columns where the numbers stand, though these stay as they are.
    """
    before = limits(programme)
    named, values = [_NONE], [np.empty(0)]
    for change in changes:
        at, new = _named(programme, change), _values(change)
        other = new != before[at]
        touched = programme.matrix.indices[change.positions]
        named.append(np.concatenate((at[other], touched)))
        values.append(np.concatenate((new[other], programme.high[touched])))
    numbers, new = np.concatenate(named), np.concatenate(values)
    # prices give no worth to what was without limit
    lost = np.where(np.isfinite(before[numbers]), before[numbers] - new, 0.0)
    return Sieve(numbers, new, lost, np.cumsum([len(each) for each in named]))


_NONE = np.empty(0, dtype=np.int64)


def _named(programme: LinearProgramme, change: Change) -> Numbers:
    columns, rows = len(programme.high), len(programme.row_high)
    return np.concatenate((change.columns, columns + change.rows, columns + rows + change.rows))


def _values(change: Change) -> Vector:
    return np.concatenate((change.high, change.row_high, -change.row_low))
