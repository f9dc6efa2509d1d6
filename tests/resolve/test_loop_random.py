"""10,000 random sequences of what people try, legal and not: through the loop's table and its pure
steps, beside a reference written by hand (``loop_reference``); and some through the database.

No illegal attempt gets through, every legal one ends where the reference says, and the journal
replayed gives the same state.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid5

import httpx
from helpers import SYSTEM, report, spot, take_in_rows
from resolve.loop_reference import GROUNDS, Told, Try, attempt
from sqlalchemy import select

from streetwise.directory import repository as directory
from streetwise.directory.sessions import viewer_of
from streetwise.directory.tables import Staff, Unit
from streetwise.kernel import journal
from streetwise.kernel.errors import StreetwiseError
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.privacy import roles
from streetwise.resolve import loop, replay, steps
from streetwise.resolve.actions import act
from streetwise.resolve.fitting import require_fitting
from streetwise.resolve.guards import guarded
from streetwise.resolve.inputs import Inputs, Item
from streetwise.resolve.steps import Given
from streetwise.resolve.tables import NOTHING_HAPPENED, Case, CaseParty, ScoreExemption

NOW = datetime(2026, 5, 11, 2, 0, tzinfo=UTC)
SPACE = UUID(int=7)
SEQUENCES, LONGEST = 10_000, 32
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
#: What the reference knows; and lines of the table that it leaves to tests of their own (clocks).
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
OTHERS = frozenset(
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
    "handling": ("report", "whistle", "arrive", "co_report", "release", "return"),
    "reported": ("verify",),
    "verified": ("close", "close", "close", "verify"),
    "closed": ("reopen", "appeal", "review_appeal"),
}


def may_of(who: str) -> frozenset[str]:
    table = roles()
    return frozenset(can for role in PEOPLE[who][1].split() for can in table[role].can)


MAY = {who: may_of(who) for who in PEOPLE}


def a_try(rng: random.Random, case: Told) -> Try:
    """Something that somebody tries: often what makes sense, often not."""
    sensible = rng.random() < 0.85
    action = rng.choice(NEXT[case.state] if sensible else (*sorted(KNOWN), "fly"))
    able = [who for who in PEOPLE if f"case.{action}" in MAY[who]]
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


def inputs_of(t: Try) -> Inputs:
    return Inputs(
        unit=t.unit,
        note="说明" if t.note else None,
        result=t.result,
        units=t.units,
        outcome=t.outcome,
        ground=t.ground,
        body=t.body,
    )


def as_told(row: Any, names: Mapping[UUID, str], people: Mapping[str, str]) -> Told:
    """A case's row in the reference's words."""
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
    assert (state.outcome, state.body) == (row.outcome, row.outcome_body)
    assert dict(state.parties) == (row.parties or {})
    assert state.appeal == (row.appeal["state"] if row.appeal else None)
    assert state.merged_into == (str(row.merged_into) if row.merged_into else None)
    assert row.parties_left == sum(one != "released" for one in state.parties.values())
    assert {str(one) for one in row.party_ids} == set(state.parties)


# --- the table alone ---------------------------------------------------------------------


IDS = {name: uuid5(SPACE, name) for name in (*UNITS, "s1")}
NAMES = {one: name for name, one in IDS.items()}
STAFF = {who: uuid5(SPACE, f"staff {who}") for who in PEOPLE}
WHO = {str(one): who for who, one in STAFF.items()}


def viewer(who: str) -> Viewer:
    unit = IDS[PEOPLE[who][0]]
    return Viewer(
        actor=f"staff:{STAFF[who]}",
        purpose="test",
        scope="street",
        clearance=2,
        areas=frozenset({"home"}),
        units=frozenset({unit}),
        can=MAY[who],
        staff_id=STAFF[who],
        unit_id=unit,
    )


VIEWERS = {who: viewer(who) for who in PEOPLE}


def a_row() -> Any:
    """A new case's columns."""
    return SimpleNamespace(
        number="1", state="received", version=1, unit_id=None, closed_at=None, reported_by=None,
        reported_for=None, reworked=0, merged_into=None, nature="problem", nature_state=None,
        **NOTHING_HAPPENED,
    )  # fmt: skip


def through_the_table(row: Any, t: Try) -> tuple[str, dict[str, Any]] | None:
    """The entry of an attempt by the product's table, guards and steps; None: refused."""
    who, inputs = VIEWERS[t.who], inputs_of(t)
    line = loop.find(t.action, row.state, t.result)
    if line is None or not who.may(line.capability) or guarded(who, row, line) is not None:
        return None
    if any(not getattr(inputs, name) for name in line.needs):
        return None
    named = tuple(IDS[unit] for unit in t.units)
    unit = IDS[t.unit] if t.unit else None
    for name in ("unit", "units", "outcome", "ground", "body"):
        if getattr(inputs, name) and name not in (*line.needs, *line.takes):
            return None
    try:
        require_fitting(row, line, inputs, unit, named, NOW)
    except StreetwiseError:
        return None
    given = Given(
        now=NOW, staff=who.staff_id, units=who.units, unit=unit, named=named,
        outcome=inputs.outcome, body=inputs.body,
    )  # fmt: skip
    return line.entry, steps.take(row, line, given)


