"""From voices to what a screen shows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.directory import repository as directory
from streetwise.gather import CodeName
from streetwise.kernel.journal_entry import staff_of
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.answers.facts import about
from streetwise.resolve.answers.letters import ANSWERS
from streetwise.resolve.answers.notices import EXTENSION, beginning, notices, offered_to
from streetwise.resolve.answers.schemas import (
    AnsweredOrder,
    AnswersView,
    BlockedView,
    CheckView,
    DraftView,
    GivenView,
    HintView,
    LetterRef,
    MarkView,
    NoticeOffer,
    PetitionLetter,
    ProposalView,
    SimilarView,
    VoiceView,
)
from streetwise.resolve.answers.similar import Similar
from streetwise.resolve.answers.tables import Answer, Letter
from streetwise.resolve.answers.voices import DONE_STATES, INTERIM, Voice
from streetwise.resolve.answers.wording import CaseFacts, Checked, Proposal, check, proposals
from streetwise.resolve.deadlines import due_state
from streetwise.resolve.loop import RECEIVED
from streetwise.resolve.tables import Case

#: By kind, what stands at the head of a letter.
TITLES = {
    "reply": "信访事项答复意见书",
    "decision": "信访事项处理意见书",
    **{kind: one.title for kind, one in notices().items()},
}
#: Ways whose answer goes to an organ or a platform, which is then named.
_ORGANS = ("work_order", "petition", "referral", "media")


async def answers_view(
    session: AsyncSession,
    viewer: Viewer,
    case: Case | None,
    facts: CaseFacts,
    voices: Sequence[Voice],
    settings: Settings,
    now: datetime,
) -> AnswersView:
    """The voices of a case, or the one of a signal that is none."""
    names = await _names(session, viewer, [row for voice in voices for row in voice.answers])
    soon = timedelta(hours=settings.due_soon_hours)
    may = viewer.may("order.answer")
    wanted = [voice for voice in voices if voice.wanted]
    return AnswersView(
        answered=sum(voice.answered for voice in wanted),
        of=len(wanted),
        may_answer=may,
        voices=[
            _voice_view(voice, case, facts, names, now, soon, may=may, joined=n > 0)
            for n, voice in enumerate(voices)
        ],
        assist=bool(settings.assist_url) and may,
    )


def _voice_view(
    voice: Voice,
    case: Case | None,
    facts: CaseFacts,
    names: dict[str, str],
    now: datetime,
    soon: timedelta,
    *,
    may: bool,
    joined: bool,
) -> VoiceView:
    letter = next((one for one in voice.letters if one.kind in ANSWERS), None)
    signal, order, draft = voice.signal, voice.order, voice.draft
    named = CodeName(code=signal.source_code, name=signal.source_name)
    offers: list[Proposal] = []
    proposal, found = None, None
    if may and voice.wanted and not voice.answered:
        told = about(facts, voice, joined=joined)
        offers = proposals(told)
        proposal = offers[0].text if offers else None
        if text := (draft.text if draft else None) or proposal:
            found = check_view(text, check(text, told))
    done_at = voice.given[-1].given_at if voice.answered and voice.given else None
    if order is not None and voice.answered:
        done_at = order.answered_at or order.closed_at
    return VoiceView(
        signal_id=signal.id,
        source=named,
        channel=signal.channel,
        upstream_key=signal.source_key,
        reported_at=signal.reported_at,
        way=voice.way.code,
        form=voice.way.form,
        to=(signal.channel or signal.source_name) if voice.way.code in _ORGANS else None,
        nobody_why=voice.way.why,
        contact=voice.contact,
        with_first=voice.first,
        due_at=voice.due_at,
        due_state=due_state(voice.due_at, done_at, now, soon),
        accept_by=_accept_by(voice, case),
        state=voice.state,
        version=voice.version,
        interim_only=case is not None and case.state not in DONE_STATES,
        order=AnsweredOrder(
            id=order.id, version=order.version, number=order.number, state=order.state
        )
        if order
        else None,
        draft=_draft_view(draft, names) if draft else None,
        given=[_given_view(one, names) for one in voice.given],
        proposal=proposal,
        proposals=[ProposalView(step=one.step, text=one.text) for one in offers],
        check=found,
        letter=letter_ref(letter) if letter else None,
        may_issue=may
        and case is not None
        and all(one.kind == EXTENSION for one in voice.letters)
        and voice.way.code == "petition"
        and voice.state == "given",
        notices=[letter_ref(one) for one in voice.letters if one.kind not in ANSWERS],
        may_notice=[
            NoticeOffer(
                kind=kind, title=notices()[kind].title, text=beginning(kind, voice, facts.zone)
            )
            for kind in (offered_to(voice, case, now) if may else ())
        ],
    )


def letter_ref(letter: Letter) -> LetterRef:
    """A letter beside its voice."""
    return LetterRef(
        id=letter.id,
        case_id=letter.case_id,
        kind=letter.kind,
        number=letter.number,
        issued_on=letter.issued_on,
        until=letter.until,
    )


def letter_view(letter: Letter, texts: dict[UUID, str]) -> PetitionLetter:
    """A letter to be printed. ``texts``: of its notes, masked."""
    on = letter.issued_on
    return PetitionLetter(
        **letter_ref(letter).model_dump(),
        title=TITLES[letter.kind],
        dated=f"{on.year}年{on.month}月{on.day}日",
        office=letter.office,
        addressee=texts[letter.addressee_id],
        addressee_note=letter.addressee_id,
        body=texts[letter.body_id],
        body_note=letter.body_id,
    )


def _accept_by(voice: Voice, case: Case | None) -> datetime | None:
    """A petition's first date, while nobody has accepted it."""
    if voice.clock is None or case is None or case.state != RECEIVED:
        return None
    return voice.clock.accept_by


