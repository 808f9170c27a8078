"""Ceilings, reliefs and shares of the three pillars: games with known values, and networks."""

from collections.abc import Callable
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings

from analyzer.network.case import Case, case
from analyzer.network.effect import Effect
from analyzer.programme.flow import Options
from analyzer.study.compare import compare
from analyzer.study.outcome import Outcome
from analyzer.study.pillars import Standing, binds, standings
from analyzer.study.solve import bench
from benchmarks.networks import network
from scenarios.schema import Measure, Scenario
from supply_data.schema import Pillar, Tables, Weighting
from tests.effort import SEEDS, tries
from tests.networks_by_hand import END, START, dataset, lane, need, part, supply, system
from tests.random_effects import both, some_effect, some_limits
from tests.solved import cut

FEW = settings(max_examples=tries(30, 300))
HARDWARE, TRAINING, PARTNERSHIP = Pillar.HARDWARE, Pillar.TRAINING, Pillar.PARTNERSHIP
Players = frozenset[Pillar]
Game = Callable[[Players], float]
"""What a set of pillars takes from a capacity of 1 when only their cuts apply."""


def three() -> Tables:
    """Return one supply of each pillar, each for a system of its own, all of equal weight."""
    return dataset(
        *(system(f"of {pillar}", 100) for pillar in Pillar),
        *(part(pillar.value, pillar=pillar) for pillar in Pillar),
        *(need(f"of {pillar}", pillar.value) for pillar in Pillar),
        *(supply(pillar.value, pillar.value, END, 100) for pillar in Pillar),
    )


def played(game: Game, *, players: Players = frozenset(Pillar)) -> dict[Pillar, Standing]:
    """Return how the pillars stand in a game without any network."""

    def capacity(effect: Effect) -> float:
        cuts = frozenset(Pillar(e.removeprefix("supply:")) for e in effect.availability)
        return 1 - game(cuts)

    effect = cut(dict.fromkeys((f"supply:{player}" for player in players), 1.0))
    found = standings(three(), effect, under=Effect(), capacity=capacity)
    assert found is not None
    return found


def shares(found: dict[Pillar, Standing]) -> dict[Pillar, float]:
    return {pillar: one.loss_share for pillar, one in found.items()}


# --- games


def test_the_owner_of_the_only_left_glove_has_two_thirds() -> None:
    def pair(owners: Players) -> float:
        return float(HARDWARE in owners and len(owners) > 1)

    expected = {HARDWARE: 2 / 3, TRAINING: 1 / 6, PARTNERSHIP: 1 / 6}
    assert shares(played(pair)) == pytest.approx(expected)


def test_a_majority_of_three_has_equal_shares() -> None:
    found = played(lambda players: float(len(players) > 1))
    assert shares(found) == pytest.approx(dict.fromkeys(Pillar, 1 / 3))


def test_what_adds_up_is_shared_as_it_adds_up() -> None:
    losses = {HARDWARE: 0.1, TRAINING: 0.2, PARTNERSHIP: 0.4}
    found = played(lambda players: sum(losses[player] for player in players))
    assert shares(found) == pytest.approx(losses)


@given(seed=SEEDS)
def test_shares_are_the_mean_over_all_orders_of_arrival(seed: int) -> None:
    draw = np.random.default_rng(seed)
    subsets = [frozenset(s) for size in (1, 2, 3) for s in combinations(Pillar, size)]
    losses = {frozenset[Pillar](): 0.0, **{s: float(draw.uniform()) for s in subsets}}
    orders = list(permutations(Pillar))
    expected = {
        pillar: sum(
            losses[frozenset(order[: order.index(pillar) + 1])]
            - losses[frozenset(order[: order.index(pillar)])]
            for order in orders
        )
        / len(orders)
        for pillar in Pillar
    }
    found = played(losses.__getitem__)
    assert shares(found) == pytest.approx(expected)
    for pillar in Pillar:
        assert found[pillar].ceiling == pytest.approx(1 - losses[frozenset({pillar})])
        assert found[pillar].relief == pytest.approx(1 - losses[frozenset(Pillar) - {pillar}])


def test_pillar_that_is_not_touched_has_no_share_and_full_ceiling() -> None:
    found = played(lambda players: 0.3 * len(players), players=frozenset({HARDWARE, TRAINING}))
    untouched = found[PARTNERSHIP]
    assert (untouched.ceiling, untouched.loss_share) == (1, 0)
    assert untouched.relief == pytest.approx(0.4)


def test_one_capacity_that_is_not_certified_leaves_all_unsaid() -> None:
    under = cut({"supply:hardware": 1.0})
    assert standings(three(), under, under=Effect(), capacity=lambda _: None) is None


# --- the tutorial


@pytest.fixture(scope="module")
def island() -> dict[str, Outcome]:
    return compare(case("tutorial")).outcomes


