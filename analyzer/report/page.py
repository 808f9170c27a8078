"""The reviewer's page: one HTML file that asks nothing of any network.

`page_model` is everything that the page knows, made here and testable without a browser; the
browser only lays it out. pyvis holds the nodes and edges and renders our own template.

Safety: a Content-Security-Policy with the hashes of our scripts and our style sheet is the first
thing in the head; the template writes data in base64 only, the script sets text with
``textContent`` only, and trusted types forbid it to do otherwise. vis-network is deflated like
the data; what the browser unpacks runs only if it has the hash that the policy names.
"""

import json
import re
import zlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from numpy.typing import NDArray
from pyvis.network import Network

from analyzer.report import words
from analyzer.report.drawing import USD, Drawing, Edge, Node, drawing
from analyzer.report.layout import WIDTH, spans
from analyzer.report.ledger import Drawable
from analyzer.report.panel import (
    first_choices,
    scenario_records,
    system_records,
    unlisted_limits,
)
from analyzer.report.records import (
    FIGURES,
    Array,
    Record,
    Series,
    good_records,
    place_name,
    places_of,
    records,
    rounded_number,
    series,
    source_records,
    without_dust,
)
from analyzer.report.words import visible

if TYPE_CHECKING:
    from analyzer.study.compare import Comparison
    from supply_data.schema import Tables

_TEXT = 2000
_SAME = 1e-6
_TITLES = {
    "origin": "Origins",
    "hub": "Hubs",
    "component": "Components",
    "product": "Products",
    "system": "Systems",
}
_LIMITS = ("supply:", "lane:", "plant:", "system:")


@dataclass(frozen=True)
class _Behind:
    """What boxes and curves are told with: rows, records, and which scenarios have numbers."""

    tables: "Tables"
    picture: Drawing
    records: list[Record]
    certified: NDArray[np.bool_]

    @cached_property
    def boxes(self) -> dict[str, int]:
        """Where each box stands in the list of nodes."""
        return {node.id: place for place, node in enumerate(_in_order(self.picture))}

    @cached_property
    def columns(self) -> dict[str, int]:
        """In which column each box stands."""
        return {name: at for at, column in enumerate(self.picture.columns) for name in column}

    @cached_property
    def goods(self) -> dict[str, int]:
        """Where each component and system stands in the list of goods."""
        names = (*self.tables.components, *self.tables.systems)
        return {good: place for place, good in enumerate(names)}

    @cached_property
    def _places(self) -> dict[str, int]:
        return places_of(self.tables)

    def places(self, identities: Iterable[str]) -> list[int]:
        """Return where records stand in the list."""
        return [self._places[name] for name in identities if name in self._places]

    def told(self, values: Array) -> Series:
        """Return a series without the numbers of uncertified scenarios."""
        return series(np.where(self.certified, without_dust(values), np.nan))


def page(comparison: "Comparison") -> str:
    """Return the page of a run.

    Parameters
    ----------
    comparison : Comparison
        The result of one run; uncertified scenarios are shown without numbers.

    Returns
    -------
    str
        A whole HTML document, to be written as UTF-8.
    """
    return rendered(page_model(comparison))


def rendered(model: Mapping[str, Any]) -> str:
    """Return the page that shows a model; whatever text it holds stays text."""
    network = Network(directed=True)
    network.nodes, network.edges = model["nodes"], model["edges"]
    network.options = {"physics": {"enabled": False}}
    told = {key: value for key, value in model.items() if key not in {"nodes", "edges"}}
    network.templateEnv = _environment(told)
    network.path = "page.html.j2"
    html: str = network.generate_html()
    return html


