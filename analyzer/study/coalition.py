"""Who of the senders matters: shares of the loss, who leaving hurts most, who should join.

Convention: losses are in the units of the weighting, against the baseline. A sender that leaves
takes its share of a measure's effect with it (rule ``share``); or the measure stands while any
sender stays (``any``), or only while all do (``all``). A measure without senders always stands.
What a measure in force has done to the baseline's figures stays done, whoever leaves.

The flows of the model are partly illicit and are nobody's cost: what a measure costs its senders
is its burden alone, where that is given.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import nan
from typing import NamedTuple

import pandas as pd

from analyzer.network.case import Case
from analyzer.network.effect import Effect
from analyzer.programme.flow import Options
from analyzer.programme.solution import Solution
from analyzer.study.games import Game, interaction, members, shapley
from analyzer.study.solve import SAME, Bench, bench, effect_in, gathered
from analyzer.study.strengths import weakened
from scenarios.schema import Measure, Scenario, SenderRule
from supply_data.schema import Weighting

MOST_MEASURES = 10
"""Up to how many measures of a scenario it is told how each two act on one another."""
ORDERS = 1000
"""In how many random orders senders join, where there are too many for all coalitions."""

TABLE = ("scenario", "capacity", "loss", "unsent", "exact", "solves", "certified")
SENDERS = (
    "scenario", "sender", "loss_share", "margin", "hold_out_loss", "burden_usd_m_per_year",
    "loss_per_burden", "measures",
)  # fmt: skip
OUTSIDERS = ("scenario", "sender", "adds", "measures")
PAIRS = ("scenario", "measure", "other", "index", "word")


@dataclass(frozen=True)
class Coalitions:
    """The senders of some scenarios.

    Attributes
    ----------
    case : Case
        Dataset and scenarios.
    options : Options
        How the run weighs and limits.
    table : pandas.DataFrame
        A row a scenario: ``scenario``, ``capacity``, ``loss``, ``unsent`` (the part of the loss
        that measures without senders make alone), ``exact`` (whether all coalitions were looked
        at), ``solves`` (coalitions that were looked at) and ``certified``.
    senders : pandas.DataFrame
        A row a sender, the largest share first: ``loss_share`` (its Shapley value; they sum to the
        loss less the unsent part), ``margin`` (half of its 95 % interval; 0 if exact),
        ``hold_out_loss`` (loss that is missing if it alone leaves), ``burden_usd_m_per_year`` (its
        part of the burdens of its measures; NaN unless all are known), ``loss_per_burden``, and
        ``measures`` (ids).
    outsiders : pandas.DataFrame
        A row a sender of the library's other measures that sends none of the scenario's:
        ``adds`` (loss that it would add if it joined with its part of these ``measures``, and no
        other sender of theirs did), the most first.
    pairs : pandas.DataFrame
        A row a pair of the scenario's measures: ``index`` (of interaction, a loss) and ``word``
        (synergy, waste, or independent).
    baseline : Solution
        The network without any scenario.
    """

    case: Case
    options: Options
    table: pd.DataFrame
    senders: pd.DataFrame
    outsiders: pd.DataFrame
    pairs: pd.DataFrame
    baseline: Solution

    @property
    def certified(self) -> bool:
        """Whether every number may be shown."""
        return self.baseline.certified and bool(self.table["certified"].all())

    @property
    def weighting(self) -> Weighting:
        """How systems are weighed."""
        return self.options.weighting or self.case.tables.settings.weighting


class _Rows(NamedTuple):
    """The rows of one scenario in each frame."""

    table: tuple[object, ...]
    senders: Sequence[tuple[object, ...]] = ()
    outsiders: Sequence[tuple[object, ...]] = ()
    pairs: Sequence[tuple[object, ...]] = ()


class _UncertifiedError(Exception):
    """A capacity could not be certified."""


def coalition(
    case: Case,
    scenarios: Sequence[Scenario],
    *,
    options: Options | None = None,
    orders: int = ORDERS,
    seed: int = 0,
    tell: Callable[[str], None] = lambda _: None,
) -> Coalitions:
    """Return who of the senders matters.

    Parameters
    ----------
    case : Case
        The dataset; its measures are what outsiders could join with.
    scenarios : sequence of Scenario
        Whose senders are asked about.
    options : Options, optional
        Weighting, targets, budget.
    orders, seed : int
        See `analyzer.study.games.shapley`.
    tell : callable
        Told which scenario is at work.

    Raises
    ------
    ValueError
        If months are asked for.
    scenarios.schema.BadScenarioError
        If a scenario does not fit the dataset, or a sender's leaving would cut a part of what has
        no known figure.
    """
    options = options or Options()
    if options.timing.months is not None:
        msg = "senders are compared in the steady state; months belong to another study"
        raise ValueError(msg)
    baseline = bench(case, (), options=options).solved()
    base = nan if baseline.capacity is None else baseline.capacity
    found = []
    for scenario in scenarios:
        tell(scenario.id)
        one = _One(case, scenario, options, base)
        try:
            found.append(one.told(orders=orders, seed=seed))
        except _UncertifiedError:
            found.append(_Rows((scenario.id, nan, nan, nan, True, 0, False)))
    return Coalitions(
        case=case,
        options=options,
        table=pd.DataFrame([each.table for each in found], columns=list(TABLE)),
        senders=_frame((each.senders for each in found), SENDERS),
        outsiders=_frame((each.outsiders for each in found), OUTSIDERS),
        pairs=_frame((each.pairs for each in found), PAIRS),
        baseline=baseline,
    )


def _frame(parts: Iterable[Sequence[tuple[object, ...]]], names: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame([row for rows in parts for row in rows], columns=list(names))


def staying(measure: Measure, present: frozenset[str]) -> float:
    """Return the share of a measure that stands while these senders stay.

    Examples
    --------
    >>> ban = Measure.model_validate(
    ...     {"id": "m", "where": {"table": "lanes"}, "cut": 1, "senders": {"USA": 0.6, "EU": 0.4}}
    ... )
    >>> staying(ban, frozenset({"EU"}))
    0.4
    >>> staying(ban.model_copy(update={"sender_rule": SenderRule.ANY}), frozenset({"EU"}))
    1.0
    """
    here = present & measure.senders.keys()
    if not measure.senders or here == measure.senders.keys():
        return 1.0
    if measure.sender_rule is SenderRule.SHARE:
        return sum(measure.senders[name] for name in sorted(here))
    return float(bool(here) and measure.sender_rule is SenderRule.ANY)


class _One:
    """One scenario with its programme, on which coalitions are tried."""

    def __init__(self, case: Case, scenario: Scenario, options: Options, base: float) -> None:
        self._case, self._scenario, self._options, self._base = case, scenario, options, base
        self._own = [m for m in scenario.measures if m.not_modelled is None]
        self._names = sorted({name for m in self._own for name in m.senders})
        self._joining = self._outsiders()
        self._ready = self._bench()

    def told(self, *, orders: int, seed: int) -> "_Rows":
        """Return the rows of all frames."""
        game = self._game(len(self._names), self._loss_with)
        shares = shapley(game, orders=orders, seed=seed)
        whole = game.of(game.everybody)
        senders = list(self._senders(game, shares.values, shares.margins))
        outsiders = sorted(self._adds(whole), key=lambda row: (-float(str(row[2])), str(row[1])))
        pairs = list(self._pairs())
        table = (
            self._scenario.id, self._base - whole, whole, game.of(0), shares.exact,
            len(game.known), True,
        )  # fmt: skip
        return _Rows(table, senders, outsiders, pairs)

    def _senders(
        self, game: Game, values: Sequence[float], margins: Sequence[float]
    ) -> Iterator[tuple[object, ...]]:
        ranked = sorted(range(len(values)), key=lambda n: (-values[n], self._names[n]))
        for n in ranked:
            name = self._names[n]
            left = game.of(game.everybody & ~(1 << n))
            burden = self._burden(name)
            yield (
                self._scenario.id, name, values[n], margins[n], game.of(game.everybody) - left,
                burden, values[n] / burden if burden else nan,
                tuple(m.id for m in self._own if name in m.senders),
            )  # fmt: skip

    def _burden(self, name: str) -> float:
        """Return a sender's part of the burdens of its measures; NaN unless all are known."""
        own = [m for m in self._own if name in m.senders]
        parts = [
            nan if m.burden_usd_m_per_year is None else m.burden_usd_m_per_year * m.senders[name]
            for m in own
        ]
        return sum(parts)

    def _adds(self, whole: float) -> Iterator[tuple[object, ...]]:
        """Yield what outsiders would add."""
        for name, measures in self._joining.items():
            more = self._loss_under(self._joined(name, measures))
            yield self._scenario.id, name, more - whole, tuple(m.id for m in measures)

    def _pairs(self) -> Iterator[tuple[object, ...]]:
        """Yield how each two measures act on one another."""
        own = [m for m in self._own if m.id not in self._replaced]
        if not 2 <= len(own) <= MOST_MEASURES:  # noqa: PLR2004 - a pair
            return
        game = self._game(len(own), lambda c: self._loss(_chosen(own, c), frozenset(self._names)))
        for one in range(len(own)):
            for other in range(one + 1, len(own)):
                index = interaction(game, one, other)
                same = SAME * self._base
                word = "independent" if abs(index) <= same else "synergy" if index > 0 else "waste"
                yield self._scenario.id, own[one].id, own[other].id, index, word

    def _game(self, players: int, worth: Callable[[int], float]) -> Game:
        # what gives way comes back when a sender leaves, so that less may be lost with more senders
        return Game(players, worth, same=SAME * self._base / 10, monotone=not self._replaced)

    def _loss_with(self, coalition: int) -> float:
        return self._loss(self._own, members(coalition, self._names))

    def _loss(self, measures: Iterable[Measure], present: frozenset[str]) -> float:
        return self._loss_under(self._effect(measures, present))

    def _loss_under(self, effect: Effect) -> float:
        capacity = self._ready.capacity(effect)
        if capacity is None:
            raise _UncertifiedError
        return self._base - capacity

    def _effect(self, measures: Iterable[Measure], present: frozenset[str]) -> Effect:
        return self._under(_standing(measures, present))

    def _joined(self, name: str, measures: Iterable[Measure]) -> Effect:
        """Return what is left if an outsider joins with what it alone makes stand."""
        return self._under((*self._own, *_standing(measures, frozenset({name}))))

    def _under(self, measures: tuple[Measure, ...]) -> Effect:
        whole = self._scenario.model_copy(update={"measures": measures})
        return effect_in(self._case, whole, options=self._options)

    def _outsiders(self) -> dict[str, tuple[Measure, ...]]:
        """Return the measures that each sender of the library could join with."""
        library: Mapping[str, Measure] = {
            m.id: m for scenario in self._case.scenarios for m in scenario.measures
        } | dict(self._case.measures)
        here = {m.id for m in self._scenario.measures}
        others = [m for m in library.values() if m.id not in here and m.not_modelled is None]
        names = sorted({name for m in others for name in m.senders} - set(self._names))
        return {name: tuple(m for m in others if name in m.senders) for name in names}

    def _bench(self) -> Bench:
        """Return a programme on which all can be tried: each measure by itself, and all at once."""
        everybody = frozenset(self._names)
        whole = self._effect(self._own, everybody)
        self._replaced = whole.replaced
        alone = (partial(self._effect, (m,), everybody) for m in self._own)
        joined = (partial(self._joined, name, known) for name, known in self._joining.items())
        effects = gathered([*alone, *joined])
        return bench(self._case, [whole, *effects], options=self._options, base=self._base)


def _standing(measures: Iterable[Measure], present: frozenset[str]) -> tuple[Measure, ...]:
    known = ((m, staying(m, present)) for m in measures)
    return tuple(m if share == 1 else weakened(m, share) for m, share in known if share)


def _chosen(measures: Sequence[Measure], coalition: int) -> list[Measure]:
    return [m for n, m in enumerate(measures) if coalition >> n & 1]
