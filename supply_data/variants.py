"""Where sources contradict: which readings a dataset holds, and what each puts into its facts.

Convention: a variant is a contradiction of ``facts/contradictions.csv`` whose readings stand in
``facts/variants.csv``, one row a choice; the standard choice is what the tables are derived with.
Any other puts the cells of its rows in ``facts/switches.csv`` into the facts, with its provenance,
and all tables are derived again.
"""

import dataclasses
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar, NamedTuple, TypeVar

from supply_data.csv_table import read_table
from supply_data.derive.facts import KEYS, Switched, key_of
from supply_data.files import bytes_of, cells_of
from supply_data.names import advice
from supply_data.schema import BadTablesError, Basis, Fault, Key, Keys, Level, Month, Row, shown

FOLDER = "facts"


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
    no_variant: str = ""
    """Why its readings cannot be tried one against the other; blank if they can."""


class Choice(Row):
    """One reading of a contradiction, with where its figures come from."""

    table: ClassVar[str] = "variants"
    key: ClassVar[tuple[str, ...]] = ("contradiction", "choice")

    contradiction: Key
    """The contradiction that it is a reading of."""
    choice: Key
    """Its name."""
    standard: bool = False
    """``yes``: the tables are derived with it."""
    what: str
    """What it says."""
    basis: Basis
    """reported, derived or assumed; of the rows that it switches."""
    confidence: Level = Level.LOW
    """high, medium or low."""
    source_ids: Keys = ()
    """Keys of the table ``sources``."""
    as_of: Month | None = None
    """When it held."""

    @property
    def name(self) -> str:
        """What people choose it by."""
        return f"{self.contradiction}={self.choice}"


class Switch(Row):
    """One cell of the facts under a choice."""

    table: ClassVar[str] = "switches"
    key: ClassVar[tuple[str, ...]] = ("contradiction", "choice", "file", "row", "column")

    contradiction: Key
    """The contradiction."""
    choice: Key
    """The choice."""
    file: Key
    """A file of the facts, such as ``families``."""
    row: str
    """Its key columns, joined by ``/``."""
    column: Key
    """A column of that file."""
    value: str
    """What stands there under this choice."""
    rule: str
    """Where that comes from."""

    @property
    def cell(self) -> tuple[str, str, str]:
        """Where it stands."""
        return self.file, self.row, self.column


class Variants(NamedTuple):
    """The contradictions of a dataset, their readings, and what these switch."""

    contradictions: tuple[Contradiction, ...] = ()
    choices: tuple[Choice, ...] = ()
    switches: tuple[Switch, ...] = ()

    @property
    def others(self) -> tuple[Choice, ...]:
        """The choices that the tables are not derived with."""
        return tuple(each for each in self.choices if not each.standard)

    def of(self, contradiction: str) -> tuple[Choice, ...]:
        """Return the choices of a contradiction."""
        return tuple(each for each in self.choices if each.contradiction == contradiction)


NONE = Variants()
AnyRow = TypeVar("AnyRow", Contradiction, Choice, Switch)


def variants(folder: Path) -> Variants:
    """Return the variants of a dataset; none if its facts have none.

    Parameters
    ----------
    folder : Path
        The dataset's folder.

    Raises
    ------
    BadTablesError
        With everything that is wrong with the three files.

    Examples
    --------
    >>> from supply_data.load import folder
    >>> [each.choice for each in variants(folder("russia-uas")).of("origin")]
    ['layers', 'brand', 'dispatch']
    """
    faults: list[Fault] = []
    found = Variants(
        _read(folder, Contradiction, faults),
        _read(folder, Choice, faults),
        _read(folder, Switch, faults),
    )
    if not faults:
        faults += (*_odd_choices(found), *_odd_switches(folder, found))
    if faults:
        raise BadTablesError(tuple(faults))
    return found


def chosen(known: Variants, wanted: Mapping[str, str]) -> tuple[Choice, ...]:
    """Return the choices that are not standard, among those wanted by contradiction.

    Raises
    ------
    BadTablesError
        If there is no such variant or choice, or two of them switch the same cell differently.
    """
    faults: list[Fault] = []
    found: list[Choice] = []
    for contradiction, name in wanted.items():
        own = {each.choice: each for each in known.of(contradiction)}
        if name in own:
            found.append(own[name])
        else:
            faults.append(_unknown(known, contradiction, name, own))
    faults += _disagreeing(known, found)
    if faults:
        raise BadTablesError(tuple(faults))
    return tuple(each for each in found if not each.standard)


def switched(known: Variants, choices: Sequence[Choice]) -> tuple[Switched, ...]:
    """Return what choices put into the facts, row by row, with their provenance."""
    return tuple(each for choice in choices for each in _switched(known, choice))


def _switched(known: Variants, choice: Choice) -> Iterator[Switched]:
    rows: dict[tuple[str, str], list[Switch]] = defaultdict(list)
    for switch in _switches(known, choice):
        rows[switch.file, switch.row].append(switch)
    for (file, row), switches in rows.items():
        rules = "; ".join(dict.fromkeys(each.rule for each in switches))
        marks = {"note": f"{choice.name}: {rules}"}
        if file not in _CITED_ELSEWHERE:
            marks |= {
                "basis": choice.basis.value,
                "confidence": choice.confidence.value,
                "source_ids": ";".join(choice.source_ids),
                "as_of": choice.as_of or "",
            }
        yield Switched(file, row, {**marks, **{each.column: each.value for each in switches}})