def page_model(comparison: "Comparison") -> dict[str, Any]:
    """Return everything that the page shows, as JSON can hold it.

    Parameters
    ----------
    comparison : Comparison
        The result of one run.

    Returns
    -------
    dict
        `dataset`, `goods`, `columns`, `nodes`, `edges`, `scenarios`, `systems`, `records`,
        `sources` and more; `records` says what a series is. Nodes stand column by column, each
        from top to bottom.
    """
    picture = drawing(comparison)
    certified = comparison.table["certified"].to_numpy(dtype=bool)
    weighting, targets = str(comparison.weighting), comparison.targets
    return {
        "dataset": dataset_record(comparison.case.tables, weighting=weighting, targets=targets),
        **drawn(comparison, picture, certified=certified),
        "scenarios": scenario_records(comparison, picture),
        "firstChoices": first_choices(comparison),
        "unlisted": unlisted_limits(comparison),
    }


def drawn(
    comparison: Drawable, picture: Drawing, *, certified: NDArray[np.bool_]
) -> dict[str, Any]:
    """Return what the page shows of a picture and of what stands behind it.

    Parameters
    ----------
    comparison : Drawable
        The result of one run, or the months of a scenario.
    picture : Drawing
        Its picture.
    certified : array of bool
        Which scenarios, or months, have numbers.
    """
    tables = comparison.case.tables
    names = tuple(comparison.table["scenario"])
    behind = _Behind(tables, picture, records(tables, comparison.elements, names), certified)
    return {
        "guardRails": list(words.GUARD_RAILS),
        "figures": FIGURES,
        "goods": good_records(tables),
        "width": WIDTH,
        "columns": _columns(picture),
        "nodes": [_node(node, behind) for node in _in_order(picture)],
        "edges": [_edge(edge, behind) for edge in picture.edges],
        "systems": system_records(comparison),
        "records": [_told_only(record) for record in behind.records],
        "sources": source_records(tables),
        "pruned": [visible(element) for element in comparison.pruned],
    }


def _told_only(record: Record) -> Record:
    """Return a record without what says nothing: blanks, and shares of which nothing is cut."""
    blank = {"availability": 1.0, "arrival": 1.0}
    return {
        key: value for key, value in record.items() if value not in ("", [], blank.get(key, ""))
    }