def _draft_view(answer: Answer, names: dict[str, str]) -> DraftView:
    return DraftView(
        text=answer.text or "",
        machine=answer.machine,
        at=answer.written_at,
        by=names.get(answer.written_by),
    )


def _given_view(answer: Answer, names: dict[str, str]) -> GivenView:
    assert answer.given_at is not None and answer.given_by is not None
    return GivenView(
        kind=answer.kind,
        text=answer.text,
        machine=answer.machine,
        at=answer.given_at,
        by=names.get(answer.given_by),
        interim=answer.state == INTERIM,
    )


async def _names(session: AsyncSession, viewer: Viewer, rows: Sequence[Answer]) -> dict[str, str]:
    """actor → name, of those who wrote and gave."""
    actors = {actor for row in rows for actor in (row.written_by, row.given_by) if actor}
    ids = {actor: staff for actor in actors if (staff := staff_of(actor)) is not None}
    found = await directory.staff_names(session, viewer, set(ids.values())) if ids else {}
    return {actor: found[staff][0] for actor, staff in ids.items() if staff in found}


def check_view(text: str, found: Checked) -> CheckView:
    """What a look at a text found, with positions as a browser counts them."""
    return CheckView(
        marks=[
            MarkView(
                mark=one.mark,
                met=one.met,
                hints=[HintView(code=code, params=dict(params)) for code, params in one.hints],
            )
            for one in found.marks
        ],
        blocked=[
            BlockedView(start=_utf16(text[: one.start]), end=_utf16(text[: one.end]), kind=one.kind)
            for one in found.blocked
        ],
        unfinished=found.unfinished,
    )


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def similar_view(one: Similar) -> SimilarView:
    """A past answer as one line of the drawer."""
    past = one.past
    return SimilarView(
        case_id=past.case_id,
        number=past.number,
        title=past.matter.title,
        place_text=past.matter.place,
        kind=past.form,
        given_at=past.given_at,
        text=past.answer,
        score=one.score,
        same_class=one.same_class,
    )
