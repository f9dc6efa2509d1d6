"""Lateness: what of a day is here when a night looks, and that nobody is fooled by what is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from streetwise.warn.cleaning import Settings as Cleaning
from streetwise.warn.cleaning import take
from streetwise.warn.late import AGES, UNKNOWN, nights_late
from streetwise.warn.nightly import (
    Night,
    NightSettings,
    Street,
    no_weather,
    run_night,
    run_nights,
    watch,
)
from streetwise.warn.nightly.late_notes import late_notes
from streetwise.warn.nightly.lateness import LEAST_SHARE, Lateness, lateness_of
from streetwise.warn.nightly.sums import late_scores, window_scores
from streetwise.warn.nightly.young import run_young
from streetwise.warn.values import ALL, Ints, Places, Reports

FIRST, DAYS = 15_000, 200
LAST = FIRST + DAYS - 1
RULES = NightSettings(scan=None, refit_days=14, cleaning=Cleaning(repeat_metres=0.0))
PROMPT, EXPORT = 0, 1
DAY_SECONDS = 86_400


def street() -> Street:
    x = np.array([500.0, 1_500.0, 2_500.0])
    return Street(
        Places(("a", "b", "c"), x, x * 0, x * 0 + 1e6), np.array([0, 0, 1]), ("north", "south")
    )


def reports_of(
    a_day: tuple[float, ...] = (12.0, 12.0), late: int = 1, *, seed: int = 1, rise: int = 0
) -> Reports:
    """Two classes; two of three reports of the first come by an export that is ``late`` nights
    late, the other class comes at once. ``rise``: times as many of the first class on the last day.
    """
    rng = np.random.default_rng(seed)
    day, category, source = [], [], []
    for number, mean in enumerate(a_day):
        counts = rng.poisson(mean, DAYS)
        if number == 0 and rise:
            counts[-1] = rise * mean
        day.append(np.repeat(np.arange(DAYS), counts))
        category.append(np.full(int(counts.sum()), number))
        by = rng.random(int(counts.sum())) < 2 / 3 if number == 0 else np.zeros(counts.sum(), bool)
        source.append(np.where(by, EXPORT, PROMPT))
    days, classes, sources = (np.concatenate(one) for one in (day, category, source))
    order = np.argsort(days, kind="stable")
    days, classes, sources = days[order], classes[order], sources[order]
    many = len(days)
    return Reports(
        [str(n) for n in range(many)],
        FIRST + days,
        np.full(many, -1, dtype=np.int64),
        rng.uniform(0, 3_000, many),
        np.zeros(many),
        classes.astype(np.int64),
        np.ones(many, dtype=np.int64),
        tuple(f"c{n}" for n in range(len(a_day))),
        late=np.where(sources == EXPORT, late, 0).astype(np.int64),
        source=sources.astype(np.int64),
    )


def here_on(reports: Reports, night: int) -> Reports:
    """What a night has before it: the rest has not come yet."""
    assert reports.late is not None
    return take(reports, reports.day + np.maximum(reports.late, 0) <= night)


def known(reports: Reports, night: int = LAST) -> tuple[Lateness | None, Ints]:
    seen = watch(reports, street(), FIRST, night, RULES.least_a_day)
    return lateness_of(reports, seen, RULES.cleaning.gap_expected), seen.series.counts


def night_of(reports: Reports, night: int = LAST) -> Night:
    return run_night(reports, street(), no_weather(FIRST, DAYS), RULES, night=night)


def test_a_report_is_as_late_as_the_night_that_saw_it_first() -> None:
    """A night looks at four in the morning of the day after."""
    day, hour = np.full(6, 100, dtype=np.int64), 4 * 3_600
    midnight = 101 * DAY_SECONDS
    arrived = np.array(
        [100 * DAY_SECONDS, midnight, midnight + hour, midnight + hour + 1,
         midnight + DAY_SECONDS + hour + 1, midnight + 40 * DAY_SECONDS]
    )  # fmt: skip
    source = np.zeros(6, dtype=np.int64)
    assert nights_late(day, arrived, source, hour).tolist() == [0, 0, 0, 1, 2, UNKNOWN]
    # What is older than its source's first delivery is a past that was filled in.
    assert nights_late(day, arrived + 5 * DAY_SECONDS, source, hour)[:3].tolist() == [UNKNOWN] * 3


def test_where_nothing_is_late_nothing_changes() -> None:
    reports = reports_of(late=0, rise=3)
    assert reports.late is not None and not reports.late.any()
    plain = replace(reports, late=None, source=None)
    with_times, without = night_of(reports), night_of(plain)
    assert with_times.late is None
    assert with_times.said == without.said and len(without.said) == 1
    assert with_times.threshold_days == without.threshold_days
    for name in ("mean", "size", "tests"):
        one, other = (getattr(each.replayed, name) for each in (with_times, without))
        assert np.array_equal(one, other, equal_nan=True)
    assert late_notes(with_times.late, reports, LAST) == []


def test_scores_of_what_is_all_here_are_the_same_either_way() -> None:
    """The sums of late nights, given that nothing is missing, are those of all other streets."""
    late, counts = known(reports_of())
    assert late is not None
    prompt = replace(
        late, row=late.row[:0], column=late.column[:0], nights=late.nights[:0],
        share=np.ones_like(late.share), spread=np.zeros_like(late.spread),
    )  # fmt: skip
    mean = np.full(counts.shape, 9.0)
    mean[:, :30] = np.nan
    size, windows = np.full(counts.shape, 7.0), (1, 3, 14)
    for unsure in (None, np.full(counts.shape, 0.02)):
        plain = window_scores(counts, mean, size, windows, 5, unsure)
        found = late_scores(counts, mean, size, windows, prompt, FIRST, 5, unsure)
        assert np.allclose(found, plain, equal_nan=True)


@pytest.mark.parametrize("late", [1, 3])
def test_the_share_that_is_here_is_learned_by_source_and_class(late: int) -> None:
    found, _ = known(here_on(reports_of(late=late), LAST))
    assert found is not None
    for age in range(AGES):
        share = found.here_on(LAST, age)
        expected = 1 / 3 if age < late else 1.0
        assert share[0] == pytest.approx(expected, abs=0.05)
        assert share[1] > 0.93  # a few of all, until its own sources are known for sure


def test_a_weekly_rhythm_is_known() -> None:
    """What is reported on Saturdays comes on Monday's night."""
    reports = reports_of(late=0)
    assert reports.late is not None and reports.source is not None
    saturday = reports.day % 7 == 2
    late = np.where((reports.source == EXPORT) & saturday, 2, 0)
    found, _ = known(replace(reports, late=late))
    assert found is not None
    nights = list(range(LAST - 6, LAST + 1))
    shares = {night % 7: found.here_on(night, 0)[0] for night in nights}
    assert shares.pop(2) < 0.5
    assert min(shares.values()) > 0.95


