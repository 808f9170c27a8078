"""What a reader has to know beside the tables: what was assumed, and where sources contradict.

Convention: both stand in the dataset's folder ``facts``; a dataset without them has no doubts told.
No number of an answer is made from what is read here; `supply_data.derive` reads for itself.
"""

import dataclasses
import os
from pathlib import Path
from typing import ClassVar, NamedTuple

from supply_data.csv_table import read_table
from supply_data.files import bytes_of
from supply_data.names import advice
from supply_data.schema import BadTablesError, Fault, Key, Row, Tables
from supply_data.variants import FOLDER, NONE, Choice, Contradiction, Variants, variants


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


class Doubts(NamedTuple):
    """Assumptions and contradictions of a dataset, in the order of their files."""

    assumptions: tuple[Assumption, ...] = ()
    variants: Variants = NONE

    @property
    def contradictions(self) -> tuple[Contradiction, ...]:
        """Where sources say different things."""
        return self.variants.contradictions


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
        With everything that is wrong with their files.

    Examples
    --------
    >>> from supply_data.load import folder, load
    >>> doubts(folder("tutorial"), load("tutorial"))
    Doubts(assumptions=(), variants=Variants(contradictions=(), choices=(), switches=()))
    """
    faults: list[Fault] = []
    assumptions = _assumptions(folder, faults)
    try:
        found = variants(folder)
    except BadTablesError as error:
        raise BadTablesError((*faults, *error.faults)) from error
    cited: tuple[Contradiction | Choice, ...] = (*found.contradictions, *found.choices)
    for row in cited:
        for name in row.source_ids:
            if name not in tables.sources:
                file, rule = f"{FOLDER}/{row.table}.csv", "the dataset has no such source"
                remedy = advice(name, sorted(tables.sources))
                faults.append(Fault(file, row.line, "source_ids", name, rule, remedy))
    if faults:
        raise BadTablesError(tuple(faults))
    return Doubts(assumptions, found)


def _assumptions(folder: Path, faults: list[Fault]) -> tuple[Assumption, ...]:
    file = f"{FOLDER}/{Assumption.table}.csv"
    if not os.path.lexists(folder / file):
        return ()
    reading = read_table(bytes_of(folder, file), model=Assumption)
    faults += (dataclasses.replace(fault, file=file) for fault in reading.faults)
    return tuple(row for row in reading.rows if isinstance(row, Assumption))
