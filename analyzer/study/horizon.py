"""Month by month: when a cut bites, when it bottoms out, when it is back, and what decides that.

Convention: months count from 1; a number that is not certified is NaN.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import pandas as pd

from analyzer.network.case import Case
from analyzer.network.effect import Timing, counted, effect
from analyzer.network.groups import Over
from analyzer.programme.flow import MOST_MONTHS, Options
from analyzer.study.adaptation import adapting
from analyzer.study.cores import on_all_cores
from analyzer.study.courses import Foresight, Start, courses, settled, start
from analyzer.study.curves import (
    certificates,
    curve,
    half_back_month,
    measures,
    row,
    stocks,
    systems,
)
from analyzer.study.exposure import COLUMNS, exposure
from analyzer.study.month_graphs import MonthGraphs, month_graphs
from analyzer.study.pace import UNASKED, needed_pace
from analyzer.study.solve import gathered
from analyzer.study.tries import on_top
from scenarios.schema import Scenario
from supply_data.schema import Tables

MONTHS = 36
LATEST = 1200
"""The last month that a measure may name."""

ADOPTION = tuple(range(1, 13))
"""Months of adoption that the pace of renewal is asked for."""

__all__ = ["ADOPTION", "Asked", "Foresight", "Horizon", "horizon", "renewal"]


@dataclass(frozen=True)
class Asked:
    """What is asked of a horizon.

    Attributes
    ----------
    months : int
        How many months are looked at, 1 to 120.
    foresight : Foresight
        Whether planners take each month as permanent, or know all of them.
    stagger : int
        Months by which each measure of a scenario follows the one before it, in scenarios tried
        beside the given ones; 0 tries none.
    over : Over, optional
        Kind of losses that are tried as well, one by one.
    pace : bool
        Whether it is sought how fast adaptation would have to be.
    reference : Scenario, optional
        What is in force before month 1 and stays so: others come on top of it and are set against
        it. Without it, the dataset as it stands.
    lift : bool
        Whether a measure may leave more than the baseline has.
    graphs : bool
        Whether the flows of each month are kept, to be drawn.
    """

    months: int = MONTHS
    foresight: Foresight = Foresight.ROLLING
    stagger: int = 0
    over: Over | None = None
    pace: bool = False
    reference: Scenario | None = None
    lift: bool = False
    graphs: bool = False

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        if not 1 <= self.months <= MOST_MONTHS:
            msg = f"a horizon has 1 to {MOST_MONTHS} months, not {self.months}"
            raise ValueError(msg)
        if self.stagger < 0:
            msg = f"measures follow each other by months from 0, not {self.stagger}"
            raise ValueError(msg)


@dataclass(frozen=True, eq=False)
class Horizon:
    """Scenarios over the months, as tidy frames.

    Attributes
    ----------
    case : Case
        The dataset, with the scenarios that were tried.
    options : Options
        How the run weighed and limited.
    asked : Asked
        Months, foresight, stagger and losses.
    table : pandas.DataFrame
        One row a scenario: ``scenario``, ``title``, ``surviving`` (of the sum over all months),
        ``time_to_survive`` (months), ``at_least`` (whether it is cut off at the horizon),
        ``first_bad_month`` (first below 95 % of the reference), ``time_to_recover`` (first month
        from which at least 95 % is held to the end), both NaN if there is none, ``exposed``
        (whether more months pass before it recovers than are survived), ``lowest`` and
        ``lowest_month``, ``lost_capacity`` and ``lost`` (units of all systems), each also
        ``…_discounted``, ``needed_pace`` and ``held`` (`analyzer.study.pace`; NaN unless asked
        for), ``certified``.
    curve : pandas.DataFrame
        ``scenario``, ``month``, ``capacity``, ``reference``, ``surviving``, and surviving at the
        ends of the ranges of cuts and leaks: ``weakest``, ``strongest``.
    systems : pandas.DataFrame
        ``scenario``, ``system``, ``month``, ``output``, ``reference``, ``weakest``, ``strongest``,
        in units per month.
    stocks : pandas.DataFrame
        What runs out: ``scenario``, ``component``, ``places``, ``months_of_use`` in stock,
        ``gains_months`` (of survival, by one more month of use in stock; 0 for what does not run
        out first, NaN if not certified) and ``empty_month`` (NaN if it lasts).
    adapting : pandas.DataFrame
        What adapts: ``scenario`` and the columns of `analyzer.study.adaptation`.
    measures : pandas.DataFrame
        How far each measure is in effect: ``scenario``, ``measure``, ``title``, ``month``,
        ``level``.
    exposure : pandas.DataFrame
        One row a loss, if any were asked for: the columns of `analyzer.study.exposure`.
    certificates : pandas.DataFrame
        ``scenario``, ``course``, ``plans``, ``solves``, ``width``, ``residual``, ``certified``.
    graphs : tuple of MonthGraphs
        What flows in each month, by scenario; empty unless asked for.
    """

    case: Case
    options: Options
    asked: Asked
    table: pd.DataFrame
    curve: pd.DataFrame
    systems: pd.DataFrame
    stocks: pd.DataFrame
    adapting: pd.DataFrame
    measures: pd.DataFrame
    exposure: pd.DataFrame
    certificates: pd.DataFrame
    graphs: tuple[MonthGraphs, ...] = ()

    @property
    def certified(self) -> bool:
        """Whether every number may be shown."""
        told = self.table["certified"].all() and self.exposure["certified"].all()
        return bool(told and self.stocks["gains_months"].notna().all())


def horizon(
    case: Case,
    scenarios: Sequence[Scenario],
    *,
    asked: Asked | None = None,
    options: Options | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Horizon:
    """Return what scenarios do month by month.

    Parameters
    ----------
    case : Case
        The dataset.
    scenarios : sequence of Scenario
        What is tried.
    asked : Asked, optional
        Months, foresight, stagger and losses.
    options : Options, optional
        Weighting, targets, budget.
    tell : callable
        Told the id of each scenario when it is done.

    Raises
    ------
    ValueError
        If there is no scenario, or two have one id.
    scenarios.schema.BadScenarioError
        If a scenario does not fit the dataset.
    analyzer.study.courses.NoBaselineError
        If the steady state is not certified.
    """
    asked, options = asked or Asked(), options or Options()
    tried = tuple(_with_staggered(scenarios, asked.stagger))
    _refuse(tried)
    _refuse_unfit(case, tried, asked=asked)
    begun = start(
        case,
        options=options,
        months=asked.months,
        foresight=asked.foresight,
        given=asked.reference,
        lift=asked.lift,
    )
    examine = partial(_frames, begun, asked=asked, alone=len(tried) == 1, tell=tell)
    found = on_all_cores((examine, (scenario,), {}) for scenario in tried)
    lost = exposure(begun, asked.over, tell=tell) if asked.over else None
    return Horizon(
        case=replace(case, scenarios=tried),
        options=options,
        asked=asked,
        **{name: _stacked(each.frames[name] for each in found) for name in found[0].frames},
        graphs=tuple(each.graphs for each in found if each.graphs is not None),
        exposure=pd.DataFrame(columns=[*COLUMNS]) if lost is None else lost,
    )


class _Found(NamedTuple):
    """What is kept of a scenario."""

    frames: dict[str, pd.DataFrame]
    graphs: MonthGraphs | None


def _frames(
    begun: Start,
    scenario: Scenario,
    *,
    asked: Asked,
    alone: bool,
    tell: Callable[[str], None],
) -> _Found:
    """Return the frames of one scenario by name; its programme, which is large, is let go."""
    found = courses(begun, scenario, alone=alone, drawn=asked.graphs)
    pace = needed_pace(begun, scenario) if asked.pace else UNASKED
    known = {
        **row(found),
        "needed_pace": pace.factor,
        "held": pace.held,
        "certified": found.certified and pace.certified,
    }
    tell(scenario.id)
    frames = {
        "table": pd.DataFrame([known]),
        "curve": curve(found),
        "systems": systems(found),
        "stocks": stocks(begun, found),
        "adapting": adapting(found.central).assign(scenario=scenario.id),
        "measures": measures(scenario, asked.months),
        "certificates": certificates(found),
    }
    return _Found(frames, month_graphs(begun, found) if asked.graphs else None)


def staggered(scenario: Scenario, months: int) -> Scenario:
    """Return a scenario whose measures come one after the other, in their order.

    Parameters
    ----------
    scenario : Scenario
        Its first measure stays; each further one that acts begins, and ends, so many months later
        than it would, times its place in the order.
    months : int
        From one measure to the next.

    Examples
    --------
    >>> from scenarios.schema import Measure
    >>> where = {"table": "lanes"}
    >>> parts = [Measure.model_validate({"id": n, "where": where, "cut": 1}) for n in "abc"]
    >>> [m.from_month for m in staggered(Scenario(id="x", measures=tuple(parts)), 4).measures]
    [1, 5, 9]
    """
    order = {measure.id: n for n, measure in enumerate(counted(scenario))}
    moved = []
    for measure in scenario.measures:
        wait = months * order.get(measure.id, 0)
        until = measure.until_month
        changed = {
            "from_month": min(measure.from_month + wait, LATEST),
            "until_month": None if until is None else min(until + wait, LATEST),
        }
        moved.append(measure.model_copy(update=changed))
    return scenario.model_copy(
        update={
            "id": f"{scenario.id}-staggered-{months}",
            "title": f"{scenario.title or scenario.id}, one every {months} months",
            "measures": tuple(moved),
        }
    )


RENEWAL = (
    "scenario", "adopt_months", "surviving", "lowest", "time_to_recover", "half_back_month",
    "certified",
)  # fmt: skip


def renewal(
    case: Case,
    scenarios: Sequence[Scenario],
    *,
    adopt_months: Sequence[int] = ADOPTION,
    asked: Asked | None = None,
    options: Options | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """Return what scenarios do if alternatives open after so many months: the pace of renewal.

    Parameters
    ----------
    case : Case
        The dataset; the months of adoption of its alternatives are replaced, where it states any.
    scenarios : sequence of Scenario
        What is tried.
    adopt_months : sequence of int
        Months of adoption to be tried, each from 0.
    asked, options, tell
        As for `horizon`.

    Returns
    -------
    pandas.DataFrame
        ``scenario``, ``adopt_months``, ``surviving`` (of the sum over all months), ``lowest``,
        ``time_to_recover`` and ``half_back_month``: the month in which half of what was lost at
        the lowest is back, by which the measures must have been renewed to stay ahead (NaN: it
        never is), ``certified``.
    """
    rows = []
    for pace in adopt_months:
        other = replace(case, tables=_adopting(case, float(pace)))
        found = horizon(
            other,
            scenarios,
            asked=replace(asked or Asked(), over=None, pace=False, graphs=False),
            options=options,
            tell=tell,
        )
        for known in found.table.to_dict("records"):
            own = found.curve[found.curve["scenario"] == known["scenario"]]
            rows.append(
                {
                    "adopt_months": pace,
                    "half_back_month": half_back_month(own["surviving"].to_numpy()),
                    **{name: known[name] for name in RENEWAL if name in known},
                }
            )
    frame = pd.DataFrame(rows, columns=[*RENEWAL])
    return frame.sort_values(["scenario", "adopt_months"], ignore_index=True)


def _adopting(case: Case, months: float) -> Tables:
    rows = tuple(
        each if each.adopt_months is None else each.model_copy(update={"adopt_months": months})
        for each in case.tables.requirements
    )
    return replace(case.tables, requirements=rows)


def _stacked(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Return frames as one with the scenario first; blank ones do not decide the types."""
    known = list(frames)
    filled = [frame for frame in known if len(frame)]
    whole = pd.concat(filled, ignore_index=True) if filled else known[0]
    return whole[["scenario", *(name for name in whole.columns if name != "scenario")]]


def _with_staggered(scenarios: Sequence[Scenario], months: int) -> Iterator[Scenario]:
    for scenario in scenarios:
        yield scenario
        if months:
            yield staggered(scenario, months)


def _refuse_unfit(case: Case, scenarios: Sequence[Scenario], *, asked: Asked) -> None:
    """Refuse scenarios that do not fit the dataset, all at once and before anything is solved."""
    timing, given = Timing(asked.months), asked.reference
    below = None if given is None else settled(given)
    tried = (on_top(below, scenario) for scenario in scenarios)
    gathered(
        partial(effect, case.tables, whole, timing=timing, lift=asked.lift, known=case.aims)
        for whole in (*(() if below is None else (below,)), *tried)
    )


def _refuse(scenarios: Sequence[Scenario]) -> None:
    if not scenarios:
        msg = "no scenario was given"
        raise ValueError(msg)
    twice = [n for n, count in Counter(each.id for each in scenarios).items() if count > 1]
    if twice:
        msg = f"two scenarios have the id {twice[0]!r}; give one of them another"
        raise ValueError(msg)
