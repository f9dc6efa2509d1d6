"""Delivering: claim, send, note, each in a transaction of its own.

Between the other side's yes and our note of it we may die; the claim then runs out and the
letter goes again, with the same id, by which it is known (decision 0022 says how, by channel).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from streetwise.kernel import logs
from streetwise.kernel.ids import new_id
from streetwise.kernel.jobs import job
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings
from streetwise.notify import health, repository
from streetwise.notify.actions import (
    DELIVER_JOB,
    SYSTEM,
    address_of,
    delivery_row,
    wants_of,
)
from streetwise.notify.channels import Channel, Failed, Letter, open_channels
from streetwise.notify.names import AGAIN, OUTSIDE, WEBHOOK
from streetwise.notify.repository import Claimed
from streetwise.notify.tables import Delivery
from streetwise.notify.waiting import wait_seconds
from streetwise.notify.wording import DIGEST_KIND, DIGEST_LINES, Words, write, write_digest

log = logs.get(__name__)

#: Letters of one channel on their way at a time.
AT_A_TIME = 8
#: Nobody to talk to on the other side: the rest of this channel waits for the next sweep.
_AWAY = frozenset({"unreachable", "timeout", "insecure", "login"})


@job(DELIVER_JOB, every=lambda settings: settings.notify_sweep_seconds)
async def deliver(runtime: Runtime) -> None:
    """Send all that is due; again, or by two at once: nothing is sent twice."""
    await release(runtime)
    settings = runtime.settings
    now = runtime.database.clock.now()
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        old = now - timedelta(days=settings.notify_keep_days)
        await repository.remove_old(uow.session, SYSTEM, old)
        after = timedelta(seconds=settings.notify_sending_seconds)
        await repository.give_up_abandoned(uow.session, SYSTEM, after, settings.notify_attempts)
    channels = open_channels(settings)
    # Side by side: a mail server that hangs holds up no text message.
    async with asyncio.TaskGroup() as group:
        for name in OUTSIDE:
            group.create_task(_empty(runtime, name, channels.get(name)))


# --- what was held -------------------------------------------------------------------------


async def release(runtime: Runtime) -> None:
    """Let go what was held and is due now: several for one person over one channel as one."""
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        if not await repository.only_releaser(uow.session):
            return
        groups: dict[tuple[UUID, str], list[Delivery]] = defaultdict(list)
        for delivery, person in await repository.due_held(uow.session, SYSTEM, uow.now):
            groups[person, delivery.channel].append(delivery)
        digests = [_release(person, held, uow.now) for (person, _), held in groups.items()]
        made = [one for one in digests if one is not None]
        await repository.add_notifications(uow.session, SYSTEM, [row for row, _ in made])
        await uow.session.flush()
        await repository.add_deliveries(uow.session, SYSTEM, [row for _, row in made])


def _release(
    person: UUID, held: Sequence[Delivery], now: datetime
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    if len(held) == 1:
        held[0].state = "waiting"
        return None
    digest: dict[str, Any] = {
        "id": new_id(),
        "staff_id": person,
        "kind": DIGEST_KIND,
        "subject": None,
        "params": {"count": len(held)},
        "urgent": False,
        "shown": False,
        "made_at": now,
        "read_at": None,
        "key": f"digest:{held[0].id}",
    }
    for delivery in held:
        delivery.state, delivery.digest_id = "digested", digest["id"]
    return digest, delivery_row(digest["id"], held[0].channel, now, held=False)


# --- sending -------------------------------------------------------------------------------


async def _empty(runtime: Runtime, name: str, channel: Channel | None) -> None:
    """Send what is due over one channel, until nothing is or the other side is away."""
    while True:
        found = await _claim(runtime, name)
        if not found:
            return
        outcomes = await asyncio.gather(*(_attempt(runtime, channel, one) for one in found))
        away = [one for one in outcomes if one in _AWAY]
        if len(away) == len(outcomes):
            health.went(runtime.database, name, str(away[0]))
            return
        if None in outcomes:
            health.came(runtime.database, name)


async def _claim(runtime: Runtime, name: str) -> list[Claimed]:
    after = timedelta(seconds=runtime.settings.notify_sending_seconds)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        ids = await repository.claim(
            uow.session, SYSTEM, name, uow.now, abandoned_after=after, limit=AT_A_TIME
        )
        if not ids:
            return []
        return await repository.claimed(uow.session, SYSTEM, ids, DIGEST_LINES)


async def _attempt(runtime: Runtime, channel: Channel | None, one: Claimed) -> str | None:
    """Send one and note how it went; the kind of failure, or None."""
    delivery, settings = one.delivery, runtime.settings
    failure: str | None = None
    provider_id: str | None = None
    try:
        letter = letter_of(runtime, one)
        if channel is None:
            raise Failed("not_configured")
        # Half of the claim's time. (A mail server that answers a byte at a time may keep its
        # thread longer; that mail goes again under the same Message-ID.)
        async with asyncio.timeout(settings.notify_sending_seconds / 2):
            provider_id = await channel.send(letter)
    except Failed as error:
        failure = error.kind
    except TimeoutError:
        failure = "timeout"
    except Exception as error:  # noqa: BLE001 - whatever it was, the others must go out
        # Neither the message nor the address: the kind of error and our own lines.
        log.warning("delivery_broke", error=type(error).__name__, where=logs.where(error)[-2:])
        failure = "unexpected"
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        values = _outcome(settings, failure, delivery.attempts, uow.now)
        if failure is None:
            values["provider_id"] = provider_id
        await repository.settle(uow.session, SYSTEM, delivery.id, delivery.attempts, **values)
    # Of a channel that is away one line is enough, until a delivery is given up.
    if failure is not None and not (failure in _AWAY and values["state"] == "waiting"):
        log.warning(
            "delivery_failed",
            channel=delivery.channel,
            id=str(delivery.id),
            attempts=delivery.attempts,
            error=failure,
            again=values["state"] == "waiting",
        )
    return failure


def _outcome(
    settings: Settings, failure: str | None, attempts: int, now: datetime
) -> dict[str, object]:
    """What a delivery's row says after an attempt."""
    if failure is None:
        return {"state": "sent", "sent_at": now, "error": None}
    if failure in AGAIN and attempts < settings.notify_attempts:
        due = now + timedelta(seconds=wait_seconds(settings, attempts))
        return {"state": "waiting", "due_at": due, "error": failure}
    return {"state": "failed", "error": failure}


def letter_of(runtime: Runtime, one: Claimed) -> Letter:
    """A delivery as it leaves the house. Raises Failed."""
    if not one.active:
        raise Failed("recipient_gone")
    channel, told = one.delivery.channel, one.notification
    # A webhook knows people by their logins.
    address = one.login if channel == WEBHOOK else address_of(runtime.keys, one.preference, channel)
    if not address:
        raise Failed("no_address")
    words = _words(one)
    public = runtime.settings.public_url.rstrip("/")
    return Letter(
        id=one.delivery.id,
        kind=told.kind,
        recipient=one.login,
        address=address,
        title=words.title,
        text=words.text,
        urgent=told.urgent,
        made_at=told.made_at,
        again=one.delivery.attempts > 1,
        params=told.params,
        link=f"{public}/cases/{told.subject}" if public and told.subject else "",
    )


def _words(one: Claimed) -> Words:
    language, told = wants_of(one.preference).language, one.notification
    if told.kind != DIGEST_KIND:
        return write(told.kind, told.params, language, urgent=told.urgent)
    parts = [write(part.kind, part.params, language) for part in one.parts]
    return write_digest(parts, language, number=int(told.params["count"]))
