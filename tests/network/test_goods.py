"""Goods are told apart by item, brand and reach."""

from collections.abc import Callable

from analyzer.network.goods import Good, goods, made, makers, stocked, supplied
from supply_data import load
from supply_data.schema import Tables

Network = Callable[[str], Tables]


def test_the_tutorial_has_one_chip_from_two_origins() -> None:
    assert goods(load("tutorial")) == (
        Good("body", "GAMMA", ()),
        Good("chip", "ALPHA", ()),
        Good("chip_basic", "BETA", ()),
        Good("crew", "ISLE", ()),
        Good("lamp", "ISLE", ()),
        Good("pump", "ISLE", ()),
    )


def test_reach_and_an_unknown_brand_make_goods_of_their_own(fork: Tables) -> None:
    assert [good for good in goods(fork) if good.item in {"chip", "camera"}] == [
        Good("camera", None, ()),
        Good("camera", "EAST", ()),
        Good("chip", "EAST", ()),
        Good("chip", "EAST", ("WEST",)),
        Good("chip", "WEST", ()),
    ]
    assert supplied(fork.supplies["chip-east"]) == Good("chip", "EAST", ("WEST",))
    assert stocked(fork.stocks[1]) == Good("camera", None, ())


def test_the_order_of_reach_makes_no_other_good(network: Network) -> None:
    tables = network("""
        places: place
          A
          B
        systems: system target_per_month
          lamp 1
        requirements: product component quantity
          lamp chip 1
        supplies: supply component origin reach
          one chip END A;B
          two chip END B;A
    """)
    assert supplied(tables.supplies["one"]) == supplied(tables.supplies["two"])


def test_the_brand_of_the_inputs_ends_at_a_plant(fork: Tables) -> None:
    assert made(fork.plants["pump-works"]) == Good("pump", "END", ())


def test_a_plant_may_state_a_brand(network: Network) -> None:
    tables = network("""
        systems: system target_per_month
          lamp 1
        requirements: product component quantity
          lamp chip 1
        supplies: supply component origin
          one chip END
        plants: plant place product brand
          works END lamp FAR
    """)
    assert made(tables.plants["works"]).brand == "FAR"


def test_a_system_without_a_plant_is_made_at_the_destination_without_limit() -> None:
    pump, lamp = makers(load("tutorial"))
    assert (pump.element, pump.place, pump.capacity_per_month) == ("plant:pump-works", "ISLE", 80)
    assert (lamp.element, lamp.place, lamp.capacity_per_month) == ("made:lamp", "ISLE", None)


def test_a_system_that_is_only_imported_has_no_maker(network: Network) -> None:
    tables = network("""
        systems: system target_per_month value_usd
          lamp 1 5
          pump 1 5
        requirements: product component quantity
          lamp chip 1
        supplies: supply component origin
          one chip END
          whole pump FAR
        lanes: lane from_place to_place
          sea FAR END
    """)
    assert [maker.product for maker in makers(tables)] == ["lamp"]
    assert Good("pump", None, ()) in goods(tables)
