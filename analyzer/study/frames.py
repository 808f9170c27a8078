"""The tidy frames of a comparison: what pages, tables and files are made of.

Convention: ``scenario`` is the first column; a number that is not certified is NaN. The columns
are those that `analyzer.study.compare.Comparison` promises.
"""

from collections import defaultdict
from collections.abc import Iterator
from math import nan
from typing import NamedTuple

import pandas as pd

from analyzer.network.case import Case
from analyzer.network.effect import Effect
from analyzer.programme.solution import Shown
from analyzer.study.evidence import evidence
from analyzer.study.outcome import Outcome
from analyzer.study.solve import SAME
from scenarios.schema import Scenario
from supply_data.schema import Basis, Lane, Plant, Supply, Weighting

BASELINE = "baseline"
"""Name of the reference among the scenarios."""


def _title(found: Outcome, reference: Scenario | None) -> str:
    if found.tries is None:
        given = None if reference is None else reference.title or reference.id
        return "Baseline" if given is None else f"Reference: {given}"
    return found.tries.scenario.title or found.tries.scenario.id


def ranked(case: Case, outcomes: dict[str, Outcome], reference: Scenario | None) -> pd.DataFrame:
    """Return one row a scenario with what survives, between which bounds, and what binds."""
    first = outcomes[BASELINE]
    base = first.capacity
    rows = [
        {
            "scenario": name,
            "title": _title(found, reference),
            "capacity": _or_nan(found.capacity),
            "surviving": _share(found.capacity, base),
            "interval_low": _share(found.strongest, base),
            "interval_high": _share(found.weakest, base),
            "at_once": _share(found.at_once, base),
            "binds": found.binds or "",
            "assumed_share": _assumed(case, found),
            "oldest": evidence(case.tables, found.prices).oldest or "",
            "certified": found.solution.certified,
            **{
                # nothing by one weighting is nothing by any, but for the solver's dust
                f"surviving_{weighting.value}": _share(
                    capacity, base and first.otherwise[weighting]
                )
                for weighting, capacity in found.otherwise.items()
            },
        }
        for name, found in outcomes.items()
    ]
    return _with_ranks(pd.DataFrame(rows))


def _with_ranks(table: pd.DataFrame) -> pd.DataFrame:
    """Add the ranks under each weighting, 1 for what leaves least; equals share a rank."""
    scenarios = table["scenario"] != BASELINE
    for weighting in Weighting:
        surviving = table[f"surviving_{weighting.value}"].where(scenarios)
        steps = (surviving / SAME).round()
        table[f"rank_{weighting.value}"] = steps.rank(method="min")
    return table


def _assumed(case: Case, found: Outcome) -> float:
    return evidence(case.tables, found.prices).shares.get(Basis.ASSUMED, nan)


def _or_nan(value: float | None) -> float:
    return nan if value is None else value


def _share(value: float | None, base: float | None) -> float:
    return nan if value is None or not base else value / base


def systems(case: Case, solved: dict[str, Shown]) -> pd.DataFrame:
    """Return the output of each system under each scenario, in units per month."""
    frame = _stacked({name: found.systems for name, found in solved.items()})
    names = {key: row.name or key for key, row in case.tables.systems.items()}
    frame.insert(2, "name", frame["system"].map(names))
    return frame.drop(columns="period")


def flows(solved: dict[str, Shown]) -> pd.DataFrame:
    """Return the published flows of each scenario."""
    return _stacked({name: found.flows for name, found in solved.items()}).drop(columns="period")


