"""Programmes between two that differ in limits alone, and how their safe bounds move between them.

Convention: at a share t from 0 to 1 of the way every limit is ``(1 - t) · from + t · to``, or what
any plan without waste can use at the most, where that is less. Limits are then concave in t, and
since worths of limits are at most 0 (`analyzer.programme.certificate.worths`), prices that bound
the shortfall at one place bound it everywhere between by a straight line.
"""

from dataclasses import dataclass, replace

import numpy as np

from analyzer.network.effect import Effect
from analyzer.programme.arrays import LinearProgramme, Model, Vector


@dataclass(frozen=True)
class Between:
    """Programmes between two.

    Attributes
    ----------
    programme : LinearProgramme
        With the matrix and the objective of all of them.
    high_from, high_to : array of float
        Upper bounds of columns at both ends, as limits alone have them.
    most : array of float
        What any plan without waste can use of each column at the most.
    row_from, row_to : array of float
        Upper sides of rows at both ends.
    """

    programme: LinearProgramme
    high_from: Vector
    high_to: Vector
    most: Vector
    row_from: Vector
    row_to: Vector

    def at(self, share: float) -> LinearProgramme:
        """Return the programme at a share of the way."""
        return replace(
            self.programme,
            high=np.minimum(_mixed(self.high_from, self.high_to, share), self.most),
            row_high=_mixed(self.row_from, self.row_to, share),
        )

    def slope(self, share: float, worths: Vector) -> float:
        """Return by how much a safe bound at a share of the way rises over the whole of it.

        Parameters
        ----------
        share : float
            Where the bound was found.
        worths : array of float
            What limits are worth in it.
        """
        held = _mixed(self.high_from, self.high_to, share) < self.most
        steps = np.where(held, _step(self.high_from, self.high_to), 0.0)
        rows = _step(self.row_from, self.row_to)
        width, height = len(steps), len(rows)
        return float((worths[:width] * steps).sum() + (worths[width : width + height] * rows).sum())


def between(model: Model, one: Effect, other: Effect) -> Between:
    """Return the programmes between two effects that differ in what is available alone.

    Parameters
    ----------
    model : Model
        Built for both, in the steady state.
    one, other : Effect
        The ends.

    Raises
    ------
    ValueError
        If they differ in anything but limits.
    """
    start, end = model.under(one), model.under(other)
    if (start.matrix.data != end.matrix.data).any() or (start.row_low != end.row_low).any():
        msg = "what lies between is straight only where limits alone differ"
        raise ValueError(msg)
    most = np.maximum(start.high, end.high)  # what is closed at an end is open before it
    high_from, high_to = start.high.copy(), end.high.copy()
    for number, column in enumerate(model.formulation.instance.columns):
        if column.variable == "sent":  # the row of its lane stops it
            high_from[number] = high_to[number] = most[number]
        elif column.variable in {"out", "make"} and np.isfinite(column.capacity):
            element = str(column.what[0])
            most[number] = column.most
            high_from[number] = column.capacity * _available(one, element)
            high_to[number] = column.capacity * _available(other, element)
    return Between(
        programme=start,
        high_from=high_from,
        high_to=high_to,
        most=most,
        row_from=start.row_high,
        row_to=end.row_high,
    )


def _available(effect: Effect, element: str) -> float:
    shares = effect.availability.get(element)
    return 1.0 if shares is None else float(shares[0])


def _mixed(one: Vector, other: Vector, share: float) -> Vector:
    with np.errstate(invalid="ignore"):  # infinite ones stay as they are
        mixed: Vector = np.where(one == other, one, (1 - share) * one + share * other)
    return mixed


def _step(one: Vector, other: Vector) -> Vector:
    with np.errstate(invalid="ignore"):
        found: Vector = np.where(one == other, 0.0, other - one)
    return found
