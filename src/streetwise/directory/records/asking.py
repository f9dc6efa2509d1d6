"""Questions to an area's directory: what refers to a record, and who is responsible. Read only."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import duty_repository
from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current, still_there
from streetwise.directory.records import repository
from streetwise.directory.records.api import AreaCode, KindName, RecordCode, area_code, kind_named
from streetwise.directory.records.book import Effect
from streetwise.directory.records.kinds import GRID, PLACE, Kind, Values
from streetwise.directory.records.schemas import Touch
from streetwise.directory.records.touches import touches_of
from streetwise.directory.responsibility import Question, calendar_of, responsible
from streetwise.directory.tables import Area
from streetwise.kernel.access import needs
from streetwise.kernel.errors import NotFound
from streetwise.kernel.shown import Shown, shows
from streetwise.kernel.viewer import Viewer

router = APIRouter(tags=["directory"], route_class=ShownRoute)


class Responsible(Shown):
    """Who is responsible, and the line of the matrix that says so; None: no line fits.

    ``at`` is the moment that was asked about.
    """

    __shows__ = shows({"responsibility": "unit rule=code", "L1 system": "at"})

    unit: str | None
    rule: str | None
    at: datetime


class OnDutyView(Shown):
    """A member of staff who is on duty: work data of the roster, no more than the post needs."""

    __shows__ = shows(
        {
            "staff": "name",
            "duty": "post hours note",
            "unit": "unit=code unit_name=name unit_phone=phone",
            "L1 system": "starts_at ends_at",
        }
    )

    name: str
    post: str
    unit: str
    unit_name: str
    unit_phone: str | None
    hours: str
    starts_at: datetime
    ends_at: datetime
    note: str | None


@router.get("/directory/on-duty", openapi_extra=needs("directory.read"))
async def read_on_duty(
    deps: Annotated[Deps, Depends(still_there)], area: AreaCode = None
) -> list[OnDutyView]:
    """Who is on duty now in an area by its roster, the leader first; empty without a roster.

    A screen asks this by itself every few minutes: it does not count as use of the session.
    """
    viewer = deps.viewer
    viewer.require("directory.read")
    async with deps.runtime.database.read(viewer) as session:
        where = await area_code(session, viewer, None, area)
        now = deps.runtime.database.clock.now()
        found = await duty_repository.on_duty(session, viewer, where, now)
    return [
        OnDutyView(
            name=one.name,
            post=one.post,
            unit=one.unit_code,
            unit_name=one.unit_name,
            unit_phone=one.unit_phone,
            hours=one.hours,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            note=one.note,
        )
        for one in found
    ]


@router.get("/directory/references/{kind}/{code:path}", openapi_extra=needs("directory.read"))
async def read_references(
    deps: Annotated[Deps, Depends(current)], kind: KindName, code: RecordCode, area: AreaCode = None
) -> list[Touch]:
    """What refers to a record, as far as the viewer may read it."""
    viewer, found = deps.viewer, kind_named(kind)
    viewer.require("directory.read")
    repository.require_kind(viewer, found)
    async with deps.runtime.database.read(viewer) as session:
        place = await directory.area(session, viewer, area)
        book = await repository.book(session, viewer, place)
    values = book.of(kind).get(code)
    if values is None:
        raise NotFound("There is no such record for you.", kind=kind)
    return [
        Touch(
            key=one.key, kind=one.kind, code=one.code, count=one.count, examples=list(one.examples)
        )
        for one in touches_of(book, [Effect(kind, code, "changed", values, values)])
        # Who works where is not for everybody.
        if one.key != "staff_in_unit" or viewer.may("directory.write")
    ]


@router.get("/directory/responsible", openapi_extra=needs("directory.read"))
async def read_responsible(
    deps: Annotated[Deps, Depends(current)],
    scheme: Annotated[str | None, Query(max_length=100)] = None,
    code: Annotated[str | None, Query(max_length=100)] = None,
    condition: Annotated[str | None, Query(max_length=100)] = None,
    grid: Annotated[str | None, Query(max_length=100)] = None,
    place: Annotated[str | None, Query(max_length=100)] = None,
    at: datetime | None = None,
    area: AreaCode = None,
) -> Responsible:
    """Who is responsible for a class in a grid at a time (now), by the matrix as it stands.

    ``at`` without an offset is the area's own time.
    """
    viewer = deps.viewer
    viewer.require("directory.read")
    async with deps.runtime.database.read(viewer) as session:
        where = await directory.area(session, viewer, area)
        rules = await directory.rules(session, viewer, where.code)
        known = await _held(session, viewer, PLACE, where, place)
        lies_in = grid or (known["grid"] if known else None)
        its_grid = await _held(session, viewer, GRID, where, lies_in)
    zone = ZoneInfo(where.timezone)
    moment = deps.runtime.database.clock.now() if at is None else at
    moment = moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
    within = {place, known["parent"]} if place and known else set()
    answer = responsible(
        rules,
        Question(
            scheme,
            code,
            condition,
            lies_in,
            its_grid["community"] if its_grid else None,
            places=frozenset(one for one in within if one),
            at=moment,
            calendar=calendar_of(where.calendar, where.timezone),
        ),
    )
    return Responsible(
        unit=answer.unit if answer else None, rule=answer.rule.code if answer else None, at=moment
    )


async def _held(
    session: AsyncSession, viewer: Viewer, kind: Kind, area: Area, code: str | None
) -> Values | None:
    """A record that holds now."""
    found = await repository.one(session, viewer, kind, area.code, code) if code else None
    return found.values if found and found.ended_at is None else None
