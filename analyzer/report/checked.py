"""What ``aftercut check`` says of a dataset, its scenarios and observations: faults, or the odd."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import supply_data
from analyzer.network.aim import consecutive
from analyzer.network.case import Case
from analyzer.network.chains import depth, single_points
from analyzer.network.concentration import concentration
from analyzer.network.dead_ends import dead_ends
from analyzer.network.library import own_library
from analyzer.network.rehearsal import rehearsal
from analyzer.programme.flow import Options
from analyzer.report.validated import observed
from analyzer.report.words import listed
from analyzer.study.compare import unknown_limits
from analyzer.study.tries import Tries, tries_of
from scenarios.load import load
from scenarios.schema import BadScenarioError, ScenarioFault, Status
from supply_data.doubts import doubts
from supply_data.plausibility import cited_in_facts, implausible, last_day, unsummed_shares
from supply_data.schema import BadTablesError, Fault, Figured, Tables

Faults = tuple[Fault | ScenarioFault, ...]

_BY = {"origin": "origins", "brand": "brands", "last_lane": "last lanes"}
_SHOWN = 3
"""Warnings of one kind that are told in full."""


class Odd(NamedTuple):
    """One warning, and what it has in common with others of its kind."""

    kind: str
    file: str
    text: str


def checked(
    dataset: str,
    names: Sequence[str | Path] = (),
    *,
    variants: Mapping[str, str] = MappingProxyType({}),
    today: date,
) -> tuple[str, Faults]:
    """Return what to say of a dataset with its scenarios, or all faults of both.

    Parameters
    ----------
    dataset : str
        Name of a shipped dataset, else a folder.
    names : sequence of str or Path
        Scenarios as for a run.
    variants : mapping of str to str, optional
        Readings of contradictions, as for a run.
    today : datetime.date
        The day against which dates are held.

    Returns
    -------
    tuple of str and tuple
        The report, and no faults; or the faults of tables and scenarios together.
    """
    try:
        first = rehearsal(dataset, names, variants=variants)
    except BadTablesError as error:
        return "", error.faults
    faults: list[Fault | ScenarioFault] = []
    tables: Tables | None = None
    try:
        tables = supply_data.load(dataset, variants=variants)
    except BadTablesError as error:
        faults += error.faults
    try:
        found = load(names, library=own_library(dataset))
    except BadScenarioError as error:
        faults += error.faults
    if tables is None or faults:
        return "", tuple(faults)
    if first is not None:
        first.check(tables=tables, scenarios=found)
    case = Case(tables, tuple(found.scenarios.values()), found.sha256, found.warnings)
    try:
        effects = tries_of(case, case.scenarios, options=Options())
        observed(dataset, tables, library=own_library(dataset))
        known = doubts(supply_data.folder(dataset), tables)
    except (BadScenarioError, BadTablesError) as error:
        return "", tuple(error.faults)
    odd = (
        *map(_of_row, _of_facts(case, supply_data.folder(dataset), today)),
        *map(_of_row, (*tables.warnings, *dead_ends(tables, case.pruned))),
        *map(_of_row, case.notes),
        *_ended(case, today),
        *_twice(case, effects),
    )
    return "\n".join(_lines(replace(case, doubts=known), effects, odd)), ()


def _lines(case: Case, effects: Sequence[Tries], odd: Sequence[Odd]) -> Iterator[str]:
    tables = case.tables
    yield f"{tables.settings.id}: {tables.settings.title}"
    yield f"  {_sizes(tables)}"
    yield f"  {_bases(tables)}"
    yield from _named("no limit known", unknown_limits(case))
    yield from _concentrated(tables)
    yield from _single_points(tables)
    yield from _deep(tables)
    yield f"  {len(case.scenarios)} scenarios, {_statuses(case)}"
    yield from _contradicting(case)
    yield from _absent(effects)
    yield from _grouped(odd)
    yield f"No faults, {len(odd)} warning{'s' * (len(odd) != 1)}."


def _contradicting(case: Case) -> Iterator[str]:
    """Yield which readings of contradictions can be tried."""
    known = case.doubts.variants
    tried = {each.contradiction: known.of(each.contradiction) for each in known.choices}
    if known.contradictions:
        told = (f"{name}={'|'.join(e.choice for e in each)}" for name, each in tried.items())
        variants = f": {', '.join(told)}" if tried else ""
        yield (
            f"  {len(known.contradictions)} contradictions of sources, "
            f"{len(tried)} of them variants{variants}"
        )


def _grouped(odd: Sequence[Odd]) -> Iterator[str]:
    """Yield the first few warnings of each kind, and how many more there are in which file."""
    kinds: dict[str, list[Odd]] = defaultdict(list)
    for each in odd:
        kinds[each.kind].append(each)
    for alike in kinds.values():
        yield from (f"warning: {each.text}" for each in alike[:_SHOWN])
        rest = Counter(each.file for each in alike[_SHOWN:])
        if rest:
            where = ", ".join(f"{count} in {file}" for file, count in rest.items())
            yield f"  … and {rest.total()} more like these: {where}"


def _of_row(fault: Fault | ScenarioFault) -> Odd:
    # what differs from one row to the next, names and numbers, is no part of the kind
    kind = re.sub(r"'[^']*'|\d[\d.,]*(e[+-]?\d+)?%?", "…", fault.rule)
    return Odd(kind, fault.file, str(fault))


def _of_facts(case: Case, folder: Path, today: date) -> Iterator[Fault]:
    measures = (each for scenario in case.scenarios for each in scenario.measures)
    cited = {source for measure in measures for source in measure.source_ids}
    cited |= cited_in_facts(folder)
    yield from implausible(case.tables, today=today, also_cited=cited)
    yield from unsummed_shares(folder)


def _ended(case: Case, today: date) -> Iterator[Odd]:
    measures = {m.id: m for scenario in case.scenarios for m in scenario.measures}
    for measure in measures.values():
        until = measure.in_force_until
        stands = measure.status in {Status.IN_FORCE, Status.SUSPENDED}
        if stands and until is not None and last_day(until) < today:
            status = measure.status.value.replace("_", " ")
            text = f"measure {measure.id} is {status} until {until}, which has passed"
            yield Odd("ended", "the scenarios", f"{text}. Find out what it is now")


def _sizes(tables: Tables) -> str:
    counts = {
        "systems": tables.systems,
        "components": tables.components,
        "places": tables.places,
        "supplies": tables.supplies,
        "lanes": tables.lanes,
        "plants": tables.plants,
        "stocks": tables.stocks,
        "sources": tables.sources,
    }
    return ", ".join(f"{len(rows)} {name}" for name, rows in counts.items())


def _bases(tables: Tables) -> str:
    rows: tuple[Figured, ...] = (
        *tables.components.values(),
        *tables.systems.values(),
        *tables.requirements,
        *tables.supplies.values(),
        *tables.lanes.values(),
        *tables.plants.values(),
        *tables.stocks,
    )
    counts = Counter(row.basis.value for row in rows)
    parts = (f"{counts[basis]} {basis}" for basis in ("reported", "derived", "assumed"))
    return f"rows by basis: {', '.join(parts)}"


def _concentrated(tables: Tables) -> Iterator[str]:
    """Yield how many equal sources all capacity is worth, and that of an item alone."""
    found = concentration(tables)
    mean = found[found["scope"] == "mean"].set_index("by")["equivalent"].to_dict()
    told = [
        f"{_BY[row['by']]} {row['equivalent']:.1f} ({row['largest_share']:.0%} {row['largest']}; "
        f"{mean[row['by']]:.1f} an item)"
        for row in found[found["scope"] == "pooled"].to_dict("records")
        if row["counted"]
    ]
    if told:
        yield f"  as concentrated as equal sources: {', '.join(told)}"


def _single_points(tables: Tables) -> Iterator[str]:
    found = single_points(tables)
    if found.empty:
        yield "  no single points of failure"
        return
    most = int(found["stopped"].max())
    worst = found.loc[found["stopped"] == most, "element"].tolist()
    yield (
        f"  {len(found)} single point{'s' * (len(found) != 1)} of failure; {most} of "
        f"{len(tables.systems)} systems cannot be made without {listed(worst, most=5)}"
    )


def _deep(tables: Tables) -> Iterator[str]:
    found = depth(tables).sort_values(["stages", "item"], ascending=[False, True])
    stages, chain = int(found["stages"].iloc[0]), str(found["chain"].iloc[0])
    yield f"  up to {stages} stage{'s' * (stages != 1)} of making: {chain.replace(';', ', ')}"


def _statuses(case: Case) -> str:
    measures = {m.id: m.status for scenario in case.scenarios for m in scenario.measures}
    counts = Counter(measures.values())
    parts = [f"{counts[status]} {status.value.replace('_', ' ')}" for status in Status]
    return f"{len(measures)} measures ({', '.join(parts)})"


def _named(what: str, elements: Sequence[str]) -> Iterator[str]:
    if elements:
        yield f"  {len(elements)} {what}: {listed(list(elements), most=6)}"


def _absent(effects: Sequence[Tries]) -> Iterator[str]:
    names = {name for each in effects for aim in each.central.aims.values() for name in aim.absent}
    yield from _named("codes or places that measures name are not in the dataset", sorted(names))


def _twice(case: Case, effects: Sequence[Tries]) -> Iterator[Odd]:
    seen: set[str] = set()
    for each in effects:
        for measure, aim in each.central.aims.items():
            pairs = consecutive(case.tables, aim) if measure not in seen else ()
            seen.add(measure)
            if pairs:
                legs = listed([f"{one} then {other}" for one, other in pairs], most=3)
                text = f"measure {measure} acts on lanes that follow each other, on each leg"
                yield Odd("twice", "the scenarios", f"{text}: {legs}")
