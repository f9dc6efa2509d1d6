"""Events in files of anybody, as reports.

CSV, also gzipped, in UTF-8 or GB18030; columns are named by whoever asks, or found by their usual
names. Only the columns that are needed are looked at: the careful reader of ``gather`` takes six
times as long, and evaluations read years of a city again and again.
"""

from __future__ import annotations

import csv
import gzip
import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from streetwise.kernel.errors import Invalid
from streetwise.warn.cleaning import in_order
from streetwise.warn.plane import Plane
from streetwise.warn.values import Reports, date_of, day_of

PROBLEMS_SHOWN = 20
NO_CATEGORY = "(none)"
_MOMENTS = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M")
_DAYS = ("%Y/%m/%d", "%m/%d/%Y", "%Y%m%d")


@dataclass(frozen=True, slots=True)
class Columns:
    """How the columns are called. ``at`` holds a day or a moment.

    ``zone``: where the street is; moments with an offset are turned into it, those without are
    taken as they are. ``id`` None numbers the rows. ``lon``, ``lat`` None: no places.
    """

    at: str
    category: str | None
    id: str | None = None
    lon: str | None = None
    lat: str | None = None
    zone: str = "Asia/Shanghai"


BOSTON = Columns("open_dt", "type", "case_enquiry_id", "longitude", "latitude", "America/New_York")
CHICAGO = Columns(
    "Creation_Date", "What_is_the_Nature_of_this_Code_Violation", "Service_Request_Number",
    "Longitude", "Latitude", "America/Chicago",
)  # fmt: skip
PRESETS: Mapping[str, Columns] = {"boston": BOSTON, "chicago": CHICAGO}

