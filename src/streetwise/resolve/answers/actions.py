"""Changes of answers: saved, withdrawn, given. Each with its entry, none with words in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork
from streetwise.kernel.errors import Conflict, Invalid, NotFound, StaleVersion
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import GRADE_INTERNAL, Viewer
from streetwise.privacy.fields import values_at
from streetwise.privacy.keeping import Original, keep
from streetwise.resolve import repository as cases
from streetwise.resolve.answers import repository, voices
from streetwise.resolve.answers.facts import of_voice
from streetwise.resolve.answers.tables import Answer
from streetwise.resolve.answers.voices import DONE_STATES, DRAFT, GIVEN, INTERIM, WITHDRAWN, Voice
from streetwise.resolve.answers.wording import VoiceFacts, check, masked
from streetwise.resolve.orders import actions as orders
from streetwise.resolve.tables import Aside, Case, Note, units_of

declare(
    {
        "answer.saved": "A draft answer to one voice was saved; data: signal, way, machine (whether"
        " a machine wrote it), note.",
        "answer.withdrawn": "A draft answer was withdrawn; data: signal, way.",
        "answer.given": "One voice was answered (答复), or told how far it is (中间答复); data:"
        " signal, way, interim, machine, note. A work order's answer is order.answered.",
    }
)


@dataclass(frozen=True, slots=True)
class Doing:
    """An officer's answer to one voice, on the version that it was decided on.

    ``case_id`` None: the signal is no case. ``machine``: a machine wrote the draft. ``interim``:
    it says how far it is, and is not the last word. ``order_version``: that of the work order,
    where the voice has one.
    """

    case_id: UUID | None
    signal_id: UUID
    version: int
    text: str = ""
    machine: bool = False
    interim: bool = False
    order_version: int | None = None


@dataclass(slots=True)
class _Held:
    """What an action has locked: the case, or the signal that is none; and the voice, with what
    its answer is looked at with."""

    case: Case | None
    aside: Aside | None
    voice: Voice
    facts: VoiceFacts


async def save(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, settings: Settings, doing: Doing
) -> None:
    """Keep what is written so far, masked. The same words again change nothing."""
    held = await _held(uow, viewer, settings, doing)
    text = _words(doing)
    draft = held.voice.draft
    stored, _ = masked(text, held.facts.case.offices)
    if draft is not None and (draft.text, draft.machine) == (stored, doing.machine):
        return
    note = await _note(uow, viewer, keys, held, "answer_draft", text)
    if draft is None:
        draft = _row(uow, viewer, held, doing)
        uow.session.add(draft)
    else:
        draft.version += 1
    _write(uow, viewer, draft, stored, doing.machine)
    _record(uow, viewer, held, "answer.saved", machine=doing.machine, **note)


async def withdraw(uow: UnitOfWork, viewer: Viewer, settings: Settings, doing: Doing) -> None:
    """Take a draft back. What was written stays in the story of the case."""
    held = await _held(uow, viewer, settings, doing)
    draft = held.voice.draft
    if draft is None:
        raise Conflict("There is no draft to withdraw.", code="answer_no_draft")
    draft.state = WITHDRAWN
    draft.version += 1
    _record(uow, viewer, held, "answer.withdrawn")


async def give(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, settings: Settings, doing: Doing
) -> None:
    """Write down that a voice was answered. A work order is answered by its own action."""
    held = await _held(uow, viewer, settings, doing)
    text = _words(doing)
    _ready(held, doing)
    must_pass(held.facts, text)
    draft = held.voice.draft
    if draft is None:
        draft = _row(uow, viewer, held, doing)
        uow.session.add(draft)
    else:
        draft.version += 1
    draft.given_at, draft.given_by = uow.now, viewer.actor
    # Upstream knows no interim answer: what an order was answered stands.
    interim = doing.interim and held.voice.order is None
    draft.state = INTERIM if interim else GIVEN
    if held.voice.order is not None:
        # Its words stand with the order.
        _write(uow, viewer, draft, None, doing.machine)
        await _answer_order(uow, viewer, keys, held.voice, doing, text)
        return
    note = await _note(uow, viewer, keys, held, "answer", text)
    stored, _ = masked(text, held.facts.case.offices)
    _write(uow, viewer, draft, stored, doing.machine)
    if held.aside is not None:
        held.aside.state, held.aside.settled_at = "settled", uow.now
    more = {"interim": doing.interim, "machine": doing.machine, **note}
    _record(uow, viewer, held, "answer.given", **more)


async def _answer_order(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, voice: Voice, doing: Doing, text: str
) -> None:
    assert voice.order is not None
    if doing.order_version is None:
        raise Invalid("Say which version of the work order you answer.", code="order_version")
    act = orders.Doing(voice.order.id, doing.order_version, "answer", text)
    await orders.act(uow, viewer, keys, [act])


async def _held(uow: UnitOfWork, viewer: Viewer, settings: Settings, doing: Doing) -> _Held:
    """Lock, and look whether it is still what was decided on."""
    viewer.require("order.answer")
    case, aside = None, None
    if doing.case_id is None:
        aside = await repository.lock_aside(uow.session, viewer, doing.signal_id)
        voice = await voices.of_aside(uow.session, viewer, doing.signal_id, settings)
    else:
        locked = await cases.lock_cases(uow.session, viewer, [doing.case_id])
        case = locked.get(doing.case_id)
        if case is None:
            raise cases.no_such_case(doing.case_id)
        voice = await _voice(uow, viewer, settings, case, doing.signal_id)
    if voice.version != doing.version:
        raise StaleVersion(
            "Somebody else worked on this answer meanwhile; look at it again.",
            current={"version": voice.version, "state": voice.state},
        )
    if voice.answered:
        raise Conflict("This voice is answered already.", code="answer_given")
    facts = await of_voice(uow.session, viewer, case, voice)
    return _Held(case, aside, voice, facts)


async def _voice(
    uow: UnitOfWork, viewer: Viewer, settings: Settings, case: Case, signal_id: UUID
) -> Voice:
    found = await voices.of_case(uow.session, viewer, case, settings)
    for voice in found:
        if voice.signal.id == signal_id:
            return voice
    raise NotFound("This case has no such voice.", id=str(signal_id))


def _words(doing: Doing) -> str:
    text = doing.text.strip()
    if not text:
        raise Invalid("An answer needs words.", code="input_needed", input="text", action="answer")
    return text


def _ready(held: _Held, doing: Doing) -> None:
    """Whether this voice may be answered, now. Raises the refusal."""
    voice, case = held.voice, held.case
    if voice.first is not None:
        raise Conflict(
            "This reporter told before and is answered with that.", code="answer_with_first"
        )
    if voice.way.code == "nobody":
        raise Conflict(
            "Nobody can be answered here: there is no reporter to be reached.",
            code="answer_nobody",
            why=voice.way.why,
        )
    if case is None or doing.interim or case.state in DONE_STATES:
        return
    raise Conflict(
        f"{case.number} is not done yet: give an interim answer, or wait for the report.",
        code="answer_too_early",
        number=case.number,
        state=case.state,
    )


def must_pass(facts: VoiceFacts, text: str) -> None:
    """What must be right before an answer goes: nobody else's data, nothing left to fill in."""
    found = check(text, facts)
    if found.blocked:
        raise Invalid(
            "The answer holds personal data of others; take it out first.",
            code="answer_personal_data",
            kinds=sorted({one.kind for one in found.blocked}),
            count=len(found.blocked),
        )
    if found.unfinished:
        raise Invalid(
            "Something is still to be filled in where 〔待填〕 stands.",
            code="answer_unfinished",
            count=found.unfinished,
        )


