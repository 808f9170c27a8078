"""How much of each good the reference output needs, and which rows may fill each slot.

Convention: the *need* of a good is the quantity per month that the targets take when every slot
is filled as ``fill`` says; a substitute has no fill at the baseline, so its need is zero and its
*room* is what the slots that it may fill would take of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from supply_data.derive.facts import Facts, Row, Span, cited, given, number, provenance, span


@dataclass(frozen=True)
class Use:
    """One way to fill one slot of a product."""

    product: str
    slot: str
    component: str
    quantity: Span
    fill: float
    source: Row
    max_fill: Span | None = None
    adopt_months: Span | None = None
    adopt_share_per_month: Span | None = None
    tracked: str = ""


@dataclass(frozen=True)
class Needs:
    """The uses of all goods, and what they add up to at the reference output."""

    targets: Mapping[str, float]
    uses: tuple[Use, ...]

    @cached_property
    def _by_component(self) -> dict[str, list[Use]]:
        found: dict[str, list[Use]] = {}
        for use in self.uses:
            found.setdefault(use.component, []).append(use)
        return found

    def need(self, good: str) -> float:
        """Return how many of a good the reference output takes per month."""
        if good in self.targets:
            return self.targets[good]
        uses = self._by_component.get(good, [])
        return sum(self.need(u.product) * u.quantity.central * u.fill for u in uses)

    def room(self, good: str) -> float:
        """Return how many of a good would fill all slots that it may fill, per month."""
        uses = self._by_component.get(good, [])
        return sum(self.need(u.product) * u.quantity.central for u in uses)


def needs_of(facts: Facts) -> Needs:
    """Return the needs that targets, requirements, crews and substitutes give."""
    targets = {row["system"]: given(row, "target").central for row in facts.rows("families")}
    uses = [*_written(facts), *_crews(facts)]
    return Needs(targets, tuple(_with_substitutes(uses, facts)))


def _written(facts: Facts) -> Iterator[Use]:
    pace = facts.assumptions["adopt_share_per_month"]
    for row in facts.rows("requirements"):
        grade = row["grade"]
        yield Use(
            product=row["product"],
            slot=row["slot"],
            component=row["component"],
            quantity=given(row, "quantity"),
            fill=number(row["fill"]) or 0.0,
            source=provenance(row),
            max_fill=span(row, "max_fill"),
            adopt_months=facts.assumptions[f"adopt_months_{grade}"] if grade else None,
            adopt_share_per_month=pace if grade else None,
            tracked=row["tracked"],
        )


def trained_per_month(facts: Facts, row: Row) -> Span:
    """Return how many persons of a training channel become crews: persons x conversion."""
    persons = Span(float(row["persons"]), number(row["low"]), number(row["high"]))
    return persons * facts.assumptions[row["conversion"]]


def _crews(facts: Facts) -> Iterator[Use]:
    """Yield the crews that each family takes.

    The published output was reached with the intake, so the need is the intake less headroom,
    spread over the families by crew weight times target.
    """
    trained = sum(trained_per_month(facts, row).central for row in facts.rows("training"))
    families = facts.rows("families")
    weight = {row["system"]: given(row, "crew_weight") for row in families}
    total = sum(weight[r["system"]].central * given(r, "target").central for r in families)
    unit = trained / facts.assumptions["headroom"].central / total
    for row in families:
        weighed = weight[row["system"]]
        yield Use(
            product=row["system"],
            slot="crew",
            component=row["crew"],
            quantity=weighed * facts.assumptions["crew_need_factor"] * unit,
            fill=1.0,
            source={
                "basis": "assumed",
                "confidence": "low",
                "source_ids": "S07;S80",
                "as_of": "2026-01",
                "note": f"Trained persons a month / headroom, spread over families by crew weight "
                f"({weighed.central:g}) x target; wide range",
            },
        )


def _with_substitutes(uses: list[Use], facts: Facts) -> Iterator[Use]:
    components = facts.by("components", "component")
    for use in uses:
        yield use
        other = components[use.component]["substitute"]
        if other:
            yield _substitute(use, components[other], facts)


def _substitute(use: Use, row: Row, facts: Facts) -> Use:
    grade = row["grade"]
    assumed = facts.assumptions
    return Use(
        product=use.product,
        slot=use.slot,
        component=row["component"],
        quantity=assumed[f"substitute_{grade}_quantity"] * use.quantity.central,
        fill=0.0,
        max_fill=assumed[f"substitute_{grade}_max_fill"],
        adopt_months=assumed[f"adopt_months_{grade}"],
        adopt_share_per_month=assumed["adopt_share_per_month"],
        source={
            "basis": "assumed",
            "confidence": "low",
            "source_ids": cited(row["source_ids"]),
            "as_of": "2026-06",
            "note": f"Chinese-brand substitute of {use.component}, grade {grade}: quantity and "
            f"largest fill are assumed for the grade",
        },
    )
