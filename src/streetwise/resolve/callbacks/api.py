"""Routes of call-backs, for officers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query
from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.directory.answers import ShownRoute
from streetwise.directory.deps import Deps, current
from streetwise.gather import signal_facts
from streetwise.kernel.access import needs
from streetwise.kernel.errors import Conflict, Invalid
from streetwise.kernel.viewer import Viewer
from streetwise.notify import can_text
from streetwise.resolve import lists, loop
from streetwise.resolve import repository as cases
from streetwise.resolve.callbacks import actions, repository, texting
from streetwise.resolve.callbacks.actions import Said
from streetwise.resolve.callbacks.schemas import (
    CallBackForm,
    CallBackLine,
    CallBackList,
    CallBacksView,
    CallBackView,
    Estimates,
    EstimateView,
    ScriptLine,
)
from streetwise.resolve.callbacks.script import phone_script
from streetwise.resolve.callbacks.tables import CallBack
from streetwise.resolve.tables import Case, class_of
from streetwise.resolve.words import Named

router = APIRouter(tags=["call-backs"], route_class=ShownRoute)

Current = Annotated[Deps, Depends(current)]
#: Estimates reach so far back.
DAYS_MAX = 366


@router.get("/cases/{case_id}/call-backs", openapi_extra=needs("case.read", hides=True))
async def case_call_backs(deps: Current, case_id: UUID) -> CallBacksView:
    """Which reporters of a case are asked whether it is done, what they said, and what to say."""
    return await _view(deps, case_id)


@router.post(
    "/cases/{case_id}/call-backs",
    openapi_extra=needs("case.verify", "order.answer"),
    status_code=201,
)
async def add_call(deps: Current, case_id: UUID, form: CallBackForm) -> CallBacksView:
    """Write down a call to a reporter: nobody was reached, or what was said."""
    actions.require(deps.viewer)
    said = None
    if form.resolved is not None:
        said = Said(form.resolved, form.satisfied, form.reached, form.text)
    elif form.satisfied is not None or form.reached is not None or form.text:
        raise Invalid("Whoever answers says whether it is done.", code="call_back_half")
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await actions.tried(
            uow, deps.viewer, deps.runtime, case_id, form.signal_id, form.result, said
        )
    return await _view(deps, case_id)


@router.post(
    "/cases/{case_id}/call-backs/{signal_id}/link",
    openapi_extra=needs("case.verify", "order.answer"),
    status_code=201,
)
async def send_link(deps: Current, case_id: UUID, signal_id: UUID) -> CallBacksView:
    """Send a reporter a text message with a link to answer by. The number is shown to nobody; that
    it was read, and for what, is in the journal before it is. What does not go out is tried again.
    """
    actions.require(deps.viewer)
    settings = deps.runtime.settings
    if not (can_text(settings) and settings.public_url):
        raise Conflict(
            "No text messages are sent from here (settings notify_sms and public_url).",
            code="sms_off",
        )
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        link = await actions.make_link(uow, deps.viewer, deps.runtime, case_id, signal_id)
    await texting.send(deps.runtime, link.call_back_id)
    return await _view(deps, case_id)


@router.get("/call-backs", openapi_extra=needs("case.verify", "order.answer"))
async def list_call_backs(
    deps: Current,
    area: Annotated[str | None, Query(max_length=100)] = None,
    unresolved: Annotated[bool, Query()] = False,
) -> CallBackList:
    """Reporters who wait for a call; ``unresolved``: who said that it is not done."""
    actions.require(deps.viewer)
    viewer = deps.viewer
    async with deps.runtime.database.read(viewer) as session:
        here = (await directory.area(session, viewer, area)).code
        found = await repository.waiting(session, viewer, here, unresolved=unresolved)
        rows = {
            row.case.id: row
            for row in await lists.by_ids(session, viewer, [case.id for _, case in found])
        }
    return CallBackList(items=[_line(one, rows[case.id]) for one, case in found])


@router.get("/call-backs/estimates", openapi_extra=needs("score.read"))
async def read_estimates(
    deps: Current,
    area: Annotated[str | None, Query(max_length=100)] = None,
    days: Annotated[int, Query(ge=1, le=DAYS_MAX)] = 30,
) -> Estimates:
    """What reporters drawn by lot have said of each unit in the last days: estimated (预估)."""
    viewer = deps.viewer
    viewer.require("score.read")
    end = deps.runtime.database.clock.now()
    start = end - timedelta(days=days)
    async with deps.runtime.database.read(viewer) as session:
        here = (await directory.area(session, viewer, area)).code
        found = await repository.estimates(session, viewer, here, start, end)
        names = {one.id: one for one in await directory.units(session, viewer, ended=True)}
    items = [
        EstimateView(
            unit=Named(code=names[unit].code, name=names[unit].name) if unit in names else None,
            **counts._asdict(),
        )
        for unit, counts in found.items()
    ]
    items.sort(key=lambda one: one.unit.code if one.unit else "")
    share = deps.runtime.settings.call_back_share_percent
    return Estimates(start=start, end=end, share_percent=share, items=items)


def _line(row: CallBack, of: lists.Row) -> CallBackLine:
    case = of.case
    return CallBackLine(
        id=row.id,
        signal_id=row.signal_id,
        attempts=row.attempts,
        opened_at=row.opened_at,
        last_at=row.last_at,
        last_result=row.last_result,
        answered_at=row.answered_at,
        resolved=row.resolved,
        satisfied=cast(Any, row.satisfied),
        case_id=case.id,
        case_number=case.number,
        title=case.title,
        state=cast(Any, case.state),
        unit=Named(code=of.unit[0], name=of.unit[1]) if of.unit else None,
    )


async def _view(deps: Deps, case_id: UUID) -> CallBacksView:
    viewer, settings = deps.viewer, deps.runtime.settings
    now = deps.runtime.database.clock.now()
    async with deps.runtime.database.read(viewer) as session:
        case = await cases.case(session, viewer, case_id)
        rows = await repository.of_case(session, viewer, case_id)
        ids = [row.said_note_id for row in rows if row.said_note_id]
        notes = await repository.notes(session, viewer, case_id, ids) if ids else {}
        can = viewer.may("order.answer") or viewer.may("case.verify")
        may_ask = can and actions.refusal(viewer, case) is None
        script = await _script(session, viewer, case) if may_ask else []
    texts = {note_id: note.text for note_id, note in notes.items()}
    sends = can_text(settings) and bool(settings.public_url)
    through = case.state in (loop.VERIFIED, loop.CLOSED)
    return CallBacksView(
        items=[_one(row, case, texts, now) for row in rows],
        script=script,
        may_ask=may_ask,
        may_send=may_ask and sends and viewer.may("vault.read"),
        unresolved=through
        and any(row.resolved is False and row.round == case.reopened for row in rows),
    )


def _one(row: CallBack, case: Case, texts: dict[UUID, str], now: datetime) -> CallBackView:
    return CallBackView(
        id=row.id,
        version=row.version,
        signal_id=row.signal_id,
        drawn=row.drawn,
        state=cast(Any, row.state),
        opened_at=row.opened_at,
        attempts=row.attempts,
        last_at=row.last_at,
        last_result=row.last_result,
        way=cast(Any, row.way),
        answered_at=row.answered_at,
        reached=row.reached,
        resolved=row.resolved,
        satisfied=cast(Any, row.satisfied),
        said=texts.get(row.said_note_id) if row.said_note_id else None,
        note=row.said_note_id,
        link_until=row.link_until,
        link_sent_at=row.link_sent_at,
        link_open=row.token_hash is not None
        and row.link_sent_at is not None
        and row.link_until is not None
        and row.link_until > now,
        present=row.round == case.reopened,
        text_state=cast(Any, row.text_state),
        text_attempts=row.text_attempts,
        text_due_at=row.text_due_at,
    )


async def _script(session: AsyncSession, viewer: Viewer, case: Case) -> list[ScriptLine]:
    area = await directory.area(session, viewer, case.area)
    key = class_of(case)
    names = await directory.class_names(session, viewer, [key] if key else [])
    ids = await cases.signal_ids(session, viewer, case.id)
    first = min(
        (one.reported_at for one in await signal_facts(session, viewer, ids)),
        default=case.opened_at,
    )
    day = first.astimezone(ZoneInfo(area.timezone))
    lines = phone_script(area.name, f"{day.month}月{day.day}日", names.get(key) if key else None)
    return [ScriptLine(code=one.code, text=one.text) for one in lines]
