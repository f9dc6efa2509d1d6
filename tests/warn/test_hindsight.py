"""The first night of a street looks back: what its history would have brought, told to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import numpy as np
import pytest
from helpers import sign_in
from warn.nights import TONIGHT, everything, found, night, nothing, rows, told, weeks

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.warn.compute import CHART_DAYS, compute
from streetwise.warn.night import Chart, Material, Night, Past
from streetwise.warn.nightly import NightSettings, Street, run_night, run_nights
from streetwise.warn.values import Calendar, Places, Reports, date_of, day_of

DAYS = 240
LAST = day_of(TONIGHT) - 1
#: Eight days of many more, that were over two months before tonight.
BURST = (LAST - 70, LAST - 63)
ORDER = "SELECT to_jsonb(w) FROM warning w ORDER BY id"


def lived(places: Places, at: int = 0) -> Reports:
    """Months of one class, three a day all over the places, and one burst in one of them."""
    rng = np.random.default_rng(5)
    lines: list[tuple[int, int, float, float]] = []
    for day in range(LAST - DAYS + 1, LAST + 1):
        for _ in range(rng.poisson(3.0)):
            n = int(rng.integers(len(places)))
            lines.append((day, int(rng.integers(86_400)), *near(places, n, rng)))
        if BURST[0] <= day <= BURST[1]:
            for _ in range(rng.poisson(6.0)):
                lines.append((day, int(rng.integers(86_400)), *near(places, at, rng)))
    lines.sort()
    day_, seconds, x, y = (np.array(column) for column in zip(*lines, strict=True))
    zero = np.zeros(len(lines), dtype=np.int64)
    ids = [str(n) for n in range(len(lines))]
    return Reports(
        ids,
        day_.astype(np.int64),
        seconds.astype(np.int64),
        x.astype(np.float64),
        y.astype(np.float64),
        zero,
        zero + 1,
        ("a:1",),
    )


def near(places: Places, n: int, rng: np.random.Generator) -> tuple[float, float]:
    """Some metres from the middle of a place; no two at one point."""
    x, y = rng.uniform(-40.0, 40.0, 2)
    return float(places.x[n] + x), float(places.y[n] + y)


def plain(reports: Reports) -> Calendar:
    """No holidays, no weather."""
    first = int(reports.day[0])
    ahead = LAST - first + 29
    return Calendar(first, np.zeros(ahead, dtype=np.int64), np.zeros((ahead, 0)), ())


def of_history(known: Material) -> Night:
    """The real engines, on a street that has lived through these months. As in ``whole`` little is
    to come by chance: a warning a week of a single class would join the burst to what is none.
    """
    reports = lived(known.places)
    return compute(replace(known, reports=reports, calendar=plain(reports), budget=0.1))


def places_of(count: int = 9) -> Places:
    """3 x 3 areas of 500 m."""
    row, column = np.divmod(np.arange(count), 3)
    names = tuple(f"g{n}" for n in range(count))
    return Places(names, (column + 0.5) * 500.0, (row + 0.5) * 500.0, np.full(count, 250_000.0))


def whole(hindsight_days: int) -> Material:
    """The history as a night knows it; little is to come by chance."""
    places = places_of()
    reports = lived(places)
    region = np.arange(len(places)) // 3
    return Material(
        reports,
        places,
        region.astype(np.int64),
        ("a", "b", "c"),
        plain(reports),
        LAST,
        0.1,
        {},
        hindsight_days=hindsight_days,
    )


def of_burst(past: tuple[Past, ...] | None) -> Iterator[Past]:
    """Those whose days are of the burst."""
    for one in past or ():
        if one.found.first_day <= BURST[1] and BURST[0] <= one.found.last_day:
            yield one


def test_the_burst_of_the_past_is_found_soon_and_by_what_was_known_then() -> None:
    looked = compute(whole(365))
    (one, *more) = of_burst(looked.hindsight)
    assert not more
    assert BURST[0] <= one.first_night <= BURST[1]
    assert one.first_night <= one.last_night < LAST
    assert 0 in (one.found.places or one.found.mostly_at)
    chart = one.found.chart
    counted = slice(one.found.first_day - chart.first_day, one.found.last_day - chart.first_day + 1)
    assert one.found.observed == sum(chart.observed[counted])
    assert one.found.expected == pytest.approx(sum(chart.expected[counted]), rel=0.1)
    assert one.found.observed > 1.5 * one.found.expected
    assert len(chart.observed) == len(chart.expected) == CHART_DAYS
    assert chart.first_day + CHART_DAYS - 1 == one.last_night


def test_looking_back_changes_nothing_of_tonight_and_has_its_bounds() -> None:
    asked, plain_night = compute(whole(365)), compute(whole(0))
    assert plain_night.hindsight is None
    assert (asked.found, asked.notes, asked.spots) == (
        plain_night.found,
        plain_night.notes,
        plain_night.spots,
    )
    assert asked.told["threshold_days"] == plain_night.told["threshold_days"]
    assert list(of_burst(compute(whole(30)).hindsight)) == []


def test_a_replay_that_is_handed_on_makes_the_same_night() -> None:
    known = whole(0)
    street = Street(known.places, known.region, known.regions)
    settings = NightSettings()
    nights = run_nights(known.reports, street, known.calendar, settings)
    fresh = run_night(known.reports, street, known.calendar, settings, night=LAST)
    handed = run_night(
        known.reports, street, known.calendar, settings, night=LAST, replayed=nights.replayed
    )
    assert handed.threshold_days == fresh.threshold_days
    assert handed.said == fresh.said
    assert np.array_equal(handed.replayed.mean, fresh.replayed.mean)
    assert handed.replayed.judged is not None
    assert fresh.replayed.judged is not None
    assert np.array_equal(handed.replayed.judged.days, fresh.replayed.judged.days)
    assert set(nights.begun) == {one.identity for one in nights.warnings}


async def test_the_first_night_says_what_was_and_tells_nobody(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await told(runtime, weeks())
    assert await night(runtime, of_history)
    before = rows(runtime, ORDER)
    mine = [
        one
        for (one,) in before
        if day_of(datetime.fromisoformat(one["first_day"]).date()) <= BURST[1]
        and BURST[0] <= day_of(datetime.fromisoformat(one["last_day"]).date())
    ]
    assert len(mine) == 1
    assert (mine[0]["status"], mine[0]["hindsight"]) == ("over", True)
    said_at = datetime.fromisoformat(mine[0]["said_at"]).astimezone(ZoneInfo("Asia/Shanghai"))
    assert said_at.hour == runtime.settings.warn_at_hours
    assert BURST[0] < day_of(said_at.date()) <= BURST[1] + 1
    hindsight = sum(one["hindsight"] for (one,) in before)
    told_in = "SELECT action, data->>'warnings' FROM journal WHERE action LIKE 'warning.%'"
    entries = rows(runtime, told_in)
    assert entries.count(("warning.hindsight", str(hindsight))) == 1
    assert not [one for one in entries if one[0] == "warning.over"]
    assert sum(one[0] == "warning.said" for one in entries) == len(before) - hindsight
    # The same night again, and the next one: nothing more.
    assert await night(runtime, of_history, again=True)
    assert rows(runtime, ORDER) == before
    clock.advance(timedelta(days=1))
    asked: list[int] = []

    def next_night(known: Material) -> Night:
        asked.append(known.hindsight_days)
        return Night()

    assert await night(runtime, next_night, TONIGHT + timedelta(days=1))
    assert asked == [0]
    assert len(rows(runtime, ORDER)) == len(before)
    assert rows(runtime, "SELECT count(*) FROM journal WHERE action = 'warning.hindsight'") == [
        (1,)
    ]
    await sign_in(client, "dispatcher")
    page = (await client.get("/warn/warnings", params={"over": True})).json()
    assert page["hindsight"] == hindsight
    assert mine[0]["id"] in [one["id"] for one in page["items"] if one["hindsight"]]
    one = (await client.get(f"/warn/warnings/{mine[0]['id']}")).json()
    assert one["hindsight"]
    assert len(one["chart"]["observed"]) == CHART_DAYS


def past(known: Material, begins: int, ends: int, **changes: Any) -> Past:
    """A finding of so many days before tonight."""
    last = known.last_day
    chart = Chart(last - ends - 13, (2,) * 14, (0.5,) * 14)
    values = {"first_day": last - begins, "last_day": last - ends, "chart": chart, **changes}
    return Past(found(known, **values), last - begins, last - ends)


async def test_what_stands_tonight_is_not_said_a_second_time_and_what_follows_is_one(
    runtime: Runtime,
) -> None:
    await told(runtime, weeks())

    def several(known: Material) -> Night:
        return replace(
            everything(known),
            hindsight=(
                past(known, 60, 55),
                past(known, 52, 50),
                past(known, 40, 38),
                past(known, 40, 38, places=(1,)),
                past(known, 12, 6),
            ),
        )

    await night(runtime, several)
    kept = rows(
        runtime,
        "SELECT status, hindsight, first_day, last_day, observed FROM warning"
        " ORDER BY first_day, last_day",
    )
    days = [(LAST - day_of(one[2]), LAST - day_of(one[3])) for one in kept]
    assert days == [(60, 50), (40, 38), (40, 38), (6, 0)]
    assert [one[1] for one in kept] == [True, True, True, False]
    # Eleven days of two each, by the chart of the newer.
    assert (kept[0][4], kept[3][0]) == (22, "new")
    ends = rows(runtime, "SELECT max(over_at) FROM warning WHERE hindsight")[0][0]
    assert ends.astimezone(UTC) == datetime.combine(
        date_of(LAST - 38 + 7 + 1), datetime.min.time(), ZoneInfo("Asia/Shanghai")
    ).replace(hour=runtime.settings.warn_at_hours).astimezone(UTC)


async def test_a_street_that_was_warned_before_is_not_told_what_it_would_have_heard(
    runtime: Runtime, clock: HandClock
) -> None:
    await told(runtime, weeks())
    # Too little history to look back, and a warning that stands all the same.
    await night(runtime)
    clock.advance(timedelta(days=1))
    asked: list[int] = []

    def second(known: Material) -> Night:
        asked.append(known.hindsight_days)
        return nothing(known)

    await night(runtime, second, TONIGHT + timedelta(days=1))
    assert asked == [0]


@pytest.mark.parametrize("days", [0, 90])
async def test_how_far_it_looks_back_is_set(runtime: Runtime, days: int) -> None:
    await told(runtime, weeks())
    settings = runtime.settings.model_copy(update={"warn_hindsight_days": days})
    asked: list[int] = []

    def first(known: Material) -> Night:
        asked.append(known.hindsight_days)
        return nothing(known)

    await night(replace(runtime, settings=settings), first)
    assert asked == [days]
