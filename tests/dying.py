"""Work that is refused, and processes that die, at one of their changes to a folder.

A change is what the file system is asked for below a root: a file opened for writing, a rename, a
removal, a folder made or removed. They are counted where Python announces them to its audit hooks,
whoever asks for them. What dies is a process of its own, forked from one that has loaded
everything, so that each is quick.
"""

import errno
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager
from enum import Enum
from functools import cache
from multiprocessing import forkserver, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from tests.command_line import Ran, aftercut

ROOT = Path(__file__).parents[1]
ALONE = {"PYTHONPATH": str(ROOT), "LOKY_MAX_CPU_COUNT": "1", "OPENBLAS_NUM_THREADS": "1"}
LOADED = [
    "pytest",
    "tests.dying",
    "analyzer.report.losses",
    "analyzer.report.choices",
    "analyzer.report.over_time",
    "analyzer.report.report",
    "analyzer.report.starter",
    "analyzer.report.derived_folder",
    "analyzer.report.sweep_folder",
    "analyzer.study.cutset",
    "tests.test_killed_runs",
    "tests.test_two_at_once",
]
_WRITING = os.O_WRONLY | os.O_RDWR
_FORK = get_context("forkserver")


class Fate(Enum):
    """What happens at a change."""

    DIES = "killed before it"
    DIES_HALFWAY = "killed when half of it is written"
    IS_REFUSED = "the device fails, once"
    IS_FULL = "nothing can be written from then on"


class Ended(NamedTuple):
    """How a process ended; what it said is only known where it was not killed."""

    killed: bool
    changes: tuple[str, ...]
    ran: Ran | None


class Started:
    """A process that works in a folder of its own."""

    def __init__(
        self,
        act: Callable[[], Ran | None],
        root: Path,
        *,
        at: int | None = None,
        fate: Fate = Fate.DIES,
    ) -> None:
        """Start it; what it does is a function of a module, and what happens at a change of it."""
        with patch.dict(os.environ, ALONE):
            _FORK.set_forkserver_preload(LOADED)
            forkserver.ensure_running()
        self._told, telling = _FORK.Pipe(duplex=False)
        self._process = _FORK.Process(target=_act, args=(act, root, at, fate, telling))
        self._process.start()
        telling.close()

    def kill(self) -> None:
        """Kill it at once."""
        self._process.kill()

    def send(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    def ended(self) -> Ended:
        """Wait until it has ended."""
        try:
            changes, ran = self._told.recv()
        except EOFError:
            changes, ran = (), None
        self._process.join()
        killed = self._process.exitcode == -signal.SIGKILL
        assert killed or self._process.exitcode == 0
        return Ended(killed, changes, ran)


class Command:
    """A call of ``aftercut`` in a folder; picklable."""

    def __init__(self, folder: Path, *arguments: str, helpers: int = 0) -> None:
        """Note what is called, where, and how many processes help."""
        self.folder, self.arguments, self.helpers = folder, arguments, helpers

    def __call__(self) -> Ran:
        """Call it."""
        with chdir(self.folder):
            return aftercut(*self.arguments, helpers=self.helpers)


def refused(
    act: Callable[[], Ran], root: Path, *, at: int | None = None, fate: Fate = Fate.IS_FULL
) -> tuple[Ran, tuple[str, ...]]:
    """Return what is done in this process, and its changes; one of which is refused."""
    with _armed(root, at, fate) as watched:
        ran = act()
    return ran, tuple(watched.changes)


def contents(folder: Path) -> Mapping[str, bytes]:
    """Return what is in a folder, by name."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _act(
    act: Callable[[], Ran | None], root: Path, at: int | None, fate: Fate, telling: Connection
) -> None:
    with _armed(root, at, fate) as watched:
        ran = act()
    telling.send((tuple(watched.changes), ran))


_WATCHING: list["_Watched"] = []


@cache
def _hooked() -> None:
    """Let whoever watches hear of every event; a process keeps its audit hooks for good."""

    def hook(event: str, given: tuple[object, ...]) -> None:
        for watched in _WATCHING:
            watched(event, given)

    sys.addaudithook(hook)


@contextmanager
def _armed(root: Path, at: int | None, fate: Fate) -> Iterator["_Watched"]:
    _hooked()
    watched = _Watched(root, at, fate)
    _WATCHING.append(watched)
    try:
        yield watched
    finally:
        _WATCHING.remove(watched)


class _Watched:
    """Who counts the changes below a root, and strikes at one of them."""

    def __init__(self, root: Path, at: int | None, fate: Fate) -> None:
        self.root, self.at, self.fate = os.path.realpath(root), at, fate
        self.changes: list[str] = []
        self.striking = False

    def __call__(self, event: str, given: tuple[object, ...]) -> None:
        if self.striking or not _is_change(event, given):
            return
        path = os.path.realpath(os.fsdecode(given[0]))  # type: ignore[arg-type]  # events tell paths
        if not path.startswith(self.root + os.sep):
            return
        self.changes.append(f"{event} {os.path.relpath(path, self.root)}")
        if self.at is not None:
            self._strike(event, given, path, at=self.at)

    def _strike(self, event: str, given: tuple[object, ...], path: str, *, at: int) -> None:
        now = len(self.changes)
        writes = event in {"open", "os.mkdir"}
        if self.fate is Fate.IS_FULL and now >= at and writes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if now != at:
            return
        if self.fate is Fate.IS_REFUSED:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if self.fate is Fate.DIES_HALFWAY and event == "open":
            self.striking = True
            _half_written(Path(path), int(given[2]))  # type: ignore[call-overload]  # flags are a number
        if self.fate in {Fate.DIES, Fate.DIES_HALFWAY}:
            os.kill(os.getpid(), signal.SIGKILL)


def _is_change(event: str, given: tuple[object, ...]) -> bool:
    if event == "open":
        path, _, flags = given
        named = isinstance(path, (str, bytes, os.PathLike))
        return named and isinstance(flags, int) and bool(flags & _WRITING)
    return event in {"os.rename", "os.remove", "os.mkdir", "os.rmdir"}


def _half_written(path: Path, flags: int) -> None:
    """Leave what a write would leave that was cut off in the middle."""
    if flags & os.O_APPEND:
        with path.open("ab") as file:
            file.write(b"chunk-00")
    elif flags & os.O_CREAT:
        path.write_bytes(b'{"half": ')
    else:
        os.truncate(path, path.stat().st_size // 2)
