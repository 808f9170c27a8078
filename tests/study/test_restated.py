"""Conclusions on other facts: what stands, what flips, and what fewer facts leave."""

from dataclasses import replace
from types import MappingProxyType

import pandas as pd
import pytest

from analyzer.network.case import Case, case
from analyzer.programme.flow import Options
from analyzer.study import restated as study
from analyzer.study.restated import (
    Other,
    Restated,
    What,
    counting,
    fewer_facts,
    other_assumptions,
    other_readings,
    restated,
)
from analyzer.study.restated import _overtaking as overtaking
from analyzer.study.restated import _worst as worst
from scenarios.schema import Scenario
from supply_data.schema import Basis
from tests.networks_by_hand import END, dataset, need, supply, system

ISLE = case("tutorial")


def with_school(crew_days: float) -> Case:
    """Return the tutorial with another school."""
    row = ISLE.tables.supplies["crew-school"]
    other = row.model_copy(update={"capacity_per_month": crew_days})
    supplies = MappingProxyType({**ISLE.tables.supplies, "crew-school": other})
    return replace(ISLE, tables=replace(ISLE.tables, supplies=supplies))


def found(*others: Other, known: Case = ISLE) -> Restated:
    tried = {what: [each for each in others if each.what is what] for what in What}
    return restated(known, tried, known.scenarios, options=Options())


def test_with_a_school_twice_as_large_its_halving_costs_nothing() -> None:
    # 640 crew-days, halved 320: all that the baseline takes, so what survives rises from 0.7222
    # to 1, and the control by origin, at 0.7444, now leaves less; the hub costs half as before
    answers = found(Other(What.VARIANT, "school=large", with_school(640)))
    (row,) = answers.table.to_dict("records")
    assert row["acts"]
    assert row["certified"]
    assert (row["moved"], row["before"], row["after"]) == (
        "school-halved",
        pytest.approx(0.65 / 0.9),
        pytest.approx(1.0),
    )
    assert row["overtaking"] == (("origin-control", "school-halved"),)
    assert "order" in row["flips"]
    # both now leave one half: of equals, what left least before
    assert (row["worst"], row["surviving_of_worst"]) == ("hub-and-school", pytest.approx(0.5))
    assert "worst" not in row["flips"]


def test_the_run_itself_is_the_first_answer() -> None:
    answers = found(Other(What.VARIANT, "same", ISLE))
    assert not answers.table["acts"].any()
    assert answers.table["flips"].tolist() == [()]
    own = answers.scenarios[answers.scenarios["name"] == ""].set_index("scenario")
    by_hand = {"hub-closed": 0.5, "school-halved": 0.7222, "hub-and-school": 0.4815}
    assert own["surviving"][[*by_hand]].round(4).to_dict() == by_hand
    assert own["rank"]["hub-and-school"] == 1


def test_growth_is_of_no_account_in_the_steady_state() -> None:
    row = ISLE.tables.supplies["crew-school"].model_copy(update={"ramp_per_month": 5.0})
    supplies = MappingProxyType({**ISLE.tables.supplies, "crew-school": row})
    there = replace(ISLE, tables=replace(ISLE.tables, supplies=supplies))
    answers = found(Other(What.ASSUMPTION, "ramp=5", there))
    assert answers.table["acts"].tolist() == [False]


def test_where_no_figure_counts_only_what_is_stopped_in_whole_is_lost() -> None:
    # no limit is known: BETA alone could do for all without the hub, and half a school is one
    answers = found(Other(What.EVIDENCE, "none", ISLE, frozenset()))
    (row,) = answers.table.to_dict("records")
    assert row["capacity"] == pytest.approx(1.0)
    surviving = answers.scenarios.query("name == 'none'").set_index("scenario")["surviving"]
    assert surviving["hub-closed"] == pytest.approx(1.0)
    assert surviving["school-halved"] == pytest.approx(1.0)


def test_a_limit_counts_by_its_basis_alone() -> None:
    tables = dataset(
        system("unit", 100),
        need("unit", "left"),
        need("unit", "right"),
        supply("left", "left", END, 60, basis=Basis.REPORTED),
        supply("right", "right", END, 50, basis=Basis.ASSUMED),
    )
    limits = {
        key: row.capacity_per_month
        for key, row in counting(tables, frozenset({Basis.REPORTED})).supplies.items()
    }
    assert limits == {"left": 60, "right": None}
    assert counting(tables, frozenset(Basis)) is tables
    one, other = fewer_facts(Case(tables=tables))
    assert (one.name, other.name) == ("reported", "reported or derived")
    idle = Scenario(id="nothing", measures=())
    answers = restated(
        Case(tables=tables), {What.EVIDENCE: (one, other)}, (idle,), options=Options()
    )
    assert answers.table["capacity"].tolist() == pytest.approx([60.0, 60.0])


def test_where_pillars_are_not_certified_no_number_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(study, "standings", lambda *_, **__: None)
    answers = found(Other(What.VARIANT, "school=large", with_school(640)))
    assert not answers.certified
    assert answers.scenarios["surviving"].notna().sum() == 2  # the baseline's, twice


def test_equals_do_not_pass_each_other() -> None:
    before = pd.Series({"a": 0.5, "b": 0.5 + 4e-6, "c": 0.7})
    assert overtaking(before, pd.Series({"a": 0.6, "b": 0.5, "c": 0.7})) == ()
    assert overtaking(before, pd.Series({"a": 0.6, "b": 0.6, "c": 0.6 - 4e-6})) == ()
    assert overtaking(before, pd.Series({"a": 0.6, "b": 0.7, "c": 0.5})) == (("c", "a"), ("c", "b"))
    assert worst(pd.Series({"a": 0.6, "b": 0.6 - 4e-6}), ["a"]) == "a"
    assert worst(pd.Series({"a": 0.6, "b": 0.5}), ["a"]) == "b"


def test_every_other_reading_of_the_shipped_case_can_be_tried() -> None:
    shipped = case("russia-uas", ("fibre-cut", "coalition-brands"))
    others = other_readings(shipped, "russia-uas")
    assert [each.name for each in others] == [e.name for e in shipped.doubts.variants.others]
    answers = found(*others, known=shipped)
    assert answers.certified
    by_name = answers.table.set_index("name")
    # brands do not count there, so what controls by brand is worth far less
    assert by_name["after"]["origin=dispatch"] > by_name["before"]["origin=dispatch"] + 0.1
    # no budget, no mark-up
    assert by_name["before"]["premium=threefold"] == by_name["after"]["premium=threefold"]


def test_readings_that_cannot_stand_beside_the_one_that_is_chosen_are_left_out() -> None:
    held = case("russia-uas", ("fibre-cut",), variants={"origin": "dispatch"})
    names = [each.name for each in other_readings(held, "russia-uas")]
    assert names[:2] == ["origin=layers", "origin=brand"]
    assert not [name for name in names if name.startswith("chinese-share")]
    assert "garpiya=year-2024" in names


def test_assumptions_go_to_both_ends() -> None:
    shipped = case("russia-uas", ("fibre-cut",))
    few = shipped.doubts._replace(assumptions=shipped.doubts.assumptions[:1])
    low, high = other_assumptions(replace(shipped, doubts=few), "russia-uas")
    assert (low.name, high.name) == ("headroom=1", "headroom=1.4")
    answers = found(low, high, known=shipped)
    after = answers.table["after"].tolist()
    assert after[0] < answers.table["before"][0] < after[1]
