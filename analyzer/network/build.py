"""The dataset as a typed graph, for every question that needs no solve.

Attribute contract of the graph
-------------------------------
Nodes are ``place:<key>``, ``component:<key>`` and ``system:<key>``:

===========  =========================================================================
attribute    meaning
===========  =========================================================================
kind         ``place``, ``component`` or ``system``
key          key of the row
name         what people call it; the key where the table has no name
row          the row of the table (`supply_data.schema`)
===========  =========================================================================

Edges run the way goods run; the edge key is the element id (requirements, which cannot be cut,
have ``requirement:<product>/<slot>/<component>``):

===========  ==========================================  ===============================
kind         from → to                                   capacity
===========  ==========================================  ===============================
supply       place of origin → component (or system)     units per month
lane         place → place                               USD per month
requirement  component → product                         none
plant        product → place where it is made            units per month
===========  ==========================================  ===============================

Every edge has ``kind``, ``element``, ``pillar`` (None for requirements), ``capacity`` (None: no
limit known) and ``row``. A system with requirements and no plant row is made at the destination;
it has no plant edge.
"""

from collections.abc import Iterator
from typing import Any

import networkx as nx

from supply_data.schema import Lane, Plant, Requirement, Supply, Tables


def graph(tables: Tables) -> "nx.MultiDiGraph[str]":
    """Return the graph of a dataset.

    Parameters
    ----------
    tables : Tables
        A checked dataset.

    Returns
    -------
    networkx.MultiDiGraph
        See the attribute contract in the docstring of this module.
    """
    network: nx.MultiDiGraph[str] = nx.MultiDiGraph(dataset=tables.settings.id)
    for node, attributes in _nodes(tables):
        network.add_node(node, **attributes)
    for start, end, attributes in _edges(tables):
        network.add_edge(start, end, key=attributes["element"], **attributes)
    return network


def item_node(tables: Tables, item: str) -> str:
    """Return the node of a component or system."""
    return f"system:{item}" if item in tables.systems else f"component:{item}"


def place_node(place: str) -> str:
    """Return the node of a place."""
    return f"place:{place}"


def _nodes(tables: Tables) -> Iterator[tuple[str, dict[str, Any]]]:
    for kind, rows in (
        ("place", tables.places),
        ("component", tables.components),
        ("system", tables.systems),
    ):
        for key, row in rows.items():
            yield f"{kind}:{key}", {"kind": kind, "key": key, "name": row.name or key, "row": row}


def _edges(tables: Tables) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for supply in tables.supplies.values():
        ends = place_node(supply.origin), item_node(tables, supply.component)
        yield *ends, _limited(supply, capacity=supply.capacity_per_month)
    for lane in tables.lanes.values():
        ends = place_node(lane.from_place), place_node(lane.to_place)
        yield *ends, _limited(lane, capacity=lane.capacity_usd_per_month)
    for plant in tables.plants.values():
        ends = item_node(tables, plant.product), place_node(plant.place)
        yield *ends, _limited(plant, capacity=plant.capacity_per_month)
    for requirement in tables.requirements:
        ends = f"component:{requirement.component}", item_node(tables, requirement.product)
        yield *ends, _needed(requirement)


def _limited(row: Supply | Lane | Plant, *, capacity: float | None) -> dict[str, Any]:
    kind = row.element.partition(":")[0]
    return {
        "kind": kind,
        "element": row.element,
        "pillar": row.pillar,
        "capacity": capacity,
        "row": row,
    }


def _needed(row: Requirement) -> dict[str, Any]:
    return {
        "kind": "requirement",
        "element": f"requirement:{row.product}/{row.slot}/{row.component}",
        "pillar": None,
        "capacity": None,
        "row": row,
    }
