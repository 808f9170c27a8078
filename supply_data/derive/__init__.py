"""How a dataset's tables follow from its facts: one documented rule a column, no figure by hand.

Convention: facts are CSV files in ``facts/`` of the dataset's folder; everything here reads them
and nothing else. A figure is a :class:`~supply_data.derive.facts.Span` of low, central and high;
shares are fractions; the rule of a row stands in its ``note``. Rows are sorted by key, except
that requirements keep the order of their slot, whose first row is the first choice.

Capacities rest on one idea: the published output was reached with the published shares, so a
supply had at least *need x share*, and some headroom.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from supply_data.derive.destination import plant_rows, stock_rows
from supply_data.derive.facts import Row, Switched, read_facts
from supply_data.derive.goods import (
    component_rows,
    programme_rows,
    requirement_rows,
    system_rows,
)
from supply_data.derive.lanes import lane_rows
from supply_data.derive.needs import needs_of
from supply_data.derive.pools import pool_rows
from supply_data.derive.supplies import sources_of_goods, supply_rows, trainee_rows

__all__ = ["derived", "written"]

KEYS = {
    "places": ("place",),
    "components": ("component",),
    "systems": ("system",),
    "targets": ("set", "system"),
    "requirements": ("product",),
    "supplies": ("supply",),
    "lanes": ("lane",),
    "plants": ("plant",),
    "stocks": ("place", "component"),
    "programmes": ("programme",),
    "sources": ("source",),
}
"""What the rows of each table are sorted by."""


def derived(
    folder: Path,
    *,
    assumptions: Mapping[str, float] | None = None,
    switched: Sequence[Switched] = (),
) -> dict[str, list[Row]]:
    """Return the tables that follow from a dataset's facts.

    Parameters
    ----------
    folder : Path
        The dataset's folder; its subfolder ``facts`` is read.
    assumptions : mapping of str to float, optional
        Central values to use instead of those in ``facts/assumptions.csv``.
    switched : sequence of Switched, optional
        What variants put into rows of the facts.

    Returns
    -------
    dict of str to list of dict
        By table, its rows as text cells.

    Raises
    ------
    BadTablesError
        If a file of facts is missing or no text.
    KeyError
        If an assumption is named that the facts do not have.
    """
    facts = read_facts(folder / "facts", assumptions=assumptions or {}, switched=switched)
    needs = needs_of(facts)
    sources = sources_of_goods(facts)
    tables = {
        "places": list(facts.rows("places")),
        "components": component_rows(facts),
        "systems": system_rows(facts),
        "targets": list(facts.rows("targets")),
        "requirements": requirement_rows(needs),
        "supplies": [
            *supply_rows(facts, needs, sources),
            *trainee_rows(facts),
            *pool_rows(facts, needs),
        ],
        "lanes": lane_rows(facts, needs, sources),
        "plants": plant_rows(facts, needs),
        "stocks": stock_rows(facts, needs),
        "programmes": programme_rows(facts),
        "sources": list(facts.rows("sources")),
    }
    return {name: _sorted(rows, by=KEYS[name]) for name, rows in tables.items()}


def _sorted(rows: Sequence[Row], *, by: tuple[str, ...]) -> list[Row]:
    return sorted(rows, key=lambda row: tuple(row[column] for column in by))


def written(rows: Sequence[Row], *, columns: Iterable[str]) -> bytes:
    r"""Return a table as a CSV file: UTF-8, lines end in ``\n``, columns as first met.

    Parameters
    ----------
    rows : sequence of dict
        Text cells by column.
    columns : iterable of str
        The header of a table without rows.

    Examples
    --------
    >>> written([{"place": "ISLE", "name": "Isle"}], columns=())
    b'place,name\nISLE,Isle\n'
    """
    met = dict.fromkeys(column for row in rows for column in row)
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, [*(met or columns)], restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()