@pytest.mark.parametrize(
    ("name", "ceilings", "reliefs", "parts", "binding"),
    [
        ("hub-closed", (0.9, 0.9, 0.45), (0.45, 0.45, 0.9), (0, 0, 0.5), "partnership"),
        ("brand-control", (0.5, 0.9, 0.9), (0.9, 0.5, 0.5), (4 / 9, 0, 0), "hardware"),
        ("origin-control", (0.67, 0.9, 0.9), (0.9, 0.67, 0.67), (0.23 / 0.9, 0, 0), "hardware"),
        ("school-halved", (0.9, 0.65, 0.9), (0.65, 0.9, 0.65), (0, 0.25 / 0.9, 0), "training"),
        (
            "hub-and-school",
            (0.9, 0.65, 0.45),
            (1.3 / 3, 0.45, 0.65),
            (0, 0.4 / 3 / 0.9, 1 / 3 / 0.9),
            "partnership",
        ),
    ],
)
def test_pillars_of_the_tutorial_stand_as_worked_out(
    island: dict[str, Outcome],
    name: str,
    ceilings: tuple[float, ...],
    reliefs: tuple[float, ...],
    parts: tuple[float, ...],
    binding: str,
) -> None:
    found = island[name].standings
    assert found is not None
    order = (HARDWARE, TRAINING, PARTNERSHIP)
    assert [found[p].ceiling for p in order] == pytest.approx(ceilings)
    assert [found[p].relief for p in order] == pytest.approx(reliefs)
    assert [found[p].loss_share for p in order] == pytest.approx(parts, abs=1e-9)
    assert island[name].binds == binding


# --- what binds


def outcome_of(tables: Tables, *selectors: dict[str, object], cut_by: float = 0.5) -> Outcome:
    measures = tuple(
        Measure.model_validate({"id": f"m{n}", "where": where, "cut": cut_by})
        for n, where in enumerate(selectors)
    )
    scenario = Scenario(id="tried", measures=measures)
    return compare(Case(tables, scenarios=(scenario,))).outcomes["tried"]


def supply_of(pillar: Pillar) -> dict[str, object]:
    return {"table": "supplies", "supply": pillar.value}


def in_series(weighting: Weighting, target: float) -> Tables:
    """Return a part that is made and then sent: the supply is hardware, the lane partnership."""
    return dataset(
        system("unit", target),
        need("unit", "part"),
        supply("source", "part", START, target),
        lane(START, END, target),
        weighting=weighting,
    )


@pytest.mark.parametrize("target", [100, 1e6])
@pytest.mark.parametrize("weighting", [Weighting.TARGET, Weighting.UNITS])
def test_two_equal_cuts_in_series_bind_jointly_whatever_the_units(
    weighting: Weighting, target: float
) -> None:
    found = outcome_of(
        in_series(weighting, target),
        {"table": "supplies", "supply": "source"},
        {"table": "lanes", "lane": "start-end"},
    )
    assert found.binds == "joint"


@pytest.mark.parametrize("weighting", [Weighting.TARGET, Weighting.UNITS])
def test_nothing_binds_where_nothing_is_lost(weighting: Weighting) -> None:
    found = outcome_of(
        in_series(weighting, 100), {"table": "supplies", "supply": "source"}, cut_by=0
    )
    assert found.binds is None


def test_three_pillars_whose_relief_is_the_same_each_bind() -> None:
    found = outcome_of(three(), *(supply_of(pillar) for pillar in Pillar))
    assert found.standings is not None
    assert [one.relief for one in found.standings.values()] == pytest.approx([200] * 3)
    assert found.capacity == pytest.approx(150)
    assert found.binds in set(Pillar)


def test_pillar_with_the_largest_relief_binds() -> None:
    found = played(lambda players: 0.1 * len(players) + 0.2 * (TRAINING in players))
    assert binds(found, base=1.0, capacity=0.5, same=lambda a, b: abs(a - b) < 1e-9) == "training"


# --- random networks


@pytest.mark.soak
@FEW
@given(seed=SEEDS)
def test_relation_69_shares_sum_to_the_loss_and_ceilings_are_no_lower(seed: int) -> None:
    tables = network(seed)
    effect = both(some_effect(tables, seed), some_limits(tables, seed + 1, share=0.2))
    table = bench(Case(tables), (effect,), options=Options())
    base, under = table.capacity(Effect()), table.capacity(effect)
    found = standings(tables, effect, under=Effect(), capacity=table.capacity)
    assert base is not None
    assert under is not None
    assert found is not None
    slack = 1e-7 * table.model.sets.scale.worth
    assert base * sum(shares(found).values()) == pytest.approx(base - under, abs=slack)
    for one in found.values():
        assert under - slack <= min(one.ceiling, one.relief)
        assert max(one.ceiling, one.relief) <= base + slack
    told = binds(found, base=base, capacity=under, same=table.same)
    assert (told is None) == table.same(base, under)


def test_no_pillar_binds_where_nothing_is_lost() -> None:
    stands = {pillar: Standing(ceiling=50.0, relief=50.0, loss_share=0.0) for pillar in Pillar}

    def same(one: float, other: float) -> bool:
        return abs(one - other) < 1e-6

    assert binds(stands, base=50.0, capacity=100.0, same=same) is None
    assert binds(stands, base=50.0, capacity=50.0, same=same) is None
    assert binds(stands, base=100.0, capacity=50.0, same=same) == "joint"
