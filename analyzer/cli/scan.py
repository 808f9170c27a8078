"""``aftercut scan``: try every cut of a kind, or every pair, print the worst, write all."""

import json
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analyzer.cli.options import (
    AsJson,
    Budget,
    GroupName,
    Out,
    Targets,
    Weighed,
    folder_for,
    options_of,
    print_drawn,
)
from analyzer.cli.shared import SHIPPED, Dataset, Exit, tell, tell_notes

if TYPE_CHECKING:
    from analyzer.network.case import Case
    from analyzer.programme.flow import Options
    from analyzer.study.contingency import Contingency, Verified
    from analyzer.study.cuts import Scan


def scan(
    dataset: Dataset = SHIPPED,
    order: Annotated[
        int, typer.Option(metavar="1|2", min=1, max=2, help="Cuts one by one, or in pairs.")
    ] = 1,
    over: Annotated[
        GroupName, typer.Option(metavar="GROUP", help="What is cut: element, lane, origin, hub, ….")
    ] = "element",
    cut: Annotated[
        float,
        typer.Option(metavar="SHARE", help="Share that is cut; a measure has its own."),
    ] = 1.0,
    top: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="How many are listed, with what binds after them."),
    ] = None,
    verify: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Solve for N rows at random; print the difference."),
    ] = None,
    weighting: Weighed = None,
    budget: Budget = None,
    targets: Targets = None,
    out: Out = None,
    as_json: AsJson = False,
) -> int:
    """Lose each element or group, or each two: which losses hurt most, hide, or are wasted."""
    from analyzer.network.case import case
    from analyzer.report.loss_table import SHOWN, summary
    from analyzer.report.losses import answer, write
    from analyzer.report.run_folder import fresh_folder

    started = datetime.now(UTC)
    shown = SHOWN if top is None else top
    tried = _scan(over=over, order=order, cut=cut, top=shown)
    opened = case(dataset)
    options = options_of(opened.tables, weighting=weighting, budget=budget, targets=targets)
    tell_notes(opened.tables.warnings, opened.notes)
    with ExitStack() as held:
        # a folder that cannot be written is refused before anything is solved
        folder = None if out is None else held.enter_context(folder_for(dataset, out))
        found = _found(opened, tried, options)
        checked = None if verify is None else _verified(found, verify)
        if as_json:
            told = answer(found, most=top, checked=checked)
            print(json.dumps(told, indent=1, allow_nan=False))
        else:
            print_drawn(lambda width: summary(found, most=shown, width=width))
        if folder is None and not as_json:
            fresh = fresh_folder(Path("out"), opened.tables.settings.id, now=started)
            folder = held.enter_context(folder_for(dataset, fresh))
        if folder is not None:
            write(found, folder, started=started, most=top, checked=checked)
    if folder is not None and not as_json:
        print(folder.path)
    agrees = checked is None or checked.agrees
    return Exit.DONE if found.certified and agrees else Exit.UNCERTIFIED


def _scan(*, over: GroupName, order: int, cut: float, top: int) -> "Scan":
    from analyzer.network.groups import Over
    from analyzer.study.cuts import Scan

    try:
        return Scan(Over(over), order=order, share=cut, top=top)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--cut") from error


def _found(opened: "Case", tried: "Scan", options: "Options") -> "Contingency":
    from analyzer.study.contingency import contingency
    from analyzer.study.cuts import NothingToCutError

    try:
        return contingency(opened, tried, options=options)
    except NothingToCutError as error:
        raise typer.BadParameter(str(error), param_hint="--over") from error


def _verified(found: "Contingency", count: int) -> "Verified":
    """Solve for a sample alone; print the largest difference."""
    from analyzer.study.contingency import verified

    checked = verified(found, count)
    tell(
        f"verified: {checked.rows} numbers solved for alone, largest difference "
        f"{checked.difference:.1e} of the baseline's capacity"
        + (f", {checked.uncertified} not certified" if checked.uncertified else "")
    )
    return checked
