"""What all tests share: properties are tried on the same examples each time, without a clock;
a browser is used where there is one, or must be there if so asked.
"""

import os
import shutil

import pytest
from hypothesis import settings

settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium; skip without one, or fail if AFTERCUT_BROWSER is required."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if found is None and os.environ.get("AFTERCUT_BROWSER") == "required":
        pytest.fail("AFTERCUT_BROWSER is 'required', but there is no Chromium")
    if found is None:
        pytest.skip("there is no Chromium")
    return found
