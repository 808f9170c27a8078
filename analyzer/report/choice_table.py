"""What a search for the best sets of cuts says in the terminal: the frontier, ties, and greed.

Convention: shares are printed in percent; text from tables and scenarios is inert and its hidden
characters are spelt out.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.table import Column, Table
from rich.text import Text

from analyzer.network.groups import Over
from analyzer.report.tables import Bar, Line
from analyzer.report.words import (
    CERTIFIED,
    NOT_A_FORECAST,
    amount,
    capacity_words,
    listed,
    percent,
    visible,
)
from analyzer.study.quest import Chosen, Status, Step

if TYPE_CHECKING:
    from analyzer.study.cutset import Cutset

SHOWN = 10
"""How many sets that tie, or come close, are shown."""
SAYS = (
    "Survives: capacity after re-planning, % of the baseline's. Proven: no set of that size or "
    f"burden leaves less. {NOT_A_FORECAST}"
)
_WIDEST = 140
_BAR = 10


def summary(found: "Cutset", *, width: int) -> Group:
    """Return everything that a search says in a terminal, so many columns wide."""
    width = min(width, _WIDEST)
    parts: list[RenderableType] = [_heading(found)]
    if found.steps:
        parts.append(Group(*_frontier(found, width=width)))
    parts += [*told(found), _totals(found)]
    spaced = [each for part in parts for each in (Text(), part)][1:]
    return Group(*(Constrain(part, width) for part in spaced))


def _heading(found: "Cutset") -> Text:
    settings, weighting = found.case.tables.settings, found.weighting.value
    said = capacity_words(found.baseline.capacity, weighting=weighting)
    return Text.assemble(
        (visible(settings.title or settings.id), "bold"),
        f"\n{asked(found)}. Baseline: {said}. Weighting {weighting}, targets "
        f"{visible(found.ready.options.target_set)}.",
    )


def asked(found: "Cutset") -> str:
    """Return what was asked."""
    ask = found.ask
    part = (
        "" if ask.share == 1 or ask.over is Over.MEASURE else f", each cut by {percent(ask.share)}"
    )
    among = f"of {len(found.cuts):,} over {ask.over}{part}"
    limit = f"at most {min(ask.largest, len(found.cuts))}" + (
        "" if ask.burden is None else f" with a burden up to USD {amount(ask.burden)} m a year"
    )
    if ask.below is not None:
        there = capacity_words(ask.below, weighting=found.weighting.value)
        return f"The cheapest set, {limit} {among}, below {there}"
    return f"The sets that leave least, {limit} {among}"


def _frontier(found: "Cutset", *, width: int) -> Iterator[RenderableType]:
    burdens = found.ask.burden is not None
    header, rows = _grid(width), _grid(width)
    header.add_row("Burden" if burdens else "Cuts", "Survives", "", "Proof", "Set", style="bold")
    for step in found.steps:
        rows.add_row(
            Text(amount(step.budget)),
            Text(percent(step.best.surviving)),
            Bar(step.best.surviving),
            Text(proof(step, found)),
            Text(named(step.best)),
        )
    yield from (header, Line(), rows)


def _grid(width: int) -> Table:
    columns = [
        Column(width=7, justify="right", no_wrap=True),
        Column(width=8, justify="right", no_wrap=True),
        Column(width=_BAR),
        Column(width=14, no_wrap=True),
    ]
    taken = sum((column.width or 0) + 2 for column in columns)
    return Table.grid(*columns, Column(width=max(width - taken, 1)), padding=(0, 2, 0, 0))


def proof(step: Step, found: "Cutset") -> str:
    """Return what is known of a step: proven, or the bound."""
    if step.status is Status.PROVEN:
        return "proven"
    if found.ask.below is not None:
        return f"bound {amount(step.bound)}"
    return f"bound {percent(step.bound / (found.baseline.capacity or 1.0))}"


def named(chosen: Chosen) -> str:
    """Return the cuts of a set."""
    return " + ".join(visible(name) for name in chosen.cut) or "no cut: none costs anything"


def told(found: "Cutset") -> Iterator[Text]:
    """Yield ties, what is in every optimum, what comes close, and the greedy set in words."""
    step = found.answer
    if step is None:
        sure = (
            "No set gets there, which is proven."
            if found.status is Status.PROVEN
            else ("No set was found that gets there; that there is none is not proven.")
        )
        yield Text(sure)
        return
    if len(step.optima) > 1:
        yield _sets(
            "As good" if found.ask.below is None else "As cheap",
            step.optima,
            complete=step.complete,
        )
    if step.in_every and len(step.optima) > 1:
        yield Text(f"In every one of them: {listed([visible(name) for name in step.in_every])}.")
    if step.others:
        yield _sets("Close", step.others, complete=step.complete)
    if found.greedy:
        greedy = found.greedy[-1]
        yield Text(
            f"Greedy, one cut after the other: {percent(greedy.surviving)} survives "
            f"({named(greedy)})."
        )
    if found.skipped:
        yield Text(f"Skipped: {listed([visible(name) for name in found.skipped], most=5)}.")


def _sets(title: str, sets: Sequence[Chosen], *, complete: bool) -> Text:
    count = f"{len(sets)}" if complete else f"at least {len(sets)}"
    lines = [f"\n  {percent(each.surviving)}: {named(each)}" for each in sets[:SHOWN]]
    return Text.assemble((f"{title} ({count})", "bold"), *lines)


def _totals(found: "Cutset") -> Text:
    told = (
        f"{found.nodes:,} sets looked at, {found.rows:,} plans that prove the rest, "
        f"{found.tally.solves:,} solves. Numbers: {CERTIFIED}."
    )
    return Text.assemble(told, "\n", (SAYS, "dim"))
