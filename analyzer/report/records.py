"""The rows behind the picture: each figure with its range, its basis, its sources and its use.

Convention: a record is a plain mapping that JSON can hold. A series over the scenarios is one
number where it never changes; a mapping from places in the order of the scenarios where few
differ from the baseline, which stands at 0; else a list.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import isnan
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyzer.report.words import visible
from supply_data.schema import (
    Figured,
    Lane,
    Pillar,
    Plant,
    Requirement,
    Source,
    SourceKind,
    Stock,
    Supply,
    Tables,
)

Record = dict[str, Any]
Series = float | None | list[float | None] | dict[str, float | None]
Array = NDArray[np.float64]

_DIGITS = 5
_DUST = 1e-6
_NOTE = 1000
_SERIES = ("availability", "arrival", "used")
FIGURES = {
    "capacity_per_month": ("capacity", "units a month"),
    "capacity_usd_per_month": ("capacity", "USD a month"),
    "ceiling_per_month": ("ceiling", "units a month"),
    "ceiling_usd_per_month": ("ceiling", "USD a month"),
    "quantity": ("quantity", "units"),
    "target_per_month": ("target", "units a month"),
    "cost_usd": ("cost", "USD for one"),
    "value_usd": ("value", "USD for one"),
    "markup": ("mark-up", "share of the price"),
    "delay_months": ("delay", "months"),
    "max_fill": ("largest fill", "share of the slot"),
}
"""What figures are called on the page, and their units, by column."""
_ALWAYS = {"capacity_per_month", "capacity_usd_per_month", "quantity", "target_per_month"}


def records(tables: Tables, elements: pd.DataFrame, scenarios: Sequence[str]) -> list[Record]:
    """Return a record for each row that an analyst may want to check.

    Parameters
    ----------
    tables : Tables
        The dataset.
    elements : pandas.DataFrame
        The comparison's elements: availability, arrival, used and usage by scenario.
    scenarios : sequence of str
        Ids in the order of all series.

    Returns
    -------
    list of dict
        Elements first, then requirements, components and systems; `places_of` tells where.
    """
    sources = {key: place for place, key in enumerate(tables.sources)}
    measured = _measured(elements, scenarios)
    return [
        {
            "id": visible(identity),
            "title": visible(title),
            "pillar": _pillar(row),
            "figures": list(_figures(row)),
            "basis": row.basis.value,
            "confidence": row.confidence.value,
            "asOf": row.as_of or "",
            "sources": [sources[key] for key in row.source_ids if key in sources],
            "note": visible(row.note, longest=_NOTE),
            **measured.get(identity, {}),
        }
        for identity, title, row in _rows(tables)
    ]


def places_of(tables: Tables) -> dict[str, int]:
    """Return where the record of each row stands in `records`, by element id."""
    return {identity: place for place, (identity, _, _) in enumerate(_rows(tables))}


def titles(tables: Tables) -> dict[str, str]:
    """Return what the page calls each row that has a record, by element id."""
    return {identity: title for identity, title, _ in _rows(tables)}


def source_records(tables: Tables) -> list[Record]:
    """Return the sources; only a web address of a source that is not hostile becomes a link."""
    return [
        {
            "key": visible(row.source),
            "title": visible(row.title or row.source),
            "publisher": visible(row.publisher),
            "date": visible(row.date),
            "kind": row.kind.value,
            "address": visible(row.url, longest=_NOTE),
            "link": safe_link(row),
        }
        for row in tables.sources.values()
    ]


def safe_link(source: Source) -> str | None:
    """Return the address of a source where it may be followed, else None."""
    if source.kind is SourceKind.HOSTILE or visible(source.url, longest=_NOTE) != source.url:
        return None
    try:
        address = urlsplit(source.url)
    except ValueError:
        return None
    followed = address.scheme in {"http", "https"} and bool(address.hostname)
    return source.url if followed and "@" not in address.netloc else None


def series(values: Array) -> Series:
    """Return values in the shortest of the three forms of a series; NaN becomes None.

    Examples
    --------
    >>> series(np.array([1.0, 1.0])), series(np.array([0.123456789, np.nan]))
    (1, [0.12346, None])
    >>> series(np.array([2.0, 2.0, 2.0, 0.5, 2.0]))
    {'0': 2, '3': 0.5}
    """
    listed = values.tolist()
    rounded = {value: rounded_number(value) for value in set(listed)}  # mostly the same few
    first, *others = [rounded[value] for value in listed]
    changed = {str(place): value for place, value in enumerate(others, 1) if value != first}
    if not changed:
        return first
    return {"0": first} | changed if 2 * len(changed) < len(others) else [first, *others]


def without_dust(values: Array) -> Array:
    """Return amounts in which what is nothing beside the largest is nothing."""
    largest = np.nanmax(np.abs(values), initial=0.0)
    return np.where(np.abs(values) < _DUST * largest, 0.0, values)


def rounded_number(value: float, *, digits: int = _DIGITS) -> float | None:
    """Return a number with as many digits as the page needs; NaN becomes None."""
    if isnan(value):
        return None
    rounded = float(f"{value:.{digits}g}")
    return int(rounded) if rounded.is_integer() else rounded


def by_scenario(
    frame: pd.DataFrame, keys: list[str], column: str, scenarios: Sequence[str]
) -> dict[Any, Array]:
    """Return a column summed by key as arrays in the order of the scenarios; absent is zero."""
    if frame.empty:
        return {}
    wide = frame.pivot_table(
        index=keys, columns="scenario", values=column, aggfunc="sum", observed=True
    ).reindex(columns=list(scenarios))
    values = wide.fillna(0.0).to_numpy(dtype=float)
    return dict(zip(wide.index, values, strict=True))


def _measured(elements: pd.DataFrame, scenarios: Sequence[str]) -> dict[str, dict[str, Series]]:
    if elements.empty:
        return {}
    order = {scenario: place for place, scenario in enumerate(scenarios)}
    columns = [column for column in _SERIES if column in elements.columns]
    found = {}
    for element, rows in elements.groupby("element", sort=False, observed=True):
        at = [order[scenario] for scenario in rows["scenario"]]
        found[str(element)] = {
            column: series(_spread(rows[column].to_numpy(dtype=float), at, len(scenarios)))
            for column in columns
        }
    return found


def _spread(values: Array, at: list[int], length: int) -> Array:
    whole = np.full(length, np.nan)
    whole[at] = values
    return whole


def _rows(tables: Tables) -> Iterator[tuple[str, str, Figured]]:
    for supply in tables.supplies.values():
        yield supply.element, _supply_title(tables, supply), supply
    for lane in tables.lanes.values():
        yield lane.element, _lane_title(tables, lane), lane
    for plant in tables.plants.values():
        yield plant.element, _plant_title(tables, plant), plant
    for stock in tables.stocks:
        yield stock.element, _stock_title(tables, stock), stock
    for requirement in tables.requirements:
        product, component = requirement.product, requirement.component
        identity = f"requirement:{product}/{requirement.slot}/{component}"
        yield identity, _requirement_title(tables, requirement), requirement
    for component_row in tables.components.values():
        yield f"component:{component_row.component}", "Value of one", component_row
    for system in tables.systems.values():
        yield f"system:{system.system}", "Reference output", system


def good_name(tables: Tables, good: str) -> str:
    """Return what people call a component or a system."""
    row = tables.systems.get(good) or tables.components[good]
    return row.name or good


def place_name(tables: Tables, place: str) -> str:
    """Return what people call a place."""
    row = tables.places.get(place)
    return place if row is None else row.name or place


def civil_use(tables: Tables, good: str) -> str:
    """Return how much a class is used by civilians, or that it is unknown."""
    row = tables.components.get(good)
    return "unknown" if row is None or row.civil_use is None else row.civil_use.value


def good_records(tables: Tables) -> list[Record]:
    """Return components, then systems: what each is called and what it can be chosen by."""
    brands = _brands(tables)
    return [
        {
            "name": visible(good_name(tables, good)),
            "civil": civil_use(tables, good),
            "category": visible(tables.category(good)),
            "pillar": Pillar.HARDWARE.value if row is None else row.pillar.value,
            "tiers": [] if row is None else [visible(tier) for tier in row.chpl_tiers],
            "brands": [visible(place_name(tables, brand)) for brand in sorted(brands[good])],
        }
        for good in (*tables.components, *tables.systems)
        for row in (tables.components.get(good),)
    ]


def _brands(tables: Tables) -> Mapping[str, set[str]]:
    """Return the brands under which each good is supplied or made."""
    found: dict[str, set[str]] = defaultdict(set)
    for supply in tables.supplies.values():
        found[supply.component] |= {supply.brand} if supply.brand else set()
    for plant in tables.plants.values():
        found[plant.product] |= {plant.brand} if plant.brand else set()
    return found


def _supply_title(tables: Tables, row: Supply) -> str:
    made = _placed(good_name(tables, row.component), "from", place_name(tables, row.origin))
    if row.brand is None or row.brand == row.origin:
        return made
    return f"{made}, brand {place_name(tables, row.brand)}"


def _placed(name: str, word: str, place: str) -> str:
    """Return a name with its place, unless the name tells it.

    Examples
    --------
    >>> _placed("Motors", "from", "Japan"), _placed("Motors made in Japan", "from", "Japan")
    ('Motors from Japan', 'Motors made in Japan')
    >>> _placed("Niger delta rubber", "from", "Niger"), _placed("Nigerian rubber", "from", "Niger")
    ('Niger delta rubber', 'Nigerian rubber from Niger')
    """
    around = pairwise(name.split(place) if place else [name])
    told = any(not (before[-1:].isalnum() or after[:1].isalnum()) for before, after in around)
    return name if told else f"{name} {word} {place}"


def _lane_title(tables: Tables, row: Lane) -> str:
    ends = f"{place_name(tables, row.from_place)} → {place_name(tables, row.to_place)}"
    return f"{ends} ({', '.join(row.carries)})" if row.carries else ends


def _plant_title(tables: Tables, row: Plant) -> str:
    plant = f"Plant for {good_name(tables, row.product)}"
    return _placed(plant, "in", place_name(tables, row.place))


def _stock_title(tables: Tables, row: Stock) -> str:
    stock = f"Stock of {good_name(tables, row.component)}"
    return _placed(stock, "in", place_name(tables, row.place))


def _requirement_title(tables: Tables, row: Requirement) -> str:
    product, component = good_name(tables, row.product), good_name(tables, row.component)
    return f"{product}, {row.slot}: {row.quantity:.3g} \N{MULTIPLICATION SIGN} {component}"


def _pillar(row: Figured) -> str:
    pillar = getattr(row, "pillar", None)
    return pillar.value if pillar is not None else ""


def _figures(row: Figured) -> Iterator[list[Any]]:
    """Yield column, value, low and high of the figures that the row gives."""
    for column in type(row).figures:
        value = getattr(row, column)
        if column in FIGURES and (column in _ALWAYS or value not in {None, 0.0, 1.0}):
            limits = row.ranges.get(column)
            yield [column, value, *((None, None) if limits is None else limits)]
