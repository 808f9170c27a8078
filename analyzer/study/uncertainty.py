"""How sure the answer is: what survives if every figure may lie anywhere within its range.

Convention: the figures of one draw are the same for the baseline and for every scenario, so that
what differs between two scenarios is what they do and not what was drawn. A draw counts only if all
of its numbers are certified.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from analyzer.network.case import Case
from analyzer.programme.arrays import Vector
from analyzer.programme.flow import Options
from analyzer.study.bounds import BASELINE, bounds
from analyzer.study.doubted import Ready, ready
from analyzer.study.draws import Sample
from analyzer.study.drivers import Drivers, drivers, first_order, total
from analyzer.study.figures import Figures, Kind, figures
from analyzer.study.intervals import (
    LEVELS,
    TooFewError,
    convergence,
    intervals,
    largest_error,
    pairs,
    ranks,
)
from analyzer.study.samples import BATCH, Shape, Spread
from analyzer.study.sweep import How, Job, sweep
from scenarios.schema import Scenario

DRAWS = 2000
STAGE = 4 * BATCH
"""After how many draws it is looked whether they are precise enough."""
REDRAWN = 2 * BATCH
"""In how many draws a driver is drawn anew for its total effect."""
FEWEST = 20
"""A percentile is not told from fewer draws."""
STEP = BATCH
"""Draws between two rows of the convergence."""

Sweep = Callable[[Job[Any], Sequence[Any]], pd.DataFrame]
"""What does a job: `analyzer.study.sweep.sweep` with all but job and tasks given."""


HERE: Sweep = partial(sweep, how=How(chunk=BATCH))
"""In this process."""

__all__ = [
    "BASELINE",
    "BATCH",
    "DRAWS",
    "Asked",
    "Kind",
    "Shape",
    "Spread",
    "TooFewError",
    "Uncertainty",
    "sweep",
    "uncertainty",
]


@dataclass(frozen=True)
class Asked:
    """What is asked of the draws.

    Attributes
    ----------
    draws : int
        How many, from 20 to a million; at most, where a precision is asked for.
    seed : int
        The same seed gives the same draws.
    shape : Shape
        How figures lie within their ranges.
    spread : Spread
        How draws are spread.
    hold : frozenset of Kind
        Kinds of figures that stay at their central values.
    apart : bool
        Whether each figure is drawn by itself (`analyzer.study.figures`).
    precision : float, optional
        Standard error of percentiles of surviving at which it is enough; looked at every 512 draws.
    totals : int
        For how many drivers, those with the largest first effects, total effects are found too.
    """

    draws: int = DRAWS
    seed: int = 1
    shape: Shape = Shape.TRIANGULAR
    spread: Spread = Spread.LATIN
    hold: frozenset[Kind] = frozenset()
    apart: bool = False
    precision: float | None = None
    totals: int = 0

    def __post_init__(self) -> None:
        """Refuse what is out of range."""
        if not FEWEST <= self.draws <= 10**6:
            msg = f"there are {FEWEST} to 1,000,000 draws, not {self.draws}"
            raise ValueError(msg)
        if self.seed < 0:
            msg = f"a seed is a whole number from 0, not {self.seed}"
            raise ValueError(msg)
        if self.totals < 0:
            msg = f"total effects are found for 0 drivers or more, not {self.totals}"
            raise ValueError(msg)
        if self.precision is not None and not 0 < self.precision < 1:
            msg = f"a precision is a share between 0 and 1, not {self.precision}"
            raise ValueError(msg)


@dataclass(frozen=True, eq=False)
class Uncertainty:
    """How sure the answer is.

    Attributes
    ----------
    case : Case
        The dataset, with the scenarios that were tried.
    options : Options
        How the run weighed and limited.
    asked : Asked
        What was asked.
    figures : Figures
        What was drawn.
    draws : pandas.DataFrame
        A row a draw: ``draw``, ``solves``, ``cold``, ``failure``, ``certified``, ``baseline`` and
        a column a scenario: capacities, NaN where they are not certified.
    table : pandas.DataFrame
        A row a scenario, what leaves least first: ``scenario``, ``title``, ``central`` (surviving
        at central figures), the columns of `analyzer.study.intervals.intervals` and of
        `analyzer.study.intervals.ranks`, and of `analyzer.study.bounds.bounds` but its
        ``certified``.
    pairs : pandas.DataFrame
        See `analyzer.study.intervals.pairs`.
    convergence : pandas.DataFrame
        See `analyzer.study.intervals.convergence`.
    bounds : pandas.DataFrame
        See `analyzer.study.bounds.bounds`; the baseline is in it.
    drivers : Drivers
        What drives the answer, and what to check first.
    """

    case: Case
    options: Options
    asked: Asked
    figures: Figures
    draws: pd.DataFrame
    table: pd.DataFrame
    pairs: pd.DataFrame
    convergence: pd.DataFrame
    bounds: pd.DataFrame
    drivers: Drivers

    @property
    def uncertified(self) -> int:
        """Draws of which some number is not certified; they count for nothing."""
        return int((~self.draws["certified"]).sum())

    @property
    def certified(self) -> bool:
        """Whether every number is certified."""
        known = bool(self.table["central"].notna().all())
        return self.uncertified == 0 and known and bool(self.bounds["certified"].all())

    @property
    def solves(self) -> int:
        """How many solves the draws took."""
        return int(self.draws["solves"].sum())

    @property
    def counts(self) -> dict[Kind, int]:
        """How many figures of each kind were drawn."""
        found = Counter(figure.kind for figure in self.figures.ranged)
        return {kind: found[kind] for kind in Kind if found[kind]}

    @property
    def baseline(self) -> dict[str, float]:
        """Percentiles of the baseline's capacity, over the draws that count."""
        known = self.draws.loc[self.draws["certified"], [BASELINE]].to_numpy()
        (row,) = intervals(known, [BASELINE]).to_dict("records")
        return {str(name): float(row[name]) for name in LEVELS}

    @property
    def standard_error(self) -> float:
        """The largest standard error of any percentile of what survives."""
        return largest_error(self.table)

    @property
    def precise(self) -> bool:
        """Whether the draws are as precise as was asked."""
        asked = self.asked.precision
        return asked is None or self.standard_error <= asked