def test_a_night_of_the_past_is_judged_by_what_was_here_then() -> None:
    """Replayed with all that came since, it says what it said when it was tonight."""
    whole = reports_of(rise=0, seed=4)
    then, night = LAST - 5, here_on(reports_of(rise=0, seed=4), LAST - 5)
    lived = night_of(take(night, night.day <= then), then).replayed
    replayed = night_of(here_on(whole, LAST)).replayed
    columns = lived.tests.shape[2]
    assert np.allclose(lived.tests[:, :, -1], replayed.tests[:, :, columns - 1], equal_nan=True)
    assert np.allclose(lived.mean[:, -1], replayed.mean[:, columns - 1])


def test_a_rise_is_heard_though_two_thirds_of_it_are_still_to_come() -> None:
    """On the day itself: what is here of the newest day is a third as a rule, and is three times
    that tonight. Taken for the whole day it is as much as any.
    """
    tonight = here_on(reports_of(rise=4, seed=2), LAST)
    said = [one.finding.candidate for one in night_of(tonight).said]
    assert [one.category for one in said] == [0]
    assert said[0].last_day == LAST
    unaware = night_of(replace(tonight, late=None, source=None))
    assert not unaware.said


def test_what_is_compared_is_what_is_here() -> None:
    """Counts are never blown up: observed is what came, expected what was due of it by now."""
    tonight = here_on(reports_of(rise=4, seed=2), LAST)
    found = night_of(tonight).said[0].finding.candidate
    assert found.places == (0, 1)  # two thirds of the street
    there = tonight.x < 2_000
    of = (tonight.category == 0) & there & (tonight.day >= found.first_day)
    assert found.observed == int(of.sum())
    days = found.last_day - found.first_day + 1
    assert found.expected == pytest.approx(2 / 3 * (12 * (days - 1) + 4), rel=0.25)


def test_short_newest_days_teach_nothing() -> None:
    """An export three nights late: what is expected of tonight is what days bring when whole."""
    reports, learned_tonight = reports_of(late=3, seed=6), replace(RULES, refit_days=171)
    tonight, calendar = here_on(reports, LAST), no_weather(FIRST, DAYS)
    aware, whole, unaware = (
        run_night(one, street(), calendar, learned_tonight, night=LAST).replayed
        for one in (
            tonight,
            replace(reports, late=None, source=None),
            replace(tonight, late=None, source=None),
        )
    )
    assert aware.fitted_for == LAST
    means = [one.mean[0, -1] for one in (aware, whole, unaware)]
    assert means[0] == pytest.approx(means[1], rel=0.05)
    # Short days pull it down by more than twice what leaving them out changes.
    assert means[1] - means[2] > 2 * abs(means[1] - means[0])
    late, counts = known(tonight)
    assert late is not None
    assert late.teaches(LAST, counts.shape[1])[0, -4:].tolist() == [True, False, False, False]


