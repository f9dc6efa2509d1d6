"""SQL of the duty roster: who is on duty at a moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.duty import days_that_may_run, post_rank, span
from streetwise.directory.records.tables import Duty
from streetwise.directory.tables import Area, Staff, Unit
from streetwise.kernel.database import among, of_areas
from streetwise.kernel.statements import by_sight
from streetwise.kernel.viewer import Viewer


@dataclass(frozen=True, slots=True)
class OnDuty:
    """A member of staff who is on duty, at which post, until when (UTC)."""

    login: str
    name: str
    post: str
    unit_id: UUID
    unit_code: str
    unit_name: str
    unit_phone: str | None
    hours: str
    starts_at: datetime
    ends_at: datetime
    note: str | None


async def on_duty(
    session: AsyncSession, viewer: Viewer, area: str | None, now: datetime
) -> list[OnDuty]:
    """Who is on duty at ``now`` (business time) in an area, or in all that the viewer sees: the
    leader first. Nobody for a viewer who may not read the directory.
    """
    build = _lines if area is None else _lines_of_area
    return await _running(session, viewer, area, now, build, {})


async def units_on_duty(
    session: AsyncSession, viewer: Viewer, area: str | None, now: datetime, names: Sequence[str]
) -> dict[str, frozenset[UUID]]:
    """name → units of the people of this name who are on duty at ``now``; for searches."""
    build = _lines_named if area is None else _lines_of_area_named
    found: dict[str, set[UUID]] = {}
    for one in await _running(session, viewer, area, now, build, {"names": list(names)}):
        found.setdefault(one.name, set()).add(one.unit_id)
    return {name: frozenset(units) for name, units in found.items()}


@by_sight
def _lines(viewer: Viewer) -> Select[Any]:
    query = (
        select(
            Duty.hours, Duty.post, Duty.note, Staff.login, Staff.name,
            Unit.id, Unit.code, Unit.name, Unit.phone, Duty.date, Area.timezone,
        )
        .join(Area, Area.code == Duty.area)
        .join(Staff, Staff.login == Duty.login)
        .join(Unit, Unit.id == Staff.unit_id)
        .where(
            of_areas(Duty.area, viewer),
            among(Duty.date, bindparam("days")),
            Duty.ended_at.is_(None),
            Staff.active,
        )
    )  # fmt: skip
    return cast("Select[Any]", query)


@by_sight
def _lines_of_area(viewer: Viewer) -> Select[Any]:
    return _lines(viewer).where(Duty.area == bindparam("area"))


@by_sight
def _lines_named(viewer: Viewer) -> Select[Any]:
    return _lines(viewer).where(among(Staff.name, bindparam("names")))


@by_sight
def _lines_of_area_named(viewer: Viewer) -> Select[Any]:
    return _lines_named(viewer).where(Duty.area == bindparam("area"))


async def _running(
    session: AsyncSession,
    viewer: Viewer,
    area: str | None,
    now: datetime,
    build: Callable[[Viewer], Select[Any]],
    given: dict[str, Any],
) -> list[OnDuty]:
    """One look at the index (area, date), a few lines; the hours are decided here."""
    if not viewer.may("directory.read") or not viewer.sees_area(area):
        return []
    given = {"days": days_that_may_run(now), **given, **({"area": area} if area else {})}
    found = []
    for row in await session.execute(build(viewer), given):
        hours, post, note, login, name, unit_id, code, unit, phone, day, timezone = row
        starts_at, ends_at = span(day, hours, ZoneInfo(timezone))
        if starts_at <= now < ends_at:
            found.append(
                OnDuty(
                    login, name, post, unit_id, code, unit, phone, hours, starts_at, ends_at, note
                )
            )
    return sorted(found, key=lambda one: (post_rank(one.post), one.starts_at, one.name, one.login))
