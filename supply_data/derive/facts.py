"""What the facts say: the files read, figures with their range, and where each comes from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from supply_data.files import cells_of

Row = dict[str, str]
"""One row of a table as text cells, by column."""

FILES = (
    "assumptions",
    "chpl_hs_codes",
    "class_shares",
    "components",
    "dispatch",
    "families",
    "figures",
    "legs",
    "origin_shares",
    "places",
    "plants",
    "pools",
    "programmes",
    "reach",
    "requirements",
    "sources",
    "targets",
    "training",
)
"""Files that a folder of facts holds."""
KEYS: Mapping[str, tuple[str, ...]] = {
    "assumptions": ("assumption",),
    "class_shares": ("component", "brand", "origin"),
    "components": ("component",),
    "dispatch": ("hub",),
    "families": ("system",),
    "legs": ("from_places", "to_places", "carries"),
    "origin_shares": ("share",),
    "plants": ("plant",),
    "pools": ("supply",),
    "requirements": ("product", "slot", "component"),
    "training": ("supply",),
}
"""Columns by which a row is found, of the files in which a variant may switch figures."""
_LEVELS = ("low", "medium", "high")


@dataclass(frozen=True, slots=True)
class Span:
    """A figure with its range; a bound is None where none is given."""

    central: float
    low: float | None = None
    high: float | None = None

    def __mul__(self, other: "Span | float") -> "Span":
        """Return the product, bound by bound; a missing bound counts as the central value."""
        by = other if isinstance(other, Span) else Span(other)
        return Span(
            self.central * by.central,
            _bound(self.low, self.central) * _bound(by.low, by.central),
            _bound(self.high, self.central) * _bound(by.high, by.central),
        )

    @property
    def certain(self) -> bool:
        """Whether it has no range."""
        return {self.low, self.high} <= {None, self.central}


def _bound(bound: float | None, central: float) -> float:
    return central if bound is None else bound


def cell(figure: float | None) -> str:
    """Return a number as a cell: six significant digits, no exponent, blank for None.

    Examples
    --------
    >>> cell(1234567.8), cell(0.15), cell(3.0), cell(None)
    ('1234570', '0.15', '3', '')
    """
    if figure is None:
        return ""
    return f"{Decimal(f'{figure:.6g}'):f}"


def cells(figure: Span | None, column: str) -> Row:
    """Return a figure as cells of a column and of its two range columns; blank for None.

    Examples
    --------
    >>> cells(Span(2, 1, 3), "quantity")
    {'quantity': '2', 'quantity_low': '1', 'quantity_high': '3'}
    """
    known = figure or Span(0)
    low, high = (None, None) if known.low == known.high else (known.low, known.high)
    central = None if figure is None else figure.central
    return {column: cell(central), f"{column}_low": cell(low), f"{column}_high": cell(high)}


def number(text: str) -> float | None:
    """Return the number in a cell; None if it is blank."""
    return float(text) if text else None


def span(row: Row, column: str) -> Span | None:
    """Return the figure of a column with its range; None if the cell is blank."""
    central = number(row[column])
    if central is None:
        return None
    return Span(
        central, number(row.get(f"{column}_low", "")), number(row.get(f"{column}_high", ""))
    )


def given(row: Row, column: str) -> Span:
    """Return the figure of a column that must not be blank.

    Raises
    ------
    ValueError
        If the cell is blank.
    """
    figure = span(row, column)
    if figure is None:
        msg = f"{column} is blank in {row}"
        raise ValueError(msg)
    return figure


@dataclass(frozen=True)
class Facts:
    """A folder of facts: its rows by file, and its assumptions by name."""

    tables: Mapping[str, tuple[Row, ...]]
    assumptions: Mapping[str, Span]

    def rows(self, file: str) -> tuple[Row, ...]:
        """Return the rows of a file, in its order."""
        return self.tables[file]

    def by(self, file: str, column: str) -> dict[str, Row]:
        """Return the rows of a file by the value of a column."""
        return {row[column]: row for row in self.tables[file]}

    def figure(self, key: str) -> Row:
        """Return the row of a figure (``R01``) or of a stored share (``H001``)."""
        return (self.by("figures", "fact") | self.by("origin_shares", "share"))[key]


@dataclass(frozen=True, slots=True)
class Switched:
    """What a variant puts into one row of the facts: cells by column, its provenance among them."""

    file: str
    row: str
    """The row's key columns (`KEYS`), joined by ``/``."""
    cells: Mapping[str, str]


def read_facts(
    folder: Path, *, assumptions: Mapping[str, float], switched: Sequence[Switched] = ()
) -> Facts:
    """Return a folder of facts, with rows switched and central values of assumptions replaced.

    Raises
    ------
    KeyError
        If an assumption is named that the folder does not have.
    BadTablesError
        If a file is missing or no text.
    """
    tables = {
        name: _switched(name, cells_of(folder.parent, f"{folder.name}/{name}.csv"), switched)
        for name in FILES
    }
    spans = {
        row["assumption"]: Span(float(row["central"]), float(row["low"]), float(row["high"]))
        for row in tables["assumptions"]
    }
    for name, central in assumptions.items():
        spans[name] = replace(spans[name], central=central)
    return Facts(MappingProxyType(tables), MappingProxyType(spans))


def key_of(file: str, row: Row) -> str:
    """Return what a row of the facts is found by.

    Examples
    --------
    >>> key_of("class_shares", {"component": "fibre", "brand": "CHN", "origin": "CHN"})
    'fibre/CHN/CHN'
    """
    return "/".join(row[column] for column in KEYS[file])


def _switched(file: str, rows: tuple[Row, ...], switched: Sequence[Switched]) -> tuple[Row, ...]:
    own = [each for each in switched if each.file == file]
    if not own:
        return rows
    cells: dict[str, Row] = {}
    for each in own:
        cells.setdefault(each.row, {}).update(each.cells)
    return tuple({**row, **_fitting(row, cells.get(key_of(file, row), {}))} for row in rows)


def _fitting(row: Row, cells: Row) -> Row:
    """Return the cells whose columns the file has."""
    return {column: cell for column, cell in cells.items() if column in row}


def provenance(row: Row, *, note: str | None = None) -> Row:
    """Return the provenance cells of a row of facts, with another note if one is given."""
    cells = {name: row[name] for name in ("basis", "confidence", "source_ids", "as_of")}
    return cells | {"note": row["note"] if note is None else note}


def moving(assumption: str, *others: Span) -> Row:
    """Return with what a figure moves that is an assumption's range times other figures.

    With the assumption alone, if nothing else has a range: one assumption made many figures, and
    is high or low for all of them.

    Examples
    --------
    >>> moving("headroom", Span(0.3)), moving("headroom", Span(0.3, 0.1, 0.5))
    ({'moves_with': 'headroom'}, {'moves_with': ''})
    """
    return {"moves_with": assumption if all(each.certain for each in others) else ""}


def least(*levels: str) -> str:
    """Return the lowest of some levels of confidence.

    Examples
    --------
    >>> least("high", "medium")
    'medium'
    """
    return min(levels, key=_LEVELS.index)


def cited(*lists: str) -> str:
    """Return ``;``-lists of sources as one, each source once, in order.

    Examples
    --------
    >>> cited("S26;S29", "S29", "")
    'S26;S29'
    """
    return ";".join(dict.fromkeys(key for text in lists for key in text.split(";") if key))
