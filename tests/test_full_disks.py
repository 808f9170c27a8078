"""Where the file system refuses, at whatever moment: a plain message, and nothing lost."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest

import supply_data
from analyzer.report.run_folder import OutputRefusedError, read_run, run_folder
from tests import wide_case
from tests.command_line import Ran
from tests.dying import Command, Fate, contents, refused
from tests.effort import tries

pytestmark = pytest.mark.soak

REFUSALS = (Fate.IS_FULL, Fate.IS_REFUSED)
COMMANDS = {
    "run": ("run", "tutorial", "--scenario", "hub-closed", "--out", "out"),
    "scan": ("scan", "tutorial", "--jobs", "1", "--out", "out"),
    "cutset": ("cutset", "tutorial", "--size", "2", "--out", "out"),
    "response": ("response", "school-halved", "--dataset", "tutorial", "--out", "out"),
    "horizon": (
        *("horizon", "hub-closed", "--dataset", "tutorial"),
        *("--months", "6", "--graphs", "none", "--out", "out"),
    ),
}
"""Those that leave a run."""


def some(changes: int, *, in_tests: int) -> Iterator[tuple[int, Fate]]:
    """Yield at which changes what is refused: some of both kinds, or in a soak all."""
    step = 1 if tries(0, 1) else -(-2 * changes // in_tests)
    for fate in REFUSALS:
        yield from ((at, fate) for at in range(changes, 0, -step))


def check_the_message(ran: Ran, named: str) -> None:
    """One line says what could not be written and what to do."""
    assert ran.code == 3, ran.err
    (line,) = [line for line in ran.err.splitlines() if "warning" not in line]
    assert line.startswith(f"error: cannot write '{named}"), line
    assert "; " in line
    assert "name a" in line, line


def temporaries(folder: Path) -> list[Path]:
    return [*folder.rglob(".aftercut-new-*"), *folder.rglob(".aftercut-lock")]


# --- commands that leave a run


class Earlier(NamedTuple):
    """A folder that holds a finished run, to be copied."""

    folder: Path
    files: Mapping[str, bytes]


@pytest.fixture(scope="module")
def earlier(tmp_path_factory: pytest.TempPathFactory) -> Earlier:
    """Return an earlier run, with files of names that each command writes too."""
    folder = tmp_path_factory.mktemp("earlier") / "out"
    with run_folder(folder) as run:
        for name in ("answer.json", "results.csv", "results.parquet", "page.html", "cutset.html"):
            run.write_text(name, f"an earlier {name}")
        run.finish({})
    return Earlier(folder, contents(folder))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_run_that_cannot_be_written_leaves_the_earlier_one_whole(
    tmp_path: Path, earlier: Earlier, command: str
) -> None:
    call, out = Command(tmp_path, *COMMANDS[command]), tmp_path / "out"
    shutil.copytree(earlier.folder, out)
    _, changes = refused(call, tmp_path)
    whole = contents(out)
    for at, fate in some(len(changes), in_tests=2):
        shutil.rmtree(out)
        shutil.copytree(earlier.folder, out)
        ran, _ = refused(call, tmp_path, at=at, fate=fate)
        if ran.code == 0:  # what is refused does no harm: an old lock, say
            assert read_run(out)["files"].keys() == {*whole} - {"run.json"}
            continue
        check_the_message(ran, "out")
        assert not temporaries(tmp_path)
        left = contents(out)
        gone = earlier.files.keys() - left.keys()
        # while the new run takes its place, an error of the device leaves neither finished
        assert not gone or (fate is Fate.IS_REFUSED and "run.json" in gone)
        assert not gone & (whole.keys() - {"run.json"})
        both = earlier.files.keys() & left.keys()
        assert all(left[name] in (earlier.files[name], whole.get(name)) for name in both)
        if fate is Fate.IS_FULL or "run.json" in left:
            read_run(out)
            assert {name: left[name] for name in earlier.files} == earlier.files


def test_a_report_that_cannot_be_written_leaves_the_one_before(tmp_path: Path) -> None:
    assert Command(tmp_path, *COMMANDS["run"])().code == 0
    (tmp_path / "out/report.html").write_text("touched", encoding="utf-8")
    before = contents(tmp_path / "out")
    call = Command(tmp_path, "report", "out")
    shutil.copytree(tmp_path / "out", tmp_path / "kept")
    _, changes = refused(call, tmp_path / "out")
    for at, fate in some(len(changes), in_tests=4):
        shutil.rmtree(tmp_path / "out")
        shutil.copytree(tmp_path / "kept", tmp_path / "out")
        ran, _ = refused(call, tmp_path / "out", at=at, fate=fate)
        if ran.code != 0:
            check_the_message(ran, "out")
            assert contents(tmp_path / "out") == before
        assert read_run(tmp_path / "out", besides={"report.html"})


@dataclass(frozen=True)
class Writing:
    """What writes a run of its own, without any solve."""

    folder: Path

    def __call__(self) -> Ran:
        try:
            with run_folder(self.folder) as run:
                run.write_text("page.html", "a page")
                run.write_text("more.html", "another page")
                run.finish({})
        except OutputRefusedError as error:
            return Ran(3, "", f"error: {error}")
        return Ran(0, "", "")


@pytest.mark.parametrize("fate", REFUSALS)
@pytest.mark.parametrize("over", ["nothing", "an earlier run"])
def test_whichever_change_is_refused_the_writer_says_so(
    tmp_path: Path, earlier: Earlier, fate: Fate, over: str
) -> None:
    def fresh() -> Path:
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        if over != "nothing":
            shutil.copytree(earlier.folder, tmp_path / "out")
        return tmp_path / "out"

    _, changes = refused(Writing(fresh()), tmp_path)
    count = 0
    for at in range(1, len(changes) + 1):
        ran, _ = refused(Writing(fresh()), tmp_path, at=at, fate=fate)
        if ran.code == 0:
            assert read_run(tmp_path / "out")["files"].keys() == {"page.html", "more.html"}
            continue
        count += 1
        check_the_message(ran, str(tmp_path / "out")[:40])
        assert not [path for path in temporaries(tmp_path) if path.name != ".aftercut-lock"]
        if (tmp_path / "out/run.json").exists():
            read_run(tmp_path / "out")
        else:
            assert fate is Fate.IS_REFUSED or over == "nothing"
        assert Writing(tmp_path / "out")() == Ran(0, "", "")
    assert count > 10


# --- commands that leave a dataset


def test_whichever_change_is_refused_a_starter_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    call = Command(tmp_path, "init", "own")
    _, changes = refused(call, tmp_path)
    whole = contents(tmp_path / "own")
    for at, fate in some(len(changes), in_tests=10):
        shutil.rmtree(tmp_path / "own", ignore_errors=True)
        ran, _ = refused(call, tmp_path, at=at, fate=fate)
        if ran.code == 0:
            assert contents(tmp_path / "own") == whole
            continue
        check_the_message(ran, "own")
        assert not (tmp_path / "own").exists()


def test_whichever_change_is_refused_derived_tables_are_whole(tmp_path: Path) -> None:
    shutil.copytree(supply_data.folder("russia-uas"), tmp_path / "kept")
    before = contents(tmp_path / "kept")
    shutil.copytree(tmp_path / "kept", tmp_path / "own")
    call = Command(tmp_path, "derive", "own", "--set", "headroom=1.2")
    _, changes = refused(call, tmp_path / "own")
    after = contents(tmp_path / "own")
    assert after != before
    for at, fate in some(len(changes), in_tests=6):
        shutil.rmtree(tmp_path / "own")
        shutil.copytree(tmp_path / "kept", tmp_path / "own")
        ran, _ = refused(call, tmp_path / "own", at=at, fate=fate)
        left = contents(tmp_path / "own")
        if ran.code == 0:
            assert {name: left[name] for name in after} == after
            continue
        check_the_message(ran, "own")
        assert all(left[name] in (before[name], after[name]) for name in before)
        if fate is Fate.IS_FULL:
            assert {name: left[name] for name in before} == before


# --- real ones


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Return what mounts a file system of its own, with options; skip where nobody may."""
    where = tmp_path / "mounted"
    where.mkdir()

    def mount(options: str) -> Path:
        asked = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(where)]
        if sys.platform == "linux" and shutil.which("mount") and os.geteuid() == 0:
            done = subprocess.run(asked, check=False, capture_output=True)
            if done.returncode == 0:
                return where
        pytest.skip("no file system can be mounted here")

    yield mount
    if where.is_mount():
        subprocess.run(["umount", str(where)], check=True)  # noqa: S607 - wherever it is


