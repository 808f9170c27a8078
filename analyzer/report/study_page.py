"""The page of one study: an HTML document of sections, each with sentences, a table and figures.

Safety: as of the report; the policy lets no script run and nothing be asked for, and every text
goes through a template that escapes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from matplotlib.figure import Figure

from analyzer.report.page import policy
from analyzer.report.pictures import Picture
from analyzer.report.svg import inline_svg
from analyzer.report.words import GUARD_RAILS, visible


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes
    ----------
    title : str
        What it is about.
    sentences : sequence of str
        A paragraph each.
    pictures : sequence of Picture
        Its figures.
    columns : sequence of str
        Heads of its table.
    rows : sequence of sequences of str
        Its table.
    link : (str, str) or None
        A file beside the page that says more, and what it is called.
    """

    title: str
    sentences: Sequence[str]
    pictures: Sequence[Picture] = ()
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    link: tuple[str, str] | None = None


def study_page(
    sections: Sequence[Section], *, study: str, what: str, title: str, summary: str
) -> str:
    """Return the page of a study: a whole HTML document, to be written as UTF-8.

    Parameters
    ----------
    sections : sequence of Section
        What it says.
    study : str
        The command that it is of.
    what : str
        What is told, in a word or two.
    title : str
        Title of the dataset.
    summary : str
        What was asked.
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
    return environment.get_template("study.html.j2").render(
        title=visible(title),
        study=study,
        what=what,
        summary=summary,
        sections=sections,
        guard_rails=GUARD_RAILS,
        policy=policy(scripts=[], styles=[style]),
        style=Markup(style),  # noqa: S704 - a file of this package
    )


def drawn(figure: Figure, *, name: str, title: str, caption: str) -> Picture:
    """Return a figure as a page holds it.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What to draw.
    name : str
        Letters, digits and hyphens, of no other figure of the page.
    title, caption : str
        What it shows, and what to see in it.
    """
    svg = inline_svg(figure, name=name, title=title, description=caption)
    return Picture(name=name, title=title, caption=caption, svg=svg)
