"""A clock that can be paused, resumed, extended and stopped: when is it due, and why? Pure.

A clock has an allowance: its limit, and what extensions add. Time is used up while it runs:
every minute (urgent_hour, calendar_day), or office time only (work_hour, work_day). It is due at
the first moment at which all of the allowance is used. Paused with something left, it is due at
no time; stopped, it says when it would have been due had it gone on.

The order of events is that of their times; of two at one time, the one that is named first.
Checked against a reference that goes minute by minute (tests/resolve/test_clock_engine.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from streetwise.resolve.deadlines import (
    Limit,
    Step,
    WorkCalendar,
    after,
    allowance,
    counted_between,
    office_time,
    unknown_years,
)

Kind = Literal["pause", "resume", "extend", "stop"]
State = Literal["running", "paused", "stopped"]


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a clock. ``limit``: what an extension adds, of the clock's own measure.

    ``because``: a word for the explanation (suspended, returned, …).
    """

    at: datetime
    kind: Kind
    limit: Limit | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """A limit that began to run at ``started`` (aware), and what happened since."""

    started: datetime
    limit: Limit
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """``due``: UTC; None while it is paused with time left. ``left``: of the time that counts, at
    the last event while paused or stopped, else at ``due`` (nothing). Negative: used too much.
    """

    state: State
    due: datetime | None
    left: timedelta
    why: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class _Run:
    """A stretch in which the clock ran; ``end`` None: it runs on."""

    begin: datetime
    end: datetime | None


def read(clock: Clock, calendar: WorkCalendar) -> Reading:
    """Where the clock stands after all of its events, and why."""
    state, runs, allowed = _replay(clock)
    used = timedelta()
    for run in runs:
        if run.end is not None:
            used += counted_between(run.begin, run.end, clock.limit.unit, calendar)
    # A stopped clock is asked as if it had gone on.
    going = runs if state == "running" else [*runs[:-1], _Run(runs[-1].begin, None)]
    open_ended = going if state != "paused" else runs
    due, skipped = _reached(open_ended, allowed, clock.limit.unit, calendar)
    left = timedelta() if state == "running" else allowed - used
    return Reading(state, due, left, _why(clock, calendar, due, skipped))


def reached(clock: Clock, share: float, calendar: WorkCalendar) -> datetime | None:
    """When this share of the allowance is used (0.75: a quarter is left; 1.5: half as much again
    too late); None: at no time, as things stand.
    """
    _, runs, allowed = _replay(clock)
    return _reached(runs, allowed * share, clock.limit.unit, calendar)[0]


def _replay(clock: Clock) -> tuple[State, list[_Run], timedelta]:
    """(state, the stretches in which it ran, what it may use up)."""
    allowed = allowance(clock.limit)
    state: State = "running"
    runs = [_Run(clock.started, None)]
    for event in _in_order(clock):
        if event.kind == "extend":
            assert event.limit is not None
            if office_time(event.limit.unit) != office_time(clock.limit.unit):
                raise ValueError("an extension counts time as its clock does")
            allowed += allowance(event.limit)
        elif event.kind == "resume" and state != "running":
            state = "running"
            runs.append(_Run(event.at, None))
        elif event.kind in ("pause", "stop"):
            if state == "running":
                runs[-1] = _Run(runs[-1].begin, event.at)
            elif event.kind == "stop":
                runs.append(_Run(event.at, event.at))
            if event.kind == "stop" or state == "running":
                state = "stopped" if event.kind == "stop" else "paused"
    return state, runs, allowed


def _in_order(clock: Clock) -> list[Event]:
    if any(event.at < clock.started for event in clock.events):
        raise ValueError("nothing happens to a clock before it starts")
    return sorted(clock.events, key=lambda event: event.at)


def _reached(
    runs: Sequence[_Run], needed: timedelta, unit: str, calendar: WorkCalendar
) -> tuple[datetime | None, int]:
    """(the first moment at which so much is used, days off on the way there)."""
    skipped = 0
    for run in runs:
        if run.end is None:
            at, days = after(run.begin, needed, unit, calendar)
            return at, skipped + days
        here = counted_between(run.begin, run.end, unit, calendar)
        if here >= needed:
            at, days = after(run.begin, needed, unit, calendar)
            return at, skipped + days
        needed -= here
    return None, skipped


def _why(
    clock: Clock, calendar: WorkCalendar, due: datetime | None, skipped: int
) -> tuple[Step, ...]:
    params: dict[str, Any] = {"value": clock.limit.value, "unit": clock.limit.unit}
    steps = [Step("clock_starts", {"at": clock.started.isoformat()}), Step("limit", params)]
    if office_time(clock.limit.unit):
        hours = allowance(clock.limit) / timedelta(hours=1)
        steps.append(Step("office_hours_only", {"hours": hours}))
    else:
        steps.append(Step("runs_on", {}))
    steps += [_told(event) for event in _in_order(clock)]
    if skipped:
        steps.append(Step("days_off_skipped", {"days": skipped}))
    if office_time(clock.limit.unit):
        unknown = unknown_years(clock.started, due, calendar)
        steps += [Step("calendar_unknown", {"year": year}) for year in unknown]
    return tuple(steps)


_SAID = {"pause": "clock_paused", "resume": "clock_resumed", "stop": "clock_stopped"}


def _told(event: Event) -> Step:
    at = {"at": event.at.isoformat()}
    if event.kind == "extend":
        assert event.limit is not None
        return Step("clock_extended", {**at, "value": event.limit.value, "unit": event.limit.unit})
    code = f"clock_{event.because}" if event.because else _SAID[event.kind]
    return Step(code, at)
