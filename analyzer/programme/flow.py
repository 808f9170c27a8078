r"""The linear programme: which constraints bind what flows, one function a family.

Index sets
----------
s ∈ S systems, t ∈ 1..T periods, j supplies, l lanes, m makers (plants, and the making of systems
without a plant row), k classes of goods (`analyzer.programme.merge`), p places. The steady state
is a mode with one period and no stocks, delays and growth; so is one stretch of time of any length
(`analyzer.network.effect.Timing.drawn`), where stocks count.

Variables, all ≥ 0, in normalised units (`analyzer.programme.scale`)
---------------------------------------------------------------------
=============  =====================================================================
x[s,t]         fielded, as a share of the target, ≤ 1
out[j,t]       output of a supply, in shares of the need of its item
sent[l,k,t]    sent on a lane, in shares of the need of the item
make[m,t]      output of a maker, in shares of the need of its product
fill[m,r,k,t]  output of maker m whose slot is filled by requirement r with goods of class k
fielded[s,k,t] fielded out of class k of the system, as a share of the target
held[p,k,t]    held at the end of the period where the dataset has a stock (over time only)
=============  =====================================================================

Objective: minimise ``Σ_t δ^(t-1) Σ_s 100 · ω_s · (1 - x[s,t])``, the shortfall in percent, with
``ω_s = w_s target_s / Σ w target`` and δ = 0.99 over time (earliest first), 1 in the steady state.

Every row is divided by its largest coefficient. Rows and columns are named by integers, since the
file formats of solvers fold names that differ only in punctuation.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from math import inf, isfinite
from typing import Any, Literal, NamedTuple

import numpy as np
import pulp

from analyzer.network.effect import STEADY, Effect, Shares, Target, Timing
from analyzer.network.goods import Maker, stocked, supplied
from analyzer.network.prune import ROUNDING, Reach, reach, slots
from analyzer.programme.merge import Classes, GoodClass, classes
from analyzer.programme.months import Opening, adopted, grown, parted
from analyzer.programme.scale import PERCENT, Scale, scale
from supply_data.schema import Lane, Requirement, Supply, Tables, Weighting

DISCOUNT = 0.99
MOST_MONTHS = 120
"""The longest time that is looked at."""
AT_ONCE = (0,)
"""After how many months that arrives of which nothing is late."""
AT_MOST, EQUAL, AT_LEAST = pulp.LpConstraintLE, pulp.LpConstraintEQ, pulp.LpConstraintGE


@dataclass(frozen=True)
class Options:
    """How a run weighs and limits; the same for all scenarios of the run.

    Attributes
    ----------
    weighting : Weighting or None
        None is the dataset's.
    targets : mapping of system to float, or None
        Units per month; systems that it leaves out, and all where None, keep their reference
        output.
    target_set : str
        Name under which these targets are shown.
    budget_usd_per_month : float or None
        None is the dataset's.
    timing : Timing
        Steady state or months.
    merge : bool
        Whether goods that nothing tells apart share one flow.
    solver : str
        Who solves the scenarios themselves, ``highs`` or ``cbc``; what varies around them (prices,
        pillars, ends of ranges) is solved by HiGHS. Both are certified alike. CBC tells
        its prices to eight digits only; where they bound its plan too loosely, those of HiGHS do.
    """

    weighting: Weighting | None = None
    targets: Mapping[str, float] | None = None
    target_set: str = "reference"
    budget_usd_per_month: float | None = None
    timing: Timing = STEADY
    merge: bool = True
    solver: Literal["highs", "cbc"] = "highs"

    def __post_init__(self) -> None:
        """Refuse numbers that no limit can be."""
        budget = 0.0 if self.budget_usd_per_month is None else self.budget_usd_per_month
        if not (isfinite(budget) and budget >= 0):
            msg = f"a budget is a plain number of USD from 0, not {budget}"
            raise ValueError(msg)
        unfit = [t for t in (self.targets or {}).values() if not (isfinite(t) and t > 0)]
        if unfit:
            msg = f"a target is a plain number above 0, not {unfit[0]}"
            raise ValueError(msg)


class Column(NamedTuple):
    """What a column means.

    Attributes
    ----------
    variable : str
        ``x``, ``out``, ``sent``, ``make``, ``fill``, ``fielded`` or ``held``.
    what : tuple
        Its index without the period, as in the table of variables; supplies, lanes and makers
        stand there as element ids, requirements as ``product/slot/component``.
    item : str
        The component or system that it counts.
    period : int
        From 1.
    unit : float
        Natural size of one normalised unit, in units of the item per month.
    capacity : float
        The element's capacity in that period, in normalised units; infinite where no limit is
        known.
    most : float
        What any plan without waste can use of it, in normalised units; always finite.
    """

    variable: str
    what: tuple[str | GoodClass, ...]
    item: str
    period: int
    unit: float
    capacity: float
    most: float


class RowKey(NamedTuple):
    """What a row means: family, index, period, and the size by which the row was divided."""

    family: str
    what: tuple[str | GoodClass, ...]
    period: int
    size: float


class Line(NamedTuple):
    """A constraint before it is scaled: Σ coefficient · column (-1: ≤, 0: =, 1: ≥) right."""

    family: str
    what: tuple[str | GoodClass, ...]
    period: int
    terms: dict[int, float]
    sense: int
    right: float


@dataclass(frozen=True)
class Sets:
    """What a programme is built over: the dataset, the run, and everything found from them.

    ``delays`` holds what the run's effects add to delays, one mapping an effect that adds any.
    """

    tables: Tables
    options: Options
    classes: Classes
    scale: Scale
    reach: Reach[GoodClass]
    opening: Opening = field(default_factory=Opening)
    delays: tuple[Mapping[Target, Shares], ...] = ()

    @property
    def periods(self) -> range:
        """Periods, counted from 1."""
        return range(1, self.options.timing.periods + 1)

    @property
    def budget_usd_per_month(self) -> float | None:
        """Budget of the run; the dataset's unless the options name one."""
        if self.options.budget_usd_per_month is not None:
            return self.options.budget_usd_per_month
        return self.tables.settings.budget_usd_per_month

    @property
    def steady(self) -> bool:
        """Whether this is the steady state, where nothing is late and nothing grows."""
        return self.options.timing.months is None

    def adapting(self, t: int) -> int:
        """Return for how many months there has been adaptation in period t; negative before it."""
        return 0 if self.steady else t - self.options.timing.adapts_from

    def grown(self, row: Supply | Maker | Lane, t: int) -> float | None:
        """Return the capacity of a row in period t, as its table counts it; None if unknown."""
        if isinstance(row, Lane):
            limits = row.capacity_usd_per_month, row.ramp_per_month, row.ceiling_usd_per_month
        else:
            limits = row.capacity_per_month, row.ramp_per_month, row.ceiling_per_month
        lead = (row.lead_months or 0.0) if isinstance(row, Supply) else 0.0
        return grown(*limits, months=max(self.adapting(t) - lead, 0.0))

    @cached_property
    def supplies(self) -> tuple[Supply, ...]:
        """Supplies that can contribute."""
        return tuple(
            row
            for row in self.tables.supplies.values()
            if self.reach.useful(self.classes.of[supplied(row)], row.origin)
        )

    @cached_property
    def sendings(self) -> tuple[tuple[Lane, GoodClass], ...]:
        """Lanes with the classes that can usefully be sent on them."""
        goods = tuple(self.classes.members)
        kinds: dict[str, list[int]] = defaultdict(list)
        for n, good in enumerate(goods):
            kinds[self.tables.category(good.item)].append(n)
        return tuple(
            (lane, goods[n])
            for lane in self.tables.lanes.values()
            for n in sorted(chain(*(kinds[kind] for kind in kinds if lane.takes(kind))))
            if _travels(self.reach, lane, goods[n])
        )

    @cached_property
    def fillings(self) -> tuple[tuple[Maker, Requirement, GoodClass], ...]:
        """Makers with their requirements and the classes that can fill them."""
        needs = slots(self.tables)
        present = self.reach.present
        return tuple(
            (maker, row, good)
            for maker in self.reach.makers
            for rows in needs[maker.product].values()
            for row in rows
            for good in self.of_item[row.component]
            if maker.place in present.get(good, ())
        )

    @cached_property
    def fieldings(self) -> tuple[tuple[str, GoodClass], ...]:
        """Systems with the classes that can be fielded."""
        end = self.tables.settings.destination
        present = self.reach.present
        return tuple(
            (system, good)
            for system in self.tables.systems
            for good in self.of_item[system]
            if end in present.get(good, ())
        )

    @cached_property
    def holdings(self) -> tuple[tuple[str, GoodClass], ...]:
        """Places with the classes held there from month to month."""
        return () if self.steady else self.stored

    @cached_property
    def lags(self) -> Mapping[tuple[str, GoodClass], tuple[int, ...]]:
        """After how many whole months it can arrive, by supply, lane or maker, and class."""
        pairs = (
            *((row.element, self.classes.of[supplied(row)]) for row in self.supplies),
            *((row.element, k) for row, k in self.sendings),
            *((maker.element, self.classes.of[maker.good]) for maker in self.reach.makers),
        )
        return {pair: self._lags(*pair) for pair in pairs}

    def _lags(self, element: str, k: GoodClass) -> tuple[int, ...]:
        if self.steady:
            return AT_ONCE
        late = {0.0}
        for delays in self.delays:
            late |= set(later(delays, self.classes, element, k, periods=len(self.periods)).tolist())
        base = self.delay(element)
        return tuple(sorted({lag for months in late for lag in parted(base + months)}))

    @cached_property
    def under_way(self) -> tuple[tuple[str, GoodClass, int, float], ...]:
        """What a month before the first sent off: to where, of which class, how late, how much."""
        sent = self.opening.sent
        return tuple(
            (row.to_place, k, lag, share * sum(amounts) / self.scale.need[k.item])
            for row, k in self.sendings
            if any(amounts := [sent.get((row.element, n), 0.0) for n in self.classes.members[k]])
            for lag, share in parted(self.delay(row.element)).items()
        )

    def departing(self, column: Column) -> GoodClass:
        """Return the class of what a supply, a lane or a maker sends off."""
        if column.variable == "sent":
            return GoodClass(*column.what[1])
        if column.variable == "make":
            return self.classes.of[self.maker[str(column.what[0])].good]
        row = self.tables.supplies[str(column.what[0]).partition(":")[2]]
        return self.classes.of[supplied(row)]

    def delay(self, element: str) -> float:
        """Return the months between departure and arrival where no measure adds any."""
        row = self.tables.elements.get(element)
        return row.delay_months if isinstance(row, Lane) and not self.steady else 0.0

    @cached_property
    def stored(self) -> tuple[tuple[str, GoodClass], ...]:
        """Places with the classes in stock there: where the dataset has a stock of the item."""
        if self.steady and not self.options.timing.drawn:
            return ()
        found = {
            (stock.place, good)
            for stock in self.tables.stocks
            for good in self.of_item[stock.component]
            if self.reach.useful(good, stock.place)
        }
        return tuple(sorted(found))

    @cached_property
    def maker(self) -> Mapping[str, Maker]:
        """Makers by element id."""
        return {maker.element: maker for maker in self.reach.makers}

    @cached_property
    def requirement(self) -> Mapping[str, Requirement]:
        """Requirements by name."""
        return {named(row): row for row in self.tables.requirements}

    @cached_property
    def of_item(self) -> Mapping[str, tuple[GoodClass, ...]]:
        """Classes by item."""
        found: dict[str, list[GoodClass]] = defaultdict(list)
        for good in self.classes.members:
            found[good.item].append(good)
        return defaultdict(tuple, {item: tuple(known) for item, known in found.items()})


