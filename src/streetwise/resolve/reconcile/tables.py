"""Rows of the daily reconciliation."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy import text as sql_text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class Reconciliation(Base):
    """A run 对账: the lists of one platform and day. Made again on the day, it is brought up to
    date.

    ``list_at``: when the platform's last file came, ``whole_at``: its last one that names every
    open order, where that is new enough to count. ``unread``: rows of the last file that could not
    be used. ``counts``: kind → how many differences; ``fresh`` and ``gone``: lines that are new,
    and that have closed by themselves.
    """

    __tablename__ = "reconciliation"
    __grades__ = grades(
        {
            (2, "work"): (
                "area source_id scheme day made_at list_at whole_at unread ours theirs counts "
                "fresh gone"
            ),
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    source_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("source.id"))
    scheme: Mapped[str] = mapped_column(Text)
    day: Mapped[date] = mapped_column(Date)
    made_at: Mapped[datetime] = mapped_column(Time)
    list_at: Mapped[datetime | None] = mapped_column(Time)
    whole_at: Mapped[datetime | None] = mapped_column(Time)
    unread: Mapped[int] = mapped_column(Integer)
    ours: Mapped[int] = mapped_column(Integer)
    theirs: Mapped[int] = mapped_column(Integer)
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    fresh: Mapped[int] = mapped_column(Integer)
    gone: Mapped[int] = mapped_column(Integer)

    __table_args__ = (UniqueConstraint("area", "source_id", "day", name="reconciliation_once"),)


class ReconciliationLine(Base):
    """A difference, for as long as it lasts: from ``first_day`` to ``last_day``, when it was last
    found. ``state``: open, explained (an officer has said why: ``because``, and words, masked),
    gone (not found any more: closed by itself). One that is explained and turns into something
    else (another ``why``) is open again.
    """

    __tablename__ = "reconciliation_line"
    __grades__ = grades(
        {
            (2, "report"): "text",
            (2, "work"): (
                "area source_id scheme number kind why ours theirs order_id case_id first_day "
                "last_day state gone_at because explained_at explained_by"
            ),
            (1, "system"): "id version",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    source_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("source.id"))
    scheme: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    ours: Mapped[str] = mapped_column(Text)
    theirs: Mapped[str] = mapped_column(Text)
    order_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("work_order.id"))
    case_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("cases.id"))
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(Text)
    gone_at: Mapped[datetime | None] = mapped_column(Time)
    because: Mapped[str | None] = mapped_column(Text)
    text: Mapped[str | None] = mapped_column(Text)
    explained_at: Mapped[datetime | None] = mapped_column(Time)
    explained_by: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        # One line of a kind for each number while it lasts.
        Index(
            "reconciliation_line_open",
            "area",
            "source_id",
            "number",
            "kind",
            unique=True,
            postgresql_where=sql_text("state <> 'gone'"),
        ),
        Index("reconciliation_line_case", "case_id"),
    )

    @property
    def lasts(self) -> bool:
        """Whether it was there when the lists were compared last."""
        return self.state != GONE


#: States of a line.
OPEN, EXPLAINED, GONE = "open", "explained", "gone"
