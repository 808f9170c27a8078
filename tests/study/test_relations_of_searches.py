"""Relations between the answers of searches through many cuts, whoever works on them.

The numbers in the names of tests are those of the list of relations; that the search for the worst
cuts finds what trying them all finds is in `test_cutset`.
"""

from functools import partial
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import assume, given, settings

from analyzer.network.case import Case
from analyzer.network.groups import Over
from analyzer.study.contingency import Contingency, contingency
from analyzer.study.cuts import Scan
from analyzer.study.cutset import Ask, Cutset, cutset
from analyzer.study.sweep import How, sweep
from benchmarks.networks import network
from supply_data.schema import Tables
from tests.changes import renamed
from tests.effort import SEEDS, tries
from tests.solved import capacity

pytestmark = pytest.mark.soak
FEW = settings(max_examples=tries(30, 300))
SAME = 1e-8
"""How far two optima may differ, as a share of the baseline's capacity."""
CERTIFIED = 1e-6
"""How far two proved numbers may."""


def scanned(tables: Tables, *, how: How | None = None, order: int = 1) -> Contingency:
    scan = Scan(Over.ELEMENT, order=order, top=0)
    return contingency(Case(tables), scan, done=partial(sweep, how=how or How()))


@FEW
@given(seed=SEEDS)
def test_relation_9_the_number_of_workers_and_the_size_of_chunks_change_no_number(
    seed: int,
) -> None:
    tables = network(seed)
    one = scanned(tables, how=How(chunk=5))
    two = scanned(tables, how=How(chunk=5, jobs=2))
    pd.testing.assert_frame_equal(two.table, one.table)
    # what proves a number depends on what was solved before it in its chunk
    whole = scanned(tables, how=How(chunk=1 + seed % 100))
    base = one.baseline.capacity or 0.0
    assert losses(whole) == pytest.approx(losses(one), abs=CERTIFIED * base)


@FEW
@given(seed=SEEDS)
def test_relations_70_and_72_more_cuts_leave_no_more_and_greed_finds_no_better(seed: int) -> None:
    tables = network(seed)
    assume(capacity(tables) > 0)
    found = [worst(tables, size) for size in range(1, 4)]
    for fewer, more in pairwise(found):
        assert left(more) <= left(fewer) + SAME * (fewer.baseline.capacity or 0.0)
    for one in found:
        same = SAME * (one.baseline.capacity or 0.0)
        assert all(left(one) <= greedy.value + same for greedy in one.greedy)


def worst(tables: Tables, size: int) -> Cutset:
    return cutset(Case(tables), Ask(Over.SUPPLY, size=size))


def left(found: Cutset) -> float:
    assert found.answer is not None
    return found.answer.best.value


@FEW
@given(seed=SEEDS)
def test_relation_73_names_rank_nothing_and_ties_stand_in_the_order_of_the_tables(
    seed: int,
) -> None:
    tables = network(seed)
    one, other = scanned(tables), scanned(renamed(tables, backwards))
    here, there = losses(one), losses(other)
    same = CERTIFIED * (one.baseline.capacity or 0.0)
    assert there == pytest.approx({turned(name): n for name, n in here.items()}, abs=same)
    for found in (one, other):
        order = {cut.id: n for n, cut in enumerate(found.cuts)}
        for (first, more), (second, less) in pairwise(losses(found).items()):
            assert more > less or (more == less and order[first] < order[second])


def losses(found: Contingency) -> dict[str, float]:
    """Return losses by what is cut, in the order of the table."""
    return {cut[0]: loss for cut, loss in zip(found.table["cut"], found.table["loss"], strict=True)}


def backwards(key: str) -> str:
    return key[::-1]


def turned(element: str) -> str:
    """Return an element's id after its names are spelt backwards."""
    kind, _, keys = element.partition(":")
    return f"{kind}:{'/'.join(backwards(key) for key in keys.split('/'))}"
