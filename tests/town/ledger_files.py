"""Reading the town's ledgers back as anybody would, and what their cells may say."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import python_calamine

from streetwise.town.ledgers import Column, LedgerFile, Planted

SAFE_PHONE = re.compile(r"1540000\d{4}")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
BELOW = ("totals_row", "note_row")
PAIRS = ("duplicate_exact", "duplicate_near")


def text(cell: Any) -> str:
    """A cell as its text; a workbook's whole numbers come as floats."""
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


@dataclass
class Read:
    """A ledger read back: sheet → its rows of texts; row 1 is the first."""

    file: LedgerFile
    path: Path
    sheets: dict[str, list[list[str]]]

    def __post_init__(self) -> None:
        self.places = {c.name: k for k, c in enumerate(self.file.columns)}
        self.below = {(p.sheet, p.row) for p in self.file.planted if p.kind in BELOW}
        self.dirty = {(p.sheet, p.row, p.column) for p in self.file.planted}

    def row(self, sheet: str, number: int) -> list[str]:
        return self.sheets[sheet][number - 1]

    def cell(self, p: Planted) -> str:
        assert p.row is not None
        return self.row(p.sheet, p.row)[self.places[p.column]]

    @cached_property
    def _data(self) -> list[tuple[str, int, list[str]]]:
        return [
            (sheet, number, row)
            for sheet, rows in self.sheets.items()
            for number, row in enumerate(rows, 1)
            if number > self.file.header_row and (sheet, number) not in self.below
        ]

    def data(self) -> list[tuple[str, int, list[str]]]:
        """Sheet, row number and cells of all rows of data."""
        return self._data


def read(folder: Path, file: LedgerFile) -> Read:
    path = folder / file.file
    if file.format == "xlsx":
        book = python_calamine.load_workbook(path)
        sheets = {}
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            sheets[name] = [[text(c) for c in row] for row in rows]
        sheets = {n: rows for n, rows in sheets.items() if n in file.sheets}
    elif file.format == "jsonl":
        names = [c.name for c in file.columns]
        records = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        assert all(list(r) == names for r in records)
        sheets = {"": [[text(r[n]) for n in names] for r in records]}
    else:
        with path.open(encoding=file.encoding, newline="") as f:
            sheets = {"": list(csv.reader(f, delimiter=file.delimiter))}
    return Read(file, path, sheets)


def same(cell: str, found: str) -> bool:
    """Whether a cell says it; a workbook keeps 30.50 as 30.5."""
    if cell == found:
        return True
    return bool(NUMBER.fullmatch(cell) and NUMBER.fullmatch(found)) and float(cell) == float(found)


_FORMS = {
    "iso": r"(\d{4})-(\d\d)-(\d\d)",
    "native": r"(\d{4})-(\d\d)-(\d\d)",
    "slash": r"(\d{4})/([1-9]\d?)/([1-9]\d?)",
    "dot": r"(\d{4})\.([1-9]\d?)\.([1-9]\d?)",
    "compact": r"(\d{4})(\d\d)(\d\d)",
    "han": r"(\d{4})年([1-9]\d?)月([1-9]\d?)日",
}


def day(value: str, form: str) -> date | None:
    """The date that a text gives in this form; None if it is none."""
    if form == "serial":
        return date(1899, 12, 30) + timedelta(int(value)) if re.fullmatch(r"\d{5}", value) else None
    found = re.fullmatch(_FORMS[form], value, re.ASCII)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def plain(value: str) -> str:
    """Half-width, without spaces and brackets, to see that two spellings are one thing."""
    return re.sub(r"[\s()（）-]", "", unicodedata.normalize("NFKC", value)).upper()


def cell_is_sound(column: Column, value: str) -> bool:
    """Whether a cell in which nothing was planted keeps what its column promises."""
    if value == "":
        return bool(column.spec.get("optional")) or column.kind == "remark" or column.low == "0"
    if column.value == "date":
        found = day(value, column.form)
        return found is not None and column.low <= found.isoformat() <= column.high
    if column.value in ("int", "num"):
        sound = NUMBER.fullmatch(value) is not None
        sound = sound and float(column.low) <= float(value) <= float(column.high)
        return sound and (column.value == "num" or "." not in value)
    if column.value == "choice":
        return value in column.options
    if column.value == "phone":
        return SAFE_PHONE.fullmatch(value) is not None
    if column.value in ("lon", "lat"):
        return re.fullmatch(r"\d{2,3}\.\d{1,6}", value) is not None
    return value == value.strip()
