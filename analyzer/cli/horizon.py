"""``aftercut horizon``: what scenarios do month by month."""

import json
import re
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from math import inf
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from analyzer.cli.options import (
    AsJson,
    Budget,
    From,
    GroupName,
    Lift,
    Out,
    Solver,
    Targets,
    Variant,
    Weighed,
    folder_for,
    options_of,
    own_or_fresh,
    variants_of,
)
from analyzer.cli.shared import SHIPPED, Asked, Exit, OnDataset, tell_notes

if TYPE_CHECKING:
    from collections.abc import Callable


def horizon(
    scenario: Asked = None,
    dataset: OnDataset = SHIPPED,
    months: Annotated[int, typer.Option(metavar="N", min=1, max=120, help="How many months.")] = 36,
    foresight: Annotated[
        Literal["rolling", "perfect"],
        typer.Option(help="Plan anew each month, or know all months from the start."),
    ] = "rolling",
    stagger: Annotated[
        int,
        typer.Option(metavar="MONTHS", min=0, help="Try measures one by one too."),
    ] = 0,
    over: Annotated[
        GroupName | None,
        typer.Option(metavar="GROUP", help="Try the loss of each element, origin, hub, … as well."),
    ] = None,
    pace: Annotated[
        bool, typer.Option("--pace", help="Seek how fast adaptation would have to be.")
    ] = False,
    graphs: Annotated[
        Literal["few", "all", "none"],
        typer.Option(help="Draw each month: a page each for up to six scenarios, for all, none."),
    ] = "few",
    adopt_months: Annotated[
        str | None,
        typer.Option(metavar="FROM..TO", help="Try these months of adoption, such as 1..12."),
    ] = None,
    weighting: Weighed = None,
    budget: Budget = None,
    targets: Targets = None,
    variant: Variant = None,
    reference: From = None,
    lift: Lift = False,
    solver: Solver = "highs",
    out: Out = None,
    as_json: AsJson = False,
) -> int:
    """Follow scenarios month by month: when they bite, how deep, and when it is back."""
    from analyzer.network.case import case
    from analyzer.network.case import scenario as one_scenario
    from analyzer.network.groups import Over
    from analyzer.report.month_page import MOST_GRAPHS
    from analyzer.report.over_time import answer, summary, write
    from analyzer.study import horizon as study

    started = datetime.now(UTC)
    if solver != "highs":
        msg = "months are solved by HiGHS alone, from plan to plan; `aftercut run` takes others"
        raise typer.BadParameter(msg, param_hint="--solver")
    paces = None if adopt_months is None else _paces(adopt_months)
    opened = case(dataset, scenario or (), variants=variants_of(variant))
    options = options_of(opened.tables, weighting=weighting, budget=budget, targets=targets)
    asked = study.Asked(
        months=months,
        foresight=study.Foresight(foresight),
        stagger=stagger,
        over=None if over is None else Over(over),
        pace=pace,
        reference=None if reference is None else one_scenario(dataset, reference),
        lift=lift,
        graphs=(out is not None or not as_json)
        and len(opened.scenarios) <= {"few": MOST_GRAPHS, "all": inf, "none": 0}[graphs],
    )
    tell_notes(opened.tables.warnings, opened.notes)
    with ExitStack() as held:
        folder = None
        if out is not None:
            folder = held.enter_context(folder_for(dataset, out))
        told = _progress()
        found = study.horizon(opened, opened.scenarios, asked=asked, options=options, tell=told)
        renewal = None
        if paces is not None:
            renewal = study.renewal(
                opened,
                opened.scenarios,
                adopt_months=paces,
                asked=asked,
                options=options,
                tell=told,
            )
        told("")
        if as_json:
            print(json.dumps(answer(found, renewal), indent=1, allow_nan=False))
        else:
            print(summary(found, renewal), end="")
        if not as_json:
            name = opened.tables.settings.id
            folder = own_or_fresh(held, folder, dataset, name=name, started=started)
        if folder is not None:
            from analyzer.report.over_time_page import over_time_pages  # no answer waits for it

            pages = over_time_pages(found)
            write(found, folder, started=started, pages=pages, renewal=renewal)
    if folder is not None and not as_json:
        print(folder.path)
    return Exit.DONE if found.certified else Exit.UNCERTIFIED


def _paces(text: str) -> tuple[int, ...]:
    known = re.fullmatch(r"(\d{1,3})(?:\.\.(\d{1,3}))?", text, re.ASCII)
    first, last = (int(known[1]), int(known[2] or known[1])) if known else (1, 0)
    if first > last:
        msg = f"{text!r} is neither a number of months nor a range of them, such as 1..12"
        raise typer.BadParameter(msg, param_hint="--adopt-months")
    return tuple(range(first, last + 1))


def _progress() -> "Callable[[str], None]":
    """Return what tells a terminal how far it got; nobody else is told."""

    def told(name: str) -> None:
        from analyzer.report.words import visible

        print(f"\r\x1b[K{visible(name)}", end="", file=sys.stderr, flush=True)

    return told if sys.stderr.isatty() else lambda _: None
