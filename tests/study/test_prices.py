"""Prices of limits: against books, against work by hand, and against solving changed tables cold.

A price by solving again is tried here by another way: the figure is changed in the dataset's own
tables, and all of it is read, built and solved anew.
"""

from collections.abc import Mapping
from math import isnan
from typing import NamedTuple

import pandas as pd
import pytest

from analyzer.network.effect import Effect, effect
from analyzer.programme import persistent
from analyzer.programme.canon import published
from analyzer.programme.certificate import Certificate, proved_by
from analyzer.study.prices import COLUMNS, prices
from benchmarks.networks import network
from scenarios.load import library
from supply_data import load
from supply_data.schema import Tables
from tests.figures import left_by, of_known, refigured
from tests.networks_by_hand import (
    END,
    START,
    dataset,
    lane,
    need,
    supply,
    symmetric_pair,
    system,
    tight_pair,
    wyndor,
)
from tests.random_effects import some_effect
from tests.solved import capacity, cut, elements, solved

NETWORKS = 200
ENUMERATED = 40
BASELINE = 0.9
"""Scaling capacity of the tutorial."""


def priced(tables: Tables, under: Effect | None = None) -> pd.DataFrame:
    """Return the prices of a scenario by element, in percent of the baseline's capacity."""
    found = published(solved(tables, under))
    return prices(found, base=capacity(tables)).set_index("element")


# --- books and work by hand


def test_wyndor_prices_its_hours_at_0_and_1_5_and_1() -> None:
    hours = priced(wyndor())
    assert sorted(hours.index) == ["supply:plant2", "supply:plant3"]  # plant 1 is worth nothing
    for side in ("price_down", "price_up"):
        assert hours[side].to_dict() == pytest.approx({"supply:plant2": 1.5, "supply:plant3": 1})


def test_wyndor_keeps_its_prices_as_far_as_the_book_says() -> None:
    hours = priced(wyndor())
    assert hours["holds_from"].to_dict() == pytest.approx({"supply:plant2": 6, "supply:plant3": 12})
    assert hours["holds_to"].to_dict() == pytest.approx({"supply:plant2": 18, "supply:plant3": 24})


def test_wyndor_loses_and_gains_one_percent_of_its_hours_at_these_prices() -> None:
    hours = priced(wyndor())
    for side in ("loss_1pct", "gain_1pct"):
        expected = {"supply:plant2": 0.12 * 1.5 / 0.36, "supply:plant3": 0.18 / 0.36}
        assert hours[side].to_dict() == pytest.approx(expected)
    assert hours["usage"].tolist() == pytest.approx([1, 1])
    assert set(hours["pillar"]) == {"hardware"}


def test_two_limits_of_exactly_100_bind_and_neither_is_a_bottleneck() -> None:
    pair = priced(tight_pair())
    assert sorted(pair.index) == ["lane:start-end", "supply:source"]
    assert pair["loss_1pct"].tolist() == pytest.approx([1, 1])
    assert pair["gain_1pct"].tolist() == [0, 0]
    assert pair["price_down"].tolist() == pytest.approx([1, 1])
    assert pair["price_up"].tolist() == [0, 0]
    assert pair["holds_from"].tolist() == pytest.approx([0, 0], abs=1e-6)
    assert pair["holds_to"].tolist() == pytest.approx([100, 100])


def test_neither_of_a_symmetric_pair_has_a_price_while_both_stand() -> None:
    assert priced(symmetric_pair()).empty


def test_the_one_that_is_left_of_a_symmetric_pair_has_a_price_and_so_has_the_lost_one() -> None:
    left = priced(symmetric_pair(), cut("supply:one"))
    assert left["loss_1pct"].to_dict() == pytest.approx({"supply:one": 0, "supply:other": 0.6})
    assert left["gain_1pct"].to_dict() == pytest.approx({"supply:one": 0.6, "supply:other": 0.6})
    assert left["holds_to"].to_dict() == pytest.approx({"supply:one": 40, "supply:other": 100})


class Known(NamedTuple):
    """What is known of an element: prices, and percent of the baseline for a step."""

    down: float
    up: float
    size: float


TUTORIAL: dict[str, dict[str, Known]] = {
    "": {"plant:pump-works": Known(0.005, 0.005, 80)},
    "hub-closed": {
        "supply:chip-beta": Known(0.0025, 0.0025, 100),
        "plant:pump-works": Known(0.0025, 0.0025, 80),
        "lane:hub-isle": Known(0, 0.00025, 4500),
    },
    "school-halved": {"supply:crew-school": Known(0.0025, 0.0025, 320)},
}


