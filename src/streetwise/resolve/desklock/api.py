"""Routes of desk locks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.resolve.desklock import actions, repository
from streetwise.resolve.desklock.schemas import LocksView, LockView
from streetwise.resolve.desklock.tables import DeskLock

router = APIRouter(tags=["desk"], route_class=ShownRoute)

Current = Annotated[Deps, Depends(current)]


def _lasts(deps: Deps) -> timedelta:
    return timedelta(minutes=deps.runtime.settings.desk_lock_minutes)


async def _views(session: AsyncSession, deps: Deps, locks: Sequence[DeskLock]) -> list[LockView]:
    names = await directory.staff_names(session, deps.viewer, {lock.staff_id for lock in locks})
    return [
        LockView(
            case=lock.case_id,
            by=names[lock.staff_id][0] if lock.staff_id in names else "",
            mine=lock.staff_id == deps.viewer.staff_id,
            taken_at=lock.taken_at,
            until=lock.until,
        )
        for lock in locks
    ]


@router.get("/desk/locks", openapi_extra=needs("case.read"))
async def desk_locks(
    deps: Current, area: Annotated[str | None, Query(max_length=100)] = None
) -> LocksView:
    """Which cases somebody has open at the desk."""
    deps.viewer.require("case.read")
    now = deps.runtime.database.clock.now()
    async with deps.runtime.database.read(deps.viewer) as session:
        here = await directory.area(session, deps.viewer, area)
        locks = await repository.held(session, deps.viewer, here.code, now)
        return LocksView(locks=await _views(session, deps, locks))


@router.post("/cases/{case_id}/lock", openapi_extra=needs(*actions.CAPABILITIES))
async def take_lock(deps: Current, case_id: UUID) -> LockView | None:
    """Say that the viewer has this case open; who has it, which may be another. Gives back what
    the viewer had open before.
    """
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        lock = await actions.take(uow, deps.viewer, case_id, _lasts(deps))
        return (await _views(uow.session, deps, [lock]))[0] if lock else None


@router.post("/cases/{case_id}/lock/break", openapi_extra=needs(*actions.CAPABILITIES))
async def break_lock(deps: Current, case_id: UUID) -> LockView | None:
    """Take over a case that another has open."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        lock = await actions.take_over(uow, deps.viewer, case_id, _lasts(deps))
        return (await _views(uow.session, deps, [lock]))[0] if lock else None


@router.delete("/desk/locks", openapi_extra=needs(*actions.CAPABILITIES), status_code=204)
async def free_locks(deps: Current) -> None:
    """Give back what the viewer has open."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await actions.free(uow, deps.viewer)
