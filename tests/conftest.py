"""What all tests share: properties are tried on the same examples each time, without a clock;
a browser is used where there is one, or must be there if so asked; random files are counted.
"""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import settings

from tests.relations import Held

settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")


def pytest_configure(config: pytest.Config) -> None:
    """Let a run say at its end which relations held."""
    config.pluginmanager.register(Held())


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium; skip without one, or fail if AFTERCUT_BROWSER is required."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if found is None and os.environ.get("AFTERCUT_BROWSER") == "required":
        pytest.fail("AFTERCUT_BROWSER is 'required', but there is no Chromium")
    if found is None:
        pytest.skip("there is no Chromium")
    return found


@pytest.fixture(scope="session")
def cluster_address() -> Iterator[str]:
    """Start a Dask cluster of two workers, processes on this machine; return its address."""
    from distributed import LocalCluster  # noqa: PLC0415 - slow to import, and used by few tests

    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as started:
        yield started.scheduler_address


# --- how many random files were tried

TRIED: Counter[str] = Counter()
"""Over all tests, and all processes that run them."""


@dataclass
class Tally:
    """How many files a test gave to a reader, and what came of them."""

    read: int = 0
    refused: int = 0

    def add(self, *, refused: bool) -> None:
        """Count one file."""
        self.refused += refused
        self.read += not refused


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """Return what counts the files of a test."""
    counted = Tally()
    yield counted
    request.node.user_properties += [("read", counted.read), ("refused", counted.refused)]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up what was counted, wherever the test ran."""
    if report.when == "teardown":
        for name, count in report.user_properties:
            TRIED.update({str(name): int(str(count))})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many random files were tried."""
    if TRIED:
        terminalreporter.write_line(
            f"random files: {TRIED.total():,} tried, {TRIED['read']:,} read, "
            f"{TRIED['refused']:,} refused"
        )
