"""Findings in words: one paragraph a scenario, each claim with the elements that prove it.

Convention: a claim is made only where the frames hold its number; shares are of the baseline's
scaling capacity, money is USD a month. Values closer than `SAME` are not told apart. Flows are told
as totals of a class, an origin or a component, never as routes; an uncertified scenario says so and
nothing else.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from analyzer.report.records import good_name, place_name, records
from analyzer.report.words import amount, capacity_words, listed, percent, visible
from analyzer.study.compare import BASELINE
from supply_data.schema import Lane, Pillar, Plant, Stock, Supply, Tables, Weighting

if TYPE_CHECKING:
    from analyzer.study.compare import Comparison

SAME = 1e-5
"""Shares of capacity closer than this are not distinguishable."""
NOTHING = 1e-6
"""Shares of capacity below this are below what is certified."""
NOTICEABLE = 1e-3
"""Flows that change by less than this share of all that is supplied are not told."""

_SYSTEMS, _NAMES, _TIES, _GOODS = 3, 2, 6, 2
_SIGNIFICANT = ".3g"
_NO_ELEMENTS = pd.DataFrame()
_IDLE = {
    "slack": "Slack here",
    "needs_budget": "Bites only under a budget",
    "needs_horizon": "Bites only over time",
    "not_modelled": "Not modelled here",
    "spare": "Could be lifted without effect, each alone",
}


_FOUND: "WeakKeyDictionary[Comparison, tuple[Finding, ...]]" = WeakKeyDictionary()
"""What was found of the comparisons at hand: page, report and JSON all ask for it."""


@dataclass(frozen=True)
class Claim:
    """One sentence, or a few that belong together, and the ids of the elements that prove it."""

    text: str
    elements: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """What is found of one scenario, in the order in which it is told."""

    scenario: str
    claims: tuple[Claim, ...]


def findings(comparison: "Comparison") -> tuple[Finding, ...]:
    """Return what is found of each scenario, the baseline first.

    Parameters
    ----------
    comparison : Comparison
        The result of a run.

    Returns
    -------
    tuple of Finding
        In the order of the comparison's table. Every number of a claim stands in the frames, or
        is a count, a sum or a difference of what stands there.
    """
    if comparison not in _FOUND:
        run = _Run(comparison)
        found = (Finding(name, tuple(_claims(run, name))) for name in run.rows)
        _FOUND[comparison] = tuple(found)
    return _FOUND[comparison]


def finding(comparison: "Comparison", scenario: str) -> Finding:
    """Return what is found of one scenario.

    Raises
    ------
    KeyError
        If the comparison has no such scenario.
    """
    return Finding(scenario, tuple(_claims(_Run(comparison), scenario)))


def paragraph(finding: Finding) -> str:
    """Return the claims of a finding as one paragraph of plain text.

    Examples
    --------
    >>> paragraph(Finding("hub", (Claim("Half survives."), Claim("The hub binds.", ("lane:a",)))))
    'Half survives. The hub binds.'
    """
    return " ".join(claim.text for claim in finding.claims)


def as_records(comparison: "Comparison") -> list[dict[str, Any]]:
    """Return the claims for JSON: ``scenario``, ``text`` and ``elements``, a record a claim."""
    return [
        {"scenario": finding.scenario, "text": claim.text, "elements": list(claim.elements)}
        for finding in findings(comparison)
        for claim in finding.claims
    ]


def titles(tables: Tables) -> dict[str, str]:
    """Return what elements are called in prose, by id with hidden characters spelt out."""
    rows = records(tables, _NO_ELEMENTS, ())
    found = {row["id"]: row["title"].replace(" → ", " to ") for row in rows}
    for supply in tables.supplies.values():
        if supply.brand == supply.origin:
            own = f", brand {visible(place_name(tables, supply.origin))}"
            found[visible(supply.element)] = found[visible(supply.element)].removesuffix(own)
    return found


@dataclass(frozen=True)
class _Run:
    """A comparison, with what several claims look up."""

    comparison: "Comparison"

    @property
    def tables(self) -> Tables:
        return self.comparison.case.tables

    @cached_property
    def rows(self) -> dict[str, dict[str, Any]]:
        """Rows of the comparison's table, by scenario."""
        rows = self.comparison.table.to_dict("records")
        return {row["scenario"]: {str(key): value for key, value in row.items()} for row in rows}

    @cached_property
    def compared(self) -> tuple[str, ...]:
        """Scenarios that are certified, without the baseline."""
        rows = self.rows.items()
        return tuple(name for name, row in rows if row["certified"] and name != BASELINE)

    @cached_property
    def titles(self) -> dict[str, str]:
        """What elements are called in prose, by id."""
        return titles(self.tables)

    @cached_property
    def least_usd(self) -> float:
        """The smallest change of a flow that is told, USD a month."""
        changes = self.comparison.changes
        totals = changes[(changes["group"] == "origin") & (changes["category"] == "")]
        supplied = totals.groupby("scenario")["usd_before"].sum()
        return max(1.0, NOTICEABLE * float(supplied.max()))

    @cached_property
    def _parts(self) -> dict[int, dict[str, pd.DataFrame]]:
        """Rows of a frame by scenario, by the frame's identity: found once, asked for often."""
        return {}

    def of(self, frame: pd.DataFrame, scenario: str) -> pd.DataFrame:
        """Return the rows of a scenario in a frame of the comparison."""
        if id(frame) not in self._parts:
            parts = {str(name): rows for name, rows in frame.groupby("scenario", sort=False)}
            self._parts[id(frame)] = parts
        return self._parts[id(frame)].get(scenario, frame.iloc[:0])

    def title(self, element: str) -> str:
        return self.titles.get(visible(element), visible(element))

    def share(self, scenario: str, column: str = "surviving") -> float:
        return float(self.rows[scenario][column])

    def whole(self, scenario: str) -> bool:
        """Tell whether nothing is lost after re-planning."""
        return abs(self.share(scenario) - 1) <= NOTHING

    def cut(self, scenario: str) -> tuple[str, ...]:
        """Return the elements that a scenario cuts."""
        return _sorted(self.of(self.comparison.cuts, scenario)["element"])

    def priced(self, scenario: str, column: str) -> pd.DataFrame:
        """Return the limits with a loss or a gain, the largest first."""
        rows = self.of(self.comparison.binding, scenario)
        rows = rows[rows[column] > 0]
        return rows.sort_values([column, "element"], ascending=[False, True])

    def moved(self, scenario: str, group: str, *, total: bool = True) -> pd.DataFrame:
        """Return flows of a group with ``more``, what is added, USD a month."""
        return self._moved.get((scenario, group, total), self._still)

    @cached_property
    def _still(self) -> pd.DataFrame:
        return self.comparison.changes.iloc[:0].assign(more=0.0)

    @cached_property
    def _moved(self) -> dict[tuple[str, str, bool], pd.DataFrame]:
        """What moves, by scenario, group, and whether it is a total over classes of goods."""
        rows = self.comparison.changes
        rows = rows.assign(more=rows["usd_after"] - rows["usd_before"])
        parts = rows.groupby(["scenario", "group", rows["category"] == ""], sort=False)
        return {(str(one), str(group), bool(total)): part for (one, group, total), part in parts}

    @cached_property
    def _amounts(self) -> pd.DataFrame:
        """What elements supply or carry: a row an element, a column a scenario."""
        return self.comparison.elements.pivot_table(
            index="element", columns="scenario", values="used"
        )

    def used_otherwise(self, scenario: str) -> set[str]:
        """Return what supplies or carries more or less than in the baseline."""
        return set(self._amounts.index[self._amounts[scenario] != self._amounts[BASELINE]])

    def used_more(self, scenario: str) -> set[str]:
        """Return what supplies or carries more than in the baseline."""
        return set(self._amounts.index[self._amounts[scenario] > self._amounts[BASELINE]])


