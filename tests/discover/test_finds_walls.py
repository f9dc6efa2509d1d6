"""Cameras and findings are the street's own: by area and capability, with PostgreSQL alone too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from discover.watched import add_cameras, camera_ids, find, jpeg, scenes_known, watched
from sqlalchemy import func, select

from streetwise.discover import findings_repository, repository
from streetwise.discover.findings_repository import FindingFilter
from streetwise.discover.keeping import Cadence, Health, publish_cadence, say_health, store
from streetwise.discover.system import SYSTEM
from streetwise.discover.tables import (
    CameraCadence,
    CameraHealth,
    CameraOutage,
    Finding,
    FindingPicture,
    VideoGateway,
    WatchedCamera,
    WatchZone,
)
from streetwise.kernel.errors import Forbidden, NotFound
from streetwise.kernel.ids import new_id
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer

OF_CAMERAS = (
    VideoGateway,
    WatchedCamera,
    WatchZone,
    CameraHealth,
    CameraOutage,
    CameraCadence,
)
OF_FINDINGS = (Finding, FindingPicture)
OFFICER = Viewer(
    actor="staff:x",
    purpose="",
    scope="street",
    clearance=2,
    areas=frozenset({"home"}),
    units=frozenset(),
    can=frozenset({"camera.watch", "case.read", "directory.read"}),
    staff_id=new_id(),
)
ELSEWHERE = replace(OFFICER, areas=frozenset({"next"}))
SETS_UP = replace(OFFICER, can=frozenset({"camera.set_up", "directory.read"}))
NEITHER = replace(OFFICER, can=frozenset({"case.read", "directory.read"}))


@pytest.fixture(autouse=True)
def scenes() -> Iterator[None]:
    with scenes_known():
        yield


@pytest_asyncio.fixture
async def camera(runtime: Runtime, client: httpx.AsyncClient) -> dict[str, Any]:
    """A camera with a finding and everything else that there can be."""
    await add_cameras(runtime)
    camera = await watched(client)
    now = runtime.database.clock.now()
    kept = await store(runtime.files, "during", now, jpeg(), "masked")
    await find(runtime, camera, "k1", pictures=(kept,))
    watched_id = UUID(camera["id"])
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await say_health(uow, [Health(watched_id, "down", now, "timeout")])
        await publish_cadence(uow, [Cadence(watched_id, "t_heaps", now, 300, 10, 10, 30)])
    return camera


async def counted(runtime: Runtime, viewer: Viewer, tables: Any) -> list[int]:
    """Rows that PostgreSQL itself shows, whatever the repository would have asked."""
    async with runtime.database.read(viewer) as session:
        return [
            (await session.execute(select(func.count()).select_from(one))).scalar_one()
            for one in tables
        ]


@pytest.mark.usefixtures("camera")
async def test_the_second_wall_alone_shows_each_only_their_own(runtime: Runtime) -> None:
    assert await counted(runtime, OFFICER, OF_CAMERAS) == [1] * len(OF_CAMERAS)
    assert await counted(runtime, OFFICER, OF_FINDINGS) == [1, 1]
    assert await counted(runtime, SETS_UP, OF_CAMERAS) == [1] * len(OF_CAMERAS)
    assert await counted(runtime, SETS_UP, OF_FINDINGS) == [0, 0]
    for viewer in (ELSEWHERE, NEITHER):
        assert await counted(runtime, viewer, OF_CAMERAS) == [0] * len(OF_CAMERAS)
        assert await counted(runtime, viewer, OF_FINDINGS) == [0, 0]


async def test_the_first_wall_asks_for_area_and_capability(
    runtime: Runtime, camera: dict[str, Any]
) -> None:
    watched_id = UUID(camera["id"])
    # With the eyes of the system no policy hides anything: what is left out the repository does.
    async with runtime.database.read(SYSTEM) as session:
        (finding,) = await findings_repository.findings(
            session, OFFICER, FindingFilter("home"), after=None, limit=9
        )
        await repository.camera(session, OFFICER, watched_id)
        assert len(await findings_repository.pictures(session, OFFICER, [finding.finding.id])) == 1
        with pytest.raises(NotFound):
            await repository.camera(session, ELSEWHERE, watched_id)
        with pytest.raises(NotFound):
            await findings_repository.finding(session, ELSEWHERE, finding.finding.id)
        assert await findings_repository.pictures(session, ELSEWHERE, [finding.finding.id]) == []
        assert await repository.zones(session, ELSEWHERE, [watched_id]) == []
        for viewer in (NEITHER, SETS_UP):
            with pytest.raises(Forbidden):
                await findings_repository.finding(session, viewer, finding.finding.id)
        with pytest.raises(Forbidden):
            await repository.cameras(session, NEITHER, "home", limit=9)


@pytest.mark.usefixtures("camera")
async def test_another_streets_camera_is_not_there_for_who_sets_cameras_up(
    runtime: Runtime,
) -> None:
    camera_id = (await camera_ids(runtime))["C-001"]
    away = replace(SETS_UP, areas=frozenset({"next"}))
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        assert await repository.watched_of(uow.session, SETS_UP, camera_id) is not None
        assert await repository.watched_of(uow.session, away, camera_id) is None
