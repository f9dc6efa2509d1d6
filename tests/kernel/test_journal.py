"""The journal: order of commits, what the application's role may, two clocks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest
from helpers import SYSTEM

from streetwise.kernel import journal
from streetwise.kernel.clock import HandClock, SystemClock
from streetwise.kernel.database import Database
from streetwise.kernel.ids import new_id
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.journal_entry import Entry
from streetwise.kernel.runtime import Runtime, Urls
from streetwise.kernel.viewer import Scope, Viewer


@pytest.fixture(autouse=True, scope="module")
def declared() -> Iterator[None]:
    """An action of these tests only: the reference of the real ones must not see it."""
    journal.declare({"test.done": "Something was done in a test."})
    yield
    del journal.ACTIONS["test.done"]


WRITERS, ENTRIES = 8, 200


def entry(**changes: object) -> Entry:
    values: dict[str, object] = {
        "actor": "system:test",
        "action": "test.done",
        "subject_kind": "test",
        "subject": None,
    }
    return Entry(**{**values, **changes})  # type: ignore[arg-type]


async def test_interleaved_writers_are_all_seen_once_and_in_order(bare_urls: Urls) -> None:
    """8 writers, 1,600 entries, a reader that only asks for "after the last I saw"."""
    database = Database(bare_urls.app, clock=HandClock(datetime(2026, 1, 1, tzinfo=UTC)))
    writing = True

    async def writer(number: int) -> None:
        for count in range(ENTRIES):
            async with database.unit_of_work(SYSTEM) as uow:
                uow.record(entry(data={"writer": number, "count": count}))
                # Open transactions overlap: without the lock, numbers overtake each other.
                await asyncio.sleep(0)

    async def reader() -> list[journal.Recorded]:
        seen: list[journal.Recorded] = []
        while True:
            done = not writing
            async with database.read(SYSTEM) as session:
                after = seen[-1].seq if seen else 0
                found = await journal.read(session, SYSTEM, after=after, limit=37)
            seen += found
            if done and not found:
                return seen
            await asyncio.sleep(0)

    reading = asyncio.create_task(reader())
    await asyncio.gather(*(writer(number) for number in range(WRITERS)))
    writing = False
    seen = await reading
    await database.close()

    assert len(seen) == WRITERS * ENTRIES
    assert len({(one.data["writer"], one.data["count"]) for one in seen}) == WRITERS * ENTRIES
    for number in range(WRITERS):
        counts = [one.data["count"] for one in seen if one.data["writer"] == number]
        assert counts == sorted(counts)


async def test_entries_of_a_rolled_back_unit_never_were(bare: Runtime) -> None:
    with pytest.raises(RuntimeError, match="on purpose"):
        async with bare.database.unit_of_work(SYSTEM) as uow:
            uow.record(entry())
            raise RuntimeError("on purpose")
    async with bare.database.read(SYSTEM) as session:
        assert await journal.read(session, SYSTEM) == []


async def test_an_undeclared_action_is_refused(bare: Runtime) -> None:
    with pytest.raises(ValueError, match="not declared"):
        async with bare.database.unit_of_work(SYSTEM) as uow:
            uow.record(entry(action="test.unheard_of"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET action = 'forged'",
        "DELETE FROM journal",
        "TRUNCATE journal",
        "INSERT INTO journal (seq, actor, action, subject_kind, units, grade, data, drill)"
        " OVERRIDING SYSTEM VALUE VALUES (99, 'a', 'b', 'c', '{}', 1, '{}', false)",
        "INSERT INTO journal (at, actor, action, subject_kind, units, grade, data, drill)"
        " VALUES ('2000-01-01', 'a', 'b', 'c', '{}', 1, '{}', false)",
        "UPDATE clock SET simulated = true",
        "ALTER TABLE journal DISABLE TRIGGER journal_at",
        "DROP TABLE journal",
        "SELECT setval('journal_seq_seq', 1)",
    ],
)
async def test_the_application_cannot_touch_the_past(bare: Runtime, statement: str) -> None:
    async with bare.database.unit_of_work(SYSTEM) as uow:
        uow.record(entry())
    with (
        psycopg.connect(**conninfo(bare.database.url)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)


async def test_at_is_the_units_time_in_a_simulated_database(
    bare: Runtime, clock: HandClock
) -> None:
    async with bare.database.unit_of_work(SYSTEM) as uow:
        uow.record(entry())
    clock.advance(timedelta(days=2))
    async with bare.database.unit_of_work(SYSTEM) as uow:
        uow.record(*[entry()] * 30)  # by COPY, which must give the same
    async with bare.database.read(SYSTEM) as session:
        found = await journal.read(session, SYSTEM)
    assert found[0].at == clock.now() - timedelta(days=2)
    assert {one.at for one in found[1:]} == {clock.now()}


async def test_at_is_the_servers_time_otherwise_and_cannot_be_given(bare_urls: Urls) -> None:
    assert bare_urls.owner is not None
    with psycopg.connect(**conninfo(bare_urls.owner), autocommit=True) as owner:
        owner.execute("UPDATE clock SET simulated = false")
    with psycopg.connect(**conninfo(bare_urls.app)) as connection:
        connection.execute("SELECT set_config('streetwise.scope', 'all', true)")
        connection.execute("SELECT set_config('streetwise.clearance', '4', true)")
        connection.execute("SELECT set_config('streetwise.now', '2001-01-01T00:00:00Z', true)")
        connection.execute(
            "INSERT INTO journal (actor, action, subject_kind, units, grade, data, drill)"
            " VALUES ('a', 'b', 'c', '{}', 1, '{}', false)"
        )
        row = connection.execute("SELECT at, clock_timestamp() FROM journal").fetchone()
    assert row is not None
    assert abs(row[0] - row[1]) < timedelta(minutes=1)


async def test_a_clock_set_back_does_not_turn_the_journal_round(bare_urls: Urls) -> None:
    """The last entry is of tomorrow (the clock was set back since): the next is not before it."""
    assert bare_urls.owner is not None
    with psycopg.connect(**conninfo(bare_urls.owner), autocommit=True) as owner:
        owner.execute("UPDATE clock SET simulated = false")
    database = Database(bare_urls.app, clock=SystemClock())
    async with database.unit_of_work(SYSTEM) as uow:
        uow.record(entry())
    with psycopg.connect(**conninfo(bare_urls.owner), autocommit=True) as owner:
        owner.execute("UPDATE journal SET at = clock_timestamp() + interval '1 day'")
    async with database.unit_of_work(SYSTEM) as uow:
        uow.record(entry())
    async with database.read(SYSTEM) as session:
        first, second = await journal.read(session, SYSTEM)
    await database.close()
    assert second.at == first.at


def test_the_system_clock_never_goes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)])
    monkeypatch.setattr("streetwise.kernel.clock.wall_now", lambda: next(times))
    clock = SystemClock()
    assert clock.now() == clock.now() == datetime(2026, 1, 2, tzinfo=UTC)


async def test_a_viewer_reads_only_what_is_his(bare: Runtime) -> None:
    mine, other = new_id(), new_id()
    async with bare.database.unit_of_work(SYSTEM) as uow:
        uow.record(
            entry(area="home", units=[mine], data={"n": 1}),
            entry(area="home", units=[other], data={"n": 2}),
            entry(area="home", units=[mine, other], grade=4, data={"n": 3}),
            entry(area="elsewhere", units=[mine], data={"n": 4}),
            entry(area=None, units=[mine], data={"n": 5}),
        )

    def viewer(scope: Scope, units: set[UUID], clearance: int = 2) -> Viewer:
        areas = frozenset({"home"})
        return Viewer("staff:x", "", scope, clearance, areas, frozenset(units), frozenset())

    async def numbers(who: Viewer) -> list[int]:
        async with bare.database.read(SYSTEM) as session:
            found = await journal.read(session, who)
        expected = [
            one.data["n"]
            for one in await _all(bare)
            if who.sees(area=one.area, units=one.units, grade=one.grade)
        ]
        assert [one.data["n"] for one in found] == expected  # SQL and Python agree
        return expected

    assert await numbers(viewer("unit", {mine})) == [1, 5]
    assert await numbers(viewer("street", set())) == [1, 2, 5]
    assert await numbers(viewer("street", set(), clearance=4)) == [1, 2, 3, 5]
    assert await numbers(viewer("none", {mine})) == []


async def _all(runtime: Runtime) -> list[journal.Recorded]:
    async with runtime.database.read(SYSTEM) as session:
        return await journal.read(session, SYSTEM)
