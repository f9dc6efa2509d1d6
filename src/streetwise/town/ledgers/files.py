"""Writing ledgers: text in any encoding, JSON lines, workbooks; equal content, equal bytes."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from openpyxl import Workbook  # type: ignore[import-untyped,unused-ignore]

from .layout import Sheet
from .model import Ledger

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
#: Every workbook says that it was made at this moment, or no two would have the same bytes.
_MADE = datetime(2026, 1, 5, 9, 0)  # noqa: DTZ001 - the format has no zone
_ENDING = {"csv": "csv", "tsv": "tsv", "xlsx": "xlsx", "jsonl": "jsonl"}


def file_name(ledger: Ledger) -> str:
    """The name of the ledger's file."""
    return f"{ledger.key}.{_ENDING[ledger.spec['format']]}"


def write_file(path: Path, ledger: Ledger, sheets: list[Sheet]) -> None:
    """Write a ledger in its own format."""
    if ledger.spec["format"] == "xlsx":
        path.write_bytes(_workbook(ledger, sheets))
    elif ledger.spec["format"] == "jsonl":
        _write_json(path, ledger, sheets[0])
    else:
        _write_text(path, ledger, sheets[0])


def _write_text(path: Path, ledger: Ledger, sheet: Sheet) -> None:
    spec = ledger.spec
    delimiter = "\t" if spec["format"] == "tsv" else spec.get("delimiter", ",")
    ends = "\r\n" if spec.get("crlf") else "\n"
    with path.open("w", encoding=spec["encoding"], newline="") as f:
        writer = csv.writer(f, delimiter=delimiter, lineterminator=ends)
        writer.writerows(chain(sheet.top, (line.cells for line in sheet.lines), sheet.bottom))


def _write_json(path: Path, ledger: Ledger, sheet: Sheet) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as f:
        for line in sheet.lines:
            f.write(json.dumps(dict(_typed(ledger, line.cells)), ensure_ascii=False) + "\n")


def _typed(ledger: Ledger, cells: list[str]) -> Iterator[tuple[str, Any]]:
    for column, text in zip(ledger.columns, cells, strict=True):
        yield column.name, _number(text) if column.value in _NUMERIC else text or None


_NUMERIC = ("int", "num", "lon", "lat")


def _number(text: str) -> int | float | str | None:
    """A number where the text is one as it stands, else the text; None where it is empty."""
    if not _NUMBER.fullmatch(text):
        return text or None
    return float(text) if "." in text else int(text)


def _cell(text: str, value: str, form: str) -> Any:
    """What a workbook holds for a text of a column."""
    if value in _NUMERIC:
        return _number(text)
    if value == "date":
        if form == "native" and _DAY.fullmatch(text):
            try:
                return date.fromisoformat(text)
            except ValueError:
                return text
        # Excel's own number of a day has lost its format; eight digits are a text.
        return int(text) if _NUMBER.fullmatch(text) and len(text) == 5 else text or None
    return text or None


def _workbook(ledger: Ledger, sheets: list[Sheet]) -> bytes:
    book = Workbook(write_only=True)
    book.properties.creator, book.properties.created = "街道", _MADE
    kinds = [(c.value, c.form) for c in ledger.columns]
    for sheet in sheets:
        ws = book.create_sheet(sheet.title)
        for key in sheet.hidden:
            ws.column_dimensions[key].hidden = True
        for row in sheet.top:
            ws.append([cell or None for cell in row])
        for line in sheet.lines:
            ws.append([_cell(t, v, f) for t, (v, f) in zip(line.cells, kinds, strict=True)])
        for row in sheet.bottom:
            ws.append([_number(cell) for cell in row])
        for where in sheet.merged:
            ws.merged_cells.add(where)
    raw = io.BytesIO()
    book.save(raw)
    return _same_bytes(raw.getvalue())


def _same_bytes(data: bytes) -> bytes:
    """The archive with nothing of the moment in it, nor of the order of a set."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                stamp = _MADE.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            elif name.startswith("xl/worksheets/sheet"):
                content = _merges_in_order(content)
            entry = zipfile.ZipInfo(name, _MADE.timetuple()[:6])
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            entry.create_system = 3
            new.writestr(entry, content, compresslevel=6)
    return out.getvalue()


def _merges_in_order(content: bytes) -> bytes:
    start = content.find(b"<mergeCells")
    if start < 0:
        return content
    cells = sorted(re.findall(rb"<mergeCell [^>]*/>", content[start:]))
    begin = content.find(b"<mergeCell ", start)
    end = content.find(b"</mergeCells>", start)
    return content[:begin] + b"".join(cells) + content[end:]
