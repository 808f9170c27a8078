"""What draws say, on draws whose answer is known."""

import numpy as np
import pytest
from scipy import stats

from analyzer.study.intervals import convergence, intervals, largest_error, pairs, ranks
from analyzer.study.samples import BATCH, Shape, Spread, batch, values

NAMES = ["a", "b", "c"]
THREE = np.array([[0.1, 0.2, 0.2], [0.1, 0.3, 0.2], [0.5, 0.4, 0.6], [0.5, 0.6, 0.7]])


def test_ranks_count_what_leaves_less() -> None:
    found = ranks(THREE, NAMES).set_index("scenario")
    assert found[["rank.1", "rank.2", "rank.3"]].to_numpy().tolist() == [
        [0.75, 0.25, 0.0],
        [0.25, 0.5, 0.25],
        [0.0, 0.5, 0.5],
    ]
    assert found["first"].tolist() == [0.75, 0.25, 0.0]
    assert found["rank_p50"].tolist() == [1, 2, 2]


def test_pairs_are_less_the_same_or_more() -> None:
    found = pairs(THREE, NAMES)
    assert found[["scenario", "other"]].to_numpy().tolist() == [["a", "b"], ["a", "c"], ["b", "c"]]
    shares = found[["less", "same", "more"]].to_numpy().tolist()
    assert shares == [[0.75, 0.0, 0.25], [1.0, 0.0, 0.0], [0.5, 0.25, 0.25]]
    assert found["se"].tolist() == pytest.approx([0.75**0.5 / 4, 0, 0.25])


@pytest.mark.parametrize(("level", "name"), [(0.05, "se_p05"), (0.5, "se_p50")])
def test_standard_errors_of_percentiles_are_those_of_theory(level: float, name: str) -> None:
    draws = stats.norm.ppf((np.arange(40_000) + 0.5) / 40_000)[:, np.newaxis]
    (row,) = intervals(draws, ["x"]).to_dict("records")
    density = stats.norm.pdf(stats.norm.ppf(level))
    theory = np.sqrt(level * (1 - level) / len(draws)) / density
    assert row[name] == pytest.approx(theory, rel=0.02)
    assert row["se_mean"] == pytest.approx(1 / 200, rel=0.02)


def test_errors_fall_as_draws_come() -> None:
    draws = np.random.default_rng(2).random((2000, 2))
    found = convergence(draws, ["a", "b"], step=500)
    assert found["draws"].unique().tolist() == [500, 1000, 1500, 2000]
    errors = found[found["scenario"] == "a"]["se_mean"].to_numpy()
    assert (np.diff(errors) < 0).all()
    assert largest_error(intervals(draws, ["a", "b"])) < 0.02


@pytest.mark.parametrize("peak", [0.0, 0.3, 1.0])
def test_distributions_are_those_that_are_named(peak: float) -> None:
    places = np.linspace(0.01, 0.99, 25)[:, np.newaxis]
    ranges = np.array([[2.0, 2.0 + 5 * peak, 7.0]])
    known = {
        Shape.TRIANGULAR: stats.triang(peak, 2, 5),
        Shape.UNIFORM: stats.uniform(2, 5),
        Shape.PERT: stats.beta(1 + 4 * peak, 5 - 4 * peak, 2, 5),
    }
    for shape, distribution in known.items():
        found = values(places, ranges, shape=shape)
        assert found == pytest.approx(distribution.ppf(places), rel=1e-9)


def test_a_range_without_width_is_its_figure() -> None:
    for shape in Shape:
        assert values(np.array([[0.3]]), np.full((1, 3), 4.0), shape=shape).tolist() == [[4.0]]


@pytest.mark.parametrize("spread", Spread)
def test_batches_are_spread_and_can_be_drawn_again(spread: Spread) -> None:
    second = batch(1, 3, seed=5, spread=spread)
    assert (second == batch(1, 3, seed=5, spread=spread)).all()
    assert (second != batch(0, 3, seed=5, spread=spread)).any()
    for column in second.T:
        assert sorted((column * BATCH).astype(int).tolist()) == list(range(BATCH))
    assert batch(0, 0, seed=1, spread=spread).shape == (BATCH, 0)
