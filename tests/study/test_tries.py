"""What is tried for a scenario on top of a reference: whose cuts, at which end of the ranges."""

import pytest

from analyzer.network.case import Case
from analyzer.programme.flow import Options
from analyzer.study.compare import BASELINE, compare
from analyzer.study.tries import Tries, reference_effect, tries_of
from scenarios.schema import Measure, Scenario, Uncertain
from tests.networks_by_hand import END, dataset, need, supply, system

RANGE = {"low": 0.2, "central": 0.5, "high": 0.8}
PAIR = dataset(
    system("unit", 200),
    need("unit", "part"),
    supply("one", "part", END, 100),
    supply("other", "part", END, 100),
)
CASE = Case(PAIR)


def scenario(name: str, **cuts: object) -> Scenario:
    """Return a scenario that cuts supplies, each by a measure of the supply's name."""
    measures = tuple(
        Measure.model_validate(
            {"id": f"{name}-{key}", "where": {"table": "supplies", "supply": key}, "cut": cut}
        )
        for key, cut in cuts.items()
    )
    return Scenario(id=name, measures=measures)


def left(tried: Tries, which: str) -> dict[str, float]:
    found = getattr(tried, which).availability
    return {element: float(shares[0]) for element, shares in found.items()}


def tries(tried: Scenario, reference: Scenario | None = None) -> Tries:
    (found,) = tries_of(CASE, (tried,), options=Options(), reference=reference)
    return found


def test_ends_are_those_of_the_scenario_and_the_reference_stays_in_the_middle() -> None:
    found = tries(scenario("new", one=RANGE), scenario("old", other=RANGE))
    assert left(found, "reference") == {"supply:other": 0.5}
    assert left(found, "weakest") == pytest.approx({"supply:one": 0.8, "supply:other": 0.5})
    assert left(found, "central") == pytest.approx({"supply:one": 0.5, "supply:other": 0.5})
    assert left(found, "strongest") == pytest.approx({"supply:one": 0.2, "supply:other": 0.5})


def test_measure_that_both_hold_counts_once_as_the_scenario_has_it() -> None:
    old, new = scenario("same", one=0.5), scenario("same", one=0.8)
    assert left(tries(new, old), "central") == pytest.approx({"supply:one": 0.2})


def test_other_measures_of_reference_and_scenario_multiply() -> None:
    found = tries(scenario("new", one=0.5), scenario("old", one=0.5))
    assert left(found, "central") == pytest.approx({"supply:one": 0.25})


def test_measures_are_tried_alone_and_left_out_on_top_of_the_reference() -> None:
    found = tries(scenario("new", one=0.5, other=0.25), scenario("old", other=0.5))
    alone = {name: dict(effect.availability) for name, effect in found.only.items() if effect}
    assert {name: sorted(kept) for name, kept in alone.items()} == {
        "new-one": ["supply:one", "supply:other"],
        "new-other": ["supply:other"],
    }
    rest = found.without["new-one"]
    assert rest is not None
    assert float(rest.availability["supply:other"][0]) == pytest.approx(0.375)


def test_one_measure_needs_no_further_tries() -> None:
    found = tries(scenario("new", one=0.5))
    assert (found.only, found.without) == ({}, {})


def test_without_a_reference_all_is_left() -> None:
    assert not reference_effect(CASE, None, options=Options()).availability


def test_surviving_is_counted_from_the_reference() -> None:
    old = scenario("old", other=0.5)
    found = compare(CASE, (scenario("new", one=0.5),), reference=old)
    table = found.table.set_index("scenario")
    assert found.reference == "old"
    assert table["capacity"].to_dict() == pytest.approx({BASELINE: 150, "new": 100})
    assert table["surviving"].to_dict() == pytest.approx({BASELINE: 1, "new": 100 / 150})
    assert table["at_once"].to_dict() == pytest.approx({BASELINE: 1, "new": 100 / 150})


def test_measure_of_the_reference_tried_again_changes_nothing() -> None:
    old = scenario("old", other=0.5)
    again = old.model_copy(update={"id": "again"})
    found = compare(CASE, (again,), reference=old)
    assert found.table["surviving"].tolist() == pytest.approx([1, 1])
    assert found.measures["effect"].tolist() == ["slack"]


def test_a_part_that_is_refused_by_itself_is_left_out_of_what_is_tried() -> None:
    tables = dataset(system("unit", 100), need("unit", "part"), supply("source", "part", END))
    half = Measure.model_validate(
        {"id": "half", "where": {"table": "supplies", "supply": "source"}, "cut": 0.5}
    )
    whole = half.model_copy(update={"id": "whole", "cut": Uncertain(low=1, central=1, high=1)})
    scenario = Scenario(id="both", measures=(half, whole))
    (tried,) = tries_of(Case(tables), [scenario], options=Options())
    assert tried.only["half"] is None
    assert tried.only["whole"] is not None
    assert tried.without["whole"] is None
