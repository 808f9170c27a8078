"""What a hypothesis is: selectors, measures and scenarios, frozen and checked one by one.

Convention: shares are fractions from 0 to 1, never percent; a month is counted from 1. A file
hands every value over as text, and each field turns it into what it needs.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)


@dataclass(frozen=True, slots=True)
class ScenarioFault:
    """One thing that is wrong (or, as a warning, odd) in a scenario file, and what to do."""

    file: str
    line: int | None
    column: str | None
    value: str | None
    rule: str
    remedy: str

    def __str__(self) -> str:
        """Return the fault on one line: where, what stands there, the rule, the remedy."""
        line = None if self.line is None else f"line {self.line}"
        column = None if self.column is None else f"key {self.column}"
        value = None if self.value is None else f"value {self.value!r}"
        where = ", ".join(part for part in (self.file, line, column, value) if part)
        told = f"{where}: {self.rule}. {self.remedy}"
        # a terminal must not do what a file says
        return "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in told)


class BadScenarioError(ValueError):
    """Scenario files were refused; ``faults`` holds everything that is wrong with them."""

    def __init__(self, faults: tuple[ScenarioFault, ...]) -> None:
        """Keep all faults; the message has one line for each."""
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class Kind(StrEnum):
    """What sort of measure it is; shown, never scored."""

    EMBARGO = "embargo"
    EXPORT_CONTROL = "export_control"
    TRANSIT_BAN = "transit_ban"
    ENTITY_LISTING = "entity_listing"
    DUE_DILIGENCE = "due_diligence"
    PAYMENT = "payment"
    LICENCE = "licence"
    PLANT_LOSS = "plant_loss"
    TRAINING = "training"


class Status(StrEnum):
    """Whether the measure stands today."""

    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    PROPOSED = "proposed"
    HYPOTHETICAL = "hypothetical"


class SenderRule(StrEnum):
    """What is left of the measure when a sender leaves."""

    SHARE = "share"
    ANY = "any"
    ALL = "all"


class Table(StrEnum):
    """The tables whose rows can be cut."""

    SUPPLIES = "supplies"
    LANES = "lanes"
    PLANTS = "plants"
    STOCKS = "stocks"


# digits, an optional decimal point, an optional exponent; no grouping, no percent, no units
_PLAIN = re.compile(r"[+-]?(\d{1,17}(\.\d{0,17})?|\.\d{1,17})([eE][+-]?\d{1,2})?", re.ASCII)
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
_LONGEST_NAME = 64
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _number(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not _PLAIN.fullmatch(value):
        msg = "this is not a plain number; write digits and a decimal point, as in 0.5 for 50 %"
        raise ValueError(msg)
    return float(value) + 0.0


def _truth(value: object) -> object:
    if not isinstance(value, str):
        return value
    if value.lower() not in {"true", "false"}:
        msg = "this is neither true nor false"
        raise ValueError(msg)
    return value.lower() == "true"


def _name(text: str) -> str:
    if text != text.strip() or text in {".", ".."}:
        msg = "a name has no blanks around it and is more than dots"
        raise ValueError(msg)
    if any(c in ";/:\\" or unicodedata.category(c) in _HIDDEN for c in text):
        msg = "a name has no ';', '/', ':' or backslash and no hidden characters"
        raise ValueError(msg)
    return text


def _day(text: str) -> str:
    try:
        date.fromisoformat(text + "0000-01-01"[len(text) :])
    except ValueError:
        sound = False
    else:
        sound = _DATE.fullmatch(text) is not None
    if not sound:
        msg = "this is no date; write YYYY, YYYY-MM or YYYY-MM-DD"
        raise ValueError(msg)
    return text


def _listed_once(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))


Text = Annotated[str, Field(min_length=1)]
Name = Annotated[str, Field(min_length=1, max_length=_LONGEST_NAME), AfterValidator(_name)]
Names = Annotated[
    tuple[Text, ...], Field(min_length=1), BeforeValidator(_listed), AfterValidator(_listed_once)
]
Day = Annotated[str, AfterValidator(_day)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False), BeforeValidator(_number)]
Month = Annotated[int, Field(ge=1, le=1200), BeforeValidator(_number)]
Amount = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False), BeforeValidator(_number)]
Span = Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False), BeforeValidator(_number)]
Truth = Annotated[bool, BeforeValidator(_truth)]

GOODS_KEYS = frozenset(
    {"component", "category", "pillar", "tier", "hs6", "brand", "brand_bloc", "reach"}
)
"""Keys that, on lanes, select goods rather than lanes."""

TABLE_KEYS: dict[Table, frozenset[str]] = {
    Table.SUPPLIES: frozenset({"supply", "origin", "origin_bloc", "channel", "programme"})
    | GOODS_KEYS,
    Table.LANES: frozenset({"lane", "from_place", "to_place", "from_bloc", "to_bloc"}) | GOODS_KEYS,
    Table.PLANTS: frozenset({"plant", "place", "product", "channel", "programme"}),
    Table.STOCKS: frozenset({"place", "component", "brand"}),
}
"""Keys that a selector on each table may use."""


class Uncertain(BaseModel):
    """A share with its range; one number stands for all three."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    low: Share
    """The least it is thought to be."""
    central: Share
    """The value that the answer rests on."""
    high: Share
    """The most it is thought to be."""

    @model_validator(mode="before")
    @classmethod
    def _one_number(cls, value: Any) -> Any:  # noqa: ANN401 - what the file holds
        if isinstance(value, (int, float, str)):
            return {"low": value, "central": value, "high": value}
        return value

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.central <= self.high:
            msg = "low, central and high must not fall"
            raise ValueError(msg)
        return self


