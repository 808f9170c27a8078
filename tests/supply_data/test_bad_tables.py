"""Spoilt copies of the tutorial: each number is the input's number in the list of bad inputs."""

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from supply_data import BadTablesError, Fault, Tables, load
from supply_data.files import MOST_BYTES
from tests.corpus import numbered

Spoil = Callable[[Path], object]


def swap(file: str, old: str, new: str) -> Spoil:
    """Replace one text of a file, which must be there."""

    def spoil(island: Path) -> None:
        text = (island / file).read_text(encoding="utf-8")
        assert old in text
        (island / file).write_text(text.replace(old, new, 1), encoding="utf-8", newline="")

    return spoil


def recode(file: str, change: Callable[[str], bytes]) -> Spoil:
    """Write a file anew from its text."""
    return lambda island: (island / file).write_bytes(
        change((island / file).read_text(encoding="utf-8"))
    )


def capacity(cell: str) -> Spoil:
    """Let a cell stand where chip-alpha has its capacity (row 2 of the supplies)."""
    return swap("supplies.csv", ",400,", f',"{cell}",')


def named(name: str) -> Spoil:
    """Give the lamp another name (row 3 of the systems)."""
    return swap("systems.csv", "Street lamp", name)


def more(file: str, *lines: str) -> Spoil:
    """Add lines to a file, which may be new."""

    def spoil(island: Path) -> None:
        with (island / file).open("a", encoding="utf-8", newline="") as stream:
            stream.writelines(f"{line}\n" for line in lines)

    return spoil


def column(file: str, name: str, *cells: str) -> Spoil:
    """Add a column to a file, one cell a row."""

    def widened(text: str) -> bytes:
        rows = zip(text.splitlines(), (name, *cells), strict=True)
        return "".join(f"{row},{cell}\n" for row, cell in rows).encode()

    return recode(file, widened)


class Wanted(NamedTuple):
    """What a fault or a warning must say."""

    file: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    rule: str = ""

    def is_told_by(self, fault: Fault) -> bool:
        return (
            (fault.file, fault.row, fault.column) == (self.file, self.row, self.column)
            and (self.value is None or fault.value == self.value)
            and self.rule in fault.rule
            and bool(fault.remedy)
        )


def faults_of(dataset: str | Path) -> tuple[Fault, ...]:
    with pytest.raises(BadTablesError) as caught:
        load(dataset)
    return caught.value.faults


def figure(value: str, rule: str = "plain number") -> Wanted:
    return Wanted("supplies.csv", 2, "capacity_per_month", value, rule)


def notation(number: int, cell: str, rule: str = "plain number") -> object:
    return pytest.param(capacity(cell), figure(cell, rule), id=f"{number}-{cell!a}")


LANE = "x,ALPHA,BETA,electronics,1,assumed,low,"
SUPPLY = "chip,ALPHA,ALPHA,1,assumed,low,"

