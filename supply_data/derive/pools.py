"""Pools beside the usual sources: civil goods that could be diverted, and makers not yet back.

Convention: what can be had of a pool is *pool a month x divertible share*. It comes on top of the
need times headroom, because the published output was reached without knowing whether it was used.
"""

from supply_data.derive.facts import Facts, Row, Span, cell, cells, number, provenance
from supply_data.derive.needs import Needs


def pool_rows(facts: Facts, needs: Needs) -> list[Row]:
    """Return the supplies that ``pools`` describes, in its order."""
    return [_pool(row, facts, needs) for row in facts.rows("pools")]


def diverted(row: Row, facts: Facts, needs: Needs) -> Span:
    """Return what can be had of a pool per month: its size x its divertible share."""
    if row["of_need"]:
        size = facts.assumptions[row["of_need"]] * needs.need(row["component"])
    else:
        size = Span(float(row["pool"]), number(row["low"]), number(row["high"]))
    return facts.assumptions[row["share"]] * size if row["share"] else size


def _pool(row: Row, facts: Facts, needs: Needs) -> Row:
    return {
        "supply": row["supply"],
        "component": row["component"],
        "origin": row["origin"],
        "brand": row["brand"],
        "reach": "",
        "channel": row["channel"],
        "programme": row["programme"],
        **cells(diverted(row, facts, needs), "capacity_per_month"),
        "lead_months": row["lead_months"],
        "ramp_per_month": cell(number(row["ramp"])),
        "ceiling_per_month": cell(number(row["ceiling"])),
        "pillar": "",
        **provenance(row, note=_rule(row, facts, needs)),
    }


def _rule(row: Row, facts: Facts, needs: Needs) -> str:
    size = row["pool"]
    if row["of_need"]:
        part = facts.assumptions[row["of_need"]].central
        size = f"need {cell(needs.need(row['component']))} x {part:g}"
    if row["share"]:
        size += f" x divertible share {facts.assumptions[row['share']].central:g}"
    return f"Pool {size}. {row['note']}"
