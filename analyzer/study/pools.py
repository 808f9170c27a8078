"""Where chunks of a sweep are worked on: in this process, on threads, or in other processes.

Convention: a seat holds a job where it is done and makes one worker for each thread that works
there; what a chunk gives depends on the chunk alone, so it does not matter who works on it.
"""

import gc
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, NamedTuple, Protocol, TypeVar

import pandas as pd
from joblib.externals.loky import ProcessPoolExecutor

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)
"""Environment of worker processes: each has a core to itself, and no more."""
LOOKS = 1.0
"""Seconds after which a worker process looks again whether it was left alone."""


class Worker(Protocol[T_contra]):
    """What works on chunks, one after the other, with what it keeps loaded."""

    def rows(self, tasks: Sequence[T_contra]) -> pd.DataFrame:
        """Return the rows of a chunk, in the order of its tasks; no chunk before it matters.

        All chunks of a job have the same columns, of the same types.
        """


class Work(Protocol[T_contra]):
    """What is sent to where it is done: arrays and plain tuples, light to pickle."""

    def worker(self) -> Worker[T_contra]:
        """Return a new worker; one serves one thread."""

    def unsolved(self, task: T_contra, why: str) -> pd.DataFrame:
        """Return the rows of a task that fails whenever it is tried: no numbers, not certified."""


class Backend(StrEnum):
    """Who works here: threads share memory, processes also what holds Python's lock."""

    THREADS = "threads"
    PROCESSES = "processes"


@dataclass(frozen=True)
class Pool(Generic[T]):
    """What takes chunks.

    Attributes
    ----------
    width : int
        How many chunks it takes at a time: those that are worked on, and the next ones.
    submit : callable
        Takes a chunk, hands over the promise of its rows.
    deaths : tuple of exception types
        What the promise raises if whoever worked on the chunk died.
    """

    width: int
    submit: Callable[[Sequence[T]], "Future[pd.DataFrame]"]
    deaths: tuple[type[Exception], ...] = ()


class Seat(Generic[T]):
    """A job where it is done: one worker a thread, made when the first chunk comes."""

    def __init__(self, job: Work[T]) -> None:
        """Keep the job."""
        self._job = job
        self._own = threading.local()

    def __reduce__(self) -> tuple[type["Seat[T]"], tuple[Work[T]]]:
        """Send the job alone; workers are made where they work."""
        return Seat, (self._job,)

    def rows(self, tasks: Sequence[T]) -> pd.DataFrame:
        """Return the rows of a chunk; a task that keeps failing gets the row of what is unsolved.

        A worker in which something failed is replaced, since nobody knows what it left behind.
        """
        try:
            return self._tried(tasks)
        except _TaskError:
            return isolated(tasks, self._tried, unsolved=self._job.unsolved, failures=(_TaskError,))

    def _tried(self, tasks: Sequence[T]) -> pd.DataFrame:
        worker: Worker[T] | None = getattr(self._own, "worker", None)
        if worker is None:
            worker = self._own.worker = self._job.worker()
        try:
            return worker.rows(tasks)
        except Exception as error:
            del self._own.worker
            raise _TaskError(_said(error)) from error


class _TaskError(Exception):
    """Something failed within a chunk; the message says what."""


def isolated(
    tasks: Sequence[T],
    attempt: Callable[[Sequence[T]], pd.DataFrame],
    *,
    unsolved: Callable[[T, str], pd.DataFrame],
    failures: tuple[type[Exception], ...],
) -> pd.DataFrame:
    """Return the rows of a chunk that failed: tried again, then split down to the failing tasks.

    Parameters
    ----------
    tasks : sequence
        The chunk.
    attempt : callable
        Gives the rows of a chunk, or raises one of the failures.
    unsolved : callable
        Gives the rows of a task that fails by itself, and why.
    failures : tuple of exception types
        What counts as failing; anything else ends the sweep.
    """
    try:
        return attempt(tasks)
    except failures as error:
        if len(tasks) == 1:
            return unsolved(tasks[0], str(error))
    middle = len(tasks) // 2
    halves = (
        isolated(half, attempt, unsolved=unsolved, failures=failures)
        for half in (tasks[:middle], tasks[middle:])
    )
    return pd.concat(halves, ignore_index=True)


def _said(error: Exception) -> str:
    first = (str(error).splitlines() or [""])[0]
    return f"{type(error).__name__}: {first}"[:200]


@contextmanager
def here(job: Work[T]) -> Iterator[Pool[T]]:
    """Work in this thread, one chunk at a time."""
    seat = Seat(job)

    def submit(tasks: Sequence[T]) -> "Future[pd.DataFrame]":
        done: Future[pd.DataFrame] = Future()
        done.set_result(seat.rows(tasks))
        return done

    yield Pool(1, submit)


@contextmanager
def threads(job: Work[T], count: int) -> Iterator[Pool[T]]:
    """Work on threads; at the end, also after an interruption, wait for what is under way.

    A solver's thread that is still at work when Python ends takes the process down with it.
    """
    seat = Seat(job)
    executor = ThreadPoolExecutor(count)
    try:
        yield Pool(2 * count, lambda tasks: executor.submit(seat.rows, tasks))
    finally:
        executor.shutdown(cancel_futures=True)


@contextmanager
def processes(job: Work[T], count: int) -> Iterator[Pool[T]]:
    """Work in other processes, to each of which the job is sent once."""
    executor = ProcessPoolExecutor(
        count, initializer=_sit_down, initargs=(Seat(job), starter()), env=ONE_THREAD
    )

    def submit(tasks: Sequence[T]) -> "Future[pd.DataFrame]":
        try:
            promise: Future[pd.DataFrame] = executor.submit(_rows_here, tasks)
        except BrokenExecutor as error:  # somebody died while idle
            promise = Future()
            promise.set_exception(error)
        return promise

    try:
        yield Pool(2 * count, submit, deaths=(BrokenExecutor,))
    finally:
        executor.shutdown(kill_workers=True)


_SEATS: list[Seat[object]] = []
"""In a worker process: the one seat there."""


class Starter(NamedTuple):
    """What a process that helps is told of the one that starts it.

    Attributes
    ----------
    process : int
        Its number.
    collected : tuple of int
        How seldom it looks for rings of objects that nothing holds (`gc.get_threshold`).
    """

    process: int
    collected: tuple[int, int, int]


def starter() -> Starter:
    """Return what the processes that this one starts are told of it."""
    return Starter(os.getpid(), gc.get_threshold())


def settle(by: Starter) -> None:
    """Make a process ready to help.

    An interruption passes it by, since who started it hears that too, and ends it; it looks for
    rings of objects as seldom; and where who started it was killed, it ends by itself, since
    nobody would ask it for anything again (Windows does not tell, and there it stays).
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(*by.collected)
    threading.Thread(target=_end_after, args=(by.process,), daemon=True).start()


def _end_after(process: int) -> None:
    while os.getppid() == process:
        time.sleep(LOOKS)
    os._exit(1)


def _sit_down(seat: Seat[object], by: Starter) -> None:
    settle(by)
    _SEATS[:] = [seat]


def _rows_here(tasks: Sequence[object]) -> pd.DataFrame:
    return _SEATS[0].rows(tasks)
