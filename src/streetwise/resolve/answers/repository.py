"""All SQL of answers. What a viewer sees of them is what they see of the case, or of the signal
that is none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel.database import among, of_areas
from streetwise.kernel.errors import NotFound
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.tables import VaultItem
from streetwise.resolve.answers.similar import Matter, Past
from streetwise.resolve.answers.tables import Answer, Letter
from streetwise.resolve.orders.tables import WorkOrder
from streetwise.resolve.repository import visible
from streetwise.resolve.tables import Aside, Case, Note

#: So many of the newest past answers are looked at for similar ones: a drawer opens at once.
CANDIDATES = 1000


async def of_case(session: AsyncSession, viewer: Viewer, case_id: UUID) -> Sequence[Answer]:
    """The answers to the voices of a case, oldest first."""
    query = (
        select(Answer)
        .join(Case, Case.id == Answer.case_id)
        .where(Answer.case_id == case_id, visible(viewer))
        .order_by(Answer.id)
    )
    return (await session.execute(query)).scalars().all()


async def of_aside(session: AsyncSession, viewer: Viewer, signal_id: UUID) -> Sequence[Answer]:
    """The answers to a signal that is no case, oldest first."""
    query = (
        select(Answer)
        .where(Answer.signal_id == signal_id, Answer.case_id.is_(None))
        .where(_aside_seen(viewer, Answer.area))
        .order_by(Answer.id)
    )
    return (await session.execute(query)).scalars().all()


async def lock_aside(session: AsyncSession, viewer: Viewer, signal_id: UUID) -> Aside:
    """A signal that is no case, locked for change; NotFound when it is none of the viewer's."""
    query = _aside(viewer, signal_id).with_for_update(of=Aside)
    return _found((await session.execute(query)).scalar_one_or_none(), signal_id)


async def aside(session: AsyncSession, viewer: Viewer, signal_id: UUID) -> Aside:
    """A signal that is no case; NotFound when it is none of the viewer's."""
    found = (await session.execute(_aside(viewer, signal_id))).scalar_one_or_none()
    return _found(found, signal_id)


def _aside(viewer: Viewer, signal_id: UUID) -> Select[Any]:
    return select(Aside).where(Aside.signal_id == signal_id, _aside_seen(viewer, Aside.area))


def _found(found: Aside | None, signal_id: UUID) -> Aside:
    if found is None:
        raise NotFound("There is no such message, or it is not yours to see.", id=str(signal_id))
    return found


def _aside_seen(viewer: Viewer, area: Any) -> ColumnElement[bool]:
    # An aside has no unit: only those see it who see whole areas, as the signal's own wall says.
    if not (viewer.wide and viewer.may("case.read")):
        return false()
    return of_areas(area, viewer)


async def reporters(
    session: AsyncSession, viewer: Viewer, signal_ids: Iterable[UUID]
) -> dict[UUID, UUID]:
    """signal → the id of its reporter's key, of those whose reporter left a number. Ids say
    nothing by themselves, and no value is opened.
    """
    viewer.require("case.read")
    query = select(VaultItem.id, VaultItem.reporter_id).where(
        among(VaultItem.id, signal_ids), VaultItem.reporter_id.is_not(None)
    )
    return {row[0]: row[1] for row in await session.execute(query) if row[1]}


async def what_was_done(session: AsyncSession, viewer: Viewer, case_id: UUID) -> Note | None:
    """The newest report of the unit that handled the case."""
    query = (
        select(Note)
        .join(Case, Case.id == Note.case_id)
        .where(Note.case_id == case_id, Note.kind == "report", visible(viewer))
        .order_by(Note.id.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def letters_of(
    session: AsyncSession, viewer: Viewer, signal_ids: Iterable[UUID]
) -> dict[UUID, list[Letter]]:
    """signal → its letters, oldest first."""
    query = (
        select(Letter)
        .join(Case, Case.id == Letter.case_id)
        .where(among(Letter.signal_id, signal_ids), visible(viewer))
        .order_by(Letter.issued_at, Letter.id)
    )
    found: dict[UUID, list[Letter]] = {}
    for row in (await session.execute(query)).scalars():
        found.setdefault(row.signal_id, []).append(row)
    return found


async def letter(
    session: AsyncSession, viewer: Viewer, case_id: UUID, letter_id: UUID
) -> tuple[Letter, dict[UUID, str]]:
    """(a letter of a case, note → its masked text); NotFound when there is none to be seen."""
    query = (
        select(Letter)
        .join(Case, Case.id == Letter.case_id)
        .where(Letter.id == letter_id, Letter.case_id == case_id, visible(viewer))
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such letter, or it is not yours to see.", id=str(letter_id))
    notes = select(Note.id, Note.text).where(among(Note.id, [found.addressee_id, found.body_id]))
    return found, {row[0]: row[1] for row in await session.execute(notes)}


async def note_of(
    session: AsyncSession, viewer: Viewer, case_id: UUID, text: str, at: datetime
) -> Note | None:
    """The note that holds the words of an answer given then."""
    query = (
        select(Note)
        .join(Case, Case.id == Note.case_id)
        .where(Note.case_id == case_id, Note.kind.in_(("answer", "order_answer")), visible(viewer))
        .where(Note.text == text, Note.written_at == at)
        .order_by(Note.id.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def past_answers(session: AsyncSession, viewer: Viewer, area: str, but: UUID) -> list[Past]:
    """The newest answers given in an area to other cases, of all ways."""
    own = (
        select(
            Case.id,
            Case.number,
            Answer.kind,
            Answer.given_at,
            Answer.text,
            Case.title,
            Case.place_text,
            Case.category_scheme,
            Case.category_code,
        )
        .join(Case, Case.id == Answer.case_id)
        .where(Answer.area == area, Answer.state == "given", Answer.text.is_not(None))
        .where(Answer.case_id != but, visible(viewer))
        .order_by(Answer.given_at.desc())
        .limit(CANDIDATES)
    )
    of_orders = (
        select(
            Case.id,
            Case.number,
            WorkOrder.scheme,
            func.coalesce(WorkOrder.answered_at, WorkOrder.received_at),
            WorkOrder.answer,
            Case.title,
            Case.place_text,
            Case.category_scheme,
            Case.category_code,
        )
        .join(Case, Case.id == WorkOrder.case_id)
        .where(WorkOrder.area == area, WorkOrder.answer.is_not(None))
        .where(WorkOrder.case_id != but, visible(viewer))
        # Ids ascend with time, and have an index; times of orders have none.
        .order_by(WorkOrder.id.desc())
        .limit(CANDIDATES)
    )
    found = [*(await session.execute(own)), *(await session.execute(of_orders))]
    return [_past(row) for row in found]


def _past(row: Any) -> Past:
    cls = (row[7], row[8]) if row[7] and row[8] else None
    return Past(row[0], row[1], row[2], row[3], row[4], Matter(row[5], "", row[6], cls))


async def move(
    session: AsyncSession,
    viewer: Viewer,
    signal_ids: Iterable[UUID],
    source: UUID,
    target: UUID,
    *,
    also: Iterable[UUID] = (),
) -> list[UUID]:
    """Answers go with their signals (and ``also`` these) when these go from one case to another (a
    merge, its undoing); which went. The caller has locked both cases.
    """
    viewer.require("case.read")
    query = (
        update(Answer)
        .where(or_(among(Answer.signal_id, signal_ids), among(Answer.id, also)))
        .where(Answer.case_id == source)
        .values(case_id=target)
        .returning(Answer.id)
        .execution_options(synchronize_session=False)
    )
    return list((await session.execute(query)).scalars())
