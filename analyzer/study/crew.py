"""Processes that help this one: started before they are wanted, each with a core to itself.

Threads share memory, but only one of them runs Python at a time, and half of what a run does is
Python. A helper loads what it will need while this process reads what nobody can share.

Convention: a task is a function of a module and plain arguments; where it is done does not change
what it gives. What a helper cannot finish, because it was killed, is done here.
"""

import atexit
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from threading import Lock
from typing import Any, Generic, Protocol, TypeVar

from joblib.externals.loky import ProcessPoolExecutor

from analyzer.study.pools import ONE_THREAD, Starter, settle, starter

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")

MOST_HELPERS = 3
"""More would take longer to start than they save."""
AHEAD = 2
"""How many tasks a helper has at a time: the one it does, and the next."""


class Job(Protocol[T_co]):
    """What is sent to each helper once: light to pickle, made ready where it is done."""

    def worker(self) -> Callable[[Any], T_co]:
        """Return what does a task."""


@dataclass(frozen=True)
class Crew:
    """Helpers; without any, everything is done here.

    Attributes
    ----------
    helpers : tuple of ProcessPoolExecutor
        One process each.
    """

    helpers: tuple[ProcessPoolExecutor, ...] = ()

    def begin(self, function: Callable[..., T], *arguments: object) -> Callable[[], T]:
        """Let a helper do something; what is returned waits for what it gives."""
        promise = _promise(self.helpers[0], function, *arguments) if self.helpers else None

        def wait() -> T:
            if promise is None:
                return function(*arguments)
            try:
                return promise.result()
            except BrokenExecutor:
                return function(*arguments)

        return wait

    def shared_out(
        self, tasks: Mapping[str, object], *, job: Job[T], here: Callable[[Any], T]
    ) -> dict[str, T]:
        """Return what is found of each task, by name, in the order of the names.

        Parameters
        ----------
        tasks : mapping
            Heavy ones first: whoever has nothing to do takes the next.
        job : Job
            What the helpers do.
        here : callable
            The same, for this process.
        """
        shared = _Shared[T](tasks)
        for helper in self.helpers:
            if (ready := _promise(helper, _take_up, job)) is not None:
                for _ in range(AHEAD):
                    ready.add_done_callback(partial(shared.feed, helper))
        found = {name: here(tasks[name]) for name in shared.left()}
        for name, promise in shared.promised.items():
            try:
                found[name] = promise.result()
            except BrokenExecutor:
                found[name] = here(tasks[name])
        return {name: found[name] for name in tasks}


class _Shared(Generic[T]):
    """Tasks that are shared out: each is taken once, by whoever is next."""

    def __init__(self, tasks: Mapping[str, object]) -> None:
        self._tasks, self._todo, self._turn = tasks, deque(tasks), Lock()
        self.promised: dict[str, Future[T]] = {}

    def left(self) -> Iterator[str]:
        """Yield what nobody has taken, for this process to do."""
        while True:
            with self._turn:
                if not self._todo:
                    return
                name = self._todo.popleft()
            yield name

    def feed(self, helper: ProcessPoolExecutor, before: "Future[Any]") -> None:
        """Give a helper its next task, unless what it did before failed."""
        if before.exception() is not None:
            return
        with self._turn:
            if not self._todo:
                return
            promise = _promise(helper, _do, self._tasks[self._todo[0]])
            if promise is None:
                return
            self.promised[self._todo.popleft()] = promise
        promise.add_done_callback(partial(self.feed, helper))


@contextmanager
def crew(*modules: str) -> Iterator[Crew]:
    """Start helpers, one less than there are cores, and end them when left.

    Parameters
    ----------
    modules : str
        What they load before they are asked for anything.
    """
    count = min((os.cpu_count() or 1) - 1, MOST_HELPERS)
    helpers = tuple(
        ProcessPoolExecutor(1, initializer=_begun, initargs=(starter(),), env=ONE_THREAD)
        for _ in range(count)
    )
    idle = False
    try:
        loading = [_promise(helper, _load, modules) for helper in helpers]
        yield Crew(helpers)
        idle = all(promise is None or promise.done() for promise in loading)
    finally:
        for helper in helpers:
            # at times one that is killed seems to leave a lock behind, of which loky warns
            helper.shutdown(kill_workers=not idle)


def _promise(
    helper: ProcessPoolExecutor, function: Callable[..., T], *arguments: object
) -> "Future[T] | None":
    """Return the promise of what a helper will give; None if it was killed while idle."""
    try:
        promise: Future[T] = helper.submit(function, *arguments)
    except BrokenExecutor:
        return None
    return promise


_WORKERS: list[Callable[[Any], Any]] = []
"""In a helper: what does the tasks of the job that it took up last."""


def _begun(by: Starter) -> None:
    settle(by)
    # nothing there must be closed, and to take apart all that it loaded takes half a second
    atexit.register(os._exit, 0)


def _load(modules: tuple[str, ...]) -> None:
    for module in modules:
        import_module(module)


def _take_up(job: Job[Any]) -> None:
    _WORKERS[:] = [job.worker()]


def _do(task: object) -> Any:  # noqa: ANN401 - what a job gives is the job's to say
    return _WORKERS[0](task)
