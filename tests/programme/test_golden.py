"""The mathematics, readable in a diff: one LP file for each family of constraints.

The files stand in `tests/golden`. Where a change of the formulation is meant, write them anew with
``AFTERCUT_GOLDEN=write pytest tests/programme/test_golden.py`` and read the difference.
"""

import os
from collections.abc import Callable
from pathlib import Path

import highspy
import numpy as np
import pytest

from analyzer.network.effect import STEADY, Effect, Timing
from analyzer.network.goods import Good
from analyzer.programme.arrays import model
from analyzer.programme.flow import Formulation, Options, formulation, sets
from analyzer.programme.merge import Classes, GoodClass
from analyzer.programme.months import Opening
from analyzer.programme.solution import solution
from supply_data.schema import Tables
from tests.networks_by_hand import (
    END,
    START,
    chokepoint,
    dataset,
    lane,
    need,
    part,
    plant,
    stock,
    supply,
    system,
    tight_pair,
    two_brands,
)
from tests.solved import cut

GOLDEN = Path(__file__).parent.parent / "golden"
RED = Good("part", "RED", ())


def programme(
    tables: Tables, effect: Effect | None = None, *, timing: Timing = STEADY
) -> Formulation:
    effects = () if effect is None else (effect,)
    return formulation(sets(tables, effects, Options(timing=timing)), effect)


def target() -> Formulation:
    """Two systems of one part: weights 0.25 and 0.75 of the units, each at most its target."""
    return programme(
        dataset(
            system("van", 100),
            system("cart", 300),
            need("van", "wheel", 4),
            need("cart", "wheel", 2),
            supply("wheels", "wheel", END),
        )
    )


def supply_bound() -> Formulation:
    """A supply of 60 for a need of 100, of which a scenario leaves half: 0.3."""
    tables = dataset(system("unit", 100), need("unit", "part"), supply("source", "part", END, 60))
    return programme(tables, cut({"supply:source": 0.5}))


def lane_row() -> Formulation:
    """Two goods of 2 and 5 dollars on one lane of 400 dollars, a quarter of it taken away."""
    tables = dataset(
        part("cheap", value_usd=2),
        part("dear", value_usd=5),
        system("unit", 100),
        need("unit", "cheap"),
        need("unit", "dear"),
        supply("mine", "cheap", START),
        supply("works", "dear", START),
        lane(START, END, 400),
    )
    return programme(tables, cut({"lane:start-end": 0.25}))


def closed_lane() -> Formulation:
    """A lane that a scenario closes: its row comes to 0 and its column as well."""
    return programme(tight_pair(), cut("lane:start-end"))


def plant_bound() -> Formulation:
    """A plant for 70 of 100 units, away from the destination."""
    return programme(
        dataset(
            system("unit", 100),
            need("unit", "part"),
            supply("source", "part", START),
            plant("works", "unit", START, 70),
            lane(START, END),
        )
    )


def balance() -> Formulation:
    """Two lanes meet at a gate: what arrives there is at least what leaves it, 60 at most."""
    return programme(chokepoint())


def balance_over_time() -> Formulation:
    """Two months of a lane with a delay of one, beside a stock of 30 at the destination."""
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", START, 80),
        lane(START, END, delay_months=1),
        stock(END, "part", 30),
    )
    return programme(tables, timing=Timing(months=2))


def growth() -> Formulation:
    """Three months: a supply, a lane from nothing and a plant grow, each to its ceiling."""
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", START, 40, lead_months=1, ramp_per_month=30, ceiling_per_month=60),
        lane(START, END, 0, ramp_per_month=25, ceiling_usd_per_month=50),
        plant("works", "unit", END, 10, ramp_per_month=20),
    )
    return programme(tables, timing=Timing(months=3))


def adoption() -> Formulation:
    """Three months: a stand-in filled a tenth before, opens after one month, takes 0.3 a month."""
    tables = dataset(
        system("lamp", 100),
        need("lamp", "chip", slot="control"),
        need("lamp", "timer", slot="control", adopt_months=1, adopt_share_per_month=0.3),
        supply("chips", "chip", END, 30),
        supply("timers", "timer", END),
    )
    before = Opening(fill={("made:lamp", "lamp/control/timer"): 0.1})
    options = Options(timing=Timing(months=3))
    return formulation(sets(tables, (), options, opening=before))


def delay_added() -> Formulation:
    """Three months: goods 80 a month under way for one month, half a month more from month 2."""
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", START, 80),
        lane(START, END, delay_months=1),
    )
    timing = Timing(months=3)
    effect = Effect(timing, delay={"lane:start-end": np.array([0.0, 0.5, 0.5])})
    before = Opening(sent={("lane:start-end", Good("part", None, ())): 80.0})
    found = sets(tables, (effect,), Options(timing=timing), opening=before)
    return formulation(found, effect)


def reserve() -> Formulation:
    """Three months: a stock of 50 is held for one month; in month 3 a measure takes half of it."""
    tables = dataset(
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", END, 60),
        stock(END, "part", 50),
    )
    timing = Timing(months=3, adapts_from=2, reserved=1)
    lost = np.array([1.0, 1.0, 0.5])
    return programme(tables, Effect(timing, {"stock:END/part/": lost}), timing=timing)


def slot() -> Formulation:
    """A slot with two alternatives: one of the first or two of the second."""
    return programme(
        dataset(
            system("lamp", 100),
            need("lamp", "chip", slot="control"),
            need("lamp", "timer", 2, slot="control"),
            supply("chips", "chip", END, 30),
            supply("timers", "timer", END, 80),
        )
    )


