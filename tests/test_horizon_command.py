"""``aftercut horizon``: what it prints, writes and refuses."""

import json
from pathlib import Path
from typing import Any

import pytest

import analyzer as ac
from analyzer.report.run_folder import read_run
from analyzer.study.courses import NoBaselineError
from tests.command_line import aftercut

PERIODS = 36


@pytest.fixture(scope="module")
def answer() -> dict[str, Any]:
    ran = aftercut("horizon", "hub-closed", "--dataset", "tutorial", "--json")
    assert (ran.code, ran.err) == (0, "")
    found: dict[str, Any] = json.loads(ran.out)
    return found


def test_the_contract_of_the_answer_holds(answer: dict[str, Any]) -> None:
    (found,) = answer["scenarios"]
    assert (answer["months"], answer["foresight"]) == (PERIODS, "rolling")
    assert (found["scenario"], found["months"]) == ("hub-closed", PERIODS)
    assert len(found["capacity"]) == PERIODS
    assert found["capacity"][0] == pytest.approx(0.65)
    assert found["reference"] == pytest.approx([0.9] * PERIODS)
    assert found["time_to_survive"] == pytest.approx(2.0)
    assert found["time_to_recover"] is None
    assert found["lost"] == pytest.approx(sum(s["lost"] for s in found["systems"].values()))
    assert found["certified"] is True


def test_a_later_loss_counts_less(answer: dict[str, Any]) -> None:
    (found,) = answer["scenarios"]
    lost = [before - now for before, now in zip(found["reference"], found["capacity"], strict=True)]
    assert found["lost_capacity"] == pytest.approx(sum(lost))
    discounted = sum(0.99**n * each for n, each in enumerate(lost))
    assert found["lost_capacity_discounted"] == pytest.approx(discounted)


def test_every_key_of_the_answer_is_told(answer: dict[str, Any]) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    _, _, told = readme.partition("### `aftercut horizon")
    told, _, _ = told.partition("\n### ")
    (scenario,) = answer["scenarios"]
    rows = [*scenario["stocks"], *scenario["systems"].values()]
    keys = {*answer, *scenario, *(key for row in rows for key in row)}
    assert {key for key in keys if f"`{key}`" not in told} == set()


def test_a_run_leaves_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    options = ("--months", "6", "--over", "hub", "--adopt-months", "2..3", "--out", "mine")
    ran = aftercut("horizon", "hub-closed", "--dataset", "tutorial", *options)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[-1] == "mine"
    files = read_run(Path("mine"))["files"]
    assert set(files) == {
        "horizon.html", "months-1.html", "horizon.csv", "horizon.parquet", "systems.parquet",
        "stocks.parquet", "adapting.parquet", "measures.parquet", "exposure.parquet",
        "renewal.parquet", "answer.json",
    }  # fmt: skip
    found = json.loads(Path("mine/answer.json").read_text(encoding="utf-8"))
    assert [row["cut"] for row in found["exposure"]] == ["hub:HUB"]
    assert [row["adopt_months"] for row in found["renewal"]] == [2, 3]


def test_months_are_drawn_for_a_few_scenarios_unless_told(tmp_path: Path) -> None:
    options = ("--dataset", "tutorial", "--months", "3", "--out")
    assert aftercut("horizon", *options, tmp_path / "all").code == 0
    drawn = {path.name for path in (tmp_path / "all").glob("months-*.html")}
    count = len(json.loads((tmp_path / "all/answer.json").read_bytes())["scenarios"])
    assert drawn == ({f"months-{n + 1}.html" for n in range(count)} if count <= 6 else set())
    ran = aftercut("horizon", "hub-closed", "--graphs", "none", *options, tmp_path / "one")
    assert ran.code == 0
    assert not [*(tmp_path / "one").glob("months-*.html")]


def test_scenarios_are_set_against_what_is_in_force() -> None:
    options = ("--dataset", "tutorial", "--months", "6", "--json")
    found = json.loads(aftercut("horizon", "school-halved", "--from", "hub-closed", *options).out)
    assert (found["from"], found["lift"]) == ("hub-closed", False)
    (scenario,) = found["scenarios"]
    plain = json.loads(aftercut("horizon", "hub-closed", *options).out)["scenarios"][0]
    assert scenario["reference"][-1] < plain["reference"][-1]


def test_a_solver_that_does_not_go_from_plan_to_plan_is_refused() -> None:
    ran = aftercut("horizon", "hub-closed", "--dataset", "tutorial", "--solver", "cbc")
    assert (ran.code, "solved by HiGHS alone" in ran.err) == (2, True)


def test_the_curve_is_drawn_in_plain_characters() -> None:
    options = ("--dataset", "tutorial", "--months", "9", "--foresight", "perfect", "--json")
    assert json.loads(aftercut("horizon", "hub-closed", *options).out)["foresight"] == "perfect"
    case = ac.load("tutorial")
    told = ac.horizon(case, [case.scenario("hub-closed")], months=9).summary(width=80)
    assert "    1  777777755\n" in told
    assert told.isascii()
    assert max(map(len, told.splitlines())) <= 80


def test_each_scenario_staggered_stands_beside_the_given_one() -> None:
    options = ("--dataset", "tutorial", "--months", "4", "--stagger", "2", "--json")
    found = json.loads(aftercut("horizon", "hub-and-school", *options).out)["scenarios"]
    assert [each["scenario"] for each in found] == ["hub-and-school", "hub-and-school-staggered-2"]
    assert found[1]["surviving_in_all"] > found[0]["surviving_in_all"]


@pytest.mark.parametrize("text", ["", "3..1", "1-3", "x", "1..2..3"])
def test_a_range_of_months_that_is_none_is_refused(text: str) -> None:
    ran = aftercut("horizon", "--dataset", "tutorial", "--adopt-months", text)
    assert ran.code == 2
    assert "is neither a number of months nor a range" in ran.err


def test_a_baseline_that_is_not_certified_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object, **__: object) -> None:
        msg = "the steady state is not certified"
        raise NoBaselineError(msg)

    monkeypatch.setattr("analyzer.study.horizon.start", none)
    ran = aftercut("horizon", "--dataset", "tutorial")
    assert (ran.code, ran.err) == (4, "error: the steady state is not certified\n")


def test_a_notebook_saves_what_the_command_writes(tmp_path: Path) -> None:
    case = ac.load("tutorial")
    run = ac.horizon(case, [case.scenario("hub-closed")], months=3)
    assert len(run.curve) == 3
    assert run.systems["month"].max() == 3
    written = json.loads((run.save(tmp_path / "run") / "answer.json").read_text(encoding="utf-8"))
    assert written["scenarios"][0]["capacity"] == pytest.approx(run.curve["capacity"].tolist())
