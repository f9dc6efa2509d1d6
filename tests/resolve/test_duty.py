"""The duty room: a log that nobody changes, a hand-over that two sign and a third reads, and what
nobody listened to, told to the leader once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from helpers import SYSTEM, act, opened, past_the_walls, report, sign_in, spot, take_in_rows
from resolve.test_merging import cases
from sqlalchemy import select, text

from streetwise.directory.tables import Staff
from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.notify import Notification
from streetwise.resolve.duty import jobs
from streetwise.resolve.duty.rules import read, rules, same_person
from streetwise.resolve.tables import Case

FIRE = ("冒烟着火", "梧桐路12号门口的电线杆着火了，火势很大，非常危险！")
PHONE = "13800138000"
PATIENCE = timedelta(minutes=10)


async def urgent_case(runtime: Runtime, number: str = "1", words: tuple[str, str] = FIRE) -> Case:
    """An urgent case, received."""
    await take_in_rows(runtime, [report(number, *words, **spot(int(number)))])
    found = (await cases(runtime))[-1]
    assert found.priority == "high"
    return found


async def dispatched(runtime: Runtime, client: httpx.AsyncClient, unit: str = "dep1") -> str:
    """An urgent case in a unit's hands, which its handler was told of."""
    case = await urgent_case(runtime)
    for login, action, inputs in (
        ("duty_officer", "accept", {}),
        ("dispatcher", "dispatch", {"unit": unit}),
    ):
        await sign_in(client, login)
        answer = await act(client, (await client.get(f"/cases/{case.id}")).json(), action, **inputs)
        assert answer.status_code == 200, answer.text
    return str(case.id)


async def room(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/duty")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def sign(
    client: httpx.AsyncClient, handover: dict[str, Any], how: str, version: int | None = None
) -> httpx.Response:
    version = handover["version"] if version is None else version
    return await client.post(
        f"/duty/handovers/{handover['id']}/{how}", headers={"If-Match": f'"{version}"'}
    )


def groups(view: dict[str, Any]) -> dict[str, int]:
    return {one["group"]: one["count"] for one in view["groups"]}


async def journal(runtime: Runtime) -> list[tuple[str, dict[str, Any]]]:
    async with runtime.database.read(SYSTEM) as session:
        found = await session.execute(text("SELECT action, data FROM journal ORDER BY seq"))
        return [(row[0], row[1]) for row in found]


async def told(runtime: Runtime, kind: str) -> list[tuple[str, Notification]]:
    """Who was told something of this kind: (login, notification)."""
    async with runtime.database.read(SYSTEM) as session:
        query = (
            select(Staff.login, Notification)
            .join(Staff, Staff.id == Notification.staff_id)
            .where(Notification.kind == kind)
        )
        return [(row[0], row[1]) for row in await session.execute(query)]


# --- rules ---------------------------------------------------------------------------------


def test_a_message_is_answered_when_somebody_has_acted_on_its_case() -> None:
    known = rules()
    assert not known.answered("case.dispatched", "dispatched")
    assert known.answered("case.dispatched", "handling")
    assert not known.answered("case.sent_back", "handling")
    assert known.answered("case.sent_back", "reported")
    assert not known.answered("something.new", "handling")
    assert known.answered("something.new", "closed")
    other = read({"log_kinds": ["call"], "answered_when_left": {"a": "b"}, "not_raised": ["c"]})
    assert (other.log_kinds, other.not_raised) == (("call",), frozenset({"c"}))


def test_a_stand_in_counts_as_both() -> None:
    one, other = UUID(int=1), UUID(int=2)
    assert same_person({one, None}, {other, one})
    assert not same_person({one, None}, {other, None})


# --- the log -------------------------------------------------------------------------------


async def test_a_line_of_no_case_is_masked_and_no_original_is_kept(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await sign_in(client, "duty_officer")
    line = {"kind": "call", "text": f"区总值班室来电，回电{PHONE}"}
    answer = await client.post("/duty/log", json=line)
    assert answer.status_code == 201, answer.text
    assert answer.json()["masked"] == 1
    shown = (await room(client))["log"]
    assert [one["kind"] for one in shown] == ["call"]
    assert PHONE not in str(shown) and shown[0]["note"] is None
    with past_the_walls(runtime) as connection:
        assert connection.execute("SELECT count(*) FROM vault_item").fetchone() == (0,)
    entries = await journal(runtime)
    assert entries[-1][0] == "duty.noted"
    assert PHONE not in str(entries) and "值班室" not in str(entries)


async def test_a_line_about_a_case_is_a_note_of_it_and_its_original_lies_in_the_vault(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await urgent_case(runtime)
    await sign_in(client, "duty_officer")
    words = f"现场负责人电话{PHONE}，已通知消防"
    line = {"kind": "incident", "text": words, "case": case.number}
    answer = await client.post("/duty/log", json=line)
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert shown["case"]["number"] == case.number and PHONE not in shown["text"]
    assert (await opened(runtime, UUID(shown["note"])))["text"] == words
    story = (await client.get(f"/cases/{case.id}")).json()["timeline"]
    assert story[-1]["action"] == "duty.noted"
    assert "已通知消防" in story[-1]["note"]["text"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"kind": "call", "text": "  "}, "input_needed"),
        ({"kind": "call", "text": "x", "happened_at": "2026-05-12T00:00:00Z"}, "duty_happened"),
        ({"kind": "call", "text": "x", "happened_at": "2026-05-01T00:00:00Z"}, "duty_happened"),
        ({"kind": "call", "text": "x", "case": "20260511-9999"}, "case_number"),
    ],
)
async def test_what_is_no_line_is_refused(
    runtime: Runtime, client: httpx.AsyncClient, line: dict[str, str], code: str
) -> None:
    await sign_in(client, "duty_officer")
    answer = await client.post("/duty/log", json=line)
    assert answer.json()["code"] == code
    assert (await room(client))["log"] == []


