"""Long scans: who works on them cannot be seen, and what breaks off is taken up where it was."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from analyzer.report.run_folder import read_run
from analyzer.report.sweep_folder import SweepFolder
from analyzer.study import sweep
from tests.command_line import Ran, aftercut

ROOT = Path(__file__).parents[1]
RESULTS = ("results.csv", "results.parquet", "answer.json")


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sweep, "LEAST", 1)  # a chunk for each cut


def scan(*arguments: str) -> Ran:
    return aftercut("scan", "tutorial", *arguments)


@pytest.fixture
def unbroken() -> dict[str, bytes]:
    assert scan("--out", "unbroken").code == 0
    return results("unbroken")


def results(folder: str) -> dict[str, bytes]:
    assert set(read_run(Path(folder))["files"]) == {*RESULTS, "binding.parquet"}
    return {name: (Path(folder) / name).read_bytes() for name in RESULTS}


# --- who works


@pytest.mark.parametrize("order", ["1", "2"])
@pytest.mark.parametrize("who", [("--jobs", "3"), ("--jobs", "2", "--backend", "processes")])
def test_who_works_cannot_be_seen(who: tuple[str, ...], order: str) -> None:
    assert scan("--order", order, "--jobs", "1", "--out", "one").code == 0
    assert scan("--order", order, *who, "--out", "other").code == 0
    assert results("other") == results("one")


@pytest.mark.parametrize("order", ["1", "2"])
def test_nor_can_a_cluster(cluster_address: str, order: str) -> None:
    assert scan("--order", order, "--out", "one").code == 0
    ran = scan("--order", order, "--dask", cluster_address, "--out", "other")
    assert ran.code == 0, ran.err
    assert results("other") == results("one")


def test_where_no_cluster_is_the_message_says_so() -> None:
    with socket.socket() as idle:
        idle.bind(("127.0.0.1", 0))
        ran = scan("--dask", f"tcp://127.0.0.1:{idle.getsockname()[1]}")
    assert ran.code == 2
    assert "error: no work for the Dask cluster at tcp://127.0.0.1:" in ran.err
    assert not Path("out").exists()


# --- what breaks off


@pytest.fixture
def broken() -> str:
    """The folder of a scan that was interrupted after four of eleven cuts."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(SweepFolder, "put", interrupted(SweepFolder.put, after=4))
        ran = scan("--jobs", "1", "--out", "run")
    assert ran.code == 130
    assert ran.err.endswith("Interrupted; the same command with --resume run takes it up.\n")
    assert len(list(Path("run").glob("chunk-*"))) == 4
    return "run"


def interrupted(put: object, *, after: int) -> object:
    assert callable(put)
    done: list[int] = []

    def once_more(self: SweepFolder, chunk: int, rows: pd.DataFrame) -> None:
        if len(done) == after:
            raise KeyboardInterrupt
        done.append(chunk)
        put(self, chunk, rows)

    return once_more


def test_an_interrupted_scan_is_taken_up(broken: str, unbroken: dict[str, bytes]) -> None:
    ran = scan("--resume", broken)
    assert ran.code == 0
    assert ran.out.endswith("\nrun\n")
    assert results(broken) == unbroken


KILLED = """
import os, signal, sys
from analyzer import cli
from analyzer.report.sweep_folder import SweepFolder
from analyzer.study import sweep
sweep.LEAST = 1
put, done = SweepFolder.put, []
def at_last(self, chunk, rows):
    if len(done) == 4:
        os.kill(os.getpid(), signal.SIGKILL)
    done.append(chunk)
    put(self, chunk, rows)
SweepFolder.put = at_last
sys.argv[1:] = ["scan", "tutorial", "--jobs", "2", "--out", "run", *sys.argv[1:]]
cli.main()
"""


@pytest.mark.parametrize(("order", "rows"), [("1", 11), ("2", 55)])
def test_a_scan_that_is_killed_is_taken_up_and_gives_the_same_files(order: str, rows: int) -> None:
    assert scan("--order", order, "--out", "unbroken").code == 0
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    killed = [sys.executable, "-c", KILLED, "--order", order]
    ended = subprocess.run(killed, check=False, env=environment)
    assert ended.returncode == -signal.SIGKILL
    assert not Path("run/run.json").exists()
    assert len(list(Path("run").glob("chunk-*"))) == 4
    assert scan("--order", order, "--resume", "run").code == 0
    assert results("run") == results("unbroken")
    table = pd.read_csv("run/results.csv")
    assert table["cut"].is_unique
    assert len(table) == rows


def test_another_scan_is_not_mixed_into_it(broken: str) -> None:
    ran = scan("--over", "supply", "--cut", "0.5", "--resume", broken)
    assert ran.code == 3
    assert "cut is '1.0' there, '0.5' here; over is '\"element\"' there" in ran.err
    assert scan("--resume", broken).code == 0


def test_what_ended_is_not_taken_up(broken: str) -> None:
    assert scan("--resume", broken).code == 0
    ran = scan("--resume", broken)
    assert ran.code == 3
    assert "has ended; nothing of it is missing" in ran.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--resume", "run", "--out", "other"), "leave out --out"),
        (("--jobs", "2", "--dask", "tcp://127.0.0.1:8786"), "leave out --jobs"),
        (("--jobs", "0"), "--jobs"),
        (("--backend", "clouds"), "--backend"),
        (("--dask", "127.0.0.1"), "an address is tcp://HOST:PORT"),
    ],
)
def test_what_cannot_be_is_refused(arguments: tuple[str, ...], said: str) -> None:
    ran = scan(*arguments)
    assert ran.code == 2
    assert said in ran.err


def test_a_folder_where_nothing_broke_off_is_refused() -> None:
    ran = scan("--resume", "nowhere")
    assert ran.code == 3
    assert "holds no run that could be taken up" in ran.err
    assert not Path("nowhere").exists()


# --- how far it is


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_is_told_how_far_it_is_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet = scan("--json", "--jobs", "1")
    assert "a second" not in quiet.err
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("tests.command_line.StringIO", Terminal)
    told = scan("--json", "--jobs", "1")
    assert "cuts" in told.err
    assert "a second" in told.err
    assert json.loads(told.out) == json.loads(quiet.out)
