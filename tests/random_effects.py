"""Effects drawn at random, the same for the same seed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

import numpy as np

from analyzer.network.effect import Effect, Shares, Timing
from analyzer.network.goods import goods
from supply_data.schema import Tables
from tests.solved import elements

K = TypeVar("K")


def some_elements(tables: Tables, seed: int, *, share: float = 0.3) -> tuple[str, ...]:
    """Return about this share of all elements, at least one."""
    draw = np.random.default_rng([1, seed])
    known = elements(tables)
    picked = [element for element in known if draw.random() < share]
    return tuple(picked or known[:1])


def some_limits(tables: Tables, seed: int, *, share: float = 0.3) -> Effect:
    """Return an effect on limits alone: of those picked a third is lost, the rest in part."""
    draw = np.random.default_rng([2, seed])
    left = {
        element: np.array([draw.choice([0.0, draw.uniform(0, 1), draw.uniform(0, 1)])])
        for element in some_elements(tables, seed, share=share)
    }
    return Effect(availability=left)


def some_rates(tables: Tables, seed: int, *, share: float = 0.3) -> Effect:
    """Return an effect on what arrives of some goods on some lanes."""
    draw = np.random.default_rng([3, seed])
    known = goods(tables)
    rates = {
        (lane.element, good): np.array([draw.choice([0.0, 0.25, 0.5, 0.8])])
        for lane in tables.lanes.values()
        for good in known
        if lane.takes(tables.category(good.item)) and draw.random() < share
    }
    return Effect(arrival=rates)


def some_effect(tables: Tables, seed: int) -> Effect:
    """Return an effect on limits and on what arrives."""
    return both(some_limits(tables, seed, share=0.2), some_rates(tables, seed, share=0.2))


def both(one: Effect, other: Effect) -> Effect:
    """Return two effects at once."""
    return replace(
        one,
        availability=_product(one.availability, other.availability),
        arrival=_product(one.arrival, other.arrival),
    )


def over(effect: Effect, months: int, seed: int) -> Effect:
    """Return an effect that changes from month to month."""
    draw = np.random.default_rng(seed)

    def spread(shares: Shares) -> Shares:
        return np.asarray(shares[0] * draw.choice([0.0, 0.5, 1.0], size=months))

    return replace(
        effect,
        timing=Timing(months=months),
        availability={element: spread(s) for element, s in effect.availability.items()},
        arrival={pair: spread(s) for pair, s in effect.arrival.items()},
    )


def _product(one: Mapping[K, Shares], other: Mapping[K, Shares]) -> dict[K, Shares]:
    missing = np.ones(1)
    return {key: one.get(key, missing) * other.get(key, missing) for key in {**one, **other}}
