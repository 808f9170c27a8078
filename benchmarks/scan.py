"""What a scan saves: the plain user's loop, a persistent loop without pruning, and ours.

``python benchmarks/scan.py [S] [M] [L] [published]`` measures these sizes, or all, one after the
other and each in a process of its own; a table of all is written to ``benchmarks/README.md``. The
three ways are tried in one run on the same cuts. Where one would take
hours, cuts are drawn at random and their median, or for ours their mean, stands for all.

Times are processor time, that of child processes included, so that what else a machine does blurs
them less; only two workers are set against one by the clock.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from unittest.mock import patch

import highspy
import numpy as np
import pandas as pd
import pulp

from analyzer.network.case import Case
from analyzer.network.groups import Over
from analyzer.programme.flow import formulation
from analyzer.programme.persistent import Persistent
from analyzer.study.contingency import Contingency, contingency
from analyzer.study.cuts import Cut, Scan
from analyzer.study.sweep import Backend, How, Job, sweep
from benchmarks.realistic import SIZES, realistic

TABLE = Path(__file__).parent / "README.md"


@dataclass(frozen=True)
class Plan:
    """How much of a size is tried.

    Attributes
    ----------
    over : tuple of Over
        What is cut, one scan after the other.
    plain, loop : int
        Cuts that the plain and the persistent loop try.
    tasks : int or None
        Cuts that ours tries; None is all.
    pairs : int
        Stretches of pairs that ours tries.
    workers : bool
        Whether two workers are set against one.
    """

    over: tuple[Over, ...] = (Over.ELEMENT,)
    plain: int = 10
    loop: int = 100
    tasks: int | None = None
    pairs: int = 0
    workers: bool = False


PLANS = {
    "S": Plan(plain=40, loop=400, pairs=400),
    "M": Plan(plain=15, loop=300, pairs=60, workers=True),
    "L": Plan(plain=3, loop=60, tasks=600, workers=True),
    "published": Plan(over=(Over.SUPPLY, Over.PLANT), loop=60),
}


@dataclass
class Found:
    """What was measured of a size; seconds unless said.

    Attributes
    ----------
    columns, rows, cuts : int
        Of the programme, and how many single cuts there are.
    before, swept : float
        Ours: reading, building and looking ahead; the sweep of all cuts.
    bare : float
        Of that sweep, what the solver itself takes.
    solved : float
        Cuts that were solved for.
    loop, plain : float
        Median of a cut in the persistent and in the plain loop.
    memory : float
        Most that the process held, in MB.
    pairs : float or None
        Share of pairs that were solved for.
    workers : dict of str to float
        How many times faster two workers are, by the clock.
    """

    columns: int = 0
    rows: int = 0
    cuts: int = 0
    before: float = 0.0
    swept: float = 0.0
    bare: float = 0.0
    solved: float = 0.0
    loop: float = 0.0
    plain: float = 0.0
    memory: float = 0.0
    pairs: float | None = None
    workers: dict[str, float] = field(default_factory=dict)

    @property
    def ours(self) -> float:
        """What ours takes for all cuts, everything included."""
        return self.before + self.swept


def cpu() -> float:
    """Return the processor time of this process and of its children so far."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


CALLS: list[float] = []
"""What each bare call of the solver took, as long as calls are noted."""


@contextmanager
def noted_calls() -> Iterator[None]:
    """Note what each bare call of the solver takes."""
    real = highspy.Highs.run

    def run(self: highspy.Highs) -> highspy.HighsStatus:
        start = cpu()
        status = real(self)
        CALLS.append(cpu() - start)
        return status

    with patch.object(highspy.Highs, "run", run):
        yield


