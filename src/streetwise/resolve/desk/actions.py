"""What an officer says of a signal that is no case: read, or a case after all."""

from __future__ import annotations

from uuid import UUID

from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import lists, repository
from streetwise.resolve.desk import repository as desk
from streetwise.resolve.lists import Row
from streetwise.resolve.opening import Choice
from streetwise.resolve.tables import Aside
from streetwise.resolve.triage import assign

declare(
    {
        "signal.settled": "A message that is no case was read, or answered; data: what (thanks,"
        " question, nonsense).",
    }
)

CAPABILITY = "case.correct"
SYSTEM = Viewer.system("desk")


async def settle(uow: UnitOfWork, viewer: Viewer, signal_id: UUID) -> None:
    """A message was read, and nothing more is to be done about it."""
    viewer.require(CAPABILITY)
    aside = await _waiting(uow, viewer, signal_id)
    aside.state, aside.settled_at = desk.SETTLED, uow.now
    uow.record(
        Entry(
            viewer.actor,
            "signal.settled",
            "signal",
            signal_id,
            area=aside.area,
            data={"what": aside.kind},
            drill=viewer.drill,
        )
    )


async def open_case(uow: UnitOfWork, viewer: Viewer, signal_id: UUID) -> Row:
    """It is a case after all: one is opened from it, as triage would have done.

    ``uow`` is the system's: the new case may lie where the officer sees none.
    """
    viewer.require(CAPABILITY)
    await repository.lock_triage(uow.session)
    aside = await _waiting(uow, viewer, signal_id)
    aside.state, aside.settled_at = desk.CASE, uow.now
    await uow.session.flush()
    await assign(uow, SYSTEM, [signal_id], {signal_id: Choice()}, by=viewer)
    found = await repository.cases_of_signals(uow.session, SYSTEM, [signal_id])
    (row,) = await lists.by_ids(uow.session, SYSTEM, [found[signal_id]])
    return row


async def _waiting(uow: UnitOfWork, viewer: Viewer, signal_id: UUID) -> Aside:
    aside = await desk.aside(uow.session, viewer, signal_id)
    if aside.state != desk.OPEN:
        raise Conflict("Somebody has dealt with this message already.", code="aside_settled")
    return aside
