"""Whether what somebody else wrote can be read within limits: another process reads it first.

Convention: that process reads with the same functions as this one will, and is ended when it takes
more time or memory than any honest input needs. All that it hands back is plain JSON: that it came
to an end, and the hashes of what it read. This process then reads the same, tells what is wrong
with it, and refuses what has another hash by now. What is shipped needs no rehearsal.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TypedDict

import supply_data
from analyzer.network.library import own_library
from scenarios.files import SUFFIXES, is_folder
from scenarios.load import Library, load, read_file
from scenarios.schema import BadScenarioError
from supply_data.doubts import doubts
from supply_data.observed import observations
from supply_data.plausibility import cited_in_facts, unsummed_shares
from supply_data.rederived import FACTS, rederived
from supply_data.schema import BadTablesError, Fault, Tables, shown

if sys.platform != "win32":
    import resource

SECONDS = 5
"""Of processor time."""
PATIENCE = 60
"""Seconds by the clock: a busy machine is no hostile file."""
MIB = 512
"""Of memory, as address space."""
_START = (
    "import json, sys; asked = json.load(sys.stdin); sys.path[:] = asked.pop('path');"
    " from analyzer.network.rehearsal import perform; perform(asked)"
)
_ROOT = str(Path(__file__).parents[2])
_TOO_MUCH = 7
"""Exit code of the other process if it asks for more memory than it may have."""
_REMEDY = "Keep to class and country level: fewer, coarser rows and shorter texts"


class Asked(TypedDict):
    """What is to be read, as JSON can hold it."""

    dataset: str
    names: list[str]
    variants: dict[str, str]
    assumptions: dict[str, float]
    seconds: int
    mib: int


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What was read within limits, by its hash; None where it was refused."""

    tables: str | None
    scenarios: str | None

    def check(self, *, tables: Tables | None = None, scenarios: Library | None = None) -> None:
        """Hold what was read now to what was read in the rehearsal.

        Raises
        ------
        BadTablesError
            If it changed in between.
        """
        for what, before, now in (
            ("the dataset", self.tables, tables),
            ("the scenarios", self.scenarios, scenarios),
        ):
            if now is not None and now.sha256 != before:
                rule = "it changed while it was read"
                raise _refused(what, rule, "Run it again once it is saved")


def rehearsal(
    dataset: str | os.PathLike[str],
    names: Sequence[str | Path] = (),
    *,
    variants: Mapping[str, str] = MappingProxyType({}),
    assumptions: Mapping[str, float] = MappingProxyType({}),
) -> Rehearsal | None:
    """Read a dataset and scenarios within limits; None if all of it is shipped.

    Parameters
    ----------
    dataset, names, variants, assumptions
        As for a case. Of a folder everything is read that any command reads: tables, facts, what
        was observed, and scenarios.

    Raises
    ------
    BadTablesError
        If there is no such dataset, or reading takes too long or too much memory.
    """
    supply_data.folder(dataset)
    own = not (isinstance(dataset, str) and dataset in supply_data.shipped())
    if not own and not any(map(_is_path, names)):
        return None
    asked = Asked(
        dataset=_plain(dataset),
        names=[_plain(name) for name in names],
        variants=dict(variants),
        assumptions=dict(assumptions),
        seconds=SECONDS,
        mib=MIB,
    )
    # where only scenarios are somebody else's, the first of them stands for what is read
    what = str(dataset) if own else str(next(name for name in names if _is_path(name)))
    told = _performed(asked, what)
    return Rehearsal(told["tables"], told["scenarios"])


def _is_path(name: str | Path) -> bool:
    path = Path(name)
    return path.name != str(name) or path.suffix.lower() in SUFFIXES or is_folder(path)


def _plain(name: str | os.PathLike[str]) -> str:
    """Return a name as text that means the same: a path stays one."""
    text = os.fspath(name)
    return text if isinstance(name, str) or Path(text).is_absolute() else f".{os.sep}{text}"


# --- this side


