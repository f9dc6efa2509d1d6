"""The journal 全程留痕: append-only, in commit order (DESIGN §4).

``seq`` is drawn under one advisory lock just before commit, so that a reader who saw ``n`` has
seen everything before it. ``at`` is set by a trigger: wall time, or the unit's business time
where the database says that it belongs to a town or a test. The application's role may insert,
and neither ``seq`` nor ``at``; nobody may update or delete.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Identity,
    Index,
    Row,
    Select,
    SmallInteger,
    Text,
    and_,
    bindparam,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel import logs
from streetwise.kernel.bulk import insert_many
from streetwise.kernel.copying import array_text, json_text
from streetwise.kernel.database import Base, Time, Uuid, of_areas
from streetwise.kernel.grades import grades
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.statements import by_sight
from streetwise.kernel.viewer import Viewer

#: Key of the advisory lock that makes ``seq`` the commit order.
COMMIT_LOCK = 0x5357_4A4E
#: Channel of the wake-up; the payload is empty, readers read the table.
CHANNEL = "streetwise_journal"

#: Every action that may stand in the journal, with its meaning. Writing another one is an
#: error; docs/reference/journal.md is generated from what the rooms declare here.
ACTIONS: dict[str, str] = {}


def declare(actions: dict[str, str]) -> None:
    """Declare a room's journal actions: name → one English sentence."""
    ACTIONS.update(actions)


class Journal(Base):
    """The one log."""

    __tablename__ = "journal"
    __grades__ = grades(
        {
            (2, "work"): "at actor action subject_kind subject area units data drill",
            (1, "system"): "seq grade request",
        }
    )
    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(Time)
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    subject_kind: Mapped[str] = mapped_column(Text)
    subject: Mapped[UUID | None] = mapped_column(Uuid)
    area: Mapped[str | None] = mapped_column(Text)
    units: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    grade: Mapped[int] = mapped_column(SmallInteger)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    drill: Mapped[bool] = mapped_column(Boolean, default=False)
    #: Which request, or job, it was done in; the same stands in the logs.
    request: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("journal_subject", "subject", "seq"),
        Index("journal_area", "area", "seq"),
    )


_COLUMNS = "actor, action, subject_kind, subject, area, units, grade, data, drill, request"


async def write(
    connection: psycopg.AsyncConnection[Any], entries: Sequence[Entry], *, now: datetime | None
) -> None:
    """Write entries at the end of a transaction and wake the readers when it commits.

    Called by the unit of work only. ``now`` is honoured in a simulated database alone.
    """
    for entry in entries:
        if entry.action not in ACTIONS:
            raise ValueError(f"journal action '{entry.action}' is not declared")
    request = logs.request_id()
    rows = [_row(entry, request) for entry in entries]
    async with connection.cursor() as cursor:
        await cursor.execute(
            "SELECT pg_advisory_xact_lock(%s), set_config('streetwise.now', %s, true),"
            " pg_notify(%s, '')",
            (COMMIT_LOCK, now.isoformat() if now else "", CHANNEL),
        )
    await insert_many(connection, "journal", _COLUMNS.split(", "), rows)


def _row(entry: Entry, request: str | None) -> tuple[Any, ...]:
    return (
        entry.actor,
        entry.action,
        entry.subject_kind,
        entry.subject,
        entry.area,
        array_text(entry.units),
        entry.grade,
        json_text(dict(entry.data)),
        entry.drill,
        request,
    )


@dataclass(frozen=True, slots=True)
class Recorded:
    """One entry as read back."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject: UUID | None
    area: str | None
    units: tuple[UUID, ...]
    grade: int
    data: dict[str, Any]
    drill: bool


_READ = (
    select(*(getattr(Journal, field.name) for field in fields(Recorded)))
    .where(Journal.seq > bindparam("after"))
    .limit(bindparam("limit"))
)
_UNITS = [field.name for field in fields(Recorded)].index("units")
_OF_SUBJECT = Journal.subject == bindparam("subject")


def visible(viewer: Viewer) -> ColumnElement[bool]:
    """The SQL twin of ``Viewer.sees`` for journal rows."""
    if viewer.scope == "none":
        return Journal.seq < 0
    area = (
        true()
        if viewer.areas is None
        else or_(Journal.area.is_(None), of_areas(Journal.area, viewer))
    )
    units = true() if viewer.wide else Journal.units.overlap(sorted(viewer.units))
    return and_(Journal.grade <= viewer.clearance, area, units)


async def read(
    session: AsyncSession,
    viewer: Viewer,
    *,
    after: int = 0,
    subject: UUID | None = None,
    area: str | None = None,
    without: Sequence[str] = (),
    only: Sequence[str] = (),
    before: int | None = None,
    newest_first: bool = False,
    limit: int = 500,
) -> list[Recorded]:
    """Entries that the viewer may see, in order of ``seq``; ``without`` names actions left out,
    ``only`` those wanted.
    """
    query = (_latest if newest_first else _oldest)(viewer)
    given: dict[str, Any] = {"after": after, "limit": limit}
    if subject is not None:
        query = query.where(_OF_SUBJECT)
        given["subject"] = subject
    if before is not None:
        query = query.where(Journal.seq < before)
    if only:
        query = query.where(Journal.action.in_(only))
    if area is not None:
        query = query.where(Journal.area == area)
    if without:
        query = query.where(Journal.action.not_in(without))
    # Columns, not entities: they are only looked at.
    return [_recorded(row) for row in await session.execute(query, given)]


@by_sight
def _oldest(viewer: Viewer) -> Select[Any]:
    return _READ.where(visible(viewer)).order_by(Journal.seq)


@by_sight
def _latest(viewer: Viewer) -> Select[Any]:
    return _READ.where(visible(viewer)).order_by(Journal.seq.desc())


async def last_seq(session: AsyncSession) -> int:
    """The newest ``seq``; 0 in an empty journal. A number only, so it takes no Viewer."""
    return (await session.execute(select(func.coalesce(func.max(Journal.seq), 0)))).scalar_one()


def _recorded(row: Row[Any]) -> Recorded:
    values = list(row)
    values[_UNITS] = tuple(values[_UNITS])
    return Recorded(*values)