REFUSED = [
    pytest.param(
        recode("supplies.csv", lambda _: b""), Wanted("supplies.csv", rule="empty"), id="1"
    ),
    pytest.param(
        recode("supplies.csv", lambda text: text.splitlines()[0].encode()),
        Wanted("supplies.csv", rule="no rows"),
        id="2",
    ),
    pytest.param(
        recode("supplies.csv", lambda text: b"\xff\xfe" + text.encode("utf-16-le")),
        Wanted("supplies.csv", rule="UTF-16"),
        id="4",
    ),
    pytest.param(
        recode("supplies.csv", lambda text: text.encode("utf-16-le")),
        Wanted("supplies.csv", 1, rule="NUL"),
        id="4-no-mark",
    ),
    pytest.param(
        recode("systems.csv", lambda t: t.replace("Street lamp", "Лампа").encode("cp1251")),
        Wanted("systems.csv", 3, rule="not UTF-8: byte 0xCB at offset"),
        id="5",
    ),
    pytest.param(
        recode("places.csv", lambda text: text.encode().replace(b"Beta", b"B\xfft")),
        Wanted("places.csv", 3, rule="byte 0xFF at offset 61"),
        id="6",
    ),
    pytest.param(
        swap("places.csv", "Gamma", "Ga\0mma"), Wanted("places.csv", 4, rule="NUL"), id="7"
    ),
    pytest.param(
        recode("lanes.csv", lambda text: text.replace(",", ";").encode()),
        Wanted(
            "lanes.csv",
            1,
            value="lane;from_place;to_place;carries;capacity_usd_per_month;basis;confidence;note",
            rule="semicolons",
        ),
        id="10",
    ),
    notation(11, "1.234,56"),
    notation(12, "1,234"),
    notation(13, "1\N{NO-BREAK SPACE}234"),
    notation(13, "1\N{NARROW NO-BREAK SPACE}234"),
    notation(14, "1'234"),
    notation(15, "(500)"),
    notation(16, "5%"),
    notation(17, "1e309", "too large"),
    notation(18, "NaN"),
    notation(19, "inf"),
    notation(19, "-inf"),
    notation(20, "-5", "0 or more"),
    notation(23, "1e18", "too large"),
    notation(24, "1" * 30, "digits"),
    notation(24, "0." + "1" * 30, "digits"),
    notation(25, "٤٠٠"),
    notation(26, "４００"),
    pytest.param(
        column("components.csv", "unit", "kg", "kg", "t", "kg"),
        Wanted("components.csv", 1, "unit", rule="no such column"),
        id="27",
    ),
    pytest.param(
        column("systems.csv", "min_share", "0.6", "0.6"),
        Wanted("systems.csv", column="min_share", rule="sum to 1.2"),
        id="28",
    ),
    pytest.param(
        swap("requirements.csv", "2,0.5", "2,85"),
        Wanted("requirements.csv", 6, "max_fill", "85", "1 or less"),
        id="29",
    ),
    pytest.param(
        more("supplies.csv", f"chip-beta,{SUPPLY}"),
        Wanted("supplies.csv", 7, "supply", "chip-beta", "the same as in row 3"),
        id="30",
    ),
    pytest.param(
        more("supplies.csv", f"CHIP-beta,{SUPPLY}"),
        Wanted("supplies.csv", 7, "supply", "CHIP-beta", "but for case"),
        id="31",
    ),
    pytest.param(
        swap("lanes.csv", "carries", "to_place"),
        Wanted("lanes.csv", 1, "to_place", rule="2 times"),
        id="32",
    ),
    pytest.param(
        recode("lanes.csv", lambda text: text.replace(",low,", ",low,,").encode()),
        Wanted("lanes.csv", 3, rule="9 cells, the header 8"),
        id="33",
    ),
    pytest.param(
        swap("places.csv", "GAMMA,Gamma,,,", "GAMMA,Gamma"),
        Wanted("places.csv", 4, rule="2 cells, the header 5"),
        id="34",
    ),
    pytest.param(
        swap("supplies.csv", "body-gamma", '"body-gamma'),
        Wanted("supplies.csv", 5, rule="never closed"),
        id="35",
    ),
    pytest.param(
        lambda island: os.truncate(island / "supplies.csv", 200 * 2**20),
        Wanted("supplies.csv", rule="larger than 64 MiB"),
        id="36",
    ),
    pytest.param(
        named("x" * 200_000), Wanted("systems.csv", 3, rule="cell is too long"), id="36-cell"
    ),
    pytest.param(
        named("x" * 2_000_000), Wanted("systems.csv", 3, rule="a line has more"), id="36-line"
    ),
    pytest.param(
        recode("places.csv", lambda _: b"," * 100_000),
        Wanted("places.csv", 1, rule="100,001 columns"),
        id="37",
    ),
    pytest.param(
        more("sources.csv", "source", *[""] * 100_001),
        Wanted("sources.csv", 100_002, rule="more than 100,000 rows"),
        id="too-many-rows",
    ),
    pytest.param(
        swap("lanes.csv", "alpha-hub,ALPHA,HUB", "alpha-hub,ALPHA,HUBB"),
        Wanted("lanes.csv", 2, "to_place", "HUBB", "not in places.csv"),
        id="43",
    ),
    pytest.param(
        swap("lanes.csv", "alpha-hub,ALPHA,HUB", "alpha-hub,HUB,HUB"),
        Wanted("lanes.csv", 2, "to_place", "HUB", "ends where it starts"),
        id="44-loop",
    ),
    pytest.param(
        more("requirements.csv", "chip,a,body,1,,assumed,low,", "body,a,chip,1,,assumed,low,"),
        Wanted("requirements.csv", 9, "component", "chip", "cycle"),
        id="44-cycle",
    ),
    pytest.param(
        more(
            "supplies.csv",
            unicodedata.normalize("NFC", f"é,{SUPPLY}"),
            unicodedata.normalize("NFD", f"é,{SUPPLY}"),
        ),
        Wanted("supplies.csv", 8, "supply", rule="but for case, blanks or encoding"),
        id="50",
    ),
    pytest.param(
        swap("dataset.yaml", "licence: Apache-2.0", 'licence: "\\ud800"'),
        Wanted("dataset.yaml", 11, "licence"),
        id="51",
    ),
    pytest.param(
        recode("places.csv", lambda text: text.encode().replace(b"Beta", b"\xed\xa0\x80")),
        Wanted("places.csv", 3, rule="byte 0xED"),
        id="51-bytes",
    ),
    pytest.param(named("   "), Wanted("systems.csv", 3, "name", "   ", "blanks"), id="58"),
    pytest.param(
        swap("supplies.csv", "chip-alpha", "a/b"),
        Wanted("supplies.csv", 2, "supply", "a/b", "no ';', '/', ':'"),
        id="56",
    ),
    pytest.param(
        more("dataset.yaml", "id: again"),
        Wanted("dataset.yaml", 13, "id", "again", "row 1 already"),
        id="99",
    ),
    pytest.param(
        recode("dataset.yaml", lambda text: f"{text}x: &a [b]\ny: *a\n".encode()),
        Wanted("dataset.yaml", 13, rule="flat list"),
        id="100",
    ),
    pytest.param(
        more("dataset.yaml", "x: &a y", "z: *a"), Wanted("dataset.yaml", 14, rule="flat"), id="101"
    ),
    pytest.param(
        more("dataset.yaml", "<<: {a: b}"), Wanted("dataset.yaml", 13, rule="flat"), id="102"
    ),
    pytest.param(
        swap("dataset.yaml", "title: ", "title: !!python/object/apply:os.system "),
        Wanted("dataset.yaml", 2, rule="flat"),
        id="103",
    ),
    pytest.param(
        swap("dataset.yaml", "title: ", "title: !mine "),
        Wanted("dataset.yaml", 2, rule="flat"),
        id="104",
    ),
    pytest.param(more("dataset.yaml", "x: " + "[" * 100_000), Wanted("dataset.yaml", 13), id="105"),
    pytest.param(
        more("dataset.yaml", "#" * 10 * 2**20), Wanted("dataset.yaml", rule="1,048,576"), id="106"
    ),
    pytest.param(
        more("dataset.yaml", "---", "id: x"), Wanted("dataset.yaml", 13, rule="flat"), id="108"
    ),
    pytest.param(
        swap("dataset.yaml", "licence", "license"),
        Wanted("dataset.yaml", 11, "license", "Apache-2.0", "no such key"),
        id="109",
    ),
    pytest.param(
        more("dataset.yaml", "\tx: y"), Wanted("dataset.yaml", 13, rule="not YAML"), id="110"
    ),
    pytest.param(
        column("requirements.csv", "tracked", "maybe", "", "", "", "", ""),
        Wanted("requirements.csv", 2, "tracked", "maybe", "yes or no"),
        id="neither-yes-nor-no",
    ),
    pytest.param(
        column("components.csv", "hs6", "8542310000", "", "", ""),
        Wanted("components.csv", 2, "hs6", "8542310000", "six digits"),
        id="hs-code-too-long",
    ),
    pytest.param(
        column("plants.csv", "as_of", "2025-13"),
        Wanted("plants.csv", 2, "as_of", "2025-13", "YYYY-MM"),
        id="month-13",
    ),
    pytest.param(
        swap("supplies.csv", "400,assumed", "400,"),
        Wanted("supplies.csv", 2, "basis", "", "required"),
        id="required-cell-blank",
    ),
    pytest.param(
        swap("supplies.csv", "400,assumed", "400,guess"),
        Wanted("supplies.csv", 2, "basis", "guess", "'reported', 'derived' or 'assumed'"),
        id="choice",
    ),
    pytest.param(
        swap("lanes.csv", "HUB,electronics", "HUB,electronics;"),
        Wanted("lanes.csv", 2, "carries", "electronics;", "blank"),
        id="blank-item",
    ),
    pytest.param(
        swap("supplies.csv", "chip-alpha", "x" * 65),
        Wanted("supplies.csv", 2, "supply", "x" * 65, "64 characters"),
        id="long-key",
    ),
    pytest.param(
        swap("supplies.csv", "chip-alpha", " chip-alpha"),
        Wanted("supplies.csv", 2, "supply", " chip-alpha", "blanks around"),
        id="blanks-around-a-key",
    ),
    pytest.param(
        swap("supplies.csv", "chip-alpha", '"chip"-alpha'),
        Wanted("supplies.csv", 2, rule="quotation mark stands inside"),
        id="quote-inside",
    ),
    pytest.param(
        recode("lanes.csv", lambda text: text.replace(",", "\t").encode()),
        Wanted("lanes.csv", 1, rule="tabs"),
        id="tabs",
    ),
    pytest.param(
        swap("dataset.yaml", "period: month", "period: week"),
        Wanted("dataset.yaml", 8, "period", "week", "`month`"),
        id="period",
    ),
    pytest.param(
        recode("dataset.yaml", lambda text: text.encode() + b"x: \x01"),
        Wanted("dataset.yaml", rule="not allowed"),
        id="yaml-control-character",
    ),
]


