"""The analyzer in a notebook: load a case, compare scenarios, look at what came of it.

Convention: nothing is computed here. Results are frozen, and frames are handed out as copies.
"""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from analyzer.network import case as network
from analyzer.network.groups import Over
from analyzer.programme.flow import Options
from analyzer.report import doubted, over_time, spread
from analyzer.report.choice_table import summary as choice_summary
from analyzer.report.choices import write as write_choice
from analyzer.report.kept import Kept, kept
from analyzer.report.loss_table import summary as loss_summary
from analyzer.report.losses import write as write_losses
from analyzer.report.notebook import as_html
from analyzer.report.over_time_page import over_time_pages
from analyzer.report.page import page
from analyzer.report.pictures import Picture, overview, picture
from analyzer.report.report import report
from analyzer.report.responses import page as responses_page
from analyzer.report.responses import summary as responses_summary
from analyzer.report.responses import write as write_responses
from analyzer.report.results import input_paths, number, with_cuts
from analyzer.report.run_folder import run_folder
from analyzer.report.senders import summary as senders_summary
from analyzer.report.senders import write as write_senders
from analyzer.report.senders_page import senders_page
from analyzer.report.tables import as_plain, summary
from analyzer.report.written import write
from analyzer.study import coalition as senders_study
from analyzer.study import compare as study
from analyzer.study import cutset as cutset_study
from analyzer.study import horizon as months_study
from analyzer.study import response as response_study
from analyzer.study import restated as restated_study
from analyzer.study import uncertainty as draws_study
from analyzer.study.contingency import Contingency, contingency
from analyzer.study.cuts import Scan
from analyzer.study.strengths import Of
from scenarios.schema import Scenario
from supply_data.names import advice
from supply_data.schema import Weighting

__all__ = [
    "Case",
    "Choice",
    "Intervals",
    "Losses",
    "Months",
    "Options",
    "Responses",
    "Result",
    "Run",
    "Senders",
    "Weighting",
    "coalition",
    "compare",
    "cutset",
    "horizon",
    "load",
    "response",
    "scan",
    "uncertainty",
]


@dataclass(frozen=True, repr=False)
class Case(network.Case):
    """A dataset with its library of scenarios; ``load`` makes one.

    Attributes
    ----------
    dataset : str or path
        What it was loaded by.
    """

    dataset: str | os.PathLike[str] = ""

    def scenario(self, name: str | Path) -> Scenario:
        """Return one scenario by its id in the library, or by its file.

        Raises
        ------
        scenarios.schema.BadScenarioError
            If the name stands for none; the message has the nearest one.

        Examples
        --------
        >>> load("tutorial").scenario("hub-closed").title
        'Hub closed'
        """
        own = {scenario.id: scenario for scenario in self.scenarios}
        found = own.get(name) if isinstance(name, str) else None
        return found or network.scenario(self.dataset, name)

    def __repr__(self) -> str:
        """Return what the case is, in a line."""
        systems, scenarios = len(self.tables.systems), len(self.scenarios)
        return f"<Case {self.tables.settings.id}: {systems} systems, {scenarios} scenarios>"


@dataclass(frozen=True, repr=False)
class Result:
    """What one scenario does.

    Attributes
    ----------
    scenario : str
        Id, or ``baseline``.
    capacity : float or None
        Scaling capacity, a share of reference output or weighted units per month; None where it
        is not certified.
    surviving : float or None
        The same as a share of the baseline's.
    binds : str
        The pillar that binds, ``joint``, or blank if nothing is lost.
    certified : bool
        Whether its numbers may be shown.
    systems, flows, elements, cuts, measures, binding, changes : pandas.DataFrame
        The scenario's rows of the frames of `analyzer.study.compare.Comparison`.
    """

    scenario: str
    capacity: float | None
    surviving: float | None
    binds: str
    certified: bool
    systems: pd.DataFrame
    flows: pd.DataFrame
    elements: pd.DataFrame
    cuts: pd.DataFrame
    measures: pd.DataFrame
    binding: pd.DataFrame
    changes: pd.DataFrame

    def __repr__(self) -> str:
        """Return what survives, in a line."""
        told = "uncertified" if self.surviving is None else f"{self.surviving:.4f} survives"
        return f"<Result {self.scenario}: {told}>"


