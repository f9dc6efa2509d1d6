"""Checks made before any parser trusts a file: unpacking, and what is inside a workbook.

Used by ``readers.py``. Raises :class:`ReadError`; reads nothing but what it is given.

Why a workbook is walked through before the spreadsheet library sees it: the library holds a
sheet as one dense block, so two cells far apart in a file of 7 KB end the whole process with
a failed allocation (measured), which no ``except`` can stop. And what it gets to see is a
fresh archive of exactly the parts that were checked, so that no two readers of the ZIP format
can disagree about its content.
"""

from __future__ import annotations

import gzip
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from streetwise.gather.reader_rows import Limits, ReadError, too_many_columns

# --- unpacking ----------------------------------------------------------------------------

# Small files are let off the ratio: an empty form packs very well.
_RATIO_FLOOR = 16 * 2**20


def check_unpacked(packed: int, unpacked: int, limits: Limits) -> None:
    """Raise ``archive_bomb`` if that much came out of that little."""
    if unpacked > limits.max_unzipped_bytes:
        raise ReadError(
            "archive_bomb",
            f"The file unpacks to more than {limits.max_unzipped_bytes} bytes; split it.",
            limit=limits.max_unzipped_bytes,
        )
    if unpacked > _RATIO_FLOOR and unpacked > packed * limits.max_unzip_ratio:
        raise ReadError(
            "archive_bomb",
            f"The file unpacks to more than {limits.max_unzip_ratio} times its size, which real"
            " tables do not; save it again without empty or repeated content.",
            limit=limits.max_unzip_ratio,
        )


def _corrupt(what: str) -> ReadError:
    return ReadError(
        "file_corrupt", f"The file is damaged ({what}); get or save it again.", reason=what
    )


class Gunzip(io.RawIOBase):
    """The unpacked bytes of a gzip stream, stopped at the limits."""

    def __init__(self, packed: io.BufferedIOBase, packed_size: int, limits: Limits) -> None:
        self._packed = packed
        self._stream = gzip.GzipFile(fileobj=packed)
        self._packed_size = packed_size
        self._limits = limits
        self._unpacked = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._stream.read(min(len(buffer), 2**20))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise _corrupt(f"gzip: {error}") from error
        self._unpacked += len(data)
        check_unpacked(self._packed_size, self._unpacked, self._limits)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._stream.close()
            self._packed.close()
        super().close()


# --- workbooks ----------------------------------------------------------------------------

_MAX_PARTS = 10_000
# Parts that hold no cells; the library does not need them.
_UNUSED = re.compile(
    r"docprops/|customxml/|xl/(?:drawings|theme|charts|media|pivot|external|comments|printer|ctrl)",
    re.IGNORECASE,
)


# What the ZIP and XML modules raise on damaged input (the last five by way of wild offsets,
# names and numbers; found by changing bytes at random).
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, struct.error,
    ValueError, RuntimeError, OverflowError, LookupError, OSError,
)  # fmt: skip


