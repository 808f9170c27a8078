"""Exact answers found in other ways: in fractions from the tables, and by greatest flow."""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings

from analyzer.network.effect import Effect, Timing
from analyzer.programme.flow import Options
from analyzer.programme.solution import solution
from benchmarks.networks import TINY, Size, network
from supply_data.schema import Row, System, Tables
from tests import exact, plain
from tests.changes import each, with_rows
from tests.effort import SEEDS, tries
from tests.networks_by_hand import END, START, flow_network, supply
from tests.random_effects import over, some_effect, some_limits
from tests.solved import built, capacity

pytestmark = pytest.mark.soak
SAME = 1e-9
"""How far an optimum may be from the exact one, as a share of all targets."""
MINUTE = Size(
    origins=2, hubs=1, components=3, subassemblies=1, systems=2, lanes=5, categories=2, slots=2,
    brands=2,
)  # fmt: skip


def some_tables(seed: int, size: Size = MINUTE) -> Tables:
    """Return a random network, every other one with least shares and a system bought complete."""
    tables = network(seed, size)
    if seed % 2:
        return tables
    draw = np.random.default_rng([6, seed])
    shares = {name: round(float(draw.uniform(0, 0.3)), 2) for name in tables.systems}

    def change(row: Row) -> Iterator[Row]:
        if isinstance(row, System):
            yield row.model_copy(update={"min_share": shares[row.system]})
        else:
            yield row

    target = tables.systems["s0"].target_per_month
    return with_rows(each(tables, change), supply("whole", "s0", "O0", round(target / 3)))


def agrees(tables: Tables, effect: Effect, *, months: int | None = None) -> None:
    """Hold an optimum and its safe bound against the exact ones."""
    options = Options(timing=Timing(months=months))
    found = solution(built(tables, (effect,), options=options), effect)
    assert found.certified
    known = float(plain.shortfall(tables, effect, months=months))
    whole = found.programme.constant
    assert found.certificate.value / whole == pytest.approx(known, abs=SAME)
    assert found.certificate.bound / whole <= known + SAME


@settings(max_examples=tries(200, 2_000))
@given(seed=SEEDS)
def test_the_optimum_is_the_exact_one(seed: int) -> None:
    tables = some_tables(seed)
    agrees(tables, some_effect(tables, seed))


@settings(max_examples=tries(30, 300))
@given(seed=SEEDS)
def test_the_optimum_of_a_larger_network_is_the_exact_one(seed: int) -> None:
    tables = some_tables(seed, TINY)
    agrees(tables, some_effect(tables, seed))


@settings(max_examples=tries(50, 500))
@given(seed=SEEDS)
def test_the_optimum_over_months_is_the_exact_one(seed: int) -> None:
    tables = some_tables(seed)
    agrees(tables, over(some_effect(tables, seed), 3, seed), months=3)


@settings(max_examples=tries(200, 2_000))
@given(seed=SEEDS)
def test_of_one_good_the_greatest_flow_arrives(seed: int) -> None:
    draw = np.random.default_rng([8, seed])
    places = (START, "A", "B", "C", "D", END)
    lanes = [
        (one, other, int(draw.integers(0, 40)))
        for one in places[:-1]
        for other in places[1:]
        if one != other and draw.random() < 0.5
    ]
    tables = flow_network(*((one, other, float(most)) for one, other, most in lanes), target=60)
    drawn = some_limits(tables, seed).availability
    left = {element: np.round(shares, 3) for element, shares in drawn.items()}
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from((START, END))
    for one, other, most in lanes:
        share = float(left.get(f"lane:{one}-{other}".lower(), np.ones(1))[0])
        graph.add_edge(one, other, capacity=most * round(1000 * share))  # whole numbers
    closed = float(left.get("supply:source", np.ones(1))[0]) == 0
    flow = 0 if closed else nx.maximum_flow_value(graph, START, END) / 1000
    assert capacity(tables, Effect(availability=left)) == pytest.approx(min(flow, 60), abs=1e-6)


# --- the oracle itself


def test_exact_answers_are_fractions() -> None:
    third = exact.Programme(worth={"x": Fraction(1), "y": Fraction(1)})
    third.limit("first", {"x": Fraction(3), "y": Fraction(1)}, Fraction(1))
    third.limit("second", {"x": Fraction(1), "y": Fraction(3)}, Fraction(2))
    assert exact.optimum(third) == Fraction(3, 4)


@pytest.mark.parametrize(
    ("plan", "prices"),
    [
        ({"x": Fraction(1)}, {"row": Fraction(1, 2)}),  # plan worth less than the bound
        ({"x": Fraction(3)}, {"row": Fraction(1)}),  # plan beyond the limit
        ({"x": Fraction(2)}, {"row": Fraction(1, 2)}),  # prices below the worth
        ({"x": Fraction(-1)}, {"row": Fraction(1)}),  # less than nothing
    ],
)
def test_a_wrong_pair_proves_nothing(plan: exact.Terms, prices: exact.Terms) -> None:
    small = exact.Programme(worth={"x": Fraction(1)})
    small.limit("row", {"x": Fraction(1)}, Fraction(2))
    assert exact.proved(small, exact.pair(small)) == 2
    with pytest.raises(AssertionError):
        exact.proved(small, exact.Pair(plan, prices))


def test_the_oracle_knows_a_budget_a_mix_a_stock_and_a_delay() -> None:
    """Each is in some of the networks tried, and decides there."""
    seen: Counter[str] = Counter()
    for seed in range(60):
        found = exact.pair(plain.Plain(some_tables(seed), Effect(), 2).programme)
        seen.update({name[0] for name, price in found.prices.items() if price})
        seen.update({column[0] for column, value in found.plan.items() if value})
    deciding = "budget", "mix", "most", "held", "limit", "balance", "slot back", "sent", "make"
    assert {family: seen[family] for family in deciding if seen[family] < 3} == {}
