"""Rows of the contact log."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class Contact(Base):
    """Contact 联系记录: one try to speak to whoever told of a case.

    ``signal_id`` is the voice. ``way`` and ``result`` are of contacts/rules.py; ``note_id`` holds
    what was said, masked. ``promised_on``: the day that something was promised for;
    ``promise_due_at`` its end. ``kept``: None while nobody has said, then whether it was kept.
    ``promise_step``: how far it was told that it is late.
    """

    __tablename__ = "contact"
    __grades__ = grades(
        {
            (2, "work"): (
                "area case_id signal_id at by way result note_id promised_on promise_due_at "
                "promise_note_id kept_at kept promise_step"
            ),
            (1, "system"): "id version",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    version: Mapped[int] = mapped_column(SmallInteger)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"))
    signal_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("signal.id"))
    at: Mapped[datetime] = mapped_column(Time)
    by: Mapped[str] = mapped_column(Text)
    way: Mapped[str] = mapped_column(Text)
    result: Mapped[str] = mapped_column(Text)
    note_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("note.id"))
    promised_on: Mapped[date | None] = mapped_column(Date)
    promise_due_at: Mapped[datetime | None] = mapped_column(Time)
    promise_note_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("note.id"))
    kept_at: Mapped[datetime | None] = mapped_column(Time)
    kept: Mapped[bool | None] = mapped_column()
    promise_step: Mapped[int] = mapped_column(SmallInteger, default=0)

    __table_args__ = (
        Index("contact_case", "case_id"),
        # The list of what was promised and is not done.
        Index(
            "contact_promised",
            "area",
            "promise_due_at",
            "id",
            postgresql_where=text("promise_due_at IS NOT NULL AND kept IS NULL"),
        ),
    )
