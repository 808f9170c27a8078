"""What draws say: as JSON, as text for the terminal, and as the files of their run.

Convention: intervals are the 5th, 50th and 95th percentile of what survives. A bar in plain
characters spans 0 to 100 % of the baseline: ``=`` from the 5th to the 95th, ``|`` at the 50th.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import pandas as pd

from analyzer.report.results import dataset_record, means, records
from analyzer.report.run_folder import RunFolder
from analyzer.report.words import (
    CERTIFIED,
    NOT_A_FORECAST,
    percent,
    percent_range,
    visible,
)
from analyzer.study.uncertainty import Uncertainty

if TYPE_CHECKING:
    from analyzer.report.pictures import Picture

BAR = 20
MOST_PAIRS, MOST_DRIVERS = 8, 4
DOUBTFUL = 0.95
"""Two scenarios whose order is the same in at least this share of draws are told apart."""


def answer(found: Uncertainty) -> dict[str, Any]:
    """Return the answer of draws with the keys of its contract.

    Returns
    -------
    dict
        ``dataset``, ``weighting``, ``targets``, ``draws``, ``figures``, ``baseline``,
        ``scenarios``, ``pairs``, ``drivers``, ``checking``, ``convergence`` and ``certified``;
        null for what is not certified.
    """
    tables, asked = found.case.tables, found.asked
    weighting = found.options.weighting or tables.settings.weighting
    base, *_ = records(found.bounds)
    return {
        "dataset": dataset_record(tables),
        "weighting": weighting.value,
        "targets": found.options.target_set,
        "draws": {
            "asked": asked.draws,
            "done": len(found.draws),
            "uncertified": found.uncertified,
            "seed": asked.seed,
            "distribution": asked.shape.value,
            "sampling": asked.spread.value,
            "precision": asked.precision,
            "standard_error": found.standard_error,
            "precise": found.precise,
            "solves": found.solves,
        },
        "figures": {
            "drawn": {kind.value: count for kind, count in found.counts.items()},
            "together": found.figures.groups,
            "held": sorted(kind.value for kind in asked.hold),
        },
        "baseline": {**found.baseline, **{k: v for k, v in base.items() if "capacity" in k}},
        "scenarios": [_scenario(row) for row in records(found.table)],
        "pairs": records(found.pairs),
        "drivers": [
            row
            for row in records(found.drivers.effects)
            if row["clear"] or row["total"] is not None
        ],
        "checking": {"wrong": found.drivers.wrong, "figures": records(found.drivers.checking)},
        "convergence": records(found.convergence),
        "certified": found.certified,
    }


def _scenario(row: dict[str, Any]) -> dict[str, Any]:
    shares = {key.partition(".")[2]: value for key, value in row.items() if "rank." in key}
    plain = {key: value for key, value in row.items() if "rank." not in key}
    return {**plain, "ranks": shares}


def summary(found: Uncertainty, *, width: int = 100) -> str:
    """Return what the terminal shows: a line a scenario, and what can be told apart."""
    lines = [*wrap(_head(found), width), ""]
    name = max(width - 66, 20)
    lines.append(
        f"{'Scenario':<{name}}{'0 %':<{BAR - 5}}100 %  {'5-95 %':>15}{'median':>9}"
        f"{'worst in':>10}  outer"
    )
    lines += [_row(row, name=name) for row in _rows(found.table)]
    for sentence in _sentences(found):
        lines += ["", *wrap(sentence, width)]
    return "\n".join(lines) + "\n"


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]


def _row(row: dict[str, Any], *, name: int) -> str:
    title = visible(row["title"], longest=name - 3)
    ends = percent_range(row["p05"], row["p95"])
    outer = percent_range(row["outer_low_without_unknown"], row["outer_high_without_unknown"])
    return (
        f"{title:<{name}}{_bar(row)}  {ends:>15}{percent(row['p50']):>9}{percent(row['first']):>10}"
        f"  {outer}"
    )


def _bar(row: dict[str, Any]) -> str:
    first, middle, last = (min(int(BAR * row[column]), BAR - 1) for column in ("p05", "p50", "p95"))
    spans = ("=" if first <= n <= last else "." for n in range(BAR))
    return "".join("|" if n == middle else sign for n, sign in enumerate(spans))


def _head(found: Uncertainty) -> str:
    drawn = ", ".join(f"{count} {kind.value}" for kind, count in found.counts.items())
    held = ", ".join(sorted(kind.value for kind in found.asked.hold))
    return (
        f"{visible(found.case.tables.settings.title)}: what survives if figures lie anywhere "
        f"within their ranges ({found.asked.shape.value}). {len(found.draws):,} draws of "
        f"{drawn or 'nothing'}, which move in {found.figures.groups} groups"
        + (f"; held: {held}" if held else "")
        + f". {NOT_A_FORECAST}"
    )


def _sentences(found: Uncertainty) -> Iterator[str]:
    yield (
        "Worst in: share of the draws in which no other scenario leaves less. Outer: no figures "
        "within their ranges leave it, with targets held and unknown limits at nothing or at none; "
        "few come near its ends."
    )
    doubtful = [pair for pair in _rows(found.pairs) if max(pair["less"], pair["more"]) < DOUBTFUL
                and pair["same"] < DOUBTFUL]  # fmt: skip
    if doubtful:
        place = {name: n for n, name in enumerate(found.table["scenario"])}
        doubtful.sort(key=lambda pair: sorted((place[pair["scenario"]], place[pair["other"]])))
        told = [_told(pair) for pair in doubtful[:MOST_PAIRS]]
        more = len(doubtful) - len(told)
        yield (
            f"{len(doubtful)} of {len(found.pairs)} pairs are not told apart in "
            f"{percent(DOUBTFUL)} of the draws: {'; '.join(told)}"
            + (f"; and {more} more" if more else "")
            + "."
        )
    elif len(found.pairs):
        yield f"All pairs are told apart in {percent(DOUBTFUL)} of the draws or more."
    yield from _driven(found)
    yield _proof(found)


def _driven(found: Uncertainty) -> Iterator[str]:
    """Yield what drives the widest interval, and what is worth checking first."""
    table, effects = found.table, found.drivers.effects
    widest = max(_rows(table), key=lambda row: row["p95"] - row["p05"])
    own = effects[(effects["scenario"] == widest["scenario"]) & effects["clear"]]
    if len(own):
        told = [f"{visible(row['figure'])} {percent(row['first'])}"
                for row in _rows(own.head(MOST_DRIVERS))]  # fmt: skip
        yield (
            f"The widest interval is that of {visible(widest['title'])}. Shares of its variance "
            f"that would go if it were known: {', '.join(told)}."
        )
    if len(table) > 1:
        yield _checked(found)


def _checked(found: Uncertainty) -> str:
    if not found.drivers.wrong:
        return "The same scenario leaves least in all draws, whatever is checked."
    wrong = percent(found.drivers.wrong)
    first = f"What leaves least in most draws does not in {wrong} of them."
    worth = found.drivers.checking[found.drivers.checking["clear"]]
    if worth.empty:
        return f"{first} No single figure, if known, would clearly lower that."
    told = [
        f"{visible(row['figure'])} ({row['basis']}, {row['confidence']} confidence"
        + (f", {visible(row['source_ids'])}" if row["source_ids"] else "")
        + (f"; {row['figures']} figures move with it" if row["figures"] > 1 else "")
        + f") by {100 * row['less_wrong']:.1f} points"
        for row in _rows(worth.head(MOST_DRIVERS))
    ]
    return f"{first} Checking first would lower that most: {'; '.join(told)}."


def _told(pair: dict[str, Any]) -> str:
    one, other = visible(pair["scenario"]), visible(pair["other"])
    if pair["less"] < pair["more"]:
        one, other = other, one
    return f"{one} leaves less than {other} in {percent(max(pair['less'], pair['more']))}"


def _proof(found: Uncertainty) -> str:
    error = f"Standard error of the percentiles at most {100 * found.standard_error:.2g} points"
    asked = found.asked.precision
    if asked is not None:
        reached = "as" if found.precise else "not as"
        error += f", {reached} precise as asked ({100 * asked:.2g} points)"
    sure = len(found.draws) - found.uncertified
    flagged = " Uncertified draws count for nothing." if found.uncertified else ""
    return f"{error}. {sure:,} of {len(found.draws):,} draws certified: {CERTIFIED}.{flagged}"


def write(
    found: Uncertainty, folder: RunFolder, *, started: datetime, pictures: "Sequence[Picture]" = ()
) -> None:
    """Write the files of draws, and last ``run.json``.

    Parameters
    ----------
    found : Uncertainty
        The draws.
    folder : RunFolder
        Held for this run.
    started : datetime
        When the run began; with its zone.
    pictures : sequence of Picture
        Figures of the draws (`analyzer.report.spread`), each to be a file of its own.
    """
    for each in pictures:
        folder.write_text(f"{each.name}.svg", each.svg)
    folder.write_csv("uncertainty.csv", found.table)
    folder.write_parquet("draws.parquet", found.draws)
    folder.write_parquet("pairs.parquet", found.pairs)
    folder.write_parquet("convergence.parquet", found.convergence)
    folder.write_parquet("bounds.parquet", found.bounds)
    folder.write_csv("figures.csv", drawn_figures(found))
    folder.write_parquet("drivers.parquet", found.drivers.effects)
    folder.write_csv("checking.csv", found.drivers.checking)
    folder.write_json("answer.json", answer(found))
    folder.finish(manifest(found, started=started))


def drawn_figures(found: Uncertainty) -> pd.DataFrame:
    """Return the figures that were drawn: what, between what, in which group, on which basis."""
    rows = [
        {
            "figure": figure.name,
            "kind": figure.kind.value,
            "low": figure.low,
            "central": figure.central,
            "high": figure.high,
            "group": int(group),
            "basis": str(figure.row.basis),
            "confidence": str(figure.row.confidence),
            "source_ids": ";".join(figure.row.source_ids),
        }
        for figure, group in zip(found.figures.ranged, found.figures.group, strict=True)
    ]
    names = ["figure", "kind", "low", "central", "high", "group", "basis", "confidence",
             "source_ids"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def manifest(found: Uncertainty, *, started: datetime) -> dict[str, Any]:
    """Return what draws rested on: inputs, versions, solver options, counts."""
    told = answer(found)
    return {
        "started": started.astimezone(UTC).isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        **{key: told[key] for key in ("dataset", "weighting", "targets", "draws", "figures")},
        "scenarios": {
            "sha256": found.case.scenarios_sha256,
            "ids": [scenario.id for scenario in found.case.scenarios],
        },
        "budget_usd_per_month": found.options.budget_usd_per_month,
        **means(),
    }
