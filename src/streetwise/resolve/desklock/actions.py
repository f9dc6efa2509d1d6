"""Taking, breaking and giving back the lock of a case that is open at the desk (正在处理此件).

It keeps two officers from thinking about the same case; it refuses nothing. Whoever acts all the
same is held up by the case's version alone. An officer has one case open at a time.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.desklock import repository
from streetwise.resolve.desklock.tables import DeskLock
from streetwise.resolve.tables import Case, units_of

declare(
    {
        "desk.taken": "An officer opened a case to decide on it; data: case, freed (cases that"
        " the same officer had open before).",
        "desk.freed": "An officer has no case open any more; data: freed.",
        "desk.broken": "An officer took over a case that another had open (接手); data: was"
        " (whose it was).",
    }
)

#: Who decides at a desk; any of these.
CAPABILITIES = ("case.accept", "case.dispatch", "case.correct")
LOCK_KIND = "desk_lock"


def require_desk(viewer: Viewer) -> None:
    """Raise Forbidden for those who decide on no case."""
    if not any(viewer.may(one) for one in CAPABILITIES):
        viewer.require(CAPABILITIES[-1])


async def take(uow: UnitOfWork, viewer: Viewer, case_id: UUID, lasts: timedelta) -> DeskLock | None:
    """Say that the viewer has this case open; the lock as it stands, another's if it is taken.

    None for who is no member of staff. NotFound for a case that the viewer does not see. Taken
    again before half of its time is over, it stays as it is.
    """
    require_desk(viewer)
    case = await cases.case(uow.session, viewer, case_id)
    if viewer.staff_id is None:
        return None
    lock = await repository.of_case(uow.session, viewer, case_id)
    # One's own is renewed when half of it is over, another's is left.
    fresh = uow.now + lasts / 2
    if lock is not None and lock.until > (fresh if lock.staff_id == viewer.staff_id else uow.now):
        return lock
    return await _take(uow, viewer, case, lasts, by_force=False)


async def take_over(
    uow: UnitOfWork, viewer: Viewer, case_id: UUID, lasts: timedelta
) -> DeskLock | None:
    """Break another's lock; it is the viewer's then. Conflict where nobody else holds one."""
    require_desk(viewer)
    case = await cases.case(uow.session, viewer, case_id)
    lock = await repository.of_case(uow.session, viewer, case_id)
    if lock is None or lock.until <= uow.now or lock.staff_id == viewer.staff_id:
        raise Conflict(
            f"Nobody else has {case.number} open (any more).",
            code="desk_not_locked",
            number=case.number,
        )
    was = str(lock.staff_id)
    taken = await _take(uow, viewer, case, lasts, by_force=True)
    uow.record(_entry(viewer, case, "desk.broken", "case", case.id, {"was": was}))
    return taken


async def free(uow: UnitOfWork, viewer: Viewer) -> None:
    """Give back what the viewer has open."""
    require_desk(viewer)
    freed = await repository.free(uow.session, viewer, uow.now)
    known = await cases.cases_by_id(uow.session, viewer, freed)
    for case in known.values():
        data = {"freed": [str(case.id)]}
        uow.record(_entry(viewer, case, "desk.freed", LOCK_KIND, None, data))


async def _take(
    uow: UnitOfWork, viewer: Viewer, case: Case, lasts: timedelta, *, by_force: bool
) -> DeskLock | None:
    got = await repository.take(
        uow.session, viewer, case, uow.now, uow.now + lasts, by_force=by_force
    )
    if got:
        freed = await repository.free(uow.session, viewer, uow.now, besides=case.id)
        data = {"case": str(case.id), "freed": [str(one) for one in freed]}
        uow.record(_entry(viewer, case, "desk.taken", LOCK_KIND, None, data))
    lock = await repository.of_case(uow.session, viewer, case.id)
    if lock is not None:
        # Written past the session.
        await uow.session.refresh(lock)
    return lock


def _entry(
    viewer: Viewer, case: Case, action: str, kind: str, subject: UUID | None, data: dict[str, Any]
) -> Entry:
    return Entry(
        viewer.actor,
        action,
        kind,
        subject,
        area=case.area,
        units=units_of(case),
        grade=case.grade,
        data=data,
        drill=viewer.drill,
    )
