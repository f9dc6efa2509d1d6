"""隐患: ordered, rectified, re-checked by somebody else, written off; counted by month and kind."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from helpers import act, report, sign_in, spot, take_in_rows
from hypothesis import given
from hypothesis import strategies as st
from resolve.test_clocks import swept
from resolve.test_duty import journal, told
from resolve.test_merging import cases

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.hazards import count, loop
from streetwise.resolve.hazards.count import Cell, Sum
from streetwise.resolve.hazards.rules import read, rules
from streetwise.resolve.natures.loop import drawing, find
from streetwise.resolve.understand.wordlists import load

BLOCKED = ("楼道安全出口被锁", "梧桐路3号安全出口上锁，疏散通道堵死，灭火器过期，有消防隐患。")
LAMP = ("路灯不亮", "湖心公园门口路灯坏了")
PHONE = "13800138000"
UNTIL = "2026-05-20T10:00:00Z"
ORDER = {"unit": "dep1", "note": f"三日内拆除门锁，联系人{PHONE}", "until": UNTIL, "level": "major"}


# --- pure ----------------------------------------------------------------------------------


def test_every_line_leads_from_a_state_to_a_state_and_every_hazard_to_its_end() -> None:
    there = {loop.FOUND}
    for _ in loop.STATES:
        there |= {line.target for line in loop.LINES if line.source in there}
    assert there == set(loop.STATES)
    assert all(line.source in loop.STATES for line in loop.LINES)
    assert not [line for line in loop.LINES if line.source == loop.WRITTEN_OFF]
    assert find(loop.LINES, "write_off", loop.ORDERED) is None
    drawn = drawing(loop.LINES, loop.FOUND, [loop.WRITTEN_OFF])
    assert "rectified --> passed: recheck (pass)" in drawn


def test_the_kind_is_offered_by_the_words_and_else_by_the_class() -> None:
    known = rules()
    assert known.kind_of("厨房燃气软管老化", None) == "gas"
    assert known.kind_of("楼道里给电动车充电", None) == "charging"
    assert known.kind_of("说不清的事", "urban-management:E-03-07") == "works"
    assert known.kind_of("说不清的事", None) == known.other
    assert known.way_of("网格上报") == "patrol"
    assert known.way_of("no such channel") == "reported"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"levels": {"general": {"days": 1}}}, "levels"),
        ({"recheck_days": 0}, "working day"),
        ({"found_how": {"grid": "by dream"}}, "ways"),
    ],
)
def test_a_table_that_is_wrong_is_not_read(wrong: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read({**load("hazards.yaml"), **wrong})


DAYS = st.integers(0, 400)


def month_of(day: date) -> date:
    return day.replace(day=1)


@given(st.lists(st.tuples(DAYS, st.none() | DAYS, st.none() | DAYS, st.none() | DAYS), max_size=12))
def test_the_count_is_that_of_a_slow_look_at_every_hazard(
    told: list[tuple[int, int | None, int | None, int | None]],
) -> None:
    """Of each: found; over after so many days; due after so many; reported after so many."""
    start = date(2025, 1, 15)
    day = [
        (
            start + timedelta(found),
            None if over is None else start + timedelta(found + over),
            None if due is None else start + timedelta(found + due),
            None if done is None else start + timedelta(found + done),
        )
        for found, over, due, done in told
    ]
    sums = []
    for found, over, due, done in day:
        sums += [Sum(month_of(found), "k", "found", 1), Sum(month_of(found), "k", "began_open", 1)]
        sums += [Sum(month_of(over), "k", "ended_open", 1)] if over else []
        if due and (done is None or done > due):
            sums.append(Sum(month_of(due), "k", "began_late", 1))
            sums += [Sum(month_of(done), "k", "ended_late", 1)] if done else []
    months = count.months_back(date(2026, 12, 1), 26)
    for cell in count.table(sums, months, ["k"]):
        end = count.after(cell.month)
        assert cell.found == sum(cell.month <= one[0] < end for one in day)
        assert cell.open == sum(one[0] < end and (not one[1] or one[1] >= end) for one in day)
        assert cell.overdue == sum(
            bool(due and due < end and (ended is None or (ended > due and ended >= end)))
            for _, _, due, ended in day
        )


def test_months_go_back_over_the_year() -> None:
    assert count.months_back(date(2026, 2, 17), 3) == [
        date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1),
    ]  # fmt: skip
    assert count.after(date(2025, 12, 1)) == date(2026, 1, 1)


# --- from found to written off -------------------------------------------------------------


async def found(runtime: Runtime, client: httpx.AsyncClient, unit: str = "dep1") -> str:
    """A hazard in a unit's hands."""
    await take_in_rows(runtime, [report("1", *BLOCKED, **spot(1), channel="grid_worker")])
    (case,) = await cases(runtime)
    assert (case.nature, case.nature_state) == ("hazard", "found")
    steps: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("duty_officer", "accept", {}),
        ("dispatcher", "dispatch", {"unit": unit}),
        ("department_handler", "start", {}),
    )
    for login, action, inputs in steps:
        await go(client, str(case.id), login, action, **inputs)
    return str(case.id)


