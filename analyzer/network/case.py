"""A case: one dataset with its graph and the scenarios to be tried on it."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from analyzer.network.build import graph
from analyzer.network.prune import pruned
from scenarios.schema import Scenario
from supply_data.schema import Tables

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True)
class Case:
    """What a study starts from."""

    tables: Tables
    scenarios: tuple[Scenario, ...] = ()

    @cached_property
    def graph(self) -> "nx.MultiDiGraph[str]":
        """The dataset as a graph; see `analyzer.network.build`."""
        return graph(self.tables)

    @cached_property
    def pruned(self) -> tuple[str, ...]:
        """Elements that can never contribute."""
        return pruned(self.tables)