class Selector(BaseModel):
    """Which elements, or which goods on which lanes: keys combine with AND, values with OR."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, populate_by_name=True
    )

    table: Table | None = None
    """supplies, lanes, plants or stocks; a nested selector inherits it."""
    supply: Names | None = None
    """Keys of supplies."""
    component: Names | None = None
    """Components (or systems) by key."""
    category: Names | None = None
    """Categories of components."""
    pillar: Names | None = None
    """hardware, training or partnership."""
    tier: Names | None = None
    """Tiers of the Common High Priority List; ``3`` also matches ``3.A`` and ``3.B``."""
    hs6: Names | None = None
    """HS headings; ``84*`` is a prefix."""
    origin: Names | None = None
    """Places where supplies are made or first dispatched."""
    origin_bloc: Names | None = None
    """Blocs of the origin."""
    brand: Names | None = None
    """Makers' homes."""
    brand_bloc: Names | None = None
    """Blocs of the makers' homes."""
    reach: Names | None = None
    """Places whose rules follow the goods."""
    channel: Names | None = None
    """military, civil or state."""
    programme: Names | None = None
    """National programmes by key."""
    lane: Names | None = None
    """Keys of lanes."""
    from_place: Names | None = None
    """Places where lanes start."""
    to_place: Names | None = None
    """Places where lanes end."""
    from_bloc: Names | None = None
    """Blocs of the place where lanes start."""
    to_bloc: Names | None = None
    """Blocs of the place where lanes end."""
    plant: Names | None = None
    """Keys of plants."""
    place: Names | None = None
    """Places of plants or stocks."""
    product: Names | None = None
    """Products of plants."""
    any_of: Annotated[tuple["Selector", ...] | None, Field(alias="any", min_length=1)] = None
    """Selectors of which one must match as well."""
    but_not: Annotated["Selector | None", Field(alias="except")] = None
    """What is taken away."""

    @field_validator("*", mode="before")
    @classmethod
    def _stated(cls, value: Any) -> Any:  # noqa: ANN401 - what the file holds
        # an empty key would select everything, which nobody means
        if value is None:
            msg = "this key is empty; give a value or leave the key out"
            raise ValueError(msg)
        return value

    def conditions(self) -> dict[str, tuple[str, ...]]:
        """Return the keys that this selector itself states, without ``any`` and ``except``."""
        skipped = {"table", "any_of", "but_not"}
        stated = {
            name: getattr(self, name) for name in type(self).model_fields if name not in skipped
        }
        return {name: values for name, values in stated.items() if values is not None}


def _ordered_dates(first: str | None, last: str | None) -> bool:
    # dates of different precision are compared as far as both go
    if first is None or last is None:
        return True
    both = min(len(first), len(last))
    return first[:both] <= last[:both]


