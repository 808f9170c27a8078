"""How systems weigh, worked out by hand."""

import pytest

from analyzer.programme.scale import weights
from supply_data.schema import Weighting
from tests.networks_by_hand import dataset, need, supply, system

TARGETS = {"one": 100.0, "other": 50.0, "alone": 20.0, "single": 10.0}


@pytest.mark.parametrize(
    ("weighting", "known"),
    [
        # three groups: two systems in one of them, and each of those without a group alone
        (Weighting.TARGET, {"one": 1 / 600, "other": 1 / 300, "alone": 1 / 60, "single": 1 / 30}),
        (Weighting.UNITS, {"one": 1, "other": 1, "alone": 1, "single": 1}),
        (Weighting.WEIGHT, {"one": 2, "other": 3, "alone": 5, "single": 7}),
    ],
)
def test_a_unit_of_each_system_weighs_what_its_weighting_says(
    weighting: Weighting, known: dict[str, float]
) -> None:
    tables = dataset(
        system("one", 100, weight=2, group="both"),
        system("other", 50, weight=3, group="both"),
        system("alone", 20, weight=5),
        system("single", 10, weight=7),
        *(need(name, "part") for name in TARGETS),
        supply("source", "part", "END"),
    )
    assert weights(tables, weighting, targets=TARGETS) == pytest.approx(known)
