"""How long the rates survive each loss, and how long it takes to recover: what is exposed.

Convention: what is lost is lost in whole from month 1 on, and planners know it, so that foresight
makes no difference. An element or group is exposed if more months pass before it recovers than its
stocks and other sources survive it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import Any

import numpy as np
import pandas as pd

from analyzer.network.effect import Effect, Timing
from analyzer.network.groups import Over, groups
from analyzer.programme.arrays import Model, Vector
from analyzer.programme.certificate import residual
from analyzer.programme.persistent import Persistent
from analyzer.programme.rolling import Course
from analyzer.programme.solution import by_period
from analyzer.study.courses import DRAWN, Start, courses
from analyzer.study.curves import is_exposed, lowest_month, time_to_recover
from analyzer.study.solve import FITS
from scenarios.schema import Measure, Scenario

COLUMNS = (
    "cut", "elements", "time_to_survive", "at_least", "time_to_recover", "lowest", "lowest_month",
    "exposed", "certified",
)  # fmt: skip


def exposure(begun: Start, over: Over, *, tell: Callable[[str], None]) -> pd.DataFrame:
    """Return how long each loss is survived, and when it is recovered from, the exposed first.

    Parameters
    ----------
    begun : Start
        What all scenarios of the run begin with.
    over : Over
        Kind of what is lost; of measures each is tried by its own cut.
    tell : callable
        Told the id of each cut when it is done.

    Returns
    -------
    pandas.DataFrame
        ``cut``, ``elements`` (how many are lost), ``time_to_survive`` (months), ``at_least``
        (whether it is cut off at the horizon), ``time_to_recover`` (first month from which 95 % is
        held to the end; NaN if there is none), ``lowest`` and ``lowest_month`` (of surviving),
        ``exposed``, ``certified``.
    """
    rows = _measures(begun) if over is Over.MEASURE else _losses(begun, over)
    known = []
    for each in rows:
        known.append(each)
        tell(str(each["cut"]))
    frame = pd.DataFrame(known, columns=[*COLUMNS])
    order = ["exposed", "time_to_survive", "lowest", "cut"]
    return frame.sort_values(order, ascending=[False, True, True, True], ignore_index=True)


@dataclass(frozen=True)
class Survives:
    """How many months the rates hold."""

    months: float
    at_least: bool
    certified: bool


def _row(cut: str, elements: int, *, survives: Survives, shares: Vector) -> dict[str, Any]:
    certified = survives.certified and not np.isnan(shares).any()
    return {
        "cut": cut,
        "elements": elements,
        "time_to_survive": survives.months if certified else nan,
        "at_least": survives.at_least,
        "time_to_recover": time_to_recover(shares) if certified else nan,
        "lowest": float(shares.min()) if certified else nan,
        "lowest_month": lowest_month(shares) if certified else nan,
        "exposed": certified and is_exposed(survives.months, shares),
        "certified": certified,
    }


def _losses(begun: Start, over: Over) -> Iterator[dict[str, Any]]:
    timing = Timing(begun.months)
    found = begun.programme((begun.below(timing),), timing)
    loaded = Persistent(found.baseline)
    whole = loaded.proof(found.under(begun.below(timing)))
    reference = begun.reference(1)
    for cut, elements in groups(begun.case.tables, over).items():
        programme = found.under(_lost(begun, elements, timing))
        fits = residual(programme, whole.plan) <= FITS
        proof = whole if fits else loaded.proof(programme)
        plan = proof.plan if proof.certificate.certifies(begun.share) else None
        shares = _shares(found, plan, reference)
        yield _row(cut, len(elements), survives=_survives(begun, elements), shares=shares)


def _lost(begun: Start, elements: Sequence[str], timing: Timing) -> Effect:
    below, none = begun.below(timing), np.zeros(timing.periods)
    return replace(below, availability={**below.availability, **dict.fromkeys(elements, none)})


def _shares(found: Model, plan: Vector | None, reference: Course) -> Vector:
    base = reference.by_period
    if plan is None or base is None:
        return np.full(len(found.sets.periods), nan)
    return np.divide(by_period(found, plan), base, out=np.ones(len(base)), where=base > 0)


def _survives(begun: Start, elements: Sequence[str]) -> Survives:
    used = {str(what[0]) for (_, what), value in begun.flows.items() if value > 0}
    if not used.intersection(elements):
        return Survives(float(begun.months), at_least=True, certified=True)
    found = begun.survival(begun.drawn, _lost(begun, elements, DRAWN))
    return Survives(found.months, at_least=found.at_least, certified=found.certified)


def _measures(begun: Start) -> Iterator[dict[str, Any]]:
    """Yield the row of each measure of the case's scenarios, alone."""
    seen: dict[str, Measure] = {}
    for scenario in begun.case.scenarios:
        for measure in scenario.measures:
            if measure.not_modelled is None:
                seen.setdefault(measure.id, measure)
    for measure in seen.values():
        found = courses(begun, Scenario(id=measure.id, measures=(measure,)))
        base = found.reference
        plan = found.central.plan if found.central.certified else None
        survives = Survives(
            found.survival.months,
            at_least=found.survival.at_least,
            certified=found.survival.certified,
        )
        shares = _shares(found.central.model, plan, base)
        elements = len(found.central.effect.availability) + len(
            {lane for lane, _ in found.central.effect.arrival}
        )
        yield _row(f"measure:{measure.id}", elements, survives=survives, shares=shares)
