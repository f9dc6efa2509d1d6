"""A text message to somebody outside of the house, whose number is nobody's preference.

The number is passed through and kept nowhere: no row, no log, no job of a queue holds it. So
nothing is tried again by itself; who sends is told how it went and may send once more.
"""

from __future__ import annotations

import asyncio
from uuid import UUID

from streetwise.kernel.clock import wall_now
from streetwise.kernel.errors import Unavailable
from streetwise.kernel.settings import Settings
from streetwise.notify.channels import Failed, Letter, open_channels
from streetwise.notify.names import SMS

KIND = "outward"


def can_text(settings: Settings) -> bool:
    """Whether this installation sends text messages at all."""
    return SMS in open_channels(settings)


async def text_outward(settings: Settings, message_id: UUID, number: str, text: str) -> None:
    """Send one text message. Raises Unavailable where it did not go out, without the number."""
    channel = open_channels(settings).get(SMS)
    if channel is None:
        raise Unavailable("No text messages are sent from here.", code="sms_off")
    letter = Letter(
        id=message_id,
        kind=KIND,
        recipient="",
        address=number,
        title="",
        text=text,
        urgent=False,
        made_at=wall_now(),
        again=False,
        params={},
    )
    try:
        async with asyncio.timeout(settings.notify_sending_seconds / 2):
            await channel.send(letter)
    except (Failed, TimeoutError):
        raise Unavailable(
            "The text message did not go out; try again, or call.", code="sms_failed"
        ) from None
