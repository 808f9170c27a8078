"""What in a sound dataset deserves a second look: units, shares, sources and dates.

Convention: unlike `supply_data.oddities`, nothing here is repeated by every result; some of it
changes with the clock. Thresholds are wide, so that what is named is worth the look.
"""

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from math import fsum
from pathlib import Path
from statistics import median
from typing import NamedTuple

from supply_data.checks import at, rows_of, slots
from supply_data.files import cells_of
from supply_data.schema import TABLES, Basis, Fault, Figured, Requirement, Source, Tables, shown

OLDEST_YEARS = 2
MOST_OF_ONE_SOURCE = 1 / 3
FEWEST_ROWS = 6
"""With fewer reported or derived rows, one source may well carry most of them."""
FAR = 100.0
"""Ratio of the worth of two alternatives beyond which a unit is likely wrong."""
FAR_QUANTITY = 1000.0
"""Ratio of a quantity to that of other products beyond which a unit is likely wrong."""
_FEWEST_PEERS = 3
_NEAR = 0.005
"""By how much shares may miss their whole, as a part of it."""


def implausible(
    tables: Tables, *, today: date, also_cited: Collection[str] = ()
) -> Iterator[Fault]:
    """Yield what is worth a second look in checked tables.

    Parameters
    ----------
    tables : Tables
        The dataset.
    today : datetime.date
        The day against which dates are held.
    also_cited : collection of str
        Sources that something beside the tables names, such as measures or facts.
    """
    yield from _without_supplier(tables)
    yield from _worth_out_of_line(tables)
    yield from _quantities_out_of_line(tables)
    yield from _one_source(tables)
    yield from _old(tables, today)
    yield from _unused_sources(tables, also_cited)


