"""Rows of work orders."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class WorkOrder(Base):
    """WorkOrder 工单: an obligation from an upstream platform, with its own clock.

    ``number`` is upstream's. ``state`` is where it stands for us, ``upstream_state`` what
    upstream said last, at ``upstream_at`` (its own time, where its file has one). ``answer`` and
    ``grounds`` are masked. ``updates``: how often upstream said something further; ``urged``: how
    often it pressed (催单), last at ``urged_at``, and ``added``: how often it brought more (补充).
    ``contact_due_at``: by when whoever called is to be spoken to, ``contacted_at``: when that was
    done; ``contact_step``: how far it was told that it is late. ``extended_to``: of a petition,
    until when it was extended here (answers/notices.py). ``contest``: none, applied, accepted,
    refused; its ground is a code, its words masked.
    """

    __tablename__ = "work_order"
    __grades__ = grades(
        {
            (2, "report"): "answer grounds contest_text",
            (2, "work"): (
                "area case_id source_id number signal_id scheme level state attention "
                "received_at due_at upstream_state upstream_at updates answered_at "
                "answered_by reached resolved satisfied called_back_at exclusion "
                "closed_at urged urged_at added contact_due_at contacted_at contest "
                "contest_ground contested_at extended_to contact_step"
            ),
            (1, "system"): "id version",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"))
    source_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("source.id"))
    number: Mapped[str] = mapped_column(Text)
    signal_id: Mapped[UUID] = mapped_column(Uuid, unique=True)
    scheme: Mapped[str] = mapped_column(Text)
    level: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    attention: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(Time)
    due_at: Mapped[datetime | None] = mapped_column(Time)
    upstream_state: Mapped[str] = mapped_column(Text)
    upstream_at: Mapped[datetime | None] = mapped_column(Time)
    updates: Mapped[int] = mapped_column(Integer)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(Time)
    answered_by: Mapped[str | None] = mapped_column(Text)
    reached: Mapped[bool | None] = mapped_column(Boolean)
    resolved: Mapped[bool | None] = mapped_column(Boolean)
    satisfied: Mapped[str | None] = mapped_column(Text)
    called_back_at: Mapped[datetime | None] = mapped_column(Time)
    exclusion: Mapped[str] = mapped_column(Text)
    grounds: Mapped[str | None] = mapped_column(Text)
    closed_at: Mapped[datetime | None] = mapped_column(Time)
    urged: Mapped[int] = mapped_column(SmallInteger, default=0)
    urged_at: Mapped[datetime | None] = mapped_column(Time)
    added: Mapped[int] = mapped_column(SmallInteger, default=0)
    contact_due_at: Mapped[datetime | None] = mapped_column(Time)
    contacted_at: Mapped[datetime | None] = mapped_column(Time)
    contest: Mapped[str] = mapped_column(Text, default="none")
    contest_ground: Mapped[str | None] = mapped_column(Text)
    contest_text: Mapped[str | None] = mapped_column(Text)
    contested_at: Mapped[datetime | None] = mapped_column(Time)
    extended_to: Mapped[datetime | None] = mapped_column(Time)
    contact_step: Mapped[int] = mapped_column(SmallInteger, default=0)

    __table_args__ = (
        UniqueConstraint("source_id", "number"),
        Index("work_order_case", "case_id"),
        Index("work_order_due", "area", text("COALESCE(due_at, 'infinity'::timestamptz)"), "id"),
        # Whom nobody has spoken to yet.
        Index(
            "work_order_contact",
            "area",
            "contact_due_at",
            postgresql_where=text(
                "contacted_at IS NULL AND contact_due_at IS NOT NULL"
                " AND state NOT IN ('closed', 'withdrawn')"
            ),
        ),
    )
