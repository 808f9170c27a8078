"""Which bytes and which text a dataset's file holds: ordinary files inside the folder, UTF-8.

Convention: a file is judged through the handle that is read, never by its name alone, so that
what was checked is what is read; a device or a pipe is refused at once and never waited for.
"""

import codecs
import csv
import io
import os
import stat
from pathlib import Path

from supply_data.schema import BadTablesError, Fault

MOST_BYTES = 64 * 2**20
_NO_WAIT = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
"""Flags of systems that have pipes and links; without them there is nothing to guard against."""
_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def bytes_of(folder: Path, file: str) -> bytes:
    """Return the bytes of an ordinary file of a folder.

    Raises
    ------
    BadTablesError
        If it leads out of the folder, is no ordinary file, is too large, cannot be read or
        changes while it is read.
    """
    root = folder.resolve()
    path = (root / file).resolve()
    if not path.is_relative_to(root):
        raise _refused(file, "it is a link that leads out of the folder", "Copy the file here")
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | _NO_WAIT)
    except OSError as error:
        rule = f"it cannot be read ({error.strerror})"
        raise _refused(file, rule, "Check that it is there and may be read") from error
    try:
        return _read(handle, file)
    finally:
        os.close(handle)


def _read(handle: int, file: str) -> bytes:
    before = os.fstat(handle)
    if not stat.S_ISREG(before.st_mode):
        raise _refused(file, "it is not an ordinary file", "Put the file itself here")
    if before.st_size > MOST_BYTES:
        rule = f"it is larger than {MOST_BYTES // 2**20} MiB"
        raise _refused(file, rule, "Keep to class and country level: fewer, coarser rows")
    with os.fdopen(handle, "rb", closefd=False) as stream:
        # one byte more than there should be shows a file that grows, without following it
        data = stream.read(before.st_size + 1)
    after = os.fstat(handle)
    if (len(data), after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise _refused(file, "it changed while it was read", "Run it again once it is saved")
    return data


def _refused(file: str, rule: str, remedy: str, row: int | None = None) -> BadTablesError:
    return BadTablesError((Fault(file, row, None, None, rule, remedy),))


def text_of(data: bytes, *, file: str) -> str:
    """Return a file's bytes as text: UTF-8, with or without a byte order mark.

    Raises
    ------
    BadTablesError
        If they are in another encoding or hold a NUL.

    Examples
    --------
    >>> text_of(b"place,name", file="places.csv")
    'place,name'
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            raise _refused(file, f"it is encoded in {encoding}", "Save it as UTF-8")
    body = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        offset = len(data) - len(body) + error.start
        rule = f"it is not UTF-8: byte 0x{data[offset]:02X} at offset {offset}"
        row = 1 + data.count(b"\n", 0, offset)
        raise _refused(file, rule, "Find out its encoding and save it as UTF-8", row) from error
    if "\0" in text:
        row = 1 + text.count("\n", 0, text.index("\0"))
        remedy = "Take it out; save the file as UTF-8 text"
        raise _refused(file, "it holds a NUL character", remedy, row)
    return text


def cells_of(folder: Path, file: str, *, torn: bool = False) -> tuple[dict[str, str], ...]:
    """Return the rows of a CSV file of a folder as text cells by column, whatever its columns.

    Parameters
    ----------
    folder, file
        As for the file's bytes.
    torn : bool
        Whether rows are read that have more or fewer cells than the header, as far as they go.

    Raises
    ------
    BadTablesError
        If the file cannot be read, is no text or no table.
    """
    reader = csv.reader(io.StringIO(text_of(bytes_of(folder, file), file=file), newline=""))
    try:
        header = next(reader, [])
        rows = [(reader.line_num, cells) for cells in reader if cells]
    except csv.Error as error:
        rule = f"it is no table ({error})"
        raise _refused(file, rule, "Save it as CSV again", reader.line_num) from error
    for row, cells in rows:
        if len(cells) != len(header) and not torn:
            rule = f"the row has {len(cells)} cells, the header {len(header)}"
            remedy = "Give each column one cell; enclose a cell that has a comma in quotation marks"
            raise _refused(file, rule, remedy, row)
    blank = dict.fromkeys(header, "")
    return tuple(blank | dict(zip(header, cells, strict=False)) for _, cells in rows)
