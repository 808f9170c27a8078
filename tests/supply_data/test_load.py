import hashlib
import random
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supply_data import BadTablesError, folder, load, shipped
from supply_data.csv_table import read_table
from supply_data.dataset_yaml import read_settings
from supply_data.schema import TABLES, Basis, Pillar, Tables, Weighting


def content(tables: Tables) -> dict[str, object]:
    """Return what the tables say, without the lines on which it stood."""
    said: dict[str, object] = {}
    for model in TABLES:
        held = getattr(tables, model.table)
        rows = held.values() if isinstance(held, Mapping) else held
        said[model.table] = sorted(row.model_dump_json() for row in rows)
    return said


def test_the_tutorial_is_shipped_and_found_by_name() -> None:
    assert "tutorial" in shipped()
    assert list(shipped()) == sorted(shipped())
    assert (folder("tutorial") / "dataset.yaml").is_file()


def test_a_shipped_name_wins_over_a_folder_and_a_path_forces_it(
    island: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(island, island / "tutorial")
    monkeypatch.chdir(island)
    assert folder("tutorial") != Path("tutorial")
    assert folder("./tutorial") == Path("./tutorial")
    assert folder(Path("tutorial")) == Path("tutorial")
    assert load(island).sha256 == load("tutorial").sha256 == load("./tutorial").sha256


def test_the_tutorial_says_what_was_solved_by_hand() -> None:
    tables = load("tutorial")
    assert tables.warnings == ()
    assert tables.settings.destination == "ISLE"
    assert tables.settings.weighting is Weighting.TARGET
    assert {key: row.target_per_month for key, row in tables.systems.items()} == {
        "pump": 100,
        "lamp": 400,
    }
    assert {key: row.capacity_per_month for key, row in tables.supplies.items()} == {
        "chip-alpha": 400,
        "chip-beta": 100,
        "basic-beta": 200,
        "body-gamma": 90,
        "crew-school": 320,
    }
    assert {key: row.capacity_usd_per_month for key, row in tables.lanes.items()} == {
        "alpha-hub": 6000,
        "hub-isle": 4500,
        "beta-isle": None,
        "gamma-isle": 9000,
    }
    assert [
        (r.product, r.slot, r.component, r.quantity, r.max_fill) for r in tables.requirements
    ] == [
        ("pump", "control", "chip", 1, 1),
        ("pump", "body", "body", 1, 1),
        ("pump", "crew", "crew", 2, 1),
        ("lamp", "control", "chip", 1, 1),
        ("lamp", "control", "chip_basic", 2, 0.5),
        ("lamp", "crew", "crew", 0.25, 1),
    ]
    elements = [
        row.element
        for held in (tables.supplies, tables.lanes, tables.plants)
        for row in held.values()
    ] + [stock.element for stock in tables.stocks]
    assert len(elements) == 11
    assert elements[-2:] == ["plant:pump-works", "stock:ISLE/chip/ALPHA"]


def test_every_figure_of_the_tutorial_is_assumed_and_has_a_row_number() -> None:
    tables = load("tutorial")
    rows = (*tables.supplies.values(), *tables.lanes.values(), *tables.requirements)
    assert {row.basis for row in rows} == {Basis.ASSUMED}
    assert [row.line for row in tables.supplies.values()] == [2, 3, 4, 5, 6]


def test_defaults_that_hang_on_other_rows_are_filled_in() -> None:
    tables = load("tutorial")
    assert tables.supplies["crew-school"].pillar is Pillar.TRAINING
    assert tables.supplies["body-gamma"].pillar is Pillar.PARTNERSHIP
    assert tables.stocks[0].pillar is Pillar.HARDWARE
    assert tables.plants["pump-works"].brand == "ISLE"
    assert tables.systems["lamp"].value_usd is None


def test_reading_twice_gives_the_same() -> None:
    assert load("tutorial") == load("tutorial")


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chance=st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_count(island: Path, chance: random.Random) -> None:
    source = folder("tutorial")
    for model in TABLES:
        if (source / f"{model.table}.csv").exists():
            header, *rows = (source / f"{model.table}.csv").read_text().splitlines()
            slots: dict[object, list[str]] = {}
            for number, row in enumerate(rows):
                slot = tuple(row.split(",")[:2]) if model.table == "requirements" else number
                slots.setdefault(slot, []).append(row)
            groups = list(slots.values())
            chance.shuffle(groups)
            lines = [header, *(row for group in groups for row in group)]
            (island / f"{model.table}.csv").write_text("\n".join(lines))
    shuffled, straight = load(island), load("tutorial")
    assert shuffled.sha256 == straight.sha256
    assert content(shuffled) == content(straight)


def test_the_order_within_a_slot_counts(island: Path) -> None:
    lines = (island / "requirements.csv").read_text().splitlines()
    lines[4], lines[5] = lines[5], lines[4]
    (island / "requirements.csv").write_text("\n".join(lines))
    assert load(island).sha256 != load("tutorial").sha256


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("dataset.yaml", "title: Solar", "title: Lunar"),
        ("supplies.csv", ",400,", ",401,"),
        ("places.csv", "The hub", "A hub"),
        ("lanes.csv", "no limit known", "no limit"),
    ],
)
def test_the_hash_knows_every_change(island: Path, file: str, old: str, new: str) -> None:
    (island / file).write_text((island / file).read_text().replace(old, new))
    assert load(island).sha256 != load("tutorial").sha256


def test_the_hash_is_a_sha256() -> None:
    assert len(load("tutorial").sha256) == hashlib.sha256().digest_size * 2


@settings(max_examples=200)
@given(
    data=st.one_of(
        st.binary(max_size=300),
        st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.lists(
            st.sampled_from(
                ["supply", "component", "origin", "basis", ",", "\n", '"', ";", "1", "é"]
            )
        ).map(lambda parts: "".join(parts).encode()),
    )
)
def test_random_files_are_read_or_refused_and_nothing_else(data: bytes) -> None:
    for model in TABLES:
        reading = read_table(data, model=model)
        assert all(fault.rule and fault.remedy and str(fault) for fault in reading.faults)
    try:
        read_settings(data)
    except BadTablesError as error:
        assert error.faults  # noqa: PT017 - whether it is raised depends on the bytes


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    file=st.sampled_from(["dataset.yaml", *(f"{model.table}.csv" for model in TABLES)]),
    where=st.floats(0, 1),
    junk=st.one_of(st.text(max_size=20), st.sampled_from([",", '"', "\n", ";", "\r", ",,", "0"])),
)
def test_a_folder_with_junk_in_it_is_loaded_or_refused_and_nothing_else(
    island: Path, file: str, where: float, junk: str
) -> None:
    source = folder("tutorial") / file
    text = source.read_text(encoding="utf-8") if source.exists() else ""
    cut = int(len(text) * where)
    (island / file).write_bytes(f"{text[:cut]}{junk}{text[cut:]}".encode())
    try:
        tables = load(island)
    except BadTablesError as error:
        assert all(fault.file and fault.remedy for fault in error.faults)  # noqa: PT017 - as above
    else:
        assert tables.sha256


def test_importing_the_facts_does_not_load_the_analysis() -> None:
    heavy = "{'pandas', 'networkx', 'scipy', 'numpy', 'pulp', 'highspy'}"
    code = f"import sys, supply_data; print(sorted({heavy} & sys.modules.keys()))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
