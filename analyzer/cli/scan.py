"""``aftercut scan``: try every cut of a kind, or every pair, print the worst, write all."""

import json
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from analyzer.cli.sweeping import BackendName, Dask, Jobs, Resume, progress_bar, workers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from analyzer.network.case import Case
    from analyzer.programme.flow import Options
    from analyzer.report.run_folder import RunFolder
    from analyzer.study.contingency import Contingency, Sweep, Verified
    from analyzer.study.cuts import Scan
    from analyzer.study.sweep import How, Job


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
    variant: Variant = None,
    jobs: Jobs = None,
    backend: BackendName = "threads",
    dask: Dask = None,
    resume: Resume = None,
    out: Out = None,
    as_json: AsJson = False,
) -> int:
    """Lose each element or group, or each two: which losses hurt most, hide, or are wasted."""
    from analyzer.network.case import case
    from analyzer.report.loss_table import SHOWN, summary
    from analyzer.report.losses import answer, asked, write

    started = datetime.now(UTC)
    shown = SHOWN if top is None else top
    how, where = workers(jobs, backend, dask), _where(out, resume)
    tried = _scan(over=over, order=order, cut=cut, top=shown)
    opened = case(dataset, variants=variants_of(variant))
    options = options_of(opened.tables, weighting=weighting, budget=budget, targets=targets)
    tell_notes(opened.tables.warnings, opened.notes)
    with ExitStack() as held:
        # a folder that cannot be written is refused before anything is solved
        folder = None
        if where is not None:
            folder = held.enter_context(folder_for(dataset, where, resume=resume is not None))

        def swept(job: "Job[Any]", tasks: "Sequence[Any]") -> "pd.DataFrame":
            nonlocal folder  # only now is it known that there is something to do
            if not as_json:
                name = opened.tables.settings.id
                folder = own_or_fresh(held, folder, dataset, name=name, started=started)
            question = asked(opened, tried, options)
            return _swept(job, tasks, how=how, folder=folder, question=question)

        found = _found(opened, tried, options, done=swept)
        checked = None if verify is None else _verified(found, verify)
        if as_json:
            told = answer(found, most=top, checked=checked)
            print(json.dumps(told, indent=1, allow_nan=False))
        else:
            print_drawn(lambda width: summary(found, most=shown, width=width))
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


def _where(out: Path | None, resume: Path | None) -> Path | None:
    if out is not None and resume is not None:
        msg = "a run is taken up where it is; leave out --out"
        raise typer.BadParameter(msg, param_hint="--resume")
    return out if resume is None else resume


def _swept(
    job: "Job[Any]",
    tasks: "Sequence[Any]",
    *,
    how: "How",
    folder: "RunFolder | None",
    question: "Mapping[str, object]",
) -> "pd.DataFrame":
    """Do the sweep of a scan; rows are kept in the folder as they come, for it may take long."""
    from analyzer.report.sweep_folder import SweepFolder
    from analyzer.study.sweep import sweep

    store = None if folder is None else SweepFolder(folder, asked=question)
    try:
        with progress_bar("stretches of pairs" if question["order"] == 2 else "cuts") as progress:  # noqa: PLR2004 - two are a pair
            return sweep(job, tasks, how=how, store=store, progress=progress)
    except KeyboardInterrupt:
        if folder is not None:
            tell(f"Interrupted; the same command with --resume {folder.path} takes it up.")
        raise


def _found(opened: "Case", tried: "Scan", options: "Options", *, done: "Sweep") -> "Contingency":
    from analyzer.study.contingency import contingency
    from analyzer.study.cuts import NothingToCutError

    try:
        return contingency(opened, tried, options=options, done=done)
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
