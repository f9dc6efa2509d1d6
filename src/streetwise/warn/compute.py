"""A night's engines, called with what the rows know, and their answer in the rows' words. Pure.

Imported where a night is computed, and no earlier: the engines bring Numba and SciPy, which no
start needs to wait for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import inf
from time import perf_counter
from typing import Any

import numpy as np

from streetwise.warn.calibrate import Budget
from streetwise.warn.cleaning import Settings as CleaningSettings
from streetwise.warn.cleaning import clean, history_begins, take
from streetwise.warn.counting import nearest_place, places_of, series_of
from streetwise.warn.forecast import HORIZONS_DAYS, NEVER, forecast_counts, hot_spots, rounds
from streetwise.warn.night import (
    Chart,
    Found,
    Material,
    Night,
    Outlook,
    Past,
    Spot,
    Stood,
    Zone,
)
from streetwise.warn.nightly.evidence import evident
from streetwise.warn.nightly.findings import Finding, Tonight
from streetwise.warn.nightly.following import Standing
from streetwise.warn.nightly.late_notes import late_notes, shares_on
from streetwise.warn.nightly.lateness import Lateness
from streetwise.warn.nightly.layout import Street
from streetwise.warn.nightly.local import cell_model, hoods_of
from streetwise.warn.nightly.nights import Nights, run_nights
from streetwise.warn.nightly.replay import Replayed
from streetwise.warn.nightly.run import Night as Said
from streetwise.warn.nightly.run import on_night, run_night
from streetwise.warn.nightly.settings import NightSettings
from streetwise.warn.nightly.young import YOUNG_FROM_DAYS, YoungNight, run_young
from streetwise.warn.scan import Neighbourhoods
from streetwise.warn.values import ALL, Candidate, Floats, Ints, Note, Places, Reports, Series

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
    """What a night comes to. With a week of history there is a forecast, with two there are
    warnings of a young street, and with eight those that a replay has calibrated.
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
    late: Lateness | None = None
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
            previous=_previous(material, settings),
        )
        found, late = _found(said, reports, material), said.late
        told |= _told(said)
        if nights is not None:
            hindsight = _hindsight(nights, reports, material, settings)
            told["hindsight_seconds"] = round(looked, 2)
    else:
        told["waits_days"] = needed - history + 1
        if len(reports) and history >= YOUNG_FROM_DAYS:
            street = Street(material.places, material.region, material.regions)
            young = run_young(reports, street, settings, night=material.last_day)
            found, late = _young(young, reports, material), young.late
            told["young_nights"] = young.nights
    outlooks, spots = _ahead(reports, material, late) if history >= 7 else ((), ())
    remarks = [*cleaned.notes, *late_notes(late, reports, material.last_day)]
    notes = tuple(_notes(remarks, material))
    return Night(tuple(found), notes, outlooks, spots, told, hindsight)


def _previous(material: Material, settings: NightSettings) -> list[Standing]:
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
            zones=_zones_before(one, before),
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
                told=_told_on(one.first_night, last, settings.budget.again_nights),
                told_days=one.recurrence_days,
                told_factor=inf if one.told_factor is None else one.told_factor,
            )
        )
    return found


def _told_on(first: int, last: int, again_nights: int) -> tuple[int, ...]:
    """When what was seen from ``first`` to ``last`` was told. Nobody notes it: once in each stretch
    of ``again_nights`` is what the engine does, counted here from its first night.
    """
    if again_nights < 1 or last - first < again_nights:
        return (first,)
    return (first, last - (last - first) % again_nights)


def _zones_before(one: Stood, before: int) -> tuple[Zone, ...]:
    """Its zones as they were the night before, also where tonight is run again."""
    again = one.last_night > before
    return tuple(
        replace(zone, last_day=min(zone.last_day, before), over=False)
        for zone in one.zones
        if zone.first_night <= before and (again or not zone.over)
    )


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
    sight = _Sight(said.replayed, said.series, reports, material.places, said.late)
    return [
        replace(sight.found(one.finding, material.last_day), told_again=_again(one, material))
        for one in said.said
        if one.last_night == material.last_day
    ]


def _again(one: Standing, material: Material) -> bool:
    """Whether what stood before is told once more tonight."""
    return one.first_night < material.last_day == one.told[-1]


def _young(night: YoungNight, reports: Reports, material: Material) -> list[Found]:
    """The findings of a street that is too young to replay."""
    where = places_of(reports, material.places)
    found = []
    for one in night.standing:
        if one.last_night != material.last_day:
            continue
        begins = max(night.watched.series.first_day, material.last_day - CHART_DAYS + 1)
        expected = night.mean[_row(one.finding, night.watched.series)]
        expected = expected[begins - night.watched.series.first_day :]
        chart = _chart(one.finding, reports, where, begins, material.last_day, expected)
        seen = _found_of(one.finding, chart)
        found.append(replace(seen, young=True, told_again=_again(one, material)))
    return found