@dataclass(frozen=True, repr=False)
class Run:
    """Scenarios, compared; ``compare`` makes one.

    Attributes
    ----------
    comparison : Comparison
        All frames of the run.
    case : Case
        What was compared on, with the scenarios that were.
    started : datetime
        When the run began.

    Examples
    --------
    >>> case = load("tutorial")
    >>> closed = case.scenario("hub-closed")
    >>> run = compare(case, [closed, closed.with_leak(0.5)])
    >>> run
    <Run tutorial: hub-closed, hub-closed-leak-0.5>
    >>> run.table[["scenario", "surviving"]].round(4).to_dict("list")["surviving"]
    [1.0, 0.5, 0.9236]
    >>> run["hub-closed"].binding[["element", "loss_1pct"]].round(2).head(2).to_dict("list")
    {'element': ['supply:chip-beta', 'plant:pump-works'], 'loss_1pct': [0.28, 0.22]}
    """

    comparison: study.Comparison
    case: Case
    started: datetime

    @property
    def table(self) -> pd.DataFrame:
        """One row a scenario, the baseline first, with what it cuts in words."""
        return with_cuts(self.comparison)

    def __getitem__(self, scenario: str) -> Result:
        """Return what one scenario does.

        Raises
        ------
        KeyError
            If it was not compared; the message has the nearest one.
        """
        rows = {str(row["scenario"]): row for row in self.comparison.table.to_dict("records")}
        if scenario not in rows:
            msg = f"no scenario {scenario!r} was compared. {advice(scenario, rows)}"
            raise KeyError(msg)
        row = rows[scenario]
        return Result(
            scenario=scenario,
            capacity=number(row["capacity"]),
            surviving=number(row["surviving"]),
            binds=row["binds"],
            certified=bool(row["certified"]),
            systems=_of(scenario, self.comparison.systems),
            flows=_of(scenario, self.comparison.flows),
            elements=_of(scenario, self.comparison.elements),
            cuts=_of(scenario, self.comparison.cuts),
            measures=_of(scenario, self.comparison.measures),
            binding=_of(scenario, self.comparison.binding),
            changes=_of(scenario, self.comparison.changes),
        )

    def summary(self, *, width: int = 100) -> str:
        """Return what ``aftercut run`` prints: plain text, this many columns wide.

        Examples
        --------
        >>> case = load("tutorial")
        >>> run = compare(case, [case.scenario("school-halved")])
        >>> print(run.summary().splitlines()[0])
        Solar pumps and street lamps for an island
        """
        return as_plain(summary(self.comparison, width=width), width=width)

    def page(self, path: str | os.PathLike[str]) -> Path:
        """Write the page, one HTML file that opens without a network; return where."""
        where = Path(path)
        where.write_text(page(self.comparison), encoding="utf-8")
        return where

    def figure(self, name: str, *, scenario: str | None = None) -> Picture:
        """Return a figure that a notebook shows, with a caption that says what to see.

        Parameters
        ----------
        name : str
            ``heat map`` for all scenarios; ``systems``, ``waterfall`` or ``last lanes`` for one.
        scenario : str, optional
            Which one; the one that leaves least unless given.

        Raises
        ------
        ValueError
            If there is no such figure, or the run has no numbers for it.
        KeyError
            If no such scenario was compared.

        Examples
        --------
        >>> case = load("tutorial")
        >>> run = compare(case, [case.scenario("hub-closed")])
        >>> run.figure("systems").caption.partition(". ")[2]
        '1 of 2 fall, Street lamp from 100 % to 10 %. Hatched: the target is assumed (2).'
        """
        return picture(self._kept, name, scenario=scenario)

    def on_other_facts(self, *, variants: bool = True, assumptions: bool = False) -> pd.DataFrame:
        """Return which conclusions stand on other facts, as ``aftercut run --all-variants`` does.

        Parameters
        ----------
        variants : bool
            Whether each other reading is tried where sources contradict.
        assumptions : bool
            Whether each assumption is tried at its low and its high, and reported facts alone.

        Returns
        -------
        pandas.DataFrame
            One row for each other facts; see `analyzer.study.restated.Restated`.
        """
        tried = restated_study.other_facts(
            self.case, self.case.dataset, variants=variants, assumptions=assumptions
        )
        found = restated_study.restated(
            self.case,
            tried,
            self.case.scenarios,
            options=self.comparison.options,
            reference=self.comparison.given,
            lift=self.comparison.lift,
        )
        return found.table

    def report(self, path: str | os.PathLike[str]) -> Path:
        """Write the report, one HTML file to read and to print; return where."""
        where = Path(path)
        where.write_text(report(self._kept), encoding="utf-8")
        return where

    @cached_property
    def _kept(self) -> Kept:
        return kept(self.comparison)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write the run as ``aftercut run --out`` does; return where.

        Raises
        ------
        analyzer.report.run_folder.OutputRefusedError
            If the folder is neither absent, empty nor an earlier run, or cannot be written.
        """
        where = Path(folder)
        with run_folder(where, inputs=input_paths(str(self.case.dataset))) as held:
            write(self.comparison, held, started=self.started)
        return where

    def __repr__(self) -> str:
        """Return what was compared, in a line."""
        names = list(self.comparison.outcomes)[1:]
        return f"<Run {self.case.tables.settings.id}: {', '.join(names) or 'the baseline'}>"

    def _repr_html_(self) -> str:
        return as_html(self.comparison, overview(self._kept))


@dataclass(frozen=True, repr=False)
class Months:
    """Scenarios, month by month; ``horizon`` makes one.

    Attributes
    ----------
    found : analyzer.study.horizon.Horizon
        All frames of the run.
    case : Case
        What was tried on, with the scenarios that were.
    started : datetime
        When the run began.
    """

    found: months_study.Horizon
    case: Case
    started: datetime

    @property
    def table(self) -> pd.DataFrame:
        """One row a scenario: times to survive and to recover, lowest month, what is lost."""
        return self.found.table.copy()

    @property
    def curve(self) -> pd.DataFrame:
        """One row a scenario and month: capacity, the reference's, and what survives."""
        return self.found.curve.copy()

    @property
    def systems(self) -> pd.DataFrame:
        """One row a scenario, system and month: output, and the reference's."""
        return self.found.systems.copy()

    def summary(self, *, width: int = 100) -> str:
        """Return what ``aftercut horizon`` prints: plain text, this many columns wide."""
        return over_time.summary(self.found, width=width)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write the run as ``aftercut horizon --out`` does; return where.

        Raises
        ------
        analyzer.report.run_folder.OutputRefusedError
            If the folder is neither absent, empty nor an earlier run, or cannot be written.
        """
        where = Path(folder)
        with run_folder(where, inputs=input_paths(str(self.case.dataset))) as held:
            pages = over_time_pages(self.found)
            over_time.write(self.found, held, started=self.started, pages=pages)
        return where

    def __repr__(self) -> str:
        """Return what was tried, in a line."""
        names = ", ".join(self.found.table["scenario"])
        return f"<Months {self.case.tables.settings.id}, {self.found.asked.months}: {names}>"


@dataclass(frozen=True, repr=False)
class Losses:
    """What each loss costs, or each pair; ``scan`` makes one.

    Attributes
    ----------
    contingency : Contingency
        Everything that was found (`analyzer.study.contingency.Contingency`).
    case : Case
        What was cut.
    started : datetime
        When it began.

    Examples
    --------
    >>> pairs = scan(load("tutorial"), order=2, over="measure")
    >>> pairs.table[["surviving", "synergy"]].round(4).iloc[2].tolist()
    [0.4815, -0.2333]
    """

    contingency: Contingency
    case: Case
    started: datetime

    @property
    def table(self) -> pd.DataFrame:
        """One row a cut or pair, what leaves least first; pairs with their synergy."""
        return self.contingency.table.copy()

    @property
    def hidden_pairs(self) -> pd.DataFrame:
        """Pairs whose cuts cost nothing alone and something together."""
        return self.contingency.hidden_pairs.reset_index(drop=True)

    @property
    def wasted_cuts(self) -> pd.DataFrame:
        """Pairs whose smaller cut adds less than half of what it does alone."""
        return self.contingency.wasted_cuts.reset_index(drop=True)

    @property
    def certified(self) -> bool:
        """Whether every number may be shown."""
        return self.contingency.certified

    def summary(self, *, width: int = 100) -> str:
        """Return what ``aftercut scan`` prints: plain text, this many columns wide."""
        return as_plain(loss_summary(self.contingency, width=width), width=width)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write the scan as ``aftercut scan --out`` does; return where.

        Raises
        ------
        analyzer.report.run_folder.OutputRefusedError
            If the folder is neither absent, empty nor an earlier run, or cannot be written.
        """
        where = Path(folder)
        with run_folder(where, inputs=input_paths(str(self.case.dataset))) as held:
            write_losses(self.contingency, held, started=self.started)
        return where

    def __repr__(self) -> str:
        """Return what was cut, in a line."""
        tried = self.contingency.scan
        what = "pairs" if tried.order > 1 else "cuts"
        return (
            f"<Losses {self.case.tables.settings.id}: {len(self.table)} {what} over {tried.over}>"
        )