def test_of_a_source_that_did_not_deliver_nothing_is_expected() -> None:
    """At once as a rule, and nothing of the last two days: no fall, and no rise when it is back."""
    reports = reports_of((36.0, 12.0), late=0)
    assert reports.source is not None
    gone = (reports.source == EXPORT) & (reports.day > LAST - 2)
    silent = take(reports, ~gone)
    found, _ = known(silent)
    assert found is not None
    assert found.here_on(LAST, 0)[0] == pytest.approx(1 / 3, abs=0.05)
    assert found.here_on(LAST, 2)[0] == pytest.approx(1.0)
    notes = late_notes(found, silent, LAST)
    assert {one.says for one in notes} == {"late_all"}
    assert [one.first_day for one in notes] == [LAST, LAST - 1]
    late = np.where(gone, (LAST + 1 - reports.day), 0)
    back, _ = known(replace(reports, late=late))
    assert back is not None
    # It was an accident: what is usually here of a day is as before.
    assert back.share[-1][EXPORT].min() > 0.95


def test_the_share_has_its_uncertainty() -> None:
    """An export that has anything from none to all of its day: that varies by a twelfth."""
    reports = reports_of((36.0, 12.0), late=0)
    assert reports.source is not None
    rng = np.random.default_rng(3)
    short = rng.random(len(reports)) < rng.random(DAYS)[reports.day - FIRST]
    late = np.where((reports.source == EXPORT) & short, 1, 0)
    found, _ = known(replace(reports, late=late))
    assert found is not None
    assert found.spread[-1][EXPORT, :, 0].mean() == pytest.approx(1 / 12, abs=0.03)
    assert found.spread[-1][PROMPT, :, 0].max() < 0.02


def test_what_comes_before_its_time_is_no_rise() -> None:
    reports = reports_of(late=1, seed=9)
    assert reports.late is not None
    early = np.where(reports.day == LAST, 0, reports.late)
    found, _ = known(replace(reports, late=early))
    assert found is not None
    assert found.here_on(LAST, 0)[0] == pytest.approx(1.0)
    assert not night_of(replace(reports, late=early)).said


def test_calibration_holds_with_an_export_that_is_late() -> None:
    """No more is said of late days than of days that are whole."""
    calendar = no_weather(FIRST, DAYS)
    seeds = range(3)
    late = [run_nights(reports_of(seed=20 + n), street(), calendar, RULES) for n in seeds]
    whole = [run_nights(reports_of(late=0, seed=20 + n), street(), calendar, RULES) for n in seeds]
    told = [sum(len(one.telling) for one in each) for each in (late, whole)]
    weeks = 3 * (DAYS - 56) / 7
    assert told[0] <= 1.5 * weeks
    assert abs(told[0] - told[1]) <= 0.25 * weeks


def test_notes_say_which_days_are_not_whole() -> None:
    tonight = here_on(reports_of((40.0, 4.0), late=2), LAST)
    found, _ = known(tonight)
    notes = late_notes(found, tonight, LAST)
    assert [(one.kind, one.category, LAST - one.first_day) for one in notes] == [
        ("late", ALL, 0), ("late", ALL, 1),
    ]  # fmt: skip
    assert notes[0].numbers["share"] == pytest.approx(14 / 34, abs=0.1)
    assert notes[0].count == int((tonight.day == LAST).sum())
    few = here_on(reports_of((4.0, 60.0), late=2), LAST)
    found, _ = known(few)
    assert [(one.says, one.category) for one in late_notes(found, few, LAST)] == [("late_class", 0)]


def test_no_less_is_expected_than_a_little() -> None:
    late, _ = known(replace(reports_of(), source=np.zeros(len(reports_of()), dtype=np.int64),
                            late=np.ones(len(reports_of()), dtype=np.int64)))  # fmt: skip
    assert late is not None
    assert late.here_on(LAST - 1, 0).min() == LEAST_SHARE


def test_a_young_street_hears_a_rise_of_which_a_third_is_here() -> None:
    """Three weeks old: by EARS, beside days that were whole by then."""
    reports = reports_of(rise=4, seed=2)
    young = take(here_on(reports, LAST), here_on(reports, LAST).day > LAST - 21)
    said = run_young(young, street(), RULES, night=LAST)
    heard = [one.finding.candidate for one in said.standing if one.last_night == LAST]
    assert [one.category for one in heard] == [0]
    found = heard[0]
    assert found.observed == int(((young.day == LAST) & (young.category == 0)).sum())
    unaware = run_young(replace(young, late=None, source=None), street(), RULES, night=LAST)
    assert not [one for one in unaware.standing if one.last_night == LAST]
