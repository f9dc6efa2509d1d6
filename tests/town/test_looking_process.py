"""The demo's cameras end to end: drawn, sent over RTSP, read, decoded, looked at, written down."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from discover.watched import add_cameras
from helpers import past_the_walls

from streetwise.kernel.runtime import Runtime
from streetwise.town import looking_process

PATIENCE_SECONDS = 120


def folder_of(tmp_path: Path) -> Path:
    """A folder as ``town make`` writes it, of the one camera that the tests' directory knows."""
    (tmp_path / "cameras").mkdir()
    (tmp_path / "cameras.csv").write_text(
        "code,name,lon,lat,direction,field_of_view,grid,place,unit,analysed\n"
        "C-001,梧桐路 1 号机,116.905,40.105,90,66,g1,,dep1,yes\n",
        encoding="utf-8",
    )
    (tmp_path / "cameras" / "zones.csv").write_text(
        "camera,scene,name,corners\nC-001,no_stopping,路侧,0.1 0.4;0.9 0.4;0.9 0.9;0.1 0.9\n",
        encoding="utf-8",
    )
    (tmp_path / "cameras" / "street.json").write_text(json.dumps({"format": 1, "seed": 11}))
    return tmp_path


async def test_a_camera_of_the_town_is_alive(runtime: Runtime, tmp_path: Path) -> None:
    await add_cameras(runtime)
    orders = {"folder": str(folder_of(tmp_path)), "area": "home", "port": 0, "cameras": 1}
    task = asyncio.create_task(looking_process._run(runtime, orders))
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not task.done() and state(runtime) != [("live",)]:
                await asyncio.sleep(0.2)
        if task.done():
            task.result()
        with past_the_walls(runtime) as connection:
            (row,) = connection.execute('SELECT kind, "on", purpose FROM watched_camera').fetchall()
        assert row[:2] == ("rtsp", True)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def state(runtime: Runtime) -> list[tuple[Any, ...]]:
    with past_the_walls(runtime) as connection:
        return connection.execute("SELECT state FROM camera_health").fetchall()
