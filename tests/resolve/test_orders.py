"""Work orders: an obligation upstream, with its own clock; done here is not done there."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from helpers import SYSTEM, act, past_the_walls, read_rows, sign_in, take_in_rows, triage_all
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.privacy.tables import VaultField, VaultItem
from streetwise.resolve.orders import loop
from streetwise.resolve.orders.tables import WorkOrder
from streetwise.resolve.orders.upstream import Standing, stands, understand
from streetwise.resolve.tables import Case

DUE = "2026-05-12 18:00:00"


def order(number: str = "HL1", **cells: str) -> dict[str, Any]:
    """A row as the mapping `hotline-orders` reads it."""
    row = {
        "工单编号": number, "来电时间": "2026-05-11 09:00:00", "标题": f"{number} 路灯不亮",
        "诉求内容": f"{number} 梧桐路的路灯坏了三天了，晚上看不见路。", "事发地址": "梧桐路",
        "诉求人": "", "办理时限": DUE, "答复内容": "", "答复时间": "", "办结时间": "",
        "紧急程度": "24小时", "派单时间": "2026-05-11 09:30:00", "更新时间": "",
        "工单状态": "办理中", "是否联系": "", "是否解决": "", "满意度": "", "回访时间": "",
        "剔除状态": "", "剔除理由": "", "追加类型": "", "异议状态": "",
    }  # fmt: skip
    return {**row, **cells}


async def bring(runtime: Runtime, *rows: dict[str, Any]) -> None:
    await take_in_rows(runtime, rows, mapping="hotline-orders")


async def listed(client: httpx.AsyncClient, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get("/orders", params=params)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def one(client: httpx.AsyncClient) -> dict[str, Any]:
    (found,) = await listed(client)
    return found


async def do(
    client: httpx.AsyncClient, found: dict[str, Any], action: str, text: str | None = None
) -> httpx.Response:
    return await client.post(
        f"/orders/{found['id']}/{action}",
        json={"text": text},
        headers={"If-Match": f'"{found["version"]}"'},
    )


async def test_an_order_is_answered_here_and_closed_there(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await bring(runtime, order())
    await sign_in(client, "duty_officer")
    found = await one(client)
    assert (found["number"], found["state"], found["level"]) == ("HL1", "open", "24小时")
    assert found["due_at"] == "2026-05-12T10:00:00Z"
    assert found["actions"] == ["answer", "contest", "exclude"]
    answer = await do(client, found, "answer", "已更换灯泡，已联系张先生13800138000。")
    assert answer.status_code == 200
    done = answer.json()
    assert done["state"] == "answered"
    assert "13800138000" not in done["answer"]
    assert done["answered_at"] == clock.now().isoformat().replace("+00:00", "Z")
    # The original lies sealed; the clock runs on until upstream says that it is closed.
    async with runtime.database.read(SYSTEM) as session:
        kinds = list((await session.execute(select(VaultItem.kind))).scalars())
    assert kinds == ["note"]
    assert done["due_state"] == "ok"
    assert (await do(client, found, "answer", "再次")).status_code == 412
    assert (await do(client, done, "answer", "再次")).status_code == 409
    # Upstream still calls it its own: we have answered, it has not looked.
    await bring(runtime, order(更新时间="2026-05-11 12:00:00"))
    assert (await one(client))["state"] == "answered"
    clock.advance(timedelta(days=1))
    await bring(
        runtime,
        order(
            工单状态="已办结", 更新时间="2026-05-12 09:00:00", 办结时间="2026-05-12 09:00:00",
            是否联系="是", 是否解决="是", 满意度="基本满意", 回访时间="2026-05-12 08:50:00",
        ),
    )  # fmt: skip
    found = await one(client)
    assert (found["state"], found["attention"], found["due_state"]) == ("closed", None, "done")
    assert found["call_back"]["satisfied"] == "basically"
    assert found["updates"] == 2
    assert found["case"]["state"] == "received"  # closed there is not closed here
    case = (await client.get(f"/cases/{found['case']['id']}")).json()
    story = [entry["action"] for entry in case["timeline"]]
    assert story == [
        "case.opened", "order.opened", "order.answered", "order.updated", "order.closed",
    ]  # fmt: skip
    assert case["voices"] == 1
    assert "已更换灯泡" in next(e for e in case["timeline"] if e["note"])["note"]["text"]


async def test_a_file_locks_as_an_officer_does(runtime: Runtime, client: httpx.AsyncClient) -> None:
    """Cases in the order of their ids, then orders: else each waits for what the other holds."""
    other = {"标题": "垃圾桶满溢", "事发地址": "松柏家园"}
    other["诉求内容"] = "松柏家园门口的垃圾桶满了好几天，没有人来清理，味道很大。"
    await bring(runtime, order("HL1"), order("HL2", **other))
    further = [order(number, 工单状态="已办结") for number in ("HL2", "HL1")]
    await read_rows(runtime, further, mapping="hotline-orders")
    waits = "SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))"
    with past_the_walls(runtime) as officer:
        officer.execute("SELECT FROM cases ORDER BY id LIMIT 1 FOR UPDATE")
        file = asyncio.create_task(triage_all(runtime))
        async with asyncio.timeout(20):
            while officer.execute(waits).fetchone() == (0,):
                await asyncio.sleep(0.01)
        assert len(officer.execute("SELECT FROM cases FOR UPDATE NOWAIT").fetchall()) == 2
        assert len(officer.execute("SELECT FROM work_order FOR UPDATE NOWAIT").fetchall()) == 2
        officer.rollback()
    await file
    await sign_in(client, "duty_officer")
    assert [found["state"] for found in await listed(client)] == ["closed", "closed"]


async def test_what_happens_to_the_case_leaves_the_orders_clock_alone(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await bring(runtime, order())
    await sign_in(client, "duty_officer")
    before = await one(client)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await uow.session.execute(
            update(Case).values(state="closed", closed_at=uow.now, due_at=None, version=9)
        )
    after = await one(client)
    clocks = ("state", "due_at", "due_state", "received_at", "closed_at", "version")
    assert [after[name] for name in clocks] == [before[name] for name in clocks]


async def test_a_return_upstream_comes_back_to_the_desk_even_when_the_case_is_closed(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await bring(runtime, order())
    await sign_in(client, "duty_officer")
    await do(client, await one(client), "answer", "已处理。")
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await uow.session.execute(update(Case).values(state="closed", closed_at=uow.now))
    assert (await client.get("/overview")).json()["needs_me"] == []
    await bring(runtime, order(工单状态="退回重办", 是否解决="否"))
    found = await one(client)
    assert (found["state"], found["attention"]) == ("returned", "returned")
    (row,) = (await client.get("/overview")).json()["needs_me"]
    assert (row["order_attention"], row["state"]) == ("returned", "closed")
    assert (await do(client, found, "answer", "已重新处理。")).json()["attention"] is None
    assert (await client.get("/overview")).json()["needs_me"] == []
    # Closed with a call-back that nothing is solved asks again; who has seen it says so.
    await bring(runtime, order(工单状态="已办结", 是否解决="否"))
    found = await one(client)
    assert (found["state"], found["attention"]) == ("closed", "unresolved")
    assert found["actions"] == ["exclude", "acknowledge"]
    done = (await do(client, found, "acknowledge")).json()
    assert (done["attention"], done["actions"]) == (None, ["exclude"])
    await bring(runtime, order(工单状态="已办结", 是否解决="否", 满意度="不满意"))
    assert (await one(client))["attention"] is None  # the same call-back does not ask twice
    # The administrator of nothing upstream is not asked.
    await sign_in(client, "inspector")
    assert (await client.get("/overview")).json()["needs_me"] == []


async def test_an_old_file_changes_nothing_of_where_it_stands(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    new = order(工单状态="已办结", 更新时间="2026-05-12 09:00:00", 是否解决="是")
    old = order(工单状态="退回重办", 更新时间="2026-05-11 20:00:00")
    await bring(runtime, order(更新时间="2026-05-11 10:00:00"))
    await bring(runtime, new)
    await bring(runtime, old)
    await bring(runtime, new)
    await sign_in(client, "duty_officer")
    found = await one(client)
    assert (found["state"], found["attention"], found["updates"]) == ("closed", None, 2)


async def test_a_number_in_the_grade_is_masked_and_kept(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    """A platform's free fields hold whatever somebody typed there."""
    await bring(runtime, order("HL7", 紧急程度="急，联系13900139000"))
    await sign_in(client, "duty_officer")
    found = await one(client)
    assert found["level"].startswith("急") and "13900139000" not in found["level"]
    async with runtime.database.read(SYSTEM) as session:
        fields = await session.scalars(select(VaultField.place))
        assert "upstream.grade" in fields.all()


