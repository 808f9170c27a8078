"""What the page tells of each scenario: the answer, what binds, what each measure does.

Convention: a scenario is a plain mapping that JSON can hold; its capacities are shares of the
baseline's, its elements are places in the list of records. An uncertified scenario has no numbers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analyzer.report import words
from analyzer.report.findings import Finding, findings
from analyzer.report.ledger import Drawable
from analyzer.report.records import (
    Array,
    Record,
    Series,
    civil_use,
    good_name,
    place_name,
    places_of,
    rounded_number,
    series,
    titles,
    without_dust,
)
from analyzer.report.words import visible
from analyzer.study.compare import BASELINE
from supply_data.schema import Weighting

if TYPE_CHECKING:
    from analyzer.report.drawing import Drawing
    from analyzer.study.compare import Comparison
    from scenarios.schema import Measure, Scenario
    from supply_data.schema import Tables

_TEXT = 2000
_FULL = 1 - 5e-4
_PRICES = ("loss_1pct", "gain_1pct", "price_down", "price_up", "holds_from", "holds_to")
_PRICE_DIGITS = 3


def scenario_records(comparison: "Comparison", picture: "Drawing") -> list[Record]:
    """Return what the page tells of each scenario, in the order of the comparison's table.

    Parameters
    ----------
    comparison : Comparison
        The result of a run.
    picture : Drawing
        Its drawing, which knows the classes that a scenario bears on.
    """
    run = _Run(comparison)
    rows = comparison.table.to_dict("records")
    return [
        _scenario(run, {str(column): value for column, value in row.items()})
        | {"findings": _claims(run, found), "touched": touched(run.tables, picture, place)}
        for place, (row, found) in enumerate(zip(rows, findings(comparison), strict=True))
    ]


@dataclass(frozen=True)
class _Run:
    """A comparison, with what is looked up for each scenario."""

    comparison: "Comparison"

    @property
    def tables(self) -> "Tables":
        return self.comparison.case.tables

    @cached_property
    def places(self) -> dict[str, int]:
        """Where the record of each element stands."""
        return places_of(self.tables)

    @cached_property
    def titles(self) -> dict[str, str]:
        """What the page calls each element, and each origin and hub as a whole."""
        groups = {
            f"{kind}:{place}": f"{place_name(self.tables, place)} ({kind})"
            for kind in ("origin", "hub")
            for place in self.tables.places
        }
        return titles(self.tables) | groups

    @cached_property
    def sources(self) -> dict[str, int]:
        """Where each source stands."""
        return {key: place for place, key in enumerate(self.tables.sources)}

    @cached_property
    def scenarios(self) -> dict[str, "Scenario"]:
        """The scenarios of the case, by id."""
        return {scenario.id: scenario for scenario in self.comparison.case.scenarios}


def _claims(run: _Run, found: Finding) -> list[list[Any]]:
    """Return what is found in words, each claim with the records that prove it."""
    return [
        [
            visible(claim.text, longest=_TEXT),
            [run.places[element] for element in claim.elements if element in run.places],
        ]
        for claim in found.claims
    ]


def _scenario(run: _Run, row: Mapping[str, Any]) -> Record:
    comparison, name = run.comparison, row["scenario"]
    scenario = run.scenarios.get(name)
    baseline, certified = name == BASELINE, bool(row["certified"])
    unknown, weighting = len(comparison.unknown), comparison.weighting
    said = words.answer(row, unknown=unknown, weighting=weighting, baseline=baseline)
    return {
        "id": visible(name),
        "title": visible(row["title"] or name),
        "summary": "" if scenario is None else visible(scenario.summary, longest=_TEXT),
        "certified": certified,
        "certificate": words.CERTIFIED if certified else words.UNCERTIFIED,
        "headline": words.headline(row, baseline=baseline),
        "answer": said._asdict(),
        "binds": words.binds(row),
        "measures": list(_measures(run, name)),
        **(_numbers(run, row) if certified else {"capacity": None, "surviving": None}),
    }


def _numbers(run: _Run, row: Mapping[str, Any]) -> Record:
    name = row["scenario"]
    return {
        "capacity": _number(row["capacity"]),
        "surviving": 1.0 if name == BASELINE else _number(row["surviving"]),
        "atOnce": _number(row["at_once"]),
        "low": _number(row["interval_low"]),
        "high": _number(row["interval_high"]),
        "binding": list(_binding(run, name)),
        "pillars": list(_pillars(run, name)),
        "weightings": list(_weightings(row)),
        "rests": _rests(run, name),
    }


def _number(value: float) -> float | None:
    return rounded_number(float(value))


def _binding(run: _Run, scenario: str) -> Iterator[list[float | None]]:
    """Yield the record of each element with a price, and its prices in the order of `_PRICES`."""
    frame = run.comparison.binding
    for row in frame[frame["scenario"] == scenario].to_dict("records"):
        prices = (abs(float(row[column])) for column in _PRICES)
        yield [
            run.places[row["element"]],
            *(rounded_number(price, digits=_PRICE_DIGITS) for price in prices),
        ]


def _pillars(run: _Run, scenario: str) -> Iterator[list[str | float | None]]:
    """Yield each pillar with its ceiling, its relief and its part in the loss."""
    outcomes = run.comparison.outcomes
    base, stands = outcomes[BASELINE].capacity, outcomes[scenario].standings
    if not base or stands is None:
        return
    for pillar, one in stands.items():
        shares = one.ceiling / base, one.relief / base, one.loss_share
        yield [pillar.value, *(rounded_number(share) for share in shares)]


def _weightings(row: Mapping[str, Any]) -> Iterator[list[str | float | None]]:
    """Yield what survives under each weighting, and the rank; 1 leaves least."""
    for weighting in Weighting:
        figures = (row[f"{column}_{weighting.value}"] for column in ("surviving", "rank"))
        yield [weighting.value, *(_number(figure) for figure in figures)]


def _rests(run: _Run, scenario: str) -> Record | None:
    """Return what the answer rests on; None if nothing decides it."""
    found = run.comparison.evidence(scenario)
    if found.weakest is None:
        return None
    return {
        "shares": [[basis.value, rounded_number(share)] for basis, share in found.shares.items()],
        "weakest": run.places[found.weakest],
        "oldest": visible(found.oldest),
        "undated": found.undated,
    }


def _measures(run: _Run, scenario: str) -> Iterator[Record]:
    stated = run.scenarios[scenario].measures if scenario in run.scenarios else ()
    by_id = {measure.id: measure for measure in stated}
    frame = run.comparison.measures
    for row in frame[frame["scenario"] == scenario].to_dict("records"):
        measure = by_id.get(row["measure"])
        yield {
            "title": visible(row["title"] or row["measure"]),
            "effect": row["effect"],
            "effectWords": words.EFFECTS.get(row["effect"], visible(row["effect"])),
            "returns": _number(row["returns"]),
            "why": visible(_in_words(row["note"], run.titles), longest=_TEXT),
            **({} if measure is None else _stated(measure, run.sources)),
        }


def _in_words(note: str, called: Mapping[str, str]) -> str:
    """Return a note that ends in a list of element ids with their titles instead."""
    said, _, listed = note.partition(": ")
    elements = listed.split(", ")
    if not all(element in called for element in elements):
        return note
    return f"{said}: {'; '.join(called[element] for element in elements)}"


def _stated(measure: "Measure", sources: Mapping[str, int]) -> Record:
    cut = measure.cut
    return {
        "kind": measure.kind.value.replace("_", " "),
        "status": measure.status.value.replace("_", " "),
        "cut": None if cut is None else [cut.low, cut.central, cut.high],
        "coverage": measure.coverage.central,
        "leak": measure.leak.central,
        "basis": measure.basis,
        "confidence": measure.confidence,
        "note": visible(measure.note, longest=_TEXT),
        "sources": [sources[key] for key in measure.source_ids if key in sources],
    }


def touched(tables: "Tables", picture: "Drawing", place: int) -> Record:
    """Return the classes on which a scenario bears directly, by their civil use."""
    bound = {good for edge in picture.edges if edge.open[place] < _FULL for good in edge.goods}
    found: Record = {}
    for good in sorted(bound & tables.components.keys()):
        found.setdefault(civil_use(tables, good), []).append(visible(good_name(tables, good)))
    return found


def system_records(comparison: Drawable) -> list[Record]:
    """Return output and share of target by system, in the order of the dataset."""
    order = {name: place for place, name in enumerate(comparison.table["scenario"])}
    return [
        {
            "node": f"system:{key}",
            "name": visible(rows["name"].iloc[0] or key),
            "target": rounded_number(float(rows["target_per_month"].iloc[0])),
            "output": _over_scenarios(rows, "output_per_month", order),
            "share": _over_scenarios(rows, "share", order),
        }
        for key, rows in comparison.systems.groupby("system", sort=False, observed=True)
    ]


def _over_scenarios(rows: pd.DataFrame, column: str, order: Mapping[str, int]) -> Series:
    values = np.full(len(order), np.nan)
    values[[order[scenario] for scenario in rows["scenario"]]] = rows[column]
    return series(without_dust(values))


def first_choices(comparison: "Comparison") -> list[Record]:
    """Return the largest share of output with its first choice, by tracked slot."""
    tables, outcomes = comparison.case.tables, comparison.outcomes
    slots = dict.fromkeys(slot for found in outcomes.values() for slot in found.first_choice)
    return [
        {
            "good": visible(good_name(tables, _first_choice(tables, product, slot))),
            "product": visible(good_name(tables, product)),
            "share": series(_shares(comparison, f"{product}/{slot}")),
        }
        for product, slot in (name.split("/") for name in slots)
    ]


def _first_choice(tables: "Tables", product: str, slot: str) -> str:
    rows = (row for row in tables.requirements if (row.product, row.slot) == (product, slot))
    return next(rows).component


def _shares(comparison: "Comparison", slot: str) -> Array:
    table = comparison.table
    rows = zip(table["scenario"], table["certified"], strict=True)
    told = [
        comparison.outcomes[name].first_choice.get(slot) if sure else None for name, sure in rows
    ]
    return np.array(told, dtype=float)


def unlisted_limits(comparison: "Comparison") -> list[Record]:
    """Return what binds and is aimed at by no measure and no tier, the most costly first."""
    places = places_of(comparison.case.tables)
    order = {name: place for place, name in enumerate(comparison.table["scenario"])}
    return [
        {
            "record": places[row["element"]],
            "loss": rounded_number(row["largest_loss_1pct"], digits=_PRICE_DIGITS),
            "scenario": order[row["scenario"]],
            "scenarios": row["scenarios"],
        }
        for row in comparison.unlisted.to_dict("records")
    ]
