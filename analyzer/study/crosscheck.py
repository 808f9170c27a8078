"""The same programmes by the other solver, to see whether both reach the same capacity."""

from functools import partial
from math import nan

import pandas as pd

from analyzer.programme.cbc import cbc_answer
from analyzer.programme.certificate import certificate, safe_bound
from analyzer.programme.highs import Status, answer
from analyzer.programme.scale import natural
from analyzer.study.compare import BASELINE, Comparison
from analyzer.study.solve import Models, bench

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
    first = comparison.outcomes[BASELINE].solution.effect
    effects = {
        name: first if outcome.tries is None else outcome.tries.central
        for name, outcome in comparison.outcomes.items()
    }
    own = comparison.options.solver
    second = "cbc" if own == "highs" else "highs"
    models, rows = Models(), []
    for name, effect in effects.items():
        table = bench(comparison.case, (effect,), options=comparison.options, models=models)
        programme = table.model.under(effect)
        found, other = answer(programme), cbc_answer(programme)
        if own == "cbc":
            found, other = other, found
        # any prices bound: those of the first solver too, told to more digits than CBC's
        prices = max(found.prices, other.prices, key=partial(safe_bound, programme))
        optimal = other.status is Status.OPTIMAL
        proved = certificate(programme, other.plan, prices, optimal=optimal)
        known = comparison.outcomes[name].capacity
        capacity = nan if known is None else known
        worth = table.model.sets.scale.worth
        by_other = natural(worth, proved.value) if proved.certified else nan
        rows.append((name, own, capacity, second, by_other, abs(capacity - by_other)))
    return pd.DataFrame(rows, columns=list(COLUMNS))