@dataclass(frozen=True, repr=False)
class Intervals:
    """How sure the answer is; ``uncertainty`` makes one.

    Attributes
    ----------
    found : analyzer.study.uncertainty.Uncertainty
        All frames of the run.
    case : Case
        What was tried on, with the scenarios that were.
    started : datetime
        When the run began.
    """

    found: draws_study.Uncertainty
    case: Case
    started: datetime

    @property
    def table(self) -> pd.DataFrame:
        """One row a scenario: percentiles of surviving, ranks, bounds that no draw leaves."""
        return self.found.table.copy()

    @property
    def draws(self) -> pd.DataFrame:
        """One row a draw: the capacity of the baseline and of each scenario."""
        return self.found.draws.copy()

    @property
    def pairs(self) -> pd.DataFrame:
        """One row a pair of scenarios: in which share of the draws one leaves less."""
        return self.found.pairs.copy()

    def summary(self, *, width: int = 100) -> str:
        """Return what ``aftercut uncertainty`` prints: plain text, this many columns wide."""
        return doubted.summary(self.found, width=width)

    def figure(self, name: str, *, scenario: str | None = None) -> Picture:
        """Return a figure that a notebook shows, with a caption that says what to see.

        Parameters
        ----------
        name : str
            ``intervals`` or ``ranks`` for all scenarios; ``tornado`` or ``convergence`` for one.
        scenario : str, optional
            Which one; the one with the widest interval unless given.

        Raises
        ------
        ValueError
            If there is no such figure.
        KeyError
            If no such scenario was tried.
        """
        return spread.drawn(self.found, name, scenario=scenario)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write the run as ``aftercut uncertainty --out`` does; return where.

        Raises
        ------
        analyzer.report.run_folder.OutputRefusedError
            If the folder is neither absent, empty nor an earlier run, or cannot be written.
        """
        where = Path(folder)
        with run_folder(where, inputs=input_paths(str(self.case.dataset))) as held:
            pictures = spread.pictures(self.found)
            doubted.write(self.found, held, started=self.started, pictures=pictures)
        return where

    def __repr__(self) -> str:
        """Return what was tried, in a line."""
        names = ", ".join(self.found.table["scenario"])
        return f"<Intervals {self.case.tables.settings.id}, {len(self.found.draws)} draws: {names}>"


@dataclass(frozen=True, repr=False)
class Choice:
    """The best sets of cuts; ``cutset`` makes one.

    Attributes
    ----------
    found : analyzer.study.cutset.Cutset
        Everything that was found.
    case : Case
        What was cut.
    started : datetime
        When it began.

    Examples
    --------
    >>> best = cutset(load("tutorial"), size=2, over="lane")
    >>> best.status, best.value, best.in_every_optimum
    ('proven', 0.0, ('lane:beta-isle',))
    """

    found: cutset_study.Cutset
    case: Case
    started: datetime

    @property
    def status(self) -> str:
        """``proven``, or ``bound`` where time ran out or a number could not be certified."""
        return self.found.status.value

    @property
    def value(self) -> float | None:
        """Capacity that the best set leaves; None if no set gets below what was asked."""
        return None if self.found.answer is None else self.found.answer.best.value

    @property
    def surviving(self) -> float | None:
        """The same as a share of the baseline's."""
        return None if self.found.answer is None else self.found.answer.best.surviving

    @property
    def cuts(self) -> tuple[tuple[str, ...], ...]:
        """All sets that are as good."""
        return () if self.found.answer is None else tuple(c.cut for c in self.found.answer.optima)

    @property
    def in_every_optimum(self) -> tuple[str, ...]:
        """Cuts that are in all of them."""
        return () if self.found.answer is None else self.found.answer.in_every

    @property
    def table(self) -> pd.DataFrame:
        """The frontier: what is left by size or burden (`analyzer.study.cutset.Cutset.table`)."""
        return self.found.table

    def summary(self, *, width: int = 100) -> str:
        """Return what ``aftercut cutset`` prints: plain text, this many columns wide."""
        return as_plain(choice_summary(self.found, width=width), width=width)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write it as ``aftercut cutset --out`` does; return where.

        Raises
        ------
        analyzer.report.run_folder.OutputRefusedError
            If the folder is neither absent, empty nor an earlier run, or cannot be written.
        """
        where = Path(folder)
        with run_folder(where, inputs=input_paths(str(self.case.dataset))) as held:
            write_choice(self.found, held, started=self.started)
        return where

    def __repr__(self) -> str:
        """Return what is left, in a line."""
        left = "no set" if self.surviving is None else f"{self.surviving:.4f} survives"
        return f"<Choice {self.case.tables.settings.id}: {left}, {self.status}>"


@dataclass(frozen=True, repr=False)
class Senders:
    """Who of the senders matters; ``coalition`` makes one.

    Attributes
    ----------
    found : analyzer.study.coalition.Coalitions
        All frames.
    case : Case
        Dataset and scenarios.
    started : datetime
        When it began.

    Examples
    --------
    >>> case = load("tutorial")
    >>> who = coalition(case, [case.scenario("brand-control")])
    >>> who.table[["sender", "loss_share", "hold_out_loss"]].round(4).to_dict("list")
    {'sender': ['ALPHA'], 'loss_share': [0.4], 'hold_out_loss': [0.4]}
    """

    found: senders_study.Coalitions
    case: Case
    started: datetime

    @property
    def table(self) -> pd.DataFrame:
        """One row a sender of a scenario (`analyzer.study.coalition.Coalitions.senders`)."""
        return self.found.senders.copy()

    @property
    def outsiders(self) -> pd.DataFrame:
        """What senders of the library's other measures would add."""
        return self.found.outsiders.copy()

    @property
    def pairs(self) -> pd.DataFrame:
        """How each two measures of a scenario act on one another."""
        return self.found.pairs.copy()

    @property
    def certified(self) -> bool:
        """Whether every number may be shown."""
        return self.found.certified

    def summary(self) -> str:
        """Return what ``aftercut coalition`` prints."""
        return senders_summary(self.found)

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write it as ``aftercut coalition --out`` does; return where.

        Raises
        ------
        analyzer.report.run_folder.OutputRefusedError
            If the folder is neither absent, empty nor an earlier run, or cannot be written.
        """
        where = Path(folder)
        with run_folder(where, inputs=input_paths(str(self.case.dataset))) as held:
            write_senders(self.found, held, started=self.started, page=senders_page(self.found))
        return where

    def __repr__(self) -> str:
        """Return whose senders they are, in a line."""
        names = ", ".join(self.found.table["scenario"])
        return f"<Senders {self.case.tables.settings.id}: {names}>"


@dataclass(frozen=True, repr=False)
class Responses:
    """Capacity as a function of what measures do; ``response`` makes one.

    Attributes
    ----------
    found : analyzer.study.response.Response
        All curves.
    case : Case
        Dataset and scenarios.
    started : datetime
        When it began.

    Examples
    --------
    >>> case = load("tutorial")
    >>> leaks = response(case, [case.scenario("brand-control")], of="leak")
    >>> leaks.table[["measure", "break_even"]].round(4).to_dict("list")
    {'measure': ['brand-control'], 'break_even': [0.76]}
    """

    found: response_study.Response
    case: Case
    started: datetime

    @property
    def table(self) -> pd.DataFrame:
        """One row a curve (`analyzer.study.response.Response.table`)."""
        return self.found.table.copy()

    @property
    def points(self) -> pd.DataFrame:
        """The curves: spots that straight lines join."""
        return self.found.points.copy()

    @property
    def certified(self) -> bool:
        """Whether every number may be shown."""
        return self.found.certified

    def summary(self, *, width: int = 100) -> str:
        """Return what ``aftercut response`` prints: plain text, this many columns wide."""
        return responses_summary(self.found, width=width)

    def page(self, path: str | os.PathLike[str]) -> Path:
        """Write its page, one HTML file; return where."""
        where = Path(path)
        where.write_text(responses_page(self.found), encoding="utf-8")
        return where

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write it as ``aftercut response --out`` does; return where.

        Raises
        ------
        analyzer.report.run_folder.OutputRefusedError
            If the folder is neither absent, empty nor an earlier run, or cannot be written.
        """
        where = Path(folder)
        with run_folder(where, inputs=input_paths(str(self.case.dataset))) as held:
            write_responses(self.found, held, started=self.started)
        return where

    def __repr__(self) -> str:
        """Return what was varied, in a line."""
        curves = len(self.found.table)
        return f"<Responses {self.case.tables.settings.id}: {curves} by {self.found.of}>"