def _claims(run: _Run, scenario: str) -> Iterator[Claim]:
    refused = _refused(run, scenario)
    if refused is not None:
        yield Claim(refused)
        return
    parts = (_output, _evidence) if scenario == BASELINE else (_survival, _loss, _flows, _standing)
    for part in parts:
        yield from part(run, scenario)


def _refused(run: _Run, scenario: str) -> str | None:
    """Return why no number can be told, or None."""
    if not run.rows[scenario]["certified"]:
        return "Uncertified: no number is shown."
    if scenario != BASELINE and not run.rows[BASELINE]["certified"]:
        return "The baseline is uncertified: no share of it is shown."
    if isnan(run.share(scenario)):
        return "Nothing can be fielded in the baseline: there is nothing to survive."
    return None


def _loss(run: _Run, scenario: str) -> Iterator[Claim]:
    if not run.whole(scenario):
        yield from _systems(run, scenario)
        yield from _pillar(run, scenario)
        yield from _prices(run, scenario)


def _flows(run: _Run, scenario: str) -> Iterator[Claim]:
    if run.whole(scenario):
        yield from _slack(run, scenario)
    else:
        yield from _moves(run, scenario)
    yield from _measures(run, scenario)
    yield from _first_choice(run, scenario)


def _standing(run: _Run, scenario: str) -> Iterator[Claim]:
    if not run.whole(scenario):
        yield from _evidence(run, scenario)
    yield from _ranks(run, scenario)
    yield from _ties(run, scenario)


