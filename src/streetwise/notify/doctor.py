"""For the doctor: whether the ways out of the house that are configured lead anywhere."""

from __future__ import annotations

import asyncio

from streetwise.kernel.doctor.finding import Finding
from streetwise.kernel.settings import Settings
from streetwise.notify.channels import Channel, Failed, open_channels, outbox
from streetwise.notify.names import EMAIL, SMS, WEBHOOK

_DO = {
    "insecure": "Set notify_ca_file to the authority that signed its certificate, or have a valid"
    " one put there; notify_smtp_security says how the mail server is spoken to.",
    "login": "Set notify_smtp_user and notify_smtp_password to an account of that server.",
}
_SEE = "See that it runs and can be reached from this machine: address, port, firewall."


async def look(settings: Settings) -> list[Finding]:
    """Try all ways out at once; nothing is sent."""
    channels = open_channels(settings)
    found = await asyncio.gather(*(_try(settings, *one) for one in channels.items()))
    return [one for one in found if one is not None]


async def _try(settings: Settings, name: str, channel: Channel) -> Finding | None:
    try:
        async with asyncio.timeout(settings.notify_sending_seconds / 2):
            await channel.probe()
    except Failed as error:
        kind, why = error.kind, error.why
    except TimeoutError:
        kind, why = "timeout", ""
    else:
        return None
    said = f"{kind}: {why}" if why else kind
    return Finding(
        f"{name}_unreachable",
        f"Notifications do not go out to {_where(settings)[name]} ({said}).",
        _DO.get(kind, _SEE),
    )


def _where(settings: Settings) -> dict[str, str]:
    """What each way out is called, without what may be secret in it."""
    return {
        EMAIL: f"the mail server {settings.notify_smtp_host}:{settings.notify_smtp_port}",
        WEBHOOK: "the webhook (notify_webhook_url)",
        SMS: f"the file for the SMS gateway {outbox(settings)}",
    }
