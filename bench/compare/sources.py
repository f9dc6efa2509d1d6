"""Reading what is compared into arrays: Boston, Chicago, letters to a mayor, and a town."""

from __future__ import annotations

import csv
import gzip
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from bench.compare.statistics import Floats, Ints
from bench.files import BOSTON, DATA, MESSAGES

CHICAGO = DATA / "service_requests" / "chicago_sanitation_2011_2013.csv.gz"
REPLIES = DATA / "text" / "附件4_留言与答复_2816.xlsx"
#: Where Boston puts what it cannot place; left out where places are compared.
BOSTON_DEFAULT = (42.3594, -71.0587)
#: Its request to fetch a sofa on the next round: an appointment, not a trouble.
BOSTON_APPOINTMENT = "Schedule a Bulk Item Pickup"
CHICAGO_FROM = date(2011, 1, 1)
#: A handful of letters is older, by years.
LETTERS_FROM = date(2019, 1, 1)
#: Channels of the town in which citizens write themselves, as in a mayor's letter box.
WRITTEN = ("wechat", "petition")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - local times as they are written
_DAY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Records:
    """Reports of one place in order of time. Local time in days since 1970; ``xy`` in metres from
    anywhere, not a number where a report has no point.
    """

    name: str
    times: Floats
    types: Ints
    xy: Floats
    channels: Sequence[str] = ()
    clock: bool = True  # whether times have hours
    texts: Sequence[str] = field(default=(), repr=False)

    @property
    def days(self) -> Ints:
        """Whole days."""
        found: Ints = np.floor(self.times).astype(np.int64)
        return found

    @property
    def hours(self) -> Ints:
        """Hour of the day."""
        found: Ints = np.floor((self.times - np.floor(self.times)) * 24 + 1e-6).astype(np.int64)
        return found

    @property
    def months(self) -> Ints:
        """Months since 1970-01."""
        found: Ints = self.days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        return found

    def since(self, first: date) -> Records:
        """From a day on."""
        keep = self.times >= (first - _EPOCH.date()).days
        kept = np.flatnonzero(keep).tolist()
        return replace(
            self,
            times=self.times[keep],
            types=self.types[keep],
            xy=self.xy[keep],
            channels=[self.channels[n] for n in kept] if self.channels else (),
            texts=[self.texts[n] for n in kept] if self.texts else (),
        )

    @property
    def placed(self) -> Records:
        """Those that have a point."""
        keep = np.isfinite(self.xy[:, 0])
        return Records(self.name, self.times[keep], self.types[keep], self.xy[keep])


def day_number(at: datetime) -> float:
    """Local time in days since 1970."""
    return (at.replace(tzinfo=None) - _EPOCH).total_seconds() / _DAY_SECONDS


