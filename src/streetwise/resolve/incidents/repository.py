"""SQL of incidents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.database import among
from streetwise.kernel.errors import NotFound
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.incidents.tables import Incident, IncidentReport, IncidentTell
from streetwise.resolve.repository import visible
from streetwise.resolve.tables import Case, Note


@dataclass(frozen=True, slots=True)
class TellRow:
    """A telling with what it belongs to."""

    tell: IncidentTell
    report: IncidentReport
    incident: Incident
    case: Case


def _tells(viewer: Viewer, area: str | None = None) -> Select[Any]:
    query = (
        select(IncidentTell, IncidentReport, Incident, Case)
        .join(IncidentReport, IncidentReport.id == IncidentTell.report_id)
        .join(Incident, Incident.id == IncidentReport.incident_id)
        .join(Case, Case.id == Incident.case_id)
        .where(visible(viewer, area))
    )
    return cast("Select[Any]", query)


async def owed(
    session: AsyncSession, viewer: Viewer, area: str, limit: int
) -> tuple[int, list[UUID]]:
    """(how many, the first by their time) tellings of an area that nobody has done yet."""
    rows = _tells(viewer, area).where(Incident.area == area, IncidentTell.told_at.is_(None))
    count = rows.with_only_columns(func.count())
    first = rows.with_only_columns(IncidentTell.id)
    first = first.order_by(IncidentTell.due_at, IncidentTell.id).limit(limit)
    value = (await session.execute(count)).scalar_one()
    return value, list((await session.execute(first)).scalars())


async def tells_by_ids(session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]) -> list[TellRow]:
    """Tellings by id, those whose case the viewer sees; what is due first first."""
    query = _tells(viewer).where(among(IncidentTell.id, ids))
    query = query.order_by(IncidentTell.due_at, IncidentTell.id)
    return [TellRow(*row) for row in await session.execute(query)]


async def late_unraised(
    session: AsyncSession, viewer: Viewer, now: datetime, limit: int
) -> list[TellRow]:
    """Tellings that are late and of which no leader was told, locked; what another worker holds
    is left out."""
    viewer.require("*")
    query = (
        _tells(viewer)
        .where(
            IncidentTell.told_at.is_(None),
            IncidentTell.due_at <= now,
            IncidentTell.raised_at.is_(None),
        )
        .order_by(IncidentTell.due_at, IncidentTell.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=IncidentTell)
    )
    return [TellRow(*row) for row in await session.execute(query)]


async def listed(
    session: AsyncSession, viewer: Viewer, area: str, limit: int
) -> list[tuple[Incident, Case]]:
    """Incidents of an area, those that go on first, then the newest."""
    query = (
        select(Incident, Case)
        .join(Case, Case.id == Incident.case_id)
        .where(visible(viewer, area), Incident.area == area)
        .order_by(Incident.state == "done", Incident.known_at.desc(), Incident.id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def of_case(session: AsyncSession, viewer: Viewer, case_id: UUID) -> Incident | None:
    """The incident of a case that the viewer sees."""
    query = select(Incident).join(Case, Case.id == Incident.case_id)
    query = query.where(Incident.case_id == case_id, visible(viewer))
    return (await session.execute(query)).scalar_one_or_none()


async def incident(
    session: AsyncSession, viewer: Viewer, incident_id: UUID, *, lock: bool = False
) -> tuple[Incident, Case]:
    """An incident and its case; NotFound when the case is not the viewer's to see."""
    query = (
        select(Incident, Case)
        .join(Case, Case.id == Incident.case_id)
        .where(Incident.id == incident_id, visible(viewer))
    )
    if lock:
        query = query.with_for_update(of=Incident)
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise NotFound("There is no such incident for you.", id=str(incident_id))
    return found[0], found[1]


async def reports(
    session: AsyncSession, viewer: Viewer, incident_ids: Iterable[UUID]
) -> Sequence[IncidentReport]:
    """The reports of incidents that the viewer sees, in their order."""
    query = (
        select(IncidentReport)
        .join(Incident, Incident.id == IncidentReport.incident_id)
        .join(Case, Case.id == Incident.case_id)
        .where(among(IncidentReport.incident_id, incident_ids), visible(viewer))
        .order_by(IncidentReport.incident_id, IncidentReport.n)
    )
    return (await session.execute(query)).scalars().all()


async def tells(
    session: AsyncSession, viewer: Viewer, incident_ids: Iterable[UUID]
) -> list[IncidentTell]:
    """Who must be told, of incidents that the viewer sees; what is due first first."""
    query = _tells(viewer).where(among(Incident.id, incident_ids))
    query = query.with_only_columns(IncidentTell)
    query = query.order_by(IncidentTell.due_at, IncidentTell.recipient, IncidentTell.way)
    return list((await session.execute(query)).scalars())


async def texts(session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Reports' words by note, masked, of cases that the viewer sees."""
    query = (
        select(Note.id, Note.text)
        .join(Case, Case.id == Note.case_id)
        .where(among(Note.id, ids), visible(viewer))
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def drop_tells(session: AsyncSession, viewer: Viewer, untold: Iterable[IncidentTell]) -> None:
    """Remove what is not owed any more; the caller has locked the incident."""
    del viewer
    for one in untold:
        await session.delete(one)
    await session.flush()
