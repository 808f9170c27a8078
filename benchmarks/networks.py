"""Small random datasets for tests: the same for the same seed.

What is drawn looks like a real case in kind, not in content: origins, hubs and one destination;
brands apart from origins; alternatives and largest fills; subassemblies made at plants; crews that
never travel; lanes of unknown limit; stocks, and sometimes a budget or a mix. Figures are natural
ones, over five powers of ten, so that units matter.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from supply_data.assemble import assemble
from supply_data.schema import (
    Basis,
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
    Weighting,
)

END, CREW = "END", "crew"
GUESS = {"basis": Basis.ASSUMED}


@dataclass(frozen=True)
class Size:
    """How much there is of each thing.

    Attributes
    ----------
    origins, hubs, components, subassemblies, systems, lanes : int
        Number of rows; subassemblies are components that plants make from components.
    categories : int
        Categories of components; a lane carries some of them, or all.
    slots : int
        Most slots of one product.
    brands : int
        Most supplies of one component.
    """

    origins: int
    hubs: int
    components: int
    subassemblies: int
    systems: int
    lanes: int
    categories: int
    slots: int
    brands: int


TINY = Size(
    origins=3, hubs=2, components=5, subassemblies=1, systems=3, lanes=10,
    categories=2, slots=3, brands=3,
)  # fmt: skip
SMALL = Size(
    origins=20, hubs=8, components=60, subassemblies=8, systems=12, lanes=130,
    categories=8, slots=8, brands=6,
)  # fmt: skip


def network(seed: int, size: Size = TINY) -> Tables:
    """Return a random dataset.

    Parameters
    ----------
    seed : int
        The same seed and size give the same dataset on every machine.
    size : Size
        How much there is of each thing.

    Examples
    --------
    >>> tables = network(1)
    >>> len(tables.systems), tables.settings.destination
    (3, 'END')
    """
    draw = np.random.default_rng(seed)
    systems = _systems(draw, size)
    recipes = [*_recipes(draw, size, systems=systems)]
    components = _components(draw, size)
    need = wanted(systems, recipes)
    worth = sum(need.get(row.component, 0.0) * (row.value_usd or 0.0) for row in components)
    rows: dict[str, Sequence[Row]] = {
        "places": [Place(place=name) for name in (*_origins(size), *_hubs(size), END)],
        "components": components,
        "systems": systems,
        "requirements": recipes,
        "supplies": [*_supplies(draw, size, need=need)],
        "lanes": [*_lanes(draw, size, worth=worth)],
        "plants": [*_plants(draw, size, need=need)],
        "stocks": [*_stocks(draw, size, need=need)],
    }
    settings = Settings(
        id=f"random-{seed}",
        title=f"Random network {seed}",
        destination=END,
        weighting=_one(draw, (Weighting.TARGET, Weighting.UNITS, Weighting.WEIGHT)),
        budget_usd_per_month=worth * draw.uniform(0.3, 1.0) if draw.random() < 0.25 else None,  # noqa: PLR2004 - a quarter
    )
    return assemble(settings, rows)


def _origins(size: Size) -> tuple[str, ...]:
    return tuple(f"O{n}" for n in range(size.origins))


def _hubs(size: Size) -> tuple[str, ...]:
    return tuple(f"H{n}" for n in range(size.hubs))


def _parts(size: Size) -> tuple[str, ...]:
    return tuple(f"c{n}" for n in range(size.components))


def _subassemblies(size: Size) -> tuple[str, ...]:
    return tuple(f"a{n}" for n in range(size.subassemblies))


def _one(draw: np.random.Generator, choices: Sequence[Any]) -> Any:  # noqa: ANN401 - one of them
    return choices[int(draw.integers(len(choices)))]


def _some(draw: np.random.Generator, choices: Sequence[str], count: int) -> list[str]:
    picked = draw.choice(len(choices), size=min(count, len(choices)), replace=False)
    return [choices[int(n)] for n in picked]


def _perhaps(draw: np.random.Generator, value: float, *, share: float) -> float | None:
    """Return the value, or None in this share of cases."""
    unknown = draw.random() < share
    return None if unknown else value


def _systems(draw: np.random.Generator, size: Size) -> list[System]:
    mixed = draw.random() < 0.25  # noqa: PLR2004 - a quarter
    return [
        System(
            system=f"s{n}",
            group=_one(draw, ("", "air", "ground")),
            weight=round(draw.uniform(0.5, 5.0), 2),
            target_per_month=round(10 ** draw.uniform(2, 5)),
            max_share=0.9 if mixed and n == 0 else None,
            value_usd=round(10 ** draw.uniform(2, 5), 2),
            **GUESS,
        )
        for n in range(size.systems)
    ]


def _components(draw: np.random.Generator, size: Size) -> list[Component]:
    travelling = [
        Component(
            component=name,
            category=f"k{draw.integers(size.categories)}",
            pillar=_one(draw, tuple(Pillar)),
            value_usd=round(10 ** draw.uniform(1, 3.5), 2),
            **GUESS,
        )
        for name in (*_parts(size), *_subassemblies(size))
    ]
    return [
        *travelling,
        Component(component=CREW, category="people", pillar=Pillar.TRAINING, **GUESS),
    ]


def _recipes(
    draw: np.random.Generator, size: Size, *, systems: Sequence[System]
) -> Iterator[Requirement]:
    for name in _subassemblies(size):
        yield from _recipe(draw, size, name, choices=_parts(size))
    for row in systems:
        yield from _recipe(draw, size, row.system, choices=(*_parts(size), *_subassemblies(size)))
        yield Requirement(product=row.system, slot=CREW, component=CREW, quantity=0.5, **GUESS)


def _recipe(
    draw: np.random.Generator, size: Size, product: str, *, choices: Sequence[str]
) -> Iterator[Requirement]:
    for slot in range(int(draw.integers(1, size.slots + 1))):
        alternatives = _some(draw, choices, 1 + int(draw.random() < 0.4))  # noqa: PLR2004 - two in five
        for n, component in enumerate(alternatives):
            yield Requirement(
                product=product,
                slot=f"slot{slot}",
                component=component,
                quantity=_one(draw, (0.25, 0.5, 1, 1, 2, 4)),
                max_fill=round(draw.uniform(0.2, 1.0), 2) if n else 1.0,
                **GUESS,
            )


def wanted(systems: Sequence[System], recipes: Sequence[Requirement]) -> Mapping[str, float]:
    """Return units per month if all targets are met, other choices half as much."""
    need: dict[str, float] = defaultdict(float)
    need.update({row.system: row.target_per_month for row in systems})
    first = {(row.product, row.slot): row for row in reversed(recipes)}
    for row in reversed(recipes):  # what is made stands after what it is made from
        share = 1.0 if first[row.product, row.slot] is row else 0.5
        need[row.component] += share * row.quantity * need[row.product]
    return need


def _supplies(
    draw: np.random.Generator, size: Size, *, need: Mapping[str, float]
) -> Iterator[Supply]:
    makers = _origins(size)
    for component in _parts(size):
        count = 1 + int(draw.integers(size.brands))
        for n in range(count):
            brand = _perhaps(draw, 1.0, share=0.2)
            known = need.get(component, 1.0) * draw.uniform(0.4, 1.6) / count
            yield Supply(
                supply=f"{component}-{n}",
                component=component,
                origin=_one(draw, (*makers, END) if n else makers),
                brand=None if brand is None else _one(draw, makers),
                reach=tuple(_some(draw, makers, 1)) if draw.random() < 0.2 else (),  # noqa: PLR2004 - a fifth
                capacity_per_month=_perhaps(draw, round(known, 3), share=0.1),
                cost_usd=_perhaps(draw, round(10 ** draw.uniform(1, 3.5), 2), share=0.5),
                **GUESS,
            )
    yield Supply(
        supply=CREW,
        component=CREW,
        origin=END,
        brand=END,
        capacity_per_month=round(need[CREW] * draw.uniform(0.5, 1.5), 3),
        **GUESS,
    )


def _lanes(draw: np.random.Generator, size: Size, *, worth: float) -> Iterator[Lane]:
    for n, (start, end) in enumerate(_legs(draw, size)):
        # the first lanes are the hubs' gates to the destination and carry everything
        share = draw.uniform(0.2, 1.6) * 6 / size.lanes
        yield Lane(
            lane=f"l{n}",
            from_place=start,
            to_place=end,
            carries=() if n < size.hubs else _load(draw, size),
            capacity_usd_per_month=_perhaps(draw, round(worth * share, 2), share=0.25),
            markup=_one(draw, (0.0, 0.0, 0.1, 0.25)),
            delay_months=int(draw.integers(3)),
            **GUESS,
        )


def _legs(draw: np.random.Generator, size: Size) -> Iterator[tuple[str, str]]:
    origins, hubs = _origins(size), _hubs(size)
    yield from ((hub, END) for hub in hubs)
    yield from ((origin, _one(draw, hubs)) for origin in origins)
    for _ in range(size.lanes - len(hubs) - len(origins)):
        start = _one(draw, (*origins, *hubs))
        others = [place for place in hubs if place != start]
        yield start, _one(draw, (*others, END))


def _load(draw: np.random.Generator, size: Size) -> tuple[str, ...]:
    categories = [*(f"k{n}" for n in range(size.categories)), "system"]
    return () if draw.random() < 0.3 else tuple(_some(draw, categories, 2))  # noqa: PLR2004 - three in ten


def _plants(draw: np.random.Generator, size: Size, *, need: Mapping[str, float]) -> Iterator[Plant]:
    systems = [f"s{n}" for n in range(size.systems) if draw.random() < 0.5]  # noqa: PLR2004 - half
    for n, product in enumerate((*_subassemblies(size), *systems)):
        known = need.get(product, 1.0) * draw.uniform(0.5, 1.5)
        yield Plant(
            plant=f"p{n}",
            place=_one(draw, (END, END, *_hubs(size))),
            product=product,
            capacity_per_month=_perhaps(draw, round(known, 3), share=0.1),
            **GUESS,
        )


def _stocks(draw: np.random.Generator, size: Size, *, need: Mapping[str, float]) -> Iterator[Stock]:
    for component in _some(draw, _parts(size), 1 + size.components // 5):
        yield Stock(
            place=_one(draw, (END, *_hubs(size))),
            component=component,
            quantity=round(need.get(component, 1.0) * draw.uniform(0.5, 3), 3),
            **GUESS,
        )
