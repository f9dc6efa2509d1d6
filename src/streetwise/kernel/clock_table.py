"""The one row that says whether business time may be given by us (a town, a test)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, Float
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time
from streetwise.kernel.grades import grades


class ClockRow(Base):
    """One row; only the owner's role may change it, so that a real street's time is real."""

    __tablename__ = "clock"
    __grades__ = grades({(1, "system"): "single simulated anchor_business anchor_wall speed"})
    single: Mapped[bool] = mapped_column(Boolean, primary_key=True, default=True)
    simulated: Mapped[bool] = mapped_column(Boolean)
    anchor_business: Mapped[datetime] = mapped_column(Time)
    anchor_wall: Mapped[datetime] = mapped_column(Time)
    speed: Mapped[float] = mapped_column(Float)

    __table_args__ = (CheckConstraint("single", name="clock_has_one_row"),)
