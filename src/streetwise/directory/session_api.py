"""Routes of sign-in, step by step, of acting for another, and of the first start.

``POST /session`` answers 200 with the session, or 202 with the next step: then the browser has a
pending token, in a cookie of its own, which only the routes of that step take.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from streetwise.directory import own_account, repository, setup, sign_in, staff_repository
from streetwise.directory.account_schemas import (
    CodeForm,
    EnrolledView,
    NewPasswordForm,
    OfferView,
    PendingView,
    SetupForm,
    SetupView,
    SignInForm,
    StandInForm,
)
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import (
    COOKIE,
    PENDING_COOKIE,
    Deps,
    came,
    cookie_name,
    current,
    drop_cookie,
    runtime_of,
    set_cookie,
)
from streetwise.directory.schemas import AreaView, SessionView, StaffView, StandInOffer
from streetwise.directory.sessions import sign_out, signed_in
from streetwise.directory.setup import Administrator
from streetwise.directory.sign_in import Begun
from streetwise.directory.views import is_demo, unit_view
from streetwise.kernel.access import PENDING, PUBLIC, SIGNED_IN, needs
from streetwise.kernel.runtime import Runtime
from streetwise.privacy import roles

router = APIRouter(tags=["sign-in"], route_class=ShownRoute)

_Runtime = Annotated[Runtime, Depends(runtime_of)]
_STEPS: dict[int | str, dict[str, Any]] = {
    202: {"model": PendingView, "description": "Not finished: the next step."}
}


@router.post("/session", openapi_extra=needs(PUBLIC), responses=_STEPS)
async def open_session(
    form: SignInForm, request: Request, response: Response, runtime: _Runtime
) -> SessionView | PendingView:
    """Sign in; sets the session's cookie, or the pending one and says the next step."""
    held = request.cookies.get(cookie_name(runtime.settings, COOKIE))
    begun = await sign_in.sign_in(runtime, came(request), form.login, form.password, held=held)
    return await _went_on(runtime, response, begun)


@router.get("/session/pending", openapi_extra=needs(PENDING))
async def read_pending(request: Request, runtime: _Runtime) -> PendingView:
    """What a begun sign-in waits for."""
    return await _pending_view(runtime, _pending_token(request, runtime))


@router.post("/session/second-factor", openapi_extra=needs(PENDING), responses=_STEPS)
async def give_code(
    form: CodeForm, request: Request, response: Response, runtime: _Runtime
) -> SessionView | PendingView:
    """Give the second factor."""
    token = _pending_token(request, runtime)
    return await _went_on(
        runtime, response, await sign_in.give_code(runtime, came(request), token, form.code)
    )


@router.post("/session/password", openapi_extra=needs(PENDING), responses=_STEPS)
async def give_new_password(
    form: NewPasswordForm, request: Request, response: Response, runtime: _Runtime
) -> SessionView | PendingView:
    """Take a new password, where it must be changed."""
    token = _pending_token(request, runtime)
    return await _went_on(
        runtime, response, await sign_in.give_password(runtime, came(request), token, form.password)
    )


@router.post("/session/enrolment", openapi_extra=needs(PENDING))
async def offer_second_factor(request: Request, runtime: _Runtime) -> OfferView:
    """Begin to set up the second factor; asked again, the same key."""
    offer = await sign_in.offer(runtime, _pending_token(request, runtime))
    return OfferView(key=offer.key, uri=offer.uri)


@router.post("/session/enrolment/confirm", openapi_extra=needs(PENDING))
async def confirm_second_factor(
    form: CodeForm, request: Request, response: Response, runtime: _Runtime
) -> EnrolledView:
    """Confirm the second factor by a code; gives the recovery codes."""
    token = _pending_token(request, runtime)
    begun, codes = await sign_in.enrol(runtime, came(request), token, form.code)
    view = await _went_on(runtime, response, begun)
    response.status_code = 200
    return EnrolledView(
        recovery_codes=codes,
        session=view if isinstance(view, SessionView) else None,
        pending=view if isinstance(view, PendingView) else None,
    )


