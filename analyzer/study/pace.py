"""How fast adaptation would have to be for no month to fall far behind.

Convention: a pace of p lets capacities grow and alternatives be adopted p times as fast as the
tables say, after leads and months of adoption that are p times as short; the reference keeps the
tables' own pace. Asked is what could be held in the worst month, by planners who know all months
and want nothing else, so that a faster pace never does worse.
"""

from dataclasses import dataclass, replace
from functools import partial
from math import inf, nan
from typing import TypeVar

from analyzer.network.effect import Effect, Timing, first_month
from analyzer.programme.arrays import LinearProgramme, Model, Vector, unit, with_columns, with_row
from analyzer.programme.certificate import certificate
from analyzer.programme.highs import Method, Status, answer
from analyzer.programme.scale import PERCENT
from analyzer.study.courses import Start
from analyzer.study.curves import RECOVERED
from analyzer.study.solve import SAME
from scenarios.schema import Scenario
from supply_data.schema import Lane, Plant, Requirement, Supply, Tables

FASTEST, CLOSE = 64.0, 1.05
"""The fastest pace that is tried, and how close, as a factor, the answer is."""


@dataclass(frozen=True)
class Pace:
    """How fast adaptation would have to be.

    Attributes
    ----------
    factor : float
        Least pace, to a twentieth, at which 95 % of the reference could be held in every month; 1
        where the tables' own does, infinite where 64 times as fast is not enough.
    held : float
        Share of the reference that could be held in every month at the tables' own pace.
    certified : bool
        Whether these may be shown.
    """

    factor: float
    held: float
    certified: bool


UNASKED = Pace(nan, nan, certified=True)
"""What stands where nobody asked."""


def needed_pace(begun: Start, scenario: Scenario) -> Pace:
    """Return how fast adaptation would have to be under a scenario."""
    held = partial(_held, begun, scenario)
    own = held(1.0)
    if own is None:
        return Pace(nan, nan, certified=False)
    low, high, enough = 1.0, 1.0, own >= RECOVERED - SAME
    while not enough and high < FASTEST:
        low, high = high, 2 * high
        share = held(high)
        if share is None:
            return Pace(nan, own, certified=False)
        enough = share >= RECOVERED - SAME
    if not enough:
        return Pace(inf, own, certified=True)
    while high > low * CLOSE:
        middle = (low * high) ** 0.5
        share = held(middle)
        if share is None:
            return Pace(nan, own, certified=False)
        low, high = (low, middle) if share >= RECOVERED - SAME else (middle, high)
    return Pace(high, own, certified=True)


def _held(begun: Start, scenario: Scenario, pace: float) -> float | None:
    """Return the share of the reference that could be held in every month; None if uncertified."""
    first = first_month(scenario)
    reference = begun.reference(first).by_period
    quick = replace(begun, case=replace(begun.case, tables=quickened(begun.case.tables, pace)))
    timing = Timing(begun.months, adapts_from=first, reserved=first - 1)
    cut = begun.effect(scenario, timing)
    if reference is None:
        return None
    found = quick.programme((cut,), timing)
    asked = _worst_month(found, cut, reference / found.sets.scale.worth)
    for method in Method:
        solved = answer(asked, method=method)
        optimal = solved.status is Status.OPTIMAL
        proof = certificate(asked, solved.plan, solved.prices, optimal=optimal)
        if proof.certified:
            return float(1 - proof.value / PERCENT)
    return None


def _worst_month(found: Model, cut: Effect, reference: Vector) -> LinearProgramme:
    """Return the programme whose last column is the share that is held in every month."""
    wider = with_columns(found.under(cut), 1)
    width = len(wider.cost)
    weight, x = found.sets.scale.weight, found.formulation.instance.v.x
    for t in found.sets.periods:
        fielded = {x[system, t]: share for system, share in weight.items()}
        row = unit(width, {**fielded, width - 1: -float(reference[t - 1])})
        wider = with_row(wider, row, low=0.0)
    return replace(wider, cost=unit(width, {width - 1: -PERCENT}), constant=PERCENT)


def quickened(tables: Tables, pace: float) -> Tables:
    """Return a dataset that grows and adopts so many times as fast."""
    return replace(
        tables,
        supplies={key: _grows(row, pace) for key, row in tables.supplies.items()},
        lanes={key: _grows(row, pace) for key, row in tables.lanes.items()},
        plants={key: _grows(row, pace) for key, row in tables.plants.items()},
        requirements=tuple(_adopts(row, pace) for row in tables.requirements),
    )


Growing = TypeVar("Growing", Supply, Lane, Plant)


def _grows(row: Growing, pace: float) -> Growing:
    changed = {} if row.ramp_per_month is None else {"ramp_per_month": row.ramp_per_month * pace}
    if isinstance(row, Supply) and row.lead_months is not None:
        changed["lead_months"] = row.lead_months / pace
    return row.model_copy(update=changed)


def _adopts(row: Requirement, pace: float) -> Requirement:
    changed: dict[str, float] = {}
    if row.adopt_months is not None:
        changed["adopt_months"] = row.adopt_months / pace
    if row.adopt_share_per_month is not None:
        changed["adopt_share_per_month"] = row.adopt_share_per_month * pace
    return row.model_copy(update=changed)
