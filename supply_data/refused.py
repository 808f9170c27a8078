"""What a refused cell is told: pydantic's errors as plain sentences with a remedy."""

import re
from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from supply_data.names import advice
from supply_data.numbers import BadCellError
from supply_data.schema import Fault

_FORMS = {
    "hs6": (
        "a heading of the Harmonised System has six digits here",
        "Cut longer national codes to six digits, keep leading zeros: classes, no products",
    ),
    "period": ("the period is `month`", "State all figures per month"),
    "currency": ("the currency is `USD`", "State all values in USD"),
}
_DATE = ("a date is YYYY, YYYY-MM or YYYY-MM-DD", "Write it so, as in 2025-09")


def cell_faults(
    error: ValidationError,
    *,
    model: type[BaseModel],
    file: str,
    lines: Mapping[str, int | None],
    cells: Mapping[str, str],
) -> Iterator[Fault]:
    """Yield one fault for each column that a model refused.

    Parameters
    ----------
    error : ValidationError
        What pydantic found.
    model : type of BaseModel
        The model of the row; its fields' descriptions say what is wanted.
    file : str
        Name of the file.
    lines : mapping of str to int or None
        Line on which each column's value stands.
    cells : mapping of str to str
        Text of the cells, blank ones left out.
    """
    told: set[str] = set()
    for detail in error.errors():
        column = str(detail["loc"][0])
        if column not in told:
            told.add(column)
            rule, remedy = _sentences(detail, model, column)
            yield Fault(file, lines.get(column), column, cells.get(column, ""), rule, remedy)


def _sentences(detail: ErrorDetails, model: type[BaseModel], column: str) -> tuple[str, str]:
    limits = detail.get("ctx", {})
    match detail["type"]:
        case "value_error" if isinstance(limits["error"], BadCellError):
            told = limits["error"].rule, _capital(limits["error"].remedy)
        case "missing":
            told = "it is required and the cell is blank", _wanted(model, column)
        case "enum":
            told = f"it must be {limits['expected']}", _choice(detail)
        case "string_pattern_mismatch":
            told = _FORMS.get(column, _DATE)
        case "bool_parsing":
            told = "it must be yes or no", "Write yes, or leave it blank for no"
        case "extra_forbidden":
            told = "there is no such key", advice(column, model.model_fields)
        case _:
            told = _bound(limits) or ("it does not fit the column", _wanted(model, column))
    return told


def _bound(limits: Mapping[str, float]) -> tuple[str, str] | None:
    match limits:
        case {"gt": above}:
            return f"it must be above {above:g}", "Write a figure above it, or take the row out"
        case {"ge": least}:
            return f"it must be {least:g} or more", "Check the sign and the unit"
        case {"le": 1.0}:
            return "it must be 1 or less", "A share is a fraction: write 0.85 for 85 percent"
        case {"le": most}:
            return f"it must be {most:g} or less", "Check the sign and the unit"
    return None


def _choice(detail: ErrorDetails) -> str:
    permitted = re.findall(r"'([^']*)'", detail["ctx"]["expected"])
    return advice(str(detail["input"]), permitted)


def _wanted(model: type[BaseModel], column: str) -> str:
    field = model.model_fields.get(column)
    meaning = None if field is None else field.description
    return f"Fill it in: {meaning}".rstrip(".") if meaning else "Fill it in"


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
