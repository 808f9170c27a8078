"""Which elements, and which goods on which lanes, a selector takes.

Convention: an element or a good is handed in as its facets, a mapping from key to the values it
has, so that this room needs to know nothing of datasets. Values within a key are alternatives,
keys combine with AND; a facet that is missing or empty matches nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from scenarios.schema import GOODS_KEYS, TABLE_KEYS, Selector, Table

Facets = Mapping[str, frozenset[str]]
"""What one element (on a lane: the lane and the good together) is, by selector key."""

Conditions = tuple[tuple[str, tuple[str, ...]], ...]
Step = str | int

_HEADING = re.compile(r"\d{6}|\d{1,5}\*", re.ASCII)
_SHORT_HEADING = re.compile(r"\d{1,5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Misfit:
    """One thing that is wrong with a selector; ``path`` leads to it from the selector's top."""

    path: tuple[Step, ...]
    value: str | None
    rule: str
    remedy: str


class SelectorError(ValueError):
    """A selector was refused; ``misfits`` holds everything that is wrong with it."""

    def __init__(self, misfits: tuple[Misfit, ...]) -> None:
        """Keep all misfits; the message has one line for each."""
        super().__init__("\n".join(f"{misfit.rule}. {misfit.remedy}" for misfit in misfits))
        self.misfits = misfits


@dataclass(frozen=True, slots=True)
class Branch:
    """One alternative of a selector: all conditions hold, and none of the exceptions."""

    table: Table
    """Whose rows it selects."""
    conditions: Conditions
    """Key and permitted values; a key may stand twice, then both must hold."""
    excepts: tuple["Branch", ...] = ()
    """What is taken away."""

    def matches(self, facets: Facets) -> bool:
        """Tell whether an element, or a good on a lane, is selected.

        Parameters
        ----------
        facets : Facets
            Values by key. On lanes the union of the lane's own facets (``lane``, ``from_place``,
            ``to_place``, ``from_bloc``, ``to_bloc``) and those of the good.

        Examples
        --------
        >>> chips = Branch(Table.SUPPLIES, (("hs6", ("8542*",)), ("tier", ("3",))))
        >>> chips.matches({"hs6": frozenset({"854231"}), "tier": frozenset({"3.A"})})
        True
        >>> chips.matches({"hs6": frozenset({"854231"})})
        False
        """
        taken = all(_has_one_of(key, values, facets) for key, values in self.conditions)
        return taken and not any(branch.matches(facets) for branch in self.excepts)

    @property
    def names_goods(self) -> bool:
        """Whether it selects some goods on lanes (arrival rate) rather than whole lanes."""
        if self.table is not Table.LANES:
            return False
        stated = any(key in GOODS_KEYS for key, _ in self.conditions)
        return stated or any(branch.names_goods for branch in self.excepts)


def branches(where: Selector) -> tuple[Branch, ...]:
    """Return the alternatives of a selector, with ``any`` multiplied out.

    Parameters
    ----------
    where : Selector
        May nest ``any`` and ``except``; what is nested inherits the table.

    Returns
    -------
    tuple of Branch
        The selector takes what at least one of them matches.

    Raises
    ------
    SelectorError
        If a table is missing or contradicted, a key does not belong to its table, or a heading is
        malformed.

    Examples
    --------
    >>> where = Selector.model_validate(
    ...     {"table": "supplies", "tier": "1", "any": [{"origin": "ALPHA"}, {"brand": "ALPHA"}]}
    ... )
    >>> [branch.conditions for branch in branches(where)]
    [(('tier', ('1',)), ('origin', ('ALPHA',))), (('tier', ('1',)), ('brand', ('ALPHA',)))]
    """
    found = misfits(where)
    if found:
        raise SelectorError(found)
    return tuple(_flattened(where, None, ()))


def misfits(where: Selector) -> tuple[Misfit, ...]:
    """Return everything that is wrong with a selector, each once, in reading order."""
    return tuple(dict.fromkeys(_walked(where, None, (), {})))


def selects(where: tuple[Branch, ...], facets: Facets) -> bool:
    """Tell whether at least one of the alternatives matches."""
    return any(branch.matches(facets) for branch in where)


def _has_one_of(key: str, values: tuple[str, ...], facets: Facets) -> bool:
    present = facets.get(key, frozenset())
    if key not in {"tier", "hs6"}:
        return not present.isdisjoint(values)
    return any(_covers(key, value, facet) for value in values for facet in present)


def _covers(key: str, value: str, facet: str) -> bool:
    if key == "tier":
        return facet == value or facet.startswith(value + ".")
    return facet.startswith(value[:-1]) if value.endswith("*") else facet == value


