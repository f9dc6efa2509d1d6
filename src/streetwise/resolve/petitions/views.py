"""From rows of petitions to what a screen shows. When anything is due is read from what happened,
by the one engine, every time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from streetwise.gather import signal_facts
from streetwise.kernel.settings import Settings
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import lists
from streetwise.resolve import repository as cases
from streetwise.resolve import views as case_views
from streetwise.resolve.answers import voices
from streetwise.resolve.answers.tables import Letter
from streetwise.resolve.answers.views import letter_ref
from streetwise.resolve.clocks.actions import calendars
from streetwise.resolve.deadlines import WorkCalendar, due_state
from streetwise.resolve.petitions import course as courses
from streetwise.resolve.petitions import loop, repository
from streetwise.resolve.petitions.actions import MAY, first_row, origin_of
from streetwise.resolve.petitions.course import Course, Period
from streetwise.resolve.petitions.rules import rules
from streetwise.resolve.petitions.schemas import (
    PetitionHearingView,
    PetitionOffer,
    PetitionOpinionView,
    PetitionPeriodView,
    PetitionReviewView,
    PetitionRow,
    PetitionView,
)
from streetwise.resolve.petitions.tables import Petition, PetitionReview
from streetwise.resolve.schemas import NoteView, StepView
from streetwise.resolve.tables import Case, Note

#: Of a petition as a whole; the others are of a review.
_WHOLE = ("ask_review", "ask_reexam", "petition_redo")


async def of_case(
    session: AsyncSession, viewer: Viewer, case: Case, settings: Settings, now: datetime
) -> list[PetitionView]:
    """The petitions of a case that were answered, in the order in which they came."""
    told = await voices.of_case(session, viewer, case, settings)
    wanted = [one for one in told if one.way.code == "petition" and one.first is None]
    if not wanted:
        return []
    calendar = (await calendars(session, {case.area}))[case.area]
    ids = [one.signal.id for one in wanted]
    rows = await repository.of_signals(session, viewer, ids)
    reviews = await repository.reviews_of(session, viewer, ids)
    notes = await cases.notes(session, viewer, case.id) if reviews else {}
    soon = timedelta(hours=settings.due_soon_hours)
    found = []
    for voice in wanted:
        row, origin = rows.get(voice.signal.id), origin_of(voice, calendar.zone)
        if row is None:
            if origin.opinion_on is None:
                continue
            row = first_row(origin, case, now)
        number = voice.order.number if voice.order is not None else voice.signal.source_key
        found.append(
            _view(
                row, reviews.get(row.id, []), number, {one.id: one for one in voice.letters}, notes,
                calendar, now, soon, may=viewer.may(MAY),
            )
        )  # fmt: skip
    return found


def _view(
    row: Petition,
    reviews: Sequence[PetitionReview],
    number: str | None,
    letters: dict[UUID, Letter],
    notes: dict[UUID, Note],
    calendar: WorkCalendar,
    now: datetime,
    soon: timedelta,
    *,
    may: bool,
) -> PetitionView:
    course, known = repository.course_of(row, reviews), rules()
    periods = courses.periods(course, known, calendar.zone)
    seen = [(one, period_view(one, calendar, now, soon)) for one in periods]
    by_review = [
        [view for one, view in seen if one.review == n and one.kind not in _WHOLE]
        for n in range(len(reviews))
    ]
    return PetitionView(
        id=row.id,
        version=row.version,
        number=number,
        state=cast(Any, row.state),
        today=now.astimezone(calendar.zone).date(),
        opinions=[_opinion(one, letters) for one in row.opinions],
        reviews=[
            _review(one, notes, by_review[n], late=courses.late_to_ask(course, n, known, calendar))
            for n, one in enumerate(reviews)
        ],
        periods=[view for one, view in seen if one.kind in _WHOLE and view.state != "stopped"],
        actions=_offers(course) if may else [],
        organs=list(known.organs),
        ways=list(known.ways),
    )


def period_view(
    period: Period, calendar: WorkCalendar, now: datetime, soon: timedelta
) -> PetitionPeriodView:
    """A period as it stands."""
    found = period.read(calendar)
    done = period.clock.events[-1].at if found.state == "stopped" else None
    return PetitionPeriodView(
        kind=period.kind,
        state=found.state,
        due_state=due_state(found.due, done, now, soon),
        started_at=period.clock.started,
        due_at=found.due,
        why=[StepView(code=one.code, params=one.params) for one in found.why],
    )


def _opinion(said: dict[str, Any], letters: dict[UUID, Letter]) -> PetitionOpinionView:
    letter = letters.get(UUID(said["letter"])) if said.get("letter") else None
    return PetitionOpinionView(
        on=said["on"],
        served_on=said.get("served_on"),
        how=said.get("how"),
        letter=letter_ref(letter) if letter else None,
    )


def _review(
    row: PetitionReview, notes: dict[UUID, Note], periods: list[PetitionPeriodView], *, late: bool
) -> PetitionReviewView:
    note = notes.get(row.note_id) if row.note_id else None
    return PetitionReviewView(
        n=row.n,
        stage=cast(Any, row.stage),
        round=row.round,
        asked_on=row.asked_on,
        received_on=row.received_on,
        told_on=row.told_on,
        organ=row.organ,
        late=late,
        file_on=row.file_on,
        hearings=[PetitionHearingView(on=one["on"], over=one.get("over")) for one in row.hearings],
        outcome=cast(Any, row.outcome),
        outcome_on=row.outcome_on,
        served_on=row.served_on,
        note=NoteView(kind=note.kind, text=note.text) if note else None,
        periods=periods,
    )


def _offers(course: Course) -> list[PetitionOffer]:
    """What may be done now, in the table's order; the outcomes of a review as one action."""
    found: dict[str, PetitionOffer] = {}
    for line in loop.LINES:
        if line.source != course.state:
            continue
        offer = found.setdefault(
            line.action,
            PetitionOffer(
                action=cast(Any, line.action), needs=list(line.needs), results=[],
                least=courses.earliest(course, line.action),
            ),
        )  # fmt: skip
        if line.result is not None:
            offer.results.append(cast(Any, line.result))
    return list(found.values())


