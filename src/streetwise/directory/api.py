"""Routes of the directory: sign-in, what filters choose from, the map's drawing.

``current`` is the dependency of every route of every room: who asks, and with what.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from streetwise import __version__
from streetwise.directory import repository
from streetwise.directory.schemas import (
    AboutView,
    AreaView,
    ClassView,
    DemoAccount,
    DirectoryView,
    GridView,
    MapView,
    SessionView,
    SignInForm,
    StaffView,
    TownView,
    UnitView,
)
from streetwise.directory.sign_in import SignedIn, sign_in, sign_out, signed_in
from streetwise.directory.tables import Unit
from streetwise.kernel.errors import Unauthenticated
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.privacy import roles

router = APIRouter(tags=["directory"])

COOKIE = "streetwise_session"
#: The demo's password. Only `streetwise demo` ever sets it, and only in a simulated database.
DEMO_PASSWORD = "streetwise-demo"  # noqa: S105


@dataclass(frozen=True)
class Deps:
    """What a route works with."""

    runtime: Runtime
    signed_in: SignedIn

    @property
    def viewer(self) -> Viewer:
        """Who asks."""
        return self.signed_in.viewer


def runtime_of(request: Request) -> Runtime:
    """The runtime of this process."""
    runtime: Runtime = request.app.state.runtime
    return runtime


async def current(request: Request) -> Deps:
    """Who asks. Raises Unauthenticated."""
    token = request.cookies.get(COOKIE)
    if not token:
        raise Unauthenticated("Please sign in.")
    runtime = runtime_of(request)
    return Deps(runtime, await signed_in(runtime.database, runtime.settings, token))


@router.get("/about")
async def about(runtime: Annotated[Runtime, Depends(runtime_of)]) -> AboutView:
    """The name of the street, and the demo's accounts when this is a demo. Public."""
    demo = _is_demo(runtime)
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
        ],
        demo_password=DEMO_PASSWORD if demo else None,
    )


@router.post("/session")
async def open_session(
    form: SignInForm, response: Response, runtime: Annotated[Runtime, Depends(runtime_of)]
) -> SessionView:
    """Sign in; sets the session's cookie."""
    settings = runtime.settings
    token = await sign_in(runtime.database, settings, form.login, form.password)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(settings.session_absolute_hours * 3600),
        httponly=True,
        secure=settings.secure_cookies,
        samesite="strict",
    )
    return await _session_view(Deps(runtime, await signed_in(runtime.database, settings, token)))


@router.get("/session")
async def read_session(deps: Annotated[Deps, Depends(current)]) -> SessionView:
    """Who is signed in."""
    return await _session_view(deps)


@router.delete("/session", status_code=204)
async def close_session(
    request: Request, response: Response, runtime: Annotated[Runtime, Depends(runtime_of)]
) -> None:
    """Sign out; fine to call twice."""
    token = request.cookies.get(COOKIE)
    if token:
        await sign_out(runtime.database, token)
    response.delete_cookie(COOKIE)


async def _session_view(deps: Deps) -> SessionView:
    runtime, viewer = deps.runtime, deps.viewer
    staff, unit = deps.signed_in.staff, deps.signed_in.unit
    async with runtime.database.read(viewer) as session:
        areas = await repository.areas(session, viewer)
    return SessionView(
        staff=StaffView(id=staff.id, login=staff.login, name=staff.name),
        unit=_unit_view(unit, {}),
        roles=[code for code in roles() if code in viewer.roles],
        clearance=f"L{viewer.clearance}",
        scope=viewer.scope,
        areas=[
            AreaView(
                code=area.code,
                name=area.name,
                name_en=area.name_en,
                timezone=area.timezone,
                home=area.home,
            )
            for area in areas
        ],
        can=sorted(viewer.can),
        now=runtime.database.clock.now(),
        clock_speed=runtime.database.clock.speed,
        demo=_is_demo(runtime),
    )


@router.get("/directory")
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
        units=[_unit_view(unit, codes) for unit in units],
        communities=[_unit_view(unit, codes) for unit in units if unit.tier == "community"],
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


@router.get("/map")
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


def _is_demo(runtime: Runtime) -> bool:
    return runtime.settings.demo and runtime.database.clock.simulated


def _unit_view(unit: Unit, codes: dict[UUID, str]) -> UnitView:
    return UnitView(
        code=unit.code,
        name=unit.name,
        name_en=unit.name_en,
        tier=unit.tier,
        parent=codes.get(unit.parent_id) if unit.parent_id else None,
    )
