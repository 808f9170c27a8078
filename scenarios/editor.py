"""The JSON Schema by which an editor completes and checks a scenario file while it is written.

Convention: it describes the file, not the checked object: a number may stand for a range, a text
for a list, an id for a measure. What needs other files or datasets is left to ``aftercut check``.
"""

from typing import Any

from scenarios.schema import Scenario

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_OWN = ("where", "cut", "not_modelled")
# editors read an unquoted 854231 or 2024 as a number, our reader as text
_TEXT = {"type": ["string", "number"]}

Schema = dict[str, Any]


def json_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of a scenario file.

    Returns
    -------
    dict
        The schema of a scenario; ``$defs.Measure`` is that of a measure file.

    Examples
    --------
    >>> json_schema()["required"]
    ['id', 'measures']
    """
    whole = Scenario.model_json_schema(by_alias=True)
    parts: Schema = whole["$defs"]
    measure = _measure(parts["Measure"])
    properties = {key: value for key, value in whole["properties"].items() if key != "file"}
    properties["measures"] = {**properties["measures"], "items": _entry(measure)}
    defined = {
        **parts,
        "Measure": measure,
        "Selector": _selector(parts["Selector"]),
        "Uncertain": _number_or_range(parts["Uncertain"]),
    }
    return {
        "$schema": _DIALECT,
        **whole,
        "properties": properties,
        "required": ["id", "measures"],
        "$defs": defined,
    }


def _measure(part: Schema) -> Schema:
    properties = dict(part["properties"])
    properties["senders"] = _also(properties["senders"], _TEXT, _list_of(_TEXT))
    properties["source_ids"] = _text_or_list(properties["source_ids"])
    for key in ("in_force_from", "in_force_until"):
        properties[key] = _also(properties[key], _TEXT)
    whole = [{"required": ["where", "cut"]}, {"required": ["not_modelled"]}]
    return {**part, "properties": properties, "anyOf": whole}


def _entry(measure: Schema) -> Schema:
    properties = {key: value for key, value in measure["properties"].items() if key not in _OWN}
    reference = {
        "type": "object",
        "description": "A measure that is defined elsewhere, with some keys changed.",
        "properties": properties,
        "required": ["id"],
        "additionalProperties": False,
    }
    named = {"type": "string", "description": "Id of a measure that is defined elsewhere."}
    return {"anyOf": [{"$ref": "#/$defs/Measure"}, named, reference]}


def _selector(part: Schema) -> Schema:
    nested = {"table", "any", "except"}
    properties = {
        key: _stated(value) if key in nested else _text_or_list(value)
        for key, value in part["properties"].items()
    }
    return {**part, "properties": properties}


def _stated(field: Schema) -> Schema:
    # a selector's key is left out, never null
    (kind,) = (option for option in field["anyOf"] if option.get("type") != "null")
    return {**kind, "description": field["description"]}


def _text_or_list(field: Schema) -> Schema:
    return {"anyOf": [_TEXT, _list_of(_TEXT)], "description": field["description"]}


def _list_of(item: Schema) -> Schema:
    return {"type": "array", "items": item, "minItems": 1}


def _also(field: Schema, *options: Schema) -> Schema:
    about = {"description", "default"}
    kept = {key: value for key, value in field.items() if key in about}
    kind = {key: value for key, value in field.items() if key not in about}
    return {**kept, "anyOf": [*kind.get("anyOf", [kind]), *options]}


def _number_or_range(part: Schema) -> Schema:
    number = {"type": "number", "minimum": 0, "maximum": 1}
    return {"description": part["description"], "anyOf": [number, part]}
