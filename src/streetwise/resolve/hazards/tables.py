"""Rows of hazards, and of the orders to rectify them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class Hazard(Base):
    """What is known of a case of nature hazard 隐患; written when triage finds it to be one, or
    with the first word of an officer.

    ``state``: see hazards/loop.py, the same as ``cases.nature_state``. ``level``: general 一般,
    major 重大. ``found_how``, ``kind``: see data/hazards.yaml.
    """

    __tablename__ = "hazard"
    __grades__ = grades(
        {
            (2, "work"): (
                "case_id area state kind level found_how rectified_at written_off_at written_off_by"
            ),
            (1, "system"): "version",
        }
    )
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    state: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    level: Mapped[str] = mapped_column(Text)
    found_how: Mapped[str] = mapped_column(Text)
    rectified_at: Mapped[datetime | None] = mapped_column(Time)
    written_off_at: Mapped[datetime | None] = mapped_column(Time)
    written_off_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))


class HazardOrder(Base):
    """An order to rectify 责令整改通知书: to which unit, what, by when; and what came of it.

    ``n``: the how manieth of its case. ``premises``: code of what it lies on, if known.
    ``measure_id``, ``report_id``, ``recheck_id``: notes of the case. ``passed`` None: not
    re-checked yet.
    """

    __tablename__ = "hazard_order"
    __grades__ = grades(
        {
            (2, "work"): (
                "case_id n number unit_id premises measure_id rectify_by ordered_at ordered_by "
                "ordered_for rectified_at rectified_by rectified_for report_id rechecked_at "
                "rechecked_by passed recheck_id"
            ),
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"))
    n: Mapped[int] = mapped_column(SmallInteger)
    number: Mapped[str] = mapped_column(Text)
    unit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))
    premises: Mapped[str | None] = mapped_column(Text)
    measure_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("note.id"))
    rectify_by: Mapped[datetime] = mapped_column(Time)
    ordered_at: Mapped[datetime] = mapped_column(Time)
    ordered_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("staff.id"))
    ordered_for: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))
    rectified_at: Mapped[datetime | None] = mapped_column(Time)
    rectified_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))
    rectified_for: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))
    report_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("note.id"))
    rechecked_at: Mapped[datetime | None] = mapped_column(Time)
    rechecked_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))
    passed: Mapped[bool | None] = mapped_column(Boolean)
    recheck_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("note.id"))

    __table_args__ = (
        UniqueConstraint("case_id", "n", name="hazard_order_n"),
        UniqueConstraint("number", name="hazard_order_number"),
        # Whatever the application thinks: two people.
        CheckConstraint("rechecked_by <> ordered_by", name="hazard_order_two_people"),
        Index("hazard_order_due", "rectify_by"),
    )