def load(
    dataset: str | os.PathLike[str], *, variants: Mapping[str, str] = MappingProxyType({})
) -> Case:
    """Return a dataset with its library of scenarios, checked.

    Parameters
    ----------
    dataset : str or path
        Name of a shipped dataset, else a folder; ``./tutorial`` forces a folder.
    variants : mapping of str to str, optional
        Readings where sources contradict, such as ``{"origin": "brand"}``.

    Raises
    ------
    supply_data.schema.BadTablesError
        With all faults of the dataset.
    scenarios.schema.BadScenarioError
        With all faults of its scenarios.

    Examples
    --------
    >>> load("tutorial")
    <Case tutorial: 2 systems, 5 scenarios>
    """
    found = network.case(dataset, variants=variants)
    return Case(
        found.tables,
        found.scenarios,
        found.scenarios_sha256,
        found.notes,
        found.doubts,
        found.measures,
        dataset,
    )


def compare(
    case: Case,
    scenarios: Sequence[Scenario] | None = None,
    *,
    options: Options | None = None,
    reference: Scenario | None = None,
    lift: bool = False,
) -> Run:
    """Return what survives each scenario.

    Parameters
    ----------
    case : Case
        What to compare on.
    scenarios : sequence of Scenario, optional
        Those of the case unless given.
    options : Options, optional
        How systems are weighed, what limits spending.
    reference : Scenario, optional
        What scenarios are set against and act on top of; the dataset as it stands unless given.
    lift : bool
        Whether a measure may leave more than the baseline has.

    Raises
    ------
    ValueError
        If two scenarios have the same id, or one has that of the baseline.
    scenarios.schema.BadScenarioError
        If a scenario does not fit the dataset.

    Examples
    --------
    >>> case = load("tutorial")
    >>> by_units = Options(weighting=Weighting.UNITS)
    >>> run = compare(case, [case.scenario("school-halved")], options=by_units)
    >>> round(run["school-halved"].surviving, 3)
    0.896
    """
    started = datetime.now(UTC)
    chosen = case.scenarios if scenarios is None else tuple(scenarios)
    tried = _narrowed(case, chosen)
    found = study.compare(tried, options=options, reference=reference, lift=lift)
    return Run(comparison=found, case=tried, started=started)


