"""``aftercut verify``: a run that was touched, or does not follow any more, is not verified."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

import supply_data
from analyzer.report.run_folder import hashed, sealed
from tests.command_line import aftercut

LIBRARY = Path(__file__).parents[1] / "scenarios" / "tutorial"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(here: Path) -> Path:
    """Return the folder of a run of the tutorial."""
    assert aftercut("run", "tutorial", "--out", "run").code == 0
    return here / "run"


@pytest.fixture
def island(here: Path) -> Path:
    """Return a copy of the tutorial with its scenarios."""
    copytree(supply_data.folder("tutorial"), "island")
    copytree(LIBRARY, "island/scenarios")
    return here / "island"


def forge(run: Path, name: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Change a file of JSON and give it the hash that fits."""
    path = run / name
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    manifest = json.loads((run / "run.json").read_text(encoding="utf-8"))
    manifest["files"][name] = hashed(path)
    (run / "run.json").write_text(sealed(manifest), encoding="utf-8")


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_a_run_as_it_was_written_is_verified_by_either_solver(run: Path, solver: str) -> None:
    ran = aftercut("verify", run, "--solver", solver, "--json")
    assert (ran.code, ran.err) == (0, "")
    answer = json.loads(ran.out)
    assert answer["agrees"] is True
    assert answer["scenarios"] == 5
    assert answer["solved"][0]["scenario"] == "baseline"
    assert len(answer["solved"]) == 6
    assert max(row["difference"] for row in answer["solved"]) < 1e-7


def test_the_check_is_told_in_words(run: Path) -> None:
    ran = aftercut("verify", run, "--sample", "2")
    assert ran.code == 0
    assert "9 files are what the run wrote.\n" in ran.out
    assert "Solved again: the baseline and 2 of 5 scenarios.\n" in ran.out
    assert "All agree" in ran.out


def test_a_sample_is_drawn_by_its_seed(run: Path) -> None:
    def drawn(seed: int) -> str:
        return aftercut("verify", run, "--sample", "2", "--seed", str(seed), "--json").out

    assert drawn(1) == drawn(1)
    assert len({drawn(seed) for seed in range(6)}) > 1


def test_a_file_that_was_touched_is_named(run: Path) -> None:
    (run / "results.csv").write_text("nothing\n", encoding="utf-8")
    ran = aftercut("verify", run)
    assert (ran.code, ran.out) == (4, "")
    assert "results.csv" in ran.err


def test_a_number_that_does_not_follow_is_found_though_its_hash_fits(run: Path) -> None:
    def more(answer: dict[str, Any]) -> None:
        (row,) = [each for each in answer["scenarios"] if each["scenario"] == "hub-closed"]
        row["capacity"] *= 1 + 1e-5

    forge(run, "answer.json", more)
    ran = aftercut("verify", run)
    assert ran.code == 4
    assert "DIFFERS: 'hub-closed' was told as" in ran.out
    assert json.loads(aftercut("verify", run, "--json").out)["agrees"] is False


def test_a_number_that_should_not_be_there_is_found(run: Path) -> None:
    def blank(answer: dict[str, Any]) -> None:
        answer["scenarios"][0]["capacity"] = None

    forge(run, "answer.json", blank)
    assert aftercut("verify", run).code == 4


@pytest.mark.parametrize("command", ["verify", "report"])
def test_what_no_run_writes_is_refused_though_its_hash_fits(run: Path, command: str) -> None:
    def emptied(answer: dict[str, Any]) -> None:
        answer["baseline"] = []

    forge(run, "answer.json", emptied)
    ran = aftercut(command, run)
    assert (ran.code, ran.out) == (2, "")
    assert "holds what no run of this version writes" in ran.err


def test_a_run_on_a_folder_is_verified_on_that_folder(island: Path) -> None:
    assert aftercut("run", "island", "--out", "own").code == 0
    assert aftercut("verify", "own", "--dataset", "island").code == 0
    supplies = island / "supplies.csv"
    text = supplies.read_text(encoding="utf-8")
    supplies.write_text(text.replace(",100,", ",101,"), encoding="utf-8")
    ran = aftercut("verify", "own", "--dataset", "island")
    assert ran.code == 4
    assert "the dataset is not found as it was" in ran.err


def test_a_run_on_a_folder_that_is_not_named_is_refused(island: Path) -> None:
    settings = island / "dataset.yaml"
    text = settings.read_text(encoding="utf-8").replace("id: tutorial", "id: island")
    settings.write_text(text, encoding="utf-8")
    assert aftercut("run", "island", "--out", "own").code == 0
    ran = aftercut("verify", "own")
    assert ran.code == 4
    assert "--dataset" in ran.err
    assert aftercut("verify", "own", "--dataset", "island").code == 0


def test_scenarios_and_a_reference_of_ones_own_are_named_again(here: Path) -> None:
    Path("mine.yaml").write_text("id: mine\nmeasures: [{id: hub-closed}]\n", encoding="utf-8")
    Path("base.yaml").write_text("id: base\nmeasures: [{id: school-halved}]\n", encoding="utf-8")
    own = ("--scenario", "mine.yaml", "--from", "base.yaml")
    assert aftercut("run", "tutorial", *own, "--out", "own").code == 0
    assert aftercut("verify", "own", *own).code == 0
    ran = aftercut("verify", "own", "--from", "base.yaml")
    assert ran.code in {2, 4}
    Path("base.yaml").write_text("id: base\nmeasures: [{id: brand-control}]\n", encoding="utf-8")
    ran = aftercut("verify", "own", *own)
    assert ran.code == 4
    assert "--from" in ran.err


def test_options_of_the_run_hold_for_the_check(run: Path) -> None:
    for options in (("--weighting", "units"), ("--budget", "1000")):
        assert aftercut("run", "tutorial", *options, "--out", "run").code == 0
        assert aftercut("verify", run).code == 0


def test_a_reading_of_the_run_holds_for_the_check(here: Path) -> None:
    chosen = ("--scenario", "hk-hub-closed", "--variant", "origin=dispatch")
    assert aftercut("run", *chosen, "--out", "run").code == 0
    assert aftercut("verify", "run").code == 0


def test_what_another_command_left_is_held_to_its_hashes_alone(here: Path) -> None:
    assert aftercut("scan", "tutorial", "--out", "scan").code == 0
    ran = aftercut("verify", "scan")
    assert ran.code == 0
    assert "None of it is solved again" in ran.out
    assert json.loads(aftercut("verify", "scan", "--json").out)["solved"] is None


def test_a_run_that_did_not_end_is_refused(run: Path) -> None:
    (run / "run.json").unlink()
    ran = aftercut("verify", run)
    assert (ran.code, ran.out) == (2, "")
    assert "did not end" in ran.err
