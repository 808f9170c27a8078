"""Where to start the last choice of a plan: from where another scenario's ended.

Columns and rows of two programmes are told to be the same by what they mean. Where a scenario tells
goods apart that the other one merged, all parts start where the whole stood.
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from analyzer.programme.flow import Instance, RowKey
from analyzer.programme.highs import Basis, Place, standing
from analyzer.programme.merge import Classes, GoodClass

MOST_SPARE = 0.04
"""How many more columns and rows may stand in a basis than it has room for, as a share of the rows.

The solver makes a basis of what it is given; with more to spare it is faster from nothing.
"""

Name = tuple[Hashable, ...]


@dataclass(frozen=True)
class Shape:
    """What the columns and rows of the last choice mean, in their order.

    Attributes
    ----------
    instance : Instance
        The programme's own columns.
    rows : sequence of RowKey
        The programme's own rows.
    held : int
        How many rows hold the choices before.
    loads : sequence of tuple
        Names of the elements and alternatives that are used evenly, each with a row.
    pieces : int
        Columns of each of them.
    """

    instance: Instance
    rows: Sequence[RowKey]
    held: int
    loads: Sequence[Name]
    pieces: int

    @property
    def classes(self) -> Classes:
        """How goods are told apart."""
        return self.instance.sets.classes

    def like(self, other: "Shape") -> bool:
        """Tell whether columns and rows of both mean the same, one by one."""
        return (
            self.classes == other.classes
            and len(self.instance.columns) == len(other.instance.columns)
            and (len(self.rows), self.held) == (len(other.rows), other.held)
            and (self.loads, self.pieces) == (other.loads, other.pieces)
        )

    def columns(self, classes: Classes) -> Iterator[Name]:
        """Yield names of the columns as another programme, with its classes, has them."""
        for column in self.instance.columns:
            yield (column.variable, *self._seen(column.what, classes))
        for load in self.loads:
            yield from ((*load, piece) for piece in range(self.pieces))

    def names_of_rows(self, classes: Classes) -> Iterator[Name]:
        """Yield names of the rows as another programme, with its classes, has them."""
        for row in self.rows:
            yield (row.family, *self._seen(row.what, classes))
        yield from (("held", number) for number in range(self.held))
        yield from self.loads

    def _seen(self, what: Sequence[str | GoodClass], classes: Classes) -> Iterator[Hashable]:
        members = self.classes.members
        for part in what:
            yield part if isinstance(part, str) else classes.of[members[part][0]]


@dataclass(frozen=True)
class Footing:
    """Where the last choice of a scenario ended."""

    shape: Shape
    basis: Basis

    @cached_property
    def _columns(self) -> dict[Name, Place]:
        names = self.shape.columns(self.shape.classes)
        return dict(zip(names, self.basis.col_status, strict=True))

    @cached_property
    def _rows(self) -> dict[Name, Place]:
        names = self.shape.names_of_rows(self.shape.classes)
        return dict(zip(names, self.basis.row_status, strict=True))

    def start(self, shape: Shape) -> Basis | None:
        """Return where another scenario's last choice may start; None if better from nothing."""
        if shape.like(self.shape):
            return self.basis
        classes = self.shape.classes
        columns = [self._columns.get(name, Place.kLower) for name in shape.columns(classes)]
        rows = [self._rows.get(name, Place.kBasic) for name in shape.names_of_rows(classes)]
        basic = columns.count(Place.kBasic) + rows.count(Place.kBasic)
        spare = abs(basic - len(rows))
        return standing(columns, rows) if spare <= MOST_SPARE * len(rows) else None
