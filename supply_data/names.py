"""Which names look the same, which are near, and how a list of them is written for people."""

import difflib
import unicodedata
from collections.abc import Iterable

from supply_data.schema import shown


def folded(name: str) -> str:
    """Return the form in which two names that people take for the same one are equal.

    Examples
    --------
    >>> folded(" Chip ") == folded("CHIP")
    True
    """
    composed = unicodedata.normalize("NFC", name.strip()).casefold()
    return unicodedata.normalize("NFC", composed)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is closest to an unknown one; None if none is close.

    Examples
    --------
    >>> nearest("capacity_per_mont", ["capacity_per_month", "origin"])
    'capacity_per_month'
    """
    by_form = {folded(each): each for each in known}
    found = difflib.get_close_matches(folded(name)[:64], by_form, n=1, cutoff=0.6)
    return by_form[found[0]] if found else None


def listed(names: Iterable[str], *, most: int = 8) -> str:
    """Return names as one phrase, shortened after ``most`` of them.

    Examples
    --------
    >>> listed(["reported", "derived", "assumed"])
    "'reported', 'derived', 'assumed'"
    """
    every = list(names)
    rest = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(shown(name) for name in every[:most]) + rest


def advice(name: str, known: Iterable[str]) -> str:
    """Return what to write in place of an unknown name.

    Examples
    --------
    >>> advice("chp", ["chip", "body"])
    "Did you mean 'chip'?"
    >>> advice("CHIP", ["chip", "body"])
    "Write 'chip': it differs only in case, in blanks or in how its characters are encoded."
    """
    every = list(known)
    near = nearest(name, every)
    if near is None:
        return f"Known: {listed(every)}." if every else "There is none to choose from."
    if folded(near) == folded(name):
        only = "it differs only in case, in blanks or in how its characters are encoded."
        return f"Write {shown(near)}: {only}"
    return f"Did you mean {shown(near)}?"
