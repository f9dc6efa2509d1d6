"""Writing down that a reporter was called, and whether a promise was kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from streetwise.directory import repository as directory
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Forbidden, Invalid, NotFound, StaleVersion
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import repository as cases
from streetwise.resolve.contacts import repository
from streetwise.resolve.contacts.rules import SPOKEN, Attempt, shipped_rules
from streetwise.resolve.contacts.tables import Contact
from streetwise.resolve.notes import write_note
from streetwise.resolve.tables import Case

declare(
    {
        "contact.made": "A reporter was called (联系); data: signal, way, result, note,"
        " promised_on, promise.",
        "contact.promise_kept": "A promise to a reporter was kept; data: contact, signal.",
        "contact.promise_broken": "A promise to a reporter was not kept; data: contact, signal.",
    }
)

#: What several officers are about is looked up with these eyes; each is checked for itself.
TOGETHER = Viewer.system("contacts-together")


@dataclass(frozen=True, slots=True)
class Making:
    """A try as an officer writes it down. ``promise``: what was promised, for ``promised_on``."""

    case_id: UUID
    signal_id: UUID
    way: str
    result: str
    text: str | None = None
    promise: str | None = None
    promised_on: date | None = None


def require(viewer: Viewer) -> None:
    """Who answers orders calls reporters, and so does who handles the case."""
    if not viewer.may("order.answer"):
        viewer.require("case.report")


async def make(uow: UnitOfWork, viewer: Viewer, keys: Keys, making: Making) -> Contact:
    """Write a try down; its order's first-contact timer stops where that is enough."""
    (contact,) = await make_together(uow, keys, [(viewer, making)])
    return contact


async def make_together(
    uow: UnitOfWork, keys: Keys, made: Sequence[tuple[Viewer, Making]]
) -> list[Contact]:
    """Tries of several officers, each checked and recorded as by itself; all or none, a refusal
    is raised. What they are about is looked up once for all.
    """
    sight = made[0][0] if len({viewer for viewer, _ in made}) == 1 else TOGETHER
    wanted = {making.case_id for _, making in made}
    found: dict[UUID, Case] = await cases.lock_cases(uow.session, sight, wanted)
    voices = await repository.voices_of(uow.session, sight, wanted)
    contacts, entries = [], []
    for viewer, making in made:
        require(viewer)
        case = found.get(making.case_id)
        if case is None or not cases.sees(viewer, case):
            raise cases.no_such_case(making.case_id)
        if (case.id, making.signal_id) not in voices:
            raise NotFound("This case has no such voice.", id=str(making.signal_id))
        _held(viewer, case)
        contact, data = await _written(uow, viewer, keys, case, making)
        contacts.append(contact)
        entries.append((viewer, case, making.signal_id, data))
    # Notes first: rows refer to them, and nothing tells the session of it.
    await uow.session.flush()
    uow.session.add_all(contacts)
    await uow.session.flush()
    await _stop_timers(uow, sight, {contact.signal_id for contact in contacts})
    for viewer, case, signal_id, data in entries:
        _record(uow, viewer, case, "contact.made", signal_id, **data)
    return contacts


async def _written(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, case: Case, making: Making
) -> tuple[Contact, dict[str, Any]]:
    """The row of a try, not stored yet, and what its entry says."""
    due = await _promise_due(uow, viewer, case, making)
    contact = Contact(
        id=new_id(),
        version=1,
        area=case.area,
        case_id=case.id,
        signal_id=making.signal_id,
        at=uow.now,
        by=viewer.actor,
        way=making.way,
        result=making.result,
        promised_on=making.promised_on,
        promise_due_at=due,
    )
    data: dict[str, Any] = {"way": making.way, "result": making.result}
    if making.text and making.text.strip():
        note = await write_note(uow, viewer, keys, case.id, "contact", making.text)
        contact.note_id = note.id
        data["note"] = str(note.id)
    if making.promised_on is not None:
        assert making.promise is not None
        note = await write_note(uow, viewer, keys, case.id, "promise", making.promise)
        contact.promise_note_id = note.id
        data |= {"promised_on": making.promised_on.isoformat(), "promise": str(note.id)}
    return contact, data


