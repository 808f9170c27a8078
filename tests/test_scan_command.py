"""The command scan: what it prints and writes, in which order, and with which code it ends."""

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analyzer.report.run_folder import read_run
from analyzer.study import contingency
from analyzer.study.contingency import Verified
from tests.command_line import Ran, aftercut


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def answer(*arguments: str) -> dict[str, Any]:
    ran = aftercut("scan", "tutorial", *arguments, "--json")
    assert ran.code == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


def test_the_answer_has_every_cut_worst_first() -> None:
    found = answer("--order", "1", "--over", "element", "--top", "20")
    assert len(found["cuts"]) == 11
    assert found["cuts"][0]["cut"] == ["supply:crew-school"]
    surviving = [each["surviving"] for each in found["cuts"]]
    assert surviving == sorted(surviving)
    assert found["baseline"]["capacity"] == pytest.approx(0.9)
    assert found["baseline"]["systems"] == pytest.approx({"pump": 80, "lamp": 400})
    assert found["baseline"]["unknown"] == ["lane:beta-isle"]
    assert found["lp_solves"] <= 11
    assert "synergy" not in found["cuts"][0]
    assert found["hidden_pairs"] == found["wasted_cuts"] == []


def test_the_answer_for_pairs_has_their_synergy() -> None:
    found = answer("--order", "2", "--over", "measure")
    (pair,) = (
        each
        for each in found["cuts"]
        if each["cut"] == ["measure:hub-closed", "measure:school-halved"]
    )
    assert pair["capacity"] == pytest.approx(13 / 30)
    assert pair["synergy"] == pytest.approx(-7 / 30)
    assert pair["systems"] == pytest.approx({"pump": 220 / 3, "lamp": 160 / 3})
    assert any(each["element"] == "lane:hub-isle" for each in pair["binding"])
    assert found["share"] is None
    assert pair["cut"] in [each["cut"] for each in found["wasted_cuts"]]


def test_only_so_many_are_listed_as_asked_for() -> None:
    found = answer("--order", "2", "--top", "3")
    assert len(found["cuts"]) == len(found["wasted_cuts"]) == 3
    assert all(each["binding"] for each in found["cuts"])
    assert found["counts"]["rows"] == 55
    assert answer("--top", "0")["cuts"] == []


def test_what_is_cut_by_component_has_its_civil_use() -> None:
    ran = aftercut("scan", "--over", "component", "--top", "0", "--json")
    assert ran.code == 0
    ran = aftercut("scan", "--over", "supply", "--top", "5", "--json")
    assert {each["civil_use"] for each in json.loads(ran.out)["cuts"]} & {"low", "medium", "high"}


def test_a_part_is_cut_where_there_is_a_figure() -> None:
    found = answer("--cut", "0.5")
    assert found["skipped"] == ["lane:beta-isle"]
    assert found["share"] == 0.5
    assert len(found["cuts"]) == 10


def test_weighting_and_budget_count() -> None:
    assert answer("--weighting", "units")["baseline"]["capacity"] == pytest.approx(480)
    poor = answer("--budget", "100")
    assert poor["budget_usd_per_month"] == 100
    assert poor["baseline"]["capacity"] < 0.9


# --- the terminal and the folder


def printed(*arguments: str) -> Ran:
    ran = aftercut("scan", "tutorial", *arguments)
    assert ran.code == 0, ran.err
    return ran


def test_what_is_printed_fits_a_hundred_columns_and_ends_with_the_folder() -> None:
    ran = printed("--order", "2")
    lines = ran.out.splitlines()
    assert max(map(len, lines)) <= 100
    folder = Path(lines[-1])
    assert re.fullmatch(r"out/tutorial-\d{8}T\d{6}Z", lines[-1])
    told = read_run(folder)
    assert set(told["files"]) == {
        "results.parquet",
        "results.csv",
        "binding.parquet",
        "answer.json",
    }
    assert (told["order"], told["over"], told["share"]) == (2, "element", 1.0)
    assert told["counts"]["rows"] == 55
    assert told["lp_solves"] == json.loads((folder / "answer.json").read_text())["lp_solves"]


