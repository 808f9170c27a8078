"""What a horizon says: as JSON, as text for the terminal, and as the files of its run.

Convention: a curve in plain characters has one character a month: ``#`` for at least 95 % of the
reference, else the tenths that survive, ``?`` for what is not certified.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from math import isinf, isnan
from textwrap import wrap
from typing import Any

import pandas as pd

from analyzer.report.results import dataset_record, means, number, records
from analyzer.report.run_folder import RunFolder
from analyzer.report.words import CERTIFIED, NOT_A_FORECAST, UNCERTIFIED, amount, percent, visible
from analyzer.study.curves import RECOVERED, lost_by_system
from analyzer.study.horizon import Asked, Foresight, Horizon
from analyzer.study.pace import FASTEST
from analyzer.study.solve import SAME

MOST_NAMED, MOST_LOSSES = 4, 20
ADAPTS = {"alternative": 0, "supply": 1, "plant": 2, "lanes": 3}
"""In which order what adapts is told."""
KNOWS = {
    Foresight.ROLLING: "each month taken as permanent, then planned anew",
    Foresight.PERFECT: "all months known from the start",
}


def answer(found: Horizon, renewal: pd.DataFrame | None = None) -> dict[str, Any]:
    """Return the answer of a horizon with the keys of its contract.

    Parameters
    ----------
    found : Horizon
        What scenarios do month by month.
    renewal : pandas.DataFrame, optional
        What they do by months of adoption (`analyzer.study.horizon.renewal`).

    Returns
    -------
    dict
        ``dataset``, ``weighting``, ``targets``, ``budget_usd_per_month``, ``from``, ``lift``,
        ``months``, ``foresight``, ``stagger``, ``scenarios``, ``exposure`` and ``renewal``; null
        for what is not certified.
    """
    tables = found.case.tables
    weighting = found.options.weighting or tables.settings.weighting
    return {
        "dataset": dataset_record(tables),
        "weighting": weighting.value,
        "targets": found.options.target_set,
        "budget_usd_per_month": _budget(found),
        "from": None if found.asked.reference is None else found.asked.reference.id,
        "lift": found.asked.lift,
        "months": found.asked.months,
        "foresight": found.asked.foresight.value,
        "stagger": found.asked.stagger,
        "scenarios": [_scenario(found, row) for row in records(found.table)],
        "exposure": records(found.exposure),
        "renewal": [] if renewal is None else records(renewal),
    }


def _budget(found: Horizon) -> float | None:
    own = found.options.budget_usd_per_month
    return found.case.tables.settings.budget_usd_per_month if own is None else own


def _scenario(found: Horizon, row: dict[str, Any]) -> dict[str, Any]:
    name = row["scenario"]
    curve = of_scenario(found.curve, name)
    lost = {
        part["system"]: part for part in records(of_scenario(lost_by_system(found.systems), name))
    }
    systems = of_scenario(found.systems, name)
    return {
        **row,
        "time_to_recover": _whole(row["time_to_recover"]),
        "first_bad_month": _whole(row["first_bad_month"]),
        "lowest_month": _whole(row["lowest_month"]),
        "months": found.asked.months,
        **{
            column: [number(value) for value in curve[column]]
            for column in ("capacity", "reference", "surviving", "weakest", "strongest")
        },
        "surviving_in_all": row["surviving"],
        "systems": {
            str(system): {
                "output_per_month": [number(value) for value in own["output"]],
                "reference_per_month": [number(value) for value in own["reference"]],
                "lost": lost[str(system)]["lost"],
                "lost_discounted": lost[str(system)]["lost_discounted"],
            }
            for system, own in systems.groupby("system", sort=False)
        },
        "stocks": records(of_scenario(found.stocks, name)),
        "adapting": records(of_scenario(found.adapting, name)),
    }


def of_scenario(frame: pd.DataFrame, scenario: str) -> pd.DataFrame:
    """Return the rows of one scenario, without its id."""
    return frame[frame["scenario"] == scenario].drop(columns="scenario")


def _whole(month: float | None) -> int | None:
    return None if month is None else int(month)


def summary(found: Horizon, renewal: pd.DataFrame | None = None, *, width: int = 100) -> str:
    """Return what the terminal shows: a curve and a few lines a scenario."""
    asked = found.asked
    head = (
        f"{visible(found.case.tables.settings.title)}: {asked.months} months, "
        f"{asked.foresight.value} foresight ({KNOWS[asked.foresight]})."
        f"{_set_against(asked)}"
    )
    key = (
        "One character a month: # at least 95 % of what that month would field without measures, "
        f"else the tenths that are left. {NOT_A_FORECAST}"
    )
    blocks = [*wrap(head, width), *wrap(key, width)]
    for row in found.table.to_dict("records"):
        blocks += ["", *_block(found, {str(k): v for k, v in row.items()}, width=width)]
    if len(found.exposure):
        blocks += ["", *_losses(found.exposure)]
    if renewal is not None:
        blocks += ["", *_renewals(renewal)]
    proofs = found.certificates["certified"]
    blocks += ["", f"{int(proofs.sum())} of {len(proofs)} courses certified: {CERTIFIED}."]
    return "\n".join(blocks) + "\n"


def _set_against(asked: Asked) -> str:
    given = asked.reference
    if given is None:
        return ""
    return f" Set against {visible(given.title or given.id)}, long in force, and on top of it."


def _block(found: Horizon, row: dict[str, Any], *, width: int) -> Iterator[str]:
    yield f"{visible(row['title'])} ({visible(row['scenario'])})"
    if not row["certified"]:
        yield f"  {UNCERTIFIED}"
        return
    curve = of_scenario(found.curve, row["scenario"])["surviving"].tolist()
    for start in range(0, len(curve), width - 10):
        yield f"  {start + 1:>3}  {''.join(map(character, curve[start : start + width - 10]))}"
    for sentence in sentences(found, row):
        yield from wrap(sentence, width, initial_indent="  ", subsequent_indent="    ")


def character(share: float) -> str:
    """Return what survives as one character: see the module."""
    if isnan(share):
        return "?"
    return "#" if share >= RECOVERED - SAME else str(min(int(10 * share + SAME), 9))


def sentences(found: Horizon, row: dict[str, Any]) -> Iterator[str]:
    """Yield what is said of a scenario: how it goes, what is lost, runs out and adapts."""
    survives = f"{row['time_to_survive']:.1f} months"
    if row["at_least"]:
        survives = f"at least the {found.asked.months} months"
    yield (
        f"{percent(row['surviving'])} survives in all; lowest {percent(row['lowest'])} in month "
        f"{row['lowest_month']:.0f}. Time to survive: {survives}. {_bad(row)}"
    )
    lost = of_scenario(lost_by_system(found.systems), row["scenario"]).set_index("system")["lost"]
    named = [f"{visible(s)} {amount(v)}" for s, v in lost.sort_values(ascending=False).items()
             if round(v) > 0]  # fmt: skip
    if named:
        yield f"Lost: {amount(row['lost'])} units; {_listed(named)}."
    stocks = of_scenario(found.stocks, row["scenario"])
    first = stocks[stocks["gains_months"] > 0].sort_values("gains_months", ascending=False)
    if len(first):
        told = [
            f"{visible(s['component'])} at {visible(s['places'])} ({s['months_of_use']:.1f} months "
            f"of use; one more, {s['gains_months']:.1f} months longer)"
            for s in first.to_dict("records")
        ]
        yield f"Runs out first: {_listed(told)}."
    if not isnan(row["needed_pace"]):
        yield _needed(row)
    adapts = of_scenario(found.adapting, row["scenario"])
    if len(adapts) and row["lowest"] < 1 - SAME:
        order = adapts.sort_values(by="kind", key=lambda kinds: kinds.map(ADAPTS), kind="stable")
        told = [
            f"{visible(a['what'])} from month {a['first_month']}" for a in order.to_dict("records")
        ]
        yield f"Adapts: {_listed(told)}."


def _needed(row: dict[str, Any]) -> str:
    held = f"At the tables' pace {percent(row['held'])} could be held in every month"
    if row["needed_pace"] == 1:
        return f"{held}: fast enough for 95 %."
    if isinf(row["needed_pace"]):
        return f"{held}; for 95 % adapting {FASTEST:.0f} times as fast would not be enough."
    return f"{held}; for 95 % all would have to adapt {row['needed_pace']:.1f} times as fast."


def _bad(row: dict[str, Any]) -> str:
    if isnan(row["first_bad_month"]):
        return "Never below 95 %."
    back = row["time_to_recover"]
    end = "not back within the horizon" if isnan(back) else f"back from month {back:.0f}"
    return f"Below 95 % from month {row['first_bad_month']:.0f}, {end}."


def _listed(told: list[str]) -> str:
    more = len(told) - MOST_NAMED
    return ", ".join(told[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _losses(exposure: pd.DataFrame) -> Iterator[str]:
    exposed = exposure[exposure["exposed"]]
    yield (
        f"{len(exposed)} of {len(exposure)} losses are exposed: more months pass before recovery "
        "than are survived."
    )
    yield f"  {'loss':<44}{'survives':>10}{'recovers':>10}{'lowest':>9}"
    for row in exposed.head(MOST_LOSSES).to_dict("records"):
        back = "never" if isnan(row["time_to_recover"]) else f"month {row['time_to_recover']:.0f}"
        yield (
            f"  {visible(row['cut'], longest=42):<44}{row['time_to_survive']:>10.1f}{back:>10}"
            f"{percent(row['lowest']):>9}"
        )
    if len(exposed) > MOST_LOSSES:
        yield f"  and {len(exposed) - MOST_LOSSES} more"


def _renewals(renewal: pd.DataFrame) -> Iterator[str]:
    yield "By months until alternatives open: what survives in all; when half of the loss is back."
    for scenario, rows in renewal.groupby("scenario", sort=False):
        yield f"  {visible(scenario)}"
        for row in rows.to_dict("records"):
            back = row["half_back_month"]
            told = "never" if isnan(back) else f"month {back:.0f}"
            yield f"    {row['adopt_months']:>3} months{percent(row['surviving']):>10}   {told}"


def write(
    found: Horizon,
    folder: RunFolder,
    *,
    started: datetime,
    pages: Mapping[str, str],
    renewal: pd.DataFrame | None = None,
) -> None:
    """Write the files of a horizon, and last ``run.json``.

    Parameters
    ----------
    found : Horizon
        What scenarios do month by month.
    folder : RunFolder
        Held for this run.
    started : datetime
        When the run began; with its zone.
    pages : mapping of str to str
        The same to be looked at, by the names of their files (`analyzer.report.over_time_page`).
    renewal : pandas.DataFrame, optional
        What they do by months of adoption.
    """
    folder.write_parquet("horizon.parquet", found.curve)
    folder.write_csv("horizon.csv", found.table)
    for name in ("systems", "stocks", "adapting", "measures"):
        folder.write_parquet(f"{name}.parquet", getattr(found, name))
    if len(found.exposure):
        folder.write_parquet("exposure.parquet", found.exposure)
    if renewal is not None:
        folder.write_parquet("renewal.parquet", renewal)
    folder.write_json("answer.json", answer(found, renewal))
    for name, page in pages.items():
        folder.write_text(name, page)
    folder.finish(manifest(found, started=started))


def manifest(found: Horizon, *, started: datetime) -> dict[str, Any]:
    """Return what a horizon rested on: inputs, versions, solver options, certificates."""
    told = answer(found)
    return {
        "started": started.astimezone(UTC).isoformat(timespec="seconds"),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
        **{key: told[key] for key in ("dataset", "weighting", "targets", "budget_usd_per_month",
                                      "from", "lift", "months", "foresight", "stagger")},
        "scenarios": {
            "sha256": found.case.scenarios_sha256,
            "ids": [scenario.id for scenario in found.case.scenarios],
        },
        "over": found.asked.over,
        **means(),
        "certificates": records(found.certificates),
    }  # fmt: skip
