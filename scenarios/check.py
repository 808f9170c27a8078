"""Whether a part of a file states a measure or a scenario, and in plain words why not.

Convention: a function returns the checked object or raises with every fault it found.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from scenarios.document import Document, Place
from scenarios.schema import (
    BadScenarioError,
    Measure,
    Scenario,
    ScenarioFault,
    Selector,
    Status,
    Uncertain,
)
from scenarios.select import misfits

_NESTED: Mapping[str, type[BaseModel]] = {
    "where": Selector,
    "any": Selector,
    "except": Selector,
    "cut": Uncertain,
    "coverage": Uncertain,
    "leak": Uncertain,
}
_RULES: Mapping[str, str] = {
    "extra_forbidden": "the key is unknown",
    "missing": "the key is missing",
    "string_type": "this is not text",
    "string_too_short": "the text is empty",
    "string_too_long": "the text has over {max_length} characters",
    "greater_than_equal": "the number is below {ge}",
    "less_than_equal": "the number is above {le}",
    "greater_than": "the number is not above {gt}",
    "finite_number": "the number is too large",
    "int_from_float": "the number is not whole",
    "float_type": "this is not a number",
    "int_type": "this is not a number",
    "bool_type": "this is neither true nor false",
    "enum": "the value is not {expected}",
    "literal_error": "the value is not {expected}",
    "model_type": "a mapping belongs here, as in `key: value`",
    "model_attributes_type": "a mapping belongs here, as in `key: value`",
    "dict_type": "a mapping belongs here, as in `key: value`",
    "tuple_type": "a list belongs here, as in [A, B]",
    "too_short": "the list is empty",
    "value_error": "{error}",
}
_MOST_NAMED = 12
_MOST_TOLD = 100


def checked_measure(
    source: Document, path: Place, stated: Mapping[str, Any], *, base: Measure | None = None
) -> Measure:
    """Return the measure that a mapping states.

    Parameters
    ----------
    source : Document
        The file that holds the mapping.
    path : tuple
        Where in the file it stands.
    stated : mapping
        Its keys and values.
    base : Measure, optional
        A measure named by id, of which the mapping changes some keys.

    Raises
    ------
    BadScenarioError
        With every fault, each with its line.
    """
    inherited = {} if base is None else base.model_dump(by_alias=True, exclude_unset=True)
    try:
        found = Measure.model_validate({**inherited, **stated}, by_alias=True, by_name=False)
    except ValidationError as error:
        raise BadScenarioError(_explained(error, Measure, source, path)) from None
    if base is None and found.where is not None:
        _check_selector(found.where, source, (*path, "where"))
    return found


def checked_scenario(source: Document, measures: tuple[Measure, ...]) -> Scenario:
    """Return the scenario that a file states, given its resolved measures.

    Raises
    ------
    BadScenarioError
        With every fault, each with its line.
    """
    stated = {key: value for key, value in source.content.items() if key != "measures"}
    faults: tuple[ScenarioFault, ...] = ()
    if "file" in stated:
        stated.pop("file")
        faults = (source.fault(("file",), None, _RULES["extra_forbidden"], "Leave it out"),)
    try:
        found = Scenario.model_validate(
            {**stated, "measures": measures}, by_alias=True, by_name=False
        )
    except ValidationError as error:
        raise BadScenarioError(faults + _explained(error, Scenario, source, ())) from None
    if found.id.casefold() == "baseline":
        rule = "this name is kept for the case without measures"
        faults += (source.fault(("id",), found.id, rule, "Choose another id"),)
    if faults:
        raise BadScenarioError(faults)
    return found.model_copy(update={"file": source.file})


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint at what may have been meant.

    Examples
    --------
    >>> nearest("cutt", ["cut", "leak"])
    "Did you mean 'cut'?"
    >>> nearest("zzz", ["cut", "leak"])
    'Known here: cut, leak'
    """
    names = sorted(set(known))
    near = get_close_matches(name, names, n=1)
    if near:
        return f"Did you mean {near[0]!r}?"
    more = " …" if len(names) > _MOST_NAMED else ""
    return f"Known here: {', '.join(names[:_MOST_NAMED]) or 'none'}{more}"


def measure_warnings(source: Document, path: Place, found: Measure) -> Iterator[ScenarioFault]:
    """Return what is permitted in a measure, but seldom meant."""
    where = found.where
    if where is not None and where.any_of is None and not where.conditions():
        rule = f"the measure aims at every row of {where.table}"
        yield source.fault((*path, "where"), None, rule, "Add keys if that is not meant")
    counted = found.baseline_leak == 1 and "baseline_leak" not in found.model_fields_set
    if found.status is Status.IN_FORCE and found.cut is not None and counted:
        rule = "the measure is in force, so the baseline's figures may contain it already"
        remedy = "State baseline_leak, or it counts twice; 1 says that they do not"
        yield source.fault((*path, "status"), None, rule, remedy)


