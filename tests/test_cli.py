"""The command: its exit codes, what it prints where, what it writes, and that it says why."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, NoReturn

import duckdb
import pytest

import supply_data
from analyzer.network.effect import Effect
from analyzer.programme.arrays import Model
from analyzer.programme.solution import Solution, solution
from analyzer.report.run_folder import RunFolder, UnfinishedRunError, read_run
from scenarios.editor import json_schema
from supply_data.schema import Weighting
from tests.command_line import aftercut

COMMANDS = ("run", "check", "init", "derive", "validate", "verify")
SURVIVING = {
    "brand-control": 0.5 / 0.9,
    "hub-and-school": 0.65 / 1.5 / 0.9,
    "hub-closed": 0.5,
    "origin-control": 0.67 / 0.9,
    "school-halved": 0.65 / 0.9,
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def island(tmp_path: Path) -> Path:
    """Return a copy of the tutorial, with its scenarios, to be spoilt."""
    copy = tmp_path / "island"
    shutil.copytree(supply_data.folder("tutorial"), copy)
    library = Path(__file__).parents[1] / "scenarios" / "tutorial"
    shutil.copytree(library, copy / "scenarios")
    return copy


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def told(*arguments: str | Path, code: int = 0) -> dict[str, Any]:
    """Return the JSON that a run prints; it ends with this code."""
    ran = aftercut("run", *arguments, "--json")
    assert (ran.code, ran.err) == (code, "")
    answer: dict[str, Any] = json.loads(ran.out)
    return answer


def process(*words: str, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[str]:
    """Return what a process of its own does with Python's words."""
    return subprocess.run(
        [sys.executable, *words], check=False, stdout=stdout, stderr=subprocess.PIPE, text=True
    )


# --- a run without --json


def test_a_run_prints_the_table_and_last_where_it_is_written(here: Path) -> None:
    ran = aftercut("run", "tutorial")
    assert (ran.code, ran.err) == (0, "")
    *table, where = ran.out.splitlines()
    assert any("Hub closed" in line and "50.0 %" in line for line in table)
    assert read_run(Path(where))["dataset"]["id"] == "tutorial"
    assert names(here) == ["out"]


def test_a_folder_that_is_taken_gets_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Stopped":
            return cls(2026, 1, 2, 3, 4, 5, tzinfo=tz)

    monkeypatch.setattr("analyzer.cli.run.datetime", Stopped)
    lines = [aftercut("run", "tutorial").out.splitlines()[-1] for _ in range(3)]
    name = f"{Path('out') / 'tutorial-20260102T030405Z'}"
    assert lines == [name, f"{name}-2", f"{name}-3"]


def test_an_earlier_run_is_replaced_where_it_is_named() -> None:
    assert aftercut("run", "tutorial", "--out", "mine").code == 0
    again = aftercut("run", "tutorial", "--scenario", "hub-closed", "--out", "mine")
    assert (again.code, again.out.splitlines()[-1]) == (0, "mine")
    assert read_run(Path("mine"))["scenarios"]["ids"] == ["hub-closed"]


# --- a run with --json


def test_json_is_all_that_is_printed_and_nothing_is_written(here: Path) -> None:
    answer = told("tutorial")
    assert {row["scenario"]: row["surviving"] for row in answer["scenarios"]} == {
        name: pytest.approx(surviving) for name, surviving in SURVIVING.items()
    }
    assert answer["baseline"]["capacity"] == pytest.approx(0.9)
    assert names(here) == []


def test_json_has_the_keys_of_its_contract() -> None:
    answer = told("tutorial")
    assert {"dataset", "weighting", "targets", "baseline", "scenarios"} <= answer.keys()
    baseline = {"capacity", "systems", "binding", "unknown", "certified"}
    assert baseline <= answer["baseline"].keys()
    scenario = {"scenario", "capacity", "surviving", "interval", "at_once", "systems", "binds"}
    scenario |= {"first_choice_share", "binding", "pillars", "measures", "certified"}
    binding = {"element", "pillar", "usage", "loss_1pct", "gain_1pct", "price_down", "price_up"}
    for row in answer["scenarios"]:
        assert scenario <= row.keys()
        assert all(binding <= each.keys() for each in row["binding"])
        assert {"hardware", "training", "partnership"} == row["pillars"].keys()
        assert all({"ceiling", "relief", "loss_share"} == p.keys() for p in row["pillars"].values())
        assert all({"measure", "effect"} <= each.keys() for each in row["measures"])


