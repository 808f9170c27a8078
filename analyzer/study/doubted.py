"""A case made ready for draws: one programme for all figures and scenarios, built once.

What a programme may bound depends on the figures: goods that any draw can tell apart must not share
a flow, and no column may be held below what some draw can use. So it is built for the extremes.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from analyzer.network.case import Case
from analyzer.network.effect import Corner, Effect, Shares, Target, counted
from analyzer.programme.arrays import Model, Vector, model, rebounded
from analyzer.programme.dials import Dial, dials, stops
from analyzer.programme.flow import Options, Sets, formulation, sets
from analyzer.programme.gate import refuse_unfit
from analyzer.programme.highs import Basis, Packed, packed
from analyzer.programme.persistent import Persistent
from analyzer.study.draws import Acting, Draws, Sample, Solved, left
from analyzer.study.figures import Figures, Keeps, Kind, keeps, set_to
from analyzer.study.solve import SAME, effect_in, gathered
from scenarios.schema import Measure, Scenario

if TYPE_CHECKING:
    from analyzer.network.goods import Good

NONE = Dial("", "")
"""Where figures of measures act: nowhere by themselves."""


@dataclass(frozen=True)
class Ready:
    """What is drawn from.

    Attributes
    ----------
    job : Draws
        The job of solving draws.
    central : Solved
        The baseline and the scenarios at the central figures.
    figures : Figures
        What is uncertain.
    model : Model
        The programme.
    """

    job: Draws
    central: Solved
    figures: Figures
    model: Model


@dataclass(frozen=True)
class Tried:
    """A scenario with what it is aimed at.

    Attributes
    ----------
    effect : Effect
        What it does in the middle of its ranges.
    measures : tuple of Measure
        Its measures that cut anything.
    hits : mapping of Target to tuple of int
        Numbers of the measures that are aimed at an element, or at a good on a lane.
    keeps : Keeps
        What the measures are made of.
    """

    effect: Effect
    measures: tuple[Measure, ...]
    hits: Mapping[Target, tuple[int, ...]]
    keeps: Keeps


def ready(
    case: Case,
    scenarios: Sequence[Scenario],
    known: Figures,
    *,
    sample: Sample,
    options: Options,
    lift: bool = False,
) -> Ready:
    """Return a case made ready for draws.

    Parameters
    ----------
    case : Case
        The dataset.
    scenarios : sequence of Scenario
        What is tried.
    known : Figures
        What is uncertain.
    sample : Sample
        What is drawn of it.
    options : Options
        Weighting, targets, budget.
    lift : bool
        Whether a measure may leave more than the baseline has.

    Raises
    ------
    BadScenarioError
        With the faults of all scenarios, at either end of their ranges.
    """
    tried = _tried(case, scenarios, known, options=options, lift=lift)
    built = _model(case, tried, known, least=_least(tried, sample, lift=lift),
                   options=options)  # fmt: skip
    figures = [NONE if each.dial is None else each.dial for each in known.ranged]
    places = dials(built, figures)
    refuse_unfit(built.formulation, built.baseline)
    middle = np.array([each.central for each in known.ranged], dtype=np.float64)[np.newaxis]
    loaded = Persistent(places.drawn(sample.ratios(middle)[0]))
    alone = [Acting(stops(built, places, each.hits, each.effect), each.keeps, None)
             for each in tried]  # fmt: skip
    job = Draws(places, sample, tuple(alone), _packed(loaded.basis), lift)
    central = job.worker().solved(
        sample.ratios(middle), [left(each, middle, lift=lift) for each in alone]
    )
    hurts = central.capacities[0, 1:] < (1 - SAME) * central.capacities[0, 0]
    begun = tuple(
        _begun(loaded, job, each, middle) if apart else each
        for each, apart in zip(alone, hurts.tolist(), strict=True)
    )
    return Ready(replace(job, scenarios=begun), central, known, built)


def _begun(loaded: Persistent, job: Draws, acting: Acting, middle: Vector) -> Acting:
    """Return a scenario that starts where its solve at central figures ends."""
    own = left(acting, middle, lift=job.lift)[0]
    programme = job.dials.drawn(job.sample.ratios(middle)[0], stops=acting.stops, left=own)
    return replace(acting, basis=_packed(loaded.proof(programme).basis))


def _packed(basis: Basis | None) -> Packed | None:
    return None if basis is None else packed(basis)


def _tried(
    case: Case, scenarios: Sequence[Scenario], known: Figures, *, options: Options, lift: bool
) -> list[Tried]:
    def ends(scenario: Scenario) -> tuple[Effect, ...]:
        order = (Corner.CENTRAL, Corner.WEAKEST, Corner.STRONGEST)
        return tuple(
            effect_in(case, scenario, options=options, corner=corner, lift=lift) for corner in order
        )

    makes = [lambda scenario=scenario: ends(scenario) for scenario in scenarios]
    found = []
    for scenario, (central, *_) in zip(scenarios, gathered(makes), strict=True):
        measures = tuple(m for m in counted(scenario) if m.cut is not None)
        hits: dict[Target, list[int]] = defaultdict(list)
        for number, measure in enumerate(measures):
            aim = central.aims[measure.id]
            targets: tuple[Target, ...] = (*aim.elements, *aim.goods)
            for target in targets:
                hits[target].append(number)
        whole = {target: tuple(numbers) for target, numbers in hits.items()}
        found.append(Tried(central, measures, whole, keeps(measures, known)))
    return found


def _least(tried: Sequence[Tried], sample: Sample, *, lift: bool) -> list[Effect]:
    """Return, by scenario, the least and the most that any draw leaves of a good on a lane."""
    found: list[dict[tuple[int, ...], tuple[float, float]]] = [{} for _ in tried]
    for number in range(sample.batches):
        drawn = sample.at(sample.places(number))
        for each, ends in zip(tried, found, strict=True):
            kept = each.keeps.kept(drawn, lift=lift)
            for numbers in set(each.hits.values()):
                shares = kept[:, list(numbers)].prod(axis=1)
                least, most = ends.get(numbers, (1.0, 1.0))
                positive = shares[shares > 0].min(initial=least)
                ends[numbers] = float(positive), float(shares.max(initial=most))
    return [effect for each, ends in zip(tried, found, strict=True) for effect in _ends(each, ends)]


def _ends(tried: Tried, ends: Mapping[tuple[int, ...], tuple[float, float]]) -> Iterator[Effect]:
    for place in range(2):
        shares = {numbers: np.array([pair[place]]) for numbers, pair in ends.items()}
        arrival: dict[tuple[str, Good], Shares] = {}
        availability: dict[str, Shares] = {}
        for target, numbers in tried.hits.items():
            if isinstance(target, str):
                availability[target] = shares[numbers]
            else:
                arrival[target] = shares[numbers]
        yield Effect(availability=availability, arrival=arrival)


def _model(
    case: Case,
    tried: Sequence[Tried],
    known: Figures,
    *,
    least: Sequence[Effect],
    options: Options,
) -> Model:
    """Return the programme for all draws."""
    effects = [*least, *_marks(tried), *(replace(each.effect, availability={}, arrival={})
                                         for each in tried)]  # fmt: skip
    built = {each.dial: each.built for each in known.ranged if each.dial is not None}
    largest = {
        each.dial: each.low if each.kind is Kind.FILLS else each.high
        for each in known.ranged
        if each.dial is not None
    }
    own = sets(set_to(case.tables, built), effects, _aimed(case, options, built))
    wide = sets(set_to(case.tables, largest), effects, _aimed(case, options, largest))
    return rebounded(model(formulation(own)), _roomy(own, wide))


def _marks(tried: Sequence[Tried]) -> Iterator[Effect]:
    """Yield effects that do nothing but tell apart what a measure is aimed at, and what not."""
    all_of_it = np.ones(1)
    seen: set[Hashable] = set()
    for each in tried:
        for number in range(len(each.measures)):
            goods = tuple(t for t, n in each.hits.items() if not isinstance(t, str) and number in n)
            if goods and goods not in seen:
                seen.add(goods)
                yield Effect(arrival=dict.fromkeys(goods, all_of_it))


def _aimed(case: Case, options: Options, chosen: Mapping[Dial, float]) -> Options:
    """Return options in which targets stand at chosen values."""
    drawn = {
        system: chosen[Dial("target", system)]
        for system in case.tables.systems
        if Dial("target", system) in chosen
    }
    return replace(options, targets={**(options.targets or {}), **drawn})


def _roomy(own: Sets, wide: Sets) -> Sets:
    """Return sets that leave room for what the largest figures could use."""
    one, other = own.scale, wide.scale
    most = {
        item: max(size, other.most[item] * other.need[item] / one.need[item])
        for item, size in one.most.items()
    }
    return replace(own, scale=replace(one, most=most))
