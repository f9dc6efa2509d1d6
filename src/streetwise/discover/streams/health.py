"""A camera's health: an outage is one line when it begins and one when it is over. Pure.

Hysteresis on both sides: a gap shorter than ``down_after_s`` is no outage (a reconnection takes
seconds), and a camera that was down must give ``up_pictures`` pictures without a failure between
them before it counts as back.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Literal

from streetwise.discover.streams.errors import WORDS, Reason

State = Literal["new", "up", "down"]
_REMEMBERED = 16  # key pictures, for the cadence


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the log. ``lasted_s``: without a picture, up to this line."""

    camera: str
    up: bool
    at: float
    reason: Reason
    words: str
    lasted_s: float


@dataclass(frozen=True, slots=True)
class Report:
    """A camera's health as it is shown. ``cadence_s``: what was really received, None: nothing."""

    camera: str
    state: State
    since: float
    reason: Reason | None
    words: str
    pictures: int
    cadence_s: float | None
    outages: int
    full: bool = False  # decoded in full for want of key frames
    lost: int = 0  # packets
    torn: int = 0  # pictures
    replaced: int = 0  # pictures that nobody had time for


class CameraHealth:
    """Follows one camera from ``now`` on; all times in seconds of one clock."""

    def __init__(self, camera: str, now: float, *, down_after_s: float, up_pictures: int) -> None:
        self.camera = camera
        self.state: State = "new"
        self.since = now
        self.outages = 0
        self.pictures = 0
        self._down_after_s = down_after_s
        self._up_pictures = up_pictures
        self._good_at = now  # the last picture, or when we began to wait for one
        self._times: deque[float] = deque(maxlen=_REMEMBERED)
        self._failure: tuple[Reason, str] | None = None  # the last since the last picture
        self._in_a_row = 0
        self._paused_at: float | None = None

    def picture(self, at: float) -> Line | None:
        """A picture came that can be looked at."""
        self.pictures += 1
        self._times.append(at)
        self._in_a_row += 1
        if self.state == "down" and self._in_a_row < self._up_pictures:
            return None
        line = None
        if self.state == "down":
            reason, words = self._failure or (Reason.NO_KEY_FRAME, WORDS[Reason.NO_KEY_FRAME])
            line = Line(self.camera, True, at, reason, words, at - self._good_at)
        if self.state != "up":
            self.state, self.since = "up", at
        self._failure = None
        self._good_at = at
        return line

    def failed(self, reason: Reason, words: str = "") -> None:
        """A connection failed or ended. Not yet an outage: it may be back in time."""
        self._failure = (reason, words or WORDS[reason])
        self._in_a_row = 0

    def tick(self, now: float, *, playing: bool = True) -> Line | None:
        """Whether an outage has begun. ``playing``: a session with the camera runs."""
        if self.state == "down" or self._paused_at is not None:
            return None
        if now - self._good_at <= self._down_after_s:
            return None
        if self._failure is None:  # while it plays, video comes, or it would have stalled
            reason = Reason.NO_KEY_FRAME if playing else Reason.WAITING
            self._failure = (reason, WORDS[reason])
        self.state, self.since = "down", now
        self.outages += 1
        self._in_a_row = 0
        reason, words = self._failure
        return Line(self.camera, False, now, reason, words, now - self._good_at)

    def pause(self, now: float) -> None:
        """Its turn at the gateway is over (轮巡): that it gives nothing now is no fault of it."""
        if self._paused_at is None:
            self._paused_at = now

    def resume(self, now: float) -> None:
        """Its turn has come. What it had waited before counts on: some never come back."""
        if self._paused_at is not None:
            if self.state != "down":
                self._good_at += now - self._paused_at
            self._paused_at = None

    def cadence_s(self, now: float) -> float | None:
        """Seconds between pictures, as reached; grows while none comes. None before the second."""
        if len(self._times) < 2:
            return None
        mean = (self._times[-1] - self._times[0]) / (len(self._times) - 1)
        return max(mean, now - self._times[-1])

    def report(self, now: float) -> Report:
        """What is shown; the owner adds what it counts itself."""
        reason, words = self._failure or (None, "")
        return Report(
            self.camera,
            self.state,
            self.since,
            reason,
            words,
            self.pictures,
            self.cadence_s(now),
            self.outages,
        )
