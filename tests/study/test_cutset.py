"""The best sets of cuts: held against trying them all, an integer programme, and known answers."""

from itertools import combinations
from math import inf

import numpy as np
import pulp
import pytest

from analyzer.network.case import Case, case
from analyzer.network.effect import Effect
from analyzer.network.groups import Over
from analyzer.programme.flow import Options
from analyzer.programme.persistent import Persistent
from analyzer.programme.scale import natural
from analyzer.study import spoilers
from analyzer.study.cuts import NothingToCutError
from analyzer.study.cutset import Ask, Cutset, UnfitBelowError, cutset
from analyzer.study.hitting import Members, Row, Search
from analyzer.study.quest import Status
from analyzer.study.several import Several
from analyzer.study.solve import SAME, effect_in
from analyzer.study.spoilers import Spoilers, UncertifiedError
from benchmarks.networks import network
from scenarios.schema import Measure, Scenario
from supply_data.schema import Tables
from tests import networks_by_hand
from tests.effort import tries
from tests.networks_by_hand import (
    END,
    START,
    dataset,
    flow_network,
    lane,
    need,
    supply,
    system,
)
from tests.random_scenarios import some_scenario
from tests.solved import built, solved

TUTORIAL = case("tutorial")
SIX_ARCS = (
    (START, "B", 10), (START, "C", 70), ("C", "B", 30), ("B", END, 100), ("C", "D", 40),
    ("D", END, 50),
)  # fmt: skip
FEW = 400
"""Sets up to which all are tried."""


def names(found: Cutset) -> set[frozenset[str]]:
    assert found.answer is not None
    return {frozenset(each.cut) for each in found.answer.optima}


def left(found: Cutset) -> float:
    assert found.answer is not None
    assert found.status is Status.PROVEN
    return found.answer.best.value


# --- all sets


def capacity(found: Cutset, chosen: tuple[int, ...], kept: Persistent | None = None) -> float:
    """Return what a set leaves, by the model's own rule for several measures, solved for."""
    ready = found.ready
    if found.ask.over is Over.MEASURE:
        measures = tuple(m for n in chosen if (m := found.cuts[n].measure) is not None)
        both = Scenario(id="set", measures=measures)
        effect = effect_in(found.case, both, options=Options())
    else:
        shares: dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]] = {}
        for n in chosen:
            for element, share in found.cuts[n].effect.availability.items():
                shares[element] = shares.get(element, np.ones(1)) * share
        effect = Effect(availability=shares)
    kept = kept or Persistent(ready.model.baseline)
    proof = kept.under(ready.model.change(effect)).certificate
    assert proof.certifies(ready.share)
    return natural(ready.model.sets.scale.worth, proof.value)


def all_sets(found: Cutset, size: int) -> dict[tuple[int, ...], float]:
    count = len(found.cuts)
    sets = [each for k in range(size + 1) for each in combinations(range(count), k)]
    if len(sets) > FEW:
        return {}
    kept = Persistent(found.ready.model.baseline)
    return {each: capacity(found, each, kept) for each in sets}


