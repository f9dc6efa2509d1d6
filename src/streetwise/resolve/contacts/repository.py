"""All SQL of the contact log. What a viewer sees of it is what they see of its case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from streetwise.kernel.database import among
from streetwise.kernel.errors import NotFound
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.contacts.rules import Rules, Step
from streetwise.resolve.contacts.tables import Contact
from streetwise.resolve.orders.loop import ENDED
from streetwise.resolve.orders.tables import WorkOrder
from streetwise.resolve.repository import visible
from streetwise.resolve.tables import Case, CaseSignal, Note

#: Promises shown at a time, the oldest first.
PROMISES_SHOWN = 200


async def of_case(session: AsyncSession, viewer: Viewer, case_id: UUID) -> list[Contact]:
    """The tries of a case, oldest first."""
    query = (
        select(Contact)
        .join(Case, Case.id == Contact.case_id)
        .where(Contact.case_id == case_id, visible(viewer))
        .order_by(Contact.at, Contact.id)
    )
    return list((await session.execute(query)).scalars())


async def of_voice(
    session: AsyncSession, viewer: Viewer, case_id: UUID, signal_id: UUID
) -> list[Contact]:
    """Those of one voice of a case, oldest first."""
    found = await of_case(session, viewer, case_id)
    return [one for one in found if one.signal_id == signal_id]


async def of_cases(
    session: AsyncSession, viewer: Viewer, case_ids: Iterable[UUID]
) -> list[Contact]:
    """The tries of some cases, oldest first."""
    query = (
        select(Contact)
        .join(Case, Case.id == Contact.case_id)
        .where(among(Contact.case_id, case_ids), visible(viewer))
        .order_by(Contact.at, Contact.id)
    )
    return list((await session.execute(query)).scalars())


async def voices_of(
    session: AsyncSession, viewer: Viewer, case_ids: Iterable[UUID]
) -> set[tuple[UUID, UUID]]:
    """(case, signal) of the voices of these cases."""
    query = (
        select(CaseSignal.case_id, CaseSignal.signal_id)
        .join(Case, Case.id == CaseSignal.case_id)
        .where(among(CaseSignal.case_id, case_ids), visible(viewer))
    )
    return {(row[0], row[1]) for row in await session.execute(query)}


async def notes(session: AsyncSession, viewer: Viewer, ids: Iterable[UUID]) -> dict[UUID, Note]:
    """The words of tries and promises, masked."""
    query = (
        select(Note).join(Case, Case.id == Note.case_id).where(among(Note.id, ids), visible(viewer))
    )
    return {row.id: row for row in (await session.execute(query)).scalars()}


async def orders_of(
    session: AsyncSession, viewer: Viewer, signal_ids: Iterable[UUID]
) -> list[WorkOrder]:
    """The orders that these voices carry, locked. The caller has locked their cases."""
    query = (
        select(WorkOrder)
        .join(Case, Case.id == WorkOrder.case_id)
        .where(among(WorkOrder.signal_id, signal_ids), visible(viewer))
        .order_by(WorkOrder.id)
        .with_for_update(of=WorkOrder)
    )
    return list((await session.execute(query)).scalars())


async def case_of(session: AsyncSession, viewer: Viewer, contact_id: UUID) -> UUID:
    """The case of a try; NotFound when it is none of the viewer's."""
    query = (
        select(Contact.case_id)
        .join(Case, Case.id == Contact.case_id)
        .where(Contact.id == contact_id, visible(viewer))
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such contact, or it is not yours to see.", id=str(contact_id))
    return found


async def promises(
    session: AsyncSession, viewer: Viewer, area: str, *, before: datetime | None
) -> list[tuple[Contact, Case]]:
    """What was promised and nobody has said was kept or not, the oldest first; ``before``: whose
    day is over by then.
    """
    query = (
        select(Contact, Case)
        .join(Case, Case.id == Contact.case_id)
        .where(Contact.area == area, visible(viewer))
        .where(Contact.promise_due_at.is_not(None), Contact.kept.is_(None))
        .order_by(Contact.promise_due_at, Contact.id)
        .limit(PROMISES_SHOWN)
    )
    if before is not None:
        query = query.where(Contact.promise_due_at < before)
    return [(row[0], row[1]) for row in await session.execute(query)]


# --- for the sweep -------------------------------------------------------------------------


async def late_contacts(
    session: AsyncSession, viewer: Viewer, now: datetime, rules: Rules, limit: int
) -> list[tuple[WorkOrder, Case]]:
    """Orders whose reporter was to be spoken to and was not, of which something is to be told now;
    locked with their cases. What somebody else holds waits for the next time.
    """
    viewer.require("*")
    query = (
        select(WorkOrder, Case)
        .join(Case, Case.id == WorkOrder.case_id)
        .where(WorkOrder.contacted_at.is_(None), WorkOrder.state.not_in(ENDED))
        .where(_come(WorkOrder.contact_due_at, WorkOrder.contact_step, rules.late_contact, now))
        .where(WorkOrder.contact_due_at >= now - rules.forgotten)
        .order_by(WorkOrder.contact_due_at, WorkOrder.id)
        .limit(limit)
        .with_for_update(of=[Case.__table__, WorkOrder.__table__], skip_locked=True)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def late_promises(
    session: AsyncSession, viewer: Viewer, now: datetime, rules: Rules, limit: int
) -> list[tuple[Contact, Case]]:
    """The same of promises whose day is over and of which nobody has said that they were kept."""
    viewer.require("*")
    query = (
        select(Contact, Case)
        .join(Case, Case.id == Contact.case_id)
        .where(Contact.kept.is_(None))
        .where(_come(Contact.promise_due_at, Contact.promise_step, rules.late_promise, now))
        .where(Contact.promise_due_at >= now - rules.forgotten)
        .order_by(Contact.promise_due_at, Contact.id)
        .limit(limit)
        .with_for_update(of=[Case.__table__, Contact.__table__], skip_locked=True)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


def _come(
    due_at: InstrumentedAttribute[datetime | None],
    taken: InstrumentedAttribute[int],
    steps: Sequence[Step],
    now: datetime,
) -> ColumnElement[bool]:
    """Whether a step has come that was not taken."""
    found = [and_(taken <= n, due_at <= now - step.after) for n, step in enumerate(steps)]
    return or_(false(), *found)
