"""Single points of failure against trying each one, and the depth of chains."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.network.chains import depth, single_points, stopping
from analyzer.network.prune import reach
from supply_data import load
from supply_data.schema import Tables

Network = Callable[[str], Tables]

TWO_SYSTEMS = """
    systems: system target_per_month min_share max_share
      lamp 10 {lamp}
      pump 10 {pump}
    requirements: product component quantity
      lamp chip 1
      pump body 1
    supplies: supply component origin
      chip chip END
      body body END
"""


def stopped(tables: Tables) -> dict[str, str]:
    frame = single_points(tables)
    return dict(zip(frame["element"], frame["systems"], strict=True))


def test_the_single_points_of_the_tutorial() -> None:
    frame = single_points(load("tutorial"))
    assert frame.columns.tolist() == ["element", "kind", "pillar", "stopped", "systems"]
    assert {name: (kind, pillar, systems) for name, kind, pillar, _, systems in _tuples(frame)} == {
        "brand:ALPHA": ("brand", "hardware", "pump;lamp"),
        "brand:ISLE": ("brand", "training", "pump;lamp"),
        "origin:ISLE": ("origin", "training", "pump;lamp"),
        "supply:crew-school": ("supply", "training", "pump;lamp"),
        "brand:GAMMA": ("brand", "partnership", "pump"),
        "origin:GAMMA": ("origin", "partnership", "pump"),
        "lane:gamma-isle": ("lane", "partnership", "pump"),
        "supply:body-gamma": ("supply", "partnership", "pump"),
        "plant:pump-works": ("plant", "hardware", "pump"),
    }
    assert frame["stopped"].tolist() == [2, 2, 2, 2, 1, 1, 1, 1, 1]


def _tuples(frame: pd.DataFrame) -> Iterable[tuple[Any, ...]]:
    return frame.itertuples(index=False, name=None)


def test_alternatives_make_a_supply_dispensable(network: Network) -> None:
    tables = network("""
        systems: system target_per_month
          lamp 10
        requirements: product slot component quantity
          lamp control chip 1
          lamp control simple 1
        supplies: supply component origin brand
          chip chip END RED
          simple simple END BLUE
    """)
    assert stopped(tables) == {"origin:END": "lamp"}


def test_two_ways_round_leave_only_what_they_share(network: Network) -> None:
    tables = network("""
        systems: system target_per_month
          lamp 10
        requirements: product component quantity
          lamp chip 1
        supplies: supply component origin
          far chip FAR
        lanes: lane from_place to_place
          in FAR GATE
          north GATE NORTH
          south GATE SOUTH
          north-end NORTH END
          south-end SOUTH END
          back END GATE
    """)
    assert set(stopped(tables)) == {"supply:far", "origin:FAR", "lane:in", "hub:GATE"}


def test_a_hub_may_stop_what_none_of_its_lanes_stops(network: Network) -> None:
    tables = network("""
        systems: system target_per_month
          lamp 10
        requirements: product component quantity
          lamp chip 1
        supplies: supply component origin
          east chip EAST
          west chip WEST
        lanes: lane from_place to_place pillar
          east EAST HUB -
          west WEST HUB -
          road HUB END hardware
          rail HUB END -
    """)
    frame = single_points(tables)
    assert list(_tuples(frame)) == [("hub:HUB", "hub", "hardware;partnership", 1, "lamp")]


def test_the_destination_is_no_hub(network: Network) -> None:
    tables = network("""
        systems: system target_per_month
          lamp 10
        requirements: product component quantity
          lamp chip 1
        supplies: supply component origin
          far chip FAR
        lanes: lane from_place to_place
          in FAR END
          out END FAR
    """)
    assert set(stopped(tables)) == {"supply:far", "origin:FAR", "lane:in", "hub:FAR"}


@pytest.mark.parametrize(
    ("lamp", "pump", "of_chip", "of_body"),
    [
        ("- -", "- -", "lamp", "pump"),
        ("0.1 -", "- -", "lamp;pump", "pump"),
        ("- 0.9", "- -", "lamp", "lamp;pump"),
    ],
)
def test_a_share_of_the_mix_stops_the_others(
    network: Network, lamp: str, pump: str, of_chip: str, of_body: str
) -> None:
    tables = network(TWO_SYSTEMS.format(lamp=lamp, pump=pump))
    assert stopped(tables)["supply:chip"] == of_chip
    assert stopped(tables)["supply:body"] == of_body
    assert {name: "supply:chip" in cuts for name, cuts in stopping(tables).items()} == {
        "lamp": True, "pump": False
    }  # fmt: skip


def test_what_cannot_be_made_before_any_cut_is_not_stopped(network: Network) -> None:
    without_body = TWO_SYSTEMS.replace("body body END", "body body FAR")
    tables = network(without_body.format(lamp="- -", pump="- -"))
    assert stopped(tables) == {"origin:END": "lamp", "supply:chip": "lamp"}
    hung_on = network(without_body.format(lamp="- -", pump="0.1 -"))
    assert single_points(hung_on).empty
    assert list(stopping(hung_on)) == ["lamp"]


def test_a_system_had_complete_needs_none_of_its_parts(network: Network) -> None:
    tables = network("""
        systems: system target_per_month
          lamp 10
        requirements: product component quantity
          lamp chip 1
        supplies: supply component origin
          chip chip END
          whole lamp FAR
        lanes: lane from_place to_place
          in FAR END
    """)
    assert single_points(tables).empty
    assert list(_tuples(depth(tables)[["stages", "least_stages"]])) == [(1, 0)]


def without(tables: Tables, cut: str) -> Tables:
    """Return the tables with nothing left of what a cut takes away."""
    kind, _, place = cut.partition(":")
    end = tables.settings.destination

    def hit(row: Any) -> bool:  # noqa: ANN401 - rows of several tables
        in_group = {
            "origin": getattr(row, "origin", None) == place,
            "brand": row.table == "supplies" and row.brand == place,
            "hub": row.table == "lanes" and place in {row.from_place, row.to_place} - {end},
        }
        return bool(row.element == cut or in_group.get(kind))

    def less(rows: Mapping[str, Any], figure: str) -> dict[str, Any]:
        return {
            key: row.model_copy(update={figure: 0.0}) if hit(row) else row
            for key, row in rows.items()
        }

    return replace(
        tables,
        supplies=less(tables.supplies, "capacity_per_month"),
        lanes=less(tables.lanes, "capacity_usd_per_month"),
        plants=less(tables.plants, "capacity_per_month"),
    )


def fielded(tables: Tables) -> set[str]:
    present = reach(tables, class_of=lambda good: good.item).present
    return {s for s in tables.systems if tables.settings.destination in present.get(s, ())}


def groups(tables: Tables) -> set[str]:
    starts = {lane.from_place for lane in tables.lanes.values()}
    ends = {lane.to_place for lane in tables.lanes.values()}
    return {
        *(f"origin:{row.origin}" for row in tables.supplies.values()),
        *(f"brand:{row.brand}" for row in tables.supplies.values() if row.brand),
        *(f"hub:{place}" for place in starts & ends - {tables.settings.destination}),
    }


def single_elements(tables: Tables) -> set[str]:
    return {
        *(row.element for row in tables.supplies.values()),
        *(row.element for row in tables.lanes.values()),
        *(row.element for row in tables.plants.values()),
    }


def tried_one_by_one(tables: Tables, cuts: Iterable[str]) -> dict[str, set[str]]:
    lost = {cut: fielded(tables) - fielded(without(tables, cut)) for cut in cuts}
    return {cut: systems for cut, systems in lost.items() if systems}


def found_at_once(tables: Tables) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for system, cuts in stopping(tables).items():
        for cut in cuts:
            found.setdefault(cut, set()).add(system)
    return found


def test_one_pass_finds_what_trying_each_cut_finds_in_the_tutorial() -> None:
    tables = load("tutorial")
    every = single_elements(tables) | groups(tables)
    assert found_at_once(tables) == tried_one_by_one(tables, every)


def test_one_pass_finds_what_trying_each_group_finds_in_the_shipped_case() -> None:
    tables = load("russia-uas")
    found = found_at_once(tables)
    assert found == tried_one_by_one(tables, groups(tables) | found.keys())


PLACES = ("A", "B", "C", "END")


def picked(*options: str) -> st.SearchStrategy[str]:
    return st.sampled_from(options)


@st.composite
def written(draw: st.DrawFn) -> str:
    supplied = draw(
        st.lists(st.tuples(picked("a", "b", "c", "board"), picked(*PLACES), picked("A", "B")),
                 min_size=1, max_size=7)
    )  # fmt: skip
    legs = draw(st.lists(st.tuples(picked(*PLACES), picked(*PLACES)), max_size=9))
    legs = [(start, end) for start, end in legs if start != end]
    home = draw(picked(*PLACES))
    fill = draw(picked("1", "0.5"))
    return "\n".join(
        [
            "systems: system target_per_month",
            "lamp 10",
            "pump 10",
            "requirements: product slot component quantity max_fill",
            "lamp x a 1 1",
            f"lamp x b 1 {fill}",
            f"lamp x c 1 {fill}",
            "lamp y board 1 1",
            "pump x board 1 1",
            "pump x c 1 1",
            "board x b 1 1",
            "plants: plant place product",
            f"works {home} board",
            "supplies: supply component origin brand",
            *(f"s{n} {' '.join(row)}" for n, row in enumerate(supplied)),
            "lanes: lane from_place to_place",
            *(f"l{n} {' '.join(leg)}" for n, leg in enumerate(legs)),
        ]
    )


@settings(max_examples=150, deadline=None)
@given(text=written())
def test_one_pass_finds_what_trying_each_cut_finds_on_any_network(
    network: Network, text: str
) -> None:
    tables = network(text)
    every = single_elements(tables) | groups(tables)
    assert found_at_once(tables) == tried_one_by_one(tables, every)


def test_depth_counts_the_stages_of_making(network: Network) -> None:
    frame = depth(
        network("""
        systems: system target_per_month
          lamp 10
          torch 10
        requirements: product slot component quantity
          lamp control board 1
          lamp control simple 1
          lamp glass glass 1
          board chip chip 1
          chip sand sand 1
          torch bulb glass 1
        supplies: supply component origin
          sand sand END
          glass glass END
          simple simple END
        plants: plant place product
          board-works END board
          chip-works END chip
    """)
    )
    assert list(_tuples(frame)) == [
        ("lamp", "system", 3, 1, "sand;chip;board;lamp"),
        ("torch", "system", 1, 1, "glass;torch"),
        ("board", "component", 2, 2, "sand;chip;board"),
        ("chip", "component", 1, 1, "sand;chip"),
    ]
