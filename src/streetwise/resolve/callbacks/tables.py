"""Rows of call-backs."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades

WAITING, ANSWERED, GIVEN_UP = "waiting", "answered", "given_up"
#: Of a text message: to be tried, gone out, given up; or nobody is to answer it any more.
TO_SEND, SENT, FAILED, OVER = "waiting", "sent", "failed", "over"


class CallBack(Base):
    """Call-back 回访: one reporter (a voice of the case) asked about it, once for each ``round``.

    ``round``: how often the case had been opened again. ``unit_id``: who had handled it.
    ``drawn``: by lot, so that it counts in estimates; else an officer wanted to know. ``reached``:
    the reporter says that somebody had been in touch. ``satisfied``: yes, basically, no. ``way``:
    phone or link. The reporter's own words are a note, so their original lies in the vault.
    ``token_hash``: a keyed hash of what stands in the link; the token itself is kept nowhere, and
    the hash goes when it was used. ``link_number``: how many links there were. ``text_state``: of
    the text message with the newest (texting.py), with its attempts, when it is tried next, and who
    ordered it.
    """

    __tablename__ = "call_back"
    __grades__ = grades(
        {
            (2, "work"): (
                "area case_id signal_id round unit_id drawn state opened_at attempts last_at "
                "last_result way answered_at reached resolved satisfied said_note_id link_until "
                "link_sent_at text_state text_attempts text_due_at"
            ),
            (2, "staff"): "text_by",
            (4, "secret"): "token_hash",
            (1, "system"): "id version link_number",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"))
    signal_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("signal.id"))
    round: Mapped[int] = mapped_column(SmallInteger)
    unit_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("unit.id"))
    drawn: Mapped[bool] = mapped_column(Boolean)
    state: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(Time)
    attempts: Mapped[int] = mapped_column(SmallInteger)
    last_at: Mapped[datetime | None] = mapped_column(Time)
    last_result: Mapped[str | None] = mapped_column(Text)
    way: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None] = mapped_column(Time)
    reached: Mapped[bool | None] = mapped_column(Boolean)
    resolved: Mapped[bool | None] = mapped_column(Boolean)
    satisfied: Mapped[str | None] = mapped_column(Text)
    said_note_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("note.id"))
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    link_until: Mapped[datetime | None] = mapped_column(Time)
    link_sent_at: Mapped[datetime | None] = mapped_column(Time)
    link_number: Mapped[int] = mapped_column(SmallInteger, default=0)
    text_state: Mapped[str | None] = mapped_column(Text)
    text_attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    text_due_at: Mapped[datetime | None] = mapped_column(Time)
    text_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id"))

    __table_args__ = (
        UniqueConstraint("case_id", "signal_id", "round", name="call_back_once"),
        UniqueConstraint("token_hash", name="call_back_token"),
        CheckConstraint("state IN ('waiting', 'answered', 'given_up')", name="call_back_state"),
        Index(
            "call_back_waiting",
            "area",
            "opened_at",
            postgresql_where=text("state = 'waiting'"),
        ),
        CheckConstraint(
            "text_state IN ('waiting', 'sent', 'failed', 'over')", name="call_back_text_state"
        ),
        Index("call_back_answered", "area", "answered_at"),
        Index("call_back_text", "text_due_at", postgresql_where=text("text_state = 'waiting'")),
    )