def _rows(path: Path) -> Iterator[dict[str, str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _records(
    name: str,
    rows: Sequence[tuple[float, str, float, float, str]],
    *,
    clock: bool = True,
    texts: Sequence[str] = (),
) -> Records:
    """From (time, type, latitude, longitude, channel)."""
    order = sorted(range(len(rows)), key=lambda n: rows[n][0])
    known = {kind: n for n, kind in enumerate(sorted({row[1] for row in rows}))}
    degrees = np.array([rows[n][2:4] for n in order], dtype=np.float64).reshape(-1, 2)
    return Records(
        name,
        np.array([rows[n][0] for n in order]),
        np.array([known[rows[n][1]] for n in order], dtype=np.int64),
        metres(degrees),
        [rows[n][4] for n in order],
        clock,
        [texts[n] for n in order] if texts else (),
    )


def metres(degrees: Floats) -> Floats:
    """Latitude and longitude on a plane that is right for one city."""
    if not np.isfinite(degrees).any():
        return np.full_like(degrees, np.nan)
    middle = math.radians(float(np.nanmedian(degrees[:, 0])))
    y = degrees[:, 0] * 111_132.0
    x = degrees[:, 1] * 111_320.0 * math.cos(middle)
    found: Floats = np.column_stack([x, y])
    return found


@dataclass(frozen=True, slots=True)
class Boston:
    """Half a year of 311: requests, and how long each took in days (infinite: still open)."""

    records: Records
    default: float  # share on the default point
    took: Floats
    took_unplanned: Floats  # without appointments
    unplanned: Sequence[str]  # types without appointments
    in_time: float  # share that the city counts as on time


def boston() -> Boston | None:
    """None where the file is missing."""
    if not BOSTON.exists():
        return None
    rows, took, took_unplanned, unplanned, on_default = [], [], [], [], 0
    on_time: Counter[str] = Counter()
    for row in _rows(BOSTON):
        at = _written(row["open_dt"])
        lat, lon = float(row["latitude"] or "nan"), float(row["longitude"] or "nan")
        if (lat, lon) == BOSTON_DEFAULT:
            on_default += 1
            lat = lon = math.nan
        rows.append((at, row["type"], lat, lon, row["source"]))
        days = _written(row["closed_dt"]) - at if row["closed_dt"] else math.inf
        took.append(days)
        on_time[row["ontime"]] += 1
        if row["type"] != BOSTON_APPOINTMENT:
            took_unplanned.append(days)
            unplanned.append(row["type"])
    return Boston(
        _records("Boston 311", rows),
        on_default / len(rows),
        np.array(took),
        np.array(took_unplanned),
        unplanned,
        on_time["ONTIME"] / (on_time["ONTIME"] + on_time["OVERDUE"]),
    )


def _written(text: str) -> float:
    return day_number(datetime.fromisoformat(text))


@dataclass(frozen=True, slots=True)
class Chicago:
    """Three years of complaints about sanitation; ``duplicates``: share that the city marked."""

    records: Records
    duplicates: float


def chicago() -> Chicago | None:
    """None where the file is missing; without the few of earlier years that stand in it."""
    if not CHICAGO.exists():
        return None
    rows, marked, everything = [], 0, 0
    for row in _rows(CHICAGO):
        everything += 1
        marked += row["Status"].endswith("Dup")
        if date.fromisoformat(row["Creation_Date"][:10]) >= CHICAGO_FROM:
            kind = row["What_is_the_Nature_of_this_Code_Violation"]
            lat, lon = float(row["Latitude"] or "nan"), float(row["Longitude"] or "nan")
            rows.append((_written(row["Creation_Date"]), kind, lat, lon, ""))
    return Chicago(_records("Chicago sanitation", rows, clock=False), marked / everything)


def letters() -> Records | None:
    """附件3: times and texts of letters to a mayor. None where the file is missing."""
    if not MESSAGES.exists():
        return None
    table = _sheet(MESSAGES)
    rows = [(_moment(row["留言时间"]), "", math.nan, math.nan, "") for row in table]
    texts = [str(row["留言详情"] or "").strip() for row in table]
    return _records("附件3", rows, texts=texts)


def replies() -> Floats | None:
    """附件4: days from a letter to the office's reply. None where the file is missing."""
    if not REPLIES.exists():
        return None
    table = _sheet(REPLIES)
    return np.array([_moment(row["答复时间"]) - _moment(row["留言时间"]) for row in table])


def _sheet(path: Path) -> list[dict[str, object]]:
    import python_calamine

    header, *lines = python_calamine.load_workbook(path).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, header), line, strict=True)) for line in lines]


def _moment(cell: object) -> float:
    """A time as the sheets write it: 2019/2/28 11:25:05, or a cell of type date."""
    if isinstance(cell, datetime):
        return day_number(cell)
    found = str(cell).strip().replace("/", "-")
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            return day_number(datetime.strptime(found, form).replace(tzinfo=UTC))
        except ValueError:
            continue
    raise ValueError("a time in the sheet is written in a way that is not known here")


@dataclass(frozen=True, slots=True)
class Town:
    """What a town's folder says, with the truth about it."""

    records: Records
    placed: Records  # those with a point of their own
    default: float  # share of those with a point that lie on the commonest one
    categories: Sequence[str]  # of every report of a problem
    voices: Ints  # reports by persons of their own, per problem
    kinds: Sequence[str]  # problem, urge, supplement, thanks, …
    written: Sequence[str]  # texts that citizens wrote of a problem


def town(folder: Path) -> Town:
    """Read history/signals.csv and truth/signals.csv of a folder of ``streetwise town make``."""
    truth: dict[str, dict[str, str]] = {}
    voices: Counter[str] = Counter()
    for row in _rows(folder / "truth" / "signals.csv"):
        truth.setdefault(row["id"], row)
        if row["problem"] and row["kind"] == "problem":
            voices[row["problem"]] += 1
    rows, texts, written = [], [], []
    for signal in _rows(folder / "history" / "signals.csv"):
        known = truth[signal["id"]]
        lat, lon = float(signal["lat"] or "nan"), float(signal["lon"] or "nan")
        at = day_number(datetime.fromisoformat(signal["at"]))
        rows.append((at, known["category"], lat, lon, signal["channel"]))
        texts.append(signal["text"])
        if signal["channel"] in WRITTEN and known["kind"] == "problem":
            written.append(signal["text"])
    records = _records("the town", rows, texts=texts)
    placed, default = _own_points(records.placed)
    return Town(
        records,
        placed,
        default,
        [t["category"] for t in truth.values() if t["kind"] == "problem"],
        np.array(list(voices.values()), dtype=np.int64),
        [t["kind"] for t in truth.values()],
        written,
    )


def _own_points(records: Records) -> tuple[Records, float]:
    """Without those on the commonest point, and their share."""
    _, which, counts = np.unique(records.xy, axis=0, return_inverse=True, return_counts=True)
    keep = which.reshape(-1) != counts.argmax()
    own = Records(records.name, records.times[keep], records.types[keep], records.xy[keep])
    return own, float(1 - keep.mean())
