"""Rows of scores."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, Integer, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class CaseFact(Base):
    """What is counted of a case. Derived, never written by an action: times and counts from the
    journal (``fold.py``), the rest from the case; ``version`` is the case's at that time.

    ``unit_id`` is who held it last.
    """

    __tablename__ = "case_fact"
    __grades__ = grades(
        {
            (2, "work"): (
                "area unit_id community_id scheme code channel nature outcome opened_at due_at "
                "accepted_at dispatched_at started_at reported_at closed_at returned reworked "
                "reopened voices merged paused_seconds"
            ),
            (1, "system"): "case_id version grade",
        }
    )
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    unit_id: Mapped[UUID | None] = mapped_column(Uuid)
    community_id: Mapped[UUID | None] = mapped_column(Uuid)
    scheme: Mapped[str | None] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(Text)
    #: How the first voice came.
    channel: Mapped[str | None] = mapped_column(Text)
    nature: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(Time)
    due_at: Mapped[datetime | None] = mapped_column(Time)
    accepted_at: Mapped[datetime | None] = mapped_column(Time)
    dispatched_at: Mapped[datetime | None] = mapped_column(Time)
    started_at: Mapped[datetime | None] = mapped_column(Time)
    reported_at: Mapped[datetime | None] = mapped_column(Time)
    closed_at: Mapped[datetime | None] = mapped_column(Time)
    returned: Mapped[int] = mapped_column(SmallInteger)
    reworked: Mapped[int] = mapped_column(SmallInteger)
    reopened: Mapped[int] = mapped_column(SmallInteger)
    voices: Mapped[int] = mapped_column(Integer)
    merged: Mapped[bool] = mapped_column(Boolean)
    #: How long its own clocks stood still before it was closed (returned, suspended).
    paused_seconds: Mapped[int] = mapped_column(Integer, server_default="0")
    grade: Mapped[int] = mapped_column(SmallInteger)

    __table_args__ = (
        Index("case_fact_opened", "area", "opened_at"),
        Index("case_fact_closed", "area", "closed_at"),
    )
