import random
from itertools import pairwise

import pytest

from analyzer.report.layout import (
    WIDTH,
    Columns,
    Link,
    crossings,
    ordered_columns,
    spans,
)


def links_between(left: list[str], right: list[str], *, seed: int) -> list[Link]:
    chance = random.Random(seed)  # noqa: S311 - a drawing, no secret
    return [Link(a, b, chance.random()) for a in left for b in right if chance.random() < 0.3]


def test_a_twisted_ladder_is_untwisted() -> None:
    rungs = [Link(f"origin:{i}", f"hub:{7 - i}") for i in range(8)]
    twisted = [[f"origin:{i}" for i in range(8)], [f"hub:{i}" for i in range(8)]]
    assert crossings(tuple(map(tuple, twisted)), rungs) == 28
    assert crossings(ordered_columns(twisted, rungs), rungs) == 0


@pytest.mark.parametrize("seed", range(10))
def test_sorting_never_adds_crossings_and_keeps_every_node(seed: int) -> None:
    columns = [[f"{kind}:{i}" for i in range(9)] for kind in ("origin", "hub", "component")]
    links = links_between(columns[0], columns[1], seed=seed)
    links += links_between(columns[1], columns[2], seed=seed + 100)
    order = ordered_columns(columns, links)
    assert crossings(order, links) <= crossings(tuple(map(tuple, columns)), links)
    assert [sorted(column) for column in order] == [sorted(column) for column in columns]


def test_links_within_a_column_are_no_crossing() -> None:
    columns: Columns = (("hub:a", "hub:b"), ("component:x",))
    assert crossings(columns, [Link("hub:a", "hub:b"), Link("hub:b", "component:x")]) == 0


def test_links_that_share_an_end_do_not_cross() -> None:
    columns: Columns = (("hub:a",), ("component:x", "component:y"))
    assert crossings(columns, [Link("hub:a", "component:y"), Link("hub:a", "component:x")]) == 0


def test_the_order_is_the_same_every_time() -> None:
    columns = [[f"hub:{i}" for i in range(12)], [f"component:{i}" for i in range(30)]]
    links = links_between(columns[0], columns[1], seed=1)
    assert ordered_columns(columns, links) == ordered_columns(columns, links)


def test_columns_stay_inside_and_never_overlap() -> None:
    columns: Columns = (("origin:a", "origin:b"), ("component:x",), ("system:a",))
    found = spans(columns)
    assert found[0].x - found[0].width / 2 == pytest.approx(0)
    assert found[-1].x + found[-1].width / 2 == pytest.approx(WIDTH)
    for (x, width), (next_x, next_width) in pairwise(found):
        assert x + width / 2 < next_x - next_width / 2


def test_a_single_column_stands_in_the_middle() -> None:
    (alone,) = spans((("system:a",),))
    assert alone.x == WIDTH / 2


def test_nothing_at_all_needs_no_room() -> None:
    assert spans(()) == ()
