"""Which goods may share one flow: those that nothing in the run tells apart.

Goods of one item have the same carrying lanes and the same places of use, so only the measures can
tell them apart: two goods are merged if on every lane and in every scenario of the run the same
share of both arrives, at the same mark-up and equally late. Sums of flows of merged goods obey the
same constraints as the flows themselves, and any merged flow can be split pro rata, so merging is
exact.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from analyzer.network.effect import Effect
from analyzer.network.goods import Good, goods
from supply_data.schema import Tables


class GoodClass(NamedTuple):
    """Goods of one item that share a flow; classes of an item are numbered from 0."""

    item: str
    number: int


@dataclass(frozen=True)
class Classes:
    """A partition of the goods.

    Attributes
    ----------
    of : mapping of Good to GoodClass
        The class of every good of the dataset.
    members : mapping of GoodClass to tuple of Good
        The goods of every class, sorted.
    """

    of: Mapping[Good, GoodClass]
    members: Mapping[GoodClass, tuple[Good, ...]]

    def __hash__(self) -> int:
        """Partitions of the same goods are equal if their classes are."""
        return hash(frozenset(self.members.items()))


def classes(tables: Tables, effects: Sequence[Effect], *, merge: bool = True) -> Classes:
    """Return the partition of the goods that is right for a run.

    Parameters
    ----------
    tables : Tables
        The dataset.
    effects : sequence of Effect
        Everything that will be tried on one programme.
    merge : bool
        False keeps every good apart: larger, with the same optimum.
    """
    signatures = _signatures(effects)
    numbers: dict[str, dict[Hashable, int]] = defaultdict(dict)
    of: dict[Good, GoodClass] = {}
    members: dict[GoodClass, list[Good]] = defaultdict(list)
    for good in goods(tables):
        signature = signatures.get(good, ()) if merge else good
        seen = numbers[good.item]
        of[good] = GoodClass(good.item, seen.setdefault(signature, len(seen)))
        members[of[good]].append(good)
    return Classes(of=of, members={known: tuple(found) for known, found in members.items()})


def _signatures(effects: Sequence[Effect]) -> dict[Good, Hashable]:
    marks: dict[Good, list[tuple[int, str, bytes]]] = defaultdict(list)
    for number, effect in enumerate(effects):
        distinct = {id(shares): shares for shares in effect.arrival.values()}
        seen = {one: shares.tobytes() for one, shares in distinct.items()}
        for (lane, good), shares in effect.arrival.items():
            marks[good].append((number, lane, seen[id(shares)]))
        for target, markup in effect.markup.items():
            if not isinstance(target, str):
                marks[target[1]].append((number, target[0], repr(markup).encode()))
        for target, months in effect.delay.items():
            if not isinstance(target, str):
                marks[target[1]].append((number, target[0], b"later" + months.tobytes()))
    return {good: tuple(sorted(found)) for good, found in marks.items()}
