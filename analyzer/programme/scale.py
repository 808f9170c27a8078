"""Normalised units and the way back.

Systems are counted in shares of their target, goods in shares of the need when all targets are
met, and the objective in percent. Solvers hold absolute tolerances, so a programme in raw units
(weights near 1e-6, values near 1e7) is answered wrongly without any warning; in these units a
tolerance of 1e-9 is small against everything that matters.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, inf, log
from typing import NamedTuple

import networkx as nx

from analyzer.network.effect import Effect, Timing, arrays_that
from analyzer.network.goods import Maker, makers
from analyzer.network.prune import build_order
from analyzer.programme.months import grown
from supply_data.schema import Lane, Supply, Tables, Weighting

PERCENT = 100.0
DIGITS = 14
"""Digits of a share below which nothing is left."""
GROWTH = 1000.0
"""How many times what can enter the network today a bound must leave room for, since prices ask
what more of a limit would bring."""


Legs = tuple[tuple[tuple[str, str], float], ...]
"""From where to where, with -log of the least share that arrives."""


@dataclass(frozen=True)
class Scale:
    """What one normalised unit is, and how large anything useful can get.

    Attributes
    ----------
    target : mapping of system to float
        Units per month; one normalised unit of the system.
    weight : mapping of system to float
        Share of the objective, summing to 1: w · target / Σ w · target.
    worth : float
        Σ w · target: the scaling capacity when all targets are met.
    need : mapping of item to float
        Units per month when all targets are met (every alternative as if it filled its slot
        alone); one normalised unit of the item.
    most : mapping of item to float
        Largest quantity of the item, in normalised units per period, that any plan without waste
        moves or makes.
    """

    target: Mapping[str, float]
    weight: Mapping[str, float]
    worth: float
    need: Mapping[str, float]
    most: Mapping[str, float]


def scale(
    tables: Tables,
    effects: Sequence[Effect],
    *,
    weighting: Weighting,
    targets: Mapping[str, float],
    timing: Timing,
    travels: Callable[[Lane, str], bool],
) -> Scale:
    """Return the normalised units of a run.

    Parameters
    ----------
    tables : Tables
        The dataset.
    effects : sequence of Effect
        Everything that will be tried; what gets lost on lanes raises what may be sent.
    weighting : Weighting
        How systems are weighed.
    targets : mapping of system to float
        Units per month, all positive.
    timing : Timing
        How time counts; over time a period may work for all later ones.
    travels : callable
        Whether an item can usefully be sent on a lane; losses elsewhere do not count.
    """
    need = _needs(tables, targets, gross=lambda _, used: used)
    rates = _least_rates(effects)
    longest: dict[Legs, float] = {}
    lost: dict[str, float] = {}
    for item in need:
        legs = _legs(tables, rates.get(item, {}), item, travels=travels)
        if legs not in longest:
            longest[legs] = _losses(legs)
        lost[item] = longest[legs]
    enters = _entering(tables, effects, timing=timing)

    def sent(item: str, used: float) -> float:
        return min(used * lost[item], max(used, GROWTH * enters.get(item, inf)))

    gross = _needs(tables, targets, gross=sent)
    return Scale(
        target=dict(targets),
        **weighed(tables, weighting, targets=targets)._asdict(),
        need=need,
        most={item: timing.periods * gross[item] / need[item] for item in need},
    )


def natural(worth: float, shortfall: float) -> float:
    """Return the scaling capacity that a shortfall in percent leaves, to twelve digits.

    What is left of all but nothing is the arithmetic's own dust, and counts as nothing.

    Examples
    --------
    >>> natural(1.0, 55.00000000000001), natural(1.0, 99.99999999999997)
    (0.45, 0.0)
    """
    left = round(1 - shortfall / PERCENT, DIGITS)
    return max(float(f"{worth * left:.12g}"), 0.0)


class Weights(NamedTuple):
    """The parts of a scale that depend on the weighting; see `Scale`."""

    weight: dict[str, float]
    worth: float


def weighed(tables: Tables, weighting: Weighting, *, targets: Mapping[str, float]) -> Weights:
    """Return each system's share of the objective, and Σ w · target."""
    worths = {s: w * targets[s] for s, w in weights(tables, weighting, targets=targets).items()}
    worth = sum(worths.values())
    return Weights({system: value / worth for system, value in worths.items()}, worth)


def weights(
    tables: Tables, weighting: Weighting, *, targets: Mapping[str, float]
) -> dict[str, float]:
    """Return the weight w of one unit of each system.

    ``target``: 1 / (G · n · target) with G groups, n systems in the system's group and a blank
    group a group of its own, so that capacity is a mean share of reference output;
    ``units``: 1; ``weight``: the column.
    """
    if weighting is Weighting.UNITS:
        return dict.fromkeys(tables.systems, 1.0)
    if weighting is Weighting.WEIGHT:
        return {system: row.weight for system, row in tables.systems.items()}
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for system, row in tables.systems.items():
        groups[(row.group, "" if row.group else system)].append(system)
    return {
        system: 1 / (len(groups) * len(members) * targets[system])
        for members in groups.values()
        for system in members
    }


