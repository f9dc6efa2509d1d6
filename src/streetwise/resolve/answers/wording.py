"""From the facts of a case to a draft, and a look at words before they go. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replace_facts
from datetime import date, datetime
from zoneinfo import ZoneInfo

from streetwise.privacy.masking import TOKENS, Span, mask
from streetwise.privacy.masking_text import replace
from streetwise.resolve import loop
from streetwise.resolve.answers.steps import Story, steps_of
from streetwise.resolve.answers.ways import IN_PERSON, Form, Way
from streetwise.resolve.understand import answer_check
from streetwise.resolve.understand.answer_check import AnswerFacts, Mark
from streetwise.resolve.understand.draft import (
    TO_FILL,
    DraftFacts,
    Register,
    Result,
    Step,
    draft,
    reason_of,
    step_draft,
)

#: How somebody is spoken to, by the form of the answer.
_REGISTERS: dict[Form, Register] = {"call": "spoken", "message": "written", "letter": "written"}
_ENDED = (loop.CLOSED,)
#: A title is what was told in a few words, if it is that short; else the class has to do.
TITLE_CHARACTERS = 20
#: How a title begins that says "reporting …"; the templates say that themselves.
_TOLD = re.compile(r"^(?:关于|反映|投诉|举报|咨询|请求|要求)+")
#: Where a unit's report goes over from what was found to what was done.
_TURN = re.compile(
    r"[，,。；;]\s*(?=已|当即|随即|立即|马上|现已|目前已|我科|我队|安排|组织|要求|责令)"
)
_LOOKED = re.compile(
    r"(?:经|据)?(?:我[科队站办])?(?:现场|到场)?(?:核查|核实|查看|勘查|检查|了解|查)[，,：:]?"
)
_FOUND = re.compile("查|现场|核实|发现|了解|原因|系|因")
#: The hint that something is still to be filled in; ``unfinished`` says how much.
_GAPS = "to_fill"
#: How whoever is answered is addressed: the name in it is the reader's own.
_BEFORE_NAME = re.compile(r"\s*(?:尊敬的)?")
_BEHIND_NAME = re.compile(r"\s*(?:先生|女士|同志|老师|阿姨|大爷|大妈)?\s*(?:[，,：:！!]|您好|你好)")


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """Of the case: the same for all of its voices. Texts are masked; times in the street's zone.

    ``state`` None: there is no case. ``done``: what the unit reported, and when. ``phone``: the
    unit's; ``offices``: the numbers of all offices, which anybody may be told. ``outcome``: how it
    ended where that is not "fixed"; ``body``: who is right instead, or the number of the other
    case; ``until``: to when it stands still.
    """

    number: str | None
    state: str | None
    category: str | None
    place: str | None
    unit: str | None
    done: str | None
    done_at: datetime | None
    phone: str | None
    offices: frozenset[str]
    zone: ZoneInfo
    outcome: str | None = None
    body: str | None = None
    extended: bool = False
    reopened: bool = False
    due_at: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class VoiceFacts:
    """The case's, and one voice's: how it is answered, what was told (masked), and when.

    ``to``: the organ or platform that told; ``number``: its number there; ``joined``: others had
    told of the case before.
    """

    case: CaseFacts
    way: Way
    to: str
    number: str | None
    title: str | None
    text: str
    told_at: datetime
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """A draft, and of which step it tells; None: it is the answer itself."""

    step: Step | None
    text: str


@dataclass(frozen=True, slots=True)
class Marked:
    """One of the three marks, and what to look at: (code, params) each."""

    mark: Mark
    met: bool
    hints: tuple[tuple[str, Mapping[str, str]], ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look found. ``blocked``: others' personal data; ``unfinished``: gaps that are left."""

    marks: tuple[Marked, ...]
    blocked: tuple[Span, ...]
    unfinished: int


def proposals(facts: VoiceFacts) -> list[Proposal]:
    """Drafts for a voice, what fits best first; none where there is no case to tell of.

    Who is spoken to in person may be told of each step; an organ or a platform gets an answer,
    which says why where the case ended without "fixed".
    """
    case = facts.case
    if case.state is None:
        return []
    story = Story(case.state, case.outcome, case.extended, case.reopened, facts.joined)
    steps = steps_of(story)
    told = _draft_facts(facts, steps)
    found = []
    if facts.way.form in _REGISTERS and facts.way.code in IN_PERSON:
        register = _REGISTERS[facts.way.form]
        found = [Proposal(step, step_draft(step, register, told).text) for step in steps]
        if found and case.state in _ENDED:
            return found
    made = draft(facts.way.draft, told)
    return [*found, *([Proposal(None, made.text)] if made else [])]


