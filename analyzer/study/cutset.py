"""Which cuts to choose: the set that leaves least for its size or burden, or the cheapest below.

Convention: capacities are in the units of the weighting. A set is of *at most* so many cuts, and
none of its cuts is idle: without any of them more would be left. Of two measures of which one
gives way to the other, a set has one. Losses within `TIE` of each other are the same.

``proven`` says that no set of that size or burden leaves less, by a complete search
(`analyzer.study.hitting`); ``bound`` that time ran out, or a number could not be certified: then
the best set found is told, and below what no set can bring capacity. The greedy set, which takes
again and again the cut that costs most beside those taken before, stands beside it for comparison.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from time import monotonic

import pandas as pd

from analyzer.network.case import Case
from analyzer.network.groups import Over
from analyzer.programme.flow import Options
from analyzer.programme.scale import PERCENT
from analyzer.programme.solution import Solution
from analyzer.study.courses import NoBaselineError
from analyzer.study.cuts import Cut, Cuts, NothingToCutError, cuts, replacing
from analyzer.study.hitting import Members, Search
from analyzer.study.quest import Chosen, Quest, Status, Step
from analyzer.study.several import Several
from analyzer.study.solve import Bench, Tally, bench
from analyzer.study.spoilers import Spoilers
from supply_data.schema import Weighting

LARGEST = 8
"""How many cuts a set has at the most where no size is asked for."""


class UnfitBelowError(ValueError):
    """The capacity that is to be passed is none between nothing and the baseline's."""


