"""What ``dataset.yaml`` says: a flat list of keys, each value the text that stands there.

Convention: YAML 1.2, read event by event, so that nothing is built, resolved or expanded: ``NO``
stays text, and the first alias, tag or nested value refuses the file whatever its depth.
"""

import io
import re
from collections.abc import Iterator
from typing import NamedTuple

import ruamel.yaml
from pydantic import ValidationError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from supply_data.files import text_of
from supply_data.refused import cell_faults
from supply_data.schema import BadTablesError, Fault, Settings

FILE = "dataset.yaml"
_FRAME = (StreamStartEvent, DocumentStartEvent, MappingStartEvent)
_REST = (MappingEndEvent, DocumentEndEvent, StreamEndEvent)
_BLANK = {"", "~", "null", "Null", "NULL"}
_LONGEST = 2**20
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Entry(NamedTuple):
    key: str
    line: int
    value: str


def read_settings(data: bytes) -> Settings:
    r"""Return what ``dataset.yaml`` says of a dataset as a whole.

    Raises
    ------
    BadTablesError
        If it is not a flat YAML mapping of known keys with fitting values; holds all faults.

    Examples
    --------
    >>> read_settings(b"id: tiny\ntitle: NO\ndestination: NOR").title
    'NO'
    """
    entries, faults = _once(_entries(text_of(data, file=FILE)))
    stated = {entry.key: entry.value for entry in entries}
    faults += [_half_character(entry) for entry in entries if _SURROGATE.search(entry.value)]
    try:
        settings = Settings.model_validate({k: v for k, v in stated.items() if v})
    except ValidationError as error:
        lines: dict[str, int | None] = {entry.key: entry.line for entry in entries}
        faults += cell_faults(error, model=Settings, file=FILE, lines=lines, cells=stated)
    if faults:
        raise BadTablesError(tuple(faults))
    return settings


def _half_character(entry: _Entry) -> Fault:
    rule = "it holds half a character (a lone surrogate)"
    return Fault(FILE, entry.line, entry.key, entry.value, rule, "Write the character itself")


def _once(entries: Iterator[_Entry]) -> tuple[list[_Entry], list[Fault]]:
    """Return the entries by first mention, and a fault for each key that comes again."""
    first: dict[str, _Entry] = {}
    faults = []
    for entry in entries:
        if first.setdefault(entry.key, entry) is not entry:
            rule = f"the key stands in row {first[entry.key].line} already"
            faults.append(
                Fault(FILE, entry.line, entry.key, entry.value, rule, "Keep one of the two")
            )
    return list(first.values()), faults


def _entries(text: str) -> Iterator[_Entry]:
    key: ScalarEvent | None = None
    for event in _flat_events(text):
        if key is None:
            key = event
        else:
            plain_blank = event.style is None and event.value in _BLANK
            yield _Entry(key.value, _line(key), "" if plain_blank else event.value)
            key = None


def _flat_events(text: str) -> Iterator[ScalarEvent]:
    """Yield the keys and values of a file that holds one flat mapping; refuse any other."""
    frame = list(_FRAME)
    for event in _events(text):
        expected = frame.pop(0) if frame else (ScalarEvent, *_REST)
        if not isinstance(event, expected) or getattr(event, "tag", None) is not None:
            rule = "it is more than one flat list of `key: text`"
            remedy = "Take out what is nested, aliases, tags and further documents"
            raise BadTablesError((Fault(FILE, _line(event), None, None, rule, remedy),))
        if isinstance(event, ScalarEvent):
            yield event


def _events(text: str) -> Iterator[Event]:
    if len(text) > _LONGEST:
        rule = f"it has more than {_LONGEST:,} characters"
        raise BadTablesError((Fault(FILE, None, None, None, rule, "Shorten the notes"),))
    try:
        yield from ruamel.yaml.YAML(typ="safe", pure=True).parse(io.StringIO(text))
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        row = None if mark is None else mark.line + 1
        rule = f"it is not YAML ({getattr(error, 'problem', None) or 'a character is not allowed'})"
        remedy = "Write `key: text` on each line, indented with blanks only"
        raise BadTablesError((Fault(FILE, row, None, None, rule, remedy),)) from error


def _line(event: Event) -> int:
    return int(event.start_mark.line) + 1
