"""Hand-made networks, written as they would stand on paper."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from scenarios.schema import Measure, Scenario
from supply_data import assemble
from supply_data.schema import TABLES, Component, Place, Row, Settings, Tables

MODELS = {model.table: model for model in TABLES}
UNVALUED = ("component", "place")


def _rows(text: str) -> Iterator[Row]:
    model, columns = MODELS["places"], list[str]()
    for number, line in enumerate(filter(str.strip, text.splitlines()), start=1):
        table, colon, header = line.strip().partition(":")
        if colon and table in MODELS:
            model, columns = MODELS[table], header.split()
            continue
        cells = dict(zip(columns, line.split(), strict=True))
        stated: dict[str, Any] = {key: cell for key, cell in cells.items() if cell != "-"}
        if "basis" in model.model_fields:
            stated["basis"] = "assumed"
        if "requirement" in model.table and "slot" not in stated:
            stated["slot"] = stated["component"]
        yield model.model_validate({**stated, "line": number})


def _named(rows: list[Row], keys: tuple[str, ...]) -> list[str]:
    found = {getattr(row, key, None) for row in rows for key in keys}
    return sorted(name for name in found if name)


@pytest.fixture(scope="session")
def network() -> Callable[[str], Tables]:
    """Return what turns tables as text into a dataset.

    A table is a line ``name: columns`` and a line a row; ``-`` is blank. The destination is END.
    Places and components that no table gives are added, components at one dollar.
    """

    def written(text: str) -> Tables:
        rows: dict[str, list[Row]] = {table: [] for table in MODELS}
        for row in _rows(text):
            rows[row.table].append(row)
        stated = [row for found in rows.values() for row in found]
        places = _named(stated, ("place", "origin", "brand", "from_place", "to_place"))
        known = {*_named(rows["places"], ("place",))}
        rows["places"] += [Place(place=p) for p in sorted({*places, "END"} - known)]
        known = {*_named(rows["components"], ("component",)), *_named(rows["systems"], ("system",))}
        parts = _named([*rows["requirements"], *rows["supplies"]], ("component",))
        rows["components"] += [
            Component.model_validate({"component": p, "value_usd": 1, "basis": "assumed"})
            for p in parts
            if p not in known
        ]
        settings = Settings(id="by-hand", title="By hand", destination="END")
        return assemble(settings, rows)

    return written


@pytest.fixture(scope="session")
def measure() -> Callable[..., Measure]:
    """Return what makes a measure: its id is ``m`` and its cut 1 unless stated."""

    def stated(**keys: object) -> Measure:
        return Measure.model_validate({"id": "m", "cut": 1, **keys})

    return stated


@pytest.fixture(scope="session")
def scenario() -> Callable[..., Scenario]:
    """Return what makes a scenario of measures."""

    def stated(*measures: Measure) -> Scenario:
        return Scenario(id="s", measures=measures, file="s.yaml")

    return stated


@pytest.fixture(scope="session")
def fork(network: Callable[[str], Tables]) -> Tables:
    """Return what selectors are tried on: chips by two hubs, a body, crews, and goods by brand.

    The lane from WEST has no known limit, the supply of crews and one plant have none either.
    """
    return network("""
        places: place blocs
          EAST CLUB
          WEST CLUB;UNION
          HUB -
          END -
        components: component category pillar hs6 chpl_tiers value_usd
          chip electronics hardware 854231;854239 3.A 10
          camera electronics hardware 852589 1 20
          body machinery partnership 841191 - 60
          crew people training - - -
        systems: system target_per_month
          pump 100
          lamp 100
        requirements: product component quantity
          pump chip 1
          pump body 1
          pump crew 1
          lamp camera 1
        supplies: supply component origin brand reach channel programme capacity_per_month
          chip-east chip EAST EAST WEST civil - 100
          chip-west chip WEST EAST - state boost 50
          camera-east camera EAST EAST - civil - 100
          body-west body WEST WEST - military boost 90
          school crew END - - state - -
        lanes: lane from_place to_place capacity_usd_per_month
          east-hub EAST HUB 5000
          hub-end HUB END 5000
          west-end WEST END -
        plants: plant place product channel programme capacity_per_month
          pump-works END pump state boost 80
          lamp-works END lamp civil - -
        stocks: place component brand quantity
          END chip EAST 10
          END camera - 10
          HUB chip WEST -
        programmes: programme
          boost
    """)
