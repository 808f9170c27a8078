"""What a scan cuts, one by one and in pairs, as effects on the network.

Convention: a cut takes the same share of each of its elements; a measure does what it does as a
scenario of its own. A pair does what the model makes of both: availabilities multiply, and of two
measures one may give way to the other.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations

import numpy as np

from analyzer.network.case import Case
from analyzer.network.effect import Effect, Shares
from analyzer.network.groups import Over, groups
from analyzer.programme.arrays import Model
from analyzer.programme.change import Change
from analyzer.programme.flow import Options
from analyzer.study.solve import effect_in, gathered
from scenarios.schema import Measure, Scenario


@dataclass(frozen=True)
class Cut:
    """What is cut at once.

    Attributes
    ----------
    id : str
        An element, or a group such as ``hub:HKG``.
    effect : Effect
        What it leaves.
    measure : Measure or None
        The measure that it is.
    """

    id: str
    effect: Effect
    measure: Measure | None = None


@dataclass(frozen=True)
class Cuts:
    """Everything that a scan cuts.

    Attributes
    ----------
    cuts : tuple of Cut
        In the order of the tables.
    skipped : tuple of str
        What could not be cut in part, since its figure is not known, and measures that are not
        modelled.
    """

    cuts: tuple[Cut, ...]
    skipped: tuple[str, ...]

    def effects(self, *, order: int) -> tuple[Effect, ...]:
        """Return the effects that a programme must be built for if so many cuts are combined."""
        alone = tuple(cut.effect for cut in self.cuts)
        return (*alone, _least_of(alone, order)) if order > 1 else alone


@dataclass(frozen=True)
class Scan:
    """What a scan tries.

    Attributes
    ----------
    over : Over
        What is cut.
    order : int
        1 for cuts one by one, 2 for pairs.
    share : float
        Share of each element that is cut; a measure has its own.
    top : int
        For how many cuts, those that leave least, it is sought what binds after them.
    """

    over: Over
    order: int = 1
    share: float = 1.0
    top: int = 10

    def __post_init__(self) -> None:
        """Refuse what no scan can be."""
        if self.order not in {1, 2}:
            msg = f"cuts are tried one by one or in pairs, not {self.order} at a time"
            raise ValueError(msg)
        if not 0 < self.share <= 1:
            msg = f"a cut takes a share above 0 and up to 1, not {self.share}"
            raise ValueError(msg)


class NothingToCutError(ValueError):
    """The dataset has too few of what a scan is to cut."""


def cuts(case: Case, over: Over, *, share: float, options: Options) -> Cuts:
    """Return what a scan of a kind cuts.

    Parameters
    ----------
    case : Case
        The dataset, and the measures that scenarios of it name.
    over : Over
        The kind.
    share : float
        Share of each element that is cut, above 0 and up to 1; a measure has its own.
    options : Options
        How the run counts time.

    Raises
    ------
    scenarios.schema.BadScenarioError
        With the faults of all measures.
    """
    if over is Over.MEASURE:
        return _of_measures(case, options)
    found = []
    skipped: dict[str, None] = {}
    for group, elements in groups(case.tables, over).items():
        unknown = [e for e in elements if case.tables.elements[e].figure is None and share < 1]
        skipped.update(dict.fromkeys(unknown))
        left = np.full(options.timing.periods, 1 - share)
        kept = {e: left for e in elements if e not in unknown}
        if kept:
            found.append(Cut(group, Effect(options.timing, availability=kept)))
    return Cuts(tuple(found), tuple(skipped))


def joint(case: Case, one: Cut, other: Cut, *, options: Options) -> Effect:
    """Return what two cuts leave together."""
    if one.measure is not None and other.measure is not None:
        both = Scenario(id="pair", measures=(one.measure, other.measure))
        return effect_in(case, both, options=options)
    first, second = one.effect.availability, other.effect.availability
    multiplied = {e: left * second[e] for e, left in first.items() if e in second}
    return replace(one.effect, availability={**first, **second, **multiplied})


def overlaps(
    case: Case, found: Sequence[Cut], *, model: Model, options: Options
) -> dict[tuple[int, int], Change]:
    """Return what pairs change that is not what each changes by itself.

    Parameters
    ----------
    case : Case
        The dataset.
    found : sequence of Cut
        The cuts.
    model : Model
        A programme that was built for their effects.
    options : Options
        How the run counts time.

    Returns
    -------
    dict of (int, int) to Change
        By the numbers of the two cuts, the smaller first.
    """
    pairs = {*_sharing(found), *replacing(found)}
    return {
        (a, b): model.change(joint(case, found[a], found[b], options=options))
        for a, b in sorted(pairs)
    }


def _sharing(found: Sequence[Cut]) -> Iterator[tuple[int, int]]:
    """Yield the pairs that touch one element both.

    It does not matter whether either changes a number by itself: what two leave of ample room may
    be less than is needed.
    """
    touched: dict[str, list[int]] = defaultdict(list)
    for n, cut in enumerate(found):
        for element in _touched(cut.effect):
            touched[element].append(n)
    yield from {pair for cuts in touched.values() for pair in combinations(cuts, 2)}


def _touched(effect: Effect) -> set[str]:
    marked = (target if isinstance(target, str) else target[0] for target in effect.markup)
    return {*effect.availability, *(lane for lane, _ in effect.arrival), *marked}


def replacing(found: Sequence[Cut]) -> Iterator[tuple[int, int]]:
    """Yield the pairs of measures of which one gives way to the other."""
    number = {cut.measure.id: n for n, cut in enumerate(found) if cut.measure is not None}
    for n, cut in enumerate(found):
        if cut.measure is not None:
            for old in (cut.measure.amends, cut.measure.supersedes):
                if old in number:
                    a, b = sorted((n, number[old]))
                    yield a, b


def _of_measures(case: Case, options: Options) -> Cuts:
    known = {m.id: m for scenario in case.scenarios for m in scenario.measures} | dict(
        case.measures
    )
    modelled = [m for m in known.values() if m.not_modelled is None]
    effects = gathered(partial(_alone, case, measure, options) for measure in modelled)
    return Cuts(
        tuple(
            Cut(f"{Over.MEASURE}:{m.id}", effect, m)
            for m, effect in zip(modelled, effects, strict=True)
        ),
        tuple(f"{Over.MEASURE}:{m.id}" for m in known.values() if m.not_modelled is not None),
    )


def _alone(case: Case, measure: Measure, options: Options) -> Effect:
    return effect_in(case, Scenario(id=measure.id, measures=(measure,)), options=options)


def _least_of(effects: Sequence[Effect], order: int) -> Effect:
    """Return an effect under which of any good no more arrives than under any so many of these.

    What gets lost on lanes raises what may have to be sent, and so the bounds of the programme.
    """
    rates = defaultdict(list)
    for target, shares in (each for effect in effects for each in effect.arrival.items()):
        rates[target].append(shares)
    return replace(
        effects[0] if effects else Effect(),
        availability={},
        arrival={target: _least(shares, order) for target, shares in rates.items()},
        markup={},
    )


def _least(shares: Sequence[Shares], order: int) -> Shares:
    """Return the least that so many of these leave together, where they leave anything."""
    lowest = np.sort(np.where(np.array(shares) > 0, shares, 1.0), axis=0)[:order]
    return np.asarray(lowest.prod(axis=0))