def uncertainty(
    case: Case,
    scenarios: Sequence[Scenario],
    *,
    asked: Asked | None = None,
    options: Options | None = None,
    lift: bool = False,
    done: Sweep = HERE,
) -> Uncertainty:
    """Return how sure the answer is.

    Parameters
    ----------
    case : Case
        The dataset.
    scenarios : sequence of Scenario
        What is tried.
    asked : Asked, optional
        How many draws, of what, and how.
    options : Options, optional
        Weighting, targets, budget.
    lift : bool
        Whether a measure may leave more than the baseline has.
    done : callable
        What does the sweep; nothing of it can be seen in the result.

    Raises
    ------
    ValueError
        If there is no scenario, two have one id or one has that of the baseline, or months are
        asked for.
    TooFewError
        If so few draws are certified, or have a baseline, that no interval is told.
    scenarios.schema.BadScenarioError
        If a scenario does not fit the dataset.
    """
    asked, options = asked or Asked(), options or Options()
    _refuse(scenarios, options)
    known = figures(case.tables, scenarios, options=options, hold=asked.hold, apart=asked.apart)
    begun = ready(
        case,
        scenarios,
        known,
        sample=_sample(known, asked),
        options=options,
        lift=lift,
    )
    names = [scenario.id for scenario in scenarios]
    drawn = _drawn(begun, names, asked=asked, done=done)
    sure = _surviving(drawn, names)
    places = _places(begun, drawn)
    totals = _totals(begun, drawn, names, first_order(places, sure), asked=asked, done=done)
    outer = bounds(case, scenarios, known, options=options, lift=lift)
    return Uncertainty(
        case=replace(case, scenarios=tuple(scenarios)),
        options=options,
        asked=asked,
        figures=known,
        draws=drawn,
        table=_table(scenarios, sure, begun=begun, outer=outer),
        pairs=pairs(sure, names),
        convergence=convergence(sure, names, step=STEP),
        bounds=outer,
        drivers=drivers(known, places, sure, names, seed=asked.seed, totals=totals),
    )


def _refuse(scenarios: Sequence[Scenario], options: Options) -> None:
    if not scenarios:
        msg = "no scenario was given"
        raise ValueError(msg)
    names = Counter(BASELINE if n < 0 else scenarios[n].id for n in range(-1, len(scenarios)))
    twice = [name for name, times in names.items() if times > 1]
    if twice:
        msg = f"two scenarios have the id {twice[0]!r}; give one of them another"
        raise ValueError(msg)
    if options.timing.months is not None:
        msg = "figures are drawn in the steady state; months belong to another study"
        raise ValueError(msg)