@dataclass(frozen=True)
class Variables:
    """Column numbers by variable and index, as in the table of variables."""

    x: dict[tuple[str, int], int] = field(default_factory=dict)
    out: dict[tuple[str, int], int] = field(default_factory=dict)
    sent: dict[tuple[str, GoodClass, int], int] = field(default_factory=dict)
    make: dict[tuple[str, int], int] = field(default_factory=dict)
    fill: dict[tuple[str, str, GoodClass, int], int] = field(default_factory=dict)
    fielded: dict[tuple[str, GoodClass, int], int] = field(default_factory=dict)
    held: dict[tuple[str, GoodClass, int], int] = field(default_factory=dict)


class Departure(NamedTuple):
    """What can depart, period by period.

    Attributes
    ----------
    to : str
        The place where it arrives.
    k : GoodClass
        Its class.
    columns : mapping
        The columns of its variable.
    what : tuple
        Its index among them, without the period.
    lags : tuple of int
        After how many whole months it can arrive.
    """

    to: str
    k: GoodClass
    columns: Mapping[Any, int]
    what: tuple[Any, ...]
    lags: tuple[int, ...]


@dataclass(frozen=True)
class Instance:
    """A programme under one scenario: what the families of constraints are written over."""

    sets: Sets
    columns: tuple[Column, ...]
    v: Variables
    effect: Effect

    def availability(self, element: str, t: int) -> float:
        """Return the share of an element's capacity that remains in period t."""
        shares = self.effect.availability.get(element)
        return 1.0 if shares is None else float(shares[t - 1])

    def rate(self, element: str, k: GoodClass, t: int) -> float:
        """Return the share of what is sent of class k on a lane in period t that arrives."""
        shares = self.rates.get((element, k))
        return 1.0 if shares is None else float(shares[t - 1])

    def arriving(self, element: str, k: GoodClass, t: int) -> Mapping[int, float]:
        """Return which share of what departs in period t arrives how many months later.

        Raises
        ------
        ValueError
            If the programme was not built for such a delay.
        """
        months = self.sets.delay(element) + self.later[element, k][t - 1]
        shares = parted(months)
        if not shares.keys() <= set(self.sets.lags[element, k]):
            msg = f"the run was not built for a delay of {months:g} months on {element}"
            raise ValueError(msg)
        return shares

    @cached_property
    def later(self) -> Mapping[tuple[str, GoodClass], list[float]]:
        """Months that the scenario adds to each way, by period; nothing where it is left out."""
        known, none = self.sets.classes, [0.0] * len(self.sets.periods)
        found: dict[tuple[str, GoodClass], list[float]] = defaultdict(lambda: none)
        touched = {target if isinstance(target, str) else target[0] for target in self.effect.delay}
        for element, k in self.sets.lags if touched else ():
            if element in touched:
                months = later(self.effect.delay, known, element, k, periods=len(none))
                found[element, k] = months.tolist()
        return found

    def kept(self, place: str, k: GoodClass, t: int) -> float:
        """Return the share of what is held at a place that measures leave there in period t."""
        if not any(element.startswith("stock:") for element in self.effect.availability):
            return 1.0
        before = in_stock(self, t - 1).get((place, k), 0.0)
        return in_stock(self, t).get((place, k), 0.0) / before if before else 1.0

    def markup(self, element: str, k: GoodClass | None = None) -> float:
        """Return what the scenario adds to the price of a supply, or of class k on a lane."""
        added = self.effect.markup.get(element, 0.0)
        if k is None:
            return added
        return added + self.effect.markup.get((element, self.sets.classes.members[k][0]), 0.0)

    def upper(self, column: Column) -> float:
        """Return the upper bound of a column: supply and plant limits, and closed lanes."""
        if column.variable in {"out", "make"}:
            share = self.availability(str(column.what[0]), column.period)
            return min(share * column.capacity, column.most) if share else 0.0
        if column.variable == "sent":
            element, k = column.what
            return column.most if self._open(str(element), k, column.period) else 0.0
        return column.most

    def _open(self, element: str, k: str | GoodClass, t: int) -> bool:
        row = self.sets.tables.lanes[element.partition(":")[2]]
        return (
            (row.capacity_usd_per_month != 0 or self.sets.grown(row, t) != 0)
            and self.availability(element, t) > 0
            and (isinstance(k, str) or self.rate(element, k, t) > 0)
        )

    @cached_property
    def departures(self) -> tuple[Departure, ...]:
        """What can depart."""
        return tuple(_departures(self))

    @cached_property
    def rates(self) -> Mapping[tuple[str, GoodClass], Shares]:
        """Arrival rates by lane and class.

        Raises
        ------
        ValueError
            If goods of one class fare differently.
        """
        of, members = self.sets.classes.of, self.sets.classes.members
        rates: dict[tuple[str, GoodClass], Shares] = {}
        alike: dict[tuple[str, GoodClass], int] = defaultdict(int)
        for (element, good), shares in self.effect.arrival.items():
            what = element, of[good]
            first = rates.setdefault(what, shares)
            alike[what] += first is shares or not (first != shares).any()
        for (_, k), count in alike.items():
            if count < len(members[k]):
                msg = f"the run was not built for a scenario that tells {k.item} apart by brand"
                raise ValueError(msg)
        return rates


