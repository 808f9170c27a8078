"""What ``aftercut validate`` says: the model's figures beside those reported, misses included."""

import textwrap
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import pandas as pd

import supply_data
from analyzer.network.case import Case
from analyzer.network.library import own_library
from analyzer.network.rehearsal import rehearsal
from analyzer.report.results import dataset_record
from analyzer.study.validate import Verdict, validate
from scenarios.load import Library, read_file
from scenarios.schema import Scenario
from supply_data.names import advice
from supply_data.observed import FILE, Observation, observations
from supply_data.rederived import FACTS
from supply_data.schema import BadTablesError, Fault, Tables

_WIDEST = 100
_MANY = 1000
"""From here on a figure is shown without decimals."""


@dataclass(frozen=True)
class Validated:
    """A dataset held against what was reported.

    Attributes
    ----------
    tables : Tables
        The dataset.
    frame : pandas.DataFrame
        One row an observation (`analyzer.study.validate.validate`); empty if there is none.
    """

    tables: Tables
    frame: pd.DataFrame

    @property
    def certified(self) -> bool:
        """Whether every plan behind the figures is certified."""
        return bool(self.frame["certified"].all())

    def summary(self) -> str:
        """Return the table in plain text, with how many agree below it."""
        title = f"{self.tables.settings.id}: what the model says against what was reported"
        if self.frame.empty:
            return f"{title}: nothing, since the dataset has no {FILE}."
        return "\n".join((title, "", *self._rows(), "", *_wrapped(self._counted())))

    def answer(self) -> dict[str, Any]:
        """Return the same for JSON; what is not known is null."""
        return {
            "dataset": dataset_record(self.tables),
            "counts": {each.value: self._count(each) for each in Verdict},
            "observations": [
                {key: _known(value) for key, value in row.items()}
                for row in self.frame.to_dict("records")
            ],
        }

    def _rows(self) -> Iterator[str]:
        for row in self.frame.to_dict("records"):
            scenario = f" under {row['scenario']}" if row["scenario"] else ""
            mark = " (own input)" if row["own_input"] else ""
            yield from _wrapped(f"{row['outcome']}: {row['what']}{scenario}{mark}")
            first = (
                "" if _known(row["at_once"]) is None else f" (at once {_figure(row['at_once'])})"
            )
            model = f"model {_figure(row['model'])}{first}"
            yield f"    {model}, reported {_reported(row)} {row['unit']}"
            if row["outcome"] != Verdict.AGREES and row["note"]:
                yield from _wrapped(row["note"], indent=4)

    def _counted(self) -> str:
        own = int(self.frame.query("own_input and outcome == 'agrees'").shape[0])
        inputs = f" ({own} of them the tables' own input, which proves no more than their making)"
        counts = {each: self._count(each) for each in Verdict}
        return (
            f"{len(self.frame)} observations: {counts[Verdict.AGREES]} agree"
            f"{inputs if own else ''}, {counts[Verdict.DIRECTION]} in direction only, "
            f"{counts[Verdict.MISSES]} missed, {counts[Verdict.NOT_COMPARED]} not compared."
        )

    def _count(self, verdict: Verdict) -> int:
        return Counter(self.frame["outcome"])[verdict.value]


def validated(dataset: str) -> Validated:
    """Return a dataset held against what was reported of it.

    Parameters
    ----------
    dataset : str
        Name of a shipped dataset, else a folder.

    Raises
    ------
    BadTablesError
        With all faults of the dataset, or of its observations.
    scenarios.schema.BadScenarioError
        With the faults of a scenario that an observation names.
    """
    rehearsal(dataset)
    tables = supply_data.load(dataset)
    seen, scenarios = observed(dataset, tables, library=own_library(dataset))
    return Validated(tables, validate(Case(tables), seen, scenarios=scenarios))


def observed(
    dataset: str, tables: Tables, *, library: Library
) -> tuple[tuple[Observation, ...], dict[str, Scenario]]:
    """Return what was observed of a dataset, and the scenarios that this names.

    Raises
    ------
    BadTablesError
        With all faults of the observations.
    scenarios.schema.BadScenarioError
        With the faults of a scenario beside the facts.
    """
    folder = supply_data.folder(dataset)
    seen = observations(folder, tables)
    found: dict[str, Scenario] = {}
    faults: list[Fault] = []
    for each in seen:
        name = each.scenario
        path = _beside(folder / FACTS, name)
        if name in library.scenarios:
            found[name] = library.scenarios[name]
        elif path is not None:
            found[name] = read_file(path, library=library)
        elif name:
            rule = "there is no such scenario in the library, and no such file below the facts"
            remedy = advice(name, library.scenarios)
            faults.append(Fault(FILE, each.line, "scenario", name, rule, remedy))
    if faults:
        raise BadTablesError(tuple(faults))
    return seen, found


def _beside(facts: Path, name: str) -> Path | None:
    """Return the file of a scenario below the facts, and never one elsewhere."""
    path = (facts / name).resolve()
    return facts / name if path.is_file() and path.is_relative_to(facts.resolve()) else None


def _wrapped(text: str, *, indent: int = 0) -> list[str]:
    margin = " " * indent
    return textwrap.wrap(text, _WIDEST, initial_indent=margin, subsequent_indent=margin or "    ")


def _reported(row: dict[Any, Any]) -> str:
    low, central, high = (_known(row[key]) for key in ("low", "reported", "high"))
    beside = f" ± {_figure(row['tolerance'])}" if row["tolerance"] else ""
    if central is not None:
        spread = "" if low == high else f" ({_figure(low)} to {_figure(high)})"
        return f"{_figure(central)}{spread}{beside}"
    if low is not None and high is not None:
        return f"{_figure(low)} to {_figure(high)}{beside}"
    if low is None and high is None:
        return "nothing in"
    return (f"at least {_figure(low)}" if high is None else f"at most {_figure(high)}") + beside


def _figure(value: float | None) -> str:
    known = _known(value)
    if known is None:
        return "nothing"
    rounded = round(known, 0 if abs(known) >= _MANY else 1) + 0.0  # no minus before a zero
    return f"{rounded:,.1f}".removesuffix(".0")


def _known(value: Any) -> Any:  # noqa: ANN401 - whatever a cell of the frame holds
    return None if isinstance(value, float) and not isfinite(value) else value
