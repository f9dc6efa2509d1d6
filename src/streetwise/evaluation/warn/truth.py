"""What is true: changes that a warning should find, read from and written to CSV.

Columns: ``id, category, first_day, last_day, class, expected_per_day, lon, lat, radius_metres,
places``. All but the first four may be missing or empty. Days are ISO dates, both included. An
empty category is any. The place is a circle, or names of places (parted by a semicolon) where
whoever warns has the same; without either it is everywhere. ``class`` groups the figures.

``truth/clusters.csv`` of ``streetwise town make`` is read too: there ``end`` is the first day
without it, and reports lie within 130 m.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from streetwise.kernel.errors import Invalid
from streetwise.warn.plane import Plane
from streetwise.warn.values import date_of, day_of

COLUMNS = (
    "id", "category", "first_day", "last_day", "class", "expected_per_day", "lon", "lat",
    "radius_metres", "places",
)  # fmt: skip
TOWN_RADIUS_METRES = 130.0


@dataclass(frozen=True, slots=True)
class TrueChange:
    """One change. ``x``, ``y``, ``radius`` in metres, NaN where it is everywhere or named.

    ``size``: its class, such as large, small, tiny. ``expected``: reports a day without it.
    """

    id: str
    category: str
    first_day: int
    last_day: int
    x: float = math.nan
    y: float = math.nan
    radius: float = math.nan
    size: str = ""
    expected: float = math.nan
    places: tuple[str, ...] = ()

    @property
    def everywhere(self) -> bool:
        """Whether it is not bound to a place."""
        return math.isnan(self.radius) and not self.places


def read_truth(path: Path, plane: Plane) -> list[TrueChange]:
    """The changes in a file. Raises Invalid with the row that cannot be used."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file)
            header = table.fieldnames or ()
            town = {"key", "shape", "start", "end"} <= set(header)
            missing = [name for name in COLUMNS[:4] if name not in header]
            if missing and not town:
                raise Invalid(
                    f"{path.name} has no column {', '.join(missing)}; truth has "
                    f"{', '.join(COLUMNS)}."
                )
            rows = list(enumerate(table, start=2))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Invalid(f"{path.name} cannot be read as CSV: {error}.") from error
    changes = []
    for line, row in rows:
        try:
            changes.append(_of_the_town(row, plane) if town else _change(row, plane))
        except (ValueError, TypeError) as error:
            raise Invalid(f"{path.name}, row {line}: {error}.") from error
    return changes


def _change(row: Mapping[str, str | None], plane: Plane) -> TrueChange:
    first, last = _day(row["first_day"]), _day(row["last_day"])
    if last < first:
        raise ValueError("last_day is before first_day")
    lon, lat, radius = (_number(row.get(name)) for name in ("lon", "lat", "radius_metres"))
    if math.isnan(lon) != math.isnan(lat) or math.isnan(lon) != math.isnan(radius):
        raise ValueError("lon, lat and radius_metres go together")
    x, y = plane.metres(np.array([lon]), np.array([lat]))
    return TrueChange(
        (row["id"] or "").strip(),
        (row["category"] or "").strip(),
        first,
        last,
        float(x[0]),
        float(y[0]),
        radius,
        (row.get("class") or "").strip(),
        _number(row.get("expected_per_day")),
        tuple(name.strip() for name in (row.get("places") or "").split(";") if name.strip()),
    )


def _of_the_town(row: Mapping[str, str | None], plane: Plane) -> TrueChange:
    x, y = plane.metres(np.array([_number(row["lon"])]), np.array([_number(row["lat"])]))
    return TrueChange(
        row["key"] or "",
        row["category"] or "",
        _day(row["start"]),
        _day(row["end"]) - 1,
        float(x[0]),
        float(y[0]),
        TOWN_RADIUS_METRES,
        row["shape"] or "",
    )


def _day(text: str | None) -> int:
    return day_of(date.fromisoformat((text or "").strip()[:10]))


def _number(text: str | None) -> float:
    return float(text) if text and text.strip() else math.nan


def write_truth(path: Path, changes: Sequence[TrueChange], plane: Plane) -> None:
    """Write changes so that :func:`read_truth` gives them back, to a centimetre."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for change in changes:
            lon, lat = plane.degrees(np.array([change.x]), np.array([change.y]))
            table.writerow(
                [
                    change.id,
                    change.category,
                    date_of(change.first_day).isoformat(),
                    date_of(change.last_day).isoformat(),
                    change.size,
                    *_written(change.expected, 4),
                    *_written(float(lon[0]), 7),
                    *_written(float(lat[0]), 7),
                    *_written(change.radius, 2),
                    ";".join(change.places),
                ]
            )


def _written(number: float, digits: int) -> list[str]:
    return ["" if math.isnan(number) else f"{number:.{digits}f}"]
