"""Random tables: each is read or refused with our own error, and what is read reads again alike."""

import csv
import io
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supply_data import BadTablesError, Fault, folder, load
from supply_data.csv_table import known_columns, read_table
from supply_data.dataset_yaml import FILE, read_settings
from supply_data.derive import written
from supply_data.doubts import Assumption, doubts
from supply_data.observed import Observation, observations
from supply_data.plausibility import cited_in_facts, unsummed_shares
from supply_data.rederived import differences, rederived
from supply_data.schema import TABLES, Row, Settings
from supply_data.variants import Choice, Contradiction, Switch, variants
from tests.effort import files
from tests.nasty import spoilt, spoilt_table, tables
from tests.tally import Tally

pytestmark = pytest.mark.fuzz
READ = (*TABLES, Assumption, Observation, Contradiction, Choice, Switch)
"""Every table that is read row by row."""
PARTS = ("tutorial", "starter", "russia-uas", "russia-uas/facts")
NAMES = (
    "ALPHA",
    "BETA",
    "HUB",
    "ISLE",
    "chip",
    "body",
    "pump",
    "lamp",
    "chip-alpha",
    "electronics",
)


def patient(count: int) -> settings:
    """Return what tries so many files, each of which may take a while."""
    slow = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(max_examples=count, suppress_health_check=slow)


def originals(name: str) -> list[bytes]:
    """Return the shipped files of a name, of a long one its first rows."""
    root = folder("tutorial").parent
    paths = (root / part / name for part in PARTS)
    return [
        b"".join(path.read_bytes().splitlines(keepends=True)[:6]) for path in paths if path.exists()
    ]


@cache
def tables_of(model: type[Row]) -> st.SearchStrategy[bytes]:
    """Return shipped tables spoilt, and random ones of the right columns."""
    shipped = (spoilt_table(whole) for whole in originals(f"{model.table}.csv"))
    return st.one_of(*shipped, tables(known_columns(model), NAMES))


@cache
def spoilt_file(path: Path) -> st.SearchStrategy[bytes]:
    """Return spoilt copies of a file."""
    return spoilt_table(path.read_bytes())


def refusal(reader: Callable[[Any], object], read: Any) -> tuple[Fault, ...]:  # noqa: ANN401 - whatever it reads
    """Return what a reader refuses; anything but our own error comes through as it is."""
    try:
        reader(read)
    except BadTablesError as error:
        faults = error.faults
    else:
        return ()
    assert faults
    check(faults)
    return faults


def check(faults: tuple[Fault, ...]) -> None:
    for fault in faults:
        assert fault.file
        assert fault.rule
        assert fault.remedy
        assert str(fault).isprintable()


@pytest.mark.parametrize("model", READ, ids=lambda model: model.table)
@patient(files())
@given(data=st.data())
def test_a_table_is_read_or_refused(tally: Tally, model: type[Row], data: st.DataObject) -> None:
    made = data.draw(tables_of(model))
    reading = read_table(made, model=model)
    check(reading.faults)
    assert {fault.file for fault in reading.faults} <= {f"{model.table}.csv"}
    tally.add(refused=bool(reading.faults))
    if not reading.faults:
        again = read_table(rewritten(made), model=model)
        assert not again.faults
        assert [told(row) for row in again.rows] == [told(row) for row in reading.rows]


def rewritten(data: bytes) -> bytes:
    """Return a table as our own writer writes it."""
    rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    return written(list(rows), columns=rows.fieldnames or ())


def told(row: Row) -> dict[str, Any]:
    """Return what a row says, wherever it stands."""
    return {**row.model_dump(), "line": 0, "ranges": getattr(row, "ranges", {})}


@patient(files())
@given(made=st.one_of(*(spoilt(whole) for whole in originals(FILE)), st.binary(max_size=200)))
def test_settings_are_read_or_refused(tally: Tally, made: bytes) -> None:
    faults = refusal(read_settings, made)
    tally.add(refused=bool(faults))
    if not faults:
        found = read_settings(made)
        stated = {key: value for key, value in found.model_dump(mode="json").items() if value}
        assert Settings.model_validate(stated) == found


@patient(files())
@given(
    name=st.sampled_from(["places", "components", "systems", "requirements", "supplies", "lanes"]),
    data=st.data(),
)
def test_a_dataset_with_a_spoilt_table_is_read_or_refused(
    tally: Tally, island: Path, name: str, data: st.DataObject
) -> None:
    path, whole = island / f"{name}.csv", folder("tutorial") / f"{name}.csv"
    path.write_bytes(data.draw(spoilt_file(whole)))
    faults = refusal(load, island)
    tally.add(refused=bool(faults))
    if not faults:
        before = load(island).sha256
        path.write_bytes(rewritten(path.read_bytes()))
        assert load(island).sha256 == before
    path.write_bytes(whole.read_bytes())


# --- facts

CASE = folder("russia-uas")
FACTS = tuple(sorted(path.name for path in (CASE / "facts").glob("*.csv")))
TABLES_OF_CASE = load("russia-uas")
READERS: dict[str, Callable[[Path], object]] = {
    "variants": variants,
    "doubts": lambda where: doubts(where, TABLES_OF_CASE),
    "observations": lambda where: observations(where, TABLES_OF_CASE),
    "cited": cited_in_facts,
    "sums": lambda where: tuple(unsummed_shares(where)),
    "derived": lambda where: differences(where, rederived(where, assumptions={})),
}


OWN = {
    "variants": ("contradictions.csv", "variants.csv", "switches.csv", "class_shares.csv"),
    "doubts": ("assumptions.csv", "contradictions.csv", "variants.csv"),
    "observations": ("observed.csv",),
}
"""Files that a reader reads, of one that does not read all."""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """Return a copy of a dataset with facts, to be spoilt."""
    return shutil.copytree(CASE, tmp_path / "case")


@pytest.mark.parametrize("reader", READERS)
@patient(max(1, files() // 2))  # they share their files, most of which are read by several
@given(data=st.data())
def test_facts_are_read_or_refused(
    tally: Tally, case: Path, reader: str, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(OWN.get(reader, FACTS)))
    made = data.draw(spoilt_file(CASE / "facts" / name))
    (case / "facts" / name).write_bytes(made)
    try:
        tally.add(refused=bool(refusal(READERS[reader], case)))
    finally:
        (case / "facts" / name).write_bytes((CASE / "facts" / name).read_bytes())
