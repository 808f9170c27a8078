"""What a scan saves: the plain user's loop, a persistent loop without pruning, and ours.

``python benchmarks/scan.py [S] [M] [L] [published]`` measures these sizes, or all, one after the
other and each in a process of its own. What is found of a size is kept in ``benchmarks/scan.json``
and written into ``benchmarks/README.md`` as soon as it is there, so that a size can be measured by
itself. The three ways are tried in one run on the same cuts, and have to find the same: where the
plain loop would take hours, cuts are drawn at random and their median stands for all. Ours tries
all single cuts, building and ranking included, several times where that takes seconds.

Times are processor time, that of child processes included, so that what else a machine does blurs
them less; only two workers are set against one by the clock.
"""

import json
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
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
from analyzer.programme.flow import formulation, sets
from analyzer.programme.persistent import Persistent
from analyzer.programme.scale import natural
from analyzer.study.contingency import Contingency, contingency
from analyzer.study.cuts import Cut, Scan
from analyzer.study.sweep import Backend, How, Job, sweep
from benchmarks.realistic import SIZES, realistic

TABLE, KEPT = (Path(__file__).parent / name for name in ("README.md", "scan.json"))
BEGIN, END = "<!-- the table of scan.py -->", "<!-- the end of it -->"
MB = 1024
"""Kilobytes, in which the system counts memory."""


@dataclass(frozen=True)
class Plan:
    """How much of a size is tried.

    Attributes
    ----------
    over : tuple of Over
        What is cut, one scan after the other.
    times : int
        How often ours is run; medians count.
    plain, loop : int
        Cuts that the plain and the persistent loop try.
    pairs : int
        Stretches of pairs that ours tries, of up to `analyzer.study.pairs.WIDEST` each.
    workers : int
        Tasks that two workers are set against one on: stretches of pairs, else single cuts.
    """

    over: tuple[Over, ...] = (Over.ELEMENT,)
    times: int = 5
    plain: int = 10
    loop: int = 100
    pairs: int = 0
    workers: int = 0


PLANS = {
    "S": Plan(times=9, plain=40, loop=352, pairs=352),
    "M": Plan(times=3, plain=15, loop=300, pairs=150, workers=150),
    "L": Plan(times=1, plain=5, loop=60, workers=4000),
    "published": Plan(over=(Over.SUPPLY, Over.PLANT), times=3, loop=60),
}


@dataclass
class Found:
    """What was measured of a size; seconds unless said.

    Attributes
    ----------
    columns, rows, cuts : int
        Of the programme, and how many single cuts there are.
    before, swept, after : float
        Ours: building and looking ahead, the sweep of all cuts, and ranking what it found.
    bare : float
        Of that sweep, what the solver itself takes.
    solved : int
        Cuts that were solved for.
    loop, plain : float
        Median of a cut in the persistent and in the plain loop.
    cbc : float
        Of that of the plain loop, what CBC takes; the rest is building by PuLP.
    apart : float
        Largest difference between ours and the plain loop, as a share of the baseline's capacity.
    memory, worker : float
        Most that this process and that one of two worker processes held, in MB.
    pairs, tried, paired : float
        How many pairs there are, how many were tried, and how many of these were solved for.
    pairing, bare_pairing : float
        What the sweep of the pairs tried takes, and the solver itself of that.
    workers : dict of str to float
        How many times faster two workers are, by the clock; ``one`` is what one takes.
    machine : str
        What it was measured on.
    """

    columns: int = 0
    rows: int = 0
    cuts: int = 0
    before: float = 0.0
    swept: float = 0.0
    after: float = 0.0
    bare: float = 0.0
    solved: int = 0
    loop: float = 0.0
    plain: float = 0.0
    cbc: float = 0.0
    apart: float = 0.0
    memory: float = 0.0
    worker: float = 0.0
    pairs: int = 0
    tried: int = 0
    paired: int = 0
    pairing: float = 0.0
    bare_pairing: float = 0.0
    workers: dict[str, float] = field(default_factory=dict)
    machine: str = ""

    @property
    def ours(self) -> float:
        """What ours takes for all cuts, everything included."""
        return self.before + self.swept + self.after


def cpu() -> float:
    """Return the processor time of this process and of its children so far."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def most_memory(who: int) -> float:
    """Return the most memory that this process, or one of its children, held so far, in MB."""
    return resource.getrusage(who).ru_maxrss / MB


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
    begun, ended, bare : float
        When it began and ended, and what the solver took between.
    """

    tasks: int | None = None
    job: Any = None
    drawn: list[Any] = field(default_factory=list)
    begun: float = 0.0
    ended: float = 0.0
    bare: float = 0.0

    def __call__(self, job: Job[Any], tasks: Sequence[Any]) -> pd.DataFrame:
        """Do it in this thread."""
        self.job, self.drawn = job, drawn(tasks, self.tasks)
        CALLS.clear()
        self.begun = cpu()
        rows = sweep(job, self.drawn, how=How())
        self.ended, self.bare = cpu(), sum(CALLS)
        return rows

    @property
    def seconds(self) -> float:
        """What it took."""
        return self.ended - self.begun