# --- how much survives


def _output(run: _Run, scenario: str) -> Iterator[Claim]:
    """Yield what the baseline can field, and what falls short of target."""
    capacity = run.share(scenario, "capacity")
    said = capacity_words(capacity, weighting=run.comparison.weighting)
    yield Claim(f"The baseline can field {said}.")
    systems = run.of(run.comparison.systems, scenario)
    short = systems[systems["share"] < 1 - SAME].sort_values(["share", "system"])
    told = [f"{visible(row['name'])} ({percent(row['share'])})" for row in short.to_dict("records")]
    if told:
        proof = _feeding(run, scenario, set(short["system"]))
        yield Claim(f"Short of target: {listed(told, most=_SYSTEMS)}.", proof)
    yield from _prices(run, scenario)


def _survival(run: _Run, scenario: str) -> Iterator[Claim]:
    surviving, once = run.share(scenario), run.share(scenario, "at_once")
    said = f"{_leaves(run, surviving)}{_range(run, scenario)}"
    if not isnan(once):
        gap = surviving - once
        back = percent(gap) if gap > SAME else "nothing"
        said += f"; at once {percent(once)} does, so re-planning recovers {back}"
    yield Claim(f"{said}.", run.cut(scenario))


def _leaves(run: _Run, surviving: float) -> str:
    whose = "the baseline's" if run.comparison.reference is None else "the reference's"
    if surviving > 1 + NOTHING:
        return f"Scaling capacity rises to {percent(surviving)} of {whose}"
    return f"{percent(surviving)} of {whose} scaling capacity survives after re-planning"


def _range(run: _Run, scenario: str) -> str:
    low, high = run.share(scenario, "interval_low"), run.share(scenario, "interval_high")
    if isnan(low) or isnan(high) or high - low <= SAME:
        return ""
    return f" ({percent(low)} to {percent(high)} over the ranges of its cuts and leaks)"


def _systems(run: _Run, scenario: str) -> Iterator[Claim]:
    """Yield which systems fall most, in percent of target."""
    before = run.of(run.comparison.systems, BASELINE).set_index("system")["share"]
    rows = run.of(run.comparison.systems, scenario)
    rows = rows.assign(before=rows["system"].map(before))
    rows = rows.assign(fall=rows["before"] - rows["share"])
    falls = rows[rows["fall"] > SAME].sort_values(["fall", "system"], ascending=[False, True])
    if falls.empty:
        return
    told = [
        f"{visible(row['name'])} from {percent(row['before'])} to {percent(row['share'])} of target"
        for row in falls.head(_SYSTEMS).to_dict("records")
    ]
    fall = "falls" if len(falls) == 1 else "fall"
    most = ", most of all" if len(falls) > len(told) else ""
    yield Claim(
        f"{len(falls)} of {len(rows)} systems {fall}{most}: {'; '.join(told)}.",
        _feeding(run, scenario, set(falls["system"].head(_SYSTEMS))),
    )


def _feeding(run: _Run, scenario: str, systems: set[str]) -> tuple[str, ...]:
    """Return the binding elements that goods of these systems come from or pass."""
    goods: set[str] = set()
    found = systems
    while found:
        goods |= found
        needs = run.tables.requirements
        found = {row.component for row in needs if row.product in goods} - goods
    binding = run.priced(scenario, "loss_1pct")["element"]
    rows = {element: run.tables.elements[element] for element in binding}
    return _sorted(element for element, row in rows.items() if _handles(run.tables, row, goods))


