"""The figures and the page of a horizon: what is drawn is what was found, and texts are inert."""

import re
from dataclasses import replace

import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle, StepPatch

import analyzer as ac
from analyzer.report.curves import by_system, curve_with_measures
from analyzer.report.over_time_page import over_time_page
from analyzer.report.svg import inline_svg
from analyzer.study.horizon import Horizon

HOSTILE = "</script><script>alert(1)</script>"


@pytest.fixture(scope="module")
def found() -> Horizon:
    case = ac.load("tutorial")
    return ac.horizon(case, [case.scenario("hub-closed")], months=9).found


def lines(figure: Figure) -> list[StepPatch]:
    return [
        patch
        for axes in figure.axes
        for patch in axes.patches
        if isinstance(patch, StepPatch) and not patch.get_fill()
    ]


def heights(patch: StepPatch) -> list[float]:
    values, _, _ = patch.get_data()
    found: list[float] = values.tolist()
    return found


def test_the_curve_has_the_height_of_what_survives_in_each_month(found: Horizon) -> None:
    figure = curve_with_measures(found.curve, found.measures)
    (curve,) = lines(figure)
    assert heights(curve) == found.curve["surviving"].tolist()
    bars = [patch for patch in figure.axes[1].patches if isinstance(patch, Rectangle)]
    assert len(bars) == 9  # one measure in full effect in nine months


def test_the_band_spans_both_ends(found: Horizon) -> None:
    curve = found.curve.assign(weakest=0.9, strongest=0.2)
    figure = curve_with_measures(curve, found.measures)
    (band,) = [p for p in figure.axes[0].patches if isinstance(p, StepPatch) and p.get_fill()]
    _, _, low = band.get_data()
    assert heights(band) == [0.9] * 9
    assert list(low) == [0.2] * 9  # type: ignore[call-overload]  # one number to the stubs


def test_each_system_has_its_curve_beside_the_references(found: Horizon) -> None:
    figure = by_system(found.systems.rename(columns={"system": "name"}))
    drawn = [heights(line) for line in lines(figure)]
    lamps = found.systems[found.systems["system"] == "lamp"]
    assert (lamps["output"] / 400).tolist() in drawn
    assert [1.0] * 9 in drawn


def test_the_same_figure_gives_the_same_text_and_inert_names(found: Horizon) -> None:
    measures = found.measures.assign(title=HOSTILE)
    one, other = (
        inline_svg(
            curve_with_measures(found.curve, measures), name="c", title=HOSTILE, description="d"
        )
        for _ in range(2)
    )
    assert one == other
    assert "<script" not in one


def test_a_scenario_without_measures_or_numbers_is_drawn_or_left_out(found: Horizon) -> None:
    blank = pd.DataFrame(columns=found.measures.columns)
    assert lines(curve_with_measures(found.curve, blank))
    unsure = replace(found, table=found.table.assign(certified=False))
    page = over_time_page(unsure)
    assert "no number is shown" in page
    assert "<svg" not in page


def test_the_page_asks_for_nothing_and_runs_nothing(found: Horizon) -> None:
    named = replace(found, table=found.table.assign(title=HOSTILE))
    page = over_time_page(named)
    assert page.count("<svg") == 2
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="(?!#|data:)', page) == []
    assert "Content-Security-Policy" in page
    assert "Time to survive: 2.0 months" in page
