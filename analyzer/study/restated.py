"""Which conclusions stand on other facts: other readings, other assumptions, or fewer of them.

Convention: the conclusions of a run are which scenario leaves least, the order of those that leave
least, and which pillar binds. Two scenarios change places only if what they leave differs by more
than `SAME` both before and after, so that equals do not.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np
import pandas as pd
from joblib import delayed

from analyzer.network.case import Case, other_case
from analyzer.network.effect import Effect
from analyzer.programme.flow import Options
from analyzer.study.cores import on_all_cores
from analyzer.study.frames import unknown_limits
from analyzer.study.pillars import binds, standings
from analyzer.study.solve import Bench, bench
from analyzer.study.tries import tries_of
from scenarios.schema import Scenario
from supply_data.schema import BadTablesError, Basis, Lane, Plant, Row, Stock, Supply, Tables

Limited = TypeVar("Limited", Supply, Lane, Plant, Stock)

BASELINE = "baseline"
TOP = 5
"""How many of the scenarios that leave least must keep their order."""
SAME = 1e-5
"""Differences of what survives that are none; certificates are ten times as narrow."""
COLUMNS = (
    "kind",
    "name",
    "acts",
    "capacity",
    "worst",
    "surviving_of_worst",
    "flips",
    "overtaking",
    "rebound",
    "moved",
    "before",
    "after",
    "certified",
)
OVER_TIME = frozenset(
    {
        "lead_months",
        "ramp_per_month",
        "ceiling_per_month",
        "ceiling_usd_per_month",
        "adopt_months",
        "adopt_share_per_month",
        "delay_months",
    }
)
"""Columns that the steady state does not know."""


class What(StrEnum):
    """What is other than in the run."""

    VARIANT = "variant"
    """A reading where sources contradict."""
    ASSUMPTION = "assumption"
    """The central value of an assumption."""
    EVIDENCE = "evidence"
    """Which figures count: limits that rest on anything else are taken as not known."""


class Other(NamedTuple):
    """Other facts to try the same scenarios on.

    Attributes
    ----------
    what : What
        In which way they are others.
    name : str
        What people know it by, such as ``origin=brand`` or ``headroom=1``.
    case : Case
        The dataset that follows from them.
    counted : frozenset of Basis
        Limits on this basis count.
    """

    what: What
    name: str
    case: Case
    counted: frozenset[Basis] = frozenset(Basis)


@dataclass(frozen=True, eq=False)
class Restated:
    """The conclusions of a run on other facts.

    Attributes
    ----------
    asked : frozenset of What
        In which ways facts were others.
    scenarios : pandas.DataFrame
        A row for the run (``kind`` and ``name`` blank) and for each other facts, by scenario:
        ``kind``, ``name``, ``scenario``, ``capacity``, ``surviving``, ``rank`` (1 leaves least,
        equals share the smaller) and ``binds``; NaN where it is not certified.
    table : pandas.DataFrame
        A row for each other facts: ``kind``, ``name``, ``acts`` (whether they change anything that
        the steady state knows), ``capacity`` (the baseline's), ``worst`` (what leaves least),
        ``surviving_of_worst``, ``flips`` (which conclusions: ``worst``, ``order``, ``binds``),
        ``overtaking`` (pairs that change places, the first now leaving less), ``rebound``
        (scenarios under which another pillar binds), ``moved`` (the scenario of which what survives
        moves most), ``before`` and ``after`` (what survives it), ``certified``.
    """

    asked: frozenset[What]
    scenarios: pd.DataFrame
    table: pd.DataFrame

    @property
    def certified(self) -> bool:
        """Whether every number is certified."""
        return bool(self.table["certified"].all())


def other_readings(case: Case, dataset: str | os.PathLike[str]) -> list[Other]:
    """Return a dataset under each reading of each contradiction that it does not hold now.

    One that cannot stand beside the readings chosen for the run is left out.
    """
    held = case.tables.variants
    found = []
    for choice in case.doubts.variants.choices:
        own = choice.contradiction in held
        if choice.standard if not own else held[choice.contradiction] == choice.choice:
            continue
        try:
            there = other_case(case, dataset, variants={choice.contradiction: choice.choice})
        except BadTablesError:
            if not held:
                raise
            continue
        found.append(Other(What.VARIANT, choice.name, there))
    return found


def other_assumptions(case: Case, dataset: str | os.PathLike[str]) -> list[Other]:
    """Return a dataset with each assumption at its low and at its high."""
    return [
        Other(
            What.ASSUMPTION,
            f"{row.assumption}={end}",
            other_case(case, dataset, assumptions={row.assumption: float(end)}),
        )
        for row in case.doubts.assumptions
        for end in (row.low, row.high)
        if end and end != row.central
    ]


def fewer_facts(case: Case) -> list[Other]:
    """Return a dataset in which only reported limits count, and only those and derived ones."""
    return [
        Other(What.EVIDENCE, "reported", case, frozenset({Basis.REPORTED})),
        Other(What.EVIDENCE, "reported or derived", case, frozenset(Basis) - {Basis.ASSUMED}),
    ]


def other_facts(
    case: Case, dataset: str | os.PathLike[str], *, variants: bool, assumptions: bool
) -> dict[What, list[Other]]:
    """Return the other facts to try a case on.

    Parameters
    ----------
    case : Case
        The dataset of the run.
    dataset : str or path
        What it was loaded by.
    variants : bool
        Whether other readings are tried.
    assumptions : bool
        Whether assumptions go to their ends, and reported facts are left alone.
    """
    found: dict[What, list[Other]] = {}
    if variants:
        found[What.VARIANT] = other_readings(case, dataset)
    if assumptions:
        found[What.EVIDENCE] = fewer_facts(case)
        found[What.ASSUMPTION] = other_assumptions(case, dataset)
    return found


def restated(
    case: Case,
    tried: Mapping[What, Sequence[Other]],
    scenarios: Sequence[Scenario],
    *,
    options: Options,
    reference: Scenario | None = None,
    lift: bool = False,
) -> Restated:
    """Return what becomes of the conclusions of a run on other facts.

    Parameters
    ----------
    case : Case
        The dataset of the run.
    tried : mapping of What to sequence of Other
        Other facts, by the way in which they are others.
    scenarios : sequence of Scenario
        What is tried on all of them.
    options : Options
        How the run weighs and limits; in the steady state.
    reference : Scenario, optional
        What scenarios are set against and act on top of.
    lift : bool
        Whether a measure may leave more than the baseline has.

    Raises
    ------
    scenarios.schema.BadScenarioError
        If a scenario does not fit a dataset.
    """
    others = [other for each in tried.values() for other in each]
    one = partial(_answers, scenarios=scenarios, options=options, reference=reference, lift=lift)
    own = one(Other(What.EVIDENCE, "", case))
    acting = [each for each in others if _acts(case.tables, each)]
    found = dict(zip(map(_key, acting), on_all_cores(delayed(one)(o) for o in acting), strict=True))
    frames = [own.assign(kind="", name="")]
    rows = []
    for other in others:
        answers = found.get(_key(other), own)
        frames.append(answers.assign(kind=other.what.value, name=other.name))
        rows.append(_concluded(other, own, answers, acts=_key(other) in found))
    columns = ["kind", "name", "scenario", "capacity", "surviving", "rank", "binds"]
    return Restated(
        frozenset(tried),
        pd.concat(frames, ignore_index=True)[columns],
        pd.DataFrame(rows, columns=[*COLUMNS]),
    )


def _key(other: Other) -> tuple[What, str]:
    return other.what, other.name


# --- whether anything is other


def _acts(tables: Tables, other: Other) -> bool:
    return other.what is What.EVIDENCE or _steady(tables) != _steady(other.case.tables)


def _steady(tables: Tables) -> list[object]:
    """Return what the steady state knows of a dataset."""
    rows: Iterable[Row] = (
        *tables.components.values(),
        *tables.systems.values(),
        *tables.requirements,
        *tables.supplies.values(),
        *tables.lanes.values(),
        *tables.plants.values(),
        *tables.targets,
    )
    return [row.model_dump(exclude={*OVER_TIME, *_NOT_FIGURES}) for row in rows]


_NOT_FIGURES = ("line", "note", "basis", "confidence", "source_ids", "as_of", "ranges")


# --- answers on one set of facts


def _answers(
    other: Other,
    *,
    scenarios: Sequence[Scenario],
    options: Options,
    reference: Scenario | None,
    lift: bool,
) -> pd.DataFrame:
    """Return capacity, what survives, rank and what binds, by scenario, the baseline first."""
    tried = tries_of(other.case, scenarios, options=options, reference=reference, lift=lift)
    there = replace(other.case, tables=counting(other.case.tables, other.counted))
    gone = frozenset(unknown_limits(there)) - frozenset(unknown_limits(other.case))
    effects = [_eased(each.central, gone) for each in tried]
    given = _eased(tried[0].reference, gone) if tried else Effect(options.timing)
    table = bench(there, (given, *effects), options=options)
    base = table.solved(given).capacity
    against = replace(table, base=base, given=given)
    rows = [(BASELINE, base, "")]
    rows += [
        (scenario.id, *_answer(against, effect))
        for scenario, effect in zip(scenarios, effects, strict=True)
    ]
    found = pd.DataFrame(rows, columns=["scenario", "capacity", "binds"])
    found["capacity"] = found["capacity"].astype(float)
    found["surviving"] = found["capacity"] / (base or np.nan)
    ranked = found["surviving"].iloc[1:].round(5).rank(method="min")
    return found.assign(rank=ranked)


def _answer(table: Bench, effect: Effect) -> tuple[float | None, str]:
    """Return the capacity under an effect, and what binds; blank if nothing is lost.

    Without certified pillars it is not known what binds, and so no number is told.
    """
    capacity, base, given = table.capacity(effect), table.base, table.given
    if capacity is None or base is None or given is None:
        return capacity, ""
    tables = table.case.tables
    pillars = standings(tables, effect, under=given, capacity=table.capacity)
    if pillars is None:
        return None, ""
    return capacity, binds(pillars, base=base, capacity=capacity, same=table.same) or ""


def counting(tables: Tables, bases: frozenset[Basis]) -> Tables:
    """Return a dataset in which limits that rest on any other basis are not known."""
    if bases == frozenset(Basis):
        return tables

    def rows(known: Mapping[str, Limited], column: str) -> dict[str, Limited]:
        return {
            key: row if row.basis in bases else row.model_copy(update={column: None})
            for key, row in known.items()
        }

    return replace(
        tables,
        supplies=rows(tables.supplies, "capacity_per_month"),
        lanes=rows(tables.lanes, "capacity_usd_per_month"),
        plants=rows(tables.plants, "capacity_per_month"),
    )


def _eased(effect: Effect, gone: frozenset[str]) -> Effect:
    """Return an effect that stops in whole what has no limit any more, and takes no part of it."""
    kept = {
        element: shares
        for element, shares in effect.availability.items()
        if element not in gone or not shares.any()
    }
    return effect if len(kept) == len(effect.availability) else replace(effect, availability=kept)


# --- conclusions


def _concluded(
    other: Other, own: pd.DataFrame, answers: pd.DataFrame, *, acts: bool
) -> dict[str, object]:
    before, after = (each.iloc[1:].set_index("scenario") for each in (own, answers))
    one, two = before["surviving"], after["surviving"]
    overtaking = _overtaking(one, two)
    rebound = _rebound(before["binds"], after["binds"])
    least = _order(one)[:1]
    flips = {
        "worst": any(passed in least for _, passed in overtaking),
        "order": bool(overtaking),
        "binds": bool(rebound),
    }
    moved = next(iter((two - one).abs().sort_values(ascending=False, kind="stable").index), "")
    return {
        "kind": other.what.value,
        "name": other.name,
        "acts": acts,
        "capacity": float(answers["capacity"].iloc[0]),
        "worst": _worst(two, least),
        "surviving_of_worst": float(two.min()),
        "flips": tuple(name for name, flipped in flips.items() if flipped),
        "overtaking": overtaking,
        "rebound": rebound,
        "moved": moved,
        "before": float(one.get(moved, np.nan)),
        "after": float(two.get(moved, np.nan)),
        "certified": bool(np.isfinite([*own["capacity"], *answers["capacity"]]).all()),
    }


def _worst(surviving: "pd.Series[float]", before: Sequence[str]) -> str:
    """Return what leaves least; of equals, what did so before."""
    order = _order(surviving)
    equals = [name for name in before if surviving[name] - surviving.min() <= SAME]
    return next(iter((*equals, *order)), "")


def _order(surviving: "pd.Series[float]") -> list[str]:
    return [str(name) for name in surviving.sort_values(kind="stable").index]


def _rebound(before: "pd.Series[str]", after: "pd.Series[str]") -> tuple[str, ...]:
    """Return the scenarios under which something is lost both times, and another pillar binds."""
    other = (before != "") & (after != "") & (before != after)
    return tuple(map(str, before.index[other]))


def _overtaking(
    before: "pd.Series[float]", after: "pd.Series[float]"
) -> tuple[tuple[str, str], ...]:
    """Return who passes whom of those that left least: the first now leaves less than the other."""
    order = _order(before)
    return tuple(
        (one, other)
        for other in order[:TOP]
        for one in order
        if before[one] - before[other] > SAME and after[other] - after[one] > SAME
    )
