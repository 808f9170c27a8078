"""Where a sweep keeps its rows while it runs, so that after a crash only what is missing is done.

Convention: beside ``NAME.parquet``, which a sweep leaves in the end, ``NAME.sweep.json`` says which
sweep it is, and each chunk of rows is a file of its own; both go when the run ends.
"""

import json
from collections.abc import Iterator, Mapping

import duckdb
import pandas as pd

from analyzer.report.run_folder import OutputRefusedError, RunFolder
from supply_data.schema import shown


class SweepFolder:
    """The chunks of one sweep in the folder of a run.

    Parameters
    ----------
    folder : RunFolder
        Held for the run; if it takes up an unfinished one, the chunks that are there count.
    name : str
        Of the file that holds all rows at the end, without ``.parquet``.
    asked : mapping, optional
        What the run was asked, by name, as JSON has it; if that differs, it is what is named.
    """

    def __init__(
        self, folder: RunFolder, name: str, *, asked: Mapping[str, object] | None = None
    ) -> None:
        """Keep chunks in the folder, which stays as it is until the sweep begins."""
        self._folder, self._name, self._asked = folder, name, asked or {}

    def begin(self, identity: Mapping[str, object], chunks: int) -> frozenset[int]:
        """Take up a sweep; return the numbers of the chunks that are there already.

        Raises
        ------
        OutputRefusedError
            If the unfinished run is of another sweep; the message names what differs.
        """
        told = {"asked": self._asked, "sweep": identity}
        if self._folder.holds(self._told):
            self._refuse_another(told)
            there = {n for n in range(chunks) if self._folder.holds(self._chunk(n))}
        else:
            there = set()
            self._folder.write_json(self._told, told)
        self._folder.drop([self._told])
        self._folder.expect(self._chunk(n) for n in range(chunks))
        return frozenset(there)

    def put(self, chunk: int, rows: pd.DataFrame) -> None:
        """Keep the rows of a chunk."""
        self._folder.write_parquet(self._chunk(chunk), rows)

    def whole(self, chunks: int) -> pd.DataFrame:
        """Merge the chunks into one file and return its rows."""
        name = f"{self._name}.parquet"
        self._folder.merge_parquet(name, [self._chunk(n) for n in range(chunks)])
        with duckdb.connect() as connection:
            rows: pd.DataFrame = connection.read_parquet(str(self._folder.path / name)).df()
        return rows

    @property
    def _told(self) -> str:
        return f"{self._name}.sweep.json"

    def _chunk(self, number: int) -> str:
        return f"{self._name}.{number:06}.parquet"

    def _refuse_another(self, told: Mapping[str, object]) -> None:
        path = self._folder.path / self._told
        there = json.loads(path.read_text(encoding="utf-8"))
        here = json.loads(json.dumps(told))
        # whoever asks for something else need not be told that the numbers differ too
        for part in ("asked", "sweep"):
            different = list(_differences(there[part], here[part]))
            if different:
                where = shown(str(self._folder.path))
                msg = f"the unfinished run in {where} is another: {'; '.join(different)}"
                raise OutputRefusedError(msg)


def _differences(there: object, here: object, name: str = "") -> Iterator[str]:
    """Yield what differs between two values as JSON has them, by name."""
    if isinstance(there, dict) and isinstance(here, dict):
        for key in sorted(there.keys() | here.keys()):
            inner = f"{name}.{key}" if name else str(key)
            yield from _differences(there.get(key), here.get(key), inner)
    elif there != here:
        yield f"{name} is {shown(json.dumps(there))} there, {shown(json.dumps(here))} here"
