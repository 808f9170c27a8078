"""The README says what the program does: its commands, outputs, tables and links are tried."""

import doctest
import json
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from enum import StrEnum
from io import StringIO
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

from analyzer import cli
from analyzer.report.words import EFFECTS
from scenarios.load import library, read_file
from scenarios.schema import TABLE_KEYS, Kind, Measure, Scenario, Selector, Status, Uncertain
from supply_data.load import load, shipped
from supply_data.schema import REQUIRED_TABLES, TABLES, Figured, Row, Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
GROUP = typer.main.get_command(cli.app)
COMMANDS: Mapping[str, Any] = GROUP.commands  # type: ignore[attr-defined]
LOOSELY = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


# --- reading the README


def section(title: str) -> str:
    """Return what stands below a heading, up to the next of its level or above."""
    level = title.index(" ")
    _, _, rest = f"\n{README}".partition(f"\n{title}\n")
    assert rest, f"the README has no heading {title!r}"
    return re.split(rf"^#{{1,{level}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def blocks(language: str) -> list[str]:
    """Return the code blocks of a language, without their indentation."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^\1```$", README, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", text, flags=re.MULTILINE) for indent, text in found]


def rows(text: str) -> Iterator[list[str]]:
    """Yield the cells of the table rows in a text, headers left out."""
    lines = text.splitlines()
    for line, following in zip_longest(lines, lines[1:], fillvalue=""):
        if line.startswith("| ") and not following.startswith("|---"):
            cells = re.split(r"(?<!\\)\|", line)[1:-1]
            yield [cell.strip().replace(r"\|", "|") for cell in cells]


def table_below(header: str, title: str) -> list[list[str]]:
    """Return the rows of the table with this header in a section."""
    _, found, rest = section(title).partition(f"{header}\n")
    assert found, f"{title!r} has no table {header!r}"
    return list(rows(rest.split("\n\n")[0]))


def quoted(text: str) -> list[str]:
    """Return what stands between backticks in prose and tables."""
    prose = re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"`([^`\n]+)`", prose)


# --- commands


class Shown(NamedTuple):
    """A command of the README, with the output that follows it there."""

    arguments: tuple[str, ...]
    output: str


def shown(block: str) -> Iterator[Shown]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, _, output = part.partition("\n")
        yield Shown(tuple(shlex.split(line)[1:]), output)


SESSIONS = [tuple(shown(block)) for block in blocks("console")]
TYPED = [
    tuple(shlex.split(line, comments=True)[1:])
    for block in blocks("sh")
    for line in block.splitlines()
    if re.match(r"(\.venv/bin/)?aftercut ", line)
]
SMALL = [arguments for arguments in TYPED if "tutorial" in arguments]
"""Those that are run here; the shipped case takes too long, so its commands are parsed only."""
WRITTEN = [*TYPED, *(each.arguments for session in SESSIONS for each in session)]


class Ended(NamedTuple):
    code: object
    text: str
    out: str


def ran(*arguments: str) -> Ended:
    """Run a command as a shell would, and return its exit code and what it printed."""
    both, out = StringIO(), StringIO()

    class Tee(StringIO):
        def write(self, text: str) -> int:
            out.write(text)
            return both.write(text)

    with pytest.MonkeyPatch.context() as patch, redirect_stdout(Tee()), redirect_stderr(both):
        patch.setattr(sys, "argv", ["aftercut", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    return Ended(ended.value.code, both.getvalue(), out.getvalue())


def test_the_readme_shows_commands() -> None:
    assert len(SESSIONS) >= 4
    assert len(TYPED) >= 4
    assert SMALL


@pytest.mark.parametrize("arguments", WRITTEN, ids=" ".join)
def test_a_command_shown_is_one_that_there_is(arguments: tuple[str, ...]) -> None:
    name, *rest = arguments
    context = COMMANDS[name].make_context(name, list(rest))
    given = context.params
    if given.get("dataset") is not None:
        assert given["dataset"] in {*shipped(), "my-case"}
        named = [*(given.get("scenario") or ()), *filter(None, [given.get("reference")])]
        assert set(named) <= set(library(given["dataset"]).scenarios)
    if given.get("targets"):
        assert given["targets"] in {row.set for row in load(given["dataset"]).targets}


@pytest.mark.parametrize("session", SESSIONS, ids=lambda each: " ".join(each[0].arguments))
def test_a_session_prints_what_is_shown(
    session: tuple[Shown, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for each in session:
        ended = ran(*each.arguments)
        assert ended.code == 0, ended.text
        same = doctest.OutputChecker().check_output(each.output, ended.text, LOOSELY)
        assert same, f"{each.output}\n--- is not what is printed:\n{ended.text}"


@pytest.mark.parametrize("arguments", SMALL, ids=" ".join)
def test_a_command_on_a_small_case_runs(
    arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = ran(*arguments)
    assert ended.code == 0, ended.text


def test_a_fault_in_the_starter_is_told_as_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran("init", "my-case")
    table = tmp_path / "my-case" / "lanes.csv"
    *others, last = table.read_text(encoding="utf-8").splitlines()
    told = last.replace(",HUB,", ",HUBB,")
    assert told != last
    table.write_text("\n".join([*others, told, ""]), encoding="utf-8")
    ended = ran("check", "my-case")
    assert ended.code == 2
    assert [ended.text] == blocks("text")


def options(name: str) -> list[tuple[str, str]]:
    """Return the options of a command with what they take, as its help tells them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "100")
        text = ran(name, "--help").out
    found = re.findall(r"^  (--[\w-]+)(?: (\S+))?(?:  .*)?$", text, re.MULTILINE)
    return [(option, takes.strip("<>")) for option, takes in found if option != "--help"]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_options_of_a_command_are_those_that_it_has(name: str) -> None:
    cells = [row[0] for row in rows(commands_section(name))]
    found = [re.fullmatch(r"`(--\S+)(?: (.+))?`", cell) for cell in cells]
    assert [each.groups(default="") for each in found if each] == options(name)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_heading_of_a_command_has_what_it_takes(name: str) -> None:
    taken = [each for each in COMMANDS[name].params if each.param_type_name == "argument"]
    assert f"### `{' '.join(['aftercut', name, *(each.metavar for each in taken)])}`" in README


