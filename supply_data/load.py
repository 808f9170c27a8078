"""Where a dataset is and what it says: a shipped name or a folder becomes ``Tables``."""

import dataclasses
import functools
import os
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path, PurePath
from types import MappingProxyType

from supply_data.assemble import assemble
from supply_data.checks import file_of
from supply_data.csv_table import Reading, read_table
from supply_data.dataset_yaml import FILE, read_settings
from supply_data.files import bytes_of
from supply_data.fingerprint import fingerprint
from supply_data.names import advice
from supply_data.rederived import as_csv, differences, rederived
from supply_data.schema import (
    REQUIRED_TABLES,
    TABLES,
    BadTablesError,
    Fault,
    Row,
    Settings,
    Tables,
    shown,
)
from supply_data.variants import Choice, chosen
from supply_data.variants import variants as all_variants

OTHER_FORMATS = frozenset(
    {".xlsx", ".xlsm", ".xls", ".ods", ".parquet", ".json", ".duckdb", ".db", ".sqlite"}
    | {".pkl", ".pickle", ".joblib", ".npy", ".zip", ".tsv"}
)
"""Formats that tables may come in elsewhere; none is read here."""
NEED_ROWS = ("places", "systems", "supplies")
"""Tables without which there is nothing to compute."""
_UNREAD = Settings(id="unread", title="unread", destination="unread")


def load(
    dataset: str | os.PathLike[str],
    *,
    variants: Mapping[str, str] = MappingProxyType({}),
    assumptions: Mapping[str, float] = MappingProxyType({}),
) -> Tables:
    """Return a dataset, checked.

    Parameters
    ----------
    dataset : str or path
        Name of a shipped dataset, else a folder.
    variants : mapping of str to str, optional
        Choices of contradictions (`supply_data.variants`). With any that is not standard, tables
        are derived from the facts anew instead of read.
    assumptions : mapping of str to float, optional
        Central values of assumptions to derive them with.

    Raises
    ------
    BadTablesError
        If there is no such dataset or anything in it is wrong; holds all faults of all tables.
        With variants or assumptions also if its tables do not follow from its facts as they stand.

    Examples
    --------
    >>> tables = load("tutorial")
    >>> sorted(tables.systems), len(tables.lanes)
    (['lamp', 'pump'], 4)
    """
    where = folder(dataset)
    settings, faults = _settings(where)
    others = {each.contradiction: each.choice for each in _others(where, variants)}
    instead = _derived(where, others, assumptions) if others or assumptions else {}
    settings = _titled(settings, others)
    readings = {model.table: _reading(where, model, instead) for model in TABLES}
    faults += _stray_files(where)
    for reading in readings.values():
        faults += reading.faults
    unread = {table for table, reading in readings.items() if not reading.whole}
    if settings is _UNREAD:
        unread.add(FILE)
    rows = {table: reading.rows for table, reading in readings.items()}
    tables = assemble(
        settings,
        rows,
        sha256=fingerprint(settings, rows),
        faults=faults,
        unread=frozenset(unread),
        variants=others,
    )
    return dataclasses.replace(tables, warnings=(*_other_names(where), *tables.warnings))


def _other_names(where: Path) -> Iterator[Fault]:
    """Yield the files of a folder of one's own that have another name too."""
    for name in (FILE, *(file_of(model.table) for model in TABLES)):
        path = where / name
        if where.parent != _package() and path.is_file() and path.stat().st_nlink > 1:
            rule = (
                "the file has another name elsewhere, under which it can be changed (a hard link)"
            )
            yield Fault(name, None, None, None, rule, "Copy it here if that is not meant")


def _others(where: Path, wanted: Mapping[str, str]) -> tuple[Choice, ...]:
    return chosen(all_variants(where), wanted) if wanted else ()


