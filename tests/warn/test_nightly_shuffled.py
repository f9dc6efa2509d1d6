"""On real reports whose days are shuffled nothing is to be found: warnings keep their promise."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from streetwise.evaluation.warn.files import read_reports
from streetwise.warn.calibrate import Budget, shuffled, strata
from streetwise.warn.nightly import NightSettings, Street, no_weather, run_nights
from streetwise.warn.nightly.calibrated import calibrate, judged_before, with_threshold
from streetwise.warn.values import Places, Reports

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "service_requests"
FILES = {
    "chicago": ("chicago_sanitation_2011_2013.csv.gz", date(2012, 1, 1), date(2013, 6, 30)),
    "boston": ("boston_311_2011h2.csv.gz", date(2011, 7, 1), date(2011, 12, 31)),
}


def _real(city: str) -> Reports:
    name, first, last = FILES[city]
    if (DATA / name).is_file():
        return read_reports(DATA / name, city, first_day=first, last_day=last).reports
    pytest.skip("The real reports of ../shared/data are not here.")


def _shuffled(reports: Reports, seed: int) -> Reports:
    """Days exchanged among those of the same weekday within two months."""
    first, last = int(reports.day[0]), int(reports.day[-1])
    days = np.arange(first, last + 1)
    stratum = strata(days, np.zeros(len(days), dtype=np.int64), season_days=60)
    return shuffled(reports, first, stratum, np.random.default_rng(seed))


@pytest.mark.parametrize("city", ["chicago", "boston"])
def test_warnings_on_shuffled_days_match_the_promised_rate(city: str) -> None:
    reports = _real(city)
    # Without places, so that every shuffle has the same series; all in one week may be said.
    # What is withheld for its share of false ones would be missing here, as it is for a street.
    rules = NightSettings(scan=None, refit_days=28, budget=Budget(a_week=1.0), most_budgets=None)
    days = int(reports.day[-1] - reports.day[0]) + 1
    calendar = no_weather(int(reports.day[0]), days)
    nowhere = Street.of(Places((), np.zeros(0), np.zeros(0), np.zeros(0)))

    taught = run_nights(_shuffled(reports, 1), nowhere, calendar, rules)
    # Night by night, each by what was known before it, the promise holds too.
    _assert_promised(len(taught.telling), taught.last_night - taught.first_night + 1, rules)
    night = taught.last_night + 1
    judged = judged_before(taught.watched, taught.replayed, rules, night)
    known = calibrate(taught.watched, taught.replayed, rules, night)
    known = with_threshold(known, judged, taught.watched, taught.replayed, None, rules)

    told, nights = 0, 0
    for seed in (2, 3):
        fresh = run_nights(_shuffled(reports, seed), nowhere, calendar, rules, calibrated=known)
        told += len(fresh.telling)
        nights += fresh.last_night - fresh.first_night + 1
    # The threshold rests on a count of its own, of the nights that taught: its chance counts too.
    _assert_promised(told, nights, rules, judged.days.shape[2])


def _assert_promised(told: int, nights: int, rules: NightSettings, taught: int = 0) -> None:
    """That so many warnings are within the 95 % interval of the budget for so many nights.

    ``taught``: nights on which the threshold was counted, where they are others than these.
    """
    promised = rules.budget.a_week * nights / 7.0
    variance = promised
    if taught:
        variance += promised**2 / (min(taught, rules.budget_days) / 7.0)
    assert abs(told - promised) <= 1.96 * np.sqrt(variance), f"{told} told, {promised:.0f} promised"
