"""The report in a real browser, opened from disk with the network off: read, unfolded, printed."""

from dataclasses import replace
from pathlib import Path

import pytest

from analyzer.network.case import Case, case
from analyzer.report.kept import kept
from analyzer.report.report import report
from analyzer.study.compare import Comparison, compare
from supply_data.schema import Source, SourceKind
from tests.browser.reading import Opened, is_clean, violations, written

pytestmark = pytest.mark.browser

NASTY = "</title></style><script>alert(1)</script><img src=x onerror=alert(1)>$x_1$"
INVISIBLE = """() => [...document.querySelectorAll('figure svg text')].filter((text) => {
  const own = text.getBoundingClientRect();
  const all = text.ownerSVGElement.getBoundingClientRect();
  return own.left < all.left - 1 || own.right > all.right + 1 || own.top < all.top - 1
    || own.bottom > all.bottom + 1;
}).map((text) => text.textContent)"""


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compare(case("tutorial"))


@pytest.fixture(scope="module")
def file(comparison: Comparison, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(report(kept(comparison)), tmp_path_factory.mktemp("report"))


def test_it_opens_without_asking_anything_of_anyone(file: Path, opened: Opened) -> None:
    watched = opened(file)
    assert watched.page.locator("h1").inner_text() == "Solar pumps and street lamps for an island"
    assert watched.requests == [file.as_uri()]
    assert is_clean(watched)


def test_the_style_sheet_passes_its_own_policy(file: Path, opened: Opened) -> None:
    watched = opened(file)
    width = "getComputedStyle(document.querySelector('main')).maxWidth"
    assert watched.page.evaluate(width) == "960px"


@pytest.mark.parametrize("width", [1024, 1440])
@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_no_fault(
    file: Path,
    opened: Opened,
    axe: str,
    width: int,
    dark: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    watched = opened(file, width=width, dark=dark)
    watched.page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true })")
    assert violations(watched, axe) == []


@pytest.mark.parametrize("width", [360, 1024, 3840])
def test_nothing_is_wider_than_the_window_and_no_label_is_cut_off(
    file: Path, opened: Opened, width: int
) -> None:
    watched = opened(file, width=width)
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    assert watched.page.evaluate(INVISIBLE) == []


def test_a_link_in_the_ranking_unfolds_its_scenario(file: Path, opened: Opened) -> None:
    watched = opened(file)
    watched.page.locator("#ranking a").last.click()
    shown = watched.page.locator("#s5")
    shown.wait_for(state="visible")
    assert "origin-control" in shown.inner_text()


def test_printed_is_what_is_unfolded_and_where_it_stands(file: Path, opened: Opened) -> None:
    watched = opened(file)
    watched.page.emulate_media(media="print")
    assert watched.page.locator("#s1").is_visible()
    assert watched.page.locator("#s5").is_hidden()
    assert watched.page.locator(".scenario h3").last.is_visible()
    assert watched.page.locator("nav").is_hidden()


def test_hostile_texts_stay_text(comparison: Comparison, opened: Opened, tmp_path: Path) -> None:
    tables = comparison.case.tables
    nasty = replace(
        tables,
        settings=tables.settings.model_copy(update={"title": NASTY, "summary": NASTY}),
        places={k: p.model_copy(update={"name": NASTY}) for k, p in tables.places.items()},
        systems={k: s.model_copy(update={"name": NASTY}) for k, s in tables.systems.items()},
        sources={"S": Source(source="S", title=NASTY, url="javascript:1", kind=SourceKind.HOSTILE)},
    )
    run = kept(compare(Case(nasty, scenarios=comparison.case.scenarios)))
    watched = opened(written(report(run), tmp_path))
    assert watched.page.locator("h1").inner_text() == NASTY
    assert watched.page.locator("script, img, iframe").count() == 0
    assert is_clean(watched)
