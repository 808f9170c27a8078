"""Texts come back from each file as they were, or visibly changed; they bear no structure."""

import csv
import io
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import count, cycle, product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import duckdb
import html5lib
import pandas as pd
import pytest

import supply_data
from analyzer.report.run_folder import RunFolder, run_folder
from analyzer.report.words import visible
from tests.command_line import aftercut
from tests.report.payloads import HOSTILE, WRITTEN

WHOLE = [text for text in HOSTILE if not re.search("[\ud800-\udfff]", text)]
"""Half a character cannot be written as UTF-8; readers refuse it."""


def test_there_are_so_many() -> None:
    assert len({*WHOLE}) >= 500


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[RunFolder]:
    with run_folder(tmp_path / "run") as run:
        yield run


def test_a_csv_gives_them_back_as_told(folder: RunFolder) -> None:
    frame = pd.DataFrame({"title": [*HOSTILE], "number": range(len(HOSTILE))})
    folder.write_csv("a.csv", frame)
    text = (folder.path / "a.csv").read_bytes().decode("utf-8")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert len(rows) == len(HOSTILE) + 1
    assert {len(row) for row in rows} == {2}
    for (read, number), written in zip(rows[1:], HOSTILE, strict=True):
        assert HOSTILE[int(number)] == written
        assert read == expected(written)
    hidden = {c for c in text if unicodedata.category(c) in {"Cc", "Cs"} and c not in "\t\n"}
    assert hidden == set()
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)


def expected(text: str) -> str:
    """Return what a CSV has of a text."""
    plain = "".join(map(shown, re.sub("\r\n?", "\n", text)))
    return f"'{plain}" if re.match("[=+\\-@\t\n＝＋－＠]", plain) else plain


def shown(character: str) -> str:
    turns = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    hides = unicodedata.category(character) in {"Cc", "Cs"} and character not in "\t\n"
    hides |= character in turns
    return f"<U+{ord(character):04X}>" if hides else character


def test_parquet_gives_them_back_exactly(folder: RunFolder) -> None:
    frame = pd.DataFrame({"title": WHOLE, "number": range(len(WHOLE))})
    folder.write_parquet("a.parquet", frame)
    with duckdb.connect() as connection:
        read = connection.read_parquet(str(folder.path / "a.parquet")).order("number").fetchall()
    assert [title for title, _ in read] == WHOLE


def test_json_gives_them_back_exactly(folder: RunFolder) -> None:
    folder.write_json("a.json", {"titles": WHOLE, **dict.fromkeys(WHOLE, 1)})
    read = json.loads((folder.path / "a.json").read_bytes())
    assert read.pop("titles") == WHOLE
    assert set(read) == {*WHOLE} - {"titles"}


# --- from a table to what is shown


@pytest.fixture(scope="module")
def taken() -> list[str]:
    """Return those that a cell of a table may hold."""
    return [text for text in WHOLE if "\x00" not in text and len(text) < 10_000 and text.strip()]


