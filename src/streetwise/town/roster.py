"""Who is on duty when: the duty roster of the street and its communities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from .geometry import rng_for

Row = dict[str, str]
DAY, NIGHT = "08:00-20:00", "20:00-08:00"
#: Post → the role of whoever may hold it: the leader in charge, the officer, the community.
POSTS = {"leader": "street_commander", "officer": "duty_officer", "community": "community_worker"}
SWAP = "与{}调班"


def roster(seed: int, staff: Sequence[Mapping[str, str]], first: date, days: int) -> list[Row]:
    """The roster of some days: who leads, who answers the telephone, who is on in a community.

    `staff` are rows of staff.csv. A leader has a day and its night, officers change between
    them, a community has one person a day. People take turns by the calendar, so that two
    periods that overlap agree; about every second week two leaders swap.
    """
    names = {s["login"]: s["name"] for s in staff}
    leaders = _pool(seed, staff, "leader")
    officers = _pool(seed, staff, "officer")
    communities = _communities(seed, staff)
    rows: list[Row] = []
    for k in range(days):
        day = first + timedelta(days=k)
        leader, note = _leader(seed, leaders, names, day)
        # Two officers a day: with three or more in turn nobody goes from a night into a day.
        turn = 2 * day.toordinal()
        on_duty = {DAY: _nth(officers, turn), NIGHT: _nth(officers, turn + 1)}
        for hours in (DAY, NIGHT):
            rows.append(_row(day, hours, "leader", leader, note))
            rows.append(_row(day, hours, "officer", on_duty[hours], ""))
        for people in communities.values():
            rows.append(_row(day, DAY, "community", _nth(people, day.toordinal()), ""))
    return rows


def _row(day: date, hours: str, post: str, login: str, note: str) -> Row:
    return {"date": day.isoformat(), "hours": hours, "post": post, "login": login, "note": note}


def _pool(seed: int, staff: Sequence[Mapping[str, str]], post: str) -> list[str]:
    """Who may hold a post, in the order of their turns."""
    pool = sorted(s["login"] for s in staff if s["roles"] == POSTS[post])
    rng_for(seed, "roster", post).shuffle(pool)
    return pool


def _communities(seed: int, staff: Sequence[Mapping[str, str]]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for s in staff:
        if s["roles"] == POSTS["community"]:
            out.setdefault(s["unit"], []).append(s["login"])
    for unit, people in out.items():
        rng_for(seed, "roster", unit).shuffle(people)
    return dict(sorted(out.items()))


def _leader(
    seed: int, leaders: Sequence[str], names: Mapping[str, str], day: date
) -> tuple[str, str]:
    """The leader of a day, and the note when it is somebody else's turn."""
    monday = day - timedelta(days=day.weekday())
    rng = rng_for(seed, "roster swap", monday.isoformat())
    swapped = rng.random() < 0.5
    early = rng.randrange(6)
    turn = day.toordinal()
    if swapped and len(leaders) > 1 and day.weekday() in (early, early + 1):
        other = turn + (1 if day.weekday() == early else -1)
        return _nth(leaders, other), SWAP.format(names[_nth(leaders, turn)])
    return _nth(leaders, turn), ""


def _nth(people: Sequence[str], turn: int) -> str:
    return people[turn % len(people)]
