"""What the street does once the town's past is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import httpx
import psycopg
import pytest
from helpers import SYSTEM
from resolve.test_flow import lived
from sqlalchemy import func, select

from streetwise.kernel import arriving
from streetwise.kernel.clock import HandClock
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.journal import Journal
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.flow.tables import CaseStep
from streetwise.resolve.reports.jobs import ORDER_JOB, order_what_is_due
from streetwise.resolve.reports.tables import Report
from streetwise.resolve.scores.tables import CaseFact
from streetwise.resolve.speed import repository as baselines
from streetwise.resolve.tables import Case
from streetwise.town.afterwards import frozen_days, settle
from streetwise.town.almanac import ZONE


@pytest.fixture
def told(runtime: Runtime) -> Iterator[None]:
    """The past is arriving."""
    runtime.settings.home.mkdir(parents=True, exist_ok=True)
    arriving.tell(runtime.settings.home, 0.5)
    yield
    arriving.over(runtime.settings.home)


@pytest.mark.parametrize(
    ("days", "last"), [(365, date(2026, 1, 27)), (28, date(2025, 12, 2)), (1, date(2025, 11, 28))]
)
def test_the_first_two_months_of_a_year_are_frozen(days: int, last: date) -> None:
    start = datetime(2025, 11, 28, tzinfo=ZONE)
    assert frozen_days(start, start + timedelta(days=days)) == (date(2025, 11, 28), last)


def waiting(runtime: Runtime) -> int:
    """Jobs that make reports."""
    with psycopg.connect(**conninfo(runtime.database.url), autocommit=True) as connection:
        query = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s"
        found = connection.execute(query, (ORDER_JOB,)).fetchone()
    assert found is not None
    return int(found[0])


async def test_it_learns_freezes_and_reports_once_all_is_there(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock, told: None
) -> None:
    await lived(runtime, client, clock)
    clock.advance(timedelta(days=60))
    async with runtime.database.read(SYSTEM) as session:
        area = (await session.execute(select(Case.area).limit(1))).scalar_one()
        first = (await session.execute(select(func.min(Case.opened_at)))).scalar_one()
        cases = (await session.execute(select(func.count()).select_from(Case))).scalar_one()
    start = first - timedelta(hours=1)
    for _ in range(2):
        await settle(runtime, area, start, start + timedelta(days=90))
    async with runtime.database.read(SYSTEM) as session:
        # Once, however often, and by the commander.
        (one,) = await baselines.baselines(session, SYSTEM, area)
        actors = await session.execute(
            select(Journal.actor).where(Journal.action == "speed.baseline_frozen")
        )
        assert [actor.startswith("staff:") for (actor,) in actors] == [True]
        steps = select(func.count(func.distinct(CaseStep.case_id)))
        assert (await session.execute(steps)).scalar_one() == cases
        assert (await session.execute(select(func.count()).select_from(CaseFact))).scalar_one()
    assert one.cases == cases > 0
    assert arriving.share(runtime.settings.home) is None
    assert waiting(runtime) > 0


async def test_no_report_is_made_while_the_past_arrives(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock, told: None
) -> None:
    """But afterwards, six hours after the day."""
    await lived(runtime, client, clock)
    clock.advance(timedelta(hours=6))
    await order_what_is_due(runtime)
    assert not await kinds(runtime)
    arriving.over(runtime.settings.home)
    await order_what_is_due(runtime)
    assert await kinds(runtime)


async def kinds(runtime: Runtime) -> Counter[str]:
    """The reports that were ordered."""
    async with runtime.database.read(SYSTEM) as session:
        return Counter((await session.execute(select(Report.kind))).scalars())
