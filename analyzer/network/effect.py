"""What a scenario does to a network: availability of elements, arrival rates of goods on lanes.

Convention: shares per period, an array of length ``periods``; whatever is not listed is 1. In the
steady state there is one period and every measure is in full effect, unfaded.

The rule (design of the model, section 4): a measure of coverage c, cut k and leak q has the effect
``e = c · k · (1 - q)``; the baseline's figures contain ``e0``, the same with the baseline's leak;
what remains is ``Π (1 - e) / (1 - e0)`` over the measures that match. Each ratio is held at 1 or
below unless lifting is asked for, so that no measure of a scenario can undo another.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TypeVar

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from analyzer.network.aim import Aim, aim
from analyzer.network.goods import Good
from scenarios.schema import BadScenarioError, Measure, Scenario, ScenarioFault, Selector, Uncertain
from supply_data.schema import Lane, Tables

Shares = NDArray[np.float64]
Target = str | tuple[str, Good]
K = TypeVar("K")


class Corner(StrEnum):
    """Where in the ranges of cuts, coverages and leaks: what leaves most, the middle, or least."""

    WEAKEST = "weakest"
    CENTRAL = "central"
    STRONGEST = "strongest"


@dataclass(frozen=True)
class Timing:
    """How time counts.

    Attributes
    ----------
    months : int or None
        Number of monthly periods; None is the steady state: one period, measures in full effect.
    adapts_from : int
        Month from which leads, growth and adoption count: that of the first measure.
    reserved : int
        Through which month stocks are held at or above their initial quantity.
    drawn : bool
        Whether stocks count although months do not: one stretch of time, however long.
    """

    months: int | None = None
    adapts_from: int = 1
    reserved: int = 0
    drawn: bool = False

    @property
    def periods(self) -> int:
        """Number of periods."""
        return 1 if self.months is None else self.months


STEADY = Timing()


@dataclass(frozen=True)
class Effect:
    """What remains under a scenario.

    Attributes
    ----------
    timing : Timing
        The periods that the arrays count.
    availability : mapping of element id to Shares
        Share of the element's capacity that remains, by period.
    arrival : mapping of (element id of a lane, Good) to Shares
        Share of what is sent of the good on the lane that still arrives, by period.
    markup : mapping of element id, or of (element id of a lane, Good), to float
        Share added to the price; counts under a budget.
    delay : mapping of element id, or of (element id of a lane, Good), to Shares
        Months added to the way of what departs in a period; over time only.
    aims : mapping of measure id to Aim
        What each measure that counts is aimed at.
    replaced : mapping of measure id to measure id
        Measures that give way to one that amends or supersedes them.
    """

    timing: Timing = STEADY
    availability: Mapping[str, Shares] = field(default_factory=dict)
    arrival: Mapping[tuple[str, Good], Shares] = field(default_factory=dict)
    markup: Mapping[Target, float] = field(default_factory=dict)
    delay: Mapping[Target, Shares] = field(default_factory=dict)
    aims: Mapping[str, Aim] = field(default_factory=dict)
    replaced: Mapping[str, str] = field(default_factory=dict)

    def leaves_as(self, other: "Effect") -> bool:
        """Tell whether it leaves of everything what another leaves.

        Examples
        --------
        >>> cut = Effect(availability={"supply:mine": np.array([0.5])})
        >>> cut.leaves_as(Effect(availability={"supply:mine": np.array([0.5])}))
        True
        >>> cut.leaves_as(Effect())
        False
        """
        return (
            self.timing == other.timing
            and self.markup == other.markup
            and _alike(self.availability, other.availability)
            and _alike(self.arrival, other.arrival)
            and _alike(self.delay, other.delay)
        )


def _alike(one: Mapping[K, Shares], other: Mapping[K, Shares]) -> bool:
    return one.keys() == other.keys() and all(
        shares is other[key] or bool((shares == other[key]).all()) for key, shares in one.items()
    )


def effect(
    tables: Tables,
    scenario: Scenario,
    *,
    timing: Timing = STEADY,
    corner: Corner = Corner.CENTRAL,
    lift: bool = False,
    known: dict[Selector, Aim] | None = None,
) -> Effect:
    """Return what remains of a network under a scenario.

    Parameters
    ----------
    tables : Tables
        The dataset.
    scenario : Scenario
        Measures; one that another of the same scenario amends or supersedes gives way to it.
    timing : Timing
        Steady state or months.
    corner : Corner
        Which end of the ranges to take.
    lift : bool
        Whether a measure may leave more than the baseline has.
    known : dict of Selector to Aim, optional
        What was found for this dataset before; new finds are added.

    Raises
    ------
    BadScenarioError
        With all faults: two measures of one name, measures that replace each other, names that
        exist nowhere, measures that match nothing, partial cuts of supplies, plants or stocks
        whose figure is unknown, and liftings by which goods would multiply on a ring of lanes.
    """
    replaced = _replaced(scenario)
    _refuse_muddled(scenario, replaced)
    acting = counted(scenario)
    aims = _aims(tables, acting, file=scenario.file, known={} if known is None else known)
    availability: dict[str, Shares] = {}
    arrival: dict[tuple[str, Good], Shares] = {}
    markup: dict[Target, float] = {}
    delay: dict[Target, Shares] = {}
    for measure in acting:
        kept = remaining(measure, timing=timing, corner=corner, lift=lift)
        aimed = aims[measure.id]
        targets: tuple[Target, ...] = (*aimed.elements, *aimed.goods)
        if (kept != 1).any():
            _multiply(availability, aimed.elements, kept)
            _multiply(arrival, aimed.goods, kept)
        if measure.markup:
            markup.update({t: markup.get(t, 0.0) + measure.markup for t in targets})
        if (later := added_delay(measure, timing=timing)).any():
            delay.update({t: delay[t] + later if t in delay else later for t in targets})
    _refuse_unknown(tables, availability, file=scenario.file)
    _refuse_rings(tables, arrival, file=scenario.file)
    return Effect(
        timing=timing,
        availability=_changed(availability),
        arrival=_changed(arrival),
        markup=markup,
        delay=delay,
        aims=aims,
        replaced=replaced,
    )


def first_month(scenario: Scenario) -> int:
    """Return the month of the first measure that counts; 1 if none does.

    Examples
    --------
    >>> late = Measure.model_validate(
    ...     {"id": "m", "where": {"table": "lanes"}, "cut": 1, "from_month": 7}
    ... )
    >>> first_month(Scenario(id="late", measures=(late,)))
    7
    """
    return min((measure.from_month for measure in counted(scenario)), default=1)


def counted(scenario: Scenario) -> tuple[Measure, ...]:
    """Return the measures of a scenario that act: none replaces them, and they can be expressed."""
    replaced = _replaced(scenario)
    return tuple(m for m in scenario.measures if m.id not in replaced and m.not_modelled is None)


def as_seen(effect: Effect, month: int) -> Effect:
    """Return an effect as it looks in a month to who takes that month as permanent.

    Examples
    --------
    >>> fading = Effect(Timing(3), availability={"supply:mine": np.array([0.2, 0.5, 0.8])})
    >>> as_seen(fading, 2).availability["supply:mine"].tolist()
    [0.2, 0.5, 0.5]
    """

    def held(shares: Shares) -> Shares:
        return shares[np.minimum(np.arange(len(shares)), month - 1)]

    return replace(
        effect,
        availability={target: held(shares) for target, shares in effect.availability.items()},
        arrival={target: held(shares) for target, shares in effect.arrival.items()},
        delay={target: held(months) for target, months in effect.delay.items()},
    )


def remaining(
    measure: Measure,
    *,
    timing: Timing = STEADY,
    corner: Corner = Corner.CENTRAL,
    lift: bool = False,
) -> Shares:
    """Return the share that one measure leaves of what it is aimed at, by period.

    Examples
    --------
    >>> measure = Measure.model_validate(
    ...     {"id": "m", "where": {"table": "lanes"}, "cut": 0.6, "coverage": 0.7, "leak": 0.2}
    ... )
    >>> remaining(measure).round(3).tolist()
    [0.664]
    """
    if measure.cut is None:
        return np.ones(timing.periods)
    now = intensity(measure, timing=timing)
    ways = [
        _ratio(aimed * (1 - leak) * now, aimed * (1 - measure.baseline_leak))
        for aimed, leak in _figures(measure.cut, measure.coverage, measure.leak, corner)
    ]
    end = np.maximum if corner is Corner.WEAKEST else np.minimum
    kept: Shares = end.reduce(ways)
    return kept if lift else np.minimum(kept, 1.0)


def _ratio(now: Shares, before: float) -> Shares:
    return (1 - now) / (1 - before)


def _figures(
    cut: Uncertain, coverage: Uncertain, leak: Uncertain, corner: Corner
) -> tuple[tuple[float, float], ...]:
    # what is lifted grows with what was aimed at, so either end of a range can leave most
    if corner is Corner.CENTRAL:
        return ((cut.central * coverage.central, leak.central),)
    end = leak.high if corner is Corner.WEAKEST else leak.low
    return (cut.low * coverage.low, end), (cut.high * coverage.high, end)


def intensity(measure: Measure, *, timing: Timing) -> Shares:
    """Return how far a measure is in effect, by period: phase-in, fading and end.

    In month t from ``from_month`` f with phase-in p and fading h: ``min(1, (t - f + 1) / p)``
    while it rises; once full, in month f + p - 1, it fades by ``0.5 ** ((t - f - p + 1) / h)``,
    p at least 1; 0 before f and after ``until_month``.
    """
    if timing.months is None:
        return np.ones(1)
    month = np.arange(1, timing.months + 1, dtype=np.float64)
    age = month - measure.from_month
    rise = np.minimum(1.0, (age + 1) / max(measure.phase_in_months, 1.0))
    level = np.where(age >= 0, rise, 0.0)
    if measure.fade_months is not None:
        full_at = max(measure.phase_in_months - 1.0, 0.0)
        level = level * 0.5 ** (np.maximum(age - full_at, 0.0) / measure.fade_months)
    last = np.inf if measure.until_month is None else measure.until_month
    return np.where(month <= last, level, 0.0)


def added_delay(measure: Measure, *, timing: Timing) -> Shares:
    """Return the months that a measure adds to the way of what departs, by period.

    It adds ``delay_months`` from its first month to its last, whatever its phase-in. With ``once``
    it makes one gap: what departs during the gap arrives at its end, and nothing is late after it.
    In the steady state nothing is ever late.

    Examples
    --------
    >>> measure = Measure.model_validate(
    ...     {"id": "m", "where": {"table": "lanes"}, "cut": 0, "delay_months": 2, "from_month": 2}
    ... )
    >>> added_delay(measure, timing=Timing(5)).tolist()
    [0.0, 2.0, 2.0, 2.0, 2.0]
    >>> added_delay(measure.model_copy(update={"once": True}), timing=Timing(5)).tolist()
    [0.0, 2.0, 1.0, 0.0, 0.0]
    """
    if timing.months is None:
        return np.zeros(1)
    month = np.arange(1, timing.months + 1, dtype=np.float64)
    age = month - measure.from_month
    last = np.inf if measure.until_month is None else measure.until_month
    waits = measure.delay_months - (age if measure.once else 0 * age)
    return np.where((age >= 0) & (month <= last), np.maximum(waits, 0.0), 0.0)


def _replaced(scenario: Scenario) -> dict[str, str]:
    present = {measure.id for measure in scenario.measures}
    return {
        old: measure.id
        for measure in scenario.measures
        for old in (measure.amends, measure.supersedes)
        if old in present and measure.not_modelled is None
    }


def _refuse_muddled(scenario: Scenario, replaced: Mapping[str, str]) -> None:
    names = Counter(measure.id for measure in scenario.measures)
    rules = {name: "two measures have this name" for name, times in names.items() if times > 1}
    for name in replaced:
        heirs = {name}
        heir = replaced[name]
        while heir in replaced and heir not in heirs:
            heirs.add(heir)
            heir = replaced[heir]
        if heir == name:
            rules[name] = "measures replace each other in a circle, so that none would act"
    remedy = "keep one of them"
    faults = (
        ScenarioFault(scenario.file, None, "measures", name, rule, remedy)
        for name, rule in rules.items()
    )
    if rules:
        raise BadScenarioError(tuple(faults))


def _aims(
    tables: Tables, measures: Sequence[Measure], *, file: str, known: dict[Selector, Aim]
) -> dict[str, Aim]:
    aims: dict[str, Aim] = {}
    faults: list[ScenarioFault] = []
    for measure in measures:
        try:
            aims[measure.id] = _aim(tables, measure, file=file, known=known)
        except BadScenarioError as error:
            faults += error.faults
    if faults:
        raise BadScenarioError(tuple(faults))
    return aims


def _aim(tables: Tables, measure: Measure, *, file: str, known: dict[Selector, Aim]) -> Aim:
    if measure.where is None:
        return aim(tables, measure, file=file)
    if measure.where not in known:
        known[measure.where] = aim(tables, measure, file=file)
    return known[measure.where]


def _multiply(shares: dict[K, Shares], targets: Iterable[K], kept: Shares) -> None:
    products: dict[int, tuple[Shares, Shares]] = {}  # with their factors, whose ids are theirs then
    for target in targets:
        known = shares.get(target)
        if known is not None and id(known) not in products:
            products[id(known)] = known, known * kept
        shares[target] = kept if known is None else products[id(known)][1]


def _changed(kept: dict[K, Shares]) -> dict[K, Shares]:
    changed = arrays_that(kept.values(), lambda shares: bool((shares != 1).any()))
    return {key: shares for key, shares in kept.items() if id(shares) in changed}


def arrays_that(shares: Iterable[Shares], test: Callable[[Shares], bool]) -> frozenset[int]:
    """Return the ids of the arrays that pass a test; a cut's many targets share one array."""
    distinct = {id(each): each for each in shares}
    return frozenset(number for number, each in distinct.items() if test(each))


