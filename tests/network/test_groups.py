"""What a group holds, and under which id."""

import pytest

import supply_data
from analyzer.network.groups import Over, groups, hubs
from supply_data.schema import Tables
from tests.networks_by_hand import dataset, lane, need, part, plant, stock, supply, system

TUTORIAL = supply_data.load("tutorial")


@pytest.fixture(scope="module")
def crossing() -> Tables:
    """Return two hubs with a lane between them, and a part that is supplied, made and held."""
    return dataset(
        system("unit", 100),
        need("unit", "part"),
        need("part", "raw"),
        supply("a", "raw", "EAST", brand="WEST"),
        supply("b", "raw", "EAST"),
        supply("c", "part", "WEST", brand="WEST"),
        plant("works", "part", "NORTH"),
        stock("NORTH", "part", 5),
        lane("EAST", "NORTH"),
        lane("WEST", "NORTH"),
        lane("NORTH", "SOUTH"),
        lane("SOUTH", "END"),
        part("raw"),
    )


@pytest.mark.parametrize(
    ("over", "expected"),
    [
        (Over.ORIGIN, {"origin:EAST": ("supply:a", "supply:b"), "origin:WEST": ("supply:c",)}),
        (Over.BRAND, {"brand:WEST": ("supply:a", "supply:c")}),
        (
            Over.HUB,
            {
                "hub:NORTH": ("lane:east-north", "lane:west-north", "lane:north-south"),
                "hub:SOUTH": ("lane:north-south", "lane:south-end"),
            },
        ),
        (
            Over.COMPONENT,
            {
                "component:raw": ("supply:a", "supply:b"),
                "component:part": ("supply:c", "plant:works", "stock:NORTH/part/"),
            },
        ),
        (Over.PLANT, {"plant:works": ("plant:works",)}),
        (Over.STOCK, {"stock:NORTH/part/": ("stock:NORTH/part/",)}),
        (Over.MEASURE, {}),
    ],
)
def test_groups_hold_what_they_share(
    crossing: Tables, over: Over, expected: dict[str, tuple[str, ...]]
) -> None:
    assert groups(crossing, over) == expected


def test_elements_are_all_that_can_be_cut_each_by_itself() -> None:
    assert list(groups(TUTORIAL, Over.ELEMENT)) == list(TUTORIAL.elements)
    parts = [Over.SUPPLY, Over.LANE, Over.PLANT, Over.STOCK]
    assert [e for over in parts for e in groups(TUTORIAL, over)] == list(TUTORIAL.elements)


def test_the_destination_is_no_hub(crossing: Tables) -> None:
    assert hubs(crossing) == {"NORTH", "SOUTH"}


def test_a_system_is_no_component() -> None:
    tables = dataset(
        system("unit", 100), need("unit", "part"), supply("whole", "unit", "END"),
        supply("some", "part", "END"), plant("works", "unit", "END"),
    )  # fmt: skip
    assert groups(tables, Over.COMPONENT) == {"component:part": ("supply:some",)}
