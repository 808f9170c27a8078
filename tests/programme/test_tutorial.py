"""The dataset `tutorial`, worked out by hand: every figure that needs one solve."""

import pytest

from analyzer.network.effect import Timing, effect
from analyzer.programme.flow import Options
from scenarios.load import library
from scenarios.schema import Scenario, Uncertain
from supply_data import load
from supply_data.schema import Tables, Weighting
from tests.solved import capacity, cut, elements, solved

BASELINE = 0.9


@pytest.fixture(scope="module")
def island() -> Tables:
    return load("tutorial")


def scenario(name: str) -> Scenario:
    return library("tutorial").scenarios[name]


def with_leak(name: str, leak: float) -> Scenario:
    found = scenario(name)
    (measure,) = found.measures
    share = Uncertain(low=leak, central=leak, high=leak)
    changed = measure.model_copy(update={"leak": share})
    return found.model_copy(update={"measures": (changed,)})


def output(tables: Tables, name: str | None = None) -> dict[str, float]:
    found = solved(tables, effect(tables, scenario(name)) if name else None)
    return dict(found.systems().set_index("system")["output_per_month"])


def test_baseline_makes_80_pumps_and_400_lamps(island: Tables) -> None:
    assert capacity(island) == pytest.approx(BASELINE)
    assert output(island) == pytest.approx({"pump": 80, "lamp": 400})


def test_weights_are_those_of_two_groups_of_one(island: Tables) -> None:
    scale = solved(island).model.sets.scale
    per_unit = {s: scale.weight[s] * scale.worth / scale.target[s] for s in scale.target}
    assert per_unit == pytest.approx({"pump": 0.005, "lamp": 0.00125})


@pytest.mark.parametrize(
    ("name", "left", "made"),
    [
        ("hub-closed", 0.45, {"pump": 80, "lamp": 40}),
        ("brand-control", 0.50, {"pump": 80, "lamp": 80}),
        ("origin-control", 0.67, {"pump": 80, "lamp": 216}),
        ("school-halved", 0.65, {"pump": 30, "lamp": 400}),
        ("hub-and-school", 0.65 / 1.5, {"pump": 220 / 3, "lamp": 160 / 3}),
    ],
)
def test_each_scenario_leaves_what_was_worked_out(
    island: Tables, name: str, left: float, made: dict[str, float]
) -> None:
    assert capacity(island, effect(island, scenario(name))) == pytest.approx(left)
    assert output(island, name) == pytest.approx(made)


def test_weights_pick_winners(island: Tables) -> None:
    units = Options(weighting=Weighting.UNITS)
    halved = effect(island, scenario("school-halved"))
    surviving = capacity(island, halved, options=units) / capacity(island, options=units)
    assert surviving == pytest.approx(430 / 480)
    assert surviving == pytest.approx(0.896, abs=5e-4)


@pytest.mark.parametrize(
    ("element", "surviving"),
    [
        ("supply:crew-school", 0),
        ("supply:chip-alpha", 0.50),
        ("lane:alpha-hub", 0.50),
        ("lane:hub-isle", 0.50),
        ("plant:pump-works", 0.5 / 0.9),
        ("supply:body-gamma", 0.5 / 0.9),
        ("lane:gamma-isle", 0.5 / 0.9),
        ("lane:beta-isle", 0.8 / 0.9),
        ("supply:chip-beta", 1),
        ("supply:basic-beta", 1),
    ],
)
def test_losing_one_element_leaves(island: Tables, element: str, surviving: float) -> None:
    left = capacity(island, cut(element)) / BASELINE
    assert left == pytest.approx(surviving, abs=1e-9)


def test_the_stock_and_ten_others_are_all_elements(island: Tables) -> None:
    assert len(elements(island)) + len(island.stocks) == 11


def test_a_cut_of_the_hub_lane_is_harmless_up_to_37_8_percent(island: Tables) -> None:
    harmless = 1 - 2800 / 4500
    assert harmless == pytest.approx(0.378, abs=5e-4)
    assert capacity(island, cut({"lane:hub-isle": harmless})) == pytest.approx(BASELINE)
    assert capacity(island, cut({"lane:hub-isle": harmless + 0.01})) == pytest.approx(
        BASELINE - 4.5 * 0.00125
    )


def test_the_brand_control_breaks_even_at_a_leak_of_0_76(island: Tables) -> None:
    def left(leak: float) -> float:
        return capacity(island, effect(island, with_leak("brand-control", leak)))

    assert left(0.76) == pytest.approx(BASELINE)
    assert left(0.80) == pytest.approx(BASELINE)
    assert left(0.75) == pytest.approx(BASELINE - 5 * 0.00125)


@pytest.mark.parametrize(
    ("name", "element", "size", "down", "up"),
    [
        (None, "plant:pump-works", 80, 0.005, 0.005),
        ("hub-closed", "supply:chip-beta", 100, 0.0025, 0.0025),
        ("hub-closed", "plant:pump-works", 80, 0.0025, 0.0025),
        ("hub-closed", "lane:hub-isle", 4500, 0.0, 0.00025),
        ("school-halved", "supply:crew-school", 320, 0.0025 * 0.5, 0.0025 * 0.5),
    ],
)
def test_one_percent_less_or_more_of_an_element_is_worth(
    island: Tables, name: str | None, element: str, size: float, down: float, up: float
) -> None:
    under = effect(island, scenario(name)) if name else cut({})
    kept = float(under.availability.get(element, [1.0])[0])

    def left(share: float) -> float:
        changed = {e: 1 - float(kept[0]) for e, kept in under.availability.items()}
        return capacity(island, cut({**changed, element: 1 - share}))

    # what is worked out is per unit of the table's figure, times what the scenario keeps of it
    step = 0.01 * (kept or 1)
    assert left(kept + step) - left(kept) == pytest.approx(up * size * 0.01, abs=1e-9)
    if kept:
        assert left(kept) - left(kept - step) == pytest.approx(down * size * 0.01, abs=1e-9)


# --- over time, with the hub closed: 280 of the 380 chips a month must come from the stock of 560


def months(tables: Tables, count: int) -> list[float]:
    options = Options(timing=Timing(months=count))
    closed = effect(tables, scenario("hub-closed"), timing=options.timing)
    curve = solved(tables, closed, options=options).by_period
    assert curve is not None
    return [float(value) for value in curve]


def test_the_stock_keeps_two_months_full_and_not_three(island: Tables) -> None:
    assert months(island, 1) == pytest.approx([0.9])
    assert months(island, 2) == pytest.approx([0.9, 0.9])
    assert sum(months(island, 3)) < 3 * BASELINE - 0.1


def test_a_planner_who_sees_six_months_spreads_the_stock(island: Tables) -> None:
    # up to 80 chips a month more, each lets a simple chip be used too and makes two lamps; beyond
    # that one lamp: 480 of the 560 are spread, and what is left is used at once
    assert months(island, 6) == pytest.approx([0.75, 0.65, 0.65, 0.65, 0.65, 0.65])
