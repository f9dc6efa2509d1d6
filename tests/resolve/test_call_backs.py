"""Calling reporters back: who is drawn, what is written down, the link, and what it is good for."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from helpers import OURS, SYSTEM, act, past_the_walls, sign_in
from resolve.test_loop import get, step
from resolve.test_orders import bring, order
from sqlalchemy import func, select

from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.kernel.viewer import Viewer
from streetwise.notify.channels import outbox
from streetwise.notify.waiting import wait_seconds
from streetwise.resolve.callbacks import actions, repository, texting
from streetwise.resolve.callbacks.repository import Estimate
from streetwise.resolve.callbacks.script import phone_script, sms_text
from streetwise.resolve.callbacks.tables import CallBack
from streetwise.resolve.tables import Case

NUMBER = "13800138000"


@pytest.fixture(autouse=True)
def everybody_is_asked(runtime: Runtime) -> None:
    """But where a test says otherwise; and text messages go into the outbox."""
    runtime.settings.call_back_share_percent = 100.0
    runtime.settings.notify_sms = "file"
    runtime.settings.public_url = "https://street.example"


async def done(runtime: Runtime, client: httpx.AsyncClient, **cells: str) -> dict[str, Any]:
    """A case of one reporter, with a number, that passed its check."""
    await bring(runtime, order(诉求人=f"王小明 {NUMBER}", **cells))
    await sign_in(client, "dispatcher")
    (found,) = (await client.get("/cases")).json()["items"]
    case = await step(client, "dispatcher", found, "accept")
    case = await step(client, "dispatcher", case, "dispatch", unit="dep1")
    case = await step(client, "department_handler", case, "start")
    case = await step(client, "department_handler", case, "report", note="灯泡已换。")
    return await step(client, "inspector", case, "verify", result="pass")


async def shown(client: httpx.AsyncClient, case: dict[str, Any]) -> dict[str, Any]:
    answer = await client.get(f"/cases/{case['id']}/call-backs")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def call(client: httpx.AsyncClient, case: dict[str, Any], **form: Any) -> httpx.Response:
    body = {"signal_id": case["signals"][0]["id"], "result": "reached", **form}
    return await client.post(f"/cases/{case['id']}/call-backs", json=body)


async def send(client: httpx.AsyncClient, case: dict[str, Any]) -> httpx.Response:
    return await client.post(f"/cases/{case['id']}/call-backs/{case['signals'][0]['id']}/link")


def sent_texts(runtime: Runtime) -> list[dict[str, Any]]:
    path = outbox(runtime.settings)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


# --- who is asked --------------------------------------------------------------------------


async def test_reporters_of_what_passed_its_check_wait_for_a_call(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await done(runtime, client)
    assert await actions.open_due(runtime) == 1
    assert await actions.open_due(runtime) == 0
    await sign_in(client, "inspector")
    (line,) = (await client.get("/call-backs")).json()["items"]
    assert (line["case_number"], line["attempts"], line["unit"]["code"]) == (
        case["number"], 0, "dep1",
    )  # fmt: skip
    (row,) = (await shown(client, case))["items"]
    assert (row["state"], row["drawn"], row["present"]) == ("waiting", True, True)


async def test_nobody_is_asked_who_left_no_number_or_whom_the_lot_spared(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await done(runtime, client)
    runtime.settings.call_back_share_percent = 0.0
    assert await actions.open_due(runtime) == 0
    runtime.settings.call_back_share_percent = 100.0
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        row = (await uow.session.execute(select(Case))).scalar_one()
        row.outcome = "withdrawn"
    assert await actions.open_due(runtime) == 0  # not done, but withdrawn
    with past_the_walls(runtime) as connection:
        connection.execute("UPDATE cases SET outcome = NULL")
        connection.execute("UPDATE vault_field SET kind = 'name' WHERE place = 'reporter'")
    assert await actions.open_due(runtime) == 0
    # An officer who wants to know asks all the same, and it counts in no estimate.
    runtime.settings.call_back_share_percent = 0.0
    await sign_in(client, "inspector")
    assert (await call(client, case, resolved=True)).status_code == 201
    assert (await shown(client, case))["items"][0]["drawn"] is False
    assert await estimates(runtime, client) == {}


async def test_more_than_one_batch_is_looked_through(
    runtime: Runtime, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "BATCH", 1)
    case = await done(runtime, client)
    await bring(runtime, order("HL2", 诉求人="李四 13900139000"))
    with past_the_walls(runtime) as connection:
        connection.execute("UPDATE case_signal SET case_id = %s", (case["id"],))
    assert await actions.open_due(runtime) == 2


# --- by telephone --------------------------------------------------------------------------


async def test_what_is_said_is_written_down_and_own_words_only_in_the_vault(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await done(runtime, client)
    await actions.open_due(runtime)
    await sign_in(client, "inspector")
    view = await shown(client, case)
    assert view["may_ask"] and view["may_send"]
    assert "5月11日" in view["script"][1]["text"] and "路灯" in view["script"][1]["text"]
    await call(client, case, result="no_answer")
    half = await call(client, case, text="还没好")
    assert (half.status_code, half.json()["code"]) == (422, "call_back_half")
    answer = await call(
        client, case, resolved=False, satisfied="no", reached=True,
        text=f"还是不亮，请打{NUMBER}",
    )  # fmt: skip
    assert answer.status_code == 201, answer.text
    view = answer.json()
    (row,) = view["items"]
    assert (row["state"], row["attempts"], row["resolved"], row["satisfied"]) == (
        "answered", 2, False, "no",
    )  # fmt: skip
    assert NUMBER not in answer.text and "还是不亮" in row["said"]
    assert view["unresolved"]
    again = await call(client, case, resolved=True)
    assert (again.status_code, again.json()["code"]) == (409, "call_back_answered")
    case = await get(client, case)
    told = [one for one in case["timeline"] if one["action"].startswith("call_back.")]
    assert [one["action"] for one in told] == ["call_back.tried", "call_back.answered"]
    assert NUMBER not in str(told)
    # It was said of a case that had passed: those who may open it again hear of it.
    await sign_in(client, "dispatcher")
    (line,) = (await client.get("/call-backs", params={"unresolved": True})).json()["items"]
    assert line["case_number"] == case["number"]
    kinds = [one["kind"] for one in (await client.get("/notifications")).json()["items"]]
    assert "case.unresolved" in kinds


async def test_not_done_is_opened_again_by_a_person_and_asked_about_anew(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await done(runtime, client)
    await actions.open_due(runtime)
    case = await step(client, "dispatcher", case, "close")
    await call(client, case, resolved=False)
    assert (await get(client, case))["state"] == "closed"  # nothing opens by itself
    case = await step(client, "dispatcher", case, "reopen", ground="resident")
    assert case["state"] == "accepted"
    view = await shown(client, case)
    assert not view["unresolved"] and not view["items"][0]["present"] and not view["may_ask"]
    early = await call(client, case, resolved=True)
    assert (early.status_code, early.json()["code"]) == (409, "call_back_early")
    case = await step(client, "dispatcher", case, "dispatch", unit="dep1")
    case = await step(client, "department_handler", case, "start")
    case = await step(client, "department_handler", case, "report", note="这次好了")
    await step(client, "inspector", case, "verify", result="pass")
    assert await actions.open_due(runtime) == 1


async def test_who_is_not_reached_is_called_no_longer(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await done(runtime, client)
    await actions.open_due(runtime)
    await sign_in(client, "inspector")
    for state in ("waiting", "waiting", "given_up"):
        await call(client, case, result="busy")
        assert (await shown(client, case))["items"][0]["state"] == state
    assert (await client.get("/call-backs")).json()["items"] == []
    # Who calls back later is heard all the same.
    assert (await call(client, case, resolved=True)).status_code == 201


async def test_who_comes_to_a_voice_twice_in_one_transaction_finds_one_call_back(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await done(runtime, client)
    signal = UUID(case["signals"][0]["id"])
    async with runtime.database.unit_of_work(SYSTEM) as uow:
        for attempt in (1, 2):
            row = await actions.tried(
                uow, SYSTEM, runtime, UUID(case["id"]), signal, "no_answer", None
            )
            assert row.attempts == attempt


async def test_who_handled_it_asks_nobody(runtime: Runtime, client: httpx.AsyncClient) -> None:
    case = await done(runtime, client)
    await sign_in(client, "department_handler")
    assert (await call(client, case, resolved=True)).status_code == 403
    assert not (await shown(client, case))["may_ask"]
    async with runtime.database.read(SYSTEM) as session:
        row = (await session.execute(select(Case))).scalar_one()
    # Not even one of that unit who may check others' cases; nor whoever reported it done.
    assert row.unit_id is not None
    asks = Viewer.system("test")
    assert actions.refusal(asks, row) is None
    own_unit = replace(asks, units=frozenset({row.unit_id}))
    assert getattr(actions.refusal(own_unit, row), "code", "") == "own_case"
    maker = replace(asks, staff_id=row.reported_by)
    assert getattr(actions.refusal(maker, row), "code", "") == "maker_is_checker"


async def test_a_case_passes_by_what_its_reporter_says(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await done(runtime, client)
    case = await step(client, "inspector", case, "verify", result="fail", note="还要再看")
    case = await step(client, "department_handler", case, "report", note="修好了")
    await sign_in(client, "inspector")
    case = await get(client, case)
    missing = await act(client, case, "verify", result="pass", way="call_back")
    assert (missing.status_code, missing.json()["code"]) == (409, "call_back_missing")
    await call(client, case, resolved=True, satisfied="yes")
    refused = await act(client, case, "verify", result="fail", note="不信", way="call_back")
    assert refused.json()["code"] == "call_back_missing"
    case = await step(client, "inspector", case, "verify", result="pass", way="call_back")
    assert case["timeline"][-1]["data"]["way"] == "call_back"


# --- by link -------------------------------------------------------------------------------


async def test_a_link_goes_out_and_is_answered_once(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await done(runtime, client)
    await actions.open_due(runtime)
    await sign_in(client, "inspector")
    answer = await send(client, case)
    assert answer.status_code == 201, answer.text
    (message,) = sent_texts(runtime)
    assert message["to"] == NUMBER and "路灯" not in message["text"]
    link = message["text"].rpartition("：")[2]
    assert link.startswith("https://street.example/back#")
    token = link.partition("#")[2]
    assert token not in answer.text and NUMBER not in answer.text
    with past_the_walls(runtime) as connection:
        (stored,) = connection.execute("SELECT token_hash FROM call_back").fetchone() or (None,)
        entries = connection.execute("SELECT action, data::text FROM journal").fetchall()
    assert stored is not None and token.encode() not in stored
    assert not any(token in data or NUMBER in data for _, data in entries)
    # That the number was read, and for what, is in the journal; and it was counted.
    (read,) = [json.loads(data) for action, data in entries if action == "vault.read"]
    assert (read["purpose"], read["kind"]) == ("call_back", "mobile")
    await client.delete("/session")

    public = await client.get(f"/public/call-backs/{token}")
    assert public.status_code == 200
    assert {key: value for key, value in public.json().items() if value} == {
        "street": "乙街道", "day": "2026-05-11", "until": public.json()["until"],
    }  # fmt: skip
    both = {"resolved": True, "satisfied": "basically"}
    answers = await asyncio.gather(
        *(client.post(f"/public/call-backs/{token}", json=both) for _ in range(3))
    )
    assert sorted(one.status_code for one in answers) == [204, 410, 410]
    assert (await client.get(f"/public/call-backs/{token}")).json()["code"] == "link_gone"
    await sign_in(client, "inspector")
    (row,) = (await shown(client, case))["items"]
    assert (row["way"], row["resolved"], row["satisfied"], row["link_open"]) == (
        "link", True, "basically", False,
    )  # fmt: skip
    (told,) = [
        one
        for one in (await get(client, case))["timeline"]
        if one["action"] == "call_back.answered"
    ]
    assert told["actor"] is None and told["data"]["way"] == "link"


async def test_a_link_is_over_in_time_and_a_new_one_ends_the_old(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await done(runtime, client)
    await sign_in(client, "inspector")
    await send(client, case)
    await send(client, case)
    old, new = (one["text"].partition("#")[2] for one in sent_texts(runtime))
    assert (await client.get(f"/public/call-backs/{old}")).status_code == 410
    assert (await client.get(f"/public/call-backs/{new}")).status_code == 200
    clock.advance(timedelta(hours=73))
    answer = await client.post(
        f"/public/call-backs/{new}", json={"resolved": True, "satisfied": "yes"}
    )
    assert answer.status_code == 410


async def test_an_answer_to_what_is_being_worked_on_again_says_nothing(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await done(runtime, client)
    await sign_in(client, "inspector")
    await send(client, case)
    token = sent_texts(runtime)[0]["text"].partition("#")[2]
    case = await step(client, "dispatcher", case, "close")
    await step(client, "dispatcher", case, "reopen", ground="check")
    answer = await client.post(
        f"/public/call-backs/{token}", json={"resolved": True, "satisfied": "yes"}
    )
    assert answer.status_code == 410


async def test_whoever_tries_links_has_to_wait(runtime: Runtime, client: httpx.AsyncClient) -> None:
    runtime.settings.call_back_attempts = 5
    codes = [
        (await client.get(f"/public/call-backs/{uuid4().hex}", headers=OURS)).status_code
        for _ in range(8)
    ]
    assert codes[:5] == [410] * 5 and 429 in codes[5:]


async def test_without_a_way_to_text_nothing_is_read(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await done(runtime, client)
    runtime.settings.notify_sms = "off"
    await sign_in(client, "inspector")
    assert not (await shown(client, case))["may_send"]
    answer = await send(client, case)
    assert (answer.status_code, answer.json()["code"]) == (409, "sms_off")
    with past_the_walls(runtime) as connection:
        read = connection.execute("SELECT 1 FROM journal WHERE action = 'vault.read'").fetchall()
    assert read == []


def in_the_way(runtime: Runtime) -> Path:
    """No folder for the texts' file, so none goes out; what to remove when the gateway is back."""
    folder = outbox(runtime.settings).parent
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way", encoding="utf-8")
    return folder


