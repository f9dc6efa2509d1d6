"""Routes of discover: findings, what they show of a case, and looks of people."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.discover import (
    evidence,
    findings,
    findings_repository,
    health_repository,
    looks,
    repository,
    views,
)
from streetwise.discover.finding_schemas import (
    EvidenceList,
    FindingImage,
    FindingPage,
    FindingView,
    LookView,
    MomentWord,
)
from streetwise.discover.findings_repository import FindingFilter
from streetwise.discover.forms import LookForm, VerdictForm
from streetwise.kernel.access import needs
from streetwise.kernel.errors import Invalid, NotFound
from streetwise.kernel.if_match import version_of
from streetwise.kernel.shown import sends

router = APIRouter(tags=["discover"], route_class=ShownRoute)

Current = Annotated[Deps, Depends(current)]
IfMatch = Annotated[str | None, Header()]
AreaCode = Annotated[str | None, Query(max_length=100)]
#: Masked pictures of findings never change; a look is nobody's to keep.
KEEP = {"Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
NO_KEEP = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
EITHER = needs("camera.watch", "camera.set_up")


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
    findings_repository.require_findings(viewer)
    async with deps.runtime.database.read(viewer) as session:
        here = (await directory.area(session, viewer, area)).code
        rows = await findings_repository.findings(
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
        row = await findings_repository.finding(session, deps.viewer, finding_id)
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
        rows = await findings_repository.pictures(session, deps.viewer, [finding_id])
    found = next((one for one in rows if one.moment == moment), None)
    if found is None:
        raise NotFound("There is no such picture.", id=str(finding_id), moment=moment)
    jpeg = await asyncio.to_thread(deps.runtime.files.get, found.digest)
    return Response(jpeg, media_type="image/jpeg", headers=KEEP)


# --- what cameras saw of a case -------------------------------------------------------------


@router.get("/cases/{case_id}/evidence", openapi_extra=needs("case.read"))
async def list_evidence(deps: Current, case_id: UUID) -> EvidenceList:
    """What cameras saw of a case, for everybody who sees the case."""
    async with deps.runtime.database.read(deps.viewer) as session:
        return EvidenceList(items=await evidence.of_case(session, deps.viewer, case_id))


@router.get(
    "/cases/{case_id}/evidence/{finding_id}/{moment}",
    openapi_extra=needs("case.read"),
    response_class=Response,
)
@sends(FindingImage)
async def get_evidence(
    deps: Current, case_id: UUID, finding_id: UUID, moment: MomentWord
) -> Response:
    """A masked picture of what a camera saw of a case."""
    async with deps.runtime.database.read(deps.viewer) as session:
        digest = await evidence.digest_of(session, deps.viewer, case_id, finding_id, moment)
    jpeg = await asyncio.to_thread(deps.runtime.files.get, digest)
    return Response(jpeg, media_type="image/jpeg", headers=KEEP)