def max_fill() -> Formulation:
    """The same slot, the second alternative in at most half of the lamps."""
    return programme(
        dataset(
            system("lamp", 100),
            need("lamp", "chip", slot="control"),
            need("lamp", "timer", 2, slot="control", max_fill=0.5),
            supply("chips", "chip", END, 30),
            supply("timers", "timer", END, 80),
        )
    )


def mix() -> Formulation:
    """Vans at least a fifth, carts at most three quarters of all units; targets 100 and 300."""
    return programme(
        dataset(
            system("van", 100, min_share=0.2),
            system("cart", 300, max_share=0.75),
            need("van", "engine"),
            need("cart", "wheel", 2),
            supply("engines", "engine", END, 40),
            supply("wheels", "wheel", END),
        )
    )


def budget() -> Formulation:
    """A part of 3 dollars, marked up by a tenth of its value of 2 on the lane, for 150 dollars."""
    tables = dataset(
        part("part", value_usd=2),
        system("unit", 100),
        need("unit", "part"),
        supply("source", "part", START, 90, cost_usd=3),
        lane(START, END, markup=0.1),
        budget_usd_per_month=150,
    )
    return programme(tables)


def arrival() -> Formulation:
    """Of one of two brands on a lane a quarter arrives; the other is another class of goods."""
    return programme(two_brands(), Effect(arrival={("lane:start-end", RED): np.array([0.25])}))


def lift() -> Formulation:
    """Measures in force are lifted: more arrives of what is sent, and there is more to send."""
    return programme(
        dataset(
            system("unit", 100),
            need("unit", "part"),
            supply("red", "part", START, 20, brand="RED"),
            supply("blue", "part", START, 40, brand="BLUE"),
            lane(START, END, 1000),
        ),
        Effect(
            availability={"supply:blue": np.array([1.25])},
            arrival={("lane:start-end", RED): np.array([2.0])},
        ),
    )


FAMILIES: dict[str, tuple[Callable[[], Formulation], float]] = {
    "target": (target, 0.0),
    "supply": (supply_bound, 70.0),
    "lane": (lane_row, 400 / 7),
    "lane_closed": (closed_lane, 100.0),
    "plant": (plant_bound, 30.0),
    "balance": (balance, 40.0),
    "balance_over_time": (balance_over_time, 70 + 0.99 * 20),
    "growth": (growth, 100 + 0.99 * 75 + 0.99**2 * 50),
    "adoption": (adoption, 100 - 30 / 0.9 + 0.99 * 100 * (1 - 30 / 70) + 0.99**2 * 25),
    "delay_added": (delay_added, 20 + 0.99 * 20 + 0.99**2 * 60),
    "reserve": (reserve, 40 + 0.99 * 0 + 0.99**2 * 35),
    "slot": (slot, 30.0),
    "max_fill": (max_fill, 40.0),
    "mix": (mix, 60.0),
    "budget": (budget, 100 - 150 / 3.2),
    "arrival": (arrival, 45.0),
    "lift": (lift, 10.0),
}
"""The formulation, and its optimum by hand: shortfall in percent."""


def lp_file(found: Formulation, path: Path) -> str:
    """Return what PuLP writes, below a legend of what the columns mean."""
    found.problem.writeLP(str(path))
    known = found.instance.sets.classes
    legend = [
        f"\\ {column.variable}_{n}: {' '.join(_plain(known, w) for w in column.what)}, month "
        f"{column.period}; 1 is {column.unit:g} {column.item}\n"
        for n, column in enumerate(found.instance.columns)
    ]
    return "".join(legend) + path.read_text(encoding="utf-8")


def _plain(known: Classes, value: str | GoodClass) -> str:
    if isinstance(value, str):
        return value
    brands = (good.brand or "unknown" for good in known.members[value])
    return f"{value.item} of brand {' or '.join(brands)}"


@pytest.mark.parametrize("family", FAMILIES)
def test_family_is_written_as_agreed(family: str, tmp_path: Path) -> None:
    build, _ = FAMILIES[family]
    text = lp_file(build(), tmp_path / "now.lp")
    agreed = GOLDEN / f"{family}.lp"
    if os.environ.get("AFTERCUT_GOLDEN") == "write":
        agreed.write_text(text, encoding="utf-8")
        pytest.skip(f"wrote {agreed.name}; read the difference")
    assert text == agreed.read_text(encoding="utf-8")


@pytest.mark.parametrize("family", FAMILIES)
def test_family_has_the_optimum_worked_out_by_hand(family: str) -> None:
    build, shortfall = FAMILIES[family]
    found = build()
    baseline = model(formulation(found.instance.sets))
    solved = solution(baseline, found.instance.effect)
    assert solved.certified
    assert solved.certificate.value == pytest.approx(shortfall, abs=1e-9)


@pytest.mark.parametrize("family", FAMILIES)
def test_agreed_file_read_by_another_way_has_the_same_optimum(family: str) -> None:
    build, shortfall = FAMILIES[family]
    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy types all but this
    solver.setOptionValue("output_flag", False)  # noqa: FBT003 - the signature is HiGHS's
    solver.readModel(str(GOLDEN / f"{family}.lp"))
    solver.run()
    constant = build().problem.objective.constant  # which LP files lose
    assert constant + solver.getObjectiveValue() == pytest.approx(shortfall, abs=1e-6)


def test_each_golden_file_is_tested() -> None:
    assert {path.stem for path in GOLDEN.glob("*.lp")} == set(FAMILIES)
