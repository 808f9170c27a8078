"""The list of bad inputs as a whole: none is forgotten, and the command tells each kind rightly."""

import importlib
import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType

import pytest

import supply_data
from tests import command_line
from tests.command_line import Ran
from tests.corpus import ACCEPTED, REFUSED, WANTED, WARNED, numbered

HERE = Path(__file__).parent
MEASURE = "id: a\nmeasures:\n  - id: m\n    where: {{table: lanes{}}}\n    cut: 1\n"

Spoil = Callable[[Path], object]
aftercut = partial(command_line.aftercut, confined=True)


def marked(module: ModuleType) -> Iterator[tuple[int, str]]:
    """Yield the numbers, with their outcomes, of which a module has a test."""
    for tested in (*vars(module).values(), *_methods(module)):
        for mark in getattr(tested, "pytestmark", ()):
            if mark.name == "corpus":
                yield from ((number, mark.args[-1]) for number in mark.args[:-1])
            for case in mark.args[1] if mark.name == "parametrize" else ():
                for own in getattr(case, "marks", ()):
                    if own.name == "corpus":
                        yield own.args


def _methods(module: ModuleType) -> Iterator[object]:
    for kept in vars(module).values():
        if isinstance(kept, type) and kept.__module__ == module.__name__:
            yield from vars(kept).values()


def test_every_input_of_the_list_has_its_test_with_the_outcome_wanted() -> None:
    files = [file for file in HERE.rglob("test_*.py") if "corpus" in file.read_text("utf-8")]
    names = [".".join(("tests", *file.relative_to(HERE).with_suffix("").parts)) for file in files]
    found = {each for name in names for each in marked(importlib.import_module(name))}
    assert set(WANTED.items()) - found == set()
    assert {number for number, _ in found} == set(range(1, 133))


# --- what the command says of one of each kind


