"""The shared step of all studies: build once, solve each scenario, hand over what is certified."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from analyzer.network.case import Case
from analyzer.network.effect import Effect, effect
from analyzer.programme.arrays import Model, model
from analyzer.programme.flow import Options, formulation, sets
from analyzer.programme.solution import Solution, solution
from scenarios.schema import BadScenarioError, Scenario, ScenarioFault

SAME = 5e-6
"""Two capacities closer than this, as a share of Σ w · target, cannot be told apart."""


@dataclass
class Tally:
    """How much was solved in a run."""

    solves: int = 0
    cold_resolves: int = 0
    uncertified: int = 0


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
    tally : Tally
        What was solved so far.
    """

    case: Case
    options: Options
    model: Model
    tally: Tally = field(default_factory=Tally)

    def solved(self, effect: Effect | None = None) -> Solution:
        """Return the certified optimum under an effect; without one, that of the baseline."""
        found = solution(self.model, effect)
        self.tally.solves += found.tries
        self.tally.cold_resolves += found.tries - 1
        self.tally.uncertified += not found.certified
        return found

    def same(self, one: float, other: float) -> bool:
        """Tell whether two capacities cannot be told apart."""
        return abs(one - other) <= SAME * self.model.sets.scale.worth


def bench(case: Case, effects: Sequence[Effect], *, options: Options) -> Bench:
    """Return the programme of a run, built once.

    Parameters
    ----------
    case : Case
        The dataset.
    effects : sequence of Effect
        Everything that will be tried on it.
    options : Options
        How the run weighs and limits.
    """
    found = sets(case.tables, effects, options)
    return Bench(case=case, options=options, model=model(formulation(found)))


def effects_of(
    case: Case, scenarios: Sequence[Scenario], *, options: Options, lift: bool = False
) -> dict[str, Effect]:
    """Return what each scenario leaves, by scenario id.

    Parameters
    ----------
    case : Case
        The dataset.
    scenarios : sequence of Scenario
        Scenarios with ids of their own.
    options : Options
        How the run counts time.
    lift : bool
        Whether a measure may leave more than the baseline has.

    Raises
    ------
    BadScenarioError
        With the faults of all scenarios.
    """
    found: dict[str, Effect] = {}
    faults: list[ScenarioFault] = []
    for scenario in scenarios:
        try:
            found[scenario.id] = effect(case.tables, scenario, timing=options.timing, lift=lift)
        except BadScenarioError as error:
            faults += error.faults
    if faults:
        raise BadScenarioError(tuple(dict.fromkeys(faults)))
    return found
