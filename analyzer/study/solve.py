"""The shared step of all studies: build once, solve each scenario, hand over what is certified."""

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np

from analyzer.network.case import Case
from analyzer.network.effect import Corner, Effect, effect
from analyzer.network.prune import Reach
from analyzer.programme.arrays import (
    LinearProgramme,
    Model,
    Vector,
    model,
    rebounded,
    reweighted,
)
from analyzer.programme.certificate import Certificate, certificate, residual, safe_bound
from analyzer.programme.flow import Options, formulation, sets
from analyzer.programme.highs import Basis
from analyzer.programme.merge import Classes, GoodClass
from analyzer.programme.persistent import Persistent
from analyzer.programme.scale import natural
from analyzer.programme.solution import Solution, solution
from scenarios.schema import BadScenarioError, Scenario, ScenarioFault
from supply_data.schema import Weighting

T = TypeVar("T")

KEPT = 12
"""How many plans and prices of earlier solves are kept."""
FITS = 1e-9
"""Largest violation of limits by a plan that is used again, in normalised units."""
SAME = 5e-6
"""Two capacities closer than this, as a share of the one they are set against, are the same."""


@dataclass
class Tally:
    """How much was solved in a run."""

    solves: int = 0
    cold_resolves: int = 0
    uncertified: int = 0
    without_solve: int = 0


class Ended(NamedTuple):
    """Where an earlier solve of a programme ended."""

    programme: LinearProgramme
    plan: Vector
    prices: Vector
    basis: Basis | None

    def distance(self, programme: LinearProgramme) -> int:
        """Return how many numbers of a programme are others than those that were solved."""
        one, other = self.programme, programme
        return sum(
            int(np.count_nonzero(before != after))
            for before, after in (
                (one.cost, other.cost),
                (one.high, other.high),
                (one.row_low, other.row_low),
                (one.row_high, other.row_high),
                (one.matrix.data, other.matrix.data),
            )
        )


@dataclass
class Pool:
    """What earlier solves found: where to start, and often the proof of the next without a solve.

    A plan that keeps to new limits and prices that bound them are a certificate, whoever found
    them and for what: cuts that do not touch what a plan uses leave its value as it was.
    """

    ended: deque[Ended] = field(default_factory=lambda: deque(maxlen=KEPT))
    """The latest solves, the oldest giving way."""

    def best(self, programme: LinearProgramme) -> Certificate | None:
        """Return the narrowest certificate that plans and prices give; None if no plan fits."""
        fitting = [each.plan for each in self.ended if residual(programme, each.plan) <= FITS]
        if not fitting:
            return None
        plan = min(fitting, key=lambda each: float(programme.cost @ each))
        prices = max((e.prices for e in self.ended), key=lambda each: safe_bound(programme, each))
        return certificate(programme, plan, prices, optimal=True)

    def nearest(self, programme: LinearProgramme) -> Basis | None:
        """Return where the solve ended whose numbers are most like those of a programme."""
        like = min(self.ended, key=lambda each: each.distance(programme), default=None)
        return None if like is None else like.basis


