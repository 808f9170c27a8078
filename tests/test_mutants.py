"""The bugs of ``make mutants`` still fit the source that they are planted in."""

import ast
from pathlib import Path

import pytest

from tests.mutants.plant import ROOT, Mutant, NotToldError, copy_to, fate, mutants, refuse_unsound

PLANTED = mutants()
LEAST = 60


@pytest.mark.parametrize("mutant", PLANTED, ids=lambda mutant: mutant.name)
def test_a_bug_applies_once_changes_what_is_done_and_can_be_compiled(mutant: Mutant) -> None:
    sound = (ROOT / mutant.file).read_text(encoding="utf-8")
    planted = mutant.planted_in(sound)
    assert ast.dump(ast.parse(planted)) != ast.dump(ast.parse(sound))
    assert mutant.why
    assert mutant.tests
    for test in (*mutant.tests, *mutant.room):
        assert (ROOT / test.partition("::")[0]).exists(), test


def test_there_are_enough_of_them_each_with_its_own_name() -> None:
    assert len(PLANTED) >= LEAST
    assert len({mutant.name for mutant in PLANTED}) == len(PLANTED)
    assert len({(mutant.file, mutant.before, mutant.after) for mutant in PLANTED}) == len(PLANTED)


def test_a_text_that_is_no_longer_there_once_is_an_error() -> None:
    mutant = PLANTED[0]
    for source in ("", 2 * mutant.before):
        with pytest.raises(ValueError, match=r"occurs [02] times"):
            mutant.planted_in(source)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a small project in the place of ours: one line, and one test of it."""
    for folder in ("analyzer/room", "tests/room"):
        (tmp_path / folder).mkdir(parents=True)
    for package in ("analyzer", "analyzer/room"):
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / "analyzer/room/one.py").write_text("def one() -> int:\n    return 1\n")
    test = "from analyzer.room.one import one\ndef test_one():\n    assert one() > 0\n"
    (tmp_path / "tests/room/test_one.py").write_text(test)
    return tmp_path


def bug(after: str) -> Mutant:
    return Mutant(
        "bug", "analyzer/room/one.py", "return 1", after, "-", ("tests/room/test_one.py",)
    )


@pytest.mark.parametrize(
    ("after", "killer"),
    [("return -1", "tests/room/test_one.py::test_one"), ("return 2", None)],
)
def test_a_bug_is_killed_by_a_test_that_fails_and_taken_out_again(
    after: str, killer: str | None, tree: Path
) -> None:
    refuse_unsound([tree], [bug(after)])
    assert fate(bug(after), tree).killer == killer
    assert "return 1" in (tree / "analyzer/room/one.py").read_text()


def test_a_bug_that_keeps_tests_from_being_run_counts_for_nothing(tree: Path) -> None:
    with pytest.raises(NotToldError, match="could not be run"):
        fate(bug("return 1\nraise ImportError"), tree)


def test_tests_that_fail_without_a_bug_are_refused(tree: Path) -> None:
    (tree / "analyzer/room/one.py").write_text("def one() -> int:\n    return 0\n")
    with pytest.raises(NotToldError, match="fails without any bug"):
        refuse_unsound([tree], [bug("return -1")])


def test_the_copy_has_no_compiled_files(tmp_path: Path) -> None:
    copied = copy_to(tmp_path)
    assert (copied / "analyzer/programme/flow.py").is_file()
    assert not [*copied.rglob("__pycache__")]
