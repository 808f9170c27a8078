"""Numbers that a solver would drop or misread in silence are refused before the solve, by name."""

import warnings

import numpy as np
from numpy.typing import NDArray

from analyzer.programme.arrays import LinearProgramme
from analyzer.programme.certificate import RESIDUAL
from analyzer.programme.flow import Formulation

SMALL, LARGE, INFINITE, SPREAD = 1e-9, 1e15, 1e20, 1e9
"""Coefficients at or beyond the first two and bounds at the third are lost; a wider spread of the
coefficients of one row than the fourth is warned of."""


class UnfitNumbersError(ValueError):
    """A programme holds numbers that no solver represents; the message names them."""


class WideSpreadWarning(UserWarning):
    """The coefficients of a row differ by more than a solver resolves well."""


def refuse_unfit(formulation: Formulation, programme: LinearProgramme) -> None:
    """Check the numbers of a programme before a solve.

    Parameters
    ----------
    formulation : Formulation
        Meaning of rows and columns.
    programme : LinearProgramme
        The numbers.

    Raises
    ------
    UnfitNumbersError
        If a coefficient is at most 1e-9 (and not 0) or at least 1e15, or a bound at least 1e20.
        Solvers drop small ones, which does no harm where a limit in USD is shared by goods of
        very different worth and the cheap ones together cannot fill a residual's worth of it.

    Warns
    -----
    WideSpreadWarning
        If the coefficients of a row spread over more than nine powers of ten.
    """
    entries = programme.matrix.tocoo()
    size = np.abs(entries.data)
    small = (size <= SMALL) & (size > 0) & ~_harmless(formulation, programme)
    lost = np.flatnonzero(small | (size >= LARGE) | ~np.isfinite(size))
    if len(lost):
        n = int(lost[0])
        msg = (
            f"the number {entries.data[n]:.3g} of {_column(formulation, entries.col[n])} in "
            f"{_row(formulation, entries.row[n])} is beyond what a solver represents; check the "
            "units of its figures, or cut in whole what is cut so nearly in whole"
        )
        raise UnfitNumbersError(msg)
    wide = np.flatnonzero(~(programme.high < INFINITE))
    if len(wide):
        msg = (
            f"the limit of {_column(formulation, wide[0])} comes to {programme.high[wide[0]]:.3g} "
            "times its need, beyond what a solver represents; check the units of its figures, or "
            "cut in whole what is cut so nearly in whole on many lanes, since losses multiply"
        )
        raise UnfitNumbersError(msg)
    _warn_of_spread(formulation, programme)


def _harmless(formulation: Formulation, programme: LinearProgramme) -> NDArray[np.bool_]:
    """Tell which numbers could be dropped without anybody's noticing."""
    entries = programme.matrix.tocoo()
    in_usd = np.array([row.family in {"lane", "budget"} for row in formulation.rows])
    slight = np.abs(entries.data) * programme.high[entries.col] <= RESIDUAL / len(programme.high)
    return np.asarray(in_usd[entries.row] & slight)


def _warn_of_spread(formulation: Formulation, programme: LinearProgramme) -> None:
    entries = programme.matrix.tocoo()
    counts = (entries.data != 0) & ~_harmless(formulation, programme)
    row, size = entries.row[counts], np.abs(entries.data[counts])
    largest, least = np.zeros(len(programme.row_low)), np.full(len(programme.row_low), np.inf)
    np.maximum.at(largest, row, size)
    np.minimum.at(least, row, size)
    for number in np.flatnonzero(largest > SPREAD * least).tolist():
        message = f"the coefficients of {_row(formulation, number)} spread over {SPREAD:.0e}"
        warnings.warn(message, WideSpreadWarning, stacklevel=3)


def _column(formulation: Formulation, number: int) -> str:
    column = formulation.instance.columns[int(number)]
    return f"{column.variable} {' '.join(str(part) for part in column.what)}"


def _row(formulation: Formulation, number: int) -> str:
    row = formulation.rows[int(number)]
    return f"the {row.family} constraint of {' '.join(str(part) for part in row.what)}"
