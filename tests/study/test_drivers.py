"""What drives the answer, on functions whose effects are known, and on a planted figure."""

from math import pi

import numpy as np
import pytest

from analyzer.network.case import Case
from analyzer.programme.arrays import Vector
from analyzer.study.drivers import beyond_chance, checking, first_order, total
from analyzer.study.uncertainty import Asked, Uncertainty, uncertainty
from scenarios.schema import Measure, Scenario
from supply_data.schema import Basis, Level, Range, Source
from tests.networks_by_hand import END, dataset, need, supply, system

DRAWS = 30_000


def ishigami(places: Vector) -> Vector:
    """Return Ishigami's function (a = 7, b = 0.1) of three numbers between -π and π."""
    x, y, z = (2 * pi * (places - 0.5)).T
    return np.asarray(np.sin(x) + 7 * np.sin(y) ** 2 + 0.1 * z**4 * np.sin(x))[:, np.newaxis]


def test_effects_of_ishigamis_function_are_those_of_theory() -> None:
    draw = np.random.default_rng(1)
    places = draw.random((DRAWS, 3))
    output = ishigami(places)
    first = first_order(places, output).ravel().tolist()
    assert first == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    totals = []
    for driver in range(3):
        again = places.copy()
        again[:, driver] = draw.random(DRAWS)
        totals.append(float(total(output, ishigami(again), output.var(axis=0))[0]))
    assert totals == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)


def test_what_never_changes_is_driven_by_nothing() -> None:
    places = np.random.default_rng(1).random((100, 2))
    assert (first_order(places, np.ones((100, 1))) == 0).all()
    assert (total(np.ones((5, 1)), np.ones((5, 1)), np.zeros(1)) == 0).all()


def test_checking_what_decides_leaves_nothing_wrong() -> None:
    places = np.random.default_rng(2).random((4000, 3))
    surviving = np.column_stack([places[:, 0], np.full(4000, 0.4), np.full(4000, 0.9)])
    found = checking(places, surviving, seed=0)
    assert found.wrong == pytest.approx(0.4, abs=0.02)
    assert found.less_wrong[0] == pytest.approx(0.4, abs=0.03)
    assert (found.less_wrong[1:] <= 3 * found.noise + 1e-9).all()


@pytest.mark.parametrize("seed", range(5))
def test_of_many_figures_that_drive_nothing_none_is_clear(seed: int) -> None:
    draws, many = 512, 150
    places = np.random.default_rng(seed).random((draws, many))
    output = np.random.default_rng([seed, 1]).random((draws, 1))
    largest = float(first_order(places, output).max()) * draws**0.5
    assert largest < beyond_chance(many)
    assert beyond_chance(1) < 3 < beyond_chance(many)


CUT = {"low": 0.1, "central": 0.5, "high": 0.9}


def planted(totals: int = 0) -> Uncertainty:
    """Draw two cuts: whether that of the left part hurts more hangs on its own share alone."""
    slight = {"ranges": {"capacity_per_month": Range(95, 105)}}
    tables = dataset(
        system("unit", 1000),
        need("unit", "left"),
        need("unit", "right"),
        supply("left", "left", END, 100, **slight),
        supply("right", "right", END, 100, **slight),
    )
    scenarios = [
        Scenario(
            id=part,
            measures=(
                Measure.model_validate(
                    {"id": f"cut-{part}", "where": {"table": "supplies", "supply": part},
                     "cut": cut, "basis": "derived", "source_ids": ["S9"]}
                ),
            ),
        )
        for part, cut in (("left", CUT), ("right", 0.5))
    ]  # fmt: skip
    asked = Asked(draws=800, totals=totals)
    return uncertainty(Case(tables=tables), scenarios, asked=asked)


def test_a_planted_figure_that_decides_the_order_is_named_first() -> None:
    found = planted(totals=1)
    first = found.drivers.checking.iloc[0]
    assert first["figure"] == "measure:cut-left/cut"
    assert bool(first["clear"])
    assert (first["basis"], first["source_ids"]) == ("derived", "S9")
    assert first["less_wrong"] == pytest.approx(found.drivers.wrong, abs=0.1)
    assert not found.drivers.checking["clear"].iloc[1:].any()
    effects = found.drivers.effects
    own = effects[effects["scenario"] == "left"].iloc[0]
    assert own["figure"] == "measure:cut-left/cut"
    assert own["first"] > 0.9
    assert own["total"] == pytest.approx(own["first"], abs=0.15)
    assert effects["total"].notna().sum() == 2


def test_what_moves_together_is_called_by_that_and_rests_on_its_weakest_row() -> None:
    wide = {"ranges": {"capacity_per_month": Range(50, 150)}, "moves_with": "headroom"}
    tables = dataset(
        *(Source(source=key) for key in ("S1", "S2", "S3")),
        system("unit", 1000),
        need("unit", "left"),
        need("unit", "right"),
        supply("left", "left", END, 100, **wide, basis=Basis.DERIVED, confidence=Level.LOW,
               source_ids=("S1", "S2")),
        supply("right", "right", END, 100, **wide, basis=Basis.ASSUMED, confidence=Level.HIGH,
               source_ids=("S2", "S3")),
    )  # fmt: skip
    half = Measure.model_validate(
        {"id": "half", "where": {"table": "supplies", "supply": "left"}, "cut": 0.5}
    )
    scenario = Scenario(id="half", measures=(half,))
    found = uncertainty(Case(tables=tables), [scenario], asked=Asked(draws=200))
    (row,) = found.drivers.checking.to_dict("records")
    assert (row["figure"], row["figures"]) == ("headroom", 2)
    assert (row["basis"], row["confidence"], row["source_ids"]) == ("assumed", "low", "S2")
    assert set(found.drivers.effects["figure"]) == {"headroom"}


def test_without_totals_none_is_told() -> None:
    assert planted().drivers.effects["total"].isna().all()