def _sample(known: Figures, asked: Asked) -> Sample:
    return Sample(
        ranges=known.ranges,
        built=known.built,
        group=known.group,
        groups=known.groups,
        shape=asked.shape,
        spread=asked.spread,
        seed=asked.seed,
        draws=asked.draws,
    )


def _drawn(begun: Ready, names: Sequence[str], *, asked: Asked, done: Sweep) -> pd.DataFrame:
    """Return the draws: all that are asked for, or as many stages as are precise enough."""
    stage = asked.draws if asked.precision is None else STAGE
    parts: list[pd.DataFrame] = []
    for first in range(0, asked.draws, stage):
        last = min(first + stage, asked.draws)
        parts.append(_shown(done(begun.job, [(n,) for n in range(first, last)]), names))
        whole = pd.concat(parts, ignore_index=True)
        if asked.precision is not None:
            sure = _surviving(whole, names)
            if largest_error(intervals(sure, names)) <= asked.precision:
                break
    return whole


def _shown(rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    named = {f"capacity.{n}": name for n, name in enumerate((BASELINE, *names))}
    found = rows.rename(columns=named)
    certified = found[list(named.values())].notna().all(axis="columns")
    found.insert(4, "certified", certified)
    return found


def _surviving(drawn: pd.DataFrame, names: Sequence[str]) -> Vector:
    """Return what survives in the draws that count."""
    known = drawn[_counts(drawn)]
    if len(known) < FEWEST:
        msg = (
            f"{len(known)} of {len(drawn)} draws are certified and have a baseline above 0; "
            f"no interval is told from fewer than {FEWEST}"
        )
        raise TooFewError(msg)
    return np.asarray(known[list(names)].to_numpy() / known[[BASELINE]].to_numpy())


def _counts(drawn: pd.DataFrame) -> "pd.Series[bool]":
    return drawn["certified"] & (drawn[BASELINE] > 0)


def _places(begun: Ready, drawn: pd.DataFrame) -> Vector:
    """Return where in their distributions the drivers lie, in the draws that count."""
    sample = replace(begun.job.sample, draws=len(drawn))
    whole = np.concatenate([sample.places(number) for number in range(sample.batches)])
    return np.asarray(whole[: len(drawn)][_counts(drawn).to_numpy()])


def _totals(
    begun: Ready,
    drawn: pd.DataFrame,
    names: Sequence[str],
    first: Vector,
    *,
    asked: Asked,
    done: Sweep,
) -> dict[int, Vector]:
    """Return the total effects of those drivers that have the largest first effects."""
    order = np.argsort(-first.max(axis=1, initial=0.0), kind="stable")[: asked.totals]
    kept = drawn.head(REDRAWN)
    found: dict[int, Vector] = {}
    for group in order.tolist():
        sample = replace(begun.job.sample, again=group)
        tasks = [(n,) for n in range(len(kept))]
        again = _shown(done(replace(begun.job, sample=sample), tasks), names)
        both = (_counts(kept) & _counts(again)).to_numpy()
        one, other = (
            each.loc[both, list(names)].to_numpy() / each.loc[both, [BASELINE]].to_numpy()
            for each in (kept, again)
        )
        found[group] = total(one, other, np.concatenate([one, other]).var(axis=0))
    return found


def _table(
    scenarios: Sequence[Scenario], surviving: Vector, *, begun: Ready, outer: pd.DataFrame
) -> pd.DataFrame:
    names = [scenario.id for scenario in scenarios]
    base, *capacities = begun.central.capacities[0].tolist()
    first = pd.DataFrame(
        {
            "scenario": names,
            "title": [scenario.title or scenario.id for scenario in scenarios],
            "central": [capacity / base if base else np.nan for capacity in capacities],
        }
    )
    whole = first
    for other in (
        intervals(surviving, names),
        ranks(surviving, names),
        outer.drop(columns="certified"),
    ):
        whole = whole.merge(other, on="scenario", how="left", validate="one_to_one")
    return whole.sort_values(["p50", "mean", "scenario"], ignore_index=True)
