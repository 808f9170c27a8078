"""What a dataset is: one frozen model a table, one instance a row, and the ``Tables`` they form.

Convention: a column name carries its unit; a blank cell is ``None`` (or the default that the
column documents); a figure's range stands in ``ranges``, keyed by the figure's column.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, NamedTuple

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from supply_data.numbers import BadCellError, number


class Basis(StrEnum):
    """Where a figure comes from."""

    REPORTED = "reported"
    DERIVED = "derived"
    ASSUMED = "assumed"


class Level(StrEnum):
    """Three steps, for confidence and for civil use."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Pillar(StrEnum):
    """The three limits on scaling; every element belongs to one."""

    HARDWARE = "hardware"
    TRAINING = "training"
    PARTNERSHIP = "partnership"


class Channel(StrEnum):
    """Whose pool a supply or a plant belongs to."""

    MILITARY = "military"
    CIVIL = "civil"
    STATE = "state"


class Weighting(StrEnum):
    """How systems are weighed against each other in the objective."""

    TARGET = "target"
    UNITS = "units"
    WEIGHT = "weight"


class SourceKind(StrEnum):
    """What a source is; a hostile one is shown as such and its link is inert text."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    HOSTILE = "hostile"


class ProgrammeLevel(StrEnum):
    """Who runs a national programme."""

    PRESIDENTIAL = "presidential"
    NATIONAL = "national"
    SECTORAL = "sectoral"
    REGIONAL = "regional"


_LONGEST_COLUMN = 80
"""Characters of a column's name that a message shows."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong (or, as a warning, odd) in an input, and what to do about it."""

    file: str
    row: int | None
    column: str | None
    value: str | None
    rule: str
    remedy: str

    def __str__(self) -> str:
        """Return the fault on one line: where, what stands there, the rule, the remedy."""
        row = None if self.row is None else f"row {self.row}"
        column = None if self.column is None else f"column {self.column[:_LONGEST_COLUMN]}"
        value = None if self.value is None else f"value {shown(self.value)}"
        where = ", ".join(part for part in (self.file, row, column, value) if part)
        return visible(f"{where}: {self.rule}. {self.remedy}")


def visible(text: str) -> str:
    r"""Return a text with control and format characters by their number, safe in a terminal.

    Examples
    --------
    >>> print(visible("a\x1b[2J"))
    a<U+001B>[2J
    """
    return "".join(c if c.isprintable() else f"<U+{ord(c):04X}>" for c in text)


def shown(text: str, *, longest: int = 80) -> str:
    """Return a text as it may be shown: quoted, control and format characters made visible."""
    cut = text if len(text) <= longest else text[:longest] + "…"
    return f"'{visible(cut)}'"


class BadTablesError(ValueError):
    """A dataset was refused; ``faults`` holds everything that is wrong with it."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        """Keep all faults; the message has one line for each."""
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def _key(text: str) -> str:
    if not 1 <= len(text) <= 64:  # noqa: PLR2004 - the limit is in the message
        rule = "a name has 1 to 64 characters"
        raise BadCellError(rule, "write a shorter one" if text else "fill it in, or drop the `;`")
    if any(c in ";/:" or ord(c) < 32 or ord(c) == 127 for c in text):  # noqa: PLR2004 - ASCII
        rule = "a name has no ';', '/', ':' and no control characters"
        raise BadCellError(rule, "write '-' or '_' instead")
    if text != text.strip():
        rule = "a name has no blanks around it"
        raise BadCellError(rule, f"write {shown(text.strip())}")
    return text


def _items(value: object) -> object:
    if not isinstance(value, str):
        return value
    items = tuple(part.strip() for part in value.split(";"))
    if "" in items:
        rule = "an item of the list is blank"
        raise BadCellError(rule, "write the items with one ';' between two of them")
    return items


def _keys(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_key(text) for text in texts)


Key = Annotated[str, AfterValidator(_key)]
Keys = Annotated[tuple[str, ...], BeforeValidator(_items), AfterValidator(_keys)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_items)]
Hs6 = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
Codes = Annotated[tuple[Hs6, ...], BeforeValidator(_items)]
Amount = Annotated[float, BeforeValidator(number), Field(ge=0)]
Positive = Annotated[float, BeforeValidator(number), Field(gt=0)]
Share = Annotated[float, BeforeValidator(number), Field(ge=0, le=1)]
Fill = Annotated[float, BeforeValidator(number), Field(gt=0, le=1)]
Latitude = Annotated[float, BeforeValidator(number), Field(ge=-90, le=90)]
Longitude = Annotated[float, BeforeValidator(number), Field(ge=-180, le=180)]
Month = Annotated[str, Field(pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$")]


class Range(NamedTuple):
    """The low and the high value of a figure; ``None`` where the table gives none."""

    low: float | None
    high: float | None


class Row(BaseModel):
    """One row of a table."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    table: ClassVar[str]
    key: ClassVar[tuple[str, ...]]
    figures: ClassVar[tuple[str, ...]] = ()

    line: Annotated[int, Field(exclude=True)] = 0
    """Line of the file on which the row starts (1 is the header); no column."""


