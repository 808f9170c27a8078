"""One scenario over the months: what is carried out, what it is set against, how long rates hold.

Convention: the reference is the dataset as it stands, or under a scenario that has long been in
force. It grows and adapts by the same calendar as what is tried, from the month of its first
measure, and never draws on its stocks, so without growth each of its months is the steady state.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property, partial
from math import nan
from typing import NamedTuple, TypeVar

from analyzer.network.case import Case
from analyzer.network.effect import Corner, Effect, Shares, Timing, effect, first_month
from analyzer.programme.arrays import Model, Vector, model, rebounded
from analyzer.programme.canon import published
from analyzer.programme.evened import evened
from analyzer.programme.flow import Options, formulation, sets
from analyzer.programme.highs import Basis
from analyzer.programme.merge import Classes, classes
from analyzer.programme.months import Opening
from analyzer.programme.recover import GoodFlows, by_good, opening
from analyzer.programme.rolling import Course, Planner, foreseen
from analyzer.programme.solution import Solution
from analyzer.programme.survival import Survival, survival
from analyzer.study.cores import Task, on_all_cores
from analyzer.study.solve import bench
from analyzer.study.tries import on_top
from scenarios.schema import Scenario

DRAWN = Timing(drawn=True)
K = TypeVar("K")
T = TypeVar("T")


class Foresight(StrEnum):
    """What a planner knows of the months to come."""

    ROLLING = "rolling"
    PERFECT = "perfect"


class NoBaselineError(RuntimeError):
    """The steady state could not be certified, so that nothing can be set against it."""


@dataclass(frozen=True)
class Start:
    """What all scenarios of a run begin with.

    Attributes
    ----------
    case : Case
        The dataset.
    options : Options
        How the run weighs and limits.
    months : int
        How many months are looked at.
    foresight : Foresight
        What planners know.
    steady : Solution
        The steady state with its published plan.
    given : Scenario or None
        What is in force before month 1 and stays so (`settled`); what is tried comes on top.
    lift : bool
        Whether a measure may leave more than the baseline has.
    """

    case: Case
    options: Options
    months: int
    foresight: Foresight
    steady: Solution
    given: Scenario | None = None
    lift: bool = False
    _references: dict[int, Course] = field(default_factory=dict)
    _plain: dict[Timing, Course] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @cached_property
    def flows(self) -> GoodFlows:
        """The published flows of the steady state, by good."""
        return by_good(self.steady)

    @cached_property
    def opening(self) -> Opening:
        """What the months before the first carry over."""
        return opening(self.flows)

    @cached_property
    def rates(self) -> Mapping[str, float]:
        """What each system reaches in the steady state, as a share of its target."""
        found = self.steady.systems()
        return dict(zip(found["system"], found["share"].astype(float), strict=True))

    @cached_property
    def use(self) -> Mapping[str, float]:
        """Units of each component, or of each system, used up a month in the steady state."""
        requirement = self.steady.model.sets.requirement
        used: dict[str, float] = defaultdict(float)
        for (variable, what), value in self.flows.items():
            if variable == "fill":
                row = requirement[str(what[1])]
                used[row.component] += value * row.quantity
            elif variable == "fielded":
                used[str(what[0])] += value
        return used

    @property
    def share(self) -> float:
        """The steady state's capacity as a share of Σ w · target, at most 1; 1 if it is none."""
        capacity = self.steady.capacity or 0.0
        return min(capacity / self.steady.model.sets.scale.worth, 1.0) or 1.0

    def reference(self, first: int) -> Course:
        """Return the course without measures that adapts from a month on."""
        with self._lock:
            if first not in self._references:
                timing = Timing(self.months, adapts_from=first, reserved=self.months)
                below = self.below(timing)
                found = self.programme((below,), timing)
                self._references[first] = foreseen(found, below, share=self.share)
            return self._references[first]

    def below(self, timing: Timing) -> Effect:
        """Return what is left before anything is tried."""
        return _below(self.case, self.given, timing, lift=self.lift)

    def effect(self, scenario: Scenario, timing: Timing, corner: Corner = Corner.CENTRAL) -> Effect:
        """Return what a scenario leaves on top of what is in force."""
        whole = on_top(self.given, scenario)
        tables, known = self.case.tables, self.case.aims
        return effect(tables, whole, timing=timing, corner=corner, lift=self.lift, known=known)

    def programme(self, effects: Sequence[Effect], timing: Timing) -> Model:
        """Return the programme over months, or over one stretch, for some effects."""
        options = replace(self.options, timing=timing)
        before = None if timing.months is None else self.opening
        return model(formulation(sets(self.case.tables, effects, options, opening=before)))

    def opened(self, effects: Sequence[Effect], timing: Timing) -> tuple[Model, Basis | None]:
        """Return the programme over months for some effects, and where to start on it, if known.

        Those that tell no more goods apart than the dataset's own places do, and delay nothing,
        share one programme, and start where the best that can be done without measures ended.
        """
        options = replace(self.options, timing=timing)
        found = sets(self.case.tables, effects, options, opening=self.opening)
        if found.delays or found.classes != self._coarsest(timing):
            return model(formulation(found)), None
        plain = self._without(timing)
        return rebounded(plain.model, found), plain.basis

    def _coarsest(self, timing: Timing) -> Classes:
        return classes(self.case.tables, (self.below(timing),), merge=self.options.merge)

    def _without(self, timing: Timing) -> Course:
        with self._lock:
            if timing not in self._plain:
                below = self.below(timing)
                found = self.programme((below,), timing)
                self._plain[timing] = foreseen(found, below, share=self.share)
            return self._plain[timing]

    @cached_property
    def drawn(self) -> Model:
        """The programme over one stretch of time for whatever is cut without regard to brands."""
        return self.programme((self.below(DRAWN),), DRAWN)

    def survival(
        self, found: Model, cut: Effect, more: Mapping[str, float] | None = None
    ) -> Survival:
        """Return how long every system keeps its steady rate under a cut."""
        return survival(found, cut, rates=self.rates, longest=float(self.months), more=more)


