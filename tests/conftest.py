"""What all tests share: properties are tried on the same examples each time, without a clock;
a browser is used where there is one, or must be there if so asked; random files are counted.
"""

import os
import shutil
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.relations import Held
from tests.tally import Tallies

# Where the tests are started in the background, they ignore interrupts, and so would the commands
# that they start, of which some are to be interrupted.
signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Try whole commands first, so that no file of long tests is left alone at the end."""
    items.sort(key=lambda item: len(item.path.parts))


def pytest_configure(config: pytest.Config) -> None:
    """Let a run say at its end which relations held, and how many random files were tried."""
    config.pluginmanager.register(Held())
    config.pluginmanager.register(Tallies())


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium; skip without one, or fail if AFTERCUT_BROWSER is required."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if found is None and os.environ.get("AFTERCUT_BROWSER") == "required":
        pytest.fail("AFTERCUT_BROWSER is 'required', but there is no Chromium")
    if found is None:
        pytest.skip("there is no Chromium")
    return found


@pytest.fixture(scope="module")
def unwatched() -> Iterator[None]:
    """Let no process of a Dask cluster watch itself.

    How they do hangs a process with threads now and then on Python 3.11, and the scheduler is in
    this one (dask/distributed, issue 8616).
    """
    import dask  # noqa: PLC0415 - slow to import, and used by few tests

    with dask.config.set({"distributed.worker.profile.enabled": False}):
        yield


@pytest.fixture(scope="module")
def cluster_address(unwatched: None) -> Iterator[str]:
    """Start a Dask cluster of two workers, processes on this machine; return its address."""
    from distributed import LocalCluster  # noqa: PLC0415 - slow to import, and used by few tests

    with LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
    ) as started:
        yield started.scheduler_address
