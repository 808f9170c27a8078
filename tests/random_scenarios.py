"""Scenarios drawn at random, the same for the same seed, with ranges or with points within them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from scenarios.schema import Measure, Scenario, Uncertain
from supply_data.schema import Tables


def some_scenario(tables: Tables, seed: int, *, count: int = 3) -> Scenario:
    """Return a scenario of so many measures, each with ranges of its cut, coverage and leak."""
    draw = np.random.default_rng([4, seed])
    measures = [
        Measure.model_validate(
            {
                "id": f"m{n}",
                "where": _where(tables, draw),
                "cut": _range(draw, 0.3, 1.0),
                "coverage": _range(draw, 0.5, 1.0),
                "leak": _range(draw, 0.0, 0.5),
            }
        )
        for n in range(count)
    ]
    return Scenario(id=f"random-{seed}", measures=tuple(measures))


def point_within(scenario: Scenario, draw: np.random.Generator) -> Scenario:
    """Return the scenario with each share somewhere in its range, without a range."""
    measures = tuple(
        measure.model_copy(
            update={
                name: _point(getattr(measure, name), draw) for name in ("cut", "coverage", "leak")
            }
        )
        for measure in scenario.measures
    )
    return scenario.model_copy(update={"measures": measures})


def _point(known: Uncertain, draw: np.random.Generator) -> Uncertain:
    value = float(draw.uniform(known.low, known.high))
    return Uncertain(low=value, central=value, high=value)


def _range(draw: np.random.Generator, low: float, high: float) -> dict[str, float]:
    values = sorted(draw.uniform(low, high, size=3).round(3).tolist())
    return dict(zip(("low", "central", "high"), values, strict=True))


def _where(tables: Tables, draw: np.random.Generator) -> dict[str, Any]:
    """Return a selector that matches: rows of known figure, or one item on all its lanes."""
    kind = int(draw.integers(4))
    if kind == 0:
        known = [n for n, row in tables.supplies.items() if row.capacity_per_month is not None]
        return {"table": "supplies", "supply": _some(draw, known)}
    if kind == 1 and any(row.capacity_per_month is not None for row in tables.plants.values()):
        known = [n for n, row in tables.plants.items() if row.capacity_per_month is not None]
        return {"table": "plants", "plant": _some(draw, known)}
    if kind == 2:
        return {"table": "lanes", "lane": _some(draw, list(tables.lanes))}
    travelling = [name for name, row in tables.components.items() if row.value_usd]
    return {"table": "lanes", "component": _some(draw, travelling)}


def _some(draw: np.random.Generator, names: Sequence[str]) -> list[str]:
    return [names[n] for n in draw.permutation(len(names))[: 1 + len(names) // 3].tolist()]
