"""A machine's clock set back: sessions, sign-in, cases and the journal go on in order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest
import pytest_asyncio
from helpers import OURS, SYSTEM, TEST_PASSWORD, act, report, sign_in, take_in_rows
from sqlalchemy import select

from streetwise.kernel.clock import SystemClock
from streetwise.kernel.jobs import conninfo
from streetwise.kernel.runtime import Runtime, Urls, open_runtime
from streetwise.kernel.settings import Settings
from streetwise.resolve.tables import Note
from streetwise.web.app import create_app

DAY = timedelta(days=1)


class Wall:
    """The machine's clock, in our hands."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self) -> datetime:
        """The time that it shows."""
        return self.at


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    made = Wall()
    for module in ("kernel.clock", "directory.sign_in", "directory.sessions"):
        monkeypatch.setattr(f"streetwise.{module}.wall_now", made.now)
    return made


@pytest_asyncio.fixture
async def real_time(
    settings: Settings, town_urls: Urls, wall: Wall
) -> AsyncIterator[tuple[Runtime, httpx.AsyncClient]]:
    """A street whose business time is the machine's, and a client."""
    assert town_urls.owner is not None
    with psycopg.connect(**conninfo(town_urls.owner), autocommit=True) as owner:
        owner.execute("UPDATE clock SET simulated = false")
    async with open_runtime(settings, town_urls.app, create_keys=True) as runtime:
        assert isinstance(runtime.database.clock, SystemClock)
        app = create_app(runtime, with_worker=False)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app=app),
                base_url="http://test/api/v1",
                headers=OURS,
            ) as client,
        ):
            yield runtime, client


async def the_case(runtime: Runtime, client: httpx.AsyncClient) -> dict[str, Any]:
    await take_in_rows(runtime, [report("1", "路灯不亮", "梧桐路的路灯坏了三天了，请尽快处理")])
    await sign_in(client, "dispatcher")
    (row,) = (await client.get("/cases")).json()["items"]
    found: dict[str, Any] = row
    return found


async def test_a_case_goes_on_in_order(
    real_time: tuple[Runtime, httpx.AsyncClient], wall: Wall
) -> None:
    runtime, client = real_time
    case = await the_case(runtime, client)
    before = runtime.database.clock.now()
    wall.at -= DAY
    assert runtime.database.clock.now() == before
    await sign_in(client, "dispatcher")
    answer = await act(client, case, "accept", note="收到")
    assert answer.status_code == 200
    timeline = answer.json()["timeline"]
    times = [entry["at"] for entry in timeline]
    assert times == sorted(times)
    async with runtime.database.read(SYSTEM) as session:
        note = (await session.execute(select(Note))).scalar_one()
    assert note.written_at >= before  # no note is older than the case that it is about


async def test_nobody_is_locked_out_for_the_time_that_was_lost(
    real_time: tuple[Runtime, httpx.AsyncClient], wall: Wall, settings: Settings
) -> None:
    """Made to wait a minute, then the clock goes back a day: the wait is a minute still."""
    _, client = real_time
    wrong = {"login": "dispatcher", "password": "wrong"}
    for _ in range(settings.sign_in_attempts):
        assert (await client.post("/session", json=wrong)).status_code == 401
    refused = await client.post("/session", json=wrong)
    assert refused.status_code == 429
    wall.at -= DAY
    right = {"login": "dispatcher", "password": TEST_PASSWORD}
    waits = (await client.post("/session", json=right)).headers.get("retry-after", "0")
    assert int(waits) <= settings.sign_in_wait_seconds + 1
    wall.at += timedelta(seconds=settings.sign_in_wait_seconds + 1)
    assert (await client.post("/session", json=right)).status_code == 200


async def test_a_session_does_not_live_longer_for_it(
    real_time: tuple[Runtime, httpx.AsyncClient], wall: Wall, settings: Settings
) -> None:
    """Opened "tomorrow": it does not get that day as a gift."""
    _, client = real_time
    await sign_in(client, "dispatcher")
    wall.at -= timedelta(minutes=2)  # set right, or another machine's: nobody notices
    assert (await client.get("/session")).status_code == 200
    wall.at -= 3 * DAY
    assert (await client.get("/session")).status_code == 401
    await sign_in(client, "dispatcher")
    assert (await client.get("/session")).status_code == 200
    wall.at += timedelta(hours=settings.session_absolute_hours, minutes=1)
    assert (await client.get("/session")).status_code == 401
