"""What a report tells of the case itself: names, grounds, concentration, doubts and sources.

Convention: plain values that JSON can hold, texts as the tables have them; none comes from a solve.
"""

from collections import Counter
from typing import TYPE_CHECKING

from analyzer.network.chains import depth, single_points
from analyzer.network.concentration import concentration
from analyzer.report import results
from analyzer.report.records import (
    Record,
    civil_use,
    good_name,
    place_name,
    source_records,
    titles,
)
from supply_data.schema import Supply

if TYPE_CHECKING:
    from analyzer.network.case import Case
    from analyzer.study.compare import Comparison
    from scenarios.schema import Scenario
    from supply_data.schema import Tables


def about(comparison: "Comparison") -> Record:
    """Return what a report tells of the case that a run was made on.

    Returns
    -------
    dict
        ``dataset`` (title, summary, destination, licence, …), ``places`` and ``goods`` (names),
        ``elements`` (title, pillar, basis, confidence, date, civil use), ``lanes`` into the
        destination, ``systems`` with the targets of the run, ``scenarios`` (summary, and per
        measure kind, status and sources), ``concentration``, ``single_points``, ``depth``,
        ``bases`` (rows by basis), ``pruned``, ``assumptions``, ``contradictions``, ``sources``.
    """
    case = comparison.case
    tables = case.tables
    return {
        "dataset": _dataset(tables),
        "places": {place: place_name(tables, place) for place in tables.places},
        "goods": {good: good_name(tables, good) for good in (*tables.components, *tables.systems)},
        "elements": _elements(tables),
        "lanes": [
            {"lane": row.lane, "from": row.from_place, "element": row.element}
            for row in tables.lanes.values()
            if row.to_place == tables.settings.destination
        ],
        "systems": _systems(comparison),
        "scenarios": {scenario.id: _scenario(scenario) for scenario in case.scenarios},
        "concentration": results.records(concentration(tables)),
        "single_points": results.records(single_points(tables)),
        "depth": results.records(depth(tables)),
        "bases": dict(Counter(row.basis.value for row in tables.elements.values())),
        "pruned": list(comparison.pruned),
        **_doubts(case),
        "sources": source_records(tables),
    }


def _dataset(tables: "Tables") -> Record:
    settings = tables.settings
    return {
        "id": settings.id,
        "title": settings.title or settings.id,
        "summary": settings.summary,
        "destination": place_name(tables, settings.destination),
        "as_of": settings.as_of,
        "licence": settings.licence,
        "notes": settings.notes,
    }


def _elements(tables: "Tables") -> dict[str, Record]:
    called = titles(tables)
    count = Counter(called.values())
    return {
        element: {
            # two brands of one origin may be called alike
            "title": called[element]
            if count[called[element]] == 1
            else f"{called[element]} ({element.partition(':')[2]})",
            "pillar": "" if row.pillar is None else row.pillar.value,
            "basis": row.basis.value,
            "confidence": row.confidence.value,
            "as_of": row.as_of or "",
            "civil_use": civil_use(tables, row.component) if isinstance(row, Supply) else "",
        }
        for element, row in tables.elements.items()
    }


def _systems(comparison: "Comparison") -> list[Record]:
    tables = comparison.case.tables
    targets = comparison.systems.drop_duplicates("system").set_index("system")["target_per_month"]
    return [
        {
            "system": key,
            "name": row.name or key,
            "group": row.group,
            "target_per_month": float(targets[key]),
            "basis": row.basis.value,
        }
        for key, row in tables.systems.items()
        if key in targets.index
    ]


def _scenario(scenario: "Scenario") -> Record:
    return {
        "summary": scenario.summary,
        "measures": {
            measure.id: {
                "kind": measure.kind.value.replace("_", " "),
                "status": measure.status.value.replace("_", " "),
                "basis": measure.basis,
                "sources": list(measure.source_ids),
            }
            for measure in scenario.measures
        },
    }


def _doubts(case: "Case") -> Record:
    doubts = case.doubts
    return {
        "assumptions": [each.model_dump(mode="json") for each in doubts.assumptions],
        "contradictions": [each.model_dump(mode="json") for each in doubts.contradictions],
    }
