"""Figures are the same each time, say what they show, and run nothing that a name holds."""

import re
from collections.abc import Callable
from math import nan
from xml.etree import ElementTree as ET

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib.figure import Figure

from analyzer.report.figures import (
    INK,
    dumbbell,
    frontier,
    heat_map,
    intervals,
    last_lanes,
    rank_map,
    settling,
    tornado,
    waterfall,
)
from analyzer.report.svg import inline_svg

NASTY = (
    "$x_1^2$ and \\alpha",
    "</svg><script>alert(1)</script>",
    "a & <b>",
    "漢字 \u202ex",
    "plain",
)
SVG_ATTRIBUTES = {
    *("x", "y", "d", "id", "transform", "href", "viewBox", "width", "height", "patternUnits"),
    *("fill", "fill-opacity", "fill-rule", "opacity", "stroke", "stroke-opacity", "stroke-width"),
    *(
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-dasharray",
        "stroke-dashoffset",
        "font-size",
        "font-family",
    ),
    *("text-anchor", "role", "aria-labelledby", "aria-describedby"),
}
"""All that a figure needs; an event handler or a style is none of it."""


def systems() -> pd.DataFrame:
    rows = [(name, 1.0, n / 4, n % 2 == 0) for n, name in enumerate(NASTY)]
    return pd.DataFrame(rows, columns=["name", "before", "after", "assumed"])


def steps() -> pd.DataFrame:
    rows = [
        ("Baseline", 0.0, 1.0, True),
        (NASTY[0], 1.0, 0.6, False),
        (NASTY[1], 0.6, 0.7, False),
        ("Survives", 0.0, 0.7, True),
    ]
    return pd.DataFrame(rows, columns=["name", "start", "end", "whole"])


def shares() -> pd.DataFrame:
    cells = {name: [0.0, 0.5, 0.9999, 1.0, nan] for name in NASTY}
    return pd.DataFrame(cells, index=list(NASTY))


def flows() -> pd.DataFrame:
    rows = [(name, 1e6 * n, 5e5 * n * n, n % 2 == 0) for n, name in enumerate(NASTY)]
    return pd.DataFrame(rows, columns=["name", "before", "after", "assumed"])


def spans() -> pd.DataFrame:
    names = ["title", "outer_low", "p05", "p50", "central", "p95", "outer_high"]
    return pd.DataFrame([(name, 0, 0.2, 0.4, 0.5, 0.9, 1) for name in NASTY], columns=names)


def drives() -> pd.DataFrame:
    rows = [(name, n / 5, nan if n % 2 else n / 4) for n, name in enumerate(NASTY)]
    return pd.DataFrame(rows, columns=["figure", "first", "total"])


def settles() -> pd.DataFrame:
    rows = [(n, 0.2, 0.5, 0.7, 1 / n, 1 / n, 2 / n) for n in (100, 200, 300)]
    errors = ["se_p05", "se_p50", "se_p95"]
    return pd.DataFrame(rows, columns=["draws", "p05", "p50", "p95", *errors])


def places() -> pd.DataFrame:
    shares = [[1.0, 0.0], [0.6, 0.4], [0.0, 1.0], [0.001, 0.999], [0.5, 0.5]]
    return pd.DataFrame(shares, columns=["1", "2"], index=list(NASTY))


FIGURES: dict[str, Callable[[], Figure]] = {
    "dumbbell": lambda: dumbbell(systems()),
    "intervals": lambda: intervals(spans()),
    "rank-map": lambda: rank_map(places()),
    "settling": lambda: settling(settles()),
    "tornado": lambda: tornado(drives()),
    "waterfall": lambda: waterfall(steps()),
    "heat-map": lambda: heat_map(shares(), assumed=[True, False, True, False, False]),
    "last-lanes": lambda: last_lanes(flows()),
}


def drawn(name: str) -> str:
    return inline_svg(FIGURES[name](), name=name, title=f"T {NASTY[1]}", description=NASTY[2])


def texts(svg: str) -> list[str]:
    return ["".join(element.itertext()) for element in ET.fromstring(svg).iter() if element.text]  # noqa: S314 - our own


@pytest.mark.parametrize("name", FIGURES)
def test_the_same_figure_gives_the_same_text_whatever_the_notebook_has_set(name: str) -> None:
    first = drawn(name)
    with mpl.rc_context({"font.size": 30, "text.color": "red", "svg.hashsalt": "other"}):
        assert drawn(name) == first
        assert mpl.rcParams["font.size"] == 30


