"""Helpers: the same as without them, whoever does what, and nothing lost with a killed one."""

import hashlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass
from functools import partial
from operator import neg
from pathlib import Path
from typing import NoReturn

import pandas as pd
import pytest

from analyzer.network.case import Case, case
from analyzer.report.kept import kept
from analyzer.report.written import drawn
from analyzer.study.compare import compare
from analyzer.study.crew import MOST_HELPERS, Crew, crew
from benchmarks.networks import network
from tests.random_scenarios import some_scenario

TASKS = {f"task {n}": n for n in range(40)}
DOUBLED = {name: 2 * n for name, n in TASKS.items()}


@dataclass(frozen=True)
class Doubling:
    """Slow enough for all to have some of it."""

    def worker(self) -> Callable[[int], int]:
        return doubled


@dataclass(frozen=True)
class Locked:
    """A job that cannot be sent."""

    def worker(self) -> Callable[[int], int]:
        return doubled

    def __reduce__(self) -> NoReturn:
        raise TypeError


@dataclass(frozen=True)
class Failing:
    def worker(self) -> Callable[[Path], int]:
        return failed


def doubled(number: int) -> int:
    time.sleep(0.01)
    return 2 * number


def waited(folder: Path, count: int) -> int:
    """Wait until so many others have left a mark."""
    late = time.monotonic() + 60
    while len(list(folder.iterdir())) < count and time.monotonic() < late:
        time.sleep(0.01)
    return os.getpid()


def failed(folder: Path) -> NoReturn:
    marked(folder)
    raise ZeroDivisionError


def marked(folder: Path, count: int = 1) -> int:
    """Leave a mark, and wait until so many others have."""
    (folder / str(os.getpid())).touch()
    return waited(folder, count)


@dataclass(frozen=True)
class Marking:
    def worker(self) -> Callable[[Path], int]:
        return partial(marked, count=2)


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> Iterator[Crew]:
    """Return two helpers that are ready."""
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    with crew("analyzer.study.compare") as helpers:
        for helper in helpers.helpers:
            helper.submit(neg, 1).result()
        yield helpers


def kill(helpers: Crew) -> None:
    for helper in helpers.helpers:
        for process in list(helper._processes):
            os.kill(process, signal.SIGKILL)
        with pytest.raises(BrokenExecutor):
            helper.submit(time.sleep, 60).result(timeout=60)


def test_tasks_are_shared_and_told_in_their_order(two: Crew, tmp_path: Path) -> None:
    tasks = dict.fromkeys(TASKS, tmp_path)
    found = two.shared_out(tasks, job=Marking(), here=partial(waited, count=2))
    assert list(found) == list(TASKS)
    assert len(set(found.values())) == 3


def test_it_does_not_matter_who_does_a_task(two: Crew) -> None:
    assert two.shared_out(TASKS, job=Doubling(), here=doubled) == DOUBLED
    assert Crew().shared_out(TASKS, job=Doubling(), here=doubled) == DOUBLED


def test_a_round_ends_though_all_helpers_are_killed_over_it(two: Crew) -> None:
    def here(number: int) -> int:
        if number == 3:
            kill(two)
        return doubled(number)

    assert two.shared_out(TASKS, job=Doubling(), here=here) == DOUBLED


def test_killed_helpers_are_not_asked_again(two: Crew) -> None:
    kill(two)
    assert two.shared_out(TASKS, job=Doubling(), here=doubled) == DOUBLED
    assert two.begin(neg, 4)() == -4


def test_what_a_helper_began_is_done_here_if_it_is_killed_over_it(two: Crew) -> None:
    waiting = two.begin(slow_unless_here, os.getpid())
    kill(two)
    assert waiting() == os.getpid()


def slow_unless_here(here: int) -> int:
    if os.getpid() != here:
        time.sleep(60)
    return os.getpid()


def test_a_job_that_cannot_be_sent_is_done_here(two: Crew) -> None:
    assert two.shared_out(TASKS, job=Locked(), here=doubled) == DOUBLED


def test_what_fails_there_is_raised_here(two: Crew, tmp_path: Path) -> None:
    tasks = dict.fromkeys(TASKS, tmp_path)
    with pytest.raises(ZeroDivisionError):
        two.shared_out(tasks, job=Failing(), here=partial(waited, count=1))
    with pytest.raises(ZeroDivisionError):
        two.begin(failed, tmp_path)()


@pytest.mark.parametrize(("cores", "count"), [(None, 0), (1, 0), (2, 1), (64, MOST_HELPERS)])
def test_every_core_but_ours_has_a_helper(
    cores: int | None, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    with crew() as helpers:
        assert len(helpers.helpers) == count


def test_scenarios_are_examined_alike_by_helpers(two: Crew) -> None:
    tables = network(3)
    chosen = tuple(
        some_scenario(tables, seed).model_copy(update={"id": f"s{seed}"}) for seed in range(12)
    )
    tried = Case(tables, scenarios=chosen)
    alone, helped = compare(tried), compare(tried, crew=two)
    assert (alone.tally, alone.programmes) == (helped.tally, helped.programmes)
    names = ("table", "systems", "flows", "elements", "cuts", "measures", "certificates", "binding")
    for name in (*names, "changes", "unlisted"):
        pd.testing.assert_frame_equal(getattr(helped, name), getattr(alone, name), check_exact=True)


@pytest.mark.parametrize("dataset", ["tutorial", "russia-uas"])
def test_a_case_can_be_sent(dataset: str, two: Crew) -> None:
    found = case(dataset)
    assert two.begin(sha_of_tables_and_scenarios, found)() == sha_of_tables_and_scenarios(found)


def sha_of_tables_and_scenarios(found: Case) -> str:
    told = repr((found.tables, found.scenarios, sorted(found.measures)))
    return hashlib.sha256(told.encode()).hexdigest()


def test_a_helper_draws_the_same_report(two: Crew) -> None:
    run = kept(compare(case("tutorial")))
    assert two.begin(drawn, run)() == drawn(run)
