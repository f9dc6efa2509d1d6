"""The town's cameras as watched cameras of the product: who answers for them, where one looks.

By the product's own actions, as a street's data steward would do it for a hundred cameras: an
address each, an owner, a purpose, an approval, zones, switched on. Done again it changes nothing
but addresses that have moved.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.discover import actions, catalogue, repository, zoning
from streetwise.discover.actions import SetUp
from streetwise.discover.tables import WatchedCamera
from streetwise.discover.zoning import Drawn
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer

SYSTEM = Viewer.system("town-cameras")
PURPOSE = "演示街道的治理场景巡看"
APPROVAL = "演示审批〔2026〕1号"
APPROVED = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Looked:
    """A camera of the town, with what is looked for. ``unit``: whose it is."""

    code: str
    unit: str
    zones: tuple[Drawn, ...]


def read_cameras(folder: Path, most: int) -> list[Looked]:
    """The first ``most`` analysed cameras of a folder of ``town make``.

    With the zones of scenes that the product knows; of others it is only seen that they are well.
    """
    zones: dict[str, list[Drawn]] = {}
    for row in _rows(folder / "cameras" / "zones.csv"):
        if row["scene"] in catalogue.known():
            corners = tuple(_corner(text) for text in row["corners"].split(";"))
            zones.setdefault(row["camera"], []).append(Drawn(row["scene"], row["name"], corners))
    return [
        Looked(row["code"], row["unit"], tuple(zones.get(row["code"], ())))
        for row in _rows(folder / "cameras.csv")
        if row["analysed"] == "yes"
    ][:most]


async def set_up(runtime: Runtime, area: str, cameras: Iterable[Looked], base: str) -> int:
    """Have these watched at ``base`` + code; how many were set up, or had another address."""
    changed = 0
    for one in cameras:
        # One transaction each: an officer who sets one up at the same moment waits for one only.
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            changed += await _one(uow, runtime.keys, area, one, f"{base}{one.code}")
    return changed


async def _one(uow: UnitOfWork, keys: Keys, area: str, one: Looked, address: str) -> bool:
    known = await _known(uow.session, area, one.code)
    if known is not None and actions.address_of(keys, known) == address:
        return False
    if known is not None and not known.on:
        return False  # somebody has switched it off
    if known is not None:
        # Nobody has approved anything anew because an address has moved.
        moved = SetUp(kind="rtsp", address=address, channel=known.channel)
        await actions.set_up_channel(uow, SYSTEM, keys, area, one.code, moved)
        return True
    wanted = SetUp(
        kind="rtsp",
        address=address,
        owner=one.unit,
        purpose=PURPOSE,
        approval=APPROVAL,
        approved_until=uow.now + APPROVED,
    )
    row = await actions.set_up(uow, SYSTEM, keys, area, one.code, wanted, None)
    if one.zones:
        await zoning.draw_zones(uow, SYSTEM, row.id, row.version, one.zones)
    await actions.switch_on(uow, SYSTEM, row.id, row.version)
    return True


async def _known(session: AsyncSession, area: str, code: str) -> WatchedCamera | None:
    camera = await repository.in_directory(session, SYSTEM, area, code)
    return None if camera is None else await repository.watched_of(session, SYSTEM, camera.id)


def _corner(text: str) -> tuple[float, float]:
    x, y = text.split()
    return (float(x), float(y))


def _rows(path: Path) -> list[Mapping[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
