from analyzer.network.dead_ends import dead_ends
from analyzer.network.prune import pruned
from supply_data.schema import Tables
from tests.networks_by_hand import (
    END,
    START,
    chokepoint,
    dataset,
    lane,
    need,
    part,
    plant,
    stock,
    supply,
    system,
)


def told(tables: Tables) -> dict[str, tuple[str, str | None, str]]:
    """Return file, column and rule by the key that stands in the row's file."""
    names = pruned(tables)
    faults = dead_ends(tables, names)
    return {
        name: (fault.file, fault.column, fault.rule)
        for name, fault in zip(names, faults, strict=True)
    }


def test_a_network_in_which_all_contribute_has_none() -> None:
    assert told(chokepoint()) == {}


def test_each_sort_of_row_is_told_in_its_own_words() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        part("kit"),
        need("kit", "part"),
        supply("source", "part", START, 100),
        supply("lost", "part", "NOWHERE", 50),
        lane(START, END, 100),
        lane(START, "CUL-DE-SAC", 10),
        plant("idle", "kit", END, 5),
        stock("NOWHERE", "part", 9),
        supply("closed", "part", START, 0),
    )
    found = told(tables)
    assert found["supply:lost"][:2] == ("supplies.csv", "component")
    assert "never arrive" in found["supply:lost"][2]
    assert found["lane:start-cul-de-sac"][:2] == ("lanes.csv", "to_place")
    assert "leads nowhere" in found["lane:start-cul-de-sac"][2]
    assert found["plant:idle"][:2] == ("plants.csv", "product")
    assert found["stock:NOWHERE/part/"][:2] == ("stocks.csv", "component")
    assert found["supply:closed"][2] == "its size is 0"
    assert len(found) == 5