def last_day(text: str) -> date:
    """Return the last day of a date that may lack its day or its month.

    Examples
    --------
    >>> print(last_day("2024"), last_day("2024-02"), last_day("2024-02-03"))
    2024-12-31 2024-02-29 2024-02-03
    """
    parts = [int(part) for part in text.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    return date(year, month, parts[2] if len(parts) > 2 else monthrange(year, month)[1])  # noqa: PLR2004 - a day


def _figured(tables: Tables) -> Iterator[Figured]:
    for model in TABLES:
        yield from (row for row in rows_of(tables, model.table) if isinstance(row, Figured))


# --- requirements and units


def _without_supplier(tables: Tables) -> Iterator[Fault]:
    had = {row.component for row in tables.supplies.values()}
    had |= {row.component for row in tables.stocks}
    had |= {row.product for row in tables.requirements}
    for rows in slots(tables).values():
        # where a whole slot stands empty every result says so already
        if any(row.component in had for row in rows):
            for row in (row for row in rows if row.component not in had):
                rule = "nobody supplies or makes this alternative"
                yield at(row, "component", rule, "Add a supply, or drop the row")


def _worth_out_of_line(tables: Tables) -> Iterator[Fault]:
    for rows in slots(tables).values():
        first, *others = rows
        usual = _worth(first, tables)
        for row in others:
            worth = _worth(row, tables)
            if usual and worth and not 1 / FAR <= worth / usual <= FAR:
                rule = (
                    f"value x quantity is {worth:g} USD, that of the slot's first choice {usual:g}"
                )
                yield at(row, "quantity", rule, "Check the units of quantity and of value_usd")
    for system, parts in _first_choices(tables).items():
        value = tables.systems[system].value_usd
        for row in parts:
            worth = _worth(row, tables)
            if value and worth and worth > value:
                rule = f"value x quantity is {worth:g} USD, more than the system's {value:g}"
                yield at(row, "quantity", rule, "Check the units of quantity and of value_usd")


def _first_choices(tables: Tables) -> dict[str, list[Requirement]]:
    found: dict[str, list[Requirement]] = defaultdict(list)
    for (product, _), rows in slots(tables).items():
        if product in tables.systems:
            found[product].append(rows[0])
    return found


def _worth(row: Requirement, tables: Tables) -> float | None:
    value = tables.value_usd(row.component)
    return None if value is None else value * row.quantity


def _quantities_out_of_line(tables: Tables) -> Iterator[Fault]:
    by_component: dict[str, list[Requirement]] = defaultdict(list)
    for row in tables.requirements:
        by_component[row.component].append(row)
    for rows in by_component.values():
        usual = median(row.quantity for row in rows)
        for row in rows if len(rows) >= _FEWEST_PEERS else ():
            if not 1 / FAR_QUANTITY <= row.quantity / usual <= FAR_QUANTITY:
                rule = f"other products take about {usual:g} of it"
                yield at(row, "quantity", rule, "Check the unit")


# --- sources and dates


def _one_source(tables: Tables) -> Iterator[Fault]:
    resting = [row for row in _figured(tables) if row.basis is not Basis.ASSUMED]
    alone = Counter(row.source_ids[0] for row in resting if len(row.source_ids) == 1)
    for source, count in alone.items():
        large = count > MOST_OF_ONE_SOURCE * len(resting)
        if large and len(resting) >= FEWEST_ROWS and source in tables.sources:
            rule = f"{count} of {len(resting)} reported or derived rows rest on this source alone"
            yield at(tables.sources[source], "source", rule, "Look for a second one")


def _old(tables: Tables, today: date) -> Iterator[Fault]:
    # by number, since 29 February has no day of its own in most years
    limit = ((today.year - OLDEST_YEARS) * 100 + today.month) * 100 + today.day
    for row in _figured(tables):
        if row.as_of is not None:
            day = last_day(row.as_of)
            if (day.year * 100 + day.month) * 100 + day.day < limit:
                rule = f"the figure is more than {OLDEST_YEARS} years old"
                yield at(row, "as_of", rule, "Look for a newer one")


def _unused_sources(tables: Tables, also_cited: Collection[str]) -> Iterator[Fault]:
    cited = {*also_cited, *(source for row in _figured(tables) for source in row.source_ids)}
    for source in tables.sources.values():
        if source.source not in cited:
            yield _unused(source)


def _unused(source: Source) -> Fault:
    return at(source, "source", "nothing names this source", "Cite it where it is used, or drop it")


# --- facts


class _Whole(NamedTuple):
    """Shares of one file of facts that belong together."""

    file: str
    by: tuple[str, ...]
    column: str
    whole: float
    sampled: bool = False
    """Whether only rows with a sample count, since others overlap, and the rest may be left out."""


_WHOLES = (
    _Whole("requirements", ("product", "slot"), "fill", 1),
    _Whole("class_shares", ("component",), "central", 1),
    _Whole("origin_shares", ("class", "measure", "period"), "central", 100, sampled=True),
)


def unsummed_shares(folder: Path) -> Iterator[Fault]:
    """Yield the shares in a dataset's facts that do not add up to their whole.

    Parameters
    ----------
    folder : Path
        The dataset's folder; without ``facts`` there is nothing to add up.
    """
    for each in _WHOLES:
        sums: dict[tuple[str, ...], list[float]] = defaultdict(list)
        for row in _facts(folder, each.file):
            share = _number(row.get(each.column))
            if share is not None and (row.get("sample") or not each.sampled):
                sums[tuple(row.get(column) or "" for column in each.by)].append(share)
        for key, shares in sums.items():
            yield from _off(each, key, fsum(shares) / each.whole)


def _off(each: _Whole, key: tuple[str, ...], part: float) -> Iterator[Fault]:
    if part > 1 + _NEAR or (part < 1 - _NEAR and not each.sampled):
        file, named = f"facts/{each.file}.csv", "/".join(key)
        rule = f"the shares of {shown(named)} add up to {part:.1%}"
        yield Fault(file, None, each.column, None, rule, "Check them, or add what is left over")


def cited_in_facts(folder: Path) -> frozenset[str]:
    """Return the sources that a dataset's facts name."""
    files = (path.stem for path in (folder / "facts").glob("*.csv"))
    return frozenset(
        source
        for file in files
        for row in _facts(folder, file)
        for source in (row.get("source_ids") or "").split(";")
        if source
    )


def _number(text: str | None) -> float | None:
    """Return the number in a cell; None where `derive` would refuse it, or it is blank."""
    try:
        return float(text or "")
    except ValueError:
        return None


def _facts(folder: Path, file: str) -> tuple[Mapping[str, str], ...]:
    name = f"facts/{file}.csv"
    if not (folder / name).is_file():
        return ()
    return cells_of(folder, name)