def test_the_files_hold_the_numbers_that_are_printed() -> None:
    answer = told("tutorial", "--out", "mine")
    assert json.loads(Path("mine/answer.json").read_text(encoding="utf-8")) == answer
    with duckdb.connect() as database:
        query = (
            "select scenario, capacity, surviving, interval_low, interval_high, at_once,"
            ' "output_per_month.pump", "output_per_month.lamp", certified'
            " from 'mine/results.parquet' where scenario <> 'baseline'"
        )
        written = database.execute(query).fetchall()
    assert written == [
        (
            *(row["scenario"], row["capacity"], row["surviving"], *row["interval"]),
            *(row["at_once"], row["systems"]["pump"], row["systems"]["lamp"], row["certified"]),
        )
        for row in answer["scenarios"]
    ]


def test_the_same_run_gives_the_same_answer() -> None:
    assert told("tutorial") == told("tutorial")


# --- options


def test_the_weighting_picks_winners() -> None:
    answer = told("tutorial", "--scenario", "school-halved", "--weighting", "units")
    (row,) = answer["scenarios"]
    assert answer["weighting"] == "units"
    assert answer["baseline"]["capacity"] == pytest.approx(480)
    assert row["capacity"] == pytest.approx(430)
    assert row["surviving"] == pytest.approx(0.896, abs=5e-4)
    assert row["surviving_by_weighting"]["target"] == pytest.approx(0.65 / 0.9)


@pytest.mark.parametrize("weighting", Weighting)
def test_a_run_under_a_weighting_gives_what_the_others_said_of_it(weighting: Weighting) -> None:
    said = {
        row["scenario"]: row["surviving_by_weighting"][weighting]
        for row in told("tutorial")["scenarios"]
    }
    found = {
        row["scenario"]: row["surviving"]
        for row in told("tutorial", "--weighting", weighting)["scenarios"]
    }
    assert found == pytest.approx(said)


def test_scenarios_are_compared_in_the_order_named(island: Path) -> None:
    file = island / "scenarios" / "hub-closed.yaml"
    answer = told("tutorial", "--scenario", "school-halved", "--scenario", file)
    assert [row["scenario"] for row in answer["scenarios"]] == ["school-halved", "hub-closed"]


def test_a_folder_finds_the_scenarios_inside_it(island: Path) -> None:
    assert told(island)["scenarios"] == told("tutorial")["scenarios"]


def test_a_folder_without_scenarios_is_the_baseline_alone(island: Path) -> None:
    shutil.rmtree(island / "scenarios")
    assert told(island)["scenarios"] == []
    assert aftercut("run", island).code == 0


def test_scenarios_are_set_against_another() -> None:
    answer = told("tutorial", "--from", "hub-closed", "--scenario", "hub-and-school")
    assert answer["baseline"]["capacity"] == pytest.approx(0.45)
    assert answer["scenarios"][0]["surviving"] == pytest.approx(0.65 / 1.5 / 0.45)


def test_a_set_of_targets_is_another_yardstick(island: Path) -> None:
    rows = "set,system,target_per_month,basis\nplan,pump,160,assumed\nplan,lamp,400,assumed\n"
    (island / "targets.csv").write_text(rows)
    answer = told(island, "--targets", "plan", "--scenario", "hub-closed")
    # the plant makes 80 of 160 pumps, and all lamps are fielded
    assert (answer["targets"], answer["baseline"]["capacity"]) == ("plan", pytest.approx(0.75))


def test_a_budget_of_nothing_fields_nothing_that_costs() -> None:
    answer = told("tutorial", "--budget", "0", "--scenario", "hub-closed")
    assert answer["baseline"]["capacity"] == pytest.approx(0)
    assert answer["scenarios"][0]["surviving"] is None


