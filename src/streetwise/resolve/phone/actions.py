"""A call is stored and finds its case in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from streetwise.gather import Call, register_call
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Invalid, NotFound
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import lists, repository
from streetwise.resolve.knowledge import AreaKnowledge
from streetwise.resolve.loop import CLOSED
from streetwise.resolve.phone.schemas import CallForm
from streetwise.resolve.place import NamedPlace
from streetwise.resolve.tables import Case
from streetwise.resolve.triage import Choice, assign


@dataclass(frozen=True, slots=True)
class Done:
    """The case that a call found, and whether it was there before."""

    case_id: UUID
    number: str
    joined: bool


async def register(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, area: AreaKnowledge, form: CallForm
) -> Done:
    """Store a call and give it its case: the one that the officer chose, or a new one.

    ``uow`` is the system's: a new case may lie where the officer sees none. What the officer
    may join is asked of ``viewer``.
    """
    viewer.require("signal.register")
    system = Viewer.system("phone")
    # Before the signal is stored: as triage does, so that two never wait for each other.
    await repository.lock_triage(uow.session)
    place = _place(area, form)
    joined = await _joined(uow, viewer, form.join) if form.join else None
    call = Call(
        text=form.text.strip(),
        place=(form.place or "").strip() or (place.name if place else None),
        lon=place.lon if place else None,
        lat=place.lat if place else None,
        caller=(form.caller or "").strip() or None,
        contact=(form.contact or "").strip() or None,
        answer_by=form.answer_by,
    )
    signal_id, new = await register_call(
        uow, viewer, keys, call, area=area.code, request_id=form.request_id
    )
    if not new:
        return await _before(uow, system, signal_id)
    scheme, _, code = (form.category or "").partition(":")
    choice = Choice(
        case_id=joined.id if joined else None,
        category=(scheme, code) if code else None,
        place=place,
        urgent=form.urgent,
    )
    outcome = await assign(uow, system, [signal_id], {signal_id: choice}, by=viewer)
    if joined is None:
        (row,) = outcome.cases
        return Done(row["id"], row["number"], joined=False)
    return Done(joined.id, joined.number, joined=True)


def _place(area: AreaKnowledge, form: CallForm) -> NamedPlace | None:
    if form.place_code is None:
        return None
    place = area.index.by_code(form.place_code)
    if place is None:
        raise Invalid("There is no such place; choose it again.", code="place_unknown")
    return place


async def _joined(uow: UnitOfWork, viewer: Viewer, case_id: UUID) -> Case:
    case = (await repository.lock_cases(uow.session, viewer, [case_id])).get(case_id)
    if case is None:
        raise NotFound("There is no such case, or it is not yours to see.", id=str(case_id))
    if case.state == CLOSED:
        raise Conflict(
            f"{case.number} was closed meanwhile; choose another case, or none.",
            code="call_case_closed",
            number=case.number,
        )
    return case


async def _before(uow: UnitOfWork, system: Viewer, signal_id: UUID) -> Done:
    """The same form once more: what came of it the first time."""
    found = await repository.cases_of_signals(uow.session, system, [signal_id])
    (row,) = await lists.by_ids(uow.session, system, [found[signal_id]])
    return Done(row.case.id, row.case.number, joined=row.case.voices > 1)
