"""Goods: what moves on lanes, told apart by item, by brand and by whose rules follow it.

Convention: an *item* is a component or a system; a *good* is an item with its brand and reach.
"""

from collections.abc import Iterator
from typing import NamedTuple

from supply_data.schema import Plant, Stock, Supply, Tables


class Good(NamedTuple):
    """An item under one brand; ``brand`` None is unknown and matched by no brand key."""

    item: str
    brand: str | None
    reach: tuple[str, ...]


def supplied(row: Supply) -> Good:
    """Return what a supply delivers."""
    return Good(row.component, row.brand, tuple(sorted(row.reach)))


def made(row: Plant) -> Good:
    """Return what a plant makes; the brands of its inputs end here."""
    return Good(row.product, row.brand or row.place, ())


def stocked(row: Stock) -> Good:
    """Return what a stock holds."""
    return Good(row.component, row.brand, ())


class Maker(NamedTuple):
    """A plant, or the making of a system without a plant row at the destination (no limit)."""

    element: str
    place: str
    product: str
    good: Good
    capacity_per_month: float | None
    ramp_per_month: float | None = None
    ceiling_per_month: float | None = None


def makers(tables: Tables) -> tuple[Maker, ...]:
    """Return everything that makes a product, plants first, in the order of the tables."""
    products = {row.product for row in tables.requirements}
    planted = {row.product for row in tables.plants.values()}
    end = tables.settings.destination
    plants = (
        Maker(
            row.element,
            row.place,
            row.product,
            made(row),
            row.capacity_per_month,
            row.ramp_per_month,
            row.ceiling_per_month,
        )
        for row in tables.plants.values()
    )
    homes = (
        Maker(f"made:{system}", end, system, Good(system, end, ()), None)
        for system in tables.systems
        if system in products and system not in planted
    )
    return (*plants, *homes)


def goods(tables: Tables) -> tuple[Good, ...]:
    """Return all goods of a dataset, sorted, each once."""
    return tuple(sorted(set(_all_goods(tables)), key=_order))


def _all_goods(tables: Tables) -> Iterator[Good]:
    yield from (supplied(row) for row in tables.supplies.values())
    yield from (maker.good for maker in makers(tables))
    yield from (stocked(row) for row in tables.stocks)


def _order(good: Good) -> tuple[str, str, tuple[str, ...]]:
    return good.item, good.brand or "", good.reach
