"""The graph of any month: what flows, what is cut, what is left in stock."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.network.case import Case
from analyzer.programme.certificate import residual
from analyzer.programme.even import PIECES
from analyzer.programme.evened import evened
from analyzer.programme.flow import Options
from analyzer.study.courses import Foresight, courses, start
from analyzer.study.frames import BASELINE
from analyzer.study.horizon import Asked, horizon
from analyzer.study.month_graphs import MonthGraphs, month_graphs
from benchmarks.networks import network as random_network
from scenarios.schema import Measure, Scenario
from supply_data.schema import Tables
from tests.networks_by_hand import END, START, dataset, lane, need, stock, supply, system
from tests.study.test_horizon import random_scenario


def graphs(tables: Tables, *measures: Measure, months: int = 6) -> MonthGraphs:
    cut = Scenario(id="cut", measures=measures)
    (found,) = horizon(Case(tables), [cut], asked=Asked(months, graphs=True)).graphs
    return found


def closed(name: str, **keys: object) -> Measure:
    where = {"table": "supplies", "supply": name}
    return Measure.model_validate({"id": name, "cut": 1, "where": where, **keys})


def flow(found: MonthGraphs, element: str) -> dict[str, float]:
    rows = found.flows[found.flows["element"] == element]
    return dict(zip(rows["scenario"], rows["quantity_per_month"].round(6), strict=True))


@pytest.fixture(scope="module")
def three() -> MonthGraphs:
    """Two equal sources with room for half again, and a third that is cut from month 3 on."""
    tables = dataset(
        system("unit", 90),
        need("unit", "part"),
        supply("one", "part", END, 45),
        supply("two", "part", END, 45),
        supply("three", "part", END, 45),
        stock(END, "part", 20),
    )
    return graphs(tables, closed("three", from_month=3))


def test_months_stand_where_scenarios_stand(three: MonthGraphs) -> None:
    assert three.table["scenario"].tolist() == [BASELINE, *map(str, range(1, 7))]
    assert three.table["surviving"].tolist() == pytest.approx([1.0] * 7)
    cut = three.cuts.set_index("scenario")["remaining"]
    assert cut.to_dict() == {"1": 1.0, "2": 1.0, **dict.fromkeys("3456", 0.0)}


def test_what_could_come_from_several_sides_comes_from_each(three: MonthGraphs) -> None:
    piece = 45 / PIECES
    each = {n: flow(three, f"supply:{n}") for n in ("one", "two", "three")}
    for month in (BASELINE, "1", "2"):
        assert [each[n][month] for n in each] == pytest.approx([30] * 3, abs=piece)
    for month in "3456":
        assert [each[n].get(month, 0.0) for n in each] == pytest.approx([45, 45, 0], abs=1e-4)
    assert three.stocks["left"].tolist() == pytest.approx([1.0] * 7)


def test_a_stock_is_told_as_a_share_of_what_was_there() -> None:
    tables = dataset(
        system("unit", 100), need("unit", "part"), supply("source", "part", END, 150),
        stock(END, "part", 250),
    )  # fmt: skip
    found = graphs(tables, closed("source", until_month=3))
    left = found.stocks["left"].round(6).tolist()
    assert left[:4] == [1.0, 0.6, 0.2, 0.0]
    assert max(left) <= 1.0


def test_the_month_whose_departures_nobody_waits_for_is_left_out() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", START, 100),
        lane(START, END, delay_months=1),
    )
    found = graphs(tables, closed("source", from_month=4))
    assert found.table["scenario"].tolist() == [BASELINE, *map(str, range(1, 6))]
    sent = flow(found, "lane:start-end")
    assert [sent.get(str(month), 0.0) for month in range(1, 6)] == pytest.approx(
        [100, 100, 100, 0, 0]
    )


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(Foresight))
def test_what_is_shown_keeps_every_limit_and_fields_the_same(seed: int, how: Foresight) -> None:
    tables = random_network(seed)
    begun = start(Case(tables), options=Options(), months=6, foresight=how)
    course = courses(begun, random_scenario(tables, seed)).central
    shown = evened(course)
    assert residual(course.model.under(course.effect), shown) <= 1e-7
    columns = course.model.formulation.instance.columns
    fielded, stocked = (
        [n for n, column in enumerate(columns) if column.variable == kind] for kind in ("x", "held")
    )
    assert np.array_equal(shown[fielded], course.plan[fielded])
    assert (shown[stocked] <= course.plan[stocked] + 1e-12).all()


@pytest.mark.parametrize("seed", [93, 129, 141])
def test_rounding_over_many_months_keeps_nothing_from_being_even(seed: int) -> None:
    tables = random_network(seed)
    begun = start(Case(tables), options=Options(), months=12, foresight=Foresight.PERFECT)
    course = courses(begun, random_scenario(tables, seed)).central
    shown = evened(course)
    assert shown is not course.plan
    assert not np.array_equal(shown, course.plan)
    assert residual(course.model.under(course.effect), shown) <= 1e-7


def test_a_stock_is_not_swollen_by_what_nobody_needs() -> None:
    tables = dataset(
        system("unit", 100), need("unit", "part"), supply("source", "part", END, 150),
        supply("rare", "chip", END, 60), need("unit", "chip"),
        stock(END, "part", 50),
    )  # fmt: skip
    found = graphs(tables, closed("rare", cut=0.5, from_month=1))
    assert [*flow(found, "supply:source").values()] == pytest.approx([60] + [30] * 6, abs=1e-4)
    assert found.stocks["left"].tolist() == pytest.approx([1.0] * 7)


def test_courses_that_nobody_meant_to_draw_are_refused() -> None:
    tables = dataset(system("unit", 100), need("unit", "part"), supply("source", "part", END, 100))
    begun = start(Case(tables), options=Options(), months=2, foresight=Foresight.ROLLING)
    with pytest.raises(ValueError, match="not asked for to be drawn"):
        month_graphs(begun, courses(begun, Scenario(id="cut", measures=(closed("source"),))))


def test_what_is_not_certified_has_no_flows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.study.courses.Courses.certified", False)
    tables = dataset(system("unit", 100), need("unit", "part"), supply("one", "part", END, 100))
    found = graphs(tables, closed("one"))
    assert not found.certified
    assert set(found.flows["scenario"]) == {BASELINE}
    assert len(found.stocks) == 0