def propose(facts: VoiceFacts) -> str | None:
    """The draft that fits best; None where there is no case to tell of."""
    found = proposals(facts)
    return found[0].text if found else None


def _draft_facts(facts: VoiceFacts, steps: Sequence[Step]) -> DraftFacts:
    case = facts.case
    assert case.state is not None
    found, done = found_and_done(case.done) if case.done else (None, None)
    by_upstream = facts.way.code in ("work_order", "petition")
    told = DraftFacts(
        number=facts.number if by_upstream else case.number,
        matter=_matter(facts),
        place=case.place,
        told_on=facts.told_at.date(),
        unit=case.unit,
        found=found,
        result=_result(case.state),
        done=done,
        done_on=case.done_at.date() if case.done_at else None,
        phone=case.phone,
        organ=facts.to if facts.way.code == "referral" else None,
        channel=facts.to if facts.way.code == "media" else None,
        due_on=_day(case.due_at, case.zone),
        until=_day(case.until, case.zone),
        other=case.number if facts.joined else None,
    )
    if case.state != loop.CLOSED or not steps:
        return told
    if steps[0] == "not_our_duty":
        return replace_facts(told, result="not_ours", right_body=case.body)
    told = replace_facts(told, result="not_fixed", other=case.body)
    return replace_facts(told, reason=reason_of(steps[0], told))


def _day(at: datetime | None, zone: ZoneInfo) -> date | None:
    return at.astimezone(zone).date() if at else None


def _matter(facts: VoiceFacts) -> str | None:
    title = facts.title
    if (
        title
        and len(title) <= TITLE_CHARACTERS
        and not any(one in title for one in TOKENS.values())
    ):
        return title
    return facts.case.category


def _result(state: str) -> Result:
    return "fixed" if state in (loop.REPORTED, loop.VERIFIED, loop.CLOSED) else "planned"


def found_and_done(note: str) -> tuple[str | None, str]:
    """(what was found, what was done) of a unit's report, as far as it tells them apart."""
    text = note.strip().rstrip("。")
    turn = _TURN.search(text)
    if turn is None or not _FOUND.search(text[: turn.start()]):
        return None, text
    looked = _LOOKED.match(text)
    found = text[looked.end() if looked else 0 : turn.start()].strip()
    return found or None, text[turn.end() :].strip()


def check(text: str, facts: VoiceFacts) -> Checked:
    """Look at words before they go: others' data, gaps, and the three marks."""
    asked = AnswerFacts(facts.case.place, facts.case.category, question=facts.case.state is None)
    message = "\n".join(filter(None, (facts.title, facts.text)))
    # What was told is masked, so what is compared with it must be.
    hints = answer_check.check(mask(text).text, message, asked)
    marks: dict[Mark, list[answer_check.Hint]] = {}
    for hint in hints:
        marks.setdefault(hint.mark, []).append(hint)
    return Checked(
        marks=tuple(
            Marked(
                mark,
                all(one.met for one in found),
                tuple((one.code, one.params) for one in found if one.code not in (mark, _GAPS)),
            )
            for mark, found in marks.items()
        ),
        blocked=tuple(
            span
            for span in answer_check.others_data(text, facts.case.offices)
            if not _addressed(text, span)
        ),
        unfinished=text.count(TO_FILL),
    )


def _addressed(text: str, span: Span) -> bool:
    """Whether the span is the name by which the answer addresses its reader."""
    before = _BEFORE_NAME.fullmatch(text, 0, span.start)
    behind = _BEHIND_NAME.match(text, span.end)
    return span.kind == "name" and before is not None and behind is not None


def masked(text: str, offices: frozenset[str]) -> tuple[str, list[Span]]:
    """The words as they are stored: everything personal masked, but numbers of offices; and what
    was masked, with its place in the original."""
    spans = answer_check.others_data(text, offices)
    return replace(text, spans, lambda span: TOKENS[span.kind]), spans