def _titled(settings: Settings, others: Mapping[str, str]) -> Settings:
    """Return settings whose title, which every answer shows, tells what is not standard."""
    if settings is _UNREAD or not others:
        return settings
    told = ", ".join(f"{name}={choice}" for name, choice in others.items())
    return settings.model_copy(update={"title": f"{settings.title} [{told}]"})


def _derived(
    where: Path, variants: Mapping[str, str], assumptions: Mapping[str, float]
) -> dict[str, bytes]:
    """Return the tables of other facts as files; only where its own follow from its own."""
    differs = differences(where, rederived(where, assumptions={}))
    if differs:
        rule = f"the table does not follow from the facts: {differs[0]}"
        remedy = "Run `aftercut derive` first, or leave variants and assumptions as they are"
        raise BadTablesError((Fault(file_of(differs[0].table), None, None, None, rule, remedy),))
    return as_csv(rederived(where, assumptions=assumptions, variants=variants))


@functools.cache
def shipped() -> tuple[str, ...]:
    """Return the names of the datasets that come with the package, sorted."""
    return tuple(sorted(each.name for each in _package().iterdir() if (each / FILE).is_file()))


def folder(dataset: str | os.PathLike[str]) -> Path:
    """Return the folder of a dataset: a shipped name wins, else it is a path.

    A path object, or a text with a separator such as ``./tutorial``, is never a shipped name.

    Raises
    ------
    BadTablesError
        If there is no such dataset.
    """
    name = os.fspath(dataset)
    if isinstance(dataset, str) and name in shipped():
        return _package() / name
    if "\0" in name or not (Path(name) / FILE).is_file():
        raise BadTablesError((_no_dataset(name),))
    return Path(name)


def _package() -> Path:
    return Path(str(resources.files("supply_data")))


def _no_dataset(name: str) -> Fault:
    suffix = PurePath(name).suffix.lower()
    if suffix in OTHER_FORMATS:
        rule = f"a {suffix} file is not read as a dataset"
        return Fault(name, None, None, None, rule, "Save its tables as CSV files in one folder")
    rule = f"there is no dataset of this name and no folder with a {FILE}"
    return Fault(name, None, None, None, rule, advice(name, shipped()))


def _settings(where: Path) -> tuple[Settings, list[Fault]]:
    try:
        return read_settings(bytes_of(where, FILE)), []
    except BadTablesError as error:
        return _UNREAD, list(error.faults)


def _reading(where: Path, model: type[Row], instead: Mapping[str, bytes]) -> Reading:
    file = file_of(model.table)
    if file not in instead and not os.path.lexists(where / file):
        return _absent(model.table)
    try:
        data = instead[file] if file in instead else bytes_of(where, file)
        reading = read_table(data, model=model)
    except BadTablesError as error:
        return Reading((), error.faults, whole=False)
    if reading.whole and not reading.rows and model.table in NEED_ROWS:
        rule, remedy = "the table has a header and no rows", "Add its rows"
        return Reading((), (Fault(file, None, None, None, rule, remedy),), whole=False)
    return reading


def _absent(table: str) -> Reading:
    if table not in REQUIRED_TABLES:
        return Reading((), (), whole=True)
    rule, remedy = "the table is missing", "Add the file to the dataset's folder"
    return Reading((), (Fault(file_of(table), None, None, None, rule, remedy),), whole=False)


def _stray_files(where: Path) -> Iterator[Fault]:
    """Yield the files that someone may take for tables and that would not be read."""
    files = [file_of(model.table) for model in TABLES]
    tables = {PurePath(file).stem for file in files}
    for name in sorted(entry.name for entry in where.iterdir()):
        stem, suffix = PurePath(name).stem, PurePath(name).suffix.lower()
        if suffix == ".csv" and name not in files:
            rule = "there is no such table"
            yield Fault(name, None, None, None, rule, f"{advice(name, files)} Else move it away")
        elif suffix in OTHER_FORMATS and stem.casefold() in tables:
            rule = f"a table is not read from a {suffix} file"
            yield Fault(name, None, None, None, rule, f"Save it as {shown(stem + '.csv')}")
