"""Many small solves of one programme: in chunks, by several workers, kept as they come.

The result depends on the job and its tasks alone: chunks are cut by the number of tasks, each
chunk's rows depend on that chunk alone, and rows stand in the order of the tasks. So neither the
number of workers, nor their order, nor an interruption between can be seen in it.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from math import ceil
from typing import Protocol, TypeVar

import pandas as pd

from analyzer.study.cluster import cluster, versions
from analyzer.study.pools import Backend, Pool, Work, Worker, here, isolated, processes, threads

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)

MOST_CHUNKS, LEAST, MOST = 256, 128, 2048
"""Into how many chunks tasks are cut at most; how many tasks of one solve a chunk has at least, and
how many tasks at most, unless so asked."""
DIED = "the process that worked on it died"

__all__ = ["Backend", "How", "Job", "Store", "Worker", "sweep"]


class Job(Work[T_contra], Protocol[T_contra]):
    """What a sweep does; picklable and light: arrays and plain tuples."""

    @property
    def identity(self) -> Mapping[str, object]:
        """What tells this job from any other, by name, as JSON has it: dataset, options, …."""

    @property
    def solves(self) -> int:
        """About how many solves a task takes; of heavy tasks a chunk has fewer."""


@dataclass(frozen=True)
class How:
    """Who works on a sweep; nothing of it can be seen in the result.

    Attributes
    ----------
    jobs : int
        How many workers; one works in this thread.
    backend : Backend
        What workers are.
    dask : str or None
        Address of the scheduler of a Dask cluster whose workers do it all instead.
    chunk : int or None
        Tasks a chunk; None goes by the number of tasks.
    """

    jobs: int = 1
    backend: Backend = Backend.THREADS
    dask: str | None = None
    chunk: int | None = None

    def chunk_of(self, tasks: int, *, solves: int = 1) -> int:
        """Return how many tasks a chunk has, of so many that take so many solves each.

        Examples
        --------
        >>> How().chunk_of(100), How().chunk_of(100_000), How(chunk=5).chunk_of(100)
        (128, 391, 5)
        >>> How().chunk_of(100, solves=32)
        4
        """
        return self.chunk or min(max(ceil(tasks / MOST_CHUNKS), ceil(LEAST / solves)), MOST)


class Store(Protocol):
    """Where rows are kept, chunk by chunk."""

    def begin(self, identity: Mapping[str, object], chunks: int) -> frozenset[int]:
        """Take up a sweep of so many chunks; return the numbers of those that are there."""

    def put(self, chunk: int, rows: pd.DataFrame) -> None:
        """Keep the rows of a chunk."""

    def whole(self, chunks: int) -> pd.DataFrame:
        """Return the rows of so many chunks, in their order."""


@dataclass
class Memory:
    """Rows kept in memory, for results that are not written."""

    kept: dict[int, pd.DataFrame] = field(default_factory=dict)

    def begin(self, identity: Mapping[str, object], chunks: int) -> frozenset[int]:  # noqa: ARG002 - as a Store
        """Begin with nothing."""
        return frozenset()

    def put(self, chunk: int, rows: pd.DataFrame) -> None:
        """Keep the rows of a chunk."""
        self.kept[chunk] = rows

    def whole(self, chunks: int) -> pd.DataFrame:
        """Return the rows of all chunks, and let go of the chunks."""
        return pd.concat([self.kept.pop(n) for n in range(chunks)], ignore_index=True)


def _silent(done: int, total: int) -> None:
    """Say nothing of how far it is."""


def sweep(
    job: Job[T],
    tasks: Sequence[T],
    *,
    how: How,
    store: Store | None = None,
    progress: Callable[[int, int], None] = _silent,
) -> pd.DataFrame:
    """Return the rows of all tasks, in the order of the tasks.

    Parameters
    ----------
    job : Job
        What makes workers.
    tasks : sequence
        At least one; each is told from the others by its ``repr``.
    how : How
        Who works.
    store : Store, optional
        Where rows are kept as they come; what it holds already is not done again.
    progress : callable
        Told how many tasks are done, of how many: at the start, and after each chunk.
    """
    kept = Memory() if store is None else store
    size = how.chunk_of(len(tasks), solves=job.solves)
    chunks = {n: tasks[start : start + size] for n, start in enumerate(range(0, len(tasks), size))}
    there = kept.begin(
        {**job.identity, "tasks": _digest(tasks), "chunk": size, "versions": versions()},
        len(chunks),
    )
    done = sum(len(chunks[n]) for n in there)
    progress(done, len(tasks))
    missing = {n: chunk for n, chunk in chunks.items() if n not in there}
    for number, rows in _delivered(job, missing, how=how):
        kept.put(number, rows)
        done += len(chunks[number])
        progress(done, len(tasks))
    return kept.whole(len(chunks))


def _digest(tasks: Sequence[object]) -> str:
    digest = hashlib.sha256()
    for task in tasks:
        digest.update(f"{task!r}\n".encode())
    return digest.hexdigest()


def _delivered(
    job: Job[T], chunks: Mapping[int, Sequence[T]], *, how: How
) -> Iterator[tuple[int, pd.DataFrame]]:
    """Yield the rows of each chunk as they come; who dies is replaced."""
    ahead = deque(chunks.items())
    while ahead:
        lost: dict[int, Sequence[T]] = {}
        with _pool(job, how) as pool:
            yield from _until_a_death(pool, ahead, lost)
        for number, tasks in lost.items():
            yield number, _alone(job, tasks, how=how)


def _until_a_death(
    pool: Pool[T], ahead: deque[tuple[int, Sequence[T]]], lost: dict[int, Sequence[T]]
) -> Iterator[tuple[int, pd.DataFrame]]:
    """Yield rows until all is done; after a death only those under way, and note the lost."""
    under_way: dict[Future[pd.DataFrame], tuple[int, Sequence[T]]] = {}
    while under_way or (ahead and not lost):
        # few under way at a time: after a death only these are suspect
        while ahead and not lost and len(under_way) < pool.width:
            number, tasks = ahead.popleft()
            under_way[pool.submit(tasks)] = number, tasks
        for promise in wait(under_way, return_when=FIRST_COMPLETED).done:
            number, tasks = under_way.pop(promise)
            try:
                rows = promise.result()
            except pool.deaths:
                lost[number] = tasks
            else:
                yield number, rows


def _alone(job: Job[T], tasks: Sequence[T], *, how: How) -> pd.DataFrame:
    """Return the rows of a chunk on which somebody died, who now dies alone if at all."""

    def attempt(some: Sequence[T]) -> pd.DataFrame:
        with _pool(job, how, alone=True) as pool:
            try:
                return pool.submit(some).result()
            except pool.deaths as error:
                raise _DiedError(DIED) from error

    return isolated(tasks, attempt, unsolved=job.unsolved, failures=(_DiedError,))


class _DiedError(Exception):
    """Whoever worked on a chunk died of it."""


def _pool(job: Job[T], how: How, *, alone: bool = False) -> AbstractContextManager[Pool[T]]:
    if how.dask is not None:
        return cluster(job, how.dask)
    if how.jobs == 1 and not alone:
        return here(job)
    if how.backend is Backend.THREADS:
        return threads(job, how.jobs)
    return processes(job, 1 if alone else how.jobs)
