"""A CSV file taken apart so that it can be put together again byte for byte. Pure.

Each record keeps its own text. A record that is unchanged is written as it came; a changed one
is written in the file's own manner; nothing else moves.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

BOM = "\ufeff"
_ENDS = ("\r\n", "\n", "\r")


@dataclass(frozen=True, slots=True)
class Line:
    """A record as it stands in the file: its text with the end of line, and its cells.

    No cells: an empty line. ``number`` is that of its first line in the file, from 1.
    """

    raw: str
    cells: tuple[str, ...]
    number: int

    @property
    def end(self) -> str:
        """The end of line; empty on the last line of some files."""
        return next((end for end in _ENDS if self.raw.endswith(end)), "")


@dataclass(frozen=True, slots=True)
class CsvForm:
    """A file: whether it begins with a byte order mark, its header and what follows."""

    bom: bool
    header: Line
    lines: tuple[Line, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The header's cells."""
        return self.header.cells

    def row(self, line: Line) -> dict[str, str]:
        """A line's cells by column; missing ones are empty."""
        padded = [*line.cells, *[""] * (len(self.columns) - len(line.cells))]
        return {name: cell for name, cell in zip(self.columns, padded, strict=False) if name}


def parse_csv(data: bytes) -> CsvForm:
    """Take a file apart. Raises ValueError (also for what is not UTF-8) with what is wrong."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8; save it as CSV UTF-8") from None
    bom = text.startswith(BOM)
    lines = list(_records(text.removeprefix(BOM)))
    if not lines:
        raise ValueError("is empty; it needs a header at least")
    return CsvForm(bom, lines[0], tuple(lines[1:]))


def _records(text: str) -> Iterator[Line]:
    """The records with the physical lines that the csv module took for each of them."""
    taken: list[str] = []

    def feed() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            taken.append(line)
            yield line

    number = 1
    reader = csv.reader(feed())
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise ValueError(
                f"cannot be read at line {number + len(taken) - 1}: {error}"
            ) from error
        if cells is None:
            return
        yield Line("".join(taken), tuple(cells), number)
        number += len(taken)
        taken.clear()


def render(
    form: CsvForm | None,
    columns: Sequence[str],
    kept: Sequence[tuple[Line, Mapping[str, str] | None]],
    new: Sequence[Mapping[str, str]],
    added: Sequence[str] = (),
) -> bytes:
    """Put a file together. Without a form: UTF-8, line feeds, the columns as given.

    ``kept``: lines of the form in its order, with the cells to change, or None where nothing
    changes. ``new``: rows behind them. ``added``: columns that the header does not have yet.
    """
    if form is None:
        header = _line(columns, "\n", all_quoted=False)
        rows = [_line([row.get(name, "") for name in columns], "\n", all_quoted=False)
                for row in new]  # fmt: skip
        return "".join([header, *rows]).encode("utf-8")
    end = _usual_end(form)
    everything = (*form.columns, *added)
    out = [BOM if form.bom else "", _extended(form.header, added, len(form.columns), names=added)]
    for line, changes in kept:
        if changes is None:
            out.append(_extended(line, added, len(form.columns)))
        else:
            cells = _changed(line, everything, changes)
            out.append(_line(cells, line.end, all_quoted=_all_quoted(line)))
    quoted = _all_quoted(form.header)
    for row in new:
        # The last line of a file may lack its end; what follows must not be glued to it.
        if len(out) > 1 and out[-1] and not out[-1].endswith(_ENDS):
            out.append(end)
        out.append(_line([row.get(name, "") for name in everything], end, all_quoted=quoted))
    return "".join(out).encode("utf-8")


def _changed(line: Line, columns: Sequence[str], changes: Mapping[str, str]) -> list[str]:
    cells = [*line.cells, *[""] * (len(columns) - len(line.cells))]
    # Where a column stands twice, the last one counts: as it is read.
    at = {name: place for place, name in enumerate(columns)}
    for name, cell in changes.items():
        if name in at:
            cells[at[name]] = cell
    return cells


def _extended(line: Line, added: Sequence[str], width: int, names: Sequence[str] = ()) -> str:
    """A line with room for further columns at its end, else untouched."""
    if not added or not line.cells:
        return line.raw
    body = line.raw.removesuffix(line.end)
    missing = max(0, width - len(line.cells))
    if names:
        return body + "," + _line(names, "", all_quoted=_all_quoted(line)) + line.end
    return body + "," * (missing + len(added)) + line.end


def _usual_end(form: CsvForm) -> str:
    ends = Counter(line.end for line in (form.header, *form.lines) if line.end)
    return ends.most_common(1)[0][0] if ends else "\n"


def _all_quoted(line: Line) -> bool:
    return bool(line.cells) and line.raw == _line(line.cells, line.end, all_quoted=True)


def _line(cells: Sequence[str], end: str, *, all_quoted: bool) -> str:
    out = io.StringIO(newline="")
    # A line break in a cell is quoted only where the writer's own end of line has it.
    if all_quoted:
        csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerow(cells)
    else:
        csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().removesuffix("\r\n") + end
