"""A horizon as one HTML document: a curve, its measures and its systems for each scenario.

Safety: as of the report; the policy lets no script run and nothing be asked for, and every text
goes through a template that escapes it.
"""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from analyzer.report.curves import by_system, curve_with_measures
from analyzer.report.over_time import KNOWS, of_scenario, sentences
from analyzer.report.page import policy
from analyzer.report.pictures import Picture
from analyzer.report.svg import inline_svg
from analyzer.report.words import GUARD_RAILS, UNCERTIFIED, visible
from analyzer.study.horizon import Horizon

BAND = "The band spans the ends of the ranges of cuts, coverages and leaks"


def over_time_page(found: Horizon) -> str:
    """Return the page of a horizon: a whole HTML document, to be written as UTF-8."""
    style = (files("analyzer.report") / "templates" / "report.css").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=PackageLoader("analyzer.report"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["drawing"] = Markup  # what `inline_svg` made, in which all text is escaped
    rows = [{str(k): v for k, v in row.items()} for row in found.table.to_dict("records")]
    asked = found.asked
    return environment.get_template("horizon.html.j2").render(
        title=visible(found.case.tables.settings.title),
        summary=f"{asked.months} months, {asked.foresight.value} foresight: "
        f"{KNOWS[asked.foresight]}.",
        scenarios=[_scenario(found, row, number) for number, row in enumerate(rows, start=1)],
        guard_rails=GUARD_RAILS,
        policy=policy(scripts=[], styles=[style]),
        style=Markup(style),  # noqa: S704 - a file of this package
    )


def _scenario(found: Horizon, row: dict[str, Any], number: int) -> dict[str, Any]:
    certified = bool(row["certified"])
    return {
        "title": visible(row["title"]),
        "sentences": [*sentences(found, row)] if certified else [UNCERTIFIED],
        "pictures": [*_pictures(found, row, number)] if certified else [],
    }


def _pictures(found: Horizon, row: dict[str, Any], number: int) -> Iterator[Picture]:
    name = row["scenario"]
    curve, measures = of_scenario(found.curve, name), of_scenario(found.measures, name)
    caption = (
        "Capacity of each month as a share of what it would be without measures; dotted is 95 %. "
        f"Below, how far each measure is in effect. {BAND}."
    )
    yield _picture(
        f"curve-{number}", "What survives, month by month", caption,
        curve_with_measures(curve, measures),
    )  # fmt: skip
    systems = of_scenario(found.systems, name)
    named = {key: each.name or key for key, each in found.case.tables.systems.items()}
    caption = f"Output of each system; grey is what it would be without measures. {BAND}."
    yield _picture(
        f"systems-{number}", "System by system", caption,
        by_system(systems.assign(name=systems["system"].map(named))),
    )  # fmt: skip


def _picture(name: str, title: str, caption: str, drawn: Any) -> Picture:  # noqa: ANN401 - Figure
    svg = inline_svg(drawn, name=name, title=title, description=caption)
    return Picture(name=name, title=title, caption=caption, svg=svg)
