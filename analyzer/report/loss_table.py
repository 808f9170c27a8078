"""What a scan says in the terminal: the worst losses, hidden pairs and wasted cuts, certificates.

Convention: shares are printed in percent; text from tables and scenarios is inert and its hidden
characters are spelt out. Where nothing but ASCII is to be had, bars and rules are drawn in it.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from math import nan
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.table import Column, Table
from rich.text import Text

from analyzer.network.groups import Over
from analyzer.report.tables import Bar, Line
from analyzer.report.words import (
    CERTIFIED,
    NOT_A_FORECAST,
    UNCERTIFIED,
    amount,
    capacity_words,
    listed,
    percent,
    visible,
)
from analyzer.study.frames import unknown_limits

if TYPE_CHECKING:
    from analyzer.study.contingency import Contingency

SHOWN = 10
"""How many rows are shown unless so asked."""
SAYS = (
    "Survives: capacity after re-planning, % of the baseline's. Binds next: what would help most "
    f"after the cut. {NOT_A_FORECAST}"
)
PAIR_SAYS = "Synergy: loss of the pair less the losses of its cuts, % of the baseline's."
_WIDEST = 140
_BAR = 10
_NEXT = 26
_GAP = 2
_UNTOLD = 5


def summary(found: "Contingency", *, most: int = SHOWN, width: int) -> Group:
    """Return everything that a scan says in a terminal.

    Parameters
    ----------
    found : Contingency
        The scan.
    most : int
        How many cuts, hidden pairs and wasted cuts are shown.
    width : int
        Columns of the terminal.
    """
    width = min(width, _WIDEST)
    parts: list[RenderableType] = [_heading(found)]
    if found.baseline.certified:
        parts.append(Group(*_ranked(found, most=most, width=width)))
    parts += [_totals(found), *_told(found, most=most)]
    return Group(*(Constrain(part, width) for part in _spaced(parts)))


def _spaced(parts: Sequence[RenderableType]) -> Iterator[RenderableType]:
    for n, part in enumerate(parts):
        yield from (Text(), part) if n else (part,)


def _heading(found: "Contingency") -> Text:
    settings, baseline = found.case.tables.settings, found.baseline
    said = UNCERTIFIED
    if baseline.capacity is not None:
        said = capacity_words(baseline.capacity, weighting=found.weighting.value)
    options = found.ready.options
    budget = found.ready.model.sets.budget_usd_per_month
    limit = "" if budget is None else f", budget USD {amount(budget)} a month"
    return Text.assemble(
        (visible(settings.title or settings.id), "bold"),
        f"\n{_tried(found)}. Baseline: {said}. Weighting {found.weighting.value}, targets "
        f"{visible(options.target_set)}{limit}.",
    )


def _tried(found: "Contingency") -> str:
    scan = found.scan
    rows = _counted(len(found.table), "cut" if scan.order == 1 else "pair")
    kind = f"each {scan.over}" if scan.order == 1 else f"each two {_plural(scan.over)}"
    verb = "taken" if scan.over is Over.MEASURE else "lost"
    part = "" if scan.share == 1 or scan.over is Over.MEASURE else f" by {percent(scan.share)}"
    together = "alone" if scan.order == 1 else "together"
    return f"{rows}: {kind} {verb}{part} {together}"


def _plural(over: Over) -> str:
    return {Over.SUPPLY: "supplies"}.get(over, f"{over}s")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


def _ranked(found: "Contingency", *, most: int, width: int) -> Iterator[RenderableType]:
    """Yield the table of what leaves least."""
    pairs = found.scan.order > 1
    header, rows = _grid(pairs=pairs, width=width), _grid(pairs=pairs, width=width)
    synergy = ("Synergy",) if pairs else ()
    names = ("Pair" if pairs else "Cut", "Survives", "", *synergy, "How", "Binds next")
    header.add_row(*names, style="bold")
    for row in _top(found.telling, most):
        rows.add_row(*_cells(found, row, pairs=pairs))
    yield from (header, Line(), rows)
    if len(found.table) > min(most, len(found.telling)):
        yield Text(_rest(found, most=most), style="dim")


def _rest(found: "Contingency", *, most: int) -> str:
    whole, telling, harmless = len(found.table), len(found.telling), len(found.harmless)
    more = f"and {max(telling - most, 0):,} more; {harmless:,} of all cost nothing"
    if found.scan.order == 1:
        return more
    same = f"{whole - telling - harmless:,} cost no more than one of the two alone"
    return f"{more}, {same}"


def _grid(*, pairs: bool, width: int) -> Table:
    columns = [
        Column(width=8, justify="right", no_wrap=True),
        Column(width=_BAR),
        *([Column(width=9, justify="right", no_wrap=True)] if pairs else []),
        Column(width=9, no_wrap=True),
        Column(width=_NEXT, overflow="ellipsis", no_wrap=True),
    ]
    taken = sum((column.width or 0) + _GAP for column in columns)
    return Table.grid(Column(width=max(width - taken, 1)), *columns, padding=(0, _GAP, 0, 0))


def _cells(
    found: "Contingency", row: Mapping[Hashable, Any], *, pairs: bool
) -> Iterator[RenderableType]:
    yield Text(" + ".join(visible(name) for name in row["cut"]))
    if not row["certified"]:
        yield from (Text(), Text("no number", style="bold red"))
        return
    base = found.baseline.capacity
    yield Text(_one_decimal(row["surviving"]))
    yield Bar(float(row["surviving"]))
    if pairs:
        yield Text(_signed(row["synergy"] / base if base else nan))
    yield Text(row["how"])
    yield Text(visible(_next(found.binding.get(row["cut"]))))


def _one_decimal(share: float) -> str:
    text = percent(share)
    return f"{100 * share:.1f} %" if text[0].isdigit() else text


def _signed(share: float) -> str:
    size = f"{abs(100 * share):.1f}"
    return "0" if float(size) == 0 else f"{'+' if share > 0 else '-'}{size}"


def _next(binding: pd.DataFrame | None) -> str:
    """Return the bottleneck whose gain is largest, or that binds at nothing."""
    if binding is None or binding.empty:
        return ""
    helps = binding[(binding["gain_1pct"] > 0) | (binding["price_up"] > 0)]
    order = ["gain_1pct", "price_up", "element"]
    ranked = helps.sort_values(order, ascending=[False, False, True])
    return "" if ranked.empty else str(ranked["element"].iloc[0])


def _totals(found: "Contingency") -> Text:
    counts, unknown = found.counts, len(unknown_limits(found.case))
    certified = int(found.table["certified"].sum())
    says = f"{PAIR_SAYS} {SAYS}" if found.scan.order > 1 else SAYS
    told = (
        f"{certified:,} of {len(found.table):,} numbers certified: {CERTIFIED}. {counts.solved:,} "
        f"solved, {counts.pruned:,} pruned (a known plan does without), {counts.certified:,} "
        f"certified by other plans and prices; {_counted(found.lp_solves, 'solve')} in all. "
        f"{_counted(unknown, 'limit')} unknown."
    )
    return Text.assemble(told, "\n", (says, "dim"))


def _told(found: "Contingency", *, most: int) -> Iterator[Text]:
    """Yield hidden pairs and wasted cuts in words, and what was skipped."""
    if found.scan.order > 1:
        hidden, wasted = found.hidden_pairs, found.wasted_cuts
        yield _list(
            "Hidden pairs: harmless alone, harmful together",
            hidden,
            map(_hidden, _top(hidden, most)),
        )
        base = found.baseline.capacity or nan
        lines = (_wasted(row, base) for row in _top(wasted, most))
        yield _list(
            "Wasted cuts: what the smaller costs alone, and beside the other", wasted, lines
        )
    if found.skipped:
        names = listed([visible(name) for name in found.skipped], most=_UNTOLD)
        why = "not modelled" if found.scan.over is Over.MEASURE else "without a known figure"
        yield Text(f"Skipped, {why}: {names}.")
    failed = found.table[found.table["failure"] != ""]
    if len(failed):
        why = listed([visible(text) for text in failed["failure"].unique()], most=_UNTOLD)
        yield Text(f"{_counted(len(failed), 'row')} failed: {why}.", style="bold red")


def _top(table: pd.DataFrame, most: int) -> list[dict[Hashable, Any]]:
    return table.head(most).to_dict("records")


def _list(title: str, table: pd.DataFrame, lines: Iterable[str]) -> Text:
    told = [f"\n  {line}" for line in lines]
    counted = f"{len(told)} of {len(table):,}" if len(table) > len(told) else f"{len(table):,}"
    return Text.assemble((f"{title} ({counted})", "bold"), *told)


def _hidden(row: Mapping[Hashable, Any]) -> str:
    return f"{_pair(row)}: {percent(row['surviving'])} survives"


def _wasted(row: Mapping[Hashable, Any], base: float) -> str:
    alone, added = row["smaller"] / base, max(row["loss"] - row["larger"], 0.0) / base
    return f"{_pair(row)}: {percent(alone)}, {percent(added)}"


def _pair(row: Mapping[Hashable, Any]) -> str:
    return " + ".join(visible(name) for name in row["cut"])
