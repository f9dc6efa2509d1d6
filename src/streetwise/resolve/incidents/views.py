"""From rows of incidents to what a screen shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.directives.views import actor_view
from streetwise.resolve.incidents import repository
from streetwise.resolve.incidents.schemas import IncidentCase, IncidentView, ReportView, TellView
from streetwise.resolve.incidents.tables import Incident, IncidentReport, IncidentTell
from streetwise.resolve.tables import Case

Names = Mapping[UUID, tuple[str, str]]


async def incident_views(
    session: AsyncSession,
    viewer: Viewer,
    rows: Sequence[tuple[Incident, Case]],
    now: datetime,
) -> list[IncidentView]:
    """Incidents with their reports and who was told, in the same order."""
    ids = [row.id for row, _ in rows]
    reports = await repository.reports(session, viewer, ids)
    tells = await repository.tells(session, viewer, ids)
    texts = await repository.texts(session, viewer, {one.body_id for one in reports if one.body_id})
    people = {row.opened_by for row, _ in rows}
    people |= {one.written_by for one in reports if one.written_by}
    people |= {one.told_by for one in tells if one.told_by}
    names = await directory.staff_names(session, viewer, people)
    streets = {area.code: area.name for area in await directory.areas(session, viewer)}
    found = []
    for row, case in rows:
        mine = [
            _report(one, [tell for tell in tells if tell.report_id == one.id], texts, names, now)
            for one in reports
            if one.incident_id == row.id
        ]
        found.append(_incident(viewer, row, case, mine, names, streets.get(case.area, "")))
    return found


def _incident(
    viewer: Viewer,
    row: Incident,
    case: Case,
    reports: list[ReportView],
    names: Names,
    street: str,
) -> IncidentView:
    values: dict[str, Any] = {
        "id": row.id,
        "version": row.version,
        "level": row.level,
        "state": row.state,
        "happened_at": row.happened_at,
        "known_at": row.known_at,
        "opened_at": row.opened_at,
        "opened_by": actor_view(names, row.opened_by),
        "over_at": row.over_at,
        "case": IncidentCase.model_validate(case, from_attributes=True),
        "street": street,
        "reports": reports,
        "late": sum(tell.late for one in reports for tell in one.tells),
        "may_write": viewer.may("incident.write") and row.state != "done",
    }
    return IncidentView(**values)


def _report(
    one: IncidentReport,
    tells: list[IncidentTell],
    texts: Mapping[UUID, str],
    names: Names,
    now: datetime,
) -> ReportView:
    values: dict[str, Any] = {
        "id": one.id,
        "n": one.n,
        "kind": one.kind,
        "since": one.since,
        "text": texts.get(one.body_id) if one.body_id else None,
        "note": one.body_id,
        "written_at": one.written_at,
        "written_by": actor_view(names, one.written_by),
        "tells": [_tell(tell, names, now) for tell in tells],
    }
    return ReportView(**values)


def _tell(one: IncidentTell, names: Names, now: datetime) -> TellView:
    values: dict[str, Any] = {
        "id": one.id,
        "recipient": one.recipient,
        "way": one.way,
        "due_at": one.due_at,
        "late": one.told_at is None and one.due_at <= now,
        "told_at": one.told_at,
        "told_by": actor_view(names, one.told_by),
    }
    return TellView(**values)
