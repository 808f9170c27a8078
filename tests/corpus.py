"""The list of bad inputs, 1 to 132: what each gets, and how a test says which one it makes.

A test is marked ``corpus(number, outcome)``, or gets its mark by ``numbered`` from the number with
which its id begins. A list of letters (refuse, quarantine, warn, accept) stands behind the
outcomes. Rows are never left out, so what the list would quarantine is refused; and 59 to 93 are
workbooks, Parquet and the like, which are refused by name whatever they hold.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

REFUSED, WARNED, ACCEPTED = "refused", "warned", "accepted"
_WARNED = {22, 45, 46, 47, 48, 49, 52, 53, 113, 122}
_ACCEPTED = {3, 8, 9, 21, 38, 39, 40, 41, 42, 54, 55, 56, 57, 94, 95, 97, 117}
WANTED: Mapping[int, str] = {
    number: WARNED if number in _WARNED else ACCEPTED if number in _ACCEPTED else REFUSED
    for number in range(1, 133)
}
"""Outcome by number."""


def numbered(cases: Iterable[Any], outcome: str) -> list[Any]:
    """Return parameters with the mark of the number with which their id begins, if it does.

    What has no number in the list, and is there besides, stays as it is.
    """
    return [_numbered(case, outcome) for case in cases]


def _numbered(case: Any, outcome: str) -> Any:  # noqa: ANN401 - pytest does not export its type
    number = re.match(r"\d+", str(case.id))
    marks = [*case.marks, *([pytest.mark.corpus(int(number[0]), outcome)] if number else [])]
    return pytest.param(*case.values, id=case.id, marks=marks)
