"""Rows of merging."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Float, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades


class CasePrint(Base):
    """What of a case a new signal is compared with; only of cases that one may join.

    ``voice``: place, class and times (``merging.candidates``); ``print``: hashed word pieces.
    ``until``: empty while the case is open, then the end of its guard time.
    """

    __tablename__ = "case_print"
    __grades__ = grades(
        {
            (2, "work"): "case_id area until",
            (2, "place"): "voice",
            (2, "report"): "print",
        }
    )
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"), primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    until: Mapped[datetime | None] = mapped_column(Time)
    voice: Mapped[dict[str, Any]] = mapped_column(JSONB)
    print: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (Index("case_print_area", "area", "until"),)


class MergeOffer(Base):
    """Two cases that may be one problem, for an officer to decide; or that somebody told apart.

    ``kind``: same, again (the other was closed lately: has it come back?), cause (several with
    one cause). ``state``: open, joined, refused, void. ``reasons``: ``[{code, params}]``.
    """

    __tablename__ = "merge_offer"
    __grades__ = grades(
        {
            (2, "work"): "area case_id other_id kind score state made_at decided_at",
            (2, "report"): "reasons",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    case_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"))
    other_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"))
    kind: Mapped[str] = mapped_column(Text)
    score: Mapped[float] = mapped_column(Float)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(Time)
    decided_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (
        UniqueConstraint("case_id", "other_id", name="merge_offer_once"),
        Index("merge_offer_other", "other_id"),
        Index("merge_offer_open", "area", "made_at", postgresql_where=text("state = 'open'")),
    )


class CauseOffer(Base):
    """Cases that may have one cause (一因多案), for an officer to decide.

    ``members`` may hang under one parent: ``parent_id`` (one of them, or one that others hang under
    already), or one that is opened for it. ``state``: open, joined, refused (remembered), void.
    What accepting it did, so that it can be undone: ``hung`` (cases) hang under ``under_id``;
    ``made``: that one was opened for them.
    """

    __tablename__ = "cause_offer"
    __grades__ = grades(
        {
            (2, "work"): ("area members parent_id state hung under_id made made_at decided_at"),
            (2, "report"): "reasons",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    members: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    parent_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("cases.id"))
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text)
    hung: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    under_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("cases.id"))
    made: Mapped[bool] = mapped_column(Boolean)
    made_at: Mapped[datetime] = mapped_column(Time)
    decided_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (
        Index("cause_offer_members", "members", postgresql_using="gin"),
        Index("cause_offer_open", "area", "made_at", postgresql_where=text("state = 'open'")),
    )


class CaseMerge(Base):
    """An officer found a case to be the same as another; what moved, so that it can be undone.

    ``beside``: what changed beside voices and orders: ``parents`` ``[[case, before, after]]``,
    ``voided`` (offers) and ``doubts`` (that the case had).
    """

    __tablename__ = "case_merge"
    __grades__ = grades(
        {
            (2, "work"): (
                "area from_id into_id signals orders state_before merged_at undone_at beside"
            ),
            (2, "report"): "reasons",
            (1, "system"): "id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    area: Mapped[str] = mapped_column(ForeignKey("area.code"))
    from_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"))
    into_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("cases.id"))
    signals: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    orders: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    state_before: Mapped[str] = mapped_column(Text)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    merged_at: Mapped[datetime] = mapped_column(Time)
    undone_at: Mapped[datetime | None] = mapped_column(Time)
    beside: Mapped[dict[str, Any]] = mapped_column(JSONB)

    __table_args__ = (
        Index("case_merge_from", "from_id"),
        Index("case_merge_into", "into_id"),
    )
