"""Rows of saved views."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class SavedView(Base):
    """A view 常用视图: the filters of a list, as they stand in its address (``query``).

    ``unit_id``: the unit whose people see it, too; None: it is its owner's alone.
    """

    __tablename__ = "saved_view"
    __grades__ = grades(
        {(2, "work"): "area owner_id unit_id name query saved_at", (1, "system"): "id"}
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    owner_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("staff.id"))
    unit_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("unit.id"))
    name: Mapped[str] = mapped_column(Text)
    query: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(Time)

    __table_args__ = (
        Index("saved_view_owner", "owner_id"),
        Index("saved_view_unit", "unit_id"),
    )
