"""``aftercut uncertainty``: what it prints, writes and refuses."""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import analyzer as ac
import supply_data
from analyzer.report.run_folder import read_run
from tests.command_line import aftercut


@pytest.fixture(scope="module")
def ranged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the tutorial with a range of the chips from BETA and of the school."""
    where = tmp_path_factory.mktemp("case") / "ranged"
    shutil.copytree(supply_data.folder("tutorial"), where)
    table = pd.read_csv(where / "supplies.csv", dtype=str, keep_default_na=False)
    capacity = table["capacity_per_month"].astype(float)
    widened = table["supply"].isin(["chip-beta", "crew-school"])
    table["capacity_per_month_low"] = (0.5 * capacity).where(widened, "").astype(str)
    table["capacity_per_month_high"] = (1.5 * capacity).where(widened, "").astype(str)
    table.to_csv(where / "supplies.csv", index=False)
    library = Path(supply_data.__file__).parents[1] / "scenarios" / "tutorial"
    shutil.copytree(library, where / "scenarios")
    return where


@pytest.fixture(scope="module")
def answer(ranged: Path) -> dict[str, Any]:
    ran = aftercut("uncertainty", ranged, "--draws", "300", "--seed", "7", "--json")
    assert (ran.code, ran.err) == (0, "")
    found: dict[str, Any] = json.loads(ran.out)
    return found


def test_the_contract_of_the_answer_holds(answer: dict[str, Any]) -> None:
    assert answer["draws"]["done"] == 300
    assert answer["figures"]["drawn"] == {"supplies": 2}
    rows = {row["scenario"]: row for row in answer["scenarios"]}
    closed = rows["hub-closed"]
    assert closed["central"] == pytest.approx(0.5)
    assert closed["outer_low"] <= closed["p05"] < closed["p50"] < closed["p95"]
    assert closed["p95"] <= closed["outer_high"]
    assert sum(closed["ranks"].values()) == pytest.approx(1)
    assert len(answer["pairs"]) == 10
    assert answer["convergence"][-1]["draws"] == 300
    assert answer["certified"] is True


def test_every_key_of_the_answer_is_told(answer: dict[str, Any]) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    _, _, told = readme.partition("### `aftercut uncertainty")
    told, _, _ = told.partition("\n### ")
    parts = (answer["draws"], answer["figures"], answer["baseline"], answer["scenarios"][0],
             answer["pairs"][0], answer["convergence"][0], answer["drivers"][0],
             answer["checking"], answer["checking"]["figures"][0])  # fmt: skip
    keys = {*answer, *(key for part in parts for key in part)}
    assert {key for key in keys if f"`{key}`" not in told} == set()


def test_a_run_leaves_its_files(
    ranged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    options = ("--scenarios", "hub-closed", "--draws", "64", "--out", "mine", "--sampling", "sobol")
    ran = aftercut("uncertainty", ranged, *options)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[-1] == "mine"
    assert "Hub closed" in ran.out
    assert set(read_run(Path("mine"))["files"]) == {
        "uncertainty.csv", "draws.parquet", "pairs.parquet", "convergence.parquet",
        "bounds.parquet", "figures.csv", "drivers.parquet", "checking.csv", "answer.json",
        "intervals.svg", "ranks.svg", "tornado.svg", "convergence.svg",
    }  # fmt: skip
    drawn = pd.read_csv("mine/figures.csv")
    assert drawn["figure"].tolist() == ["supply:chip-beta", "supply:crew-school"]


def test_the_same_seed_leaves_the_same_answer(ranged: Path, answer: dict[str, Any]) -> None:
    again = aftercut("uncertainty", ranged, "--draws", "300", "--seed", "7", "--json")
    assert json.loads(again.out) == answer


def test_pairs_that_draws_do_not_tell_apart_are_named(ranged: Path) -> None:
    ran = aftercut("uncertainty", ranged, "--draws", "200", "--hold", "measures")
    assert "held: measures" in ran.out
    assert "pairs are not told apart in 95 % of the draws: " in ran.out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--hold", "boats"), "'boats' is none of supplies, lanes, plants"),
        (("--precision", "2"), "a precision is a share between 0 and 1"),
        (("--draws", "3"), "greater than or equal to 20"),
        (("--targets", "wishes"), "no set of targets 'wishes'"),
    ],
)
def test_what_cannot_be_asked_is_refused(options: tuple[str, ...], told: str) -> None:
    ran = aftercut("uncertainty", "tutorial", *options)
    assert ran.code == 2
    assert told in ran.err


def test_a_precision_that_is_not_reached_is_told(ranged: Path) -> None:
    ran = aftercut("uncertainty", ranged, "--draws", "64", "--precision", "0.00001")
    assert "not as precise as asked" in ran.out
    assert ran.code == 0


def test_in_python_it_is_the_same(ranged: Path, answer: dict[str, Any], tmp_path: Path) -> None:
    run = ac.uncertainty(ac.load(ranged), draws=300, seed=7)
    assert run.table["p50"].tolist() == [row["p50"] for row in answer["scenarios"]]
    assert len(run.draws) == 300
    assert len(run.pairs) == len(answer["pairs"])
    assert "300 draws" in run.summary()
    assert "5 scenarios, the one that leaves least first" in run.figure("intervals").caption
    assert "First comes supply:c" in run.figure("tornado", scenario="hub-closed").caption
    with pytest.raises(ValueError, match="no picture 'tornados'"):
        run.figure("tornados")
    with pytest.raises(KeyError, match="no scenario 'hub' was tried"):
        run.figure("convergence", scenario="hub")
    written = json.loads((run.save(tmp_path / "mine") / "answer.json").read_text(encoding="utf-8"))
    assert written["scenarios"] == answer["scenarios"]
