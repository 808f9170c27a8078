"""What each loss costs, and each pair: which hurt most, hide behind one another, or are wasted.

Convention: surviving is the scaling capacity under a cut divided by that of the baseline; the loss
is what is missing from the baseline's, in the units of the weighting. Synergy is the loss of a pair
less the sum of the losses of its cuts: above 0 they hide behind one another; below 0 another limit
binds, so that part of what one does alone is wasted.

The systems of a row are those of the plan that proves it. Capacity is unique, what systems get of
it is not: where a row was solved for it is the plan found, else the known plan that the cut leaves
possible.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from math import nan
from typing import Any

import numpy as np
import pandas as pd

from analyzer.network.case import Case
from analyzer.network.effect import Effect
from analyzer.programme.flow import Options
from analyzer.programme.sieve import Numbers
from analyzer.programme.solution import Solution
from analyzer.study.cuts import Cut, Cuts, NothingToCutError, Scan, cuts, joint, overlaps
from analyzer.study.losses import Losses, singly
from analyzer.study.pairs import Joint, singles
from analyzer.study.prices import prices
from analyzer.study.scanned import Scale, table
from analyzer.study.solve import SAME, Bench, Tally, bench
from analyzer.study.sweep import How, Job, sweep
from analyzer.study.trial import Ground, ground
from supply_data.schema import Weighting

WASTED = 0.5
"""A pair is a wasted cut if its smaller cut adds less than this share of what it does alone."""
DIFFERS = 1e-6
"""Largest difference between a number and its solve, as a share of the baseline's capacity."""

Sweep = Callable[[Job[Any], Sequence[Any]], pd.DataFrame]
"""What does a job: `analyzer.study.sweep.sweep` with all but job and tasks given."""

HERE: Sweep = partial(sweep, how=How())
"""In this process."""


@dataclass(frozen=True)
class Counts:
    """How much a scan took.

    Attributes
    ----------
    solves : int
        Solves of cuts and pairs, and of the single cuts of pairs.
    lean : int
        Lean plans that were sought to spare solves.
    cold_resolves : int
        Solves whose warm answer was not certified, and that were made again cold.
    solved, pruned, certified, uncertified : int
        Rows by how their number is known: by a solve, by a plan that is as good without the cut
        (or without one of the two), by other plans and prices, or not at all.
    """

    solves: int
    lean: int
    cold_resolves: int
    solved: int
    pruned: int
    certified: int
    uncertified: int