@dataclass(frozen=True)
class Formulation:
    """A programme as PuLP has it, with the meaning of its columns and rows in PuLP's order."""

    problem: pulp.LpProblem
    instance: Instance
    rows: tuple[RowKey, ...]


def sets(
    tables: Tables,
    effects: Sequence[Effect],
    options: Options,
    *,
    opening: Opening | None = None,
    known: dict[Classes, Reach[GoodClass]] | None = None,
) -> Sets:
    """Return what the programme of a run is built over.

    Parameters
    ----------
    tables : Tables
        The dataset.
    effects : sequence of Effect
        Everything that will be tried on the programme.
    options : Options
        How the run weighs and limits.
    opening : Opening, optional
        What the months before the first carry over; nothing without it.
    known : dict, optional
        Where goods come from and go to, as found before by how they are told apart; new finds are
        added.

    Raises
    ------
    ValueError
        If the options have a target for what is no system.
    """
    strangers = sorted(set(options.targets or {}) - set(tables.systems))
    if strangers:
        msg = f"targets name {strangers[0]!r}, which is no system of the dataset"
        raise ValueError(msg)
    timing = options.timing
    reference = {system: row.target_per_month for system, row in tables.systems.items()}
    grouped = classes(tables, effects, merge=options.merge)
    steady = timing.months is None and not timing.drawn
    known = {} if known is None else known
    if grouped not in known:
        known[grouped] = reach(tables, class_of=grouped.of.__getitem__, steady=steady, opened=True)
    reached = known[grouped]
    members: dict[str, list[GoodClass]] = defaultdict(list)
    for good in grouped.members:
        members[good.item].append(good)
    return Sets(
        tables=tables,
        options=options,
        classes=grouped,
        scale=scale(
            tables,
            effects,
            weighting=options.weighting or tables.settings.weighting,
            targets={**reference, **(options.targets or {})},
            timing=timing,
            travels=lambda row, item: (
                row.takes(tables.category(item))
                and any(_travels(reached, row, good) for good in members[item])
            ),
        ),
        reach=reached,
        opening=opening or Opening(),
        delays=tuple(effect.delay for effect in effects if effect.delay),
    )


