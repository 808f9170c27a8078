"""The contract of the graph, as the docstring of `analyzer.network.build` states it."""

from collections import Counter
from collections.abc import Callable

import pytest

from analyzer.network.build import graph, item_node, place_node
from supply_data import load
from supply_data.schema import Tables


@pytest.fixture(scope="module", params=["tutorial", "russia-uas"])
def tables(request: pytest.FixtureRequest) -> Tables:
    return load(request.param)


def test_every_node_has_the_attributes_of_the_contract(tables: Tables) -> None:
    for node, attributes in graph(tables).nodes(data=True):
        assert attributes.keys() == {"kind", "key", "name", "row"}
        assert node == f"{attributes['kind']}:{attributes['key']}"
        assert getattr(attributes["row"], attributes["kind"]) == attributes["key"]
        assert attributes["name"]


def test_every_edge_has_the_attributes_of_the_contract(tables: Tables) -> None:
    for _, _, key, attributes in graph(tables).edges(keys=True, data=True):
        assert attributes.keys() == {"kind", "element", "pillar", "capacity", "row"}
        assert key == attributes["element"]
        assert attributes["element"].startswith(attributes["kind"] + ":")
        assert (attributes["pillar"] is None) == (attributes["kind"] == "requirement")


def test_there_is_one_node_for_each_row_and_one_edge_for_each_element(tables: Tables) -> None:
    network = graph(tables)
    kinds = Counter(kind for _, kind in network.nodes(data="kind"))
    assert kinds == {
        "place": len(tables.places),
        "component": len(tables.components),
        "system": len(tables.systems),
    }
    edges = [attributes["element"] for _, _, attributes in network.edges(data=True)]
    assert len(edges) == len(set(edges))
    assert set(edges) >= {
        row.element
        for rows in (tables.supplies, tables.lanes, tables.plants)
        for row in rows.values()
    }
    assert len(edges) == sum(
        map(len, (tables.supplies, tables.lanes, tables.plants, tables.requirements))
    )


def test_edges_run_the_way_goods_run(tables: Tables) -> None:
    network = graph(tables)
    ends = {
        "supply": ({"place"}, {"component", "system"}),
        "lane": ({"place"}, {"place"}),
        "requirement": ({"component"}, {"component", "system"}),
        "plant": ({"component", "system"}, {"place"}),
    }
    for start, end, attributes in network.edges(data=True):
        from_kinds, to_kinds = ends[attributes["kind"]]
        assert network.nodes[start]["kind"] in from_kinds
        assert network.nodes[end]["kind"] in to_kinds


def test_the_tutorial_has_the_figures_of_its_tables() -> None:
    network = graph(load("tutorial"))
    lane = network.edges["place:HUB", "place:ISLE", "lane:hub-isle"]
    assert (lane["capacity"], lane["pillar"]) == (4500, "partnership")
    assert network.edges["place:BETA", "place:ISLE", "lane:beta-isle"]["capacity"] is None
    assert network.edges["system:pump", "place:ISLE", "plant:pump-works"]["capacity"] == 80
    assert network.edges["place:ISLE", "component:crew", "supply:crew-school"]["pillar"] == (
        "training"
    )


def test_two_lanes_between_the_same_places_stay_two(network: Callable[[str], Tables]) -> None:
    tables = network("""
        systems: system target_per_month
          lamp 1
        requirements: product component quantity
          lamp chip 1
        supplies: supply component origin
          east chip EAST
        lanes: lane from_place to_place capacity_usd_per_month
          road EAST END 1
          rail EAST END 2
    """)
    built = graph(tables)
    assert built.number_of_edges(place_node("EAST"), place_node("END")) == 2
    assert item_node(tables, "lamp") == "system:lamp"
    assert item_node(tables, "chip") == "component:chip"
