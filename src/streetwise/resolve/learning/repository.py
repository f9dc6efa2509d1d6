"""SQL of learning: lessons, and what the nights came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel import journal
from streetwise.kernel.database import among
from streetwise.kernel.journal import Journal
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.learning.tables import Learned, Lesson
from streetwise.resolve.tables import Case, CaseSignal

#: Who said the class of a case that may teach: not the engine itself.
TRUSTED = ("category_operator", "category_upstream")


@dataclass(frozen=True, slots=True)
class Said:
    """A lesson: what class this signal is of, as somebody else than the engine says."""

    signal_id: UUID
    cls: tuple[str, str]


async def last_seq(session: AsyncSession, viewer: Viewer) -> int:
    """The mark of now: the journal's last entry that can be seen. Its numbers are the order of
    commits, so whatever commits later stands behind it, however early it began.
    """
    viewer.require("*")
    return await journal.last_seq(session)


async def lessons_since(
    session: AsyncSession, viewer: Viewer, mark: int | None
) -> tuple[list[Said], int]:
    """What was said behind the mark (an entry's ``seq``; None: ever), oldest first, and the mark
    behind it.

    Of the cases that were corrected since, all lessons come again: learning twice is learning once
    where the order of what was said is kept.
    """
    # First the mark, then the lessons: what commits between is read now and once more.
    after = await last_seq(session, viewer)
    query = select(Lesson.signal_id, Lesson.category_scheme, Lesson.category_code).order_by(
        Lesson.said_at, Lesson.id
    )
    if mark is not None:
        if after <= mark:
            return [], mark
        entries = select(Journal.subject).where(
            Journal.seq > mark,
            Journal.seq <= after,
            Journal.action == "case.corrected",
            Journal.data.has_key("category"),
        )
        corrected = {one for one in await session.scalars(entries) if one is not None}
        if not corrected:
            return [], after
        # By signal, not by case: of a voice that moved, the word of its new case may be the last.
        signals = select(Lesson.signal_id).where(among(Lesson.case_id, corrected))
        query = query.where(Lesson.signal_id.in_(signals))
    rows = (await session.execute(query)).all()
    return [Said(row[0], (row[1], row[2])) for row in rows], after


async def unlabelled(session: AsyncSession, viewer: Viewer, limit: int) -> list[UUID]:
    """First voices of the newest cases whose class nobody has said but the engine itself."""
    viewer.require("*")
    query = (
        select(CaseSignal.signal_id)
        .join(Case, and_(CaseSignal.case_id == Case.id, CaseSignal.why == "opened"))
        .where(Case.category_why["code"].astext.not_in(TRUSTED))
        .order_by(Case.opened_at.desc(), Case.id.desc())
        .limit(limit)
    )
    return list(await session.scalars(query))


async def handled(session: AsyncSession, viewer: Viewer, limit: int) -> list[Said]:
    """What cases teach, the newest first: the class that upstream or an officer gave, with the
    first voice of each. Never the engine's own guess, or it would come to believe itself.
    """
    viewer.require("*")
    query = (
        select(CaseSignal.signal_id, Case.category_scheme, Case.category_code)
        .join(CaseSignal, and_(CaseSignal.case_id == Case.id, CaseSignal.why == "opened"))
        .where(Case.category_code.is_not(None), Case.category_why["code"].astext.in_(TRUSTED))
        .order_by(Case.opened_at.desc(), Case.id.desc())
        .limit(limit)
    )
    return [
        Said(row[0], (row[1], row[2])) for row in await session.execute(query) if row[1] and row[2]
    ]


async def latest(session: AsyncSession, viewer: Viewer, kind: str) -> UUID | None:
    """The newest of what was learned of this kind."""
    viewer.require("case.read")
    query = (
        select(Learned.id)
        .where(Learned.kind == kind)
        .order_by(Learned.made_at.desc(), Learned.id.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def learned(session: AsyncSession, viewer: Viewer, learned_id: UUID) -> Learned:
    """One of them, with its model."""
    viewer.require("case.read")
    return (await session.execute(select(Learned).where(Learned.id == learned_id))).scalar_one()


async def history(session: AsyncSession, viewer: Viewer, kind: str, limit: int) -> Sequence[Any]:
    """(made_at, lessons, figures) of the last nights, newest first."""
    viewer.require("case.read")
    query = (
        select(Learned.made_at, Learned.lessons, Learned.figures)
        .where(Learned.kind == kind)
        .order_by(Learned.made_at.desc(), Learned.id.desc())
        .limit(limit)
    )
    return (await session.execute(query)).all()


async def forget_older(session: AsyncSession, viewer: Viewer, kind: str, keep: int) -> None:
    """Remove all but the newest ones of a kind."""
    viewer.require("*")
    kept = (
        select(Learned.id)
        .where(Learned.kind == kind)
        .order_by(Learned.made_at.desc(), Learned.id.desc())
        .limit(keep)
        .subquery()
    )
    await session.execute(
        delete(Learned)
        .where(Learned.kind == kind, Learned.id.not_in(select(kept.c.id)))
        .execution_options(synchronize_session=False)
    )


async def count(session: AsyncSession, viewer: Viewer) -> int:
    """How many lessons officers have given."""
    viewer.require("case.read")
    return (await session.execute(select(func.count()).select_from(Lesson))).scalar_one()