@pytest.mark.parametrize("name", sorted(FIGURES.keys() - {"settling"}))  # it shows no names
def test_names_are_text_and_neither_formulas_nor_markup(name: str) -> None:
    svg = drawn(name)
    assert "<script" not in svg
    assert any("$x_1^2$ and \\alpha" in text for text in texts(svg))
    assert {element.tag.rpartition("}")[2] for element in ET.fromstring(svg).iter()} <= {  # noqa: S314 - our own
        *("svg", "title", "desc", "defs", "g", "path", "text", "pattern", "rect", "use"),
    }


@pytest.mark.parametrize("name", FIGURES)
def test_a_strict_policy_lets_all_of_it_be_shown(name: str) -> None:
    """Attributes only, none of them a style, a handler or an address elsewhere."""
    for element in ET.fromstring(drawn(name)).iter():  # noqa: S314 - our own
        assert set(element.attrib) <= SVG_ATTRIBUTES
        assert element.attrib.get("href", "#").startswith("#")


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_says_what_it_is_and_what_is_to_be_seen(name: str) -> None:
    root = ET.fromstring(drawn(name))  # noqa: S314 - our own
    told = {element.get("id"): element.text for element in root.iter()}
    assert root.get("role") == "img"
    assert told[root.get("aria-labelledby")] == f"T {NASTY[1]}"
    assert told[root.get("aria-describedby")] == NASTY[2]


@pytest.mark.parametrize("name", FIGURES)
def test_ids_are_of_this_figure_alone_and_all_are_needed(name: str) -> None:
    svg = drawn(name)
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    assert all(each.startswith(f"{name}-") for each in ids)
    pointed = set(re.findall(r'(?:href="#|url\(#|labelledby="|describedby=")([^")]+)', svg))
    assert pointed == set(ids)


@pytest.mark.parametrize("name", FIGURES)
def test_the_ink_is_that_of_the_text_around(name: str) -> None:
    svg = drawn(name)
    assert INK not in svg
    assert "currentColor" in svg


@pytest.mark.parametrize("name", ["dumbbell", "heat-map", "last-lanes"])
def test_what_is_assumed_is_hatched_and_nothing_else_is(name: str) -> None:
    assert "<pattern" in drawn(name)


def test_without_an_assumption_nothing_is_hatched() -> None:
    plain = dumbbell(systems().assign(assumed=False))
    assert "<pattern" not in inline_svg(plain, name="x", title="", description="")


def test_a_cell_shows_its_percent_and_a_whole_one_nothing() -> None:
    told = texts(drawn("heat-map"))
    assert told.count("0") == told.count("50") == told.count(">99") == len(NASTY)
    assert told.count("?") == len(NASTY)
    assert "100" not in told


def test_a_loss_and_a_gain_are_told_by_sign() -> None:
    told = texts(drawn("waterfall"))
    assert {"\N{MINUS SIGN}40 points", "+10 points", "70 %"} <= set(told)


def test_where_no_figure_drives_alone_the_tornado_says_so() -> None:
    shown = texts(inline_svg(tornado(drives().head(0)), name="t", title="T", description="D"))
    assert "no figure clearly by itself" in shown


def test_a_long_name_is_cut_and_still_drawn() -> None:
    long = systems().assign(name="long " * 60)
    told = texts(inline_svg(dumbbell(long), name="x", title="", description=""))
    assert any(text.endswith("…") for text in told)
    assert max(map(len, told)) < 60


def test_the_frontier_marks_what_is_proven_and_falls() -> None:
    steps = pd.DataFrame(
        {
            "cost": [1.0, 2.0],
            "surviving": [0.5, 0.25],
            "greedy": [0.5, 0.4],
            "status": ["proven", "bound"],
        }
    )
    svg = inline_svg(frontier(steps, burdens=False), name="frontier", title="T", description="D")
    assert {"50 %", "25 %", "cuts"} <= set(texts(svg))
    assert any("proven" in text for text in texts(svg))
    priced = frontier(steps, burdens=True)
    assert priced.axes[0].get_xlabel() == "burden, USD m a year"
    again = inline_svg(frontier(steps, burdens=False), name="frontier", title="T", description="D")
    assert again == svg
    for element in ET.fromstring(svg).iter():  # noqa: S314 - our own
        assert set(element.attrib) <= SVG_ATTRIBUTES