async def _note(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, held: _Held, kind: str, text: str
) -> dict[str, Any]:
    """The words as a note of the case; its original, where it differs, in the vault.

    A signal that is no case has no notes: its answer keeps the masked words alone.
    """
    if held.case is None:
        return {}
    note_id = new_id()
    stored, spans = masked(text, held.facts.case.offices)
    if spans:
        found = list(values_at("note", text, spans))
        original = Original(note_id, "note", {"text": text}, {"note": text}, found=found)
        await keep(uow, keys, [original])
    uow.session.add(
        Note(
            id=note_id,
            case_id=held.case.id,
            kind=kind,
            text=stored,
            author=viewer.actor,
            written_at=uow.now,
        )
    )
    return {"note": str(note_id)}


def _row(uow: UnitOfWork, viewer: Viewer, held: _Held, doing: Doing) -> Answer:
    return Answer(
        id=new_id(),
        version=1,
        area=held.voice.signal.area,
        signal_id=doing.signal_id,
        case_id=doing.case_id,
        kind=held.voice.way.form,
        state=DRAFT,
        text=None,
        machine=False,
        due_at=held.voice.due_at,
        written_at=uow.now,
        written_by=viewer.actor,
    )


def _write(
    uow: UnitOfWork, viewer: Viewer, answer: Answer, text: str | None, machine: bool
) -> None:
    answer.text, answer.machine = text, machine
    answer.written_at, answer.written_by = uow.now, viewer.actor


def _record(uow: UnitOfWork, viewer: Viewer, held: _Held, action: str, **data: Any) -> None:
    case, signal = held.case, held.voice.signal
    if case is not None:
        units = units_of(case)
    else:
        units = [viewer.unit_id] if viewer.unit_id else []
    uow.record(
        Entry(
            viewer.actor,
            action,
            "case" if case else "signal",
            case.id if case else signal.id,
            area=signal.area,
            units=units,
            grade=case.grade if case else max(signal.grade, GRADE_INTERNAL),
            data={"signal": str(signal.id), "way": held.voice.way.code, **data},
            drill=viewer.drill,
        )
    )
