"""Which tables follow from a dataset's facts, and where the tables that stand there differ.

Convention: nothing is written here. A cell differs if it is another text and no equal number, so
a table that was saved again by a spreadsheet is the same.
"""

import csv
import io
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from supply_data.checks import file_of
from supply_data.csv_table import known_columns
from supply_data.derive import derived, written
from supply_data.derive.facts import FILES
from supply_data.files import bytes_of, cells_of, text_of
from supply_data.names import advice
from supply_data.schema import TABLES, BadTablesError, Fault, shown
from supply_data.variants import chosen, switched
from supply_data.variants import variants as all_variants

Cells = dict[str, str]
"""One row of a table as text cells, by column."""

FACTS = "facts"
"""Folder of a dataset's facts, inside the dataset's folder."""
_ASSUMPTIONS = "assumptions"
_KEYS = {model.table: model.key for model in TABLES}


class Difference(NamedTuple):
    """One place in which a table is not what follows from the facts."""

    table: str
    row: str
    column: str | None
    stands: str | None
    follows: str | None

    def __str__(self) -> str:
        """Return where it is, what stands there and what follows."""
        where = f"{file_of(self.table)}, {self.row}"
        if self.column is None:
            more = "stands there alone" if self.follows is None else "is missing"
            return f"{where}: the row {more}"
        return (
            f"{where}, {self.column}: {shown(self.stands or '')} stands there, "
            f"{shown(self.follows or '')} follows"
        )


def rederived(
    folder: Path,
    *,
    assumptions: Mapping[str, float],
    variants: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, list[Cells]]:
    """Return the tables that follow from a dataset's facts.

    Parameters
    ----------
    folder : Path
        The dataset's folder.
    assumptions : mapping of str to float
        Central values to use instead of those in ``facts/assumptions.csv``.
    variants : mapping of str to str, optional
        Choices of contradictions (`supply_data.variants`); standard where none is named.

    Returns
    -------
    dict of str to list of dict
        By table, its rows as text cells.

    Raises
    ------
    BadTablesError
        If the dataset has no facts, an assumption or a variant is not among them, or nothing can
        be derived.
    """
    if not (folder / FACTS / f"{_ASSUMPTIONS}.csv").is_file():
        rule = "the dataset has no facts that its tables could be derived from"
        raise _refused(FACTS, rule, "Edit its tables themselves; `aftercut check` reads them")
    file = f"{FACTS}/{_ASSUMPTIONS}.csv"
    known = {row.get("assumption", "") for row in cells_of(folder, file)}
    strange = [name for name in assumptions if name not in known]
    if strange:
        rule = "there is no such assumption"
        raise BadTablesError(
            tuple(Fault(file, None, None, name, rule, advice(name, known)) for name in strange)
        )
    readings = all_variants(folder)
    others = switched(readings, chosen(readings, variants))
    try:
        return derived(folder, assumptions=assumptions, switched=others)
    except BadTablesError:
        raise
    except (KeyError, ValueError, ArithmeticError) as error:
        raise BadTablesError(tuple(_culprits(folder, error))) from error


def differences(folder: Path, tables: Mapping[str, Sequence[Cells]]) -> tuple[Difference, ...]:
    """Return where the tables of a folder are not these.

    Parameters
    ----------
    folder : Path
        The dataset's folder; a table that is absent counts as empty.
    tables : mapping of str to sequence of dict
        What follows from the facts.

    Raises
    ------
    BadTablesError
        If a table cannot be read as text.
    """
    return tuple(d for name, rows in tables.items() for d in _differing(folder, name, rows))


def as_csv(tables: Mapping[str, Sequence[Cells]]) -> dict[str, bytes]:
    """Return tables as CSV files by name; one without rows has the header that the reader knows."""
    return {
        file_of(model.table): written(tables[model.table], columns=known_columns(model))
        for model in TABLES
        if model.table in tables
    }


def write_tables(tables: Mapping[str, Sequence[Cells]], folder: Path) -> None:
    """Write tables as CSV files."""
    for file, data in as_csv(tables).items():
        (folder / file).write_bytes(data)


# --- what keeps facts from being derived


