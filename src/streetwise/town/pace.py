"""How hurried the living town is, and what somebody at the screen may do to it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from .scenarios import Scenarios


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of wall time; tests hurry. From ``bulk_from`` times as fast as the wall clock on,
    staff act on many cases at once, as the screen's bulk bar does.
    """

    look_least: float = 3.0
    look_most: float = 60.0
    backoff_least: float = 2.0
    backoff_most: float = 60.0
    rate_least: float = 1.0
    rate_most: float = 6.0
    bulk_from: float = 60.0

    def look(self, speed: float) -> float:
        """Between two looks: about ninety business seconds, within bounds."""
        return min(self.look_most, max(self.look_least, 90.0 / max(speed, 0.01)))

    def rate(self, speed: float) -> float:
        """Requests a second at most."""
        return min(self.rate_most, max(self.rate_least, speed / 20))

    def files(self, speed: float) -> timedelta:
        """Business time between two files at least: a file is no matter of every look."""
        return timedelta(seconds=2 * self.look_least * speed)


class Steering(Protocol):
    """What somebody at the screen may do to the town while it lives (``town.control``)."""

    scenarios: Scenarios
    wake: asyncio.Event
    held_back: dict[str, int]