def later(
    delays: Mapping[Target, Shares], known: Classes, element: str, k: GoodClass, *, periods: int
) -> Shares:
    """Return the months that a scenario adds to the way of a class, by period.

    Raises
    ------
    ValueError
        If goods of one class fare differently.
    """
    none = np.zeros(periods)
    own = [delays.get((element, good), none) for good in known.members[k]]
    if any((each != own[0]).any() for each in own[1:]):
        msg = f"the run was not built for a scenario that tells {k.item} apart by brand"
        raise ValueError(msg)
    return own[0] + delays.get(element, none)


def _travels(reached: Reach[GoodClass], row: Lane, good: GoodClass) -> bool:
    return reached.useful(good, row.from_place) and reached.useful(good, row.to_place)


def formulation(found: Sets, effect: Effect | None = None) -> Formulation:
    """Return the programme under an effect; without one, that of the baseline."""
    columns = tuple(_columns(found))
    instance = Instance(found, columns, _numbered(columns), effect or Effect(found.options.timing))
    problem = pulp.LpProblem("aftercut", pulp.LpMinimize)
    variables = [
        problem.add_variable(f"{column.variable}_{n}", 0, instance.upper(column))
        for n, column in enumerate(columns)
    ]
    problem.setObjective(objective(instance, variables))
    rows = []
    for n, line in enumerate(lines(instance)):
        size = max(abs(value) for value in line.terms.values()) or 1.0
        terms = [(variables[number], value / size) for number, value in line.terms.items()]
        problem.addConstraint(
            pulp.LpConstraint(pulp.LpAffineExpression(terms), line.sense, rhs=line.right / size),
            f"{line.family}_{n}",
        )
        rows.append(RowKey(line.family, line.what, line.period, size))
    return Formulation(problem=problem, instance=instance, rows=tuple(rows))


