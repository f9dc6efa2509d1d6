"""What the three comparisons give to the nightly run: candidates, from daily series."""

from __future__ import annotations

import math

import numpy as np

from streetwise.kernel.errors import Invalid
from streetwise.warn.compare.cusum import nb_cusum, threshold_for
from streetwise.warn.compare.ears import Method, ears
from streetwise.warn.compare.farrington import farrington
from streetwise.warn.compare.settings import FarringtonSettings
from streetwise.warn.compare.weeks import plan
from streetwise.warn.values import ALL, Candidate, Expected, Flags, Ints, Series

#: A street may have two years of history or six: as many as there are, up to four.
WEEKLY = FarringtonSettings(fewest_years=1)


def weekly_counts(series: Series, last_day: int) -> tuple[Ints, int]:
    """Counts of whole weeks (S, W) of which the newest ends on ``last_day``, and their first day.

    Days before the first whole week and after ``last_day`` are left out. Raises ``Invalid`` if
    the series does not reach to ``last_day``, or holds no whole week up to it.
    """
    days = last_day + 1 - series.first_day
    if days > series.counts.shape[1]:
        raise Invalid("The series ends before the day up to which it is to be judged.")
    weeks = days // 7
    if weeks < 1:
        raise Invalid("The series does not hold a whole week.")
    whole = series.counts[:, days - 7 * weeks : days]
    return whole.reshape(len(whole), weeks, 7).sum(axis=2), last_day + 1 - 7 * weeks


def enough_weeks(series: Series, last_day: int, settings: FarringtonSettings = WEEKLY) -> bool:
    """Whether the week up to ``last_day`` has as many years to be compared with as it needs."""
    if last_day + 1 - series.first_day < 7:
        return False
    counts, first_day = weekly_counts(series, last_day)
    newest = np.array([counts.shape[1] - 1], dtype=np.int64)
    return bool(plan(newest, settings, first_day).enough[0])


def compare_weekly(
    series: Series, last_day: int, settings: FarringtonSettings = WEEKLY, *, weeks: int = 1
) -> list[Candidate]:
    """The newest ``weeks`` weeks up to ``last_day`` that lie above their bound; oldest first.

    ``score``: 0 as expected, 1 at the bound. A series without enough history gives none.
    """
    counts, first_day = weekly_counts(series, last_day)
    newest = np.arange(max(0, counts.shape[1] - weeks), counts.shape[1], dtype=np.int64)
    judged = farrington(counts, settings, weeks=newest, first_day=first_day)
    score = judged.score
    found = []
    for column, row in np.argwhere(judged.alarm.T).tolist():
        start = first_day + 7 * int(newest[column])
        found.append(
            Candidate(
                "farrington",
                int(series.category[row]),
                _places(series, row),
                start,
                start + 6,
                int(judged.observed[row, column]),
                float(judged.expected[row, column]),
                float(score[row, column]),
            )
        )
    return found


def compare_days(
    series: Series, *, method: Method = "C2", days: int = 1, alpha: float = 0.001
) -> list[Candidate]:
    """The newest ``days`` days that lie above their EARS bound; oldest first.

    ``score``: standard deviations above the mean of the week before.
    """
    judged = ears(series.counts, method, alpha=alpha)
    found = []
    for column, row in _newest(judged.alarm, days):
        day = series.first_day + column
        found.append(
            Candidate(
                "ears",
                int(series.category[row]),
                _places(series, row),
                day,
                day,
                int(series.counts[row, column]),
                float(judged.mean[row, column]),
                float(judged.statistic[row, column]),
            )
        )
    return found


def compare_buildup(
    series: Series,
    expected: Expected,
    *,
    rise: float = 2.0,
    false_alarm_days: float = 365.0,
    days: int = 1,
) -> list[Candidate]:
    """Build-ups that NB-CUSUM calls in the newest ``days`` days; oldest first.

    ``false_alarm_days``: a series brings a false alarm once in so many days at most. ``score``:
    the chart's value over its threshold. Each covers the days since its chart left 0.
    """
    threshold = threshold_for(false_alarm_days)
    chart = nb_cusum(series.counts, expected, rise=rise, threshold=threshold)
    found = []
    for column, row in _newest(chart.alarm, days):
        first = int(chart.since[row, column])
        covered = slice(first, column + 1)
        found.append(
            Candidate(
                "cusum",
                int(series.category[row]),
                _places(series, row),
                series.first_day + first,
                series.first_day + column,
                int(series.counts[row, covered].sum()),
                math.fsum(expected.mean[row, covered]),
                float(chart.value[row, column] / threshold),
            )
        )
    return found


def _newest(alarm: Flags, days: int) -> list[list[int]]:
    """Column and row of each alarm in the newest columns, oldest first."""
    first = max(0, alarm.shape[1] - days)
    return [[first + column, row] for column, row in np.argwhere(alarm[:, first:].T).tolist()]


def _places(series: Series, row: int) -> tuple[int, ...]:
    place = int(series.place[row])
    return () if place == ALL else (place,)
