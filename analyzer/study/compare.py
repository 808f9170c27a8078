"""What survives each scenario: capacity, systems, flows and what each measure does, compared.

Convention: the row ``baseline`` is the network without any scenario; surviving is the scaling
capacity under a scenario divided by that of the baseline. A number that is not certified is NaN.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd
from joblib import delayed

from analyzer.network.case import Case
from analyzer.programme.flow import Options
from analyzer.study import frames
from analyzer.study.changes import changes
from analyzer.study.cores import on_all_cores
from analyzer.study.crew import Crew
from analyzer.study.evidence import Evidence, evidence, unlisted
from analyzer.study.frames import BASELINE, unknown_limits
from analyzer.study.outcome import Outcome, Reference, outcome, reference_outcome
from analyzer.study.solve import Models, Tally
from analyzer.study.tries import Tries, reference_effect, tries_of
from scenarios.schema import Scenario

__all__ = ["BASELINE", "Comparison", "compare", "unknown_limits"]


@dataclass(frozen=True, eq=False)
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
    given : Scenario or None
        That scenario.
    options : Options
        How the run weighed and limited.
    lift : bool
        Whether a measure could leave more than the baseline has.
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
        ``tries``, ``canonical`` (whether the published plan could be chosen among the optimal).
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
    programmes : int
        How many programmes were built; scenarios that tell the same goods apart share one.
    tally : Tally
        How much was solved.
    """

    case: Case
    weighting: str
    targets: str
    reference: str | None
    given: Scenario | None
    options: Options
    lift: bool
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
    programmes: int
    tally: Tally

    @property
    def budget_usd_per_month(self) -> float | None:
        """The limit on spending; None is none."""
        own = self.options.budget_usd_per_month
        return self.case.tables.settings.budget_usd_per_month if own is None else own

    def evidence(self, scenario: str) -> Evidence:
        """Return what the answer of a scenario rests on."""
        return evidence(self.case.tables, self.outcomes[scenario].prices)

    @property
    def certified(self) -> bool:
        """Whether every number of the run may be shown: capacities, bounds, pillars, prices."""
        priced = self.binding["price_up"].notna().all()
        return bool(self.table["certified"].all() and priced and not self.tally.uncertified)


def compare(
    case: Case,
    scenarios: Sequence[Scenario] | None = None,
    *,
    options: Options | None = None,
    reference: Scenario | None = None,
    lift: bool = False,
    crew: Crew | None = None,
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
    crew : Crew, optional
        Processes that help; without them scenarios are examined on threads.

    Raises
    ------
    ValueError
        If two scenarios have the same id, or one has that of the baseline, or months are asked for.
    scenarios.schema.BadScenarioError
        If a scenario does not fit the dataset.
    """
    chosen = tuple(case.scenarios if scenarios is None else scenarios)
    _refuse_taken(chosen)
    options = options or Options()
    if options.timing.months is not None:
        msg = "scenarios are compared in the steady state; months belong to another study"
        raise ValueError(msg)
    tried = tries_of(case, chosen, options=options, reference=reference, lift=lift)
    job = _Examining(replace(case), options, reference, lift)  # without what was found of the case
    outcomes = _outcomes(job.desk(case), tried, job=job, crew=crew or Crew())
    solved = {name: found.solution for name, found in outcomes.items()}
    flows = frames.flows(solved)
    weighting = options.weighting or case.tables.settings.weighting
    return Comparison(
        case=case,
        weighting=weighting.value,
        targets=options.target_set,
        reference=None if reference is None else reference.id,
        given=reference,
        options=options,
        lift=lift,
        outcomes=outcomes,
        table=frames.ranked(case, outcomes, reference),
        systems=frames.systems(case, solved),
        flows=flows,
        elements=frames.elements(case, solved),
        cuts=frames.cuts(solved),
        measures=frames.measures(outcomes),
        certificates=frames.certificates(solved),
        binding=frames.binding(case, outcomes),
        changes=changes(
            case.tables,
            flows,
            reference=BASELINE,
            certified=[name for name, found in solved.items() if found.certified],
        ),
        unlisted=unlisted(
            case.tables,
            {name: found.prices for name, found in outcomes.items()},
            (each.central for each in tried),
        ),
        pruned=case.pruned,
        unknown=unknown_limits(case),
        programmes=len({found.partition for found in outcomes.values()}),
        tally=_summed([found.tally for found in outcomes.values()]),
    )


@dataclass(frozen=True)
class _Desk:
    """Where scenarios are examined, one after the other or on threads."""

    reference: Reference
    examine: Callable[[Tries], Outcome]


@dataclass(frozen=True)
class _Examining:
    """What those who help are told once."""

    case: Case
    options: Options
    reference: Scenario | None
    lift: bool

    def desk(self, case: Case) -> _Desk:
        """Examine the reference."""
        options, models = self.options, Models()
        given = reference_effect(case, self.reference, options=options, lift=self.lift)
        first = reference_outcome(case, given, options=options, models=models)
        return _Desk(first, partial(outcome, case, reference=first, options=options, models=models))

    def worker(self) -> Callable[[Tries], Outcome]:
        """Return what examines a scenario in another process."""
        return self.desk(self.case).examine


def _outcomes(
    desk: _Desk, tried: Sequence[Tries], *, job: _Examining, crew: Crew
) -> dict[str, Outcome]:
    """Return what was found of each scenario, the reference first."""
    names = [each.scenario.id for each in tried]
    if crew.helpers:
        heavy = sorted(tried, key=_changed, reverse=True)
        tasks = {each.scenario.id: each for each in heavy}
        found = crew.shared_out(tasks, job=job, here=desk.examine)
    else:
        examined = on_all_cores(delayed(desk.examine)(each) for each in tried)
        found = dict(zip(names, examined, strict=True))
    return {BASELINE: desk.reference.outcome, **{name: found[name] for name in names}}


def _changed(tries: Tries) -> int:
    """Return how much a scenario changes, and so how long it takes about."""
    effects = tries.all()
    return sum(len(each.availability) + len(each.arrival) for each in effects)


def _refuse_taken(scenarios: Sequence[Scenario]) -> None:
    counts = Counter([BASELINE, *(scenario.id for scenario in scenarios)])
    twice = [name for name, count in counts.items() if count > 1]
    if twice:
        msg = f"two scenarios of a run have the id {twice[0]!r}; give one of them another"
        raise ValueError(msg)


def _summed(tallies: Sequence[Tally]) -> Tally:
    return Tally(
        solves=sum(tally.solves for tally in tallies),
        cold_resolves=sum(tally.cold_resolves for tally in tallies),
        uncertified=sum(tally.uncertified for tally in tallies),
        without_solve=sum(tally.without_solve for tally in tallies),
    )
