"""The sweep of single cuts: what each loss leaves, solved for only where nothing proves it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analyzer.study.trial import Found, Ground, Loop, rows, unsolved


@dataclass(frozen=True)
class Losses:
    """The job of trying cuts one by one; a task is the number of a cut.

    Attributes
    ----------
    ground : Ground
        What is tried.
    """

    ground: Ground

    @property
    def identity(self) -> Mapping[str, object]:
        """What tells this job from any other, by name."""
        return {"job": "losses", "arrays": self.ground.digest}

    @property
    def solves(self) -> int:
        """About how many solves a task takes."""
        return 1

    def worker(self) -> "LossWorker":
        """Return a new worker."""
        return LossWorker(Loop(self.ground))

    def unsolved(self, task: tuple[int], why: str) -> pd.DataFrame:
        """Return the row of a cut that fails."""
        return unsolved(self.ground, np.array(task), np.array([-1]), why)


@dataclass(frozen=True)
class LossWorker:
    """What tries cuts one by one.

    Attributes
    ----------
    loop : Loop
        The programme, loaded.
    """

    loop: Loop

    def rows(self, tasks: Sequence[tuple[int]]) -> pd.DataFrame:
        """Return the rows of a chunk of cuts (`analyzer.study.trial.rows`)."""
        numbers = [n for (n,) in tasks]
        changes = [self.loop.ground.changes[n] for n in numbers]
        trial = self.loop.trial(changes)
        self.loop.solve(trial, changes.__getitem__)
        return rows([trial.columns(np.array(numbers), np.full(len(numbers), -1))])


def singly(ground: Ground) -> tuple[pd.DataFrame, dict[int, Found]]:
    """Return the rows of all cuts, tried here and now, and the solves that it took.

    Each row is proved by a plan of the baseline or by a solve of its own, never by another's, so
    that for each cut an optimal plan is known.
    """
    loop = Loop(ground)
    trial = loop.trial(ground.changes)
    found = loop.solve(trial, ground.changes.__getitem__, teach=False)
    numbers = np.arange(len(ground.changes))
    return rows([trial.columns(numbers, np.full(len(numbers), -1))]), found
