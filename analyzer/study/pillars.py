"""Which pillar limits scaling under a scenario: ceiling, relief and share of the loss.

Convention: a cut belongs to the pillar of the element that it acts on, an arrival rate to that of
its lane. The three pillars are players of a game whose worth is the loss when only their cuts
apply; the share of a pillar in the loss is its Shapley value (Shapley, A value for n-person games,
1953), in units of the baseline's scaling capacity, so that the shares sum to one minus surviving.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial
from typing import TypeVar

from analyzer.network.effect import Effect, Target
from supply_data.schema import Pillar, Tables

JOINT = "joint"

K = TypeVar("K", bound=Target)
V = TypeVar("V")


@dataclass(frozen=True)
class Standing:
    """How one pillar stands under a scenario.

    Attributes
    ----------
    ceiling : float
        Scaling capacity when only the cuts on this pillar's elements apply.
    relief : float
        Scaling capacity when only this pillar's cuts are lifted.
    loss_share : float
        Its part in the loss, as a share of the baseline's scaling capacity.
    """

    ceiling: float
    relief: float
    loss_share: float


def standings(
    tables: Tables,
    effect: Effect,
    *,
    under: Effect,
    capacity: Callable[[Effect], float | None],
) -> dict[Pillar, Standing] | None:
    """Return how each pillar stands; None if a capacity could not be certified.

    Parameters
    ----------
    tables : Tables
        The dataset.
    effect : Effect
        The scenario.
    under : Effect
        The reference, whose cuts stay where those of a pillar do not apply.
    capacity : callable
        Certified scaling capacity under an effect, or None.
    """
    worth: dict[frozenset[Pillar], float] = {}
    touched = frozenset(_touched(tables, effect) | _touched(tables, under))

    def part(players: frozenset[Pillar]) -> Effect:
        if players in {frozenset(), touched}:
            return effect if players else under
        return of_pillars(tables, effect, players, under=under)

    for size in range(len(touched) + 1):
        for players in combinations(sorted(touched), size):
            known = capacity(part(frozenset(players)))
            if known is None:
                return None
            worth[frozenset(players)] = known
    return {pillar: _standing(pillar, touched, worth) for pillar in Pillar}


def binds(
    found: Mapping[Pillar, Standing],
    *,
    base: float,
    capacity: float,
    same: Callable[[float, float], bool],
) -> str | None:
    """Return the pillar whose relief is largest, ``joint`` if none helps alone, None if no loss.

    Parameters
    ----------
    found : mapping of Pillar to Standing
        How each pillar stands.
    base, capacity : float
        Scaling capacity of the reference and under the scenario.
    same : callable
        Whether two capacities cannot be told apart.
    """
    if capacity >= base or same(base, capacity):
        return None
    largest = max(one.relief for one in found.values())
    if largest > capacity and not same(largest, capacity):
        return next(p.value for p, one in found.items() if same(one.relief, largest))
    return JOINT


def of_pillars(
    tables: Tables, effect: Effect, pillars: frozenset[Pillar], *, under: Effect
) -> Effect:
    """Return an effect on elements of these pillars, and another on those of the others."""

    def chosen(target: Target) -> bool:
        element = target if isinstance(target, str) else target[0]
        return tables.elements[element].pillar in pillars

    def parts(mine: Mapping[K, V], others: Mapping[K, V]) -> dict[K, V]:
        kept = {target: value for target, value in others.items() if not chosen(target)}
        return {**kept, **{target: value for target, value in mine.items() if chosen(target)}}

    return replace(
        effect,
        availability=parts(effect.availability, under.availability),
        arrival=parts(effect.arrival, under.arrival),
        markup=parts(effect.markup, under.markup),
    )


def _touched(tables: Tables, effect: Effect) -> set[Pillar]:
    marked = (target if isinstance(target, str) else target[0] for target in effect.markup)
    elements = (*effect.availability, *(lane for lane, _ in effect.arrival), *marked)
    return {pillar for e in elements if (pillar := tables.elements[e].pillar) is not None}


def _standing(
    pillar: Pillar, touched: frozenset[Pillar], worth: Mapping[frozenset[Pillar], float]
) -> Standing:
    alone, others = frozenset({pillar}) & touched, touched - {pillar}
    base = worth[frozenset()]
    share = 0.0
    for size in range(len(others) + 1) if alone else ():
        weight = factorial(size) * factorial(len(others) - size) / factorial(len(touched))
        for players in combinations(sorted(others), size):
            before = frozenset(players)
            share += weight * (worth[before] - worth[before | alone])
    return Standing(
        ceiling=worth[alone], relief=worth[others], loss_share=share / base if base else 0.0
    )
