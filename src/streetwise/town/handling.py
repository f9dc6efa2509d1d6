"""How long people in the town take with a case, and how it comes out. Pure.

Times are drawn, not measured: they make lists believable and are no figure of any real street.
What is drawn has the shape that real offices show (docs/reference/town-compared.md): half of what
comes is done within about a day, some of it takes weeks or months because it needs money, another
owner or two neighbours who speak to each other, nobody works at night on what can wait, and the
office has become quicker.
"""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

from . import almanac

#: Median minutes before each action, and the spread (standard deviation of the logarithm).
DELAYS = {
    "accept": (7, 0.35),
    "dispatch": (10, 0.6),
    "start": (35, 1.0),
    "report": (120, 1.5),
    "verify": (40, 0.7),
    "close": (15, 0.9),
    "answer": (90, 0.9),
    "acknowledge": (900, 0.6),
    "read": (150, 1.0),
    "reopen": (120, 0.8),
}
#: Those that are taken on cases; the others on work orders, and on messages put aside.
ON_ORDERS = ("answer", "acknowledge", "contest")
ON_VOICES = ("ask", "answer_link")
NOT_ON_CASES = (*ON_ORDERS, *ON_VOICES, "read", "promise")
#: The desk has a quarter of an hour for these (one city's published service times), day and night;
#: of what it accepts it dispatches this share in the same breath.
WITHIN_MINUTES = ("accept", "dispatch")
DISPATCHED_AT_ONCE = 0.85
#: What is urgent goes this much quicker, and at night too.
URGENT = 0.1
#: For what has to be done by tomorrow the same, and what is left of the share that takes long.
TODAY, TODAY_LONG = 0.4, 0.25
#: Share of cases that somebody lets lie, and how much longer.
FORGOTTEN, FORGOTTEN_FACTOR = 0.06, 12.0
#: Share of cases, by nature, that cannot be done in a day; and the median days and the spread
#: (standard deviation of the logarithm) of what they take.
LONG = {"problem": 0.22, "hazard": 0.28, "request": 0.32, "dispute": 0.65}
LONG_DAYS = (10.0, 1.3)
#: Inspectors work in shifts, every day: what is reported done in the evening is checked then.
CHECKED = (7, 22)
#: The desk is never empty; everybody else has office hours.
AT_THE_DESK = ("accept", "dispatch", "close", "answer", "acknowledge", "read", "reopen")
OFFICE = (8, 18)
#: The office became quicker by a quarter in the first half of this year: planted, and truth.
QUICKER_FROM, QUICKER_UNTIL, QUICKER_BY = date(2026, 1, 1), date(2026, 7, 1), 0.25


def when(
    action: str,
    now: datetime,
    *,
    urgent: bool,
    rng: random.Random,
    today: bool = False,
    nature: str = "problem",
) -> datetime:
    """When an action is taken that becomes possible now. ``now`` is in the street's zone.

    ``urgent``: within hours; ``today``: within a day or so; ``nature``: of the case.
    """
    median, sigma = DELAYS[action]
    minutes = median * rng.lognormvariate(0, sigma) * (TODAY if today and not urgent else 1.0)
    long = LONG.get(nature, LONG["problem"]) * (TODAY_LONG if today else 1.0)
    if action == "report" and not urgent and rng.random() < long:
        minutes = 24 * 60 * LONG_DAYS[0] * rng.lognormvariate(0, LONG_DAYS[1])
    if action in ("start", "report", "verify"):
        minutes *= pace(now.date())
        if rng.random() < FORGOTTEN / 3:
            minutes *= FORGOTTEN_FACTOR
    if urgent:
        return now + timedelta(minutes=minutes * URGENT)
    at = now + timedelta(minutes=minutes)
    if action == "verify":
        return _by_shift(at, rng)
    return at if action in AT_THE_DESK else in_office(at, rng)


def pace(day: date) -> float:
    """What is left of handling times on a day, of those before the office became quicker."""
    whole = (QUICKER_UNTIL - QUICKER_FROM).days
    gone = min(max((day - QUICKER_FROM).days, 0), whole)
    return 1.0 - QUICKER_BY * gone / whole


def _by_shift(at: datetime, rng: random.Random) -> datetime:
    """The same moment while inspectors are about, else early on the next morning."""
    if CHECKED[0] <= at.hour < CHECKED[1]:
        return at
    day = at.date() + timedelta(days=at.hour >= CHECKED[1])
    morning = datetime.combine(day, time(CHECKED[0]), at.tzinfo)
    return morning + timedelta(minutes=rng.expovariate(1 / 40))


def in_office(at: datetime, rng: random.Random) -> datetime:
    """The same moment if somebody works then, else some morning hour of the next working day."""
    if almanac.kind_of(at.date()) == "workday" and OFFICE[0] <= at.hour < OFFICE[1]:
        return at
    day = at.date() + timedelta(days=at.hour >= OFFICE[1])
    while almanac.kind_of(day) != "workday":
        day += timedelta(days=1)
    morning = datetime.combine(day, time(OFFICE[0]), at.tzinfo)
    return max(morning + timedelta(minutes=rng.expovariate(1 / 75)), at)
