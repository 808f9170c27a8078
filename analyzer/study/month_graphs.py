"""The graph of any month: what flows, what is cut, and what is left in stock, month by month.

Convention: months stand where scenarios stand in a comparison, under the ids ``1`` to the last;
the first row is the steady state before them, under the id of the baseline. Months so late that
what departs in them arrives after the last are left out: nobody sends anything then. A stock is
told as a share of what was there at the start, never as more: how it might grow is no question.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analyzer.network.case import Case
from analyzer.network.effect import Effect
from analyzer.programme.arrays import Vector
from analyzer.programme.highs import Status
from analyzer.programme.rolling import Course
from analyzer.programme.solution import Shown, flows_of
from analyzer.study import frames
from analyzer.study.courses import Courses, Start
from analyzer.study.curves import curve, held, measures
from analyzer.study.frames import BASELINE
from scenarios.schema import Scenario


@dataclass(frozen=True, eq=False)
class MonthGraphs:
    """What flows in each month of a scenario.

    Attributes
    ----------
    case : Case
        Dataset and graph.
    scenario : Scenario
        The scenario.
    certified : bool
        Whether its numbers may be shown.
    table : pandas.DataFrame
        One row a month, the steady state first: ``scenario`` (id of the month), ``capacity``,
        ``reference``, ``surviving``, ``weakest``, ``strongest``.
    systems, flows, elements, cuts : pandas.DataFrame
        As in `analyzer.study.compare.Comparison`, by month.
    measures : pandas.DataFrame
        How far each measure is in effect: ``measure``, ``title``, ``month``, ``level``.
    stocks : pandas.DataFrame
        ``component``, ``month`` and ``left``: the share of the initial stock at the month's end.
    pruned : tuple of str
        Elements that can never contribute.
    """

    case: Case
    scenario: Scenario
    certified: bool
    table: pd.DataFrame
    systems: pd.DataFrame
    flows: pd.DataFrame
    elements: pd.DataFrame
    cuts: pd.DataFrame
    measures: pd.DataFrame
    stocks: pd.DataFrame
    pruned: tuple[str, ...]


def month_graphs(begun: Start, found: Courses) -> MonthGraphs:
    """Return what flows in each month of a scenario.

    Raises
    ------
    ValueError
        If its courses were not asked for to be drawn.
    """
    if found.even is None:
        msg = f"the courses of {found.scenario.id} were not asked for to be drawn"
        raise ValueError(msg)
    case, course = begun.case, found.central
    instance = replace(course.model.formulation.instance, effect=course.effect)
    plan = found.even if found.certified else np.zeros(len(course.plan))
    chosen = found.certified and plan is not course.plan
    by_month = dict(tuple(flows_of(instance, plan).groupby("period")))
    none = flows_of(instance, np.zeros(len(plan)))
    solved = {BASELINE: begun.steady.shown}
    months = _worth_drawing(course)
    for month in months:
        solved[str(month)] = _month(course, by_month.get(month, none), month, chosen=chosen)
    return MonthGraphs(
        case=case,
        scenario=found.scenario,
        certified=found.certified,
        table=_table(begun, found, months=months),
        systems=frames.systems(case, solved),
        flows=frames.flows(solved),
        elements=frames.elements(case, solved),
        cuts=frames.cuts(solved),
        measures=measures(found.scenario, begun.months).drop(columns="scenario"),
        stocks=_stocks(course, months=months) if found.certified else pd.DataFrame(columns=STOCKS),
        pruned=case.pruned,
    )


def _worth_drawing(course: Course) -> range:
    """Return the months that are drawn, at least the first."""
    sets = course.model.sets
    late = max((lag for lags in sets.lags.values() for lag in lags), default=0)
    return range(1, max(len(sets.periods) - late, 1) + 1)


def _month(course: Course, flows: pd.DataFrame, month: int, *, chosen: bool) -> Shown:
    """Return what is shown of a month, whose flows could be chosen among the optimal, or not."""
    return Shown(
        effect=_effect_of(course.effect, month),
        status=Status.OPTIMAL,
        certificate=course.certificates[-1],
        certified=course.certified,
        capacity=None if course.by_period is None else float(course.by_period[month - 1]),
        tries=1,
        canonical=chosen,
        systems=_systems(course, month),
        flows=flows,
    )


def _effect_of(whole: Effect, month: int) -> Effect:
    now = slice(month - 1, month)
    return replace(
        whole,
        availability={key: shares[now] for key, shares in whole.availability.items()},
        arrival={key: shares[now] for key, shares in whole.arrival.items()},
    )


def _systems(course: Course, month: int) -> pd.DataFrame:
    target, v = course.model.sets.scale.target, course.model.formulation.instance.v
    rows = [
        (system, t, target[system] * course.plan[n], target[system], course.plan[n])
        for (system, t), n in v.x.items()
        if t == month and course.certified
    ]
    names = ["system", "period", "output_per_month", "target_per_month", "share"]
    return pd.DataFrame(rows, columns=names)


STOCKS = ["component", "month", "left"]


def _table(begun: Start, found: Courses, *, months: range) -> pd.DataFrame:
    known = curve(found).iloc[: len(months)]
    known = known.assign(scenario=known["month"].astype(str))
    before = pd.DataFrame(
        {
            "scenario": [BASELINE],
            "capacity": [begun.steady.capacity],
            "reference": [begun.steady.capacity],
            "surviving": [1.0],
            "weakest": [1.0],
            "strongest": [1.0],
        }
    )
    return pd.concat([before, known.drop(columns="month")], ignore_index=True)


def _stocks(course: Course, *, months: range) -> pd.DataFrame:
    rows = [
        (component, month, share)
        for component, levels in held(course).items()
        for month, share in enumerate(_left(levels)[: len(months) + 1].tolist())
    ]
    return pd.DataFrame(rows, columns=STOCKS)


def _left(levels: Vector) -> Vector:
    shares: Vector = np.clip(levels / levels[0], 0.0, 1.0)
    return shares
