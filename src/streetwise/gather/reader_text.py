"""Text files as tables: encoding, CSV and TSV, JSON lines. See ``readers.py``."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from streetwise.gather.reader_rows import (
    Cell,
    Limits,
    Numbered,
    ReadError,
    Row,
    RowProblem,
    Table,
    cell_too_long,
    column_name,
    empty,
    find_header,
    named_rows,
    number_cell,
    text_cell,
    too_many_columns,
    unknown_type,
    unreadable,
)
from streetwise.gather.reader_safety import Gunzip

# --- text ---------------------------------------------------------------------------------

_SAMPLE = 2**16
# One line, and one record over several lines, may have this many characters at most.
_MAX_RECORD = 8_000_000


@dataclass(frozen=True)
class Source:
    """A text file, perhaps gzipped, that can be opened again and again."""

    path: Path
    size: int
    gzipped: bool
    limits: Limits

    def open(self) -> io.BufferedReader:
        try:
            file = self.path.open("rb")
        except OSError as error:
            raise unreadable(self.path, error) from error
        return io.BufferedReader(Gunzip(file, self.size, self.limits)) if self.gzipped else file

    def lines(self, encoding: str) -> Iterator[str]:
        """Lines with their ends, without NUL and without a byte order mark."""
        mark = "\ufeff"
        with io.TextIOWrapper(self.open(), encoding, newline="") as stream:
            try:
                while line := stream.readline(_MAX_RECORD):
                    if len(line) >= _MAX_RECORD:
                        raise _endless_line()
                    if mark:
                        line, mark = line.removeprefix(mark), ""
                    yield line.replace("\0", "") if "\0" in line else line
            except UnicodeDecodeError as error:
                raise _unknown_encoding() from error


def _endless_line() -> ReadError:
    return ReadError(
        "line_too_long",
        f"A row of the file has more than {_MAX_RECORD} characters; look for a quotation mark that"
        " is not closed, or save it as XLSX.",
        limit=_MAX_RECORD,
    )


def open_text(source: Source) -> Table:
    """A CSV, TSV or JSON-lines file as a table; streams."""
    encoding = _encoding(source)
    sample = "".join(islice(_limited(source.lines(encoding)), 200))
    if not sample.strip():
        # Blank lines may fill the sample and more; only then look through all of it.
        sample = next((line for line in source.lines(encoding) if line.strip()), "")
        if not sample:
            raise empty()
    start = sample.lstrip()
    if re.match(r"<(?:!doctype|html|head|table|\?xml|meta)", start, re.IGNORECASE):
        raise unknown_type("a web page or XML, perhaps under the name of a table")
    if start.startswith("{") and _is_object(start):
        return _open_json(source, encoding)
    return _open_csv(source, encoding, sample)


def _limited(lines: Iterator[str]) -> Iterator[str]:
    room = _SAMPLE
    for line in lines:
        yield line
        room -= len(line)
        if room < 0:
            return


def _encoding(source: Source) -> str:
    """UTF-8, UTF-16 or GB18030, whichever decodes all of the file; reads all of it."""
    with source.open() as stream:
        start = stream.read(_SAMPLE)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        if _decodes(source, "utf-16"):
            return "utf-16"
        raise _unknown_encoding()
    _refuse_binary(start)
    if _decodes(source, "utf-8"):
        return "utf-8"
    # GB18030 gives a meaning to much that is no text.
    control = sum(start.count(byte) for byte in range(1, 32) if byte not in b"\t\n\v\f\r\x1a\x1b")
    if control > max(4, 0.05 * len(start)):
        raise unknown_type("binary content")
    if _decodes(source, "gb18030"):
        return "gb18030"
    raise _unknown_encoding()


def _refuse_binary(start: bytes) -> None:
    if start.startswith((b"%PDF", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"Rar!", b"7z\xbc\xaf")):
        raise unknown_type("a document, picture or archive")
    if start.startswith((b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0")):
        raise unknown_type("an archive or workbook inside a gzip file")
    even, odd = start[::2].count(0), start[1::2].count(0)
    if even + odd > max(4, 0.05 * len(start)) and 0 in (even, odd):
        raise _unknown_encoding()  # UTF-16 without its mark
    if even + odd > 0.3 * len(start):
        raise unknown_type("binary content")


def _decodes(source: Source, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with source.open() as stream:
            while block := stream.read(2**20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _unknown_encoding() -> ReadError:
    return ReadError(
        "encoding_unknown",
        "The text is neither UTF-8 nor GB18030 (GBK), nor UTF-16 with its mark; save it as UTF-8.",
    )


# --- CSV ----------------------------------------------------------------------------------


def _open_csv(source: Source, encoding: str, sample: str) -> Table:
    limits = source.limits
    # The module's own bound is global; it is only ever raised.
    csv.field_size_limit(max(csv.field_size_limit(), limits.max_cell_chars + 1))
    delimiter, hint = _delimiter(sample)

    def rows() -> Numbered:
        return _csv_rows(source.lines(encoding), delimiter, hint, limits)

    columns, header = find_header(rows(), limits)
    return Table(
        columns,
        None,
        "csv",
        encoding,
        delimiter=delimiter,
        rows=lambda: named_rows(rows(), columns, header, limits),
        limits=limits,
    )


def _delimiter(sample: str) -> tuple[str, int]:
    """The separator, and how many lines to leave out because they only say which it is.

    The one by which most rows of the sample fall into as many cells as the first; then the one
    with more cells.
    """
    said = re.match(r"sep=([,;\t|])[\r\n]", sample, re.IGNORECASE)
    if said:
        return said.group(1), 1
    by_delimiter = {delimiter: _sample_widths(sample, delimiter) for delimiter in ",\t;"}
    splitting = {d: widths for d, widths in by_delimiter.items() if widths[0] > 1}
    if not splitting:  # one column, or a title, which the rows below it will show
        return max(by_delimiter, key=lambda d: max(by_delimiter[d])), 0
    return max(
        splitting,
        key=lambda d: (
            round(splitting[d].count(splitting[d][0]) / len(splitting[d]), 1),
            splitting[d][0],
        ),
    ), 0


def _sample_widths(sample: str, delimiter: str) -> list[int]:
    """How many cells the filled rows at the start of the sample have; not empty."""
    records = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    try:
        rows = list(islice(records, 50))
    except csv.Error:
        return [1]
    # The last row may be cut off by the end of the sample.
    whole = rows[:-1] if 2 < len(rows) < 50 else rows
    return [len(row) for row in whole if any(cell.strip() for cell in row)] or [1]


class _Lines:
    """Hands lines to the CSV reader, and knows how many it took for one record."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self.ended = False
        self.taken = 0
        self._chars = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines, None)
        if line is None:
            self.ended = True
            raise StopIteration
        self.taken += 1
        self._chars += len(line)
        if self._chars > _MAX_RECORD:
            raise _endless_line()
        return line

    def new_record(self) -> None:
        self.taken = self._chars = 0


