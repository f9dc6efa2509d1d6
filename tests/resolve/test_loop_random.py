"""10,000 random sequences of what people try, legal and not: through the loop's table and its pure
steps, beside a reference written by hand (``loop_reference``); and some through the database.

No illegal attempt gets through, every legal one ends where the reference says, and the journal
replayed gives the same state.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid5

import httpx
import pytest
from helpers import SYSTEM, report, sign_in, spot, take_in_rows
from resolve.loop_reference import Told, Try, attempt
from resolve.loop_trying import (
    KNOWN,
    MAY,
    NOW,
    PEOPLE,
    TIMES,
    UNITS,
    as_told,
    inputs_of,
    replayed_is_row,
    something,
)
from sqlalchemy import select

from streetwise.directory import repository as directory
from streetwise.directory.sessions import viewer_of
from streetwise.directory.tables import Staff, Unit
from streetwise.kernel import journal
from streetwise.kernel.errors import StreetwiseError
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import effects, loop, replay, steps
from streetwise.resolve.actions import act
from streetwise.resolve.clocks import repository as clock_rows
from streetwise.resolve.fitting import require_fitting
from streetwise.resolve.guards import guarded
from streetwise.resolve.inputs import Item
from streetwise.resolve.steps import Given
from streetwise.resolve.tables import NOTHING_HAPPENED, Case, CaseParty, ScoreExemption

SPACE = UUID(int=7)
SEQUENCES, LONGEST = 10_000, 36
#: A class whose rules know more time and suspension (积存垃圾渣土), and one that knows neither.
HEAPS, NO_CLASS = "urban-management:E-01-11", "request:R-01"

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


class Asked:
    """The rows of requests that the product writes, without a database, and the case's own clock.

    It is the session, the unit of work and the clocks of ``requests`` at once: what is decided on
    is what was added.
    """

    def __init__(self) -> None:
        self.now, self.session, self.due_at = NOW, self, NOW
        self.rows: list[Any] = []
        self.extensions: list[datetime] = []
        self.until_days: list[datetime] = []

    async def flush(self) -> None:
        """Nothing waits."""

    def add(self, row: Any) -> None:
        self.rows.append(row)

    def waiting(self) -> Any:
        found = [row for row in self.rows if row.state == "open"]
        assert len(found) <= 1
        return found[0] if found else None

    def own(self, case: Any) -> Any:
        return self

    def extend(self, case: Any, at: datetime) -> datetime:
        self.extensions.append(at)
        return at

    def until(self, case: Any, at: datetime, until: datetime) -> None:
        self.until_days.append(until)


def finish(work: Coroutine[Any, Any, None]) -> None:
    """Run what waits for nothing."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise AssertionError("it waits for something")


def requested(book: Asked, row: Any, t: Try, line: loop.Transition) -> dict[str, Any]:
    """What the line does with requests, as ``effects`` has it; what the entry says of that."""
    data: dict[str, Any] = {}
    book.due_at = NOW - timedelta(hours=1) if t.late else NOW + timedelta(hours=1)
    taking: Any = SimpleNamespace(
        uow=book, viewer=VIEWERS[t.who], case=row, inputs=inputs_of(t), data=data, clocks=book,
        line=line,
    )  # fmt: skip
    for effect in effects.effects_of(line):
        if effect is effects._lapsed or (line.action in TIMES and effect is not effects._columns):
            finish(cast("Coroutine[Any, Any, None]", effect(taking)))
    return data


def a_row() -> Any:
    """A new case's columns."""
    return SimpleNamespace(
        id=SPACE, area="home", number="1", state="received", version=1, unit_id=None,
        closed_at=None, reported_by=None,
        reported_for=None, reworked=0, merged_into=None, nature="problem", nature_state=None,
        **{**NOTHING_HAPPENED, "clock_scheme": "urban-management"},
    )  # fmt: skip


