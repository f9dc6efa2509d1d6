"""Rows of the process view."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Float, ForeignKey, Index, Integer, SmallInteger, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class CaseStep(Base):
    """A step of a case (``fold.Step``). Derived from the journal, never written by an action;
    ``version`` is the case's at that time.
    """

    __tablename__ = "case_step"
    __grades__ = grades(
        {
            (2, "work"): "area action from_state to_state from_unit_id unit_id at seconds",
            (1, "system"): "case_id n version",
        }
    )
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"), primary_key=True)
    n: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    action: Mapped[str] = mapped_column(Text)
    from_state: Mapped[str | None] = mapped_column(Text)
    to_state: Mapped[str] = mapped_column(Text)
    from_unit_id: Mapped[UUID | None] = mapped_column(Uuid)
    unit_id: Mapped[UUID | None] = mapped_column(Uuid)
    at: Mapped[datetime] = mapped_column(Time)
    seconds: Mapped[float | None] = mapped_column(Float)

    # The cases of a period are found by their first step.
    __table_args__ = (Index("case_step_began", "area", "at", postgresql_where=text("n = 0")),)
