"""Whatever kills a run, at whatever moment: nothing lost, nothing doubled, nothing half there."""

import json
import os
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle, product
from pathlib import Path
from shutil import copytree, rmtree
from typing import NamedTuple, Protocol
from unittest.mock import patch

import pytest

from analyzer.report.run_folder import JOURNAL, RUN, OutputRefusedError, read_run, run_folder
from analyzer.report.sweep_folder import SweepFolder
from analyzer.study.crew import crew
from analyzer.study.pools import processes
from analyzer.study.sweep import How, sweep
from tests import wide_case
from tests.command_line import Ran
from tests.dying import Command, Fate, Started, contents
from tests.effort import tries
from tests.study.sweeping import Squares

pytestmark = pytest.mark.soak

CUTS = 5_050
KILLS = (Fate.DIES, Fate.DIES_HALFWAY)


class Doing(Protocol):
    """A run in a folder; picklable."""

    def __call__(self, folder: Path, *, resume: bool = False) -> "Call":
        """Return what does it, or takes it up."""


class Call(Protocol):
    """What a process does; it tells whether it was refused."""

    def __call__(self) -> Ran | None: ...


class Unbroken(NamedTuple):
    """A run that nothing broke.

    Attributes
    ----------
    ever : mapping
        Every file that it had in its folder for some time, by name.
    last : mapping
        Those that it left.
    changes : int
        How often it changed the folder.
    took : float
        Seconds.
    """

    ever: Mapping[str, bytes]
    last: Mapping[str, bytes]
    changes: int
    took: float


def unbroken(do: Doing, root: Path, earlier: Path | None = None) -> Unbroken:
    """Let a run end; and another one until it takes the first of its files away again."""
    Started(nothing, root).ended()  # the first process waits until everything is loaded
    began = time.monotonic()
    ended = Started(do(fresh(root / "whole", earlier)), root).ended()
    took = time.monotonic() - began
    assert ended.ran is None or ended.ran.code == 0, ended.ran
    last = contents(root / "whole")
    removed = [n for n, change in enumerate(ended.changes, 1) if "os.remove whole/chunk-" in change]
    ever = dict(last)
    for at in removed[:1]:
        assert Started(do(fresh(root / "almost", earlier)), root, at=at).ended().killed
        ever |= contents(root / "almost")
    return Unbroken({**ever, **last}, last, len(ended.changes), took)


def nothing() -> None:
    """Do nothing."""


def fresh(folder: Path, earlier: Path | None) -> Path:
    """Return a folder that is not there, or holds an earlier run."""
    if earlier is not None:
        copytree(earlier, folder)
    return folder


def killed(do: Doing, folder: Path, *, at: int, fate: Fate, like: Unbroken) -> None:
    """Kill a run at a change of its folder; see that nothing is half there, and end it."""
    before = contents(folder) if folder.exists() else {}
    assert Started(do(folder), folder.parent, at=at, fate=fate).ended().killed
    check_what_is_left(folder, before=before, like=like)
    check_that_it_can_be_ended(do, folder, before=before, like=like)
    rmtree(folder)


def check_what_is_left(folder: Path, *, before: Mapping[str, bytes], like: Unbroken) -> None:
    """What has a final name is whole; ``run.json`` is absent or right."""
    left = contents(folder) if folder.exists() else {}
    for name in seen(left) - {RUN}:
        assert left[name] in (before.get(name), like.ever.get(name)), name
    if RUN in left:
        files = read_run(folder)["files"]
        if left[RUN] != before.get(RUN):
            assert told(left[RUN]) == told(like.last[RUN])
            assert seen(left) == {*files, RUN}


def check_that_it_can_be_ended(
    do: Doing, folder: Path, *, before: Mapping[str, bytes], like: Unbroken
) -> None:
    """Take a run up, or begin it where it had not begun; it leaves what an unbroken one leaves."""
    left = contents(folder) if folder.exists() else {}
    ended = RUN in left and left[RUN] != before.get(RUN)
    assert refused(do(folder, resume=True)) == (ended or JOURNAL not in left)
    if not ended and JOURNAL not in left:
        assert not refused(do(folder))
    last = contents(folder)
    assert seen(last) == seen(like.last)
    assert all(last[name] == like.last[name] for name in seen(last) - {RUN})
    assert told(last[RUN]) == told(like.last[RUN])
    assert ended or set(last) == seen(last)


def refused(call: Call) -> bool:
    ran = Started(call, Path("nowhere")).ended().ran
    assert ran is not None
    assert ran.code in {0, 3}, ran.err
    return ran.code == 3


def seen(files: Mapping[str, bytes]) -> set[str]:
    return {name for name in files if not name.startswith(".aftercut-")}


def told(manifest: bytes) -> dict[str, object]:
    """Return what ``run.json`` says, but for the clock."""
    clock = ("started", "finished", "sha256")
    return {name: value for name, value in json.loads(manifest).items() if name not in clock}


