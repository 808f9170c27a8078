"""Who supplies what: brand and origin as two layers, and the capacity of each supply.

Convention: ``brand`` is the maker's home, ``origin`` the place of make or first dispatch. A
brand of the export control coalition has supplies at home and in third countries; any other
brand is made at home. What the shares leave over is kept as a supply of unknown brand.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from supply_data.derive.facts import (
    Facts,
    Row,
    Span,
    cell,
    cells,
    cited,
    given,
    least,
    moving,
    number,
    provenance,
)
from supply_data.derive.needs import Needs, trained_per_month

DESTINATION = "RUS"
COALITION = "GECC"
_MADE_ELSEWHERE = "H131"
"""Stored share of coalition-brand goods that is made in third countries, percent."""
_REST_IN_CHINA, _THIRD_COUNTRIES = "CHN", ("CHN", "MYS")
_OTHER = "other"


@dataclass(frozen=True)
class Source:
    """A share of one component's need, by brand and origin; brand '' is not known."""

    component: str
    brand: str
    origin: str
    share: Span
    pillar: str
    cells: Row
    """Provenance of the share; its note is the rule of the share."""
    channel: str = ""
    programme: str = ""

    @property
    def key(self) -> str:
        """Name of the supply."""
        return f"{self.component}-{self.brand or _OTHER}-{self.origin}".lower()


def sources_of_goods(facts: Facts) -> tuple[Source, ...]:
    """Return where every imported or domestic component comes from, as shares of its need."""
    found: list[Source] = []
    for row in facts.rows("components"):
        if row["rule"] == "brand":
            found += _counted(row, facts)
        if row["rule"] == "assumed":
            found += _stated(row, facts)
    return tuple(found)


def _counted(component: Row, facts: Facts) -> Iterator[Source]:
    """Yield the shares of the count of listed items (or of the world market) by brand."""
    rows = [row for row in facts.rows("origin_shares") if row["class"] == component["shares_of"]]
    own_class = component["shares_of"] == component["component"]
    named = [row for row in rows if row["place"] != "unknown"]
    for row in named:
        yield from _layers(component["component"], row, facts, own_class=own_class)
    if not rows:
        msg = f"origin_shares has no row of the class {component['shares_of']}"
        raise ValueError(msg)
    rest = 100 - sum(float(row["central"]) for row in named)
    if rest > 0.05:  # noqa: PLR2004 - percent; below it the shares are whole but for rounding
        yield _remainder(component["component"], rest / 100, rows[0], own_class=own_class)


def _layers(component: str, row: Row, facts: Facts, *, own_class: bool) -> Iterator[Source]:
    share = Span(float(row["central"]) / 100)
    brand = row["place"]
    for origin, part in _origins(brand, facts).items():
        rule = f"{row['central']} % of {row['class']} by brand ({row['share']})"
        if part.central < 1:
            rule += f" x {part.central:.3g} made in {origin} ({_MADE_ELSEWHERE})"
        source = _share_provenance(row, rule, own_class=own_class)
        source["source_ids"] = cited(source["source_ids"], "S29" if part.central < 1 else "")
        yield Source(component, brand, origin, share * part, "", source)


def _origins(brand: str, facts: Facts) -> dict[str, Span]:
    """Return the share of a brand's goods by place of make."""
    blocs = facts.by("places", "place")[brand]["blocs"].split(";")
    if COALITION not in blocs:
        return {brand: Span(1.0)}
    abroad = float(facts.figure(_MADE_ELSEWHERE)["central"]) / 100
    china = facts.assumptions["third_country_china"]
    shares = dict(zip(_THIRD_COUNTRIES, (china.central, 1 - china.central), strict=True))
    return {brand: Span(1 - abroad)} | {o: Span(abroad * part) for o, part in shares.items()}


def _remainder(component: str, share: float, row: Row, *, own_class: bool) -> Source:
    rule = f"{share:.3g}: what the stored shares of {row['class']} leave, brand not known"
    source = _share_provenance(row, rule, own_class=own_class)
    return Source(component, "", _REST_IN_CHINA, Span(share), "", source | {"confidence": "low"})


def _share_provenance(row: Row, rule: str, *, own_class: bool) -> Row:
    return {
        "basis": "derived",
        "confidence": least(row["confidence"], "medium" if own_class else "low"),
        "source_ids": row["source_ids"],
        "as_of": "2026-06" if row["sample"] else row["period"],
        "note": rule,
    }


