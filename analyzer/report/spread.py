"""The figures of draws: what is drawn of them, each with a caption that says what to see.

Convention: as in `analyzer.report.pictures`; scenarios stand as in the table, what leaves least
first.
"""

from collections.abc import Callable, Sequence

import pandas as pd

from analyzer.report.figures import intervals, rank_map, settling, tornado
from analyzer.report.pictures import MOST_ROWS, Picture, captioned
from analyzer.report.words import percent, percent_range, visible
from analyzer.study.uncertainty import Uncertainty
from supply_data.names import advice

MOST_RANKS, MOST_FIGURES = 14, 12


def of_intervals(found: Uncertainty) -> Picture:
    """Return between what each scenario leaves the baseline's capacity."""
    table = found.table.head(MOST_ROWS)
    widest = max(table.to_dict("records"), key=lambda row: row["p95"] - row["p05"])
    told = [
        f"{len(table)} scenarios, the one that leaves least first",
        "bars hold 90 % of the draws, the dot is where half leave less, the diamond is central",
        "thin lines end where no draw can lie with targets held",
        f"widest is {visible(widest['title'])}, {percent_range(widest['p05'], widest['p95'])}",
    ]
    return captioned("intervals", "How sure is what survives", told, lambda: intervals(table),
                     name="intervals")  # fmt: skip


def of_ranks(found: Uncertainty) -> Picture:
    """Return in which share of the draws each scenario has each rank."""
    table = found.table.head(MOST_RANKS)
    columns = {f"rank.{place}": str(place) for place in range(1, len(table) + 1)}
    shares = table.set_index("title")[[*columns]].rename(columns=columns)
    first = table.iloc[0]
    told = [
        "Percent of the draws in which a scenario has a rank; 1 leaves least, equals share one",
        f"first is {visible(first['title'])} in {percent(first['first'])} of the draws",
    ]
    return captioned("ranks", "How sure is the order", told, lambda: rank_map(shares),
                     name="ranks")  # fmt: skip


def of_drivers(found: Uncertainty, scenario: str) -> Picture:
    """Return what drives what survives one scenario."""
    effects = found.drivers.effects
    own = effects[(effects["scenario"] == scenario) & effects["clear"]]
    shown = own.head(MOST_FIGURES)
    told = [
        "Shares of the variance that would go if the figure, and what moves with it, were known",
    ]
    if len(shown):
        first = shown.iloc[0]
        told.append(f"first comes {visible(first['figure'])}, {percent(first['first'])}")
    else:
        told.append("no figure clearly drives it alone")
    return captioned("tornado", "What drives it", told, lambda: tornado(shown),
                     name=_named("tornado", found, scenario))  # fmt: skip


def of_convergence(found: Uncertainty, scenario: str) -> Picture:
    """Return how the percentiles of one scenario settle."""
    own = found.convergence[found.convergence["scenario"] == scenario]
    last = own.iloc[-1]
    error = 100 * float(last[["se_p05", "se_p50", "se_p95"]].max())
    told = [
        "Percentiles after so many draws; bands are one standard error to either side",
        f"at the end at most {error:.2g} points",
    ]
    return captioned("convergence", "How the percentiles settle", told, lambda: settling(own),
                     name=_named("convergence", found, scenario))  # fmt: skip


OF_ALL: dict[str, Callable[[Uncertainty], Picture]] = {
    "intervals": of_intervals,
    "ranks": of_ranks,
}
OF_SCENARIO: dict[str, Callable[[Uncertainty, str], Picture]] = {
    "tornado": of_drivers,
    "convergence": of_convergence,
}


def drawn(found: Uncertainty, name: str, *, scenario: str | None = None) -> Picture:
    """Return a picture of draws by name.

    Parameters
    ----------
    found : Uncertainty
        The draws.
    name : str
        ``intervals`` or ``ranks`` for all scenarios; ``tornado`` or ``convergence`` for one.
    scenario : str, optional
        Which one; the one with the widest interval unless given.

    Raises
    ------
    ValueError
        If there is no such picture.
    KeyError
        If no such scenario was tried.
    """
    known = (*OF_ALL, *OF_SCENARIO)
    if name not in known:
        msg = f"there is no picture {name!r}. {advice(name, known)}"
        raise ValueError(msg)
    if name in OF_ALL:
        return OF_ALL[name](found)
    return OF_SCENARIO[name](found, widest(found.table) if scenario is None
                             else _tried(found, scenario))  # fmt: skip


def pictures(found: Uncertainty) -> tuple[Picture, ...]:
    """Return all pictures of draws; of one scenario those of the one with the widest interval."""
    return tuple(drawn(found, name) for name in (*OF_ALL, *OF_SCENARIO))


def widest(table: pd.DataFrame) -> str:
    """Return the scenario with the widest interval."""
    rows = table.to_dict("records")
    return str(max(rows, key=lambda row: row["p95"] - row["p05"])["scenario"])


def _tried(found: Uncertainty, scenario: str) -> str:
    names: Sequence[str] = found.table["scenario"].tolist()
    if scenario not in names:
        msg = f"no scenario {scenario!r} was tried. {advice(scenario, names)}"
        raise KeyError(msg)
    return scenario


def _named(picture: str, found: Uncertainty, scenario: str) -> str:
    return f"{picture}-{found.table['scenario'].tolist().index(scenario) + 1}"
