"""How much a measure's cut or leak matters: capacity as a function of it, and where it ceases to.

Convention: capacity falls as a cut or a dose grows, and rises with a leak. Where what is varied
acts on limits alone, one measure to each, capacity is concave and straight in pieces, so its
corners are found exactly; between them plans may be mixed, which proves every value there from
below, as prices do from above. Where it changes arrival rates, or several measures act on one
limit, capacity is neither, and is sampled until straight lines between samples are close enough.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import pairwise
from math import nan

import pandas as pd

from analyzer.network.case import Case
from analyzer.network.effect import Effect, counted
from analyzer.programme.arrays import LinearProgramme
from analyzer.programme.between import Between, between
from analyzer.programme.flow import Options
from analyzer.programme.highs import Basis
from analyzer.programme.persistent import Persistent, Proof
from analyzer.programme.scale import PERCENT, natural
from analyzer.programme.solution import Solution
from analyzer.study.solve import Bench, bench, effect_in
from analyzer.study.strengths import Of, turns, varied
from analyzer.study.tracing import Spot, UnknownSpotError, corners, edge, found_at, samples, turning
from scenarios.schema import Measure, Scenario
from supply_data.schema import Weighting

EXACT = 1e-10
"""Values that differ by no more are the same on a curve that is straight in pieces."""
CLOSE = 4e-7
"""How close samples are to straight lines, as a share of the baseline's capacity."""
FLAT = 1e-8
"""By how much capacity must change for a measure to matter, as a share of the baseline's."""
FOUND = 1e-6
"""How close to where it is a break-even is found in samples."""
LEAST = 1e-3
"""The least share of what is aimed at, above none, that is left in samples."""

MONTHS = "adopt_months"
"""What is varied where it is the months until alternatives open."""

TABLE = (
    "scenario", "measure", "title", "of", "own", "capacity", "surviving", "break_even", "matters",
    "exact", "solves", "certified",
)  # fmt: skip
Cells = tuple[object, ...]
POINTS = ("scenario", "measure", "value", "capacity", "surviving", "kind")


@dataclass(frozen=True)
class Response:
    """Curves of capacity.

    Attributes
    ----------
    case : Case
        Dataset and scenarios.
    options : Options
        How the run weighs and limits.
    of : str
        What is varied: a value of `analyzer.study.strengths.Of`, or ``adopt_months``.
    table : pandas.DataFrame
        A row a curve: ``scenario``, ``measure`` (blank: the doses of all of them), ``title``,
        ``of``, ``own`` (where it stands by itself), ``capacity`` and ``surviving`` there,
        ``break_even`` (the largest cut or dose, or the smallest leak, at which nothing is lost
        that is not without the measure; NaN where it never or always matters), ``matters``
        (never, always, or in part), ``exact`` (whether the corners of the curve are known),
        ``solves`` and ``certified``.
    points : pandas.DataFrame
        A row a spot, in the order of ``value``: ``capacity`` and ``surviving`` there, and its
        ``kind``: end, corner, sample, own, or break-even. Straight lines join them. Of months: a
        row a month, with ``surviving`` of all months together, ``lowest``, ``time_to_recover`` and
        ``half_back_month`` (`analyzer.study.horizon.renewal`).
    baseline : Solution
        The network without any scenario.
    """

    case: Case
    options: Options
    of: str
    table: pd.DataFrame
    points: pd.DataFrame
    baseline: Solution

    @property
    def certified(self) -> bool:
        """Whether every number may be shown."""
        return self.baseline.certified and bool(self.table["certified"].all())

    @property
    def weighting(self) -> Weighting:
        """How systems are weighed."""
        return self.options.weighting or self.case.tables.settings.weighting


class NoSuchMeasureError(ValueError):
    """A measure that is asked about acts in none of the scenarios."""


