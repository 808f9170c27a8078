"""Two processes that want one folder at the same time: one owns it, and the other is told so."""

import signal
import time
from pathlib import Path

import pytest

from analyzer.report.run_folder import LOCK, OutputRefusedError, read_run, run_folder
from tests.command_line import Ran
from tests.dying import Command, Started

SCAN = ("scan", "tutorial", "--order", "2", "--jobs", "1", "--out", "out")


def test_of_two_scans_into_one_folder_one_owns_it_and_the_other_ends_with_3(tmp_path: Path) -> None:
    both = [Started(Command(tmp_path, *SCAN), tmp_path) for _ in range(2)]
    codes: list[int] = []
    for each in both:
        ran = each.ended().ran
        assert ran is not None
        codes.append(ran.code)
        if ran.code == 3:
            assert ran.err == (
                "error: another run is writing to 'out'; wait, or name another folder\n"
            )
    assert 0 in codes
    assert set(codes) <= {0, 3}  # where one ended before the other began, both wrote it
    read_run(tmp_path / "out")


class Holding:
    """What holds a folder until it is killed; picklable."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self) -> Ran:
        with run_folder(self.folder) as run:
            run.write_text("page.html", "half a run")
            time.sleep(60)
        return Ran(0, "", "")


@pytest.fixture
def held(tmp_path: Path) -> Started:
    owner = Started(Holding(tmp_path / "out"), tmp_path)
    until = time.monotonic() + 30
    while not (tmp_path / "out/page.html").exists() and time.monotonic() < until:
        time.sleep(0.01)
    return owner


@pytest.mark.parametrize("command", [SCAN, ("run", "tutorial", "--out", "out")])
def test_while_one_owns_a_folder_others_end_with_3(
    tmp_path: Path, held: Started, command: tuple[str, ...]
) -> None:
    ran = Command(tmp_path, *command)()
    assert (ran.code, ran.out) == (3, "")
    assert "another run is writing to 'out'" in ran.err
    assert (tmp_path / "out/page.html").read_text(encoding="utf-8") == "half a run"
    held.kill()
    assert held.ended().killed


def test_the_lock_of_an_owner_that_was_killed_stops_nobody(tmp_path: Path, held: Started) -> None:
    with pytest.raises(OutputRefusedError), run_folder(tmp_path / "out"):
        pytest.fail("two own it")
    held.kill()
    assert held.ended().killed
    assert (tmp_path / "out" / LOCK).exists()
    assert Command(tmp_path, *SCAN)().code == 0
    assert not (tmp_path / "out" / LOCK).exists()
    assert "page.html" not in read_run(tmp_path / "out")["files"]
    assert not (tmp_path / "out/page.html").exists()


def test_a_stopped_owner_still_owns_it(tmp_path: Path, held: Started) -> None:
    held.send(signal.SIGSTOP)
    assert Command(tmp_path, *SCAN)().code == 3
    held.kill()
    assert held.ended().killed
