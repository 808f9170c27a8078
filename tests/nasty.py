"""Files as nobody should write them: real ones spoilt at random, and random ones of the right form.

What spoils a file is drawn by hypothesis, few choices a file, so that a failure shrinks to the one
change that matters.
"""

import csv
import io
from collections.abc import Callable, Sequence

from hypothesis import strategies as st

TEXTS = (
    "",
    " ",
    "\t",
    "0",
    "-0",
    "-1",
    "1e309",
    "1e-12",
    "1e18",
    "9" * 30,
    "1,234",
    "1.234,56",
    "1\N{NO-BREAK SPACE}234",
    "(500)",
    "5%",
    "0x10",
    "1_000",
    "NaN",
    "inf",
    "\N{ARABIC-INDIC DIGIT FOUR}",
    "yes",
    "no",
    "true",
    "2025-13",
    "NO",
    "NA",
    "010121",
    "1E5",
    "a;b",
    ";",
    "a/b",
    "a:b",
    "..",
    "CON",
    "x" * 65,
    "x" * 3_000,
    '"',
    '""',
    "'",
    "\\",
    "\r",
    "\n",
    "\0",
    "\x1b[2J",
    "=cmd|'/c calc'!A1",
    "{{7*7}} ${HOME} %(x)s",
    "<script>alert(1)</script>",
    "\N{RIGHT-TO-LEFT OVERRIDE}x",
    "\N{ZERO WIDTH SPACE}x",
    "e\N{COMBINING ACUTE ACCENT}" * 20,
    "\N{CYRILLIC SMALL LETTER A}lpha",
    "\N{GRINNING FACE}",
    "\N{LINE SEPARATOR}",
    "ALPHA",
    "chip",
    "pump",
    "- a",
    "? [a]",
    "*a",
    "&a [x]",
    "!!python/object/apply:os.system [x]",
    "<<: {a: b}",
    "[" * 40,
    "%YAML 1.1",
    "---",
    "~",
    "null",
    ".inf",
    "12:30:45",
    "{low: 0.1, central: 0.5, high: 2}",
    "#",
)
_SHARES = st.integers(0, 999).map(lambda n: n / 1000)
_PLACES = st.tuples(_SHARES, _SHARES)

Change = Callable[[bytes, tuple[float, float], str], bytes]


def _flip(data: bytes, where: tuple[float, float], _: str) -> bytes:
    at = int(len(data) * where[0])
    return (
        data[:at] + bytes(b ^ (1 << int(8 * where[1])) for b in data[at : at + 1]) + data[at + 1 :]
    )


def _insert(data: bytes, where: tuple[float, float], text: str) -> bytes:
    at = int(len(data) * where[0])
    return data[:at] + text.encode() + data[at:]


def _cut_out(data: bytes, where: tuple[float, float], _: str) -> bytes:
    one, other = sorted(int(len(data) * each) for each in where)
    return data[:one] + data[other:]


def _cut_off(data: bytes, where: tuple[float, float], _: str) -> bytes:
    return data[: int(len(data) * where[0])]


def _move_line(data: bytes, where: tuple[float, float], _: str) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    moved = lines[int(len(lines) * where[0])]
    lines.insert(int(len(lines) * where[1]), moved)
    return b"".join(lines)


def _drop_line(data: bytes, where: tuple[float, float], _: str) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    lines.pop(int(len(lines) * where[0]))
    return b"".join(lines)


def _replace_word(data: bytes, where: tuple[float, float], text: str) -> bytes:
    """Put a text where a word of the file stood: a cell, a key, a value."""
    at = int(len(data) * where[0])
    begin = max(data.rfind(sign, 0, at) for sign in (b",", b"\n", b" ", b":")) + 1
    ends = [found for sign in (b",", b"\n", b" ", b":") if (found := data.find(sign, at)) >= 0]
    return data[:begin] + text.encode() + data[min(ends, default=len(data)) :]


def _enclosed_cell(data: bytes, where: tuple[float, float], text: str) -> bytes:
    """Put a text into a cell as a spreadsheet would, whatever it holds."""
    rows = _rows(data)
    row = rows[int(len(rows) * where[0])]
    if row:
        row[int(len(row) * where[1])] = text
    return _written(rows)


def _turn_columns(data: bytes, where: tuple[float, float], _: str) -> bytes:
    rows = _rows(data)
    by = 1 + int(len(rows[0]) * where[0])
    return _written([[*row[by:], *row[:by]] for row in rows])


def _rows(data: bytes) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(data.decode(), newline=""))) or [[]]
    except (UnicodeDecodeError, csv.Error):
        return [[]]


def _written(rows: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue().encode()


_ANYWHERE: tuple[Change, ...] = (
    _flip,
    _insert,
    _cut_out,
    _cut_off,
    _move_line,
    _drop_line,
    _replace_word,
    _replace_word,
)
_IN_TABLES: tuple[Change, ...] = (*_ANYWHERE, *[_enclosed_cell] * 6, _turn_columns)


def _spoilt(whole: bytes, changes: Sequence[Change]) -> st.SearchStrategy[bytes]:
    def after(made: Sequence[tuple[Change, tuple[float, float], str]]) -> bytes:
        data = whole
        for change, where, text in made:
            data = change(data, where, text)
        return data

    one = st.tuples(st.sampled_from(changes), _PLACES, st.sampled_from(TEXTS))
    return st.lists(one, min_size=1, max_size=3).map(after)


def spoilt(whole: bytes) -> st.SearchStrategy[bytes]:
    """Return copies of a file, each spoilt by one to three changes."""
    return _spoilt(whole, _ANYWHERE)


def spoilt_table(whole: bytes) -> st.SearchStrategy[bytes]:
    """Return copies of a CSV file, each spoilt by one to three changes, of cells above all."""
    return _spoilt(whole, _IN_TABLES)


def tables(columns: Sequence[str], names: Sequence[str]) -> st.SearchStrategy[bytes]:
    """Return random CSV files of some of these columns, with names, numbers and nasty texts."""
    cell = st.sampled_from([*names, *("", "1", "0.5", "assumed", "low", "400"), *TEXTS])
    header = st.lists(st.sampled_from(columns), min_size=1, unique=True)
    rows = st.lists(st.lists(cell, min_size=1, max_size=8), max_size=6)
    return st.tuples(header, rows).map(
        lambda made: _written([made[0], *(_as_long(row, len(made[0])) for row in made[1])])
    )


def _as_long(row: Sequence[str], length: int) -> list[str]:
    return [row[n % len(row)] for n in range(length)]
