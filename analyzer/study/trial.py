"""Many cuts of one programme: what is known of each before any solve, and who proved it.

Convention: shortfalls are in percent of Σ w · target, as in certificates. The systems of a row are
those of the plan that proves it: its own, or the known plan that its cut leaves possible.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyzer.programme.arrays import LinearProgramme, Vector
from analyzer.programme.brackets import (
    Brackets,
    Plan,
    Which,
    looked_at,
    looked_at_prices,
)
from analyzer.programme.certificate import WIDTH, limits
from analyzer.programme.change import NOTHING, Change
from analyzer.programme.highs import Basis, Packed, packed, unpacked
from analyzer.programme.lean import Lean, Wish
from analyzer.programme.persistent import Persistent, Proof
from analyzer.programme.scale import PERCENT
from analyzer.programme.sieve import Numbers, Sieve, sieve
from analyzer.programme.solution import Solution

MANY, COLUMNS = 8, 350
"""A new wish costs about as much as so many solves, or as one for so many columns if that is more;
for fewer cuts none is made."""
SLIGHT = 1e-3
"""Size of a limit, in normalised units, below which sparing it matters no more."""


class By(StrEnum):
    """What proves a row."""

    KNOWN = "known plan"
    """A plan that is optimal without the cut (or without one cut of a pair) does not need it."""
    LEAN = "lean plan"
    """So does one that was sought to spare it."""
    OTHER = "plan of the other cut"
    SUM = "sum of plans"
    ROW = "plan of another row"
    SOLVE = "solve"


PROOFS = tuple(By)
"""In rows, what proves is told by its number here."""


@dataclass(frozen=True)
class Ground:
    """A programme with the changes that are to be tried, and what is known before.

    Attributes
    ----------
    programme : LinearProgramme
        The baseline.
    changes : tuple of Change
        What each cut changes.
    fielded : array of int
        Columns of the systems.
    share : float
        What capacities are set against, as a share of Σ w · target.
    basis : Packed or None
        Where every solve starts; None if the solver did not say where the first one ended.
    value : float
        Shortfall of the baseline.
    prices : array of float
        Prices of the baseline.
    plans : tuple of array of float
        Optimal plans of the baseline: as solved first, then lean ones.
    wishes : tuple of (array of float, Packed or None)
        What the lean ones were sought for, and where the search ended.
    """

    programme: LinearProgramme
    changes: tuple[Change, ...]
    fielded: Numbers
    share: float
    basis: Packed | None
    value: float
    prices: Vector
    plans: tuple[Vector, ...]
    wishes: tuple[tuple[Vector, Packed | None], ...] = ()

    @cached_property
    def digest(self) -> str:
        """Hash of all numbers, by which one ground is told from another."""
        programme, found = self.programme, hashlib.sha256()
        matrix = programme.matrix
        own = (programme.cost, limits(programme), matrix.data, matrix.indices, matrix.indptr)
        changed = (vars(change).values() for change in self.changes)
        for numbers in (*own, self.fielded, *chain.from_iterable(changed)):
            found.update(f"{len(numbers)} ".encode())
            found.update(np.ascontiguousarray(numbers).tobytes())
        return found.hexdigest()


def ground(
    baseline: Solution, changes: Sequence[Change], *, fielded: Numbers, share: float
) -> Ground:
    """Return what cuts are tried on, with what is known of the baseline.

    Parameters
    ----------
    baseline : Solution
        The network without any cut.
    changes : sequence of Change
        What each cut changes.
    fielded : array of int
        Columns of the systems.
    share : float
        What capacities are set against, as a share of Σ w · target.
    """
    programme = baseline.programme
    persistent = Persistent(programme, basis=baseline.basis)
    proof = persistent.under(NOTHING)
    alone = Ground(
        programme=programme,
        changes=tuple(changes),
        fielded=fielded,
        share=share,
        basis=_packed(persistent.basis),
        value=proof.certificate.value,
        prices=proof.prices,
        plans=(proof.plan,),
    )
    loop = Loop(alone)
    lean = loop.spare(loop.trial(changes), loop.plans[0])
    return replace(
        alone,
        plans=(proof.plan, *(plan.amounts for plan, _ in lean)),
        wishes=tuple((wish.wishes, _packed(wish.basis)) for _, wish in lean),
    )


def _packed(basis: Basis | None) -> Packed | None:
    return None if basis is None else packed(basis)


def _unpacked(places: Packed | None) -> Basis | None:
    return None if places is None else unpacked(places)


class Trial:
    """Rows in the making.

    Parameters
    ----------
    ground : Ground
        What is tried.
    changes : Sieve
        The cuts of these rows.
    apart : mapping of int to LinearProgramme
        Those that the sieve does not tell in full.
    """

    def __init__(
        self, ground: Ground, changes: Sieve, apart: Mapping[int, LinearProgramme]
    ) -> None:
        """Start from what is known of nothing."""
        self.changes, self.apart = changes, apart
        self.brackets = Brackets(changes, apart, share=ground.share)
        self._ground = ground
        count = len(changes)
        self._systems = np.full((count, len(ground.fielded)), np.nan)
        self._by = np.full(count, -1, dtype=np.int8)
        self._solves = np.zeros(count, dtype=np.int8)
        self._certified = np.zeros(count, dtype=bool)
        self.lean = 0

    @property
    def open(self) -> Which:
        """Which cuts nothing has proved yet."""
        return np.asarray(~self.brackets.closed & (self._solves == 0))

    def take(self, plan: Plan, by: By) -> None:
        """Try a plan on all cuts."""
        self._note(self.brackets.take_plan(plan), plan.amounts, by)

    def reach(self, left: Vector, *, value: Vector, systems: Vector, by: By) -> None:
        """Note plans of their own; see `Brackets.reach`.

        Parameters
        ----------
        left, value : array of float
            By how much each plan violates what its cut leaves, and what it reaches.
        systems : array of float, a row a cut
            What these plans field.
        by : By
            Whose they are.
        """
        best = self.brackets.reach(left, value=value)
        self._systems[best], self._by[best] = systems[best], PROOFS.index(by)

    def settle(self, n: int, proof: Proof, *, teach: bool) -> None:
        """Note the solve of a cut; if it may teach, narrow the brackets of the others by it."""
        self._solves[n] = 1 + proof.cold
        self._certified[n] = proof.certificate.certifies(self._ground.share)
        if teach and self._certified[n] and n not in self.apart:
            self._note(self.brackets.learn(n, proof), proof.plan, By.ROW)
        self.brackets.settle(n, proof)
        self._systems[n] = proof.plan[self._ground.fielded]
        self._by[n] = PROOFS.index(By.SOLVE)

    def _note(self, which: Which, plan: Vector, by: By) -> None:
        which = which & (self._solves == 0)
        self._systems[which] = plan[self._ground.fielded]
        self._by[which] = PROOFS.index(by)

    def columns(self, first: Numbers, second: Numbers) -> dict[str, NDArray[Any]]:
        """Return the rows as arrays; see `rows`."""
        brackets, count = self.brackets, len(second)
        certified = self._certified | (brackets.closed & (self._solves == 0))
        lean = np.zeros(count, dtype=np.int16)
        lean[:1] = self.lean
        return {
            "first": first.astype(np.int32),
            "second": second.astype(np.int32),
            "shortfall": np.where(certified, brackets.shown, np.nan),
            "width": (brackets.high - brackets.low) / PERCENT,
            "residual": brackets.residual,
            "certified": certified,
            "proof": self._by,
            "solves": self._solves,
            "lean": lean,
            "systems": np.where(certified[:, np.newaxis], self._systems, np.nan),
        }


def rows(parts: Sequence[Mapping[str, NDArray[Any]]], *, failure: str = "") -> pd.DataFrame:
    """Return rows of cuts.

    Parameters
    ----------
    parts : sequence of mapping
        From `Trial.columns`.
    failure : str
        Why they have no numbers.

    Returns
    -------
    pandas.DataFrame
        ``first`` (number of a cut), ``second`` (-1, or the other cut of a pair), ``shortfall``,
        ``width`` (of its interval, as a share of Σ w · target), ``residual``, ``certified``,
        ``proof`` (a number of `PROOFS`; -1 for none), ``solves`` (of this row alone), ``lean``
        (lean plans sought for this row and those that follow), ``failure``, and ``share.0``, … of
        target that systems reach.
    """
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    systems = whole.pop("systems")
    names = [f"share.{n}" for n in range(systems.shape[1])]
    shares = pd.DataFrame(systems, columns=names)
    return pd.concat([pd.DataFrame(whole).assign(failure=failure), shares], axis="columns")


def unsolved(ground: Ground, first: Numbers, second: Numbers, why: str) -> pd.DataFrame:
    """Return the rows of cuts that failed: no numbers, not certified."""
    nothing = sieve(ground.programme, [NOTHING] * len(second))
    trial = Trial(ground, nothing, {})
    return rows([trial.columns(first, second)], failure=why)


class Found(NamedTuple):
    """What a solve found: values of the columns, dual values of the rows."""

    plan: Vector
    prices: Vector


class Loop:
    """One programme kept loaded, on which cuts are tried one after the other.

    Parameters
    ----------
    ground : Ground
        What is tried. One object serves one thread.
    """

    def __init__(self, ground: Ground) -> None:
        """Load the programme."""
        self.ground = ground
        self.persistent = Persistent(ground.programme, basis=_unpacked(ground.basis))
        self.limits = limits(ground.programme)
        self._many = max(MANY, len(ground.programme.cost) // COLUMNS)
        self.prices = looked_at_prices(ground.programme, ground.prices)
        self.plans = tuple(
            looked_at(ground.programme, each, shown=ground.value) for each in ground.plans
        )

    @cached_property
    def _standing(self) -> tuple[Wish, ...]:
        return tuple(Wish(wishes, _unpacked(places)) for wishes, places in self.ground.wishes)

    @cached_property
    def _lean(self) -> Lean:
        return Lean(self.ground.programme)

    def trial(self, changes: Sequence[Change]) -> Trial:
        """Return what known plans and prices say of cuts, each by itself."""
        programme = self.ground.programme
        apart = {
            n: change.on(programme)
            for n, change in enumerate(changes)
            if not change.of_limits_alone
        }
        trial = Trial(self.ground, sieve(programme, changes), apart)
        for n, plan in enumerate(self.plans):
            trial.take(plan, By.LEAN if n else By.KNOWN)
        trial.brackets.take_prices(self.prices)
        return trial

    def spare(
        self, trial: Trial, plan: Plan, *, under: Change = NOTHING
    ) -> list[tuple[Plan, Wish]]:
        """Seek plans as good as one, each for cuts that those before it did not spare.

        Parameters
        ----------
        trial : Trial
            What is known; it learns from each plan found.
        plan : Plan
            What the plans are to be as good as.
        under : Change
            What is changed beside, for that plan too.
        """
        programme = under.on(self.ground.programme)
        known, start = iter(self._standing), self.persistent.basis
        found: list[tuple[Plan, Wish]] = []
        while True:
            nothing = WIDTH * PERCENT * self.ground.share
            asked = trial.open & (trial.brackets.low <= plan.value + nothing)
            wish = next(known, None)
            if np.count_nonzero(asked) <= (self._many if wish is None else 1):
                return found
            wish = wish or Wish(self._wishes(trial.changes, asked))
            amounts, ended = self._lean.plan(wish, value=plan.value, change=under, start=start)
            start = ended.basis or start
            found.append((looked_at(programme, amounts, shown=plan.shown), ended))
            trial.take(found[-1][0], By.LEAN)
            trial.lean += 1
            if wish.basis is None and np.count_nonzero(asked & ~trial.open) <= self._many:
                return found

    def _wishes(self, changes: Sieve, asked: Which) -> Vector:
        numbers = changes.numbers[asked[changes.owners]]
        wishes = np.zeros(len(self.limits))
        np.add.at(wishes, numbers, 1 / np.maximum(self.limits[numbers], SLIGHT))
        return wishes

    def solve(
        self, trial: Trial, change: Callable[[int], Change], *, teach: bool = True
    ) -> dict[int, Found]:
        """Solve for the cuts that nothing has proved yet; return what was found.

        Parameters
        ----------
        trial : Trial
            What is known; it learns from each solve.
        change : callable
            What a cut of the trial changes, all told.
        teach : bool
            Whether a solve may prove other rows.
        """
        found: dict[int, Found] = {}
        for n in np.flatnonzero(trial.open).tolist():
            if trial.open[n]:
                proof = self.persistent.under(change(n))
                trial.settle(n, proof, teach=teach)
                found[n] = Found(proof.plan, proof.prices)
        return found