def _flattened(where: Selector, table: Table | None, outer: Conditions) -> Iterator[Branch]:
    table = where.table or table
    conditions = outer + tuple(where.conditions().items())
    if where.any_of is None and table is not None:
        alternatives = [Branch(table, conditions)]
    else:
        nested = where.any_of or ()
        alternatives = [leaf for part in nested for leaf in _flattened(part, table, conditions)]
    tables = {leaf.table for leaf in alternatives}
    taken = {inside: _taken_away(where, inside) for inside in tables}
    for leaf in alternatives:
        yield Branch(leaf.table, leaf.conditions, leaf.excepts + taken[leaf.table])


def _taken_away(where: Selector, table: Table) -> tuple[Branch, ...]:
    if where.but_not is None:
        return ()
    return tuple(leaf for leaf in _flattened(where.but_not, table, ()) if leaf.table is table)


def _walked(
    where: Selector,
    table: Table | None,
    path: tuple[Step, ...],
    outer: Mapping[tuple[Step, ...], str],
) -> Iterator[Misfit]:
    # `outer` holds the keys stated so far, by path: each must fit the table of every alternative
    stated = {**outer, **{(*path, key): key for key in where.conditions()}}
    if where.table and table and where.table is not table:
        rule = f"the selector around it says table {table}"
        yield Misfit((*path, "table"), where.table, rule, "State one table, at the top")
    table = where.table or table
    yield from _odd_values(where, path)
    for number, part in enumerate(where.any_of or ()):
        yield from _walked_part(part, table, (*path, "any", number), stated)
    if where.any_of is None:
        yield from _leaf_misfits(table, path, stated)
    if where.but_not is not None:
        yield from _walked_except(where, where.but_not, table, path)


def _walked_part(
    part: Selector,
    table: Table | None,
    path: tuple[Step, ...],
    outer: Mapping[tuple[Step, ...], str],
) -> Iterator[Misfit]:
    if not part.model_fields_set:
        yield Misfit(path, None, "an empty selector selects everything", "State a key")
        return
    yield from _walked(part, table, path, outer)


def _walked_except(
    where: Selector, but_not: Selector, table: Table | None, path: tuple[Step, ...]
) -> Iterator[Misfit]:
    path = (*path, "except")
    tables = {table} if table else {leaf for leaf in _tables(where) if leaf is not None}
    stated = but_not.table
    if stated and stated not in tables:
        rule = f"it takes away rows of {stated}, of which nothing was selected"
        yield Misfit((*path, "table"), stated, rule, "Leave the table out: it is inherited")
    inherited = {stated} if stated else tables
    for inside in sorted(inherited):
        yield from _walked_part(but_not, inside, path, {})


def _tables(where: Selector) -> Iterator[Table | None]:
    yield where.table
    for part in where.any_of or ():
        yield from _tables(part)


def _leaf_misfits(
    table: Table | None, path: tuple[Step, ...], stated: Mapping[tuple[Step, ...], str]
) -> Iterator[Misfit]:
    if table is None:
        remedy = f"Add `table`: one of {', '.join(Table)}"
        yield Misfit(path, None, "the selector names no table", remedy)
        return
    for where, key in stated.items():
        if key not in TABLE_KEYS[table]:
            yield Misfit(where, None, f"{table} have no key {key!r}", _nearest_key(key, table))


def _nearest_key(key: str, table: Table) -> str:
    known = sorted(TABLE_KEYS[table])
    near = get_close_matches(key, known, n=1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    return f"{hint}The keys of {table} are {', '.join(known)}"


def _odd_values(where: Selector, path: tuple[Step, ...]) -> Iterator[Misfit]:
    for key, values in where.conditions().items():
        for number, value in enumerate(values):
            odd = _odd_heading(value) if key == "hs6" else _odd_name(value)
            if odd is not None:
                yield Misfit((*path, key, number), value, *odd)


def _odd_heading(value: str) -> tuple[str, str] | None:
    if _HEADING.fullmatch(value):
        return None
    if _SHORT_HEADING.fullmatch(value):
        return "an HS heading has six digits", f"For all headings that begin so, write '{value}*'"
    rule = "an HS heading is six digits, or fewer with one star at the end"
    return rule, "Write it as in 854231 or 8542*; nothing beyond six digits"


def _odd_name(value: str) -> tuple[str, str] | None:
    if "*" not in value:
        return None
    return "only hs6 takes a star", "Name each value, or use a bloc, category or tier"
