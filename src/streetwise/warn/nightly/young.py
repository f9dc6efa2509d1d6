"""A young street: what may be said before there is a history to replay.

With two to eight weeks nothing can be expected of a season or a trend, and no tail can be fitted.
EARS needs a week: each series (a category over the street, and in each region) is compared with
its own seven days, two days left out between (C2; on the first nights, which have not so many, the
seven just before: C1). How often an EARS alarm comes by chance is not what its level says, so it is
counted here too: all alarms of all categories and nights so far are put on one scale (-ln P of so
many reports, with the mean and spread that EARS compared with), and one is as seldom as the number
of those at least as strange among the nights seen: of 30 nights the strangest comes "once in 30
days, or less often", the third "once in 10". No interval is longer than the nights seen.

All nights so far are gone through, each by what was known then, so that a night run again gives the
same, and all of them together bring no more than the budget.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import ndtri

from streetwise.warn.calibrate import tops
from streetwise.warn.cleaning import clean
from streetwise.warn.compare import Ears, ears
from streetwise.warn.compare.ears import LAG, Method
from streetwise.warn.meeting import meet
from streetwise.warn.nightly.findings import Finding
from streetwise.warn.nightly.following import Standing, follow, room_left
from streetwise.warn.nightly.lateness import Lateness, lateness_of
from streetwise.warn.nightly.layout import Street, Watched, watch
from streetwise.warn.nightly.settings import NightSettings
from streetwise.warn.nightly.sums import surprise
from streetwise.warn.values import ALL, Candidate, Flags, Floats, Ints, Reports

EARS_METHOD = "ears"
#: From so many days of history on something may be said.
YOUNG_FROM_DAYS = 14
BASELINE_DAYS = 7
_WEEK = 7


@dataclass(frozen=True, slots=True)
class YoungNight:
    """``standing``: what stands after the night, as ``follow`` gives it. ``watched``: what was
    compared; ``mean``: (S, T), with what, 0 on days that had too few before them. ``nights``: how
    many nights were judged. ``late``: what was late of the reports.
    """

    standing: list[Standing]
    watched: Watched
    mean: Floats
    nights: int
    late: Lateness | None = None


def run_young(
    reports: Reports, street: Street, settings: NightSettings | None = None, *, night: int
) -> YoungNight:
    """The night of a street that is too young to replay. Raises ValueError without a report."""
    settings = settings or NightSettings()
    cleaned = clean(reports, settings.cleaning).reports
    if not len(cleaned) or int(cleaned.day[0]) > night:
        raise ValueError("There is no report up to this night.")
    watched = watch(cleaned, street, int(cleaned.day[0]), night, settings.least_a_day)
    late = lateness_of(cleaned, watched, settings.cleaning.gap_expected)
    return judged(watched, settings, late)


def judged(watched: Watched, settings: NightSettings, late: Lateness | None = None) -> YoungNight:
    """All nights of counts that are watched, the last of them tonight's."""
    counts = watched.series.counts
    alpha = settings.evidence.ears_chance
    if late is None:
        mean, scores = scored(counts, settings.least, alpha)
    else:
        mean, scores = scored_late(counts, settings.least, alpha, late)
        counts = counts - late.missing(0)
        watched = replace(watched, series=replace(watched.series, counts=counts))
    days = counts.shape[1]
    standing: list[Standing] = []
    told: list[int] = []
    begins = watched.series.first_day + YOUNG_FROM_DAYS - 1
    for day in range(YOUNG_FROM_DAYS - 1, days):
        seen = scores[:, : day + 1]
        found = _said(_findings(watched, seen, mean, day, settings), settings)
        night = watched.series.first_day + day
        room = _room(told, night, begins, settings)
        standing, _ = follow(standing, found, night, settings.budget, room)
        told += [night for one in standing if one.first_night == night]
    return YoungNight(standing, watched, mean, max(0, days - BASELINE_DAYS), late)


def scored(counts: Ints, least: int, alpha: float) -> tuple[Floats, Floats]:
    """(S, T) what EARS compared each day with, and how strange its alarms are: 0 for none.

    ``least``: fewer reports are no finding. ``alpha``: of an EARS alarm.
    """
    c1, c2 = ears(counts, "C1", alpha=alpha), ears(counts, "C2", alpha=alpha)
    early = c1.judged & ~c2.judged
    mean = np.where(early, c1.mean, c2.mean)
    scores = np.where(early, _strangeness(counts, c1), _strangeness(counts, c2))
    alarm: Flags = np.where(early, c1.alarm, c2.alarm) & (counts >= least)
    return mean, np.where(alarm, scores, 0.0)


