"""The text message with the link of a call-back: sent at once, and tried again like a delivery.

Claim, send, note, each in a transaction of its own: nobody waits for a gateway inside of one. The
number stands in no row and no job, so each attempt reads it again in the vault, and the journal
says so before. The same link and the same message id go with every attempt, so what went out though
we did not hear of it is found. After ``call_back_text_attempts`` who ordered it is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

from streetwise.directory import repository as directory
from streetwise.kernel import logs
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import StreetwiseError, Unavailable
from streetwise.kernel.runtime import Runtime
from streetwise.notify import text_outward, wait_seconds
from streetwise.privacy import actions as vault
from streetwise.resolve import repository as cases
from streetwise.resolve.callbacks import repository
from streetwise.resolve.callbacks.actions import SYSTEM, hash_of, note_sent, record, token_of
from streetwise.resolve.callbacks.script import sms_text
from streetwise.resolve.callbacks.tables import FAILED, OVER, TO_SEND, WAITING, CallBack
from streetwise.resolve.tables import Case
from streetwise.resolve.telling import News, tell

log = logs.get(__name__)

#: Texts looked for at a time; where none of them goes out, the rest waits for the next look.
AT_A_TIME = 20


@dataclass(frozen=True, slots=True)
class Claimed:
    """A text to be sent now. ``n``: the field of the vault with the number; None: it is gone."""

    call_back_id: UUID
    signal_id: UUID
    area: str
    link_number: int
    attempts: int
    token: str
    n: int | None


async def send_due(runtime: Runtime) -> int:
    """Try all that is due; how many went out."""
    sent = 0
    while True:
        now = runtime.database.clock.now()
        async with runtime.database.read(SYSTEM) as session:
            ids = await repository.texts_due(session, SYSTEM, now, AT_A_TIME)
        went = [await send(runtime, one) for one in ids]
        sent += sum(went)
        if not any(went):
            return sent


async def send(runtime: Runtime, call_back_id: UUID) -> bool:
    """Try one text that is due; whether it went out. Two at once: one of them does nothing."""
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        one = await _claim(uow, runtime, call_back_id)
    if one is None:
        return False
    again: bool | None = None
    try:
        await _send(runtime, one)
    except Unavailable:
        again = True
    except StreetwiseError:  # the number was destroyed, or does not open
        again = False
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        case, row = await _locked(uow, call_back_id)
        # Another link was made meanwhile, or the claim ran out and somebody else was quicker.
        if (row.link_number, row.text_attempts) != (one.link_number, one.attempts):
            return again is None
        if again is None:
            hours = timedelta(hours=runtime.settings.call_back_link_hours)
            row.link_until = uow.now + hours
            note_sent(uow, SYSTEM, case, row)
        elif again and row.text_attempts < runtime.settings.call_back_text_attempts:
            wait = wait_seconds(runtime.settings, row.text_attempts)
            row.text_due_at = uow.now + timedelta(seconds=wait)
            row.version += 1
        else:
            await _give_up(uow, case, row)
    return again is None


async def _claim(uow: UnitOfWork, runtime: Runtime, call_back_id: UUID) -> Claimed | None:
    """Take a text up, if it is due and still wanted; nobody else does until the claim runs out."""
    case, row = await _locked(uow, call_back_id)
    if row.text_state != TO_SEND or row.text_due_at is None or row.text_due_at > uow.now:
        return None
    token = token_of(runtime.keys, row)
    wanted = row.state == WAITING and row.round == case.reopened and case.merged_into is None
    in_time = row.link_until is not None and row.link_until > uow.now
    if not (wanted and in_time and row.token_hash == hash_of(runtime.keys, token)):
        row.text_state, row.text_due_at = OVER, None
        row.version += 1
        return None
    row.text_attempts += 1
    row.text_due_at = uow.now + timedelta(seconds=runtime.settings.notify_sending_seconds)
    if row.text_attempts > 1:
        attempts = row.text_attempts
        record(uow, SYSTEM, case, "call_back.text_again", row.signal_id, attempts=attempts)
    n = await repository.number_of(uow.session, SYSTEM, row.signal_id)
    return Claimed(row.id, row.signal_id, case.area, row.link_number, row.text_attempts, token, n)


async def _send(runtime: Runtime, one: Claimed) -> None:
    settings = runtime.settings
    async with runtime.database.read(SYSTEM) as session:
        street = (await directory.area(session, SYSTEM, one.area)).name
        # Without a number: as with one that was destroyed.
        n = -1 if one.n is None else one.n
        _, number = await vault.value(session, SYSTEM, runtime.keys, one.signal_id, n)
    # Behind the hash: no server's log, and no proxy's, gets to see the token.
    address = f"{settings.public_url.rstrip('/')}/back#{one.token}"
    text = sms_text(street, round(settings.call_back_link_hours), address)
    message_id = uuid5(one.call_back_id, str(one.link_number))
    await text_outward(settings, message_id, number, text, again=one.attempts > 1)


async def _give_up(uow: UnitOfWork, case: Case, row: CallBack) -> None:
    """No further attempt; who ordered the text is told, for somebody has to call."""
    row.text_state, row.text_due_at = FAILED, None
    row.version += 1
    attempts = row.text_attempts
    record(uow, SYSTEM, case, "call_back.text_failed", row.signal_id, attempts=attempts)
    log.warning("call_back_text_failed", id=str(row.id), attempts=attempts)
    if row.text_by is not None:
        key = f"text_failed:{row.id}:{row.link_number}"
        news = News(case, "call_back.text_failed", key, people=(row.text_by,))
        await tell(uow, SYSTEM, [news])


async def _locked(uow: UnitOfWork, call_back_id: UUID) -> tuple[Case, CallBack]:
    """The case, then its call-back: the order in which everybody locks them."""
    case_id = await repository.case_of(uow.session, SYSTEM, call_back_id)
    case = (await cases.lock_cases(uow.session, SYSTEM, [case_id]))[case_id]
    return case, await repository.lock(uow.session, SYSTEM, call_back_id)
