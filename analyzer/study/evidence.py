"""What an answer rests on: the basis of the figures that decide it, and what nobody has listed.

Convention: the figures that decide a scenario are those of the elements that bind in it, each
weighed by what losing one percent of it costs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from analyzer.network.effect import Effect
from supply_data.schema import Basis, Level, Tables

_DOUBT = {Basis.REPORTED: 0, Basis.DERIVED: 1, Basis.ASSUMED: 2}
_TRUST = {Level.HIGH: 0, Level.MEDIUM: 1, Level.LOW: 2}


@dataclass(frozen=True)
class Evidence:
    """What the answer of one scenario rests on.

    Attributes
    ----------
    shares : dict of Basis to float
        Share of what decides, by basis; empty if nothing binds.
    weakest : str or None
        The binding element with the weakest basis, then the lowest confidence, then most loss.
    oldest : str or None
        The oldest ``as_of`` among the binding elements.
    undated : int
        How many binding elements have no ``as_of``.
    """

    shares: dict[Basis, float]
    weakest: str | None
    oldest: str | None
    undated: int


def evidence(tables: Tables, prices: pd.DataFrame) -> Evidence:
    """Return what a scenario's answer rests on.

    Parameters
    ----------
    tables : Tables
        The dataset.
    prices : pandas.DataFrame
        The scenario's limits with a price (`analyzer.study.prices.prices`).
    """
    binding = prices[prices["loss_1pct"] > 0]
    losses = dict(zip(binding["element"], binding["loss_1pct"], strict=True))
    total = sum(losses.values())
    rows = {element: tables.elements[element] for element in losses}
    shares = {
        basis: sum(loss for e, loss in losses.items() if rows[e].basis is basis) / total
        for basis in (Basis if total else ())
    }
    dates = [row.as_of for row in rows.values() if row.as_of is not None]
    return Evidence(
        shares=shares,
        weakest=max(
            losses,
            key=lambda e: (_DOUBT[rows[e].basis], _TRUST[rows[e].confidence], losses[e], e),
            default=None,
        ),
        oldest=min(dates, default=None),
        undated=len(rows) - len(dates),
    )


def unlisted(
    tables: Tables, prices: Mapping[str, pd.DataFrame], effects: Iterable[Effect]
) -> pd.DataFrame:
    """Return the binding elements that no measure matches and no tier covers.

    What should be listed next? An element counts as matched if a measure lowers its availability
    or, on a lane, the arrival of any good.

    Parameters
    ----------
    tables : Tables
        The dataset.
    prices : mapping of scenario to pandas.DataFrame
        Limits with a price, the baseline's among them.
    effects : iterable of Effect
        What the scenarios of the library leave.

    Returns
    -------
    pandas.DataFrame
        ``element``, ``pillar``, ``largest_loss_1pct``, ``scenario`` (where the loss is largest)
        and ``scenarios`` (in how many it binds), the largest loss first.
    """
    matched = {
        name
        for effect in effects
        for aim in effect.aims.values()
        for name in (*aim.elements, *(lane for lane, _ in aim.goods))
    }
    frames = [frame.assign(scenario=name) for name, frame in prices.items() if len(frame)]
    names = ["element", "pillar", "largest_loss_1pct", "scenario", "scenarios"]
    if not frames:
        return pd.DataFrame(columns=names)
    binding = pd.concat(frames, ignore_index=True).query("loss_1pct > 0")
    free = [e for e in binding["element"].unique() if e not in matched and not _tiers(tables, e)]
    most = binding[binding["element"].isin(free)].sort_values(
        ["loss_1pct", "element"], ascending=[False, True]
    )
    counts = most.groupby("element")["scenario"].nunique()
    first = most.drop_duplicates("element").rename(columns={"loss_1pct": "largest_loss_1pct"})
    return first.assign(scenarios=first["element"].map(counts))[names].reset_index(drop=True)


def _tiers(tables: Tables, element: str) -> tuple[str, ...]:
    kind, _, key = element.partition(":")
    if kind != "supply":
        return ()
    component = tables.components.get(tables.supplies[key].component)
    return () if component is None else component.chpl_tiers