def scored_late(counts: Ints, least: int, alpha: float, late: Lateness) -> tuple[Floats, Floats]:
    """As ``scored``, each day as it was here on its own night, beside the days before it as they
    were here by then.
    """
    on_night = counts - late.missing(0)
    share, varies = late.here(0)
    mean, scores = np.zeros(counts.shape), np.zeros(counts.shape)
    methods: tuple[Method, ...] = ("C1", "C2")
    for method in methods:
        lag = LAG[method]
        by = ears(counts, method, alpha=alpha)
        came, due = np.zeros(counts.shape), np.zeros(counts.shape)
        for age in range(lag + 1, lag + 1 + BASELINE_DAYS):
            came[:, age:] += (counts - late.missing(age))[:, :-age]
            due[:, age:] += late.here(age)[0][:, :-age]
        usual = np.divide(came, due, out=np.zeros_like(came), where=due > 0)
        beside = share * (1 - share) * usual + varies * usual * usual
        bound = usual * share + float(ndtri(1 - alpha)) * np.sqrt((share * by.spread) ** 2 + beside)
        likely = (usual + 0.5 / BASELINE_DAYS) * share
        variance = np.maximum((share * by.spread) ** 2 + beside, likely)
        variance *= 1.0 + 1.0 / BASELINE_DAYS
        strange = surprise(on_night.astype(np.float64), likely, variance - likely)
        alarm = (on_night > bound) & (on_night >= least)
        # Where both can judge the second, which leaves two days out, does.
        mean = np.where(by.judged, usual * share, mean)
        scores = np.where(by.judged, np.where(alarm, strange, 0.0), scores)
    return mean, scores


def _strangeness(counts: Ints, by: Ears) -> Floats:
    """-ln P of so many or more, with EARS' mean and spread: one scale for rare and common.

    Of a mean of seven days half a report in the week is not known, and a spread is no less than
    that of chance; both are uncertain by a seventh.
    """
    mean = by.mean + 0.5 / BASELINE_DAYS
    variance = np.maximum(by.spread**2, mean) * (1.0 + 1.0 / BASELINE_DAYS)
    return surprise(counts.astype(np.float64), mean, variance - mean)


def recurrences(scores: Floats, category: Ints, gap_nights: int) -> tuple[Floats, Flags]:
    """(S,) of the newest column of scores (S, T): once in so many of the nights seen; at least?

    0 where it is not strange. All categories' strangest nights are counted, neighbouring ones
    (``gap_nights``) once; ``category``: (S,).
    """
    nights = scores.shape[1] - BASELINE_DAYS
    newest = scores[:, -1]
    if nights < 1:
        return np.zeros(len(scores)), np.zeros(len(scores), dtype=np.bool_)
    strangest = np.zeros((int(category.max(initial=0)) + 1, scores.shape[1]))
    np.maximum.at(strangest, category, scores)
    peaks = np.sort(strangest[tops(strangest, gap_nights)])
    as_strange = np.maximum(len(peaks) - np.searchsorted(peaks, newest, side="left"), 1)
    days = np.where(newest > 0, nights / as_strange, 0.0)
    return days, np.asarray((newest > 0) & (newest >= peaks.max(initial=0.0)))


def _findings(
    watched: Watched, scores: Floats, mean: Floats, day: int, settings: NightSettings
) -> list[Finding]:
    """Of one day, the most seldom first; of a category one for those that share a place."""
    series = watched.series
    days, at_least = recurrences(scores, series.category, settings.budget.gap_nights)
    night = series.first_day + day
    found: list[Finding] = []
    # Of equals the part of the street: it says more.
    for row in sorted(
        np.flatnonzero(days > 0).tolist(),
        key=lambda row: (-days[row], -scores[row, -1], series.place[row] == ALL, row),
    ):
        region = int(series.place[row])
        places = () if region == ALL else watched.street.places_in(region)
        observed, expected = int(series.counts[row, day]), float(mean[row, day])
        category, score = int(series.category[row]), float(scores[row, -1])
        known = any(
            one.candidate.category == category and meet(one.candidate.places, places)
            for one in found
        )
        if known:
            continue
        candidate = Candidate(
            EARS_METHOD, category, places, night, night, observed, expected, score, float(days[row])
        )
        level = "street" if region == ALL else "region"
        found.append(
            Finding(
                candidate,
                weighed_days=float(days[row]),
                factor=observed / max(expected, 1.0 / BASELINE_DAYS),
                at_least=bool(at_least[row]),
                agreeing=(EARS_METHOD,),
                level=level,
                region=region,
            )
        )
    return found


def _said(found: Sequence[Finding], settings: NightSettings) -> list[Finding]:
    """Those that come seldom enough: once in so many days as the budget grants one, and no more
    often than is ever said (``Budget.shortest_days``); before so many nights were seen, only the
    strangest of them.
    """
    budget = settings.budget
    if budget.a_week <= 0:
        return []
    return [
        one
        for one in found
        if one.weighed_days >= _WEEK / budget.a_week
        and (one.at_least or one.weighed_days >= budget.shortest_days)
    ]


def _room(told: Sequence[int], night: int, begins: int, settings: NightSettings) -> int:
    """How many new warnings tonight may bring: what is left of the budget's share of all weeks
    since the first night (``begins``), this one among them, and no more in seven nights than ever.
    """
    weeks = 1.0 + (night - begins) / _WEEK
    room = math.floor(settings.budget.a_week * weeks + 1e-9) - len(told)
    this_week = room_left(told, night, settings.most_a_week)
    return max(0, room if this_week is None else min(room, this_week))