def commands_section(name: str) -> str:
    (heading,) = re.findall(rf"^### `aftercut {name}\b.*`$", README, re.MULTILINE)
    return section(heading)


def test_no_command_or_option_is_made_up() -> None:
    known = {option for name in COMMANDS for option, _ in options(name)} | {"--help"}
    prose = re.sub(r"^.* -m (pip|venv) .*$", "", README, flags=re.MULTILINE)
    assert set(re.findall(r"(?<![\w-])--[a-z][\w-]*", prose)) <= known
    named = [text.split()[1] for text in quoted(prose) if re.match(r"aftercut \w", text)]
    assert set(named) == set(COMMANDS)


def test_the_exit_codes_are_those_that_there_are() -> None:
    told = {int(code) for code, _ in rows(section("### Exit codes"))}
    assert told == {code.value for code in cli.Exit}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("check", "tutorial"), cli.Exit.DONE),
        (("check", "no-such-case"), cli.Exit.BAD_INPUT),
        (("run", "tutorial", "--no-such-option"), cli.Exit.BAD_INPUT),
        (("run", "tutorial", "--out", "taken"), cli.Exit.OUTPUT_REFUSED),
    ],
)
def test_a_command_ends_with_the_code_that_is_told(
    arguments: tuple[str, ...],
    code: cli.Exit,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "somebody's.txt").write_text("not ours", encoding="utf-8")
    assert ran(*arguments).code == code


def test_variables_are_those_that_are_read() -> None:
    told = set(re.findall(r"\bAFTERCUT_[A-Z]+", README))
    read = {"AFTERCUT_TRACEBACK": "analyzer/cli/entry.py", "AFTERCUT_HASHES": "Makefile"}
    assert told == {*read}
    for name, file in read.items():
        assert name in (ROOT / file).read_text(encoding="utf-8")


