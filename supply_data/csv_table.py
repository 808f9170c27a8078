"""A CSV file becomes the rows of one table, and a list of all that is wrong with it.

Convention: everything is text until the column's own field converts it, so ``NO``, ``NA``,
``010121`` and ``1E5`` survive; rows are numbered by the line of the file on which they start.
"""

import csv
import dataclasses
import functools
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError, create_model

from supply_data.checks import file_of
from supply_data.files import text_of
from supply_data.names import advice
from supply_data.refused import cell_faults
from supply_data.schema import BadTablesError, Fault, Figured, Range, Row

MOST_COLUMNS = 1_000
MOST_ROWS = 100_000
LONGEST_LINE = 2**20
"""Characters; keeps one hostile line from filling the memory."""
_OWN = {"line", "ranges"}
_STAND_INS = {"basis": "assumed", "target_per_month": "1", "quantity": "1", "value_usd": "1"}
"""What replaces a refused cell, so that the rest of its row can still be checked."""


class Reading(NamedTuple):
    """What came of reading one table."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]
    whole: bool
    """Whether every row of the file is among ``rows``, if need be with a cell replaced."""


def read_table(data: bytes, *, model: type[Row]) -> Reading:
    r"""Return the rows of a CSV file and everything that is wrong with them.

    Parameters
    ----------
    data : bytes
        The file.
    model : type of Row
        Model of the table.

    Examples
    --------
    >>> from supply_data.schema import Place
    >>> read_table(b"place,name\nNAM,Namibia\n", model=Place).rows[0].name
    'Namibia'
    """
    file = file_of(model.table)
    try:
        return _reading(_records(text_of(data, file=file), file), model)
    except BadTablesError as error:
        return Reading((), error.faults, whole=False)


class _Record(NamedTuple):
    line: int
    cells: list[str]


def _records(text: str, file: str) -> Iterator[_Record | Fault]:
    """Yield the lines of a file split into cells; a fault ends it."""
    reader = csv.reader(_short_lines(text), strict=True)
    for _ in range(MOST_ROWS + 2):
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Fault(file, start, None, None, *_syntax(str(error)))
            return
        yield _Record(start, cells)
    rule = f"the table has more than {MOST_ROWS:,} rows"
    yield Fault(file, start, None, None, rule, "Keep to class and country level")


def _short_lines(text: str) -> Iterator[str]:
    for line in io.StringIO(text, newline=""):
        if len(line) > LONGEST_LINE:
            raise csv.Error(_LONG_LINE)
        yield line


_LONG_LINE = "line too long"
_SYNTAX = {
    _LONG_LINE: (f"a line has more than {LONGEST_LINE:,} characters", "Shorten it"),
    "unexpected end of data": (
        "a quotation mark is opened here and never closed",
        'Close it, or double each quotation mark inside a cell ("")',
    ),
    "field larger": ("a cell is too long", "Shorten it; notes are for a few sentences"),
}


def _syntax(message: str) -> tuple[str, str]:
    for start, sentences in _SYNTAX.items():
        if message.startswith(start):
            return sentences
    rule = "a quotation mark stands inside a cell that it does not enclose"
    return rule, 'Enclose the whole cell in quotation marks and double those inside ("")'


def _reading(records: Iterator[_Record | Fault], model: type[Row]) -> Reading:
    file = file_of(model.table)
    header = next(records, None)
    if not isinstance(header, _Record):
        rule, remedy = "the file is empty", "Write the header, then one line a row"
        found = header or Fault(file, None, None, None, rule, remedy)
        return Reading((), (found,), whole=False)
    columns, faults = _columns(header.cells, model)
    rows: list[Row] = []
    whole = bool(columns)
    for record in records if columns else ():
        row, refused = _row_or_faults(record, columns, model)
        faults += refused
        rows += [row] if row is not None else []
        whole = whole and (row is not None or not refused)
    return Reading(tuple(rows), tuple(faults), whole=whole)


# --- the header


@functools.cache
def known_columns(model: type[Row]) -> tuple[str, ...]:
    """Return the columns that a table may have.

    Examples
    --------
    >>> from supply_data.schema import Target
    >>> known_columns(Target)[:5]
    ('set', 'system', 'target_per_month', 'target_per_month_low', 'target_per_month_high')
    """
    ends = ("", "_low", "_high")
    return tuple(
        f"{name}{end}"
        for name in sorted(model.model_fields, key=_provenance_last)
        if name not in _OWN
        for end in (ends if name in model.figures else ("",))
    )


def _provenance_last(name: str) -> bool:
    return name in Figured.model_fields


def _columns(cells: Sequence[str], model: type[Row]) -> tuple[list[str], list[Fault]]:
    """Return the header as far as it is of use (empty if not at all) and what is wrong with it."""
    file = file_of(model.table)
    if len(cells) > MOST_COLUMNS:
        rule = f"{len(cells):,} columns; at most {MOST_COLUMNS:,} are read"
        return [], [Fault(file, 1, None, None, rule, "Keep the columns of the table")]
    for sign, name in ((";", "semicolons"), ("\t", "tabs")):
        if len(cells) == 1 and sign in cells[0]:
            rule = f"the cells are separated by {name}"
            return [], [Fault(file, 1, None, cells[0], rule, "Save the table with commas")]
    known = known_columns(model)
    faults = [*_strange(cells, known, file), *_absent(cells, model)]
    required = [name for name, field in model.model_fields.items() if field.is_required()]
    usable = all(name in cells for name in required if name in model.key)
    return list(cells) if usable else [], faults


def _strange(cells: Iterable[str], known: Sequence[str], file: str) -> Iterator[Fault]:
    for name, count in Counter(cells).items():
        if name not in known:
            rule = "the column has no name" if not name.strip() else "there is no such column"
            yield Fault(file, 1, name, None, rule, advice(name, known))
        elif count > 1:
            rule = f"the column stands {count} times in the header"
            yield Fault(file, 1, name, None, rule, "Keep one of them")


def _absent(cells: Sequence[str], model: type[Row]) -> Iterator[Fault]:
    for name, field in model.model_fields.items():
        if field.is_required() and name not in cells:
            remedy = f"Add it: {field.description}".rstrip(".")
            yield Fault(file_of(model.table), 1, name, None, "the column is missing", remedy)


# --- the rows


def _row_or_faults(
    record: _Record | Fault, columns: Sequence[str], model: type[Row]
) -> tuple[Row | None, list[Fault]]:
    if isinstance(record, Fault):
        return None, [record]
    if not any(record.cells):
        return None, []
    file = file_of(model.table)
    if len(record.cells) != len(columns):
        rule = f"the row has {len(record.cells)} cells, the header {len(columns)}"
        remedy = "Give each column one cell; enclose a cell that has a comma in quotation marks"
        return None, [Fault(file, record.line, None, None, rule, remedy)]
    known = set(known_columns(model))
    stated = zip(columns, record.cells, strict=True)
    cells = {name: cell for name, cell in stated if cell and name in known}
    return _row(cells, record.line, columns=columns, model=model)


def _row(
    cells: Mapping[str, str], line: int, *, columns: Sequence[str], model: type[Row]
) -> tuple[Row | None, list[Fault]]:
    file = file_of(model.table)
    lines = dict.fromkeys(known_columns(model), line)
    faults = [_only_blanks(file, line, name, c) for name, c in cells.items() if not c.strip()]
    filled = {name: cell for name, cell in cells.items() if cell.strip()}
    plain = {name: cell for name, cell in filled.items() if name in model.model_fields}
    own: dict[str, Any] = {"line": line}
    if model.figures:
        own["ranges"], refused = _ranges(filled, line, model)
        faults += refused
    try:
        return model.model_validate({**plain, **own}), faults
    except ValidationError as error:
        told = {fault.column for fault in faults}
        refused = list(cell_faults(error, model=model, file=file, lines=lines, cells=cells))
        # a column that is missing from the header was told there, once
        faults += [f for f in refused if f.column in columns and f.column not in told]
        return _mended(plain, own, {str(f.column) for f in refused}, model), faults


def _only_blanks(file: str, line: int, column: str, cell: str) -> Fault:
    rule = "the cell holds nothing but blanks"
    return Fault(file, line, column, cell, rule, "Leave it empty or fill it in")


def _mended(
    plain: Mapping[str, str], own: Mapping[str, Any], refused: set[str], model: type[Row]
) -> Row | None:
    """Return the row with refused cells replaced; None where a key or a reference is refused."""
    kept = {name: cell for name, cell in plain.items() if name not in refused}
    stand_ins = {name: _STAND_INS[name] for name in refused & _STAND_INS.keys()}
    try:
        return model.model_validate({**kept, **stand_ins, **own})
    except ValidationError:
        return None


def _ranges(
    cells: Mapping[str, str], line: int, model: type[Row]
) -> tuple[dict[str, Range], list[Fault]]:
    ranges: dict[str, Range] = {}
    faults: list[Fault] = []
    for figure in model.figures:
        ends: list[float | None] = []
        for column in (f"{figure}_low", f"{figure}_high"):
            end, refused = _end(cells.get(column), column, line=line, figure=figure, model=model)
            ends.append(end)
            faults += refused
        if any(end is not None for end in ends):
            ranges[figure] = Range(*ends)
    return ranges, faults


def _end(
    cell: str | None, column: str, *, line: int, figure: str, model: type[Row]
) -> tuple[float | None, list[Fault]]:
    if cell is None:
        return None, []
    try:
        return getattr(_figure(model, figure).model_validate({figure: cell}), figure), []
    except ValidationError as error:
        told = cell_faults(
            error,
            model=model,
            file=file_of(model.table),
            lines={figure: line},
            cells={figure: cell},
        )
        return None, [dataclasses.replace(fault, column=column) for fault in told]


@functools.cache
def _figure(model: type[Row], figure: str) -> type[BaseModel]:
    """Return a model of one figure's column alone, for its low and its high value."""
    field = model.model_fields[figure]
    columns: dict[str, Any] = {figure: (field.annotation, field)}
    end: type[BaseModel] = create_model(f"{model.__name__}End", **columns)
    return end
