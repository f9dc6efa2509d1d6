"""Verdicts set thresholds, a person sets them otherwise, and the engine is given what holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from discover.watched import HEAPS, add_cameras, change, done, find, scenes_known, watched
from helpers import SYSTEM, past_the_walls, sign_in

from streetwise.discover import findings, keeping
from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime


@pytest.fixture(autouse=True)
def scenes() -> Iterator[None]:
    with scenes_known():
        yield


@pytest_asyncio.fixture(autouse=True)
async def cameras(runtime: Runtime) -> None:
    await add_cameras(runtime)


async def judged(
    runtime: Runtime,
    client: httpx.AsyncClient,
    clock: HandClock,
    camera: dict[str, Any],
    verdicts: list[tuple[float, str, str | None]],
) -> None:
    """So many findings one after the other, each with its verdict."""
    await sign_in(client, "dispatcher")
    for score, verdict, reason in verdicts:
        clock.advance(timedelta(minutes=10))
        key = f"k{clock.now().isoformat()}"
        known = await find(runtime, camera, key, score=score)
        assert known is not None
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            await findings.clear(uow, key, uow.now)
        answer = await client.get(f"/findings/{known.finding_id}")
        said = await client.post(
            f"/findings/{known.finding_id}/verdict",
            json={"verdict": verdict, "reason": reason},
            headers={"If-Match": answer.headers["ETag"]},
        )
        assert said.status_code == 200, said.text


async def holds(runtime: Runtime) -> dict[str, float]:
    (camera,) = await keeping.what_to_watch(runtime)
    return camera.least


async def shown(client: httpx.AsyncClient, camera: dict[str, Any]) -> dict[str, Any]:
    (one,) = (await client.get(f"/cameras/{camera['id']}")).json()["thresholds"]
    found: dict[str, Any] = one
    return found


WRONG = (0.42, "wrong", "nothing")
RIGHT = (0.9, "right", None)


async def test_wrong_findings_raise_it_once_it_is_in_the_journal_and_the_engine_knows(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    camera = await watched(client)
    await judged(runtime, client, clock, camera, [WRONG] * 5 + [RIGHT] * 4)
    assert await holds(runtime) == {}
    one = await shown(client, camera)
    assert (one["least"], one["by"], one["right"], one["wrong"]) == (0.4, "scene", 4, 5)
    await judged(runtime, client, clock, camera, [RIGHT])
    assert await holds(runtime) == {HEAPS.code: 0.45}
    one = await shown(client, camera)
    assert (one["least"], one["shipped"], one["by"]) == (0.45, 0.4, "verdicts")
    # What has had its effect counts no more.
    assert (one["right"], one["wrong"]) == (0, 0)
    with past_the_walls(runtime) as connection:
        rows = connection.execute(
            "SELECT data FROM journal WHERE action = 'camera.threshold'"
        ).fetchall()
    assert [row[0] for row in rows] == [
        {"scene": HEAPS.code, "least": 0.45, "before": 0.4, "by": "verdicts",
         "right": 5, "wrong": 5}
    ]  # fmt: skip
    # Good ones in a row let it go back.
    await judged(runtime, client, clock, camera, [RIGHT] * 10)
    assert await holds(runtime) == {HEAPS.code: 0.4}


async def test_what_is_wrong_for_another_reason_says_nothing_of_the_detector(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    camera = await watched(client)
    await judged(runtime, client, clock, camera, [(0.42, "wrong", "allowed")] * 12)
    assert await holds(runtime) == {}
    one = await shown(client, camera)
    assert (one["right"], one["wrong"]) == (0, 0)


async def test_a_person_sets_it_and_verdicts_leave_it_alone_until_it_is_given_back(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    camera = await watched(client)
    camera = await done(client, camera, "threshold", {"scene": HEAPS.code, "least": 0.35})
    assert camera["thresholds"][0]["by"] == "hand"
    await judged(runtime, client, clock, camera, [WRONG] * 12)
    assert await holds(runtime) == {HEAPS.code: 0.35}
    await sign_in(client, "data_steward")
    camera = await done(client, camera, "threshold", {"scene": HEAPS.code, "least": None})
    assert camera["thresholds"][0]["least"] == 0.4
    assert await holds(runtime) == {HEAPS.code: 0.4}
    # Verdicts of before that count for nothing: they were about another threshold.
    assert (camera["thresholds"][0]["right"], camera["thresholds"][0]["wrong"]) == (0, 0)
    clock.advance(timedelta(minutes=1))
    await judged(runtime, client, clock, camera, [WRONG] * 10)
    assert await holds(runtime) == {HEAPS.code: 0.45}


async def test_who_only_watches_sets_none_and_what_cannot_be_is_refused(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = await watched(client)
    strange = await change(client, camera, "threshold", {"scene": "none_such", "least": 0.5})
    assert (strange.status_code, strange.json()["code"]) == (422, "scene_unknown")
    much = await change(client, camera, "threshold", {"scene": HEAPS.code, "least": 0.99})
    assert much.status_code == 422
    await sign_in(client, "dispatcher")
    refused = await change(client, camera, "threshold", {"scene": HEAPS.code, "least": 0.5})
    assert refused.status_code == 403
