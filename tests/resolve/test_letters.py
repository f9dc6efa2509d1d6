"""A petition is answered in writing: the letter as a document, its number, its clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from helpers import SYSTEM, act, opened, report, sign_in, spot, take_in_rows
from resolve.test_answers import ANSWER, done, four, give, voices
from resolve.test_merging import cases
from sqlalchemy import text

from streetwise.kernel.runtime import Runtime
from streetwise.kernel.settings import Settings
from streetwise.resolve.answers.notices import offered
from streetwise.resolve.clocks.rules import level_limit

NAME = "王建国"
WORDS = f"{NAME}同志，您好：{ANSWER}"


async def petition(client: httpx.AsyncClient, case_id: str) -> dict[str, Any]:
    told = (await voices(client, case_id))["voices"]
    found: dict[str, Any] = next(one for one in told if one["way"] == "petition")
    return found


async def issue(client: httpx.AsyncClient, case_id: str, **more: Any) -> httpx.Response:
    voice = await petition(client, case_id)
    return await client.post(
        f"/cases/{case_id}/answers/{voice['signal_id']}/letter",
        json={"kind": "reply", "addressee": NAME, **more},
    )


async def answered(runtime: Runtime, client: httpx.AsyncClient) -> str:
    case_id = await four(runtime, client)
    await done(client, case_id)
    await sign_in(client, "dispatcher")
    answer = await give(client, case_id, await petition(client, case_id), WORDS)
    assert answer.status_code == 200, answer.text
    return case_id


async def test_an_answered_petition_gets_a_letter_once(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await answered(runtime, client)
    assert (await petition(client, case_id))["may_issue"] is True
    answer = await issue(client, case_id)
    assert answer.status_code == 201, answer.text
    voice = await petition(client, case_id)
    ref = voice["letter"]
    assert (ref["number"], ref["issued_on"]) == ("信复〔2026〕1号", "2026-05-11")
    assert voice["may_issue"] is False
    letter = (await client.get(f"/cases/{case_id}/letters/{ref['id']}")).json()
    assert (letter["office"], letter["kind"]) == ("乙街道", "reply")
    assert ANSWER[3:] in letter["body"]
    again = await issue(client, case_id, kind="decision")
    assert (again.status_code, again.json()["code"]) == (409, "letter_issued")


async def test_who_it_goes_to_lies_in_the_vault_alone(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await answered(runtime, client)
    assert (await issue(client, case_id)).status_code == 201
    ref = (await petition(client, case_id))["letter"]
    letter = (await client.get(f"/cases/{case_id}/letters/{ref['id']}")).json()
    assert letter["addressee"] == "[姓名]"
    assert NAME not in str(letter)
    assert (await opened(runtime, UUID(letter["addressee_note"])))["text"] == NAME
    assert (await opened(runtime, UUID(letter["body_note"])))["text"] == WORDS
    async with runtime.database.read(SYSTEM) as session:
        query = "SELECT action, data FROM journal ORDER BY seq"
        entries = (await session.execute(text(query))).all()
    assert entries[-1][0] == "letter.issued"
    assert entries[-1][1]["number"] == ref["number"]
    assert NAME not in str(entries)


async def test_what_is_not_answered_or_no_petition_gets_no_letter(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await four(runtime, client)
    refused = await issue(client, case_id)
    assert (refused.status_code, refused.json()["code"]) == (409, "letter_no_answer")
    told = (await voices(client, case_id))["voices"]
    caller = next(one for one in told if one["way"] == "call")
    path = f"/cases/{case_id}/answers/{caller['signal_id']}/letter"
    refused = await client.post(path, json={"kind": "reply", "addressee": NAME})
    assert (refused.status_code, refused.json()["code"]) == (409, "letter_no_petition")
    blank = await issue(client, case_id, addressee="  ")
    assert (blank.status_code, blank.json()["code"]) == (422, "letter_addressee")
    await sign_in(client, "inspector")
    assert (await issue(client, case_id)).status_code == 403


async def test_letters_are_counted_by_kind_and_stay_when_cases_become_one(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await answered(runtime, client)
    assert (await issue(client, case_id)).status_code == 201
    other = [report("P9", "噪音", "半夜还在施工，吵得睡不着。", channel="petition", **spot(9))]
    await take_in_rows(runtime, other)
    second = str((await cases(runtime))[-1].id)
    await done(client, second)
    await sign_in(client, "dispatcher")
    given = await give(client, second, await petition(client, second), ANSWER)
    assert given.status_code == 200, given.text
    assert (await issue(client, second, kind="decision")).status_code == 201
    ref = (await petition(client, second))["letter"]
    assert ref["number"] == "信处〔2026〕1号"
    version = (await client.get(f"/cases/{second}")).json()["version"]
    merged = await client.post(
        f"/cases/{second}/merge", json={"into": case_id}, headers={"If-Match": f'"{version}"'}
    )
    assert merged.status_code == 200, merged.text
    told = (await voices(client, case_id))["voices"]
    letters = {one["letter"]["number"]: one["letter"] for one in told if one["letter"]}
    assert set(letters) == {"信复〔2026〕1号", "信处〔2026〕1号"}
    kept = letters["信处〔2026〕1号"]
    assert kept["case_id"] == second
    assert (await client.get(f"/cases/{second}/letters/{kept['id']}")).status_code == 200


async def test_a_petition_order_has_its_own_clock_and_its_letter(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    """Upstream named no date: it runs as every petition does, from the day upstream got it."""
    row = {
        "信访编号": "XF1", "登记时间": "2026-05-09 09:00:00", "标题": "路灯", "信访人": "",
        "信访内容": "梧桐路的路灯坏了三天了，晚上看不见路。", "问题属地": "梧桐路", "答复期限": "",
        "答复意见": "", "答复时间": "", "办结时间": "", "转送时间": "2026-05-08 09:00:00",
        "办理状态": "已转送",
    }  # fmt: skip
    await take_in_rows(runtime, [row], mapping="petition-orders")
    await sign_in(client, "dispatcher")
    (case,) = await cases(runtime)
    voice = await petition(client, str(case.id))
    assert voice["order"]["number"] == "XF1"
    assert voice["due_at"] is not None and voice["accept_by"] is not None
    assert voice["due_at"][:10] == "2026-07-07"
    assert voice["accept_by"][:10] == "2026-05-23"
    await done(client, str(case.id))
    await sign_in(client, "dispatcher")
    given = await give(client, str(case.id), await petition(client, str(case.id)), ANSWER)
    assert given.status_code == 200, given.text
    assert (await issue(client, str(case.id))).status_code == 201


ROW = {
    "信访编号": "XF1", "登记时间": "2026-05-09 09:00:00", "标题": "路灯", "信访人": "",
    "信访内容": "梧桐路的路灯坏了三天了，晚上看不见路。", "问题属地": "梧桐路",
    "答复期限": "2026-06-08 18:00:00", "答复意见": "", "答复时间": "", "办结时间": "",
    "转送时间": "2026-05-08 09:00:00", "办理状态": "已转送",
}  # fmt: skip
WHY = "您反映的信访事项情况复杂，需请专业机构检测，延长办理期限30日。联系人李建设。"


async def a_petition(runtime: Runtime, client: httpx.AsyncClient, **cells: str) -> str:
    await take_in_rows(runtime, [{**ROW, **cells}], mapping="petition-orders")
    await sign_in(client, "dispatcher")
    (case,) = await cases(runtime)
    return str(case.id)


async def notice(
    client: httpx.AsyncClient, case_id: str, kind: str, text: str = WHY
) -> httpx.Response:
    voice = await petition(client, case_id)
    return await client.post(
        f"/cases/{case_id}/answers/{voice['signal_id']}/notice",
        json={"kind": kind, "addressee": NAME, "text": text},
    )


async def clock_of(client: httpx.AsyncClient, case_id: str) -> dict[str, Any]:
    told = (await client.get(f"/cases/{case_id}/clocks")).json()["clocks"]
    found: dict[str, Any] = next(one for one in told if one["kind"] == "order")
    return found


async def test_a_petition_is_extended_once_by_a_letter(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await a_petition(runtime, client)
    voice = await petition(client, case_id)
    assert voice["due_at"] == "2026-06-08T10:00:00Z"
    assert [one["kind"] for one in voice["may_notice"]] == ["extension", "not_accepted", "transfer"]
    proposed = voice["may_notice"][0]["text"]
    assert "2026年7月8日" in proposed
    # What is still to be filled in goes nowhere.
    assert (await notice(client, case_id, "extension", proposed)).status_code == 422
    made = await notice(client, case_id, "extension")
    assert made.status_code == 201, made.text
    voice = await petition(client, case_id)
    (ref,) = voice["notices"]
    assert (ref["kind"], ref["number"]) == ("extension", "信延〔2026〕1号")
    assert ref["until"] == voice["due_at"] == "2026-07-08T10:00:00Z"
    assert (await clock_of(client, case_id))["due_at"] == "2026-07-08T10:00:00Z"
    letter = (await client.get(f"/cases/{case_id}/letters/{ref['id']}")).json()
    assert letter["title"] == "信访事项延期办理告知书"
    assert "专业机构检测" in letter["body"] and "李建设" not in letter["body"]
    assert NAME not in letter["addressee"]
    again = await notice(client, case_id, "extension")
    assert (again.status_code, again.json()["code"]) == (409, "notice_not_now")
    # Upstream's next file still has the old day: what the petitioner was told holds.
    await take_in_rows(runtime, [{**ROW, "办理状态": "已受理"}], mapping="petition-orders")
    assert (await petition(client, case_id))["due_at"] == "2026-07-08T10:00:00Z"
    # It has its answer, and its letter, all the same.
    await done(client, case_id)
    await sign_in(client, "dispatcher")
    assert (await give(client, case_id, await petition(client, case_id), ANSWER)).status_code == 200
    assert (await issue(client, case_id)).status_code == 201


@pytest.mark.parametrize("kind", ["not_accepted", "transfer"])
async def test_what_is_not_accepted_or_passed_on_is_answered_by_that(
    runtime: Runtime, client: httpx.AsyncClient, kind: str
) -> None:
    case_id = await a_petition(runtime, client)
    assert (await notice(client, case_id, kind, "请向区住建委提出。")).status_code == 201
    voice = await petition(client, case_id)
    assert (voice["state"], voice["order"]["state"]) == ("given", "answered")
    assert [one["kind"] for one in voice["notices"]] == [kind]
    assert voice["may_notice"] == [] and voice["may_issue"] is False
    assert (await issue(client, case_id)).json()["code"] == "letter_issued"
    assert (await clock_of(client, case_id))["state"] == "met"
    story = (await client.get(f"/cases/{case_id}")).json()["timeline"]
    assert f"petition.{kind.replace('transfer', 'transferred')}" in [one["action"] for one in story]


async def test_what_was_accepted_is_not_refused_any_more(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await a_petition(runtime, client)
    case = (await client.get(f"/cases/{case_id}")).json()
    assert (await act(client, case, "accept")).status_code == 200
    assert [one["kind"] for one in (await petition(client, case_id))["may_notice"]] == ["extension"]
    assert (await notice(client, case_id, "transfer")).status_code == 409


async def test_a_petition_without_an_order_is_extended_by_the_letter_alone(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await four(runtime, client)
    await sign_in(client, "dispatcher")
    before = await petition(client, case_id)
    assert before["order"] is None
    assert (await notice(client, case_id, "extension")).status_code == 201
    days = datetime.fromisoformat((await petition(client, case_id))["due_at"])
    assert (days - datetime.fromisoformat(before["due_at"])).days == 30


def test_more_time_is_asked_for_before_it_is_over() -> None:
    now = datetime(2026, 5, 11, tzinfo=UTC)
    asked: dict[str, Any] = {"state": "handling", "answered": False, "due_at": now, "there": ()}
    assert offered(**asked, now=now) == ("extension",)
    assert offered(**asked, now=now + timedelta(seconds=1)) == ()
    assert offered(**{**asked, "answered": True}, now=now) == ()
    assert offered(**{**asked, "there": ["transfer"]}, now=now) == ()


def test_both_tables_give_a_petition_the_same_time(settings: Settings) -> None:
    limit = level_limit("petition", None)
    assert limit is not None
    assert (limit.value, limit.unit) == (settings.petition_answer_days, "calendar_day")
