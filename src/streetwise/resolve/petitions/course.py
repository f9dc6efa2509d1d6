"""What happened to a petition after its answer, as a plain value; what may happen next, and by
when. Pure: days in, days and deadlines out.

Checked by ``tests/resolve/test_petition_course.py``: whatever is tried in whatever order, no two
reviews are open, nothing happens before what it follows, and no deadline lies before its start.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from streetwise.resolve.clocks.engine import Clock, Event, Reading, read
from streetwise.resolve.deadlines import Limit, Step, WorkCalendar
from streetwise.resolve.natures.loop import Line, find
from streetwise.resolve.petitions import loop
from streetwise.resolve.petitions.rules import Rules

PeriodKind = Literal[
    "ask_review", "ask_reexam", "petition_file", "petition_answer", "petition_redo"
]
#: What somebody has to do by then; the others are the petitioner's to use or not.
DUTIES: tuple[PeriodKind, ...] = ("petition_file", "petition_answer", "petition_redo")


class RefusedError(ValueError):
    """It cannot be so. ``code``: state, day; ``params`` for the sentence."""

    def __init__(self, code: Literal["state", "day"], **params: str) -> None:
        super().__init__(code)
        self.code, self.params = code, params


@dataclass(frozen=True, slots=True)
class Opinion:
    """Our opinion 处理意见: the day it was made out, and when and how it was served."""

    on: date
    served_on: date | None = None
    how: str | None = None


@dataclass(frozen=True, slots=True)
class Hearing:
    """A hearing 听证 of the re-examination; ``over`` None: it goes on."""

    on: date
    over: date | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A review 复查 or re-examination 复核 of the ``round``-th opinion.

    ``asked_on``: by the petitioner; ``received_on``: by the organ, from which its time runs;
    ``told_on``: when we were told. ``served_on``: when the petitioner got the outcome.
    """

    stage: str
    round: int
    asked_on: date
    received_on: date
    told_on: date
    organ: str | None = None
    file_on: date | None = None
    hearings: tuple[Hearing, ...] = ()
    outcome: str | None = None
    outcome_on: date | None = None
    served_on: date | None = None

    @property
    def known_on(self) -> date | None:
        """From when its outcome counts for the petitioner."""
        return self.served_on or self.outcome_on


@dataclass(frozen=True, slots=True)
class Course:
    """How far a petition is: ``state`` (petitions/loop.py), our opinions, its reviews; in order."""

    state: str
    opinions: tuple[Opinion, ...]
    reviews: tuple[Review, ...] = ()

    @property
    def round(self) -> int:
        """Which of our opinions counts, from 1."""
        return len(self.opinions)

    @property
    def open(self) -> Review | None:
        """The review that has no outcome yet."""
        return next((one for one in self.reviews if one.outcome is None), None)

    @property
    def last_day(self) -> date:
        """The day of what happened last, as far as days were written down."""
        return max(_days(self))


