"""What all kinds of table files share: limits, errors, header, rows. See ``readers.py``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Limits:
    """What a file may cost at most. Bytes, counts, characters; ratios are unpacked to packed."""

    max_file_bytes: int = 200 * 2**20
    max_rows: int = 2_000_000
    max_columns: int = 500
    max_cell_chars: int = 100_000
    max_unzipped_bytes: int = 2 * 2**30
    max_unzip_ratio: int = 200
    max_cells: int = 50_000_000
    """Cells of a sheet's bounding rectangle; each costs some 24 bytes."""


class ReadError(Exception):
    """A file that cannot be read as a table.

    ``code`` is stable; ``str()`` is an English sentence that says what to do; ``params`` are
    the figures and names in it.
    """

    def __init__(self, code: str, sentence: str, **params: Any) -> None:
        super().__init__(sentence)
        self.code = code
        self.params = params


Cell = str | int | float | bool | datetime | date | None
"""Blank is None. Text keeps its spaces. Whole numbers of a workbook are int, unless they exceed
2**53, where the spreadsheet has already lost their last digits. Times of day are text."""

Row = tuple[int, dict[str, Cell]]
"""Row number as a person counts it in the file (the header, if first, is 1), and its cells."""


@dataclass(frozen=True)
class RowProblem:
    """A row that cannot be read, in place of the row."""

    row: int
    code: str
    sentence: str


@dataclass
class Table:
    """An opened table. ``kind`` is csv, xlsx or jsonl; ``encoding`` utf-8, utf-16 or gb18030.

    ``total_rows`` counts the rows below the header down to the last that holds anything, empty
    ones between them included; None where only reading tells (text files).
    """

    columns: list[str]
    total_rows: int | None
    kind: str
    encoding: str | None
    sheet: str | None = None
    delimiter: str | None = None
    rows: Callable[[], Iterator[Row | RowProblem]] = field(default=lambda: iter(()), repr=False)
    limits: Limits = field(default_factory=Limits, repr=False)

    def chunks(self, size: int, skip: int = 0) -> Iterator[list[Row | RowProblem]]:
        """The rows in lists of up to ``size``, without the first ``skip`` of them.

        Wholly empty rows do not appear, but keep counting in the row numbers. May be called
        again, and starts over. Raises ReadError (``too_many_rows``, or damage found late).
        """
        if size < 1 or skip < 0:
            raise ValueError("size must be at least 1 and skip at least 0")
        rows = islice(_bounded(self.rows(), self.limits), skip, None)
        while chunk := list(islice(rows, size)):
            yield chunk


def text_cell(value: str) -> Cell:
    """Text as it is; blank text is None."""
    return None if not value or value.isspace() else value


def number_cell(value: float) -> Cell:
    """A whole number as int where that is exact; what is not finite becomes text."""
    if not isfinite(value):
        return str(value)
    return int(value) if value.is_integer() and abs(value) <= 2**53 else value


# --- errors that several raise -------------------------------------------------------------


def empty() -> ReadError:
    """The error of a file without content."""
    return ReadError("file_empty", "The file holds nothing; choose the right one.")


