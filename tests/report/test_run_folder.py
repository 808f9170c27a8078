import csv
import errno
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.report.parquet import read_parquet
from analyzer.report.run_folder import (
    JOURNAL,
    LOCK,
    ChangedRunError,
    OutputRefusedError,
    RunFolder,
    UnfinishedRunError,
    fresh_folder,
    read_run,
    run_folder,
    safe_name,
)

NOON = datetime(2026, 3, 1, 12, 0, 5, tzinfo=UTC)
TABLE = pd.DataFrame({"scenario": ["hub-closed", "school-halved"], "surviving": [0.5, 0.7222]})


def write_a_run(folder: Path, *, text: str = "one", name: str = "page.html") -> None:
    with run_folder(folder) as run:
        run.write_text(name, text)
        run.write_csv("table.csv", TABLE)
        run.finish({"dataset": "tutorial"})


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- the folder's name ---


def test_a_fresh_folder_is_named_by_dataset_and_utc_time(tmp_path: Path) -> None:
    in_delhi = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    folder = fresh_folder(tmp_path / "out", "russia-uas", now=in_delhi)
    assert folder == tmp_path / "out" / "russia-uas-20260301T120005Z"
    assert names(folder) == []


def test_a_taken_name_gets_a_number(tmp_path: Path) -> None:
    made = [fresh_folder(tmp_path, "d", now=NOON).name for _ in range(3)]
    assert made == [f"d-20260301T120005Z{end}" for end in ("", "-2", "-3")]


def test_a_parent_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(OutputRefusedError, match="cannot write"):
        fresh_folder(tmp_path / "out", "d", now=NOON)
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.corpus(56, 57, "accepted")
@pytest.mark.parametrize(
    "text",
    ["CON", "con", "nul.csv", "..", ".", "", "a/b", "a\\b", "x" * 300, "Hub", " ", "a.", "\ud800"],
)
def test_a_text_that_is_no_safe_name_is_replaced(text: str) -> None:
    name = safe_name(text)
    assert name != text
    assert safe_name(name) == name
    assert len(name) <= 64


@given(st.text(max_size=80), st.text(max_size=80))
def test_different_texts_have_different_names_even_where_case_is_ignored(a: str, b: str) -> None:
    assert (safe_name(a).casefold() == safe_name(b).casefold()) == (a == b)


# --- a run that ends ---


def test_a_finished_run_reads_back_with_the_hash_of_each_file(tmp_path: Path) -> None:
    write_a_run(tmp_path / "run")
    manifest = read_run(tmp_path / "run")
    assert manifest["dataset"] == "tutorial"
    assert names(tmp_path / "run") == ["page.html", "run.json", "table.csv"]
    assert manifest["files"] == {
        "page.html": hashlib.sha256(b"one").hexdigest(),
        "table.csv": hashlib.sha256((tmp_path / "run/table.csv").read_bytes()).hexdigest(),
    }


