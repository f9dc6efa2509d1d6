"""Telling people something, and what they change of how they are told."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.account_words import entry
from streetwise.directory.master_key import RENEWING
from streetwise.kernel import hooks
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork, looking_as
from streetwise.kernel.errors import Invalid, NotFound, TooManyRequests
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.notify import preferences, repository
from streetwise.notify import urgent_repository as urgent
from streetwise.notify.names import CHANNELS, EMAIL, IN_APP, SMS
from streetwise.notify.preferences import Wants
from streetwise.notify.tables import NotifyPreference
from streetwise.notify.when import UTC, when
from streetwise.notify.wording import TEST_KIND, kinds

declare(
    {
        "notify.preferences_changed": (
            "Somebody changed how they are told things; data: which addresses, if any."
        ),
        "notify.acknowledged": (
            "Somebody acknowledged an urgent message, for all whom it was told; data: kind, told."
        ),
        "notify.tested": "Somebody had a test message sent to themselves.",
    }
)

SYSTEM = Viewer.system("notify")
DELIVER_JOB = "notify.deliver"
ADDRESS_PURPOSE = "notify-address"
#: More messages of a kind than this for one person in one transaction become one.
MOST_SINGLE = 3
#: One test message in so long.
TEST_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Message:
    """Something that people are told. ``key`` names the fact: told to each of them once.

    ``kind`` has a template; ``params`` fill it: numbers, classes, units; no words of a citizen,
    no names, no place. ``urgent`` overrides quiet hours and digest.
    """

    kind: str
    key: str
    recipients: Sequence[UUID]
    params: Mapping[str, str | int] = field(default_factory=dict)
    subject: UUID | None = None
    urgent: bool = False


async def notify(uow: UnitOfWork, messages: Iterable[Message]) -> int:
    """Tell people, in this transaction; how many notifications were made.

    Rolled back, nobody is told. However many messages: one job, and for one person who would
    get more than MOST_SINGLE of a kind, one message that counts them.
    """
    personal = [
        (person, message)
        for (person, _, _), group in _grouped(messages).items()
        for message in _summed(group)
    ]
    if not personal:
        return 0
    async with looking_as(uow.session, SYSTEM):
        people = {person for person, _ in personal}
        chosen = await repository.preferences_of(uow.session, SYSTEM, people)
        # Who has chosen nothing has the bell, which rings at once wherever it hangs.
        zone = await zone_of(uow.session) if chosen else UTC
        rows = [_row(uow, person, message, chosen.get(person)) for person, message in personal]
        new = await repository.add_notifications(uow.session, SYSTEM, rows)
        going = [
            delivery
            for row in rows
            if row["id"] in new
            for delivery in _deliveries(uow, row, chosen.get(row["staff_id"]), zone)
        ]
        await repository.add_deliveries(uow.session, SYSTEM, going)
    if any(one["state"] == "waiting" for one in going):
        defer_delivery(uow)
    return len(new)


def defer_delivery(uow: UnitOfWork) -> None:
    """Deliver soon: one job for a transaction."""
    if all(name != DELIVER_JOB for name, _ in uow.jobs):
        uow.defer(DELIVER_JOB)


def _grouped(messages: Iterable[Message]) -> dict[tuple[UUID, str, bool], list[Message]]:
    """(person, kind, urgent) → messages: an urgent one is not hidden among others."""
    found: dict[tuple[UUID, str, bool], list[Message]] = defaultdict(list)
    for message in messages:
        for person in dict.fromkeys(message.recipients):
            found[person, message.kind, message.urgent].append(message)
    return found


def _summed(group: list[Message]) -> list[Message]:
    """Few as they are, many as one: with their number, and what they have in common."""
    if len(group) <= MOST_SINGLE:
        return group
    first = group[0]
    common = {
        name: value
        for name, value in first.params.items()
        if all(one.params.get(name) == value for one in group)
    }
    named = hashlib.sha256("\n".join(sorted(one.key for one in group)).encode()).hexdigest()
    return [
        Message(
            first.kind,
            f"many:{named}",
            first.recipients,
            {**common, "count": len(group)},
            urgent=first.urgent,
        )
    ]


async def zone_of(session: AsyncSession) -> ZoneInfo:
    """The street's time zone; before there is a street, UTC."""
    try:
        home = await directory.area(session, SYSTEM, None)
    except NotFound:
        return UTC
    return ZoneInfo(home.timezone)