@dataclass(frozen=True)
class Ask:
    """What is asked.

    Attributes
    ----------
    over : Over
        What is cut at once.
    size : int or None
        How many cuts a set has at the most.
    burden : float or None
        What the measures of a set may cost together, USD m a year.
    below : float or None
        Capacity that is to be passed from above by the cheapest set: that with the fewest cuts, or
        with the least burden where a burden is given.
    share : float
        Share of each element that is cut; a measure has its own.
    within : float
        Sets that leave no more than this above the least are told too, as a share of the
        baseline's capacity.
    seconds : float or None
        Time limit.
    """

    over: Over
    size: int | None = None
    burden: float | None = None
    below: float | None = None
    share: float = 1.0
    within: float = 0.0
    seconds: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be asked."""
        if self.size is None and self.burden is None and self.below is None:
            msg = "say how many cuts, what burden, or below what capacity"
            raise ValueError(msg)
        if self.burden is not None and self.over is not Over.MEASURE:
            msg = "only measures have a burden"
            raise ValueError(msg)
        if self.size is not None and self.size < 1:
            msg = f"a set has at least one cut, not {self.size}"
            raise ValueError(msg)
        if not 0 < self.share <= 1:
            msg = f"a cut takes a share above 0 and up to 1, not {self.share}"
            raise ValueError(msg)
        if not 0 <= self.within <= 1:
            msg = f"sets are told within a share from 0 to 1 of the baseline, not {self.within}"
            raise ValueError(msg)

    @property
    def largest(self) -> int:
        """How many cuts a set has at the most."""
        return LARGEST if self.size is None else self.size


@dataclass(frozen=True)
class Cutset:
    """The answer.

    Attributes
    ----------
    ask : Ask
        What was asked.
    ready : Bench
        Case, options and programme.
    cuts : tuple of Cut
        What could be cut.
    skipped : tuple of str
        What could not: of unknown figure, not modelled, or without a burden where that is asked.
    baseline : Solution
        The network without any cut.
    steps : tuple of Step
        By budget, the smallest first; the last is the answer. Of ``below`` there is one, and none
        if no set gets there.
    greedy : tuple of Chosen
        The greedy set as it grows, within the budget.
    reach : Status
        Whether the answer is proven; without a step, that no set gets below.
    nodes : int
        Sets that the search looked at.
    rows : int
        Plans by which it proved that it need not look at the others.
    """

    ask: Ask
    ready: Bench
    cuts: tuple[Cut, ...]
    skipped: tuple[str, ...]
    baseline: Solution
    steps: tuple[Step, ...]
    greedy: tuple[Chosen, ...]
    reach: Status
    nodes: int
    rows: int

    @property
    def tally(self) -> Tally:
        """What was solved, with plans that were sought for proofs among it."""
        return self.ready.tally

    @property
    def case(self) -> Case:
        """Dataset and measures."""
        return self.ready.case

    @property
    def weighting(self) -> Weighting:
        """How systems are weighed."""
        return self.ready.options.weighting or self.case.tables.settings.weighting

    @property
    def answer(self) -> Step | None:
        """The best sets within all that is allowed; None if no set gets below."""
        return self.steps[-1] if self.steps else None

    @property
    def status(self) -> Status:
        """Whether the answer is proven."""
        return self.reach

    @property
    def certified(self) -> bool:
        """Whether every number may be shown."""
        return self.baseline.certified and not self.tally.uncertified

    @property
    def table(self) -> pd.DataFrame:
        """The frontier: a row a budget, the smallest first.

        ``budget``, ``cost``, ``value``, ``surviving``, ``status``, ``bound``, ``cut`` (tuple of
        ids), ``optima`` (how many sets leave as little), ``complete``, ``in_every_optimum``.
        """
        rows = [
            (
                step.budget, step.best.cost, step.best.value, step.best.surviving,
                step.status.value, step.bound, step.best.cut, len(step.optima), step.complete,
                step.in_every,
            )
            for step in self.steps
        ]  # fmt: skip
        names = (
            "budget", "cost", "value", "surviving", "status", "bound", "cut", "optima",
            "complete", "in_every_optimum",
        )  # fmt: skip
        return pd.DataFrame(rows, columns=list(names))


def cutset(
    case: Case,
    ask: Ask,
    *,
    options: Options | None = None,
    progress: Callable[[str], None] | None = None,
) -> Cutset:
    """Return which cuts to choose.

    Parameters
    ----------
    case : Case
        Dataset and measures.
    ask : Ask
        What is asked.
    options : Options, optional
        Weighting, targets, budget.
    progress : callable, optional
        Told how far it is.

    Raises
    ------
    NothingToCutError
        If the dataset has nothing of what is to be cut, or fields nothing.
    NoBaselineError
        If the baseline is not certified.
    UnfitBelowError
        If the capacity that is to be passed is none up to the baseline's.
    ValueError
        If months are asked for.
    scenarios.schema.BadScenarioError
        If a measure does not fit the dataset.
    """
    options = options or Options()
    if options.timing.months is not None:
        msg = "sets are compared in the steady state; months belong to another study"
        raise ValueError(msg)
    found = _with_burden(cuts(case, ask.over, share=ask.share, options=options), ask)
    if not found.cuts:
        msg = f"the dataset has no {ask.over} to cut ({len(found.skipped)} skipped)"
        raise NothingToCutError(msg)
    order = min(ask.largest, len(found.cuts))
    ready = bench(case, found.effects(order=order), options=options)
    baseline = ready.solved()
    base = baseline.capacity
    if base is None:
        msg = "the baseline is not certified, so that no set can be set against it"
        raise NoBaselineError(msg)
    if not base:
        msg = "nothing is fielded that could be cut"
        raise NothingToCutError(msg)
    ready = replace(ready, base=base)
    baseline = baseline.set_against(base)
    if ask.below is not None and not 0 < ask.below <= base:
        msg = f"a capacity above 0 and up to that of the baseline, {base:g}, is wanted"
        raise UnfitBelowError(msg)
    quest = _quest(ready, found.cuts, ask, base=baseline.certificate.value, progress=progress)
    steps, reach, greedy = _answered(quest, ask)
    spoilers = quest.spoilers
    ready.tally.solves += spoilers.solves + spoilers.lean
    ready.tally.cold_resolves += spoilers.cold_resolves
    ready.tally.uncertified += spoilers.uncertified
    return Cutset(
        ask=ask,
        ready=ready,
        cuts=found.cuts,
        skipped=found.skipped,
        baseline=baseline,
        steps=steps,
        greedy=greedy,
        reach=reach,
        nodes=quest.search.nodes,
        rows=len(quest.search.rows),
    )


def _quest(
    ready: Bench,
    found: tuple[Cut, ...],
    ask: Ask,
    *,
    base: float,
    progress: Callable[[str], None] | None,
) -> Quest:
    size = min(ask.largest, len(found))
    spoilers = Spoilers(Several(ready.model, found, size), ready.share)
    search = Search(
        costs=_costs(found, ask),
        rivals=_rivals(found),
        oracle=spoilers,
        deadline=inf if ask.seconds is None else monotonic() + ask.seconds,
    )
    return Quest(
        search=search,
        spoilers=spoilers,
        ids=tuple(cut.id for cut in found),
        worth=ready.model.sets.scale.worth,
        base=base,
        size=size,
        within=ask.within * ready.share * PERCENT,
        limited=ask.seconds is not None,
        progress=progress or _silent,
    )


def _answered(quest: Quest, ask: Ask) -> tuple[tuple[Step, ...], Status, tuple[Chosen, ...]]:
    """Return the steps, whether the last is proved, and the greedy set as it grows."""
    chain = quest.grown(burden=ask.burden)
    greedy = tuple(quest.told(each.chosen, each.value) for each in chain[1:])
    if ask.below is not None:
        least = PERCENT * (1 - ask.below / quest.worth) + quest.exact
        budget = float(quest.size) if ask.burden is None else ask.burden
        step, reach = quest.below(chain, least, budget=budget)
        return (() if step is None else (step,)), reach, greedy
    found = quest.by_size(chain) if ask.burden is None else quest.by_burden(chain, ask.burden)
    return found, found[-1].status, greedy


def _costs(found: Sequence[Cut], ask: Ask) -> list[float]:
    """Return what each cut costs: its burden where that counts, else 1."""
    if ask.burden is None:
        return [1.0] * len(found)
    measures = [cut.measure for cut in found if cut.measure is not None]
    return [float(measure.burden_usd_m_per_year or 0.0) for measure in measures]


def _rivals(found: Sequence[Cut]) -> list[Members]:
    """Return for each cut those that give way to it, or to which it does."""
    rivals = [0] * len(found)
    for a, b in replacing(found):
        rivals[a] |= 1 << b
        rivals[b] |= 1 << a
    return rivals


def _silent(_: str) -> None:
    """Say nothing of how far it is."""


def _with_burden(found: Cuts, ask: Ask) -> Cuts:
    """Return the cuts whose burden is known, where that counts."""
    if ask.burden is None:
        return found
    known = tuple(
        c for c in found.cuts if c.measure and c.measure.burden_usd_m_per_year is not None
    )
    left_out = tuple(cut.id for cut in found.cuts if cut not in known)
    return Cuts(known, (*found.skipped, *left_out))
