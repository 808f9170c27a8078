"""One hash for what a dataset says, whatever the order of its rows or the format of its files."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from supply_data.schema import TABLES, Figured, Row, Settings


def fingerprint(settings: Settings, rows: Mapping[str, Sequence[Row]]) -> str:
    """Return the SHA-256 of a dataset's content in canonical form.

    Tables come in a fixed order, rows by key; only the order within a slot of a product counts,
    because the first row is the first choice. Line ends, columns left blank and the way a
    number is written do not count.
    """
    digest = hashlib.sha256()
    digest.update(_line("dataset", settings.model_dump(mode="json")))
    for model in TABLES:
        for row in sorted(rows.get(model.table, ()), key=_order):
            digest.update(_line(model.table, _content(row)))
    return digest.hexdigest()


def _order(row: Row) -> tuple[str, ...]:
    columns = ("product", "slot") if row.table == "requirements" else row.key
    return tuple(getattr(row, column) or "" for column in columns)


def _content(row: Row) -> dict[str, object]:
    ranges = dict(row.ranges) if isinstance(row, Figured) else {}
    return {**row.model_dump(mode="json"), "ranges": ranges}


def _line(name: str, content: Mapping[str, object]) -> bytes:
    return json.dumps([name, content], sort_keys=True, separators=(",", ":")).encode() + b"\n"
