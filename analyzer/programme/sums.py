"""What two changes do together, where each does it by itself: sums of plans and of prices.

With x0 and y0 plan and prices of a programme, xa and ya those under one change of limits, xb and yb
under another, the plan ``xa + xb - x0`` keeps all that is equal in the programme, so it is a plan
under both if it keeps to all limits; it reaches ``va + vb - v0``. Likewise ``ya + yb - y0`` are
prices whose reduced costs are ``da + db - d0``, so with signs cut to what the sides allow they
bound what any plan reaches under both. Where the two meet, the optimum is known.

Both hold only where changes name different limits and no number of the matrix. Prices of a wrong
sign are cut to 0; that moves the reduced costs of their row, which can cost no more than what
stands in ``Sums.most`` for it, and so much is taken off the bound.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from analyzer.programme.arrays import LinearProgramme, Vector
from analyzer.programme.sieve import Numbers, Sieve

TINY = 1e-13
"""Differences below this are the arithmetic's own and count as none."""


@dataclass(frozen=True)
class Sums:
    """Plans and prices under single changes, as differences from those before any.

    Attributes
    ----------
    programme : LinearProgramme
        What is changed.
    plan, prices : array of float
        Those before any change; prices with signs as their rows' sides allow.
    plans, prices_apart : sparse array, a row a change
        What each change makes different in them.
    """

    programme: LinearProgramme
    plan: Vector
    prices: Vector
    plans: sparse.csr_array
    prices_apart: sparse.csr_array

    @cached_property
    def uses(self) -> sparse.csc_array:
        """What each change makes different in the use of limits."""
        activity = self.plans @ self.programme.matrix.T
        return sparse.csc_array(sparse.hstack([self.plans, activity, -activity]))

    @cached_property
    def duals(self) -> sparse.csc_array:
        """What each change makes different in the reduced costs, and in the prices of sides."""
        reduced = -(self.prices_apart @ self.programme.matrix)
        own = self.prices_apart
        return sparse.csc_array(sparse.hstack([reduced, own, -own]))

    @cached_property
    def _used(self) -> Vector:
        activity = self.programme.matrix @ self.plan
        return np.concatenate((self.plan, activity, -activity))

    @cached_property
    def _dual(self) -> Vector:
        reduced = self.programme.cost - self.programme.matrix.T @ self.prices
        return np.concatenate((reduced, self.prices, -self.prices))

    @cached_property
    def most(self) -> Vector:
        """What a price of 1 at a side that has no limit can cost the bound, at the most."""
        matrix = self.programme.matrix
        rows = sparse.csr_array((np.abs(matrix.data), matrix.indices, matrix.indptr), matrix.shape)
        own = rows @ self.programme.high
        return np.concatenate((np.zeros(matrix.shape[1]), own, own))

    def plan_under(self, row: int) -> Vector:
        """Return the plan under a change."""
        return np.asarray(self.plan + _row(self.plans, row).toarray()[0])

    def prices_under(self, row: int) -> Vector:
        """Return the prices under a change."""
        return np.asarray(self.prices + _row(self.prices_apart, row).toarray()[0])

    def uses_under(self, rows: Numbers, at: Numbers) -> Vector:
        """Return what the plans under changes use of some limits, a row a change."""
        return _dense(self.uses, rows, at) + self._used[at]

    def worths_under(self, rows: Numbers, at: Numbers) -> Vector:
        """Return what some limits are worth at the prices under changes, a row a change."""
        return np.minimum(_dense(self.duals, rows, at) + self._dual[at], 0.0)

    def residuals(self, first: int, others: Numbers, *, limits: "Limits") -> Vector:
        """Return by how much the sum of plans passes any limit, with each of the others.

        Where a row of the sum is as it is under the other change alone it is not looked at again.

        Parameters
        ----------
        first : int
            Row of a change.
        others : array of int
            Rows of others.
        limits : Limits
            Limits under the first, and what the others make of them.
        """
        own = _row(self.uses, first)
        at = np.union1d(own.indices, limits.first.numbers)
        sums = _dense(self.uses, others, at) + (self._used + own.toarray()[0])[at]
        over = (sums - limits.at(at)).max(axis=1, initial=0.0)
        columns = at < len(self.plan)
        return np.asarray(np.maximum(over, -sums[:, columns].min(axis=1, initial=0.0)))

    def bounds(self, first: int, others: Numbers, *, limits: "Limits") -> Vector:
        """Return by how much the sum of prices raises the bound that each of the others has alone.

        Parameters are those of `residuals`.
        """
        own = _row(self.duals, first)
        at = np.union1d(own.indices, limits.first.numbers)
        alone = _dense(self.duals, others, at) + self._dual[at]
        added = own.toarray()[0][at]
        return self._worth(alone + added, at, limits.at(at)) - self._worth(
            alone, at, limits.at(at, without_first=True)
        )

    def _worth(self, duals: Vector, at: Numbers, limit: Vector) -> Vector:
        worths = np.minimum(duals, 0.0)
        limited = np.isfinite(limit)
        return np.asarray((worths * np.where(limited, limit, self.most[at])).sum(axis=1))


@dataclass(frozen=True)
class Limits:
    """Limits under a first change and one of several others.

    Attributes
    ----------
    before : array of float
        Limits before any change.
    first : Sieve
        The first change alone.
    others : Sieve
        The others.
    """

    before: Vector
    first: Sieve
    others: Sieve

    def at(self, at: Numbers, *, without_first: bool = False) -> Vector:
        """Return these limits, a row for each of the others."""
        under = self.before.copy()
        if not without_first:
            under[self.first.numbers] = self.first.left
        places = np.full(len(under), -1)
        places[at] = np.arange(len(at))
        found = np.tile(under[at], (len(self.others), 1))
        place = places[self.others.numbers]
        named = place >= 0
        found[self.others.owners[named], place[named]] = self.others.left[named]
        return found


def differences(values: Iterable[Vector], base: Vector) -> sparse.csr_array:
    """Return what each array makes different, a row each; what is tiny is none."""
    rows = [sparse.csr_array((0, len(base)))]
    for each in values:
        apart = each - base
        rows.append(sparse.csr_array(np.where(np.abs(apart) < TINY, 0.0, apart)[np.newaxis, :]))
    return sparse.csr_array(sparse.vstack(rows))


def signed(programme: LinearProgramme, prices: Vector) -> Vector:
    """Return prices cut to the signs that the sides of their rows allow."""
    up = np.where(np.isfinite(programme.row_low), np.maximum(prices, 0.0), 0.0)
    down = np.where(np.isfinite(programme.row_high), np.minimum(prices, 0.0), 0.0)
    return np.asarray(up + down)


def _row(values: sparse.csc_array | sparse.csr_array, row: int) -> sparse.csr_array:
    return sparse.csr_array(values[[row], :])


def _dense(values: sparse.csc_array, rows: Numbers, columns: Numbers) -> Vector:
    return np.asarray(values[:, columns].tocsr()[rows, :].toarray())