@dataclass
class Watched:
    """Does a sweep, of some of its tasks, and notes what it takes.

    Attributes
    ----------
    tasks : int or None
        How many; None is all.
    job : Job
        What was done.
    drawn : list
        The tasks that were done.
    share : float
        Their share of all.
    begun, seconds, bare : float
        When it began, what it took, and what the solver took of that.
    """

    tasks: int | None = None
    job: Any = None
    drawn: list[Any] = field(default_factory=list)
    share: float = 1.0
    begun: float = 0.0
    seconds: float = 0.0
    bare: float = 0.0

    def __call__(self, job: Job[Any], tasks: Sequence[Any]) -> pd.DataFrame:
        """Do it in this thread."""
        self.job, self.drawn = job, drawn(tasks, self.tasks)
        self.share = len(self.drawn) / len(tasks)
        CALLS.clear()
        self.begun = cpu()
        rows = sweep(job, self.drawn, how=How())
        self.seconds, self.bare = cpu() - self.begun, sum(CALLS)
        return rows


def drawn(items: Sequence[Any], count: int | None) -> list[Any]:
    """Return so many items, drawn at random and always the same, in their order; None is all."""
    if count is None or count >= len(items):
        return list(items)
    picked = np.random.default_rng(1).choice(len(items), size=count, replace=False)
    return [items[n] for n in sorted(picked.tolist())]


def measured(name: str) -> Found:
    """Return what a size takes."""
    plan, case = PLANS[name], Case(realistic(1, SIZES[name]))
    found = Found()
    for over in plan.over:
        scanned = _scanned(case, over, plan, found)
    found.memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found.loop, found.plain = _loop(scanned, plan.loop), _plain(scanned, plan.plain)
    if plan.pairs:
        watched = Watched(plan.pairs)
        rows = contingency(case, Scan(order=2, over=plan.over[0], top=0), done=watched).table
        found.pairs = float((rows["how"] == "solved").mean())
    return found


def _scanned(case: Case, over: Over, plan: Plan, found: Found) -> Contingency:
    """Return a scan, and add what it takes."""
    watched, start = Watched(plan.tasks), cpu()
    with noted_calls():
        scanned = contingency(case, Scan(over=over, top=0), done=watched)
    programme, count = scanned.ready.model.baseline, len(scanned.cuts)
    found.columns, found.rows = len(programme.cost), len(programme.row_low)
    found.before += watched.begun - start
    found.swept += watched.seconds / watched.share
    found.bare += watched.bare / watched.share
    found.solved += (scanned.table["how"] == "solved").mean() * count
    found.cuts += count
    if plan.workers:
        found.workers = _workers(watched)
    return scanned


def _workers(watched: Watched) -> dict[str, float]:
    """Return how many times faster two workers are than one, each with its own start."""
    hows = {
        "one": How(),
        "threads": How(jobs=2),
        "processes": How(jobs=2, backend=Backend.PROCESSES),
    }
    seconds: dict[str, float] = {}
    for name, how in hows.items():
        start = perf_counter()
        sweep(watched.job, watched.drawn, how=how)
        seconds[name] = perf_counter() - start
    return {name: seconds["one"] / seconds[name] for name in ("threads", "processes")}


def _loop(scanned: Contingency, count: int) -> float:
    """Return the median of a cut if each is solved for on one programme that stays loaded."""
    ready = scanned.ready
    persistent = Persistent(ready.model.baseline)
    return timed(
        lambda cut: persistent.under(ready.model.change(cut.effect)), drawn(scanned.cuts, count)
    )


def _plain(scanned: Contingency, count: int) -> float:
    """Return the median of a cut if PuLP builds each anew and CBC solves it."""
    known = scanned.ready.model.sets
    solver = pulp.COIN_CMD(path=pulp.PULP_CBC_CMD.pulp_cbc_path, msg=False, mip=False)
    return timed(
        lambda cut: formulation(known, cut.effect).problem.solve(solver),
        drawn(scanned.cuts, count),
    )


def timed(task: Callable[[Cut], object], cuts: Sequence[Cut]) -> float:
    """Return the median processor time of a task."""
    seconds = []
    for cut in cuts:
        start = cpu()
        task(cut)
        seconds.append(cpu() - start)
    return median(seconds)


