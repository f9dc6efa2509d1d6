"""How watching goes: one outage from down to up, cadence as it was reached, looks of people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from discover.watched import HEAPS, VENDORS, add_cameras, done, jpeg, scenes_known, set_up, watched
from helpers import past_the_walls, run_jobs, sign_in

from streetwise.discover import looks
from streetwise.discover.jobs import TEND_JOB
from streetwise.discover.keeping import (
    Cadence,
    Health,
    answer_look,
    looks_wanted,
    publish_cadence,
    say_health,
    what_to_watch,
)
from streetwise.discover.system import SYSTEM
from streetwise.kernel.clock import HandClock, wall_now
from streetwise.kernel.runtime import Runtime


@pytest.fixture(autouse=True)
def scenes() -> Iterator[None]:
    with scenes_known():
        yield


@pytest_asyncio.fixture(autouse=True)
async def cameras(runtime: Runtime) -> None:
    await add_cameras(runtime)


async def say(runtime: Runtime, camera: dict[str, Any], *said: tuple[str, datetime, Any]) -> None:
    """The engine says how the camera's stream is."""
    told = [Health(UUID(camera["id"]), one, at, why) for one, at, why in said]  # type: ignore[arg-type]
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await say_health(uow, told)


def lines(runtime: Runtime) -> list[tuple[Any, ...]]:
    """What the journal says of streams."""
    query = (
        "SELECT action, data FROM journal WHERE action IN ('camera.down', 'camera.up') ORDER BY seq"
    )
    with past_the_walls(runtime) as connection:
        return connection.execute(query).fetchall()


async def seen(client: httpx.AsyncClient, camera: dict[str, Any]) -> dict[str, Any]:
    """The camera as an inspector sees it."""
    await sign_in(client, "inspector")
    found: dict[str, Any] = (await client.get(f"/cameras/{camera['id']}")).json()
    return found


