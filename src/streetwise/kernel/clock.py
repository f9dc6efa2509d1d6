"""Two clocks: business time (tests and the town set it) and wall time (sessions, locks, jobs).

Business columns get their time from here, never from SQL ``now()``. All times are UTC and
aware; an area's time zone is applied only where a person reads or a calendar counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol


def wall_now() -> datetime:
    """The machine's own time, for sessions, locks and jobs."""
    return datetime.now(UTC)


class Clock(Protocol):
    """Business time."""

    @property
    def simulated(self) -> bool:
        """Whether the database may take business time from us (the town, tests)."""

    @property
    def speed(self) -> float:
        """Business seconds per wall second."""

    def now(self) -> datetime:
        """Business time, UTC."""


_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass
class SystemClock:
    """The clock of a real installation: wall time that never runs backwards in a process.

    A machine's clock set back must not date an action before the one it follows; the
    journal's trigger holds the same line across processes.
    """

    simulated = False
    speed = 1.0
    _last: datetime = _LONG_AGO

    def now(self) -> datetime:
        self._last = max(self._last, wall_now())
        return self._last


@dataclass(frozen=True, slots=True)
class Stretch:
    """Business time from one moment on: ``business`` at ``wall``, then ``speed`` times as fast.

    It has no past: before its own moment it stands at its beginning.
    """

    business: datetime
    wall: datetime
    speed: float

    def at(self, wall: datetime) -> datetime:
        """Business time at a moment of wall time."""
        return self.business + max(timedelta(), wall - self.wall) * self.speed


class TownClock:
    """Business time of a synthetic street: a stretch, and perhaps the next one already known.

    A change is told to all processes before it counts (``follow``), so they change over at the same
    moment and agree on what time it is. Who hears of it late, or whose machine's clock is set
    back, stands still until the others have come as far: time never goes back in a process.
    """

    simulated = True

    def __init__(
        self, anchor_business: datetime, anchor_wall: datetime, speed: float = 1.0
    ) -> None:
        self._stretch = Stretch(anchor_business, anchor_wall, speed)
        self._next: Stretch | None = None
        self._last = _LONG_AGO

    def _current(self, wall: datetime) -> Stretch:
        if self._next is not None and self._next.wall <= wall:
            self._stretch, self._next = self._next, None
        return self._stretch

    @property
    def speed(self) -> float:
        """Business seconds per wall second; 0 while time is paused."""
        return self._current(wall_now()).speed

    @property
    def told(self) -> Stretch:
        """The newest stretch that this process was told of, also when it has not begun."""
        return self._next or self._stretch

    def now(self) -> datetime:
        wall = wall_now()
        self._last = max(self._last, self._current(wall).at(wall))
        return self._last

    def follow(self, stretch: Stretch) -> None:
        """Go over to another stretch at the moment at which it begins."""
        if stretch != self.told:
            self._current(wall_now())
            self._next = stretch


@dataclass
class HandClock:
    """A clock that moves only when told to: tests and the making of a town's history."""

    at: datetime
    simulated = True
    speed = 0.0

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> datetime:
        """Move on by ``by`` and return the new time."""
        self.at += by
        return self.at
