"""Findings: opened once, seen again, gone; and what an officer makes of them.

The engine tells of them; each call may come twice, or from a process that begins anew, and gives
the same answer. Pictures come here masked and stored (``keeping.store``), and no other way.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from streetwise.directory import repository as directory
from streetwise.discover import catalogue, findings_repository, repository, tuning
from streetwise.discover.repository import ZoneRow
from streetwise.discover.system import SYSTEM
from streetwise.discover.tables import RIGHT, WRONG, Finding
from streetwise.gather import Detection, register_detection
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Invalid, StaleVersion
from streetwise.kernel.files import StoredFile
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer

declare(
    {
        "finding.opened": "A camera sees a problem; data: camera, scene, zone (its id), signal.",
        "finding.cleared": "A camera sees that a problem is gone, or looks there no more; data:"
        " camera, scene, why.",
        "finding.pictures_removed": "Pictures of findings were kept no longer; data: pictures.",
        "finding.judged": "An officer said whether a finding is right; data: verdict, reason.",
    }
)

Moment = Literal["before", "during", "after"]
How = Literal["masked", "mosaic"]
#: What may be wrong with a finding.
REASONS = ("nothing", "other_thing", "allowed", "outside", "too_short", "picture")
CLEAR = "clear"
#: Pictures removed in one transaction; the rest next time.
PICTURES_AT_ONCE = 5000


@dataclass(frozen=True, slots=True)
class Kept:
    """A masked picture that lies in the store."""

    moment: Moment
    at: datetime
    file: StoredFile
    width: int
    height: int
    how: How


@dataclass(frozen=True, slots=True)
class Opened:
    """The engine is sure of a problem in a zone. ``key``: its own name of it; ``score``: how sure
    (0 to 1). Business time.
    """

    key: str
    zone_id: UUID
    at: datetime
    score: float
    pictures: tuple[Kept, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What a finding is called here. ``new``: it was opened by this call."""

    finding_id: UUID
    key: str
    new: bool


async def open_findings(uow: UnitOfWork, keys: Keys, opened: Sequence[Opened]) -> dict[str, Known]:
    """Take in what the engine found, by its keys; each new one becomes a signal.

    Said before: nothing changes. One open in that zone already: it was seen again, and the answer
    names it. What is not watched any more is left out: the zone was drawn anew, or the camera is
    off.
    """
    zones = await repository.zones_on(uow.session, SYSTEM, ids=[one.zone_id for one in opened])
    there = {row.zone.id: row for row in zones}
    for watched_id in sorted({row.watched.id for row in zones}):
        # One at a time for each camera: of two processes the second finds the first one's.
        await repository.locked(uow.session, SYSTEM, watched_id)
    found = await findings_repository.findings_by_key(
        uow.session, SYSTEM, [one.key for one in opened]
    )
    answer: dict[str, Known] = {}
    for one in opened:
        if one.key in found:
            answer[one.key] = Known(found[one.key].id, found[one.key].key, new=False)
        elif one.zone_id in there:
            answer[one.key] = await _one(uow, keys, there[one.zone_id], one)
    return answer


async def _one(uow: UnitOfWork, keys: Keys, at: ZoneRow, one: Opened) -> Known:
    zone, watched, camera = at
    standing = await findings_repository.open_finding(
        uow.session, SYSTEM, watched.id, zone.scene, zone.name
    )
    if standing is not None:
        await findings_repository.touch(uow.session, SYSTEM, standing.id, one.at)
        return Known(standing.id, standing.key, new=False)
    scene = catalogue.scene(zone.scene)
    signal_id, _ = await register_detection(
        uow,
        SYSTEM,
        keys,
        Detection(
            key=one.key,
            area=watched.area,
            title=f"{scene.name}（{camera.name}）",
            # The same words for the same spot: while its case is open, the next one joins it.
            text=f"点位“{camera.name}”（{camera.code}）在检测区“{zone.name}”发现：{scene.name}。",
            place=camera.name,
            lon=camera.lon if zone.lon is None else zone.lon,
            lat=camera.lat if zone.lat is None else zone.lat,
            category=await _category(uow, scene.category),
            at=one.at,
        ),
    )
    finding_id = new_id()
    values = {
        "id": finding_id,
        "version": 1,
        "area": watched.area,
        "key": one.key,
        "watched_id": watched.id,
        "zone_id": zone.id,
        "scene": zone.scene,
        "zone": zone.name,
        "category_scheme": scene.category[0],
        "category_code": scene.category[1],
        "signal_id": signal_id,
        "score": one.score,
        "opened_at": one.at,
        "seen_at": one.at,
        "seen_times": 1,
    }
    if not await findings_repository.add_finding(uow.session, SYSTEM, values):
        raise RuntimeError("a finding came to be while its camera was locked")
    await _keep(uow, finding_id, one.pictures)
    data = {
        "camera": str(watched.id),
        "scene": zone.scene,
        "zone": str(zone.id),
        "signal": str(signal_id),
    }
    units = [watched.owner_id] if watched.owner_id else []
    uow.record(
        Entry(
            SYSTEM.actor,
            "finding.opened",
            "finding",
            finding_id,
            area=watched.area,
            units=units,
            data=data,
        )
    )
    return Known(finding_id, one.key, new=True)


