"""What the analyst reads in the terminal: the ranked table, what it rests on, the worst case told.

Convention: the baseline stands first, then what leaves least; what leaves all follows in short.
Shares are printed in percent; text from tables and scenarios is inert and its hidden characters
are spelt out. Where nothing but ASCII is to be had, bars and rules are drawn in it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.constrain import Constrain
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from analyzer.report.findings import finding, paragraph
from analyzer.report.results import with_cuts
from analyzer.report.words import (
    CERTIFIED,
    NOT_A_FORECAST,
    UNCERTIFIED,
    amount,
    binds,
    capacity_words,
    percent,
    visible,
)
from analyzer.study.compare import BASELINE
from supply_data.schema import Supply

if TYPE_CHECKING:
    from collections.abc import Callable

    from analyzer.study.compare import Comparison

Row = Mapping[str, Any]
Cells = tuple[str, str]

CAPTION = (
    "Survives: capacity after re-planning, % of the baseline's. Range: over cuts and "
    f"leaks. At once: nobody re-plans. Systems: % of target. {NOT_A_FORECAST}"
)
MOST_UNLISTED = 5

_EIGHTHS = " ▏▎▍▌▋▊▉"
_WIDEST = 140
_LONGEST_LINE = 100  # of prose
_LEAST_FOR_TITLE = 22
_ROOMY = 120  # from here on there is room for the capacity and for long bars
_BAR, _ROOMY_BAR = 11, 6  # the part of the width that a bar takes
_GAP = 2
_INDENT = 2
_FIGURE = 1 + len("> 99.9 %")
_LONGEST_KEY = 12
_DIGITS = 5  # of shares, beyond which two are not distinguishable


def summary(comparison: "Comparison", *, width: int) -> Group:
    """Return everything that a run says in a terminal.

    Parameters
    ----------
    comparison : Comparison
        The result of a run.
    width : int
        Columns of the terminal.

    Returns
    -------
    rich.console.Group
        Heading, ranked scenarios, what the numbers rest on, the finding of the scenario that
        leaves least, and what binds though nothing aims at it.
    """
    width = min(width, _WIDEST)
    table = with_cuts(comparison)
    parts = (
        _heading(comparison),
        ranked(table, comparison.systems, width=width),
        Group(Text(_totals(comparison)), Text(CAPTION, style="dim")),
        *_told(comparison, _worst(table)),
        *_unlisted(comparison),
    )
    return Group(*(Constrain(part, width) for part in _spaced(parts)))


def ranked(table: pd.DataFrame, systems: pd.DataFrame, *, width: int) -> Group:
    """Return the scenarios, the one that leaves least first under the baseline.

    Parameters
    ----------
    table
        One row a scenario: ``scenario``, ``title``, ``capacity``, ``surviving`` (share of the
        baseline's), ``certified``, ``cuts`` (in words) and, where known, ``interval_low``,
        ``interval_high``, ``at_once`` and ``binds`` (a pillar, ``joint`` or None).
    systems
        One row a scenario and system: ``scenario``, ``system``, ``share`` (of target); none for
        an uncertified scenario.
    width
        Columns of the terminal. The less there are, the fewer figures stand beside the titles.

    Returns
    -------
    rich.console.Group
        The table; then in a line each the scenarios that leave all over the whole of their range,
        with what they leave at once. Uncertified scenarios show no number.
    """
    shares = _shares(systems)
    rows = _in_order(table)
    folded = [row for row in rows if leaves_all(row)]
    figures = _fitting(table, width=width)
    lines: list[RenderableType] = [_header(figures, width=width), Line()]
    for row in rows:
        if row not in folded:
            lines += _lines(row, shares.get(row["scenario"], {}), figures, width=width)
    return Group(*lines, *_folded(folded, width=width))


def as_plain(drawn: RenderableType, *, width: int = 100) -> str:
    """Return what is drawn as text for a log or a pipe: no escape codes, bars in ASCII."""
    console = Console(file=StringIO(), width=width, color_system=None, legacy_windows=False)
    options = replace(console.options, encoding="ascii")
    lines = console.render_lines(drawn, options, pad=False)
    return "".join("".join(part.text for part in line).rstrip() + "\n" for line in lines)


# --- the ranked table


@dataclass(frozen=True)
class _Figure:
    """A column beside the titles."""

    name: str
    width: int
    cell: "Callable[[Row], RenderableType]"
    justify: str = "right"


def _fitting(table: pd.DataFrame, *, width: int) -> tuple[_Figure, ...]:
    """Return as many columns as leave room for the titles, the most needed ones first."""
    survives = _Figure("Survives", 8, lambda row: Text(_one_decimal(row["surviving"])))
    bar = _Figure(
        "",
        width // (_BAR if width < _ROOMY else _ROOMY_BAR),
        lambda row: Bar(float(row["surviving"])),
        "left",
    )
    ranges = _Figure("Range", 11, lambda row: Text(_range(row)))
    at_once = _Figure("At once", 8, lambda row: Text(_at_once(row)))
    binding = _Figure("Binds", 11, lambda row: Text(_binds(row)), "left")
    capacity = _Figure("Capacity", 8, lambda row: Text(_capacity(row["capacity"])))
    wanted = [survives, at_once, binding, ranges, bar, capacity]
    order = [survives, bar, ranges, at_once, capacity, binding]
    if width < _ROOMY:
        wanted.remove(capacity)
    if "binds" not in table:
        wanted.remove(binding)
    while len(wanted) > 1 and width - _taken(wanted) < _LEAST_FOR_TITLE:
        wanted.pop()
    return tuple(figure for figure in order if figure in wanted)


def _taken(figures: Sequence[_Figure]) -> int:
    return sum(_GAP + figure.width for figure in figures)


def _grid(figures: Sequence[_Figure], *, width: int) -> Table:
    columns = (
        Column(width=figure.width, justify=figure.justify, no_wrap=True)  # type: ignore[arg-type]  # a Literal
        for figure in figures
    )
    title = Column(width=max(width - _taken(figures), 1))
    return Table.grid(title, *columns, padding=(0, _GAP, 0, 0))


def _header(figures: Sequence[_Figure], *, width: int) -> Table:
    grid = _grid(figures, width=width)
    grid.add_row("Scenario", *(figure.name for figure in figures), style="bold")
    return grid


def _lines(
    row: Row, shares: Mapping[str, float], figures: Sequence[_Figure], *, width: int
) -> Iterator[RenderableType]:
    title = Text(visible(row["title"] or row["scenario"]), style="bold")
    baseline = row["scenario"] == BASELINE
    key = "" if baseline else visible(row["scenario"])
    told = ": ".join(filter(None, (key, visible(row["cuts"]))))
    if row["certified"]:
        grid = _grid(figures, width=width)
        grid.add_row(title, *(figure.cell(row) for figure in figures))
        yield grid
    else:
        yield title + Text(f"  {UNCERTIFIED}", style="bold red")
    detail = Detail(told, shares if row["certified"] else {})
    if detail.lines(width - _INDENT):
        yield Padding(detail, (0, 0, 0, _INDENT))


def _folded(rows: Sequence[Row], *, width: int) -> Iterator[RenderableType]:
    """Yield the scenarios that leave all, in columns, with what they leave at once."""
    if not rows:
        return
    many = len(rows) > 1
    yield Text()
    yield Text(
        f"{len(rows)} scenario{'s leave' if many else ' leaves'} 100 % after re-planning, over the "
        f"whole range; at once {'they leave' if many else 'it leaves'}",
        style="bold",
    )
    cells = [(visible(row["title"] or row["scenario"]), _at_once(row)) for row in rows]
    columns = _columns(cells, width=width)
    grid = Table.grid()
    for place, column in enumerate(columns):
        if place:
            grid.add_column(width=_GAP)
        names = max(cell_len(name) for name, _ in column)
        grid.add_column(width=min(names, width - _FIGURE))
        grid.add_column(width=_FIGURE, justify="right", no_wrap=True)
    for across in zip_longest(*columns, fillvalue=("", "")):
        beside = [Text(cell) for group in across for cell in ("", *group)]
        grid.add_row(*beside[1:])
    yield grid


def _columns(cells: Sequence[Cells], *, width: int) -> list[Sequence[Cells]]:
    """Return cells in as many columns as stand beside each other, each as wide as it must be."""
    for tall in range(1, len(cells)):
        columns = [cells[start : start + tall] for start in range(0, len(cells), tall)]
        names = sum(max(cell_len(name) for name, _ in column) for column in columns)
        if names + len(columns) * (_FIGURE + _GAP) - _GAP <= width:
            return columns
    return [cells]


def _shares(systems: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Return the share of target by scenario and system."""
    return {
        str(scenario): dict(zip(rows["system"], rows["share"], strict=True))
        for scenario, rows in systems.groupby("scenario", sort=False)
    }


def _in_order(table: pd.DataFrame) -> list[dict[str, Any]]:
    rows = [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]
    return worst_first(rows)


def worst_first(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows of scenarios, the baseline first, then what leaves least, uncertified last."""
    return sorted(rows, key=_rank)


def _rank(row: Row) -> tuple[bool, bool, float, float, str]:
    known = bool(row["certified"]) and not pd.isna(row["surviving"])
    surviving = round(float(row["surviving"]), _DIGITS) if known else 0.0
    at_once = _known(row, "at_once") if known else None
    first = row["scenario"] != BASELINE
    return first, not known, surviving, 1.0 if at_once is None else at_once, row["scenario"]


def _known(row: Row, column: str) -> float | None:
    value = row.get(column)
    return None if value is None or pd.isna(value) else float(value)


def leaves_all(row: Row) -> bool:
    """Tell whether a scenario costs nothing after re-planning, wherever in its range."""
    told = {percent(_known(row, name)) for name in ("surviving", "interval_low", "interval_high")}
    return row["scenario"] != BASELINE and bool(row["certified"]) and told == {"100 %"}


def _one_decimal(share: float) -> str:
    text = percent(share)
    return f"{100 * share:.1f} %" if text[0].isdigit() else text


def _range(row: Row) -> str:
    low, high = _known(row, "interval_low"), _known(row, "interval_high")
    if low is None or high is None or percent(low) == percent(high):
        return ""
    return f"{_whole(low)} to {_whole(high)} %"


def _at_once(row: Row) -> str:
    share = _known(row, "at_once")
    return "" if share is None or row["scenario"] == BASELINE else _one_decimal(share)


def _binds(row: Row) -> str:
    return "" if row["scenario"] == BASELINE else visible(binds(row))


def _whole(share: float) -> str:
    """Return whole percent, in which neither a loss nor a remainder disappears."""
    in_full, in_part = percent(share), f"{100 * share:.0f}"
    if in_part == "100" and in_full != "100 %":
        return "99"
    return "1" if in_part == "0" and in_full != "0 %" else in_part


def _capacity(capacity: float) -> str:
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
class Line:
    """A line across, in ASCII where the terminal has nothing else."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """Yield the line."""
        yield Text(("-" if options.ascii_only else "─") * options.max_width, style="dim")


@dataclass(frozen=True)
class Detail:
    """What is cut, and the systems with their percent of target, on one line or on two."""

    told: str
    shares: Mapping[str, float]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """Yield the lines, wrapped where they are too long."""
        for line in self.lines(options.max_width):
            yield Text(line, style="dim")

    def lines(self, room: int) -> list[str]:
        """Return both on one line if that leaves room for a system, else the systems below.

        Systems that reach their target are counted; if all do, only what is cut is told.
        """
        order = sorted(self.shares.items(), key=lambda item: (item[1], item[0]))
        most = sum(_whole(share) != "100" for _, share in order)
        most += most == len(order) - 1
        systems = [_systems(order, shown=shown) for shown in range(most, 0, -1)]
        systems = systems or [f"all {len(order)} systems 100"] * bool(self.told and order)
        if not self.told or not systems:
            return [line for line in (self.told, _first_fitting(systems, room)) if line]
        beside = [f"{self.told} | {line}" for line in systems]
        one = _first_fitting(beside, room, otherwise="")
        return [one] if one else [self.told, _first_fitting(systems, room)]


def _first_fitting(lines: Sequence[str], room: int, *, otherwise: str | None = None) -> str:
    """Return the first line that fits, else the other, or the last."""
    last = otherwise if otherwise is not None else lines[-1] if lines else ""
    return next((line for line in lines if cell_len(line) <= room), last)


def _systems(order: Sequence[tuple[str, float]], *, shown: int) -> str:
    """Return systems with their whole percent; those left out are counted."""
    figures = [_whole(share) for _, share in order]
    parts = [
        f"{visible(key, longest=_LONGEST_KEY)} {figure}"
        for (key, _), figure in zip(order[:shown], figures, strict=False)
    ]
    rest = figures[shown:]
    if rest:
        parts.append(
            f"{len(rest)} more at {rest[0]}" + (" or above" if rest[-1] != rest[0] else "")
        )
    return ", ".join(parts)


# --- above and below the table


def _spaced(parts: Sequence[RenderableType]) -> Iterator[RenderableType]:
    for number, part in enumerate(parts):
        if number:
            yield Text()
        yield part


def _totals(comparison: "Comparison") -> str:
    certified = comparison.table["certified"].astype(bool).tolist()
    unknown = len(comparison.unknown)
    return totals(certified, unknown=unknown, binding=comparison.binding)


def _heading(comparison: "Comparison") -> Text:
    settings = comparison.case.tables.settings
    baseline = comparison.table.iloc[0]
    said = UNCERTIFIED
    if baseline["certified"]:
        said = capacity_words(float(baseline["capacity"]), weighting=comparison.weighting)
    return Text.assemble(
        (visible(settings.title or settings.id), "bold"),
        f"\n{_named(comparison)}: {said}. Weighting {visible(comparison.weighting)}, "
        f"targets {visible(comparison.targets)}{_budget(comparison)}.",
    )


def _named(comparison: "Comparison") -> str:
    given = comparison.reference
    return "Baseline" if given is None else f"Reference {visible(given)}"


def _budget(comparison: "Comparison") -> str:
    limit = comparison.budget_usd_per_month
    return "" if limit is None else f", budget USD {amount(limit)} a month"


def totals(certified: Sequence[bool], *, unknown: int, binding: pd.DataFrame) -> str:
    """Return how much is certified, how much is unknown, and what the numbers rest on.

    Parameters
    ----------
    certified
        Of each scenario, the baseline among them.
    unknown
        How many elements have no known limit.
    binding
        ``loss_1pct``, ``basis`` and ``as_of`` of all that binds anywhere.
    """
    checked = f"{sum(certified)} of {len(certified)} numbers certified: {CERTIFIED}."
    limits = f"{unknown} limit{'s' * (unknown != 1)} unknown."
    return " ".join(filter(None, (checked, limits, _basis(binding))))


def _basis(binding: pd.DataFrame) -> str:
    """Return what all scenarios together rest on: each limit counts by its loss."""
    losses = binding[binding["loss_1pct"] > 0]
    if losses.empty:
        return ""
    sums = losses.groupby("basis")["loss_1pct"].sum().sort_values(ascending=False)
    shares = ", ".join(f"{percent(loss / sums.sum())} {basis}" for basis, loss in sums.items())
    dates = [date for date in losses["as_of"] if date]
    oldest = f"; oldest deciding figure {min(dates)}" if dates else ""
    return f"Of what decides: {shares}{oldest}."


def _worst(table: pd.DataFrame) -> str | None:
    """Return the scenario that leaves least, the baseline if there is no other."""
    rows = [row for row in _in_order(table) if row["certified"]]
    rows = [row for row in rows if row["scenario"] != BASELINE] or rows
    return str(rows[0]["scenario"]) if rows else None


def _told(comparison: "Comparison", scenario: str | None) -> Iterator[RenderableType]:
    if scenario is not None:
        titled = comparison.table.set_index("scenario").loc[scenario, "title"]
        text = Text(paragraph(finding(comparison, scenario)))
        heading = Text(visible(titled or scenario), style="bold")
        yield Constrain(Group(heading, text), _LONGEST_LINE)


def _unlisted(comparison: "Comparison") -> Iterator[RenderableType]:
    """Yield the limits that bind though no measure and no tier aims at them."""
    rows = comparison.unlisted
    if rows.empty:
        return
    heads = ("Element", "Pillar", "Civil use", "1 % costs", "Most in", "Binds in")
    columns = (Column(overflow="fold") for _ in heads)
    grid = Table.grid(*columns, padding=(0, _GAP, 0, 0))
    grid.add_row(*heads, style="bold")
    for row in rows.head(MOST_UNLISTED).to_dict("records"):
        cells = (
            visible(row["element"]),
            str(row["pillar"] or ""),
            _civil_use(comparison, str(row["element"])),
            f"{amount(row['largest_loss_1pct'])} %",
            visible(row["scenario"]),
            str(row["scenarios"]),
        )
        grid.add_row(*map(Text, cells))
    rest = len(rows) - MOST_UNLISTED
    title = Text.assemble(
        ("What should be listed next?", "bold"),
        ("  Binding, aimed at by no measure and no tier", "dim"),
        (f" ({rest} more in answer.json)." if rest > 0 else ".", "dim"),
    )
    yield Group(title, grid)


def _civil_use(comparison: "Comparison", element: str) -> str:
    tables = comparison.case.tables
    row = tables.elements[element]
    component = tables.components.get(row.component) if isinstance(row, Supply) else None
    return component.civil_use.value if component and component.civil_use else ""
