"""The route that splits a case."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header

from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.kernel.if_match import version_of
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.desk.schemas import Opened
from streetwise.resolve.inputs import Item
from streetwise.resolve.splitting.actions import split
from streetwise.resolve.splitting.schemas import SplitDone, SplitForm

router = APIRouter(tags=["desk"], route_class=ShownRoute)

Current = Annotated[Deps, Depends(current)]
IfMatch = Annotated[str | None, Header()]
SYSTEM = Viewer.system("split")


@router.post("/cases/{case_id}/split", openapi_extra=needs("case.correct"))
async def split_case(
    deps: Current, case_id: UUID, form: SplitForm, if_match: IfMatch = None
) -> SplitDone:
    """A case holds several problems (拆案): the first stays, the others become cases of their own.

    Merging one into the old case again undoes it.
    """
    deps.viewer.require("case.correct")
    item = Item(case_id, version_of(if_match, "case"))
    async with deps.runtime.database.unit_of_work(SYSTEM) as uow:
        case, new = await split(uow, deps.viewer, item, form.parts)
        found = [(one.id, one.number) for one in (case, *new)]
    async with deps.runtime.database.read(deps.viewer) as session:
        return SplitDone(
            cases=[
                Opened(
                    id=case_id,
                    number=number,
                    visible=await cases.seen(session, deps.viewer, case_id),
                )
                for case_id, number in found
            ]
        )
