"""A night's engines, called with what the rows know, and their answer in the rows' words. Pure.

Imported where a night is computed, and no earlier: the engines bring Numba and SciPy, which no
start needs to wait for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np

from streetwise.warn.calibrate import Budget
from streetwise.warn.cleaning import Settings as CleaningSettings
from streetwise.warn.cleaning import clean, history_begins, take
from streetwise.warn.counting import nearest_place, places_of, series_of
from streetwise.warn.forecast import HORIZONS_DAYS, NEVER, forecast_counts, hot_spots, rounds
from streetwise.warn.night import Chart, Found, Material, Night, Outlook, Past, Spot
from streetwise.warn.nightly.findings import Finding
from streetwise.warn.nightly.following import Standing
from streetwise.warn.nightly.layout import Street
from streetwise.warn.nightly.nights import Nights, run_nights
from streetwise.warn.nightly.replay import Replayed
from streetwise.warn.nightly.run import Night as Said
from streetwise.warn.nightly.run import run_night
from streetwise.warn.nightly.settings import NightSettings
from streetwise.warn.values import ALL, Candidate, Ints, Note, Places, Reports, Series

#: Repeats were joined to their case when they came; near by is not the same.
_CASES = CleaningSettings(repeat_metres=0.0)
#: Days that a warning's chart looks back.
CHART_DAYS = 56
#: Notes on the data that were of use longer ago are no news; bias always is.
NOTES_BACK_DAYS = 90
NOTES_MOST = 200
#: Of single areas and classes only what is expected to bring so many reports in 28 days is kept.
OUTLOOK_LEAST = 1.0
#: Series of an area and class with fewer reports in all the past are not forecast.
SERIES_LEAST = 5


def compute(material: Material) -> Night:
    """What a night comes to. With too little history to compare with there are no warnings; with
    a week of it there is a forecast.
    """
    settings = NightSettings(budget=Budget(a_week=material.budget), cleaning=_CASES)
    begins = history_begins(material.reports.day, material.last_day)
    counted = np.flatnonzero(material.reports.day >= begins).astype(np.int64)
    cleaned = clean(take(material.reports, counted), settings.cleaning)
    reports = cleaned.reports
    history = material.last_day - begins + 1
    before = len(material.reports) - len(counted)
    told: dict[str, Any] = {
        "cleaned": len(reports), "history_days": history, "before_it_began": before
    }  # fmt: skip
    found: list[Found] = []
    hindsight: tuple[Past, ...] | None = None
    needed = settings.learn_days + settings.fewest_replayed
    if len(reports) and history > needed:
        street = Street(material.places, material.region, material.regions)
        begun = perf_counter()
        nights = _looked_back(reports, street, material, settings)
        looked = perf_counter() - begun
        said = run_night(
            reports,
            street,
            material.calendar,
            settings,
            night=material.last_day,
            replayed=None if nights is None else nights.replayed,
            previous=_previous(material),
        )
        found = _found(said, reports, material)
        told |= _told(said)
        if nights is not None:
            hindsight = _hindsight(nights, reports, material)
            told["hindsight_seconds"] = round(looked, 2)
    else:
        told["waits_days"] = needed - history + 1
    outlooks, spots = _ahead(reports, material) if history >= 7 else ((), ())
    notes = tuple(_notes(cleaned.notes, material))
    return Night(tuple(found), notes, outlooks, spots, told, hindsight)


def _previous(material: Material) -> list[Standing]:
    """What stood, as the engine knows it: by it what is new this week is counted, and what goes on
    is not. Which row it is, the rows decide.
    """
    before = material.last_day - 1
    found = []
    for n, one in enumerate(material.stood):
        if one.first_night > before:
            continue  # said tonight, which is run again
        last = min(one.last_night, before)
        finding = Finding(
            Candidate(
                "rows", one.category, one.places, one.first_night, last, 0, 0.0, 0.0,
                one.recurrence_days,
            ),
            weighed_days=one.recurrence_days,
            factor=0.0,
            at_least=False,
            agreeing=(),
            level="places" if one.places else "street",
            region=-1,
            mostly_at=(),
        )  # fmt: skip
        found.append(
            Standing(
                str(n),
                "ongoing",
                finding,
                first_night=one.first_night,
                last_night=last,
                nights=last - one.first_night + 1,
                most_days=one.recurrence_days,
                told=(one.first_night,),
                told_days=one.recurrence_days,
            )
        )
    return found


def _told(said: Said) -> dict[str, Any]:
    reasons = [one.reason for one in said.withheld]
    return {
        "threshold_days": float(said.threshold_days) if np.isfinite(said.threshold_days) else None,
        "replayed_nights": said.replayed_nights,
        "withheld": {one: reasons.count(one) for one in sorted(set(reasons))},
        "seconds": said.seconds,
    }


def _notes(notes: Iterable[Note], material: Material) -> list[Note]:
    since = material.last_day - NOTES_BACK_DAYS
    new = [one for one in notes if one.kind == "bias" or one.last_day >= since]
    return sorted(new, key=lambda one: (-one.last_day, one.kind, -one.count))[:NOTES_MOST]


# --- warnings ------------------------------------------------------------------------------


def _found(said: Said, reports: Reports, material: Material) -> list[Found]:
    sight = _Sight(said.replayed, said.series, reports, material.places)
    return [
        sight.found(one.finding, material.last_day)
        for one in said.said
        if one.last_night == material.last_day
    ]


def _looked_back(
    reports: Reports, street: Street, material: Material, settings: NightSettings
) -> Nights | None:
    """Every night of the past as it would have been; None where nobody asked, or there is none."""
    first_night = int(reports.day[0]) + settings.learn_days + settings.fewest_replayed
    if material.hindsight_days < 1 or first_night > int(reports.day[-1]):
        return None
    return run_nights(reports, street, material.calendar, settings)


def _hindsight(nights: Nights, reports: Reports, material: Material) -> tuple[Past, ...]:
    """What earlier nights would have said. What is new tonight is tonight's to say."""
    sight = _Sight(nights.replayed, nights.watched.series, reports, material.places)
    since = material.last_day - material.hindsight_days
    past = []
    for one in nights.warnings:
        if one.last_night >= since and one.first_night < material.last_day:
            found = sight.found(one.finding, one.last_night)
            found = found.since(nights.begun[one.identity].candidate.first_day)
            seldom = replace(found, recurrence_days=one.most_days)
            past.append(Past(seldom, one.first_night, one.last_night))
    return tuple(past)


