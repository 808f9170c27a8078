"""What the page says: names made safe to show, figures with their units, sentences.

Convention: every sentence states only what it has a number for; the terms are those of the design.
"""

import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

NOT_A_FORECAST = "An upper bound on what could be fielded, not a forecast."
GUARD_RAILS = (
    NOT_A_FORECAST,
    "A hub's share includes lawful trade; not evidence against any firm.",
    "Country and class level only.",
)
CERTIFIED = "arithmetic checked (not the data)"
UNCERTIFIED = "uncertified: no number is shown"

EFFECTS = {
    "bites": "bites",
    "slack": "slack: room elsewhere absorbs it",
    "needs_budget": "needs a budget to bite",
    "needs_horizon": "bites over time only",
    "not_modelled": "not modelled here",
    "uncertified": "uncertified",
}


class Answer(NamedTuple):
    """What is said first: a figure, the rest of its sentence, and what goes with it."""

    figure: str
    lead: str
    rest: str


_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_BLANKS = {"\n", "\r", "\t"}
_LONGEST_MARKS = 4
_SMALLEST = 1e-6


def visible(text: object, *, longest: int = 200) -> str:
    r"""Return a text as it may be shown: hidden characters spelt out, length limited.

    Control, format, surrogate and private characters (among them those that turn the direction
    of writing) become ``<U+202E>``; runs of combining marks are cut after a few.

    Parameters
    ----------
    text : object
        What a table or a scenario says; None is shown as nothing.
    longest : int
        Most characters of the text that are kept.

    Examples
    --------
    >>> visible("a\u202eb\nc")
    'a<U+202E>b c'
    """
    if text is None:
        return ""
    whole = str(text)
    cut = whole if len(whole) <= longest else whole[:longest] + "…"
    if cut.isascii() and cut.isprintable():
        return cut
    kept: list[str] = []
    marks = 0
    for character in cut:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _LONGEST_MARKS:
            kept.append(_shown(character))
    return "".join(kept)


def percent_range(low: float, high: float) -> str:
    r"""Return a range of shares in percent.

    Examples
    --------
    >>> percent_range(0.0001, 0.5)
    '< 0.1 % to 50 %'
    >>> percent_range(0.5, 0.5)
    '50 %'
    >>> ascii(percent_range(0.41, 0.7801))
    "'41\\u201378 %'"
    """
    ends = percent(low), percent(high)
    if ends[0] == ends[1]:
        return ends[0]
    plain = all(end[0].isdigit() for end in ends)
    return f"{ends[0].removesuffix(' %')}\N{EN DASH}{ends[1]}" if plain else " to ".join(ends)


def percent(share: float | None) -> str:
    """Return a share in percent, rounded so that a loss never reads as none.

    Examples
    --------
    >>> [percent(share) for share in (0.5, 0.5556, 0.9999, 1.0, 0.0001, 0.0)]
    ['50 %', '55.6 %', '> 99.9 %', '100 %', '< 0.1 %', '0 %']
    """
    if share is None or math.isnan(share):
        return "unknown"
    if 1 - 5e-4 < share < 1 - _SMALLEST:
        return "> 99.9 %"
    if _SMALLEST < share < 5e-4:  # noqa: PLR2004 - half of the last digit shown
        return "< 0.1 %"
    return f"{_trimmed(100 * share)} %"


def amount(value: float | None) -> str:
    """Return a figure with thousands separated and at most three digits after the first.

    Examples
    --------
    >>> [amount(value) for value in (115000.0, 73.3333, 0.25, 0.0, None)]
    ['115,000', '73.3', '0.25', '0', 'unknown']
    """
    if value is None or math.isnan(value):
        return "unknown"
    if abs(value) >= 100:  # noqa: PLR2004 - three digits are shown
        return f"{value:,.0f}"
    return f"{value:.3g}" if value else "0"


def capacity_words(capacity: float | None, *, weighting: str) -> str:
    """Return the scaling capacity with what it is measured in.

    Examples
    --------
    >>> capacity_words(0.45, weighting="target")
    '45 % of the reference output'
    >>> capacity_words(480.0, weighting="units")
    '480 units a month'
    """
    if weighting == "target":
        return f"{percent(capacity)} of the reference output"
    unit = "units" if weighting == "units" else "weighted units"
    return f"{amount(capacity)} {unit} a month"