async def go(
    client: httpx.AsyncClient, case_id: str, login: str, action: str, **inputs: Any
) -> httpx.Response:
    """A step of the case's own loop."""
    await sign_in(client, login)
    return await act(client, (await client.get(f"/cases/{case_id}")).json(), action, **inputs)


async def do(
    client: httpx.AsyncClient, case_id: str, login: str, step: str, **form: Any
) -> httpx.Response:
    """A step of the hazard's loop."""
    await sign_in(client, login)
    version = (await client.get(f"/cases/{case_id}/hazard")).json()["version"]
    return await client.post(
        f"/cases/{case_id}/hazard/{step}", json=form, headers={"If-Match": f'"{version}"'}
    )


async def done(client: httpx.AsyncClient, case_id: str, *args: Any, **form: Any) -> dict[str, Any]:
    answer = await do(client, case_id, *args, **form)
    assert answer.status_code == 200, answer.text
    view: dict[str, Any] = answer.json()
    return view


async def test_a_hazard_goes_from_found_to_written_off_and_only_then_closes(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await found(runtime, client)
    view = (await client.get(f"/cases/{case_id}/hazard")).json()
    assert (view["state"], view["kind"], view["level"], view["found_how"]) == (
        "found", "fire", "general", "patrol",
    )  # fmt: skip
    view = await done(client, case_id, "dispatcher", "order", **ORDER)
    (order,) = view["orders"]
    assert (view["state"], view["level"]) == ("ordered", "major")
    assert order["number"].endswith("责改〔2026〕1号")
    assert PHONE not in str(view)
    assert [login for login, _ in await told(runtime, "hazard.ordered")] == ["department_handler"]

    # The case's own loop goes on to its last step, and no further.
    await go(client, case_id, "department_handler", "report", note="已开锁")
    await go(client, case_id, "inspector", "verify", result="pass")
    refused = await go(client, case_id, "dispatcher", "close")
    assert (refused.status_code, refused.json()["code"]) == (409, "hazard_open")

    # Not by another unit; and who ordered it does not look at it again.
    other = await do(client, case_id, "community_worker", "rectify", note="好了")
    assert (other.status_code, other.json()["code"]) == (403, "not_ordered")
    await done(client, case_id, "department_handler", "rectify", note="门锁已拆除")
    # Not done: ordered again, with the next number.
    view = await done(client, case_id, "inspector", "recheck", result="fail", note="又锁上了")
    assert view["state"] == "found"
    view = await done(client, case_id, "inspector", "order", **ORDER)
    assert view["orders"][1]["number"].endswith("责改〔2026〕2号")
    await done(client, case_id, "department_handler", "rectify", note="换成推杆门")
    same = await do(client, case_id, "inspector", "recheck", result="pass")
    assert (same.status_code, same.json()["code"]) == (403, "maker_is_checker")
    view = await done(client, case_id, "both", "recheck", result="pass", note="可以推开")
    early = await go(client, case_id, "dispatcher", "close")
    assert early.json()["code"] == "hazard_open"
    view = await done(client, case_id, "dispatcher", "write_off")
    assert (view["state"], view["actions"]) == ("written_off", [])
    closed = await go(client, case_id, "dispatcher", "close")
    assert (closed.status_code, closed.json()["state"]) == (200, "closed")

    said = [action for action, _ in await journal(runtime) if action.startswith("hazard.")]
    assert said == [
        "hazard.ordered", "hazard.rectified", "hazard.failed", "hazard.ordered",
        "hazard.rectified", "hazard.passed", "hazard.written_off",
    ]  # fmt: skip
    # Opened again, it is found again: what was written off does not count for that.
    await go(client, case_id, "dispatcher", "reopen", ground="check")
    view = (await client.get(f"/cases/{case_id}/hazard")).json()
    assert (view["state"], view["written_off_at"]) == ("found", None)


async def test_who_was_ordered_to_is_warned_and_others_hear_when_it_is_late(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case_id = await found(runtime, client)
    await done(client, case_id, "dispatcher", "order", **ORDER)
    clocks = (await client.get(f"/cases/{case_id}/clocks")).json()["clocks"]
    (mine,) = [one for one in clocks if one["kind"] == "rectify"]
    assert mine["due_at"] == UNTIL
    clock.at = datetime.fromisoformat(UNTIL) + timedelta(minutes=1)
    await swept(runtime)
    hears = Counter(login for login, _ in await told(runtime, "case.overdue"))
    assert {"department_handler", "dispatcher"} <= set(hears)
    kinds = [data["clock"] for action, data in await journal(runtime) if action == "case.overdue"]
    assert kinds.count("rectify") == 1


async def test_an_order_is_given_to_who_sees_the_case_for_a_time_to_come(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await found(runtime, client)
    for wrong, code in (
        ({"unit": "dep2"}, "order_unit_blind"),
        ({"unit": "nobody"}, "unit_unknown"),
        ({"until": "2026-05-01T00:00:00Z"}, "order_time"),
        ({"until": "2036-05-01T00:00:00Z"}, "order_time"),
        ({"premises": "no such"}, "premises_unknown"),
        ({"kind": "no such"}, "hazard_kind"),
        ({"note": ""}, "input_needed"),
    ):
        answer = await do(client, case_id, "dispatcher", "order", **{**ORDER, **wrong})
        assert (answer.status_code, answer.json()["code"]) == (422, code), answer.text
    assert (await client.get(f"/cases/{case_id}/hazard")).json()["orders"] == []
    # No number is lost by what was refused.
    view = await done(client, case_id, "dispatcher", "order", **ORDER)
    assert view["orders"][0]["number"].endswith("〕1号")
    letter = (await client.get(f"/hazards/orders/{view['orders'][0]['id']}")).json()
    assert letter["order"]["unit"]["code"] == "dep1"
    assert letter["office"] == "乙街道"
    # Under an order it is neither let go of otherwise nor anything else.
    end = await go(client, case_id, "dispatcher", "close_otherwise", outcome="not_found", note="无")
    assert (end.status_code, end.json()["code"]) == (409, "nature_held")
    stale = await client.post(
        f"/cases/{case_id}/hazard/assess", json={}, headers={"If-Match": '"1"'}
    )
    assert stale.status_code == 412


async def test_an_officer_says_what_it_is_and_a_problem_closes_without_an_order(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await found(runtime, client)
    await sign_in(client, "dispatcher")
    seen = await client.get(f"/cases/{case_id}/nature")
    assert (seen.json()["nature"], seen.json()["may_correct"]) == ("hazard", True)
    assert "安全出口" in seen.json()["why"]["params"]["words"]

    async def say(nature: str, version: str) -> httpx.Response:
        return await client.post(
            f"/cases/{case_id}/nature", json={"nature": nature}, headers={"If-Match": version}
        )

    assert (await say("problem", '"99"')).status_code == 412
    said = await say("problem", seen.headers["etag"])
    assert (said.json()["nature"], said.json()["state"]) == ("problem", None)
    assert (await client.get(f"/cases/{case_id}/hazard")).json()["state"] is None
    no = await do(client, case_id, "dispatcher", "order", **ORDER)
    assert (no.status_code, no.json()["code"]) == (409, "no_hazard")
    # And back: then under an order it stays.
    again = await say("hazard", said.headers["etag"])
    assert again.json()["state"] == "found"
    await done(client, case_id, "dispatcher", "order", **ORDER)
    begun = await say("problem", again.headers["etag"])
    assert (begun.status_code, begun.json()["code"]) == (409, "nature_begun")
    entries = [data for action, data in await journal(runtime) if action == "case.nature_corrected"]
    assert [(one["was"], one["nature"]) for one in entries] == [
        ("hazard", "problem"), ("problem", "hazard"),
    ]  # fmt: skip


async def test_each_number_of_the_month_opens_the_list_behind_it(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case_id = await found(runtime, client)
    await take_in_rows(runtime, [report("2", *LAMP, **spot(5))])
    await done(client, case_id, "dispatcher", "order", **ORDER)
    clock.at = datetime(2026, 6, 3, 2, tzinfo=UTC)
    await done(client, case_id, "department_handler", "rectify", note="已拆除")
    await done(client, case_id, "inspector", "recheck", result="pass")
    view = (await client.get("/hazards/months", params={"months": 3})).json()
    cells = {(one["month"], one["kind"]): one for one in view["cells"]}
    may, june = cells["2026-05-01", "fire"], cells["2026-06-01", "fire"]
    assert [may[what] for what in count.WHATS] == [1, 0, 0, 1, 1]
    assert [june[what] for what in count.WHATS] == [0, 1, 0, 1, 0]
    assert view["compared_with"] == 290
    for one in view["cells"]:
        for what in count.WHATS:
            asked = {"what": what, "month": one["month"], "kind": one["kind"]}
            page = (await client.get("/hazards", params=asked)).json()
            assert page["count"] == len(page["items"]) == one[what], asked
    # Who sees no case of it counts none.
    await sign_in(client, "worker2")
    assert (await client.get("/hazards")).json()["count"] == 0
    theirs = (await client.get("/hazards/months")).json()
    assert not [one for one in theirs["cells"] if one["found"] or one["open"]]


def test_a_cell_has_all_that_is_counted() -> None:
    assert {*count.WHATS} <= set(Cell.__dataclass_fields__)
