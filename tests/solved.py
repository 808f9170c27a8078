"""One solve, in one call, and the changes that tests try."""

from collections.abc import Mapping, Sequence

import numpy as np

from analyzer.network.effect import Effect, Timing
from analyzer.network.goods import Good
from analyzer.programme.arrays import LinearProgramme, Model, model
from analyzer.programme.certificate import Certificate, certificate
from analyzer.programme.flow import Options, formulation, sets
from analyzer.programme.highs import Answer, Status, answer
from analyzer.programme.solution import Solution, solution
from supply_data.schema import Tables

STEADY = Options()


def built(tables: Tables, effects: Sequence[Effect] = (), *, options: Options = STEADY) -> Model:
    """Return the programme of a dataset, ready for these effects."""
    return model(formulation(sets(tables, effects, options)))


def solved(tables: Tables, effect: Effect | None = None, *, options: Options = STEADY) -> Solution:
    """Return the certified optimum; a test that asks for one fails where there is none."""
    found = solution(built(tables, () if effect is None else (effect,), options=options), effect)
    assert found.certified, (found.status, found.certificate)
    return found


def shortfalls(tables: Tables, *effects: Effect, options: Options = STEADY) -> list[float]:
    """Return the shortfall of the baseline and under each effect, on one programme.

    Each is the share of all targets, by worth, that is not met: 0 to 1 without a lift.
    """
    programme = built(tables, effects, options=options)
    found = [solution(programme, effect) for effect in (None, *effects)]
    assert all(each.certified for each in found), [each.certificate for each in found]
    return [each.certificate.value / 100 for each in found]


def capacity(tables: Tables, effect: Effect | None = None, *, options: Options = STEADY) -> float:
    """Return the scaling capacity."""
    found = solved(tables, effect, options=options).capacity
    assert found is not None
    return found


def shortfall(tables: Tables, effect: Effect | None = None) -> float:
    """Return the share of all targets, by worth, that is not met."""
    return shortfalls(tables, *(() if effect is None else (effect,)))[-1]


def proved(programme: LinearProgramme, found: Answer) -> Certificate:
    """Return the certificate of an answer; a test that asks for one fails where there is none."""
    optimal = found.status is Status.OPTIMAL
    held = certificate(programme, found.plan, found.prices, optimal=optimal)
    assert held.certified, (found.status, held)
    return held


def optimum(programme: LinearProgramme) -> float:
    """Return the certified optimum of a programme, solved alone and cold, in percent."""
    return proved(programme, answer(programme)).value


def cut(shares: Mapping[str, float] | str, *, months: int | None = None) -> Effect:
    """Return the effect that takes these shares of elements; one element is cut in whole."""
    taken = {shares: 1.0} if isinstance(shares, str) else shares
    timing = Timing(months=months)
    return Effect(
        timing=timing,
        availability={e: np.full(timing.periods, 1 - share) for e, share in taken.items()},
    )


def stopped(shares: Mapping[tuple[str, Good], float]) -> Effect:
    """Return the effect that stops these shares of goods on lanes."""
    return Effect(arrival={pair: np.array([1 - share]) for pair, share in shares.items()})


def elements(tables: Tables) -> tuple[str, ...]:
    """Return all elements that count in the steady state."""
    return (
        *(row.element for row in tables.supplies.values()),
        *(row.element for row in tables.lanes.values()),
        *(row.element for row in tables.plants.values()),
    )
