"""Routes of discover: cameras that are watched. Findings and looks: ``finding_api.py``."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Header, Query, Response, UploadFile

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.discover import (
    actions,
    catalogue_actions,
    health_repository,
    push_tokens,
    repository,
    tuning,
    views,
    zoning,
)
from streetwise.discover.actions import SetUp
from streetwise.discover.catalogue_actions import Given
from streetwise.discover.forms import NewCameraForm, OffForm, SetUpForm, ThresholdForm, ZonesForm
from streetwise.discover.schemas import (
    CadencePoint,
    CadenceView,
    CameraPage,
    CameraView,
    CatalogueView,
    PushTokenView,
    StateCount,
    StateWord,
)
from streetwise.discover.zoning import Drawn
from streetwise.kernel.access import needs
from streetwise.kernel.errors import TooLarge
from streetwise.kernel.if_match import version_of

router = APIRouter(tags=["discover"], route_class=ShownRoute)

Current = Annotated[Deps, Depends(current)]
IfMatch = Annotated[str | None, Header()]
AreaCode = Annotated[str | None, Query(max_length=100)]
PAGE_MAX = 500
CATALOGUE_MAX_BYTES = 20 * 2**20
HOURS_MAX = 24 * 14
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
        port = deps.runtime.settings.discover_push_port
        view = await views.camera_view(session, deps.viewer, watched_id, now, push_port=port)
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
        fingerprint=form.fingerprint,
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
        await zoning.draw_zones(uow, deps.viewer, watched_id, version, drawn)
    return await _camera(deps, watched_id, response)


@router.post("/cameras/{watched_id}/view", openapi_extra=needs("camera.set_up"))
async def accept_view(
    deps: Current, watched_id: UUID, response: Response, if_match: IfMatch = None
) -> CameraView:
    """What the camera shows now is what it is meant to show: its eye learns that view."""
    deps.viewer.require(repository.SET_UP)
    version = version_of(if_match, "camera")
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await zoning.accept_view(uow, deps.viewer, watched_id, version)
    return await _camera(deps, watched_id, response)


@router.post("/cameras/{watched_id}/threshold", openapi_extra=needs("camera.set_up"))
async def set_threshold(
    deps: Current,
    watched_id: UUID,
    form: ThresholdForm,
    response: Response,
    if_match: IfMatch = None,
) -> CameraView:
    """From how sure on a scene counts at this camera, by hand; null gives it back to verdicts."""
    deps.viewer.require(repository.SET_UP)
    version = version_of(if_match, "camera")
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await tuning.set_threshold(uow, deps.viewer, watched_id, version, form.scene, form.least)
    return await _camera(deps, watched_id, response)


@router.post("/cameras/{watched_id}/push-token", openapi_extra=needs("camera.set_up"))
async def new_push_token(
    deps: Current, watched_id: UUID, response: Response, if_match: IfMatch = None
) -> PushTokenView:
    """A token by which the camera pushes its pictures; shown once, and the one before ends."""
    deps.viewer.require(repository.SET_UP)
    version = version_of(if_match, "camera")
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        token = await push_tokens.new_token(
            uow, deps.viewer, deps.runtime.keys, watched_id, version
        )
    return PushTokenView(token=token, camera=await _camera(deps, watched_id, response))


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
