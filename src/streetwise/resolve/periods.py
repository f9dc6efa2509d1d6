"""A period that somebody asks for by its first and its last day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from streetwise.kernel.errors import Invalid

#: Longer periods are not asked for, and the period that is looked at unless another is said.
LONGEST_DAYS, USUAL_DAYS = 800, 90


def span(
    since: date | None, until: date | None, now: datetime, zone: ZoneInfo
) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the end of the last, in the zone. Without days: the
    last 90, today among them. Raises Invalid (period_unknown).
    """
    last = until or now.astimezone(zone).date()
    first = since or last - timedelta(days=USUAL_DAYS - 1)
    if not 0 <= (last - first).days < LONGEST_DAYS or last.year > 9000 or first.year < 1900:
        raise Invalid(
            f"A period has from 1 to {LONGEST_DAYS} days and ends no earlier than it begins.",
            code="period_unknown",
            days=LONGEST_DAYS,
        )
    end = datetime.combine(last + timedelta(days=1), time(), zone)
    return datetime.combine(first, time(), zone), end
