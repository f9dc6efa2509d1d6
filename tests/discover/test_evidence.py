"""What cameras saw of a case, for whoever sees the case; and nothing else of cameras."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio
from discover.watched import HEAPS, add_cameras, find, jpeg, scenes_known, watched
from helpers import SYSTEM, report, sign_in, take_in_rows, triage_all
from resolve.test_loop import step

from streetwise.discover import findings, keeping
from streetwise.discover.findings import Kept, Moment
from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime


@pytest.fixture(autouse=True)
def scenes() -> Iterator[None]:
    with scenes_known():
        yield


@pytest_asyncio.fixture(autouse=True)
async def cameras(runtime: Runtime) -> None:
    await add_cameras(runtime)


async def kept(runtime: Runtime, moment: Moment, colour: str) -> Kept:
    at = runtime.database.clock.now()
    return await keeping.store(runtime.files, moment, at, jpeg(colour), "masked")


async def case_of_finding(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> dict[str, Any]:
    """A case that a camera found, dispatched to a department that watches no cameras."""
    camera = await watched(client)
    pictures = (await kept(runtime, "during", "red"), await kept(runtime, "before", "green"))
    await find(runtime, camera, "k1", pictures=pictures)
    clock.advance(timedelta(minutes=5))
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await findings.clear(uow, "k1", uow.now, [await kept(runtime, "after", "blue")])
    await triage_all(runtime)
    await sign_in(client, "dispatcher")
    (row,) = (await client.get("/findings")).json()["items"]
    case: dict[str, Any] = row["case"]
    case = await step(client, "dispatcher", case, "accept")
    return await step(client, "dispatcher", case, "dispatch", unit="dep1")


async def test_a_department_sees_the_pictures_of_its_case_and_no_findings(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await case_of_finding(runtime, client, clock)
    await sign_in(client, "department_handler")
    assert (await client.get("/findings")).status_code == 403
    answer = await client.get(f"/cases/{case['id']}/evidence")
    assert answer.status_code == 200, answer.text
    (one,) = answer.json()["items"]
    assert (one["camera"], one["scene_name"], one["zone"]) == ("梧桐路 1 号机", HEAPS.name, "门前")
    assert one["cleared_why"] == "clear"
    assert {picture["moment"] for picture in one["pictures"]} == {"before", "during", "after"}
    assert all(picture["how"] == "masked" for picture in one["pictures"])
    address = f"/cases/{case['id']}/evidence/{one['id']}"
    for moment, colour in (("before", "green"), ("during", "red"), ("after", "blue")):
        picture = await client.get(f"{address}/{moment}")
        assert (picture.content, picture.headers["Content-Type"]) == (jpeg(colour), "image/jpeg")


async def test_who_does_not_see_the_case_sees_no_picture_of_it(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await case_of_finding(runtime, client, clock)
    await sign_in(client, "department_handler")
    (one,) = (await client.get(f"/cases/{case['id']}/evidence")).json()["items"]
    await sign_in(client, "worker2")  # of the other community
    assert (await client.get(f"/cases/{case['id']}/evidence")).status_code == 404
    hidden = await client.get(f"/cases/{case['id']}/evidence/{one['id']}/during")
    assert hidden.status_code == 404


async def test_a_finding_of_another_case_is_not_shown_by_way_of_this_one(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await case_of_finding(runtime, client, clock)
    await sign_in(client, "dispatcher")
    (one,) = (await client.get(f"/cases/{case['id']}/evidence")).json()["items"]
    await take_in_rows(runtime, [report("R-1", "路灯不亮", "路灯不亮，已经三天了。")])
    await triage_all(runtime)
    others = (await client.get("/cases")).json()["items"]
    other = next(row for row in others if row["id"] != case["id"])
    assert (await client.get(f"/cases/{other['id']}/evidence")).json() == {"items": []}
    for case_id in (other["id"], str(uuid4())):
        wrong = await client.get(f"/cases/{case_id}/evidence/{UUID(one['id'])}/during")
        assert wrong.status_code == 404
