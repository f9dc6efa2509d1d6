"""Rows of baselines: a period as it looked when somebody froze it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Float, ForeignKey, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class SpeedBaseline(Base):
    """A frozen period, ``start`` <= opened < ``stop``; the newest ``version`` of an area is what is
    compared with, older ones stay and can be asked for.
    """

    __tablename__ = "speed_baseline"
    __grades__ = grades(
        {
            (2, "work"): "area number start stop frozen_at frozen_by frozen_for cases left_out",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    #: 1, 2, 3 … within the area.
    number: Mapped[int] = mapped_column(Integer)
    start: Mapped[datetime] = mapped_column(Time)
    stop: Mapped[datetime] = mapped_column(Time)
    frozen_at: Mapped[datetime] = mapped_column(Time)
    frozen_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("staff.id"))
    frozen_for: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))
    #: How many cases are compared with, and how many of the period are not.
    cases: Mapped[int] = mapped_column(Integer)
    left_out: Mapped[int] = mapped_column(Integer)

    __table_args__ = (UniqueConstraint("area", "number", name="speed_baseline_number"),)


class SpeedCase(Base):
    """A case of a baseline as it was then. Seconds without suspension; ``followed``: until it was
    frozen. None: not reported, not closed by then. It refers to the case but does not follow it.
    """

    __tablename__ = "speed_case"
    __grades__ = grades(
        {
            (2, "work"): "unit_id scheme code opened_at reported closed followed",
            (1, "system"): "baseline_id case_id",
        }
    )
    baseline_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("speed_baseline.id"), primary_key=True
    )
    case_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    unit_id: Mapped[UUID | None] = mapped_column(Uuid)
    scheme: Mapped[str | None] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(Time)
    reported: Mapped[float | None] = mapped_column(Float)
    closed: Mapped[float | None] = mapped_column(Float)
    followed: Mapped[float] = mapped_column(Float)
