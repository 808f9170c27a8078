"""The lanes: last lanes by category and hub, goods that come straight, and first legs.

Convention: a last lane's capacity is *value of the imported goods at the baseline x share x
headroom*. The shares by hub are reported for battlefield goods as a whole; how they fall on the
categories is estimated by proportional fitting, so that both the value of each category and the
reported share of each hub hold (Deming and Stephan 1940, doi:10.1214/aoms/1177731829).
"""

from collections.abc import Iterator, Mapping

from supply_data.derive.facts import (
    Facts,
    Row,
    Span,
    cell,
    cells,
    given,
    moving,
    number,
    provenance,
)
from supply_data.derive.needs import Needs
from supply_data.derive.pools import diverted
from supply_data.derive.supplies import DESTINATION, Source, imported_share, need_value

FITTED = ("chips", "avionics", "boards")
"""Categories of battlefield goods whose dispatch is fitted."""
MACHINE_PARTS = "machine parts"
"""Category of battlefield goods that goes by its own shares."""
DIRECT = "coalition"
"""Hub that stands for dispatch from the brands' homes."""
_CHINESE_MACHINE_PARTS = "H143"
_SMALLEST_DIRECT_SHARE = 1.0
_ROUNDS = 200

Dispatch = dict[str, dict[str, float]]
"""USD a month by category and hub."""


def lane_rows(facts: Facts, needs: Needs, sources: tuple[Source, ...]) -> list[Row]:
    """Return the table ``lanes``."""
    values = imported_values(facts, needs, sources)
    dispatch = dispatched(facts, values)
    return [
        *_last_lanes(facts, dispatch),
        *_direct_lanes(facts, dispatch),
        *_legs(facts, values),
    ]


def imported_values(facts: Facts, needs: Needs, sources: tuple[Source, ...]) -> dict[str, float]:
    """Return the value of imported goods by category, USD a month: at the baseline, and pools."""
    values: dict[str, float] = {}
    components = facts.by("components", "component")
    for row in components.values():
        worth = need_value(row, needs) * imported_share(row["component"], sources)
        values[row["category"]] = values.get(row["category"], 0.0) + worth
    for row in facts.rows("pools"):
        component = components[row["component"]]
        if row["origin"] != DESTINATION:
            worth = diverted(row, facts, needs).central * given(component, "value").central
            values[component["category"]] += worth
    return values


def dispatched(facts: Facts, values: Mapping[str, float]) -> Dispatch:
    """Return how the value of each category of battlefield goods falls on the hubs."""
    shares = _hub_shares(facts)
    machine = _machine_parts(facts, values[MACHINE_PARTS], shares)
    total = sum(values[name] for name in (*FITTED, MACHINE_PARTS))
    left = {hub: share * total - machine[hub] for hub, share in shares.items()}
    seed = {name: {hub: _pull(facts, name, hub) for hub in shares} for name in FITTED}
    fitted = fit(seed, rows={name: values[name] for name in FITTED}, columns=left)
    return fitted | {MACHINE_PARTS: machine}


def _hub_shares(facts: Facts) -> dict[str, float]:
    found = {row["hub"]: _hub_share(row, facts).central for row in facts.rows("dispatch")}
    total = sum(found.values())
    return {hub: share / total for hub, share in found.items()}


def _hub_share(row: Row, facts: Facts) -> Span:
    if row["fact"]:
        return Span(float(facts.figure(row["fact"])["central"]))
    return Span(float(row["share"]), number(row["low"]), number(row["high"]))


def _machine_parts(facts: Facts, value: float, shares: Mapping[str, float]) -> dict[str, float]:
    """Return machine parts by hub: China's own share, the rest as battlefield goods go."""
    china = float(facts.figure(_CHINESE_MACHINE_PARTS)["central"]) / 100
    rest = sum(share for hub, share in shares.items() if hub != "CHN")
    others = {hub: value * (1 - china) * share / rest for hub, share in shares.items()}
    return others | {"CHN": value * china}


def _pull(facts: Facts, category: str, hub: str) -> float:
    pulls = {
        ("chips", "HKG"): facts.assumptions["affinity_hkg_chips"].central,
        ("boards", "CHN"): facts.assumptions["affinity_chn_boards"].central,
    }
    return pulls.get((category, hub), 1.0)


def fit(
    seed: Mapping[str, Mapping[str, float]],
    *,
    rows: Mapping[str, float],
    columns: Mapping[str, float],
) -> Dispatch:
    """Return the table nearest to a seed that has the given sums of rows and columns.

    Parameters
    ----------
    seed : mapping of mapping
        Relative weights, by row and column; positive.
    rows, columns : mapping of str to float
        Sums to reach; both add up to the same.

    Examples
    --------
    >>> table = fit({"a": {"x": 1, "y": 1}}, rows={"a": 10}, columns={"x": 4, "y": 6})
    >>> {hub: round(value, 9) for hub, value in table["a"].items()}
    {'x': 4.0, 'y': 6.0}
    """
    table = {name: dict(weights) for name, weights in seed.items()}
    for _ in range(_ROUNDS):
        for hub, target in columns.items():
            total = sum(by_hub[hub] for by_hub in table.values())
            for by_hub in table.values():
                by_hub[hub] *= target / total
        for name, target in rows.items():
            total = sum(table[name].values())
            table[name] = {hub: value * target / total for hub, value in table[name].items()}
    return table