_CITED_ELSEWHERE = frozenset({"components", "origin_shares"})
"""Files whose sources stand behind more than the cells that are switched."""


def _switches(known: Variants, choice: Choice) -> Iterator[Switch]:
    own = choice.contradiction, choice.choice
    return (each for each in known.switches if (each.contradiction, each.choice) == own)


# --- what is wrong


def _unknown(known: Variants, contradiction: str, name: str, own: Mapping[str, Choice]) -> Fault:
    if own:
        rule = f"{shown(contradiction)} has no such choice"
        return Fault(_file(Choice), None, None, name, rule, advice(name, list(own)))
    reasons = {each.contradiction: each.no_variant for each in known.contradictions}
    if reasons.get(contradiction):
        rule = f"this contradiction cannot be tried: {reasons[contradiction]}"
        return Fault(_file(Contradiction), None, None, contradiction, rule, "Leave it out")
    names = list(dict.fromkeys(each.contradiction for each in known.choices))
    rule = "the dataset has no such variant"
    remedy = advice(contradiction, names) if names else "It has none"
    return Fault(_file(Choice), None, None, contradiction, rule, remedy)


def _disagreeing(known: Variants, choices: Sequence[Choice]) -> Iterator[Fault]:
    """Yield the pairs of choices that want different things of one cell."""
    seen: dict[tuple[str, str, str], tuple[Choice, str]] = {}
    told = set()
    for choice in choices:
        for switch in _switches(known, choice):
            other, value = seen.setdefault(switch.cell, (choice, switch.value))
            if value != switch.value and (other.name, choice.name) not in told:
                told.add((other.name, choice.name))
                rule = f"it and {shown(other.name)} put different things into facts/{switch.file}"
                yield Fault(_file(Switch), switch.line, None, choice.name, rule, "Choose one")


def _odd_choices(found: Variants) -> Iterator[Fault]:
    names = [each.contradiction for each in found.contradictions]
    for choice in found.choices:
        if choice.contradiction not in names:
            rule = "there is no such contradiction"
            remedy = advice(choice.contradiction, names)
            yield _at(choice, "contradiction", choice.contradiction, rule, remedy)
    for each in found.contradictions:
        standard = [choice for choice in found.of(each.contradiction) if choice.standard]
        if found.of(each.contradiction) and each.no_variant:
            rule = "it has choices in variants.csv, and a reason why it has none"
            yield _at(each, "no_variant", each.no_variant, rule, "Take one of them out")
        elif found.of(each.contradiction) and len(standard) != 1:
            rule = f"{len(standard)} of its choices are standard; one must be"
            yield _at(each, "contradiction", each.contradiction, rule, "Mark one with yes")


def _odd_switches(folder: Path, found: Variants) -> Iterator[Fault]:
    choices = {(each.contradiction, each.choice): each for each in found.choices}
    switching = {(each.contradiction, each.choice) for each in found.switches}
    for key, choice in choices.items():
        if (key in switching) is choice.standard:
            rule = "the standard choice switches nothing, and each other one something"
            yield _at(choice, "choice", choice.choice, rule, "Correct switches.csv, or the mark")
    known = {file: _by_key(folder, file) for file in {each.file for each in found.switches}}
    for switch in found.switches:
        if (switch.contradiction, switch.choice) not in choices:
            names = [each.name for each in found.choices]
            name = f"{switch.contradiction}={switch.choice}"
            yield _at(switch, "choice", name, "there is no such choice", advice(name, names))
        else:
            yield from _out_of_place(switch, known[switch.file])


def _out_of_place(switch: Switch, rows: Mapping[str, Iterable[str]]) -> Iterator[Fault]:
    if switch.file not in KEYS:
        rule = "no figure is switched in such a file"
        yield _at(switch, "file", switch.file, rule, advice(switch.file, list(KEYS)))
    elif rows and switch.row not in rows:
        rule = f"facts/{switch.file}.csv has no such row"
        yield _at(switch, "row", switch.row, rule, advice(switch.row, list(rows)))
    elif rows and switch.column not in rows[switch.row]:
        rule = f"facts/{switch.file}.csv has no such column"
        yield _at(
            switch, "column", switch.column, rule, advice(switch.column, list(rows[switch.row]))
        )


def _by_key(folder: Path, file: str) -> dict[str, tuple[str, ...]]:
    """Return the columns of each row of a file by its key; none if there is no such file."""
    if file not in KEYS or not os.path.lexists(folder / FOLDER / f"{file}.csv"):
        return {}
    name = f"{FOLDER}/{file}.csv"
    rows = cells_of(folder, name)
    # what lacks a key column cannot be looked into; deriving from it says so
    return {key_of(file, row): tuple(row) for row in rows if row.keys() >= set(KEYS[file])}


def _at(row: Row, column: str, value: str, rule: str, remedy: str) -> Fault:
    return Fault(_file(type(row)), row.line, column, value, rule, remedy)


def _file(model: type[Row]) -> str:
    return f"{FOLDER}/{model.table}.csv"


def _read(folder: Path, model: type[AnyRow], faults: list[Fault]) -> tuple[AnyRow, ...]:
    if not os.path.lexists(folder / _file(model)):
        return ()
    reading = read_table(bytes_of(folder, _file(model)), model=model)
    faults += (dataclasses.replace(fault, file=_file(model)) for fault in reading.faults)
    return tuple(row for row in reading.rows if isinstance(row, model))