async def test_exclusion_is_applied_for_with_grounds_and_decided_upstream(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await bring(runtime, order())
    await sign_in(client, "dispatcher")
    found = await one(client)
    assert (await do(client, found, "exclude", " ")).status_code == 422
    done = (await do(client, found, "exclude", "属历史遗留，电话13800138000")).json()
    assert (done["exclusion"], done["state"]) == ("applied", "open")
    assert "13800138000" not in done["grounds"]
    assert "exclude" not in done["actions"]
    await bring(runtime, order(剔除状态="未申请"))
    assert (await one(client))["exclusion"] == "applied"  # they have not looked at it yet
    await bring(runtime, order(剔除状态="不予剔除", 剔除理由="理由不充分，联系人13900139000"))
    found = await one(client)
    assert (found["exclusion"], "exclude" in found["actions"]) == ("refused", True)
    assert "13900139000" not in found["grounds"]


async def test_the_two_lists_are_reconciled(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await bring(runtime, *(order(f"HL{n}") for n in range(3)), order("HL9", 工单状态="已办结"))
    await sign_in(client, "duty_officer")
    for found in (await listed(client, state="open"))[:2]:
        assert (await do(client, found, "answer", "已处理。")).status_code == 200
    answer = (await client.get("/orders")).json()
    assert answer["reconciliation"]["unconfirmed"]["value"] == 0
    assert answer["reconciliation"]["case_open"]["value"] == 1
    clock.advance(timedelta(days=3, minutes=1))
    answer = (await client.get("/orders")).json()
    assert answer["reconciliation"]["unconfirmed"] == {"value": 2, "exact": True}
    assert [row["number"] for row in await listed(client, check="case_open")] == ["HL9"]
    assert len(await listed(client, check="unconfirmed")) == 2
    assert len(await listed(client, due="overdue")) == 3
    assert (await client.get("/orders", params={"check": "x"})).status_code == 422


async def test_a_list_pages_by_deadline(runtime: Runtime, client: httpx.AsyncClient) -> None:
    await bring(
        runtime,
        *(order(f"HL{n}", 办理时限=f"2026-05-{13 + n % 4} 18:00:00") for n in range(7)),
        order("HL7", 办理时限=""),
    )
    await sign_in(client, "duty_officer")
    seen: list[dict[str, Any]] = []
    cursor = None
    while True:
        more: dict[str, str] = {"cursor": cursor} if cursor else {}
        answer = (await client.get("/orders", params={"limit": 3, **more})).json()
        seen += answer["items"]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
    assert len({row["id"] for row in seen}) == 8
    dues = [row["due_at"] or "9" for row in seen]
    assert dues == sorted(dues)
    assert [row["number"] for row in await listed(client, q="HL3")] == ["HL3"]


async def test_orders_are_seen_with_their_cases_only(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await bring(runtime, order())
    await sign_in(client, "community_worker")  # 梧桐路 lies in this community
    found = await one(client)
    assert found["actions"] == []
    assert (await do(client, found, "answer", "x")).status_code == 403
    await sign_in(client, "worker2")
    assert await listed(client) == []
    await sign_in(client, "duty_officer")
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await uow.session.execute(update(Case).values(grade=3))
    assert await listed(client) == []
    assert (await do(client, found, "answer", "x")).status_code == 404


async def test_rows_without_a_number_are_no_orders_and_strange_words_wait_in_quarantine(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await bring(runtime, order(""), order("HL2", 工单状态="挂起"))
    await sign_in(client, "duty_officer")
    assert await listed(client) == []
    (batch,) = (await client.get("/imports")).json()["items"]
    assert (batch["rows_new"], batch["rows_bad"]) == (1, 1)
    (bad,) = (await client.get(f"/imports/{batch['id']}/quarantine")).json()["items"]
    assert (bad["code"], bad["column"]) == ("word_unknown", "工单状态")


async def test_a_case_can_carry_several_orders(runtime: Runtime, client: httpx.AsyncClient) -> None:
    """Two callers with the same words: one case, two obligations."""
    text = "松柏小区的垃圾桶满了三天没有人来清理，请尽快。"
    await bring(runtime, order("HL1", 诉求内容=text), order("HL2", 诉求内容=text))
    await sign_in(client, "duty_officer")
    rows = await listed(client)
    assert {row["number"] for row in rows} == {"HL1", "HL2"}
    assert len({row["case"]["id"] for row in rows}) == 1
    case = (await client.get(f"/cases/{rows[0]['case']['id']}")).json()
    assert (len(case["orders"]), case["voices"]) == (2, 2)
    accepted = await act(client, case, "accept")
    assert accepted.status_code == 200  # an order's update is no change of the case's version


# --- the table, for itself ------------------------------------------------------------------


def said(**facts: Any) -> Any:
    return understand({"scheme": "s", **facts}, due_at=None, closed_at=None, replied=False, at=None)


@given(
    st.sampled_from(loop.STATES),
    st.lists(
        st.tuples(
            st.sampled_from([*loop.STATES, loop.REFUSED]), st.sampled_from(["yes", "no", None])
        ),
        max_size=6,
    ),
)
def test_whatever_upstream_says_the_order_stands_somewhere_known(
    state: str, rows: list[tuple[str, str | None]]
) -> None:
    """Upstream's last word decides, but for an answer of ours that it has not looked at."""
    standing = Standing(state, None, loop.attention(state, None))
    for word, resolved in rows:
        before = standing
        facts = {"state": word} | ({"resolved": resolved} if resolved else {})
        standing, entry = stands(before, said(**facts))
        assert standing.state in loop.STATES
        assert entry.startswith("order.")
        if word in ("closed", "returned"):
            # Closed by whoever got it after us, it stays withdrawn.
            theirs = word == "closed" and before.state == "withdrawn"
            assert standing.state == ("withdrawn" if theirs else word)
        if word == "refused":
            assert standing.state == ("open" if before.state == "contested" else before.state)
        if word == "open":
            reopened = before.state in ("closed", "withdrawn", "returned")
            assert standing.state == ("returned" if reopened else before.state)
        assert (standing.attention == "returned") == (standing.state == "returned")


@pytest.mark.parametrize("state", loop.STATES)
def test_an_officer_never_closes_an_order(state: str) -> None:
    for action in loop.ACTIONS:
        line = loop.find(action, state)
        assert line is None or line.target not in loop.ENDED or state == line.target
    assert loop.find("answer", loop.CLOSED) is None
    for over in loop.ENDED:
        assert loop.find("contest", over) is None


async def test_every_order_row_has_its_entry(runtime: Runtime, client: httpx.AsyncClient) -> None:
    """No personal data in the journal: numbers, states and ids only."""
    await bring(runtime, order(诉求人="王小明 13800138000"), order("HL2"))
    async with runtime.database.read(SYSTEM) as session:
        rows = list((await session.execute(select(WorkOrder))).scalars())
    await sign_in(client, "duty_officer")
    entries = []
    for row in rows:
        case = (await client.get(f"/cases/{row.case_id}")).json()
        entries += [e for e in case["timeline"] if e["action"] == "order.opened"]
    assert {entry["data"]["order"] for entry in entries} == {str(row.id) for row in rows}
    assert all(set(e["data"]) == {"order", "number", "order_state"} for e in entries)
