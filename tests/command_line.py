"""The command, run in this process: what it prints, and the code it ends with."""

import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import pytest

from analyzer import cli
from analyzer.network import rehearsal
from analyzer.study import crew


class Ran(NamedTuple):
    """One call of the command."""

    code: int
    out: str
    err: str


def aftercut(*arguments: str | Path, helpers: int = 0, confined: bool = False) -> Ran:
    """Return what ``aftercut`` does with these arguments, in the working directory.

    No process helps, and none reads within limits what is not shipped, unless so asked: each takes
    longer to start than a small case takes, and what is found is the same
    (``tests/study/test_crew.py``, ``tests/network/test_rehearsal.py``).
    """
    out, err = StringIO(), StringIO()
    with (
        patch.object(crew, "MOST_HELPERS", helpers),
        patch.object(rehearsal, "_heard", rehearsal._heard if confined else _read_here),
        patch.object(sys, "argv", ["aftercut", *map(str, arguments)]),
        redirect_stdout(out),
        redirect_stderr(err),
        pytest.raises(SystemExit) as ended,
    ):
        cli.main()
    assert isinstance(ended.value.code, int)
    return Ran(ended.value.code, out.getvalue(), err.getvalue())


def _read_here(words: bytes) -> tuple[bytes, int]:
    """Return what the process that reads within limits would tell."""
    asked = json.loads(words)
    told = {
        "tables": rehearsal._tables_read(asked),
        "scenarios": rehearsal._scenarios_read(asked),
    }
    return json.dumps(told).encode(), 0
