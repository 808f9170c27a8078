"""Which rows can never take part in supplying the destination, and why that may be."""

from collections.abc import Iterable, Iterator

from supply_data.checks import at
from supply_data.schema import Fault, Lane, Plant, Supply, Tables

_RULES = {
    Supply: ("component", "what it supplies can never arrive where it is used"),
    Lane: ("to_place", "the lane leads nowhere, or nothing that it carries can start it"),
    Plant: ("product", "what it makes is of no use, or it can never have what it needs"),
}
_IDLE = "what is held here is of no use"
_REMEDY = "Look for a lane, a category or a requirement that is missing"


def dead_ends(tables: Tables, pruned: Iterable[str]) -> Iterator[Fault]:
    """Yield a warning for each element that can never contribute.

    Parameters
    ----------
    tables : Tables
        The dataset.
    pruned : iterable of str
        Elements that can never contribute (`analyzer.network.prune.pruned`).
    """
    for element in pruned:
        row = tables.elements[element]
        column, rule = _RULES.get(type(row), ("component", _IDLE))
        if row.figure == 0:
            rule = "its size is 0"
        yield at(row, column, rule, _REMEDY)
