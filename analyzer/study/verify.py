"""Scenarios of a finished run solved again, to see whether what it told still follows.

Convention: capacities are scaling capacities in the units of the run's weighting; two of them agree
if they differ by no more than both certificates leave open.
"""

from collections.abc import Mapping, Sequence
from math import nan

import pandas as pd

from analyzer.network.case import Case
from analyzer.network.effect import Effect
from analyzer.programme.flow import Options
from analyzer.study.solve import Models, bench
from analyzer.study.tries import reference_effect, tries_of
from scenarios.schema import Scenario

BASELINE = "baseline"
AGREE = 2e-6
"""Largest difference of two certified capacities of one programme, as a share of the reference."""
COLUMNS = ("scenario", "told", "found", "difference", "agrees")


def solved_again(
    case: Case,
    told: Mapping[str, float | None],
    scenarios: Sequence[Scenario],
    *,
    options: Options,
    reference: Scenario | None = None,
    lift: bool = False,
) -> pd.DataFrame:
    """Return what a run told of some scenarios beside what they are found to leave now.

    Parameters
    ----------
    case : Case
        The dataset of the run.
    told : mapping of str to (float or None)
        Capacity by scenario, the baseline's too; None where the run could not certify it.
    scenarios : sequence of Scenario
        Which of them to solve again, besides the baseline.
    options : Options
        How the run weighed and limited, and who solves now.
    reference : Scenario, optional
        What the run set scenarios against.
    lift : bool
        Whether the run let measures leave more than the baseline has.

    Returns
    -------
    pandas.DataFrame
        ``scenario``, ``told``, ``found``, ``difference`` (absolute, as a share of the reference's
        capacity as found) and ``agrees``; NaN where something is not certified. Two numbers agree
        if neither is certified, or both are and they differ by no more than `AGREE`.
    """
    tried = tries_of(case, scenarios, options=options, reference=reference, lift=lift)
    given = reference_effect(case, reference, options=options, lift=lift)
    models = Models()

    def capacity(effect: Effect, base: float | None) -> float | None:
        each = bench(case, (effect,), options=options, base=base, models=models)
        return each.solved(effect).capacity

    base = capacity(given, None)
    found = {BASELINE: base}
    found |= {each.scenario.id: capacity(each.central, base) for each in tried}
    rows = [(name, *_beside(told[name], now, base=base)) for name, now in found.items()]
    return pd.DataFrame(rows, columns=[*COLUMNS])


def _beside(
    told: float | None, found: float | None, *, base: float | None
) -> tuple[float, float, float, bool]:
    if told is None or found is None:
        same = told is None and found is None
        return (nan if told is None else told, nan if found is None else found, nan, same)
    difference = abs(found - told) / base if base else abs(found - told)
    return told, found, difference, difference <= AGREE
