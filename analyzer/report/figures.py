"""Figures for papers and reports: one function a figure, a frame in, a matplotlib Figure out.

Convention: nothing is saved here. Texts are inert: no dollar sign starts a formula. Colours are
those of the page, told apart by those who see less of red or green, and never carry a meaning
alone; hatched is what rests on assumed figures. What is drawn in `INK` takes the colour of the
text around the figure.
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import isnan
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analyzer.report.words import amount, percent, percent_range, visible

INK = "#101418"
"""Stands for the colour of the text around a figure."""
BEFORE, LOSS, REST = "#8a939c", "#c22f3a", "#2368ae"
"""What was, what is lost, and what remains."""

_WIDTH, _ROW = 7.4, 0.27  # inches
_LETTER = 0.068  # of a label, inches
_SIZE, _SMALL = 9.0, 8.0  # points
_LONGEST = 44
_QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)
_HATCH = "//////"
_STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": _SIZE,
    "hatch.color": INK,
    "hatch.linewidth": 0.4,
    "svg.fonttype": "none",  # text stays text: it can be read aloud, searched and copied
    "text.color": INK,
    "text.parse_math": False,  # names come from tables, and a dollar is a dollar
}
_SHADES = LinearSegmentedColormap.from_list(
    "surviving", ["#6b1030", "#c8503c", "#f0b36b", "#f6e6c3", "#f3f5f7"]
)
"""From nothing left, dark, to all left, pale: darker in greys too."""
_MONEY = (
    (1e6, "million USD a month"),
    (1e3, "thousand USD a month"),
    (1.0, "USD a month"),
)
_ON_SHADE = "#101419"
_DUST = 1e-6
_DARK = 0.45  # below it the shade is so dark that letters on it are white


@contextmanager
def style(*, salt: str = "") -> Iterator[None]:
    """Hold matplotlib to our style, whatever the notebook around has set.

    Parameters
    ----------
    salt : str
        What the ids within an SVG are made from: the same gives the same.
    """
    with mpl.rc_context(), warnings.catch_warnings():
        # a letter that DejaVu lacks is drawn by the reader's own font
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        mpl.rcdefaults()
        for name, value in {**_STYLE, "svg.hashsalt": salt or "aftercut"}.items():
            mpl.rcParams[name] = value  # type: ignore[index]  # the stubs list names one by one
        yield


def dumbbell(systems: pd.DataFrame) -> Figure:
    """Return what each system reaches before and under a scenario, in percent of target.

    Parameters
    ----------
    systems : pandas.DataFrame
        A row a system, drawn from the top: ``name``, ``before`` and ``after`` (shares of target)
        and ``assumed`` (whether its target is).
    """
    with style():
        figure, axes = _rows(systems["name"], room=1.05)
        for y, row in enumerate(systems.to_dict("records")):
            before, after = float(row["before"]), float(row["after"])
            track = Rectangle((0, y - 0.3), 1, 0.6, facecolor=BEFORE, alpha=0.16, linewidth=0)
            axes.add_patch(track)
            if row["assumed"]:
                axes.add_patch(_hatched(0, y - 0.3, 1, 0.6))
            colour = LOSS if after < before - _DUST else REST
            axes.plot([before, after], [y, y], color=colour, linewidth=2.5, zorder=2)
            axes.plot([before], [y], marker="o", markersize=7, color=BEFORE, zorder=3)
            axes.plot([after], [y], marker="D", markersize=6, color=colour, zorder=4)
            axes.text(1.06, y, _step(before, after), va="center", fontsize=_SMALL)
        _scale(axes, (0, 0.25, 0.5, 0.75, 1), [percent(x) for x in (0, 0.25, 0.5, 0.75, 1)])
        axes.set_xlim(-0.02, 1.04)
        _legend(figure, (("●", BEFORE, "before"), ("◆", LOSS, "under the scenario")))
    return figure


def waterfall(steps: pd.DataFrame) -> Figure:
    """Return how a loss divides: bars that lead from what was to what survives.

    Parameters
    ----------
    steps : pandas.DataFrame
        A row a bar, drawn from the top: ``name``, ``start`` and ``end`` (shares of the baseline's
        capacity; a whole starts at 0) and ``whole`` (whether it is a level, not a step).
    """
    with style():
        figure, axes = _rows(steps["name"], room=0.75)
        ends = [0.0, *steps["start"], *steps["end"]]
        for y, row in enumerate(steps.to_dict("records")):
            start, end = float(row["start"]), float(row["end"])
            colour = (BEFORE if y == 0 else REST) if row["whole"] else LOSS
            axes.add_patch(
                Rectangle((min(start, end), y - 0.3), abs(end - start), 0.6, facecolor=colour, lw=0)
            )
            if y + 1 < len(steps) and not (y and row["whole"]):
                axes.plot([end, end], [y - 0.3, y + 1.3], color=BEFORE, linewidth=0.8, zorder=0)
            told = percent(end) if row["whole"] else _points(end - start)
            axes.text(max(start, end) + 0.015, y, told, va="center", fontsize=_SMALL)
        axes.set_xlim(min(ends), max(ends) * 1.02)
        axes.axvline(0, color=INK, linewidth=0.8)
    return figure


def heat_map(shares: pd.DataFrame, *, assumed: Sequence[bool]) -> Figure:
    """Return what is left of each system under each scenario, a cell a pair; blank is all.

    Parameters
    ----------
    shares : pandas.DataFrame
        A row a scenario and a column a system, both by the names that are shown; NaN where a
        number is not certified. The first column may be the capacity as a whole.
    assumed : sequence of bool
        By row, whether more than half of what decides it is assumed; its name is hatched.
    """
    with style():
        longest = _LETTER * max(len(_short(name)) for name in shares.columns)
        figure, axes = _rows(shares.index, room=0.6 * longest, head=0.4 + 0.63 * longest)
        tall, wide = shares.shape
        inches = axes.get_position().width * _WIDTH
        paper = Rectangle((-0.5, -0.5), wide, tall, facecolor=_SHADES(1.0), linewidth=0)
        axes.add_patch(paper)
        for y, (values, doubtful) in enumerate(zip(shares.to_numpy(), assumed, strict=True)):
            for x, value in enumerate(values.tolist()):
                if not value >= 1 - _DUST:
                    _cell(axes, x, y, value)
            if doubtful:
                band = _hatched(-0.09 / inches, y - 0.5, 0.07 / inches, 1)
                axes.add_patch(band).set_transform(_beside(axes))
        for x, name in enumerate(shares.columns):
            axes.text(x - 0.1, -0.65, _short(name), rotation=40, rotation_mode="anchor")
        axes.set_xlim(-0.5, shares.shape[1] - 0.5)
        axes.set_ylim(len(shares) - 0.5, -0.5)
    return figure


def last_lanes(flows: pd.DataFrame) -> Figure:
    """Return what arrives at the destination by the country it comes from, before and after.

    Parameters
    ----------
    flows : pandas.DataFrame
        A row a place, drawn from the top: ``name``, ``before`` and ``after`` (USD a month on all
        its lanes to the destination) and ``assumed`` (whether most of it goes on lanes whose
        figure is assumed, or of which no limit is known).
    """
    with style():
        figure, axes = _rows(flows["name"], room=1.7, row=0.36)
        most = max(flows["before"].max(), flows["after"].max(), 1.0)
        unit, called = next((size, name) for size, name in _MONEY if most >= size)
        for y, row in enumerate(flows.to_dict("records")):
            hatch = _HATCH if row["assumed"] else None
            for at, column, colour in ((-0.19, "before", BEFORE), (0.19, "after", REST)):
                value = float(row[column])
                axes.add_patch(
                    Rectangle(
                        (0, y + at - 0.17), value, 0.34, facecolor=colour, hatch=hatch, linewidth=0
                    )
                )
            told = f"{amount(row['before'] / unit)} → {amount(row['after'] / unit)}"
            longest = max(float(row["before"]), float(row["after"]))
            axes.text(longest + 0.015 * most, y, told, va="center", fontsize=_SMALL)
        axes.set_xlim(0, most)
        axes.axvline(0, color=INK, linewidth=0.8)
        _legend(
            figure,
            (("■", BEFORE, "before"), ("■", REST, "under the scenario"), ("", INK, called)),
        )
    return figure


def frontier(steps: pd.DataFrame, *, burdens: bool) -> Figure:
    """Return what is left against the size or burden of the best set, and of the greedy one.

    Parameters
    ----------
    steps : pandas.DataFrame
        A row a budget, the smallest first: ``cost``, ``surviving`` and ``greedy`` (shares of the
        baseline's capacity), and ``status`` (proven, or bound).
    burdens : bool
        Whether the cost is a burden in USD m a year, or else a number of cuts.
    """
    with style():
        figure = Figure(figsize=(_WIDTH, _WIDTH / 2), layout="constrained")
        axes = figure.add_subplot()
        whole = [1.0, *steps["surviving"]]
        costs = [0.0, *steps["cost"]]
        greedy = [1.0, *steps["greedy"]]
        axes.step(costs, greedy, where="post", color=BEFORE, linewidth=1.2, linestyle="--")
        axes.step(costs, whole, where="post", color=REST, linewidth=2)
        for cost, left, status in zip(
            steps["cost"], steps["surviving"], steps["status"], strict=True
        ):
            marker = "D" if status == "proven" else "o"
            axes.plot([cost], [left], marker=marker, markersize=5, color=REST)
            axes.annotate(
                percent(left), (cost, left), (4, 5), textcoords="offset points", fontsize=_SMALL
            )
        axes.set_ylim(0, max(1.05, *whole))
        axes.set_yticks(_QUARTERS, [percent(y) for y in _QUARTERS])
        axes.set_xlabel("burden, USD m a year" if burdens else "cuts")
        axes.set_ylabel("survives, of the baseline's capacity")
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        if not burdens:
            axes.set_xticks(costs, [f"{cost:g}" for cost in costs])
        figure.text(0.99, 0.98, "◆ proven  ● best found  - - greedy", ha="right", va="top",
                    fontsize=_SMALL)  # fmt: skip
    return figure


def response(points: pd.DataFrame, *, of: str, own: float, even: float) -> Figure:
    """Return what survives against a cut, a leak or a dose, or against months of adoption.

    Parameters
    ----------
    points : pandas.DataFrame
        ``value``, ``surviving`` and ``kind`` of spots, by value; straight lines join them.
    of : str
        What is varied.
    own : float
        Where it stands by itself; NaN: nowhere.
    even : float
        Where it stops mattering; NaN: nowhere.
    """
    with style():
        figure = Figure(figsize=(_WIDTH, _WIDTH / 2.4), layout="constrained")
        axes = figure.add_subplot()
        axes.plot(points["value"], points["surviving"], color=REST, linewidth=2)
        known = points[points["kind"].isin(["corner", "end", "month"])]
        axes.plot(known["value"], known["surviving"], "o", markersize=3.5, color=REST)
        stands = points[points["value"] == own]
        axes.plot(stands["value"], stands["surviving"], "D", markersize=7, color=LOSS)
        if not isnan(even):
            axes.axvline(even, color=BEFORE, linewidth=1.0, linestyle="--")
            axes.annotate(
                f"from {percent(even)}", (even, 0.03), (4, 0), textcoords="offset points",
                fontsize=_SMALL,
            )  # fmt: skip
        axes.set_ylim(0, max(1.05, float(points["surviving"].max())))
        axes.set_yticks(_QUARTERS, [percent(y) for y in _QUARTERS])
        if of == "adopt_months":
            axes.set_xlabel("months until alternatives open")
        else:
            axes.set_xlim(0, 1)
            axes.set_xticks(_QUARTERS, [percent(x) for x in _QUARTERS])
            axes.set_xlabel(of)
        axes.set_ylabel("survives")
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    return figure


def sender_shares(senders: pd.DataFrame) -> Figure:
    """Return the share of a loss that each sender has, and what is missing if it alone leaves.

    Parameters
    ----------
    senders : pandas.DataFrame
        A row a sender: ``sender``, ``share``, ``margin`` and ``leaving``, as shares of the
        baseline's capacity.
    """
    with style():
        figure, axes = _rows(senders["sender"], room=1.2, head=0.5)
        for y, row in enumerate(senders.to_dict("records")):
            share, leaving = float(row["share"]), float(row["leaving"])
            axes.add_patch(Rectangle((min(share, 0), y - 0.3), abs(share), 0.6, facecolor=LOSS))
            if row["margin"]:
                ends = [share - row["margin"], share + row["margin"]]
                axes.plot(ends, [y, y], color=INK, linewidth=1.2)
            axes.plot([leaving], [y], "D", color=INK, markersize=5)
            told = f"{percent(share)}, {percent(leaving)}"
            axes.text(1.02, y, told, transform=_beside(axes), va="center", fontsize=_SMALL)
        values = [
            0.0,
            *senders["share"],
            *senders["share"] + senders["margin"],
            *senders["leaving"],
        ]
        axes.set_xlim(min(values), (max(values) or 1.0) * 1.04)
        axes.axvline(0, color=INK, linewidth=0.8)
        _legend(figure, [("■", LOSS, "share of the loss"), ("◆", INK, "missing if it leaves")])
    return figure


def interactions(pairs: pd.DataFrame) -> Figure:
    """Return what pairs of measures do beyond what each does: more to the right, less to the left.

    Parameters
    ----------
    pairs : pandas.DataFrame
        A row a pair: ``pair`` and ``index``, as a share of the baseline's capacity.
    """
    with style():
        figure, axes = _rows(pairs["pair"], room=1.0, head=0.5)
        for y, index in enumerate(pairs["index"].astype(float)):
            colour = LOSS if index > 0 else BEFORE
            axes.add_patch(Rectangle((min(index, 0), y - 0.3), abs(index), 0.6, facecolor=colour))
            told = f"{percent(abs(index))} {'more' if index > 0 else 'less'}"
            axes.text(1.02, y, told, transform=_beside(axes), va="center", fontsize=_SMALL)
        most = float(pairs["index"].abs().max()) or 1.0
        low, high = float(pairs["index"].min()), float(pairs["index"].max())
        axes.set_xlim(min(low, 0.0) - 0.02 * most, max(high, 0.0) + 0.02 * most)
        axes.axvline(0, color=INK, linewidth=0.8)
        _legend(figure, [("■", LOSS, "synergy"), ("■", BEFORE, "waste")])
    return figure


def intervals(table: pd.DataFrame) -> Figure:
    """Return what survives scenarios over all draws: a bar and a dot each, outer ends as ticks.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a scenario, drawn from the top: ``title``, ``p05``, ``p50``, ``p95``, ``central``,
        ``outer_low`` and ``outer_high`` (shares of the baseline's capacity).
    """
    with style():
        figure, axes = _rows(table["title"], room=1.35)
        for y, row in enumerate(table.to_dict("records")):
            low, middle, high = (float(row[name]) for name in ("p05", "p50", "p95"))
            ends = float(row["outer_low"]), float(row["outer_high"])
            axes.plot(ends, [y, y], color=BEFORE, linewidth=0.8, marker="|", markersize=6, zorder=1)
            axes.add_patch(Rectangle((low, y - 0.22), high - low, 0.44, facecolor=REST, alpha=0.45))
            axes.plot([float(row["central"])], [y], marker="D", markersize=5, color=LOSS, zorder=2)
            axes.plot([middle], [y], marker="o", markersize=6, color=REST, zorder=3)
            axes.text(1.06, y, percent_range(low, high), va="center", fontsize=_SMALL)
        _scale(axes, (0, 0.25, 0.5, 0.75, 1), [percent(x) for x in (0, 0.25, 0.5, 0.75, 1)])
        axes.set_xlim(-0.02, 1.04)
        _legend(
            figure,
            (
                ("●", REST, "half of the draws leave less"),
                ("■", REST, "90 % of the draws"),
                ("◆", LOSS, "central figures"),
                ("|", BEFORE, "no draw beyond"),
            ),
        )
    return figure


def rank_map(shares: pd.DataFrame) -> Figure:
    """Return in which share of the draws each scenario has each rank, darker for more.

    Parameters
    ----------
    shares : pandas.DataFrame
        A row a scenario by the name that is shown, and a column a rank from 1, what leaves least.
    """
    with style():
        figure, axes = _rows(shares.index, room=0.3, head=0.5)
        tall, wide = shares.shape
        axes.add_patch(Rectangle((-0.5, -0.5), wide, tall, facecolor=_SHADES(1.0), linewidth=0))
        for (y, x), share in np.ndenumerate(shares.to_numpy()):
            if share > 0:
                axes.add_patch(
                    Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=_SHADES(1 - share), linewidth=0)
                )
                ink = "#ffffff" if 1 - share < _DARK else _ON_SHADE
                told = _whole(float(share))
                axes.text(x, y, told, ha="center", va="center", fontsize=_SMALL, color=ink)
        for x, name in enumerate(shares.columns):
            axes.text(x, -0.75, str(name), ha="center", fontsize=_SMALL)
        axes.set_xlim(-0.5, wide - 0.5)
    return figure


def tornado(effects: pd.DataFrame) -> Figure:
    """Return the shares of an interval's variance that would go if figures were known.

    Parameters
    ----------
    effects : pandas.DataFrame
        A row a figure, drawn from the top: ``figure``, ``first`` and ``total`` (shares; NaN where
        it is not known).
    """
    with style():
        figure, axes = _rows(effects["figure"], room=0.6)
        known = effects[["first", "total"]].to_numpy()
        most = max(float(np.nanmax(known, initial=0.0)), 0.01)
        if effects.empty:
            axes.text(0.02 * most, 0, "no figure clearly by itself", va="center", fontsize=_SMALL)
        for y, row in enumerate(effects.to_dict("records")):
            first, total = float(row["first"]), float(row["total"])
            if not isnan(total):
                axes.add_patch(Rectangle((0, y - 0.3), total, 0.6, facecolor=BEFORE, alpha=0.4))
            axes.add_patch(Rectangle((0, y - 0.3), first, 0.6, facecolor=REST, linewidth=0))
            longest = first if isnan(total) else max(first, total)
            axes.text(longest + 0.015 * most, y, percent(first), va="center", fontsize=_SMALL)
        axes.set_xlim(0, most)
        axes.axvline(0, color=INK, linewidth=0.8)
        parts = [("■", REST, "by itself"), ("■", BEFORE, "with others too")]
        _legend(figure, parts if effects["total"].notna().any() else parts[:1])
    return figure


def settling(convergence: pd.DataFrame) -> Figure:
    """Return how the percentiles of one scenario settle as draws come, with standard errors.

    Parameters
    ----------
    convergence : pandas.DataFrame
        A row a number of ``draws``: ``p05``, ``p50`` and ``p95`` (shares of the baseline's
        capacity) with ``se_p05``, ….
    """
    with style():
        figure = Figure(figsize=(_WIDTH, 2.6), facecolor="none")
        axes = figure.add_axes((0.09, 0.17, 0.78, 0.76))
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        draws = convergence["draws"].to_numpy(dtype=float)
        for name in ("p05", "p50", "p95"):
            middle = 100 * convergence[name].to_numpy(dtype=float)
            error = 100 * convergence[f"se_{name}"].to_numpy(dtype=float)
            axes.fill_between(draws, middle - error, middle + error, color=REST, alpha=0.25, lw=0)
            axes.errorbar(draws, middle, yerr=error, color=REST, linewidth=1.6, marker="o",
                          markersize=3, elinewidth=0.8)  # fmt: skip
            told = f"{int(name[1:])} % leave less"
            axes.annotate(told, (draws[-1], middle[-1]), (6, 0), textcoords="offset points",
                          va="center", fontsize=_SMALL)  # fmt: skip
        axes.set_xlabel("draws", fontsize=_SMALL, color=INK)
        axes.set_ylabel("survives, %", fontsize=_SMALL, color=INK)
        axes.tick_params(labelsize=_SMALL, colors=INK)
    return figure


def _rows(
    names: "Sequence[str] | pd.Series[str] | pd.Index[str]",
    *,
    room: float,
    row: float = _ROW,
    head: float = 0.32,
) -> tuple[Figure, Axes]:
    """Return a figure with a named row for each; ``room`` is kept at the right, in inches."""
    shown = [visible(name, longest=_LONGEST) for name in names]
    left = 0.28 + _LETTER * max(map(len, shown), default=0)
    foot = 0.3
    height = head + foot + row * max(len(shown), 1)
    figure = Figure(figsize=(_WIDTH, height), facecolor="none")
    width = _WIDTH - left - room
    axes = figure.add_axes(
        (left / _WIDTH, foot / height, width / _WIDTH, 1 - (head + foot) / height)
    )
    axes.set_axis_off()
    axes.set_ylim(max(len(shown), 1) - 0.5, -0.5)
    for y, name in enumerate(shown):
        axes.text(-0.12 / width, y, name, transform=_beside(axes), ha="right", va="center")
    return figure, axes


def _beside(axes: Axes) -> "mpl.transforms.Transform":
    """Return places that count across from the left edge and down by rows."""
    return axes.get_yaxis_transform()


def _scale(axes: Axes, at: Sequence[float], labels: Sequence[str]) -> None:
    bottom = axes.get_ylim()[0]
    for x, label in zip(at, labels, strict=True):
        axes.plot([x, x], [-0.5, bottom], color=BEFORE, linewidth=0.5, alpha=0.6, zorder=0)
        axes.text(x, bottom + 0.1, label, ha="center", va="top", fontsize=_SMALL)


def _legend(figure: Figure, parts: Sequence[tuple[str, str, str]]) -> None:
    width, height = figure.get_size_inches()
    at = 0.08
    for sign, colour, name in parts:
        if sign:
            figure.text(at / width, 1 - 0.16 / height, sign, color=colour, va="center")
            at += 0.16
        figure.text(at / width, 1 - 0.16 / height, name, va="center", fontsize=_SMALL)
        at += 0.25 + _LETTER * len(name)


def _hatched(x: float, y: float, width: float, height: float) -> Rectangle:
    return Rectangle((x, y), width, height, fill=False, hatch=_HATCH, linewidth=0, alpha=0.75)


def _cell(axes: Axes, x: int, y: int, value: float) -> None:
    known = not isnan(value)
    if known:
        shade = _SHADES(float(np.clip(value, 0, 1)))
        axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=shade, linewidth=0))
    ink = "#ffffff" if value < _DARK else _ON_SHADE
    told = _whole(value) if known else "?"
    axes.text(x, y, told, ha="center", va="center", fontsize=_SMALL, color=ink)


def _whole(share: float) -> str:
    """Return a share as whole percent; a loss never reads as none, a rest never as nothing.

    Examples
    --------
    >>> [_whole(share) for share in (1.0, 0.999, 0.5, 0.001, 0.0)]
    ['100', '>99', '50', '<1', '0']
    """
    rounded = round(100 * share)
    if rounded == 100 and share < 1 - _DUST:  # noqa: PLR2004 - all
        return ">99"
    return "<1" if rounded == 0 and share > _DUST else str(rounded)


def _short(name: object) -> str:
    return visible(str(name).partition(" (")[0], longest=32)


def _step(before: float, after: float) -> str:
    same = percent(before) == percent(after)
    return percent(after) if same else f"{percent(before).removesuffix(' %')} → {percent(after)}"


def _points(step: float) -> str:
    sign = "+" if step > 0 else "\N{MINUS SIGN}"
    return f"{sign}{percent(abs(step)).removesuffix(' %')} points"
