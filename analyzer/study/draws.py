"""The job of solving draws: in each the baseline and every scenario, with the same figures.

Convention: a task is the number of a draw. Its row depends on the draw alone: a solve starts where
that scenario ended at central figures, or where the draw's own baseline ended, and what spares a
solve is the plan of that baseline.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from math import nan

import numpy as np
import pandas as pd

from analyzer.programme.arrays import LinearProgramme, Vector
from analyzer.programme.certificate import certificate, residual
from analyzer.programme.dials import Dials, Stops
from analyzer.programme.highs import Basis, Packed, unpacked
from analyzer.programme.persistent import Persistent, Proof
from analyzer.study.figures import Keeps
from analyzer.study.samples import BATCH, Shape, Spread, Whole, batch, values
from analyzer.study.solve import FITS


@dataclass(frozen=True)
class Sample:
    """What is drawn.

    Attributes
    ----------
    ranges : array of float
        A row a figure: low, central, high.
    built : array of float
        What the programme was built with, by figure.
    group : array of int
        The number that each figure is drawn by.
    groups : int
        How many numbers a draw has.
    shape : Shape
        How figures lie within their ranges.
    spread : Spread
        How draws are spread.
    seed : int
        The same seed gives the same draws.
    draws : int
        How many there are at most.
    again : int or None
        Number that is drawn anew, while all others stay.
    """

    ranges: Vector
    built: Vector
    group: Whole
    groups: int
    shape: Shape
    spread: Spread
    seed: int
    draws: int
    again: int | None = None

    @property
    def batches(self) -> int:
        """How many batches the draws come from."""
        return -(-self.draws // BATCH)

    def places(self, number: int) -> Vector:
        """Return the numbers between 0 and 1 of a batch; a row a draw."""
        places = batch(number, self.groups, seed=self.seed, spread=self.spread)
        if self.again is not None:
            anew = np.random.default_rng([self.seed, number, self.again])
            places[:, self.again] = anew.random(len(places))
        return places

    def at(self, places: Vector) -> Vector:
        """Return the figures of draws; a row a draw, a column a figure."""
        return values(places[:, self.group], self.ranges, shape=self.shape)

    def ratios(self, drawn: Vector) -> Vector:
        """Return the figures as multiples of what the programme was built with, and a last 1."""
        return np.column_stack([drawn / self.built, np.ones(len(drawn))])


@dataclass(frozen=True)
class Acting:
    """A scenario as arrays.

    Attributes
    ----------
    stops : Stops
        Where it acts.
    keeps : Keeps
        What its measures are made of.
    basis : Packed or None
        Where its solves start; None: where the baseline of the same draw ended.
    """

    stops: Stops
    keeps: Keeps
    basis: Packed | None


@dataclass(frozen=True)
class Draws:
    """The job of solving draws; a task is the number of a draw.

    Attributes
    ----------
    dials : Dials
        The programme.
    sample : Sample
        What is drawn.
    scenarios : tuple of Acting
        What is tried in each draw beside the baseline.
    basis : Packed or None
        Where solves of the baseline start.
    lift : bool
        Whether a measure may leave more than the baseline has.
    """

    dials: Dials
    sample: Sample
    scenarios: tuple[Acting, ...]
    basis: Packed | None
    lift: bool

    @property
    def identity(self) -> Mapping[str, object]:
        """What tells this job from any other, by name."""
        found = hashlib.sha256()
        own, sample = self.dials.programme, self.sample
        kept = (array for each in self.scenarios for array in (*each.keeps, each.stops.arrivals))
        for numbers in (own.cost, own.high, own.row_high, own.matrix.data, sample.ranges,
                        sample.group, *kept):  # fmt: skip
            found.update(np.ascontiguousarray(numbers).tobytes())
        return {
            "job": "draws",
            "arrays": found.hexdigest(),
            "shape": sample.shape.value,
            "spread": sample.spread.value,
            "seed": sample.seed,
            "again": sample.again,
        }

    @property
    def solves(self) -> int:
        """How many solves a task takes."""
        return 1 + len(self.scenarios)

    def worker(self) -> "Drawer":
        """Return a new worker."""
        return Drawer(self)

    def unsolved(self, task: tuple[int], why: str) -> pd.DataFrame:
        """Return the row of a draw that fails."""
        return rows([*task], [Solved.of(1, 1 + len(self.scenarios))], failure=why)


class Drawer:
    """What solves draws, with one programme kept loaded.

    Parameters
    ----------
    job : Draws
        What is drawn and tried.
    """

    def __init__(self, job: Draws) -> None:
        """Load the programme."""
        self._job = job
        self._basis = None if job.basis is None else unpacked(job.basis)
        self._persistent = Persistent(job.dials.programme, basis=self._basis)
        self._bases = [
            None if each.basis is None else unpacked(each.basis) for each in job.scenarios
        ]
        self._figures = lru_cache(maxsize=1)(self._drawn)

    def rows(self, tasks: Sequence[tuple[int]]) -> pd.DataFrame:
        """Return a row a draw; see `rows`."""
        numbers = [draw for (draw,) in tasks]
        parts = []
        for number, own in groupby(numbers, key=lambda draw: draw // BATCH):
            places = [draw - number * BATCH for draw in own]
            ratios, lefts = self._figures(number)
            parts.append(self.solved(ratios[places], [each[places] for each in lefts]))
        return rows(numbers, parts)

    def _drawn(self, number: int) -> tuple[Vector, list[Vector]]:
        """Return the figures of a batch, and what scenarios leave in it."""
        sample, lift = self._job.sample, self._job.lift
        drawn = sample.at(sample.places(number))
        return sample.ratios(drawn), [left(each, drawn, lift=lift) for each in self._job.scenarios]

    def solved(self, ratios: Vector, lefts: Sequence[Vector]) -> "Solved":
        """Return what draws leave in the baseline and in every scenario.

        Parameters
        ----------
        ratios : array of float
            A row a draw: the figures, as multiples of what the programme was built with.
        lefts : sequence of array of float
            What each scenario leaves, by draw and set of measures.
        """
        dials, draws = self._job.dials, range(len(ratios))
        found = Solved.of(len(ratios), 1 + len(lefts))
        # scenario by scenario, since what one leaves is mostly the same from draw to draw
        bases = [found.solve(self._persistent, dials.drawn(ratios[n]), (n, 0), start=self._basis)
                 for n in draws]  # fmt: skip
        shares = [_share(dials, proof) for proof in bases]
        for n in draws:
            found.note((n, 0), _number(dials, bases[n], share=shares[n]))
        tried = zip(self._job.scenarios, lefts, self._bases, strict=True)
        for scenario, (acting, own, basis) in enumerate(tried, start=1):
            for n in draws:
                programme = dials.drawn(ratios[n], stops=acting.stops, left=own[n])
                if _spared(bases[n], programme, share=shares[n]):
                    found.note((n, scenario), found.capacities[n, 0])
                    continue
                start = basis or bases[n].basis
                proof = found.solve(self._persistent, programme, (n, scenario), start=start)
                found.note((n, scenario), _number(dials, proof, share=shares[n]))
        return found


@dataclass
class Solved:
    """Draws as they are solved.

    Attributes
    ----------
    capacities : array of float
        A row a draw, a column for the baseline and for every scenario; NaN if not certified.
    solves, cold : array of int
        How many solves each took, and how many of them were made again cold.
    """

    capacities: Vector
    solves: Whole
    cold: Whole

    @classmethod
    def of(cls, draws: int, columns: int) -> "Solved":
        """Return draws of which nothing is known."""
        nothing = np.zeros(draws, dtype=np.int64)
        return cls(np.full((draws, columns), nan), nothing, nothing.copy())

    def solve(
        self,
        persistent: Persistent,
        programme: LinearProgramme,
        place: tuple[int, int],
        *,
        start: Basis | None,
    ) -> Proof:
        """Solve, and count it."""
        proof = persistent.proof(programme, start=start)
        self.solves[place[0]] += 1 + proof.cold
        self.cold[place[0]] += proof.cold
        return proof

    def note(self, place: tuple[int, int], capacity: float) -> None:
        """Note the capacity of a draw under a scenario."""
        self.capacities[place] = capacity


def left(acting: Acting, drawn: Vector, *, lift: bool) -> Vector:
    """Return what a scenario leaves in draws, by set of measures."""
    return acting.stops.left(acting.keeps.kept(drawn, lift=lift))


def _share(dials: Dials, baseline: Proof) -> float:
    """Return what a draw's numbers are set against, as a share of its Σ w · target."""
    capacity = _number(dials, baseline, share=1.0)
    return dials.share(baseline.programme, capacity)


