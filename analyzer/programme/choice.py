"""How much of what is fielded can still have its first-choice components."""

from collections import defaultdict
from dataclasses import replace
from math import nan

import numpy as np

from analyzer.programme.arrays import LinearProgramme, unit, with_row
from analyzer.programme.canon import DECIMALS
from analyzer.programme.highs import Simplex, widened
from analyzer.programme.persistent import Persistent
from analyzer.programme.scale import PERCENT
from analyzer.programme.solution import Solution
from supply_data.schema import Tables

ROUNDING = 2 * 10.0**-DECIMALS
"""How far what is kept may give way, since the published plan is rounded."""
MADE = 1e-6
"""Share of its need below which a product counts as not made."""


def first_choice_share(found: Solution) -> dict[str, float]:
    """Return, by tracked slot, the largest share of the output that can have its first choice.

    The published plan fills slots at least cost, so what it fills them with says more about prices
    than about what is to be had. Instead each tracked slot is given as much of its first choice as
    can be, with the published output of every system and product kept.

    Parameters
    ----------
    found : Solution
        A published solution of the steady state.

    Returns
    -------
    dict of str to float
        Key ``product/slot``; slots of products that are not made are left out. NaN where the share
        could not be certified.
    """
    if not found.certified:
        return {}
    kept = _kept(found)
    start = None if found.basis is None else widened(found.basis, kept)
    persistent: Persistent | None = None
    shares: dict[str, float] = {}
    for name, numbers in _first_choices(found).items():
        product = name.partition("/")[0]
        made = _made(found, product)
        if made > MADE:
            wish = unit(len(kept.cost), dict.fromkeys(numbers, -1.0 / made))
            persistent = persistent or Persistent(kept, basis=start, simplex=Simplex.PRIMAL)
            most = _proved(persistent, replace(kept, cost=wish, constant=PERCENT))
            # the published plan is itself a witness, whatever rounding takes from the other
            shares[name] = min(max(most, float(-wish @ found.plan)), 1.0) if most >= 0 else nan
    return shares


def _proved(persistent: Persistent, wished: LinearProgramme) -> float:
    """Return the certified largest share, or NaN."""
    proved = persistent.proof(wished).certificate
    return PERCENT - proved.value if proved.certified else nan


def _kept(found: Solution) -> LinearProgramme:
    """Return the programme with the published output of systems and products kept."""
    columns = found.model.formulation.instance.columns
    programme = found.programme
    made = np.array([column.variable == "make" for column in columns])
    high = np.where(made, np.minimum(programme.high, found.plan + ROUNDING), programme.high)
    kept = replace(programme, high=high)
    for n, column in enumerate(columns):
        if column.variable == "x":
            kept = with_row(kept, unit(len(columns), {n: 1.0}), low=found.plan[n] - ROUNDING)
    return kept


def _made(found: Solution, product: str) -> float:
    columns = found.model.formulation.instance.columns
    return float(
        sum(
            value
            for column, value in zip(columns, found.plan, strict=True)
            if column.variable == "make" and column.item == product
        )
    )


def _first_choices(found: Solution) -> dict[str, list[int]]:
    tracked = _tracked(found.model.sets.tables)
    numbers: dict[str, list[int]] = {slot: [] for slot in tracked.values()}
    for n, column in enumerate(found.model.formulation.instance.columns):
        if column.variable == "fill" and str(column.what[1]) in tracked:
            numbers[tracked[str(column.what[1])]].append(n)
    return numbers


def _tracked(tables: Tables) -> dict[str, str]:
    """Return the slot ``product/slot`` of each tracked requirement, by its name."""
    first: dict[str, str] = {}
    seen: defaultdict[str, int] = defaultdict(int)
    for row in tables.requirements:
        slot = f"{row.product}/{row.slot}"
        if row.tracked and not seen[slot]:
            first[f"{slot}/{row.component}"] = slot
        seen[slot] += 1
    return first
