"""Routes of warn: warnings with their evidence, notes on the data, the forecast, the rounds."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.kernel.errors import Invalid
from streetwise.kernel.if_match import version_of
from streetwise.warn import repository, rounds, tasks_repository, views
from streetwise.warn.repository import WarningFilter
from streetwise.warn.schemas import (
    ForecastView,
    NotesView,
    RoundsView,
    TaskView,
    WarningPage,
    WarningView,
)

router = APIRouter(prefix="/warn", tags=["warn"], route_class=ShownRoute)

Current = Annotated[Deps, Depends(current)]
IfMatch = Annotated[str | None, Header()]
AreaCode = Annotated[str | None, Query(max_length=100)]
READS = needs("warning.read")


@router.get("/warnings", openapi_extra=READS)
async def list_warnings(
    deps: Current,
    area: AreaCode = None,
    over: bool | None = None,
    category: Annotated[str | None, Query(max_length=200, pattern="^[^:]+:.+$")] = None,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> WarningPage:
    """Warnings, what was told last first. ``category``: scheme:code."""
    viewer = deps.viewer
    repository.require_warnings(viewer)
    scheme, _, code = (category or "").partition(":")
    async with deps.runtime.database.read(viewer) as session:
        here = (await directory.area(session, viewer, area)).code
        wanted = WarningFilter(here, over, (scheme, code) if category else None)
        rows = await repository.warnings(
            session, viewer, wanted, after=_after(cursor), limit=limit + 1
        )
        items = await views.warning_rows(session, viewer, rows[:limit])
        night = views.night_view(await repository.last_run(session, viewer, here))
        hindsight = await repository.hindsight_count(session, viewer, here)
    last = rows[limit - 1] if len(rows) > limit else None
    return WarningPage(
        items=items,
        night=night,
        hindsight=hindsight,
        next=f"{last.told_at.isoformat()}~{last.id}" if last else None,
    )


def _after(cursor: str | None) -> tuple[datetime, UUID] | None:
    if cursor is None:
        return None
    at, _, number = cursor.partition("~")
    try:
        found = datetime.fromisoformat(at)
        if found.tzinfo is None:
            raise ValueError
        return found, UUID(number)
    except ValueError:
        raise Invalid("This is no place in the list.", code="cursor") from None


@router.get("/warnings/{warning_id}", openapi_extra=READS)
async def get_warning(deps: Current, warning_id: UUID, response: Response) -> WarningView:
    """One warning with its evidence; its version is the ETag."""
    async with deps.runtime.database.read(deps.viewer) as session:
        row = await repository.warning(session, deps.viewer, warning_id)
        view = await views.warning_view(session, deps.viewer, row)
    response.headers["ETag"] = f'"{view.version}"'
    return view


@router.get("/notes", openapi_extra=READS)
async def list_notes(deps: Current, area: AreaCode = None) -> NotesView:
    """What the last night found out about the data itself."""
    viewer = deps.viewer
    repository.require_warnings(viewer)
    async with deps.runtime.database.read(viewer) as session:
        here = (await directory.area(session, viewer, area)).code
        run = await repository.last_run(session, viewer, here, done=True)
        rows = await repository.notes(session, viewer, run.id) if run else []
        items = await views.note_views(session, viewer, rows)
    return NotesView(items=items, night=views.night_view(run))


@router.get("/forecast", openapi_extra=READS)
async def get_forecast(
    deps: Current,
    area: AreaCode = None,
    days: Annotated[Literal["1", "7", "28"], Query()] = "7",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ForecastView:
    """How many reports the next days bring: the whole area first, then where most come."""
    viewer = deps.viewer
    repository.require_warnings(viewer)
    async with deps.runtime.database.read(viewer) as session:
        here = (await directory.area(session, viewer, area)).code
        run = await repository.last_run(session, viewer, here, done=True)
        found = await repository.forecasts(session, viewer, run.id, int(days), limit) if run else []
        items = await views.outlook_views(session, viewer, found)
    return ForecastView(items=items, night=views.night_view(run), days=int(days))


@router.get("/rounds", openapi_extra=READS)
async def get_rounds(deps: Current, area: AreaCode = None) -> RoundsView:
    """Where to look before anybody complains, and how that went of late."""
    viewer = deps.viewer
    repository.require_warnings(viewer)
    now = deps.runtime.database.clock.now()
    async with deps.runtime.database.read(viewer) as session:
        here = (await directory.area(session, viewer, area)).code
        run = await repository.last_run(session, viewer, here, done=True)
        day = await tasks_repository.last_day(session, viewer, here)
        rows = await tasks_repository.tasks_of_day(session, viewer, here, day) if day else []
        items = await views.task_views(session, viewer, rows, now)
        score = await rounds.score(session, viewer, here, now)
        shown = await views.score_view(session, viewer, score, run)
    return RoundsView(day=day, items=items, score=shown, night=views.night_view(run))


@router.post("/rounds/{task_id}/agree", openapi_extra=needs("preventive.agree"))
async def agree(
    deps: Current, task_id: UUID, response: Response, if_match: IfMatch = None
) -> TaskView:
    """Agree to a preventive task; it becomes a case."""
    viewer = deps.viewer
    viewer.require(repository.AGREE)
    version = version_of(if_match, "task")
    async with deps.runtime.database.unit_of_work(viewer) as uow:
        await rounds.agree(uow, viewer, deps.runtime.keys, task_id, version)
    now = deps.runtime.database.clock.now()
    async with deps.runtime.database.read(viewer) as session:
        row = await tasks_repository.task(session, viewer, task_id)
        (view,) = await views.task_views(session, viewer, [row], now)
    response.headers["ETag"] = f'"{view.version}"'
    return view
