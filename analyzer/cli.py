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
    from analyzer.study.compare import Comparison

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
    no_args_is_help=True,
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
    from analyzer.programme.flow import Options
    from analyzer.report.results import answer
    from analyzer.study.compare import compare
    from supply_data.schema import Weighting

    started = datetime.now(UTC)
    options = Options(
        weighting=None if weighting is None else Weighting(weighting), budget_usd_per_month=budget
    )
    opened = case(dataset, scenario or ())
    _tell_notes(opened.tables.warnings, opened.notes)
    comparison = compare(opened, options=options, lift=lift)
    if as_json:
        print(json.dumps(answer(comparison), indent=1, allow_nan=False))
    else:
        _print_ranked(comparison)
    if out is not None or not as_json:
        where = _written(comparison, dataset=dataset, out=out, started=started)
        if not as_json:
            print(where)
    return Exit.DONE if comparison.certified else Exit.UNCERTIFIED


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


def _print_ranked(comparison: "Comparison") -> None:
    from rich.console import Console

    from analyzer.report.results import with_cuts
    from analyzer.report.tables import as_plain, ranked

    console = Console()
    table = with_cuts(comparison)
    if console.is_terminal:
        console.print(ranked(table, comparison.systems, width=console.width))
    else:
        print(as_plain(table, comparison.systems))


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
    sys.exit(_code(lambda: app(standalone_mode=False)))


def _code(command: Callable[[], object]) -> int:
    import click

    try:
        returned = command()
        return int(returned) if isinstance(returned, int) else Exit.DONE
    except click.exceptions.Abort:
        return Exit.INTERRUPTED
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except click.ClickException as error:
        error.show()
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
