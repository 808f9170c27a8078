"""What is told of responses: as JSON, as text for the terminal, as a page, and as files of a run.

Convention: a curve in plain characters goes from 0 to 1 and has the characters of a horizon's.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from textwrap import wrap
from typing import Any

import numpy as np
import pandas as pd

from analyzer.report.figures import response as curve
from analyzer.report.over_time import character
from analyzer.report.results import dataset_record, means, number, records
from analyzer.report.run_folder import RunFolder
from analyzer.report.study_page import Section, drawn, study_page
from analyzer.report.words import CERTIFIED, NOT_A_FORECAST, UNCERTIFIED, percent, visible
from analyzer.study.frames import unknown_limits
from analyzer.study.response import MONTHS, Response

ASKED = {
    "dose": "Capacity by dose: the share of all measures of a scenario that stands",
    "cut": "Capacity by the cut of each measure, the others of its scenario as they are",
    "leak": "Capacity by the leak of each measure, the others of its scenario as they are",
    MONTHS: "What survives in all months, by months until alternatives open",
}
KEY = (
    "One character a step from 0 to 1: # at least 95 % of the baseline's capacity survives, else "
    f"the tenths that do. {NOT_A_FORECAST}"
)
STEPS = 51


def answer(found: Response) -> dict[str, Any]:
    """Return the answer about responses with the keys of its contract."""
    tables = found.case.tables
    return {
        "dataset": dataset_record(tables),
        "weighting": found.weighting.value,
        "targets": found.options.target_set,
        "of": found.of,
        "baseline": {
            "capacity": found.baseline.capacity,
            "unknown": list(unknown_limits(found.case)),
            "certified": found.baseline.certified,
        },
        "responses": [
            {**row, "points": records(_points(found, row).drop(columns=["scenario", "measure"]))}
            for row in records(found.table)
        ],
        "certified": found.certified,
    }


def _points(found: Response, row: dict[str, Any]) -> pd.DataFrame:
    own = found.points[found.points["scenario"] == row["scenario"]]
    points: pd.DataFrame = own[own["measure"] == row["measure"]]
    return points


def summary(found: Response, *, width: int = 100) -> str:
    """Return what the terminal shows: a curve and a sentence or two for each."""
    settings = found.case.tables.settings
    head = f"{visible(settings.title or settings.id)}. {ASKED[found.of]}."
    lines = [*wrap(head, width), *([] if found.of == MONTHS else wrap(KEY, width))]
    for row in _rows(found):
        lines += ["", _name(row)]
        if found.of != MONTHS and len(_points(found, row)):
            lines.append(f"  {_characters(_points(found, row))}")
        for sentence in sentences(found, row):
            lines += wrap(sentence, width, initial_indent="  ", subsequent_indent="    ")
    return "\n".join([*lines, "", f"Numbers: {CERTIFIED}."]) + "\n"


def _rows(found: Response) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in found.table.to_dict("records")]


def _name(row: dict[str, Any]) -> str:
    within = f"{visible(row['measure'])} in {visible(row['scenario'])}"
    return f"{visible(row['title'])} ({within if row['measure'] else visible(row['scenario'])})"


def _characters(points: pd.DataFrame) -> str:
    at = np.linspace(0, 1, STEPS)
    return "".join(map(character, np.interp(at, points["value"], points["surviving"])))


def sentences(found: Response, row: dict[str, Any]) -> Iterator[str]:
    """Yield what is said of a curve: where it stands, where it stops mattering, how it was found.

    Parameters
    ----------
    found : Response
        All curves.
    row : dict
        The curve's row of the table.
    """
    points = _points(found, row)
    if found.of == MONTHS:
        yield from _paces(points)
        return
    if not len(points):
        yield UNCERTIFIED
        return
    ends = points.iloc[0]["surviving"], points.iloc[-1]["surviving"]
    own = f"at its own {percent(row['own'])}, {percent(row['surviving'])}"
    stands = "" if found.of == "dose" else f"; {own}"
    yield f"{percent(ends[0])} survives at 0 and {percent(ends[1])} at 1{stands}."
    yield _matters(found.of, row)
    if row["exact"]:
        yield _corners(int(points["kind"].isin(["corner", "break-even"]).sum()))
    else:
        yield f"Told at {len(points)} places, each certified; straight lines join them."
    if not row["certified"]:
        yield "Some values were not certified, and are left out; lines join those beside them."


def _corners(count: int) -> str:
    if not count:
        return "Straight throughout, which is exact."
    return f"Straight but for {count} corner{'s, which are' if count > 1 else ', which is'} exact."


def _matters(of: str, row: dict[str, Any]) -> str:
    if row["matters"] == "never":
        return "Never matters here: what it stops is found elsewhere, or not needed."
    if row["matters"] == "always":
        return f"Matters at every {of}{'' if of == 'leak' else ' above 0'}."
    if of == "leak":
        return f"Stops mattering at a leak of {percent(row['break_even'])}."
    return f"Matters from a {of} of {percent(row['break_even'])} on."


def _paces(points: pd.DataFrame) -> Iterator[str]:
    for point in records(points):
        back = point["half_back_month"]
        told = "never back" if back is None else f"back by month {back:.0f}"
        kept = UNCERTIFIED if point["surviving"] is None else percent(point["surviving"])
        yield f"{point['value']:.0f} months: {kept} in all; half of the loss is {told}."


def page(found: Response) -> str:
    """Return the page of responses: a whole HTML document, to be written as UTF-8."""
    return study_page(
        [_section(found, row, n) for n, row in enumerate(_rows(found), start=1)],
        study="response",
        what="by " + found.of.replace("_", " "),
        title=found.case.tables.settings.title,
        summary=f"{ASKED[found.of]}.",
    )


def _section(found: Response, row: dict[str, Any], n: int) -> Section:
    points = _points(found, row)
    if points["surviving"].isna().all():
        return Section(_name(row), [UNCERTIFIED])
    picture = drawn(
        curve(points, of=found.of, own=row["own"], even=row["break_even"]),
        name=f"response-{n}",
        title=f"What survives, by {found.of.replace('_', ' ')}",
        caption="Shares of the baseline's capacity. Dots are corners, the diamond is where it "
        "stands by itself; dashed is where it begins or ceases to matter."
        if found.of != MONTHS
        else "Shares of what the same months would bring without measures.",
    )
    return Section(_name(row), [*sentences(found, row)], [picture])


def write(found: Response, folder: RunFolder, *, started: datetime) -> None:
    """Write responses: curves as tables and as a page, the answer, and last ``run.json``.

    Parameters
    ----------
    found : Response
        The responses.
    folder : RunFolder
        Held for this run.
    started : datetime
        When the run began; with its zone.
    """
    told = answer(found)
    folder.write_parquet("results.parquet", found.points)
    folder.write_csv("results.csv", found.points)
    folder.write_csv("responses.csv", found.table)
    folder.write_text("response.html", page(found))
    folder.write_json("answer.json", told)
    folder.finish(
        {
            "started": started.astimezone(UTC).isoformat(timespec="seconds"),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            **{name: told[name] for name in ("dataset", "weighting", "targets", "of")},
            "scenarios": {"sha256": found.case.scenarios_sha256},
            "budget_usd_per_month": number(found.options.budget_usd_per_month),
            **means(),
            "lp_solves": int(found.table["solves"].sum()),
            "unknown_limits": len(told["baseline"]["unknown"]),
        }
    )
