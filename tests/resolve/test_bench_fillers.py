"""What benchmarks write past the product still is what the product reads: a few rows of each.

A filler names columns by hand; one that comes later, or may no longer be empty, breaks it, and
nobody sees that before the next whole run of the benchmarks.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from helpers import SYSTEM, report, spot, take_in_rows

from bench import filling, live, scores, sweep, walls
from streetwise.directory.actions import add_area
from streetwise.directory.areas import NewArea
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.runtime import Runtime, Urls
from streetwise.resolve import lists
from streetwise.resolve.clocks import sweep as clocks
from streetwise.resolve.flow.actions import derive_steps
from streetwise.resolve.scores import repository
from streetwise.resolve.scores.actions import derive_facts
from streetwise.resolve.scores.rules import Period

FEW = 50
SOME = [report(str(n), f"路灯坏了 {n}", "路灯坏了很多天", **spot(n)) for n in range(4)]


def owner(urls: Urls) -> psycopg.Connection[Any]:
    """A connection as the benchmarks have it."""
    assert urls.owner is not None
    return psycopg.connect(**conninfo(urls.owner), autocommit=True)


def count(connection: psycopg.Connection[Any], table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    assert row is not None
    return int(row[0])


async def test_cases_by_copy_and_copies_of_them(runtime: Runtime, town_urls: Urls) -> None:
    await take_in_rows(runtime, SOME)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        for code in filling.OTHER_AREAS:
            await add_area(uow, SYSTEM, NewArea(code, code, code, "Asia/Shanghai", f"{code}-"))
    with owner(town_urls) as connection:
        before = {
            name: count(connection, name) for name in ("cases", "signal", "case_signal", "journal")
        }
        with connection.transaction():
            filling._repeat(connection, FEW)
        for name in ("cases", "signal", "case_signal"):
            assert count(connection, name) == before[name] + FEW
        assert count(connection, "journal") >= before["journal"] + FEW
        walls._multiply(connection, 1)
        total = 2 * (before["cases"] + FEW)
        assert count(connection, "cases") == total
    # The product reads and derives them like its own.
    assert await derive_facts(runtime) == total
    assert await derive_steps(runtime) == total
    async with runtime.database.read(SYSTEM) as session:
        page = await lists.page(
            session, SYSTEM, lists.Filter(area="home"), sort="opened", cursor=None, limit=FEW,
            now=runtime.database.clock.now(), soon=timedelta(hours=4),
        )  # fmt: skip
    assert page.rows


async def test_clocks(runtime: Runtime, town_urls: Urls) -> None:
    await take_in_rows(runtime, SOME)
    now = runtime.database.clock.now()
    with owner(town_urls) as connection:
        total = sweep._fill(connection, FEW, now)
        assert count(connection, "case_clock") == total >= FEW
        connection.execute(sweep._MAKE_DUE.encode(), {"now": now, "count": 3})
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        assert await clocks.sweep(uow, SYSTEM, runtime.keys, 1000) == 3


async def test_facts_and_orders(runtime: Runtime, town_urls: Urls) -> None:
    scores._make(town_urls, "home", FEW * 10)
    with owner(town_urls) as connection:
        assert count(connection, "case_fact") == FEW * 10
        assert count(connection, "work_order") >= FEW
    # The rows are as old as the machine's clock says, not the tests' one.
    now = datetime.now(UTC)
    period = Period("all", now - timedelta(days=5000), now + timedelta(days=9000))
    async with runtime.database.read(SYSTEM) as session:
        ours = await repository.tallies(session, SYSTEM, "home", scores.RULES, period, "unit")
        plain = await scores._naive(session, "home", period)
    assert ours
    assert plain


def test_accounts_of_watchers(town_urls: Urls) -> None:
    with owner(town_urls) as connection:
        before = count(connection, "staff_session")
        assert len(live._accounts(connection, FEW)) == FEW
        assert count(connection, "staff_session") == before + FEW
