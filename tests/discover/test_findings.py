"""Findings: one for each camera, scene and zone, a signal and a case of each, verdicts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
import pytest_asyncio
from discover.watched import (
    HEAPS,
    VENDORS,
    add_cameras,
    done,
    find,
    jpeg,
    scenes_known,
    watched,
    zone,
)
from helpers import past_the_walls, report, run_jobs, sign_in, take_in_rows, triage_all

from streetwise.discover import catalogue
from streetwise.discover.catalogue import SceneFacts
from streetwise.discover.findings import (
    Opened,
    clear,
    open_findings,
    seen,
)
from streetwise.discover.keeping import open_now, store
from streetwise.discover.system import SYSTEM
from streetwise.gather import Detection, register_detection
from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.sweeping import sweep


@pytest.fixture(autouse=True)
def scenes() -> Iterator[None]:
    with scenes_known():
        yield


@pytest_asyncio.fixture(autouse=True)
async def cameras(runtime: Runtime) -> None:
    await add_cameras(runtime)


def rows(runtime: Runtime, query: str) -> list[tuple[Any, ...]]:
    """What lies in the database, whoever may see it."""
    with past_the_walls(runtime) as connection:
        return connection.execute(query).fetchall()


async def findings(client: httpx.AsyncClient, **wanted: Any) -> list[dict[str, Any]]:
    """Findings as a dispatcher sees them."""
    await sign_in(client, "dispatcher")
    answer = await client.get("/findings", params=wanted)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_a_finding_becomes_a_signal_with_masked_pictures_and_a_case(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    camera = await watched(client)
    at = clock.now()
    kept = [
        await store(runtime.files, "before", at - timedelta(minutes=5), jpeg("green"), "masked"),
        await store(runtime.files, "during", at, jpeg("red"), "mosaic"),
    ]
    known = await find(runtime, camera, "k1", pictures=tuple(kept))
    assert known is not None
    assert known.new
    await run_jobs(runtime)  # the signal asks for triage by itself
    (found,) = await findings(client)
    assert (found["scene"], found["zone"], found["camera"]) == (
        HEAPS.code,
        "门前",
        "梧桐路 1 号机",
    )
    assert [(one["moment"], one["how"]) for one in found["pictures"]] == [
        ("before", "masked"),
        ("during", "mosaic"),
    ]
    case = (await client.get(f"/cases/{found['case']['id']}")).json()
    assert case["category"]["code"] == HEAPS.category[1]
    assert (case["lon"], case["lat"]) == (116.905, 40.105)
    assert case["title"] == "乱堆物料（梧桐路 1 号机）"
    picture = await client.get(f"/findings/{found['id']}/pictures/before")
    assert picture.content == jpeg("green")
    assert (await client.get(f"/findings/{found['id']}/pictures/after")).status_code == 404
    on_disk = [path.read_bytes() for path in runtime.settings.files_path.glob("??/??/*")]
    assert len(on_disk) == 2
    assert not any(content.startswith(b"\xff\xd8") for content in on_disk)


@pytest.mark.parametrize("ends", ["clear", "off"])
async def test_who_answers_for_the_camera_is_concerned_when_it_is_found_and_when_it_is_gone(
    runtime: Runtime, client: httpx.AsyncClient, ends: str
) -> None:
    camera = await watched(client)
    await find(runtime, camera, "k1")
    if ends == "off":
        await done(client, camera, "off", {"reason": "maintenance"})
    else:
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            await clear(uow, "k1", uow.now)
    with past_the_walls(runtime) as connection:
        rows = connection.execute(
            "SELECT action, units FROM journal WHERE subject_kind = 'finding' ORDER BY seq"
        ).fetchall()
    assert [row[0] for row in rows] == ["finding.opened", "finding.cleared"]
    assert rows[0][1] == rows[1][1] != []


async def test_the_same_key_is_one_finding_however_often_it_is_told(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    camera = await watched(client)
    first = await find(runtime, camera, "k1")
    clock.advance(timedelta(minutes=1))
    again = await find(runtime, camera, "k1")
    assert first is not None
    assert again is not None
    assert (again.finding_id, again.new) == (first.finding_id, False)
    assert rows(runtime, "SELECT seen_times FROM finding") == [(1,)]
    assert rows(runtime, "SELECT count(*) FROM signal") == [(1,)]


async def test_an_engine_that_begins_anew_finds_the_one_that_is_open(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    camera = await watched(client)
    first = await find(runtime, camera, "before the restart")
    clock.advance(timedelta(minutes=1))
    second = await find(runtime, camera, "after it")
    assert first is not None
    assert second is not None
    assert (second.finding_id, second.key, second.new) == (first.finding_id, first.key, False)
    assert [one.key for one in await open_now(runtime)] == ["before the restart"]
    assert rows(runtime, "SELECT seen_times FROM finding") == [(2,)]
    assert rows(runtime, "SELECT count(*) FROM signal") == [(1,)]


async def test_two_processes_at_once_open_one(runtime: Runtime, client: httpx.AsyncClient) -> None:
    camera = await watched(client)
    both = await asyncio.gather(find(runtime, camera, "a"), find(runtime, camera, "b"))
    assert len({one.finding_id for one in both if one}) == 1
    assert sorted(one.new for one in both if one) == [False, True]
    assert rows(runtime, "SELECT count(*) FROM signal") == [(1,)]


async def test_the_database_itself_keeps_a_second_open_finding_out(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = await watched(client)
    await find(runtime, camera, "k1")
    copied = (
        "INSERT INTO finding (id, version, area, key, watched_id, zone_id, scene, zone,"
        " category_scheme, category_code, signal_id, score, opened_at, seen_at, seen_times)"
        " SELECT gen_random_uuid(), 1, area, 'other', watched_id, zone_id, scene, zone,"
        " category_scheme, category_code, signal_id, score, opened_at, seen_at, 1 FROM finding"
    )
    with past_the_walls(runtime) as connection, pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute(copied)


async def test_when_it_is_gone_the_next_one_is_new_and_joins_the_case_that_is_open(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    camera = await watched(client)
    await find(runtime, camera, "k1")
    await triage_all(runtime)
    clock.advance(timedelta(minutes=3))
    after = await store(runtime.files, "after", clock.now(), jpeg("blue"), "masked")
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        gone = await clear(uow, "k1", uow.now, [after])
        assert gone is not None
        assert await clear(uow, "nobody knows this", uow.now) is None
    (found,) = await findings(client)
    assert (found["cleared_at"] is not None, found["cleared_why"]) == (True, "clear")
    assert [one["moment"] for one in found["pictures"]] == ["after"]
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await clear(uow, "k1", uow.now + timedelta(hours=1))  # told again: as before
        await seen(uow, ["k1"], uow.now + timedelta(hours=2))  # a late look at what is over
    clock.advance(timedelta(minutes=3))
    next_ = await find(runtime, camera, "k2")
    assert next_ is not None
    assert next_.new
    await triage_all(runtime)
    both = await findings(client)
    assert [one["id"] == found["id"] for one in both] == [False, True]
    assert both[1]["cleared_at"] == found["cleared_at"]
    assert len({one["case"]["id"] for one in both}) == 1
    assert [one["case"]["id"] for one in await findings(client, open=True)] == [
        both[0]["case"]["id"]
    ]


async def test_seen_again_counts_on_and_a_late_look_does_not(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    camera = await watched(client)
    await find(runtime, camera, "k1")
    later = clock.now() + timedelta(minutes=2)
    for at in (later, later - timedelta(minutes=1), later):
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            await seen(uow, ["k1", "unknown"], at)
    assert rows(runtime, "SELECT seen_times, seen_at FROM finding") == [(2, later)]


async def test_what_nobody_watches_is_not_taken_in(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = await watched(client)
    old = UUID(camera["zones"][0]["id"])
    await done(client, camera, "zones", {"zones": [zone(VENDORS.code, "路口")]})
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        told = [Opened("k1", old, uow.now, 0.5)]
        assert await open_findings(uow, runtime.keys, told) == {}
    assert rows(runtime, "SELECT count(*) FROM signal") == [(0,)]


async def test_a_class_that_the_street_does_not_have_is_guessed_from_the_words(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    catalogue.register(SceneFacts(HEAPS.code, "井盖缺失", "x", ("another-scheme", "1"), 3, 0.4))
    camera = await watched(client)
    known = await find(runtime, camera, "k1")
    assert known is not None
    await triage_all(runtime)
    (found,) = await findings(client)
    assert found["case"] is not None


async def test_what_a_device_says_is_a_case_whatever_the_words_sound_like(
    runtime: Runtime,
) -> None:
    thanks = "感谢街道，谢谢你们，非常感谢"
    await take_in_rows(runtime, [report("1", thanks, thanks)])  # from a person: put aside
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        told = Detection("k1", "home", thanks, thanks, None, 116.905, 40.105, None, uow.now)
        signal_id, new = await register_detection(uow, SYSTEM, runtime.keys, told)
        again, _ = await register_detection(uow, SYSTEM, runtime.keys, told)
    assert (new, again) == (True, signal_id)
    await triage_all(runtime)
    assert rows(runtime, "SELECT count(*) FROM aside") == [(1,)]
    assert rows(runtime, "SELECT signal_id FROM case_signal") == [(signal_id,)]


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"no picture", "no JPEG"), (jpeg(comment=b"Zhang San"), "words"), (jpeg()[:40], "no JPEG")],
)
async def test_only_a_bare_jpeg_is_kept(runtime: Runtime, content: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        await store(runtime.files, "during", runtime.database.clock.now(), content, "masked")


async def test_pictures_of_findings_are_no_orphans(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = await watched(client)
    now = runtime.database.clock.now()
    await store(runtime.files, "during", now, jpeg("yellow"), "masked")  # nobody names it
    kept = await store(runtime.files, "during", now, jpeg("red"), "masked")
    await find(runtime, camera, "k1", pictures=(kept,))
    settings = runtime.settings.model_copy(update={"files_orphan_hours": -1.0})
    await sweep(type(runtime)(settings, runtime.database, runtime.keys, runtime.files))
    assert runtime.files.get(kept.file.digest) == jpeg("red")
    assert len(list(runtime.settings.files_path.glob("??/??/*"))) == 1


async def judge(client: httpx.AsyncClient, found: dict[str, Any], **said: Any) -> httpx.Response:
    return await client.post(
        f"/findings/{found['id']}/verdict",
        json=said,
        headers={"If-Match": f'"{found["version"]}"'},
    )


async def test_an_officer_says_whether_it_is_right(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = await watched(client)
    await find(runtime, camera, "k1")
    (found,) = await findings(client)
    assert (await judge(client, found, verdict="wrong")).json()["code"] == "verdict_reason"
    assert (await judge(client, found, verdict="right", reason="nothing")).status_code == 422
    said = (await judge(client, found, verdict="wrong", reason="allowed")).json()
    assert (said["verdict"], said["reason"], said["judged_by"]) == ("wrong", "allowed", "派遣员甲")
    assert (await judge(client, found, verdict="right")).status_code == 412
    said = (await judge(client, said, verdict="right")).json()
    assert (said["verdict"], said["reason"]) == ("right", None)
    assert await findings(client, verdict="none") == []
    await sign_in(client, "data_steward")
    assert (await judge(client, said, verdict="right")).status_code == 403


async def test_findings_come_in_pages_the_newest_first(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    camera = await watched(client)
    for key in ("k1", "k2", "k3"):
        await find(runtime, camera, key)
        clock.advance(timedelta(minutes=1))
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            gone = await clear(uow, key, uow.now)
            assert gone is not None
            assert gone.key == key
            assert await clear(uow, "no such key", uow.now) is None
    await sign_in(client, "inspector")
    seen_, cursor = [], None
    for _ in range(3):
        params = {"limit": 1, **({"cursor": cursor} if cursor else {})}
        page = (await client.get("/findings", params=params)).json()
        seen_ += [one["opened_at"] for one in page["items"]]
        cursor = page["next"]
    assert cursor is None
    assert seen_ == sorted(set(seen_), reverse=True)
    assert len(seen_) == 3
    assert (await client.get("/findings", params={"cursor": "x"})).status_code == 422
