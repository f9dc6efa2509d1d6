"""What a petitioner is told in writing beside the answer: that it takes 30 days longer, that it is
not accepted (不予受理), that it was passed on (转送). Each is a letter with a number of its own.

An extension moves the petition's clock, once, while that runs. The other two end it: they are its
answer. Which may be made out when is ``offered``, which is pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Literal, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Invalid
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.masking import mask
from streetwise.resolve import loop
from streetwise.resolve.answers import letters
from streetwise.resolve.answers.tables import Answer, Letter
from streetwise.resolve.answers.voices import GIVEN, Voice
from streetwise.resolve.clocks.actions import follow_orders
from streetwise.resolve.notes import write_note
from streetwise.resolve.orders import actions as orders
from streetwise.resolve.tables import Case
from streetwise.resolve.understand.draft import TO_FILL
from streetwise.resolve.understand.wordlists import load

declare(
    {
        "petition.extended": "A petition's time was extended, and the petitioner told (延期告知);"
        " data: letter, number, signal, until.",
        "petition.not_accepted": "A petition was not accepted, and the petitioner told (不予受理);"
        " data: letter, number, signal.",
        "petition.transferred": "A petition was passed on to who is in charge of it (转送); data:"
        " letter, number, signal.",
    }
)

NoticeKind = Literal["extension", "not_accepted", "transfer"]
EXTENSION: NoticeKind = "extension"
#: These are the last word on a petition.
ENDING: tuple[NoticeKind, ...] = ("not_accepted", "transfer")
_ENTRY = {
    "extension": "petition.extended",
    "not_accepted": "petition.not_accepted",
    "transfer": "petition.transferred",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """A kind of notice: the word in its number, what stands at its head, how it begins; ``days``:
    how much longer it gives."""

    kind: NoticeKind
    word: str
    title: str
    text: str
    days: int


@cache
def notices() -> Mapping[str, Notice]:
    """The table that comes with the program, by kind. ValueError: one is missing, or unknown."""
    found = {
        one["kind"]: Notice(
            one["kind"], one["word"], one["title"], one["text"], int(one.get("days", 0))
        )
        for one in load("petition_notices.yaml")["notices"]
    }
    if set(found) != set(get_args(NoticeKind)):
        raise ValueError("petition_notices: there must be a line for each kind")
    return found


def offered(
    *, state: str | None, answered: bool, due_at: datetime | None, there: Iterable[str],
    now: datetime,
) -> tuple[NoticeKind, ...]:  # fmt: skip
    """What may be made out now for a petition. ``state``: of its case; ``there``: kinds of letters
    that it has. More time is asked for before the time is over, and only once; what was accepted
    can no longer be refused or passed on."""
    known = set(there)
    if answered or state is None or known - {EXTENSION}:
        return ()
    found: list[NoticeKind] = []
    if EXTENSION not in known and due_at is not None and now <= due_at:
        found.append(EXTENSION)
    if state == loop.RECEIVED:
        found += ENDING
    return tuple(found)


def offered_to(voice: Voice, case: Case | None, now: datetime) -> tuple[NoticeKind, ...]:
    """What may be made out now for one voice."""
    if voice.way.code != "petition" or case is None:
        return ()
    return offered(
        state=case.state,
        answered=voice.answered or voice.first is not None,
        due_at=voice.due_at,
        there=[one.kind for one in voice.letters],
        now=now,
    )


def until(voice: Voice) -> datetime:
    """When a petition is due once its time was extended."""
    assert voice.due_at is not None
    return voice.due_at + timedelta(days=notices()[EXTENSION].days)


def beginning(kind: NoticeKind, voice: Voice, zone: ZoneInfo) -> str:
    """How a notice begins, before somebody fills in what is still to be said."""
    text = notices()[kind].text
    if kind != EXTENSION:
        return text
    on = until(voice).astimezone(zone)
    return text.format(until=f"{on.year}年{on.month}月{on.day}日")


@dataclass(frozen=True, slots=True)
class Noticing:
    """What an officer makes out: of which voice, which notice, to whom (a name), in which words."""

    case_id: UUID
    signal_id: UUID
    kind: NoticeKind
    addressee: str
    text: str


async def issue_notice(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, settings: Settings, noticing: Noticing
) -> Letter:
    """Make a notice out, and do what it says: move the petition's clock, or end it."""
    viewer.require("order.answer")
    addressee, text = noticing.addressee.strip(), noticing.text.strip()
    if not addressee:
        raise Invalid("A letter needs an addressee.", code="letter_addressee")
    if not text or TO_FILL in text:
        raise Invalid(
            "Something is still to be filled in where 〔待填〕 stands.",
            code="answer_unfinished",
            count=text.count(TO_FILL),
        )
    case = await letters.locked_case(uow, viewer, noticing.case_id)
    voice = await letters.petition_of(uow.session, viewer, case, settings, noticing.signal_id)
    if noticing.kind not in offered_to(voice, case, uow.now):
        raise Conflict(
            "This notice cannot be made out now.", code="notice_not_now", kind=noticing.kind
        )
    moved = until(voice) if noticing.kind == EXTENSION else None
    body = await write_note(uow, viewer, keys, case.id, "petition_notice", text)
    await uow.session.flush()
    making = letters.Making(noticing.kind, notices()[noticing.kind].word, addressee, body.id, moved)
    letter = await letters.make_out(uow, viewer, keys, case, noticing.signal_id, making)
    more = {"until": moved.isoformat()} if moved else {}
    letters.record(uow, viewer, case, letter, _ENTRY[noticing.kind], **more)
    if moved is not None:
        await _extend(uow, voice, moved)
    else:
        await _end(uow, viewer, keys, case, voice, text)
    return letter


async def _extend(uow: UnitOfWork, voice: Voice, moved: datetime) -> None:
    """The order of a petition goes by the new day, in every list and in the sweep; one without an
    order by the letter itself."""
    order = voice.order
    if order is not None:
        order.due_at = order.extended_to = moved
        order.version += 1
        await follow_orders(uow, [order.case_id])


async def _end(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, case: Case, voice: Voice, text: str
) -> None:
    """What it says is the answer."""
    order = voice.order
    if order is not None:
        doing = orders.Doing(order.id, order.version, "answer", text)
        await orders.act(uow, viewer, keys, [doing])
    uow.session.add(
        Answer(
            id=new_id(),
            version=1,
            area=case.area,
            signal_id=voice.signal.id,
            case_id=case.id,
            kind=voice.way.form if order is None else "order",
            state=GIVEN,
            text=mask(text).text if order is None else None,
            machine=False,
            due_at=voice.due_at,
            written_at=uow.now,
            written_by=viewer.actor,
            given_at=uow.now,
            given_by=viewer.actor,
        )
    )
