"""What is known of a day, as a row of numbers: the same columns for all series.

The first column is 1, so that its coefficient is the logarithm of the level at the end of the
history. The others are 0 on an average day of the week without a holiday, in weather usual for the
season, at the end of the history.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from streetwise.warn.expect.settings import Settings
from streetwise.warn.values import Calendar, Flags, Floats, Ints

YEAR_DAYS = 365.25
QUARTER_DAYS = 91.3
#: Days of history per pair of waves: about a year before there is a season at all.
SEASON_DAYS = (330, 500, 700)
#: Lengths of the straight pieces of the trend, backwards from the end: the newest are the shortest.
PIECES_DAYS = (28, 56, 112, 224, 448, 448)
#: Weather further from the usual than so many standard deviations counts as if it were there.
WEATHER_LIMIT_SD = 3.0
#: What weather of so many days ago usually does, beside what that of the day before it did.
LAG_SHARE = 0.5
#: Days of weather measured that stand for one that was not, where there is no season.
NEARBY_DAYS = 28

LEVEL, WEEKDAY, HOLIDAY, SEASON, TREND, WEATHER = range(6)

#: Monday to Sunday, each against the average of all seven (1970-01-01 was a Thursday).
_WEEKDAYS = np.vstack([np.eye(6), -np.ones(6)])
_SUNDAY = _WEEKDAYS[6]
_WORKING_DAY = _WEEKDAYS[:5].mean(axis=0)
_FIRST_WEEKDAY = 3


@dataclass(frozen=True, slots=True)
class Normal:
    """What one column of weather usually is, to say how unusual it was.

    ``waves``: its mean and its yearly waves (only the mean where there is no season).
    ``usual``: how far from there it is when nobody knows: 0, or what it was of late. ``sd``: the
    scatter around the waves, 0 where there is none.
    """

    waves: Floats
    usual: float
    sd: float


@dataclass(frozen=True, slots=True)
class Design:
    """The p columns for a history that ends on ``last_day``, to be made for any days.

    ``group``: (p,), which component a column belongs to. ``scale``: (p,), its usual effect
    relative to the component's width. ``names``: of the columns of weather, by position.
    ``knots``: days between the straight pieces of the trend, newest first.
    """

    last_day: int
    pairs: int
    knots: tuple[int, ...]
    normals: tuple[Normal, ...]
    lags: tuple[int, ...]
    weather_names: tuple[str, ...]
    group: Ints
    scale: Floats

    def rows(self, calendar: Calendar, first_day: int, last_day: int) -> Floats:
        """The rows of the days from ``first_day`` to ``last_day``, (days, p); never a NaN.

        Days that the calendar does not cover are ordinary days in usual weather."""
        days = np.arange(first_day, last_day + 1, dtype=np.int64)
        kind, weather = _covered(calendar, days)
        parts = [
            np.ones((len(days), 1)),
            _weekdays(days, kind),
            np.stack([kind == 1, kind == 2, kind == 3], axis=1).astype(np.float64),
            _waves(days, self.pairs),
            self._trend(days),
        ]
        for lag in self.lags:
            shifted = weather if lag == 0 else _covered(calendar, days - lag)[1]
            parts.append(self._unusual(days - lag, shifted))
        return np.ascontiguousarray(np.concatenate(parts, axis=1))

    def _trend(self, days: Ints) -> Floats:
        """Minus the share of each straight piece that was still to come; 0 from the end on."""
        ends = (self.last_day, *self.knots)[: len(self.knots)]
        columns = [
            np.clip((days - start) / (end - start), 0.0, 1.0) - 1.0
            for start, end in zip(self.knots, ends, strict=True)
        ]
        return np.stack(columns, axis=1) if columns else np.zeros((len(days), 0))

    def _unusual(self, days: Ints, weather: Floats) -> Floats:
        """How many standard deviations the weather was from the usual; the usual for NaN."""
        found = np.zeros((len(days), len(self.normals)))
        for column, normal in enumerate(self.normals):
            if normal.sd <= 0.0:
                continue
            away = weather[:, column] - _usual(days, normal)
            away[~np.isfinite(away)] = normal.usual
            found[:, column] = np.clip(away / normal.sd, -WEATHER_LIMIT_SD, WEATHER_LIMIT_SD)
        return found


def design(calendar: Calendar, first_day: int, last_day: int, settings: Settings) -> Design:
    """The columns for a history from ``first_day`` to ``last_day``, both included."""
    days = np.arange(first_day, last_day + 1, dtype=np.int64)
    pairs = min(settings.harmonics, sum(len(days) >= need for need in SEASON_DAYS))
    knots = _knots(first_day, last_day)
    weather = _covered(calendar, days)[1]
    normals = tuple(_normal(days, weather[:, column], pairs) for column in range(weather.shape[1]))
    old_enough = len(days) >= settings.weather_days
    lags = settings.weather_lags_days if normals and old_enough else ()
    pieces = -np.diff(np.array([last_day, *knots], dtype=np.float64))
    width = len(normals) * len(lags)
    group = np.repeat(
        np.array([LEVEL, WEEKDAY, HOLIDAY, SEASON, TREND, WEATHER], dtype=np.int64),
        [1, 6, 3, 2 * pairs, len(knots), width],
    )
    scale = np.concatenate(
        [
            np.ones(10),
            np.repeat(1.0 / np.arange(1, pairs + 1), 2),
            np.sqrt(pieces / QUARTER_DAYS),
            np.repeat(LAG_SHARE ** np.array(lags, dtype=np.float64), len(normals)),
        ]
    )
    return Design(last_day, pairs, knots, normals, lags, calendar.weather_names, group, scale)


def _covered(calendar: Calendar, days: Ints) -> tuple[Ints, Floats]:
    """Kind and weather of these days; 0 and NaN outside the calendar."""
    at = days - calendar.first_day
    inside: Flags = (at >= 0) & (at < len(calendar.kind))
    kind = np.zeros(len(days), dtype=np.int64)
    weather = np.full((len(days), calendar.weather.shape[1]), np.nan)
    kind[inside] = calendar.kind[at[inside]]
    weather[inside] = calendar.weather[at[inside]]
    return kind, weather


def _weekdays(days: Ints, kind: Ints) -> Floats:
    """The weekday; days off are taken for Sundays and weekends worked for average working days,
    so that the holiday's own column says only what is left."""
    rows = _WEEKDAYS[(days + _FIRST_WEEKDAY) % 7]
    rows[(kind == 1) | (kind == 2)] = _SUNDAY
    rows[kind == 3] = _WORKING_DAY
    return rows