def test_two_equal_runs_are_equal_byte_for_byte(tmp_path: Path) -> None:
    for folder in (tmp_path / "a", tmp_path / "b"):
        with run_folder(folder) as run:
            run.write_csv("table.csv", TABLE)
            run.write_parquet("table.parquet", TABLE)
            run.write_json("table.json", {"b": 1, "a": [0.1]})
            run.finish({})
    for name in names(tmp_path / "a"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_files_get_the_rights_that_other_files_get(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    write_a_run(tmp_path / "run")
    assert (tmp_path / "run/page.html").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_new_run_replaces_an_earlier_one_and_what_only_that_had_written(tmp_path: Path) -> None:
    write_a_run(tmp_path, name="old.html")
    write_a_run(tmp_path, text="two")
    assert names(tmp_path) == ["page.html", "run.json", "table.csv"]
    assert (tmp_path / "page.html").read_text() == "two"
    read_run(tmp_path)


def test_a_link_under_one_of_our_names_is_replaced_and_not_followed(tmp_path: Path) -> None:
    write_a_run(tmp_path / "run")
    target = tmp_path / "precious"
    target.write_text("mine")
    for name in ("page.html", JOURNAL):
        (tmp_path / "run" / name).unlink(missing_ok=True)
        (tmp_path / "run" / name).symlink_to(target)
    write_a_run(tmp_path / "run", text="two")
    assert target.read_text() == "mine"
    assert not (tmp_path / "run/page.html").is_symlink()


def test_a_name_is_written_once_and_nothing_after_the_end(tmp_path: Path) -> None:
    with run_folder(tmp_path) as run:
        run.write_text("a.txt", "1")
        with pytest.raises(ValueError, match="no name for one more file"):
            run.write_text("a.txt", "2")
        run.finish({})
        with pytest.raises(ValueError, match="finished"):
            run.write_text("b.txt", "3")
        with pytest.raises(ValueError, match="finished"):
            run.finish({})
    read_run(tmp_path)


@pytest.mark.parametrize("name", ["../x", "a/b", "run.json", LOCK, "", "A.csv", "nul.csv", "/x"])
def test_a_name_that_is_none_for_a_run_is_refused(tmp_path: Path, name: str) -> None:
    with run_folder(tmp_path / "run") as run, pytest.raises(ValueError, match="no name"):
        run.write_text(name, "x")
    assert names(tmp_path) == []


# --- a run that does not end ---


def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str) -> int:
    """How often a whole run over an earlier one calls a function of ``os``."""
    calls: list[None] = []
    real = getattr(os, function)

    def counted(*given: object) -> object:
        calls.append(None)
        return real(*given)

    write_a_run(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(os, function, counted)
        write_a_run(tmp_path)
    return len(calls)


def broken(real: Callable[..., object], *, at: int, error: BaseException) -> Callable[..., object]:
    calls: list[None] = []

    def function(*given: object) -> object:
        calls.append(None)
        if len(calls) == at:
            raise error
        return real(*given)

    return function


def whole_or_absent(folder: Path, *, before: str, after: str) -> bool:
    page = folder / "page.html"
    return not page.exists() or page.read_text() in (before, after)


@pytest.mark.parametrize(("function", "count"), [("replace", 4), ("fsync", 9)])
def test_the_steps_at_which_a_crash_is_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str, count: int
) -> None:
    assert steps(tmp_path, monkeypatch, function) == count


@pytest.mark.parametrize(
    ("function", "at"),
    [*(("replace", n) for n in range(1, 5)), *(("fsync", n) for n in range(1, 10))],
)
@pytest.mark.parametrize(
    ("error", "raised"),
    [(OSError(errno.ENOSPC, "disk full"), OutputRefusedError), (KeyboardInterrupt(), None)],
)
def test_a_run_broken_at_any_step_leaves_no_half_file_and_can_be_run_again(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    function: str,
    at: int,
    error: BaseException,
    raised: type[BaseException] | None,
) -> None:
    write_a_run(tmp_path, text="one")
    before = (tmp_path / "run.json").read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(os, function, broken(getattr(os, function), at=at, error=error))
        with pytest.raises(raised or type(error)):
            write_a_run(tmp_path, text="a longer two")
    assert whole_or_absent(tmp_path, before="one", after="a longer two")
    assert not [name for name in names(tmp_path) if name.startswith(".aftercut-new-")]
    assert LOCK not in names(tmp_path)
    ended = (function, at) == ("fsync", 9)
    if ended or at < {"replace": 2, "fsync": 7}[function]:
        read_run(tmp_path)
        assert ((tmp_path / "run.json").read_bytes() == before) != ended
    else:
        with pytest.raises(UnfinishedRunError, match="did not end"):
            read_run(tmp_path)
    write_a_run(tmp_path, text="three")
    assert names(tmp_path) == ["page.html", "run.json", "table.csv"]
    assert read_run(tmp_path)["files"]["page.html"] == hashlib.sha256(b"three").hexdigest()


KILLED = """
import os, signal, sys
from pathlib import Path
from analyzer.report.run_folder import run_folder
with run_folder(Path(sys.argv[1])) as run:
    run.write_text("page.html", "whole")
    os.replace = lambda *given: os.kill(os.getpid(), signal.SIGKILL)
    run.write_text("table.csv", "never renamed")
"""


def test_a_killed_run_is_unfinished_and_its_leftovers_do_not_stop_the_next(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, tmp_path], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert names(tmp_path) == [JOURNAL, LOCK, ".aftercut-new-table.csv", "page.html"]
    with pytest.raises(UnfinishedRunError):
        read_run(tmp_path)
    write_a_run(tmp_path, name="other.html")
    assert names(tmp_path) == ["other.html", "run.json", "table.csv"]


def test_an_earlier_run_survives_a_new_one_that_fails_before_it_writes(tmp_path: Path) -> None:
    write_a_run(tmp_path)
    with pytest.raises(ZeroDivisionError), run_folder(tmp_path):
        raise ZeroDivisionError
    read_run(tmp_path)


def test_a_run_that_writes_nothing_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), run_folder(tmp_path / "run"):
        raise ZeroDivisionError
    assert names(tmp_path) == []


