"""The daily reconciliation: kept, explained, and closed by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
from helpers import SYSTEM, read_rows, sign_in, take_in_rows
from resolve.test_orders import bring, do, listed, order
from sqlalchemy import select, update

from streetwise.kernel.clock import HandClock
from streetwise.kernel.journal import Journal
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.orders.tables import WorkOrder
from streetwise.resolve.reconcile.jobs import run_reconciliation
from streetwise.resolve.reconcile.tables import Reconciliation

#: Where and what each is about: another problem each, so that each has its own case.
OTHERS = {
    "HL2": {
        "标题": "垃圾桶满溢", "事发地址": "松柏家园",
        "诉求内容": "松柏家园门口垃圾桶满了好几天没人清。",
    },
    "HL3": {
        "标题": "占道经营", "事发地址": "翠湖路",
        "诉求内容": "翠湖路口每天早上有人占着路卖菜，走不过去。",
    },
}  # fmt: skip
CALLED = "已打电话，王女士13800138000说明天更新。"


async def the_list(runtime: Runtime, *rows: dict[str, Any]) -> None:
    """The platform's list of all open orders comes."""
    await take_in_rows(runtime, rows, mapping="hotline-list")


async def lines(client: httpx.AsyncClient, **params: Any) -> list[tuple[str, str, str]]:
    answer = await client.get("/reconciliation/lines", params=params)
    assert answer.status_code == 200, answer.text
    return [(one["number"], one["kind"], one["why"]) for one in answer.json()["items"]]


async def run(client: httpx.AsyncClient) -> dict[str, Any]:
    (found,) = (await client.get("/reconciliation")).json()["runs"]
    kinds = {one["kind"]: (one["open"], one["explained"]) for one in found["kinds"]}
    return {**found, "kinds": {kind: n for kind, n in kinds.items() if any(n)}}


async def explain(
    client: httpx.AsyncClient,
    line: dict[str, Any],
    text: str = CALLED,
) -> httpx.Response:
    return await client.post(
        f"/reconciliation/lines/{line['id']}/explain",
        json={"because": "upstream_late", "text": text},
        headers={"If-Match": f'"{line["version"]}"'},
    )


