"""The report says what the answer says, runs nothing, and can be made again from the files."""

import json
import re
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from shutil import copytree

import pytest

from analyzer.network.case import Case, case
from analyzer.report.kept import Kept, kept, read_kept, with_months, with_scan
from analyzer.report.kept_months import months
from analyzer.report.pictures import overview, picture
from analyzer.report.report import report
from analyzer.report.run_folder import (
    RUN,
    ChangedRunError,
    NoReportError,
    OutputRefusedError,
    UnfinishedRunError,
    read_run,
    rewrite,
    run_folder,
    sealed,
)
from analyzer.report.sections import in_short, losses, ranking, scenarios
from analyzer.report.words import percent
from analyzer.report.written import write
from analyzer.study.compare import Comparison, compare
from scenarios.schema import Scenario
from supply_data.doubts import Assumption, Doubts
from supply_data.schema import Source, SourceKind
from supply_data.variants import Contradiction, Variants
from tests.command_line import aftercut
from tests.networks_by_hand import diamond

NASTY = "</style><script>alert(1)</script>\"'>${x}$y_1$&amp;{{7*7}}\u202e"
VOID = {"meta", "link", "br"}


@pytest.fixture(scope="module")
def island() -> Comparison:
    return compare(case("tutorial"))


@pytest.fixture(scope="module")
def run(island: Comparison) -> Kept:
    return kept(island)


@pytest.fixture(scope="module")
def html(run: Kept) -> str:
    return report(run)


