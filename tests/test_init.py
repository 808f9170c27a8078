"""A dataset that an analyst starts from runs at once, and hides no column."""

import csv
import json
import os
from pathlib import Path

import pytest
from ruamel.yaml import YAML

import supply_data
from analyzer.report.starter import dataset_id, starter_files
from scenarios.editor import json_schema
from supply_data.csv_table import known_columns
from supply_data.schema import TABLES, Figured, Row
from tests.command_line import aftercut


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def everything(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_it_is_checked_without_a_fault_or_a_warning() -> None:
    assert aftercut("init", "my-case").code == 0
    checked = aftercut("check", "my-case")
    assert (checked.code, checked.err) == (0, "")
    assert checked.out.endswith("No faults, 0 warnings.\n")


def test_it_runs_as_it_is_and_gives_what_its_readme_promises() -> None:
    aftercut("init", "my-case")
    ran = aftercut("run", "my-case", "--json")
    assert (ran.code, ran.err) == (0, "")
    answer = json.loads(ran.out)
    (scenario,) = answer["scenarios"]
    # the plant makes 90 of 100; 40 sensors and 40 simpler ones, two for one, leave 60
    assert answer["baseline"]["capacity"] == pytest.approx(0.9)
    assert answer["baseline"]["systems"] == {"station": pytest.approx(90)}
    assert scenario["systems"] == {"station": pytest.approx(60)}
    assert scenario["interval"] == [pytest.approx(45 / 90), pytest.approx(75 / 90)]
    readme = Path("my-case/README.md").read_text(encoding="utf-8")
    assert "0.90 of the target" in readme
    assert "66.7 % of it survives `hub-narrowed` (50 to 83.3 %)" in readme


@pytest.mark.parametrize("model", TABLES, ids=lambda model: str(model.table))
def test_every_table_has_every_column_and_a_row(model: type[Row]) -> None:
    aftercut("init", "my-case")
    file = Path("my-case") / f"{model.table}.csv"
    header, *rows = csv.reader(file.read_text(encoding="utf-8-sig").splitlines())
    assert tuple(header) == known_columns(model)
    assert rows
    assert all(len(row) == len(header) for row in rows)


def test_it_shows_every_pillar_an_alternative_and_a_range() -> None:
    aftercut("init", "my-case")
    tables = supply_data.load(Path("my-case"))
    assert {row.pillar for row in tables.elements.values()} == {
        "hardware",
        "training",
        "partnership",
    }
    assert [row.component for row in tables.requirements if row.slot == "sensing"] == [
        "sensor",
        "sensor_simple",
    ]
    assert all(row.ranges for row in tables.elements.values() if isinstance(row, Figured))
    used = {key for row in tables.elements.values() for key in row.source_ids}
    assert used == set(tables.sources)
    assert tables.supplies["simple-home"].programme in tables.programmes


def test_editors_find_the_schema_that_the_scenario_names() -> None:
    aftercut("init", "my-case")
    scenarios = Path("my-case/scenarios")
    (file,) = scenarios.glob("*.yaml")
    first = file.read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=./scenario.schema.json"
    schema = json.loads((scenarios / "scenario.schema.json").read_text(encoding="utf-8"))
    assert schema == json_schema()


def test_the_name_of_the_folder_becomes_the_id() -> None:
    aftercut("init", "Case of 2026 (no. 2)")
    assert supply_data.load(Path("Case of 2026 (no. 2)")).settings.id == "case-of-2026-no-2"


@pytest.mark.parametrize("name", ["no", "2026", "null", "1e5", "~", "例", "-", "a" * 200, ".x:y;"])
def test_any_name_of_a_folder_gives_an_id_that_is_text(name: str) -> None:
    text = starter_files(dataset_id(name))["dataset.yaml"]
    said = YAML(typ="safe").load(text)["id"]
    assert isinstance(said, str)
    assert 1 <= len(said) <= 64
    assert said.strip("-") == said


def test_a_shipped_name_is_told_apart_in_what_to_type_next() -> None:
    said = aftercut("init", "tutorial").out
    assert f"aftercut run .{os.sep}tutorial" in said
    ran = aftercut("run", f".{os.sep}tutorial", "--json")
    assert list(json.loads(ran.out)["baseline"]["systems"]) == ["station"]


def test_it_says_what_to_type_next_and_that_works() -> None:
    said = aftercut("init", "two words").out
    assert "aftercut check 'two words'" in said
    assert "aftercut run 'two words'" in said
    assert aftercut("check", "two words").code == 0


def test_folders_above_are_made() -> None:
    assert aftercut("init", "cases/2026/mine").code == 0
    assert supply_data.load(Path("cases/2026/mine")).settings.id == "mine"
    assert names(Path("cases/2026")) == ["mine"]


def test_an_empty_folder_is_filled_even_from_inside(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = elsewhere / "inside"
    inside.mkdir()
    monkeypatch.chdir(inside)
    assert aftercut("init", ".").code == 0
    assert aftercut("check", ".").code == 0
    assert supply_data.load(inside).settings.id == "inside"
    assert names(elsewhere) == ["inside"]


@pytest.mark.parametrize("found", ["notes.txt", ".hidden", "dataset.yaml"])
def test_a_folder_that_holds_anything_is_refused_and_left_alone(
    elsewhere: Path, found: str
) -> None:
    taken = elsewhere / "taken"
    taken.mkdir()
    (taken / found).write_text("mine")
    ran = aftercut("init", "taken")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == "error: 'taken' is there already and not empty; name another folder\n"
    assert everything(elsewhere) == {f"taken/{found}": b"mine"}


def test_a_second_time_is_refused_and_changes_nothing() -> None:
    aftercut("init", "my-case")
    before = everything(Path())
    assert aftercut("init", "my-case").code == 3
    assert everything(Path()) == before


def test_a_file_of_that_name_is_refused(elsewhere: Path) -> None:
    (elsewhere / "my-case").write_text("mine")
    assert aftercut("init", "my-case").code == 3
    assert aftercut("init", "my-case/below").code == 3
    assert everything(elsewhere) == {"my-case": b"mine"}


def test_a_failure_half_way_leaves_nothing(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.write_text

    def full(self: Path, *args: object, **options: object) -> int:
        if self.name == "plants.csv":
            raise OSError(28, "No space left on device")
        return real(self, *args, **options)  # type: ignore[arg-type] # handed on as they came

    monkeypatch.setattr(Path, "write_text", full)
    ran = aftercut("init", "my-case")
    assert ran.code == 3
    assert ran.err == (
        "error: cannot write 'my-case': No space left on device; make room there, or name a folder "
        "elsewhere\n"
    )
    assert names(elsewhere) == []


def test_the_example_is_no_dataset_that_is_shipped() -> None:
    assert "starter" not in supply_data.shipped()
    assert aftercut("check", "starter").code == 2


def test_a_folder_must_be_named() -> None:
    ran = aftercut("init")
    assert ran.code == 2
    assert "FOLDER" in ran.err
