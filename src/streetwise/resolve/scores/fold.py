"""A case's steps from its journal entries: the rule that the table of facts is derived by. Pure.

The repository says the same in SQL, for all cases at once; a test holds the two against each
other. First times for accepted, dispatched and signed for; the last one for reported, since a
report that a check sent back was none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

#: Entry -> the field that it sets when it is first met, or each time.
FIRST = {
    "case.accepted": "accepted_at",
    "case.dispatched": "dispatched_at",
    "case.started": "started_at",
}
LAST = {"case.reported": "reported_at"}
#: What happens to a case's own clock that ends a pause, or begins one.
STARTED, PAUSED = "start", "pause"
CLOCK_EVENTS = (STARTED, PAUSED, "resume", "stop")

#: Entry -> the count that it adds to.
COUNTED = {
    "case.returned": "returned",
    "case.sent_back": "reworked",
    "case.reopened": "reopened",
}


@dataclass(frozen=True, slots=True)
class Steps:
    """Times (UTC) and counts; None: it has not happened."""

    accepted_at: datetime | None = None
    dispatched_at: datetime | None = None
    started_at: datetime | None = None
    reported_at: datetime | None = None
    returned: int = 0
    reworked: int = 0
    reopened: int = 0


def fold(entries: Iterable[tuple[str, datetime]]) -> Steps:
    """The steps of one case from its (action, at), in the journal's order."""
    times: dict[str, datetime] = {}
    counts: Counter[str] = Counter()
    for action, at in entries:
        if action in COUNTED:
            counts[COUNTED[action]] += 1
        elif action in LAST:
            times[LAST[action]] = at
        elif action in FIRST:
            times.setdefault(FIRST[action], at)
    return Steps(**times, **counts)  # type: ignore[arg-type]


def paused_seconds(events: Iterable[tuple[datetime, str]], closed_at: datetime | None) -> int:
    """How long a case's own clocks stood still, returned or suspended, before it was closed.

    ``events``: (at, kind) of all of its own clocks, also of one that another unit's replaced; a
    clock's beginning is ``start``. A pause lasts until anything else happens, or to the end.
    """
    if closed_at is None:
        return 0
    told = sorted((at, kind) for at, kind in events if kind in CLOCK_EVENTS)
    total = timedelta()
    for (at, kind), (end, _) in pairwise([*told, (closed_at, "stop")]):
        if kind == PAUSED:
            total += max(min(end, closed_at) - at, timedelta())
    return int(total.total_seconds())
