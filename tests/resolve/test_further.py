"""催单 and 补充: told apart, counted, and heard at once by who handles the case."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from helpers import SYSTEM, act, sign_in
from resolve.test_orders import bring, do, one, order
from sqlalchemy import select, update

from streetwise.directory.tables import Staff, Unit
from streetwise.kernel.runtime import Runtime
from streetwise.notify.tables import Notification
from streetwise.resolve.orders.further import further
from streetwise.resolve.tables import Case

CALL = "梧桐路的路灯坏了三天了，晚上看不见路。"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        (CALL, None),
        ("", None),
        ("。！", None),
        (CALL + "\n市民再次来电催办，要求尽快回复。", "urge"),
        ("至今没人联系我", "urge"),
        (CALL + "补充：灯杆在12号门口。", "supplement"),
        ("不用催，只是想说灯杆在12号门口", "supplement"),
    ],
)
def test_only_what_is_new_is_read(said: str, kind: str | None) -> None:
    assert further(None, [said], [CALL, None]) == kind


def test_words_that_pressed_before_press_once() -> None:
    before = "多次反映没有人来，再次来电催办。"
    assert further(None, [before + "灯杆在12号门口。"], [before]) == "supplement"
    assert further(None, [before], [before]) is None


def test_the_platforms_own_column_counts_before_words() -> None:
    assert further("supplement", ["请催办"], []) == "supplement"
    assert further("urge", [CALL], [CALL]) == "urge"


async def told(runtime: Runtime) -> list[tuple[str, str, bool]]:
    """(login, kind, urgent) of what people are told of orders."""
    async with runtime.database.read(SYSTEM) as session:
        rows = await session.execute(
            select(Staff.login, Notification.kind, Notification.urgent)
            .join(Notification, Notification.staff_id == Staff.id)
            .where(Notification.kind.startswith("order."))
            .order_by(Notification.id)
        )
        return [(row[0], row[1], row[2]) for row in rows]


async def give_to(runtime: Runtime, unit: str) -> None:
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        found = (await uow.session.execute(select(Unit.id).where(Unit.code == unit))).scalar_one()
        await uow.session.execute(update(Case).values(unit_id=found, state="handling"))


async def story(client: httpx.AsyncClient, found: dict[str, Any]) -> list[str]:
    case = (await client.get(f"/cases/{found['case']['id']}")).json()
    return [entry["action"] for entry in case["timeline"]]


async def test_pressing_reaches_the_holder_and_the_dispatchers_as_urgent(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await bring(runtime, order())
    await give_to(runtime, "dep1")
    await bring(runtime, order(诉求内容="诉求人再次来电催办，要求尽快处理。"))
    await sign_in(client, "duty_officer")
    found = await one(client)
    assert (found["urged"], found["added"], found["state"]) == (1, 0, "open")
    assert found["urged_at"] is not None
    assert sorted(await told(runtime)) == [
        (login, "order.urged", True)
        for login in ("department_handler", "dispatcher", "dispatcher2")
    ]
    assert (await story(client, found))[-1] == "order.urged"
    listed = (await client.get("/orders", params={"urged": True})).json()["items"]
    assert [row["id"] for row in listed] == [found["id"]]
    # The same row once more is no news; a further pressing is.
    await bring(runtime, order(诉求内容="诉求人再次来电催办，要求尽快处理。"))
    assert ((await one(client))["urged"], len(await told(runtime))) == (1, 3)
    await bring(runtime, order(诉求内容="至今没人联系，第三次来电。"))
    assert ((await one(client))["urged"], len(await told(runtime))) == (2, 6)
    # Answered, it is pressed for no longer.
    await do(client, await one(client), "answer", "已修好。")
    assert (await client.get("/orders", params={"urged": True})).json()["items"] == []


async def test_what_is_added_is_told_apart(runtime: Runtime, client: httpx.AsyncClient) -> None:
    await bring(runtime, order())
    await give_to(runtime, "c1")
    await bring(runtime, order(诉求内容="补充一点，灯杆在12号门口。"))
    await sign_in(client, "duty_officer")
    found = await one(client)
    assert (found["urged"], found["added"]) == (0, 1)
    assert ("community_worker", "order.supplemented", True) in await told(runtime)
    assert (await story(client, found))[-1] == "order.supplemented"
    # The platform's own word, and a change of state beside it: both stand in the story.
    await bring(runtime, order(工单状态="退回重办", 追加类型="催单"))
    found = await one(client)
    assert (found["urged"], found["state"]) == (1, "returned")
    assert (await story(client, found))[-2:] == ["order.returned", "order.urged"]


async def test_a_mere_change_of_state_presses_nobody(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await bring(runtime, order())
    await bring(runtime, order(更新时间="2026-05-11 12:00:00"))
    await bring(runtime, order(工单状态="已办结", 更新时间="2026-05-11 13:00:00"))
    await sign_in(client, "duty_officer")
    found = await one(client)
    assert (found["urged"], found["added"], found["updates"]) == (0, 0, 2)
    assert await told(runtime) == []


async def test_history_rings_nowhere(runtime: Runtime, client: httpx.AsyncClient) -> None:
    """A first file with an order's whole life, and one of long ago, are counted and told nobody."""
    pressed = order(诉求内容="再次来电催办。", 更新时间="2026-05-11 09:50:00")
    await bring(runtime, order(更新时间="2026-05-11 09:40:00"), pressed)
    await sign_in(client, "duty_officer")
    assert ((await one(client))["urged"], await told(runtime)) == (1, [])
    old = order(诉求内容="至今没有处理。", 更新时间="2026-05-01 09:00:00")
    await bring(runtime, old)
    assert ((await one(client))["urged"], await told(runtime)) == (2, [])


async def test_another_units_people_hear_nothing(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await bring(runtime, order())
    case = await _accepted(client)
    assert case["state"] == "accepted"
    await bring(runtime, order(追加类型="催单"))
    assert {login for login, _, _ in await told(runtime)} == {"dispatcher", "dispatcher2"}


async def _accepted(client: httpx.AsyncClient) -> dict[str, Any]:
    await sign_in(client, "duty_officer")
    found = await one(client)
    case = (await client.get(f"/cases/{found['case']['id']}")).json()
    done: dict[str, Any] = (await act(client, case, "accept")).json()
    return done
