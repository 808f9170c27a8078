"""Draws: what survives if figures lie anywhere within their ranges."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analyzer.network.case import Case, case
from analyzer.network.effect import Effect
from analyzer.programme.arrays import Vector
from analyzer.programme.dials import Dial
from analyzer.programme.flow import Options
from analyzer.programme.solution import solution
from analyzer.study.draws import Sample
from analyzer.study.figures import Figures, Kind, figures, set_to
from analyzer.study.intervals import TooFewError
from analyzer.study.samples import BATCH, Shape, Spread
from analyzer.study.solve import bench, effect_in
from analyzer.study.sweep import Backend, How, Job, sweep
from analyzer.study.uncertainty import BASELINE, Asked, Uncertainty, uncertainty
from benchmarks.networks import network
from scenarios.schema import Measure, Scenario
from supply_data.schema import Basis, Figured, Range, Requirement, Source, Tables, Weighting
from tests.networks_by_hand import END, dataset, lane, need, part, plant, supply, system

F = TypeVar("F", bound=Figured)
CAPACITY = "capacity_per_month"


def ranged(**ends: tuple[float, float]) -> dict[str, Any]:
    return {"ranges": {column: Range(*pair) for column, pair in ends.items()}}


def scenario(name: str, *measures: dict[str, Any]) -> Scenario:
    made = [Measure.model_validate({"id": f"{name}-{n}", **m}) for n, m in enumerate(measures)]
    return Scenario(id=name, measures=tuple(made))


def two_parts(**more: object) -> Tables:
    """Return a unit that takes a left and a right, of which 50 to 150 and 80 to 120 can be had."""
    return dataset(
        Source(source="S1"),
        system("unit", 1000),
        need("unit", "left"),
        need("unit", "right"),
        supply("left", "left", END, 100, **ranged(**{CAPACITY: (50, 150)}), **more),
        supply("right", "right", END, 90, **ranged(**{CAPACITY: (80, 120)}), **more),
    )


HALF = scenario("half", {"where": {"table": "supplies", "supply": "left"}, "cut": 0.5})
NOTHING = scenario("nothing", {"where": {"table": "supplies", "supply": "left"}, "cut": 0})


def found(
    tables: Tables, *scenarios: Scenario, draws: int, precision: float | None = None
) -> Uncertainty:
    asked = Asked(draws=draws, precision=precision)
    return uncertainty(Case(tables=tables), scenarios, asked=asked)


LEFT, RIGHT = stats.triang(0.5, 50, 100), stats.triang(0.25, 80, 40)
"""How the parts of `two_parts` are distributed."""


def test_the_lesser_of_two_figures_is_distributed_as_theory_has_it() -> None:
    draws = found(two_parts(), NOTHING, draws=2000).draws[BASELINE].to_numpy()

    def both_above(x: Vector) -> Vector:
        return np.asarray(LEFT.sf(x) * RIGHT.sf(x))

    # Kolmogorov's distance between what was drawn and the theory
    apart = 1 - both_above(np.sort(draws)) - (np.arange(2000) + 0.5) / 2000
    assert np.abs(apart).max() < 0.02
    steps = np.linspace(0, 150, 40_001)
    mean = float(np.trapezoid(both_above(steps), steps))
    assert draws.mean() == pytest.approx(mean, abs=0.4)


def test_figures_that_move_together_are_high_and_low_together() -> None:
    draws = found(two_parts(moves_with="harvest"), NOTHING, draws=1000).draws[BASELINE]
    places = np.sort(np.random.default_rng(0).random(200_000))
    both = np.minimum(LEFT.ppf(places), RIGHT.ppf(places))
    assert draws.quantile([0.05, 0.5, 0.95]).tolist() == pytest.approx(
        np.quantile(both, [0.05, 0.5, 0.95]).tolist(), rel=0.02
    )


@pytest.mark.parametrize(
    ("more", "groups"),
    [
        ({"source_ids": ("S1",)}, 1),
        ({"source_ids": ()}, 2),
        ({"source_ids": ("S1",), "basis": Basis.REPORTED}, 2),
        ({"source_ids": (), "moves_with": "x"}, 1),
    ],
)
def test_rows_of_one_assumption_are_drawn_together(more: dict[str, Any], groups: int) -> None:
    tables = dataset(
        Source(source="S1"),
        system("unit", 100),
        need("unit", "part"),
        supply("one", "part", END, 10, **ranged(**{CAPACITY: (5, 12)}), **more),
        supply("two", "part", END, 20, **ranged(**{CAPACITY: (10, 24)}), **more),
    )
    known = figures(tables, (), options=Options())
    assert (len(known.ranged), known.groups) == (2, groups)


def test_without_groups_only_what_is_stated_moves_together() -> None:
    own = two_parts(source_ids=("S1",))
    assert figures(own, (), options=Options(), apart=True).groups == 2
    stated = two_parts(moves_with="x")
    assert figures(stated, (), options=Options(), apart=True).groups == 1


def test_one_measure_is_drawn_once_for_all_scenarios() -> None:
    loose = {"where": {"table": "supplies", "supply": "left"}, "cut": {"low": 0.2, "central": 0.5,
                                                                      "high": 0.8}}  # fmt: skip
    one = Measure.model_validate({"id": "m", **loose})
    again = Scenario(id="again", measures=(one,))
    run = found(two_parts(), Scenario(id="first", measures=(one,)), again, draws=200)
    assert run.draws["first"].tolist() == run.draws["again"].tolist()
    assert run.pairs["same"].tolist() == [1.0]


def test_all_scenarios_share_the_figures_of_a_draw() -> None:
    run = found(two_parts(), HALF, NOTHING, draws=300)
    assert (run.draws["nothing"] == run.draws[BASELINE]).all()
    assert (run.draws["half"] <= run.draws[BASELINE]).all()
    assert run.table["scenario"].tolist() == ["half", "nothing"]
    assert run.table[["p05", "p95"]].to_numpy()[1].tolist() == [1.0, 1.0]
    assert run.pairs[["less", "same", "more"]].to_numpy().tolist() == [[1.0, 0.0, 0.0]]
    assert run.certified


def test_a_scenario_spared_by_the_baselines_plan_takes_no_solve() -> None:
    run = found(two_parts(), NOTHING, draws=100)
    assert run.solves == 100


# --- a draw is what solving for its figures gives


def varied(seed: int) -> Tables:
    """Return a random network in which nearly every figure has a range."""
    tables, draw = network(seed), np.random.default_rng(seed)

    def widened(row: F, column: str, most: float = np.inf) -> F:
        value = getattr(row, column)
        if value is None:
            return row
        ends = Range(value * draw.uniform(0.3, 1), min(value * draw.uniform(1, 2), most))
        return row.model_copy(update={"ranges": {**row.ranges, column: ends}})

    def filled(row: Requirement, others: Sequence[Requirement]) -> Requirement:
        # the first choice of a slot stays able to fill all of it
        second = (row.product, row.slot) in {(each.product, each.slot) for each in others}
        quantified = widened(row, "quantity")
        return widened(quantified, "max_fill", 1.0) if second else quantified

    return replace(
        tables,
        supplies={k: widened(r, CAPACITY) for k, r in tables.supplies.items()},
        lanes={k: widened(r, "capacity_usd_per_month") for k, r in tables.lanes.items()},
        plants={k: widened(r, CAPACITY) for k, r in tables.plants.items()},
        systems={k: widened(r, "target_per_month") for k, r in tables.systems.items()},
        requirements=tuple(
            filled(row, tables.requirements[:n]) for n, row in enumerate(tables.requirements)
        ),
    )


RANGE = {"low": 0.3, "central": 0.6, "high": 0.9}
CUTS = (
    scenario("lanes", {"where": {"table": "lanes", "component": ["c0", "c1"]}, "cut": RANGE,
                       "leak": {"low": 0, "central": 0.1, "high": 0.5}}),
    scenario("all-lanes", {"where": {"table": "lanes"}, "cut": RANGE},
             {"where": {"table": "lanes", "component": ["c2"]}, "cut": RANGE,
              "coverage": {"low": 0.5, "central": 0.8, "high": 1}}),
)  # fmt: skip


def by_itself(
    tables: Tables, known: Figures, drawn: Vector, cut: Scenario | None, options: Options
) -> float | None:
    """Return the capacity with figures written into the tables and the scenario, solved cold."""
    chosen = {f.dial: float(v) for f, v in zip(known.ranged, drawn, strict=True) if f.dial}
    targets = {s: chosen[Dial("target", s)] for s in tables.systems if Dial("target", s) in chosen}
    own = replace(options, targets=targets)
    there = Case(tables=set_to(tables, chosen))
    effect = Effect()
    if cut is not None:
        values = {f.name: float(v) for f, v in zip(known.ranged, drawn, strict=True)}
        measures = [
            measure.model_copy(
                update={
                    key: type(measure.leak)(low=v, central=v, high=v)
                    for key in ("cut", "coverage", "leak")
                    if (v := values.get(f"measure:{measure.id}/{key}")) is not None
                }
            )
            for measure in cut.measures
        ]
        fixed = cut.model_copy(update={"measures": tuple(measures)})
        effect = effect_in(there, fixed, options=own)
    return solution(bench(there, [effect], options=own).model, effect).capacity


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("weighting", [Weighting.TARGET, Weighting.UNITS])
def test_a_draw_is_what_its_figures_give_by_themselves(seed: int, weighting: Weighting) -> None:
    tables, options = varied(seed), Options(weighting=weighting)
    cuts = [cut for cut in CUTS if fits(tables, cut)]
    known = figures(tables, cuts, options=options)
    asked = Asked(draws=20, seed=seed)
    run = uncertainty(Case(tables=tables), cuts, asked=asked, options=options)
    sample = Sample(known.ranges, known.built, known.group, known.groups, Shape.TRIANGULAR,
                    Spread.LATIN, seed, 20)  # fmt: skip
    drawn = sample.at(sample.places(0))
    for n in (0, 7):
        for name, cut in ((BASELINE, None), *((each.id, each) for each in cuts)):
            alone = by_itself(tables, known, drawn[n], cut, options)
            assert run.draws.loc[n, name] == pytest.approx(alone, rel=2e-6, abs=1e-9)


def fits(tables: Tables, cut: Scenario) -> bool:
    used = {name for m in cut.measures for name in (m.where.component or () if m.where else ())}
    return used <= set(tables.components) and bool(tables.lanes)


def test_figures_of_nothing_and_fills_of_everything_can_be_drawn() -> None:
    tables = dataset(
        system("unit", 100, value_usd=1),
        need("unit", "part", slot="s", **ranged(max_fill=(0.4, 1))),
        need("unit", "other", slot="s"),
        part("part"),
        supply("part", "part", "FAR", 0, **ranged(**{CAPACITY: (0, 50)})),
        supply("other", "other", END, 20),
        lane("FAR", END, 0, **ranged(capacity_usd_per_month=(0, 60))),
        plant("works", "unit", END, 0, **ranged(**{CAPACITY: (0, 80)})),
    )
    known = figures(tables, (), options=Options())
    run = found(tables, scenario("none", {"where": {"table": "lanes"}, "cut": 0}), draws=20)
    sample = Sample(known.ranges, known.built, known.group, known.groups, Shape.TRIANGULAR,
                    Spread.LATIN, 1, 20)  # fmt: skip
    drawn = sample.at(sample.places(0))
    for n in range(6):
        alone = by_itself(tables, known, drawn[n], None, Options())
        assert run.draws.loc[n, BASELINE] == pytest.approx(alone, rel=1e-6)
    assert run.draws[BASELINE].max() > 20


# --- bounds


@pytest.mark.parametrize("seed", range(6))
def test_no_draw_leaves_the_corners(seed: int) -> None:
    tables = varied(seed)
    cuts = [cut for cut in CUTS if fits(tables, cut)]
    asked = Asked(draws=128, seed=seed, shape=Shape.UNIFORM, hold=frozenset({Kind.TARGETS}))
    run = uncertainty(Case(tables=tables), cuts, asked=asked)
    base = run.draws[BASELINE].to_numpy()
    slack = 2e-6 * run.bounds["capacity_most"][0]
    for row in run.bounds.to_dict("records"):
        own = run.draws[row["scenario"]].to_numpy()
        assert own.min() >= row["capacity_least"] - slack
        assert own.max() <= row["capacity_most"] + slack
        share = (own / base)[base > 0]
        assert row["outer_low"] - 1e-5 <= share.min()
        assert share.max() <= row["outer_high"] + 1e-5
    least, without = run.bounds["capacity_least"], run.bounds["capacity_least_without_unknown"]
    assert (without <= least + 1e-9).all()


def test_corners_are_exact_by_hand() -> None:
    loose = scenario("loose", {"where": {"table": "supplies", "supply": "left"}, "cut": RANGE})
    run = found(two_parts(), loose, draws=20)
    base, cut = run.bounds.to_dict("records")
    assert [base["capacity_least"], base["capacity_most"]] == pytest.approx([50, 120])
    assert [cut["capacity_least"], cut["capacity_most"]] == pytest.approx([5, 105])
    assert [cut["outer_low"], cut["outer_high"]] == pytest.approx([5 / 120, 1])


def test_a_limit_that_nobody_knows_is_none_or_nothing() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("known", "part", END, 30),
        supply("unknown", "part", END),
    )
    cut = scenario("cut", {"where": {"table": "supplies", "supply": "known"}, "cut": 1})
    (_, row) = found(tables, cut, draws=20).bounds.to_dict("records")
    assert (row["capacity_least"], row["capacity_least_without_unknown"]) == (100, 0)
    assert (row["outer_low"], row["outer_low_without_unknown"]) == (1.0, 0.0)


# --- how it is done does not show


def draws_of(how: How, *, spread: Spread = Spread.LATIN, seed: int = 1) -> pd.DataFrame:
    own = Asked(draws=300, spread=spread, seed=seed)
    tables = varied(3)
    cuts = [cut for cut in CUTS if fits(tables, cut)]
    return uncertainty(Case(tables=tables), cuts, asked=own, done=partial(sweep, how=how)).draws


@pytest.mark.parametrize("spread", Spread)
def test_the_same_seed_gives_the_same_bytes_whoever_works(spread: Spread) -> None:
    one = draws_of(How(chunk=BATCH), spread=spread)
    two = draws_of(How(jobs=2, backend=Backend.THREADS, chunk=BATCH), spread=spread)
    other = draws_of(How(chunk=50), spread=spread)
    for frame in (two, other):
        for column in one.columns[5:]:
            assert one[column].to_numpy().tobytes() == frame[column].to_numpy().tobytes()
    again = draws_of(How(chunk=BATCH), spread=spread, seed=2)
    assert (again[BASELINE] != one[BASELINE]).any()


def test_two_processes_give_the_same_bytes() -> None:
    one = draws_of(How(chunk=BATCH))
    two = draws_of(How(jobs=2, backend=Backend.PROCESSES, chunk=BATCH))
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_draws_stop_where_they_are_precise_enough() -> None:
    whole = found(two_parts(), HALF, draws=640)
    early = found(two_parts(), HALF, draws=2000, precision=0.02)
    assert (len(early.draws), early.precise) == (512, True)
    pd.testing.assert_frame_equal(early.draws, whole.draws.iloc[:512], check_exact=True)
    never = found(two_parts(), HALF, draws=600, precision=1e-6)
    assert (len(never.draws), never.precise) == (600, False)


# --- what is refused, and what is flagged


def broken(job: Job[tuple[int]], tasks: Sequence[tuple[int]], *, every: int) -> pd.DataFrame:
    rows = sweep(job, tasks, how=How(chunk=BATCH))
    rows.loc[rows.index % every == 0, "capacity.1"] = np.nan
    return rows


def test_draws_that_are_not_certified_are_counted_and_flagged() -> None:
    tables = Case(tables=two_parts())
    run = uncertainty(tables, [HALF], asked=Asked(draws=200), done=partial(broken, every=10))
    assert (run.uncertified, run.certified) == (20, False)
    assert run.table["p50"].notna().all()
    with pytest.raises(TooFewError, match="0 of 200 draws"):
        uncertainty(tables, [HALF], asked=Asked(draws=200), done=partial(broken, every=1))


@pytest.mark.parametrize("asked", [{"draws": 5}, {"seed": -1}, {"precision": 2.0}])
def test_what_cannot_be_drawn_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"there are|a seed|a precision"):
        Asked(**asked)


def test_scenarios_must_be_told_apart() -> None:
    for twice in ([], [HALF, HALF], [HALF.model_copy(update={"id": BASELINE})]):
        with pytest.raises(ValueError, match=r"no scenario|have the id"):
            uncertainty(Case(tables=two_parts()), twice)


def test_central_figures_give_what_a_run_gives() -> None:
    shipped = case("russia-uas", ["all-hubs-closed", "chpl-tiers-1-2"])
    run = uncertainty(shipped, shipped.scenarios, asked=Asked(draws=20))
    ready = bench(
        shipped,
        effects := [effect_in(shipped, s, options=Options()) for s in shipped.scenarios],
        options=Options(),
    )
    base = ready.solved().capacity
    assert base is not None
    alone = {s.id: ready.capacity(e) for s, e in zip(shipped.scenarios, effects, strict=True)}
    for row in run.table.to_dict("records"):
        expected = alone[row["scenario"]]
        assert expected is not None
        assert row["central"] == pytest.approx(expected / base, rel=1e-6)
    assert run.certified
