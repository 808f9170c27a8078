"""Where things stand on the page: columns in the order of the flow, few crossings, no physics.

Convention: x is in units of the drawing, which is `WIDTH` wide. What stands in a column keeps its
order; the browser stretches the width to the window and spreads a column over the height.
"""

from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

WIDTH = 1000.0
_SWEEPS = 24
_SHARES = {"origin": 0.12, "hub": 0.135, "component": 0.205, "product": 0.15, "system": 0.15}

Columns = tuple[tuple[str, ...], ...]


class Link(NamedTuple):
    """A connection between two nodes, with its pull on the order."""

    start: str
    end: str
    weight: float = 1.0


class Span(NamedTuple):
    """Where the boxes of a column stand: their centre and their width."""

    x: float
    width: float


def ordered_columns(columns: Sequence[Sequence[str]], links: Sequence[Link]) -> Columns:
    """Return the columns with their nodes in an order that has few crossings.

    Barycentre sweeps (Sugiyama, Tagawa and Toda 1981): each column in turn is sorted by the
    weighted mean position of its nodes' neighbours, forwards and backwards; the best order seen
    is kept. The result depends on the order given only where positions tie.

    Parameters
    ----------
    columns : sequence of sequences of str
        Nodes by column, in the order of the flow.
    links : sequence of Link
        Connections between nodes of different columns; others are ignored.

    Returns
    -------
    tuple of tuples of str
        The same nodes.

    Examples
    --------
    >>> ordered_columns([["a", "b"], ["x", "y"]], [Link("a", "y"), Link("b", "x")])
    (('a', 'b'), ('y', 'x'))
    """
    best = tuple(tuple(column) for column in columns)
    fewest = crossings(best, links)
    neighbours = _neighbours(best, links)
    order = best
    for sweep in range(_SWEEPS):
        order = _swept(order, neighbours, forwards=sweep % 2 == 0)
        crossed = crossings(order, links)
        if crossed < fewest:
            best, fewest = order, crossed
    return best


def crossings(columns: Columns, links: Sequence[Link]) -> int:
    """Return the number of crossings between links that join the same two columns.

    Examples
    --------
    >>> crossings((("a", "b"), ("x", "y")), [Link("a", "y"), Link("b", "x")])
    1
    """
    at = {node: (place, row) for place, rows in enumerate(columns) for row, node in enumerate(rows)}
    between: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for start, end, _ in links:
        (left, upper), (right, lower) = at[start], at[end]
        if left != right:
            between.setdefault((left, right), []).append((upper, lower))
    return sum(_inversions(sorted(pairs)) for pairs in between.values())


def spans(columns: Columns) -> tuple[Span, ...]:
    """Return where the boxes of each column stand: side by side, with equal gaps between them.

    Parameters
    ----------
    columns : tuple of tuples of str
        Ids in the form ``kind:key``; the first of a column decides how wide its boxes are.

    Examples
    --------
    >>> spans((("origin:a",), ("system:b",)))
    (Span(x=60.0, width=120.0), Span(x=925.0, width=150.0))
    """
    widths = [_box_width(column) for column in columns]
    return tuple(Span(*span) for span in zip(_centres(widths), widths, strict=True))


def _box_width(column: Sequence[str]) -> float:
    return WIDTH * _SHARES[column[0].partition(":")[0]]


def _centres(widths: Sequence[float]) -> Iterator[float]:
    """Yield the centres of boxes that fill the width with equal gaps between them."""
    if len(widths) == 1:
        yield WIDTH / 2
        return
    gap = (WIDTH - sum(widths)) / max(1, len(widths) - 1)
    left = 0.0
    for width in widths:
        yield left + width / 2
        left += width + gap


def _neighbours(columns: Columns, links: Sequence[Link]) -> dict[str, list[tuple[str, float]]]:
    column_of = {node: place for place, rows in enumerate(columns) for node in rows}
    found: dict[str, list[tuple[str, float]]] = {node: [] for node in column_of}
    for start, end, weight in links:
        if column_of[start] != column_of[end]:
            found[start].append((end, weight))
            found[end].append((start, weight))
    return found


def _swept(
    columns: Columns, neighbours: Mapping[str, list[tuple[str, float]]], *, forwards: bool
) -> Columns:
    """Return the columns after one sweep from a fixed first (or last) column."""
    order = list(columns)
    places = range(1, len(order)) if forwards else range(len(order) - 2, -1, -1)
    height = _heights(columns)
    for place in places:
        fixed = {
            node: _barycentre(neighbours[node], height, default=height[node])
            for node in order[place]
        }
        order[place] = tuple(sorted(order[place], key=fixed.__getitem__))
        height.update(_heights((order[place],)))
    return tuple(order)


def _heights(columns: Columns) -> dict[str, float]:
    return {
        node: (row + 0.5) / len(column) for column in columns for row, node in enumerate(column)
    }


def _barycentre(
    around: Sequence[tuple[str, float]], height: Mapping[str, float], *, default: float
) -> float:
    total = sum(weight for _, weight in around)
    return sum(weight * height[node] for node, weight in around) / total if total else default


def _inversions(pairs: Sequence[tuple[int, int]]) -> int:
    """Return how many pairs cross, given sorted by their upper end."""
    seen: list[int] = []
    crossed = 0
    for _, lower in pairs:
        crossed += len(seen) - bisect_right(seen, lower)
        insort(seen, lower)
    return crossed
