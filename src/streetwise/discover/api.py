"""Routes of discover: cameras that are watched, findings, looks."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Header, Query, Response, UploadFile

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.discover import (
    actions,
    catalogue_actions,
    findings,
    health_repository,
    looks,
    repository,
    views,
)
from streetwise.discover.actions import Drawn, SetUp
from streetwise.discover.catalogue_actions import Given
from streetwise.discover.repository import FindingFilter
from streetwise.discover.schemas import (
    CadencePoint,
    CadenceView,
    CameraPage,
    CameraView,
    CatalogueView,
    FindingImage,
    FindingPage,
    FindingView,
    LookForm,
    LookView,
    MomentWord,
    NewCameraForm,
    OffForm,
    SetUpForm,
    StateCount,
    StateWord,
    VerdictForm,
    ZonesForm,
)
from streetwise.kernel.access import needs
from streetwise.kernel.errors import Invalid, NotFound, TooLarge
from streetwise.kernel.if_match import version_of
from streetwise.kernel.shown import sends

router = APIRouter(tags=["discover"], route_class=ShownRoute)

Current = Annotated[Deps, Depends(current)]
IfMatch = Annotated[str | None, Header()]
AreaCode = Annotated[str | None, Query(max_length=100)]
PAGE_MAX = 500
CATALOGUE_MAX_BYTES = 20 * 2**20
HOURS_MAX = 24 * 14
#: Masked pictures of findings never change; a look is nobody's to keep.
KEEP = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
NO_KEEP = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
EITHER = needs("camera.watch", "camera.set_up")


@router.get("/cameras", openapi_extra=EITHER)
async def list_cameras(
    deps: Current,
    area: AreaCode = None,
    scene: Annotated[str | None, Query(max_length=60)] = None,
    state: Annotated[StateWord | None, Query()] = None,
    q: Annotated[str | None, Query(max_length=100)] = None,
    after: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
) -> CameraPage:
    """Watched cameras by code: how each is, and how often it is really looked at."""
    viewer = deps.viewer
    repository.require_cameras(viewer)
    now = deps.runtime.database.clock.now()
    async with deps.runtime.database.read(viewer) as session:
        here = (await directory.area(session, viewer, area)).code
        rows = await repository.cameras(
            session, viewer, here, scene=scene, state=state, words=q, after=after, limit=limit + 1
        )
        items = await views.camera_rows(session, viewer, rows[:limit], now)
        counts = await repository.counts(session, viewer, here)
    return CameraPage(
        items=items,
        counts=[StateCount(state=one, count=counts[one]) for one in sorted(counts)],
        scenes=views.scenes(),
        next=items[-1].code if len(rows) > limit else None,
    )


@router.post("/cameras", openapi_extra=needs("camera.set_up"), status_code=201)
async def watch_camera(deps: Current, form: NewCameraForm, response: Response) -> CameraView:
    """Write down what a camera of the directory is watched by. It is off until somebody says on."""
    viewer = deps.viewer
    viewer.require(repository.SET_UP)
    async with deps.runtime.database.unit_of_work(viewer) as uow:
        area = (await directory.area(uow.session, viewer, form.area)).code
        row = await actions.set_up(
            uow,
            viewer,
            deps.runtime.keys,
            area,
            form.camera,
            _set_up(form),
            None,
            deps.runtime.settings.videos_path,
        )
    return await _camera(deps, row.id, response)


@router.post("/cameras/catalogue/preview", openapi_extra=needs("camera.set_up"))
async def preview_catalogue(
    deps: Current,
    file: Annotated[UploadFile, File()],
    template: Annotated[str | None, Form(max_length=500)] = None,
    gateway: Annotated[str | None, Form(max_length=60)] = None,
    streams_max: Annotated[int | None, Form(ge=1, le=10_000)] = None,
    area: AreaCode = None,
) -> CatalogueView:
    """What the catalogue of a video platform would come to; nothing is changed."""
    deps.viewer.require(repository.SET_UP)
    given = Given(await _read(file), template or None, gateway or None, streams_max)
    async with deps.runtime.database.read(deps.viewer) as session:
        here = (await directory.area(session, deps.viewer, area)).code
        plan = await catalogue_actions.look_at(session, deps.viewer, here, given)
    return views.catalogue_view(plan)


@router.post("/cameras/catalogue", openapi_extra=needs("camera.set_up"))
async def take_in_catalogue(
    deps: Current,
    file: Annotated[UploadFile, File()],
    digest: Annotated[str, Form(max_length=100)],
    template: Annotated[str | None, Form(max_length=500)] = None,
    gateway: Annotated[str | None, Form(max_length=60)] = None,
    streams_max: Annotated[int | None, Form(ge=1, le=10_000)] = None,
    area: AreaCode = None,
) -> CatalogueView:
    """Take a catalogue in as it was looked at; bad rows are named and left out."""
    viewer = deps.viewer
    viewer.require(repository.SET_UP)
    given = Given(await _read(file), template or None, gateway or None, streams_max)
    async with deps.runtime.database.unit_of_work(viewer) as uow:
        here = (await directory.area(uow.session, viewer, area)).code
        plan = await catalogue_actions.take_in(uow, viewer, deps.runtime.keys, here, given, digest)
    return views.catalogue_view(plan)


async def _read(file: UploadFile) -> bytes:
    content = await file.read(CATALOGUE_MAX_BYTES + 1)
    if len(content) > CATALOGUE_MAX_BYTES:
        raise TooLarge("A catalogue has at most 20 MB.", max_bytes=CATALOGUE_MAX_BYTES)
    return content


@router.get("/cameras/{watched_id}", openapi_extra=EITHER)
async def get_camera(deps: Current, watched_id: UUID, response: Response) -> CameraView:
    """A watched camera, whole; its version is the ETag."""
    return await _camera(deps, watched_id, response)


async def _camera(deps: Deps, watched_id: UUID, response: Response) -> CameraView:
    now = deps.runtime.database.clock.now()
    async with deps.runtime.database.read(deps.viewer) as session:
        view = await views.camera_view(session, deps.viewer, watched_id, now)
    response.headers["ETag"] = f'"{view.version}"'
    return view


@router.post("/cameras/{watched_id}/set-up", openapi_extra=needs("camera.set_up"))
async def set_up_camera(
    deps: Current,
    watched_id: UUID,
    form: SetUpForm,
    response: Response,
    if_match: IfMatch = None,
) -> CameraView:
    """Change what a camera is watched by, or who answers for it."""
    viewer = deps.viewer
    viewer.require(repository.SET_UP)
    version = version_of(if_match, "camera")
    async with deps.runtime.database.unit_of_work(viewer) as uow:
        row = await repository.camera(uow.session, viewer, watched_id)
        await actions.set_up(
            uow,
            viewer,
            deps.runtime.keys,
            row.camera.area,
            row.camera.code,
            _set_up(form),
            version,
            deps.runtime.settings.videos_path,
        )
    return await _camera(deps, watched_id, response)


def _set_up(form: SetUpForm) -> SetUp:
    return SetUp(
        kind=form.kind,
        address=form.address,
        channel=form.channel,
        gateway=form.gateway,
        streams_max=form.streams_max,
        owner=form.owner,
        purpose=form.purpose,
        approval=form.approval,
        approved_until=form.approved_until,
    )


@router.post("/cameras/{watched_id}/on", openapi_extra=needs("camera.set_up"))
async def switch_on(
    deps: Current, watched_id: UUID, response: Response, if_match: IfMatch = None
) -> CameraView:
    """Let the program look at a camera that somebody answers for."""
    deps.viewer.require(repository.SET_UP)
    version = version_of(if_match, "camera")
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await actions.switch_on(uow, deps.viewer, watched_id, version)
    return await _camera(deps, watched_id, response)


@router.post("/cameras/{watched_id}/off", openapi_extra=needs("camera.set_up"))
async def switch_off(
    deps: Current,
    watched_id: UUID,
    form: OffForm,
    response: Response,
    if_match: IfMatch = None,
) -> CameraView:
    """Look no more, and say why."""
    deps.viewer.require(repository.SET_UP)
    version = version_of(if_match, "camera")
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await actions.switch_off(uow, deps.viewer, watched_id, version, form.reason)
    return await _camera(deps, watched_id, response)


@router.post("/cameras/{watched_id}/zones", openapi_extra=needs("camera.set_up"))
async def draw_zones(
    deps: Current,
    watched_id: UUID,
    form: ZonesForm,
    response: Response,
    if_match: IfMatch = None,
) -> CameraView:
    """What is looked for where in the picture, all zones at once."""
    deps.viewer.require(repository.SET_UP)
    version = version_of(if_match, "camera")
    drawn = [
        Drawn(
            one.scene,
            one.name.strip(),
            tuple((corner.x, corner.y) for corner in one.corners),
            (one.ground.lon, one.ground.lat, one.ground.metres) if one.ground else None,
        )
        for one in form.zones
    ]
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await actions.draw_zones(uow, deps.viewer, watched_id, version, drawn)
    return await _camera(deps, watched_id, response)


@router.get("/cameras/{watched_id}/cadence", openapi_extra=EITHER)
async def read_cadence(
    deps: Current,
    watched_id: UUID,
    hours: Annotated[int, Query(ge=1, le=HOURS_MAX)] = 24,
) -> CadenceView:
    """How often a camera was really looked at in the last hours, stretch by stretch."""
    end = deps.runtime.database.clock.now()
    start = end - timedelta(hours=hours)
    async with deps.runtime.database.read(deps.viewer) as session:
        await repository.camera(session, deps.viewer, watched_id)
        rows = await health_repository.cadence(session, deps.viewer, watched_id, start)
    return CadenceView(
        start=start,
        end=end,
        items=[
            CadencePoint(
                scene=one.scene,
                at=one.at,
                seconds=one.seconds,
                promised=one.promised,
                reached=one.reached,
                looks=one.looks,
                shed=one.shed,
            )
            for one in rows
        ],
    )


# --- looks ---------------------------------------------------------------------------------


@router.post("/cameras/{watched_id}/looks", openapi_extra=EITHER, status_code=201)
async def ask_for_look(deps: Current, watched_id: UUID, form: LookForm) -> LookView:
    """Look at what a camera shows now. That, and why, is in the journal from here on."""
    seconds = deps.runtime.settings.camera_look_seconds
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        look = await looks.ask(uow, deps.viewer, watched_id, form.reason, form.note, seconds)
    return views.look_view(look)


@router.get("/looks/{look_id}", openapi_extra=EITHER)
async def get_look(deps: Current, look_id: UUID) -> LookView:
    """Whether the picture of one's own look is there."""
    async with deps.runtime.database.read(deps.viewer) as session:
        return views.look_view(await health_repository.look(session, deps.viewer, look_id))


