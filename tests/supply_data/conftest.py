import shutil
from pathlib import Path

import pytest

from supply_data import folder


@pytest.fixture
def island(tmp_path: Path) -> Path:
    """Return a copy of the tutorial's folder, to be spoilt."""
    copy = tmp_path / "island"
    shutil.copytree(folder("tutorial"), copy)
    return copy
