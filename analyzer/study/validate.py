"""What the model says against what was reported: direction, size, and every miss.

Convention: flows are the published ones; on lanes what arrives counts. Shares, changes and what
remains are in percent. A miss is a row like any other.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from math import copysign, inf, isnan, nan

import pandas as pd

from analyzer.network.case import Case
from analyzer.network.goods import Good
from analyzer.programme.canon import published
from analyzer.programme.flow import Options
from analyzer.programme.recover import by_good
from analyzer.programme.solution import Solution
from analyzer.study.solve import bench, effect_in
from scenarios.schema import Scenario
from supply_data.observed import Figure, Flow, Observation, Unit
from supply_data.schema import Lane, Plant, Stock, Supply, Tables

PERCENT = 100.0
NO_MOVE = 0.5
"""A change below this, in percent, is none and has no direction."""

COLUMNS = (
    "observation",
    "what",
    "scenario",
    "figure",
    "low",
    "reported",
    "high",
    "tolerance",
    "unit",
    "model",
    "at_once",
    "outcome",
    "certified",
    "own_input",
    "period",
    "confidence",
    "source_ids",
    "note",
)


class Verdict(StrEnum):
    """How the model stands to one observation."""

    AGREES = "agrees"
    DIRECTION = "direction only"
    MISSES = "misses"
    NOT_COMPARED = "not compared"


def validate(
    case: Case, observations: Sequence[Observation], *, scenarios: Mapping[str, Scenario]
) -> pd.DataFrame:
    """Return each observation with what the model gives for it.

    Parameters
    ----------
    case : Case
        The dataset.
    observations : sequence of Observation
        What was reported.
    scenarios : mapping of str to Scenario
        The scenarios that observations name, by the name they use.

    Returns
    -------
    pandas.DataFrame
        One row an observation, in their order: ``low``, ``reported`` and ``high`` as reported,
        ``model`` in the same unit (NaN where the model has nothing), ``at_once`` (of a change of
        what arrives on lanes under measures on goods: the same if the baseline's goods were sent
        on as before; else NaN), ``outcome`` (a `Verdict`, of ``model``), ``certified`` (whether
        the published plans behind it are) and what the observation says of itself.

    Raises
    ------
    scenarios.schema.BadScenarioError
        If a scenario does not fit the dataset.
    """
    solved = _solved(case, {name: scenarios[name] for name in _named(observations)})
    rows = [_row(case.tables, each, solved) for each in observations]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def verdict(observation: Observation, model: float) -> Verdict:
    """Return how a figure of the model stands to an observation.

    Examples
    --------
    >>> seen = Observation(observation="o", what="", figure="change", reported=-28, ranges={})
    >>> print(*(verdict(seen, model) for model in (-28, -12, 4)), sep=", ")
    agrees, direction only, misses
    """
    if observation.not_compared or isnan(model):
        return Verdict.NOT_COMPARED
    low, high = observation.bounds
    least = -inf if low is None else low - observation.tolerance
    most = inf if high is None else high + observation.tolerance
    if least <= model <= most:
        return Verdict.AGREES
    moved = observation.figure is Figure.CHANGE and abs(model) > NO_MOVE
    known = [side for side in (low, high) if side]
    if moved and known and all(copysign(1, side) == copysign(1, model) for side in known):
        return Verdict.DIRECTION
    return Verdict.MISSES


def _named(observations: Sequence[Observation]) -> list[str]:
    compared = (each.scenario for each in observations if each.scenario and not each.not_compared)
    return list(dict.fromkeys(compared))


def _solved(case: Case, scenarios: Mapping[str, Scenario]) -> dict[str, Solution]:
    """Return the published plans; the baseline's under the blank name."""
    options = Options()
    effects = {name: effect_in(case, each, options=options) for name, each in scenarios.items()}
    table = bench(case, tuple(effects.values()), options=options)
    plans = {name: published(table.solved(effect)) for name, effect in effects.items()}
    return {"": published(table.solved()), **plans}


def _row(
    tables: Tables, observation: Observation, solved: Mapping[str, Solution]
) -> dict[str, object]:
    before, after = solved[""], solved.get(observation.scenario, solved[""])
    certified = all(plan.certified and plan.canonical for plan in (before, after))
    compared = certified and not observation.not_compared
    figure = _MODELS[observation.figure]
    model = figure(tables, observation, before, after) if compared else nan
    low, high = observation.bounds
    return {
        "observation": observation.observation,
        "what": observation.what,
        "scenario": observation.scenario,
        "figure": observation.figure.value,
        "low": low,
        "reported": observation.reported,
        "high": high,
        "tolerance": observation.tolerance,
        "unit": observation.unit,
        "model": model,
        "at_once": _at_once(tables, observation, before, after) if compared else nan,
        "outcome": verdict(observation, model).value,
        "certified": certified,
        "own_input": observation.own_input,
        "period": observation.period,
        "confidence": observation.confidence.value,
        "source_ids": ";".join(observation.source_ids),
        "note": "; ".join(filter(None, (observation.not_compared, observation.note))),
    }


