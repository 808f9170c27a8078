"""``aftercut response``: capacity as a function of a cut, a leak, a dose, or months of adoption."""

import json
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from analyzer.cli.options import (
    AsJson,
    Budget,
    Out,
    Targets,
    Variant,
    Weighed,
    folder_for,
    options_of,
    own_or_fresh,
    variants_of,
)
from analyzer.cli.shared import SHIPPED, Asked, Exit, OnDataset, tell, tell_notes

if TYPE_CHECKING:
    from analyzer.network.case import Case
    from analyzer.programme.flow import Options
    from analyzer.study.response import Response

OfName = Literal["dose", "cut", "leak", "adopt_months"]


def response(
    scenario: Asked = None,
    dataset: OnDataset = SHIPPED,
    of: Annotated[OfName, typer.Option(help="What is varied from 0 to 1, or 1 to 12.")] = "dose",
    measure: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Vary these measures only; repeatable."),
    ] = None,
    weighting: Weighed = None,
    budget: Budget = None,
    targets: Targets = None,
    variant: Variant = None,
    out: Out = None,
    as_json: AsJson = False,
) -> int:
    """Vary a cut, a leak or a dose from 0 to 1: what survives, and where it stops mattering."""
    from analyzer.network.case import case
    from analyzer.report.responses import answer, summary, write

    started = datetime.now(UTC)
    if of == "adopt_months" and measure:
        msg = "alternatives open for all measures alike; leave it out"
        raise typer.BadParameter(msg, param_hint="--measure")
    opened = case(dataset, scenario or (), variants=variants_of(variant))
    options = options_of(opened.tables, weighting=weighting, budget=budget, targets=targets)
    tell_notes(opened.tables.warnings, opened.notes)
    with ExitStack() as held:
        # a folder that cannot be written is refused before anything is solved
        folder = None if out is None else held.enter_context(folder_for(dataset, out))
        found = _found(opened, of, measure or (), options)
        told = json.dumps(answer(found), indent=1, allow_nan=False) if as_json else summary(found)
        print(told.rstrip())
        if not as_json:
            name = opened.tables.settings.id
            folder = own_or_fresh(held, folder, dataset, name=name, started=started)
        if folder is not None:
            write(found, folder, started=started)
    if folder is not None and not as_json:
        print(folder.path)
    return Exit.DONE if found.certified else Exit.UNCERTIFIED


def _found(
    opened: "Case", of: OfName, measures: "list[str] | tuple[()]", options: "Options"
) -> "Response":
    from analyzer.study.horizon import renewal
    from analyzer.study.response import NoSuchMeasureError, adoption
    from analyzer.study.response import response as study
    from analyzer.study.strengths import Of

    told = _progress if sys.stderr.isatty() else lambda _: None
    if of == "adopt_months":
        renewed = renewal(opened, opened.scenarios, options=options, tell=told)
        return adoption(opened, renewed, options=options)
    try:
        return study(
            opened, opened.scenarios, of=Of(of), measures=measures, options=options, tell=told
        )
    except NoSuchMeasureError as error:
        raise typer.BadParameter(str(error), param_hint="--measure") from error


def _progress(name: str) -> None:
    from analyzer.report.words import visible

    tell(f"{visible(name)} …")