def run_with(titles: list[str], folder: Path) -> Path:
    """Run the tutorial with as many sources, all of which its first supply names."""
    case, out = folder / "case", folder / "out"
    case.mkdir()
    given = supply_data.folder("tutorial")
    for path in sorted(given.glob("*.csv")):
        (case / path.name).write_bytes(path.read_bytes())
    (case / "dataset.yaml").write_bytes((given / "dataset.yaml").read_bytes())
    library = Path(__file__).parents[2] / "scenarios" / "tutorial"
    (case / "hub.yaml").write_bytes((library / "hub-closed.yaml").read_bytes())
    (case / "measures").mkdir()
    for path in (library / "measures").glob("*.yaml"):
        (case / "measures" / path.name).write_bytes(path.read_bytes())
    rows = list(csv.DictReader((case / "supplies.csv").read_text("utf-8").splitlines()))
    rows[0]["source_ids"] = ";".join(f"X{n}" for n in range(len(titles)))
    write(case / "supplies.csv", rows)
    sources = [
        {"source": f"X{n}", "title": title, "publisher": title} for n, title in enumerate(titles)
    ]
    write(case / "sources.csv", sources)
    ran = aftercut("run", case, "--scenario", case / "hub.yaml", "--out", out)
    assert ran.code == 0, ran.err
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", ran.out)
    return out


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def runs(taken: list[str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return two runs, with hostile titles and with harmless ones."""
    plain = [f"title {n}" for n in range(len(taken))]
    return (
        run_with(taken, tmp_path_factory.mktemp("hostile")),
        run_with(plain, tmp_path_factory.mktemp("plain")),
    )


# --- from names and titles to what each study shows


NASTY = [text for text in WRITTEN if text.isprintable() and len(text) < 100]
"""Those that a name may have, and that stand whole wherever they are shown."""
STUDIES = {
    "run": ("run", "case", "--scenario", "cut"),
    "scan": ("scan", "case", "--order", "1", "--over", "supply"),
    "cutset": ("cutset", "case", "--size", "2", "--over", "lane"),
    "cutset of measures": ("cutset", "case", "--size", "1"),
    "horizon": ("horizon", "cut", "--dataset", "case", "--months", "3"),
    "coalition": ("coalition", "cut", "--dataset", "case"),
    "response": ("response", "cut", "--of", "leak", "--dataset", "case"),
    "uncertainty": ("uncertainty", "case", "--scenarios", "cut", "--draws", "20"),
}  # fmt: skip


def named(texts: Iterator[str], folder: Path) -> Path:
    """Return a folder with the tutorial, and a scenario, under other names and titles."""
    case = folder / "case"
    case.mkdir(parents=True)
    given = supply_data.folder("tutorial")
    for path in sorted(given.glob("*.csv")):
        rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
        for row, told in product(rows, ("name", "note", "title", "publisher")):
            if told in row:
                row[told] = next(texts)
        write(case / path.name, rows)
    (case / "dataset.yaml").write_bytes((given / "dataset.yaml").read_bytes())
    measure = {
        "id": "cut", "title": next(texts), "note": next(texts), "kind": "export_control",
        "status": "hypothetical", "where": {"table": "supplies", "brand": "ALPHA"}, "cut": 1,
        "leak": 0.24, "senders": ["ALPHA"], "basis": "assumed",
    }  # fmt: skip
    told = {"id": "cut", "title": next(texts), "summary": next(texts), "measures": [measure]}
    (case / "scenarios").mkdir()
    (case / "scenarios/cut.yaml").write_text(json.dumps(told), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def renamed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return two folders, with hostile names and with harmless ones."""
    harmless = (f"name {n}" for n in count())
    return (
        named(cycle(NASTY), tmp_path_factory.mktemp("nasty")),
        named(harmless, tmp_path_factory.mktemp("harmless")),
    )


@pytest.mark.parametrize("study", STUDIES)
def test_names_and_titles_are_text_wherever_a_study_shows_them(
    renamed: tuple[Path, Path], study: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for folder in renamed:
        monkeypatch.chdir(folder)
        ran = aftercut(*STUDIES[study], "--out", study)
        assert ran.code == 0, ran.err
        made.append(folder / study)
    hostile, plain = made
    files = {path.name for path in plain.iterdir()}
    assert {path.name for path in hostile.iterdir()} == files
    for name in files:
        if name.endswith(".html"):
            assert elements(hostile / name) == elements(plain / name), name
        if name.endswith(".svg"):
            assert drawn(hostile / name) <= drawn(plain / name), name


def elements(path: Path) -> Counter[str]:
    """Return how often a page has each element with its attributes."""
    return Counter(f"{each.tag} {sorted(each.attrib)}" for each in parsed(path).iter())


def drawn(path: Path) -> set[str]:
    """Return which elements a drawing has, with their attributes and where these point."""
    drawing = ET.fromstring(path.read_text("utf-8"))  # noqa: S314 - our own; escaped texts declare no entity
    return {
        f"{each.tag} {name} {value[:1] if name.endswith('href') else ''}"
        for each in drawing.iter()
        for name, value in each.attrib.items()
    } | {each.tag for each in drawing.iter()}


def parsed(path: Path) -> Any:  # noqa: ANN401 - the parser has no types of its own for trees
    return html5lib.parse(path.read_text(encoding="utf-8"), namespaceHTMLElements=False)


@pytest.mark.parametrize("name", ["page.html", "report.html"])
def test_no_element_and_no_attribute_is_born_of_a_text(runs: tuple[Path, Path], name: str) -> None:
    hostile, plain = (
        [(each.tag, sorted(each.attrib)) for each in parsed(run / name).iter()] for run in runs
    )
    assert hostile == plain


def test_a_report_shows_each_of_them(runs: tuple[Path, Path], taken: list[str]) -> None:
    text = " ".join("".join(parsed(runs[0] / "report.html").itertext()).split())
    missing = [each for each in taken if " ".join(visible(each).split()) not in text]
    assert missing == []


def test_what_is_kept_for_a_report_has_each_of_them(
    runs: tuple[Path, Path], taken: list[str]
) -> None:
    about = json.loads((runs[0] / "about.json").read_bytes())
    kept = {row["title"] for row in about["sources"]}
    assert [each for each in taken if {each, visible(each)}.isdisjoint(kept)] == []
