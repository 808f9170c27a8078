"""What was reported of the case besides its tables: figures to hold the model against.

Convention: observations stand in ``facts/observed.csv`` of a dataset's folder. Shares, changes and
what remains are in percent; an amount is in the unit that the row names.
"""

import dataclasses
import os
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field

from supply_data.csv_table import read_table
from supply_data.files import bytes_of
from supply_data.names import advice
from supply_data.numbers import number
from supply_data.schema import (
    Amount,
    BadTablesError,
    Fault,
    Key,
    Keys,
    Level,
    Positive,
    Range,
    Row,
    Tables,
    Texts,
)

FILE = "facts/observed.csv"
Number = Annotated[float, BeforeValidator(number)]


class Figure(StrEnum):
    """What of the model is set against the report."""

    SHARE = "share"
    CHANGE = "change"
    AMOUNT = "amount"
    REMAINING = "remaining"
    FIELDED = "fielded"
    OUTPUT = "output"


class Flow(StrEnum):
    """Where the flow is looked at: where it is supplied, or on lanes where it arrives."""

    SUPPLIES = "supplies"
    LANES = "lanes"


class Unit(StrEnum):
    """How a flow is added up."""

    USD = "usd"
    UNITS = "units"


class Observation(Row):
    """One reported figure, and what of the model it is set against."""

    table: ClassVar[str] = "observed"
    key: ClassVar[tuple[str, ...]] = ("observation",)
    figures: ClassVar[tuple[str, ...]] = ("reported",)

    observation: Key
    """Name of the observation."""
    what: str
    """One line for people."""
    scenario: str = ""
    """A scenario of the library by id, or a file below ``facts``; blank is the baseline."""
    figure: Figure
    """share, change, amount or remaining of a flow; fielded or output of systems."""
    flow: Flow = Flow.LANES
    """supplies or lanes."""
    counted_in: Unit = Unit.USD
    """usd or units."""
    component: Keys = ()
    """Components that count; blank is all."""
    category: Texts = ()
    """Categories that count; blank is all."""
    origin: Keys = ()
    """Origins of supplies that count; blank is all."""
    brand: Keys = ()
    """Brands of supplies that count; blank is all."""
    from_place: Keys = ()
    """Where the lanes that count start; blank is anywhere."""
    to_place: Keys = ()
    """Where the lanes that count end; blank is anywhere."""
    system: Keys = ()
    """Systems that count; blank is all."""
    share_of: str = ""
    """Of a share: the column that the whole is not narrowed by, such as ``brand``."""
    factor: Positive = 1.0
    """What one unit, or one USD, of the flow is in the unit reported."""
    reported: Number | None = None
    """The figure; with a low or a high alone, that side is a bound and the other is open."""
    tolerance: Amount = 0.0
    """How far the model may lie outside and still agree, in the unit reported."""
    unit: str = "percent"
    """Unit of the figure."""
    period: str = ""
    """When it held."""
    confidence: Level = Level.LOW
    """high, medium or low."""
    source_ids: Keys = ()
    """Keys of the table ``sources``."""
    own_input: bool = False
    """Whether the tables were made with it, so that agreeing proves no more than their making."""
    not_compared: str = ""
    """Why the model has nothing to set against it."""
    note: str = ""
    """What to know."""
    ranges: Annotated[Mapping[str, Range], Field(default_factory=dict, exclude=True)]
    """Low and high of the figure."""

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """Least and largest figure reported; None where that side is open."""
        low, high = self.ranges.get("reported", Range(None, None))
        return (
            self.reported if low is None else low,
            self.reported if high is None else high,
        )


_NAMES = ("component", "category", "origin", "brand", "from_place", "to_place", "system")
_ONLY = {Flow.SUPPLIES: {"from_place", "to_place"}, Flow.LANES: {"origin", "brand"}}
"""Columns that say nothing of a flow of this sort."""


def observations(folder: Path, tables: Tables) -> tuple[Observation, ...]:
    """Return the observations of a dataset; none if it has no such file.

    Parameters
    ----------
    folder : Path
        The dataset's folder.
    tables : Tables
        The dataset, whose names the observations use.

    Raises
    ------
    BadTablesError
        With everything that is wrong with them.
    """
    if not os.path.lexists(folder / FILE):
        return ()
    reading = read_table(bytes_of(folder, FILE), model=Observation)
    rows = [row for row in reading.rows if isinstance(row, Observation)]
    faults = [dataclasses.replace(fault, file=FILE) for fault in reading.faults]
    told = {(fault.row, fault.column) for fault in faults}
    # a column that is missing or misspelt says nothing of the rows
    sound = rows if all(fault.row != 1 for fault in faults) else []
    found = (*(f for row in sound for f in _faults(row, tables)), *_twice(sound))
    faults += [fault for fault in found if (fault.row, fault.column) not in told]
    if faults:
        raise BadTablesError(tuple(sorted(faults, key=lambda fault: fault.row or 0)))
    return tuple(rows)


def _faults(row: Observation, tables: Tables) -> Iterator[Fault]:
    yield from _unknown(row, tables)
    if row.bounds == (None, None) and not row.not_compared:
        rule = "nothing is reported"
        yield _at(row, "reported", rule, "Fill in the figure, a bound, or not_compared")
    if row.figure is Figure.SHARE and not (row.share_of in _NAMES and getattr(row, row.share_of)):
        rule = "a share needs the column that its whole is not narrowed by, and that column filled"
        yield _at(row, "share_of", rule, "Write the name of one of the columns filled here")
    flows = row.figure not in {Figure.FIELDED, Figure.OUTPUT}
    for column in sorted(_ONLY[row.flow]) if flows else ():
        if getattr(row, column):
            rule = f"a flow of {row.flow} is not told apart by {column}"
            yield _at(row, column, rule, "Leave it blank, or change the column flow")


def _unknown(row: Observation, tables: Tables) -> Iterator[Fault]:
    known: dict[str, Collection[str]] = dict.fromkeys(_NAMES, tables.places)
    known |= {"component": tables.components, "system": tables.systems}
    known |= {"category": {each.category for each in tables.components.values()}}
    known |= {"source_ids": tables.sources}
    for column, names in known.items():
        for name in getattr(row, column):
            if name not in names:
                rule = "the dataset has no such name"
                yield _at(row, column, rule, advice(name, sorted(names)), value=name)


def _twice(rows: list[Observation]) -> Iterator[Fault]:
    seen: set[str] = set()
    for row in rows:
        if row.observation in seen:
            yield _at(row, "observation", "the name stands twice", "Rename one of them")
        seen.add(row.observation)


def _at(
    row: Observation, column: str, rule: str, remedy: str, *, value: str | None = None
) -> Fault:
    return Fault(FILE, row.line, column, value, rule, remedy)
