r"""How sure a number is: our own arithmetic on our own arrays, whatever the solver says.

For any prices y of the rows (with the sign that each row's sides permit) and the reduced costs
``d = c - Aᵀy``, weak duality gives for every feasible x

    c · x  =  yᵀA x + d · x  ≥  Σ_i (y_i⁺ low_i - y_i⁻ up_i)  +  Σ_j min(0, d_j) · high_j,

since ``0 ≤ x_j ≤ high_j``. The right side is a lower bound of the optimum even if y is wrong, so a
plan whose value meets the bound is optimal, and one that does not is found out (Neumaier and
Shcherbina, Safe bounds in linear and mixed-integer programming, 2004).
"""

from dataclasses import dataclass

import numpy as np

from analyzer.programme.arrays import LinearProgramme, Vector
from analyzer.programme.scale import PERCENT

WIDTH = 1e-6
"""Widest interval, as a share of Σ w · target, at which a number is shown."""
RESIDUAL = 1e-7
"""Largest violation of a row or bound, in normalised units."""


@dataclass(frozen=True)
class Certificate:
    """What was proved of a plan.

    Attributes
    ----------
    value : float
        Shortfall of the plan in percent: the optimum is at most this.
    bound : float
        Safe dual bound in percent: the optimum is at least this.
    residual : float
        Largest violation of a row or a bound, in normalised units.
    optimal : bool
        Whether the solver's own status of the model is optimal.
    periods : float
        Sum of the periods' weights; the width is measured against it.
    """

    value: float
    bound: float
    residual: float
    optimal: bool
    periods: float = 1.0

    @property
    def width(self) -> float:
        """Width of the interval as a share of Σ w · target over the periods."""
        return (self.value - self.bound) / (PERCENT * self.periods)

    @property
    def certified(self) -> bool:
        """Whether the number may be shown beside Σ w · target."""
        return self.certifies(1.0)

    def certifies(self, share: float) -> bool:
        """Tell whether the number may be shown beside one that is this share of Σ w · target.

        What survives is a ratio: where the baseline is a thousandth of what the targets ask for,
        the same error is a thousand times as large in it.
        """
        return (
            self.optimal and abs(self.width) <= WIDTH * share and self.residual <= RESIDUAL * share
        )


def certificate(
    programme: LinearProgramme, plan: Vector, prices: Vector, *, optimal: bool
) -> Certificate:
    """Return what plan and prices prove.

    Parameters
    ----------
    programme : LinearProgramme
        The arrays that the solver was given.
    plan : array of float
        Values of the columns.
    prices : array of float
        Dual values of the rows, positive where raising the row's side raises the objective.
    optimal : bool
        Whether the solver claims optimality.
    """
    used, priced = uses(programme, plan), worths(programme, prices)
    return proved_by(programme, plan, used=used, priced=priced, optimal=optimal)


def proved_by(
    programme: LinearProgramme, plan: Vector, *, used: Vector, priced: Vector, optimal: bool
) -> Certificate:
    """Return what a plan and prices prove of which it is known what they use and make worth.

    Parameters
    ----------
    programme : LinearProgramme
        The arrays that the solver was given.
    plan : array of float
        Values of the columns.
    used, priced : array of float
        What the plan uses of each limit, and what that is worth at the prices.
    optimal : bool
        Whether the solver claims optimality.
    """
    return Certificate(
        value=value(programme, plan),
        bound=bound(programme, priced),
        residual=excess(programme, plan, used),
        optimal=optimal and bool(np.isfinite(plan).all() and np.isfinite(priced).all()),
        periods=programme.constant / PERCENT,
    )


def value(programme: LinearProgramme, plan: Vector) -> float:
    """Return the shortfall of a plan in percent."""
    return programme.constant + _dot(programme.cost, plan)


def safe_bound(programme: LinearProgramme, prices: Vector) -> float:
    """Return a lower bound of the optimum from any prices; see the module."""
    return bound(programme, worths(programme, prices))


def bound(programme: LinearProgramme, priced: Vector) -> float:
    """Return the bound that worths of limits give."""
    counted = np.where(priced < 0, limits(programme), 0.0)
    return programme.constant + _dot(priced, counted)


def residual(programme: LinearProgramme, plan: Vector) -> float:
    """Return the largest violation of a row or bound, in normalised units."""
    return excess(programme, plan, uses(programme, plan))


def excess(programme: LinearProgramme, plan: Vector, used: Vector) -> float:
    """Return the same from what the plan uses of each limit."""
    with np.errstate(invalid="ignore"):  # nothing is proved by what is not a number
        over = float(np.max(used - limits(programme), initial=0.0))
    return max(over, float(-np.min(plan, initial=0.0)))


def limits(programme: LinearProgramme) -> Vector:
    """Return all limits in one: upper bounds of columns, upper sides of rows, -lower sides."""
    return np.concatenate((programme.high, programme.row_high, -programme.row_low))


def uses(programme: LinearProgramme, plan: Vector) -> Vector:
    """Return how much of each limit a plan uses: it may use all of it, and no more."""
    activity = programme.matrix @ plan
    return np.concatenate((plan, activity, -activity))


def worths(programme: LinearProgramme, prices: Vector) -> Vector:
    """Return what one more of each limit does to the safe bound: at most 0, since it loosens it.

    The bound is the sum of worths times limits; an infinite limit is worth nothing.
    """
    up = np.where(np.isfinite(programme.row_low), np.maximum(prices, 0.0), 0.0)
    down = np.where(np.isfinite(programme.row_high), np.minimum(prices, 0.0), 0.0)
    reduced = programme.cost - programme.priced(up + down)
    return np.concatenate((np.minimum(reduced, 0.0), down, -up))


def _dot(one: Vector, other: Vector) -> float:
    # numpy's own product takes all cores for some thousand numbers, and waits longer than it works
    with np.errstate(invalid="ignore"):  # nothing is proved by what is not a number
        return float((one * other).sum())
