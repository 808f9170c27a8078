"""What the report says of months: the section of a horizon beside a run.

Convention: as in `analyzer.report.sections`.
"""

from collections.abc import Sequence

from analyzer.report.curve_pictures import curve_pictures
from analyzer.report.kept import Kept, Months
from analyzer.report.over_time import of_scenario
from analyzer.report.pictures import Picture
from analyzer.report.records import Record
from analyzer.report.words import UNCERTIFIED, percent, visible

DRAWN = 6
"""So many scenarios, those that leave least, have curves; the others have a row alone."""


def months(run: Kept) -> Record | None:
    """Return what scenarios do month by month, if that was followed."""
    if run.months is None:
        return None
    answer = run.months.answer
    costly = _costly(answer["scenarios"])
    named = {each["system"]: each["name"] for each in run.about["systems"]}
    return {
        "count": answer["months"],
        "foresight": answer["foresight"],
        "rows": [_row(row, answer["months"]) for row in answer["scenarios"]],
        "drawn": [
            {
                "title": visible(row["title"]),
                "pictures": _pictures(run.months, row["scenario"], named=named, number=number),
            }
            for number, row in enumerate(costly[:DRAWN], start=1)
        ],
        "more": max(len(costly) - DRAWN, 0),
    }


def _costly(rows: Sequence[Record]) -> list[Record]:
    """Return the scenarios that cost something in some month, what leaves least first."""
    known = [row for row in rows if row["certified"] and percent(row["lowest"]) != percent(1.0)]
    return sorted(known, key=lambda row: float(row["surviving_in_all"]))


def _row(row: Record, count: int) -> Record:
    title = visible(row["title"])
    if not row["certified"]:
        return {"title": title, "cells": None, "said": UNCERTIFIED, "exposed": False}
    cells = [
        percent(row["surviving_in_all"]),
        f"{percent(row['lowest'])} in month {row['lowest_month']}",
        _month(row["first_bad_month"], otherwise="never"),
        _back(row),
        f"at least {count}" if row["at_least"] else f"{row['time_to_survive']:.1f}",
    ]
    return {"title": title, "cells": cells, "said": "", "exposed": row["exposed"]}


def _back(row: Record) -> str:
    if row["first_bad_month"] is None:
        return ""
    return _month(row["time_to_recover"], otherwise="not by the end")


def _month(month: int | None, *, otherwise: str) -> str:
    return otherwise if month is None else f"month {month}"


def _pictures(
    found: Months, scenario: str, *, named: dict[str, str], number: int
) -> tuple[Picture, ...]:
    curve, systems, measures = (
        of_scenario(frame, scenario) for frame in (found.curve, found.systems, found.measures)
    )
    return curve_pictures(curve, systems, measures, named=named, number=number)
