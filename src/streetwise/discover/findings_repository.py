"""SQL of findings: what cameras have found, its pictures, and what officers say of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.records.tables import Camera
from streetwise.discover.repository import JUDGE, WATCH
from streetwise.discover.tables import Finding, FindingPicture, WatchedCamera
from streetwise.kernel.database import among, of_areas
from streetwise.kernel.errors import NotFound
from streetwise.kernel.viewer import Viewer


def require_findings(viewer: Viewer) -> None:
    """Raise Forbidden for those who do not watch cameras."""
    viewer.require(WATCH)


async def findings_by_key(
    session: AsyncSession, viewer: Viewer, keys: Iterable[str]
) -> dict[str, Finding]:
    """Findings by the engine's names of them, locked in one order."""
    viewer.require("*")
    query = select(Finding).where(among(Finding.key, set(keys))).order_by(Finding.id)
    query = query.with_for_update().execution_options(populate_existing=True)
    return {one.key: one for one in (await session.execute(query)).scalars()}


async def open_finding(
    session: AsyncSession, viewer: Viewer, watched_id: UUID, scene: str, zone: str
) -> Finding | None:
    """The finding that is open there, locked."""
    viewer.require("*")
    query = select(Finding).where(
        Finding.watched_id == watched_id,
        Finding.scene == scene,
        Finding.zone == zone,
        Finding.cleared_at.is_(None),
    )
    query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(query)).scalar_one_or_none()


async def add_finding(session: AsyncSession, viewer: Viewer, values: dict[str, Any]) -> bool:
    """Add a finding unless one is open there, or has this key; whether it was added."""
    viewer.require("*")
    statement = insert(Finding).values(**values).on_conflict_do_nothing().returning(Finding.id)
    return (await session.execute(statement)).scalar_one_or_none() is not None


async def add_picture(session: AsyncSession, viewer: Viewer, values: dict[str, Any]) -> None:
    """Keep a picture of a finding; the first of each moment stays."""
    viewer.require("*")
    await session.execute(insert(FindingPicture).values(**values).on_conflict_do_nothing())


async def open_findings(
    session: AsyncSession, viewer: Viewer, watched_id: UUID | None = None
) -> list[Finding]:
    """Findings that are open: of one camera, or all. For the system."""
    viewer.require("*")
    query = select(Finding).where(Finding.cleared_at.is_(None)).order_by(Finding.id)
    if watched_id is not None:
        query = query.where(Finding.watched_id == watched_id).with_for_update()
    return list((await session.execute(query)).scalars())


async def findings_of_signals(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]
) -> list[Finding]:
    """The findings that these signals came of. For the system."""
    viewer.require("*")
    query = select(Finding).where(among(Finding.signal_id, set(ids))).order_by(Finding.id)
    return list((await session.execute(query)).scalars())


async def recent_findings(
    session: AsyncSession, viewer: Viewer, watched_ids: Iterable[UUID], since: datetime
) -> list[Finding]:
    """Findings of these cameras that were opened since then, or are open. For the system."""
    viewer.require("*")
    query = (
        select(Finding)
        .where(
            among(Finding.watched_id, set(watched_ids)),
            or_(Finding.opened_at >= since, Finding.cleared_at.is_(None)),
        )
        .order_by(Finding.id)
    )
    return list((await session.execute(query)).scalars())


class FindingRow(NamedTuple):
    """A finding with its camera."""

    finding: Finding
    code: str
    name: str


class FindingFilter(NamedTuple):
    """Which findings: of an area, a camera, a scene; open or gone; judged or not."""

    area: str
    watched_id: UUID | None = None
    scene: str | None = None
    open: bool | None = None
    verdict: str | None = None  # right, wrong, none


def _findings(viewer: Viewer) -> Select[Finding, str, str]:
    return (
        select(Finding, Camera.code, Camera.name)
        .join(WatchedCamera, WatchedCamera.id == Finding.watched_id)
        .join(Camera, Camera.id == WatchedCamera.camera_id)
        .where(of_areas(Finding.area, viewer))
    )