#: The usual names, the likeliest first.
_USUAL: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "编号", "工单编号", "case_enquiry_id", "Service_Request_Number"),
    "at": ("at", "time", "day", "date", "时间", "日期", "来电时间", "open_dt", "Creation_Date"),
    "category": (
        "category", "类别", "分类", "type", "What_is_the_Nature_of_this_Code_Violation",
    ),
    "lon": ("lon", "lng", "longitude", "经度", "Longitude"),
    "lat": ("lat", "latitude", "纬度", "Latitude"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Events:
    """What came of a file. ``problems``: reasons and how many rows; ``examples``: a few rows.

    Reports whose coordinates cannot be read count without a place, and are not left out.
    """

    reports: Reports
    plane: Plane
    columns: Columns
    rows: int
    left_out: int
    problems: Mapping[str, int]
    examples: Sequence[str]


def usual_columns(names: Sequence[str], zone: str = "Asia/Shanghai") -> Columns:
    """The columns by their usual names. Raises Invalid where there is none for the time."""
    found = {
        key: next((name for name in usual if name in names), None) for key, usual in _USUAL.items()
    }
    if found["at"] is None:
        raise Invalid(
            f"No column for the time among {', '.join(names)}; usual names are "
            f"{', '.join(_USUAL['at'])}."
        )
    both = found["lon"] is not None and found["lat"] is not None
    return Columns(
        found["at"],
        found["category"],
        found["id"],
        found["lon"] if both else None,
        found["lat"] if both else None,
        zone,
    )


def read_reports(
    path: Path,
    columns: Columns | str | None = None,
    *,
    plane: Plane | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
    category: str | None = None,
    only: Mapping[str, Collection[str]] | None = None,
) -> Events:
    """The events of a file in order of time; days outside ``first_day``..``last_day`` left out.

    ``columns``: names, "boston" or "chicago", or None to find them by the usual ones. ``plane``:
    that of another file, so that both lie on one. ``category``: another column for it than
    ``columns`` has. ``only``: columns and the values that a row must have in them to be read.
    Categories are numbered in the order of their names. Raises Invalid with a sentence for a file
    or columns that cannot be used.
    """
    with _opened(path) as (header, rows):
        named = _named(path, header, columns, category)
        among = _wanted(path, header, only or {})
        taken = _Taken(named, header)
        for row in rows:
            if all(at < len(row) and row[at].strip() in values for at, values in among):
                taken.take(row)
    if not taken.days:
        raise Invalid(f"{path.name} has no row with a time that can be read.")
    return _events(taken, plane, first_day, last_day)


def from_rows(
    rows: Sequence[Sequence[str]], columns: Columns, plane: Plane | None = None
) -> Events:
    """Events of rows that hold time, category, id, longitude and latitude, in this order.

    Raises Invalid where no row has a time that can be read.
    """
    taken = _Taken(columns, (columns.at, columns.category, columns.id, columns.lon, columns.lat))
    for row in rows:
        taken.take(row)
    if not taken.days:
        raise Invalid("No row has a time that can be read.")
    return _events(taken, plane, None, None)


def _wanted(
    path: Path, found: Sequence[str], only: Mapping[str, Collection[str]]
) -> list[tuple[int, Collection[str]]]:
    """Where each column lies, and which values are wanted there."""
    for name in only:
        if name not in found:
            raise Invalid(f"{path.name} has no column {name}; it has {', '.join(found)}.")
    return [(found.index(name), values) for name, values in only.items()]


def _named(
    path: Path,
    found: Sequence[str],
    columns: Columns | str | None,
    category: str | None,
) -> Columns:
    if isinstance(columns, str):
        if columns not in PRESETS:
            raise Invalid(f"Known kinds of files are {', '.join(PRESETS)}, not '{columns}'.")
        columns = PRESETS[columns]
    if columns is None:
        columns = usual_columns(found)
    if category is not None:
        columns = replace(columns, category=category)
    asked = (columns.at, columns.category, columns.id, columns.lon, columns.lat)
    missing = [name for name in asked if name is not None and name not in found]
    if missing:
        raise Invalid(f"{path.name} has no column {', '.join(missing)}; it has {', '.join(found)}.")
    return columns


def write_reports(path: Path, reports: Reports, plane: Plane) -> None:
    """Write reports as CSV (gzipped where the name ends in .gz) that :func:`read_reports` reads.

    Columns id, at, category, lon, lat; a report that stands for several is written once.
    """
    lon, lat = plane.degrees(reports.x, reports.y)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("id", "at", "category", "lon", "lat"))
        for i in range(len(reports)):
            at = date_of(int(reports.day[i])).isoformat()
            seconds = int(reports.seconds[i])
            if seconds >= 0:
                at += f"T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
            placed = math.isfinite(lon[i]) and math.isfinite(lat[i])
            table.writerow(
                [
                    reports.ids[i],
                    at,
                    reports.categories[reports.category[i]],
                    f"{lon[i]:.7f}" if placed else "",
                    f"{lat[i]:.7f}" if placed else "",
                ]
            )


class _Taken:
    """Rows as they come, in columns."""

    def __init__(self, columns: Columns, header: Sequence[str | None]) -> None:
        asked = (columns.at, columns.category, columns.id, columns.lon, columns.lat)
        self._where = tuple(None if name is None else header.index(name) for name in asked)
        self._width = 1 + max(i for i in self._where if i is not None)
        self.columns = columns
        self.zone = ZoneInfo(columns.zone)
        self.ids: list[str] = []
        self.days: list[int] = []
        self.seconds: list[int] = []
        self.lon: list[float] = []
        self.lat: list[float] = []
        self.categories: list[str] = []
        self.rows = 0
        self.left_out = 0
        self.problems: Counter[str] = Counter()
        self.examples: list[str] = []

    def take(self, row: Sequence[str]) -> None:
        """Keep a row, or count why not."""
        if not row:
            return  # an empty line
        self.rows += 1
        if len(row) < self._width:
            self._leave_out("too few columns")
            return
        at, category, number, lon, lat = ("" if i is None else row[i].strip() for i in self._where)
        when = _when(at, self.zone)
        if when is None:
            self._leave_out("no time that can be read")
            return
        place = self._place(lon, lat)
        self.ids.append(number or str(self.rows))
        self.days.append(when[0])
        self.seconds.append(when[1])
        self.lon.append(place[0])
        self.lat.append(place[1])
        self.categories.append(category or NO_CATEGORY)

    def _place(self, lon: str, lat: str) -> tuple[float, float]:
        if self.columns.lon is None or self.columns.lat is None:
            return math.nan, math.nan
        if not lon and not lat:
            self._note("no coordinates")
            return math.nan, math.nan
        try:
            east, north = float(lon), float(lat)
        except ValueError:
            self._note("coordinates that are no numbers")
            return math.nan, math.nan
        if not (abs(east) <= 180 and abs(north) <= 90) or (east == 0 and north == 0):
            self._note("coordinates that are nowhere on earth")
            return math.nan, math.nan
        return east, north

    def _leave_out(self, why: str) -> None:
        self.left_out += 1
        self._note(why)

    def _note(self, why: str) -> None:
        self.problems[why] += 1
        if len(self.examples) < PROBLEMS_SHOWN:
            self.examples.append(f"row {self.rows}: {why}")


