"""What ``aftercut init`` writes: a small case that runs, for an analyst to replace row by row.

Convention: the example's rows state only what they use; the header of each table holds every
column that the reader knows, so it can't go stale.
"""

import csv
import io
import json
import os
import re
import shlex
from importlib import resources
from pathlib import Path

from analyzer.network.library import SCENARIOS
from analyzer.report.new_folder import new_folder
from scenarios.editor import json_schema
from supply_data.csv_table import known_columns
from supply_data.dataset_yaml import FILE
from supply_data.load import shipped
from supply_data.schema import TABLES, Row

SCHEMA = "scenario.schema.json"
"""The schema for editors, beside the scenarios that name it in their first line."""
_LONGEST_ID = 40


def write_starter(folder: Path) -> None:
    """Write a dataset that runs as it is, whole or not at all.

    Parameters
    ----------
    folder : Path
        Absent or empty; its name becomes the id of the dataset.

    Raises
    ------
    OutputRefusedError
        If the folder holds anything, is a file, or cannot be written.
    """
    with new_folder(folder, last=FILE) as whole:
        _fill(whole, starter_files(dataset_id(folder.resolve().name)))


def starter_files(name: str) -> dict[str, str]:
    """Return what the folder of a new dataset holds: texts by path, ``dataset.yaml`` last.

    Parameters
    ----------
    name : str
        Id of the dataset.

    Examples
    --------
    >>> files = starter_files("my-case")
    >>> files["dataset.yaml"].splitlines()[0]
    'id: "my-case"'
    >>> files["targets.csv"].splitlines()[0].split(",")[:3]
    ['set', 'system', 'target_per_month']
    """
    given = Path(str(resources.files("supply_data"))) / "starter"
    scenarios = sorted((given / SCENARIOS).iterdir())
    return {
        "README.md": _text(given / "README.md"),
        **{f"{SCENARIOS}/{path.name}": _text(path) for path in scenarios},
        f"{SCENARIOS}/{SCHEMA}": json.dumps(json_schema(), indent=1) + "\n",
        **{f"{m.table}.csv": _table(_text(given / f"{m.table}.csv"), m) for m in TABLES},
        FILE: f"id: {json.dumps(name)}\n{_text(given / 'about.yaml')}",
    }


def dataset_id(folder: str) -> str:
    """Return the id of a dataset in a folder of this name.

    Examples
    --------
    >>> dataset_id("My case (2)"), dataset_id("例")
    ('my-case-2', 'case')
    """
    plain = re.sub(r"[^a-z0-9]+", "-", folder.lower()).strip("-")
    return plain[:_LONGEST_ID].strip("-") or "case"


def named_dataset(folder: Path) -> str:
    """Return how a shell names the dataset of a folder: a shipped one of its name goes first.

    Examples
    --------
    >>> print(*map(named_dataset, map(Path, ("my-case", "tutorial", "my case"))))
    my-case ./tutorial 'my case'
    """
    name = str(folder)
    return shlex.quote(f".{os.sep}{name}" if name in shipped() else name)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _table(text: str, model: type[Row]) -> str:
    """Return the example's rows under the full header of their table."""
    stated = csv.DictReader(io.StringIO(text, newline=""))
    whole = io.StringIO(newline="")
    writer = csv.DictWriter(whole, known_columns(model), lineterminator="\n")
    writer.writeheader()
    writer.writerows(stated)
    return whole.getvalue()


def _fill(folder: Path, files: dict[str, str]) -> None:
    (folder / SCENARIOS).mkdir()
    for name, text in files.items():
        # by its mark a spreadsheet knows the encoding, and keeps it when it saves
        encoding = "utf-8-sig" if name.endswith(".csv") else "utf-8"
        (folder / name).write_text(text, encoding=encoding, newline="")
