"""Thresholds of cameras: set by verdicts as they come (``thresholds.py``), or by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from streetwise.discover import catalogue, thresholds_repository
from streetwise.discover.changing import of_version, record
from streetwise.discover.system import SYSTEM
from streetwise.discover.tables import CameraThreshold, Finding
from streetwise.discover.thresholds import Verdict, effective, tuned
from streetwise.kernel.database import UnitOfWork, looking_as
from streetwise.kernel.errors import Invalid
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer

declare(
    {
        "camera.threshold": "From how sure on a scene counts at a camera was set, by verdicts or by"
        " hand; data: scene, least, before, by, right and wrong (verdicts that set it).",
    }
)

VERDICTS, HAND = "verdicts", "hand"
#: Older findings say little of the camera, the detector and the street of now.
BACK = timedelta(days=180)
LEAST_MIN, LEAST_MAX = 0.05, 0.95


async def tune(uow: UnitOfWork, found: Finding) -> float | None:
    """A verdict has come on a finding: what that does to the threshold there; None: nothing."""
    scene = catalogue.known().get(found.scene)
    if scene is None:
        return None  # a street has taken the scene away
    await uow.session.flush()
    async with looking_as(uow.session, SYSTEM):
        row = await thresholds_repository.threshold_to_set(
            uow.session, SYSTEM, found.watched_id, found.scene
        )
        if row is not None and row.by == HAND:
            return None
        judged = await thresholds_repository.judged(
            uow.session, SYSTEM, found.watched_id, since_of(row, uow.now)
        )
        verdicts = [Verdict(one.score, one.right) for one in judged if one.scene == found.scene]
        before = scene.score if row is None else effective(scene.score, row.least, row.by)
        least = tuned(scene.score, before, verdicts)
        if least == before:
            return None
        right = sum(one.right for one in verdicts)
        values = {
            "watched_id": found.watched_id,
            "scene": found.scene,
            "least": least,
            "by": VERDICTS,
            "since": uow.now,
            "right": right,
            "wrong": len(verdicts) - right,
        }
        await thresholds_repository.put_threshold(uow.session, SYSTEM, values)
    data = {
        "scene": found.scene,
        "least": least,
        "before": before,
        "by": VERDICTS,
        "right": right,
        "wrong": len(verdicts) - right,
    }
    # Nobody decided it: it follows from all verdicts together.
    uow.record(
        Entry(SYSTEM.actor, "camera.threshold", "camera", found.watched_id,
              area=found.area, units=[], data=data)
    )  # fmt: skip
    return least


def since_of(row: CameraThreshold | None, now: datetime) -> datetime:
    """From when on findings count whose verdicts have had no effect yet."""
    return now - BACK if row is None else max(row.since, now - BACK)


async def set_threshold(
    uow: UnitOfWork,
    viewer: Viewer,
    watched_id: UUID,
    version: int,
    scene: str,
    least: float | None,
) -> None:
    """Set one by hand: then verdicts change it no more. None: as the scene says, and verdicts on
    findings from now on may change it again. Raises Invalid, StaleVersion.
    """
    facts = catalogue.scene(scene)
    if least is not None and not LEAST_MIN <= least <= LEAST_MAX:
        raise Invalid("A threshold lies between 0.05 and 0.95.", code="threshold")
    row = await of_version(uow, viewer, watched_id, version)
    wanted = facts.score if least is None else round(least, 3)
    async with looking_as(uow.session, SYSTEM):
        known = await thresholds_repository.threshold_to_set(uow.session, SYSTEM, watched_id, scene)
        before = facts.score if known is None else effective(facts.score, known.least, known.by)
        by = VERDICTS if least is None else HAND
        values = {
            "watched_id": watched_id,
            "scene": scene,
            "least": wanted,
            "by": by,
            "since": uow.now,
            "right": 0,
            "wrong": 0,
        }
        await thresholds_repository.put_threshold(uow.session, SYSTEM, values)
    row.version += 1
    await uow.session.flush()
    data = {"scene": scene, "least": wanted, "before": before, "by": by, "right": 0, "wrong": 0}
    record(uow, viewer, row, "camera.threshold", data)
