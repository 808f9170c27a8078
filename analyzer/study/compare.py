"""What survives each scenario: capacity, systems, flows and what each measure does, compared.

Convention: the row ``baseline`` is the network without any scenario; surviving is the scaling
capacity under a scenario divided by that of the baseline. A number that is not certified is NaN.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import nan
from typing import NamedTuple

import pandas as pd
from joblib import Parallel, delayed

from analyzer.network.case import Case
from analyzer.network.effect import Effect
from analyzer.programme.flow import Options
from analyzer.programme.solution import Solution
from analyzer.study.changes import changes
from analyzer.study.evidence import Evidence, evidence, unlisted
from analyzer.study.outcome import Outcome, outcome, reference_outcome
from analyzer.study.solve import SAME, Tally
from analyzer.study.tries import reference_effect, tries_of
from scenarios.schema import Scenario
from supply_data.schema import Basis, Lane, Plant, Supply, Weighting

BASELINE = "baseline"


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
    reference : str or None
        Id of the scenario that others are set against; None is the dataset as it stands.
    outcomes : dict of str to Outcome
        Everything that was found, by scenario, the baseline first.
    table : pandas.DataFrame
        One row a scenario, the baseline first: ``scenario``, ``title``, ``capacity`` (share of
        reference output, or weighted units per month), ``surviving``, ``interval_low`` and
        ``interval_high`` (surviving at the ends of the ranges of cuts and leaks), ``at_once``
        (surviving if nobody re-plans), ``binds`` (pillar, joint, or blank if nothing is lost),
        ``assumed_share`` and ``oldest`` (of what decides: the share that is assumed, NaN if
        nothing binds, and the oldest date), ``certified``, and under each weighting
        surviving and rank, 1 for what leaves least (``surviving_target``, ``rank_target``,
        ``surviving_units``, …).
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
    binding : pandas.DataFrame
        Every limit with a price: ``scenario``, the columns of `analyzer.study.prices`, ``basis``,
        ``confidence`` and ``as_of`` of the element's row.
    changes : pandas.DataFrame
        Where flows move (`analyzer.study.changes`).
    unlisted : pandas.DataFrame
        What binds and is aimed at by no measure and no tier (`analyzer.study.evidence`).
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
    reference: str | None
    outcomes: dict[str, Outcome]
    table: pd.DataFrame
    systems: pd.DataFrame
    flows: pd.DataFrame
    elements: pd.DataFrame
    cuts: pd.DataFrame
    measures: pd.DataFrame
    certificates: pd.DataFrame
    binding: pd.DataFrame
    changes: pd.DataFrame
    unlisted: pd.DataFrame
    pruned: tuple[str, ...]
    unknown: tuple[str, ...]
    tally: Tally

    def evidence(self, scenario: str) -> Evidence:
        """Return what the answer of a scenario rests on."""
        return evidence(self.case.tables, self.outcomes[scenario].prices)

    @property
    def certified(self) -> bool:
        """Whether every number of the run may be shown."""
        return bool(self.table["certified"].all())


def compare(
    case: Case,
    scenarios: Sequence[Scenario] | None = None,
    *,
    options: Options | None = None,
    reference: Scenario | None = None,
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
    reference : Scenario, optional
        What scenarios are set against and act on top of, such as what is in force today; the
        row ``baseline`` is this reference. Without it, the dataset as it stands.
    lift : bool
        Whether a measure may leave more than the baseline has (lifting what is in force).

    Raises
    ------
    scenarios.schema.BadScenarioError
        If a scenario does not fit the dataset.
    """
    chosen = tuple(case.scenarios if scenarios is None else scenarios)
    options = options or Options()
    tried = tries_of(case, chosen, options=options, reference=reference, lift=lift)
    given = reference_effect(case, reference, options=options, lift=lift)
    first = reference_outcome(case, given, options=options)
    examine = delayed(partial(outcome, case, reference=first, options=options))
    examined = Parallel(n_jobs=-1, prefer="threads")(examine(each) for each in tried)
    names = (each.scenario.id for each in tried)
    outcomes = {BASELINE: first.outcome, **dict(zip(names, examined, strict=True))}
    solved = {name: found.solution for name, found in outcomes.items()}
    weighting = options.weighting or case.tables.settings.weighting
    return Comparison(
        case=case,
        weighting=weighting.value,
        targets=options.target_set,
        reference=None if reference is None else reference.id,
        outcomes=outcomes,
        table=_table(case, outcomes, reference),
        systems=_systems(case, solved),
        flows=_flows(solved),
        elements=_elements(case, solved),
        cuts=_cuts(solved),
        measures=_measures(outcomes),
        certificates=_certificates(solved),
        binding=_binding(case, outcomes),
        changes=changes(case.tables, _flows(solved), reference=BASELINE),
        unlisted=unlisted(
            case.tables,
            {name: found.prices for name, found in outcomes.items()},
            (each.central for each in tried),
        ),
        pruned=case.pruned,
        unknown=unknown_limits(case),
        tally=_summed([found.tally for found in outcomes.values()]),
    )


def _summed(tallies: Sequence[Tally]) -> Tally:
    return Tally(
        solves=sum(tally.solves for tally in tallies),
        cold_resolves=sum(tally.cold_resolves for tally in tallies),
        uncertified=sum(tally.uncertified for tally in tallies),
    )


def _title(found: Outcome, reference: Scenario | None) -> str:
    if found.tries is None:
        given = None if reference is None else reference.title or reference.id
        return "Baseline" if given is None else f"Reference: {given}"
    return found.tries.scenario.title or found.tries.scenario.id


def _table(case: Case, outcomes: dict[str, Outcome], reference: Scenario | None) -> pd.DataFrame:
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
                f"surviving_{weighting.value}": _share(capacity, first.otherwise[weighting])
                for weighting, capacity in found.otherwise.items()
            },
        }
        for name, found in outcomes.items()
    ]
    return _ranked(pd.DataFrame(rows))


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
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


def _measures(outcomes: dict[str, Outcome]) -> pd.DataFrame:
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


def _binding(case: Case, outcomes: dict[str, Outcome]) -> pd.DataFrame:
    frames = [found.prices.assign(scenario=name) for name, found in outcomes.items()]
    whole = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    rows = [case.tables.elements[element] for element in whole["element"]]
    whole = whole.assign(
        basis=[row.basis.value for row in rows],
        confidence=[row.confidence.value for row in rows],
        as_of=[row.as_of or "" for row in rows],
    )
    return whole[["scenario", *whole.columns.drop("scenario")]]


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
