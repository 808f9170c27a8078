"""A matplotlib Figure as SVG that a page under a strict policy can hold, and a reader can hear.

Convention: presentation attributes only, since a policy by hashes forbids ``style``; ids begin
with the figure's name, so that two figures on one page never share one; the same figure gives the
same text. What is drawn in the ink of `analyzer.report.figures` becomes ``currentColor``.
"""

import re
from io import StringIO
from xml.etree import ElementTree as ET

from matplotlib.figure import Figure

from analyzer.report.figures import INK, style

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_DROPPED = {f"{_SVG}metadata", f"{_SVG}style", f"{_SVG}clipPath"}
_FONTS = "'DejaVu Sans', Verdana, sans-serif"
_REFERENCE = re.compile(r"url\(#([^)]+)\)")


def inline_svg(figure: Figure, *, name: str, title: str, description: str) -> str:
    """Return a figure as an ``svg`` element with a title and a description.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        What to draw.
    name : str
        Letters, digits and hyphens; ids within begin with it.
    title, description : str
        What the figure is, and what is to be seen in it, for those who do not see it.
    """
    drawn = StringIO()
    with style(salt=name):
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    root = ET.fromstring(drawn.getvalue())  # noqa: S314 - what matplotlib just wrote
    used = _references(root)
    _clean(root, name=name, used=used)
    for place, (tag, text) in enumerate((("title", title), ("desc", description))):
        told = ET.Element(tag, {"id": f"{name}-{tag}"})
        told.text = text
        root.insert(place, told)
    told_by = {"aria-labelledby": f"{name}-title", "aria-describedby": f"{name}-desc"}
    root.attrib = {**_sized(root), "role": "img", **told_by, "stroke-linejoin": "round"}
    return ET.tostring(root, encoding="unicode")


def _references(root: ET.Element) -> frozenset[str]:
    """Return the ids that something within points to."""
    texts = (text for element in root.iter() for text in element.attrib.values())
    found = {name for text in texts for name in _REFERENCE.findall(text)}
    return frozenset(found | {e.attrib[_LINK][1:] for e in root.iter() if _LINK in e.attrib})


def _clean(parent: ET.Element, *, name: str, used: frozenset[str]) -> None:
    """Make attributes of styles, drop what nothing needs, and give ids the figure's name."""
    parent.tag = parent.tag.removeprefix(_SVG)
    parent.text = (parent.text or "").strip() or None
    parent.tail = None
    for child in list(parent):
        if child.tag in _DROPPED:
            parent.remove(child)
        else:
            _clean(child, name=name, used=used)
    own = dict(parent.attrib)
    own |= dict(_declarations(own.pop("style", "")))
    own.pop("clip-path", None)  # our figures draw nothing beyond their axes
    if own.get("id") not in used:
        own.pop("id", None)
    if _LINK in own:
        own["href"] = own.pop(_LINK)
    parent.attrib = {key: _renamed(key, value, name=name) for key, value in own.items()}


def _declarations(text: str) -> list[tuple[str, str]]:
    """Return the declarations of a style as attributes.

    Examples
    --------
    >>> _declarations("fill: #101418; stroke-width: 0.8")
    [('fill', 'currentColor'), ('stroke-width', '0.8')]
    """
    pairs = (each.partition(":") for each in text.split(";") if each.strip())
    found = ((key.strip(), value.strip()) for key, _, value in pairs)
    return [(key, _FONTS if key == "font-family" else _in_ink(value)) for key, value in found]


def _in_ink(value: str) -> str:
    return "currentColor" if value == INK else value


def _renamed(key: str, value: str, *, name: str) -> str:
    if key == "id":
        return f"{name}-{value}"
    if key == "href":
        return f"#{name}-{value[1:]}"
    text = re.sub(r"\s*\n\s*", " ", value).strip()
    return _REFERENCE.sub(rf"url(#{name}-\1)", text)


def _sized(root: ET.Element) -> dict[str, str]:
    kept = {key: root.attrib[key] for key in ("width", "height", "viewBox")}
    return {"xmlns": _SVG[1:-1], **kept}