def safe_workbook(data: bytes, limits: Limits) -> bytes:
    """A fresh XLSX of the checked parts of ``data`` (a ZIP archive).

    Refuses what is no XLSX workbook, encrypted or damaged, unpacks to too much, has unsafe
    names or XML entities, or spreads its cells over more than ``limits`` allow.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = _checked_parts(archive, len(data), limits)
            return _repack(archive, parts, len(data), limits)
    except _DAMAGE as error:
        raise _corrupt(f"{type(error).__name__}: {error}") from error


def _checked_parts(
    archive: zipfile.ZipFile, packed_size: int, limits: Limits
) -> list[zipfile.ZipInfo]:
    """The parts to read, after a look at the directory; shared strings come first."""
    entries = archive.infolist()
    names = {entry.filename.casefold() for entry in entries}
    if "xl/workbook.xml" not in names:
        raise ReadError(
            "file_type_unknown",
            "The file is an archive but no XLSX workbook; unpack it, or save the table as XLSX"
            " or CSV.",
        )
    unsafe = [entry.filename for entry in entries if _unsafe_name(entry.filename)]
    if unsafe or len(names) != len(entries) or len(entries) > _MAX_PARTS:
        raise ReadError(
            "archive_unsafe",
            "The workbook has parts with unsafe or repeated names, or too many of them; open it"
            " in a spreadsheet program and save it again.",
            names=unsafe[:5],
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise encrypted()
    check_unpacked(packed_size, sum(entry.file_size for entry in entries), limits)
    parts = [
        entry
        for entry in entries
        if entry.filename.casefold().endswith((".xml", ".rels"))
        and not _UNUSED.match(entry.filename)
    ]
    return sorted(parts, key=lambda entry: "sharedstrings" not in entry.filename.casefold())


def _unsafe_name(name: str) -> bool:
    steps = re.split(r"[/\\]", name)
    return "\\" in name or name.startswith("/") or ":" in name or ".." in steps


def encrypted() -> ReadError:
    """The error of a workbook behind a password."""
    return ReadError(
        "file_encrypted", "The file is protected by a password; save a copy without one."
    )


def _repack(
    archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo], packed_size: int, limits: Limits
) -> bytes:
    fresh = io.BytesIO()
    survey = _Survey(limits)
    unpacked = 0
    with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for part in parts:
            survey.start_part()
            with archive.open(part) as source, out.open(part.filename, "w") as target:
                for block in _blocks(source):
                    unpacked += len(block)
                    check_unpacked(packed_size, unpacked, limits)
                    survey.feed(block)
                    target.write(block)
            survey.end_part()
    return fresh.getvalue()


def _blocks(stream: Any) -> Iterator[bytes]:
    while block := stream.read(2**18):
        yield block


class _Survey:
    """Walks through the XML parts of a workbook: entities, extent of the cells, their text."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lengths: list[int] = []  # of the shared strings
        self._text = 0  # characters that the sheets take from the shared strings
        self._kinds: dict[str, str] = {}
        self._columns: dict[str, int] = {"": 0}

    def start_part(self) -> None:
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._open
        self._row = self._column = self._max_row = self._max_column = 0
        self._cell: tuple[int, int] | None = None
        self._shared = False
        self._buffer: list[str] = []
        self._bytes = self._declared = 0

    def feed(self, block: bytes) -> None:
        self._bytes += len(block)
        self._parser.Parse(block, False)

    def end_part(self) -> None:
        self._parser.Parse(b"", True)
        # The library makes room for as many texts as are announced, without looking: 2**31 of
        # them end the process (measured). One takes five bytes at least: <si/>.
        if self._declared > self._bytes // 5:
            raise _corrupt("xml: it announces more texts than it holds")

    def _doctype(self, *_: object) -> None:
        raise ReadError(
            "xml_entities",
            "The workbook defines XML entities, which no spreadsheet program does; open it in one"
            " and save it again.",
        )

    def _open(self, name: str, attributes: dict[str, str]) -> None:
        kind = self._kinds.get(name)
        if kind is None:
            kind = self._kinds[name] = name.rpartition(":")[2]
        if kind == "c":
            self._open_cell(attributes)
        elif kind in ("v", "is", "f"):  # only a cell with something in it takes room
            if self._cell is not None:
                self._extend(*self._cell)
                self._cell = None
            if kind == "v" and self._shared:
                self._listen("v")
        elif kind == "row":
            number = attributes.get("r")
            self._row = int(number) if number else self._row + 1
            self._column = 0
        elif kind == "si":
            self._listen("si")
        elif kind == "sst":
            self._declared = max(self._declared, int(attributes.get("uniqueCount") or 0))

    def _open_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r", "")
        letters = reference.rstrip("0123456789")
        row = int(reference[len(letters) :]) if reference else self._row
        column = self._columns.get(letters)
        if column is None:
            column = self._columns[letters] = _column_number(letters)
        self._column = column or self._column + 1
        self._cell = row, self._column
        self._shared = attributes.get("t") == "s"

    def _extend(self, row: int, column: int) -> None:
        if row <= self._max_row and column <= self._max_column:
            return
        limits = self._limits
        self._max_row, self._max_column = max(row, self._max_row), max(column, self._max_column)
        if self._max_column > limits.max_columns:
            raise too_many_columns(self._max_column, limits)
        # The header is a row as well; empty rows count, because they take room too.
        if self._max_row * self._max_column > limits.max_cells:
            raise ReadError(
                "too_many_cells_in_sheet",
                f"A sheet spreads over {self._max_row} rows and {self._max_column} columns; delete"
                " what stands far away from the table, or split it.",
                rows=self._max_row,
                columns=self._max_column,
                limit=limits.max_cells,
            )

    def _listen(self, until: str) -> None:
        """Take in text up to the end of the element. Only then: every call-back costs time."""
        self._until, self._buffer = until, []
        self._parser.CharacterDataHandler = self._buffer.append
        self._parser.EndElementHandler = self._heard

    def _heard(self, name: str) -> None:
        if self._kinds[name] != self._until:
            return
        self._parser.CharacterDataHandler = self._parser.EndElementHandler = None
        text = "".join(self._buffer)
        if self._until == "si":
            self._lengths.append(len(text))
            return
        index = int(text)
        # One long text in many cells unpacks once more, in memory.
        self._text += self._lengths[index] if 0 <= index < len(self._lengths) else 0
        check_unpacked(self._limits.max_unzipped_bytes, self._text, self._limits)


def _column_number(letters: str) -> int:
    if not re.fullmatch("[A-Za-z]{1,3}", letters):
        raise ValueError(f"{letters!r} is no column")
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number