# --- tables


class Told(NamedTuple):
    """A column as the README tells it."""

    name: str
    required: bool
    ranged: bool


def told_columns(cell: str) -> list[Told]:
    found = re.findall(r"(\*\*)?`([^`]+)`(?:\*\*)?( ±)?", cell)
    return [Told(name, bool(bold), bool(ranged)) for bold, name, ranged in found]


def told_tables() -> dict[str, tuple[list[str], list[Told]]]:
    """Return by table its key and its columns, as the README tells them."""
    found: dict[str, tuple[list[str], list[Told]]] = {}
    for table, columns, _ in table_below("| table | column | meaning |", "## Tables and columns"):
        if table:
            name, *key = quoted(table) or [table]
            found[name] = (key, [])
            latest = found[name][1]
        latest += told_columns(columns)
    return found


def true_columns(model: type[Row | Settings], *, left_out: set[str]) -> list[Told]:
    figures = getattr(model, "figures", ())
    return [
        Told(name, field.is_required(), name in figures)
        for name, field in model.model_fields.items()
        if name not in left_out
    ]


PROVENANCE = set(Figured.model_fields)


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.table)
def test_the_columns_of_a_table_are_those_that_the_schema_has(model: type[Row]) -> None:
    key, columns = told_tables()[model.table]
    shared = PROVENANCE if issubclass(model, Figured) else {"line"}
    assert key == list(model.key)
    assert sorted(columns) == sorted(true_columns(model, left_out=shared))


def test_the_provenance_columns_are_those_that_the_schema_has() -> None:
    _, columns = told_tables()["provenance"]
    assert sorted(columns) == sorted(true_columns(Figured, left_out={"line", "ranges"}))
    without = [model.table for model in TABLES if not issubclass(model, Figured)]
    assert quoted(re.findall("All tables but .* have", README)[0]) == without


def test_the_keys_of_a_dataset_are_those_that_the_schema_has() -> None:
    _, columns = told_tables()["dataset.yaml"]
    assert sorted(columns) == sorted(true_columns(Settings, left_out=set()))


def test_no_table_is_left_out_or_made_up() -> None:
    assert set(told_tables()) == {model.table for model in TABLES} | {"dataset.yaml", "provenance"}
    (required,) = re.findall("Required tables: (.*)", README)
    assert quoted(required) == list(REQUIRED_TABLES)


# --- scenarios


def default_in_words(value: object) -> str:
    if isinstance(value, Uncertain):
        return f"{value.central:g}"
    if isinstance(value, (bool, StrEnum)):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"{value:g}"
    return "none" if value is None else str(value or "blank")


def told_measure() -> Iterator[tuple[Told, str]]:
    for keys, defaults, _ in table_below("| key | default | meaning |", "## Scenarios"):
        columns, values = told_columns(keys), defaults.split(", ")
        yield from zip_longest(columns, values[: len(columns)], fillvalue=values[-1])


def test_the_keys_of_a_measure_are_those_that_the_schema_has() -> None:
    true = [
        Told(name, field.is_required(), "Uncertain" in str(field.annotation))
        for name, field in Measure.model_fields.items()
    ]
    assert sorted(column for column, _ in told_measure()) == sorted(true)


def test_the_defaults_of_a_measure_are_those_that_the_schema_has() -> None:
    told = {column.name: value for column, value in told_measure() if not column.required}
    fields = {n: f for n, f in Measure.model_fields.items() if not f.is_required()}
    assert told == {name: default_in_words(field.default) for name, field in fields.items()}


@pytest.mark.parametrize(("key", "values"), [("`kind`", Kind), ("`status`", Status)])
def test_the_values_of_a_key_are_those_that_the_schema_has(key: str, values: type[StrEnum]) -> None:
    found = table_below("| key | default | meaning |", "## Scenarios")
    (meaning,) = (row[2] for row in found if row[0].startswith(key))
    assert re.split(", | or ", meaning.split(";")[0]) == [each.value for each in values]


