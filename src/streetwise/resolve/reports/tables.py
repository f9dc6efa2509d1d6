"""Rows of reports."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, LargeBinary, SmallInteger, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import NAMES_A_FILE, Base, Time, Uuid
from streetwise.kernel.grades import grades


class Report(Base):
    """A report of a period. Made again it is a further ``edition``; the earlier ones stay.

    ``state``: waiting, made, failed (``failure``: a code). ``content`` is ``content.stored``.
    ``ordered_by``: None where it came by itself.
    """

    __tablename__ = "report"
    __grades__ = grades(
        {
            (2, "work"): (
                "area kind name edition start_at end_at rules state failure content ordered_at "
                "ordered_by made_at"
            ),
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    edition: Mapped[int] = mapped_column(SmallInteger)
    start_at: Mapped[datetime] = mapped_column(Time)
    end_at: Mapped[datetime] = mapped_column(Time)
    rules: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    failure: Mapped[str | None] = mapped_column(Text)
    content: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), deferred=True)
    ordered_at: Mapped[datetime] = mapped_column(Time)
    ordered_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))
    made_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (
        UniqueConstraint("area", "kind", "name", "edition", name="report_edition"),
        Index("report_listed", "area", "end_at", "ordered_at"),
    )


class ReportFile(Base):
    """A report in one form (xlsx, docx, pdf), as it was made; the file lies in the store."""

    __tablename__ = "report_file"
    __grades__ = grades({(2, "work"): "report_id form bytes", (4, "secret"): "digest"})
    report_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("report.id", ondelete="CASCADE"), primary_key=True
    )
    form: Mapped[str] = mapped_column(Text, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, info=NAMES_A_FILE)
    bytes: Mapped[int] = mapped_column(Integer)
