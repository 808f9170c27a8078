"""What commands that sweep share: who works on it, how far it is, and what is taken up."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from analyzer.study.sweep import How

Jobs = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="How many work on it; default: all cores.")
]
BackendName = Annotated[
    Literal["threads", "processes"], typer.Option("--backend", help="What these are.")
]
Dask = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Let the Dask cluster at tcp://HOST:PORT do it."),
]
Resume = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Take up the run that was broken off in this folder."),
]


def workers(jobs: int | None, backend: Literal["threads", "processes"], dask: str | None) -> "How":
    """Return who works.

    Raises
    ------
    typer.BadParameter
        If a number of workers is given beside a cluster, which has its own.
    """
    from joblib import cpu_count

    from analyzer.study.cluster import refuse_unless_there
    from analyzer.study.sweep import Backend, How

    if jobs is not None and dask is not None:
        msg = "a cluster has its own workers; leave out --jobs"
        raise typer.BadParameter(msg, param_hint="--dask")
    if dask is not None:  # known before anything is read or built
        refuse_unless_there(dask)
    return How(jobs=jobs or cpu_count(), backend=Backend(backend), dask=dask)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show how far a sweep is, with rate and time left, if standard error is a terminal.

    Parameters
    ----------
    what : str
        What is counted.

    Yields
    ------
    callable
        To be told how many are done, of how many.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        shown = progress.add_task(what, total=None, rate="")

        def told(done: int, total: int) -> None:
            speed = progress.tasks[shown].speed
            rate = "" if speed is None else f"{speed:,.0f} a second"
            progress.update(shown, completed=done, total=total, rate=rate)

        yield told
