"""Routes of the directory's records."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Path, Query, Response, UploadFile
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.crosswalk import ClassKey, Crosswalk
from streetwise.directory.deps import Deps, current
from streetwise.directory.folder import folder_of
from streetwise.directory.records import actions, moving, repository
from streetwise.directory.records.actions import Plan
from streetwise.directory.records.book import Wish, title_of
from streetwise.directory.records.files import Folder
from streetwise.directory.records.kinds import KINDS, Column, Kind, Values
from streetwise.directory.records.repository import Held
from streetwise.directory.records.schemas import (
    Applied,
    ChangeSet,
    ColumnView,
    DecidedChanges,
    Effect,
    EffectCount,
    FieldChange,
    HistoryEntry,
    HistoryView,
    KindView,
    MeaningView,
    PlaceSuggestion,
    PlaceSuggestions,
    Preview,
    RecordFile,
    RecordPage,
    RecordView,
    Touch,
)
from streetwise.directory.records.suggesting import suggester
from streetwise.directory.records.values import version_of
from streetwise.kernel.access import needs
from streetwise.kernel.archives import ArchiveLimits, pack, unpack
from streetwise.kernel.errors import NotFound, TooLarge
from streetwise.kernel.journal_entry import staff_of
from streetwise.kernel.shown import sends
from streetwise.kernel.viewer import Viewer

router = APIRouter(tags=["directory"], route_class=ShownRoute)

PAGE_MAX = 500
EFFECTS_SHOWN = 200
#: Text of tables packs some ten times; what packs better than this is no street's folder.
ARCHIVE_RATIO_MAX = 200
AreaCode = Annotated[str | None, Query(max_length=100)]
KindName = Annotated[str, Path(max_length=40)]
RecordCode = Annotated[str, Path(max_length=500)]


def kind_named(name: str) -> Kind:
    """A kind of record. Raises NotFound."""
    kind = KINDS.get(name)
    if kind is None:
        raise NotFound("There is no such kind of record.", kind=name)
    return kind


async def area_code(
    session: AsyncSession, viewer: Viewer, kind: Kind | None, area: str | None
) -> str | None:
    """The area that is meant; None for a kind without one, and for a viewer who has none."""
    if kind is not None and not kind.area and area is None:
        return None
    if area is None and viewer.areas is not None and not viewer.areas:
        return None
    return (await directory.area(session, viewer, area)).code


@router.get("/directory/kinds", openapi_extra=needs("directory.read"))
async def list_kinds(
    deps: Annotated[Deps, Depends(current)], area: AreaCode = None
) -> list[KindView]:
    """The kinds of records that the viewer may read, with their columns and how many there are."""
    viewer = deps.viewer
    viewer.require("directory.read")
    async with deps.runtime.database.read(viewer) as session:
        code = await area_code(session, viewer, None, area)
        counts = await repository.counts(session, viewer, code)
    return [
        KindView(
            kind=kind.kind,
            name=kind.name,
            name_en=kind.name_en,
            title=kind.title,
            columns=[_column_view(column) for column in kind.columns],
            count=counts[kind.kind],
            writable=kind.writable and viewer.may("directory.write"),
            by_area=kind.area,
        )
        for kind in KINDS.values()
        if any(viewer.may(capability) for capability in kind.needs)
    ]


@router.get(
    "/directory/records/{kind}.csv",
    openapi_extra=needs("directory.export"),
    response_class=Response,
)
@sends(RecordFile)
async def export_records(
    deps: Annotated[Deps, Depends(current)], kind: KindName, area: AreaCode = None
) -> Response:
    """All records of a kind as a table for people: cells that a spreadsheet would run are text."""
    found = kind_named(kind)
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        text = await moving.export_table(uow, deps.viewer, found, area)
    return Response(
        text.encode(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{found.kind}.csv"'},
    )


@router.get("/directory/records/{kind}", openapi_extra=needs("directory.read"))
async def list_records(
    deps: Annotated[Deps, Depends(current)],
    kind: KindName,
    area: AreaCode = None,
    q: Annotated[str | None, Query(max_length=100)] = None,
    after: Annotated[str | None, Query(max_length=500)] = None,
    ended: bool = False,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
) -> RecordPage:
    """Records in the order of their codes; ``q`` looks in codes, names and aliases."""
    viewer, found = deps.viewer, kind_named(kind)
    viewer.require("directory.read")
    async with deps.runtime.database.read(viewer) as session:
        code = await area_code(session, viewer, found, area)
        held = await repository.page(
            session, viewer, found, code, q=q, after=after, ended=ended, limit=limit + 1
        )
    more = len(held) > limit
    return RecordPage(
        items=[_record_view(found, one) for one in held[:limit]],
        next=held[limit - 1].code if more else None,
    )


@router.get("/directory/records/{kind}/{code:path}/history", openapi_extra=needs("directory.read"))
async def record_history(
    deps: Annotated[Deps, Depends(current)], kind: KindName, code: RecordCode, area: AreaCode = None
) -> HistoryView:
    """Who changed a record, when, why, and what."""
    viewer, found = deps.viewer, kind_named(kind)
    viewer.require("directory.read")
    async with deps.runtime.database.read(viewer) as session:
        in_area = await area_code(session, viewer, found, area)
        if await repository.one(session, viewer, found, in_area, code) is None:
            raise NotFound("There is no such record for you.", kind=kind)
        rows = await repository.history(session, viewer, found, in_area, code)
        people = {row.actor: staff_of(row.actor) for row in rows}
        names = await directory.staff_names(session, viewer, filter(None, people.values()))
    named = {actor: names[one][0] for actor, one in people.items() if one in names}
    return HistoryView(
        kind=found.kind,
        code=code,
        entries=[
            HistoryEntry(
                at=row.at,
                actor=row.actor,
                actor_name=named.get(row.actor),
                reason=row.reason,
                op=row.op,
                fields=_fields(found, row.before, row.after),
            )
            for row in rows
        ],
    )


@router.get("/directory/records/{kind}/{code:path}", openapi_extra=needs("directory.read"))
async def read_record(
    deps: Annotated[Deps, Depends(current)], kind: KindName, code: RecordCode, area: AreaCode = None
) -> RecordView:
    """One record, ended or not."""
    viewer, found = deps.viewer, kind_named(kind)
    viewer.require("directory.read")
    async with deps.runtime.database.read(viewer) as session:
        in_area = await area_code(session, viewer, found, area)
        held = await repository.one(session, viewer, found, in_area, code)
    if held is None:
        raise NotFound("There is no such record for you.", kind=kind)
    return _record_view(found, held)


@router.get("/directory/crosswalk", openapi_extra=needs("directory.read"))
async def translate_class(
    deps: Annotated[Deps, Depends(current)],
    scheme: Annotated[str, Query(max_length=100)],
    version: Annotated[str, Query(max_length=100)],
    code: Annotated[str, Query(max_length=100)],
    to: Annotated[str, Query(max_length=100)],
) -> list[MeaningView]:
    """What a class is called in another scheme, by the crosswalks: exact ones first."""
    viewer = deps.viewer
    viewer.require("directory.read")
    async with deps.runtime.database.read(viewer) as session:
        lines = await repository.crossings(session, viewer)
        names = {
            (one.scheme, one.version, one.code): one.name
            for one in await directory.classes(session, viewer)
        }
    found = Crosswalk(lines).meanings(ClassKey(scheme, version, code), to)
    return [
        MeaningView(
            scheme=one.target.scheme,
            version=one.target.version,
            code=one.target.code,
            name=names.get(one.target),
            relation=one.relation,
            steps=one.steps,
        )
        for one in found
    ]


@router.get("/directory/places/suggest", openapi_extra=needs("directory.read"))
async def suggest_places(
    deps: Annotated[Deps, Depends(current)],
    q: Annotated[str, Query(min_length=1, max_length=100)],
    area: AreaCode = None,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> PlaceSuggestions:
    """Places for a form while somebody types: names, aliases, road and number, building."""
    viewer = deps.viewer
    viewer.require("directory.read")
    async with deps.runtime.database.read(viewer) as session:
        found = await directory.area(session, viewer, area)
        places = await suggester(session, viewer, found)
    return PlaceSuggestions(
        items=[
            PlaceSuggestion(
                code=one.place.code,
                name=one.place.name,
                kind=one.place.kind,
                via=one.via,
                number=one.number,
                parent_name=one.parent_name,
                lon=one.place.lon,
                lat=one.place.lat,
                grid_code=one.place.grid_code,
                grid_name=one.place.grid_name,
                community_name=one.place.community_name,
                inexact=one.inexact,
            )
            for one in places.find(q, limit)
        ]
    )


@router.post("/directory/preview", openapi_extra=needs("directory.write"))
async def preview_changes(deps: Annotated[Deps, Depends(current)], asked: ChangeSet) -> Preview:
    """What changes would do; changes nothing."""
    async with deps.runtime.database.read(deps.viewer) as session:
        plan = await actions.plan_changes(session, deps.viewer, asked.area, _wishes(asked))
    return preview_of(plan)


@router.post("/directory/changes", openapi_extra=needs("directory.write"))
async def make_changes(deps: Annotated[Deps, Depends(current)], asked: DecidedChanges) -> Applied:
    """Do what a preview showed: all of it, or nothing when the directory has changed since."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        plan = await actions.change(
            uow,
            deps.viewer,
            asked.area,
            _wishes(asked),
            reason=asked.reason,
            digest=asked.digest,
        )
    return applied(plan)


