"""CSV for people: cells that a spreadsheet program would run are made text. Pure.

For every export that somebody opens in a spreadsheet. Not for files that a program reads back:
there the cell must stay as it is (the export of a street's folder is one).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

#: A cell that begins so is taken for a formula; the full-width forms too, by some programs.
_RUNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def neutral(cell: str) -> str:
    """The cell with an apostrophe before it where it would be run; numbers stay numbers."""
    if _NUMBER.fullmatch(cell):
        return cell
    # Blanks before the sign are dropped by some programs, so that it comes first again.
    return f"'{cell}" if cell.startswith(_RUNS) or cell.lstrip().startswith(_RUNS) else cell


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as CSV with a byte order mark, which spreadsheet programs want for Chinese."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for row in (header, *rows):
        writer.writerow([neutral("" if cell is None else str(cell)) for cell in row])
    return "\ufeff" + out.getvalue()
