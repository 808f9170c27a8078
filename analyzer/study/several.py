"""Sets of cuts on one programme: what any of them changes together, and which a plan rests on.

Convention: a set is an integer with a bit for each cut (`analyzer.study.hitting`). What several
cuts leave multiplies: shares of limits, and rates at which goods arrive.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from analyzer.network.effect import Effect, Shares, Timing
from analyzer.programme.arrays import Model, Vector
from analyzer.programme.certificate import limits
from analyzer.programme.change import Change
from analyzer.programme.sieve import Numbers
from analyzer.study.cuts import Cut
from analyzer.study.hitting import Members, joined, members

K = TypeVar("K")
Places = NDArray[np.int64] | NDArray[np.int32]
Factors = tuple[Places, Vector]
"""Places, and the factor at each."""


@dataclass(frozen=True)
class Several:
    """Cuts of one programme, to be combined.

    Attributes
    ----------
    model : Model
        Built for the effects of the cuts together.
    cuts : tuple of Cut
        By their numbers.
    most : int
        How many of them are combined at the most.
    """

    model: Model
    cuts: tuple[Cut, ...]
    most: int

    def change(self, chosen: Members) -> Change:
        """Return what a set of cuts changes; none of them gives way to another."""
        programme = self.model.baseline
        numbers = list(members(chosen))
        if self._not_shares:
            return self.model.change(self._effect(numbers))
        high = _product(len(programme.high), [self._made[n] for n in numbers])
        rows = _product(len(programme.row_high), [self._carried[n] for n in numbers])
        data = _product(len(programme.matrix.data), [self._arriving[n] for n in numbers])
        columns, places = (np.flatnonzero(share < 1).astype(np.int32) for share in (high, rows))
        positions = np.flatnonzero(data != 1).astype(np.int32)
        return Change(
            columns=columns,
            high=self._reached(columns, high[columns]),
            rows=places,
            row_low=programme.row_low[places],
            row_high=programme.row_high[places] * rows[places],
            positions=positions,
            data=programme.matrix.data[positions] * data[positions],
        )

    def _effect(self, numbers: Sequence[int]) -> Effect:
        """Return what several cuts leave: shares multiply, mark-ups add up."""
        effects = [self.cuts[n].effect for n in numbers]
        found = Effect(self._timing)
        for one in effects:
            found = replace(
                found,
                availability=_times(found.availability, one.availability),
                arrival=_times(found.arrival, one.arrival),
                markup={
                    target: found.markup.get(target, 0.0) + one.markup.get(target, 0.0)
                    for target in {**found.markup, **one.markup}
                },
            )
        return found

    def _reached(self, columns: Places, shares: Vector) -> Vector:
        """Return the upper bounds of columns of whose capacity these shares are left."""
        known = [self.model.formulation.instance.columns[n] for n in columns.tolist()]
        return np.array(
            [
                min(share * each.capacity, each.most) if share else 0.0
                for share, each in zip(shares.tolist(), known, strict=True)
            ]
        )

    @cached_property
    def _not_shares(self) -> bool:
        """Whether some cut changes what is no share: what is spent, or held at the start."""
        low = self.model.baseline.row_low
        stocks = any((own.row_low != low[own.rows]).any() for own in self._own)
        limited = self.model.sets.budget_usd_per_month is not None
        return stocks or (limited and any(cut.effect.markup for cut in self.cuts))

    @cached_property
    def _own(self) -> list[Change]:
        return [self.model.change(cut.effect) for cut in self.cuts]

    @cached_property
    def _arriving(self) -> list[Factors]:
        """By cut, where numbers of the matrix change, and by which factor."""
        data = self.model.baseline.matrix.data
        return [(own.positions, own.data / data[own.positions]) for own in self._own]

    @cached_property
    def _carried(self) -> list[Factors]:
        """By cut, of which rows a share is left."""
        high = self.model.baseline.row_high
        return [(own.rows, own.row_high / high[own.rows]) for own in self._own]

    @cached_property
    def _made(self) -> list[Factors]:
        """By cut, of which columns a share is left: supplies and plants, and closed lanes."""
        columns = self.model.formulation.instance.columns
        sent = np.array([column.variable == "sent" for column in columns], dtype=np.bool_)
        found: list[Factors] = []
        for cut, own in zip(self.cuts, self._own, strict=True):
            closed = own.columns[sent[own.columns]].astype(np.int64)
            made = [
                (n, float(share[0]))
                for element, share in cut.effect.availability.items()
                for n in self._places_of[element].tolist()
                if n < len(columns) and not sent[n]
            ]
            numbers = np.array([n for n, _ in made], dtype=np.int64)
            shares = np.array([share for _, share in made])
            found.append((np.append(numbers, closed), np.append(shares, np.zeros(len(closed)))))
        return found

    def bar(self, uses: Vector, *, tolerance: float) -> Members:
        """Return the cuts of which a set needs one to spoil a plan that uses so much of limits.

        A plan that keeps within the floor of every limit that a cut names does not feel it, in
        whatever company.
        """
        over = uses[self._numbers] > self._floors + tolerance
        spoils = np.zeros(len(self.cuts), dtype=np.bool_)
        np.logical_or.at(spoils, self._owners, over)
        return joined(np.flatnonzero(spoils).tolist())

    def weights(self, by_cut: Vector) -> Vector:
        """Return weights of the named limits, given those of the cuts."""
        sums = np.zeros(len(self.named))
        np.add.at(sums, self._places, by_cut[self._owners])
        return sums

    @cached_property
    def named(self) -> Numbers:
        """The limits that cuts name, each once."""
        return np.unique(self._numbers)

    @cached_property
    def floors(self) -> Vector:
        """What is left of each named limit at the least."""
        lowest = np.full(len(self.named), np.inf)
        np.minimum.at(lowest, self._places, self._floors)
        return lowest

    @cached_property
    def _places(self) -> Numbers:
        return np.searchsorted(self.named, self._numbers)

    @cached_property
    def _owners(self) -> Numbers:
        return np.repeat(np.arange(len(self.cuts)), [len(each) for each, _ in self._touched])

    @cached_property
    def _numbers(self) -> Numbers:
        return np.concatenate([_NONE, *(numbers for numbers, _ in self._touched)])

    @cached_property
    def _floors(self) -> Vector:
        return np.concatenate([np.empty(0), *(floors for _, floors in self._touched)])

    @cached_property
    def _touched(self) -> list[tuple[Numbers, Vector]]:
        """Limits that each cut names, and what is left of them under any so many cuts."""
        least = Effect(self._timing, availability=self._least)
        left = limits(self.model.change(least).on(self.model.baseline))
        return [
            self._touched_by(cut.effect, own, left)
            for cut, own in zip(self.cuts, self._own, strict=True)
        ]

    def _touched_by(self, effect: Effect, own: Change, left: Vector) -> tuple[Numbers, Vector]:
        """Return the limits that an effect names, with what is left of them.

        Nothing is left of a column whose numbers in the matrix change: any use of it feels that.
        """
        named = np.unique(
            np.concatenate([_NONE, *(self._places_of[e] for e in effect.availability)])
        )
        moved = np.empty(0, dtype=np.int64)
        if not own.of_limits_alone or effect.arrival:
            moved = np.union1d(own.columns, self.model.baseline.matrix.indices[own.positions])
        numbers = np.union1d(named, moved).astype(np.int64)
        return numbers, np.where(np.isin(numbers, moved), 0.0, left[numbers])

    @cached_property
    def _places_of(self) -> dict[str, Numbers]:
        """Where the limits of each element that is cut stand."""
        nothing = np.zeros(self._timing.periods)
        columns = len(self.model.baseline.high)
        found = {}
        for element in self._least:
            own = self.model.change(Effect(self._timing, availability={element: nothing}))
            found[element] = np.concatenate((own.columns, columns + own.rows)).astype(np.int64)
        return found

    @cached_property
    def _least(self) -> dict[str, Shares]:
        """What is left of each element under any so many cuts."""
        shares = defaultdict(list)
        for cut in self.cuts:
            for element, share in cut.effect.availability.items():
                shares[element].append(share)
        return {e: np.sort(each, axis=0)[: self.most].prod(axis=0) for e, each in shares.items()}

    @property
    def _timing(self) -> Timing:
        return self.model.sets.options.timing


_NONE = np.empty(0, dtype=np.int64)


def _product(count: int, factors: Sequence[Factors]) -> Vector:
    """Return the product of all factors at each of so many places."""
    found = np.ones(count)
    for places, shares in factors:
        np.multiply.at(found, places, shares)
    return found


def _times(one: Mapping[K, Shares], other: Mapping[K, Shares]) -> dict[K, Shares]:
    both = {key: share * other[key] for key, share in one.items() if key in other}
    return {**one, **other, **both}