def _wishes(asked: ChangeSet) -> list[Wish]:
    return [
        Wish(change.kind, change.code, change.op, change.values, change.version)
        for change in asked.changes
    ]


def preview_of(plan: Plan) -> Preview:
    """A plan as the screen shows it."""
    return Preview(
        area=plan.area.code,
        counts=_counts(plan),
        effects=[
            Effect(
                kind=one.kind,
                code=one.code,
                title=title_of(KINDS[one.kind], one.code, one.after or one.before),
                op=one.op,
                fields=[
                    FieldChange(name=name, before=before, after=after)
                    for name, before, after in one.fields()
                ],
            )
            for one in plan.effects[:EFFECTS_SHOWN]
        ],
        touches=[
            Touch(
                key=one.key,
                kind=one.kind,
                code=one.code,
                count=one.count,
                examples=list(one.examples),
            )
            for one in plan.touches
        ],
        mistakes=plan.mistakes[: actions.MISTAKES_LISTED],
        left_out=list(plan.left_out),
        digest=plan.digest,
    )


def applied(plan: Plan) -> Applied:
    """What was done."""
    return Applied(area=plan.area.code, counts=_counts(plan))


def _counts(plan: Plan) -> list[EffectCount]:
    return [EffectCount(kind=kind, op=op, count=count) for kind, op, count in plan.counts]