@pytest.mark.parametrize(("spoil", "wanted"), numbered(REFUSED, "refused"))
def test_the_input_is_refused_where_it_is_wrong(island: Path, spoil: Spoil, wanted: Wanted) -> None:
    spoil(island)
    faults = faults_of(island)
    assert any(wanted.is_told_by(fault) for fault in faults), faults
    assert all(fault.rule and fault.remedy for fault in faults)


@pytest.mark.parametrize(("spoil", "wanted"), REFUSED)
def test_refusals_are_plain_sentences(island: Path, spoil: Spoil, wanted: Wanted) -> None:
    spoil(island)
    for fault in faults_of(island):
        for jargon in ("Input should", "Value error", "pydantic", "Field", "Traceback", "<class"):
            assert jargon not in str(fault)
        assert str(fault).isprintable()


MIRRORED = "\N{RIGHT-TO-LEFT OVERRIDE}pmal"
WARNED = [
    pytest.param(
        capacity("1e-12"),
        Wanted("supplies.csv", 2, "capacity_per_month", "1e-12", "tolerance"),
        id="22",
    ),
    pytest.param(
        named("Street l\N{CYRILLIC SMALL LETTER A}mp"),
        Wanted("systems.csv", 3, "name", rule="mixes Cyrillic and Latin"),
        id="45",
    ),
    pytest.param(
        named(MIRRORED), Wanted("systems.csv", 3, "name", MIRRORED, rule="U+202E"), id="46"
    ),
    pytest.param(
        named("\N{LEFT-TO-RIGHT ISOLATE}lamp\N{POP DIRECTIONAL ISOLATE}"),
        Wanted("systems.csv", 3, "name", rule="U+2066, U+2069"),
        id="47",
    ),
    pytest.param(
        named("la\N{ZERO WIDTH SPACE}mp\N{ZERO WIDTH JOINER}"),
        Wanted("systems.csv", 3, "name", rule="U+200B, U+200D"),
        id="48",
    ),
    pytest.param(
        named("la\N{SOFT HYPHEN}mp"), Wanted("systems.csv", 3, "name", rule="U+00AD"), id="49"
    ),
    pytest.param(
        named("lamp\N{TAG LATIN SMALL LETTER A}"),
        Wanted("systems.csv", 3, "name", rule="U+E0061"),
        id="52",
    ),
    pytest.param(
        named("a" + "\N{COMBINING ACUTE ACCENT}" * 1000),
        Wanted("systems.csv", 3, "name", rule="combining"),
        id="53",
    ),
    *(
        pytest.param(named(name), Wanted("systems.csv", 3, "name", name, rule), id=name)
        for name, rule in (
            ("Lamp Trading Ltd", "firm"),
            ("Lampen GmbH", "firm"),
            ("Lamps Inc.", "firm"),
            ("Bright Co.", "firm"),
            ("ООО Лампа", "firm"),
            ("Mr Lampman", "person"),
            ("Lampov I. I.", "person"),
            ("Ivan Petrovich", "person"),
            ("STM32F103", "part number"),
            ("lamp xc7z020", "part number"),
            ("lamp 85414100", "six digits"),
            ("lamp 8541.41.00", "six digits"),
        )
    ),
    pytest.param(
        swap("supplies.csv", "chip,BETA,ALPHA", "chip,BETA,USA"),
        Wanted("supplies.csv", 3, "brand", "USA", "without a row"),
        id="brand-of-a-country-without-a-row",
    ),
    pytest.param(
        column("systems.csv", "min_share", "0.1", ""),
        Wanted("systems.csv", 2, "min_share", "0.1", "stops all others"),
        id="min-share",
    ),
    pytest.param(
        column("systems.csv", "max_share", "0.5", ""),
        Wanted("systems.csv", 3, "max_share", "", "below 1"),
        id="max-share",
    ),
    pytest.param(
        swap("lanes.csv", "ISLE,electronics", "ISLE,electronic"),
        Wanted("lanes.csv", 3, "carries", "electronic", "no good has the category"),
        id="category",
    ),
    pytest.param(
        more("systems.csv", "tent,,5,assumed,low,"),
        Wanted("systems.csv", 4, "system", "tent", "no requirements"),
        id="system-from-nothing",
    ),
    pytest.param(
        swap("supplies.csv", "body-gamma,body,GAMMA", "body-gamma,chip,GAMMA"),
        Wanted("requirements.csv", 3, "component", "body", "nothing that fills slot"),
        id="slot-from-nothing",
    ),
    pytest.param(
        column("requirements.csv", "tracked", "", "", "", "yes", "yes", ""),
        Wanted("requirements.csv", 6, "tracked", "True", "first choice"),
        id="tracked-alternative",
    ),
]


