"""``aftercut run``: compare scenarios, print the answer, write the run."""

import json
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from analyzer.cli.options import (
    AsJson,
    Budget,
    Out,
    Targets,
    Weighed,
    folder_for,
    options_of,
    print_drawn,
)
from analyzer.cli.shared import SHIPPED, Dataset, Exit, Scenarios, tell, tell_notes

if TYPE_CHECKING:
    from analyzer.report.run_folder import RunFolder
    from analyzer.study.compare import Comparison


def run(
    dataset: Dataset = SHIPPED,
    scenario: Scenarios = None,
    weighting: Weighed = None,
    budget: Budget = None,
    targets: Targets = None,
    reference: Annotated[
        str | None,
        typer.Option("--from", metavar="SCENARIO", help="Set scenarios against this one, on it."),
    ] = None,
    solver: Annotated[
        Literal["highs", "cbc"], typer.Option(help="Who solves the scenarios themselves.")
    ] = "highs",
    check_solvers: Annotated[
        bool, typer.Option("--cross-check", help="Solve by both; print the largest difference.")
    ] = False,
    lift: Annotated[
        bool, typer.Option("--lift", help="Let measures leave more than the baseline has.")
    ] = False,
    out: Out = None,
    as_json: AsJson = False,
) -> int:
    """Compare scenarios: what survives each, per system, with a page to open."""
    from analyzer.network.case import case
    from analyzer.network.case import scenario as one_scenario
    from analyzer.report.results import answer
    from analyzer.report.run_folder import fresh_folder
    from analyzer.report.tables import summary
    from analyzer.study.compare import compare

    started = datetime.now(UTC)
    opened = case(dataset, scenario or ())
    options = options_of(
        opened.tables, weighting=weighting, budget=budget, targets=targets, solver=solver
    )
    below = None if reference is None else one_scenario(dataset, reference)
    tell_notes(opened.tables.warnings, opened.notes)
    with ExitStack() as held:
        # a folder that cannot be written is refused before anything is solved
        folder = None if out is None else held.enter_context(folder_for(dataset, out))
        comparison = compare(opened, options=options, reference=below, lift=lift)
        if as_json:
            print(json.dumps(answer(comparison), indent=1, allow_nan=False))
        else:
            print_drawn(lambda width: summary(comparison, width=width))
        agreed = _cross_checked(comparison) if check_solvers else True
        if folder is None and not as_json:
            fresh = fresh_folder(Path("out"), opened.tables.settings.id, now=started)
            folder = held.enter_context(folder_for(dataset, fresh))
        if folder is not None:
            _write(comparison, folder, started=started)
    if folder is not None and not as_json:
        print(folder.path)
    return Exit.DONE if comparison.certified and agreed else Exit.UNCERTIFIED


def _write(comparison: "Comparison", folder: "RunFolder", *, started: datetime) -> None:
    from analyzer.report.written import write  # draws figures, which no answer waits for

    write(comparison, folder, started=started)


def _cross_checked(comparison: "Comparison") -> bool:
    """Print the largest difference between the solvers; tell whether all were certified."""
    from analyzer.study.crosscheck import cross_check

    found = cross_check(comparison)
    missing = int(found["difference"].isna().sum())
    largest = found["difference"].max()
    tell(
        f"cross-check: {len(found)} capacities by {found['solver'][0]} and by "
        f"{found['other_solver'][0]}, largest difference {largest:.1e}"
        + (f", {missing} not certified by both" if missing else "")
    )
    return missing == 0
