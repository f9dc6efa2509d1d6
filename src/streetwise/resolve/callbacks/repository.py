"""All SQL of call-backs. What a viewer sees of one is what they see of its case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.gather import first_signals
from streetwise.kernel.database import among
from streetwise.kernel.errors import NotFound
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.fields import IDENTIFYING_KINDS, REPORTER
from streetwise.privacy.tables import VaultField
from streetwise.resolve.callbacks.tables import ANSWERED, TO_SEND, WAITING, CallBack
from streetwise.resolve.loop import CLOSED, VERIFIED
from streetwise.resolve.repository import visible
from streetwise.resolve.tables import Case, CaseSignal, Note
from streetwise.resolve.verify.tables import CaseCheck

#: Call-backs shown at a time, the longest waiting first.
LISTED = 200
#: Ended so, nobody is asked whether it is done.
_ASKED_ABOUT = (VERIFIED, CLOSED)


class Voice(NamedTuple):
    """A reporter of a case that passed its check, who left a number and was not asked yet."""

    case_id: UUID
    signal_id: UUID
    area: str
    round: int
    unit_id: UUID | None


async def voices_to_ask(
    session: AsyncSession,
    viewer: Viewer,
    since: datetime,
    after: tuple[UUID, UUID] | None,
    limit: int,
) -> list[Voice]:
    """Voices of cases that passed a check since then and are still through with it, in the order
    of (case, signal). ``after``: those behind that one.
    """
    viewer.require("*")
    # What came later about the same report is the same reporter.
    first, signal_id = first_signals(), CaseSignal.signal_id
    asked = exists().where(
        CallBack.case_id == Case.id,
        CallBack.signal_id == signal_id,
        CallBack.round == Case.reopened,
    )
    passed = select(CaseCheck.case_id).where(CaseCheck.at >= since, CaseCheck.passed)
    query = (
        select(Case.id, signal_id, Case.area, Case.reopened, Case.unit_id)
        .join(CaseSignal, and_(CaseSignal.case_id == Case.id, CaseSignal.part == 0))
        .join(first, first.c.signal_id == signal_id)
        .where(
            Case.id.in_(passed),
            Case.state.in_(_ASKED_ABOUT),
            Case.outcome.is_(None),
            Case.merged_into.is_(None),
            _left_a_number(),
            ~asked,
        )
        .order_by(Case.id, signal_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(Case.id, signal_id) > after)
    return [Voice(*row) for row in await session.execute(query)]


def _left_a_number() -> ColumnElement[bool]:
    return exists().where(
        VaultField.item_id == CaseSignal.signal_id,
        VaultField.place == REPORTER,
        VaultField.kind.in_(IDENTIFYING_KINDS),
    )


async def open_call_backs(
    session: AsyncSession, viewer: Viewer, rows: Sequence[Mapping[str, Any]]
) -> int:
    """Insert call-backs; how many were new. One that is there already stays as it is."""
    viewer.require("*")
    if not rows:
        return 0
    statement = insert(CallBack).values(list(rows)).on_conflict_do_nothing().returning(CallBack.id)
    return len((await session.execute(statement)).all())


async def of_case(session: AsyncSession, viewer: Viewer, case_id: UUID) -> list[CallBack]:
    """The call-backs of a case, those of the present round last."""
    query = (
        select(CallBack)
        .join(Case, Case.id == CallBack.case_id)
        .where(CallBack.case_id == case_id, visible(viewer))
        .order_by(CallBack.round, CallBack.opened_at, CallBack.id)
    )
    return list((await session.execute(query)).scalars())


async def of_voice(
    session: AsyncSession, viewer: Viewer, case: Case, signal_id: UUID
) -> CallBack | None:
    """The call-back of a voice in the case's present round. The caller has locked the case."""
    query = (
        select(CallBack)
        .join(Case, Case.id == CallBack.case_id)
        .where(
            CallBack.case_id == case.id,
            CallBack.signal_id == signal_id,
            CallBack.round == case.reopened,
            visible(viewer),
        )
    )
    return (await session.execute(query)).scalar_one_or_none()


async def resolved_since(
    session: AsyncSession, viewer: Viewer, case_id: UUID, since: datetime
) -> list[bool]:
    """What reporters of a case have said since then: is it done?"""
    query = (
        select(CallBack.resolved)
        .join(Case, Case.id == CallBack.case_id)
        .where(
            CallBack.case_id == case_id,
            CallBack.answered_at >= since,
            CallBack.resolved.is_not(None),
            visible(viewer),
        )
    )
    return [bool(one) for one in (await session.execute(query)).scalars()]


