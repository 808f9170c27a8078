"""Figures of a horizon: one function a figure, frames in, a matplotlib Figure out.

Convention: as in `analyzer.report.figures`. The month runs from left to right and is counted from
1; a curve is a step a month; a band spans the ends of the ranges of cuts and leaks.
"""

from math import ceil

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from analyzer.report.figures import BEFORE, INK, LOSS, REST, style
from analyzer.report.words import visible
from analyzer.study.curves import RECOVERED

WIDTH = 7.4  # inches
TOP, ROW, FOOT = 2.3, 0.26, 0.34  # of the curve, a measure, the months; inches
SMALL = 8.0  # points
COLUMNS, SMALLEST = 3, 1.15  # of the systems: beside each other, and the height of one
LONGEST = 34


def curve_with_measures(curve: pd.DataFrame, measures: pd.DataFrame) -> Figure:
    """Return what survives month by month above how far each measure is in effect.

    Parameters
    ----------
    curve : pandas.DataFrame
        ``month``, ``surviving``, ``weakest`` and ``strongest`` of one scenario.
    measures : pandas.DataFrame
        ``title``, ``month`` and ``level`` of its measures, from 0 to 1.
    """
    titles = list(dict.fromkeys(measures["title"]))
    with style():
        height = TOP + ROW * len(titles) + FOOT
        figure = Figure(figsize=(WIDTH, height), facecolor="none")
        left, width = 0.31, 0.66
        top = figure.add_axes((left, 1 - TOP / height, width, 0.92 * TOP / height))
        _steps(top, curve)
        for level in (0.0, 0.5, 1.0):
            told = f"{100 * level:.0f} %"
            top.text(-0.3, level, told, ha="right", va="center", fontsize=SMALL)
        months = len(curve)
        below = figure.add_axes((left, FOOT / height, width, ROW * len(titles) / height + 1e-6))
        below.set_axis_off()
        below.set_xlim(0, months)
        below.set_ylim(max(len(titles), 1), 0)
        for y, title in enumerate(titles):
            levels = measures[measures["title"] == title]["level"].tolist()
            for x, level in enumerate(levels):
                if level > 0:
                    bar = Rectangle(
                        (x, y + 0.5 - 0.38 * level), 1, 0.76 * level, facecolor=LOSS, lw=0
                    )
                    below.add_patch(bar)
            name = visible(title, longest=LONGEST)
            below.text(-0.4, y + 0.5, name, ha="right", va="center", fontsize=SMALL)
        _months(below, months, at=len(titles))
    return figure


def by_system(systems: pd.DataFrame) -> Figure:
    """Return the output of each system month by month, beside the reference's.

    Parameters
    ----------
    systems : pandas.DataFrame
        ``name``, ``month``, ``output``, ``reference``, ``weakest`` and ``strongest`` of one
        scenario, in units a month.
    """
    names = list(dict.fromkeys(systems["name"]))
    rows = ceil(len(names) / COLUMNS)
    with style():
        height = SMALLEST * rows + FOOT
        figure = Figure(figsize=(WIDTH, height), facecolor="none")
        for n, name in enumerate(names):
            down, across = divmod(n, COLUMNS)
            place = (
                across / COLUMNS + 0.02,
                1 - (down + 1) * SMALLEST / height + 0.06 * SMALLEST / height,
                1 / COLUMNS - 0.05,
                0.62 * SMALLEST / height,
            )
            axes = figure.add_axes(place)
            own = systems[systems["name"] == name]
            most = max(float(own["reference"].max()), float(own["output"].max()), 1e-9)
            shares = own[["output", "reference", "weakest", "strongest"]] / most
            _steps(axes, shares.rename(columns={"output": "surviving"}), reference="reference")
            axes.text(
                0, 1.12, visible(name, longest=LONGEST), transform=axes.transAxes, fontsize=SMALL
            )
            if n + COLUMNS >= len(names):
                _months(axes, len(own), at=0)
    return figure


def _steps(axes: Axes, curve: pd.DataFrame, *, reference: str | None = None) -> None:
    """Draw a curve with its band between 0 and all, as a step a month."""
    edges = np.arange(len(curve) + 1)
    axes.set_axis_off()
    axes.set_xlim(0, len(curve))
    axes.set_ylim(0, max(1.05, float(np.nanmax([1.0, *curve["weakest"]])) * 1.02))
    for level in (0.0, 0.5, 1.0):
        axes.plot([0, len(curve)], [level, level], color=BEFORE, linewidth=0.5, alpha=0.6)
    if reference is None:
        axes.plot([0, len(curve)], [RECOVERED] * 2, color=BEFORE, linewidth=0.8, linestyle=":")
    else:
        axes.stairs(curve[reference], edges, color=BEFORE, linewidth=1.0, baseline=None)
    low = curve[["weakest", "strongest"]].min(axis=1).to_numpy()
    high = curve[["weakest", "strongest"]].max(axis=1).to_numpy()
    axes.stairs(high, edges, baseline=low, fill=True, color=REST, alpha=0.25, linewidth=0)
    axes.stairs(curve["surviving"], edges, color=REST, linewidth=1.6, baseline=None)


def _months(axes: Axes, months: int, *, at: float) -> None:
    """Write every sixth month, and the first, below a place."""
    for month in (1, *range(6, months + 1, 6)):
        axes.annotate(
            str(month), (month - 0.5, at), xytext=(0, -3), textcoords="offset points",
            ha="center", va="top", fontsize=SMALL, color=INK, annotation_clip=False,
        )  # fmt: skip
