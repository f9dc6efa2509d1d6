"""Calling back: who is asked, what was said, the link. Each with its entry."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Invalid, NotFound, StreetwiseError
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer
from streetwise.privacy import actions as vault
from streetwise.privacy.actions import Why
from streetwise.resolve import loop
from streetwise.resolve import repository as cases
from streetwise.resolve.callbacks import repository
from streetwise.resolve.callbacks.repository import Voice
from streetwise.resolve.callbacks.tables import (
    ANSWERED,
    GIVEN_UP,
    SENT,
    TO_SEND,
    WAITING,
    CallBack,
)
from streetwise.resolve.guards import GUARDS
from streetwise.resolve.notes import write_note
from streetwise.resolve.tables import Case, units_of
from streetwise.resolve.telling import News, tell
from streetwise.resolve.vault_actions import about_case
from streetwise.resolve.verify.sampling import chance

declare(
    {
        "call_back.tried": "A reporter was called back (回访); data: signal, result, attempts.",
        "call_back.answered": "A reporter said whether it is done (回访答复); data: signal, way,"
        " resolved, satisfied, reached, note.",
        "call_back.link_made": "A reporter is sent a link to answer by; data: signal, until.",
        "call_back.link_sent": "The link went out; data: signal.",
        "call_back.text_again": "The text with the link is tried again, for which the number is"
        " read again; data: signal, attempts.",
        "call_back.text_failed": "The text with the link was given up; data: signal, attempts.",
    }
)

SYSTEM = Viewer.system("call-back")
LOT_PURPOSE, TOKEN_PURPOSE, LINK_PURPOSE = "call-back-lot", "call-back-token", "call-back-link"
#: Call-backs opened in one transaction.
BATCH = 500
PHONE, LINK = "phone", "link"
#: A number that is nobody's, and one who will not speak, are not called again.
_NEVER_AGAIN = ("refused", "wrong_number")
#: A reporter is asked once the unit says that it is done.
_ASKED_ABOUT = (loop.REPORTED, loop.VERIFIED, loop.CLOSED)


class LinkGone(StreetwiseError):
    """A link that was used, is too old, or never was: all three look the same."""

    status = 410
    code = "link_gone"
    title = "This link is over"


@dataclass(frozen=True, slots=True)
class Said:
    """What a reporter answered. ``reached``: somebody had been in touch; ``text``: own words."""

    resolved: bool
    satisfied: str | None = None
    reached: bool | None = None
    text: str | None = None


# --- who is asked --------------------------------------------------------------------------


def is_drawn(keys: Keys, settings: Settings, signal_id: UUID, round_: int) -> bool:
    """Whether the lot falls on this voice: always the same answer, that nobody can know before."""
    lot = chance(keys.hasher(LOT_PURPOSE).of(signal_id.bytes, b"%d" % round_))
    return lot < settings.call_back_share_percent / 100


async def open_due(runtime: Runtime) -> int:
    """Open call-backs for the voices of cases that passed a check lately; how many were opened.

    Those on whom the lot does not fall get no row: an officer may ask them nonetheless.
    """
    settings = runtime.settings
    opened, after = 0, None
    while True:
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            since = uow.now - timedelta(days=settings.call_back_within_days)
            voices = await repository.voices_to_ask(uow.session, SYSTEM, since, after, BATCH)
            drawn = [
                voice
                for voice in voices
                if is_drawn(runtime.keys, settings, voice.signal_id, voice.round)
            ]
            opened += await repository.open_call_backs(
                uow.session, SYSTEM, [_row(uow, voice) for voice in drawn]
            )
        if len(voices) < BATCH:
            return opened
        after = (voices[-1].case_id, voices[-1].signal_id)


def _row(uow: UnitOfWork, voice: Voice) -> dict[str, Any]:
    return {
        "id": new_id(),
        "version": 1,
        "area": voice.area,
        "case_id": voice.case_id,
        "signal_id": voice.signal_id,
        "round": voice.round,
        "unit_id": voice.unit_id,
        "drawn": True,
        "state": WAITING,
        "opened_at": uow.now,
        "attempts": 0,
        "link_number": 0,
        "text_attempts": 0,
    }


# --- by telephone --------------------------------------------------------------------------


def require(viewer: Viewer) -> None:
    """Who checks, or answers orders, calls back."""
    if not viewer.may("order.answer"):
        viewer.require("case.verify")


def refusal(viewer: Viewer, case: Case) -> StreetwiseError | None:
    """Why this viewer may not ask about this case; None: they may. Who handled it never asks."""
    if case.state not in _ASKED_ABOUT or case.merged_into is not None:
        return Conflict(f"{case.number} is not done; nobody is asked yet.", code="call_back_early")
    for name in ("outsider", "not_reporter"):
        found = GUARDS[name](viewer, case)
        if found is not None:
            return found
    return None


async def tried(
    uow: UnitOfWork,
    viewer: Viewer,
    runtime: Runtime,
    case_id: UUID,
    signal_id: UUID,
    result: str,
    said: Said | None,
) -> CallBack:
    """Write a call down: nobody was reached, or what was said. Raises what stands in the way."""
    require(viewer)
    if (result == "reached") != (said is not None):
        raise Invalid("Whoever is reached says whether it is done.", code="call_back_half")
    case, row = await _voice(uow, viewer, runtime, case_id, signal_id)
    if row.state == ANSWERED:
        raise Conflict("This reporter has answered already.", code="call_back_answered")
    row.attempts += 1
    row.version += 1
    row.last_at, row.last_result, row.way = uow.now, result, PHONE
    if said is not None:
        await _answer(uow, viewer, runtime.keys, case, row, PHONE, said)
        return row
    if result in _NEVER_AGAIN or row.attempts >= runtime.settings.call_back_call_attempts:
        row.state = GIVEN_UP
    data = {"result": result, "attempts": row.attempts}
    record(uow, viewer, case, "call_back.tried", signal_id, **data)
    return row


async def _voice(
    uow: UnitOfWork, viewer: Viewer, runtime: Runtime, case_id: UUID, signal_id: UUID
) -> tuple[Case, CallBack]:
    """A case, locked, and the call-back of one of its voices; made where there was none."""
    case = (await cases.lock_cases(uow.session, viewer, [case_id])).get(case_id)
    if case is None:
        raise cases.no_such_case(case_id)
    refused = refusal(viewer, case)
    if refused is not None:
        raise refused
    if signal_id not in await cases.signal_ids(uow.session, viewer, case.id):
        raise NotFound("This case has no such voice.", id=str(signal_id))
    row = await repository.of_voice(uow.session, viewer, case, signal_id)
    if row is None:
        drawn = is_drawn(runtime.keys, runtime.settings, signal_id, case.reopened)
        voice = Voice(case.id, signal_id, case.area, case.reopened, case.unit_id)
        row = CallBack(**{**_row(uow, voice), "drawn": drawn})
        uow.session.add(row)
        # Who comes to this voice again in the same transaction must find it.
        await uow.session.flush()
    return case, row


async def _answer(
    uow: UnitOfWork,
    viewer: Viewer,
    keys: Keys,
    case: Case,
    row: CallBack,
    way: str,
    said: Said,
) -> None:
    row.state, row.way, row.answered_at = ANSWERED, way, uow.now
    row.reached, row.resolved, row.satisfied = said.reached, said.resolved, said.satisfied
    # What was answered is answered: the link is over.
    row.token_hash = None
    data: dict[str, Any] = {"way": way, "resolved": said.resolved}
    if said.satisfied is not None:
        data["satisfied"] = said.satisfied
    if said.reached is not None:
        data["reached"] = said.reached
    if said.text and said.text.strip():
        note = await write_note(uow, viewer, keys, case.id, "call_back", said.text)
        await uow.session.flush()
        row.said_note_id = note.id
        data["note"] = str(note.id)
    record(uow, viewer, case, "call_back.answered", row.signal_id, **data)
    if not said.resolved and case.state != loop.REPORTED:
        await tell(uow, viewer, [News(case, "call_back.unresolved", f"unresolved:{row.id}")])


# --- by link -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Link:
    """A link that was made: its token, which no row holds."""

    call_back_id: UUID
    token: str


async def make_link(
    uow: UnitOfWork, viewer: Viewer, runtime: Runtime, case_id: UUID, signal_id: UUID
) -> Link:
    """Make a link for a reporter; an earlier one is over. The number is not read yet, but that it
    will be is recorded here, with its purpose, and counted like every other reading. The text with
    it is to be sent (``texting``).
    """
    require(viewer)
    viewer.require("vault.read")
    case, row = await _voice(uow, viewer, runtime, case_id, signal_id)
    if row.state == ANSWERED:
        raise Conflict("This reporter has answered already.", code="call_back_answered")
    n = await repository.number_of(uow.session, viewer, signal_id)
    if n is None:
        raise Conflict("This reporter left no mobile number.", code="no_mobile")
    settings = runtime.settings
    why, about = Why("call_back"), about_case(case)
    await vault.ask_for_value(
        uow, viewer, about, signal_id, n, why, per_hour=settings.vault_reveals_per_hour
    )
    row.link_number += 1
    token = token_of(runtime.keys, row)
    row.version += 1
    row.text_state, row.text_attempts = TO_SEND, 0
    row.text_due_at, row.text_by = uow.now, viewer.staff_id
    row.token_hash = hash_of(runtime.keys, token)
    row.link_until = uow.now + timedelta(hours=settings.call_back_link_hours)
    row.link_sent_at = None
    data = {"until": row.link_until.isoformat()}
    record(uow, viewer, case, "call_back.link_made", signal_id, **data)
    return Link(row.id, token)


async def sent(uow: UnitOfWork, viewer: Viewer, case_id: UUID, link: Link) -> None:
    """The message with the link is on its way: one attempt more."""
    case = (await cases.lock_cases(uow.session, viewer, [case_id])).get(case_id)
    if case is None:
        raise cases.no_such_case(case_id)
    row = await repository.lock(uow.session, viewer, link.call_back_id)
    note_sent(uow, viewer, case, row)


def note_sent(uow: UnitOfWork, viewer: Viewer, case: Case, row: CallBack) -> None:
    """The text of this call-back went out: the row, and the entry."""
    row.link_sent_at = row.last_at = uow.now
    row.last_result, row.way = "link_sent", LINK
    row.text_state, row.text_due_at = SENT, None
    row.attempts += 1
    row.version += 1
    record(uow, viewer, case, "call_back.link_sent", row.signal_id)


def token_of(keys: Keys, row: CallBack) -> str:
    """What stands in the newest link of a call-back: 256 bits that nobody can know without the
    keys, and the same for every attempt to send it.
    """
    made = keys.hasher(LINK_PURPOSE).of(row.id.bytes, b"%d" % row.link_number)
    return urlsafe_b64encode(made).rstrip(b"=").decode()


def hash_of(keys: Keys, token: str) -> bytes:
    """What is kept of a token. Keyed: whoever reads the table cannot try tokens against it."""
    return keys.hasher(TOKEN_PURPOSE).of(token.encode())


async def open_link(uow: UnitOfWork, keys: Keys, token: str) -> CallBack:
    """The call-back that a link leads to, in a unit of work of the system: the token is its own
    proof. Raises LinkGone, whatever is wrong with it.
    """
    row = await repository.of_token(uow.session, SYSTEM, hash_of(keys, token))
    if row is None or row.link_until is None or row.link_until <= uow.now:
        raise LinkGone("This link was used already, or its time is over.")
    return row


async def answer_link(uow: UnitOfWork, keys: Keys, token: str, said: Said) -> None:
    """What the holder of a link answers, once. Two at once: one is told that it is over."""
    found = await open_link(uow, keys, token)
    case = (await cases.lock_cases(uow.session, SYSTEM, [found.case_id]))[found.case_id]
    await uow.session.refresh(found)
    # Meanwhile opened again: the answer is about what is being worked on, and says nothing.
    if found.token_hash is None or found.round != case.reopened:
        raise LinkGone("This link was used already, or its time is over.")
    found.version += 1
    await _answer(uow, SYSTEM, keys, case, found, LINK, said)


def record(
    uow: UnitOfWork, viewer: Viewer, case: Case, action: str, signal_id: UUID, **data: Any
) -> None:
    """An entry about a voice of a case."""
    uow.record(
        Entry(
            viewer.actor,
            action,
            "case",
            case.id,
            area=case.area,
            units=units_of(case),
            grade=case.grade,
            data={"signal": str(signal_id), **data},
            drill=viewer.drill,
        )
    )