@pytest.mark.parametrize("name", TUTORIAL)
def test_tutorial_has_these_prices_and_no_others(name: str) -> None:
    island, known = load("tutorial"), TUTORIAL[name]
    under = effect(island, library("tutorial").scenarios[name]) if name else None
    found = priced(island, under)
    assert set(found.index) == set(known)
    for element, row in known.items():
        expected = {
            "price_down": row.down,
            "price_up": row.up,
            "loss_1pct": row.down * row.size / BASELINE,
            "gain_1pct": row.up * row.size / BASELINE,
        }
        assert found.loc[element, list(expected)].to_dict() == pytest.approx(expected)


def test_ranges_of_the_tutorial_are_those_worked_out() -> None:
    # pumps: 90 bodies are there; the 380 of 500 chips and 260 of 320 crews last as far
    works = priced(load("tutorial")).loc["plant:pump-works"]
    assert (works["holds_from"], works["holds_to"]) == pytest.approx((0, 90))


def test_largest_loss_stands_first() -> None:
    hub = effect(load("tutorial"), library("tutorial").scenarios["hub-closed"])
    found = prices(published(solved(load("tutorial"), hub)), base=BASELINE)
    assert tuple(found.columns) == COLUMNS
    assert found["loss_1pct"].is_monotonic_decreasing
    assert found["element"].iloc[0] == "supply:chip-beta"


def test_unknown_limit_has_no_price_even_where_it_is_lost() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("open", "part", END),
        supply("narrow", "part", END, 30),
    )
    found = priced(tables, cut("supply:open"))
    assert list(found.index) == ["supply:narrow"]


def test_lane_closed_in_whole_gains_what_the_first_percent_of_it_would_carry() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", START),
        lane(START, END, 80),
    )
    gate = priced(tables, cut("lane:start-end")).loc["lane:start-end"]
    assert (gate["loss_1pct"], gate["gain_1pct"]) == pytest.approx((0, 1))
    assert (gate["price_down"], gate["price_up"]) == pytest.approx((0, 1))
    assert (gate["holds_from"], gate["holds_to"]) == pytest.approx((0, 100))


def test_step_beyond_a_kink_has_the_price_before_the_kink() -> None:
    # the parts of 99.5 hours are worth 1 an hour up to 100, where the demand ends
    tables = dataset(system("unit", 100), need("unit", "hour"), supply("hours", "hour", END, 99.5))
    hours = priced(tables).loc["supply:hours"]
    assert hours["price_up"] == pytest.approx(1)
    assert hours["gain_1pct"] == pytest.approx(0.5 / 0.995)
    assert hours["holds_to"] == pytest.approx(100)


# --- against changed tables, solved cold


class Step(NamedTuple):
    """What one percent of a figure costs and earns, in percent of the baseline."""

    loss: float
    gain: float


class Trial:
    """A random network under a random effect, with what remains written into its tables."""

    def __init__(self, seed: int) -> None:
        self.tables = network(seed)
        self.effect = of_known(self.tables, some_effect(self.tables, seed))
        self.standing, self.rates = left_by(self.tables, self.effect)
        self.base = capacity(self.tables)
        self.here = self.at({})
        self.unit = solved(self.tables).model.sets.scale.worth

    def at(self, figures: Mapping[str, float]) -> float:
        """Return the capacity with these figures in the tables."""
        return capacity(refigured(self.standing, figures), self.rates)

    def step(self, element: str) -> Step:
        """Return what one percent less and more of a figure does."""
        size = 0.01 * (self.tables.elements[element].figure or 0.0)
        remains = self.remains(element)
        less, more = self.at({element: max(remains - size, 0)}), self.at({element: remains + size})
        return Step(self.percent(self.here - less), self.percent(more - self.here))

    def remains(self, element: str) -> float:
        """Return what is left of a figure."""
        return self.standing.elements[element].figure or 0.0

    def percent(self, value: float) -> float:
        return 100 * value / self.base

    @property
    def tolerance(self) -> float:
        """How far certified numbers may differ, in percent of the baseline."""
        return self.percent(1e-7 * self.unit)