def table(found: Mapping[str, Found]) -> str:
    """Return the table, a column a size."""
    lines = ["| | " + " | ".join(found) + " |", "|---" * (1 + len(found)) + "|"]
    for what, told in LINES.items():
        cells = " | ".join(told(each) for each in found.values())
        lines.append(f"| {what} | {cells} |")
    return "\n".join([*lines, ""])


def _workers_told(found: Found, name: str) -> str:
    return f"{found.workers[name]:.2f}x" if found.workers else ""


LINES: dict[str, Callable[[Found], str]] = {
    "columns, rows of the programme": lambda f: f"{f.columns:,}, {f.rows:,}",
    "single cuts": lambda f: f"{f.cuts:,}",
    "plain loop: PuLP rebuilt, CBC, a cut": lambda f: f"{f.plain:.3g} s",
    "persistent loop without pruning, a cut": lambda f: f"{1000 * f.loop:.3g} ms",
    "ours: all single cuts, building included": lambda f: f"{f.ours:.3g} s",
    "of that before the sweep": lambda f: f"{f.before:.3g} s",
    "**plain loop / ours**": lambda f: f"**{f.plain * f.cuts / f.ours:,.0f}x**",
    "persistent loop / ours": lambda f: f"{f.loop * f.cuts / f.ours:.2g}x",
    "single cuts solved for": lambda f: f"{f.solved / f.cuts:.0%}",
    "pairs solved for": lambda f: "" if f.pairs is None else f"{f.pairs:.1%}",
    "solves a second": lambda f: f"{f.solved / f.swept:,.0f}",
    "sweep / its bare solver calls": lambda f: f"{f.swept / f.bare:.2f}x",
    "two threads / one": lambda f: _workers_told(f, "threads"),
    "two processes / one": lambda f: _workers_told(f, "processes"),
    "most memory of the process": lambda f: f"{f.memory:,.0f} MB",
}


def exponents(found: Mapping[str, Found]) -> str:
    """Return how costs grow with the number of columns, from the smallest to the largest size."""
    sizes = [found[name] for name in ("S", "M", "L") if name in found]
    if len(sizes) < 2:  # noqa: PLR2004 - a slope has two ends
        return ""
    costs: dict[str, Callable[[Found], float]] = {
        "plain loop": lambda each: each.plain,
        "persistent loop": lambda each: each.loop,
        "ours": lambda each: each.ours / each.cuts,
    }
    slopes = {
        what: _slope([(each.columns, cost(each)) for each in sizes]) for what, cost in costs.items()
    }
    told = ", ".join(f"{what} {slope:.2f}" for what, slope in slopes.items())
    return f"Cost of a cut grows with the number of columns to the power of: {told}.\n"


def _slope(points: Sequence[tuple[float, float]]) -> float:
    x, y = np.log(np.array(points)).T
    return float(np.polyfit(x, y, 1)[0])


def told(found: Mapping[str, Found]) -> str:
    """Return the whole of the page."""
    return f"""# What a scan saves

Written by `make bench`; see [scan.py](scan.py) for what is measured, and
[realistic.py](realistic.py) for the networks: systems/components/origins/hubs are 10/60/30/15 (S),
50/500/60/40 (M) and 200/5,000/100/60 (L). `published` has the shape of a published stress test,
1,700 nodes of which 1,500 sites are lost one by one.

{table(found)}
{exponents(found)}
Times are processor time of one process, children included; two workers are timed by the clock.
The plain loop builds our programme, with its merged goods, anew by PuLP for each cut, and solves it
by CBC; a network without merged goods would take it longer.
"""


def main(names: Sequence[str]) -> None:
    """Measure sizes, each in a process of its own, and write the table if all were asked for."""
    found = {}
    for name in names or PLANS:
        command = [sys.executable, __file__, "--one", name]
        answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ours
        found[name] = Found(**json.loads(answer.stdout))
        print(table({name: found[name]}))
    if not names:
        TABLE.write_text(told(found), encoding="utf-8")
        print(exponents(found))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(asdict(measured(sys.argv[2]))))
    else:
        main(sys.argv[1:])