def test_the_keys_of_selectors_are_those_that_the_schema_has() -> None:
    told = table_below("| `table` | keys |", "## Scenarios")
    assert {quoted(table)[0]: set(quoted(keys)) for table, keys in told} == {
        table.value: set(keys) for table, keys in TABLE_KEYS.items()
    }
    aliases = {field.alias or name for name, field in Selector.model_fields.items()}
    beyond = aliases - {key for keys in TABLE_KEYS.values() for key in keys}
    assert beyond == {"table", "any", "except"}
    assert beyond <= set(quoted(section("## Scenarios")))


def test_the_keys_of_a_scenario_are_those_that_the_schema_has() -> None:
    first = section("## Scenarios").strip().split(". ")[0]
    stated = {name for name, field in Scenario.model_fields.items() if not field.exclude}
    assert set(quoted(first)) == stated


def test_the_scenario_shown_is_one(tmp_path: Path) -> None:
    (text,) = blocks("yaml")
    (tmp_path / "shown.yaml").write_text(text, encoding="utf-8")
    (measure,) = read_file(tmp_path / "shown.yaml").measures
    own = library("tutorial").scenarios["brand-control"].measures[0]
    assert (measure.where, measure.leak) == (own.where, own.leak)


# --- numbers


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run of the tutorial."""
    where = tmp_path_factory.mktemp("run") / "tutorial"
    assert ran("run", "tutorial", "--out", str(where)).code == 0
    return where


@pytest.fixture(scope="module")
def found(folder: Path) -> dict[str, Any]:
    """Return the answer of a run of the tutorial."""
    answer: dict[str, Any] = json.loads((folder / "answer.json").read_text(encoding="utf-8"))
    return answer


def test_the_answer_printed_is_the_answer_written(found: dict[str, Any]) -> None:
    assert json.loads(ran("run", "tutorial", "--json").out) == found


def test_what_was_worked_out_by_hand_is_what_is_found(found: dict[str, Any]) -> None:
    told = table_below("| scenario | by hand | capacity | surviving |", "## A tour in five minutes")
    assert {quoted(name)[0]: (capacity, surviving) for name, _, capacity, surviving in told} == {
        each["scenario"]: (f"{each['capacity']:.4f}", f"{each['surviving']:.4f}")
        for each in found["scenarios"]
    }


def test_the_tour_states_every_figure_of_the_tutorial() -> None:
    text = section("## A tour in five minutes")
    tables = load("tutorial")
    told = dict(rows(text.split("**Baseline.**")[0]))
    figures: dict[str, list[float | None]] = {
        "`supplies`": [row.capacity_per_month for row in tables.supplies.values()],
        "`lanes`": [row.capacity_usd_per_month for row in tables.lanes.values()],
        "`plants`": [row.capacity_per_month for row in tables.plants.values()],
        "`stocks`": [row.quantity for row in tables.stocks],
        "`systems`": [row.target_per_month for row in tables.systems.values()],
        "`components`": [row.value_usd for row in tables.components.values()],
    }
    for table, values in figures.items():
        numbers = re.findall(r"\d+(?:,\d+)*", told[table])
        assert numbers == [f"{value:,.0f}" for value in values if value is not None]


def test_the_python_session_prints_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (session,) = blocks("pycon")
    test = doctest.DocTestParser().get_doctest(session, {}, "README", "README.md", 0)
    told = StringIO()
    runner = doctest.DocTestRunner(optionflags=LOOSELY)
    runner.run(test, out=told.write)
    assert runner.summarize(verbose=False).failed == 0, told.getvalue()
    assert (tmp_path / "page.html").is_file()


# --- the answer's keys


def keys(value: object) -> set[str]:
    """Return the keys of an object and of whatever lies in it."""
    if isinstance(value, list):
        return set().union(*map(keys, value))
    if isinstance(value, dict):
        return set(value).union(*map(keys, value.values()))
    return set()


MEANING = "## What the numbers mean"


def told_keys() -> dict[str, tuple[bool, str]]:
    """Return by key of a scenario whether the baseline has it, and its meaning."""
    return {
        key: ("°" in cell, meaning)
        for cell, meaning in table_below("| key | meaning |", MEANING)
        for key in quoted(cell)
    }


def test_the_keys_of_the_answer_are_those_of_a_run(found: dict[str, Any]) -> None:
    first = section(MEANING).strip().split(".")[0]
    assert set(quoted(first)) == set(found) | set(found["dataset"])


def test_the_keys_of_a_scenario_in_the_answer_are_those_of_a_run(found: dict[str, Any]) -> None:
    for scenario in found["scenarios"]:
        assert set(scenario) == set(told_keys())
    in_baseline = {key for key, (also, _) in told_keys().items() if also}
    assert set(found["baseline"]) == in_baseline | {"unknown"}


@pytest.mark.parametrize(
    "key",
    [
        "pillars",
        "measures",
        "evidence",
        "findings",
        "surviving_by_weighting",
        "rank_by_weighting",
    ],
)
def test_what_lies_in_a_key_is_told_beside_it(key: str, found: dict[str, Any]) -> None:
    _, meaning = told_keys()[key]
    assert set(quoted(meaning)) == keys([each[key] for each in found["scenarios"]])


def test_the_effects_of_a_measure_are_those_that_the_page_words() -> None:
    _, meaning = told_keys()["measures"]
    (told,) = re.findall(r"`effect` \((.*?)\)", meaning)
    assert told.split(", ") == list(EFFECTS)


def test_the_keys_of_a_limit_are_those_of_a_run(found: dict[str, Any]) -> None:
    told = table_below("| key of `binding` | meaning |", MEANING)
    limits = [each["binding"] for each in (found["baseline"], *found["scenarios"])]
    assert {key for cell, _ in told for key in quoted(cell)} == keys(limits)


def test_the_keys_of_what_is_unlisted_are_those_of_a_run(found: dict[str, Any]) -> None:
    last = section(MEANING).strip().split("\n\n")[-1]
    assert last.startswith("`unlisted`")
    assert set(quoted(last)) - {"unlisted"} == keys(found["unlisted"])


def test_the_files_of_a_run_are_those_that_are_told(folder: Path) -> None:
    (told,) = re.findall(r"A run leaves (.*?)\. A folder", section("## Commands"), re.DOTALL)
    assert set(quoted(told)) == {path.name for path in folder.iterdir()}


# --- the rest of the project


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)]+)\)", README))))
def test_a_link_leads_somewhere(target: str) -> None:
    file, _, anchor = target.partition("#")
    if file:
        assert (ROOT / file).exists()
    else:
        headings = re.findall(r"^#+ (.*)$", README, re.MULTILINE)
        slugs = [re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings]
        assert anchor in slugs


def test_the_files_that_are_named_are_there() -> None:
    named = {text for text in quoted(README) if re.fullmatch(r"(\w[\w.-]*/)+[\w.-]*", text)}
    assert named
    assert [text for text in sorted(named) if not (ROOT / text).exists()] == ["out/DATASET-TIME"]


def test_every_room_is_told() -> None:
    told = {path for cell, _ in rows(section("## Rooms of the code")) for path in quoted(cell)}
    rooms = [ROOT / "supply_data", ROOT / "scenarios", *(ROOT / "analyzer").iterdir()]
    packages = {path for path in rooms if (path / "__init__.py").is_file()}
    assert {ROOT / path for path in told if path.endswith("/")} == packages


def test_the_make_targets_are_those_that_there_are() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (\w[\w ]+)$", makefile, re.MULTILINE)
    told = [name for b in blocks("sh") for name in re.findall(r"^make (\w+)", b, re.MULTILINE)]
    assert set(told) == set(phony.split())


def test_the_readme_names_no_host() -> None:
    assert "://" not in README
    assert "www." not in README
