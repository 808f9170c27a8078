"""Shapley values and interaction: known games, and identities that hold in every game."""

from math import comb

import numpy as np
import pytest

from analyzer.study import games
from analyzer.study.games import Game, interaction, shapley


def council(coalition: int) -> float:
    """Return whether the five permanent members, who stand first, and four others vote for it."""
    return float(coalition & 0b11111 == 0b11111 and coalition.bit_count() >= 9)


def test_the_security_council_has_the_known_shares() -> None:
    game = Game(15, council)
    values = shapley(game).values
    assert values[:5] == pytest.approx([421 / 2145] * 5, abs=1e-12)
    assert values[5:] == pytest.approx([4 / 2145] * 10, abs=1e-12)
    assert round(values[0], 6) == 0.196270
    assert round(values[14], 6) == 0.001865
    # what lies between two coalitions of the same worth is not asked for
    assert len(game.known) < 2**15 / 2


def some_game(seed: int, players: int) -> tuple[Game, list[float]]:
    draw = np.random.default_rng([7, seed])
    sizes, top = draw.integers(0, 4, size=players).tolist(), float(draw.integers(3, 9))
    worths = [
        min(top, float(sum(s for n, s in enumerate(sizes) if c >> n & 1)))
        for c in range(1 << players)
    ]
    return Game(players, worths.__getitem__), worths


@pytest.mark.parametrize("seed", range(12))
def test_shares_sum_to_the_whole_and_no_worth_is_guessed(seed: int) -> None:
    game, worths = some_game(seed, 6)
    assert game.all() == dict(enumerate(worths))
    shares = shapley(game)
    assert sum(shares.values) == pytest.approx(worths[-1] - worths[0], abs=1e-12)
    assert min(shares.values) >= -1e-12
    assert shares.exact


@pytest.mark.parametrize("seed", range(12))
def test_interaction_is_the_mean_of_second_differences(seed: int) -> None:
    game, worths = some_game(seed, 5)
    for one in range(5):
        for other in range(one + 1, 5):
            a, b = 1 << one, 1 << other
            parts = [
                (worths[c | a | b] - worths[c | a] - worths[c | b] + worths[c])
                / (4 * comb(3, c.bit_count()))
                for c in range(32)
                if not c & (a | b)
            ]
            assert interaction(game, one, other) == pytest.approx(sum(parts), abs=1e-12)


def test_a_game_whose_worths_fall_is_looked_at_in_whole() -> None:
    asked: list[int] = []

    def worth(coalition: int) -> float:
        asked.append(coalition)
        return float(coalition == 0b01)

    assert shapley(Game(2, worth, monotone=False)).values == (0.5, -0.5)
    assert sorted(asked) == [0, 1, 2, 3]


def test_many_players_are_sampled_with_an_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    game, worths = some_game(3, 6)
    exact = shapley(game).values
    monkeypatch.setattr(games, "EXACT", 5)
    found = shapley(game, orders=400, seed=1)
    assert not found.exact
    assert found == shapley(game, orders=400, seed=1)
    assert sum(found.values) == pytest.approx(worths[-1] - worths[0], abs=1e-9)
    for value, margin, true in zip(found.values, found.margins, exact, strict=True):
        assert abs(value - true) <= 2 * margin + 1e-12
