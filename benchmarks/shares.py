"""Where the time of a run goes, and what it saves to build the programme once.

``python benchmarks/shares.py [DATASET]`` with a shipped dataset, a folder, or S, M or L for a
network of that size (its scenarios: the loss of single elements). Each step is done once for every
scenario; the comparison is of one scenario on the programme built once with the same rebuilt by
PuLP and solved by CBC.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter

import pulp

from analyzer.network.case import Case, case
from analyzer.network.effect import Effect, effect
from analyzer.programme.arrays import model
from analyzer.programme.canon import published
from analyzer.programme.certificate import certificate
from analyzer.programme.flow import Options, Sets, formulation, sets
from analyzer.programme.highs import answer
from analyzer.programme.solution import solution
from analyzer.report.page import page
from analyzer.study.compare import compare
from benchmarks.realistic import SIZES, realistic
from scenarios.schema import Measure, Scenario
from supply_data.schema import Tables

DEFAULT = "russia-uas"
MOST = 10
"""Scenarios that are timed; more would only repeat."""


@dataclass
class Clock:
    """Seconds by step."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Add the time of a block to a step."""
        start = perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - start


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
    with clock.step("comparing in full"):
        result = compare(found, chosen)
    with clock.step("drawing"):
        page(result)
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


def main(dataset: str) -> None:
    """Print the shares."""
    clock, once, anew = timed(dataset)
    whole = sum(clock.seconds.values())
    print(f"{dataset}: {whole:.2f} s in all")
    for name, seconds in clock.seconds.items():
        print(f"  {name:<18} {1000 * seconds:>9.1f} ms  {seconds / whole:>6.1%}")
    print(f"  one scenario: {1000 * once:.1f} ms on the programme built once,")
    print(f"  {1000 * anew:.1f} ms rebuilt with PuLP and solved by CBC: {anew / once:.0f} times")


if __name__ == "__main__":
    main(*(sys.argv[1:] or [DEFAULT]))
