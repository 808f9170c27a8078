"""The same programmes by the other solver, to see whether both reach the same capacity."""

from math import nan

import pandas as pd

from analyzer.programme.cbc import cbc_answer
from analyzer.programme.certificate import certificate, safe_bound
from analyzer.programme.highs import Status, answer
from analyzer.programme.scale import natural
from analyzer.study.compare import Comparison

COLUMNS = ("scenario", "solver", "capacity", "other_solver", "other_capacity", "difference")


def cross_check(comparison: Comparison) -> pd.DataFrame:
    """Return the capacity of every scenario by both solvers, each certified by our arithmetic.

    Parameters
    ----------
    comparison : Comparison
        A finished run.

    Returns
    -------
    pandas.DataFrame
        ``difference`` is absolute, in the units of the capacity; the other solver's capacity and
        the difference are NaN where either is not certified.
    """
    rows = []
    for name, outcome in comparison.outcomes.items():
        model = outcome.solution.model
        programme = outcome.solution.programme
        own = model.sets.options.solver
        found = cbc_answer(programme) if own == "highs" else answer(programme)
        optimal = found.status is Status.OPTIMAL
        # any prices bound: those of the first solver too, told to more digits than CBC's
        known = (found.prices, outcome.solution.prices)
        prices = max(known, key=lambda each: safe_bound(programme, each))
        proved = certificate(programme, found.plan, prices, optimal=optimal)
        capacity = nan if outcome.capacity is None else outcome.capacity
        other = natural(model.sets.scale.worth, proved.value) if proved.certified else nan
        second = "cbc" if own == "highs" else "highs"
        rows.append((name, own, capacity, second, other, abs(capacity - other)))
    return pd.DataFrame(rows, columns=list(COLUMNS))
