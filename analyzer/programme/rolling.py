"""What is done month by month: by a planner who knew it all, or by one who is surprised.

Convention: a *course* is what is carried out from month 1 to the last. With perfect foresight it is
the optimum of the programme. Rolling, each month is planned anew to the end of the horizon with
what measures leave in that month taken as permanent, and one month of the plan is carried out;
stocks, goods under way and the months of adaptation are carried over. Of plans that field the same
the one is carried out that leaves most in stock, since what can be fielded at best is asked; but
before the first measure stocks stay as they were, since nothing is known of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analyzer.network.effect import Effect, as_seen
from analyzer.programme.arrays import LinearProgramme, Model, Vector
from analyzer.programme.certificate import RESIDUAL, Certificate, certificate, residual
from analyzer.programme.flow import in_stock
from analyzer.programme.gate import refuse_unfit
from analyzer.programme.highs import (
    Answer,
    Basis,
    Limits,
    Method,
    Simplex,
    Status,
    answer,
    answer_from,
    narrowed,
)
from analyzer.programme.solution import by_period

KEEPING = 1e-7
"""What one normalised unit in stock is worth for a month, in percent: enough to choose between
plans that field the same, too little to be felt in what they field. It also parts what would be
equal to the solver, which then takes half the time."""
NEAR = {Simplex.PRIMAL: 8, Simplex.DUAL: 3}
"""A start from a plan before is left after as many steps as the programme has rows divided by this:
so far on, one from nothing, whose steps are a tenth of the work, would be there too."""


@dataclass(frozen=True)
class Course:
    """What is carried out, month by month.

    Attributes
    ----------
    model : Model
        The programme.
    effect : Effect
        What measures leave.
    plan : array of float
        Values of all columns, normalised; of no use unless certified.
    prices : array of float
        Dual values of the rows by the plan that was made last before each month.
    certificates : tuple of Certificate
        What was proved of each plan that was made.
    residual : float
        Largest violation by what is carried out, of what then holds.
    solves : int
        How many plans were solved for; the others follow from plans before.
    basis : Basis or None
        Where the first plan ended; None if the solver did not say.
    share : float
        What its capacities are set against, as a share of Σ w · target, at most 1.
    """

    model: Model
    effect: Effect
    plan: Vector
    prices: Vector
    certificates: tuple[Certificate, ...]
    residual: float
    solves: int
    basis: Basis | None
    share: float = 1.0

    @property
    def certified(self) -> bool:
        """Whether its numbers may be shown."""
        proved = all(proof.certifies(self.share) for proof in self.certificates)
        return proved and self.residual <= RESIDUAL * self.share

    @cached_property
    def by_period(self) -> Vector | None:
        """Scaling capacity by month; None unless certified."""
        return by_period(self.model, self.plan) if self.certified else None


def foreseen(model: Model, effect: Effect, *, share: float = 1.0) -> Course:
    """Return the optimal course of who knows from the start what each month will bring.

    The parameters are those of `Planner`.
    """
    return Planner(model, effect, knows=True, share=share).course()


def _news(effect: Effect, months: int) -> list[int]:
    """Return the months after the first in which measures leave something else than before."""
    arrays = (*effect.availability.values(), *effect.arrival.values(), *effect.delay.values())
    changed = {int(n) + 2 for shares in arrays for n in np.flatnonzero(shares[1:] != shares[:-1])}
    return sorted(changed & set(range(2, months + 1)))


class _Ahead(NamedTuple):
    """The months from one on: where their columns and rows begin, and the programme of them."""

    column: int
    row: int
    programme: LinearProgramme


@dataclass(eq=False)
class Planner:
    """Who plans a course: what he knows, what he has carried out so far, and the plan he holds.

    Attributes
    ----------
    model : Model
        A programme over months, built for this effect among others.
    effect : Effect
        The scenario.
    knows : bool
        Whether he knows from the start what each month will bring; else he takes each month as
        permanent, and plans anew when it is not.
    share : float
        What his capacities will be set against, as a share of Σ w · target.
    near : Basis or None
        Where the first plan of another effect on a programme of this shape ended; then where his
        latest plan did.
    solves : int
        How many plans were solved for so far.
    plan, prices : array of float
        The plan he holds, of all months, and the dual values of the rows.
    """

    model: Model
    effect: Effect
    knows: bool
    share: float = 1.0
    near: Basis | None = None
    solves: int = 0
    plan: Vector = field(init=False)
    prices: Vector = field(init=False)
    _begins: Basis | None = None
    _before: tuple[int, int] = 0, 0
    _proofs: list[Certificate] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with nothing planned."""
        self.plan = np.zeros(len(self.model.baseline.cost))
        self.prices = np.zeros(len(self.model.baseline.row_low))

    def begins(self) -> Basis | None:
        """Make the first plan; return where it ends, and that of a planner like this may start."""
        if not self._proofs:  # Python 3.11 would hold a lock for all planners in a cached property
            self._proofs.append(self._plan_from(1))
            self._begins = self.near
        return self._begins

    def course(self) -> Course:
        """Plan as often as there is news, and return what is carried out."""
        begins = self.begins()
        news = [] if self.knows else _news(self.effect, len(self.model.sets.periods))
        self._proofs += [self._plan_from(month) for month in news]
        return Course(
            model=self.model,
            effect=self.effect,
            plan=self.plan,
            prices=self.prices,
            certificates=tuple(self._proofs),
            residual=residual(self.model.under(self.effect), self.plan),
            solves=self.solves,
            basis=begins,
            share=self.share,
        )

    def _plan_from(self, month: int) -> Certificate:
        """Plan the months from this one on, and return what was proved of the plan."""
        ahead = self._ahead(month)
        plan, prices = self.plan[ahead.column :], self.prices[ahead.row :]
        known = certificate(ahead.programme, plan, prices, optimal=month > 1)
        return known if known.certifies(self.share) else self._solved(ahead)

    def _solved(self, ahead: _Ahead) -> Certificate:
        for found in self._answers(ahead):
            self.solves += 1
            optimal = found.status is Status.OPTIMAL
            proof = certificate(ahead.programme, found.plan, found.prices, optimal=optimal)
            if proof.certifies(self.share):
                break
        self.near, self._before = found.basis, (ahead.column, ahead.row)
        self.plan[ahead.column :], self.prices[ahead.row :] = found.plan, found.prices
        return proof

    def _answers(self, ahead: _Ahead) -> Iterator[Answer]:
        """Yield answers in turn: from where a plan before ended, if that is near, then anew.

        What measures leave moves a little from month to month, costs and all else stay. Where the
        plan held still fits, primal simplex finds its way from it, in some dozens of steps if it
        does not move all bounds to begin with; where it does not, dual simplex does.

        Where stocks are so many that their worth is felt, it is left out from where that ended.
        """
        cost = ahead.programme.cost - self._keeping[ahead.column :]
        wanted = replace(ahead.programme, cost=cost)
        if self.near is not None:
            column, row = self._before
            near = narrowed(self.near, ahead.column - column, ahead.row - row)
            way = Simplex.PRIMAL if self._fits(ahead) else Simplex.DUAL
            few = Limits(iterations=len(wanted.row_low) // NEAR[way])
            yield answer_from(wanted, near, limits=few, simplex=way, perturbed=False)
        anew = answer(wanted)
        yield anew
        if anew.basis is not None:
            yield answer_from(ahead.programme, anew.basis)
        yield answer(ahead.programme, method=Method.PLAIN)

    def _fits(self, ahead: _Ahead) -> bool:
        """Tell whether there is a plan, and it fits what is ahead."""
        return self.solves > 0 and residual(ahead.programme, self.plan[ahead.column :]) <= RESIDUAL

    def _ahead(self, month: int) -> _Ahead:
        seen = self.effect if self.knows else as_seen(self.effect, month)
        whole = self.model.under(seen, since=max(1, month - self._longest))
        if month == 1:
            refuse_unfit(self.model.formulation, whole)
        first, row = (int(np.searchsorted(of, month)) for of in (self._months, self._row_months))
        rows = whole.matrix[row:]
        done = rows[:, :first] @ self.plan[:first]
        high = np.minimum(whole.high, self._fullest)
        cost = whole.cost[first:]
        return _Ahead(
            first,
            row,
            LinearProgramme(
                cost=cost,
                constant=-float(cost.sum()),
                matrix=rows[:, first:],
                row_low=whole.row_low[row:] - done,
                row_high=whole.row_high[row:] - done,
                high=high[first:],
            ),
        )

    @cached_property
    def _longest(self) -> int:
        """The most months between departure and arrival."""
        return max((max(lags) for lags in self.model.sets.lags.values()), default=0)

    @cached_property
    def _keeping(self) -> Vector:
        """What each column is worth for leaving something in stock, in percent."""
        worth = np.zeros(len(self.model.baseline.cost))
        worth[[*self.model.formulation.instance.v.held.values()]] = KEEPING * self.share
        return worth

    @cached_property
    def _fullest(self) -> Vector:
        """The most that may be held, by column: what there was before who knows nothing is hit."""
        instance = self.model.formulation.instance
        fullest = np.full(len(instance.columns), np.inf)
        if self.knows:
            return fullest
        start = in_stock(instance, 1)
        for (place, k, month), n in instance.v.held.items():
            if month <= self.model.sets.options.timing.reserved:
                fullest[n] = start.get((place, k), 0.0)
        return fullest

    @cached_property
    def _months(self) -> NDArray[np.int64]:
        return np.array([column.period for column in self.model.formulation.instance.columns])

    @cached_property
    def _row_months(self) -> NDArray[np.int64]:
        return np.array([row.period for row in self.model.formulation.rows])
