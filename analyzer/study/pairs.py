"""The sweep of pairs: what two cuts leave together, given what each leaves by itself.

Convention: cuts are numbered from the one that leaves least, so the first of a pair is the one
that costs more. A task is a first cut with a stretch of others, all after it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from analyzer.programme.arrays import Vector
from analyzer.programme.brackets import Plan, looked_at, looked_at_prices
from analyzer.programme.certificate import RESIDUAL, certificate, residual, safe_bound
from analyzer.programme.change import Change, together
from analyzer.programme.sieve import Numbers, sieve
from analyzer.programme.sums import Limits, Sums, differences, signed
from analyzer.study.trial import By, Found, Ground, Loop, Trial, rows, unsolved

WIDEST = 512
"""How many pairs a task has at most."""
SOLVED = 32
"""About how many of them are solved for; the rest is proved."""

Task = tuple[int, int, int]


@dataclass(frozen=True)
class Singles:
    """What was found of each cut by itself.

    Attributes
    ----------
    row : array of int
        Row of the cut in what follows; -1 where a known plan of the baseline proves it.
    plans, prices : sparse array
        What solves differ by from plan and prices of the baseline.
    value, bound, residual : array of float
        What plan and prices prove of the cut.
    """

    row: Numbers
    plans: sparse.csr_array
    prices: sparse.csr_array
    value: Vector
    bound: Vector
    residual: Vector


def singles(ground: Ground, found: Mapping[int, Found]) -> Singles:
    """Return what solves of single cuts found, by the number of the cut."""
    row = np.full(len(ground.changes), -1)
    row[list(found)] = np.arange(len(found))
    programme, plan = ground.programme, ground.plans[0]
    prices = signed(programme, ground.prices)
    plans = differences((each.plan for each in found.values()), plan)
    apart = differences((signed(programme, each.prices) for each in found.values()), prices)
    # proved anew, since differences that are tiny were left out
    known = [
        certificate(
            ground.changes[number].on(programme),
            plan + plans[[n]].toarray()[0],
            prices + apart[[n]].toarray()[0],
            optimal=True,
        )
        for n, number in enumerate(found)
    ]
    return Singles(
        row=row,
        plans=plans,
        prices=apart,
        value=np.array([each.value for each in known]),
        bound=np.array([each.bound for each in known]),
        residual=np.array([each.residual for each in known]),
    )


@dataclass(frozen=True)
class Joint:
    """The job of trying cuts in pairs.

    Attributes
    ----------
    ground : Ground
        What is tried.
    singles : Singles
        What was found of each by itself.
    overlaps : mapping of (int, int) to Change
        What pairs do that share an element, where that is not each's own change.
    """

    ground: Ground
    singles: Singles
    overlaps: Mapping[tuple[int, int], Change]

    @property
    def identity(self) -> Mapping[str, object]:
        """What tells this job from any other, by name."""
        return {"job": "pairs", "arrays": self.ground.digest, "overlaps": len(self.overlaps)}

    @property
    def solves(self) -> int:
        """About how many solves a task takes."""
        return SOLVED

    def tasks(self) -> list[Task]:
        """Return all pairs, once each."""
        count = len(self.ground.changes)
        return [
            (first, start, min(start + WIDEST, count))
            for first in range(count)
            for start in range(first + 1, count, WIDEST)
        ]

    def worker(self) -> "JointWorker":
        """Return a new worker."""
        return JointWorker(self)

    def unsolved(self, task: Task, why: str) -> pd.DataFrame:
        """Return the rows of a task that fails."""
        first, start, stop = task
        return unsolved(self.ground, np.full(stop - start, first), np.arange(start, stop), why)


class JointWorker:
    """What tries cuts in pairs.

    Parameters
    ----------
    job : Joint
        What is tried.
    """

    def __init__(self, job: Joint) -> None:
        """Load the programme, and look at what is known of single cuts."""
        ground, known = job.ground, job.singles
        self._job, self._ground, self._singles = job, ground, known
        self._loop = Loop(ground)
        self._sieve = sieve(ground.programme, ground.changes)
        prices = signed(ground.programme, ground.prices)
        self._sums = Sums(
            ground.programme, ground.plans[0], prices, known.plans, prices_apart=known.prices
        )

    def rows(self, tasks: Sequence[Task]) -> pd.DataFrame:
        """Return the rows of a chunk (`analyzer.study.trial.rows`)."""
        return rows([self._columns(*task) for task in tasks])

    def _columns(self, first: int, start: int, stop: int) -> dict[str, NDArray[Any]]:
        others = np.arange(start, stop)
        programme = self._ground.programme
        apart = {
            n: self._change(first, other).on(programme)
            for n, other in enumerate(others.tolist())
            if self._apart(first, other)
        }
        trial = Trial(self._ground, self._sieve.part(start, stop), apart)
        best = self._take_first(trial, first)
        self._take_others(trial, first, others)
        self._take_sums(trial, first, others)
        self._loop.spare(trial, best, under=self._ground.changes[first])
        self._loop.solve(trial, lambda n: self._change(first, start + n))
        return trial.columns(np.full(len(others), first), others)

    def _apart(self, first: int, other: int) -> bool:
        """Tell whether a pair is more than the limits that each names."""
        own = (self._ground.changes[first], self._ground.changes[other])
        alone = all(change.of_limits_alone for change in own)
        return not alone or (first, other) in self._job.overlaps

    def _change(self, first: int, other: int) -> Change:
        joint = self._job.overlaps.get((first, other))
        changes = self._ground.changes
        return together(changes[first], changes[other]) if joint is None else joint

    def _take_first(self, trial: Trial, first: int) -> Plan:
        """Try what is optimal under the first cut; return a plan of that."""
        under = self._ground.changes[first].on(self._ground.programme)
        row = int(self._singles.row[first])
        trial.brackets.take_prices(looked_at_prices(under, self._ground.prices))
        if row >= 0:
            trial.brackets.take_prices(looked_at_prices(under, self._sums.prices_under(row)))
            plans = [looked_at(under, self._sums.plan_under(row))]
        else:
            known = (looked_at(under, p.amounts, shown=p.shown) for p in self._loop.plans)
            plans = [plan for plan in known if plan.residual <= RESIDUAL]
        for plan in plans:
            trial.take(plan, By.KNOWN)
        return plans[0]

    def _take_others(self, trial: Trial, first: int, others: Numbers) -> None:
        """Try what is optimal under each of the others."""
        rows, known = self._singles.row[others], self._singles
        solved = np.flatnonzero(rows >= 0)
        own = rows[solved]
        cut = self._sieve.part(first, first + 1)
        over = (self._sums.uses_under(own, cut.numbers) - cut.left).max(axis=1, initial=-np.inf)
        raised = -(self._sums.worths_under(own, cut.numbers) * cut.lost).sum(axis=1)
        left = np.maximum(known.residual[own], over)
        bounds = known.bound[own] + raised
        for n, place in enumerate(solved.tolist()):
            if place in trial.apart:
                programme, row = trial.apart[place], int(own[n])
                left[n] = residual(programme, self._sums.plan_under(row))
                bounds[n] = safe_bound(programme, self._sums.prices_under(row))
        trial.brackets.bound(_spread(bounds, solved, len(others), -np.inf))
        trial.reach(
            _spread(left, solved, len(others), np.inf),
            value=_spread(known.value[own], solved, len(others), np.inf),
            systems=_spread(
                self._sums.uses_under(own, self._ground.fielded), solved, len(others), np.nan
            ),
            by=By.OTHER,
        )

    def _take_sums(self, trial: Trial, first: int, others: Numbers) -> None:
        """Try sums of what is optimal under the first and under each of the others."""
        row, known = int(self._singles.row[first]), self._singles
        rows = known.row[others]
        fit = trial.open & (rows >= 0)
        fit[list(trial.apart)] = False
        places = np.flatnonzero(fit)
        if row < 0 or not len(places):
            return
        own = rows[places]
        cut, rest = self._sieve.part(first, first + 1), trial.changes.chosen(fit)
        pairs = Limits(self._loop.limits, cut, rest)
        left = np.maximum(known.residual[own], self._sums.residuals(row, own, limits=pairs))
        value = known.value[own] + known.value[row] - self._ground.value
        bounds = known.bound[own] + self._sums.bounds(row, own, limits=pairs)
        fielded, ground = self._sums.uses_under(own, self._ground.fielded), self._ground
        added = self._sums.plan_under(row)[ground.fielded] - ground.plans[0][ground.fielded]
        trial.brackets.bound(_spread(bounds, places, len(others), -np.inf))
        trial.reach(
            _spread(left, places, len(others), np.inf),
            value=_spread(value, places, len(others), np.inf),
            systems=_spread(fielded + added, places, len(others), np.nan),
            by=By.SUM,
        )


def _spread(values: Vector, places: Numbers, count: int, elsewhere: float) -> Vector:
    """Return values at their places among so many, another one elsewhere."""
    found = np.full((count, *values.shape[1:]), elsewhere)
    found[places] = values
    return found
