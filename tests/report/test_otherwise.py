"""Conclusions on other facts, in words and as JSON: keys as the README tells them."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from analyzer.network.case import Case, case
from analyzer.programme.flow import Options
from analyzer.report.otherwise import Record, frame, lines, told
from analyzer.study.restated import (
    Restated,
    What,
    fewer_facts,
    other_assumptions,
    other_readings,
    restated,
)
from tests.command_line import aftercut

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
FEW = ("headroom", "plant_ramp")


@pytest.fixture(scope="module")
def known() -> Case:
    shipped = case("russia-uas", ("fibre-cut", "training-halved", "coalition-brands"))
    few = tuple(each for each in shipped.doubts.assumptions if each.assumption in FEW)
    return replace(shipped, doubts=shipped.doubts._replace(assumptions=few))


@pytest.fixture(scope="module")
def other(known: Case) -> Restated:
    tried = {
        What.VARIANT: other_readings(known, "russia-uas")[:3],
        What.EVIDENCE: fewer_facts(known),
        What.ASSUMPTION: other_assumptions(known, "russia-uas"),
    }
    return restated(known, tried, known.scenarios, options=Options())


@pytest.fixture(scope="module")
def answer(other: Restated, known: Case) -> Record:
    return told(other, known)


def test_the_answer_is_plain_json_and_null_where_nothing_was_asked(
    answer: Record, known: Case
) -> None:
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    assert set(told(None, known).values()) == {None}


def test_the_keys_are_those_that_the_readme_tells(answer: Record) -> None:
    _, _, rest = README.partition("`variants` and `evidence` have a row")
    table, _, rest = rest.partition("`assumptions` has a row")
    cells = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    keys = {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}
    assert keys == set(answer["variants"][0])
    assert set(answer["evidence"][0]) == keys - {"contradiction", "what", "source_ids"}
    paragraph = rest.partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", paragraph)) == set(answer["assumptions"][0])


def test_what_moves_most_comes_first_and_what_does_not_act_is_said(answer: Record) -> None:
    headroom, ramp = answer["assumptions"]
    assert (headroom["assumption"], ramp["assumption"]) == FEW
    at = [headroom[f"surviving_at_{end}"] for end in ("low", "central", "high")]
    assert at == sorted(at)
    assert headroom["moves"] == pytest.approx(max(at[1] - at[0], at[2] - at[1]))
    assert not ramp["acts"]
    assert ramp["moves"] == 0


def test_the_terminal_says_which_conclusions_stand(other: Restated, known: Case) -> None:
    said = list(lines(other, known))
    text = "\n".join(said)
    assert "Where sources contradict: 3 other readings, each alone" in text
    assert "Of no account in the steady state: plant_ramp." in text
    assert "If only reported limits counted" in text
    assert re.search(r"Of 3 readings: .*what leaves least", text)
    assert list(lines(None, known)) == []


def test_the_file_has_a_row_for_each(other: Restated) -> None:
    rows = frame(other)
    assert len(rows) == 3 + 2 + 4
    assert not [each for each in rows["flips"] if not isinstance(each, str)]


def test_a_number_that_is_not_certified_is_not_told(other: Restated, known: Case) -> None:
    unsure = replace(other, table=other.table.assign(certified=False))
    assert not unsure.certified
    text = "\n".join(lines(unsure, known))
    assert "uncertified" in text
    assert "Of 0 readings" in text
    assert told(unsure, known)["assumptions"][0]["moves"] == 0


def test_a_run_on_another_reading_says_so_everywhere(tmp_path: Path) -> None:
    out = tmp_path / "run"
    ended = aftercut(
        "run", "--scenario", "fibre-cut", "--variant", "fibre-fpv=bare-fibre", "--out", out
    )
    assert ended.code == 0
    assert "[fibre-fpv=bare-fibre]" in ended.out
    for name in ("page.html", "report.html"):
        assert "[fibre-fpv=bare-fibre]" in (out / name).read_text(encoding="utf-8")
    for name in ("run.json", "answer.json"):
        dataset = json.loads((out / name).read_bytes())["dataset"]
        assert dataset["variants"] == {"fibre-fpv": "bare-fibre"}


def test_all_variants_are_in_the_run_and_its_report_can_be_made_again(tmp_path: Path) -> None:
    out = tmp_path / "run"
    ended = aftercut("run", "--scenario", "fibre-cut", "--all-variants", "--out", out)
    assert ended.code == 0
    assert "15 other readings" in ended.out
    answered = json.loads((out / "answer.json").read_bytes())
    assert len(answered["variants"]) == 15
    assert answered["assumptions"] is None
    report = (out / "report.html").read_bytes()
    assert b"fibre-fpv=claim" in report
    assert aftercut("report", out).code == 0
    assert (out / "report.html").read_bytes() == report


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "--variant", "origin"), "no NAME=CHOICE"),
        (("run", "--variant", "origin=brand", "--variant", "origin=layers"), "of its own"),
        (("scan", "--variant", "origin=brands"), "Did you mean 'brand'"),
        (("check", "--variant", "parts-per-drone=85"), "cannot be tried"),
        (("derive", "--check", "--variant", "orign=brand"), "Did you mean 'origin'"),
        (("uncertainty", "tutorial", "--variant", "origin=brand"), "no such variant"),
    ],
)
def test_a_reading_that_there_is_not_is_refused(arguments: tuple[str, ...], said: str) -> None:
    ended = aftercut(*arguments)
    assert ended.code == 2
    assert said in ended.err


def test_a_dataset_without_variants_says_so(tmp_path: Path) -> None:
    ended = aftercut("run", "tutorial", "--all-variants", "--assumptions", "--out", tmp_path / "o")
    assert ended.code == 0
    assert "0 other readings" in ended.out
    assert "0 assumptions" in ended.out