def agrees_with_all_sets(found: Cutset, size: int) -> bool:
    """Hold an answer against all sets; tell whether these were few enough."""
    sets = all_sets(found, size)
    if not sets or found.answer is None:
        return False
    same = SAME * (found.baseline.capacity or 0.0)
    least = min(sets.values())
    assert abs(left(found) - least) <= same
    good = [each for each, value in sets.items() if value <= least + same]
    # without an idle cut
    own = [set(one) for one in good if not any(set(other) < set(one) for other in good)]
    ids = [frozenset(found.cuts[n].id for n in each) for each in own]
    assert names(found) == set(ids)
    assert found.answer.complete
    assert set(found.answer.in_every) == set(frozenset.intersection(*ids))
    assert found.greedy == () or found.greedy[-1].value >= least - same
    return True


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(tries(300, 300)))
def test_relations_71_and_72_the_search_finds_what_trying_all_sets_finds(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if seed % 4 == 3:  # rows as they are where there are many cuts
        monkeypatch.setattr(spoilers, "GROWS", 0)
    tables, tried = network(seed), 0
    for over in Over:
        scenarios = (some_scenario(tables, seed, count=5),) if over is Over.MEASURE else ()
        size = 1 + (seed // 2 + len(over)) % 4
        while size > 1 and len(tables.elements) ** size > 20 * FEW and over is Over.ELEMENT:
            size -= 1
        try:
            ask = Ask(over, size=size, share=(1.0, 0.5, 0.8)[seed % 3])
            found = cutset(Case(tables, scenarios), ask)
        except NothingToCutError:
            continue
        tried += agrees_with_all_sets(found, size)
    assert tried >= 4 or not solved(tables).capacity


def burdened(tables: Tables, seed: int) -> Case:
    draw = np.random.default_rng([5, seed])
    scenario = some_scenario(tables, seed, count=6)
    measures = tuple(
        m.model_copy(update={"burden_usd_m_per_year": float(draw.integers(0, 6))})
        for m in scenario.measures
    )
    return Case(tables, (scenario.model_copy(update={"measures": measures}),))


@pytest.mark.parametrize("seed", range(10))
def test_burdens_are_costs(seed: int) -> None:
    found = cutset(burdened(network(seed), seed), Ask(Over.MEASURE, burden=7.0, size=6))
    base = found.baseline.capacity or 0.0
    sets = all_sets(found, 6)
    costs = [c.measure.burden_usd_m_per_year or 0.0 for c in found.cuts if c.measure]

    def least(budget: float) -> float:
        within = [v for each, v in sets.items() if sum(costs[n] for n in each) <= budget]
        return min(within)

    for step in found.steps:
        assert step.status is Status.PROVEN
        assert abs(step.best.value - least(step.budget)) <= SAME * base
        assert step.best.cost <= step.budget
    # nothing between two steps does better than the cheaper one
    for one, other in zip(found.steps, found.steps[1:], strict=False):
        assert abs(least(other.best.cost - 1e-6) - one.best.value) <= SAME * base
    assert found.steps[-1].budget == 7
    assert sum(c for c in costs) >= found.steps[-1].best.cost


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("over", [Over.SUPPLY, Over.MEASURE])
def test_the_cheapest_set_below_a_capacity_is_the_cheapest(seed: int, over: Over) -> None:
    tables = network(seed)
    setting = burdened(tables, seed) if over is Over.MEASURE else Case(tables)
    burden = 100.0 if over is Over.MEASURE else None
    base = cutset(setting, Ask(over, size=1)).baseline.capacity or 0.0
    ask = Ask(over, size=2, below=0.7 * base, burden=burden)
    found = cutset(setting, ask)
    sets = all_sets(found, 2)
    costs = [
        1.0 if burden is None or c.measure is None else c.measure.burden_usd_m_per_year or 0.0
        for c in found.cuts
    ]
    there = {
        each: sum(costs[n] for n in each)
        for each, value in sets.items()
        if value < (0.7 - 1e-6) * base
    }
    assert found.status is Status.PROVEN
    if not there:
        assert found.answer is None
        return
    assert found.answer is not None
    assert found.answer.best.cost == pytest.approx(min(there.values()))
    assert found.answer.bound == pytest.approx(min(there.values()))
    cheapest = {
        frozenset(found.cuts[n].id for n in each)
        for each, cost in there.items()
        if cost <= min(there.values()) + 1e-9
    }
    assert names(found) <= cheapest
    # cuts that cost nothing may be idle beside others
    assert all(any(mine <= one for mine in names(found)) for one in cheapest)


# --- an integer programme


def interdicted(lanes: tuple[tuple[str, str, float], ...], size: int) -> float:
    r"""Return the least flow from start to end that any so many cuts leave, by a MILP.

    The flow that is left under cuts z is, by duality, the least of ``Σ u_e b_e`` over potentials
    with ``p_end - p_start ≥ 1`` and ``b_e ≥ p_j - p_i`` on lanes e = (i, j) that are not cut. The
    matrix of these rows is totally unimodular, so some optimum has all p and b in {0, 1}: with p
    from 0 to 1, a lane that is cut has ``p_j - p_i ≤ 1``. So the bound M = 1 in
    ``b_e ≥ p_j - p_i - M z_e`` cuts nothing off, and the MILP is exact.
    """
    problem = pulp.LpProblem("cut", pulp.LpMinimize)
    places = sorted({place for start, end, _ in lanes for place in (start, end)})
    names = {place: f"a{n}" for n, place in enumerate(places)}
    potential = {p: problem.add_variable(name, 0, 1) for p, name in names.items()}
    crossing = [problem.add_variable(f"b{n}", 0, 1) for n in range(len(lanes))]
    cut = [problem.add_variable(f"z{n}", cat=pulp.LpBinary) for n in range(len(lanes))]
    problem += pulp.lpSum(u * b for (_, _, u), b in zip(lanes, crossing, strict=True))
    problem += potential[END] - potential[START] >= 1
    problem += pulp.lpSum(cut) <= size
    for (i, j, _), b, z in zip(lanes, crossing, cut, strict=True):
        problem += b >= potential[j] - potential[i] - z
    problem.solve(pulp.HiGHS(msg=False))
    return float(pulp.value(problem.objective))


def some_lanes(seed: int) -> tuple[tuple[str, str, float], ...]:
    draw = np.random.default_rng([6, seed])
    places = [START, "P0", "P1", "P2", "P3", END]
    pairs = [(a, b) for n, a in enumerate(places) for b in places[n + 1 :]]
    picked = [pairs[n] for n in draw.permutation(len(pairs))[:11]]
    used = {(START, "P0"), ("P0", END), *picked}
    return tuple((a, b, float(draw.integers(1, 30))) for a, b in sorted(used))


@pytest.mark.parametrize("seed", range(15))
def test_an_integer_programme_finds_the_same(seed: int) -> None:
    lanes = some_lanes(seed)
    for size in (1, 2, 3):
        found = cutset(Case(flow_network(*lanes)), Ask(Over.LANE, size=size))
        assert left(found) == pytest.approx(interdicted(lanes, size), abs=1e-6)


# --- known answers


def test_the_best_cuts_of_the_six_arcs_are_the_known_ones() -> None:
    found = cutset(Case(flow_network(*SIX_ARCS)), Ask(Over.LANE, size=2))
    assert found.baseline.capacity == pytest.approx(80)
    one, two = found.steps
    assert one.best.value == pytest.approx(10)
    assert one.best.cut == ("lane:start-c",)
    assert one.in_every == ("lane:start-c",)
    assert two.best.value == pytest.approx(0)
    assert two.complete
    assert {frozenset(each.cut) for each in two.optima} == {
        frozenset({"lane:start-b", "lane:start-c"}),
        frozenset({"lane:start-c", "lane:b-end"}),
        frozenset({"lane:b-end", "lane:c-d"}),
        frozenset({"lane:b-end", "lane:d-end"}),
    }
    assert two.in_every == ()


def triangle() -> Tables:
    """Return three goods that go straight, or round over another corner, on shared lanes of 1."""
    ways = [lane(a, b, 1) for a, b in (("X", "Y"), ("Y", "X"), ("Z", "X"), ("Z", "Y"))]
    ways += [lane("X", END, 1), lane("Y", END, 1)]
    return dataset(
        system("one", 1), system("two", 1), system("three", 1),
        need("one", "a"), need("two", "b"), need("three", "c"),
        supply("a", "a", "X"), supply("b", "b", "Y"), supply("c", "c", "Z"),
        *ways,
    )  # fmt: skip


def test_several_goods_on_shared_lanes_are_cut_as_the_programme_says() -> None:
    found = cutset(Case(triangle()), Ask(Over.LANE, size=2))
    assert found.baseline.capacity == pytest.approx(2)
    assert agrees_with_all_sets(found, 2)
    assert left(found) == pytest.approx(0)
    assert names(found) == {frozenset({"lane:x-end", "lane:y-end"})}


def test_of_several_goods_less_can_flow_than_the_least_cut_has() -> None:
    # three goods go round one-way lanes of 1, two lanes each: 1.5 flow, and any set of whole lanes
    # that stops all has 2
    tables = networks_by_hand.triangle()
    found = cutset(Case(tables), Ask(Over.LANE, size=3, below=1e-3))
    assert found.baseline.capacity == pytest.approx(1.5)
    assert found.answer is not None
    assert (found.status, found.answer.bound, found.answer.complete) == (Status.PROVEN, 2, True)
    rounds = {"lane:a-b", "lane:b-c", "lane:c-a"}
    assert {frozenset(pair) for pair in combinations(rounds, 2)} <= names(found)
    ends = cutset(Case(tables), Ask(Over.LANE, size=2))
    assert agrees_with_all_sets(ends, 2)


def test_partial_cuts_that_bite_only_together_are_found() -> None:
    # each halving leaves 60 of 120, which is all that is needed; two of them leave 30
    rows = (
        system("unit", 60),
        need("unit", "part"),
        supply("source", "part", START),
        lane(START, END, 120),
    )
    where = {"table": "lanes", "lane": "start-end"}
    measures = tuple(
        Measure.model_validate({"id": f"m{n}", "where": where, "cut": 0.5}) for n in range(3)
    )
    setting = Case(dataset(*rows), (Scenario(id="halvings", measures=measures),))
    found = cutset(setting, Ask(Over.MEASURE, size=2))
    one, two = found.steps
    assert one.best.cut == ()
    assert one.best.surviving == pytest.approx(1)
    assert two.best.value == pytest.approx(30)
    assert len(two.optima) == 3
    assert found.greedy == ()


def trap() -> Tables:
    """Return a system that one supply feeds, and a larger one that either of two can feed alone."""
    return dataset(
        system("solo", 60), system("duo", 100),
        need("solo", "s"), need("duo", "d"),
        supply("s", "s", START), supply("d1", "d", "WEST", 100), supply("d2", "d", "EAST", 100),
        lane(START, END), lane("WEST", END, 100), lane("EAST", END, 100),
    )  # fmt: skip


def test_the_best_single_is_not_in_the_best_pair_and_greed_fails() -> None:
    found = cutset(Case(trap()), Ask(Over.SUPPLY, size=2))
    one, two = found.steps
    assert one.best.cut == ("supply:s",)
    assert set(two.best.cut) == {"supply:d1", "supply:d2"}
    assert two.best.surviving == pytest.approx(60 / 160)
    # greed took the worst single, and then nothing costs anything
    assert found.greedy[-1].surviving == pytest.approx(100 / 160)
    assert found.greedy[-1].value - two.best.value >= 0.05 * 160


def test_what_stays_fragile_is_in_every_optimum() -> None:
    found = cutset(TUTORIAL, Ask(Over.LANE, size=2))
    assert found.table["surviving"].tolist() == pytest.approx([0.5, 0.0])
    assert found.table["in_every_optimum"].tolist() == [(), ("lane:beta-isle",)]


def test_sets_that_come_close_are_told() -> None:
    found = cutset(TUTORIAL, Ask(Over.ELEMENT, size=1, within=1.0))
    assert found.answer is not None
    ranked = [*found.answer.optima, *found.answer.others]
    values = [each.value for each in ranked]
    assert values == sorted(values)
    costly = [n for n in range(len(found.cuts)) if capacity(found, (n,)) < 0.9 - 1e-6]
    assert {each.cut for each in ranked if each.cut} == {(found.cuts[n].id,) for n in costly}


def test_of_two_measures_of_which_one_gives_way_a_set_has_one() -> None:
    where = {"table": "supplies", "supply": "crew-school"}
    old = Measure.model_validate({"id": "old", "where": where, "cut": 0.9})
    new = Measure.model_validate({"id": "new", "where": where, "cut": 0.5, "supersedes": "old"})
    setting = Case(TUTORIAL.tables, (Scenario(id="both", measures=(old, new)),))
    found = cutset(setting, Ask(Over.MEASURE, size=2))
    assert names(found) == {frozenset({"measure:old"})}
    assert agrees_with_all_sets(found, 2)


# --- limits


def test_a_time_limit_keeps_the_best_and_its_bound() -> None:
    setting, over = Case(network(3)), Over.SUPPLY
    hasty = cutset(setting, Ask(over, size=3, share=0.5, seconds=0.0))
    whole = cutset(setting, Ask(over, size=3, share=0.5))
    timely = cutset(setting, Ask(over, size=3, share=0.5, seconds=600.0))
    assert hasty.answer is not None
    assert hasty.status is Status.BOUND
    assert hasty.answer.in_every == ()
    assert not hasty.answer.complete
    assert hasty.answer.bound <= left(whole) <= hasty.answer.best.value
    assert left(timely) == pytest.approx(left(whole), rel=1e-6)
    assert [step.budget for step in timely.steps] == [1, 2, 3]


def test_without_time_the_cheapest_set_has_a_bound_too() -> None:
    found = cutset(Case(network(3)), Ask(Over.ELEMENT, below=1.0, seconds=0.0))
    assert found.status is Status.BOUND
    assert found.answer is None or found.answer.bound <= found.answer.best.cost


def test_what_cannot_be_certified_is_not_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    proof = Spoilers.proof

    def failing(self: Spoilers, chosen: Members) -> object:
        if chosen.bit_count() == 2:
            self.uncertified += 1
            raise UncertifiedError
        return proof(self, chosen)

    monkeypatch.setattr(Spoilers, "proof", failing)
    found = cutset(TUTORIAL, Ask(Over.LANE, size=2))
    assert found.steps[-1].status is Status.BOUND
    assert not found.certified
    assert found.answer is not None
    assert found.answer.bound == 0


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({}, "how many cuts"),
        ({"size": 0}, "at least one"),
        ({"size": 1, "share": 0.0}, "above 0"),
        ({"size": 1, "within": 2.0}, "from 0 to 1"),
        ({"burden": 1.0}, "only measures"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked: dict[str, float], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Ask(Over.ELEMENT, **asked)  # type: ignore[arg-type]  # by name


def test_a_capacity_above_the_baselines_is_refused() -> None:
    with pytest.raises(UnfitBelowError, match=r"baseline, 0\.9"):
        cutset(TUTORIAL, Ask(Over.ELEMENT, below=0.95))


def test_measures_without_a_burden_are_skipped() -> None:
    with pytest.raises(NothingToCutError, match="skipped"):
        cutset(TUTORIAL, Ask(Over.MEASURE, burden=10.0))


# --- sets and rows


def cutset_oracle() -> Spoilers:
    """Return what knows of sets; the test below asks it nothing."""
    model = built(TUTORIAL.tables)
    return Spoilers(Several(model, (), 1), 1.0)


def test_bars_that_share_no_cut_say_what_is_needed_at_least() -> None:
    search = Search([1.0, 2.0, 4.0], [0, 0, 0], cutset_oracle())
    search.rows += [Row(0b001, 10.0), Row(0b110, 20.0), Row(0b011, 20.0), Row(0b100, 50.0)]
    assert search.needed(30.0) == 3
    assert search.needed(60.0) == 5
    assert search.deadline == inf


def test_a_part_of_what_is_unknown_is_skipped() -> None:
    found = cutset(TUTORIAL, Ask(Over.LANE, size=1, share=0.5))
    assert found.skipped == ("lane:beta-isle",)
