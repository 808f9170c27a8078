"""The graph of any month in a real browser, opened from disk with the network off."""

from pathlib import Path

import pytest

from analyzer.network.case import case
from analyzer.report.over_time_page import over_time_pages
from analyzer.report.words import percent
from analyzer.study.horizon import Asked, Horizon, horizon
from tests.browser.reading import Opened, Watched, is_clean, lead, pixels, texts, violations

pytestmark = pytest.mark.browser

MONTHS = 9
LARGEST = 800_000  # bytes of a page
STATES = """(month) => { const { model, chosen, at } = aftercut;
  return Object.fromEntries(model.edges.map((edge) => [
    `${model.nodes[edge.from].id};${model.nodes[edge.to].id}`,
    [at(edge.amount, month), at(edge.open, month)],
  ])); }"""


@pytest.fixture(scope="module")
def found() -> Horizon:
    island = case("tutorial", ("hub-closed",))
    return horizon(island, island.scenarios, asked=Asked(MONTHS, graphs=True))


@pytest.fixture(scope="module")
def folder(found: Horizon, tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("months")
    for name, text in over_time_pages(found).items():
        (where / name).write_text(text, encoding="utf-8")
    return where


@pytest.fixture(scope="module")
def file(folder: Path) -> Path:
    return folder / "months-1.html"


def move(watched: Watched, month: int) -> None:
    """Move the slider, as a hand does."""
    watched.page.locator("#month").fill(str(month))


def test_it_opens_without_asking_anything_of_anyone(file: Path, opened: Opened) -> None:
    watched = opened(file)
    assert watched.requests == [file.as_uri()]
    assert is_clean(watched)
    assert file.stat().st_size < LARGEST


def test_the_curves_link_to_the_months(folder: Path, opened: Opened) -> None:
    watched = opened(folder / "horizon.html")
    watched.page.get_by_role("link", name="The graph of any month").click()
    watched.page.locator("body:not([aria-busy])").wait_for()
    assert watched.page.url.startswith((folder / "months-1.html").as_uri())
    assert watched.page.locator("#months").is_visible()


def test_every_month_shows_the_numbers_of_the_frame(
    file: Path, found: Horizon, opened: Opened
) -> None:
    watched = opened(file)
    shares = found.curve["surviving"].tolist()
    last = int(watched.page.get_attribute("#month", "max") or 0)
    assert last >= MONTHS - 1
    for month in range(1, last + 1):
        move(watched, month)
        assert watched.page.locator("#month-now").inner_text() == f"Month {month}"
        assert lead(watched).startswith(percent(shares[month - 1]))
        assert f"scenario=month-{month}" in watched.page.url
    assert is_clean(watched)


def test_the_slider_changes_the_picture_and_what_is_cut(file: Path, opened: Opened) -> None:
    watched = opened(file)
    before = pixels(watched)
    move(watched, 8)
    assert pixels(watched) != before
    steady, cut = (watched.page.evaluate(STATES, month) for month in (0, 8))
    shut = [edge for edge, (_, left) in cut.items() if left == 0]
    assert shut
    assert all("hub:HUB" in edge for edge in shut)
    assert all(cut[edge][0] == 0 for edge in shut)
    assert any(amount > 0 for amount, left in steady.values() if left == 1)


def test_keys_and_buttons_step_through_months(file: Path, opened: Opened) -> None:
    watched = opened(file)
    watched.page.focus("#month")
    watched.page.keyboard.press("ArrowRight")
    watched.page.keyboard.press("ArrowRight")
    assert watched.page.locator("#month-now").inner_text() == "Month 2"
    watched.page.click("#next")
    assert watched.page.input_value("#month") == "3"
    watched.page.click("#previous")
    assert watched.page.input_value("#month") == "2"
    assert "2" in (watched.page.get_attribute("#month", "aria-valuetext") or "")


def test_stocks_are_told_as_they_are_drawn_on(file: Path, found: Horizon, opened: Opened) -> None:
    watched = opened(file)
    move(watched, 1)
    watched.page.click("#tab-chosen")
    (graphs,) = found.graphs
    left = graphs.stocks.set_index("month")["left"]
    for month in (1, 8):
        move(watched, month)
        told = " ".join(texts(watched, "#chosen .bars li"))
        assert percent(left[month]) in told
    assert "1 of 1" in " ".join(texts(watched, "#figures > div"))


def test_two_months_are_set_against_each_other(file: Path, opened: Opened) -> None:
    watched = opened(file, fragment="#scenario=month-8&against=month-2")
    assert watched.page.locator("#month-now").inner_text() == "Month 8"
    assert "against “Month 2”" in watched.page.locator("#which").inner_text()
    watched.page.click("#tab-table")
    assert watched.page.locator("#sheet tbody tr").count() > 3


def test_no_price_is_told_of_a_month(file: Path, opened: Opened) -> None:
    watched = opened(file, fragment="#scenario=month-3")
    watched.page.click("#tab-chosen")
    assert "Binding" not in watched.page.locator("#chosen").inner_text()
    assert not watched.page.locator(".legend .limits").first.is_visible()


@pytest.mark.parametrize("width", [1024, 1440])
@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_no_fault(
    file: Path,
    opened: Opened,
    axe: str,
    width: int,
    dark: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    watched = opened(file, fragment="#scenario=month-3", width=width, dark=dark)
    watched.page.click("#tab-chosen")
    assert violations(watched, axe) == []
