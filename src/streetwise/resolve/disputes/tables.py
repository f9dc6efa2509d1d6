"""Rows of disputes. Who the parties are, what was said and what was agreed is in the vault."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    Date,
    ForeignKey,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class Dispute(Base):
    """What is known of a case of nature dispute 矛盾纠纷, from the first word of an officer on.

    ``state``: see disputes/loop.py, the same as ``cases.nature_state``. ``kind``, ``colour``,
    ``referred_to``: see data/disputes.yaml. ``mediator_id``: the unit that mediates.
    """

    __tablename__ = "dispute"
    __grades__ = grades(
        {
            (2, "work"): (
                "case_id area state kind colour mediator_id visits visited_at ended_at "
                "referred_to follow_up_on"
            ),
            (1, "system"): "version",
        }
    )
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    state: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    colour: Mapped[str] = mapped_column(Text)
    mediator_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("unit.id"))
    visits: Mapped[int] = mapped_column(SmallInteger)
    visited_at: Mapped[datetime | None] = mapped_column(Time)
    ended_at: Mapped[datetime | None] = mapped_column(Time)
    referred_to: Mapped[str | None] = mapped_column(Text)
    follow_up_on: Mapped[date | None] = mapped_column(Date)


class DisputeRecord(Base):
    """A party, a visit, an agreement or another word on a dispute; what it says lies in the vault
    under the same id, and nowhere else.

    ``kind``: party, visit, agreement, word. ``role``: of a party; ``result``: of a visit.
    """

    __tablename__ = "dispute_record"
    __grades__ = grades(
        {
            (2, "work"): "case_id n kind role result at by",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"))
    n: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(Text)
    role: Mapped[str | None] = mapped_column(Text)
    result: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Time)
    by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("staff.id"))

    __table_args__ = (UniqueConstraint("case_id", "kind", "n", name="dispute_record_n"),)
