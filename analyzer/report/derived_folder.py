"""Where derived tables are written: a copy of the whole dataset, or the dataset's own folder.

Convention: nothing gets its final name before all tables were derived, written and checked.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path

import supply_data
from analyzer.network.library import SCENARIOS
from analyzer.report.new_folder import new_folder
from analyzer.report.run_folder import TEMPORARY, OutputRefusedError, not_written
from supply_data.checks import file_of
from supply_data.dataset_yaml import FILE
from supply_data.files import bytes_of
from supply_data.rederived import FACTS, Cells, write_tables
from supply_data.schema import shown

CARD = "README.md"


def write_copy(dataset: str, tables: Mapping[str, Sequence[Cells]], out: Path) -> None:
    """Write a dataset with these tables as a folder of its own, ready to run.

    Parameters
    ----------
    dataset : str
        Name of a shipped dataset, else a folder: where facts, data card and scenarios come from.
    tables : mapping of str to sequence of dict
        What follows from the facts.
    out : Path
        Absent or empty, and outside the dataset.

    Raises
    ------
    OutputRefusedError
        If the folder holds anything, lies in the dataset or cannot be written.
    BadTablesError
        If the tables are no dataset.
    """
    folder = supply_data.folder(dataset)
    if out.resolve().is_relative_to(folder.resolve()):
        msg = f"{shown(str(out))} is, or lies in, the dataset itself; name a folder elsewhere"
        raise OutputRefusedError(msg)
    with new_folder(out, last=FILE) as whole:
        for path in _kept(folder):
            _copy(folder, path, whole / path)
        library = _library(dataset)
        for path in _files_below(library, suffixes=(".yaml", ".yml")):
            _copy(library, path, whole / SCENARIOS / path)
        write_tables(tables, whole)
        supply_data.load(whole)


def replace_tables(
    folder: Path, tables: Mapping[str, Sequence[Cells]], *, only: Iterable[str]
) -> None:
    """Replace tables of a dataset by those that follow from its facts.

    Parameters
    ----------
    folder : Path
        The dataset's folder.
    tables : mapping of str to sequence of dict
        What follows from the facts: all tables, so that they are checked together.
    only : iterable of str
        The tables to replace.

    Raises
    ------
    OutputRefusedError
        If the folder cannot be written.
    BadTablesError
        If the tables are no dataset; nothing was replaced.
    """
    try:
        with tempfile.TemporaryDirectory(
            prefix=TEMPORARY, dir=folder, ignore_cleanup_errors=True
        ) as made:
            whole = Path(made)
            _copy(folder, Path(FILE), whole / FILE)
            write_tables(tables, whole)
            supply_data.load(whole)
            for name in map(file_of, only):
                os.replace(whole / name, folder / name)  # noqa: PTH105 - one name for tests to break
    except OSError as error:
        raise OutputRefusedError(not_written(folder, error)) from error


def _kept(folder: Path) -> Iterator[Path]:
    yield from (Path(name) for name in (FILE, CARD) if (folder / name).is_file())
    yield from (FACTS / path for path in _files_below(folder / FACTS))


def _library(dataset: str) -> Path:
    if dataset in supply_data.shipped():
        return Path(str(resources.files("scenarios"))) / dataset
    return Path(dataset) / SCENARIOS


def _files_below(folder: Path, *, suffixes: tuple[str, ...] = ()) -> list[Path]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [p.relative_to(folder) for p in found if not suffixes or p.suffix in suffixes]


def _copy(root: Path, path: Path, where: Path) -> None:
    where.parent.mkdir(parents=True, exist_ok=True)
    where.write_bytes(bytes_of(root, str(path)))
