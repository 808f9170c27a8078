"""Several solves at a time, on threads: solvers work without holding Python's lock."""

import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from joblib import Parallel, delayed

T = TypeVar("T")

MOST_THREADS = 1024
"""More threads than any machine has cores."""
TURN = 5e-4
"""Seconds after which threads take turns. A solve lasts about a millisecond, so at the usual five a
thread that comes out of the solver would wait longer than it solved."""

Task = tuple[Callable[..., T], tuple[Any, ...], dict[str, Any]]


def on_all_cores(tasks: Iterable[Task[T]]) -> list[T]:
    """Return what the tasks give, in their order; if interrupted, after those under way ended.

    A solver's thread that is still at work when Python ends takes the process down with it.
    """
    under_way = threading.Semaphore(MOST_THREADS)
    turn = sys.getswitchinterval()

    def counted(task: Task[T]) -> T:
        function, arguments, options = task
        with under_way:
            return function(*arguments, **options)

    sys.setswitchinterval(TURN)
    try:
        found: list[T] = Parallel(n_jobs=-1, prefer="threads")(
            delayed(counted)(task) for task in tasks
        )
    except BaseException:
        for _ in range(MOST_THREADS):
            under_way.acquire()
        raise
    finally:
        sys.setswitchinterval(turn)
    return found
