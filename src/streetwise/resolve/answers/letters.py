"""The letter in which a petition is answered: a document with a number, a date, an addressee.

What it says is the answer that was given; it is made of that once, and never changed. The
addressee's name lies in the vault alone: whoever prints the letter opens it there, for a purpose
that is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Invalid, NotFound
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer
from streetwise.privacy.fields import values_at
from streetwise.privacy.keeping import Original, keep
from streetwise.privacy.masking import TOKENS, Span
from streetwise.resolve import repository as cases
from streetwise.resolve.answers import repository, voices
from streetwise.resolve.answers.tables import Letter
from streetwise.resolve.answers.voices import GIVEN, Voice
from streetwise.resolve.tables import Case, Note, units_of

declare(
    {
        "letter.issued": "A petition's answer was made out as a letter (答复意见书, 处理意见书);"
        " data: letter, number (its own), kind, signal.",
    }
)

#: 信访事项答复意见书, 信访事项处理意见书: an answer. Notices: answers/notices.py.
LetterKind = Literal["reply", "decision"]
ANSWERS = ("reply", "decision")
#: The word in a letter's number.
WORD = {"reply": "信复", "decision": "信处"}
ADDRESSEE = "letter_addressee"


@dataclass(frozen=True, slots=True)
class Issuing:
    """What an officer makes out: of which voice, in which form, to whom (a name).

    ``series``: letters that are made out elsewhere are counted for themselves, under this word.
    """

    case_id: UUID
    signal_id: UUID
    kind: LetterKind
    addressee: str
    series: str = ""


@dataclass(frozen=True, slots=True)
class Making:
    """A letter to be numbered: the word in its number, a name, and the note of its words;
    ``round``: of which opinion it is."""

    kind: str
    word: str
    addressee: str
    body_id: UUID
    until: datetime | None = None
    round: int = 1
    series: str = ""


async def issue(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, settings: Settings, issuing: Issuing
) -> Letter:
    """Make out the letter of an answer that was given. Once for each petition."""
    viewer.require("order.answer")
    addressee = issuing.addressee.strip()
    if not addressee:
        raise Invalid("A letter needs an addressee.", code="letter_addressee")
    case = await locked_case(uow, viewer, issuing.case_id)
    voice = await petition_of(uow.session, viewer, case, settings, issuing.signal_id)
    if voice.state != "given":
        raise Conflict("Give the answer first; the letter says it.", code="letter_no_answer")
    if any(one.kind != "extension" for one in voice.letters):
        raise Conflict("This petition has its letter already.", code="letter_issued")
    body = await _words(uow.session, viewer, case, voice)
    making = Making(issuing.kind, WORD[issuing.kind], addressee, body.id, series=issuing.series)
    letter = await make_out(uow, viewer, keys, case, issuing.signal_id, making)
    record(uow, viewer, case, letter, "letter.issued")
    return letter


async def locked_case(uow: UnitOfWork, viewer: Viewer, case_id: UUID) -> Case:
    """A case, locked; NotFound where there is none that the viewer may see."""
    case = (await cases.lock_cases(uow.session, viewer, [case_id])).get(case_id)
    if case is None:
        raise cases.no_such_case(case_id)
    return case


async def make_out(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, case: Case, signal_id: UUID, making: Making
) -> Letter:
    """Number a letter and date it by the street's calendar."""
    to = await _addressee(uow, viewer, keys, case, making.addressee)
    area = await directory.area(uow.session, viewer, case.area)
    names = await directory.unit_names(uow.session, viewer, [area.owner_id])
    on = uow.now.astimezone(ZoneInfo(area.timezone)).date()
    letter = Letter(
        id=new_id(),
        area=case.area,
        case_id=case.id,
        signal_id=signal_id,
        kind=making.kind,
        number=await _number(uow.session, area.code, area.prefix, making, on),
        issued_on=on,
        office=names[area.owner_id],
        addressee_id=to.id,
        body_id=making.body_id,
        issued_at=uow.now,
        issued_by=viewer.actor,
        until=making.until,
        round=making.round,
    )
    uow.session.add(to)
    await uow.session.flush()
    uow.session.add(letter)
    await uow.session.flush()
    return letter


async def petition_of(
    session: AsyncSession, viewer: Viewer, case: Case, settings: Settings, signal_id: UUID
) -> Voice:
    """A voice of a case that is a petition. NotFound, Conflict: it is none."""
    told = await voices.of_case(session, viewer, case, settings)
    voice = next((one for one in told if one.signal.id == signal_id), None)
    if voice is None:
        raise NotFound("This case has no such voice.", id=str(signal_id))
    if voice.way.code != "petition":
        raise Conflict("Only a petition is answered by such a letter.", code="letter_no_petition")
    return voice


async def _words(session: AsyncSession, viewer: Viewer, case: Case, voice: Voice) -> Note:
    """The note of the answer that was given: its original is what the letter says."""
    if voice.order is not None:
        text, at = voice.order.answer, voice.order.answered_at
    else:
        given = next(one for one in voice.given if one.state == GIVEN)
        text, at = given.text, given.given_at
    note = None
    if text is not None and at is not None:
        note = await repository.note_of(session, viewer, case.id, text, at)
    if note is None:
        # Answered while it was a voice of another case: its words are that one's.
        raise Conflict("The words of this answer are not with the case.", code="letter_no_answer")
    return note


async def _addressee(uow: UnitOfWork, viewer: Viewer, keys: Keys, case: Case, name: str) -> Note:
    """Masked whole, whatever it is; the name lies in the vault."""
    note_id = new_id()
    found = list(values_at("note", name, [Span("name", 0, len(name))]))
    await keep(uow, keys, [Original(note_id, "note", {"text": name}, {"note": name}, found=found)])
    return Note(
        id=note_id,
        case_id=case.id,
        kind=ADDRESSEE,
        text=TOKENS["name"],
        author=viewer.actor,
        written_at=uow.now,
    )


async def _number(session: AsyncSession, area: str, prefix: str, making: Making, on: date) -> str:
    """Counted by kind and year, without gaps: 信复〔2026〕3号; of a series 〔2026〕series-3号."""
    key = f"letter:{area}:{making.kind}:{on.year}"
    key += f":{making.series}" if making.series else ""
    taken = await cases.next_numbers(session, {key: 1})
    within = f"{making.series}-" if making.series else ""
    return f"{prefix}{making.word}〔{on.year}〕{within}{taken[key]}号"


def record(
    uow: UnitOfWork, viewer: Viewer, case: Case, letter: Letter, action: str, **more: str
) -> None:
    """The entry of a letter."""
    uow.record(
        Entry(
            viewer.actor,
            action,
            "case",
            case.id,
            area=case.area,
            units=units_of(case),
            grade=case.grade,
            data={
                "letter": str(letter.id),
                "number": letter.number,
                "kind": letter.kind,
                "signal": str(letter.signal_id),
                **more,
            },
            drill=viewer.drill,
        )
    )