def test_the_files_hold_every_row() -> None:
    printed("--order", "2", "--top", "2", "--out", "here")
    rows = pd.read_csv("here/results.csv")
    assert len(rows) == 55
    assert "supply:chip-beta;supply:crew-school" in set(rows["cut"])
    assert {"synergy", "wasted", "how", "width", "output_per_month.pump"} <= set(rows.columns)
    assert len(json.loads(Path("here/answer.json").read_text())["cuts"]) == 2


def test_the_same_scan_leaves_the_same_files() -> None:
    printed("--order", "2", "--out", "one")
    printed("--order", "2", "--out", "two")
    assert read_run(Path("one"))["files"] == read_run(Path("two"))["files"]


def test_json_writes_only_where_asked() -> None:
    assert aftercut("scan", "tutorial", "--json").code == 0
    assert not Path("out").exists()
    ran = aftercut("scan", "tutorial", "--json", "--out", "here")
    assert json.loads(ran.out) == json.loads(Path("here/answer.json").read_text())


def test_single_cuts_say_what_hurts_and_what_binds_next() -> None:
    out = printed().out
    assert re.search(r"supply:crew-school +0\.0 % .* solved +supply:crew-school", out)
    assert "11 of 11 numbers certified" in out
    assert "1 limit unknown" in out
    assert "3 of all cost nothing" in out


def test_pairs_say_what_hides_and_what_is_wasted() -> None:
    out = printed("--order", "2", "--over", "supply").out
    assert "Hidden pairs: harmless alone, harmful together (1)" in out
    assert "  supply:chip-beta + supply:basic-beta: 88.9 % survives" in out
    assert "Wasted cuts: what the smaller costs alone, and beside the other (2)" in out


def test_what_is_skipped_is_said() -> None:
    assert "Skipped, without a known figure: lane:beta-isle." in printed("--cut", "0.5").out


# --- sure, and if not


def test_a_sample_is_verified() -> None:
    ran = printed("--order", "2", "--verify", "9")
    assert "verified: 9 numbers solved for alone, largest difference" in ran.err
    assert answer("--verify", "3")["verified"]["rows"] == 3


def test_a_difference_ends_with_its_code_and_all_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(contingency, "verified", lambda *_: Verified(5, 1e-5, 0))
    ran = aftercut("scan", "tutorial", "--verify", "5", "--out", "here")
    assert ran.code == 4
    assert read_run(Path("here"))["verified"]["largest_difference"] == 1e-5


def test_a_row_that_fails_ends_with_its_code_and_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> None:
        msg = "no luck"
        raise RuntimeError(msg)

    monkeypatch.setattr("analyzer.study.trial.Loop.solve", failing)
    ran = aftercut("scan", "tutorial", "--over", "plant")
    assert ran.code == 4
    assert "1 row failed: RuntimeError: no luck" in ran.out
    assert "no number" in ran.out
    ran = aftercut("scan", "tutorial", "--over", "plant", "--json")
    (cut,) = json.loads(ran.out)["cuts"]
    assert cut["capacity"] is None
    assert not cut["certified"]
    assert cut["failure"] == "RuntimeError: no luck"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--over", "plant", "--order", "2"), "only one plant, so no pair"),
        (("--cut", "0"), "a share above 0 and up to 1"),
        (("--cut", "nan"), "a share above 0 and up to 1"),
        (("--order", "3"), "--order"),
        (("--over", "planet"), "--over"),
        (("--top", "-1"), "--top"),
        (("--verify", "0"), "--verify"),
        (("--targets", "none"), "no set of targets"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    arguments: tuple[str, ...], said: str
) -> None:
    ran = aftercut("scan", "tutorial", *arguments)
    assert ran.code == 2
    assert said in ran.err
    assert not Path("out").exists()


def test_a_folder_of_somebody_else_is_refused() -> None:
    Path("here").mkdir()
    Path("here/mine.txt").write_text("mine")
    assert aftercut("scan", "tutorial", "--out", "here").code == 3
