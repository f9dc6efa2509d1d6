"""What stands beside a finding: where it gathers, since when, and which methods agree."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from streetwise.warn.night import Zone
from streetwise.warn.nightly import NightSettings, Street, no_weather, run_night, watch
from streetwise.warn.nightly.agreeing import agreeing
from streetwise.warn.nightly.cells import Cells
from streetwise.warn.nightly.evidence import evident
from streetwise.warn.nightly.findings import Finding, Tonight
from streetwise.warn.nightly.local import hoods_of
from streetwise.warn.nightly.zones import beyond_expected, gathered
from streetwise.warn.values import Candidate, Ints, Places, Reports

FIRST_DAY, DAYS = 19_000, 160
NIGHT = FIRST_DAY + DAYS - 1
SIDE = 6
METRES = 300.0
RULES = NightSettings(refit_days=28)
LATELY = 3
NOBODY = -1


def street() -> Street:
    """6 x 6 places in six rows of regions."""
    at = np.arange(SIDE * SIDE)
    x = ((at % SIDE + 0.5) * METRES).astype(np.float64)
    y = ((at // SIDE + 0.5) * METRES).astype(np.float64)
    places = Places(tuple(f"p{n}" for n in at), x, y, np.full(SIDE * SIDE, METRES**2))
    return Street(places, (at // SIDE).astype(np.int64), tuple(f"r{n}" for n in range(SIDE)))


@cache
def quiet() -> Tonight:
    """The last night of months with six a day, all over the street; nothing goes on."""
    rng = np.random.default_rng(1)
    counts = rng.poisson(6.0, DAYS)
    day = np.repeat(np.arange(DAYS), counts)
    many = len(day)
    reports = Reports(
        [str(n) for n in range(many)],
        FIRST_DAY + day,
        np.full(many, -1, dtype=np.int64),
        rng.uniform(0, SIDE * METRES, many),
        rng.uniform(0, SIDE * METRES, many),
        np.zeros(many, dtype=np.int64),
        np.ones(many, dtype=np.int64),
        ("c",),
    )
    calendar = no_weather(FIRST_DAY, DAYS)
    night = run_night(reports, street(), calendar, RULES, night=NIGHT)
    seen = watch(reports, street(), FIRST_DAY, NIGHT, RULES.least_a_day)
    return Tonight(seen, night.replayed, hoods_of(street()), RULES, NIGHT)


def with_cells(cells: Ints, days: int = LATELY) -> Tonight:
    """The quiet street with other counts of places (P, days) in the last days."""
    base = quiet()
    seen = base.watched
    of_places, of_series = seen.cells.counts(0), seen.series.counts.copy()
    of_places[:, -days:] = cells
    of_series[0, -days:] = cells.sum(axis=0)
    for row in np.flatnonzero(seen.regional):
        inside = list(seen.street.places_in(int(seen.series.place[row])))
        of_series[row, -days:] = cells[inside].sum(axis=0)
    series = replace(seen.series, counts=of_series)
    return replace(base, watched=replace(seen, cells=Cells.counted(of_places[None]), series=series))


def finding(tonight: Tonight, region: int = NOBODY, days: int = LATELY) -> Finding:
    """Of the street, or of a region, over the last days."""
    seen = tonight.watched
    places = () if region == NOBODY else seen.street.places_in(region)
    row = 0
    if places:
        row = int(np.flatnonzero((seen.series.place == region) & (seen.series.category == 0))[0])
    observed = int(seen.series.counts[row, -days:].sum())
    expected = float(tonight.replayed.mean[row, -days:].sum())
    of = Candidate("count", 0, places, NIGHT - days + 1, NIGHT, observed, expected, 20.0, 200.0)
    level = "street" if region == NOBODY else "region"
    return Finding(of, 200.0, observed / expected, False, ("count",), level, region)


def ordinary(seed: int, times: float = 1.0, days: int = LATELY) -> Ints:
    """(P, days) so many times what is usual, wherever it usually is."""
    cells = quiet().replayed.cells
    assert cells is not None
    mean = np.repeat(cells.share[0][:, None] * 6.0 * times, days, axis=1)
    return np.random.default_rng(seed).poisson(mean).astype(np.int64)


def at_one_place(seed: int, place: int, a_day: int) -> Tonight:
    """An ordinary street, and so many more at one place."""
    cells = ordinary(seed)
    cells[place] += a_day
    return with_cells(cells)


@pytest.mark.parametrize("place", [0, 14, 35])
def test_what_lies_at_one_place_is_named_there_by_both_scans(place: int) -> None:
    tonight = at_one_place(3, place, 7)
    seen = gathered(finding(tonight), tonight)
    assert seen.mostly_at == (place,)
    assert seen.methods == ("scan", "permutation")
    zone = seen.zones[0]
    assert place in zone.places
    assert (zone.as_dense, zone.replicates) == (0, 999)
    assert (zone.first_night, zone.last_day, zone.over) == (NIGHT, NIGHT, False)
    assert zone.first_day == NIGHT - LATELY + 1
    assert zone.observed >= 7 * LATELY > 5 * zone.expected


def test_a_rise_that_is_everywhere_names_no_place() -> None:
    named, gather = 0, 0
    for seed in range(20):
        tonight = with_cells(ordinary(seed, times=2.5))
        seen = gathered(finding(tonight), tonight)
        named += bool(seen.mostly_at)
        gather += "permutation" in seen.methods
    # Each of 20 by chance in 5 %: more than 4 come once in some hundred times.
    assert named <= 4
    assert gather <= 4


def test_of_a_region_only_what_lies_in_it_is_told() -> None:
    tonight = at_one_place(4, 14, 7)
    here, there = finding(tonight, region=2), finding(tonight, region=5)
    assert gathered(here, tonight).mostly_at == (14,)
    seen = gathered(there, tonight)
    assert 14 not in seen.mostly_at
    assert all(set(zone.places) & set(there.candidate.places) for zone in seen.zones)


def test_a_street_without_a_scan_has_no_zones_and_still_its_methods() -> None:
    tonight = at_one_place(5, 7, 9)
    deaf = replace(tonight, settings=replace(RULES, scan=None), hoods=None)
    seen = evident(finding(deaf), deaf)
    assert (seen.zones, seen.mostly_at) == ((), ())
    assert seen.agreeing == ("count", "cusum", "ears")


def test_the_same_night_again_gives_the_same() -> None:
    tonight = at_one_place(6, 20, 3)
    assert gathered(finding(tonight), tonight) == gathered(finding(tonight), tonight)


def test_a_zone_keeps_its_first_night_and_is_over_on_the_night_it_is_gone() -> None:
    tonight = at_one_place(7, 14, 7)
    mine = finding(tonight)

    def zone(*places: int, over: bool = False) -> Zone:
        day = NIGHT - 1
        return Zone(places, day - 2, day, 9, 1.0, 3, 999, NIGHT - 4, over)

    new, *others = gathered(mine, tonight).zones
    assert new.first_night == NIGHT
    taken = {place for one in (new, *others) for place in one.places}
    free = min(set(range(SIDE * SIDE)) - taken)
    before = (zone(*new.places), zone(free), zone(free, over=True))
    on, *rest = gathered(mine, tonight, before).zones
    assert on == replace(new, first_night=NIGHT - 4)
    assert rest == [*others, replace(zone(free), over=True)]
    # The next night knows nothing of what is over.
    later = gathered(mine, tonight, tuple(one for one in rest if one.over)).zones
    assert [one.places for one in later] == [one.places for one in (new, *others)]


def test_reports_beyond_a_places_share_add_up_to_the_streets() -> None:
    tonight = at_one_place(8, 3, 6)
    mine = finding(tonight).candidate
    total = float(beyond_expected(tonight, mine).sum())
    assert total == pytest.approx(mine.observed - mine.expected, rel=0.02)


def test_a_lasting_rise_is_called_by_the_chart_and_a_single_day_is_not() -> None:
    lasting = with_cells(ordinary(9, times=1.8, days=14), days=14)
    assert "cusum" in agreeing(finding(lasting), lasting)
    one_day = ordinary(10, days=14)
    one_day[:, -1] = ordinary(11, times=1.6, days=1)[:, 0]
    once = with_cells(one_day, days=14)
    assert "cusum" not in agreeing(finding(once, days=1), once)


def test_days_judge_a_young_history_and_the_same_weeks_of_past_years_an_old_one() -> None:
    rng = np.random.default_rng(12)
    years = rng.poisson(6.0, (1, 500)).astype(np.int64)
    years[0, -7:] += 8
    for days, method in ((380, "ears"), (500, "farrington")):
        base = quiet()
        counts = years[:, -days:]
        series = replace(
            base.watched.series,
            counts=counts,
            first_day=NIGHT - days + 1,
            place=np.array([-1]),
            category=np.array([0]),
            parent=np.array([-1]),
        )
        seen = replace(base.watched, series=series)
        tonight = replace(base, watched=seen)
        of = Candidate("count", 0, (), NIGHT - 2, NIGHT, 42, 18.0, 20.0, 200.0)
        mine = Finding(of, 200.0, 2.3, False, ("count",), "street", -1)
        assert set(agreeing(mine, tonight)) & {"ears", "farrington"} == {method}
