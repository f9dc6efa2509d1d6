"""Ways out of the house. Each takes a letter and gives what the other side calls it, or fails.

What goes out holds the number of a case, its class and a unit: no citizen's words, no place.
"""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from streetwise.kernel.settings import Settings
from streetwise.notify.names import EMAIL, FAILURES, IN_APP, OUTSIDE, SMS, WEBHOOK


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it leaves: written in the recipient's language.

    ``id`` is that of the delivery and stays the same however often it is tried; ``again``: an
    earlier attempt may have reached the other side. ``address`` is not for logs, nor in ``repr``.
    """

    id: UUID
    kind: str
    recipient: str
    address: str
    title: str
    text: str
    urgent: bool
    made_at: datetime
    again: bool
    params: Mapping[str, Any]
    link: str = ""

    def __repr__(self) -> str:
        return f"Letter({self.id})"


class Failed(Exception):
    """A letter that did not go out; ``kind`` is one of FAILURES.

    ``why``: what the machine says, for the administrator; it holds no address of a person.
    """

    def __init__(self, kind: str, why: str = "") -> None:
        assert kind in FAILURES
        super().__init__(kind)
        self.kind = kind
        self.why = why


class Channel(Protocol):
    """One way out."""

    async def send(self, letter: Letter) -> str | None:
        """Send; what the other side calls it. Raises Failed."""

    async def probe(self) -> None:
        """Go as far as one can without sending anything. Raises Failed."""


def trusting(settings: Settings) -> ssl.SSLContext:
    """Whom we believe: the system's authorities, or the house's own. Raises Failed."""
    try:
        return ssl.create_default_context(cafile=settings.notify_ca_file)
    except OSError as error:  # also what is no certificate
        raise Failed("insecure", f"notify_ca_file: {error.strerror or error}") from None


def configured(settings: Settings) -> tuple[str, ...]:
    """The channels that this installation has, the bell first."""
    has = {
        EMAIL: bool(settings.notify_smtp_host and settings.notify_smtp_from),
        SMS: settings.notify_sms == "file",
        WEBHOOK: bool(settings.notify_webhook_url and settings.notify_webhook_secret),
    }
    return (IN_APP, *(one for one in OUTSIDE if has[one]))


def open_channels(settings: Settings) -> dict[str, Channel]:
    """The ways out that are configured."""
    # Imported here: they import this module.
    from streetwise.notify.channels.sms import FileSink  # noqa: PLC0415
    from streetwise.notify.channels.smtp import Smtp  # noqa: PLC0415
    from streetwise.notify.channels.webhook import Webhook  # noqa: PLC0415

    made: dict[str, Channel] = {
        EMAIL: Smtp(settings),
        SMS: FileSink(outbox(settings), settings.notify_timeout_seconds),
        WEBHOOK: Webhook(settings),
    }
    return {name: made[name] for name in configured(settings) if name in made}


def outbox(settings: Settings) -> Path:
    """The file that the SMS sink writes."""
    return settings.home / "outbox" / "sms.jsonl"
