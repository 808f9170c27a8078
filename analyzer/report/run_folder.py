"""Where a run is written: the one writer, and the reader that checks what it wrote.

Convention: a file gets its final name only when it is whole, and ``run.json``, which holds the
SHA-256 of all others and of itself, comes last: a folder without it is unfinished. Where an
earlier run stands finished, it stays whole until the new one ends: its files are replaced last.
While a run writes, a journal names its files, so that after a crash they are still told from
anybody else's, and those that were whole by then, with their SHA-256, so that a long run can be
taken up where it stopped.
"""

import errno
import hashlib
import itertools
import json
import os
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from pandas.api.types import is_numeric_dtype

from analyzer.report.parquet import write_parquet
from supply_data.schema import shown

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


RUN = "run.json"
SEAL = "sha256"
LOCK = ".aftercut-lock"
JOURNAL = ".aftercut-journal"
TEMPORARY = ".aftercut-new-"

_PLAIN = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?")
_DEVICES = frozenset({"con", "prn", "aux", "nul"}).union(
    f"{port}{number}" for port in ("com", "lpt") for number in range(10)
)
_REMEDIES = {
    errno.EACCES: "name a folder that you may write to",
    errno.EPERM: "name a folder that you may write to",
    errno.EROFS: "name a folder that you may write to",
    errno.ENOSPC: "make room there, or name a folder elsewhere",
    errno.EDQUOT: "make room there, or name a folder elsewhere",
    errno.EFBIG: "name a folder where files may be larger",
}
_FORMULA = re.compile(r"[=+\-@\t\n＝＋－＠]")  # noqa: RUF001 - spreadsheets run these too

_HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""What a terminal obeys, and what turns the direction of writing."""


class OutputRefusedError(Exception):
    """The output folder is busy, not writable, or holds what is not ours."""


class RunRefusedError(Exception):
    """The folder holds no run that can be read as it was written."""


class UnfinishedRunError(RunRefusedError):
    """The folder has no ``run.json``, so its run never ended."""


class NoReportError(RunRefusedError):
    """The run keeps nothing that a report is made from."""


class ChangedRunError(RunRefusedError):
    """A finished run is no longer what was written; ``names`` holds the files concerned."""

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        """Keep the names; the message lists them."""
        listed = ", ".join(shown(name) for name in names)
        super().__init__(f"{shown(str(folder))} was changed after its run ended: {listed}")
        self.names = names


def safe_name(text: str) -> str:
    """Return a name that every file system takes, different for different texts.

    Parameters
    ----------
    text
        Any text: the id of a dataset or a scenario.

    Returns
    -------
    str
        The text itself if it is at most 64 plain lower-case characters and no device of Windows;
        else what can be kept of it, with 12 hexadecimal digits of its SHA-256.

    Examples
    --------
    >>> safe_name("russia-uas"), safe_name("a/b")
    ('russia-uas', 'a-b-c14cddc033f6')
    """
    if len(text) <= 64 and _is_plain(text):  # noqa: PLR2004 - the limit is in the docstring
        return text
    kept = re.sub(r"[^a-z0-9]+", "-", text.lower())[:40].strip("-")
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{kept}-{digest}".lstrip("-")


def _is_plain(name: str) -> bool:
    return bool(_PLAIN.fullmatch(name)) and name.partition(".")[0] not in _DEVICES


def fresh_folder(parent: Path, dataset: str, *, now: datetime) -> Path:
    """Return a new, empty folder for a run, named by dataset and time.

    Parameters
    ----------
    parent
        Where runs are kept; made if it is not there.
    dataset
        Id of the dataset.
    now
        The time, with its zone; the name has it in UTC to the second.

    Returns
    -------
    Path
        ``<dataset>-<YYYYMMDDTHHMMSSZ>``, with ``-2``, ``-3``, … where taken.

    Raises
    ------
    OutputRefusedError
        If the folder cannot be made.
    """
    name = f"{safe_name(dataset)}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    with _refusal(parent):
        parent.mkdir(parents=True, exist_ok=True)
        for count in itertools.count(1):
            folder = parent / (name if count == 1 else f"{name}-{count}")
            with suppress(FileExistsError):
                folder.mkdir()
                break
    return folder


@contextmanager
def run_folder(
    path: Path, *, inputs: Iterable[Path] = (), resume: bool = False
) -> Iterator["RunFolder"]:
    """Hold a folder for one run, and leave neither temporary files nor an empty folder behind.

    Nothing changes before the first file is written, so an earlier run survives a new one that
    fails before it has anything to write.

    Parameters
    ----------
    path
        The folder: absent, empty, or one of an earlier run, finished or not.
    inputs
        Files and folders that the run reads; none may be the folder or lie in it.
    resume
        Whether an unfinished run there is taken up; see `RunFolder.holds`.

    Yields
    ------
    RunFolder
        What writes into the folder.

    Raises
    ------
    OutputRefusedError
        If the path is no folder, holds anything else, is an input, is not writable, or another
        process is writing there; if a run is to be taken up, and there is none, or it ended.
    """
    _refuse_inputs(path, inputs)
    if resume:
        _refuse_unless_unfinished(path)
    elif os.path.lexists(path):
        _names_of_earlier_run(path)
    with _refusal(path):
        path.mkdir(parents=True, exist_ok=True)
    try:
        with _only_writer(path):
            earlier = _names_of_earlier_run(path)
            with _refusal(path):
                standing = _listed(path) if (path / RUN).exists() else frozenset()
                whole = _whole(path / JOURNAL) if resume else {}
            _drop_temporaries(path)
            try:
                yield RunFolder(path, earlier=earlier, standing=standing, whole=whole)
            finally:
                _drop_temporaries(path)
    finally:
        with suppress(OSError):
            path.rmdir()


class RunFolder:
    """What writes the files of one run; ``run_folder`` makes it.

    A name is plain (lower-case letters, digits, ``.``, ``-``, ``_``; see ``safe_name``) and is
    written once. Each method raises ``OutputRefusedError`` if the file system fails or the name
    belongs to a file that no run wrote, and ``ValueError`` if the name is none for a run.
    """

    def __init__(
        self,
        path: Path,
        *,
        earlier: frozenset[str],
        standing: frozenset[str] = frozenset(),
        whole: Mapping[str, str] | None = None,
    ) -> None:
        """Write into ``path``.

        Parameters
        ----------
        path
            The folder.
        earlier
            Names that an earlier run wrote, or was about to write.
        standing
            Those of them that belong to a run that is finished; it stays so until this one ends.
        whole
            SHA-256 by name of those that were whole, if that run is taken up.
        """
        self.path = path
        self._earlier, self._standing = earlier, standing
        self._whole = whole or {}
        self._expected: set[str] = set()
        self._passing: set[str] = set()
        self._hashes: dict[str, str] = {}
        self._waiting: set[str] = set()
        self._begun = False

    def holds(self, name: str) -> bool:
        """Tell whether the run that is taken up wrote a file, unchanged since; now it is ours."""
        digest = self._whole.get(name)
        if digest is None or hashed(self.path / name) != digest:
            return False
        self._hashes[name] = digest
        return True

    def expect(self, names: Iterable[str]) -> None:
        """Note the names of many files that are to come, at the price of one."""
        ahead = [name for name in names if name not in self._hashes]
        for name in ahead:
            self._refuse_name(name)
        with _refusal(self.path):
            self._begin()
            _note(self.path / JOURNAL, *ahead)
        self._expected |= {*ahead}

    def write_bytes(self, name: str, content: bytes) -> None:
        """Write a file as it is."""
        self._write(name, lambda path: _fill(path, content))

    def write_text(self, name: str, text: str) -> None:
        """Write a text as UTF-8, its line ends as they are."""
        self.write_bytes(name, text.encode())

    def write_json(self, name: str, value: object) -> None:
        """Write a value as JSON with sorted keys; ``ValueError`` for NaN and infinities."""
        self.write_text(name, _json(value))

    def write_csv(self, name: str, frame: pd.DataFrame) -> None:
        """Write a frame, without its index, as CSV that starts no formula in a spreadsheet.

        UTF-8, LF (within texts too); a missing value is blank. A text, header included, that
        begins with ``=``, ``+``, ``-``, ``@``, a tab or a line end gets a ``'`` before it; control
        and direction-changing characters become ``<U+001B>``. Numbers are left alone.
        """
        self.write_text(name, _inert(frame).to_csv(index=False, lineterminator="\n"))

    def write_parquet(self, name: str, frame: pd.DataFrame) -> None:
        """Write a frame, without its index, as Parquet; a column without any value is text."""
        blank = [c for c in frame.columns if frame[c].dtype == object and frame[c].isna().all()]
        typed = frame.astype(dict.fromkeys(blank, "string"))
        self._write(name, lambda path: write_parquet(path, typed))

    def drop(self, names: Iterable[str]) -> None:
        """Let files of this run go when it ends."""
        self._passing |= {*names}

    def finish(self, manifest: Mapping[str, object]) -> None:
        """Write ``run.json``: the manifest and, as ``files``, the SHA-256 of each file by name.

        Files of an earlier run that this one did not write again are removed first. What may find
        the disk full is done before anything of the earlier run goes.
        """
        kept = {name: file for name, file in self._hashes.items() if name not in self._passing}
        text = sealed({**manifest, "files": kept})
        with _refusal(self.path):
            self._begin()
            digest = _prepare(self.path, RUN, lambda path: _fill(path, text.encode()))
            (self.path / RUN).unlink(missing_ok=True)
            _sync_folder(self.path)
            for name in sorted(self._waiting):
                _rename(self.path, name)
            known = self._earlier | self._expected | self._hashes.keys()
            for name in sorted(known - kept.keys()):
                (self.path / name).unlink(missing_ok=True)
            _sync_folder(self.path)
            _rename(self.path, RUN)
            self._hashes[RUN] = digest
            _sync_folder(self.path)
        with suppress(OSError):  # a journal that stays tells of another run.json, and does no harm
            (self.path / JOURNAL).unlink()

    def _write(self, name: str, fill: Callable[[Path], None]) -> None:
        expected = name in self._expected and name not in self._hashes
        if not expected:
            self._refuse_name(name)
        with _refusal(self.path / name):
            if not expected:
                self._begin()
                _note(self.path / JOURNAL, name)
            digest = _prepare(self.path, name, fill, sync=not expected)
            if name in self._standing:
                self._waiting.add(name)
            else:
                _rename(self.path, name)
                _note(self.path / JOURNAL, f"{name} {digest}", sync=False)
            self._hashes[name] = digest

    def _refuse_name(self, name: str) -> None:
        if not _is_plain(name) or name == RUN or name in self._hashes:
            msg = f"{shown(name)} is no name for one more file of this run"
            raise ValueError(msg)
        if name not in self._earlier and os.path.lexists(self.path / name):
            msg = f"{shown(str(self.path / name))} was written by no run; move it away"
            raise OutputRefusedError(msg)

    def _begin(self) -> None:
        """Note that a run is under way, and of which run a ``run.json`` is that stands there."""
        if RUN in self._hashes:
            msg = f"{shown(str(self.path))} holds a finished run; nothing can be added"
            raise ValueError(msg)
        if not self._begun:
            whole = (f"{name} {self._whole[name]}\n" for name in sorted(self._whole))
            names = "".join([*(f"{name}\n" for name in sorted(self._earlier)), *whole])
            stands = f"{RUN} {hashed(self.path / RUN)}\n" * (self.path / RUN).exists()
            _place(self.path, JOURNAL, lambda path: _fill(path, f"{stands}{names}".encode()))
            self._begun = True


def rewrite(folder: Path, name: str, text: str) -> None:
    """Write one file of a finished run again, and its hash into ``run.json``.

    Parameters
    ----------
    folder
        Folder of the run.
    name
        The file; it may be missing or changed, all others must be as the run wrote them.
    text
        What it is to hold, written as UTF-8; ``run.json`` stays as it is where the hash does.

    Raises
    ------
    RunRefusedError
        If the run did not end, or another file is not what it wrote.
    OutputRefusedError
        If another process is writing there, or the file system refuses.
    """
    with _only_writer(folder):
        manifest = read_run(folder, besides={name})
        files: Mapping[str, str] = manifest["files"]
        try:
            with _refusal(folder / name):
                digest = _prepare(folder, name, lambda path: _fill(path, text.encode()))
                told = sealed({**manifest, "files": {**files, name: digest}})
                if files.get(name) != digest:
                    _prepare(folder, RUN, lambda path: _fill(path, told.encode()))
                _rename(folder, name)
                if files.get(name) != digest:
                    _rename(folder, RUN)
                _sync_folder(folder)
        finally:
            _drop_temporaries(folder)


def sealed(manifest: Mapping[str, object]) -> str:
    """Return the text of ``run.json``: the manifest with the SHA-256 of its own text.

    Parameters
    ----------
    manifest
        What it says; a ``sha256`` that it has already is made anew.

    Examples
    --------
    >>> json.loads(sealed({"files": {}}))["sha256"][:12]
    '62b405d88881'
    """
    plain = {name: value for name, value in manifest.items() if name != SEAL}
    return _json({**plain, SEAL: hashlib.sha256(_json(plain).encode()).hexdigest()})


def read_run(folder: Path, *, besides: Collection[str] = ()) -> Mapping[str, Any]:
    """Return what ``run.json`` says of a finished run, once every file has its hash.

    Parameters
    ----------
    folder
        Folder of the run.
    besides
        Names of files that may be missing or have another hash.

    Returns
    -------
    Mapping
        The manifest; ``files`` holds the SHA-256 of each file by name.

    Raises
    ------
    UnfinishedRunError
        If there is no ``run.json``.
    ChangedRunError
        If a file is missing or differs, or ``run.json`` is none that a run writes.
    """
    manifest = _manifest(folder)
    files: Mapping[str, str] = manifest["files"]
    changed = [
        name
        for name, digest in files.items()
        if name not in besides and hashed(folder / name) != digest
    ]
    if changed:
        raise ChangedRunError(folder, tuple(sorted(changed)))
    return manifest


def _manifest(folder: Path) -> Mapping[str, Any]:
    path = folder / RUN
    if not path.is_file():
        msg = f"{shown(str(folder))} has no {RUN}: its run did not end"
        raise UnfinishedRunError(msg)
    try:
        text = path.read_bytes()
        manifest: dict[str, Any] = json.loads(text)
        files = manifest["files"].items()
        ours = text == sealed(manifest).encode() and all(
            _is_plain(name) and re.fullmatch("[0-9a-f]{64}", file) for name, file in files
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        ours = False
    if not ours:
        raise ChangedRunError(folder, (RUN,))
    return manifest


def hashed(path: Path) -> str | None:
    """Return the SHA-256 of a file, as ``run.json`` names it; None if there is no such file."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _names_of_earlier_run(folder: Path) -> frozenset[str]:
    """Return the names that earlier runs wrote; refuse a folder that is no run's."""
    if not folder.is_dir():
        msg = f"{shown(str(folder))} is there already and is no folder"
        raise OutputRefusedError(msg)
    with _refusal(folder):
        entries = list(folder.iterdir())
        present = {entry.name for entry in entries if not entry.is_symlink()}
        foreign = {entry.name for entry in entries if not _is_passing(entry.name)}
        noted = _noted(folder / JOURNAL) if JOURNAL in present else frozenset()
    if RUN in present:
        return noted | _listed(folder)
    if foreign and JOURNAL not in present:
        msg = f"{shown(str(folder))} is neither empty nor an earlier run; name another folder"
        raise OutputRefusedError(msg)
    return noted


