"""Clocks of cases and orders through the loop: what runs, what stands still, and who is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from helpers import SYSTEM, act, past_the_walls, report, sign_in, spot, take_in_rows

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.resolve.clocks.rules import escalation, level_limit, scheme_rules
from streetwise.resolve.clocks.sweep import sweep
from streetwise.resolve.deadlines import Limit
from streetwise.resolve.jobs import SWEPT_CLOCKS

HOUR = timedelta(hours=1)
#: 道路不洁: 2 office hours; 积存垃圾渣土: 5 working days. It is Monday, 10:00.
DIRTY_ROAD, HEAPS = "urban-management:E-01-12", "urban-management:E-01-11"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def swept(runtime: Runtime) -> int:
    viewer = Viewer.system("deadlines")
    async with runtime.database.unit_of_work(viewer) as uow:
        return await sweep(uow, viewer, runtime.keys, SWEPT_CLOCKS)


async def fetch(client: httpx.AsyncClient, case: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get(f"/cases/{case['id']}")).json()
    return found


async def clocks(client: httpx.AsyncClient, case: dict[str, Any]) -> dict[str, Any]:
    answer = await client.get(f"/cases/{case['id']}/clocks")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def own(client: httpx.AsyncClient, case: dict[str, Any]) -> dict[str, Any]:
    found = [one for one in (await clocks(client, case))["clocks"] if one["kind"] == "handle"]
    last: dict[str, Any] = found[-1]
    return last


async def correct(client: httpx.AsyncClient, case: dict[str, Any], **said: Any) -> httpx.Response:
    head = {"If-Match": f'"{case["version"]}"'}
    return await client.post(f"/cases/{case['id']}/correct", json=said, headers=head)


async def do(client: httpx.AsyncClient, login: str, case: Any, action: str, **inputs: Any) -> Any:
    await sign_in(client, login)
    answer = await act(client, await fetch(client, case), action, **inputs)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def opened(
    runtime: Runtime, client: httpx.AsyncClient, category: str = HEAPS, number: int = 0
) -> Any:
    """A case of this class, opened now."""
    now = runtime.database.clock.now() + 8 * HOUR
    text = f"第 {number} 处的路边堆着一堆东西，没有人管"
    rows = [report(str(number), f"来件 {number}", text, at=f"{now:%Y-%m-%d %H:%M:%S}",
                   **spot(number))]  # fmt: skip
    await take_in_rows(runtime, rows)
    await sign_in(client, "dispatcher")
    page = (await client.get("/cases", params={"sort": "-opened", "limit": 1})).json()
    (case,) = page["items"]
    answer = await correct(client, case, category=category)
    assert answer.status_code == 200, answer.text
    return await fetch(client, case)


async def handled(runtime: Runtime, client: httpx.AsyncClient, category: str = HEAPS) -> Any:
    """A case that the department handles."""
    case = await opened(runtime, client, category)
    await do(client, "dispatcher", case, "accept")
    await do(client, "dispatcher", case, "dispatch", unit="dep1")
    return await do(client, "department_handler", case, "start")


async def test_a_case_has_a_clock_of_its_own_and_the_desk_has_one(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await opened(runtime, client, DIRTY_ROAD)
    found = {one["kind"]: one for one in (await clocks(client, case))["clocks"]}
    assert set(found) == {"accept", "handle"}
    assert found["handle"]["due_at"] == case["due_at"] == "2026-05-11T04:00:00Z"
    assert [step["code"] for step in found["handle"]["why"]][:3] == [
        "clock_starts", "limit", "office_hours_only",
    ]  # fmt: skip
    assert found["accept"]["due_at"] == "2026-05-11T02:15:00Z"
    await do(client, "dispatcher", case, "accept")
    found = {one["kind"]: one for one in (await clocks(client, case))["clocks"]}
    assert (found["accept"]["state"], found["dispatch"]["state"]) == ("met", "running")


async def test_reported_it_stops_and_sent_back_it_goes_on_with_what_was_left(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await handled(runtime, client, DIRTY_ROAD)
    clock.advance(HOUR)
    await do(client, "department_handler", case, "report", note="清扫完毕")
    assert (await own(client, case))["state"] == "met"
    clock.advance(24 * HOUR)  # Tuesday, 11:00
    await do(client, "inspector", case, "verify", result="fail", note="还有垃圾")
    again = await own(client, case)
    # One office hour was left.
    assert (again["state"], again["due_at"]) == ("running", "2026-05-12T04:00:00Z")
    assert (await fetch(client, case))["due_at"] == again["due_at"]


async def test_more_time_is_asked_for_granted_by_another_and_at_most_twice(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await handled(runtime, client)
    before = case["due_at"]
    assert "ask_extension" in [one["action"] for one in case["actions"]]
    for done in (1, 2):
        await do(client, "department_handler", case, "ask_extension", note="材料还没到")
        waiting = await fetch(client, case)
        assert "ask_extension" not in [one["action"] for one in waiting["actions"]]
        after = await do(client, "dispatcher", case, "grant_extension")
        assert after["due_at"] > before
        before = after["due_at"]
        assert (await own(client, case))["extended"] == done
    await sign_in(client, "department_handler")
    refused = await act(client, await fetch(client, case), "ask_extension", note="还要")
    assert (refused.status_code, refused.json()["code"]) == (409, "extensions_used")
    told = (await clocks(client, case))["requests"]
    assert [one["state"] for one in told] == ["granted", "granted"]
    assert told[0]["note"]["text"] == "材料还没到"


async def test_who_asks_does_not_decide(runtime: Runtime, client: httpx.AsyncClient) -> None:
    """Somebody who is of the unit and at the desk too."""
    case = await handled(runtime, client)
    with past_the_walls(runtime) as connection:
        connection.execute(
            "UPDATE staff SET roles = ARRAY['department_handler', 'dispatcher']"
            " WHERE login = 'department_handler'"
        )
    await do(client, "department_handler", case, "ask_extension", note="材料还没到")
    answer = await act(client, await fetch(client, case), "grant_extension")
    assert (answer.status_code, answer.json()["code"]) == (403, "asker_decides")
    # And nothing has changed.
    assert (await clocks(client, case))["requests"][0]["state"] == "open"


async def test_what_is_late_cannot_ask_for_more_time(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await handled(runtime, client, DIRTY_ROAD)
    clock.advance(5 * HOUR)
    await sign_in(client, "department_handler")
    answer = await act(client, await fetch(client, case), "ask_extension", note="忙不过来")
    assert (answer.status_code, answer.json()["code"]) == (409, "extension_late")


async def test_suspended_it_is_due_at_no_time_and_goes_on_by_itself(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await handled(runtime, client, DIRTY_ROAD)
    until = (clock.now() + timedelta(days=30)).isoformat()
    await do(client, "department_handler", case, "ask_suspension", note="等开挖审批", until=until)
    still = await do(client, "dispatcher", case, "grant_suspension")
    assert (still["state"], still["due_at"]) == ("suspended", None)
    shown = await own(client, case)
    assert (shown["state"], shown["left_seconds"]) == ("paused", 2 * 3600)
    assert shown["why"][-1]["code"] == "clock_suspended"
    clock.advance(timedelta(days=29))
    assert await swept(runtime) == 0
    clock.advance(timedelta(days=1))
    await swept(runtime)
    again = await fetch(client, case)
    # Wednesday 10 June, 10:00: two office hours.
    assert (again["state"], again["due_at"]) == ("handling", "2026-06-10T04:00:00Z")
    assert again["timeline"][-1]["action"] == "case.resumed"
    await sign_in(client, "department_handler")
    once = await act(client, again, "ask_suspension", note="还要等", until=until)
    assert (once.status_code, once.json()["code"]) == (409, "suspensions_used")


async def test_a_unit_may_go_on_before_the_day(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await handled(runtime, client, DIRTY_ROAD)
    until = (clock.now() + timedelta(days=30)).isoformat()
    await do(client, "department_handler", case, "ask_suspension", note="等审批", until=until)
    await do(client, "dispatcher", case, "grant_suspension")
    clock.advance(timedelta(days=1))
    assert (await do(client, "department_handler", case, "resume"))["state"] == "handling"
    clock.advance(timedelta(days=40))
    await swept(runtime)
    actions = [one["action"] for one in (await fetch(client, case))["timeline"]]
    assert actions.count("case.resumed") == 1


async def test_what_was_asked_for_lapses_when_the_case_goes_on(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await handled(runtime, client)
    await do(client, "department_handler", case, "ask_extension", note="材料还没到")
    await do(client, "department_handler", case, "report", note="提前完成")
    assert (await clocks(client, case))["requests"][0]["state"] == "lapsed"


async def test_a_scheme_that_knows_neither_offers_and_takes_neither(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    """A case that upstream's order binds: its clock is upstream's."""
    from resolve.test_orders import bring, order

    await bring(runtime, order())
    await sign_in(client, "dispatcher")
    (case,) = (await client.get("/cases")).json()["items"]
    await do(client, "dispatcher", case, "accept")
    await do(client, "dispatcher", case, "dispatch", unit="dep1")
    case = await do(client, "department_handler", case, "start")
    assert {one["action"] for one in case["actions"]} == {"report", "return"}
    until = (clock.now() + timedelta(days=3)).isoformat()
    for action, inputs in (("ask_extension", {}), ("ask_suspension", {"until": until})):
        answer = await act(client, case, action, note="来不及", **inputs)
        assert answer.status_code == 409
        assert answer.json()["code"] == f"{action.removeprefix('ask_')}_unknown"
    kinds = {one["kind"]: one for one in (await clocks(client, case))["clocks"]}
    assert kinds["order"]["order_number"] == "HL1"
    assert kinds["order"]["due_at"] == case["due_at"] == "2026-05-12T10:00:00Z"


async def test_an_order_that_joins_binds_the_case_and_stands_still_for_nobody(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    from resolve.test_orders import bring, order

    case = await handled(runtime, client)
    await bring(runtime, order())
    with past_the_walls(runtime) as connection:
        connection.execute(
            "UPDATE case_signal SET case_id = %s WHERE signal_id ="
            " (SELECT signal_id FROM work_order)", (case["id"],),
        )  # fmt: skip
        connection.execute("UPDATE work_order SET case_id = %s", (case["id"],))
    await bring(runtime, order(**{"更新时间": "2026-05-11 10:30:00", "诉求内容": "催单：快办。"}))
    assert (await fetch(client, case))["due_at"] == "2026-05-12T10:00:00Z"
    until = (clock.now() + timedelta(days=3)).isoformat()
    await do(client, "department_handler", case, "ask_suspension", note="等审批", until=until)
    still = await do(client, "dispatcher", case, "grant_suspension")
    # The case stands still; the order does not.
    assert (still["state"], still["due_at"]) == ("suspended", "2026-05-12T10:00:00Z")
    assert [step["code"] for step in still["due_why"]] == ["due_of_order"]


async def test_a_grade_without_a_deadline_gives_the_order_one(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    from resolve.test_orders import bring, one, order

    await bring(runtime, order(**{"办理时限": "", "紧急程度": "24小时"}))
    await sign_in(client, "duty_officer")
    found = await one(client)
    # From when it was sent here, 9:30 in Beijing.
    assert found["due_at"] == "2026-05-12T01:30:00Z"
    (case,) = (await client.get("/cases")).json()["items"]
    assert case["due_at"] == found["due_at"]


async def test_the_condition_says_the_limit(runtime: Runtime, client: httpx.AsyncClient) -> None:
    """A cover: the strictest until somebody has looked; rattling it has two working days."""
    case = await opened(runtime, client, "urban-management:P-01-01")
    assert case["due_at"] == "2026-05-11T04:00:00Z"
    assert case["due_why"][-1]["code"] == "condition_unknown"
    known = (await clocks(client, case))["conditions"]
    rattles = next(one for one in known if one["limit"] == {"value": 2, "unit": "work_day"})
    answer = await correct(client, case, condition=rattles["code"])
    assert answer.status_code == 200
    after = await fetch(client, case)
    assert after["due_at"] == "2026-05-13T02:00:00Z"
    assert after["due_why"][-1] == {
        "code": "by_condition", "params": {"condition": rattles["text"]},
    }  # fmt: skip
    assert (await clocks(client, case))["condition"] == rattles["code"]
    wrong = await correct(client, after, condition="no such")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "condition_unknown")


async def test_the_sweep_warns_tells_and_escalates_each_once(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await handled(runtime, client, DIRTY_ROAD)

    async def told(login: str) -> list[str]:
        await sign_in(client, login)
        items = (await client.get("/notifications", params={"limit": 100})).json()["items"]
        return [one["kind"] for one in items if one["kind"].startswith("case.")]

    async def news() -> list[str]:
        await sign_in(client, "dispatcher")
        found = (await fetch(client, case))["timeline"]
        return [one["action"] for one in found if one["data"].get("clock") == "handle"]

    assert await swept(runtime) == 0
    clock.advance(timedelta(minutes=95))
    await swept(runtime)
    assert await news() == ["case.due_soon"]
    assert "case.due_soon" in await told("department_handler")
    assert "case.overdue" not in await told("dispatcher")
    clock.advance(timedelta(hours=3))  # 14:35: two office hours ended at noon
    await swept(runtime)
    await swept(runtime)
    assert await news() == ["case.due_soon", "case.overdue"]
    assert (await told("dispatcher")).count("case.overdue") >= 1
    assert (await told("department_handler")).count("case.overdue") == 1
    assert "case.escalated" not in await told("street_commander")
    clock.advance(timedelta(days=3))
    await swept(runtime)
    assert await news() == ["case.due_soon", "case.overdue", "case.escalated"]
    assert (await told("street_commander")).count("case.escalated") == 1
    assert await swept(runtime) == 0


async def test_an_extension_warns_again_of_the_new_deadline(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await handled(runtime, client, DIRTY_ROAD)
    clock.advance(timedelta(minutes=95))
    await swept(runtime)
    await do(client, "department_handler", case, "ask_extension", note="车在路上")
    await do(client, "dispatcher", case, "grant_extension")
    clock.advance(timedelta(minutes=1))
    await swept(runtime)
    clock.advance(timedelta(hours=4))  # 15:36: an hour and a half of the second two is used
    await swept(runtime)
    found = [one["action"] for one in (await fetch(client, case))["timeline"]]
    assert found.count("case.due_soon") == 2 and "case.overdue" not in found


async def test_clocks_of_a_merged_case_tell_nobody_and_run_again_when_it_is_undone(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    soon = await opened(runtime, client, DIRTY_ROAD, 1)
    late = await opened(runtime, client, HEAPS, 12)
    head = {"If-Match": f'"{soon["version"]}"'}
    answer = await client.post(
        f"/cases/{soon['id']}/merge", json={"into": late["id"]}, headers=head
    )
    assert answer.status_code == 200, answer.text
    assert (await fetch(client, late))["due_at"] == soon["due_at"]
    clock.advance(timedelta(hours=4, minutes=30))
    await swept(runtime)
    gone, there = await fetch(client, soon), await fetch(client, late)
    assert "case.overdue" not in [one["action"] for one in gone["timeline"]]
    assert "case.overdue" in [one["action"] for one in there["timeline"]]
    head = {"If-Match": f'"{gone["version"]}"'}
    answer = await client.post(f"/cases/{soon['id']}/unmerge", headers=head)
    assert answer.status_code == 200, answer.text
    assert (await fetch(client, soon))["due_at"] == soon["due_at"]
    assert (await fetch(client, late))["due_at"] == late["due_at"]
    await swept(runtime)
    assert "case.overdue" in [one["action"] for one in (await fetch(client, soon))["timeline"]]


@pytest.mark.parametrize(
    ("level", "limit"),
    [
        ("2小时", Limit(2, "urgent_hour")),
        ("24小时", Limit(24, "urgent_hour")),
        (" 7天 ", Limit(7, "calendar_day")),
        ("15天", Limit(15, "calendar_day")),
        ("很急", None),
        (None, None),
    ],
)
def test_grades_are_data(level: str | None, limit: Limit | None) -> None:
    assert level_limit("hotline12345", level) == limit


def test_schemes_and_steps_are_data() -> None:
    assert (scheme_rules("urban-management").extensions, scheme_rules(None).extensions) == (2, 0)
    assert scheme_rules("hotline12345").suspensions == 0
    for kind in ("handle", "given", "order", "accept", "dispatch", "verify", "co_handle"):
        used = [step.used for step in escalation(kind, None)]
        assert used == sorted(used) and used
    assert escalation("no such", None) == ()


async def test_nobody_else_sees_the_clocks(runtime: Runtime, client: httpx.AsyncClient) -> None:
    case = await handled(runtime, client)
    await sign_in(client, "worker2")
    assert (await client.get(f"/cases/{case['id']}/clocks")).status_code == 404
    with past_the_walls(runtime) as connection:
        connection.execute("SELECT set_config('streetwise.scope', 'unit', false)")
        found = connection.execute("SELECT count(*) FROM case_clock").fetchone()
    assert found == (0,)
    assert SYSTEM.wide
