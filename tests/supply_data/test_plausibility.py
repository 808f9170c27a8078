from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from supply_data.plausibility import cited_in_facts, implausible, last_day, unsummed_shares
from supply_data.schema import Basis, Fault, Source, Tables
from tests.networks_by_hand import END, dataset, lane, need, part, supply, system

TODAY = date(2026, 6, 15)


def found(tables: Tables, *, cited: Iterable[str] = ()) -> list[Fault]:
    return list(implausible(tables, today=TODAY, also_cited=frozenset(cited)))


def test_a_plain_dataset_has_nothing_odd() -> None:
    tables = dataset(system("unit", 10), need("unit", "part"), supply("s", "part", END, 10))
    assert found(tables) == []


def test_an_alternative_that_nobody_makes_is_named() -> None:
    tables = dataset(
        system("unit", 10),
        need("unit", "part", slot="a"),
        need("unit", "other", slot="a"),
        supply("s", "part", END, 10),
    )
    (odd,) = found(tables)
    assert (odd.file, odd.column, odd.value) == ("requirements.csv", "component", "other")


def test_a_slot_that_stands_empty_is_left_to_the_other_warning() -> None:
    tables = dataset(
        system("unit", 10),
        need("unit", "part"),
        need("unit", "missing"),
        supply("s", "part", END, 10),
    )
    assert found(tables) == []
    assert any("missing" in str(each) for each in tables.warnings)


@pytest.mark.parametrize(("value", "odd"), [(99, 0), (101, 1), (1 / 99, 0), (1e-3, 1)])
def test_the_worth_of_an_alternative_is_held_against_the_first_choice(
    value: float, odd: int
) -> None:
    tables = dataset(
        system("unit", 10, value_usd=10_000),
        part("other", value_usd=value),
        need("unit", "part", slot="a"),
        need("unit", "other", slot="a"),
        supply("s", "part", END, 10),
        supply("o", "other", END, 10),
    )
    assert [each.column for each in found(tables)] == ["quantity"] * odd


def test_a_part_worth_more_than_its_system_is_named() -> None:
    tables = dataset(
        system("unit", 10, value_usd=50),
        need("unit", "part", 51),
        supply("s", "part", END, 1000),
    )
    (odd,) = found(tables)
    assert odd.rule == "value x quantity is 51 USD, more than the system's 50"


@pytest.mark.parametrize(("quantity", "odd"), [(900, 0), (1100, 1)])
def test_a_quantity_far_from_that_of_other_products_is_named(quantity: float, odd: int) -> None:
    tables = dataset(
        *(system(name, 10, value_usd=1e6) for name in ("a", "b", "c")),
        need("a", "part"),
        need("b", "part"),
        need("c", "part", quantity),
        supply("s", "part", END, 1000),
    )
    assert [each.rule for each in found(tables)] == ["other products take about 1 of it"] * odd


@pytest.mark.parametrize(
    ("as_of", "old"),
    [
        ("2024-06-15", 0),
        ("2024-06-14", 1),
        ("2024-06", 0),
        ("2024", 0),
        ("2023", 1),
    ],
)
def test_a_row_older_than_two_years_is_named(as_of: str, old: int) -> None:
    tables = dataset(
        system("unit", 10), need("unit", "part"), supply("s", "part", END, 10, as_of=as_of)
    )
    assert [(each.file, each.column) for each in found(tables)] == [("supplies.csv", "as_of")] * old


def test_two_years_before_29_february_is_a_day() -> None:
    tables = dataset(
        system("unit", 10),
        need("unit", "part", as_of="2026-01"),
        supply("s", "part", END, 10, as_of="2026-03"),
    )
    (odd,) = implausible(tables, today=date(2028, 2, 29))
    assert odd.file == "requirements.csv"


def with_sources(alone: int, together: int) -> Tables:
    """Return rows that rest on S1 alone, and as many others on S1 and S2."""
    reported = {"basis": Basis.REPORTED}
    rows = [
        *(lane(f"P{n}", END, 10, source_ids=("S1",), **reported) for n in range(alone)),
        *(lane(f"Q{n}", END, 10, source_ids=("S1", "S2"), **reported) for n in range(together)),
    ]
    sources = (Source(source=name) for name in ("S1", "S2"))
    whole = (system("unit", 10), need("unit", "part"), supply("s", "part", END, 10))
    return dataset(*whole, *rows, *sources)


@pytest.mark.parametrize(("alone", "together", "odd"), [(3, 6, 0), (4, 6, 1), (2, 3, 0), (5, 0, 0)])
def test_a_source_that_carries_more_than_a_third_alone_is_named(
    alone: int, together: int, odd: int
) -> None:
    rules = [each.rule for each in found(with_sources(alone, together), cited={"S2"})]
    total = alone + together
    told = f"{alone} of {total} reported or derived rows rest on this source alone"
    assert rules == [told] * odd


def test_a_source_that_nothing_names_is_named() -> None:
    tables = with_sources(3, 0)
    assert [each.value for each in found(tables)] == ["S2"]
    assert found(tables, cited={"S2"}) == []


def test_dates_without_day_or_month_end_late() -> None:
    assert last_day("2028-02") == date(2028, 2, 29)
    assert last_day("2028") == date(2028, 12, 31)


# --- facts


def facts(folder: Path, file: str, text: str) -> Path:
    (folder / "facts").mkdir(exist_ok=True)
    (folder / "facts" / f"{file}.csv").write_text(text, encoding="utf-8")
    return folder


def test_a_dataset_without_facts_has_nothing_to_add_up(tmp_path: Path) -> None:
    assert list(unsummed_shares(tmp_path)) == []
    assert cited_in_facts(tmp_path) == frozenset()


@pytest.mark.parametrize(("fill", "told"), [("0.4", None), ("0.3", "90.0%"), ("0.5", "110.0%")])
def test_the_fills_of_a_slot_add_up_to_one(tmp_path: Path, fill: str, told: str | None) -> None:
    text = f"product,slot,component,fill\nunit,a,x,0.6\nunit,a,y,{fill}\nunit,a,z,\n"
    rules = [each.rule for each in unsummed_shares(facts(tmp_path, "requirements", text))]
    assert rules == [f"the shares of 'unit/a' add up to {told}"] * (told is not None)


def test_counted_shares_may_leave_a_rest_but_not_exceed_the_whole(tmp_path: Path) -> None:
    header = "class,place,central,measure,period,sample\n"
    counted = "chip,A,60,items,2026,50\nchip,B,20,items,2026,50\n"
    # rows without a sample are of overlapping groups
    overlapping = "all,west,95,brands,2024,\nall,A,72,brands,2024,\n"
    folder = facts(tmp_path, "origin_shares", header + counted + overlapping)
    assert list(unsummed_shares(folder)) == []
    facts(tmp_path, "origin_shares", header + counted + "chip,C,30,items,2026,50\n")
    (odd,) = unsummed_shares(folder)
    assert (odd.file, odd.column) == ("facts/origin_shares.csv", "central")
    assert "110.0%" in odd.rule


def test_what_is_no_number_is_left_to_derive(tmp_path: Path) -> None:
    text = "component,central\nx,1\ny,60%\n"
    assert list(unsummed_shares(facts(tmp_path, "class_shares", text))) == []


def test_facts_cite_sources(tmp_path: Path) -> None:
    facts(tmp_path, "places", "place,name\nA,Alpha\n")
    facts(tmp_path, "figures", "fact,source_ids\nF1,S1;S2\nF2,\nF3,S3\n")
    assert cited_in_facts(tmp_path) == {"S1", "S2", "S3"}