async def waiting(
    session: AsyncSession, viewer: Viewer, area: str, *, unresolved: bool = False
) -> list[tuple[CallBack, Case]]:
    """Whom nobody has reached yet; or who said "not done" of a case that is still through."""
    query = (
        select(CallBack, Case)
        .join(Case, Case.id == CallBack.case_id)
        .where(Case.merged_into.is_(None))
    )
    if unresolved:
        query = query.where(
            CallBack.area == area,
            CallBack.state == ANSWERED,
            CallBack.resolved.is_(False),
            CallBack.round == Case.reopened,
            Case.state.in_(_ASKED_ABOUT),
        ).order_by(CallBack.answered_at, CallBack.id)
    else:
        query = query.where(
            CallBack.area == area,
            CallBack.state == WAITING,
            CallBack.round == Case.reopened,
            Case.state.in_(_ASKED_ABOUT),
        ).order_by(CallBack.opened_at, CallBack.id)
    found = await session.execute(query.where(visible(viewer)).limit(LISTED))
    return [(row[0], row[1]) for row in found]


async def number_of(session: AsyncSession, viewer: Viewer, signal_id: UUID) -> int | None:
    """Which field of the vault holds the mobile number that a reporter left; None: none does."""
    viewer.require("vault.read")
    query = (
        select(VaultField.n)
        .where(
            VaultField.item_id == signal_id,
            VaultField.place == REPORTER,
            VaultField.kind == IDENTIFYING_KINDS[0],
        )
        .order_by(VaultField.n)
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def case_of(session: AsyncSession, viewer: Viewer, call_back_id: UUID) -> UUID:
    """The case of a call-back, before either is locked."""
    query = (
        select(CallBack.case_id)
        .join(Case, Case.id == CallBack.case_id)
        .where(CallBack.id == call_back_id, visible(viewer))
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such call-back, or it is not yours to see.")
    return found


async def texts_due(
    session: AsyncSession, viewer: Viewer, now: datetime, limit: int
) -> Sequence[UUID]:
    """Call-backs whose text message is to be tried now, longest due first."""
    viewer.require("*")
    query = (
        select(CallBack.id)
        .where(CallBack.text_state == TO_SEND, CallBack.text_due_at <= now)
        .order_by(CallBack.text_due_at, CallBack.id)
        .limit(limit)
    )
    return (await session.execute(query)).scalars().all()


async def lock(session: AsyncSession, viewer: Viewer, call_back_id: UUID) -> CallBack:
    """One call-back, locked. The caller has locked the case, or is the holder of a token."""
    query = (
        select(CallBack)
        .join(Case, Case.id == CallBack.case_id)
        .where(CallBack.id == call_back_id, visible(viewer))
        .with_for_update(of=CallBack)
    )
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no such call-back, or it is not yours to see.")
    return found


async def of_token(session: AsyncSession, viewer: Viewer, token_hash: bytes) -> CallBack | None:
    """The call-back that a link leads to; for the system, on behalf of who holds the token."""
    viewer.require("*")
    query = select(CallBack).where(CallBack.token_hash == token_hash)
    return (await session.execute(query)).scalar_one_or_none()


async def notes(
    session: AsyncSession, viewer: Viewer, case_id: UUID, ids: Sequence[UUID]
) -> dict[UUID, Note]:
    """What was said, masked, by the ids of its notes."""
    query = (
        select(Note)
        .join(Case, Case.id == Note.case_id)
        .where(Note.case_id == case_id, among(Note.id, ids), visible(viewer))
    )
    return {row.id: row for row in (await session.execute(query)).scalars()}


class Estimate(NamedTuple):
    """Pooled counts of one unit and period, of reporters drawn by lot who gave an answer.

    Never averages of rates: sums, so that periods and units add up. ``*_of``: how many answered
    that question. ``asked``: all who were drawn and called, reached by us or not.
    """

    asked: int
    answered: int
    reached: int
    reached_of: int
    resolved: int
    resolved_of: int
    satisfied: int
    basically: int
    satisfied_of: int


async def estimates(
    session: AsyncSession, viewer: Viewer, area: str, start: datetime, end: datetime
) -> dict[UUID | None, Estimate]:
    """What our own call-backs say of each unit, of those settled from ``start`` to ``end``.

    Estimated (预估): our own voices, not the city's. Counts show no case, so whoever reads scores
    of the area may read all of them. Raises NotFound for another's area.
    """
    viewer.require("score.read")
    if not viewer.sees_area(area):
        raise NotFound("There is no such area, or it is not yours to see.", area=area)
    settled = func.coalesce(CallBack.answered_at, CallBack.last_at)
    query = (
        select(CallBack.unit_id, *_counts())
        .where(
            CallBack.area == area,
            CallBack.drawn,
            CallBack.attempts > 0,
            settled >= start,
            settled < end,
        )
        .group_by(CallBack.unit_id)
    )
    return {row[0]: Estimate._make(row[1:]) for row in await session.execute(query)}


def _counts() -> list[ColumnElement[int]]:
    """The columns of ``Estimate``, in its order."""

    def count(*which: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(*which)

    return [
        func.count(),
        count(CallBack.state == ANSWERED),
        count(CallBack.reached.is_(True)),
        count(CallBack.reached.is_not(None)),
        count(CallBack.resolved.is_(True)),
        count(CallBack.resolved.is_not(None)),
        count(CallBack.satisfied == "yes"),
        count(CallBack.satisfied == "basically"),
        count(CallBack.satisfied.is_not(None)),
    ]