class Measure(BaseModel):
    """One sanction, export control, listing or closure."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    id: Name
    """Name of the measure."""
    title: str = ""
    """One line for people."""
    kind: Kind = Kind.EXPORT_CONTROL
    """What sort of measure it is."""
    status: Status = Status.HYPOTHETICAL
    """in_force, suspended, proposed or hypothetical."""
    in_force_from: Day | None = None
    """Date, YYYY-MM-DD (or less)."""
    in_force_until: Day | None = None
    """Date on which the status ends, YYYY-MM-DD (or less)."""
    where: Selector | None = None
    """What it is aimed at."""
    cut: Uncertain | None = None
    """Share of what is covered that is stopped."""
    coverage: Uncertain = Uncertain(low=1, central=1, high=1)
    """Share of the matched flow that the named parties carry."""
    leak: Uncertain = Uncertain(low=0, central=0, high=0)
    """Share of what it aims at that gets through."""
    baseline_leak: Share = 1.0
    """The leak that the baseline's figures already contain; 1: they know nothing of it."""
    from_month: Month = 1
    """First month; over time only, as all months are."""
    phase_in_months: Amount = 0.0
    """Months until it is in full effect."""
    until_month: Month | None = None
    """Last month; none: it stays."""
    fade_months: Span | None = None
    """Months in which the effect halves as new parties appear; none: never."""
    markup: Amount = 0.0
    """Added to the price on what is matched, as a share; bites under a budget."""
    delay_months: Amount = 0.0
    """Added to the delay of what is matched; bites over time."""
    once: Truth = False
    """Whether the delay is one gap of that length."""
    senders: dict[Name, Share] = {}
    """Who imposes it, with shares that sum to 1; a list means equal shares."""
    sender_rule: SenderRule = SenderRule.SHARE
    """share, any or all."""
    burden_usd_m_per_year: Amount | None = None
    """What it costs the sender side, USD m a year."""
    amends: Name | None = None
    """Measure that this one changes."""
    supersedes: Name | None = None
    """Measure that this one replaces."""
    not_modelled: Text | None = None
    """Why this dataset cannot express it."""
    basis: Literal["reported", "derived", "assumed"] = "assumed"
    """reported, derived or assumed."""
    confidence: Literal["high", "medium", "low"] = "low"
    """high, medium or low."""
    source_ids: Annotated[tuple[Text, ...], BeforeValidator(_listed)] = ()
    """Keys of the dataset's sources."""
    note: str = ""
    """What to know."""

    @field_validator("senders", mode="before")
    @classmethod
    def _equal_shares(cls, value: Any) -> Any:  # noqa: ANN401 - what the file holds
        listed = _listed(value)
        if not isinstance(listed, (list, tuple)):
            return value
        if not all(isinstance(name, str) for name in listed) or len(set(listed)) < len(listed):
            msg = "a list of senders names each place or bloc once"
            raise ValueError(msg)
        return {name: 1 / len(listed) for name in listed}

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.not_modelled is None and (self.where is None or self.cut is None):
            msg = "a measure needs `where` and `cut`, or `not_modelled` with the reason"
            raise ValueError(msg)
        if self.until_month is not None and self.until_month < self.from_month:
            msg = "until_month lies before from_month"
            raise ValueError(msg)
        if not _ordered_dates(self.in_force_from, self.in_force_until):
            msg = "in_force_until lies before in_force_from"
            raise ValueError(msg)
        if self.senders and abs(sum(self.senders.values()) - 1) > 1e-6:  # noqa: PLR2004
            msg = "the senders' shares must sum to 1"
            raise ValueError(msg)
        full = self.cut is not None and self.cut.high * self.coverage.high == 1
        if full and self.baseline_leak == 0:
            msg = "with baseline_leak 0 the baseline would already be stopped in whole"
            raise ValueError(msg)
        return self


class Scenario(BaseModel):
    """A named set of measures."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    id: Name
    """Name of the scenario."""
    title: str = ""
    """One line for people; blank is the id."""
    summary: str = ""
    """A few sentences: who does what to whom."""
    measures: tuple[Measure, ...] = ()
    """What is done."""
    file: Annotated[str, Field(exclude=True)] = ""
    """Where it was read; no key."""

    def with_leak(self, share: float) -> "Scenario":
        """Return the scenario with this leak in place of those of its measures.

        Parameters
        ----------
        share : float
            Share of what the measures aim at that gets through, 0 to 1; it has no range.

        Returns
        -------
        Scenario
            Its id and title say what was changed.

        Raises
        ------
        ValueError
            If it is no share.

        Examples
        --------
        >>> Scenario(id="hub-closed").with_leak(0.4).id
        'hub-closed-leak-0.4'
        """
        return self._varied("leak", share)

    def with_cut(self, share: float) -> "Scenario":
        """Return the scenario with this cut, 0 to 1, in place of those of its measures.

        Raises
        ------
        ValueError
            If it is no share, or the baseline would already be stopped in whole.

        Examples
        --------
        >>> Scenario(id="hub-closed").with_cut(0.5).title
        'hub-closed (cut 0.5)'
        """
        return self._varied("cut", share)

    def _varied(self, key: Literal["cut", "leak"], share: float) -> "Scenario":
        if not 0 <= share <= 1:
            msg = f"a {key} is a share from 0 to 1, not {share:g}"
            raise ValueError(msg)
        value = Uncertain(low=share, central=share, high=share)
        measures = (
            measure
            if measure.not_modelled is not None
            else Measure.model_validate({**dict(measure), key: value})
            for measure in self.measures
        )
        suffix = f"-{key}-{share:g}"
        named = {
            "id": self.id[: _LONGEST_NAME - len(suffix)] + suffix,
            "title": f"{self.title or self.id} ({key} {share:g})",
            "measures": tuple(measures),
        }
        return self.model_copy(update=named)
