"""What survives each scenario: capacity, systems, flows and what each measure does, compared.

Convention: the row ``baseline`` is the network without any scenario; surviving is the scaling
capacity under a scenario divided by that of the baseline. A number that is not certified is NaN.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import nan
from typing import NamedTuple

import pandas as pd

from analyzer.network.case import Case
from analyzer.network.effect import Effect
from analyzer.programme.canon import published
from analyzer.programme.flow import Options
from analyzer.programme.solution import Solution
from analyzer.study.solve import Bench, Tally, bench, effects_of
from scenarios.schema import Measure, Scenario
from supply_data.schema import Lane, Plant, Supply

BASELINE = "baseline"
REFERENCE = "reference"


@dataclass(frozen=True)
class Comparison:
    """The result of a run, as tidy frames that pages, tables and files are made of.

    Attributes
    ----------
    case : Case
        Dataset, graph and scenarios.
    weighting : str
        How systems were weighed.
    targets : str
        Name of the set of targets.
    table : pandas.DataFrame
        One row a scenario, the baseline first: ``scenario``, ``title``, ``capacity`` (share of
        reference output, or weighted units per month), ``surviving``, ``certified``.
    systems : pandas.DataFrame
        ``scenario``, ``system``, ``name``, ``output_per_month``, ``target_per_month``, ``share``.
    flows : pandas.DataFrame
        ``scenario`` and the columns of `analyzer.programme.solution.FLOW_COLUMNS`, without the
        period.
    elements : pandas.DataFrame
        One row a scenario and element: ``scenario``, ``element``, ``kind``, ``pillar``, ``unit``,
        ``capacity`` (NaN: no limit known), ``availability``, ``arrival`` (least arrival rate of any
        good on a lane), ``used`` and ``usage`` (of what remains; NaN where unknown).
    cuts : pandas.DataFrame
        What each scenario cuts: ``scenario``, ``element``, ``good``, ``brand`` (both empty unless
        goods on a lane), ``remaining``.
    measures : pandas.DataFrame
        ``scenario``, ``measure``, ``title``, ``effect`` (bites, slack, needs_budget, needs_horizon
        or not_modelled), ``returns`` (surviving that returns if it alone is lifted), ``note``.
    certificates : pandas.DataFrame
        ``scenario``, ``status``, ``certified``, ``width`` (share of Σ w · target), ``residual``,
        ``tries``.
    pruned : tuple of str
        Elements that can never contribute.
    unknown : tuple of str
        Elements of which no limit is known.
    tally : Tally
        How much was solved.
    """

    case: Case
    weighting: str
    targets: str
    table: pd.DataFrame
    systems: pd.DataFrame
    flows: pd.DataFrame
    elements: pd.DataFrame
    cuts: pd.DataFrame
    measures: pd.DataFrame
    certificates: pd.DataFrame
    pruned: tuple[str, ...]
    unknown: tuple[str, ...]
    tally: Tally

    @property
    def certified(self) -> bool:
        """Whether every number of the run may be shown."""
        return bool(self.table["certified"].all())


def compare(
    case: Case,
    scenarios: Sequence[Scenario] | None = None,
    *,
    options: Options | None = None,
    lift: bool = False,
) -> Comparison:
    """Return what survives each scenario.

    Parameters
    ----------
    case : Case
        Dataset and scenarios.
    scenarios : sequence of Scenario, optional
        The scenarios to compare; those of the case unless given.
    options : Options, optional
        Weighting, targets, budget, timing.
    lift : bool
        Whether a measure may leave more than the baseline has (lifting what is in force).

    Raises
    ------
    scenarios.schema.BadScenarioError
        If a scenario does not fit the dataset.
    """
    chosen = tuple(case.scenarios if scenarios is None else scenarios)
    options = options or Options()
    parts = {part.id: part for scenario in chosen for part in _parts(scenario)}
    effects = effects_of(case, (*chosen, *parts.values()), options=options, lift=lift)
    table = bench(case, tuple(effects.values()), options=options)
    solved = {BASELINE: table.solved()}
    solved |= {name: table.solved(found) for name, found in effects.items()}
    names = (BASELINE, *(scenario.id for scenario in chosen))
    shown = {name: published(solved[name]) for name in names}
    weighting = options.weighting or case.tables.settings.weighting
    return Comparison(
        case=case,
        weighting=weighting.value,
        targets=REFERENCE,
        table=_table(chosen, shown),
        systems=_systems(case, shown),
        flows=_flows(shown),
        elements=_elements(case, shown),
        cuts=_cuts(shown),
        measures=_measures(table, chosen, solved),
        certificates=_certificates(shown),
        pruned=case.pruned,
        unknown=unknown_limits(case),
        tally=table.tally,
    )


def _parts(scenario: Scenario) -> Iterator[Scenario]:
    """Yield each measure of a scenario alone, and the scenario without it."""
    if len(scenario.measures) > 1:
        for measure in scenario.measures:
            others = tuple(other for other in scenario.measures if other is not measure)
            yield _part(scenario, "only", measure, (measure,))
            yield _part(scenario, "without", measure, others)


def _part(scenario: Scenario, which: str, measure: Measure, kept: tuple[Measure, ...]) -> Scenario:
    name = _part_id(scenario, which, measure)
    return scenario.model_copy(update={"id": name, "measures": kept})


def _part_id(scenario: Scenario, which: str, measure: Measure) -> str:
    return f"{scenario.id}\n{which}\n{measure.id}"


def _table(scenarios: Sequence[Scenario], solved: dict[str, Solution]) -> pd.DataFrame:
    titles = {BASELINE: "Baseline", **{s.id: s.title or s.id for s in scenarios}}
    base = solved[BASELINE].capacity
    rows = [
        (name, titles[name], _or_nan(found.capacity), _share(found.capacity, base), found.certified)
        for name, found in solved.items()
    ]
    return pd.DataFrame(rows, columns=["scenario", "title", "capacity", "surviving", "certified"])


def _or_nan(value: float | None) -> float:
    return nan if value is None else value


def _share(value: float | None, base: float | None) -> float:
    return nan if value is None or not base else value / base


def _systems(case: Case, solved: dict[str, Solution]) -> pd.DataFrame:
    frame = _stacked({name: found.systems() for name, found in solved.items()})
    names = {key: row.name or key for key, row in case.tables.systems.items()}
    frame.insert(2, "name", frame["system"].map(names))
    return frame.drop(columns="period")


def _flows(solved: dict[str, Solution]) -> pd.DataFrame:
    return _stacked({name: found.flows() for name, found in solved.items()}).drop(columns="period")


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


def _elements(case: Case, solved: dict[str, Solution]) -> pd.DataFrame:
    limits = _limits(case)
    return pd.concat(
        [_used(limits, name, found) for name, found in solved.items()], ignore_index=True
    )


def _used(limits: pd.DataFrame, name: str, found: Solution) -> pd.DataFrame:
    flows = found.flows()
    of_elements = flows[flows["kind"].isin(["supply", "lane", "plant"])]
    amount = of_elements["quantity_per_month"].where(
        of_elements["kind"] != "lane", of_elements["value_usd_per_month"]
    )
    used = amount.groupby(of_elements["element"]).sum()
    frame = limits.copy()
    frame.insert(0, "scenario", name)
    frame["availability"] = frame["element"].map(_least(found.effect)).fillna(1.0)
    frame["arrival"] = frame["element"].map(_least_arrival(found.effect)).fillna(1.0)
    frame["used"] = frame["element"].map(used).fillna(0.0 if found.certified else nan)
    remains = frame["capacity"] * frame["availability"]
    frame["usage"] = (frame["used"] / remains.where(remains > 0)).clip(upper=1.0)
    return frame


def _least(effect: Effect) -> dict[str, float]:
    return {element: float(shares.min()) for element, shares in effect.availability.items()}


def _least_arrival(effect: Effect) -> dict[str, float]:
    least: dict[str, float] = {}
    for (lane, _), shares in effect.arrival.items():
        least[lane] = min(least.get(lane, 1.0), float(shares.min()))
    return least


def _cuts(solved: dict[str, Solution]) -> pd.DataFrame:
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


def _measures(
    table: Bench, scenarios: Sequence[Scenario], solved: dict[str, Solution]
) -> pd.DataFrame:
    rows = [
        (
            scenario.id,
            measure.id,
            measure.title or measure.id,
            *_does(table, scenario, measure, solved),
        )
        for scenario in scenarios
        for measure in scenario.measures
    ]
    names = ["scenario", "measure", "title", "effect", "returns", "note"]
    return pd.DataFrame(rows, columns=names)


def _does(
    table: Bench, scenario: Scenario, measure: Measure, solved: dict[str, Solution]
) -> tuple[str, float, str]:
    """Return what a measure does in a scenario, what returns if it is lifted, and a note."""
    if measure.not_modelled is not None:
        return "not_modelled", 0.0, measure.not_modelled
    whole = solved[scenario.id]
    replaced = whole.effect.replaced.get(measure.id)
    if replaced is not None:
        return "not_modelled", 0.0, f"gives way to {replaced} in this scenario"
    alone, without = whole, solved[BASELINE]
    if len(scenario.measures) > 1:
        alone = solved[_part_id(scenario, "only", measure)]
        without = solved[_part_id(scenario, "without", measure)]
    base = solved[BASELINE].capacity
    known = (whole.capacity, alone.capacity, without.capacity, base)
    if any(value is None for value in known) or not base:
        return "uncertified", nan, ""
    capacity, by_itself, lifted = (_or_nan(value) for value in known[:3])
    returns = max(lifted - capacity, 0.0) / base
    if not table.same(capacity, lifted) or not table.same(by_itself, base):
        return "bites", returns, ""
    return _idle(table, measure)


def _idle(table: Bench, measure: Measure) -> tuple[str, float, str]:
    if measure.markup and table.model.sets.budget_usd_per_month is None:
        return "needs_budget", 0.0, "a mark-up bites only under a budget"
    if measure.delay_months and table.model.sets.steady:
        return "needs_horizon", 0.0, "a delay bites only over time"
    return "slack", 0.0, "what it takes is replaced from room elsewhere"


def _certificates(solved: dict[str, Solution]) -> pd.DataFrame:
    rows = [
        (
            name,
            found.status.value,
            found.certified,
            found.certificate.width,
            found.certificate.residual,
            found.tries,
        )
        for name, found in solved.items()
    ]
    names = ["scenario", "status", "certified", "width", "residual", "tries"]
    return pd.DataFrame(rows, columns=names)


def unknown_limits(case: Case) -> tuple[str, ...]:
    """Return the elements of which no limit is known, sorted."""
    limits = _limits(case)
    unlimited = limits.loc[limits["capacity"].isna(), "element"]
    stocks = (row.element for row in case.tables.stocks if row.quantity is None)
    return tuple(sorted((*unlimited, *stocks)))