def _refuse_unless_unfinished(folder: Path) -> None:
    if (folder / RUN).exists() and hashed(folder / RUN) != _stands(folder / JOURNAL):
        msg = f"the run in {shown(str(folder))} has ended; nothing of it is missing"
        raise OutputRefusedError(msg)
    if not (folder / JOURNAL).exists():
        msg = f"{shown(str(folder))} holds no run that could be taken up"
        raise OutputRefusedError(msg)


def _lines(journal: Path) -> Iterator[tuple[str, str]]:
    """Yield names of files, and their SHA-256 or nothing; a line that a crash cut off is none."""
    for line in journal.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]:
        name, _, digest = line.partition(" ")
        if _is_plain(name) and name != RUN:
            yield name, digest


def _stands(journal: Path) -> str | None:
    """Return the SHA-256 of the ``run.json`` that stood when the run of a journal began."""
    if not journal.is_file():
        return None
    line = journal.read_text(encoding="utf-8", errors="replace").partition("\n")[0]
    name, _, digest = line.partition(" ")
    return digest if name == RUN else None


def _noted(journal: Path) -> frozenset[str]:
    return frozenset(name for name, _ in _lines(journal))


def _whole(journal: Path) -> dict[str, str]:
    return {name: digest for name, digest in _lines(journal) if digest}


