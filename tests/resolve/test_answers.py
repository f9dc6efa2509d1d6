"""Answers: who is answered how, what may go out, and that everybody is answered once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest
from helpers import SYSTEM, act, past_the_walls, report, sign_in, take_in_rows
from resolve.test_orders import order
from sqlalchemy import select, update

from streetwise.gather.mapping import mapping_named
from streetwise.kernel.runtime import Runtime
from streetwise.privacy.tables import VaultItem
from streetwise.resolve.answers import repository
from streetwise.resolve.answers.ways import (
    Teller,
    Told,
    Ways,
    read_ways,
    shipped_ways,
    with_first,
)
from streetwise.resolve.answers.wording import (
    CaseFacts,
    VoiceFacts,
    check,
    found_and_done,
    masked,
    propose,
)
from streetwise.resolve.tables import CaseSignal

# --- ways ----------------------------------------------------------------------------------


def told(**more: Any) -> Told:
    facts = {
        "source": "nowhere known", "channel": None, "answer_by": None, "scheme": None,
        "contact": True,
    }  # fmt: skip
    return Told(**{**facts, **more})


@pytest.mark.parametrize(
    ("facts", "code", "form"),
    [
        ({"scheme": "hotline12345"}, "work_order", "order"),
        ({"scheme": "a scheme nobody has heard of"}, "work_order", "order"),
        ({"scheme": "petition"}, "petition", "letter"),
        # What upstream wants goes before what the reporter wishes and where it came from.
        ({"scheme": "hotline12345", "answer_by": "none", "channel": "信访"}, "work_order", "order"),
        ({"channel": "信访"}, "petition", "letter"),
        ({"channel": "检察线索"}, "referral", "referral"),
        ({"channel": "法院建议"}, "referral", "referral"),
        ({"channel": "公安移交"}, "referral", "referral"),
        ({"channel": "媒体话题"}, "media", "referral"),
        ({"channel": "区级转办"}, "referral", "referral"),
        ({"source": "phone", "answer_by": "phone"}, "call", "call"),
        ({"source": "phone", "answer_by": "message"}, "message", "message"),
        ({"source": "phone", "answer_by": "letter"}, "letter", "letter"),
        ({"channel": "微信"}, "message", "message"),
        ({"source": "messages"}, "message", "message"),
        ({"channel": "街道热线"}, "call", "call"),
        ({}, "call", "call"),
    ],
)
def test_who_is_answered_how(facts: dict[str, Any], code: str, form: str) -> None:
    way = shipped_ways().of(told(**facts))
    assert (way.code, way.form, way.why) == (code, form, None)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"answer_by": "none"}, "declined"),
        ({"channel": "匿名"}, "anonymous"),
        ({"channel": "网格上报"}, "staff"),
        ({"source": "camera"}, "device"),
        ({"channel": "街道热线", "contact": False}, "no_contact"),
        ({"contact": False}, "no_contact"),
    ],
)
def test_who_is_not_answered_and_why(facts: dict[str, Any], why: str) -> None:
    way = shipped_ways().of(told(**facts))
    assert (way.code, way.form, way.why) == ("nobody", "none", why)


WAYS = shipped_ways().ways


def test_every_channel_of_the_streets_own_file_is_in_the_table() -> None:
    """Stored under its words, or under its code where a file names one that has none."""
    by_contact = {"hotline12345", "street_hotline"}
    for code, name in mapping_named("street-reports").channels.items():
        by_code, by_name = (
            shipped_ways().of(told(channel=one, source="street-reports")) for one in (code, name)
        )
        assert by_code == by_name, code
        without = shipped_ways().of(told(channel=name, source="street-reports", contact=False))
        assert (without.why == "no_contact") == (code in by_contact), code


def test_a_table_that_is_wrong_is_not_read() -> None:
    good: dict[str, Any] = {
        "ways": {way.code: {"form": way.form, "draft": way.draft} for way in WAYS.values()},
        "orders": {"*": "work_order"},
        "answer_by": {"none": {"way": "nobody", "why": "declined"}},
        "channels": [{"way": "call", "names": ["a", "b"]}],
    }
    assert isinstance(read_ways(good), Ways)
    for change in (
        {"ways": {"call": {"form": "call", "draft": "call"}}},
        {"ways": {code: {"form": "song", "draft": "call"} for code in WAYS}},
        {"ways": {code: {"form": "call", "draft": "poem"} for code in WAYS}},
        {"orders": {"petition": "petition"}},
        {"orders": {"*": "telepathy"}},
        {"channels": [{"way": "call", "names": ["a", "a"]}]},
        {"channels": [{"way": "nobody", "names": ["a"]}]},
        {"channels": [{"way": "nobody", "why": "lazy", "names": ["a"]}]},
        {"channels": [{"way": "call", "why": "declined", "names": ["a"]}]},
    ):
        with pytest.raises(ValueError):
            read_ways({**good, **change})


def test_who_told_twice_is_answered_once() -> None:
    a, b, c, d, e, f = (UUID(int=number) for number in range(6))
    somebody, other = uuid4(), uuid4()
    found = with_first(
        [
            Teller(a, "call", None, somebody),
            Teller(b, "message", None, somebody),  # the same person, in person
            Teller(c, "call", None, other),
            Teller(d, "petition", None, somebody),  # a petition gets its own letter
            Teller(e, "petition", d, somebody),  # the reminder of that petition
            Teller(f, "call", UUID(int=99), None),  # of an item that this case has not
        ]
    )
    assert found == {b: a, e: d}


# --- words ---------------------------------------------------------------------------------

OFFICE = "010-61234567"


def facts_of(way: str = "call", **case: Any) -> VoiceFacts:
    known = {
        "number": "20260511-0001", "state": "reported", "category": "路灯",
        "place": "梧桐路12号", "unit": "城管科", "phone": OFFICE,
        "done": "经现场查看，灯泡烧坏，已更换灯泡，路灯恢复照明。",
        "done_at": datetime(2026, 5, 11, 16, tzinfo=UTC), "offices": frozenset({OFFICE}),
        "zone": ZoneInfo("Asia/Shanghai"),
    }  # fmt: skip
    return VoiceFacts(
        case=CaseFacts(**{**known, **case}),
        way=WAYS[way],
        to="检察线索",
        number="HL1",
        title="路灯不亮",
        text="梧桐路12号门前的路灯坏了三天。",
        told_at=datetime(2026, 5, 10, tzinfo=UTC),
    )


@pytest.mark.parametrize("way", [way for way in WAYS if way != "nobody"])
def test_a_draft_tells_what_was_found_and_done_and_makes_nothing_up(way: str) -> None:
    facts = facts_of(way)
    text = propose(facts)
    assert text is not None
    assert "梧桐路12号" in text
    assert OFFICE in text
    found = check(text, facts)
    assert found.blocked == ()
    # Who hears whoever disagrees with the answer to a petition is not known here.
    assert found.unfinished == (1 if way == "petition" else 0)
    bare = propose(facts_of(way, done=None, done_at=None, unit=None, phone=None))
    assert bare is not None
    assert check(bare, facts).unfinished >= 2


def test_a_draft_before_the_work_is_done_claims_nothing() -> None:
    text = propose(facts_of("call", state="handling", done=None, done_at=None))
    assert text is not None
    assert "已交给" in text and OFFICE in text
    assert check(text, facts_of("call", state="handling")).unfinished == 0
    # A platform is told when it will be done, which nobody but an officer knows.
    formal = propose(facts_of("work_order", state="handling", done=None, done_at=None))
    assert formal is not None and "〔待填：计划完成日期〕" in formal
    assert not any(word in text for word in ("已经办好", "已于", "更换"))


@pytest.mark.parametrize(
    ("note", "found", "done"),
    [
        (
            "经现场查看，灯泡烧坏，已更换灯泡，路灯恢复照明。",
            "灯泡烧坏",
            "已更换灯泡，路灯恢复照明",
        ),
        ("已更换灯泡。", None, "已更换灯泡"),
        ("清理了垃圾，已要求商户自查。", None, "清理了垃圾，已要求商户自查"),
        ("经查，已解决。", None, "已解决"),
        ("。", None, ""),
    ],
)
def test_a_report_is_told_apart(note: str, found: str | None, done: str) -> None:
    assert found_and_done(note) == (found, done)


def test_who_is_addressed_may_be_named_and_nobody_else() -> None:
    facts = facts_of()
    own = "尊敬的王建国：您反映的路灯已修好，有事请打010-61234567。"
    assert check(own, facts).blocked == ()
    text, spans = masked(own, facts.case.offices)
    assert text == "尊敬的[姓名]：您反映的路灯已修好，有事请打010-61234567。"
    assert [span.kind for span in spans] == ["name"]
    for theirs in (
        "您好，王建国：已经同意移走。",
        "您好，您的邻居王建国已同意移走，电话010-87654321。",
    ):
        assert check(theirs, facts).blocked


# --- voices of a case ------------------------------------------------------------------------


async def voices(client: httpx.AsyncClient, case_id: str) -> dict[str, Any]:
    answer = await client.get(f"/cases/{case_id}/answers")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def the_case(client: httpx.AsyncClient) -> dict[str, Any]:
    (row,) = (await client.get("/cases")).json()["items"]
    found: dict[str, Any] = (await client.get(f"/cases/{row['id']}")).json()
    return found


TEXT = "梧桐路 12 号门前的路灯坏了三天，晚上看不见路，请尽快来修。"
ANSWER = "您好，您反映的梧桐路路灯不亮问题，城管科已于 5 月 11 日更换灯泡，路灯已恢复照明。"


async def give(
    client: httpx.AsyncClient, case_id: str, voice: dict[str, Any], text: str = ANSWER, **more: Any
) -> httpx.Response:
    body = {"text": text, **more}
    if voice["order"] and "order_version" not in body:
        body["order_version"] = voice["order"]["version"]
    return await client.post(
        f"/cases/{case_id}/answers/{voice['signal_id']}/give",
        json=body,
        headers={"If-Match": f'"{voice["version"]}"'},
    )


async def call(client: httpx.AsyncClient, text: str = TEXT, **more: Any) -> dict[str, Any]:
    answer = await client.post(
        "/signals/phone", json={"request_id": str(uuid4()), "text": text, **more}
    )
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def done(client: httpx.AsyncClient, case_id: str) -> None:
    """Take the case as far as the unit's report."""
    for login, action, inputs in (
        ("duty_officer", "accept", {}),
        ("dispatcher", "dispatch", {"unit": "dep1"}),
        ("department_handler", "start", {}),
        ("department_handler", "report", {"note": "城管科到场更换灯泡，路灯已恢复照明。"}),
    ):
        await sign_in(client, login)
        case = (await client.get(f"/cases/{case_id}")).json()
        answer = await act(client, case, action, **inputs)
        assert answer.status_code == 200, answer.text


