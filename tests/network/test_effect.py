"""What remains under a scenario: the rule of cuts, shares by month, and what is refused."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.network.effect import STEADY, Corner, Effect, Timing, effect, intensity, remaining
from analyzer.network.goods import Good
from scenarios.load import library
from scenarios.schema import BadScenarioError, Measure, Scenario, ScenarioFault
from supply_data import load
from supply_data.schema import Tables

MakeMeasure = Callable[..., Measure]
MakeScenario = Callable[..., Scenario]

EAST = {"table": "supplies", "origin": "EAST"}
CHIP = {"table": "supplies", "supply": "chip-east"}
HUB = {"table": "lanes", "lane": "hub-end"}
OPEN = {"table": "lanes", "lane": "west-end"}


def kept(**keys: object) -> float:
    stated = Measure.model_validate({"id": "m", "where": CHIP, "cut": 1, **keys})
    (share,) = remaining(stated)
    return float(share)


def by_month(months: int, **keys: object) -> list[float]:
    stated = Measure.model_validate({"id": "m", "where": CHIP, "cut": 1, **keys})
    found = intensity(stated, timing=Timing(months))
    return [round(float(level), 6) for level in found]


def available(found: Effect) -> dict[str, float]:
    return {element: float(shares[0]) for element, shares in found.availability.items()}


def arriving(found: Effect) -> dict[tuple[str, Good], float]:
    return {pair: float(shares[0]) for pair, shares in found.arrival.items()}


def refused(*asked: Any, **options: Any) -> tuple[ScenarioFault, ...]:  # noqa: ANN401 - passed on
    with pytest.raises(BadScenarioError) as caught:
        effect(*asked, **options)
    return caught.value.faults


# --- the share that one measure leaves


@pytest.mark.parametrize(
    ("keys", "share"),
    [
        ({"cut": 0}, 1.0),
        ({"cut": 1}, 0.0),
        ({"cut": 0.6}, 0.4),
        ({"cut": 0.6, "coverage": 0.5}, 0.7),
        ({"cut": 0.6, "leak": 0.5}, 0.7),
        ({"cut": 0.6, "coverage": 0.7, "leak": 0.2}, 1 - 0.6 * 0.7 * 0.8),
        ({"cut": 1, "leak": 1}, 1.0),
        ({"cut": 1, "coverage": 0}, 1.0),
    ],
)
def test_a_cut_takes_coverage_times_cut_times_what_does_not_leak(
    keys: dict[str, float], share: float
) -> None:
    assert kept(**keys) == pytest.approx(share, abs=1e-15)


def test_what_the_baseline_already_contains_is_not_cut_twice() -> None:
    assert kept(cut=0.8, leak=0.3, baseline_leak=0.3) == 1
    tightened = (1 - 0.8 * 0.9) / (1 - 0.8 * 0.7)
    assert kept(cut=0.8, leak=0.1, baseline_leak=0.3) == pytest.approx(tightened)


def test_a_measure_that_leaks_more_than_the_baseline_knows_leaves_more_only_if_lifted() -> None:
    lifted = Measure.model_validate(
        {"id": "m", "where": CHIP, "cut": 0.5, "leak": 1, "baseline_leak": 0.2}
    )
    assert remaining(lifted).tolist() == [1]
    assert remaining(lifted, lift=True).tolist() == pytest.approx([1 / 0.6])


def test_what_is_not_modelled_leaves_all(measure: MakeMeasure) -> None:
    assert remaining(Measure(id="m", not_modelled="why"), timing=Timing(3)).tolist() == [1, 1, 1]


# --- corners of the ranges


def share() -> st.SearchStrategy[float]:
    return st.integers(0, 20).map(lambda twentieths: twentieths / 20)


def ranges() -> st.SearchStrategy[dict[str, float]]:
    ends = st.lists(share(), min_size=3, max_size=3).map(sorted)
    return ends.map(lambda three: dict(zip(("low", "central", "high"), three, strict=True)))


@st.composite
def measures(draw: st.DrawFn) -> Measure:
    keys = {
        "id": "m",
        "where": CHIP,
        "cut": draw(ranges()),
        "coverage": draw(ranges()),
        "leak": draw(ranges()),
        "baseline_leak": draw(share().filter(lambda leak: leak > 0)),
        "from_month": draw(st.integers(1, 6)),
        "phase_in_months": draw(st.sampled_from([0, 1, 1.5, 4])),
    }
    if draw(st.booleans()):
        keys["fade_months"] = draw(st.sampled_from([0.5, 3]))
    return Measure.model_validate(keys)


@given(measures(), st.booleans(), st.sampled_from([STEADY, Timing(9)]))
def test_the_strongest_corner_leaves_least_and_the_weakest_most(
    stated: Measure,
    lift: bool,  # noqa: FBT001 - drawn
    timing: Timing,
) -> None:
    strongest, central, weakest = (
        remaining(stated, timing=timing, corner=corner, lift=lift)
        for corner in (Corner.STRONGEST, Corner.CENTRAL, Corner.WEAKEST)
    )
    assert (strongest >= 0).all()
    assert (strongest <= central + 1e-12).all()
    assert (central <= weakest + 1e-12).all()
    assert lift or (weakest <= 1).all()


def test_a_corner_takes_the_ends_that_pull_the_same_way() -> None:
    ends = {"low": 0.2, "central": 0.5, "high": 0.9}
    stated = Measure.model_validate({"id": "m", "where": CHIP, "cut": ends, "leak": ends})
    assert remaining(stated, corner=Corner.WEAKEST).tolist() == pytest.approx([1 - 0.2 * 0.1])
    assert remaining(stated, corner=Corner.CENTRAL).tolist() == pytest.approx([1 - 0.5 * 0.5])
    assert remaining(stated, corner=Corner.STRONGEST).tolist() == pytest.approx([1 - 0.9 * 0.8])


def test_what_may_be_lifted_most_is_the_widest_cut() -> None:
    keys = {"cut": {"low": 0.2, "central": 0.5, "high": 0.8}, "leak": 0.5, "baseline_leak": 0.2}
    stated = Measure.model_validate({"id": "m", "where": CHIP, **keys})
    weakest = remaining(stated, corner=Corner.WEAKEST, lift=True)
    strongest = remaining(stated, corner=Corner.STRONGEST, lift=True)
    assert weakest.tolist() == pytest.approx([0.6 / 0.36])
    assert strongest.tolist() == pytest.approx([0.9 / 0.84])


# --- months


def test_a_measure_acts_from_its_first_to_its_last_month() -> None:
    assert by_month(6, from_month=2, until_month=4) == [0, 1, 1, 1, 0, 0]


def test_a_measure_may_end_after_the_last_month_that_is_asked_for() -> None:
    assert by_month(3, from_month=2, until_month=40) == [0, 1, 1]
    assert by_month(3, from_month=20) == [0, 0, 0]


def test_a_measure_is_phased_in_by_equal_steps() -> None:
    assert by_month(6, from_month=2, phase_in_months=4) == [0, 0.25, 0.5, 0.75, 1, 1]
    assert by_month(3, phase_in_months=1) == by_month(3) == [1, 1, 1]


def test_an_effect_halves_in_its_fading_time() -> None:
    assert by_month(5, fade_months=2) == [1, 0.707107, 0.5, 0.353553, 0.25]


def test_fading_starts_once_the_measure_is_in_full_effect() -> None:
    assert by_month(5, phase_in_months=2, fade_months=1) == [0.5, 1, 0.5, 0.25, 0.125]


def test_in_the_steady_state_a_measure_is_in_full_effect() -> None:
    assert kept(cut=0.6, from_month=30, phase_in_months=9, until_month=31, fade_months=1) == 0.4


def test_before_it_starts_a_measure_in_force_leaves_the_baseline_as_it_is() -> None:
    keys = {"cut": 0.5, "leak": 0, "baseline_leak": 0.4, "from_month": 2}
    stated = Measure.model_validate({"id": "m", "where": CHIP, **keys})
    assert remaining(stated, timing=Timing(2)).tolist() == pytest.approx([1, 0.5 / 0.7])


# --- what is limited, and what arrives


def test_a_cut_lowers_the_availability_of_supplies(
    fork: Tables, measure: MakeMeasure, scenario: MakeScenario
) -> None:
    found = effect(fork, scenario(measure(where=EAST, cut=0.25)))
    assert available(found) == {"supply:camera-east": 0.75, "supply:chip-east": 0.75}
    assert found.arrival == {}


def test_a_lane_of_known_capacity_is_limited_and_one_of_unknown_capacity_loses_goods(
    fork: Tables, measure: MakeMeasure, scenario: MakeScenario
) -> None:
    found = effect(fork, scenario(measure(where={"table": "lanes", "to_place": "END"}, cut=0.4)))
    assert available(found) == {"lane:hub-end": 0.6}
    assert {lane for lane, _ in found.arrival} == {"lane:west-end"}
    assert set(arriving(found).values()) == {0.6}


def test_goods_keys_on_a_lane_of_known_capacity_lower_the_arrival_of_these_goods_only(
    fork: Tables, measure: MakeMeasure, scenario: MakeScenario
) -> None:
    found = effect(fork, scenario(measure(where={**HUB, "component": "body"}, cut=0.4)))
    assert available(found) == {}
    assert arriving(found) == {("lane:hub-end", Good("body", "WEST", ())): 0.6}


def test_measures_that_match_the_same_multiply(
    fork: Tables, measure: MakeMeasure, scenario: MakeScenario
) -> None:
    found = effect(
        fork,
        scenario(
            measure(id="a", where=CHIP, cut=0.5),
            measure(id="b", where=EAST, cut=0.2),
            measure(id="c", where={**OPEN, "component": "body"}, cut=0.5),
            measure(id="d", where={**OPEN, "brand": "WEST"}, cut=0.2),
        ),
    )
    assert available(found) == pytest.approx(
        {"supply:chip-east": 0.4, "supply:camera-east": 0.8}, abs=1e-15
    )
    assert arriving(found)["lane:west-end", Good("body", "WEST", ())] == pytest.approx(0.4)
    assert arriving(found)["lane:west-end", Good("chip", "WEST", ())] == pytest.approx(0.8)


def test_a_lane_cut_whole_by_one_measure_and_by_goods_by_another_bears_both(
    fork: Tables, measure: MakeMeasure, scenario: MakeScenario
) -> None:
    found = effect(
        fork,
        scenario(
            measure(id="a", where=HUB, cut=0.5),
            measure(id="b", where={**HUB, "component": "body"}, cut=0.2),
        ),
    )
    assert available(found) == {"lane:hub-end": 0.5}
    assert list(arriving(found).values()) == [0.8]


def test_one_measure_cannot_undo_another_by_leaking(
    fork: Tables, measure: MakeMeasure, scenario: MakeScenario
) -> None:
    loose = measure(id="loose", where=CHIP, cut=0.5, leak=1, baseline_leak=0.2)
    both = scenario(loose, measure(id="new", where=CHIP, cut=0.5))
    assert available(effect(fork, both)) == {"supply:chip-east": 0.5}
    lifted = effect(fork, both, lift=True)
    assert available(lifted) == pytest.approx({"supply:chip-east": 0.5 / 0.6})


def test_shares_are_given_by_month(
    fork: Tables, measure: MakeMeasure, scenario: MakeScenario
) -> None:
    found = effect(
        fork,
        scenario(
            measure(id="a", where=CHIP, cut=0.5, from_month=2),
            measure(id="b", where={**OPEN, "component": "body"}, until_month=1),
            measure(id="late", where=EAST, from_month=9),
        ),
        timing=Timing(3),
    )
    assert found.timing.periods == 3
    assert {e: s.tolist() for e, s in found.availability.items()} == {
        "supply:chip-east": [1, 0.5, 0.5]
    }
    assert [s.tolist() for s in found.arrival.values()] == [[0, 1, 1]]
    assert set(found.aims) == {"a", "b", "late"}


def test_a_cut_of_nothing_changes_nothing_but_its_markup(
    fork: Tables, measure: MakeMeasure, scenario: MakeScenario
) -> None:
    found = effect(
        fork,
        scenario(
            measure(id="a", where=CHIP, cut=0, markup=0.2),
            measure(id="b", where=EAST, cut=0, markup=0.1, delay_months=2),
            measure(id="c", where={**HUB, "component": "body"}, cut=0, markup=0.3),
        ),
    )
    assert (found.availability, found.arrival) == ({}, {})
    assert found.markup == pytest.approx(
        {
            "supply:chip-east": 0.3,
            "supply:camera-east": 0.1,
            ("lane:hub-end", Good("body", "WEST", ())): 0.3,
        }
    )
    assert found.aims["b"].elements == ("supply:camera-east", "supply:chip-east")


def test_what_comes_late_adds_up_and_a_gap_closes(
    fork: Tables, measure: MakeMeasure, scenario: MakeScenario
) -> None:
    found = effect(
        fork,
        scenario(
            measure(id="a", where=CHIP, cut=0, delay_months=2, once=True, from_month=2),
            measure(id="b", where=EAST, cut=0, delay_months=1, until_month=4),
        ),
        timing=Timing(5),
    )
    late = {element: months.tolist() for element, months in found.delay.items()}
    assert late == {"supply:chip-east": [1, 3, 2, 1, 0], "supply:camera-east": [1, 1, 1, 1, 0]}


def test_no_measure_is_no_effect(fork: Tables, scenario: MakeScenario) -> None:
    assert effect(fork, scenario()) == Effect()


# --- unknown figures


@pytest.mark.parametrize(
    ("where", "element"),
    [
        ({"table": "supplies", "supply": "school"}, "supply:school"),
        ({"table": "plants", "plant": "lamp-works"}, "plant:lamp-works"),
        ({"table": "stocks", "place": "HUB"}, "stock:HUB/chip/WEST"),
    ],
)
def test_a_part_of_an_unknown_figure_is_refused_with_its_row(
    fork: Tables,
    measure: MakeMeasure,
    scenario: MakeScenario,
    where: dict[str, object],
    element: str,
) -> None:
    lines = {row.element: row.line for row in fork.supplies.values()}
    lines |= {row.element: row.line for row in fork.plants.values()}
    lines |= {row.element: row.line for row in fork.stocks}
    (fault,) = refused(fork, scenario(measure(where=where, cut=0.5)))
    assert (fault.file, fault.value) == ("s.yaml", element)
    assert f"row {lines[element]} " in fault.remedy
    assert available(effect(fork, scenario(measure(where=where)))) == {element: 0}
    assert available(effect(fork, scenario(measure(where=where, cut=0)))) == {}


def test_a_whole_cut_among_partial_ones_needs_no_figure(
    fork: Tables, measure: MakeMeasure, scenario: MakeScenario
) -> None:
    school = {"table": "supplies", "supply": "school"}
    both = scenario(measure(id="a", where=school, cut=0.5), measure(id="b", where=school))
    assert available(effect(fork, both)) == {"supply:school": 0}


def test_a_whole_cut_that_is_phased_in_is_a_partial_one(
    fork: Tables, measure: MakeMeasure, scenario: MakeScenario
) -> None:
    phased = scenario(measure(where={"table": "supplies", "supply": "school"}, phase_in_months=2))
    assert available(effect(fork, phased)) == {"supply:school": 0}
    assert len(refused(fork, phased, timing=Timing(3))) == 1


def test_lifting_what_has_no_known_limit_is_no_cut(
    fork: Tables, measure: MakeMeasure, scenario: MakeScenario
) -> None:
    school = {"table": "supplies", "supply": "school"}
    eased = scenario(measure(where=school, cut=0.5, leak=1, baseline_leak=0.5))
    assert available(effect(fork, eased, lift=True)) == pytest.approx({"supply:school": 1 / 0.75})


def test_an_unknown_lane_takes_a_partial_cut_on_what_arrives(
    fork: Tables, measure: MakeMeasure, scenario: MakeScenario
) -> None:
    found = effect(fork, scenario(measure(where=OPEN, cut=0.5)))
    assert available(found) == {}
    assert set(arriving(found).values()) == {0.5}


# --- scenarios


@pytest.mark.parametrize("key", ["amends", "supersedes"])
def test_a_measure_gives_way_to_one_that_replaces_it(
    fork: Tables, measure: MakeMeasure, scenario: MakeScenario, key: str
) -> None:
    old = measure(id="old", where=EAST, cut=0.5)
    new = measure(id="new", where=CHIP, cut=0.2, **{key: "old"})
    found = effect(fork, scenario(old, new))
    assert found.replaced == {"old": "new"}
    assert available(found) == {"supply:chip-east": 0.8}
    assert set(found.aims) == {"new"}
    assert effect(fork, scenario(new)).replaced == {}


def test_a_chain_of_replacements_leaves_the_last(
    fork: Tables, measure: MakeMeasure, scenario: MakeScenario
) -> None:
    chain = scenario(
        measure(id="a", where=CHIP, cut=0.1),
        measure(id="b", where=CHIP, cut=0.2, supersedes="a"),
        measure(id="c", where=CHIP, cut=0.3, amends="b"),
    )
    assert available(effect(fork, chain)) == {"supply:chip-east": 0.7}


def test_what_is_not_modelled_replaces_nothing(
    fork: Tables, measure: MakeMeasure, scenario: MakeScenario
) -> None:
    unmodelled = Measure(id="new", not_modelled="why", supersedes="old")
    found = effect(fork, scenario(measure(id="old", where=CHIP, cut=0.5), unmodelled))
    assert available(found) == {"supply:chip-east": 0.5}


def test_measures_that_replace_each_other_are_refused(
    fork: Tables, measure: MakeMeasure, scenario: MakeScenario
) -> None:
    ring = scenario(
        measure(id="a", where=CHIP, supersedes="c"),
        measure(id="b", where=CHIP, supersedes="a"),
        measure(id="c", where=CHIP, amends="b"),
        measure(id="d", where=CHIP, amends="d"),
        measure(id="tail", where=CHIP),
        measure(id="e", where=CHIP, amends="tail"),
    )
    faults = refused(fork, ring)
    assert {fault.value for fault in faults} == {"a", "b", "c", "d"}
    assert all("circle" in fault.rule for fault in faults)


def test_two_measures_of_one_name_are_refused(
    fork: Tables, measure: MakeMeasure, scenario: MakeScenario
) -> None:
    (fault,) = refused(fork, scenario(measure(where=CHIP), measure(where=EAST)))
    assert (fault.value, fault.rule) == ("m", "two measures have this name")


def test_the_faults_of_all_measures_are_told_at_once(
    fork: Tables, measure: MakeMeasure, scenario: MakeScenario
) -> None:
    bad = scenario(
        measure(id="a", where={"table": "supplies", "origin": "EATS"}),
        measure(id="b", where={"table": "supplies", "origin": "HUB"}),
        measure(id="c", where=CHIP),
    )
    assert [fault.value for fault in refused(fork, bad)] == ["EATS", "b"]


# --- the tutorial


def test_the_scenarios_of_the_tutorial_do_what_its_text_says() -> None:
    tables = load("tutorial")
    found = {s.id: available(effect(tables, s)) for s in library("tutorial").scenarios.values()}
    assert found["hub-closed"] == {"lane:hub-isle": 0}
    assert found["school-halved"] == {"supply:crew-school": 0.5}
    assert found["hub-and-school"] == {"lane:hub-isle": 0, "supply:crew-school": 0.5}
    assert found["brand-control"] == pytest.approx(
        {"supply:chip-alpha": 0.24, "supply:chip-beta": 0.24}
    )
    assert found["origin-control"] == pytest.approx({"supply:chip-alpha": 0.24})


def test_two_measures_of_one_aim_share_it(
    fork: Tables, measure: MakeMeasure, scenario: MakeScenario
) -> None:
    twins = scenario(measure(id="a", where=CHIP, cut=0.5), measure(id="b", where=CHIP, cut=0.5))
    found = effect(fork, twins)
    assert found.aims["a"] == found.aims["b"]
    assert available(found) == {"supply:chip-east": 0.25}


@given(cuts=st.lists(share(), min_size=1, max_size=4))
def test_more_measures_never_leave_more(cuts: list[float]) -> None:
    tables = load("tutorial")
    where = {"table": "supplies", "supply": "chip-alpha"}
    stated = [
        Measure.model_validate({"id": f"m{n}", "where": where, "cut": cut})
        for n, cut in enumerate(cuts)
    ]
    left = [
        available(effect(tables, Scenario(id="s", measures=tuple(stated[:n])))).get(
            "supply:chip-alpha", 1.0
        )
        for n in range(len(stated) + 1)
    ]
    assert all(after <= before for before, after in pairwise(left))


def test_goods_are_not_lifted_on_a_ring_where_they_would_multiply(
    network: Callable[[str], Tables], measure: MakeMeasure, scenario: MakeScenario
) -> None:
    text = """
        systems: system target_per_month
          pump 100
        requirements: product component quantity
          pump chip 1
        supplies: supply component origin capacity_per_month
          chips chip EAST 10
        lanes: lane from_place to_place capacity_usd_per_month
          east-hub EAST HUB 1000
          hub-end HUB END 1000
          {back}
        """
    lifted = measure(
        where={"table": "lanes", "lane": "east-hub", "component": "chip"},
        cut=0.5,
        leak=1,
        baseline_leak=0,
    )
    straight = network(text.format(back=""))
    assert list(arriving(effect(straight, scenario(lifted), lift=True)).values()) == [2.0]
    ring = network(text.format(back="hub-east HUB EAST 1000"))
    (fault,) = refused(ring, scenario(lifted), lift=True)
    assert (fault.value, fault.rule) == (
        "lane:east-hub",
        "lifted on a ring of lanes, chip would multiply",
    )
    assert not effect(ring, scenario(lifted)).arrival
