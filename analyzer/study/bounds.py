"""Between what any answer lies, whatever the figures are within their ranges.

With targets held, the scaling capacity can only rise with what supplies, lanes and plants can do,
with leaks and with largest fills, and only fall with quantities, cuts and coverages. So it is
largest and smallest with all of these at one end, and two solves bound all draws; what draws do not
move, such as shares of systems, costs and the budget, stays as it is. What survives is a ratio and
neither rises nor falls with them: its outer interval is
``[least of the scenario / most of the baseline, min(1, most of the scenario / least of the
baseline)]``, which no draw leaves and few come near.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import inf

import pandas as pd

from analyzer.network.case import Case
from analyzer.network.effect import Corner, Effect
from analyzer.programme.flow import Options
from analyzer.study.figures import Figures, Kind, set_to
from analyzer.study.solve import Bench, bench, effect_in
from scenarios.schema import Scenario
from supply_data.schema import Tables

BASELINE = "baseline"
FALLS = frozenset({Kind.QUANTITIES})
"""Kinds of which more is worse."""
COLUMNS = (
    "scenario",
    "capacity_least",
    "capacity_most",
    "capacity_least_without_unknown",
    "outer_low",
    "outer_high",
    "outer_low_without_unknown",
    "outer_high_without_unknown",
    "certified",
)


def bounds(
    case: Case,
    scenarios: Sequence[Scenario],
    known: Figures,
    *,
    options: Options,
    lift: bool = False,
) -> pd.DataFrame:
    """Return between what the capacity lies, and the outer interval of what survives.

    Parameters
    ----------
    case : Case
        The dataset.
    scenarios : sequence of Scenario
        What is tried.
    known : Figures
        What is uncertain; whatever is not among them stays as it is.
    options : Options
        Weighting, targets, budget.
    lift : bool
        Whether a measure may leave more than the baseline has.

    Returns
    -------
    pandas.DataFrame
        A row for ``baseline`` and a row a scenario: ``scenario``, ``capacity_least`` and
        ``capacity_most`` with unknown capacities at no limit,
        ``capacity_least_without_unknown`` with unknown capacities at nothing, ``outer_low``
        and ``outer_high`` of surviving, the same ``…_without_unknown``, and ``certified``.
    """
    ends = _drawn_measures(known)
    best = _corner(case, scenarios, _set(case.tables, known, best=True),
                   corner=ends[0], options=options, lift=lift)  # fmt: skip
    tables = _set(case.tables, known, best=False)
    worst = _corner(case, scenarios, tables, corner=ends[1], options=options, lift=lift)
    none = _corner(case, scenarios, _without_unknown(tables),
                   corner=ends[1], options=options, lift=lift)  # fmt: skip
    names = [BASELINE, *(scenario.id for scenario in scenarios)]
    found = pd.DataFrame(
        {
            "scenario": names,
            "capacity_least": worst,
            "capacity_most": best,
            "capacity_least_without_unknown": none,
        }
    )
    for suffix, least in (("", worst), ("_without_unknown", none)):
        found[f"outer_low{suffix}"] = [_over(low, best[0], most=1.0) for low in least]
        found[f"outer_high{suffix}"] = [_over(high, least[0], most=1.0) for high in best]
    known_all = found.drop(columns="scenario").notna().all(axis="columns")
    return found.assign(certified=known_all)[[*COLUMNS]]


def _over(capacity: float | None, base: float | None, *, most: float) -> float | None:
    """Return a share; as much as there can be of nothing, None if a number is missing."""
    if capacity is None or base is None:
        return None
    return min(capacity / base if base else inf, most)


def _drawn_measures(known: Figures) -> tuple[Corner, Corner]:
    drawn = any(figure.kind is Kind.MEASURES for figure in known.ranged)
    return (Corner.WEAKEST, Corner.STRONGEST) if drawn else (Corner.CENTRAL, Corner.CENTRAL)


def _set(tables: Tables, known: Figures, *, best: bool) -> Tables:
    """Return the dataset with all figures at the end that is best, or worst, for the capacity."""
    chosen = {
        figure.dial: figure.high if best is not (figure.kind in FALLS) else figure.low
        for figure in known.ranged
        if figure.dial is not None and figure.kind is not Kind.TARGETS
    }
    return set_to(tables, chosen)


def _without_unknown(tables: Tables) -> Tables:
    """Return the dataset with nothing where no limit is known."""
    found = {}
    for name, column in (
        ("supplies", "capacity_per_month"),
        ("lanes", "capacity_usd_per_month"),
        ("plants", "capacity_per_month"),
    ):
        found[name] = {
            key: row.model_copy(update={column: 0.0}) if row.figure is None else row
            for key, row in getattr(tables, name).items()
        }
    return replace(tables, **found)  # type: ignore[arg-type]  # each table gets its own rows


def _corner(
    case: Case,
    scenarios: Sequence[Scenario],
    tables: Tables,
    *,
    corner: Corner,
    options: Options,
    lift: bool,
) -> list[float | None]:
    """Return the capacities of the baseline and the scenarios in one corner."""
    # what measures are aimed at depends on what is known, so nothing found before is used here
    there = Case(tables=tables, scenarios=case.scenarios)
    effects = [
        effect_in(there, scenario, options=options, corner=corner, lift=lift)
        for scenario in scenarios
    ]
    ready = bench(there, [Effect(), *effects], options=options)
    return list(_capacities(ready, effects))


def _capacities(ready: Bench, effects: Sequence[Effect]) -> Iterator[float | None]:
    base = ready.solved().capacity
    yield base
    against = replace(ready, base=base)
    for effect in effects:
        yield against.capacity(effect)