async def rows_of(
    session: AsyncSession,
    viewer: Viewer,
    petitions: Iterable[Petition],
    now: datetime,
    soon: timedelta,
) -> list[PetitionRow]:
    """Lines of the list, in the order of these petitions."""
    wanted = list(petitions)
    ids = [one.id for one in wanted]
    reviews = await repository.reviews_of(session, viewer, ids)
    held = await lists.by_ids(session, viewer, sorted({one.case_id for one in wanted}))
    by_case = {row.case.id: row for row in held}
    keys = {one.id: one.source_key for one in await signal_facts(session, viewer, ids)}
    calendar = await calendars(session, {one.area for one in wanted})
    found = []
    for one in wanted:
        here = reviews.get(one.id, [])
        course = repository.course_of(one, here)
        last = here[-1] if here else None
        found.append(
            PetitionRow(
                id=one.id,
                version=one.version,
                number=keys.get(one.id),
                state=cast(Any, one.state),
                case=case_views.case_row(by_case[one.case_id], now, soon),
                stage=cast(Any, last.stage) if last else None,
                organ=last.organ if last else None,
                outcome=cast(Any, last.outcome) if last else None,
                next=_next(course, calendar[one.area], now, soon),
            )
        )
    return found


def _next(
    course: Course, calendar: WorkCalendar, now: datetime, soon: timedelta
) -> PetitionPeriodView | None:
    """What ends first of what still runs; what is the petitioner's to use ends quietly."""
    views = [
        period_view(one, calendar, now, soon)
        for one in courses.periods(course, rules(), calendar.zone)
    ]
    running = [
        one
        for one in views
        if one.state == "running" and one.due_at is not None
        and (one.kind in courses.DUTIES or one.due_at > now)
    ]  # fmt: skip
    still = next((one for one in views if one.state == "paused"), None)
    return min(running, key=lambda one: (one.due_at or now, one.kind), default=still)
