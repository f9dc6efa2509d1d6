"""A text message to somebody outside of the house, whose number is nobody's preference.

The number is passed through and kept nowhere: no row, no log, no job of a queue holds it. Who
sends reads it again for a further attempt, under the same ``message_id``.
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


async def text_outward(
    settings: Settings, message_id: UUID, number: str, text: str, *, again: bool
) -> None:
    """Send one text message. Raises Unavailable where it did not go out, without the number.

    ``again``: an earlier attempt may have gone out: then it is looked for first.
    """
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
        again=again,
        params={},
    )
    try:
        async with asyncio.timeout(settings.notify_sending_seconds / 2):
            await channel.send(letter)
    except (Failed, TimeoutError):
        raise Unavailable(
            "The text message did not go out; try again, or call.", code="sms_failed"
        ) from None