def response(
    case: Case,
    scenarios: Sequence[Scenario],
    *,
    of: Of = Of.DOSE,
    measures: Sequence[str] = (),
    options: Options | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Response:
    """Return capacity as a function of what measures do.

    Parameters
    ----------
    case : Case
        The dataset.
    scenarios : sequence of Scenario
        Whose measures are varied.
    of : Of
        What is varied: the dose of all measures together, or each one's cut or leak.
    measures : sequence of str
        Ids of those whose cut or leak is varied, others of their scenarios staying as they are;
        all unless given. With a dose, those to which it is given.
    options : Options, optional
        Weighting, targets, budget.
    tell : callable
        Told which curve is at work.

    Raises
    ------
    NoSuchMeasureError
        If a measure acts in none of the scenarios.
    ValueError
        If months are asked for.
    scenarios.schema.BadScenarioError
        If a scenario does not fit the dataset, or would cut a part of what has no known figure.
    """
    options = options or Options()
    if options.timing.months is not None:
        msg = "curves are of the steady state; months belong to another study"
        raise ValueError(msg)
    asked = [*_asked(scenarios, of, measures)]
    unknown = sorted(set(measures) - {m.id for _, own in asked for m in own})
    if unknown:
        msg = f"no measure {unknown[0]!r} acts in these scenarios"
        raise NoSuchMeasureError(msg)
    baseline = bench(case, (), options=options).solved()
    found = []
    for scenario, own in asked:
        curve = _Curve(case, scenario, own, of, options=options, base=baseline.capacity)
        tell(curve.name)
        found.append(curve.rows())
    return Response(
        case=case,
        options=options,
        of=of.value,
        table=pd.DataFrame([row for row, _ in found], columns=list(TABLE)),
        points=pd.DataFrame([p for _, points in found for p in points], columns=list(POINTS)),
        baseline=baseline,
    )


def adoption(case: Case, renewed: pd.DataFrame, *, options: Options | None = None) -> Response:
    """Return what scenarios do by the months until alternatives open.

    Parameters
    ----------
    case : Case
        Dataset and scenarios.
    renewed : pandas.DataFrame
        Of these scenarios, what `analyzer.study.horizon.renewal` found.
    options : Options, optional
        With which it was found.
    """
    options = options or Options()
    titles = {scenario.id: scenario.title or scenario.id for scenario in case.scenarios}
    rows = [
        (name, "", titles[str(name)], MONTHS, nan, nan, nan, nan, "", True, 0,
         bool(own["certified"].all()))
        for name, own in renewed.groupby("scenario", sort=False)
    ]  # fmt: skip
    points = renewed.rename(columns={MONTHS: "value"}).assign(measure="", kind="month")
    known = ["scenario", "measure", "value", "surviving", "kind"]
    others = ["lowest", "time_to_recover", "half_back_month"]
    return Response(
        case=case,
        options=options,
        of=MONTHS,
        table=pd.DataFrame(rows, columns=list(TABLE)),
        points=points[[*known, *others]],
        baseline=bench(case, (), options=options).solved(),
    )


def _asked(
    scenarios: Sequence[Scenario], of: Of, names: Sequence[str]
) -> Iterator[tuple[Scenario, tuple[Measure, ...]]]:
    """Yield scenarios with measures that are varied together."""
    for scenario in scenarios:
        acting = [m for m in counted(scenario) if not names or m.id in names]
        together = [tuple(acting)] if of is Of.DOSE else [(measure,) for measure in acting]
        yield from ((scenario, own) for own in together if own)


@dataclass
class _Curve:
    """One curve, with the programme that it is found on."""

    case: Case
    scenario: Scenario
    measures: tuple[Measure, ...]
    of: Of
    options: Options
    base: float | None
    solves: int = 0
    uncertified: int = 0
    _spots: dict[float, Spot] = field(default_factory=dict)
    _ended: dict[float, Basis] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What it is told by."""
        return self.scenario.id if self.of is Of.DOSE else f"{self.scenario.id}: {self.measure}"

    @property
    def measure(self) -> str:
        """Id of the one measure that is varied; blank for a dose of several."""
        return "" if self.of is Of.DOSE else self.measures[0].id

    @property
    def own(self) -> float:
        """Where what is varied stands by itself."""
        return self.of.own(self.measures[0])

    def rows(self) -> tuple[Cells, list[Cells]]:
        """Return its row of the table, and those of its points."""
        head = (self.scenario.id, self.measure, self._title, self.of.value, self.own)
        try:
            spots = self._exact() if self.straight else self._sampled()
            matters, even = self._even(spots)
            own = self._left(self.own)
        except UnknownSpotError:
            nothing: Cells = (*head, nan, nan, nan, "", self.straight, self.solves, False)
            return nothing, []
        kinds = dict.fromkeys((spot.at for spot in spots), "corner" if self.straight else "sample")
        if matters == "in part":
            kinds[even] = "break-even"
        kinds |= {0.0: "end", 1.0: "end", self.own: "own"}
        points: list[Cells] = [
            (self.scenario.id, self.measure, at, *self._left(at), kind)
            for at, kind in sorted(kinds.items())
        ]
        certified = not self.uncertified
        row: Cells = (*head, *own, even, matters, self.straight, self.solves, certified)
        return row, points

    @property
    def _title(self) -> str:
        told: Scenario | Measure = self.scenario if self.of is Of.DOSE else self.measures[0]
        return told.title or told.id

    @cached_property
    def straight(self) -> bool:
        """Whether capacity is straight in pieces: limits alone, each hit by one measure."""
        aims = self.effect(0.5).aims
        hit = Counter(element for m in self.measures for element in aims[m.id].elements)
        bounded = self._ready.model.sets.budget_usd_per_month is not None
        marked = bounded and self.of is Of.DOSE and any(m.markup for m in self.measures)
        rated = any(aims[m.id].goods for m in self.measures)
        return not rated and not marked and max(hit.values(), default=0) <= 1

    def effect(self, at: float) -> Effect:
        """Return what is left at a place."""
        ids = {measure.id for measure in self.measures}
        measures = tuple(
            varied(m, self.of, at) if m.id in ids else m for m in self.scenario.measures
        )
        whole = self.scenario.model_copy(update={"measures": measures})
        return effect_in(self.case, whole, options=self.options)

    @cached_property
    def _places(self) -> tuple[float, ...]:
        """Where what measures leave is straight between."""
        found = (at for m in self.measures for at in turns(m, self.of, least=LEAST))
        return tuple(sorted({0.0, 1.0, *found}))

    @cached_property
    def _ready(self) -> Bench:
        # between them, these tell apart all goods that any place tells apart
        places = sorted({*self._places, 0.25, 0.5, 0.75, self.own})
        effects = [self.effect(at) for at in places]
        return bench(self.case, effects, options=self.options, base=self.base)

    @cached_property
    def _persistent(self) -> Persistent:
        return Persistent(self._ready.model.baseline)

    # --- curves that are straight in pieces

    def _exact(self) -> tuple[Spot, ...]:
        found: list[Spot] = []
        for start, end in pairwise(self._places):
            way = between(self._ready.model, self.effect(start), self.effect(end))
            find = partial(self._line, way, start, end)
            found += corners(find, start, end, same=self._same(EXACT))[bool(found) :]
            if start < self.own < end:
                find(self.own)
        return turning(found, same=self._same(EXACT))

    def _line(self, way: Between, start: float, end: float, at: float) -> Spot:
        """Return the spot at a place between two, with a line that prices there prove."""
        share = (at - start) / (end - start)
        proof = self._proof(way.at(share), at)
        slope = way.slope(share, proof.worths) / (end - start)
        self._spots[at] = Spot(at, proof.certificate.value, slope)
        return self._spots[at]

    # --- all others

    def _sampled(self) -> tuple[Spot, ...]:
        found: list[Spot] = []
        inner = found_at(self._spot, self._places[1:-1])
        places = [0.0, *(spot.at for spot in inner), 1.0]
        for start, end in pairwise(places):
            part = samples(self._spot, start, end, same=self._same(CLOSE))
            found += part[bool(found) :]
        return turning(found, same=self._same(EXACT))

    def _spot(self, at: float) -> Spot:
        if at not in self._spots:
            model = self._ready.model
            found = self._proof(model.under(self.effect(at)), at)
            self._spots[at] = Spot(at, found.certificate.value)
        return self._spots[at]

    # --- what both need

    def _proof(self, programme: LinearProgramme, at: float) -> Proof:
        near = min(self._ended, key=lambda known: abs(known - at), default=None)
        start = None if near is None else self._ended[near]
        proof = self._persistent.proof(programme, start=start)
        self.solves += 1 + proof.cold
        if proof.basis is not None:
            self._ended[at] = proof.basis
        if not proof.certificate.certifies(self._ready.share):
            self.uncertified += 1
            raise UnknownSpotError
        return proof

    def _same(self, share: float) -> float:
        return share * PERCENT * self._ready.share

    def _left(self, at: float) -> tuple[float, float]:
        capacity = natural(self._ready.model.sets.scale.worth, self._spot(at).value)
        return capacity, capacity / self.base if self.base else nan

    def _even(self, spots: Sequence[Spot]) -> tuple[str, float]:
        """Return whether it matters, and where it ceases to."""
        ordered = spots if self.of.idle == 0 else spots[::-1]
        nothing = ordered[0].value

        def flat(at: float) -> bool:
            return abs(self._spot(at).value - nothing) <= self._same(FLAT)

        last = next((n for n, spot in enumerate(ordered) if not flat(spot.at)), 0) - 1
        if last < 0:
            return "never", nan
        even = ordered[last].at
        if not self.straight:
            even = edge(flat, even, ordered[last + 1].at, close=FOUND)
        always = abs(even - self.of.idle) <= FOUND
        return ("always", nan) if always else ("in part", even)