def _looked_back(
    reports: Reports, street: Street, material: Material, settings: NightSettings
) -> Nights | None:
    """Every night of the past as it would have been; None where nobody asked, or there is none."""
    first_night = int(reports.day[0]) + settings.learn_days + settings.fewest_replayed
    if material.hindsight_days < 1 or first_night > int(reports.day[-1]):
        return None
    return run_nights(reports, street, material.calendar, settings)


def _hindsight(
    nights: Nights, reports: Reports, material: Material, settings: NightSettings
) -> tuple[Past, ...]:
    """What earlier nights would have said. What is new tonight is tonight's to say."""
    sight = _Sight(nights.replayed, nights.watched.series, reports, material.places, nights.late)
    street = nights.watched.street
    hoods = hoods_of(street) if len(street.places) else None
    since = material.last_day - material.hindsight_days
    past = []
    for one in nights.warnings:
        if one.last_night >= since and one.first_night < material.last_day:
            finding = evident(one.finding, _then(nights, one.last_night, hoods, settings))
            found = sight.found(finding, one.last_night)
            found = found.since(nights.begun[one.identity].candidate.first_day)
            seldom = replace(found, recurrence_days=one.most_days)
            past.append(Past(seldom, one.first_night, one.last_night))
    return tuple(past)


def _then(
    nights: Nights, night: int, hoods: Neighbourhoods | None, settings: NightSettings
) -> Tonight:
    """An earlier night, with the places' shares as they were known then."""
    watched = nights.watched
    known = watched.cells.before(night - watched.series.first_day)
    replayed = replace(nights.replayed, cells=cell_model(known, settings))
    return on_night(Tonight(watched, replayed, hoods, settings, night), nights.late)


def _found_of(finding: Finding, chart: Chart) -> Found:
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
        chart=chart,
        at_least=finding.at_least,
        mostly_at=finding.mostly_at,
        zones=finding.zones,
    )


def _row(finding: Finding, series: Series) -> int:
    """The series that a finding of the street or of a region is about."""
    place = finding.region if finding.level == "region" else ALL
    of_it = (series.place == place) & (series.category == finding.candidate.category)
    return int(np.flatnonzero(of_it)[0])


def _chart(
    finding: Finding, reports: Reports, where: Ints, begins: int, night: int, expected: Floats
) -> Chart:
    """What came by day beside what each day was compared with (``expected``, from ``begins``)."""
    candidate, days = finding.candidate, night - begins + 1
    mine = (
        (reports.category == candidate.category) & (reports.day >= begins) & (reports.day <= night)
    )
    if reports.late is not None:
        mine &= reports.day + reports.late <= night
    if candidate.places:
        mine = mine & np.isin(where, np.array(candidate.places, dtype=np.int64))
    observed = np.bincount(reports.day[mine] - begins, minlength=days)[:days]
    return Chart(begins, tuple(observed.tolist()), tuple(np.nan_to_num(expected).tolist()))


class _Sight:
    """Findings of a replay in the rows' words, with their charts."""

    def __init__(
        self,
        replayed: Replayed,
        series: Series,
        reports: Reports,
        places: Places,
        late: Lateness | None = None,
    ) -> None:
        self._replayed, self._series, self._reports = replayed, series, reports
        self._where, self._late = places_of(reports, places), late

    def found(self, finding: Finding, night: int) -> Found:
        """As it was seen on a night, with what each day was compared with as it was known then."""
        replayed, candidate, reports = self._replayed, finding.candidate, self._reports
        begins = max(replayed.first_night, night - CHART_DAYS + 1)
        row, share = candidate.category, 1.0
        if finding.level == "region":
            row = _row(finding, self._series)
        elif candidate.places and replayed.cells is not None:
            of_category = (
                (reports.category == candidate.category)
                & (reports.day >= begins)
                & (reports.day <= night)
            )
            known = float((self._where[of_category] >= 0).mean()) if of_category.any() else 1.0
            places = np.array(candidate.places, dtype=np.int64)
            share = float(replayed.cells.share[candidate.category, places].sum()) * known
        first = begins - replayed.first_night
        mean = replayed.mean
        if self._late is not None:
            mean = self._late.due(mean, replayed.first_night, night)
        expected = mean[row, first : first + night - begins + 1] * share
        chart = _chart(finding, reports, self._where, begins, night, expected)
        return _found_of(finding, chart)


# --- ahead ---------------------------------------------------------------------------------


def _ahead(
    reports: Reports, material: Material, late: Lateness | None
) -> tuple[tuple[Outlook, ...], tuple[Spot, ...]]:
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
    here = None if late is None else shares_on(late, material.last_day)
    forecast = forecast_counts(series, material.calendar, HORIZONS_DAYS, here=here)
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
