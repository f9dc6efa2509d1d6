"""What follows when a petitioner does not accept our opinion: the pure part, tried in any order."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streetwise.resolve.deadlines import Limit, WorkCalendar
from streetwise.resolve.petitions import loop
from streetwise.resolve.petitions.course import (
    DUTIES,
    Course,
    Doing,
    Period,
    RefusedError,
    begin,
    earliest,
    late_to_ask,
    line_of,
    periods,
    take,
)
from streetwise.resolve.petitions.rules import read, rules

ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkCalendar(ZONE)
FIRST = date(2026, 3, 2)
WAYS = [None, "in_person", "post"]


def day(after: int) -> date:
    return FIRST + timedelta(days=after)


def went(*steps: Doing) -> Course:
    """A course on which each of these steps was taken on its own day."""
    course = begin(FIRST)
    for step in steps:
        course, _ = take(
            course, step, max(step.on, step.served or step.on, step.received or step.on)
        )
    return course


def of_kind(course: Course, kind: str) -> list[Period]:
    return [one for one in periods(course, rules(), ZONE) if one.kind == kind]


def due(period: Period) -> str:
    at = period.read(CALENDAR).due
    assert at is not None
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M}"


SERVED = Doing("serve", day(2), how="post")
ASKED = Doing("ask", day(8), received=day(10), organ="district_government")
SENT = Doing("hand_over", day(14))
UPHELD = Doing("outcome", day(35), "upheld", served=day(37))
AGAIN = Doing("ask", day(50), received=day(51))


def test_thirty_days_begin_the_day_after_and_end_with_a_day() -> None:
    """Served on 4 March: the first day is 5 March, the thirtieth 3 April, all of it."""
    (period,) = of_kind(went(SERVED), "ask_review")
    found = period.read(CALENDAR)
    assert due(period) == "2026-04-04 00:00"
    codes = [(one.code, one.params.get("on")) for one in found.why]
    assert codes[0] == ("petition_served", "2026-03-04")
    assert [code for code, _ in codes][1:] == ["clock_starts", "limit", "runs_on"]


def test_the_organs_time_runs_from_when_it_received_the_request() -> None:
    (period,) = of_kind(went(SERVED, ASKED), "petition_answer")
    assert due(period) == "2026-04-12 00:00"  # received on 12 March
    assert period.read(CALENDAR).state == "running"
    (after,) = of_kind(went(SERVED, ASKED, SENT, UPHELD), "petition_answer")
    assert (after.read(CALENDAR).state, due(after)) == ("stopped", "2026-04-12 00:00")


def test_the_file_is_handed_over_in_office_time() -> None:
    """Told on Thursday, 12 March: five working days from Friday on, the last of them Thursday."""
    course = went(SERVED, ASKED)
    (period,) = of_kind(course, "petition_file")
    assert due(period) == "2026-03-19 18:00"
    (sent,) = of_kind(went(SERVED, ASKED, SENT), "petition_file")
    assert sent.read(CALENDAR).state == "stopped"


def test_a_hearing_does_not_count() -> None:
    """Two days of it, both whole: the answer has two days more."""
    steps = [SERVED, ASKED, SENT, UPHELD, AGAIN, Doing("hand_over", day(53))]
    plain = of_kind(went(*steps), "petition_answer")[-1]
    heard = [*steps, Doing("hearing", day(60)), Doing("hearing_over", day(61))]
    longer = of_kind(went(*heard), "petition_answer")[-1]
    before, after = plain.read(CALENDAR).due, longer.read(CALENDAR).due
    assert before is not None and after is not None
    assert after - before == timedelta(days=2)
    still = of_kind(went(*heard[:-1]), "petition_answer")[-1].read(CALENDAR)
    assert (still.state, still.due) == ("paused", None)
    with pytest.raises(RefusedError):
        take(went(SERVED, ASKED, SENT), Doing("hearing", day(20)), day(20))  # 复查 knows none


@pytest.mark.parametrize("result", loop.ANEW)
def test_what_was_revoked_is_decided_again_with_a_fresh_clock(result: str) -> None:
    course = went(SERVED, ASKED, SENT, Doing("outcome", day(30), result))
    assert course.state == loop.REDO
    (period,) = of_kind(course, "petition_redo")
    assert due(period) == "2026-06-01 00:00"  # sixty days from 2 April on
    again, line = take(course, Doing("opine", day(50)), day(50))
    assert (again.state, again.round, line.entry) == (loop.OPINION, 2, "petition.opined")
    assert of_kind(again, "petition_redo")[0].read(CALENDAR).state == "stopped"
    served, _ = take(again, Doing("serve", day(52), how="in_person"), day(52))
    assert [one.read(CALENDAR).state for one in of_kind(served, "ask_review")] == [
        "stopped",
        "running",
    ]


def test_after_the_re_examination_it_has_ended() -> None:
    course = went(SERVED, ASKED, SENT, UPHELD, AGAIN, Doing("outcome", day(70), "upheld"))
    assert course.state == loop.ENDED
    for action in loop.ACTIONS:
        for result in (None, *loop.OUTCOMES):
            assert line_of(course, action, result) is None
    assert {one.read(CALENDAR).state for one in periods(course, rules(), ZONE)} == {"stopped"}


def test_a_request_that_was_dropped_leaves_what_time_there_is() -> None:
    course = went(SERVED, ASKED, Doing("outcome", day(20), "dropped"))
    assert course.state == loop.SERVED
    (period,) = of_kind(course, "ask_review")
    assert (period.read(CALENDAR).state, due(period)) == ("running", "2026-04-04 00:00")
    assert take(course, Doing("ask", day(25), received=day(25)), day(25))[0].open is not None


def test_who_asks_too_late_is_noticed() -> None:
    """The thirtieth day is in time; the organ may take up a later one with good reason."""
    in_time = went(SERVED, Doing("ask", date(2026, 4, 3)))
    too_late = went(SERVED, Doing("ask", date(2026, 4, 4)))
    unknown = went(Doing("ask", date(2026, 6, 1)))
    found = [late_to_ask(one, 0, rules(), CALENDAR) for one in (in_time, too_late, unknown)]
    assert found == [False, True, False]


@pytest.mark.parametrize(
    ("step", "least"),
    [
        (Doing("serve", day(-1)), FIRST),
        (Doing("ask", day(1), received=day(0)), day(1)),
    ],
)
def test_nothing_happens_before_what_it_follows(step: Doing, least: date) -> None:
    with pytest.raises(RefusedError) as refused:
        take(begin(FIRST), step, day(9))
    assert (refused.value.code, refused.value.params["least"]) == ("day", least.isoformat())
    with pytest.raises(RefusedError):
        take(begin(FIRST), Doing("serve", day(10)), day(9))  # a day to come


STEPS = st.tuples(
    st.sampled_from(loop.ACTIONS),
    st.sampled_from([None, *loop.OUTCOMES]),
    st.integers(-3, 40),
    st.none() | st.integers(-3, 40),
    st.none() | st.integers(-3, 40),
    st.integers(0, 40),
)


@settings(deadline=None)
@given(st.lists(STEPS, max_size=40))
def test_whatever_is_tried_no_two_are_open_and_no_deadline_precedes_its_start(
    tried: list[tuple[str, str | None, int, int | None, int | None, int]],
) -> None:
    """Days wander from where the course is; what is refused changes nothing."""
    course, today, entries = begin(FIRST), FIRST, 0
    for action, result, on, received, served, later in tried:
        today += timedelta(days=later)
        base = course.last_day
        step = Doing(
            action, base + timedelta(days=on), result,
            None if received is None else base + timedelta(days=received),
            None if served is None else base + timedelta(days=served),
        )  # fmt: skip
        before = course
        try:
            course, line = take(course, step, today)
        except RefusedError:
            assert course is before
            continue
        entries += 1
        assert course.state == line.target
        _right(course, today)
    assert entries <= len(tried)


@settings(deadline=None)
@given(st.integers(0, 25), st.data())
def test_every_way_through_the_table_is_right(steps: int, data: st.DataObject) -> None:
    """Only what may be: long courses, with second and third opinions, that chance alone is slow to
    find."""
    course, today = begin(FIRST), FIRST
    for _ in range(steps):
        lines = [line for line in loop.LINES if line.source == course.state]
        if not lines:
            break
        line = data.draw(st.sampled_from(lines))
        least = earliest(course, line.action)
        today = max(today, least) + timedelta(days=data.draw(_DAYS))
        on = today - timedelta(days=data.draw(st.integers(0, (today - least).days)))
        course, _ = take(course, Doing(line.action, on, line.result), today)
        _right(course, today)


_DAYS = st.integers(0, 35)


def _right(course: Course, today: date) -> None:
    still = [one for one in course.reviews if one.outcome is None]
    assert len(still) == (loop.stage_of(course.state) is not None)
    if still:
        assert still == [course.reviews[-1]] and still[0].stage == loop.stage_of(course.state)
    assert course.last_day <= today
    known = periods(course, rules(), ZONE)
    assert len({one.key for one in known}) == len(known)
    for one in known:
        found = one.read(CALENDAR)
        assert found.due is None or found.due > one.clock.started
        assert all(event.at >= one.clock.started for event in one.clock.events)
    # What runs is what the state says: nobody is under a duty that nobody can fulfil.
    running = {one.kind for one in known if one.read(CALENDAR).state != "stopped"}
    assert ("petition_redo" in running) == (course.state == loop.REDO)
    assert ("petition_answer" in running) == (loop.stage_of(course.state) is not None)
    waiting = (loop.REVIEW_ASKED, loop.REEXAM_ASKED)
    assert ("petition_file" in running) == (course.state in waiting)
    assert running & set(DUTIES) == set() or course.state not in loop.AT_REST


def test_periods_of_no_length_are_refused() -> None:
    nothing = {"value": 0, "unit": "work_day"}
    data = {
        "periods": dict.fromkeys(("ask", "answer", "file"), nothing),
        "organs": ["a"],
        "ways": ["b"],
    }
    with pytest.raises(ValueError, match="some time"):
        read(data)
    assert rules().redo == Limit(60, "calendar_day")
