"""The pictures of a scenario over time, as they stand in a page or a report."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from analyzer.report.curves import by_system, curve_with_measures
from analyzer.report.study_page import drawn

if TYPE_CHECKING:
    import pandas as pd

    from analyzer.report.pictures import Picture

BAND = "The band spans the ends of the ranges of cuts, coverages and leaks"


def curve_pictures(
    curve: "pd.DataFrame",
    systems: "pd.DataFrame",
    measures: "pd.DataFrame",
    *,
    named: Mapping[str, str],
    number: int,
) -> "tuple[Picture, ...]":
    """Return the curve of a scenario above its measures, and that of each system.

    Parameters
    ----------
    curve, systems, measures : pandas.DataFrame
        As in `analyzer.study.horizon.Horizon`, of one scenario.
    named : mapping of str to str
        What people call systems.
    number : int
        Which of the document's scenarios it is, from 1.
    """
    survives = drawn(
        curve_with_measures(curve, measures),
        name=f"curve-{number}",
        title="What survives, month by month",
        caption="Capacity of each month as a share of what it would be without measures; dotted "
        f"is 95 %. Below, how far each measure is in effect. {BAND}.",
    )
    output = drawn(
        by_system(systems.assign(name=systems["system"].map(named))),
        name=f"systems-{number}",
        title="System by system",
        caption=f"Output of each system; grey is what it would be without measures. {BAND}.",
    )
    return survives, output