def headline(row: Mapping[str, object], *, baseline: bool) -> str:
    """Return the one figure of a scenario: what survives, or the baseline's 100 %."""
    if not row["certified"]:
        return "—"
    return "100 %" if baseline else percent(_figure(row, "surviving"))


def answer(row: Mapping[str, object], *, unknown: int, weighting: str, baseline: bool) -> Answer:
    """Return the first sentences that a reviewer reads about a scenario.

    Parameters
    ----------
    row : mapping
        A row of the comparison's table; what it has no number for is not told.
    unknown : int
        Elements for which no limit is known.
    weighting : str
        How systems are weighed.
    baseline : bool
        Whether the row is the baseline.

    Examples
    --------
    >>> row = {"certified": True, "surviving": 0.5, "assumed_share": 0.58, "oldest": "2023"}
    >>> said = answer(row, unknown=12, weighting="target", baseline=False)
    >>> said.figure, said.lead
    ('50 %', 'could survive after re-planning.')
    >>> said.rest.removesuffix(f" {NOT_A_FORECAST}")
    '58 % of what decides this is assumed; oldest deciding figure 2023; 12 limits unknown.'
    """
    rest = f"{_grounds(row, unknown)} {NOT_A_FORECAST}"
    if not row["certified"]:
        return Answer("", "Uncertified: no number is shown.", rest)
    if baseline:
        said = capacity_words(_figure(row, "capacity"), weighting=weighting)
        return Answer(*_parted(f"{said} could be fielded in the baseline."), rest)
    return Answer(percent(_figure(row, "surviving")), _scenario_part(row), rest)


def binds(row: Mapping[str, object]) -> str:
    """Return which pillar binds, in a word or two."""
    if not row["certified"]:
        return "unknown"
    pillar = row.get("binds")
    if not isinstance(pillar, str) or not pillar:
        return "none"
    return "joint" if pillar == "joint" else pillar


def listed(names: Sequence[str], *, most: int = 6) -> str:
    """Return names as a list in words, with the number of those left out.

    Examples
    --------
    >>> listed(["a", "b", "c"], most=2)
    'a, b and 1 more'
    """
    rest = len(names) - most
    return ", ".join(names) if rest <= 0 else f"{', '.join(names[:most])} and {rest} more"


def _shown(character: str) -> str:
    if character in _BLANKS:
        return " "
    hidden = unicodedata.category(character) in _HIDDEN
    return f"<U+{ord(character):04X}>" if hidden else character


def _trimmed(value: float) -> str:
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def _figure(row: Mapping[str, object], column: str) -> float | None:
    value = row.get(column)
    known = isinstance(value, (int, float)) and not math.isnan(value)
    return float(value) if known and isinstance(value, (int, float)) else None


def _parted(sentence: str) -> tuple[str, str]:
    """Return the figure at the start of a sentence, and what follows it."""
    figure, _, rest = sentence.partition(" ")
    return (f"{figure} %", rest.removeprefix("% ")) if rest.startswith("% ") else (figure, rest)


def _scenario_part(row: Mapping[str, object]) -> str:
    at_once = _figure(row, "at_once")
    stuck = "" if at_once is None else f"; at once {percent(at_once)}"
    return f"{_between(row)}could survive after re-planning{stuck}."


def _between(row: Mapping[str, object]) -> str:
    low, high = _figure(row, "interval_low"), _figure(row, "interval_high")
    if low is None or high is None or percent(low) == percent(high):
        return ""
    return f"({percent_range(low, high)}) "


def _grounds(row: Mapping[str, object], unknown: int) -> str:
    """Return what the answer rests on: only what there is a number or a date for."""
    told = []
    if row["certified"]:
        assumed, oldest = _figure(row, "assumed_share"), row.get("oldest")
        told += [] if assumed is None else [f"{percent(assumed)} of what decides this is assumed"]
        told += [f"oldest deciding figure {visible(oldest)}"] if oldest else []
    told.append(_unknown_limits(unknown))
    sentence = "; ".join(told)
    return f"{sentence[:1].upper()}{sentence[1:]}."


def _unknown_limits(unknown: int) -> str:
    if not unknown:
        return "all limits known"
    return f"{unknown} limit{'' if unknown == 1 else 's'} unknown"
