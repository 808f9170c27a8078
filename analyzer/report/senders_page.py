"""Senders as one HTML document: who matters, who could join, and how measures act together."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from analyzer.report.figures import interactions, sender_shares
from analyzer.report.pictures import Picture
from analyzer.report.senders import SAYS, headlines, joining, of_scenario
from analyzer.report.study_page import Section, drawn, study_page
from analyzer.report.words import CERTIFIED, UNCERTIFIED, amount, percent, visible
from analyzer.study.coalition import Coalitions

LONGEST = 17
"""Most characters of the id of a measure in a pair."""
MOST_PAIRS = 15
"""How many pairs of measures are drawn, those that act most on one another."""


def senders_page(found: Coalitions) -> str:
    """Return the page of senders: a whole HTML document, to be written as UTF-8."""
    settings = found.case.tables.settings
    rows = [{str(k): v for k, v in row.items()} for row in found.table.to_dict("records")]
    return study_page(
        [_section(found, row, number) for number, row in enumerate(rows, start=1)],
        study="coalition",
        what="who of the senders matters",
        title=settings.title or settings.id,
        summary=f"Numbers: {CERTIFIED}. {SAYS}",
    )


def _section(found: Coalitions, row: dict[str, Any], number: int) -> Section:
    titles = {scenario.id: scenario.title for scenario in found.case.scenarios}
    title = visible(titles.get(row["scenario"]) or row["scenario"])
    base = found.baseline.capacity
    if not row["certified"] or not base:
        return Section(title, [UNCERTIFIED])
    senders = of_scenario(found.senders, row["scenario"])
    said = [*headlines(row, base), *joining(found, row["scenario"], base)]
    return Section(
        title=title,
        sentences=said,
        pictures=[*_pictures(found, row["scenario"], number, base)],
        columns=["Sender", "Share", "Leaving", "Loss per USD m of burden", "Measures"],
        rows=[
            (
                visible(each["sender"]),
                percent(each["loss_share"] / base),
                percent(each["hold_out_loss"] / base),
                amount(each["loss_per_burden"]),
                ", ".join(map(visible, each["measures"])),
            )
            for each in senders
        ],
    )


def _pictures(found: Coalitions, scenario: str, number: int, base: float) -> Iterator[Picture]:
    senders = pd.DataFrame(of_scenario(found.senders, scenario))
    if len(senders):
        shares = pd.DataFrame(
            {
                "sender": senders["sender"],
                "share": senders["loss_share"] / base,
                "margin": senders["margin"] / base,
                "leaving": senders["hold_out_loss"] / base,
            }
        )
        yield drawn(
            sender_shares(shares),
            name=f"senders-{number}",
            title="Who of the senders matters",
            caption="Shares of the baseline's capacity. Bars sum to what all senders cause "
            "together; a line is a 95 % interval where not all orders were looked at.",
        )
    pairs = [each for each in of_scenario(found.pairs, scenario) if each["word"] != "independent"]
    strongest = sorted(pairs, key=lambda one: -abs(one["index"]))[:MOST_PAIRS]
    if strongest:
        table = pd.DataFrame(
            {
                "pair": [
                    " + ".join(visible(each[one], longest=LONGEST) for one in ("measure", "other"))
                    for each in strongest
                ],
                "index": [each["index"] / base for each in strongest],
            }
        )
        yield drawn(
            interactions(table),
            name=f"pairs-{number}",
            title="Which measures help or hinder one another",
            caption="What two measures do beyond what each does, on average over the others "
            "(index of interaction), in shares of the baseline's capacity.",
        )
