"""Notes on days of which not all is here yet, so that nobody takes what is late for peace."""

from __future__ import annotations

import numpy as np

from streetwise.warn.late import AGES
from streetwise.warn.nightly.lateness import WHOLE_SHARE, Lateness
from streetwise.warn.values import ALL, Floats, Note, Reports

#: Classes that are named one by one, those that have most of a day's reports first.
CLASSES_MOST = 10


def late_notes(late: Lateness | None, reports: Reports, night: int) -> list[Note]:
    """A note for each of the newest days of which usually less than ``WHOLE_SHARE`` is here on a
    night; on the newest one also for classes that are late where the street is not.
    """
    if late is None:
        return []
    shares = shares_on(late, night)
    notes = [
        _note(reports, night - age, ALL, float(shares[ALL, age]))
        for age in range(shares.shape[1])
        if shares[ALL, age] < WHOLE_SHARE
    ]
    if notes and notes[0].first_day == night:
        return notes
    classes = np.flatnonzero(shares[:-1, 0] < WHOLE_SHARE).tolist()
    came = np.bincount(reports.category, minlength=len(shares) - 1)
    classes = sorted(classes, key=lambda one: (-came[one], one))[:CLASSES_MOST]
    return notes + [_note(reports, night, one, float(shares[one, 0])) for one in classes]


def shares_on(late: Lateness, night: int) -> Floats:
    """(C + 1, ages): by class, the last row of all, the share of each of the newest days that is
    usually here on a night; the newest day first.
    """
    classes = late.mix.shape[1]
    ages = min(AGES, night - late.first_day + 1)
    found = np.ones((classes + 1, ages))
    for age in range(ages):
        found[:-1, age] = late.here_on(night, age)[:classes]
        found[-1, age] = late.whole(age, night - late.first_day - age)
    return found


def _note(reports: Reports, day: int, category: int, share: float) -> Note:
    of = reports.day == day
    if category != ALL:
        of &= reports.category == category
    says = "late_all" if category == ALL else "late_class"
    return Note("late", day, day, int(of.sum()), category, says=says, numbers={"share": share})
