"""``aftercut run``: compare scenarios, print the answer, write the run."""

import json
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from analyzer.cli.options import (
    AsJson,
    Budget,
    From,
    Lift,
    Out,
    Solver,
    Targets,
    Variant,
    Weighed,
    folder_for,
    options_of,
    own_or_fresh,
    print_drawn,
    variants_of,
)
from analyzer.cli.shared import SHIPPED, Dataset, Exit, Scenarios, tell, tell_notes

if TYPE_CHECKING:
    from analyzer.report.run_folder import RunFolder
    from analyzer.study.compare import Comparison
    from analyzer.study.crew import Crew
    from analyzer.study.restated import Restated

EXAMINES, DRAWS = "analyzer.study.compare", "analyzer.report.report"
"""What those who help examine scenarios and make the report with."""


def run(
    dataset: Dataset = SHIPPED,
    scenario: Scenarios = None,
    weighting: Weighed = None,
    budget: Budget = None,
    targets: Targets = None,
    variant: Variant = None,
    reference: From = None,
    solver: Solver = "highs",
    check_solvers: Annotated[
        bool, typer.Option("--cross-check", help="Solve by both; print the largest difference.")
    ] = False,
    lift: Lift = False,
    all_variants: Annotated[
        bool, typer.Option("--all-variants", help="Try each reading where sources contradict.")
    ] = False,
    assumptions: Annotated[
        bool,
        typer.Option(
            "--assumptions", help="Try each at its low and high, and reported facts alone."
        ),
    ] = False,
    out: Out = None,
    as_json: AsJson = False,
) -> int:
    """Compare scenarios: what survives each, per system, with a page to open."""
    from analyzer.study.crew import crew

    started = datetime.now(UTC)
    with ExitStack() as held:
        # they load what they need while this process loads and reads what it needs
        written = out is not None or not as_json
        helpers = held.enter_context(crew(*(EXAMINES, DRAWS) if written else (EXAMINES,)))

        from analyzer.network.case import case
        from analyzer.network.case import scenario as one_scenario
        from analyzer.report.otherwise import answer, lines
        from analyzer.report.tables import summary
        from analyzer.study.compare import compare

        opened = case(dataset, scenario or (), variants=variants_of(variant))
        options = options_of(
            opened.tables, weighting=weighting, budget=budget, targets=targets, solver=solver
        )
        below = None if reference is None else one_scenario(dataset, reference)
        tell_notes(opened.tables.warnings, opened.notes)
        # a folder that cannot be written is refused before anything is solved
        folder = None if out is None else held.enter_context(folder_for(dataset, out))
        comparison = compare(opened, options=options, reference=below, lift=lift, crew=helpers)
        other = _otherwise(comparison, dataset, variants=all_variants, assumptions=assumptions)
        if as_json:
            print(json.dumps(answer(comparison, other), indent=1, allow_nan=False))
        else:
            print_drawn(lambda width: summary(comparison, width=width))
            for line in lines(other, opened):
                print(line)
        agreed = _cross_checked(comparison) if check_solvers else True
        if not as_json:
            name = opened.tables.settings.id
            folder = own_or_fresh(held, folder, dataset, name=name, started=started)
        if folder is not None:
            _write(comparison, other, folder, started=started, helpers=helpers)
    if folder is not None and not as_json:
        print(folder.path)
    sure = comparison.certified and agreed and (other is None or other.certified)
    return Exit.DONE if sure else Exit.UNCERTIFIED


def _otherwise(
    comparison: "Comparison", dataset: str, *, variants: bool, assumptions: bool
) -> "Restated | None":
    """Return the conclusions on other facts, as far as they are asked for."""
    from analyzer.study.restated import other_facts, restated

    case = comparison.case
    tried = other_facts(case, dataset, variants=variants, assumptions=assumptions)
    if not tried:
        return None
    return restated(
        case,
        tried,
        case.scenarios,
        options=comparison.options,
        reference=comparison.given,
        lift=comparison.lift,
    )


def _write(
    comparison: "Comparison",
    other: "Restated | None",
    folder: "RunFolder",
    *,
    started: datetime,
    helpers: "Crew",
) -> None:
    from analyzer.report.written import write  # draws the page, which no answer waits for

    write(comparison, folder, started=started, other=other, crew=helpers)


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
