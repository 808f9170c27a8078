"""What is odd but may be meant: a warning that every result repeats, never a refusal.

Convention: names are judged for how they look and for what they give away; the tool stays at
the level of classes and countries, so part numbers, firms and persons do not belong in them.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from supply_data.checks import (
    SYSTEM_CATEGORY,
    at,
    brands_without_row,
    rows_of,
    slots,
    stopping_systems,
)
from supply_data.names import nearest
from supply_data.schema import TABLES, Fault, Row, Source, Tables, shown

_SMALLEST = 1e-9
"""Figures below this are lost in the solver's tolerance."""
_LOOK_ALIKE = {"Cyrillic", "Greek"}
"""Scripts with letters that pass for Latin ones."""
_MOST_MARKS = 8
"""Combining marks in a row that no script needs."""

_FIRM = re.compile(
    r"(?<!\w)(?:Ltd|Limited|GmbH|LLC|L\.L\.C\.|Inc|Corp|Corporation|Pte|Sdn Bhd|Co\.|& Co|PLC"
    r"|JSC|PJSC|OJSC|CJSC|S\.A\.|S\.p\.A\.|B\.V\.|N\.V\.|A\.Ş\.|ООО|ОАО|ЗАО|ПАО|АО)(?!\w)"  # noqa: RUF001 - both scripts
    r"|有限公司|株式会社"
)
_PERSON = re.compile(
    r"(?<!\w)(?:Mr|Mrs|Ms|Dr|Prof|Gen|Col|Sir)\.? [A-ZА-Я]\w+"  # noqa: RUF001 - both scripts
    r"|(?<!\w)(?:[A-ZА-Я]\. ?){1,2}[A-ZА-Я][a-zа-я]{2,}"  # noqa: RUF001 - both scripts
    r"|(?<!\w)[A-ZА-Я][a-zа-я]{2,},? (?:[A-ZА-Я]\. ?){1,2}(?!\w)"  # noqa: RUF001 - both scripts
    r"|(?<!\w)[A-ZА-Я][a-zа-я]+(?:[oe]vich|[oe]vna|[ое]вич|[ое]вна)(?!\w)"  # noqa: RUF001 - both scripts
)
_PART = re.compile(
    r"(?<![A-Za-z0-9])(?!HS)(?:[A-Z]{2,5}-?\d{3,}[A-Z0-9-]*|[A-Z]{1,4}-?\d{2,}[A-Z][A-Z0-9-]*)(?![a-z])"
    r"|(?<![a-z0-9])[a-z]{1,4}\d{1,3}[a-z]{1,3}\d{2,}",
)
_TARIFF = re.compile(r"(?<![\d.])(?:\d{8}|\d{10}|\d{4}\.\d{2}\.\d{2,4})(?![\d.])")

GIVEAWAYS = (
    (_FIRM, "it reads like the name of a firm", "Name the class or the country instead"),
    (_PERSON, "it reads like the name of a person", "Name the class or the country instead"),
    (_PART, "it reads like a part number", "Name the class of the thing instead"),
    (_TARIFF, "it reads like an HS code of more than six digits", "Keep to six digits"),
)
"""What a name should not give away: how it is recognised, the rule, the remedy."""


def oddities(tables: Tables) -> Iterator[Fault]:
    """Yield everything in checked tables that is worth a look."""
    yield from brands_without_row(tables)
    yield from stopping_systems(tables)
    yield from _unknown_categories(tables)
    yield from _never_made(tables)
    yield from _tracked_alternatives(tables)
    for model in TABLES:
        for row in rows_of(tables, model.table):
            yield from _lost_figures(row)
            yield from _texts(row)


def _unknown_categories(tables: Tables) -> Iterator[Fault]:
    known = sorted({row.category for row in tables.components.values()} | {SYSTEM_CATEGORY})
    for lane in tables.lanes.values():
        for category in lane.carries:
            if category not in known:
                near = nearest(category, known)
                remedy = f"Did you mean {shown(near)}?" if near else "Check the spelling"
                yield at(lane, "carries", f"no good has the category {shown(category)}", remedy)


def _never_made(tables: Tables) -> Iterator[Fault]:
    had = {row.component for row in tables.supplies.values()}
    had |= {row.component for row in tables.stocks}
    had |= {row.product for row in tables.requirements}
    for system in tables.systems.values():
        if system.system not in had:
            rule = "the system has no requirements, no supply and no stock"
            yield at(system, "system", rule, "It can never be fielded; add what it needs")
    for (product, slot), rows in slots(tables).items():
        if not any(row.component in had for row in rows):
            rule = f"nothing that fills slot {shown(slot)} of {shown(product)} is supplied or made"
            yield at(rows[0], "component", rule, "The product can never be made; add a supply")


def _tracked_alternatives(tables: Tables) -> Iterator[Fault]:
    for rows in slots(tables).values():
        for row in rows[1:]:
            if row.tracked:
                rule = "only the first choice of a slot is tracked, and this row is another"
                yield at(row, "tracked", rule, "Set it on the first row of the slot")


def _lost_figures(row: Row) -> Iterator[Fault]:
    for column in row.figures:
        figure = getattr(row, column)
        if figure is not None and 0 < figure < _SMALLEST:
            rule = f"a figure below {_SMALLEST:g} is lost in the solver's tolerance"
            yield at(row, column, rule, "Write 0, or check the unit in the column name")


# --- how names look


def _texts(row: Row) -> Iterator[Fault]:
    naming = set() if isinstance(row, Source) else {*row.key, "name", "title"}
    for column in type(row).model_fields:
        value = getattr(row, column)
        for text in (value,) if type(value) is str else value if type(value) is tuple else ():
            for rule, remedy in _looks(text, naming=column in naming):
                yield at(row, column, rule, remedy)


@cache
def _looks(text: str, *, naming: bool) -> tuple[tuple[str, str], ...]:
    found = [] if text.isascii() else list(_disguises(text))
    if naming:
        found += [(rule, remedy) for pattern, rule, remedy in GIVEAWAYS if pattern.search(text)]
    return tuple(found)


def _disguises(text: str) -> Iterator[tuple[str, str]]:
    for word in re.findall(r"[^\W\d_]+", text):
        scripts = {unicodedata.name(letter, "?").split()[0].capitalize() for letter in word}
        if "Latin" in scripts and scripts & _LOOK_ALIKE:
            mixed = " and ".join(sorted(scripts))
            rule = f"{shown(word)} mixes {mixed} letters that look alike"
            yield rule, "Write the word in one script"
    unseen = sorted({c for c in text if unicodedata.category(c) == "Cf"})
    if unseen:
        codes = ", ".join(f"U+{ord(c):04X}" for c in unseen)
        rule = f"it holds characters that are not seen or that turn the text round ({codes})"
        yield rule, "Take them out"
    if _longest_pile(text) > _MOST_MARKS:
        yield "it piles up combining marks", "Take them out"


def _longest_pile(text: str) -> int:
    longest = pile = 0
    for character in text:
        pile = pile + 1 if unicodedata.combining(character) else 0
        longest = max(longest, pile)
    return longest