@dataclass(frozen=True, slots=True)
class Doing:
    """What is to be written down. ``on``: the day it happened; ``received``: of a request, by the
    organ; ``served``: of an outcome, to the petitioner."""

    action: str
    on: date
    result: str | None = None
    received: date | None = None
    served: date | None = None
    how: str | None = None
    organ: str | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A period of time: ``key`` names it among those of its petition, and never changes.

    ``review``: which review (from 0) it belongs to; None: to an opinion.
    """

    key: str
    kind: PeriodKind
    clock: Clock
    said: Step
    review: int | None = field(default=None)

    def read(self, calendar: WorkCalendar) -> Reading:
        """When it ends, and why."""
        found = read(self.clock, calendar)
        return replace(found, why=(self.said, *found.why))


def begin(opinion_on: date) -> Course:
    """A petition that was answered, of which nothing further is known."""
    return Course(loop.OPINION, (Opinion(opinion_on),))


def line_of(course: Course, action: str, result: str | None) -> Line | None:
    """The line of the table for an action; None: it cannot be taken now."""
    return find(loop.LINES, action, course.state, result)


def take(course: Course, doing: Doing, today: date) -> tuple[Course, Line]:
    """(how it stands then, the line that was taken). Raises RefusedError; then all is as it was."""
    line = line_of(course, doing.action, doing.result)
    if line is None:
        raise RefusedError("state", state=course.state, action=doing.action)
    _in_time(course, doing, today)
    after = _EFFECTS[doing.action](course, doing, today)
    return replace(after, state=line.target), line


def _in_time(course: Course, doing: Doing, today: date) -> None:
    """Nothing is written down of a day to come, nor of one before what it follows."""
    order = [earliest(course, doing.action), doing.on, doing.received or doing.on]
    order.append(doing.served or order[-1])
    for before, after in zip(order, [*order[1:], today], strict=True):
        if after < before:
            raise RefusedError("day", day=after.isoformat(), least=before.isoformat())


def earliest(course: Course, action: str) -> date:
    """The first day on which an action can have been taken, as things stand."""
    now, last = course.open, course.opinions[-1]
    if action == "serve":
        return last.on
    if action == "ask":
        stage = REVIEW_AFTER.get(course.state)
        before = [one for one in course.reviews if one.round == course.round and one.outcome]
        if stage == loop.REEXAM:
            before = [one for one in before if one.outcome in loop.STANDS]
            return max(one.known_on or last.on for one in before)
        known = [one.known_on for one in before if one.known_on]
        return max([last.served_on or last.on, *known])
    if now is None:
        return course.last_day
    hearing = now.hearings[-1] if now.hearings else None
    if action == "hearing":
        return max(now.received_on, hearing.over if hearing and hearing.over else now.received_on)
    if action == "hearing_over" and hearing is not None:
        return hearing.on
    days = [now.received_on]
    if action == "outcome":
        days += [now.file_on] if now.file_on else []
        days += [one.over or one.on for one in now.hearings]
    return max(days)


#: Which stage a request opens, by the state in which it comes.
REVIEW_AFTER = {
    loop.OPINION: loop.REVIEW,
    loop.SERVED: loop.REVIEW,
    loop.REVIEWED: loop.REEXAM,
}


def _serve(course: Course, doing: Doing, today: date) -> Course:
    last = replace(course.opinions[-1], served_on=doing.on, how=doing.how)
    return replace(course, opinions=(*course.opinions[:-1], last))


def _ask(course: Course, doing: Doing, today: date) -> Course:
    one = Review(
        REVIEW_AFTER[course.state], course.round, doing.on, doing.received or doing.on, today,
        doing.organ,
    )  # fmt: skip
    return replace(course, reviews=(*course.reviews, one))


def _hand_over(course: Course, doing: Doing, today: date) -> Course:
    return _changed(course, file_on=doing.on)


def _hearing(course: Course, doing: Doing, today: date) -> Course:
    assert course.open is not None
    return _changed(course, hearings=(*course.open.hearings, Hearing(doing.on)))


def _hearing_over(course: Course, doing: Doing, today: date) -> Course:
    assert course.open is not None
    *before, last = course.open.hearings
    return _changed(course, hearings=(*before, replace(last, over=doing.on)))


def _outcome(course: Course, doing: Doing, today: date) -> Course:
    return _changed(course, outcome=doing.result, outcome_on=doing.on, served_on=doing.served)


def _opine(course: Course, doing: Doing, today: date) -> Course:
    return replace(course, opinions=(*course.opinions, Opinion(doing.on)))


_EFFECTS = {
    "serve": _serve,
    "ask": _ask,
    "hand_over": _hand_over,
    "hearing": _hearing,
    "hearing_over": _hearing_over,
    "outcome": _outcome,
    "opine": _opine,
}


def _changed(course: Course, **values: object) -> Course:
    """With something else said of the review that is open: it is always the last."""
    assert course.open is course.reviews[-1]
    last = replace(course.reviews[-1], **values)  # type: ignore[arg-type]
    return replace(course, reviews=(*course.reviews[:-1], last))


def _days(course: Course) -> Iterator[date]:
    for opinion in course.opinions:
        yield from (one for one in (opinion.on, opinion.served_on) if one)
    for review in course.reviews:
        told = (review.asked_on, review.received_on, review.file_on, review.outcome_on,
                review.served_on)  # fmt: skip
        yield from (one for one in told if one)
        yield from (one for hearing in review.hearings for one in (hearing.on, hearing.over) if one)


# --- by when -------------------------------------------------------------------------------


def periods(course: Course, rules: Rules, zone: ZoneInfo) -> list[Period]:
    """Every period that has begun, those that are over too, in the order in which they began."""
    found = [*_asking(course, rules, zone)]
    for n, review in enumerate(course.reviews):
        found += _reviewing(n, review, rules, zone)
        if review.outcome in loop.ANEW and review.outcome_on is not None:
            # ``round`` counts from 1: the opinion after the one that was revoked.
            after = course.opinions[review.round].on if course.round > review.round else None
            found.append(
                _period(f"{n}:redo", "petition_redo", review.outcome_on, rules.redo, "revoked",
                        zone, [("stop", after)], n)
            )  # fmt: skip
    return sorted(found, key=lambda one: (one.clock.started, one.key))


def _asking(course: Course, rules: Rules, zone: ZoneInfo) -> Iterator[Period]:
    """Until when the petitioner may ask: after each opinion, and after each review."""
    for n, opinion in enumerate(course.opinions, start=1):
        if opinion.served_on is None:
            continue
        asked = _asked(course.reviews, loop.REVIEW, n, opinion.served_on)
        yield _period(f"o{n}:ask", "ask_review", opinion.served_on, rules.ask, "served", zone,
                      [("stop", asked)])  # fmt: skip
    for n, review in enumerate(course.reviews):
        since = review.known_on
        if review.stage == loop.REVIEW and review.outcome in loop.STANDS and since:
            asked = _asked(course.reviews[n + 1 :], loop.REEXAM, review.round, since)
            yield _period(f"{n}:ask", "ask_reexam", since, rules.ask, "reviewed", zone,
                          [("stop", asked)], n)  # fmt: skip


def _asked(reviews: Sequence[Review], stage: str, round_: int, since: date) -> date | None:
    """When it was asked for last: a request that was dropped leaves what time there is."""
    wanted = [
        one.asked_on
        for one in reviews
        if (one.stage, one.round) == (stage, round_) and one.outcome != loop.DROPPED
    ]
    return max(wanted[-1], since) if wanted else None


def _reviewing(n: int, review: Review, rules: Rules, zone: ZoneInfo) -> Iterator[Period]:
    """Our file, and the organ's answer. Who has decided needs no file any more."""
    sent = review.file_on or review.outcome_on
    yield _period(f"{n}:file", "petition_file", review.told_on, rules.file, "told", zone,
                  [("stop", sent)], n)  # fmt: skip
    events: list[tuple[Literal["pause", "resume", "stop"], date | None]] = []
    for hearing in review.hearings:
        events += [("pause", hearing.on), ("resume", hearing.over)]
    events.append(("stop", review.outcome_on))
    yield _period(f"{n}:answer", "petition_answer", review.received_on, rules.answer, "received",
                  zone, events, n)  # fmt: skip


