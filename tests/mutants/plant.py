"""Plants bugs one by one in a copy of the project, and tells which of them the tests find.

Tools that mutate code (mutmut, cosmic-ray) exchange operators and constants wherever they find
them, by the thousand. These are few, each a mistake that somebody could make in this model,
planted by name (``mutants.toml``). Only the copy is changed, never the tree that is worked in.

A bug is found if a test fails that passes without it; one that keeps the tests from being
collected, or from ending, counts for nothing and is an error. One that the tests named for it miss
is shown to all tests of its room before it counts as missed.
"""

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_name("mutants.toml")
PACKAGES = ("analyzer", "supply_data", "scenarios")
COPIED = (*PACKAGES, "tests", "benchmarks", "pyproject.toml", "README.md", "Makefile")
NOT_COPIED = shutil.ignore_patterns("__pycache__")
SECONDS = 1800
"""After which tests of one bug are stopped."""
ENOUGH = 0.95
"""Share of the bugs that must be found."""
PASSED, FAILED = 0, 1
"""How pytest ends if all tests pass, and if some fail; otherwise it could not run them."""


class NotToldError(RuntimeError):
    """The tests do not tell: they fail without a bug too, or could not be run."""


@dataclass(frozen=True)
class Mutant:
    """A bug to be planted; the fields are told in ``mutants.toml``."""

    name: str
    file: str
    before: str
    after: str
    why: str
    tests: tuple[str, ...]

    @property
    def room(self) -> tuple[str, ...]:
        """The folders of tests, and of examples, of the room that it is planted in."""
        name = Path(self.file).parts[1]
        return f"tests/{name}", f"analyzer/{name}"

    def planted_in(self, source: str) -> str:
        """Return a source with the bug in it.

        Raises
        ------
        ValueError
            If the text that it replaces does not occur exactly once.
        """
        if (count := source.count(self.before)) != 1:
            msg = f"{self.name}: the text to be replaced occurs {count} times in {self.file}"
            raise ValueError(msg)
        return source.replace(self.before, self.after)


@dataclass(frozen=True)
class Fate:
    """What became of a bug: the first test that found it, or None."""

    mutant: Mutant
    killer: str | None


def mutants() -> tuple[Mutant, ...]:
    """Return all bugs that are to be planted."""
    listed = tomllib.loads(LIST.read_text(encoding="utf-8"))["mutant"]
    return tuple(Mutant(**{**each, "tests": tuple(each["tests"])}) for each in listed)


def copy_to(folder: Path) -> Path:
    """Copy the project as far as its tests need it."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=NOT_COPIED)
        else:
            shutil.copy2(source, folder / name)
    return folder


def failing(tree: Path, tests: Sequence[str]) -> str | None:
    """Return the first of these tests that fails in a copy, None if all pass.

    Raises
    ------
    NotToldError
        If they could not be run to their end.
    """
    options = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=no")
    command = (sys.executable, "-m", "pytest", *options, *tests)
    # compiled files are told apart by the second and by size, which a mutant may leave as they were
    own = {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ran = subprocess.run(
            command,
            cwd=tree,
            env={**os.environ, **own},
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        msg = f"{' '.join(tests)} did not end in {SECONDS} seconds"
        raise NotToldError(msg) from None
    if ran.returncode == PASSED:
        return None
    found = [line for line in ran.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    if ran.returncode != FAILED or not found:
        msg = f"{' '.join(tests)} could not be run: {(ran.stdout + ran.stderr)[-400:]}"
        raise NotToldError(msg)
    return found[0].split()[1]


def fate(mutant: Mutant, tree: Path) -> Fate:
    """Plant a bug in a copy, try the tests on it, and take it out again."""
    path = tree / mutant.file
    sound = path.read_text(encoding="utf-8")
    changed = mutant.planted_in(sound)
    compile(changed, mutant.file, "exec")
    path.write_text(changed, encoding="utf-8")
    try:
        return Fate(mutant, failing(tree, mutant.tests) or failing(tree, mutant.room))
    finally:
        path.write_text(sound, encoding="utf-8")


def refuse_unsound(trees: Sequence[Path], planted: Sequence[Mutant]) -> None:
    """Check that copies without any bug pass all that bugs are shown to, each copy a part of it.

    Raises
    ------
    NotToldError
        If a test fails there.
    """
    named = sorted({test for mutant in planted for test in mutant.tests})
    parts = [(tree, named[n :: len(trees)]) for n, tree in enumerate(trees)]
    with ThreadPoolExecutor(len(trees)) as pool:
        for failed in pool.map(lambda part: failing(*part) if part[1] else None, parts):
            if failed is not None:
                msg = f"{failed} fails without any bug"
                raise NotToldError(msg)


def fates(planted: Sequence[Mutant], trees: Sequence[Path]) -> list[Fate | NotToldError]:
    """Return what becomes of bugs, as many at a time as there are copies, telling each."""
    free: SimpleQueue[Path] = SimpleQueue()
    for tree in trees:
        free.put(tree)

    def told(mutant: Mutant) -> Fate | NotToldError:
        tree = free.get()
        try:
            found: Fate | NotToldError = fate(mutant, tree)
        except NotToldError as error:
            found = error
        finally:
            free.put(tree)
        print(_line(mutant, found), flush=True)
        return found

    with ThreadPoolExecutor(len(trees)) as pool:
        return list(pool.map(told, planted))


def _line(mutant: Mutant, found: Fate | NotToldError) -> str:
    if isinstance(found, NotToldError):
        return f"NOT TOLD  {mutant.name}: {found}"
    if found.killer is None:
        return f"SURVIVED  {mutant.name} ({mutant.file}): {mutant.why}"
    return f"killed    {mutant.name}: {found.killer}"


def main(names: Sequence[str]) -> int:
    """Plant all bugs, or those whose names have one of these words; return the exit code."""
    planted = [m for m in mutants() if not names or any(name in m.name for name in names)]
    with TemporaryDirectory(prefix="aftercut-") as folder:
        trees = [copy_to(Path(folder) / str(n)) for n in range(os.cpu_count() or 1)]
        refuse_unsound(trees, planted)
        found = fates(planted, trees)
    killed = sum(isinstance(each, Fate) and each.killer is not None for each in found)
    untold = sum(isinstance(each, NotToldError) for each in found)
    survived = len(found) - killed - untold
    beside = f", {untold} not told" if untold else ""
    print(
        f"mutants: {len(found)} planted, {killed} killed, {survived} survived{beside} "
        f"({killed / max(len(found), 1):.0%})"
    )
    return int(untold > 0 or not found or killed < ENOUGH * len(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
