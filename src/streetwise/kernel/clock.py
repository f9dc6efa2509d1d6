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


@dataclass
class TownClock:
    """Business time of a synthetic street: runs ``speed`` times as fast from an anchor."""

    anchor_business: datetime
    anchor_wall: datetime
    speed: float = 1.0
    simulated = True

    def now(self) -> datetime:
        return self.anchor_business + (wall_now() - self.anchor_wall) * self.speed


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
