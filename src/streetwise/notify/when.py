"""When a message goes out: at once, after quiet hours, or with the daily digest. Pure.

Times of day are local to the street; quiet hours may cross midnight. Urgent things go at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Quiet:
    """Quiet hours: from this time of day up to, and without, that one. Equal: none at all."""

    start: time
    end: time

    def holds(self, at: time) -> bool:
        """Whether a time of day lies in them."""
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


@dataclass(frozen=True, slots=True)
class Habits:
    """What a person wants: quiet hours, or all that is not urgent once a day at ``digest``."""

    quiet: Quiet | None = None
    digest: time | None = None


def when(now: datetime, zone: ZoneInfo, habits: Habits, *, urgent: bool) -> datetime:
    """The moment at which a message may go out, in UTC: ``now``, or a later one.

    A digest that would come in quiet hours comes when they end.
    """
    at = now.astimezone(UTC)
    if urgent:
        return at
    if habits.digest is not None:
        at = next_time(at, zone, habits.digest)
    local = at.astimezone(zone)
    if habits.quiet is not None and habits.quiet.holds(local.time()):
        at = next_time(at, zone, habits.quiet.end)
    return at


def next_time(after: datetime, zone: ZoneInfo, wanted: time) -> datetime:
    """The next moment after ``after`` at which clocks in ``zone`` show ``wanted``, in UTC.

    Where clocks are put forward over it, they show it as much later as they were put forward.
    """
    local = after.astimezone(zone)
    found = []
    for days in range(3):
        day = local.date() + timedelta(days=days)
        # A time that comes twice, when clocks are put back, has both its moments.
        for fold in (0, 1):
            at = datetime.combine(day, wanted, zone).replace(fold=fold).astimezone(UTC)
            shown = at.astimezone(zone).replace(tzinfo=None)
            skipped = shown != datetime.combine(day, wanted)
            if at > after and (fold == 0 or not skipped):
                found.append(at)
    return min(found)