def _share(tables: Tables, seen: Observation, _: Solution, after: Solution) -> float:
    whole = seen.model_copy(update={seen.share_of: ()})
    return PERCENT * _ratio(_total(tables, seen, after), _total(tables, whole, after))


def _change(tables: Tables, seen: Observation, before: Solution, after: Solution) -> float:
    return PERCENT * (_ratio(_total(tables, seen, after), _total(tables, seen, before)) - 1)


def _at_once(tables: Tables, seen: Observation, before: Solution, after: Solution) -> float:
    """Return the change of what arrives if the same goods are sent on the same lanes."""
    if seen.figure is not Figure.CHANGE or seen.flow is Flow.SUPPLIES or after.effect.availability:
        return nan
    wanted = _elements(tables, seen)
    sent = arrived = 0.0
    for (variable, (lane, *rest)), quantity in by_good(before).items():
        good = rest[-1] if rest else None
        counts = isinstance(good, Good) and lane in wanted and _counts(tables, seen, good.item)
        if variable == "sent" and counts and isinstance(good, Good):
            amount = quantity * _unit(tables, seen, good.item)
            sent += amount
            share = after.effect.arrival.get((str(lane), good))
            arrived += amount * (1.0 if share is None else float(share.min()))
    return PERCENT * (_ratio(arrived, sent) - 1)


def _unit(tables: Tables, seen: Observation, item: str) -> float:
    return 1.0 if seen.counted_in is Unit.UNITS else tables.value_usd(item) or 0.0


def _amount(tables: Tables, seen: Observation, _: Solution, after: Solution) -> float:
    return seen.factor * _total(tables, seen, after)


def _remaining(tables: Tables, seen: Observation, _: Solution, after: Solution) -> float:
    """Return the least that the scenario's own cuts leave of anything that counts."""
    cut = [
        shares.min()
        for element, shares in after.effect.availability.items()
        if _concerns(tables, seen, tables.elements[element])
    ]
    cut += [
        shares.min()
        for (_, good), shares in after.effect.arrival.items()
        if _counts(tables, seen, good.item)
    ]
    return PERCENT * float(min(cut, default=1.0))


def _concerns(tables: Tables, seen: Observation, row: Supply | Lane | Plant | Stock) -> bool:
    if isinstance(row, Lane):
        items = (*tables.components, *tables.systems)
        return any(_counts(tables, seen, i) and row.takes(tables.category(i)) for i in items)
    return _counts(tables, seen, row.product if isinstance(row, Plant) else row.component)


def _fielded(_: Tables, seen: Observation, __: Solution, after: Solution) -> float:
    systems = after.systems()
    return PERCENT * float(_of(systems, seen)["share"].min())


def _output(_: Tables, seen: Observation, __: Solution, after: Solution) -> float:
    return float(_of(after.systems(), seen)["output_per_month"].sum())


_MODELS: Mapping[Figure, Callable[[Tables, Observation, Solution, Solution], float]] = {
    Figure.SHARE: _share,
    Figure.CHANGE: _change,
    Figure.AMOUNT: _amount,
    Figure.REMAINING: _remaining,
    Figure.FIELDED: _fielded,
    Figure.OUTPUT: _output,
}


def _of(systems: pd.DataFrame, seen: Observation) -> pd.DataFrame:
    return systems[systems["system"].isin(seen.system)] if seen.system else systems


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else nan


def _total(tables: Tables, seen: Observation, found: Solution) -> float:
    """Return what arrives, or is supplied, of all that counts: USD or units a month."""
    flows = found.flows()
    wanted = _elements(tables, seen)
    items = {item for item in flows["good"] if _counts(tables, seen, item)}
    rows = flows[flows["element"].isin(wanted) & flows["good"].isin(items)]
    if seen.counted_in is Unit.UNITS:
        return float(rows["arrived_per_month"].sum())
    worth = rows["value_usd_per_month"] / rows["quantity_per_month"]
    return float((worth * rows["arrived_per_month"]).sum())


def _counts(tables: Tables, seen: Observation, item: str) -> bool:
    fits = not seen.component or item in seen.component
    return fits and (not seen.category or tables.category(item) in seen.category)


def _elements(tables: Tables, seen: Observation) -> frozenset[str]:
    if seen.flow is Flow.LANES:
        return frozenset(
            lane.element
            for lane in tables.lanes.values()
            if (not seen.from_place or lane.from_place in seen.from_place)
            and (not seen.to_place or lane.to_place in seen.to_place)
        )
    return frozenset(
        supply.element
        for supply in tables.supplies.values()
        if (not seen.origin or supply.origin in seen.origin)
        and (not seen.brand or supply.brand in seen.brand)
    )
