"""The contact log 联系记录: tries and results, the first-contact timer, promises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from helpers import sign_in
from hypothesis import given
from hypothesis import strategies as st
from resolve.test_further import give_to
from resolve.test_orders import bring, do, one, order

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.contacts.rules import RESULTS, SPOKEN, Attempt, read_rules, shipped_rules
from streetwise.resolve.orders.upstream_forms import fill

AT = datetime(2026, 5, 11, 1, 30, tzinfo=UTC)
RULES = {
    "within_minutes": [
        {"scheme": "s", "level": "2小时", "minutes": 30},
        {"scheme": "s", "level": "*", "minutes": 1440},
    ],
    "tries_enough": 3,
    "tries_apart_minutes": 30,
    "promise_max_days": 90,
}


# --- the table -----------------------------------------------------------------------------


def test_the_grade_says_by_when_somebody_is_to_be_called() -> None:
    rules = read_rules(RULES)
    assert rules.due("s", "2小时（特急）", AT) == AT + timedelta(minutes=30)
    assert rules.due("s", "12小时", AT) == rules.due("s", None, AT) == AT + timedelta(days=1)
    assert rules.due("other", "2小时", AT) is None
    assert shipped_rules().due("hotline12345", "24小时", AT) == AT + timedelta(hours=2)


@pytest.mark.parametrize("wrong", [{"tries_enough": 0}, {"tries_apart_minutes": -1}])
def test_a_table_that_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"above 0|at least"):
        read_rules({**RULES, **wrong})


def slowly(calls: list[Attempt]) -> datetime | None:
    """The same, by trying each moment: is it enough by then?"""
    for at in sorted({call.at for call in calls}):
        by_then = sorted((call for call in calls if call.at <= at), key=lambda call: call.at)
        if any(call.result in SPOKEN for call in by_then):
            return at
        counted: list[datetime] = []
        for call in by_then:
            if not counted or call.at >= counted[-1] + timedelta(minutes=30):
                counted.append(call.at)
        if len(counted) == 3:
            return at
    return None


@given(
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from(RESULTS)), max_size=9).map(
        lambda some: [Attempt(AT + timedelta(minutes=after), result) for after, result in some]
    )
)
def test_the_timer_stops_when_somebody_was_reached_or_tried_often_enough(
    calls: list[Attempt],
) -> None:
    assert read_rules(RULES).met(calls) == slowly(calls)


# --- the log -------------------------------------------------------------------------------


async def log(client: httpx.AsyncClient, found: dict[str, Any], **form: Any) -> httpx.Response:
    case_id = found["case"]["id"]
    case = (await client.get(f"/cases/{case_id}")).json()
    body = {"signal_id": case["signals"][0]["id"], "result": "reached", **form}
    return await client.post(f"/cases/{case_id}/contacts", json=body)


async def test_a_try_is_written_down_masked_and_stops_the_timer(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await bring(runtime, order(紧急程度="2小时"))
    await sign_in(client, "duty_officer")
    found = await one(client)
    assert found["contact_due_at"] == "2026-05-11T02:00:00Z"
    clock.advance(timedelta(minutes=5))
    assert (await one(client))["contact_state"] == "overdue"
    late = (await client.get("/orders", params={"contact": True})).json()["items"]
    assert [row["id"] for row in late] == [found["id"]]
    assert (await log(client, found, result="no_answer")).status_code == 201
    assert (await one(client))["contacted_at"] is None
    answer = await log(client, found, text="约好上门，另留电话13800138000")
    (first, second) = answer.json()["items"]
    assert [(row["n"], row["result"]) for row in (first, second)] == [
        (1, "no_answer"), (2, "reached"),
    ]  # fmt: skip
    assert second["by"] == "街道值班员甲" and "13800138000" not in second["text"]
    after = await one(client)
    assert (after["contact_state"], after["version"]) == ("done_late", found["version"])
    assert (await client.get("/orders", params={"contact": True})).json()["items"] == []
    case = (await client.get(f"/cases/{found['case']['id']}")).json()
    (*_, entry) = case["timeline"]
    assert (entry["action"], entry["data"]["result"]) == ("contact.made", "reached")
    assert "约好上门" in entry["note"]["text"] and "13800138000" not in str(entry)
    # The number that was left is shown by one recorded click, like any other.
    items = (await client.get(f"/cases/{case['id']}/personal")).json()["items"]
    assert [
        one["kind"] for item in items for one in item["fields"] if item["item"] == second["note"]
    ]


async def test_three_tries_apart_are_enough(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await bring(runtime, order())
    await sign_in(client, "duty_officer")
    found = await one(client)
    for minutes, met in ((0, False), (1, False), (30, False), (30, True)):
        clock.advance(timedelta(minutes=minutes))
        await log(client, found, result="busy")
        assert ((await one(client))["contacted_at"] is not None) == met


async def test_a_promise_that_nobody_keeps_is_listed(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await bring(runtime, order())
    await sign_in(client, "duty_officer")
    found = await one(client)
    half = await log(client, found, promise="周二前修好")
    assert (half.status_code, half.json()["code"]) == (422, "promise_half")
    nobody = await log(client, found, result="busy", promise="修好", promised_on="2026-05-12")
    assert nobody.json()["code"] == "promise_to_nobody"
    past = await log(client, found, promise="修好", promised_on="2026-05-10")
    assert past.json()["code"] == "promise_day"
    done = (await log(client, found, promise="明天修好", promised_on="2026-05-12")).json()["items"]
    assert done[-1]["promise_due_at"] == "2026-05-12T16:00:00Z"  # the end of that day here
    assert (await client.get("/promises", params={"late": True})).json()["items"] == []
    clock.advance(timedelta(days=2))
    (promise,) = (await client.get("/promises", params={"late": True})).json()["items"]
    assert (promise["promise"], promise["late"]) == ("明天修好", True)
    said: dict[str, Any] = {
        "json": {"kept": False},
        "headers": {"If-Match": f'"{promise["version"]}"'},
    }
    answer = await client.post(f"/contacts/{promise['id']}/kept", **said)
    assert answer.json()["items"][-1]["kept"] is False
    assert (await client.post(f"/contacts/{promise['id']}/kept", **said)).status_code == 412
    assert (await client.get("/promises")).json()["items"] == []


async def test_who_holds_the_case_calls_and_others_do_not(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await bring(runtime, order())
    await give_to(runtime, "dep1")
    await sign_in(client, "department_handler")
    assert (await log(client, await one(client))).status_code == 201
    await sign_in(client, "community_worker")  # sees it: it lies in this community
    refused = await log(client, await one(client))
    assert (refused.status_code, refused.json()["code"]) == (403, "not_holder")
    case_id = (await one(client))["case"]["id"]
    seen = (await client.get(f"/cases/{case_id}/contacts")).json()
    assert (len(seen["items"]), seen["may_write"]) == (1, False)
    await sign_in(client, "worker2")
    assert (await client.get(f"/cases/{case_id}/contacts")).status_code == 404
    await sign_in(client, "inspector")
    assert (await log(client, await one(client))).status_code == 403
    await sign_in(client, "duty_officer")
    stranger = await client.post(
        f"/cases/{case_id}/contacts", json={"signal_id": str(uuid4()), "result": "busy"}
    )
    assert stranger.status_code == 404


# --- the reply in upstream's form ------------------------------------------------------------


def test_a_form_says_what_is_missing_and_too_long_and_cuts_nothing() -> None:
    form = fill("hotline12345", {"number": "HL1", "unit": "乙街道", "answer": "好" * 1001})
    by_label = {one.label: one for one in form.fields}
    assert by_label["办理情况"].over and len(by_label["办理情况"].value) == 1001
    assert not by_label["联系情况"].missing
    assert fill("hotline12345", {}).fields[0].missing
    assert form.text.splitlines()[:2] == ["工单编号：HL1", "承办单位：乙街道"]
    assert fill("nobody's", {"number": "1"}).title == "工单答复"


async def test_the_reply_is_copied_in_the_platforms_form(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await bring(runtime, order())
    await give_to(runtime, "dep1")
    await sign_in(client, "duty_officer")
    found = await one(client)
    await log(client, found, result="no_answer")
    await log(client, found)
    empty = (await client.get(f"/orders/{found['id']}/form")).json()
    assert [line["label"] for line in empty["fields"] if line["missing"]] == ["办理情况"]
    await do(client, found, "answer", "已更换灯泡，联系人电话13800138000。")
    form = (await client.get(f"/orders/{found['id']}/form")).json()
    assert form["title"] == "12345 工单答复"
    assert "13800138000" not in form["text"] and "办理情况：已更换灯泡" in form["text"]
    assert "承办单位：城管科" in form["text"]
    assert "共联系 2 次（无人接听 1 次、已联系上 1 次），最近一次 2026-05-11 10:00" in form["text"]
    await sign_in(client, "community_worker")
    assert (await client.get(f"/orders/{found['id']}/form")).status_code == 403
