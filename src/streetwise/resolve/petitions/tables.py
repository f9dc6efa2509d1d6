"""Rows of petitions that go further after their answer. None says who the petitioner is."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql_text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class Petition(Base):
    """A petition from the first thing on that was written down after its answer.

    ``id``: the signal that it came as. ``state``: see petitions/loop.py. ``opinions``: ours, in
    order: ``[{on, served_on, how, letter}]``. ``clock_ids``: its rows of ``case_clock``, which go
    with it from case to case.
    """

    __tablename__ = "petition"
    __grades__ = grades(
        {
            (2, "work"): "area case_id state opinions began_at",
            (1, "system"): "id version clock_ids",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("signal.id"), primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"))
    state: Mapped[str] = mapped_column(Text)
    opinions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    clock_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    began_at: Mapped[datetime] = mapped_column(Time)

    __table_args__ = (
        Index("petition_case", "case_id"),
        Index("petition_state", "area", "state", "began_at"),
    )


class PetitionReview(Base):
    """A review 复查 or a re-examination 复核, from the notice of it to its outcome.

    ``n``: from 1, within its petition; ``stage``: review, reexam; ``round``: of which opinion.
    ``organ``: see data/petition_reviews.yaml; None: nobody said. ``hearings``: ``[{on, over}]``.
    ``note_id``: words on its outcome.
    """

    __tablename__ = "petition_review"
    __grades__ = grades(
        {
            (2, "work"): (
                "petition_id case_id n stage round asked_on received_on told_on organ file_on "
                "hearings outcome outcome_on served_on note_id"
            ),
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    petition_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("petition.id"))
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"))
    n: Mapped[int] = mapped_column(SmallInteger)
    stage: Mapped[str] = mapped_column(Text)
    round: Mapped[int] = mapped_column(SmallInteger)
    asked_on: Mapped[date] = mapped_column(Date)
    received_on: Mapped[date] = mapped_column(Date)
    told_on: Mapped[date] = mapped_column(Date)
    organ: Mapped[str | None] = mapped_column(Text)
    file_on: Mapped[date | None] = mapped_column(Date)
    hearings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    outcome: Mapped[str | None] = mapped_column(Text)
    outcome_on: Mapped[date | None] = mapped_column(Date)
    served_on: Mapped[date | None] = mapped_column(Date)
    note_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("note.id"))

    __table_args__ = (
        UniqueConstraint("petition_id", "n", name="petition_review_n"),
        # Whatever two officers do at once: one at a time.
        Index(
            "petition_review_open",
            "petition_id",
            unique=True,
            postgresql_where=sql_text("outcome IS NULL"),
        ),
        Index("petition_review_case", "case_id"),
    )