def wants_of(row: NotifyPreference | None) -> Wants:
    """What a row says."""
    if row is None:
        return Wants()
    return Wants(row.channels, row.quiet_from, row.quiet_to, row.digest_at, row.language)


def _row(
    uow: UnitOfWork, person: UUID, message: Message, chosen: NotifyPreference | None
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "staff_id": person,
        "kind": message.kind,
        "subject": message.subject,
        "params": dict(message.params),
        "urgent": message.urgent,
        "shown": IN_APP in wants_of(chosen).of(message.kind),
        "made_at": uow.now,
        "read_at": None,
        "key": message.key,
    }


def _deliveries(
    uow: UnitOfWork, row: Mapping[str, Any], chosen: NotifyPreference | None, zone: ZoneInfo
) -> list[dict[str, Any]]:
    wants = wants_of(chosen)
    # Who asks for a test wants to see it now.
    urgent = row["urgent"] or row["kind"] == TEST_KIND
    due = when(uow.now, zone, wants.habits(), urgent=urgent)
    return [
        delivery_row(row["id"], channel, due, held=due > uow.now)
        for channel in wants.of(row["kind"])
        if channel != IN_APP
    ]


def delivery_row(notification: UUID, channel: str, due: datetime, *, held: bool) -> dict[str, Any]:
    """A delivery as it begins."""
    return {
        "id": new_id(),
        "notification_id": notification,
        "channel": channel,
        "state": "held" if held else "waiting",
        "attempts": 0,
        "due_at": due,
    }


# --- urgent ones ---------------------------------------------------------------------------


async def acknowledge(uow: UnitOfWork, viewer: Viewer, notification_id: UUID) -> None:
    """Take up an urgent message: it sounds no more, for nobody whom it was told.

    NotFound: another's, or gone. One that was acknowledged, or is not urgent, stays as it is.
    """
    one = await urgent.own(uow.session, viewer, notification_id)
    if one is None:
        raise NotFound("There is no such notification of yours.", id=str(notification_id))
    async with looking_as(uow.session, SYSTEM):
        told = await urgent.acknowledge(uow.session, SYSTEM, one.key, viewer.staff_id, uow.now)
    if told:
        await repository.mark_read(uow.session, viewer, uow.now, only=one.id)
        data = {"kind": one.kind, "told": told}
        uow.record(Entry(viewer.actor, "notify.acknowledged", "notification", one.id, data=data))


# --- one's own preferences -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """Preferences as a form brings them. Addresses: None keeps, empty removes."""

    wants: Wants
    email: str | None = None
    mobile: str | None = None


async def set_preferences(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, configured: Sequence[str], change: Change
) -> None:
    """Take a person's own preferences; what is held of theirs goes by them from now on."""
    assert viewer.staff_id is not None
    wants = change.wants
    _check(wants, configured)
    row = await repository.preference(uow.session, viewer, lock=True)
    if row is None:
        row = NotifyPreference(staff_id=viewer.staff_id)
        uow.session.add(row)
    row.channels = {kind: list(dict.fromkeys(chosen)) for kind, chosen in wants.channels.items()}
    row.quiet_from, row.quiet_to = wants.quiet_from, wants.quiet_to
    row.digest_at, row.language = wants.digest_at, wants.language
    if change.email is not None:
        row.email_sealed = _sealed(keys, viewer.staff_id, EMAIL, change.email)
    if change.mobile is not None:
        row.mobile_sealed = _sealed(keys, viewer.staff_id, SMS, change.mobile)
    _check_addresses(wants, row)
    zone = await zone_of(uow.session)
    for delivery, notification in await repository.held_of(uow.session, viewer):
        # From when it was made: what has waited long enough by the new times goes now.
        delivery.due_at = when(
            notification.made_at, zone, wants.habits(), urgent=notification.urgent
        )
    told = {name: True for name in ("email", "mobile") if getattr(change, name) is not None}
    uow.record(entry(viewer.actor, "notify.preferences_changed", viewer.staff_id, **told))


