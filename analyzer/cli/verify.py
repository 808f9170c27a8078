"""``aftercut verify``: whether a finished run is what was written, and still follows."""

import json
from pathlib import Path
from typing import Annotated

import typer

from analyzer.cli.options import SolverName
from analyzer.cli.shared import Exit, Scenarios, tell


def verify(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder of a finished run.")],
    dataset: Annotated[
        str | None,
        typer.Option(metavar="DATASET", help="What it was made on, where that is not shipped."),
    ] = None,
    scenario: Scenarios = None,
    reference: Annotated[
        str | None,
        typer.Option("--from", metavar="SCENARIO", help="What it was set against, if a file."),
    ] = None,
    sample: Annotated[
        int, typer.Option(metavar="N", min=0, help="How many scenarios are solved again.")
    ] = 5,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Which ones are drawn.")] = 0,
    solver: Annotated[SolverName, typer.Option(help="Who solves them again.")] = "highs",
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the check as JSON and nothing else.")
    ] = False,
) -> int:
    """Check every hash of a finished run, its inputs, and a sample of it, solved again."""
    from analyzer.report.run_folder import ChangedRunError
    from analyzer.report.verified import Inputs, OtherInputsError, verified

    try:
        found = verified(
            out,
            inputs=Inputs(dataset, tuple(scenario or ()), reference),
            solver=solver,
            sample=sample,
            seed=seed,
        )
    except (ChangedRunError, OtherInputsError) as error:
        tell(f"not verified: {error}")
        return Exit.UNCERTIFIED
    print(json.dumps(found.answer(), indent=1, allow_nan=False) if as_json else found.summary())
    return Exit.DONE if found.agrees else Exit.UNCERTIFIED