class Figured(Row):
    """A row that holds figures, with where they come from."""

    basis: Basis
    """reported, derived (the note has the rule) or assumed."""
    confidence: Level = Level.LOW
    """high, medium or low."""
    source_ids: Keys = ()
    """Keys of the table ``sources``, separated by ``;``."""
    as_of: Month | None = None
    """When the figure held: YYYY, YYYY-MM or YYYY-MM-DD."""
    moves_with: Key | None = None
    """A name of your own: figures of all rows with the same one are high and low together."""
    note: str = ""
    """What to know; for a derived figure, the rule."""
    ranges: Annotated[Mapping[str, Range], Field(default_factory=dict, exclude=True)]
    """Low and high by figure, read from the columns ``<figure>_low`` and ``<figure>_high``."""


class Place(Row):
    """A country or hub."""

    table: ClassVar[str] = "places"
    key: ClassVar[tuple[str, ...]] = ("place",)

    place: Key
    """Name of the place in all tables; an ISO 3166-1 alpha-3 code where it is a country."""
    name: str = ""
    """What people call it."""
    blocs: Keys = ()
    """Groups it belongs to, such as ``EU;G7``; selectors may name them."""
    latitude: Latitude | None = None
    """Degrees north."""
    longitude: Longitude | None = None
    """Degrees east."""


class Component(Figured):
    """A class of thing that a system needs: a chip, an engine, a trained crew, a licence."""

    table: ClassVar[str] = "components"
    key: ClassVar[tuple[str, ...]] = ("component",)
    figures: ClassVar[tuple[str, ...]] = ("value_usd",)

    component: Key
    """Name of the class in all tables."""
    name: str = ""
    """What people call it."""
    category: str = "component"
    """Lanes carry categories; ``system`` is kept for systems."""
    pillar: Pillar = Pillar.HARDWARE
    """Pillar of the supplies and stocks of this component that name none."""
    hs6: Codes = ()
    """Harmonised System headings, six digits each."""
    chpl_tiers: Texts = ()
    """Tiers of the Common High Priority List, such as ``1`` or ``3.A``."""
    hs_basis: Basis | None = None
    """Whether the mapping to headings is reported or ours."""
    value_usd: Amount | None = None
    """USD for one; lanes are limited in USD."""
    civil_use: Level | None = None
    """How much of the world's use is civil."""


class System(Figured):
    """A finished family that is fielded."""

    table: ClassVar[str] = "systems"
    key: ClassVar[tuple[str, ...]] = ("system",)
    figures: ClassVar[tuple[str, ...]] = (
        "weight",
        "target_per_month",
        "min_share",
        "max_share",
        "value_usd",
    )

    system: Key
    """Name of the family in all tables."""
    name: str = ""
    """What people call it."""
    group: str = ""
    """Systems of one group share one vote under weighting ``target``; blank is a group alone."""
    weight: Positive = 1.0
    """Worth of one unit under weighting ``weight``."""
    target_per_month: Positive
    """Reference output in units per month."""
    min_share: Share | None = None
    """Least share of all units fielded."""
    max_share: Share | None = None
    """Largest share of all units fielded."""
    value_usd: Amount | None = None
    """USD for one; blank is the sum of its first-choice components."""