def objective(i: Instance, variables: Sequence[pulp.LpVariable]) -> pulp.LpAffineExpression:
    """Shortfall in percent: ``Σ_t δ^(t-1) Σ_s 100 · ω_s · (1 - x[s,t])``."""
    terms = worth(i)
    negative = [(variables[n], -value) for n, value in terms.items()]
    return pulp.LpAffineExpression(negative, constant=sum(terms.values()))


def worth(i: Instance) -> dict[int, float]:
    """Return ``δ^(t-1) · 100 · ω_s`` by the column of x[s,t]."""
    return {
        n: PERCENT * i.sets.scale.weight[column.item] * discount(i.sets, column.period)
        for n, column in enumerate(i.columns)
        if column.variable == "x"
    }


def discount(found: Sets, period: int) -> float:
    """Return the weight δ^(t-1) of a period: 1 in the steady state."""
    return 1.0 if found.steady else DISCOUNT ** (period - 1)


def _columns(found: Sets) -> Iterator[Column]:
    for t in found.periods:
        for system in found.tables.systems:
            yield _column(found, "x", (system,), system, t)
        for row in found.supplies:
            known = found.grown(row, t)
            yield _column(found, "out", (row.element,), row.component, t, capacity=known)
        for maker in found.reach.makers:
            known = found.grown(maker, t)
            yield _column(found, "make", (maker.element,), maker.product, t, capacity=known)
        yield from _flows(found, t)


def _flows(found: Sets, t: int) -> Iterator[Column]:
    for row, good in found.sendings:
        yield _column(found, "sent", (row.element, good), good.item, t)
    for maker, requirement, good in found.fillings:
        what = (maker.element, named(requirement), good)
        yield _column(found, "fill", what, maker.product, t)
    for system, good in found.fieldings:
        yield _column(found, "fielded", (system, good), system, t)
    for place, good in found.holdings:
        yield _column(found, "held", (place, good), good.item, t)


