"""Networks of the sizes that are measured, S, M and L, and one of a published shape.

Convention: what is drawn looks like a real case also in how tight it is. Each component has some
makers of uneven size who together make about what is needed; goods go from origins through outer
hubs or straight to inner hubs, and from there to the destination; each lane takes some more than
an even spread of all goods sends over it. So many a cut bites, and many another is borne.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np

from benchmarks.networks import END, GUESS, wanted
from supply_data.assemble import assemble
from supply_data.schema import (
    Component,
    Lane,
    Pillar,
    Place,
    Plant,
    Requirement,
    Row,
    Settings,
    Stock,
    Supply,
    System,
    Tables,
)

CATEGORIES = 24
GROUPS = ("air", "ground", "sea", "sensing", "")


@dataclass(frozen=True)
class Scale:
    """How much there is of each thing.

    Attributes
    ----------
    systems, components, origins, hubs : int
        Number of rows; of components one in ten is made from others.
    makers : int
        Most supplies of one component; components have from one to so many, in turn.
    slots : int
        Most slots of a system; a component that is made has a third of it.
    """

    systems: int
    components: int
    origins: int
    hubs: int
    makers: int = 4
    slots: int = 24


S = Scale(systems=10, components=60, origins=30, hubs=15)
M = Scale(systems=50, components=500, origins=60, hubs=40)
L = Scale(systems=200, components=5000, origins=100, hubs=60)
PUBLISHED = Scale(systems=100, components=556, origins=70, hubs=29)
"""1,700 nodes: 100 systems, 100 places, and 1,500 sites that can be lost, supplies and plants."""
SIZES = {"S": S, "M": M, "L": L, "published": PUBLISHED}


@dataclass(frozen=True)
class Leg:
    """A lane before it has a capacity; no categories are all."""

    start: str
    end: str
    carries: tuple[str, ...]

    def takes(self, category: str) -> bool:
        """Tell whether it carries goods of a category."""
        return not self.carries or category in self.carries


def realistic(seed: int, scale: Scale = S) -> Tables:
    """Return a dataset; the same for the same seed and scale on every machine.

    Examples
    --------
    >>> tables = realistic(1)
    >>> len(tables.systems), len(tables.components), len(tables.places)
    (10, 65, 46)
    """
    draw = np.random.default_rng(seed)
    components = [*_components(draw, scale), *_crews()]
    systems = [*_systems(draw, scale)]
    recipes = [*_recipes(draw, scale, systems=systems)]
    need = wanted(systems, recipes)
    supplies = [*_supplies(draw, scale, need=need)]
    sent = _sent(components, supplies)
    rows: dict[str, Sequence[Row]] = {
        "places": [Place(place=name) for name in (*_origins(scale), *_hubs(scale), END)],
        "components": components,
        "systems": systems,
        "requirements": recipes,
        "supplies": [*supplies, *_schools(draw, need=need)],
        "lanes": [*_lanes(draw, _legs(draw, scale, sent), sent)],
        "plants": [*_plants(draw, scale, need=need)],
        "stocks": [*_stocks(draw, scale, need=need)],
    }
    settings = Settings(id=f"realistic-{seed}", title=f"Realistic network {seed}", destination=END)
    return assemble(settings, rows)


def _origins(scale: Scale) -> tuple[str, ...]:
    return tuple(f"O{n}" for n in range(scale.origins))


def _hubs(scale: Scale) -> tuple[str, ...]:
    return tuple(f"H{n}" for n in range(scale.hubs))


def _made(scale: Scale) -> tuple[str, ...]:
    return tuple(f"c{n}" for n in range(scale.components // 10))


def _parts(scale: Scale) -> tuple[str, ...]:
    return tuple(f"c{n}" for n in range(scale.components // 10, scale.components))


def _crew(group: str) -> str:
    return f"crew-{group or 'other'}"


def _systems(draw: np.random.Generator, scale: Scale) -> Iterator[System]:
    for n in range(scale.systems):
        yield System(
            system=f"s{n}",
            group=GROUPS[n % len(GROUPS)],
            target_per_month=round(10 ** draw.uniform(1.5, 4)),
            value_usd=round(10 ** draw.uniform(3, 5), 2),
            **GUESS,
        )


def _components(draw: np.random.Generator, scale: Scale) -> Iterator[Component]:
    for n in range(scale.components):
        yield Component(
            component=f"c{n}",
            category=f"k{draw.integers(CATEGORIES)}",
            pillar=Pillar.PARTNERSHIP if draw.random() < 0.1 else Pillar.HARDWARE,  # noqa: PLR2004 - a tenth
            value_usd=round(10 ** draw.uniform(0, 3), 2),
            **GUESS,
        )


def _crews() -> Iterator[Component]:
    for group in GROUPS:
        yield Component(component=_crew(group), category="people", pillar=Pillar.TRAINING, **GUESS)


def _recipes(
    draw: np.random.Generator, scale: Scale, *, systems: Sequence[System]
) -> Iterator[Requirement]:
    made = _made(scale)
    half = made[: len(made) // 2]
    parts, simple, all_made = (_deck(draw, names) for names in (_parts(scale), half, made))
    for n, product in enumerate(made):
        inner = iter(()) if n < len(half) else simple
        yield from _recipe(draw, product, scale.slots // 3, parts, inner)
    for row in systems:
        yield from _recipe(draw, row.system, scale.slots, parts, all_made)
        crew = _crew(row.group)
        yield Requirement(product=row.system, slot="crew", component=crew, quantity=0.5, **GUESS)


def _deck(draw: np.random.Generator, names: Sequence[str]) -> Iterator[str]:
    """Yield names for ever; each before any comes again."""
    while True:
        for n in draw.permutation(len(names)):
            yield names[int(n)]


def _recipe(
    draw: np.random.Generator, product: str, most: int, parts: Iterator[str], made: Iterator[str]
) -> Iterator[Requirement]:
    taken: set[str] = set()
    for slot in range(int(draw.integers(most // 2, most + 1))):
        for n in range(1 + int(draw.random() < 0.3)):  # noqa: PLR2004 - three in ten have another
            complex_ = n == 0 and draw.random() < 0.15  # noqa: PLR2004 - some
            dealt = chain(islice(made, int(complex_)), parts)
            name = next(each for each in dealt if each not in taken)
            taken.add(name)
            yield Requirement(
                product=product,
                slot=f"slot{slot}",
                component=name,
                quantity=float(draw.choice((0.25, 0.5, 1, 1, 1, 2, 4))),
                max_fill=round(draw.uniform(0.3, 1.0), 2) if n else 1.0,
                **GUESS,
            )


def _supplies(
    draw: np.random.Generator, scale: Scale, *, need: Mapping[str, float]
) -> Iterator[Supply]:
    makers, made = _origins(scale), _made(scale)
    for number, component in enumerate((*made, *_parts(scale))):
        count = 1 + number % scale.makers
        whole = need.get(component, 1.0) * draw.uniform(0.7, 1.7)
        whole *= 0.3 if number < len(made) else 1.0  # the rest of what is made is not bought
        shares = draw.dirichlet(np.full(count, 1.5))
        places = draw.choice(len(makers), size=count, replace=False)
        for n in range(count):
            brand = makers[int(draw.integers(len(makers)))] if draw.random() < 0.5 else None  # noqa: PLR2004 - half
            yield Supply(
                supply=f"{component}-{n}",
                component=component,
                origin=makers[int(places[n])],
                brand=brand or makers[int(places[n])],
                capacity_per_month=None if draw.random() < 0.03 else round(whole * shares[n], 3),  # noqa: PLR2004 - a few
                cost_usd=round(10 ** draw.uniform(0, 3), 2),
                **GUESS,
            )


def _schools(draw: np.random.Generator, *, need: Mapping[str, float]) -> Iterator[Supply]:
    for group in GROUPS:
        yield Supply(
            supply=_crew(group),
            component=_crew(group),
            origin=END,
            brand=END,
            capacity_per_month=round(need.get(_crew(group), 1.0) * draw.uniform(0.9, 1.4), 3),
            **GUESS,
        )


def _legs(
    draw: np.random.Generator, scale: Scale, sent: Mapping[tuple[str, str], float]
) -> list[Leg]:
    """Return the lanes, from origins to the destination; no goods are ever stranded.

    Two hubs in five are inner ones. The first lane of each place carries everything, others some.
    """
    hubs, origins = _hubs(scale), _origins(scale)
    inner, outer = hubs[: 2 * len(hubs) // 5], hubs[2 * len(hubs) // 5 :]
    known = {origin: [k for place, k in sent if place == origin] for origin in origins}
    everything = [f"k{n}" for n in range(CATEGORIES)]
    legs = [Leg(hub, END, ()) for hub in inner]
    for starts, ends, most in ((outer, inner, 4), (origins, hubs, 8)):
        for start in starts:
            count = min(int(draw.integers(2, most + 1)), len(ends))
            for n, end in enumerate(draw.choice(len(ends), size=count, replace=False)):
                load = _load(draw, known.get(start, everything)) if n else ()
                legs.append(Leg(start, ends[int(end)], load))
    return legs


def _load(draw: np.random.Generator, categories: Sequence[str]) -> tuple[str, ...]:
    count = min(int(draw.integers(2, 9)), len(categories))
    picked = draw.choice(len(categories), size=count, replace=False)
    return tuple(categories[n] for n in sorted(picked.tolist()))


def _sent(
    components: Sequence[Component], supplies: Sequence[Supply]
) -> Mapping[tuple[str, str], float]:
    """Return what origins can send, in USD per month, by place and category."""
    rows = {row.component: row for row in components}
    sent: dict[tuple[str, str], float] = defaultdict(float)
    for supply in supplies:
        row = rows[supply.component]
        usd = (supply.capacity_per_month or 0.0) * (row.value_usd or 0.0)
        sent[supply.origin, row.category] += usd
    return sent


def _lanes(
    draw: np.random.Generator, legs: Sequence[Leg], sent: Mapping[tuple[str, str], float]
) -> Iterator[Lane]:
    usual = _evenly(legs, sent)
    for n, leg in enumerate(legs):
        figure = round(usual[leg] * draw.uniform(0.5, 1.6), 2)
        yield Lane(
            lane=f"l{n}",
            from_place=leg.start,
            to_place=leg.end,
            carries=leg.carries,
            capacity_usd_per_month=None if draw.random() < 0.05 else figure,  # noqa: PLR2004 - a few
            markup=float(draw.choice((0.0, 0.0, 0.1, 0.25))),
            **GUESS,
        )


def _evenly(legs: Sequence[Leg], sent: Mapping[tuple[str, str], float]) -> Mapping[Leg, float]:
    """Return USD per month on each lane if each place spreads what it has over its lanes."""
    onward: dict[str, list[Leg]] = defaultdict(list)
    for leg in legs:
        onward[leg.start].append(leg)
    usual: dict[Leg, float] = defaultdict(float)
    ahead = [(place, category, usd) for (place, category), usd in sent.items()]
    while ahead:
        place, category, usd = ahead.pop()
        taking = [leg for leg in onward[place] if leg.takes(category)]
        for leg in taking:
            usual[leg] += usd / len(taking)
            if leg.end != END:
                ahead.append((leg.end, category, usd / len(taking)))
    return usual


def _plants(
    draw: np.random.Generator, scale: Scale, *, need: Mapping[str, float]
) -> Iterator[Plant]:
    works = [f"s{n}" for n in range(scale.systems) if n % 2]
    for n, product in enumerate((*_made(scale), *works)):
        yield Plant(
            plant=f"p{n}",
            place=END,
            product=product,
            capacity_per_month=round(need.get(product, 1.0) * draw.uniform(0.7, 1.5), 3),
            **GUESS,
        )


def _stocks(
    draw: np.random.Generator, scale: Scale, *, need: Mapping[str, float]
) -> Iterator[Stock]:
    for component in _parts(scale)[::5]:
        quantity = round(need.get(component, 1.0) * draw.uniform(0.5, 3), 3)
        yield Stock(place=END, component=component, quantity=quantity, **GUESS)
