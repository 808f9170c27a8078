"""Where the time of a run goes, and what it saves to build the programme once.

``python benchmarks/shares.py [DATASET]`` with a shipped dataset, a folder, or S, M or L for a
network of that size (its scenarios: the loss of single elements).

First the whole of ``aftercut run``, step by step, as somebody waits for it. Then single steps, each
done once for every scenario, cold and one after the other, as they would be without what a run
shares; and one scenario on the programme built once beside the same rebuilt by PuLP and solved by
CBC.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

import pulp

from analyzer.cli.run import DRAWS, EXAMINES
from analyzer.network.case import Case, case
from analyzer.network.effect import Effect, effect
from analyzer.programme.arrays import model
from analyzer.programme.canon import published
from analyzer.programme.certificate import certificate
from analyzer.programme.flow import Options, Sets, formulation, sets
from analyzer.programme.highs import answer
from analyzer.programme.solution import solution
from analyzer.report.run_folder import run_folder
from analyzer.report.tables import as_plain, summary
from analyzer.report.written import write
from analyzer.study.compare import compare
from analyzer.study.crew import crew
from benchmarks.realistic import SIZES, realistic
from scenarios.schema import Measure, Scenario
from supply_data.schema import Tables

DEFAULT = "russia-uas"
MOST = 10
"""Scenarios whose single steps are timed; more would only repeat."""
IMPORTS = "import analyzer.report.tables, analyzer.report.written, analyzer.study.compare"


@dataclass
class Clock:
    """Seconds by step: as somebody waits, and as processors work."""

    seconds: dict[str, float] = field(default_factory=dict)
    worked: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Add the time of a block to a step."""
        start, begun = perf_counter(), process_time()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - start
        self.worked[name] = self.worked.get(name, 0.0) + process_time() - begun


def read(dataset: str) -> Case:
    """Return a dataset with its scenarios, or a drawn one with the loss of single elements."""
    if dataset not in SIZES:
        return case(dataset)
    tables = realistic(1, SIZES[dataset])
    return Case(tables, scenarios=tuple(_losses(tables)))


def _losses(tables: Tables) -> Iterator[Scenario]:
    for name in list(tables.supplies)[:MOST]:
        where = {"table": "supplies", "supply": name}
        loss = Measure.model_validate({"id": name, "where": where, "cut": 1})
        yield Scenario(id=name, measures=(loss,))


def whole(found: Case) -> Clock:
    """Return the time of a whole run by step; it starts with Python itself.

    Those who help load what they need while this process does, so they are waited for here; their
    work is not in ours.
    """
    clock = Clock()
    with clock.step("starting"):
        subprocess.run([sys.executable, "-c", IMPORTS], check=True)  # noqa: S603 - our own line
    with crew(EXAMINES, DRAWS) as helpers:
        for helper in helpers.helpers:
            helper.submit(len, "").result()
        with clock.step("comparing"):
            result = compare(found, crew=helpers)
        with clock.step("telling"):
            as_plain(summary(result, width=100))
        with (
            tempfile.TemporaryDirectory() as outside,
            clock.step("writing"),
            run_folder(Path(outside) / "run") as folder,
        ):
            write(result, folder, started=datetime.now(UTC), crew=helpers)
    return clock


def timed(dataset: str) -> tuple[Clock, float, float]:
    """Return the time of each step, and of one scenario on the built and on a rebuilt programme."""
    clock = Clock()
    with clock.step("reading"):
        found = read(dataset)
    chosen = found.scenarios[:MOST]
    effects = [effect(found.tables, scenario) for scenario in chosen]
    with clock.step("building"):
        known = sets(found.tables, effects, Options())
        ready = model(formulation(known))
    for tried in effects:
        programme = ready.under(tried)
        with clock.step("solving"):
            best = answer(programme)
        with clock.step("certifying"):
            certificate(programme, best.plan, best.prices, optimal=True)
    solved = [solution(ready, tried) for tried in effects]
    with clock.step("choosing the plan"):
        for one in solved:
            published(one)
    once = mean_seconds([partial(solution, ready, tried) for tried in effects])
    anew = mean_seconds([partial(rebuilt, known, tried) for tried in effects])
    return clock, once, anew


def rebuilt(known: Sets, tried: Effect) -> None:
    """Build a scenario's programme with PuLP and solve it with CBC, as a plain script would."""
    problem = formulation(known, tried).problem
    path = pulp.PULP_CBC_CMD.pulp_cbc_path
    problem.solve(pulp.COIN_CMD(path=path, msg=False, mip=False))


def mean_seconds(tasks: Sequence[Callable[[], object]]) -> float:
    """Return the mean time of a few tasks, done one after the other."""
    start = perf_counter()
    for task in tasks:
        task()
    return (perf_counter() - start) / max(len(tasks), 1)


def told(title: str, clock: Clock) -> None:
    """Print the steps of a clock with their shares."""
    everything = sum(clock.seconds.values())
    print(f"{title}: {everything:.2f} s")
    for name, seconds in clock.seconds.items():
        worked = f"{1000 * clock.worked[name]:>9.1f} ms of work"
        print(f"  {name:<18} {1000 * seconds:>9.1f} ms  {seconds / everything:>6.1%} {worked}")


def main(dataset: str) -> None:
    """Print the shares."""
    told(f"{dataset}: a whole run", whole(read(dataset)))
    clock, once, anew = timed(dataset)
    told(f"steps of {MOST} scenarios at most, by themselves", clock)
    print(f"  one scenario: {1000 * once:.1f} ms on the programme built once,")
    print(f"  {1000 * anew:.1f} ms rebuilt with PuLP and solved by CBC: {anew / once:.0f} times")


if __name__ == "__main__":
    main(*(sys.argv[1:] or [DEFAULT]))
