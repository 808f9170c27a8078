"""The answer of a run as JSON and as rows, and what it rested on.

Convention: a number that is not certified is null in JSON, and blank in tables.
"""

import hashlib
import math
import platform
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from analyzer.programme.highs import OPTIONS, options_read_back
from analyzer.report.findings import as_records
from analyzer.report.words import listed
from analyzer.study.compare import BASELINE, Comparison
from scenarios.schema import Scenario
from supply_data.schema import Tables, Weighting

PACKAGES = (
    "aftercut",
    "highspy",
    "pulp",
    "networkx",
    "pandas",
    "numpy",
    "scipy",
    "pyvis",
    "matplotlib",
)


def answer(comparison: Comparison) -> dict[str, Any]:
    """Return the answer of a run with the keys of its contract.

    Returns
    -------
    dict
        ``dataset``, ``weighting``, ``targets``, ``baseline`` and ``scenarios``; capacities and
        systems are null and empty where they are not certified.
    """
    tables = comparison.case.tables
    rows = {str(row["scenario"]): row for row in comparison.table.to_dict("records")}
    baseline = rows.pop(BASELINE)
    told = _told(comparison)
    return {
        "dataset": dataset_record(tables),
        "weighting": comparison.weighting,
        "targets": comparison.targets,
        "from": comparison.reference,
        "budget_usd_per_month": comparison.budget_usd_per_month,
        "baseline": {
            "capacity": number(baseline["capacity"]),
            "systems": systems(comparison, BASELINE),
            "binding": _binding(comparison, BASELINE),
            "evidence": _evidence(comparison, BASELINE),
            "findings": told.get(BASELINE, []),
            "unknown": list(comparison.unknown),
            "certified": bool(baseline["certified"]),
        },
        "scenarios": [_scenario(comparison, row, told) for row in rows.values()],
        "unlisted": records(comparison.unlisted),
    }


def dataset_record(tables: Tables) -> dict[str, Any]:
    """Return which dataset an answer is of, and which readings of contradictions it holds."""
    return {
        "id": tables.settings.id,
        "sha256": tables.sha256,
        "variants": dict(tables.variants),
    }


def _told(comparison: Comparison) -> dict[str, list[dict[str, Any]]]:
    """Return the claims of each scenario with the elements that prove them."""
    told: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in as_records(comparison):
        claim = {"text": record["text"], "elements": record["elements"]}
        told[record["scenario"]].append(claim)
    return told


