"""How a cell becomes a number: one plain notation, everything else refused with the reason."""

import math
import re

# digits, an optional decimal point, an optional exponent; no grouping, no percent, no units
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_MOST_DIGITS = 17
_SUSPECT = 1e15


def number(value: object) -> object:
    """Return the number that a cell states.

    Parameters
    ----------
    value : object
        Text of a cell; anything else is passed through for the field's own check.

    Returns
    -------
    object
        The number as ``float``; minus zero is zero.

    Raises
    ------
    ValueError
        If the text is not a plain finite number, or is too large to be meant.

    Examples
    --------
    >>> number("1200.5")
    1200.5
    >>> number("1,200")
    Traceback (most recent call last):
    ...
    ValueError: '1,200' is not a plain number: write digits and a decimal point, as in 1234.5
    """
    if not isinstance(value, str):
        return value
    if not _PLAIN.fullmatch(value):
        msg = f"{value[:40]!r} is not a plain number: write digits and a decimal point, as in 1234.5"
        raise ValueError(msg)
    figure = float(value)
    if not math.isfinite(figure) or abs(figure) >= _SUSPECT:
        msg = f"{value[:40]!r} is too large to be meant; check the unit in the column name"
        raise ValueError(msg)
    if len(re.sub(r"\D", "", value.partition("e")[0])) > _MOST_DIGITS:
        msg = f"{value[:40]!r} has more digits than a number can hold"
        raise ValueError(msg)
    return figure + 0.0
