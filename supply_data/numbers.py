"""How a cell becomes a number: one plain notation, everything else refused with the reason."""

import math
import re

# digits, an optional decimal point, an optional exponent; no grouping, no percent, no units
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_MOST_DIGITS = 17
_SUSPECT = 1e15


class BadCellError(ValueError):
    """A cell does not say what its column asks for; has the rule and the remedy apart."""

    def __init__(self, rule: str, remedy: str) -> None:
        """Keep both sentences."""
        super().__init__(f"{rule}: {remedy}")
        self.rule = rule
        self.remedy = remedy


def number(value: object) -> object:
    """Return the number that a cell states.

    Parameters
    ----------
    value : object
        Text of a cell, or a number from code; anything else is passed through for the field's
        own check.

    Returns
    -------
    object
        The number as ``float``; minus zero is zero.

    Raises
    ------
    BadCellError
        If the text is not a plain finite number, or the number is too large to be meant.

    Examples
    --------
    >>> number("1200.5")
    1200.5
    >>> number("1,200")
    Traceback (most recent call last):
    ...
    supply_data.numbers.BadCellError: it is not a plain number: write digits and a decimal point, \
as in 1234.5
    """
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return value
    if isinstance(value, str):
        _refuse_other_notations(value)
    figure = float(value)
    if not math.isfinite(figure) or abs(figure) >= _SUSPECT:
        rule = "it is too large to be meant"
        raise BadCellError(rule, "check the unit in the column name; leave it blank for no limit")
    return figure + 0.0


def _refuse_other_notations(text: str) -> None:
    if not _PLAIN.fullmatch(text):
        rule = "it is not a plain number"
        raise BadCellError(rule, "write digits and a decimal point, as in 1234.5")
    digits = re.sub(r"[eE].*|\D", "", text).lstrip("0")
    if len(digits) > _MOST_DIGITS:
        rule = f"it has more than the {_MOST_DIGITS} digits that a number can hold"
        raise BadCellError(rule, "round it; no figure is known that well")