@dataclass(frozen=True)
class Bench:
    """One programme with the scenarios of a run prepared on it.

    Attributes
    ----------
    case : Case
        The dataset and its scenarios.
    options : Options
        How the run weighs and limits.
    model : Model
        Built once for everything that the run tries.
    base : float or None
        Capacity that results are set against; None: they are to be certified beside Σ w · target.
    given : Effect or None
        What leaves that capacity.
    tally : Tally
        What was solved so far.
    pool : Pool
        What the solves so far found.
    programmes : dict
        Effects with their programmes, by the effect's id.
    """

    case: Case
    options: Options
    model: Model
    base: float | None = None
    given: Effect | None = None
    tally: Tally = field(default_factory=Tally)
    pool: Pool = field(default_factory=Pool)
    programmes: dict[int, tuple[Effect, LinearProgramme]] = field(default_factory=dict)

    def solved(self, effect: Effect | None = None) -> Solution:
        """Return the certified optimum under an effect; without one, that of the baseline."""
        found = solution(self.model, effect).set_against(self.base)
        self.programmes[id(found.effect)] = found.effect, found.programme
        self.tally.solves += found.tries
        self.tally.cold_resolves += found.tries - 1
        self.tally.uncertified += not found.certified
        self.pool.ended.append(Ended(found.programme, found.plan, found.prices, found.basis))
        return found

    def capacity(self, effect: Effect, *, weighting: Weighting | None = None) -> float | None:
        """Return the certified scaling capacity under an effect; None if it is not certified.

        Parameters
        ----------
        effect : Effect
            One of those that the programme was built for.
        weighting : Weighting, optional
            Another weighting than that of the run.
        """
        if weighting is None and self.given is not None and effect.leaves_as(self.given):
            return self.base
        if weighting is None:
            return self.capacity_of(self._under(effect))
        other = reweighted(self.model, weighting)
        programme = replace(self._under(effect), cost=other.baseline.cost)
        return self._capacity(programme, worth=other.sets.scale.worth, share=1.0)

    def _under(self, effect: Effect) -> LinearProgramme:
        if id(effect) not in self.programmes:
            self.programmes[id(effect)] = effect, self.model.under(effect)
        return self.programmes[id(effect)][1]

    def capacity_of(self, programme: LinearProgramme) -> float | None:
        """Return the certified scaling capacity of the programme with other numbers."""
        return self._capacity(programme, worth=self.model.sets.scale.worth, share=self.share)

    def _capacity(self, programme: LinearProgramme, *, worth: float, share: float) -> float | None:
        known = self.pool.best(programme)
        if known is not None and known.certifies(share):
            self.tally.without_solve += 1
            return natural(worth, known.value)
        proof = self._persistent.proof(programme, start=self.pool.nearest(programme))
        self.pool.ended.append(Ended(programme, proof.plan, proof.prices, proof.basis))
        certified = proof.certificate.certifies(share)
        self.tally.solves += 1 + proof.cold
        self.tally.cold_resolves += proof.cold
        self.tally.uncertified += not certified
        return natural(worth, proof.certificate.value) if certified else None

    @property
    def share(self) -> float:
        """What results are set against, as a share of Σ w · target, at most 1."""
        return min(self.base / self.model.sets.scale.worth, 1.0) if self.base else 1.0

    @cached_property
    def _persistent(self) -> Persistent:
        baseline = self.model.baseline
        return Persistent(baseline, basis=self.pool.nearest(baseline))

    def same(self, one: float, other: float) -> bool:
        """Tell whether two capacities cannot be told apart."""
        return abs(one - other) <= SAME * self.share * self.model.sets.scale.worth


@dataclass(frozen=True)
class Models:
    """The programmes of a run, shared by scenarios that tell the same goods apart.

    Attributes
    ----------
    built : dict of Classes to Model
        As PuLP built them.
    bounded : dict
        The same by classes and by what columns can use at most, which losses on lanes change.
    reaches : dict of Classes to Reach
        Where goods come from and go to.
    """

    built: dict[Classes, Model] = field(default_factory=dict)
    bounded: dict[Hashable, Model] = field(default_factory=dict)
    reaches: dict[Classes, Reach[GoodClass]] = field(default_factory=dict)

    def of(self, case: Case, effects: Sequence[Effect], options: Options) -> Model:
        """Return the programme on which all of these effects can be tried."""
        found = sets(case.tables, effects, options, known=self.reaches)
        if found.classes not in self.built:
            self.built[found.classes] = model(formulation(found))
        key = found.classes, tuple(found.scale.most.items())
        if key not in self.bounded:
            own = self.built[found.classes]
            same = own.sets.scale.most == found.scale.most
            self.bounded[key] = own if same else rebounded(own, found)
        return self.bounded[key]


def bench(
    case: Case,
    effects: Sequence[Effect],
    *,
    options: Options,
    base: float | None = None,
    given: Effect | None = None,
    models: Models | None = None,
) -> Bench:
    """Return the programme of a run, built once.

    Parameters
    ----------
    case : Case
        The dataset.
    effects : sequence of Effect
        Everything that will be tried on it.
    options : Options
        How the run weighs and limits.
    base : float, optional
        Capacity that results are set against.
    given : Effect, optional
        What leaves that capacity.
    models : Models, optional
        What was built before in the same run; what is built now is added.
    """
    known = Models() if models is None else models
    ready = known.of(case, effects, options)
    return Bench(case=case, options=options, model=ready, base=base, given=given)


def effect_in(
    case: Case,
    scenario: Scenario,
    *,
    options: Options,
    corner: Corner = Corner.CENTRAL,
    lift: bool = False,
) -> Effect:
    """Return what a scenario leaves in a case; see `analyzer.network.effect.effect`."""
    return effect(
        case.tables, scenario, timing=options.timing, corner=corner, lift=lift, known=case.aims
    )


def gathered(makes: Iterable[Callable[[], T]]) -> list[T]:
    """Return what all of them make, or raise one error with the faults of all.

    Raises
    ------
    BadScenarioError
        With the faults of all scenarios, each once.
    """
    found: list[T] = []
    faults: list[ScenarioFault] = []
    for make in makes:
        try:
            found.append(make())
        except BadScenarioError as error:
            faults += error.faults
    if faults:
        raise BadScenarioError(tuple(dict.fromkeys(faults)))
    return found