@pytest.fixture
def island(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the tutorial in the folder that the tests work in."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(supply_data.folder("tutorial"), tmp_path / "island")
    (tmp_path / "island" / "scenarios").mkdir()
    return Path("island")


def state(folder: Path) -> dict[str, object]:
    """Return every file below a folder with its content, and every other entry."""
    return {
        path.as_posix(): path.read_bytes() if path.is_file() else os.lstat(path).st_mode
        for path in sorted(folder.rglob("*"))
    }


def replaced(file: str, old: bytes, new: bytes) -> Spoil:
    def spoil(island: Path) -> None:
        data = (island / file).read_bytes()
        assert old in data
        (island / file).write_bytes(data.replace(old, new, 1))

    return spoil


def put(file: str, text: str) -> Spoil:
    return lambda island: (island / file).write_bytes(text.encode())


def emptied(file: str, put: Callable[[Path], object]) -> Spoil:
    """Put something else where a file was."""

    def spoil(island: Path) -> None:
        (island / file).unlink()
        put(island / file)

    return spoil


TOLD = numbered(
    [
        pytest.param(
            replaced("lanes.csv", b"alpha-hub,ALPHA,HUB", b"alpha-hub,ALPHA,HUBB"),
            "lanes.csv, row 2, column to_place, value 'HUBB': 'HUBB' is not in places.csv. "
            "Did you mean 'HUB'? Or add a row for it",
            id="43-reference",
        ),
        pytest.param(
            replaced("supplies.csv", b",400,", b',"1,234",'),
            "supplies.csv, row 2, column capacity_per_month, value '1,234': it is not a plain "
            "number. Write digits and a decimal point, as in 1234.5",
            id="12-notation",
        ),
        pytest.param(
            replaced("places.csv", b"Beta", b"B\xff"),
            "places.csv, row 3: it is not UTF-8: byte 0xFF at offset 61. "
            "Find out its encoding and save it as UTF-8",
            id="6-encoding",
        ),
        pytest.param(
            lambda island: os.truncate(island / "supplies.csv", 200 * 2**20),
            "supplies.csv: it is larger than 64 MiB. "
            "Keep to class and country level: fewer, coarser rows",
            id="36-size",
        ),
        pytest.param(
            emptied("lanes.csv", os.mkfifo),
            "lanes.csv: it is not an ordinary file. Put the file itself here",
            id="123-pipe",
        ),
        pytest.param(
            emptied("lanes.csv", lambda path: path.symlink_to("/etc/passwd")),
            "lanes.csv: it is a link that leads out of the folder. Copy the file here",
            id="120-link",
        ),
        pytest.param(
            lambda island: (island / "lanes.csv").rename(island / "lanes.xlsx"),
            "lanes.xlsx: a table is not read from a .xlsx file. Save it as 'lanes.csv'",
            id="59-workbook",
        ),
        pytest.param(
            put("dataset.yaml", "id: &a [x]\ntitle: *a\n"),
            "dataset.yaml, row 1: it is more than one flat list of `key: text`. "
            "Take out what is nested, aliases, tags and further documents",
            id="100-alias",
        ),
        pytest.param(
            put("scenarios/a.yaml", MEASURE.format(", lane: x").replace("cut:", "cutt:")),
            "island/scenarios/a.yaml, line 5, key cutt, value '1': the key is unknown. "
            "Did you mean 'cut'?",
            id="109-key",
        ),
        pytest.param(
            put("scenarios/a.yaml", MEASURE.format(", lane: x") + "    cut: 0\n"),
            "island/scenarios/a.yaml, line 6, key cut: the key stands twice in one mapping. "
            "Keep one of them",
            id="99-twice",
        ),
    ],
    REFUSED,
)


def whole(ran: Ran) -> None:
    """Check that a refusal is one."""
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err
    assert "internal" not in ran.err
    assert all(line.isprintable() for line in ran.err.splitlines())
    assert ran.err.endswith("; nothing was written.\n")


@pytest.mark.parametrize(("spoil", "told"), TOLD)
def test_a_refusal_says_where_what_why_and_what_to_do(
    island: Path, spoil: Spoil, told: str
) -> None:
    spoil(island)
    before = state(Path())
    ran = aftercut("check", island)
    whole(ran)
    assert f"error: {told}\n" in ran.err
    assert state(Path()) == before


@pytest.mark.parametrize(("spoil", "told"), TOLD[::5])
@pytest.mark.parametrize("command", ["run", "scan", "horizon"])
def test_commands_that_solve_refuse_the_same(
    island: Path, spoil: Spoil, told: str, command: str
) -> None:
    spoil(island)
    before = state(Path())
    ran = aftercut(command, *(["--dataset"] if command == "horizon" else []), island)
    whole(ran)
    assert f"error: {told}\n" in ran.err
    assert state(Path()) == before


FOREIGN = numbered(
    [
        pytest.param("case.xlsx", id="62-workbook"),
        pytest.param("case.parquet", id="81-parquet"),
        pytest.param("case.pkl", id="92-pickle"),
        pytest.param("case.duckdb", id="93-database"),
        pytest.param("../../etc/passwd", id="118-up"),
        pytest.param("/etc/passwd", id="119-absolute"),
        pytest.param("/dev/zero", id="124-device"),
        pytest.param("pipe", id="123-pipe"),
        pytest.param("https://example.org/case", id="126-address"),
        pytest.param(r"\\host\share", id="127-share"),
        pytest.param(r"C:\x", id="128-drive"),
    ],
    REFUSED,
)


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("words", [("check",), ("check", "tutorial", "--scenario")])
def test_what_is_neither_a_dataset_nor_a_scenario_is_refused_by_name(
    island: Path, words: tuple[str, ...], name: str
) -> None:
    os.mkfifo("pipe")
    if name.startswith("case."):
        Path(name).write_bytes(b"PK\x03\x04PAR1\x80\x04")
    before = state(Path())
    ran = aftercut(*words, name)
    whole(ran)
    assert ran.err.startswith(f"error: {name}: ")
    assert state(Path()) == before


@pytest.mark.parametrize(
    ("where", "told"),
    numbered(
        [
            pytest.param(
                ", lane: [hub-isle], from_place: ALPHA",
                "a.yaml, key where, value 'm': the measure matches nothing in this dataset. widen",
                id="112-nothing",
            ),
            pytest.param(
                ", from_place: HUBB",
                "a.yaml, key from_place, value 'HUBB': no from place of this name exists. "
                "did you mean 'HUB'?",
                id="112-unknown",
            ),
        ],
        REFUSED,
    ),
)
def test_a_measure_that_matches_nothing_is_refused(island: Path, where: str, told: str) -> None:
    (island / "scenarios" / "a.yaml").write_text(MEASURE.format(where), encoding="utf-8")
    before = state(Path())
    ran = aftercut("run", island)
    whole(ran)
    assert told in ran.err
    assert state(Path()) == before


@pytest.mark.corpus(113, WARNED)
def test_a_measure_that_matches_everything_is_warned_of(island: Path) -> None:
    (island / "scenarios" / "a.yaml").write_text(MEASURE.format(""), encoding="utf-8")
    ran = aftercut("check", island)
    assert ran.code == 0
    assert "the measure aims at every row of lanes" in ran.out


@pytest.mark.corpus(115, REFUSED)
@pytest.mark.parametrize(
    ("words", "limit"),
    [
        ("scan tutorial --order 12", "less than or equal to 2"),
        ("uncertainty tutorial --draws 1000000000000", "less than or equal to 1000000"),
        ("coalition hub-closed --dataset tutorial --orders 1000000000000", "equal to 1000000"),
        ("horizon hub-closed --dataset tutorial --months 1000000000000", "equal to 120"),
        ("horizon hub-closed --dataset tutorial --adopt-months 1..1000000000000", "1..10000"),
    ],
)
def test_more_than_can_ever_be_tried_is_refused_with_the_count(
    island: Path, words: str, limit: str
) -> None:
    before = state(Path())
    ran = aftercut(*words.split())
    assert (ran.code, ran.out) == (2, "")
    assert limit in ran.err
    assert state(Path()) == before


@pytest.mark.corpus(117, ACCEPTED)
def test_what_looks_like_a_template_is_text_to_the_end(island: Path) -> None:
    text = "{{7*7}} ${HOME} %(x)s"
    scenario = MEASURE.format(", lane: hub-isle").replace("id: a", f"id: a\ntitle: '{text}'")
    (island / "scenarios" / "a.yaml").write_text(scenario, encoding="utf-8")
    assert aftercut("run", island, "--out", "out").code == 0
    for name in ("answer.json", "results.csv", "report.html"):
        assert text in Path("out", name).read_text(encoding="utf-8")


@pytest.mark.corpus(132, REFUSED)
@pytest.mark.parametrize("out", ["island", "island/lanes.csv", "a.yaml", "."])
def test_an_output_that_is_an_input_is_refused(island: Path, out: str) -> None:
    Path("a.yaml").write_text(MEASURE.format(", lane: hub-isle"), encoding="utf-8")
    before = state(Path())
    ran = aftercut("run", island, "--scenario", "a.yaml", "--out", out)
    assert (ran.code, ran.out) == (3, "")
    assert "Traceback" not in ran.err
    assert state(Path()) == before
