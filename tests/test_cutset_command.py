"""The command cutset: what it prints and writes, and with which code it ends."""

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import analyzer as ac
from analyzer.report.run_folder import read_run
from analyzer.study.quest import Quest
from tests.command_line import aftercut


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def answer(*arguments: str) -> dict[str, Any]:
    ran = aftercut("cutset", "tutorial", *arguments, "--json")
    assert ran.code == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


def test_the_answer_has_the_keys_of_the_contract() -> None:
    found = answer("--size", "2", "--over", "lane")
    assert found["value"] == found["surviving"] == found["bound"] == 0
    assert found["status"] == "proven"
    pairs = [["lane:alpha-hub", "lane:beta-isle"], ["lane:hub-isle", "lane:beta-isle"]]
    assert found["cuts"] == pairs
    assert found["in_every_optimum"] == ["lane:beta-isle"]
    assert found["greedy"]["value"] == 0
    assert [row["surviving"] for row in found["frontier"]] == pytest.approx([0.5, 0])
    assert found["certified"]
    assert not list(Path().iterdir())


def test_the_cheapest_set_below_a_capacity() -> None:
    found = answer("--below", "0.3", "--over", "lane")
    assert found["cost"] == found["bound"] == 2
    assert found["value"] < 0.3
    assert ["lane:hub-isle", "lane:gamma-isle"] in found["cuts"]
    none = answer("--below", "0.05", "--over", "plant")
    assert none["value"] is None
    assert none["cuts"] == []
    assert none["status"] == "proven"


def test_a_run_leaves_the_frontier_as_table_and_figure() -> None:
    ran = aftercut("cutset", "tutorial", "--size", "2", "--over", "lane")
    folder = Path(ran.out.splitlines()[-1])
    told = read_run(folder)
    assert told["status"] == "proven"
    table = pd.read_csv(folder / "results.csv")
    assert table["cut"].tolist()[1] == "lane:alpha-hub;lane:beta-isle"
    assert (folder / "frontier.svg").read_text(encoding="utf-8").startswith("<svg")
    kept = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    assert kept == answer("--size", "2", "--over", "lane")


def test_words_say_what_ties_what_is_close_and_what_was_skipped() -> None:
    out = aftercut("cutset", "tutorial", "--size", "1", "--over", "lane", "--within", "0.4").out
    assert "As good (2)" in out
    assert "Close" in out
    out = aftercut("cutset", "tutorial", "--size", "1", "--over", "lane", "--cut", "0.5").out
    assert "Skipped: lane:beta-isle" in out
    out = aftercut("cutset", "tutorial", "--below", "0.05", "--over", "plant").out
    assert "No set gets there, which is proven" in out
    out = aftercut("cutset", "tutorial", "--size", "1", "--over", "hub", "--time-limit", "0").out
    assert "bound" in out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "say how many cuts"),
        (("--burden", "5"), "no measure to cut (4 skipped)"),
        (("--burden", "5", "--over", "lane"), "only measures have a burden"),
        (("--below", "0.95"), "up to that of the baseline"),
        (("--size", "1", "--cut", "2"), "up to 1"),
    ],
)
def test_what_cannot_be_asked_is_refused(arguments: tuple[str, ...], says: str) -> None:
    ran = aftercut("cutset", "tutorial", *arguments)
    assert ran.code == 2
    assert says in ran.err
    assert not list(Path().iterdir())


def test_what_is_uncertified_shows_in_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def unsure(self: Quest, **_: object) -> list[object]:
        self.spoilers.uncertified += 1
        return [self.nothing]

    monkeypatch.setattr(Quest, "grown", unsure)
    assert aftercut("cutset", "tutorial", "--size", "1", "--over", "lane").code == 4


def test_a_notebook_gets_the_same(tmp_path: Path) -> None:
    case = ac.load("tutorial")
    best = ac.cutset(case, size=2, over="lane")
    assert repr(best) == "<Choice tutorial: 0.0000 survives, proven>"
    assert len(best.cuts) == 2
    assert best.table["budget"].tolist() == [1, 2]
    assert "In every one of them" in best.summary()
    assert read_run(best.save(tmp_path / "kept"))["status"] == "proven"
    none = ac.cutset(case, below=0.05, over="plant")
    assert none.value is none.surviving is None
    assert none.cuts == ()
    assert none.in_every_optimum == ()
    assert "no set" in repr(none)


def test_the_page_has_the_frontier_and_what_stands_beside_the_best() -> None:
    asked = ("--size", "2", "--over", "lane", "--within", "0.4", "--out", "kept")
    assert aftercut("cutset", "tutorial", *asked).code == 0
    page = Path("kept/cutset.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 1
    assert "<script" not in page
    told = re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?)</td>', page)
    assert ("2", "0\u00a0%") in told
    assert ("lane:hub-isle + lane:beta-isle", "0\u00a0%") in told
    assert page.count("close") == len(json.loads(Path("kept/answer.json").read_text())["others"])
    alone = ("--size", "1", "--over", "lane", "--out", "one")
    assert aftercut("cutset", "tutorial", *alone).code == 0
    assert "<svg" not in Path("one/cutset.html").read_text(encoding="utf-8")
    none = ("--below", "0.05", "--over", "plant", "--out", "none")
    assert aftercut("cutset", "tutorial", *none).code == 0
    assert "No set gets there" in Path("none/cutset.html").read_text(encoding="utf-8")
