"""How a run looks in a notebook: a short table and its heat map, every text escaped.

Convention: an uncertified scenario shows no number.
"""

from typing import Any

import pandas as pd

from analyzer.report.pictures import Picture
from analyzer.report.words import (
    NOT_A_FORECAST,
    UNCERTIFIED,
    binds,
    capacity_words,
    percent,
    visible,
)
from analyzer.study.compare import BASELINE, Comparison

COLUMNS = ("Scenario", "", "Survives", "Range", "At once", "Capacity", "Binds")


def as_html(comparison: Comparison, picture: Picture | None = None) -> str:
    """Return the scenarios of a run as an HTML table, in their order, with a picture below."""
    weighting = comparison.weighting
    rows = [_cells(row, weighting) for row in comparison.table.to_dict("records")]
    with pd.option_context("display.max_colwidth", None):
        table = pd.DataFrame(rows, columns=[*COLUMNS]).to_html(index=False, border=0)
    drawn = "" if picture is None else picture.as_html()
    return f"{table}\n<p>{NOT_A_FORECAST}</p>\n{drawn}"


def _cells(row: dict[Any, Any], weighting: str) -> tuple[str, ...]:
    named = visible(row["scenario"]), visible(row["title"])
    if not row["certified"]:
        return (*named, UNCERTIFIED, "", "", "", "")
    ends = percent(row["interval_low"]), percent(row["interval_high"])
    return (
        *named,
        percent(row["surviving"]),
        " to ".join(dict.fromkeys(ends)),
        percent(row["at_once"]),
        capacity_words(row["capacity"], weighting=weighting),
        "" if row["scenario"] == BASELINE else binds(row),
    )
