"""Finished runs that somebody changed: a reader refuses them with our own error, or reads them.

A hash that does not fit is found at once; so here it is made to fit, as somebody would who wants a
reader to trip. Reading is tried, not drawing or solving, but for a few.
"""

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.report.kept import read_kept, understood
from analyzer.report.run_folder import (
    JOURNAL,
    OutputRefusedError,
    RunRefusedError,
    hashed,
    run_folder,
    sealed,
)
from analyzer.report.sweep_folder import SWEEP, SweepFolder
from analyzer.report.verified import Inputs, verified
from analyzer.report.written import rebuild_report
from scenarios.schema import BadScenarioError
from supply_data.schema import BadTablesError
from tests.command_line import aftercut
from tests.effort import files
from tests.nasty import TEXTS, spoilt
from tests.tally import Tally

pytestmark = pytest.mark.fuzz
RUN = "run.json"
IDENTITY = {"cuts": ["a", "b"], "share": 1.0, "options": {"budget": None}}
PUT: st.SearchStrategy[object] = st.sampled_from(
    [None, True, -1, 1e308, float("nan"), [], [[]], {}, {"files": {}}, "baseline", *TEXTS]
)
CHANGE = st.tuples(st.lists(st.integers(0, 99), min_size=1, max_size=6), PUT)
"""Where in JSON, step by step, and what to put there."""


def tried(count: int) -> settings:
    return settings(
        max_examples=count,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run of the tutorial."""
    where = tmp_path_factory.mktemp("fuzz") / "run"
    assert aftercut("run", "tutorial", "--scenario", "hub-closed", "--out", where).code == 0
    return where


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    """Return a copy of it, to be spoilt."""
    return shutil.copytree(finished, tmp_path / "run")


def altered(content: Any, steps: list[int], put: object) -> Any:  # noqa: ANN401 - JSON
    """Return JSON with another value, or nothing, somewhere inside."""
    if isinstance(content, dict) and content and steps:
        names = list(content)
        name = names[steps[0] % len(names)]
        rest = {each: value for each, value in content.items() if each != name}
        if len(steps) == 1 and steps[0] >= 50:
            return rest
        return {**rest, name: altered(content[name], steps[1:], put)}
    if isinstance(content, list) and content and steps:
        at = steps[0] % len(content)
        return [*content[:at], altered(content[at], steps[1:], put), *content[at + 1 :]]
    return put


def forge(run: Path, name: str, data: bytes) -> None:
    """Write a file of a run, and the hashes that fit."""
    (run / name).write_bytes(data)
    with suppress(ValueError, AttributeError, TypeError):  # no manifest, no hash
        manifest = json.loads((run / RUN).read_bytes())
        if name != RUN:
            manifest["files"][name] = hashed(run / name)
        (run / RUN).write_bytes(sealed(manifest).encode())


def restore(run: Path, finished: Path, name: str) -> None:
    for each in (name, RUN):
        (run / each).write_bytes((finished / each).read_bytes())


def refused(read: Callable[[], object]) -> bool:
    """Tell whether our own error came; any other comes through as it is."""
    try:
        read()
    except (RunRefusedError, BadTablesError, BadScenarioError, OutputRefusedError) as error:
        assert str(error)  # noqa: PT017 - whether it is raised depends on the file
        return True
    return False


def kept(run: Path) -> object:
    with understood(run):
        return read_kept(run)


def checked(run: Path) -> object:
    return verified(run, inputs=Inputs("tutorial", ("hub-closed",)), sample=0)


READERS: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    "report": (kept, (RUN, "answer.json", "about.json", "changes.parquet")),
    "verify": (checked, (RUN, "answer.json")),
}


@pytest.mark.parametrize("reader", READERS)
@tried(files() // 2)
@given(data=st.data())
def test_a_run_with_other_bytes_is_read_or_refused(
    tally: Tally, run: Path, finished: Path, reader: str, data: st.DataObject
) -> None:
    read, own = READERS[reader]
    name = data.draw(st.sampled_from(own))
    made = data.draw(spoilt((finished / name).read_bytes()))
    forge(run, name, made)
    tally.add(refused=refused(lambda: read(run)))
    restore(run, finished, name)


@pytest.mark.parametrize("reader", READERS)
@tried(files() // 2)
@given(data=st.data(), change=CHANGE)
def test_a_run_that_says_something_else_is_read_or_refused(
    tally: Tally,
    run: Path,
    finished: Path,
    reader: str,
    data: st.DataObject,
    change: tuple[list[int], object],
) -> None:
    read, own = READERS[reader]
    name = data.draw(st.sampled_from([each for each in own if each.endswith(".json")]))
    content = altered(json.loads((finished / name).read_bytes()), *change)
    forge(run, name, json.dumps(content).encode())
    tally.add(refused=refused(lambda: read(run)))
    restore(run, finished, name)


@tried(max(1, files() // 50))
@given(name=st.sampled_from(["answer.json", "about.json", RUN]), change=CHANGE)
def test_a_report_of_what_says_something_else_is_made_or_refused(
    tally: Tally, run: Path, finished: Path, name: str, change: tuple[list[int], object]
) -> None:
    content = altered(json.loads((finished / name).read_bytes()), *change)
    forge(run, name, json.dumps(content).encode())
    tally.add(refused=refused(lambda: rebuild_report(run)))
    restore(run, finished, name)
    shutil.copy(finished / "report.html", run)


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a sweep that was broken off."""
    where = tmp_path_factory.mktemp("fuzz") / "sweep"
    with suppress(KeyboardInterrupt), run_folder(where) as held:
        SweepFolder(held).begin(IDENTITY, 2)
        raise KeyboardInterrupt
    return where


@tried(files())
@given(data=st.data())
def test_a_broken_sweep_is_taken_up_or_refused(
    tally: Tally, tmp_path: Path, broken: Path, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from([SWEEP, JOURNAL]))
    made = data.draw(spoilt((broken / name).read_bytes()))
    where = shutil.copytree(broken, tmp_path / "sweep", dirs_exist_ok=True)
    (where / name).write_bytes(made)
    if name == SWEEP:
        old, new = (str(hashed(folder / SWEEP)) for folder in (broken, where))
        noted = (broken / JOURNAL).read_text(encoding="utf-8")
        assert old in noted
        (where / JOURNAL).write_text(noted.replace(old, new), encoding="utf-8")

    def taken_up() -> None:
        with run_folder(where, resume=True) as held:
            SweepFolder(held).begin(IDENTITY, 2)

    tally.add(refused=refused(taken_up))
    shutil.rmtree(where)