def drawn(items: Sequence[Any], count: int | None) -> list[Any]:
    """Return so many items, drawn at random and always the same, in their order; None is all."""
    if count is None or count >= len(items):
        return list(items)
    picked = np.random.default_rng(1).choice(len(items), size=count, replace=False)
    return [items[n] for n in sorted(picked.tolist())]


def measured(name: str) -> Found:
    """Return what a size takes."""
    plan, case = PLANS[name], Case(realistic(1, SIZES[name]))
    found = Found(machine=machine())
    for over in plan.over:
        scanned, watched = _scanned(case, over, plan.times, found)
    found.memory = most_memory(resource.RUSAGE_SELF)
    if plan.pairs:
        watched = _paired(case, plan, found)
    if plan.workers:
        _set_workers(watched.job, drawn(watched.drawn, plan.workers), found)
    found.loop = _loop(scanned, plan.loop)
    _set_plain(scanned, plan.plain, found)
    return found


def machine() -> str:
    """Return what this is measured on, and how busy it is with other things."""
    busy = os.getloadavg()[0]
    highs, python = version("highspy"), platform.python_version()
    return f"{os.cpu_count()} cores, load {busy:.1f} before; Python {python}, HiGHS {highs}"


def _scanned(case: Case, over: Over, times: int, found: Found) -> tuple[Contingency, Watched]:
    """Return a scan of all single cuts, and add what it takes."""
    taken = []
    for _ in range(times):
        watched, start = Watched(), cpu()
        with noted_calls():
            scanned = contingency(case, Scan(over=over, top=0), done=watched)
        before, after = watched.begun - start, cpu() - watched.ended
        taken.append((before, watched.seconds, after, watched.bare))
    programme = scanned.ready.model.baseline
    found.columns, found.rows = len(programme.cost), len(programme.row_low)
    before, swept, after, bare = np.median(np.array(taken), axis=0).tolist()
    found.before, found.swept = found.before + before, found.swept + swept
    found.after, found.bare = found.after + after, found.bare + bare
    found.solved += scanned.counts.solved
    found.cuts += len(scanned.cuts)
    return scanned, watched


def _paired(case: Case, plan: Plan, found: Found) -> Watched:
    """Try some stretches of pairs, and note what they take."""
    watched = Watched(plan.pairs)
    with noted_calls():
        scanned = contingency(case, Scan(order=2, over=plan.over[0], top=0), done=watched)
    count = len(scanned.cuts)
    found.pairs, found.tried = count * (count - 1) // 2, len(scanned.table)
    found.paired = scanned.counts.solved
    found.pairing, found.bare_pairing = watched.seconds, watched.bare
    return watched


def _set_workers(job: Job[Any], tasks: Sequence[Any], found: Found) -> None:
    """Note how many times faster two workers are than one, each with its own start."""
    hows = {
        "one": How(),
        "threads": How(jobs=2),
        "processes": How(jobs=2, backend=Backend.PROCESSES),
    }
    for name, how in hows.items():
        start = perf_counter()
        sweep(job, tasks, how=how)
        took = perf_counter() - start
        found.workers[name] = took if name == "one" else found.workers["one"] / took
    found.worker = most_memory(resource.RUSAGE_CHILDREN)


def _loop(scanned: Contingency, count: int) -> float:
    """Return the median of a cut if each is solved for on one programme that stays loaded."""
    ready = scanned.ready
    persistent = Persistent(ready.model.baseline)
    seconds = []
    for cut in drawn(scanned.cuts, count):
        start = cpu()
        persistent.under(ready.model.change(cut.effect))
        seconds.append(cpu() - start)
    return median(seconds)


def _set_plain(scanned: Contingency, count: int, found: Found) -> None:
    """Note what a cut takes if PuLP builds it anew from the tables and CBC solves it."""
    capacity = dict(zip(scanned.table["cut"], scanned.table["capacity"], strict=True))
    base = scanned.baseline.capacity or 1.0
    built, solved = [], []
    for cut in drawn(scanned.cuts, count):
        start = cpu()
        problem = _problem(scanned, cut)
        middle = cpu()
        plain = _capacity(scanned, problem)
        built.append(middle - start)
        solved.append(cpu() - middle)
        found.apart = max(found.apart, abs(plain - capacity[(cut.id,)]) / base)
    found.plain = median(np.add(built, solved).tolist())
    found.cbc = median(solved)


def _problem(scanned: Contingency, cut: Cut) -> pulp.LpProblem:
    ready = scanned.ready
    known = sets(ready.case.tables, [cut.effect], ready.options)
    return formulation(known, cut.effect).problem