def test_a_disk_that_is_full_is_told(mounted: Callable[[str], Path], earlier: Earlier) -> None:
    where = mounted("size=64k")
    shutil.copytree(earlier.folder, where / "out")
    ran = Command(where, *COMMANDS["run"])()
    check_the_message(ran, "out")
    assert "No space left on device; make room there" in ran.err
    assert not temporaries(where)
    read_run(where / "out")


def test_rows_that_find_the_disk_full_can_be_taken_up_when_it_is_not(
    mounted: Callable[[str], Path], tmp_path: Path
) -> None:
    where = mounted("size=96k")
    wide_case.write(tmp_path / "wide")
    scan = ("scan", "./wide", "--over", "supply", "--order", "2", "--top", "0", "--jobs", "1")
    ran = Command(tmp_path, *scan, "--out", "mounted/out")()
    check_the_message(ran, "mounted/out/chunk-")
    assert "--resume 'mounted/out' takes it up" in ran.err
    more = ["mount", "-o", "remount,size=64m", str(where)]
    subprocess.run(more, check=True)
    assert Command(tmp_path, *scan, "--resume", "mounted/out")().code == 0
    assert Command(tmp_path, *scan, "--out", "other")().code == 0
    assert read_run(where / "out")["files"] == read_run(tmp_path / "other")["files"]


@pytest.fixture
def small_files() -> Iterator[None]:
    """Let no file of this process be larger than two kilobytes."""
    least, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, most))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (least, most))


def test_a_limit_on_the_size_of_files_is_told(
    tmp_path: Path, earlier: Earlier, request: pytest.FixtureRequest
) -> None:
    shutil.copytree(earlier.folder, tmp_path / "out")
    request.getfixturevalue("small_files")
    ran = Command(tmp_path, *COMMANDS["scan"])()
    check_the_message(ran, "out")
    assert "File too large; name a folder where files may be larger" in ran.err
    read_run(tmp_path / "out")


READ_ONLY: Sequence[tuple[str, ...]] = (
    *COMMANDS.values(),
    ("init", "out"),
    ("derive", "russia-uas", "--out", "out"),
)


def test_a_folder_that_may_only_be_read_is_told(mounted: Callable[[str], Path]) -> None:
    where = mounted("ro")
    for arguments in READ_ONLY:
        ran = Command(where, *arguments)()
        check_the_message(ran, "out")
        assert "Read-only file system; name a folder that you may write to" in ran.err
