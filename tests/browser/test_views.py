"""Filters, folds, pages of one class, and the pictures that are saved of them."""

import csv
import io
import json
import zlib
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Download

from analyzer.network.case import Case
from analyzer.report.page import packed, page
from analyzer.report.words import visible
from analyzer.study.compare import compare
from benchmarks.networks import Size, network
from scenarios.load import library
from scenarios.schema import Measure, Scenario
from supply_data.load import load
from supply_data.schema import Source
from tests.browser.reading import (
    Opened,
    Watched,
    centre,
    is_clean,
    pixels,
    texts,
    violations,
    written,
)
from tests.report.payloads import PAYLOADS, everywhere

pytestmark = pytest.mark.browser

LARGE = Size(
    origins=40, hubs=30, components=240, subassemblies=6, systems=36, lanes=240,
    categories=8, slots=12, brands=3,
)  # fmt: skip
MOST = 300
SHOWN = "aftercut.shown().nodes.map((index) => aftercut.model.nodes[index].id)"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tuple(library("tutorial").scenarios.values())
    return written(page(compare(Case(load("tutorial"), found))), tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More nodes than can be drawn beside each other, and one loss."""
    tables = network(1, LARGE)
    where = {"table": "supplies", "supply": next(iter(tables.supplies))}
    lost = Measure.model_validate({"id": "lost", "where": where, "cut": 1})
    case = Case(tables, (Scenario(id="lost", measures=(lost,)),))
    return written(page(compare(case)), tmp_path_factory.mktemp("large"))


def boxes(watched: Watched) -> list[str]:
    """Ids of the boxes that are drawn."""
    return list(watched.page.evaluate(SHOWN))


def rows(watched: Watched) -> list[tuple[str, ...]]:
    """From, to and state of each row of the table."""
    watched.page.click("#tab-table")
    cells = watched.page.evaluate(
        "[...document.querySelectorAll('#sheet tbody tr')]"
        ".map((row) => [...row.children].slice(0, 3).map((cell) => cell.textContent))"
    )
    watched.page.click("#tab-graph")
    return [tuple(row) for row in cells]


def choose(watched: Watched, name: str, value: str) -> None:
    if watched.page.locator("#filter-menu").is_hidden():
        watched.page.click("#filters summary")
    watched.page.select_option(f"#filter-{name}", value)


# --- filters


@pytest.mark.parametrize(
    ("name", "value", "goods"),
    [
        ("category", "electronics", {"Control chip", "Simple control chip"}),
        ("pillar", "training", {"Crew-day"}),
        ("brand", "Beta", {"Simple control chip"}),
    ],
)
def test_a_filter_leaves_the_classes_that_it_names(
    file: Path, opened: Opened, name: str, value: str, goods: set[str]
) -> None:
    watched = opened(file, fragment="#idle=yes")
    whole, before = rows(watched), pixels(watched)
    choose(watched, name, value)
    left = rows(watched)
    named = {row[0] for row in left if row[1] in {"Solar pump", "Street lamp"}}
    assert named == goods
    assert set(left) < set(whole)
    assert pixels(watched) != before
    assert value in texts(watched, "#filter-said")[0]
    watched.page.click("#filters summary")
    watched.page.click("#filter-menu button")
    assert rows(watched) == whole


def test_a_filter_by_state_leaves_what_is_in_it(file: Path, opened: Opened) -> None:
    watched = opened(file, fragment="#scenario=hub-closed")
    choose(watched, "state", "cut")
    assert {row[2] for row in rows(watched)} == {"\N{MULTIPLICATION X} cut"}
    choose(watched, "state", "binds")
    assert rows(watched)
    watched.page.select_option("#scenario", "0")
    choose(watched, "state", "more")
    assert rows(watched) == []


def test_filters_stand_in_the_link_and_in_what_is_saved(file: Path, opened: Opened) -> None:
    first = opened(file, fragment="#scenario=hub-closed")
    choose(first, "category", "electronics")
    choose(first, "state", "cut")
    fragment = first.page.evaluate("location.hash")
    second = opened(file, fragment=fragment)
    assert texts(second, "#filter-said") == texts(first, "#filter-said")
    shown = rows(second)
    assert shown == rows(first)
    saved = list(csv.reader(io.StringIO(text_of(downloaded(second, "csv")))))
    assert [tuple(row[:3]) for row in saved[1:]] == shown
    assert is_clean(second)


# --- pictures


def downloaded(watched: Watched, kind: str) -> Download:
    with watched.page.expect_download() as saved:
        watched.page.click(f"#{kind}")
    return saved.value


def text_of(saved: Download) -> str:
    return Path(saved.path()).read_text(encoding="utf-8-sig")


def test_the_saved_drawing_holds_what_the_page_shows(file: Path, opened: Opened) -> None:
    watched = opened(file, fragment="#scenario=hub-closed&select=hub:BETA")
    saved = downloaded(watched, "svg")
    assert saved.suggested_filename == "tutorial-hub-closed.svg"
    drawing = text_of(saved)
    # on a page of its own, since ours lets nothing be parsed
    alone = watched.page.context.new_page()
    parsed = alone.evaluate(
        """(text) => {
          const svg = new DOMParser().parseFromString(text, "image/svg+xml");
          const of = (name) => [...svg.getElementsByTagName(name)];
          return {
            texts: of("text").map((each) => each.textContent),
            dashed: of("path").filter((path) => path.getAttribute("stroke-dasharray")).length,
            curves: of("path").filter((path) => path.getAttribute("d").includes("C")).length,
            odd: of("*").map((each) => each.tagName)
              .filter((name) => !["svg", "g", "path", "rect", "text", "clipPath"].includes(name)),
          };
        }""",
        drawing,
    )
    alone.close()
    for name in ("The hub", "Control chip", "Solar pump", "50 % could survive"):
        assert any(name in text for text in parsed["texts"]), name
    assert parsed["odd"] == []
    visible = watched.page.evaluate(
        "aftercut.network.body.data.edges.get({ filter: (edge) => !edge.hidden }).length"
    )
    assert parsed["curves"] == visible > 0
    assert parsed["dashed"] > 0


def test_the_drawing_is_the_picture(file: Path, opened: Opened) -> None:
    watched = opened(file, fragment="#scenario=hub-closed")
    drawing = text_of(downloaded(watched, "svg"))
    apart = watched.page.evaluate(
        """async (text) => {
          const image = new Image();
          image.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
          await image.decode();
          const canvas = document.querySelector("#canvas canvas"), { width, height } = canvas;
          const other = document.createElement("canvas");
          Object.assign(other, { width, height });
          const ctx = other.getContext("2d");
          const scale = width / image.naturalWidth;
          ctx.drawImage(image, 0, -92 * scale, width, image.naturalHeight * scale);
          const dots = (each) => each.getImageData(0, 0, width, height).data;
          const [one, two] = [dots(canvas.getContext("2d")), dots(ctx)];
          let far = 0;
          for (let i = 0; i < one.length; i += 4) far += Math.abs(one[i] - two[i]) > 96 ? 1 : 0;
          return far / (width * height);
        }""",
        drawing,
    )
    assert apart < 0.01  # edges of letters


def test_paper_is_light_and_holds_the_whole_picture(file: Path, opened: Opened) -> None:
    watched = opened(file, dark=True)
    # a change of media is told, and drawn, with the next frames
    corner = """async () => {
      for (let n = 0; n < 3; n += 1) await new Promise((next) => requestAnimationFrame(next));
      const copy = document.createElement("canvas").getContext("2d");
      copy.drawImage(document.querySelector("#canvas canvas"), 0, 0);
      return [...copy.getImageData(2, 2, 1, 1).data];
    }"""
    assert sum(watched.page.evaluate(corner)[:3]) < 100
    watched.page.emulate_media(media="print")
    assert watched.page.evaluate(corner)[:3] == [255, 255, 255]
    assert watched.page.locator(".tools").is_hidden()
    drawn = watched.page.locator("#canvas").bounding_box()
    assert drawn is not None
    assert drawn["width"] <= 1021
    assert drawn["height"] <= 481
    watched.page.emulate_media(media="screen")
    assert sum(watched.page.evaluate(corner)[:3]) < 100
    assert is_clean(watched)


# --- folds and pages


def test_a_small_picture_has_no_folds(file: Path, opened: Opened) -> None:
    watched = opened(file)
    assert watched.page.locator("#fold").is_hidden()
    assert not [name for name in boxes(watched) if name.startswith("group:")]


def test_a_large_picture_is_folded_and_opens(large: Path, opened: Opened) -> None:
    watched = opened(large)
    drawn = boxes(watched)
    assert (
        watched.page.evaluate("aftercut.model.nodes.filter((node) => !node.members).length") > MOST
    )
    assert len(drawn) < MOST / 2
    assert watched.page.locator("#folded").is_checked()
    rest = watched.page.evaluate(
        "aftercut.model.nodes.find((node) => node.id === 'group:hub/').name"
    )
    assert rest.startswith("+")
    point = centre(watched, "group:hub/")
    watched.page.mouse.click(point["x"], point["y"])
    assert len(boxes(watched)) == len(drawn) + int(rest.split()[0])
    assert "open=group%3Ahub%2F" in watched.page.evaluate("location.hash")
    point = centre(watched, "group:hub/")
    watched.page.mouse.click(point["x"], point["y"])
    assert boxes(watched) == drawn
    assert is_clean(watched)


def test_a_fold_tells_its_members_and_opens_by_keyboard(large: Path, opened: Opened) -> None:
    watched = opened(large, fragment="#select=group:component/k1")
    members = texts(watched, "#details .links .name")
    assert texts(watched, "#details h2")[0] == f"K1: {len(members)} classes"
    watched.page.locator("#pane").press("Enter")
    assert f"component:{members[0]}" in boxes(watched)
    watched.page.locator("#pane").press("0")
    point = centre(watched, "group:component/k2")
    before = len(boxes(watched))
    watched.page.mouse.dblclick(point["x"], point["y"])
    assert len(boxes(watched)) > before
    watched.page.uncheck("#folded")
    assert not [name for name in boxes(watched) if name.startswith("group:")]


def test_a_fold_carries_what_its_members_carry(large: Path, opened: Opened) -> None:
    watched = opened(large)
    off = watched.page.evaluate(
        """() => {
          const { model } = aftercut;
          const value = (edge) => aftercut.at(edge.amount, 0) * (edge.valued ? 1 : edge.worth ?? 0);
          return model.edges.filter((edge) => edge.ways && edge.valued).map((edge) => {
            const whole = edge.ways.reduce((sum, way) => sum + value(model.edges[way]), 0);
            return Math.abs(aftercut.at(edge.amount, 0) - whole) / (whole || 1);
          });
        }"""
    )
    assert len(off) > 10
    assert max(off) < 1e-9


def test_a_long_table_is_shown_in_parts_and_saved_whole(large: Path, opened: Opened) -> None:
    watched = opened(large, fragment="#view=table&idle=yes")
    assert watched.page.locator("#sheet tbody tr").count() == 500
    watched.page.click("text=more rows")
    count = watched.page.locator("#sheet tbody tr").count()
    assert count == watched.page.evaluate("aftercut.shown().ways.length") > 500
    saved = list(csv.reader(io.StringIO(text_of(downloaded(watched, "csv")))))
    assert len(saved) == 1 + count


def test_search_opens_the_fold_that_hides_what_is_found(large: Path, opened: Opened) -> None:
    watched = opened(large)
    hidden = watched.page.evaluate(
        "aftercut.model.nodes.find((node) => node.members && node.kind === 'component').members"
        ".map((index) => aftercut.model.nodes[index].name)[0]"
    )
    assert f"component:{hidden}" not in boxes(watched)
    watched.page.fill("#search", f"{hidden} · component")
    assert texts(watched, "#details h2")[0] == hidden
    assert f"component:{hidden}" in boxes(watched)


def arrive(watched: Watched) -> None:
    """Wait until a page has heard that its address has changed."""
    watched.page.evaluate("new Promise((heard) => requestAnimationFrame(() => setTimeout(heard)))")


def test_pages_of_one_class_link_to_each_other(large: Path, opened: Opened) -> None:
    watched = opened(large, fragment="#select=system:s0")
    watched.page.click("#details a >> text=System on a page of its own")
    arrive(watched)
    alone = boxes(watched)
    assert [name for name in alone if name.startswith("system:")].count("system:s0") == 1
    assert len(alone) < MOST
    assert watched.page.locator("#crumb").is_visible()
    component = watched.page.locator("#details .pages a").first
    name = component.inner_text()
    component.click()
    arrive(watched)
    assert texts(watched, "#details h2")[0] == name
    assert boxes(watched) != alone
    watched.page.go_back()
    arrive(watched)
    assert boxes(watched) == alone
    watched.page.click("#crumb a")
    arrive(watched)
    assert len(boxes(watched)) > len([name for name in alone if name.startswith("group:")])
    assert watched.page.locator("#crumb").is_hidden()
    assert is_clean(watched)


def test_axe_finds_no_fault_in_folds_pages_and_filters(
    large: Path, opened: Opened, axe: str
) -> None:
    watched = opened(large, fragment="#page=system:s0&select=group:component/k1&state=binds")
    watched.page.click("#filters summary")
    assert violations(watched, axe) == []


# --- texts


def unpacked(html: str) -> tuple[str, Any, str]:
    """Return what stands in a page before its data, the data, and what stands after them."""
    start = html.index('id="data">') + len('id="data">')
    end = html.index("</script>", start)
    return html[:start], json.loads(zlib.decompress(b64decode(html[start:end]))), html[end:]


def hostile(html: str, payloads: Sequence[str]) -> str:
    """A page with each payload in every text of a box, a row, a source and a scenario."""
    before, held, after = unpacked(html)
    model, texts = held["model"], [visible(text, longest=1000) for text in payloads]
    node = next(each for each in held["nodes"] if each["kind"] == "component")
    record, source, scenario = model["records"][0], model["sources"][0], model["scenarios"][1]
    for place, text in enumerate(texts):
        behind = {"records": [len(model["records"])]}
        held["nodes"] += [
            everywhere(node, text) | behind | {"kind": "component", "id": f"{n}:{text}"}
            for n in range(2 if place < PAIRED else 1)
        ]
        model["goods"].append(everywhere(model["goods"][0], text))
        model["records"].append(
            everywhere(record | {"note": "x", "asOf": "x"}, text)
            | {"figures": [["quantity", 1, None, None]], "sources": [len(model["sources"])]}
        )
        model["sources"].append(everywhere(source, text) | {"link": None})
        model["scenarios"].append(everywhere(scenario, text))
    return before + packed(held) + after


def test_fifty_thousand_boxes_open_folded(file: Path, opened: Opened, tmp_path: Path) -> None:
    before, held, after = unpacked(file.read_text(encoding="utf-8"))
    one = next(each for each in held["nodes"] if each["kind"] == "component")
    held["nodes"] += [one | {"id": f"component:{n}", "name": f"part {n}"} for n in range(50_000)]
    watched = opened(written(before + packed(held) + after, tmp_path))
    assert watched.page.locator("#folded").is_checked()
    assert len(boxes(watched)) < MOST
    watched.page.select_option("#scenario", "1")
    watched.page.click("#tab-table")
    assert watched.page.locator("#sheet tbody tr").count() > 0
    assert is_clean(watched)


PARTS = 4
"""Pages that share the payloads: each is drawn anew for each of its own."""
PAIRED = 3
"""So many payloads of a page are names of folds too."""
VISITED = """(names) => {
  const { model } = aftercut, missed = [];
  const click = (id) => document.getElementById(id).click();
  const choose = (id, value) => {
    const field = document.getElementById(id);
    field.value = value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const says = (where, text) => document.querySelector(where)?.textContent.includes(text);
  click("tab-chosen");
  document.querySelectorAll("#chosen details").forEach((each) => { each.open = true; });
  model.scenarios.forEach((scenario, index) => {
    if (index < model.scenarios.length - names.length) return;
    choose("scenario", String(index));
    const heads = ["#which", "#lead", "#chosen h2", "#chosen .claims", "#chosen .measures"];
    if (heads.some((where) => !says(where, scenario.title))) missed.push(scenario.title);
  });
  const search = document.getElementById("search");
  for (const name of names) {
    search.value = `${name} · component`;
    search.dispatchEvent(new Event("input"));
    document.querySelectorAll("#details summary").forEach((each) => each.click());
    const heads = ["#details h2", "#details .pairs", "#details .chips", "#details .sources"];
    if (heads.some((where) => !says(where, name))) missed.push(name);
  }
  for (const tab of ["tab-about", "tab-table", "tab-graph", "tab-scenarios"]) click(tab);
  model.goods.slice(-names.length).forEach((good) => choose("filter-category", good.category));
  return missed;
}"""


@pytest.mark.parametrize("part", range(PARTS))
def test_payloads_stay_text_in_every_field(opened: Opened, tmp_path: Path, part: int) -> None:
    payloads = PAYLOADS[part::PARTS]
    found = tuple(library("tutorial").scenarios.values())
    solved = compare(Case(load("tutorial"), found))
    tables = solved.case.tables
    source = Source(source="S1", title="x", publisher="x", date="x", url="x")
    solved = replace(solved, case=Case(replace(tables, sources={"S1": source}), found))
    watched = opened(written(hostile(page(solved), payloads), tmp_path))
    watched.page.set_default_timeout(60_000)
    assert watched.page.locator("#folded").is_checked()
    names = [visible(text, longest=1000) for text in payloads]
    assert watched.page.evaluate(VISITED, names) == []
    drawing = text_of(downloaded(watched, "svg"))
    assert "<script" not in drawing
    assert watched.page.locator("img, iframe, object, embed, form, base, svg, video").count() == 0
    assert watched.page.locator("script").count() == 3
    assert watched.page.evaluate("({}).polluted") is None
    assert is_clean(watched)
