"""What players of a game are worth: Shapley values, exact or sampled, and interaction.

Convention: a coalition is an integer with a bit for each player. The worth of a coalition never
falls when a player joins, unless said otherwise; then, where two coalitions of which one holds the
other are worth the same, so is every one between them, and none of those is asked for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import comb, factorial, sqrt

import numpy as np

EXACT = 15
"""Up to how many players all coalitions are looked at."""
SURE = 1.96
"""Half the width of a 95 % interval of a mean, in standard errors."""

Coalition = int


@dataclass
class Game:
    """A game whose worths are kept once they are known.

    Attributes
    ----------
    players : int
        How many.
    worth : callable
        What a coalition is worth.
    same : float
        Worths that differ by no more are the same.
    monotone : bool
        Whether no worth falls when a player joins.
    """

    players: int
    worth: Callable[[Coalition], float]
    same: float = 0.0
    monotone: bool = True
    known: dict[Coalition, float] = field(default_factory=dict)

    @property
    def everybody(self) -> Coalition:
        """The coalition of all."""
        return (1 << self.players) - 1

    def of(self, coalition: Coalition) -> float:
        """Return what a coalition is worth."""
        if coalition not in self.known:
            self.known[coalition] = self.worth(coalition)
        return self.known[coalition]

    def all(self) -> dict[Coalition, float]:
        """Return what every coalition is worth."""
        found: dict[Coalition, float] = {}
        self._fill(0, self.everybody, found)
        return found

    def _fill(self, least: Coalition, most: Coalition, found: dict[Coalition, float]) -> None:
        """Add the worths of all coalitions between two."""
        low, high = self.of(least), self.of(most)
        found[least], found[most] = low, high
        free = most & ~least
        if not free & (free - 1):
            return
        if self.monotone and high - low <= self.same:
            between = (free - 1) & free
            while between:
                found[least | between] = low
                between = (between - 1) & free
            return
        one = free & -free
        self._fill(least, most & ~one, found)
        self._fill(least | one, most, found)


@dataclass(frozen=True)
class Shares:
    """What each player is worth.

    Attributes
    ----------
    values : tuple of float
        Shapley values; they sum to what everybody is worth, less what nobody is.
    margins : tuple of float
        Half the width of the 95 % interval of each; 0 where all coalitions were looked at.
    exact : bool
        Whether they were.
    """

    values: tuple[float, ...]
    margins: tuple[float, ...]
    exact: bool


def shapley(game: Game, *, orders: int = 1000, seed: int = 0) -> Shares:
    """Return the Shapley value of each player (A value for n-person games, 1953).

    Parameters
    ----------
    game : Game
        The game.
    orders : int
        In how many random orders players join, where there are more than `EXACT`.
    seed : int
        The same gives the same orders.

    Examples
    --------
    One left and two right gloves, of which a pair is worth 1:

    >>> gloves = Game(3, lambda c: float(bool(c & 1 and c & 0b110)))
    >>> [round(value, 4) for value in shapley(gloves).values]
    [0.6667, 0.1667, 0.1667]
    """
    if game.players <= EXACT:
        values = _exact(game)
        return Shares(values, (0.0,) * game.players, exact=True)
    return _sampled(game, orders=orders, seed=seed)


def _exact(game: Game) -> tuple[float, ...]:
    n, worth = game.players, game.all()
    weights = [factorial(k) * factorial(n - k - 1) / factorial(n) for k in range(n)]
    values = [0.0] * n
    for coalition, value in worth.items():
        size = coalition.bit_count()
        for player in range(n):
            if coalition >> player & 1:
                values[player] += weights[size - 1] * value
            else:
                values[player] -= weights[size] * value
    return tuple(values)


def _sampled(game: Game, *, orders: int, seed: int) -> Shares:
    """Return means over random orders, which sum to the whole in each order."""
    draw = np.random.default_rng(seed)
    gains = np.zeros((orders, game.players))
    for row in gains:
        coalition, before = 0, game.of(0)
        for player in draw.permutation(game.players).tolist():
            coalition |= 1 << player
            after = game.of(coalition)
            row[player] = after - before
            before = after
    error = (
        gains.std(axis=0, ddof=1) / sqrt(orders) if orders > 1 else np.full(len(gains[0]), np.inf)
    )
    return Shares(tuple(gains.mean(axis=0).tolist()), tuple((SURE * error).tolist()), exact=False)


def interaction(game: Game, one: int, other: int) -> float:
    """Return how much two players are worth together beyond what each is by itself.

    It is the mean over all coalitions of the others, sizes counting alike, of what both add less
    what each adds (Grabisch and Roubens, An axiomatic approach to the concept of interaction
    among players in cooperative games, 1999). Above 0 they need one another; below 0 each does in
    part what the other does.

    Parameters
    ----------
    game : Game
        At most `EXACT` players.
    one, other : int
        The players.

    Examples
    --------
    >>> gloves = Game(3, lambda c: float(bool(c & 1 and c & 0b110)))
    >>> interaction(gloves, 0, 1), interaction(gloves, 1, 2)
    (0.5, -0.5)
    """
    worth, n = game.all(), game.players
    both = 1 << one | 1 << other
    total = 0.0
    for coalition, value in worth.items():
        if not coalition & both:
            added = (
                worth[coalition | both]
                - worth[coalition | 1 << one]
                - worth[coalition | 1 << other]
                + value
            )
            total += added / ((n - 1) * comb(n - 2, coalition.bit_count()))
    return total


def members(coalition: Coalition, names: Sequence[str]) -> frozenset[str]:
    """Return the names of those in a coalition."""
    return frozenset(name for n, name in enumerate(names) if coalition >> n & 1)
