"""Which bytes a path stands for, and which paths are not followed.

Convention: only regular files that end in ``.yaml`` or ``.yml`` are read, once, and never through
a link that leads out of their folder; what is opened is what was checked.
"""

import os
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from scenarios.document import MOST_BYTES
from scenarios.schema import BadScenarioError, ScenarioFault

SUFFIXES = frozenset({".yaml", ".yml"})
_LONGEST_PATH = 255
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
# a FIFO must not hang the reader, and a link put in the file's place must not be followed
_FLAGS = os.O_RDONLY | sum(
    getattr(os, flag, 0) for flag in ("O_NONBLOCK", "O_NOFOLLOW", "O_BINARY")
)


@dataclass(frozen=True, slots=True)
class Source:
    """One file as it was read."""

    name: str
    """Within its folder."""
    shown: str
    """In messages."""
    raw: bytes


def folder_sources(folder: Path, *, shown: str, faults: list[ScenarioFault]) -> tuple[Source, ...]:
    """Return the files of a folder and of its subfolder ``measures``, by name.

    Parameters
    ----------
    folder : Path
        Where to look; hidden files and other kinds of files are passed over.
    shown : str
        The folder's name in messages.
    faults : list of ScenarioFault
        Is extended by what could not be read.
    """
    if not is_folder(folder):
        faults.append(_fault(shown, "there is no such folder", "Check the path"))
        return ()
    return (
        *_listed_sources(folder, folder, shown, faults),
        *measure_sources(folder, shown=shown, faults=faults),
    )


def measure_sources(folder: Path, *, shown: str, faults: list[ScenarioFault]) -> tuple[Source, ...]:
    """Return the files of the subfolder ``measures``; none where there is no such folder."""
    inside = folder / "measures"
    if not is_folder(inside):
        return ()
    return tuple(_listed_sources(inside, folder, f"{shown}/measures", faults))


def file_source(path: Path) -> Source:
    """Return one file.

    Raises
    ------
    BadScenarioError
        If it is not a regular YAML file that can be read.
    """
    check_path(str(path))
    return Source(path.name, str(path), _content(path, path.parent, str(path)))


def is_folder(path: Path) -> bool:
    """Tell whether there is such a folder; what cannot be looked at is none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def check_path(text: str) -> None:
    """Refuse what is no plain path of this machine.

    Raises
    ------
    BadScenarioError
        For addresses, network shares, streams and NUL.
    """
    if not text.strip():
        raise refused(text, "the path is blank", "Name a file or a folder")
    rest = text[len(Path(text).drive) :]
    if _ADDRESS.match(rest):
        raise refused(text, "addresses are not read", "Save the file here and name its path")
    if text.startswith(("\\\\", "//")):
        raise refused(text, "network shares are not read", "Copy the file here and name its path")
    if ":" in rest or "\0" in text:
        raise refused(text, "a path has no ':' and no NUL", "Name a file or a folder")


def folded(name: str) -> str:
    """Return a name without the differences that some file systems and most eyes overlook.

    Examples
    --------
    >>> folded("Straße") == folded("STRASSE")
    True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def refused(shown: str, rule: str, remedy: str) -> BadScenarioError:
    """Return the error for one path."""
    return BadScenarioError((_fault(shown, rule, remedy),))


def _fault(shown: str, rule: str, remedy: str) -> ScenarioFault:
    # of a path its end tells the file
    told = shown if len(shown) <= _LONGEST_PATH else f"…{shown[-_LONGEST_PATH:]}"
    return ScenarioFault(told, None, None, None, rule, remedy)


def _listed_sources(
    folder: Path, root: Path, shown: str, faults: list[ScenarioFault]
) -> Iterator[Source]:
    try:
        paths = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as error:
        rule = f"the folder cannot be read ({error.strerror})"
        faults.append(_fault(shown, rule, "Check its permissions"))
        return
    named = [path for path in paths if path.suffix.lower() in SUFFIXES and path.name[0] != "."]
    faults.extend(_clashes(named, shown))
    for path in named:
        try:
            raw = _content(path, root, f"{shown}/{path.name}")
        except BadScenarioError as error:
            faults.extend(error.faults)
        else:
            yield Source(path.relative_to(root).as_posix(), f"{shown}/{path.name}", raw)


def _clashes(paths: Iterable[Path], shown: str) -> Iterator[ScenarioFault]:
    taken: dict[str, str] = {}
    for path in paths:
        other = taken.setdefault(folded(path.name), path.name)
        if other != path.name:
            rule = f"the name differs from {other!r} only in case or composition"
            yield _fault(f"{shown}/{path.name}", rule, "Rename one of them")


def _content(path: Path, root: Path, shown: str) -> bytes:
    if path.suffix.lower() not in SUFFIXES:
        raise refused(shown, "this is no YAML file", "Name a file that ends in .yaml or .yml")
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(root.resolve()):
            raise refused(shown, "the link leads out of the folder", "Put the file itself there")
        handle = os.open(real, _FLAGS)
    except (OSError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "a loop of links"
        raise refused(shown, f"the file cannot be read ({reason})", "Check the path") from None
    try:
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode):
            raise refused(shown, "this is no regular file", "Name a file of text")
        with os.fdopen(handle, "rb", closefd=False) as stream:
            raw = stream.read(MOST_BYTES + 1)
        after = os.fstat(handle)
    finally:
        os.close(handle)
    sound = len(raw) in {before.st_size, MOST_BYTES + 1}
    if not sound or after.st_mtime_ns != before.st_mtime_ns:
        rule = "the file changed while it was read"
        raise refused(shown, rule, "Run it again once it is saved")
    return raw
