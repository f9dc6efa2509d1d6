"""Rows of answers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, Integer, Text
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class Answer(Base):
    """The answer to one voice, masked; of a case, or of a signal that is none.

    ``kind``: call, message, letter, referral. A work order's answer stands with the order.
    ``kind`` order has no words: it says who gave the answer that stands with the order. ``state``:
    draft, interim (中间答复: given, and not the last word), given, withdrawn. ``machine``: whether
    a machine wrote the draft. ``due_at``: its own clock, where it has one.
    """

    __tablename__ = "answer"
    __grades__ = grades(
        {
            (2, "report"): "text",
            (2, "work"): (
                "area signal_id case_id kind state machine due_at written_at written_by "
                "given_at given_by"
            ),
            (1, "system"): "id version",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    signal_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("signal.id"))
    case_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    text: Mapped[str | None] = mapped_column(Text)
    machine: Mapped[bool] = mapped_column(Boolean)
    due_at: Mapped[datetime | None] = mapped_column(Time)
    written_at: Mapped[datetime] = mapped_column(Time)
    written_by: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime | None] = mapped_column(Time)
    given_by: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("answer_signal", "signal_id"),
        Index("answer_case", "case_id"),
        Index("answer_given", "area", "given_at", postgresql_where=sql_text("state = 'given'")),
    )
