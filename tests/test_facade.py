"""The analyzer in a notebook: the same numbers as the command, frozen, and light to import."""

import dataclasses
import html
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import analyzer as ac
import supply_data
from analyzer.report.run_folder import OutputRefusedError, read_run
from scenarios.schema import BadScenarioError, Measure, Scenario
from supply_data.schema import BadTablesError
from tests.command_line import aftercut


@pytest.fixture(scope="module")
def island() -> ac.Case:
    return ac.load("tutorial")


@pytest.fixture(scope="module")
def run(island: ac.Case) -> ac.Run:
    return ac.compare(island)


def measure(**keys: object) -> Measure:
    where = {"table": "lanes", "lane": "hub-isle"}
    return Measure.model_validate({"id": "m", "where": where, "cut": 1, **keys})


# --- light


def test_importing_it_loads_nothing_heavy() -> None:
    heavy = "{'pandas', 'numpy', 'networkx', 'scipy', 'pulp', 'highspy', 'duckdb', 'pydantic'}"
    code = f"import sys, analyzer; print(sorted({heavy} & sys.modules.keys()))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_it_lists_what_it_has_and_nothing_else() -> None:
    assert set(ac.__all__) <= set(dir(ac))
    assert [name for name in ac.__all__ if not callable(getattr(ac, name))] == []
    with pytest.raises(AttributeError, match="'analyzer' has no attribute 'cutsets'"):
        ac.__getattr__("cutsets")


# --- a case


def test_a_folder_loads_with_its_own_scenarios_or_none(tmp_path: Path) -> None:
    shutil.copytree(supply_data.folder("tutorial"), tmp_path / "island")
    assert repr(ac.load(tmp_path / "island")) == "<Case tutorial: 2 systems, 0 scenarios>"
    aftercut("init", tmp_path / "mine")
    assert ac.load(tmp_path / "mine").scenario("hub-narrowed").measures


def test_a_scenario_may_be_a_file_that_names_measures_of_the_library(
    island: ac.Case, tmp_path: Path
) -> None:
    file = tmp_path / "half.yaml"
    file.write_text("id: half\nmeasures: [{id: hub-closed, leak: 0.5}]\n")
    found = ac.compare(island, [island.scenario(file)])["half"]
    assert found.surviving == pytest.approx(0.83125 / 0.9)


def test_a_wrong_name_is_answered_with_the_nearest(island: ac.Case, run: ac.Run) -> None:
    with pytest.raises(BadTablesError, match="Did you mean 'tutorial'"):
        ac.load("tutoriel")
    with pytest.raises(BadScenarioError, match="hub-closed"):
        island.scenario("hub-close")
    with pytest.raises(KeyError, match="Did you mean 'hub-closed'"):
        run["hub-close"]


# --- variants of a scenario


def test_another_leak_is_another_scenario_and_leaves_the_first_alone(island: ac.Case) -> None:
    closed = island.scenario("hub-closed")
    leaky = closed.with_leak(0.4)
    assert (leaky.id, leaky.title) == ("hub-closed-leak-0.4", "Hub closed (leak 0.4)")
    assert [m.leak.central for m in leaky.measures] == [0.4]
    assert [m.leak.central for m in closed.measures] == [0.0]
    assert [m.where for m in leaky.measures] == [m.where for m in closed.measures]


def test_a_leak_is_worked_out_by_hand(island: ac.Case) -> None:
    # up to a cut of 37.8 % the hub lane has room: 2,800 of 4,500 USD are used
    school, closed = island.scenario("school-halved"), island.scenario("hub-closed")
    variants = [closed.with_leak(0.7), closed.with_leak(0.5), school.with_cut(0.0)]
    table = ac.compare(island, variants).table.set_index("scenario")["surviving"]
    assert table["hub-closed-leak-0.7"] == pytest.approx(1)
    assert table["hub-closed-leak-0.5"] == pytest.approx(0.83125 / 0.9)
    assert table["school-halved-cut-0"] == pytest.approx(1)


def test_the_break_even_leak_of_the_tutorial(island: ac.Case) -> None:
    control = island.scenario("brand-control")
    found = ac.compare(island, [control.with_leak(0.76), control.with_leak(0.75)])
    assert found["brand-control-leak-0.76"].surviving == pytest.approx(1)
    lost = found["brand-control-leak-0.75"].surviving
    assert lost is not None
    assert lost < 0.999


def test_a_cut_replaces_its_range(island: ac.Case) -> None:
    ranged = Scenario(id="r", measures=(measure(cut={"low": 0.1, "central": 0.5, "high": 1}),))
    (changed,) = ranged.with_cut(0.25).measures
    assert dict(changed.cut or ()) == {"low": 0.25, "central": 0.25, "high": 0.25}


def test_what_is_not_modelled_stays_so() -> None:
    kept = Measure(id="real", not_modelled="no such goods here")
    scenario = Scenario(id="s", measures=(kept, measure())).with_cut(0.5).with_leak(0.2)
    assert scenario.measures[0] == kept
    assert scenario.id == "s-cut-0.5-leak-0.2"


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan"), float("inf")])
def test_what_is_no_share_is_refused(share: float) -> None:
    scenario = Scenario(id="s", measures=(measure(),))
    with pytest.raises(ValueError, match="a leak is a share from 0 to 1"):
        scenario.with_leak(share)
    with pytest.raises(ValueError, match="a cut is a share from 0 to 1"):
        scenario.with_cut(share)


