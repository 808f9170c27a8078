import random
from itertools import pairwise

import pytest

from analyzer.report.layout import (
    ROW,
    WIDTH,
    Columns,
    Link,
    crossings,
    drawing_height,
    ordered_columns,
    positions,
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


def test_boxes_stay_inside_and_never_overlap() -> None:
    columns: Columns = (
        tuple(f"origin:{i}" for i in range(3)),
        tuple(f"component:{i}" for i in range(40)),
        ("system:a",),
    )
    at = positions(columns)
    assert drawing_height(columns) == 40 * ROW
    for column in columns:
        heights = [at[node].y for node in column]
        assert all(later - earlier >= ROW for earlier, later in pairwise(heights))
        assert all(0 < y < drawing_height(columns) for y in heights)
    edges = [(at[column[0]].x, at[column[0]].width) for column in columns]
    assert edges[0][0] - edges[0][1] / 2 == pytest.approx(0)
    assert edges[-1][0] + edges[-1][1] / 2 == pytest.approx(WIDTH)
    for (x, width), (next_x, next_width) in pairwise(edges):
        assert x + width / 2 < next_x - next_width / 2


def test_a_single_column_stands_in_the_middle() -> None:
    assert positions((("system:a",),))["system:a"].x == WIDTH / 2


def test_nothing_at_all_has_a_height() -> None:
    assert drawing_height(()) == ROW
