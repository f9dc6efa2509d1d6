"""How often a camera was really looked at, from the looks themselves. Pure.

A quantile over gaps alone would flatter: a thousand gaps of two seconds hide one of ten minutes.
So quantiles are over *time*: ``p95`` is the gap that 95 % of the moments of the window lay in or in
a shorter one. The gap that is still open counts with its length so far.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Reached:
    """What was reached over ``window_seconds`` until now; gaps in seconds.

    ``looks``: inferred, not blind, in the window. ``half``, ``p95``: half, 95 % of the time lay in
    gaps not longer. ``longest``: the longest gap, the open one among them. ``since``: seconds since
    the last look, None where there was none yet. ``late_share``: the part of the window that was
    farther from the last look than was wanted.
    """

    window_seconds: float
    looks: int
    half: float
    p95: float
    longest: float
    since: float | None
    late_share: float


@dataclass(slots=True)
class Looks:
    """The times of the looks of one camera and scene, as far back as the window needs them."""

    began: float
    times: deque[float] = field(default_factory=deque)
    before: float | None = None
    """The last look that lies before those in ``times``."""

    def add(self, at: float, window_seconds: float, most: int) -> None:
        """A look; those that no window can need any more are dropped."""
        self.times.append(at)
        while self.times and (self.times[0] < at - window_seconds or len(self.times) > most):
            self.before = self.times.popleft()

    @property
    def last(self) -> float | None:
        """The newest look."""
        return self.times[-1] if self.times else self.before

    def reached(self, now: float, window_seconds: float, wanted: float) -> Reached:
        """The figures of the window that ends now."""
        start = max(self.began, now - window_seconds)
        marks = [self.began if self.before is None else self.before, *self.times, now]
        gaps = [
            (right - left, right - max(left, start), min(right - left - wanted, right - start))
            for left, right in zip(marks, marks[1:], strict=False)
            if right > start
        ]
        weights = [(length, weight) for length, weight, _ in gaps if weight > 0]
        whole = now - start
        last = self.last
        return Reached(
            window_seconds=whole,
            looks=sum(1 for at in self.times if at > start),
            half=_quantile(weights, 0.5),
            p95=_quantile(weights, 0.95),
            longest=max((length for length, _ in weights), default=0.0),
            since=None if last is None else now - last,
            late_share=sum(max(0.0, late) for *_, late in gaps) / whole if whole > 0 else 0.0,
        )


def _quantile(weights: Sequence[tuple[float, float]], share: float) -> float:
    """The smallest length so that ``share`` of the weight lies at it or below."""
    whole = sum(weight for _, weight in weights)
    so_far = 0.0
    for length, weight in sorted(weights):
        so_far += weight
        if so_far >= share * whole - 1e-9:
            return length
    return 0.0
