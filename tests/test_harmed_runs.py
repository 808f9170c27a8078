"""A file of a run that is not what was written is found before anything of it is shown."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import copytree, rmtree

import pytest

from analyzer.report.run_folder import JOURNAL, RUN, ChangedRunError, read_run
from analyzer.report.sweep_folder import SWEEP, SweepFolder
from analyzer.study import sweep
from tests.command_line import aftercut
from tests.dying import contents
from tests.effort import tries

pytestmark = pytest.mark.soak

CLOCK = ("started", "finished", "sha256")


def harms(content: bytes, count: int) -> Iterator[bytes]:
    """Yield a content with single bits flipped, spread over it, and cut off at some places."""
    for number in range(count):
        place = number * 7919 % (8 * len(content))
        flipped = content[place // 8] ^ (1 << place % 8)
        yield content[: place // 8] + bytes([flipped]) + content[place // 8 + 1 :]
    yield from (content[: len(content) * part // 4] for part in range(4))
    yield content + b"\n"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run of the tutorial."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    ran = aftercut("run", "tutorial", "--scenario", "hub-closed", "--out", folder)
    assert ran.code == 0, ran.err
    return folder


def test_every_harm_to_every_file_of_a_run_is_found(run: Path, tmp_path: Path) -> None:
    files = contents(run)
    copytree(run, tmp_path / "run")
    for name, content in files.items():
        for harmed in harms(content, tries(60, 1_000)):
            (tmp_path / "run" / name).write_bytes(harmed)
            with pytest.raises(ChangedRunError) as refused:
                read_run(tmp_path / "run")
            assert refused.value.names == (name,)
        (tmp_path / "run" / name).write_bytes(content)
    read_run(tmp_path / "run")


@pytest.mark.parametrize("name", ["answer.json", "changes.parquet", "page.html", RUN])
def test_each_reader_refuses_and_shows_nothing(run: Path, tmp_path: Path, name: str) -> None:
    content = (run / name).read_bytes()
    for harmed in harms(content, tries(3, 100)):
        rmtree(tmp_path / "run", ignore_errors=True)
        copytree(run, tmp_path / "run")
        (tmp_path / "run" / name).write_bytes(harmed)
        before = contents(tmp_path / "run")
        for code, arguments in ((4, ("verify",)), (4, ("verify", "--json")), (2, ("report",))):
            ran = aftercut(arguments[0], tmp_path / "run", *arguments[1:])
            assert (ran.code, ran.out) == (code, "")
            assert ran.err.count("\n") == 1
            assert f"was changed after its run ended: '{name}'" in ran.err
        assert contents(tmp_path / "run") == before


def test_harmed_curves_of_a_horizon_are_not_told_in_a_report(run: Path, tmp_path: Path) -> None:
    copytree(run, tmp_path / "run")
    asked = ("hub-closed", "--dataset", "tutorial", "--months", "3", "--graphs", "none")
    assert aftercut("horizon", *asked, "--out", tmp_path / "months").code == 0
    (tmp_path / "months/horizon.parquet").write_bytes(b"PAR1")
    before = contents(tmp_path / "run")
    ran = aftercut("report", tmp_path / "run", "--horizon", tmp_path / "months")
    assert (ran.code, ran.out) == (2, "")
    assert "'horizon.parquet'" in ran.err
    assert contents(tmp_path / "run") == before


# --- what a killed scan left


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a scan that was interrupted after four of eleven cuts."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sweep, "LEAST", 1)
    put = SweepFolder.put

    def at_last(self: SweepFolder, chunk: int, rows: object) -> None:
        if chunk == 4:
            raise KeyboardInterrupt
        put(self, chunk, rows)  # type: ignore[arg-type]  # as it is called

    with monkeypatch.context() as patched:
        patched.setattr(SweepFolder, "put", at_last)
        assert aftercut("scan", "tutorial", "--jobs", "1", "--out", "broken").code == 130
    return tmp_path / "broken"


def told(folder: Path) -> tuple[Mapping[str, bytes], Mapping[str, object]]:
    """Return what a scan left, and what it says of itself but for the clock."""
    files = dict(contents(folder))
    said = json.loads(files.pop(RUN))
    return files, {name: value for name, value in said.items() if name not in CLOCK}


@pytest.mark.parametrize("name", [JOURNAL, SWEEP, "chunk-000001.parquet"])
def test_no_harmed_row_is_taken_up(broken: Path, tmp_path: Path, name: str) -> None:
    assert aftercut("scan", "tutorial", "--jobs", "1", "--out", "unbroken").code == 0
    content = (broken / name).read_bytes()
    for harmed in harms(content, tries(2, 100)):
        rmtree("again", ignore_errors=True)
        copytree(broken, "again")
        Path("again", name).write_bytes(harmed)
        ran = aftercut("scan", "tutorial", "--jobs", "1", "--resume", "again")
        assert ran.code in {0, 3}, ran.err
        if ran.code == 3:  # a name in the journal is another, so one file is nobody's
            assert name == JOURNAL
            assert "was written by no run; move it away" in ran.err
        else:
            assert told(tmp_path / "again") == told(tmp_path / "unbroken")