@pytest.mark.parametrize(("spoil", "wanted"), numbered(WARNED, "warned"))
def test_the_input_is_accepted_with_a_warning(island: Path, spoil: Spoil, wanted: Wanted) -> None:
    spoil(island)
    warnings = load(island).warnings
    assert any(wanted.is_told_by(warning) for warning in warnings), warnings
    assert all(str(warning).isprintable() for warning in warnings)


def lamp(tables: Tables) -> str:
    return tables.systems["lamp"].name


ACCEPTED = [
    pytest.param(
        capacity("-0"),
        lambda t: str(t.supplies["chip-alpha"].capacity_per_month) == "0.0",
        id="21",
    ),
    pytest.param(more("places.csv", "NA,,,,"), lambda t: "NA" in t.places, id="38"),
    pytest.param(
        column("components.csv", "hs6", "010121;854231", "", "", ""),
        lambda t: t.components["chip"].hs6 == ("010121", "854231"),
        id="39",
    ),
    pytest.param(more("supplies.csv", f"1E5,{SUPPLY}"), lambda t: "1E5" in t.supplies, id="40"),
    *(
        pytest.param(named(f'"{name}"'), lambda t, n=name: lamp(t) == n, id=f"{number}-{name!a}")
        for number, name in (
            (41, "=cmd|'/c calc'!A1"),
            (42, "+1"),
            (42, "-1"),
            (42, "@x"),
            (42, "\tx"),
            (42, "\rx"),
            (54, "a\N{LINE SEPARATOR}b\N{PARAGRAPH SEPARATOR}c"),
            (55, "\x1b[2J"),
            (57, "n" * 300),
            (117, "{{7*7}} ${HOME} %(x)s"),
        )
    ),
    pytest.param(
        more("supplies.csv", f"CON,{SUPPLY}", f"..,{SUPPLY}"), lambda t: ".." in t.supplies, id="56"
    ),
    pytest.param(
        swap("dataset.yaml", "licence: Apache-2.0", "licence: NO"),
        lambda t: t.settings.licence == "NO",
        id="94",
    ),
    pytest.param(
        swap("dataset.yaml", "licence: Apache-2.0", "licence: 010101"),
        lambda t: t.settings.licence == "010101",
        id="95",
    ),
    pytest.param(
        more("dataset.yaml", "budget_usd_per_month: 1e3"),
        lambda t: t.settings.budget_usd_per_month == 1000,
        id="97",
    ),
    pytest.param(
        more("dataset.yaml", "budget_usd_per_month: ~"),
        lambda t: t.settings.budget_usd_per_month is None,
        id="null",
    ),
]