def test_a_variant_keeps_the_rules_of_a_measure() -> None:
    half = measure(cut=0.5, baseline_leak=0, status="in_force")
    with pytest.raises(ValueError, match="baseline would already be stopped"):
        Scenario(id="s", measures=(half,)).with_cut(1)


def test_the_id_of_a_variant_stays_an_id() -> None:
    varied = Scenario(id="s" * 64, measures=(measure(),)).with_leak(0.25)
    assert len(varied.id) == 64
    assert varied.id.endswith("-leak-0.25")
    assert Scenario(id=varied.id).id == varied.id


# --- a run


def test_it_has_the_numbers_of_the_command(run: ac.Run) -> None:
    told = json.loads(aftercut("run", "tutorial", "--json").out)
    assert [row["scenario"] for row in told["scenarios"]] == list(run.table["scenario"])[1:]
    for row in told["scenarios"]:
        found = run[row["scenario"]]
        assert (found.capacity, found.surviving) == (row["capacity"], row["surviving"])
        assert found.binds == row["binds"]
        assert list(found.binding["element"]) == [each["element"] for each in row["binding"]]


def test_a_result_has_the_rows_of_its_scenario(run: ac.Run) -> None:
    found = run["hub-closed"]
    assert found.certified
    assert found.surviving == pytest.approx(0.5)
    assert dict(zip(found.systems["system"], found.systems["output_per_month"], strict=True)) == {
        "pump": pytest.approx(80),
        "lamp": pytest.approx(40),
    }
    assert {"element", "pillar", "loss_1pct", "gain_1pct"} <= set(found.binding.columns)
    assert list(found.cuts["element"]) == ["lane:hub-isle"]
    assert list(found.measures["effect"]) == ["bites"]
    assert "lane:hub-isle" not in set(found.flows["element"])
    closed = found.elements.set_index("element")["availability"]
    assert closed["lane:hub-isle"] == 0
    assert len(found.changes)
    assert repr(found) == "<Result hub-closed: 0.5000 survives>"


def test_the_baseline_is_a_result_too(run: ac.Run) -> None:
    assert run["baseline"].capacity == pytest.approx(0.9)
    assert run["baseline"].binds == ""


def test_options_travel_to_the_programme(island: ac.Case) -> None:
    units = ac.Options(weighting=ac.Weighting.UNITS)
    found = ac.compare(island, [island.scenario("school-halved")], options=units)
    assert found["school-halved"].surviving == pytest.approx(0.896, abs=5e-4)
    assert found["baseline"].capacity == pytest.approx(480)


def test_scenarios_may_be_set_against_another(island: ac.Case) -> None:
    both, closed = island.scenario("hub-and-school"), island.scenario("hub-closed")
    found = ac.compare(island, [both], reference=closed)
    assert found["hub-and-school"].surviving == pytest.approx(0.65 / 1.5 / 0.45)


def test_no_scenarios_are_the_baseline_alone(island: ac.Case) -> None:
    alone = ac.compare(island, [])
    assert repr(alone) == "<Run tutorial: the baseline>"
    assert list(alone.table["scenario"]) == ["baseline"]


def test_two_scenarios_of_one_id_are_refused(island: ac.Case) -> None:
    closed = island.scenario("hub-closed")
    with pytest.raises(ValueError, match="two scenarios of a run have the id 'hub-closed'"):
        ac.compare(island, [closed, closed])
    named = closed.model_copy(update={"id": "baseline"})
    with pytest.raises(ValueError, match="the id 'baseline'"):
        ac.compare(island, [named])


def test_results_are_frozen_and_frames_are_copies(run: ac.Run) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        run.started = run.started  # type: ignore[misc] # that is the point
    with pytest.raises(dataclasses.FrozenInstanceError):
        run["baseline"].capacity = 2.0  # type: ignore[misc] # that is the point
    table, systems = run.table, run["baseline"].systems
    table["surviving"] = 0.0
    systems["output_per_month"] = 0.0
    assert run.table["surviving"].max() == 1
    assert run["baseline"].systems["output_per_month"].min() > 0


# --- what is shown and written


def test_the_summary_is_what_the_command_prints(run: ac.Run, tmp_path: Path) -> None:
    printed = aftercut("run", "tutorial", "--out", tmp_path / "run").out
    assert "Hub closed and school halved" in run.summary()
    assert printed.splitlines()[:-1] == run.summary().splitlines()


def test_a_summary_is_as_wide_as_asked(run: ac.Run) -> None:
    assert max(map(len, run.summary(width=60).splitlines())) <= 60


