"""未诉先办: rounds are proposed, agreed to, become cases, and are scored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
from helpers import past_the_walls, run_jobs, sign_in, take_in_rows
from warn.nights import BINS, HERE, TONIGHT, classed, night, nothing, one_report, rows, told, weeks

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime


async def proposed(runtime: Runtime, client: httpx.AsyncClient) -> dict[str, Any]:
    """The rounds of the day, as the commander sees them."""
    await told(runtime, weeks())
    await night(runtime)
    await sign_in(client, "street_commander")
    answer = await client.get("/warn/rounds")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def agree(client: httpx.AsyncClient, task: dict[str, Any]) -> httpx.Response:
    """Agree to a task as it was seen."""
    headers = {"If-Match": f'"{task["version"]}"'}
    return await client.post(f"/warn/rounds/{task['id']}/agree", headers=headers)


async def test_a_task_that_was_agreed_to_becomes_a_case(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    seen = await proposed(runtime, client)
    assert seen["day"] == TONIGHT.isoformat()
    first, second = seen["items"]
    assert (first["rank"], first["expected"], first["state"]) == (1, 3.5, "proposed")
    assert first["category"]["code"] == BINS[1]
    assert first["may_agree"]
    answer = await agree(client, first)
    assert answer.status_code == 200, answer.text
    assert answer.json()["state"] == "agreed"
    assert answer.json()["agreed_by"] == "街道指挥长甲"
    await run_jobs(runtime)
    task = (await client.get("/warn/rounds")).json()["items"][0]
    assert task["result"] == "open"
    case = (await client.get(f"/cases/{task['case']['id']}")).json()
    assert case["title"].startswith("未诉先办：")
    assert (case["category"]["scheme"], case["category"]["code"]) == BINS
    assert rows(
        runtime, "SELECT actor LIKE 'staff:%' FROM journal WHERE action = 'preventive.agreed'"
    ) == [(True,)]
    # Once more, by an old sight of it and by a new one.
    assert (await agree(client, first)).status_code == 412
    assert (await agree(client, task)).status_code == 409
    # The night, run again, proposes nothing that was agreed to a second time.
    await night(runtime, again=True)
    states = rows(runtime, "SELECT state FROM preventive_task ORDER BY rank")
    assert states == [("agreed",), ("proposed",)]
    assert second["state"] == "proposed"


async def test_only_the_commander_agrees_and_only_while_its_day_is_not_over(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    task = (await proposed(runtime, client))["items"][0]
    await sign_in(client, "dispatcher")
    assert not (await client.get("/warn/rounds")).json()["items"][0]["may_agree"]
    assert (await agree(client, task)).status_code == 403
    clock.advance(timedelta(days=1))
    await sign_in(client, "street_commander")
    assert (await agree(client, task)).status_code == 409
    assert rows(runtime, "SELECT count(*) FROM signal WHERE title LIKE '未诉先办%'") == [(0,)]


async def test_what_came_of_rounds_is_scored(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    first, second = (await proposed(runtime, client))["items"]
    for task in (first, second):
        assert (await agree(client, task)).status_code == 200
    await run_jobs(runtime)
    with past_the_walls(runtime) as connection:
        mine = "title LIKE '未诉先办%%' AND lon {} 116.91"
        connection.execute(
            f"UPDATE cases SET state = 'closed', closed_at = opened_at WHERE {mine.format('<')}"
        )
        connection.execute(
            "UPDATE cases SET state = 'closed', closed_at = opened_at, outcome = 'no_problem'"
            f" WHERE {mine.format('>')}"
        )
        connection.commit()
    await take_in_rows(
        runtime,
        [
            one_report(91, TONIGHT, HERE),
            one_report(92, TONIGHT, (HERE[0] + 0.003, HERE[1] - 0.003)),
        ],
    )
    classed(runtime, BINS)
    # Nothing is counted before all its days are over.
    clock.advance(timedelta(days=6))
    await night(runtime, nothing, TONIGHT + timedelta(days=6))
    assert (await client.get("/warn/rounds")).json()["score"]["expected"] == 0.0
    clock.advance(timedelta(days=1))
    await night(runtime, nothing, TONIGHT + timedelta(days=7))
    score = (await client.get("/warn/rounds")).json()["score"]
    assert (score["agreed"], score["mended"], score["nothing"], score["found"]) == (2, 1, 1, 0)
    # 16 reports of people, and the one that was mended before anybody complained.
    share = score["share"]
    assert (share["prevented"], share["complaints"], share["share"]) == (1, 16, 1 / 17)
    assert 0 < share["low"] < share["share"] < share["high"] < 1
    assert [(one["category"]["code"], one["prevented"]) for one in score["shares"]] == [
        (BINS[1], 1)
    ]
    # Nobody's four weeks are over yet.
    assert score["effect"] is None
    assert (score["expected"], score["came"]) == (5.0, 2)