@pytest.mark.parametrize(("spoil", "holds"), numbered(ACCEPTED, "accepted"))
def test_the_input_is_accepted_as_it_stands(
    island: Path, spoil: Spoil, holds: Callable[[Tables], bool]
) -> None:
    spoil(island)
    tables = load(island)
    assert holds(tables)
    assert tables.warnings == ()


@pytest.mark.parametrize(
    "change",
    numbered(
        [
            pytest.param(lambda text: b"\xef\xbb\xbf" + text.encode(), id="3"),
            pytest.param(lambda text: text.replace("\n", "\r").encode(), id="8"),
            pytest.param(lambda text: text.replace("\n", "\r\n", 3).encode(), id="9"),
            pytest.param(lambda text: f"{text}\n,,,,,,,\n".encode(), id="blank-lines"),
            pytest.param(lambda text: text.replace(",400,", ",4.0e2,").encode(), id="same-number"),
        ],
        "accepted",
    ),
)
def test_the_way_a_file_is_written_does_not_count(
    island: Path, change: Callable[[str], bytes]
) -> None:
    before = load(island)
    recode("supplies.csv", change)(island)
    after = load(island)
    assert after.sha256 == before.sha256
    assert list(after.supplies) == list(before.supplies)


# --- files and paths


@pytest.mark.parametrize(
    "name",
    numbered(
        [
            pytest.param("../../etc/passwd", id="118"),
            pytest.param("/etc/passwd", id="119"),
            pytest.param("file:///etc/passwd", id="126-file"),
            pytest.param("https://example.org/tutorial", id="126-https"),
            pytest.param("s3://bucket/tutorial", id="126-s3"),
            pytest.param(r"\\host\share", id="127"),
            pytest.param(r"C:\x", id="128-drive"),
            pytest.param("a:b", id="128-stream"),
            pytest.param("tuto\0rial", id="131"),
            pytest.param("tutorail", id="misspelt"),
            pytest.param("./tutorial", id="path-not-name"),
            pytest.param("tables.xlsx", id="60"),
            pytest.param("tables.pkl", id="92"),
            pytest.param("tables.duckdb", id="93"),
        ],
        "refused",
    ),
)
def test_what_is_no_dataset_is_refused_by_name(name: str) -> None:
    (fault,) = faults_of(name)
    assert fault.file == name
    assert fault.remedy


