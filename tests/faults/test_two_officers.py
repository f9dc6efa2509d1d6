"""Two officers at one case in the same instant: one wins, the other is told, nothing is twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio
from fastapi import FastAPI
from helpers import OURS, act, report, sign_in, spot, take_in_rows

from streetwise.kernel.runtime import Runtime

ROUNDS = 20


@pytest_asyncio.fixture
async def second(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """The other officer's browser."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test/api/v1", headers=OURS
    ) as opened:
        await sign_in(opened, "dispatcher2")
        yield opened


async def open_cases(runtime: Runtime, client: httpx.AsyncClient, number: int) -> list[Any]:
    words = "第 {} 处的垃圾桶满了很多天"
    rows = [report(str(n), f"来件 {n}", words.format(n), **spot(n)) for n in range(number)]
    await take_in_rows(runtime, rows)
    await sign_in(client, "dispatcher")
    found = await client.get("/cases", params={"limit": 200, "sort": "number"})
    items: list[Any] = found.json()["items"]
    assert len(items) == number
    return items


async def test_of_two_at_once_exactly_one_wins(
    runtime: Runtime, client: httpx.AsyncClient, second: httpx.AsyncClient
) -> None:
    """20 rounds; both begin together, in either order."""
    winners = Counter[str]()
    for number, case in enumerate(await open_cases(runtime, client, ROUNDS)):
        pair = [client, second] if number % 2 else [second, client]
        answers = await asyncio.gather(*(act(one, case, "accept", note="我来") for one in pair))
        assert sorted(answer.status_code for answer in answers) == [200, 412]
        won = next(answer for answer in answers if answer.status_code == 200)
        lost = next(answer for answer in answers if answer.status_code == 412)
        after = (await client.get(f"/cases/{case['id']}")).json()
        assert (after["state"], after["version"]) == ("accepted", 2)
        # The loser is told who was first and what the case is now.
        by = after["timeline"][-1]["actor"]["name"]
        assert lost.json()["params"]["current"]["by"] == by
        assert lost.json()["params"]["current"]["state"] == "accepted"
        assert won.json() == after
        assert [entry["action"] for entry in after["timeline"]] == ["case.opened", "case.accepted"]
        notes = [entry["note"] for entry in after["timeline"] if entry["note"]]
        assert len(notes) == 1
        winners[by] += 1
    assert sum(winners.values()) == ROUNDS


async def test_overlapping_bulk_actions_share_the_cases_and_do_not_lock_each_other(
    runtime: Runtime, client: httpx.AsyncClient, second: httpx.AsyncClient
) -> None:
    """Both take all, one from the front and one from the back: each case goes to one of them."""
    cases = await open_cases(runtime, client, 30)
    items = [{"id": case["id"], "version": case["version"]} for case in cases]
    answers = await asyncio.gather(
        client.post("/cases/actions/accept", json={"items": items}),
        second.post("/cases/actions/accept", json={"items": items[::-1]}),
        client.post("/cases/actions/accept", json={"items": items[10:20]}),
    )
    done = [row["id"] for answer in answers for row in answer.json()["done"]]
    assert Counter(done) == Counter(case["id"] for case in cases)
    refused = {
        row["problem"]["code"] for answer in answers for row in answer.json()["refused"]
    }  # fmt: skip
    assert refused == {"stale_version"}


async def test_a_case_named_twice_in_one_bulk_action_is_done_once(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    (case,) = await open_cases(runtime, client, 1)
    item = {"id": case["id"], "version": case["version"]}
    answer = (await client.post("/cases/actions/accept", json={"items": [item, item]})).json()
    assert [row["id"] for row in answer["done"]] == [case["id"]]
    assert [row["problem"]["code"] for row in answer["refused"]] == ["stale_version"]


async def test_a_signal_that_joins_meanwhile_makes_the_officers_version_old(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    """What she read is no longer all there is: she is told, and by whom it was changed."""
    (case,) = await open_cases(runtime, client, 1)
    await take_in_rows(runtime, [report("0", "来件 0 补充", "第 0 处的垃圾桶满了很多天，还在那里")])
    answer = await act(client, case, "accept")
    assert answer.status_code == 412
    assert answer.json()["params"]["current"]["action"] == "case.joined"
    after = (await client.get(f"/cases/{case['id']}")).json()
    assert (after["voices"], after["version"]) == (2, 2)
    assert (await act(client, after, "accept")).status_code == 200