def _handles(tables: Tables, row: Supply | Lane | Plant | Stock, goods: set[str]) -> bool:
    if isinstance(row, Lane):
        return any(row.takes(tables.category(good)) for good in goods)
    return (row.product if isinstance(row, Plant) else row.component) in goods


# --- what binds


def _pillar(run: _Run, scenario: str) -> Iterator[Claim]:
    stands = run.comparison.outcomes[scenario].standings
    base = run.share(BASELINE, "capacity")
    named = run.rows[scenario]["binds"]
    if not stands or not named:
        return
    losses = {pillar: one.loss_share for pillar, one in stands.items() if one.loss_share > SAME}
    if named not in set(Pillar):
        text = "No pillar binds alone: lifting the cuts of any one returns nothing."
        yield Claim(f"{text}{_divided(losses)}", run.cut(scenario))
        return
    binding = Pillar(named)
    proof = tuple(e for e in run.cut(scenario) if run.tables.elements[e].pillar is binding)
    if set(losses) == {binding}:
        yield Claim(f"{binding.value.capitalize()} binds and carries the whole loss.", proof)
        return
    one = stands[binding]
    text = (
        f"{binding.value.capitalize()} binds: without its cuts {percent(one.relief / base)} would "
        f"survive, with its cuts alone {percent(one.ceiling / base)}."
    )
    yield Claim(f"{text}{_divided(losses)}", proof)


def _divided(losses: Mapping[Pillar, float]) -> str:
    parts = [
        f"{pillar.value} {percent(loss)}"
        for pillar, loss in sorted(losses.items(), key=lambda item: -item[1])
    ]
    return f" The loss divides into {_and(parts)}." if len(parts) > 1 else ""


def _prices(run: _Run, scenario: str) -> Iterator[Claim]:
    """Yield what binds most with its price, and what the bottleneck is."""
    losses, gains = run.priced(scenario, "loss_1pct"), run.priced(scenario, "gain_1pct")
    if losses.empty and gains.empty:
        return
    worst, best = _top(losses, "loss_1pct"), _top(gains, "gain_1pct")
    if worst:
        price = losses["loss_1pct"].iloc[0]
        one = len(worst) == 1
        yield Claim(
            f"What binds most {'is' if one else 'are'} {_called(run, worst)}: losing 1 % of "
            f"{'it' if one else 'any one'} costs {amount(price)} % of the baseline's capacity.",
            worst,
        )
    if not best:
        text = "No single limit is a bottleneck: 1 % more of any one gains nothing."
        yield Claim(text, _sorted(losses["element"]))
        return
    price = f"1 % more gains {amount(gains['gain_1pct'].iloc[0])} %"
    yield Claim(
        f"It is the largest bottleneck too: {price}."
        if best == worst
        else f"The largest bottleneck is {_called(run, best)}: {price}.",
        best,
    )


def _top(rows: pd.DataFrame, column: str) -> tuple[str, ...]:
    """Return the elements whose price cannot be told from the largest."""
    if rows.empty:
        return ()
    near = rows[rows[column] >= rows[column].iloc[0] * (1 - SAME)]
    return _sorted(near["element"])


def _called(run: _Run, elements: tuple[str, ...]) -> str:
    named = [run.title(element) for element in elements[:_NAMES]]
    rest = len(elements) - len(named)
    return _and([*named, *([f"{rest} more"] if rest else [])])


# --- where flows move


class _Onto(NamedTuple):
    """What carries or supplies more than in the baseline, and whether that is a detour."""

    said: str
    elements: tuple[str, ...]
    detour: bool = False


def _moves(run: _Run, scenario: str) -> Iterator[Claim]:
    for move in (*_falls(run, scenario), *_absorbed(run, scenario)):
        text = f"Detour: {move.said}" if move.detour else move.said[:1].upper() + move.said[1:]
        yield Claim(f"{text}.", move.elements)


def _absorbed(run: _Run, scenario: str) -> Iterator[_Onto]:
    """Yield where more flows than in the baseline."""
    yield from _onto_origins(run, scenario)
    yield from _onto_lanes(run, scenario)
    yield from _onto_goods(run, scenario)