def _listed(folder: Path) -> frozenset[str]:
    try:
        return frozenset(_manifest(folder)["files"]) - {RUN}
    except (ChangedRunError, UnfinishedRunError) as error:
        msg = f"the {RUN} in {shown(str(folder))} is none that a run writes; name another folder"
        raise OutputRefusedError(msg) from error


def _is_passing(name: str) -> bool:
    """Tell whether a run takes such a file away itself when it ends, or the next one does."""
    return name == LOCK or name.startswith(TEMPORARY)


def _refuse_inputs(path: Path, inputs: Iterable[Path]) -> None:
    for source in inputs:
        for place in (source, *source.absolute().parents):
            if path.absolute() == place.absolute() or _is_same(path, place):
                msg = f"{shown(str(path))} is, or holds, the input {shown(str(source))}"
                raise OutputRefusedError(msg)


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


@contextmanager
def _refusal(path: Path) -> Iterator[None]:
    """Say which path the file system refused, instead of where our code stood."""
    try:
        yield
    except OSError as error:
        raise OutputRefusedError(not_written(path, error)) from error


def not_written(path: Path, error: OSError) -> str:
    """Return what to say, and what to do, where the file system refused a path.

    Examples
    --------
    >>> print(not_written(Path("out"), OSError(errno.ENOSPC, "No space left on device")))
    cannot write 'out': No space left on device; make room there, or name a folder elsewhere
    """
    remedy = _REMEDIES.get(error.errno or 0, "name another folder")
    return f"cannot write {shown(str(path))}: {error.strerror or error}; {remedy}"


