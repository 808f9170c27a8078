"""The best sets of cuts as one HTML document: the frontier, and what stands beside the best."""

from collections.abc import Iterator

from analyzer.report.choice_table import SAYS, SHOWN, asked, named, proof, told
from analyzer.report.figures import frontier
from analyzer.report.pictures import Picture
from analyzer.report.study_page import Section, drawn, study_page
from analyzer.report.words import CERTIFIED, amount, capacity_words, percent, visible
from analyzer.study.cutset import Cutset
from analyzer.study.quest import Step


def choices_page(found: Cutset) -> str:
    """Return the page of a search: a whole HTML document, to be written as UTF-8."""
    settings = found.case.tables.settings
    return study_page(
        [*_sections(found)],
        study="cutset",
        what="which cuts to choose",
        title=settings.title or settings.id,
        summary=f"{asked(found)}.",
    )


def _sections(found: Cutset) -> Iterator[Section]:
    said = capacity_words(found.baseline.capacity, weighting=found.weighting.value)
    picture = frontier_picture(found)
    burdens = found.ask.burden is not None
    yield Section(
        title="What the best sets leave",
        sentences=[f"Baseline: {said}. Numbers: {CERTIFIED}. {SAYS}"],
        pictures=[] if picture is None else [picture],
        columns=["Burden" if burdens else "Cuts", "Survives", "Proof", "Set", "In every optimum"],
        rows=[
            (
                amount(step.budget),
                percent(step.best.surviving),
                proof(step, found),
                named(step.best),
                ", ".join(map(visible, step.in_every)) or "none",
            )
            for step in found.steps
        ],
    )
    step = found.answer
    beside = [] if step is None else [*_beside(step)]
    yield Section(
        title="Beside the best",
        sentences=[each.plain for each in told(found) if "\n" not in each.plain],
        columns=["Set", "Survives", "Beside the best"] if beside else [],
        rows=beside,
    )


def _beside(step: Step) -> Iterator[tuple[str, str, str]]:
    """Yield sets that are as good, and sets that come close."""
    for chosen in step.optima[:SHOWN] if len(step.optima) > 1 else ():
        yield named(chosen), percent(chosen.surviving), "as good"
    for chosen in step.others[:SHOWN]:
        yield named(chosen), percent(chosen.surviving), "close"


def frontier_picture(found: Cutset) -> Picture | None:
    """Return the frontier; None where it has fewer than two steps."""
    table = found.table
    if len(table) < 2:  # noqa: PLR2004 - a line needs two ends
        return None
    burdens = found.ask.burden is not None
    last = table.iloc[-1]
    return drawn(
        frontier(table.assign(greedy=_greedy_within(found)), burdens=burdens),
        name="frontier",
        title="What is left by the burden" if burdens else "What is left by the number of cuts",
        caption=f"From {percent(table['surviving'].iloc[0])} to {percent(last['surviving'])} "
        f"of the baseline's capacity; {(table['status'] == 'proven').sum()} of {len(table)} proven",
    )


def _greedy_within(found: Cutset) -> list[float]:
    """Return what the greedy set leaves within the cost of each step."""
    return [
        min((each.surviving for each in found.greedy if each.cost <= step.budget), default=1.0)
        for step in found.steps
    ]
