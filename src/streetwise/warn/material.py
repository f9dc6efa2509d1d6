"""What a night knows, read out of the database: reports, areas, calendar. No text, no person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from shapely.geometry import shape
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.crosswalk import ClassKey
from streetwise.directory.responsibility import DayCalendar, calendar_of
from streetwise.directory.statutory import in_lieu
from streetwise.directory.tables import Area, Grid
from streetwise.gather import Came, DayWeather, reports_came, weather_days
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import Sorted, reports_sorted
from streetwise.warn.classes import Category, categories_of
from streetwise.warn.counting import nearest_place
from streetwise.warn.late import nights_late
from streetwise.warn.plane import METRES_A_DEGREE, Plane
from streetwise.warn.values import Calendar, Floats, Ints, Places, Reports, date_of, day_of
from streetwise.warn.weather import MEASURED, Remark, effects, remarkable, used

#: A forecast looks so many days beyond the last one.
AHEAD_DAYS = 28
#: A point is a grid's as far from its middle as so many times the radius of a circle of its size.
REACH_TIMES = 3.0
ORDINARY, HOLIDAY, WITH_HOLIDAY, WORKED = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Ground:
    """The areas of a street: its grids, in the order in which ``places`` numbers them; ``region``:
    (P,), the community of each, a number into ``regions`` (its id).
    """

    plane: Plane
    places: Places
    ids: tuple[UUID, ...]
    region: Ints
    regions: tuple[str, ...]

    def reach(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """How far each reaches from its middle, as if it were a circle (metres)."""
        return np.sqrt(self.places.area / np.pi)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read. ``reports``: one for each case, when it was first told of, its volume how many
    told of it: repeats were joined by triage and officers already, who know more than a distance.
    ``categories``: (scheme, code) by number (``classes``). ``unclassed``: cases whose class nobody
    knows yet, which are not counted.
    """

    reports: Reports
    ground: Ground
    calendar: Calendar
    last_day: int
    categories: tuple[tuple[str, str], ...]
    unclassed: int
    zone: ZoneInfo


async def weather_told(
    session: AsyncSession, viewer: Viewer, area: str, first_day: date, last_day: date
) -> tuple[Remark, ...]:
    """The weather of a warning's days as far as it is worth telling, the day before them included:
    what falls in the night is reported in the morning.
    """
    before = first_day - timedelta(days=1)
    return remarkable(await weather_days(session, viewer, area, before, last_day))


def ground_of(grids: Sequence[Grid]) -> Ground | None:
    """The grids in a plane; None where there is none with an area."""
    shapes = [(grid, shape(grid.geometry)) for grid in grids if grid.geometry]
    shapes = [(grid, one) for grid, one in shapes if not one.is_empty]
    if not shapes:
        return None
    lon = np.array([one.representative_point().x for _, one in shapes])
    lat = np.array([one.representative_point().y for _, one in shapes])
    plane = Plane(float(lon.mean()), float(lat.mean()))
    x, y = plane.metres(lon, lat)
    square = METRES_A_DEGREE**2 * np.cos(np.radians(plane.lat))
    area = np.array([one.area for _, one in shapes]) * square
    places = Places(tuple(grid.name for grid, _ in shapes), x, y, area)
    communities = sorted({str(grid.community_id) for grid, _ in shapes})
    region = [communities.index(str(grid.community_id)) for grid, _ in shapes]
    return Ground(
        plane,
        places,
        tuple(grid.id for grid, _ in shapes),
        np.array(region, dtype=np.int64),
        tuple(communities),
    )


def calendar(
    days_off: DayCalendar,
    first_day: int,
    last_day: int,
    weather: Sequence[DayWeather] = (),
    known_until: int | None = None,
) -> Calendar:
    """What each day is, from ``first_day`` to ``last_day``, both included.

    ``weather``: what was measured, of any days; those after ``known_until`` (None: none) are still
    to come, and nothing is known of them. A day that nobody measured is unknown, never dry, and a
    column that too few days have is left out (``weather.used``).
    """
    kinds = [_kind(days_off, date_of(day)) for day in range(first_day, last_day + 1)]
    known = 0 if known_until is None else min(known_until, last_day) - first_day + 1
    measured = np.full((len(kinds), len(MEASURED)), np.nan)
    for one in weather:
        at = day_of(one.day) - first_day
        if 0 <= at < known:
            values = (getattr(one, name) for name in MEASURED)
            measured[at] = [np.nan if value is None else value for value in values]
    columns, names = used(effects(measured), known)
    return Calendar(first_day, np.array(kinds, dtype=np.int64), columns, names)


def _kind(days_off: DayCalendar, day: date) -> int:
    weekend = day.weekday() >= 5
    if days_off.works(day):
        return WORKED if weekend else ORDINARY
    if "holiday" not in days_off.kinds(day):
        return ORDINARY
    return WITH_HOLIDAY if weekend or _bridged(days_off, day) else HOLIDAY


def _bridged(days_off: DayCalendar, day: date) -> bool:
    """A folder names days off and does not say why; the State Council does."""
    return day not in days_off.holidays and in_lieu(day)


