"""Which relations a run of the tests held: their numbers stand in the names of tests.

``test_relation_4_…`` holds one, ``test_relations_36_and_44_…`` two, ``test_relations_1_to_3_…``
three. `docs/relations.md` lists them all.
"""

import re

import pytest

from tests.effort import tries

NAME = re.compile(r"test_relations?_(\d+(?:_(?:and|to)_\d+)*)_")


def numbers(name: str) -> frozenset[int]:
    """Return the numbers of the relations that a test of this name holds.

    Examples
    --------
    >>> sorted(numbers("test_relations_1_to_3_and_7_of_order")), sorted(numbers("test_order"))
    ([1, 2, 3, 7], [])
    """
    known = NAME.match(name)
    found: set[int] = set()
    for part in known[1].split("_and_") if known else ():
        first, _, last = part.partition("_to_")
        found |= set(range(int(first), int(last or first) + 1))
    return frozenset(found)


class Held:
    """What says at the end of a run how many relations held."""

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write one line, if any relation was tried."""
        if line := told(_named(terminalreporter, "passed"), _named(terminalreporter, "failed")):
            terminalreporter.write_line(line)


def told(passed: list[str], failed: list[str]) -> str:
    """Return what the names of tests that passed and failed say of relations.

    Examples
    --------
    >>> line = told(["test_relation_4_of_names", "test_relation_6_of_bits"], ["test_relation_6_"])
    >>> line.replace(str(tries(30, 300)), "30")  # as many as were asked for
    'relations: 1 of 2 held, on 30 or more random networks each; broken: 6'
    >>> told(["test_something"], [])
    ''
    """
    broken = frozenset[int]().union(*map(numbers, failed))
    tried = broken.union(*map(numbers, passed))
    if not tried:
        return ""
    which = ", ".join(map(str, sorted(broken)))
    return (
        f"relations: {len(tried - broken)} of {len(tried)} held, "
        f"on {tries(30, 300)} or more random networks each"
        + (f"; broken: {which}" if which else "")
    )


def _named(reporter: pytest.TerminalReporter, outcome: str) -> list[str]:
    ids = [report.nodeid for report in reporter.stats.get(outcome, ())]
    return [name.rpartition("::")[2].partition("[")[0] for name in ids]