def horizon(
    case: Case,
    scenarios: Sequence[Scenario] | None = None,
    *,
    months: int = months_study.MONTHS,
    foresight: str = "rolling",
    stagger: int = 0,
    options: Options | None = None,
) -> Months:
    """Return what scenarios do month by month.

    Parameters
    ----------
    case : Case
        What to try on.
    scenarios : sequence of Scenario, optional
        Those of the case unless given.
    months : int
        How many months, 1 to 120.
    foresight : str
        ``rolling`` (each month is taken as permanent, and planned anew) or ``perfect``.
    stagger : int
        Months between the measures of scenarios that are tried staggered beside the given ones.
    options : Options, optional
        How systems are weighed, what limits spending.

    Raises
    ------
    ValueError
        If the months, the foresight or the stagger are none, or two scenarios have one id.
    scenarios.schema.BadScenarioError
        If a scenario does not fit the dataset.

    Examples
    --------
    >>> case = load("tutorial")
    >>> run = horizon(case, [case.scenario("hub-closed")], months=12)
    >>> run
    <Months tutorial, 12: hub-closed>
    >>> run.table[["time_to_survive", "lowest"]].round(2).to_dict("list")
    {'time_to_survive': [2.0], 'lowest': [0.5]}
    """
    started = datetime.now(UTC)
    tried = _narrowed(case, case.scenarios if scenarios is None else tuple(scenarios))
    asked = months_study.Asked(months, months_study.Foresight(foresight), stagger)
    found = months_study.horizon(tried, tried.scenarios, asked=asked, options=options)
    return Months(found=found, case=tried, started=started)


