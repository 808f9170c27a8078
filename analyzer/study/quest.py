"""The course of a search for the best sets of cuts: greedy first, then proof, then all that tie.

Convention: shortfalls are in percent of Σ w · target, and a set is better if more is lost. What
sets, rows and bars are, `analyzer.study.hitting` says; what is asked, `analyzer.study.cutset`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from math import inf
from operator import and_
from typing import NamedTuple

from analyzer.programme.certificate import WIDTH
from analyzer.programme.scale import PERCENT, natural
from analyzer.study.hitting import Hunt, Members, OutOfTime, Search, members
from analyzer.study.solve import SAME
from analyzer.study.spoilers import Spoilers, UncertifiedError

MOST_SETS = 200
"""How many sets of one size or burden are gathered at the most."""
MOST_STEPS = 50
"""How many steps a frontier of burdens has at the most."""
HASTE = (0.5, 0.2)
"""How far below the best known it is looked first, as a share: that finds good sets soon."""
STAGES = (0.5, 0.25, 0.1, 0.03)
"""The same under a time limit, so that a bound is known when time runs out."""
LESS = 1e-9
"""By how much a burden must be less to be less, as a share."""


class Status(StrEnum):
    """What is known of an answer."""

    PROVEN = "proven"
    BOUND = "bound"


@dataclass(frozen=True)
class Chosen:
    """A set of cuts.

    Attributes
    ----------
    cut : tuple of str
        Ids.
    cost : float
        Their number, or their burden in USD m a year.
    value, surviving : float
        Capacity that is left, and the same as a share of the baseline's.
    """

    cut: tuple[str, ...]
    cost: float
    value: float
    surviving: float


@dataclass(frozen=True)
class Step:
    """The best sets within a size or burden.

    Attributes
    ----------
    budget : float
        The size or burden.
    best : Chosen
        The set that leaves least; of those that leave the same, the cheapest.
    status : Status
        Whether that is proven.
    bound : float
        Capacity below which no set within the budget leaves; the best's own if proven. Of the
        cheapest set below a capacity: a size or burden below which no set gets there.
    optima : tuple of Chosen
        All sets that leave as little, the cheapest first; of the cheapest sets below a capacity,
        all that are as cheap.
    others : tuple of Chosen
        Sets that leave a little more, those that leave least first.
    complete : bool
        Whether these are all.
    in_every : tuple of str
        Cuts that are in every optimum.
    """

    budget: float
    best: Chosen
    status: Status
    bound: float
    optima: tuple[Chosen, ...]
    others: tuple[Chosen, ...]
    complete: bool
    in_every: tuple[str, ...]


class Best(NamedTuple):
    """The best set known, and a shortfall that is proved to be passed by none."""

    chosen: Members
    value: float
    top: float


class _EnoughError(Exception):
    """No more sets are sought."""


@dataclass
class Quest:
    """A search with what it is for.

    Attributes
    ----------
    search : Search
        Rows and costs.
    spoilers : Spoilers
        What solves.
    ids : tuple of str
        Of the cuts.
    worth : float
        Σ w · target, in the units of the weighting.
    base : float
        Shortfall of the baseline.
    size : int
        How many cuts a set has at the most.
    within : float
        How much less than the most may be lost under sets that are told too, in percent.
    limited : bool
        Whether there is a time limit.
    progress : callable
        Told how far it is.
    """

    search: Search
    spoilers: Spoilers
    ids: tuple[str, ...]
    worth: float
    base: float
    size: int
    within: float
    limited: bool
    progress: Callable[[str], None]

    @property
    def same(self) -> float:
        """Losses that differ by no more are the same, in percent."""
        return SAME * PERCENT * self.spoilers.share

    @property
    def exact(self) -> float:
        """By how much a loss must be larger to be larger, in percent."""
        return WIDTH * PERCENT * self.spoilers.share

    @property
    def nothing(self) -> Best:
        """No cut at all."""
        return Best(0, self.base, PERCENT)

    def told(self, chosen: Members, value: float) -> Chosen:
        """Return a set in the units of the weighting."""
        capacity = max(0.0, natural(self.worth, value))
        cut = tuple(self.ids[n] for n in members(chosen))
        return Chosen(
            cut, self.search.cost(chosen), capacity, capacity / natural(self.worth, self.base)
        )

    # --- the greedy set

    def grown(self, *, burden: float | None) -> list[Best]:
        """Return the greedy set as it grows, from none.

        By size it takes the cut that costs most beside those taken before; under a burden the one
        that costs most for its burden, of those that can still be paid.
        """
        chain = [self.nothing]
        while len(chain) <= self.size and chain[-1].value < PERCENT - self.exact:
            self.progress(f"greedy: {len(chain)}")
            last = chain[-1]
            more = self._one_more(last) if burden is None else self._most_for_it(last, burden)
            if more.chosen == last.chosen:
                break
            chain.append(more)
        return chain

    def _one_more(self, last: Best) -> Best:
        if not last.chosen and self.spoilers.grows:  # each alone is solved for anyway
            return max((self._alone(n) for n in range(len(self.ids))), key=lambda one: one.value)
        budget = float(last.chosen.bit_count() + 1)
        start = last._replace(top=PERCENT)
        return self.climb(start, budget=budget, start=last.chosen, stages=HASTE)

    def _alone(self, n: int) -> Best:
        value = self._loss(1 << n)
        return Best(1 << n, value, PERCENT) if value > self.base + self.exact else self.nothing

    def _most_for_it(self, last: Best, burden: float) -> Best:
        left = burden - self.search.cost(last.chosen)
        best, most = last, 0.0
        for n, cost in enumerate(self.search.costs):
            barred = last.chosen & (self.search.rivals[n] | 1 << n)
            if cost > left or barred:
                continue
            value = self._loss(last.chosen | 1 << n)
            gain = value - last.value
            ratio = gain / cost if cost else inf
            if gain > self.exact and ratio > most:
                best, most = Best(last.chosen | 1 << n, value, PERCENT), ratio
        return best

    def _loss(self, chosen: Members) -> float:
        """Return what a set loses; without a number it is not taken."""
        try:
            return self.spoilers.loss(chosen)[0]
        except UncertifiedError:
            return -inf

    # --- the best set, proved

    def climb(
        self,
        best: Best,
        *,
        budget: float,
        start: Members = 0,
        stages: Iterable[float] = (),
    ) -> Best:
        """Return the best set within a budget, with what is proved of it.

        Parameters
        ----------
        best : Best
            A set to begin with.
        budget : float
            What a set may cost.
        start : Members
            Cuts that every set has.
        stages : iterable of float
            How far below the best it is looked first, as shares of what is left.
        """
        for stage in (*stages, 0.0):
            if best.top <= best.value + self.exact or best.value >= PERCENT - self.exact:
                break
            level = best.value + max(stage * (PERCENT - best.value), self.exact)
            best, done = self._beyond(best, level, budget=budget, start=start)
            if not done:
                break
        full = best.value >= PERCENT - self.exact
        return best._replace(top=best.value) if full else best

    def _beyond(
        self, best: Best, level: float, *, budget: float, start: Members
    ) -> tuple[Best, bool]:
        """Return the best of the sets that lose more than so much; tell whether that is proved."""

        def found(chosen: Members, value: float) -> float:
            nonlocal best
            if value > best.value:
                best = best._replace(chosen=chosen, value=value)
            hunt.most = max(level, best.value + self.exact)
            hunt.asked = min(hunt.most, max(self._serving(best.value), level))
            return hunt.most

        asked = level if level > best.value + self.exact else self._serving(best.value)
        hunt = Hunt(self.search, budget, self.size, most=level, asked=asked, found=found)
        if not self._ran(hunt, start=start):
            return best, False
        return best._replace(top=min(best.top, hunt.most)), True

    def _serving(self, value: float) -> float:
        """Return the shortfall of plans that also serve to find all sets as good as this."""
        return value - max(self.same, self.within) - self.same

    # --- all that are as good

    def step(self, best: Best, label: float | None, *, budget: float) -> Step:
        """Return the best sets within a budget: all optima, what is in each, and what is close.

        Parameters
        ----------
        best : Best
            The best set, with what is proved of it.
        label : float, optional
            The budget as it is told; the cost of the best set unless given.
        budget : float
            What a set may cost.
        """
        proven, tied = best.top <= best.value + self.exact, best.value - self.same
        sets = {best.chosen: best.value}
        least = best.value - max(self.same, self.within)
        complete = proven and self._gathered(sets, least, budget=budget, level=tied)
        sets = self._without_idle(sets)
        optima = [c for c, value in sets.items() if value >= tied]
        optima.sort(key=lambda c: (self.search.cost(c), -sets[c], c))
        others = sorted(
            (c for c, value in sets.items() if value < tied), key=lambda c: (-sets[c], c)
        )
        shown = self.told(optima[0], sets[optima[0]])
        shared = self._shared(optima, tied, budget=budget, complete=complete) if proven else ()
        return Step(
            budget=shown.cost if label is None else label,
            best=shown,
            status=Status.PROVEN if proven else Status.BOUND,
            bound=shown.value if proven else max(0.0, natural(self.worth, best.top)),
            optima=tuple(self.told(c, sets[c]) for c in optima),
            others=tuple(self.told(c, sets[c]) for c in others),
            complete=complete,
            in_every=shared,
        )

    def _without_idle(self, sets: dict[Members, float]) -> dict[Members, float]:
        """Return the sets of which no known part does as much."""
        return {
            one: value
            for one, value in sets.items()
            if not any(
                other != one and not other & ~one and known >= value - self.same
                for other, known in sets.items()
            )
        }

    # --- what is asked

    def by_size(self, chain: list[Best]) -> tuple[Step, ...]:
        """Return the best sets of each size, given the greedy ones."""
        sizes = [*range(1, self.size + 1)]
        if self.limited:  # the answer first
            sizes = [self.size, *sizes[:-1]]
        found: dict[int, Step] = {}
        known = self.nothing
        for size in sizes:
            self.progress(f"sets of {size}")
            start = chain[min(size, len(chain) - 1)]
            if known.chosen.bit_count() <= size and known.value > start.value:
                start = known
            known = self._proved(start, budget=float(size))
            found[size] = self.step(known, float(size), budget=float(size))
        return tuple(found[size] for size in sorted(found))

    def by_burden(self, chain: list[Best], burden: float) -> tuple[Step, ...]:
        """Return the best sets of this burden, and of each smaller one that allows less."""
        steps: list[Step] = []
        budget = burden
        while budget >= 0 and len(steps) < MOST_STEPS:
            self.progress(f"burdens up to {budget:g}")
            start = max(
                (each for each in chain if self.search.cost(each.chosen) <= budget),
                key=lambda each: each.value,
            )
            best = self._proved(start, budget=budget)
            label = None if steps else burden
            steps.append(self.step(best, label, budget=budget))
            cost = steps[-1].best.cost
            budget = cost - LESS * max(cost, 1.0)
        return tuple(step for n, step in enumerate(steps) if step.best.cut or not n)[::-1]

    def _proved(self, start: Best, *, budget: float) -> Best:
        stages = STAGES if self.limited else ()
        return self.climb(start._replace(top=PERCENT), budget=budget, stages=stages)

    def below(
        self, chain: list[Best], least: float, *, budget: float
    ) -> tuple[Step | None, Status]:
        """Return the cheapest sets that lose more than so much, and whether it is proved.

        Parameters
        ----------
        chain : list of Best
            The greedy set as it grows.
        least : float
            Shortfall to be passed, in percent.
        budget : float
            What sets may cost at the most.
        """
        best = next((each for each in chain if each.value > least), None)

        def found(chosen: Members, value: float) -> None:
            nonlocal best
            best = Best(chosen, value, PERCENT)
            hunt.budget = self._less(best)

        start = budget if best is None else self._less(best)
        hunt = Hunt(self.search, start, self.size, most=least, asked=least, found=found)
        self.progress("the cheapest set")
        done = self._ran(hunt)
        if best is None:
            return None, Status.PROVEN if done else Status.BOUND
        return self._cheapest(best, least, done=done), Status.PROVEN if done else Status.BOUND

    def _less(self, best: Best) -> float:
        cost = self.search.cost(best.chosen)
        return cost - LESS * max(cost, 1.0)

    def _cheapest(self, best: Best, least: float, *, done: bool) -> Step:
        """Return all sets below a capacity that are as cheap as one."""
        cost = self.search.cost(best.chosen)
        budget = cost + LESS * max(cost, 1.0)
        sets = {best.chosen: best.value}
        complete = done and self._gathered(sets, least, budget=budget)
        ranked = sorted(sets, key=lambda c: (-sets[c], c))
        shared = self._shared(sets, least, budget=budget, complete=complete) if done else ()
        optima = tuple(self.told(c, sets[c]) for c in ranked)
        return Step(
            budget=cost,
            best=optima[0],
            status=Status.PROVEN if done else Status.BOUND,
            bound=cost if done else self.search.needed(least),
            optima=optima,
            others=(),
            complete=complete,
            in_every=shared,
        )

    # --- hunts

    def _gathered(
        self, sets: dict[Members, float], least: float, *, budget: float, level: float = inf
    ) -> bool:
        """Gather sets that lose more than so much; tell whether these are all.

        Beyond a set that loses less than a level those count that lose more than it.
        """

        def found(chosen: Members, value: float) -> float | None:
            sets[chosen] = value
            if len(sets) >= MOST_SETS:
                raise _EnoughError
            return value + self.same if value < level else None

        hunt = Hunt(self.search, budget, self.size, most=least, asked=least, found=found)
        return self._ran(hunt)

    def _shared(
        self, sets: Iterable[Members], least: float, *, budget: float, complete: bool
    ) -> tuple[str, ...]:
        """Return the cuts without which no set loses more than so much."""
        shared = list(members(reduce(and_, sets)))
        if not complete:
            shared = [n for n in shared if self._needed(n, least, budget=budget)]
        return tuple(self.ids[n] for n in shared)

    def _needed(self, n: int, least: float, *, budget: float) -> bool:
        def found(_: Members, __: float) -> None:
            raise _EnoughError

        hunt = Hunt(self.search, budget, self.size, most=least, asked=least, found=found)
        return self._ran(hunt, without=1 << n)

    def _ran(self, hunt: Hunt, *, start: Members = 0, without: Members = 0) -> bool:
        """Tell whether a hunt came to its end."""
        try:
            hunt.run(start, without=without)
        except (OutOfTime, UncertifiedError, _EnoughError):
            return False
        return True