async def four(runtime: Runtime, client: httpx.AsyncClient) -> str:
    """One case that four channels told of, and a grid worker too."""
    await take_in_rows(runtime, [order("HL1", 诉求内容=TEXT)], mapping="hotline-orders")
    rows = [
        report("S1", "路灯", TEXT, channel="petition"),
        report("S2", "路灯", TEXT, channel="procuratorate"),
        report("S3", "路灯", TEXT, channel="grid_worker"),
    ]
    await take_in_rows(runtime, rows)
    await sign_in(client, "dispatcher")
    case = await the_case(client)
    await call(client, contact="13800138000", answer_by="phone", join=case["id"])
    return str(case["id"])


async def test_each_voice_is_answered_its_own_way(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case_id = await four(runtime, client)
    found = await voices(client, case_id)
    assert (found["answered"], found["of"]) == (0, 4)
    by_way = {one["way"]: one for one in found["voices"]}
    assert set(by_way) == {"work_order", "petition", "referral", "call", "nobody"}
    assert by_way["referral"]["to"] == "检察线索"
    assert by_way["nobody"]["nobody_why"] == "staff"
    assert by_way["call"]["contact"] is True
    # A petition has its own clock, counted from its coming; an order has upstream's.
    assert by_way["petition"]["due_at"] == "2026-07-10T01:30:00Z"
    assert by_way["petition"]["accept_by"] == "2026-05-26T01:30:00Z"
    assert by_way["work_order"]["due_at"] == "2026-05-12T10:00:00Z"
    await done(client, case_id)
    await sign_in(client, "dispatcher")
    for answered, way in enumerate(("work_order", "petition", "referral", "call"), start=1):
        by_way = {one["way"]: one for one in (await voices(client, case_id))["voices"]}
        answer = await give(client, case_id, by_way[way])
        assert answer.status_code == 200, answer.text
        assert answer.json()["answered"] == answered
    found = await voices(client, case_id)
    assert (found["answered"], found["of"]) == (4, 4)
    case = (await client.get(f"/cases/{case_id}")).json()
    assert case["orders"][0]["state"] == "answered"
    assert case["orders"][0]["answer"] == ANSWER
    told = [entry for entry in case["timeline"] if entry["action"].endswith(("given", "answered"))]
    assert [entry["action"] for entry in told] == [
        "order.answered", "answer.given", "answer.given", "answer.given",
    ]  # fmt: skip
    assert ANSWER in told[1]["note"]["text"]


async def test_a_draft_is_kept_masked_and_its_original_in_the_vault(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await sign_in(client, "dispatcher")
    case_id = (await call(client, contact="13800138000", answer_by="phone"))["case_id"]
    (voice,) = (await voices(client, case_id))["voices"]
    path = f"/cases/{case_id}/answers/{voice['signal_id']}"
    body = {"text": "请致电住户 13912345678 核实。", "machine": True}
    before = await client.put(path, json=body)
    assert before.status_code == 428
    saved = await client.put(path, json=body, headers={"If-Match": '"0"'})
    assert saved.status_code == 200, saved.text
    (voice,) = saved.json()["voices"]
    assert (voice["state"], voice["version"]) == ("draft", 1)
    assert voice["draft"]["text"] == "请致电住户 [手机] 核实。"
    assert voice["draft"]["machine"] is True
    async with runtime.database.read(SYSTEM) as session:
        kinds = list((await session.execute(select(VaultItem.kind))).scalars())
    assert sorted(kinds) == ["note", "signal"]
    # The same words again change nothing; an older version is refused.
    again = await client.put(path, json=body, headers={"If-Match": '"1"'})
    assert again.json()["voices"][0]["version"] == 1
    stale = await client.put(path, json=body, headers={"If-Match": '"0"'})
    assert stale.status_code == 412
    gone = await client.delete(path, headers={"If-Match": '"1"'})
    (voice,) = gone.json()["voices"]
    assert (voice["state"], voice["version"], voice["draft"]) == ("none", 2, None)
    twice = await client.delete(path, headers={"If-Match": '"2"'})
    assert (twice.status_code, twice.json()["code"]) == (409, "answer_no_draft")
    with past_the_walls(runtime) as connection:
        entries = connection.execute(
            "SELECT action, data::text FROM journal WHERE action LIKE 'answer.%' ORDER BY seq"
        ).fetchall()
    assert [action for action, _ in entries] == ["answer.saved", "answer.withdrawn"]
    assert not any("核实" in data or "139" in data for _, data in entries)


async def test_nothing_goes_out_with_somebodys_data_or_with_gaps(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await sign_in(client, "dispatcher")
    case_id = (await call(client, contact="13800138000", answer_by="phone"))["case_id"]
    await done(client, case_id)
    await sign_in(client, "dispatcher")
    (voice,) = (await voices(client, case_id))["voices"]
    theirs = "已联系住在 3 单元 502 室的邻居王建国，电话 13912345678，他同意移走。"
    refused = await give(client, case_id, voice, theirs)
    assert (refused.status_code, refused.json()["code"]) == (422, "answer_personal_data")
    assert "13912345678" not in refused.text
    assert "王建国" not in refused.text
    gaps = await give(client, case_id, voice, f"{ANSWER}〔待填：完成时间〕")
    assert (gaps.status_code, gaps.json()["code"]) == (422, "answer_unfinished")
    path = f"/cases/{case_id}/answers/{voice['signal_id']}/check"
    # Positions count as a browser does: a character outside the basic plane is two units.
    found = (await client.post(path, json={"text": f"𠮷{theirs}"})).json()
    spans = {one["kind"]: (one["start"], one["end"]) for one in found["blocked"]}
    units = f"𠮷{theirs}".encode("utf-16-le")
    start, end = spans["mobile"]
    assert units[2 * start : 2 * end].decode("utf-16-le") == "13912345678"
    assert (await voices(client, case_id))["answered"] == 0


async def test_before_it_is_done_an_answer_says_that_it_is_not_the_last(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await sign_in(client, "dispatcher")
    case_id = (await call(client, contact="13800138000", answer_by="phone"))["case_id"]
    (voice,) = (await voices(client, case_id))["voices"]
    assert voice["interim_only"] is True
    early = await give(client, case_id, voice)
    assert (early.status_code, early.json()["code"]) == (409, "answer_too_early")
    interim = (
        await give(client, case_id, voice, "已派城管科处理，三日内答复您。", interim=True)
    ).json()
    (voice,) = interim["voices"]
    assert (voice["state"], interim["answered"], interim["of"]) == ("interim", 0, 1)
    assert voice["given"][0]["interim"] is True
    await done(client, case_id)
    await sign_in(client, "dispatcher")
    (voice,) = (await voices(client, case_id))["voices"]
    final = (await give(client, case_id, voice)).json()
    (voice,) = final["voices"]
    assert (voice["state"], final["answered"]) == ("given", 1)
    assert [one["interim"] for one in voice["given"]] == [True, False]
    once = await give(client, case_id, voice)
    assert (once.status_code, once.json()["code"]) == (409, "answer_given")


async def test_nobody_is_answered_where_there_is_nobody(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await sign_in(client, "dispatcher")
    case_id = (await call(client, answer_by="none"))["case_id"]
    found = await voices(client, case_id)
    assert (found["answered"], found["of"]) == (0, 0)
    (voice,) = found["voices"]
    assert (voice["way"], voice["nobody_why"], voice["proposal"]) == ("nobody", "declined", None)
    refused = await give(client, case_id, voice, interim=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "answer_nobody")


async def test_a_reporter_who_called_twice_is_answered_with_the_first_call(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await sign_in(client, "dispatcher")
    case_id = (await call(client, contact="13800138000", answer_by="phone"))["case_id"]
    await call(client, "又来催路灯", contact="138 0013 8000", answer_by="message", join=case_id)
    found = await voices(client, case_id)
    first, second = found["voices"]
    assert found["of"] == 1
    assert (first["with_first"], second["with_first"]) == (None, first["signal_id"])
    refused = await give(client, case_id, second, interim=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "answer_with_first")


async def test_a_reminder_goes_with_its_order(runtime: Runtime, client: httpx.AsyncClient) -> None:
    await take_in_rows(runtime, [order("HL1")], mapping="hotline-orders")
    again = order("HL1", 更新时间="2026-05-11 12:00:00", 诉求内容="催单：路灯还没有修。")
    await take_in_rows(runtime, [again], mapping="hotline-orders")
    await sign_in(client, "dispatcher")
    case = await the_case(client)
    found = await voices(client, case["id"])
    assert [one["way"] for one in found["voices"]] == ["work_order", "work_order"]
    assert found["of"] == 1
    # Answered at the order itself, it is answered here too.
    (carried,) = case["orders"]
    answer = await client.post(
        f"/orders/{carried['id']}/answer",
        json={"text": ANSWER},
        headers={"If-Match": f'"{carried["version"]}"'},
    )
    assert answer.status_code == 200
    found = await voices(client, case["id"])
    assert (found["answered"], found["voices"][0]["state"]) == (1, "given")


async def test_an_order_that_upstream_returns_is_answered_anew(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await take_in_rows(runtime, [order("HL1")], mapping="hotline-orders")
    await sign_in(client, "dispatcher")
    case = await the_case(client)
    (voice,) = (await voices(client, case["id"]))["voices"]
    assert (await give(client, case["id"], voice, interim=True)).json()["answered"] == 1
    await take_in_rows(runtime, [order("HL1", 工单状态="退回重办")], mapping="hotline-orders")
    found = await voices(client, case["id"])
    (voice,) = [one for one in found["voices"] if one["with_first"] is None]
    assert (found["answered"], found["of"], voice["state"]) == (0, 1, "none")
    again = await give(client, case["id"], voice, f"{ANSWER}已再次查看。", interim=True)
    assert again.json()["answered"] == 1
    closed = order("HL1", 工单状态="已办结", 办结时间="2026-05-12 09:00:00")
    await take_in_rows(runtime, [closed], mapping="hotline-orders")
    assert (await voices(client, case["id"]))["answered"] == 1


async def test_what_came_answered_is_answered(runtime: Runtime, client: httpx.AsyncClient) -> None:
    there = order("HL1", 答复内容="已在平台答复。", 答复时间="2026-05-11 10:00:00")
    await take_in_rows(runtime, [{**there, "工单状态": "已答复"}], mapping="hotline-orders")
    await sign_in(client, "dispatcher")
    case = await the_case(client)
    (voice,) = (await voices(client, case["id"]))["voices"]
    assert (voice["state"], voice["proposal"]) == ("upstream", None)
    refused = await give(client, case["id"], voice, interim=True)
    assert (refused.status_code, refused.json()["code"]) == (409, "answer_given")


async def test_two_officers_answer_at_once_and_one_is_told(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await sign_in(client, "dispatcher")
    case_id = (await call(client, contact="13800138000", answer_by="phone"))["case_id"]
    await done(client, case_id)
    await sign_in(client, "dispatcher")
    (voice,) = (await voices(client, case_id))["voices"]
    both = await asyncio.gather(*(give(client, case_id, voice, f"{ANSWER}{n}") for n in range(2)))
    assert sorted(answer.status_code for answer in both) == [200, 412]
    (voice,) = (await voices(client, case_id))["voices"]
    assert len(voice["given"]) == 1


async def test_answers_go_with_their_signals_to_another_case(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await sign_in(client, "dispatcher")
    source = (await call(client, contact="13800138001", answer_by="phone"))["case_id"]
    target = (await call(client, "别的事", contact="13800138002", answer_by="phone"))["case_id"]
    (voice,) = (await voices(client, source))["voices"]
    await give(client, source, voice, "已派人查看，稍后答复您。", interim=True)
    signal_id = UUID(voice["signal_id"])
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        await repository.move(uow.session, SYSTEM, [signal_id], UUID(source), UUID(target))
        await uow.session.execute(
            update(CaseSignal).where(CaseSignal.signal_id == signal_id).values(case_id=UUID(target))
        )
    assert (await voices(client, source))["voices"] == []
    found = await voices(client, target)
    states = {one["signal_id"]: one["state"] for one in found["voices"]}
    assert states[str(signal_id)] == "interim"


async def test_an_order_that_changed_meanwhile_is_not_answered(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await take_in_rows(runtime, [order("HL1")], mapping="hotline-orders")
    await sign_in(client, "dispatcher")
    case = await the_case(client)
    (voice,) = (await voices(client, case["id"]))["voices"]
    stale = await give(client, case["id"], voice, interim=True, order_version=99)
    assert stale.status_code == 412
    found = await voices(client, case["id"])
    # All or nothing: the voice stands where it stood, too.
    assert (found["voices"][0]["state"], found["voices"][0]["version"]) == ("none", 0)


async def test_who_may_not_answer_may_look(runtime: Runtime, client: httpx.AsyncClient) -> None:
    await sign_in(client, "dispatcher")
    case_id = (await call(client, contact="13800138000", answer_by="phone"))["case_id"]
    await sign_in(client, "inspector")
    found = await voices(client, case_id)
    (voice,) = found["voices"]
    assert (found["may_answer"], voice["way"], voice["proposal"]) == (False, "call", None)
    refused = await give(client, case_id, voice, interim=True)
    assert refused.status_code == 403


async def test_similar_past_answers_come_first_from_the_same_class(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await sign_in(client, "dispatcher")
    lamp = await call(client, contact="13800138001", category="urban-management:P-01-37")
    other = (await call(client, "松柏家园有人乱扔垃圾", contact="13800138002",
                        category="urban-management:E-01"))  # fmt: skip
    rubbish = "已联系社区清运垃圾，并加强巡查。"
    for one, text in ((lamp, ANSWER), (other, rubbish)):
        await done(client, one["case_id"])
        await sign_in(client, "dispatcher")
        (voice,) = (await voices(client, one["case_id"]))["voices"]
        assert (await give(client, one["case_id"], voice, text)).status_code == 200
    new = await call(
        client, "梧桐路又有一盏路灯不亮", contact="13800138003", category="urban-management:P-01-37"
    )
    found = (await client.get(f"/cases/{new['case_id']}/answers/similar")).json()["items"]
    assert [one["text"] for one in found] == [ANSWER]
    assert (found[0]["same_class"], found[0]["case_id"]) == (True, lamp["case_id"])
    own = (await client.get(f"/cases/{lamp['case_id']}/answers/similar")).json()["items"]
    assert lamp["case_id"] not in [one["case_id"] for one in own]


# --- asides ----------------------------------------------------------------------------------


async def an_aside(runtime: Runtime, client: httpx.AsyncClient) -> str:
    """A thanks that is no case, set aside as triage does."""
    await sign_in(client, "dispatcher")
    case_id = (await call(client, "谢谢你们修好了路灯", contact="13800138000"))["case_id"]
    with past_the_walls(runtime) as connection:
        signal = connection.execute("SELECT signal_id FROM case_signal").fetchone()
        assert signal is not None
        connection.execute("DELETE FROM case_signal")
        connection.execute(
            "INSERT INTO aside (signal_id, area, kind, why, state, made_at)"
            " VALUES (%s, 'home', 'thanks', '[]', 'open', '2026-05-11')",
            signal,
        )
    assert case_id
    return str(signal[0])


async def test_a_thanks_is_answered_and_settled(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    signal_id = await an_aside(runtime, client)
    path = f"/asides/{signal_id}/answer"
    (voice,) = (await client.get(path)).json()["voices"]
    assert (voice["way"], voice["state"]) == ("call", "none")
    saved = await client.put(path, json={"text": "谢谢"}, headers={"If-Match": '"0"'})
    assert saved.status_code == 200, saved.text
    answer = await client.post(
        f"{path}/give",
        json={"text": "感谢您的肯定，我们会继续做好照明维护。"},
        headers={"If-Match": '"1"'},
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["answered"] == 1
    with past_the_walls(runtime) as connection:
        rows = connection.execute("SELECT state, settled_at IS NOT NULL FROM aside").fetchall()
        told = connection.execute(
            "SELECT subject_kind, subject::text FROM journal WHERE action = 'answer.given'"
        ).fetchall()
    assert rows == [("settled", True)]
    assert told == [("signal", signal_id)]
    # Who sees no whole area has no asides.
    await sign_in(client, "department_handler")
    assert (await client.get(path)).status_code == 403
