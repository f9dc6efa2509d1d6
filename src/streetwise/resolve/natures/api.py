"""Routes of natures: what a case is taken for, and an officer's word on it."""

from __future__ import annotations

from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Response

from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.kernel.if_match import version_of
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.inputs import Item
from streetwise.resolve.natures.actions import CAPABILITY, correct_nature, may_correct
from streetwise.resolve.natures.schemas import NatureForm, NatureView
from streetwise.resolve.schemas import StepView
from streetwise.resolve.tables import Case

router = APIRouter(tags=["natures"], route_class=ShownRoute)

Current = Annotated[Deps, Depends(current)]


@router.get("/cases/{case_id}/nature", openapi_extra=needs("case.read", hides=True))
async def case_nature(deps: Current, case_id: UUID, response: Response) -> NatureView:
    """What a case is taken for (问题, 隐患, 矛盾纠纷, 诉求), and by which words."""
    async with deps.runtime.database.read(deps.viewer) as session:
        return _view(deps.viewer, await cases.case(session, deps.viewer, case_id), response)


@router.post("/cases/{case_id}/nature", openapi_extra=needs(CAPABILITY))
async def say_nature(
    deps: Current,
    case_id: UUID,
    form: NatureForm,
    response: Response,
    if_match: Annotated[str | None, Header()] = None,
) -> NatureView:
    """Say what a case is."""
    deps.viewer.require(CAPABILITY)
    item = Item(case_id, version_of(if_match, "case"))
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        case = await correct_nature(uow, deps.viewer, item, form.nature)
        return _view(deps.viewer, case, response)


def _view(viewer: Viewer, case: Case, response: Response) -> NatureView:
    response.headers["ETag"] = f'"{case.version}"'
    return NatureView(
        version=case.version,
        nature=cast(Any, case.nature),
        state=case.nature_state,
        why=StepView(**case.nature_why) if case.nature_why else None,
        may_correct=may_correct(viewer, case),
    )