def test_ten_thousand_sequences_end_where_the_reference_says() -> None:
    rng = random.Random(20260511)
    took, refused = Counter[str](), Counter[str]()
    for _ in range(SEQUENCES):
        row, told = a_row(), Told()
        entries: list[tuple[str, dict[str, Any]]] = [
            ("case.opened", {"to": "received", "version": 1})
        ]
        for _ in range(rng.randint(1, LONGEST)):
            t = a_try(rng, told)
            legal = attempt(told, t)
            entry = through_the_table(row, t)
            assert (entry is not None) == legal, (t, told)
            if entry is not None:
                entries.append(entry)
            (took if legal else refused)[t.action] += 1
            assert as_told(row, NAMES, WHO) == told, (t, told)
        replayed_is_row(replay.fold(entries), row)
    # The test saw every action of the table taken, and each refused.
    assert set(loop.ACTIONS) - OTHERS == KNOWN
    assert set(took) == KNOWN
    assert set(refused) == {*KNOWN, "fly"}
    assert min(took.values()) > 50


# --- the database ------------------------------------------------------------------------


async def _people(runtime: Runtime) -> tuple[dict[str, Viewer], dict[UUID, str], dict[str, str]]:
    """The same people in the tests' street: viewers, names of units, names of staff."""
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        units = {one.code: one for one in (await uow.session.execute(select(Unit))).scalars()}
        for who, (unit, held) in PEOPLE.items():
            uow.session.add(
                Staff(
                    id=STAFF[who], login=f"random.{who}", name=who, unit_id=units[unit].id,
                    roles=held.split(), password_hash=None,
                )
            )  # fmt: skip
    found = {}
    async with runtime.database.read(SYSTEM) as session:
        for who in PEOPLE:
            found[who] = await viewer_of(session, await session.get_one(Staff, STAFF[who]))
        names = {one.id: one.code for one in await directory.units(session, SYSTEM)}
    return found, names, WHO


async def test_through_the_database_it_is_the_same(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    """Real guards, real rows, real journal; a unit that does not see a case is refused as well."""
    rng = random.Random(7)
    viewers, names, people = await _people(runtime)
    words = "第 {} 处的垃圾桶满了很多天"
    count = 12
    await take_in_rows(
        runtime, [report(str(n), f"来件 {n}", words.format(n), **spot(n)) for n in range(count)]
    )
    async with runtime.database.read(SYSTEM) as session:
        ids = list((await session.execute(select(Case.id).order_by(Case.id))).scalars())
    assert len(ids) == count
    done = 0
    for case_id in ids:
        told = Told()
        async with runtime.database.read(SYSTEM) as session:
            row = await session.get_one(Case, case_id)
            home = names.get(row.community_id) if row.community_id else None
        for _ in range(30):
            t = a_try(rng, told)
            wide = t.of == "s1" or "dispatcher" in PEOPLE[t.who][1] or "inspector" in t.who
            sees = wide or t.of in {told.holder, home, *told.parties}
            legal = sees and attempt(probe := replace(told, parties=dict(told.parties)), t)
            accepted = await _act(runtime, viewers[t.who], case_id, t)
            assert accepted == legal, (t, told)
            told = probe if legal else told
            done += accepted
        async with runtime.database.read(SYSTEM) as session:
            row = await session.get_one(Case, case_id)
            assert as_told(row, names, people) == told
            read = await journal.read(session, SYSTEM, subject=case_id, limit=1000)
            replayed_is_row(replay.fold((one.action, one.data) for one in read), row)
            parties = await session.execute(
                select(CaseParty).where(
                    CaseParty.case_id == case_id, CaseParty.released_at.is_(None)
                )
            )
            assert sorted(names[one.unit_id] for one in parties.scalars()) == sorted(told.left())
            exempt = await session.get(ScoreExemption, case_id)
            assert (exempt is not None) == (told.appeal == "granted")
    assert done > count * 5


async def _act(runtime: Runtime, who: Viewer, case_id: UUID, t: Try) -> bool:
    """Whether the product let the attempt through."""
    async with runtime.database.read(SYSTEM) as session:
        version = (await session.get_one(Case, case_id)).version
    try:
        async with runtime.database.unit_of_work(who) as uow:
            result = await act(
                uow, who, runtime.keys, t.action, [Item(case_id, version)], inputs_of(t)
            )
    except StreetwiseError:
        return False
    return bool(result.done)
