"""The files that install, build and check the project."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PACKAGES = ("analyzer", "supply_data", "scenarios")
LEFT_OUT = {"__pycache__"}


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return {canonicalize_name(name): version for name, version in (x.split("==") for x in lines)}


def source_files() -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and not LEFT_OUT & set(path.parts)
    }


def run(
    *command: str | Path, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, check=False, capture_output=True, text=True, cwd=cwd, env=env)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = run(
        *(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder),
        cwd=ROOT,
    )
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the wheel stands alone, ahead of the source tree on the path."""
    folder = tmp_path_factory.mktemp("site")
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps")
    done = run(*pip, "--no-compile", "--target", folder, wheel, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == source_files()


@pytest.mark.parametrize("name", ["py.typed", "__init__.py"])
def test_every_package_ships(wheel: Path, name: str) -> None:
    held = zipfile.ZipFile(wheel).namelist()
    assert [f"{package}/{name}" in held for package in PACKAGES] == [True, True, True]


def test_the_wheel_carries_its_licence(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith("/licenses/LICENSE"))
        assert archive.read(name) == (ROOT / "LICENSE").read_bytes()
    assert "Apache License" in (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_an_installed_wheel_finds_its_own_dataset(installed: Path, tmp_path: Path) -> None:
    asked = "import importlib.resources as r; print(r.files('supply_data') / 'tutorial')"
    found = run(
        *(sys.executable, "-c", asked),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
    )
    folder = Path(found.stdout.strip())
    assert folder == installed / "supply_data" / "tutorial", found.stderr
    assert (folder / "dataset.yaml").is_file()


def test_this_install_finds_its_datasets() -> None:
    assert (files("supply_data") / "tutorial" / "dataset.yaml").is_file()


def test_the_wheel_installs_the_command(installed: Path) -> None:
    (entries,) = installed.glob("aftercut-*.dist-info/entry_points.txt")
    assert "aftercut = analyzer.cli:main" in entries.read_text(encoding="utf-8")


def stated() -> list[str]:
    stated = project()
    wanted = stated["project"]["dependencies"] + stated["build-system"]["requires"]
    extras = stated["project"]["optional-dependencies"].values()
    return [*wanted, *(text for extra in extras for text in extra)]


@pytest.mark.parametrize("text", stated())
def test_every_stated_dependency_is_pinned_within_its_bounds(text: str) -> None:
    wanted = Requirement(text)
    assert wanted.specifier.contains(pins()[canonicalize_name(wanted.name)])


def test_constraints_are_pins_alone() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pin = re.compile(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.+!]*")
    assert [line for line in lines if not pin.fullmatch(line)] == []


@pytest.mark.parametrize(
    "name",
    [
        "Makefile",
        ".ci/run",
        ".pre-commit-config.yaml",
        "constraints.txt",
        "hashes.txt",
        ".gitignore",
    ],
)
def test_no_set_up_file_names_a_host_or_a_home(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert re.findall(r"\w+://\S+|/(?:home|root|Users|opt)/\S+|--(?:extra-)?index-url", text) == []


def test_the_gate_on_coverage_stands() -> None:
    tool = project()["tool"]["coverage"]
    assert tool["run"]["branch"]
    assert tool["report"]["fail_under"] >= 92
    (doors,) = (line for line in planned("test", "COVER=yes").splitlines() if "report" in line)
    assert "--fail-under=95" in doors
    (names,) = re.findall(r"--include='([^']+)'", doors)
    assert all(list(ROOT.glob(name)) for name in names.split(","))
    assert "--cov " in planned("test", "COVER=yes")
    assert "make test COVER=yes" in (ROOT / ".ci/run").read_text(encoding="utf-8")


def planned(*arguments: str, folder: Path = ROOT) -> str:
    make = run("make", "--dry-run", "--no-print-directory", *arguments, cwd=folder)
    assert make.returncode == 0, make.stderr
    return make.stdout


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A checkout that nothing was ever installed in."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def pretend_installed(folder: Path) -> None:
    (folder / ".venv/bin").mkdir(parents=True)
    python = folder / ".venv/bin/python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    (folder / ".venv/installed").touch()


@pytest.mark.parametrize("target", ["run", "test", "check"])
def test_a_target_sets_up_what_it_needs(bare: Path, target: str) -> None:
    assert " -m venv --clear .venv" in planned(target, folder=bare)


def test_a_second_time_installs_nothing(bare: Path) -> None:
    pretend_installed(bare)
    assert "pip install" not in planned("test", folder=bare)


def test_where_hashes_are_required_nothing_else_is_installed(bare: Path) -> None:
    plan = planned("test", "AFTERCUT_HASHES=required", folder=bare)
    first, second = (line for line in plan.splitlines() if " -m pip install" in line)
    assert first.endswith(
        " --require-hashes --no-deps --only-binary :all: --requirement hashes.txt"
    )
    assert second.endswith(" --no-deps --no-build-isolation --editable .")


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_a_change_of_dependencies_installs_again(bare: Path, name: str) -> None:
    pretend_installed(bare)
    stamp = (bare / ".venv/installed").stat().st_mtime
    os.utime(bare / name, (stamp + 10, stamp + 10))
    assert "pip install" in planned("test", folder=bare)


def test_an_environment_whose_python_is_gone_is_made_again(bare: Path) -> None:
    pretend_installed(bare)
    (bare / ".venv/bin/python").unlink()
    assert "pip install" in planned("test", folder=bare)


def test_without_a_fitting_python_the_message_says_what_is_missing(bare: Path) -> None:
    make = run("make", "test", "PYTHON=", cwd=bare)
    assert make.returncode != 0
    assert "needs Python 3.11 or newer" in make.stderr


BROWSER_TEST = "def test_it(chromium):\n    assert chromium\n"


@pytest.mark.parametrize(
    ("required", "outcome"), [("", "1 skipped"), ("required", "there is no Chromium")]
)
def test_a_missing_browser_skips_or_fails(tmp_path: Path, required: str, outcome: str) -> None:
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path)
    (tmp_path / "test_it.py").write_text(BROWSER_TEST, encoding="utf-8")
    quiet = ("-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", tmp_path)
    ended = run(
        *(sys.executable, "-m", "pytest", *quiet, tmp_path),
        cwd=tmp_path,
        env={"PATH": str(tmp_path), "AFTERCUT_BROWSER": required},
    )
    assert outcome in ended.stdout
    assert ended.returncode == (1 if required else 0)


@pytest.fixture
def bare_machine(tmp_path: Path) -> dict[str, str]:
    """An environment in which what .ci/run calls does nothing but note how it was called."""
    note = '#!/bin/sh\necho "$(basename "$0") $* $AFTERCUT_BROWSER" >> "$CALLS"\n'
    programs = {
        "apt-get": note,
        "make": note,
        "python3.11": note,
        "sudo": '#!/bin/sh\nshift\n"$@"\n',
    }
    for name, text in programs.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    for name in ("basename", "bash", "dirname", "env", "sh"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    return {"PATH": str(tmp_path), "CALLS": str(tmp_path / "calls"), "CI": "true"}


def calls(machine: dict[str, str]) -> list[str]:
    done = run(ROOT / ".ci" / "run", cwd=ROOT, env=machine)
    assert done.returncode == 0, done.stderr
    return [line.strip() for line in Path(machine["CALLS"]).read_text().splitlines()]


def test_the_ci_script_installs_a_missing_browser_then_tests_and_checks(
    bare_machine: dict[str, str],
) -> None:
    install = "install --quiet --yes --no-install-recommends chromium fonts-dejavu-core"
    assert calls(bare_machine) == [
        "apt-get update --quiet required",
        f"apt-get {install} required",
        "make test COVER=yes required",
        "make check required",
    ]


def test_the_ci_script_installs_nothing_where_all_is_there(
    bare_machine: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "chromium").symlink_to(tmp_path / "make")
    assert calls(bare_machine) == ["make test COVER=yes required", "make check required"]


def test_the_ci_script_stops_at_the_first_failure(
    bare_machine: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "make").write_text("#!/bin/sh\nexit 2\n", encoding="utf-8")
    assert run(ROOT / ".ci" / "run", cwd=ROOT, env=bare_machine).returncode == 2
