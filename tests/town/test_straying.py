"""The living town's cases that do not go straight, at the real server and by its API alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from helpers import SYSTEM, TEST_PASSWORD, report, spot, take_in_rows
from sqlalchemy import select

from streetwise.directory import repository as directory
from streetwise.kernel.clock import HandClock
from streetwise.kernel.journal import Journal
from streetwise.kernel.runtime import Runtime
from streetwise.resolve import replay
from streetwise.resolve.tables import Case
from streetwise.town import astray, simulator
from streetwise.town.almanac import ZONE
from streetwise.town.client import Account, Cast, Client
from streetwise.town.history import Teller
from streetwise.town.simulator import Life
from streetwise.town.straying import Straying
from streetwise.town.watch import shift_end

PEOPLE = [
    Account("dispatcher", "dispatcher", "乙街道"),
    Account("duty_officer", "duty_officer", "乙街道"),
    Account("inspector", "inspector", "乙街道"),
    Account("street_commander", "street_commander", "乙街道"),
]
#: Everything that can happen does, so often.
OFTEN = {
    "misdirected": 0.4, "misdirected_again": 0.5, "returned": 0.15, "whistled": 0.3,
    "not_fixed": 0.1, "withdrawn": 0.1, "not_our_duty": 0.1, "unverifiable": 0.1,
    "duplicate": 0.02, "reopened": 0.4, "sent_back": 0.2,
}  # fmt: skip


@pytest_asyncio.fixture
async def life(
    app: FastAPI, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Life]:
    """Staff who leave nothing for anybody."""
    client = Client("http://test", TEST_PASSWORD, 10_000.0, httpx.ASGITransport(app=app))
    found = Life(client, cast(Teller, None), 7, 1.0)
    async with runtime.database.read(SYSTEM) as session:
        named = {one.code: one.name for one in await directory.units(session, SYSTEM)}
    found.cast.accounts = [
        *PEOPLE,
        Account("department_handler", "department_handler", named["dep1"]),
        Account("community_worker", "community_worker", named["c1"]),
        Account("worker2", "community_worker", named["c2"]),
    ]
    monkeypatch.setattr(
        simulator, "STEPS", {name: replace(one, left=0) for name, one in simulator.STEPS.items()}
    )
    planted = astray.share
    monkeypatch.setattr(astray, "share", lambda name: OFTEN.get(name, planted(name)))
    yield found
    await client.close()


async def lived(runtime: Runtime, life: Life, clock: HandClock, days: int) -> Counter[str]:
    """Three looks a working day for so many days; what happened, by the journal."""
    for _ in range(days):
        for hours in (3, 4, 17):
            clock.advance(timedelta(hours=hours))
            await life.straying.look(clock.now())
            await life.staff(clock.now())
    async with runtime.database.read(SYSTEM) as session:
        return Counter((await session.execute(select(Journal.action))).scalars())


async def test_ways_back_are_taken_and_nothing_is_lost(
    life: Life, runtime: Runtime, clock: HandClock
) -> None:
    """Where time runs fast: what goes straight is done for many at once, the rest one by one."""
    life.speed = 600.0
    rows = [
        report(str(n), "路灯不亮", f"第{n}号灯杆的路灯坏了，晚上看不见路。", **spot(n))
        for n in range(24)
    ]
    await take_in_rows(runtime, rows)
    found = await lived(runtime, life, clock, 16)
    for action in ("returned", "whistled", "arrived", "co_reported", "released", "reopened",
                   "closed_otherwise", "sent_back", "closed"):  # fmt: skip
        assert found[f"case.{action}"] > 0, (action, found)
    async with runtime.database.read(SYSTEM) as session:
        cases = list((await session.execute(select(Case))).scalars())
        story = (await session.execute(select(Journal).order_by(Journal.seq))).scalars().all()
    # Nothing lies about where nobody sees to it: most have come to their end.
    assert sum(one.state == "closed" for one in cases) > 0.7 * len(cases)
    for case in cases:
        told = [(one.action, one.data) for one in story if one.subject == case.id]
        state = replay.fold(told)
        assert (state.state, state.version) == (case.state, case.version)
        assert (state.returned, state.reopened, state.outcome) == (
            case.returned, case.reopened, case.outcome
        )  # fmt: skip
        assert dict(state.parties) == (case.parties or {})


async def test_what_sounds_is_acknowledged_and_what_is_asked_for_is_decided(
    life: Life, runtime: Runtime, clock: HandClock
) -> None:
    """The dispatcher reads messages now and then."""
    at = f"{clock.now().astimezone(ZONE):%Y-%m-%d %H:%M:%S}"
    rows = [report("1", "堆物", "路边堆着一堆东西，没有人管。", at=at, **spot(1))]
    await take_in_rows(runtime, rows)
    desk, handler = PEOPLE[0], life.cast.who("department_handler")
    assert handler is not None
    # Of a class whose scheme knows extensions.
    (case,) = (await life.client.get(desk, "/cases"))["items"]
    known = await life.client.get(desk, f"/cases/{case['id']}/understanding")
    said: dict[str, Any] = {"category": "urban-management:E-01-36", "settled": []}
    await life.client.post(desk, f"/cases/{case['id']}/correct", said, known["version"])
    for who, action, body in (
        (desk, "accept", {}),
        (desk, "dispatch", {"unit": "dep1"}),
        (handler, "start", {}),
        (handler, "ask_extension", {"note": "配件未到"}),
    ):
        (case,) = (await life.client.get(desk, "/cases"))["items"]
        path = f"/cases/{case['id']}/actions/{action}"
        await life.client.post(who, path, cast(dict[str, Any], body), case["version"])
    found = await lived(runtime, life, clock, 0)
    assert found["case.extension_asked"] == 1
    await life.straying.look(clock.now())
    found = await lived(runtime, life, clock, 0)
    assert found["case.extended"] + found["case.extension_refused"] == 1
    # Not again before some time has passed.
    asked = life.client.requests
    await life.straying.look(clock.now() + timedelta(minutes=1))
    assert life.client.requests == asked


def test_the_same_case_strays_the_same_way_after_a_restart() -> None:
    client = Client("http://town.test", "x", 10.0)
    case = {"id": "a", "number": "CT-1", "version": 3, "state": "dispatched", "returned": 0}
    first, second = (Straying(client, Cast(), 5) for _ in range(2))
    for number in range(300):
        one = {**case, "number": f"CT-{number}"}
        assert first.action(one) == second.action(one)
        assert first.misdirected(one) == second.misdirected(one)


async def test_a_shift_is_handed_over_and_signed_by_another(
    life: Life, runtime: Runtime, clock: HandClock
) -> None:
    """A while after whoever plays could have done it."""
    await life.straying.watch.look(clock.now())
    assert (await lived(runtime, life, clock, 0))["duty.handed_over"] == 1
    await life.straying.watch.look(clock.now() + timedelta(minutes=5))
    assert (await lived(runtime, life, clock, 0))["duty.taken_over"] == 0
    clock.advance(timedelta(minutes=40))
    for _ in range(2):
        await life.straying.watch.look(clock.now())
    found = await lived(runtime, life, clock, 0)
    assert (found["duty.handed_over"], found["duty.taken_over"]) == (1, 1)
    # The next one when the next shift has ended, and not before.
    clock.advance(timedelta(hours=13))
    for _ in range(2):
        await life.straying.watch.look(clock.now())
    assert (await lived(runtime, life, clock, 0))["duty.handed_over"] == 2


@pytest.mark.parametrize(
    ("hour", "ended"), [(7, (1, 20)), (8, (2, 8)), (19, (2, 8)), (20, (2, 20)), (23, (2, 20))]
)
def test_shifts_end_at_eight_and_eight(hour: int, ended: tuple[int, int]) -> None:
    local = datetime(2026, 9, 2, hour, 30 if hour not in (8, 20) else 0, tzinfo=ZONE)
    found = shift_end(local)
    assert (found.day, found.hour, found.minute) == (*ended, 0)
