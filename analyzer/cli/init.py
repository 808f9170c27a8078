"""``aftercut init``: start a dataset of one's own."""

from pathlib import Path
from typing import Annotated

import typer

from analyzer.cli.shared import Exit


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