def test_what_was_whole_stays_when_a_later_file_fails(tmp_path: Path) -> None:
    with run_folder(tmp_path) as run:
        run.write_text("page.html", "whole")
        with pytest.raises(ValueError, match="JSON"):
            run.write_json("result.json", {"capacity": float("nan")})
    assert names(tmp_path) == [JOURNAL, "page.html"]
    assert (tmp_path / "page.html").read_text() == "whole"


# --- what is not ours ---


def test_a_folder_with_anything_else_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    before = tmp_path.stat().st_mtime_ns
    with pytest.raises(OutputRefusedError, match="neither empty nor an earlier run"):
        write_a_run(tmp_path)
    assert names(tmp_path) == ["thesis.txt"]
    assert tmp_path.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        '{"files": []}',
        '{"files": {"../x": "' + "0" * 64 + '"}}',
        '{"files": {"x": "y"}}',
        '{"files": {"x": 1}}',
        "no json",
        "[" * 100_000,
        "\ufeff{}",
    ],
)
def test_a_run_json_that_no_run_wrote_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    with pytest.raises(OutputRefusedError, match="none that a run writes"):
        write_a_run(tmp_path)
    with pytest.raises(ChangedRunError, match=r"run\.json"):
        read_run(tmp_path)
    assert (tmp_path / "run.json").read_text(encoding="utf-8") == text


def test_a_foreign_file_beside_an_earlier_run_is_kept(tmp_path: Path) -> None:
    write_a_run(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    write_a_run(tmp_path, text="two")
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_foreign_file_under_a_new_name_of_ours_is_not_overwritten(tmp_path: Path) -> None:
    write_a_run(tmp_path)
    (tmp_path / "notes.html").write_text("mine")
    with pytest.raises(OutputRefusedError, match="written by no run"):
        write_a_run(tmp_path, name="notes.html")
    assert (tmp_path / "notes.html").read_text() == "mine"
    read_run(tmp_path)


def a_file(path: Path) -> None:
    path.write_text("mine")


def a_loop(path: Path) -> None:
    path.symlink_to(path)


def a_dangling_link(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere")


@pytest.mark.parametrize("made", [a_file, a_loop, a_dangling_link])
def test_a_path_that_is_no_folder_is_refused(tmp_path: Path, made: Callable[[Path], None]) -> None:
    made(tmp_path / "out")
    with pytest.raises(OutputRefusedError, match="is no folder"):
        write_a_run(tmp_path / "out")
    assert names(tmp_path) == ["out"]


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    a_file(tmp_path / "file")
    with pytest.raises(OutputRefusedError, match="cannot write"):
        write_a_run(tmp_path / "file" / "out")


def test_a_folder_that_cannot_be_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "open", broken(os.open, at=1, error=PermissionError(13, "not yours")))
    with pytest.raises(OutputRefusedError, match="not yours"):
        write_a_run(tmp_path)


def test_a_linked_folder_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_a_run(tmp_path / "link")
    read_run(tmp_path / "real")


@pytest.mark.parametrize("place", [".", "case.xlsx", "deep/case.xlsx"])
def test_an_output_that_is_or_holds_an_input_is_refused(tmp_path: Path, place: str) -> None:
    write_a_run(tmp_path / "run")
    source = tmp_path / "run" / place
    with (
        pytest.raises(OutputRefusedError, match="the input"),
        run_folder(tmp_path / "run", inputs=[source]),
    ):
        pytest.fail("the folder was opened")


def test_an_input_reached_by_a_link_is_seen(tmp_path: Path) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "case")
    with (
        pytest.raises(OutputRefusedError, match="the input"),
        run_folder(tmp_path / "link", inputs=[tmp_path / "case"]),
    ):
        pytest.fail("the folder was opened")


