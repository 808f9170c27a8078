"""Draws: numbers between 0 and 1 that are spread evenly, and what they mean for a range.

Convention: a draw is a row. Batches are drawn apart from each other, each from the seed and its own
number, so that any of them can be drawn again by itself. Whatever was drawn before another batch
does not change when more are asked for.
"""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from analyzer.programme.arrays import Vector

BATCH = 128
"""Draws of a batch; a power of two, as Sobol's sequence wants it."""
PEAK = 4.0
"""How much the middle counts in the mean of a PERT distribution beside either end."""

Whole = NDArray[np.int64]


class Shape(StrEnum):
    """How a figure lies within its range."""

    TRIANGULAR = "triangular"
    """Most likely at its central value, and ever less so towards either end."""
    UNIFORM = "uniform"
    """Anywhere between its ends alike; the central value does not count."""
    PERT = "pert"
    """As triangular, but smooth, and closer to the central value."""


class Spread(StrEnum):
    """How draws are spread."""

    LATIN = "latin"
    """In each batch, each figure once in every one of as many equal parts of its range."""
    SOBOL = "sobol"
    """Along Sobol's sequence, scrambled."""


def batch(number: int, width: int, *, seed: int, spread: Spread = Spread.LATIN) -> Vector:
    """Return a batch of draws: `BATCH` rows of so many numbers between 0 and 1.

    Parameters
    ----------
    number : int
        Of the batch, from 0.
    width : int
        How many numbers a draw has.
    seed : int
        The same seed gives the same draws.
    spread : Spread
        Latin hypercubes of their own, or consecutive parts of one scrambled sequence of Sobol.

    Examples
    --------
    >>> one = batch(0, 2, seed=1)
    >>> sorted((one[:, 0] * BATCH).astype(int).tolist()) == list(range(BATCH))
    True
    """
    from scipy.stats import qmc  # noqa: PLC0415 - takes a second, which only draws should cost

    if width == 0:
        return np.empty((BATCH, 0))
    if spread is Spread.LATIN:
        drawn = qmc.LatinHypercube(width, seed=np.random.default_rng([seed, number]))
        return np.asarray(drawn.random(BATCH))
    sequence = qmc.Sobol(width, seed=np.random.default_rng(seed))
    if number:
        sequence.fast_forward(number * BATCH)
    return np.asarray(sequence.random(BATCH))


def values(drawn: Vector, ranges: Vector, *, shape: Shape) -> Vector:
    """Return figures from numbers between 0 and 1, by the inverse of their distribution.

    Parameters
    ----------
    drawn : array of float
        A column a figure.
    ranges : array of float
        A row a figure: low, central, high; they must not fall.
    shape : Shape
        How a figure lies within its range.

    Examples
    --------
    >>> half = np.full((1, 1), 0.5)
    >>> [float(values(half, np.array([[0.0, 1.0, 4.0]]), shape=s)[0, 0].round(3)) for s in Shape]
    [1.551, 2.0, 1.255]
    """
    low, central, high = (ranges[:, n] for n in range(3))
    width = high - low
    if shape is Shape.UNIFORM:
        return np.asarray(low + width * drawn)
    safe = np.where(width > 0, width, 1.0)
    peak = np.where(width > 0, (central - low) / safe, 0.5)
    if shape is Shape.PERT:
        place = betaincinv(1 + PEAK * peak, 1 + PEAK * (1 - peak), drawn)
    else:
        rising = np.sqrt(drawn * peak)
        falling = 1 - np.sqrt((1 - drawn) * (1 - peak))
        place = np.where(drawn < peak, rising, falling)
    return np.asarray(low + width * place)
