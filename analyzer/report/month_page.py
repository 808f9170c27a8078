"""The page of one scenario over time: the graph of any month, with a slider over them.

It is the page of a run (`analyzer.report.page`) with months in the place of scenarios, so that all
that can be done there can be done here: two months are set against each other, a flow is traced, a
state filtered for. What stands first is the steady state before the months.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any

import numpy as np

from analyzer.report import words
from analyzer.report.drawing import Drawing, drawing
from analyzer.report.page import dataset_record, drawn, rendered
from analyzer.report.panel import touched
from analyzer.report.records import Record, good_name, rounded_number, series
from analyzer.report.words import percent, percent_range, visible
from analyzer.study.frames import BASELINE
from analyzer.study.horizon import Horizon
from analyzer.study.month_graphs import MonthGraphs

_SUMMARY = 2000
BEFORE = "Before month 1"
MOST_GRAPHS = 6
"""A run of more scenarios draws no months unless told to: a page each takes some 0.7 MB."""
MOST_EVEN = (
    "What is fielded is carried out as planned; of the flows that do it the most even ones are "
    "drawn. Amber carries more than before month 1, light blue less, red is cut."
)


def month_page(found: Horizon, graphs: MonthGraphs) -> str:
    """Return the page of a scenario's months: a whole HTML document, to be written as UTF-8."""
    return rendered(month_model(found, graphs))


def month_model(found: Horizon, graphs: MonthGraphs) -> dict[str, Any]:
    """Return everything that the page shows, as JSON can hold it.

    Parameters
    ----------
    found : Horizon
        What scenarios do month by month.
    graphs : MonthGraphs
        What flows in each month of one of them.

    Returns
    -------
    dict
        The keys of `analyzer.report.page.page_model`, and ``months``: ``title`` of the scenario,
        and ``stocks`` with the ``name`` of each and the share that is ``left`` of it.
    """
    tables, options = found.case.tables, found.options
    weighting = (options.weighting or tables.settings.weighting).value
    dataset = dataset_record(tables, weighting=weighting, targets=options.target_set)
    title = visible(graphs.scenario.title or graphs.scenario.id)
    picture = drawing(graphs)
    certified = np.full(len(graphs.table), graphs.certified)
    return {
        "dataset": dataset | {"title": f"{dataset['title']}: {title}, month by month"},
        **drawn(graphs, picture, certified=certified),
        "scenarios": list(_months(graphs, picture)),
        "firstChoices": [],
        "unlisted": [],
        "months": {"title": title, "stocks": list(_stocks(graphs))},
    }


@dataclass(frozen=True)
class _Shown:
    """A month as it is told."""

    name: str
    title: str
    row: Mapping[str, Any]
    measures: tuple[Record, ...]


def _months(graphs: MonthGraphs, picture: Drawing) -> Iterator[Record]:
    rows = graphs.table.to_dict("records")
    for place, row in enumerate(rows):
        name = str(row["scenario"])
        before = name == BASELINE
        shown = _Shown(
            name="before" if before else f"month-{name}",
            title=BEFORE if before else f"Month {name}",
            row={str(key): value for key, value in row.items()},
            measures=() if before else tuple(_measures(graphs, int(name))),
        )
        yield {
            **_month(graphs, shown, before=before),
            "touched": touched(graphs.case.tables, picture, place),
        }


def _month(graphs: MonthGraphs, shown: _Shown, *, before: bool) -> Record:
    certified = graphs.certified
    summary = graphs.case.tables.settings.summary if before else graphs.scenario.summary
    return {
        "id": shown.name,
        "title": shown.title,
        "summary": visible(summary, longest=_SUMMARY),
        "certified": certified,
        "certificate": words.CERTIFIED if certified else words.UNCERTIFIED,
        "headline": percent(shown.row["surviving"]) if certified else words.UNCERTIFIED,
        "answer": _answer(graphs, shown, before=before),
        "binds": "",
        "findings": [],
        "measures": list(shown.measures),
        "rests": None,
        **{
            name: rounded_number(float(shown.row[column])) if certified else None
            for name, column in (
                ("capacity", "capacity"),
                ("surviving", "surviving"),
                ("low", "strongest"),
                ("high", "weakest"),
            )
        },
    }


def _answer(graphs: MonthGraphs, shown: _Shown, *, before: bool) -> Record:
    if not graphs.certified:
        return {"figure": "?", "lead": words.UNCERTIFIED, "rest": ""}
    if before:
        lead = "of the steady state: what is fielded before month 1."
        return {"figure": "100 %", "lead": lead, "rest": words.NOT_A_FORECAST}
    row = shown.row
    ends = "" if isnan(row["weakest"]) else f" ({percent_range(row['strongest'], row['weakest'])})"
    lead = f"{ends} of what {shown.title.lower()} would field without measures.".strip()
    return {
        "figure": percent(row["surviving"]),
        "lead": lead,
        "rest": f"{MOST_EVEN} {words.NOT_A_FORECAST}",
    }


def _measures(graphs: MonthGraphs, month: int) -> Iterator[Record]:
    """Yield the measures that are in effect in a month, and how far."""
    frame = graphs.measures
    for row in frame[frame["month"] == month].to_dict("records"):
        if row["level"] > 0:
            yield {
                "title": visible(row["title"]),
                "effect": "bites",
                "effectWords": f"in effect: {percent(row['level'])}",
            }


def _stocks(graphs: MonthGraphs) -> Iterator[Record]:
    tables = graphs.case.tables
    for component, rows in graphs.stocks.groupby("component", sort=False):
        left = rows.sort_values("month")["left"].to_numpy(dtype=float)
        yield {"name": visible(good_name(tables, str(component))), "left": series(left)}
