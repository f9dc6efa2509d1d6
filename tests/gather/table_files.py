"""Table files for the tests of the readers: writing them, and bending them out of shape."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped,unused-ignore]
import pytest

from streetwise.gather.readers import Limits, ReadError, Table, open_table

MOMENT = datetime.fromisoformat("2019-01-02T03:04:05")  # a workbook knows no zones

Write = Callable[..., Path]


def writer(folder: Path) -> Write:
    """A function that puts content into a file of the folder."""

    def to_file(content: bytes | str, name: str = "table") -> Path:
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return to_file


def rows_of(table: Table, size: int = 100) -> list[Any]:
    return [row for chunk in table.chunks(size) for row in chunk]


def refused(path: Path, limits: Limits | None = None, sheet: str | None = None) -> ReadError:
    """The error, wherever in the reading it comes."""
    with pytest.raises(ReadError) as caught:
        rows_of(open_table(path, limits or Limits(), sheet))
    sentence = str(caught.value)
    assert sentence[0].isupper() or sentence[0] == "'"
    assert sentence.endswith(".")
    json.dumps(caught.value.params)
    return caught.value


def workbook(rows: list[list[Any]], **sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    for name, more in sheets.items():
        sheet = book.create_sheet(name)
        for row in more:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(data: bytes, parts: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook with some parts replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", compression) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def sheet_xml(inside: str, before: str = "") -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return (
        f'<?xml version="1.0"?>{before}<worksheet xmlns="{space}"><sheetData>{inside}</sheetData>'
        "</worksheet>"
    ).encode()
