"""Routes of directives."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.kernel.if_match import version_of
from streetwise.resolve import repository as cases
from streetwise.resolve.directives import actions, repository, rules
from streetwise.resolve.directives.actions import Doing, Giving
from streetwise.resolve.directives.repository import Wanted
from streetwise.resolve.directives.rules import Action
from streetwise.resolve.directives.schemas import (
    CaseDirectives,
    DirectiveForm,
    DirectiveGiveForm,
    DirectivePage,
    DirectiveView,
    Leader,
    OfferedKind,
)
from streetwise.resolve.directives.views import directive_views
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.whom import COMMANDER
from streetwise.resolve.words import Count, Named

router = APIRouter(tags=["directives"], route_class=ShownRoute)

LISTED_MOST = 200
Current = Annotated[Deps, Depends(current)]
IfMatch = Annotated[str | None, Header()]


@router.get("/directives", openapi_extra=needs("case.read"))
async def list_directives(
    deps: Current,
    area: Annotated[str | None, Query(max_length=100)] = None,
    done: Annotated[bool, Query()] = False,
    late: Annotated[bool, Query()] = False,
    mine: Annotated[bool, Query()] = False,
) -> DirectivePage:
    """Leaders' notes that are not done yet, what is due first; or those that are done. ``late``:
    past their time; ``mine``: laid on the viewer's unit."""
    viewer = deps.viewer
    viewer.require("case.read")
    now = deps.runtime.database.clock.now()
    mine_only = viewer.units | ({viewer.unit_id} if viewer.unit_id else set())
    async with deps.runtime.database.read(viewer) as session:
        here = (await directory.area(session, viewer, area)).code
        wanted = Wanted(here, done, now if late else None, mine_only if mine else None)
        rows, (value, exact) = await repository.listed(session, viewer, wanted, LISTED_MOST)
        items = await directive_views(session, viewer, rows, now)
    return DirectivePage(items=items, count=Count(value=value, exact=exact))


@router.get("/cases/{case_id}/directives", openapi_extra=needs("case.read", hides=True))
async def case_directives(deps: Current, case_id: UUID) -> CaseDirectives:
    """The leaders' notes of a case, and which this viewer may give to whom."""
    async with deps.runtime.database.read(deps.viewer) as session:
        return await _of_case(session, deps, case_id)


@router.post("/cases/{case_id}/directives", openapi_extra=needs("case.direct"), status_code=201)
async def give_directive(deps: Current, case_id: UUID, form: DirectiveGiveForm) -> CaseDirectives:
    """Give a leader's note (批示, 催办, 督办, 包案) on an open case."""
    viewer, runtime = deps.viewer, deps.runtime
    viewer.require("case.direct")
    giving = Giving(form.kind, form.text, form.unit, form.login, form.due_at)
    async with runtime.database.unit_of_work(viewer) as uow:
        await actions.give(uow, viewer, runtime.keys, case_id, giving)
    async with runtime.database.read(viewer) as session:
        return await _of_case(session, deps, case_id)


@router.post("/directives/{directive_id}/report", openapi_extra=needs("directive.report"))
async def report_directive(
    deps: Current, directive_id: UUID, form: DirectiveForm, if_match: IfMatch = None
) -> DirectiveView:
    """Report it done, with words."""
    return await _act(deps, directive_id, "report", form, if_match)


@router.post("/directives/{directive_id}/pass", openapi_extra=needs("case.direct"))
async def check_directive_off(
    deps: Current, directive_id: UUID, form: DirectiveForm, if_match: IfMatch = None
) -> DirectiveView:
    """Check it off (核销); never who reported it done."""
    return await _act(deps, directive_id, "pass", form, if_match)


@router.post("/directives/{directive_id}/return", openapi_extra=needs("case.direct"))
async def send_directive_back(
    deps: Current, directive_id: UUID, form: DirectiveForm, if_match: IfMatch = None
) -> DirectiveView:
    """Send its report back, with words."""
    return await _act(deps, directive_id, "return", form, if_match)


@router.post("/directives/{directive_id}/withdraw", openapi_extra=needs("case.direct"))
async def withdraw_directive(
    deps: Current, directive_id: UUID, form: DirectiveForm, if_match: IfMatch = None
) -> DirectiveView:
    """Take it back, with words."""
    return await _act(deps, directive_id, "withdraw", form, if_match)


async def _act(
    deps: Deps, directive_id: UUID, action: Action, form: DirectiveForm, if_match: str | None
) -> DirectiveView:
    viewer, runtime = deps.viewer, deps.runtime
    actions.require(viewer, action)
    doing = Doing(directive_id, version_of(if_match, "directive"), action, form.text)
    async with runtime.database.unit_of_work(viewer) as uow:
        await actions.act(uow, viewer, runtime.keys, doing)
    now = runtime.database.clock.now()
    async with runtime.database.read(viewer) as session:
        rows = await repository.by_ids(session, viewer, [directive_id])
        return (await directive_views(session, viewer, rows, now))[0]


async def _of_case(session: AsyncSession, deps: Deps, case_id: UUID) -> CaseDirectives:
    viewer = deps.viewer
    case = await cases.case(session, viewer, case_id)
    rows = await repository.of_case(session, viewer, case_id)
    now = deps.runtime.database.clock.now()
    kinds = [
        OfferedKind(kind=kind.code, person=kind.person, due_hours=kind.due.total_seconds() / 3600)
        for kind in rules.kinds().values()
        if viewer.may("case.direct") and viewer.may(kind.needs) and case.state != CLOSED
    ]
    people, units = [], []
    if kinds:
        people = await repository.who_answers(session, viewer, case, COMMANDER)
        units = await repository.who_holds(session, viewer, case)
    return CaseDirectives(
        items=await directive_views(session, viewer, rows, now),
        kinds=kinds,
        people=[Leader(login=login, name=name) for login, name in people],
        units=[Named(code=code, name=name) for code, name in units],
    )
