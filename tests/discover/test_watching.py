"""The second look: a camera verifies what it found, and what others told of ground that it sees."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from discover.watched import HEAPS, add_cameras, done, find, scenes_known, watched, zone
from helpers import act, report, sign_in, take_in_rows, triage_all
from resolve.test_loop import get, step

from streetwise.discover.findings import clear
from streetwise.discover.system import SYSTEM
from streetwise.discover.watching import Look, looked, zones_with_cases
from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.resolve import watchers

NAME = "梧桐路 1 号机（C-001）门前"


@pytest.fixture(autouse=True)
def scenes() -> Iterator[None]:
    with scenes_known():
        yield


@pytest_asyncio.fixture(autouse=True)
async def cameras(runtime: Runtime) -> None:
    await add_cameras(runtime)


async def look(
    runtime: Runtime, camera: dict[str, Any], clock: HandClock, *, clear: bool, looks: int = 1
) -> int:
    """The camera looks, a minute later."""
    clock.advance(timedelta(minutes=1))
    one = Look(UUID(camera["zones"][0]["id"]), clock.now(), clear, looks)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        return await looked(uow, runtime.keys, [one])


async def found_case(
    runtime: Runtime, client: httpx.AsyncClient
) -> tuple[dict[str, Any], dict[str, Any]]:
    """(camera, the case of what it has found)."""
    camera = await watched(client)
    await find(runtime, camera, "k1")
    await triage_all(runtime)
    await sign_in(client, "dispatcher")
    (row,) = (await client.get("/findings")).json()["items"]
    return camera, row["case"]


async def handled(
    client: httpx.AsyncClient, clock: HandClock, case: dict[str, Any]
) -> dict[str, Any]:
    """The case as its unit says that it is done."""
    case = await step(client, "dispatcher", case, "accept")
    case = await step(client, "dispatcher", case, "dispatch", unit="dep1")
    case = await step(client, "department_handler", case, "start")
    clock.advance(timedelta(minutes=1))
    return await step(client, "department_handler", case, "report", note="已清理。")


async def test_the_camera_that_found_it_passes_the_check_after_enough_clear_looks(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    camera, case = await found_case(runtime, client)
    async with runtime.database.read(SYSTEM) as session:
        (watcher,) = await watchers(session, UUID(case["id"]))
        watched_zones = await zones_with_cases(session, clock.now())
    assert (watcher.device, watcher.looks, watcher.found) == (NAME, HEAPS.clear_looks, True)
    assert watched_zones == {UUID(camera["zones"][0]["id"])}
    case = await handled(client, clock, case)
    assert await look(runtime, camera, clock, clear=True, looks=2) == 1
    await sign_in(client, "inspector")
    assert (await get(client, case))["state"] == "reported"
    await look(runtime, camera, clock, clear=True)
    case = await get(client, case)
    assert case["state"] == "verified"
    assert case["timeline"][-1]["data"]["device"] == NAME
    assert (await step(client, "dispatcher", case, "close"))["state"] == "closed"


async def test_a_camera_that_still_sees_it_blocks_the_closing_until_it_is_clear(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    camera, case = await found_case(runtime, client)
    case = await handled(client, clock, case)
    await look(runtime, camera, clock, clear=False)
    case = await step(client, "inspector", case, "verify", result="pass")
    await sign_in(client, "dispatcher")
    case = await get(client, case)
    refused = await act(client, case, "close")
    assert (refused.status_code, refused.json()["code"]) == (409, "closing_objected")
    assert NAME in str(refused.json()["params"]["reasons"])
    await look(runtime, camera, clock, clear=True)
    assert (await step(client, "dispatcher", case, "close"))["state"] == "closed"


async def test_a_camera_that_was_switched_off_blocks_nothing(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    camera, case = await found_case(runtime, client)
    case = await handled(client, clock, case)
    await look(runtime, camera, clock, clear=False)
    case = await step(client, "inspector", case, "verify", result="pass")
    await sign_in(client, "data_steward")
    camera = (await client.get(f"/cameras/{camera['id']}")).json()
    await done(client, camera, "off", {"reason": "maintenance"})
    assert (await step(client, "dispatcher", case, "close"))["state"] == "closed"
    assert await look(runtime, camera, clock, clear=False) == 0


async def test_what_is_open_in_the_picture_and_closed_on_paper_is_opened_again(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    camera, case = await found_case(runtime, client)
    case = await handled(client, clock, case)
    case = await step(client, "inspector", case, "verify", result="pass")
    case = await step(client, "dispatcher", case, "close")
    assert await look(runtime, camera, clock, clear=False) == 1
    await sign_in(client, "dispatcher")
    again = await get(client, case)
    assert (again["state"] != "closed", again["reopened"]) == (True, 1)
    # Once it is gone and the case is over, the camera has no business with it.
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await clear(uow, "k1", uow.now)


async def test_a_case_that_is_over_is_nothing_to_a_camera(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    camera, case = await found_case(runtime, client)
    case = await handled(client, clock, case)
    clock.advance(timedelta(minutes=1))
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await clear(uow, "k1", uow.now)
    case = await step(client, "inspector", case, "verify", result="pass")
    await step(client, "dispatcher", case, "close")
    assert await look(runtime, camera, clock, clear=False) == 0
    async with runtime.database.read(SYSTEM) as session:
        assert await zones_with_cases(session, clock.now()) == set()


async def told_case(
    runtime: Runtime, client: httpx.AsyncClient, lon: float, lat: float
) -> dict[str, Any]:
    """A case that somebody told of, of the class of heaps."""
    row = report("R-1", "楼前堆着建筑垃圾", "楼门前堆着暴露生活垃圾好几天了", lon=lon, lat=lat)
    await take_in_rows(runtime, [row])
    await sign_in(client, "dispatcher")
    (case,) = (await client.get("/cases")).json()["items"]
    case = await get(client, case)
    if (case["category"] or {}).get("code") != HEAPS.category[1]:
        answer = await client.post(
            f"/cases/{case['id']}/correct",
            json={"category": f"{HEAPS.category[0]}:{HEAPS.category[1]}"},
            headers={"If-Match": f'"{case["version"]}"'},
        )
        assert answer.status_code == 200, answer.text
    return await get(client, case)


@pytest.mark.parametrize(
    ("ground", "sees"),
    [
        ({"lon": 116.9052, "lat": 40.1051, "metres": 40}, True),
        ({"lon": 116.9152, "lat": 40.1051, "metres": 40}, False),
        (None, False),
    ],
)
async def test_a_zone_sees_what_others_told_only_of_ground_that_it_is_said_to_show(
    runtime: Runtime,
    client: httpx.AsyncClient,
    clock: HandClock,
    ground: dict[str, float] | None,
    sees: bool,
) -> None:
    camera = await watched(client, "C-001", zone(ground=ground))
    case = await told_case(runtime, client, 116.9053, 40.1052)
    async with runtime.database.read(SYSTEM) as session:
        found = await watchers(session, UUID(case["id"]))
    assert [(one.device, one.found) for one in found] == ([(NAME, False)] if sees else [])
    case = await handled(client, clock, case)
    assert await look(runtime, camera, clock, clear=True, looks=HEAPS.clear_looks) == int(sees)
    await sign_in(client, "inspector")
    assert (await get(client, case))["state"] == ("verified" if sees else "reported")


async def test_a_zone_of_another_scene_does_not_see_it(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    ground = {"lon": 116.9052, "lat": 40.1051, "metres": 40}
    await watched(client, "C-001", zone("t_vendors", ground=ground))
    case = await told_case(runtime, client, 116.9053, 40.1052)
    async with runtime.database.read(SYSTEM) as session:
        assert await watchers(session, UUID(case["id"])) == []
