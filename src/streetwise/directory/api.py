"""Routes of the directory: the sign-in page's facts, what filters choose from, the map's drawing.

Sign-in itself: ``session_api``; accounts: ``account_api``.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from streetwise import __version__
from streetwise.directory import repository, second_factor, setup
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current, runtime_of
from streetwise.directory.schemas import (
    AboutView,
    ClassView,
    DemoAccount,
    DirectoryView,
    GridView,
    MapView,
    TownView,
)
from streetwise.directory.views import is_demo, unit_view
from streetwise.kernel import arriving
from streetwise.kernel.access import PUBLIC, needs
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.privacy import roles

router = APIRouter(tags=["directory"], route_class=ShownRoute)

#: The demo's password. Only `streetwise demo` ever sets it, and only in a simulated database.
DEMO_PASSWORD = "streetwise-demo"  # noqa: S105


@router.get("/about", openapi_extra=needs(PUBLIC))
async def about(runtime: Annotated[Runtime, Depends(runtime_of)]) -> AboutView:
    """The name of the street, and the demo's accounts when this is a demo. Public."""
    demo = is_demo(runtime)
    system = Viewer.system("about")
    async with runtime.database.read(system) as session:
        home = next((area for area in await repository.areas(session, system) if area.home), None)
        people = await repository.demo_staff(session, system) if demo else []
    return AboutView(
        name="Streetwise 街智",
        version=__version__,
        town=home
        and TownView(code=home.code, name=home.name, name_en=home.name_en, timezone=home.timezone),
        demo=demo,
        demo_accounts=[
            DemoAccount(
                login=staff.login,
                name=staff.name,
                role=staff.roles[0],
                role_name=roles()[staff.roles[0]].name,
                role_name_en=roles()[staff.roles[0]].name_en,
                unit_name=unit.name,
            )
            for staff, unit in people
            if staff.roles
        ],
        demo_password=DEMO_PASSWORD if demo else None,
        second_factor_off=second_factor.off_here(runtime),
        setup_open=await setup.is_open(runtime),
        history_arriving=arriving.share(runtime.settings.home) if demo else None,
    )


@router.get("/directory", openapi_extra=needs("directory.read"))
async def read_directory(
    deps: Annotated[Deps, Depends(current)], area: Annotated[str | None, Query()] = None
) -> DirectoryView:
    """Units, grids and classes, for filters and forms."""
    viewer = deps.viewer
    viewer.require("directory.read")
    async with deps.runtime.database.read(deps.viewer) as session:
        everything = await repository.units(session, viewer, ended=True)
        grids = []
        if viewer.areas:
            found = await repository.area(session, viewer, area)
            grids = list(await repository.grids(session, viewer, found.code))
        classes = await repository.classes(session, viewer)
    codes = {unit.id: unit.code for unit in everything}
    names = {unit.id: unit.name for unit in everything}
    units = [unit for unit in everything if unit.ended_at is None]
    return DirectoryView(
        units=[unit_view(unit, codes) for unit in units],
        communities=[unit_view(unit, codes) for unit in units if unit.tier == "community"],
        grids=[
            GridView(
                code=grid.code,
                name=grid.name,
                community_code=codes[grid.community_id],
                community_name=names[grid.community_id],
            )
            for grid in grids
        ],
        categories=[
            ClassView(
                scheme=cls.scheme,
                version=cls.version,
                code=cls.code,
                name=cls.name,
                name_en=cls.name_en,
                group=cls.group_name,
            )
            for cls in classes
        ],
    )


@router.get("/map", openapi_extra=needs("directory.read"))
async def read_map(
    deps: Annotated[Deps, Depends(current)],
    response: Response,
    area: Annotated[str | None, Query()] = None,
) -> MapView:
    """The drawing of an area and its grids; no case stands on it."""
    viewer = deps.viewer
    viewer.require("directory.read")
    async with deps.runtime.database.read(deps.viewer) as session:
        found = await repository.area(session, viewer, area, drawing=True)
        grids = await repository.grids(session, viewer, found.code)
        units = {unit.id: unit for unit in await repository.units(session, viewer, ended=True)}
    response.headers["Cache-Control"] = "private, max-age=300"
    return MapView(
        area=found.code,
        bbox=found.bbox,
        base=found.base,
        grids={
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "geometry": grid.geometry,
                    "properties": {
                        "code": grid.code,
                        "name": grid.name,
                        "community_code": units[grid.community_id].code,
                        "community_name": units[grid.community_id].name,
                    },
                }
                for grid in grids
            ],
        },
    )
