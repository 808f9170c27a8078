"""The figures of a run: what is drawn of it, each with a caption that says what to see.

Convention: a picture is None where the run has no numbers for it. Flows are told as totals of the
country that goods come from at the end, in the order of what they carry in the baseline; never as
routes.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import fsum, nan
from typing import Any

import pandas as pd

from analyzer.report.figures import dumbbell, heat_map, last_lanes, waterfall
from analyzer.report.kept import Kept
from analyzer.report.svg import inline_svg
from analyzer.report.words import amount, binds, percent, visible
from supply_data.names import advice
from supply_data.schema import Pillar

MOST_ROWS, MOST_COLUMNS, MOST_PLACES = 40, 14, 12
_PARTS = (
    "Percent of the baseline's capacity; the loss is divided by what each pillar's cuts take on "
    "average over all orders (Shapley), so the parts add up"
)
_SAME = 1e-5
_USD = 1.0


@dataclass(frozen=True)
class Picture:
    """A drawn figure.

    Attributes
    ----------
    name : str
        What it is asked for by, such as ``heat map``.
    title : str
        What it shows.
    caption : str
        What to see in it.
    svg : str
        The drawing: an ``svg`` element that asks nothing of any network.
    """

    name: str
    title: str
    caption: str
    svg: str

    def as_html(self) -> str:
        """Return the drawing with its title and its caption, as a ``figure`` element."""
        said = f"<figcaption><b>{escape(self.title)}.</b> {escape(self.caption)}</figcaption>"
        return f"<figure>{self.svg}{said}</figure>"

    def _repr_html_(self) -> str:
        return self.as_html()


def overview(run: Kept) -> Picture | None:
    """Return what each scenario that costs something leaves of each system."""
    rows = [row for row in run.costly if row["certified"] and run.baseline["certified"]]
    shares = _shares(run, rows[:MOST_ROWS])
    if shares.empty:
        return None
    hit = (shares.drop(columns="Capacity") < 1 - _SAME).sum().sort_values(ascending=False)
    more = len(rows) - len(shares)
    told = [
        f"{len(shares)} scenarios, the one that leaves least first"
        + (f" ({more} more in the table)" if more > 0 else ""),
        "numbers are percent of the baseline's output, the darker the less, blank is all of it",
        f"down a column: {visible(hit.index[0])} loses in {hit.iloc[0]} of {len(shares)}"
        if len(hit) and hit.iloc[0]
        else "no system loses anything",
    ]
    assumed = [(row["assumed_share"] or 0) > 0.5 for row in rows[:MOST_ROWS]]  # noqa: PLR2004 - half
    if any(assumed):
        told.append(f"hatched: more than half of what decides it is assumed ({sum(assumed)})")
    return captioned(
        "heat map",
        "What is left, scenario by system",
        told,
        lambda: heat_map(shares, assumed=assumed),
        name="heat-map",
    )


def by_system(run: Kept, row: Mapping[str, Any]) -> Picture | None:
    """Return what each system reaches before and under a scenario."""
    systems = run.systems(row)
    if systems.empty:
        return None
    systems = systems.assign(fall=systems["before"] - systems["after"])
    systems = systems.sort_values(["fall", "system"], ascending=[False, True])
    falls = systems[systems["fall"] > _SAME]
    told = ["Percent of target, from the grey dot to the diamond; what falls most stands first"]
    if falls.empty:
        told.append("no system falls")
    else:
        first = falls.iloc[0]
        steps = f"from {percent(first['before'])} to {percent(first['after'])}"
        told.append(f"{len(falls)} of {len(systems)} fall, {visible(first['name'])} {steps}")
    if systems["assumed"].any():
        told.append(f"hatched: the target is assumed ({int(systems['assumed'].sum())})")
    return captioned(
        "systems",
        "What each system reaches",
        told,
        lambda: dumbbell(systems),
        name=_named("systems", run, row),
    )


def by_pillar(run: Kept, row: Mapping[str, Any]) -> Picture | None:
    """Return how the loss of a scenario divides over the pillars."""
    losses = {
        pillar.value: float(row["pillars"][pillar.value]["loss_share"])
        for pillar in Pillar
        if pillar.value in row["pillars"]
    }
    losses = {name: loss for name, loss in losses.items() if abs(loss) > _SAME}
    if not losses or row["surviving"] is None:
        return None
    order = sorted(losses.items(), key=lambda item: (-item[1], item[0]))
    levels = [("Baseline", 0.0, 1.0, True)]
    left = 1.0
    for name, loss in order:
        levels.append((name.capitalize(), left, left - loss, False))
        left -= loss
    levels.append(("Survives after re-planning", 0.0, row["surviving"], True))
    if row["at_once"] is not None:
        levels.append(("Survives at once", 0.0, row["at_once"], True))
    named = binds(row)
    told = [
        _PARTS,
        f"{order[0][0]} carries most, {percent(order[0][1])}",
        "no pillar binds alone" if named == "joint" else f"{named} binds",
    ]
    steps = pd.DataFrame(levels, columns=["name", "start", "end", "whole"])
    return captioned(
        "waterfall",
        "What the loss is made of",
        told,
        lambda: waterfall(steps),
        name=_named("waterfall", run, row),
    )


def by_last_lane(run: Kept, row: Mapping[str, Any]) -> Picture | None:
    """Return what arrives by the country it comes from last, before and under a scenario."""
    flows = last_legs(run, row["scenario"])
    if flows.empty or not row["certified"]:
        return None
    home = visible(run.about["dataset"]["destination"])
    before, after = fsum(flows["before"]), fsum(flows["after"])
    fall = flows.assign(change=flows["after"] - flows["before"]).sort_values("change").iloc[0]
    told = [
        f"All that is sent on lanes into {home}, by the country where the last lane starts",
        f"in all from USD {_money(before)} to {_money(after)} a month",
    ]
    if fall["change"] < -_USD:
        change = f"{_money(fall['before'])} to {_money(fall['after'])}"
        told.append(f"{visible(fall['name'])} falls most, {change}")
    if flows["assumed"].any():
        told.append("hatched: most of it on lanes with an assumed limit, or none known")
    shown = flows.head(MOST_PLACES)
    if len(flows) > len(shown):
        told.append(f"{len(flows) - len(shown)} smaller ones are not drawn")
    return captioned(
        "last lanes",
        "Where goods come from at the end",
        told,
        lambda: last_lanes(shown),
        name=_named("last-lanes", run, row),
    )


OF_SCENARIO: Mapping[str, Callable[[Kept, Mapping[str, Any]], Picture | None]] = {
    "systems": by_system,
    "waterfall": by_pillar,
    "last lanes": by_last_lane,
}
"""Pictures of one scenario, by name."""


def picture(run: Kept, name: str, *, scenario: str | None = None) -> Picture:
    """Return a picture of a run by name.

    Parameters
    ----------
    run : Kept
        The run.
    name : str
        ``heat map`` for all scenarios; ``systems``, ``waterfall`` or ``last lanes`` for one.
    scenario : str, optional
        Which one; the one that leaves least unless given.

    Raises
    ------
    ValueError
        If there is no such picture, or the run has no numbers for it.
    KeyError
        If no such scenario was compared.
    """
    known = ("heat map", *OF_SCENARIO)
    if name not in known:
        msg = f"there is no picture {name!r}. {advice(name, known)}"
        raise ValueError(msg)
    found = overview(run) if name == "heat map" else OF_SCENARIO[name](run, _row(run, scenario))
    if found is None:
        msg = f"the run has nothing to draw in {name!r}"
        raise ValueError(msg)
    return found


def last_legs(run: Kept, scenario: str) -> pd.DataFrame:
    """Return what is sent into the destination by country: ``name``, ``before``, ``after``, USD.

    ``assumed`` tells whether most of it goes on lanes whose limit is assumed or not known.
    """
    moved = run.moved(scenario, "lane")
    unknown = frozenset(run.answer["baseline"]["unknown"])
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for lane in run.about["lanes"]:
        before, after = moved.get(lane["lane"], (0.0, 0.0))
        element = lane["element"]
        doubtful = element in unknown or run.about["elements"][element]["basis"] == "assumed"
        found = sums[lane["from"]]
        found[0] += before
        found[1] += after
        found[2] += (before + after) * doubtful
    rows = [
        (place, run.about["places"].get(place, place), before, after, 2 * weak > before + after)
        for place, (before, after, weak) in sums.items()
        if max(before, after) > _USD
    ]
    frame = pd.DataFrame(rows, columns=["place", "name", "before", "after", "assumed"])
    return frame.sort_values(["before", "place"], ascending=[False, True], ignore_index=True)


def _row(run: Kept, scenario: str | None) -> Mapping[str, Any]:
    rows = {row["scenario"]: row for row in run.ranked}
    if scenario is None and run.ranked:
        return run.ranked[0]
    if scenario not in rows:
        msg = f"no scenario {scenario!r} was compared. {advice(str(scenario), rows)}"
        raise KeyError(msg)
    return rows[scenario]


def _shares(run: Kept, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return what is left of each system, those that lose most first, and of the capacity."""
    before = run.baseline["systems"]
    systems = [each for each in run.about["systems"] if before.get(each["system"], 0) > 0]
    cells = {
        each["name"]: [
            row["systems"].get(each["system"], nan) / before[each["system"]] for row in rows
        ]
        for each in systems
    }
    index = [str(row["title"] or row["scenario"]) for row in rows]
    left = pd.DataFrame(cells, index=index)
    left = left[left.mean().sort_values(kind="stable").index[:MOST_COLUMNS]]
    left.insert(0, "Capacity", [row["surviving"] for row in rows])
    return left


def captioned(
    called: str, title: str, told: Sequence[str], draw: Callable[[], Any], *, name: str
) -> Picture:
    """Return a picture with what is told of it as its caption.

    Parameters
    ----------
    called, title : str
        What it is asked for by, and what it shows.
    told : sequence of str
        What to see in it; sentences without their ends.
    draw : callable
        Draws it.
    name : str
        Letters, digits and hyphens, told from those of all others on a page.
    """
    caption = ". ".join(f"{said[:1].upper()}{said[1:]}" for said in told) + "."
    svg = inline_svg(draw(), name=name, title=title, description=caption)
    return Picture(called, title, caption, svg)


def _named(picture: str, run: Kept, row: Mapping[str, Any]) -> str:
    return f"{picture}-{run.ranked.index(dict(row)) + 1}"


def _money(usd: float) -> str:
    return f"{amount(usd / 1e6)} million" if abs(usd) >= 1e5 else amount(usd)  # noqa: PLR2004 - 0.1 million
