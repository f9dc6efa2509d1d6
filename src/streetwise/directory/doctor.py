"""For the doctor: whether it is known which days are worked next year.

The State Council says so each November; the package that repeats it (``statutory``) is brought up
to date after that. Deadlines in working days that reach into the new year need it before then.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from streetwise.directory.responsibility import DayCalendar, calendar_of
from streetwise.kernel.doctor.database import Check, Look
from streetwise.kernel.doctor.finding import Finding

#: From the first of this month on, next year counts too.
ASKED_FROM_MONTH = 11
_AREAS = "SELECT name, timezone, calendar FROM area ORDER BY home DESC, code"


def check_calendar_on(today: date) -> Check:
    """The check of all areas as it is made on this day."""

    def check_calendar(at: Look) -> Iterator[Finding]:
        for name, zone, days in at.connection.execute(_AREAS):
            yield from unknown_years(name, calendar_of(days, zone), today)

    return check_calendar


def unknown_years(area: str, calendar: DayCalendar, today: date) -> Iterator[Finding]:
    """What is not known of this year, and from November on of the next. Pure.

    An area that goes by no days off at all, another country's file for example, lacks nothing.
    It stops nothing, so it is not serious: a deadline counted so says so itself on the case page.
    """
    if not calendar.statutory and not calendar.years:
        return
    years = [today.year] if today.month < ASKED_FROM_MONTH else [today.year, today.year + 1]
    for year in years:
        if not calendar.known(year):
            yield Finding(
                "calendar_unknown",
                f"Nobody has said which days of {year} are off in {area}: its working days are"
                " counted Monday to Friday.",
                "Install the newest release (`pip install -U chinesecalendar` where only that is"
                f" newer), or name the holidays and workdays of {year} in the town.yaml of the"
                " street's folder and load it.",
                serious=False,
            )
