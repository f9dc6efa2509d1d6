"""Rows of the duty room. The application's role may add to the log and never change it; what is
signed of a hand-over is held by a trigger (migration 0014)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, Text
from sqlalchemy import text as sql_text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class DutyEntry(Base):
    """One line of the duty log 值班日志, masked; never changed.

    ``case_id``: the case that it is about; its words are a note of that case (``note_id``) then,
    and the original lies in the vault. Of a line without a case no original is kept.
    """

    __tablename__ = "duty_log"
    __grades__ = grades(
        {
            (2, "report"): "text",
            (2, "work"): (
                "area kind happened_at written_at written_by written_for case_id note_id masked"
            ),
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    kind: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    #: How many pieces were masked.
    masked: Mapped[int] = mapped_column(Integer)
    happened_at: Mapped[datetime] = mapped_column(Time)
    written_at: Mapped[datetime] = mapped_column(Time)
    written_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("staff.id"))
    written_for: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))
    case_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("cases.id"))
    note_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("note.id"))

    __table_args__ = (Index("duty_log_written", "area", "written_at", "id"),)


class Handover(Base):
    """A hand-over 交接班: what was open when the shift ended, signed by both.

    ``items``: ``{group: {"count": n, "ids": [...]}}``, as it was when it was given; ids of cases,
    and for ``unacknowledged``, ``directives`` and ``reports`` of what they say. ``from_at``: when
    the shift before was handed over.
    """

    __tablename__ = "handover"
    __grades__ = grades(
        {
            (2, "report"): "text",
            (2, "work"): (
                "area from_at items given_at given_by given_for taken_at taken_by taken_for "
                "read_at read_by read_for"
            ),
            (1, "system"): "id version",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    from_at: Mapped[datetime | None] = mapped_column(Time)
    items: Mapped[dict[str, Any]] = mapped_column(JSONB)
    text: Mapped[str | None] = mapped_column(Text)
    given_at: Mapped[datetime] = mapped_column(Time)
    given_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("staff.id"))
    given_for: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))
    taken_at: Mapped[datetime | None] = mapped_column(Time)
    taken_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))
    taken_for: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))
    read_at: Mapped[datetime | None] = mapped_column(Time)
    read_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))
    read_for: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))

    __table_args__ = (
        Index("handover_given", "area", "given_at"),
        # One that waits for its second signature at a time, whoever is quicker.
        Index(
            "handover_waiting", "area", unique=True, postgresql_where=sql_text("taken_at IS NULL")
        ),
    )
