"""The second wall alone: what PostgreSQL itself shows, table by table, past all repositories."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from helpers import SYSTEM
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from web.neighbourhood import PEOPLE, Known

from streetwise.directory.sessions import viewer_of
from streetwise.directory.tables import Staff
from streetwise.kernel.database import looking_as
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.runtime import Runtime, Urls
from streetwise.kernel.viewer import Viewer
from streetwise.migrations.run import migrate
from streetwise.migrations.walls import QUEUE, SEARCH_VIEW, WALLS, Open, Wall
from streetwise.resolve import lists
from streetwise.resolve.tables import Case

WALLED = sorted(table for table, wall in WALLS.items() if isinstance(wall, Wall))


def tables(urls: Urls) -> dict[str, bool]:
    """Every table and view of the database → whether row-level security is on."""
    with psycopg.connect(**conninfo(urls.app)) as connection:
        rows = connection.execute(
            "SELECT relname, relrowsecurity FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm')"
            " AND relnamespace = 'public'::regnamespace"
        ).fetchall()
    return {name: walled for name, walled in rows if not name.startswith(QUEUE)}


def test_every_table_has_its_rule_or_its_reason(bare_urls: Urls) -> None:
    """A new table fails here until somebody has decided, in migrations/walls.py."""
    found = tables(bare_urls)
    assert set(found) - {SEARCH_VIEW} == set(WALLS)
    for table, wall in WALLS.items():
        assert found[table] == isinstance(wall, Wall), table
        assert isinstance(wall, Wall) or len(wall.because) > 10, table


def test_a_table_that_nobody_has_decided_on_is_closed(bare_urls: Urls) -> None:
    assert bare_urls.owner is not None
    with psycopg.connect(**conninfo(bare_urls.owner), autocommit=True) as owner:
        owner.execute("CREATE TABLE surprise (name text)")
        owner.execute("INSERT INTO surprise VALUES ('somebody')")
        owner.execute("DROP POLICY seen ON cases")
    migrate(bare_urls.owner)
    with psycopg.connect(**conninfo(bare_urls.app)) as connection:
        assert connection.execute("SELECT * FROM surprise").fetchall() == []
        kept = connection.execute("SELECT count(*) FROM pg_policies WHERE tablename = 'cases'")
        assert kept.fetchone() == (1,)  # and a wall that was torn down is built again


@pytest.fixture
def cases(neighbourhood: tuple[str, Path, list[Known]]) -> list[Known]:
    """The neighbourhood's cases; the filters of the repositories are not asked here."""
    return neighbourhood[2]


async def viewers(runtime: Runtime) -> dict[str, Viewer]:
    """Everybody's Viewer by login."""
    found = {}
    async with runtime.database.read(SYSTEM) as session:
        for person in PEOPLE:
            row = await session.execute(
                text("SELECT id FROM staff WHERE login = :login"), {"login": person.login}
            )
            staff = await session.get(Staff, row.scalar_one())
            assert staff is not None
            found[person.login] = await viewer_of(session, staff)
    return found


async def ids(runtime: Runtime, viewer: Viewer, query: str) -> set[Any]:
    async with runtime.database.read(viewer) as session:
        return set((await session.execute(text(query))).scalars())


async def test_without_a_viewer_nothing_is_shown_and_nothing_taken(
    runtime: Runtime, town_urls: Urls, cases: list[Known]
) -> None:
    """Neither on a fresh connection, nor on one whose viewer has left."""
    with psycopg.connect(**conninfo(town_urls.app), autocommit=True) as connection:
        for _ in range(2):
            for table in [*WALLED, SEARCH_VIEW]:
                row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
                assert row == (0,), table
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(
                    "INSERT INTO case_signal SELECT gen_random_uuid(), null, '', now()"
                )
            with connection.transaction():
                connection.execute("SELECT set_config('streetwise.scope', 'all', true)")
                connection.execute("SELECT set_config('streetwise.clearance', '4', true)")
                connection.execute("SELECT set_config('streetwise.can', '{*}', true)")
                assert connection.execute("SELECT count(*) FROM cases").fetchone() == (len(cases),)


async def test_each_sees_the_rows_that_the_rule_gives(runtime: Runtime, cases: list[Known]) -> None:
    """Raw SQL as each person: cases by the rule, and what belongs to a case with it."""
    by_login = await viewers(runtime)
    everything = await ids(runtime, SYSTEM, "SELECT id FROM cases")
    assert everything == {case.id for case in cases}
    for person in PEOPLE:
        viewer = by_login[person.login]
        mine = {case.id for case in cases if case.seen_by(person)}
        for query in (
            "SELECT id FROM cases",
            f"SELECT id FROM {SEARCH_VIEW}",
            "SELECT case_id FROM case_signal",
            "SELECT l.case_id FROM signal s JOIN case_signal l ON l.signal_id = s.id",
            "SELECT case_id FROM photo",
        ):
            assert await ids(runtime, viewer, query) == mine, (person.login, query)
        batches = {c.batch for c in cases if c.area in person.areas and person.may("import.read")}
        assert await ids(runtime, viewer, "SELECT id FROM import_batch") == batches, person.login
        entries = await ids(
            runtime, viewer, "SELECT subject FROM journal WHERE subject_kind = 'case'"
        )
        # The journal's rule knows no capability: who may read no case has the entries' area.
        assert entries <= mine or not person.may("case.read"), person.login


