"""The bell and the preferences at the API, and who is told of a case."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from helpers import OURS, act, past_the_walls, report, sign_in, spot, take_in_rows
from notify.telling import EMAIL_ADDRESS, HANDLER, MOBILE, message, set_up, tell, wish

from streetwise.kernel.runtime import Runtime
from streetwise.notify.wording import kinds


async def bell(client: httpx.AsyncClient, **params: Any) -> dict[str, Any]:
    answer = await client.get("/notifications", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def cases(client: httpx.AsyncClient, runtime: Runtime, number: int) -> list[dict[str, Any]]:
    """So many cases, accepted."""
    words = "第{}盏灯坏了，电话13716253849"
    rows = [report(f"N-{n}", "路灯不亮", words.format(n), **spot(n * 9)) for n in range(number)]
    await take_in_rows(runtime, rows)
    listed = (await client.get("/cases", params={"limit": 200})).json()["items"]
    return [(await act(client, case, "accept")).json() for case in listed]


def switch(app: FastAPI, runtime: Runtime, **settings: Any) -> None:
    """The application with other settings."""
    app.state.runtime = set_up(runtime, **settings)


async def test_a_dispatched_case_rings_at_those_who_may_act(
    client: httpx.AsyncClient, runtime: Runtime
) -> None:
    await sign_in(client, "dispatcher")
    (case,) = await cases(client, runtime, 1)
    case = (await act(client, case, "dispatch", unit="dep1")).json()
    assert (await bell(client))["items"] == []  # not at who sent it
    await sign_in(client, "community_worker")
    assert (await bell(client))["unread"] == 0  # nor at another unit
    await sign_in(client, HANDLER)
    found = await bell(client)
    assert found["unread"] == 1
    (item,) = found["items"]
    assert item["case_id"] == case["id"] and item["read_at"] is None
    assert case["number"] in item["title"] and "城管科" in item["text"]
    assert "Dispatched" in (await bell(client, language="en"))["items"][0]["title"]
    # Nothing of what the citizen said, and no place.
    with past_the_walls(runtime) as connection:
        (params,) = connection.execute("SELECT params FROM notification").fetchone() or ({},)
    assert set(params) == {"number", "category", "unit"}

    started = (await act(client, case, "start")).json()
    done = (await act(client, started, "report", note="修好了")).json()
    await sign_in(client, "inspector")
    await act(client, done, "verify", result="fail", note="还是不亮")
    await sign_in(client, HANDLER)
    assert [one["kind"] for one in (await bell(client))["items"]] == [
        "case.sent_back", "case.dispatched",
    ]  # fmt: skip


async def test_many_at_once_ring_once(client: httpx.AsyncClient, runtime: Runtime) -> None:
    await sign_in(client, "dispatcher")
    items = [
        {"id": case["id"], "version": case["version"]} for case in await cases(client, runtime, 5)
    ]
    answer = await client.post("/cases/actions/dispatch", json={"items": items, "unit": "dep1"})
    assert answer.status_code == 200
    await sign_in(client, HANDLER)
    (item,) = (await bell(client))["items"]
    assert "5 件事件已派给城管科" in item["text"] and item["case_id"] is None


async def test_reading(client: httpx.AsyncClient, runtime: Runtime) -> None:
    person, other = await wish(runtime, HANDLER), await wish(runtime, "worker2")
    for n in range(7):
        await tell(runtime, message([person, other], f"AJ-{n}"))
    await sign_in(client, HANDLER)
    first = await bell(client, limit=3)
    assert [one["title"][-4:] for one in first["items"]] == ["AJ-6", "AJ-5", "AJ-4"]
    then = await bell(client, limit=10, cursor=first["next_cursor"])
    assert len(then["items"]) == 4 and then["next_cursor"] is None
    one = first["items"][0]["id"]
    assert (await client.post(f"/notifications/{one}/read")).status_code == 204
    assert (await client.get("/notifications/unread")).json()["unread"] == 6
    # Up to what was seen: what came since stays unread.
    seen = first["items"][2]["id"]
    assert (await client.post("/notifications/read", json={"until": seen})).status_code == 204
    assert [one["read_at"] is None for one in (await bell(client))["items"]] == [
        False, True, False, False, False, False, False,
    ]  # fmt: skip
    await sign_in(client, "worker2")
    assert (await bell(client))["unread"] == 7
    # Somebody else's: no such thing, and nothing of it changes.
    await client.post(f"/notifications/{one}/read")
    assert (await bell(client))["unread"] == 7


async def test_the_second_wall_shows_only_ones_own(runtime: Runtime) -> None:
    """Raw SQL as a person: own rows, whatever is asked."""
    from notify.telling import viewer_named
    from sqlalchemy import text

    person = await wish(runtime, HANDLER, "sms")
    await wish(runtime, "worker2", "sms")
    await tell(runtime, message([person]))
    for login, number in ((HANDLER, 1), ("worker2", 0), ("system_admin", 0)):
        async with runtime.database.read(await viewer_named(runtime, login)) as session:
            for table in ("notification", "delivery"):
                found = await session.execute(text(f"SELECT count(*) FROM {table}"))
                assert found.scalar_one() == number, (login, table)
            wishes = await session.execute(text("SELECT staff_id FROM notify_preference"))
            assert set(wishes.scalars()) <= {(await viewer_named(runtime, login)).staff_id}


FORM: dict[str, Any] = {
    "channels": {kind: ["in_app", "email", "sms"] for kind in kinds()},
    "quiet_from": "22:00", "quiet_to": "07:00", "digest_at": None, "language": "en",
    "email": EMAIL_ADDRESS, "mobile": MOBILE,
}  # fmt: skip


async def test_preferences(app: FastAPI, client: httpx.AsyncClient, runtime: Runtime) -> None:
    switch(app, runtime, notify_smtp_host="127.0.0.1", notify_sms="file")
    await sign_in(client, HANDLER)
    found = (await client.get("/notify/preferences")).json()
    assert found["available"] == ["in_app", "email", "sms"]
    assert {tuple(one["channels"]) for one in found["kinds"]} == {("in_app",)}
    assert found["timezone"] == "Asia/Shanghai" and found["email"] is None
    changed = (await client.put("/notify/preferences", json=FORM)).json()
    assert changed["email"] == "s***@example.cn" and changed["mobile"] == "137****3850"
    assert changed["quiet_from"] == "22:00" and changed["language"] == "en"
    # Without addresses in the form they stay; empty removes.
    kept = (await client.put("/notify/preferences", json={**FORM, "email": None})).json()
    assert kept["email"] == "s***@example.cn"
    bell_only = {kind: ["in_app"] for kind in kinds()}
    gone = {**FORM, "channels": bell_only, "email": "", "mobile": None}
    assert (await client.put("/notify/preferences", json=gone)).json()["email"] is None


UNFIT: list[tuple[dict[str, Any], str]] = [
    ({"channels": {"no such kind": []}}, "notify_kind_unknown"),
    ({"channels": {kinds()[0]: ["webhook"]}}, "notify_channel_off"),
    ({"channels": {kinds()[0]: ["pigeon"]}}, "validation"),
    ({"quiet_to": None}, "quiet_hours_half"),
    ({"quiet_to": "22:00"}, "quiet_hours_empty"),
    ({"quiet_to": "24:00"}, "validation"),
    ({"email": ""}, "notify_address_needed"),
    ({"email": "a@b\r\nBcc: c@d.cn"}, "notify_address_unfit"),
    ({"mobile": "110"}, "notify_address_unfit"),
    ({"staff_id": "x"}, "validation"),
]


async def test_unfit_preferences(app: FastAPI, client: httpx.AsyncClient, runtime: Runtime) -> None:
    switch(app, runtime, notify_smtp_host="127.0.0.1", notify_sms="file")
    await sign_in(client, HANDLER)
    for change, code in UNFIT:
        answer = await client.put("/notify/preferences", json={**FORM, **change})
        assert (answer.status_code, answer.json()["code"]) == (422, code), (change, answer.text)
    assert (await client.get("/notify/preferences")).json()["email"] is None  # nothing was kept


async def test_a_test_message(app: FastAPI, client: httpx.AsyncClient, runtime: Runtime) -> None:
    """Over all chosen channels, at once even in quiet hours, once a minute."""
    switch(app, runtime, notify_smtp_host="127.0.0.1", notify_sms="file")
    await sign_in(client, HANDLER)
    await client.put("/notify/preferences", json={**FORM, "quiet_from": "00:00"})
    assert (await client.post("/notify/test")).status_code == 204
    again = await client.post("/notify/test")
    assert again.status_code == 429 and again.json()["code"] == "notify_test_again"
    (item,) = (await bell(client))["items"]
    assert [one["state"] for one in item["deliveries"]] == ["waiting", "waiting"]


async def test_switched_off_is_not_listed(runtime: Runtime, app: FastAPI) -> None:
    """Who wants e-mail and no bell gets no row in the bell."""
    switch(app, runtime, notify_smtp_host="127.0.0.1")
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test/api/v1", headers=OURS
    ) as client:
        staff = (await sign_in(client, HANDLER))["staff"]
        form = {**FORM, "channels": {kind: ["email"] for kind in kinds()}}
        assert (await client.put("/notify/preferences", json=form)).status_code == 200
        await tell(runtime, message([UUID(staff["id"])]))
        assert (await bell(client))["items"] == []


async def test_the_administrator_sees_numbers_only(
    app: FastAPI, client: httpx.AsyncClient, runtime: Runtime
) -> None:
    person = await wish(runtime, HANDLER, "sms", "webhook")
    for n in range(2):
        await tell(runtime, message([person], f"AJ-{n}"))
    await sign_in(client, "system_admin")
    found = (await client.get("/system")).json()["deliveries"]
    assert found == [
        {"channel": channel, "state": "waiting", "number": 2} for channel in ("sms", "webhook")
    ]
    assert (await bell(client))["items"] == []
