from datetime import date
from pathlib import Path
from shutil import copytree

import pytest

import supply_data
from analyzer.report.checked import checked

TODAY = date(2026, 6, 15)
MEASURE = """\
id: listing
measures:
  - id: listing
    status: {status}
    in_force_until: {until}
    where: {{table: lanes, lane: hub-isle}}
    cut: 0.5
"""


@pytest.fixture
def island(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    copytree(supply_data.folder("tutorial"), "island")
    (tmp_path / "island" / "scenarios").mkdir()
    return tmp_path / "island"


def lines(dataset: Path, *, today: date = TODAY) -> list[str]:
    text, faults = checked(str(dataset), today=today)
    assert faults == ()
    return text.splitlines()


def with_lanes(island: Path, count: int, *, as_of: str = "") -> None:
    """Add lanes from a place that nothing comes from."""
    table = island / "lanes.csv"
    header, *rows = table.read_text(encoding="utf-8").splitlines()
    width = header.count(",") - 4
    dead = [f"dead-{n},GAMMA,ALPHA,electronics,{n + 1}{',' * width}" for n in range(count)]
    cells = header.split(",")
    at = cells.index("basis")
    filled = []
    for row in dead:
        own = row.split(",")
        own[at] = "assumed"
        filled.append(",".join([*own, as_of]))
    table.write_text("\n".join([f"{header},as_of", *(f"{r}," for r in rows), *filled, ""]), "utf-8")


def test_the_tutorial_has_no_warning() -> None:
    text, faults = checked("tutorial", today=TODAY)
    assert faults == ()
    assert text.endswith("No faults, 0 warnings.")


@pytest.mark.parametrize("count", [1, 3])
def test_a_few_warnings_of_a_kind_are_all_told(island: Path, count: int) -> None:
    with_lanes(island, count)
    found = lines(island)
    assert sum("leads nowhere" in line for line in found) == count
    assert not any("more like these" in line for line in found)
    assert found[-1] == f"No faults, {count} warning{'s' * (count > 1)}."


def test_many_warnings_of_a_kind_do_not_drown_the_rest(island: Path) -> None:
    with_lanes(island, 40, as_of="2020")
    found = lines(island)
    assert sum("leads nowhere" in line for line in found) == 3
    assert sum("years old" in line for line in found) == 3
    assert found.count("  … and 37 more like these: 37 in lanes.csv") == 2
    assert found[-1] == "No faults, 80 warnings."


def test_age_is_held_against_the_day(island: Path) -> None:
    with_lanes(island, 1, as_of="2024-07")
    assert not any("years old" in line for line in lines(island))
    assert any("years old" in line for line in lines(island, today=date(2026, 8, 1)))


@pytest.mark.parametrize(
    ("status", "until", "ended"),
    [
        ("in_force", "2026-06-14", 1),
        ("suspended", "2026-05", 1),
        ("in_force", "2026-06-15", 0),
        ("in_force", "2026", 0),
        ("hypothetical", "2020", 0),
    ],
)
def test_a_status_that_has_ended_is_told(island: Path, status: str, until: str, ended: int) -> None:
    text = MEASURE.format(status=status, until=until)
    (island / "scenarios" / "listing.yaml").write_text(text, encoding="utf-8")
    told = [line for line in lines(island) if "which has passed" in line]
    assert len(told) == ended
    assert all(f"measure listing is {status.replace('_', ' ')} until {until}" in t for t in told)


def test_shares_in_facts_are_added_up(island: Path) -> None:
    (island / "facts").mkdir()
    text = "component,central\nchip,0.5\nchip,0.6\n"
    (island / "facts" / "class_shares.csv").write_text(text, encoding="utf-8")
    assert any("'chip' add up to 110.0%" in line for line in lines(island))


def test_observations_are_checked_too(island: Path) -> None:
    (island / "facts").mkdir()
    text = "observation,what,figure,scenario,reported\na,A change,change,nowhere,-5\n"
    (island / "facts" / "observed.csv").write_text(text, encoding="utf-8")
    told, (fault,) = checked(str(island), today=TODAY)
    assert told == ""
    assert (fault.file, str(fault).count("nowhere")) == ("facts/observed.csv", 1)