def _check(wants: Wants, configured: Sequence[str]) -> None:
    for kind, chosen in wants.channels.items():
        if kind not in kinds():
            raise Invalid("There is no such kind of notification.", code="notify_kind_unknown")
        if not set(chosen) <= set(CHANNELS):
            raise Invalid("There is no such channel.", code="notify_channel_unknown")
        if not set(chosen) <= set(configured):
            raise Invalid(
                "This channel is not set up here; ask your administrator.",
                code="notify_channel_off",
            )
    if (wants.quiet_from is None) != (wants.quiet_to is None):
        raise Invalid("Quiet hours need a beginning and an end.", code="quiet_hours_half")
    if wants.quiet_from is not None and wants.quiet_from == wants.quiet_to:
        raise Invalid("Quiet hours must end at another time.", code="quiet_hours_empty")


def _check_addresses(wants: Wants, row: NotifyPreference) -> None:
    chosen = {one for channels in wants.channels.values() for one in channels}
    for channel, sealed in ((EMAIL, row.email_sealed), (SMS, row.mobile_sealed)):
        if channel in chosen and sealed is None:
            raise Invalid("This channel needs your address.", code="notify_address_needed")


def _sealed(keys: Keys, staff_id: UUID, channel: str, address: str) -> bytes | None:
    address = address.strip()
    if not address:
        return None
    pattern = preferences.EMAIL if channel == EMAIL else preferences.MOBILE
    if not pattern.fullmatch(address):
        raise Invalid("This is no address that can be written to.", code="notify_address_unfit")
    return keys.sealer(ADDRESS_PURPOSE).seal(address.encode(), _context(staff_id, channel))


def address_of(keys: Keys, row: NotifyPreference | None, channel: str) -> str:
    """A person's address, opened; empty: none."""
    sealed = None
    if row is not None:
        sealed = {EMAIL: row.email_sealed, SMS: row.mobile_sealed}[channel]
    if row is None or sealed is None:
        return ""
    return keys.sealer(ADDRESS_PURPOSE).open(sealed, _context(row.staff_id, channel)).decode()


def _context(staff_id: UUID, channel: str) -> bytes:
    return f"{channel}:{staff_id}".encode()


async def _renew_addresses(*, session: AsyncSession, viewer: Viewer, keys: Keys) -> list[int]:
    renew, done = keys.sealer(ADDRESS_PURPOSE).renewed, 0
    for row in await repository.with_addresses(session, viewer):
        for channel, column in ((EMAIL, "email_sealed"), (SMS, "mobile_sealed")):
            sealed = getattr(row, column)
            if sealed is not None and (anew := renew(sealed, _context(row.staff_id, channel))):
                setattr(row, column, anew)
                done += 1
    return [done]


hooks.register(RENEWING, _renew_addresses)


async def send_test(uow: UnitOfWork, viewer: Viewer) -> None:
    """Send oneself a test message over every channel that one has chosen. At most one a minute."""
    assert viewer.staff_id is not None
    minute = int(uow.now.timestamp() // TEST_EVERY.total_seconds())
    message = Message(TEST_KIND, f"test:{minute}", [viewer.staff_id])
    if not await notify(uow, [message]):
        raise TooManyRequests(
            "A test message has just been sent; wait a minute.",
            code="notify_test_again",
            retry_after_seconds=int(TEST_EVERY.total_seconds()),
        )
    uow.record(entry(viewer.actor, "notify.tested", viewer.staff_id))