def _number(dials: Dials, proof: Proof, *, share: float) -> float:
    if not proof.certificate.certifies(share):
        return nan
    return dials.capacity_at(proof.programme, proof.certificate.value)


def _spared(known: Proof, programme: LinearProgramme, *, share: float) -> bool:
    """Tell whether the baseline's own plan is possible and best under a scenario too."""
    if residual(programme, known.plan) > FITS:
        return False
    found = certificate(programme, known.plan, known.prices, optimal=known.certificate.optimal)
    return found.certifies(share)


def rows(draws: Sequence[int], found: Sequence[Solved], *, failure: str = "") -> pd.DataFrame:
    """Return draws as rows.

    Returns
    -------
    pandas.DataFrame
        ``draw``, ``solves``, ``cold`` (how many of them were made again cold), ``failure``, and
        the capacities: ``capacity.0`` of the baseline, ``capacity.1``, … of scenarios; NaN where
        they are not certified.
    """
    capacities = np.concatenate([each.capacities for each in found])
    counts = {
        "draw": np.array(draws, dtype=np.int64),
        "solves": np.concatenate([each.solves for each in found]),
        "cold": np.concatenate([each.cold for each in found]),
        "failure": failure,
    }
    shown = {f"capacity.{n}": column for n, column in enumerate(capacities.T)}
    return pd.DataFrame({**counts, **shown})
