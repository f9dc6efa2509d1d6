"""Routes of resolve: lists, the case, its actions, photos, overview, map."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, File, Form, Header, Query, Response, UploadFile
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel import journal
from streetwise.kernel.access import needs
from streetwise.kernel.errors import Invalid, StaleVersion
from streetwise.kernel.files import read_photo
from streetwise.kernel.if_match import version_of
from streetwise.kernel.problems import problem_of
from streetwise.kernel.shown import sends
from streetwise.resolve import actions, lists, numbers_repository, photos, repository, views
from streetwise.resolve.inputs import Inputs, Item
from streetwise.resolve.lists import Filter
from streetwise.resolve.schemas import (
    ActionForm,
    BulkForm,
    BulkResult,
    CasePage,
    CaseView,
    CounterView,
    FileView,
    MapCases,
    OverviewView,
    Picture,
    RefusedCase,
)
from streetwise.resolve.verify.taken import Taken
from streetwise.resolve.words import Count

router = APIRouter(tags=["resolve"], route_class=ShownRoute)

NEEDS_ME = 20
FEED = 30
#: Steps of something that has its own line at its beginning and end.
NOT_NEWS = ("import.rows", "photo.uploaded", "desk.taken", "desk.freed")
PAGE_MAX = 200

Current = Annotated[Deps, Depends(current)]


def _soon(deps: Deps) -> timedelta:
    return timedelta(hours=deps.runtime.settings.due_soon_hours)


@router.get("/cases", openapi_extra=needs("case.read"))
async def list_cases(
    deps: Current,
    area: Annotated[str | None, Query(max_length=100)] = None,
    state: Annotated[list[str] | None, Query(max_length=10)] = None,
    unit: Annotated[str | None, Query(max_length=100)] = None,
    category: Annotated[str | None, Query(max_length=200)] = None,
    grid: Annotated[str | None, Query(max_length=100)] = None,
    due: Annotated[str | None, Query(max_length=20)] = None,
    mine: Annotated[bool, Query()] = False,
    back: Annotated[str | None, Query(max_length=20)] = None,
    q: Annotated[str | None, Query(max_length=100)] = None,
    opened: Annotated[str | None, Query(pattern="^today$")] = None,
    closed: Annotated[str | None, Query(pattern="^today$")] = None,
    sort: Annotated[str, Query(max_length=20)] = "due",
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 50,
) -> CasePage:
    """A page of cases. ``state=open`` is all but closed; ``category`` is scheme:code.

    ``q`` looks in titles, numbers and places; the name of somebody who is on duty also finds the
    cases of that person's unit.

    The first page says how many there are; those behind a cursor do not count again.
    """
    deps.viewer.require("case.read")
    now, soon = deps.runtime.database.clock.now(), _soon(deps)
    async with deps.runtime.database.read(deps.viewer) as session:
        since = None
        if opened or closed:
            zone = (await directory.area(session, deps.viewer, area)).timezone
            since = _midnight(now, zone)
        wanted = Filter(
            area=area,
            states=tuple(state or ()),
            unit=unit,
            category=category,
            grid=grid,
            due=due,
            mine=mine,
            back=back,
            words=q,
            opened_since=since if opened else None,
            closed_since=since if closed else None,
        )
        wanted = await lists.with_people(session, deps.viewer, wanted, now)
        page = await lists.page(
            session,
            deps.viewer,
            wanted,
            sort=sort,
            cursor=cursor,
            limit=limit,
            now=now,
            soon=soon,
        )
        counted = page.count
        if cursor is None and counted is None:
            counted = await lists.count(session, deps.viewer, wanted, now, soon)
    return CasePage(
        items=[views.case_row(row, now, soon) for row in page.rows],
        next_cursor=page.next_cursor,
        count=Count(value=counted[0], exact=counted[1]) if counted else None,
    )


@router.get("/cases/{case_id}", openapi_extra=needs("case.read", hides=True))
async def get_case(deps: Current, case_id: UUID, response: Response) -> CaseView:
    """A case, whole; its version is the ETag."""
    async with deps.runtime.database.read(deps.viewer) as session:
        return await _case(session, deps, case_id, response)


async def _case(session: AsyncSession, deps: Deps, case_id: UUID, response: Response) -> CaseView:
    now = deps.runtime.database.clock.now()
    view = await views.case_view(
        session,
        deps.viewer,
        case_id,
        now,
        _soon(deps),
        deps.runtime.settings.dispatch_border_metres,
        deps.runtime.settings.photo_far_metres,
    )
    response.headers["ETag"] = f'"{view.version}"'
    return view


@router.post("/cases/{case_id}/actions/{action}", openapi_extra=needs("case.{action}"))
async def act_on_case(
    deps: Current,
    case_id: UUID,
    action: str,
    form: ActionForm,
    response: Response,
    if_match: Annotated[str | None, Header()] = None,
) -> CaseView | None:
    """Take an action on the version of the case that ``If-Match`` names.

    Nothing comes back where it is out of the viewer's sight now: a unit that has returned a case.
    """
    item = Item(case_id, version_of(if_match, "case"))
    try:
        async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
            result = await actions.act(
                uow, deps.viewer, deps.runtime.keys, action, [item], _inputs(form)
            )
            if result.refused:
                # Raised inside, so that the unit of work rolls back.
                raise result.refused[0][2]
    except StaleVersion as stale:
        await _say_who(deps, case_id, stale)
        raise
    async with deps.runtime.database.read(deps.viewer) as session:
        if not await repository.seen(session, deps.viewer, case_id):
            return None
        return await _case(session, deps, case_id, response)


async def _say_who(deps: Deps, case_id: UUID, stale: StaleVersion) -> None:
    """Add to a stale version who changed the case, when, and how."""
    async with deps.runtime.database.read(deps.viewer) as session:
        entries = await journal.read(
            session, deps.viewer, subject=case_id, newest_first=True, limit=1
        )
        shown = await views.entry_views(session, deps.viewer, entries)
    if shown:
        last = shown[0]
        stale.params["current"] = {
            **stale.params["current"],
            "action": last.action,
            "by": last.actor.name if last.actor else None,
            "at": last.at.isoformat(),
        }


@router.post("/cases/actions/{action}", openapi_extra=needs("case.{action}"))
async def act_on_cases(deps: Current, action: str, form: BulkForm) -> BulkResult:
    """Take one action on many cases; each is done or refused for itself."""
    items = [Item(item.id, item.version) for item in form.items]
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        result = await actions.act(
            uow, deps.viewer, deps.runtime.keys, action, items, _inputs(form)
        )
    now = deps.runtime.database.clock.now()
    async with deps.runtime.database.read(deps.viewer) as session:
        rows = await lists.by_ids(session, deps.viewer, [case.id for case in result.done])
    return BulkResult(
        done=[views.case_row(row, now, _soon(deps)) for row in rows],
        refused=[
            RefusedCase(id=case_id, number=number, problem=problem_of(error))
            for case_id, number, error in result.refused
        ],
    )


def _inputs(form: ActionForm) -> Inputs:
    note = form.note.strip() if form.note else None
    return Inputs(
        form.unit,
        note or None,
        tuple(form.photos),
        form.result,
        tuple(form.units),
        form.until,
        form.outcome,
        form.ground,
        form.body.strip() if form.body else None,
        form.way,
        tuple(dict.fromkeys(form.met)),
    )


@router.get("/overview", openapi_extra=needs("case.read"))
async def overview(
    deps: Current, area: Annotated[str | None, Query(max_length=100)] = None
) -> OverviewView:
    """What needs the viewer now, six numbers, and what has happened."""
    viewer = deps.viewer
    viewer.require("case.read")
    now, soon = deps.runtime.database.clock.now(), _soon(deps)
    async with deps.runtime.database.read(deps.viewer) as session:
        here = await directory.area(session, viewer, area)
        found = await numbers_repository.six(
            session,
            viewer,
            here.code,
            day_start=_midnight(now, here.timezone),
            now=now,
            soon=soon,
        )
        waiting = await lists.needs_me(session, viewer, here.code, NEEDS_ME)
        entries = await journal.read(
            session, viewer, area=here.code, without=NOT_NEWS, newest_first=True, limit=FEED
        )
        feed = await views.entry_views(session, viewer, entries)
    return OverviewView(
        area=here.code,
        now=now,
        counters=[
            CounterView(
                key=key,
                value=found.values[key],
                series=found.series.get(key, []),
                query=query,
            )
            for key, query in _COUNTER_QUERIES.items()
        ],
        needs_me=[views.case_row(row, now, soon) for row in waiting],
        feed=feed,
    )


#: The list behind each number.
_COUNTER_QUERIES = {
    "new_today": "opened=today&sort=-opened",
    "open": "state=open",
    "overdue": "state=open&due=overdue",
    "due_soon": "state=open&due=soon",
    "to_verify": "state=reported",
    "closed_today": "closed=today&sort=-opened",
}


def _midnight(now: datetime, zone: str) -> datetime:
    local = now.astimezone(ZoneInfo(zone))
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(ZoneInfo("UTC"))


@router.get("/map/cases", openapi_extra=needs("case.read"))
async def map_cases(
    deps: Current, area: Annotated[str | None, Query(max_length=100)] = None
) -> MapCases:
    """Open cases with a place."""
    viewer = deps.viewer
    viewer.require("case.read")
    now, soon = deps.runtime.database.clock.now(), _soon(deps)
    async with deps.runtime.database.read(deps.viewer) as session:
        here = await directory.area(session, viewer, area)
        found = await lists.on_map(session, viewer, here.code)
    return MapCases(now=now, cases=[views.map_case(case, now, soon) for case in found])


@router.post(
    "/files", openapi_extra=needs("case.report", "case.verify", "order.answer"), status_code=201
)
async def upload_photo(
    deps: Current,
    file: Annotated[UploadFile, File()],
    lon: Annotated[float | None, Form()] = None,
    lat: Annotated[float | None, Form()] = None,
    accuracy_metres: Annotated[float | None, Form()] = None,
    taken_at: Annotated[datetime | None, Form()] = None,
) -> FileView:
    """Upload a photo; it is re-encoded without metadata before it is stored.

    Where and when it was taken is what the browser says, with the person's leave.
    """
    photos.require_upload(deps.viewer)
    taken = Taken(lon, lat, accuracy_metres, taken_at)
    settings = deps.runtime.settings
    content = await file.read(settings.photo_max_bytes + 1)
    if len(content) > settings.photo_max_bytes:
        raise Invalid(
            f"The photo is larger than {settings.photo_max_bytes // 2**20} MB.",
            code="photo_too_large",
            max_bytes=settings.photo_max_bytes,
        )
    photo = await asyncio.to_thread(
        read_photo,
        content,
        max_pixels=settings.photo_max_pixels,
        edge_pixels=settings.photo_stored_edge_pixels,
    )
    stored = await asyncio.to_thread(deps.runtime.files.put, photo.jpeg)
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        row = await photos.add_photo(uow, deps.viewer, stored, photo, taken)
    return FileView(id=row.id, width=row.width, height=row.height, bytes=row.bytes)


@router.get(
    "/files/{file_id}", openapi_extra=needs("case.read", hides=True), response_class=Response
)
@sends(Picture)
async def get_file(deps: Current, file_id: UUID) -> Response:
    """The picture of a photo, for those who see its case."""
    async with deps.runtime.database.read(deps.viewer) as session:
        photo = await repository.photo(session, deps.viewer, file_id)
    content = await asyncio.to_thread(deps.runtime.files.get, photo.digest)
    return Response(
        content,
        media_type="image/jpeg",
        headers={"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"},
    )
