"""Files made to hurt: each is refused with its reason, and costs little."""

from __future__ import annotations

import gzip
import io
import os
import random
import zipfile
from pathlib import Path
from typing import Any

import pytest
from gather.table_files import (
    MOMENT,
    SHEET,
    Write,
    changed,
    refused,
    rows_of,
    sheet_xml,
    workbook,
    writer,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.gather.readers import Limits, ReadError, open_table

BOOK = workbook([["编号", "内容", "时间"], *([i, f"第{i}件", MOMENT] for i in range(5))])


@pytest.fixture
def write(tmp_path: Path) -> Write:
    return writer(tmp_path)


# --- files made to hurt -------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b" \n\t \r\n" * 100, b"\xef\xbb\xbf", b",,,\n,,\n"])
def test_nothing(write: Write, content: bytes) -> None:
    assert refused(write(content)).code == "file_empty"


def test_nothing_inside(write: Write) -> None:
    assert refused(write(gzip.compress(b""))).code == "file_empty"
    assert refused(write(workbook([]))).code == "file_empty"


NO_TABLES = {
    "random": random.Random(1).randbytes(5000),
    "program": b"\x7fELF\x02\x01\x01" + bytes(200),
    "pdf": b"%PDF-1.7\n...",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(50),
    "page": b"<html><table><tr><td>1</table>",
    "xml": b"<?xml version='1.0'?>",
    "packed twice": gzip.compress(gzip.compress(b"a,b\n1,2\n")),
    "packed workbook": gzip.compress(workbook([["a"], [1]])),
}


@pytest.mark.parametrize("what", NO_TABLES)
def test_no_table(write: Write, what: str) -> None:
    assert refused(write(NO_TABLES[what], "x.csv")).code == "file_type_unknown"


@pytest.mark.parametrize(
    "content",
    ["café,naïve\nété,1\n".encode("cp1252"), "编号,内容\n".encode("utf-16-le") * 9,
     "姓名,a\n张三,1\n".encode("gbk") + b"\xff\xff,2\n", b"\xff\xfea"],
)  # fmt: skip
def test_unknown_encoding(write: Write, content: bytes) -> None:
    assert refused(write(content)).code == "encoding_unknown"


def test_an_archive_of_something_else(write: Write) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("data.csv", "a,b\n1,2\n")
    assert refused(write(out.getvalue())).code == "file_type_unknown"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_truncated(write: Write, share: float) -> None:
    book = workbook([["a", "b"], *([i, f"text {i}"] for i in range(500))])
    assert refused(write(book[: int(len(book) * share)])).code == "file_corrupt"
    packed = gzip.compress("".join(f"{i},{i * 7919}\n" for i in range(9999)).encode())
    assert refused(write(packed[: int(len(packed) * share)])).code == "file_corrupt"


def test_bombs(write: Write, tmp_path: Path) -> None:
    ones = b"1" * 2**20
    path = tmp_path / "bomb.gz"
    with gzip.open(path, "wb") as out:
        for _ in range(30):
            out.write(ones)
    assert refused(path).code == "archive_bomb"  # by its ratio
    small = Limits(max_unzipped_bytes=2**20, max_unzip_ratio=10**9)
    assert refused(path, small).code == "archive_bomb"
    book = workbook([["a"], [1]])
    blanks = sheet_xml(" " * 20_000_000)
    assert refused(write(changed(book, {SHEET: blanks}))).code == "archive_bomb"
    other = changed(book, {"xl/media/image1.png": bytes(20_000_000)})
    assert refused(write(other)).code == "archive_bomb"


def test_an_archive_that_lies_about_its_sizes(write: Write) -> None:
    """A part that says it is small, and is not, is damage; more of it is never unpacked."""
    content = bytearray(changed(workbook([["a"], [1]]), {SHEET: sheet_xml(" " * 5_000_000)}))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        info = archive.getinfo(SHEET)
    real = info.file_size.to_bytes(4, "little")
    for _ in range(content.count(real)):
        at = content.index(real)
        content[at : at + 4] = (1000).to_bytes(4, "little")
    assert refused(write(bytes(content))).code == "file_corrupt"


def test_two_cells_far_apart(write: Write) -> None:
    """7 KB that would take 8 GB: the library ends the process, so it must never see it."""
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="{0}"><c r="{1}{0}"><v>1</v></c></row>'
    book = workbook([["a"], [1]])
    for number, letters, code in (
        (1_048_576, "XFD", "too_many_columns"),
        (1_048_576, "CZ", "too_many_cells_in_sheet"),
        (10**12, "A", "too_many_cells_in_sheet"),
    ):
        content = changed(book, {SHEET: sheet_xml(far.format(number, letters))})
        assert refused(write(content)).code == code


def test_cells_without_addresses_are_counted(write: Write) -> None:
    cells = "<row>" + "<c><v>1</v></c>" * 600 + "</row>"
    content = changed(workbook([["a"]]), {SHEET: sheet_xml(cells)})
    assert refused(write(content)).code == "too_many_columns"


def test_one_long_text_in_many_cells(write: Write) -> None:
    book = workbook([["a"], ["b"]])
    text = "<si><t>" + "".join(map(str, range(20_000))) + "</t></si>"
    strings = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{text}</sst>'
    cells = "".join(f'<row r="{i}"><c r="A{i}" t="s"><v>0</v></c></row>' for i in range(1, 3000))
    content = changed(book, {SHEET: sheet_xml(cells), "xl/sharedStrings.xml": strings.encode()})
    assert refused(write(content), Limits(max_unzipped_bytes=10_000_000)).code == "archive_bomb"


def test_texts_announced_but_not_there(write: Write) -> None:
    """The library makes room for as many as are announced, and ends the process."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    for count, holds in ((2**31, False), (1, True)):
        strings = (
            f'<sst xmlns="{space}" count="99999" uniqueCount="{count}"><si><t>a</t></si></sst>'
        )
        content = changed(workbook([["a"], [1]]), {"xl/sharedStrings.xml": strings.encode()})
        if holds:
            assert rows_of(open_table(write(content))) == [(2, {"a": 1})]
        else:
            assert refused(write(content)).code == "file_corrupt"


@pytest.mark.parametrize(
    "doctype",
    ['<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
     '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', '<!DOCTYPE x SYSTEM "http://x/">'],
)  # fmt: skip
@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml"])
def test_entities(write: Write, doctype: str, part: str) -> None:
    book = workbook([["a"], [1]])
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        head, root, rest = archive.read(part).decode().partition("<")
        if rest.startswith("?xml"):
            declaration, _, rest = rest.partition(">")
            head = f"{head}<{declaration}>"
    for encoding in ("utf-8", "utf-16"):
        xml = (head.replace("utf-8", encoding) + doctype + root + rest.lstrip()).encode(encoding)
        assert refused(write(changed(book, {part: xml}))).code == "xml_entities"


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/passwd", "a\\..\\b.xml", "C:/x.xml"])
def test_path_traversal(write: Write, name: str) -> None:
    content = changed(workbook([["a"], [1]]), {name: b"<x/>"})
    error = refused(write(content))
    assert error.code == "archive_unsafe"


def test_repeated_parts(write: Write) -> None:
    out = io.BytesIO(workbook([["a"], [1]]))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("XL/Worksheets/Sheet1.xml", sheet_xml(""))
    assert refused(write(out.getvalue())).code == "archive_unsafe"


def test_protected(write: Write) -> None:
    container = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000)
    directory = (
        "EncryptionInfo".encode("utf-16-le") + bytes(9) + "EncryptedPackage".encode("utf-16-le")
    )
    assert refused(write(container + directory, "x.xlsx")).code == "file_encrypted"
    assert refused(write(container, "x.xls")).code == "file_old_excel"
    content = bytearray(workbook([["a"], [1]]))
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1  # the bit that says: encrypted
    assert refused(write(bytes(content))).code == "file_encrypted"


def test_no_file(tmp_path: Path) -> None:
    assert refused(tmp_path).code == "not_a_file"
    assert refused(tmp_path / "missing").code == "file_unreadable"
    os.mkfifo(tmp_path / "pipe")
    assert refused(tmp_path / "pipe").code == "not_a_file"  # and does not wait for a writer


def test_an_unreadable_file(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("a,b\n1,2\n")

    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)  # root may read everything
    error = refused(path)
    assert error.code == "file_unreadable"
    assert str(path.parent) not in str(error)  # where it lies is nobody's business


def test_too_large_and_too_many(write: Write) -> None:
    path = write("a\n1\n2\n3\n")
    assert refused(path, Limits(max_file_bytes=5)).code == "file_too_large"
    assert refused(path, Limits(max_rows=2)).code == "too_many_rows"
    assert len(rows_of(open_table(path, Limits(max_rows=3)))) == 3
    assert (
        refused(write(workbook([["a"], [1], [2], [3]])), Limits(max_rows=2)).code == "too_many_rows"
    )


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(
        [b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"\xff\xfe", b"\xef\xbb\xbf", b'{"a": 1}\n']
    )
    | st.just(BOOK[:300]),
    st.binary(max_size=80) | st.text('a1,;\t\n\r"{}:汉 ', max_size=80).map(str.encode),
    st.booleans(),
)
def test_any_bytes_are_rows_or_refused(
    tmp_path_factory: Any, start: bytes, rest: bytes, packed: bool
) -> None:
    path = tmp_path_factory.mktemp("any") / "x"
    path.write_bytes(gzip.compress(start + rest) if packed else start + rest)
    try:
        table = open_table(path)
        assert rows_of(table, 7) == rows_of(table, 1)
    except ReadError as error:
        assert error.code


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_damage_never_gets_out_as_anything_else(tmp_path_factory: Any, seed: int) -> None:
    """Bytes changed at random in a workbook: rows, or ReadError."""
    rng = random.Random(seed)
    path = tmp_path_factory.mktemp("damage") / "x"
    with zipfile.ZipFile(io.BytesIO(BOOK)) as archive:
        names = [n for n in archive.namelist() if not n.startswith("docProps")]
        parts = {}
        for name in rng.sample(names, 2):
            xml = bytearray(archive.read(name))
            for _ in range(rng.randint(1, 3)):
                at = rng.randrange(len(xml))
                xml[at : at + rng.randint(0, 9)] = rng.choice(
                    [b"", b"9", b"-1", b"4294967296", b"<"]
                )
            parts[name] = bytes(xml)
    path.write_bytes(changed(BOOK, parts))
    try:
        rows_of(open_table(path))
    except ReadError as error:
        assert error.code
