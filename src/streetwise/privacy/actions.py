"""Reading, looking up and forgetting in the vault: each asks, counts and records first.

Whether a viewer may see the thing that an item belongs to is for the room that knows it
(resolve/vault_actions.py); here is what the vault itself demands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel import logs
from streetwise.kernel.clock import wall_now
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Invalid, StreetwiseError, TooManyRequests
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import GRADE_RESTRICTED, GRADE_SENSITIVE, Viewer
from streetwise.privacy import forgetting_repository as concerned
from streetwise.privacy import repository
from streetwise.privacy.fields import (
    ORIGINAL_N,
    SEARCH_MIN_CHARACTERS,
    SEARCHABLE_KINDS,
    normalised,
    purposes,
    readable,
)
from streetwise.privacy.keeping import unwrap
from streetwise.privacy.masking import mask
from streetwise.privacy.tables import VaultReason
from streetwise.privacy.vault import REPORTER_KEY, Vault

declare(
    {
        "vault.read": "A personal value was shown; data: item, n, kind, purpose, and reason where"
        " the purpose wants one.",
        "vault.searched": "The vault was searched by a value; data: kind, purpose, and reason"
        " where the purpose wants one.",
        "vault.forgotten": "Originals were made unreadable for good; data: items, and reporters"
        " and reason unless a restore had brought them back.",
    }
)

log = logs.get(__name__)

#: The window in which values are counted (setting vault_reveals_per_hour).
WINDOW = timedelta(hours=1)
#: The purpose under which a forgetting looks for what it concerns.
FORGET_PURPOSE = "forget"
REASON_MIN_CHARACTERS = 2
#: Originals emptied per transaction after a restore.
SETTLE_ITEMS = 5000


class Forgotten(StreetwiseError):
    """The value was there and its key was destroyed."""

    status = 410
    code = "vault_forgotten"
    title = "Destroyed by regulation"


class Unreadable(StreetwiseError):
    """The value is there and does not open: the keys are not its own, or it was changed."""

    status = 500
    code = "vault_unreadable"
    title = "The vault does not open"


@dataclass(frozen=True, slots=True)
class About:
    """What an entry is about: a case, and who may hear of it."""

    kind: str
    id: UUID | None
    area: str | None = None
    units: Sequence[UUID] = ()
    grade: int = GRADE_SENSITIVE


@dataclass(frozen=True, slots=True)
class Why:
    """The purpose of a reading, and a sentence where the purpose asks for one."""

    purpose: str
    reason: str | None = None


@dataclass
class Destroyed:
    """What a forgetting destroyed: items, and how many reporters' keys."""

    items: list[UUID] = field(default_factory=list)
    reporters: int = 0


async def ask_for_value(
    uow: UnitOfWork,
    viewer: Viewer,
    about: About,
    item_id: UUID,
    n: int,
    why: Why,
    *,
    per_hour: int,
) -> None:
    """Check, count and record the reading of one value. Once this unit commits it may be shown.

    Raises Forbidden, NotFound, Forgotten, Invalid, TooManyRequests; then nothing was recorded.
    """
    viewer.require("vault.read")
    wanted = await _stored(uow.session, viewer, item_id, n)
    if wanted.grade >= GRADE_RESTRICTED:
        viewer.require("vault.read_restricted")
    data = await _why(uow, viewer, why)
    await _count(uow, viewer, per_hour)
    uow.record(
        _entry(viewer, "vault.read", about, item=str(item_id), n=n, kind=wanted.kind, **data)
    )


async def value(
    session: AsyncSession, viewer: Viewer, keys: Keys, item_id: UUID, n: int
) -> tuple[str, str]:
    """(kind, value) of a field whose reading was recorded and committed."""
    wanted = await _stored(session, viewer, item_id, n)
    vault = Vault(keys)
    try:
        key = unwrap(vault, wanted.key)
        reporter = unwrap(vault, wanted.reporter) if wanted.reporter else None
        if n == ORIGINAL_N:
            payload = vault.open(item_id, wanted.item_kind, key, wanted.sealed, reporter)
            return wanted.kind, readable(payload)
        return wanted.kind, vault.open_field(item_id, n, wanted.kind, key, wanted.sealed, reporter)
    except ValueError as error:
        log.error("vault_unreadable", item=str(item_id), n=n)
        raise Unreadable(
            "This value does not open with the keys that are here; tell your administrator"
            " (the keys may be from another backup than the data).",
        ) from error


async def _stored(
    session: AsyncSession, viewer: Viewer, item_id: UUID, n: int
) -> repository.Stored:
    found = await repository.stored(session, viewer, item_id, n)
    if found is None:
        raise Forgotten("This was destroyed by regulation; nobody can read it again.")
    return found


async def search(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, kind: str, wanted: str, why: Why, *,
    per_hour: int, limit: int,
) -> list[UUID]:  # fmt: skip
    """Items with exactly this value, newest first, counted and recorded. The value is not."""
    viewer.require("vault.search")
    checked(kind, wanted)
    data = await _why(uow, viewer, why)
    await _count(uow, viewer, per_hour)
    items, _ = await _items_with(uow, viewer, keys, kind, wanted, limit)
    uow.record(_entry(viewer, "vault.searched", _nothing(viewer), kind=kind, **data))
    return items


