"""What stands at the destination: plants with their reported output, and assumed stocks."""

from collections.abc import Iterator

from supply_data.derive.facts import Facts, Row, Span, cell, cells, moving, number, provenance
from supply_data.derive.needs import Needs
from supply_data.derive.supplies import DESTINATION

_BOUGHT = frozenset({"brand", "assumed"})


def plant_rows(facts: Facts, needs: Needs) -> list[Row]:
    """Return the table ``plants``; where no output is known, *need x share x headroom*."""
    return [_plant(row, facts, needs) for row in facts.rows("plants")]


def _plant(row: Row, facts: Facts, needs: Needs) -> Row:
    need = needs.need(row["product"])
    if row["share"]:
        capacity = facts.assumptions["headroom"] * (need * float(row["share"]))
        note = f"Need {cell(need)} x share {row['share']} x headroom. {row['note']}".strip()
    else:
        capacity = Span(float(row["capacity"]), number(row["low"]), number(row["high"]))
        note = row["note"]
    today = capacity.central
    grows = facts.assumptions["plant_ramp"]
    rule = f"{note.rstrip('. ')}. Grows by {grows.central:g} of today's capacity a month (assumed)"
    return {
        "plant": row["plant"],
        "place": row["place"],
        "product": row["product"],
        "brand": "",
        "channel": row["channel"],
        "programme": row["programme"],
        **cells(capacity, "capacity_per_month"),
        **cells(grows * today, "ramp_per_month"),
        **cells(facts.assumptions["plant_ceiling"] * today, "ceiling_per_month"),
        "pillar": row["pillar"],
        **provenance(row, note=rule),
        **(moving("headroom") if row["share"] else {}),
    }


def stock_rows(facts: Facts, needs: Needs) -> list[Row]:
    """Return the table ``stocks``: months of need held of every bought hardware class."""
    return list(_stocks(facts, needs))


def _stocks(facts: Facts, needs: Needs) -> Iterator[Row]:
    months = facts.assumptions["stock_months"]
    for row in facts.rows("components"):
        need = needs.need(row["component"])
        if row["pillar"] != "hardware" or row["rule"] not in _BOUGHT or not need:
            continue
        yield {
            "place": DESTINATION,
            "component": row["component"],
            "brand": "",
            **cells(months * need, "quantity"),
            "pillar": "",
            "basis": "assumed",
            "confidence": "low",
            "source_ids": row["source_ids"],
            "as_of": "2026",
            "note": f"Need {cell(need)} x {months.central:g} months; no figure of stocks found, "
            f"so the sources are those of the class. Goods already there answer to no brand",
        }
