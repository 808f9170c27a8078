"""How a command weighs and limits, from what was typed."""

from math import isfinite
from typing import TYPE_CHECKING, Literal

import typer

if TYPE_CHECKING:
    from analyzer.programme.flow import Options
    from supply_data.schema import Tables

WeightingName = Literal["target", "units", "weight"]
SolverName = Literal["highs", "cbc"]


def options_of(
    tables: "Tables",
    *,
    weighting: WeightingName | None,
    budget: float | None,
    targets: str | None,
    solver: SolverName = "highs",
) -> "Options":
    """Return the options of a run.

    Raises
    ------
    typer.BadParameter
        If the dataset has no such set of targets, or the budget is no plain number.
    """
    from analyzer.programme.flow import Options
    from supply_data.names import advice
    from supply_data.schema import Weighting

    sets = {row.set for row in tables.targets}
    if targets is not None and targets not in sets:
        known = advice(targets, sorted(sets)) if sets else "The dataset has no table targets."
        msg = f"there is no set of targets {targets!r}. {known}"
        raise typer.BadParameter(msg, param_hint="--targets")
    if budget is not None and not isfinite(budget):
        msg = "a budget is a plain number of USD"
        raise typer.BadParameter(msg, param_hint="--budget")
    return Options(
        weighting=None if weighting is None else Weighting(weighting),
        targets={row.system: row.target_per_month for row in tables.targets if row.set == targets},
        target_set=targets or "reference",
        budget_usd_per_month=budget,
        solver=solver,
    )