def _falls(run: _Run, scenario: str) -> Iterator[_Onto]:
    """Yield how much less comes from abroad, and how much less is supplied at home."""
    rows = run.moved(scenario, "origin").sort_values(["more", "key"])
    home = rows["key"] == run.tables.settings.destination
    yield from _less_from_abroad(run, scenario, rows[~home])
    yield from _less_at_home(run, scenario, rows[home])


def _less_from_abroad(run: _Run, scenario: str, rows: pd.DataFrame) -> Iterator[_Onto]:
    falling = rows[rows["more"] < -run.least_usd]
    if falling.empty:
        return
    most, whole = falling.iloc[0], -float(rows["more"].sum())
    where = visible(place_name(run.tables, most["key"]))
    by = f"by USD {_usd(-most['more'])} a month"
    if len(falling) == 1:
        said = f"supply from {where} falls {by}"
    elif whole > run.least_usd:
        said = f"supply from abroad falls by USD {_usd(whole)} a month, most from {where}, {by}"
    else:
        said = f"supply from abroad falls most from {where}, {by}"
    yield _Onto(said, _supplied_from(run, scenario, set(falling["key"])))


def _less_at_home(run: _Run, scenario: str, rows: pd.DataFrame) -> Iterator[_Onto]:
    """Yield what is supplied less at home, and whether that is cut or no longer needed."""
    for row in rows[rows["more"] < -run.least_usd].to_dict("records"):
        own = _supplied_from(run, scenario, {row["key"]})
        cut = "" if set(own) & set(run.cut(scenario)) else "; none of it is cut, it is needed less"
        yield _Onto(f"supply at home falls by USD {_usd(-row['more'])} a month{cut}", own)


def _onto_origins(run: _Run, scenario: str) -> Iterator[_Onto]:
    rows = run.moved(scenario, "origin").sort_values(["more", "key"]).tail(1)
    for row in rows[rows["more"] > run.least_usd].to_dict("records"):
        home = row["key"] == run.tables.settings.destination
        where = "at home" if home else f"from {visible(place_name(run.tables, row['key']))}"
        said = f"supply rises most {where}, by USD {_usd(row['more'])} a month"
        yield _Onto(said, _supplied_from(run, scenario, {row["key"]}))


def _supplied_from(run: _Run, scenario: str, origins: set[str]) -> tuple[str, ...]:
    """Return the supplies of these origins that give more or less than in the baseline."""
    own = {e.element for e in run.tables.supplies.values() if e.origin in origins}
    return _sorted(own & run.used_otherwise(scenario))


def _onto_lanes(run: _Run, scenario: str) -> Iterator[_Onto]:
    """Yield what lanes to the destination carry beyond the baseline.

    Only what lanes without a cut of the class carry is a detour; where goods are stopped on the
    way, more may be sent on the same lane.
    """
    home = run.tables.settings.destination
    where = visible(place_name(run.tables, home))
    into = {row.lane: row.element for row in run.tables.lanes.values() if row.to_place == home}
    rows = run.moved(scenario, "lane", total=False)
    rows = rows[rows["key"].isin(into) & (rows["more"] > 0)]
    rows = rows.assign(element=rows["key"].map(into))
    hit = _cut_classes(run, scenario)
    pairs = zip(rows["element"], rows["category"], strict=True)
    cut = np.array([not hit.isdisjoint({(e, ""), (e, c)}) for e, c in pairs], dtype=bool)
    spared = " that are not cut" if hit else ""
    for part, which, detour in (
        (rows[~cut], spared, bool(hit)),
        (rows[cut], " that are cut", False),
    ):
        total = float(part["more"].sum())
        if total > run.least_usd:
            said = f"lanes into {where}{which} carry USD {_usd(total)} a month more{_mostly(part)}"
            yield _Onto(said, _sorted(part["element"][part["more"] > SAME * total]), detour)


def _mostly(rows: pd.DataFrame) -> str:
    classes = rows.groupby("category")["more"].sum()
    named = visible(classes.idxmax())
    return f", most of it {named}" if len(classes) > 1 else f", all of it {named}"


