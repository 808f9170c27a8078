"""One scenario, examined: everything that is solved to say what it does and how sure that is.

Convention: capacities are certified scaling capacities in the units of the weighting, None where
none could be certified.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from math import isnan, nan
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analyzer.network.case import Case
from analyzer.network.effect import Effect
from analyzer.programme.arrays import Model, Vector
from analyzer.programme.canon import SLACK, published
from analyzer.programme.choice import first_choice_share
from analyzer.programme.flow import Column, Options
from analyzer.programme.merge import Classes
from analyzer.programme.recover import GoodFlows, by_good
from analyzer.programme.solution import Shown, Solution
from analyzer.study.changes import absorbers
from analyzer.study.pillars import Standing, binds, standings
from analyzer.study.prices import COLUMNS, prices
from analyzer.study.solve import Bench, Models, Tally, bench
from analyzer.study.tries import Tries
from scenarios.schema import Measure
from supply_data.schema import Pillar, Weighting

if TYPE_CHECKING:
    from analyzer.network.goods import Good


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
    tries : Tries or None
        What was tried; None for the reference.
    solution : Shown
        What is shown of the solve, with the published plan.
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
    partition : tuple of int
        How its programme tells goods apart: the number of each good's class.
    """

    tries: Tries | None
    solution: Shown
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
    partition: tuple[int, ...]

    @property
    def capacity(self) -> float | None:
        """Certified scaling capacity."""
        return self.solution.capacity


@dataclass(frozen=True)
class Reference:
    """What scenarios are set against: the baseline, or a scenario taken as given.

    Attributes
    ----------
    outcome : Outcome
        The reference, examined.
    solution : Solution
        Its solve, with the published plan.
    flows : mapping
        Its published flows by good; empty if it is not certified.
    """

    outcome: Outcome
    solution: Solution
    flows: GoodFlows
    _before: dict[Classes, Vector] = field(default_factory=dict, compare=False, repr=False)

    def before(self, model: Model) -> Vector:
        """Return its published flows as columns of another programme, in normalised units."""
        known = model.sets.classes
        if known not in self._before:
            columns = model.formulation.instance.columns
            found = [_before(column, self.flows, known) for column in columns]
            self._before[known] = np.array(found)
        return self._before[known]


def reference_outcome(
    case: Case, effect: Effect, *, options: Options, models: Models | None = None
) -> Reference:
    """Return the reference, examined.

    Parameters
    ----------
    case : Case
        The dataset.
    effect : Effect
        What the reference leaves; an empty one is the baseline.
    options : Options
        How the run weighs and limits.
    models : Models, optional
        Programmes that the run has built so far.
    """
    table = bench(case, (effect,), options=options, models=models)
    solved = table.solved(effect)
    solved = published(solved.set_against(solved.capacity))
    found = _examined(table, solved, base=solved.capacity)
    known = solved.certified and table.model.sets.steady
    return Reference(found, solved, by_good(solved) if known else {})


def outcome(
    case: Case,
    tries: Tries,
    *,
    reference: Reference,
    options: Options,
    models: Models | None = None,
) -> Outcome:
    """Return one scenario, examined.

    Parameters
    ----------
    case : Case
        The dataset.
    tries : Tries
        What is to be tried.
    reference : Reference
        What the scenario is set against.
    options : Options
        How the run weighs and limits.
    models : Models, optional
        Programmes that the run has built so far.
    """
    base = reference.outcome.capacity
    given = None if base is None else tries.reference
    table = bench(case, tries.all(), options=options, base=base, given=given, models=models)
    if unchanged := given is not None and tries.central.leaves_as(given):
        solved = replace(reference.solution, effect=tries.central)
        found = replace(
            reference.outcome,
            solution=solved.shown,
            tally=table.tally,
            partition=_partition(table.model),
        )
    else:
        solved = published(table.solved(tries.central), near=reference.solution)
        found = _examined(table, solved, base=base)
    if found.capacity is None or base is None:
        return replace(found, tries=tries, at_once=None, weakest=None, strongest=None)
    pillars = standings(case.tables, tries.central, under=tries.reference, capacity=table.capacity)
    return replace(
        found,
        tries=tries,
        at_once=base if unchanged else _at_once(table, solved, reference),
        weakest=table.capacity(tries.weakest),
        strongest=table.capacity(tries.strongest),
        standings=pillars,
        binds=None
        if pillars is None
        else binds(pillars, base=base, capacity=found.capacity, same=table.same),
        measures=tuple(_measures(table, tries, found=found, reference=reference)),
    )


