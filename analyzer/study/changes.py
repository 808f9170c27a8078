"""Where flows move: published flows of a scenario against those of the baseline, in totals.

Convention: totals by class only; a detour is shown as what a measure must reckon with, never as a
ranking of routes.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

import pandas as pd

from analyzer.network.aim import Aim
from supply_data.schema import Lane, Supply, Tables

NOTICEABLE_USD = 1.0
"""Increases below this, per month, are no detour."""

GROUPS = ("lane", "origin", "brand", "component")
COLUMNS = (
    "scenario",
    "group",
    "key",
    "category",
    "usd_before",
    "usd_after",
    "units_before",
    "units_after",
)


def changes(
    tables: Tables, flows: pd.DataFrame, *, reference: str, certified: Collection[str]
) -> pd.DataFrame:
    """Return the flows of each scenario beside those of the reference.

    Parameters
    ----------
    tables : Tables
        The dataset.
    flows : pandas.DataFrame
        Published flows of all scenarios (`analyzer.study.compare.Comparison`).
    reference : str
        The scenario that others are set against.
    certified : collection of str
        Names of the scenarios whose flows are known, though they may have none; the others, and
        all if the reference is not among them, are left out.

    Returns
    -------
    pandas.DataFrame
        ``group`` is lane, origin, brand or component, ``key`` its member, ``category`` the class
        of goods (blank for the total); USD and units per month before and after. Units are given
        for components only, since those of different goods do not add up.
    """
    labelled = pd.concat([_labelled(tables, flows, group) for group in GROUPS], ignore_index=True)
    keys = ["scenario", "group", "key", "category"]
    sums = ["usd", "units"]
    by_class = labelled.groupby(keys, as_index=False)[sums].sum()
    total = by_class.groupby(["scenario", "group", "key"], as_index=False)[sums].sum()
    after = pd.concat([total.assign(category=""), by_class], ignore_index=True)
    before = after[after["scenario"] == reference].drop(columns="scenario")
    names = [name for name in certified if reference in certified and name != reference]
    if not names:
        return pd.DataFrame(columns=list(COLUMNS))
    beside = _beside(before, after, names)
    in_units = beside["group"] == "component"
    for column in ("units_before", "units_after"):
        beside[column] = beside[column].where(in_units)
    return beside[list(COLUMNS)]


def absorbers(
    tables: Tables, aimed: Aim, before: pd.DataFrame, after: pd.DataFrame, *, most: int = 3
) -> tuple[str, ...]:
    """Return where what a measure stops is taken over, as totals of origins and hubs.

    No lane is named and nothing is ranked: the groups that take over most stand in the order of
    their ids, ``hub:<place>`` (all lanes from it) and ``origin:<place>`` (all supplies of it).

    Parameters
    ----------
    tables : Tables
        The dataset.
    aimed : Aim
        What the measure is aimed at; never counted among what takes over.
    before, after : pandas.DataFrame
        Published flows of the reference and of the scenario.
    most : int
        How many to name at the most.
    """
    own = {*aimed.elements, *(lane for lane, _ in aimed.goods)}
    items = {good.item for _, good in aimed.goods} | {
        row.component for e in own if isinstance(row := tables.elements[e], Supply)
    }
    more: dict[str, float] = defaultdict(float)
    for flows, sign in ((after, 1), (before, -1)):
        for element, usd in _amounts(flows, items):
            if element not in own:
                more[_group(tables, element)] += sign * usd
    taking = sorted((-usd, group) for group, usd in more.items() if usd > NOTICEABLE_USD)
    return tuple(sorted(group for _, group in taking[:most]))


def _group(tables: Tables, element: str) -> str:
    row = tables.elements[element]
    if isinstance(row, Lane):
        return f"hub:{row.from_place}"
    return f"origin:{row.origin}" if isinstance(row, Supply) else element


def _amounts(flows: pd.DataFrame, items: set[str]) -> Iterator[tuple[str, float]]:
    """Yield what moves by supplies and lanes, in USD; of all items if none is named."""
    columns = (flows[name].tolist() for name in ("kind", "good", "element", "value_usd_per_month"))
    for kind, good, element, usd in zip(*columns, strict=True):
        if kind in {"supply", "lane"} and (not items or good in items):
            yield element, usd


def _beside(before: pd.DataFrame, after: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return the rows of these scenarios beside the same of the reference, in their order."""
    keys = ["scenario", "group", "key", "category"]
    each = pd.DataFrame({"scenario": names}).merge(before, how="cross")
    own = after[after["scenario"].isin(names)]
    merged = each.merge(own, on=keys, how="outer", suffixes=("_before", "_after"))
    merged = merged.fillna(dict.fromkeys(merged.columns.difference(keys), 0.0))
    merged["place"] = merged["scenario"].map({name: n for n, name in enumerate(names)})
    return merged.sort_values(["place", *keys[1:]], ignore_index=True).drop(columns="place")


def _labelled(tables: Tables, flows: pd.DataFrame, group: str) -> pd.DataFrame:
    kind = "lane" if group == "lane" else "supply"
    rows = flows[flows["kind"] == kind]
    return pd.DataFrame(
        {
            "scenario": rows["scenario"],
            "group": group,
            "key": rows["good"]
            if group == "component"
            else rows["element"].map(_keys(tables, group)),
            "category": rows["good"].map({item: tables.category(item) for item in _items(tables)}),
            "usd": rows["value_usd_per_month"],
            "units": rows["quantity_per_month"],
        }
    )


def _keys(tables: Tables, group: str) -> Mapping[str, str]:
    if group == "lane":
        return {row.element: row.lane for row in tables.lanes.values()}
    if group == "origin":
        return {row.element: row.origin for row in tables.supplies.values()}
    return {row.element: row.brand or "unknown" for row in tables.supplies.values()}


def _items(tables: Tables) -> tuple[str, ...]:
    return (*tables.components, *tables.systems)
