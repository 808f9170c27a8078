"""What can never contribute, on networks made by hand."""

from collections.abc import Callable

import pytest

from analyzer.network.case import Case
from analyzer.network.goods import Good
from analyzer.network.prune import build_order, pruned, reach, slots
from supply_data import load
from supply_data.schema import Tables

Network = Callable[[str], Tables]

LAMP = """
    systems: system target_per_month
      lamp 10
    requirements: product component quantity
      lamp chip 1
"""


def item(good: Good) -> str:
    return good.item


@pytest.mark.parametrize("dataset", ["tutorial"])
def test_nothing_of_the_tutorial_is_dead(dataset: str) -> None:
    assert Case(load(dataset)).pruned == ()


def test_a_supply_without_a_way_to_the_destination_is_dead(network: Network) -> None:
    tables = network(
        LAMP
        + """
        supplies: supply component origin
          here chip END
          far chip FAR
        """
    )
    assert pruned(tables) == ("supply:far",)


def test_a_lane_to_nowhere_and_a_lane_from_nowhere_are_dead(network: Network) -> None:
    tables = network(
        LAMP
        + """
        supplies: supply component origin
          far chip FAR
        lanes: lane from_place to_place
          in FAR END
          out FAR ASIDE
          empty BEYOND END
        """
    )
    assert pruned(tables) == ("lane:empty", "lane:out")


def test_a_lane_that_carries_another_category_brings_nothing(network: Network) -> None:
    tables = network("""
        components: component category value_usd
          chip electronics 1
        systems: system target_per_month
          lamp 10
        requirements: product component quantity
          lamp chip 1
        supplies: supply component origin
          here chip END
          far chip FAR
        lanes: lane from_place to_place carries
          road FAR END machinery;people
    """)
    assert pruned(tables) == ("lane:road", "supply:far")


def test_a_plant_that_lacks_one_input_takes_its_other_inputs_with_it(network: Network) -> None:
    tables = network("""
        systems: system target_per_month
          lamp 10
          pump 10
        requirements: product component quantity
          lamp chip 1
          lamp glass 1
          pump body 1
        supplies: supply component origin
          chip chip END
          glass glass FAR
          body body END
        plants: plant place product
          lamp-works END lamp
    """)
    assert pruned(tables) == ("plant:lamp-works", "supply:chip", "supply:glass")


def test_a_supply_that_nothing_requires_is_dead(network: Network) -> None:
    tables = network(
        LAMP
        + """
        supplies: supply component origin
          here chip END
          spare spanner END
        """
    )
    assert pruned(tables) == ("supply:spare",)


@pytest.mark.parametrize("zero", ["supply:east", "lane:road", "plant:works"])
def test_what_has_no_capacity_is_dead_though_its_twin_lives(network: Network, zero: str) -> None:
    kind = zero.partition(":")[0]
    figure = {name: 0 if name == kind else 5 for name in ("supply", "lane", "plant")}
    tables = network(
        LAMP
        + f"""
        supplies: supply component origin capacity_per_month
          east chip EAST {figure["supply"]}
          twin chip EAST 5
        lanes: lane from_place to_place capacity_usd_per_month
          road EAST END {figure["lane"]}
          rail EAST END 5
        plants: plant place product capacity_per_month
          works END lamp {figure["plant"]}
          shop END lamp 5
        """
    )
    assert pruned(tables) == (zero,)


def test_a_chain_with_a_lane_of_no_capacity_is_dead_as_a_whole(network: Network) -> None:
    tables = network(
        LAMP
        + """
        supplies: supply component origin
          far chip FAR
          here chip END
        lanes: lane from_place to_place capacity_usd_per_month
          first FAR HUB 5
          second HUB END 0
        """
    )
    assert pruned(tables) == ("lane:first", "lane:second", "supply:far")


def test_what_has_no_capacity_yet_but_grows_counts_over_time_only(network: Network) -> None:
    tables = network(
        LAMP
        + """
        supplies: supply component origin capacity_per_month ramp_per_month
          new chip FAR 0 5
        lanes: lane from_place to_place capacity_usd_per_month ramp_per_month
          road FAR END 0 5
        plants: plant place product capacity_per_month ramp_per_month
          works END lamp 0 5
        """
    )
    assert pruned(tables) == ()
    assert reach(tables, class_of=item, steady=False).present["lamp"] == {"END"}
    assert reach(tables, class_of=item).present == {"chip": frozenset(), "lamp": frozenset()}


