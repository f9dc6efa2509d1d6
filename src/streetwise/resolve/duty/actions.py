"""Changes of the duty room: a line of the log; a hand-over given, taken, read. Nothing is ever
changed afterwards, only added to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from streetwise.directory import repository as directory
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Forbidden, Invalid, StaleVersion
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.masking import mask
from streetwise.resolve.duty import repository
from streetwise.resolve.duty.open_items import frozen, open_items
from streetwise.resolve.duty.rules import rules, same_person
from streetwise.resolve.duty.tables import DutyEntry, Handover
from streetwise.resolve.notes import write_note
from streetwise.resolve.tables import Case

declare(
    {
        "duty.noted": "A line of the duty log (值班日志) was written; data: entry, kind, masked,"
        " and note where it is about a case.",
        "duty.handed_over": "A shift was handed over (交班); data: how many of each kind are open.",
        "duty.taken_over": "A hand-over was signed by who takes it (接班).",
        "duty.read": "The leader on duty read a hand-over.",
    }
)

#: A line may tell of something that long ago, not longer; and of nothing to come.
HAPPENED_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Noting:
    """A line to be written. ``case_number``: the case that it is about."""

    kind: str
    text: str
    happened_at: datetime | None = None
    case_number: str | None = None


async def note(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, area: str | None, noting: Noting
) -> DutyEntry:
    """Write a line of the log, masked. About a case it is a note of the case, whose original the
    vault keeps; of any other no original is kept: the log is no place for personal data."""
    viewer.require("duty.write")
    if noting.kind not in rules().log_kinds:
        raise Invalid(f"There is no kind '{noting.kind}'.", code="duty_kind")
    if not noting.text.strip():
        raise Invalid("A sentence is needed.", code="input_needed", input="text")
    happened_at = noting.happened_at or uow.now
    if not uow.now - HAPPENED_WITHIN <= happened_at <= uow.now:
        raise Invalid(
            "A line tells of what happened within the last seven days.", code="duty_happened"
        )
    case = None
    if noting.case_number:
        case = await repository.case_with_number(uow.session, viewer, noting.case_number.strip())
    masked = mask(noting.text.strip())
    note_id = await _note_of_case(uow, viewer, keys, case, noting.text)
    here = case.area if case else (await directory.area(uow.session, viewer, area)).code
    entry = DutyEntry(
        id=new_id(),
        area=here,
        kind=noting.kind,
        text=masked.text,
        masked=sum(masked.counts.values()),
        happened_at=happened_at,
        written_at=uow.now,
        written_by=viewer.staff_id,
        written_for=viewer.stand_in_for,
        case_id=case.id if case else None,
        note_id=note_id,
    )
    uow.session.add(entry)
    data: dict[str, Any] = {"entry": str(entry.id), "kind": entry.kind, "masked": entry.masked}
    if note_id:
        data["note"] = str(note_id)
    _record(uow, viewer, "duty.noted", here, data, case=case, subject=entry.id)
    return entry


async def _note_of_case(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, case: Case | None, text: str
) -> UUID | None:
    if case is None:
        return None
    written = await write_note(uow, viewer, keys, case.id, "duty_log", text)
    await uow.session.flush()
    return written.id


# --- handing over --------------------------------------------------------------------------


async def give(uow: UnitOfWork, viewer: Viewer, area: str | None, text: str) -> Handover:
    """Hand the shift over: what is open now is frozen as it is. Conflict while the hand-over
    before waits for its second signature."""
    viewer.require("duty.write")
    here = (await directory.area(uow.session, viewer, area)).code
    await repository.lock_duty(uow.session, here)
    last = next(iter(await repository.handovers(uow.session, viewer, here, None, 1)), None)
    if last is not None and last.taken_at is None:
        raise Conflict(
            "The hand-over before is not signed by who takes it yet.", code="handover_untaken"
        )
    items = await open_items(uow.session, viewer, here, uow.now)
    row = Handover(
        id=new_id(),
        version=1,
        area=here,
        from_at=last.given_at if last else None,
        items=frozen(items),
        text=mask(text.strip()).text if text.strip() else None,
        given_at=uow.now,
        given_by=viewer.staff_id,
        given_for=viewer.stand_in_for,
    )
    uow.session.add(row)
    counts = {group: one.count for group, one in items.items()}
    _record(uow, viewer, "duty.handed_over", here, counts, subject=row.id)
    return row


async def take(uow: UnitOfWork, viewer: Viewer, handover_id: UUID, version: int) -> Handover:
    """Sign for a hand-over: never who gave it, nor by a stand-in on either side."""
    viewer.require("duty.write")
    row = await _locked(uow, viewer, handover_id, version)
    if row.taken_at is not None:
        raise Conflict("It is signed already.", code="handover_taken")
    if same_person(viewer.people, {row.given_by, row.given_for}):
        raise Forbidden(
            "You, or whom you stand in for, gave this hand-over; somebody else takes it.",
            code="giver_is_taker",
        )
    row.taken_at, row.taken_by, row.taken_for = uow.now, viewer.staff_id, viewer.stand_in_for
    row.version += 1
    _record(uow, viewer, "duty.taken_over", row.area, {}, subject=row.id)
    return row


async def read(
    uow: UnitOfWork, viewer: Viewer, handover_id: UUID, version: int, leaders: list[UUID]
) -> Handover:
    """The leader on duty (one of ``leaders``) notes that they read a signed hand-over."""
    viewer.require("duty.lead")
    row = await _locked(uow, viewer, handover_id, version)
    refusal = may_not_read(viewer, row, leaders)
    if refusal is not None:
        raise refusal
    row.read_at, row.read_by, row.read_for = uow.now, viewer.staff_id, viewer.stand_in_for
    row.version += 1
    _record(uow, viewer, "duty.read", row.area, {}, subject=row.id)
    return row


def may_not_read(viewer: Viewer, row: Handover, leaders: list[UUID]) -> Conflict | Forbidden | None:
    """Why this viewer cannot read a hand-over as the leader on duty; None: they can."""
    if row.taken_at is None:
        return Conflict("It is not signed by who takes it yet.", code="handover_untaken")
    if row.read_at is not None:
        return Conflict("It is read already.", code="handover_read")
    if viewer.people.isdisjoint(leaders):
        return Forbidden("The leader on duty reads it.", code="not_leader_on_duty")
    signed = {row.given_by, row.given_for, row.taken_by, row.taken_for}
    if same_person(viewer.people, signed):
        return Forbidden("You signed it; another leader reads it.", code="signer_is_reader")
    return None


def may_take(viewer: Viewer, row: Handover) -> bool:
    """Whether this viewer may sign for it now."""
    gave = same_person(viewer.people, {row.given_by, row.given_for})
    return row.taken_at is None and viewer.may("duty.write") and not gave


async def _locked(uow: UnitOfWork, viewer: Viewer, handover_id: UUID, version: int) -> Handover:
    row = await repository.handover(uow.session, viewer, handover_id, lock=True)
    if row.version != version:
        raise StaleVersion(
            "The hand-over was signed by somebody meanwhile; look at it again.",
            current={"version": row.version},
        )
    return row


def _record(
    uow: UnitOfWork,
    viewer: Viewer,
    action: str,
    area: str,
    data: dict[str, Any],
    *,
    subject: UUID,
    case: Case | None = None,
) -> None:
    """An entry of the case where there is one: it stands in its story. Else of the room."""
    units = {case.unit_id, case.community_id} if case else {viewer.unit_id}
    uow.record(
        Entry(
            viewer.actor,
            action,
            "case" if case else "duty",
            case.id if case else subject,
            area=area,
            units=sorted(unit for unit in units if unit),
            grade=case.grade if case else 2,
            data=data,
            drill=viewer.drill,
        )
    )
