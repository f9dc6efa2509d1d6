"""Rows of clocks."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Float, ForeignKey, Index, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class CaseClock(Base):
    """A clock of a case or of its work order: what it goes by, what happened to it, what it says.

    ``kind``: see ``rules``. ``limit_value`` None: upstream gave the moment, and nothing here moves
    it. ``events``: ``[{at, kind, value, unit, because}]``. ``state``: running, paused, met, late,
    void. ``due_at`` and ``why`` are what the engine reads of all that. ``next_at``: when the sweep
    has something to do, the ``step``-th of the escalation table.
    """

    __tablename__ = "case_clock"
    __grades__ = grades(
        {
            (2, "work"): (
                "area case_id order_id kind scheme unit_id started_at limit_value limit_unit "
                "events due_at why state stopped_at next_at step"
            ),
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"))
    order_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("work_order.id"))
    kind: Mapped[str] = mapped_column(Text)
    scheme: Mapped[str | None] = mapped_column(Text)
    unit_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("unit.id"))
    started_at: Mapped[datetime] = mapped_column(Time)
    limit_value: Mapped[float | None] = mapped_column(Float)
    limit_unit: Mapped[str | None] = mapped_column(Text)
    events: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    due_at: Mapped[datetime | None] = mapped_column(Time)
    why: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text)
    stopped_at: Mapped[datetime | None] = mapped_column(Time)
    next_at: Mapped[datetime | None] = mapped_column(Time)
    step: Mapped[int] = mapped_column(SmallInteger)

    __table_args__ = (
        UniqueConstraint("order_id", name="case_clock_order"),
        Index("case_clock_case", "case_id"),
        Index("case_clock_next", "next_at", postgresql_where=text("next_at IS NOT NULL")),
        Index("case_clock_unit", "unit_id", postgresql_where=text("unit_id IS NOT NULL")),
    )


class CaseRequest(Base):
    """More time, or a suspension, asked for one case; granted or refused by somebody else.

    ``state``: open, granted, refused, lapsed (the case went on without it).
    """

    __tablename__ = "case_request"
    __grades__ = grades(
        {
            (2, "work"): (
                "area case_id kind state asked_at asked_by asked_for note_id until decided_at "
                "decided_by decision_note_id"
            ),
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(Time)
    asked_by: Mapped[UUID | None] = mapped_column(Uuid)
    #: Whom the asker stood in for: neither of the two may decide.
    asked_for: Mapped[UUID | None] = mapped_column(Uuid)
    note_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("note.id"))
    until: Mapped[datetime | None] = mapped_column(Time)
    decided_at: Mapped[datetime | None] = mapped_column(Time)
    decided_by: Mapped[str | None] = mapped_column(Text)
    decision_note_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("note.id"))

    __table_args__ = (
        # One question at a time: two at once cannot both be open.
        Index("case_request_open", "case_id", unique=True, postgresql_where=text("state = 'open'")),
        Index("case_request_case", "case_id"),
    )
