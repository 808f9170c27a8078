"""Rows become ``Tables``: keys and references checked, defaults that hang on other rows filled in.

Convention: nothing is changed that the rows state; a blank that the design gives a meaning is
replaced by that meaning here, once, and nowhere else.
"""

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeVar, cast

from supply_data.checks import refusals, repeated_keys, slots
from supply_data.oddities import oddities
from supply_data.schema import (
    TABLES,
    BadTablesError,
    Fault,
    Pillar,
    Plant,
    Row,
    Settings,
    Stock,
    Supply,
    System,
    Tables,
)

AnyRow = TypeVar("AnyRow", bound=Row)
Stored = TypeVar("Stored", Supply, Stock)

_LISTED = ("requirements", "stocks", "targets")
"""Tables that are kept as rows; the others are looked up by key."""
_FILES = ("dataset.yaml", *(f"{model.table}.csv" for model in TABLES))


def assemble(
    settings: Settings,
    rows: Mapping[str, Sequence[Row]],
    *,
    sha256: str = "",
    faults: Iterable[Fault] = (),
    unread: frozenset[str] = frozenset(),
    variants: Mapping[str, str] = MappingProxyType({}),
) -> Tables:
    """Return the rows of a dataset as checked and frozen tables.

    Parameters
    ----------
    settings : Settings
        What holds for the dataset as a whole.
    rows : mapping of str to sequence of Row
        Rows by the name of their table, ``{"supplies": [Supply(...), ...]}``; a table that is
        absent is empty. No files are needed: a row with ``line`` 0 has no row number.
    sha256 : str, optional
        Hash of the content, kept as it is.
    faults : iterable of Fault, optional
        What reading the rows has found already; raised together with what is found here.
    unread : frozenset of str, optional
        Tables that lost rows while they were read; what only a whole table tells is not judged.
    variants : mapping of str to str, optional
        Choices of contradictions that it was derived with, kept as they are.

    Returns
    -------
    Tables
        With pillars, brands of plants and values of systems filled in, and with warnings.

    Raises
    ------
    BadTablesError
        If anything is wrong; holds all faults of all tables.

    Examples
    --------
    >>> from supply_data.schema import Basis, Component, Place, Requirement, Supply, System
    >>> tables = assemble(
    ...     Settings(id="tiny", title="One chip, one lamp", destination="ISLE"),
    ...     {
    ...         "places": [Place(place="ISLE")],
    ...         "components": [Component(component="chip", value_usd=4, basis=Basis.ASSUMED)],
    ...         "systems": [System(system="lamp", target_per_month=5, basis=Basis.ASSUMED)],
    ...         "requirements": [
    ...             Requirement(
    ...                 product="lamp", slot="a", component="chip", quantity=2, basis=Basis.ASSUMED
    ...             )
    ...         ],
    ...         "supplies": [
    ...             Supply(supply="s", component="chip", origin="ISLE", basis=Basis.ASSUMED)
    ...         ],
    ...     },
    ... )
    >>> tables.value_usd("lamp"), tables.supplies["s"].pillar.value
    (8.0, 'hardware')
    """
    tables = _with_defaults(_draft(settings, rows))
    found = [*faults, *repeated_keys(rows), *refusals(tables, unread=unread)]
    if found:
        raise BadTablesError(_in_order(found))
    return dataclasses.replace(
        tables,
        warnings=_in_order(oddities(tables)),
        sha256=sha256,
        variants=MappingProxyType(dict(variants)),
    )


def _draft(settings: Settings, rows: Mapping[str, Sequence[Row]]) -> Tables:
    held = {model.table: _held(model, rows.get(model.table, ())) for model in TABLES}
    return Tables(settings=settings, **cast("dict[str, Any]", held))


def _held(model: type[Row], rows: Sequence[Row]) -> Mapping[str, Row] | tuple[Row, ...]:
    if model.table in _LISTED:
        return tuple(rows)
    by_key: dict[str, Row] = {}
    for row in rows:
        by_key.setdefault(getattr(row, model.key[0]), row)
    return MappingProxyType(by_key)


def _with_defaults(tables: Tables) -> Tables:
    worth = _first_choice_worth(tables)
    return dataclasses.replace(
        tables,
        systems=_each(tables.systems, lambda row: _valued(row, worth.get(row.system))),
        supplies=_each(tables.supplies, lambda row: _with_pillar(row, tables)),
        plants=_each(tables.plants, _branded),
        stocks=tuple(_with_pillar(row, tables) for row in tables.stocks),
    )


def _each(held: Mapping[str, AnyRow], changed: Callable[[AnyRow], AnyRow]) -> Mapping[str, AnyRow]:
    return MappingProxyType({key: changed(row) for key, row in held.items()})


def _first_choice_worth(tables: Tables) -> dict[str, float]:
    """Return the USD value of the first-choice components of each product, where all are known."""
    parts: dict[str, list[float | None]] = defaultdict(list)
    for (product, _), rows in slots(tables).items():
        component = tables.components.get(rows[0].component)
        value = None if component is None else component.value_usd
        parts[product].append(None if value is None else value * rows[0].quantity)
    known = {product: [v for v in values if v is not None] for product, values in parts.items()}
    return {product: sum(known[product]) for product in parts if None not in parts[product]}


def _valued(row: System, worth: float | None) -> System:
    return row if row.value_usd is not None else row.model_copy(update={"value_usd": worth})


def _with_pillar(row: Stored, tables: Tables) -> Stored:
    if row.pillar is not None:
        return row
    component = tables.components.get(row.component)
    pillar = Pillar.HARDWARE if component is None else component.pillar
    return row.model_copy(update={"pillar": pillar})


def _branded(row: Plant) -> Plant:
    return row if row.brand is not None else row.model_copy(update={"brand": row.place})


def _in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return faults by file and row, as someone who mends the files goes through them."""
    place = {file: number for number, file in enumerate(_FILES)}
    return tuple(sorted(faults, key=lambda f: (place.get(f.file, -1), f.row or 0)))