#: What the three administrators look after: accounts, keys, what was changed and looked at.
THEIR_WORK = {
    "staff_session", "staff_stand_in", "staff_password", "staff_recovery_code",
    "sign_in_throttle", "directory_history", "vault_key", "vault_generation", "vault_reason",
    "vault_use",
}  # fmt: skip


async def test_administrators_find_every_wall_closed(runtime: Runtime, cases: list[Known]) -> None:
    by_login = await viewers(runtime)
    for login in ("system_admin", "security_admin", "audit_admin"):
        for table in set(WALLED) - THEIR_WORK:
            assert await ids(runtime, by_login[login], f"SELECT '{table}' FROM {table}") == set()


async def test_nobody_writes_behind_the_wall(runtime: Runtime, cases: list[Known]) -> None:
    by_login = await viewers(runtime)
    by_name = {case.name: case for case in cases}
    worker, handler = by_login["community_worker"], by_login["department_handler"]

    async def change(viewer: Viewer, statement: str) -> int:
        async with runtime.database.unit_of_work(viewer) as uow:
            now = text("SELECT set_config('streetwise.now', '2026-05-11T02:00:00Z', true)")
            await uow.session.execute(now)
            return (await uow.session.execute(text(statement))).rowcount  # type: ignore[attr-defined,no-any-return]

    def touch(case: UUID) -> str:
        return f"UPDATE cases SET voices = voices + 1 WHERE id = '{case}'"

    assert await change(worker, touch(by_name["lamp"].id)) == 1
    for name in ("park", "next", "far", "secret"):
        assert await change(worker, touch(by_name[name].id)) == 0, name
    assert await change(handler, f"DELETE FROM note WHERE case_id = '{by_name['next'].id}'") == 0
    for statement in (
        # into another street, above one's clearance, into an area that is not one's own
        f"UPDATE cases SET area = 'far' WHERE id = '{by_name['lamp'].id}'",
        f"UPDATE cases SET grade = 4 WHERE id = '{by_name['lamp'].id}'",
        f"INSERT INTO note VALUES (gen_random_uuid(), '{by_name['far'].id}', 'x', 'x', 'x', now())",
        "INSERT INTO journal (actor, action, subject_kind, area, units, grade, data, drill)"
        " VALUES ('x', 'case.closed', 'case', 'far', '{}', 2, '{}', false)",
    ):
        with pytest.raises(DBAPIError, match="row-level security"):
            await change(worker, statement)


async def test_a_search_uses_its_index_behind_the_wall(
    runtime: Runtime, cases: list[Known]
) -> None:
    """As the application's role: behind the policy it has none, in the view it has."""
    viewer = (await viewers(runtime))["dispatcher"]
    assert lists.FOUND.name == SEARCH_VIEW
    assert set(lists.FOUND.c.keys()) == {column.name for column in Case.__table__.columns}

    async def plan(relation: str) -> str:
        async with runtime.database.read(viewer) as session:
            await session.execute(text("SET LOCAL enable_seqscan = off"))
            query = f"EXPLAIN SELECT id FROM {relation} WHERE search @> ARRAY['路灯']"
            return "\n".join((await session.execute(text(query))).scalars())

    assert "cases_search" in await plan(SEARCH_VIEW)
    assert "cases_search" not in await plan("cases")


async def test_a_signal_is_found_by_its_upstream_number(
    runtime: Runtime, cases: list[Known]
) -> None:
    """As who forgets by such a number: among millions, behind the wall."""
    viewer = (await viewers(runtime))["dispatcher"]
    async with runtime.database.read(viewer) as session:
        await session.execute(text("SET LOCAL enable_seqscan = off"))
        query = "EXPLAIN SELECT id FROM signal WHERE source_key = '1' AND grade <= 3"
        plan = "\n".join((await session.execute(text(query))).scalars())
    assert "signal_source_key" in plan


async def test_what_fails_in_another_viewers_eyes_says_why_and_leaves_them(
    runtime: Runtime,
) -> None:
    worker = replace(SYSTEM, scope="unit")
    wrong, who = text("SELECT 1 / 0"), text("SELECT current_setting('streetwise.scope')")
    async with runtime.database.unit_of_work(worker) as uow:
        own = (await uow.session.execute(who)).scalar_one()
        with pytest.raises(DBAPIError, match="division by zero"):
            async with looking_as(uow.session, SYSTEM), uow.session.begin_nested():
                await uow.session.execute(wrong)
        assert (await uow.session.execute(who)).scalar_one() == own != "all"
        with pytest.raises(ValueError, match="no"):
            async with looking_as(uow.session, SYSTEM):
                raise ValueError("no")
        assert (await uow.session.execute(who)).scalar_one() == own
    with pytest.raises(DBAPIError, match="division by zero"):
        async with (
            runtime.database.unit_of_work(worker) as uow,
            looking_as(uow.session, SYSTEM),
        ):
            await uow.session.execute(wrong)


async def test_the_reasons_are_open_tables_only() -> None:
    assert {table for table, wall in WALLS.items() if isinstance(wall, Open)}.isdisjoint(
        {"cases", "signal", "note", "photo", "journal", "vault_item", "quarantine", "import_batch"}
    )
