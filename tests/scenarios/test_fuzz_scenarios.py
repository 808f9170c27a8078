"""Random scenario files: each is read or refused with our own error, and reads again alike."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import scenarios
from scenarios.load import library, read_file
from scenarios.schema import BadScenarioError, Scenario, ScenarioFault
from tests.effort import files
from tests.nasty import TEXTS, spoilt
from tests.tally import Tally

pytestmark = pytest.mark.fuzz
LIBRARY = Path(scenarios.__file__).parent
SHIPPED = [path.read_bytes() for path in sorted(LIBRARY.glob("russia-uas/*.yaml"))[::4]]
KNOWN = library("russia-uas")
"""Measures that they name."""
PATIENT = settings(
    max_examples=files(),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def told(path: Path) -> tuple[ScenarioFault, ...] | Scenario:
    """Return a scenario or its faults; anything but a refusal comes through as it is."""
    try:
        return read_file(path, library=KNOWN)
    except BadScenarioError as refused:
        faults = refused.faults
    assert faults
    for fault in faults:
        assert fault.file.startswith(str(path.parent))
        assert fault.rule
        assert fault.remedy
        assert str(fault).isprintable()
    return faults


def as_yaml(said: object) -> str:
    """Return JSON, which is YAML but for how it escapes what does not stand in 16 bits."""
    text = json.dumps(said, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in text)


def check(path: Path, raw: bytes, tally: Tally) -> None:
    path.write_bytes(raw)
    found = told(path)
    tally.add(refused=not isinstance(found, Scenario))
    if isinstance(found, Scenario):
        said = found.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"file"})
        path.write_text(as_yaml(said), encoding="utf-8")
        assert told(path) == found


@PATIENT
@given(raw=st.one_of(st.binary(), st.text().map(str.encode)))
def test_random_bytes_are_refused(tmp_path: Path, tally: Tally, raw: bytes) -> None:
    check(tmp_path / "a.yaml", raw, tally)


@PATIENT
@given(raw=st.sampled_from(SHIPPED).flatmap(spoilt))
def test_a_spoilt_scenario_is_read_or_refused(tmp_path: Path, tally: Tally, raw: bytes) -> None:
    check(tmp_path / "a.yaml", raw, tally)


PIECES = st.sampled_from(
    [
        "id",
        "measures",
        "where",
        "cut",
        "any",
        "except",
        "table",
        "lanes",
        "tier",
        "hs6",
        "low",
        "central",
        "high",
        "senders",
        "file",
        "a*",
        "supersedes",
        "0.5",
        "1.5",
        "~",
        "null",
        ".nan",
        "[",
        "{",
        "USA",
        "2024-05",
        "m",
        *TEXTS,
    ]
)
CONTENT = st.recursive(
    st.one_of(PIECES, st.none(), st.floats(), st.booleans()),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(PIECES, inner)),
    max_leaves=10,
)
MEASURE = st.fixed_dictionaries(
    {"id": st.sampled_from("abc")},
    optional={
        "where": st.fixed_dictionaries(
            {"table": CONTENT}, optional={"any": CONTENT, "hs6": CONTENT}
        ),
        "cut": CONTENT,
        "leak": CONTENT,
        "senders": CONTENT,
        "amends": CONTENT,
        "in_force_from": CONTENT,
    },
)


@PATIENT
@given(content=st.fixed_dictionaries({"id": CONTENT, "measures": st.lists(MEASURE | CONTENT)}))
def test_random_scenarios_are_read_or_refused(
    tmp_path: Path, tally: Tally, content: dict[str, object]
) -> None:
    check(tmp_path / "a.yaml", json.dumps(content).encode(), tally)
