"""Work that comes by itself: once in its time, whatever the number of workers or the clock."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from streetwise.kernel import jobs, logs
from streetwise.kernel.jobs import Worker
from streetwise.kernel.periodic import bring
from streetwise.kernel.runtime import Runtime, Urls
from streetwise.kernel.runtime import open_runtime as another

NAME = "test.periodic"
HOUR = 3600.0


@pytest.fixture
def came(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The request ids under which the work was done."""
    done: list[str | None] = []

    async def handler(runtime: Runtime) -> None:
        done.append(logs.request_id())

    monkeypatch.setitem(jobs.HANDLERS, NAME, handler)
    monkeypatch.setitem(jobs.PERIODIC, NAME, lambda settings: HOUR)
    return done


async def move(runtime: Runtime, ago: timedelta) -> None:
    """As if the work had last come so long ago."""
    async with runtime.database.engine.begin() as connection:
        await connection.execute(
            text("UPDATE periodic_work SET came_at = clock_timestamp() - :ago"), {"ago": ago}
        )


async def test_of_many_workers_one_brings_it(
    bare: Runtime, bare_urls: Urls, came: list[str | None]
) -> None:
    async with another(bare.settings, bare_urls.app) as second:
        brought = await asyncio.gather(*(bring(one, NAME) for one in [bare, second] * 5))
    assert sum(brought) == 1
    await Worker(bare).run(wait=False)
    assert len(came) == 1
    assert came[0] is not None
    assert came[0].startswith("job-")
    assert not await bring(bare, NAME)


async def test_it_comes_again_in_its_time_and_not_twice_at_once(
    bare: Runtime, came: list[str | None]
) -> None:
    assert await bring(bare, NAME)
    # Nobody did it yet: another one would only wait behind it.
    await move(bare, timedelta(hours=2))
    assert not await bring(bare, NAME)
    await Worker(bare).run(wait=False)
    assert await bring(bare, NAME)


@pytest.mark.parametrize("jump", [timedelta(days=1), timedelta(days=-1)])
async def test_a_clock_that_jumps_does_not_stop_it(
    bare: Runtime, came: list[str | None], jump: timedelta
) -> None:
    await bring(bare, NAME)
    await Worker(bare).run(wait=False)
    await move(bare, jump)
    assert await bring(bare, NAME)


async def test_it_is_tried_again_however_often_it_failed(
    bare: Runtime, monkeypatch: pytest.MonkeyPatch, came: list[str | None]
) -> None:
    """A dead letter would end it for good."""

    async def fails(runtime: Runtime) -> None:
        came.append(None)
        raise ValueError("not today")

    monkeypatch.setitem(jobs.HANDLERS, NAME, fails)
    monkeypatch.setattr(jobs, "RETRY_WAITS_SECONDS", (0,) * jobs.MAX_ATTEMPTS)
    await bring(bare, NAME)
    for _ in range(jobs.MAX_ATTEMPTS + 3):
        await Worker(bare).run(wait=False)
    assert len(came) > jobs.MAX_ATTEMPTS
    async with bare.database.engine.connect() as connection:
        found = await connection.execute(text("SELECT status::text FROM procrastinate_jobs"))
        assert found.scalars().all() == ["todo"]


async def test_a_job_carries_on_the_request_it_follows_from(
    bare: Runtime, came: list[str | None]
) -> None:
    from structlog.contextvars import bound_contextvars

    with bound_contextvars(request_id="abc123"):
        await bring(bare, NAME)
    await Worker(bare).run(wait=False)
    assert came == ["abc123"]