@dataclass(frozen=True)
class Contingency:
    """The result of a scan.

    Attributes
    ----------
    scan : Scan
        What was tried.
    ready : Bench
        Case, options and programme; its tally counts what was solved beside the sweep.
    cuts : tuple of Cut
        What was cut.
    skipped : tuple of str
        What could not be cut (`analyzer.study.cuts.Cuts`).
    baseline : Solution
        The network without any cut.
    table : pandas.DataFrame
        One row a cut or pair, what leaves least first: ``cut`` (tuple of ids), ``capacity``,
        ``surviving``, ``loss``; of pairs ``synergy``, ``larger`` and ``smaller`` (of the two
        losses) and ``wasted`` (share of the smaller loss that the pair does not add; NaN where a
        cut costs nothing); ``how`` (solved, pruned or certified; blank where there is no number),
        ``proof`` (what proves it), ``width`` (of its interval, as a share of the baseline's
        capacity), ``certified``, ``failure`` and ``output_per_month.<system>``.
    binding : dict of tuple of str to pandas.DataFrame
        What binds after the first telling cuts (`analyzer.study.prices`).
    counts : Counts
        How much the sweep took.
    """

    scan: Scan
    ready: Bench
    cuts: tuple[Cut, ...]
    skipped: tuple[str, ...]
    baseline: Solution
    table: pd.DataFrame
    binding: dict[tuple[str, ...], pd.DataFrame]
    counts: Counts

    @property
    def case(self) -> Case:
        """Dataset and measures."""
        return self.ready.case

    @property
    def weighting(self) -> Weighting:
        """How systems were weighed."""
        return self.ready.options.weighting or self.case.tables.settings.weighting

    @cached_property
    def known(self) -> dict[str, Cut]:
        """Cuts by id."""
        return {cut.id: cut for cut in self.cuts}

    @property
    def tally(self) -> Tally:
        """What was solved beside the sweep: the baseline, what binds, and what was verified."""
        return self.ready.tally

    @property
    def lp_solves(self) -> int:
        """Solves that it took to know every number: the baseline, cuts, lean plans, all again cold.

        What binds after cuts, and what is verified, takes more (`tally`).
        """
        found = self.counts
        return 1 + found.solves + found.lean + found.cold_resolves

    @property
    def certified(self) -> bool:
        """Whether every number may be shown."""
        priced = all(bool(frame["price_up"].notna().all()) for frame in self.binding.values())
        known = not self.counts.uncertified and not self.tally.uncertified
        return self.baseline.certified and known and priced

    @property
    def harmless(self) -> pd.DataFrame:
        """Rows that cost nothing."""
        return self.table[self.table["loss"] <= self._nothing]

    @property
    def telling(self) -> pd.DataFrame:
        """Rows to be told first: of pairs those that cost more than either of their cuts alone.

        Where one cut does all the harm, each pair with it says no more than that.
        """
        if self.scan.order == 1:
            return self.table
        no_more = self.table["loss"] <= self.table["larger"] + self._nothing
        return self.table[~no_more]

    @property
    def hidden_pairs(self) -> pd.DataFrame:
        """Pairs whose cuts cost nothing alone and something together, the largest loss first."""
        if self.scan.order == 1:
            return self.table.iloc[:0]
        hidden = (self.table["larger"] <= self._nothing) & (self.table["loss"] > self._nothing)
        return self.table[hidden]

    @property
    def wasted_cuts(self) -> pd.DataFrame:
        """Pairs whose smaller cut adds less than half of what it does alone, most waste first."""
        if self.scan.order == 1:
            return self.table.iloc[:0]
        costs = self.table["smaller"] > self._nothing
        wasted = self.table[costs & (self.table["wasted"] > WASTED)]
        return wasted.sort_values("synergy", kind="stable")

    @property
    def _nothing(self) -> float:
        return SAME * (self.baseline.capacity or 0.0)

    def effect(self, cut: tuple[str, ...]) -> Effect:
        """Return what a row of the table leaves."""
        one, *others = (self.known[name] for name in cut)
        for other in others:
            return joint(self.case, one, other, options=self.ready.options)
        return one.effect


def contingency(
    case: Case, scan: Scan, *, options: Options | None = None, done: Sweep = HERE
) -> Contingency:
    """Return what each loss costs.

    Parameters
    ----------
    case : Case
        Dataset and measures.
    scan : Scan
        What is tried.
    options : Options, optional
        Weighting, targets, budget.
    done : Sweep
        What does the sweep; nothing of it can be seen in the result.

    Raises
    ------
    NothingToCutError
        If the dataset has too few of what is to be cut.
    ValueError
        If months are asked for.
    scenarios.schema.BadScenarioError
        If a measure does not fit the dataset.
    """
    options = options or Options()
    if options.timing.months is not None:
        msg = "losses are compared in the steady state; months belong to another study"
        raise ValueError(msg)
    found = cuts(case, scan.over, share=scan.share, options=options)
    _refuse_too_few(found, scan)
    ready = bench(case, found.effects(order=scan.order), options=options)
    baseline = ready.solved()
    ready = replace(ready, base=baseline.capacity)
    ranked, counts = _swept(ready, baseline, found.cuts, scan=scan, done=done)
    result = Contingency(
        scan=scan,
        ready=ready,
        cuts=found.cuts,
        skipped=found.skipped,
        baseline=baseline.set_against(baseline.capacity),
        table=ranked,
        binding={},
        counts=counts,
    )
    return replace(result, binding=_binding(result))


def _refuse_too_few(found: Cuts, scan: Scan) -> None:
    if len(found.cuts) < scan.order:
        some = f"only one {scan.over}, so no pair" if found.cuts else f"no {scan.over} to cut"
        beside = f" ({len(found.skipped)} skipped)" if found.skipped else ""
        msg = f"the dataset has {some}{beside}"
        raise NothingToCutError(msg)


