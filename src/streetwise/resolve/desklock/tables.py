"""Rows of desk locks."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class DeskLock(Base):
    """An officer has this case open and is about to decide (正在处理此件). Over at ``until``, by
    itself; nothing is refused because of it, since versions see to that (``actions.act``).
    """

    __tablename__ = "desk_lock"
    __grades__ = grades({(2, "work"): "case_id area staff_id taken_at until"})
    case_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True
    )
    area: Mapped[str] = mapped_column(Text, ForeignKey("area.code"))
    staff_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("staff.id", ondelete="CASCADE"))
    taken_at: Mapped[datetime] = mapped_column(Time)
    until: Mapped[datetime] = mapped_column(Time)
