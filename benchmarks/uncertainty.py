"""How many draws a second, against building and solving each draw anew.

``python benchmarks/uncertainty.py [DATASET|S|M] …`` measures these, or all three, one after the
other. A draw is one set of figures for which the baseline and the scenarios are solved; what the
baseline's own plan proves takes no solve, so solves are counted too. Times are processor time of
one process, so that what else a machine does blurs them less; two workers are set against one by
the clock.
"""

import sys
from dataclasses import replace
from time import perf_counter, process_time
from typing import TypeVar

import numpy as np

from analyzer.network.case import Case, case
from analyzer.network.effect import Effect
from analyzer.programme.flow import Options
from analyzer.study.doubted import Ready, ready
from analyzer.study.draws import Sample
from analyzer.study.figures import Figures, Kind, figures, set_to
from analyzer.study.samples import BATCH, Shape, Spread
from analyzer.study.solve import bench, effect_in
from analyzer.study.sweep import Backend, How, sweep
from benchmarks.realistic import SIZES, realistic
from scenarios.schema import Measure, Scenario
from supply_data.schema import Figured, Range, Tables

R = TypeVar("R", bound=Figured)
DRAWS, PLAIN, OPTIONS = BATCH, 5, Options()
SHIPPED = ("all-hubs-closed", "chpl-full-enforcement")
LIMITS = frozenset({Kind.TARGETS, Kind.QUANTITIES, Kind.FILLS})
"""What is held where limits, cuts and leaks alone are drawn."""
SLIGHT = 0.8, 1.25


def measured(name: str) -> Case:
    """Return a shipped dataset with two scenarios that bite, or a random network with one."""
    if name not in SIZES:
        return case(name, SHIPPED if name == "russia-uas" else ())
    tables = realistic(1, SIZES[name])
    shares = {"low": 0.3, "central": 0.6, "high": 0.9}
    end = tables.settings.destination
    cut = Measure.model_validate(
        {
            "id": "all-last-lanes",
            "where": {"table": "lanes", "to_place": [end]},
            "cut": shares,
            "leak": {"low": 0, "central": 0.1, "high": 0.3},
        }
    )
    return Case(tables=widened(tables), scenarios=(Scenario(id="cut", measures=(cut,)),))


def widened(tables: Tables) -> Tables:
    """Return a dataset whose limits and quantities all have ranges."""

    def row(row: R, column: str) -> R:
        value = getattr(row, column)
        if value is None:
            return row
        return row.model_copy(update={"ranges": {column: Range(*(s * value for s in SLIGHT))}})

    return replace(
        tables,
        supplies={k: row(r, "capacity_per_month") for k, r in tables.supplies.items()},
        lanes={k: row(r, "capacity_usd_per_month") for k, r in tables.lanes.items()},
        plants={k: row(r, "capacity_per_month") for k, r in tables.plants.items()},
        requirements=tuple(row(r, "quantity") for r in tables.requirements),
    )


def begun(tried: Case, *, hold: frozenset[Kind]) -> Ready:
    """Return a case made ready for draws."""
    known = figures(tried.tables, tried.scenarios, options=OPTIONS, hold=hold)
    sample = Sample(known.ranges, known.built, known.group, known.groups, Shape.TRIANGULAR,
                    Spread.LATIN, 1, 4 * DRAWS)  # fmt: skip
    return ready(tried, tried.scenarios, known, sample=sample, options=OPTIONS)


def plainly(tried: Case, known: Figures, drawn: np.ndarray) -> None:
    """Write one draw into the tables, build the programme, and solve it cold."""
    chosen = {f.dial: float(v) for f, v in zip(known.ranged, drawn, strict=True) if f.dial}
    there = Case(tables=set_to(tried.tables, chosen), scenarios=tried.scenarios)
    effects = [effect_in(there, scenario, options=OPTIONS) for scenario in tried.scenarios]
    own = bench(there, [Effect(), *effects], options=OPTIONS)
    for effect in (None, *effects):
        own.solved(effect)


def by_clock(made: Ready, how: How) -> float:
    """Return the seconds that four batches take by the clock."""
    start = perf_counter()
    sweep(made.job, [(n,) for n in range(4 * DRAWS)], how=how)
    return perf_counter() - start


def report(name: str) -> None:
    """Print what was measured of one case."""
    tried = measured(name)
    for label, hold in (("limits, cuts, leaks", LIMITS), ("all figures", frozenset())):
        made = begun(tried, hold=hold)
        worker = made.job.worker()
        tasks = [(n,) for n in range(DRAWS)]
        worker.rows(tasks[:1])
        start = process_time()
        rows = worker.rows(tasks)
        seconds = process_time() - start
        drawn = made.job.sample.at(made.job.sample.places(0))
        start = process_time()
        for each in drawn[:PLAIN]:
            plainly(tried, made.figures, each)
        plain = process_time() - start
        solves = int(rows["solves"].sum())
        sure = bool(rows.filter(like="capacity").notna().all(axis=None))
        times = plain / PLAIN / (seconds / DRAWS)
        print(
            f"{name:<11} {label:<20} {len(made.figures.ranged):>5} figures "
            f"{1 + len(tried.scenarios)} programmes a draw: {DRAWS / seconds:>5.0f} draws, "
            f"{solves / seconds:>5.0f} solves a second, {times:>4.0f} times as fast as anew"
            f"{'' if sure else ', NOT ALL CERTIFIED'}"
        )
    one = by_clock(made, How(chunk=BATCH))
    for backend in Backend:
        two = by_clock(made, How(jobs=2, backend=backend, chunk=BATCH))
        print(f"{name:<11} two {backend.value}: {one / two:.2f} times one, by the clock")


if __name__ == "__main__":
    for named in sys.argv[1:] or ("russia-uas", "S", "M"):
        report(named)
