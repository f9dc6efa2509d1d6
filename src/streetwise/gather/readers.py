"""Read a table file of anybody, safely.

CSV and TSV (also gzipped), XLSX, JSON lines; told apart by content, never by name. Text may be
UTF-8, UTF-16 with its mark, or GB18030 (which includes GBK). Text files are streamed, so a big
one never lies in memory as a whole; a workbook is loaded, within :class:`Limits`. Equal bytes
give equal rows.

What makes the whole file useless raises :class:`ReadError`; what is wrong with one row is a
:class:`RowProblem` in its place, for the caller to put aside.

The old binary .xls is refused with advice: the library that could read it ends the process on
damaged files (measured: 7 of some 3,300 mutated ones), and one upload must not do that.

This module is the face; ``reader_rows`` has what all kinds share, ``reader_text`` the text
files, ``reader_safety`` the checks made before a workbook is trusted.
"""

from __future__ import annotations

import io
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import python_calamine

from streetwise.gather.reader_rows import (
    Cell,
    Limits,
    Numbered,
    ReadError,
    Row,
    RowProblem,
    Table,
    empty,
    find_header,
    named_rows,
    number_cell,
    text_cell,
    unreadable,
)
from streetwise.gather.reader_safety import encrypted, safe_workbook
from streetwise.gather.reader_text import Source, open_text

__all__ = ["Cell", "Limits", "ReadError", "Row", "RowProblem", "Table", "open_table"]

_DEFAULT = Limits()


def open_table(path: Path, limits: Limits = _DEFAULT, sheet: str | None = None) -> Table:
    """Open the table in ``path``; ``sheet`` names a sheet, else the first visible filled one.

    A text file is read once in full, to know its encoding, and again by ``Table.chunks``.
    Raises ReadError, whose ``code`` is one of those in this package's reader modules.
    """
    size = _file_size(path, limits)
    try:
        with path.open("rb") as file:
            start = file.read(8)
            if start.startswith(b"PK\x03\x04"):
                return _open_workbook(start + file.read(), limits, sheet)
            if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
                raise _old_office_file(file.read())
        return open_text(Source(path, size, start.startswith(b"\x1f\x8b"), limits))
    except OSError as error:
        raise unreadable(path, error) from error


def _file_size(path: Path, limits: Limits) -> int:
    try:
        status = path.stat()
    except OSError as error:
        raise unreadable(path, error) from error
    if not stat.S_ISREG(status.st_mode):
        raise ReadError("not_a_file", f"'{path.name}' is no file; choose a file.", file=path.name)
    if status.st_size == 0:
        raise empty()
    if status.st_size > limits.max_file_bytes:
        raise ReadError(
            "file_too_large",
            f"The file has {status.st_size} bytes; at most {limits.max_file_bytes} are read."
            " Split it.",
            bytes=status.st_size,
            limit=limits.max_file_bytes,
        )
    return status.st_size


def _old_office_file(content: bytes) -> ReadError:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return encrypted()
    return ReadError(
        "file_old_excel",
        "The file is in the old binary Office format (.xls), which is not read; open it in a"
        " spreadsheet program and save it as XLSX.",
    )


# --- workbooks ----------------------------------------------------------------------------


def _open_workbook(data: bytes, limits: Limits, name: str | None) -> Table:
    safe = safe_workbook(data, limits)
    with _damage_told(), python_calamine.load_workbook(io.BytesIO(safe)) as workbook:
        sheet = _sheet(workbook, name)

    def rows() -> Numbered:
        with _damage_told():  # some is met only when a cell is asked for
            for number, row in enumerate(sheet.iter_rows(), 1):
                yield number, [_cell(cell) for cell in row]

    columns, header = find_header(rows(), limits)
    return Table(
        columns,
        (sheet.end or (0, 0))[0] + 1 - header,
        "xlsx",
        None,
        sheet=sheet.name,
        rows=lambda: named_rows(rows(), columns, header, limits),
        limits=limits,
    )


@contextmanager
def _damage_told() -> Iterator[None]:
    """Turn whatever the library raises into ReadError; its panics are no Exception."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError, ReadError):
        raise
    except BaseException as error:
        raise ReadError(
            "file_corrupt",
            "The workbook is damaged; open it in a spreadsheet program and save it again.",
            reason=str(error)[:200],
        ) from error


def _sheet(
    workbook: python_calamine.CalamineWorkbook, name: str | None
) -> python_calamine.CalamineSheet:
    tables = python_calamine.SheetTypeEnum.WorkSheet
    shown = python_calamine.SheetVisibleEnum.Visible
    sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == tables]
    wanted = [sheet.name for sheet in sheets if sheet.visible == shown]
    if name is not None:
        if name not in [sheet.name for sheet in sheets]:
            raise ReadError(
                "sheet_missing",
                f"The workbook has no sheet '{name}'; it has: {', '.join(wanted)}.",
                sheet=name,
                sheets=wanted,
            )
        wanted = [name]
    for candidate in wanted:
        sheet = workbook.get_sheet_by_name(candidate)
        if sheet.end is not None:
            return sheet
    raise empty()


def _cell(value: Any) -> Cell:
    if isinstance(value, str):
        return text_cell(value.replace("\0", "") if "\0" in value else value)
    if isinstance(value, float):
        return number_cell(value)
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    if value is None or isinstance(value, bool | int | date):
        return value
    return str(value)
