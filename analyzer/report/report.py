"""The report: one HTML document to be read from top to bottom, printed, or sent along.

Safety: the policy in its head lets no script run and nothing be asked for; the style sheet is held
to its hash; every text goes through a template that escapes it.
"""

from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from analyzer.report.kept import Kept
from analyzer.report.page import policy
from analyzer.report.sections import SECTIONS
from analyzer.report.words import GUARD_RAILS


def report(run: Kept) -> str:
    """Return the report of a run: a whole HTML document, to be written as UTF-8.

    Parameters
    ----------
    run : Kept
        What the run kept of itself; the same gives the same text.
    """
    style = (files("analyzer.report") / "templates" / "report.css").read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=PackageLoader("analyzer.report"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["drawing"] = Markup  # what `inline_svg` made, in which all text is escaped
    return environment.get_template("report.html.j2").render(
        {name: section(run) for name, section in SECTIONS.items()},
        guard_rails=GUARD_RAILS,
        policy=policy(scripts=[], styles=[style]),
        style=Markup(style),  # noqa: S704 - a file of this package
    )