def test_a_notebook_shows_every_scenario_with_its_texts_inert(island: ac.Case) -> None:
    title = "<script>alert(1)</script> & \u202e" + "long " * 20
    nasty = island.scenario("hub-closed").model_copy(update={"id": "x", "title": title})
    shown = ac.compare(island, [nasty])._repr_html_()
    assert "<script" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;U+202E&gt;" in shown
    assert "long long " * 9 in shown
    assert "<td>50 %</td>" in shown
    assert "not a forecast" in shown


def test_a_notebook_shows_the_heat_map_below_the_table(run: ac.Run) -> None:
    shown = run._repr_html_()
    table, _, figure = shown.partition("<figure>")
    assert "hub-closed" in table
    assert figure.startswith("<svg ")
    assert figure.count("</figure>") == 1
    assert "<b>What is left, scenario by system.</b>" in figure


@pytest.mark.parametrize("name", ["heat map", "systems", "waterfall", "last lanes"])
def test_a_notebook_shows_each_figure_with_its_caption(run: ac.Run, name: str) -> None:
    figure = run.figure(name)
    assert figure.name == name
    assert figure._repr_html_() == figure.as_html()
    assert html.escape(figure.caption) in figure.as_html()


def test_the_report_of_a_notebook_is_that_of_a_saved_run(run: ac.Run, tmp_path: Path) -> None:
    alone = run.report(tmp_path / "report.html")
    assert alone.read_bytes() == (run.save(tmp_path / "run") / "report.html").read_bytes()


def test_a_notebook_shows_no_number_that_is_not_certified(
    island: ac.Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analyzer.programme.certificate.WIDTH", -1.0)
    found = ac.compare(island, [island.scenario("hub-closed")])
    assert found._repr_html_().count("uncertified: no number is shown") == 2
    assert "%" not in found._repr_html_()
    assert (found["hub-closed"].capacity, found["hub-closed"].surviving) == (None, None)
    assert repr(found["hub-closed"]) == "<Result hub-closed: uncertified>"


def test_page_and_run_are_written_where_asked(run: ac.Run, tmp_path: Path) -> None:
    page = run.page(tmp_path / "page.html")
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    folder = run.save(tmp_path / "my-run")
    assert folder == tmp_path / "my-run"
    files = read_run(folder)["files"]
    assert {"answer.json", "results.parquet", "page.html"} <= set(files)
    answer = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    assert answer["baseline"]["capacity"] == run["baseline"].capacity


def test_a_saved_run_names_what_was_compared_and_no_file_that_says_otherwise(
    island: ac.Case, tmp_path: Path
) -> None:
    closed = island.scenario("hub-closed")
    own = read_run(ac.compare(island, [closed]).save(tmp_path / "own"))["scenarios"]
    assert own == {"ids": ["hub-closed"], "sha256": island.scenarios_sha256}
    varied = read_run(ac.compare(island, [closed.with_leak(0.5)]).save(tmp_path / "varied"))
    assert varied["scenarios"] == {"ids": ["hub-closed-leak-0.5"], "sha256": ""}


def test_a_run_is_not_written_over_what_is_no_run(run: ac.Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OutputRefusedError, match="neither empty nor an earlier run"):
        run.save(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_run_is_not_written_into_its_own_dataset(tmp_path: Path) -> None:
    aftercut("init", tmp_path / "mine")
    with pytest.raises(OutputRefusedError, match="the input"):
        ac.compare(ac.load(str(tmp_path / "mine")), []).save(tmp_path / "mine")


# --- losses


def test_a_scan_has_what_the_command_finds(island: ac.Case, tmp_path: Path) -> None:
    pairs = ac.scan(island, order=2, over="element")
    assert pairs.certified
    assert repr(pairs) == "<Losses tutorial: 55 pairs over element>"
    assert pairs.hidden_pairs["synergy"].tolist() == pytest.approx([0.1])
    assert len(pairs.wasted_cuts) == 16
    folder = pairs.save(tmp_path / "pairs")
    ran = aftercut("scan", "tutorial", "--order", "2", "--out", str(tmp_path / "same"))
    assert pairs.summary() == "\n".join(ran.out.splitlines()[:-1]) + "\n"
    assert read_run(folder)["files"] == read_run(tmp_path / "same")["files"]


def test_frames_of_a_scan_are_copies(island: ac.Case) -> None:
    losses = ac.scan(island, over="lane")
    table = losses.table
    table.loc[0, "surviving"] = 7.0
    assert losses.table["surviving"].max() <= 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        losses.case = island  # type: ignore[misc]  # what is tried


def test_another_reading_is_loaded_by_name_and_the_others_can_be_tried() -> None:
    case = ac.load("russia-uas", variants={"fibre-fpv": "claim"})
    assert case.tables.variants == {"fibre-fpv": "claim"}
    run = ac.compare(case, [case.scenario("fibre-cut")])
    table = run.on_other_facts().set_index("name")
    assert {"fibre-fpv=between", "fibre-fpv=cable", "origin=brand"} <= set(table.index)
    assert "fibre-fpv=claim" not in table.index
    assert table["certified"].all()
    assert table["moved"].eq("fibre-cut").all()


def test_a_group_that_is_none_is_refused(island: ac.Case) -> None:
    with pytest.raises(ValueError, match="planet"):
        ac.scan(island, over="planet")
