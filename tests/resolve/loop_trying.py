"""What people try at random, often sensible and often not, and a row compared with the reference
(``loop_reference``). Used by ``test_loop_random``.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from resolve.loop_reference import GROUNDS, Told, Try

from streetwise.privacy import roles
from streetwise.resolve import replay
from streetwise.resolve.inputs import Inputs

NOW = datetime(2026, 5, 11, 2, 0, tzinfo=UTC)
#: So often is more time or suspension what is tried: where a case is handled, and elsewhere.
OFTEN, SELDOM = 0.3, 0.02
#: who: (unit, roles). Two in one unit, one with two roles.
PEOPLE = {
    "dispatcher": ("s1", "dispatcher"),
    "officer": ("s1", "duty_officer"),
    "commander": ("s1", "street_commander"),
    "inspector": ("s1", "inspector"),
    "handler": ("dep1", "department_handler"),
    "colleague": ("dep1", "department_handler"),
    "other": ("dep2", "department_handler"),
    "worker": ("c1", "community_worker"),
    "both": ("c1", "community_worker inspector dispatcher"),
}
UNITS = ("dep1", "dep2", "c1", "c2")
OUTCOMES = ("not_our_duty", "duplicate", "withdrawn", "unverifiable", "not_fixed", "fixed")
#: What has nothing to do with time.
KNOWN = frozenset(
    [
        "accept",
        "dispatch",
        "start",
        "report",
        "verify",
        "close",
        "arrive",
        "co_report",
        "return",
        "reassign",
        "whistle",
        "release",
        "close_otherwise",
        "reopen",
        "appeal",
        "review_appeal",
    ]
)
#: More time and suspension (挂账). That a late case gets none, and that a suspended one goes on by
#: itself, is tried at the table alone; through the database time stands still.
TIMES = frozenset(
    [
        "ask_extension",
        "grant_extension",
        "refuse_extension",
        "ask_suspension",
        "grant_suspension",
        "refuse_suspension",
        "resume",
    ]
)
#: What a case is likely to wait for, so that sequences get somewhere.
NEXT = {
    "received": ("accept",),
    "accepted": ("dispatch",),
    "dispatched": ("start", "reassign", "return", "whistle", "arrive", "co_report"),
    "handling": ("report", "report", "whistle", "arrive", "co_report", "release", "return"),
    "suspended": ("resume",),
    "reported": ("verify",),
    "verified": ("close", "close", "close", "verify"),
    "closed": ("reopen", "appeal", "review_appeal", "review_appeal"),
}


def may_of(who: str) -> frozenset[str]:
    table = roles()
    return frozenset(can for role in PEOPLE[who][1].split() for can in table[role].can)


MAY = {who: may_of(who) for who in PEOPLE}


def able_of(action: str) -> list[str]:
    return [who for who in PEOPLE if f"case.{action}" in MAY[who]]


#: Whose role may do it at all.
ABLE = {action: able_of(action) for action in (*KNOWN, *TIMES, "fly")}


#: A day as it is said and as it is meant.
DAY_OF = {
    "soon": NOW + timedelta(days=30),
    "past": NOW - timedelta(days=1),
    "far": NOW + timedelta(days=366),
}
DAY_NAMES: dict[datetime | None, str] = {day: name for name, day in DAY_OF.items()}
DECISIONS = ("grant_{}", "grant_{}", "refuse_{}")


def timed(rng: random.Random, case: Told) -> Try:
    """Something that somebody tries about more time or suspension."""
    if rng.random() < 0.4 and case.state == "suspended":
        return Try(who="handler", of="dep1", may=MAY["handler"], action="resume", by_itself=True)
    if case.asked and rng.random() < 0.8:
        action = rng.choice(DECISIONS).format(case.asked)
    else:
        action = rng.choice(sorted(TIMES))
    able = ABLE[action]
    if action.startswith(("ask", "resume")) and rng.random() < 0.8:
        able = [who for who in able if PEOPLE[who][0] == case.holder] or able
    who = rng.choice(able if able and rng.random() < 0.9 else list(PEOPLE))
    until = None
    if (action == "ask_suspension") == (rng.random() < 0.9):
        until = rng.choice(("soon", "soon", "soon", "past", "far"))
    return Try(
        who=who, of=PEOPLE[who][0], may=MAY[who], action=action, note=rng.random() < 0.85,
        until=until, late=rng.random() < 0.2,
    )  # fmt: skip


def a_try(rng: random.Random, case: Told) -> Try:
    """Something that somebody tries: often what makes sense, often not."""
    sensible = rng.random() < 0.85
    action = rng.choice(NEXT[case.state] if sensible else (*sorted(KNOWN), "fly"))
    able = ABLE[action]
    if action in ("start", "report", "return") and case.holder and rng.random() < 0.8:
        able = [who for who in able if PEOPLE[who][0] == case.holder] or able
    who = rng.choice(able if able and rng.random() < 0.9 else list(PEOPLE))
    fit = rng.random() < 0.85

    def some(wanted: bool) -> bool:
        return wanted if fit else rng.random() < 0.5

    result = rng.choice(("pass", "fail")) if some(action in ("verify", "review_appeal")) else None
    unit = rng.choice(UNITS) if some(action in ("dispatch", "reassign")) else None
    units: tuple[str, ...] = ()
    if some(action in ("whistle", "release")):
        pool = case.left() if action == "release" and case.left() and fit else list(UNITS)
        units = tuple(rng.sample(pool, rng.randint(1, min(2, len(pool)))))
    ground = None
    if some(action in GROUNDS):
        ground = rng.choice(sorted(GROUNDS[action if action in GROUNDS else "return"]))
    outcome = rng.choice(OUTCOMES) if some(action == "close_otherwise") else None
    names = outcome in ("not_our_duty", "duplicate")
    return Try(
        who=who,
        of=PEOPLE[who][0],
        may=MAY[who],
        action=action,
        result=result,
        unit=unit,
        units=units,
        note=rng.random() < 0.8,
        ground=ground,
        outcome=outcome,
        body="水务局" if some(names) else None,
    )


def something(rng: random.Random, case: Told) -> Try:
    """Either of the two."""
    often = OFTEN if case.state in ("handling", "suspended") else SELDOM
    return (timed if rng.random() < often else a_try)(rng, case)


def inputs_of(t: Try) -> Inputs:
    return Inputs(
        unit=t.unit,
        note="说明" if t.note else None,
        result=t.result,
        units=t.units,
        outcome=t.outcome,
        ground=t.ground,
        body=t.body,
        until=DAY_OF[t.until] if t.until else None,
    )


def as_told(row: Any, names: Mapping[UUID, str], people: Mapping[str, str], told: Told) -> Told:
    """A case's row in the reference's words; what stands in no column of it as it was told."""
    appeal = row.appeal or {}
    return Told(
        state=row.state,
        holder=names.get(row.unit_id),
        lead=names.get(row.lead_unit_id),
        reporter=people.get(str(row.reported_by)),
        returned=row.returned,
        reopened=row.reopened,
        reworked=row.reworked,
        outcome=row.outcome,
        body=row.outcome_body,
        returned_from=names.get(row.returned_from),
        parties={names[UUID(one)]: stage for one, stage in (row.parties or {}).items()},
        appeal=appeal.get("state"),
        spoke=[people[one] for one in appeal.get("people", ())],
        asked=row.asked,
        extended=row.extended,
        suspended=row.suspended,
        until=DAY_NAMES.get(row.suspended_until),
        rules=told.rules,
        asker=told.asker,
        asked_until=told.asked_until,
    )


def replayed_is_row(state: replay.CaseState, row: Any) -> None:
    """What the journal tells is what the row holds."""
    assert (state.state, state.version) == (row.state, row.version)
    assert state.holder == (str(row.unit_id) if row.unit_id else None)
    assert state.lead == (str(row.lead_unit_id) if row.lead_unit_id else None)
    assert (state.returned, state.reopened, state.reworked) == (
        row.returned,
        row.reopened,
        row.reworked,
    )
    assert (state.extended, state.suspended) == (row.extended, row.suspended)
    until = row.suspended_until
    assert state.suspended_until == (until.isoformat() if until else None)
    assert (state.outcome, state.body) == (row.outcome, row.outcome_body)
    assert dict(state.parties) == (row.parties or {})
    assert state.appeal == (row.appeal["state"] if row.appeal else None)
    assert state.merged_into == (str(row.merged_into) if row.merged_into else None)
    assert row.parties_left == sum(one != "released" for one in state.parties.values())
    assert {str(one) for one in row.party_ids} == set(state.parties)
