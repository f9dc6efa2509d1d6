"""Rows of checks."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class CaseCheck(Base):
    """Check 核查: one look at a case that its unit, ``unit_id``, reported done.

    ``way``: verify/ways.py. ``by_chance``: it was drawn by lot, so it says something of the unit's
    other cases too. Who looked stands in the journal alone: no record of a person is kept.
    """

    __tablename__ = "case_check"
    __grades__ = grades(
        {
            (2, "work"): "area case_id unit_id way passed by_chance at",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"))
    unit_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("unit.id"))
    way: Mapped[str] = mapped_column(Text)
    passed: Mapped[bool] = mapped_column(Boolean)
    by_chance: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[datetime] = mapped_column(Time)

    __table_args__ = (
        Index("case_check_case", "case_id"),
        # The record of a unit.
        Index("case_check_unit", "unit_id", "at"),
        # Whose reporters may be called back.
        Index("case_check_passed", "at", postgresql_where=text("passed")),
    )


class CaseSighting(Base):
    """What a camera or a sensor that can see a case saw of it last.

    ``device``: what its own room calls it. ``clear``: looks without the problem since ``seen_at``,
    the last of them at ``clear_at``.
    """

    __tablename__ = "case_sighting"
    __grades__ = grades({(2, "work"): "case_id device kind seen_at clear_at clear"})
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"), primary_key=True)
    device: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    seen_at: Mapped[datetime | None] = mapped_column(Time)
    clear_at: Mapped[datetime | None] = mapped_column(Time)
    clear: Mapped[int] = mapped_column(Integer)