def _examined(table: Bench, found: Solution, *, base: float | None) -> Outcome:
    """Return what can be said of a solve by itself; the rest as if it were the reference."""
    capacity = found.capacity
    priced = bool(capacity is not None and base and table.model.sets.steady)
    return Outcome(
        tries=None,
        solution=found.shown,
        at_once=capacity,
        weakest=capacity,
        strongest=capacity,
        prices=prices(found, base=base) if priced and base else pd.DataFrame(columns=[*COLUMNS]),
        standings=None,
        binds=None,
        measures=(),
        first_choice=first_choice_share(found),
        otherwise=_otherwise(table, found),
        tally=table.tally,
        partition=_partition(found.model),
    )


def _partition(model: Model) -> tuple[int, ...]:
    return tuple(known.number for known in model.sets.classes.of.values())


def _otherwise(table: Bench, found: Solution) -> dict[Weighting, float | None]:
    """Return the capacity under each weighting."""
    known = {table.options.weighting or table.case.tables.settings.weighting: found.capacity}
    for weighting in Weighting:
        if weighting not in known:
            known[weighting] = table.capacity(found.effect, weighting=weighting)
    return {weighting: known[weighting] for weighting in Weighting}


def _at_once(table: Bench, found: Solution, reference: Reference) -> float | None:
    """Return the capacity if nobody re-plans: no flow above its published value in the reference.

    None where the reference has no published plan of its own to hold flows to.
    """
    if not reference.solution.canonical:
        return None
    before = reference.before(table.model)
    held = replace(found.programme, high=np.minimum(found.programme.high, before + SLACK))
    once = table.capacity_of(held)
    return None if once is None or found.capacity is None else min(once, found.capacity)


def _before(column: Column, flows: GoodFlows, classes: Classes) -> float:
    *outer, last = column.what
    goods: tuple[str | Good, ...] = (last,) if isinstance(last, str) else classes.members[last]
    outside = tuple(map(str, outer))
    return sum(flows.get((column.variable, (*outside, g)), 0.0) for g in goods) / column.unit


def _measures(
    table: Bench, tries: Tries, *, found: Outcome, reference: Reference
) -> Iterator[MeasureEffect]:
    base = reference.outcome.capacity
    for measure in tries.scenario.measures:
        replaced = tries.central.replaced.get(measure.id)
        given = tries.given.get(measure.id) == measure
        if measure.not_modelled is not None:
            yield MeasureEffect(measure, "not_modelled", 0.0, measure.not_modelled)
        elif replaced is not None:
            note = f"gives way to {replaced} in this scenario"
            yield MeasureEffect(measure, "not_modelled", 0.0, note)
        elif given:
            yield MeasureEffect(measure, "slack", 0.0, "stands in the reference already")
        else:
            known = (
                found.capacity,
                _capacity(table, tries.only, measure, alone=found.capacity),
                _capacity(table, tries.without, measure, alone=base),
            )
            bites = _bites(table, measure, base=base, known=known)
            yield bites or _idle(table, measure, tries, found=found, reference=reference)


def _capacity(
    table: Bench, parts: Mapping[str, Effect | None], measure: Measure, *, alone: float | None
) -> float | None:
    """Return the capacity of a part of a scenario: NaN where it is refused by itself."""
    if measure.id not in parts:
        return alone
    part = parts[measure.id]
    return nan if part is None else table.capacity(part)


def _bites(
    table: Bench, measure: Measure, *, base: float | None, known: tuple[float | None, ...]
) -> MeasureEffect | None:
    """Return what a measure that bites does; None if it does nothing."""
    capacity, alone, lifted = known
    if capacity is None or alone is None or lifted is None or base is None:
        return MeasureEffect(measure, "uncertified", nan, "")
    if isnan(alone) or isnan(lifted):
        return MeasureEffect(measure, "bites", nan, "cannot be told apart from the others")
    if not base and not lifted:
        return MeasureEffect(measure, "slack", 0.0, "nothing is fielded without it either")
    if not table.same(capacity, lifted) or not table.same(alone, base):
        returns = max(lifted - capacity, 0.0) / base if base else nan
        return MeasureEffect(measure, "bites", returns, "")
    return None


def _idle(
    table: Bench, measure: Measure, tries: Tries, *, found: Outcome, reference: Reference
) -> MeasureEffect:
    """Return why a measure does nothing."""
    if measure.markup and table.model.sets.budget_usd_per_month is None:
        return MeasureEffect(measure, "needs_budget", 0.0, "a mark-up bites only under a budget")
    if measure.delay_months and table.model.sets.steady:
        return MeasureEffect(measure, "needs_horizon", 0.0, "a delay bites only over time")
    if not tries.central.aims[measure.id]:
        return MeasureEffect(measure, "slack", 0.0, "matches nothing in this variant")
    before, after = reference.outcome.solution.flows, found.solution.flows
    taker = absorbers(table.case.tables, tries.central.aims[measure.id], before, after)
    if taker:
        note = f"room elsewhere absorbs it: {', '.join(taker)}"
    else:
        note = "what remains covers what was used"
    return MeasureEffect(measure, "slack", 0.0, note)