async def test_a_text_that_does_not_go_out_is_said_and_tried_again(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await done(runtime, client)
    obstacle = in_the_way(runtime)
    await sign_in(client, "inspector")
    answer = await send(client, case)
    assert answer.status_code == 201 and NUMBER not in answer.text
    (row,) = answer.json()["items"]
    assert (row["link_sent_at"], row["link_open"], row["attempts"]) == (None, False, 0)
    assert (row["text_state"], row["text_attempts"]) == ("waiting", 1)
    assert await texting.send_due(runtime) == 0  # not before its time
    clock.advance(timedelta(seconds=wait_seconds(runtime.settings, 1)))
    assert await texting.send_due(runtime) == 0
    (row,) = (await shown(client, case))["items"]
    assert (row["text_state"], row["text_attempts"]) == ("waiting", 2)
    obstacle.unlink()
    clock.advance(timedelta(seconds=wait_seconds(runtime.settings, 2)))
    assert await texting.send_due(runtime) == 1
    assert await texting.send_due(runtime) == 0
    (row,) = (await shown(client, case))["items"]
    assert (row["text_state"], row["link_open"], row["attempts"]) == ("sent", True, 1)
    (text,) = sent_texts(runtime)
    token = text["text"].partition("#")[2]
    assert (await client.get(f"/public/call-backs/{token}")).status_code == 200
    # Each reading of the number stands in the journal before it, and the number nowhere.
    with past_the_walls(runtime) as connection:
        entries = connection.execute(
            "SELECT action, data::text FROM journal ORDER BY seq"
        ).fetchall()
    read = [action for action, _ in entries if action in ("vault.read", "call_back.text_again")]
    assert read == ["vault.read", "call_back.text_again", "call_back.text_again"]
    assert not any(NUMBER in data or token in data for _, data in entries)


async def test_a_text_is_given_up_at_last_and_its_officer_hears_of_it(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    runtime.settings.call_back_text_attempts = 3
    case = await done(runtime, client)
    obstacle = in_the_way(runtime)
    await sign_in(client, "inspector")
    await send(client, case)
    for attempts in (1, 2, 3):
        clock.advance(timedelta(seconds=wait_seconds(runtime.settings, attempts)))
        await texting.send_due(runtime)
    (row,) = (await shown(client, case))["items"]
    assert (row["text_state"], row["text_attempts"], row["link_open"]) == ("failed", 3, False)
    told = (await client.get("/notifications")).json()["items"]
    assert [one["kind"] for one in told].count("call_back.text_failed") == 1
    obstacle.unlink()
    clock.advance(timedelta(days=1))
    assert await texting.send_due(runtime) == 0  # given up is given up
    # But an officer may send a new one.
    assert (await send(client, case)).json()["items"][0]["text_state"] == "sent"


async def test_a_text_that_nobody_wants_any_more_is_not_sent(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await done(runtime, client)
    obstacle = in_the_way(runtime)
    await sign_in(client, "inspector")
    await send(client, case)
    obstacle.unlink()
    await call(client, case, resolved=True, satisfied="yes")
    clock.advance(timedelta(minutes=1))
    assert await texting.send_due(runtime) == 0
    (row,) = (await shown(client, case))["items"]
    assert (row["text_state"], sent_texts(runtime)) == ("over", [])


async def test_a_text_whose_sender_died_goes_out_once(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await done(runtime, client)
    await sign_in(client, "inspector")

    with monkeypatch.context() as patched:
        # In the file already, and nobody has noted it.
        patched.setattr(texting, "note_sent", lambda *_: (_ for _ in ()).throw(RuntimeError))
        with pytest.raises(RuntimeError):
            await send(client, case)
    assert len(sent_texts(runtime)) == 1
    assert await texting.send_due(runtime) == 0  # the claim still holds
    clock.advance(timedelta(seconds=runtime.settings.notify_sending_seconds))
    await asyncio.gather(*(texting.send_due(runtime) for _ in range(3)))
    (text,) = sent_texts(runtime)
    token = text["text"].partition("#")[2]
    assert (await client.get(f"/public/call-backs/{token}")).status_code == 200
    (row,) = (await shown(client, case))["items"]
    assert (row["text_state"], row["text_attempts"]) == ("sent", 2)


async def test_a_reporter_without_a_mobile_number_gets_no_link(
    runtime: Runtime, client: httpx.AsyncClient
) -> None:
    case = await done(runtime, client)
    with past_the_walls(runtime) as connection:
        connection.execute("UPDATE vault_field SET kind = 'landline' WHERE place = 'reporter'")
    await sign_in(client, "inspector")
    answer = await send(client, case)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_mobile")


# --- what it is good for -------------------------------------------------------------------


async def estimates(runtime: Runtime, client: httpx.AsyncClient) -> dict[UUID | None, Estimate]:
    now = runtime.database.clock.now()
    viewer = Viewer.system("test")
    async with runtime.database.read(viewer) as session:
        return await repository.estimates(
            session, viewer, "home", now - timedelta(days=1), now + timedelta(seconds=1)
        )


async def test_our_own_call_backs_are_counted_by_unit(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    case = await done(runtime, client)
    await actions.open_due(runtime)
    assert await estimates(runtime, client) == {}  # nobody was called yet
    await sign_in(client, "inspector")
    await call(client, case, result="busy")
    (found,) = (await estimates(runtime, client)).values()
    assert (found.asked, found.answered, found.resolved_of) == (1, 0, 0)
    await call(client, case, resolved=True, satisfied="basically", reached=False)
    ((unit, found),) = (await estimates(runtime, client)).items()
    assert found == Estimate(1, 1, 0, 1, 1, 1, 0, 1, 1)
    async with runtime.database.read(SYSTEM) as session:
        held = (await session.execute(select(Case.unit_id))).scalar_one()
        asked = (await session.execute(select(func.count()).select_from(CallBack))).scalar_one()
    assert (unit, asked) == (held, 1)
    clock.advance(timedelta(seconds=1))
    shown_to_all = (await client.get("/call-backs/estimates")).json()
    assert shown_to_all["share_percent"] == 100
    (line,) = shown_to_all["items"]
    assert (line["unit"]["code"], line["resolved"], line["resolved_of"]) == ("dep1", 1, 1)
    old = await client.get("/call-backs/estimates", params={"days": 400})
    assert old.status_code == 422


def test_the_script_names_no_person_and_the_text_no_matter() -> None:
    lines = phone_script("乙街道", "5月11日", None)
    assert [line.code for line in lines][2:5] == ["reached", "resolved", "satisfied"]
    assert lines[1].text.startswith("您5月11日反映的问题")
    assert sms_text("乙街道", 72, "https://x/back#t").endswith("：https://x/back#t")
