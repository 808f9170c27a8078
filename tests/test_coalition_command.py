"""The command coalition: what it prints and writes."""

import json
from pathlib import Path

import pandas as pd
import pytest

import analyzer as ac
from analyzer.report.run_folder import read_run
from analyzer.study.solve import Bench
from tests.command_line import aftercut


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_answer_has_senders_outsiders_and_pairs() -> None:
    ran = aftercut("coalition", "hub-and-school", "--dataset", "tutorial", "--json")
    assert ran.code == 0
    found = json.loads(ran.out)
    (one,) = found["scenarios"]
    assert one["scenario"] == "hub-and-school"
    assert one["senders"] == []
    assert one["unsent"] == pytest.approx(one["loss"])
    assert [each["sender"] for each in one["outsiders"]] == ["ALPHA"]
    (pair,) = one["pairs"]
    assert pair["word"] == "waste"
    assert pair["index"] == pytest.approx(-7 / 30)
    assert not list(Path().iterdir())


def test_a_run_leaves_its_files_and_says_so() -> None:
    ran = aftercut("coalition", "--dataset", "tutorial")
    folder = Path(ran.out.splitlines()[-1])
    assert read_run(folder)["counts"]["coalitions"] >= 5
    assert pd.read_csv(folder / "results.csv")["sender"].tolist() == ["ALPHA", "ALPHA"]
    assert "Joining would add: ALPHA" in ran.out
    assert "by measures that name no sender" in ran.out
    assert "Waste: hub-closed + school-halved" in ran.out


def test_what_is_uncertified_shows_in_words_and_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bench, "capacity", lambda *_, **__: None)
    ran = aftercut("coalition", "brand-control", "--dataset", "tutorial")
    assert ran.code == 4
    assert "brand-control: uncertified" in ran.out


def test_a_notebook_gets_the_same(tmp_path: Path) -> None:
    case = ac.load("tutorial")
    who = ac.coalition(case, [case.scenario("brand-control")])
    assert repr(who) == "<Senders tutorial: brand-control>"
    assert who.certified
    assert who.table["sender"].tolist() == ["ALPHA"]
    assert who.outsiders.empty
    assert who.pairs.empty
    assert "ALPHA" in who.summary()
    assert read_run(who.save(tmp_path / "kept"))["weighting"] == "target"


def test_the_page_has_the_senders_and_how_measures_act_on_one_another() -> None:
    aftercut(
        "coalition", "hub-and-school", "brand-control", "--dataset", "tutorial", "--out", "kept"
    )
    page = Path("kept/coalition.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 2
    assert "<script" not in page
    assert 'id="pairs-1-title"' in page
    assert 'id="senders-2-title"' in page
    assert "Joining would add: ALPHA" in page
    assert '<th scope="row">ALPHA</th><td>44.4\u00a0%</td>' in page


def test_the_page_of_what_is_uncertified_has_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bench, "capacity", lambda *_, **__: None)
    aftercut("coalition", "brand-control", "--dataset", "tutorial", "--out", "kept")
    page = Path("kept/coalition.html").read_text(encoding="utf-8")
    assert "uncertified: no number is shown" in page
    assert "<svg" not in page
