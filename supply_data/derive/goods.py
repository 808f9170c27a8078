"""The rows of components, systems, requirements and programmes: what is needed, what it costs."""

from supply_data.derive.facts import Facts, Row, Span, cells, given, provenance, span
from supply_data.derive.needs import Needs, Use


def component_rows(facts: Facts) -> list[Row]:
    """Return the table ``components``; tiers are those of the component's HS headings."""
    tiers = {row["hs6"]: row["tier"] for row in facts.rows("chpl_hs_codes")}
    return [_component(row, tiers) for row in facts.rows("components")]


def _component(row: Row, tiers: dict[str, str]) -> Row:
    codes = [code for code in row["hs6"].split(";") if code]
    listed = sorted({tiers[code] for code in codes if code in tiers})
    value = span(row, "value")
    rule = "Value assumed for the class" if value else "Never travels, so it has no value"
    mapped = "headings mapped to the class by judgement" if codes else ""
    return {
        "component": row["component"],
        "name": row["name"],
        "category": row["category"],
        "pillar": row["pillar"],
        "hs6": row["hs6"],
        "chpl_tiers": ";".join(listed),
        "hs_basis": "assumed" if codes else "",
        **cells(value, "value_usd"),
        "civil_use": row["civil_use"],
        "basis": "assumed",
        "confidence": "low",
        "source_ids": row["source_ids"],
        "as_of": "2026",
        "note": ". ".join(part for part in (rule, mapped, row["note"]) if part),
    }


def system_rows(facts: Facts) -> list[Row]:
    """Return the table ``systems``: targets and unit costs as the facts state them."""
    return [_system(row) for row in facts.rows("families")]


def _system(row: Row) -> Row:
    return {
        "system": row["system"],
        "name": row["name"],
        **cells(span(row, "target"), "target_per_month"),
        **cells(span(row, "value"), "value_usd"),
        **provenance(row),
    }


def requirement_rows(needs: Needs) -> list[Row]:
    """Return the table ``requirements``: every use, the first of a slot first."""
    return [_requirement(use) for use in needs.uses]


def _requirement(use: Use) -> Row:
    return {
        "product": use.product,
        "slot": use.slot,
        "component": use.component,
        **cells(use.quantity, "quantity"),
        **cells(use.max_fill, "max_fill"),
        **cells(use.adopt_months, "adopt_months"),
        **cells(use.adopt_share_per_month, "adopt_share_per_month"),
        "tracked": use.tracked,
        **use.source,
    }


def programme_rows(facts: Facts) -> list[Row]:
    """Return the table ``programmes``: funding in roubles at the assumed rate."""
    return [_programme(row, facts.assumptions["rub_per_usd"]) for row in facts.rows("programmes")]


def _programme(row: Row, rate: Span) -> Row:
    roubles = given(row, "funding_rub_bn").central * 1e9
    # a dearer dollar makes the sum smaller, so the ends of the rate change places
    dearest, cheapest = rate.high or rate.central, rate.low or rate.central
    dollars = Span(roubles / rate.central, roubles / dearest, roubles / cheapest)
    rule = f"RUB {row['funding_rub_bn']} bn at {rate.central:g} RUB a USD. {row['note']}"
    return {
        "programme": row["programme"],
        "title": row["title"],
        "level": row["level"],
        **cells(dollars, "funding_usd"),
        "start": row["start"],
        "end": row["end"],
        **provenance(row, note=rule),
    }