class Target(Figured):
    """The target of a system in a set of targets other than the reference."""

    table: ClassVar[str] = "targets"
    key: ClassVar[tuple[str, ...]] = ("set", "system")
    figures: ClassVar[tuple[str, ...]] = ("target_per_month",)

    set: Key
    """Name of the set, such as a published plan."""
    system: Key
    """A system."""
    target_per_month: Positive
    """Output in units per month."""


class Requirement(Figured):
    """One way to fill one slot of a product; the rows of a slot are alternatives, first is best."""

    table: ClassVar[str] = "requirements"
    key: ClassVar[tuple[str, ...]] = ("product", "slot", "component")
    figures: ClassVar[tuple[str, ...]] = (
        "quantity",
        "max_fill",
        "adopt_months",
        "adopt_share_per_month",
    )

    product: Key
    """A system, or a component that is itself made."""
    slot: Key
    """The place in the product that this component fills."""
    component: Key
    """A component."""
    quantity: Positive
    """How many fill the slot of one unit of the product."""
    max_fill: Fill = 1.0
    """Largest share of the product's output whose slot this row may fill."""
    adopt_months: Amount | None = None
    """Months until the alternative opens; over time only."""
    adopt_share_per_month: Share | None = None
    """Growth of the fill after that; over time only."""
    tracked: bool = False
    """Whether results show how much of what is fielded still has this first choice."""


class Supply(Figured):
    """One origin's capacity for one component under one brand."""

    table: ClassVar[str] = "supplies"
    key: ClassVar[tuple[str, ...]] = ("supply",)
    figures: ClassVar[tuple[str, ...]] = (
        "capacity_per_month",
        "cost_usd",
        "lead_months",
        "ramp_per_month",
        "ceiling_per_month",
    )

    supply: Key
    """Name of the supply."""
    component: Key
    """What is supplied: a component, or a system that is imported complete."""
    origin: Key
    """Place where it is made or first dispatched."""
    brand: Key | None = None
    """The maker's home, whose jurisdiction follows the goods; blank is unknown, no key matches."""
    reach: Keys = ()
    """Further places whose rules follow the goods (foreign direct product rules)."""
    channel: Channel | None = None
    """military, civil or state."""
    programme: Key | None = None
    """National programme that it belongs to."""
    capacity_per_month: Amount | None = None
    """Units per month; blank is no limit known."""
    cost_usd: Amount | None = None
    """USD for one; counts under a budget. Blank is the component's value."""
    lead_months: Amount | None = None
    """Months from order to dispatch; over time only."""
    ramp_per_month: Amount | None = None
    """Growth of the capacity, units per month each month; over time only."""
    ceiling_per_month: Amount | None = None
    """Where growth ends; over time only."""
    pillar: Pillar | None = None
    """Blank is the component's."""

    @property
    def element(self) -> str:
        """Element id."""
        return f"supply:{self.supply}"

    @property
    def figure(self) -> float | None:
        """Its limit, in units per month; None where none is known."""
        return self.capacity_per_month


