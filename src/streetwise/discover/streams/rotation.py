"""轮巡: who is connected when, where a gateway gives fewer streams than it has cameras. Pure.

The cameras stand in a ring and a window of ``cap`` of them moves on by one camera at a time,
every ``dwell / cap`` seconds. So every camera is connected for one dwell, once per cycle of
``count * dwell / cap`` seconds, none more than another, and only one changes at a time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Turn:
    """One camera's time at the gateway, in seconds of the rotation's clock; never ends: inf."""

    begins: float
    ends: float


@dataclass(frozen=True, slots=True)
class Rotation:
    """``count`` cameras, at most ``cap`` of them at once, ``dwell_s`` each, from ``since`` on."""

    count: int
    cap: int  # 0: no cap
    dwell_s: float
    since: float = 0.0

    @property
    def rotates(self) -> bool:
        """Whether the cap is felt at all."""
        return 0 < self.cap < self.count

    @property
    def step_s(self) -> float:
        """Seconds between two changes."""
        return self.dwell_s / self.cap if self.rotates else math.inf

    @property
    def cycle_s(self) -> float:
        """Within so many seconds every camera has its turn; 0 where all are always connected."""
        return self.count * self.step_s if self.rotates else 0.0

    def connected(self, at: float) -> tuple[int, ...]:
        """Who is connected at a time."""
        if not self.rotates:
            return tuple(range(self.count))
        first = self._step(at)
        return tuple((first + place) % self.count for place in range(self.cap))

    def turn(self, index: int, at: float) -> Turn:
        """The camera's turn that runs at a time, or the next one."""
        if not self.rotates:
            return Turn(self.since, math.inf)
        step = self._step(at)
        # The window that begins at step s holds s … s + cap - 1: camera i is in it for the cap
        # steps that end with step i (modulo the ring).
        last = index + self.count * math.ceil((step - index) / self.count)
        return Turn(
            self.since + (last - self.cap + 1) * self.step_s, self.since + (last + 1) * self.step_s
        )

    def _step(self, at: float) -> int:
        # The edge of a turn is a float: a hair before it counts as past it, or a camera that
        # waits for its end would ask again and be told the same turn.
        return math.floor((at - self.since) / self.step_s + 1e-9)
