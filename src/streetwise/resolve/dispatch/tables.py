"""Rows of dispatch."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time
from streetwise.kernel.grades import grades


class DispatchPast(Base):
    """How many cases of a class at a place a unit kept until it reported, and how many it did not
    keep (returned, or given to another). Derived from the journal (``repository.count_past``).

    Codes as they are in the directory and stood in the entries; '' where a case has none.
    """

    __tablename__ = "dispatch_past"
    __grades__ = grades({(2, "work"): "area scheme code community grid unit kept against made_at"})
    area: Mapped[str] = mapped_column(ForeignKey("area.code"), primary_key=True)
    scheme: Mapped[str] = mapped_column(Text, primary_key=True)
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    community: Mapped[str] = mapped_column(Text, primary_key=True)
    grid: Mapped[str] = mapped_column(Text, primary_key=True)
    unit: Mapped[str] = mapped_column(Text, primary_key=True)
    kept: Mapped[int] = mapped_column(Integer)
    against: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(Time)
