"""Measures made weaker or stronger: what they do changes, what was done before does not.

Convention: a measure's effect on what it is aimed at is ``coverage · cut · (1 - leak)``, from 0 to
1. What the baseline's figures contain of it stays in them, however strong it is made now. Central
values; ranges close around them.
"""

from enum import StrEnum

from scenarios.schema import Measure, Uncertain


class Of(StrEnum):
    """What of a measure is varied from 0 to 1."""

    DOSE = "dose"
    """The share of it that stands: of its effect, and of its mark-up."""
    CUT = "cut"
    LEAK = "leak"

    @property
    def idle(self) -> float:
        """Where the measure does nothing."""
        return 1.0 if self is Of.LEAK else 0.0

    def own(self, measure: Measure) -> float:
        """Return where the measure stands by itself."""
        if self is Of.DOSE or measure.cut is None:
            return 1.0
        return measure.cut.central if self is Of.CUT else measure.leak.central


def varied(measure: Measure, of: Of, at: float) -> Measure:
    """Return a measure with another cut, leak or dose.

    Examples
    --------
    What the figures contain of a ban, half of it, stays in them when its cut is halved:

    >>> ban = Measure.model_validate(
    ...     {"id": "m", "where": {"table": "lanes"}, "cut": 0.8, "baseline_leak": 0.5}
    ... )
    >>> halved = varied(ban, Of.CUT, 0.4)
    >>> round(effect(halved), 12), round(contained(halved), 12)
    (0.4, 0.4)
    """
    if of is Of.DOSE:
        return weakened(measure, at)
    if of is Of.LEAK:
        return measure.model_copy(update={"leak": _at(at)})
    cut = 0.0 if measure.cut is None else measure.cut.central
    told = {
        "cut": _at(1.0),
        "leak": _at(1 - at * (1 - measure.leak.central)),
        "baseline_leak": 1 - cut * (1 - measure.baseline_leak),
    }
    return measure.model_copy(update=told)


def weakened(measure: Measure, share: float) -> Measure:
    """Return a measure of which this share stands: of its effect, not of what was done before.

    What does not stand gets through, so a part ``1 - share (1 - leak)`` of what is aimed at does.

    Examples
    --------
    >>> ban = Measure.model_validate(
    ...     {"id": "m", "where": {"table": "lanes"}, "cut": 1, "leak": 0.2}
    ... )
    >>> weakened(ban, 0.5).leak.central
    0.6
    """

    def through(leak: float) -> float:
        return 1 - share * (1 - leak)

    leak = measure.leak
    wider = Uncertain(low=through(leak.low), central=through(leak.central), high=through(leak.high))
    return measure.model_copy(update={"leak": wider, "markup": share * measure.markup})


def effect(measure: Measure) -> float:
    """Return the share of what a measure is aimed at that it stops, at central values."""
    return _aimed(measure) * (1 - measure.leak.central)


def contained(measure: Measure) -> float:
    """Return how much of that the baseline's figures contain."""
    return _aimed(measure) * (1 - measure.baseline_leak)


def turns(measure: Measure, of: Of, *, least: float) -> tuple[float, ...]:
    """Return where what a measure leaves ceases to be straight, or is as little as told.

    It leaves at most all, so it turns where it stops no more than the figures contain.

    Parameters
    ----------
    measure : Measure
        The measure.
    of : Of
        What is varied.
    least : float
        A share that is left.
    """
    ends = varied(measure, of, 0.0), varied(measure, of, 1.0)
    known = contained(ends[0])
    first, last = effect(ends[0]), effect(ends[1])
    if first == last:
        return ()
    asked = known, 1 - least * (1 - known)
    places = ((stopped - first) / (last - first) for stopped in asked)
    return tuple(at for at in places if 0 < at < 1)


def _aimed(measure: Measure) -> float:
    cut = 0.0 if measure.cut is None else measure.cut.central
    return measure.coverage.central * cut


def _at(value: float) -> Uncertain:
    return Uncertain(low=value, central=value, high=value)