def scan(
    case: Case,
    *,
    order: int = 1,
    over: str = "element",
    cut: float = 1.0,
    options: Options | None = None,
) -> Losses:
    """Return what each loss costs, or each pair of losses.

    Parameters
    ----------
    case : Case
        What to cut.
    order : int
        1 for cuts one by one, 2 for pairs.
    over : str
        What is cut at once: element, supply, lane, plant, stock, origin, brand, hub, component or
        measure.
    cut : float
        Share of each element that is cut; a measure has its own.
    options : Options, optional
        How systems are weighed, what limits spending.

    Raises
    ------
    ValueError
        If there is no such group, order or share, or the dataset has too few of what is to be cut.
    scenarios.schema.BadScenarioError
        If a measure does not fit the dataset.

    Examples
    --------
    >>> losses = scan(load("tutorial"), over="lane")
    >>> losses.table[["cut", "surviving"]].head(1).to_dict("list")
    {'cut': [('lane:alpha-hub',)], 'surviving': [0.5]}
    """
    started = datetime.now(UTC)
    tried = Scan(Over(over), order=order, share=cut)
    return Losses(contingency(case, tried, options=options), case, started)


def uncertainty(
    case: Case,
    scenarios: Sequence[Scenario] | None = None,
    *,
    draws: int = draws_study.DRAWS,
    seed: int = 1,
    hold: Collection[str] = (),
    options: Options | None = None,
) -> Intervals:
    """Return how sure the answer is if every figure may lie anywhere within its range.

    Parameters
    ----------
    case : Case
        What to try on.
    scenarios : sequence of Scenario, optional
        Those of the case unless given.
    draws : int
        How many, from 20.
    seed : int
        The same seed gives the same draws.
    hold : collection of str
        Figures that stay at their central values: ``supplies``, ``lanes``, ``plants``,
        ``targets``, ``quantities``, ``fills`` or ``measures``.
    options : Options, optional
        How systems are weighed, what limits spending.

    Raises
    ------
    ValueError
        If there are too few draws, or two scenarios have one id.
    scenarios.schema.BadScenarioError
        If a scenario does not fit the dataset.

    Examples
    --------
    >>> case = load("tutorial")
    >>> run = uncertainty(case, [case.scenario("brand-control")], draws=100)
    >>> run
    <Intervals tutorial, 100 draws: brand-control>
    """
    started = datetime.now(UTC)
    tried = _narrowed(case, case.scenarios if scenarios is None else tuple(scenarios))
    held = frozenset(draws_study.Kind(kind) for kind in hold)
    found = draws_study.uncertainty(
        tried,
        tried.scenarios,
        asked=draws_study.Asked(draws=draws, seed=seed, hold=held),
        options=options,
    )
    return Intervals(found=found, case=tried, started=started)


