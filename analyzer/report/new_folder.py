"""A new folder that is there whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analyzer.report.run_folder import TEMPORARY, OutputRefusedError, not_written
from supply_data.schema import shown


@contextmanager
def new_folder(folder: Path, *, last: str) -> Iterator[Path]:
    """Hold a folder beside this one; it takes its place once it is filled.

    Parameters
    ----------
    folder : Path
        Absent or empty.
    last : str
        The file that shows that a folder is whole; it is moved last.

    Yields
    ------
    Path
        An empty folder to be filled.

    Raises
    ------
    OutputRefusedError
        If the folder holds anything, is a file, or cannot be written.
    """
    try:
        _refuse_taken(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        where = folder.resolve()
        with tempfile.TemporaryDirectory(
            prefix=TEMPORARY, dir=where.parent, ignore_cleanup_errors=True
        ) as beside:
            whole = Path(beside) / where.name
            whole.mkdir()
            yield whole
            _move(whole, where, last=last)
    except OSError as error:
        raise OutputRefusedError(not_written(folder, error)) from error


def _refuse_taken(folder: Path) -> None:
    if os.path.lexists(folder) and (not folder.is_dir() or any(folder.iterdir())):
        msg = f"{shown(str(folder))} is there already and not empty; name another folder"
        raise OutputRefusedError(msg)


def _move(whole: Path, folder: Path, *, last: str) -> None:
    """Give a filled folder its name; an empty one that is there, and may be in use, is kept."""
    if not folder.exists():
        whole.rename(folder)
        return
    for entry in sorted(whole.iterdir(), key=lambda entry: entry.name == last):
        entry.rename(folder / entry.name)