def _capacity(scanned: Contingency, problem: pulp.LpProblem) -> float:
    problem.solve(pulp.COIN_CMD(path=pulp.PULP_CBC_CMD.pulp_cbc_path, msg=False, mip=False))
    return natural(scanned.ready.model.sets.scale.worth, pulp.value(problem.objective))


def table(found: Mapping[str, Found]) -> str:
    """Return the table, a column a size."""
    lines = ["| | " + " | ".join(found) + " |", "|---" * (1 + len(found)) + "|"]
    for what, told in LINES.items():
        cells = " | ".join(told(each) for each in found.values())
        lines.append(f"| {what} | {cells} |")
    return "\n".join([*lines, ""])


def _of_pairs(told: Callable[[Found], str]) -> Callable[[Found], str]:
    return lambda found: told(found) if found.tried else ""


def _of_workers(told: Callable[[Found], str]) -> Callable[[Found], str]:
    return lambda found: told(found) if found.workers else ""


LINES: dict[str, Callable[[Found], str]] = {
    "columns, rows of the programme": lambda f: f"{f.columns:,}, {f.rows:,}",
    "single cuts": lambda f: f"{f.cuts:,}",
    "plain loop: PuLP rebuilt, CBC, a cut": lambda f: f"{f.plain:.3g} s",
    "of that CBC": lambda f: f"{f.cbc:.3g} s",
    "persistent loop without pruning, a cut": lambda f: f"{1000 * f.loop:.3g} ms",
    "ours: all single cuts, building included": lambda f: f"{f.ours:.3g} s",
    "of that before the sweep": lambda f: f"{f.before:.3g} s",
    "**plain loop / ours**": lambda f: f"**{f.plain * f.cuts / f.ours:,.0f}x**",
    "persistent loop / ours": lambda f: f"{f.loop * f.cuts / f.ours:.2g}x",
    "largest difference from the plain loop": lambda f: f"{f.apart:.0e}",
    "single cuts solved for": lambda f: f"{f.solved / f.cuts:.0%}",
    "solves a second": lambda f: f"{f.solved / f.swept:,.0f}",
    "sweep / its bare solver calls": lambda f: f"{f.swept / f.bare:.2f}x",
    "pairs; tried of them": _of_pairs(lambda f: f"{f.pairs:,}; {f.tried:,}"),
    "pairs solved for": _of_pairs(lambda f: f"{f.paired / f.tried:.1%}"),
    "all pairs, from those tried": _of_pairs(lambda f: f"{f.pairing * f.pairs / f.tried:,.0f} s"),
    "sweep of pairs / its bare solver calls": _of_pairs(
        lambda f: f"{f.pairing / f.bare_pairing:.2f}x"
    ),
    "two threads / one": _of_workers(lambda f: f"{f.workers['threads']:.2f}x"),
    "two processes / one": _of_workers(lambda f: f"{f.workers['processes']:.2f}x"),
    "what one takes there, by the clock": _of_workers(lambda f: f"{f.workers['one']:.0f} s"),
    "most memory of the process": lambda f: f"{f.memory:,.0f} MB",
    "of one of two worker processes": _of_workers(lambda f: f"{f.worker:,.0f} MB"),
    "measured on": lambda f: f.machine,
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


def told(page: str, found: Mapping[str, Found]) -> str:
    """Return the page with the table in its place."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table(found)}\n{exponents(found)}\n{END}{after}"


def kept() -> dict[str, Found]:
    """Return what was measured before, by size."""
    text = KEPT.read_text(encoding="utf-8") if KEPT.exists() else "{}"
    return {name: Found(**each) for name, each in json.loads(text).items()}


def keep(name: str, found: Found) -> None:
    """Keep what was measured of a size, and write it into the page."""
    every = {**kept(), name: found}
    ordered = {each: every[each] for each in PLANS if each in every}
    plain = {each: asdict(one) for each, one in ordered.items()}
    KEPT.write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")
    TABLE.write_text(told(TABLE.read_text(encoding="utf-8"), ordered), encoding="utf-8")


def main(names: Sequence[str]) -> None:
    """Measure sizes, each in a process of its own, and write each into the page.

    A size that fails leaves the others to be measured.
    """
    failed = []
    for name in names or PLANS:
        command = [sys.executable, __file__, "--one", name]
        answer = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)  # noqa: S603 - ours
        if answer.returncode:
            failed.append(name)
            continue
        found = Found(**json.loads(answer.stdout))
        keep(name, found)
        print(table({name: found}), flush=True)
    print(exponents(kept()))
    if failed:
        sys.exit(f"could not be measured: {', '.join(failed)}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(asdict(measured(sys.argv[2]))))
    else:
        main(sys.argv[1:])
