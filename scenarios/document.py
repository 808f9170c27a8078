"""What a YAML file says, as text with line numbers, and nothing that could do harm.

Convention: YAML 1.2; every plain value stays text (``NO``, ``010101``, ``1E5``), only an empty one,
``~`` or ``null`` is None. Whatever reads differently to a person and to a parser is refused: tags,
anchors, aliases, merges, duplicate keys, several documents, tabs.
"""

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from scenarios.schema import BadScenarioError, ScenarioFault

Place = tuple[str | int, ...]

MOST_BYTES = 1 << 20
_DEEPEST = 30
_MOST_ITEMS = 10_000
_MOST_NODES = 100_000
_LONGEST_SHOWN = 80
_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_NO_NUMBER = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_REWRITE = "Write the value out where it is needed"


@dataclass(frozen=True, slots=True)
class Document:
    """The content of one file and the line on which each part of it stands."""

    file: str
    content: Any
    """Mappings, lists, text and None."""
    lines: Mapping[Place, int]
    """Line by path; a path is made of keys and positions."""

    def line(self, path: Place) -> int | None:
        """Return the line of a part, or of the nearest part around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def fault(self, path: Place, value: object, rule: str, remedy: str) -> ScenarioFault:
        """Return a fault at a part of this file; the key shown is the innermost one."""
        keys = [step for step in path if isinstance(step, str)]
        shown = None if value is None else cut_short(str(value))
        return ScenarioFault(
            self.file, self.line(path), keys[-1] if keys else None, shown, rule, remedy
        )


def cut_short(text: str) -> str:
    """Return a text no longer than a message can bear."""
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"


def document(raw: bytes, *, file: str) -> Document:
    """Return what a YAML file says.

    Parameters
    ----------
    raw : bytes
        The file, UTF-8.
    file : str
        Its name in messages.

    Raises
    ------
    BadScenarioError
        If it is not one plain YAML document; all that can be told at once is told.
    """
    text = _text(raw, file)
    reading = _Reading(file)
    try:
        content = reading.document(iter(YAML(typ="safe", pure=True).parse(io.StringIO(text))))
    except BadScenarioError:
        raise
    except YAMLError as error:
        reading.faults.append(_syntax_fault(error, text, file))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        # the parser trips over some malformed escapes and directives without naming the place
        rule = f"this is not YAML ({cut_short(str(error))})"
        reading.faults.append(ScenarioFault(file, None, None, None, rule, "Check the file"))
    if reading.faults:
        raise BadScenarioError(tuple(reading.faults))
    return Document(file, content, reading.lines)


def _text(raw: bytes, file: str) -> str:
    if len(raw) > MOST_BYTES:
        raise _refused(file, None, "the file is larger than 1 MiB", "Split it into several files")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        rule = f"the file is not UTF-8 (byte {error.start})"
        raise _refused(file, line, rule, "Save it as UTF-8") from None
    if "\t" in text:
        line = text.count("\n", 0, text.index("\t")) + 1
        raise _refused(file, line, "the line holds a tab", "Indent with blanks")
    return text


def _refused(file: str, line: int | None, rule: str, remedy: str) -> BadScenarioError:
    return BadScenarioError((ScenarioFault(file, line, None, None, rule, remedy),))


def _syntax_fault(error: YAMLError, text: str, file: str) -> ScenarioFault:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    position = getattr(error, "position", None)
    line = None if mark is None else mark.line + 1
    if line is None and isinstance(position, int):
        line = text.count("\n", 0, position) + 1
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it is broken"
    remedy = "Check the indentation, the quotes and the brackets here and just above"
    return ScenarioFault(file, line, None, None, f"this is not YAML: {problem}", remedy)


@dataclass
class _Reading:
    """The walk over one file's events; faults are gathered on the way."""

    file: str
    lines: dict[Place, int] = field(default_factory=dict)
    faults: list[ScenarioFault] = field(default_factory=list)
    nodes: int = 0

    def document(self, events: Iterator[Event]) -> object:
        """Return the content of the only document."""
        content: object = None
        documents = 0
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                self._check_start(event, documents)
            elif isinstance(event, NodeEvent):
                content = self._value(event, events, ())
            elif isinstance(event, StreamEndEvent) and not documents:
                self._note(event, None, "the file is empty", "Write a scenario or remove it")
        return content

    def _check_start(self, event: DocumentStartEvent, documents: int) -> None:
        if documents > 1:
            self._stop(event, "the file holds several documents", "Write one scenario a file")
        if event.version not in {None, (1, 2)} or event.tags:
            self._note(event, None, "the file has directives", "Leave the lines with % out")

    def _value(self, event: Event, events: Iterator[Event], path: Place) -> object:
        self.lines.setdefault(path, _line(event))
        self.nodes += 1
        if self.nodes > _MOST_NODES or len(path) > _DEEPEST:
            rule = f"the file holds over {_MOST_NODES} values or nests deeper than {_DEEPEST}"
            self._stop(event, rule, "Split the file")
        self._check_node(event)
        if isinstance(event, SequenceStartEvent):
            return self._items(events, path)
        if isinstance(event, MappingStartEvent):
            return self._pairs(events, path)
        return self._scalar(event) if isinstance(event, ScalarEvent) else None

    def _check_node(self, event: Event) -> None:
        if isinstance(event, AliasEvent):
            self._note(event, f"*{event.anchor}", "aliases are not read", _REWRITE)
        elif isinstance(event, NodeEvent) and event.anchor is not None:
            self._note(event, f"&{event.anchor}", "anchors are not read", _REWRITE)
        if isinstance(event, (ScalarEvent, CollectionStartEvent)) and event.ctag is not None:
            self._note(event, str(event.ctag), "tags are not read", "Leave the tag out")

    def _items(self, events: Iterator[Event], path: Place) -> list[object]:
        items: list[object] = []
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            if len(items) == _MOST_ITEMS:
                self._stop(event, f"the list has over {_MOST_ITEMS} items", "Use a bloc or a tier")
            items.append(self._value(event, events, (*path, len(items))))
        return items

    def _pairs(self, events: Iterator[Event], path: Place) -> dict[str, object]:
        pairs: dict[str, object] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            key = self._key(event, events, path)
            if key in pairs:
                rule = "the key stands twice in one mapping"
                self._note(event, None, rule, "Keep one of them", key=key)
            self.lines.setdefault((*path, key), _line(event))
            pairs[key] = self._value(next(events), events, (*path, key))
        return pairs

    def _key(self, event: Event, events: Iterator[Event], path: Place) -> str:
        if not isinstance(event, ScalarEvent):
            self._value(event, events, (*path, "?"))
            self._note(event, None, "a key is not a name", "Write `key: value`")
            return f"? {_line(event)}"
        self._check_node(event)
        if event.value == "<<" and event.implicit[0]:
            self._note(event, None, "merges are not read", _REWRITE, key="<<")
        return str(event.value)

    def _scalar(self, event: ScalarEvent) -> str | None:
        value = str(event.value)
        plain = bool(event.implicit[0])
        if plain and _NO_NUMBER.fullmatch(value):
            self._note(event, value, "this is no finite number", "Write a number, or leave it out")
        if any("\ud800" <= c <= "\udfff" for c in value):
            self._note(event, None, "the text holds half a character", "Check the escapes")
        return None if plain and value in _NOTHING else value

    def _note(
        self, event: Event, value: str | None, rule: str, remedy: str, *, key: str | None = None
    ) -> None:
        shown = None if value is None else cut_short(value)
        named = None if key is None else cut_short(key)
        self.faults.append(ScenarioFault(self.file, _line(event), named, shown, rule, remedy))

    def _stop(self, event: Event, rule: str, remedy: str) -> None:
        self._note(event, None, rule, remedy)
        raise BadScenarioError(tuple(self.faults))


def _line(event: Event) -> int:
    return int(event.start_mark.line) + 1
