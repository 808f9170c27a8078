"""What commands that solve have in common: how they weigh and limit, and where they write."""

from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager, ExitStack
    from datetime import datetime

    from rich.console import RenderableType

    from analyzer.programme.flow import Options
    from analyzer.report.run_folder import RunFolder
    from supply_data.schema import Tables

WeightingName = Literal["target", "units", "weight"]
GroupName = Literal[
    "element", "supply", "lane", "plant", "stock", "origin", "brand", "hub", "component", "measure"
]
SolverName = Literal["highs", "cbc"]

Weighed = Annotated[
    WeightingName | None, typer.Option(help="How systems are weighed; default: the dataset's.")
]
Budget = Annotated[
    float | None, typer.Option(metavar="USD", min=0, help="Limit on spending per month.")
]
Lift = Annotated[
    bool, typer.Option("--lift", help="Let measures leave more than the baseline has.")
]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="SCENARIO", help="Set scenarios against this one, on it."),
]
Solver = Annotated[SolverName, typer.Option(help="Who solves the scenarios themselves.")]
Targets = Annotated[str | None, typer.Option(metavar="SET", help="A set of the table targets.")]
Variant = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=CHOICE", help="A reading where sources contradict, as in origin=brand."
    ),
]
Out = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Folder for the run; default: out/….")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON and nothing else.")]


def variants_of(texts: "Sequence[str] | None") -> dict[str, str]:
    """Return the choices that are asked for, by contradiction.

    Raises
    ------
    typer.BadParameter
        If one is no choice, or two are of the same contradiction.
    """
    found: dict[str, str] = {}
    for text in texts or ():
        name, _, choice = text.partition("=")
        if not name or not choice or name in found:
            msg = f"{text!r} is no NAME=CHOICE of its own, as in origin=brand"
            raise typer.BadParameter(msg, param_hint="--variant")
        found[name] = choice
    return found


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


def folder_for(
    dataset: str, where: Path, *, resume: bool = False
) -> "AbstractContextManager[RunFolder]":
    """Hold a folder for a run, or for taking up one; it must not be one that the run reads."""
    from analyzer.report.results import input_paths
    from analyzer.report.run_folder import run_folder

    return run_folder(where, inputs=input_paths(dataset), resume=resume)


def own_or_fresh(
    held: "ExitStack", folder: "RunFolder | None", dataset: str, *, name: str, started: "datetime"
) -> "RunFolder":
    """Return the folder that was asked for, else a fresh one, held until the stack is left."""
    from analyzer.report.run_folder import fresh_folder

    if folder is not None:
        return folder
    return held.enter_context(folder_for(dataset, fresh_folder(Path("out"), name, now=started)))


def print_drawn(draw: "Callable[[int], RenderableType]") -> None:
    """Print what is drawn for so many columns: the terminal's, or 100 of plain text."""
    from rich.console import Console

    from analyzer.report.tables import as_plain

    console = Console()
    if console.is_terminal:
        console.print(draw(console.width))
    else:
        print(as_plain(draw(100), width=100), end="")
