"""The shipped case with its whole library: what must hold of every scenario in it."""

import pytest

from analyzer.network.case import case
from analyzer.study.compare import BASELINE, Comparison, compare
from analyzer.study.outcome import Outcome

SLACK = 1e-6


@pytest.fixture(scope="module")
def library() -> Comparison:
    return compare(case("russia-uas"))


@pytest.fixture(scope="module")
def scenarios(library: Comparison) -> dict[str, Outcome]:
    return {name: found for name, found in library.outcomes.items() if name != BASELINE}


def known(value: float | None) -> float:
    assert value is not None
    return value


def test_every_number_is_certified(library: Comparison) -> None:
    assert library.certified
    assert library.certificates["certified"].all()
    assert library.certificates["width"].abs().max() < 1e-7
    assert library.tally.uncertified == 0


def test_every_plan_is_the_one_chosen_among_all(library: Comparison) -> None:
    assert all(found.solution.canonical for found in library.outcomes.values())


def test_baseline_lies_within_a_tenth_of_each_target(library: Comparison) -> None:
    baseline = library.systems[library.systems["scenario"] == BASELINE]
    assert baseline["share"].between(0.9, 1.1).all()


def test_at_once_is_no_more_than_adapted_and_that_no_more_than_any_ceiling(
    scenarios: dict[str, Outcome],
) -> None:
    for name, found in scenarios.items():
        assert found.standings is not None, name
        ceilings = [one.ceiling for one in found.standings.values()]
        assert known(found.at_once) <= known(found.capacity) + SLACK, name
        assert known(found.capacity) <= min(ceilings) + SLACK, name


def test_interval_holds_the_central_answer(scenarios: dict[str, Outcome]) -> None:
    for name, found in scenarios.items():
        assert known(found.strongest) <= known(found.capacity) + SLACK, name
        assert known(found.capacity) <= known(found.weakest) + SLACK, name


def test_shares_of_the_pillars_sum_to_the_loss(
    library: Comparison, scenarios: dict[str, Outcome]
) -> None:
    base = known(library.outcomes[BASELINE].capacity)
    for name, found in scenarios.items():
        assert found.standings is not None, name
        shares = [one.loss_share for one in found.standings.values()]
        loss = 1 - known(found.capacity) / base
        assert sum(shares) == pytest.approx(loss, abs=SLACK), name
        assert (found.binds is None) == (loss < SLACK), name


def test_each_measure_of_each_scenario_is_told_of_once(
    library: Comparison, scenarios: dict[str, Outcome]
) -> None:
    told = library.measures.groupby("scenario")["measure"].apply(sorted).to_dict()
    for name, found in scenarios.items():
        assert found.tries is not None
        assert told[name] == sorted(measure.id for measure in found.tries.scenario.measures)
    assert (library.measures.loc[library.measures["effect"] != "bites", "note"] != "").all()


def test_tracked_slots_have_the_shares_that_their_supplies_allow(library: Comparison) -> None:
    # 523.25 modules for 300 and 400 units, each slot at least half filled with them
    assert library.outcomes[BASELINE].first_choice == pytest.approx(
        {"ai_loitering/ai": 1, "lancet/ai": (523.25 - 150) / 400}
    )
    for found in library.outcomes.values():
        assert all(0 <= share <= 1 for share in found.first_choice.values())
