"""Which sets of cuts cost most: a search that is complete, guided by plans that sets must spoil.

Convention: a set of cuts is an integer with a bit for each. What a set costs is its shortfall in
percent, which never falls when a cut is added. A *row* is a plan with the cuts that can spoil it,
its *bar*: a set without any of these costs no more than the plan falls short of. So a set that
costs more than ``most`` has a cut in the bar of every row with a shortfall up to ``most`` (an
implicit hitting set: Moreno-Centeno and Karp, 2013; rows as covers of interdictions: Israeli and
Wood, 2002). The search branches on the cuts of one bar, never comes back to one that it tried
before, and asks for a new row where none is known. Nothing is left out unless a row proves it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from time import monotonic
from typing import Protocol

Members = int
"""A set of cuts: bit n is cut n."""


@dataclass(frozen=True)
class Row:
    """A plan that some sets leave possible.

    Attributes
    ----------
    bar : Members
        The cuts of which one at least is in every set that spoils the plan.
    value : float
        Its shortfall in percent.
    """

    bar: Members
    value: float


class Oracle(Protocol):
    """What knows of single sets; each answer is proved."""

    def row(self, chosen: Members, *, asked: float, wanted: Members) -> Row | None:
        """Return a row without any of the chosen that falls short by no more than what is asked.

        It has as few of those that are wanted out of it as can be. None if none was found.
        """

    def loss(self, chosen: Members) -> tuple[float, Row]:
        """Return the shortfall under a set, and the row of its plan."""


class OutOfTime(Exception):  # noqa: N818 - no error: the best and its bound are kept
    """The time limit has passed."""


@dataclass
class Search:
    """Rows that are known, and the search on them.

    Attributes
    ----------
    costs : sequence of float
        What each cut costs; 1 each where sets are limited by size.
    rivals : sequence of Members
        For each cut those that are never in a set with it.
    oracle : Oracle
        What knows of single sets.
    deadline : float
        When to give up, as `time.monotonic` counts.
    rows : list of Row
        All that is known.
    nodes : int
        Sets that were looked at.
    """

    costs: Sequence[float]
    rivals: Sequence[Members]
    oracle: Oracle
    deadline: float = inf
    rows: list[Row] = field(default_factory=list)
    nodes: int = 0

    @property
    def everything(self) -> Members:
        """All cuts."""
        return (1 << len(self.costs)) - 1

    @cached_property
    def dearest(self) -> float:
        """The most that any cut costs."""
        return max(self.costs, default=0.0)

    def cost(self, chosen: Members) -> float:
        """Return what a set costs."""
        return sum(self.costs[n] for n in members(chosen))

    def needed(self, most: float) -> float:
        """Return what a set costs at the least that loses more than so much, by known rows.

        It has a cut in each of several bars that share none.
        """
        taken, least = 0, 0.0
        for row in sorted(self.rows, key=lambda row: row.bar.bit_count()):
            if row.value <= most and row.bar and not row.bar & taken:
                taken |= row.bar
                least += min(self.costs[n] for n in members(row.bar))
        return least


@dataclass
class Hunt:
    """One question to a search: which sets within a budget lose more than so much.

    Attributes
    ----------
    search : Search
        Rows and costs.
    budget : float
        What a set may cost at the most; whoever finds one may lower it.
    size : int
        How many cuts a set may have at the most.
    most : float
        Shortfall that is sought to be exceeded; whoever finds a set may raise it.
    asked : float
        Shortfall that new plans should have at the most, so that they serve later too.
    found : callable
        Told of each set that exceeds ``most``, with its shortfall. It returns the shortfall
        that sets beyond this one are to exceed, or None if they are of no interest.
    """

    search: Search
    budget: float
    size: int
    most: float
    asked: float
    found: Callable[[Members, float], float | None]

    def run(self, start: Members = 0, *, without: Members = 0) -> None:
        """Look at every set within the budget that contains the start; return when all is proved.

        Parameters
        ----------
        start : Members
            Cuts that every set has.
        without : Members
            Cuts that no set has.

        Raises
        ------
        OutOfTime
            If the deadline passes.
        """
        search = self.search
        within = search.everything & ~start & ~without
        for n in members(start):
            within &= ~search.rivals[n]
        self._look(start, within, search.cost(start), self.most, _Known([], 0))

    def _look(
        self, chosen: Members, within: Members, spent: float, level: float, before: "_Known"
    ) -> None:
        """Look at all sets of the chosen and any of those within."""
        search = self.search
        search.nodes += 1
        if monotonic() > search.deadline:
            raise OutOfTime
        level = max(level, self.most)
        known = before.narrowed(search.rows, chosen)
        within = self._affordable(chosen, within, spent)
        bars = [row.bar & within for row in known.rows if row.value <= level]
        if 0 in bars:
            return
        if not bars:
            row, level = self._asked(chosen, within, level)
            if row is None or not row.bar & within:
                return
            known = known.narrowed(search.rows, chosen)
            bars = [row.bar & within]
        while bars and not self._beyond(bars, chosen, spent):
            n = self._next(bars)
            bit = 1 << n
            deeper = spent + search.costs[n]
            within &= ~bit
            if deeper <= self.budget:  # whoever found a set may have lowered it
                self._look(chosen | bit, within & ~search.rivals[n], deeper, level, known)
            level = max(level, self.most)
            within = self._affordable(chosen, within, spent)
            known = known.narrowed(search.rows, chosen)
            bars = [row.bar & within for row in known.rows if row.value <= level]
            if 0 in bars:
                return

    def _asked(self, chosen: Members, within: Members, level: float) -> tuple[Row | None, float]:
        """Return a new row under a set, unless the set itself exceeds what is sought."""
        search = self.search
        row = search.oracle.row(chosen, asked=min(self.asked, level), wanted=within)
        if row is None:
            value, row = search.oracle.loss(chosen)
            if value > level:
                beyond = self.found(chosen, value)
                if beyond is None:
                    return None, level
                level = max(level, self.most, beyond)
        search.rows.append(row)
        return row, level

    def _affordable(self, chosen: Members, within: Members, spent: float) -> Members:
        """Return what can be added to a set, by its size and by what is left of the budget."""
        if chosen.bit_count() >= self.size:
            return 0
        left = self.budget - spent
        if left >= self.search.dearest:
            return within
        return within & joined([n for n in members(within) if self.search.costs[n] <= left])

    def _beyond(self, bars: Sequence[Members], chosen: Members, spent: float) -> bool:
        """Tell whether hitting some bars that share no cut takes more than what is left."""
        taken, need, count = 0, spent, chosen.bit_count()
        for bar in sorted(bars, key=int.bit_count):
            if not bar & taken:
                taken |= bar
                count += 1
                need += min(self.search.costs[n] for n in members(bar))
                if need > self.budget or count > self.size:
                    return True
        return False

    def _next(self, bars: Sequence[Members]) -> int:
        """Return the cut of the shortest bar that is in most bars."""
        shortest = min(bars, key=int.bit_count)
        return max(members(shortest), key=lambda n: sum(bar >> n & 1 for bar in bars))


@dataclass(frozen=True)
class _Known:
    """Rows that a set leaves possible, of the first so many of all."""

    rows: list[Row]
    looked: int

    def narrowed(self, rows: Sequence[Row], chosen: Members) -> "_Known":
        """Return those that a larger set leaves possible, of all that are known by now."""
        kept = [row for row in self.rows if not row.bar & chosen]
        kept += [row for row in rows[self.looked :] if not row.bar & chosen]
        return _Known(kept, len(rows))


def members(chosen: Members) -> Iterator[int]:
    """Yield the numbers of the cuts in a set.

    Examples
    --------
    >>> list(members(0b1101))
    [0, 2, 3]
    """
    while chosen:
        lowest = chosen & -chosen
        yield lowest.bit_length() - 1
        chosen ^= lowest


def joined(numbers: Sequence[int]) -> Members:
    """Return the set of these cuts.

    Examples
    --------
    >>> bin(joined([0, 2, 3]))
    '0b1101'
    """
    return sum(1 << n for n in numbers)
