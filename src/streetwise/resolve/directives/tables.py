"""Rows of directives."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class Directive(Base):
    """A leader's note on a case: what, to whom, by when, and how far it is.

    ``kind``: instruction 批示, urge 催办, supervise 督办, charge 包案. ``text_id``, ``report_id``
    and ``check_id`` are notes of the case. ``given_for`` and ``reported_for``: whom that one
    stood in for. ``raised_at``: when the leader on duty was told that it is late.
    """

    __tablename__ = "directive"
    __grades__ = grades(
        {
            (2, "work"): (
                "area case_id kind state unit_id staff_id text_id due_at given_at given_by "
                "given_for office_id reported_at reported_by reported_for report_id checked_at "
                "checked_by check_id sent_back"
            ),
            (1, "system"): "id version raised_at",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    unit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))
    staff_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))
    text_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("note.id"))
    due_at: Mapped[datetime] = mapped_column(Time)
    given_at: Mapped[datetime] = mapped_column(Time)
    given_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("staff.id"))
    given_for: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))
    #: The unit of who gave it: their office may check it off.
    office_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))
    reported_at: Mapped[datetime | None] = mapped_column(Time)
    reported_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))
    reported_for: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))
    report_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("note.id"))
    checked_at: Mapped[datetime | None] = mapped_column(Time)
    checked_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))
    check_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("note.id"))
    #: How often its report was sent back.
    sent_back: Mapped[int] = mapped_column(Integer)
    raised_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (
        Index("directive_case", "case_id"),
        Index(
            "directive_undone",
            "area",
            "due_at",
            postgresql_where=text("state IN ('open', 'reported')"),
        ),
    )