def test_a_ring_of_lanes_ends(network: Network) -> None:
    tables = network(
        LAMP
        + """
        supplies: supply component origin
          far chip A
        lanes: lane from_place to_place
          ab A B
          bc B C
          ca C A
          out B END
          xy X Y
          yx Y X
        """
    )
    found = reach(tables, class_of=item)
    assert found.present["chip"] == {"A", "B", "C", "END"}
    assert found.wanted["chip"] == {"A", "B", "C", "END"}
    assert pruned(tables) == ("lane:xy", "lane:yx")


SUBASSEMBLY = """
    components: component category value_usd
      chip electronics 1
      board boards 1
    systems: system target_per_month
      lamp 10
    requirements: product component quantity
      lamp board 1
      board chip 2
    supplies: supply component origin
      far chip FAR
    plants: plant place product
      board-works HUB board
    lanes: lane from_place to_place carries
      first FAR HUB electronics
"""


def test_a_subassembly_is_made_on_the_way(network: Network) -> None:
    tables = network(SUBASSEMBLY + "second HUB END boards")
    found = reach(tables, class_of=item)
    assert pruned(tables) == ()
    assert found.present == {
        "chip": {"FAR", "HUB"}, "board": {"HUB", "END"}, "lamp": {"END"}
    }  # fmt: skip
    assert found.wanted["chip"] == {"FAR", "HUB"}
    assert [maker.product for maker in found.makers] == ["board", "lamp"]


def test_a_subassembly_that_cannot_leave_its_place_leaves_all_dead(network: Network) -> None:
    tables = network(SUBASSEMBLY + "second HUB END electronics")
    assert pruned(tables) == ("lane:first", "lane:second", "plant:board-works", "supply:far")
    assert reach(tables, class_of=item).makers == ()


@pytest.mark.parametrize(("fill", "dead"), [("1", ()), ("0.5", ("supply:simple",))])
def test_alternatives_that_fill_half_a_slot_make_nothing(
    network: Network, fill: str, dead: tuple[str, ...]
) -> None:
    tables = network(f"""
        systems: system target_per_month
          lamp 10
        requirements: product slot component quantity max_fill
          lamp control chip 1 1
          lamp control simple 1 {fill}
        supplies: supply component origin
          chip chip FAR
          simple simple END
    """)
    assert pruned(tables) == tuple(sorted(("supply:chip", *dead)))


def test_thirds_that_decimals_cannot_write_fill_a_slot(network: Network) -> None:
    tables = network("""
        systems: system target_per_month
          lamp 10
        requirements: product slot component quantity max_fill
          lamp control a 1 0.3333333333
          lamp control b 1 0.3333333333
          lamp control c 1 0.3333333333
        supplies: supply component origin
          a a END
          b b END
          c c END
    """)
    assert pruned(tables) == ()


def test_stocks_are_sources_over_time_only(network: Network) -> None:
    tables = network(
        LAMP
        + """
        stocks: place component quantity
          FAR chip 10
          FAR lamp 0
        lanes: lane from_place to_place
          road FAR END
        """
    )
    assert pruned(tables) == ("stock:FAR/lamp/",)
    assert reach(tables, class_of=item).present["lamp"] == frozenset()


def test_brands_are_followed_apart_where_asked(network: Network) -> None:
    tables = network(
        LAMP
        + """
        supplies: supply component origin brand
          near chip END RED
          far chip FAR BLUE
        """
    )
    apart = reach(tables, class_of=lambda good: good)
    assert apart.present[Good("chip", "BLUE", ())] == {"FAR"}
    assert not apart.useful(Good("chip", "BLUE", ()), "FAR")
    assert apart.useful(Good("chip", "RED", ()), "END")
    assert not apart.useful(Good("chip", "GREEN", ()), "END")


def test_inputs_come_before_products_and_alternatives_in_the_order_of_the_table() -> None:
    tables = load("tutorial")
    order = build_order(tables)
    assert sorted(order) == sorted((*tables.components, *tables.systems))
    assert all(order.index(row.component) < order.index(row.product) for row in tables.requirements)
    assert [row.component for row in slots(tables)["lamp"]["control"]] == ["chip", "chip_basic"]
