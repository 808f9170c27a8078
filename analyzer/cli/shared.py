"""What all commands share: arguments, exit codes, and what goes to standard error."""

import sys
from collections.abc import Sequence
from enum import IntEnum
from typing import Annotated

import typer

SHIPPED = "russia-uas"


class Exit(IntEnum):
    """Exit codes."""

    DONE = 0
    INTERNAL = 1
    BAD_INPUT = 2
    OUTPUT_REFUSED = 3
    UNCERTIFIED = 4
    INTERRUPTED = 130


Dataset = Annotated[
    str, typer.Argument(metavar="[DATASET]", help="A shipped dataset, else a folder of tables.")
]
Asked = Annotated[
    list[str] | None,
    typer.Argument(metavar="SCENARIO…", help="Files, folders or ids; default: all."),
]
OnDataset = Annotated[
    str, typer.Option(metavar="DATASET", help="A shipped dataset, else a folder of tables.")
]
Scenarios = Annotated[
    list[str] | None,
    typer.Option("--scenario", metavar="FILE|FOLDER|ID", help="Repeatable; default: all."),
]


def tell(message: str) -> None:
    """Print a line to standard error."""
    print(message, file=sys.stderr)


def tell_faults(faults: Sequence[object]) -> None:
    """Print every fault, and that nothing came of it."""
    for fault in faults:
        tell(f"error: {fault}")
    tell(f"{len(faults)} fault{'s' * (len(faults) != 1)}; nothing was written.")


def tell_notes(*groups: Sequence[object]) -> None:
    """Print how many warnings there are, if any."""
    count = sum(len(group) for group in groups)
    if count:
        tell(f"{count} warning{'s' * (count != 1)}; `aftercut check` lists them.")
