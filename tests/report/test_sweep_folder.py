"""A sweep that is broken off is taken up where it stopped: nothing lost, nothing doubled."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import pytest

from analyzer.report.run_folder import JOURNAL, OutputRefusedError, read_run, run_folder
from analyzer.report.sweep_folder import SweepFolder
from analyzer.study.sweep import How, sweep
from tests.study.sweeping import TASKS, Squares

ROOT = Path(__file__).parents[2]
HOW = How(chunk=8)


def swept(
    folder: Path,
    job: Squares,
    *,
    how: How = HOW,
    asked: Mapping[str, object] | None = None,
    resume: bool = False,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> pd.DataFrame:
    with run_folder(folder, resume=resume) as run:
        store = SweepFolder(run, asked=asked)
        rows = sweep(job, TASKS, how=how, store=store, progress=progress)
        run.write_parquet("results.parquet", rows)
        run.finish({"rows": len(rows)})
    return rows


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    (tmp_path / "notes").mkdir()
    return tmp_path / "notes"


@pytest.fixture
def unbroken(tmp_path: Path, notes: Path) -> Path:
    swept(tmp_path / "unbroken", Squares(notes))
    return tmp_path / "unbroken"


def broken_off(folder: Path, job: Squares, *, after: int, how: How = HOW) -> None:
    def interrupt(done: int, total: int) -> None:
        if done >= after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        swept(folder, job, how=how, progress=interrupt)


def same_bytes(one: Path, other: Path) -> bool:
    names = sorted(path.name for path in one.iterdir())
    assert names == sorted(path.name for path in other.iterdir())
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in names)


def test_a_folder_holds_the_rows_in_one_file_and_no_chunks(tmp_path: Path, notes: Path) -> None:
    rows = swept(tmp_path / "run", Squares(notes))
    names = sorted(path.name for path in (tmp_path / "run").iterdir())
    assert names == ["results.parquet", "run.json"]
    assert list(read_run(tmp_path / "run")["files"]) == ["results.parquet"]
    pd.testing.assert_frame_equal(rows, sweep(Squares(notes), TASKS, how=HOW))


def test_what_is_interrupted_keeps_its_chunks_and_only_the_rest_is_done(
    tmp_path: Path, notes: Path, unbroken: Path
) -> None:
    broken_off(tmp_path / "run", Squares(notes), after=40)
    assert len(list((tmp_path / "run").glob("chunk-*.parquet"))) == 5
    told: list[int] = []
    swept(tmp_path / "run", Squares(notes), resume=True, progress=lambda done, _: told.append(done))
    assert told == [40, 48, 56, 64, 72, 80, 88, 96, 100]
    assert same_bytes(tmp_path / "run", unbroken)


def test_it_can_be_broken_off_again_and_again(tmp_path: Path, notes: Path, unbroken: Path) -> None:
    broken_off(tmp_path / "run", Squares(notes), after=16)
    for after in (32, 56, 100):

        def interrupt(done: int, _: int, after: int = after) -> None:
            if done >= after:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            swept(tmp_path / "run", Squares(notes), resume=True, progress=interrupt)
    swept(tmp_path / "run", Squares(notes), resume=True)
    assert same_bytes(tmp_path / "run", unbroken)


KILLED = """
import sys
from pathlib import Path
from analyzer.study.sweep import How
from tests.report.test_sweep_folder import swept
from tests.study.sweeping import Squares
swept(Path(sys.argv[1]), Squares(Path(sys.argv[2]), waits=64), how=How(jobs=2, chunk=8))
"""


def test_a_sweep_that_is_killed_is_taken_up_and_gives_the_same_bytes(
    tmp_path: Path, notes: Path, unbroken: Path
) -> None:
    folder = tmp_path / "run"
    killed = subprocess.Popen(
        [sys.executable, "-c", KILLED, folder, notes],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    until = time.monotonic() + 60
    while not (notes / "waiting").exists() and time.monotonic() < until:
        time.sleep(0.02)
    killed.send_signal(signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    whole = len(list(folder.glob("chunk-*.parquet")))
    assert 1 <= whole < 13
    rows = swept(folder, Squares(notes), resume=True)
    assert list(rows["n"]) == list(range(100))
    assert same_bytes(folder, unbroken)


@pytest.mark.parametrize("harm", ["flipped", "cut off", "gone"])
def test_a_chunk_that_is_not_as_it_was_written_is_done_again(
    tmp_path: Path, notes: Path, unbroken: Path, harm: str
) -> None:
    broken_off(tmp_path / "run", Squares(notes), after=40)
    chunk = tmp_path / "run" / "chunk-000002.parquet"
    content = chunk.read_bytes()
    if harm == "gone":
        chunk.unlink()
    else:
        middle = len(content) // 2
        flipped = bytes([content[middle] ^ 1]) + content[middle + 1 :]
        chunk.write_bytes(content[:middle] + (flipped if harm == "flipped" else b""))
    told: list[int] = []
    swept(tmp_path / "run", Squares(notes), resume=True, progress=lambda done, _: told.append(done))
    assert told[0] == 32
    assert same_bytes(tmp_path / "run", unbroken)


def test_a_journal_that_was_cut_off_costs_at_most_a_chunk(
    tmp_path: Path, notes: Path, unbroken: Path
) -> None:
    broken_off(tmp_path / "run", Squares(notes), after=40)
    journal = tmp_path / "run" / JOURNAL
    journal.write_bytes(journal.read_bytes()[:-20])
    swept(tmp_path / "run", Squares(notes), resume=True)
    assert same_bytes(tmp_path / "run", unbroken)


def test_another_sweep_is_refused_by_the_name_of_what_differs(tmp_path: Path, notes: Path) -> None:
    broken_off(tmp_path / "run", Squares(notes), after=40)
    other = Squares(notes, fails=frozenset({1}))
    with pytest.raises(OutputRefusedError, match=r"fails is '\[\]' there, '\[1\]' here$"):
        swept(tmp_path / "run", other, resume=True)
    with pytest.raises(OutputRefusedError, match=r"another: chunk is '8' there, '12' here$"):
        swept(tmp_path / "run", Squares(notes), how=How(chunk=12), resume=True)
    swept(tmp_path / "run", Squares(notes), resume=True)


def test_who_asks_for_something_else_is_told_so_in_words_of_the_question(
    tmp_path: Path, notes: Path
) -> None:
    asked = {"over": "lane", "dataset": {"id": "tutorial", "sha256": "0"}}
    with pytest.raises(KeyboardInterrupt):
        swept(tmp_path / "run", Squares(notes), asked=asked, progress=interrupting)
    other = {**asked, "dataset": {"id": "tutorial", "sha256": "1"}}
    message = r"is another: dataset\.sha256 is '\"0\"' there, '\"1\"' here$"
    with pytest.raises(OutputRefusedError, match=message):
        swept(tmp_path / "run", Squares(notes, fails=frozenset({1})), asked=other, resume=True)


def interrupting(done: int, _: int) -> None:
    if done:
        raise KeyboardInterrupt


def test_a_new_run_in_the_folder_of_a_broken_one_takes_nothing_of_it(
    tmp_path: Path, notes: Path, unbroken: Path
) -> None:
    broken_off(tmp_path / "run", Squares(notes, fails=frozenset({3})), after=80)
    broken_off(tmp_path / "run", Squares(notes), after=16)
    told: list[int] = []
    swept(tmp_path / "run", Squares(notes), resume=True, progress=lambda done, _: told.append(done))
    assert told[0] == 16
    assert same_bytes(tmp_path / "run", unbroken)


def test_a_run_that_ended_is_not_taken_up(tmp_path: Path, notes: Path, unbroken: Path) -> None:
    before = (unbroken / "run.json").read_bytes()
    with pytest.raises(OutputRefusedError, match="has ended; nothing of it is missing"):
        swept(unbroken, Squares(notes), resume=True)
    assert (unbroken / "run.json").read_bytes() == before


@pytest.mark.parametrize("kind", ["absent", "empty", "foreign"])
def test_where_no_run_is_none_is_taken_up(tmp_path: Path, notes: Path, kind: str) -> None:
    folder = tmp_path / "run"
    if kind != "absent":
        folder.mkdir()
    if kind == "foreign":
        (folder / "thesis.txt").write_text("mine")
    with pytest.raises(OutputRefusedError, match="holds no run that could be taken up"):
        swept(folder, Squares(notes), resume=True)
    assert folder.exists() == (kind != "absent")


def test_many_rows_keep_their_order_and_their_types(tmp_path: Path) -> None:
    parts = [
        pd.DataFrame(
            {
                "n": pd.Series(range(start, start + 50_000), dtype="int32"),
                "value": [
                    float(n) if n % 7 else float("nan") for n in range(start, start + 50_000)
                ],
                "name": [f"cut-{n % 50}" for n in range(50_000)],
                "good": [n % 2 == 0 for n in range(50_000)],
            }
        )
        for start in range(0, 500_000, 50_000)
    ]
    with run_folder(tmp_path / "run") as run:
        folder = SweepFolder(run)
        folder.begin({}, len(parts))
        for number in reversed(range(len(parts))):
            folder.put(number, parts[number])
        whole = folder.whole(len(parts))
    pd.testing.assert_frame_equal(whole, pd.concat(parts, ignore_index=True))
