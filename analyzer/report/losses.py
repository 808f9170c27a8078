"""What a scan leaves behind: its answer as JSON, its rows as files, and what it rested on.

Convention: a number that is not certified is null in JSON, and blank in tables. Ids of a pair are
joined by ``;`` in tables, which no key contains.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from analyzer.network.case import Case
from analyzer.network.groups import Over
from analyzer.programme.flow import Options
from analyzer.report.results import dataset_record, means, number, records
from analyzer.report.run_folder import RunFolder
from analyzer.study.contingency import Contingency, Verified
from analyzer.study.cuts import Cut, Scan
from analyzer.study.frames import unknown_limits
from supply_data.schema import Level, Plant, Stock, Supply

OUTPUT = "output_per_month."


def asked(case: Case, scan: Scan, options: Options) -> dict[str, Any]:
    """Return what tells a scan from any other, by name."""
    settings = case.tables.settings
    return {
        "dataset": dataset_record(case.tables),
        "scenarios": case.scenarios_sha256,
        "weighting": (options.weighting or settings.weighting).value,
        "targets": options.target_set,
        "budget_usd_per_month": options.budget_usd_per_month,
        "order": scan.order,
        "over": scan.over.value,
        "cut": scan.share,
    }


def answer(
    found: Contingency, *, most: int | None = None, checked: Verified | None = None
) -> dict[str, Any]:
    """Return the answer of a scan with the keys of its contract.

    Parameters
    ----------
    found : Contingency
        The scan.
    most : int, optional
        How many telling cuts, hidden pairs and wasted cuts are listed; all, telling or not, unless
        given.
    checked : Verified, optional
        What solving for a sample gave.
    """
    tables, scan, baseline = found.case.tables, found.scan, found.baseline
    systems = baseline.systems()
    return {
        "dataset": dataset_record(tables),
        "weighting": found.weighting.value,
        "targets": found.ready.options.target_set,
        "budget_usd_per_month": found.ready.model.sets.budget_usd_per_month,
        "order": scan.order,
        "over": scan.over.value,
        "share": None if scan.over is Over.MEASURE else scan.share,
        "baseline": {
            "capacity": baseline.capacity,
            "systems": dict(zip(systems["system"], systems["output_per_month"], strict=True)),
            "unknown": list(unknown_limits(found.case)),
            "certified": baseline.certified,
        },
        "cuts": [
            _cut(found, row)
            for row in _rows(found.table if most is None else found.telling.head(most))
        ],
        "hidden_pairs": _pairs(found.hidden_pairs, most),
        "wasted_cuts": _pairs(found.wasted_cuts, most),
        "skipped": list(found.skipped),
        "counts": _counts(found),
        "lp_solves": found.lp_solves,
        "verified": None if checked is None else _verified(checked),
    }


def _all(most: int | None, table: pd.DataFrame) -> int:
    return len(table) if most is None else most


def _rows(table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    yield from ({str(k): v for k, v in row.items()} for row in table.to_dict("records"))


def _cut(found: Contingency, row: dict[str, Any]) -> dict[str, Any]:
    binding = found.binding.get(row["cut"])
    pair = {"synergy": number(row["synergy"])} if found.scan.order > 1 else {}
    return {
        "cut": list(row["cut"]),
        "capacity": number(row["capacity"]),
        "surviving": number(row["surviving"]),
        **pair,
        "systems": {
            name.removeprefix(OUTPUT): number(value)
            for name, value in row.items()
            if name.startswith(OUTPUT)
        },
        "how": row["how"] or None,
        "proof": row["proof"] or None,
        "binding": None if binding is None else records(binding),
        "civil_use": _civil_use(found, row["cut"]),
        "certified": bool(row["certified"]),
        **({"failure": row["failure"]} if row["failure"] else {}),
    }


def _pairs(table: pd.DataFrame, most: int | None) -> list[dict[str, Any]]:
    names = ("surviving", "synergy", "wasted")
    return [
        {"cut": list(row["cut"]), **{name: number(row[name]) for name in names}}
        for row in _rows(table.head(_all(most, table)))
    ]


def _civil_use(found: Contingency, cut: tuple[str, ...]) -> str | None:
    """Return the largest civil use of the components that are cut; None if none is named."""
    tables = found.case.tables
    named = {part for name in cut for part in _components(found, found.known[name])}
    uses = {tables.components[name].civil_use for name in named if name in tables.components}
    return next((use.value for use in reversed(Level) if use in uses), None)


def _components(found: Contingency, cut: Cut) -> Iterator[str]:
    for element in cut.effect.availability:
        row = found.case.tables.elements[element]
        if isinstance(row, (Supply, Stock)):
            yield row.component
        elif isinstance(row, Plant):
            yield row.product
    yield from (good.item for _, good in cut.effect.arrival)


def _counts(found: Contingency) -> dict[str, int]:
    return {**vars(found.counts), "rows": len(found.table)}


def _verified(checked: Verified) -> dict[str, Any]:
    return {
        "rows": checked.rows,
        "largest_difference": checked.difference,
        "uncertified": checked.uncertified,
    }


def result_rows(found: Contingency) -> pd.DataFrame:
    """Return the rows of a scan as files have them."""
    table = found.table
    return table.assign(cut=[";".join(cut) for cut in table["cut"]])


def binding_rows(found: Contingency) -> pd.DataFrame:
    """Return what binds after the first cuts, a row a cut and limit."""
    frames = [frame.assign(cut=";".join(cut)) for cut, frame in found.binding.items()]
    whole = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame({"cut": []})
    return whole[["cut", *whole.columns.drop("cut")]]


def write(
    found: Contingency,
    folder: RunFolder,
    *,
    started: datetime,
    most: int | None = None,
    checked: Verified | None = None,
) -> None:
    """Write a scan: rows, what binds, the answer, and last ``run.json``.

    Parameters
    ----------
    found : Contingency
        The scan.
    folder : RunFolder
        Held for this run.
    started : datetime
        When the run began; with its zone.
    most : int, optional
        How many cuts the answer lists.
    checked : Verified, optional
        What solving for a sample gave.
    """
    results = result_rows(found)
    folder.write_parquet("results.parquet", results)
    folder.write_csv("results.csv", results)
    if found.binding:
        folder.write_parquet("binding.parquet", binding_rows(found))
    told = answer(found, most=most, checked=checked)
    folder.write_json("answer.json", told)
    kept = ("dataset", "weighting", "targets", "budget_usd_per_month", "order", "over", "share")
    folder.finish(
        {
            "started": started.astimezone(UTC).isoformat(timespec="seconds"),
            "finished": datetime.now(UTC).isoformat(timespec="seconds"),
            **{name: told[name] for name in kept},
            "scenarios": {"sha256": found.case.scenarios_sha256},
            "skipped": told["skipped"],
            **means(),
            "counts": told["counts"],
            "lp_solves": told["lp_solves"],
            "verified": told["verified"],
            "unknown_limits": len(told["baseline"]["unknown"]),
        }
    )
