"""派单异议: contested with a ground and evidence; upstream takes it back, or says it is ours."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from helpers import sign_in
from resolve.test_further import told
from resolve.test_orders import bring, do, one, order

from streetwise.kernel.runtime import Runtime
from streetwise.resolve.orders import loop
from streetwise.resolve.orders.contest import grounds, is_ground


async def contest(client: httpx.AsyncClient, found: dict[str, Any], **form: Any) -> httpx.Response:
    body = {"ground": "other_area", "text": "该地址在邻街道，电话13800138000。", **form}
    return await client.post(
        f"/orders/{found['id']}/contest", json=body, headers={"If-Match": f'"{found["version"]}"'}
    )


def test_every_scheme_has_grounds_and_unknown_ones_are_none() -> None:
    assert {one.code for one in grounds("petition")} <= {one.code for one in grounds("x")}
    assert is_ground("hotline12345", "duplicate")
    assert not is_ground("petition", "wrong_unit")


async def test_accepted_it_is_withdrawn_and_not_ours(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await bring(runtime, order())
    await sign_in(client, "duty_officer")
    found = await one(client)
    assert "other_area" in [ground["code"] for ground in found["contest_grounds"]]
    assert (await contest(client, found, ground="because")).status_code == 422
    assert (await contest(client, found, text=" ")).status_code == 422
    done = (await contest(client, found)).json()
    assert (done["state"], done["contest"]) == ("contested", "applied")
    assert done["contest_ground"]["name"] == "不在本辖区"
    assert "13800138000" not in done["contest_text"]
    assert done["actions"] == ["retract", "exclude"]
    assert done["due_state"] == "ok"  # the clock runs on
    # Upstream calls it in hand: it has not looked.
    await bring(runtime, order(更新时间="2026-05-11 11:00:00"))
    assert (await one(client))["state"] == "contested"
    await bring(runtime, order(异议状态="已通过", 更新时间="2026-05-11 12:00:00"))
    found = await one(client)
    assert (found["state"], found["contest"], found["attention"]) == ("withdrawn", "accepted", None)
    assert found["closed_at"] is not None
    assert "answer" not in found["actions"] and "contest" not in found["actions"]
    assert {kind for _, kind, _ in await told(runtime)} == {"order.withdrawn"}
    case = (await client.get(f"/cases/{found['case']['id']}")).json()
    assert case["state"] == "received"  # the case has its own loop
    assert [entry["action"] for entry in case["timeline"]][2:] == [
        "order.contested", "order.updated", "order.withdrawn",
    ]  # fmt: skip
    (said,) = [entry for entry in case["timeline"] if entry["action"] == "order.contested"]
    assert said["data"]["ground"] == "other_area" and "邻街道" in said["note"]["text"]


async def test_refused_it_is_in_hand_again(runtime: Runtime, client: httpx.AsyncClient) -> None:
    await bring(runtime, order())
    await sign_in(client, "duty_officer")
    await contest(client, await one(client))
    await bring(runtime, order(工单状态="异议驳回", 更新时间="2026-05-11 12:00:00"))
    found = await one(client)
    assert (found["state"], found["contest"]) == ("open", "refused")
    assert ("dispatcher", "order.contest_refused", True) in await told(runtime)
    # The refusal stays in the file; what is answered stays answered.
    assert (await do(client, found, "answer", "已修好。")).json()["state"] == "answered"
    await bring(runtime, order(异议状态="未通过", 更新时间="2026-05-11 13:00:00"))
    assert (await one(client))["state"] == "answered"


async def test_taken_back_it_can_be_answered(runtime: Runtime, client: httpx.AsyncClient) -> None:
    await bring(runtime, order())
    await sign_in(client, "duty_officer")
    done = (await contest(client, await one(client))).json()
    back = (await do(client, done, "retract")).json()
    assert (back["state"], back["contest"]) == ("open", "none")
    assert (await do(client, done, "retract")).status_code == 412
    assert (await do(client, back, "retract")).status_code == 409


async def test_contested_on_the_platform_itself(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await bring(runtime, order())
    await bring(runtime, order(异议状态="审核中", 更新时间="2026-05-11 11:00:00"))
    await sign_in(client, "duty_officer")
    found = await one(client)
    assert (found["state"], found["contest"], found["contest_ground"]) == (
        "contested", "applied", None,
    )  # fmt: skip


async def test_who_answers_no_orders_contests_none(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await bring(runtime, order())
    await sign_in(client, "community_worker")
    found = await one(client)
    assert found["contest_grounds"] == []
    assert (await contest(client, found)).status_code == 403


async def test_a_photo_of_somebody_else_is_no_evidence(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await bring(runtime, order())
    await sign_in(client, "duty_officer")
    found = await one(client)
    refused = await contest(client, found, photos=["00000000-0000-0000-0000-000000000001"])
    assert (refused.status_code, refused.json()["code"]) == (422, "photo_unknown")
    assert (await one(client))["state"] == "open"


@pytest.mark.parametrize("state", [loop.OPEN, loop.ANSWERED, loop.RETURNED, loop.CONTESTED])
def test_upstream_may_take_an_order_off_us_at_any_time(state: str) -> None:
    line = loop.heard("withdrawn", state)
    assert line is not None and line.target == loop.WITHDRAWN
    back = loop.heard("open", loop.WITHDRAWN)
    assert back is not None and back.target == loop.RETURNED
