"""Workbooks, Parquet, databases and pickles, really made: refused by name, or by their first bytes.

Each is offered as a table of a dataset, as the dataset itself, and under the name of a CSV file. No
reader of these formats is there to be attacked; the day one is added, this is what it has to face.
"""

import base64
import io
import pickle
import struct
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest

from supply_data import BadTablesError, load
from supply_data.csv_table import read_table
from supply_data.schema import Lane
from tests.corpus import REFUSED, numbered

Make = Callable[[Path], bytes]

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""First bytes of the old binary formats of Office, and of its encrypted new ones."""


class Marking:
    """What would leave a file behind if it were ever unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return Path.touch, (self.mark,)


def parts(sheet: str, *, book: str = "", **others: str) -> dict[str, bytes]:
    """Return the files of a workbook of one sheet."""
    kept = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}">{book}'
        '<sheets><sheet name="lanes" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="r1" Type="{LINKS}/worksheet" Target="worksheets/sheet1.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<?xml version="1.0"?>{sheet}',
        **others,
    }
    return {name: text.encode() for name, text in kept.items()}


def rows(*cells: str, around: str = "{}") -> str:
    """Return a sheet with these cells, one a row."""
    lines = "".join(f'<row r="{n}">{cell}</row>' for n, cell in enumerate(cells, 1))
    data = around.format(f"<sheetData>{lines}</sheetData>")
    return f'<worksheet xmlns="{MAIN}">{data}</worksheet>'