class Lane(Figured):
    """A directed leg between two places."""

    table: ClassVar[str] = "lanes"
    key: ClassVar[tuple[str, ...]] = ("lane",)
    figures: ClassVar[tuple[str, ...]] = (
        "capacity_usd_per_month",
        "markup",
        "delay_months",
        "ramp_per_month",
        "ceiling_usd_per_month",
    )

    lane: Key
    """Name of the lane."""
    from_place: Key
    """Where it starts."""
    to_place: Key
    """Where it ends."""
    carries: Texts = ()
    """Categories it carries; blank is all."""
    capacity_usd_per_month: Amount | None = None
    """USD of goods a month; blank is no limit known."""
    markup: Amount = 0.0
    """Share added to the price on this lane; counts under a budget."""
    delay_months: Amount = 0.0
    """Months between departure and arrival; over time only."""
    ramp_per_month: Amount | None = None
    """Growth of the capacity, USD per month each month; over time only."""
    ceiling_usd_per_month: Amount | None = None
    """Where growth ends; over time only."""
    pillar: Pillar = Pillar.PARTNERSHIP
    """Blank is partnership."""

    @property
    def element(self) -> str:
        """Element id."""
        return f"lane:{self.lane}"

    @property
    def figure(self) -> float | None:
        """Its limit, in USD per month; None where none is known."""
        return self.capacity_usd_per_month

    def takes(self, category: str) -> bool:
        """Tell whether the lane carries goods of this category."""
        return not self.carries or category in self.carries


class Plant(Figured):
    """Capacity to make one product at one place."""

    table: ClassVar[str] = "plants"
    key: ClassVar[tuple[str, ...]] = ("plant",)
    figures: ClassVar[tuple[str, ...]] = (
        "capacity_per_month",
        "ramp_per_month",
        "ceiling_per_month",
    )

    plant: Key
    """Name of the plant (a class or a site known to the public, never a firm)."""
    place: Key
    """Where it stands."""
    product: Key
    """A product with requirements."""
    brand: Key | None = None
    """Brand of what it makes; blank is the plant's place, so its inputs' brands end there."""
    channel: Channel | None = None
    """military, civil or state."""
    programme: Key | None = None
    """National programme that it belongs to."""
    capacity_per_month: Amount | None = None
    """Units per month; blank is no limit known."""
    ramp_per_month: Amount | None = None
    """Growth of the capacity, units per month each month; over time only."""
    ceiling_per_month: Amount | None = None
    """Where growth ends; over time only."""
    pillar: Pillar = Pillar.HARDWARE
    """Blank is hardware."""

    @property
    def element(self) -> str:
        """Element id."""
        return f"plant:{self.plant}"

    @property
    def figure(self) -> float | None:
        """Its limit, in units per month; None where none is known."""
        return self.capacity_per_month


class Stock(Figured):
    """Quantity of a component, or of a finished system, held at a place."""

    table: ClassVar[str] = "stocks"
    key: ClassVar[tuple[str, ...]] = ("place", "component", "brand")
    figures: ClassVar[tuple[str, ...]] = ("quantity",)

    place: Key
    """Where it is held."""
    component: Key
    """A component, or a system (finished units)."""
    brand: Key | None = None
    """Brand of what is held; blank is a class of its own that no brand key matches."""
    quantity: Amount | None = None
    """Units held at the start; blank is no limit known."""
    pillar: Pillar | None = None
    """Blank is the component's."""

    @property
    def element(self) -> str:
        """Element id."""
        return f"stock:{self.place}/{self.component}/{self.brand or ''}"

    @property
    def figure(self) -> float | None:
        """Its size, in units; None where it is not known."""
        return self.quantity


class Programme(Figured):
    """A national programme; shown beside what it funds, never scored."""

    table: ClassVar[str] = "programmes"
    key: ClassVar[tuple[str, ...]] = ("programme",)
    figures: ClassVar[tuple[str, ...]] = ("funding_usd",)

    programme: Key
    """Name of the programme."""
    title: str = ""
    """What people call it."""
    level: ProgrammeLevel | None = None
    """presidential, national, sectoral or regional."""
    funding_usd: Amount | None = None
    """USD in all."""
    start: Month | None = None
    """When it began."""
    end: Month | None = None
    """When it ends."""


class Source(Row):
    """A text that figures rest on."""

    table: ClassVar[str] = "sources"
    key: ClassVar[tuple[str, ...]] = ("source",)

    source: Key
    """Key that ``source_ids`` name."""
    title: str = ""
    """Title of the text."""
    publisher: str = ""
    """Who published it."""
    date: str = ""
    """When."""
    url: str = ""
    """Where it was seen."""
    kind: SourceKind = SourceKind.SECONDARY
    """primary, secondary or hostile."""
    note: str = ""
    """What to know about it."""