@pytest.mark.parametrize("solver", ["highs", "cbc"])
def test_two_solvers_agree_and_say_so_off_the_answer(solver: str) -> None:
    ran = aftercut("run", "tutorial", "--solver", solver, "--cross-check", "--json")
    assert ran.code == 0
    assert json.loads(ran.out)["scenarios"][0]["certified"]
    (line,) = ran.err.splitlines()
    assert line.startswith("cross-check: 6 capacities by ")
    assert float(line.rpartition(" ")[2]) < 1e-6


# --- misuse


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--outt", "x"], "No such option: --outt"),
        (["runn"], "No such command 'runn'"),
        (["run", "tutorial", "more"], "unexpected extra argument"),
        (["run", "tutorial", "--weighting", "votes"], "'target', 'units', 'weight'"),
        (["run", "tutorial", "--budget", "-1"], "--budget"),
        (["run", "tutorial", "--budget", "much"], "--budget"),
        (["run", "tutorial", "--out"], "--out"),
        (["run", "tutorial", "--targets", "plan"], "The dataset has no table targets"),
    ],
)
def test_misuse_ends_with_2_and_is_told_on_one_line(
    arguments: list[str], said: str, here: Path
) -> None:
    ran = aftercut(*arguments)
    assert (ran.code, ran.out) == (2, "")
    first, hint = ran.err.splitlines()
    assert first.startswith("error: ")
    assert said in first
    assert "--help" in hint
    assert names(here) == []


def test_the_command_alone_says_what_there_is() -> None:
    alone = aftercut()
    assert (alone.code, alone.err) == (0, "")
    assert alone.out == aftercut("--help").out
    assert all(f"  {name} " in alone.out for name in COMMANDS)


# --- bad input


@pytest.mark.parametrize("command", ["run", "check"])
def test_an_unknown_dataset_is_answered_with_the_nearest(command: str, here: Path) -> None:
    ran = aftercut(command, "tutoriel")
    assert (ran.code, ran.out) == (2, "")
    assert "Did you mean 'tutorial'?" in ran.err
    assert ran.err.endswith("1 fault; nothing was written.\n")
    assert names(here) == []


@pytest.mark.parametrize("command", ["run", "check"])
def test_an_unknown_scenario_is_answered_with_the_nearest(command: str, here: Path) -> None:
    ran = aftercut(command, "tutorial", "--scenario", "hub-close")
    assert (ran.code, ran.out) == (2, "")
    assert "hub-close: there is no such scenario, file or folder" in ran.err
    assert "hub-closed" in ran.err
    assert names(here) == []


def test_a_scenario_that_does_not_fit_the_dataset_is_refused(here: Path) -> None:
    measure = "{id: m, where: {table: lanes, lane: hub-isel}, cut: 1}"
    Path("s.yaml").write_text(f"id: s\nmeasures: [{measure}]\n")
    for command in ("run", "check"):
        ran = aftercut(command, "tutorial", "--scenario", "s.yaml")
        assert (ran.code, ran.out) == (2, "")
        assert "hub-isel" in ran.err
        assert "hub-isle" in ran.err
    assert names(here) == ["s.yaml"]


FAULTS = [
    ("dataset.yaml", "currency: USD", "currency: EUR", ["row 9", "'EUR'", "USD"]),
    ("places.csv", "GAMMA,Gamma", "GAM/MA,Gamma", ["row 4", "column place", "'GAM/MA'"]),
    ("components.csv", "10,assumed", "10,guessed", ["row 2", "column basis", "'guessed'"]),
    ("systems.csv", "pump,100", "pump,0", ["row 2", "column target_per_month", "above 0"]),
    ("requirements.csv", "pump,body,body", "pump,body,bodi", ["row 3", "Did you mean 'body'"]),
    ("supplies.csv", "ALPHA,400", "ALPHA,-400", ["row 2", "column capacity_per_month", "'-400'"]),
    ("supplies.csv", "crew-school,crew", "crew-school,crw", ["row 6", "Did you mean 'crew'"]),
    ("lanes.csv", "beta-isle,", "hub-isle,", ["row 4", "'hub-isle'", "row 3"]),
    ("plants.csv", "pump,80", "pump,80 units", ["row 2", "'80 units'", "plain number"]),
    ("stocks.csv", "quantity", "quantitty", ["column quantitty", "Did you mean 'quantity'"]),
    ("scenarios/hub-closed.yaml", "title:", "titel:", ["line 2", "titel", "title"]),
    (
        "scenarios/measures/school-halved.yaml",
        "cut: 0.5",
        "cut: 50",
        ["line 6", "key cut", "above 1"],
    ),
]


