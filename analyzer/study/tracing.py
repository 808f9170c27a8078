"""Curves of one variable: straight pieces found exactly, anything else between samples.

Convention: a spot is a place on a curve, with its value there. A curve that is convex and straight
in pieces is found from lines that lie below it: where the lines of two spots meet is either a
corner of the curve, or a spot with a line of its own (Eisner and Severance, Mathematical techniques
for efficient record segmentation in large shared databases, 1976).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import NamedTuple

CLOSEST = 1e-9
"""Two places closer than this are one."""
PARTS = 8
"""In how many parts a curve is looked at before anything is known of it."""


class UnknownSpotError(Exception):
    """What a curve is at a place could not be found."""


class Spot(NamedTuple):
    """A place on a curve."""

    at: float
    value: float
    slope: float = 0.0
    """Of a line through it that lies nowhere above the curve."""

    def line(self, at: float) -> float:
        """Return how high that line is somewhere."""
        return self.value + self.slope * (at - self.at)


def corners(
    find: Callable[[float], Spot], start: float, end: float, *, same: float
) -> tuple[Spot, ...]:
    """Return the ends and the corners of a curve that is convex and straight in pieces.

    Parameters
    ----------
    find : callable
        Gives the spot at a place.
    start, end : float
        The ends.
    same : float
        Values that differ by no more are the same.

    Examples
    --------
    >>> def hinge(at):
    ...     return Spot(at, max(0.0, at - 0.3), float(at > 0.3))
    >>> [round(spot.at, 9) for spot in corners(hinge, 0.0, 1.0, same=1e-12)]
    [0.0, 0.3, 1.0]
    """
    first, last = find(start), find(end)
    return turning((first, *_corners(find, first, last, same=same), last), same=same)


def _corners(
    find: Callable[[float], Spot], one: Spot, other: Spot, *, same: float
) -> Iterator[Spot]:
    if other.value - one.line(other.at) <= same or one.value - other.line(one.at) <= same:
        return
    meet = (one.value - one.slope * one.at) - (other.value - other.slope * other.at)
    at = meet / (other.slope - one.slope)
    if not one.at + CLOSEST < at < other.at - CLOSEST:
        return
    found = find(at)
    if found.value - one.line(at) <= same:
        yield found
        return
    yield from _corners(find, one, found, same=same)
    yield found
    yield from _corners(find, found, other, same=same)


def turning(spots: Sequence[Spot], *, same: float) -> tuple[Spot, ...]:
    """Return the ends, and those spots between that do not lie on a straight line of others."""
    kept = list(spots[:1])
    for n, spot in enumerate(spots[1:-1], start=1):
        if abs(spot.value - between(kept[-1], spots[n + 1], spot.at)) > same:
            kept.append(spot)
    return (*kept, *spots[max(len(spots) - 1, 1) :])


def between(one: Spot, other: Spot, at: float) -> float:
    """Return the value of the straight line from one spot to another."""
    share = (at - one.at) / (other.at - one.at)
    return (1 - share) * one.value + share * other.value


def samples(
    find: Callable[[float], Spot], start: float, end: float, *, same: float
) -> tuple[Spot, ...]:
    """Return spots of a curve that never rises or never falls, close enough to be joined straight.

    A part is left as it is if its ends are the same, and so all between, or if a quarter, a half
    and three quarters of it lie where straight lines would have them; else it is halved. It is
    left, too, where one of those cannot be found.

    Parameters
    ----------
    find : callable
        Gives the spot at a place, or raises `UnknownSpotError`.
    start, end : float
        The ends.
    same : float
        Values that differ by no more are the same.

    Raises
    ------
    UnknownSpotError
        If an end cannot be found.
    """
    first, last = find(start), find(end)
    if abs(first.value - last.value) <= same:
        return first, last
    inner = (start + (end - start) * n / PARTS for n in range(1, PARTS))
    known = [first, *found_at(find, inner), last]
    found = [first]
    for one, other in pairwise(known):
        found += [*_samples(find, one, other, same=same), other]
    return tuple(found)


def found_at(find: Callable[[float], Spot], places: Iterable[float]) -> Iterator[Spot]:
    """Yield the spots at those places where they can be found."""
    for at in places:
        with suppress(UnknownSpotError):
            yield find(at)


def _samples(
    find: Callable[[float], Spot], one: Spot, other: Spot, *, same: float
) -> Iterator[Spot]:
    if abs(one.value - other.value) <= same or other.at - one.at <= CLOSEST:
        return
    quarter = (other.at - one.at) / 4
    try:
        middle = find(one.at + 2 * quarter)
        left, right = find(one.at + quarter), find(one.at + 3 * quarter)
    except UnknownSpotError:
        return
    straight = (
        abs(left.value - between(one, middle, left.at)) <= same
        and abs(right.value - between(middle, other, right.at)) <= same
    )
    if straight:
        yield from (left, middle, right)
        return
    yield from _samples(find, one, middle, same=same)
    yield middle
    yield from _samples(find, middle, other, same=same)


def edge(flat: Callable[[float], bool], inside: float, outside: float, *, close: float) -> float:
    """Return how far a curve stays flat, from a place where it is to one where it is no more.

    Parameters
    ----------
    flat : callable
        Tells whether it still is.
    inside, outside : float
        Where it is, and where not.
    close : float
        How close the answer is, on the side where it is flat.

    Examples
    --------
    >>> round(edge(lambda at: at <= 0.3, 0.0, 1.0, close=1e-6), 5)
    0.3
    """
    while abs(outside - inside) > close:
        middle = (inside + outside) / 2
        if flat(middle):
            inside = middle
        else:
            outside = middle
    return inside
