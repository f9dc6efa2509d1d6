"""Where a warning gathers, that it is young, that it is told again: kept, given back, and shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from helpers import sign_in
from warn.nights import TONIGHT, found, night, nothing, rows, told, weeks
from warn.test_hindsight import past

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.warn.columns import zones_of
from streetwise.warn.night import Chart, Material, Night, Stood, Zone
from streetwise.warn.tables import Warning  # noqa: A004
from streetwise.warn.values import date_of


def zone(known: Material, **changes: Any) -> Zone:
    """The first two areas, of late, as four nights of 999 had it by chance."""
    last = known.last_day
    values: dict[str, Any] = {
        "places": (0, 1),
        "first_day": last - 2,
        "last_day": last,
        "observed": 9,
        "expected": 2.04,
        "as_dense": 4,
        "replicates": 999,
        "first_night": last,
    }
    return Zone(**{**values, **changes})


def gathering(known: Material, **changes: Any) -> Night:
    """A young finding that gathers in one zone now, and did in another."""
    gone = zone(known, places=(2,), first_night=known.last_day - 8, over=True)
    values = {"zones": (zone(known), gone), "young": True, **changes}
    return Night(found=(found(known, **values),))


def again(known: Material) -> Night:
    """It stands already, and is three times as much as when it was told."""
    chart = Chart(known.last_day - 13, (0,) * 7 + (6,) * 7, (0.5,) * 14)
    return gathering(known, observed=42, chart=chart, told_again=True, zones=())


async def stood(runtime: Runtime, days: int) -> tuple[Stood, ...]:
    """What a night so many days after tonight is told of those before it."""
    given: list[Material] = []

    def listening(known: Material) -> Night:
        given.append(known)
        return Night()

    assert await night(runtime, listening, TONIGHT + timedelta(days=days))
    return given[0].stood


async def test_zones_are_kept_and_given_back_to_the_next_night(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await told(runtime, weeks())
    seen: list[Material] = []

    def first(known: Material) -> Night:
        seen.append(known)
        return gathering(known)

    await night(runtime, first)
    await sign_in(client, "dispatcher")
    (row,) = (await client.get("/warn/warnings")).json()["items"]
    assert (row["young"], row["told_again"], row["told_at"]) == (True, False, row["said_at"])
    one = (await client.get(f"/warn/warnings/{row['id']}")).json()
    now, gone = one["zones"]
    assert [grid["name"] for grid in now["grids"]] == ["g1 网格", "g2 网格"]
    last = date_of(seen[0].last_day)
    assert (now["first_day"], now["last_day"]) == (
        (last - timedelta(days=2)).isoformat(),
        last.isoformat(),
    )
    assert (now["observed"], now["expected"], now["as_dense"], now["replicates"]) == (
        9, 2.04, 4, 999,
    )  # fmt: skip
    assert (now["over"], gone["over"], gone["grids"][0]["name"]) == (False, True, "g3 网格")
    clock.advance(timedelta(days=1))
    (before,) = await stood(runtime, 1)
    assert before.zones == gathering(seen[0]).found[0].zones
    assert before.told_factor == pytest.approx(14 / 3.5)
    assert (before.first_night, before.last_night) == (seen[0].last_day, seen[0].last_day)


def test_a_zone_whose_grids_are_no_more_is_none() -> None:
    line = {
        "first_day": "2026-05-08",
        "last_day": "2026-05-10",
        "observed": 9,
        "expected": 2.0,
        "as_dense": 0,
        "replicates": 999,
        "first_night": "2026-05-10",
        "over": False,
    }
    row = Warning(zones=[{**line, "grids": ["a", "gone"]}, {**line, "grids": ["gone"]}])
    (kept,) = zones_of(row, {"b": 0, "a": 3})
    assert kept.places == (3,)


async def test_what_became_much_more_is_told_again_once(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await told(runtime, weeks())
    await night(runtime, gathering)

    def others(known: Material) -> Night:
        return Night(found=(gathering(known).found[0], found(known, places=(3,))))

    clock.advance(timedelta(days=1))
    await night(runtime, others, TONIGHT + timedelta(days=1))
    await sign_in(client, "dispatcher")

    async def listed() -> list[tuple[Any, ...]]:
        items = (await client.get("/warn/warnings")).json()["items"]
        names = ("status", "told_again", "observed")
        return [tuple(one[name] for name in names) for one in items]

    assert await listed() == [("new", False, 14), ("ongoing", False, 14)]
    clock.advance(timedelta(days=1))
    third = TONIGHT + timedelta(days=2)
    await night(runtime, again, third)
    # What was told last comes first.
    assert await listed() == [("ongoing", True, 42), ("new", False, 14)]
    (row, _) = (await client.get("/warn/warnings")).json()["items"]
    assert row["told_at"] > row["said_at"]
    kept = "SELECT to_jsonb(w) FROM warning w ORDER BY id"
    before = rows(runtime, kept)
    await night(runtime, again, third, again=True)
    assert rows(runtime, kept) == before, "the night, run twice, tells it once"
    entries = rows(
        runtime,
        "SELECT action, subject, data FROM journal WHERE action IN"
        " ('warning.said', 'warning.told_again') ORDER BY seq",
    )
    assert [one[0] for one in entries] == ["warning.said", "warning.said", "warning.told_again"]
    assert entries[2][1] == entries[0][1]
    assert (entries[2][2]["observed"], entries[2][2]["place"]) == (42, "g1 网格")
    clock.advance(timedelta(days=1))
    by_place = {one.places: one for one in await stood(runtime, 3)}
    assert by_place[0,].told_factor == pytest.approx(42 / 3.5)
    assert by_place[3,].told_factor == pytest.approx(14 / 3.5)
    await night(runtime, gathering, TONIGHT + timedelta(days=4))
    # It goes on, and was told again before that.
    assert (await listed())[0] == ("ongoing", False, 14)


async def test_a_night_that_was_made_up_for_says_which_night_it_was(
    runtime: Runtime, clock: HandClock
) -> None:
    """The engine counts a week's new warnings by their nights, not by when a server was up."""
    await told(runtime, weeks())
    clock.advance(timedelta(days=3))
    await night(runtime, gathering)
    clock.advance(timedelta(days=1))
    (before,) = await stood(runtime, 4)
    assert date_of(before.first_night) == TONIGHT - timedelta(days=1)


async def test_a_short_history_is_said_to_be_one(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await told(runtime, weeks())

    def too_early(known: Material) -> Night:
        assert not known.stood
        return Night(told={"history_days": 14, "waits_days": 43})

    await night(runtime, too_early)
    await sign_in(client, "dispatcher")
    said = (await client.get("/warn/warnings")).json()["night"]
    assert (said["history_days"], said["waits_days"]) == (14, 43)
    clock.advance(timedelta(days=1))
    await night(runtime, nothing, TONIGHT + timedelta(days=1))
    said = (await client.get("/warn/warnings")).json()["night"]
    assert (said["history_days"], said["waits_days"]) == (None, None)


async def test_a_hindsight_row_was_told_when_it_would_have_been(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await told(runtime, weeks())

    def looking_back(known: Material) -> Night:
        return Night(hindsight=(past(known, 60, 55, zones=(zone(known, over=True),)),))

    await night(runtime, looking_back)
    await sign_in(client, "dispatcher")
    (row,) = (await client.get("/warn/warnings")).json()["items"]
    assert (row["hindsight"], row["told_again"], row["told_at"]) == (True, False, row["said_at"])
    one = (await client.get(f"/warn/warnings/{row['id']}")).json()
    assert [each["over"] for each in one["zones"]] == [True]