async def items_to_forget(
    uow: UnitOfWork,
    viewer: Viewer,
    keys: Keys,
    *,
    items: Sequence[UUID] = (),
    number: tuple[str, str] | None = None,
    whole_reporter: bool = False,
    per_hour: int,
) -> tuple[list[UUID], list[UUID]]:
    """(items, reporters) that a forgetting concerns. A look by number is recorded.

    ``items`` alone: these. ``number`` (kind, value): every item in which it stands, and the
    reporter whose contact number it is with all that is his. ``whole_reporter``: the reporters
    of the items too.
    """
    viewer.require("vault.forget")
    found, reporters = set(items), set[UUID]()
    if number is not None:
        kind, wanted = number
        checked(kind, wanted)
        await _count(uow, viewer, per_hour)
        with_it, reporter = await _items_with(uow, viewer, keys, kind, wanted, None)
        found |= set(with_it)
        reporters |= {reporter} if reporter else set()
        uow.record(
            _entry(viewer, "vault.searched", _nothing(viewer), kind=kind, purpose=FORGET_PURPOSE)
        )
    if whole_reporter:
        reporters |= set(await concerned.reporters_of(uow.session, viewer, list(found)))
    found |= set(await concerned.items_of_reporters(uow.session, viewer, sorted(reporters)))
    return sorted(found), sorted(reporters)


async def destroy(
    uow: UnitOfWork, viewer: Viewer, items: Sequence[UUID], reporters: Sequence[UUID]
) -> Destroyed:
    """Destroy keys, values and indexes. What was destroyed before is not counted again.

    The caller records the entries (``forgotten``): it knows what the items belong to.
    """
    viewer.require("vault.forget")
    locked = await concerned.lock_keys(uow.session, viewer, [*items, *reporters])
    await repository.destroy(uow.session, [key.id for key in locked], uow.now)
    done = Destroyed()
    for key in locked:
        if key.kind == REPORTER_KEY:
            done.reporters += 1
        else:
            done.items.append(key.id)
    return done


def forgotten(viewer: Viewer, about: About, items: int, reporters: int, reason: UUID) -> Entry:
    """The entry of a forgetting, about one case."""
    return _entry(
        viewer, "vault.forgotten", about, items=items, reporters=reporters, reason=str(reason)
    )


async def settle(uow: UnitOfWork, viewer: Viewer, limit: int) -> int:
    """After a restore: empty what is back though its key was destroyed; how many items."""
    left = await concerned.leftovers(uow.session, viewer, limit)
    await repository.destroy(uow.session, left, uow.now)
    if left:
        uow.record(_entry(viewer, "vault.forgotten", _nothing(viewer), items=len(left)))
    return len(left)


def write_reason(uow: UnitOfWork, viewer: Viewer, text: str | None) -> UUID:
    """Store why, masked; entries refer to it. Raises Invalid when nothing is said."""
    words = (text or "").strip()
    if len(words) < REASON_MIN_CHARACTERS:
        raise Invalid("Say why, in a few words (no names, no numbers).", code="reason_needed")
    row = VaultReason(id=new_id(), text=mask(words).text, author=viewer.actor, written_at=uow.now)
    uow.session.add(row)
    return row.id


def checked(kind: str, wanted: str) -> None:
    """Raise Invalid unless this can be looked up. The value is not repeated."""
    if kind not in SEARCHABLE_KINDS:
        raise Invalid(
            f"Values of this kind cannot be looked up; there are {', '.join(SEARCHABLE_KINDS)}.",
            code="kind_not_searchable",
        )
    if len(normalised(kind, wanted)) < SEARCH_MIN_CHARACTERS:
        raise Invalid("Give the whole number; parts are not looked up.", code="value_too_short")


async def _items_with(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, kind: str, wanted: str, limit: int | None
) -> tuple[list[UUID], UUID | None]:
    vault = Vault(keys)
    return await repository.items_with(
        uow.session,
        viewer,
        vault.blind_index(kind, wanted),
        vault.reporter_index(kind, wanted),
        limit=limit,
    )


async def _why(uow: UnitOfWork, viewer: Viewer, why: Why) -> dict[str, Any]:
    purpose = purposes().get(why.purpose)
    if purpose is None:
        raise Invalid(f"Say what it is for: {', '.join(purposes())}.", code="purpose_unknown")
    data: dict[str, Any] = {"purpose": purpose.code}
    if purpose.needs_reason:
        data["reason"] = str(write_reason(uow, viewer, why.reason))
    return data


async def _count(uow: UnitOfWork, viewer: Viewer, per_hour: int) -> None:
    now = wall_now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    if await repository.count_use(uow.session, viewer, hour) > per_hour:
        wait = int((hour + WINDOW - now).total_seconds()) + 1
        raise TooManyRequests(
            f"You have had {per_hour} personal values shown or searched within this hour; go on"
            " in the next one, or ask your administrator for a higher limit.",
            code="vault_too_many",
            per_hour=per_hour,
            retry_after_seconds=wait,
        )


def _nothing(viewer: Viewer) -> About:
    """An entry about no case: a look into the vault as such."""
    return About("vault", None, units=[viewer.unit_id] if viewer.unit_id else [])


def _entry(viewer: Viewer, action: str, about: About, **data: Any) -> Entry:
    return Entry(
        viewer.actor,
        action,
        about.kind,
        about.id,
        area=about.area,
        units=about.units,
        grade=max(about.grade, GRADE_SENSITIVE),
        data=data,
        drill=viewer.drill,
    )


def reason_ids(entries: Iterable[dict[str, Any]]) -> set[UUID]:
    """The reasons that entries refer to."""
    return {UUID(data["reason"]) for data in entries if data.get("reason")}
