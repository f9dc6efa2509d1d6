"""What crosses the API of notifications."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Language = Literal["zh-CN", "en"]
ChannelName = Literal["in_app", "email", "sms", "webhook"]
#: A time of day in the street's time zone.
TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class DeliveryView(BaseModel):
    """How a notification goes out over a channel; ``error``: the kind of the last failure."""

    channel: str
    state: Literal["waiting", "held", "sending", "sent", "digested", "failed"]
    due_at: datetime
    sent_at: datetime | None
    error: str | None


class NotificationView(BaseModel):
    """A notification in the asked language; ``case_id``: what it leads to."""

    id: UUID
    kind: str
    title: str
    text: str
    urgent: bool
    case_id: UUID | None
    made_at: datetime
    read_at: datetime | None
    deliveries: list[DeliveryView]


class NotificationPage(BaseModel):
    """Notifications, the newest first. ``unread`` counts up to ``unread_most``."""

    items: list[NotificationView]
    next_cursor: UUID | None
    unread: int
    unread_most: int


class UnreadView(BaseModel):
    """How many are unread, counted up to ``unread_most``."""

    unread: int
    unread_most: int


class ReadAllForm(BaseModel):
    """``until``: the newest that was seen; what came since stays unread."""

    model_config = ConfigDict(extra="forbid")
    until: UUID


class NotifyKindView(BaseModel):
    """Something that people are told of, by which channels."""

    kind: str
    name: str
    channels: list[str]


class PreferencesView(BaseModel):
    """One's own preferences. Addresses are shown only so far that their owner knows them."""

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