def cutset(  # noqa: PLR0913 - as many as there are questions
    case: Case,
    *,
    size: int | None = None,
    burden: float | None = None,
    below: float | None = None,
    over: str = "measure",
    cut: float = 1.0,
    within: float = 0.0,
    time_limit: float | None = None,
    options: Options | None = None,
) -> Choice:
    """Return the set of cuts that leaves least, with proof.

    Parameters
    ----------
    case : Case
        What to cut.
    size : int, optional
        How many cuts a set has at the most.
    burden : float, optional
        What the measures of a set may cost together, USD m a year.
    below : float, optional
        A capacity: the cheapest set that leaves less is sought.
    over : str
        What is cut at once, as for `scan`.
    cut : float
        Share of each element that is cut; a measure has its own.
    within : float
        Sets that leave up to this more are found too, as a share of the baseline's capacity.
    time_limit : float, optional
        Seconds.
    options : Options, optional
        How systems are weighed, what limits spending.

    Raises
    ------
    ValueError
        If there is no such group, size, share or capacity, or nothing to cut.
    scenarios.schema.BadScenarioError
        If a measure does not fit the dataset.
    """
    started = datetime.now(UTC)
    ask = cutset_study.Ask(
        Over(over), size=size, burden=burden, below=below, share=cut, within=within,
        seconds=time_limit,
    )  # fmt: skip
    return Choice(cutset_study.cutset(case, ask, options=options), case, started)