def text_warnings(source: Document) -> Iterator[ScenarioFault]:
    """Return the texts of a file that look like something else than they are."""
    for path, text in _texts(source.content, ()):
        if any(unicodedata.category(c) in {"Cf", "Cc"} and c != "\n" for c in text):
            rule = "the text holds characters that cannot be seen"
            yield source.fault(path, text, rule, "Type it anew")
        if any(_mixes_scripts(word) for word in re.findall(r"\w+", text)):
            rule = "one word mixes Latin and Cyrillic letters"
            yield source.fault(path, text, rule, "Type it anew in one script")


def _texts(content: object, path: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(content, str):
        yield path, content
    elif isinstance(content, Mapping):
        for key, value in content.items():
            yield from _texts(value, (*path, key))
    elif isinstance(content, list):
        for number, value in enumerate(content):
            yield from _texts(value, (*path, number))


def _mixes_scripts(word: str) -> bool:
    if word.isascii():
        return False
    scripts = {unicodedata.name(c, "").partition(" ")[0] for c in word}
    return {"LATIN", "CYRILLIC"} <= scripts


def _check_selector(where: Selector, source: Document, path: Place) -> None:
    faults = tuple(
        source.fault((*path, *misfit.path), misfit.value, misfit.rule, misfit.remedy)
        for misfit in misfits(where)
    )
    if faults:
        raise BadScenarioError(faults)


def _explained(
    error: ValidationError, model: type[BaseModel], source: Document, path: Place
) -> tuple[ScenarioFault, ...]:
    # one number stands for low, central and high, so one mistake may be told three times
    details = error.errors(include_url=False)
    faults = [_fault(detail, model, source, path) for detail in details[:_MOST_TOLD]]
    if len(details) > _MOST_TOLD:
        rule = f"{len(details) - _MOST_TOLD} more faults follow"
        faults.append(source.fault(path, None, rule, "Correct the others first"))
    return tuple(dict.fromkeys(faults))


def _fault(
    detail: Mapping[str, Any], model: type[BaseModel], source: Document, path: Place
) -> ScenarioFault:
    loc = _written(detail["loc"], source, path)
    value = detail["input"] if isinstance(detail["input"], (str, int, float)) else None
    if detail["type"] == "missing":
        rule = f"the key `{loc[-1]}` is missing"
        return source.fault((*path, *loc[:-1]), None, rule, _remedy(loc, model))
    expected = detail.get("ctx", {}).get("expected")
    if detail["type"] == "extra_forbidden":
        remedy = nearest(str(loc[-1]), _known_keys(_owner(loc, model)))
    elif expected and isinstance(value, str):
        remedy = nearest(value, re.findall(r"'([^']+)'", expected))
    else:
        remedy = _remedy(loc, model)
    return source.fault((*path, *loc), value, _rule(detail), remedy)


def _written(loc: Place, source: Document, path: Place) -> Place:
    # of a number that stands for a range, only the number is in the file
    ranged = len(loc) > 1 and loc[-1] in {"low", "central", "high"}
    return loc[:-1] if ranged and isinstance(_part(source, (*path, *loc[:-1])), str) else loc


def _part(source: Document, path: Place) -> object:
    part = source.content
    for step in path:
        part = part[step]
    return part


def _rule(detail: Mapping[str, Any]) -> str:
    if detail["input"] is None and detail["type"] != "value_error":
        return "the key has no value"
    rule = _RULES.get(detail["type"], "the value cannot be read")
    return rule.format(**detail.get("ctx", {}))


def _remedy(loc: Place, model: type[BaseModel]) -> str:
    keys = [step for step in loc if isinstance(step, str)]
    if not keys:
        return "Correct what does not fit together"
    field = _known_keys(_owner(loc, model)).get(keys[-1])
    text = None if field is None else field.description
    return f"Expected here: {text.rstrip('.')}" if text else f"Correct `{keys[0]}`"


def _owner(loc: Place, model: type[BaseModel]) -> type[BaseModel]:
    keys = [step for step in loc if isinstance(step, str)]
    for key in keys[:-1]:
        model = _NESTED.get(key, model)
    return model


def _known_keys(model: type[BaseModel]) -> dict[str, FieldInfo]:
    known = {field.alias or name: field for name, field in model.model_fields.items()}
    known.pop("file", None)
    return known
