"""What a run keeps of itself, so that its report can be made again from its files alone.

Convention: `Kept` is the same whether it comes from a comparison or from a finished folder: plain
values that JSON holds, and one frame. Nothing is computed here that was not in the run.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import jinja2
import pandas as pd

from analyzer.report.about import about
from analyzer.report.otherwise import answer
from analyzer.report.parquet import read_parquet
from analyzer.report.results import proof
from analyzer.report.run_folder import NoReportError, RunRefusedError, read_run
from analyzer.report.tables import leaves_all, worst_first
from analyzer.study.compare import BASELINE
from scenarios.schema import BadScenarioError
from supply_data.schema import BadTablesError, shown

if TYPE_CHECKING:
    from analyzer.study.compare import Comparison
    from analyzer.study.restated import Restated

Moved = dict[str, tuple[float, float]]
"""USD a month in the baseline and under a scenario."""

ANSWER, ABOUT, CHANGES = "answer.json", "about.json", "changes.parquet"
REPORT = "report.html"
_SAME = ("dataset", "weighting", "targets", "budget_usd_per_month")
"""What a scan, or a horizon, must share with the run beside which it is told."""
_FRAMES = {"curve": "horizon.parquet", "systems": "systems.parquet", "measures": "measures.parquet"}
_LARGE = 1e6


@dataclass(frozen=True, eq=False)
class Months:
    """What scenarios do month by month, as ``aftercut horizon`` left it.

    Attributes
    ----------
    answer : mapping
        Its answer (`analyzer.report.over_time.answer`).
    curve, systems, measures : pandas.DataFrame
        As in `analyzer.study.horizon.Horizon`.
    """

    answer: Mapping[str, Any]
    curve: pd.DataFrame
    systems: pd.DataFrame
    measures: pd.DataFrame


@dataclass(frozen=True)
class Kept:
    """A run, as its report is made from it.

    Attributes
    ----------
    answer : mapping
        What ``answer.json`` holds (`analyzer.report.results.answer`).
    about : mapping
        What ``about.json`` holds (`analyzer.report.about.about`).
    changes : pandas.DataFrame
        Where flows move (`analyzer.study.changes.changes`).
    proof : mapping
        What was proved and by what means (`analyzer.report.results.proof`).
    scan : mapping or None
        What a scan of the same dataset answered (`analyzer.report.losses.answer`).
    months : Months or None
        What scenarios of the same dataset do month by month.
    """

    answer: Mapping[str, Any]
    about: Mapping[str, Any]
    changes: pd.DataFrame
    proof: Mapping[str, Any]
    scan: Mapping[str, Any] | None = None
    months: Months | None = None

    @cached_property
    def ranked(self) -> list[dict[str, Any]]:
        """The scenarios, the one that leaves least first, uncertified ones last."""
        return worst_first([_flat(row) for row in self.answer["scenarios"]])

    @cached_property
    def costly(self) -> list[dict[str, Any]]:
        """Those of them that cost something, or of which that is not known."""
        return [row for row in self.ranked if not leaves_all(row)]

    @cached_property
    def idle(self) -> list[dict[str, Any]]:
        """Those that leave all after re-planning, over the whole of their ranges."""
        return [row for row in self.ranked if leaves_all(row)]

    @cached_property
    def baseline(self) -> dict[str, Any]:
        """What scenarios are set against."""
        return _flat({"scenario": BASELINE, **self.answer["baseline"]})

    def title(self, element: str) -> str:
        """Return what people call an element."""
        return str(self.about["elements"][element]["title"])

    def systems(self, row: Mapping[str, Any]) -> pd.DataFrame:
        """Return systems: ``system``, ``name``, ``before``, ``after`` and ``assumed``.

        Shares of target before and under a scenario; no rows where they are not certified.
        """
        before, after = self.baseline["systems"], row["systems"]
        rows = [
            (
                each["system"],
                each["name"],
                before[each["system"]] / each["target_per_month"],
                after[each["system"]] / each["target_per_month"],
                each["basis"] == "assumed",
            )
            for each in self.about["systems"]
            if each["system"] in before and each["system"] in after
        ]
        return pd.DataFrame(rows, columns=["system", "name", "before", "after", "assumed"])

    def moved(self, scenario: str, group: str) -> Moved:
        """Return USD a month before and under a scenario, by member of a group of flows."""
        return self._moved.get((scenario, group), {})

    @cached_property
    def usd(self) -> float:
        """What flows are told in, USD: one, or a thousand where they are large."""
        most = self.changes["usd_before"].max() if len(self.changes) else 0.0
        return 1000.0 if most >= _LARGE else 1.0

    @cached_property
    def _moved(self) -> dict[tuple[str, str], Moved]:
        totals = self.changes[self.changes["category"] == ""]
        columns = ("scenario", "group", "key", "usd_before", "usd_after")
        found: dict[tuple[str, str], Moved] = defaultdict(dict)
        rows = zip(*(totals[column].tolist() for column in columns), strict=True)
        for scenario, group, key, before, after in rows:
            found[scenario, group][key] = (before, after)
        return found


def kept(comparison: "Comparison", other: "Restated | None" = None) -> Kept:
    """Return what a run keeps of itself, and of its conclusions on other facts."""
    return Kept(answer(comparison, other), about(comparison), comparison.changes, proof(comparison))


@contextmanager
def understood(folder: Path) -> Iterator[None]:
    """Refuse a run whose files have their hashes and still hold what no run writes.

    Raises
    ------
    RunRefusedError
        If what is done inside trips over what the files hold.
    """
    try:
        yield
    except (BadTablesError, BadScenarioError):
        raise
    except (
        ArithmeticError,
        LookupError,
        AttributeError,
        TypeError,
        ValueError,
        RecursionError,
        duckdb.Error,
        jinja2.TemplateError,
    ) as error:
        what = f"{type(error).__name__}: {error}"
        msg = (
            f"{shown(str(folder))} holds what no run of this version writes ({shown(what)}); "
            "run it again"
        )
        raise RunRefusedError(msg) from error


def read_kept(folder: Path) -> Kept:
    """Return what a finished run kept of itself.

    Raises
    ------
    UnfinishedRunError
        If the run did not end.
    ChangedRunError
        If a file of it, other than the report itself, is not what the run wrote.
    NoReportError
        If the run is of another command than ``aftercut run``, or of an earlier version.
    """
    manifest = read_run(folder, besides={REPORT})
    missing = [name for name in (ANSWER, ABOUT, CHANGES) if name not in manifest["files"]]
    if missing:
        msg = (
            f"{shown(str(folder))} has no {missing[0]}: a report is made of what `aftercut run` "
            "leaves, and not of runs of earlier versions"
        )
        raise NoReportError(msg)
    answered = json.loads((folder / ANSWER).read_bytes())
    if not answered.keys() >= {"variants", "assumptions", "evidence"}:
        msg = f"{shown(str(folder))} is of an earlier version, or of another command: run again"
        raise NoReportError(msg)
    return Kept(
        answer=answered,
        about=json.loads((folder / ABOUT).read_bytes()),
        changes=read_parquet(folder / CHANGES),
        proof=manifest,
    )


def with_scan(run: Kept, folder: Path) -> Kept:
    """Return a run beside what a scan found of the same network.

    Parameters
    ----------
    run : Kept
        The run.
    folder : Path
        What ``aftercut scan`` left.

    Raises
    ------
    UnfinishedRunError
        If the scan did not end.
    ChangedRunError
        If a file of it is not what the scan wrote.
    NoReportError
        If the folder holds no scan, or one of another dataset, weighting, targets or budget.
    """
    return replace(run, scan=_beside(run, folder, "scan", marks={"cuts", "over", "order"}))


def with_months(run: Kept, folder: Path) -> Kept:
    """Return a run beside what scenarios do month by month on the same network.

    Parameters
    ----------
    run : Kept
        The run.
    folder : Path
        What ``aftercut horizon`` left.

    Raises
    ------
    UnfinishedRunError
        If the horizon did not end.
    ChangedRunError
        If a file of it is not what the horizon wrote.
    NoReportError
        If the folder holds no horizon, or one of another dataset, weighting, targets or budget.
    """
    answered = _beside(run, folder, "horizon", marks={"months", "foresight"})
    frames = {name: read_parquet(folder / file) for name, file in _FRAMES.items()}
    return replace(run, months=Months(answered, **frames))


def _beside(run: Kept, folder: Path, command: str, *, marks: set[str]) -> dict[str, Any]:
    """Return what another command answered of the same network; refuse any other."""
    answered: dict[str, Any] = {}
    if ANSWER in read_run(folder)["files"]:
        answered = json.loads((folder / ANSWER).read_bytes())
    if not marks <= answered.keys():
        msg = f"{shown(str(folder))} holds no {command}: name what `aftercut {command}` left"
        raise NoReportError(msg)
    differs = [name for name in _SAME if answered[name] != run.answer[name]]
    if differs:
        msg = (
            f"the {command} in {shown(str(folder))} has another {differs[0]} than the run: "
            f"run `aftercut {command}` again"
        )
        raise NoReportError(msg)
    return answered


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a scenario with the columns that the words of a row of the table need."""
    low, high = row.get("interval", (None, None))
    evidence = row["evidence"]
    return {
        **row,
        "interval_low": low,
        "interval_high": high,
        "assumed_share": evidence["shares"].get("assumed"),
        "oldest": evidence["oldest"] or "",
        "binds": row.get("binds"),
    }