@dataclass(frozen=True)
class Courses:
    """What a scenario does over the months.

    Attributes
    ----------
    scenario : Scenario
        The scenario.
    first : int
        Month of its first measure.
    central, weakest, strongest : Course
        What is carried out in the middle and at the ends of the ranges of its cuts and leaks.
    reference : Course
        What it is set against.
    survival : Survival
        How long every system keeps its rate under the full cut.
    gains : mapping of component to float
        Months of survival that one more month of its use in stock would bring, where any; NaN
        where that is not certified.
    even : array of float or None
        The central course as it is drawn (`analyzer.programme.evened`); None unless asked for.
    """

    scenario: Scenario
    first: int
    central: Course
    weakest: Course
    strongest: Course
    reference: Course
    survival: Survival
    gains: Mapping[str, float]
    even: Vector | None

    @property
    def certified(self) -> bool:
        """Whether all its numbers may be shown."""
        found = (self.central, self.weakest, self.strongest, self.reference, self.survival)
        return all(each.certified for each in found)


def start(
    case: Case,
    *,
    options: Options,
    months: int,
    foresight: Foresight,
    given: Scenario | None = None,
    lift: bool = False,
) -> Start:
    """Return what all scenarios of a run begin with; see `Start` for the parameters.

    Raises
    ------
    NoBaselineError
        If the steady state is not certified.
    """
    below = None if given is None else settled(given)
    left = _below(case, below, options.timing, lift=lift)
    table = bench(case, (left,), options=options)
    steady = published(table.solved(left))
    if not steady.certified:
        msg = "the steady state is not certified, so that no month can be set against it"
        raise NoBaselineError(msg)
    return Start(
        case=case,
        options=options,
        months=months,
        foresight=foresight,
        steady=steady,
        given=below,
        lift=lift,
    )


def settled(scenario: Scenario) -> Scenario:
    """Return a scenario that has long been in force, in full and for good.

    What its measures once delayed has long arrived: a steady flow does not feel it.
    """
    changed = {
        "from_month": 1,
        "phase_in_months": 0,
        "until_month": None,
        "fade_months": None,
        "delay_months": 0,
    }
    measures = tuple(measure.model_copy(update=changed) for measure in scenario.measures)
    return scenario.model_copy(update={"measures": measures})


