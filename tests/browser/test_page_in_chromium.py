import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from analyzer.network.case import Case
from analyzer.report.page import page
from analyzer.study.compare import Comparison, compare
from scenarios.load import library
from supply_data.load import load
from supply_data.schema import Source, SourceKind, Tables
from tests.browser.reading import Opened, centre, is_clean, lead, pixels, texts, violations, written

pytestmark = pytest.mark.browser


HOSTILE = (
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "javascript:alert(1)",
    "__proto__",
    "${alert(1)}{{7*7}}",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    found = library("tutorial")
    solved = compare(Case(load("tutorial"), tuple(found.scenarios.values())))
    return replace(solved, case=Case(with_sources(solved), solved.case.scenarios))


def with_sources(comparison: Comparison) -> Tables:
    """The tutorial with a source to follow and one that must not be."""
    tables = comparison.case.tables
    sources = {
        "S1": Source(
            source="S1", title="Yearbook", publisher="Office", url="https://example.org/y"
        ),
        "S2": Source(
            source="S2", title="Bulletin", url="https://example.com/b", kind=SourceKind.HOSTILE
        ),
    }
    lanes = {
        key: row.model_copy(update={"source_ids": ("S1", "S2")})
        for key, row in tables.lanes.items()
    }
    return replace(tables, sources=sources, lanes=lanes)


@pytest.fixture(scope="module")
def file(comparison: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(page(comparison), tmp_path_factory.mktemp("page"))


def test_it_opens_without_asking_anything_of_anyone(file: Path, opened: Opened) -> None:
    watched = opened(file)
    assert lead(watched).startswith("90 % of the reference output")
    assert watched.requests == [file.as_uri()]
    assert watched.complaints == []


def test_no_text_but_the_pages_own_can_be_run(file: Path, opened: Opened) -> None:
    watched = opened(file)
    for attempt in (
        "trustedTypes.createPolicy('aftercut', { createScript: (text) => text })",
        "trustedTypes.createPolicy('other', { createScript: (text) => text })",
        "document.createElement('script').text = 'document.title = 1'",
        "document.body.innerHTML = '<b>x</b>'",
    ):
        refused = watched.page.evaluate(
            f"() => {{ try {{ {attempt}; }} catch {{ return true; }} }}"
        )
        assert refused, attempt
    assert watched.page.evaluate("'vis' in globalThis && 'Network' in vis")


def test_every_scenario_shows_the_numbers_of_the_frame(
    file: Path, opened: Opened, comparison: Comparison
) -> None:
    watched = opened(file)
    seen = {pixels(watched)}
    for place, row in list(enumerate(comparison.table.to_dict("records")))[1:]:
        watched.page.select_option("#scenario", str(place))
        percent = f"{round(100 * row['surviving'], 1):g} %"
        assert lead(watched).startswith(percent)
        watched.page.click("#tab-chosen")
        outputs = comparison.systems[comparison.systems["scenario"] == row["scenario"]]
        bars = texts(watched, "#chosen .bars .value")
        assert [float(bar.split(" of ")[0].replace(",", "")) for bar in bars] == pytest.approx(
            outputs["output_per_month"].tolist(), rel=0.01
        )
        seen.add(pixels(watched))
    assert len(seen) == len(comparison.table)
    assert is_clean(watched)


def test_buttons_and_keys_change_the_scenario(file: Path, opened: Opened) -> None:
    watched = opened(file)
    first = texts(watched, "#which")
    watched.page.click("#next")
    second = texts(watched, "#which")
    watched.page.click("#previous")
    assert texts(watched, "#which") == first != second
    watched.page.locator("body").press("ArrowRight")
    assert texts(watched, "#which") == second
    watched.page.locator("body").press("ArrowLeft")
    assert texts(watched, "#which") == first


def test_the_ranking_has_the_worst_first_and_chooses(
    file: Path, opened: Opened, comparison: Comparison
) -> None:
    watched = opened(file)
    worst = comparison.table.sort_values("surviving").iloc[0]
    assert texts(watched, ".ranked:not(.open) .name")[0] == worst["title"]
    assert texts(watched, ".ranked:not(.open) .name")[-1] == "Baseline"
    watched.page.click(".ranked:not(.open) li:first-child button")
    assert texts(watched, "#which") == [worst["title"]]
    assert watched.page.locator(".ranked:not(.open) [aria-current=true]").count() == 1
    watched.page.locator(".ranked:not(.open) li:first-child button").press("ArrowDown")
    assert texts(watched, "#which") != [worst["title"]]


def test_two_scenarios_are_compared(file: Path, opened: Opened) -> None:
    watched = opened(file)
    watched.page.select_option("#scenario", label="Hub closed")
    against_baseline = pixels(watched)
    assert "50 %\n−50 points" in " ".join(texts(watched, "#figures"))
    watched.page.select_option("#versus", label="Hub closed")
    assert pixels(watched) != against_baseline
    assert "2 of 2" in " ".join(texts(watched, "#figures"))


def test_a_click_on_a_box_shows_its_figures(file: Path, opened: Opened) -> None:
    watched = opened(file)
    before = pixels(watched)
    point = centre(watched, "hub:HUB")
    watched.page.mouse.click(point["x"], point["y"])
    assert texts(watched, "#details h2")[0] == "The hub"
    assert pixels(watched) != before
    watched.page.locator("#details details.record").first.click()
    shown = " ".join(texts(watched, "#details details.record >> nth=0"))
    for told in ("Capacity", "USD a month", "assumed", "low confidence", "Yearbook", "Office"):
        assert told in shown
    assert is_clean(watched)


def test_a_click_on_a_curve_shows_what_it_carries(file: Path, opened: Opened) -> None:
    watched = opened(file)
    hub, chip = centre(watched, "out:hub:HUB"), centre(watched, "in:component:chip")
    watched.page.mouse.click((hub["x"] + chip["x"]) / 2, (hub["y"] + chip["y"]) / 2)
    assert texts(watched, "#details h2")[0] == "The hub → Control chip"
    assert "280 units a month" in " ".join(texts(watched, "#details"))
    watched.page.locator("#pane").press("Escape")
    assert watched.page.locator("#details").is_hidden()


def test_a_click_on_a_bottleneck_tells_its_price_and_its_source(file: Path, opened: Opened) -> None:
    watched = opened(file)
    watched.page.select_option("#scenario", label="Hub closed")
    assert "2 elements" in texts(watched, "#figures dd")
    point = centre(watched, "hub:HUB")
    watched.page.mouse.move(point["x"], point["y"])
    assert "◆ bottleneck" in " ".join(texts(watched, "#tip"))
    watched.page.mouse.click(point["x"], point["y"])
    watched.page.locator("#details summary", has_text="The hub → The island").click()
    shown = " ".join(texts(watched, "#details details[open]")).replace("\n", " ")
    for told in (
        "◆ bottleneck",
        "Losing 1 % costs nothing",
        "Gaining 1 % earns 1.25 % of baseline capacity",
        "0.025 points for each USD 1 a month, up to 800",
        "Yearbook",
    ):
        assert told in shown


def test_what_binds_is_listed_with_what_it_costs(
    file: Path, opened: Opened, comparison: Comparison
) -> None:
    watched = opened(file)
    watched.page.select_option("#scenario", label="The same control by origin only")
    watched.page.click("#tab-chosen")
    section = watched.page.locator("#chosen section", has_text="Binding: 4 elements")
    shown = section.locator("summary .note").all_inner_texts()
    assert shown == ["◆ −0.556 %", "◆ −0.333 %", "◆ −0.139 %", "◆ −0.139 %"]


def test_a_claim_shows_what_proves_it(file: Path, opened: Opened) -> None:
    watched = opened(file)
    watched.page.select_option("#scenario", label="Hub closed")
    watched.page.click("#tab-chosen")
    before = pixels(watched)
    claim = watched.page.locator("#chosen .claims button", has_text="largest bottleneck")
    text = claim.inner_text()
    claim.click()
    assert text in texts(watched, "#details .head")[0]
    assert texts(watched, "#details summary .title") == ["The hub → The island (electronics)"]
    assert pixels(watched) != before
    again = opened(file, fragment=watched.page.evaluate("location.hash"))
    assert texts(again, "#details .head") == texts(watched, "#details .head")
    assert pixels(again) == pixels(watched)
    watched.page.click("#next")
    assert "Nothing is selected" in texts(watched, "#details")[0]
    assert is_clean(watched)


def test_the_panel_tells_pillars_weightings_and_what_it_rests_on(
    file: Path, opened: Opened, comparison: Comparison
) -> None:
    watched = opened(file)
    watched.page.select_option("#scenario", label="Hub closed and school halved")
    watched.page.click("#tab-chosen")
    pillars, weightings = watched.page.locator("#chosen .figures-table").all()
    shown = [row.locator(".number").all_inner_texts() for row in pillars.locator("tbody tr").all()]
    found = comparison.outcomes["hub-and-school"].standings
    assert found is not None
    for row, stands in zip(shown, found.values(), strict=True):
        expected = [stands.ceiling / 0.9, stands.relief / 0.9, stands.loss_share]
        assert [float(cell.removesuffix(" %")) for cell in row] == pytest.approx(
            [100 * share for share in expected], abs=0.06
        )
    assert weightings.locator("tbody tr").first.inner_text().split("\t")[1:] == ["48.1 %", "1"]
    assert "100 % assumed" in texts(watched, "#chosen .swatches")[0]
    watched.page.click("#chosen button.inline")
    assert texts(watched, "#details h2")[0] == "Crew-day from The island"


def test_what_nobody_has_listed_is_shown_where_it_costs_most(file: Path, opened: Opened) -> None:
    watched = opened(file)
    watched.page.locator(".ranked.open button", has_text="Simple control chip").click()
    assert texts(watched, "#which") == ["The same control by origin only"]
    assert "Simple control chip from Beta" in texts(watched, "#details h2")[0]


def test_only_friendly_sources_are_links(file: Path, opened: Opened) -> None:
    watched = opened(file)
    watched.page.click("#tab-about")
    link = watched.page.locator("#about a")
    assert link.count() == 1
    assert link.get_attribute("href") == "https://example.org/y"
    assert link.get_attribute("rel") == "noopener noreferrer"
    assert "https://example.com/b" in " ".join(texts(watched, "#about"))


def test_the_keyboard_alone_reaches_a_source(file: Path, opened: Opened) -> None:
    watched = opened(file)
    pane = watched.page.locator("#pane")
    pane.focus()
    pane.press("ArrowRight")
    pane.press("ArrowRight")
    assert watched.page.evaluate("aftercut.model.nodes[aftercut.chosen.node].column") == 1
    assert watched.page.locator("#told").inner_text() != ""
    pane.press("Enter")
    assert watched.page.evaluate("document.activeElement.id") == "details"
    watched.page.locator("#details summary").first.press("Enter")
    assert watched.page.locator("#details details[open]").count() == 1
    pane.press("Escape")
    assert watched.page.evaluate("aftercut.chosen.node") is None


def test_search_selects(file: Path, opened: Opened) -> None:
    watched = opened(file)
    watched.page.fill("#search", "pump bo")
    watched.page.locator("#search").press("Enter")
    assert texts(watched, "#details h2")[0] == "Pump body"


def test_a_permalink_shows_the_same_again(file: Path, opened: Opened) -> None:
    first = opened(file)
    first.page.select_option("#scenario", label="Hub closed")
    first.page.fill("#search", "control chip")
    first.page.locator("#search").press("Enter")
    fragment = first.page.evaluate("location.hash")
    assert "scenario=hub-closed" in fragment
    second = opened(file, fragment=fragment)
    assert texts(second, "#which") == ["Hub closed"]
    assert texts(second, "#details h2") == texts(first, "#details h2")
    assert pixels(second) == pixels(first)
    assert is_clean(second)


@pytest.mark.parametrize(
    "fragment", ["#scenario=nowhere", "#select=%3Cimg%3E", "#edge=999", "#%%%"]
)
def test_a_broken_permalink_shows_the_baseline(file: Path, opened: Opened, fragment: str) -> None:
    watched = opened(file, fragment=fragment)
    assert texts(watched, "#which") == ["Baseline"]
    assert watched.complaints == []


def test_the_table_tells_what_the_frame_tells_and_sorts(
    file: Path, opened: Opened, comparison: Comparison
) -> None:
    watched = opened(file)
    watched.page.click("#tab-table")
    assert watched.page.locator("#pane").is_hidden()
    rows = {
        (cells[0], cells[1]): cells[3]
        for cells in (
            row.locator("td").all_inner_texts()
            for row in watched.page.locator("#sheet tbody tr").all()
        )
    }
    flows = comparison.flows
    brought = flows[(flows["scenario"] == "baseline") & (flows["element"] == "lane:hub-isle")]
    assert float(rows["The hub", "Control chip"]) == pytest.approx(
        brought["arrived_per_month"].sum(), rel=0.01
    )
    watched.page.click("#sheet th:first-child button")
    names = texts(watched, "#sheet tbody td:first-child")
    assert names == sorted(names)
    assert watched.page.locator("#sheet th[aria-sort=ascending]").count() == 1


def test_the_saved_table_is_the_table_that_is_shown(file: Path, opened: Opened) -> None:
    watched = opened(file)
    watched.page.click("#tab-table")
    with watched.page.expect_download() as saved:
        watched.page.click("#csv")
    assert saved.value.suggested_filename == "tutorial-baseline.csv"
    text = Path(saved.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 1 + watched.page.locator("#sheet tbody tr").count()
    assert rows[1][0] == texts(watched, "#sheet tbody td:first-child")[0]


def test_the_saved_picture_is_a_picture(file: Path, opened: Opened) -> None:
    watched = opened(file)
    with watched.page.expect_download() as saved:
        watched.page.click("#png")
    assert Path(saved.value.path()).read_bytes().startswith(b"\x89PNG")
    assert is_clean(watched)


def test_idle_curves_are_shown_when_asked_for(file: Path, opened: Opened) -> None:
    watched = opened(file)
    watched.page.select_option("#scenario", label="Hub closed")
    watched.page.select_option("#versus", label="Hub closed")
    before = pixels(watched)
    watched.page.check("#idle")
    assert pixels(watched) != before


def test_larger_scrolls_and_fit_returns(file: Path, opened: Opened) -> None:
    watched = opened(file)
    width = "document.querySelector('#canvas').offsetWidth"
    fitted = watched.page.evaluate(width)
    watched.page.click("#larger")
    assert watched.page.evaluate(width) > 1.2 * fitted
    watched.page.click("#fit")
    assert watched.page.evaluate(width) == fitted


@pytest.mark.parametrize("width", [1024, 1440, 3840])
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_is_wider_than_the_window(
    file: Path,
    opened: Opened,
    width: int,
    dark: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    watched = opened(file, width=width, dark=dark)
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert watched.page.evaluate(overflow) <= 0
    assert watched.page.evaluate("aftercut.model.nodes.every((node) => node.box.font >= 11)")
    assert is_clean(watched)


def test_boxes_do_not_overlap(file: Path, opened: Opened) -> None:
    watched = opened(file)
    overlapping = """() => aftercut.model.columns.some((_, place) => {
      const boxes = aftercut.model.nodes.filter((node) => node.column === place)
        .map((node) => ({ y: aftercut.network.getPosition(node.id).y, h: node.box.height }))
        .sort((a, b) => a.y - b.y);
      return boxes.some((box, i) => i && boxes[i - 1].y + boxes[i - 1].h / 2 > box.y - box.h / 2);
    })"""
    assert watched.page.evaluate(overlapping) is False


@pytest.mark.parametrize("width", [1024, 1440])
@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_no_fault_in_any_view(
    file: Path,
    opened: Opened,
    axe: str,
    width: int,
    dark: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    watched = opened(file, width=width, dark=dark, fragment="#scenario=hub-and-school")
    for tab in ("scenarios", "chosen", "about", "table"):
        watched.page.click(f"#tab-{tab}")
        assert violations(watched, axe) == [], tab
    watched.page.fill("#search", "control chip")
    watched.page.locator("#search").press("Enter")
    watched.page.locator("#details summary").first.click()
    assert violations(watched, axe) == []


def test_axe_finds_a_fault_that_is_there(file: Path, opened: Opened, axe: str) -> None:
    watched = opened(file)
    watched.page.evaluate("document.querySelector('#search').removeAttribute('aria-label')")
    watched.page.evaluate("document.querySelector('#search').removeAttribute('placeholder')")
    assert any(found.startswith("label") for found in violations(watched, axe))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_stay_text(
    comparison: Comparison, opened: Opened, tmp_path: Path, text: str
) -> None:
    watched = opened(written(page(with_names(comparison, text)), tmp_path))
    for tab in ("#tab-table", "#tab-graph", "#tab-about", "#tab-chosen", "#tab-scenarios"):
        watched.page.click(tab)
    watched.page.select_option("#scenario", "3")
    point = centre(watched, "hub:HUB")
    watched.page.mouse.move(point["x"], point["y"])
    watched.page.mouse.click(point["x"], point["y"])
    assert texts(watched, "#details h2")[0] == text
    assert texts(watched, "#tip strong") == [text]
    assert watched.page.locator("img, iframe, object, embed, form, base").count() == 0
    assert watched.page.locator("script").count() == 3
    assert watched.page.evaluate("({}).polluted") is None
    assert is_clean(watched)


def with_names(comparison: Comparison, text: str) -> Comparison:
    tables = comparison.case.tables
    named = {"name": text, "note": text}
    return replace(
        comparison,
        table=comparison.table.assign(title=text),
        measures=comparison.measures.assign(title=text, note=text),
        systems=comparison.systems.assign(name=text),
        case=Case(
            replace(
                tables,
                settings=tables.settings.model_copy(update={"title": text, "summary": text}),
                places={k: v.model_copy(update={"name": text}) for k, v in tables.places.items()},
                components={k: v.model_copy(update=named) for k, v in tables.components.items()},
                systems={k: v.model_copy(update=named) for k, v in tables.systems.items()},
            ),
            comparison.case.scenarios,
        ),
    )