def _stacked(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    first, *_ = frames.values()
    filled = [frame.assign(scenario=name) for name, frame in frames.items() if len(frame)]
    stacked = pd.concat(filled, ignore_index=True) if filled else first.assign(scenario="")
    return stacked[["scenario", *first.columns]]


class _Known(NamedTuple):
    element: str
    kind: str
    pillar: str
    unit: str
    capacity: float


def _known(row: Supply | Lane | Plant) -> _Known:
    if isinstance(row, Lane):
        unit, capacity = "USD/month", row.capacity_usd_per_month
    else:
        unit, capacity = "units/month", row.capacity_per_month
    return _Known(
        element=row.element,
        kind=row.element.partition(":")[0],
        pillar=row.pillar.value if row.pillar else "",
        unit=unit,
        capacity=_or_nan(capacity),
    )


def _limits(case: Case) -> pd.DataFrame:
    tables = case.tables
    rows: tuple[Supply | Lane | Plant, ...]
    rows = (*tables.supplies.values(), *tables.lanes.values(), *tables.plants.values())
    return pd.DataFrame([_known(row) for row in rows], columns=list(_Known._fields))


def elements(case: Case, solved: dict[str, Shown]) -> pd.DataFrame:
    """Return how far each element is used under each scenario."""
    limits = _limits(case)
    frame = pd.DataFrame({"scenario": list(solved)}).merge(limits, how="cross")
    ids = limits["element"].tolist()
    left = [(_least(found.effect), _least_arrival(found.effect)) for found in solved.values()]
    frame["availability"] = [least.get(e, 1.0) for least, _ in left for e in ids]
    frame["arrival"] = [least.get(e, 1.0) for _, least in left for e in ids]
    used = [(_used(found), 0.0 if found.certified else nan) for found in solved.values()]
    frame["used"] = [known.get(e, none) for known, none in used for e in ids]
    remains = frame["capacity"] * frame["availability"]
    frame["usage"] = (frame["used"] / remains.where(remains > 0)).clip(upper=1.0)
    return frame


def _used(found: Shown) -> dict[str, float]:
    """Return what the plan uses of each element: USD of lanes, units of the others."""
    flows, used = found.flows, defaultdict[str, float](float)
    names = ("kind", "element", "quantity_per_month", "value_usd_per_month")
    for kind, element, units, usd in zip(*(flows[n].tolist() for n in names), strict=True):
        if kind in {"supply", "lane", "plant"}:
            used[element] += usd if kind == "lane" else units
    return used


def _least(effect: Effect) -> dict[str, float]:
    return {element: float(shares.min()) for element, shares in effect.availability.items()}


def _least_arrival(effect: Effect) -> dict[str, float]:
    least: dict[str, float] = {}
    for (lane, _), shares in effect.arrival.items():
        least[lane] = min(least.get(lane, 1.0), float(shares.min()))
    return least


def cuts(solved: dict[str, Shown]) -> pd.DataFrame:
    """Return what each scenario cuts, and the share that remains."""
    rows = [
        (name, element, good, brand, remaining)
        for name, found in solved.items()
        for element, good, brand, remaining in _cut(found.effect)
    ]
    return pd.DataFrame(rows, columns=["scenario", "element", "good", "brand", "remaining"])


def _cut(effect: Effect) -> Iterator[tuple[str, str, str, float]]:
    for element, remaining in _least(effect).items():
        yield element, "", "", remaining
    for (lane, good), shares in effect.arrival.items():
        yield lane, good.item, good.brand or "", float(shares.min())


def measures(outcomes: dict[str, Outcome]) -> pd.DataFrame:
    """Return what each measure does in each scenario."""
    rows = [
        (
            name,
            one.measure.id,
            one.measure.title or one.measure.id,
            one.effect,
            one.returns,
            one.note,
        )
        for name, found in outcomes.items()
        for one in found.measures
    ]
    names = ["scenario", "measure", "title", "effect", "returns", "note"]
    return pd.DataFrame(rows, columns=names)


def binding(case: Case, outcomes: dict[str, Outcome]) -> pd.DataFrame:
    """Return every limit with a price, with where its figure comes from."""
    frames = [found.prices.assign(scenario=name) for name, found in outcomes.items()]
    whole = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    rows = [case.tables.elements[element] for element in whole["element"]]
    whole = whole.assign(
        basis=[row.basis.value for row in rows],
        confidence=[row.confidence.value for row in rows],
        as_of=[row.as_of or "" for row in rows],
    )
    return whole[["scenario", *whole.columns.drop("scenario")]]


def certificates(solved: dict[str, Shown]) -> pd.DataFrame:
    """Return what was proved of each scenario."""
    rows = [
        (
            name,
            found.status.value,
            found.certified,
            found.certificate.width,
            found.certificate.residual,
            found.tries,
            found.canonical,
        )
        for name, found in solved.items()
    ]
    names = ["scenario", "status", "certified", "width", "residual", "tries", "canonical"]
    return pd.DataFrame(rows, columns=names)


def unknown_limits(case: Case) -> tuple[str, ...]:
    """Return the elements of which no limit is known, sorted."""
    limits = _limits(case)
    unlimited = limits.loc[limits["capacity"].isna(), "element"]
    stocks = (row.element for row in case.tables.stocks if row.quantity is None)
    return tuple(sorted((*unlimited, *stocks)))
