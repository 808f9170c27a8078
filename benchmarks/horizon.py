"""How long months take: to build, to solve first, and to solve again under another shock.

``python benchmarks/horizon.py [S|M]…`` draws datasets of the sizes that figures are stated for
(S over 36 months, M over 12), lets their supplies grow, cuts a few of them one by one, and prints
CPU seconds and the peak of memory. A shock is solved again on the programme that is loaded, from
where the months without it ended, and anew. Each size runs in a process of its own; every plan is
certified.
"""

import multiprocessing
import resource
import sys
import time
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from analyzer.network.effect import Effect, Timing
from analyzer.programme.arrays import LinearProgramme, model
from analyzer.programme.certificate import Certificate, certificate
from analyzer.programme.flow import Options, formulation, sets
from analyzer.programme.highs import Status, answer
from analyzer.programme.persistent import Persistent
from benchmarks.realistic import SIZES, realistic
from supply_data.schema import Supply, Tables

MONTHS = {"S": 36, "M": 12}
SHOCKS = 6
MIB = 1024


class Measured(NamedTuple):
    """What was measured of one size: CPU seconds, those of shocks as means."""

    months: int
    columns: int
    rows: int
    build: float
    first: float
    again: float
    anew: float
    peak_mib: float


def growing(tables: Tables) -> Tables:
    """Return a dataset whose supplies grow by a twentieth a month, to twice what they are."""
    return replace(tables, supplies={key: _growing(row) for key, row in tables.supplies.items()})


def _growing(row: Supply) -> Supply:
    if row.capacity_per_month is None:
        return row
    pace, end = row.capacity_per_month / 20, 2 * row.capacity_per_month
    return row.model_copy(update={"ramp_per_month": pace, "ceiling_per_month": end})


def measured(name: str) -> Measured:
    """Return what one size takes."""
    tables, months = growing(realistic(1, SIZES[name])), MONTHS[name]
    timing = Timing(months)
    begun = time.process_time()
    made = model(formulation(sets(tables, (), Options(timing=timing))))
    build = time.process_time() - begun
    first = _anew(made.baseline)
    loaded = Persistent(made.baseline)
    again, anew = [], []
    for element in _some(tables):
        shocked = made.under(Effect(timing, {element: np.zeros(months)}))
        begun = time.process_time()
        proof = loaded.proof(shocked)
        again.append(time.process_time() - begun)
        _refuse_unproved(proof.certificate)
        anew.append(_anew(shocked))
    rows, columns = made.baseline.matrix.shape
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB
    means = float(np.mean(again)), float(np.mean(anew))
    return Measured(months, columns, rows, build, first, *means, peak)


def _some(tables: Tables) -> list[str]:
    known = [row.element for row in tables.supplies.values() if row.capacity_per_month]
    draw = np.random.default_rng(1)
    return [known[n] for n in draw.choice(len(known), SHOCKS, replace=False).tolist()]


def _anew(programme: LinearProgramme) -> float:
    """Return the CPU seconds of a certified solve from nothing."""
    begun = time.process_time()
    found = answer(programme)
    took = time.process_time() - begun
    optimal = found.status is Status.OPTIMAL
    _refuse_unproved(certificate(programme, found.plan, found.prices, optimal=optimal))
    return took


def _refuse_unproved(proof: Certificate) -> None:
    if not proof.certified:
        msg = f"not certified: {proof}"
        raise SystemExit(msg)


def main(names: list[str]) -> None:
    """Print a row a size."""
    print("size months columns    rows  build  first  again   anew  peak MiB")
    for name in names:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            found = pool.apply(measured, (name,))
        print(
            f"{name:<4} {found.months:>6} {found.columns:>7} {found.rows:>7} {found.build:>6.2f} "
            f"{found.first:>6.2f} {found.again:>6.2f} {found.anew:>6.2f} {found.peak_mib:>9.0f}"
        )


if __name__ == "__main__":
    main(sys.argv[1:] or ["S", "M"])
