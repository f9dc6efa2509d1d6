"""A first contact that is late, and a promise whose day is over, are told and raised: once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
from helpers import SYSTEM, sign_in
from hypothesis import given
from hypothesis import strategies as st
from resolve.test_further import give_to
from resolve.test_orders import bring, one, order
from sqlalchemy import select

from streetwise.directory.tables import Staff
from streetwise.kernel.clock import HandClock
from streetwise.kernel.journal import Journal
from streetwise.kernel.runtime import Runtime
from streetwise.notify.tables import Notification
from streetwise.resolve.contacts.late import VIEWER, look, sweep
from streetwise.resolve.contacts.rules import Step, reached_step

NOW = datetime(2026, 5, 11, 2, tzinfo=UTC)
STEPS = (Step(timedelta(0), "a", ()), Step(timedelta(hours=2), "b", ()))


@given(st.lists(st.integers(0, 400), max_size=8))
def test_each_step_is_taken_once_however_often_it_is_looked_at(minutes: list[int]) -> None:
    taken, said = 0, []
    for at in sorted(minutes):
        taken, step = reached_step(STEPS, taken, NOW, NOW + timedelta(minutes=at - 60))
        if step is not None:
            said.append(step.entry)
    assert said in ([], ["a"], ["b"], ["a", "b"])
    assert ("b" in said) == (max(minutes, default=0) >= 180)


async def told(runtime: Runtime) -> set[tuple[str, str]]:
    async with runtime.database.read(SYSTEM) as session:
        rows = await session.execute(
            select(Staff.login, Notification.kind)
            .join(Notification, Notification.staff_id == Staff.id)
            .where(Notification.kind.startswith("contact."))
        )
        return {(row[0], row[1]) for row in rows}


async def written(runtime: Runtime) -> list[str]:
    async with runtime.database.read(SYSTEM) as session:
        query = select(Journal.action).where(Journal.action.like("contact.%")).order_by(Journal.seq)
        return list((await session.execute(query)).scalars())


async def test_a_late_first_contact_is_told_and_raised_once(
    runtime: Runtime, clock: HandClock
) -> None:
    await bring(runtime, order())
    await give_to(runtime, "dep1")
    await look(runtime)
    assert await written(runtime) == []
    clock.advance(timedelta(hours=2))  # a grade of 24 hours: two hours from 09:30
    await look(runtime)
    await look(runtime)
    assert await written(runtime) == ["contact.late"]
    assert await told(runtime) >= {
        ("department_handler", "contact.late"), ("dispatcher", "contact.late"),
    }  # fmt: skip
    clock.advance(timedelta(hours=2))
    await look(runtime)
    await look(runtime)
    assert await written(runtime) == ["contact.late", "contact.escalated"]
    raised = {login for login, kind in await told(runtime) if kind == "contact.escalated"}
    assert "street_commander" in raised and "department_handler" not in raised


async def test_who_was_spoken_to_is_late_no_more(
    runtime: Runtime, client: httpx.AsyncClient, clock: HandClock
) -> None:
    await bring(runtime, order(诉求人="王小明 13800138000"))
    await sign_in(client, "duty_officer")
    found = await one(client)
    case = (await client.get(f"/cases/{found['case']['id']}/answers")).json()
    tried = {
        "signal_id": case["voices"][0]["signal_id"], "result": "reached",
        "promise": "修好路灯", "promised_on": "2026-05-11",
    }  # fmt: skip
    answer = await client.post(f"/cases/{found['case']['id']}/contacts", json=tried)
    assert answer.status_code < 300, answer.text
    clock.advance(timedelta(hours=3))
    await look(runtime)
    assert await written(runtime) == ["contact.made"]
    # The day of the promise is over.
    clock.advance(timedelta(hours=12))
    await look(runtime)
    await look(runtime)
    assert await written(runtime) == ["contact.made", "contact.promise_late"]
    promise = (await client.get(f"/cases/{found['case']['id']}/contacts")).json()["items"][0]
    said = await client.post(
        f"/contacts/{promise['id']}/kept",
        json={"kept": True},
        headers={"If-Match": f'"{promise["version"]}"'},
    )
    assert said.status_code == 200
    clock.advance(timedelta(hours=25))
    await look(runtime)
    assert (await written(runtime))[-1] == "contact.promise_kept"


async def test_what_was_late_long_ago_rings_nowhere(runtime: Runtime, clock: HandClock) -> None:
    await bring(runtime, order())
    clock.advance(timedelta(days=5))
    await look(runtime)
    assert await told(runtime) == set()


async def test_killed_in_the_middle_nobody_is_told_and_then_once(
    runtime: Runtime, clock: HandClock
) -> None:
    await bring(runtime, order())
    clock.advance(timedelta(hours=3))
    killed = runtime.database.unit_of_work(VIEWER)
    uow = await killed.__aenter__()
    assert await sweep(uow, VIEWER, 10) == 1
    # Another worker meanwhile: what the first holds is passed by.
    async with runtime.database.unit_of_work(VIEWER) as other:
        assert await sweep(other, VIEWER, 10) == 0
    gone = RuntimeError("killed")
    await killed.__aexit__(type(gone), gone, None)
    assert await written(runtime) == [] and await told(runtime) == set()
    await look(runtime)
    assert await written(runtime) == ["contact.late"]
    assert len([kind for login, kind in await told(runtime) if login == "dispatcher"]) == 1
