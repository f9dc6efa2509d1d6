"""Changes of petitions after their answer. Each is an entry of the case, with days and codes and
no words: what was written lies in notes, the petitioner's name in the vault.

No work order is changed here but by our own new opinion, which answers it where it was returned.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from streetwise.gather import SignalFacts
from streetwise.kernel.crypto import Keys
from streetwise.kernel.database import UnitOfWork, looking_as
from streetwise.kernel.errors import Conflict, Invalid, StaleVersion
from streetwise.kernel.ids import new_id
from streetwise.kernel.journal import declare
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.answers import letters
from streetwise.resolve.answers.actions import must_pass
from streetwise.resolve.answers.facts import of_voice
from streetwise.resolve.answers.tables import Letter
from streetwise.resolve.answers.voices import GIVEN, Voice
from streetwise.resolve.clocks.actions import SYSTEM, Clocks, calendars
from streetwise.resolve.clocks.rows import begin as begin_clock
from streetwise.resolve.clocks.rows import steps
from streetwise.resolve.natures.loop import Line
from streetwise.resolve.natures.taking import record
from streetwise.resolve.notes import write_note
from streetwise.resolve.orders import actions as orders
from streetwise.resolve.orders import loop as order_loop
from streetwise.resolve.orders.tables import WorkOrder
from streetwise.resolve.petitions import course as courses
from streetwise.resolve.petitions import loop, repository
from streetwise.resolve.petitions.course import DUTIES, Course, RefusedError
from streetwise.resolve.petitions.rules import SCHEME, rules
from streetwise.resolve.petitions.tables import Petition, PetitionReview
from streetwise.resolve.tables import Case
from streetwise.resolve.telling import News, tell

declare(
    {
        "petition.served": "An opinion reached the petitioner (送达); data: signal, round, on,"
        " how.",
        "petition.review_asked": "A review (复查) was asked for, and we were told; data: signal,"
        " stage, round, on, received.",
        "petition.reexam_asked": "A re-examination (复核) was asked for, and we were told; data:"
        " signal, stage, round, on, received.",
        "petition.file_sent": "The file was handed over to the organ that reviews (移交案卷); data:"
        " signal, stage, on.",
        "petition.hearing": "A hearing began (听证); data: signal, stage, on.",
        "petition.hearing_over": "A hearing ended; data: signal, stage, on.",
        "petition.reviewed": "The opinion was upheld or changed on review (维持、变更); data:"
        " signal, stage, on, result.",
        "petition.revoked": "The opinion was revoked, or ordered to be made again (撤销、责令重办);"
        " data: signal, stage, on, result.",
        "petition.review_dropped": "The request was withdrawn, or not taken up (撤回、不予受理);"
        " data: signal, stage, on, result.",
        "petition.ended": "The re-examination is the last word (终结); data: signal, stage, on,"
        " result.",
        "petition.opined": "We decided again, and made the new opinion out (重新作出处理意见);"
        " data: signal, round, letter, number.",
        "petition.answer_late": "The higher organ has not answered in time; data: clock, step,"
        " due.",
    }
)

MAY = "order.answer"
#: Of these somebody is told.
_TOLD = ("petition.review_asked", "petition.reexam_asked", "petition.revoked")


@dataclass(frozen=True, slots=True)
class Given:
    """What comes with an action. Days are the street's; ``on``: of what is written down, today
    where nobody says; ``text``: the words of a new opinion, or on an outcome."""

    on: date | None = None
    received: date | None = None
    served: date | None = None
    how: str | None = None
    organ: str | None = None
    result: str | None = None
    addressee: str | None = None
    text: str | None = None
    series: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """A petition as its answer left it: what is known of one before anything further was.

    ``opinion_on``: None: it is not answered, or was not accepted or passed on.
    """

    signal: SignalFacts
    order: WorkOrder | None
    opinion_on: date | None
    letter: UUID | None


@dataclass(slots=True)
class Held:
    """A petition in hand. The case is locked. ``fresh``: nothing was written down of it yet."""

    case: Case
    origin: Origin
    row: Petition
    reviews: list[PetitionReview]
    course: Course
    fresh: bool


async def act(
    uow: UnitOfWork,
    viewer: Viewer,
    keys: Keys,
    settings: Settings,
    case_id: UUID,
    signal_id: UUID,
    version: int,
    action: str,
    given: Given,
) -> Petition:
    """Take an officer's action on a petition. ``version``: of the petition, 1 where nothing was
    written down of it yet.

    Raises Invalid, NotFound, Conflict, StaleVersion; then nothing has changed.
    """
    viewer.require(MAY)
    case = await letters.locked_case(uow, viewer, case_id)
    voice = await letters.petition_of(uow.session, viewer, case, settings, signal_id)
    zone = (await calendars(uow.session, {case.area}))[case.area].zone
    held = await hold(uow, viewer, case, origin_of(voice, zone))
    if held.row.version != version:
        raise StaleVersion(
            "The petition was changed by somebody else; look at it again.",
            current={"version": held.row.version, "state": held.row.state},
        )
    _allowed(given)
    today = uow.now.astimezone(zone).date()
    doing = courses.Doing(
        action, given.on or today, given.result, given.received, given.served, given.how,
        given.organ,
    )  # fmt: skip
    after, line = _taken(held, doing, today)
    for name in line.needs:
        if name != "on" and not getattr(given, name):
            raise Invalid(f"'{action}' needs {name}.", code="input_needed", input=name)
    data: dict[str, Any] = {}
    if action == "opine":
        letter = await _opine(uow, viewer, keys, held, voice, given)
        data = {"letter": str(letter.id), "number": letter.number}
    note = None
    if action == "outcome" and given.text and given.text.strip():
        note = await write_note(uow, viewer, keys, case.id, "petition_outcome", given.text)
        await uow.session.flush()
        data = {"note": str(note.id)}
    await store(uow, viewer, held, after, line, doing, data)
    if note is not None:
        held.reviews[-1].note_id = note.id
    return held.row


def origin_of(voice: Voice, zone: ZoneInfo) -> Origin:
    """A voice that is a petition, as its answer left it."""
    answers = [one for one in voice.letters if one.kind in letters.ANSWERS]
    first = answers[0] if answers else None
    other = any(one.kind not in (*letters.ANSWERS, "extension") for one in voice.letters)
    on = None
    if first is not None:
        on = first.issued_on
    elif voice.answered and not other:
        on = _answered_at(voice).astimezone(zone).date()
    return Origin(voice.signal, voice.order, on, first.id if first else None)


def _answered_at(voice: Voice) -> datetime:
    if voice.order is not None:
        order = voice.order
        return order.answered_at or order.closed_at or order.received_at
    given = [one.given_at for one in voice.given if one.state == GIVEN and one.given_at]
    return given[-1] if given else voice.signal.replied_at or voice.signal.reported_at


def first_row(origin: Origin, case: Case, now: datetime) -> Petition:
    """A petition that was answered, of which nothing further was written down."""
    assert origin.opinion_on is not None
    course = courses.begin(origin.opinion_on)
    letter = str(origin.letter) if origin.letter else None
    return Petition(
        id=origin.signal.id, version=1, area=case.area, case_id=case.id, state=course.state,
        opinions=repository.opinions_of(course, [letter]), clock_ids=[], began_at=now,
    )  # fmt: skip


async def hold(uow: UnitOfWork, viewer: Viewer, case: Case, origin: Origin) -> Held:
    """A petition of a case that is locked. Conflict: it is not answered yet, or never was by us."""
    signal_id = origin.signal.id
    row = (await repository.of_signals(uow.session, viewer, [signal_id])).get(signal_id)
    reviews = (await repository.reviews_of(uow.session, viewer, [signal_id])).get(signal_id, [])
    fresh = row is None
    if row is None:
        if origin.opinion_on is None:
            raise Conflict("This petition has no opinion of ours yet.", code="petition_no_opinion")
        row = first_row(origin, case, uow.now)
    return Held(case, origin, row, reviews, repository.course_of(row, reviews), fresh)


async def store(
    uow: UnitOfWork,
    viewer: Viewer,
    held: Held,
    after: Course,
    line: Line,
    doing: courses.Doing,
    data: dict[str, Any],
) -> None:
    """Write down a step that was taken: rows, clocks, entry, news."""
    row, case = held.row, held.case
    if held.fresh:
        uow.session.add(row)
    written = [one.get("letter") for one in row.opinions]
    written += [data.get("letter")] * (len(after.opinions) - len(written))
    row.opinions = repository.opinions_of(after, written)
    row.state = after.state
    row.version += 1
    await uow.session.flush()
    for n, one in enumerate(after.reviews):
        if n == len(held.reviews):
            held.reviews.append(
                PetitionReview(id=new_id(), petition_id=row.id, case_id=case.id, n=n + 1)
            )
            repository.write_review(held.reviews[n], one)
            uow.session.add(held.reviews[n])
        else:
            repository.write_review(held.reviews[n], one)
    held.course = after
    await uow.session.flush()
    await _clocks(uow, viewer, held)
    said = {
        "signal": str(row.id), "stage": loop.stage_of(line.source) or loop.stage_of(line.target),
        "round": after.round, "on": doing.on.isoformat(), "result": doing.result,
        "received": doing.received.isoformat() if doing.received else None, "how": doing.how,
        "petition_from": line.source, "petition_to": line.target,
    }  # fmt: skip
    said = {name: value for name, value in said.items() if value is not None}
    record(uow, viewer, case, line.entry, said | data)
    if line.entry in _TOLD:
        await tell(uow, viewer, [News(case, line.entry, f"{line.entry}:{row.id}:{row.version}")])


def _taken(held: Held, doing: courses.Doing, today: date) -> tuple[Course, Line]:
    try:
        return courses.take(held.course, doing, today)
    except RefusedError as refused:
        if refused.code == "day":
            raise Invalid(
                "The day lies before what it follows, or has not come.",
                code="petition_day", **refused.params,
            ) from None  # fmt: skip
        raise Conflict(
            f"The petition is '{held.course.state}': '{doing.action}' is not possible now.",
            code="petition_state", **refused.params,
        ) from None  # fmt: skip


def _allowed(given: Given) -> None:
    """Codes are those of the table."""
    if given.organ is not None and given.organ not in rules().organs:
        raise Invalid(f"There is no organ '{given.organ}'.", code="petition_organ")
    if given.how is not None and given.how not in rules().ways:
        raise Invalid(f"There is no way of serving '{given.how}'.", code="petition_way")


async def _opine(
    uow: UnitOfWork, viewer: Viewer, keys: Keys, held: Held, voice: Voice, given: Given
) -> Letter:
    """Our new opinion is a letter; and the answer of the work order, where that was returned."""
    text, addressee = (given.text or "").strip(), (given.addressee or "").strip()
    for name, value in (("addressee", addressee), ("text", text)):
        if not value:
            raise Invalid(f"'opine' needs {name}.", code="input_needed", input=name)
    case, order = held.case, held.origin.order
    must_pass(await of_voice(uow.session, viewer, case, voice), text)
    body = await write_note(uow, viewer, keys, case.id, "petition_opinion", text)
    await uow.session.flush()
    making = letters.Making(
        "decision", letters.WORD["decision"], addressee, body.id, round=held.course.round + 1,
        series=given.series,
    )  # fmt: skip
    letter = await letters.make_out(uow, viewer, keys, case, held.row.id, making)
    if order is not None and order_loop.find("answer", order.state) is not None:
        await orders.act(uow, viewer, keys, [orders.Doing(order.id, order.version, "answer", text)])
    return letter


async def _clocks(uow: UnitOfWork, viewer: Viewer, held: Held) -> None:
    """Bring the clocks of what is due to what the course says: begun once, then only what is new
    happens to each."""
    row, case = held.row, held.case
    async with looking_as(uow.session, SYSTEM):
        clocks = await Clocks.of(uow.session, SYSTEM, [case])
    calendar = clocks.calendars[case.area]
    known = {one.id: one for one in clocks.rows[case.id]}
    ids = []
    for period in courses.periods(held.course, rules(), calendar.zone):
        if period.kind not in DUTIES:
            continue
        number = uuid5(row.id, period.key)
        ids.append(number)
        found = known.get(number)
        if found is None:
            found = begin_clock(
                period.kind, case.area, case.id, period.clock.started, period.clock.limit,
                calendar, scheme=SCHEME,
            )  # fmt: skip
            found.id = number
            found.why = [*found.why, *steps([period.said])]
            clocks.add(found)
        for event in period.clock.events[len(found.events) :]:
            found.happens(event.kind, event.at, calendar, because=event.because)
            clocks.took(found)
    if list(row.clock_ids) != ids:
        row.clock_ids = ids
    await clocks.write(uow)