def test_check_names_every_fault_of_a_folder_at_once(island: Path, here: Path) -> None:
    for file, old, new, _ in FAULTS:
        text = (island / file).read_text(encoding="utf-8")
        assert old in text
        (island / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    (island / "lane.csv").write_text("lane\n")
    ran = aftercut("check", "island")
    assert (ran.code, ran.out) == (2, "")
    *faults, last = ran.err.splitlines()
    for file, _, _, words in [*FAULTS, ("lane.csv", "", "", ["no such table", "'lanes.csv'"])]:
        assert any(all(word in line for word in (file, *words)) for line in faults), ran.err
    assert last == f"{len(faults)} faults; nothing was written."
    assert names(here) == ["island"]


def test_run_refuses_what_check_refuses_and_writes_nothing(island: Path, here: Path) -> None:
    (island / "plants.csv").write_text("plant,place,product,basis\nworks,ISLE,punp,assumed\n")
    ran = aftercut("run", "island", "--out", "mine")
    assert (ran.code, ran.out) == (2, "")
    assert "Did you mean 'pump'?" in ran.err
    assert names(here) == ["island"]


# --- check


def test_check_says_what_stands_and_what_is_odd(island: Path) -> None:
    sound = aftercut("check", "tutorial")
    assert (sound.code, sound.err) == (0, "")
    assert "2 systems, 4 components, 5 places, 5 supplies, 4 lanes" in sound.out
    assert "1 no limit known: lane:beta-isle" in sound.out
    assert "equal sources: origins 2.6 (48% GAMMA; 1.2 an item), brands 2.3" in sound.out
    assert (
        "9 single points of failure; 2 of 2 systems cannot be made without brand:ALPHA" in sound.out
    )
    assert "up to 1 stage of making: chip, lamp" in sound.out
    assert sound.out.endswith("No faults, 0 warnings.\n")
    (island / "scenarios" / "nothing.yaml").write_text("id: nothing\nmeasures: []\n")
    odd = aftercut("check", "island")
    assert odd.code == 0
    assert "warning: island/scenarios/nothing.yaml" in odd.out
    assert odd.out.endswith("No faults, 1 warning.\n")


def test_a_run_counts_warnings_beside_its_answer(island: Path) -> None:
    (island / "scenarios" / "nothing.yaml").write_text("id: nothing\nmeasures: []\n")
    ran = aftercut("run", "island", "--json")
    assert ran.code == 0
    assert len(json.loads(ran.out)["scenarios"]) == len(SURVIVING) + 1
    assert ran.err == "1 warning; `aftercut check` lists them.\n"


def test_check_prints_the_schema_of_scenario_files() -> None:
    ran = aftercut("check", "--schema")
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out) == json_schema()


# --- output that is refused


def test_a_folder_that_is_no_run_is_left_alone() -> None:
    foreign = Path("foreign")
    foreign.mkdir()
    (foreign / "notes.txt").write_text("mine")
    ran = aftercut("run", "tutorial", "--out", "foreign")
    assert ran.code == 3
    assert ran.err.startswith("error: 'foreign' is neither empty nor an earlier run")
    assert names(foreign) == ["notes.txt"]


def test_a_run_is_not_written_into_its_dataset(island: Path) -> None:
    before = names(island)
    assert aftercut("run", "island", "--out", "island").code == 3
    assert names(island) == before


