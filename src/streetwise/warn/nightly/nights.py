"""Many nights of a history in one go: as ``run_night`` night by night, but quick enough to score.

What each night knows is what was known then: expectations were learned before it, and calibration
rests on the nights before it (made anew every week at first, later every month, where a real night
makes it every time). Only cleaning looks at the whole history at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from streetwise.warn.cleaning import clean
from streetwise.warn.nightly.calibrated import (
    FEWEST_NIGHTS,
    Calibrated,
    Kinds,
    block_nights,
    calibrate,
    kinds_of,
    with_threshold,
)
from streetwise.warn.nightly.findings import Finding, Tonight, findings
from streetwise.warn.nightly.following import Standing, follow, room_left
from streetwise.warn.nightly.lateness import Lateness, lateness_of
from streetwise.warn.nightly.layout import Street, Watched, watch
from streetwise.warn.nightly.local import cell_model, hoods_of
from streetwise.warn.nightly.replay import Replayed, counted_days, replay
from streetwise.warn.nightly.run import on_night, sifted
from streetwise.warn.nightly.settings import NightSettings
from streetwise.warn.values import Calendar, Note, Reports

Verdict = Callable[[int, Finding], bool]


@dataclass(frozen=True, slots=True)
class Nights:
    """``warnings``: all that were ever said, each as it was last seen, in order of their first
    night; ``begun``: by identity, each as it was first said. ``first_night``, ``last_night``:
    nights on which something could be said, both included. ``telling``: each night on which
    something was told, with the finding as it was that night. ``thresholds``: night and threshold
    in days, each time that calibration was made. ``replayed``: may be handed to ``run_night`` for
    the last night, which then makes nothing twice and finds what it would have found. ``late``:
    what was late of the reports.
    """

    warnings: list[Standing]
    begun: dict[str, Finding]
    telling: list[tuple[int, Finding]]
    notes: list[Note]
    first_night: int
    last_night: int
    thresholds: list[tuple[int, float]]
    watched: Watched
    replayed: Replayed
    late: Lateness | None = None


def run_nights(
    reports: Reports,
    street: Street,
    calendar: Calendar,
    settings: NightSettings | None = None,
    *,
    calibrated: Calibrated | None = None,
    verdict: Verdict | None = None,
) -> Nights:
    """Every night of ``reports`` from ``learn_days`` + ``fewest_replayed`` days on.

    ``calibrated``: calibrate with this alone, all the time (of another history of the same series,
    say). ``verdict``: what officers say of each finding that is told (True: it was right); the
    next calibration knows, and counts it neither as chance nor against the budget. Raises
    ValueError where the history is shorter.
    """
    settings = settings or NightSettings()
    cleaned = clean(reports, settings.cleaning)
    if not len(cleaned.reports):
        raise ValueError("There are no reports.")
    first_day, last_day = int(cleaned.reports.day[0]), int(cleaned.reports.day[-1])
    watched = watch(cleaned.reports, street, first_day, last_day, settings.least_a_day)
    hoods = hoods_of(street) if settings.scan is not None and len(street.places) else None
    begins = first_day + settings.learn_days
    late = lateness_of(cleaned.reports, watched, settings.cleaning.gap_expected)
    made = replay(
        watched,
        calendar,
        hoods,
        settings,
        first_night=begins,
        last_night=last_day,
        counted=counted_days(cleaned, watched),
        late=late,
    )
    said: dict[str, Standing] = {}
    begun: dict[str, Finding] = {}
    telling: list[tuple[int, Finding]] = []
    thresholds: list[tuple[int, float]] = []
    standing: list[Standing] = []
    first_night = begins + settings.fewest_replayed
    if first_night > last_day:
        raise ValueError("The history is too short to say anything of any night.")
    judged = Kinds.none(len(watched.categories))
    right: set[str] = set()
    confirmed = np.zeros((len(watched.categories), last_day - begins + 1), dtype=np.bool_)
    night = begins
    while night <= last_day:
        past = night - begins
        if past < FEWEST_NIGHTS and calibrated is None:
            judged = Kinds.none(len(watched.categories), FEWEST_NIGHTS)
            night += FEWEST_NIGHTS
            continue
        until = min(night + block_nights(past), last_day + 1) - 1
        known = calibrated
        if known is None:
            known = calibrate(watched, made, settings, night, confirmed)
            known = with_threshold(known, judged, watched, made, hoods, settings, confirmed)
        thresholds.append((night, known.threshold_days))
        kinds = kinds_of(watched, made, known, night, until)
        then = _known_by(night, made, watched, settings)
        judged = Kinds.joined([judged, kinds])
        for tonight in range(max(night, first_night), until + 1):
            one = kinds.at(slice(tonight - night, tonight - night + 1))
            found: list[Finding] = []
            if one.weighed(settings).max(initial=0.0) >= known.threshold_days:
                made_of = on_night(Tonight(watched, then, hoods, settings, tonight), late)
                found, _ = sifted(findings(made_of, one), known, settings)
            told = [one for each in said.values() for one in each.told]
            room = room_left(told, tonight, settings.most_a_week)
            standing, _ = follow(standing, found, tonight, settings.budget, room)
            for warning in standing:
                said[warning.identity] = warning
                begun.setdefault(warning.identity, warning.finding)
                if warning.told[-1] == tonight:
                    telling.append((tonight, warning.finding))
                    if verdict is not None and verdict(tonight, warning.finding):
                        right.add(warning.identity)
                if warning.identity in right and warning.last_night == tonight:
                    of = warning.finding.candidate
                    since = max(0, of.first_day - begins)
                    confirmed[of.category, since : tonight - begins + 1] = True
        night = until + 1
    warnings = sorted(said.values(), key=lambda one: (one.first_night, one.identity))
    if calibrated is None and verdict is None:
        # As ``run_night`` judges them itself; the last night it adds.
        made = replace(made, judged=judged.at(slice(0, last_day - begins)))
    return Nights(
        warnings,
        begun,
        telling,
        list(cleaned.notes),
        first_night,
        last_day,
        thresholds,
        watched,
        made,
        late,
    )


def _known_by(night: int, made: Replayed, watched: Watched, settings: NightSettings) -> Replayed:
    """The replay with the places' shares of the past, not those of the end of the history."""
    if made.cells is None:
        return made
    past = watched.cells.before(night - watched.series.first_day)
    return replace(made, cells=cell_model(past, settings))


def no_weather(first_day: int, days: int, holidays: frozenset[int] = frozenset()) -> Calendar:
    """A calendar with holidays (days) and without weather."""
    kind = np.zeros(days, dtype=np.int64)
    for day in holidays:
        if 0 <= day - first_day < days:
            kind[day - first_day] = 1
    return Calendar(first_day, kind, np.zeros((days, 0)), ())
