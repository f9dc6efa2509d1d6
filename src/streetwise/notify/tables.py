"""Notifications, their deliveries, and what each person wants of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from streetwise.kernel.database import Base, Time, Uuid
from streetwise.kernel.grades import grades

STATES = ("waiting", "held", "sending", "sent", "digested", "failed")

#: What still asks for somebody's attention.
_UNHEARD = text("urgent AND ack_at IS NULL")


class Notification(Base):
    """One message for one person. ``key`` is the fact that it tells: one message a fact.

    ``params`` fill the template: numbers of cases, classes, units, counts; never free text.
    ``shown``: it stands in the bell's list; a digest does not, for what it sums up does.
    """

    __tablename__ = "notification"
    __grades__ = grades(
        {
            (2, "work"): "kind subject params urgent made_at",
            (2, "staff"): "staff_id read_at ack_at ack_by",
            (1, "system"): "id key shown raised_at",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("staff.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Text)
    #: The case that it is about; None: several, or none.
    subject: Mapped[UUID | None] = mapped_column(Uuid)
    params: Mapped[dict[str, Any]] = mapped_column(JSONB)
    urgent: Mapped[bool] = mapped_column(Boolean)
    shown: Mapped[bool] = mapped_column(Boolean)
    made_at: Mapped[datetime] = mapped_column(Time)
    read_at: Mapped[datetime | None] = mapped_column(Time)
    key: Mapped[str] = mapped_column(Text)
    #: An urgent one sounds until somebody whom the fact was told acknowledges it, or has acted on
    #: it (then without ``ack_by``). ``raised_at``: the leader on duty was told that nobody did.
    ack_at: Mapped[datetime | None] = mapped_column(Time)
    ack_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("staff.id", ondelete="SET NULL"))
    raised_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (
        UniqueConstraint("staff_id", "key", name="notification_once"),
        Index("notification_listed", "staff_id", "id", postgresql_where=text("shown")),
        Index(
            "notification_unread",
            "staff_id",
            postgresql_where=text("shown AND read_at IS NULL"),
        ),
        Index("notification_made", "made_at"),
        Index("notification_sounding", "staff_id", postgresql_where=_UNHEARD),
        Index("notification_unheard", "made_at", postgresql_where=_UNHEARD),
        Index("notification_key", "key", postgresql_where=_UNHEARD),
    )


class Delivery(Base):
    """A notification on its way over one channel; one row for each, so never two.

    ``waiting`` → ``sending`` → ``sent``, or ``waiting`` again, or at last ``failed``. ``held``
    until quiet hours end or the digest comes; then ``waiting``, or ``digested`` with others in
    the notification that ``digest_id`` names. ``due_at`` is business time; ``claimed_at``, the
    claim of who sends it, is the database server's wall time.
    """

    __tablename__ = "delivery"
    __grades__ = grades(
        {
            (2, "work"): "channel state attempts due_at sent_at error",
            (1, "system"): "id notification_id claimed_at digest_id provider_id",
        }
    )
    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    notification_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("notification.id", ondelete="CASCADE")
    )
    channel: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[datetime] = mapped_column(Time)
    claimed_at: Mapped[datetime | None] = mapped_column(Time)
    sent_at: Mapped[datetime | None] = mapped_column(Time)
    #: The kind of the last failure, one of ``channels.FAILURES``; never a server's words.
    error: Mapped[str | None] = mapped_column(Text)
    #: What the other side calls it, where it says so.
    provider_id: Mapped[str | None] = mapped_column(Text)
    digest_id: Mapped[UUID | None] = mapped_column(
        Uuid, ForeignKey("notification.id", ondelete="SET NULL"), index=True
    )

    __table_args__ = (
        UniqueConstraint("notification_id", "channel", name="delivery_once"),
        CheckConstraint(
            "state IN ('waiting', 'held', 'sending', 'sent', 'digested', 'failed')",
            name="delivery_state",
        ),
        Index(
            "delivery_due",
            "channel",
            "due_at",
            postgresql_where=text("state IN ('waiting', 'held', 'sending')"),
        ),
    )


class NotifyPreference(Base):
    """What a person wants. No row: the bell for everything, and nothing else.

    ``channels``: kind → its channels. Addresses are sealed (purpose ``notify-address``).
    """

    __tablename__ = "notify_preference"
    __grades__ = grades(
        {
            (2, "staff"): "channels quiet_from quiet_to digest_at language",
            (4, "secret"): "email_sealed mobile_sealed",
            (1, "system"): "staff_id",
        }
    )
    staff_id: Mapped[UUID] = mapped_column(
        Uuid, ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True
    )
    channels: Mapped[dict[str, list[str]]] = mapped_column(JSONB)
    #: "22:00", in the street's time zone; both or neither.
    quiet_from: Mapped[str | None] = mapped_column(Text)
    quiet_to: Mapped[str | None] = mapped_column(Text)
    digest_at: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)
    email_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    mobile_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