async def read(
    session: AsyncSession,
    viewer: Viewer,
    area: Area,
    night: date,
    history_days: int,
    *,
    by_weather: bool = False,
    looks: datetime | None = None,
) -> Read | None:
    """What is known of an area before the local day ``night``; None where there is nothing to
    count: no grids, or no report that has a class. ``by_weather``: with the weather of its days.
    ``looks``: when the night looks, by which it is told what is late (None: at midnight).
    """
    grids = await directory.grids(session, viewer, area.code)
    ground = ground_of(grids)
    if ground is None:
        return None
    zone = ZoneInfo(area.timezone)
    until = datetime.combine(night, time(), zone)
    since = datetime.combine(night - timedelta(days=history_days), time(), zone)
    came: dict[UUID, Came] = {}
    async for some in reports_came(session, viewer, area.code, area.timezone, since, until):
        came.update((one.id, one) for one in some)
    cases: dict[UUID, _Told] = {}
    async for found in reports_sorted(session, viewer, area.code, since):
        for one in found:
            if one.id in came:
                _tell(cases, one, came[one.id])
    known = [one for one in cases.values() if one.of.scheme and one.of.code]
    if not known:
        return None
    hour = 0 if looks is None else max(0, int((looks - until).total_seconds()))
    category_of = await categories_of(session, viewer, (_key(one.of) for one in known))
    reports, categories = _reports(known, ground, hour, category_of)
    last_day = day_of(night) - 1
    days_off = calendar_of(area.calendar, area.timezone)
    first_day = int(reports.day[0])
    first, last = date_of(first_day), date_of(last_day)
    weather = await weather_days(session, viewer, area.code, first, last) if by_weather else ()
    return Read(
        reports,
        ground,
        calendar(days_off, first_day, last_day + AHEAD_DAYS, weather, last_day),
        last_day,
        categories,
        len(cases) - len(known),
        zone,
    )


@dataclass(slots=True)
class _Told:
    """A case with its first report, and how many told of it."""

    of: Sorted
    first: Came
    volume: int


def _tell(cases: dict[UUID, _Told], one: Sorted, at: Came) -> None:
    known = cases.get(one.case_id)
    if known is None:
        cases[one.case_id] = _Told(one, at, 1)
    else:
        known.first = min(known.first, at, key=lambda each: (each.day, each.second))
        known.volume += 1


def _reports(
    rows: Sequence[_Told],
    ground: Ground,
    hour_seconds: int,
    category_of: Mapping[ClassKey, Category],
) -> tuple[Reports, tuple[tuple[str, str], ...]]:
    of_row = [category_of[_key(one.of)] for one in rows]
    categories = sorted(set(of_row))
    number = {category: n for n, category in enumerate(categories)}
    day = np.array([one.first.day for one in rows], dtype=np.int64)
    seconds = np.array([one.first.second for one in rows], dtype=np.int64)
    arrived = np.array([one.first.arrived for one in rows], dtype=np.int64)
    sources = {one: n for n, one in enumerate(sorted({one.first.source for one in rows}))}
    source = np.array([sources[one.first.source] for one in rows], dtype=np.int64)
    late = nights_late(day, arrived, source, hour_seconds)
    volume = np.array([one.volume for one in rows], dtype=np.int64)
    cases = [one.of for one in rows]
    x, y = _points(cases, ground)
    place = _places(cases, x, y, ground)
    # What lies outside is counted where no place is asked for, and is on no map of the street.
    x, y = (np.where(place >= 0, one, np.nan) for one in (x, y))
    category = np.array([number[one] for one in of_row], dtype=np.int64)
    order: Ints = np.lexsort((seconds, day)).astype(np.int64)
    return (
        Reports(
            ids=[str(rows[n].of.case_id) for n in order],
            day=day[order],
            seconds=seconds[order],
            x=x[order],
            y=y[order],
            category=category[order],
            volume=volume[order],
            place=place[order],
            late=late[order],
            source=source[order],
            categories=tuple(f"{scheme}:{code}" for scheme, code in categories),
        ),
        tuple(categories),
    )


def _key(of: Sorted) -> ClassKey:
    return ClassKey(of.scheme or "", of.version or "", of.code or "")


def _points(rows: Iterable[Sorted], ground: Ground) -> tuple[Floats, Floats]:
    """Cases' own points; NaN where only the grid is known: its middle is nobody's address, and
    would look like a point that a form fills in by itself.
    """
    nan = float("nan")
    points = [
        (one.lon, one.lat) if one.lon is not None and one.lat is not None else (nan, nan)
        for one in rows
    ]
    lonlat = np.array(points, dtype=np.float64).reshape(-1, 2)
    return ground.plane.metres(lonlat[:, 0], lonlat[:, 1])


def _places(rows: Sequence[Sorted], x: Floats, y: Floats, ground: Ground) -> Ints:
    """(n,): the grid of each case; where it has none that is still in use the nearest that its
    point can lie in, -1 for what lies outside of them all.
    """
    place: dict[UUID | None, int] = {grid: n for n, grid in enumerate(ground.ids)}
    known = np.array([place.get(one.grid_id, -1) for one in rows], dtype=np.int64)
    near = nearest_place(ground.places, x, y)
    away = np.hypot(x - ground.places.x[near], y - ground.places.y[near])
    inside = (near >= 0) & (away <= REACH_TIMES * ground.reach()[near])
    found: Ints = np.where(known >= 0, known, np.where(inside, near, -1))
    return found
