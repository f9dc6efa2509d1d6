"""What it costs to show each viewer only their own, among 1,000,000 cases.

The product's own reads (``resolve.lists``, ``views.case_view``) by a real Viewer, in this
process and one after the other, in three ways that take turns:

- ``walls``: as sw_app. The repository filters, and PostgreSQL's policies stand behind it.
- ``filter``: as sw_owner, whom policies let pass. The repository alone filters.
- ``bare``: as sw_owner, and the repository's filter is taken out: nobody asks who asks.

Rows: the list with its count in the usual orders, a search for a common word, for a rare one and
for a number, the overview's numbers and what waits for the viewer, one case whole. Milliseconds,
median; each row has ``walls`` against ``bare`` (for who sees whole areas: there both give the
same rows) or against ``filter`` (for who sees some units' cases only). The goal (issue 3): a
list costs less than a tenth more.

The street is filled by ``bench.filling`` and its cases are then copied in SQL, with other ids,
numbers and times, until there are a million; only the first have signals and a journal.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
from sqlalchemy import select, true
from sqlalchemy.ext.asyncio import AsyncSession

from bench.filling import fill
from bench.lists import Known, known_of
from bench.meter import percentile
from bench.report import Row, row
from bench.street import Bench
from streetwise.directory.sessions import viewer_of
from streetwise.directory.tables import Staff
from streetwise.kernel.database import Database
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.runtime import Urls
from streetwise.kernel.viewer import Viewer
from streetwise.resolve import lists, numbers_repository, repository, views
from streetwise.resolve.lists import Filter
from streetwise.resolve.tables import Case

CASES, FIRST = 1_000_000, 20_000
GOAL = "ratio < 1.1"
WIDE, NARROW = "dispatcher", "community_worker"
SOON = timedelta(hours=4)
NEAR_METRES = 15.0
#: As the setting photo_far_metres has it; what it is costs nothing.
FAR_METERS = 200.0
PAGE = 50

#: Copies of the cases that are there, each a little earlier than the last.
_COPIES = """
INSERT INTO cases ({columns})
SELECT {values} FROM cases c CROSS JOIN generate_series(1, {times}) AS copy
"""
_CHANGED = {
    "id": "gen_random_uuid()",
    "number": "c.number || '-' || copy",
    "opened_at": "c.opened_at - copy * interval '7 minutes'",
    "due_at": "c.due_at - copy * interval '7 minutes'",
    "closed_at": "c.closed_at - copy * interval '7 minutes'",
}

Ask = Callable[[AsyncSession, Viewer], Awaitable[Any]]


def run(bench: Bench) -> list[Row]:
    """Fill, ask in turns."""
    bench.ready()
    count, rounds = bench.size(CASES, 20_000), bench.size(40, 3)
    with bench.database() as urls:
        assert urls.owner is not None
        first = min(FIRST, count // 2)
        bench.note(f"walls: filling {count:,} cases")
        began = time.perf_counter()
        asyncio.run(fill(bench, urls, first))
        with psycopg.connect(**conninfo(urls.owner), autocommit=True) as connection:
            known = known_of(connection)
            _multiply(connection, count // first - 1)
        bench.note(f"walls: filled in {time.perf_counter() - began:.0f} s; asking")
        return asyncio.run(_measure(urls, known, rounds))


def _multiply(connection: psycopg.Connection[Any], times: int) -> None:
    """Copies by SQL; indexes are made anew afterwards, which is quicker than row by row."""
    cursor = connection.execute("SELECT * FROM cases LIMIT 0")
    columns = [column.name for column in cursor.description or ()]
    indexes = connection.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'cases'"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    ).fetchall()
    with connection.transaction():
        for name, _ in indexes:
            connection.execute(f"DROP INDEX {name}".encode())
        values = ", ".join(_CHANGED.get(name, f"c.{name}") for name in columns)
        statement = _COPIES.format(columns=", ".join(columns), values=values, times=times)
        connection.execute(statement.encode())
        for _, definition in indexes:
            connection.execute(definition.encode())
    connection.execute("VACUUM ANALYZE cases")


async def _measure(urls: Urls, known: Known, rounds: int) -> list[Row]:
    assert urls.owner is not None
    walled, passing = Database(urls.app), Database(urls.owner)
    rows = []
    for login in (WIDE, NARROW):
        viewer = await _viewer(walled, login)
        base = "bare" if viewer.wide else "filter"
        for name, ask in _asks(known, await _one_case(walled, viewer, known)).items():
            found = await _turns(walled, passing, viewer, ask, rounds)
            rows += _rows(f"walls.{login}.{name}", found, base)
    await walled.close()
    await passing.close()
    return rows


def _rows(name: str, found: dict[str, list[float]], base: str) -> list[Row]:
    def at(way: str, share: float) -> float:
        return 1000 * percentile(found[way], share)

    return [
        row(name, at("walls", 0.5), "ms p50", baseline=(base, at(base, 0.5)), goal=GOAL),
        row(f"{name}.p95", at("walls", 0.95), "ms p95", baseline=(base, at(base, 0.95))),
    ]


async def _viewer(database: Database, login: str) -> Viewer:
    system = Viewer.system("bench")
    async with database.read(system) as session:
        query = select(Staff).where(Staff.roles.contains([login])).order_by(Staff.login).limit(1)
        staff = (await session.execute(query)).scalar_one()
        return await viewer_of(session, staff)


async def _one_case(database: Database, viewer: Viewer, known: Known) -> Any:
    """A case that the viewer sees and that has signals and a journal."""
    async with database.read(viewer) as session:
        query = select(Case.id).where(
            Case.id.in_(known.ids), repository.visible(viewer), Case.area == known.area
        )
        return (await session.execute(query.limit(1))).scalar_one()


def _asks(known: Known, case_id: Any) -> dict[str, Ask]:
    """What is asked, by name."""
    here = Filter(area=known.area)
    still_open = replace(here, states=("open",))

    def listed(wanted: Filter, sort: str) -> Ask:
        async def ask(session: AsyncSession, viewer: Viewer) -> None:
            now = known.now
            await lists.page(
                session, viewer, wanted, sort=sort, cursor=None, limit=PAGE, now=now, soon=SOON
            )
            await lists.count(session, viewer, wanted, now, SOON)

        return ask

    async def overview(session: AsyncSession, viewer: Viewer) -> None:
        day = known.now.replace(hour=0, minute=0, second=0, microsecond=0)
        await numbers_repository.six(
            session, viewer, known.area, day_start=day, now=known.now, soon=SOON
        )
        await lists.needs_me(session, viewer, known.area, 20)

    async def opened(session: AsyncSession, viewer: Viewer) -> None:
        await views.case_view(session, viewer, case_id, known.now, SOON, NEAR_METRES, FAR_METERS)

    return {
        "list_due": listed(still_open, "due"),
        "list_new": listed(here, "-opened"),
        "list_mine": listed(replace(here, mine=True), "due"),
        "common_word": listed(replace(here, words=known.common), "-opened"),
        "rare_word": listed(replace(here, words=known.rare), "-opened"),
        "number": listed(replace(here, words=known.numbers[0]), "-opened"),
        "overview": overview,
        "open": opened,
    }


async def _turns(
    walled: Database, passing: Database, viewer: Viewer, ask: Ask, rounds: int
) -> dict[str, list[float]]:
    """Seconds of each way; they take turns, so that whatever else the machine does hits all."""
    found: dict[str, list[float]] = {"walls": [], "filter": [], "bare": []}
    for turn in range(rounds + 2):
        for way, seconds in found.items():
            database = walled if way == "walls" else passing
            with _without_view(way != "walls"), _without_filter(way == "bare"):
                began = time.perf_counter()
                async with database.read(viewer) as session:
                    await ask(session, viewer)
                if turn >= 2:  # plans and caches are warm
                    seconds.append(time.perf_counter() - began)
    return found


@contextmanager
def _without_filter(without: bool) -> Iterator[None]:
    """The repository's filter taken out."""
    if not without:
        yield
        return
    kept = repository.visible
    for module in (repository, lists):
        module.visible = lambda viewer, area_code=None: true()  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for module in (repository, lists):
            module.visible = kept  # type: ignore[attr-defined]


@contextmanager
def _without_view(without: bool) -> Iterator[None]:
    """Searches ask the table itself, as they would if there were no walls."""
    if not without:
        yield
        return
    kept = lists.FOUND
    lists.FOUND = Case.__table__  # type: ignore[assignment]
    try:
        yield
    finally:
        lists.FOUND = kept