def test_a_misspelt_dataset_is_told_the_nearest() -> None:
    assert "'tutorial'" in faults_of("tutorail")[0].remedy


@pytest.mark.corpus(120, "refused")
def test_a_link_out_of_the_folder_is_not_followed(island: Path, tmp_path: Path) -> None:
    (island / "lanes.csv").rename(tmp_path / "lanes.csv")
    (island / "lanes.csv").symlink_to(tmp_path / "lanes.csv")
    assert Wanted("lanes.csv", rule="out of the folder").is_told_by(faults_of(island)[0])


def test_a_link_within_the_folder_is_followed(island: Path) -> None:
    (island / "lanes.csv").rename(island / "lanes.txt")
    (island / "lanes.csv").symlink_to("lanes.txt")
    assert len(load(island).lanes) == 4


@pytest.mark.corpus(122, "warned")
def test_a_second_name_of_a_file_is_warned_of(island: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").hardlink_to(island / "lanes.csv")
    (warning,) = load(island).warnings
    assert Wanted("lanes.csv", rule="another name").is_told_by(warning)


def test_a_link_to_nothing_is_refused(island: Path) -> None:
    (island / "lanes.csv").unlink()
    (island / "lanes.csv").symlink_to("gone.csv")
    assert Wanted("lanes.csv", rule="cannot be read").is_told_by(faults_of(island)[0])


@pytest.mark.corpus(123, "refused")
def test_a_pipe_is_refused_and_not_waited_for(island: Path) -> None:
    (island / "lanes.csv").unlink()
    os.mkfifo(island / "lanes.csv")
    assert Wanted("lanes.csv", rule="not an ordinary file").is_told_by(faults_of(island)[0])


@pytest.mark.corpus(124, "refused")
@pytest.mark.parametrize("device", ["/dev/zero", "/proc/self/mem"])
def test_a_device_is_refused(island: Path, device: str) -> None:
    (island / "lanes.csv").unlink()
    (island / "lanes.csv").symlink_to(device)
    assert Wanted("lanes.csv", rule="out of the folder").is_told_by(faults_of(island)[0])


@pytest.mark.corpus(125, "refused")
def test_a_folder_in_place_of_a_file_is_refused(island: Path) -> None:
    (island / "lanes.csv").unlink()
    (island / "lanes.csv").mkdir()
    assert Wanted("lanes.csv", rule="not an ordinary file").is_told_by(faults_of(island)[0])


@pytest.mark.corpus(129, "refused")
def test_files_that_differ_only_in_case_are_refused(island: Path) -> None:
    (island / "Lanes.csv").write_bytes((island / "lanes.csv").read_bytes())
    assert Wanted("Lanes.csv", rule="no such table").is_told_by(faults_of(island)[0])


@pytest.mark.corpus(130, "refused")
def test_a_file_that_changes_while_it_is_read_is_refused(
    island: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat_of = os.fstat

    def meddling(handle: int) -> os.stat_result:
        state = stat_of(handle)
        with (island / "lanes.csv").open("a", encoding="utf-8") as stream:
            stream.write("\n")
        return state

    monkeypatch.setattr(os, "fstat", meddling)
    assert Wanted("lanes.csv", rule="changed while").is_told_by(faults_of(island)[-1])


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet", ".pkl", ".json", ".duckdb"])
def test_a_table_in_another_format_is_refused_not_overlooked(island: Path, suffix: str) -> None:
    (island / "lanes.csv").rename(island / f"lanes{suffix}")
    (fault,) = faults_of(island)
    assert fault.file == f"lanes{suffix}"
    assert fault.remedy == "Save it as 'lanes.csv'"


def test_the_name_of_a_column_plays_nothing_in_a_terminal(island: Path) -> None:
    swap("places.csv", "latitude", "\x1b[2J\N{RIGHT-TO-LEFT OVERRIDE}x")(island)
    (fault,) = faults_of(island)
    assert "column <U+001B>[2J<U+202E>x:" in str(fault)


def test_a_misspelt_table_is_told_the_nearest(island: Path) -> None:
    (island / "lanes.csv").rename(island / "lane.csv")
    (fault,) = faults_of(island)
    assert "lanes.csv" in fault.remedy


def test_a_missing_required_table_is_refused(island: Path) -> None:
    (island / "supplies.csv").unlink()
    (fault,) = faults_of(island)
    assert Wanted("supplies.csv", rule="missing").is_told_by(fault)


def test_a_file_of_the_largest_size_is_still_judged_by_its_content(island: Path) -> None:
    os.truncate(island / "plants.csv", MOST_BYTES)
    assert Wanted("plants.csv", 3, rule="NUL").is_told_by(faults_of(island)[0])


# --- all at once


def test_ten_faults_are_told_in_one_go(island: Path) -> None:
    for spoil in (
        swap("dataset.yaml", "weighting: target", "weighting: targets"),
        swap("places.csv", "HUB,The hub,,,", "HUB,The hub,,91,"),
        swap("components.csv", "machinery,partnership,60", "machinery,partner,60"),
        swap("systems.csv", "Solar pump,100", "Solar pump,0"),
        swap("requirements.csv", "pump,crew,crew,2", "pump,crew,crewe,2"),
        swap("requirements.csv", "lamp,crew,crew,0.25,", "lamp,crew,crew,0.25,0.5"),
        swap("supplies.csv", "chip,BETA,ALPHA,100", "chip,BETA,ALPHA,-100"),
        swap("lanes.csv", "beta-isle,BETA,ISLE", "beta-isle,BETA,BETA"),
        swap("plants.csv", ",80,", ",80t,"),
        swap("stocks.csv", "560,assumed", "560,guessed"),
    ):
        spoil(island)
    faults = faults_of(island)
    assert [(f.file, f.row, f.column, f.value) for f in faults] == [
        ("dataset.yaml", 7, "weighting", "targets"),
        ("places.csv", 5, "latitude", "91"),
        ("components.csv", 4, "pillar", "partner"),
        ("systems.csv", 2, "target_per_month", "0"),
        ("requirements.csv", 4, "component", "crewe"),
        ("requirements.csv", 7, "max_fill", "0.5"),
        ("supplies.csv", 3, "capacity_per_month", "-100"),
        ("lanes.csv", 4, "to_place", "BETA"),
        ("plants.csv", 2, "capacity_per_month", "80t"),
        ("stocks.csv", 2, "basis", "guessed"),
    ]
    assert all(fault.rule and fault.remedy for fault in faults)


def test_a_lost_row_brings_up_no_faults_that_are_not_there(island: Path) -> None:
    swap("places.csv", "ALPHA,Alpha,CLUB,,", "AL:PHA,Alpha,CLUB,,")(island)
    (fault,) = faults_of(island)
    assert (fault.column, fault.value) == ("place", "AL:PHA")


def test_several_faults_of_one_row_are_all_told(island: Path) -> None:
    swap("supplies.csv", "ALPHA,400,assumed,low", "ALPHA,x,guess,lowish")(island)
    told = [(fault.row, fault.column) for fault in faults_of(island)]
    assert told == [(2, "basis"), (2, "confidence"), (2, "capacity_per_month")]


def test_a_missing_column_is_told_once(island: Path) -> None:
    swap("supplies.csv", "basis,confidence,note", "confidence,confidence_,note")(island)
    told = {(fault.row, fault.column) for fault in faults_of(island)}
    assert {(1, "basis"), (1, "confidence_")} <= told
    assert not any(column == "basis" for row, column in told if row != 1)


def test_a_missing_key_column_refuses_the_table_alone(island: Path) -> None:
    swap("places.csv", "place,name", "plaice,name")(island)
    told = [(fault.file, fault.column) for fault in faults_of(island)]
    assert told == [("places.csv", "plaice"), ("places.csv", "place")]


# --- ranges


def test_ranges_are_read_beside_their_figure(island: Path) -> None:
    column("plants.csv", "capacity_per_month_low", "60")(island)
    column("plants.csv", "capacity_per_month_high", "90")(island)
    plant = load(island).plants["pump-works"]
    assert dict(plant.ranges) == {"capacity_per_month": (60, 90)}


def test_a_range_needs_no_central_value(island: Path) -> None:
    swap("plants.csv", ",80,", ",,")(island)
    column("plants.csv", "capacity_per_month_low", "60")(island)
    plant = load(island).plants["pump-works"]
    assert plant.capacity_per_month is None
    assert dict(plant.ranges) == {"capacity_per_month": (60, None)}


@pytest.mark.parametrize(("low", "high"), [("81", ""), ("", "79"), ("90", "60")])
def test_a_range_must_hold_its_figure(island: Path, low: str, high: str) -> None:
    column("plants.csv", "capacity_per_month_low", low)(island)
    column("plants.csv", "capacity_per_month_high", high)(island)
    (fault,) = faults_of(island)
    assert Wanted("plants.csv", 2, "capacity_per_month", rule="must not fall").is_told_by(fault)


def test_an_end_of_a_range_obeys_the_rule_of_its_figure(island: Path) -> None:
    column("plants.csv", "capacity_per_month_low", "-1")(island)
    (fault,) = faults_of(island)
    assert Wanted("plants.csv", 2, "capacity_per_month_low", "-1", "0 or more").is_told_by(fault)
