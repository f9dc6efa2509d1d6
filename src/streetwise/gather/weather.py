"""The weather of days, and the files that a weather office hands out of it.

A file has a header and a row for each day. A value that was not measured is missing, never nought.
One bad row and the whole file is refused: who corrects it sends it again, and nothing counts twice.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from streetwise.gather.readers import Cell, Limits, ReadError, RowProblem, open_table
from streetwise.kernel.errors import Invalid


class DayWeather(NamedTuple):
    """A local day: rain in mm, warmest and coldest in °C, strongest gust in m/s; None: unknown."""

    day: date
    rain_mm: float | None = None
    max_c: float | None = None
    min_c: float | None = None
    gust_ms: float | None = None


#: The columns by the names that files have for them; what else a file has is left alone.
DAY = ("date", "day", "日期")
COLUMNS = {
    "rain_mm": ("rain_mm", "降水量"),
    "max_c": ("max_c", "最高气温"),
    "min_c": ("min_c", "最低气温"),
    "gust_ms": ("gust_ms", "极大风速"),
}
#: No day on Earth had less or more: mm, °C, °C, m/s. Tenths of a millimetre, and the codes that
#: some tables have for "missing", are found by it.
BOUNDS = {
    "rain_mm": (0.0, 2_000.0),
    "max_c": (-90.0, 60.0),
    "min_c": (-90.0, 60.0),
    "gust_ms": (0.0, 120.0),
}
MISSING = frozenset({"", "-", "—", "/", "na", "nan", "null", "缺测"})
#: Too little to be measured.
TRACE = "微量"
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?)?")
#: So many rows at a time; and the bad rows that an error names.
_CHUNK, _NAMED = 1_000, 5


def read_weather(path: Path, limits: Limits | None = None) -> list[DayWeather]:
    """All days of a CSV or XLSX file. Raises Invalid, which names the rows that cannot be used."""
    try:
        table = open_table(path, limits or Limits())
        columns = {_bare(name): name for name in table.columns}
        day = _column(columns, DAY)
        named = {key: _column(columns, names) for key, names in COLUMNS.items()}
        if day is None or not any(named.values()):
            raise Invalid(
                "The file needs a header with a column 'date' (日期) and at least one of"
                " rain_mm (降水量), max_c (最高气温), min_c (最低气温), gust_ms (极大风速).",
                code="weather_columns",
            )
        read = _Read(day, {key: name for key, name in named.items() if name is not None})
        for chunk in table.chunks(_CHUNK):
            for row in chunk:
                read.take(row)
    except ReadError as error:
        raise Invalid(str(error), code=error.code, **error.params) from error
    return read.days()


class _Read:
    """What has been read of a file: days by date, and what was wrong."""

    def __init__(self, day: str, named: dict[str, str]) -> None:
        self._day, self._named = day, named
        self._found: dict[date, tuple[int, DayWeather]] = {}
        self._wrong: list[str] = []

    def take(self, row: tuple[int, dict[str, Cell]] | RowProblem) -> None:
        """One row."""
        if isinstance(row, RowProblem):
            self._wrong.append(f"row {row.row}: {row.sentence}")
            return
        number, cells = row
        try:
            day = _date(cells.get(self._day))
            values = {key: _value(key, cells.get(name)) for key, name in self._named.items()}
            one = checked(DayWeather(day, **values))
            if day in self._found:
                raise ValueError(f"{day} stands in row {self._found[day][0]} already")
        except ValueError as wrong:
            self._wrong.append(f"row {number}: {wrong}")
        else:
            self._found[day] = number, one

    def days(self) -> list[DayWeather]:
        """All of them, in order. Raises Invalid."""
        if self._wrong:
            more = len(self._wrong) - _NAMED
            raise Invalid(
                "Nothing was taken in. " + "; ".join(self._wrong[:_NAMED])
                + (f"; and {more} more." if more > 0 else "."),
                code="weather_rows",
                rows=len(self._wrong),
            )  # fmt: skip
        if not self._found:
            raise Invalid("The file has a header but no rows.", code="file_empty")
        return [self._found[day][1] for day in sorted(self._found)]


def checked(one: DayWeather) -> DayWeather:
    """The day as it is. Raises ValueError for what no weather can have been."""
    for name, (least, most) in BOUNDS.items():
        value = getattr(one, name)
        if value is not None and not least <= value <= most:
            raise ValueError(f"{name} is {value:g}; it lies between {least:g} and {most:g}")
    if one.max_c is not None and one.min_c is not None and one.max_c < one.min_c:
        raise ValueError(f"the warmest ({one.max_c:g}) is below the coldest ({one.min_c:g})")
    return one


def twice(days: Sequence[DayWeather]) -> Iterable[date]:
    """The dates that are there more than once."""
    seen: set[date] = set()
    for one in days:
        if one.day in seen:
            yield one.day
        seen.add(one.day)


def _bare(name: str) -> str:
    """A column's name without its unit: 降水量(mm) is 降水量."""
    return re.split(r"[(（\[]", name, maxsplit=1)[0].strip().lower()


def _column(columns: dict[str, str], names: Sequence[str]) -> str | None:
    return next((columns[name] for name in names if name in columns), None)


def _date(cell: Cell) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    found = _DAY.fullmatch(str(cell).strip()) if cell is not None else None
    if found is None:
        raise ValueError(f"'{cell or ''}' is no date like 2026-08-01")
    year, month, day = (int(part) for part in found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"there is no day {cell}") from None


def _value(name: str, cell: Cell) -> float | None:
    if cell is None or (isinstance(cell, str) and cell.strip().lower() in MISSING):
        return None
    if cell == TRACE:
        return 0.0
    try:
        value = float(cell) if isinstance(cell, int | float | str) else math.nan
    except ValueError:
        value = math.nan
    if isinstance(cell, bool) or not math.isfinite(value):
        raise ValueError(f"{name} is '{cell}', which is no number")
    return value