def _needs(
    tables: Tables, targets: Mapping[str, float], *, gross: Callable[[str, float], float]
) -> dict[str, float]:
    uses: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for row in tables.requirements:
        uses[row.component].append((row.product, row.quantity))
    found: dict[str, float] = {}
    for item in reversed(build_order(tables)):
        used = targets.get(item, 0.0) + sum(q * found.get(p, 0.0) for p, q in uses[item])
        if used > 0:
            found[item] = gross(item, used)
    return found


def _entering(tables: Tables, effects: Sequence[Effect], *, timing: Timing) -> dict[str, float]:
    """Return how much of an item can enter the network, per period on average at the most.

    Items of which some source has no known limit are left out, as are items that arrive in larger
    numbers than they were sent, which lifting can do.
    """
    sources: dict[str, float] = defaultdict(float)
    raised = _raised(effects)
    for row in tables.supplies.values():
        sources[row.component] += _largest(_highest(row, timing), raised.get(row.element, 1.0))
    for maker in makers(tables):
        highest = _highest(maker, timing)
        sources[maker.product] += _largest(highest, raised.get(maker.element, 1.0))
    for stock in tables.stocks if timing.drawn or timing.periods > 1 else ():
        whole = inf if stock.quantity is None or timing.drawn else stock.quantity
        sources[stock.component] += whole / timing.periods
    lifted = {
        good.item
        for effect in effects
        if (above := arrays_that(effect.arrival.values(), lambda each: bool((each > 1).any())))
        for (_, good), shares in effect.arrival.items()
        if id(shares) in above
    }
    return {item: most for item, most in sources.items() if most < inf and item not in lifted}


def _highest(row: Supply | Maker, timing: Timing) -> float | None:
    """Return the capacity after all growth; None where it is unknown."""
    months = timing.months or 0
    return grown(row.capacity_per_month, row.ramp_per_month, row.ceiling_per_month, months=months)


def _raised(effects: Sequence[Effect]) -> Mapping[str, float]:
    """Return how many times its capacity each element has at the most, where that is over one."""
    raised: dict[str, float] = defaultdict(lambda: 1.0)
    for effect in effects:
        for element, shares in effect.availability.items():
            raised[element] = max(raised[element], float(shares.max()))
    return raised


def _largest(capacity: float | None, raised: float) -> float:
    return inf if capacity is None else capacity * raised


def _least_rates(effects: Sequence[Effect]) -> Mapping[str, Mapping[str, float]]:
    """Return the least share above 0 that arrives in any effect, by item and lane."""
    rates: dict[str, dict[str, float]] = defaultdict(dict)
    for effect in effects:
        distinct = {id(shares): shares for shares in effect.arrival.values()}
        least = {number: min([1.0, *s[s > 0].tolist()]) for number, s in distinct.items()}
        for (lane, good), shares in effect.arrival.items():
            known = rates[good.item].get(lane, 1.0)
            rates[good.item][lane] = min(known, least[id(shares)])
    return rates


def _legs(
    tables: Tables,
    rates: Mapping[str, float],
    item: str,
    *,
    travels: Callable[[Lane, str], bool],
) -> Legs:
    """Return the ways that an item can go with what its worst lane loses; none if nothing does."""
    if all(rate == 1 for rate in rates.values()):
        return ()
    lost: dict[tuple[str, str], float] = {}
    for lane in tables.lanes.values():
        if travels(lane, item):
            ends = lane.from_place, lane.to_place
            lost[ends] = max(lost.get(ends, 0.0), -log(rates.get(lane.element, 1.0)))
    return tuple(lost.items())


def _losses(legs: Legs) -> float:
    """Return how many of an item must be sent, at worst, for one to arrive.

    A plan without waste moves along paths that visit each place at most once, so the worst is the
    longest path in terms of -log(rate). Places that trade both ways are taken together, each left
    by its worst lane, which bounds the path among them from above.
    """
    network: nx.DiGraph[str] = nx.DiGraph()
    for ends, lost in legs:
        network.add_edge(*ends, lost=lost)
    return exp(_longest_path(network))


def _longest_path(legs: "nx.DiGraph[str]") -> float:
    parts = nx.condensation(legs)
    ahead: dict[int, float] = {}
    for part in reversed(list(nx.topological_sort(parts))):
        inside: dict[str, float] = defaultdict(float)
        after = 0.0
        for start, end, leg in legs.out_edges(parts.nodes[part]["members"], data=True):
            other = parts.graph["mapping"][end]
            if other == part:
                inside[start] = max(inside[start], leg["lost"])
            else:
                after = max(after, leg["lost"] + ahead[other])
        # a path within n places has at most n - 1 legs
        ahead[part] = after + sum(inside.values()) - min(inside.values(), default=0.0)
    return max(ahead.values(), default=0.0)