def _period(
    key: str,
    kind: PeriodKind,
    since: date,
    limit: Limit,
    because: str,
    zone: ZoneInfo,
    events: Sequence[tuple[Literal["pause", "resume", "stop"], date | None]],
    review: int | None = None,
) -> Period:
    started = morning(since + timedelta(days=1), zone)
    told: list[Event] = []
    for kind_, day in events:
        if day is not None:
            # In their order: what is decided on the last day of a hearing is decided after it.
            told.append(_event(kind_, day, told[-1].at if told else started, zone))
    said = Step(f"petition_{because}", {"on": since.isoformat()})
    return Period(key, kind, Clock(started, limit, tuple(told)), said, review)


def _event(
    kind: Literal["pause", "resume", "stop"], day: date, least: datetime, zone: ZoneInfo
) -> Event:
    """The day of a hearing does not count at all; what was done on a day was done by its noon."""
    if kind == "stop":
        at = datetime.combine(day, time(12), zone).astimezone(UTC)
    else:
        at = morning(day if kind == "pause" else day + timedelta(days=1), zone)
    return Event(max(at, least), kind, because="hearing" if kind == "pause" else "")


def morning(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins (UTC)."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def late_to_ask(course: Course, n: int, rules: Rules, calendar: WorkCalendar) -> bool:
    """Whether the ``n``-th review was asked for after the petitioner's time was over. Whether it
    is taken up all the same is the organ's to say."""
    review = course.reviews[n]
    before = replace(course, reviews=course.reviews[:n])
    kind = "ask_review" if review.stage == loop.REVIEW else "ask_reexam"
    known = [one for one in periods(before, rules, calendar.zone) if one.kind == kind]
    if not known:
        return False
    due = known[-1].read(calendar).due
    return due is not None and morning(review.asked_on, calendar.zone) >= due
