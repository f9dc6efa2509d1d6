"""How a category's reports lie over weekday, holidays and the year: its shape, without its level.

One small Poisson regression per category, over all its places together: weekdays, kinds of days
(``Calendar``) and, with enough past, two waves a year beside a straight trend. Only the shape is
kept; the level of each place is followed by ``levels.py``.
"""

from __future__ import annotations

import numpy as np

from streetwise.warn.forecast.poisson import fit_poisson
from streetwise.warn.values import ALL, Calendar, Floats, Ints, Series

#: With less past than this, a year's waves and a trend cannot be told apart.
SEASON_DAYS_LEAST = 540
_YEAR = 365.2425
_THURSDAY = 3  # 1970-01-01
_KINDS = 3
_RIDGE = 3.0
#: No day is taken for less or more than this share of an ordinary one.
_LEAST, _MOST = 0.1, 10.0


def totals_by_category(series: Series) -> tuple[Ints, Floats]:
    """The categories of the series in order, and their daily totals (C, T).

    The total is the category's own series over all places where there is one, else the sum of
    those that have no parent of the same category.
    """
    categories, of = np.unique(series.category, return_inverse=True)
    totals = np.zeros((len(categories), series.counts.shape[1]))
    for number in range(len(categories)):
        mine = np.flatnonzero(of == number)
        whole = mine[series.place[mine] == ALL]
        if len(whole):
            totals[number] = series.counts[whole[0]]
            continue
        parent = series.parent[mine]
        inside = (parent >= 0) & (series.category[np.maximum(parent, 0)] == categories[number])
        totals[number] = series.counts[mine[~inside]].sum(axis=0)
    return categories, totals


def day_features(
    first_day: int, count: int, calendar: Calendar | None, *, season: bool
) -> tuple[Floats, int]:
    """(count, K) features of days from ``first_day`` on, and how many of them are the shape.

    The last one or none is the trend. Days that the calendar does not know count as ordinary.
    """
    days = np.arange(first_day, first_day + count, dtype=np.int64)
    kind = np.zeros(count, dtype=np.int64)
    if calendar is not None and len(calendar.kind):
        at = days - calendar.first_day
        known = (at >= 0) & (at < len(calendar.kind))
        kind[known] = calendar.kind[at[known]]
    ordinary = kind == 0
    weekday = (days + _THURSDAY) % 7
    columns = [((weekday == number) & ordinary).astype(np.float64) for number in range(7)]
    columns += [(kind == number).astype(np.float64) for number in range(1, _KINDS + 1)]
    if season:
        for wave in (1, 2):
            angle = 2 * np.pi * wave * days / _YEAR
            columns += [np.sin(angle), np.cos(angle)]
        columns.append((days - first_day) / _YEAR)
    shape = len(columns) - (1 if season else 0)
    return np.column_stack(columns), shape


def shapes(
    totals: Floats, first_day: int, known_days: int, days: int, calendar: Calendar | None
) -> Floats:
    """(C, days): each category's shape, mean about 1, learnt on the first ``known_days`` only."""
    season = known_days >= SEASON_DAYS_LEAST
    features, kept = day_features(first_day, days, calendar, season=season)
    found = np.ones((len(totals), days))
    for number, total in enumerate(totals):
        fit = fit_poisson(features[:known_days], total[:known_days], ridge=_RIDGE)
        standard = (features[:, :kept] - fit.centre[:kept]) / fit.spread[:kept]
        shape = np.exp(np.clip(standard @ fit.slopes[:kept], -4.0, 4.0))
        middle = shape[:known_days].mean() if known_days else 1.0
        found[number] = np.clip(shape / middle, _LEAST, _MOST)
    return found