def _cut_classes(run: _Run, scenario: str) -> set[tuple[str, str]]:
    """Return the lanes that are cut, each with the class of goods; blank for the whole lane."""
    cuts = run.of(run.comparison.cuts, scenario)
    cuts = cuts[cuts["element"].str.startswith("lane:")]
    return {
        (element, run.tables.category(good) if good else "")
        for element, good in zip(cuts["element"], cuts["good"], strict=True)
    }


def _onto_goods(run: _Run, scenario: str) -> Iterator[_Onto]:
    """Yield of which components more is supplied than in the baseline."""
    rows = run.moved(scenario, "component").sort_values(["more", "key"], ascending=[False, True])
    rows = rows[rows["more"] > run.least_usd]
    if rows.empty:
        return
    told = [
        f"{visible(good_name(run.tables, row['key']))} (by USD {_usd(row['more'])} a month)"
        for row in rows.head(_GOODS).to_dict("records")
    ]
    rest = len(rows) - len(told)
    goods = set(rows["key"])
    own = {e.element for e in run.tables.supplies.values() if e.component in goods}
    said = _and([*told, *([f"{rest} more"] if rest else [])])
    yield _Onto(
        f"more is supplied of {said}",
        _sorted(own & run.used_more(scenario)),
    )


def _slack(run: _Run, scenario: str) -> Iterator[Claim]:
    """Yield what absorbs a scenario that leaves all."""
    if not run.cut(scenario):
        yield Claim("Nothing is cut in this dataset.")
        return
    parts = tuple(_absorbed(run, scenario))
    if parts:
        said = "; ".join(part.said for part in parts)
        proof = _sorted(element for part in parts for element in part.elements)
        yield Claim(f"Room elsewhere absorbs it: {said}.", proof)
    elif run.share(scenario, "at_once") >= 1 - SAME:
        yield Claim("Slack absorbs it: what remains covers what was used.", run.cut(scenario))


# --- measures, first choices, evidence, ranks


def _measures(run: _Run, scenario: str) -> Iterator[Claim]:
    rows = run.of(run.comparison.measures, scenario)
    spare = (rows["effect"] == "bites") & (rows["returns"] <= NOTHING)
    rows = rows.assign(effect=rows["effect"].mask(spare, "spare"))
    biting = rows[rows["effect"] == "bites"].sort_values(
        ["returns", "measure"], ascending=[False, True]
    )
    if len(rows) > 1 and len(biting):
        first = biting.iloc[0]
        yield Claim(
            f"Of its {len(rows)} measures the one that counts most is {visible(first['title'])}: "
            f"lifting it alone returns {percent(first['returns'])}.",
            _aimed(run, scenario, [first["measure"]]),
        )
    for effect, said in _IDLE.items():
        idle = rows[rows["effect"] == effect].sort_values("measure")
        if len(idle):
            named = _named(idle["title"].map(visible).tolist(), of=len(rows))
            yield Claim(f"{said}: {named}{_why(idle)}.", _aimed(run, scenario, idle["measure"]))


def _named(titles: list[str], *, of: int) -> str:
    """Return titles, which may hold commas, as a list; of many only their number."""
    return "; ".join(titles) if len(titles) <= _SYSTEMS else f"{len(titles)} of its {of} measures"


def _why(idle: pd.DataFrame) -> str:
    """Return the reason of a measure that is not modelled, where it is the only one."""
    lone = len(idle) == 1 and idle["effect"].iloc[0] == "not_modelled"
    note = visible(idle["note"].iloc[0]) if lone else ""
    return f" ({note.rstrip('.')})" if note else ""


def _aimed(run: _Run, scenario: str, measures: Iterable[str]) -> tuple[str, ...]:
    """Return the elements that measures are aimed at."""
    aims = run.comparison.outcomes[scenario].solution.effect.aims
    found = [aims[measure] for measure in measures if measure in aims]
    return _sorted(e for aim in found for e in (*aim.elements, *(lane for lane, _ in aim.goods)))


