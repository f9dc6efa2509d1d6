"""Nights: what is read, what is written down, what stays one warning over several of them."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import numpy as np
import pytest
from helpers import past_the_walls, run_jobs, sign_in, take_in_rows
from warn.nights import (
    BINS,
    HERE,
    THERE,
    TONIGHT,
    classed,
    everything,
    found,
    night,
    nothing,
    one_report,
    rows,
    told,
    weeks,
)

from streetwise.directory import repository as directory
from streetwise.directory.responsibility import calendar_of
from streetwise.gather import Detection, register_detection
from streetwise.kernel import arriving
from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.warn import actions, jobs, material
from streetwise.warn.actions import SYSTEM
from streetwise.warn.night import Chart, Material, Night
from streetwise.warn.values import date_of, day_of


async def read(
    runtime: Runtime, on: date = TONIGHT, looks: datetime | None = None
) -> material.Read:
    async with runtime.database.read(SYSTEM) as session:
        area = await directory.area(session, SYSTEM, "home")
        found = await material.read(session, SYSTEM, area, on, 1000, looks=looks)
    assert found is not None
    return found


async def test_reports_are_read_as_columns_in_the_order_of_time(runtime: Runtime) -> None:
    rows_in = [
        one_report(1, TONIGHT - timedelta(days=2)),
        one_report(2, TONIGHT - timedelta(days=9), THERE),
        # Of today, which is not over, and so long ago that nobody wants to know.
        one_report(3, TONIGHT),
        one_report(4, TONIGHT - timedelta(days=2000)),
    ]
    await take_in_rows(runtime, rows_in)
    classed(runtime, BINS)
    known = await read(runtime)
    reports = known.reports
    days = [date_of(int(one)) for one in reports.day]
    assert days == [TONIGHT - timedelta(days=9), TONIGHT - timedelta(days=2)]
    assert reports.seconds.tolist() == [9 * 3600 + 120, 9 * 3600 + 60]
    assert reports.categories == (":".join(BINS),)
    assert reports.volume.tolist() == [1, 1]
    # As far apart as they are on the ground: 0.01° of longitude at 40.1° north.
    assert abs(abs(reports.x[0] - reports.x[1]) - 850.5) < 1
    assert abs(reports.y[0] - reports.y[1]) < 1e-6
    back = known.ground.plane.degrees(float(reports.x[1]), float(reports.y[1]))
    assert np.allclose(back, HERE)
    assert known.last_day == day_of(TONIGHT) - 1
    assert len(known.calendar.kind) == known.last_day - int(reports.day[0]) + 1 + 28


async def test_a_case_lies_in_its_own_grid_and_far_away_in_none(runtime: Runtime) -> None:
    """Whose grid officers gave knows no point; whose point lies in another street has no place."""
    days = [TONIGHT - timedelta(days=9 - n) for n in range(4)]
    far = (117.9, 40.1)
    points = [HERE, HERE, far, THERE]
    await take_in_rows(runtime, [one_report(n, days[n], points[n]) for n in range(4)])
    classed(runtime, BINS)
    grids = dict(rows(runtime, "SELECT code, id::text FROM grid"))
    first, second = sorted(grids)[:2]
    with past_the_walls(runtime) as connection:
        of = "UPDATE cases SET {} WHERE id IN (SELECT case_id FROM case_signal JOIN signal ON"
        of += " signal.id = signal_id WHERE reported_at::date = %s)"
        # The second's officer says: the other grid; of the fourth only the grid is known.
        connection.execute(of.format("grid_id = %s"), (grids[second], days[1]))
        connection.execute(
            of.format("lon = NULL, lat = NULL, grid_id = %s"), (grids[second], days[3])
        )
        connection.commit()
    known = await read(runtime)
    reports, names = known.reports, [str(one) for one in known.ground.ids]
    assert reports.place is not None
    place = [names[n] if n >= 0 else None for n in reports.place.tolist()]
    assert place == [grids[first], grids[second], None, grids[second]]
    assert np.isfinite(reports.x).tolist() == [True, True, False, False]


async def test_when_a_report_came_in_tells_how_late_it_was(runtime: Runtime) -> None:
    """A night looks at four; what an export brings at eight is seen by the next one."""
    days = [TONIGHT - timedelta(days=n) for n in (9, 6, 5, 4, 3)]
    await take_in_rows(runtime, [one_report(n, day, HERE) for n, day in enumerate(days)])
    classed(runtime, BINS)
    hours = (28, 20, 28, 32, 60)  # of its own day: until four of the day after all is in time
    with past_the_walls(runtime) as connection:
        for day, hour in zip(days, hours, strict=True):
            connection.execute(
                "UPDATE signal SET received_at = %s::date::timestamp AT TIME ZONE 'Asia/Shanghai'"
                " + make_interval(hours => %s) WHERE reported_at::date = %s",
                (day, hour, day),
            )
        connection.commit()
    at = datetime.combine(TONIGHT, time(4), ZoneInfo("Asia/Shanghai"))
    reports = (await read(runtime, looks=at)).reports
    assert reports.late is not None and reports.source is not None
    # The first is older than the first delivery of its source: nobody knows.
    assert reports.late.tolist() == [-1, 0, 0, 1, 2]
    assert reports.source.tolist() == [0] * 5


async def test_what_only_has_a_day_has_no_second(runtime: Runtime) -> None:
    """A table of days is read as midnights: no pile that one hand typed in within a second."""
    day = TONIGHT - timedelta(days=3)
    dated = [{**one_report(n, day, THERE), "时间": f"{day.isoformat()}"} for n in range(3)]
    await take_in_rows(runtime, dated)
    classed(runtime, BINS)
    reports = (await read(runtime)).reports
    assert set(reports.seconds.tolist()) == {-1}
    assert {date_of(int(one)) for one in reports.day} == {day}


async def test_what_devices_found_and_what_has_no_class_is_not_counted(
    runtime: Runtime, clock: HandClock
) -> None:
    await told(runtime, [(TONIGHT - timedelta(days=1), 2)])
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await register_detection(
            uow,
            SYSTEM,
            runtime.keys,
            Detection("d1", "home", "乱堆物料", "发现", None, *HERE, None, clock.now()),
        )
    await run_jobs(runtime)
    await take_in_rows(runtime, [one_report(9, TONIGHT - timedelta(days=1), THERE)])
    with_class = "category_scheme = NULL, category_code = NULL, category_version = NULL"
    with past_the_walls(runtime) as connection:
        connection.execute(f"UPDATE cases SET {with_class} WHERE lon > 116.91")
        connection.commit()
    clock.advance(timedelta(days=1))
    known = await read(runtime, TONIGHT + timedelta(days=1))
    assert (len(known.reports), known.unclassed) == (2, 1)


async def test_days_off_are_told_apart() -> None:
    """National Day of 2025: 1 to 8 October off; 28 September and 11 October worked instead."""
    first = day_of(date(2025, 9, 27))
    days = material.calendar(calendar_of(None, "Asia/Shanghai"), first, day_of(date(2025, 10, 12)))
    kinds = dict(zip(range(first, first + len(days.kind)), days.kind.tolist(), strict=True))
    said = {date_of(day).strftime("%m-%d"): kind for day, kind in kinds.items()}
    assert said["09-27"] == material.ORDINARY
    assert said["09-28"] == said["10-11"] == material.WORKED
    assert said["10-01"] == material.HOLIDAY
    assert said["10-04"] == material.WITH_HOLIDAY  # a Saturday
    assert said["10-08"] == material.WITH_HOLIDAY  # in exchange for a Sunday that is worked
    assert said["10-09"] == material.ORDINARY


async def test_a_night_writes_down_what_it_came_to_once(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await told(runtime, weeks())
    assert await night(runtime)
    before = rows(runtime, "SELECT to_jsonb(w) FROM warning w ORDER BY id")
    assert not await night(runtime), "a night that is done is not done again"
    assert await night(runtime, again=True)
    assert rows(runtime, "SELECT to_jsonb(w) FROM warning w ORDER BY id") == before
    said = rows(runtime, "SELECT action FROM journal WHERE action LIKE 'warning.%' ORDER BY seq")
    assert said == [("warning.said",), ("warning.night",), ("warning.night",)]
    counts = rows(
        runtime,
        "SELECT (SELECT count(*) FROM warn_note), (SELECT count(*) FROM warn_forecast),"
        " (SELECT count(*) FROM preventive_task), (SELECT count(*) FROM warn_run)",
    )
    assert counts == [(2, 3, 2, 1)]
    await sign_in(client, "dispatcher")
    page = (await client.get("/warn/warnings")).json()
    (row,) = page["items"]
    assert (row["status"], row["observed"], row["factor"]) == ("new", 14, 4.0)
    assert row["methods"] == ["scan", "farrington"]
    assert row["category"]["code"] == BINS[1]
    assert [one["name"] for one in row["grids"]] == ["g1 网格"]
    assert 300 < row["metres"] < 700
    assert page["night"]["state"] == "done"
    assert page["night"]["reports"] == 14
    one = (await client.get(f"/warn/warnings/{row['id']}")).json()
    assert one["chart"]["observed"] == [0] * 7 + [2] * 7
    assert one["chart"]["first_day"] == (TONIGHT - timedelta(days=14)).isoformat()


async def test_one_event_over_several_nights_is_one_warning_told_once(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await told(runtime, weeks())
    await night(runtime)
    clock.advance(timedelta(days=1))

    def wider(known: Material) -> Night:
        chart = Chart(known.last_day - 13, (0,) * 6 + (3,) * 8, (0.5,) * 14)
        week = {"observed": 21, "expected": 3.5, "chart": chart}
        strongest = found(known, places=(0, 1), recurrence_days=900.0, **week)
        return Night(found=(found(known, methods=("cusum",)), strongest))

    assert await night(runtime, wider, TONIGHT + timedelta(days=1))
    await sign_in(client, "dispatcher")
    (row,) = (await client.get("/warn/warnings")).json()["items"]
    assert (row["status"], row["recurrence_days"]) == ("ongoing", 900.0)
    # Counted on all the days that are named, not only on the last week of them.
    assert (row["observed"], row["expected"]) == (24, 4.0)
    assert set(row["methods"]) == {"scan", "farrington", "cusum"}
    assert row["first_day"] == (TONIGHT - timedelta(days=7)).isoformat(), "the earliest stays"
    assert row["version"] == 2
    assert rows(runtime, "SELECT count(*) FROM journal WHERE action = 'warning.said'") == [(1,)]
    for n in range(2, 8):
        clock.advance(timedelta(days=1))
        await night(runtime, nothing, TONIGHT + timedelta(days=n))
    assert rows(runtime, "SELECT status FROM warning") == [("ongoing",)]
    clock.advance(timedelta(days=1))
    # Seven days are known that it was not seen on.
    await night(runtime, nothing, TONIGHT + timedelta(days=8))
    assert rows(runtime, "SELECT status FROM warning") == [("over",)]
    assert (await client.get("/warn/warnings", params={"over": False})).json()["items"] == []
    # The same again is another warning.
    clock.advance(timedelta(days=1))
    await night(runtime, everything, TONIGHT + timedelta(days=9))
    assert rows(runtime, "SELECT status FROM warning ORDER BY said_at") == [("over",), ("new",)]


async def test_a_wide_warning_that_narrows_is_shown_where_it_is_and_keeps_what_was_said(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    """Said of the whole street; then two grids go on with it, then one: one warning all along."""
    await told(runtime, weeks())

    def street(known: Material) -> Night:
        return Night(found=(found(known, places=(), observed=20, expected=6.0),))

    def two(known: Material) -> Night:
        strong, weak = (found(known, places=(n,), recurrence_days=300.0 - n) for n in (0, 1))
        return Night(found=(weak, strong))

    def one(known: Material) -> Night:
        return Night(found=(found(known, places=(1,)),))

    await night(runtime, street)
    (wide,) = rows(runtime, "SELECT grid_ids FROM warning")
    assert wide == ([],)
    for n, by in enumerate((two, two, one), start=1):
        clock.advance(timedelta(days=1))
        await night(runtime, by, TONIGHT + timedelta(days=n))
        if n == 2:
            # Run once more, the same night keeps nothing twice.
            await night(runtime, by, TONIGHT + timedelta(days=n), again=True)
            (both,) = rows(runtime, "SELECT cardinality(grid_ids), observed, expected FROM warning")
            assert both == (2, 2 * 14, pytest.approx(2 * 4.5))
    await sign_in(client, "dispatcher")
    (row,) = (await client.get("/warn/warnings")).json()["items"]
    view = (await client.get(f"/warn/warnings/{row['id']}")).json()
    grids = rows(runtime, "SELECT id::text FROM grid ORDER BY code")
    assert [grid["id"] for grid in row["grids"]] == [grids[1][0]]
    assert [len(each["grids"]) for each in view["before"]] == [0, 2]
    first = view["before"][0]
    assert (first["observed"], first["expected"]) == (20, 6.0)
    assert first["last_day"] == (TONIGHT - timedelta(days=1)).isoformat()
    entries = rows(
        runtime,
        "SELECT action, data->'places_before' FROM journal"
        " WHERE action LIKE 'warning.%' AND action <> 'warning.night' ORDER BY seq",
    )
    assert entries == [("warning.said", None), ("warning.narrowed", 0), ("warning.narrowed", 2)]


async def test_a_night_that_ends_too_late_writes_nothing(
    runtime: Runtime, clock: HandClock
) -> None:
    """A worker that stood still while another made its night, or the next one."""
    await told(runtime, weeks())
    started = threading.Event()
    goes_on = threading.Event()

    def slow(known: Material) -> Night:
        started.set()
        assert goes_on.wait(30)
        return everything(known)

    for later in (0, 1):
        stalled = asyncio.create_task(night(runtime, slow, TONIGHT, again=True))
        await asyncio.to_thread(started.wait, 30)
        clock.advance(timedelta(days=later))
        assert await night(runtime, nothing, TONIGHT + timedelta(days=later), again=True)
        before = rows(runtime, "SELECT to_jsonb(w), (SELECT max(seq) FROM journal) FROM warn_run w")
        goes_on.set()
        await stalled
        after = rows(runtime, "SELECT to_jsonb(w), (SELECT max(seq) FROM journal) FROM warn_run w")
        assert after == before
        assert rows(runtime, "SELECT count(*) FROM warning") == [(0,)]
        started.clear()
        goes_on.clear()


async def test_while_a_night_is_made_again_what_it_came_to_is_shown(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await told(runtime, weeks())
    await night(runtime)
    await sign_in(client, "dispatcher")
    seen: list[int] = []

    async with runtime.database.unit_of_work(SYSTEM) as uow:
        assert await actions.begin(uow, "home", TONIGHT, again=True) is not None
    for path in ("notes", "forecast", "rounds"):
        seen.append(len((await client.get(f"/warn/{path}")).json()["items"]))
    assert seen == [2, 2, 2]


async def test_other_places_and_classes_are_other_warnings_and_pages_go_on(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await told(runtime, weeks())

    def several(known: Material) -> Night:
        return Night(found=tuple(found(known, places=(n,)) for n in range(3)))

    await night(runtime, several)
    await sign_in(client, "street_commander")
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        more: dict[str, Any] = {"cursor": cursor} if cursor else {}
        page = (await client.get("/warn/warnings", params={"limit": 1, **more})).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert cursor is None
    assert len(set(seen)) == 3
    wrong = await client.get("/warn/warnings", params={"cursor": "x"})
    assert wrong.status_code == 422


async def test_a_night_that_was_killed_is_done_anew(runtime: Runtime) -> None:
    await told(runtime, weeks())

    def dies(known: Material) -> Night:
        raise MemoryError

    with pytest.raises(MemoryError):
        await night(runtime, dies)
    assert rows(runtime, "SELECT state FROM warn_run") == [("computing",)]
    assert rows(runtime, "SELECT count(*) FROM warning") == [(0,)]
    assert await night(runtime)
    assert rows(runtime, "SELECT state FROM warn_run") == [("done",)]


async def test_a_street_without_reports_has_its_night_too(runtime: Runtime) -> None:
    def never(known: Material) -> Night:
        raise AssertionError("there was nothing to count")

    assert await night(runtime, never)
    assert rows(runtime, "SELECT state FROM warn_run") == [("done",)]
    # Its history comes on the day after: the same night is made up for.
    await told(runtime, weeks())
    assert await night(runtime)
    assert rows(runtime, "SELECT count(*) FROM warning") == [(1,)]
    assert not await night(runtime)


async def test_the_hour_decides_and_missed_nights_are_made_up_for_once(
    runtime: Runtime, clock: HandClock
) -> None:
    async with runtime.database.read(SYSTEM) as session:
        area = await directory.area(session, SYSTEM, "home")
    settings = runtime.settings.model_copy(update={"warn_at_hours": 3})
    local_midnight = clock.now().replace(hour=16, minute=0)  # 00:00 in Shanghai
    day = (local_midnight + timedelta(hours=8)).date()
    for hours, expected in ((0, -1), (2.9, -1), (3, 0), (23.9, 0)):
        at = local_midnight + timedelta(hours=hours)
        assert jobs.night_of(area, settings, at) == day + timedelta(days=expected)


async def test_no_night_while_an_invented_past_is_on_its_way(runtime: Runtime) -> None:
    runtime.settings.warn_nightly = True
    arriving.tell(runtime.settings.home, 0.5)
    try:
        await jobs.run_nights(runtime)
    finally:
        arriving.over(runtime.settings.home)
    assert rows(runtime, "SELECT count(*) FROM warn_run") == [(0,)]


async def test_notes_and_forecast_are_shown_and_old_ones_go(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await told(runtime, weeks())
    await night(runtime)
    await sign_in(client, "data_steward")
    notes = (await client.get("/warn/notes")).json()["items"]
    assert [(one["kind"], one["count"], one["lon"] is None) for one in notes] == [
        ("default_point", 6, False),
        ("gap", 2, True),
    ]
    assert [(one["says"], one["numbers"]) for one in notes] == [
        ("default_point", {"reports": 6, "classes": 3}),
        ("gap_all", {"days": 2}),
    ]
    forecast = (await client.get("/warn/forecast")).json()
    assert [(one["grid"] and one["grid"]["name"], one["mean"]) for one in forecast["items"]] == [
        (None, 14.0),
        ("g1 网格", 6.5),
    ]
    assert len((await client.get("/warn/forecast", params={"days": 1})).json()["items"]) == 1
    settings = runtime.settings.model_copy(update={"warn_keep_days": 3})
    clock.advance(timedelta(days=4))
    await night(replace(runtime, settings=settings), nothing, TONIGHT + timedelta(days=4))
    assert rows(runtime, "SELECT count(*) FROM warn_note") == [(0,)]
    assert rows(runtime, "SELECT count(*) FROM preventive_task") == [(0,)]
    assert rows(runtime, "SELECT count(*) FROM warn_run") == [(2,)]


async def test_who_does_not_read_warnings_gets_none(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await told(runtime, weeks())
    await night(runtime)
    (warning_id,) = (str(one[0]) for one in rows(runtime, "SELECT id FROM warning"))
    for login in ("department_handler", "community_worker", "system_admin"):
        await sign_in(client, login)
        for path in ("warnings", f"warnings/{warning_id}", "notes", "forecast", "rounds"):
            assert (await client.get(f"/warn/{path}")).status_code == 403, (login, path)