def zipped(files: dict[str, bytes], *more: tuple[str, bytes]) -> bytes:
    """Return an archive; a name may come twice."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, data in (*files.items(), *more):
            archive.writestr(name, data)
    return made.getvalue()


def sheet(*cells: str, around: str = "{}", book: str = "", **others: str) -> Make:
    return lambda _: zipped(parts(rows(*cells, around=around), book=book, **others))


TEXT = '<c r="A1" t="inlineStr"><is><t>lane</t></is></c>'


def xml(prologue: str) -> Make:
    files = parts(rows(TEXT.replace("lane", "&x;")))
    name = "xl/worksheets/sheet1.xml"
    files[name] = files[name].replace(b"?>", f"?>{prologue}".encode(), 1)
    return lambda _: zipped(files)


BOMB = (
    "<!DOCTYPE w [<!ENTITY a 'x'>"
    + "".join(
        f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefgh", "bcdefghx", strict=True)
    )
    + "]>"
)


def lying(_: Path) -> bytes:
    """Return a workbook whose directory says 1 KiB of a sheet that has 10 MiB."""
    data = zipped(parts(rows(TEXT.replace("lane", "0" * 10 * 2**20))))
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 24] + struct.pack("<I", 1024) + data[at + 28 :]


def nested(_: Path) -> bytes:
    data = zipped(parts(rows(TEXT)))
    for _level in range(20):
        data = zipped({"again.xlsx": data})
    return data


WORKBOOKS = [
    pytest.param(".xlsx", lambda _: b"lane,from_place\nx,ALPHA\n", id="59-csv"),
    pytest.param(".xls", lambda _: OLE + b"\x09\x08\x10\0\0\x06\x05\0" * 64, id="60-old"),
    pytest.param(
        ".xlsx",
        lambda _: OLE + bytes(504) + "EncryptedPackage".encode("utf-16-le"),
        id="61-password",
    ),
    pytest.param(".xlsx", lambda _: zipped(parts(rows(TEXT)))[:-200], id="62-truncated"),
    pytest.param(".xlsx", sheet(TEXT.replace("lane", "0" * 100 * 2**20)), id="63-large-cell"),
    pytest.param(".xlsx", sheet('<c r="XFD1048576"><v>1</v></c>'), id="64-last-cell"),
    pytest.param(".xlsx", sheet(*['<c t="n"><v>1</v></c>'] * 1_000_000), id="65-many-rows"),
    pytest.param(".xlsx", xml(BOMB), id="66-entity-bomb"),
    pytest.param(
        ".xlsx", xml("<!DOCTYPE w [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"), id="67-entity-file"
    ),
    pytest.param(".xlsx", lambda _: zipped(parts(rows(TEXT)), ("../x", b"mark")), id="68-path-out"),
    pytest.param(
        ".xlsx",
        lambda _: zipped(parts(rows(TEXT)), ("xl/workbook.xml", b"<workbook/>")),
        id="69-name-twice",
    ),
    pytest.param(".xlsx", lying, id="70-size-lies"),
    pytest.param(".zip", nested, id="71-nested"),
    pytest.param(".xlsx", sheet('<c r="A1"><f>1+1</f></c>'), id="72-formula-without-value"),
    pytest.param(".xlsx", sheet('<c r="A1" t="e"><v>#N/A</v></c>'), id="73-not-available"),
    pytest.param(".xlsx", sheet('<c r="A1" t="e"><v>#DIV/0!</v></c>'), id="73-division"),
    pytest.param(".xlsx", sheet('<c r="A1"><f>1+1</f><v>3</v></c>'), id="74-stale"),
    pytest.param(
        ".xlsx",
        sheet(
            '<c r="A1"><f>[1]Sheet1!A1</f><v>1</v></c>',
            **{"xl/externalLinks/externalLink1.xml": "<externalLink/>"},
        ),
        id="75-external-link",
    ),
    pytest.param(".xlsm", sheet(TEXT, **{"xl/vbaProject.bin": "Auto_Open"}), id="76-macro"),
    pytest.param(
        ".xlsx",
        lambda _: zipped(parts(rows(TEXT).replace('<row r="1">', '<row r="1" hidden="1">'))),
        id="77-hidden",
    ),
    pytest.param(
        ".xlsx",
        sheet(TEXT, around='{}<mergeCells count="1"><mergeCell ref="A1:B1"/></mergeCells>'),
        id="78-merged",
    ),
    pytest.param(".xlsx", sheet(TEXT, book='<workbookPr date1904="1"/>'), id="79-1904"),
    pytest.param(".xlsx", sheet('<c r="A1" s="1"><v>45000</v></c>'), id="80-date"),
]


def parquet(query: str, options: str = "") -> Make:
    """Return a maker of the Parquet file that a query fills."""

    def make(folder: Path) -> bytes:
        path = folder / "made"
        with duckdb.connect() as database:
            database.execute(f"copy ({query}) to '{path}' (format parquet{options})")
        data = path.read_bytes()
        path.unlink()
        return data

    return make


BARE = ", compression uncompressed"
PLAIN = "select 'x' || range as lane, range::double as markup from range(1000)"


def flipped(_: Path) -> bytes:
    data = bytearray(parquet(PLAIN, BARE)(_))
    data[len(data) // 3] ^= 1
    return bytes(data)


def out_of_range(folder: Path) -> bytes:
    """Return a file whose indices of a dictionary of two lie far beyond it."""
    data = bytearray(parquet("select 'x' || (range % 2) as lane from range(1000)", BARE)(folder))
    at = data.index(b"x1") + 40
    data[at : at + 40] = b"\xff" * 40
    return bytes(data)


def with_metadata(name: str, value: Callable[[Path], str]) -> Make:
    def make(folder: Path) -> bytes:
        return parquet(PLAIN, f", kv_metadata {{'{name}': '{value(folder)}'}}")(folder)

    return make


def payload(folder: Path) -> bytes:
    return pickle.dumps(Marking(folder / "mark"))


def objects(folder: Path) -> bytes:
    made = io.BytesIO()
    np.save(made, np.array([Marking(folder / "mark")], dtype=object), allow_pickle=True)
    return made.getvalue()


def database_file(folder: Path) -> bytes:
    path = folder / "made"
    with duckdb.connect(path) as database:
        database.execute("create table lanes as select 'x' as lane")
    data = path.read_bytes()
    path.unlink()
    return data


DEEP = "[" * 200 + "1" + "]" * 200
BINARY = [
    pytest.param(".parquet", flipped, id="82-bit-flip"),
    pytest.param(
        ".parquet",
        with_metadata("ARROW:schema", lambda folder: base64.b64encode(payload(folder)).decode()),
        id="83-extension-type",
    ),
    pytest.param(
        ".parquet",
        lambda folder: parquet(PLAIN)(folder)[:-8] + struct.pack("<I", 2**31) + b"PAR1",
        id="84-footer-length",
    ),
    pytest.param(".parquet", parquet("select 1 as lane from range(10000000)"), id="85-one-value"),
    pytest.param(
        ".parquet",
        parquet(f"select {', '.join(f'1 as c{n}' for n in range(2_000))}"),
        id="86-columns",
    ),
    pytest.param(".parquet", parquet(f"select {DEEP} as lane"), id="87-depth"),
    pytest.param(".parquet", parquet("select 7::decimal(38, 0) as lane"), id="88-decimal"),
    pytest.param(".parquet", parquet("select 9007199254740993::bigint as lane"), id="89-integer"),
    pytest.param(".parquet", out_of_range, id="90-dictionary"),
    pytest.param(
        ".parquet",
        with_metadata("pandas", lambda _: '{"index_columns": [{"kind": "range", "stop": 1e99}]}'),
        id="91-metadata",
    ),
    pytest.param(".pkl", payload, id="92-pickle"),
    pytest.param(".joblib", payload, id="92-joblib"),
    pytest.param(".npy", objects, id="92-array"),
    pytest.param(".duckdb", database_file, id="93-duckdb"),
    pytest.param(".db", database_file, id="93-db"),
]
OFFERED = numbered([*WORKBOOKS, *BINARY], REFUSED)


def refused(dataset: Path) -> tuple[str, str]:
    """Return the file and the sentences of the only fault."""
    with pytest.raises(BadTablesError) as caught:
        load(dataset)
    (fault,) = caught.value.faults
    return fault.file, f"{fault.rule}. {fault.remedy}"


def nothing_ran(folder: Path) -> bool:
    return not (folder / "mark").exists() and not (folder.parent / "x").exists()


@pytest.mark.parametrize(("suffix", "make"), OFFERED)
def test_it_is_refused_as_a_table_and_as_a_dataset(
    island: Path, tmp_path: Path, suffix: str, make: Make
) -> None:
    data = make(tmp_path)
    (island / "lanes.csv").unlink()
    (island / f"lanes{suffix}").write_bytes(data)
    assert refused(island) == (
        f"lanes{suffix}",
        f"a table is not read from a {suffix} file. Save it as 'lanes.csv'",
    )
    alone = tmp_path / f"alone{suffix}"
    alone.write_bytes(data)
    assert refused(alone) == (
        str(alone),
        f"a {suffix} file is not read as a dataset. Save its tables as CSV files in one folder",
    )
    assert nothing_ran(tmp_path)


@pytest.mark.parametrize(("suffix", "make"), OFFERED[1:])
def test_it_is_refused_under_the_name_of_a_csv_file(
    island: Path, tmp_path: Path, suffix: str, make: Make
) -> None:
    (island / "lanes.csv").write_bytes(make(tmp_path))
    with pytest.raises(BadTablesError) as caught:
        load(island)
    assert {fault.file for fault in caught.value.faults} == {"lanes.csv"}
    assert nothing_ran(tmp_path)


def test_the_payload_would_leave_its_mark(tmp_path: Path) -> None:
    pickle.loads(payload(tmp_path))  # noqa: S301 - so that its absence elsewhere says something
    assert (tmp_path / "mark").exists()


def _cuts(data: bytes, count: int) -> Iterator[bytes]:
    yield from (data[: len(data) * n // count] for n in range(count))


@pytest.mark.corpus(81, REFUSED)
def test_parquet_cut_off_anywhere_is_refused_whatever_it_is_called(
    island: Path, tmp_path: Path
) -> None:
    for cut in _cuts(parquet(PLAIN)(tmp_path), 201):
        reading = read_table(cut, model=Lane)
        assert reading.faults
        assert not reading.rows
    (island / "lanes.csv").unlink()
    (island / "lanes.parquet").write_bytes(cut)
    assert refused(island)[0] == "lanes.parquet"
