"""Routes of saved views."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.kernel.access import needs
from streetwise.kernel.shown import Shown, shows
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.saved import actions, repository

router = APIRouter(tags=["cases"], route_class=ShownRoute)

Current = Annotated[Deps, Depends(current)]


class SavedViewView(Shown):
    """A saved view. ``own``: it is the viewer's, who may remove it; ``shared``: with the unit."""

    __shows__ = shows({"saved_view": "id name query", "L2 work": "own shared"})

    id: UUID
    name: str
    query: str
    own: bool
    shared: bool


class SavedViews(Shown):
    """The viewer's own views and those of the viewer's unit, by name."""

    __shows__ = shows({"holds": "items"})

    items: list[SavedViewView]


class SavedViewForm(BaseModel):
    """A view to be saved: a name, and the filters as they stand in the address."""

    model_config = ConfigDict(extra="forbid")
    area: str | None = Field(None, max_length=100)
    name: str = Field(max_length=60)
    query: str = Field(max_length=1000)
    shared: bool = False


@router.get("/views", openapi_extra=needs("case.read"))
async def saved_views(deps: Current) -> SavedViews:
    """The views that one has saved, and those that the unit shares."""
    deps.viewer.require("case.read")
    async with deps.runtime.database.read(deps.viewer) as session:
        return await _views(session, deps.viewer)


@router.post("/views", openapi_extra=needs("case.read"), status_code=201)
async def save_view(deps: Current, form: SavedViewForm) -> SavedViews:
    """Save the filters of the list under a name."""
    deps.viewer.require("case.read")
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await actions.save(uow, deps.viewer, form.area, form.name, form.query, shared=form.shared)
        await uow.session.flush()
        return await _views(uow.session, deps.viewer)


@router.delete("/views/{view_id}", openapi_extra=needs("case.read"))
async def remove_view(deps: Current, view_id: UUID) -> SavedViews:
    """Remove a view of one's own."""
    deps.viewer.require("case.read")
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await actions.remove(uow, deps.viewer, view_id)
        return await _views(uow.session, deps.viewer)


async def _views(session: AsyncSession, viewer: Viewer) -> SavedViews:
    return SavedViews(
        items=[
            SavedViewView(
                id=row.id,
                name=row.name,
                query=row.query,
                own=row.owner_id == viewer.staff_id,
                shared=row.unit_id is not None,
            )
            for row in await repository.views(session, viewer)
        ]
    )
