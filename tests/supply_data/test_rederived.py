import csv
import os
import shutil
from pathlib import Path

import pytest

from supply_data import folder
from supply_data.rederived import Cells, Difference, differences, rederived, told, write_tables
from supply_data.schema import BadTablesError, Fault

SHIPPED = folder("russia-uas")
LANES: list[Cells] = [
    {"lane": "a-b", "markup": "0.1", "note": "x"},
    {"lane": "b-c", "markup": "", "note": ""},
]


def standing(tmp_path: Path, text: str, *, table: str = "lanes") -> Path:
    (tmp_path / f"{table}.csv").write_text(text, encoding="utf-8-sig")
    return tmp_path


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """Return a folder with the shipped facts, to be spoilt."""
    shutil.copytree(SHIPPED / "facts", tmp_path / "facts")
    return tmp_path


def spoil(path: Path, *, column: str, cell: str) -> None:
    """Write a cell into the first row of a table that has that column filled."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    next(row for row in rows if row[column])[column] = cell
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def refusals(dataset: Path, **assumptions: float) -> tuple[Fault, ...]:
    with pytest.raises(BadTablesError) as refused:
        rederived(dataset, assumptions=assumptions)
    return refused.value.faults


def test_a_class_whose_shares_nobody_states_is_named(copied: Path) -> None:
    path = copied / "facts" / "origin_shares.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text(header + "".join(row for row in rows if ",mcu," not in row), encoding="utf-8")
    (fault,) = refusals(copied)
    assert "origin_shares has no row of the class mcu" in str(fault)


# --- what differs


@pytest.mark.parametrize("markup", ["0.1", "0.10", "1e-1"])
def test_a_table_saved_again_is_the_same(tmp_path: Path, markup: str) -> None:
    text = f"note,lane,markup\r\n,b-c,\r\nx,a-b,{markup}\r\n"
    assert differences(standing(tmp_path, text), {"lanes": LANES}) == ()


def test_a_cell_that_differs_is_named(tmp_path: Path) -> None:
    text = "lane,markup,note\na-b,0.2,x\nb-c,,\n"
    (found,) = differences(standing(tmp_path, text), {"lanes": LANES})
    assert found == Difference("lanes", "a-b", "markup", "0.2", "0.1")
    assert str(found) == "lanes.csv, a-b, markup: '0.2' stands there, '0.1' follows"


def test_rows_too_many_and_too_few_are_named(tmp_path: Path) -> None:
    text = "lane,markup,note\na-b,0.1,x\na-b,0.1,x\nc-d,,\n"
    found = differences(standing(tmp_path, text), {"lanes": LANES})
    assert [str(each) for each in found] == [
        "lanes.csv, b-c: the row is missing",
        "lanes.csv, a-b (2): the row stands there alone",
        "lanes.csv, c-d: the row stands there alone",
    ]


def test_a_table_that_is_absent_lacks_all_its_rows(tmp_path: Path) -> None:
    assert len(differences(tmp_path, {"lanes": LANES})) == 2


def test_a_column_that_is_not_derived_differs_where_it_is_filled(tmp_path: Path) -> None:
    text = "lane,markup,note,pillar\na-b,0.1,x,\nb-c,,,training\n"
    (found,) = differences(standing(tmp_path, text), {"lanes": LANES})
    assert (found.row, found.column, found.stands) == ("b-c", "pillar", "training")


def test_order_counts_where_the_first_row_is_the_first_choice(tmp_path: Path) -> None:
    rows = [{"product": "u", "slot": "s", "component": name} for name in ("x", "y")]
    text = "product,slot,component\nu,s,y\nu,s,x\n"
    (found,) = differences(standing(tmp_path, text, table="requirements"), {"requirements": rows})
    assert (found.row, found.stands, found.follows) == ("order of the rows", "u/s/y", "u/s/x")


def test_the_first_differences_of_each_table_are_told_and_counted() -> None:
    found = [Difference("lanes", f"lane-{n}", "markup", "1", "2") for n in range(7)]
    found.append(Difference("plants", "works", None, None, ""))
    lines = told(found).splitlines()
    assert len(lines) == 5 + 1 + 1 + 1
    assert lines[5] == "lanes.csv: 7 differences"
    assert lines[-1] == "plants.csv: 1 difference"


def test_a_table_without_rows_is_written_with_its_header(tmp_path: Path) -> None:
    write_tables({"lanes": LANES, "targets": []}, tmp_path)
    header = (tmp_path / "targets.csv").read_text(encoding="utf-8")
    assert header.startswith("set,system,target_per_month,")
    assert header.count("\n") == 1
    assert differences(tmp_path, {"lanes": LANES, "targets": []}) == ()


# --- what is refused


def test_a_dataset_without_facts_is_refused(tmp_path: Path) -> None:
    (fault,) = refusals(tmp_path)
    assert fault.file == "facts"
    assert "no facts" in fault.rule


def test_unknown_assumptions_are_refused_with_the_nearest(copied: Path) -> None:
    one, other = refusals(copied, headrom=1, crew_need_facto=2)
    assert (one.value, one.remedy) == ("headrom", "Did you mean 'headroom'?")
    assert other.remedy == "Did you mean 'crew_need_factor'?"


def test_a_missing_file_of_facts_is_named(copied: Path) -> None:
    (copied / "facts" / "legs.csv").unlink()
    (fault,) = refusals(copied)
    assert (fault.file, fault.rule) == (
        "facts/legs.csv",
        "it cannot be read (No such file or directory)",
    )


def test_a_cell_that_is_no_number_is_named_with_its_row(copied: Path) -> None:
    spoil(copied / "facts" / "dispatch.csv", column="markup", cell="87 %!")
    (fault,) = refusals(copied)
    assert (fault.file, fault.row, fault.column) == ("facts/dispatch.csv", 2, "markup")
    assert fault.value == "87 %!"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "column"),
    [("assumptions", "assumption"), ("legs", "from_places"), ("pools", "supply")],
)
def test_facts_without_a_column_are_refused_by_its_name(
    copied: Path, file: str, column: str
) -> None:
    change(copied / "facts" / f"{file}.csv", column, "xyz")
    (fault,) = refusals(copied)
    assert f"'{column}'" in fault.rule


@pytest.mark.parametrize("more", [",x", ","])
def test_a_row_of_facts_that_is_torn_is_named(copied: Path, more: str) -> None:
    path = copied / "facts" / "families.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] += more
    path.write_text("\n".join(lines), encoding="utf-8")
    (fault,) = refusals(copied)
    assert (fault.file, fault.row) == ("facts/families.csv", 2)
    assert "cells, the header" in fault.rule


def test_a_pipe_among_the_facts_is_not_waited_for(copied: Path) -> None:
    (copied / "facts" / "legs.csv").unlink()
    os.mkfifo(copied / "facts" / "legs.csv")
    (fault,) = refusals(copied)
    assert (fault.file, fault.rule) == ("facts/legs.csv", "it is not an ordinary file")


def test_a_cell_of_facts_that_never_ends_is_named(copied: Path) -> None:
    change(copied / "facts" / "families.csv", "\n", f'\n"{"x" * 200_000}')
    (fault,) = refusals(copied)
    assert fault.file == "facts/families.csv"
    assert "no table" in fault.rule


def test_what_quotes_no_cell_is_told_as_it_is(copied: Path) -> None:
    spoil(copied / "facts" / "dispatch.csv", column="fact", cell="R9999")
    (fault,) = refusals(copied)
    assert "R9999" in str(fault)


def test_an_assumption_changes_the_tables_and_not_the_facts(copied: Path) -> None:
    usual, tight = (rederived(copied, assumptions=given) for given in ({}, {"headroom": 1.0}))
    assert usual["supplies"] != tight["supplies"]
    assert usual["places"] == tight["places"]
    assert rederived(copied, assumptions={}) == usual