class Settings(BaseModel):
    """What ``dataset.yaml`` says of a dataset as a whole."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    id: Key
    """Name of the dataset."""
    title: str
    """One line for people."""
    summary: str = ""
    """A few sentences: what the case is."""
    destination: Key
    """Place where systems are fielded."""
    weighting: Weighting = Weighting.TARGET
    """How systems are weighed against each other unless the command says otherwise."""
    period: Annotated[str, Field(pattern="^month$")] = "month"
    """Length of a period; ``month``."""
    currency: Annotated[str, Field(pattern="^USD$")] = "USD"
    """Currency of all values; ``USD``."""
    budget_usd_per_month: Amount | None = None
    """Limit on what supplies and mark-ups cost; blank is none."""
    as_of: Month | None = None
    """When the dataset as a whole holds."""
    licence: str = ""
    """Terms of use and attribution."""
    notes: str = ""
    """Anything else."""


def _empty() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Tables:
    """A whole dataset, checked: what every other room may rely on.

    Defaults that depend on other rows are filled in (pillars of supplies and stocks, brands of
    plants, values of systems), so a reader never looks them up again. Mappings keep the order of
    the files; ``requirements`` keeps it too, because the first row of a slot is the first choice.
    """

    settings: Settings
    places: Mapping[str, Place]
    components: Mapping[str, Component]
    systems: Mapping[str, System]
    requirements: tuple[Requirement, ...]
    supplies: Mapping[str, Supply]
    lanes: Mapping[str, Lane] = field(default_factory=_empty)
    plants: Mapping[str, Plant] = field(default_factory=_empty)
    stocks: tuple[Stock, ...] = ()
    targets: tuple[Target, ...] = ()
    programmes: Mapping[str, Programme] = field(default_factory=_empty)
    sources: Mapping[str, Source] = field(default_factory=_empty)
    warnings: tuple[Fault, ...] = ()
    sha256: str = ""
    variants: Mapping[str, str] = field(default_factory=_empty)
    """Choices of contradictions that are not standard, by contradiction."""

    def __reduce__(self) -> tuple[Callable[..., "Tables"], tuple[dict[str, Any], frozenset[str]]]:
        """Send the rows; views that nobody may write to are made again where they arrive."""
        held = {each.name: getattr(self, each.name) for each in fields(self)}
        views = frozenset(n for n, value in held.items() if isinstance(value, MappingProxyType))
        return _received, ({n: dict(v) if n in views else v for n, v in held.items()}, views)

    @cached_property
    def elements(self) -> Mapping[str, Supply | Lane | Plant | Stock]:
        """Rows that can be cut, by element id."""
        rows: tuple[Supply | Lane | Plant | Stock, ...]
        rows = (
            *self.supplies.values(),
            *self.lanes.values(),
            *self.plants.values(),
            *self.stocks,
        )
        return MappingProxyType({row.element: row for row in rows})

    def category(self, good: str) -> str:
        """Return the category under which lanes carry a component or a system."""
        return "system" if good in self.systems else self.components[good].category

    def value_usd(self, good: str) -> float | None:
        """Return the USD value of one component or system; None where none is known."""
        row = self.systems.get(good) or self.components[good]
        return row.value_usd

    def blocs(self, place: str | None) -> tuple[str, ...]:
        """Return the blocs of a place; none for an unknown one."""
        row = self.places.get(place) if place is not None else None
        return () if row is None else row.blocs


def _received(held: dict[str, Any], views: frozenset[str]) -> Tables:
    rows: dict[str, Any] = {n: MappingProxyType(held[n]) for n in views}
    return Tables(**held | rows)


TABLES: tuple[type[Row], ...] = (
    Place,
    Component,
    System,
    Target,
    Requirement,
    Supply,
    Lane,
    Plant,
    Stock,
    Programme,
    Source,
)
REQUIRED_TABLES = ("places", "components", "systems", "requirements", "supplies")
