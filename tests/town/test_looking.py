"""The town's cameras become watched ones by the product's own actions; again, nothing moves."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from discover.watched import add_cameras
from helpers import SYSTEM
from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from streetwise.directory.records.tables import Camera
from streetwise.discover import actions
from streetwise.discover.tables import WatchedCamera, WatchZone
from streetwise.kernel.clock import HandClock
from streetwise.kernel.errors import Invalid
from streetwise.kernel.journal import Journal
from streetwise.kernel.runtime import Runtime
from streetwise.town import looking
from streetwise.town.looking import Looked

BASE, OTHER = "rtsp://127.0.0.1:8554/", "rtsp://127.0.0.1:9554/"
CORNERS = "0.1 0.5;0.9 0.5;0.9 0.9;0.1 0.9"
SQUARE = ((0.1, 0.5), (0.9, 0.5), (0.9, 0.9), (0.1, 0.9))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What ``town make`` writes of three cameras, two of them analysed."""
    (tmp_path / "cameras.csv").write_text(
        "code,name,unit,analysed\nC-001,一,dep1,yes\nC-003,三,dep1,no\nC-002,二,dep1,yes\n",
        encoding="utf-8",
    )
    (tmp_path / "cameras").mkdir()
    (tmp_path / "cameras" / "zones.csv").write_text(
        "camera,scene,name,corners\n"
        f"C-001,no_stopping,路口,{CORNERS}\nC-001,fire_lane,通道,{CORNERS}\n"
        f"C-002,scene_of_another_product,门前,{CORNERS}\n",
        encoding="utf-8",
    )
    return tmp_path


def test_analysed_cameras_are_read_with_zones_of_known_scenes_only(folder: Path) -> None:
    first, second = looking.read_cameras(folder, 10)
    assert (first.code, first.unit) == ("C-001", "dep1")
    assert [(one.scene, one.name, one.corners) for one in first.zones] == [
        ("no_stopping", "路口", SQUARE),
        ("fire_lane", "通道", SQUARE),
    ]
    assert second == Looked("C-002", "dep1", ())


def test_no_more_cameras_are_read_than_are_asked_for(folder: Path) -> None:
    assert [one.code for one in looking.read_cameras(folder, 1)] == ["C-001"]
    assert looking.read_cameras(folder, 0) == []


async def _set_up(runtime: Runtime, folder: Path, base: str = BASE) -> int:
    return await looking.set_up(runtime, "home", looking.read_cameras(folder, 10), base)


async def _facts(runtime: Runtime) -> dict[str, dict[str, Any]]:
    """All columns of what is watched, by camera, and the address opened."""
    async with runtime.database.read(SYSTEM) as session:
        query = (
            select(Camera.code, WatchedCamera)
            .join(Camera, Camera.id == WatchedCamera.camera_id)
            .options(undefer(WatchedCamera.sealed_address), undefer(WatchedCamera.push_print))
        )
        return {
            code: {
                **{one.key: getattr(row, one.key) for one in WatchedCamera.__table__.columns},
                "address": actions.address_of(runtime.keys, row),
            }
            for code, row in await session.execute(query)
        }


async def _zones(runtime: Runtime) -> dict[Any, tuple[str, str]]:
    async with runtime.database.read(SYSTEM) as session:
        rows = await session.execute(select(WatchZone).where(WatchZone.ended_at.is_(None)))
        return {one.id: (one.scene, one.name) for one in rows.scalars()}


async def _entries(runtime: Runtime) -> dict[str, int]:
    async with runtime.database.read(SYSTEM) as session:
        query = select(Journal.action, func.count()).group_by(Journal.action)
        counted = {row[0]: row[1] for row in await session.execute(query)}
    return {name: count for name, count in counted.items() if name.startswith("camera.")}


async def test_cameras_are_on_with_who_answers_for_them(runtime: Runtime, folder: Path) -> None:
    await add_cameras(runtime)
    assert await _set_up(runtime, folder) == 2
    facts = await _facts(runtime)
    assert {code: one["address"] for code, one in facts.items()} == {
        "C-001": f"{BASE}C-001",
        "C-002": f"{BASE}C-002",
    }
    for one in facts.values():
        assert one["on"]
        assert one["owner_id"] is not None
        assert (one["purpose"], one["approval"]) == (looking.PURPOSE, looking.APPROVAL)
        assert one["approved_until"] == runtime.database.clock.now() + looking.APPROVED
    assert sorted((await _zones(runtime)).values()) == [
        ("fire_lane", "通道"),
        ("no_stopping", "路口"),
    ]
    assert await _entries(runtime) == {"camera.set_up": 2, "camera.zones": 1, "camera.on": 2}


async def test_done_again_it_changes_nothing(runtime: Runtime, folder: Path) -> None:
    await add_cameras(runtime)
    await _set_up(runtime, folder)
    before = await _facts(runtime), await _zones(runtime), await _entries(runtime)
    assert await _set_up(runtime, folder) == 0
    assert (await _facts(runtime), await _zones(runtime), await _entries(runtime)) == before


async def test_another_base_changes_the_address_and_nothing_else(
    runtime: Runtime, folder: Path, clock: HandClock
) -> None:
    await add_cameras(runtime)
    await _set_up(runtime, folder)
    before, zones = await _facts(runtime), await _zones(runtime)
    # Days later: an approval is not renewed by this.
    clock.advance(timedelta(days=9))
    assert await _set_up(runtime, folder, OTHER) == 2
    after = await _facts(runtime)
    for code, one in after.items():
        changed = {name for name, value in one.items() if value != before[code][name]}
        assert changed == {"address", "sealed_address", "version", "set_up_at"}, code
        assert one["address"] == f"{OTHER}{code}"
    assert await _zones(runtime) == zones
    assert await _entries(runtime) == {"camera.set_up": 4, "camera.zones": 1, "camera.on": 2}


async def test_a_camera_that_somebody_switched_off_stays_off(
    runtime: Runtime, folder: Path
) -> None:
    await add_cameras(runtime)
    await _set_up(runtime, folder)
    off = (await _facts(runtime))["C-001"]
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await actions.switch_off(uow, SYSTEM, off["id"], off["version"], "objection")
    before = await _facts(runtime)
    assert await _set_up(runtime, folder, OTHER) == 1
    after = await _facts(runtime)
    assert after["C-001"] == before["C-001"]
    assert not after["C-001"]["on"]
    assert (after["C-002"]["on"], after["C-002"]["address"]) == (True, f"{OTHER}C-002")


async def test_a_camera_that_the_directory_has_not_is_named_and_the_ones_before_stay(
    runtime: Runtime,
) -> None:
    await add_cameras(runtime)
    cameras = [Looked("C-001", "dep1", ()), Looked("C-404", "dep1", ())]
    with pytest.raises(Invalid) as refused:
        await looking.set_up(runtime, "home", cameras, BASE)
    assert refused.value.code == "camera_unknown"
    assert list(await _facts(runtime)) == ["C-001"]
