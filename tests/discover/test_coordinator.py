"""The coordinator between eyes and rows: told by a fleet that does what a test says."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from discover.engine.seeing import Street, painted
from discover.engine.test_eye import another_view, moved, states
from discover.watched import (
    FORM,
    HEAPS,
    SQUARE,
    add_cameras,
    change,
    done,
    jpeg,
    scenes_known,
    watched,
    zone,
)
from helpers import past_the_walls, run_jobs, sign_in
from sqlalchemy.exc import OperationalError

from streetwise.discover import findings
from streetwise.discover.coordinator import Coordinator, CoordinatorRules
from streetwise.discover.engine.memory import memory
from streetwise.discover.engine.orders import pictured
from streetwise.discover.engine.shard import Watched
from streetwise.discover.engine.wire import Message
from streetwise.discover.pushing import listening
from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime

QUICK = CoordinatorRules(watch_seconds=0.05, look_seconds=0.05, retry_seconds=0.01)
PATIENCE_SECONDS = 60
SEEN = "SELECT seen_times FROM finding"


@pytest.fixture(autouse=True)
def scenes() -> Iterator[None]:
    with scenes_known():
        yield


@pytest_asyncio.fixture(autouse=True)
async def cameras(runtime: Runtime) -> None:
    await add_cameras(runtime)


class Told:
    """A fleet without eyes: remembers what it was given, says what a test says."""

    def __init__(self, heard: Callable[[Message], None]) -> None:
        self.heard = heard
        self.watched: list[Watched] = []
        self.asked: list[tuple[str, str]] = []
        self.pushed: list[tuple[str, bytes]] = []
        self.remembered: list[Message] = []

    def watch(self, cameras: Sequence[Watched]) -> None:
        self.watched = list(cameras)

    def remember(self, message: Message) -> None:
        self.remembered.append(message)

    def ask(self, camera: str, request: str) -> None:
        self.asked.append((camera, request))

    def push(self, camera: str, jpeg: bytes) -> bool:
        self.pushed.append((camera, jpeg))
        return any(one.charge.camera == camera for one in self.watched)

    async def run(self) -> None:
        await asyncio.Event().wait()


@asynccontextmanager
async def coordinating(
    runtime: Runtime, listener: socket.socket | None = None
) -> AsyncIterator[Told]:
    fleets: list[Told] = []

    def made(heard: Callable[[Message], None]) -> Told:
        fleets.append(Told(heard))
        return fleets[0]

    task = asyncio.create_task(Coordinator(runtime, made, QUICK, listener).run())
    try:
        yield fleets[0] if fleets else await _first(fleets)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _first(fleets: list[Told]) -> Told:
    await until(lambda: bool(fleets))
    return fleets[0]


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not true():
            await asyncio.sleep(0.02)


def rows(runtime: Runtime, query: str) -> list[tuple[Any, ...]]:
    with past_the_walls(runtime) as connection:
        return connection.execute(query).fetchall()


def opened(camera: str, since: float | None = None) -> Message:
    """The engine's word that something stands in the camera's zone."""
    now = time.time()
    fields = {
        "camera": camera, "zone": "门前", "scene": HEAPS.code, "since": since or now - 200,
        "at": now, "box": [0.1, 0.2, 0.3, 0.4], "score": 0.8, "seen": 5, "of": 7,
        "before_at": now - 300, "detector": "small", "how": "masked",
    }  # fmt: skip
    return pictured("opened", fields, {"during": jpeg("red"), "before": jpeg("green")})


def cleared(camera: str) -> Message:
    now = time.time()
    fields = {
        "camera": camera, "zone": "门前", "scene": HEAPS.code, "since": now - 30, "at": now,
        "looks": 3, "how": "masked",
    }  # fmt: skip
    return pictured("cleared", fields, {"after": jpeg("blue")})


def looked(camera: str, free: bool) -> Message:
    fields = {"camera": camera, "zone": "门前", "scene": HEAPS.code, "at": time.time()}
    return Message("looked", {**fields, "free": free})


async def test_what_is_on_is_watched_and_what_is_switched_off_is_not(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = await watched(client)
    async with coordinating(runtime) as fleet:
        await until(lambda: len(fleet.watched) == 1)
        (one,) = fleet.watched
        assert one.charge.camera == camera["id"]
        assert one.charge.zones[0].corners == tuple((x, y) for x, y in SQUARE)
        assert (one.stream.kind, one.stream.gateway, one.stream.cap) == ("rtsp", "街道流媒体", 16)
        assert "secret" in one.stream.address
        assert "secret" not in repr(one)
        await sign_in(client, "data_steward")
        await done(client, camera, "off", {"reason": "maintenance"})
        await until(lambda: fleet.watched == [])


async def test_a_finding_that_is_told_twice_is_one_with_its_pictures_and_a_case_until_it_is_gone(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    camera = (await watched(client))["id"]
    async with coordinating(runtime) as fleet:
        await until(lambda: len(fleet.watched) == 1)
        since = time.time() - 200
        fleet.heard(opened(camera, since))
        fleet.heard(opened(camera, since))
        await until(lambda: rows(runtime, SEEN) == [(1,)])
        clock.advance(timedelta(minutes=1))
        fleet.heard(opened(camera, since + 60))  # another eye, which remembered less
        await until(lambda: rows(runtime, SEEN) == [(2,)])
        clock.advance(timedelta(minutes=1))
        fleet.heard(looked(camera, free=False))
        await until(lambda: rows(runtime, SEEN) == [(3,)])
        await run_jobs(runtime)
        await until(lambda: fleet.watched[0].charge.held == {HEAPS.code})
        assert rows(runtime, "SELECT count(*) FROM cases") == [(1,)]
        fleet.heard(cleared(camera))
        fleet.heard(cleared(camera))
        await until(
            lambda: (
                rows(runtime, "SELECT count(*) FROM finding WHERE cleared_at IS NOT NULL") == [(1,)]
            )
        )
        moments = rows(runtime, "SELECT moment FROM finding_picture ORDER BY moment")
        assert moments == [("after",), ("before",), ("during",)]


async def test_one_that_begins_anew_takes_up_what_is_open(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = (await watched(client))["id"]
    async with coordinating(runtime) as fleet:
        await until(lambda: len(fleet.watched) == 1)
        fleet.heard(opened(camera))
        await until(lambda: rows(runtime, "SELECT count(*) FROM finding") == [(1,)])
    async with coordinating(runtime) as fleet:
        await until(lambda: len(fleet.watched) == 1)
        fleet.heard(cleared(camera))
        await until(lambda: rows(runtime, "SELECT cleared_why FROM finding") == [("clear",)])


def memory_of(street: Street, one: Watched) -> Message:
    """What the street's eye last told to remember, as of this camera."""
    told, camera = street.of("memory")[-1].fields, one.charge.camera
    gates = [{**row, "camera": camera, "view": one.charge.view} for row in told["gates"]]
    return memory(told["at"], [], gates, [camera])