def through_the_table(book: Asked, row: Any, t: Try) -> tuple[str, dict[str, Any]] | None:
    """The entry of an attempt by the product's table, guards and steps; None: refused."""
    who, inputs = VIEWERS[t.who], inputs_of(t)
    line = loop.find(t.action, row.state, t.result)
    if line is None:
        return None
    if t.by_itself:
        # As the sweep does it: nobody's right is asked for.
        data = requested(book, row, t, line)
        return line.entry, steps.take(row, line, Given(now=NOW)) | data
    if not who.may(line.capability) or guarded(who, row, line) is not None:
        return None
    if any(not getattr(inputs, name) for name in line.needs):
        return None
    named = tuple(IDS[unit] for unit in t.units)
    unit = IDS[t.unit] if t.unit else None
    for name in ("unit", "units", "outcome", "ground", "body", "until"):
        if getattr(inputs, name) and name not in (*line.needs, *line.takes):
            return None
    try:
        require_fitting(row, line, inputs, unit, named, NOW)
        data = requested(book, row, t, line)
    except StreetwiseError:
        return None
    given = Given(
        now=NOW, staff=who.staff_id, units=who.units, unit=unit, named=named,
        outcome=inputs.outcome, body=inputs.body,
    )  # fmt: skip
    return line.entry, steps.take(row, line, given) | data


def test_ten_thousand_sequences_end_where_the_reference_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def waiting(session: Asked, viewer: Viewer, case_id: UUID) -> Any:
        return session.waiting()

    monkeypatch.setattr(clock_rows, "open_request", waiting)
    rng = random.Random(20260511)
    took, refused, most = Counter[str](), Counter[str](), 0
    for _ in range(SEQUENCES):
        row, told, book = a_row(), Told(), Asked()
        told.rules = rng.random() < 0.9
        if not told.rules:
            row.clock_scheme = "petition"
        entries: list[tuple[str, dict[str, Any]]] = [
            ("case.opened", {"to": "received", "version": 1})
        ]
        for _ in range(rng.randint(1, LONGEST)):
            t = something(rng, told)
            legal = attempt(told, t)
            entry = through_the_table(book, row, t)
            assert (entry is not None) == legal, (t, told)
            if entry is not None:
                entries.append(entry)
            (took if legal else refused)[t.action] += 1
            open_one = book.waiting()
            assert as_told(row, NAMES, WHO, told) == told, (t, told)
            assert (open_one.kind if open_one else None) == told.asked
            assert len(book.extensions) == told.extended
            assert len(book.until_days) == told.suspended
            most = max(most, told.extended)
        replayed_is_row(replay.fold(entries), row)
    # The test saw every action of the table taken, and each refused.
    assert set(loop.ACTIONS) == KNOWN | TIMES
    assert set(took) == KNOWN | TIMES
    assert set(refused) == {*KNOWN, *TIMES, "fly"}
    assert most == 2
    assert min(took.values()) > 50, took


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
    """Real guards, real rows, real journal and real clocks of every second case, whose class knows
    more time; a unit that does not see a case is refused as well.
    """
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
    await sign_in(client, "dispatcher")
    took = Counter[str]()
    for n, case_id in enumerate(ids):
        told = Told(rules=n % 2 == 0)
        await _classed(client, case_id, HEAPS if told.rules else NO_CLASS)
        async with runtime.database.read(SYSTEM) as session:
            row = await session.get_one(Case, case_id)
            home = names.get(row.community_id) if row.community_id else None
        for _ in range(30):
            t = replace(something(rng, told), late=False, by_itself=False)
            wide = t.of == "s1" or "dispatcher" in PEOPLE[t.who][1] or "inspector" in t.who
            sees = wide or t.of in {told.holder, home, *told.parties}
            probe = replace(told, parties=dict(told.parties))
            legal = sees and attempt(probe, t)
            accepted = await _act(runtime, viewers[t.who], case_id, t)
            assert accepted == legal, (t, told)
            told = probe if legal else told
            took[t.action] += accepted
        async with runtime.database.read(SYSTEM) as session:
            row = await session.get_one(Case, case_id)
            assert as_told(row, names, people, told) == told
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
    assert took.total() > count * 5
    assert {"grant_extension", "grant_suspension", "resume"} <= set(took)


async def _classed(client: httpx.AsyncClient, case_id: UUID, category: str) -> None:
    """An officer says the class, on which depends whose rules its clock follows."""
    version = (await client.get(f"/cases/{case_id}")).json()["version"]
    answer = await client.post(
        f"/cases/{case_id}/correct",
        json={"category": category},
        headers={"If-Match": f'"{version}"'},
    )
    assert answer.status_code == 200, answer.text


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
