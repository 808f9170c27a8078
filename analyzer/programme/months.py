"""What only time knows: growth, adoption, delays between months, and what came before month 1.

Convention: months are counted from 1; adaptation is counted in months since the first measure
(`analyzer.network.effect.Timing.adapts_from`), whether or not that measure hits what adapts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import floor, inf

from analyzer.network.goods import Good
from supply_data.schema import Requirement

SAME_MONTH = 1e-9
"""A part of a month below which a delay counts as whole months."""


@dataclass(frozen=True)
class Opening:
    """What the months before the first carry over: the published flows of the steady state.

    Attributes
    ----------
    sent : mapping of (element id of a lane, Good) to float
        Units sent in each month before the first.
    fill : mapping of (element id of a maker, requirement) to float
        Share of its product's output whose slot the requirement fills, from 0 to 1.
    """

    sent: Mapping[tuple[str, Good], float] = field(default_factory=dict)
    fill: Mapping[tuple[str, str], float] = field(default_factory=dict)


def grown(
    capacity: float | None, ramp: float | None, ceiling: float | None, *, months: float
) -> float | None:
    """Return a capacity after so many months of growth: ``min(ceiling, capacity + ramp · months)``.

    A ceiling below the capacity, or none, stops nothing that is there; None stays unknown.

    Examples
    --------
    >>> [grown(10, 3, 15, months=n) for n in (0, 1, 2)], grown(10, None, 15, months=9)
    ([10, 13, 15], 10)
    """
    if capacity is None or not ramp or not months:
        return capacity
    return max(capacity, min(inf if ceiling is None else ceiling, capacity + ramp * months))


def adopted(row: Requirement, *, months: float, used: float) -> float:
    """Return the share of the output whose slot an alternative may fill by its adoption alone.

    Parameters
    ----------
    row : Requirement
        The alternative.
    months : float
        Months since the first measure; negative before it.
    used : float
        Share that it fills already, which nobody has to adopt.

    Examples
    --------
    >>> row = Requirement(
    ...     product="lamp", slot="a", component="chip", quantity=1, basis="assumed",
    ...     adopt_months=2, adopt_share_per_month=0.4,
    ... )
    >>> [adopted(row, months=n, used=0.1) for n in range(6)]
    [0.1, 0.1, 0.4, 0.8, 1.0, 1.0]
    """
    if row.adopt_months is None and row.adopt_share_per_month is None:
        return 1.0
    age = months - (row.adopt_months or 0.0)
    if age < 0:
        return used
    if row.adopt_share_per_month is None:
        return 1.0
    return max(used, min(1.0, row.adopt_share_per_month * (age + 1)))


def parted(delay: float) -> dict[int, float]:
    """Return which share arrives after how many whole months: between two months it is split.

    Examples
    --------
    >>> parted(2.0), parted(0.25)
    ({2: 1.0}, {0: 0.75, 1: 0.25})
    """
    whole = floor(delay + SAME_MONTH)
    part = delay - whole
    return {whole: 1.0} if part <= SAME_MONTH else {whole: 1 - part, whole + 1: part}
