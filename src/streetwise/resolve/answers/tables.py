"""Rows of answers, and of the letters in which petitions are answered."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql_text
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class Answer(Base):
    """The answer to one voice, masked; of a case, or of a signal that is none.

    ``kind``: call, message, letter, referral. A work order's answer stands with the order.
    ``kind`` order has no words: it says who gave the answer that stands with the order. ``state``:
    draft, interim (中间答复: given, and not the last word), given, withdrawn. ``machine``: whether
    a machine wrote the draft. ``due_at``: its own clock, where it has one.
    """

    __tablename__ = "answer"
    __grades__ = grades(
        {
            (2, "report"): "text",
            (2, "work"): (
                "area signal_id case_id kind state machine due_at written_at written_by "
                "given_at given_by"
            ),
            (1, "system"): "id version",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    signal_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("signal.id"))
    case_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    text: Mapped[str | None] = mapped_column(Text)
    machine: Mapped[bool] = mapped_column(Boolean)
    due_at: Mapped[datetime | None] = mapped_column(Time)
    written_at: Mapped[datetime] = mapped_column(Time)
    written_by: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime | None] = mapped_column(Time)
    given_by: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("answer_signal", "signal_id"),
        Index("answer_case", "case_id"),
        Index("answer_given", "area", "given_at", postgresql_where=sql_text("state = 'given'")),
    )


class Letter(Base):
    """What a petitioner is told as a document; made out once, never changed.

    ``kind``: reply, decision (答复意见书, 处理意见书: its answer); extension, not_accepted,
    transfer (延期, 不予受理, 转送). ``until``: of an extension, when it is due then; ``round``: of
    which opinion, where one was revoked (petitions/). ``number``:
    its own. ``office``: who signs. ``addressee_id`` and ``body_id`` are notes of the case: masked
    here, their originals in the vault.
    """

    __tablename__ = "letter"
    __grades__ = grades(
        {
            (2, "work"): (
                "area case_id signal_id kind number issued_on office addressee_id body_id "
                "issued_at issued_by until round"
            ),
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"))
    signal_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("signal.id"))
    kind: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text)
    issued_on: Mapped[date] = mapped_column(Date)
    office: Mapped[str] = mapped_column(Text)
    addressee_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("note.id"))
    body_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("note.id"))
    issued_at: Mapped[datetime] = mapped_column(Time)
    issued_by: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime | None] = mapped_column(Time)
    round: Mapped[int] = mapped_column(SmallInteger, default=1)

    __table_args__ = (
        UniqueConstraint("area", "number", name="letter_number"),
        # One that is the last word, and one extension; another where that one was revoked.
        Index("letter_once", "signal_id", sql_text("(kind = 'extension')"), "round", unique=True),
        Index("letter_case", "case_id"),
    )
