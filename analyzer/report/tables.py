"""The ranked table of a comparison, for terminals and for logs.

Convention: the baseline stands first, then what leaves least; shares are printed in percent; text
from tables and scenarios is inert and its hidden characters are spelt out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any

import pandas as pd
from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from analyzer.report.words import NOT_A_FORECAST, amount, binds, percent, visible
from analyzer.study.compare import BASELINE

CAPTION = (
    "Survives: scaling capacity after the cut, in percent of the baseline's. "
    f"Systems: output in percent of target. {NOT_A_FORECAST}"
)
UNCERTIFIED = "uncertified"

_EIGHTHS = " ▏▎▍▌▋▊▉"
_RULE = box.Box("    \n    \n -- \n    \n    \n -- \n    \n    \n", ascii=True)
_LEAST_FOR_TEXT = 34  # below this, what is cut wraps too often
_LEAST_FOR_CAPACITY = 100
_AROUND = 14  # cells of what survives, of the gaps around it and the bar, and of the edges
_CAPACITY = len("Capacity")
_BINDS = len("partnership")
_GAP = 2
_LONGEST_KEY = 12


def ranked(table: pd.DataFrame, systems: pd.DataFrame, *, width: int) -> Table:
    """Return the scenarios as a table for the terminal, worst first under the baseline.

    Parameters
    ----------
    table
        One row a scenario: ``scenario``, ``title``, ``capacity``, ``surviving`` (share of the
        baseline's), ``certified``, ``cuts`` (in words) and, where pillars were compared, ``binds``
        (a pillar, ``joint`` or None).
    systems
        One row a scenario and system: ``scenario``, ``system``, ``share`` (of target); none for
        an uncertified scenario.
    width
        Columns of the terminal. Each system has a column of its own where that leaves room for
        the text, else the systems stand in a line, the least share first.

    Returns
    -------
    rich.table.Table
        What a console prints. Uncertified scenarios come last and show no number.
    """
    return _table(table, systems, width=width, rule=box.SIMPLE_HEAD)


def as_plain(table: pd.DataFrame, systems: pd.DataFrame, *, width: int = 100) -> str:
    """Return the same table as text for a log or a pipe: no escape codes, bars in ASCII."""
    drawn = _table(table, systems, width=width, rule=_RULE)
    console = Console(file=StringIO(), width=width, color_system=None, legacy_windows=False)
    options = replace(console.options, encoding="ascii")
    lines = console.render_lines(drawn, options, pad=False)
    return "".join("".join(part.text for part in line).rstrip() + "\n" for line in lines)


def _table(table: pd.DataFrame, systems: pd.DataFrame, *, width: int, rule: box.Box) -> Table:
    shares = _shares(systems)
    layout = _fitting(table, shares, width=width)
    drawn = Table(
        *_columns(layout),
        box=rule,
        width=width,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        caption=CAPTION,
        caption_justify="left",
    )
    for row in _in_order(table):
        drawn.add_row(*_cells(row, shares.get(row["scenario"], {}), layout))
    return drawn


@dataclass(frozen=True)
class _Layout:
    """Which columns the table has beside the text and what survives."""

    bar: int
    capacity: bool
    systems: tuple[str, ...]
    binds: bool


def _fitting(
    table: pd.DataFrame, shares: Mapping[str, Mapping[str, float]], *, width: int
) -> _Layout:
    bar = max(len(UNCERTIFIED), width // 6)
    capacity, binding = width >= _LEAST_FOR_CAPACITY, "binds" in table
    taken = _AROUND + bar + (_CAPACITY + _GAP) * capacity + (_BINDS + _GAP) * binding
    systems = _own_columns(shares, room=width - taken - _LEAST_FOR_TEXT)
    return _Layout(bar=bar, capacity=capacity, systems=systems, binds=binding)


def _shares(systems: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return the share of target by scenario and system."""
    return {
        str(scenario): dict(zip(rows["system"], rows["share"], strict=True))
        for scenario, rows in systems.groupby("scenario", sort=False)
    }


def _own_columns(shares: Mapping[str, Mapping[str, float]], *, room: int) -> tuple[str, ...]:
    """Return the systems that get a column each: all, or none if all do not fit."""
    keys = tuple(dict.fromkeys(key for by_system in shares.values() for key in by_system))
    taken = sum(max(cell_len(_header(key)), len("100")) + _GAP for key in keys)
    return keys if taken <= room else ()


def _header(key: str) -> str:
    return visible(key, longest=_LONGEST_KEY)


def _columns(layout: _Layout) -> Iterator[Column]:
    yield Column("Scenario", ratio=1)
    yield Column("Survives", justify="right", no_wrap=True)
    yield Column("", width=layout.bar, no_wrap=True)
    if layout.capacity:
        yield Column("Capacity", width=_CAPACITY, justify="right", no_wrap=True)
    for key in layout.systems:
        yield Column(Text(_header(key)), justify="right", no_wrap=True)
    if layout.binds:
        yield Column("Binds", width=_BINDS, no_wrap=True)


def _in_order(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows = [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
    return sorted(rows, key=_rank)


def _rank(row: Mapping[str, Any]) -> tuple[bool, bool, float, str]:
    known = bool(row["certified"]) and not pd.isna(row["surviving"])
    surviving = float(row["surviving"]) if known else 0.0
    return row["scenario"] != BASELINE, not known, surviving, row["scenario"]


def _cells(
    row: Mapping[str, Any], shares: Mapping[str, float], layout: _Layout
) -> Iterator[RenderableType]:
    certified = bool(row["certified"])
    yield _what(row, {} if layout.systems or not certified else shares)
    yield Text(_one_decimal(row["surviving"])) if certified else Text("")
    yield Bar(float(row["surviving"])) if certified else Text(UNCERTIFIED, style="bold red")
    if layout.capacity:
        yield Text(_figure(row["capacity"]) if certified else "")
    for key in layout.systems:
        yield Text(_whole(shares[key]) if certified and key in shares else "")
    if layout.binds:
        yield Text(visible(binds(row)) if certified and row["scenario"] != BASELINE else "")


def _what(row: Mapping[str, Any], shares: Mapping[str, float]) -> Group:
    """Return title, key and cuts, and the systems where they have no columns of their own."""
    lines: list[RenderableType] = [Text(visible(row["title"] or row["scenario"]), style="bold")]
    if row["scenario"] != BASELINE:
        told = ": ".join(filter(None, (visible(row["scenario"]), visible(row["cuts"]))))
        lines.append(Padding(Text(told, style="dim"), (0, 0, 0, 2)))
    if shares:
        lines.append(Padding(Shares(shares), (0, 0, 0, 2)))
    return Group(*lines)


def _one_decimal(share: float) -> str:
    text = percent(share)
    return f"{100 * share:.1f} %" if text[0].isdigit() else text


def _whole(share: float) -> str:
    """Return whole percent, in which neither a loss nor a remainder disappears."""
    in_full, in_part = percent(share), f"{100 * share:.0f}"
    if in_part == "100" and in_full != "100 %":
        return "99"
    return "1" if in_part == "0" and in_full != "0 %" else in_part


def _figure(capacity: float) -> str:
    return f"{capacity:.3f}" if capacity < 10 else amount(capacity)  # noqa: PLR2004 - a share


@dataclass(frozen=True)
class Bar:
    """A share as a bar, as wide as its cell; ASCII where the terminal has nothing else."""

    share: float

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """Yield the bar; more than the whole is drawn as the whole."""
        cells = options.max_width
        eighths = 0 if pd.isna(self.share) else round(8 * cells * min(max(self.share, 0.0), 1.0))
        if options.ascii_only:
            full = round(eighths / 8)
            yield Text("#" * full + "." * (cells - full))
        else:
            part = _EIGHTHS[eighths % 8].strip()
            yield Text("█" * (eighths // 8) + part, style="cyan")


@dataclass(frozen=True)
class Shares:
    """Systems with their percent of target in one line, the least first, as many as fit."""

    shares: Mapping[str, float]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """Yield the line; systems that do not fit are counted, with the least of their shares."""
        order = sorted(self.shares.items(), key=lambda item: (item[1], item[0]))
        lines = (_line(order, shown=shown) for shown in range(len(order), 0, -1))
        fitting = (line for line in lines if cell_len(line) <= options.max_width)
        yield Text(next(fitting, _line(order, shown=1)), style="dim")


def _line(order: Sequence[tuple[str, float]], *, shown: int) -> str:
    parts = [f"{_header(key)} {_whole(share)}" for key, share in order[:shown]]
    rest = order[shown:]
    if rest:
        least, most = (_whole(share) for _, share in (rest[0], rest[-1]))
        parts.append(f"{len(rest)} more at {least}" + (" or above" if most != least else ""))
    return ", ".join(parts)
