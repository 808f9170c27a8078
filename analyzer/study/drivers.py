"""What drives the answer, and which figure is worth checking first.

Convention: a driver is a group of figures that are drawn together. Its first-order effect is the
share of the variance of what survives that would go if it were known, its total effect the share
that it has a hand in; both follow Sobol (2001). The first is estimated from the draws as they are,
by ranks; the second takes draws in which it alone is drawn again.

Checking is worth what it takes from the chance of taking another scenario for the one that leaves
least: without it one takes what most often leaves least, with it what most often does so near the
value that was found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from analyzer.programme.arrays import Vector
from analyzer.study.figures import Figures, Ranged
from analyzer.study.intervals import Whole, ranked
from scenarios.schema import Measure

BINS = 10
"""Into how many equal parts the distribution of a driver is cut to see what it decides."""
SHUFFLES = 100
"""How often draws are shuffled to see what chance alone would seem to decide."""
CHANCE = 0.01
"""How often, of all drivers together, one at least may be told from none by chance alone."""
BASES = ("reported", "derived", "assumed")
LEVELS = ("high", "medium", "low")
"""From what is trusted most to what is trusted least."""
DUST = 1e-9
"""What sums of shares may be off by."""

Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def first_order(places: Vector, outputs: Vector) -> Vector:
    """Return first-order effects, a row a driver and a column an output, by ranks.

    With the draws in the order of a driver, what is like in neighbours is what it explains
    (Gamboa, Gremaud, Klein and Lagnoux, Global sensitivity analysis: a novel generation of mighty
    estimators based on rank statistics, Bernoulli 28, 2022). The standard error is at most about
    one over the root of the number of draws.

    Parameters
    ----------
    places : array of float
        Where in their distributions drivers lie; a row a draw, a column a driver.
    outputs : array of float
        A row a draw, a column an output; one that never changes has no effects, only zeros.

    Examples
    --------
    >>> draws = np.random.default_rng(1).random((20_000, 2))
    >>> output = 2 * draws[:, :1] + draws[:, 1:]
    >>> first_order(draws, output).round(1).ravel().tolist()
    [0.8, 0.2]
    """
    centred = outputs - outputs.mean(axis=0)
    variance = (centred**2).mean(axis=0)
    changes = variance > 0
    found = np.zeros((places.shape[1], outputs.shape[1]))
    for driver, column in enumerate(places.T):
        ordered = centred[np.argsort(column, kind="stable")][:, changes]
        alike = (ordered * np.roll(ordered, -1, axis=0)).mean(axis=0)
        found[driver, changes] = alike / variance[changes]
    return np.clip(found, 0.0, 1.0)


def total(outputs: Vector, again: Vector, variance: Vector) -> Vector:
    """Return the total effect of a driver by output, from draws in which it alone is drawn again.

    ``mean((y - y')²) / (2 variance)`` (Jansen, Analysis of variance designs for model output,
    Computer Physics Communications 117, 1999); 0 for an output that never changes.

    Examples
    --------
    >>> draws = np.random.default_rng(1).random((3, 20_000, 1))
    >>> sums, again = draws[0] * draws[1], draws[2] * draws[1]
    >>> total(sums, again, sums.var(axis=0)).round(1).tolist()
    [0.6]
    """
    squares = ((outputs - again) ** 2).mean(axis=0)
    share = np.divide(squares, 2 * variance, out=np.zeros_like(squares), where=variance > 0)
    return np.asarray(share)


def beyond_chance(drivers: int) -> float:
    """Return how many standard errors an effect must have to be told from none.

    The more drivers there are, the larger the largest effect that chance gives any of them, so
    each is held to its part of `CHANCE` (Bonferroni).

    Examples
    --------
    >>> [round(beyond_chance(drivers), 1) for drivers in (1, 10, 150)]
    [2.3, 3.1, 3.8]
    """
    return float(-ndtri(CHANCE / max(drivers, 1)))


@dataclass(frozen=True)
class Checking:
    """What it is worth to check each driver.

    Attributes
    ----------
    wrong : float
        Chance that what most often leaves least does not.
    less_wrong : array of float
        By driver, what knowing it takes from that chance, less what chance alone seems to take.
    noise : float
        Standard error of these.
    """

    wrong: float
    less_wrong: Vector
    noise: float


def checking(places: Vector, surviving: Vector, *, seed: int) -> Checking:
    """Return what it is worth to check each driver.

    Parameters
    ----------
    places : array of float
        Where in their distributions drivers lie; a row a draw, a column a driver.
    surviving : array of float
        A row a draw, a column a scenario.
    seed : int
        The same seed gives the same estimate.
    """
    worst = ranked(surviving) == 1
    right = float(worst.mean(axis=0).max())
    bins = min(BINS, max(len(worst) // BINS, 1))
    starts = np.arange(bins) * len(worst) // bins
    shuffle = np.random.default_rng(seed)
    chance = np.array([_right(worst[shuffle.permutation(len(worst))], starts)
                       for _ in range(SHUFFLES)])  # fmt: skip
    known = np.array([_right(worst[np.argsort(column, kind="stable")], starts)
                      for column in places.T])  # fmt: skip
    return Checking(
        wrong=1 - right,
        less_wrong=np.clip(known - chance.mean(), 0.0, 1 - right),
        noise=float(chance.std(ddof=1)),
    )


def _right(worst: Flags, starts: Whole) -> float:
    """Return how often one is right who knows in which part of the draws one is."""
    parts = np.add.reduceat(worst.astype(np.int64), starts, axis=0)
    return float(parts.max(axis=1).sum() / len(worst))


@dataclass(frozen=True, eq=False)
class Drivers:
    """What drives the answer.

    Attributes
    ----------
    effects : pandas.DataFrame
        A row a scenario and a driver, the largest first effect of a scenario first: ``scenario``,
        ``group``, ``figure`` (what all of the group move with, else the first), ``first``,
        ``clear`` (whether it is told from none) and ``total`` (NaN where it was not drawn again).
    checking : pandas.DataFrame
        A row a driver, what is most worth checking first: ``group``, ``figure``, ``kind`` (of
        the first of the group), ``figures`` (how many are in it), ``less_wrong``, ``clear``, and
        the weakest ``basis`` and ``confidence`` in it, and the ``source_ids`` that all share.
    wrong : float
        Chance that what most often leaves least does not.
    """

    effects: pd.DataFrame
    checking: pd.DataFrame
    wrong: float


def drivers(
    known: Figures,
    places: Vector,
    surviving: Vector,
    scenarios: Sequence[str],
    *,
    seed: int,
    totals: Mapping[int, Vector] | None = None,
) -> Drivers:
    """Return what drives the answer.

    Parameters
    ----------
    known : Figures
        What was drawn.
    places : array of float
        Where in their distributions drivers lie; a row a draw, a column a driver.
    surviving : array of float
        A row a draw, a column a scenario.
    scenarios : sequence of str
        Their ids.
    seed : int
        The same seed gives the same estimate.
    totals : mapping of int to array of float, optional
        Total effects by driver, a number a scenario, of those that were drawn again.
    """
    first = first_order(places, surviving)
    names = [_called(_of(known, group)[0]) for group in range(known.groups)]
    least = beyond_chance(known.groups) / np.sqrt(len(places))
    redrawn = totals or {}
    unknown = np.full(len(scenarios), np.nan)
    found_totals = np.array([redrawn.get(group, unknown) for group in range(known.groups)])
    frames = [
        pd.DataFrame(
            {
                "scenario": scenario,
                "group": np.arange(known.groups),
                "figure": names,
                "first": first[:, number],
                "clear": first[:, number] > least,
                "total": found_totals.reshape(-1, len(scenarios))[:, number],
            }
        ).sort_values(["first", "group"], ascending=[False, True])
        for number, scenario in enumerate(scenarios)
    ]
    found = checking(places, surviving, seed=seed)
    return Drivers(
        effects=pd.concat(frames, ignore_index=True),
        checking=_checked(known, found),
        wrong=found.wrong,
    )


def _of(known: Figures, group: int) -> list[Ranged]:
    return [known.ranged[n] for n in np.flatnonzero(known.group == group).tolist()]


def _called(figure: Ranged) -> str:
    stated = None if isinstance(figure.row, Measure) else figure.row.moves_with
    return stated or figure.name


def _checked(known: Figures, found: Checking) -> pd.DataFrame:
    rows, least = [], beyond_chance(known.groups) * found.noise + DUST
    for group in range(known.groups):
        figures = _of(known, group)
        behind = [figure.row for figure in figures]
        cited = set(behind[0].source_ids).intersection(*(row.source_ids for row in behind))
        rows.append(
            {
                "group": group,
                "figure": _called(figures[0]),
                "kind": figures[0].kind.value,
                "figures": len(figures),
                "less_wrong": float(found.less_wrong[group]),
                "clear": bool(found.less_wrong[group] > least),
                "basis": max((str(row.basis) for row in behind), key=BASES.index),
                "confidence": max((str(row.confidence) for row in behind), key=LEVELS.index),
                "source_ids": ";".join(key for key in behind[0].source_ids if key in cited),
            }
        )
    names = ["group", "figure", "kind", "figures", "less_wrong", "clear", "basis", "confidence",
             "source_ids"]  # fmt: skip
    frame = pd.DataFrame(rows, columns=names)
    return frame.sort_values(["less_wrong", "group"], ascending=[False, True], ignore_index=True)
