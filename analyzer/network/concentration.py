"""How concentrated the sources of each item are, and of all items together; no solve.

Convention: weights are capacities as the tables have them, not flows; nothing is guessed for a
blank. Lists within a cell are joined by ``;``, which no key contains.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import fsum, nan
from typing import NamedTuple

import pandas as pd

from analyzer.network.goods import Maker
from analyzer.network.prune import pruned, reach, slots
from supply_data.schema import Tables


def herfindahl(amounts: Iterable[float]) -> float:
    """Return the Herfindahl-Hirschman index of amounts: the sum of their squared shares.

    Parameters
    ----------
    amounts : iterable of float
        What each source provides, in one unit, ≥ 0.

    Returns
    -------
    float
        From 1/n (n equal sources) to 1 (one source); NaN where the amounts sum to nothing.

    References
    ----------
    A. O. Hirschman, *National Power and the Structure of Foreign Trade*, 1945; O. C. Herfindahl,
    *Concentration in the U.S. Steel Industry*, 1950; on whose it is, A. O. Hirschman, "The
    Paternity of an Index", American Economic Review 54(5), 1964, p. 761. Its inverse as a number
    of equal sources: M. A. Adelman, "Comment on the 'H' Concentration Measure as a
    Numbers-Equivalent", Review of Economics and Statistics 51(1), 1969, pp. 99-101.

    Examples
    --------
    >>> herfindahl([5, 5, 5, 5]), herfindahl([7])
    (0.25, 1.0)
    """
    sizes = list(amounts)
    whole = fsum(sizes)
    return fsum((size / whole) ** 2 for size in sizes) if whole > 0 else nan


class Concentration(NamedTuple):
    """One row of `concentration`; its docstring says what the columns mean."""

    by: str
    scope: str
    item: str
    hhi: float
    equivalent: float
    largest: str
    largest_share: float
    usd_per_month: float
    counted: int
    unknown: int
    unknown_elements: str


class _Source(NamedTuple):
    by: str
    item: str
    element: str
    group: str | None
    amount: float | None
    usd: float | None


def concentration(tables: Tables) -> pd.DataFrame:
    """Return how concentrated the sources of each item, and of all together, are.

    Parameters
    ----------
    tables : Tables
        A checked dataset.

    Returns
    -------
    pandas.DataFrame
        One row for each ``by`` and ``item``, and two in total:

        * ``by``: ``origin`` and ``brand`` of supplies, and of the plants that make an item which
          is supplied as well (a plant's origin is its place); or ``last_lane``: lanes that bring
          the item to the destination, or to the place of a plant that uses it, by element id.
          What is made where it is used takes no lane and is not counted there.
        * ``scope``: ``item``; ``pooled`` (all items together, in USD, each lane once); or ``mean``
          (mean of the items' indices, weighted by their USD). Ten components with one origin each,
          all different, have a mean of 1 and a pooled index of 0.1.
        * ``hhi``: 0..1, see `herfindahl`; ``equivalent``: number of equal sources, 1 / hhi.
        * ``largest``, ``largest_share``: the group with most, and its share.
        * ``usd_per_month``: what the sources counted can provide; NaN where no value is known.
        * ``counted``, ``unknown``: elements in the index, and elements left out of it because
          their capacity, their brand or (in ``pooled`` and ``mean``) their item's value is not
          known; ``unknown_elements`` names these. No share is guessed for them, so an index with
          an unknown is that of the known part, and may lie above or below the true one.

        Weights are capacities, not flows. What can never contribute (`analyzer.network.prune`) is
        left out. A lane is limited in USD for all it carries together, so it has the same weight
        for each item that it carries.
    """
    sources = [*_made_or_supplied(tables), *_last_lanes(tables)]
    columns = list(Concentration._fields)
    return pd.DataFrame(list(_indices(sources)), columns=columns)


def _made_or_supplied(tables: Tables) -> Iterator[_Source]:
    dead = frozenset(pruned(tables))
    supplied = {row.component for row in tables.supplies.values() if row.element not in dead}
    for supply in tables.supplies.values():
        ends = {"origin": supply.origin, "brand": supply.brand}
        if supply.element not in dead:
            yield from _valued(
                tables, ends, supply.component, supply.element, supply.capacity_per_month
            )
    for plant in tables.plants.values():
        ends = {"origin": plant.place, "brand": plant.brand}
        if plant.element not in dead and plant.product in supplied:
            yield from _valued(tables, ends, plant.product, plant.element, plant.capacity_per_month)


def _valued(
    tables: Tables, ends: Mapping[str, str | None], item: str, element: str, amount: float | None
) -> Iterator[_Source]:
    value = tables.value_usd(item)
    usd = None if value is None or amount is None else amount * value
    for by, group in ends.items():
        yield _Source(by, item, element, group, amount, usd)


def _last_lanes(tables: Tables) -> Iterator[_Source]:
    found = reach(tables, class_of=lambda good: good.item)
    used = _places_of_use(tables, found.makers)
    for item, places in used.items():
        category = tables.category(item)
        for lane in tables.lanes.values():
            room = lane.capacity_usd_per_month
            arrives = lane.to_place in places and lane.from_place in found.present.get(item, ())
            if arrives and lane.takes(category) and room != 0:
                yield _Source("last_lane", item, lane.element, lane.element, room, room)


def _places_of_use(tables: Tables, useful: Iterable[Maker]) -> dict[str, set[str]]:
    needs = slots(tables)
    used: dict[str, set[str]] = {item: set() for item in (*tables.components, *tables.systems)}
    for system in tables.systems:
        used[system].add(tables.settings.destination)
    for maker in useful:
        for rows in needs[maker.product].values():
            for row in rows:
                used[row.component].add(maker.place)
    return used


def _indices(sources: Iterable[_Source]) -> Iterator[Concentration]:
    parts: dict[str, dict[str, list[_Source]]] = defaultdict(lambda: defaultdict(list))
    for source in sources:
        parts[source.by][source.item].append(source)
    for by, by_item in parts.items():
        items = [_of_item(by, item, found) for item, found in by_item.items()]
        everything = [source for found in by_item.values() for source in found]
        yield _pooled(by, everything)
        yield _mean(by, items, everything)
        yield from items


def _of_item(by: str, item: str, sources: Sequence[_Source]) -> Concentration:
    return _index(by, "item", item, sources)


def _pooled(by: str, sources: Sequence[_Source]) -> Concentration:
    once = {source.element: source._replace(amount=source.usd) for source in sources}
    return _index(by, "pooled", "", list(once.values()))


def _mean(by: str, items: Sequence[Concentration], sources: Sequence[_Source]) -> Concentration:
    weighed = [row for row in items if row.usd_per_month > 0]
    whole = fsum(row.usd_per_month for row in weighed)
    hhi = fsum(row.hhi * row.usd_per_month for row in weighed) / whole if weighed else nan
    pooled = _pooled(by, sources)
    return pooled._replace(scope="mean", hhi=hhi, equivalent=1 / hhi, largest="", largest_share=nan)


def _index(by: str, scope: str, item: str, sources: Sequence[_Source]) -> Concentration:
    sums: dict[str, float] = defaultdict(float)
    unknown: list[str] = []
    worth: list[float] = []
    for source in sources:
        if source.group is None or source.amount is None:
            unknown.append(source.element)
        else:
            sums[source.group] += source.amount
            worth.append(nan if source.usd is None else source.usd)
    hhi = herfindahl(sums.values())
    largest = max(sums, key=lambda group: sums[group], default="")
    whole = fsum(sums.values())
    return Concentration(
        by=by,
        scope=scope,
        item=item,
        hhi=hhi,
        equivalent=1 / hhi,
        largest=largest,
        largest_share=sums[largest] / whole if whole > 0 else nan,
        usd_per_month=fsum(worth) if worth else nan,
        counted=len(sources) - len(unknown),
        unknown=len(unknown),
        unknown_elements=";".join(sorted(unknown)),
    )
