"""Routes of the contact log."""

from __future__ import annotations

from collections import Counter
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
from streetwise.resolve.answers import voices
from streetwise.resolve.contacts import actions, repository
from streetwise.resolve.contacts.actions import Making
from streetwise.resolve.contacts.schemas import (
    ContactForm,
    ContactsView,
    ContactView,
    KeptForm,
    PromisesView,
    PromiseView,
)
from streetwise.resolve.tables import Case

router = APIRouter(tags=["contacts"], route_class=ShownRoute)

Current = Annotated[Deps, Depends(current)]
IfMatch = Annotated[str | None, Header()]


@router.get("/cases/{case_id}/contacts", openapi_extra=needs("case.read", hides=True))
async def case_contacts(deps: Current, case_id: UUID) -> ContactsView:
    """Who of a case's reporters was called, when, and what came of it (联系记录)."""
    async with deps.runtime.database.read(deps.viewer) as session:
        case = await cases.case(session, deps.viewer, case_id)
        return await _view(session, deps, case)


@router.post(
    "/cases/{case_id}/contacts",
    openapi_extra=needs("order.answer", "case.report"),
    status_code=201,
)
async def add_contact(deps: Current, case_id: UUID, form: ContactForm) -> ContactsView:
    """Write down a try to speak to a reporter, its result, and what was promised."""
    actions.require(deps.viewer)
    making = Making(
        case_id,
        form.signal_id,
        form.way,
        form.result,
        form.text,
        form.promise,
        form.promised_on,
    )
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        await actions.make(uow, deps.viewer, deps.runtime.keys, making)
    return await _after(deps, case_id)


@router.post("/contacts/{contact_id}/kept", openapi_extra=needs("order.answer", "case.report"))
async def say_kept(
    deps: Current, contact_id: UUID, form: KeptForm, if_match: IfMatch = None
) -> ContactsView:
    """Say whether a promise was kept."""
    actions.require(deps.viewer)
    version = version_of(if_match, "contact")
    async with deps.runtime.database.unit_of_work(deps.viewer) as uow:
        found = await actions.say_kept(uow, deps.viewer, contact_id, version, kept=form.kept)
    return await _after(deps, found.case_id)


@router.get("/promises", openapi_extra=needs("case.read"))
async def list_promises(
    deps: Current,
    area: Annotated[str | None, Query(max_length=100)] = None,
    late: Annotated[bool, Query()] = False,
) -> PromisesView:
    """What reporters were promised and nobody has said was kept; ``late``: whose day is over."""
    viewer = deps.viewer
    viewer.require("case.read")
    now = deps.runtime.database.clock.now()
    async with deps.runtime.database.read(viewer) as session:
        here = (await directory.area(session, viewer, area)).code
        rows = await repository.promises(session, viewer, here, before=now if late else None)
        ids = {one.promise_note_id for one, _ in rows if one.promise_note_id}
        notes = await repository.notes(session, viewer, ids)
    return PromisesView(
        items=[
            PromiseView(
                id=one.id,
                version=one.version,
                promised_on=one.promised_on,
                promise_due_at=one.promise_due_at,
                late=one.promise_due_at < now,
                promise=notes[one.promise_note_id].text,
                case_id=case.id,
                case_number=case.number,
                title=case.title,
                state=case.state,
            )
            for one, case in rows
            if one.promised_on and one.promise_due_at and one.promise_note_id in notes
        ]
    )


async def _after(deps: Deps, case_id: UUID) -> ContactsView:
    async with deps.runtime.database.read(deps.viewer) as session:
        case = await cases.case(session, deps.viewer, case_id)
        return await _view(session, deps, case)


async def _view(session: AsyncSession, deps: Deps, case: Case) -> ContactsView:
    viewer, now = deps.viewer, deps.runtime.database.clock.now()
    rows = await repository.of_case(session, viewer, case.id)
    ids = {one for row in rows for one in (row.note_id, row.promise_note_id) if one}
    notes = await repository.notes(session, viewer, ids) if ids else {}
    staff = {row.by: UUID(row.by.removeprefix("staff:")) for row in rows if "staff:" in row.by}
    names = await directory.staff_names(session, viewer, staff.values())
    counted: Counter[UUID] = Counter()
    items = []
    for row in rows:
        counted[row.signal_id] += 1
        by = names.get(staff[row.by]) if row.by in staff else None
        late = row.promise_due_at is not None and row.kept is None and row.promise_due_at < now
        items.append(
            ContactView(
                id=row.id,
                version=row.version,
                signal_id=row.signal_id,
                n=counted[row.signal_id],
                at=row.at,
                by=by[0] if by else None,
                way=row.way,
                result=row.result,
                text=notes[row.note_id].text if row.note_id in notes else None,
                note=row.note_id,
                promise=notes[row.promise_note_id].text if row.promise_note_id in notes else None,
                promise_note=row.promise_note_id,
                promised_on=row.promised_on,
                promise_due_at=row.promise_due_at,
                promise_late=late,
                kept=row.kept,
                kept_at=row.kept_at,
            )
        )
    writes = viewer.may("order.answer") or (
        viewer.may("case.report") and case.unit_id in viewer.units
    )
    told = await voices.of_case(session, viewer, case, deps.runtime.settings)
    whom = [one.signal.id for one in told if one.way.code != "nobody" and not one.signal.refers_to]
    return ContactsView(items=items, whom=whom, may_write=writes and bool(whom))
