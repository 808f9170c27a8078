"""How much of the capacity to scale survives each cut.

In a notebook::

    import analyzer as ac

    case = ac.load("russia-uas")
    hub = case.scenario("hk-hub-listing")
    run = ac.compare(case, [hub, hub.with_leak(0.4)])
    run.table.sort_values("surviving")
    run["hk-hub-listing"].binding.head()
    run.page("page.html")
    pairs = ac.scan(case, order=2, over="lane")
    pairs.hidden_pairs
    best = ac.cutset(case, size=3, over="measure")
    best.status, best.cuts
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from analyzer.facade import (
        Case,
        Choice,
        Intervals,
        Losses,
        Months,
        Options,
        Responses,
        Result,
        Run,
        Senders,
        Weighting,
        coalition,
        compare,
        cutset,
        horizon,
        load,
        response,
        scan,
        uncertainty,
    )

__all__ = [
    "Case",
    "Choice",
    "Intervals",
    "Losses",
    "Months",
    "Options",
    "Responses",
    "Result",
    "Run",
    "Senders",
    "Weighting",
    "coalition",
    "compare",
    "cutset",
    "horizon",
    "load",
    "response",
    "scan",
    "uncertainty",
]


def __getattr__(name: str) -> object:
    # pandas and the solver take a second to load: only for whoever uses them
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module("analyzer.facade"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