def _performed(asked: Asked, what: str) -> dict[str, str | None]:
    """Return what the other process tells in the end."""
    words = json.dumps({**asked, "path": [_ROOT, *filter(None, sys.path)]}).encode()
    try:
        out, code = _heard(words)
    except OSError as error:
        rule = f"no process could be started to read it ({error.strerror})"
        raise _refused(what, rule, "Try again when the machine has room") from error
    opened, told = _lines(out)
    if told is not None and "broke" not in told:
        return told
    if code is None:
        why = f"reading it took more than {PATIENCE} s"
    elif code == -int(getattr(signal, "SIGXCPU", 24)):
        why = f"reading it took more than {SECONDS} s of processor time"
    elif code == _TOO_MUCH:
        why = f"reading it took more than {MIB} MiB of memory"
    else:
        why = f"reading it broke off ({f'code {code}' if told is None else told['broke']})"
    last = f", when the last file opened was {shown(_within(opened, what))}" if opened else ""
    raise _refused(what, f"{why}{last}", _REMEDY)


def _heard(words: bytes) -> tuple[bytes, int | None]:
    """Return what the other process wrote, and its exit code; None if it had to be ended."""
    with subprocess.Popen(  # noqa: S603 - our own interpreter and our own words
        [sys.executable, "-I", "-B", "-c", _START],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            return process.communicate(words, PATIENCE)[0], process.returncode
        except subprocess.TimeoutExpired:
            process.kill()
            return process.communicate()[0], None
        finally:
            process.kill()


def _lines(out: bytes) -> tuple[str | None, dict[str, str | None] | None]:
    """Return the last file that the other process opened, and what it told in the end."""
    opened, told = None, None
    for line in out.decode("ascii").splitlines():
        with suppress(ValueError):  # it may have been ended in the middle of a line
            read = json.loads(line)
            opened, told = (read, told) if isinstance(read, str) else (opened, read)
    return opened, told


def _within(path: str, what: str) -> str:
    """Return the path of a file as people would write it who named the folder."""
    with suppress(ValueError):
        return Path(path).resolve().relative_to(Path(what).resolve()).as_posix()
    return Path(path).name


def _refused(file: str, rule: str, remedy: str) -> BadTablesError:
    return BadTablesError((Fault(file, None, None, None, rule, remedy),))


# --- the other side


def perform(asked: Asked) -> None:
    """Read within limits; tell each file before it is opened, and at last what was read."""
    _limit(asked)
    sys.addaudithook(_tell_opened)
    try:
        told = {"tables": _tables_read(asked), "scenarios": _scenarios_read(asked)}
    except MemoryError:
        os._exit(_TOO_MUCH)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        told = {"broke": type(error).__name__}
    _tell(told)


def _limit(asked: Asked) -> None:
    """Take from this process what reading does not need: time, memory, and writing files."""
    if sys.platform != "win32":
        for what, most, hard in (
            # at the hard limit it would be killed, and not be told why
            (resource.RLIMIT_CPU, asked["seconds"], asked["seconds"] + 1),
            (resource.RLIMIT_AS, asked["mib"] * 2**20, asked["mib"] * 2**20),
            (resource.RLIMIT_FSIZE, 0, 0),
            (resource.RLIMIT_CORE, 0, 0),
        ):
            # some systems know a limit and do not let it be set
            with suppress(ValueError, OSError):
                resource.setrlimit(what, (most, hard))


def _tell_opened(event: str, arguments: tuple[object, ...]) -> None:
    path = arguments[0] if event == "open" else None
    if isinstance(path, str) and not path.endswith((".py", ".pyc")):
        _tell(path)


def _tell(what: object) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


def _tables_read(asked: Asked) -> str | None:
    """Read all that any command reads of a dataset; return the hash of its tables."""
    dataset, tables = asked["dataset"], None
    with suppress(BadTablesError):
        tables = supply_data.load(
            dataset, variants=asked["variants"], assumptions=asked["assumptions"]
        )
    if dataset not in supply_data.shipped():
        _read_facts(supply_data.folder(dataset), tables)
    return None if tables is None else tables.sha256


def _read_facts(folder: Path, tables: Tables | None) -> None:
    for path in sorted((folder / FACTS).rglob("*.yaml")):
        with suppress(BadScenarioError):  # scenarios that observations may name
            read_file(path)
    with suppress(BadTablesError):
        rederived(folder, assumptions={})
    with suppress(BadTablesError):
        cited_in_facts(folder)
    with suppress(BadTablesError):
        list(unsummed_shares(folder))
    if tables is not None:
        with suppress(BadTablesError):
            doubts(folder, tables)
        with suppress(BadTablesError):
            observations(folder, tables)


def _scenarios_read(asked: Asked) -> str | None:
    """Read scenarios; return the hash of their files."""
    with suppress(BadScenarioError):
        return load(asked["names"], library=own_library(asked["dataset"])).sha256
    return None