async def test_a_moved_camera_goes_on_waiting_to_be_aimed_when_all_of_discover_begins_anew(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await watched(client)
    kept = "SELECT meant_view, meant ? 'view', meant ? 'back' FROM camera_health"
    async with coordinating(runtime) as fleet:
        await until(lambda: len(fleet.watched) == 1)
        assert fleet.remembered == []
        (one,) = fleet.watched
        fleet.heard(memory_of(moved(), one))
        await until(lambda: rows(runtime, kept) == [(one.charge.view, True, False)])
    async with coordinating(runtime) as fleet:
        await until(lambda: len(fleet.remembered) == 1)
        (given,) = fleet.remembered
        # An eye that knows nothing but this says at once that the camera is moved.
        second = Street(memory_seconds=30.0)
        second.charge()
        row = {**given.fields["gates"][0], "camera": "c1", "view": 0}
        second.eye.remember(memory(given.fields["at"], [], [row], ["c1"]), second.now)
        second.live(20, another_view())
        assert states(second) == ["moved"]
        # Aimed again, nothing is left of it.
        second.live(60, painted())
        assert states(second)[-1] == "clear"
        fleet.heard(memory_of(second, one))
        await until(lambda: rows(runtime, kept) == [(None, None, None)])
    async with coordinating(runtime) as fleet:
        await until(lambda: len(fleet.watched) == 1)
        assert fleet.remembered == []


async def test_a_view_that_was_accepted_while_discover_was_away_is_the_one_that_is_meant(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = await watched(client)
    kept = "SELECT meant_view FROM camera_health"
    async with coordinating(runtime) as fleet:
        await until(lambda: len(fleet.watched) == 1)
        first = fleet.watched[0]
        fleet.heard(memory_of(moved(), first))
        await until(lambda: rows(runtime, kept) == [(first.charge.view,)])
    await done(client, camera, "view")
    async with coordinating(runtime) as fleet:
        await until(lambda: len(fleet.watched) == 1)
        assert fleet.remembered == []
        # Moved again, it is the new view that is meant.
        second = fleet.watched[0]
        assert second.charge.view != first.charge.view
        fleet.heard(memory_of(moved(), second))
        await until(lambda: rows(runtime, kept) == [(second.charge.view,)])


async def test_what_an_eye_that_begins_anew_knows_nothing_of_is_ended_when_it_is_long_gone(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    camera = (await watched(client))["id"]
    async with coordinating(runtime) as fleet:
        await until(lambda: len(fleet.watched) == 1)
        fleet.heard(opened(camera))
        await until(lambda: rows(runtime, "SELECT count(*) FROM finding") == [(1,)])
    async with coordinating(runtime) as fleet:
        await until(lambda: len(fleet.watched) == 1)
        for _ in range(2 * HEAPS.clear_looks - 1):
            fleet.heard(looked(camera, free=True))
        clock.advance(timedelta(minutes=1))
        fleet.heard(looked(camera, free=False))
        await until(lambda: rows(runtime, SEEN) == [(2,)])
        for _ in range(2 * HEAPS.clear_looks):
            fleet.heard(looked(camera, free=True))
        await until(lambda: rows(runtime, "SELECT cleared_why FROM finding") == [("clear",)])


async def test_a_message_that_is_wrong_does_not_end_looking(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = (await watched(client))["id"]
    async with coordinating(runtime) as fleet:
        await until(lambda: len(fleet.watched) == 1)
        fleet.heard(Message("cadences", {"rows": [[camera]]}))
        fleet.heard(opened(camera))
        await until(lambda: rows(runtime, "SELECT count(*) FROM finding") == [(1,)])


async def test_what_cannot_be_written_is_tried_again(
    runtime: Runtime, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = (await watched(client))["id"]
    real, failures = findings.open_findings, iter([True, True, False])

    async def sometimes(*given: Any) -> Any:
        if next(failures):
            raise OperationalError("gone", None, Exception())
        return await real(*given)

    monkeypatch.setattr(findings, "open_findings", sometimes)
    async with coordinating(runtime) as fleet:
        await until(lambda: len(fleet.watched) == 1)
        fleet.heard(opened(camera))
        await until(lambda: rows(runtime, "SELECT count(*) FROM finding") == [(1,)])


async def test_an_outage_is_one_row_and_cadences_are_published_as_reached(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = (await watched(client))["id"]
    async with coordinating(runtime) as fleet:
        await until(lambda: len(fleet.watched) == 1)
        view = Message("view", {"camera": camera, "state": "clear", "shift": None})
        down = {
            "camera": camera,
            "up": False,
            "reason": "refused",
            "words": "",
            "lasted_seconds": 21,
        }
        fleet.heard(view)
        fleet.heard(Message("line", down))
        fleet.heard(Message("line", down))
        fleet.heard(Message("line", {**down, "up": True}))
        cadence = [camera, HEAPS.code, 10.0, 11, 10.0, 12.0, 13.5, 0.01]
        fleet.heard(Message("cadences", {
            "at": time.time(), "seconds": 120.0, "rows": [cadence], "decoded": 60, "inferred": 11,
            "shed": [[camera, HEAPS.code, 3]],
        }))  # fmt: skip
        await until(lambda: rows(runtime, "SELECT looks FROM camera_cadence") == [(11,)])
        cadences = rows(runtime, "SELECT promised, reached, shed FROM camera_cadence")
        assert cadences == [(10.0, 13.5, 3)]
        outages = rows(runtime, "SELECT reason, ended_at IS NOT NULL FROM camera_outage")
        assert outages == [("refused", True)]
        assert rows(runtime, "SELECT state FROM camera_health") == [("live",)]


async def test_whoever_may_look_gets_the_picture_that_the_eye_gave(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = (await watched(client))["id"]
    async with coordinating(runtime) as fleet:
        await until(lambda: len(fleet.watched) == 1)
        await sign_in(client, "dispatcher")
        asked = await client.post(f"/cameras/{camera}/looks", json={"reason": "stream"})
        assert asked.status_code == 201, asked.text
        await until(lambda: bool(fleet.asked))
        assert fleet.asked[0][0] == camera
        shown = {"camera": camera, "requests": [fleet.asked[0][1]], "at": time.time()}
        fleet.heard(pictured("shown", {**shown, "how": "masked"}, {"now": jpeg("red")}))
        address = f"/looks/{asked.json()['id']}/picture"
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (answer := await client.get(address)).status_code != 200:
                await asyncio.sleep(0.05)
        assert answer.content == jpeg("red")


async def test_a_camera_that_pushes_is_given_to_its_eye_by_its_token_alone(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = await watched(client)
    await sign_in(client, "data_steward")
    form = {**FORM, "kind": "push", "address": None, "gateway": None, "streams_max": None}
    refused = await change(client, camera, "push-token")
    assert (refused.status_code, refused.json()["code"]) == (409, "camera_no_push")
    camera = await done(client, camera, "set-up", form)
    assert camera["push"] == {"path": f"/push/{camera['id']}", "port": 0, "has_token": False}
    made = await change(client, camera, "push-token")
    token, camera = made.json()["token"], made.json()["camera"]
    assert camera["push"]["has_token"] is True
    assert token not in (await client.get(f"/cameras/{camera['id']}")).text
    with listening("127.0.0.1", 0) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}{camera['push']['path']}"
        async with coordinating(runtime, listener) as fleet, httpx.AsyncClient() as device:
            await until(lambda: len(fleet.watched) == 1)
            assert fleet.watched[0].stream.kind == "push"
            login = {"Authorization": f"Bearer {token}"}
            answer = await device.put(address, content=jpeg("red"), headers=login)
            assert answer.status_code == 204
            assert fleet.pushed == [(camera["id"], jpeg("red"))]
            # Another token, and the first opens nothing any more.
            again = (await change(client, camera, "push-token")).json()
            assert again["token"] != token
            await until_refused(device, address, login)
    with past_the_walls(runtime) as connection:
        rows = connection.execute("SELECT data::text FROM journal WHERE action LIKE 'camera.push%'")
        assert not any(token in row[0] for row in rows.fetchall())


async def until_refused(device: httpx.AsyncClient, address: str, login: dict[str, str]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await device.put(address, content=jpeg(), headers=login)).status_code != 401:
            await asyncio.sleep(0.05)


async def test_a_view_that_was_accepted_and_a_threshold_reach_the_eye(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = await watched(client)
    async with coordinating(runtime) as fleet:
        await until(lambda: len(fleet.watched) == 1)
        before = fleet.watched[0].charge.view
        camera = await done(client, camera, "view")
        camera = await done(client, camera, "threshold", {"scene": HEAPS.code, "least": 0.6})
        await until(
            lambda: (
                (fleet.watched[0].charge.view, dict(fleet.watched[0].charge.least))
                == (before + 1, {HEAPS.code: 0.6})
            )
        )
        # Who draws over what is seen now says that it is right, too.
        camera = await done(client, camera, "zones", {"zones": [zone(name="新")]})
        await until(lambda: fleet.watched[0].charge.view == before + 2)
    camera = await done(client, camera, "off", {"reason": "maintenance"})
    refused = await change(client, camera, "view")
    assert (refused.status_code, refused.json()["code"]) == (409, "camera_off")
