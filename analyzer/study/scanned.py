"""The tidy frame of a scan, made of the rows of its sweep.

Convention: capacities and losses are in the units of the weighting; a number that is not certified
is NaN.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, nan

import numpy as np
import pandas as pd

from analyzer.programme.arrays import Vector
from analyzer.programme.scale import natural
from analyzer.study.trial import PROOFS, By

DECIMALS = 12
"""Of shares of target; beyond them is the arithmetic's own dust."""

HOW = {
    By.KNOWN: "pruned",
    By.LEAN: "pruned",
    By.OTHER: "pruned",
    By.SUM: "certified",
    By.ROW: "certified",
    By.SOLVE: "solved",
}


@dataclass(frozen=True)
class Scale:
    """What turns shortfalls into what is shown.

    Attributes
    ----------
    ids : tuple of str
        Ids of the cuts, by number.
    systems : dict of str to float
        Targets of the systems, in units per month, in the order of their columns.
    worth : float
        Σ w · target.
    base : float
        Capacity of the baseline.
    share : float
        The same as a share of Σ w · target.
    """

    ids: tuple[str, ...]
    systems: dict[str, float]
    worth: float
    base: float
    share: float


def table(rows: pd.DataFrame, scale: Scale, *, alone: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return a row a cut or pair, what leaves least first; those without a number come last.

    Parameters
    ----------
    rows : pandas.DataFrame
        From `analyzer.study.trial.rows`.
    scale : Scale
        What turns shortfalls into what is shown.
    alone : pandas.DataFrame, optional
        Of pairs, the rows of the single cuts by their number.

    Returns
    -------
    pandas.DataFrame
        The columns that `analyzer.study.contingency.Contingency` promises.
    """
    capacity = _capacity(rows, scale)
    # without a baseline's capacity no row has a number
    certified = rows["certified"] & isfinite(scale.base)
    known = zip(rows["proof"].tolist(), certified.tolist(), strict=True)
    proofs = [PROOFS[n] if sure else None for n, sure in known]
    found = pd.DataFrame(
        {
            "cut": _named(rows, scale.ids),
            "capacity": capacity,
            "surviving": capacity / scale.base if scale.base else nan,
            "loss": scale.base - capacity,
            **({} if alone is None else _against(rows, capacity, alone=alone, scale=scale)),
            "how": ["" if by is None else HOW[by] for by in proofs],
            "proof": ["" if by is None else by.value for by in proofs],
            "width": rows["width"].where(certified) / scale.share,
            "certified": certified,
            "failure": rows["failure"],
            **{
                f"output_per_month.{system}": rows[f"share.{n}"].round(DECIMALS) * target
                for n, (system, target) in enumerate(scale.systems.items())
            },
        }
    )
    # of pairs that leave the same, those that hide behind one another come first
    beyond = -np.round(found["synergy"], 9) if alone is not None else np.zeros(len(found))
    order = np.lexsort((rows["second"], rows["first"], beyond, capacity))
    return found.iloc[order].reset_index(drop=True)


def _named(rows: pd.DataFrame, ids: Sequence[str]) -> list[tuple[str, ...]]:
    pairs = zip(rows["first"].tolist(), rows["second"].tolist(), strict=True)
    return [(ids[a],) if b < 0 else (ids[a], ids[b]) for a, b in pairs]


def _capacity(rows: pd.DataFrame, scale: Scale) -> Vector:
    """Return capacities; many rows share one, which is rounded once."""
    shortfalls, place = np.unique(rows["shortfall"].to_numpy(), return_inverse=True)
    known = [natural(scale.worth, each) if isfinite(each) else nan for each in shortfalls.tolist()]
    return np.asarray(np.minimum(np.array(known)[place], scale.base))


def _against(
    rows: pd.DataFrame, capacity: Vector, *, alone: pd.DataFrame, scale: Scale
) -> dict[str, Vector]:
    """Return what a pair does beyond its cuts."""
    losses = scale.base - _capacity(alone, scale)
    one, other = losses[rows["first"].to_numpy()], losses[rows["second"].to_numpy()]
    synergy = scale.base - capacity - one - other
    smaller, larger = np.minimum(one, other), np.maximum(one, other)
    wasted = np.clip(-synergy / np.where(smaller > 0, smaller, np.nan), 0.0, 1.0)
    return {"synergy": synergy, "larger": larger, "smaller": smaller, "wasted": wasted}
