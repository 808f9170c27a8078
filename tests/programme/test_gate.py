"""Numbers that a solver would drop in silence are refused by name."""

from dataclasses import replace

import numpy as np
import pytest

from analyzer.network.goods import goods
from analyzer.programme.arrays import LinearProgramme, Model
from analyzer.programme.gate import UnfitNumbersError, WideSpreadWarning, refuse_unfit
from analyzer.programme.solution import solution
from benchmarks.networks import END, network
from supply_data.schema import Tables
from tests.networks_by_hand import (
    START,
    dataset,
    diamond,
    lane,
    need,
    part,
    supply,
    system,
    two_brands,
)
from tests.random_effects import some_effect
from tests.solved import built, cut, elements, stopped


def changed(ready: Model, variable: str, value: float) -> LinearProgramme:
    """Return the arrays with one number of the first column of this variable replaced."""
    columns = ready.formulation.instance.columns
    number = next(n for n, column in enumerate(columns) if column.variable == variable)
    matrix = ready.baseline.matrix.copy()
    matrix.data[np.flatnonzero(matrix.indices == number)[0]] = value
    return replace(ready.baseline, matrix=matrix)


@pytest.mark.parametrize(
    ("variable", "value", "name"),
    [
        ("sent", 1e15, "sent lane:start-north.*lane:start-north"),
        ("sent", 1e300, "sent lane:start-north.*lane:start-north"),
        ("sent", np.inf, "sent lane:start-north.*lane:start-north"),
        ("sent", np.nan, "sent lane:start-north.*lane:start-north"),
        ("out", 1e-9, "out supply:source.*balance.*START"),
        ("out", -1e-9, "out supply:source.*balance.*START"),
        ("out", 1e-12, "out supply:source.*balance.*START"),
    ],
)
def test_a_coefficient_beyond_the_solver_is_refused_by_name(
    variable: str, value: float, name: str
) -> None:
    ready = built(diamond())
    with pytest.raises(UnfitNumbersError, match=name) as bad:
        refuse_unfit(ready.formulation, changed(ready, variable, value))
    assert f"{value:.3g}" in str(bad.value)
    assert "check the units" in str(bad.value)


@pytest.mark.parametrize("value", [0.0, 2e-9, 0.9e15])
def test_a_coefficient_within_is_not(value: float) -> None:
    ready = built(diamond())
    lone = changed(ready, "sent", value)  # the lane's row has no other
    refuse_unfit(ready.formulation, lone)


@pytest.mark.parametrize("limit", [1e20, np.inf, np.nan])
def test_a_limit_beyond_the_solver_is_refused_by_name(limit: float) -> None:
    ready = built(diamond())
    high = ready.baseline.high.copy()
    high[1] = limit
    with pytest.raises(UnfitNumbersError, match="the limit of out supply:source"):
        refuse_unfit(ready.formulation, replace(ready.baseline, high=high))


def two_values(dear: float, cheap: float) -> Tables:
    """Return two goods on one lane that are worth very different sums."""
    return dataset(
        part("dear", value_usd=dear),
        part("cheap", value_usd=cheap),
        system("unit", 1),
        need("unit", "dear"),
        need("unit", "cheap"),
        supply("dears", "dear", START),
        supply("cheaps", "cheap", START),
        lane(START, END, 10),
    )


def test_goods_worth_next_to_nothing_beside_others_on_a_lane_do_no_harm() -> None:
    found = solution(built(two_values(1e7, 1e-4)))
    assert found.capacity == pytest.approx(1e-6)


def test_goods_worth_little_that_could_fill_a_lane_all_the_same_are_refused() -> None:
    ready = built(two_values(1e7, 1e-4))
    plenty = replace(ready.baseline, high=np.full_like(ready.baseline.high, 1e6))
    with pytest.raises(UnfitNumbersError, match="cheap"):
        refuse_unfit(ready.formulation, plenty)


def test_a_wide_spread_is_warned_of() -> None:
    ready = built(two_values(1e4, 1e-4))
    wide = changed(ready, "sent", 1.5e9)
    lone = built(diamond())
    with pytest.warns(WideSpreadWarning, match="lane:start-end"):
        refuse_unfit(ready.formulation, wide)
    refuse_unfit(lone.formulation, lone.baseline)


def test_what_is_cut_almost_in_whole_is_to_be_cut_in_whole() -> None:
    tables = two_brands()
    red = next(row for row in goods(tables) if row.brand == "RED")
    nearly, whole = (stopped({("lane:start-end", red): share}) for share in (1 - 1e-10, 1.0))
    with pytest.raises(UnfitNumbersError, match="cut in whole what is cut so nearly in whole"):
        solution(built(tables, (nearly,)), nearly)
    assert solution(built(tables, (whole,)), whole).capacity == pytest.approx(40)


@pytest.mark.parametrize("seed", range(20))
def test_random_networks_pass(seed: int) -> None:
    tables = network(seed)
    effect = some_effect(tables, seed)
    ready = built(tables, (effect, cut(dict.fromkeys(elements(tables), 1.0))))
    refuse_unfit(ready.formulation, ready.under(effect))
