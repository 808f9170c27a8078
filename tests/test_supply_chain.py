"""What the project itself rests on: its pins and hashes, licences, and what its code never does."""

import ast
import re
import tokenize
import tomllib
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PACKAGES = ("analyzer", "supply_data", "scenarios")


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


# --- hashes


def hashed_pins() -> dict[str, list[str]]:
    """Return the hashes of wheels, by pin."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / "hashes.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        text = line.removesuffix(" \\")
        pin = re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", text)
        if pin:
            found[text] = []
            continue
        (digest,) = re.fullmatch(r" {4}--hash=sha256:([0-9a-f]{64})", text).groups()  # type: ignore[union-attr]  # else it fails
        found[next(reversed(found))].append(digest)
    return found


def test_every_pin_has_hashes_and_nothing_else_has() -> None:
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = hashed_pins()
    assert list(found) == pins
    assert all(found.values())
    every = [digest for digests in found.values() for digest in digests]
    assert len(every) == len({*every})


# --- licences

ALLOWED = re.compile(
    r"MIT|MIT-CMU|MIT License|BSD|(?:0|BSD-[23]-Clause|BSD [23]-Clause)(?:BSD)?(?: License)?.*|"
    r"Apache[- ](?:2\.0|Software License)|ISC License.*|PSF-2\.0|BSD License|"
    r"Python Software Foundation License|Zlib|CC0-1\.0",
    re.DOTALL,
)
REASONED = {"pycountry": "LGPL-2.1-only"}
"""Weak copyleft: used as it is, by import, and shipped with nothing of ours."""


def needed() -> list[Distribution]:
    """Return all that an installation with its extra for clusters pulls in."""
    stated = project()["project"]
    ahead = [
        Requirement(text)
        for text in (*stated["dependencies"], *stated["optional-dependencies"]["cluster"])
    ]
    found: dict[str, Distribution] = {}
    while ahead:
        wanted = ahead.pop()
        extras = ("", *wanted.extras)
        marker = wanted.marker
        meant = marker is None or any(marker.evaluate({"extra": extra}) for extra in extras)
        name = canonicalize_name(wanted.name)
        if meant and name not in found:
            found[name] = distribution(name)
            ahead += [Requirement(text) for text in found[name].requires or ()]
    return [found[name] for name in sorted(found)]


def licences(of: Distribution) -> list[str]:
    """Return the parts of the licence that a distribution states; none if it states none."""
    stated = of.metadata.get_all("License-Expression") or [
        text.rpartition("::")[2].strip()
        for text in of.metadata.get_all("Classifier") or []
        if text.startswith("License ::")
    ]
    if not stated:
        stated = [text for text in of.metadata.get_all("License") or [] if text != "UNKNOWN"]
    return [part.strip() for text in stated for part in re.split(r" AND | OR ", text)]


@pytest.mark.parametrize("each", needed(), ids=lambda each: str(each.name))
def test_what_is_pulled_in_may_be_used_and_passed_on(each: Distribution) -> None:
    stated = licences(each)
    assert stated, "it states no licence"
    if REASONED.get(canonicalize_name(each.name)) in stated:
        return
    assert [text for text in stated if not ALLOWED.fullmatch(text)] == []


@pytest.mark.parametrize("text", ["GPL-3.0-only", "AGPL-3.0-or-later", "GPLv2", "Proprietary", ""])
def test_no_other_licence_is_taken_for_one_of_these(text: str) -> None:
    assert not ALLOWED.fullmatch(text)


# --- what the code never does

FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "dill", "yaml", "ctypes"}
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "system", "popen"}
"""``re.compile`` is another."""


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def harms(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = {alias.name.partition(".")[0] for alias in node.names}
            yield from sorted(names & FORBIDDEN_MODULES)
        elif isinstance(node, ast.ImportFrom):
            yield from sorted({str(node.module).partition(".")[0]} & FORBIDDEN_MODULES)
        elif isinstance(node, ast.Call):
            yield from _called(node)


def _called(node: ast.Call) -> Iterator[str]:
    asked = node.func
    if isinstance(asked, ast.Name) and asked.id in FORBIDDEN_CALLS:
        yield asked.id
    if isinstance(asked, ast.Attribute) and asked.attr in FORBIDDEN_CALLS - {"compile"}:
        yield asked.attr
    if any(word.arg == "shell" for word in node.keywords):
        yield "shell="


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_that_was_read_is_run(path: Path) -> None:
    assert list(harms(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "from yaml import load",
        "eval('1')",
        "os.system('ls')",
        "subprocess.run('ls', shell=True)",
        "compile('1', '', 'eval')",
    ],
)
def test_that_would_be_seen(text: str) -> None:
    assert list(harms(ast.parse(text)))


# --- the rules of security of the linter


def test_no_rule_of_security_is_off_for_the_packages() -> None:
    lint = project()["tool"]["ruff"]["lint"]
    assert lint["select"] == ["ALL"]
    off = [(".", lint["ignore"]), *lint["per-file-ignores"].items()]
    for where, rules in off:
        if not where.startswith("tests/"):
            assert [rule for rule in rules if re.match(r"S\d", rule)] == [], where


PERMITTED = {
    "analyzer/network/rehearsal.py": {"S603"},
    "analyzer/report/page.py": {"S704"},
    "analyzer/report/report.py": {"S704"},
    "analyzer/report/study_page.py": {"S704"},
    "analyzer/report/svg.py": {"S314"},
    "analyzer/report/verified.py": {"S311"},
}
"""Our own interpreter, started with our own words; our own style and script put into a page as they
are; a figure that was just drawn, parsed; and a sample drawn, where chance is no secret."""


def test_each_exception_is_one_of_these_and_has_its_reason() -> None:
    found: dict[str, set[str]] = {}
    for path in sources():
        with tokenize.open(path) as file:
            for token in tokenize.generate_tokens(file.readline):
                if token.type != tokenize.COMMENT or "noqa" not in token.string:
                    continue
                codes = {*re.findall(r"\bS\d+\b", token.string)}
                if codes:
                    assert re.match(r"# noqa: [A-Z0-9, ]+ - \S", token.string), token.string
                    found.setdefault(path.relative_to(ROOT).as_posix(), set()).update(codes)
    assert found == PERMITTED


# --- what is promised

PROMISES = {
    "No text from an input runs anywhere": (
        "tests/report/test_page.py",
        "tests/report/test_hostile_texts.py",
        "tests/browser/test_page_in_chromium.py",
    ),
    "A run makes no request to any network": ("tests/browser/test_page_in_chromium.py",),
    "A bad input ends in a message and exit code 2": (
        "tests/test_corpus.py",
        "tests/supply_data/test_bad_tables.py",
        "tests/scenarios/test_bad_scenarios.py",
    ),
    "Datasets and scenarios that are not shipped are first read": (
        "tests/network/test_rehearsal.py",
    ),
    "No input is ever unpickled, evaluated or expanded": (
        "tests/test_supply_chain.py",
        "tests/supply_data/test_other_formats.py",
    ),
    "A finished run is read by its hashes": ("tests/report/test_fuzz_runs.py",),
    "Every reader is given random files": (
        "tests/supply_data/test_fuzz_tables.py",
        "tests/scenarios/test_fuzz_scenarios.py",
        "tests/report/test_fuzz_runs.py",
    ),
    "A row that cannot be read refuses the dataset": ("tests/supply_data/test_bad_tables.py",),
    "Files are written only below the output folder": ("tests/report/test_run_folder.py",),
    "A file gets its final name only when it is whole": (
        "tests/test_killed_runs.py",
        "tests/test_full_disks.py",
        "tests/test_two_at_once.py",
    ),
    "`run.json` holds the SHA-256": ("tests/test_harmed_runs.py",),
    "What is installed is pinned": ("tests/test_supply_chain.py",),
}
"""Where each of the promises of SECURITY.md is tested."""


def test_each_promise_is_tested_somewhere() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    section = text.partition("## What we hold ourselves to")[2].partition("\n## ")[0]
    made = re.findall(r"^- (.+(?:\n  .+)*)", section, flags=re.MULTILINE)
    for promise in made:
        tested = [where for start, where in PROMISES.items() if promise.startswith(start)]
        assert len(tested) == 1, promise
        for name in tested[0]:
            assert "\ndef test_" in (ROOT / name).read_text(encoding="utf-8"), name
    assert len(made) == len(PROMISES)
