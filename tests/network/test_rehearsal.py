"""What somebody else wrote is first read by a process of its own, which has limits."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import analyzer
import supply_data
from analyzer.network import rehearsal as rehearsals
from analyzer.network.case import case
from analyzer.network.rehearsal import MIB, SECONDS, Asked, Rehearsal, rehearsal
from scenarios.load import load
from supply_data import BadTablesError
from tests.command_line import aftercut

SCENARIO = "id: a\nmeasures:\n  - id: m\n    where: {table: lanes, lane: hub-isle}\n    cut: 1\n"
SLOW = "".join(f"k{n}: v\n" for n in range(49_000))
"""A file that takes seconds to read and is no scenario in the end."""


@pytest.fixture
def island(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the tutorial in the folder that the tests work in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(SCENARIO, encoding="utf-8")
    shutil.copytree(supply_data.folder("tutorial"), tmp_path / "island")
    return Path("island")


def instead(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    """Let the other process do this before it reads."""
    monkeypatch.setattr(rehearsals, "_START", f"{words}\n{rehearsals._START}")


def refusal(dataset: str | Path, *names: str | Path) -> str:
    with pytest.raises(BadTablesError) as refused:
        rehearsal(dataset, names)
    (fault,) = refused.value.faults
    assert fault.remedy
    return f"{fault.file}: {fault.rule}"


def test_the_limits_are_those_that_were_promised() -> None:
    assert (SECONDS, MIB) == (5, 512)


def test_what_is_shipped_needs_no_rehearsal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsals, "_performed", None)
    assert rehearsal("tutorial") is None
    assert rehearsal("tutorial", ["hub-closed"]) is None
    case("tutorial", ["hub-closed"])


@pytest.mark.parametrize("named", [str, Path, Path.absolute, lambda path: f".{os.sep}{path}"])
def test_what_is_told_is_the_hash_of_what_was_read(
    island: Path, named: Callable[[Path], str | Path]
) -> None:
    told = rehearsal(named(island), [named(Path("a.yaml"))])
    tables, found = supply_data.load(island), load([Path("a.yaml")])
    assert told == Rehearsal(tables.sha256, found.sha256)
    told.check(tables=tables, scenarios=found)


def test_a_path_is_not_taken_for_a_shipped_name(island: Path) -> None:
    island.rename("russia-uas")
    told = rehearsal(Path("russia-uas"))
    assert told is not None
    assert told.tables == supply_data.load("tutorial").sha256


def test_what_is_refused_has_no_hash(island: Path) -> None:
    (island / "lanes.csv").write_text("lane\n", encoding="utf-8")
    Path("a.yaml").write_text("id: a\n", encoding="utf-8")
    assert rehearsal(island, ["a.yaml"]) == Rehearsal(None, None)


def test_a_scenario_of_ones_own_is_rehearsed_beside_a_shipped_dataset(island: Path) -> None:
    told = rehearsal("tutorial", ["a.yaml"])
    assert told == Rehearsal(supply_data.load("tutorial").sha256, load(["a.yaml"]).sha256)


@pytest.mark.parametrize("folder", ["scenarios", "facts"])
def test_too_much_time_is_refused_with_the_file(
    island: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.setattr(rehearsals, "SECONDS", 1)
    (island / folder).mkdir()
    for name in ("slow", "slower"):
        (island / folder / f"{name}.yaml").write_text(SLOW, encoding="utf-8")
    told = refusal(island)
    assert told.startswith(
        "island: reading it took more than 1 s of processor time, "
        f"when the last file opened was '{folder}/slow"
    )


def test_too_much_memory_is_refused_with_the_file(island: Path) -> None:
    # one letter beyond the first 65,536 makes each of them take four bytes
    with (island / "places.csv").open("a", encoding="utf-8") as stream:
        stream.write("X,\N{GRINNING FACE},,,\n")
        stream.writelines(f"{' ' * 1_000_000}\n" for _ in range(60))
    told = refusal(island)
    assert told == (
        "island: reading it took more than 512 MiB of memory, "
        "when the last file opened was 'places.csv'"
    )


def test_the_clock_ends_what_uses_no_processor(
    island: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rehearsals, "PATIENCE", 0.5)
    instead(monkeypatch, "import time; time.sleep(60)")
    began = time.monotonic()
    assert refusal(island).startswith("island: reading it took more than")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("words", "how"),
    [
        ("import os; os.abort()", f"code -{signal.SIGABRT.value}"),
        ("import os; os.kill(os.getpid(), 9)", "code -9"),
        ("raise SystemExit(3)", "code 3"),
        ("print('{', end=''); raise SystemExit(0)", "code 0"),
    ],
)
def test_a_process_that_breaks_off_is_told_in_words(
    island: Path, monkeypatch: pytest.MonkeyPatch, words: str, how: str
) -> None:
    instead(monkeypatch, words)
    assert refusal(island) == f"island: reading it broke off ({how})"


def test_an_error_of_ours_is_told_by_its_name(
    island: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoil = "import sys; sys.path[:0] = asked['path']; import supply_data; supply_data.load = None"
    monkeypatch.setattr(
        rehearsals, "_START", rehearsals._START.replace("sys.path[:] = asked.pop('path')", spoil)
    )
    assert refusal(island).startswith("island: reading it broke off (TypeError)")


@pytest.mark.corpus(121, 130, "refused")
def test_what_changed_in_between_is_refused(island: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    performed = rehearsals._performed

    def meddling(*arguments: Any) -> dict[str, str | None]:  # noqa: ANN401 - handed on
        told = performed(*arguments)
        lanes = island / "lanes.csv"
        lanes.write_text(lanes.read_text(encoding="utf-8").replace("6000", "9"), encoding="utf-8")
        return told

    monkeypatch.setattr(rehearsals, "_performed", meddling)
    with pytest.raises(BadTablesError, match="changed while it was read"):
        case(island)


def test_scenarios_that_changed_in_between_are_refused(
    island: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    performed = rehearsals._performed

    def meddling(*arguments: Any) -> dict[str, str | None]:  # noqa: ANN401 - handed on
        told = performed(*arguments)
        Path("a.yaml").write_text(SCENARIO.replace("cut: 1", "cut: 0"), encoding="utf-8")
        return told

    monkeypatch.setattr(rehearsals, "_performed", meddling)
    with pytest.raises(BadTablesError, match="the scenarios: it changed while it was read"):
        case("tutorial", ["a.yaml"])


def test_the_other_process_can_write_no_file(island: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = "from analyzer.network.rehearsal import _limit; _limit(asked)"
    write = "import pathlib; pathlib.Path('mark').write_text('x')"
    words = rehearsals._START.partition(" from ")[0]
    monkeypatch.setattr(rehearsals, "_START", f"{words} {limit}; {write}")
    assert refusal(island).startswith("island: reading it broke off (code 1)")
    assert Path("mark").read_bytes() == b""


def test_where_no_process_can_be_started_that_is_said(
    island: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "no-such-python")
    assert refusal(island) == (
        "island: no process could be started to read it (No such file or directory)"
    )


# --- the other side, in this process


def asked(dataset: str, *names: str) -> Asked:
    return Asked(
        dataset=dataset, names=list(names), variants={}, assumptions={}, seconds=5, mib=512
    )


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, tuple[int, int]]]:
    """Return what limits would be set, none of which is."""
    limits: list[tuple[int, tuple[int, int]]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda *words: limits.append(words))
    monkeypatch.setattr(sys, "addaudithook", lambda _: None)
    return limits


def test_limits_are_set_before_anything_is_read(
    here: list[tuple[int, tuple[int, int]]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(supply_data, "load", lambda *_, **__: pytest.fail("it was read"))
    monkeypatch.setattr(rehearsals, "_tables_read", lambda _: str(len(here)))
    rehearsals.perform(asked("tutorial"))
    assert here == [
        (resource.RLIMIT_CPU, (5, 6)),
        (resource.RLIMIT_AS, (512 * 2**20, 512 * 2**20)),
        (resource.RLIMIT_FSIZE, (0, 0)),
        (resource.RLIMIT_CORE, (0, 0)),
    ]
    assert json.loads(capsys.readouterr().out)["tables"] == "4"


def test_the_other_side_reads_what_this_side_reads(
    here: object, island: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rehearsals.perform(asked("island", "a.yaml"))
    tables, found = supply_data.load(island), load(["a.yaml"])
    told = {"tables": tables.sha256, "scenarios": found.sha256}
    assert json.loads(capsys.readouterr().out) == told


def test_whatever_else_goes_wrong_is_told_by_its_name(
    here: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(rehearsals, "_tables_read", None)
    rehearsals.perform(asked("tutorial"))
    assert json.loads(capsys.readouterr().out) == {"broke": "TypeError"}


def test_files_that_are_opened_are_told_and_modules_are_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for event, path in (("open", "a\nb.csv"), ("open", "x.py"), ("open", 3), ("exec", "c.csv")):
        rehearsals._tell_opened(event, (path,))
    assert capsys.readouterr().out == '"a\\nb.csv"\n'


# --- through the doors


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "island"),
        ("run", "tutorial", "--scenario", "a.yaml"),
        ("run", "tutorial", "--from", "a.yaml"),
        ("scan", "island"),
        ("cutset", "island", "--size", "1"),
        ("coalition", "a.yaml", "--dataset", "island"),
        ("response", "a.yaml", "--dataset", "island"),
        ("horizon", "a.yaml", "--dataset", "island"),
        ("uncertainty", "island"),
        ("check", "island"),
        ("derive", "island", "--check"),
        ("validate", "island"),
    ],
    ids=" ".join,
)
def test_every_command_reads_within_limits(
    island: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    instead(monkeypatch, "raise SystemExit(3)")
    before = sorted(Path().rglob("*"))
    ran = aftercut(*arguments, confined=True)
    assert (ran.code, ran.out) == (2, "")
    assert "reading it broke off (code 3)" in ran.err
    assert ran.err.endswith("1 fault; nothing was written.\n")
    assert sorted(Path().rglob("*")) == before


def test_a_notebook_reads_within_limits(island: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, "raise SystemExit(3)")
    with pytest.raises(BadTablesError, match="broke off"):
        analyzer.load(island)
    with pytest.raises(BadTablesError, match="broke off"):
        analyzer.load("tutorial").scenario("a.yaml")


def test_where_it_is_started_from_does_not_count(island: Path) -> None:
    # modules of the folder that one works in are not taken for our own
    Path("json.py").write_text("raise SystemExit(3)\n", encoding="utf-8")
    Path("supply_data.py").write_text("raise SystemExit(3)\n", encoding="utf-8")
    assert rehearsal(island) is not None


def test_a_rehearsal_loads_nothing_heavy() -> None:
    words = "import analyzer.network.rehearsal, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", words], check=True, capture_output=True, text=True
    ).stdout.split()
    assert not {"pandas", "numpy", "networkx", "highspy", "pulp"} & set(loaded)