def _pending_token(request: Request, runtime: Runtime) -> str | None:
    return request.cookies.get(cookie_name(runtime.settings, PENDING_COOKIE))


async def _went_on(runtime: Runtime, response: Response, begun: Begun) -> SessionView | PendingView:
    """Give the new token under its name, take the other one away."""
    settings = runtime.settings
    if begun.step is not None:
        set_cookie(response, settings, PENDING_COOKIE, begun.token)
        drop_cookie(response, settings, COOKIE)
        response.status_code = 202
        return await _pending_view(runtime, begun.token)
    set_cookie(response, settings, COOKIE, begun.token)
    drop_cookie(response, settings, PENDING_COOKIE)
    return await session_view(
        Deps(runtime, await signed_in(runtime.database, settings, begun.token))
    )


async def _pending_view(runtime: Runtime, token: str | None) -> PendingView:
    _, staff, step = await sign_in.pending(runtime, token)
    return PendingView(
        step=step,
        login=staff.login,
        name=staff.name,
        min_characters=runtime.settings.password_min_characters,
    )


@router.get("/session", openapi_extra=needs(SIGNED_IN))
async def read_session(deps: Annotated[Deps, Depends(current)]) -> SessionView:
    """Who is signed in."""
    return await session_view(deps)


@router.delete("/session", openapi_extra=needs(PUBLIC), status_code=204)
async def close_session(request: Request, response: Response, runtime: _Runtime) -> None:
    """Sign out; fine to call twice."""
    for name in (COOKIE, PENDING_COOKIE):
        token = request.cookies.get(cookie_name(runtime.settings, name))
        if token:
            await sign_out(runtime.database, token)
        drop_cookie(response, runtime.settings, name)


@router.put("/session/stand-in", openapi_extra=needs(SIGNED_IN))
async def act_for(
    form: StandInForm, request: Request, deps: Annotated[Deps, Depends(current)]
) -> SessionView:
    """Act for another by a running stand-in, with that one's unit and roles; null: for oneself."""
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await own_account.stand_in(uow, deps.signed_in, form.login)
    return await session_view(await current(request))


@router.get("/setup", openapi_extra=needs(PUBLIC))
async def read_setup(runtime: _Runtime) -> SetupView:
    """Whether this installation waits for its first administrators."""
    return SetupView(
        open=await setup.is_open(runtime),
        min_characters=runtime.settings.password_min_characters,
    )


@router.post("/setup", openapi_extra=needs(PUBLIC), status_code=204)
async def make_administrators(form: SetupForm, request: Request, runtime: _Runtime) -> None:
    """Make the three administrators with the code that the console shows; once."""
    three = [
        Administrator(one.role, one.login, one.name, one.password) for one in form.administrators
    ]
    await setup.make_administrators(runtime, came(request), form.code, three)


async def session_view(deps: Deps) -> SessionView:
    """Who is signed in, for the screen."""
    runtime, viewer, who = deps.runtime, deps.viewer, deps.signed_in
    async with runtime.database.read(viewer) as session:
        areas = await repository.areas(session, viewer)
        offers = await staff_repository.my_stand_ins(session, viewer, runtime.database.clock.now())
    absent = who.stand_in_for
    return SessionView(
        staff=StaffView(id=who.staff.id, login=who.staff.login, name=who.staff.name),
        stand_in_for=absent and StaffView(id=absent.id, login=absent.login, name=absent.name),
        stand_ins=[
            StandInOffer(
                login=one.stands_in_for.login,
                name=one.stands_in_for.name,
                unit_name=one.unit.name,
                ends_at=one.ends_at,
            )
            for one in offers
        ],
        unit=unit_view(who.unit, {}),
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
        demo=is_demo(runtime),
    )