def _column(
    found: Sets,
    variable: str,
    what: tuple[str | GoodClass, ...],
    item: str,
    t: int,
    *,
    capacity: float | None = None,
) -> Column:
    unit = found.scale.need[item]
    limit = inf if capacity is None else capacity / unit
    most = 1.0 if variable in {"x", "fielded"} else found.scale.most[item]
    return Column(variable, what, item, t, unit, limit, most)


def named(requirement: Requirement) -> str:
    """Return the name of a requirement: ``product/slot/component``."""
    return f"{requirement.product}/{requirement.slot}/{requirement.component}"


def _numbered(columns: Sequence[Column]) -> Variables:
    numbers = Variables()
    for n, column in enumerate(columns):
        getattr(numbers, column.variable)[(*column.what, column.period)] = n
    return numbers


def lines(i: Instance) -> Iterator[Line]:
    """Return all constraints, unscaled, always in the same order with the same columns."""
    for t in i.sets.periods:
        for family in (target, lane, balance, reserve, slot, max_fill, mix, budget):
            yield from family(i, t)


def target(i: Instance, t: int) -> Iterator[Line]:
    """Target of s: what is fielded is the sum over its classes, ``Σ_k fielded[s,k,t] = x[s,t]``.

    The target itself is the bound ``0 ≤ x[s,t] ≤ 1``; those of the supply family,
    ``out[j,t] ≤ availability[j,t] · capacity[j,t]``, and of the plant family,
    ``make[m,t] ≤ availability[m,t] · capacity[m,t]``, are bounds too. Over time a capacity grows
    from month f of the first measure on, for supplies after their lead:
    ``capacity[t] = min(ceiling, capacity + ramp · max(0, t - f - lead))``.
    """
    for system in i.sets.tables.systems:
        terms = {i.v.fielded[system, k, t]: 1.0 for s, k in i.sets.fieldings if s == system}
        yield Line("target", (system,), t, {**terms, i.v.x[system, t]: -1.0}, EQUAL, 0.0)


def lane(i: Instance, t: int) -> Iterator[Line]:
    """Lane of l: what is sent is worth no more than the lane takes, USD in both.

    ``Σ_k value[k] · sent[l,k,t] / capacity[l] ≤ availability[l,t] · capacity[l,t] / capacity[l]``

    with capacity[l,t] the capacity after growth, as in the supply family. Values are USD per unit;
    only lanes of known capacity have a row. Availability 0 closes the lane's columns as well. A
    lane of capacity 0 is counted in USD; its columns are closed until it grows.
    """
    loads: dict[str, dict[int, float]] = defaultdict(dict)
    for row, k in i.sets.sendings:
        value, capacity = i.sets.tables.value_usd(k.item), row.capacity_usd_per_month
        if capacity is not None and value:
            load = value * i.sets.scale.need[k.item] / (capacity or 1.0)
            loads[row.element][i.v.sent[row.element, k, t]] = load
    for element, terms in loads.items():
        row = i.sets.tables.lanes[element.partition(":")[2]]
        right = (i.sets.grown(row, t) or 0.0) / (row.capacity_usd_per_month or 1.0)
        yield Line("lane", (element,), t, terms, AT_MOST, i.availability(element, t) * right)


def balance(i: Instance, t: int) -> Iterator[Line]:
    """Balance of class k at place p; surplus may be discarded.

    ``Σ_j out[j,t'] + Σ_l rate[l,k,t'] · sent[l→p,k,t'] + Σ_m make[m,t'] + kept[t] · held[p,k,t-1]
    ≥ Σ_l sent[p→l,k,t] + Σ_(m,r) q[r] · fill[m,r,k,t] + fielded[s,k,t] + held[p,k,t]``

    with t' = t - delay: the lane's own and what measures add to what departs in t'. A delay between
    two whole months is split between them. Over time held[p,k,0] is the initial stock times its
    availability, kept[t] what measures leave of what is held, and what departed before month 1 is
    the opening's, so that goods under way arrive. In the steady state nothing is late and there
    are no stocks. Fills count units of the product and are turned into units of the item by the
    requirement's quantity q.
    """
    terms: dict[tuple[str, GoodClass], dict[int, float]] = defaultdict(dict)
    for place, k, number, arrived in _sources(i, t):
        terms[place, k][number] = arrived
    for place, k, number, used in _uses(i, t):
        terms[place, k][number] = -used
    start = entering(i, t)
    for what, used_up in terms.items():
        yield Line("balance", what, t, used_up, AT_LEAST, -start.get(what, 0.0))


