"""A horizon as one HTML document: a curve, its measures and its systems for each scenario."""

from collections.abc import Iterator
from typing import Any

from analyzer.report.curves import by_system, curve_with_measures
from analyzer.report.over_time import KNOWS, of_scenario, sentences
from analyzer.report.pictures import Picture
from analyzer.report.study_page import Section, drawn, study_page
from analyzer.report.words import UNCERTIFIED, visible
from analyzer.study.horizon import Horizon

BAND = "The band spans the ends of the ranges of cuts, coverages and leaks"


def over_time_page(found: Horizon) -> str:
    """Return the page of a horizon: a whole HTML document, to be written as UTF-8."""
    rows = [{str(k): v for k, v in row.items()} for row in found.table.to_dict("records")]
    asked = found.asked
    return study_page(
        [_scenario(found, row, number) for number, row in enumerate(rows, start=1)],
        study="horizon",
        what="month by month",
        title=found.case.tables.settings.title,
        summary=f"{asked.months} months, {asked.foresight.value} foresight: "
        f"{KNOWS[asked.foresight]}.",
    )


def _scenario(found: Horizon, row: dict[str, Any], number: int) -> Section:
    title, certified = visible(row["title"]), bool(row["certified"])
    if not certified:
        return Section(title, [UNCERTIFIED])
    return Section(title, [*sentences(found, row)], [*_pictures(found, row, number)])


def _pictures(found: Horizon, row: dict[str, Any], number: int) -> Iterator[Picture]:
    name = row["scenario"]
    curve, measures = of_scenario(found.curve, name), of_scenario(found.measures, name)
    yield drawn(
        curve_with_measures(curve, measures),
        name=f"curve-{number}",
        title="What survives, month by month",
        caption="Capacity of each month as a share of what it would be without measures; dotted "
        f"is 95 %. Below, how far each measure is in effect. {BAND}.",
    )
    systems = of_scenario(found.systems, name)
    named = {key: each.name or key for key, each in found.case.tables.systems.items()}
    yield drawn(
        by_system(systems.assign(name=systems["system"].map(named))),
        name=f"systems-{number}",
        title="System by system",
        caption=f"Output of each system; grey is what it would be without measures. {BAND}.",
    )
