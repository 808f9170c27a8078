"""One scenario, examined: everything that is solved to say what it does and how sure that is.

Convention: capacities are certified scaling capacities in the units of the weighting, None where
none could be certified.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import nan
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analyzer.network.case import Case
from analyzer.network.effect import Corner, Effect
from analyzer.programme.canon import SLACK, published
from analyzer.programme.choice import first_choice_share
from analyzer.programme.flow import Column, Options
from analyzer.programme.merge import Classes, GoodClass
from analyzer.programme.recover import GoodFlows
from analyzer.programme.solution import Solution
from analyzer.study.pillars import Standing, binds, standings
from analyzer.study.prices import COLUMNS, prices
from analyzer.study.solve import Bench, Tally, bench, effect_in, gathered
from scenarios.schema import Measure, Scenario
from supply_data.schema import Pillar, Weighting

if TYPE_CHECKING:
    from analyzer.network.goods import Good


@dataclass(frozen=True)
class Effects:
    """What is tried for one scenario.

    Attributes
    ----------
    scenario : Scenario
        The scenario; what it leaves is ``central``.
    weakest, central, strongest : Effect
        At the ends and in the middle of the ranges of cuts, coverages and leaks.
    only, without : dict of measure id to Effect
        Each measure alone, and the scenario without it; empty if it has one measure.
    """

    scenario: Scenario
    weakest: Effect
    central: Effect
    strongest: Effect
    only: dict[str, Effect]
    without: dict[str, Effect]

    def all(self) -> tuple[Effect, ...]:
        """Return every effect, for building a programme that can take them all."""
        ends = (self.central, self.weakest, self.strongest)
        return (*ends, *self.only.values(), *self.without.values())


@dataclass(frozen=True)
class MeasureEffect:
    """What one measure does in a scenario.

    Attributes
    ----------
    measure : Measure
        The measure.
    effect : str
        ``bites``, ``slack``, ``needs_budget``, ``needs_horizon``, ``not_modelled``; or
        ``uncertified``.
    returns : float
        Share of the baseline's capacity that returns if it alone is lifted; NaN if unknown.
    note : str
        Why, where it does not bite.
    """

    measure: Measure
    effect: str
    returns: float
    note: str


@dataclass(frozen=True)
class Outcome:
    """What a scenario does.

    Attributes
    ----------
    effects : Effects or None
        What was tried; None for the baseline.
    solution : Solution
        With the published plan.
    at_once : float or None
        Capacity if no flow exceeds its published value in the baseline.
    weakest, strongest : float or None
        Capacity at the ends of the ranges.
    prices : pandas.DataFrame
        Every limit with a price (`analyzer.study.prices`).
    standings : dict of Pillar to Standing, or None
        How each pillar stands; None if not certified.
    binds : str or None
        The pillar that binds, ``joint``, or None.
    measures : tuple of MeasureEffect
        What each measure does.
    first_choice : dict of str to float
        Largest share of output with its first choice, by tracked slot.
    otherwise : dict of Weighting to (float or None)
        Capacity under each weighting.
    tally : Tally
        What was solved.
    """

    effects: Effects | None
    solution: Solution
    at_once: float | None
    weakest: float | None
    strongest: float | None
    prices: pd.DataFrame
    standings: dict[Pillar, Standing] | None
    binds: str | None
    measures: tuple[MeasureEffect, ...]
    first_choice: dict[str, float]
    otherwise: dict[Weighting, float | None]
    tally: Tally

    @property
    def capacity(self) -> float | None:
        """Certified scaling capacity."""
        return self.solution.capacity


def effects_of(
    case: Case, scenarios: Sequence[Scenario], *, options: Options, lift: bool = False
) -> list[Effects]:
    """Return what is to be tried for each scenario.

    Raises
    ------
    BadScenarioError
        With the faults of all scenarios.
    """
    return gathered(
        partial(_effects, case, scenario, options=options, lift=lift) for scenario in scenarios
    )


def _effects(case: Case, scenario: Scenario, *, options: Options, lift: bool) -> Effects:
    def made(kept: Scenario, corner: Corner = Corner.CENTRAL) -> Effect:
        return effect_in(case, kept, options=options, corner=corner, lift=lift)

    parts = scenario.measures if len(scenario.measures) > 1 else ()
    return Effects(
        scenario=scenario,
        weakest=made(scenario, Corner.WEAKEST),
        central=made(scenario),
        strongest=made(scenario, Corner.STRONGEST),
        only={measure.id: made(_with(scenario, (measure,))) for measure in parts},
        without={
            measure.id: made(_with(scenario, tuple(m for m in parts if m is not measure)))
            for measure in parts
        },
    )


def _with(scenario: Scenario, measures: tuple[Measure, ...]) -> Scenario:
    return scenario.model_copy(update={"measures": measures})


def baseline(case: Case, *, options: Options) -> Outcome:
    """Return the network without any scenario, examined."""
    table = bench(case, (), options=options)
    return _examined(table, None, reference=None)


def outcome(
    case: Case, effects: Effects, *, reference: Outcome, flows: GoodFlows, options: Options
) -> Outcome:
    """Return one scenario, examined.

    Parameters
    ----------
    case : Case
        The dataset.
    effects : Effects
        What is to be tried.
    reference : Outcome
        The baseline, certified or not.
    flows : mapping
        Published flows of the baseline by good (`analyzer.programme.recover.by_good`).
    options : Options
        How the run weighs and limits.
    """
    table = bench(case, effects.all(), options=options)
    found = _examined(table, effects, reference=reference)
    if not found.solution.certified or reference.capacity is None:
        return found
    return replace(
        found,
        at_once=_at_once(table, found.solution, flows),
        weakest=table.capacity(effects.weakest),
        strongest=table.capacity(effects.strongest),
        measures=tuple(_measures(table, effects, capacity=found.capacity, base=reference.capacity)),
    )


def _examined(table: Bench, effects: Effects | None, *, reference: Outcome | None) -> Outcome:
    central = None if effects is None else effects.central
    found = published(table.solved(central))
    base = found.capacity if reference is None else reference.capacity
    priced = found.certified and bool(base) and table.model.sets.steady
    stands = None
    if central is not None and found.certified:
        stands = standings(table.case.tables, central, capacity=table.capacity)
    return Outcome(
        effects=effects,
        solution=found,
        at_once=found.capacity if effects is None else None,
        weakest=found.capacity if effects is None else None,
        strongest=found.capacity if effects is None else None,
        prices=prices(found, base=base) if priced and base else pd.DataFrame(columns=[*COLUMNS]),
        standings=stands,
        binds=None if stands is None else binds(stands, same=table.same),
        measures=(),
        first_choice=first_choice_share(found),
        otherwise=_otherwise(table, found),
        tally=table.tally,
    )


def _otherwise(table: Bench, found: Solution) -> dict[Weighting, float | None]:
    """Return the capacity under each weighting."""
    own = table.options.weighting or table.case.tables.settings.weighting
    return {
        weighting: found.capacity
        if weighting is own
        else table.capacity(found.effect, weighting=weighting)
        for weighting in Weighting
    }


def _at_once(table: Bench, found: Solution, flows: GoodFlows) -> float | None:
    """Return the capacity if nobody re-plans: no flow above its value in the baseline."""
    columns = table.model.formulation.instance.columns
    before = np.array([_before(column, flows, table.model.sets.classes) for column in columns])
    programme = table.model.under(found.effect)
    held = replace(programme, high=np.minimum(programme.high, before + SLACK))
    return table.capacity_of(held)


def _before(column: Column, flows: GoodFlows, classes: Classes) -> float:
    outer = tuple(part for part in column.what if isinstance(part, str))
    merged = [part for part in column.what if isinstance(part, GoodClass)]
    keys: list[tuple[str | Good, ...]] = [
        (*outer, good) for k in merged for good in classes.members[k]
    ]
    whole = sum(flows.get((column.variable, key), 0.0) for key in keys)
    return (whole if merged else flows.get((column.variable, outer), 0.0)) / column.unit


def _measures(
    table: Bench, effects: Effects, *, capacity: float | None, base: float
) -> Iterator[MeasureEffect]:
    for measure in effects.scenario.measures:
        replaced = effects.central.replaced.get(measure.id)
        if measure.not_modelled is not None:
            yield MeasureEffect(measure, "not_modelled", 0.0, measure.not_modelled)
        elif replaced is not None:
            note = f"gives way to {replaced} in this scenario"
            yield MeasureEffect(measure, "not_modelled", 0.0, note)
        else:
            only, without = effects.only.get(measure.id), effects.without.get(measure.id)
            alone = capacity if only is None else table.capacity(only)
            lifted = base if without is None else table.capacity(without)
            yield _bites(table, measure, base=base, known=(capacity, alone, lifted))


def _bites(
    table: Bench, measure: Measure, *, base: float, known: tuple[float | None, ...]
) -> MeasureEffect:
    capacity, alone, lifted = known
    if capacity is None or alone is None or lifted is None:
        return MeasureEffect(measure, "uncertified", nan, "")
    if not table.same(capacity, lifted) or not table.same(alone, base):
        return MeasureEffect(measure, "bites", max(lifted - capacity, 0.0) / base, "")
    if measure.markup and table.model.sets.budget_usd_per_month is None:
        return MeasureEffect(measure, "needs_budget", 0.0, "a mark-up bites only under a budget")
    if measure.delay_months and table.model.sets.steady:
        return MeasureEffect(measure, "needs_horizon", 0.0, "a delay bites only over time")
    return MeasureEffect(measure, "slack", 0.0, "room elsewhere absorbs it")
