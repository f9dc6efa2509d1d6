"""One night: from reports to what is said, what is withheld and why."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from streetwise.warn.cleaning import clean, take
from streetwise.warn.nightly.calibrated import (
    Calibrated,
    Kinds,
    calibrate,
    judged_before,
    kinds_of,
    with_threshold,
)
from streetwise.warn.nightly.evidence import evident
from streetwise.warn.nightly.findings import Finding, Tonight, findings
from streetwise.warn.nightly.following import Standing, follow, room_left
from streetwise.warn.nightly.lateness import Lateness, as_known, lateness_of
from streetwise.warn.nightly.layout import Street, watch
from streetwise.warn.nightly.local import hoods_of
from streetwise.warn.nightly.replay import Replayed, counted_days, replay
from streetwise.warn.nightly.settings import NightSettings
from streetwise.warn.values import Calendar, Expected, Flags, Note, Reports, Series

WITHHELD_BUDGET = "budget"
WITHHELD_FALSE_SHARE = "false_share"
WITHHELD_HISTORY = "history"
WITHHELD_WEEK = "week"


@dataclass(frozen=True, slots=True)
class Withheld:
    """A finding that is not said. ``reason``: "budget" (it comes by chance more often than the
    street's budget allows), "false_share" (too many of tonight's would be false), "history"
    (too few nights were replayed to know), "week" (this week has brought enough already).
    """

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class Night:
    """``said``: new and ongoing warnings of tonight and those just over. ``withheld``: notable
    findings that are not said. ``notes``: on the data's quality, those that touch the days looked
    at. ``series``, ``expected``: what was compared tonight, expected of one day. ``replayed``: to
    be handed to the next night. ``threshold_days``: what recurs by chance at least so seldom is
    said. ``seconds``: by step, what it took. ``late``: what was late of it, None for nothing.
    """

    night: int
    said: list[Standing]
    withheld: list[Withheld]
    notes: list[Note]
    series: Series
    expected: Expected
    replayed: Replayed
    threshold_days: float
    replayed_nights: int
    seconds: dict[str, float]
    late: Lateness | None = None


def run_night(
    reports: Reports,
    street: Street,
    calendar: Calendar,
    settings: NightSettings | None = None,
    *,
    night: int,
    replayed: Replayed | None = None,
    previous: Sequence[Standing] = (),
    confirmed: Flags | None = None,
) -> Night:
    """Clean, count, expect, compare, scan, calibrate, and say what is worth saying of ``night``.

    ``reports``: in order of time; those after ``night`` are not looked at. ``replayed``: of the
    night before; without it the past is replayed first. ``previous``: what stood the
    night before (with what was over in the last week, so that ``most_a_week`` can be counted).
    ``confirmed``: (C, N) as for ``calibrate``. Raises ValueError where there is no history.
    """
    settings = settings or NightSettings()
    clock = _Clock()
    cleaned = clean(_until(reports, night), settings.cleaning)
    clock.lap("clean")
    if not len(cleaned.reports):
        raise ValueError("There is no report up to this night.")
    first_day = int(cleaned.reports.day[0])
    first_night = first_day + settings.learn_days
    if night < first_night:
        raise ValueError(f"Nights can be run from {settings.learn_days} days of history on.")
    watched = watch(cleaned.reports, street, first_day, night, settings.least_a_day)
    late = lateness_of(cleaned.reports, watched, settings.cleaning.gap_expected)
    clock.lap("count")
    hoods = hoods_of(street) if settings.scan is not None and len(street.places) else None
    # What was replayed longer ago than calibration looks at need not be made again.
    first_night = max(first_night, night - settings.replay_days)
    made = replay(
        watched,
        calendar,
        hoods,
        settings,
        first_night=first_night,
        last_night=night,
        before=replayed,
        counted=counted_days(cleaned, watched),
        late=late,
    )
    clock.lap("replay")
    judged = judged_before(watched, made, settings, night)
    calibrated = calibrate(watched, made, settings, night, confirmed)
    calibrated = with_threshold(calibrated, judged, watched, made, hoods, settings, confirmed)
    tonight = kinds_of(watched, made, calibrated, night, night)
    made = replace(made, judged=Kinds.joined([judged, tonight]))
    clock.lap("calibrate")
    known = on_night(Tonight(watched, made, hoods, settings, night), late)
    found = findings(known, tonight)
    said, withheld = sifted(found, calibrated, settings)
    room = room_left([told for one in previous for told in one.told], night, settings.most_a_week)
    standing, crowded = follow(previous, said, night, settings.budget, room)
    withheld += [Withheld(one, WITHHELD_WEEK) for one in crowded]
    clock.lap("find")
    standing = _evident(standing, previous, known)
    clock.lap("evidence")
    column = slice(made.mean.shape[1] - 1, None)
    looked = night - max(settings.windows_days)
    return Night(
        night,
        standing,
        withheld,
        [note for note in cleaned.notes if note.last_day >= looked],
        watched.series,
        Expected(made.mean[:, column], made.size[:, -1]),
        made,
        calibrated.threshold_days,
        calibrated.nights,
        clock.laps,
        late,
    )


def on_night(tonight: Tonight, late: Lateness | None) -> Tonight:
    """The night with what was here on it, and what of its days was to be expected to be here."""
    made = tonight.replayed
    watched, mean = as_known(tonight.watched, made.mean, made.first_night, late, tonight.night)
    return replace(tonight, watched=watched, replayed=replace(made, mean=mean))


def _evident(
    standing: Sequence[Standing], previous: Sequence[Standing], tonight: Tonight
) -> list[Standing]:
    """What was found tonight, with the evidence beside it; the rest as it was."""
    before = {one.identity: one.finding.zones for one in previous}
    return [
        replace(one, finding=evident(one.finding, tonight, before.get(one.identity, ())))
        if one.last_night == tonight.night
        else one
        for one in standing
    ]


def sifted(
    found: Sequence[Finding], calibrated: Calibrated, settings: NightSettings
) -> tuple[list[Finding], list[Withheld]]:
    """Which findings are said, and why the others are not."""
    said: list[Finding] = []
    withheld: list[Withheld] = []
    within = [one for one in found if one.weighed_days >= calibrated.threshold_days]
    shares = calibrated.false_shares(np.array([one.weighed_days for one in within]))
    shared = [
        replace(one, false_share=share) for one, share in zip(within, shares.tolist(), strict=True)
    ]
    beyond_budget = [one for one in found if one.weighed_days < calibrated.threshold_days]
    for one in (*shared, *beyond_budget):
        if calibrated.nights < settings.fewest_replayed:
            withheld.append(Withheld(one, WITHHELD_HISTORY))
        elif one.weighed_days < calibrated.threshold_days:
            withheld.append(Withheld(one, WITHHELD_BUDGET))
        elif one.false_share > settings.false_share:
            withheld.append(Withheld(one, WITHHELD_FALSE_SHARE))
        else:
            said.append(one)
    return said, withheld


def _until(reports: Reports, night: int) -> Reports:
    if len(reports) == 0 or int(reports.day[-1]) <= night:
        return reports
    return take(reports, np.flatnonzero(reports.day <= night).astype(np.int64))


class _Clock:
    """Seconds by step. For the bench only: nothing that is found depends on it."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(now - self._last, 4)
        self._last = now