async def findings(
    session: AsyncSession,
    viewer: Viewer,
    wanted: FindingFilter,
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[FindingRow]:
    """A page of findings, the newest first."""
    require_findings(viewer)
    query = _findings(viewer).where(*_wanted(wanted))
    if after is not None:
        query = query.where(tuple_(Finding.opened_at, Finding.id) < tuple_(*after))
    query = query.order_by(Finding.opened_at.desc(), Finding.id.desc()).limit(limit)
    return [FindingRow(*row) for row in await session.execute(query)]


def _wanted(wanted: FindingFilter) -> list[ColumnElement[bool]]:
    found = [Finding.area == wanted.area]
    if wanted.watched_id is not None:
        found.append(Finding.watched_id == wanted.watched_id)
    if wanted.scene is not None:
        found.append(Finding.scene == wanted.scene)
    if wanted.open is not None:
        gone = Finding.cleared_at
        found.append(gone.is_(None) if wanted.open else gone.is_not(None))
    if wanted.verdict is not None:
        said = Finding.verdict
        found.append(said.is_(None) if wanted.verdict == "none" else said == wanted.verdict)
    return found


async def rows_of_signals(
    session: AsyncSession, viewer: Viewer, ids: Iterable[UUID], limit: int
) -> list[FindingRow]:
    """The findings that these signals came of, with their cameras, the newest first. For the
    system.
    """
    viewer.require("*")
    query = _findings(viewer).where(among(Finding.signal_id, set(ids)))
    query = query.order_by(Finding.opened_at.desc(), Finding.id.desc()).limit(limit)
    return [FindingRow(*row) for row in await session.execute(query)]


async def finding(session: AsyncSession, viewer: Viewer, finding_id: UUID) -> FindingRow:
    """One finding; NotFound when there is none that the viewer may see."""
    require_findings(viewer)
    row = (await session.execute(_findings(viewer).where(Finding.id == finding_id))).one_or_none()
    if row is None:
        raise NotFound("There is no such finding.", id=str(finding_id))
    return FindingRow(*row)


async def finding_to_judge(session: AsyncSession, viewer: Viewer, finding_id: UUID) -> Finding:
    """A finding, locked. NotFound."""
    viewer.require(JUDGE)
    query = (
        select(Finding)
        .where(Finding.id == finding_id, of_areas(Finding.area, viewer))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such finding.", id=str(finding_id))
    return found


async def pictures(
    session: AsyncSession, viewer: Viewer, finding_ids: Iterable[UUID]
) -> list[FindingPicture]:
    """The pictures of findings that the viewer may see."""
    require_findings(viewer)
    query = (
        select(FindingPicture)
        .join(Finding, Finding.id == FindingPicture.finding_id)
        .where(among(FindingPicture.finding_id, set(finding_ids)), of_areas(Finding.area, viewer))
        .order_by(FindingPicture.at)
    )
    return list((await session.execute(query)).scalars())


async def remove_pictures(
    session: AsyncSession, viewer: Viewer, before: datetime, limit: int
) -> int:
    """Remove pictures of findings that were gone before then; how many. Their files, named by no
    row any more, are swept when they are old.
    """
    viewer.require("*")
    one = FindingPicture
    gone = (
        select(one.finding_id, one.moment)
        .join(Finding, Finding.id == one.finding_id)
        .where(Finding.cleared_at < before)
        .limit(limit)
    )
    statement = (
        delete(one).where(tuple_(one.finding_id, one.moment).in_(gone)).returning(one.moment)
    )
    return len((await session.execute(statement)).all())


async def touch(session: AsyncSession, viewer: Viewer, finding_id: UUID, at: datetime) -> None:
    """A finding was seen once more."""
    viewer.require("*")
    await session.execute(
        update(Finding)
        .where(Finding.id == finding_id, Finding.seen_at < at)
        .values(seen_at=at, seen_times=Finding.seen_times + 1)
    )
