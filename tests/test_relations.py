"""The list of relations is whole, and each is tried as often as it says."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.relations import numbers

TESTS = Path(__file__).parent
LIST = (TESTS.parent / "docs" / "relations.md").read_text(encoding="utf-8")
LAST = 73
TRIES = re.compile(r"tries\((\d+), ([\d_]+)\)")


def listed() -> dict[int, tuple[str, str]]:
    """Return by number which test holds a relation, and what it is restricted to."""
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in LIST.splitlines()]
    found = [row for row in rows if len(row) == 4 and row[0].isdigit()]
    assert [int(number) for number, *_ in found] == list(range(1, LAST + 1))
    return {int(number): (test.strip("`"), why) for number, _, test, why in found}


def written() -> Iterator[tuple[str, str, str]]:
    """Yield all tests: name, decorators and the text of their module."""
    for path in sorted(TESTS.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield node.name, " ".join(map(ast.unparse, node.decorator_list)), text


def effort(decorators: str, text: str) -> tuple[int, int]:
    """Return on how many networks a test is tried in ``make test``, and in a soak of 300."""
    if "pytest.mark.soak" not in decorators and "pytestmark = pytest.mark.soak\n" not in text:
        return 0, 0
    few = TRIES.search(next((r for r in text.splitlines() if r.startswith("FEW = ")), ""))
    said = TRIES.search(decorators) or (few if "FEW" in decorators else None)
    return (int(said[1]), int(said[2])) if said else (0, 0)


def test_every_relation_is_held_by_a_test_of_its_number_or_said_not_to_apply() -> None:
    names = {name for name, *_ in written()}
    for number, (test, why) in listed().items():
        if test == "does not apply":
            assert why
        else:
            assert test in names
            assert number in numbers(test)


def test_every_number_in_the_name_of_a_test_is_listed() -> None:
    held = {number for number, (test, _) in listed().items() if test != "does not apply"}
    named = frozenset[int]().union(*(numbers(name) for name, *_ in written()))
    assert named == held


def test_every_relation_is_tried_as_often_as_the_list_says() -> None:
    efforts = {name: effort(decorators, text) for name, decorators, text in written()}
    tests = {test for test, _ in listed().values() if test != "does not apply"}
    seldom = {test: efforts[test] for test in tests if efforts[test] < (30, 300)}
    assert seldom == {}


def test_every_false_claim_has_its_counter_example() -> None:
    names = {name for name, *_ in written()}
    claims = re.findall(r"`(test_\w+)`", LIST.partition("## What does not hold")[2])
    assert len(claims) == 6
    assert set(claims) <= names
