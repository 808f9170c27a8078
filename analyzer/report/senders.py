"""What is told of senders: as JSON, as text for the terminal, and as the files of a run."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from analyzer.report.results import dataset_record, means, number, records
from analyzer.report.run_folder import RunFolder
from analyzer.report.words import CERTIFIED, NOT_A_FORECAST, UNCERTIFIED, amount, percent, visible
from analyzer.study.coalition import Coalitions
from analyzer.study.frames import unknown_limits

MOST = 8
"""How many outsiders and pairs are told in the terminal."""
DUST = 5e-4
"""Share of the baseline's capacity below which nothing is said."""
SAYS = (
    "Share: the sender's Shapley value, % of the baseline's capacity; shares sum to what all lose "
    "together. Leaving: loss that is missing if it alone leaves. Flows are nobody's cost. "
    f"{NOT_A_FORECAST}"
)


def answer(found: Coalitions) -> dict[str, Any]:
    """Return the answer about senders with the keys of its contract."""
    tables = found.case.tables
    return {
        "dataset": dataset_record(tables),
        "weighting": found.weighting.value,
        "targets": found.options.target_set,
        "baseline": {
            "capacity": found.baseline.capacity,
            "unknown": list(unknown_limits(found.case)),
            "certified": found.baseline.certified,
        },
        "scenarios": [_scenario(found, row) for row in records(found.table)],
        "certified": found.certified,
    }


def _scenario(found: Coalitions, row: dict[str, Any]) -> dict[str, Any]:
    return {
        **row,
        "senders": of_scenario(found.senders, row["scenario"]),
        "outsiders": of_scenario(found.outsiders, row["scenario"]),
        "pairs": of_scenario(found.pairs, row["scenario"]),
    }


def of_scenario(frame: pd.DataFrame, scenario: str) -> list[dict[str, Any]]:
    """Return the rows of one scenario, without its id."""
    rows = frame[frame["scenario"] == scenario].drop(columns="scenario").to_dict("records")
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: object) -> object:
    if isinstance(value, float):
        return number(value)
    return list(value) if isinstance(value, tuple) else value


def summary(found: Coalitions) -> str:
    """Return what is told in a terminal, as plain text."""
    settings = found.case.tables.settings
    parts = [visible(settings.title or settings.id)]
    parts += ["\n".join(_told(found, row)) for row in records(found.table)]
    return "\n\n".join([*parts, f"Numbers: {CERTIFIED}. {SAYS}"]) + "\n"


def _told(found: Coalitions, row: dict[str, Any]) -> Iterator[str]:
    name, base = row["scenario"], found.baseline.capacity
    if not row["certified"] or not base:
        yield f"{visible(name)}: {UNCERTIFIED}"
        return
    first, *others = headlines(row, base)
    yield f"{visible(name)}: {first}"
    yield from (f"  {other}" for other in others)
    senders = of_scenario(found.senders, name)
    if senders:
        yield f"  {'Sender':<12}{'Share':>10}{'Leaving':>12}"
    for each in senders:
        margin = f" ± {percent(each['margin'] / base)}" if each["margin"] else ""
        burden = each["loss_per_burden"]
        per = "" if burden is None else f"  {amount(burden)} per USD m of burden"
        share, leaving = percent(each["loss_share"] / base), percent(each["hold_out_loss"] / base)
        yield f"  {visible(each['sender']):<12}{share:>10}{leaving:>12}{margin}{per}"
    yield from _others(found, name, base)


def headlines(row: dict[str, Any], base: float) -> Iterator[str]:
    """Yield what is lost, and the part of it that no sender can take back."""
    how = "all coalitions" if row["exact"] else "random orders, with 95 % intervals"
    yield f"{percent(row['loss'] / base)} is lost ({how})"
    if row["unsent"] / base > DUST:
        yield f"of that {percent(row['unsent'] / base)} by measures that name no sender"


def joining(found: Coalitions, name: str, base: float) -> Iterator[str]:
    """Yield what outsiders would add."""
    known = [e for e in of_scenario(found.outsiders, name) if e["adds"] / base > DUST]
    if known:
        told = (f"{visible(e['sender'])} {percent(e['adds'] / base)}" for e in known[:MOST])
        yield f"Joining would add: {', '.join(told)}"


def _others(found: Coalitions, name: str, base: float) -> Iterator[str]:
    """Yield who could join, and which measures help or hinder one another."""
    yield from (f"  {told}" for told in joining(found, name, base))
    pairs = [each for each in of_scenario(found.pairs, name) if each["word"] != "independent"]
    for each in sorted(pairs, key=lambda one: -abs(one["index"]))[:MOST]:
        both = f"{visible(each['measure'])} + {visible(each['other'])}"
        yield f"  {each['word'].capitalize()}: {both}, {percent(abs(each['index']) / base)}"


def write(found: Coalitions, folder: RunFolder, *, started: datetime, page: str) -> None:
    """Write what is told of senders: frames, the answer, and last ``run.json``.

    Parameters
    ----------
    found : Coalitions
        The senders.
    folder : RunFolder
        Held for this run.
    started : datetime
        When the run began; with its zone.
    page : str
        The same to be looked at (`analyzer.report.senders_page`).
    """
    told = answer(found)
    results = found.senders.assign(measures=[";".join(ids) for ids in found.senders["measures"]])
    folder.write_parquet("results.parquet", results)
    folder.write_csv("results.csv", results)
    folder.write_text("coalition.html", page)
    folder.write_json("answer.json", told)
    folder.finish(
        {
            "started": started.astimezone(UTC).isoformat(timespec="seconds"),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            **{name: told[name] for name in ("dataset", "weighting", "targets")},
            "scenarios": {"sha256": found.case.scenarios_sha256},
            **means(),
            "counts": {"coalitions": int(found.table["solves"].sum())},
            "unknown_limits": len(told["baseline"]["unknown"]),
        }
    )
