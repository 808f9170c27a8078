"""Where the command begins and ends: its app, its exit code, and the only catcher of errors."""

import gc
import os
import sys
from collections.abc import Callable
from typing import NoReturn

import typer

from analyzer.cli.check import check
from analyzer.cli.coalition import coalition
from analyzer.cli.cutset import cutset
from analyzer.cli.derive import derive
from analyzer.cli.horizon import horizon
from analyzer.cli.init import init
from analyzer.cli.report import report
from analyzer.cli.response import response
from analyzer.cli.run import run
from analyzer.cli.scan import scan
from analyzer.cli.shared import Exit, tell, tell_faults
from analyzer.cli.uncertainty import uncertainty
from analyzer.cli.validate import validate
from analyzer.cli.verify import verify

COLLECTED = 50_000, 20, 50
"""After how many new objects Python looks for rings of them that nothing holds any more.

A run makes millions of objects and hardly a ring; at the usual 700 a tenth of it goes into looking.
"""

app = typer.Typer(
    name="aftercut",
    help="How much of the capacity to scale survives each cut.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (
    run,
    scan,
    cutset,
    coalition,
    response,
    horizon,
    uncertainty,
    report,
    check,
    init,
    derive,
    validate,
    verify,
):
    app.command()(command)


def main() -> NoReturn:
    """Run the command and exit with its code; every error ends here, as one clear message."""
    gc.set_threshold(*COLLECTED)
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
        tell(f"error: {error.format_message()}")
        tell("`aftercut --help` and `aftercut COMMAND --help` say what there is.")
        return Exit.BAD_INPUT
    except BrokenPipeError:
        # whoever read our output has gone; the interpreter's own flush must not complain again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.INTERNAL
    except Exception as error:  # noqa: BLE001 - the last catcher
        return _told(error)


def _told(error: Exception) -> int:
    from analyzer.programme.gate import UnfitNumbersError
    from analyzer.report.run_folder import OutputRefusedError, RunRefusedError
    from analyzer.study.cluster import ClusterRefusedError
    from analyzer.study.courses import NoBaselineError
    from analyzer.study.intervals import TooFewError
    from scenarios.schema import BadScenarioError
    from supply_data.schema import BadTablesError

    if isinstance(error, (BadTablesError, BadScenarioError)):
        tell_faults(error.faults)
        return Exit.BAD_INPUT
    if isinstance(error, (ClusterRefusedError, UnfitNumbersError, RunRefusedError)):
        tell(f"error: {error}")
        return Exit.BAD_INPUT
    if isinstance(error, (NoBaselineError, TooFewError)):
        tell(f"error: {error}")
        return Exit.UNCERTIFIED
    if isinstance(error, OutputRefusedError):
        tell(f"error: {error}")
        return Exit.OUTPUT_REFUSED
    if os.environ.get("AFTERCUT_TRACEBACK"):
        raise error
    tell(f"internal error: {type(error).__name__}: {error}")
    tell("Set AFTERCUT_TRACEBACK=1 to see where, and report it with the dataset if you can.")
    return Exit.INTERNAL
