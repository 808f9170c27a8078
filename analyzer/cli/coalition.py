"""``aftercut coalition``: who of the senders of a scenario matters."""

import json
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Annotated

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


def coalition(
    scenario: Asked = None,
    dataset: OnDataset = SHIPPED,
    orders: Annotated[
        int, typer.Option(metavar="N", min=2, max=10**6, help="Random orders, beyond 15 senders.")
    ] = 1000,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Draws the same orders again.")] = 0,
    weighting: Weighed = None,
    budget: Budget = None,
    targets: Targets = None,
    variant: Variant = None,
    out: Out = None,
    as_json: AsJson = False,
) -> int:
    """Tell who of the senders matters: shares of the loss, who leaving hurts, who should join."""
    from analyzer.network.case import case
    from analyzer.report.senders import answer, summary, write
    from analyzer.report.senders_page import senders_page
    from analyzer.study.coalition import coalition as study

    started = datetime.now(UTC)
    opened = case(dataset, scenario or (), variants=variants_of(variant))
    options = options_of(opened.tables, weighting=weighting, budget=budget, targets=targets)
    tell_notes(opened.tables.warnings, opened.notes)
    with ExitStack() as held:
        # a folder that cannot be written is refused before anything is solved
        folder = None if out is None else held.enter_context(folder_for(dataset, out))
        found = study(
            opened,
            opened.scenarios,
            options=options,
            orders=orders,
            seed=seed,
            tell=_progress if sys.stderr.isatty() else lambda _: None,
        )
        told = json.dumps(answer(found), indent=1, allow_nan=False) if as_json else summary(found)
        print(told.rstrip())
        if not as_json:
            name = opened.tables.settings.id
            folder = own_or_fresh(held, folder, dataset, name=name, started=started)
        if folder is not None:
            write(found, folder, started=started, page=senders_page(found))
    if folder is not None and not as_json:
        print(folder.path)
    return Exit.DONE if found.certified else Exit.UNCERTIFIED


def _progress(name: str) -> None:
    from analyzer.report.words import visible

    tell(f"{visible(name)} …")