class _Sight:
    """Findings of a replay in the rows' words, with their charts."""

    def __init__(
        self, replayed: Replayed, series: Series, reports: Reports, places: Places
    ) -> None:
        self._replayed, self._series, self._reports = replayed, series, reports
        self._where = places_of(reports, places)

    def found(self, finding: Finding, night: int) -> Found:
        """As it was seen on a night."""
        candidate = finding.candidate
        return Found(
            methods=finding.agreeing,
            category=candidate.category,
            places=candidate.places,
            first_day=candidate.first_day,
            last_day=candidate.last_day,
            observed=candidate.observed,
            expected=candidate.expected,
            recurrence_days=candidate.recurrence_days,
            chart=self._chart(finding, night),
            at_least=finding.at_least,
            mostly_at=finding.mostly_at,
        )

    def _chart(self, finding: Finding, night: int) -> Chart:
        """What came by day, and what each day was compared with as it was known then."""
        replayed, candidate, reports = self._replayed, finding.candidate, self._reports
        begins = max(replayed.first_night, night - CHART_DAYS + 1)
        days = night - begins + 1
        of_category = (
            (reports.category == candidate.category)
            & (reports.day >= begins)
            & (reports.day <= night)
        )
        mine = of_category
        if candidate.places:
            mine = mine & np.isin(self._where, np.array(candidate.places, dtype=np.int64))
        observed = np.bincount(reports.day[mine] - begins, minlength=days)[:days]
        columns = slice(begins - replayed.first_night, begins - replayed.first_night + days)
        row, share = candidate.category, 1.0
        if finding.level == "region":
            series = self._series
            of_it = (series.place == finding.region) & (series.category == candidate.category)
            row = int(np.flatnonzero(of_it)[0])
        elif candidate.places and replayed.cells is not None:
            known = float((self._where[of_category] >= 0).mean()) if of_category.any() else 1.0
            places = np.array(candidate.places, dtype=np.int64)
            share = float(replayed.cells.share[candidate.category, places].sum()) * known
        expected = replayed.mean[row, columns] * share
        return Chart(begins, tuple(observed.tolist()), tuple(np.nan_to_num(expected).tolist()))


# --- ahead ---------------------------------------------------------------------------------


def _ahead(reports: Reports, material: Material) -> tuple[tuple[Outlook, ...], tuple[Spot, ...]]:
    if not len(reports):
        return (), ()
    where = places_of(reports, material.places)
    series = series_of(
        reports,
        where,
        len(material.places),
        int(reports.day[0]),
        material.last_day,
        ("all", "category", "place_category"),
        SERIES_LEAST,
    )
    forecast = forecast_counts(series, material.calendar, HORIZONS_DAYS)
    longest = forecast.mean[:, forecast.horizons.index(max(forecast.horizons))]
    outlooks = [
        Outlook(
            int(series.place[row]),
            int(series.category[row]),
            days,
            float(forecast.low[row, n]),
            float(forecast.mean[row, n]),
            float(forecast.high[row, n]),
        )
        for row in np.flatnonzero((series.place == ALL) | (longest >= OUTLOOK_LEAST)).tolist()
        for n, days in enumerate(forecast.horizons)
    ]
    spots = hot_spots(reports, material.last_day + 1)
    stops = rounds(
        forecast,
        series,
        material.places,
        community=material.region,
        last_visit=_visits(series, material),
        spots=spots,
        place_of_spot=nearest_place(material.places, spots.x, spots.y),
    )
    return tuple(outlooks), tuple(
        Spot(one.place, one.category, one.x, one.y, one.expected, 7, one.recent, one.driver)
        for one in stops
    )


def _visits(series: Series, material: Material) -> Ints:
    pairs: Sequence[tuple[int, int]] = list(
        zip(series.place.tolist(), series.category.tolist(), strict=True)
    )
    return np.array([material.visits.get(pair, NEVER) for pair in pairs], dtype=np.int64)