def _last_lanes(facts: Facts, dispatch: Dispatch) -> Iterator[Row]:
    for row in facts.rows("dispatch"):
        if row["hub"] == DIRECT:
            continue
        share = _hub_share(row, facts)
        for category, by_hub in dispatch.items():
            key = f"{row['hub']}-{DESTINATION}-{category.replace(' ', '-')}".lower()
            usd = by_hub[row["hub"]]
            growth = facts.assumptions["hub_ramp"].central
            rule = (
                f"{_rule(usd, category, share, row['note'])}. Grows by {growth:g} a month (assumed)"
            )
            yield {
                "lane": key,
                "from_place": row["hub"],
                "to_place": DESTINATION,
                "carries": category,
                **_limits(facts, usd, share),
                **_markup(row),
                **cells(facts.assumptions["lane_delay_months"], "delay_months"),
                **_growth(facts, usd),
                **provenance(row, note=rule),
                **moving("headroom", share),
            }


def _growth(facts: Facts, usd: float) -> Row:
    """Return how a hub may grow, from what it carries at the baseline."""
    return {
        **cells(facts.assumptions["hub_ramp"] * usd, "ramp_per_month"),
        **cells(facts.assumptions["hub_ceiling"] * usd, "ceiling_usd_per_month"),
    }


def _limits(facts: Facts, usd: float, share: Span) -> Row:
    range_of_share = share * (1 / share.central)
    return cells(facts.assumptions["headroom"] * range_of_share * usd, "capacity_usd_per_month")


def _markup(row: Row) -> Row:
    figure = Span(float(row["markup"]), float(row["markup_low"]), float(row["markup_high"]))
    return cells(figure, "markup")


def _rule(usd: float, category: str, share: Span, note: str) -> str:
    return (
        f"USD {cell(usd)} of {category} (fitted to {share.central:g} % of dispatch) x headroom. "
        f"{note}"
    )


def _direct_lanes(facts: Facts, dispatch: Dispatch) -> Iterator[Row]:
    """Yield what the coalition itself dispatches, by home, as the brands of all UAV entries."""
    row = facts.by("dispatch", "hub")[DIRECT]
    homes = _homes(facts)
    usd = sum(by_hub[DIRECT] for by_hub in dispatch.values())
    for home, part in homes.items():
        carried = "all battlefield goods"
        yield {
            "lane": f"{home}-{DESTINATION}".lower(),
            "from_place": home,
            "to_place": DESTINATION,
            "carries": ";".join((*FITTED, MACHINE_PARTS)),
            **_limits(facts, usd * part, _hub_share(row, facts)),
            **_markup(row),
            **cells(facts.assumptions["lane_delay_months"], "delay_months"),
            **provenance(row, note=_rule(usd * part, carried, _hub_share(row, facts), row["note"])),
            **moving("headroom", _hub_share(row, facts)),
        }


def _homes(facts: Facts) -> dict[str, float]:
    blocs = {row["place"]: row["blocs"].split(";") for row in facts.rows("places")}
    found = {
        row["place"]: float(row["central"])
        for row in facts.rows("origin_shares")
        if row["class"] == "all components of UAV"
        and "GECC" in blocs.get(row["place"], [])
        and float(row["central"]) >= _SMALLEST_DIRECT_SHARE
    }
    total = sum(found.values())
    return {home: share / total for home, share in found.items()}


def _legs(facts: Facts, values: Mapping[str, float]) -> Iterator[Row]:
    for row in facts.rows("legs"):
        for start in row["from_places"].split(";"):
            for end in row["to_places"].split(";"):
                yield _leg(row, start, end, facts, values)


def _leg(row: Row, start: str, end: str, facts: Facts, values: Mapping[str, float]) -> Row:
    known = bool(row["share"])
    usd = values[row["carries"]] * float(row["share"]) if known else 0.0
    limit = facts.assumptions["headroom"] * usd if known else None
    last = end == DESTINATION
    suffix = f"-{row['carries'].replace(';', '-')}" if row["carries"] else ""
    rule = f"USD {cell(usd)} of {row['carries']} x headroom. " if known else ""
    return {
        "lane": f"{start}-{end}{suffix}".lower(),
        "from_place": start,
        "to_place": end,
        "carries": row["carries"],
        **cells(limit, "capacity_usd_per_month"),
        **_markup(row),
        **cells(facts.assumptions["lane_delay_months"] if last else None, "delay_months"),
        **provenance(row, note=rule + row["note"]),
        **(moving("headroom") if known else {}),
    }