def deaths(changes: int, *, in_tests: int) -> list[tuple[int, Fate]]:
    """Return at which changes a process dies, and how.

    At some, the last among them, one way or the other; in a soak at each, both ways.
    """
    if tries(0, 1):
        return list(product(range(1, changes + 1), KILLS))
    at = range(changes, 0, -max(1, changes // in_tests))
    return list(zip(at, cycle(KILLS), strict=False))


# --- a scan of 5,050 cuts


class Scanning(NamedTuple):
    """The scan, as a command."""

    cases: Path

    def __call__(self, folder: Path, *, resume: bool = False) -> Command:
        where = ("--resume" if resume else "--out", str(folder))
        asked = ("--order", "2", "--over", "supply", "--top", "3", "--jobs", "1")
        return Command(self.cases, "scan", "./wide", *asked, *where)


@pytest.fixture(scope="module")
def scanning(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scanning, Unbroken]:
    """Return a scan of 5,050 cuts, and what an unbroken one leaves."""
    cases = tmp_path_factory.mktemp("cases")
    wide_case.write(cases / "wide")
    do = Scanning(cases)
    root = tmp_path_factory.mktemp("unbroken")
    return do, unbroken(do, root)


def test_a_scan_killed_at_random_moments_is_taken_up(
    scanning: tuple[Scanning, Unbroken], tmp_path: Path
) -> None:
    do, like = scanning
    chance = random.Random(10)  # noqa: S311 - moments, no secret
    broken = 0
    for number in range(tries(10, 100)):
        folder = tmp_path / f"run-{number}"
        started = Started(do(folder), tmp_path)
        time.sleep(chance.uniform(0, like.took))
        started.kill()
        broken += started.ended().killed
        check_what_is_left(folder, before={}, like=like)
        check_that_it_can_be_ended(do, folder, before={}, like=like)
    assert broken


def test_a_scan_killed_at_a_change_of_its_folder_is_taken_up(
    scanning: tuple[Scanning, Unbroken], tmp_path: Path
) -> None:
    do, like = scanning
    assert like.changes > 100
    for at, fate in deaths(like.changes, in_tests=4):
        killed(do, tmp_path / "run", at=at, fate=fate, like=like)


# --- as many cuts that take no time, killed at every change


class Squaring(NamedTuple):
    """A sweep of squares in three chunks, and what is made of them."""

    notes: Path

    def __call__(self, folder: Path, *, resume: bool = False) -> "OneSquaring":
        return OneSquaring(folder, self.notes, resume)


class OneSquaring(NamedTuple):
    """Such a sweep in one folder."""

    folder: Path
    notes: Path
    resume: bool

    def __call__(self) -> Ran:
        tasks = [(n,) for n in range(CUTS)]
        how = How(chunk=-(-CUTS // 3))
        try:
            with run_folder(self.folder, resume=self.resume) as run:
                rows = sweep(Squares(self.notes), tasks, how=how, store=SweepFolder(run))
                run.write_parquet("results.parquet", rows)
                run.finish({"rows": len(rows)})
        except OutputRefusedError as error:
            return Ran(3, "", str(error))
        return Ran(0, "", "")


@pytest.mark.parametrize("over", ["an earlier run", *(["nothing"] if tries(0, 1) else [])])
def test_a_sweep_killed_at_each_change_of_its_folder_is_taken_up(tmp_path: Path, over: str) -> None:
    earlier = None if over == "nothing" else an_earlier_run(tmp_path / "earlier")
    (tmp_path / "notes").mkdir()
    (tmp_path / "root").mkdir()
    do = Squaring(tmp_path / "notes")
    like = unbroken(do, tmp_path / "root", earlier)
    assert len([name for name in like.ever if name.startswith("chunk-")]) == 3
    for at, fate in deaths(like.changes, in_tests=like.changes):
        folder = fresh(tmp_path / "root" / "run", earlier)
        killed(do, folder, at=at, fate=fate, like=like)


def an_earlier_run(folder: Path) -> Path:
    """Return a finished run, of which one file has a name that the next one writes too."""
    with run_folder(folder) as run:
        run.write_text("page.html", "an earlier page")
        run.write_text("results.parquet", "an earlier result")
        run.finish({"started": "earlier"})
    return folder


# --- a run, of which nothing is taken up


class Running(NamedTuple):
    """A run of the tutorial."""

    cases: Path

    def __call__(self, folder: Path, *, resume: bool = False) -> Command:
        chosen = () if resume else ("--scenario", "hub-closed")
        asked = ("run", "tutorial", *chosen, "--out", str(folder))
        return Command(self.cases, *asked, helpers=1)


def test_after_a_run_was_killed_a_new_one_works(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    do = Running(tmp_path)
    like = unbroken(do, tmp_path / "root")
    for at, fate in deaths(like.changes, in_tests=2):
        folder = tmp_path / "root" / "run"
        assert Started(do(folder), tmp_path / "root", at=at, fate=fate).ended().killed
        check_what_is_left(folder, before={}, like=like)
        assert not refused(do(folder))
        assert contents(folder).keys() == like.last.keys()
        rmtree(folder)


# --- who helped


@dataclass(frozen=True)
class Helped:
    """What starts processes that help it, tells their numbers, and waits to be killed."""

    notes: Path
    how: str

    def __call__(self) -> Ran | None:
        if self.how == "helpers":
            with patch("os.cpu_count", return_value=2), crew() as helpers:
                tell(self.notes, helpers.helpers[0].submit(os.getpid).result())
        with processes(Squares(self.notes), 1) as pool:
            pool.submit([(1,)]).result()  # its worker leaves a note with its number
            tell(self.notes, int(next(self.notes.glob("worker-*")).name.split("-")[1]))
        return None


def tell(notes: Path, process: int) -> None:
    (notes / "helper.new").write_text(str(process))
    (notes / "helper.new").rename(notes / "helper")
    time.sleep(60)


@pytest.mark.parametrize("how", ["helpers", "workers"])
def test_processes_that_helped_a_killed_one_end(tmp_path: Path, how: str) -> None:
    started = Started(Helped(tmp_path, how), tmp_path)
    assert wait_until((tmp_path / "helper").exists)
    helper = int((tmp_path / "helper").read_text())
    assert runs(helper)
    started.kill()
    assert started.ended().killed
    assert wait_until(lambda: not runs(helper))


def runs(process: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


def wait_until(happens: Callable[[], bool]) -> bool:
    late = time.monotonic() + 30
    while not happens() and time.monotonic() < late:
        time.sleep(0.01)
    return happens()
