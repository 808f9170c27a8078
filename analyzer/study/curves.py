"""The frames of a scenario over the months: its curve, its systems, its stocks, its measures.

Convention: months count from 1; a number that is not certified is NaN. Surviving is the capacity of
a month as a share of the reference's in the same month.
"""

from collections import defaultdict
from math import isnan, nan

import numpy as np
import pandas as pd

from analyzer.network.effect import Timing, counted, intensity
from analyzer.programme.arrays import Vector
from analyzer.programme.flow import DISCOUNT
from analyzer.programme.rolling import Course
from analyzer.study.courses import Courses, Start
from analyzer.study.solve import SAME
from scenarios.schema import Scenario

RECOVERED = 0.95
"""Share of the reference that must be held from a month on for it to count as recovered."""
EMPTY = 0.01
"""Share of its initial quantity below which a stock counts as run out."""


def surviving(course: Course, reference: Course) -> Vector:
    """Return what survives month by month; NaN unless both are certified."""
    months = len(course.model.sets.periods)
    if course.by_period is None or reference.by_period is None:
        return np.full(months, nan)
    base = reference.by_period
    return np.divide(course.by_period, base, out=np.ones(months), where=base > 0)


def time_to_recover(shares: Vector) -> float:
    """Return the first month from which 95 % is held to the end; NaN if there is none.

    Examples
    --------
    >>> time_to_recover(np.array([0.5, 1.0, 0.9, 0.96, 1.0]))
    4.0
    >>> time_to_recover(np.array([1.0, 0.2]))
    nan
    """
    bad = np.flatnonzero(~(shares >= RECOVERED - SAME))
    if not len(bad):
        return 1.0
    return nan if bad[-1] == len(shares) - 1 else float(bad[-1] + 2)


def first_bad_month(shares: Vector) -> float:
    """Return the first month below 95 %; NaN if there is none."""
    bad = np.flatnonzero(~(shares >= RECOVERED - SAME))
    return float(bad[0] + 1) if len(bad) else nan


def lowest_month(shares: Vector) -> float:
    """Return the first month in which least survives."""
    return float(np.round(shares / SAME).argmin() + 1)


def is_exposed(survives: float, shares: Vector) -> bool:
    """Tell whether more months pass before recovery than are survived."""
    back = time_to_recover(shares)
    return isnan(back) or back - 1 > survives + SAME * len(shares)


def half_back_month(shares: Vector) -> float:
    """Return the first month after the lowest with half of the loss back; NaN if there is none.

    Examples
    --------
    >>> half_back_month(np.array([0.6, 0.4, 0.5, 0.7, 0.8]))
    4.0
    """
    lowest = int(shares.argmin()) if not np.isnan(shares).any() else 0
    half = (1 + shares[lowest]) / 2
    back = np.flatnonzero(shares[lowest:] >= half - SAME)
    return float(lowest + back[0] + 1) if len(back) else nan


def row(found: Courses) -> dict[str, object]:
    """Return the row of a scenario in the table of a horizon (`analyzer.study.horizon`)."""
    shares = surviving(found.central, found.reference)
    scenario, survives = found.scenario, found.survival
    known: dict[str, object] = {"scenario": scenario.id, "title": scenario.title or scenario.id}
    if not found.certified:
        numbers = dict.fromkeys(NUMBERS, nan)
        return {**known, **numbers, "at_least": False, "exposed": False, "certified": False}
    lost = _lost(found)
    weights = _discounts(len(shares))
    units = {s: np.asarray(part["lost"], dtype=np.float64) for s, part in lost.groupby("system")}
    capacity = _capacity(found.reference) - _capacity(found.central)
    whole = float(_capacity(found.reference).sum())
    return {
        **known,
        "surviving": float(_capacity(found.central).sum()) / whole if whole else 1.0,
        "time_to_survive": survives.months,
        "at_least": survives.at_least,
        "first_bad_month": first_bad_month(shares),
        "time_to_recover": time_to_recover(shares),
        "exposed": is_exposed(survives.months, shares),
        "lowest": float(shares.min()),
        "lowest_month": lowest_month(shares),
        "lost_capacity": float(capacity.sum()),
        "lost_capacity_discounted": float(capacity @ weights),
        "lost": sum(float(each.sum()) for each in units.values()),
        "lost_discounted": sum(float(each @ weights) for each in units.values()),
        "certified": True,
    }


NUMBERS = (
    "surviving",
    "time_to_survive",
    "first_bad_month",
    "time_to_recover",
    "lowest",
    "lowest_month",
    "lost_capacity",
    "lost_capacity_discounted",
    "lost",
    "lost_discounted",
)


def _capacity(course: Course) -> Vector:
    months = len(course.model.sets.periods)
    return np.full(months, nan) if course.by_period is None else course.by_period


def _discounts(months: int) -> Vector:
    return np.asarray(DISCOUNT ** np.arange(months, dtype=np.float64))


