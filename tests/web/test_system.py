"""The system page, health and metrics: what an administrator and a machine see, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from helpers import SYSTEM, sign_in
from sqlalchemy import text

from streetwise.kernel import jobs
from streetwise.kernel.jobs import GIVEN_UP, HANDLERS, Worker, job
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.seals.sealing import seal_all


@pytest.fixture
def breaks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A job that fails until the list says that it is mended, or "once"; given up at the first
    failure.
    """
    said: list[str] = []
    monkeypatch.setattr(jobs, "RETRY_WAITS_SECONDS", (0,))
    monkeypatch.setattr(jobs, "MAX_ATTEMPTS", 1)

    @job("test.breaks")
    async def handler(runtime: Runtime, *, signal: str) -> None:
        if "mended" not in said:
            said.extend(["mended"] * ("once" in said))
            raise ValueError("电话 13800138000")

    yield said
    HANDLERS.pop("test.breaks")
    GIVEN_UP.pop("test.breaks", None)


async def give_up(runtime: Runtime) -> None:
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        uow.defer("test.breaks", signal="01")
    for _ in range(3):  # the second attempt may be a moment later than the first run's last look
        await Worker(runtime).run(wait=False)


async def system(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/system")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_dead_letter_is_seen_and_put_back(
    runtime: Runtime, client: httpx.AsyncClient, breaks: list[str]
) -> None:
    await give_up(runtime)
    await sign_in(client, "system_admin")
    found = await system(client)
    assert found["jobs"]["failed"] == 1
    (letter,) = found["letters"]
    assert (letter["name"], letter["dead"], letter["error"]) == ("test.breaks", True, "ValueError")
    assert "test_system.py" in letter["place"]
    # The message of an error may quote a citizen: it stands nowhere.
    assert "13800138000" not in str(found)

    breaks.append("mended")
    assert (await client.post(f"/system/jobs/{letter['id']}/retry")).status_code == 204
    # Done twice, the second time by somebody who was slower.
    again = await client.post(f"/system/jobs/{letter['id']}/retry")
    assert (again.status_code, again.json()["code"]) == (409, "job_not_dead")
    await Worker(runtime).run(wait=False)
    found = await system(client)
    assert (found["letters"], found["jobs"]["failed"]) == ([], 0)


async def test_a_dead_letter_is_thrown_away_with_an_entry(
    runtime: Runtime, client: httpx.AsyncClient, breaks: list[str]
) -> None:
    await give_up(runtime)
    await sign_in(client, "system_admin")
    (letter,) = (await system(client))["letters"]
    assert (await client.post(f"/system/jobs/{letter['id']}/discard")).status_code == 204
    assert (await system(client))["letters"] == []
    async with runtime.database.read(SYSTEM) as session:
        told = await session.execute(
            text("SELECT data FROM journal WHERE action = 'job.discarded'")
        )
        assert told.scalar_one() == {"job": letter["id"], "name": "test.breaks"}
        left = await session.execute(text("SELECT count(*) FROM job_failure"))
        assert left.scalar_one() == 0


async def test_a_job_that_succeeds_at_last_leaves_nothing(
    runtime: Runtime, client: httpx.AsyncClient, breaks: list[str]
) -> None:
    # Whether the second attempt is of the same run or the next is chance.
    breaks.append("once")
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        uow.defer("test.breaks", signal="01")
    for _ in range(4):
        await Worker(runtime).run(wait=False)
    await sign_in(client, "system_admin")
    found = await system(client)
    assert found["letters"] == []


async def test_the_page_says_how_far_the_journal_is_sealed(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await sign_in(client, "system_admin")
    before = (await system(client))["seal"]
    assert before["number"] == 0
    assert before["unsealed"] > 0
    await seal_all(runtime)
    after = (await system(client))["seal"]
    assert (after["number"], after["unsealed"]) == (1, 0)


async def test_health_is_a_real_query(app: FastAPI, runtime: Runtime) -> None:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as anybody:
        for path in ("/healthz", "/readyz"):
            answer = await anybody.get(path)
            assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        object.__setattr__(runtime.settings, "health_timeout_seconds", 0.0)
        answer = await anybody.get("/healthz")
        assert (answer.status_code, answer.json()) == (503, {"status": "database"})


async def test_metrics_are_for_who_has_the_token(app: FastAPI, runtime: Runtime) -> None:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as anybody:
        assert (await anybody.get("/metrics")).status_code == 404
        object.__setattr__(runtime.settings, "metrics_token", "a long token")
        for wrong in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer another"}):
            assert (await anybody.get("/metrics", headers=wrong)).status_code == 404
        await anybody.get("/api/v1/about")
        await anybody.get("/api/v1/cases/secret-word-1?q=13800138000")
        await anybody.request("FOO", "/api/v1/about")
        answer = await anybody.get("/metrics", headers={"Authorization": "Bearer a long token"})
    assert answer.status_code == 200
    lines = answer.text.splitlines()
    counted = 'streetwise_requests_total{method="GET",route="/about",status="200"} 1.0'
    assert counted in lines
    assert 'streetwise_jobs{state="failed"} 0.0' in lines
    assert "streetwise_database_up 1.0" in lines
    # Neither a path nor a search word nor a made-up method became a label.
    assert "secret-word" not in answer.text
    assert "13800138000" not in answer.text
    assert "FOO" not in answer.text
