"""What ``aftercut verify`` says: whether a finished run is what was written, and still follows."""

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pandas as pd

import supply_data
from analyzer.network.case import Case, case
from analyzer.network.case import scenario as one_scenario
from analyzer.programme.flow import Options
from analyzer.report.kept import ANSWER, understood
from analyzer.report.results import dataset_record, hash_of, records
from analyzer.report.run_folder import RunRefusedError, read_run
from analyzer.study.verify import BASELINE, solved_again
from supply_data.schema import Tables, Weighting, shown

SolverName = Literal["highs", "cbc"]


class OtherInputsError(RunRefusedError):
    """The dataset or the scenarios are not those that the run rested on."""


@dataclass(frozen=True)
class Verified:
    """A finished run, checked.

    Attributes
    ----------
    files : int
        How many files have the hash that ``run.json`` names.
    scenarios : int
        How many scenarios the run has.
    frame : pandas.DataFrame or None
        Those solved again (`analyzer.study.verify.solved_again`); None if the run is of another
        command than ``aftercut run``.
    """

    files: int
    scenarios: int
    frame: pd.DataFrame | None

    @property
    def agrees(self) -> bool:
        """Whether all that was solved again is as it was told."""
        return self.frame is None or bool(self.frame["agrees"].all())

    def answer(self) -> dict[str, Any]:
        """Return the check for JSON; what is not known is null."""
        return {
            "files": self.files,
            "scenarios": self.scenarios,
            "solved": None if self.frame is None else records(self.frame),
            "agrees": self.agrees,
        }

    def summary(self) -> str:
        """Return the check in plain text."""
        lines = [f"{self.files} files are what the run wrote."]
        if self.frame is None:
            lines.append("None of it is solved again: only what `aftercut run` leaves is.")
            return "\n".join(lines)
        lines.append("The dataset and the scenarios are those of the run.")
        count, wrong = len(self.frame) - 1, self.frame[~self.frame["agrees"]]
        lines.append(f"Solved again: the baseline and {count} of {self.scenarios} scenarios.")
        lines += [
            f"DIFFERS: {shown(str(row['scenario']))} was told as {row['told']:.9g} and is "
            f"{row['found']:.9g}."
            for row in wrong.to_dict("records")
        ]
        if wrong.empty:
            largest = self.frame["difference"].fillna(0.0).max()
            lines.append(f"All agree to {largest:.1e} of the baseline's capacity.")
        return "\n".join(lines)


class Inputs(NamedTuple):
    """What a run was made with, where it is not shipped.

    Attributes
    ----------
    dataset : str or None
        The folder of the dataset.
    scenarios : tuple of str
        Files, folders or ids that it was made with.
    reference : str or None
        What it was set against.
    """

    dataset: str | None = None
    scenarios: tuple[str, ...] = ()
    reference: str | None = None


SHIPPED = Inputs()


def verified(
    folder: Path,
    *,
    inputs: Inputs = SHIPPED,
    solver: SolverName = "highs",
    sample: int = 5,
    seed: int = 0,
) -> Verified:
    """Check a finished run: every file's hash, its inputs, and a sample of it solved again.

    Parameters
    ----------
    folder : Path
        Where the run is.
    inputs : Inputs
        What it was made with, where that is not shipped.
    solver : str
        Who solves again.
    sample : int
        How many scenarios are solved again, drawn by the seed; the baseline always is.
    seed : int
        What the draw starts from.

    Raises
    ------
    analyzer.report.run_folder.RunRefusedError
        If the run did not end, a file is not what it wrote, or the inputs are others.
    BadTablesError, BadScenarioError
        If the dataset or the scenarios are at fault.
    """
    manifest = read_run(folder)
    files = len(manifest["files"])
    with understood(folder):
        answer = json.loads((folder / ANSWER).read_bytes()) if ANSWER in manifest["files"] else {}
        if "baseline" not in answer or "lift" not in manifest:
            return Verified(files, 0, None)
        told = _told(answer)
        opened = _opened(folder, manifest, inputs)
        below = inputs.reference or manifest["from"]
        given = None if below is None else one_scenario(_named(manifest, inputs), below)
        if hash_of(given) != manifest["from_sha256"]:
            raise _other(folder, "what it was set against", "name the scenario with --from")
        options = _options(opened.tables, manifest, solver)
    every = opened.scenarios
    drawn = random.Random(seed).sample(range(len(every)), min(sample, len(every)))  # noqa: S311 - a sample
    frame = solved_again(
        opened,
        told,
        [every[n] for n in sorted(drawn)],
        options=options,
        reference=given,
        lift=manifest["lift"] is True,
    )
    return Verified(files, len(every), frame)


def _told(answer: Mapping[str, Any]) -> dict[str, float | None]:
    """Return the capacities that a run told, by scenario."""
    rows = [{"scenario": BASELINE, **answer["baseline"]}, *answer["scenarios"]]
    return {
        str(row["scenario"]): None if row["capacity"] is None else float(row["capacity"])
        for row in rows
    }


def _named(manifest: Mapping[str, Any], inputs: Inputs) -> str:
    return inputs.dataset or str(manifest["dataset"]["id"])


def _opened(folder: Path, manifest: Mapping[str, Any], inputs: Inputs) -> Case:
    """Return the dataset and the scenarios of a run, if they are what they were."""
    record, wanted = manifest["dataset"], manifest["scenarios"]
    named = _named(manifest, inputs)
    if inputs.dataset is None and named not in supply_data.shipped():
        raise _other(folder, "the dataset", "name its folder with --dataset")
    for tried in [inputs.scenarios] if inputs.scenarios else [(), tuple(wanted["ids"])]:
        found = case(named, tried, variants=record["variants"])
        if dataset_record(found.tables) != record:
            raise _other(folder, "the dataset", "name the one that it was made on with --dataset")
        ids = [scenario.id for scenario in found.scenarios]
        if (found.scenarios_sha256, ids) == (wanted["sha256"], wanted["ids"]):
            return found
    raise _other(folder, "its scenarios", "name them with --scenario as they were for the run")


def _other(folder: Path, what: str, remedy: str) -> OtherInputsError:
    return OtherInputsError(f"{shown(str(folder))}: {what} is not found as it was; {remedy}")


def _options(tables: Tables, manifest: Mapping[str, Any], solver: SolverName) -> Options:
    name, budget = manifest["targets"], manifest["budget_usd_per_month"]
    return Options(
        weighting=Weighting(manifest["weighting"]),
        targets={row.system: row.target_per_month for row in tables.targets if row.set == name},
        target_set=name,
        budget_usd_per_month=None if budget is None else float(budget),
        solver=solver,
    )
