"""What is tried for a scenario: its centre, its ends, its measures one by one, on a reference.

Convention: a scenario acts on top of the reference. A measure that both hold counts once, as the
scenario has it; the reference's own measures stay at their central values, also where the scenario
holds the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial

from analyzer.network.case import Case
from analyzer.network.effect import Corner, Effect
from analyzer.programme.flow import Options
from analyzer.study.solve import effect_in, gathered
from scenarios.schema import BadScenarioError, Measure, Scenario, Uncertain


@dataclass(frozen=True)
class Tries:
    """What is tried for one scenario.

    Attributes
    ----------
    scenario : Scenario
        The scenario.
    reference : Effect
        What the reference leaves.
    central, weakest, strongest : Effect
        What the scenario leaves in the middle and at the ends of the ranges of its cuts,
        coverages and leaks.
    only, without : dict of measure id to Effect or None
        Each measure alone, and the scenario without it; empty if it has one measure. None where
        the part by itself is refused, such as half of a cut that is whole only in two parts.
    given : dict of measure id to Measure
        The reference's measures.
    """

    scenario: Scenario
    reference: Effect
    central: Effect
    weakest: Effect
    strongest: Effect
    only: dict[str, Effect | None]
    without: dict[str, Effect | None]
    given: dict[str, Measure]

    def all(self) -> tuple[Effect, ...]:
        """Return every effect, for building a programme that can take them all."""
        ends = (self.reference, self.central, self.weakest, self.strongest)
        parts = (*self.only.values(), *self.without.values())
        return (*ends, *(part for part in parts if part is not None))


def tries_of(
    case: Case,
    scenarios: Sequence[Scenario],
    *,
    options: Options,
    reference: Scenario | None = None,
    lift: bool = False,
) -> list[Tries]:
    """Return what is to be tried for each scenario.

    Parameters
    ----------
    case : Case
        The dataset.
    scenarios : sequence of Scenario
        The scenarios.
    options : Options
        How the run counts time.
    reference : Scenario, optional
        What scenarios act on top of; without it, the dataset as it stands.
    lift : bool
        Whether a measure may leave more than the baseline has.

    Raises
    ------
    BadScenarioError
        With the faults of all scenarios.
    """
    return gathered(
        partial(_tries, case, scenario, options=options, reference=reference, lift=lift)
        for scenario in scenarios
    )


def reference_effect(
    case: Case, reference: Scenario | None, *, options: Options, lift: bool = False
) -> Effect:
    """Return what the reference leaves; all of it without one."""
    if reference is None:
        return Effect(options.timing)
    return effect_in(case, reference, options=options, lift=lift)


def _tries(
    case: Case, scenario: Scenario, *, options: Options, reference: Scenario | None, lift: bool
) -> Tries:
    given = {} if reference is None else {m.id: m for m in reference.measures}

    def made(measures: tuple[Measure, ...], corner: Corner = Corner.CENTRAL) -> Effect:
        own = tuple(_pinned(m) if given.get(m.id) == m else m for m in measures)
        whole = on_top(reference, scenario.model_copy(update={"measures": own}))
        return effect_in(case, whole, options=options, corner=corner, lift=lift)

    @cache
    def part(*numbers: int) -> Effect | None:
        try:
            return made(tuple(own[n] for n in numbers))
        except BadScenarioError:
            return None

    own = scenario.measures
    central = made(own)
    every = range(len(own))
    parts = [n for n in every if own[n].id not in central.replaced] if len(own) > 1 else []
    return Tries(
        scenario=scenario,
        reference=reference_effect(case, reference, options=options, lift=lift),
        central=central,
        weakest=made(own, Corner.WEAKEST),
        strongest=made(own, Corner.STRONGEST),
        only={own[n].id: part(n) for n in parts},
        without={own[n].id: part(*(other for other in every if other != n)) for n in parts},
        given=given,
    )


def on_top(reference: Scenario | None, scenario: Scenario) -> Scenario:
    """Return a scenario with the measures of a reference that it does not hold itself below it."""
    named = {measure.id for measure in scenario.measures}
    below = reference.measures if reference is not None else ()
    pinned = (_pinned(measure) for measure in below if measure.id not in named)
    return scenario.model_copy(update={"measures": (*pinned, *scenario.measures)})


def _pinned(measure: Measure) -> Measure:
    def middle(value: Uncertain) -> Uncertain:
        return Uncertain(low=value.central, central=value.central, high=value.central)

    known = {"coverage": middle(measure.coverage), "leak": middle(measure.leak)}
    cut = {} if measure.cut is None else {"cut": middle(measure.cut)}
    return measure.model_copy(update={**known, **cut})