def curve(found: Courses) -> pd.DataFrame:
    """Return the capacity of each month, the reference's, and what survives."""
    months = len(found.central.model.sets.periods)
    return pd.DataFrame(
        {
            "scenario": found.scenario.id,
            "month": np.arange(1, months + 1),
            "capacity": _capacity(found.central),
            "reference": _capacity(found.reference),
            "surviving": surviving(found.central, found.reference),
            "weakest": surviving(found.weakest, found.reference),
            "strongest": surviving(found.strongest, found.reference),
        }
    )


def systems(found: Courses) -> pd.DataFrame:
    """Return the output of each system in each month, in units, and the reference's."""
    courses = {
        "output": found.central,
        "reference": found.reference,
        "weakest": found.weakest,
        "strongest": found.strongest,
    }
    frame = pd.DataFrame({name: _output(course) for name, course in courses.items()})
    frame.index = frame.index.set_names(["system", "month"])
    return frame.reset_index().assign(scenario=found.scenario.id)


def _output(course: Course) -> "pd.Series[float]":
    sets, v = course.model.sets, course.model.formulation.instance.v
    known = course.certified
    return pd.Series(
        {
            (system, t): sets.scale.target[system] * course.plan[n] if known else nan
            for (system, t), n in v.x.items()
        }
    )


def _lost(found: Courses) -> pd.DataFrame:
    frame = systems(found)
    return frame.assign(lost=frame["reference"] - frame["output"])


def lost_by_system(found: pd.DataFrame) -> pd.DataFrame:
    """Return the units that each system loses under each scenario, plain and discounted.

    Parameters
    ----------
    found : pandas.DataFrame
        Systems by month, as `systems` returns them.
    """
    lost = found["reference"] - found["output"]
    weights = DISCOUNT ** (found["month"] - 1)
    told = found[["scenario", "system"]].assign(lost=lost, lost_discounted=lost * weights)
    return told.groupby(["scenario", "system"], sort=False, as_index=False).sum(min_count=1)


def stocks(begun: Start, found: Courses) -> pd.DataFrame:
    """Return what is in stock by component, when it runs out, and what a month of it is worth.

    All places and brands of a component are taken together.
    """
    tables = begun.case.tables
    places: dict[str, set[str]] = defaultdict(set)
    for each in tables.stocks:
        places[each.component].add(each.place)
    in_stock = held(found.central)
    rows = []
    for component, use in begun.use.items():
        if component in in_stock and use > 0 and found.certified:
            levels = in_stock[component]
            gone = np.flatnonzero(levels[1:] < EMPTY * levels[0])
            rows.append(
                {
                    "scenario": found.scenario.id,
                    "component": component,
                    "places": ";".join(sorted(places[component])),
                    "months_of_use": float(levels[0] / use),
                    "gains_months": found.gains.get(component, 0.0),
                    "empty_month": float(gone[0] + 1) if len(gone) else nan,
                }
            )
    return pd.DataFrame(rows, columns=[*STOCK_COLUMNS])


STOCK_COLUMNS = (
    "scenario", "component", "places", "months_of_use", "gains_months", "empty_month",
)  # fmt: skip


def held(course: Course) -> dict[str, Vector]:
    """Return the units in stock at the start and at the end of each month, by component."""
    sets, instance = course.model.sets, course.model.formulation.instance
    known: dict[str, Vector] = {}
    for each in sets.tables.stocks:
        if each.quantity:
            levels = known.setdefault(each.component, np.zeros(len(sets.periods) + 1))
            levels[0] += each.quantity
    for (_, k, t), n in instance.v.held.items():
        if k.item in known:
            known[k.item][t] += course.plan[n] * sets.scale.need[k.item]
    return known


def measures(scenario: Scenario, months: int) -> pd.DataFrame:
    """Return how far each measure is in effect in each month."""
    frames = [
        pd.DataFrame(
            {
                "scenario": scenario.id,
                "measure": measure.id,
                "title": measure.title or measure.id,
                "month": np.arange(1, months + 1),
                "level": intensity(measure, timing=Timing(months)),
            }
        )
        for measure in counted(scenario)
    ]
    blank = pd.DataFrame(columns=["scenario", "measure", "title", "month", "level"])
    return pd.concat(frames, ignore_index=True) if frames else blank


def certificates(found: Courses) -> pd.DataFrame:
    """Return what was proved of each course: of all plans made the widest interval."""
    courses = {
        "central": found.central,
        "weakest": found.weakest,
        "strongest": found.strongest,
        "reference": found.reference,
    }
    rows = [
        {
            "scenario": found.scenario.id,
            "course": name,
            "plans": len(course.certificates),
            "solves": course.solves,
            "width": max(abs(proof.width) for proof in course.certificates),
            "residual": course.residual,
            "certified": course.certified,
        }
        for name, course in courses.items()
    ]
    return pd.DataFrame(rows)
