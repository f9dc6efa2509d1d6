"""A second look by a camera or a sensor: the seam. What has a device verifies, and what it sees.

A room that has devices registers once::

    hooks.register(seeing.WATCHING, answer)   # async def answer(*, session, case_id) -> [Watcher]

and says of each case which of its devices can see the place. After each look it calls
``seen_clear`` or ``seen_again``, as often as it likes. From then on this room answers "no" to the
closing of a case that a device still sees, passes the check of a case that was seen to be clear
often enough, and opens a case again that a device found and sees again; of one that somebody told
of it says so to whoever may open it. A device never says that a case failed its check: that it
still sees something may have other reasons, and somebody looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.kernel import hooks
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork, looking_as
from streetwise.kernel.errors import Conflict, Invalid
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import actions, loop
from streetwise.resolve.inputs import Inputs
from streetwise.resolve.tables import Case, units_of
from streetwise.resolve.telling import News, tell
from streetwise.resolve.verify import repository
from streetwise.resolve.verify.actions import reported_at
from streetwise.resolve.verify.tables import CaseSighting
from streetwise.resolve.verify.ways import DEVICE

declare(
    {
        "case.seen_again": "A camera or a sensor sees the problem of a case that was through with"
        " it; data: device, kind, at.",
    }
)

#: Who is asked which devices can see a case.
WATCHING = "case.watching"
SYSTEM = Viewer.system("seeing")

Kind = Literal["camera", "sensor"]


@dataclass(frozen=True, slots=True)
class Watcher:
    """A device that can see a case's place.

    ``device``: what its room calls it, as people read it. ``looks``: so many clear looks running
    (M clear frames) are enough. ``found``: it was this one's room that found the case.
    """

    device: str
    kind: Kind
    looks: int
    found: bool = False


async def watchers(session: AsyncSession, case_id: UUID) -> list[Watcher]:
    """Who can verify this case? The devices that see its place, by whatever rooms have some."""
    found: list[Watcher] = await hooks.answers(WATCHING, session=session, case_id=case_id)
    return found


async def seen_clear(
    uow: UnitOfWork, keys: Keys, case_id: UUID, device: str, at: datetime, looks: int = 1
) -> Case:
    """A device looked so often, last at ``at``, and the problem was not there; the case.

    When it was clear often enough since the unit reported it done and it was seen last, a case
    that waits for its check passes. An older look than the last one changes nothing. Raises
    NotFound, Conflict (this device does not see the case), Invalid (fewer than one look).
    """
    if looks < 1:
        raise Invalid("Nobody looked.", code="no_look")
    case, watcher, row = await _looked(uow, case_id, device)
    last = max(filter(None, (row.seen_at, row.clear_at)), default=None)
    if last is not None and at <= last:
        return case
    before, row.clear_at = row.clear_at, at
    if case.state != loop.REPORTED:
        # A look while somebody works there says nothing of what is left when they have gone.
        row.clear = 0
        return case
    since = await reported_at(uow.session, SYSTEM, case)
    if at < since:
        return case
    row.clear = row.clear + looks if before is not None and before >= since else looks
    if row.clear >= watcher.looks:
        await verified_by_device(uow, keys, case, row)
    return case


async def verified_by_device(uow: UnitOfWork, keys: Keys, case: Case, row: CaseSighting) -> None:
    """The case passes its check by what a device saw, in the journal with which and how often."""
    more: dict[str, Any] = {"device": row.device, "clear": row.clear}
    if row.clear_at is not None:
        more["at"] = row.clear_at.isoformat()
    inputs = Inputs(result="pass", way=DEVICE)
    async with looking_as(uow.session, SYSTEM):
        await actions.take(uow, SYSTEM, keys, case, "verify", inputs, more)


async def seen_again(uow: UnitOfWork, keys: Keys, case_id: UUID, device: str, at: datetime) -> Case:
    """A device looked at ``at``, and the problem is there; the case that is open for it now.

    Not closed: its closing is refused from now on. Closed: opened again where devices found it;
    else whoever may open it hears of it. An older look than the last one changes nothing. Raises
    NotFound, Conflict (this device does not see the case).
    """
    case, watcher, row = await _looked(uow, case_id, device)
    last = max(filter(None, (row.seen_at, row.clear_at)), default=None)
    if last is not None and at <= last:
        return case
    new = not repository.still_sees(row)
    row.seen_at, row.clear = at, 0
    if case.state == loop.CLOSED and case.merged_into is None and watcher.found:
        async with looking_as(uow.session, SYSTEM):
            return await actions.reopen(uow, SYSTEM, keys, case.id, watcher.kind)
    # Told once: it goes on being there until it is seen to be clear.
    if new and case.state in (loop.VERIFIED, loop.CLOSED):
        await _say(uow, case, row, at)
    return case


async def _looked(
    uow: UnitOfWork, case_id: UUID, device: str
) -> tuple[Case, Watcher, CaseSighting]:
    session = uow.session
    async with looking_as(session, SYSTEM):
        case = await actions.locked(uow, SYSTEM, case_id)
        mine = [one for one in await watchers(session, case_id) if one.device == device]
        if not mine:
            raise Conflict(
                f"{device} does not see {case.number}.", code="not_watching", number=case.number
            )
        row = await repository.sighting(session, SYSTEM, case_id, device, mine[0].kind)
    return case, mine[0], row


async def _say(uow: UnitOfWork, case: Case, row: CaseSighting, at: datetime) -> None:
    uow.record(
        Entry(
            SYSTEM.actor,
            "case.seen_again",
            "case",
            case.id,
            area=case.area,
            units=units_of(case),
            grade=case.grade,
            data={"device": row.device, "kind": row.kind, "at": at.isoformat()},
        )
    )
    key = f"seen_again:{case.id}:{row.device}:{at.isoformat()}"
    await tell(uow, SYSTEM, [News(case, "case.seen_again", key)])


async def _still_seen(*, session: AsyncSession, case_id: UUID) -> str | None:
    """Why a case may not be closed: one of its devices sees the problem still. In both languages:
    the reason is shown as it is.
    """
    async with looking_as(session, SYSTEM):
        rows = await repository.sightings(session, SYSTEM, case_id)
        # One that was switched off, or looks elsewhere now, would never say that it is gone.
        looking = {one.device for one in await watchers(session, case_id)} if rows else set()
    seeing = (row.device for row in rows if repository.still_sees(row) and row.device in looking)
    device = next(seeing, None)
    return f"{device}（仍看到 / still sees it）" if device else None


hooks.register(actions.CLOSING_HOOK, _still_seen)
