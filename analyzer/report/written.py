"""What a run leaves behind in its folder, and how its report is made again from there.

Convention: whatever the report needs is written beside it, so that no dataset and no solver is
needed to make it again; the same files give the same report, byte by byte.
"""

from datetime import datetime
from pathlib import Path

from analyzer.report.kept import (
    ABOUT,
    ANSWER,
    CHANGES,
    REPORT,
    Kept,
    kept,
    read_kept,
    understood,
    with_months,
    with_scan,
)
from analyzer.report.otherwise import frame
from analyzer.report.page import page
from analyzer.report.results import manifest, result_rows
from analyzer.report.run_folder import RunFolder, rewrite
from analyzer.study.compare import Comparison
from analyzer.study.crew import Crew
from analyzer.study.restated import Restated


def write(
    comparison: Comparison,
    folder: RunFolder,
    *,
    started: datetime,
    other: Restated | None = None,
    crew: Crew | None = None,
) -> None:
    """Write a run: results, flows, answer, page, report, and last ``run.json``.

    Parameters
    ----------
    comparison : Comparison
        The result of the run.
    folder : RunFolder
        Held for this run.
    started : datetime
        When the run began; with its zone.
    other : Restated, optional
        Its conclusions on other facts.
    crew : Crew, optional
        Processes that help: they make the report beside the page.
    """
    run = kept(comparison, other)
    report = (crew or Crew()).begin(drawn, run)
    results = result_rows(comparison)
    folder.write_parquet("results.parquet", results)
    folder.write_csv("results.csv", results)
    folder.write_parquet("flows.parquet", comparison.flows)
    folder.write_parquet(CHANGES, comparison.changes)
    folder.write_parquet("binding.parquet", comparison.binding)
    if other is not None:
        folder.write_csv("otherwise.csv", frame(other))
    folder.write_json(ANSWER, run.answer)
    folder.write_json(ABOUT, run.about)
    folder.write_text("page.html", page(comparison))
    folder.write_text(REPORT, report())
    folder.finish(manifest(comparison, started=started))


def drawn(run: Kept) -> str:
    """Return the report; what draws its figures is loaded only here, since it takes as long."""
    from analyzer.report.report import report

    return report(run)


def rebuild_report(folder: Path, *, scan: Path | None = None, horizon: Path | None = None) -> Path:
    """Make the report of a finished run again from its files; return where it is.

    Parameters
    ----------
    folder : Path
        Folder of the run; nothing else is read but the scan's and the horizon's.
    scan : Path, optional
        Folder of a scan of the same dataset, to be told of in the report.
    horizon : Path, optional
        Folder of a horizon of the same dataset, likewise.

    Raises
    ------
    analyzer.report.run_folder.RunRefusedError
        If the run did not end, is of an earlier version, or a file of it other than the report is
        not what it wrote.
    analyzer.report.run_folder.OutputRefusedError
        If the folder is busy or not writable.
    """
    with understood(folder):
        run = read_kept(folder)
    if scan is not None:
        with understood(scan):
            run = with_scan(run, scan)
    if horizon is not None:
        with understood(horizon):
            run = with_months(run, horizon)
    with understood(folder):
        told = drawn(run)
    rewrite(folder, REPORT, told)
    return folder / REPORT