def test_a_file_is_no_folder() -> None:
    Path("file").write_text("mine")
    assert aftercut("run", "tutorial", "--out", "file").code == 3
    assert aftercut("run", "tutorial", "--out", "file/below").code == 3
    assert Path("file").read_text() == "mine"


# --- what is not certified


def test_nothing_certified_is_no_number_and_4(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.programme.certificate.WIDTH", -1.0)
    answer = told("tutorial", "--out", "mine", code=4)
    for row in (answer["baseline"], *answer["scenarios"]):
        assert (row["capacity"], row["certified"], row["systems"]) == (None, False, {})
    assert json.loads(Path("mine/answer.json").read_text(encoding="utf-8")) == answer
    assert read_run(Path("mine"))["counts"]["uncertified"] > 0
    with duckdb.connect() as database:
        query = "select count(*), count(capacity), count(surviving) from 'mine/results.parquet'"
        assert database.execute(query).fetchone() == (6, 0, 0)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return what makes the certificates of all scenarios fail that cut an element."""

    def fail(element: str) -> None:
        def doubted(model: Model, effect: Effect | None = None) -> Solution:
            found = solution(model, effect)
            if effect is None or element not in effect.availability:
                return found
            return replace(found, certificate=replace(found.certificate, optimal=False))

        monkeypatch.setattr("analyzer.study.solve.solution", doubted)

    return fail


def test_one_scenario_uncertified_leaves_the_others_their_numbers(
    failing: Callable[[str], None],
) -> None:
    failing("lane:hub-isle")
    answer = told("tutorial", code=4)
    found = {row["scenario"]: row["surviving"] for row in answer["scenarios"]}
    doubted = dict.fromkeys(["hub-closed", "hub-and-school"])
    assert found == {name: pytest.approx(value) for name, value in (SURVIVING | doubted).items()}
    assert answer["baseline"]["certified"]


def test_an_uncertified_scenario_is_said_to_be_so_and_still_written(
    failing: Callable[[str], None],
) -> None:
    failing("lane:hub-isle")
    ran = aftercut("run", "tutorial")
    assert ran.code == 4
    (line,) = (line for line in ran.out.splitlines() if line.strip().startswith("Hub closed  "))
    assert "uncertified" in line
    assert "%" not in line
    assert (Path(ran.out.splitlines()[-1]) / "page.html").is_file()


# --- interruption and errors of ours


def test_an_interruption_ends_with_130_and_no_finished_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(folder: RunFolder, name: str, value: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(RunFolder, "write_json", interrupted)
    ran = aftercut("run", "tutorial", "--out", "mine")
    assert (ran.code, ran.err) == (130, "")
    with pytest.raises(UnfinishedRunError):
        read_run(Path("mine"))


def test_an_interrupted_comparison_writes_nothing(
    monkeypatch: pytest.MonkeyPatch, here: Path
) -> None:
    monkeypatch.setattr("analyzer.study.compare.reference_outcome", stop)
    ran = aftercut("run", "tutorial")
    assert (ran.code, ran.out, ran.err) == (130, "", "")
    assert names(here) == []


def stop(*arguments: object, **options: object) -> NoReturn:
    raise KeyboardInterrupt


def broken(*arguments: object, **options: object) -> NoReturn:
    msg = "no such thing as a free lunch"
    raise LookupError(msg)


def test_an_error_of_ours_is_1_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, here: Path
) -> None:
    monkeypatch.setattr("analyzer.study.compare.reference_outcome", broken)
    monkeypatch.delenv("AFTERCUT_TRACEBACK", raising=False)
    ran = aftercut("run", "tutorial")
    assert (ran.code, ran.out) == (1, "")
    first, second = ran.err.splitlines()
    assert first == "internal error: LookupError: no such thing as a free lunch"
    assert "AFTERCUT_TRACEBACK=1" in second
    assert names(here) == []


def test_whoever_asks_for_the_traceback_gets_the_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.study.compare.reference_outcome", broken)
    monkeypatch.setenv("AFTERCUT_TRACEBACK", "1")
    with pytest.raises(LookupError, match="free lunch"):
        aftercut("run", "tutorial")


# --- as a process of its own


def test_the_command_stands_on_its_own() -> None:
    ran = process("-W", "error", "-m", "analyzer.cli", "run", "tutorial", "--json")
    assert (ran.returncode, ran.stderr) == (0, "")
    rows = json.loads(ran.stdout)["scenarios"]
    assert {row["scenario"]: row["surviving"] for row in rows} == pytest.approx(SURVIVING)


def test_codes_reach_the_shell() -> None:
    Path("foreign").mkdir()
    Path("foreign/notes.txt").write_text("mine")
    calls = {
        0: ["check", "tutorial"],
        2: ["check", "nowhere"],
        3: ["init", "foreign"],
    }
    codes = [process("-m", "analyzer.cli", *words).returncode for words in calls.values()]
    assert codes == list(calls)


@pytest.mark.parametrize("arguments", [["check", "--schema"], ["check", "tutorial"], ["--help"]])
def test_a_reader_who_has_gone_is_no_noise(arguments: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    ran = process("-m", "analyzer.cli", *arguments, stdout=write)
    os.close(write)
    assert (ran.returncode, ran.stderr) == (1, "")


@pytest.mark.parametrize("arguments", [[], ["--help"], *([name, "--help"] for name in COMMANDS)])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        f"sys.argv = {['aftercut', *arguments]!r}\n"
        "from analyzer import cli\n"
        "try: cli.main()\n"
        "finally: print(sorted({'pandas', 'highspy', 'pulp', 'networkx', 'scipy', 'duckdb',"
        " 'matplotlib'} & sys.modules.keys()))\n"
    )
    ran = process("-c", code)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("Usage: aftercut ")
    assert ran.stdout.splitlines()[-1] == "[]"


def test_an_answer_waits_for_no_figure() -> None:
    code = (
        "import sys\n"
        "sys.argv = ['aftercut', 'run', 'tutorial', '--json']\n"
        "from analyzer import cli\n"
        "try: cli.main()\n"
        "finally: print('matplotlib' in sys.modules, file=sys.stderr)\n"
    )
    assert process("-c", code).stderr == "False\n"


def test_the_clock_shows_in_names_and_in_the_record_alone() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    for name in ("one", "two"):
        assert aftercut("run", "tutorial", "--out", name).code == 0
    one, two = read_run(Path("one")), read_run(Path("two"))
    assert one["files"] == two["files"]
    assert datetime.fromisoformat(one["started"]) >= before


def test_a_folder_that_is_not_ours_is_refused_before_anything_is_solved(
    monkeypatch: pytest.MonkeyPatch, here: Path
) -> None:
    (here / "mine").mkdir()
    (here / "mine" / "letter.txt").write_text("dear", encoding="utf-8")
    monkeypatch.setattr("analyzer.study.compare.reference_outcome", broken)
    ran = aftercut("run", "tutorial", "--out", "mine")
    assert ran.code == 3
    assert "letter.txt" in ran.err or "mine" in ran.err
    assert ran.out == ""


def test_a_budget_and_a_reference_are_named() -> None:
    ran = aftercut("run", "tutorial", "--from", "hub-closed", "--budget", "9000")
    assert "Reference hub-closed" in ran.out
    assert "budget USD 9,000 a month" in " ".join(ran.out.split())
    found = json.loads(aftercut("run", "tutorial", "--budget", "9000", "--json").out)
    assert found["budget_usd_per_month"] == 9000


def test_a_measure_of_the_reference_keeps_its_middle_in_the_range() -> None:
    ran = aftercut("run", "tutorial", "--from", "hub-closed", "--scenario", "hub-closed", "--json")
    (only,) = json.loads(ran.out)["scenarios"]
    assert only["interval"] == pytest.approx([1, 1], abs=1e-7)
    assert only["measures"][0]["note"] == "stands in the reference already"


@pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")
def test_an_interruption_in_the_middle_of_solving_ends_with_130(here: Path) -> None:
    command = [sys.executable, "-m", "analyzer.cli", "run", "russia-uas", "--out", "mine"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(timeout=4)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err) == (130, b"", b"")
    assert not (here / "mine").exists()
