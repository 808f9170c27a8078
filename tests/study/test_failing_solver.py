"""Studies whose solver gives up at some call: null and exit code 4, never another number.

The solver is stopped where HiGHS has just run, so that all that our own code does of a failed solve
is done. Once is mended by solving again; from some call on, it cannot be.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from analyzer.programme.highs import Solver, Status
from tests.command_line import Ran, aftercut

STUDIES = {
    "run": ("run", "tutorial", "--scenario", "hub-closed"),
    "scan": ("scan", "tutorial", "--order", "2", "--over", "lane", "--jobs", "1"),
    "cutset": ("cutset", "tutorial", "--size", "2", "--over", "lane"),
    "horizon": ("horizon", "hub-closed", "--dataset", "tutorial", "--months", "3"),
    "uncertainty": ("uncertainty", "tutorial", "--scenarios", "hub-closed", "--draws", "20"),
    "coalition": ("coalition", "brand-control", "--dataset", "tutorial"),
    "response": ("response", "brand-control", "--of", "leak", "--dataset", "tutorial"),
}
CALLS = range(1, 13)
FEW = range(1, 13, 5)
"""The same for what takes longest."""
FIGURES = {
    "capacity", "surviving", "at_once", "interval", "synergy", "loss", "loss_1pct", "gain_1pct",
    "price_down", "price_up", "ceiling", "relief", "loss_share", "output_per_month", "reference",
    "time_to_survive", "time_to_recover", "lowest", "lost", "lost_capacity", "months_of_use",
    "gains_months", "central", "p05", "p50", "p95", "outer_low", "outer_high", "unsent", "value",
    "systems", "break_even", "matters",
}  # fmt: skip
"""Keys of what is told about the network; others count or repeat what was asked."""


class Failing:
    """A solver that gives up at one call, or from one call on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls, self.first = 0, 0
        self.last: float = 0
        run = Solver._run

        def counted(solver: Solver) -> Status:
            self.calls += 1
            found = run(solver)
            return Status.TIME_LIMIT if self.first <= self.calls <= self.last else found

        monkeypatch.setattr(Solver, "_run", counted)

    def told(self, study: str, *, first: int, last: float) -> Ran:
        """Return what a study tells whose solver fails from one call to another."""
        self.calls, self.first, self.last = 0, first, last
        return aftercut(*STUDIES[study], "--json")


@pytest.fixture(autouse=True)
def failing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Failing:
    monkeypatch.chdir(tmp_path)
    return Failing(monkeypatch)


def leaves(told: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:  # noqa: ANN401 - JSON
    """Yield what stands in an answer, with the keys that lead there."""
    if isinstance(told, dict):
        for key, value in told.items():
            yield from leaves(value, (*path, key))
    elif isinstance(told, list):
        for value in told:
            yield from leaves(value, path)
    else:
        yield path, told


def figures(told: dict[str, Any]) -> dict[tuple[str, ...], list[float]]:
    found = defaultdict(list)
    for path, value in leaves(told):
        if FIGURES & set(path) and isinstance(value, float | int) and not isinstance(value, bool):
            found[path].append(float(value))
    return found


def strangers(told: dict[str, Any], known: dict[str, Any]) -> list[tuple[tuple[str, ...], float]]:
    """Return the figures that are none of those that a sound solver leads to."""
    right = figures(known)
    return [
        (path, value)
        for path, values in figures(told).items()
        for value in values
        if not any(value == pytest.approx(other, rel=2e-6, abs=2e-6) for other in right[path])
    ]


def nulls(told: dict[str, Any]) -> int:
    return sum(value is None for _, value in leaves(told))


def sound(failing: Failing, study: str) -> dict[str, Any]:
    ran = failing.told(study, first=0, last=0)
    assert (ran.code, ran.err) == (0, "")
    assert failing.calls > 0
    found: dict[str, Any] = json.loads(ran.out)
    return found


@pytest.mark.parametrize("study", STUDIES)
def test_a_solve_that_fails_once_is_mended(study: str, failing: Failing) -> None:
    known = sound(failing, study)
    for call in FEW if study == "run" else CALLS:
        ran = failing.told(study, first=call, last=call)
        told = json.loads(ran.out)
        assert strangers(told, known) == []
        assert (ran.code, nulls(told)) == (0, nulls(known)), call


@pytest.mark.parametrize("study", STUDIES)
def test_solves_that_fail_for_good_leave_null_and_code_four(study: str, failing: Failing) -> None:
    known = sound(failing, study)
    calls = FEW if study == "run" else CALLS
    codes = [_checked(failing.told(study, first=n, last=float("inf")), known) for n in calls]
    assert codes[0] == 4
    assert set(codes) <= {0, 4}


def _checked(ran: Ran, known: dict[str, Any]) -> int:
    if not ran.out:
        assert ran.err.startswith("error: ")
        assert "certified" in ran.err
        assert ran.code == 4
        return ran.code
    told = json.loads(ran.out)
    if (
        told.get("status") != "bound"
    ):  # a set that is not proven is the best of those that are known
        assert strangers(told, known) == []
    assert (ran.code == 4) or nulls(told) == nulls(known)
    return ran.code


def test_what_is_told_without_a_proof_is_no_more_than_a_bound(failing: Failing) -> None:
    known = sound(failing, "cutset")
    for call in CALLS:
        ran = failing.told("cutset", first=call, last=float("inf"))
        if ran.out:
            told = json.loads(ran.out)
            assert told["bound"] <= known["value"] <= told["value"]
            assert told["certified"] is (ran.code == 0)


def test_a_page_and_files_are_made_all_the_same(failing: Failing, tmp_path: Path) -> None:
    wanted: Sequence[str] = ("run", "scan", "cutset", "horizon", "coalition", "response")
    for study in wanted:
        failing.calls, failing.first, failing.last = 0, 3, float("inf")
        ran = aftercut(*STUDIES[study], "--out", tmp_path / study)
        assert (ran.code, ran.err) == (4, ""), study
        assert (tmp_path / study / "run.json").is_file()
