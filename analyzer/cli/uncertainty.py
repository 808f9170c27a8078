"""``aftercut uncertainty``: how sure the answer is, over the ranges of all figures."""

import json
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from analyzer.cli.options import (
    AsJson,
    Budget,
    Lift,
    Out,
    Targets,
    Variant,
    Weighed,
    folder_for,
    options_of,
    own_or_fresh,
    variants_of,
)
from analyzer.cli.shared import SHIPPED, Dataset, Exit, tell_notes
from analyzer.cli.sweeping import BackendName, Dask, Jobs, progress_bar, workers

if TYPE_CHECKING:
    from analyzer.study.uncertainty import Asked, Kind

HELD = ("supplies", "lanes", "plants", "targets", "quantities", "fills", "measures")
"""What can be held, as `analyzer.study.figures.Kind` has it, without the second that it loads."""


def uncertainty(
    dataset: Dataset = SHIPPED,
    scenario: Annotated[
        list[str] | None,
        typer.Option("--scenarios", metavar="FILE|FOLDER|ID", help="Repeatable; default: all."),
    ] = None,
    draws: Annotated[
        int, typer.Option(metavar="N", min=20, max=10**6, help="How many draws, at most.")
    ] = 2000,
    seed: Annotated[
        int, typer.Option(metavar="N", min=0, help="The same seed gives the same draws.")
    ] = 1,
    distribution: Annotated[
        Literal["triangular", "uniform", "pert"],
        typer.Option(help="How a figure lies within its range."),
    ] = "triangular",
    sampling: Annotated[
        Literal["latin", "sobol"], typer.Option(help="How draws are spread.")
    ] = "latin",
    precision: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Stop once no standard error is above this."),
    ] = None,
    hold: Annotated[
        list[str] | None,
        typer.Option(
            metavar="|".join(HELD), help="Repeatable; these stay at their central values."
        ),
    ] = None,
    apart: Annotated[
        bool, typer.Option("--apart", help="Draw each figure by itself, whatever it rests on.")
    ] = False,
    totals: Annotated[
        int, typer.Option(metavar="N", min=0, help="Find total effects too, of N figures.")
    ] = 0,
    weighting: Weighed = None,
    budget: Budget = None,
    targets: Targets = None,
    variant: Variant = None,
    jobs: Jobs = None,
    backend: BackendName = "threads",
    dask: Dask = None,
    lift: Lift = False,
    out: Out = None,
    as_json: AsJson = False,
) -> int:
    """Draw figures within their ranges: how sure is what survives, and the order of scenarios."""
    from dataclasses import replace
    from functools import partial

    from analyzer.network.case import case
    from analyzer.report.doubted import answer, summary, write
    from analyzer.study import uncertainty as study

    started = datetime.now(UTC)
    how = replace(workers(jobs, backend, dask), chunk=study.BATCH)
    asked = _asked(
        draws=draws,
        seed=seed,
        shape=study.Shape(distribution),
        spread=study.Spread(sampling),
        precision=precision,
        hold=frozenset(map(_kind, hold or ())),
        apart=apart,
        totals=totals,
    )
    opened = case(dataset, scenario or (), variants=variants_of(variant))
    options = options_of(opened.tables, weighting=weighting, budget=budget, targets=targets)
    tell_notes(opened.tables.warnings, opened.notes)
    with ExitStack() as held:
        folder = None
        if out is not None:
            folder = held.enter_context(folder_for(dataset, out))
        with progress_bar("draws") as progress:
            done = partial(study.sweep, how=how, progress=progress)
            found = study.uncertainty(
                opened, opened.scenarios, asked=asked, options=options, lift=lift, done=done
            )
        if as_json:
            print(json.dumps(answer(found), indent=1, allow_nan=False))
        else:
            print(summary(found), end="")
        if not as_json:
            name = opened.tables.settings.id
            folder = own_or_fresh(held, folder, dataset, name=name, started=started)
        if folder is not None:
            from analyzer.report.spread import pictures  # no answer waits for figures

            write(found, folder, started=started, pictures=pictures(found))
    if folder is not None and not as_json:
        print(folder.path)
    return Exit.DONE if found.certified else Exit.UNCERTIFIED


def _kind(name: str) -> "Kind":
    from analyzer.study.uncertainty import Kind

    if name not in HELD:
        msg = f"{name!r} is none of {', '.join(HELD)}"
        raise typer.BadParameter(msg, param_hint="--hold")
    return Kind(name)


def _asked(**chosen: object) -> "Asked":
    from analyzer.study.uncertainty import Asked

    try:
        return Asked(**chosen)  # type: ignore[arg-type]  # each is what the option gives
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--precision") from error
