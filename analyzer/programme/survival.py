"""How long a rate can be kept: the fluid programme of time to survive.

Simchi-Levi, Schmidt and Wei (From superstorms to factory fires, 2014) and Simchi-Levi and others
(Identifying risks and mitigating disruptions in the automotive supply chain, 2015): the longest
time t for which every system keeps its rate under a constant cut, stocks included. With F the
totals of all flows over that time,

    maximise t   such that   A F ≥ -stock in the balances,   F ≤ t · limit,   x_s = t · rate_s,
                             t ≤ longest,

a linear programme with t as a variable. Delays, leads and growth are left out, as are months: what
is in stock counts whenever it is needed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analyzer.network.effect import Effect
from analyzer.programme.arrays import LinearProgramme, Model, Vector
from analyzer.programme.certificate import Certificate, certificate
from analyzer.programme.highs import Method, Status, answer
from analyzer.programme.merge import GoodClass
from analyzer.programme.scale import PERCENT

DIGITS = 4
"""Digits of a time in months: more would be those of `KEPT` and of the certificate's width."""
KEPT = 1 - 1e-6
"""Share of its rate that a system must keep; published rates are rounded to eight digits."""


@dataclass(frozen=True)
class Survival:
    """How long the rates can be kept.

    Attributes
    ----------
    months : float
        The longest time; of no use unless certified.
    at_least : bool
        Whether it is cut off at the longest time asked about.
    worth : mapping of (place, class) to float
        Bound on the months that one more normalised unit in stock there would bring.
    certificate : Certificate
        What was proved.
    """

    months: float
    at_least: bool
    worth: Mapping[tuple[str, GoodClass], float]
    certificate: Certificate

    @property
    def certified(self) -> bool:
        """Whether its numbers may be shown."""
        return self.certificate.certified


def survival(
    model: Model,
    effect: Effect,
    *,
    rates: Mapping[str, float],
    longest: float,
    more: Mapping[str, float] | None = None,
) -> Survival:
    """Return for how many months every system keeps its rate.

    Parameters
    ----------
    model : Model
        A programme over one stretch of time (`analyzer.network.effect.Timing.drawn`).
    effect : Effect
        The cut, in full.
    rates : mapping of system to float
        Rates to be kept, as shares of the targets.
    longest : float
        Months beyond which nobody asks.
    more : mapping of component to float, optional
        Factors on the stocks of components.
    """
    programme = _fluid(model, model.under(effect), rates=rates, longest=longest, more=more or {})
    for method in Method:
        found = answer(programme, method=method)
        optimal = found.status is Status.OPTIMAL
        proof = certificate(programme, found.plan, found.prices, optimal=optimal)
        if proof.certified:
            break
    share = 1 - proof.value / PERCENT
    return Survival(
        months=round(longest * max(share, 0.0), DIGITS),
        at_least=share >= KEPT,
        worth={
            (str(row.what[0]), GoodClass(*row.what[1])): longest * price / PERCENT / row.size
            for row, price in zip(model.formulation.rows, found.prices.tolist(), strict=False)
            if row.family == "balance" and row.what in model.sets.stored
        },
        certificate=proof,
    )


def _fluid(
    model: Model,
    programme: LinearProgramme,
    *,
    rates: Mapping[str, float],
    longest: float,
    more: Mapping[str, float],
) -> LinearProgramme:
    """Return the programme of totals: its last column is the time, as a share of the longest."""
    width = len(programme.cost)
    balance = np.array([row.family == "balance" for row in model.formulation.rows])
    limited = np.where(np.isfinite(programme.row_high), programme.row_high, 0.0) * ~balance
    high = longest * programme.high
    size = np.maximum(high, 1.0)
    kept = np.zeros(width)
    for (system, _), n in model.formulation.instance.v.x.items():
        kept[n] = rates[system] * KEPT * longest
    asked = np.flatnonzero(kept)
    eye = sparse.eye_array(width, format="csr")
    rows = (
        _beside(programme.matrix, -longest * limited),
        _beside(sparse.csr_array(sparse.diags_array(1 / size)), -high / size),
        _beside(eye[asked], -kept[asked]),
    )
    none = np.zeros(width)
    return LinearProgramme(
        cost=np.append(none, -PERCENT),
        constant=PERCENT,
        matrix=sparse.csr_array(sparse.vstack(rows)),
        row_low=np.concatenate(
            [_stocked(model, programme, more), np.full(width, -np.inf), np.zeros(len(asked))]
        ),
        row_high=np.concatenate(
            [
                np.where(np.isfinite(programme.row_high), 0.0, np.inf),
                none,
                np.full(len(asked), np.inf),
            ]
        ),
        high=np.append(high, 1.0),
    )


def _beside(matrix: sparse.csr_array, time: Vector) -> sparse.csr_array:
    return sparse.csr_array(sparse.hstack([matrix, sparse.csr_array(time[:, np.newaxis])]))


def _stocked(model: Model, programme: LinearProgramme, more: Mapping[str, float]) -> Vector:
    """Return the lower sides: what is in stock, times a factor, in the balances."""
    factors = np.array(
        [
            more.get(GoodClass(*row.what[1]).item, 1.0) if row.family == "balance" else 1.0
            for row in model.formulation.rows
        ]
    )
    low: Vector = programme.row_low * factors
    return low
