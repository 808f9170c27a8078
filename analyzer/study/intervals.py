"""What draws say: intervals, ranks, and which of two scenarios leaves less.

Convention: a matrix of what survives has a row a draw and a column a scenario; draws that are not
certified in full are left out before. Standard errors are those of independent draws: since ours
are spread more evenly than by chance, they are upper bounds.
"""

from collections.abc import Sequence
from itertools import combinations
from math import ceil, floor, sqrt

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analyzer.programme.arrays import Vector
from analyzer.study.solve import SAME

Whole = NDArray[np.int64]
LEVELS = {"p05": 0.05, "p50": 0.5, "p95": 0.95}
"""Shares of the draws that lie below."""


class TooFewError(ValueError):
    """So few draws are certified that no interval is told."""


def intervals(surviving: Vector, scenarios: Sequence[str]) -> pd.DataFrame:
    """Return what survives each scenario: its percentiles with their standard errors, its mean.

    Returns
    -------
    pandas.DataFrame
        ``scenario``, ``p05``, ``p50``, ``p95``, ``mean``, ``se_p05``, ``se_p50``, ``se_p95`` and
        ``se_mean``.
    """
    ordered = np.sort(surviving, axis=0)
    draws = len(ordered)
    shown = {name: np.quantile(ordered, level, axis=0) for name, level in LEVELS.items()}
    errors = {f"se_{name}": standard_error(ordered, level) for name, level in LEVELS.items()}
    spread = ordered.std(axis=0, ddof=1) / sqrt(draws)
    means = {"mean": ordered.mean(axis=0), **errors, "se_mean": spread}
    return pd.DataFrame({"scenario": list(scenarios), **shown, **means})


def standard_error(ordered: Vector, level: float) -> Vector:
    """Return the standard error of a percentile, by the order of the draws.

    Of n draws, n · level ± √(n · level · (1 - level)) lie below the true percentile, so half the
    distance between the draws at these two places is one standard error, whatever the
    distribution (Conover, Practical nonparametric statistics, 1999, section 3.2).

    Parameters
    ----------
    ordered : array of float
        Draws in rising order, a column a scenario.
    level : float
        Share of the draws that lie below.
    """
    draws = len(ordered)
    spread = sqrt(draws * level * (1 - level))
    first = max(floor(draws * level - spread), 0)
    last = min(ceil(draws * level + spread), draws - 1)
    return np.asarray((ordered[last] - ordered[first]) / 2)


def ranks(surviving: Vector, scenarios: Sequence[str]) -> pd.DataFrame:
    """Return the ranks of scenarios, 1 for what leaves least; equals share the smaller rank.

    Returns
    -------
    pandas.DataFrame
        ``scenario``, ``rank_p05``, ``rank_p50``, ``rank_p95``, ``first`` (share of the draws in
        which no other leaves less), and ``rank.1``, ``rank.2``, …: share of the draws.
    """
    found = ranked(surviving)
    places = range(1, len(scenarios) + 1)
    shares = {f"rank.{place}": (found == place).mean(axis=0) for place in places}
    shown = {
        f"rank_{name}": np.quantile(found, level, axis=0, method="inverted_cdf").astype(int)
        for name, level in LEVELS.items()
    }
    first = {"first": shares["rank.1"]} if len(scenarios) else {"first": np.empty(0)}
    return pd.DataFrame({"scenario": list(scenarios), **shown, **first, **shares})


def ranked(surviving: Vector) -> Whole:
    """Return ranks within each draw: 1 and how many leave less, by more than can be told apart."""
    found = np.ones(surviving.shape, dtype=np.int64)
    for other in surviving.T:
        found += surviving - other[:, np.newaxis] > SAME
    return found


def pairs(surviving: Vector, scenarios: Sequence[str]) -> pd.DataFrame:
    """Return how likely it is that one scenario leaves less than another.

    Returns
    -------
    pandas.DataFrame
        A row a pair: ``scenario``, ``other``, ``less`` (share of the draws in which the first
        leaves less), ``same``, ``more`` and ``se``, the largest standard error of the three.
    """
    draws = len(surviving)
    rows = []
    for one, other in combinations(range(len(scenarios)), 2):
        apart = surviving[:, one] - surviving[:, other]
        shares = [(apart < -SAME).mean(), (abs(apart) <= SAME).mean(), (apart > SAME).mean()]
        error = max(sqrt(p * (1 - p) / draws) for p in shares)
        rows.append((scenarios[one], scenarios[other], *map(float, shares), error))
    return pd.DataFrame(rows, columns=["scenario", "other", "less", "same", "more", "se"])


def convergence(surviving: Vector, scenarios: Sequence[str], *, step: int) -> pd.DataFrame:
    """Return how percentiles settle: the columns of `intervals` after so many ``draws``."""
    counts = [*range(step, len(surviving), step), len(surviving)]
    frames = [
        intervals(surviving[:count], scenarios).assign(draws=count) for count in counts if count > 1
    ]
    return pd.concat(frames, ignore_index=True)


def largest_error(table: pd.DataFrame) -> float:
    """Return the largest standard error of any percentile."""
    return float(table[[f"se_{name}" for name in LEVELS]].to_numpy().max())