def _refuse_unknown(tables: Tables, availability: Mapping[str, Shares], *, file: str) -> None:
    unknown = {
        **{r.element: r.line for r in tables.supplies.values() if r.capacity_per_month is None},
        **{r.element: r.line for r in tables.plants.values() if r.capacity_per_month is None},
        **{r.element: r.line for r in tables.stocks if r.quantity is None},
    }
    faults = [
        ScenarioFault(
            file=file,
            line=None,
            column="where",
            value=element,
            rule="a part of an unknown quantity cannot be cut",
            remedy=f"give the figure in row {unknown[element]} of its table, or cut it in whole",
        )
        for element, shares in availability.items()
        if element in unknown and ((shares > 0) & (shares < 1)).any()
    ]
    if faults:
        raise BadScenarioError(tuple(faults))


def _refuse_rings(tables: Tables, arrival: Mapping[tuple[str, Good], Shares], *, file: str) -> None:
    """Refuse rates above 1, as lifting leaves them, where goods could pass the lane again."""
    lifted = arrays_that(arrival.values(), lambda shares: bool((shares > 1).any()))
    faults = [
        ScenarioFault(
            file=file,
            line=None,
            column="where",
            value=element,
            rule=f"lifted on a ring of lanes, {good.item} would multiply",
            remedy="aim at the last lanes only, or lift the cut on the supplies",
        )
        for (element, good), shares in arrival.items()
        if id(shares) in lifted and _returns(tables, element, tables.category(good.item))
    ]
    if faults:
        raise BadScenarioError(tuple(faults))


def _returns(tables: Tables, element: str, category: str) -> bool:
    legs: nx.DiGraph[str] = nx.DiGraph(
        (row.from_place, row.to_place) for row in tables.lanes.values() if row.takes(category)
    )
    lane = tables.elements[element]
    return isinstance(lane, Lane) and bool(nx.has_path(legs, lane.to_place, lane.from_place))
