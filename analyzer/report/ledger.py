"""Amounts by element and good, looked up while the picture is drawn.

Convention: every amount is an array in the order of the scenarios; what is not there is zero.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from analyzer.report.records import Array, by_scenario

if TYPE_CHECKING:
    import pandas as pd

    from analyzer.network.case import Case
    from supply_data.schema import Lane, Tables

Amounts = dict[tuple[str, ...], Array]


class Drawable(Protocol):
    """What can be drawn: a comparison of scenarios, or the months of one."""

    @property
    def case(self) -> "Case":
        """Dataset and graph."""

    @property
    def table(self) -> "pd.DataFrame":
        """One row a ``scenario``, the baseline first; a month may stand for one."""

    @property
    def systems(self) -> "pd.DataFrame":
        """Output by ``scenario`` (`analyzer.study.compare.Comparison`)."""

    @property
    def flows(self) -> "pd.DataFrame":
        """Flows by ``scenario``."""

    @property
    def elements(self) -> "pd.DataFrame":
        """How far each element is used, by ``scenario``."""

    @property
    def cuts(self) -> "pd.DataFrame":
        """What remains of what is cut, by ``scenario``."""

    @property
    def pruned(self) -> tuple[str, ...]:
        """Elements that can never contribute."""


@dataclass(frozen=True)
class Ledger:
    """The flows of a comparison, by what they pass."""

    comparison: Drawable

    @property
    def tables(self) -> "Tables":
        """The dataset."""
        return self.comparison.case.tables

    @cached_property
    def scenarios(self) -> tuple[str, ...]:
        """Ids in the order of all arrays; the first is the baseline."""
        return tuple(self.comparison.table["scenario"])

    @cached_property
    def zero(self) -> Array:
        """Nothing, in every scenario."""
        return np.zeros(len(self.scenarios))

    def _summed(self, kind: str, keys: list[str], column: str) -> Amounts:
        flows = self.comparison.flows
        rows = flows[flows["kind"] == kind]
        found = by_scenario(rows, keys, column, self.scenarios)
        return {(key if isinstance(key, tuple) else (key,)): value for key, value in found.items()}

    @cached_property
    def sent(self) -> Amounts:
        """What is sent by lane and good, units."""
        return self._summed("lane", ["element", "good"], "quantity_per_month")

    @cached_property
    def arrived(self) -> Amounts:
        """What arrives by lane and good, units."""
        return self._summed("lane", ["element", "good"], "arrived_per_month")

    @cached_property
    def usd(self) -> Amounts:
        """What is sent by lane and good, USD."""
        return self._summed("lane", ["element", "good"], "value_usd_per_month")

    @cached_property
    def supplied(self) -> Amounts:
        """Output by supply, units."""
        return self._summed("supply", ["element"], "quantity_per_month")

    @cached_property
    def made(self) -> Amounts:
        """Output by plant, units."""
        return self._summed("plant", ["element"], "quantity_per_month")

    @cached_property
    def consumed(self) -> Amounts:
        """Use by product's node, component and place, units."""
        return self._summed("use", ["to_node", "good", "place"], "quantity_per_month")

    @cached_property
    def fielded(self) -> Amounts:
        """What is fielded by system, units."""
        return self._summed("field", ["good"], "quantity_per_month")

    @cached_property
    def remaining(self) -> dict[tuple[str, str], Array]:
        """What is left of an element, or of a good on a lane (its least cut brand), if less."""
        cuts = self.comparison.cuts
        wide = cuts.pivot_table(
            index=["element", "good", "brand"],
            columns="scenario",
            values="remaining",
            aggfunc="max",
        ).reindex(columns=list(self.scenarios))
        left = wide.fillna(1.0).to_numpy(dtype=float)
        by_brand = {tuple(key): row for key, row in zip(wide.index, left, strict=True)}
        pairs = {(element, good) for element, good, _ in by_brand}
        return {pair: self._least_cut(pair, by_brand) for pair in pairs}

    def _least_cut(self, pair: tuple[str, str], by_brand: Mapping[tuple[str, ...], Array]) -> Array:
        uncut = np.ones(len(self.scenarios))
        brands = self._brands(pair[1]) or {""}
        found = [by_brand.get((*pair, brand), uncut) for brand in sorted(brands)]
        least: Array = np.max(found, axis=0)
        return least

    def _brands(self, good: str) -> set[str]:
        """Return the brands under which a good comes; empty text is an unknown one."""
        supplied = {row.brand for row in self.tables.supplies.values() if row.component == good}
        made = {row.brand for row in self.tables.plants.values() if row.product == good}
        return {brand or "" for brand in supplied | made}

    @cached_property
    def lanes(self) -> tuple["Lane", ...]:
        """Lanes that can contribute."""
        rows = self.tables.lanes.values()
        return tuple(lane for lane in rows if lane.element not in self.comparison.pruned)

    @cached_property
    def supplies(self) -> dict[tuple[str, str], list[str]]:
        """Supplies that can contribute, by place and good."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for row in self.tables.supplies.values():
            if row.element not in self.comparison.pruned:
                found[row.origin, row.component].append(row.element)
        return found

    @cached_property
    def plants(self) -> dict[str, list[str]]:
        """Plants by product."""
        found: dict[str, list[str]] = defaultdict(list)
        for row in self.tables.plants.values():
            found[row.product].append(row.element)
        return found

    @cached_property
    def needs(self) -> dict[str, set[str]]:
        """Goods that are used, or fielded, by place."""
        found: dict[str, set[str]] = defaultdict(set)
        places = defaultdict(set)
        for row in self.tables.plants.values():
            places[row.product].add(row.place)
        home = self.tables.settings.destination
        found[home] |= set(self.tables.systems)
        for requirement in self.tables.requirements:
            for place in places.get(requirement.product) or {home}:
                found[place].add(requirement.component)
        return found

    @cached_property
    def brought(self) -> dict[str, set[str]]:
        """Goods that lanes can bring, by place where they end."""
        offered: dict[str, set[str]] = defaultdict(set)
        for place, good in self.supplies:
            offered[place].add(good)
        for row in self.tables.plants.values():
            offered[row.place].add(row.product)
        found: dict[str, set[str]] = defaultdict(set)
        leaving = defaultdict(list)
        for lane in self.lanes:
            leaving[lane.from_place].append(lane)
        rest = list(offered.items())
        while rest:
            place, goods = rest.pop()
            for lane in leaving[place]:
                new = {good for good in goods if self.takes(lane, good)} - found[lane.to_place]
                found[lane.to_place] |= new
                rest += [(lane.to_place, new)] if new else []
        return found

    def takes(self, lane: "Lane", good: str) -> bool:
        """Tell whether a lane carries a good."""
        return lane.takes(self.tables.category(good))

    def shares(self, place: str, good: str) -> tuple[Array, Array]:
        """Return which shares of a good at a place are supplied there and brought there.

        What is missing to one is made there.
        """
        here = (place, good)
        supplied = self.sum(self.supplied, ((name,) for name in self.supplies.get(here, ())))
        plants = (row for row in self.tables.plants.values() if (row.place, row.product) == here)
        made = self.sum(self.made, ((row.element,) for row in plants))
        lanes = (lane for lane in self.lanes if lane.to_place == place)
        brought = self.sum(self.arrived, ((lane.element, good) for lane in lanes))
        total = np.maximum(supplied + made + brought, np.finfo(float).tiny)
        return supplied / total, brought / total

    def used_at(self, place: str, good: str) -> Array:
        """Return what is used of a good, or fielded of a system, at a place."""
        used = [key for key in self.consumed if key[1:] == (good, place)]
        fielded = [(good,)] if place == self.tables.settings.destination else []
        return self.sum(self.consumed, used) + self.sum(self.fielded, fielded)

    def sum(
        self, amounts: Mapping[tuple[str, ...], Array], keys: Iterable[tuple[str, ...]]
    ) -> Array:
        """Return the sum of the amounts at the keys that are there."""
        total = self.zero.copy()
        for key in keys:
            total = total + amounts.get(key, self.zero)
        return total

    def used_by(self, product: str, component: str) -> Array:
        """Return what a product uses of a component, at all places."""
        node = "system" if product in self.tables.systems else "component"
        keys = [key for key in self.consumed if key[:2] == (f"{node}:{product}", component)]
        return self.sum(self.consumed, keys)

    def valued(self, good: str, quantity: Array) -> Array:
        """Return the value of a quantity in USD; nothing where no value is known."""
        return quantity * (self.tables.value_usd(good) or 0.0)

    def opening_of(self, elements: Sequence[str], good: str = "") -> Array:
        """Return the largest share left among elements that stand beside each other; 1 for none.

        With a good, what measures leave of that good on lanes counts as well.
        """
        uncut = np.ones(len(self.scenarios))
        found = [
            self.remaining.get((element, ""), uncut)
            * (self.remaining.get((element, good), uncut) if good else uncut)
            for element in elements
        ]
        widest: Array = np.max(found, axis=0) if found else uncut
        return widest

    def supplied_at(self, place: str) -> list[str]:
        """Return the goods that a place supplies."""
        return [good for where, good in self.supplies if where == place]

    def offered_at(self, place: str) -> list[str]:
        """Return the goods that a place supplies or has brought to it."""
        return list(dict.fromkeys((*self.supplied_at(place), *sorted(self.brought.get(place, ())))))

    def lanes_into(self, place: str, good: str) -> tuple[str, ...]:
        """Return the lanes that can bring a good to a place."""
        lanes = (lane for lane in self.lanes if lane.to_place == place)
        return tuple(lane.element for lane in lanes if self.takes(lane, good))

    def good_node(self, good: str) -> str:
        """Return the box in which a good is drawn."""
        if good in self.tables.systems:
            return f"system:{good}"
        return f"product:{good}" if good in self.plants else f"component:{good}"
