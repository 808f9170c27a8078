"""``aftercut validate``: both figures beside each other, misses included, whatever the dataset."""

import json
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

import supply_data
from analyzer.programme.solution import Solution
from tests.command_line import aftercut

HEADER = (
    "observation,what,scenario,figure,flow,brand,share_of,reported,tolerance,own_input,"
    "not_compared,note\n"
)
ROWS = {
    "near": "near,Share of ALPHA's brands,,share,supplies,ALPHA,brand,70,50,yes,,\n",
    "far": "far,Share of ALPHA's brands,,share,supplies,ALPHA,brand,1,2,,,Not so\n",
    "back": "back,All supplies,hub-closed,change,supplies,,,-99,1,,,Far off\n",
    "own": "own,All supplies,past/closed.yaml,change,supplies,,,-99,1,,,\n",
    "none": "none,A price,,change,,,,20,,,the model has no prices,\n",
}


@pytest.fixture
def island(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the tutorial with its scenarios and a folder for facts."""
    monkeypatch.chdir(tmp_path)
    copytree(supply_data.folder("tutorial"), "island")
    copytree(Path(__file__).parents[1] / "scenarios" / "tutorial", "island/scenarios")
    Path("island/facts/past").mkdir(parents=True)
    text = "id: closed\nmeasures: [{id: hub-closed, leak: 0.1}]\n"
    Path("island/facts/past/closed.yaml").write_text(text, encoding="utf-8")
    return Path("island")


def observe(island: Path, *names: str) -> None:
    text = HEADER + "".join(ROWS[name] for name in names)
    (island / "facts" / "observed.csv").write_text(text, encoding="utf-8")


@cache
def shipped() -> dict[str, Any]:
    ran = aftercut("validate", "--json")
    assert (ran.code, ran.err) == (0, "")
    answer: dict[str, Any] = json.loads(ran.out)
    return answer


def test_a_dataset_without_observations_says_so() -> None:
    ran = aftercut("validate", "tutorial")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith("nothing, since the dataset has no facts/observed.csv.\n")
    answer = json.loads(aftercut("validate", "tutorial", "--json").out)
    assert answer["observations"] == []
    assert set(answer["counts"].values()) == {0}


def test_misses_are_printed_beside_what_agrees(island: Path) -> None:
    observe(island, "near", "far", "back", "none")
    ran = aftercut("validate", island)
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert "agrees: Share of ALPHA's brands (own input)" in lines
    assert "misses: Share of ALPHA's brands" in lines
    assert "    Not so" in lines
    assert "direction only: All supplies under hub-closed" in lines
    assert "not compared: A price" in lines
    assert "    model nothing, reported 20 percent" in lines
    told = " ".join(" ".join(lines[-2:]).split())
    assert told.endswith(
        "4 observations: 1 agree (1 of them the tables' own input, which proves no more than "
        "their making), 1 in direction only, 1 missed, 1 not compared."
    )


def test_json_has_the_figures_that_are_printed(island: Path) -> None:
    observe(island, "near", "none")
    answer = json.loads(aftercut("validate", island, "--json").out)
    assert answer["dataset"]["id"] == "tutorial"
    near, none = answer["observations"]
    assert near["outcome"] == "agrees"
    assert near["reported"] == 70
    assert near["own_input"] is True
    assert none["model"] is None
    assert answer["counts"] == {"agrees": 1, "direction only": 0, "misses": 0, "not compared": 1}


def test_a_scenario_of_the_past_may_lie_beside_the_facts(island: Path) -> None:
    observe(island, "back", "own")
    library, beside = json.loads(aftercut("validate", island, "--json").out)["observations"]
    assert library["model"] < beside["model"] < 0


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ("50,,60,5", "reported 50 to 60 ± 5 percent"),
        ("50,55,60,", "reported 55 (50 to 60) percent"),
        (",,1234567,", "reported at most 1,234,567 percent"),
        ("50.25,,,", "reported at least 50.2 percent"),
    ],
)
def test_a_report_is_told_with_its_bounds(island: Path, cells: str, told: str) -> None:
    header = "observation,what,figure,reported_low,reported,reported_high,tolerance\n"
    text = f"{header}one,Any family,fielded,{cells}\n"
    (island / "facts" / "observed.csv").write_text(text, encoding="utf-8")
    lines = aftercut("validate", island).out.splitlines()
    (line,) = [line for line in lines if line.startswith("    model ")]
    assert line.endswith(told)


def test_an_unknown_scenario_is_refused_with_the_nearest(island: Path) -> None:
    text = HEADER + ROWS["back"].replace("hub-closed", "hub-close")
    (island / "facts" / "observed.csv").write_text(text, encoding="utf-8")
    ran = aftercut("validate", island)
    assert (ran.code, ran.out) == (2, "")
    assert "facts/observed.csv, row 2, column scenario, value 'hub-close'" in ran.err
    assert "Did you mean 'hub-closed'?" in ran.err


def test_what_is_not_certified_ends_with_4(island: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def spoilt(found: Solution) -> Solution:
        return replace(found, certificate=replace(found.certificate, residual=1.0))

    observe(island, "near")
    monkeypatch.setattr("analyzer.study.validate.published", spoilt)
    ran = aftercut("validate", island, "--json")
    assert ran.code == 4
    (row,) = json.loads(ran.out)["observations"]
    assert (row["model"], row["certified"]) == (None, False)


@pytest.mark.parametrize("name", ["../scenarios/hub-closed.yaml", "{here}/outside.yaml"])
def test_a_scenario_outside_the_facts_is_not_read(island: Path, name: str) -> None:
    Path("outside.yaml").write_text("id: closed\nmeasures: [hub-closed]\n", encoding="utf-8")
    text = ROWS["back"].replace("hub-closed", name.format(here=Path.cwd()))
    (island / "facts" / "observed.csv").write_text(HEADER + text, encoding="utf-8")
    ran = aftercut("validate", island)
    assert (ran.code, ran.out) == (2, "")
    assert "no such file below the facts" in ran.err


# --- the shipped case


def test_the_shipped_case_is_held_against_both_sorts_of_report() -> None:
    sorts = Counter((row["own_input"], row["outcome"]) for row in shipped()["observations"])
    assert sorts[True, "agrees"] >= 15
    assert sum(count for (own, _), count in sorts.items() if not own) >= 10


def test_the_sanity_checks_of_the_shipped_case_hold() -> None:
    rows = {row["observation"]: row for row in shipped()["observations"]}
    prefixes = ("targets", "dispatch-", "brand-", "list-untouched", "tiers-untouched")
    sanity = [row for name, row in rows.items() if name.startswith(prefixes)]
    assert len(sanity) >= 18
    assert {row["outcome"] for row in sanity} == {"agrees"}


def test_the_back_test_moves_as_was_reported_where_it_was_set_to() -> None:
    rows = {row["observation"]: row for row in shipped()["observations"]}
    for name in ("china-early-2024", "hong-kong-early-2024", "imports-mid-2026"):
        assert rows[name]["outcome"] in {"agrees", "direction only"}
        assert rows[name]["model"] < 0


def test_known_misses_are_told_with_a_reason() -> None:
    missed = [row for row in shipped()["observations"] if row["outcome"] == "misses"]
    assert missed
    assert all(row["note"] for row in missed)