def _swept(
    ready: Bench, baseline: Solution, found: Sequence[Cut], *, scan: Scan, done: Sweep
) -> tuple[pd.DataFrame, Counts]:
    """Return the table, and how much it took."""
    columns = ready.model.formulation.instance.columns
    fielded = [n for n, column in enumerate(columns) if column.variable == "x"]
    grounded = ground(
        baseline,
        [ready.model.change(cut.effect) for cut in found],
        fielded=np.array(fielded),
        share=ready.share,
    )
    scale = Scale(
        ids=tuple(cut.id for cut in found),
        systems={columns[n].item: columns[n].unit for n in fielded},
        worth=ready.model.sets.scale.worth,
        base=nan if ready.base is None else ready.base,
        share=ready.share,
    )
    if scan.order == 1:
        rows = done(Losses(grounded), [(n,) for n in range(len(found))])
        ranked = table(rows, scale)
        return ranked, _counts(rows, ranked, grounded)
    alone, rows = _of_pairs(ready, found, grounded, done=done)
    ranked = table(rows, scale, alone=alone)
    return ranked, _counts(rows, ranked, grounded, alone=alone)


def _of_pairs(
    ready: Bench, found: Sequence[Cut], grounded: Ground, *, done: Sweep
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of all cuts by themselves, and those of all pairs."""
    alone, solved = singly(grounded)
    # those that leave least come first
    order = np.argsort(-alone["shortfall"].to_numpy(), kind="stable")
    place = np.argsort(order)
    ordered = replace(grounded, changes=tuple(grounded.changes[n] for n in order.tolist()))
    shared = overlaps(ready.case, found, model=ready.model, options=ready.options)
    job = Joint(
        ordered,
        singles(ordered, {int(place[n]): each for n, each in solved.items()}),
        {_pair(place, a, b): change for (a, b), change in shared.items()},
    )
    rows = done(job, job.tasks())
    ends = np.sort(order[rows[["first", "second"]].to_numpy()], axis=1)
    return alone, rows.assign(first=ends[:, 0], second=ends[:, 1])


def _pair(place: Numbers, one: int, other: int) -> tuple[int, int]:
    first, second = sorted((int(place[one]), int(place[other])))
    return first, second


def _counts(
    rows: pd.DataFrame, ranked: pd.DataFrame, grounded: Ground, *, alone: pd.DataFrame | None = None
) -> Counts:
    solves = pd.concat([rows["solves"], *([] if alone is None else [alone["solves"]])])
    how = ranked["how"].value_counts()
    return Counts(
        solves=int((solves > 0).sum()),
        lean=int(rows["lean"].sum()) + len(grounded.plans) - 1,
        cold_resolves=int((solves > 1).sum()),
        solved=int(how.get("solved", 0)),
        pruned=int(how.get("pruned", 0)),
        certified=int(how.get("certified", 0)),
        uncertified=int((~ranked["certified"]).sum()),
    )


def _binding(found: Contingency) -> dict[tuple[str, ...], pd.DataFrame]:
    """Return what binds after the first telling cuts."""
    base = found.baseline.capacity
    first = found.telling.head(found.scan.top)
    binding: dict[tuple[str, ...], pd.DataFrame] = {}
    for cut in first.loc[first["certified"], "cut"] if base else ():
        solved = found.ready.solved(found.effect(cut))
        if solved.certified and base:
            binding[cut] = prices(solved, base=base)
    return binding


@dataclass(frozen=True)
class Verified:
    """A sample of a scan's numbers, solved for alone.

    Attributes
    ----------
    rows : int
        How many.
    difference : float
        Largest difference, as a share of the baseline's capacity.
    uncertified : int
        How many of the solves have no number.
    """

    rows: int
    difference: float
    uncertified: int

    @property
    def agrees(self) -> bool:
        """Whether all numbers are what solving for them gives."""
        return self.difference <= DIFFERS and not self.uncertified


def verified(found: Contingency, count: int, *, seed: int = 0) -> Verified:
    """Return how far numbers of a scan are from what solving for them cold gives.

    Parameters
    ----------
    found : Contingency
        The scan.
    count : int
        How many numbers, drawn at random; all if there are fewer.
    seed : int
        The same gives the same sample.
    """
    known = found.table[found.table["certified"]]
    draw = np.random.default_rng(seed)
    picked = known.iloc[draw.choice(len(known), size=min(count, len(known)), replace=False)]
    base = found.baseline.capacity or 1.0
    solved = [found.ready.solved(found.effect(cut)).capacity for cut in picked["cut"]]
    apart = [
        abs(one - other) / base
        for one, other in zip(picked["capacity"].tolist(), solved, strict=True)
        if other is not None
    ]
    return Verified(
        rows=len(picked), difference=max(apart, default=0.0), uncertified=solved.count(None)
    )
