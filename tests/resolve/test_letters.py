"""A petition is answered in writing: the letter as a document, its number, its clock."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
from helpers import SYSTEM, opened, report, sign_in, spot, take_in_rows
from resolve.test_answers import ANSWER, done, four, give, voices
from resolve.test_merging import cases
from sqlalchemy import text

from streetwise.kernel.runtime import Runtime

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