@pytest.fixture(scope="module")
def finished(island: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "out"
    with run_folder(folder) as held:
        write(island, held, started=datetime(2026, 3, 1, tzinfo=UTC))
    return folder


@pytest.fixture
def folder(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return Path(copytree(finished, tmp_path / "out"))


class Document(HTMLParser):
    """What stands in a document: its tags, and which of them are open at the end."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


# --- what it says


def test_every_number_of_the_ranking_is_that_of_the_answer(run: Kept, html: str) -> None:
    shown = Document(html).text
    for row, told in zip(run.costly, ranking(run), strict=True):
        assert told["survives"] == percent(row["surviving"])
        assert told["at_once"] == percent(row["at_once"])
        assert told["title"] in shown
        assert told["survives"] in shown
    assert [row["key"] for row in ranking(run)] == [
        *("hub-and-school", "hub-closed", "brand-control", "school-halved", "origin-control"),
    ]


def test_the_answer_names_what_leaves_least_and_that_it_is_no_forecast(run: Kept) -> None:
    told = " ".join(in_short(run))
    assert told.startswith("The baseline can field 90 % of the reference output. Of 5 scenarios 5")
    assert "“Hub closed and school halved” leaves least: 48.1 % could survive" in told
    assert "Of those with one measure, “Hub closed” leaves least, 50 %." in told
    assert told.endswith("not a forecast.")


def test_a_scenario_is_told_with_all_that_was_found_of_it(run: Kept) -> None:
    worst = scenarios(run)[0]
    assert [row["loss"] for row in worst["pillars"]] == ["0 %", "14.8 %", "37 %"]
    assert worst["limits"][0]["title"] == "Crew-day from The island"
    assert worst["limits"][0]["loss"] == "0.593 %"
    assert {row["effect"] for row in worst["measures"]} == {"bites"}
    alpha = next(row for row in worst["origins"] if row["name"] == "Alpha")
    assert (alpha["before"], alpha["after"], alpha["change"]) == (
        "2,800",
        "0",
        "\N{MINUS SIGN}2,800",
    )
    assert [drawn.name for drawn in worst["pictures"]] == ["systems", "waterfall", "last lanes"]


def test_only_the_worst_are_drawn_and_all_have_their_numbers(run: Kept) -> None:
    told = scenarios(run)
    assert [bool(row["pictures"]) for row in told] == [True, True, True, False, False]
    assert all(row["systems"] for row in told)


def test_what_costs_nothing_is_folded_with_its_reason() -> None:
    calm = Scenario(id="calm", title="Calm")
    html = report(kept(compare(Case(diamond(), scenarios=(calm,)))))
    assert "1 scenario that costs nothing after re-planning" in html
    assert '<details class="scenario"' not in html


def test_a_baseline_alone_is_a_report_too() -> None:
    html = report(kept(compare(Case(diamond()))))
    assert "Scenario by scenario" not in html
    assert Document(html).open == []


def test_nothing_certified_shows_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.programme.certificate.WIDTH", -1.0)
    run = kept(compare(case("tutorial", ["hub-closed"])))
    html = report(run)
    assert in_short(run)[0] == "The baseline is uncertified: no share of it is shown."
    assert overview(run) is None
    assert html.count("uncertified: no number is shown") == 2
    answer = html.partition("Concentration, single points")[0].partition("<main>")[2]
    assert not re.search(r"\d %", answer)


# --- what it lets happen


def test_it_asks_for_nothing_and_runs_nothing(html: str) -> None:
    document = Document(html)
    assert not {"script", "img", "iframe", "object", "embed", "form"} & set(document.tags)
    assert not [name for name, _ in document.attributes if name.startswith("on")]
    assert not [name for name, _ in document.attributes if name in {"style", "src"}]
    policy = next(value for name, value in document.attributes if name == "content" and value)
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert "default-src 'none'" in policy
    assert "script-src 'none'" in policy
    assert f"style-src 'sha256-{digest}'" in policy
    assert "url(" not in style


def test_it_is_well_formed_and_no_id_stands_twice(html: str) -> None:
    document = Document(html)
    ids = [value for name, value in document.attributes if name == "id"]
    assert document.open == []
    assert len(ids) == len(set(ids))
    links = [v for name, v in document.attributes if name == "href" and v and v.startswith("#")]
    assert {link[1:] for link in links} <= set(ids)


def test_whatever_a_name_holds_is_text(island: Comparison) -> None:
    tables = island.case.tables
    doubts = Doubts(
        (Assumption(assumption="a", central="1", reason=NASTY, what_would_settle_it=NASTY),),
        Variants((Contradiction(contradiction="c", what=NASTY, source_ids=("S1",)),)),
    )
    nasty = replace(
        tables,
        settings=tables.settings.model_copy(
            update={"title": NASTY, "summary": NASTY, "notes": NASTY, "licence": NASTY}
        ),
        places={k: p.model_copy(update={"name": NASTY}) for k, p in tables.places.items()},
        components={k: c.model_copy(update={"name": NASTY}) for k, c in tables.components.items()},
        systems={k: s.model_copy(update={"name": NASTY}) for k, s in tables.systems.items()},
        sources={
            "S1": Source(source="S1", title=NASTY, publisher=NASTY, url=f"https://x.org/{NASTY}"),
            "S2": Source(source="S2", url="https://x.org/", kind=SourceKind.HOSTILE),
        },
    )
    tried = tuple(
        each.model_copy(update={"title": f"{n} {NASTY}", "summary": NASTY})
        for n, each in enumerate(island.case.scenarios)
    )
    run = kept(compare(Case(nasty, scenarios=tried, doubts=doubts)))
    document = Document(report(run))
    assert "script" not in document.tags
    assert "\u202e" not in "".join(document.text)
    assert [v for name, v in document.attributes if name == "href" and v and "x.org" in v] == []
    assert "$y_1$" in "".join(document.text)


def test_a_hostile_source_is_marked_and_its_address_is_no_link(island: Comparison) -> None:
    tables = replace(
        island.case.tables,
        sources={
            "S1": Source(source="S1", title="Yearbook", url="https://example.org/y"),
            "S2": Source(source="S2", title="B", url="https://x.org/b", kind=SourceKind.HOSTILE),
        },
    )
    html = report(kept(replace(island, case=Case(tables, island.case.scenarios))))
    assert '<a href="https://example.org/y" rel="noopener noreferrer">Yearbook</a>' in html
    assert '<span class="address">https://x.org/b</span>' in html
    assert html.count("⚠ hostile") == 1


# --- pictures by name


def test_a_picture_is_asked_for_by_name(run: Kept) -> None:
    assert picture(run, "heat map").caption.startswith("5 scenarios, the one that leaves least")
    shown = picture(run, "waterfall", scenario="hub-and-school")
    assert "Partnership carries most, 37 %" in shown.caption
    assert shown.as_html().startswith("<figure><svg ")


def test_a_misspelt_picture_or_scenario_is_answered_with_the_nearest(run: Kept) -> None:
    with pytest.raises(ValueError, match=r"'heatmap'.*'heat map'"):
        picture(run, "heatmap")
    with pytest.raises(KeyError, match="hub-closed"):
        picture(run, "systems", scenario="hub-close")


def test_where_there_is_nothing_to_draw_that_is_said() -> None:
    run = kept(compare(Case(diamond(), scenarios=(Scenario(id="calm"),))))
    with pytest.raises(ValueError, match="nothing to draw in 'waterfall'"):
        picture(run, "waterfall")


# --- made again


def test_a_run_keeps_all_that_its_report_is_made_from(island: Comparison, folder: Path) -> None:
    assert report(read_kept(folder)) == report(kept(island))
    assert (folder / "report.html").read_text(encoding="utf-8") == report(kept(island))


def test_a_report_made_again_is_the_same_to_the_byte(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    ran = aftercut("report", folder)
    assert (ran.code, ran.out, ran.err) == (0, f"{folder / 'report.html'}\n", "")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("harm", ["missing", "changed", "older"])
def test_a_report_that_is_lost_or_differs_is_put_right(folder: Path, harm: str) -> None:
    path = folder / "report.html"
    before = path.read_bytes()
    if harm == "missing":
        path.unlink()
    else:
        path.write_text("another")
    if harm == "older":  # as an earlier version would have left it
        manifest = json.loads((folder / RUN).read_bytes())
        manifest["files"]["report.html"] = sha256(b"another").hexdigest()
        (folder / RUN).write_text(sealed(manifest), encoding="utf-8")
    assert aftercut("report", folder).code == 0
    assert path.read_bytes() == before
    assert read_run(folder)["files"]["report.html"] == sha256(before).hexdigest()


@pytest.mark.parametrize("name", ["answer.json", "about.json", "changes.parquet", "results.csv"])
def test_a_changed_file_is_refused_and_nothing_is_written(folder: Path, name: str) -> None:
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    (folder / "report.html").unlink()
    ran = aftercut("report", folder)
    assert ran.code == 2
    assert name in ran.err
    assert not (folder / "report.html").exists()
    with pytest.raises(ChangedRunError):
        read_kept(folder)


def test_a_run_that_did_not_end_is_refused(folder: Path) -> None:
    (folder / RUN).unlink()
    assert aftercut("report", folder).code == 2
    with pytest.raises(UnfinishedRunError):
        read_kept(folder)
    assert aftercut("report", "nowhere").code == 2
    assert not Path("nowhere").exists()


def test_a_run_of_which_no_report_is_made_is_refused(tmp_path: Path) -> None:
    with run_folder(tmp_path / "old") as held:
        held.write_text("answer.json", "{}")
        held.finish({})
    with pytest.raises(NoReportError, match=r"about\.json: a report is made of what"):
        read_kept(tmp_path / "old")


def test_a_run_from_before_other_facts_were_tried_is_refused(folder: Path) -> None:
    answered = json.loads((folder / "answer.json").read_bytes())
    text = json.dumps({key: each for key, each in answered.items() if key != "variants"})
    (folder / "answer.json").write_text(text, encoding="utf-8")
    manifest = json.loads((folder / RUN).read_bytes())
    manifest["files"]["answer.json"] = sha256(text.encode()).hexdigest()
    (folder / RUN).write_text(sealed(manifest), encoding="utf-8")
    with pytest.raises(NoReportError, match="earlier version"):
        read_kept(folder)


def test_a_folder_that_is_being_written_is_refused(folder: Path) -> None:
    with run_folder(folder), pytest.raises(OutputRefusedError, match="another run is writing"):
        rewrite(folder, "report.html", "text")


# --- beside a scan


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scan") / "out"
    assert aftercut("scan", "tutorial", "--out", folder).code == 0
    return folder


def test_single_cuts_are_told_where_there_was_a_scan(finished: Path, lost: Path) -> None:
    run = read_kept(finished)
    assert losses(run) is None
    found = losses(with_scan(run, lost))
    assert found is not None
    first, *_ = found["rows"]
    assert (first["title"], first["survives"]) == ("Crew-day from The island", "0 %")
    told = {row["title"]: (row["survives"], row["next"]) for row in found["rows"]}
    assert told["Pump body from Gamma"] == ("55.6 %", "Pump body from Gamma")
    assert told["Beta → The island (electronics)"] == ("88.9 %", "Control chip from Alpha")
    assert (len(found["rows"]), found["more"], found["harmless"]) == (8, 0, 3)


def test_report_with_a_scan_is_made_by_the_command(
    finished: Path, lost: Path, tmp_path: Path
) -> None:
    folder = copytree(finished, tmp_path / "run")
    plain = (folder / "report.html").read_bytes()
    assert aftercut("report", folder, "--scan", lost).code == 0
    assert b'id="losses"' in (folder / "report.html").read_bytes()
    assert b'id="losses"' not in plain
    read_run(folder)  # its hash is that of the report as it stands
    assert aftercut("report", folder).code == 0
    assert (folder / "report.html").read_bytes() == plain


def test_a_scan_of_something_else_is_refused_by_what_differs(
    finished: Path, lost: Path, tmp_path: Path
) -> None:
    folder = copytree(finished, tmp_path / "run")
    before = (folder / "report.html").read_bytes()
    other = tmp_path / "other"
    assert aftercut("scan", "tutorial", "--weighting", "units", "--out", other).code == 0
    refused = aftercut("report", folder, "--scan", other)
    assert (refused.code, "another weighting" in refused.err) == (2, True)
    refused = aftercut("report", folder, "--scan", finished)
    assert (refused.code, "holds no scan" in refused.err) == (2, True)
    assert (folder / "report.html").read_bytes() == before


# --- beside a horizon


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("horizon") / "out"
    options = ("--dataset", "tutorial", "--months", "9", "--graphs", "none", "--out", folder)
    assert aftercut("horizon", *options).code == 0
    return folder


def test_months_are_told_where_they_were_followed(finished: Path, followed: Path) -> None:
    run = read_kept(finished)
    assert months(run) is None
    found = months(with_months(run, followed))
    assert found is not None
    assert (found["count"], found["foresight"], found["more"]) == (9, "rolling", 0)
    told = {row["title"]: row for row in found["rows"]}
    closed = told["Hub closed"]
    assert closed["exposed"]
    assert closed["cells"][1:] == ["50 % in month 8", "month 1", "not by the end", "2.0"]
    first, *_ = found["drawn"]
    assert [picture.name for picture in first["pictures"]] == ["curve-1", "systems-1"]


def test_report_with_months_is_made_by_the_command(
    finished: Path, followed: Path, tmp_path: Path
) -> None:
    folder = copytree(finished, tmp_path / "run")
    plain = (folder / "report.html").read_bytes()
    assert aftercut("report", folder, "--horizon", followed).code == 0
    made = (folder / "report.html").read_bytes()
    assert b'id="months"' in made
    assert b'id="curve-1-title"' in made
    assert b'id="months"' not in plain
    read_run(folder)  # its hash is that of the report as it stands


def test_a_horizon_of_something_else_is_refused_by_what_differs(
    finished: Path, lost: Path, tmp_path: Path
) -> None:
    folder = copytree(finished, tmp_path / "run")
    other = tmp_path / "other"
    options = ("--dataset", "tutorial", "--months", "2", "--weighting", "units", "--out", other)
    assert aftercut("horizon", "hub-closed", *options).code == 0
    refused = aftercut("report", folder, "--horizon", other)
    assert (refused.code, "another weighting" in refused.err) == (2, True)
    refused = aftercut("report", folder, "--horizon", lost)
    assert (refused.code, "holds no horizon" in refused.err) == (2, True)
