"""Replay: what each night of the past would have said, with what was known then.

Every ``refit_days`` the expectation is learned anew from the days before, and holds for the
nights until the next time: what a night compares with was made before it, then as now. A replay
can be carried on (``before``): the nightly run adds tonight to it, and what was compared with last
week stays what it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streetwise.warn.cleaning import Cleaned
from streetwise.warn.expect import Fitted, fit
from streetwise.warn.nightly.calibrated import Kinds
from streetwise.warn.nightly.lateness import Lateness
from streetwise.warn.nightly.layout import Watched
from streetwise.warn.nightly.local import CellModel, cell_model, scan_nights
from streetwise.warn.nightly.settings import NightSettings
from streetwise.warn.nightly.sums import late_scores, window_scores
from streetwise.warn.scan import Neighbourhoods
from streetwise.warn.values import Calendar, Flags, Floats, Ints, Series


@dataclass(frozen=True, slots=True)
class Replayed:
    """N nights from ``first_night`` on, S series, C categories.

    ``mean``, ``size``: (S, N), what each night was compared with. ``tests``: (V, S, N), scores of
    the windows. ``scan``, ``zone``: (C, N), NaN where it was not run
    (``NightSettings.scan_finds``), and the zone that it found (-1 for none).
    ``fitted``, ``cells``, ``fitted_for``: the newest expectation and the night it was made for.
    ``judged``: nights as each was judged when it was tonight, from ``first_night`` on.
    ``rows``: the series by place and category, so that a replay of other series is not carried on.
    """

    first_night: int
    mean: Floats
    size: Floats
    tests: Floats
    scan: Floats
    zone: Ints
    fitted: Fitted
    cells: CellModel | None
    fitted_for: int
    rows: tuple[bytes, bytes]
    judged: Kinds | None = None

    @property
    def last_night(self) -> int:
        """The newest night."""
        return int(self.first_night + self.mean.shape[1] - 1)

    def before(self, night: int) -> slice:
        """The columns of the nights before a night."""
        return slice(0, max(0, night - self.first_night))


@dataclass(slots=True)
class _Growing:
    """Columns of the nights while they are added."""

    mean: Floats
    size: Floats
    scan: Floats
    zone: Ints
    fitted: Fitted | None = None
    cells: CellModel | None = None
    fitted_for: int = -1


def replay(
    watched: Watched,
    calendar: Calendar,
    hoods: Neighbourhoods | None,
    settings: NightSettings,
    *,
    first_night: int,
    last_night: int,
    before: Replayed | None = None,
    counted: Flags | None = None,
    late: Lateness | None = None,
) -> Replayed:
    """The nights from ``first_night`` to ``last_night``, carried on from ``before`` if it fits.

    ``hoods``: where the scan looks, None for no scan. ``counted``: (S, T) as ``counted_days``
    gives it, None for all days: what is no count teaches nothing, and no window over it has a
    score. ``late``: each night is judged by what was here on it. Raises
    ValueError where there are no days before the first night, or fewer days counted than nights
    asked for.
    """
    series = watched.series
    last_column = series.first_day + series.counts.shape[1] - 1
    if first_night <= series.first_day or last_night > last_column or last_night < first_night:
        raise ValueError("Nights are replayed within the history, and after its first day.")
    nights = last_night - first_night + 1
    grown, done = _begun(series, len(watched.categories), first_night, nights, before)
    night = first_night + done
    while night <= last_night:
        if grown.fitted is None or night - grown.fitted_for >= settings.refit_days:
            _learn(watched, calendar, settings, night, grown, counted, late)
        assert grown.fitted is not None
        until = min(last_night, grown.fitted_for + settings.refit_days - 1)
        expected = grown.fitted.expected(night, until, calendar)
        columns = slice(night - first_night, until - first_night + 1)
        grown.mean[:, columns] = expected.mean
        grown.size[:, columns] = expected.size[:, None]
        rules = settings.scan if settings.scan_finds else None
        if hoods is not None and rules is not None and grown.cells is not None:
            span = np.arange(night, until + 1, dtype=np.int64)
            mean = grown.mean[: len(watched.categories)]
            grown.scan[:, columns], grown.zone[:, columns] = scan_nights(
                watched, grown.cells, mean, first_night, hoods, rules, span
            )
        night = until + 1
    tests = _tests(series, grown, first_night, settings, counted, late)
    assert grown.fitted is not None
    judged = before.judged if before is not None and done else None
    if judged is not None and before is not None:
        judged = judged.at(slice(first_night - before.first_night, None))
    return Replayed(
        first_night,
        grown.mean,
        grown.size,
        tests,
        grown.scan,
        grown.zone,
        grown.fitted,
        grown.cells,
        grown.fitted_for,
        _rows(series),
        judged,
    )


def _begun(
    series: Series, categories: int, first: int, nights: int, before: Replayed | None
) -> tuple[_Growing, int]:
    """Columns for all nights, those known filled in; and how many are known."""
    shape = (len(series.counts), nights)
    wide = (categories, nights)
    grown = _Growing(
        np.full(shape, np.nan), np.ones(shape), np.full(wide, np.nan), np.full(wide, -1)
    )
    if before is None or before.rows != _rows(series) or before.first_night > first:
        return grown, 0
    known = slice(first - before.first_night, None)
    have = min(nights, before.mean[:, known].shape[1])
    if have <= 0:
        return grown, 0
    grown.mean[:, :have] = before.mean[:, known][:, :have]
    grown.size[:, :have] = before.size[:, known][:, :have]
    grown.scan[:, :have] = before.scan[:, known][:, :have]
    grown.zone[:, :have] = before.zone[:, known][:, :have]
    grown.fitted, grown.cells, grown.fitted_for = before.fitted, before.cells, before.fitted_for
    return grown, have


def counted_days(cleaned: Cleaned, watched: Watched) -> Flags:
    """(S, T): False on days on which the category of a series, or everybody, was silent.

    Days that cleaning did not see are taken for counted.
    """
    series = watched.series
    counted = np.ones(series.counts.shape, dtype=np.bool_)
    silent = cleaned.silent[:-1] | cleaned.silent[-1:]
    later = cleaned.first_day - series.first_day
    begin, end = max(0, later), min(series.counts.shape[1], later + silent.shape[1])
    counted[:, begin:end] = ~silent[series.category, begin - later : end - later]
    return counted


def _learn(
    watched: Watched,
    calendar: Calendar,
    settings: NightSettings,
    night: int,
    grown: _Growing,
    counted: Flags | None,
    late: Lateness | None,
) -> None:
    """The expectation of the nights from ``night`` on, from the days before it."""
    series = watched.series
    until = night - series.first_day
    counts = series.counts[:, :until]
    known = None if counted is None else counted[:, :until]
    if late is not None:
        # As they were here when it was learned; a day that was not whole yet teaches nothing.
        counts, whole = late.known(counts, night), late.teaches(night, until)
        known = whole if known is None else known & whole
    past = Series(counts, series.first_day, series.place, series.category, series.parent)
    grown.fitted = fit(past, calendar, settings.expect, counted=known, start=grown.fitted)
    grown.fitted_for = night
    if settings.scan is not None:
        grown.cells = cell_model(watched.cells.before(until), settings)


def _tests(
    series: Series,
    grown: _Growing,
    first_night: int,
    settings: NightSettings,
    counted: Flags | None,
    late: Lateness | None,
) -> Floats:
    """(V, S, N) scores; those of nights known before are made again.

    Which gives the same, but for windows that reach back before the first night, and for a silence
    that is only known by now.
    """
    columns = slice(first_night - series.first_day, None)
    counts = series.counts[:, columns][:, : grown.mean.shape[1]]
    mean = grown.mean
    if counted is not None:
        mean = np.where(counted[:, columns][:, : mean.shape[1]], mean, np.nan)
    windows, least = settings.windows_days, settings.least
    unsure = _unsure(grown, first_night - series.first_day, settings.known_days)
    if late is None:
        return window_scores(counts, mean, grown.size, windows, least, unsure)
    return late_scores(counts, mean, grown.size, windows, late, first_night, least, unsure)


def _unsure(grown: _Growing, history_days: int, known_days: float) -> Floats | None:
    """(S, N): the square of how unsure each night's mean is, relative to it: a level rests on so
    many days' counts and no more. ``history_days``: before the first night.
    """
    if known_days <= 0:
        return None
    known = np.minimum(np.arange(grown.mean.shape[1]) + history_days, known_days)
    found: Floats = (1.0 / np.maximum(grown.mean, 1e-9) + 1.0 / grown.size) / known
    return found


def _rows(series: Series) -> tuple[bytes, bytes]:
    return series.place.tobytes(), series.category.tobytes()
