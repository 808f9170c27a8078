"""How much is tried: ``make test`` tries a little, ``make soak`` and ``make fuzz`` the same longer.

What a test draws at random it draws as often as ``tries`` says, and random files as often as
``files`` says; it is then marked ``soak`` or ``fuzz``, so that these targets run it.
"""

import os

from hypothesis import strategies as st

NETWORKS = 300
"""Random networks for each relation in ``make soak``, unless it is asked for another number."""

SOAK = int(os.environ.get("AFTERCUT_SOAK", "0"))
FUZZ = int(os.environ.get("AFTERCUT_FUZZ", "0"))
SEEDS = st.integers(0, 2**24 - 1)
"""Seeds of random networks: of more bits hypothesis would draw few, mostly small ones."""


def tries(in_tests: int, in_soak: int) -> int:
    """Return how often to try: in ``make test``, or in a soak of 300 networks.

    A soak of another size tries more or less in proportion.
    """
    return max(1, round(in_soak * SOAK / NETWORKS)) if SOAK else in_tests


def files() -> int:
    """Return how many random files a reader is given."""
    return FUZZ or tries(200, 2_000)
