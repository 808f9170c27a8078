"""``aftercut report``: make the report of a finished run again, from its files alone."""

from pathlib import Path
from typing import Annotated

import typer

from analyzer.cli.shared import Exit


def report(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder of a finished run.")],
    scan: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of a scan of the same dataset, to be told of."),
    ] = None,
    horizon: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of a horizon of the same dataset, to be told of."),
    ] = None,
) -> int:
    """Make the report of a finished run again, from its files alone; print where it is."""
    from analyzer.report.written import rebuild_report

    print(rebuild_report(out, scan=scan, horizon=horizon))
    return Exit.DONE
