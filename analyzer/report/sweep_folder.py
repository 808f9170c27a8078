"""Where a sweep keeps its rows while it runs, so that after a crash only what is missing is done.

Convention: ``sweep.json`` says which sweep it is, and each chunk of rows is a file of its own; they
go when the run ends, whose results are made of them.
"""

import json
from collections.abc import Iterator, Mapping

import pandas as pd

from analyzer.report.parquet import read_parquet
from analyzer.report.run_folder import OutputRefusedError, RunFolder
from supply_data.schema import shown

SWEEP = "sweep.json"


class SweepFolder:
    """The chunks of one sweep in the folder of a run.

    Parameters
    ----------
    folder : RunFolder
        Held for the run; if it takes up an unfinished one, the chunks that are there count.
    asked : mapping, optional
        What the run was asked, by name, as JSON has it; if that differs, it is what is named.
    """

    def __init__(self, folder: RunFolder, *, asked: Mapping[str, object] | None = None) -> None:
        """Keep chunks in the folder, which stays as it is until the sweep begins."""
        self._folder, self._asked = folder, asked or {}

    def begin(self, identity: Mapping[str, object], chunks: int) -> frozenset[int]:
        """Take up a sweep; return the numbers of the chunks that are there already.

        Raises
        ------
        OutputRefusedError
            If the unfinished run is of another sweep; the message names what differs.
        """
        told = {"asked": self._asked, "sweep": identity}
        names = [_chunk(n) for n in range(chunks)]
        there = frozenset[int]()
        if self._folder.holds(SWEEP):
            self._refuse_another(told)
            there = frozenset(n for n, name in enumerate(names) if self._folder.holds(name))
        else:
            self._folder.write_json(SWEEP, told)
        self._folder.drop([SWEEP, *names])
        self._folder.expect(names)
        return there

    def put(self, chunk: int, rows: pd.DataFrame) -> None:
        """Keep the rows of a chunk.

        Raises
        ------
        OutputRefusedError
            If the file system refuses; the message says that what is kept already can be taken up.
        """
        try:
            self._folder.write_parquet(_chunk(chunk), rows)
        except OutputRefusedError as error:
            where = shown(str(self._folder.path))
            msg = (
                f"{error}. What is done is kept; the same command with --resume {where} takes it up"
            )
            raise OutputRefusedError(msg) from error

    def whole(self, chunks: int) -> pd.DataFrame:
        """Return the rows of all chunks, in their order."""
        return read_parquet(*(self._folder.path / _chunk(n) for n in range(chunks)))

    def _refuse_another(self, told: Mapping[str, object]) -> None:
        there = self._other()
        here = json.loads(json.dumps(told))
        # whoever asks for something else need not be told that the numbers differ too
        for part in ("asked", "sweep"):
            different = list(_differences(there[part], here[part]))
            if different:
                where = shown(str(self._folder.path))
                msg = f"the unfinished run in {where} is another: {'; '.join(different)}"
                raise OutputRefusedError(msg)

    def _other(self) -> dict[str, object]:
        """Return what the unfinished run in the folder is of."""
        try:
            there = json.loads((self._folder.path / SWEEP).read_bytes())
            return {"asked": there["asked"], "sweep": there["sweep"]}
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            where = shown(str(self._folder.path))
            msg = f"the {SWEEP} in {where} is none that a run writes; name another folder"
            raise OutputRefusedError(msg) from error


def _chunk(number: int) -> str:
    return f"chunk-{number:06}.parquet"


def _differences(there: object, here: object, name: str = "") -> Iterator[str]:
    """Yield what differs between two values as JSON has them, by name."""
    if isinstance(there, dict) and isinstance(here, dict):
        for key in sorted(there.keys() | here.keys()):
            inner = f"{name}.{key}" if name else str(key)
            yield from _differences(there.get(key), here.get(key), inner)
    elif there != here:
        yield f"{name} is {shown(json.dumps(there))} there, {shown(json.dumps(here))} here"
