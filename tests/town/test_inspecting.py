"""The town's inspectors and callers at the real server: with a photo from the place, by lot."""

from __future__ import annotations

import random
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from helpers import SYSTEM, TEST_PASSWORD, sign_in
from resolve.test_call_backs import done
from resolve.test_loop import step
from resolve.test_orders import bring, order
from sqlalchemy import select

from streetwise.gather import signal_facts
from streetwise.kernel.clock import HandClock
from streetwise.kernel.runtime import Runtime
from streetwise.resolve.callbacks import actions
from streetwise.resolve.callbacks.tables import CallBack
from streetwise.town import answering, astray, ringing
from streetwise.town.client import Account, Client
from streetwise.town.inspecting import passing_live
from streetwise.town.ringing import Ringing

INSPECTOR = Account("inspector", "inspector", "乙街道")
OFFICER = Account("duty_officer", "duty_officer", "乙街道")


@pytest.fixture
def town(app: FastAPI) -> Client:
    """As the living town asks."""
    return Client("http://test", TEST_PASSWORD, 10_000.0, httpx.ASGITransport(app=app))


async def test_a_check_has_a_photo_from_the_place(
    runtime: Runtime, client: httpx.AsyncClient, town: Client, clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(astray, "share", lambda name: float(name != "check_by_record"))
    await bring(runtime, order())
    await sign_in(client, "dispatcher")
    (case,) = (await client.get("/cases")).json()["items"]
    for who, action, inputs in (
        ("dispatcher", "accept", {}),
        ("dispatcher", "dispatch", {"unit": "dep1"}),
        ("department_handler", "start", {}),
        ("department_handler", "report", {"note": "灯泡已换。"}),
    ):
        case = await step(client, who, case, action, **inputs)
    view = await town.get(INSPECTOR, f"/cases/{case['id']}")
    check = await town.get(INSPECTOR, f"/cases/{case['id']}/check")
    body = await passing_live(town, INSPECTOR, view, clock.now(), random.Random(1))
    await town.post(INSPECTOR, f"/cases/{case['id']}/actions/verify", body, view["version"])
    after = await town.get(INSPECTOR, f"/cases/{case['id']}/check")
    assert (after["way"], after["passed"]) == ("site", True)
    assert body.get("met", []) == (check["closings"][0]["points"] if check["closings"] else [])
    assert bool(body.get("photos")) == (check["lon"] is not None)
    await town.close()


async def test_who_waits_is_called_by_day_and_some_are_left(
    runtime: Runtime, client: httpx.AsyncClient, town: Client, clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    runtime.settings.call_back_share_percent = 100.0
    monkeypatch.setattr(answering, "result", lambda draw, attempt: "reached")
    case = await done(runtime, client)
    assert await actions.open_due(runtime) == 1
    day = clock.now().replace(hour=3)  # eleven in the street
    calls = Ringing(town, 5)
    assert await calls.look(OFFICER, day) == []
    assert (await row(runtime)).attempts == 0  # left for who plays
    monkeypatch.setattr(ringing, "LEFT", 0)
    assert await calls.look(OFFICER, day + timedelta(hours=14)) == []
    assert (await row(runtime)).attempts == 0  # in bed
    again = await calls.look(OFFICER, day)
    said = await row(runtime)
    assert (said.state, said.way, said.attempts) == ("answered", "phone", 1)
    async with runtime.database.read(SYSTEM) as session:
        (signal,) = await signal_facts(session, SYSTEM, [said.signal_id])
    told = answering.answer(answering.drawing(5, str(signal.source_key), said.round))
    assert (said.resolved, said.satisfied, said.reached) == (
        told.resolved, told.satisfied, told.reached
    )  # fmt: skip
    assert again in ([], [case["id"]])
    assert bool(again) <= (not told.resolved)
    await town.close()


async def row(runtime: Runtime) -> CallBack:
    async with runtime.database.read(SYSTEM) as session:
        return (await session.execute(select(CallBack))).scalar_one()
