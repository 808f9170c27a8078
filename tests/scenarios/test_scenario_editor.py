"""The JSON Schema for editors: it takes what the reader takes, and marks what it refuses."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import scenarios
from scenarios.editor import json_schema
from scenarios.schema import Measure, Selector

SCHEMA = json_schema()
SHIPPED = sorted(Path(scenarios.__file__).parent.glob("*/*.yaml"))
MEASURES = sorted(Path(scenarios.__file__).parent.glob("*/measures/*.yaml"))

IS: dict[str, Callable[[object], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    # ruamel makes dates of what editors, by YAML 1.2, keep as text
    "string": lambda value: isinstance(value, (str, date)),
    "boolean": lambda value: isinstance(value, bool),
    "number": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "null": lambda value: value is None,
}


def fits(value: object, schema: dict[str, Any]) -> bool:
    """Tell whether a value fits, as far as our schema uses the words of JSON Schema."""
    if "$ref" in schema and not fits(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]):
        return False
    if "anyOf" in schema and not any(fits(value, option) for option in schema["anyOf"]):
        return False
    kinds = schema.get("type", [])
    if kinds and not any(
        IS[kind](value) for kind in ([kinds] if isinstance(kinds, str) else kinds)
    ):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    return fits_inside(value, schema)


def fits_inside(value: object, schema: dict[str, Any]) -> bool:
    if isinstance(value, dict):
        known = schema.get("properties", {})
        other = schema.get("additionalProperties", {})
        return set(schema.get("required", ())) <= value.keys() and all(
            fits(part, known[key]) if key in known else other is not False and fits(part, other)
            for key, part in value.items()
        )
    if isinstance(value, list):
        enough = len(value) >= schema.get("minItems", 0)
        return enough and all(fits(part, schema.get("items", {})) for part in value)
    if isinstance(value, (int, float)):
        return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    return True


def written(text: str) -> object:
    content: object = YAML(typ="safe", pure=True).load(text)
    return content


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_shipped_scenarios_fit(path: Path) -> None:
    assert fits(written(path.read_text(encoding="utf-8")), SCHEMA)


@pytest.mark.parametrize("path", MEASURES, ids=lambda path: path.stem)
def test_shipped_measures_fit(path: Path) -> None:
    assert fits(written(path.read_text(encoding="utf-8")), SCHEMA["$defs"]["Measure"])


FULL = """\
id: a
measures:
  - named
  - {id: changed, leak: 0.4, senders: [USA]}
  - id: m
    where: {table: lanes, hs6: 854231, any: [{tier: [1, 2]}, {brand: A}], except: {lane: x}}
    cut: {low: 0.1, central: 0.2, high: 0.3}
    coverage: 0.5
    until_month: null
    in_force_from: 2024
    senders: {USA: 0.5, EU: 0.5}
    source_ids: S1
  - {id: n, not_modelled: because}
"""


def test_all_forms_that_the_reader_takes_fit() -> None:
    assert fits(written(FULL), SCHEMA)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("id: a\n", ""),
        ("leak: 0.4", "leek: 0.4"),
        ("id: changed, leak", "id: changed, where: {table: lanes}, leak"),
        ("table: lanes", "table: lane"),
        ("lane: x", "lane: null"),
        ("except:", "but_not:"),
        ("coverage: 0.5", "coverage: 50"),
        ("coverage: 0.5", "coverage: 50%"),
        ("low: 0.1, ", ""),
        ("until_month: null", "until_month: 0"),
        ("until_month: null", "kind: ban"),
        ("not_modelled: because", "cut: 1"),
        ("measures:\n", "file: x\nmeasures:\n"),
    ],
)
def test_what_the_reader_refuses_does_not_fit(right: str, wrong: str) -> None:
    assert right in FULL
    assert not fits(written(FULL.replace(right, wrong, 1)), SCHEMA)


@pytest.mark.parametrize("model", [Measure, Selector])
def test_every_key_is_described_under_the_name_that_files_use(
    model: type[Measure | Selector],
) -> None:
    properties = SCHEMA["$defs"][model.__name__]["properties"]
    assert set(properties) == {field.alias or name for name, field in model.model_fields.items()}
    assert all(field["description"] for field in properties.values())
