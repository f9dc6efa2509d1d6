"""Rows of incidents, their reports, and who was told of each."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class Incident(Base):
    """A case that is reported upward (突发事件). ``level``: 1 特别重大 to 4 一般.

    ``known_at``: when the street knew; the first report's time runs from then. ``state``: open,
    over (the final report is owed), done.
    """

    __tablename__ = "incident"
    __grades__ = grades(
        {
            (2, "work"): (
                "area case_id level state happened_at known_at opened_at opened_by over_at"
            ),
            (1, "system"): "id version",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"))
    level: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(Text)
    happened_at: Mapped[datetime] = mapped_column(Time)
    known_at: Mapped[datetime] = mapped_column(Time)
    opened_at: Mapped[datetime] = mapped_column(Time)
    opened_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("staff.id"))
    over_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (
        UniqueConstraint("case_id", name="incident_once"),
        Index("incident_open", "area", "known_at", postgresql_where=text("state <> 'done'")),
    )


class IncidentReport(Base):
    """One report of an incident; ``body_id`` (a note of the case) is empty until it is written.

    ``kind``: first, follow_up, final. ``since``: what its time limits count from.
    """

    __tablename__ = "incident_report"
    __grades__ = grades(
        {
            (2, "work"): "incident_id n kind since body_id written_at written_by",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    incident_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("incident.id"))
    n: Mapped[int] = mapped_column(SmallInteger)
    kind: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(Time)
    body_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("note.id"))
    written_at: Mapped[datetime | None] = mapped_column(Time)
    written_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))

    __table_args__ = (UniqueConstraint("incident_id", "n", name="incident_report_n"),)


class IncidentTell(Base):
    """Who must be told of a report, how, by when; and when somebody did.

    ``raised_at``: when the leader on duty was told that nobody did.
    """

    __tablename__ = "incident_tell"
    __grades__ = grades(
        {
            (2, "work"): "report_id recipient way due_at told_at told_by",
            (1, "system"): "id raised_at",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    report_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("incident_report.id"))
    recipient: Mapped[str] = mapped_column(Text)
    way: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime] = mapped_column(Time)
    told_at: Mapped[datetime | None] = mapped_column(Time)
    told_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))
    raised_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (
        UniqueConstraint("report_id", "recipient", "way", name="incident_tell_once"),
        Index("incident_tell_due", "due_at", postgresql_where=text("told_at IS NULL")),
    )
