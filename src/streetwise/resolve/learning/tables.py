"""Rows of learning."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class Lesson(Base):
    """An officer said what class a signal is of. The words stay where they are, masked."""

    __tablename__ = "lesson"
    __grades__ = grades(
        {
            (2, "work"): "area case_id signal_id category_scheme category_code said_at",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"))
    signal_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("signal.id"))
    category_scheme: Mapped[str] = mapped_column(Text)
    category_code: Mapped[str] = mapped_column(Text)
    said_at: Mapped[datetime] = mapped_column(Time)

    __table_args__ = (
        Index("lesson_said", "said_at", "id"),
        Index("lesson_case", "case_id"),
    )


class Learned(Base):
    """What a night's training came to; the newest of its kind counts.

    ``figures``: lessons by kind, held-out accuracy, calibration error. ``body``: the model.
    """

    __tablename__ = "learned"
    __grades__ = grades(
        {
            (2, "work"): "kind lessons figures made_at",
            (2, "report"): "body",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    lessons: Mapped[int] = mapped_column(Integer)
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime] = mapped_column(Time)

    __table_args__ = (Index("learned_latest", "kind", "made_at"),)
