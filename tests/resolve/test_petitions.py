"""Petitions after their answer, with rows: served, reviewed, decided again, ended; by hand and by
upstream's file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from helpers import SYSTEM, opened, report, sign_in, spot, take_in_rows
from resolve.test_answers import ANSWER
from resolve.test_clocks import swept
from resolve.test_letters import NAME, answered, issue, petition
from resolve.test_merging import cases
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime

#: The tests' day.
TODAY = date(2026, 5, 11)


def before(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


async def shown(client: httpx.AsyncClient, case_id: str) -> dict[str, Any]:
    answer = await client.get(f"/cases/{case_id}/petitions")
    assert answer.status_code == 200, answer.text
    (one,) = answer.json()["items"]
    return dict(one)


async def step(
    client: httpx.AsyncClient, case_id: str, action: str, *, version: int | None = None, **body: Any
) -> httpx.Response:
    now = await shown(client, case_id)
    known = now["version"] if version is None else version
    return await client.post(
        f"/cases/{case_id}/petitions/{now['id']}/{action}",
        json=body,
        headers={"If-Match": f'"{known}"'},
    )


async def went(client: httpx.AsyncClient, case_id: str, *steps: tuple[str, dict[str, Any]]) -> Any:
    view: Any = None
    for action, body in steps:
        answer = await step(client, case_id, action, **body)
        assert answer.status_code == 200, (action, answer.text)
        view = answer.json()
    return view


async def served(runtime: Runtime, client: httpx.AsyncClient) -> str:
    case_id = await answered(runtime, client)
    assert (await issue(client, case_id, kind="decision")).status_code == 201
    await went(client, case_id, ("serve", {"how": "in_person"}))
    return case_id


async def clocks(client: httpx.AsyncClient, case_id: str) -> dict[str, dict[str, Any]]:
    found = (await client.get(f"/cases/{case_id}/clocks")).json()["clocks"]
    return {one["kind"]: one for one in found if one["kind"].startswith("petition_")}


async def entries(runtime: Runtime) -> list[tuple[str, dict[str, Any]]]:
    async with runtime.database.read(SYSTEM) as session:
        query = "SELECT action, data FROM journal WHERE action LIKE 'petition.%' ORDER BY seq"
        return [(row[0], row[1]) for row in (await session.execute(text(query))).all()]


ASKED = ("ask", {"received": TODAY.isoformat(), "organ": "district_government"})


async def test_from_the_opinion_to_the_end(runtime: Runtime, client: httpx.AsyncClient) -> None:
    case_id = await answered(runtime, client)
    now = await shown(client, case_id)
    assert (now["state"], now["version"], now["today"]) == ("opinion", 1, TODAY.isoformat())
    assert [one["action"] for one in now["actions"]] == ["serve", "ask"]
    view = await went(client, case_id, ("serve", {"how": "post"}))
    assert view["periods"][0]["due_at"] == "2026-06-10T16:00:00Z"  # the end of 10 June, there
    assert view["periods"][0]["why"][0] == {
        "code": "petition_served",
        "params": {"on": "2026-05-11"},
    }
    view = await went(client, case_id, ASKED)
    assert (view["state"], view["reviews"][0]["late"]) == ("review_asked", False)
    held = await clocks(client, case_id)
    assert held["petition_file"]["due_at"] == "2026-05-18T10:00:00Z"
    assert held["petition_answer"]["due_at"] == "2026-06-10T16:00:00Z"
    view = await went(
        client, case_id, ("hand_over", {}),
        ("outcome", {"result": "upheld", "text": f"{NAME}的复查意见：维持。"}),
        ASKED, ("hand_over", {}), ("hearing", {}), ("hearing_over", {}),
        ("outcome", {"result": "changed"}),
    )  # fmt: skip
    assert (view["state"], view["actions"], view["periods"]) == ("ended", [], [])
    first, second = view["reviews"]
    assert (first["stage"], first["outcome"], second["stage"]) == ("review", "upheld", "reexam")
    assert NAME not in first["note"]["text"] and "维持" in first["note"]["text"]
    assert [one["over"] for one in second["hearings"]] == [TODAY.isoformat()]
    refused = await step(client, case_id, "ask", received=TODAY.isoformat())
    assert (refused.status_code, refused.json()["code"]) == (409, "petition_state")
    told = await entries(runtime)
    assert [name for name, _ in told] == [
        "petition.served", "petition.review_asked", "petition.file_sent", "petition.reviewed",
        "petition.reexam_asked", "petition.file_sent", "petition.hearing", "petition.hearing_over",
        "petition.ended",
    ]  # fmt: skip
    assert NAME not in str(told)


async def test_a_revoked_opinion_is_made_again_with_its_letter_and_a_fresh_clock(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await served(runtime, client)
    view = await went(client, case_id, ASKED, ("outcome", {"result": "revoked"}))
    assert view["state"] == "redo"
    (period,) = view["periods"]
    assert (period["kind"], period["due_at"]) == ("petition_redo", "2026-07-10T16:00:00Z")
    assert (await clocks(client, case_id))["petition_redo"]["state"] == "running"
    # Who had to hand over a file need not any more.
    assert (await clocks(client, case_id))["petition_file"]["state"] == "met"
    unfinished = await step(client, case_id, "opine", addressee=NAME, text="〔待填：意见〕")
    assert (unfinished.status_code, unfinished.json()["code"]) == (422, "answer_unfinished")
    view = await went(
        client, case_id, ("opine", {"addressee": NAME, "text": f"{NAME}同志：{ANSWER}"})
    )
    assert (view["state"], len(view["opinions"])) == ("opinion", 2)
    letter = view["opinions"][1]["letter"]
    assert (letter["number"], letter["kind"]) == ("信处〔2026〕2号", "decision")
    paper = (await client.get(f"/cases/{case_id}/letters/{letter['id']}")).json()
    assert paper["addressee"] == "[姓名]" and NAME not in str(paper)
    assert (await opened(runtime, UUID(paper["addressee_note"])))["text"] == NAME
    assert (await clocks(client, case_id))["petition_redo"]["state"] == "met"
    view = await went(client, case_id, ("serve", {"how": "left"}), ASKED)
    assert (view["reviews"][1]["stage"], view["reviews"][1]["round"]) == ("review", 2)
    assert NAME not in str(await entries(runtime))


async def test_days_and_codes_and_versions_are_looked_at(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await answered(runtime, client)
    late = await step(client, case_id, "serve", how="post", on="2026-05-12")
    assert (late.status_code, late.json()["code"]) == (422, "petition_day")
    early = await step(client, case_id, "serve", how="post", on=before(1))
    assert (early.status_code, early.json()["code"]) == (422, "petition_day")
    unknown = await step(client, case_id, "serve", how="by pigeon")
    assert (unknown.status_code, unknown.json()["code"]) == (422, "petition_way")
    nothing = await step(client, case_id, "serve")
    assert (nothing.status_code, nothing.json()["code"]) == (422, "input_needed")
    stale = await step(client, case_id, "serve", version=7, how="post")
    assert stale.status_code == 412
    bare = await client.post(
        f"/cases/{case_id}/petitions/{(await shown(client, case_id))['id']}/serve", json={}
    )
    assert bare.status_code == 428
    assert (await shown(client, case_id))["version"] == 1 and await entries(runtime) == []
    await sign_in(client, "inspector")
    assert (await step(client, case_id, "serve", how="post")).status_code == 403
    assert (await shown(client, case_id))["actions"] == []


async def test_what_is_not_answered_has_no_way_further(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await take_in_rows(
        runtime, [report("P9", "噪音", "半夜还在施工。", channel="petition", **spot(9))]
    )
    (case,) = await cases(runtime)
    await sign_in(client, "dispatcher")
    assert (await client.get(f"/cases/{case.id}/petitions")).json() == {"items": []}
    signal = (await petition(client, str(case.id)))["signal_id"]
    refused = await client.post(
        f"/cases/{case.id}/petitions/{signal}/serve",
        json={"how": "post"}, headers={"If-Match": '"1"'},
    )  # fmt: skip
    assert (refused.status_code, refused.json()["code"]) == (409, "petition_no_opinion")


async def test_what_is_not_done_in_time_is_told_though_the_case_is_closed(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case_id = await served(runtime, client)
    await went(client, case_id, ASKED)
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        # How it was closed is not what this is about.
        await uow.session.execute(text("UPDATE cases SET state = 'closed'"))
    heard = []
    for days in (8, 25):  # the file is late; the organ is
        clock.advance(timedelta(days=days))
        await swept(runtime)
        await sign_in(client, "dispatcher")
        items = (await client.get("/notifications", params={"limit": 100})).json()["items"]
        heard.append({one["kind"] for one in items if one["case_id"] == case_id})
    assert "case.overdue" in heard[0] and "petition.answer_late" not in heard[0]
    assert "petition.answer_late" in heard[1]
    late = await clocks(client, case_id)
    assert {one["due_state"] for one in late.values()} == {"overdue"}
    await went(client, case_id, ("hand_over", {}))
    assert (await clocks(client, case_id))["petition_file"]["state"] == "late"


async def test_the_database_itself_knows_no_second_open_review(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await served(runtime, client)
    await went(client, case_id, ASKED)
    copy = (
        "INSERT INTO petition_review SELECT gen_random_uuid(), petition_id, case_id, 2, stage,"
        " round, asked_on, received_on, told_on, organ, file_on, hearings, outcome, outcome_on,"
        " served_on, note_id FROM petition_review"
    )
    with pytest.raises(IntegrityError, match="petition_review_open"):
        async with runtime.database.unit_of_work(SYSTEM) as uow:
            await uow.session.execute(text(copy))


async def test_the_list_shows_what_is_under_review(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await served(runtime, client)
    assert (await client.get("/petitions")).json()["items"] == []
    rest = (await client.get("/petitions?what=served")).json()
    assert (rest["count"], rest["items"][0]["next"]["kind"]) == (1, "ask_review")
    await went(client, case_id, ASKED)
    page = (await client.get("/petitions")).json()
    (row,) = page["items"]
    assert (row["stage"], row["organ"], row["case"]["id"]) == (
        "review", "district_government", case_id,
    )  # fmt: skip
    assert (row["next"]["kind"], page["running"], page["redo"]) == ("petition_file", 1, 0)
    await sign_in(client, "worker2")
    assert (await client.get("/petitions")).json()["count"] == 0


async def test_it_goes_with_its_voice_when_cases_become_one_and_back(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    """Its clocks run on: merging never moves, stops or closes one."""
    case_id = await served(runtime, client)
    await went(client, case_id, ASKED)
    before_it = await clocks(client, case_id)
    async with runtime.database.read(SYSTEM) as session:
        rows = (await session.execute(text("SELECT id FROM petition"))).all()
    assert len(rows) == 1
    await take_in_rows(
        runtime, [report("P7", "井盖", "井盖破了一个角。", channel="grid_worker", **spot(7))]
    )
    into = str((await cases(runtime))[-1].id)
    version = (await client.get(f"/cases/{case_id}")).json()["version"]
    merged = await client.post(
        f"/cases/{case_id}/merge", json={"into": into}, headers={"If-Match": f'"{version}"'}
    )
    assert merged.status_code == 200, merged.text
    assert (await shown(client, into))["state"] == "review_asked"
    there = await clocks(client, into)
    assert {k: (v["due_at"], v["state"]) for k, v in there.items()} == {
        k: (v["due_at"], v["state"]) for k, v in before_it.items()
    }
    await went(client, into, ("hand_over", {}))
    assert (await clocks(client, into))["petition_file"]["state"] == "met"
    version = (await client.get(f"/cases/{case_id}")).json()["version"]
    undone = await client.post(
        f"/cases/{case_id}/unmerge", json={}, headers={"If-Match": f'"{version}"'}
    )
    assert undone.status_code == 200, undone.text
    assert (await shown(client, case_id))["state"] == "review_sent"
    assert (await clocks(client, case_id))["petition_answer"]["state"] == "running"
    assert await clocks(client, into) == {}


# --- by upstream's file --------------------------------------------------------------------


def row(state: str, **more: str) -> dict[str, str]:
    told = {
        "信访编号": "XF1", "登记时间": "2026-04-01 09:00:00", "标题": "路灯", "信访人": "",
        "信访内容": "梧桐路的路灯坏了三天了，晚上看不见路。", "问题属地": "梧桐路", "答复期限": "",
        "答复意见": "", "答复时间": "", "办结时间": "", "转送时间": "2026-04-01 09:00:00",
        "办理状态": state, "复查复核结果": "", "复查复核时间": "",
    }  # fmt: skip
    return told | more


async def test_upstreams_file_says_that_it_is_reviewed_and_how_it_came_out(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    told = {"答复意见": ANSWER, "答复时间": "2026-04-20 10:00:00"}
    await take_in_rows(runtime, [row("已答复", **told)], mapping="petition-orders")
    (case,) = await cases(runtime)
    case_id = str(case.id)
    await sign_in(client, "dispatcher")
    assert (await shown(client, case_id))["opinions"][0]["on"] == "2026-04-20"
    said = row("复查", **told, 复查复核时间="2026-05-06 09:00:00")
    await take_in_rows(runtime, [said], mapping="petition-orders")
    now = await shown(client, case_id)
    assert (now["state"], now["number"]) == ("review_asked", "XF1")
    (review,) = now["reviews"]
    assert (review["received_on"], review["told_on"]) == ("2026-05-06", "2026-05-11")
    order = (await client.get(f"/cases/{case_id}")).json()["orders"][0]
    assert (order["state"], order["attention"]) == ("answered", None)
    # The same in other words is no news; its outcome is.
    again = row("复查", **told, 复查复核时间="2026-05-06 09:00:00", 答复期限="2026-06-10")
    await take_in_rows(runtime, [again], mapping="petition-orders")
    assert len((await shown(client, case_id))["reviews"]) == 1
    over = row("复查", **told, 复查复核结果="责令重办", 复查复核时间="2026-05-10 09:00:00")
    await take_in_rows(runtime, [over], mapping="petition-orders")
    now = await shown(client, case_id)
    assert (now["state"], now["reviews"][0]["outcome"]) == ("redo", "redo")
    assert [name for name, _ in await entries(runtime)] == [
        "petition.review_asked", "petition.revoked",
    ]  # fmt: skip


async def test_a_file_may_tell_of_a_review_and_its_outcome_at_once(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    told = {"答复意见": ANSWER, "答复时间": "2026-04-20 10:00:00"}
    over = {"复查复核结果": "维持", "复查复核时间": "2026-05-10 09:00:00"}
    await take_in_rows(runtime, [row("复查", **told, **over)], mapping="petition-orders")
    case_id = str((await cases(runtime))[0].id)
    await sign_in(client, "dispatcher")
    now = await shown(client, case_id)
    assert (now["state"], now["reviews"][0]["outcome_on"]) == ("reviewed", "2026-05-10")
    # Said once more it is no second review, and no re-examination.
    again = row("复查", **told, **over, 答复期限="2026-06-10")
    await take_in_rows(runtime, [again], mapping="petition-orders")
    assert len((await shown(client, case_id))["reviews"]) == 1
    later = row("复核", **told, 复查复核时间="2026-05-11 08:00:00")
    await take_in_rows(runtime, [later], mapping="petition-orders")
    assert (await shown(client, case_id))["state"] == "reexam_asked"


async def test_a_returned_order_is_answered_by_the_new_opinion(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    told = {"答复意见": ANSWER, "答复时间": "2026-04-20 10:00:00"}
    await take_in_rows(runtime, [row("已答复", **told)], mapping="petition-orders")
    case_id = str((await cases(runtime))[0].id)
    over = row("复查", **told, 复查复核时间="2026-05-06 09:00:00")
    await take_in_rows(runtime, [over], mapping="petition-orders")
    over = row("退回重办", **told, 复查复核结果="撤销", 复查复核时间="2026-05-10 09:00:00")
    await take_in_rows(runtime, [over], mapping="petition-orders")
    await sign_in(client, "dispatcher")
    order = (await client.get(f"/cases/{case_id}")).json()["orders"][0]
    assert (order["state"], (await shown(client, case_id))["state"]) == ("returned", "redo")
    await went(client, case_id, ("opine", {"addressee": NAME, "text": ANSWER}))
    order = (await client.get(f"/cases/{case_id}")).json()["orders"][0]
    assert (order["state"], order["attention"]) == ("answered", None)
    assert (await shown(client, case_id))["state"] == "opinion"
