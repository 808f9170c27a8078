"""What ``aftercut check`` says of a dataset and its scenarios: every fault, or what is odd."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import supply_data
from analyzer.network.aim import consecutive
from analyzer.network.case import Case, own_library
from analyzer.programme.flow import Options
from analyzer.report.words import listed
from analyzer.study.compare import unknown_limits
from analyzer.study.tries import Tries, tries_of
from scenarios.load import load
from scenarios.schema import BadScenarioError, ScenarioFault, Status
from supply_data.schema import BadTablesError, Fault, Figured, Tables

Faults = tuple[Fault | ScenarioFault, ...]


def checked(dataset: str, names: Sequence[str | Path] = ()) -> tuple[str, Faults]:
    """Return what to say of a dataset with its scenarios, or all faults of both.

    Parameters
    ----------
    dataset : str
        Name of a shipped dataset, else a folder.
    names : sequence of str or Path
        Scenarios as for a run.

    Returns
    -------
    tuple of str and tuple
        The report, and no faults; or the faults of tables and scenarios together.
    """
    faults: list[Fault | ScenarioFault] = []
    tables: Tables | None = None
    try:
        tables = supply_data.load(dataset)
    except BadTablesError as error:
        faults += error.faults
    try:
        found = load(names, library=own_library(dataset))
    except BadScenarioError as error:
        faults += error.faults
    if tables is None or faults:
        return "", tuple(faults)
    case = Case(tables, tuple(found.scenarios.values()), found.sha256, found.warnings)
    try:
        effects = tries_of(case, case.scenarios, options=Options())
    except BadScenarioError as error:
        return "", error.faults
    return "\n".join(_lines(case, effects)), ()


def _lines(case: Case, effects: Sequence[Tries]) -> Iterator[str]:
    tables = case.tables
    yield f"{tables.settings.id}: {tables.settings.title}"
    yield f"  {_sizes(tables)}"
    yield f"  {_bases(tables)}"
    yield from _named("no limit known", unknown_limits(case))
    yield from _named("can never contribute", case.pruned)
    yield f"  {len(case.scenarios)} scenarios, {_statuses(case)}"
    yield from _absent(effects)
    warnings = [*map(str, (*tables.warnings, *case.notes)), *_twice(case, effects)]
    yield from (f"warning: {warning}" for warning in warnings)
    yield f"No faults, {len(warnings)} warning{'s' * (len(warnings) != 1)}."


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


def _twice(case: Case, effects: Sequence[Tries]) -> Iterator[str]:
    seen: set[str] = set()
    for each in effects:
        for measure, aim in each.central.aims.items():
            pairs = consecutive(case.tables, aim) if measure not in seen else ()
            seen.add(measure)
            if pairs:
                legs = listed([f"{one} then {other}" for one, other in pairs], most=3)
                yield (
                    f"measure {measure} acts on lanes that follow each other, on each leg: {legs}"
                )
