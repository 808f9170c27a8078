"""``aftercut report``: make the report of a finished run again, from its files alone."""

from pathlib import Path
from typing import Annotated

import typer

from analyzer.cli.shared import Exit


def report(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder of a finished run.")],
) -> int:
    """Make the report of a finished run again, from its files alone; print where it is."""
    from analyzer.report.written import rebuild_report

    print(rebuild_report(out))
    return Exit.DONE
