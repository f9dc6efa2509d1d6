"""From rows to what the API shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.discover import (
    catalogue,
    findings_repository,
    health_repository,
    repository,
    thresholds_repository,
)
from streetwise.discover.actions import lacks
from streetwise.discover.finding_schemas import (
    FindingCase,
    FindingView,
    LookView,
    PictureView,
)
from streetwise.discover.findings_repository import FindingRow
from streetwise.discover.looks import over
from streetwise.discover.platform import Plan
from streetwise.discover.pushing import PATH as PUSH_PATH
from streetwise.discover.repository import JUDGE, SET_UP, CameraRow
from streetwise.discover.schemas import (
    BadRowView,
    CadenceNow,
    CameraRowView,
    CameraView,
    CatalogueView,
    ChannelView,
    Corner,
    GatewayView,
    OutageView,
    PushView,
    SceneView,
    ThresholdView,
    ZoneView,
)
from streetwise.discover.system import SYSTEM
from streetwise.discover.tables import (
    PUSH,
    UNKNOWN,
    CameraLook,
    FindingPicture,
    WatchedCamera,
    WatchZone,
)
from streetwise.discover.thresholds import ThresholdRules, effective
from streetwise.discover.tuning import BACK, since_of
from streetwise.kernel.database import looking_as
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import CaseFacts, case_facts, cases_of_signals

#: What was published longer ago says nothing of now.
FRESH = timedelta(minutes=20)
OUTAGES_BACK, OUTAGES_SHOWN = timedelta(days=30), 50


def scenes() -> list[SceneView]:
    """All scenes."""
    return [
        SceneView(code=one.code, name=one.name, name_en=one.name_en, clear_looks=one.clear_looks)
        for one in catalogue.known().values()
    ]


def _state(row: CameraRow) -> dict[str, Any]:
    """How a camera is on screen: off, or as its stream is."""
    if not row.watched.on:
        return {"state": "off", "since": None, "reason": row.watched.off_why}
    if row.health is None:
        return {"state": UNKNOWN, "since": row.watched.on_since, "reason": None}
    return {
        "state": row.health.state,
        "since": row.health.since,
        "reason": row.health.reason,
    }


async def camera_rows(
    session: AsyncSession, viewer: Viewer, rows: Sequence[CameraRow], now: datetime
) -> list[CameraRowView]:
    """Lines of the list, with what was reached of late."""
    ids = [row.watched.id for row in rows]
    zones: dict[UUID, set[str]] = defaultdict(set)
    for zone in await repository.zones(session, viewer, ids):
        zones[zone.watched_id].add(zone.scene)
    reached: dict[UUID, list[CadenceNow]] = defaultdict(list)
    for one in await health_repository.last_cadence(session, viewer, ids, now - FRESH):
        if one.scene in zones[one.watched_id]:
            reached[one.watched_id].append(
                CadenceNow(scene=one.scene, at=one.at, promised=one.promised, reached=one.reached)
            )
    return [
        CameraRowView(
            id=row.watched.id,
            code=row.camera.code,
            name=row.camera.name,
            kind=cast(Any, row.watched.kind),
            on=row.watched.on,
            **_state(row),
            owner=row.owner,
            gateway=row.gateway.name if row.gateway else None,
            scenes=sorted(zones[row.watched.id]),
            cadence=reached[row.watched.id] if row.watched.on else [],
        )
        for row in rows
    ]


async def camera_view(
    session: AsyncSession, viewer: Viewer, watched_id: UUID, now: datetime, *, push_port: int
) -> CameraView:
    """A camera, whole. ``push_port``: on which pushed pictures are taken, 0: none. NotFound."""
    row = await repository.camera(session, viewer, watched_id)
    watched, camera = row.watched, row.camera
    zones = await repository.zones(session, viewer, [watched.id])
    outages = await health_repository.outages(
        session, viewer, watched.id, now - OUTAGES_BACK, OUTAGES_SHOWN
    )
    units = {one.id: one.code for one in await directory.units(session, viewer, ended=True)}
    has_address = await repository.has_address(session, viewer, watched.id)
    return CameraView(
        id=watched.id,
        version=watched.version,
        area=watched.area,
        code=camera.code,
        name=camera.name,
        lon=camera.lon,
        lat=camera.lat,
        direction=camera.direction,
        field_of_view=camera.field_of_view,
        kind=cast(Any, watched.kind),
        channel=watched.channel,
        has_address=has_address,
        gateway=GatewayView(name=row.gateway.name, streams_max=row.gateway.streams_max)
        if row.gateway
        else None,
        owner=row.owner,
        owner_code=units.get(watched.owner_id) if watched.owner_id else None,
        purpose=watched.purpose,
        approval=watched.approval,
        approved_until=watched.approved_until,
        on=watched.on,
        on_since=watched.on_since,
        off_why=watched.off_why,
        fingerprint=watched.certificate,
        set_up_at=watched.set_up_at,
        **_state(row),
        lacks=lacks(watched, now, has_address=has_address),
        zones_version=watched.zones_version,
        zones=[zone_view(one) for one in zones],
        outages=[
            OutageView(id=one.id, began_at=one.began_at, ended_at=one.ended_at, reason=one.reason)
            for one in outages
        ],
        scenes=scenes(),
        push=await _push(session, viewer, watched, push_port),
        thresholds=await _thresholds(
            session, viewer, watched.id, sorted({one.scene for one in zones}), now
        ),
        may_set_up=viewer.may(SET_UP),
        may_judge=viewer.may(JUDGE),
    )


async def _push(
    session: AsyncSession, viewer: Viewer, watched: WatchedCamera, port: int
) -> PushView | None:
    if watched.kind != PUSH:
        return None
    has_token = await repository.has_token(session, viewer, watched.id)
    return PushView(path=f"{PUSH_PATH}{watched.id}", port=port, has_token=has_token)


async def _thresholds(
    session: AsyncSession, viewer: Viewer, watched_id: UUID, scenes: Sequence[str], now: datetime
) -> list[ThresholdView]:
    rows = {
        one.scene: one
        for one in await thresholds_repository.thresholds(session, viewer, [watched_id])
    }
    # Counts only: who sets cameras up sees how they do, and no finding.
    async with looking_as(session, SYSTEM):
        judged = await thresholds_repository.judged(session, SYSTEM, watched_id, now - BACK)
    found = []
    for name in scenes:
        scene, row = catalogue.known().get(name), rows.get(name)
        if scene is None:
            continue
        since = since_of(row, now)
        new = [one.right for one in judged if one.scene == name and one.opened_at > since]
        found.append(
            ThresholdView(
                scene=name,
                least=effective(scene.score, row.least, row.by) if row else scene.score,
                shipped=scene.score,
                by=cast(Any, row.by) if row else "scene",
                since=row.since if row else None,
                right=sum(new),
                wrong=len(new) - sum(new),
                needed=ThresholdRules().verdicts_least,
            )
        )
    return found


def zone_view(zone: WatchZone) -> ZoneView:
    """A zone as it is drawn."""
    return ZoneView(
        id=zone.id,
        scene=zone.scene,
        name=zone.name,
        corners=[Corner(x=x, y=y) for x, y in zone.corners],
        clear_looks=zone.clear_looks,
        lon=zone.lon,
        lat=zone.lat,
        metres=zone.metres,
        began_at=zone.began_at,
    )


async def finding_views(
    session: AsyncSession, viewer: Viewer, rows: Sequence[FindingRow]
) -> list[FindingView]:
    """Findings with their pictures, and their cases where the viewer sees these."""
    ids = [row.finding.id for row in rows]
    pictures: dict[UUID, list[FindingPicture]] = defaultdict(list)
    for one in await findings_repository.pictures(session, viewer, ids):
        pictures[one.finding_id].append(one)
    case_of = await cases_of_signals(session, viewer, [row.finding.signal_id for row in rows])
    cases = await case_facts(session, viewer, case_of.values())
    judges = filter(None, (row.finding.judged_by for row in rows))
    names = await directory.staff_names(session, viewer, judges)
    return [
        _finding(viewer, row, pictures[row.finding.id], cases.get(case), names)
        if (case := case_of.get(row.finding.signal_id))
        else _finding(viewer, row, pictures[row.finding.id], None, names)
        for row in rows
    ]


def _finding(
    viewer: Viewer,
    row: FindingRow,
    pictures: Iterable[FindingPicture],
    case: CaseFacts | None,
    names: dict[UUID, tuple[str, str]],
) -> FindingView:
    found = row.finding
    judge = names.get(found.judged_by) if found.judged_by else None
    return FindingView(
        id=found.id,
        version=found.version,
        camera_id=found.watched_id,
        camera=row.name,
        camera_code=row.code,
        scene=found.scene,
        zone=found.zone,
        score=found.score,
        opened_at=found.opened_at,
        seen_at=found.seen_at,
        seen_times=found.seen_times,
        cleared_at=found.cleared_at,
        cleared_why=found.cleared_why,
        verdict=cast(Any, found.verdict),
        reason=cast(Any, found.reason),
        judged_at=found.judged_at,
        judged_by=judge[0] if judge else None,
        pictures=[picture_view(one) for one in pictures],
        case=FindingCase(id=case.id, number=case.number, state=case.state) if case else None,
        may_judge=viewer.may(JUDGE),
    )


def picture_view(one: FindingPicture) -> PictureView:
    """A masked picture of a finding; not its bytes."""
    return PictureView(
        moment=cast(Any, one.moment),
        at=one.at,
        width=one.width,
        height=one.height,
        how=cast(Any, one.how),
    )


def look_view(look: CameraLook) -> LookView:
    """A look, as long as it lasts."""
    return LookView(
        id=look.id,
        asked_at=look.asked_at,
        until=look.until,
        ready=look.answered_at is not None and not over(look),
        over=over(look),
        how=cast(Any, look.how),
    )


def catalogue_view(plan: Plan) -> CatalogueView:
    """What a platform's catalogue comes to."""
    return CatalogueView(
        matched=[
            ChannelView(
                row=one.channel.row,
                channel=one.channel.id,
                name=one.channel.name,
                camera=one.code,
                why=one.why,
                metres=None if one.metres is None else round(one.metres),
            )
            for one in plan.matched
        ],
        bad=[BadRowView(row=one.row, code=one.code, column=one.column) for one in plan.bad],
        digest=plan.digest,
    )