def _scenario(
    comparison: Comparison, row: dict[Any, Any], told: dict[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    name = str(row["scenario"])
    found = comparison.outcomes[name]
    measures = comparison.measures[comparison.measures["scenario"] == name]
    return {
        "scenario": name,
        "title": row["title"],
        "capacity": number(row["capacity"]),
        "surviving": number(row["surviving"]),
        "interval": [number(row["interval_low"]), number(row["interval_high"])],
        "at_once": number(row["at_once"]),
        "surviving_by_weighting": {
            weighting.value: number(row[f"surviving_{weighting.value}"]) for weighting in Weighting
        },
        "rank_by_weighting": {
            weighting.value: number(row[f"rank_{weighting.value}"]) for weighting in Weighting
        },
        "systems": systems(comparison, name),
        "first_choice_share": found.first_choice,
        "binding": _binding(comparison, name),
        "pillars": {
            pillar.value: {
                "ceiling": stands.ceiling,
                "relief": stands.relief,
                "loss_share": stands.loss_share,
            }
            for pillar, stands in (found.standings or {}).items()
        },
        "binds": found.binds,
        "measures": records(measures.drop(columns=["scenario"])),
        "evidence": _evidence(comparison, name),
        "findings": told.get(name, []),
        "certified": bool(row["certified"]),
    }


def _binding(comparison: Comparison, scenario: str) -> list[dict[str, Any]]:
    rows = comparison.binding[comparison.binding["scenario"] == scenario]
    return records(rows.drop(columns="scenario"))


def _evidence(comparison: Comparison, scenario: str) -> dict[str, Any]:
    found = comparison.evidence(scenario)
    return {
        "shares": {basis.value: share for basis, share in found.shares.items()},
        "weakest": found.weakest,
        "oldest": found.oldest,
        "undated": found.undated,
    }


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame for JSON; None for what is not certified."""
    return [
        {
            str(key): number(value) if isinstance(value, float) else value
            for key, value in row.items()
        }
        for row in frame.to_dict("records")
    ]


def number(value: object) -> float | None:
    """Return a number for JSON; None for what is not certified."""
    return float(value) if isinstance(value, float) and math.isfinite(value) else None


def systems(comparison: Comparison, scenario: str) -> dict[str, float]:
    """Return the output of each system in units per month."""
    of = comparison.systems[comparison.systems["scenario"] == scenario]
    return dict(zip(of["system"], of["output_per_month"].astype(float), strict=True))


def cuts_in_words(comparison: Comparison) -> dict[str, str]:
    """Return what each scenario cuts, in a few words.

    Whole elements by kind, by name where they are few; goods on lanes by how many lanes.
    """
    names = ("scenario", "element", "good", "remaining")
    cuts: dict[str, list[_Cut]] = defaultdict(list)
    for scenario, *cut in zip(*(comparison.cuts[name].tolist() for name in names), strict=True):
        cuts[scenario].append(_Cut(*cut))
    return {name: listed(list(_phrases(rows)), most=4) for name, rows in cuts.items()}


class _Cut(NamedTuple):
    """An element, or a good on a lane, and the share that remains."""

    element: str
    good: str
    remaining: float


def _phrases(cuts: Sequence[_Cut]) -> Iterator[str]:
    kinds: dict[str, list[_Cut]] = defaultdict(list)
    for cut in cuts:
        if not cut.good:
            kinds[cut.element.partition(":")[0]].append(cut)
    for kind, rows in kinds.items():
        names = [row.element.partition(":")[2] for row in rows]
        what = listed(names) if len(rows) <= 2 else f"{len(rows)} {_plural(kind)}"  # noqa: PLR2004 - few
        yield f"{what} {_cut_by(rows)}"
    goods = [cut for cut in cuts if cut.good]
    if goods:
        lanes, items = (len(set(names)) for names in zip(*(cut[:2] for cut in goods), strict=True))
        what = f"{items} component{'s' * (items > 1)} on {lanes} lane{'s' * (lanes > 1)}"
        yield f"{what} {_cut_by(goods)}"


def _plural(kind: str) -> str:
    return "supplies" if kind == "supply" else f"{kind}s"


def _cut_by(cuts: Sequence[_Cut]) -> str:
    remaining = [cut.remaining for cut in cuts]
    most, least = 1 - min(remaining), 1 - max(remaining)
    if least == 1:
        return "stopped"
    if round(100 * least) == round(100 * most):
        return f"-{100 * most:.0f} %"
    return f"-{100 * least:.0f} to -{100 * most:.0f} %"


def result_rows(comparison: Comparison) -> pd.DataFrame:
    """Return the result as one wide frame: a row a scenario, a column a system."""
    shares = comparison.systems.assign(column="output_per_month." + comparison.systems["system"])
    wide = shares.pivot_table(index="scenario", columns="column", values="output_per_month")
    return with_cuts(comparison).merge(wide, left_on="scenario", right_index=True, how="left")


def with_cuts(comparison: Comparison) -> pd.DataFrame:
    """Return the ranked rows with what each scenario cuts, in words."""
    cuts = cuts_in_words(comparison)
    told = [cuts.get(str(name), "") for name in comparison.table["scenario"]]
    return comparison.table.assign(cuts=told)


def manifest(comparison: Comparison, *, started: datetime) -> dict[str, Any]:
    """Return what a run rested on: inputs, versions, solver options, counts, certificates."""
    tables = comparison.case.tables
    return {
        "started": started.astimezone(UTC).isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        "dataset": dataset_record(tables),
        "scenarios": {
            "sha256": comparison.case.scenarios_sha256,
            "ids": [scenario.id for scenario in comparison.case.scenarios],
        },
        "weighting": comparison.weighting,
        "targets": comparison.targets,
        "from": comparison.reference,
        "from_sha256": hash_of(comparison.given),
        "budget_usd_per_month": comparison.budget_usd_per_month,
        "lift": comparison.lift,
        **proof(comparison),
        "evidence": {name: _evidence(comparison, name) for name in comparison.outcomes},
    }


def proof(comparison: Comparison) -> dict[str, Any]:
    """Return what was proved of a run and by what means; the part of ``run.json`` that is told."""
    return {
        "solver": comparison.options.solver,
        **means(),
        "counts": {
            "capacities": comparison.tally.solves,
            "cold_resolves": comparison.tally.cold_resolves,
            "without_solve": comparison.tally.without_solve,
            "programmes_built": comparison.programmes,
            "uncertified": comparison.tally.uncertified,
            "unknown_limits": len(comparison.unknown),
            "pruned": len(comparison.pruned),
        },
        "certificates": [
            {**row, "certified": bool(row["certified"]), "width": number(row["width"])}
            for row in comparison.certificates.to_dict("records")
        ],
    }


def means() -> dict[str, Any]:
    """Return by what a run was computed: versions, options of the solver as it has them, seed."""
    return {
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in PACKAGES},
        },
        "solver_options": options_read_back(),
        "seed": OPTIONS["random_seed"],
    }


def hash_of(scenario: Scenario | None) -> str | None:
    """Return the hash of what a scenario says, wherever it was read."""
    if scenario is None:
        return None
    return hashlib.sha256(scenario.model_dump_json(by_alias=True).encode()).hexdigest()


def input_paths(dataset: str) -> tuple[Path, ...]:
    """Return the folder that a run reads, if it is one of the user's own."""
    path = Path(dataset)
    return (path,) if path.is_dir() else ()
