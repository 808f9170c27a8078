"""A sweep gives the same rows whoever works on it, and outlives what fails."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from analyzer.study.sweep import Backend, How, sweep
from tests.study.sweeping import TASKS, Squares, Worker

THREADS, PROCESSES = How(jobs=2, chunk=8), How(jobs=2, chunk=8, backend=Backend.PROCESSES)
SERIAL = How(chunk=8)
EACH = pytest.mark.parametrize(
    "how", [SERIAL, THREADS, PROCESSES], ids=["serial", "threads", "processes"]
)


def squares(numbers: range, without: frozenset[int] = frozenset(), note: str = "") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "n": numbers,
            "square": [float("nan") if n in without else float(n * n) for n in numbers],
            "note": [note if n in without else "" for n in numbers],
        }
    )


def workers(folder: Path) -> int:
    return len(list(folder.glob("worker-*")))


@EACH
def test_rows_stand_in_the_order_of_the_tasks(tmp_path: Path, how: How) -> None:
    found = sweep(Squares(tmp_path), TASKS, how=how)
    pd.testing.assert_frame_equal(found, squares(range(100)))
    assert workers(tmp_path) <= how.jobs


def test_a_chunk_is_cut_by_the_number_of_tasks_alone() -> None:
    assert How(jobs=1).chunk_of(5000) == How(jobs=64).chunk_of(5000)


def test_two_workers_share_few_heavy_tasks_about_evenly(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Heavy(Squares):
        @property
        def solves(self) -> int:
            return 32

    told: list[tuple[int, int]] = []
    sweep(Heavy(tmp_path), TASKS, how=How(), progress=lambda *each: told.append(each))
    assert len(told) == 1 + len(TASKS) / 4


@EACH
def test_progress_is_told_from_the_start_to_the_end(tmp_path: Path, how: How) -> None:
    told: list[tuple[int, int]] = []
    sweep(Squares(tmp_path), TASKS, how=how, progress=lambda *each: told.append(each))
    assert told[0] == (0, 100)
    assert told[-1] == (100, 100)
    assert len(told) == 14
    assert told == sorted(told)


@EACH
def test_a_task_that_keeps_failing_is_named_and_the_rest_is_delivered(
    tmp_path: Path, how: How
) -> None:
    bad = frozenset({3, 40, 41})
    found = sweep(Squares(tmp_path, fails=bad), TASKS, how=how)
    assert list(found.loc[sorted(bad), "note"]) == [
        f"RuntimeError: {n} is not to be squared" for n in sorted(bad)
    ]
    kept = found[~found["n"].isin(bad)]
    pd.testing.assert_frame_equal(kept, squares(range(100)).loc[kept.index])


@EACH
def test_what_fails_once_leaves_no_trace(tmp_path: Path, how: How) -> None:
    found = sweep(Squares(tmp_path, fails=frozenset({3, 40}), once=True), TASKS, how=how)
    pd.testing.assert_frame_equal(found, squares(range(100)))


def test_a_worker_that_is_killed_is_replaced(tmp_path: Path) -> None:
    found = sweep(Squares(tmp_path, kills=frozenset({20}), once=True), TASKS, how=PROCESSES)
    pd.testing.assert_frame_equal(found, squares(range(100)))
    assert workers(tmp_path) > PROCESSES.jobs


def test_a_task_that_kills_whoever_works_on_it_is_named(tmp_path: Path) -> None:
    how = How(jobs=2, chunk=4, backend=Backend.PROCESSES)
    found = sweep(Squares(tmp_path, kills=frozenset({2})), TASKS[:12], how=how)
    note = "the process that worked on it died"
    pd.testing.assert_frame_equal(found, squares(range(12), frozenset({2}), note))


class Unable(Squares):
    def worker(self) -> Worker:
        msg = "no programme"
        raise ValueError(msg)


@EACH
def test_a_job_that_makes_no_worker_ends_the_sweep(tmp_path: Path, how: How) -> None:
    with pytest.raises(ValueError, match="no programme"):
        sweep(Unable(tmp_path), TASKS, how=how)