def _sources(i: Instance, t: int) -> Iterator[tuple[str, GoodClass, int, float]]:
    for place, k, columns, what, lags in i.departures:
        for lag in lags:
            if t > lag:
                element, at_once = what[0], lags == AT_ONCE
                share = 1.0 if at_once else i.arriving(element, k, t - lag).get(lag, 0.0)
                number = columns[(*what, t - lag)]
                yield place, k, number, share * i.rate(element, k, t - lag)
    for place, k in i.sets.holdings if t > 1 else ():
        yield place, k, i.v.held[place, k, t - 1], i.kept(place, k, t)


def _departures(i: Instance) -> Iterator[Departure]:
    known, lags = i.sets.classes.of, i.sets.lags
    for supply in i.sets.supplies:
        element, k = supply.element, known[supplied(supply)]
        yield Departure(supply.origin, k, i.v.out, (element,), lags[element, k])
    for row, k in i.sets.sendings:
        yield Departure(row.to_place, k, i.v.sent, (row.element, k), lags[row.element, k])
    for maker in i.sets.reach.makers:
        element, k = maker.element, known[maker.good]
        yield Departure(maker.place, k, i.v.make, (element,), lags[element, k])


def _uses(i: Instance, t: int) -> Iterator[tuple[str, GoodClass, int, float]]:
    need = i.sets.scale.need
    for row, k in i.sets.sendings:
        yield row.from_place, k, i.v.sent[row.element, k, t], 1.0
    for maker, requirement, k in i.sets.fillings:
        used = requirement.quantity * need[maker.product] / need[k.item]
        yield maker.place, k, i.v.fill[maker.element, named(requirement), k, t], used
    for system, k in i.sets.fieldings:
        yield i.sets.tables.settings.destination, k, i.v.fielded[system, k, t], 1.0
    for place, k in i.sets.holdings:
        yield place, k, i.v.held[place, k, t], 1.0


def entering(i: Instance, t: int) -> dict[tuple[str, GoodClass], float]:
    """Return what nobody decides on any more, by place and class, in normalised units.

    In period 1 the initial stocks, and in the first months what was under way before them.
    """
    found = defaultdict(float, in_stock(i, 1) if t == 1 else {})
    for place, k, lag, amount in i.sets.under_way:
        if lag >= t:
            found[place, k] += amount
    return found


def in_stock(i: Instance, t: int) -> dict[tuple[str, GoodClass], float]:
    """Return what measures up to period t leave of the initial stocks, in normalised units.

    By place and class. A stock of unknown quantity is as much as could ever be used, and over
    months no stock counts for more. What a measure takes from a stock does not return when it ends.
    """
    drawn = i.sets.options.timing.drawn
    left: dict[tuple[str, GoodClass], float] = defaultdict(float)
    kept = set(i.sets.stored)
    for row in i.sets.tables.stocks:
        what = (row.place, i.sets.classes.of[stocked(row)])
        if what in kept:
            most, need = i.sets.scale.most[row.component], i.sets.scale.need[row.component]
            ever = most * (MOST_MONTHS if drawn else 1)
            size = ever if row.quantity is None else row.quantity / need
            left[what] += size * min(i.availability(row.element, n) for n in range(1, t + 1))
    return {
        what: size if drawn else min(size, i.sets.scale.most[what[1].item])
        for what, size in left.items()
    }


def reserve(i: Instance, t: int) -> Iterator[Line]:
    """Reserve of class k at place p: ``held[p,k,t] ≥ held[p,k,0]``, in the reserved months only.

    Before the first measure nobody draws on stocks: what they are held for has not come.
    """
    if t <= i.sets.options.timing.reserved:
        start = in_stock(i, 1)
        for place, k in i.sets.holdings:
            terms = {i.v.held[place, k, t]: 1.0}
            yield Line("reserve", (place, k), t, terms, AT_LEAST, start.get((place, k), 0.0))


def slot(i: Instance, t: int) -> Iterator[Line]:
    """Slot of maker m: its alternatives fill it, ``Σ_(r,k) fill[m,r,k,t] = make[m,t]``."""
    filled: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for maker, requirement, k in i.sets.fillings:
        terms = filled[maker.element, requirement.slot]
        terms[i.v.fill[maker.element, named(requirement), k, t]] = 1.0
    for (element, name), terms in filled.items():
        yield Line("slot", (element, name), t, {**terms, i.v.make[element, t]: -1.0}, EQUAL, 0.0)


