"""The link of a call-back: the one thing that a resident does here without an account.

Nothing is shown but whose question it is; nothing is asked but two answers. A link that was used,
is too old or never was answers alike, and whoever tries many has to wait.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Request

from streetwise.directory import account_repository as waits
from streetwise.directory import repository as directory
from streetwise.directory import throttle
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import came, runtime_of
from streetwise.directory.devices import counted_network
from streetwise.directory.throttle import Rule
from streetwise.gather import signal_facts
from streetwise.kernel.access import PUBLIC, needs
from streetwise.kernel.clock import wall_now
from streetwise.kernel.errors import TooManyRequests
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.callbacks import actions
from streetwise.resolve.callbacks.actions import SYSTEM, LinkGone, Said
from streetwise.resolve.callbacks.schemas import (
    TOKEN_MAX_CHARACTERS,
    PublicAnswer,
    PublicCallBack,
)

router = APIRouter(tags=["public"], route_class=ShownRoute)

Token = Annotated[str, Path(min_length=1, max_length=TOKEN_MAX_CHARACTERS)]


@router.get("/public/call-backs/{token}", openapi_extra=needs(PUBLIC))
async def public_call_back(request: Request, token: Token) -> PublicCallBack:
    """Whose question a link is. No session, no name, nothing of the matter."""
    runtime = runtime_of(request)
    await _count(request, runtime)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        found = await actions.open_link(uow, runtime.keys, token)
        area = await directory.area(uow.session, SYSTEM, found.area)
        told = await signal_facts(uow.session, SYSTEM, [found.signal_id])
        if not told or found.link_until is None:
            raise LinkGone("This link was used already, or its time is over.")
        day = told[0].reported_at.astimezone(ZoneInfo(area.timezone)).date()
        return PublicCallBack(street=area.name, day=day, until=found.link_until)


@router.post("/public/call-backs/{token}", openapi_extra=needs(PUBLIC), status_code=204)
async def answer_call_back(request: Request, token: Token, form: PublicAnswer) -> None:
    """The two answers of whoever holds the link; once."""
    runtime = runtime_of(request)
    await _count(request, runtime)
    said = Said(form.resolved, form.satisfied)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await actions.answer_link(uow, runtime.keys, token, said)


async def _count(request: Request, runtime: Runtime) -> None:
    """Count a visit of this network before anything is looked at. Raises TooManyRequests.

    In the same table as wrong sign-ins, under another key: neither is counted as the other.
    """
    settings, wall = runtime.settings, wall_now()
    network = counted_network(came(request).address)
    key = runtime.keys.hasher("call-back-waits").of(network.encode())
    rule = Rule(
        settings.call_back_attempts,
        timedelta(seconds=settings.sign_in_wait_seconds),
        timedelta(seconds=settings.sign_in_wait_max_seconds),
        timedelta(minutes=settings.sign_in_address_minutes),
        from_first=True,
    )
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        counts = await waits.lock_counts(uow.session, [key], wall)
        wait = throttle.seconds_left(counts[key], rule, wall)
        if wait:
            raise TooManyRequests(
                f"Too many attempts; try again in {wait} seconds.", retry_after_seconds=wait
            )
        await waits.save_count(uow.session, key, throttle.one_more(counts[key], rule, wall))