def trials(count: int) -> list[Trial]:
    """Return so many random networks of which anything can be fielded."""
    return [Trial(seed) for seed in range(count) if capacity(network(seed)) > 0]


@pytest.fixture(scope="module")
def tried() -> list[tuple[Trial, pd.DataFrame]]:
    return [(trial, priced(trial.tables, trial.effect)) for trial in trials(NETWORKS)]


def test_prices_are_finite_differences_of_tables_solved_anew(
    tried: list[tuple[Trial, pd.DataFrame]],
) -> None:
    for trial, found in tried:
        for element, row in found.iterrows():
            step = trial.step(str(element))
            changes = row["loss_1pct"], row["gain_1pct"]
            assert changes == pytest.approx(step, abs=trial.tolerance, rel=1e-6), element


def test_element_without_a_price_neither_costs_nor_earns_anything(
    tried: list[tuple[Trial, pd.DataFrame]],
) -> None:
    for trial, found in tried[:ENUMERATED]:
        for element in elements(trial.tables):
            if trial.tables.elements[element].figure and element not in found.index:
                # losses and gains below 1e-6 of the reference are not told
                nothing = trial.percent(1.1e-8 * trial.unit) + trial.tolerance
                assert trial.step(element) == pytest.approx((0, 0), abs=nothing)


def test_more_of_a_limit_is_worth_no_more_than_less_of_it_costs(
    tried: list[tuple[Trial, pd.DataFrame]],
) -> None:
    for trial, found in tried:
        stands = [trial.remains(str(element)) > 0 for element in found.index]
        standing = found[pd.Series(stands, index=found.index, dtype=bool)]
        slack = 1e-6 * standing["price_down"].abs() + 1e-9 * trial.unit
        assert (standing["price_up"] <= standing["price_down"] + slack).all()
        assert (standing["gain_1pct"] <= standing["loss_1pct"] + trial.tolerance).all()


def test_prices_hold_from_one_figure_to_the_other_and_not_beyond(
    tried: list[tuple[Trial, pd.DataFrame]],
) -> None:
    compared = 0
    for trial, found in tried[:ENUMERATED]:
        for element, row in found.iterrows():
            for price, end in (("price_down", "holds_from"), ("price_up", "holds_to")):
                away = row[end] - trial.remains(str(element))
                if isnan(away) or abs(away) <= 1e-6 * max(trial.remains(str(element)), row[end]):
                    continue
                compared += 1
                assert_straight(trial, str(element), slope=row[price], away=away)
    assert compared > ENUMERATED


def assert_straight(trial: Trial, element: str, *, slope: float, away: float) -> None:
    """Check that a line with this slope is the capacity so far away, and is above it beyond."""
    remains = trial.remains(element)
    for share in (0.5, 1.0):
        expected = trial.here + slope * share * away
        found = trial.at({element: max(remains + share * away, 0.0)})
        assert found == pytest.approx(expected, abs=1e-7 * trial.unit, rel=1e-6)
    if remains + 1.5 * away > 0:
        beyond = trial.at({element: remains + 1.5 * away})
        assert beyond < trial.here + slope * 1.5 * away - 1e-9 * trial.unit


# --- what is not certified


def test_price_that_cannot_be_certified_is_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    found = published(solved(wyndor()))
    right = proved_by
    calls: list[Certificate] = []

    def failing(*args: object, optimal: bool, **known: object) -> Certificate:
        # the solve of the scenario passes, every step from it fails
        proved = right(*args, optimal=optimal and not calls, **known)  # type: ignore[arg-type]
        calls.append(proved)
        return proved

    monkeypatch.setattr(persistent, "proved_by", failing)
    rows = prices(found, base=36)
    assert len(rows) == 2
    assert rows.drop(columns=["element", "pillar"]).isna().all(axis=None)


def test_what_has_no_capacity_has_only_a_price_for_some() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", START, 100),
        supply("shut", "part", END, 0),
        lane(START, END, 40),
        lane(START, "HUB", 0),
        lane("HUB", END),
    )
    priced = prices(published(solved(tables)), base=40).set_index("element")
    assert set(priced.index) == {"lane:start-end", "supply:shut", "lane:start-hub"}
    for element in ("supply:shut", "lane:start-hub"):
        row = priced.loc[element]
        assert row["price_up"] == pytest.approx(1)
        assert row[["loss_1pct", "gain_1pct", "price_down"]].isna().all()
        assert row["holds_to"] == pytest.approx(60)