async def _category(uow: UnitOfWork, category: tuple[str, str]) -> tuple[str, str, str] | None:
    """The class in the newest version that the street has; None: triage guesses from the words."""
    for one in await directory.classes(uow.session, SYSTEM):
        if (one.scheme, one.code) == category:
            return (one.scheme, one.version, one.code)
    return None


async def _keep(uow: UnitOfWork, finding_id: UUID, pictures: Sequence[Kept]) -> None:
    for one in pictures:
        values = {
            "finding_id": finding_id,
            "moment": one.moment,
            "at": one.at,
            "digest": one.file.digest,
            "bytes": one.file.bytes,
            "width": one.width,
            "height": one.height,
            "how": one.how,
        }
        await findings_repository.add_picture(uow.session, SYSTEM, values)


async def seen(uow: UnitOfWork, keys: Sequence[str], at: datetime) -> None:
    """Findings, by their keys, were seen again at this time. An older look changes nothing."""
    found = await findings_repository.findings_by_key(uow.session, SYSTEM, keys)
    for one in found.values():
        if one.cleared_at is None:
            await findings_repository.touch(uow.session, SYSTEM, one.id, at)


async def clear(
    uow: UnitOfWork, key: str, at: datetime, pictures: Sequence[Kept] = ()
) -> Finding | None:
    """The problem is gone, by the scene's own rule; the finding, None where there is none."""
    found = (await findings_repository.findings_by_key(uow.session, SYSTEM, [key])).get(key)
    if found is not None and found.cleared_at is None:
        await _keep(uow, found.id, [one for one in pictures if one.moment == "after"])
        owner = await repository.owner_of(uow.session, SYSTEM, found.watched_id)
        _end(uow, found, max(at, found.seen_at), CLEAR, owner)
    return found


async def end_findings(
    uow: UnitOfWork, watched_id: UUID, why: str, but: Collection[tuple[str, str]] = ()
) -> None:
    """Nobody looks there any more: what is open is ended, but in zones (scene, name) that stay."""
    owner = await repository.owner_of(uow.session, SYSTEM, watched_id)
    for one in await findings_repository.open_findings(uow.session, SYSTEM, watched_id):
        if (one.scene, one.zone) not in but:
            _end(uow, one, uow.now, why, owner)
    await uow.session.flush()


def _end(uow: UnitOfWork, found: Finding, at: datetime, why: str, owner: UUID | None) -> None:
    found.cleared_at, found.cleared_why = at, why
    found.version += 1
    data: dict[str, Any] = {"camera": str(found.watched_id), "scene": found.scene, "why": why}
    uow.record(
        Entry(
            SYSTEM.actor,
            "finding.cleared",
            "finding",
            found.id,
            area=found.area,
            units=[owner] if owner else [],
            data=data,
        )
    )


async def remove_old_pictures(uow: UnitOfWork, keep_days: int) -> None:
    """Remove pictures of what has been gone for longer; 0: they stay."""
    if keep_days == 0:
        return
    before = uow.now - timedelta(days=keep_days)
    removed = await findings_repository.remove_pictures(
        uow.session, SYSTEM, before, PICTURES_AT_ONCE
    )
    if removed:
        data = {"pictures": removed}
        uow.record(Entry(SYSTEM.actor, "finding.pictures_removed", "finding", None, data=data))


async def judge(
    uow: UnitOfWork,
    viewer: Viewer,
    finding_id: UUID,
    version: int,
    verdict: str,
    reason: str | None,
) -> Finding:
    """An officer says whether it is right, or what is wrong with it. May be said anew.

    Many verdicts together set from how sure on a scene counts at this camera (``tuning.py``).

    Raises Invalid, StaleVersion, NotFound.
    """
    viewer.require(repository.JUDGE)
    if verdict not in (RIGHT, WRONG) or (verdict == WRONG) != (reason in REASONS):
        raise Invalid("Right, or wrong with a reason.", code="verdict_reason")
    found = await findings_repository.finding_to_judge(uow.session, viewer, finding_id)
    if found.version != version:
        raise StaleVersion(
            "This finding has changed meanwhile; look again.", current={"version": found.version}
        )
    found.verdict, found.reason = verdict, reason if verdict == WRONG else None
    found.judged_at, found.judged_by = uow.now, viewer.staff_id
    found.version += 1
    data = {"verdict": verdict, **({"reason": reason} if verdict == WRONG else {})}
    uow.record(
        Entry(
            viewer.actor,
            "finding.judged",
            "finding",
            found.id,
            area=found.area,
            units=[viewer.unit_id] if viewer.unit_id else [],
            data=data,
            drill=viewer.drill,
        )
    )
    await tuning.tune(uow, found)
    return found