def _column_view(column: Column) -> ColumnView:
    return ColumnView(
        name=column.name,
        label=column.label,
        label_en=column.label_en,
        type=column.type,
        required=column.required,
        ref=column.ref,
        several=column.several,
        choices=list(column.choices),
        open_choices=column.open_choices,
        help=column.help,
    )


def _record_view(kind: Kind, held: Held) -> RecordView:
    return RecordView(
        kind=kind.kind,
        code=held.code,
        title=held.person or title_of(kind, held.code, held.values),
        values=held.values,
        version=version_of(held.values, ended=held.ended_at is not None),
        ended_at=held.ended_at,
    )


def _fields(kind: Kind, before: Values | None, after: Values | None) -> list[FieldChange]:
    old, new = before or {}, after or {}
    return [
        FieldChange(name=column.name, before=old.get(column.name), after=new.get(column.name))
        for column in kind.columns
        if old.get(column.name) != new.get(column.name)
    ]


@router.post("/directory/folder/preview", openapi_extra=needs("directory.write"))
async def preview_folder(
    deps: Annotated[Deps, Depends(current)], file: Annotated[UploadFile, File()]
) -> Preview:
    """What loading a street's folder (a ZIP archive) would change; changes nothing."""
    deps.viewer.require("directory.write")
    folder = await _folder(deps, file)
    async with deps.runtime.database.read(deps.viewer) as session:
        plan = await moving.plan_folder(session, deps.viewer, folder, accounts=False)
    return preview_of(plan)


@router.post("/directory/folder", openapi_extra=needs("directory.write"))
async def load_folder(
    deps: Annotated[Deps, Depends(current)],
    file: Annotated[UploadFile, File()],
    reason: Annotated[str, Form(min_length=1, max_length=500)],
    digest: Annotated[str, Form(min_length=1, max_length=100)],
) -> Applied:
    """Load the folder whose preview was looked at. Staff and stand-ins in it are left alone."""
    deps.viewer.require("directory.write")
    folder = await _folder(deps, file)
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        plan = await moving.load_upload(
            uow, deps.viewer, folder, deps.runtime.keys, reason=reason, digest=digest
        )
    return applied(plan)


@router.get("/directory/export", openapi_extra=needs("directory.export"), response_class=Response)
@sends(RecordFile)
async def export_folder(deps: Annotated[Deps, Depends(current)], area: AreaCode = None) -> Response:
    """The folder of a street as a ZIP archive: what was loaded, with what has changed since."""
    deps.viewer.require("directory.export")
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        files = await moving.export(uow, deps.viewer, deps.runtime.keys, area)
    return Response(
        await asyncio.to_thread(pack, files),
        media_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="street.zip"'},
    )


async def _folder(deps: Deps, file: UploadFile) -> Folder:
    settings = deps.runtime.settings
    data = await file.read(settings.folder_max_bytes + 1)
    if len(data) > settings.folder_max_bytes:
        raise TooLarge(
            f"The archive is larger than {settings.folder_max_bytes // 2**20} MB.",
            max_bytes=settings.folder_max_bytes,
        )
    limits = ArchiveLimits(
        settings.folder_max_files, settings.folder_max_unpacked_bytes, ARCHIVE_RATIO_MAX
    )
    files = await asyncio.to_thread(unpack, data, limits, own=["taxonomy"])
    return await asyncio.to_thread(folder_of, files)
