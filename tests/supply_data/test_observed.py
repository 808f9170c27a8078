from dataclasses import replace
from pathlib import Path

import pytest

from supply_data import folder, load
from supply_data.observed import FILE, Figure, Flow, Observation, Unit, observations
from supply_data.schema import BadTablesError, Fault, Source, Tables
from tests.networks_by_hand import END, START, two_brands

HEADER = "observation,what,figure,flow,brand,from_place,share_of,reported,reported_high,source_ids"


def sourced() -> Tables:
    return replace(two_brands(), sources={"S1": Source(source="S1")})


def read(tmp_path: Path, *rows: str, header: str = HEADER) -> tuple[Observation, ...]:
    (tmp_path / "facts").mkdir(exist_ok=True)
    (tmp_path / FILE).write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return observations(tmp_path, sourced())


def faults(tmp_path: Path, *rows: str, header: str = HEADER) -> tuple[Fault, ...]:
    with pytest.raises(BadTablesError) as refused:
        read(tmp_path, *rows, header=header)
    return refused.value.faults


def test_a_dataset_without_the_file_has_none(tmp_path: Path) -> None:
    assert observations(tmp_path, two_brands()) == ()


def test_a_row_is_read_with_its_defaults(tmp_path: Path) -> None:
    (row,) = read(tmp_path, "red,Red's share,share,supplies,RED,,brand,60,70,S1")
    assert (row.figure, row.flow, row.counted_in) == (Figure.SHARE, Flow.SUPPLIES, Unit.USD)
    assert (row.brand, row.source_ids, row.factor) == (("RED",), ("S1",), 1)
    assert row.bounds == (60, 70)
    assert not row.own_input


@pytest.mark.parametrize(
    ("cells", "bounds"),
    [("-28,", (-28, -28)), (",54", (None, 54)), ("50,54", (50, 54)), ("0,", (0, 0))],
)
def test_what_is_blank_is_open_or_the_figure(
    tmp_path: Path, cells: str, bounds: tuple[float | None, float | None]
) -> None:
    (row,) = read(tmp_path, f"a,A change,change,lanes,,{START},,{cells},S1")
    assert row.bounds == bounds


def test_all_faults_are_told_at_once_with_their_rows(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        "a,Unknown brand,share,supplies,REDD,,brand,60,,S1",
        "b,Unknown source,change,lanes,,START,,1,,S9",
        "c,No whole,share,supplies,RED,,,60,,S1",
        "d,Nothing reported,change,lanes,,START,,,,S1",
        "e,Wrong column,change,lanes,RED,,,1,,S1",
        "a,Twice,change,lanes,,START,,1,,S1",
        "f,No number,change,lanes,,START,,60%,,S1",
        "g,No figure,shares,lanes,,START,,1,,S1",
    )
    assert {fault.file for fault in found} == {FILE}
    assert [(fault.row, fault.column) for fault in found] == [
        (2, "brand"),
        (3, "source_ids"),
        (4, "share_of"),
        (5, "reported"),
        (6, "brand"),
        (7, "observation"),
        (8, "reported"),
        (9, "figure"),
    ]
    assert found[0].remedy == "Did you mean 'RED'?"


def test_a_share_of_a_column_that_is_blank_is_refused(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, "a,No part,share,supplies,RED,,origin,60,,S1")
    assert fault.column == "share_of"


def test_an_unknown_column_is_refused_with_the_nearest(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, "a,x,change,1", header="observation,what,figure,reportd")
    assert fault.remedy == "Did you mean 'reported'?"


def test_nothing_need_be_reported_of_what_is_not_compared(tmp_path: Path) -> None:
    header = "observation,what,figure,not_compared"
    (row,) = read(tmp_path, "price,A price,change,the model has none", header=header)
    assert row.bounds == (None, None)


def test_what_was_observed_of_the_shipped_case_is_read_and_sourced() -> None:
    tables = load("russia-uas")
    rows = observations(folder("russia-uas"), tables)
    assert len(rows) >= 30
    assert all(row.source_ids for row in rows)
    assert all(row.period for row in rows)
    assert END not in tables.places