@contextmanager
def _only_writer(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which the operating system frees if the process dies."""
    lock = folder / LOCK
    with _refusal(lock):
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _refuse_if_busy(lock, descriptor)
        try:
            yield
        finally:
            with suppress(OSError):  # Windows keeps an open file; an old lock file does no harm
                lock.unlink()
    finally:
        os.close(descriptor)


def _refuse_if_busy(lock: Path, descriptor: int) -> None:
    try:
        _take(descriptor)
        held = os.path.samestat(os.fstat(descriptor), lock.stat())
    except (BlockingIOError, PermissionError, FileNotFoundError):
        held = False  # another holds it, or ended just now and took the file away
    if not held:
        msg = f"another run is writing to {shown(str(lock.parent))}; wait, or name another folder"
        raise OutputRefusedError(msg)


def _drop_temporaries(folder: Path) -> None:
    for path in folder.glob(f"{TEMPORARY}*"):
        with suppress(OSError):
            path.unlink()


def _note(journal: Path, *lines: str, sync: bool = True) -> None:
    with journal.open("a", encoding="utf-8", newline="\n") as file:
        file.write("".join(f"{line}\n" for line in lines))
        file.flush()
        if sync:
            os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the renames so far outlast a loss of power, where a folder can be opened for it."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _place(folder: Path, name: str, fill: Callable[[Path], None], *, sync: bool = True) -> str:
    """Return the SHA-256 of a file, filled under a temporary name and then renamed."""
    digest = _prepare(folder, name, fill, sync=sync)
    _rename(folder, name)
    return digest


def _prepare(folder: Path, name: str, fill: Callable[[Path], None], *, sync: bool = True) -> str:
    temporary = folder / (TEMPORARY + name)
    fill(temporary)
    with temporary.open("rb+") as file:
        if sync:
            os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()


def _rename(folder: Path, name: str) -> None:
    os.replace(folder / (TEMPORARY + name), folder / name)  # noqa: PTH105 - one name for tests to break


def _fill(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, allow_nan=False, ensure_ascii=False, indent=2) + "\n"


def _inert(frame: pd.DataFrame) -> pd.DataFrame:
    texts = [c for c in frame.columns if not is_numeric_dtype(frame[c].dtype)]
    inert = {c: frame[c].astype(object).map(_quoted) for c in texts}
    return frame.assign(**inert).rename(columns=_quoted)


def _quoted(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    lines = re.sub("\r\n?", "\n", cell)  # a lone CR would go unquoted and start a row
    text = _HIDDEN.sub(lambda hidden: f"<U+{ord(hidden[0]):04X}>", lines)
    return f"'{text}" if _FORMULA.match(text) else text
