"""Between which values the optimum under each of many changes lies, and what proves it.

Every plan that fits a change and all prices narrow its bracket, whoever found them and for what.
A bracket that is no wider than a tenth of what a certificate allows is closed: its number needs no
solve of its own, and cannot be told from one that was solved for.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analyzer.programme.arrays import LinearProgramme, Vector
from analyzer.programme.certificate import (
    RESIDUAL,
    WIDTH,
    bound,
    excess,
    safe_bound,
    uses,
    value,
    worths,
)
from analyzer.programme.persistent import Proof
from analyzer.programme.scale import PERCENT
from analyzer.programme.sieve import Sieve

PART = 0.1
"""What part of the width and the residual that a certificate allows a closed bracket may have."""

Which = NDArray[np.bool_]


@dataclass(frozen=True)
class Plan:
    """A plan, with what it uses and reaches.

    Attributes
    ----------
    amounts : array of float
        Values of the columns.
    uses : array of float
        What it uses of each limit.
    shown : float
        The shortfall that stands for it, in percent: that of the plan, or where a lean plan gives
        way by a hair, that of the plan whose capacity it holds.
    value : float
        Its shortfall in percent.
    residual : float
        Its largest violation of what no change touches.
    """

    amounts: Vector
    uses: Vector
    shown: float
    value: float
    residual: float


@dataclass(frozen=True)
class Prices:
    """Prices, with the bound that they give.

    Attributes
    ----------
    duals : array of float
        Dual values of the rows.
    worths : array of float
        What each limit is worth.
    bound : float
        Safe bound in percent, before the changes that it is asked about.
    """

    duals: Vector
    worths: Vector
    bound: float


def looked_at_prices(programme: LinearProgramme, duals: Vector) -> Prices:
    """Return prices of a programme, with the bound that they give."""
    priced = worths(programme, duals)
    return Prices(duals, priced, bound(programme, priced))


def looked_at(programme: LinearProgramme, amounts: Vector, *, shown: float | None = None) -> Plan:
    """Return a plan of a programme, with what it uses and reaches."""
    used, reached = uses(programme, amounts), value(programme, amounts)
    left = excess(programme, amounts, used)
    return Plan(amounts, used, reached if shown is None else shown, reached, left)


class Brackets:
    """Brackets of some changes of one programme.

    Parameters
    ----------
    sieve : Sieve
        The changes.
    apart : mapping of int to LinearProgramme
        Those of the changes that the sieve does not tell in full, as the whole programme.
    share : float
        What capacities are set against, as a share of Σ w · target.

    Attributes
    ----------
    low, high, shown : array of float
        Least and largest shortfall in percent, and the one that stands for it.
    residual : array of float
        Largest violation by the plan that reaches it.
    """

    def __init__(self, sieve: Sieve, apart: Mapping[int, LinearProgramme], *, share: float) -> None:
        """Start from what is known of nothing."""
        self._sieve, self._apart, self._share = sieve, apart, share
        self.low = np.full(len(sieve), -np.inf)
        self.high = np.full(len(sieve), np.inf)
        self.shown = np.full(len(sieve), np.nan)
        self.residual = np.full(len(sieve), np.inf)

    @property
    def closed(self) -> Which:
        """Which changes need no solve."""
        allowed = PART * WIDTH * PERCENT * self._share
        # an upper value below the lower one is what plans give way within residuals
        return np.asarray(np.abs(self.high - self.low) <= allowed)

    def take_plan(self, plan: Plan) -> Which:
        """Narrow brackets from above by a plan that fits; return whose it is the best so far."""
        left = np.maximum(self._sieve.excess(plan.uses), plan.residual)
        for n, programme in self._apart.items():
            left[n] = excess(programme, plan.amounts, uses(programme, plan.amounts))
        return self.reach(left, value=plan.value, shown=plan.shown)

    def take_prices(self, prices: Prices) -> None:
        """Narrow brackets from below by what prices bound."""
        bounds = prices.bound + self._sieve.raised(prices.worths)
        for n, programme in self._apart.items():
            bounds[n] = safe_bound(programme, prices.duals)
        self.bound(bounds)

    def learn(self, n: int, proof: Proof) -> Which:
        """Narrow brackets by the solve of one change; return whose plan is the best so far.

        Parameters
        ----------
        n : int
            The change: of limits alone, and told in full by the sieve.
        proof : Proof
            Its solve.
        """
        raised = self._sieve.raised(proof.worths)
        bounds = proof.certificate.bound - raised[n] + raised
        left = np.maximum(self._sieve.excess(proof.uses), proof.certificate.residual)
        for other in self._apart:
            bounds[other], left[other] = -np.inf, np.inf
        self.bound(bounds)
        return self.reach(left, value=proof.certificate.value)

    def settle(self, n: int, proof: Proof) -> None:
        """Note the solve of a change as it is."""
        found = proof.certificate
        self.low[n], self.high[n], self.shown[n] = found.bound, found.value, found.value
        self.residual[n] = found.residual

    def reach(
        self, left: Vector, *, value: Vector | float, shown: Vector | float | None = None
    ) -> Which:
        """Narrow brackets from above.

        Parameters
        ----------
        left : array of float
            By how much a plan violates what each change leaves; infinite where there is none.
        value : array of float, or float
            What plans reach.
        shown : array of float, or float, optional
            What stands for that; see `Plan`.

        Returns
        -------
        array of bool
            For which changes the plan is the best so far.
        """
        fits = (left <= PART * RESIDUAL * self._share) & (value < self.high)
        self.high = np.where(fits, value, self.high)
        self.shown = np.where(fits, value if shown is None else shown, self.shown)
        self.residual = np.where(fits, left, self.residual)
        return fits

    def bound(self, bounds: Vector) -> None:
        """Narrow brackets from below."""
        self.low = np.fmax(self.low, bounds)
