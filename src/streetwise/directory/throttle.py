"""Waits after wrong sign-ins: a few are free, then each wait is twice the last, up to a cap. Pure.

Attempts are counted before the password is looked at and given back when it was right: so a
hundred at once count as a hundred, and a process that dies has counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: Doubling ends here; the cap is reached long before.
_DOUBLINGS_MAX = 20


@dataclass(frozen=True, slots=True)
class Rule:
    """When a count begins to wait, how long, and when it is forgotten."""

    attempts: int
    first_wait: timedelta
    longest_wait: timedelta
    forget: timedelta
    #: Forget so long after the first failure (an address), not after the last one (a login).
    from_first: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """Failures of one login or address."""

    failures: int
    first_at: datetime
    last_at: datetime
    wait_until: datetime | None


def seconds_left(count: Count | None, rule: Rule, now: datetime) -> int:
    """How long to wait before the next attempt; 0: none."""
    if count is None or count.wait_until is None:
        return 0
    left = count.wait_until - now
    # More than there ever is to wait: the clock was set back meanwhile.
    if left <= timedelta() or left > rule.longest_wait:
        return 0
    return int(left.total_seconds()) + 1


def one_more(count: Count | None, rule: Rule, now: datetime) -> Count:
    """The count after one more attempt."""
    if count is None or _over(count, rule, now):
        count = Count(0, now, now, None)
    failures = count.failures + 1
    wait = wait_after(failures, rule)
    return Count(failures, count.first_at, now, now + wait if wait else None)


def one_less(count: Count, rule: Rule) -> Count:
    """The count after an attempt was given back: it was right."""
    failures = max(count.failures - 1, 0)
    wait_until = count.wait_until if wait_after(failures, rule) else None
    return Count(failures, count.first_at, count.last_at, wait_until)


def wait_after(failures: int, rule: Rule) -> timedelta | None:
    """The wait that this many failures earn."""
    over = failures - rule.attempts
    if over < 0:
        return None
    doublings: int = min(over, _DOUBLINGS_MAX)
    return min(rule.first_wait * (1 << doublings), rule.longest_wait)


def _over(count: Count, rule: Rule, now: datetime) -> bool:
    since = count.first_at if rule.from_first else count.last_at
    return now - since > rule.forget or since > now + rule.forget