async def test_a_day_in_which_the_lists_differ(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await bring(runtime, order("HL1"), order("HL2", **OTHERS["HL2"]))
    await sign_in(client, "dispatcher")
    first = next(one for one in await listed(client) if one["number"] == "HL1")
    assert (await do(client, first, "answer", "已更换灯泡。")).status_code == 200
    clock.advance(timedelta(hours=1))
    # Their list knows nothing of our reply, not HL2, and one that never came to us.
    await read_rows(runtime, [order("HL1"), order("HL3", **OTHERS["HL3"])], mapping="hotline-list")
    clock.advance(timedelta(hours=2))
    await run_reconciliation(runtime)
    assert await lines(client) == [
        ("HL1", "reply", "not_arrived"),
        ("HL2", "only_here", "dropped"),
        ("HL3", "only_there", "waiting"),
    ]
    found = await run(client)
    assert (found["ours"], found["theirs"], found["fresh"], found["unread"]) == (2, 3, 3, 0)
    assert found["whole_at"] is not None
    assert found["kinds"] == {"reply": (1, 0), "only_here": (1, 0), "only_there": (1, 0)}
    assert await lines(client, kind="reply") == [("HL1", "reply", "not_arrived")]
    # Again on the day: the same run, nothing twice.
    await run_reconciliation(runtime)
    assert (await client.post("/reconciliation", json={})).json()["runs"][0]["fresh"] == 3
    async with runtime.database.read(SYSTEM) as session:
        assert len(list(await session.execute(select(Reconciliation)))) == 1


async def test_a_line_is_explained_once_and_goes_by_itself(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await bring(runtime, order("HL1"))
    await sign_in(client, "dispatcher")
    (first,) = await listed(client)
    await do(client, first, "answer", "已更换灯泡。")
    clock.advance(timedelta(hours=1))
    await the_list(runtime, order("HL1"))
    await run_reconciliation(runtime)
    (line,) = (await client.get("/reconciliation/lines")).json()["items"]
    assert line["case"]["number"] == first["case"]["number"]
    assert (await explain(client, line, " ")).status_code == 422
    said = await explain(client, line)
    assert said.status_code == 200, said.text
    assert (said.json()["state"], said.json()["because"]) == ("explained", "upstream_late")
    assert said.json()["explained_by"]
    assert "13800138000" not in said.json()["text"]
    assert (await explain(client, line)).status_code == 412
    story = (await client.get(f"/cases/{first['case']['id']}")).json()["timeline"]
    entry = next(one for one in story if one["action"] == "reconciliation.explained")
    assert "说明天更新" in entry["note"]["text"]
    # The next day it is still there, and stays explained.
    clock.advance(timedelta(days=1))
    await run_reconciliation(runtime)
    (again,) = (await client.get("/reconciliation/lines")).json()["items"]
    assert (again["state"], again["id"]) == ("explained", line["id"])
    assert again["first_day"] < again["last_day"]
    # Upstream has it now: the line closes by itself.
    clock.advance(timedelta(days=1))
    await the_list(runtime, order("HL1", 工单状态="已答复", 更新时间="2026-05-13 06:00:00"))
    await run_reconciliation(runtime)
    assert await lines(client) == []
    (gone,) = (await client.get("/reconciliation/lines", params={"state": "gone"})).json()["items"]
    assert gone["gone_at"] is not None
    assert (await explain(client, gone)).status_code == 409


async def test_what_was_explained_asks_again_when_it_is_another_thing(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await bring(runtime, order("HL1"))
    await sign_in(client, "dispatcher")
    await the_list(runtime, order("HL2", **OTHERS["HL2"]))
    clock.advance(timedelta(hours=1))
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        gone = update(WorkOrder).where(WorkOrder.number == "HL1").values(exclusion="applied")
        await uow.session.execute(gone)
    await the_list(runtime, order("HL1", 剔除状态="未申请"), order("HL2", **OTHERS["HL2"]))
    await run_reconciliation(runtime)
    (line,) = (await client.get("/reconciliation/lines")).json()["items"]
    assert (line["kind"], line["why"]) == ("exclusion", "unseen")
    assert (await explain(client, line)).status_code == 200
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        other = update(WorkOrder).where(WorkOrder.number == "HL1").values(exclusion="granted")
        await uow.session.execute(other)
    again = (await client.post("/reconciliation", json={})).json()
    assert [(one["open"], one["explained"]) for one in again["runs"][0]["kinds"]][-1] == (1, 0)


async def test_without_a_whole_list_what_is_only_here_stays_unknown(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await bring(runtime, order("HL1"))
    clock.advance(timedelta(hours=1))
    await the_list(runtime, order("HL2", **OTHERS["HL2"]))
    await sign_in(client, "dispatcher")
    await run_reconciliation(runtime)
    assert await lines(client) == [("HL1", "only_here", "dropped")]
    # Two days on the list is too old to go by; the line is not taken for settled.
    clock.advance(timedelta(days=2))
    await run_reconciliation(runtime)
    found = await run(client)
    assert found["whole_at"] is None
    assert found["kinds"]["only_here"] == (1, 0)
    # A whole list of which a row cannot be read is not whole.
    await the_list(runtime, order("HL1", 工单状态="什么状态"))
    again = (await client.post("/reconciliation", json={})).json()["runs"][0]
    assert (again["whole_at"], again["unread"]) == (None, 1)


async def test_it_is_compared_once_a_day_from_its_hour_on(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await bring(runtime, order("HL1"))
    late = runtime.settings.model_copy(update={"reconcile_at_hours": 23})
    await run_reconciliation(replace(runtime, settings=late))
    await sign_in(client, "dispatcher")
    assert (await client.get("/reconciliation")).json()["runs"] == []
    await run_reconciliation(runtime)
    await run_reconciliation(runtime)
    async with runtime.database.read(SYSTEM) as session:
        made = select(Journal.seq).where(Journal.action == "reconciliation.made")
        assert len(list(await session.execute(made))) == 1


async def test_what_has_just_come_is_waited_for(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await read_rows(runtime, [order("HL1")], mapping="hotline-list")
    await sign_in(client, "dispatcher")
    await run_reconciliation(runtime)
    assert (await client.get("/reconciliation")).json()["runs"] == []
    # What waits for an hour is no matter of a minute: it is a difference.
    clock.advance(timedelta(hours=2))
    await run_reconciliation(runtime)
    assert await lines(client) == [("HL1", "only_there", "waiting")]


async def test_who_sees_what(runtime: Runtime, client: httpx.AsyncClient, clock: HandClock) -> None:
    await bring(runtime, order("HL1"))
    clock.advance(timedelta(hours=1))
    await read_rows(runtime, [order("HL3", **OTHERS["HL3"])], mapping="hotline-list")
    await sign_in(client, "dispatcher")
    assert len((await client.post("/reconciliation", json={})).json()["runs"]) == 1
    assert len(await lines(client)) == 2
    (line, *_) = (await client.get("/reconciliation/lines")).json()["items"]
    # A department that holds none of the cases sees none of the lines, and explains none.
    await sign_in(client, "department_handler")
    assert await lines(client) == []
    assert (await explain(client, line)).status_code == 403
    assert (await client.post("/reconciliation", json={})).status_code == 403
