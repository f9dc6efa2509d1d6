"""The real series of two cities, as the expectation takes them."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from streetwise.warn.values import ALL, Calendar, Series, date_of, day_of

HOME = Path(__file__).resolve().parents[2] / "shared" / "data" / "service_requests"
#: Of each kind in each area, as many as there are most reports of.
PAIRS = 300
#: Federal holidays as they were kept.
HOLIDAYS = """
2011-01-17 2011-02-21 2011-05-30 2011-07-04 2011-09-05 2011-10-10 2011-11-11 2011-11-24 2011-12-26
2012-01-02 2012-01-16 2012-02-20 2012-05-28 2012-07-04 2012-09-03 2012-10-08 2012-11-12 2012-11-22
2012-12-25 2013-01-01 2013-01-21 2013-02-18 2013-05-27 2013-07-04 2013-09-02 2013-10-14 2013-11-11
2013-11-28 2013-12-25
"""


@dataclass(frozen=True, slots=True)
class Real:
    """A city: all, each kind, and kinds in areas; with its days off and its weather."""

    series: Series
    calendar: Calendar


def chicago() -> Real | None:
    """Sanitation complaints 2011 to 2013 without those marked as duplicates; None if missing."""
    path = HOME / "chicago_sanitation_2011_2013.csv.gz"
    if not path.exists():
        return None
    reports = [
        (
            _day(line["Creation_Date"]),
            line["What_is_the_Nature_of_this_Code_Violation"],
            line["Community_Area"],
        )
        for line in _lines(path)
        if "Dup" not in line["Status"]
    ]
    names = ("precipIntensity", "temperatureMax", "windSpeed", "humidity")
    return _real(reports, date(2011, 1, 1), date(2013, 12, 31), "chicago_weather_daily.csv", names)


def boston() -> Real | None:
    """Service requests of the second half of 2011; None if missing."""
    path = HOME / "boston_311_2011h2.csv.gz"
    if not path.exists():
        return None
    reports = [(_day(line["open_dt"]), line["type"], line["neighborhood"]) for line in _lines(path)]
    names = ("avgprcp",)
    return _real(reports, date(2011, 7, 1), date(2011, 12, 31), "boston_rainfall_daily.csv", names)


def _lines(path: Path) -> Iterable[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as text:
        yield from csv.DictReader(text)


def _day(text: str) -> int:
    return day_of(date.fromisoformat(text[:10]))


def _real(
    reports: Sequence[tuple[int, str, str]],
    begin: date,
    end: date,
    weather: str,
    names: tuple[str, ...],
) -> Real:
    first, last = day_of(begin), day_of(end)
    inside = [one for one in reports if first <= one[0] <= last]
    kinds = [kind for kind, _ in Counter(kind for _, kind, _ in inside).most_common()]
    number = {kind: at for at, kind in enumerate(kinds)}
    found = Counter((kind, area) for _, kind, area in inside if area)
    pairs = [pair for pair, _ in found.most_common(PAIRS)]
    areas = {area: at for at, area in enumerate(sorted({area for _, area in pairs}))}
    top = 1 + len(kinds)
    row = {pair: top + at for at, pair in enumerate(pairs)}
    counts = np.zeros((top + len(pairs), last - first + 1), dtype=np.int64)
    for day, kind, area in inside:
        counts[[0, 1 + number[kind]], day - first] += 1
        if (kind, area) in row:
            counts[row[kind, area], day - first] += 1
    series = Series(
        counts,
        first,
        np.array([ALL] * top + [areas[area] for _, area in pairs]),
        np.array([ALL, *range(len(kinds)), *(number[kind] for kind, _ in pairs)]),
        np.array([-1] + [0] * len(kinds) + [1 + number[kind] for kind, _ in pairs]),
    )
    off = {day_of(date.fromisoformat(one)) for one in HOLIDAYS.split()}
    kind_of_day = np.array([int(day in off) for day in range(first, last + 1)], dtype=np.int64)
    return Real(series, Calendar(first, kind_of_day, _weather(weather, names, first, last), names))


def _weather(name: str, names: tuple[str, ...], first: int, last: int) -> np.ndarray:
    with (HOME / name).open(encoding="utf-8", newline="") as text:
        known = {line["date"]: [line[one] for one in names] for line in csv.DictReader(text)}
    missing = [""] * len(names)
    return np.array(
        [
            [float(one) if one not in {"", "NA"} else np.nan
             for one in known.get(date_of(day).isoformat(), missing)]
            for day in range(first, last + 1)
        ]
    )  # fmt: skip
