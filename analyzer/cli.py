"""The command ``aftercut``: parse, call, print, exit code; the only catcher of errors."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

if TYPE_CHECKING:
    from analyzer.programme.flow import Options
    from analyzer.study.compare import Comparison
    from supply_data.schema import Tables

SHIPPED = "russia-uas"


class Exit(IntEnum):
    """Exit codes."""

    DONE = 0
    INTERNAL = 1
    BAD_INPUT = 2
    OUTPUT_REFUSED = 3
    UNCERTIFIED = 4
    INTERRUPTED = 130


app = typer.Typer(
    name="aftercut",
    help="How much of the capacity to scale survives each cut.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Dataset = Annotated[
    str, typer.Argument(metavar="[DATASET]", help="A shipped dataset, else a folder of tables.")
]
Scenarios = Annotated[
    list[str] | None,
    typer.Option("--scenario", metavar="FILE|FOLDER|ID", help="Repeatable; default: all."),
]
WeightingName = Literal["target", "units", "weight"]


@app.command()
def run(
    dataset: Dataset = SHIPPED,
    scenario: Scenarios = None,
    weighting: Annotated[
        WeightingName | None, typer.Option(help="How systems are weighed; default: the dataset's.")
    ] = None,
    budget: Annotated[
        float | None, typer.Option(metavar="USD", min=0, help="Limit on spending per month.")
    ] = None,
    targets: Annotated[
        str | None, typer.Option(metavar="SET", help="A set of the table targets.")
    ] = None,
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
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder for the run; default: out/….")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the answer as JSON and nothing else.")
    ] = False,
) -> int:
    """Compare scenarios: what survives each, per system, with a page to open."""
    from analyzer.network.case import case
    from analyzer.network.case import scenario as one_scenario
    from analyzer.report.results import answer
    from analyzer.study.compare import compare

    started = datetime.now(UTC)
    opened = case(dataset, scenario or ())
    options = _options(
        opened.tables, weighting=weighting, budget=budget, targets=targets, solver=solver
    )
    below = None if reference is None else one_scenario(dataset, reference)
    _tell_notes(opened.tables.warnings, opened.notes)
    comparison = compare(opened, options=options, reference=below, lift=lift)
    if as_json:
        print(json.dumps(answer(comparison), indent=1, allow_nan=False))
    else:
        _print_ranked(comparison)
    agreed = _cross_checked(comparison) if check_solvers else True
    if out is not None or not as_json:
        where = _written(comparison, dataset=dataset, out=out, started=started)
        if not as_json:
            print(where)
    return Exit.DONE if comparison.certified and agreed else Exit.UNCERTIFIED


@app.command()
def check(
    dataset: Dataset = SHIPPED,
    scenario: Scenarios = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of scenario files and stop.")
    ] = False,
) -> int:
    """Validate a dataset and its scenarios; name everything that is wrong, or odd."""
    from analyzer.report.checked import checked

    if schema:
        from scenarios.editor import json_schema

        print(json.dumps(json_schema(), indent=1))
        return Exit.DONE
    text, faults = checked(dataset, scenario or ())
    if faults:
        _tell_faults(faults)
        return Exit.BAD_INPUT
    print(text)
    return Exit.DONE


@app.command()
def init(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Absent or empty; its name becomes the id.")
    ],
) -> int:
    """Start a dataset of your own: a small case that runs, to be replaced row by row."""
    from analyzer.report.starter import named_dataset, write_starter

    write_starter(folder)
    named = named_dataset(folder)
    print(f"{folder} holds a small case that runs as it is. Type next:\n")
    print(f"  aftercut check {named}\n  aftercut run {named}\n")
    print(f"{folder / 'README.md'} says how to make it your own.")
    return Exit.DONE


def _print_ranked(comparison: "Comparison") -> None:
    from rich.console import Console

    from analyzer.report.tables import as_plain, summary

    console = Console()
    if console.is_terminal:
        console.print(summary(comparison, width=console.width))
    else:
        print(as_plain(summary(comparison, width=100)), end="")


def _options(
    tables: "Tables",
    *,
    weighting: WeightingName | None,
    budget: float | None,
    targets: str | None,
    solver: Literal["highs", "cbc"],
) -> "Options":
    from analyzer.programme.flow import Options
    from supply_data.names import advice
    from supply_data.schema import Weighting

    sets = {row.set for row in tables.targets}
    if targets is not None and targets not in sets:
        known = advice(targets, sorted(sets)) if sets else "The dataset has no table targets."
        msg = f"there is no set of targets {targets!r}. {known}"
        raise typer.BadParameter(msg, param_hint="--targets")
    return Options(
        weighting=None if weighting is None else Weighting(weighting),
        targets={row.system: row.target_per_month for row in tables.targets if row.set == targets},
        target_set=targets or "reference",
        budget_usd_per_month=budget,
        solver=solver,
    )


def _cross_checked(comparison: "Comparison") -> bool:
    """Print the largest difference between the solvers; tell whether all were certified."""
    from analyzer.study.crosscheck import cross_check

    found = cross_check(comparison)
    missing = int(found["difference"].isna().sum())
    largest = found["difference"].max()
    _tell(
        f"cross-check: {len(found)} capacities by {found['solver'][0]} and by "
        f"{found['other_solver'][0]}, largest difference {largest:.1e}"
        + (f", {missing} not certified by both" if missing else "")
    )
    return missing == 0


def _written(
    comparison: "Comparison", *, dataset: str, out: Path | None, started: datetime
) -> Path:
    from analyzer.report.results import input_paths, write
    from analyzer.report.run_folder import fresh_folder, run_folder

    name = comparison.case.tables.settings.id
    where = out or fresh_folder(Path("out"), name, now=started)
    with run_folder(where, inputs=input_paths(dataset)) as folder:
        write(comparison, folder, started=started)
    return where


def main() -> NoReturn:
    """Run the command and exit with its code; every error ends here, as one clear message."""
    sys.exit(_code(_command))


def _command() -> object:
    arguments = sys.argv[1:] or ["--help"]
    returned = app(args=arguments, prog_name="aftercut", standalone_mode=False)
    print(end="", flush=True)  # a reader who has gone shows here, not while the interpreter ends
    return returned


def _code(command: Callable[[], object]) -> int:
    try:
        returned = command()
        return int(returned) if isinstance(returned, int) else Exit.DONE
    except (typer.Abort, KeyboardInterrupt):
        return Exit.INTERRUPTED
    except typer.TyperException as error:
        _tell(f"error: {error.format_message()}")
        _tell("`aftercut --help` and `aftercut COMMAND --help` say what there is.")
        return Exit.BAD_INPUT
    except BrokenPipeError:
        # whoever read our output has gone; the interpreter's own flush must not complain again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.INTERNAL
    except Exception as error:  # noqa: BLE001 - the last catcher
        return _told(error)


def _told(error: Exception) -> int:
    from analyzer.programme.gate import UnfitNumbersError
    from analyzer.report.run_folder import OutputRefusedError
    from scenarios.schema import BadScenarioError
    from supply_data.schema import BadTablesError

    if isinstance(error, (BadTablesError, BadScenarioError)):
        _tell_faults(error.faults)
        return Exit.BAD_INPUT
    if isinstance(error, UnfitNumbersError):
        _tell(f"error: {error}")
        return Exit.BAD_INPUT
    if isinstance(error, OutputRefusedError):
        _tell(f"error: {error}")
        return Exit.OUTPUT_REFUSED
    if os.environ.get("AFTERCUT_TRACEBACK"):
        raise error
    _tell(f"internal error: {type(error).__name__}: {error}")
    _tell("Set AFTERCUT_TRACEBACK=1 to see where, and report it with the dataset if you can.")
    return Exit.INTERNAL


def _tell(message: str) -> None:
    print(message, file=sys.stderr)


def _tell_faults(faults: Sequence[object]) -> None:
    for fault in faults:
        _tell(f"error: {fault}")
    _tell(f"{len(faults)} fault{'s' * (len(faults) != 1)}; nothing was written.")


def _tell_notes(*groups: Sequence[object]) -> None:
    count = sum(len(group) for group in groups)
    if count:
        _tell(f"{count} warning{'s' * (count != 1)}; `aftercut check` lists them.")


if __name__ == "__main__":
    main()
