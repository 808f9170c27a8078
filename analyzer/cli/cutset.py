"""``aftercut cutset``: the best set of cuts for its size or burden, or the cheapest below."""

import json
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from analyzer.cli.options import (
    AsJson,
    Budget,
    GroupName,
    Out,
    Targets,
    Variant,
    Weighed,
    folder_for,
    options_of,
    own_or_fresh,
    print_drawn,
    variants_of,
)
from analyzer.cli.shared import SHIPPED, Dataset, Exit, tell, tell_notes

if TYPE_CHECKING:
    from analyzer.network.case import Case
    from analyzer.programme.flow import Options
    from analyzer.study.cutset import Ask, Cutset


def cutset(
    dataset: Dataset = SHIPPED,
    size: Annotated[
        int | None, typer.Option(metavar="K", min=1, help="Cuts a set has at the most.")
    ] = None,
    burden: Annotated[
        float | None,
        typer.Option(metavar="B", min=0, help="Burden of its measures at most, USD m a year."),
    ] = None,
    below: Annotated[
        float | None,
        typer.Option(metavar="X", help="The cheapest set that leaves a capacity below this."),
    ] = None,
    over: Annotated[
        GroupName, typer.Option(metavar="GROUP", help="What is cut: measure, element, hub, ….")
    ] = "measure",
    cut: Annotated[
        float, typer.Option(metavar="SHARE", help="Share that is cut; a measure has its own.")
    ] = 1.0,
    within: Annotated[
        float,
        typer.Option(metavar="SHARE", help="List sets that leave up to this more, too."),
    ] = 0.0,
    time_limit: Annotated[
        float | None,
        typer.Option(metavar="SECONDS", min=0, help="Stop then, with the best and its bound."),
    ] = None,
    weighting: Weighed = None,
    budget: Budget = None,
    targets: Targets = None,
    variant: Variant = None,
    out: Out = None,
    as_json: AsJson = False,
) -> int:
    """Find the set of cuts that leaves least, with proof; all that tie; greedy beside it."""
    from analyzer.network.case import case
    from analyzer.report.choice_table import summary
    from analyzer.report.choices import answer, write

    started = datetime.now(UTC)
    asked = _ask(
        over=over, size=size, burden=burden, below=below, share=cut, within=within,
        seconds=time_limit,
    )  # fmt: skip
    opened = case(dataset, variants=variants_of(variant))
    options = options_of(opened.tables, weighting=weighting, budget=budget, targets=targets)
    tell_notes(opened.tables.warnings, opened.notes)
    with ExitStack() as held:
        # a folder that cannot be written is refused before anything is solved
        folder = None if out is None else held.enter_context(folder_for(dataset, out))
        found = _found(opened, asked, options)
        if as_json:
            print(json.dumps(answer(found), indent=1, allow_nan=False))
        else:
            print_drawn(lambda width: summary(found, width=width))
        if not as_json:
            name = opened.tables.settings.id
            folder = own_or_fresh(held, folder, dataset, name=name, started=started)
        if folder is not None:
            write(found, folder, started=started)
    if folder is not None and not as_json:
        print(folder.path)
    return Exit.DONE if found.certified else Exit.UNCERTIFIED


def _ask(*, over: GroupName, **asked: float | None) -> "Ask":
    from analyzer.network.groups import Over
    from analyzer.study.cutset import Ask

    try:
        return Ask(Over(over), **asked)  # type: ignore[arg-type]  # typer read them as what they are
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _found(opened: "Case", asked: "Ask", options: "Options") -> "Cutset":
    from analyzer.study.cuts import NothingToCutError
    from analyzer.study.cutset import UnfitBelowError, cutset

    try:
        progress = _progress if sys.stderr.isatty() else None
        return cutset(opened, asked, options=options, progress=progress)
    except NothingToCutError as error:
        raise typer.BadParameter(str(error), param_hint="--over") from error
    except UnfitBelowError as error:
        raise typer.BadParameter(str(error), param_hint="--below") from error


def _progress(stage: str) -> None:
    tell(f"{stage} …")
