"""SQL of directives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.tables import Area, Staff, Unit
from streetwise.kernel.database import among
from streetwise.kernel.errors import NotFound
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.directives.rules import DONE, OPEN, UNDONE
from streetwise.resolve.directives.tables import Directive
from streetwise.resolve.repository import count_to, visible
from streetwise.resolve.tables import Case, Note


@dataclass(frozen=True, slots=True)
class Row:
    """A directive with what it names."""

    directive: Directive
    case: Case
    unit: Unit
    person: str | None


def _rows(viewer: Viewer, area: str | None = None) -> Select[Any]:
    query = (
        select(Directive, Case, Unit, Staff.name)
        .join(Case, Case.id == Directive.case_id)
        .join(Unit, Unit.id == Directive.unit_id)
        .outerjoin(Staff, Staff.id == Directive.staff_id)
        .where(visible(viewer, area))
    )
    return cast("Select[Any]", query)


async def of_case(session: AsyncSession, viewer: Viewer, case_id: UUID) -> list[Row]:
    """The directives of a case, the newest first."""
    query = _rows(viewer).where(Directive.case_id == case_id)
    query = query.order_by(Directive.given_at.desc(), Directive.id)
    return [Row(*row) for row in await session.execute(query)]


async def by_ids(session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]) -> list[Row]:
    """Directives by id, those whose case the viewer sees; what is due first stands first."""
    query = _rows(viewer).where(among(Directive.id, ids))
    query = query.order_by(Directive.due_at, Directive.id)
    return [Row(*row) for row in await session.execute(query)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked for. ``late``: due before that and not reported. ``unit_ids``: laid on
    one of these."""

    area: str
    done: bool = False
    late: datetime | None = None
    unit_ids: frozenset[UUID] | None = None


async def listed(
    session: AsyncSession, viewer: Viewer, wanted: Wanted, limit: int
) -> tuple[list[Row], tuple[int, bool]]:
    """(directives of an area, how many there are and whether that is exact). What is not done
    yet: what is due first; what is done: the newest first."""
    narrowed = _narrowed(_rows(viewer, wanted.area), wanted)
    order = Directive.checked_at.desc() if wanted.done else Directive.due_at
    found = await session.execute(narrowed.order_by(order, Directive.id).limit(limit))
    counted = select(Directive.id).join(Case, Case.id == Directive.case_id)
    counted = counted.where(visible(viewer, wanted.area))
    count = await count_to(session, _narrowed(counted, wanted), limit)
    return [Row(*row) for row in found], count


def _narrowed(query: Select[Any], wanted: Wanted) -> Select[Any]:
    query = query.where(Directive.area == wanted.area)
    states = (DONE,) if wanted.done else UNDONE
    query = query.where(Directive.state.in_(states))
    if wanted.late is not None:
        query = query.where(Directive.state == OPEN, Directive.due_at <= wanted.late)
    if wanted.unit_ids is not None:
        query = query.where(among(Directive.unit_id, wanted.unit_ids))
    return query


async def undone_ids(session: AsyncSession, viewer: Viewer, area: str, limit: int) -> list[UUID]:
    """Directives of an area that are not checked off, what is due first first."""
    query = select(Directive.id).join(Case, Case.id == Directive.case_id)
    query = _narrowed(query.where(visible(viewer, area)), Wanted(area))
    query = query.order_by(Directive.due_at, Directive.id).limit(limit)
    return list((await session.execute(query)).scalars())


async def count_undone(session: AsyncSession, viewer: Viewer, area: str) -> int:
    """How many directives of an area are not checked off."""
    query = select(func.count()).select_from(Directive).join(Case, Case.id == Directive.case_id)
    query = _narrowed(query.where(visible(viewer, area)), Wanted(area))
    return (await session.execute(query)).scalar_one()


async def locked(session: AsyncSession, viewer: Viewer, directive_id: UUID) -> Directive:
    """One to be changed; NotFound when its case is not the viewer's to see."""
    query = (
        select(Directive)
        .join(Case, Case.id == Directive.case_id)
        .where(Directive.id == directive_id, visible(viewer))
        .with_for_update(of=Directive)
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such note, or it is not yours to see.", id=str(directive_id))
    return found


async def late_unraised(
    session: AsyncSession, viewer: Viewer, now: datetime, limit: int
) -> Sequence[Directive]:
    """What is late and told to nobody, locked; what another worker holds is left out."""
    viewer.require("*")
    query = (
        select(Directive)
        .where(Directive.state == OPEN, Directive.due_at <= now, Directive.raised_at.is_(None))
        .order_by(Directive.due_at, Directive.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.execute(query)).scalars().all()


async def texts(session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Notes by id, masked, of cases that the viewer sees."""
    query = (
        select(Note.id, Note.text)
        .join(Case, Case.id == Note.case_id)
        .where(among(Note.id, ids), visible(viewer))
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def who_answers(
    session: AsyncSession, viewer: Viewer, case: Case, role: str
) -> list[tuple[str, str]]:
    """(login, name) of the street's leaders: who can answer for a case by name."""
    viewer.require("case.direct")
    query = (
        select(Staff.login, Staff.name)
        .join(Area, Area.owner_id == Staff.unit_id)
        .where(Area.code == case.area, Staff.active, Staff.roles.contains([role]))
        .order_by(Staff.login)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def who_holds(session: AsyncSession, viewer: Viewer, case: Case) -> list[tuple[str, str]]:
    """(code, name) of the units that can be given a directive: who holds the case, its community,
    and the street's own office."""
    viewer.require("case.direct")
    owner = select(Area.owner_id).where(Area.code == case.area).scalar_subquery()
    wanted = [one for one in (case.unit_id, case.community_id) if one]
    query = select(Unit.id, Unit.code, Unit.name).where(
        or_(among(Unit.id, wanted), Unit.id == owner)
    )
    found = {row[0]: (row[1], row[2]) for row in await session.execute(query)}
    first = [found.pop(one) for one in dict.fromkeys(wanted) if one in found]
    return [*first, *found.values()]
