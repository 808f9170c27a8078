"""Jobs for tests of sweeps: numbers to be squared, some of which bring harm."""

import os
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

TASKS = [(n,) for n in range(100)]


@dataclass(frozen=True)
class Squares:
    """Squares; fails, or dies, at some numbers.

    Attributes
    ----------
    folder : Path
        Where each worker notes that it was made, and each chunk that it was begun.
    fails, kills : frozenset of int
        Numbers at which the worker raises, or its process is killed, each time.
    once : bool
        Whether they do so only the first time.
    waits : int or None
        Number at which a worker waits, to be killed meanwhile.
    """

    folder: Path
    fails: frozenset[int] = frozenset()
    kills: frozenset[int] = frozenset()
    once: bool = False
    waits: int | None = None

    @property
    def identity(self) -> Mapping[str, object]:
        """The job, by name."""
        return {"job": "squares", "fails": sorted(self.fails)}

    @property
    def solves(self) -> int:
        return 1

    def worker(self) -> "Worker":
        """Return a worker, and note it."""
        self.note(f"worker-{os.getpid()}-{threading.get_ident()}-{os.urandom(4).hex()}")
        return Worker(self)

    def unsolved(self, task: tuple[int], why: str) -> pd.DataFrame:
        """Return a row without a square."""
        return pd.DataFrame({"n": [task[0]], "square": [float("nan")], "note": [why]})

    def note(self, name: str) -> bool:
        """Leave a mark; tell whether it is new."""
        path = self.folder / name
        new = not path.exists()
        path.touch()
        return new


@dataclass(frozen=True)
class Worker:
    """What works for `Squares`."""

    job: Squares

    def rows(self, tasks: Sequence[tuple[int]]) -> pd.DataFrame:
        """Return squares, unless one of the numbers brings harm."""
        for (n,) in tasks:
            if n == self.job.waits:
                self.job.note("waiting")
                time.sleep(60)
            harmful = n in self.job.fails | self.job.kills
            if harmful and (self.job.note(f"harm-{n}") or not self.job.once):
                self._harm(n)
        numbers = [n for (n,) in tasks]
        squares = [float(n * n) for n in numbers]
        return pd.DataFrame({"n": numbers, "square": squares, "note": [""] * len(numbers)})

    def _harm(self, n: int) -> None:
        if n in self.job.kills:
            os.kill(os.getpid(), signal.SIGKILL)
        msg = f"{n} is not to be squared\nand more of it"
        raise RuntimeError(msg)