async def test_an_outage_is_one_line_down_and_one_line_up(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    camera = await watched(client)
    at = clock.now()
    minute = timedelta(minutes=1)
    await say(runtime, camera, ("live", at, None))
    await say(runtime, camera, ("down", at + minute, "timeout"))
    await say(runtime, camera, ("down", at + 2 * minute, "timeout"))  # still
    await say(runtime, camera, ("down", at + 3 * minute, "refused"))  # another reason
    down = await seen(client, camera)
    assert (down["state"], down["reason"]) == ("down", "refused")
    assert [one["ended_at"] for one in down["outages"]] == [None]
    await say(runtime, camera, ("live", at + 5 * minute, None))
    await say(runtime, camera, ("live", at + 6 * minute, None))
    await say(runtime, camera, ("down", at + 4 * minute, "late"))  # it is known to be back
    back = await seen(client, camera)
    assert (back["state"], datetime.fromisoformat(back["since"])) == ("live", at + 5 * minute)
    (outage,) = back["outages"]
    assert (outage["reason"], datetime.fromisoformat(outage["ended_at"])) == (
        "timeout",
        at + 5 * minute,
    )
    assert lines(runtime) == [
        ("camera.down", {"reason": "timeout"}),
        ("camera.up", {"seconds": 240}),
    ]


async def test_many_changes_in_one_batch_are_told_one_by_one(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    camera = await watched(client)
    at = clock.now()
    states = ["live", "down", "live", "aim", "down", "live"]
    said = [(one, at + timedelta(seconds=n), "x") for n, one in enumerate(states)]
    await say(runtime, camera, *reversed(said))
    assert [one[0] for one in lines(runtime)] == ["camera.down", "camera.up"] * 2
    assert len((await seen(client, camera))["outages"]) == 2
    await say(runtime, camera, *said)  # a batch told twice
    assert len(lines(runtime)) == 4


async def test_a_camera_that_is_off_is_neither_up_nor_down(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    camera = await watched(client)
    at = clock.now()
    await say(runtime, camera, ("down", at, "timeout"))
    clock.advance(timedelta(minutes=2))
    camera = await done(client, camera, "off", {"reason": "maintenance"})
    await say(runtime, camera, ("down", at + timedelta(minutes=3), "timeout"))
    assert [one[0] for one in lines(runtime)] == ["camera.down"]
    (outage,) = (await seen(client, camera))["outages"]
    assert datetime.fromisoformat(outage["ended_at"]) == at + timedelta(minutes=2)
    await sign_in(client, "data_steward")
    assert (await done(client, camera, "on"))["state"] == "unknown"


async def test_cadence_is_shown_as_it_was_reached_and_kept_so_long(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    camera = await watched(client)
    watched_id = UUID(camera["id"])
    at = clock.now() - timedelta(minutes=10)
    old = at - timedelta(days=runtime.settings.camera_cadence_keep_days)
    told = [
        Cadence(watched_id, HEAPS.code, at, 300, 10, 12.5, 25, 1),
        Cadence(watched_id, HEAPS.code, at + timedelta(minutes=5), 300, 10, None, 0, 30),
        Cadence(watched_id, HEAPS.code, old, 300, 10, 10, 30),
        # Of a scene that is looked for there no more: not in the list of now.
        Cadence(watched_id, VENDORS.code, at, 300, 10, 10, 30),
    ]
    for _ in range(2):
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            await publish_cadence(uow, [*told, told[0]])
    await sign_in(client, "dispatcher")
    (row,) = (await client.get("/cameras")).json()["items"]
    assert [(one["scene"], one["promised"], one["reached"]) for one in row["cadence"]] == [
        (HEAPS.code, 10, None)
    ]
    answer = (await client.get(f"/cameras/{camera['id']}/cadence", params={"hours": 1})).json()
    heaps = [one for one in answer["items"] if one["scene"] == HEAPS.code]
    assert [(one["reached"], one["looks"], one["shed"]) for one in heaps] == [
        (12.5, 25, 1),
        (None, 0, 30),
    ]
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        uow.defer(TEND_JOB)
    await run_jobs(runtime)
    with past_the_walls(runtime) as connection:
        ((left,),) = connection.execute("SELECT count(*) FROM camera_cadence").fetchall()
    assert left == 3


# --- looks of people -----------------------------------------------------------------------


async def ask(client: httpx.AsyncClient, camera: dict[str, Any], **said: Any) -> httpx.Response:
    return await client.post(f"/cameras/{camera['id']}/looks", json=said)


async def test_a_look_says_why_and_shows_a_masked_picture_for_some_seconds(
    runtime: Runtime, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = await watched(client)
    await sign_in(client, "duty_officer")
    asked = await ask(client, camera, reason="other", note="居民张先生 13800138000 来电询问")
    assert asked.status_code == 201, asked.text
    look = asked.json()
    assert (look["ready"], look["over"]) == (False, False)
    waits = await client.get(f"/looks/{look['id']}/picture")
    assert (waits.status_code, waits.json()["code"]) == (404, "look_waits")
    with past_the_walls(runtime) as connection:
        entries = connection.execute(
            "SELECT subject, data FROM journal WHERE action = 'camera.looked_at'"
        ).fetchall()
        ((note,),) = connection.execute("SELECT note FROM camera_look").fetchall()
    assert entries == [(UUID(camera["id"]), {"look": look["id"], "reason": "other"})]
    assert "13800138000" not in note
    wanted = await looks_wanted(runtime)
    assert wanted == [(UUID(look["id"]), UUID(camera["id"]))]
    assert await answer_look(runtime, UUID(look["id"]), jpeg("red"), "masked")
    assert not await answer_look(runtime, UUID(look["id"]), jpeg("blue"), "masked")
    assert await looks_wanted(runtime) == []
    shown = await client.get(f"/looks/{look['id']}/picture")
    assert shown.content == jpeg("red")
    assert shown.headers["cache-control"] == "no-store"
    with past_the_walls(runtime) as connection:
        ((sealed,),) = connection.execute("SELECT sealed_picture FROM camera_look").fetchall()
    assert not sealed.startswith(b"\xff\xd8")
    await sign_in(client, "dispatcher")  # another's look
    assert (await client.get(f"/looks/{look['id']}/picture")).status_code == 404
    later = wall_now() + timedelta(seconds=runtime.settings.camera_look_seconds)
    monkeypatch.setattr(looks, "wall_now", lambda: later)
    await sign_in(client, "duty_officer")
    over = await client.get(f"/looks/{look['id']}/picture")
    assert (over.status_code, over.json()["code"]) == (410, "look_over")
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        assert await looks.end_looks(uow, SYSTEM) == 1
    with past_the_walls(runtime) as connection:
        kept = connection.execute("SELECT reason, sealed_picture FROM camera_look").fetchall()
    assert kept == [("other", None)]


@pytest.mark.parametrize("years", [-3, 3])
async def test_who_waits_for_a_look_waits_by_wall_time_whatever_the_streets_clock_says(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock, years: int
) -> None:
    camera = await watched(client)
    await sign_in(client, "duty_officer")
    clock.at = wall_now() + timedelta(days=365 * years)
    look = (await ask(client, camera, reason="zones")).json()
    assert await looks_wanted(runtime) == [(UUID(look["id"]), UUID(camera["id"]))]


@pytest.mark.parametrize(
    "said", [{}, {"reason": "curious"}, {"reason": "other"}, {"reason": "other", "note": " "}]
)
async def test_nobody_looks_without_a_reason(
    runtime: Runtime, client: httpx.AsyncClient, said: dict[str, Any]
) -> None:
    camera = await watched(client)
    assert (await ask(client, camera, **said)).status_code == 422
    assert await looks_wanted(runtime) == []


async def test_nobody_looks_through_a_camera_that_is_off(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = await set_up(client)
    refused = await ask(client, camera, reason="zones")
    assert (refused.status_code, refused.json()["code"]) == (409, "camera_off")
    await sign_in(client, "community_worker")
    assert (await ask(client, camera, reason="case")).status_code == 403
    assert await what_to_watch(runtime) == []
