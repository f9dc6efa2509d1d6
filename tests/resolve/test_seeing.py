"""A second look by a camera or a sensor, with a source made up for the test."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from helpers import act, sign_in
from resolve.test_loop import get, step
from resolve.test_verify import check_of, reported
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel import hooks
from streetwise.kernel.clock import HandClock
from streetwise.kernel.errors import Conflict, Invalid
from streetwise.kernel.runtime import Runtime
from streetwise.resolve import WATCHING, Watcher, seen_again, seen_clear, watchers
from streetwise.resolve.seeing import SYSTEM

CAMERA = "梧桐路 3 号机"


class Cameras:
    """A room with devices, as the camera's own will be one."""

    def __init__(self) -> None:
        self.watching: list[Watcher] = []

    async def __call__(self, *, session: AsyncSession, case_id: UUID) -> list[Watcher]:
        return self.watching


@pytest.fixture
def cameras() -> Iterator[Cameras]:
    room = Cameras()
    take_back = hooks.register(WATCHING, room)
    yield room
    take_back()


async def look(
    runtime: Runtime, case: dict[str, Any], *, clear: int = 0, device: str = CAMERA
) -> None:
    """The camera looks now: clear so often, or the problem is there."""
    now = runtime.database.clock.now()
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        if clear:
            await seen_clear(uow, runtime.keys, UUID(case["id"]), device, now, clear)
        else:
            await seen_again(uow, runtime.keys, UUID(case["id"]), device, now)


async def test_what_was_clear_often_enough_passes_its_check(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock, cameras: Cameras
) -> None:
    cameras.watching = [Watcher(CAMERA, "camera", looks=5)]
    case = await reported(runtime, client)
    async with runtime.database.read(SYSTEM) as session:
        assert await watchers(session, UUID(case["id"])) == cameras.watching
    clock.advance(timedelta(minutes=1))
    await look(runtime, case, clear=3)
    await look(runtime, case, clear=3)  # the same look again: it was counted
    await sign_in(client, "inspector")
    assert (await get(client, case))["state"] == "reported"
    clock.advance(timedelta(minutes=1))
    await look(runtime, case, clear=2)
    case = await get(client, case)
    assert case["state"] == "verified"
    entry = case["timeline"][-1]
    assert entry["actor"] is None
    data = entry["data"]
    assert (data["way"], data["device"], data["clear"]) == ("device", CAMERA, 5)
    check = await check_of(client, case)
    assert (check["way"], check["sightings"][0]["sees"]) == ("device", False)
    assert (await step(client, "dispatcher", case, "close"))["state"] == "closed"


async def test_looks_from_before_the_report_and_between_two_of_them_do_not_count(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock, cameras: Cameras
) -> None:
    cameras.watching = [Watcher(CAMERA, "camera", looks=3)]
    case = await reported(runtime, client)
    clock.advance(timedelta(minutes=1))
    await look(runtime, case, clear=2)
    case = await step(client, "inspector", case, "verify", result="fail", note="灯罩还没装")
    clock.advance(timedelta(minutes=1))
    await look(runtime, case, clear=9)
    clock.advance(timedelta(minutes=1))
    case = await step(client, "department_handler", case, "report", note="装好了")
    clock.advance(timedelta(minutes=1))
    await look(runtime, case, clear=2)
    await sign_in(client, "inspector")
    assert (await get(client, case))["state"] == "reported"
    clock.advance(timedelta(minutes=1))
    await look(runtime, case, clear=1)
    assert (await get(client, case))["state"] == "verified"


async def test_what_is_seen_still_is_not_closed(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock, cameras: Cameras
) -> None:
    cameras.watching = [Watcher(CAMERA, "camera", looks=2)]
    case = await reported(runtime, client)
    clock.advance(timedelta(minutes=1))
    await look(runtime, case)
    case = await step(client, "inspector", case, "verify", result="pass")
    await sign_in(client, "dispatcher")
    case = await get(client, case)
    refused = await act(client, case, "close")
    assert (refused.status_code, refused.json()["code"]) == (409, "closing_objected")
    assert CAMERA in str(refused.json()["params"]["reasons"])
    clock.advance(timedelta(minutes=1))
    await look(runtime, case, clear=1)
    assert (await step(client, "dispatcher", case, "close"))["state"] == "closed"


@pytest.mark.parametrize("found", [True, False])
async def test_what_comes_back_is_opened_again_where_devices_found_it(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock, cameras: Cameras, found: bool
) -> None:
    cameras.watching = [Watcher(CAMERA, "camera", looks=1, found=found)]
    case = await reported(runtime, client)
    clock.advance(timedelta(minutes=1))
    await look(runtime, case, clear=1)
    case = await step(client, "dispatcher", case, "close")
    for _ in range(3):
        clock.advance(timedelta(minutes=1))
        await look(runtime, case)
    await sign_in(client, "dispatcher")
    case = await get(client, case)
    last = case["timeline"][-1]
    if found:
        assert (case["state"], case["reopened"]) == ("accepted", 1)
        assert (last["action"], last["data"]["ground"]) == ("case.reopened", "camera")
        return
    assert case["state"] == "closed"  # somebody told of it: a person decides
    assert [one["action"] for one in case["timeline"]].count("case.seen_again") == 1
    assert (last["action"], last["data"]["device"]) == ("case.seen_again", CAMERA)
    kinds = [one["kind"] for one in (await client.get("/notifications")).json()["items"]]
    assert kinds.count("case.seen_again") == 1


async def test_two_looks_at_once_open_a_case_once(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock, cameras: Cameras
) -> None:
    cameras.watching = [
        Watcher(CAMERA, "camera", looks=1, found=True), Watcher("井盖 7", "sensor", 1, found=True),
    ]  # fmt: skip
    case = await reported(runtime, client)
    clock.advance(timedelta(minutes=1))
    await look(runtime, case, clear=1)
    case = await step(client, "dispatcher", case, "close")
    clock.advance(timedelta(minutes=1))
    await asyncio.gather(look(runtime, case), look(runtime, case, device="井盖 7"))
    await sign_in(client, "dispatcher")
    case = await get(client, case)
    assert (case["state"], case["reopened"]) == ("accepted", 1)


async def test_a_device_that_does_not_see_the_case_says_nothing_of_it(
    runtime: Runtime, client: httpx.AsyncClient, cameras: Cameras
) -> None:
    case = await reported(runtime, client)
    with pytest.raises(Conflict, match="does not see"):
        await look(runtime, case, clear=9)
    cameras.watching = [Watcher(CAMERA, "camera", looks=1)]
    with pytest.raises(Conflict, match="does not see"):
        await look(runtime, case, device="别处的")
    now = runtime.database.clock.now()
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        with pytest.raises(Invalid, match="Nobody looked"):
            await seen_clear(uow, runtime.keys, UUID(case["id"]), CAMERA, now, 0)
