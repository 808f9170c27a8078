"""What a search for the best sets of cuts leaves behind: its answer as JSON, and its files.

Convention: capacities are in the unit of the weighting. Ids of a set are joined by ``;`` in tables.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from analyzer.network.groups import Over
from analyzer.report.choices_page import choices_page, frontier_picture
from analyzer.report.results import dataset_record, means
from analyzer.report.run_folder import RunFolder
from analyzer.study.cutset import Cutset
from analyzer.study.frames import unknown_limits
from analyzer.study.quest import Chosen, Step


def answer(found: Cutset) -> dict[str, Any]:
    """Return the answer of a search with the keys of its contract."""
    tables, ask, step = found.case.tables, found.ask, found.answer
    options, sets = found.ready.options, found.ready.model.sets
    return {
        "dataset": dataset_record(tables),
        "weighting": found.weighting.value,
        "targets": options.target_set,
        "budget_usd_per_month": sets.budget_usd_per_month,
        "over": ask.over.value,
        "share": None if ask.over is Over.MEASURE else ask.share,
        "size": ask.largest,
        "burden": ask.burden,
        "below": ask.below,
        "within": ask.within,
        "baseline": {
            "capacity": found.baseline.capacity,
            "unknown": list(unknown_limits(found.case)),
            "certified": found.baseline.certified,
        },
        **_best(step),
        "status": found.status.value,
        "greedy": _greedy(found.greedy),
        "frontier": [_step(each) for each in found.steps],
        "skipped": list(found.skipped),
        "counts": {
            "cuts": len(found.cuts),
            "sets": found.nodes,
            "plans": found.rows,
            "uncertified": found.tally.uncertified,
        },
        "lp_solves": found.tally.solves,
        "certified": found.certified,
    }


def _best(step: Step | None) -> dict[str, Any]:
    if step is None:
        nothing = dict.fromkeys(("value", "surviving", "cost", "bound"))
        return {**nothing, "cuts": [], "complete": True, "in_every_optimum": [], "others": []}
    return {
        "value": step.best.value,
        "surviving": step.best.surviving,
        "cost": step.best.cost,
        "bound": step.bound,
        "cuts": [list(each.cut) for each in step.optima],
        "complete": step.complete,
        "in_every_optimum": list(step.in_every),
        "others": [_chosen(each) for each in step.others],
    }


def _chosen(chosen: Chosen) -> dict[str, Any]:
    return {**vars(chosen), "cut": list(chosen.cut)}


def _greedy(chain: Sequence[Chosen]) -> dict[str, Any] | None:
    return _chosen(chain[-1]) if chain else None


def _step(step: Step) -> dict[str, Any]:
    return {
        "budget": step.budget,
        **_chosen(step.best),
        "status": step.status.value,
        "bound": step.bound,
        "optima": len(step.optima),
        "complete": step.complete,
        "in_every_optimum": list(step.in_every),
    }


def result_rows(found: Cutset) -> pd.DataFrame:
    """Return the frontier as files have it."""
    table = found.table
    return table.assign(
        cut=[";".join(cut) for cut in table["cut"]],
        in_every_optimum=[";".join(names) for names in table["in_every_optimum"]],
    )


def write(found: Cutset, folder: RunFolder, *, started: datetime) -> None:
    """Write a search: the frontier as table and figure, a page, the answer, and last ``run.json``.

    Parameters
    ----------
    found : Cutset
        The search.
    folder : RunFolder
        Held for this run.
    started : datetime
        When the run began; with its zone.
    """
    results, told, picture = result_rows(found), answer(found), frontier_picture(found)
    folder.write_parquet("results.parquet", results)
    folder.write_csv("results.csv", results)
    if picture is not None:
        folder.write_text("frontier.svg", picture.svg)
    folder.write_text("cutset.html", choices_page(found))
    folder.write_json("answer.json", told)
    kept = (
        "dataset", "weighting", "targets", "budget_usd_per_month", "over", "share", "size",
        "burden", "below", "within", "status", "skipped", "counts", "lp_solves",
    )  # fmt: skip
    folder.finish(
        {
            "started": started.astimezone(UTC).isoformat(timespec="seconds"),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            **{name: told[name] for name in kept},
            "seconds": found.ask.seconds,
            "scenarios": {"sha256": found.case.scenarios_sha256},
            **means(),
            "unknown_limits": len(told["baseline"]["unknown"]),
        }
    )
