"""Cameras are watched only when somebody answers for it: set-up, on and off, zones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
from discover.watched import (
    FORM,
    HEAPS,
    SQUARE,
    VENDORS,
    add_cameras,
    change,
    done,
    find,
    scenes_known,
    set_up,
    watched,
    zone,
)
from helpers import past_the_walls, run_jobs, sign_in

from streetwise.directory import repository as directory
from streetwise.directory.master_key import RENEWING
from streetwise.directory.tables import Unit
from streetwise.discover import repository
from streetwise.discover.actions import address_of
from streetwise.discover.jobs import TEND_JOB
from streetwise.discover.keeping import open_now, what_to_watch
from streetwise.discover.system import SYSTEM
from streetwise.kernel.clock import HandClock
from streetwise.kernel.crypto import Keys
from streetwise.kernel.hooks import answers
from streetwise.kernel.journal import ACTIONS
from streetwise.kernel.runtime import Runtime


@pytest.fixture(autouse=True)
def scenes() -> Iterator[None]:
    with scenes_known():
        yield


@pytest_asyncio.fixture(autouse=True)
async def cameras(runtime: Runtime) -> None:
    await add_cameras(runtime)


async def test_a_camera_is_set_up_switched_on_and_watched(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = await set_up(client)
    assert (camera["on"], camera["state"], camera["lacks"]) == (False, "off", [])
    assert camera["has_address"] is True
    assert "secret" not in str(camera)
    assert await what_to_watch(runtime) == []
    camera = await done(client, camera, "zones", {"zones": [zone()]})
    camera = await done(client, camera, "on")
    assert (camera["on"], camera["state"]) == (True, "unknown")
    (watch,) = await what_to_watch(runtime)
    assert (watch.address, watch.gateway) == (FORM["address"], ("街道流媒体", 16))
    assert [(one.scene, one.corners) for one in watch.zones] == [
        (HEAPS.code, tuple(tuple(corner) for corner in SQUARE))
    ]
    with past_the_walls(runtime) as connection:
        entries = [
            row[0]
            for row in connection.execute(
                "SELECT action FROM journal WHERE subject_kind = 'camera' ORDER BY seq"
            )
        ]
    assert entries == ["camera.set_up", "camera.zones", "camera.on"]
    assert set(entries) <= set(ACTIONS)


def entries_of(runtime: Runtime, action: str) -> list[dict[str, Any]]:
    """What the journal says of such actions."""
    with past_the_walls(runtime) as connection:
        query = "SELECT data FROM journal WHERE action = %s ORDER BY seq"
        return [row[0] for row in connection.execute(query, (action,))]


async def test_the_journal_says_which_approval_held_and_whose_the_camera_was(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = await set_up(client)
    owners = {one.code: one.id for one in await _units(runtime)}
    renewed = {"approval": "街政审〔2027〕3 号 联系人 13800138000", "approved_until": None}
    camera = await done(client, camera, "set-up", {**FORM, "address": None, **renewed})
    await done(client, camera, "set-up", {**FORM, **renewed, "purpose": "只看占道经营"})
    first, second, third = entries_of(runtime, "camera.set_up")
    assert first == {
        "kind": "rtsp",
        "new": True,
        "changed": [
            "kind",
            "address",
            "gateway",
            "owner",
            "purpose",
            "approval",
            "approved_until",
        ],
        "owner": str(owners["dep1"]),
        "approval": FORM["approval"],
        "approved_until": "2027-05-11T00:00:00+00:00",
    }
    assert second["changed"] == ["approval", "approved_until"]
    assert "〔2027〕3" in second["approval"] and "13800138000" not in second["approval"]
    assert "approved_until" not in second
    assert third["changed"] == ["purpose"]
    assert "secret" not in str([first, second, third])


async def _units(runtime: Runtime) -> list[Unit]:
    async with runtime.database.read(SYSTEM) as session:
        return list(await directory.units(session, SYSTEM))


async def test_another_cap_of_a_gateway_has_its_entry_and_the_same_has_none(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = await set_up(client)
    for most in (None, 16, 4):
        camera = await done(client, camera, "set-up", {**FORM, "streams_max": most})
    assert camera["gateway"]["streams_max"] == 4
    assert entries_of(runtime, "camera.gateway") == [
        {"streams_max": 16, "before": None},
        {"streams_max": 4, "before": 16},
    ]


@pytest.mark.parametrize(
    ("left_out", "lacks"),
    [
        ({"owner": None}, ["owner"]),
        ({"purpose": "  "}, ["purpose"]),
        ({"approval": None}, ["approval"]),
        ({"approved_until": None}, ["approved_until"]),
        ({"approved_until": "2026-05-10T00:00:00Z"}, ["approved_until"]),
        ({"address": None}, ["address"]),
        ({"address": None, "kind": "push", "owner": None}, ["owner"]),
    ],
)
async def test_without_owner_purpose_or_approval_it_stays_off(
    runtime: Runtime, client: httpx.AsyncClient, left_out: dict[str, Any], lacks: list[str]
) -> None:
    camera = await set_up(client, **left_out)
    assert camera["lacks"] == lacks
    refused = await change(client, camera, "on")
    assert (refused.status_code, refused.json()["code"]) == (409, "camera_lacks")
    assert refused.json()["params"]["lacks"] == lacks
    assert await what_to_watch(runtime) == []


@pytest.mark.parametrize("column", ["owner_id", "purpose", "approval", "approved_until"])
async def test_the_database_itself_refuses_a_camera_that_nobody_answers_for(
    runtime: Runtime, client: httpx.AsyncClient, column: str
) -> None:
    await set_up(client)
    with past_the_walls(runtime) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute(
            f'UPDATE watched_camera SET "on" = true, on_since = now(), {column} = NULL'
        )


async def test_a_camera_that_is_on_keeps_what_it_needs(client: httpx.AsyncClient) -> None:
    camera = await watched(client)
    body = {key: value for key, value in FORM.items() if key not in ("address", "approval")}
    refused = await change(client, camera, "set-up", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "camera_lacks")
    kept = await done(client, camera, "set-up", {**body, "approval": "街政审〔2026〕13 号"})
    assert (kept["on"], kept["has_address"]) == (True, True)


async def test_switched_off_it_is_not_watched_and_its_findings_end(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = await watched(client)
    await find(runtime, camera, "k1")
    (standing,) = await open_now(runtime)
    assert standing.key == "k1"
    off = await done(client, camera, "off", {"reason": "objection"})
    assert (off["on"], off["off_why"], off["reason"]) == (False, "objection", "objection")
    assert await open_now(runtime) == []
    assert await what_to_watch(runtime) == []
    assert await find(runtime, camera, "k2") is None


async def test_when_the_approval_is_over_the_camera_goes_off_by_itself(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await watched(client)
    clock.advance(timedelta(days=365))
    # At once, whatever the job does.
    assert await what_to_watch(runtime) == []
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        uow.defer(TEND_JOB)
    await run_jobs(runtime)
    await sign_in(client, "duty_officer")
    (row,) = (await client.get("/cameras")).json()["items"]
    assert (row["on"], row["state"], row["reason"]) == (False, "off", "approval_over")


async def test_a_camera_that_is_no_longer_in_the_directory_is_not_watched(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = await watched(client)
    with past_the_walls(runtime) as connection:
        connection.execute("UPDATE camera SET ended_at = now()")
    assert await what_to_watch(runtime) == []
    assert await find(runtime, camera, "k1") is None


async def test_a_zone_drawn_anew_ends_the_old_one_and_what_stays_goes_on(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    camera = await watched(client, "C-001", zone(), zone(VENDORS.code, "路口"))
    before = {one["name"]: one["id"] for one in camera["zones"]}
    await find(runtime, camera, "k1")
    moved = [(0.2, 0.2), (0.7, 0.2), (0.7, 0.8)]
    camera = await done(
        client,
        camera,
        "zones",
        {"zones": [zone(corners=moved), zone(VENDORS.code, "路口")]},
    )
    after = {one["name"]: one["id"] for one in camera["zones"]}
    assert after["路口"] == before["路口"]
    assert after["门前"] != before["门前"]
    # Another picture of the same zone: what is open there stays open.
    assert [one.key for one in await open_now(runtime)] == ["k1"]
    camera = await done(client, camera, "zones", {"zones": [zone(VENDORS.code, "路口")]})
    assert await open_now(runtime) == []


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ([zone(corners=[(0, 0), (1, 1), (1, 0), (0, 1)])], "zone_shape"),
        ([zone(corners=[(0, 0), (0.001, 0), (0, 0.001)])], "zone_shape"),
        ([zone(), zone()], "zone_name"),
        ([zone("t_nothing")], "scene_unknown"),
        ([zone(ground={"lon": 200, "lat": 40, "metres": 5})], "zone_ground"),
        ([zone(corners=[(0, 0), (2, 0), (0, 1)])], "validation"),
    ],
)
async def test_a_zone_that_cannot_be_is_refused(
    client: httpx.AsyncClient, wrong: list[dict[str, Any]], code: str
) -> None:
    camera = await set_up(client)
    refused = await change(client, camera, "zones", {"zones": wrong})
    assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_two_at_once_do_not_overwrite_each_other(client: httpx.AsyncClient) -> None:
    camera = await set_up(client)
    await done(client, camera, "zones", {"zones": [zone()]})
    for what, body in (("zones", {"zones": []}), ("set-up", FORM), ("on", None)):
        refused = await change(client, camera, what, body)
        assert (refused.status_code, refused.json()["code"]) == (412, "stale_version")
    again = await client.post("/cameras", json={**FORM, "camera": "C-001"})
    assert again.json()["code"] == "stale_version"
    bare = await client.post(f"/cameras/{camera['id']}/on")
    assert bare.status_code == 428


async def test_an_address_lies_sealed_and_is_sealed_anew_with_the_master_key(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await watched(client)
    with past_the_walls(runtime) as connection:
        ((sealed,),) = connection.execute("SELECT sealed_address FROM watched_camera").fetchall()
    assert b"secret" not in sealed
    keys: Keys = runtime.keys.changed(b"n" * 32)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        renewed = await answers(RENEWING, session=uow.session, viewer=SYSTEM, keys=keys)
    assert sum(renewed) == 1
    async with runtime.database.read(SYSTEM) as session:
        ((row, _, _),) = await repository.to_watch(session, SYSTEM, runtime.database.clock.now())
        assert address_of(keys.settled(), row) == FORM["address"]


@pytest.mark.parametrize(
    ("kind", "address", "code"),
    [
        ("rtsp", "http://10.0.0.5/1", "camera_address"),
        ("platform", "rtsp://10.0.0.5/1", "camera_address"),
        ("snapshot", "file:///etc/passwd", "camera_address"),
        ("file", "http://10.0.0.5/1", "camera_address"),
        ("file", "concat:/etc/passwd", "camera_address"),
        ("file", "file:///etc/passwd", "camera_file"),
        ("file", "file://videos/../../x.mp4", "camera_file"),
    ],
)
async def test_an_address_is_of_its_kind_and_says_what_it_may_be(
    runtime: Runtime, client: httpx.AsyncClient, kind: str, address: str, code: str
) -> None:
    await sign_in(client, "data_steward")
    form = {**FORM, "camera": "C-001", "kind": kind, "address": address}
    refused = await client.post("/cameras", json=form)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    if code == "camera_file":
        assert refused.json()["params"]["folder"] == str(runtime.settings.home / "videos")


async def test_a_fingerprint_is_written_down_in_any_hand_and_reaches_the_engine(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    address = "rtsps://u:p@10.0.0.5/1"
    shown = ":".join(["AB"] * 32)
    camera = await set_up(client, address=address, fingerprint=f"SHA256 Fingerprint={shown}")
    assert camera["fingerprint"] == "ab" * 32
    camera = await done(client, camera, "on")
    (watch,) = await what_to_watch(runtime)
    assert (watch.address, watch.fingerprint) == (address, "ab" * 32)
    wrong = {**FORM, "address": None, "fingerprint": "ab" * 31}
    refused = await change(client, camera, "set-up", wrong)
    assert (refused.status_code, refused.json()["code"]) == (422, "camera_fingerprint")
    # Of a stream that is not fetched there is no certificate.
    camera = await done(
        client, camera, "set-up", {**FORM, "kind": "push", "fingerprint": "ab" * 32}
    )
    assert camera["fingerprint"] is None
    with past_the_walls(runtime) as connection, pytest.raises(psycopg.errors.CheckViolation):
        connection.execute("UPDATE watched_camera SET certificate = 'AB'")


async def test_an_address_that_stays_has_to_do_for_another_kind(client: httpx.AsyncClient) -> None:
    camera = await set_up(client)
    kept = {**FORM, "address": None}
    refused = await change(client, camera, "set-up", {**kept, "kind": "file"})
    assert (refused.status_code, refused.json()["code"]) == (422, "camera_address")
    await done(client, camera, "set-up", kept)


async def test_a_video_is_a_file_of_the_installations_folder_and_no_other(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    folder = runtime.settings.home / "videos"
    folder.mkdir()
    video, secret = folder / "a.mp4", runtime.settings.home / "secret.mp4"
    for one in (video, secret):
        one.write_bytes(b"film")
    camera = await set_up(client, kind="file", address=f"file://{video}")
    await done(client, camera, "on")
    (watch,) = await what_to_watch(runtime)
    assert watch.address == f"file://{video.resolve()}"
    # Put there since, behind the back of whoever set it up.
    video.unlink()
    video.symlink_to(secret)
    (watch,) = await what_to_watch(runtime)
    assert watch.address is None


async def test_who_neither_watches_nor_sets_up_sees_no_camera(client: httpx.AsyncClient) -> None:
    camera = await watched(client)
    for login in ("community_worker", "department_handler", "system_admin", "audit_admin"):
        await sign_in(client, login)
        assert (await client.get("/cameras")).status_code == 403
        assert (await client.get(f"/cameras/{camera['id']}")).status_code == 403
    await sign_in(client, "dispatcher")
    seen = (await client.get(f"/cameras/{camera['id']}")).json()
    assert (seen["may_set_up"], seen["may_judge"]) == (False, True)
    assert (await change(client, seen, "off", {"reason": "other"})).status_code == 403
    await sign_in(client, "data_steward")
    assert (await client.get("/findings")).status_code == 403


async def test_cameras_are_listed_by_state_scene_and_words(client: httpx.AsyncClient) -> None:
    await watched(client)
    await set_up(client, "C-002")

    async def codes(**wanted: Any) -> list[str]:
        answer = await client.get("/cameras", params=wanted)
        assert answer.status_code == 200, answer.text
        return [one["code"] for one in answer.json()["items"]]

    assert await codes() == ["C-001", "C-002"]
    assert await codes(state="off") == ["C-002"]
    assert await codes(state="unknown", scene=HEAPS.code) == ["C-001"]
    assert await codes(q="湖心") == ["C-002"]
    assert await codes(q="%") == []
    page = (await client.get("/cameras", params={"limit": 1})).json()
    assert page["next"] == "C-001"
    assert {one["state"]: one["count"] for one in page["counts"]} == {"off": 1, "unknown": 1}
    assert await codes(after="C-001") == ["C-002"]