@router.get("/looks/{look_id}/picture", openapi_extra=EITHER, response_class=Response)
@sends(FindingImage)
async def get_look_picture(deps: Current, look_id: UUID) -> Response:
    """The masked picture of one's own look, while it lasts."""
    async with deps.runtime.database.read(deps.viewer) as session:
        look = await health_repository.look(session, deps.viewer, look_id)
    if looks.over(look):
        raise looks.LookOver("This look is over; ask again.")
    jpeg = looks.picture(deps.runtime.keys, look)
    if jpeg is None:
        raise NotFound("The picture has not come yet.", code="look_waits")
    return Response(jpeg, media_type="image/jpeg", headers=NO_KEEP)


# --- findings ------------------------------------------------------------------------------


@router.get("/findings", openapi_extra=needs("camera.watch"))
async def list_findings(
    deps: Current,
    area: AreaCode = None,
    camera: Annotated[UUID | None, Query()] = None,
    scene: Annotated[str | None, Query(max_length=60)] = None,
    open: Annotated[bool | None, Query()] = None,  # noqa: A002
    verdict: Annotated[Literal["right", "wrong", "none"] | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> FindingPage:
    """Findings, the newest first."""
    viewer = deps.viewer
    repository.require_findings(viewer)
    async with deps.runtime.database.read(viewer) as session:
        here = (await directory.area(session, viewer, area)).code
        rows = await repository.findings(
            session,
            viewer,
            FindingFilter(here, camera, scene, open, verdict),
            after=_after(cursor),
            limit=limit + 1,
        )
        items = await views.finding_views(session, viewer, rows[:limit])
    last = rows[limit - 1].finding if len(rows) > limit else None
    return FindingPage(
        items=items,
        scenes=views.scenes(),
        next=f"{last.opened_at.isoformat()}~{last.id}" if last else None,
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


@router.get("/findings/{finding_id}", openapi_extra=needs("camera.watch"))
async def get_finding(deps: Current, finding_id: UUID, response: Response) -> FindingView:
    """One finding; its version is the ETag."""
    return await _finding(deps, finding_id, response)


async def _finding(deps: Deps, finding_id: UUID, response: Response) -> FindingView:
    async with deps.runtime.database.read(deps.viewer) as session:
        row = await repository.finding(session, deps.viewer, finding_id)
        (view,) = await views.finding_views(session, deps.viewer, [row])
    response.headers["ETag"] = f'"{view.version}"'
    return view


@router.post("/findings/{finding_id}/verdict", openapi_extra=needs("finding.judge"))
async def judge_finding(
    deps: Current,
    finding_id: UUID,
    form: VerdictForm,
    response: Response,
    if_match: IfMatch = None,
) -> FindingView:
    """Say whether a finding is right, or what is wrong with it."""
    deps.viewer.require(repository.JUDGE)
    version = version_of(if_match, "finding")
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await findings.judge(uow, deps.viewer, finding_id, version, form.verdict, form.reason)
    return await _finding(deps, finding_id, response)


@router.get(
    "/findings/{finding_id}/pictures/{moment}",
    openapi_extra=needs("camera.watch"),
    response_class=Response,
)
@sends(FindingImage)
async def get_picture(deps: Current, finding_id: UUID, moment: MomentWord) -> Response:
    """A masked picture of a finding."""
    async with deps.runtime.database.read(deps.viewer) as session:
        rows = await repository.pictures(session, deps.viewer, [finding_id])
    found = next((one for one in rows if one.moment == moment), None)
    if found is None:
        raise NotFound("There is no such picture.", id=str(finding_id), moment=moment)
    jpeg = await asyncio.to_thread(deps.runtime.files.get, found.digest)
    return Response(jpeg, media_type="image/jpeg", headers=KEEP)