def _first_choice(run: _Run, scenario: str) -> Iterator[Claim]:
    """Yield the first-choice shares that a scenario changes."""
    before = run.comparison.outcomes[BASELINE].first_choice
    after = run.comparison.outcomes[scenario].first_choice
    changed = {slot: share for slot, share in after.items() if slot in before}
    changed = {slot: s for slot, s in changed.items() if abs(s - before[slot]) > SAME}
    if not changed:
        return
    told = [
        f"{percent(share)} in slot {_slot(run, slot)} (baseline {percent(before[slot])})"
        for slot, share in sorted(changed.items())
    ]
    slots = {tuple(slot.split("/")) for slot in changed}
    goods = {e.component for e in run.tables.requirements if (e.product, e.slot) in slots}
    proof = (e.element for e in run.tables.supplies.values() if e.component in goods)
    yield Claim(f"First-choice share at most: {_and(told)}.", _sorted(proof))


def _slot(run: _Run, name: str) -> str:
    product, _, slot = name.partition("/")
    return f"{visible(slot)} of {visible(good_name(run.tables, product))}"


def _evidence(run: _Run, scenario: str) -> Iterator[Claim]:
    found = run.comparison.evidence(scenario)
    shares = sorted(found.shares.items(), key=lambda item: -item[1])
    told = [f"{percent(share)} is {basis.value}" for basis, share in shares if share > NOTHING]
    if not told or found.weakest is None:
        return
    row = run.tables.elements[found.weakest]
    text = (
        f"Of what decides this {_and(told)}; the weakest figure is that of "
        f"{run.title(found.weakest)} ({row.basis.value}, confidence {row.confidence.value})"
    )
    aged = f", the oldest is of {found.oldest}" if found.oldest else ""
    undated = f", {found.undated} without a date" if found.undated else ""
    yield Claim(f"{text}{aged}{undated}.", _sorted(run.priced(scenario, "loss_1pct")["element"]))


def _ranks(run: _Run, scenario: str) -> Iterator[Claim]:
    """Yield the ranks under other weightings, where they differ from the run's."""
    own = run.comparison.weighting
    ranks = {weighting.value: _rank(run, scenario, weighting) for weighting in Weighting}
    here = ranks.pop(own)
    other = {name: rank for name, rank in ranks.items() if rank is not None and rank != here}
    if here is None or not other or _never_lost(run, scenario):
        return
    told: dict[str, list[str]] = {}
    for name, rank in other.items():
        survives = percent(run.share(scenario, f"surviving_{name}"))
        told.setdefault(f"{rank} ({survives} survives)", []).append(name)
    parts = [f"{said} under {_and(names)}" for said, names in told.items()]
    count = len(run.compared)
    yield Claim(
        f"Weights pick winners: from the least that survives it ranks {here} of {count} here, "
        f"{_and(parts)}."
    )


def _rank(run: _Run, scenario: str, weighting: Weighting) -> int | None:
    """Return the place of a scenario, 1 for what leaves least; ties share the first place."""
    column = f"surviving_{weighting.value}"
    own = run.share(scenario, column)
    others = (run.share(name, column) for name in run.compared)
    return None if isnan(own) else 1 + sum(other < own - SAME for other in others)


def _never_lost(run: _Run, scenario: str) -> bool:
    columns = (f"surviving_{weighting.value}" for weighting in Weighting)
    return all(run.share(scenario, column) >= 1 - SAME for column in columns)


def _ties(run: _Run, scenario: str) -> Iterator[Claim]:
    own = run.share(scenario)
    tied = [
        visible(name)
        for name in run.compared
        if name != scenario and abs(run.share(name) - own) < SAME
    ]
    if tied:
        named = listed(tied, most=_TIES)
        yield Claim(f"By what survives it is not distinguishable from {named}.")


# --- wording


def _and(parts: Iterable[str]) -> str:
    """Return parts as a list in words.

    Examples
    --------
    >>> _and(["a", "b", "c"])
    'a, b and c'
    """
    *others, last = parts
    return f"{', '.join(others)} and {last}" if others else last


def _usd(value: float) -> str:
    """Return money in three digits.

    Examples
    --------
    >>> [_usd(value) for value in (11_150_000.0, 253_361.0, 12.0)]
    ['11.2 million', '253,000', '12']
    """
    if value >= 1e6:  # noqa: PLR2004 - a million
        return f"{float(format(value / 1e6, _SIGNIFICANT)):,.10g} million"
    return f"{float(format(value, _SIGNIFICANT)):,.10g}"


def _sorted(elements: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({str(element) for element in elements}))