def _csv_rows(lines: Iterator[str], delimiter: str, leave_out: int, limits: Limits) -> Numbered:
    feed = _Lines(lines)
    records = csv.reader(feed, delimiter=delimiter)
    number = 0
    while True:
        feed.new_record()
        number += 1
        try:
            record = next(records)
        except StopIteration:
            return
        except csv.Error:
            yield cell_too_long(number, limits)
            continue
        if feed.ended:  # it asked for one line more than there was: inside quotation marks
            yield RowProblem(
                number,
                "quote_not_closed",
                f"A quotation mark in row {number} is not closed, so that everything below it"
                " became one cell; close it.",
            )
        elif number > leave_out:
            # As text_cell, without a call for every cell of every file.
            yield number, [None if not c or c.isspace() else c for c in record]


# --- JSON lines ---------------------------------------------------------------------------

_JSON_SAMPLE = 1000  # lines that are looked through for the names of the columns


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text.partition("\n")[0]), dict)
    except (ValueError, RecursionError):
        return False


def _open_json(source: Source, encoding: str) -> Table:
    limits = source.limits
    sample = islice(_json_rows(source.lines(encoding), limits), _JSON_SAMPLE)
    columns = list(dict.fromkeys(chain.from_iterable(r[1] for r in sample if isinstance(r, tuple))))
    if len(columns) > limits.max_columns:
        raise too_many_columns(len(columns), limits)

    def rows() -> Iterator[Row | RowProblem]:
        blank: dict[str, Cell] = dict.fromkeys(columns)
        for row in _json_rows(source.lines(encoding), limits):
            yield row if isinstance(row, RowProblem) else (row[0], blank | row[1])

    return Table(columns, None, "jsonl", encoding, rows=rows, limits=limits)


def _json_rows(lines: Iterator[str], limits: Limits) -> Iterator[Row | RowProblem]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = json.loads(line, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict):
            sentence = f"Line {number} is no JSON object; write one object per line."
            yield RowProblem(number, "line_not_json", sentence)
            continue
        cells = {
            column_name(_json_text(key), 0): _json_cell(value) for key, value in record.items()
        }
        if any(isinstance(c, str) and len(c) > limits.max_cell_chars for c in cells.values()):
            yield cell_too_long(number, limits)
        elif len(cells) > limits.max_columns:
            sentence = (
                f"Line {number} has {len(cells)} fields; at most {limits.max_columns} are read."
            )
            yield RowProblem(number, "too_many_cells", sentence)
        elif any(cell is not None for cell in cells.values()):
            yield number, cells


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _json_text(text: str) -> str:
    """Without NUL, and with half characters (lone surrogates) replaced: no database takes them."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _json_cell(value: Any) -> Cell:
    if isinstance(value, str):
        return text_cell(_json_text(value))
    if isinstance(value, dict | list):
        return _json_text(json.dumps(value, ensure_ascii=False)) if value else None
    if isinstance(value, float):
        return number_cell(value)
    cell: Cell = value
    return cell