def test_an_output_within_a_folder_of_inputs_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "case").mkdir()
    with run_folder(tmp_path / "case" / "out", inputs=[tmp_path / "case"]) as run:
        run.finish({})
    read_run(tmp_path / "case" / "out")


def test_a_hostile_path_is_shown_and_not_played(tmp_path: Path) -> None:
    a_file(tmp_path / "a\x1b[2J\u202e")
    with pytest.raises(OutputRefusedError, match=r"a<U\+001B>\[2J<U\+202E>"):
        write_a_run(tmp_path / "a\x1b[2J\u202e")


# --- two at once ---


def test_a_second_run_in_the_same_folder_is_told_to_wait(tmp_path: Path) -> None:
    with run_folder(tmp_path) as run:
        run.write_text("page.html", "first")
        with pytest.raises(OutputRefusedError, match="another run is writing"):
            write_a_run(tmp_path, text="second")
        run.finish({})
    assert (tmp_path / "page.html").read_text() == "first"
    read_run(tmp_path)


HOLDING = """
import sys
from pathlib import Path
from analyzer.report.run_folder import run_folder
with run_folder(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_another_process_is_told_to_wait_until_the_first_ends(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(OutputRefusedError, match="another run is writing"):
            write_a_run(folder)
        other.communicate()
    assert other.returncode == 0
    write_a_run(folder)


def test_a_lock_taken_away_by_a_run_that_just_ended_counts_as_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.open

    def opened(path: Path, flags: int, mode: int) -> int:
        descriptor = real(path, flags, mode)
        path.unlink()
        return descriptor

    monkeypatch.setattr(os, "open", opened)
    with pytest.raises(OutputRefusedError, match="another run is writing"):
        write_a_run(tmp_path / "run")


# --- verification ---


def test_a_changed_and_a_missing_file_are_named(tmp_path: Path) -> None:
    write_a_run(tmp_path)
    (tmp_path / "page.html").write_text("onE")
    (tmp_path / "table.csv").unlink()
    with pytest.raises(ChangedRunError) as refused:
        read_run(tmp_path)
    assert refused.value.names == ("page.html", "table.csv")


def test_a_pipe_in_place_of_a_file_does_not_hang(tmp_path: Path) -> None:
    write_a_run(tmp_path)
    (tmp_path / "page.html").unlink()
    os.mkfifo(tmp_path / "page.html")
    with pytest.raises(ChangedRunError):
        read_run(tmp_path)


# --- what the files hold ---


@pytest.fixture
def open_run(tmp_path: Path) -> Iterator[RunFolder]:
    with run_folder(tmp_path / "run") as run:
        yield run


def test_json_has_sorted_keys_and_text_as_it_is(open_run: RunFolder) -> None:
    open_run.write_json("a.json", {"б": 1, "a": {"z": None, "y": 0.1}})
    text = (open_run.path / "a.json").read_text(encoding="utf-8")
    assert text == '{\n  "a": {\n    "y": 0.1,\n    "z": null\n  },\n  "б": 1\n}\n'


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_json_has_no_number_that_is_none(open_run: RunFolder, value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        open_run.write_json("a.json", [value])


def csv_rows(run: RunFolder, frame: pd.DataFrame) -> list[list[str]]:
    run.write_csv("a.csv", frame)
    content = (run.path / "a.csv").read_bytes().decode("utf-8")
    return list(csv.reader(io.StringIO(content, newline="")))


@pytest.mark.corpus(41, 42, "accepted")
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_text_that_would_start_a_formula_does_not(open_run: RunFolder, start: str) -> None:
    hostile = f"{start}cmd|'/c calc'!A1"
    frame = pd.DataFrame({"title": [hostile, "a=b"], "title2": pd.Categorical([hostile, "x"])})
    rows = csv_rows(open_run, frame.rename(columns={"title": hostile}))
    inert = "'" + hostile.replace("\r", "\n")
    assert rows[:2] == [[inert, "title2"], [inert] * 2]
    assert rows[2] == ["a=b", "x"]


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_a_line_end_within_a_text_starts_no_row(open_run: RunFolder, end: str) -> None:
    rows = csv_rows(open_run, pd.DataFrame({"title": [f"x{end}=cmd"]}))
    assert rows == [["title"], ["x\n=cmd"]]


def test_numbers_in_csv_are_left_alone(open_run: RunFolder) -> None:
    frame = pd.DataFrame(
        {
            "float": [-0.1, float("nan")],
            "int": [-1, 2],
            "mixed": [-3, "-3"],
            "some": pd.array([-5, None], dtype="Int64"),
            "yes": [True, False],
        }
    )
    assert csv_rows(open_run, frame) == [
        ["float", "int", "mixed", "some", "yes"],
        ["-0.1", "-1", "-3", "-5", "True"],
        ["", "2", "'-3", "", "False"],
    ]


def test_csv_is_utf8_with_unix_lines_and_blanks_for_what_is_missing(open_run: RunFolder) -> None:
    open_run.write_csv(
        "a.csv", pd.DataFrame({"name": ["дрон", None], "x": [0.1, 2.0]}, index=[7, 8])
    )
    assert (open_run.path / "a.csv").read_bytes() == "name,x\nдрон,0.1\n,2.0\n".encode()


def read_back(run: RunFolder, name: str) -> tuple[list[str], list[tuple[Any, ...]]]:
    with duckdb.connect() as connection:
        held = connection.read_parquet(str(run.path / name))
        return [str(kind) for kind in held.types], held.fetchall()


@pytest.mark.parametrize(
    ("frame", "kinds", "rows"),
    [
        (
            pd.DataFrame({"t": ["=1", None], "x": [1.5, float("nan")], "n": [1, 2]}),
            ["VARCHAR", "DOUBLE", "BIGINT"],
            [("=1", 1.5, 1), (None, None, 2)],
        ),
        (TABLE.iloc[:0], ["VARCHAR", "DOUBLE"], []),
        (
            pd.DataFrame({"t": pd.Series([None, None], dtype=object), "x": [float("nan")] * 2}),
            ["VARCHAR", "DOUBLE"],
            [(None, None), (None, None)],
        ),
        (pd.DataFrame({"t": pd.Series([], dtype=object)}), ["VARCHAR"], []),
    ],
    ids=["plain", "empty", "all null", "empty object"],
)
def test_parquet_keeps_rows_and_kinds(
    open_run: RunFolder, frame: pd.DataFrame, kinds: list[str], rows: list[tuple[Any, ...]]
) -> None:
    open_run.write_parquet("a.parquet", frame)
    assert read_back(open_run, "a.parquet") == (kinds, rows)


def test_parquet_is_the_same_twice_when_it_has_many_rows(open_run: RunFolder) -> None:
    rows = 300_000
    many = pd.DataFrame({"k": [f"k{n % 977}" for n in range(rows)], "x": range(rows)})
    open_run.write_parquet("a.parquet", many)
    open_run.write_parquet("b.parquet", many)
    files = [(open_run.path / name).read_bytes() for name in ("a.parquet", "b.parquet")]
    assert files[0] == files[1]


def test_parquet_whose_names_are_no_text_is_no_parquet(open_run: RunFolder) -> None:
    open_run.write_parquet("a.parquet", pd.DataFrame({"scenario": ["x"]}))
    path = open_run.path / "a.parquet"
    path.write_bytes(path.read_bytes().replace(b"scenario", b"scen\xffrio"))
    with pytest.raises(ValueError, match="conversion"):
        read_parquet(path)


def test_parquet_goes_where_the_folder_is_whatever_its_name(tmp_path: Path) -> None:
    with run_folder(tmp_path / "it's 100% [a]*?") as run:
        run.write_parquet("a.parquet", TABLE)
        assert names(run.path) == [JOURNAL, LOCK, "a.parquet"]


def test_writing_leaves_the_callers_frame_as_it_was(open_run: RunFolder) -> None:
    frame = pd.DataFrame({"=a": ["=b", None], "n": pd.Series([None, None], dtype=object)})
    before = frame.copy(deep=True)
    open_run.write_csv("a.csv", frame)
    open_run.write_parquet("a.parquet", frame)
    pd.testing.assert_frame_equal(frame, before)


def test_the_manifest_is_json_that_names_every_file(tmp_path: Path) -> None:
    write_a_run(tmp_path)
    manifest = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert set(manifest["files"]) == {"page.html", "table.csv"}
