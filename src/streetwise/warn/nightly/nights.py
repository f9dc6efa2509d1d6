"""Many nights of a history in one go: as ``run_night`` night by night, but quick enough to score.

What each night knows is what was known then: expectations were learned before it, and calibration
rests on the nights before it (made anew every week at first, later every month, where a real night
makes it every time). Only cleaning looks at the whole history at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streetwise.warn.cleaning import clean
from streetwise.warn.nightly.calibrated import Calibrated, Kinds, calibrate
from streetwise.warn.nightly.findings import Finding, Tonight, findings
from streetwise.warn.nightly.following import Standing, follow, room_left
from streetwise.warn.nightly.layout import Street, Watched, watch
from streetwise.warn.nightly.local import hoods_of
from streetwise.warn.nightly.replay import Replayed, replay
from streetwise.warn.nightly.run import judged
from streetwise.warn.nightly.settings import NightSettings
from streetwise.warn.values import Calendar, Note, Reports


@dataclass(frozen=True, slots=True)
class Nights:
    """``warnings``: all that were ever said, each as it was last seen, in order of their first
    night. ``first_night``, ``last_night``: nights on which something could be said, both included.
    ``telling``: each night on which something was told, with the finding as it was that night.
    ``thresholds``: night and
    threshold in days, each time that calibration was made.
    """

    warnings: list[Standing]
    telling: list[tuple[int, Finding]]
    notes: list[Note]
    first_night: int
    last_night: int
    thresholds: list[tuple[int, float]]
    watched: Watched
    replayed: Replayed


def run_nights(
    reports: Reports,
    street: Street,
    calendar: Calendar,
    settings: NightSettings | None = None,
    *,
    recalibrate_days: int | None = None,
    calibrated: Calibrated | None = None,
) -> Nights:
    """Every night of ``reports`` from ``learn_days`` + ``fewest_replayed`` days on.

    ``recalibrate_days``: always so often. ``calibrated``: calibrate with this alone, all the time (of another history of the same series,
    say). Raises ValueError where the history is shorter.
    """
    settings = settings or NightSettings()
    cleaned = clean(reports, settings.cleaning)
    if not len(cleaned.reports):
        raise ValueError("There are no reports.")
    first_day, last_day = int(cleaned.reports.day[0]), int(cleaned.reports.day[-1])
    watched = watch(cleaned.reports, street, first_day, last_day, settings.least_a_day)
    hoods = hoods_of(street) if settings.scan is not None and len(street.places) else None
    begins = first_day + settings.learn_days
    made = replay(
        watched, calendar, hoods, settings, first_night=begins, last_night=last_day
    )
    said: dict[str, Standing] = {}
    telling: list[tuple[int, Finding]] = []
    thresholds: list[tuple[int, float]] = []
    standing: list[Standing] = []
    first_night = begins + settings.fewest_replayed
    if first_night > last_day:
        raise ValueError("The history is too short to say anything of any night.")
    night = first_night
    while night <= last_day:
        step = recalibrate_days or int(np.clip((night - begins) // 8, 7, 28))
        until = min(night + step - 1, last_day)
        known = calibrated or calibrate(watched, made, hoods, settings, night)
        thresholds.append((night, known.threshold_days))
        columns = slice(night - begins, until - begins + 1)
        kinds = known.kinds(watched, made.tests[:, :, columns], made.scan[:, columns])
        for tonight in range(night, until + 1):
            one = _of_night(kinds, tonight - night)
            found = []
            if one.days.max(initial=0.0) >= known.threshold_days:
                made_of = Tonight(watched, made, known, hoods, settings, tonight)
                found, _ = judged(findings(made_of, one), known, settings)
            begun = [told for one in said.values() for told in one.told]
            room = room_left(begun, tonight, settings.most_a_week)
            standing, _ = follow(standing, found, tonight, settings.budget, room)
            for warning in standing:
                said[warning.identity] = warning
                if warning.told[-1] == tonight:
                    telling.append((tonight, warning.finding))
        night = until + 1
    warnings = sorted(said.values(), key=lambda one: (one.first_night, one.identity))
    return Nights(
        warnings, telling, list(cleaned.notes), first_night, last_day, thresholds, watched, made
    )


def _of_night(kinds: Kinds, at: int) -> Kinds:
    column = slice(at, at + 1)
    return Kinds(
        kinds.days[:, :, column],
        kinds.at_least[:, :, column],
        kinds.test[:, :, column],
        kinds.row[:, :, column],
    )


def no_weather(first_day: int, days: int, holidays: frozenset[int] = frozenset()) -> Calendar:
    """A calendar with holidays (days) and without weather."""
    kind = np.zeros(days, dtype=np.int64)
    for day in holidays:
        if 0 <= day - first_day < days:
            kind[day - first_day] = 1
    return Calendar(first_day, kind, np.zeros((days, 0)), ())