def policy(*, scripts: Sequence[str], styles: Sequence[str]) -> str:
    """Return the Content-Security-Policy that lets these inline texts run and nothing else.

    Examples
    --------
    >>> policy(scripts=[""], styles=[]).split("; ")[1]
    "script-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hashes(scripts)}",
            f"style-src {_hashes(styles)}",
            "img-src data: blob:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types aftercut",
        )
    )


def packed(value: object) -> str:
    """Return a value as base64 of deflated JSON: small, and inert in any markup.

    Examples
    --------
    >>> from base64 import b64decode
    >>> zlib.decompress(b64decode(packed({"a": ["<b>", 1]})))
    b'{"a":["<b>",1]}'
    """
    return _deflated(json.dumps(value, separators=(",", ":")))


def _deflated(text: str) -> str:
    return b64encode(zlib.compress(text.encode(), level=9)).decode()


def _hashes(texts: Sequence[str]) -> str:
    digests = (b64encode(sha256(text.encode()).digest()).decode() for text in texts)
    return " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"


def _environment(model: Mapping[str, Any]) -> Environment:
    """Return our template's environment; pyvis adds its own nodes and edges to it."""
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        loader=PackageLoader("analyzer.report"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["packed"] = packed
    own, style = _script(), _part("page.css")
    environment.globals.update(
        model=model,
        policy=policy(scripts=[_bundled(), own], styles=[style]),
        library=_library(),
        script=Markup(own),  # noqa: S704 - a file of this package
        style=Markup(style),  # noqa: S704 - a file of this package
    )
    return environment


@cache
def _bundled() -> str:
    """Return vis-network as pyvis ships it, without the pointer to its source map."""
    text = (files("pyvis") / "lib/vis-9.1.2/vis-network.min.js").read_text(encoding="utf-8")
    return re.sub(r"//# sourceMappingURL=\S*\s*", "", text)


@cache
def _library() -> str:
    return _deflated(_bundled())


def _script() -> str:
    """Return our script: the parts in the order of their names, in one scope."""
    folder = files("analyzer.report") / "templates" / "script"
    parts = sorted((part.name, part) for part in folder.iterdir() if part.name.endswith(".js"))
    return "\n".join(part.read_text(encoding="utf-8") for _, part in parts)


def _part(name: str) -> str:
    return (files("analyzer.report") / "templates" / name).read_text(encoding="utf-8")


def _in_order(picture: Drawing) -> list[Node]:
    return [picture.nodes[name] for column in picture.columns for name in column]


def dataset_record(tables: "Tables", *, weighting: str, targets: str) -> Record:
    """Return what the page tells of the dataset and of how it was weighed."""
    settings = tables.settings
    return {
        "id": visible(settings.id),
        "title": visible(settings.title),
        "summary": visible(settings.summary, longest=_TEXT),
        "destination": visible(place_name(tables, settings.destination)),
        "weighting": weighting,
        "targets": visible(targets),
        "asOf": settings.as_of or "",
        "licence": visible(settings.licence, longest=_TEXT),
        "sha256": visible(tables.sha256),
    }


def _columns(picture: Drawing) -> list[Record]:
    return [
        {"kind": (kind := column[0].partition(":")[0]), "title": _TITLES[kind], **span._asdict()}
        for column, span in zip(picture.columns, spans(picture.columns), strict=True)
    ]


def _node(node: Node, behind: _Behind) -> Record:
    places = behind.places(node.records)
    return {
        "id": node.id,
        "kind": node.kind,
        "column": behind.columns[node.id],
        "name": visible(node.name),
        "group": visible(_group(node, behind.tables)),
        "amount": behind.told(node.amount),
        "unit": node.unit,
        "valued": bool(np.any(node.amount > 0)),
        "assumed": _mostly_assumed(behind.records[place] for place in places),
        "records": places,
        "facts": [[name, visible(value)] for name, value in _facts(node, behind.tables) if value],
    }


def _group(node: Node, tables: "Tables") -> str:
    """Return under which name a long column folds a box; places have none."""
    if node.kind in {"origin", "hub"}:
        return ""
    return tables.systems[node.key].group if node.kind == "system" else tables.category(node.key)


def _mostly_assumed(rows: Iterable[Record]) -> bool:
    """Tell whether more than half of the limits behind a box are assumed."""
    bases = [row["basis"] for row in rows if row["id"].startswith(_LIMITS)]
    return bases.count("assumed") > len(bases) / 2


def _facts(node: Node, tables: "Tables") -> Iterator[tuple[str, str]]:
    if node.kind in {"origin", "hub"}:
        yield "Blocs", ", ".join(tables.blocs(node.key))
    elif node.kind == "system":
        yield "Group", tables.systems[node.key].group
    else:
        row = tables.components[node.key]
        yield "Category", row.category
        yield "Pillar", row.pillar.value
        yield "Civil use", "" if row.civil_use is None else row.civil_use.value
        yield "HS headings", ", ".join(row.hs6)
        yield "Priority list tier", ", ".join(row.chpl_tiers)


def _edge(edge: Edge, behind: _Behind) -> Record:
    return {
        "from": behind.boxes[edge.start],
        "to": behind.boxes[edge.end],
        "goods": [behind.goods[good] for good in edge.goods],
        "amount": behind.told(edge.amount),
        **({"valued": 1} if edge.unit == USD else _worth(edge, behind)),
        "open": series(edge.open),
        "scale": rounded_number(edge.scale),
        "records": behind.places(edge.records),
    }


def _worth(edge: Edge, behind: _Behind) -> Record:
    """Return the USD for one unit where that is the same in all scenarios, else what is sent."""
    flows = edge.amount > 0
    worth = edge.usd[flows] / edge.amount[flows]
    if not flows.any() or np.ptp(worth) > _SAME * worth.max():
        return {"usd": behind.told(edge.usd)}
    return {"worth": rounded_number(float(worth.mean()))}
