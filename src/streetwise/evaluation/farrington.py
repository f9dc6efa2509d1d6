"""Farrington's method on anybody's weekly series, for ``streetwise eval farrington``.

The file: a line of names, then a line a week; the first column an index that goes up by 1; then,
if there is one, a column of dates on which the weeks start (YYYY-MM-DD, seven days apart); every
other column a series of counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from streetwise.gather.readers import Cell, ReadError, RowProblem, open_table
from streetwise.kernel.errors import Invalid
from streetwise.warn.compare import FarringtonSettings, State, farrington
from streetwise.warn.values import Ints, day_of

#: A count above this is a slip of the pen; sums of counts stay whole numbers.
COUNT_MAX = 10**9


@dataclass(frozen=True, slots=True)
class Weekly:
    """T weeks of S series: ``names`` (S,), ``index`` of the first week, ``counts`` (S, T).

    ``first_day``: the day on which the first week starts, None for weeks without dates.
    """

    names: tuple[str, ...]
    index: int
    counts: Ints
    first_day: int | None


def read_weekly(path: Path) -> Weekly:
    """Read a file; raises ``Invalid`` that names the row and what is wrong with it."""
    rows = list(_rows(path))
    if not rows:
        raise Invalid(f"{path} holds no weeks.")
    columns = list(rows[0][1])
    dated = len(columns) > 1 and _date(rows[0][1][columns[1]]) is not None
    names = tuple(columns[2:] if dated else columns[1:])
    if not names:
        raise Invalid(f"{path} has no column of counts beside its index.")
    counts = np.zeros((len(names), len(rows)), dtype=np.int64)
    first_index = _whole(path, rows[0], columns[0])
    first_day = _day(path, rows[0], columns[1]) if dated else None
    for at, row in enumerate(rows):
        if _whole(path, row, columns[0]) != first_index + at:
            raise Invalid(f"{path}, row {row[0]}: the index must go up by 1 from week to week.")
        if first_day is not None and _day(path, row, columns[1]) != first_day + 7 * at:
            raise Invalid(
                f"{path}, row {row[0]}: weeks must start seven days apart, none left out."
            )
        for series, name in enumerate(names):
            count = _whole(path, row, name)
            if not 0 <= count <= COUNT_MAX:
                raise Invalid(f"{path}, row {row[0]}: a count must be 0 to {COUNT_MAX:,}.")
            counts[series, at] = count
    return Weekly(names, first_index, counts, first_day)


def judged_series(
    weekly: Weekly, settings: FarringtonSettings, start: int | None = None
) -> dict[str, list[dict[str, Any]]]:
    """By series, each week from index ``start`` on: index, expected, upperbound, alarm (0 or 1).

    Without ``start``: from the first week that has enough history. Expected and bound are None,
    and ``status`` says why, in weeks with fewer cases lately than an alarm needs ("few_cases") and
    without enough history ("not_enough_history"). Raises ``Invalid`` if no week can be judged.
    """
    length = weekly.counts.shape[1]
    last = weekly.index + length - 1
    if start is not None and not weekly.index <= start <= last:
        raise Invalid(
            f"The index {start} is not in the file: it goes from {weekly.index} to {last}."
        )
    first = 0 if start is None else start - weekly.index
    weeks = np.arange(first, length, dtype=np.int64)
    found = farrington(weekly.counts, settings, weeks=weeks, first_day=weekly.first_day)
    known = (found.state != State.NO_HISTORY).all(axis=0)
    if not known.any():
        raise Invalid(
            f"Not enough history: the file holds {length} weeks, and comparing a week with"
            f" {settings.years_needed} years takes about"
            f" {52 * settings.years_needed + settings.half_window} weeks before it."
        )
    begin = int(known.argmax()) if start is None else 0
    told: dict[str, list[dict[str, Any]]] = {}
    for series, name in enumerate(weekly.names):
        told[name] = []
        for at in range(begin, len(weeks)):
            state = State(found.state[series, at])
            row: dict[str, Any] = {"index": weekly.index + int(weeks[at])}
            if state is State.JUDGED:
                row["expected"] = float(found.expected[series, at])
                row["upperbound"] = float(found.upper[series, at])
            else:
                row["expected"] = row["upperbound"] = None
            row["alarm"] = int(found.alarm[series, at])
            if state is not State.JUDGED:
                row["status"] = "few_cases" if state is State.FEW else "not_enough_history"
            told[name].append(row)
    return told


Row = tuple[int, dict[str, Cell]]


def _rows(path: Path) -> Iterator[Row]:
    try:
        for chunk in open_table(path).chunks(1_000):
            for line in chunk:
                if isinstance(line, RowProblem):
                    raise Invalid(f"{path}, row {line.row}: {line.sentence}")
                yield line
    except ReadError as error:
        raise Invalid(f"{path}: {error}") from error


def _whole(path: Path, row: Row, column: str) -> int:
    """The whole number in a cell; 3.0 is one."""
    cell = row[1].get(column)
    try:
        number = float(cell) if isinstance(cell, str | int | float) else float("nan")
    except ValueError:
        number = float("nan")
    if not math.isfinite(number) or number != int(number):
        shown = "empty" if cell is None else f"'{cell}'"
        raise Invalid(f"{path}, row {row[0]}: {column} is {shown}; it must be a whole number.")
    return int(number)


def _day(path: Path, row: Row, column: str) -> int:
    found = _date(row[1].get(column))
    if found is None:
        raise Invalid(f"{path}, row {row[0]}: {column} must be a date like 2024-01-01.")
    return day_of(found)


def _date(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    try:
        return date.fromisoformat(cell.strip()) if isinstance(cell, str) and "-" in cell else None
    except ValueError:
        return None
