"""What a reader has to know beside the tables: what was assumed, and where sources contradict.

Convention: both stand in the dataset's folder ``facts``; a dataset without them has no doubts told.
No number of an answer is made from what is read here; `supply_data.derive` reads for itself.
"""

import dataclasses
import os
from pathlib import Path
from typing import ClassVar, NamedTuple, TypeVar

from supply_data.csv_table import read_table
from supply_data.files import bytes_of
from supply_data.names import advice
from supply_data.schema import BadTablesError, Fault, Key, Keys, Row, Tables

FOLDER = "facts"


class Assumption(Row):
    """One assumption that tables were derived with; its figures are told as they are written."""

    table: ClassVar[str] = "assumptions"
    key: ClassVar[tuple[str, ...]] = ("assumption",)

    assumption: Key
    """Its name."""
    low: str = ""
    """The least that may be."""
    central: str = ""
    """What the tables were made with."""
    high: str = ""
    """The most that may be."""
    unit: str = ""
    """What it is measured in."""
    reason: str = ""
    """Why it had to be assumed."""
    what_would_settle_it: str = ""
    """Which figure would replace it."""


class Contradiction(Row):
    """Where sources say different things; shown, and not settled."""

    table: ClassVar[str] = "contradictions"
    key: ClassVar[tuple[str, ...]] = ("contradiction",)

    contradiction: Key
    """Its name."""
    what: str
    """What stands against what."""
    source_ids: Keys = ()
    """Keys of the table ``sources``."""


Told = TypeVar("Told", Assumption, Contradiction)


class Doubts(NamedTuple):
    """Assumptions and contradictions of a dataset, in the order of their files."""

    assumptions: tuple[Assumption, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()


NO_DOUBTS = Doubts()


def doubts(folder: Path, tables: Tables) -> Doubts:
    """Return what a reader of a dataset has to know beside its tables.

    Parameters
    ----------
    folder : Path
        The dataset's folder.
    tables : Tables
        The dataset, whose sources they name.

    Raises
    ------
    BadTablesError
        With everything that is wrong with the two files.

    Examples
    --------
    >>> from supply_data.load import folder, load
    >>> doubts(folder("tutorial"), load("tutorial"))
    Doubts(assumptions=(), contradictions=())
    """
    faults: list[Fault] = []
    assumptions = _read(folder, Assumption, faults)
    contradictions = _read(folder, Contradiction, faults)
    for row in contradictions:
        for name in row.source_ids:
            if name not in tables.sources:
                file, rule = f"{FOLDER}/{row.table}.csv", "the dataset has no such source"
                remedy = advice(name, sorted(tables.sources))
                faults.append(Fault(file, row.line, "source_ids", name, rule, remedy))
    if faults:
        raise BadTablesError(tuple(faults))
    return Doubts(assumptions, contradictions)


def _read(folder: Path, model: type[Told], faults: list[Fault]) -> tuple[Told, ...]:
    file = f"{FOLDER}/{model.table}.csv"
    if not os.path.lexists(folder / file):
        return ()
    reading = read_table(bytes_of(folder, file), model=model)
    faults += (dataclasses.replace(fault, file=file) for fault in reading.faults)
    return tuple(row for row in reading.rows if isinstance(row, model))
