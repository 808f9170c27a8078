"""Readings of contradictions: what each puts into the tables, and what is refused of them."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest

from supply_data import folder, load
from supply_data.doubts import doubts
from supply_data.rederived import differences, rederived
from supply_data.schema import BadTablesError, Basis, Fault, Tables
from supply_data.variants import chosen, variants

RUSSIA = folder("russia-uas")
OTHERS = [each.name for each in variants(RUSSIA).others]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    copytree(RUSSIA, tmp_path / "case")
    return tmp_path / "case"


def under(name: str) -> Tables:
    contradiction, _, choice = name.partition("=")
    return load("russia-uas", variants={contradiction: choice})


def faults(make: Callable[[], object]) -> tuple[Fault, ...]:
    with pytest.raises(BadTablesError) as refused:
        make()
    return refused.value.faults


def test_a_standard_choice_is_the_dataset_as_it_stands() -> None:
    known = load("russia-uas")
    same = under("origin=layers")
    assert (same.sha256, same.variants, same.settings.title) == (
        known.sha256,
        {},
        known.settings.title,
    )


@pytest.mark.parametrize("name", OTHERS)
def test_a_reading_gives_a_dataset_of_its_own_that_says_which(name: str) -> None:
    known, other = load("russia-uas"), under(name)
    contradiction, _, choice = name.partition("=")
    assert other.sha256 != known.sha256
    assert other.variants == {contradiction: choice}
    assert other.settings.title == f"{known.settings.title} [{name}]"


@pytest.mark.parametrize(
    ("name", "targets", "plants"),
    [
        ("one-way-output=capacity", {"owa_armed": 3200}, {"geran-lines": 2700}),
        (
            "one-way-output=daily",
            {"owa_armed": 6950, "decoy": 5170},
            {"geran-lines": 6083, "garpiya-lines": 867, "decoy-lines": 5170},
        ),
        ("fibre-fpv=cable", {"fpv_fibre": 10_461}, {"fibre-fpv-makers": 12_030}),
        ("fibre-fpv=claim", {"fpv_fibre": 50_000}, {"fibre-fpv-makers": 57_500}),
        ("fpv-output=ministry", {"fpv_radio": 40_000}, {"fpv-industry": 0}),
        ("fpv-output=makers", {"fpv_radio": 300_000}, {"fpv-volunteers": 100_000}),
        ("garpiya=year-2024", {"owa_armed": 3500}, {"garpiya-lines": 167}),
    ],
)
def test_outputs_are_those_of_the_reading(
    name: str, targets: dict[str, float], plants: dict[str, float]
) -> None:
    other = under(name)
    assert {each: other.systems[each].target_per_month for each in targets} == targets
    assert {each: other.plants[each].capacity_per_month for each in plants} == plants


@pytest.mark.parametrize(("choice", "share"), [("dispatch", 0.67)])
def test_under_dispatch_whose_a_part_is_follows_who_supplied_it(choice: str, share: float) -> None:
    other = under(f"origin={choice}")
    chips = {row.brand: row for row in other.supplies.values() if row.component == "fpga"}
    total = sum(row.capacity_per_month or 0 for row in chips.values())
    assert (chips["CHN"].capacity_per_month or 0) / total == pytest.approx(share)
    assert "USA" not in chips
    assert chips["CHN"].source_ids == ("S28",)


@pytest.mark.parametrize(("choice", "share"), [("sixty", 0.6), ("seventy", 0.7)])
def test_the_chinese_share_is_that_of_the_reading(choice: str, share: float) -> None:
    other = under(f"chinese-share={choice}")
    rows = [row for row in other.supplies.values() if row.component == "mcu"]
    total = sum(row.capacity_per_month or 0 for row in rows)
    chinese = sum(row.capacity_per_month or 0 for row in rows if row.brand == "CHN")
    assert chinese / total == pytest.approx(share, abs=0.001)


def test_under_brand_nothing_of_a_coalition_brand_is_made_abroad() -> None:
    other = under("origin=brand")
    rows = [row for row in other.supplies.values() if row.brand == "USA" and row.origin != "USA"]
    assert rows
    assert {row.capacity_per_month for row in rows} == {0.0}


def test_a_premium_changes_mark_ups_and_nothing_else() -> None:
    known, other = load("russia-uas"), under("premium=threefold")
    moved = {key for key, row in other.lanes.items() if row.markup != known.lanes[key].markup}
    assert moved
    assert {other.lanes[key].markup for key in moved} == {3.0}
    assert other.supplies == known.supplies


def test_a_row_that_is_switched_has_the_grounds_of_the_reading() -> None:
    row = under("fpv-output=makers").systems["fpv_radio"]
    assert (row.basis, row.source_ids) == (Basis.REPORTED, ("S22",))
    assert row.note.startswith("fpv-output=makers: ")


def test_shares_of_a_slot_still_sum_to_one_under_every_reading() -> None:
    rows = variants(RUSSIA).switches
    fills = {(each.contradiction, each.choice): 0.0 for each in rows if each.column == "fill"}
    for each in rows:
        if each.column == "fill":
            fills[each.contradiction, each.choice] += float(each.value)
    assert fills
    assert list(fills.values()) == pytest.approx([1.0] * len(fills))


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"orign": "brand"}, "Did you mean 'origin'"),
        ({"origin": "brands"}, "Did you mean 'brand'"),
        ({"fibre-plant": "2024"}, "cannot be tried: The year of the loss"),
        ({"origin": "dispatch", "chinese-share": "sixty"}, "Choose one"),
        ({"garpiya": "year-2024", "one-way-output": "daily"}, "Choose one"),
    ],
)
def test_what_cannot_be_chosen_is_refused_with_the_reason(
    wanted: dict[str, str], said: str
) -> None:
    found = faults(lambda: chosen(variants(RUSSIA), wanted))
    assert any(said in str(fault) for fault in found)


def test_two_readings_that_agree_or_do_not_meet_stand_together() -> None:
    wanted = {"origin": "brand", "fpv-output": "makers"}
    assert load("russia-uas", variants=wanted).variants == wanted


def test_a_dataset_without_variants_has_none_to_choose() -> None:
    (fault,) = faults(lambda: load("tutorial", variants={"origin": "brand"}))
    assert "no such variant" in fault.rule


def test_tables_that_do_not_follow_from_the_facts_are_not_replaced_in_silence(copied: Path) -> None:
    table = copied / "supplies.csv"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace("antenna-che-che", "antenna-mine", 1), encoding="utf-8")
    (fault,) = faults(lambda: load(copied, variants={"origin": "brand"}))
    assert fault.file == "supplies.csv"
    assert "does not follow from the facts" in fault.rule


def test_derivation_knows_the_readings(copied: Path) -> None:
    usual = rederived(copied, assumptions={})
    assert not differences(copied, usual)
    other = rederived(copied, assumptions={}, variants={"garpiya": "year-2024"})
    changed = {each.table for each in differences(copied, other)}
    assert {"systems", "plants", "supplies"} <= changed


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("variants", "origin,layers,yes", "origin,layers,", "0 of its choices are standard"),
        ("variants", "origin,brand,,", "origins,brand,,", "no such contradiction"),
        ("variants", "derived,medium,S26;S28", "derived,medium,S999;S28", "no such source"),
        ("switches", "origin,brand,origin_shares", "origin,brant,origin_shares", "no such choice"),
        ("switches", "origin_shares,H131", "origin_shares,H999", "no such row"),
        ("switches", "origin_shares,H131,central", "origin_shares,H131,middle", "no such column"),
        ("switches", "brand,origin_shares,", "brand,sources,", "no figure is switched"),
        ("contradictions", "S28;S26;S31;S29,", "S28;S26;S31;S29,never", "and a reason why"),
    ],
)
def test_a_fault_of_the_readings_is_named(
    copied: Path, file: str, old: str, new: str, said: str
) -> None:
    path = copied / "facts" / f"{file}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    found = faults(lambda: doubts(copied, load("russia-uas")))
    assert any(said in str(fault) for fault in found)
    assert all(fault.file.startswith("facts/") for fault in found)
