"""What crosses the API of notifications."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from streetwise.kernel.shown import Shown, shows

Language = Literal["zh-CN", "en"]
ChannelName = Literal["in_app", "email", "sms", "webhook"]
#: A time of day in the street's time zone.
TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class DeliveryView(Shown):
    """How a notification goes out over a channel; ``error``: the kind of the last failure."""

    __shows__ = shows({"L2 own": "channel state due_at sent_at error"})

    channel: str
    state: Literal["waiting", "held", "sending", "sent", "digested", "failed"]
    due_at: datetime
    sent_at: datetime | None
    error: str | None


class NotificationView(Shown):
    """A notification in the asked language; ``case_id``: what it leads to. ``sounds``: it is
    urgent, and nobody whom it was told has acknowledged it."""

    __shows__ = shows(
        {
            "L2 own": "id kind title text urgent case_id made_at read_at sounds ack_at",
            "holds": "deliveries",
        }
    )

    id: UUID
    kind: str
    title: str
    text: str
    urgent: bool
    case_id: UUID | None
    made_at: datetime
    read_at: datetime | None
    sounds: bool
    ack_at: datetime | None
    deliveries: list[DeliveryView]


class NotificationPage(Shown):
    """Notifications, the newest first. ``unread`` counts up to ``unread_most``."""

    __shows__ = shows({"L2 own": "next_cursor unread unread_most", "holds": "items"})

    items: list[NotificationView]
    next_cursor: UUID | None
    unread: int
    unread_most: int


class UnreadView(Shown):
    """How many are unread, counted up to ``unread_most``; ``sounding``: the urgent ones that nobody
    has acknowledged, the oldest first."""

    __shows__ = shows({"L2 own": "unread unread_most sounding"})

    unread: int
    unread_most: int
    sounding: list[UUID]


class ReadAllForm(BaseModel):
    """``until``: the newest that was seen; what came since stays unread."""

    model_config = ConfigDict(extra="forbid")
    until: UUID


class NotifyKindView(Shown):
    """Something that people are told of, by which channels."""

    __shows__ = shows({"L2 own": "kind name channels"})

    kind: str
    name: str
    channels: list[str]


class PreferencesView(Shown):
    """One's own preferences. Addresses are shown only so far that their owner knows them."""

    __shows__ = shows(
        {
            "L2 own": "available quiet_from quiet_to digest_at language email mobile timezone",
            "holds": "kinds",
        }
    )

    kinds: list[NotifyKindView]
    available: list[str]
    quiet_from: str | None
    quiet_to: str | None
    digest_at: str | None
    language: Language
    email: str | None
    mobile: str | None
    timezone: str


class PreferencesForm(BaseModel):
    """One's own preferences, whole. Addresses: null keeps the present one, empty removes it."""

    model_config = ConfigDict(extra="forbid")
    channels: dict[Annotated[str, Field(max_length=60)], list[ChannelName]] = Field(max_length=50)
    quiet_from: TimeOfDay | None = None
    quiet_to: TimeOfDay | None = None
    digest_at: TimeOfDay | None = None
    language: Language = "zh-CN"
    email: Annotated[str, Field(max_length=200)] | None = None
    mobile: Annotated[str, Field(max_length=20)] | None = None