async def _stop_timers(uow: UnitOfWork, viewer: Viewer, signal_ids: Collection[UUID]) -> None:
    waiting = [
        order
        for order in await repository.orders_of(uow.session, viewer, signal_ids)
        if order.contacted_at is None
    ]
    if not waiting:
        return
    calls = await repository.of_cases(uow.session, viewer, {one.case_id for one in waiting})
    for order in waiting:
        tries = [
            Attempt(one.at, one.result)
            for one in calls
            if (one.case_id, one.signal_id) == (order.case_id, order.signal_id)
        ]
        # No change of the order's version: nothing that anybody decides on has changed.
        order.contacted_at = shipped_rules().met(tries)


async def _promise_due(
    uow: UnitOfWork, viewer: Viewer, case: Case, making: Making
) -> datetime | None:
    """The end of the promised day, in the street's time."""
    if (making.promised_on is None) != (not (making.promise or "").strip()):
        raise Invalid(
            "A promise needs its words and its day.", code="promise_half", input="promised_on"
        )
    if making.promised_on is None:
        return None
    if making.result not in SPOKEN:
        raise Invalid("Nobody was spoken to: nothing was promised.", code="promise_to_nobody")
    zone = ZoneInfo((await directory.area(uow.session, viewer, case.area)).timezone)
    today = uow.now.astimezone(zone).date()
    if not 0 <= (making.promised_on - today).days <= shipped_rules().promise_max_days:
        raise Invalid(
            f"A promise is for today or a day within {shipped_rules().promise_max_days} days.",
            code="promise_day",
            days=shipped_rules().promise_max_days,
        )
    return datetime.combine(making.promised_on + timedelta(days=1), time(), zone)


async def say_kept(
    uow: UnitOfWork, viewer: Viewer, contact_id: UUID, version: int, *, kept: bool
) -> Contact:
    """Say whether a promise was kept. Once: a new promise is a new contact."""
    require(viewer)
    case = await _lock(uow, viewer, await repository.case_of(uow.session, viewer, contact_id))
    _held(viewer, case)
    found = await repository.of_case(uow.session, viewer, case.id)
    contact = next(one for one in found if one.id == contact_id)
    if contact.version != version:
        raise StaleVersion(
            "Somebody else said so meanwhile; look at it again.",
            current={"version": contact.version},
        )
    if contact.promise_due_at is None or contact.kept is not None:
        raise Conflict("There is no promise here that waits for it.", code="promise_settled")
    contact.kept, contact.kept_at = kept, uow.now
    contact.version += 1
    action = "contact.promise_kept" if kept else "contact.promise_broken"
    _record(uow, viewer, case, action, contact.signal_id, contact=str(contact.id))
    return contact


async def _lock(uow: UnitOfWork, viewer: Viewer, case_id: UUID) -> Case:
    case = (await cases.lock_cases(uow.session, viewer, [case_id])).get(case_id)
    if case is None:
        raise cases.no_such_case(case_id)
    return case


def _held(viewer: Viewer, case: Case) -> None:
    """Who answers no orders writes down calls of the cases of their own unit."""
    if not viewer.may("order.answer") and case.unit_id not in viewer.units:
        raise Forbidden(
            f"{case.number} is held by another unit.", code="not_holder", number=case.number
        )


def _record(
    uow: UnitOfWork, viewer: Viewer, case: Case, action: str, signal_id: UUID, **data: Any
) -> None:
    uow.record(
        Entry(
            viewer.actor,
            action,
            "case",
            case.id,
            area=case.area,
            units=sorted({unit for unit in (case.unit_id, case.community_id) if unit}),
            grade=case.grade,
            data={"signal": str(signal_id), **data},
            drill=viewer.drill,
        )
    )