def _culprits(folder: Path, error: Exception) -> Iterator[Fault]:
    """Yield the cells of the facts that an error quotes; the error itself if it quotes none."""
    rule = f"nothing can be derived from this ({type(error).__name__})"
    remedy = "Write a plain number: digits and a decimal point"
    quoting = [
        Fault(file, line, column, cell, rule, remedy)
        for file, line, column, cell in _cells(folder)
        if str(error).endswith(f": {cell!r}")
    ]
    if quoting:
        yield from quoting
        return
    rule = f"nothing can be derived from them: {type(error).__name__}, {error}"
    yield Fault(FACTS, None, None, None, rule, "Undo what was changed last, step by step")


def _cells(folder: Path) -> Iterator[tuple[str, int, str, str]]:
    """Yield file, line, column and text of every cell of the facts that is filled."""
    for name in FILES:
        file = f"{FACTS}/{name}.csv"
        rows = csv.reader(io.StringIO(text_of(bytes_of(folder, file), file=file), newline=""))
        header = next(rows, [])
        for cells in rows:
            filled = ((c, cell) for c, cell in zip(header, cells, strict=False) if cell)
            yield from ((file, rows.line_num, column, cell) for column, cell in filled)


def _refused(file: str, rule: str, remedy: str) -> BadTablesError:
    return BadTablesError((Fault(file, None, None, None, rule, remedy),))


# --- comparing


def _differing(folder: Path, table: str, rows: Sequence[Cells]) -> Iterator[Difference]:
    stand = _keyed(table, _standing(folder, table))
    follow = _keyed(table, rows)
    for name in [n for n in follow if n not in stand]:
        yield Difference(table, name, None, None, "")
    for name in [n for n in stand if n not in follow]:
        yield Difference(table, name, None, "", None)
    both = [name for name in follow if name in stand]
    for name in both:
        yield from _differing_cells(table, name, stand[name], follow[name])
    if table == "requirements":
        yield from _other_order([name for name in stand if name in follow], both)


def _other_order(stands: Sequence[str], follows: Sequence[str]) -> Iterator[Difference]:
    """Yield where the order first differs; in requirements it says what is the first choice."""
    for one, other in zip(stands, follows, strict=True):
        if one != other:
            yield Difference("requirements", "order of the rows", "row", one, other)
            return


def _standing(folder: Path, table: str) -> list[Cells]:
    file = file_of(table)
    if not (folder / file).is_file():
        return []
    return list(cells_of(folder, file, torn=True))


def _keyed(table: str, rows: Sequence[Cells]) -> dict[str, Cells]:
    """Return rows by key; one whose key stands again is told apart by a number."""
    found: dict[str, Cells] = {}
    count: Counter[str] = Counter()
    for row in rows:
        name = "/".join(row.get(column) or "" for column in _KEYS[table])
        count[name] += 1
        found[name if count[name] == 1 else f"{name} ({count[name]})"] = row
    return found


def _differing_cells(
    table: str, name: str, stands: Mapping[str, str], follows: Mapping[str, str]
) -> Iterator[Difference]:
    for column in dict.fromkeys((*follows, *stands)):
        one, other = stands.get(column) or "", follows.get(column) or ""
        if one != other and not _same_number(one, other):
            yield Difference(table, name, str(column), one, other)


def _same_number(one: str, other: str) -> bool:
    try:
        return math.isclose(float(one), float(other), rel_tol=1e-12)
    except ValueError:
        return False


def told(found: Sequence[Difference], *, most: int = 5) -> str:
    """Return differences as lines: the first few of each table, then how many there are.

    Examples
    --------
    >>> print(told([Difference("lanes", "a-b", "markup", "0.1", "0.2")]))
    lanes.csv, a-b, markup: '0.1' stands there, '0.2' follows
    lanes.csv: 1 difference
    """
    lines: list[str] = []
    for table in dict.fromkeys(each.table for each in found):
        own = [each for each in found if each.table == table]
        lines += [str(each) for each in own[:most]]
        lines.append(f"{file_of(table)}: {len(own)} difference{'s' * (len(own) != 1)}")
    return "\n".join(lines)