async def test_who_is_not_on_the_duty_desk_neither_reads_nor_writes(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await sign_in(client, "community_worker")
    assert (await client.get("/duty")).status_code == 403
    assert (await client.post("/duty/log", json={"kind": "call", "text": "x"})).status_code == 403
    await sign_in(client, "dispatcher")
    assert (await client.get("/duty")).status_code == 200
    assert (await client.post("/duty/log", json={"kind": "call", "text": "x"})).status_code == 403


async def test_nothing_of_the_log_can_be_changed_even_past_the_application(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await sign_in(client, "duty_officer")
    await client.post("/duty/log", json={"kind": "call", "text": "来电"})
    for statement in ("UPDATE duty_log SET text = 'x'", "DELETE FROM duty_log"):
        with (
            past_the_walls(runtime) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(statement)


# --- the hand-over -------------------------------------------------------------------------


async def test_a_handover_is_given_taken_by_another_and_read_by_the_leader(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case_id = await dispatched(runtime, client)
    await sign_in(client, "duty_officer")
    await client.post("/duty/log", json={"kind": "patrol", "text": "夜间巡查一次"})
    clock.advance(timedelta(hours=1))
    answer = await client.post("/duty/handovers", json={"text": f"详询{PHONE}"})
    assert answer.status_code == 201, answer.text
    given = answer.json()
    assert groups(given)["urgent"] == 1 and groups(given)["unacknowledged"] == 1
    assert [one["text"] for one in given["log"]] == ["夜间巡查一次"]
    assert PHONE not in given["text"]
    # The giver can neither take nor read it; until it is taken no other is given.
    refused = await sign(client, given, "take")
    assert (refused.status_code, refused.json()["code"]) == (403, "giver_is_taker")
    view = await room(client)
    assert view["waiting"] == given["id"] and view["may_give"] is False and view["log"] == []
    assert view["handovers"][0]["may_take"] is False
    again = await client.post("/duty/handovers", json={})
    assert (again.status_code, again.json()["code"]) == (409, "handover_untaken")

    await sign_in(client, "street_commander")
    early = await sign(client, given, "read")
    assert (early.status_code, early.json()["code"]) == (409, "handover_untaken")
    taken = await sign(client, given, "take")
    assert taken.status_code == 200, taken.text
    assert taken.json()["taken_by"]["name"] == "街道指挥长甲"
    # Who signed it is not the one who reads it.
    refused = await sign(client, taken.json(), "read")
    assert (refused.status_code, refused.json()["code"]) == (403, "signer_is_reader")
    stale = await sign(client, taken.json(), "take", version=1)
    assert stale.status_code == 412
    # What was open stays as it was signed, with the case as it is now.
    await sign_in(client, "department_handler")
    await act(client, (await client.get(f"/cases/{case_id}")).json(), "start")
    await sign_in(client, "duty_officer")
    shown = (await client.get(f"/duty/handovers/{given['id']}")).json()
    assert groups(shown) == groups(given)
    assert shown["groups"][0]["items"][0]["state"] == "handling"
    assert (await room(client))["may_give"] is True
    names = [action for action, _ in await journal(runtime)]
    assert names.count("duty.handed_over") == names.count("duty.taken_over") == 1


async def second_officer(runtime: Runtime) -> None:
    """The tests' street has one duty officer: make the second dispatcher another."""
    with past_the_walls(runtime) as connection:
        connection.execute("UPDATE staff SET roles = '{duty_officer}' WHERE login = 'dispatcher2'")
        connection.commit()


async def test_the_leader_on_duty_reads_what_two_officers_signed(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await second_officer(runtime)
    await sign_in(client, "duty_officer")
    given = (await client.post("/duty/handovers", json={})).json()
    await sign_in(client, "dispatcher2")
    taken = (await sign(client, given, "take")).json()
    assert (await sign(client, taken, "read")).status_code == 403
    await sign_in(client, "street_commander")
    view = await room(client)
    assert view["leading"] is True and view["handovers"][0]["may_read"] is True
    done = await sign(client, taken, "read")
    assert done.status_code == 200, done.text
    assert done.json()["read_by"]["name"] == "街道指挥长甲"
    assert (await sign(client, done.json(), "read")).json()["code"] == "handover_read"


async def test_what_is_signed_is_not_changed_even_past_the_application(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await sign_in(client, "duty_officer")
    given = (await client.post("/duty/handovers", json={"text": "无事"})).json()
    await sign_in(client, "street_commander")
    assert (await sign(client, given, "take")).status_code == 200
    for change in ("text = 'x'", "items = '{}'", "given_at = now()", "taken_at = now()"):
        with past_the_walls(runtime) as connection, pytest.raises(psycopg.errors.RaiseException):
            connection.execute(f"UPDATE handover SET {change}")
    with past_the_walls(runtime) as connection, pytest.raises(psycopg.errors.RaiseException):
        connection.execute("DELETE FROM handover")


async def test_of_two_who_give_or_take_at_once_one_wins(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await sign_in(client, "duty_officer")
    answers = await asyncio.gather(*(client.post("/duty/handovers", json={}) for _ in range(3)))
    assert sorted(one.status_code for one in answers) == [201, 409, 409]
    given = next(one for one in answers if one.status_code == 201).json()
    await sign_in(client, "street_commander")
    answers = await asyncio.gather(*(sign(client, given, "take") for _ in range(3)))
    assert sorted(one.status_code for one in answers) == [200, 412, 412]


# --- what nobody listened to ---------------------------------------------------------------


async def unread(client: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await client.get("/notifications/unread")).json()
    return found


async def test_an_urgent_message_sounds_until_one_of_those_told_acknowledges_it(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    await dispatched(runtime, client)
    await sign_in(client, "department_handler")
    (one,) = (await unread(client))["sounding"]
    # Reading it is not taking it up.
    await client.post(f"/notifications/{one}/read")
    assert (await unread(client))["sounding"] == [one]
    await sign_in(client, "dispatcher")
    assert (await client.post(f"/notifications/{one}/ack")).status_code == 404
    await sign_in(client, "department_handler")
    for _ in range(2):
        assert (await client.post(f"/notifications/{one}/ack")).status_code == 204
    assert (await unread(client))["sounding"] == []
    item = (await client.get("/notifications")).json()["items"][0]
    assert item["sounds"] is False and item["ack_at"] is not None
    names = [action for action, _ in await journal(runtime)]
    assert names.count("notify.acknowledged") == 1
    await sign_in(client, "duty_officer")
    assert groups(await room(client))["unacknowledged"] == 0


async def test_what_nobody_acknowledged_goes_to_the_leader_once(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await dispatched(runtime, client)
    await jobs.look(runtime)
    assert await told(runtime, "duty.unacknowledged") == []
    clock.advance(PATIENCE)
    await jobs.look(runtime)
    clock.advance(timedelta(hours=5))
    await jobs.look(runtime)
    found = await told(runtime, "duty.unacknowledged")
    assert [login for login, _ in found] == ["street_commander"]
    assert found[0][1].urgent is True


async def test_a_worker_that_dies_in_the_middle_tells_nobody_twice(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await dispatched(runtime, client)
    clock.advance(PATIENCE)

    class Killed(Exception):
        pass

    with pytest.raises(Killed):
        async with runtime.database.unit_of_work(jobs.VIEWER) as uow:
            assert await jobs.raise_unheard(uow, PATIENCE) == 1
            raise Killed
    assert await told(runtime, "duty.unacknowledged") == []

    async def sweep() -> int:
        async with runtime.database.unit_of_work(jobs.VIEWER) as uow:
            return await jobs.raise_unheard(uow, PATIENCE)

    assert sum(await asyncio.gather(*(sweep() for _ in range(4)))) == 1
    assert len(await told(runtime, "duty.unacknowledged")) == 1
    # Even where the mark were lost: the message's own key holds.
    with past_the_walls(runtime) as connection:
        connection.execute("UPDATE notification SET raised_at = NULL")
        connection.commit()
    assert await sweep() == 1
    assert len(await told(runtime, "duty.unacknowledged")) == 1


async def test_what_was_acted_on_is_no_silence(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case_id = await dispatched(runtime, client)
    await sign_in(client, "department_handler")
    await act(client, (await client.get(f"/cases/{case_id}")).json(), "start")
    clock.advance(PATIENCE)
    await jobs.look(runtime)
    assert await told(runtime, "duty.unacknowledged") == []
    assert (await unread(client))["sounding"] == []


async def test_without_a_leader_it_waits_for_one(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await dispatched(runtime, client)
    clock.advance(PATIENCE)
    with past_the_walls(runtime) as connection:
        connection.execute("UPDATE staff SET active = false WHERE login = 'street_commander'")
        connection.commit()
    await jobs.look(runtime)
    with past_the_walls(runtime) as connection:
        connection.execute("UPDATE staff SET active = true WHERE login = 'street_commander'")
        connection.commit()
    await jobs.look(runtime)
    assert len(await told(runtime, "duty.unacknowledged")) == 1