def _below(case: Case, given: Scenario | None, timing: Timing, *, lift: bool) -> Effect:
    if given is None:
        return Effect(timing)
    return effect(case.tables, given, timing=timing, lift=lift, known=case.aims)


def courses(
    begun: Start, scenario: Scenario, *, alone: bool = True, drawn: bool = False
) -> Courses:
    """Return what a scenario does over the months.

    Parameters
    ----------
    begun : Start
        What all scenarios of the run begin with.
    scenario : Scenario
        The scenario.
    alone : bool
        Whether no other is worked on at the same time, so that its own courses may be.
    drawn : bool
        Whether its months will be drawn.
    """
    first = first_month(scenario)
    timing = Timing(begun.months, adapts_from=first, reserved=first - 1)
    central, weakest, strongest = (
        begun.effect(scenario, timing, corner)
        for corner in (Corner.CENTRAL, Corner.WEAKEST, Corner.STRONGEST)
    )
    over_months, near = begun.opened((central, weakest, strongest), timing)
    knows = begun.foresight is Foresight.PERFECT
    plans = partial(Planner, over_months, knows=knows, share=begun.share)
    middle = plans(central, near=near)
    at_once = on_all_cores if alone else _one_by_one
    first_tasks: list[Task[Basis | _Fixed | None]] = [
        (middle.begins, (), {}),
        (_fixed, (begun, scenario, first), {}),
    ]
    (fixed,) = (each for each in at_once(first_tasks) if isinstance(each, _Fixed))
    low, high = (
        middle if _same(central, each) else plans(each, near=middle.begins())
        for each in (weakest, strongest)
    )
    # the longest first: the middle has its first plan already, but is drawn if any is
    planners = tuple(dict.fromkeys((middle, low, high) if drawn else (low, high, middle)))
    tasks: list[Task[_Planned]] = [
        (_planned, (each,), {"drawn": drawn and each is middle}) for each in planners
    ]
    planned = dict(zip(planners, at_once(tasks), strict=True))
    return Courses(
        scenario=scenario,
        first=first,
        central=planned[middle].course,
        weakest=planned[low].course,
        strongest=planned[high].course,
        even=planned[middle].even,
        **fixed._asdict(),
    )


class _Planned(NamedTuple):
    """A course, and how it is drawn if it is."""

    course: Course
    even: Vector | None


def _planned(planner: Planner, *, drawn: bool) -> _Planned:
    course = planner.course()
    return _Planned(course, evened(course) if drawn else None)


def _one_by_one(tasks: Iterable[Task[T]]) -> list[T]:
    return [carry(*given, **more) for carry, given, more in tasks]


class _Fixed(NamedTuple):
    """What of a scenario over the months does not follow from its courses."""

    reference: Course
    survival: Survival
    gains: Mapping[str, float]


def _fixed(begun: Start, scenario: Scenario, first: int) -> _Fixed:
    full = begun.effect(scenario, DRAWN)
    drawn = begun.programme((full,), DRAWN)
    survives = begun.survival(drawn, full)
    return _Fixed(begun.reference(first), survives, _gains(begun, drawn, full, survives))


def _same(one: Effect, other: Effect) -> bool:
    return _equal(one.availability, other.availability) and _equal(one.arrival, other.arrival)


def _equal(one: Mapping[K, Shares], other: Mapping[K, Shares]) -> bool:
    return one.keys() == other.keys() and all((one[key] == other[key]).all() for key in one)


def _gains(begun: Start, drawn: Model, full: Effect, found: Survival) -> dict[str, float]:
    """Return what one more month of each stock would bring, by solving again."""
    if found.at_least or not found.certified:
        return {}
    gains = {}
    for component, held in _in_stock(begun).items():
        worth = (value for (_, k), value in found.worth.items() if k.item == component)
        if max(worth, default=0.0) > 0 and held > 0:
            more = begun.survival(drawn, full, {component: 1 + begun.use[component] / held})
            if not more.certified:
                gains[component] = nan
            elif more.months > found.months:
                gains[component] = more.months - found.months
    return gains


def _in_stock(begun: Start) -> dict[str, float]:
    """Return the stock of each component in units, all places together; unknown ones left out."""
    found: dict[str, float] = defaultdict(float)
    for row in begun.case.tables.stocks:
        found[row.component] += row.quantity or 0.0
    return found
