"""More time (延期) and suspension (挂账): asked for by who handles a case, decided by another.

Only where the scheme of the case's own clock knows it. A work order's clock is never touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Forbidden, Invalid
from streetwise.kernel.ids import new_id
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.clocks import repository
from streetwise.resolve.clocks.actions import Clocks
from streetwise.resolve.clocks.rules import scheme_rules
from streetwise.resolve.clocks.tables import CaseRequest
from streetwise.resolve.inputs import Inputs
from streetwise.resolve.tables import Case


@dataclass(frozen=True, slots=True)
class Request:
    """One step of asking, as the loop's effects hand it over. ``data``: of the entry."""

    uow: UnitOfWork
    viewer: Viewer
    case: Case
    inputs: Inputs
    data: dict[str, Any]
    clocks: Clocks


async def ask_extension(request: Request) -> None:
    """Ask for the original time once more, before it is late."""
    case, now = request.case, request.uow.now
    own = request.clocks.own(case)
    if own is None or own.due_at is None or now > own.due_at:
        raise Conflict(
            f"{case.number} is late already: more time is asked for before that.",
            code="extension_late",
            number=case.number,
        )
    await _ask(request, "extension")


async def ask_suspension(request: Request) -> None:
    """Ask that the clock stands still until a day."""
    case, until, now = request.case, request.inputs.until, request.uow.now
    assert until is not None
    if until.tzinfo is None:
        raise Invalid("Say the time with its zone.", code="until_zone")
    most = scheme_rules(case.clock_scheme).suspension_days
    if until <= now or until > now + timedelta(days=most):
        raise Invalid(
            f"A suspension ends after today and within {most} days.",
            code="until_range",
            days=most,
        )
    request.data["until"] = until.isoformat()
    await _ask(request, "suspension")


async def _ask(request: Request, kind: str) -> None:
    case, viewer = request.case, request.viewer
    row = CaseRequest(
        id=new_id(),
        area=case.area,
        case_id=case.id,
        kind=kind,
        state="open",
        asked_at=request.uow.now,
        asked_by=viewer.staff_id,
        asked_for=viewer.stand_in_for,
        note_id=_note(request),
        until=request.inputs.until,
    )
    # The note stands before what refers to it.
    await request.uow.session.flush()
    request.uow.session.add(row)
    case.asked = kind
    request.data["request"] = str(row.id)


async def grant_extension(request: Request) -> None:
    """The clock gets its original limit once more."""
    await _decide(request, "granted")
    due = request.clocks.extend(request.case, request.uow.now)
    request.case.extended += 1
    request.data["extended"] = request.case.extended
    request.data["due"] = due.isoformat() if due else None


async def grant_suspension(request: Request) -> None:
    """The clock stands still; the case goes on by itself when the day comes."""
    row = await _decide(request, "granted")
    case, now = request.case, request.uow.now
    assert row.until is not None
    if row.until <= now:
        raise Conflict("The day until which it was asked for is past.", code="until_past")
    case.suspended += 1
    case.suspended_until = row.until
    request.clocks.until(case, now, row.until)
    until = row.until.isoformat()
    request.data.update(until=until, suspended=case.suspended, suspended_until=until)


async def refuse(request: Request) -> None:
    """It stays as it is."""
    await _decide(request, "refused")


async def resume(request: Request) -> None:
    """Before the day, or because it has come."""
    request.case.suspended_until = None
    request.data["suspended_until"] = None


async def _decide(request: Request, state: str) -> CaseRequest:
    case, viewer = request.case, request.viewer
    row = await repository.open_request(request.uow.session, viewer, case.id)
    if row is None:
        raise Conflict("Somebody has decided on this already.", code="nothing_asked")
    # Both persons of a stand-in count as the asker, and both as who decides.
    if not {row.asked_by, row.asked_for}.isdisjoint(viewer.people):
        raise Forbidden(
            f"You, or whom you stand in for, asked this of {case.number}; another must decide.",
            code="asker_decides",
            number=case.number,
        )
    # The note stands before what refers to it.
    await request.uow.session.flush()
    row.state, row.decided_at, row.decided_by = state, request.uow.now, viewer.actor
    row.decision_note_id = _note(request)
    case.asked = None
    request.data["request"] = str(row.id)
    return row


async def lapse(uow: UnitOfWork, viewer: Viewer, case: Case, data: dict[str, Any]) -> None:
    """The case goes on, and what was asked for needs no decision any more."""
    row = await repository.open_request(uow.session, viewer, case.id)
    if row is not None:
        row.state, row.decided_at, row.decided_by = "lapsed", uow.now, viewer.actor
        data["lapsed"] = str(row.id)
    case.asked = None


def _note(request: Request) -> UUID | None:
    note = request.data.get("note")
    return UUID(note) if note else None