def unreadable(path: Path, error: OSError) -> ReadError:
    """The error of a file that cannot be opened."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    return ReadError(
        "file_unreadable",
        f"'{path.name}' cannot be read ({reason}); check that it exists and may be read.",
        file=path.name,
        reason=reason,
    )


def unknown_type(what: str) -> ReadError:
    """The error of a file that is no table."""
    return ReadError(
        "file_type_unknown",
        f"The file is no table that can be read ({what}); save it as XLSX or CSV.",
        reason=what,
    )


def too_many_columns(count: int, limits: Limits) -> ReadError:
    """The error of a table that is too wide."""
    return ReadError(
        "too_many_columns",
        f"The table has {count} columns or more; at most {limits.max_columns} are read. Remove"
        " those that are not needed.",
        columns=count,
        limit=limits.max_columns,
    )


# --- header and rows ----------------------------------------------------------------------

Cells = list[Cell]
Numbered = Iterator[tuple[int, Cells] | RowProblem]


def find_header(rows: Numbered, limits: Limits) -> tuple[list[str], int]:
    """Column names from the first filled row, and the number of that row."""
    filled = _filled(rows)
    first = next(filled, None)
    if first is None:
        raise empty()
    if isinstance(first, RowProblem):
        raise ReadError(
            "no_header", f"The first row cannot be read: {first.sentence}", row=first.row
        )
    number, cells = first
    named = [i for i, cell in enumerate(cells) if cell is not None]
    if len(cells) > limits.max_columns and named[-1] >= limits.max_columns:
        raise too_many_columns(named[-1] + 1, limits)
    second = next(filled, None)
    if len(named) == 1 and isinstance(second, tuple) and sum(c is not None for c in second[1]) > 1:
        raise _no_header(number, "it is a title: it has one filled cell and the next row has more")
    if not any(isinstance(c, str) and any(map(str.isalpha, c)) for c in cells):
        raise _no_header(number, "it holds no names")
    names = [column_name(cell, i) for i, cell in enumerate(cells[: named[-1] + 1])]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ReadError(
            "duplicate_columns",
            f"The header names these columns more than once: {', '.join(repeated)}. Rename them.",
            columns=repeated,
        )
    return names, number


def _no_header(row: int, why: str) -> ReadError:
    return ReadError(
        "no_header",
        f"Row {row} should name the columns, but {why}. Put one row of names on top, nothing"
        " above it.",
        row=row,
        reason=why,
    )


def column_name(cell: Cell, index: int) -> str:
    """A column's name without breaks and double spaces; the place for a column without one."""
    text = "" if cell is None else str(cell).replace("\ufeff", "").replace("\u200b", "")
    return " ".join(text.split()) or f"column_{index + 1}"


def _filled(rows: Numbered) -> Numbered:
    return (
        row for row in rows if isinstance(row, RowProblem) or any(c is not None for c in row[1])
    )


def named_rows(
    rows: Numbered, columns: list[str], header: int, limits: Limits
) -> Iterator[Row | RowProblem]:
    """Rows below the header as dicts, or what is wrong with them."""
    width = len(columns)
    for row in _filled(rows):
        if isinstance(row, RowProblem):
            if row.row > header:
                yield row
            continue
        number, cells = row
        if number <= header:
            continue
        if len(cells) == width or all(cell is None for cell in cells[width:]):
            if len(cells) < width:
                yield _too_few(number, len(cells), width)
            elif _has_longer(cells, limits.max_cell_chars):
                yield cell_too_long(number, limits)
            else:
                yield number, dict(zip(columns, cells, strict=False))
        else:
            yield RowProblem(
                number,
                "too_many_cells",
                f"Row {number} has {len(cells)} cells, but the header names {width} columns; name"
                " the others, or look for a stray separator.",
            )


def _has_longer(cells: Cells, characters: int) -> bool:
    """Whether a text is longer; a loop, because every cell of every file comes by here."""
    for cell in cells:  # noqa: SIM110
        if isinstance(cell, str) and len(cell) > characters:
            return True
    return False


def _too_few(number: int, cells: int, width: int) -> RowProblem:
    return RowProblem(
        number,
        "too_few_cells",
        f"Row {number} has {cells} cells, but the header names {width} columns; look for a"
        " missing separator or a broken line.",
    )


def cell_too_long(number: int, limits: Limits) -> RowProblem:
    """The problem of a row with an over-long cell."""
    return RowProblem(
        number,
        "cell_too_long",
        f"Row {number} has a cell of more than {limits.max_cell_chars} characters; shorten it, or"
        " look for a quotation mark that is not closed.",
    )


def _bounded(rows: Iterator[Row | RowProblem], limits: Limits) -> Iterator[Row | RowProblem]:
    for count, row in enumerate(rows, 1):
        if count > limits.max_rows:
            raise ReadError(
                "too_many_rows",
                f"The table has more than {limits.max_rows} rows; split it.",
                limit=limits.max_rows,
            )
        yield row
