"""Flows by good again, from flows in which goods that nothing tells apart were merged.

At each place what leaves, is used or is discarded is mixed as what arrives there: pro rata. For a
class k with inflows ``s[p,g]`` of good g from outside and arrivals ``a[q,p]`` by lanes, the amount
of g that passes p solves ``X[p,g] = s[p,g] + Σ_q (a[q,p] / X[q]) · X[q,g]``, and every flow out of
p is split by ``X[p,g] / X[p]``. The split flows obey the constraints of the unmerged programme.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from analyzer.network.goods import Good, supplied
from analyzer.programme.flow import Column, Instance
from analyzer.programme.merge import GoodClass
from analyzer.programme.months import Opening
from analyzer.programme.solution import NO_FLOW, Solution

Split = Mapping[tuple[str, GoodClass], Mapping[Good, float]]
"""Share of each good in what passes a place, by place and class."""

GoodFlows = Mapping[tuple[str, tuple[str | Good, ...]], float]
"""Quantity per month by variable and index, with goods in the place of classes."""


def by_good(found: Solution) -> GoodFlows:
    """Return the flows of a certified plan of the steady state by good, in natural units.

    Parameters
    ----------
    found : Solution
        A certified solve of the steady state.

    Returns
    -------
    mapping
        From ``(variable, index)`` to units per month, the index as in
        `analyzer.programme.flow.Column` with a good in the place of its class.
    """
    i = replace(found.model.formulation.instance, effect=found.effect)
    split = _split(i, found)
    flows: dict[tuple[str, tuple[str | Good, ...]], float] = defaultdict(float)
    for column, value in zip(i.columns, found.plan, strict=True):
        *outer, last = column.what
        if isinstance(last, str):
            outside = tuple(str(part) for part in column.what)
            flows[column.variable, outside] = value * column.unit
            continue
        for good, share in split.get((_place(i, column), last), {}).items():
            flows[column.variable, (*map(str, outer), good)] += value * column.unit * share
    return dict(flows)


def opening(flows: GoodFlows) -> Opening:
    """Return what the months before the first carry over, from the flows of a steady state."""
    made = {what[0]: value for (variable, what), value in flows.items() if variable == "make"}
    fill: dict[tuple[str, str], float] = defaultdict(float)
    for (variable, what), value in flows.items():
        if variable == "fill" and made[what[0]] > 0:
            fill[str(what[0]), str(what[1])] += value / made[what[0]]
    sent = {
        (str(what[0]), Good(*what[1])): value
        for (variable, what), value in flows.items()
        if variable == "sent"
    }
    return Opening(sent=sent, fill=dict(fill))


def _place(i: Instance, column: Column) -> str:
    """Return the place that a column takes its goods from."""
    first = str(column.what[0])
    if column.variable == "sent":
        return i.sets.tables.lanes[first.partition(":")[2]].from_place
    if column.variable == "fill":
        return i.sets.maker[first].place
    return i.sets.tables.settings.destination


def _split(i: Instance, found: Solution) -> Split:
    entering: dict[GoodClass, dict[tuple[str, Good], float]] = defaultdict(dict)
    moved: dict[GoodClass, dict[tuple[str, str], float]] = defaultdict(lambda: defaultdict(float))
    for column, value in zip(i.columns, found.plan, strict=True):
        if value <= NO_FLOW:
            continue
        if column.variable in {"out", "make"}:
            place, good = _origin(i, column)
            at = entering[i.sets.classes.of[good]]
            at[place, good] = at.get((place, good), 0.0) + value
        elif column.variable == "sent":
            row = i.sets.tables.lanes[str(column.what[0]).partition(":")[2]]
            k = GoodClass(*column.what[1])
            moved[k][row.from_place, row.to_place] += value * i.rate(row.element, k, column.period)
    return {
        (place, k): shares
        for k, sources in entering.items()
        for place, shares in _mixed(sources, moved[k]).items()
    }


def _origin(i: Instance, column: Column) -> tuple[str, Good]:
    element = str(column.what[0])
    if column.variable == "make":
        maker = i.sets.maker[element]
        return maker.place, maker.good
    row = i.sets.tables.supplies[element.partition(":")[2]]
    return row.origin, supplied(row)


def _mixed(
    sources: Mapping[tuple[str, Good], float], moved: Mapping[tuple[str, str], float]
) -> dict[str, dict[Good, float]]:
    """Return the share of each good in what passes each place that anything gets to."""
    reached = _reached({place for place, _ in sources}, moved)
    places = sorted(reached)
    goods = sorted({good for _, good in sources}, key=str)
    row = {place: n for n, place in enumerate(places)}
    entering = np.zeros((len(places), len(goods)))
    for (place, good), value in sources.items():
        entering[row[place], goods.index(good)] += value
    legs = np.zeros((len(places), len(places)))
    for (start, end), value in moved.items():
        if start in reached:
            legs[row[end], row[start]] += value
    passing = entering.sum(axis=1) + legs.sum(axis=1)
    mixing = legs / np.where(passing > 0, passing, 1.0)
    amounts = np.linalg.solve(np.eye(len(places)) - mixing, entering)
    totals = amounts.sum(axis=1)
    return {
        place: dict(zip(goods, amounts[n] / totals[n], strict=True))
        for place, n in row.items()
        if totals[n] > 0
    }


def _reached(sources: set[str], legs: Collection[tuple[str, str]]) -> set[str]:
    """Return the places that goods get to; a plan may have flows that circle elsewhere."""
    reached = sources
    while more := {end for start, end in legs if start in reached} - reached:
        reached = reached | more
    return reached