def coalition(
    case: Case,
    scenarios: Sequence[Scenario] | None = None,
    *,
    options: Options | None = None,
    orders: int = senders_study.ORDERS,
    seed: int = 0,
) -> Senders:
    """Return who of the senders of scenarios matters.

    Parameters
    ----------
    case : Case
        Dataset and library.
    scenarios : sequence of Scenario, optional
        Those of the case unless given.
    options : Options, optional
        How systems are weighed, what limits spending.
    orders, seed : int
        How many random orders of joining are drawn beyond 15 senders; the same seed, the same.

    Raises
    ------
    scenarios.schema.BadScenarioError
        If a scenario does not fit the dataset.
    """
    started = datetime.now(UTC)
    chosen = case.scenarios if scenarios is None else tuple(scenarios)
    found = senders_study.coalition(case, chosen, options=options, orders=orders, seed=seed)
    return Senders(found, case, started)


def response(
    case: Case,
    scenarios: Sequence[Scenario] | None = None,
    *,
    of: str = "dose",
    measures: Sequence[str] = (),
    options: Options | None = None,
) -> Responses:
    """Return capacity as a function of what measures do.

    Parameters
    ----------
    case : Case
        Dataset and library.
    scenarios : sequence of Scenario, optional
        Those of the case unless given.
    of : str
        What is varied: ``dose`` (the share of all measures that stands), ``cut`` or ``leak`` of
        each measure, from 0 to 1; or ``adopt_months``, 1 to 12.
    measures : sequence of str
        Ids of the measures that are varied; all unless given.
    options : Options, optional
        How systems are weighed, what limits spending.

    Raises
    ------
    ValueError
        If nothing of that name can be varied, or a measure acts in none of the scenarios.
    scenarios.schema.BadScenarioError
        If a scenario does not fit the dataset.
    """
    started = datetime.now(UTC)
    tried = _narrowed(case, case.scenarios if scenarios is None else tuple(scenarios))
    if of == response_study.MONTHS:
        renewed = months_study.renewal(tried, tried.scenarios, options=options)
        found = response_study.adoption(tried, renewed, options=options)
    else:
        found = response_study.response(
            tried, tried.scenarios, of=Of(of), measures=measures, options=options
        )
    return Responses(found, tried, started)


def _narrowed(case: Case, scenarios: tuple[Scenario, ...]) -> Case:
    """Return the case with these scenarios; the hash of its files goes with no other."""
    own = all(scenario in case.scenarios for scenario in scenarios)
    sha256 = case.scenarios_sha256 if own else ""
    return replace(case, scenarios=scenarios, scenarios_sha256=sha256)


def _of(scenario: str, frame: pd.DataFrame) -> pd.DataFrame:
    rows = frame[frame["scenario"] == scenario]
    return rows.drop(columns="scenario").reset_index(drop=True)
