"""A horizon as one HTML document: a curve, its measures and its systems for each scenario."""

from typing import Any

from analyzer.report.curve_pictures import curve_pictures
from analyzer.report.month_page import month_page
from analyzer.report.over_time import KNOWS, of_scenario, sentences
from analyzer.report.pictures import Picture
from analyzer.report.study_page import Section, study_page
from analyzer.report.words import UNCERTIFIED, visible
from analyzer.study.horizon import Horizon

LINK = "The graph of any month"


def graph_file(number: int) -> str:
    """Return the name of the page of a scenario's months, scenarios counted from 1."""
    return f"months-{number}.html"


def over_time_pages(found: Horizon) -> dict[str, str]:
    """Return all pages of a horizon by the names of their files: curves, and graphs of months."""
    order = {name: number for number, name in enumerate(found.table["scenario"], start=1)}
    return {
        "horizon.html": over_time_page(found),
        **{
            graph_file(order[graphs.scenario.id]): month_page(found, graphs)
            for graphs in found.graphs
        },
    }


def over_time_page(found: Horizon) -> str:
    """Return the page of a horizon: a whole HTML document, to be written as UTF-8.

    Scenarios whose months can be looked at are linked to their pages, which lie beside it.
    """
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
    drawn = {graphs.scenario.id for graphs in found.graphs}
    return Section(
        title,
        [*sentences(found, row)],
        _pictures(found, row["scenario"], number),
        link=(graph_file(number), LINK) if row["scenario"] in drawn else None,
    )


def _pictures(found: Horizon, scenario: str, number: int) -> tuple[Picture, ...]:
    named = {key: each.name or key for key, each in found.case.tables.systems.items()}
    curve, systems, measures = (
        of_scenario(frame, scenario) for frame in (found.curve, found.systems, found.measures)
    )
    return curve_pictures(curve, systems, measures, named=named, number=number)
