"""``aftercut derive``: what it writes where, what it refuses, and an analyst's first change."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import supply_data
from supply_data.schema import BadTablesError
from tests.command_line import aftercut


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the shipped dataset as ``derive --out`` writes it."""
    where = tmp_path_factory.mktemp("derived") / "mine"
    assert aftercut("derive", "--out", where).code == 0
    return where


@pytest.fixture
def mine(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of that dataset, to be changed."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(whole, tmp_path / "mine")
    return Path("mine")


def contents(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def change(path: Path, change_row: Callable[[dict[str, str]], None]) -> None:
    """Change the rows of a table of facts."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        change_row(row)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def share_of_memory(row: dict[str, str]) -> None:
    """Move half of the brands of memory from the United States to China."""
    if row["class"] == "memory" and row["place"] in {"USA", "CHN"}:
        row["central"] = {"USA": "30.0", "CHN": "34.4"}[row["place"]]


def dearer(row: dict[str, str]) -> None:
    """Raise the mark-up of the largest hubs a little."""
    row["markup"] = row["markup"].replace("0.87", "0.9")


def here() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


# --- the shipped dataset


def test_the_shipped_dataset_is_not_derived_in_place() -> None:
    shipped = supply_data.folder("russia-uas")
    before = contents(shipped)
    ran = aftercut("derive", "russia-uas")
    assert (ran.code, ran.out) == (2, "")
    assert "--check" in ran.err
    assert "--out DIR" in ran.err
    assert contents(shipped) == before


def test_the_shipped_tables_follow_from_the_shipped_facts() -> None:
    ran = aftercut("derive", "russia-uas", "--check")
    assert (ran.code, ran.err) == (0, "")
    assert "no difference" in ran.out


def test_a_difference_is_named_and_ends_with_1() -> None:
    ran = aftercut("derive", "--check", "--set", "headroom=1.0")
    assert (ran.code, ran.err) == (1, "")
    assert "supplies.csv, " in ran.out
    assert "capacity_per_month: " in ran.out
    assert len(ran.out.splitlines()) < 80


# --- a copy


def test_a_copy_holds_the_same_tables_and_all_that_belongs_to_them(whole: Path) -> None:
    shipped = supply_data.folder("russia-uas")
    copied = {name: data for name, data in contents(whole).items() if "scenarios" not in name}
    assert copied == contents(shipped)
    library = Path(__file__).parents[1] / "scenarios" / "russia-uas"
    assert contents(whole / "scenarios") == contents(library)
    assert supply_data.load(whole).sha256 == supply_data.load("russia-uas").sha256
    assert sorted(path.name for path in whole.parent.iterdir()) == ["mine"]


def test_a_copy_fills_an_empty_folder_and_no_other(mine: Path) -> None:
    Path("empty").mkdir()
    Path("taken").mkdir()
    Path("taken/notes.txt").write_text("mine", encoding="utf-8")
    assert aftercut("derive", mine, "--out", "empty").code == 0
    assert contents(Path("empty")) == contents(mine)
    ran = aftercut("derive", mine, "--out", "taken")
    assert (ran.code, ran.out) == (3, "")
    assert contents(Path("taken")) == {"notes.txt": b"mine"}
    assert here() == ["empty", "mine", "taken"]


def test_a_copy_does_not_go_into_what_it_copies(mine: Path) -> None:
    before = contents(mine)
    assert aftercut("derive", mine, "--out", mine / "facts" / "copy").code == 3
    assert contents(mine) == before


# --- in place


def test_in_place_only_what_differs_is_replaced(mine: Path) -> None:
    before = contents(mine)
    stamps = {path.name: path.stat().st_mtime_ns for path in mine.glob("*.csv")}
    ran = aftercut("derive", mine)
    assert (ran.code, ran.err) == (0, "")
    assert "no difference" in ran.out
    change(mine / "facts" / "dispatch.csv", dearer)
    assert aftercut("derive", mine, "--check").code == 1
    ran = aftercut("derive", mine)
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "Replaced in mine: lanes.csv.")
    after = contents(mine)
    assert after.keys() == before.keys()
    assert {n for n in after if after[n] != before[n]} == {"lanes.csv", "facts/dispatch.csv"}
    written = {
        path.name for path in mine.glob("*.csv") if path.stat().st_mtime_ns != stamps[path.name]
    }
    assert written == {"lanes.csv"}
    assert aftercut("derive", mine, "--check").code == 0


def test_an_assumption_is_tried_without_being_kept(mine: Path) -> None:
    assert aftercut("derive", mine, "--set", "headroom=1.0", "--out", "tight").code == 0
    usual, tight = supply_data.load(mine), supply_data.load(Path("tight"))
    ratios = [
        (tight.supplies[key].capacity_per_month or 0) / row.capacity_per_month
        for key, row in usual.supplies.items()
        if row.capacity_per_month and key.startswith("mcu-")
    ]
    assert ratios
    assert ratios == pytest.approx([1 / 1.15] * len(ratios), rel=1e-4)
    assert aftercut("derive", "tight", "--check").code == 1


@pytest.mark.parametrize(
    ("file", "column", "cell"),
    [("dispatch", "markup", "87 %!"), ("dispatch", "markup", "-1"), ("places", "place", "A;B")],
)
def test_facts_from_which_no_dataset_follows_change_nothing(
    mine: Path, file: str, column: str, cell: str
) -> None:
    change(mine / "facts" / f"{file}.csv", lambda row: row.update({column: cell}))
    before = contents(mine)
    for arguments in (("derive", mine), ("derive", mine, "--out", "other")):
        ran = aftercut(*arguments)
        assert (ran.code, ran.out) == (2, "")
        assert "nothing was written" in ran.err
    assert contents(mine) == before
    assert here() == ["mine"]


def test_a_write_that_fails_leaves_no_litter(mine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: object, __: object) -> None:
        raise OSError(28, "No space left on device")

    change(mine / "facts" / "dispatch.csv", dearer)
    before = contents(mine)
    monkeypatch.setattr("analyzer.report.derived_folder.os.replace", fails)
    ran = aftercut("derive", mine)
    assert ran.code == 3
    assert "No space left" in ran.err
    assert contents(mine) == before


# --- misuse


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--check", "--set", "headrom=1"], "Did you mean 'headroom'?"),
        (["--check", "--set", "headroom"], "NAME=VALUE"),
        (["--check", "--set", "headroom="], "NAME=VALUE"),
        (["--check", "--set", "headroom=1,2"], "not a plain number"),
        (["--check", "--set", "headroom=1", "--set", "headroom=2"], "of its own"),
        (["--check", "--out", "x"], "leave out"),
        (["tutorial", "--check"], "no facts"),
        (["nowhere", "--check"], "no dataset"),
    ],
)
def test_misuse_ends_with_2(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = aftercut("derive", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert here() == []


def test_tables_are_checked_before_they_are_copied(
    mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise BadTablesError(())

    monkeypatch.setattr(supply_data, "load", refuse)
    assert aftercut("derive", mine, "--out", "copy").code == 2
    assert here() == ["mine"]


# --- as a new user would


def test_a_changed_share_is_seen_in_the_ranking(mine: Path) -> None:
    scenario = (
        "id: us-memory\nmeasures:\n  - id: us-memory\n"
        "    where: {table: supplies, component: memory, brand: USA}\n    cut: 1\n"
    )
    Path("us-memory.yaml").write_text(scenario, encoding="utf-8")

    def surviving() -> float:
        ran = aftercut("run", mine, "--scenario", "us-memory.yaml", "--json")
        assert ran.code == 0
        (found,) = json.loads(ran.out)["scenarios"]
        assert found["certified"]
        return float(found["surviving"])

    before = supply_data.load(mine)
    depended = surviving()
    change(mine / "facts" / "origin_shares.csv", share_of_memory)
    assert aftercut("derive", mine).code == 0
    after = supply_data.load(mine)
    held, left = (
        sum(
            row.capacity_per_month or 0
            for row in tables.supplies.values()
            if (row.component, row.brand) == ("memory", "USA")
        )
        for tables in (before, after)
    )
    assert left / held == pytest.approx(30 / 60, rel=0.02)
    assert surviving() > depended + 0.01
