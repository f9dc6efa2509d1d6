"""Two cameras of the tests' street that are watched, and what the engine says of them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
from helpers import SYSTEM, sign_in
from PIL import Image
from sqlalchemy import select

from streetwise.directory.records.tables import Camera
from streetwise.discover import catalogue
from streetwise.discover.catalogue import SceneFacts
from streetwise.discover.findings import Known, Opened, open_findings
from streetwise.kernel.ids import new_id
from streetwise.kernel.runtime import Runtime

HEAPS = SceneFacts("t_heaps", "乱堆物料", "Heaps", ("urban-management", "E-01-10"), 3, 0.4)
VENDORS = SceneFacts(
    "t_vendors", "占道经营", "Street vendors", ("urban-management", "E-04-06"), 2, 0.3
)
CAMERAS = (("C-001", "梧桐路 1 号机", 116.905, 40.105), ("C-002", "湖心公园北门", 116.9051, 40.115))
SQUARE = [(0.1, 0.2), (0.6, 0.2), (0.6, 0.8), (0.1, 0.8)]
Points = Sequence[tuple[float, float]]
FORM: dict[str, Any] = {
    "kind": "rtsp",
    "address": "rtsp://user:secret@10.0.0.5/1",
    "gateway": "街道流媒体",
    "streams_max": 16,
    "owner": "dep1",
    "purpose": "占道经营、乱堆物料的发现",
    "approval": "街政审〔2026〕12 号",
    "approved_until": "2027-05-11T00:00:00Z",
}


@contextmanager
def scenes_known() -> Iterator[None]:
    """The tests' two scenes, whatever else is registered."""
    before = dict(catalogue.known())
    catalogue.register(HEAPS, VENDORS)
    try:
        yield
    finally:
        catalogue._KNOWN.clear()
        catalogue.register(*before.values())


async def add_cameras(runtime: Runtime, area: str = "home") -> None:
    """The two cameras, in the directory."""
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        for code, name, lon, lat in CAMERAS:
            uow.session.add(
                Camera(
                    id=new_id(),
                    area=area,
                    code=code,
                    name=name,
                    lon=lon,
                    lat=lat,
                    direction=90,
                    field_of_view=70,
                    analysed=False,
                )
            )


async def set_up(client: httpx.AsyncClient, code: str = "C-001", **more: Any) -> dict[str, Any]:
    """A camera that is written down and off; as the data steward."""
    await sign_in(client, "data_steward")
    answer = await client.post("/cameras", json={**FORM, "camera": code, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def change(
    client: httpx.AsyncClient, camera: dict[str, Any], what: str, body: Any = None
) -> httpx.Response:
    """An action on the version of the camera that is given."""
    return await client.post(
        f"/cameras/{camera['id']}/{what}",
        json=body,
        headers={"If-Match": f'"{camera["version"]}"'},
    )


async def done(
    client: httpx.AsyncClient, camera: dict[str, Any], what: str, body: Any = None
) -> dict[str, Any]:
    """The same, and it worked; the camera as it is then."""
    answer = await change(client, camera, what, body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def zone(
    scene: str = HEAPS.code, name: str = "门前", corners: Points = SQUARE, **more: Any
) -> dict[str, Any]:
    """A zone as the screen sends it."""
    points = [{"x": x, "y": y} for x, y in corners]
    return {"scene": scene, "name": name, "corners": points, **more}


async def watched(
    client: httpx.AsyncClient, code: str = "C-001", *zones: dict[str, Any]
) -> dict[str, Any]:
    """A camera that is on, with these zones (one of heaps unless said)."""
    camera = await set_up(client, code)
    camera = await done(client, camera, "zones", {"zones": list(zones) or [zone()]})
    return await done(client, camera, "on")


def jpeg(colour: str = "grey", **more: Any) -> bytes:
    """A masked picture, as far as anybody can see."""
    out = io.BytesIO()
    Image.new("RGB", (64, 36), colour).save(out, "JPEG", **more)
    return out.getvalue()


async def find(
    runtime: Runtime,
    camera: dict[str, Any],
    key: str,
    *,
    at: datetime | None = None,
    score: float = 0.9,
    **more: Any,
) -> Known | None:
    """The engine finds something in the camera's first zone."""
    when = at or runtime.database.clock.now()
    opened = Opened(key, UUID(camera["zones"][0]["id"]), when, score, **more)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        return (await open_findings(uow, runtime.keys, [opened])).get(key)


async def camera_ids(runtime: Runtime) -> dict[str, UUID]:
    """code → id in the directory."""
    async with runtime.database.read(SYSTEM) as session:
        rows = await session.execute(select(Camera.code, Camera.id))
        return {row[0]: row[1] for row in rows}
