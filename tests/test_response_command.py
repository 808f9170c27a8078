"""The command response: what it prints and writes."""

import json
from pathlib import Path

import pandas as pd
import pytest

import analyzer as ac
from analyzer.programme.certificate import Certificate
from analyzer.report.run_folder import read_run
from tests.command_line import aftercut


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_answer_has_curves_with_their_corners_and_break_even() -> None:
    ran = aftercut("response", "brand-control", "--of", "leak", "--dataset", "tutorial", "--json")
    assert ran.code == 0
    found = json.loads(ran.out)
    (one,) = found["responses"]
    assert (found["of"], one["measure"], one["exact"]) == ("leak", "brand-control", True)
    assert one["break_even"] == pytest.approx(0.76)
    kinds = [each["kind"] for each in one["points"]]
    assert kinds == ["end", "corner", "own", "corner", "break-even", "end"]
    assert found["certified"]
    assert not list(Path().iterdir())


def test_a_run_leaves_its_files_and_says_so() -> None:
    ran = aftercut("response", "--dataset", "tutorial", "--of", "cut", "--out", "kept")
    assert ran.out.splitlines()[-1] == "kept"
    assert read_run(Path("kept"))["of"] == "cut"
    points = pd.read_csv("kept/results.csv")
    assert {"scenario", "measure", "value", "surviving", "kind"} <= set(points.columns)
    page = Path("kept/response.html").read_text(encoding="utf-8")
    assert page.count("<svg") == len(pd.read_csv("kept/responses.csv"))
    assert "<script" not in page
    assert "Matters from a cut of 18.8 % on." in ran.out


def test_months_of_adoption_are_asked_the_same_way() -> None:
    ran = aftercut(
        "response", "hub-closed", "--of", "adopt_months", "--dataset", "tutorial", "--out", "kept"
    )
    assert ran.code == 0
    assert "12 months: 54.3 % in all" in ran.out
    told = json.loads(Path("kept/answer.json").read_text(encoding="utf-8"))
    (one,) = told["responses"]
    assert [each["value"] for each in one["points"]] == [*range(1, 13)]
    assert one["own"] is None


def test_words_say_whether_a_curve_is_exact_or_sampled() -> None:
    exact = aftercut("response", "brand-control", "--of", "leak", "--dataset", "tutorial").out
    assert "Straight but for 3 corners, which are exact." in exact
    sampled = aftercut("response", "hk-hub-listing", "--of", "leak").out
    assert "Told at 3 places, each certified; straight lines join them." in sampled
    assert "Never matters here: what it stops is found elsewhere, or not needed." in sampled


def test_what_cannot_be_varied_is_refused() -> None:
    ran = aftercut("response", "hub-closed", "--measure", "nobody", "--dataset", "tutorial")
    assert (ran.code, "no measure 'nobody'" in ran.err) == (2, True)
    months = ("--of", "adopt_months", "--measure", "hub-closed")
    ran = aftercut("response", "hub-closed", *months, "--dataset", "tutorial")
    assert ran.code == 2


def test_what_is_uncertified_shows_in_words_and_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Certificate, "certifies", lambda *_: False)
    ran = aftercut("response", "hub-closed", "--dataset", "tutorial", "--out", "kept")
    assert ran.code == 4
    assert "uncertified: no number is shown" in ran.out
    assert "uncertified" in Path("kept/response.html").read_text(encoding="utf-8")


def test_a_notebook_gets_the_same(tmp_path: Path) -> None:
    case = ac.load("tutorial")
    leaks = ac.response(case, [case.scenario("hub-and-school")], of="leak")
    assert repr(leaks) == "<Responses tutorial: 2 by leak>"
    assert leaks.certified
    assert leaks.points["capacity"].notna().all()
    assert "Stops mattering at a leak of" in leaks.summary()
    assert "<svg" in leaks.page(tmp_path / "page.html").read_text(encoding="utf-8")
    assert read_run(leaks.save(tmp_path / "kept"))["of"] == "leak"
    paces = ac.response(case, [case.scenario("hub-closed")], of="adopt_months")
    assert paces.points["value"].tolist() == [*range(1, 13)]
