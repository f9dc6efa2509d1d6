"""Which other methods agree with a finding that is said: each by its own rule, none a trigger.

- "cusum": NB-CUSUM over what was expected called a lasting rise in the last days;
- "farrington": the seven days up to tonight lie above the bound of the same weeks of past years,
  where there is a year of them;
- "ears": where there is not, one of the last days lies above the days before it.
"""

from __future__ import annotations

import numpy as np

from streetwise.warn.compare import (
    compare_buildup,
    compare_days,
    compare_weekly,
    enough_weeks,
)
from streetwise.warn.nightly.findings import Finding, Tonight
from streetwise.warn.values import Expected, Series

CUSUM, FARRINGTON, EARS = "cusum", "farrington", "ears"


def agreeing(finding: Finding, tonight: Tonight) -> tuple[str, ...]:
    """The methods that say so too; none for what only the scan found."""
    row = row_of(finding, tonight)
    if row is None:
        return ()
    past = _until_tonight(tonight, row)
    found = [CUSUM] if _builds_up(past, tonight, row) else []
    if enough_weeks(past, tonight.night):
        if compare_weekly(past, tonight.night):
            found.append(FARRINGTON)
    elif _above_the_days_before(past, tonight):
        found.append(EARS)
    return tuple(found)


def row_of(finding: Finding, tonight: Tonight) -> int | None:
    """The series that a finding is about; None for places."""
    if finding.level == "places":
        return None
    series, category = tonight.watched.series, finding.candidate.category
    if finding.level == "street":
        return category
    of_it = (series.place == finding.region) & (series.category == category)
    return int(np.flatnonzero(of_it)[0])


def _until_tonight(tonight: Tonight, row: int) -> Series:
    """The one series, from the first day of the history to tonight."""
    series = tonight.watched.series
    days = tonight.night - series.first_day + 1
    one = slice(row, row + 1)
    alone = np.full(1, -1, dtype=np.int64)
    return Series(
        series.counts[one, :days], series.first_day, series.place[one], series.category[one], alone
    )


def _builds_up(past: Series, tonight: Tonight, row: int) -> bool:
    rules, replayed = tonight.settings.evidence, tonight.replayed
    nights = slice(0, tonight.column + 1)
    begins = replayed.first_night - past.first_day
    lately = Series(
        past.counts[:, begins:], replayed.first_night, past.place, past.category, past.parent
    )
    expected = Expected(
        replayed.mean[row : row + 1, nights], replayed.size[row : row + 1, tonight.column]
    )
    called = compare_buildup(
        lately,
        expected,
        rise=rules.build_up_rise,
        false_alarm_days=rules.build_up_days,
        days=rules.build_up_within_days,
    )
    return bool(called)


def _above_the_days_before(past: Series, tonight: Tonight) -> bool:
    """By C2, or by C3, which adds what the two days before lay above."""
    rules = tonight.settings.evidence
    return any(
        compare_days(past, method=method, days=rules.ears_within_days, alpha=rules.ears_chance)
        for method in ("C2", "C3")
    )