def _stated(component: Row, facts: Facts) -> Iterator[Source]:
    """Yield the shares that no count gives, layered where the place of make is not stated."""
    for row in facts.rows("class_shares"):
        if row["component"] != component["component"]:
            continue
        share = Span(float(row["central"]), number(row["low"]), number(row["high"]))
        origins = {row["origin"]: Span(1.0)} if row["origin"] else _origins(row["brand"], facts)
        for origin, part in origins.items():
            rule = f"{share.central:.3g} of the class ({row['note']})"
            if part.central < 1:
                rule += f" x {part.central:.3g} made in {origin} ({_MADE_ELSEWHERE})"
            yield Source(
                component=row["component"],
                brand=row["brand"],
                origin=origin,
                share=share * part,
                pillar=row["pillar"],
                cells=provenance(row, note=rule),
                channel=row["channel"],
                programme=row["programme"],
            )


def supply_rows(facts: Facts, needs: Needs, sources: tuple[Source, ...]) -> list[Row]:
    """Return the supplies of sources and of substitutes.

    Capacity of a source is *need x share x headroom*; of a substitute *room x spare*, growing by
    *room x ramp* a month up to *room x largest fill*.
    """
    headroom = facts.assumptions["headroom"]
    categories = facts.by("components", "component")
    rows = [
        _supply(source, needs, headroom) | _reach(source, categories[source.component], facts)
        for source in sources
    ]
    substitutes = [row for row in facts.rows("components") if row["rule"] == "substitute"]
    return rows + [_substitute(row, facts, needs) for row in substitutes]


def _supply(source: Source, needs: Needs, headroom: Span) -> Row:
    need = needs.need(source.component)
    return {
        "supply": source.key,
        "component": source.component,
        "origin": source.origin,
        "brand": source.brand,
        "reach": "",
        "channel": source.channel,
        "programme": source.programme,
        **cells(source.share * headroom * need, "capacity_per_month"),
        "lead_months": "",
        "ramp_per_month": "",
        "ceiling_per_month": "",
        "pillar": source.pillar,
        **source.cells,
        "note": f"Need {cell(need)} x headroom {headroom.central:g} x {source.cells['note']}",
        **moving("headroom", source.share),
    }


def _reach(source: Source, component: Row, facts: Facts) -> Row:
    for row in facts.rows("reach"):
        if (row["category"], row["brand"]) == (component["category"], source.brand):
            return {"reach": row["reach"]}
    return {}


def _substitute(row: Row, facts: Facts, needs: Needs) -> Row:
    grade = row["grade"]
    room = needs.room(row["component"])
    assumed = facts.assumptions
    most = assumed[f"substitute_{grade}_max_fill"]
    ramp = assumed["substitute_ramp"]
    return {
        "supply": f"{row['component']}-chn-chn",
        "component": row["component"],
        "origin": "CHN",
        "brand": "CHN",
        "reach": "",
        "channel": "",
        "programme": "",
        **cells(assumed[f"substitute_{grade}_spare"] * room, "capacity_per_month"),
        "lead_months": "",
        **cells(ramp * room, "ramp_per_month"),
        **cells(most * room, "ceiling_per_month"),
        "pillar": "",
        "basis": "assumed",
        "confidence": "low",
        "source_ids": row["source_ids"],
        "as_of": "2026-06",
        "note": f"Need of the slots it may fill {cell(room)} x spare of grade {grade}; grows by "
        f"{ramp.central:g} of that need a month up to {most.central:g} of it",
        **moving(f"substitute_{grade}_spare"),
    }


def trainee_rows(facts: Facts) -> list[Row]:
    """Return the supplies of trained persons: persons a month x conversion to crews."""
    return [_trainees(row, facts) for row in facts.rows("training")]


def _trainees(row: Row, facts: Facts) -> Row:
    share = facts.assumptions[row["conversion"]].central
    return {
        "supply": row["supply"],
        "component": "trainee",
        "origin": DESTINATION,
        "brand": DESTINATION,
        "reach": "",
        "channel": row["channel"],
        "programme": row["programme"],
        **cells(trained_per_month(facts, row), "capacity_per_month"),
        "lead_months": "",
        "ramp_per_month": "",
        "ceiling_per_month": "",
        "pillar": "training",
        **provenance(row, note=f"{row['persons']} persons x {share:g} to crews. {row['note']}"),
    }


def imported_share(component: str, sources: tuple[Source, ...]) -> float:
    """Return the share of a component's need that comes from abroad, at central values."""
    own = [source for source in sources if source.component == component]
    return sum(source.share.central for source in own if source.origin != DESTINATION)


def need_value(component: Row, needs: Needs) -> float:
    """Return what the need of a component is worth, USD a month."""
    value = given(component, "value").central if component["value"] else 0.0
    return needs.need(component["component"]) * value