def max_fill(i: Instance, t: int) -> Iterator[Line]:
    """Largest fill of requirement r at maker m: ``Σ_k fill[m,r,k,t] ≤ most[m,r,t] · make[m,t]``.

    ``most[m,r,t] = min(max_fill[r], adopted[m,r,t])``. Over time an alternative with months of
    adoption a and a share s per month is adopted, from month f of the first measure on, to
    ``max(before[m,r], s · (t - f - a + 1))`` once t ≥ f + a, and stays at before[m,r] until then:
    the share that it filled before month 1. In the steady state everything is adopted. Fills of a
    slot that sum to 1 but for the rounding of the table are taken to sum to 1.
    """
    filled: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    fills = _whole_fills(i.sets.tables)
    for maker, requirement, k in i.sets.fillings:
        if requirement.max_fill < 1 or (not i.sets.steady and _adopts(requirement)):
            what = (maker.element, named(requirement))
            whole = requirement.max_fill * fills[requirement.product, requirement.slot]
            terms = filled[what]
            terms[i.v.make[maker.element, t]] = -min(whole, _adopted(i.sets, *what, t))
            terms[i.v.fill[*what, k, t]] = 1.0
    for what, terms in filled.items():
        yield Line("max_fill", what, t, terms, AT_MOST, 0.0)


def _adopts(row: Requirement) -> bool:
    return row.adopt_months is not None or row.adopt_share_per_month is not None


def _adopted(found: Sets, element: str, requirement: str, t: int) -> float:
    row, used = found.requirement[requirement], found.opening.fill.get((element, requirement), 0.0)
    return 1.0 if found.steady else adopted(row, months=found.adapting(t), used=used)


def _whole_fills(tables: Tables) -> dict[tuple[str, str], float]:
    """Return, by product and slot, what makes the largest fills sum to 1 where they nearly do."""
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for row in tables.requirements:
        sums[row.product, row.slot] += row.max_fill
    return {
        slot: 1 / whole if abs(whole - 1) <= 2 * ROUNDING else 1.0 for slot, whole in sums.items()
    }


def mix(i: Instance, t: int) -> Iterator[Line]:
    """Mix of s, in units: ``min_share[s] · Σ_u n[u] ≤ n[s] ≤ max_share[s] · Σ_u n[u]``.

    ``n[s] = target[s] · x[s,t]``, counted in shares of the sum of all targets; only where given.
    Shares that sum to 1 but for the rounding of the table are taken to sum to 1: three times
    0.333333333 would else leave nothing but nothing.
    """
    whole = sum(i.sets.scale.target.values())
    size = {system: i.sets.scale.target[system] / whole for system in i.sets.tables.systems}
    for system, row in i.sets.tables.systems.items():
        for family, share, sense in (
            ("min_share", row.min_share, AT_LEAST),
            ("max_share", row.max_share, AT_MOST),
        ):
            if share is not None:
                exact = share * _exactly(i.sets.tables, family)
                terms = {
                    i.v.x[other, t]: ((other == system) - exact) * size[other] for other in size
                }
                yield Line(family, (system,), t, terms, sense, 0.0)


def _exactly(tables: Tables, family: str) -> float:
    """Return what makes the systems' shares sum to 1 where they nearly do."""
    shares = [getattr(row, family) for row in tables.systems.values()]
    whole = sum(share for share in shares if share is not None)
    return 1 / whole if None not in shares and abs(whole - 1) <= 2 * ROUNDING else 1.0


def budget(i: Instance, t: int) -> Iterator[Line]:
    """Budget, only where one is given, in USD per month.

    ``Σ_j cost[j] · (1 + added[j]) · out[j,t]
    + Σ_(l,k) (markup[l] + added[l,k]) · value[k] · sent[l,k,t] ≤ budget``

    with ``added`` the mark-ups of the scenario; a supply without a cost costs its item's value.
    """
    limit = i.sets.budget_usd_per_month
    if limit is not None and (terms := spending(i, t)):
        yield Line("budget", (), t, terms, AT_MOST, limit)


def spending(i: Instance, t: int) -> dict[int, float]:
    """Return what one unit of each column costs, in USD, mark-ups of the scenario included."""
    need = i.sets.scale.need
    terms: dict[int, float] = {}
    for row in i.sets.supplies:
        usd = cost_usd(i.sets.tables, row) * (1 + i.markup(row.element))
        terms[i.v.out[row.element, t]] = usd * need[row.component]
    for leg, k in i.sets.sendings:
        usd = (leg.markup + i.markup(leg.element, k)) * (i.sets.tables.value_usd(k.item) or 0.0)
        terms[i.v.sent[leg.element, k, t]] = usd * need[k.item]
    return terms


def cost_usd(tables: Tables, row: Supply) -> float:
    """Return what one unit of a supply costs: its cost, else its item's value, else nothing."""
    return row.cost_usd if row.cost_usd is not None else tables.value_usd(row.component) or 0.0