def _waves(days: Ints, pairs: int) -> Floats:
    """Sine and cosine of one, two … waves a year."""
    angle = 2.0 * math.pi * (days / YEAR_DAYS)
    columns = [wave(n * angle) for n in range(1, pairs + 1) for wave in (np.sin, np.cos)]
    return np.stack(columns, axis=1) if columns else np.zeros((len(days), 0))


def _knots(first_day: int, last_day: int) -> tuple[int, ...]:
    """Where the straight pieces of the trend begin, newest first; flat before the oldest."""
    knots: list[int] = []
    at = last_day
    for piece in PIECES_DAYS:
        # A piece that history does not fill half goes to the one before it.
        if at - piece < first_day - piece // 2:
            break
        at -= piece
        knots.append(at)
    return tuple(knots)


def _normal(days: Ints, measured: Floats, pairs: int) -> Normal:
    known = np.isfinite(measured)
    if known.sum() < 2:
        return Normal(np.zeros(1), 0.0, 0.0)
    pairs = min(pairs, 2)
    rows = np.concatenate([np.ones((len(days), 1)), _waves(days, pairs)], axis=1)
    waves = np.linalg.lstsq(rows[known], measured[known], rcond=None)[0]
    away = measured[known] - rows[known] @ waves
    usual = float(away[-NEARBY_DAYS:].mean()) if pairs == 0 else 0.0
    sd = float(away.std())
    # What scatters by no more than rounding is a constant.
    scatters = sd > 1e-9 * max(1.0, float(np.abs(measured[known]).max()))
    return Normal(waves, usual, sd if scatters else 0.0)


def _usual(days: Ints, normal: Normal) -> Floats:
    pairs = (len(normal.waves) - 1) // 2
    found: Floats = normal.waves[0] + _waves(days, pairs) @ normal.waves[1:]
    return found
