"""How many random files were given to readers, and what came of them, over all tests of a run."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

READ, REFUSED = "files read", "files refused"


@dataclass
class Tally:
    """How many files a test gave to a reader."""

    read: int = 0
    refused: int = 0

    def add(self, *, refused: bool) -> None:
        """Count one file."""
        self.refused += refused
        self.read += not refused


class Tallies:
    """What lends a test its tally, and says at the end of a run how many files were tried."""

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()

    @pytest.fixture
    def tally(self, request: pytest.FixtureRequest) -> Iterator[Tally]:
        """Return what counts the files of a test."""
        counted = Tally()
        yield counted
        request.node.user_properties += [(READ, counted.read), (REFUSED, counted.refused)]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add up what was counted, in whatever process the test ran."""
        for name, count in report.user_properties if report.when == "teardown" else ():
            if name in {READ, REFUSED}:
                self._count[str(name)] += int(str(count))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Write one line, if any file was tried."""
        if self._count:
            terminalreporter.write_line(
                f"random files: {self._count.total():,} tried, {self._count[READ]:,} read, "
                f"{self._count[REFUSED]:,} refused"
            )