def _events(
    taken: _Taken, plane: Plane | None, first_day: date | None, last_day: date | None
) -> Events:
    day = np.array(taken.days, dtype=np.int64)
    lon, lat = np.array(taken.lon), np.array(taken.lat)
    within = np.ones(len(day), dtype=np.bool_)
    if first_day is not None:
        within &= day >= day_of(first_day)
    if last_day is not None:
        within &= day <= day_of(last_day)
    if not within.any():
        raise Invalid("No row lies within the days that were asked for.")
    plane = plane or Plane.around(lon[within], lat[within])
    x, y = plane.metres(lon, lat)
    rows = np.flatnonzero(within)
    kinds = [taken.categories[i] for i in rows.tolist()]
    names, category = np.unique(np.array(kinds), return_inverse=True)
    reports = Reports(
        [taken.ids[i] for i in rows.tolist()],
        day[rows],
        np.array(taken.seconds, dtype=np.int64)[rows],
        x[rows],
        y[rows],
        category.astype(np.int64),
        np.ones(len(rows), dtype=np.int64),
        tuple(names.tolist()),
    )
    return Events(
        in_order(reports),
        plane,
        taken.columns,
        taken.rows,
        taken.left_out,
        dict(taken.problems),
        tuple(taken.examples),
    )


@contextmanager
def _opened(path: Path) -> Iterator[tuple[list[str], Iterator[list[str]]]]:
    """The header and the rows of a CSV file. Raises Invalid, also while rows are read."""
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        encoding = _encoding(path, packed)
        opened = gzip.open if packed else open
        with opened(path, "rt", encoding=encoding, newline="") as lines:
            rows = csv.reader(lines)
            header = [name.strip() for name in next(rows, [])]
            if not header:
                raise Invalid(f"{path.name} is empty.")
            yield header, rows
    except (OSError, EOFError, csv.Error, UnicodeDecodeError) as error:
        raise Invalid(f"{path.name} cannot be read as CSV: {error}.") from error


def _encoding(path: Path, packed: bool) -> str:
    """UTF-8 where the beginning can be read as such, else GB18030."""
    with gzip.open(path) if packed else path.open("rb") as file:
        start = file.read(1 << 20)
    try:
        # The last character may be cut.
        start[: start.rfind(b"\n") + 1].decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"


def _when(text: str, zone: ZoneInfo) -> tuple[int, int] | None:
    """Day and seconds since midnight (-1 where only a day is written); None if unreadable."""
    if not text:
        return None
    try:
        if len(text) <= 10:
            return day_of(date.fromisoformat(text)), -1
        return _moment(datetime.fromisoformat(text), zone)
    except ValueError:
        pass
    for form in _MOMENTS:
        try:
            return _moment(datetime.strptime(text, form), zone)  # noqa: DTZ007 - local on purpose
        except ValueError:
            continue
    for form in _DAYS:
        try:
            return day_of(datetime.strptime(text, form).replace(tzinfo=UTC).date()), -1
        except ValueError:
            continue
    return None


def _moment(when: datetime, zone: ZoneInfo) -> tuple[int, int]:
    local = when.astimezone(zone) if when.tzinfo is not None else when
    return day_of(local.date()), local.hour * 3_600 + local.minute * 60 + local.second
