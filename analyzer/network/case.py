"""A case: one dataset with its graph and the scenarios to be tried on it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import supply_data
from analyzer.network.aim import Aim
from analyzer.network.build import graph
from analyzer.network.library import own_library
from analyzer.network.prune import pruned
from analyzer.network.rehearsal import rehearsal
from scenarios.load import load
from scenarios.schema import BadScenarioError, Measure, Scenario, ScenarioFault, Selector
from supply_data.doubts import NO_DOUBTS, Doubts, doubts
from supply_data.schema import Tables

if TYPE_CHECKING:
    import networkx as nx


@dataclass(frozen=True)
class Case:
    """What a study starts from.

    Attributes
    ----------
    tables : Tables
        The dataset.
    scenarios : tuple of Scenario
        The scenarios to be tried, in the order named.
    scenarios_sha256 : str
        Hash of the files that they came from; blank if they came from none.
    notes : tuple of ScenarioFault
        What is odd about those files, though accepted.
    doubts : Doubts
        What was assumed and where sources contradict, to be told beside every answer.
    measures : mapping of str to Measure
        All measures that those files define, by id, whether a scenario names them or not.
    aims : dict of Selector to Aim
        What selectors were found to match; filled as scenarios are tried.
    """

    tables: Tables
    scenarios: tuple[Scenario, ...] = ()
    scenarios_sha256: str = ""
    notes: tuple[ScenarioFault, ...] = ()
    doubts: Doubts = NO_DOUBTS
    measures: Mapping[str, Measure] = field(default_factory=dict)
    aims: dict[Selector, Aim] = field(default_factory=dict, init=False, compare=False, repr=False)

    @cached_property
    def graph(self) -> "nx.MultiDiGraph[str]":
        """The dataset as a graph; see `analyzer.network.build`."""
        return graph(self.tables)

    @cached_property
    def pruned(self) -> tuple[str, ...]:
        """Elements that can never contribute."""
        return pruned(self.tables)


def case(
    dataset: str | os.PathLike[str],
    names: Sequence[str | Path] = (),
    *,
    variants: Mapping[str, str] = MappingProxyType({}),
    assumptions: Mapping[str, float] = MappingProxyType({}),
) -> Case:
    """Return a dataset with the scenarios that are asked for.

    Parameters
    ----------
    dataset : str or path
        Name of a shipped dataset, else a folder; ``./tutorial`` forces a folder.
    names : sequence of str or Path
        Scenario files, folders of them, or ids in the dataset's library; none is the library.
    variants, assumptions : mapping, optional
        Other readings of contradictions and other assumptions; see `supply_data.load.load`.

    Raises
    ------
    BadTablesError
        With all faults of the dataset.
    BadScenarioError
        With all faults of the scenarios.
    """
    first = rehearsal(dataset, names, variants=variants, assumptions=assumptions)
    tables = supply_data.load(dataset, variants=variants, assumptions=assumptions)
    found = load(names, library=own_library(dataset))
    if first is not None:
        first.check(tables=tables, scenarios=found)
    return Case(
        tables=tables,
        scenarios=tuple(found.scenarios.values()),
        scenarios_sha256=found.sha256,
        notes=found.warnings,
        doubts=doubts(supply_data.folder(dataset), tables),
        measures=found.measures,
    )


def other_case(
    known: Case,
    dataset: str | os.PathLike[str],
    *,
    variants: Mapping[str, str] = MappingProxyType({}),
    assumptions: Mapping[str, float] = MappingProxyType({}),
) -> Case:
    """Return a case on other readings or other assumptions, all else as in the one known.

    Raises
    ------
    BadTablesError
        If the dataset has no facts to derive tables from, or no such variant or assumption.
    """
    chosen = {**known.tables.variants, **variants}
    tables = supply_data.load(dataset, variants=chosen, assumptions=assumptions)
    return replace(known, tables=tables)


def scenario(dataset: str | os.PathLike[str], name: str | Path) -> Scenario:
    """Return one scenario by file or id.

    Raises
    ------
    BadScenarioError
        If the name stands for none, or for several.
    """
    first = rehearsal(dataset, (name,))
    read = load((name,), library=own_library(dataset))
    if first is not None:
        first.check(scenarios=read)
    found = read.scenarios
    if len(found) != 1:
        rule, remedy = f"{len(found)} scenarios stand here, one is wanted", "name one file or id"
        raise BadScenarioError((ScenarioFault(str(name), None, None, None, rule, remedy),))
    (one,) = found.values()
    return one
